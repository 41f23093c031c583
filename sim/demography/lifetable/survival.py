"""Survival ratios by cohort slot, and the stationary population they lead to."""

import numpy as np

from sim.axes import Array


def survival_ratios(person_years: Array) -> Array:
    """Survival ratios by cohort slot of a life table.

    Parameters
    ----------
    person_years : (..., A) array
        L_x of a table with a radix of 1; the last age open.

    Returns
    -------
    (..., A + 1) array
        Slot 0: L_0 / l_0, from birth to the end of the year; slot x: L_x / L_{x-1}; both slots of the open age:
        T_ω / T_{ω-1}, pooled.

    Notes
    -----
    Preston, Heuveline and Guillot (2001), Demography, section 6.3.1.
    """
    ratios = np.empty((*person_years.shape[:-1], person_years.shape[-1] + 1))
    ratios[..., 0] = person_years[..., 0]
    np.divide(person_years[..., 1:-1], person_years[..., :-2], out=ratios[..., 1:-2])
    pooled = person_years[..., -1] / (person_years[..., -2] + person_years[..., -1])
    ratios[..., -2:] = pooled[..., None]
    return ratios


def stationary_population(survival: Array) -> Array:
    """People of each age when one person is born a year and survival never changes.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot; those already in the open age survive with less than 1.

    Returns
    -------
    (..., A) array
        L_x with a radix of 1: person-years lived at each completed age, the last open.
    """
    people = np.empty_like(survival[..., :-1])
    np.cumprod(survival[..., :-1], axis=-1, out=people)
    np.divide(people[..., -1], 1 - survival[..., -1], out=people[..., -1], where=people[..., -1] > 0)
    return people


def life_expectancy(survival: Array) -> Array:
    """Period life expectancy at birth of survival ratios.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot.

    Returns
    -------
    (...) array
        e_0, years: the stationary population per yearly birth.
    """
    expectancy: Array = stationary_population(survival).sum(axis=-1)
    return expectancy
