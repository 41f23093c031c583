"""Why two scenarios differ: their difference attributed to the assumptions in which they do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import assumptions as assume
from sim.analysis import indicators
from sim.analysis.cases import Case, aligned, cases
from sim.analysis.selection import round_years, years_label
from sim.analysis.shapley import coalitions, number_of_coalitions, values_of_players, values_of_unions
from sim.assumptions.components import NET, components, mixed_components
from sim.assumptions.mixing import BLOCKS, differing, differs_in, indivisible, mixed
from sim.errors import DataError, ProjectionError
from sim.pipeline import Prepared, Tell, silent

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from sim.axes import Array
    from sim.results.flows import Variables
    from sim.scenario.schema import Scenario

    Explained = str | Path | Scenario | Prepared | xr.Dataset | Case

CONVENTION = "convention"
INDICATORS = (
    "population",
    "births",
    "deaths",
    "immigration",
    "emigration",
    "net_migration",
    "natural_balance",
    "growth",
    "mean_age",
    "median_age",
    "old_age_dependency",
    "youth_dependency",
    "total_dependency",
    "support_ratio",
    "ageing_index",
    "sex_ratio",
    "crude_birth_rate",
    "crude_death_rate",
    "natural_increase_rate",
    "net_migration_rate",
    "growth_rate",
    "prospective_old_age_share",
    "prospective_old_age_dependency",
)
"""Those of `sim.indicators` that are one number a year of every result."""
MOST_COMPONENTS = 6
MOST_PROJECTIONS = 4096
_CELLS_AT_ONCE = 2**21
"""Persons by year, state, sex and age that are kept at once, of all projections side by side."""
_MISS = 1e-9
"""Largest share of a stored value by which the same scenario, run again, may miss it."""

Player = tuple[str, str]
"""A block, and the part of it; the part is nothing where the block is one."""
Coalition = frozenset[Player]
Indicator = Callable[["xr.Dataset"], "xr.DataArray"]


class _Game(NamedTuple):
    """Two projections of the same people and years, and who plays."""

    one: Case
    other: Case
    unions: list[list[Player]]
    edges: list[int]
    """First step of each span of years, and the number of all steps; none where blocks are not divided by years."""
    groups: tuple[str, ...]
    """Groups by which migration is told apart."""
    notes: list[str]
    carried: bool
    """Whether one of the two starts earlier than it is explained."""


def decompose(
    scenario: Explained,
    other: Explained,
    indicator: str | Indicator = "population",
    *,
    spans: Sequence[int] = (),
    tell: Tell = silent,
) -> xr.Dataset:
    """Attribute the difference between two scenarios to the assumptions in which they differ.

    Every subset of the blocks that differ is taken from the other scenario and projected. A block's part is what
    taking it adds, in the mean over all orders in which the blocks can be taken (its Shapley value): the parts add up
    to the whole, and none depends on an order.

    Parameters
    ----------
    scenario, other : str, Path, Scenario, Prepared, Dataset or Case
        Scenario files, scenarios, results whose scenarios need no tables, or what `sim.analysis.cases.cases` returns:
        the one from which the difference is counted, and the one to which. Of a sweep, take a variant of its result.
    indicator : str or function
        One of `INDICATORS`, or a function that takes a result and returns one number a year or period, such as
        ``lambda result: sim.indicators.age_group(result, 80)``.
    spans : sequence of int
        First years of spans into which the assumptions of every block are divided, besides the first year of all:
        2020 and 2030 tell those of the years before 2020, of 2020 to 2029, and of 2030 and after.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    Dataset
        In the unit of the indicator, by its ``year`` or ``period``: ``part`` by ``block`` (base population, fertility
        with the sexes at birth, mortality, migration with all flows, policies and pipelines, changes of nationality
        with the group of the newborn, moves between regions, convention), zero for blocks that do not differ; they
        add up to ``difference``, the second ``value`` less the first. ``part_of_migration`` by ``component``, which
        adds up to the part of migration, where its flows are told apart by motive and group; ``part_of_span`` by
        ``block`` and ``span``, which adds up to the part of each block, where there are spans. The attribute
        ``notes`` says what was left out, or carried on, to bring the two to the same years.

    Raises
    ------
    ScenarioError
        If a scenario holds mistakes.
    DataError
        If the two cannot be mixed, since their ages, regions or groups differ or no year is common to them; if the
        indicator is no number by year; or if there would be too many projections.
    ProjectionError
        If a mixture of the two cannot be projected.

    Notes
    -----
    With v(S) the indicator under the blocks S of the other scenario, the part of a block is the sum over all S of the
    other m - 1 blocks of |S|! (m - |S| - 1)! / m! (v(S and the block) - v(S)) (Shapley 1953; in demography as Andreev,
    Shkolnikov and Begun 2002, Demographic Research 7, do it step by step). The parts of spans and of components are
    Owen's (1977), the same mean with the blocks as a priori unions, as `sim.analysis.shapley` writes it out. Mortality
    and fertility are mixed as the risks that they are: where the states are brought to a national figure together,
    that figure is theirs. Where the base population is graduated, its open ages follow the scenario's own mortality.
    """
    game = _game(_single(scenario, tell), _single(other, tell), spans)
    function = _function(indicator)
    number = number_of_coalitions(game.unions)
    if number > MOST_PROJECTIONS:
        message = f"so many parts take {number:,} projections; at most {MOST_PROJECTIONS:,} are run: give fewer spans"
        raise DataError(message)
    worth, like = _worth(game, function, tell)
    _check_stored(game, function, worth)
    return _explanation(game, worth, like)


class ExplanationRow(NamedTuple):
    """A block, or a part of it, and what it accounts for in some years."""

    block: str
    part: str
    """Component or span; nothing for the block as a whole."""
    values: list[float]
    """In the unit of the indicator, by year."""


def explanation_rows(explanation: xr.Dataset, years: Sequence[int] | None = None) -> list[ExplanationRow]:
    """List what a text table of an explanation shows.

    Parameters
    ----------
    explanation : xarray.Dataset
        What `decompose` returns.
    years : sequence of int, optional
        Years to list; those of `explanation_years` where not given.

    Returns
    -------
    list of ExplanationRow
        Block by block, each with its components or spans behind it, then the difference, as the block ``difference``.

    Raises
    ------
    DataError
        Where a year is not in the explanation.
    """
    time = time_of(explanation)
    known = explanation[time].values.tolist()
    chosen = explanation_years(explanation) if years is None else list(years)
    missing = [str(year) for year in chosen if year not in known]
    if missing:
        message = f"no year {', '.join(missing)} in the explanation; it covers {known[0]} to {known[-1]}"
        raise DataError(message)
    shown = explanation.sel({time: chosen})
    rows = []
    for block in shown["block"].values:
        rows.append(ExplanationRow(str(block), "", shown["part"].sel(block=block).values.tolist()))
        if block == "migration" and "part_of_migration" in shown:
            parts = shown["part_of_migration"].transpose("component", time)
            rows += [
                ExplanationRow("migration", str(name), part.tolist())
                for name, part in zip(parts["component"].values, parts.values, strict=True)
            ]
        if "part_of_span" in shown:
            parts = shown["part_of_span"].sel(block=block).transpose("span", time)
            rows += [
                ExplanationRow(str(block), str(name), part.tolist())
                for name, part in zip(parts["span"].values, parts.values, strict=True)
                if np.isfinite(part).all() and explanation["part_of_span"].sel(block=block, span=name).any()
            ]
    return [*rows, ExplanationRow("difference", "", shown["difference"].values.tolist())]


def explanation_years(explanation: xr.Dataset) -> list[int]:
    """Choose the years of a table: the first, the last, and the first of each ten years between them."""
    return round_years(explanation[time_of(explanation)].values.tolist())


def decimals_of(explanation: xr.Dataset) -> int:
    """Return how many decimals values of an explanation need: none for thousands of persons, four for shares."""
    largest = float(np.nanmax(np.abs(explanation["value"].values), initial=0))
    return next((digits for least, digits in ((1000, 0), (100, 1), (1, 2)) if largest >= least), 4)


def time_of(explanation: xr.Dataset) -> str:
    """Return the dimension of time of an explanation: ``year``, or ``period`` for flows."""
    return "period" if "period" in explanation.dims else "year"


def _single(entry: Explained, tell: Tell) -> Case:
    """The one projection that is meant."""
    if isinstance(entry, Case):
        return entry
    found = cases(entry, tell)
    if len(found) > 1:
        names = ", ".join(case.name for case in found)
        message = f"a sweep of {len(found)} variants ({names}) is explained variant by variant: choose one"
        raise DataError(message)
    return found[0]


def _function(indicator: str | Indicator) -> Indicator:
    """Function of an indicator that may be named."""
    if not isinstance(indicator, str):
        return indicator
    if indicator not in INDICATORS:
        message = f"there is no indicator '{indicator}' to explain; there are: {', '.join(INDICATORS)}"
        raise DataError(message)
    function: Indicator = getattr(indicators, indicator)
    return function


def _game(one: Case, other: Case, spans: Sequence[int]) -> _Game:
    """Players: the blocks that differ, divided into components of migration or into spans of years."""
    carried = one.scenario.period.start != other.scenario.period.start
    one, other, notes = aligned(one, other)
    game = _Game(one, other, [], _edges(one.scenario, spans), (), notes, carried)
    for block in differing(one.assumptions, other.assumptions):
        if game.edges:
            game.unions.append(_spans_of(game, block))
        elif block == "migration":
            groups, flows = _components(game)
            game = game._replace(groups=groups)
            game.unions.append([(block, flow) for flow in flows] or [(block, "")])
        else:
            game.unions.append([(block, "")])
    if one.scenario.convention != other.scenario.convention:
        game.unions.append([(CONVENTION, "")])
    return game


def _edges(scenario: Scenario, spans: Sequence[int]) -> list[int]:
    """First step of each span, and the number of all steps; nothing without spans."""
    if not spans:
        return []
    periods = scenario.periods
    wrong = [year for year in spans if year not in periods[1:]]
    if wrong:
        allowed = f"a step begins in {periods[1]}, and in each {periods.step} years to {periods[-1]}"
        if periods.step == 1:
            allowed = f"the years common to both begin in {periods[0]}: {periods[0] + 1} to {periods[-1]} are possible"
        message = f"no span can begin in {', '.join(map(str, wrong))}; {allowed}"
        raise DataError(message)
    return [0, *(periods.index(year) for year in sorted(set(spans))), len(periods)]


def _spans_of(game: _Game, block: str) -> list[Player]:
    """Spans of years in which a block differs; the block itself where it cannot be divided."""
    one, other = game.one.assumptions, game.other.assumptions
    reason = indivisible(one, other, block)
    if reason:
        if block != "population":
            game.notes.append(f"{block} is not divided by years: {reason}")
        return [(block, "")]
    spans = _steps_of_spans(game).items()
    return [(block, label) for label, steps in spans if differs_in(one, other, block, steps)] or [(block, "")]


def _steps_of_spans(game: _Game) -> dict[str, NDArray[np.bool_]]:
    """Steps of each span, by its first and last year."""
    found, periods = {}, game.one.scenario.periods
    for first, last in itertools.pairwise(game.edges):
        steps = np.arange(len(periods))
        years = [periods[first], periods[last - 1] + periods.step - 1]
        found[years_label(years)] = (steps >= first) & (steps < last)
    return found


def _components(game: _Game) -> tuple[tuple[str, ...], list[str]]:
    """Groups by which migration is told apart, and its components that differ; both nothing where it is one."""
    one, other = game.one.assumptions, game.other.assumptions
    for groups in (game.one.scenario.states.groups, ()):
        found = components(one, other, groups)
        if not found and (one.gross or other.gross):
            game.notes.append(
                "migration is not told apart: the two state it, or close it on a balance, in different ways"
            )
        if len(found) <= MOST_COMPONENTS:
            return groups, [] if found == [NET] else found
        by = "by group" if groups else "by motive"
        game.notes.append(f"migration is not told apart {by}: {len(found)} parts differ, more than {MOST_COMPONENTS}")
    return (), []


def _worth(game: _Game, function: Indicator, tell: Tell) -> tuple[dict[Coalition, Array], xr.DataArray]:
    """Indicator by year under every coalition, and the array that it came in."""
    from sim.results.dataset import side_by_side

    every = coalitions(game.unions)
    cells = game.one.assumptions.population.size * (len(game.one.scenario.periods) + 1)
    at_once = max(_CELLS_AT_ONCE // cells, 1)
    worth: dict[Coalition, Array] = {}
    like = None
    for first in range(0, len(every), at_once):
        batch, projections = every[first : first + at_once], []
        for place, coalition in enumerate(batch, start=first + 1):
            tell(f"{game.one.name} and {game.other.name}: mixture {place} of {len(every)}")
            projections.append(_projected(game, coalition))
        try:
            values = function(side_by_side(game.one.scenario, projections))
        except DataError as error:
            message = f"{game.one.name} and {game.other.name}: {error}"
            raise DataError(message) from None
        if len(values.dims) != 2 or values.dims[0] != "scenario" or values.dims[1] not in {"year", "period"}:
            message = (
                f"an indicator is explained that is one number a year; this one has {', '.join(map(str, values.dims))}"
            )
            raise DataError(message)
        worth |= dict(zip(batch, values.values, strict=True))
        like = values.isel(scenario=0, drop=True)
    if like is None:
        raise AssertionError
    return worth, like


def _projected(game: _Game, coalition: Coalition) -> Variables:
    """Stocks and flows of one scenario with the assumptions of a coalition taken from the other."""
    from sim.results.dataset import variables_of

    scenario = (game.other if (CONVENTION, "") in coalition else game.one).scenario
    scenario = game.one.scenario.under(scenario.convention)
    try:
        assumptions = _mixture(game, coalition)
        projection, rates = assume.carried(scenario, assumptions)
    except ProjectionError as error:
        taken = " and ".join(dict.fromkeys(block for block, _ in sorted(coalition)))
        message = f"{game.one.name} with the {taken} of {game.other.name} cannot be projected: {error}"
        raise ProjectionError(message if taken else str(error)) from None
    return variables_of(scenario, assumptions, rates, projection)


def _mixture(game: _Game, coalition: Coalition) -> assume.Assumptions:
    """Assumptions of one scenario with those of a coalition taken from the other."""
    one, other = game.one.assumptions, game.other.assumptions
    steps = np.zeros(len(game.one.scenario.periods), dtype=np.bool_)
    spans = _steps_of_spans(game)
    taken = dict.fromkeys(BLOCKS, steps)
    migration = None
    for union in game.unions:
        block, own = union[0][0], coalition.intersection(union)
        if len(own) == len(union):
            taken[block] = ~steps
        elif own and game.edges:
            taken[block] = np.any([spans[part] for _, part in own], axis=0)
        elif own:
            migration = mixed_components(one, other, game.groups, frozenset(part for _, part in own))
    return mixed(one, other, {block: taken[block] for block in BLOCKS}, migration)


def _check_stored(game: _Game, function: Indicator, worth: dict[Coalition, Array]) -> None:
    """Refuse stored results that the scenarios rebuilt from them do not return."""
    everybody = frozenset(itertools.chain(*game.unions))
    for case, found in ((game.one, worth[frozenset()]), (game.other, worth[everybody])):
        if case.stored is None:
            continue
        values = function(case.stored)
        years = range(case.scenario.period.start, case.scenario.period.end + 1)
        values = values.isel({values.dims[-1]: np.isin(values[values.dims[-1]], years)})
        length = min(len(found), values.sizes[values.dims[-1]])
        if not np.allclose(values.values[:length], found[:length], rtol=_MISS, atol=_MISS, equal_nan=True):
            message = f"{case.name} was stored by another version of the program or its data: run its scenario again"
            raise DataError(message)


def _explanation(game: _Game, worth: dict[Coalition, Array], like: xr.DataArray) -> xr.Dataset:
    """Parts of the difference, labelled."""
    import xarray as xr

    from sim.results.dataset import population_source

    one, other = game.one, game.other
    time = str(like.dims[0])
    values = np.stack([worth[frozenset()], worth[frozenset(itertools.chain(*game.unions))]])
    of_unions = dict(zip([union[0][0] for union in game.unions], values_of_unions(worth, game.unions), strict=True))
    zero = np.zeros_like(values[0])
    blocks = _blocks(one.scenario)
    found = xr.Dataset(
        {
            "value": (("scenario", time), values),
            "difference": (time, values[1] - values[0]),
            "part": (("block", time), np.stack([of_unions.get(block, zero) for block in blocks])),
        },
        coords={
            time: like[time],
            "block": blocks,
            "scenario": [one.name, other.name],
            "title": ("scenario", [one.title, other.title]),
        },
        attrs={
            "baseline": one.name,
            "indicator": str(like.name),
            "start": one.scenario.period.start,
            "carried": game.carried,
            "notes": game.notes,
            "sources": [population_source(case.scenario) for case in (one, other)],
            "projections": len(worth),
        },
    )
    players = values_of_players(worth, game.unions)
    inner = [(block, part) for block, part in players if part]
    if game.edges:
        labels = list(_steps_of_spans(game))
        parts = [[_of_span(game, players, block, label, zero) for label in labels] for block in blocks]
        found["part_of_span"] = (("block", "span", time), np.array(parts))
        found = found.assign_coords(span=labels)
    elif inner:
        found["part_of_migration"] = (("component", time), np.stack([players[player] for player in inner]))
        found = found.assign_coords(component=[part for _, part in inner])
    for name in found.data_vars:
        found[name].attrs = {"long_name": like.attrs.get("long_name", ""), "units": like.attrs.get("units", "")}
    return found


def _of_span(game: _Game, players: dict[Player, Array], block: str, label: str, zero: Array) -> Array:
    """Part of a span of a block; nothing is known, NaN, of a block that is not divided."""
    if (block, "") in players:
        return np.full_like(zero, np.nan)
    return players.get((block, label), zero)


def _blocks(scenario: Scenario) -> list[str]:
    """Blocks that a scenario can have, in the order in which they are told."""
    absent = {"nationality": len(scenario.states.groups) == 1, "moves": len(scenario.states.regions) == 1}
    return [*(block for block in BLOCKS if not absent.get(block)), CONVENTION]
