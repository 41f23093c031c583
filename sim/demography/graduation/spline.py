"""Single ages out of age groups of any width: evenly, or by a monotone spline of the accumulated totals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.axes import Array
from sim.demography.checks import checked, rising


def checked_edges(edges: ArrayLike) -> NDArray[np.int64]:
    """Edges of age groups as integers, if they are whole ages that rise.

    Parameters
    ----------
    edges : (G + 1,) array_like
        First completed age of each group, and the age at which the last group ends.

    Returns
    -------
    (G + 1,) integer array
        The edges.

    Raises
    ------
    ValueError
        If they are not two or more whole numbers, each above the one before.
    """
    ages = rising(edges, "edges of age groups")
    if (ages % 1 != 0).any():
        message = f"edges of age groups hold {ages[ages % 1 != 0][0]:g}; only whole ages are allowed"
        raise ValueError(message)
    return ages.astype(np.int64)


def checked_groups(edges: ArrayLike, group_totals: ArrayLike, *, rows: bool = False) -> tuple[NDArray[np.int64], Array]:
    """Edges and totals of age groups, if the one fits the other.

    Parameters
    ----------
    edges : (G + 1,) array_like
        First completed age of each group, rising, and the age at which the last group ends.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.
    rows : bool
        Whether every row needs a total above zero.

    Returns
    -------
    tuple
        The edges as integers and the totals as floats.

    Raises
    ------
    ValueError
        If edges are not whole ages that rise, or totals are negative, not numbers, or not one for each group.
    """
    ages = checked_edges(edges)
    groups = np.shape(group_totals)[-1:]
    if groups == (len(ages),):
        message = f"edges are {len(ages)} as the group totals are; one more is needed, at which the last group ends"
        raise ValueError(message)
    return ages, checked(group_totals, "group totals", length=len(ages) - 1, rows=rows)


def rescaled(edges: ArrayLike, values: ArrayLike, group_totals: ArrayLike) -> Array:
    """Multiply single ages by one factor for each group, so that every group has its total.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, rising, and the age at which the last group ends.
    values : (..., edges[-1] - edges[0]) array_like
        Values of the single ages.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.

    Returns
    -------
    (..., edges[-1] - edges[0]) array
        Values of the single ages, zero in a group whose total is zero.

    Raises
    ------
    ValueError
        If the values of a group sum to zero or less while its total is above zero, or an argument is not as described.
    """
    ages, totals = checked_groups(edges, group_totals)
    single = checked(values, "values of single ages", low=-np.inf, length=int(ages[-1] - ages[0]))
    sums = np.add.reduceat(single, ages[:-1] - ages[0], axis=-1)
    sums, totals = np.broadcast_arrays(sums, totals)
    wrong = (totals > 0) & (sums <= 0)
    if wrong.any():
        cell = tuple(np.argwhere(wrong)[0])
        message = (
            f"single ages of a group with total {totals[cell]:g} sum to {sums[cell]:g}; only above zero is allowed"
        )
        raise ValueError(message)
    factor = np.zeros(sums.shape)
    np.divide(totals, sums, out=factor, where=totals > 0)
    return single * np.repeat(factor, np.diff(ages), axis=-1)


def uniform(edges: ArrayLike, group_totals: ArrayLike) -> Array:
    """Spread totals of age groups evenly over their single ages.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, rising, and the age at which the last group ends.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.

    Returns
    -------
    (..., edges[-1] - edges[0]) array
        Values of the single ages from the first edge on, zero or more.

    Raises
    ------
    ValueError
        If edges are not whole ages that rise, or totals are negative, not numbers, or not one for each group.
    """
    ages, totals = checked_groups(edges, group_totals)
    widths = np.diff(ages)
    return np.repeat(totals / widths, widths, axis=-1)


def graduate(edges: ArrayLike, group_totals: ArrayLike) -> Array:
    """Spread totals of age groups over single ages so that every group keeps its total.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, rising, and the age at which the last group ends.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.

    Returns
    -------
    (..., edges[-1] - edges[0]) array
        Values of the single ages from the first edge on, zero or more.

    Raises
    ------
    ValueError
        If edges are not whole ages that rise, or totals are negative, not numbers, or not one for each group.

    Notes
    -----
    A monotone cubic through the totals accumulated over age, read off at whole ages: the sums of the groups are
    kept exactly and no age is negative (Fritsch and Carlson 1980, SIAM Journal on Numerical Analysis 17, with
    the slopes of Fritsch and Butland 1984, SIAM Journal on Scientific and Statistical Computing 5). SciPy's
    PchipInterpolator gives the same values, but importing it takes longer than a whole projection. The curve rises;
    where rounding lets it fall in its last digit it is kept level.
    """
    ages, totals = checked_groups(edges, group_totals)
    accumulated = np.zeros((*totals.shape[:-1], totals.shape[-1] + 1))
    np.cumsum(totals, axis=-1, out=accumulated[..., 1:])
    curve = monotone_cubic(ages.astype(float), accumulated, np.arange(ages[0], ages[-1] + 1.0))
    return np.diff(np.maximum.accumulate(curve, axis=-1))


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
