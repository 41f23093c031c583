"""Hazards that are constant within a year, and what they do to the people exposed to them.

A cohort slot is a group of people who share their completed age on 1 January: slot 0 holds those born during
the year, slot ``x + 1`` those of completed age ``x``; the last slot those already in the open age. A table with
``A`` ages therefore has ``A + 1`` slots.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.axes import Array

SERIES_DEGREE = 8
LARGEST_SERIES_HAZARD = 0.1
NEWBORN_SERIES_DEGREE = 15
LARGEST_NEWBORN_SERIES_HAZARD = 1.0
INVERSE_SERIES = (2, 4 / 3, 10 / 9, 136 / 135, 386 / 405, 524 / 567, 38698 / 42525, 16496 / 18225)
"""Coefficients of d in powers of y where phi_1(-d) = 1 - y, from y on."""
LARGEST_SERIES_RISK = 0.01
NEWTON_STEPS = 50
ROUNDING = 4e-16
"""Share of a value that its last digits may be off; a root is no better known than that."""


class Exposure(NamedTuple):
    """The functions phi of minus a hazard: what one exposed person contributes over a year."""

    survive: Array
    """phi_0: present on 1 January → present on 31 December."""
    stock_years: Array
    """phi_1: person-years of one person of the stock; also even arrivals → present on 31 December."""
    entrant_years: Array
    """phi_2: person-years of one person who arrives evenly during the year."""


def exposure(hazard: Array) -> Exposure:
    """Survival and person-years of a year under a constant hazard.

    Parameters
    ----------
    hazard : array
        Total hazard of leaving, per year, zero or more, any shape.

    Returns
    -------
    Exposure
        Arrays of the shape of `hazard`; ``survive + hazard * stock_years`` and
        ``stock_years + hazard * entrant_years`` are 1.

    Notes
    -----
    phi_1(z) = (e^z - 1)/z and phi_2(z) = (e^z - 1 - z)/z^2 at z = -hazard (Hochbruck and Ostermann 2010, Acta
    Numerica 19). The quotients lose digits near zero, so small hazards take the Taylor series of phi_2.
    """
    large = hazard > LARGEST_SERIES_HAZARD
    minus = np.asarray(-hazard)
    entrant_years = _phi_series(minus, 2, SERIES_DEGREE)
    stock_years = np.asarray(minus * entrant_years)
    stock_years += 1
    np.divide(np.expm1(minus), minus, out=stock_years, where=large)
    np.divide(1 - stock_years, hazard, out=entrant_years, where=large)
    return Exposure(np.exp(minus), stock_years, entrant_years)


def entrant_years_of_newborn_entrants(hazard: Array) -> Array:
    """phi_3 of minus the hazard: half the person-years of one who is born and arrives evenly in the year.

    Parameters
    ----------
    hazard : array
        Total hazard of leaving, per year, any shape.

    Returns
    -------
    array
        Shape of `hazard`; 1/6 where the hazard is zero.
    """
    series = _phi_series(np.asarray(-hazard), 3, NEWBORN_SERIES_DEGREE)
    large = hazard > LARGEST_NEWBORN_SERIES_HAZARD
    if large.any():
        np.divide(0.5 - exposure(hazard).entrant_years, hazard, out=series, where=large)
    return series


def _phi_series(point: Array, order: int, terms: int) -> Array:
    """Taylor series of phi_order around zero: the sum of point^j / (j + order)!."""
    factorial = math.factorial(order + terms)
    total = np.asarray(point / factorial)
    for degree in range(order + terms, order, -1):
        factorial //= degree
        total += 1 / factorial
        if degree > order + 1:
            total *= point
    return total


def death_hazard(survival: Array) -> Array:
    """Hazards under which mortality alone returns given survival ratios.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot, above 0 and at most 1.

    Returns
    -------
    (..., A + 1) array
        Deaths per person-year: minus the logarithm of the ratio; for the newborn the root of phi_1(-d) = S_0.
    """
    hazard = -np.log(survival)
    hazard[..., 0] = newborn_hazard(survival[..., 0])
    return hazard


def newborn_hazard(survival: Array) -> Array:
    """Hazard under which births spread evenly over the year survive to its end in a given share.

    Parameters
    ----------
    survival : array
        Share of the births of a year who live on 31 December (S_0 = L_0 / l_0), above 0 and at most 1.

    Returns
    -------
    array
        The root d of phi_1(-d) = survival: the inverse series where few die, Newton's method from below elsewhere
        (phi_1 falls and is convex).

    Raises
    ------
    ValueError
        If hardly anybody survives, so that no root is found.
    """
    dying = 1 - survival
    hazard = np.asarray(dying * INVERSE_SERIES[-1])
    for coefficient in INVERSE_SERIES[-2::-1]:
        hazard += coefficient
        hazard *= dying
    many = dying > LARGEST_SERIES_RISK
    if many.any():
        hazard[many] = _newborn_root(survival[many], hazard[many])
    return hazard


def _newborn_root(survival: Array, hazard: Array) -> Array:
    """Root of phi_1(-d) = survival from a value below it."""
    for _ in range(NEWTON_STEPS):
        year = exposure(hazard)
        slope = year.stock_years - year.entrant_years
        step = (year.stock_years - survival) / slope
        if not _advance(hazard, step, 1e-15 * (1 + hazard) + ROUNDING * survival / slope):
            return hazard
    message = f"no hazard leads to a survival of {survival.min():g} from birth to 31 December"
    raise ValueError(message)


def _advance(point: Array, step: Array, tolerance: Array) -> bool:
    """Take the steps that matter, each cell by itself so that its root does not depend on its neighbours."""
    moving = np.abs(step) > tolerance
    np.add(point, step, out=point, where=moving)
    return bool(moving.any())


def survival_from_hazard(hazard: Array) -> Array:
    """Survival ratios by cohort slot of given death hazards, the inverse of `death_hazard`.

    Parameters
    ----------
    hazard : (..., A + 1) array
        Deaths per person-year by cohort slot.

    Returns
    -------
    (..., A + 1) array
        exp(-d); for the newborn phi_1(-d).
    """
    survival = np.exp(-hazard)
    survival[..., 0] = exposure(hazard[..., 0]).stock_years
    return survival


def emigration_hazard(share: Array, death: Array) -> Array:
    """Emigration hazard that takes a given share of the stock within the year, beside mortality.

    Parameters
    ----------
    share : (..., A + 1) array
        Emigrants of the year per person of the 1 January stock; slot 0 per birth. From 0 to below 1.
    death : (..., A + 1) array
        Death hazard, per year, by cohort slot.

    Returns
    -------
    (..., A + 1) array
        The root e of e * (person-years under d + e) = share.

    Raises
    ------
    ValueError
        If a share is not below 1, or no hazard takes it.
    """
    if not share.max() < 1:
        message = f"a share of {share.max():g} of a cohort cannot emigrate within a year; it is below 1"
        raise ValueError(message)
    wanted = np.broadcast_to(share, np.broadcast_shapes(share.shape, death.shape))
    hazard = np.array(wanted)
    for _ in range(NEWTON_STEPS):
        years, slope = _years_and_slope(hazard + death)
        rise = years + hazard * slope
        step = (wanted - hazard * years) / rise
        if not _advance(hazard, step, 1e-14 * hazard + ROUNDING * wanted / rise):
            return hazard
    message = f"no hazard of emigration takes a share of {share.max():g} of a cohort beside its mortality"
    raise ValueError(message)


def _years_and_slope(hazard: Array) -> tuple[Array, Array]:
    """Person-years of a person of the stock, of a birth in slot 0, and their derivative by the hazard."""
    year = exposure(hazard)
    years, slope = year.stock_years, year.entrant_years - year.stock_years
    newborn = hazard[..., 0]
    years[..., 0] = year.entrant_years[..., 0]
    slope[..., 0] = 2 * entrant_years_of_newborn_entrants(newborn) - year.entrant_years[..., 0]
    return years, slope
