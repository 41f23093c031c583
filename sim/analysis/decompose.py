"""Why two scenarios differ: their difference attributed to the assumptions in which they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis import indicators
from sim.analysis.cases import Case, cases
from sim.analysis.game import CONVENTION, Game, game_of, projections
from sim.analysis.shapley import number_of_coalitions, values_of_players, values_of_unions
from sim.errors import DataError
from sim.pipeline import Prepared, Tell, silent

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from sim.analysis.game import Coalition, Player
    from sim.axes import Array
    from sim.scenario.schema import Scenario

    Explained = str | Path | Scenario | Prepared | xr.Dataset | Case
    Indicator = Callable[[xr.Dataset], xr.DataArray]

BLOCKS = {
    "population": "base population",
    "fertility": "fertility",
    "mortality": "mortality",
    "migration": "migration",
    "nationality": "nationality rules",
    "moves": "moves between regions",
    CONVENTION: "convention",
}
"""What an explanation calls the blocks of `sim.assumptions.mixing`, in the order in which they are told."""
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
MOST_PROJECTIONS = 4096
_MISS = 1e-9
"""Largest share of a stored value by which the same scenario, run again, may miss it."""


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
    game = game_of(_single(scenario, tell), _single(other, tell), spans)
    function = _function(indicator)
    number = number_of_coalitions(game.unions)
    if number > MOST_PROJECTIONS:
        message = f"so many parts take {number:,} projections; at most {MOST_PROJECTIONS:,} are run: give fewer spans"
        raise DataError(message)
    worth, like = _worth(game, function, tell)
    _check_stored(game, function, worth)
    return _explanation(game, worth, like)


def explanations_of(
    projections: Sequence[Explained],
    baseline: str | None = None,
    indicator: str | Indicator = "population",
    *,
    spans: Sequence[int] = (),
    tell: Tell = silent,
) -> list[xr.Dataset]:
    """Explain how several projections differ from one.

    Parameters
    ----------
    projections : sequence
        As `decompose` takes them; a sweep counts as all its variants.
    baseline : str, optional
        Name of the one from which differences are counted; the first where not given.
    indicator, spans, tell
        As in `decompose`.

    Returns
    -------
    list of Dataset
        What `decompose` returns, one for each of the others.

    Raises
    ------
    DataError
        If there is no such baseline, or nothing besides it; and as `decompose` does.
    """
    found = [case for entry in projections for case in ([entry] if isinstance(entry, Case) else cases(entry, tell))]
    base = next((case for case in found if baseline in {None, case.name}), None)
    others = [case for case in found if case is not base]
    if base is None or not others:
        names = ", ".join(case.name for case in found)
        message = f"there is no baseline '{baseline}' among {names}" if others else f"there is nothing besides {names}"
        raise DataError(message)
    return [decompose(base, other, indicator, spans=spans, tell=tell) for other in others]


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


def _worth(game: Game, function: Indicator, tell: Tell) -> tuple[dict[Coalition, Array], xr.DataArray]:
    """Indicator by year under every coalition, and the array that it came in."""
    from sim.results.dataset import side_by_side

    worth: dict[Coalition, Array] = {}
    tell(f"{game.other.name} less {game.one.name}: projecting what lies between")
    for coalitions, found in projections(game):
        try:
            values = function(side_by_side(game.one.scenario, found))
        except DataError as error:
            message = f"{game.one.name} and {game.other.name}: {error}"
            raise DataError(message) from None
        if len(values.dims) != 2 or values.dims[0] != "scenario" or values.dims[1] not in {"year", "period"}:
            message = (
                f"an indicator is explained that is one number a year; this one has {', '.join(map(str, values.dims))}"
            )
            raise DataError(message)
        worth |= dict(zip(coalitions, values.values, strict=True))
        for coalition, value in zip(coalitions, values.values, strict=True):
            _check_known(game, coalition, value, values[values.dims[1]].values)
    return worth, values.isel(scenario=0, drop=True)


def _check_known(game: Game, coalition: Coalition, value: Array, years: Array) -> None:
    """Refuse an indicator that a mixture does not have in some year, since nobody is there of whom it tells."""
    missing = years[~np.isfinite(value)]
    if missing.size:
        taken = " and ".join(dict.fromkeys(BLOCKS[block] for block, _ in sorted(coalition)))
        mixture = f"{game.one.name} with the {taken} of {game.other.name}" if taken else game.one.name
        message = f"{mixture} has no such indicator in {missing[0]}: nobody is there of whom it tells"
        raise DataError(message)


def _check_stored(game: Game, function: Indicator, worth: dict[Coalition, Array]) -> None:
    """Refuse stored results that the scenarios rebuilt from them do not return."""
    for case, found in ((game.one, worth[frozenset()]), (game.other, worth[game.everybody])):
        if case.stored is None:
            continue
        values = function(case.stored)
        years = range(case.scenario.period.start, case.scenario.period.end + 1)
        values = values.isel({values.dims[-1]: np.isin(values[values.dims[-1]], years)})
        length = min(len(found), values.sizes[values.dims[-1]])
        if not np.allclose(values.values[:length], found[:length], rtol=_MISS, atol=_MISS, equal_nan=True):
            message = f"{case.name} was stored by another version of the program or its data: run its scenario again"
            raise DataError(message)


def _explanation(game: Game, worth: dict[Coalition, Array], like: xr.DataArray) -> xr.Dataset:
    """Parts of the difference, labelled."""
    import xarray as xr

    from sim.results.dataset import population_source

    one, other = game.one, game.other
    time = str(like.dims[0])
    values = np.stack([worth[frozenset()], worth[game.everybody]])
    gained = {coalition: value - values[0] for coalition, value in worth.items()}
    of_unions = dict(zip([union[0][0] for union in game.unions], values_of_unions(gained, game.unions), strict=True))
    blocks = _blocks(one.scenario)
    found = xr.Dataset(
        {
            "value": (("scenario", time), values),
            "difference": (time, gained[game.everybody]),
            "part": (("block", time), np.stack([of_unions.get(block, np.zeros_like(values[0])) for block in blocks])),
        },
        coords={
            time: like[time],
            "block": [BLOCKS[block] for block in blocks],
            "scenario": [one.name, other.name],
            "title": ("scenario", [one.title, other.title]),
        },
        attrs={
            "baseline": one.name,
            "indicator": str(like.name or "indicator"),
            "start": one.scenario.period.start,
            "carried": game.carried,
            "notes": game.notes,
            "sources": [population_source(case.scenario) for case in (one, other)],
            "projections": len(worth),
        },
    )
    found = _with_parts(found, game, blocks, values_of_players(gained, game.unions))
    for name in found.data_vars:
        found[name].attrs = {"long_name": like.attrs.get("long_name", ""), "units": like.attrs.get("units", "")}
    return found


def _with_parts(found: xr.Dataset, game: Game, blocks: list[str], players: dict[Player, Array]) -> xr.Dataset:
    """Add what each span of years, or each flow of migration, accounts for; NaN for blocks that are not divided."""
    difference = found["difference"]
    whole, nothing = (np.full_like(difference, value) for value in (np.nan, 0))
    if game.spans:
        labels = list(game.spans)
        parts = [
            [whole if (block, "") in players else players.get((block, label), nothing) for label in labels]
            for block in blocks
        ]
        found["part_of_span"] = (("block", "span", *difference.dims), np.array(parts))
        return found.assign_coords(span=labels)
    flows = {part: value for (_, part), value in players.items() if part}
    if flows:
        found["part_of_migration"] = (("component", *difference.dims), np.stack(list(flows.values())))
        found = found.assign_coords(component=list(flows))
    return found


def _blocks(scenario: Scenario) -> list[str]:
    """Blocks that a scenario can have, in the order in which they are told."""
    absent = {"nationality": len(scenario.states.groups) == 1, "moves": len(scenario.states.regions) == 1}
    return [block for block in BLOCKS if not absent.get(block)]
