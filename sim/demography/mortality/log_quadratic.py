"""Model life tables of the log-quadratic system: from child mortality, or child and adult mortality, to all ages."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.lifetable import coale_demeny, coale_demeny_at_ages_1_to_4
from sim.demography.roots import falling_root

LOG_QUADRATIC_AGES = (0, 1, *range(5, 111, 5))
"""First ages of the 24 age groups: 0, 1-4, 5-9 and so on to 110 and over."""

COEFFICIENTS = np.array(
    (
        (
            (-0.6619, 0.7684, -0.0277, 0.0),
            (-2.5608, 1.7937, 0.1082, 0.2788),
            (-3.2435, 1.6653, 0.1088, 0.3423),
            (-3.1099, 1.5797, 0.1147, 0.4007),
            (-2.9789, 1.5053, 0.1011, 0.4133),
            (-3.0185, 1.3729, 0.0815, 0.3884),
            (-3.0201, 1.2879, 0.0778, 0.3391),
            (-3.1487, 1.1071, 0.0637, 0.2829),
            (-3.2690, 0.9339, 0.0533, 0.2246),
            (-3.5202, 0.6642, 0.0289, 0.1774),
            (-3.4076, 0.5556, 0.0208, 0.1429),
            (-3.2587, 0.4461, 0.0101, 0.1190),
            (-2.8907, 0.3988, 0.0042, 0.0807),
            (-2.6608, 0.2591, -0.0135, 0.0571),
            (-2.2949, 0.1759, -0.0229, 0.0295),
            (-2.0414, 0.0481, -0.0354, 0.0114),
            (-1.7308, -0.0064, -0.0347, 0.0033),
            (-1.4473, -0.0531, -0.0327, 0.0040),
            (-1.1582, -0.0617, -0.0259, 0.0),
            (-0.8655, -0.0598, -0.0198, 0.0),
            (-0.6294, -0.0513, -0.0134, 0.0),
            (-0.4282, -0.0341, -0.0075, 0.0),
            (-0.2966, -0.0229, -0.0041, 0.0),
        ),
        (
            (-0.5101, 0.8164, -0.0245, 0.0),
            (-3.0435, 1.5270, 0.0817, 0.1720),
            (-3.9554, 1.2390, 0.0638, 0.1683),
            (-3.9374, 1.0425, 0.0750, 0.2161),
            (-3.4165, 1.1651, 0.0945, 0.3022),
            (-3.4237, 1.1444, 0.0905, 0.3624),
            (-3.4438, 1.0682, 0.0814, 0.3848),
            (-3.4198, 0.9620, 0.0714, 0.3779),
            (-3.3829, 0.8337, 0.0609, 0.3530),
            (-3.4456, 0.6039, 0.0362, 0.3060),
            (-3.4217, 0.4001, 0.0138, 0.2564),
            (-3.4144, 0.1760, -0.0128, 0.2017),
            (-3.1402, 0.0921, -0.0216, 0.1616),
            (-2.8565, 0.0217, -0.0283, 0.1216),
            (-2.4114, 0.0388, -0.0235, 0.0864),
            (-2.0411, 0.0093, -0.0252, 0.0537),
            (-1.6456, 0.0085, -0.0221, 0.0316),
            (-1.3203, -0.0183, -0.0219, 0.0061),
            (-1.0368, -0.0314, -0.0184, 0.0),
            (-0.7310, -0.0170, -0.0133, 0.0),
            (-0.5024, -0.0081, -0.0086, 0.0),
            (-0.3275, 0.0001, -0.0048, 0.0),
            (-0.2212, 0.0028, -0.0027, 0.0),
        ),
    )
)
"""a_x, b_x, c_x and v_x of female and male, without ages 1-4: Wilmoth, Zureick, Canudas-Romo, Inoue and Sawyer (2012),
Population Studies 66(1), table 3."""

LOWEST_CHILD_MORTALITY, HIGHEST_CHILD_MORTALITY = 1e-4, 0.9
LARGEST_SHAPE = 10.0
LARGEST_MONOTONE_SHAPE = 2.0
"""Adult shape above which life expectancy does not fall everywhere as child mortality rises."""
GROUP = 5
ADULT = slice(LOG_QUADRATIC_AGES.index(15), LOG_QUADRATIC_AGES.index(60))
PROBABILITY_TOLERANCE = 1e-13


class LogQuadratic(NamedTuple):
    """A model life table and its two parameters."""

    death_rates: Array
    """(..., 2, 24) m_x of the ages in `LOG_QUADRATIC_AGES`, deaths per person-year, female and male."""
    child_mortality: Array
    """(..., 2) 5q0, probability of dying before age 5."""
    adult_shape: Array
    """(..., 2) k, above zero where adults die more than child mortality suggests."""


def log_quadratic(child_mortality: ArrayLike, adult_shape: ArrayLike = 0.0) -> Array:
    """Death rates of a model life table with a given child mortality.

    Parameters
    ----------
    child_mortality : (..., 2) array
        5q0, probability of dying before age 5, female and male, from 0.0001 to 0.9.
    adult_shape : array
        k, from -10 to 10, broadcast against `child_mortality`; 0 is the usual adult mortality at that child
        mortality.

    Returns
    -------
    (..., 2, 24) array
        m_x of the ages in `LOG_QUADRATIC_AGES`, deaths per person-year.

    Raises
    ------
    ValueError
        If an input is out of bounds or has no axis of two sexes.

    Notes
    -----
    ln m_x = a_x + b_x h + c_x h^2 + v_x k with h = ln 5q0; the rate of ages 1-4 is the one under which 5q0 is
    returned, with the mean years lived by the dying of Coale and Demeny. Wilmoth and others (2012). The coefficients
    come from historical life tables: at today's low mortality life expectancy comes out a year or more too low.
    """
    child = checked(
        child_mortality, "values of child mortality", low=LOWEST_CHILD_MORTALITY, high=HIGHEST_CHILD_MORTALITY, length=2
    )
    shape = checked(np.atleast_1d(adult_shape), "adult shapes", low=-LARGEST_SHAPE, high=LARGEST_SHAPE)
    return _rates(*np.broadcast_arrays(child, shape.reshape(np.shape(adult_shape))))


def log_quadratic_from_adult_mortality(child_mortality: ArrayLike, adult_mortality: ArrayLike) -> LogQuadratic:
    """Model life table with a given child and adult mortality.

    Parameters
    ----------
    child_mortality : (..., 2) array
        5q0, probability of dying before age 5, female and male, from 0.0001 to 0.9.
    adult_mortality : (..., 2) array
        45q15, probability that someone aged 15 dies before age 60; broadcast against `child_mortality`.

    Returns
    -------
    LogQuadratic
        The rates, which return both, and k.

    Raises
    ------
    ValueError
        If an input is out of bounds, or no k between -10 and 10 leads to the adult mortality.
    """
    adult = checked(adult_mortality, "values of adult mortality", high=1, length=2)
    base = log_quadratic(child_mortality)[..., ADULT]
    sensitivity = COEFFICIENTS[:, ADULT.start - 1 : ADULT.stop - 1, 3]

    def excess(shape: Array) -> Array:
        hazard = GROUP * (base * np.exp(sensitivity * shape[..., None])).sum(axis=-1)
        surviving: Array = np.exp(-hazard)
        return surviving - (1 - adult)

    bound = np.full(np.broadcast_shapes(base.shape[:-1], adult.shape), LARGEST_SHAPE)
    try:
        shape = falling_root(excess, -bound, bound, PROBABILITY_TOLERANCE)
    except ValueError as error:
        message = "no adult shape between -10 and 10 leads to this adult mortality"
        raise ValueError(message) from error
    child = np.broadcast_to(np.asarray(child_mortality, dtype=float), shape.shape).copy()
    return LogQuadratic(_rates(child, shape), child, shape)


def log_quadratic_to_life_expectancy(life_expectancy: ArrayLike, adult_shape: ArrayLike = 0.0) -> LogQuadratic:
    """Model life table with a given life expectancy at birth.

    Parameters
    ----------
    life_expectancy : (..., 2) array
        e_0, years, female and male.
    adult_shape : array
        k, from -10 to 2, broadcast against `life_expectancy`. Above 2 more than one child mortality may lead to the
        same life expectancy.

    Returns
    -------
    LogQuadratic
        The rates, which return e_0 within 1e-9 years, and 5q0.

    Raises
    ------
    ValueError
        If an input is out of bounds, or no child mortality between 0.0001 and 0.9 leads to the life expectancy.
    """
    expectancy = checked(life_expectancy, "life expectancies", length=2)
    shape = checked(np.atleast_1d(adult_shape), "adult shapes", low=-LARGEST_SHAPE, high=LARGEST_MONOTONE_SHAPE)
    expectancy, shape = np.broadcast_arrays(expectancy, shape.reshape(np.shape(adult_shape)))

    def excess(log_child: Array) -> Array:
        return _life_expectancy(_rates(np.exp(log_child), shape)) - expectancy

    low, high = (np.full(shape.shape, np.log(end)) for end in (LOWEST_CHILD_MORTALITY, HIGHEST_CHILD_MORTALITY))
    try:
        child = np.exp(falling_root(excess, low, high))
    except ValueError as error:
        message = "no child mortality between 0.0001 and 0.9 leads to this life expectancy"
        raise ValueError(message) from error
    return LogQuadratic(_rates(child, shape), child, shape)


def log_quadratic_life_expectancy(death_rates: ArrayLike) -> Array:
    """Life expectancy at birth of the death rates of a model life table.

    Parameters
    ----------
    death_rates : (..., 2, 24) array
        m_x of the ages in `LOG_QUADRATIC_AGES`, deaths per person-year, female and male, above zero.

    Returns
    -------
    (..., 2) array
        e_0, years.

    Raises
    ------
    ValueError
        If a rate is out of bounds, or axes of two sexes and 24 ages are missing.

    Notes
    -----
    As the authors' published programs do it: mean years lived by the dying of Coale and Demeny below age 5, a
    constant hazard within every age group from there on.
    """
    rates = checked(death_rates, "death rates", length=len(LOG_QUADRATIC_AGES))
    if rates.ndim < 2 or rates.shape[-2] != 2 or not rates.min() > 0:
        message = f"death rates of two sexes above zero are needed; there are {rates.shape}, from {rates.min():g}"
        raise ValueError(message)
    return _life_expectancy(rates)


def _rates(child: Array, shape: Array) -> Array:
    """Death rates of child mortality and adult shape, (..., 2) each."""
    level = np.log(child)[..., None]
    constant, linear, quadratic, sensitivity = np.moveaxis(COEFFICIENTS, -1, 0)
    rates = np.empty((*child.shape, len(LOG_QUADRATIC_AGES)))
    logs = constant + (linear + quadratic * level) * level + sensitivity * shape[..., None]
    np.exp(logs[..., :1], out=rates[..., :1])
    np.exp(logs[..., 1:], out=rates[..., 2:])
    infant = rates[..., 0]
    probability = 1 - (1 - child) / (1 - infant / (1 + (1 - coale_demeny(infant)) * infant))
    rates[..., 1] = probability / (4 - (4 - coale_demeny_at_ages_1_to_4(infant)) * probability)
    return rates


def _life_expectancy(rates: Array) -> Array:
    """e_0 of death rates."""
    infant, young, older = rates[..., 0], rates[..., 1], rates[..., 2:]
    infant_years, young_years = coale_demeny(infant), coale_demeny_at_ages_1_to_4(infant)
    infant_deaths = infant / (1 + (1 - infant_years) * infant)
    young_deaths = (1 - infant_deaths) * 4 * young / (1 + (4 - young_years) * young)
    at_five = 1 - infant_deaths - young_deaths
    hazard = np.cumsum(GROUP * older[..., :-1], axis=-1)
    lived = -np.expm1(-GROUP * older) / older
    lived[..., -1] = 1 / older[..., -1]
    lived[..., 1:] *= np.exp(-hazard)
    below = 1 - (1 - infant_years) * infant_deaths + 4 * at_five + young_years * young_deaths
    expectancy: Array = below + at_five * lived.sum(axis=-1)
    return expectancy
