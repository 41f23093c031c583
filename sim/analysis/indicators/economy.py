"""What ages mean for an economy: people times what a person of their age does, earns or costs.

A rate, or a profile, has any of the dimensions of the population, and holds for all labels of those that it does
not have. It is a DataArray, or a pandas Series with index names. An age stands for itself and all older ages up to
the next that has a value: the rate of an age group is that of its first age and holds for all its ages, the last
group is open, and ages with nothing need a zero. Values of single ages go up to the open age of the result. Values
of a year go with its 1 January; with ``period`` in place of ``year`` the last 1 January is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.indicators.ages import edges_in_words
from sim.analysis.indicators.counts import described, total_of
from sim.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def labour_force(result: xr.Dataset, rates: xr.DataArray | pd.Series[float]) -> xr.DataArray:
    """People who take part in the labour market on 1 January.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    rates : xarray.DataArray or pandas.Series
        Participation rates, 0 to 1, by any of year or period, region, group, sex and age. The rate of an age group,
        which stands at its first age, holds for all its ages, that of the last group for all older ages.

    Returns
    -------
    xarray.DataArray
        Persons, (..., year).

    Raises
    ------
    DataError
        Where a rate is not between 0 and 1, or ages or other labels of the rates do not fit the result.
    """
    people, aligned = _aligned(result, rates, "participation rates", 0, 1)
    return described(total_of(people * aligned), "labour_force", "labour force on 1 January")


def age_profile_aggregate(result: xr.Dataset, profile: xr.DataArray | pd.Series[float]) -> xr.DataArray:
    """Sum over all people of an amount per person: cost of care, pensions, contributions, pupils.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    profile : xarray.DataArray or pandas.Series
        Amounts per person by any of year or period, region, group, sex and age; amounts of an age group stand at its
        first age, as in `labour_force`.

    Returns
    -------
    xarray.DataArray
        (..., year), in the unit of the profile's attribute ``units``, or 1.

    Raises
    ------
    DataError
        Where an amount is not a number, or ages or other labels of the profile do not fit the result.
    """
    people, aligned = _aligned(result, profile, "amounts per person")
    units = str(profile.attrs.get("units", "1"))
    return described(total_of(people * aligned), "age_profile_aggregate", "aggregate on 1 January", units)


def age_structure_effect(result: xr.Dataset, profile: xr.DataArray | pd.Series[float], base_year: int) -> xr.DataArray:
    """What the structure of the population alone makes of an amount per head: the cost of ageing.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    profile : xarray.DataArray or pandas.Series
        Amounts per person as in `age_profile_aggregate`. Of amounts by year or period, those of the base year hold
        for all years.
    base_year : int
        Year whose amount per head is 100.

    Returns
    -------
    xarray.DataArray
        Amount per head on 1 January, (..., year), with the amounts per person of the base year, which is 100.

    Raises
    ------
    DataError
        As `age_profile_aggregate`, or where there is no such year in the result or the profile.

    Notes
    -----
    Direct standardisation the other way round: the rates are those of the base year, the structures those of each
    year (Preston, Heuveline and Guillot 2001, Demography, section 2.2). Structure is that by age and by all else
    by which the profile differs.
    """
    constant = _as_array(profile, "amounts per person")
    for dimension in {"year", "period"} & set(constant.dims):
        if base_year not in constant[dimension].values:
            message = f"amounts per person have nothing for {base_year}"
            raise DataError(message)
        constant = constant.sel({dimension: base_year}, drop=True)
    per_head = age_profile_aggregate(result, constant) / total_of(result["population"])
    meaning = "amount per head on 1 January that follows from the structure of the population"
    return index(described(per_head, "age_structure_effect", meaning), base_year)


def index(values: xr.DataArray, base_year: int) -> xr.DataArray:
    """Set an indicator to 100 in a base year.

    Parameters
    ----------
    values : xarray.DataArray
        An indicator by ``year`` or ``period``.
    base_year : int
        Year that becomes 100.

    Returns
    -------
    xarray.DataArray
        Percent of the value in the base year, with the same dimensions; not finite where that is zero.

    Raises
    ------
    DataError
        Where the indicator is not by year or period, or has no such year.
    """
    dimension = next((name for name in ("year", "period") if name in values.dims), None)
    if dimension is None:
        message = (
            f"an index needs values by year or period; these are by {', '.join(map(str, values.dims)) or 'nothing'}"
        )
        raise DataError(message)
    years = values[dimension].values
    if base_year not in years:
        message = f"there is no value of the base year {base_year}; there are {years[0]} to {years[-1]}"
        raise DataError(message)
    meaning = f"{values.attrs.get('long_name', values.name)} ({base_year} = 100)"
    share = values / values.sel({dimension: base_year}, drop=True)
    return described(100 * share, str(values.name), meaning, "percent")


def _aligned(
    result: xr.Dataset, values: xr.DataArray | pd.Series[float], what: str, low: float = -np.inf, high: float = np.inf
) -> tuple[xr.DataArray, xr.DataArray]:
    """People of a result, and values that belong to each of them, with the labels of the people."""
    people, profile = result["population"], _as_array(values, what)
    if "period" in profile.dims and "year" not in profile.dims and "year" in people.dims:
        profile = profile.rename(period="year")
        people = people.isel(year=np.isin(people["year"], result["period"]))
    wrong = ~((profile >= low) & (profile <= high) & (abs(profile) < np.inf))
    if wrong.any():
        allowed = "finite numbers" if high == np.inf else f"{low:g} to {high:g}"
        message = f"{what} hold {profile.values[wrong.values][0]:g}{_first_place(wrong)}; allowed are {allowed}"
        raise DataError(message)
    for dimension in map(str, profile.dims):
        if dimension not in people.dims:
            message = f"{what} are by '{dimension}'; the population is by {', '.join(map(str, people.dims))}"
            raise DataError(message)
        if dimension == "age":
            _check_ages(result, profile["age"].values, what)
            profile = profile.reindex(age=people["age"].values, method="ffill")
        else:
            _check_labels(people, profile, dimension, what)
            profile = profile.sel({dimension: people[dimension].values})
    return people, profile


def _as_array(values: xr.DataArray | pd.Series[float], what: str) -> xr.DataArray:
    """Values as floats with nothing but labels along their dimensions, each label once."""
    import pandas as pd
    import xarray as xr

    if isinstance(values, pd.Series):
        if not values.index.is_unique:
            message = f"{what} have two values for {values.index[values.index.duplicated()][0]}"
            raise DataError(message)
        values = xr.DataArray.from_series(values)
    if not isinstance(values, xr.DataArray):
        message = f"{what} are a {type(values).__name__}; allowed are a DataArray or a pandas Series"
        raise DataError(message)
    for dimension in values.dims:
        if dimension not in values.indexes or not values.indexes[dimension].is_unique:
            message = f"{what} need a label for each {dimension}, each of them once"
            raise DataError(message)
    return values.reset_coords(drop=True).astype(float)


def _check_labels(people: xr.DataArray, profile: xr.DataArray, dimension: str, what: str) -> None:
    """Raise an error unless there is a value for each label of the population, and, but for years, for no other."""
    asked, given = people[dimension].values.tolist(), profile[dimension].values.tolist()
    missing = [label for label in asked if label not in given]
    unknown = [label for label in given if label not in asked and dimension != "year"]
    if missing or unknown:
        fault = f"nothing for {dimension} '{missing[0]}'" if missing else f"{dimension} '{unknown[0]}'"
        message = f"{what} have {fault}; the population has {', '.join(map(str, asked))}"
        raise DataError(message)


def _check_ages(result: xr.Dataset, ages: np.ndarray, what: str) -> None:
    """Raise an error unless each age of the result has one value that holds for it."""
    known = result["age"].values
    if ages.dtype.kind not in "iuf" or not np.all(np.diff(ages) > 0):
        message = f"{what} have the ages {', '.join(map(str, ages))}; allowed are first ages of groups that rise"
        raise DataError(message)
    unknown = ages[~np.isin(ages, known)]
    if len(unknown):
        message = f"{what} have the age {unknown[0]}, which begins no age group; {edges_in_words(result)}"
        raise DataError(message)
    if ages[0] != known[0]:
        message = f"{what} begin at age {ages[0]}; younger ages need a value too, if only zero, from {known[0]} on"
        raise DataError(message)
    if len(ages) > 1 and ages[-1] != known[-1] and np.all(np.diff(ages) == 1):
        message = f"{what} of single ages end at {ages[-1]}; they must go up to the open age {known[-1]}"
        raise DataError(message)


def _first_place(wrong: xr.DataArray) -> str:
    """Words on the labels of the first cell that is wrong."""
    cell = np.argwhere(wrong.values)[0]
    places = [f"{name} {wrong[name].values[at]}" for name, at in zip(wrong.dims, cell, strict=True)]
    return f" at {', '.join(places)}" if places else ""
