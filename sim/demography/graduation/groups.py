"""Age groups: their sums, and the methods that undo them, by the names that scenario files use."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.graduation.osculatory import beers_modified, beers_ordinary, sprague
from sim.demography.graduation.pclm import pclm
from sim.demography.graduation.spline import checked_edges, graduate, rescaled, uniform


def group(edges: ArrayLike, values: ArrayLike) -> Array:
    """Sum single ages into age groups.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, rising, and the age at which the last group ends.
    values : (..., edges[-1] - edges[0]) array_like
        Values of the single ages from the first edge on.

    Returns
    -------
    (..., G) array
        Totals of the groups.

    Raises
    ------
    ValueError
        If edges are not whole ages that rise, or values are not numbers or not one for each age.
    """
    ages = checked_edges(edges)
    single = checked(values, "values of single ages", low=-np.inf, length=int(ages[-1] - ages[0]))
    return np.add.reduceat(single, ages[:-1] - ages[0], axis=-1)


def beers_modified_rescaled(edges: ArrayLike, group_totals: ArrayLike) -> Array:
    """Smooth five-year groups by the modified multipliers of Beers, then give every group its total again.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, and the age at which the last group ends, five years apart; G is 5 or more.
    group_totals : (..., G) array_like
        Totals of the groups, zero or more.

    Returns
    -------
    (..., 5 G) array
        Values of the single ages; every group keeps its total.

    Raises
    ------
    ValueError
        As `beers_modified` does, or if the smoothed ages of a group sum to zero or less.

    Notes
    -----
    The multipliers of Beers (1945) do not keep the totals of the groups. The second step is not his: it multiplies
    the ages of each group by one factor (`rescaled`), so that curves no longer meet smoothly between groups.
    """
    return rescaled(edges, beers_modified(edges, group_totals), group_totals)


METHODS: dict[str, Callable[[ArrayLike, ArrayLike], Array]] = {
    "uniform": uniform,
    "monotone": graduate,
    "sprague": sprague,
    "beers_ordinary": beers_ordinary,
    "beers_modified": beers_modified_rescaled,
    "pclm": pclm,
}
"""Functions of edges and group totals that return single ages; every group keeps its total. 'uniform', 'monotone' and
'pclm' are for groups of any width and never negative; the others are for five or more groups of five years."""
