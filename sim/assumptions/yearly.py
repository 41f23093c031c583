"""A scenario and its data as complete yearly arrays: no gaps, checked shapes."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.balances import balances
from sim.assumptions.emigration import Leaving, emigration
from sim.assumptions.endings import endings
from sim.assumptions.fertility import fertility
from sim.assumptions.immigration import Migrants
from sim.assumptions.layout import engine_layout
from sim.assumptions.migration import migrants
from sim.assumptions.mortality import Mortality, mortality
from sim.assumptions.movements import Transitions, transitions
from sim.assumptions.population import MANY_PEOPLE, population
from sim.assumptions.risks import streams_as
from sim.assumptions.source import Source
from sim.assumptions.stays import SubStates, check_stays, expanded, expanded_targets, sub_states
from sim.axes import SEXES, UNDIVIDED, Array
from sim.data import catalogue
from sim.engine import Closing, Rates, Targets
from sim.errors import DataError, Fault, ScenarioError
from sim.scenario.inputs import PersonsPath
from sim.scenario.schema import Scenario
from sim.scenario.yamlfile import Key

FEW_MIGRANTS = 1000


class Assumptions(NamedTuple):
    """Everything a projection needs, for n steps, R regions, G groups and A ages; K = R × G states.

    Rates and migrants are per step of the projection: a year, or five where the ages are in groups of five years.
    """

    population: Array
    """(R, G, 2, A) persons on the first 1 January."""
    survival: Array
    """(n, R, G, 2, A + 1) survival ratios by cohort slot."""
    fertility_before_birthday: Array
    """(n, R, G, A + 1) births per woman and step by cohort slot of the mother."""
    fertility_after_birthday: Array
    """(n, R, G, A + 1)"""
    male_share: Array
    """(n,) share of boys among the births."""
    child_group: Array | None
    """(n, G, G) mother's group (last axis) → child's group; None where it is the mother's."""
    migrants: Array
    """(n, R, G, 2, A) immigrants if `gross`, else net migrants, persons by age reached."""
    gross: bool
    """Whether immigrants and emigrants are known apart."""
    came: Migrants
    """The same with what is told apart among them, before any are scaled to close a balance."""
    emigration_hazard: Array | None
    """(n, R, G, 2, A + 1) emigrations per person-step by cohort slot."""
    emigration_share: Array | None
    """(n, R, G, 2, A + 1) emigrants per person of the stock by cohort slot."""
    transition_hazard: Array | None
    """(n, A + 1, 2, K, K) moves between states per person-step, ``[to, from]``."""
    transition_share: Array | None
    """(n, A + 1, 2, K, K) moves between states per person of the stock, ``[to, from]``."""
    endings: Array | None
    """(n, G, G) share of a group on 1 January (last axis) who are in a group when titles of stay have ended (axis
    before), what a column lacks from 1 leaves; None where no title ends."""
    targets: Targets
    """What each step has to meet, by declared state in the layout of the engine."""
    target_keys: tuple[tuple[Key, ...], ...]
    """Where the counts among the targets stand in the scenario."""
    warnings: tuple[Fault, ...]
    """What is allowed but looks like a mistake, and where it stands."""
    inputs: dict[str, str]
    """Sha256 of every table and embedded dataset used."""


def build(scenario: Scenario) -> Assumptions:
    """Draw a scenario out to complete yearly arrays.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    Assumptions
        Complete for every step, state, sex and age.

    Raises
    ------
    ScenarioError
        With all faults of the tables and figures that the scenario names; exit code 3 where data are missing.
    """
    source = Source(scenario)
    deaths, births = source.attempt(mortality), source.attempt(fertility)
    people = source.attempt(lambda source: population(source, None if deaths is None else deaths.survival))
    came, left = source.attempt(migrants), source.attempt(emigration)
    moved, children = source.attempt(transitions), source.attempt(_child_group)
    closing = source.attempt(lambda source: _closing(source, came, left))
    ended = source.attempt(lambda source: endings(source, came, moved, None if children is None else children.matrix))
    source.attempt(lambda source: check_stays(source, came))
    source.attempt(observed)
    _check_together(source, deaths, left, moved)
    if source.faults or people is None or deaths is None or births is None or came is None:
        raise _all_faults(source)
    if left is None or moved is None or children is None or ended is None:
        raise _all_faults(source)
    _look_for_thousands(source, float(people.sum()))
    ratio = source.path(scenario.fertility.sex_ratio_at_birth)
    counts = [*left.counts, *moved.counts]
    expectancy = deaths.national_expectancy
    return Assumptions(
        population=people,
        survival=deaths.survival,
        fertility_before_birthday=births.before_birthday,
        fertility_after_birthday=births.after_birthday,
        male_share=ratio / (1 + ratio),
        child_group=children.matrix,
        migrants=came.persons,
        gross=scenario.migration.balance is None and scenario.migration.net is None,
        came=came,
        emigration_hazard=left.hazard,
        emigration_share=left.share,
        transition_hazard=moved.hazard,
        transition_share=moved.share,
        endings=ended.shares,
        targets=Targets(
            life_expectancy=None if expectancy is None else expectancy / source.width,
            total_fertility=births.national_total,
            counts=tuple(count for _, count in counts),
            closing=closing,
        ),
        target_keys=tuple(keys for keys, _ in counts),
        warnings=tuple(source.warnings),
        inputs=dict(sorted(source.inputs.items())),
    )


