"""Mortality of members of one group after Li and Lee: a common trend, and deviations that do not drift away.

The logarithm of the death rate of member i is a_x,i + B_x K_t + b_x,i k_t,i. Years come first in every array, ages
last, members before them: the sexes, or regions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.mortality.forecasts import index_change, starting_logarithms, years_ahead
from sim.demography.mortality.lee_carter import (
    LeeCarter,
    checked_years,
    explained_share,
    first_factor,
    lee_carter,
    logarithm_and_weight,
)

FEWEST_YEARS = 4
LARGEST_PERSISTENCE = 0.999
GRID_POINTS = 400
GOLDEN_STEPS = 40
END_OF_SEARCH = 1e-6
GOLDEN_RATIO = (5**0.5 - 1) / 2


class LiLee(NamedTuple):
    """Fit of a_x,i + B_x K_t + b_x,i k_t,i to logarithms of death rates."""

    common: LeeCarter
    """B_x and K_t of the group, level and share explained of its pooled rates."""
    level: Array
    """(..., M, A) a_x,i of each member."""
    own_sensitivity: Array
    """(..., M, A) b_x,i; its squares add up to 1 over the ages, as its sum may be 0."""
    own_index: Array
    """(Y, ..., M) k_t,i; adds up to 0 over the years."""
    explained_by_common: Array
    """(..., M) share of the variance of a member's logarithms over time that the common factor explains."""
    explained: Array
    """(..., M) share that both factors explain."""


class OwnProcess(NamedTuple):
    """First-order autoregression of the own index of each member."""

    persistence: Array
    """(..., M) share of the distance from the mean that is left after a year; 1 is a random walk without drift."""
    mean: Array
    """(..., M) what the index returns to; of a random walk its last value."""
    innovation_variance: Array
    """(..., M) variance of the change of one year about its expected value."""


def li_lee(
    death_rates: ArrayLike, years: ArrayLike, *, exposure: ArrayLike | None = None, weights: ArrayLike | None = None
) -> LiLee:
    """Fit of one common index of time to the members of a group, and of an own one to what is left of each.

    Parameters
    ----------
    death_rates : (Y, ..., M, A) array
        Deaths per person-year of M members, above zero wherever they count.
    years : (Y,) array
        Calendar years, rising; years may be missing.
    exposure : (Y, ..., M, A) array, optional
        Person-years, by which the members' rates are pooled; without them each member counts alike in the plain
        mean of the rates.
    weights : (Y, ..., M, A) array, optional
        Weight of each rate, as in `lee_carter`; a pooled rate has the sum of its members' weights.

    Returns
    -------
    LiLee
        The common factor fits the pooled rates; level and own factor of a member fit what it leaves.

    Raises
    ------
    ValueError
        As `lee_carter`; or if the exposure does not fit, or nobody of an age is exposed.

    Notes
    -----
    Li and Lee (2005), Demography 42, 575-594; the shares explained are their ratios R_C and R_AC. Nothing is
    solved again for deaths or life expectancy.
    """
    rates = checked(death_rates, "death rates")
    when = checked_years(years, rates)
    if rates.ndim < 3:
        message = f"death rates of shape {rates.shape} have no axis of members; it stands before the ages"
        raise ValueError(message)
    logarithm, weight = logarithm_and_weight(rates, weights)
    pooled_weights = None if weights is None else np.asarray(weights, dtype=float).sum(axis=-2)
    common = lee_carter(_pooled(rates, exposure, weights), when, weights=pooled_weights)
    index = np.moveaxis(common.time_index, 0, -1)
    trend = (common.sensitivity[..., None, :] * index[..., None])[..., None, :, :]
    level, pattern, own_index = first_factor(logarithm - trend, weight)
    own = pattern[..., None, :] * own_index[..., None]
    by_common, by_both = explained_share(logarithm, trend, weight), explained_share(logarithm, trend + own, weight)
    return LiLee(common, level, pattern, np.moveaxis(own_index, -1, 0).copy(), by_common, by_both)


def _pooled(rates: Array, exposure: ArrayLike | None, weights: ArrayLike | None) -> Array:
    """Rates of the group: deaths over person-years, or the mean of the members; 0 where nobody is exposed."""
    if exposure is None:
        if weights is not None:
            message = "weights are given without exposure; rates of members left out cannot be pooled by a plain mean"
            raise ValueError(message)
        mean: Array = rates.mean(axis=-2)
        return mean
    years_lived = checked(exposure, "exposure", rows=True)
    if years_lived.shape != rates.shape:
        message = f"exposure has shape {years_lived.shape}; expected is that of the death rates, {rates.shape}"
        raise ValueError(message)
    deaths, total = (rates * years_lived).sum(axis=-2), years_lived.sum(axis=-2)
    pooled: Array = np.divide(deaths, total, out=np.zeros_like(total), where=total > 0)
    return pooled


