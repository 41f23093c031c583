"""Mortality after Lee and Carter: one index of time that moves the death rates of all ages.

The logarithm of a death rate is a_x + b_x k_t. Years come first in every array, ages last. Rates may be of any
kind, central rates or hazards, by completed age or by age reached; what comes back is of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.axes import Array
from sim.demography.checks import checked, rising
from sim.demography.roots import falling_root

SMALLEST_CHANGE = 1e-12
"""Length of an index, in logarithms of the rates, below which nothing but rounding is left of a change."""
SMALLEST_SUM = 1e-8
"""Sum of an age pattern of length 1 below which it cannot be brought to add up to 1."""
TOLERANCE = 1e-11
"""Error at which a weighted fit ends, in the index of a pattern of length 1: the change of a step over 1 - its ratio to
that of the step before."""
ROUNDING = 1e-14
"""Change of a step, as a share of the index, below which there is no getting nearer."""
DEATHS_TOLERANCE = 5e-13
TOLERANCE_YEARS = 1e-10
MOST_STEPS = 10000
MOST_DOUBLINGS = 12


class LeeCarter(NamedTuple):
    """Fit of a_x + b_x k_t to logarithms of death rates."""

    years: Array
    """(Y,) calendar years of the fit."""
    level: Array
    """(..., A) a_x, logarithm of the rate where the index is 0."""
    sensitivity: Array
    """(..., A) b_x, change of the logarithm per unit of the index; adds up to 1 over the ages."""
    time_index: Array
    """(Y, ...) k_t; adds up to 0 over the years."""
    explained: Array
    """(...) share of the variance of the logarithms over time that the first stage explains."""


def lee_carter(death_rates: ArrayLike, years: ArrayLike, *, weights: ArrayLike | None = None) -> LeeCarter:
    """Fit of one index of time to death rates.

    Parameters
    ----------
    death_rates : (Y, ..., A) array
        Deaths per person-year, above zero wherever they count.
    years : (Y,) array
        Calendar years, rising; years may be missing.
    weights : (Y, ..., A) array, optional
        Weight of each rate, zero or more, such as the number of deaths. Cells of weight 0 are left out.

    Returns
    -------
    LeeCarter
        Without weights the best fit in least squares to the logarithms by a singular value decomposition; with
        weights the best weighted one, its index within 1e-10.

    Raises
    ------
    ValueError
        If a rate that counts is zero, a year has no weight or an age has some in fewer than two years, nothing
        changes over time, the changes of the ages cancel, or the weighted fit does not converge.

    Notes
    -----
    Lee and Carter (1992), Journal of the American Statistical Association 87, eq. (1) and (2). Weighted: Wilmoth
    (1993), Computational methods for fitting and extrapolating the Lee-Carter model of mortality change,
    Berkeley, section on weighted least squares; the ages are regressed on the index and the index on the ages
    in turn, from the first factor under weights of the years times weights of the ages.
    """
    rates = checked(death_rates, "death rates")
    when = checked_years(years, rates)
    logarithm, weight = logarithm_and_weight(rates, weights)
    level, pattern, index = first_factor(logarithm, weight)
    if np.any(np.linalg.norm(index, axis=-1) <= SMALLEST_CHANGE):
        message = "death rates do not change over the years; an index needs some change"
        raise ValueError(message)
    total = pattern.sum(axis=-1, keepdims=True)
    if np.any(total <= SMALLEST_SUM):
        message = "death rates rise at some ages as much as they fall at others; the changes must not cancel"
        raise ValueError(message)
    explained = explained_share(logarithm, pattern[..., None, :] * index[..., None], weight)
    return LeeCarter(when.copy(), level, pattern / total, np.moveaxis(index * total, -1, 0).copy(), explained)


def checked_years(years: ArrayLike, rates: Array) -> Array:
    """Calendar years, if they rise and there is one for each entry of the first axis of rates by year and age."""
    when = rising(years, "years")
    if np.any(when != np.round(when)):
        message = f"years hold {when[when != np.round(when)][0]:g}; only whole calendar years are allowed"
        raise ValueError(message)
    if rates.ndim < 2 or len(when) != len(rates):
        message = f"death rates of shape {rates.shape} do not fit {len(when)} years; years come first and ages last"
        raise ValueError(message)
    return when


def logarithm_and_weight(rates: Array, weights: ArrayLike | None) -> tuple[Array, Array | None]:
    """Logarithms, 0 where a cell has no weight, and weights, both (..., Y, A)."""
    if weights is None:
        counts, weight = np.ones(rates.shape, dtype=bool), None
    else:
        given = checked(weights, "weights", rows=True)
        if given.shape != rates.shape:
            message = f"weights have shape {given.shape}; expected is that of the death rates, {rates.shape}"
            raise ValueError(message)
        counts, weight = given > 0, np.ascontiguousarray(np.moveaxis(given, 0, -2))
        too_few = counts.sum(axis=0) < 2
        if too_few.any():
            message = (
                f"weights are above zero in fewer than two years at [:, {first_place(too_few)}]; pool ages or add years"
            )
            raise ValueError(message)
    zero = counts & (rates == 0)
    if zero.any():
        message = (
            f"death rates are zero at [{first_place(zero)}]; give weights that are zero there, or pool ages or years"
        )
        raise ValueError(message)
    logarithm = np.log(np.moveaxis(np.where(counts, rates, 1), 0, -2))
    return np.ascontiguousarray(logarithm), weight


def first_place(mask: NDArray[np.bool_]) -> str:
    """Position of the first cell that a mask marks."""
    return ", ".join(map(str, np.argwhere(mask)[0]))


def first_factor(table: Array, weight: Array | None) -> tuple[Array, Array, Array]:
    """Level of each age, and the one pattern times index that fit a table (..., Y, A) best in least squares.

    Every year needs some weight, every age some in two years. The pattern has length 1 and a sum of 0 or more, the
    index a sum of 0; where nothing changes over the years it is 0.
    """
    if weight is None:
        level = table.mean(axis=-2)
        left, size, right = np.linalg.svd(table - level[..., None, :], full_matrices=False)
        pattern, index = right[..., 0, :], left[..., :, 0] * size[..., :1]
    else:
        level, pattern, index = _weighted_factor(table, weight)
    sign = np.where(pattern.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    return level, pattern * sign, index * sign


def _weighted_factor(table: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Level, pattern and index by regressions in turn, each table by itself."""
    of_age = weight.sum(axis=-2)
    mean = (weight * table).sum(axis=-2) / of_age
    rest = table - mean[..., None, :]
    rest[weight == 0] = 0
    weighted = weight * rest
    index = _starting_index(rest, weight)
    moving = np.linalg.norm(index, axis=-1) > SMALLEST_CHANGE
    last = np.full(moving.shape, np.inf)
    for _ in range(MOST_STEPS):
        level, pattern = _regressed_ages(index, weight, weighted, of_age)
        if not moving.any():
            return mean + level, pattern, index
        new = _regressed_index(level, pattern, weight, weighted)
        change = np.abs(new - index).max(axis=-1)
        index[moving] = new[moving]
        smallest = np.maximum(TOLERANCE * (1 - change / last), ROUNDING * np.abs(index).max(axis=-1))
        moving &= ~(change <= smallest)
        last = np.where(moving, change, np.inf)
    message = "the weighted fit does not converge: two patterns explain about as much, or too few cells have weight"
    raise ValueError(message)


