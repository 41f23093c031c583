"""A variable of a result as a plain table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

NOT_SUMMED = {"life_expectancy": "years", "total_fertility": "children per woman"}
"""Variables that are no counts, with their units; all others are persons and can be summed."""


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
        First the header, which names the unit; then a row a cell, numbers in full precision.

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
    total = values.sum(summed).transpose(*kept)
    yield [*kept, f"{variable} [{NOT_SUMMED.get(variable, 'persons')}]"]
    labels = [[harmless(str(label)) for label in total[name].values] for name in kept]
    for place, value in np.ndenumerate(total.values):
        yield [*(labels[axis][index] for axis, index in enumerate(place)), repr(float(value))]


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
