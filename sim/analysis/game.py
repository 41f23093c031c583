"""Two projections as a game: the blocks of assumptions in which they differ are the players."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import assumptions as assume
from sim.analysis.cases import aligned
from sim.analysis.selection import years_label
from sim.analysis.shapley import coalitions
from sim.assumptions.abreast import abreast, kind
from sim.assumptions.components import NET, Division, components, mixed_components
from sim.assumptions.mixing import BLOCKS, differing, differs_in, indivisible, mixed
from sim.errors import DataError, ProjectionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sim.analysis.cases import Case
    from sim.assumptions import Assumptions
    from sim.results.flows import Variables
    from sim.scenario.schema import Scenario

    Player = tuple[str, str]
    """A block, and the part of it; the part is nothing where the block is one."""
    Coalition = frozenset[Player]

CONVENTION = "convention"
"""The block of the convention, beside those of `sim.assumptions.mixing`."""
MOST_COMPONENTS = 6
"""Most flows into which migration is divided."""
_CELLS_AT_ONCE = 2**20
"""Persons by year, state, sex and age that are kept at once, of all projections side by side."""


class Game(NamedTuple):
    """Two projections of the same people and years, and who plays."""

    one: Case
    other: Case
    unions: list[list[Player]]
    """Blocks that differ, each with its parts."""
    spans: dict[str, NDArray[np.bool_]]
    """Steps of each span of years, by its first and last year; none where blocks are not divided by years."""
    division: Division
    """What flows of migration are told apart by."""
    notes: list[str]
    """What was left out, carried on or not divided, one sentence each."""
    carried: bool
    """Whether one of the two starts earlier than it is explained."""

    @property
    def everybody(self) -> Coalition:
        """All players: the other projection."""
        return frozenset(itertools.chain(*self.unions))


def game_of(one: Case, other: Case, spans: Sequence[int]) -> Game:
    """Find the blocks in which two projections differ, and divide them.

    Parameters
    ----------
    one, other : Case
        The projection from which the difference is counted, and the one to which.
    spans : sequence of int
        First years of spans into which blocks are divided; migration is divided by its flows where there are none.

    Returns
    -------
    Game
        Over the years that both cover.

    Raises
    ------
    DataError
        If the two cannot be mixed, or no span can begin in a year.
    """
    carried = one.scenario.period.start != other.scenario.period.start
    one, other, notes = aligned(one, other)
    game = Game(one, other, [], _spans(one.scenario, spans), Division(), notes, carried)
    for block in differing(one.assumptions, other.assumptions):
        if game.spans:
            game.unions.append(_spans_of(game, block))
        elif block == "migration":
            division, flows = _components(game)
            game = game._replace(division=division)
            game.unions.append([(block, flow) for flow in flows] or [(block, "")])
        else:
            game.unions.append([(block, "")])
    if one.scenario.convention != other.scenario.convention:
        game.unions.append([(CONVENTION, "")])
    return game


def projections(game: Game) -> Iterator[tuple[list[Coalition], list[Variables]]]:
    """Project every coalition whose worth the parts of the difference depend on.

    Parameters
    ----------
    game : Game
        As `game_of` returns it.

    Yields
    ------
    coalitions, variables : list
        Some of the coalitions, with the stocks and flows of each.

    Raises
    ------
    ProjectionError
        If a mixture cannot be projected, saying which.
    """
    every = coalitions(game.unions)
    cells = game.one.assumptions.population.size * (len(game.one.scenario.periods) + 1)
    at_once = max(_CELLS_AT_ONCE // cells, 1)
    for first in range(0, len(every), at_once):
        some = every[first : first + at_once]
        yield some, _projected(game, some)


def _spans(scenario: Scenario, years: Sequence[int]) -> dict[str, NDArray[np.bool_]]:
    """Steps of each span, by its first and last year; nothing without first years of spans."""
    if not years:
        return {}
    periods = scenario.periods
    wrong = [year for year in years if year not in periods[1:]]
    if wrong:
        allowed = f"a step begins in {periods[1]}, and in each {periods.step} years to {periods[-1]}"
        if periods.step == 1:
            allowed = f"the years common to both begin in {periods[0]}: {periods[0] + 1} to {periods[-1]} are possible"
        message = f"no span can begin in {', '.join(map(str, wrong))}; {allowed}"
        raise DataError(message)
    edges = [0, *(periods.index(year) for year in sorted(set(years))), len(periods)]
    steps = np.arange(len(periods))
    return {
        years_label([periods[first], periods[last - 1] + periods.step - 1]): (steps >= first) & (steps < last)
        for first, last in itertools.pairwise(edges)
    }


def _spans_of(game: Game, block: str) -> list[Player]:
    """Spans of years in which a block differs; the block itself where it cannot be divided."""
    one, other = game.one.assumptions, game.other.assumptions
    reason = indivisible(one, other, block)
    if reason:
        if block != "population":
            game.notes.append(f"{block} is not divided by years: {reason}")
        return [(block, "")]
    return [(block, label) for label, steps in game.spans.items() if differs_in(one, other, block, steps)] or [
        (block, "")
    ]


def _components(game: Game) -> tuple[Division, list[str]]:
    """What migration is told apart by, and its components that differ; none where it is one."""
    one, other = game.one.assumptions, game.other.assumptions
    groups = game.one.scenario.states.groups
    for division in (Division(groups, motives=True), Division(motives=True), Division()):
        found = components(one, other, division)
        if not found and (one.gross or other.gross):
            game.notes.append("migration is not divided: the two state it, or close it on a balance, in different ways")
        if len(found) <= MOST_COMPONENTS:
            return division, [] if found == [NET] else found
        by = "motive and group" if division.groups else "motive"
        game.notes.append(f"migration is not divided by {by}: {len(found)} parts differ, more than {MOST_COMPONENTS}")
    return Division(), []


def _projected(game: Game, some: list[Coalition]) -> list[Variables]:
    """Stocks and flows of coalitions, those that can stand abreast carried through the years at once."""
    together: dict[object, list[int]] = {}
    mixtures = []
    for place, coalition in enumerate(some):
        mixtures.append(_mixture(game, coalition))
        alike = kind(mixtures[-1])
        key = (place,) if alike is None else (_scenario(game, coalition).convention, alike)
        together.setdefault(key, []).append(place)
    found: dict[int, Variables] = {}
    for places in together.values():
        found |= dict(zip(places, _at_once(game, [(some[place], mixtures[place]) for place in places]), strict=True))
    return [found[place] for place in range(len(some))]


def _at_once(game: Game, mixtures: list[tuple[Coalition, Assumptions]]) -> list[Variables]:
    """Stocks and flows of mixtures of one kind; one by one where any cannot be projected, so that it is named."""
    from sim.results.dataset import apart, variables_of

    scenario = _scenario(game, mixtures[0][0])
    states = scenario.states.model_copy(update={"regions": scenario.states.regions * len(mixtures)})
    together = mixtures[0][1] if len(mixtures) == 1 else abreast([assumptions for _, assumptions in mixtures])
    try:
        projection, rates = assume.carried(scenario.model_copy(update={"states": states}), together)
    except ProjectionError:
        return [_alone(game, *mixture) for mixture in mixtures]
    return apart(variables_of(scenario, together, rates, projection), len(mixtures))


def _alone(game: Game, coalition: Coalition, assumptions: Assumptions) -> Variables:
    """Stocks and flows of one mixture."""
    from sim.results.dataset import variables_of

    scenario = _scenario(game, coalition)
    try:
        projection, rates = assume.carried(scenario, assumptions)
    except ProjectionError as error:
        taken = " and ".join(dict.fromkeys(block for block, _ in sorted(coalition)))
        message = f"{game.one.name} with the {taken} of {game.other.name} cannot be projected: {error}"
        raise ProjectionError(message if taken else str(error)) from None
    return variables_of(scenario, assumptions, rates, projection)


def _scenario(game: Game, coalition: Coalition) -> Scenario:
    """One scenario, under the convention of the other where a coalition takes it."""
    return game.one.scenario.under((game.other if (CONVENTION, "") in coalition else game.one).scenario.convention)


def _mixture(game: Game, coalition: Coalition) -> Assumptions:
    """Assumptions of one scenario with those of a coalition taken from the other."""
    one, other = game.one.assumptions, game.other.assumptions
    nothing = np.zeros(len(game.one.scenario.periods), dtype=np.bool_)
    taken = dict.fromkeys(BLOCKS, nothing)
    migration = None
    for union in game.unions:
        block, own = union[0][0], coalition.intersection(union)
        if len(own) == len(union):
            taken[block] = ~nothing
        elif own and game.spans:
            taken[block] = np.any([game.spans[part] for _, part in own], axis=0)
        elif own:
            migration = mixed_components(one, other, game.division, frozenset(part for _, part in own))
    return mixed(one, other, {block: taken[block] for block in BLOCKS}, migration)