def own_process(fit: LiLee) -> OwnProcess:
    """First-order autoregression that the own index of each member follows.

    Parameters
    ----------
    fit : LiLee
        Of four years or more.

    Returns
    -------
    OwnProcess
        Arrays of shape (..., M).

    Raises
    ------
    ValueError
        If there are fewer than four years.

    Notes
    -----
    k_t = c_0 + c_1 k_(t-1) + e_t, Li and Lee (2005): here the mean is c_0 / (1 - c_1) and the persistence c_1. Over
    a gap of g years the persistence is c_1^g and the variance that of g innovations. Maximum likelihood given the
    first year, for c_1 between -0.999 and 0.999; the variance is its estimate, divided by the number of changes.
    Without gaps it is the regression on the year before. Where the likelihood is highest at an end, there is no
    stationary autoregression, and the index is a random walk without drift. Either way it tends to a constant.
    """
    if len(fit.common.years) < FEWEST_YEARS:
        message = f"{len(fit.common.years)} years are too few for an autoregression; it takes {FEWEST_YEARS}"
        raise ValueError(message)
    series = np.moveaxis(fit.own_index, 0, -1)
    before, after, gaps = series[..., :-1], series[..., 1:], np.diff(fit.common.years)
    found = _likeliest(before, after, gaps)
    stationary = np.abs(found) < LARGEST_PERSISTENCE - END_OF_SEARCH
    persistence = np.where(stationary, found, 1.0)
    _, mean, variance = _autoregression(found, before, after, gaps)
    walk = (np.square(after - before) / gaps).mean(axis=-1)
    return OwnProcess(persistence, np.where(stationary, mean, after[..., -1]), np.where(stationary, variance, walk))


def _likeliest(before: Array, after: Array, gaps: Array) -> Array:
    """Persistence of the highest likelihood: the best of a grid, then golden section between its neighbours."""
    grid = np.linspace(-LARGEST_PERSISTENCE, LARGEST_PERSISTENCE, GRID_POINTS)
    likelihood, _, _ = _autoregression(grid.reshape(-1, *[1] * (before.ndim - 1)), before, after, gaps)
    best = likelihood.argmax(axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, GRID_POINTS - 1)]
    for _ in range(GOLDEN_STEPS):
        lower, upper = high - GOLDEN_RATIO * (high - low), low + GOLDEN_RATIO * (high - low)
        climbs = _autoregression(upper, before, after, gaps)[0] > _autoregression(lower, before, after, gaps)[0]
        low, high = np.where(climbs, lower, low), np.where(climbs, high, upper)
    middle: Array = (low + high) / 2
    return middle


def _autoregression(persistence: Array, before: Array, after: Array, gaps: Array) -> tuple[Array, Array, Array]:
    """Logarithm of the likelihood of a persistence, up to a constant, and the mean and variance that go with it."""
    left = persistence[..., None] ** gaps
    spread = (1 - np.square(left)) / (1 - np.square(persistence))[..., None]
    mean = ((1 - left) * (after - left * before) / spread).sum(axis=-1) / (np.square(1 - left) / spread).sum(axis=-1)
    error = after - left * before - mean[..., None] * (1 - left)
    variance = (np.square(error) / spread).mean(axis=-1)
    with np.errstate(divide="ignore"):
        likelihood = -(len(gaps) * np.log(variance) + np.log(spread).sum(axis=-1)) / 2
    return likelihood, mean, variance


def rates_of_last_year(fit: LiLee) -> Array:
    """Fitted death rates of the last year, from which a forecast starts.

    Parameters
    ----------
    fit : LiLee
        A fit.

    Returns
    -------
    (..., M, A) array
        Deaths per person-year.
    """
    trend = (fit.common.sensitivity * fit.common.time_index[-1][..., None])[..., None, :]
    rates: Array = np.exp(fit.level + trend + fit.own_sensitivity * fit.own_index[-1][..., None])
    return rates


def coherent_forecast(fit: LiLee, years: ArrayLike, *, jump_off: ArrayLike | None = None) -> Array:
    """Death rates of later years of all members, whose ratios tend to a constant at each age.

    Parameters
    ----------
    fit : LiLee
        Of four years or more.
    years : (F,) array
        Calendar years to forecast, rising, after the last of the fit.
    jump_off : (..., M, A) array, optional
        Observed death rates of the last year, above zero, to start from; the fitted ones where not given.

    Returns
    -------
    (F, ..., M, A) array
        Death rates: the common index follows its drift, the own ones the expected path of `own_process`.

    Raises
    ------
    ValueError
        If the years are not later ones, a jump-off rate is not above zero, or the fit has fewer than four years.

    Notes
    -----
    Li and Lee (2005), Demography 42, 575-594.
    """
    common, process = index_change(fit.common, years), own_process(fit)
    ahead = years_ahead(years, fit.common.years[-1]).reshape(-1, *[1] * process.mean.ndim)
    own = (process.persistence**ahead - 1) * (fit.own_index[-1] - process.mean)
    start = starting_logarithms(np.log(rates_of_last_year(fit)), jump_off)
    shared = (fit.common.sensitivity * common[..., None])[..., None, :]
    rates: Array = np.exp(start + shared + fit.own_sensitivity * own[..., None])
    return rates
