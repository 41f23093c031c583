"""Life tables related to a standard by the logits of their survivors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.axes import Array
from sim.demography.checks import checked, rising


class BrassParameters(NamedTuple):
    """Parameters of Brass's relational model, each (...)."""

    alpha: Array
    """Level of mortality: above zero more die at every age than in the standard."""
    beta: Array
    """Balance of ages: above one relatively fewer die young and more die old than in the standard."""


def logit_survivors(survivors: ArrayLike) -> Array:
    """Logits of survivors, half the logarithm of the odds of having died.

    Parameters
    ----------
    survivors : (..., A) array
        l_x at exact ages with a radix of 1, from 0 to 1.

    Returns
    -------
    (..., A) array
        Y_x = ln((1 - l_x) / l_x) / 2, rising with age; minus infinity where l_x is 1, infinity where it is 0.

    Raises
    ------
    ValueError
        If a value is not a number from 0 to 1.

    Notes
    -----
    Brass (1971), On the scale of mortality, in Biological Aspects of Demography.
    """
    share = checked(survivors, "survivors", high=1)
    with np.errstate(divide="ignore"):
        logits: Array = (np.log1p(-share) - np.log(share)) / 2
    return logits


def brass(standard_survivors: ArrayLike, alpha: ArrayLike, beta: ArrayLike) -> Array:
    """Survivors whose logits are a straight line over those of a standard.

    Parameters
    ----------
    standard_survivors : (..., A) array
        l_x of the standard at exact ages with a radix of 1; it does not rise with age.
    alpha, beta : (...) array
        Level and slope of the line, the slope above zero; broadcast against the leading axes of the standard.

    Returns
    -------
    (..., A) array
        l_x = 1 / (1 + exp(2 alpha + 2 beta Y_x)), with Y_x the logits of the standard; 1 and 0 where the standard
        has 1 and 0.

    Raises
    ------
    ValueError
        If survivors are out of bounds or rise with age, a parameter is not a finite number, or beta not above zero.

    Notes
    -----
    Brass (1971), On the scale of mortality, in Biological Aspects of Demography.
    """
    logits = logit_survivors(_survivors(standard_survivors))
    level = checked(np.atleast_1d(alpha), "values of alpha", low=-np.inf).reshape(np.shape(alpha))
    slope = checked(np.atleast_1d(beta), "values of beta", low=-np.inf).reshape(np.shape(beta))
    if not slope.min() > 0:
        message = f"beta is {slope.min():g}; it must be above zero, or survivors would rise with age"
        raise ValueError(message)
    with np.errstate(over="ignore"):
        survivors: Array = 1 / (1 + np.exp(2 * (level[..., None] + slope[..., None] * logits)))
    return survivors


def fit_brass(
    observed_survivors: ArrayLike, standard_survivors: ArrayLike, ages: ArrayLike, fitted_ages: tuple[float, float]
) -> BrassParameters:
    """Level and slope of the line that relates observed survivors to a standard.

    Parameters
    ----------
    observed_survivors, standard_survivors : (..., A) array
        l_x at exact ages with a radix of 1, above 0 and below 1 at the ages between the bounds; broadcast against
        each other.
    ages : (A,) array
        Exact ages, rising.
    fitted_ages : pair of float
        First and last exact age of the fit, both included.

    Returns
    -------
    BrassParameters
        alpha and beta by least squares on the logits, every age with the same weight.

    Raises
    ------
    ValueError
        If survivors are out of bounds or rise with age, fewer than two ages lie between the bounds, or the standard
        is the same at all of them.
    """
    exact = rising(ages, "ages")
    fitted = (exact >= fitted_ages[0]) & (exact <= fitted_ages[1])
    if fitted.sum() < 2:
        first, last = fitted_ages
        message = f"{int(fitted.sum())} of the ages lie between {first:g} and {last:g}; two or more are needed"
        raise ValueError(message)
    observed, standard = (_inner(values, fitted) for values in (observed_survivors, standard_survivors))
    around = standard - standard.mean(axis=-1, keepdims=True)
    spread = (around**2).sum(axis=-1)
    if not spread.min() > 0:
        message = "survivors of the standard are the same at all ages of the fit; beta needs ages at which they differ"
        raise ValueError(message)
    beta = (around * observed).sum(axis=-1) / spread
    return BrassParameters(observed.mean(axis=-1) - beta * standard.mean(axis=-1), beta)


def _survivors(values: ArrayLike, length: int | None = None) -> Array:
    """Survivors that do not rise with age."""
    survivors = checked(values, "survivors", high=1, length=length)
    if (np.diff(survivors, axis=-1) > 0).any():
        message = "survivors rise with age; they must stay or fall"
        raise ValueError(message)
    return survivors


def _inner(values: ArrayLike, fitted: NDArray[np.bool_]) -> Array:
    """Logits at the ages of the fit, where some but not all survive."""
    survivors = _survivors(values, len(fitted))[..., fitted]
    if not (survivors.min() > 0 and survivors.max() < 1):
        message = "survivors at the ages of the fit must be above 0 and below 1"
        raise ValueError(message)
    return logit_survivors(survivors)
