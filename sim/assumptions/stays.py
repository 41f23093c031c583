"""Immigrants whose emigration depends on the time since they came, and titles of stay that end on a 1 January.

Whose stay is known by its years is a state of its own inside the engine, a sub-state of the group. Outside it there
are the declared groups only.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.assumptions.immigration import Migrants, Staying
from sim.assumptions.layout import engine_layout
from sim.assumptions.risks import LIKELY_HAZARD
from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.engine import Closing, Count, Projection, Rates, Targets
from sim.scenario.yamlfile import Key

STAYS: tuple[Key, ...] = ("migration", "stays")
MOST_ENTRIES = 2**26
"""Most moves between states that a projection holds, one number each: half a gibibyte, and some six times that at the
peak."""
ROUNDING = 1e-12
"""Share of the immigrants of a cell below which what a stay leaves of them is rounding, and nobody."""


class SubStates(NamedTuple):
    """States of the engine where recent arrivals are kept apart.

    Those of a region are its G groups, without the recent arrivals, then a state for every stay, group and year.
    """

    regions: int
    groups: int
    group: NDArray[np.intp]
    """(S,) group of each state of a region."""
    stay: NDArray[np.intp]
    """(S,) place of its stay; -1 for the groups themselves."""
    year: NDArray[np.intp]
    """(S,) calendar years since that of arrival; -1 for the groups themselves."""
    hazard: Array
    """(S,) emigrations per person-year; zero for the groups themselves."""
    factor: Array
    """(n, R, G) what policies multiply them by."""

    @property
    def parent(self) -> NDArray[np.intp]:
        """Declared state of each state of the engine, (K',) for K' = R × S."""
        return (self.groups * np.arange(self.regions)[:, None] + self.group).ravel()

    @property
    def plain(self) -> NDArray[np.intp]:
        """State of the engine of each declared state, without the recent arrivals, (K,)."""
        return (len(self.group) * np.arange(self.regions)[:, None] + np.arange(self.groups)).ravel()

    @property
    def recent(self) -> Array:
        """1 for the states of recent arrivals, else 0, (K',)."""
        return np.tile(np.where(self.stay >= 0, 1.0, 0.0), self.regions)


def sub_states(staying: Sequence[Staying], shape: tuple[int, ...]) -> SubStates | None:
    """States of the engine: the groups, and in each the arrivals of every stay that has any, by year.

    Parameters
    ----------
    staying : sequence of Staying
        Immigrants by stay.
    shape : (int, int)
        Numbers of regions and groups.

    Returns
    -------
    SubStates or None
        None where the scenario has no stays.
    """
    if not staying:
        return None
    regions, groups = shape
    rows = [(group, -1, -1, 0.0) for group in range(groups)]
    for number, (stay, fixed, scaled, _) in enumerate(staying):
        coming = (fixed + scaled).any(axis=(0, 1, 3, 4))
        rows += [
            (int(group), number, year, hazard)
            for group in np.flatnonzero(coming)
            for year, hazard in enumerate(stay.hazard)
        ]
    group, stays, years, hazards = (np.array(column) for column in zip(*rows, strict=True))
    return SubStates(regions, groups, group, stays, years, hazards, staying[0].factor)


def expanded(
    states: SubStates, inputs: tuple[Array, Rates, Array], staying: Sequence[Staying]
) -> tuple[Array, Rates, Array]:
    """What the engine takes in, with recent arrivals as states of their own.

    Parameters
    ----------
    states : SubStates
        Of the engine.
    inputs : (array, Rates, array)
        Population, rates and migrants by declared state, as `sim.assumptions.yearly.engine_inputs` returns them.
    staying : sequence of Staying
        Immigrants by stay.

    Returns
    -------
    population : (A, 2, K') array
        Nobody is known to be recent at the start.
    rates : Rates
        Recent arrivals have the survival, fertility and moves of their group, and the hazards of emigration of their
        stay alone. Their children are no arrivals, and who changes group is a recent arrival no more. On 1 January a
        year is over for those who keep their group.
    migrants : (n, A, 2, K') array
        Those of a stay enter the state of its first year.

    Notes
    -----
    Under `spectrum_midyear` with a split open age, who comes in that age runs the risk of those who enter it: nobody of
    the same state is there on 1 January, by whom it would be weighted.
    """
    population, rates, migrants = inputs
    people = np.zeros((*population.shape[:-1], len(states.parent)))
    people[..., states.plain] = population
    came = _entering(states, migrants, [engine_layout(each.fixed) for each in staying])
    return people, _expanded_rates(states, rates), came


def _entering(states: SubStates, persons: Array, staying: Sequence[Array]) -> Array:
    """Immigrants by state of the engine: those of each stay in that of its first year, the others in their group's.

    All and those of each stay are (n, A, 2, K); what is left of all by rounding is nobody.
    """
    shape = (*persons.shape[:-1], states.regions)
    came, others = np.zeros((*shape, len(states.group))), np.array(persons.reshape(*shape, states.groups))
    for number, part in enumerate(staying):
        first = np.flatnonzero((states.stay == number) & (states.year == 0))
        own = part.reshape(others.shape)[..., states.group[first]]
        came[..., first] = own
        others[..., states.group[first]] -= own
    others[np.abs(others) <= ROUNDING * np.abs(persons.reshape(others.shape))] = 0
    came[..., : states.groups] = others
    by_state: Array = came.reshape(*shape[:-1], -1)
    return by_state


def _expanded_rates(states: SubStates, rates: Rates) -> Rates:
    """Rates of the engine's states from those of the declared ones."""
    parent, plain = states.parent, 1 - states.recent
    survival = np.take(rates.survival, parent, axis=-1)
    leaving = np.zeros_like(survival)
    if rates.emigration_hazard is not None:
        leaving += np.take(rates.emigration_hazard, parent, axis=-1) * plain
    factor = np.take(states.factor.reshape(len(survival), -1), parent, axis=-1)
    leaving += (np.tile(states.hazard, states.regions) * factor)[:, None, None]
    share, child = rates.emigration_share, rates.child_state
    years, declared = len(survival), len(states.plain)
    by_mother = np.tile(np.eye(declared), (years, 1, 1)) if child is None else child
    children = np.zeros((years, len(parent), len(parent)))
    children[:, states.plain] = np.take(by_mother, parent, axis=-1)
    return Rates(
        survival=survival,
        fertility_before_birthday=np.take(rates.fertility_before_birthday, parent, axis=-1),
        fertility_after_birthday=np.take(rates.fertility_after_birthday, parent, axis=-1),
        male_share=rates.male_share,
        emigration_hazard=leaving,
        emigration_share=None if share is None else np.take(share, parent, axis=-1) * plain,
        transition_hazard=_moving(states, rates.transition_hazard),
        transition_share=_moving(states, rates.transition_share),
        child_state=children,
        on_1_january=_new_year(states, rates.on_1_january, years),
    )


def _joining(states: SubStates) -> Array:
    """1 where people of a state (last axis) come to when they join another group, its own state, (K', K')."""
    group = np.tile(states.group, states.regions)
    joining: Array = (1 - states.recent[:, None]) * (group[:, None] != group)
    return joining


def _moving(states: SubStates, moves: Array | None) -> Array | None:
    """Risks of moving of all states: to another region with the years of a stay, to another group without them."""
    if moves is None:
        return None
    keeping = np.tile(np.eye(len(states.group)), (states.regions, states.regions))
    risk = np.take(np.take(moves, states.parent, axis=-1), states.parent, axis=-2)
    risk *= keeping + _joining(states)
    return risk


def _new_year(states: SubStates, ending: Array | None, years: int) -> Array:
    """What happens on 1 January: a year of stay is over, the last one leads to the group; titles end, (n, K', K')."""
    number = len(states.group)
    of_region = np.zeros((number, number))
    for place in range(number):
        goes_on = place + 1 < number and states.year[place] >= 0 and states.year[place + 1] == states.year[place] + 1
        of_region[place + 1 if goes_on else states.group[place], place] = 1
    onward = np.kron(np.eye(states.regions), of_region)
    if ending is None:
        return np.tile(onward, (years, 1, 1))
    shares = np.take(np.take(ending, states.parent, axis=-1), states.parent, axis=-2)
    kept = np.einsum("...ii->...i", shares)
    return np.asarray(kept[:, None] * onward + shares * _joining(states))


def expanded_targets(states: SubStates, targets: Targets, staying: Sequence[Staying]) -> Targets:
    """Targets of a projection with recent arrivals as states of their own.

    Parameters
    ----------
    states : SubStates
        Of the engine.
    targets : Targets
        By declared state.
    staying : sequence of Staying
        Immigrants by stay.

    Returns
    -------
    Targets
        Recent arrivals are members of the balances of their group; who of them leaves is neither counted nor scaled,
        who of them moves or changes group is counted.
    """
    plain, closing = 1 - states.recent, targets.closing

    def leaving(pattern: Array | None) -> Array | None:
        return None if pattern is None else np.take(pattern, states.parent, axis=-1) * plain

    counts = tuple(
        Count(count.total, leaving(count.emigration), _moving(states, count.transition)) for count in targets.counts
    )
    if closing is not None:
        scaled = closing.immigrants
        closing = Closing(
            closing.balance,
            np.take(closing.members, states.parent, axis=-1),
            None if scaled is None else _entering(states, scaled, [engine_layout(each.scaled) for each in staying]),
            leaving(closing.emigration),
        )
    return targets._replace(counts=counts, closing=closing)


def declared(states: SubStates | None, projection: Projection, rates: Rates) -> tuple[Projection, Rates]:
    """Projection and rates by declared state: recent arrivals are people of their group like all others.

    Parameters
    ----------
    states : SubStates or None
        Of the engine; None where they are the declared ones.
    projection, rates
        By state of the engine.

    Returns
    -------
    projection : Projection
        Sums; what happens within a group is no move.
    rates : Rates
        Those of the groups without the recent arrivals. They never become recent arrivals, so that these rates alone
        tell what becomes of them.
    """
    if states is None:
        return projection, rates
    plain, number = states.plain, len(states.plain)
    belongs = np.zeros((len(states.parent), number))
    belongs[np.arange(len(states.parent)), states.parent] = 1
    emigrants, moved = projection.emigrants, projection.transitions
    if moved is not None:
        moved = belongs.T @ moved @ belongs * (1 - np.eye(number))
    summed = Projection(
        population=projection.population @ belongs,
        births=projection.births @ belongs,
        births_by_age_of_mother=projection.births_by_age_of_mother @ belongs,
        deaths=projection.deaths @ belongs,
        entrants=projection.entrants @ belongs,
        emigrants=None if emigrants is None else emigrants @ belongs,
        transitions=moved,
    )
    between = {"transition_hazard", "transition_share", "child_state", "on_1_january"}
    fields = {
        name: field[..., plain[:, None], plain] if name in between else field[..., plain]
        for name, field in rates._asdict().items()
        if field is not None and name != "male_share"
    }
    return summed, rates._replace(**fields)


def check_stays(source: Source, came: Migrants | None) -> None:
    """Refuse stays with long steps, or too many; note hazards that look like percentages.

    Parameters
    ----------
    source : Source
        Where arrays come from.
    came : Migrants or None
        Immigrants; None where they have faults of their own.

    Raises
    ------
    ScenarioError
        At the stays.
    """
    stays = source.scenario.migration.stays
    with source.at(*STAYS):
        if stays and source.width > 1:
            message = f"are by single years, but the steps of the scenario are of {source.width} years: set it to null"
            raise ValueError(message)
        states = None if came is None else sub_states(came.staying, source.shape)
        if states is not None:
            number = len(states.parent)
            cells = len(source.periods) * (source.ages + 1) * len(SEXES)
            most = int((MOST_ENTRIES / cells) ** 0.5)
            if number > most:
                message = (
                    f"divide the population into {number} states; so many years and ages allow {most}: give fewer "
                    "stays, groups, or hazards"
                )
                raise ValueError(message)
    for place, stay in enumerate(stays):
        if max(stay.hazard) > LIKELY_HAZARD:
            message = (
                f"a hazard of {max(stay.hazard):g} per year, under which nearly all go within a year: is it a "
                "percentage?"
            )
            source.warn(*STAYS, place, "hazard", message=message)