def _check_together(source: Source, deaths: Mortality | None, left: Leaving | None, moved: Transitions | None) -> None:
    """Note faults that no part has by itself."""
    source.attempt(_refuse_shares_beside_counts)
    if left is not None and moved is not None:
        source.attempt(lambda source: _check_shares(source, left.share, moved.share))
    if deaths is not None and left is not None and left.share is not None:
        share = left.share
        source.attempt(lambda source: _refuse_too_many_leaving(source, deaths.survival, share))


def engine_inputs(assumptions: Assumptions) -> tuple[Array, Rates, Array]:
    """Assumptions in the layout of the engine.

    Parameters
    ----------
    assumptions : Assumptions
        Complete yearly arrays.

    Returns
    -------
    population : (A, 2, K') array
        Persons on the first 1 January, by state of the engine: see `states_of`.
    rates : Rates
        Rates of n steps, without what the targets add.
    migrants : (n, A, 2, K') array
        Immigrants or net migrants, without those who are scaled to close a balance.
    """

    def layout(array: Array | None) -> Array | None:
        return None if array is None else engine_layout(array)

    regions = assumptions.population.shape[0]
    child = assumptions.child_group
    rates = Rates(
        survival=engine_layout(assumptions.survival),
        fertility_before_birthday=engine_layout(assumptions.fertility_before_birthday),
        fertility_after_birthday=engine_layout(assumptions.fertility_after_birthday),
        male_share=assumptions.male_share,
        emigration_hazard=layout(assumptions.emigration_hazard),
        emigration_share=layout(assumptions.emigration_share),
        transition_hazard=assumptions.transition_hazard,
        transition_share=assumptions.transition_share,
        child_state=None if child is None else _in_every_region(child, regions),
        on_1_january=None if assumptions.endings is None else _in_every_region(assumptions.endings, regions),
    )
    inputs = engine_layout(assumptions.population[None])[0], rates, engine_layout(assumptions.migrants)
    states = states_of(assumptions)
    return inputs if states is None else expanded(states, inputs, assumptions.came.staying)


def engine_targets(assumptions: Assumptions) -> Targets:
    """Targets in the layout of the engine.

    Parameters
    ----------
    assumptions : Assumptions
        Complete yearly arrays.

    Returns
    -------
    Targets
        By state of the engine.
    """
    states = states_of(assumptions)
    if states is None:
        return assumptions.targets
    return expanded_targets(states, assumptions.targets, assumptions.came.staying)


def states_of(assumptions: Assumptions) -> SubStates | None:
    """States that the engine tells apart.

    Parameters
    ----------
    assumptions : Assumptions
        Complete yearly arrays.

    Returns
    -------
    SubStates or None
        With those of recent arrivals; None where they are the declared ones, K = R × G, as without stays.
    """
    return sub_states(assumptions.came.staying, assumptions.population.shape[:2])


def _in_every_region(shares: Array, regions: int) -> Array:
    """Shares of groups, (n, G, G), as those of states that nobody leaves for another region, (n, K, K)."""
    return np.asarray(np.kron(np.eye(regions), shares), dtype=np.float64)


def _all_faults(source: Source) -> ScenarioError:
    """Everything that is wrong; data are what is missing only where nothing else is."""
    error = ScenarioError(source.faults)
    error.exit_code = DataError.exit_code if source.data_missing else ScenarioError.exit_code
    return error


def _closing(source: Source, came: Migrants | None, left: Leaving | None) -> Closing | None:
    """Balances that gross flows are brought to."""
    close = source.scenario.migration.close
    if close is None or came is None or left is None:
        return None
    stated = balances(source, close.balance)
    closing = Closing(
        stated.persons,
        stated.members.reshape(len(stated.members), -1),
        None if came.scaled is None else engine_layout(came.scaled),
        None if left.scaled is None else engine_layout(left.scaled),
    )
    _closing_parts(source, closing)
    return closing


