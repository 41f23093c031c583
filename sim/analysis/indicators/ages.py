"""Ages of a population: mean, median, broad groups and their ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.indicators.counts import described, total_of
from sim.analysis.selection import age_width
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

OLD, WORKING = 65, 15
"""Ages from which people count as old, and as of working age, where nothing else is asked for."""


def mean_age(result: xr.Dataset) -> xr.DataArray:
    """Mean age on 1 January: mean of the middles of the ages.

    Parameters
    ----------
    result : xarray.Dataset
        A result. The open age counts as if it were as wide as the others.

    Returns
    -------
    xarray.DataArray
        Years, (..., year); NaN where there is nobody.
    """
    by_age = _by_age(result)
    mean = (by_age * by_age["age"]).sum("age", skipna=False) / by_age.sum("age", skipna=False) + age_width(result) / 2
    return described(mean, "mean_age", "mean age on 1 January", "year")


def median_age(result: xr.Dataset) -> xr.DataArray:
    """Median age on 1 January, linear within the age, or age group, that holds it.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Years, (..., year); NaN where there is nobody or the median lies in the open age group.
    """
    by_age = _by_age(result)
    reached = by_age.cumsum("age", skipna=False)
    half = by_age.sum("age", skipna=False) / 2
    position = (reached >= half).argmax("age")
    here = {"age": position}
    before = reached.isel(here) - by_age.isel(here)
    median = by_age["age"].isel(here) + age_width(result) * (half - before) / by_age.isel(here)
    median = median.where(position < by_age.sizes["age"] - 1).drop_vars("age", errors="ignore")
    return described(median, "median_age", "median age on 1 January", "year")


def age_group(result: xr.Dataset, start: int, stop: int | None = None) -> xr.DataArray:
    """Population on 1 January from one age to another.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    start : int
        Youngest completed age counted.
    stop : int, optional
        First age no longer counted, as in ``range``: 15 and 65 count those aged 15 to 64. None counts all.

    Returns
    -------
    xarray.DataArray
        Persons, (..., year).

    Raises
    ------
    DataError
        Where an age group of the result would have to be cut, or the ages do not reach as far.
    """
    ages = result["age"].values
    label = f"{start} and over" if stop is None else f"{start} to {stop - 1}"
    if not begin_at(result, start, start if stop is None else stop) or (stop is not None and stop <= start):
        message = f"no age group {label}; {_edges(result)}"
        raise DataError(message)
    chosen = (ages >= start) & (ages < stop) if stop is not None else ages >= start
    total = total_of(result["population"].isel(age=np.flatnonzero(chosen)))
    return described(total, "population", f"population aged {label} on 1 January")


def old_age_dependency(result: xr.Dataset, *, old: int = OLD, working: int = WORKING) -> xr.DataArray:
    """Old people per 100 persons of working age on 1 January.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    old : int
        First age that counts as old.
    working : int
        First age that counts as working age, which ends before ``old``.

    Returns
    -------
    xarray.DataArray
        Persons per 100 persons, (..., year).

    Raises
    ------
    DataError
        Where the ages of the result cannot make up these age groups.
    """
    ratio = 100 * age_group(result, old) / age_group(result, working, old)
    meaning = f"persons aged {old} and over per 100 persons aged {working} to {old - 1}"
    return described(ratio, "old_age_dependency", meaning, "percent")


def youth_dependency(result: xr.Dataset, *, old: int = OLD, working: int = WORKING) -> xr.DataArray:
    """Children and youths per 100 persons of working age on 1 January.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    old : int
        First age that counts as old.
    working : int
        First age that counts as working age, which ends before ``old``.

    Returns
    -------
    xarray.DataArray
        Persons per 100 persons, (..., year).

    Raises
    ------
    DataError
        Where the ages of the result cannot make up these age groups.
    """
    ratio = 100 * age_group(result, 0, working) / age_group(result, working, old)
    meaning = f"persons aged under {working} per 100 persons aged {working} to {old - 1}"
    return described(ratio, "youth_dependency", meaning, "percent")


def begin_at(result: xr.Dataset, *starts: int) -> bool:
    """Whether an age, or an age group, of a result begins at each of some ages.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    *starts : int
        Completed ages.

    Returns
    -------
    bool
        False where a group would have to be cut to begin at one of them.
    """
    return set(starts) <= set(result["age"].values.tolist())


def _edges(result: xr.Dataset) -> str:
    """Words on the ages at which age groups can begin and end."""
    ages = result["age"].values.tolist()
    if ages == list(range(ages[0], ages[-1] + 1)):
        return f"the ages are {ages[0]} to {ages[-1] - 1} and {ages[-1]} and over"
    return f"age groups begin at {', '.join(map(str, ages[:-1]))} and {ages[-1]}"


def _by_age(result: xr.Dataset) -> xr.DataArray:
    """Population on 1 January by age."""
    return total_of(result["population"], ("region", "group", "sex"))
