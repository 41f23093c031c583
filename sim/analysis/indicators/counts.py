"""Numbers of persons, what makes them grow, and how they are divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.selection import part, step_of, years_in_words
from sim.axes import TOLD_APART_BY
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

STATES = ("group", "region")
"""Dimensions that divide a population, besides sex and age."""

_ROUNDING = 1e-9
"""Share of the inflow up to which inflow and outflow count as the same."""


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
    return described(total_of(result["population"]), "population", "population on 1 January")


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
    return _flow(result, total_of(result["births"]), "births", "live births")


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
    return _flow(result, total_of(result["deaths"]), "deaths", "deaths")


def immigration(result: xr.Dataset, **label: str) -> xr.DataArray:
    """Immigrants during each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result with gross flows.
    **label : str
        One of ``motive``, ``sponsor`` and ``nationality``, to count only those who have it: ``motive="family"``.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).

    Raises
    ------
    DataError
        Where only the balance of migration is known, or no immigrants have such a label.
    """
    if len(label) > 1 or not set(label) <= set(TOLD_APART_BY):
        message = f"immigrants are told apart by one of {', '.join(TOLD_APART_BY)}; given: {', '.join(label)}"
        raise DataError(message)
    for dimension, wanted in label.items():
        people = _gross(result, f"immigrants_by_{dimension}")
        known = [str(value) for value in people[dimension].values]
        if wanted not in known:
            message = f"no immigrants have the {dimension} '{wanted}'; there are: {', '.join(known)}"
            raise DataError(message)
        found = total_of(people.sel({dimension: wanted}, drop=True))
        return _flow(result, found, "immigration", f"immigrants, {dimension} {wanted}")
    return _flow(result, total_of(_gross(result, "immigrants")), "immigration", "immigrants")


def emigration(result: xr.Dataset) -> xr.DataArray:
    """Emigrants during each period.

    Parameters
    ----------
    result : xarray.Dataset
        A result with gross flows.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).

    Raises
    ------
    DataError
        Where only the balance of migration is known.
    """
    return _flow(result, total_of(_gross(result, "emigrants")), "emigration", "emigrants")


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
    return _flow(result, total_of(result["net_migrants"]), "net_migration", "immigrants less emigrants")


def moves(result: xr.Dataset) -> xr.DataArray:
    """Moves from other regions less moves to them during each period; nil where all regions are summed.

    Parameters
    ----------
    result : xarray.Dataset
        A result with several regions, or a part of one.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).

    Raises
    ------
    DataError
        Where nobody can move.
    """
    return _net(result, "moves", "moves from other regions less moves to them")


def changes(result: xr.Dataset) -> xr.DataArray:
    """Changes from other groups less changes to them during each period; nil where all groups are summed.

    Parameters
    ----------
    result : xarray.Dataset
        A result with several groups, or a part of one.

    Returns
    -------
    xarray.DataArray
        Persons, (..., period).

    Raises
    ------
    DataError
        Where nobody can change the group.
    """
    return _net(result, "changes", "changes from other groups less changes to them")


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
    return _flow(result, births(result) - deaths(result), "natural_balance", "births less deaths")


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
    return _flow(result, change, "growth", "growth of the population")


def components(result: xr.Dataset, region: str | None = None, group: str | None = None) -> xr.Dataset:
    """Components of change, which add up to the growth of the population.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    region, group : str, optional
        Part of the population; all of it where not given.

    Returns
    -------
    xarray.Dataset
        ``births``, ``deaths``, ``net_migration``, and ``growth`` in persons, (..., period); ``moves`` between
        regions and ``changes`` between groups where they do not cancel, as they do over all regions or groups.
        Births less deaths plus all others is growth.

    Raises
    ------
    DataError
        Where there is no such region or group.
    """
    import xarray as xr

    shown = part(result, region, group)
    parts = [births(shown), deaths(shown), net_migration(shown)]
    parts += [net(shown) for net in (moves, changes) if not _cancels(shown, net.__name__)]
    merged = xr.merge([*parts, growth(shown)])
    merged.attrs = {}
    return merged


def share(result: xr.Dataset, dimension: str) -> xr.DataArray:
    """Share of each group in the population of its region, or of each region in that of its group.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    dimension : str
        ``group`` or ``region``.

    Returns
    -------
    xarray.DataArray
        Shares on 1 January that sum to 1 over the dimension, (..., year, region, group); the other dimension stays.
        NaN where there is nobody.

    Raises
    ------
    DataError
        Where the population is not divided by such a dimension.
    """
    people = total_of(result["population"], ("sex", "age"))
    divided = [name for name in STATES if name in people.dims]
    if dimension not in divided:
        message = f"no shares by '{dimension}'; the population is divided by: {', '.join(divided) or 'neither'}"
        raise DataError(message)
    shares = people / people.sum(dimension, skipna=False)
    return described(shares, "share", f"share of the {dimension} in the population on 1 January")


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
    return described(year, "first_year_of_natural_decrease", meaning, "year")


def total_of(values: xr.DataArray, over: tuple[str, ...] = ("region", "group", "sex", "age")) -> xr.DataArray:
    """Sum over some dimensions, as far as they are there.

    Parameters
    ----------
    values : xarray.DataArray
        Persons.
    over : tuple of str
        Dimensions; regions, groups, sexes and ages where not given.

    Returns
    -------
    xarray.DataArray
        Persons, without these dimensions.
    """
    return values.sum([dimension for dimension in over if dimension in values.dims], skipna=False)


def described(values: xr.DataArray, name: str, long_name: str, units: str = "1") -> xr.DataArray:
    """Name an indicator and state its meaning and unit.

    Parameters
    ----------
    values : xarray.DataArray
        Values of the indicator.
    name, long_name, units : str
        What it is called, what it means, and its unit in CF terms.

    Returns
    -------
    xarray.DataArray
        The same values, without other attributes.
    """
    described = values.rename(name)
    described.attrs = {"long_name": long_name, "units": units}
    return described


def _flow(result: xr.Dataset, values: xr.DataArray, name: str, long_name: str) -> xr.DataArray:
    """Name a flow, and say during how many years where it is not one."""
    step = step_of(result)
    return described(values, name, long_name if step == 1 else f"{long_name} in {years_in_words(step)}")


def _gross(result: xr.Dataset, name: str) -> xr.DataArray:
    """Gross flow of a result that has it."""
    if name not in result:
        known = ", ".join(map(str, result.data_vars))
        message = f"there are no {name.replace('_', ' ')} in this result; it has: {known}"
        raise DataError(message)
    return result[name]


def _net(result: xr.Dataset, name: str, long_name: str) -> xr.DataArray:
    """Inflow less outflow of a part of the population from other parts."""
    if f"{name}_in" not in result:
        message = f"there are no {name} in this result; it has: {', '.join(map(str, result.data_vars))}"
        raise DataError(message)
    inflow, outflow = (total_of(result[f"{name}_{way}"]) for way in ("in", "out"))
    return _flow(result, inflow - outflow, name, long_name)


def _cancels(result: xr.Dataset, name: str) -> bool:
    """Whether as many come as leave, as they do where there is nowhere else to come from."""
    if f"{name}_in" not in result:
        return True
    inflow, outflow = (total_of(result[f"{name}_{way}"]) for way in ("in", "out"))
    return bool(np.all(np.abs(inflow - outflow) <= _ROUNDING * inflow))
