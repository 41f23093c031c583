"""A variable of a result as a plain table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.selection import age_width, step_of, years_in_words
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

NOT_SUMMED = {
    "life_expectancy": "years",
    "remaining_life_expectancy": "years",
    "total_fertility": "children per woman",
    "persons_per_file": "persons per file",
}
"""Variables that are no counts, with their units; all others are persons and can be summed."""

CASES = ("applications", "repeat_applications", "withdrawn", "decided", "rejected", "waiting", "granted")
"""Variables that count the cases of a pipeline, which are files or persons."""

FLOWS = ("births", "deaths", "natural_balance", "net_migration", "growth")
PROSPECTIVE = ("prospective_old_age_dependency",)
INDICATORS = (
    "population",
    "mean_age",
    "median_age",
    "youth_dependency",
    "old_age_dependency",
    "total_dependency",
    "support_ratio",
    "ageing_index",
    "sex_ratio",
    *PROSPECTIVE,
    *FLOWS,
    "growth_rate",
    "crude_birth_rate",
    "crude_death_rate",
    "natural_increase_rate",
    "net_migration_rate",
    "migration_share_of_growth",
)
"""Columns of `indicator_table`."""
SHARES = {"support_ratio": "persons of working age per old person", "migration_share_of_growth": "share"}


def table(result: xr.Dataset, variable: str, by: Sequence[str] | None = None) -> Iterator[list[str]]:
    """List a variable row by row, summed over what is not asked for.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    variable : str
        One of its variables.
    by : sequence of str, optional
        Dimensions kept apart, in the order of the columns; all where not given. The variants of a sweep are never
        summed.

    Yields
    ------
    list of str
        First the header, which names the unit; then a row a cell, numbers in full precision. Groups of ages and
        steps of several years are written out, as in "5 to 9": spreadsheets take 5-9 for a date. What is not known is
        left empty.

    Raises
    ------
    DataError
        Where the variable or a dimension is not there, or a variable that is no count would be summed.
    """
    values = _variable(result, variable)
    kept = [str(name) for name in values.dims] if by is None else list(by)
    if "scenario" in values.dims and "scenario" not in kept:
        kept.insert(0, "scenario")
    for name in kept:
        if name not in values.dims:
            message = f"'{variable}' has no dimension '{name}'; it has: {', '.join(map(str, values.dims))}"
            raise DataError(message)
    summed = [name for name in values.dims if name not in kept]
    added = [str(name) for name in summed if values.sizes[name] > 1]
    if variable in NOT_SUMMED and added:
        message = f"'{variable}' is no count and cannot be summed over {', '.join(added)}"
        raise DataError(message)
    if variable in CASES and added and "pipeline" in values.dims and "pipeline" not in kept:
        units = sorted({str(unit) for unit in result["case_unit"].values})
        if len(units) > 1:
            message = f"'{variable}' counts {' and '.join(units)} and cannot be summed over pipeline"
            raise DataError(message)
    total = values.sum(summed, skipna=False).transpose(*kept)
    yield [*kept, f"{variable} [{_unit(result, variable)}]"]
    labels = [_labels(result, name) for name in kept]
    for place, value in np.ndenumerate(total.values):
        written = "" if np.isnan(value) else repr(float(value))
        yield [*(labels[axis][index] for axis, index in enumerate(place)), written]


def indicator_table(result: xr.Dataset) -> Iterator[list[str]]:
    """List indicators year by year, one column each.

    Parameters
    ----------
    result : xarray.Dataset
        A result, or a part of one.

    Yields
    ------
    list of str
        First the header, which names units; then a row a 1 January, for each variant of a sweep. Flows and rates stand
        in the row of the year, or step, that begins there, so that the last 1 January has none.

    Raises
    ------
    DataError
        Where the ages of the result cannot make up an indicator.
    """
    from sim.analysis import indicators

    names = [name for name in INDICATORS if name not in PROSPECTIVE or "remaining_life_expectancy" in result]
    columns = [getattr(indicators, name)(result) for name in names]
    leading = ["scenario"] if "scenario" in result.dims else []
    step = step_of(result)
    in_step = f" in {years_in_words(step)}" if step > 1 else ""
    units = {"1": "persons", "year": "years", "percent": "per 100", "1e-3 year-1": "per thousand", "year-1": "a year"}
    header = [
        f"{name} [{SHARES.get(name) or units[column.attrs['units']]}{in_step if name in FLOWS else ''}]"
        for name, column in zip(names, columns, strict=True)
    ]
    yield [*leading, "year", *header]
    years = result["year"].values.tolist()
    aligned = [
        (column if "year" in column.dims else column.rename(period="year"))
        .reindex(year=years)
        .transpose(*leading, "year")
        .values.reshape(-1, len(years))
        for column in columns
    ]
    scenarios = [[harmless(str(name))] for name in result["scenario"].values] if leading else [[]]
    for place, scenario in enumerate(scenarios):
        for position, year in enumerate(years):
            values = (float(column[place, position]) for column in aligned)
            yield [*scenario, str(year), *("" if value != value else repr(value) for value in values)]


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula.

    Parameters
    ----------
    text : str
        A label.

    Returns
    -------
    str
        With a leading apostrophe where it begins like a formula.
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _variable(result: xr.Dataset, variable: str) -> xr.DataArray:
    """Variable of a result by name."""
    if variable not in result.data_vars:
        message = f"there is no variable '{variable}'; there are: {', '.join(map(str, result.data_vars))}"
        raise DataError(message)
    return result[variable]


def _unit(result: xr.Dataset, variable: str) -> str:
    """Unit of a variable, with the time over which persons or cases were counted where that is no year."""
    step = step_of(result)
    summed = variable not in NOT_SUMMED and "period" in result[variable].dims
    units = {str(unit) for unit in result["case_unit"].values} if variable in CASES else {"persons"}
    counted = units.pop() if len(units) == 1 else "cases"
    return NOT_SUMMED.get(variable, f"{counted} in {years_in_words(step)}" if summed and step > 1 else counted)


def _labels(result: xr.Dataset, name: str) -> list[str]:
    """Labels along a dimension, as they are written into a row."""
    values = result[name].values.tolist()
    width = {"age": age_width, "period": step_of}.get(name, lambda _: 1)(result)
    if width == 1:
        return [harmless(str(value)) for value in values]
    labels = [f"{first} to {first + width - 1}" for first in values]
    if name == "age":
        labels[-1] = f"{values[-1]} and over"
    return labels
