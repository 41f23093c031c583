"""Life tables."""

from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.demography.lifetable.infancy import InfantRule, andreev_kingkade


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
