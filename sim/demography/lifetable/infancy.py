"""Mean years lived by children who die young: a_0 from the death rate of infants."""

from collections.abc import Callable

import numpy as np

from sim.axes import FEMALE, MALE, Array

InfantRule = Callable[[Array], Array]


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
