"""Ages of a population: mean, median and broad groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.indicators.counts import described, population, total_of
from sim.analysis.selection import age_width
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

LIMITS = (0, 15, 65)
"""First ages of children, of working age and of the old, where nothing else is asked for."""


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
        message = f"no age group {label}; {edges_in_words(result)}"
        raise DataError(message)
    chosen = (ages >= start) & (ages < stop) if stop is not None else ages >= start
    total = total_of(result["population"].isel(age=np.flatnonzero(chosen)))
    return described(total, "population", f"population aged {label} on 1 January")


def age_groups(result: xr.Dataset, limits: Sequence[int] = LIMITS) -> xr.DataArray:
    """Population on 1 January in broad age groups.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    limits : sequence of int
        First completed age of each group, rising; the last group is open. People younger than the first of them
        are in no group.

    Returns
    -------
    xarray.DataArray
        Persons, (..., year, age_group); the labels are "0-14", "15-64" and "65+" where nothing else is asked for.

    Raises
    ------
    DataError
        Where there are no limits or they do not rise, an age group of the result would have to be cut, or the
        ages do not reach as far.
    """
    import xarray as xr

    if len(limits) == 0:
        message = "age groups need one limit or more, such as 0, 15 and 65"
        raise DataError(message)
    stops = [*limits[1:], None]
    groups = [age_group(result, start, stop) for start, stop in zip(limits, stops, strict=True)]
    labels = [_label(start, stop) for start, stop in zip(limits, stops, strict=True)]
    people = xr.concat(groups, "age_group").assign_coords(age_group=labels).transpose(..., "age_group")
    return described(people, "population", "population by age group on 1 January")


def age_group_shares(result: xr.Dataset, limits: Sequence[int] = LIMITS) -> xr.DataArray:
    """Share of each broad age group in the population.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    limits : sequence of int
        First completed age of each group, as in `age_groups`.

    Returns
    -------
    xarray.DataArray
        Shares of the population of all ages on 1 January, (..., year, age_group), which sum to 1 where the first
        limit is the youngest age. NaN where there is nobody.

    Raises
    ------
    DataError
        As `age_groups`.
    """
    shares = age_groups(result, limits) / population(result)
    return described(shares, "share", "share of the age group in the population on 1 January")


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


def edges_in_words(result: xr.Dataset) -> str:
    """Return words on the ages at which age groups can begin and end."""
    ages = result["age"].values.tolist()
    if ages == list(range(ages[0], ages[-1] + 1)):
        return f"the ages are {ages[0]} to {ages[-1] - 1} and {ages[-1]} and over"
    return f"age groups begin at {', '.join(map(str, ages[:-1]))} and {ages[-1]}"


def _label(start: int, stop: int | None) -> str:
    """Short name of an age group: "0-14", "65+", or "0" for a single age."""
    if stop is None:
        return f"{start}+"
    return str(start) if stop - start == 1 else f"{start}-{stop - 1}"


def _by_age(result: xr.Dataset) -> xr.DataArray:
    """Population on 1 January by age."""
    return total_of(result["population"], ("region", "group", "sex"))
