"""Mortality brought to a stated life expectancy."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.demography.hazards import death_hazard, survival_from_hazard
from sim.demography.lifetable import life_expectancy

AGE_ON_1_JANUARY_EXCESS = 0.5
"""Years by which e_0 lies above the period value when age on 1 January is counted as exact age."""

TOLERANCE_YEARS = 1e-11
MOST_STEPS = 200
LARGEST_FACTOR = 1e6
SLOPE_STEP = 1e-4


class ScaledMortality(NamedTuple):
    """Survival ratios that return a target life expectancy."""

    survival: Array
    """(..., A + 1) survival ratios by cohort slot."""
    factor: Array
    """(...) what every hazard was multiplied by."""


def period_life_expectancy(expectancy: Array, definition: str) -> Array:
    """Life expectancy at birth as a period life table defines it.

    Parameters
    ----------
    expectancy : array
        e_0, years.
    definition : {"period", "age_on_1_january"}
        How it was computed. "age_on_1_january" takes the age on 1 January for the exact age, as the Belgian
        Federal Planning Bureau's printed values up to its 2013 edition do; it lies half a year higher.

    Returns
    -------
    array
        e_0 of the period life table, years.
    """
    return expectancy - AGE_ON_1_JANUARY_EXCESS if definition == "age_on_1_january" else expectancy


def scale_to_life_expectancy(survival: Array, target: Array) -> ScaledMortality:
    """Multiply all hazards of a life table by one factor so that it returns a target e_0.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot, above 0; below 1 for those already in the open age.
    target : (...) array
        Period life expectancy at birth, years; broadcast against the leading axes of `survival`.

    Returns
    -------
    ScaledMortality
        Survival ratios and factors; the ratios return the target within 1e-9 years.

    Raises
    ------
    ValueError
        If a target lies outside what a factor between 1e-6 and 1e6 can reach.

    Notes
    -----
    e_0 falls as the factor rises, so a bracket in the factor's logarithm always holds the root; Newton's steps
    close in on it for all cells at once, and one that would leave the bracket halves it instead.
    """
    hazard = death_hazard(survival)

    def excess(log_factor: Array) -> Array:
        with np.errstate(divide="ignore"):
            return life_expectancy(survival_from_hazard(hazard * np.exp(log_factor)[..., None])) - target

    shape = np.broadcast_shapes(hazard.shape[:-1], np.shape(target))
    factor = np.exp(_root_within_limits(excess, shape))
    return ScaledMortality(survival_from_hazard(hazard * factor[..., None]), factor)


def national_factor(survival: Array, weights: Array, target: Array) -> Array:
    """One factor on the hazards of several states under which they return a life expectancy together.

    Parameters
    ----------
    survival : (..., K, A + 1) array
        Survival ratios of K states by cohort slot, above 0; below 1 for those already in the open age.
    weights : (..., K, A + 1) array
        Share of each state in the people of a slot.
    target : (...) array
        e_0 of the life table whose ratios are the states' mean, years.

    Returns
    -------
    (...) array
        The factor; the mean ratios return the target within 1e-9 years.

    Raises
    ------
    ValueError
        If a target lies outside what a factor between 1e-6 and 1e6 can reach.
    """
    hazard = death_hazard(survival)

    def excess(log_factor: Array) -> Array:
        states = survival_from_hazard(hazard * np.exp(log_factor)[..., None, None])
        with np.errstate(divide="ignore"):
            return life_expectancy((weights * states).sum(axis=-2)) - target

    return np.exp(_root_within_limits(excess, np.shape(target)))


def _root_within_limits(excess: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
    """Logarithm of the factor where an excess of life expectancy, which falls with it, is zero."""
    low, high = np.full(shape, -np.log(LARGEST_FACTOR)), np.full(shape, np.log(LARGEST_FACTOR))
    if np.any(excess(low) < 0) or np.any(excess(high) > 0):
        message = "no common factor on the hazards reaches this life expectancy"
        raise ValueError(message)
    return _falling_root(excess, low, high)


def _falling_root(function: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Root of an elementwise falling function between two points where its signs differ."""
    point = (low + high) / 2
    for _ in range(MOST_STEPS):
        value = function(point)
        moving = np.abs(value) > TOLERANCE_YEARS
        if not moving.any():
            return point
        low, high = np.where(value > 0, point, low), np.where(value < 0, point, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = point - value * SLOPE_STEP / (function(point + SLOPE_STEP) - value)
        better = np.where((newton > low) & (newton < high), newton, (low + high) / 2)
        point = np.where(moving, better, point)
    message = "no factor on the hazards was found that returns this life expectancy"
    raise ValueError(message)
