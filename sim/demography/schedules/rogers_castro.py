"""Model migration schedules of Rogers and Castro: migration by age as a sum of exponential curves."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked, rising

PRE_WORKING = ("a1", "alpha1")
WORKING = ("a2", "mu2", "alpha2", "lambda2")
RETIREMENT = ("a3", "mu3", "alpha3", "lambda3")
POST_RETIREMENT = ("a4", "lambda4")
LEVEL = ("c",)

FAMILIES = {
    7: (*PRE_WORKING, *WORKING, *LEVEL),
    9: (*PRE_WORKING, *WORKING, *POST_RETIREMENT, *LEVEL),
    11: (*PRE_WORKING, *WORKING, *RETIREMENT, *LEVEL),
    13: (*PRE_WORKING, *WORKING, *RETIREMENT, *POST_RETIREMENT, *LEVEL),
}
"""Names of the parameters by their number: 9 adds a rise after retirement, 11 a peak at retirement, 13 both."""

FUNDAMENTAL_PARAMETERS = {
    "a1": 0.02,
    "alpha1": 0.1,
    "a2": 0.06,
    "mu2": 20.0,
    "alpha2": 0.1,
    "lambda2": 0.4,
    "c": 0.003,
}
"""Simplified basic standard schedule of Rogers and Castro (1981), for ages up to 85 about 1 in sum."""

HEIGHTS = ("a1", "a2", "a3", "a4")
BOUNDS = {
    "alpha1": (0.0, 2.0),
    "mu2": (0.0, 45.0),
    "alpha2": (0.0, 2.0),
    "lambda2": (0.05, 2.0),
    "mu3": (45.0, 90.0),
    "alpha3": (0.0, 2.0),
    "lambda3": (0.1, 2.0),
    "lambda4": (0.0, 0.3),
}
"""Smallest and largest value of a fit. Heights are zero or more.

The two peaks are the same curve: that mu2 is below 45 and mu3 above tells them apart. Either peak may lie elsewhere."""

STARTS = {
    "alpha1": (0.03, 0.1, 0.3),
    "mu2": (15.0, 20.0, 25.0, 30.0),
    "alpha2": (0.05, 0.1, 0.2),
    "lambda2": (0.2, 0.5),
    "mu3": (60.0, 66.0, 72.0),
    "alpha3": (0.1, 0.7),
    "lambda3": (0.2, 0.6),
    "lambda4": (0.01, 0.05),
}
"""Shapes of which every combination is tried with the heights that fit best to it."""
STARTS_KEPT = 8
"""Combinations that the optimiser starts from: those that fit best."""
MOST_EVALUATIONS = 2000
"""Evaluations of the schedule from one start."""
TOLERANCE = 1e-10
"""Relative change of the sum of squares, or of the parameters, that ends the search."""


class ScheduleFit(NamedTuple):
    """A schedule fitted to each row of profiles."""

    parameters: dict[str, Array]
    """Parameters by name, each (...)."""
    fitted: Array
    """The schedule at the ages of the profile, (..., A)."""
    residual: Array
    """Profile minus schedule, (..., A)."""
    r_squared: Array
    """Share of the profile's variance over the ages that the schedule explains, (...)."""


def rogers_castro(ages: ArrayLike, **parameters: ArrayLike) -> Array:
    """Model migration schedule at given ages.

    Parameters
    ----------
    ages : (A,) array_like
        Exact ages, years, at which the curve is taken as they stand; see the notes.
    **parameters : (...) array_like
        By the names of one of `FAMILIES`; they broadcast against each other. Any finite values.

    Returns
    -------
    (..., A) array
        Migration in the unit of the heights ``a`` and of the level ``c``.

    Raises
    ------
    ValueError
        If a name is unknown, a parameter of the family is missing, a value is not a finite number, the ages have two
        dimensions, or the curve is not finite at an age.

    Notes
    -----
    m(x) = a1 exp(-alpha1 x) + a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2)))
    [+ a3 exp(-alpha3 (x - mu3) - exp(-lambda3 (x - mu3)))] [+ a4 exp(lambda4 x)] + c: Rogers and Castro (1981),
    Model Migration Schedules, IIASA RR-81-30; with the rise after retirement, Rogers and Watkins (1987), Research on
    Aging 9; the four families together in Rogers, Little and Raymer (2010), The Indirect Estimation of Migration.

    No half year is added here. Published parameters were mostly fitted to completed age x as if it were exact: take
    them at x. Of a schedule in exact age, migrants of completed age x are x + 0.5 old on average; those who reach
    age a on 31 December are a old in the middle of the year; those born in it move for half of it, m(1/3) / 2.

    mu2 is not the age of the peak, which lies ln(lambda2 / alpha2) / lambda2 years above it.
    """
    exact = checked(ages, "ages", low=-np.inf)
    if exact.ndim > 1:
        message = f"ages have {exact.ndim} dimensions; allowed is 1"
        raise ValueError(message)
    _require_family(parameters)
    values = {name: _finite(name, value) for name, value in parameters.items()}
    with np.errstate(over="ignore", invalid="ignore"):
        curve = _schedule(exact, values)
    if not np.isfinite(curve).all():
        age = exact[np.argwhere(~np.isfinite(curve))[0][-1]]
        message = f"the schedule is not finite at age {age:g}; its exponents must be smaller"
        raise ValueError(message)
    return curve