def _check_shares(source: Source, emigration: Array | None, transition: Array | None) -> None:
    """Refuse shares of leavers and movers that take a whole cohort."""
    total = np.zeros(1)
    if emigration is not None:
        total = engine_layout(emigration)
    if transition is not None:
        total = total + transition.sum(axis=-2)
    if not total.max() < 1:
        year, slot, sex, state = (int(place) for place in np.unravel_index(int(total.argmax()), total.shape))
        states, labels = source.scenario.states, source.scenario.age_labels
        region, group = divmod(state, len(states.groups))
        who = (
            f"{states.regions[region]}, {states.groups[group]}, {SEXES[sex]}, age {labels[min(slot, source.ages - 1)]}"
        )
        with source.at(*streams_as(source, "share")[0]):
            cell = f"{source.periods[year]}, {who}"
            message = f"the shares of those who go add up to {total.max():g} ({cell}); they must stay below 1"
            raise ValueError(message)


def _closing_parts(source: Source, closing: Closing) -> None:
    """Refuse a balance of people of whom no stream can be scaled."""
    close = source.scenario.migration.close
    scaled = closing.immigrants if closing.immigrants is not None else closing.emigration
    for number, member in enumerate(closing.members):
        if close is not None and scaled is not None and not (scaled * member).any():
            part: tuple[Key, ...] = () if isinstance(close.balance, PersonsPath) else (number,)
            with source.at("migration", "close", "balance", *part):
                region, group = divmod(int(member.argmax()), len(source.scenario.states.groups))
                states = source.scenario.states
                who = f"{states.regions[region]}, {states.groups[group]}"
                message = f"no stream of {close.free} may be scaled for it ({who} among others)"
                raise ValueError(message)


def _refuse_shares_beside_counts(source: Source) -> None:
    """Refuse shares where the risks of others follow from the stock: they would not be told apart."""
    close = source.scenario.migration.close
    solved = streams_as(source, "count") or (close is not None and close.free == "emigration")
    shares = streams_as(source, "share")
    if solved and shares:
        with source.at(*shares[0]):
            message = "cannot stand beside counts, or an emigration that closes a balance: give a hazard"
            raise ValueError(message)


def observed(source: Source) -> None:
    """Look up the dataset whose observed series are drawn beside the projection."""
    entry = source.scenario.observed
    if entry is not None:
        with source.at("observed"):
            name, states = source.dataset(entry.dataset), source.scenario.states
            groups = max(
                catalogue.groupings(name).values(), key=lambda known: len(set(known) & set(states.established))
            )
            for labels, known in ((states.regions, catalogue.regions(name)), (states.established, groups)):
                if labels != (UNDIVIDED,) and set(labels) != set(known):
                    left = ", ".join(label for label in known if label not in labels)
                    message = f"describes all of '{name}', but the scenario leaves out {left}: set it to null"
                    raise ValueError(message)


def _look_for_thousands(source: Source, people: float) -> None:
    """Note migration so small beside the population that it may have been meant in thousands."""
    migration = source.scenario.migration
    paths: list[tuple[tuple[Key, ...], PersonsPath]] = [
        (("migration", "immigration", place, "count"), stream.count)
        for place, stream in enumerate(migration.immigration)
        if isinstance(stream.count, PersonsPath)
    ]
    if isinstance(migration.balance, PersonsPath):
        paths.append((("migration", "balance"), migration.balance))
    for keys, series in paths:
        for year, value in series.path.items():
            if people >= MANY_PEOPLE and 0 < abs(value) < FEW_MIGRANTS:
                message = f"{value:g} persons per year in a population of {people:,.0f}: is it meant in thousands?"
                source.warn(*keys, "path", year, message=message)


def _refuse_too_many_leaving(source: Source, survival: Array, share: Array) -> None:
    """Refuse shares of emigrants beside which nobody would survive, where a convention adds the two up."""
    left = survival - share
    with source.at("migration", "emigration"):
        if source.scenario.convention == "wpp_end" and left.min() < 0:
            place = tuple(int(part) for part in np.unravel_index(int(left.argmin()), left.shape))
            states, labels = source.scenario.states, source.scenario.age_labels
            cell = (
                f"{source.periods[place[0]]}, {states.regions[place[1]]}, {states.groups[place[2]]}, {SEXES[place[3]]}"
            )
            age = labels[min(place[4], len(labels) - 1)]
            message = f"more leave and die than there are among those who reach age {age} ({cell})"
            raise ValueError(message)


class _Children(NamedTuple):
    """Groups of the newborn."""

    matrix: Array | None
    """(n, G, G) mother's group (last axis) → child's group; None where it is the mother's."""


def _child_group(source: Source) -> _Children:
    """Mother's group → child's group, columns that sum to 1."""
    newborn = source.scenario.newborn
    if newborn is None:
        return _Children(None)
    groups = source.scenario.states.groups
    matrix = np.tile(np.eye(len(groups)), (len(source.periods), 1, 1))
    for mother, shares in newborn.child_group.items():
        keys = ("newborn", "child_group", mother)
        matrix[:, :, groups.index(mother)] = source.shares(shares, groups, keys, "the shares of the children")
    return _Children(matrix)
