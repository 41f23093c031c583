"""Rates of mortality improvement, and death rates that improve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked, rising


def improvement_rates(death_rates: ArrayLike, years: ArrayLike) -> Array:
    """Annual rates of improvement from each year of a series to the next.

    Parameters
    ----------
    death_rates : (Y, ..., A) array
        m_x of each year, deaths per person-year, above zero; two years or more.
    years : (Y,) array
        Years, rising; gaps are allowed.

    Returns
    -------
    (Y - 1, ..., A) array
        r = 1 - m(t) / m(t - 1), above zero where mortality falls; over a gap of n years the constant annual rate,
        1 - (m(t) / m(t - n))^(1/n), along which the logarithm of the death rate is a straight line.

    Raises
    ------
    ValueError
        If a rate is zero, negative or not a number, or the years do not rise or are not those of the rates.

    Notes
    -----
    The definition of the Continuous Mortality Investigation of the Institute and Faculty of Actuaries and of the
    United Kingdom's national population projections.
    """
    rates, at = _series(death_rates, years)
    gaps = np.diff(at).reshape(-1, *[1] * (rates.ndim - 1))
    return -np.expm1(np.diff(np.log(rates), axis=0) / gaps)


def point_to_point_improvement(death_rates: ArrayLike, years: ArrayLike) -> Array:
    """Constant annual rate of improvement that leads from the first to the last year of a series.

    Parameters
    ----------
    death_rates : (Y, ..., A) array
        m_x of each year, deaths per person-year, above zero; two years or more.
    years : (Y,) array
        Years, rising.

    Returns
    -------
    (..., A) array
        1 - (m(last) / m(first))^(1/n) over the n years between them; the years in between do not count.

    Raises
    ------
    ValueError
        As in `improvement_rates`.
    """
    rates, at = _series(death_rates, years)
    rate: Array = improvement_rates(rates[[0, -1]], at[[0, -1]])[0]
    return rate


def improved(death_rates: ArrayLike, improvement: ArrayLike, years_ahead: int) -> Array:
    """Death rates of the years after a base year under given rates of improvement.

    Parameters
    ----------
    death_rates : (..., A) array
        m_x of the base year, deaths per person-year, zero or more.
    improvement : number, (A,), (..., A) or (F, ..., A) array
        Annual rates of improvement, 1 at most: constant, or of each year ahead. Its axes are matched to those of
        (F, ..., A) from the last on, so rates by year and age for all sexes are (F, 1, A).
    years_ahead : int
        F, number of years, one or more.

    Returns
    -------
    (F, ..., A) array
        m(t) = m(base) * product of 1 - r over the years up to t; the first are those of the year after the base.

    Raises
    ------
    ValueError
        If an input is out of bounds, or their axes do not match.
    """
    if years_ahead < 1:
        message = f"{years_ahead} years ahead; allowed are 1 or more"
        raise ValueError(message)
    base = checked(death_rates, "death rates")
    rates = checked(np.atleast_1d(improvement), "rates of improvement", low=-np.inf, high=1)
    wanted = (years_ahead, *base.shape)
    if rates.ndim > len(wanted) or any(
        have not in (1, need) for have, need in zip(rates.shape[::-1], wanted[::-1], strict=False)
    ):
        message = f"rates of improvement have the shape {rates.shape}, which does not match {wanted}"
        raise ValueError(message)
    remaining = np.cumprod(np.broadcast_to(1 - rates, wanted), axis=0, dtype=float)
    remaining *= base
    return remaining


def _series(death_rates: ArrayLike, years: ArrayLike) -> tuple[Array, Array]:
    """Death rates above zero and their years."""
    rates = checked(death_rates, "death rates")
    at = rising(years, "years")
    if rates.ndim < 2 or len(rates) != len(at):
        message = f"death rates have the shape {rates.shape}; expected are {len(at)} years and an axis of ages"
        raise ValueError(message)
    if not rates.min() > 0:
        message = "a death rate is zero; its improvement is not defined: pool years or ages"
        raise ValueError(message)
    return rates, at
