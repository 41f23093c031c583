"""Roots of several rising functions at once."""

from collections.abc import Callable

import numpy as np

from sim.axes import Array
from sim.errors import ProjectionError

TOLERANCE = 1e-12
"""Largest miss of a total, as a share of it."""
MOST_STEPS = 60
LARGEST_STEP = 2.0
SMALLEST_LOG = -100.0


def rising_root(
    function: Callable[[Array], Array],
    start: Array,
    slopes: Array,
    limits: Array,
    refuse: Callable[[int], ProjectionError],
) -> tuple[Array, Array]:
    """Root of a function that rises with each of its points, and its slopes, by Broyden's method.

    Parameters
    ----------
    function : function
        Takes and returns (m,) arrays; a point where it is infinite lies too high.
    start : (m,) array
        First point.
    slopes : (m, m) array
        Its derivatives there, as far as known.
    limits : (m,) array
        Points beyond which the search ends.
    refuse : function
        Makes the error for the place of the worst value, where there is no root.

    Returns
    -------
    point : (m,) array
        Where every value is within 1e-12 of zero.
    slopes : (m, m) array
        Derivatives there, as far as known.

    Notes
    -----
    A step that does not come nearer is tried again on slopes of one (Broyden 1965, Mathematics of Computation 19).
    """
    point, value = start, function(start)
    while not np.isfinite(value).all():
        point = point - LARGEST_STEP
        value = function(point)
        if point.max() < SMALLEST_LOG:
            raise refuse(0)
    for _ in range(MOST_STEPS):
        if np.abs(value).max() <= TOLERANCE:
            return point, slopes
        try:
            step = np.clip(-np.linalg.solve(slopes, value), -LARGEST_STEP, LARGEST_STEP)
        except np.linalg.LinAlgError:
            break
        new = function(point + step)
        if not np.abs(new).max() < np.abs(value).max():
            slopes = np.eye(len(point))
            step = np.clip(-value, -LARGEST_STEP, LARGEST_STEP) / 2
            new = function(point + step)
        while not np.isfinite(new).all():
            step = step / 4
            new = function(point + step)
            if not np.abs(step).max() >= TOLERANCE:
                raise refuse(int(np.abs(value).argmax()))
        slopes = slopes + np.outer(new - value - slopes @ step, step) / (step @ step)
        point, value = point + step, new
        if not (point < limits).all():
            break
    raise refuse(int(np.abs(value).argmax()))