def _starting_index(rest: Array, weight: Array) -> Array:
    """Index of the first factor under weights that are those of the year times those of the age."""
    of_year, of_age = np.sqrt(weight.sum(axis=-1)), np.sqrt(weight.sum(axis=-2))
    left, size, _ = np.linalg.svd(of_year[..., :, None] * rest * of_age[..., None, :], full_matrices=False)
    index: Array = left[..., :, 0] * size[..., :1] / (of_year * np.linalg.norm(of_age, axis=-1, keepdims=True))
    index -= index.mean(axis=-1, keepdims=True)
    return index


def _regressed_ages(index: Array, weight: Array, weighted: Array, of_age: Array) -> tuple[Array, Array]:
    """Level and slope, brought to length 1, of regressions on the index of ages whose weighted mean is 0."""
    row = index[..., None, :]
    first, second = (row @ weight)[..., 0, :], (np.square(row) @ weight)[..., 0, :]
    product, spread = (row @ weighted)[..., 0, :], second - first * first / of_age
    slope = np.divide(product, spread, out=np.zeros_like(spread), where=spread > 0)
    length = np.linalg.norm(slope, axis=-1, keepdims=True)
    same = np.full_like(slope, slope.shape[-1] ** -0.5)
    return -slope * first / of_age, np.divide(slope, length, out=same, where=length > 0)


def _regressed_index(level: Array, pattern: Array, weight: Array, weighted: Array) -> Array:
    """Index of regressions of the years on the pattern, brought to a sum of 0."""
    column = pattern[..., None]
    product = (weighted @ column - weight @ (level[..., None] * column))[..., 0]
    index: Array = product / (weight @ np.square(column))[..., 0]
    index -= index.mean(axis=-1, keepdims=True)
    return index


def explained_share(table: Array, change: Array, weight: Array | None) -> Array:
    """Share of the (weighted) variance of the ages over the years that goes with changes, both (..., Y, A)."""
    left, total = _variance(table - change, weight), _variance(table, weight)
    return 1 - np.divide(left, total, out=np.full_like(total, np.nan), where=total > 0)


