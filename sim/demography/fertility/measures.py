"""Measures of fertility: its total, its timing and what it replaces."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.lifetable.cohorts import cohorts
from sim.demography.roots import falling_root


class CohortFertility(NamedTuple):
    """Fertility of cohorts over all the ages at which women bear children."""

    ages: range
    """Ages from the youngest with births to the oldest."""
    birth_years: range
    """C cohorts; a rate of age x in year t belongs to t - x."""
    completed: Array
    """(C, ...) children per woman who lives through all these ages."""
    mean_age: Array
    """(C, ...) mean age at birth, years; not a number where a cohort has no children."""


def total_fertility(rates: ArrayLike, width: ArrayLike = 1) -> Array:
    """Children per woman who lives through all ages at the rates of a year.

    Parameters
    ----------
    rates : (..., A) array
        Births per woman and year.
    width : float or (A,) array
        Years of each age group.

    Returns
    -------
    (...) array
        Total fertility rate.

    Raises
    ------
    ValueError
        If a rate is negative or not a number, or a width is not above zero.
    """
    array = checked(rates, "fertility rates")
    total: Array = (array * _widths(width, array.shape[-1])).sum(axis=-1)
    return total


def mean_age_at_birth(rates: ArrayLike, first_ages: ArrayLike, widths: ArrayLike) -> Array:
    """Mean age of mothers at birth, free of the ages of the women there are.

    Parameters
    ----------
    rates : (..., A) array
        Births per woman and year; some in every row.
    first_ages : (A,) array
        First completed age of each group.
    widths : float or (A,) array
        Years of each group.

    Returns
    -------
    (...) array
        Years; births count in the middle of their group, those at completed age x at x + 0.5.

    Raises
    ------
    ValueError
        If a rate is negative or not a number, a row is all zero, or the groups do not fit.
    """
    births, middle = _births_and_middles(rates, first_ages, widths)
    mean: Array = (births * middle).sum(axis=-1) / births.sum(axis=-1)
    return mean


def standard_deviation_of_age_at_birth(rates: ArrayLike, first_ages: ArrayLike, widths: ArrayLike) -> Array:
    """Standard deviation of the age of mothers at birth.

    Parameters
    ----------
    rates, first_ages, widths
        As in `mean_age_at_birth`.

    Returns
    -------
    (...) array
        Years, with all births of a group in its middle.

    Raises
    ------
    ValueError
        As `mean_age_at_birth`.

    Notes
    -----
    No correction for grouping. Of a smooth curve the variance by groups of w years is about w²/12 larger than that
    by exact age (Sheppard's correction), which the parameters of `sim.demography.fertility.patterns` refer to.
    """
    births, middle = _births_and_middles(rates, first_ages, widths)
    total = births.sum(axis=-1, keepdims=True)
    away = middle - (births * middle).sum(axis=-1, keepdims=True) / total
    deviation: Array = np.sqrt((births * away * away).sum(axis=-1) / total[..., 0])
    return deviation


def gross_reproduction(rates: ArrayLike, sex_ratio_at_birth: ArrayLike, width: ArrayLike = 1) -> Array:
    """Daughters per woman who lives through all ages at the rates of a year.

    Parameters
    ----------
    rates : (..., A) array
        Births of both sexes per woman and year.
    sex_ratio_at_birth : (...) array
        Boys per girl.
    width : float or (A,) array
        Years of each age group.

    Returns
    -------
    (...) array
        Gross reproduction rate.

    Raises
    ------
    ValueError
        If a rate or the ratio is negative or not a number, or a width is not above zero.

    Notes
    -----
    Preston, Heuveline and Guillot (2001), Demography, section 5.4.
    """
    daughters: Array = total_fertility(rates, width) * _share_of_girls(sex_ratio_at_birth)
    return daughters


def net_reproduction(rates: ArrayLike, person_years_of_women: ArrayLike, sex_ratio_at_birth: ArrayLike) -> Array:
    """Daughters per newborn girl under the fertility and the mortality of a year.

    Parameters
    ----------
    rates : (..., A) array
        Births of both sexes per woman and year.
    person_years_of_women : (..., A) array
        Years lived in each age group per newborn girl, L of the women's life table with a radix of 1.
    sex_ratio_at_birth : (...) array
        Boys per girl.

    Returns
    -------
    (...) array
        Net reproduction rate. The width of the groups stands in the person-years.

    Raises
    ------
    ValueError
        If a value is negative or not a number, or rates and person-years have different ages.

    Notes
    -----
    Preston, Heuveline and Guillot (2001), Demography, section 5.4.
    """
    array = checked(rates, "fertility rates")
    lived = checked(person_years_of_women, "person-years", length=array.shape[-1])
    daughters: Array = (array * lived).sum(axis=-1) * _share_of_girls(sex_ratio_at_birth)
    return daughters


def mean_length_of_generation(
    rates: ArrayLike,
    person_years_of_women: ArrayLike,
    sex_ratio_at_birth: ArrayLike,
    first_ages: ArrayLike,
    widths: ArrayLike,
) -> Array:
    """Years in which a stable population grows by its net reproduction rate.

    Parameters
    ----------
    rates, person_years_of_women, sex_ratio_at_birth
        As in `net_reproduction`, with births to women who are alive in every row.
    first_ages, widths
        As in `mean_age_at_birth`.

    Returns
    -------
    (...) array
        T = ln(net reproduction rate) / intrinsic growth rate, years; where both are zero the limit of this, the mean
        age of mothers in the stationary population.

    Raises
    ------
    ValueError
        As `net_reproduction` and `mean_age_at_birth`.

    Notes
    -----
    The growth rate solves Lotka's equation with the births of a group in its middle (Preston, Heuveline and Guillot
    2001, Demography, chapter 7).
    """
    net = net_reproduction(rates, person_years_of_women, sex_ratio_at_birth)
    births = checked(np.multiply(rates, person_years_of_women), "births per newborn girl", rows=True)
    middle = _middles(first_ages, _widths(widths, births.shape[-1]))
    shares = births / births.sum(axis=-1, keepdims=True)

    def discounted(growth: Array) -> Array:
        with np.errstate(over="ignore"):
            logarithm: Array = np.log1p((shares * np.expm1(-growth[..., None] * middle)).sum(axis=-1))
        return logarithm

    with_births = np.where(births > 0, middle, np.nan)
    ends = np.log(net) / np.stack([np.nanmin(with_births, axis=-1), np.nanmax(with_births, axis=-1)])
    growth = falling_root(lambda rate: np.log(net) + discounted(rate), ends.min(axis=0), ends.max(axis=0))
    mean: Array = (shares * middle).sum(axis=-1)
    return np.where(growth == 0, mean, -discounted(growth) / np.where(growth == 0, 1, growth))


def cohort_fertility(rates: ArrayLike, first_year: int) -> CohortFertility:
    """Completed fertility of the cohorts whose whole childbearing lies within a table of years.

    Parameters
    ----------
    rates : (Y, ..., A) array
        Births per woman by year and by single age from 0 on.
    first_year : int
        Year of the first row.

    Returns
    -------
    CohortFertility
        Of the cohorts covered from the youngest to the oldest age with births anywhere in the table.

    Raises
    ------
    ValueError
        If a rate is negative or not a number, all are zero, or no cohort is covered.

    Notes
    -----
    A cohort reads a diagonal, as in `sim.demography.lifetable.cohorts`: its rates by completed age come from two
    birth years, of which the later one is named; by the age reached in the year they are of that birth year alone.
    Mothers count as half a year older than their age in both: of ages reached, take half a year off the mean.
    """
    array = checked(rates, "fertility rates")
    fertile = np.flatnonzero(array.any(axis=tuple(range(array.ndim - 1))))
    if not len(fertile):
        message = "fertility rates are all zero; one value above zero is needed"
        raise ValueError(message)
    ages = range(int(fertile[0]), int(fertile[-1]) + 1)
    found = cohorts(array, first_year, ages.start, ages.stop)
    completed = found.values.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        mean = (found.values * (np.array(ages) + 0.5)).sum(axis=-1) / completed
    return CohortFertility(ages, found.birth_years, completed, mean)


def numbers(values: ArrayLike, what: str, high: float = np.inf) -> Array:
    """Values without an axis of ages, if all of them are numbers from zero to a bound.

    Parameters
    ----------
    values : (...) array_like
        One or more.
    what : str
        What they are, plural, for messages.
    high : float
        Largest value allowed.

    Returns
    -------
    (...) array
        The values as floats.

    Raises
    ------
    ValueError
        Naming the first wrong value and what is allowed.
    """
    array = np.asarray(values, dtype=float)
    return checked(np.atleast_1d(array), what, high=high).reshape(array.shape)


def _births_and_middles(rates: ArrayLike, first_ages: ArrayLike, widths: ArrayLike) -> tuple[Array, Array]:
    """Births of each group and the age at its middle."""
    array = checked(rates, "fertility rates", rows=True)
    ages = array.shape[-1]
    years = _widths(widths, ages)
    return array * years, _middles(first_ages, years)


def _middles(first_ages: ArrayLike, years: Array) -> Array:
    """Age at the middle of each group."""
    return checked(first_ages, "first ages", length=len(years)) + years / 2


def _widths(width: ArrayLike, ages: int) -> Array:
    """Years of each group, a value each or one for all."""
    array = np.asarray(width, dtype=float)
    years = checked(np.full(ages, array) if array.ndim == 0 else array, "widths", length=ages)
    if not np.all(years > 0):
        message = "widths of age groups must be above zero"
        raise ValueError(message)
    return years


def _share_of_girls(sex_ratio_at_birth: ArrayLike) -> Array:
    """Girls among the births of both sexes."""
    share: Array = 1 / (1 + numbers(sex_ratio_at_birth, "sex ratios at birth"))
    return share
