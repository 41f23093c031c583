"""Ratios of one part of a population to another: dependency, support, ageing, men to women."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analysis.indicators.ages import LIMITS, age_group
from sim.analysis.indicators.counts import described, total_of
from sim.axes import FEMALE, MALE, SEXES
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

WORKING, OLD = LIMITS[1:]
"""Ages from which people count as of working age, and as old, where nothing else is asked for."""


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


def total_dependency(result: xr.Dataset, *, old: int = OLD, working: int = WORKING) -> xr.DataArray:
    """Children, youths and old people per 100 persons of working age on 1 January.

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
        Persons per 100 persons, (..., year): the sum of `youth_dependency` and `old_age_dependency`.

    Raises
    ------
    DataError
        Where the ages of the result cannot make up these age groups.
    """
    both = youth_dependency(result, old=old, working=working) + old_age_dependency(result, old=old, working=working)
    meaning = f"persons aged under {working} or {old} and over per 100 persons aged {working} to {old - 1}"
    return described(both, "total_dependency", meaning, "percent")


def support_ratio(result: xr.Dataset, *, old: int = OLD, working: int = WORKING) -> xr.DataArray:
    """Persons of working age per old person on 1 January, the potential support ratio of the United Nations.

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
        Persons per person, (..., year): 100 over `old_age_dependency`. Infinite where nobody is old.

    Raises
    ------
    DataError
        Where the ages of the result cannot make up these age groups.
    """
    ratio = age_group(result, working, old) / age_group(result, old)
    meaning = f"persons aged {working} to {old - 1} per person aged {old} and over"
    return described(ratio, "support_ratio", meaning)


def ageing_index(result: xr.Dataset, *, old: int = OLD, working: int = WORKING) -> xr.DataArray:
    """Old people per 100 children and youths on 1 January.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    old : int
        First age that counts as old.
    working : int
        First age that no longer counts as young.

    Returns
    -------
    xarray.DataArray
        Persons per 100 persons, (..., year). Infinite where nobody is young.

    Raises
    ------
    DataError
        Where the ages of the result cannot make up these age groups.
    """
    ratio = 100 * age_group(result, old) / age_group(result, 0, working)
    meaning = f"persons aged {old} and over per 100 persons aged under {working}"
    return described(ratio, "ageing_index", meaning, "percent")


def sex_ratio(result: xr.Dataset) -> xr.DataArray:
    """Men per 100 women on 1 January.

    Parameters
    ----------
    result : xarray.Dataset
        A result with both sexes.

    Returns
    -------
    xarray.DataArray
        Men per 100 women of all ages, (..., year); not finite where there are no women.

    Raises
    ------
    DataError
        Where one of the sexes is missing.
    """
    return _men_per_100_women(result, ("region", "group", "age"), "sex_ratio", "men per 100 women on 1 January")


def sex_ratio_by_age(result: xr.Dataset) -> xr.DataArray:
    """Men per 100 women of each age on 1 January.

    Parameters
    ----------
    result : xarray.Dataset
        A result with both sexes.

    Returns
    -------
    xarray.DataArray
        Men per 100 women of the same age, (..., year, age); not finite where there are no women of that age.

    Raises
    ------
    DataError
        Where one of the sexes is missing.
    """
    meaning = "men per 100 women of the same age on 1 January"
    return _men_per_100_women(result, ("region", "group"), "sex_ratio_by_age", meaning)


def _men_per_100_women(result: xr.Dataset, over: tuple[str, ...], name: str, meaning: str) -> xr.DataArray:
    """Ratio of the sexes, summed over some dimensions."""
    people = total_of(result["population"], over)
    if "sex" not in people.dims or not set(SEXES) <= set(people["sex"].values.tolist()):
        message = f"a sex ratio needs both {' and '.join(SEXES)} in the result; one of them was selected"
        raise DataError(message)
    women, men = (people.sel(sex=SEXES[sex], drop=True) for sex in (FEMALE, MALE))
    return described(100 * men / women, name, meaning, "percent")
