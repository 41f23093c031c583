"""Model age patterns of fertility: curves over exact age, each given by ages that can be read off its graph."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.axes import Array
from sim.demography.checks import checked

SMALLEST_PART = 0.99
"""Share of a model's births that the ages asked for must hold."""


def hadwiger(ages: ArrayLike, *, mean_age: ArrayLike, standard_deviation: ArrayLike) -> Array:
    """Hadwiger's pattern by single age.

    Parameters
    ----------
    ages : (A,) array
        Completed ages, rising by one.
    mean_age, standard_deviation : (...) array
        Of the age at birth by exact age, years, above zero.

    Returns
    -------
    (..., A) array
        Shares of the total by single age, which add up to 1.

    Raises
    ------
    ValueError
        If a parameter is not possible, or 1 percent of the births or more lie outside the ages.

    Notes
    -----
    Hadwiger (1940), Skandinavisk Aktuarietidskrift 23; as f(x) = (a b / c) (c / x)^1.5 exp(-b² (c / x + x / c - 2)) in
    Chandola, Coleman and Hiorns (1999), Population Studies 53. This is a √π times the density of an inverse
    Gaussian distribution with mean c and standard deviation c / (b √2), so that c is the mean age itself.
    """
    mean, spread = _parameters(mean_age=mean_age, standard_deviation=standard_deviation)
    _demand(spread > 0, "a standard deviation of the age at birth must be above zero")
    _demand(mean > 0, "a mean age at birth must be above zero")
    return _by_single_age(ages, lambda age: hadwiger_distribution(age, mean, spread))


def gamma(ages: ArrayLike, *, mean_age: ArrayLike, standard_deviation: ArrayLike, start: ArrayLike) -> Array:
    """Gamma pattern by single age.

    Parameters
    ----------
    ages : (A,) array
        Completed ages, rising by one.
    mean_age, standard_deviation : (...) array
        Of the age at birth by exact age, years.
    start : (...) array
        Exact age at which childbearing starts, below the mean age.

    Returns
    -------
    (..., A) array
        Shares of the total by single age, which add up to 1.

    Raises
    ------
    ValueError
        If a parameter is not possible, or 1 percent of the births or more lie outside the ages.

    Notes
    -----
    Hoem, Madsen, Nielsen, Ohlsen, Hansen and Rennermalm (1981), Demography 18(2): a gamma density of the years since
    the start, here with its mean and standard deviation in place of its shape and scale.
    """
    mean, spread, low = _parameters(mean_age=mean_age, standard_deviation=standard_deviation, start=start)
    _demand(spread > 0, "a standard deviation of the age at birth must be above zero")
    _demand(mean > low, "a mean age at birth must lie above the start of childbearing")
    return _by_single_age(ages, lambda age: gamma_distribution(age, mean, spread, low))


def beta(
    ages: ArrayLike, *, mean_age: ArrayLike, standard_deviation: ArrayLike, start: ArrayLike, end: ArrayLike
) -> Array:
    """Beta pattern by single age.

    Parameters
    ----------
    ages : (A,) array
        Completed ages, rising by one.
    mean_age, standard_deviation : (...) array
        Of the age at birth by exact age, years.
    start, end : (...) array
        Exact ages at which childbearing starts and ends, with the mean age between them.

    Returns
    -------
    (..., A) array
        Shares of the total by single age, which add up to 1.

    Raises
    ------
    ValueError
        If a parameter is not possible, such as a standard deviation that no curve between start and end can have,
        or 1 percent of the births or more lie outside the ages.

    Notes
    -----
    Hoem, Madsen, Nielsen, Ohlsen, Hansen and Rennermalm (1981), Demography 18(2): a beta density between start and
    end. With mean ν and variance τ², B = ((ν - start)(end - ν) / τ² - 1)(end - ν) / (end - start) and
    A = B (ν - start) / (end - ν).
    """
    mean, spread, low, high = _parameters(
        mean_age=mean_age, standard_deviation=standard_deviation, start=start, end=end
    )
    _demand(spread > 0, "a standard deviation of the age at birth must be above zero")
    _demand((mean > low) & (mean < high), "a mean age at birth must lie between start and end of childbearing")
    _demand(
        spread * spread < (mean - low) * (high - mean),
        "a standard deviation of the age at birth is too large for the mean age between this start and end",
    )
    return _by_single_age(ages, lambda age: beta_distribution(age, mean, spread, low, high))


