"""Single-year period life tables and survival ratios."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.axes import FEMALE, MALE, Array

InfantRule = Callable[[Array], Array]


class LifeTable(NamedTuple):
    """Columns of a life table with a radix of 1, each (..., A); the last age is open."""

    death_rate: Array
    """m_x, deaths per person-year."""
    years_lived_by_dying: Array
    """a_x, mean years lived in the age by those who die in it."""
    death_probability: Array
    """q_x, from one exact age to the next; 1 in the open age."""
    survivors: Array
    """l_x, at the exact age."""
    deaths: Array
    """d_x, within the age."""
    person_years: Array
    """L_x, lived within the age."""
    person_years_remaining: Array
    """T_x, lived from the exact age on."""
    life_expectancy: Array
    """e_x, years."""


def andreev_kingkade(infant_death_rate: Array) -> Array:
    """Mean years lived in infancy by those who die in it, by the revision of the rule of Coale and Demeny.

    Parameters
    ----------
    infant_death_rate : (..., 2) array
        m_0, deaths per person-year, female and male.

    Returns
    -------
    (..., 2) array
        a_0, years.

    Notes
    -----
    Andreev and Kingkade (2015), Demographic Research 33(13), table 3-2, as used by the Human Mortality Database
    (Methods Protocol, version 6, section 7.1).
    """
    female, male = infant_death_rate[..., FEMALE], infant_death_rate[..., MALE]
    result = np.empty_like(infant_death_rate)
    result[..., FEMALE] = np.select(
        [female < 0.01724, female < 0.06891],
        [0.14903 - 2.05527 * female, 0.04667 + 3.88089 * female],
        0.31411,
    )
    result[..., MALE] = np.select(
        [male < 0.02300, male < 0.08307],
        [0.14929 - 1.99545 * male, 0.02832 + 3.26021 * male],
        0.29915,
    )
    return result


def coale_demeny(infant_death_rate: Array) -> Array:
    """Mean years lived in infancy by those who die in it, from the West model life tables.

    Parameters
    ----------
    infant_death_rate : (..., 2) array
        m_0, deaths per person-year, female and male.

    Returns
    -------
    (..., 2) array
        a_0, years.

    Notes
    -----
    Coale and Demeny (1983) as formulas in m_0 by Preston, Heuveline and Guillot (2001), Demography, table 3.3.
    """
    female, male = infant_death_rate[..., FEMALE], infant_death_rate[..., MALE]
    result = np.empty_like(infant_death_rate)
    result[..., FEMALE] = np.where(female < 0.107, 0.053 + 2.800 * female, 0.350)
    result[..., MALE] = np.where(male < 0.107, 0.045 + 2.684 * male, 0.330)
    return result


INFANT_RULES: dict[str, InfantRule] = {"andreev_kingkade": andreev_kingkade, "coale_demeny": coale_demeny}


def life_table(death_rate: Array, infant_rule: InfantRule = andreev_kingkade) -> LifeTable:
    """Life table of death rates by single completed age.

    Parameters
    ----------
    death_rate : (..., 2, A) array
        m_x, deaths per person-year, female and male, the last age open and above zero.
    infant_rule : function
        a_0 from m_0; `andreev_kingkade` or `coale_demeny`. All other a_x are one half, the open one 1/m.

    Returns
    -------
    LifeTable
        Columns of shape (..., 2, A).

    Raises
    ------
    ValueError
        If a rate is negative or not a number, the open age's is zero, or one leaves nobody before the open age.

    Notes
    -----
    Preston, Heuveline and Guillot (2001), Demography, box 3.1.
    """
    if not np.all(death_rate >= 0) or not np.all(death_rate[..., -1] > 0):
        message = "death rates must be zero or more, and above zero in the open age"
        raise ValueError(message)
    lived = np.full_like(death_rate, 0.5)
    lived[..., 0] = infant_rule(death_rate[..., 0])
    lived[..., -1] = 1 / death_rate[..., -1]
    probability = death_rate / (1 + (1 - lived) * death_rate)
    probability[..., -1] = 1
    if np.any(probability[..., :-1] >= 1):
        age = int(np.argwhere(probability[..., :-1] >= 1)[0][-1])
        message = f"nobody survives age {age}, but the table goes on: lower its rate or make it the open age"
        raise ValueError(message)
    survivors = np.ones_like(death_rate)
    np.cumprod(1 - probability[..., :-1], axis=-1, out=survivors[..., 1:])
    deaths = survivors * probability
    person_years = survivors - (1 - lived) * deaths
    person_years[..., -1] = survivors[..., -1] / death_rate[..., -1]
    remaining = np.cumsum(person_years[..., ::-1], axis=-1)[..., ::-1]
    return LifeTable(death_rate, lived, probability, survivors, deaths, person_years, remaining, remaining / survivors)


def death_rate_from_probability(probability: Array, infant_rule: InfantRule = andreev_kingkade) -> Array:
    """Death rates of a life table given by its probabilities of dying.

    Parameters
    ----------
    probability : (..., 2, A) array
        q_x by exact age, female and male, below 1; in the open age the probability of dying within one year.
    infant_rule : function
        a_0 from m_0, as in `life_table`.

    Returns
    -------
    (..., 2, A) array
        m_x, deaths per person-year; m_0 by iteration with its own a_0, the open age's -ln(1 - q).
    """
    rate = probability / (1 - 0.5 * probability)
    infant = probability[..., 0]
    for _ in range(100):
        previous = rate[..., 0].copy()
        rate[..., 0] = infant / (1 - (1 - infant_rule(previous)) * infant)
        if np.all(np.abs(rate[..., 0] - previous) <= 1e-16):
            break
    rate[..., -1] = -np.log1p(-probability[..., -1])
    return rate


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
