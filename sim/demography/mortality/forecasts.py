"""Forecasts after Lee and Carter: along the drift of the index, and with an age pattern that rotates on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked, rising
from sim.demography.mortality.lee_carter import LeeCarter, first_place, index_of_life_expectancy, require_shape

FEWEST_YEARS = 3
FIRST_EXPECTANCY = 80.0
LAST_EXPECTANCY = 102.0
"""Life expectancies at birth, years, where the rotation begins and where it is complete."""
EXPONENT = 0.5
FIRST_OLD_AGE = 65.0


class Drift(NamedTuple):
    """Random walk with drift of an index."""

    per_year: Array
    """(...) drift, mean change of the index per year."""
    standard_error: Array
    """(...) of the drift."""
    innovation_variance: Array
    """(...) variance of the change of one year about the drift."""


def drift(fit: LeeCarter) -> Drift:
    """Random walk with drift that the index of a fit follows.

    Parameters
    ----------
    fit : LeeCarter
        Of three years or more.

    Returns
    -------
    Drift
        Arrays of shape (...).

    Raises
    ------
    ValueError
        If there are fewer than three years.

    Notes
    -----
    The change over a gap of g years has mean g times the drift and variance g times that of one year. Maximum
    likelihood then makes the drift (k_T - k_1) / (t_T - t_1), whatever years are missing between; the variance is the
    sum of (change - g drift)^2 / g divided by the number of changes less 1, without bias. Lee and Carter (1992),
    section 5, for years without gaps.
    """
    if len(fit.years) < FEWEST_YEARS:
        message = f"{len(fit.years)} years are too few for a random walk with drift; it takes {FEWEST_YEARS}"
        raise ValueError(message)
    span = fit.years[-1] - fit.years[0]
    per_year = (fit.time_index[-1] - fit.time_index[0]) / span
    gaps = np.diff(fit.years).reshape(-1, *[1] * per_year.ndim)
    variance = (np.square(np.diff(fit.time_index, axis=0) - gaps * per_year) / gaps).sum(axis=0) / (len(gaps) - 1)
    return Drift(per_year, np.sqrt(variance / span), variance)


def forecast(fit: LeeCarter, years: ArrayLike, *, jump_off: ArrayLike | None = None) -> Array:
    """Death rates of later years along the drift of the index.

    Parameters
    ----------
    fit : LeeCarter
        Of three years or more.
    years : (F,) array
        Calendar years to forecast, rising, after the last of the fit.
    jump_off : (..., A) array, optional
        Observed death rates of the last year, above zero, to start from; the fitted ones where not given.

    Returns
    -------
    (F, ..., A) array
        Death rates: their median, as the index is forecast without error in the logarithm.

    Raises
    ------
    ValueError
        If the years are not later ones, a jump-off rate is not above zero, or the fit has fewer than three years.

    Notes
    -----
    Lee and Carter (1992); from observed rates Lee and Miller (2001), Demography 38, 537-549.
    """
    change = index_change(fit, years)
    rates: Array = np.exp(starting_logarithms(last_logarithms(fit), jump_off) + fit.sensitivity * change[..., None])
    return rates


def index_change(fit: LeeCarter, years: ArrayLike) -> Array:
    """Expected change of the index from the last year of a fit to later ones, (F, ...)."""
    change: Array = np.multiply.outer(years_ahead(years, fit.years[-1]), drift(fit).per_year)
    return change


def years_ahead(years: ArrayLike, last: float) -> Array:
    """Years from the last one of a fit to those of a forecast, which must rise and be later."""
    when = np.asarray(years, dtype=float)
    steps = np.diff(when, prepend=last) if when.ndim == 1 else np.zeros(0)
    if len(steps) == 0 or not (steps > 0).all() or np.any(when != np.round(when)):
        message = f"years of a forecast must be whole, rise and come after {last:g}, the last year of the fit"
        raise ValueError(message)
    return when - last


def starting_logarithms(fitted: Array, jump_off: ArrayLike | None) -> Array:
    """Logarithms (..., A) that a forecast starts from: the fitted ones of the last year, or of observed rates."""
    if jump_off is None:
        return fitted
    rates = checked(jump_off, "jump-off rates")
    require_shape(rates, "jump-off rates", fitted.shape)
    if np.any(rates == 0):
        message = f"jump-off rates are zero at [{first_place(rates == 0)}] and would stay so; pool ages or years"
        raise ValueError(message)
    return np.log(rates)


def last_logarithms(fit: LeeCarter) -> Array:
    """Fitted logarithms of the last year, (..., A)."""
    logarithms: Array = fit.level + fit.sensitivity * fit.time_index[-1][..., None]
    return logarithms


def ultimate_sensitivity(sensitivity: ArrayLike, first_ages: ArrayLike) -> Array:
    """Age pattern of mortality decline at which a rotation ends.

    Parameters
    ----------
    sensitivity : (..., A) array
        b_x of a Lee-Carter fit.
    first_ages : (A,) array
        First age of each group, single or not, rising; one begins at 65.

    Returns
    -------
    (..., A) array
        One value at all ages below 65 and in the group that begins there; from it on the given pattern, scaled to
        that value; all brought to a sum of 1.

    Raises
    ------
    ValueError
        If no group begins at 65, or the sensitivity is not above zero there.

    Notes
    -----
    Li, Lee and Gerland (2013), Demography 50, 2037-2051. In their five-year groups the value is the mean of 15-19 to
    60-64, and 65-69 is made equal to it; the mean itself cancels when the sum is brought to 1. For single ages the R
    package MortCast joins the two parts at 60 and 61, where this function joins them at 64 and 65, as the groups do.
    """
    ages = rising(first_ages, "first ages")
    pattern = checked(sensitivity, "sensitivities", low=-np.inf, length=len(ages))
    if FIRST_OLD_AGE not in ages:
        message = f"first ages hold no {FIRST_OLD_AGE:g}, where the pattern is joined; a group must begin there"
        raise ValueError(message)
    at_old = pattern[..., ages == FIRST_OLD_AGE]
    if not np.all(at_old > 0):
        message = (
            f"sensitivities hold {at_old[~(at_old > 0)][0]:g} at age 65; they must be above zero there to be rotated"
        )
        raise ValueError(message)
    ultimate: Array = np.where(ages >= FIRST_OLD_AGE, pattern / at_old, 1.0)
    ultimate /= ultimate.sum(axis=-1, keepdims=True)
    return ultimate


def rotation_weight(expectancy: ArrayLike) -> Array:
    """Weight of the ultimate age pattern at a life expectancy.

    Parameters
    ----------
    expectancy : array
        Life expectancy at birth, years.

    Returns
    -------
    array
        0 up to 80 years, 1 from 102 years on, between them (1/2 + 1/2 sin(pi/2 (2w - 1)))^0.5 with w rising evenly.

    Notes
    -----
    Li, Lee and Gerland (2013), Demography 50, 2037-2051: the smooth weight with exponent p = 1/2.
    """
    years = checked(np.atleast_1d(expectancy), "life expectancies").reshape(np.shape(expectancy))
    share = np.clip((years - FIRST_EXPECTANCY) / (LAST_EXPECTANCY - FIRST_EXPECTANCY), 0, 1)
    return np.asarray((0.5 * (1 + np.sin(np.pi / 2 * (2 * share - 1)))) ** EXPONENT)


def rotated_forecast(
    fit: LeeCarter,
    years: ArrayLike,
    first_ages: ArrayLike,
    expectancy: Callable[[Array], Array],
    *,
    jump_off: ArrayLike | None = None,
) -> Array:
    """Death rates of later years with the life expectancy of `forecast` and an age pattern that rotates.

    Parameters
    ----------
    fit : LeeCarter
        Of three years or more.
    years : (F,) array
        Calendar years to forecast, rising, after the last of the fit.
    first_ages : (A,) array
        First age of each group, as `ultimate_sensitivity` takes them.
    expectancy : function
        Life expectancy at birth (F, ...) of death rates (F, ..., A), falling as these rise.
    jump_off : (..., A) array, optional
        Observed death rates of the last year, above zero, to start from; the fitted ones where not given.

    Returns
    -------
    (F, ..., A) array
        Death rates; their life expectancy is that of `forecast` within 1e-9 years.

    Raises
    ------
    ValueError
        As `forecast` and `ultimate_sensitivity`, or if no index leads to the life expectancy.

    Notes
    -----
    Li, Lee and Gerland (2013), Demography 50, 2037-2051: the ordinary forecast gives e_0 of each year; its weight
    mixes b_x and the ultimate pattern; the index is solved again for that e_0. Every cell rotates with its own
    e_0. The mixed pattern of a year counts from the rates the forecast starts from, so that it does not jump where
    e_0 is above 80 already.
    """
    start, change = starting_logarithms(last_logarithms(fit), jump_off), index_change(fit, years)
    target = checked(expectancy(np.exp(start + fit.sensitivity * change[..., None])), "life expectancies")
    weight = rotation_weight(target)[..., None]
    pattern = (1 - weight) * fit.sensitivity + weight * ultimate_sensitivity(fit.sensitivity, first_ages)
    index = index_of_life_expectancy(start, pattern, change, target, expectancy)
    rates: Array = np.exp(start + pattern * index[..., None])
    return rates