def quadratic_spline(ages: ArrayLike, *, start: ArrayLike, peak: ArrayLike, half: ArrayLike) -> Array:
    """Schmertmann's quadratic spline pattern by single age.

    Parameters
    ----------
    ages : (A,) array
        Completed ages, rising by one.
    start : (...) array
        Exact age α at which fertility rises above zero.
    peak : (...) array
        Exact age P at which it is highest, above the start.
    half : (...) array
        Exact age H at which it has fallen to half its peak, above the peak.

    Returns
    -------
    (..., A) array
        Shares of the total by single age, which add up to 1.

    Raises
    ------
    ValueError
        If the three ages do not rise, or 1 percent of the births or more lie outside the ages.

    Notes
    -----
    Schmertmann (2003), Demographic Research 9(5). See `quadratic_spline_distribution` for the curve.
    """
    low, top, fallen = _parameters(start=start, peak=peak, half=half)
    _demand((low < top) & (top < fallen), "start, peak and half of the peak must be ages that rise in this order")
    return _by_single_age(ages, lambda age: quadratic_spline_distribution(age, low, top, fallen))


PATTERNS: dict[str, Callable[..., Array]] = {
    "hadwiger": hadwiger,
    "gamma": gamma,
    "beta": beta,
    "quadratic_spline": quadratic_spline,
}
"""Functions of the models by name."""


