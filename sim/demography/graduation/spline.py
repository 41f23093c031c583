"""Single ages out of age groups."""

import numpy as np
from numpy.typing import NDArray

from sim.axes import Array


def graduate(edges: NDArray[np.int64], group_totals: Array) -> Array:
    """Spread totals of age groups over single ages so that every group keeps its total.

    Parameters
    ----------
    edges : (G + 1,) integer array
        First completed age of each group, rising, and the age at which the last group ends.
    group_totals : (..., G) array
        Totals of the groups, zero or more.

    Returns
    -------
    (..., edges[-1] - edges[0]) array
        Values of the single ages from the first edge on, zero or more.

    Notes
    -----
    A monotone cubic through the totals accumulated over age, read off at whole ages: the sums of the groups are
    kept exactly and no age is negative (Fritsch and Carlson 1980, SIAM Journal on Numerical Analysis 17, with
    the slopes of Fritsch and Butland 1984, SIAM Journal on Scientific and Statistical Computing 5). SciPy's
    PchipInterpolator gives the same values, but importing it takes longer than a whole projection.
    """
    accumulated = np.zeros((*group_totals.shape[:-1], group_totals.shape[-1] + 1))
    np.cumsum(group_totals, axis=-1, out=accumulated[..., 1:])
    return np.diff(monotone_cubic(edges.astype(float), accumulated, np.arange(edges[0], edges[-1] + 1.0)))


def monotone_cubic(knots: Array, values: Array, points: Array) -> Array:
    """Interpolate by a cubic that rises and falls only where its values do.

    Parameters
    ----------
    knots : (N,) array
        Rising positions, two or more.
    values : (..., N) array
        Values at the knots.
    points : (M,) array
        Positions asked for, within the knots.

    Returns
    -------
    (..., M) array
        Interpolated values; those of the knots themselves exactly.
    """
    width = np.diff(knots)
    secant = np.diff(values) / width
    slope = _slopes(width, secant)
    piece = np.minimum(np.searchsorted(knots, points, side="right") - 1, len(width) - 1)
    h, t = width[piece], (points - knots[piece]) / width[piece]
    rise = values[..., piece + 1] - values[..., piece]
    bend = (1 - t) * slope[..., piece] - t * slope[..., piece + 1]
    curve: Array = values[..., piece] + rise * t * t * (3 - 2 * t) + h * t * (1 - t) * bend
    curve[..., points == knots[-1]] = values[..., -1:]
    return curve


def _slopes(width: Array, secant: Array) -> Array:
    """Slopes at the knots: weighted harmonic means of the secants beside them, zero where these differ in sign."""
    slope = np.zeros((*secant.shape[:-1], secant.shape[-1] + 1))
    if len(width) == 1:
        slope[...] = secant
        return slope
    left, right = secant[..., :-1], secant[..., 1:]
    weight_left, weight_right = width[:-1] + 2 * width[1:], 2 * width[:-1] + width[1:]
    same = left * right > 0
    mean = (weight_left + weight_right) * left * right
    np.divide(mean, weight_left * right + weight_right * left, out=slope[..., 1:-1], where=same)
    slope[..., 0] = _end_slope(width[0], width[1], secant[..., 0], secant[..., 1])
    slope[..., -1] = _end_slope(width[-1], width[-2], secant[..., -1], secant[..., -2])
    return slope


def _end_slope(width: float, next_width: float, secant: Array, next_secant: Array) -> Array:
    """Three-point slope at an end, kept from turning against its secant or overshooting."""
    slope = ((2 * width + next_width) * secant - width * next_secant) / (width + next_width)
    slope = np.where(slope * secant > 0, slope, 0)
    overshoots = (secant * next_secant < 0) & (np.abs(slope) > 3 * np.abs(secant))
    return np.where(overshoots, 3 * secant, slope)
