"""Single ages out of five-year groups by the multipliers of Sprague and of Beers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.graduation.spline import checked_groups

WIDTH = 5
"""Years of a group, ages of a panel of multipliers, and groups that a single age is made of."""

SPRAGUE = (
    (
        (0.3616, -0.2768, 0.1488, -0.0336, 0.0000),
        (0.2640, -0.0960, 0.0400, -0.0080, 0.0000),
        (0.1840, 0.0400, -0.0320, 0.0080, 0.0000),
        (0.1200, 0.1360, -0.0720, 0.0160, 0.0000),
        (0.0704, 0.1968, -0.0848, 0.0176, 0.0000),
    ),
    (
        (0.0336, 0.2272, -0.0752, 0.0144, 0.0000),
        (0.0080, 0.2320, -0.0480, 0.0080, 0.0000),
        (-0.0080, 0.2160, -0.0080, 0.0000, 0.0000),
        (-0.0160, 0.1840, 0.0400, -0.0080, 0.0000),
        (-0.0176, 0.1408, 0.0912, -0.0144, 0.0000),
    ),
    (
        (-0.0128, 0.0848, 0.1504, -0.0240, 0.0016),
        (-0.0016, 0.0144, 0.2224, -0.0416, 0.0064),
        (0.0064, -0.0336, 0.2544, -0.0336, 0.0064),
        (0.0064, -0.0416, 0.2224, 0.0144, -0.0016),
        (0.0016, -0.0240, 0.1504, 0.0848, -0.0128),
    ),
)
"""Sprague (1881), Journal of the Institute of Actuaries 22, as multipliers of group totals: Shryock and Siegel (1973),
The Methods and Materials of Demography, appendix C. Panels of the first group, the second and those between; rows are
single ages, columns the five groups."""

BEERS_ORDINARY = (
    (
        (0.3333, -0.1636, -0.0210, 0.0796, -0.0283),
        (0.2595, -0.0780, 0.0130, 0.0100, -0.0045),
        (0.1924, 0.0064, 0.0184, -0.0256, 0.0084),
        (0.1329, 0.0844, 0.0054, -0.0356, 0.0129),
        (0.0819, 0.1508, -0.0158, -0.0284, 0.0115),
    ),
    (
        (0.0404, 0.2000, -0.0344, -0.0128, 0.0068),
        (0.0093, 0.2268, -0.0402, 0.0028, 0.0013),
        (-0.0108, 0.2272, -0.0248, 0.0112, -0.0028),
        (-0.0198, 0.1992, 0.0172, 0.0072, -0.0038),
        (-0.0191, 0.1468, 0.0822, -0.0084, -0.0015),
    ),
    (
        (-0.0117, 0.0804, 0.1570, -0.0284, 0.0027),
        (-0.0020, 0.0160, 0.2200, -0.0400, 0.0060),
        (0.0050, -0.0280, 0.2460, -0.0280, 0.0050),
        (0.0060, -0.0400, 0.2200, 0.0160, -0.0020),
        (0.0027, -0.0284, 0.1570, 0.0804, -0.0117),
    ),
)
"""Beers (1944), The Record of the American Institute of Actuaries 33: minimised fifth differences. Source of the
multipliers and arrangement as above."""

BEERS_MODIFIED = (
    (
        (0.3332, -0.1938, 0.0702, -0.0118, 0.0022),
        (0.2569, -0.0753, 0.0205, -0.0027, 0.0006),
        (0.1903, 0.0216, -0.0146, 0.0032, -0.0005),
        (0.1334, 0.0969, -0.0351, 0.0059, -0.0011),
        (0.0862, 0.1506, -0.0410, 0.0054, -0.0012),
    ),
    (
        (0.0486, 0.1831, -0.0329, 0.0021, -0.0009),
        (0.0203, 0.1955, -0.0123, -0.0031, -0.0004),
        (0.0008, 0.1893, 0.0193, -0.0097, 0.0003),
        (-0.0108, 0.1677, 0.0577, -0.0153, 0.0007),
        (-0.0159, 0.1354, 0.0972, -0.0170, 0.0003),
    ),
    (
        (-0.0160, 0.0973, 0.1321, -0.0121, -0.0013),
        (-0.0129, 0.0590, 0.1564, 0.0018, -0.0043),
        (-0.0085, 0.0260, 0.1650, 0.0260, -0.0085),
        (-0.0043, 0.0018, 0.1564, 0.0590, -0.0129),
        (-0.0013, -0.0121, 0.1321, 0.0973, -0.0160),
    ),
)
"""Beers (1945), The Record of the American Institute of Actuaries 34: minimised fourth differences, smoothing. Source
of the multipliers and arrangement as above."""

Panels = tuple[tuple[tuple[float, ...], ...], ...]


def sprague(edges: ArrayLike, group_totals: ArrayLike) -> Array:
    """Divide five-year groups into single ages by Sprague's multipliers.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, and the age at which the last group ends, five years apart; G is 5 or more.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.

    Returns
    -------
    (..., 5 G) array
        Values of the single ages; every group keeps its total. Negative where totals change steeply, as at the
        highest ages of a population.

    Raises
    ------
    ValueError
        If groups are fewer than five or not of five years, or totals are negative, not numbers, or not one for each
        group.

    Notes
    -----
    Sprague (1881), Journal of the Institute of Actuaries 22: pieces of the fifth degree through the accumulated
    totals that share their first two derivatives where they meet. Quartics through the accumulated totals are
    reproduced.
    """
    return _subdivided(SPRAGUE, edges, group_totals)


def beers_ordinary(edges: ArrayLike, group_totals: ArrayLike) -> Array:
    """Divide five-year groups into single ages by the ordinary multipliers of Beers.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, and the age at which the last group ends, five years apart; G is 5 or more.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.

    Returns
    -------
    (..., 5 G) array
        Values of the single ages; every group keeps its total. Negative where totals change steeply.

    Raises
    ------
    ValueError
        If groups are fewer than five or not of five years, or totals are negative, not numbers, or not one for each
        group.

    Notes
    -----
    Beers (1944), The Record of the American Institute of Actuaries 33: among the six-term formulas for accumulated
    totals that reproduce a quartic, the one whose fifth differences have the smallest sum of squares.
    """
    return _subdivided(BEERS_ORDINARY, edges, group_totals)


def beers_modified(edges: ArrayLike, group_totals: ArrayLike) -> Array:
    """Smooth five-year groups into single ages by the modified multipliers of Beers.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, and the age at which the last group ends, five years apart; G is 5 or more.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.

    Returns
    -------
    (..., 5 G) array
        Values of the single ages. The first group, the last one and the sum of all groups keep their totals; the
        groups between do not (`rescaled` makes them). Negative where totals change
        steeply.

    Raises
    ------
    ValueError
        If groups are fewer than five or not of five years, or totals are negative, not numbers, or not one for each
        group.

    Notes
    -----
    Beers (1945), The Record of the American Institute of Actuaries 34: fourth differences are minimised, and the
    accumulated totals are smoothed instead of reproduced, unless they lie on a cubic.
    """
    return _subdivided(BEERS_MODIFIED, edges, group_totals)


def _subdivided(panels: Panels, edges: ArrayLike, group_totals: ArrayLike) -> Array:
    """Single ages as weighted sums of five groups: the two groups on either side, or the five at an end."""
    ages, totals = checked_groups(edges, group_totals)
    count = totals.shape[-1]
    widths = np.diff(ages)
    if (widths != WIDTH).any():
        message = f"a group is {widths[widths != WIDTH][0]} wide; only groups of five years of age are allowed"
        raise ValueError(message)
    if count < WIDTH:
        message = f"{count} closed groups are too few; five or more are allowed"
        raise ValueError(message)
    single: Array = totals @ _multipliers(panels, count).T
    return single


def _multipliers(panels: Panels, count: int) -> Array:
    """Multipliers of all groups in all single ages; the panels at the end are those at the start in mirror image."""
    first, second, middle = np.array(panels)
    matrix = np.zeros((count, WIDTH, count))
    matrix[0, :, :WIDTH], matrix[1, :, :WIDTH] = first, second
    matrix[-2, :, -WIDTH:], matrix[-1, :, -WIDTH:] = second[::-1, ::-1], first[::-1, ::-1]
    group = np.arange(2, count - 2)[:, None, None]
    place = np.arange(WIDTH)
    matrix[group, place[:, None], group - 2 + place] = middle
    return matrix.reshape(count * WIDTH, count)
