"""Indicators of a result: totals, ages, ratios, and how far they are from published figures.

Each function sums over the regions, groups, sexes and ages of the result that it is given (select a
part first for an indicator of it); scenario and draw stay. Stocks keep ``year``, flows ``period``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.selection import one_projection, per_year, records, years_label, years_of
from sim.axes import PUBLISHED_INDICATORS
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

OLD = 65
"""Age from which people count as old, where nothing else is asked for."""

_YEARLESS = ("first_year_of_natural_decrease",)


def population(result: xr.Dataset) -> xr.DataArray:
    """Total population on 1 January.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Persons, (..., year).
    """
    return _described(_total(result["population"]), "population", "population on 1 January")


def births(result: xr.Dataset) -> xr.DataArray:
    """Live births during each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).
    """
    return _described(_total(result["births"]), "births", "live births")


def deaths(result: xr.Dataset) -> xr.DataArray:
    """Deaths during each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).
    """
    return _described(_total(result["deaths"]), "deaths", "deaths")


def net_migration(result: xr.Dataset) -> xr.DataArray:
    """Immigrants less emigrants during each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).
    """
    return _described(_total(result["net_migrants"]), "net_migration", "immigrants less emigrants")


def natural_balance(result: xr.Dataset) -> xr.DataArray:
    """Births less deaths during each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).
    """
    return _described(births(result) - deaths(result), "natural_balance", "births less deaths")


def growth(result: xr.Dataset) -> xr.DataArray:
    """Change of the total population from the beginning to the end of each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).
    """
    change = population(result).diff("year", label="lower").drop_vars("year").rename(year="period")
    change = change.assign_coords(period=result["period"])
    return _described(change, "growth", "growth of the population")


def mean_age(result: xr.Dataset) -> xr.DataArray:
    """Mean age on 1 January: mean completed age plus half a year.

    Parameters
    ----------
    result : xarray.Dataset
        A result. The open age group counts as if all were in its first year of age.

    Returns
    -------
    xarray.DataArray
        Years, (..., year); NaN where there is nobody.
    """
    by_age = _by_age(result)
    mean = (by_age * by_age["age"]).sum("age", skipna=False) / by_age.sum("age", skipna=False) + 0.5
    return _described(mean, "mean_age", "mean age on 1 January", "year")


def median_age(result: xr.Dataset) -> xr.DataArray:
    """Median age on 1 January, linear within the single year of age that holds it.

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
    median = by_age["age"].isel(here) + (half - before) / by_age.isel(here)
    median = median.where(position < by_age.sizes["age"] - 1).drop_vars("age", errors="ignore")
    return _described(median, "median_age", "median age on 1 January", "year")


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
        Where the ages of the result cannot make up this age group.
    """
    ages = result["age"].values
    first, last = int(ages[0]), int(ages[-1])
    if not first <= start <= last or (stop is not None and not start < stop <= last):
        asked = f"{start} and over" if stop is None else f"{start} to {stop - 1}"
        message = f"no age group {asked}; the ages are {first} to {last - 1} and {last} and over"
        raise DataError(message)
    chosen = (ages >= start) & (ages < stop) if stop is not None else ages >= start
    label = f"{start} and over" if stop is None else f"{start} to {stop - 1}"
    total = _total(result["population"].isel(age=np.flatnonzero(chosen)))
    return _described(total, "population", f"population aged {label} on 1 January")


def old_age_dependency(result: xr.Dataset, *, old: int = OLD, working: int = 15) -> xr.DataArray:
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
    return _described(ratio, "old_age_dependency", meaning, "percent")


def youth_dependency(result: xr.Dataset, *, old: int = OLD, working: int = 15) -> xr.DataArray:
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
    return _described(ratio, "youth_dependency", meaning, "percent")


def first_year_of_natural_decrease(result: xr.Dataset) -> xr.DataArray:
    """First calendar year in which deaths exceed births.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Calendar year, the first of a step longer than a year, (...). NaN where deaths never exceed
        births within the projection: some draws may get there and others not.
    """
    decrease = natural_balance(result) < 0
    year = decrease["period"].isel(period=decrease.argmax("period")).drop_vars("period")
    year = year.where(decrease.any("period"))
    meaning = "first calendar year in which deaths exceed births"
    return _described(year, "first_year_of_natural_decrease", meaning, "year")


class PublishedGap(NamedTuple):
    """One published figure beside the projected one."""

    indicator: str
    period: str
    """Year, years with a dash, or nothing for an indicator that is itself a year."""

    projected: float
    """NaN where the projection does not cover the year, or the year is never reached."""

    published: float
    gap: float
    """Projected less published."""

    rounding: float | None
    """Largest difference that the rounding of the published figure explains."""

    source: str


def published_gaps(result: xr.Dataset) -> list[PublishedGap]:
    """Compare a projection with each figure that its scenario lists as published.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw; its attribute ``published`` is a JSON list.

    Returns
    -------
    list of PublishedGap
        In the order of the list. A figure for several years is compared with the mean over them.

    Raises
    ------
    DataError
        Where an indicator is not in `PUBLISHED_INDICATORS`, or its year is missing or superfluous, or
        the result holds several scenarios or draws.
    """
    published = records(result, "published")
    if not published:
        return []
    result = one_projection(result)
    return [_published_gap(result, entry) for entry in published]


def _published_gap(result: xr.Dataset, entry: dict[str, Any]) -> PublishedGap:
    """Compare a projection with one published figure."""
    indicator = str(entry["indicator"])
    if indicator not in _FUNCTIONS:
        message = f"unknown published indicator '{indicator}'; known are {', '.join(PUBLISHED_INDICATORS)}"
        raise DataError(message)
    years = years_of(entry)
    if bool(years) == (indicator in _YEARLESS):
        wanted = "is itself a year and takes none" if years else "needs a year, or years"
        message = f"published {indicator} {wanted}"
        raise DataError(message)
    projected, published = _value(result, indicator, years), float(entry["value"])
    return PublishedGap(
        indicator=indicator,
        period=years_label(years),
        projected=projected,
        published=published,
        gap=projected - published,
        rounding=None if entry.get("rounding") is None else float(entry["rounding"]),
        source=str(entry.get("source") or ""),
    )


def _value(result: xr.Dataset, indicator: str, years: list[int]) -> float:
    """Evaluate an indicator, as the mean over years; NaN where one of them is not projected."""
    values = per_year(result, _FUNCTIONS[indicator](result))
    if not years:
        return float(values)
    return float(values.reindex({values.dims[-1]: years}).mean(skipna=False))


def _total(values: xr.DataArray, over: tuple[str, ...] = ("region", "group", "sex", "age")) -> xr.DataArray:
    """Sum over regions, groups, sexes and ages, as far as they are there."""
    return values.sum([dimension for dimension in over if dimension in values.dims], skipna=False)


def _by_age(result: xr.Dataset) -> xr.DataArray:
    """Population on 1 January by age."""
    return _total(result["population"], ("region", "group", "sex"))


def _described(values: xr.DataArray, name: str, long_name: str, units: str = "1") -> xr.DataArray:
    """Name an indicator and state its meaning and unit."""
    described = values.rename(name)
    described.attrs = {"long_name": long_name, "units": units}
    return described


_FUNCTIONS: dict[str, Callable[[xr.Dataset], xr.DataArray]] = {
    function.__name__: function
    for function in (
        population,
        births,
        deaths,
        net_migration,
        natural_balance,
        growth,
        mean_age,
        median_age,
        old_age_dependency,
        youth_dependency,
        first_year_of_natural_decrease,
    )
}
