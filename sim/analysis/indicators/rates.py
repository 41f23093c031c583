"""Rates of growth and of what causes it, per year and person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.indicators.counts import births, deaths, described, growth, natural_balance, net_migration, population

if TYPE_CHECKING:
    import xarray as xr


def growth_rate(result: xr.Dataset) -> xr.DataArray:
    """Continuous rate of growth of the total population during each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Per year, (..., period); the percentage that others print is 100 times as large. NaN where there is nobody
        at the beginning or at the end.

    Notes
    -----
    ln(P(t + n) / P(t)) / n, the average exponential rate of World Population Prospects (United Nations, glossary
    of demographic terms); Preston, Heuveline and Guillot (2001), Demography, section 1.6. The rate of the stable
    population is of the same kind.
    """
    start, end = _ends(result)
    ratio = (end / start).where((start > 0) & (end > 0))
    rate = ratio.copy(data=np.log(ratio.values)) / _years(result)
    return described(rate, "growth_rate", "continuous rate of growth", "year-1")


def doubling_time(result: xr.Dataset) -> xr.DataArray:
    """Time in which the population would double at the growth rate of each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Years, (..., period): ln 2 over `growth_rate`. NaN where the population does not grow.
    """
    rate = growth_rate(result)
    years = np.log(2) / rate.where(rate > 0)
    return described(years, "doubling_time", "time to double at the growth rate of the period", "year")


def crude_birth_rate(result: xr.Dataset) -> xr.DataArray:
    """Live births per 1,000 person-years of each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Per 1,000 persons and year, (..., period); NaN where there is nobody.

    Notes
    -----
    Person-years are the mean of the populations at the beginning and at the end of the period, times its years
    (Preston, Heuveline and Guillot 2001, Demography, sections 1.3 and 1.4). Over one year that is the average
    population of Eurostat's crude rates (demo_gind). It is exact where the population changes evenly.
    """
    return _crude(result, births(result), "crude_birth_rate", "live births")


def crude_death_rate(result: xr.Dataset) -> xr.DataArray:
    """Deaths per 1,000 person-years of each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Per 1,000 persons and year, (..., period); NaN where there is nobody.

    Notes
    -----
    Person-years as in `crude_birth_rate`.
    """
    return _crude(result, deaths(result), "crude_death_rate", "deaths")


def natural_increase_rate(result: xr.Dataset) -> xr.DataArray:
    """Births less deaths per 1,000 person-years of each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    xarray.DataArray
        Per 1,000 persons and year, (..., period): `crude_birth_rate` less `crude_death_rate`. NaN where there is
        nobody.

    Notes
    -----
    Person-years as in `crude_birth_rate`.
    """
    return _crude(result, natural_balance(result), "natural_increase_rate", "births less deaths")


def net_migration_rate(result: xr.Dataset) -> xr.DataArray:
    """Immigrants less emigrants per 1,000 person-years of each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result. Moves between its regions and changes between its groups do not count.

    Returns
    -------
    xarray.DataArray
        Per 1,000 persons and year, (..., period); NaN where there is nobody.

    Notes
    -----
    Person-years as in `crude_birth_rate`.
    """
    return _crude(result, net_migration(result), "net_migration_rate", "immigrants less emigrants")


def migration_share_of_growth(result: xr.Dataset) -> xr.DataArray:
    """Share of the growth of the population that is due to migration.

    Parameters
    ----------
    result : xarray.Dataset
        A result. Moves between its regions and changes between its groups count as growth only.

    Returns
    -------
    xarray.DataArray
        Immigrants less emigrants over growth, (..., period): above 1 where deaths exceed births, below 0 where
        births outweigh a loss by migration. NaN where the population does not grow. For several periods divide
        the sum of `net_migration` by that of `growth`: a mean of shares is something else.
    """
    grown = growth(result)
    shares = net_migration(result) / grown.where(grown > 0)
    return described(shares, "migration_share_of_growth", "share of growth that is due to migration")


def _ends(result: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Total population at the beginning and at the end of each period."""
    people = population(result).drop_vars("year").rename(year="period")
    begins, ends = (people.isel(period=part) for part in (slice(None, -1), slice(1, None)))
    return begins.assign_coords(period=result["period"]), ends.assign_coords(period=result["period"])


def _years(result: xr.Dataset) -> xr.DataArray:
    """Length of each period in years."""
    import xarray as xr

    return xr.DataArray(np.diff(result["year"].values), {"period": result["period"]}, "period")


def _crude(result: xr.Dataset, events: xr.DataArray, name: str, what: str) -> xr.DataArray:
    """Events per 1,000 person-years."""
    start, end = _ends(result)
    rate = 1000 * events / ((start + end) / 2 * _years(result))
    return described(rate, name, f"{what} per 1,000 persons and year", "1e-3 year-1")