def _variance(table: Array, weight: Array | None) -> Array:
    """Sum of the weighted squares about the means of the ages."""
    weight = np.ones_like(table) if weight is None else weight
    mean = (weight * table).sum(axis=-2) / weight.sum(axis=-2)
    total: Array = (weight * np.square(table - mean[..., None, :])).sum(axis=(-2, -1))
    return total


def adjusted_to_deaths(fit: LeeCarter, deaths: ArrayLike, exposure: ArrayLike) -> LeeCarter:
    """Index solved again so that every year has as many deaths as were observed.

    Parameters
    ----------
    fit : LeeCarter
        Of `lee_carter`.
    deaths, exposure : (Y, ..., A) array
        Observed deaths and person-years.

    Returns
    -------
    LeeCarter
        The sum over the ages of exposure times fitted rate is that of the deaths within 1e-12 of it. The index is
        moved to a sum of 0 and the level with it, so the level is no longer the mean of the logarithms;
        `explained` stays that of the first stage.

    Raises
    ------
    ValueError
        If a year has no deaths or no exposure, or no index leads to its deaths.

    Notes
    -----
    The second stage of Lee and Carter (1992), eq. (3). The logarithm of the expected deaths is convex in the index: of
    two roots, where some sensitivities are negative, the one is taken where deaths rise with the index.
    """
    shape = (*fit.time_index.shape, fit.level.shape[-1])
    counts, years_lived = checked(deaths, "deaths", rows=True), checked(exposure, "exposure", rows=True)
    require_shape(counts, "deaths", shape)
    require_shape(years_lived, "exposure", shape)
    wanted = counts.sum(axis=-1)

    def lacking(index: Array) -> Array:
        power = fit.level + fit.sensitivity * index[..., None]
        largest = power.max(axis=-1, keepdims=True)
        expected: Array = (years_lived * np.exp(power - largest)).sum(axis=-1)
        lack: Array = np.log(wanted) - np.log(expected) - largest[..., 0]
        return lack

    return _recentred(fit, _root_around(lacking, fit.time_index, DEATHS_TOLERANCE, "the deaths of every year"))


def adjusted_to_life_expectancy(fit: LeeCarter, target: ArrayLike, expectancy: Callable[[Array], Array]) -> LeeCarter:
    """Index solved again so that every year has a given life expectancy.

    Parameters
    ----------
    fit : LeeCarter
        Of `lee_carter`.
    target : (Y, ...) array
        Life expectancy of each year, at birth or as `expectancy` counts it.
    expectancy : function
        Life expectancy (Y, ...) of death rates (Y, ..., A); it falls as the index rises.

    Returns
    -------
    LeeCarter
        Its rates return the targets within 1e-9 years. The index is moved to a sum of 0 and the level with it;
        `explained` stays that of the first stage.

    Raises
    ------
    ValueError
        If no index leads to a target.

    Notes
    -----
    Lee and Miller (2001), Demography 38, adjust the index so.
    """
    wanted = checked(target, "life expectancies")
    require_shape(wanted, "life expectancies", fit.time_index.shape)
    index = index_of_life_expectancy(fit.level, fit.sensitivity, fit.time_index, wanted, expectancy)
    return _recentred(fit, index)


def index_of_life_expectancy(
    level: Array, sensitivity: Array, start: Array, target: Array, expectancy: Callable[[Array], Array]
) -> Array:
    """Index (...) at which exp(level + sensitivity * index) has a life expectancy, sought from a start outwards."""

    def excess(index: Array) -> Array:
        return expectancy(np.exp(level + sensitivity * index[..., None])) - target

    what = f"every life expectancy from {target.min():g} to {target.max():g} years"
    return _root_around(excess, start, TOLERANCE_YEARS, what)


def _root_around(excess: Callable[[Array], Array], start: Array, tolerance: float, what: str) -> Array:
    """Index at which an excess, which falls as the index rises, is zero; sought from a start outwards."""
    low, high = start - 1, start + 1
    for doubling in range(MOST_DOUBLINGS):
        too_high, too_low = ~(excess(low) > 0), ~(excess(high) < 0)
        if not (too_high.any() or too_low.any()):
            return falling_root(excess, low, high, tolerance)
        low, high = low - 2.0**doubling * too_high, high + 2.0**doubling * too_low
    message = f"no index within {2**MOST_DOUBLINGS} of the fitted one leads to {what}"
    raise ValueError(message)


def require_shape(values: Array, what: str, shape: tuple[int, ...]) -> None:
    """Raise `ValueError` unless values have the shape that goes with a fit."""
    if values.shape != shape:
        message = f"{what} have shape {values.shape}; expected is that of the fit, {shape}"
        raise ValueError(message)


def _recentred(fit: LeeCarter, index: Array) -> LeeCarter:
    """Fit with another index, moved to a sum of 0; the rates stay as they are."""
    mean = index.mean(axis=0)
    return fit._replace(level=fit.level + fit.sensitivity * mean[..., None], time_index=index - mean)
