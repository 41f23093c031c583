"""What a result says about itself, and parts of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr

LEADING_DIMENSIONS = ("scenario", "draw")

YEARS_BEFORE = 20
"""How much of the observed past is shown before a projection."""

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


def name_of(result: xr.Dataset) -> str:
    """Return the short name of a result, with what was changed from outside its file."""
    name = str(result.attrs.get("name") or "projection")
    changes = result.attrs.get("changes")
    return f"{name} [{changes}]" if changes else name


def title_of(result: xr.Dataset) -> str:
    """Return the title of a result, or its name where it has none."""
    return str(result.attrs.get("title") or name_of(result))


def records(result: xr.Dataset, attribute: str) -> list[dict[str, Any]]:
    """Return the entries of a JSON list kept in an attribute; none where there is no such attribute."""
    entries: list[dict[str, Any]] = json.loads(result.attrs.get(attribute) or "[]")
    return entries


def single_results(results: Iterable[xr.Dataset]) -> list[xr.Dataset]:
    """Take sweeps apart into results of one scenario each; other results stay as they are.

    Parameters
    ----------
    results : iterable of xarray.Dataset
        Results, some of which may have a dimension ``scenario``.

    Returns
    -------
    list of xarray.Dataset
        A variant's name and title are those of its place along the dimension.
    """
    singles = []
    for result in results:
        if "scenario" not in result.dims:
            singles.append(result)
            continue
        for name, title in zip(result["scenario"].values, result["title"].values, strict=True):
            single = result.sel(scenario=name, drop=True)
            singles.append(
                single.assign_attrs(
                    name=str(name), title=str(title), sweep=title_of(result), published="[]", changes=""
                )
            )
    return singles


def one_projection(result: xr.Dataset) -> xr.Dataset:
    """Drop the scenario and draw dimensions of a result that holds a single projection.

    Parameters
    ----------
    result : xarray.Dataset
        A result, with or without leading dimensions of length one.

    Returns
    -------
    xarray.Dataset
        The same result without leading dimensions.

    Raises
    ------
    DataError
        Where there are several scenarios or draws.
    """
    for dimension in LEADING_DIMENSIONS:
        length = result.sizes.get(dimension, 1)
        if length > 1:
            message = f"{name_of(result)} holds {length} values of '{dimension}'; select one of them first"
            raise DataError(message)
    leading = [dimension for dimension in LEADING_DIMENSIONS if dimension in result.dims]
    return result.squeeze(leading, drop=True)


def part(result: xr.Dataset, region: str | None = None, group: str | None = None) -> xr.Dataset:
    """Select one region, one group, or both; the dimensions stay, with length one.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    region, group : str, optional
        Labels to keep; all of them where not given.

    Returns
    -------
    xarray.Dataset
        The part of the result.

    Raises
    ------
    DataError
        Where there is no such region or group.
    """
    for dimension, label in (("region", region), ("group", group)):
        if label is None:
            continue
        known = [str(value) for value in result[dimension].values]
        if label not in known:
            message = f"there is no {dimension} '{label}' in {name_of(result)}; there is {', '.join(known)}"
            raise DataError(message)
        result = result.isel({dimension: [known.index(label)]})
    return result


def age_width(result: xr.Dataset) -> int:
    """Return how many years of age an age of a result stands for: 1 for single ages.

    Parameters
    ----------
    result : xarray.Dataset
        A result, of which the last age may be open.

    Returns
    -------
    int
        Years; those of a step where only one age was selected.

    Raises
    ------
    DataError
        Where groups of ages do not all have the same width.
    """
    ages = np.atleast_1d(result["age"].values)
    if len(ages) == 1:
        return step_of(result)
    widths = np.diff(ages)
    if widths.min() > 1 and widths.min() != widths.max():
        message = f"the ages {', '.join(map(str, ages))} are not evenly spaced; keep all ages of a result"
        raise DataError(message)
    return int(widths.min())


def step_of(result: xr.Dataset) -> int:
    """Return the length of the steps of a result, over which its flows are summed.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    int
        Years; 1 where there is no step.
    """
    lengths = [np.diff(np.atleast_1d(result[name].values)) for name in ("year", "period") if name in result.coords]
    return int(min((length.min() for length in lengths if len(length)), default=1))


def years_in_words(years: int) -> str:
    """Return a number of years as it stands in a sentence: "a year", "five years", "15 years"."""
    return "a year" if years == 1 else f"{_NUMBERS.get(years, years)} years"


def round_years(years: Sequence[int], every: int = 10, from_year: int = 0) -> list[int]:
    """Choose the first year, the last, and of each span of years between them the first that there is.

    Parameters
    ----------
    years : sequence of int
        Years in order.
    every : int
        Length of a span: 10 chooses 2020, 2030 and so on, or 2023, 2033 where only these are there.
    from_year : int
        A year in which a span begins.

    Returns
    -------
    list of int
        Years, in order.
    """
    firsts: dict[int, int] = {}
    for year in years:
        firsts.setdefault((year - from_year) // every, year)
    return sorted({*firsts.values(), years[-1]})


def years_told(result: xr.Dataset) -> set[int]:
    """Return the 1 Januaries that a scenario is about: of published populations, and before and after a title ends.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    set of int
        Those of its years.
    """
    scenario = json.loads(result.attrs.get("scenario") or "{}")
    endings = scenario.get("migration", {}).get("endings", [])
    told = {ending["year"] + after for ending in endings for after in (0, 1)}
    told |= {
        year for entry in records(result, "published") if entry["indicator"] == "population" for year in years_of(entry)
    }
    return told & {int(year) for year in result["year"].values}


def per_year(result: xr.Dataset, flow: xr.DataArray) -> xr.DataArray:
    """Spread a flow of each period evenly over the calendar years of the period.

    Parameters
    ----------
    result : xarray.Dataset
        The result from which the flow comes.
    flow : xarray.DataArray
        Persons per period, (..., period); a stock, (..., year), is left as it is.

    Returns
    -------
    xarray.DataArray
        Persons per calendar year, (..., period), with one value a calendar year. Steps of one year
        are left as they are.
    """
    import xarray as xr

    years = result["year"].values
    lengths = np.diff(years)
    if "period" not in flow.dims or np.all(lengths == 1):
        return flow
    spread = flow / xr.DataArray(lengths, dims="period", coords={"period": flow["period"]})
    yearly = spread.assign_attrs(flow.attrs).isel(period=np.repeat(np.arange(len(lengths)), lengths))
    return yearly.assign_coords(period=np.arange(years[0], years[-1]))


def years_of(entry: dict[str, Any]) -> list[int]:
    """Return all calendar years to which a published figure refers.

    Parameters
    ----------
    entry : dict
        Published figure, with ``year``, with the first and last of ``years``, or with neither.

    Returns
    -------
    list of int
        The years, none for an indicator that is itself a year.
    """
    if "year" in entry:
        return [int(entry["year"])]
    if "years" in entry:
        first, last = entry["years"]
        return list(range(int(first), int(last) + 1))
    return []


def years_label(years: list[int]) -> str:
    """Return a year as such, several as the first and the last with a dash, none as nothing."""
    return "\N{EN DASH}".join(str(year) for year in dict.fromkeys(years[:1] + years[-1:]))


def observed_series(result: xr.Dataset, indicator: str, last: int) -> tuple[list[int], list[float]]:
    """Return the years and values of one observed indicator, in order of time.

    From `YEARS_BEFORE` years before the projection up to the last year asked for.
    """
    entries = [entry for entry in _observed(result) if entry["indicator"] == indicator]
    pairs = sorted((int(entry["year"]), float(entry["value"])) for entry in entries if entry["year"] <= last)
    return [year for year, _ in pairs], [value for _, value in pairs]


def sources_of(result: xr.Dataset, attribute: str, *indicators: str) -> list[str]:
    """Return the texts of the sources of the published, or shown observed, figures of some indicators."""
    figures = _observed(result) if attribute == "observed" else records(result, attribute)
    texts: dict[str, str] = json.loads(result.attrs.get("sources") or "{}")
    keys = [str(entry["source"]) for entry in figures if entry["indicator"] in indicators and entry.get("source")]
    return list(dict.fromkeys(texts.get(key, key) for key in keys))


def _observed(result: xr.Dataset) -> list[dict[str, Any]]:
    """Return the observed figures of the years that figures show."""
    years = result["year"].values
    first, last = int(years[0]) - YEARS_BEFORE, int(years[-1])
    return [entry for entry in records(result, "observed") if first <= int(entry["year"]) <= last]
