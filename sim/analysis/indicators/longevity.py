"""Old age counted from the end of life: the age at which few years are left, and who is above it.

The life table of a calendar year goes with the 1 January with which the year begins; the last 1 January of a
result has none and is left out. With longer steps the table is that of the step which begins then. Every region,
group and sex has the threshold of its own life table, so that sums over them need no average life table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.indicators.ages import begin_at, edges_in_words
from sim.analysis.indicators.counts import described, total_of
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

REMAINING, ADULT = 15.0, 20
"""Years left to those on the threshold of old age, and the first age of those who may support the old."""

_VARIABLE = "remaining_life_expectancy"


def prospective_old_age(result: xr.Dataset, *, remaining: float = REMAINING) -> xr.DataArray:
    """Exact age from which life expectancy is a given number of years or less.

    Parameters
    ----------
    result : xarray.Dataset
        A result with ``remaining_life_expectancy``.
    remaining : float
        Years left on the threshold.

    Returns
    -------
    xarray.DataArray
        Years, (..., year, region, group, sex), for the 1 Januaries with which a period begins. Linear between the
        exact ages of the table; the last such age where infant deaths make life expectancy rise first. NaN where
        fewer years are left at birth already, or as many are left still where the open age begins.

    Raises
    ------
    DataError
        Where the result does not have the variable, or the number of years is not above zero.

    Notes
    -----
    Sanderson and Scherbov (2005), Nature 435: 811-813; (2007), Demographic Research 16: 27-58. The tables are
    period tables: nobody's future is foreseen.
    """
    _, table = _people_and_tables(result)
    threshold = _threshold(table, remaining)
    meaning = f"exact age from which life expectancy is {remaining:g} years or less"
    return described(threshold, "prospective_old_age", meaning, "year")


def prospective_old_age_share(result: xr.Dataset, *, remaining: float = REMAINING) -> xr.DataArray:
    """Share of the population that is above the prospective old age.

    Parameters
    ----------
    result : xarray.Dataset
        A result with ``remaining_life_expectancy``.
    remaining : float
        Years left on the threshold.

    Returns
    -------
    xarray.DataArray
        Shares, (..., year), for the 1 Januaries with which a period begins. People are even within the age, or age
        group, that holds the threshold. NaN where one of the thresholds is, or there is nobody.

    Raises
    ------
    DataError
        As `prospective_old_age`.

    Notes
    -----
    As `prospective_old_age`.
    """
    people, table = _people_and_tables(result)
    above = people * _share_above(table, remaining)
    meaning = f"share of the population whose life expectancy is {remaining:g} years or less"
    return described(total_of(above) / total_of(people), "prospective_old_age_share", meaning)


def prospective_old_age_dependency(
    result: xr.Dataset, *, remaining: float = REMAINING, working: int = ADULT
) -> xr.DataArray:
    """People above the prospective old age per 100 adults below it.

    Parameters
    ----------
    result : xarray.Dataset
        A result with ``remaining_life_expectancy``.
    remaining : float
        Years left on the threshold.
    working : int
        First age of the adults.

    Returns
    -------
    xarray.DataArray
        Persons per 100 persons, (..., year), for the 1 Januaries with which a period begins. People are even within
        the age, or age group, that holds the threshold. NaN where one of the thresholds is.

    Raises
    ------
    DataError
        As `prospective_old_age`, or where no age of the result begins at ``working``.

    Notes
    -----
    Sanderson and Scherbov (2010), Science 329: 1287-1288, whose adults are 20 and over.
    """
    people, table = _people_and_tables(result)
    if not begin_at(result, working):
        message = f"no age group begins at {working}; {edges_in_words(result)}"
        raise DataError(message)
    share = _share_above(table, remaining)
    below = (people * (1 - share)).where(people["age"] >= working, 0)
    ratio = 100 * total_of(people * share) / total_of(below)
    meaning = (
        f"persons whose life expectancy is {remaining:g} years or less "
        f"per 100 persons aged {working} and over with a longer one"
    )
    return described(ratio, "prospective_old_age_dependency", meaning, "percent")


def _people_and_tables(result: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Population on each 1 January that has a life table, and remaining life expectancy in the year that begins."""
    if _VARIABLE not in result:
        message = f"there is no {_VARIABLE} in this result, perhaps an older one; run its scenario again"
        raise DataError(message)
    people = result["population"]
    table = result[_VARIABLE].drop_vars("year", errors="ignore").rename(period="year")
    has_table = np.isin(people["year"], table["year"])
    if not has_table.any():
        message = f"no life table begins with {', '.join(map(str, np.atleast_1d(people['year'])))}"
        raise DataError(message)
    if "year" in people.dims:
        people = people.isel(year=has_table)
    return people, table.sel(year=people["year"])


def _threshold(table: xr.DataArray, remaining: float) -> xr.DataArray:
    """Exact age at which remaining life expectancy falls to some years for the last time."""
    if not 0 < remaining < np.inf:
        message = f"{remaining:g} remaining years are no threshold; allowed are finite numbers above 0"
        raise DataError(message)
    last = table.sizes["age"] - 1
    backwards = (table >= remaining).isel(age=slice(None, None, -1))
    place = last - backwards.argmax("age")  # the last age too where no age has as many years left
    following = (place + 1).clip(max=last)
    here, after = (table.isel(age=at).drop_vars("age") for at in (place, following))
    youngest, oldest = (table["age"].isel(age=at).drop_vars("age") for at in (place, following))
    age = youngest + (oldest - youngest) * (here - remaining) / (here - after)
    return age.where(place < last)


def _share_above(table: xr.DataArray, remaining: float) -> xr.DataArray:
    """Share of each age, or age group, that is above the threshold."""
    ages = table["age"]
    width = ages.copy(data=np.diff(ages.values, append=ages.values[-1] + 1))
    return ((ages + width - _threshold(table, remaining)) / width).clip(0, 1)
