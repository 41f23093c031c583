"""Survival ratios by cohort slot, and the stationary population they lead to."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked, rising


def survival_ratios(
    person_years: Array, *, open_death_rate: ArrayLike | None = None, first_ages: ArrayLike | None = None
) -> Array:
    """Survival ratios by cohort slot of a life table.

    Parameters
    ----------
    person_years : (..., A) array
        L_x of a table with a radix of 1; the last age open.
    open_death_rate : (...) array_like, optional
        m_ω of the open age, per year: both its slots then have a ratio of their own. Pooled where not given.
    first_ages : (A,) array_like, optional
        First age of each group: all of one width n, or 0, 1, 5, 10 and so on, of which the first two become one of
        five years. The ratios are then for a step of n years. Single ages where not given.

    Returns
    -------
    (..., A + 1) array
        Slot 0: L_0 / (n l_0), from birth to the end of the step; slot x: L_x / L_{x-1}; both slots of the open age:
        T_ω / T_{ω-1}, pooled. One age less where the first two groups become one.

    Raises
    ------
    ValueError
        If person-years or death rates are not above zero, contradict each other, or the groups have several widths.

    Notes
    -----
    Preston, Heuveline and Guillot (2001), Demography, section 6.3.1. With the death rate of the open age, the people
    in it are those of a stationary population with that constant hazard: a share exp(-n m_ω) of them stays, and the
    others are replaced by L_ω (1 - exp(-n m_ω)) who enter from the age before. Either way `stationary_population`
    returns L_x / n. Pooled ratios assume that those who enter die like those already there.
    """
    lived = checked(person_years, "person-years")
    width = 1.0
    if first_ages is not None:
        lived, width = _of_one_width(lived, first_ages)
    if lived.shape[-1] < 2 or not lived.min() > 0:
        message = "person-years must be above zero at every age, of which there are two or more"
        raise ValueError(message)
    ratios = np.empty((*lived.shape[:-1], lived.shape[-1] + 1))
    ratios[..., 0] = lived[..., 0] / width
    np.divide(lived[..., 1:-1], lived[..., :-2], out=ratios[..., 1:-2])
    if open_death_rate is None:
        pooled = lived[..., -1] / (lived[..., -2] + lived[..., -1])
        ratios[..., -2:] = pooled[..., None]
    else:
        _split_open_age(ratios, lived, width * np.asarray(open_death_rate, dtype=float))
    return ratios


def _of_one_width(lived: Array, first_ages: ArrayLike) -> tuple[Array, float]:
    """Person-years of groups of one width, and that width."""
    first = rising(first_ages, "first ages")
    if first[0] != 0 or len(first) != lived.shape[-1]:
        message = f"first ages are {len(first)} from {first[0]:g} on; needed are {lived.shape[-1]}, from 0 on"
        raise ValueError(message)
    if first[:3].tolist() == [0, 1, 5]:
        lived = np.concatenate([lived[..., :1] + lived[..., 1:2], lived[..., 2:]], axis=-1)
        first = np.delete(first, 1)
    if np.ptp(np.diff(first)) > 0:
        message = f"age groups from {first.tolist()} on have several widths; a step of a projection has one"
        raise ValueError(message)
    return lived, float(first[1])


def _split_open_age(ratios: Array, lived: Array, hazard: Array) -> None:
    """Ratios of those who enter the open age and of those already in it, whose hazard is that of a whole step."""
    if not (hazard.size > 0 and hazard.min() > 0 and hazard.max() < np.inf):
        message = "death rates of the open age must be finite and above zero"
        raise ValueError(message)
    ratios[..., -2] = -np.expm1(-hazard) * lived[..., -1] / lived[..., -2]
    ratios[..., -1] = np.exp(-hazard)
    if ratios[..., -2].max() > 1:
        message = "more people enter the open age than there are before it: its death rate is not that of the table"
        raise ValueError(message)


def stationary_population(survival: Array) -> Array:
    """People of each age when one person is born a year and survival never changes.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot; those already in the open age survive with less than 1.

    Returns
    -------
    (..., A) array
        L_x with a radix of 1: person-years lived at each completed age, the last open. Of ratios for a step of
        several years: in steps, L_x over the width.

    Notes
    -----
    The ratios are not checked: projections call this for every step of a search.
    """
    ratios = np.asarray(survival, dtype=float)
    people = np.empty((*ratios.shape[:-1], ratios.shape[-1] - 1))
    np.cumprod(ratios[..., :-1], axis=-1, out=people)
    np.divide(people[..., -1], 1 - ratios[..., -1], out=people[..., -1], where=people[..., -1] > 0)
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
        e_0, years: the stationary population per yearly birth. Of ratios for a step of several years: in steps.
    """
    expectancy: Array = stationary_population(survival).sum(axis=-1)
    return expectancy
