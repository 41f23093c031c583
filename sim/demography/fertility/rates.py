"""Fertility rates by age: patterns, totals and the age they are counted by."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.axes import Array
from sim.demography.graduation import graduate


class FertilityByCohort(NamedTuple):
    """Births per person-year of the women of a cohort, before and after their birthday in the year."""

    before_birthday: Array
    """(..., A + 1) by cohort slot; slot 0, the newborn, is zero."""
    after_birthday: Array
    """(..., A + 1) by cohort slot."""


def single_year_pattern(edges: NDArray[np.int64], shares: Array, ages: int) -> Array:
    """Age pattern of fertility by single completed age from the shares of age groups.

    Parameters
    ----------
    edges : (G + 1,) integer array
        First age of each group, and the age at which the last one ends.
    shares : (..., G) array
        Share of the total fertility rate in each group.
    ages : int
        Number of single ages A of the result.

    Returns
    -------
    (..., ages) array
        Shares of the total by single age; zero outside the groups, group sums kept.
    """
    pattern = np.zeros((*shares.shape[:-1], ages))
    pattern[..., edges[0] : edges[-1]] = graduate(edges, shares)
    return pattern


def by_cohort(rates: Array, age: str) -> FertilityByCohort:
    """Fertility of each cohort slot in the parts of the year before and after its birthday.

    Parameters
    ----------
    rates : (..., A) array
        Births per woman and year by single age, the last open.
    age : {"completed", "reached"}
        Whether an age is the mother's at the birth or the one that her cohort reaches on 31 December.

    Returns
    -------
    FertilityByCohort
        By completed age a cohort that reaches age a bears at the rate of a - 1 and then at that of a; by age
        reached the rate holds all year. Those already in the open age keep its rate; the newborn bear nobody.
    """
    slots = (*rates.shape[:-1], rates.shape[-1] + 1)
    after = np.zeros(slots)
    after[..., :-1] = rates
    after[..., -1] = rates[..., -1]
    after[..., 0] = 0
    if age == "reached":
        return FertilityByCohort(after, after)
    before = np.zeros(slots)
    before[..., 1:] = rates
    return FertilityByCohort(before, after)