def fit_rogers_castro(profile: ArrayLike, ages: ArrayLike, number_of_parameters: int) -> ScheduleFit:
    """Least-squares fit of a model migration schedule to profiles by age.

    Parameters
    ----------
    profile : (..., A) array_like
        Migration rates, or persons, by age; negative cells of net migration are allowed.
    ages : (A,) array_like
        Exact ages at which the curve is compared, rising; see `rogers_castro`.
    number_of_parameters : int
        7, 9, 11 or 13; no more than there are ages.

    Returns
    -------
    ScheduleFit
        Parameters, curve, residuals and R squared of each row.

    Raises
    ------
    ValueError
        If the profile is not made of finite numbers, is zero or another constant throughout, has another length than
        the ages, the ages do not rise, there is no such family, or no start leads to a minimum.

    Notes
    -----
    All ages weigh the same. Heights and rates are zero or more and the peaks are held apart, see `BOUNDS`. The level
    is at most the largest cell and not below zero or, where a cell is negative, minus the largest absolute value. So
    net emigration is fitted as minus its profile, and a profile that dips below its level is fitted badly: the
    residual shows where. The curve is determined better than its parameters, of which quite different ones can give
    nearly the same curve: look at the curve before a parameter is given a meaning, above all where it lies at its
    bound.

    Every combination of `STARTS` gets its best heights by linear least squares; the best of them start the search by
    `scipy.optimize.least_squares` in all parameters. The same profile always has the same fit.
    """
    if number_of_parameters not in FAMILIES:
        message = f"{number_of_parameters} parameters make no schedule; {_listed(map(str, FAMILIES), 'or')} do"
        raise ValueError(message)
    exact = rising(ages, "ages")
    values = checked(profile, "migration profiles", low=-np.inf, length=len(exact))
    if len(exact) < number_of_parameters:
        message = f"{len(exact)} ages do not determine {number_of_parameters} parameters; as many ages are needed"
        raise ValueError(message)
    rows = values.reshape(-1, len(exact))
    flat = np.ptp(rows, axis=-1) == 0
    if flat.any():
        row = int(flat.argmax())
        message = (
            f"the migration profile of row {row} is {rows[row, 0]:g} at every age; a shape needs values that differ"
        )
        raise ValueError(message)
    names = FAMILIES[number_of_parameters]
    found = np.array([_fit_row(row, exact, names) for row in rows]).reshape(*values.shape[:-1], len(names))
    parameters = {name: found[..., place] for place, name in enumerate(names)}
    fitted = _schedule(exact, parameters)
    residual = values - fitted
    unexplained = np.square(residual).sum(axis=-1) / (values.shape[-1] * values.var(axis=-1))
    return ScheduleFit(parameters, fitted, residual, 1 - unexplained)


def _schedule(ages: Array, parameters: dict[str, Array]) -> Array:
    """Sum of the curves of the parameters that are there, (..., A)."""
    curves = _curves(ages, parameters)
    total = parameters["c"][..., None] + sum(parameters[height][..., None] * curve for height, curve in curves.items())
    return np.asarray(total)


def _curves(ages: Array, parameters: dict[str, Array]) -> dict[str, Array]:
    """Each curve with a height of 1, by the name of its height."""
    shape = {name: value[..., None] for name, value in parameters.items() if name not in HEIGHTS}
    curves = {"a1": np.exp(-shape["alpha1"] * ages)}
    for place in "23":
        if f"mu{place}" in shape:
            since = ages - shape[f"mu{place}"]
            rise = np.exp(-shape[f"lambda{place}"] * since)
            curves[f"a{place}"] = np.exp(-shape[f"alpha{place}"] * since - rise)
    if "lambda4" in shape:
        curves["a4"] = np.exp(shape["lambda4"] * ages)
    return curves


