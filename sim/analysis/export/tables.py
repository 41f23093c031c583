"""The variables and indicators of a result as plain tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.selection import LEADING_DIMENSIONS, age_width, step_of, years_in_words
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr
    from numpy.typing import NDArray

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
UNITS = {"1": "persons", "year": "years", "percent": "per 100", "1e-3 year-1": "per thousand", "year-1": "a year"}
"""What the units of an indicator are called in a header."""
SHARES = {"support_ratio": "persons of working age per old person", "migration_share_of_growth": "share"}

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of texts that spreadsheets take for formulas."""


class Column(NamedTuple):
    """One column of a table."""

    name: str
    values: NDArray[Any]
    """Labels, as texts or whole numbers, or values in float64; NaN where there is none."""

    unit: str = ""
    """Nothing for labels."""

    @property
    def header(self) -> str:
        """Name, with the unit where there is one."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


def table(result: xr.Dataset, variable: str, by: Sequence[str] | None = None) -> Iterator[list[str]]:
    """List a variable row by row, summed over what is not asked for.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    variable : str
        One of its variables.
    by : sequence of str, optional
        Dimensions kept apart, in the order of the columns; all where not given. The variants of a sweep and
        draws are never summed.

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
    yield from _in_text(variable_columns(result, variable, by))


def variable_columns(result: xr.Dataset, variable: str, by: Sequence[str] | None = None) -> list[Column]:
    """List a variable as `table` does, in columns that are not yet text.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    variable : str
        One of its variables.
    by : sequence of str, optional
        Dimensions kept apart.

    Returns
    -------
    list of Column
        One a dimension, then the values.

    Raises
    ------
    DataError
        As `table`.
    """
    values = _variable(result, variable)
    kept = [str(name) for name in values.dims] if by is None else list(by)
    kept = [*(name for name in LEADING_DIMENSIONS if name in values.dims and name not in kept), *kept]
    for name in kept:
        if name not in values.dims:
            message = f"'{variable}' has no dimension '{name}'; it has: {', '.join(map(str, values.dims))}"
            raise DataError(message)
    _check_sum(result, variable, kept)
    summed = [name for name in values.dims if name not in kept]
    total = values.sum(summed, skipna=False).transpose(*kept)
    labels = _unrolled({name: _labels(result, name) for name in kept})
    return [*labels, Column(variable, total.values.reshape(-1), unit_of(result, variable))]


def _check_sum(result: xr.Dataset, variable: str, kept: Sequence[str]) -> None:
    """Refuse to add up what is no count, or counts different things."""
    values = result[variable]
    added = [str(name) for name in values.dims if name not in kept and values.sizes[name] > 1]
    if variable in NOT_SUMMED and added:
        message = f"'{variable}' is no count and cannot be summed over {', '.join(added)}"
        raise DataError(message)
    if variable in CASES and added and "pipeline" in values.dims and "pipeline" not in kept:
        units = sorted({str(unit) for unit in result["case_unit"].values})
        if len(units) > 1:
            message = f"'{variable}' counts {' and '.join(units)} and cannot be summed over pipeline"
            raise DataError(message)


def indicator_table(result: xr.Dataset) -> Iterator[list[str]]:
    """List indicators year by year, one column each.

    Parameters
    ----------
    result : xarray.Dataset
        A result, or a part of one.

    Yields
    ------
    list of str
        First the header, which names units; then a row a 1 January, for each variant of a sweep or draw. Flows and
        rates stand in the row of the year, or step, that begins there, so that the last 1 January has none.

    Raises
    ------
    DataError
        Where the ages of the result cannot make up an indicator.
    """
    yield from _in_text(indicator_columns(result))


def indicator_columns(result: xr.Dataset) -> list[Column]:
    """List indicators as `indicator_table` does, in columns that are not yet text.

    Parameters
    ----------
    result : xarray.Dataset
        A result, or a part of one.

    Returns
    -------
    list of Column
        The variants of a sweep and the draws, where there are such, the years, and the indicators.

    Raises
    ------
    DataError
        As `indicator_table`.
    """
    from sim.analysis import indicators

    names = [name for name in INDICATORS if name not in PROSPECTIVE or "remaining_life_expectancy" in result]
    leading = [name for name in LEADING_DIMENSIONS if name in result.dims]
    step = step_of(result)
    in_step = f" in {years_in_words(step)}" if step > 1 else ""
    columns = _unrolled({name: result[name].values.tolist() for name in (*leading, "year")})
    for name in names:
        found = getattr(indicators, name)(result)
        by_year = found if "year" in found.dims else found.rename(period="year")
        values = by_year.reindex(year=result["year"].values).transpose(*leading, "year").values.reshape(-1)
        unit = SHARES.get(name) or UNITS[found.attrs["units"]]
        columns.append(Column(name, values, f"{unit}{in_step if name in FLOWS else ''}"))
    return columns


def _unrolled(labels: dict[str, list[Any]]) -> list[Column]:
    """Unroll the labels of dimensions into columns, the last of which changes fastest."""
    grid = np.meshgrid(*(np.array(each) for each in labels.values()), indexing="ij")
    return [Column(name, values.reshape(-1)) for name, values in zip(labels, grid, strict=True)]


def _in_text(columns: list[Column]) -> Iterator[list[str]]:
    """Header and rows, as they are written into a file of text."""
    yield [column.header for column in columns]
    yield from map(list, zip(*(map(_cell, column.values.tolist()) for column in columns), strict=True))


def _cell(value: float | str) -> str:
    """Text of a cell: nothing where there is no value."""
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return _harmless(str(value))


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: with an apostrophe before it where it begins like one."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _variable(result: xr.Dataset, variable: str) -> xr.DataArray:
    """Variable of a result by name."""
    if variable not in result.data_vars:
        message = f"there is no variable '{variable}'; there are: {', '.join(map(str, result.data_vars))}"
        raise DataError(message)
    return result[variable]


def unit_of(result: xr.Dataset, variable: str) -> str:
    """Return the unit of a variable, with the time over which it was counted where that is no year.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    variable : str
        One of its variables.

    Returns
    -------
    str
        Such as "persons", "files in five years" or "children per woman".
    """
    step = step_of(result)
    summed = variable not in NOT_SUMMED and "period" in result[variable].dims
    units = {str(unit) for unit in result["case_unit"].values} if variable in CASES else {"persons"}
    counted = units.pop() if len(units) == 1 else "cases"
    return NOT_SUMMED.get(variable, f"{counted} in {years_in_words(step)}" if summed and step > 1 else counted)


def _labels(result: xr.Dataset, name: str) -> list[Any]:
    """Labels along a dimension: groups of ages and steps of several years in words, others as they are."""
    values: list[Any] = result[name].values.tolist()
    width = {"age": age_width, "period": step_of}.get(name, lambda _: 1)(result)
    if width == 1:
        return values
    labels = [f"{first} to {first + width - 1}" for first in values]
    if name == "age":
        labels[-1] = f"{values[-1]} and over"
    return labels
