"""What an explanation says, row by row: for text tables, reports and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis.selection import round_years
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr


class ExplanationRow(NamedTuple):
    """What one block of assumptions, or a part of it, accounts for in one year."""

    scenario: str
    baseline: str
    indicator: str
    year: int
    """Year of a stock, or first calendar year of a period."""
    block: str
    part: str
    """Flow of migration, or span of years; nothing for the block as a whole."""
    value: float
    """In the unit of the indicator."""


def explanation_rows(explanation: xr.Dataset, years: Sequence[int] | None = None) -> list[ExplanationRow]:
    """List an explanation as a tidy table.

    Parameters
    ----------
    explanation : xarray.Dataset
        What `sim.decompose` returns.
    years : sequence of int, optional
        Years to list; all of them where not given.

    Returns
    -------
    list of ExplanationRow
        Year by year, block by block, each with its parts behind it. In a year the values of the rows without a
        ``part`` add up to the difference; the values of the parts of a block add up to the block.

    Raises
    ------
    DataError
        Where a year is not in the explanation.
    """
    known = explanation[time_of(explanation)].values.tolist()
    chosen = known if years is None else list(years)
    missing = [str(year) for year in chosen if year not in known]
    if missing:
        message = f"no year {', '.join(missing)} in the explanation; it covers {known[0]} to {known[-1]}"
        raise DataError(message)
    baseline, scenario = (str(name) for name in explanation["scenario"].values)
    parts = {block: parts_of(explanation, block) for block in map(str, explanation["block"].values)}
    return [
        ExplanationRow(scenario, baseline, str(explanation.attrs["indicator"]), year, block, part, value[year])
        for year in chosen
        for block, values in parts.items()
        for part, value in values.items()
    ]


def parts_of(explanation: xr.Dataset, block: str) -> dict[str, dict[int, float]]:
    """Return what a block accounts for in each year, and each of its parts.

    Parameters
    ----------
    explanation : xarray.Dataset
        What `sim.decompose` returns.
    block : str
        One of its blocks.

    Returns
    -------
    dict
        Value by year, by part: the whole block first, as the part without a name; parts that make no difference in any
        year are left out.
    """
    time = time_of(explanation)
    years = explanation[time].values.tolist()
    values = {"": explanation["part"].sel(block=block).values}
    if "part_of_span" in explanation:
        parts = explanation["part_of_span"].sel(block=block).transpose("span", time)
        values |= dict(zip(map(str, parts["span"].values), parts.values, strict=True))
    elif block == "migration" and "part_of_migration" in explanation:
        parts = explanation["part_of_migration"].transpose("component", time)
        values |= dict(zip(map(str, parts["component"].values), parts.values, strict=True))
    told = {part: value for part, value in values.items() if not part or (np.isfinite(value).all() and value.any())}
    return {part: dict(zip(years, value.tolist(), strict=True)) for part, value in told.items()}


def explanation_years(explanation: xr.Dataset) -> list[int]:
    """Choose the years of a text table: the first, the last, and the first of each ten years between them."""
    return round_years(explanation[time_of(explanation)].values.tolist())


def decimals_of(explanation: xr.Dataset) -> int:
    """Return how many decimals values of an explanation need: none for thousands of persons, four for shares."""
    largest = float(np.nanmax(np.abs(explanation["value"].values), initial=0))
    return next((digits for least, digits in ((1000, 0), (100, 1), (1, 2)) if largest >= least), 4)


def time_of(explanation: xr.Dataset) -> str:
    """Return the dimension of time of an explanation: ``year``, or ``period`` for flows."""
    return "period" if "period" in explanation.dims else "year"