def _slopes(ages: Array, parameters: dict[str, Array]) -> dict[str, Array]:
    """Derivative of the schedule by each parameter, (A,)."""
    slopes = {**_curves(ages, parameters), "c": np.ones_like(ages)}
    slopes["alpha1"] = -parameters["a1"] * ages * slopes["a1"]
    for place in "23":
        if f"mu{place}" in parameters:
            since, descent = ages - parameters[f"mu{place}"], parameters[f"alpha{place}"]
            ascent = parameters[f"lambda{place}"]
            curve = parameters[f"a{place}"] * slopes[f"a{place}"]
            rise = np.exp(-ascent * since)
            slopes[f"alpha{place}"] = -since * curve
            slopes[f"lambda{place}"] = since * rise * curve
            slopes[f"mu{place}"] = (descent - ascent * rise) * curve
    if "lambda4" in parameters:
        slopes["lambda4"] = parameters["a4"] * ages * slopes["a4"]
    return slopes


def _fit_row(profile: Array, ages: Array, names: tuple[str, ...]) -> Array:
    """Parameters of one profile, in the order of their names."""
    from scipy.optimize import least_squares

    unit = np.abs(profile).max()
    scaled = profile / unit

    def named(point: Array) -> dict[str, Array]:
        return dict(zip(names, point, strict=True))

    def jacobian(point: Array) -> Array:
        slopes = _slopes(ages, named(point))
        return np.stack([slopes[name] for name in names], axis=-1)

    level = (-1.0 if scaled.min() < 0 else 0.0, scaled.max())
    low, high = np.array([level if name == "c" else BOUNDS.get(name, (0.0, np.inf)) for name in names]).T
    best = None
    for start in _starts(scaled, ages, names):
        search = least_squares(
            lambda point: _schedule(ages, named(point)) - scaled,
            np.clip(start, low, high),
            jacobian,
            bounds=(low, high),
            x_scale="jac",
            ftol=TOLERANCE,
            xtol=TOLERANCE,
            gtol=TOLERANCE,
            max_nfev=MOST_EVALUATIONS,
        )
        if search.success and (best is None or search.cost < best.cost):
            best = search
    if best is None:
        message = f"no start led to a minimum within {MOST_EVALUATIONS} evaluations; take fewer parameters"
        raise ValueError(message)
    in_units = np.array([unit if name in (*HEIGHTS, "c") else 1.0 for name in names])
    return np.asarray(best.x * in_units)


def _starts(profile: Array, ages: Array, names: tuple[str, ...]) -> list[Array]:
    """Combinations of `STARTS` that fit the profile best, with their heights, in the order of the names."""
    from scipy.optimize import nnls

    shapes = {name: STARTS[name] for name in names if name in STARTS}
    heights = [name for name in names if name in HEIGHTS]
    level = np.ones((len(ages), 2)) * (1, -1)
    tried = []
    for combination in itertools.product(*shapes.values()):
        shape = {name: np.asarray(value) for name, value in zip(shapes, combination, strict=True)}
        curves = _curves(ages, shape)
        weights, distance = nnls(np.column_stack([*(curves[name] for name in heights), level]), profile)
        start = {**shape, **dict(zip(heights, weights, strict=False)), "c": weights[-2] - weights[-1]}
        tried.append((distance, np.array([start[name] for name in names])))
    return [start for _, start in sorted(tried, key=lambda pair: pair[0])[:STARTS_KEPT]]


def _require_family(parameters: dict[str, ArrayLike]) -> None:
    """Check that the names are all those of one family."""
    unknown = [name for name in parameters if name not in FAMILIES[13]]
    if unknown:
        message = f"{_listed(unknown)} is no parameter of a migration schedule; known are {_listed(FAMILIES[13])}"
        raise ValueError(message)
    retirement, post_retirement = (not parameters.keys().isdisjoint(part) for part in (RETIREMENT, POST_RETIREMENT))
    number = 7 + 4 * retirement + 2 * post_retirement
    missing = [name for name in FAMILIES[number] if name not in parameters]
    if missing:
        message = f"{_listed(missing)} not given; the schedule of {number} parameters needs {_listed(FAMILIES[number])}"
        raise ValueError(message)


def _finite(name: str, value: ArrayLike) -> Array:
    """Value of a parameter as an array of floats."""
    array = np.asarray(value, dtype=float)
    if not np.isfinite(array).all():
        message = f"{name} holds {array[~np.isfinite(array)][0]:g}; only finite numbers are allowed"
        raise ValueError(message)
    return array


def _listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a sentence."""
    *first, end = names
    return f"{', '.join(first)} {last} {end}" if first else end
