"""Mean years lived by children who die young: a_0 and a_1-4 from the death rate of infants."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import FEMALE, MALE, Array
from sim.demography.checks import checked

InfantRule = Callable[[Array], Array]

HIGH_INFANT_DEATH_RATE = 0.107
"""m_0 from which the values of the West model life tables no longer change."""


def andreev_kingkade(infant_death_rate: ArrayLike) -> Array:
    """Mean years lived in infancy by those who die in it, by the revision of the rule of Coale and Demeny.

    Parameters
    ----------
    infant_death_rate : (..., 2) array_like
        m_0, deaths per person-year, female and male.

    Returns
    -------
    (..., 2) array
        a_0, years.

    Raises
    ------
    ValueError
        If a rate is negative or not a number, or there are not two sexes.

    Notes
    -----
    Andreev and Kingkade (2015), Demographic Research 33(13), table 3-2, as used by the Human Mortality Database
    (Methods Protocol, version 6, section 7.1).
    """
    female, male, result = _by_sex(infant_death_rate)
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


def coale_demeny(infant_death_rate: ArrayLike) -> Array:
    """Mean years lived in infancy by those who die in it, from the West model life tables.

    Parameters
    ----------
    infant_death_rate : (..., 2) array_like
        m_0, deaths per person-year, female and male.

    Returns
    -------
    (..., 2) array
        a_0, years.

    Raises
    ------
    ValueError
        If a rate is negative or not a number, or there are not two sexes.

    Notes
    -----
    Coale and Demeny (1983) as formulas in m_0 by Preston, Heuveline and Guillot (2001), Demography, table 3.3.
    """
    female, male, result = _by_sex(infant_death_rate)
    result[..., FEMALE] = np.where(female < HIGH_INFANT_DEATH_RATE, 0.053 + 2.800 * female, 0.350)
    result[..., MALE] = np.where(male < HIGH_INFANT_DEATH_RATE, 0.045 + 2.684 * male, 0.330)
    return result


def coale_demeny_at_ages_1_to_4(infant_death_rate: ArrayLike) -> Array:
    """Mean years lived from age 1 to 5 by those who die there, from the West model life tables.

    Parameters
    ----------
    infant_death_rate : (..., 2) array_like
        m_0, deaths per person-year, female and male.

    Returns
    -------
    (..., 2) array
        a of the ages 1 to 4, years; it follows m_0, not the death rate of these ages.

    Raises
    ------
    ValueError
        If a rate is negative or not a number, or there are not two sexes.

    Notes
    -----
    Coale and Demeny (1983) as formulas in m_0 by Preston, Heuveline and Guillot (2001), Demography, table 3.3. The
    authors of `andreev_kingkade` give no such rule.
    """
    female, male, result = _by_sex(infant_death_rate)
    result[..., FEMALE] = np.where(female < HIGH_INFANT_DEATH_RATE, 1.522 - 1.518 * female, 1.361)
    result[..., MALE] = np.where(male < HIGH_INFANT_DEATH_RATE, 1.651 - 2.816 * male, 1.352)
    return result


def _by_sex(infant_death_rate: ArrayLike) -> tuple[Array, Array, Array]:
    """Rates of girls and of boys, and room for a result of both."""
    rates = checked(infant_death_rate, "death rates of infants", length=2)
    return rates[..., FEMALE], rates[..., MALE], np.empty(rates.shape)


INFANT_RULES: dict[str, InfantRule] = {"andreev_kingkade": andreev_kingkade, "coale_demeny": coale_demeny}
