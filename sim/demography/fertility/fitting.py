"""Model age patterns of fertility fitted to observed rates by single age or by age group."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.fertility.measures import mean_age_at_birth, standard_deviation_of_age_at_birth
from sim.demography.fertility.patterns import DISTRIBUTIONS, parameter_names, shares_by_single_age

MOST_EVALUATIONS = 1000
PRECISION = 1e-12
"""Relative change of the sum of squares and of the parameters at which a fit is done."""


class FittedPattern(NamedTuple):
    """A model age pattern of fertility that comes closest to observed rates."""

    model: str
    """Name in `sim.demography.fertility.PATTERNS`."""
    parameters: dict[str, float]
    """By the names that the function of the model takes."""
    total: float
    """Children per woman over the ages of the rates, according to the model."""
    ages: Array
    """(A,) single completed ages that the groups span."""
    pattern: Array
    """(A,) share of each single age in that total."""
    coefficient_of_determination: float
    """R², by unweighted rates of the groups."""


class _Search(NamedTuple):
    """How the parameters of a model are searched for."""

    start: Callable[[float, float], list[float]]
    """First values searched from, given mean and standard deviation of the age at birth."""
    low: tuple[float, ...]
    high: tuple[float, ...]
    """Limits; a mean or peak age, which is always the first value, is limited to the ages of the rates instead."""
    parameters: Callable[[Array], tuple[float, ...]]
    """Parameters of the model; any values within the limits give possible ones."""


_SEARCHES = {
    "hadwiger": _Search(
        lambda mean, spread: [mean, spread],
        (0, 0.1),
        (0, 50),
        lambda x: (x[0], x[1]),
    ),
    "gamma": _Search(
        lambda mean, spread: [mean, spread, max(mean - 3 * spread, 0) / mean],
        (0, 0.1, 0),
        (0, 50, 0.99),
        lambda x: (x[0], x[1], x[2] * x[0]),
    ),
    "beta": _Search(
        lambda mean, spread: [mean, 12**-0.5, max(mean - 3 * spread, 0) / mean, 4 * spread],
        (0, 0.01, 0, 0.1),
        (0, 0.99, 0.99, 200),
        lambda x: (x[0], x[1] * ((1 - x[2]) * x[0] * x[3]) ** 0.5, x[2] * x[0], x[0] + x[3]),
    ),
    "quadratic_spline": _Search(
        lambda mean, spread: [mean - 0.2 * spread, max(mean - 2.5 * spread, 0) / mean, 1.2 * spread],
        (0, 0, 0.1),
        (0, 0.99, 50),
        lambda x: (x[1] * x[0], x[0], x[0] + x[2]),
    ),
}


def fit_pattern(rates: ArrayLike, first_ages: ArrayLike, widths: ArrayLike = 1, *, model: str) -> FittedPattern:
    """Fit a model age pattern to fertility rates by least squares.

    Parameters
    ----------
    rates : (G,) array
        Births per woman and year, more of them above zero than the model has parameters.
    first_ages : (G,) array
        First completed age of each group.
    widths : float or (G,) array
        Whole years of each group; a group ends where the next one starts.
    model : str
        A name in `sim.demography.fertility.PATTERNS`.

    Returns
    -------
    FittedPattern
        The parameters, the total and the pattern by single age.

    Raises
    ------
    ValueError
        If there is no such model, the rates are too few, negative, not numbers or all the same, the groups leave
        gaps, or the search does not converge.

    Notes
    -----
    The mean of the model over each group is compared with its rate, so that groups of any width are treated
    exactly; all groups weigh the same, as in Hoem et al. (1981), Demography 18(2). The total is found by linear
    least squares within each step, the parameters by `scipy.optimize.least_squares`. The parameters describe the
    whole curve, the total and the pattern its part within the ages of the rates.

    A start is searched for from age 0 on, a beta end up to 200 years above the mean age. Rates that lean neither way
    draw a gamma start to that limit, where it says nothing of when childbearing starts.
    """
    from scipy.optimize import least_squares

    names = parameter_names(model)
    observed, edges, years = _groups(rates, first_ages, widths, len(names) + 1)
    search, distribution = _SEARCHES[model], DISTRIBUTIONS[model]

    def fitted(values: Array) -> Array:
        shape = np.diff(distribution(edges, *search.parameters(values))) / years
        scaled: Array = shape * (shape @ observed) / (shape @ shape)
        return scaled

    low, high = np.array(search.low), np.array(search.high)
    low[0], high[0] = max(edges[0], 1.0), edges[-1]
    start = np.clip(search.start(*_moments(observed, edges, years)), low, high)
    found = least_squares(
        lambda values: (fitted(values) - observed) / observed.max(),
        start,
        jac="3-point",
        bounds=(low, high),
        x_scale="jac",
        ftol=PRECISION,
        xtol=PRECISION,
        gtol=PRECISION,
        max_nfev=MOST_EVALUATIONS,
    )
    if not found.success:
        message = f"the {model} pattern did not converge within {MOST_EVALUATIONS} evaluations; try another model"
        raise ValueError(message)
    parameters = search.parameters(found.x)
    ages = np.arange(edges[0], edges[-1])
    pattern, _ = shares_by_single_age(lambda age: distribution(age, *parameters), ages)
    rest = fitted(found.x) - observed
    spread = observed - observed.mean()
    return FittedPattern(
        model,
        dict(zip(names, map(float, parameters), strict=True)),
        float(fitted(found.x) @ years),
        ages,
        pattern,
        float(1 - (rest @ rest) / (spread @ spread)),
    )


def _groups(rates: ArrayLike, first_ages: ArrayLike, widths: ArrayLike, fewest: int) -> tuple[Array, Array, Array]:
    """Rates, edges and widths of groups that adjoin."""
    observed = checked(rates, "fertility rates", rows=True)
    if observed.ndim != 1:
        message = f"fertility rates have {observed.ndim} dimensions; a pattern is fitted to one"
        raise ValueError(message)
    known = np.count_nonzero(observed)
    if known < fewest:
        message = f"{known} fertility rates above zero do not determine the pattern; {fewest} or more are needed"
        raise ValueError(message)
    if np.ptp(observed) == 0:
        message = f"fertility rates are {observed[0]:g} at all ages; a pattern needs rates that differ"
        raise ValueError(message)
    first = checked(first_ages, "first ages", length=len(observed))
    years = np.broadcast_to(np.asarray(widths, dtype=float), observed.shape)
    edges = np.append(first, first[-1] + years[-1])
    if not np.array_equal(np.diff(edges), years) or np.any(years < 1) or np.any(edges != np.rint(edges)):
        message = "age groups must be of whole years, each ending where the next one starts"
        raise ValueError(message)
    return observed, edges, years


def _moments(observed: Array, edges: Array, years: Array) -> tuple[float, float]:
    """Mean and standard deviation of the age at birth, the latter less what grouping adds to it."""
    mean = float(mean_age_at_birth(observed, edges[:-1], years))
    variance = float(standard_deviation_of_age_at_birth(observed, edges[:-1], years)) ** 2
    grouping = float((observed * years**3).sum() / (observed * years).sum()) / 12
    return mean, max(variance - grouping, grouping) ** 0.5
