"""Results side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from sim.analysis import indicators
from sim.analysis.align import aligned, checked_baseline, common_years, several
from sim.analysis.selection import name_of, round_years, title_of, years_told
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

_SUMS = (
    indicators.population,
    indicators.births,
    indicators.deaths,
    indicators.natural_balance,
    indicators.net_migration,
)
_MOST_YEARS_BY_TENS = 30


def compare(results: Sequence[xr.Dataset], baseline: str | None = None) -> xr.Dataset:
    """Put the indicators of several results side by side, over the years that all of them cover.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    baseline : str, optional
        Name of the result from which differences are counted; the first where not given.

    Returns
    -------
    xarray.Dataset
        ``population``, ``mean_age``, ``old_age_dependency`` (where all ages allow it) and
        ``population_difference`` by scenario and year; ``births``, ``deaths``, ``natural_balance`` and
        ``net_migration`` by scenario and period, from each 1 January that all results cover to the next. Mean age
        and dependency are those of the ages that each result tells apart. The coordinate ``title`` tells the title
        of each scenario, the attribute ``baseline`` the name of the baseline.

    Raises
    ------
    DataError
        Where there is nothing to compare, two results share a name, the baseline is not among them,
        no year is common to all, or a result holds several scenarios or draws.
    """
    import xarray as xr

    results = several(results)
    names = [name_of(result) for result in results]
    baseline = checked_baseline(names, baseline)
    by_age = [indicators.mean_age]
    if all(indicators.begin_at(result, indicators.WORKING, indicators.OLD) for result in results):
        by_age.append(indicators.old_age_dependency)
    years = common_years(results)
    kept = []
    for result, fitted in zip(results, aligned(results), strict=True):
        own = result[["population"]].sel(year=years)
        kept.append(xr.merge([*(total(fitted) for total in _SUMS), *(measure(own) for measure in by_age)]))
    comparison = xr.concat(kept, dim="scenario", data_vars="all", coords="minimal", compat="override", join="exact")
    comparison = comparison.assign_coords(scenario=names, title=("scenario", [title_of(result) for result in results]))
    population = comparison["population"]
    difference = population - population.sel(scenario=baseline, drop=True).drop_vars("title", errors="ignore")
    difference.attrs = {"long_name": f"population on 1 January less that of {baseline}", "units": "1"}
    comparison["population_difference"] = difference
    told = sorted({year for result in results for year in years_told(result)} & set(years))
    comparison.attrs = {"baseline": baseline, "years_told": told}
    return comparison


class ComparisonRow(NamedTuple):
    """One scenario on one 1 January."""

    scenario: str
    title: str
    year: int
    population: float
    population_difference: float
    mean_age: float
    old_age_dependency: float


def comparison_rows(comparison: xr.Dataset, years: Sequence[int] | None = None) -> list[ComparisonRow]:
    """List what a text table of a comparison shows.

    Parameters
    ----------
    comparison : xarray.Dataset
        What `compare` returns.
    years : sequence of int, optional
        Years to list; where not given the first, the last, and 2010, 2030, 2050 and so on between them, or
        the first years after these that there are (every decade where no more than 30 years are covered), and those
        that a scenario is about (`sim.analysis.selection.years_told`).

    Returns
    -------
    list of ComparisonRow
        Scenario by scenario, each year by year.

    Raises
    ------
    DataError
        Where a year is not in the comparison.
    """
    known = [int(year) for year in comparison["year"].values]
    chosen = sorted({*_table_years(known), *comparison.attrs["years_told"]}) if years is None else list(years)
    missing = [str(year) for year in chosen if year not in known]
    if missing:
        message = f"no year {', '.join(missing)} in the comparison; it covers {known[0]} to {known[-1]}"
        raise DataError(message)
    rows = []
    for scenario, title in zip(comparison["scenario"].values, comparison["title"].values, strict=True):
        for year in chosen:
            here = comparison.sel(scenario=scenario, year=year)
            values = {field: float(here[field]) if field in here else math.nan for field in ComparisonRow._fields[3:]}
            rows.append(ComparisonRow(str(scenario), str(title), year, **values))
    return rows


def _table_years(years: list[int]) -> list[int]:
    """Choose the first year, the last, and round years between them."""
    if years[-1] - years[0] > _MOST_YEARS_BY_TENS:
        return round_years(years, 20, 2010)
    return round_years(years)
