"""Roots of falling functions, for all cells of an array at once."""

from collections.abc import Callable

import numpy as np

from sim.axes import Array

MOST_STEPS = 200
SLOPE_STEP = 1e-6
"""Step of the difference quotient, as a share of the bracket."""


def falling_root(function: Callable[[Array], Array], low: Array, high: Array, tolerance: float = 1e-11) -> Array:
    """Root of a falling function between two points where its signs differ.

    Parameters
    ----------
    function : function
        Elementwise: takes points of the shape of `low` and `high`, none outside of them, and returns its values
        there, each of which depends on its own point alone and falls as that rises.
    low, high : (...) array
        Points where the function is above zero and below zero, one pair a cell.
    tolerance : float
        Largest distance of the function's value from zero, in its own units.

    Returns
    -------
    (...) array
        Points at which the function lies within the tolerance of zero.

    Raises
    ------
    ValueError
        If 200 steps do not lead there: the points hold no root between them, or the tolerance is finer than the
        rounding of the function.

    Notes
    -----
    `falling_root_by_slope` with a difference quotient for the slope.
    """
    reach = np.asarray(high)
    step = SLOPE_STEP * (reach - low)

    def with_quotient(point: Array) -> tuple[Array, Array]:
        value = function(point)
        aside = np.where(point + step <= reach, step, -step)
        return value, (function(point + aside) - value) / aside

    return falling_root_by_slope(with_quotient, low, high, tolerance)


def falling_root_by_slope(
    function: Callable[[Array], tuple[Array, Array]], low: Array, high: Array, tolerance: float = 1e-11
) -> Array:
    """Root of a falling function whose slope is known, between two points where its signs differ.

    Parameters
    ----------
    function : function
        As in `falling_root`, but it returns values and slopes. A slope that is not a number is not used.
    low, high : (...) array
        Points where the function is above zero and below zero, one pair a cell.
    tolerance : float
        Largest distance of the function's value from zero, in its own units.

    Returns
    -------
    (...) array
        Points at which the function lies within the tolerance of zero.

    Raises
    ------
    ValueError
        As in `falling_root`.

    Notes
    -----
    Newton's method from the middle; a step that would leave the bracket halves it instead. A cell that has arrived
    stays where it is, so that its root does not depend on its neighbours.
    """
    point = (np.asarray(low) + high) / 2
    for _ in range(MOST_STEPS):
        with np.errstate(divide="ignore", invalid="ignore"):
            value, slope = function(point)
            newton = point - value / slope
        moving = ~(np.abs(value) <= tolerance)
        if not moving.any():
            return point
        low, high = np.where(value > 0, point, low), np.where(value < 0, point, high)
        better = np.where((newton > low) & (newton < high), newton, (low + high) / 2)
        point = np.where(moving, better, point)
    message = f"no point was found where the function lies within {tolerance:g} of zero"
    raise ValueError(message)