def parameter_names(model: str) -> tuple[str, ...]:
    """Names of the parameters of a model, in the order of its function.

    Parameters
    ----------
    model : str
        A name in `PATTERNS`.

    Returns
    -------
    tuple of str
        "mean_age", "standard_deviation" and so on.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    if model not in PATTERNS:
        message = f"{model} is not a fertility pattern; there are: {', '.join(PATTERNS)}"
        raise ValueError(message)
    return tuple(inspect.signature(PATTERNS[model]).parameters)[1:]


def hadwiger_distribution(age: Array, mean_age: Array, standard_deviation: Array) -> Array:
    """Share of births below exact ages in Hadwiger's pattern, an inverse Gaussian distribution.

    Parameters
    ----------
    age, mean_age, standard_deviation : array
        Broadcast against each other; possible values, which are not checked.

    Returns
    -------
    array
        Shares, 0 to 1.
    """
    from scipy.special import log_ndtr, ndtr

    ratio = mean_age / standard_deviation
    years = np.where(age > 0, age, 1.0)
    scale = ratio * np.sqrt(mean_age / years)
    reflected = np.exp(2 * ratio * ratio + log_ndtr(-scale * (years / mean_age + 1)))
    return np.where(age > 0, ndtr(scale * (years / mean_age - 1)) + reflected, 0.0)


def gamma_distribution(age: Array, mean_age: Array, standard_deviation: Array, start: Array) -> Array:
    """Share of births below exact ages in the gamma pattern.

    Parameters
    ----------
    age, mean_age, standard_deviation, start : array
        Broadcast against each other; possible values, which are not checked.

    Returns
    -------
    array
        Shares, 0 to 1.
    """
    from scipy.special import gammainc

    scale = standard_deviation * standard_deviation / (mean_age - start)
    share: Array = gammainc((mean_age - start) / scale, np.maximum(age - start, 0) / scale)
    return share


def beta_distribution(age: Array, mean_age: Array, standard_deviation: Array, start: Array, end: Array) -> Array:
    """Share of births below exact ages in the beta pattern.

    Parameters
    ----------
    age, mean_age, standard_deviation, start, end : array
        Broadcast against each other; possible values, which are not checked.

    Returns
    -------
    array
        Shares, 0 to 1.
    """
    from scipy.special import betainc

    below, above, span = mean_age - start, end - mean_age, end - start
    both = below * above / (standard_deviation * standard_deviation) - 1
    share: Array = betainc(both * below / span, both * above / span, np.clip((age - start) / span, 0, 1))
    return share


def quadratic_spline_distribution(age: Array, start: Array, peak: Array, half: Array) -> Array:
    """Share of births below exact ages in Schmertmann's quadratic spline pattern.

    Parameters
    ----------
    age, start, peak, half : array
        Broadcast against each other; possible values, which are not checked.

    Returns
    -------
    array
        Shares, 0 to 1.

    Notes
    -----
    Schmertmann (2003), Demographic Research 9(5). Fertility of 1 at the peak P falls to zero at the end
    β = max(min(50, 4 H - 3 P), (4 H - P) / 3). Five quadratic pieces meet with equal levels and slopes at
    α + w (P - α), with w = min(0.75, 0.25 + 0.025 (P - α)), at P, (P + H) / 2 and (H + β) / 2; the slope is zero at
    P and β, the level one half at H. Before P this leaves f = ((x - α)² - (x - knot)²₊ / (1 - w)) / (w (P - α)²).
    After P, in u = (x - P) / (H - P) with r = (β - P) / (H - P),
    f = 1 + p u² + q (u - 1/2)²₊ + s (u - (1 + r) / 2)²₊ with the three coefficients below, solved by hand from the
    level at H and the level and slope at β. Shares are integrals of these pieces.
    """
    rise, fall = peak - start, half - peak
    end = np.maximum(np.minimum(50, peak + 4 * fall), half + fall / 3)
    knot = np.minimum(0.75, 0.25 + 0.025 * rise)
    climbed = np.clip((age - start) / rise, 0, 1)
    before = rise * (climbed**3 - np.maximum(climbed - knot, 0) ** 3 / (1 - knot)) / (3 * knot)
    reach = (end - peak) / fall
    first = (2 * reach * reach - reach - 2) / (3 * reach * (1 - reach))
    second = -2 - 4 * first
    third = -2 * (first * reach + second * (reach - 0.5)) / (reach - 1)
    knots = ((0.0, first), (0.5, second), ((1 + reach) / 2, third))

    def fallen(years: Array) -> Array:
        pieces = (coefficient * np.maximum(years - place, 0) ** 3 for place, coefficient in knots)
        integral: Array = fall * (years + sum(pieces) / 3)
        return integral

    until_peak = rise * (1 - (1 - knot) ** 2) / (3 * knot)
    after = fallen(np.clip((age - peak) / fall, 0, reach))
    share: Array = (before + after) / (until_peak + fallen(reach))
    return share


DISTRIBUTIONS: dict[str, Callable[..., Array]] = {
    "hadwiger": hadwiger_distribution,
    "gamma": gamma_distribution,
    "beta": beta_distribution,
    "quadratic_spline": quadratic_spline_distribution,
}
"""Shares of births below exact ages by model; parameters as in `PATTERNS`, by position."""


def shares_by_single_age(distribution: Callable[[Array], Array], ages: Array) -> tuple[Array, Array]:
    """Shares of births by single age, and the part of all births that these ages hold.

    Parameters
    ----------
    distribution : function
        Share of births below exact ages.
    ages : (A,) array
        Completed ages, rising by one.

    Returns
    -------
    (..., A) array
        Shares of the births at these ages, which add up to 1.
    (...) array
        The part of all births, 0 to 1.
    """
    # A sum of two terms, such as Hadwiger's, may fall by its rounding where it should stand still.
    below = np.maximum.accumulate(distribution(np.append(ages, ages[-1] + 1)), axis=-1)
    part = below[..., -1] - below[..., 0]
    return np.diff(below) / np.where(part > 0, part, 1)[..., None], part


def _by_single_age(ages: ArrayLike, distribution: Callable[[Array], Array]) -> Array:
    """Differences of a distribution between whole ages, as shares of its part within them."""
    completed = checked(ages, "ages")
    if completed.ndim != 1 or np.any(np.diff(completed) != 1):
        message = "ages must be completed ages, each one year above the one before"
        raise ValueError(message)
    shares, part = shares_by_single_age(distribution, completed)
    if not np.all(part > SMALLEST_PART):
        message = (
            f"the ages {completed[0]:g} to {completed[-1]:g} hold {100 * part.min():.3g} percent of the births of "
            f"the model; more than {100 * SMALLEST_PART:g} are needed"
        )
        raise ValueError(message)
    return shares


def _parameters(**values: ArrayLike) -> list[Array]:
    """Checked parameters, each with an axis for ages."""
    names = {name: f"values of {name}" for name in values}
    return [checked(np.asarray(value, dtype=float)[..., None], names[name]) for name, value in values.items()]


def _demand(possible: NDArray[np.bool_], rule: str) -> None:
    """Refuse parameters unless all of them are possible."""
    if not np.all(possible):
        raise ValueError(rule)
