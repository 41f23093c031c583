"""Single ages of an open age group."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked


def split_open_group(total: ArrayLike, person_years: ArrayLike, growth_rate: ArrayLike = 0.0) -> Array:
    """Divide an open age group like a stable population.

    Parameters
    ----------
    total : (...) array_like
        Persons of the open group, zero or more.
    person_years : (..., n) array_like
        Person-years L_x of a life table in the single ages of the open group, the last of them open; one above zero.
    growth_rate : (...) array_like
        Growth of the stable population per year; 0 is the stationary population of the life table.

    Returns
    -------
    (..., n) array
        Persons of the single ages; they sum to the total.

    Raises
    ------
    ValueError
        If an argument is not a number, a total or person-years are negative, or all person-years of a row are zero.

    Notes
    -----
    Ages in a stable population are in proportion to L_x exp(-r x) (Lotka 1939; Preston, Heuveline and Guillot 2001,
    Demography, section 7.3). Only differences of x matter, so x is counted from the first age of the group; people of
    the last, open age are taken to be of that age.
    """
    years = checked(person_years, "person-years", rows=True)
    persons = checked(np.asarray(total, dtype=float)[..., None], "totals of open groups")
    growth = checked(np.asarray(growth_rate, dtype=float)[..., None], "growth rates", low=-np.inf)
    weight = years * np.exp(-growth * np.arange(years.shape[-1]))
    single: Array = persons * weight / weight.sum(axis=-1, keepdims=True)
    return single
