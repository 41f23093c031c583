"""Cohorts along the diagonals of tables by calendar year and age."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked


class Cohorts(NamedTuple):
    """Values of cohorts whose ages all lie within the years of a table."""

    birth_years: range
    """Calendar year of birth of each cohort, rising."""
    values: Array
    """(C, ..., N) by cohort and age."""


def cohort(values: ArrayLike, first_year: int, birth_year: int, start: int, stop: int) -> Array:
    """Values of one cohort by age.

    Parameters
    ----------
    values : (Y, ..., A) array_like
        By calendar year, `first_year` first, and single completed age.
    first_year : int
        Calendar year of the first row.
    birth_year : int
        Calendar year in which the cohort is born; its age in a year is the difference of the years.
    start, stop : int
        First age, and the age after the last.

    Returns
    -------
    (..., N) array
        Values at each age from `start` to before `stop`.

    Raises
    ------
    ValueError
        Naming the first year and age that are not in the table; if a value is not a number.

    Notes
    -----
    A rate of completed age a in year t is that of two birth cohorts, t - a - 1 and t - a; the diagonal gives it to
    the younger one. An open age mixes all that reached it; whether it may end a cohort is for the caller to decide.
    """
    table = _table(values, start, stop)
    ages = np.arange(start, stop)
    rows = birth_year + ages - first_year
    missing = (rows < 0) | (rows >= len(table))
    if missing.any():
        age = int(ages[missing.argmax()])
        message = (
            f"the cohort born in {birth_year} lacks age {age} in {birth_year + age}; "
            f"the years are {first_year} to {first_year + len(table) - 1}"
        )
        raise ValueError(message)
    return np.moveaxis(table[rows, ..., ages], 0, -1)


def cohorts(values: ArrayLike, first_year: int, start: int, stop: int) -> Cohorts:
    """Values of every cohort that a table holds at all of the ages.

    Parameters
    ----------
    values : (Y, ..., A) array_like
        By calendar year, `first_year` first, and single completed age.
    first_year : int
        Calendar year of the first row.
    start, stop : int
        First age, and the age after the last.

    Returns
    -------
    Cohorts
        Of each cohort what `cohort` returns; nothing is filled.

    Raises
    ------
    ValueError
        If no cohort is complete, naming the first year and age that the oldest one lacks; if a value is not a
        number.
    """
    table = _table(values, start, stop)
    oldest = first_year - start
    cohort(table, first_year, oldest, start, stop)  # if the oldest is not complete, none is
    count = len(table) - (stop - start) + 1
    ages = np.arange(start, stop)
    rows = np.arange(count)[:, None] + ages - start
    diagonals = table[rows, ..., ages[None, :]]
    return Cohorts(range(oldest, oldest + count), np.moveaxis(diagonals, 1, -1))


def _table(values: ArrayLike, start: int, stop: int) -> Array:
    """Table by year and age, if it has the ages."""
    table = checked(values, "values by year and age", low=-np.inf)
    if table.ndim < 2:
        message = "values must have an axis of years, first, and one of ages, last"
        raise ValueError(message)
    if not 0 <= start < stop <= table.shape[-1]:
        message = f"ages {start} to {stop - 1} are not in the table, which has ages 0 to {table.shape[-1] - 1}"
        raise ValueError(message)
    return table
