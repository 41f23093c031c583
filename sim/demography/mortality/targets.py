"""Mortality brought to a stated life expectancy."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.hazards import death_hazard, exposure
from sim.demography.lifetable import stationary_population
from sim.demography.roots import falling_root_by_slope

AGE_ON_1_JANUARY_EXCESS = 0.5
"""Years by which e_0 lies above the period value when age on 1 January is counted as exact age."""

LARGEST_FACTOR = 1e6
LARGEST_ALPHA = 10.0

Family = Callable[[Array], tuple[Array, Array]]
"""Mortality that rises with one parameter: for its values (...), survival ratios by cohort slot (..., A + 1) and by
how much the logarithm of each ratio falls as the parameter rises by one."""


class ScaledMortality(NamedTuple):
    """Survival ratios that return a target life expectancy."""

    survival: Array
    """(..., A + 1) survival ratios by cohort slot."""
    factor: Array
    """(...) what every hazard was multiplied by."""


class ModelMortality(NamedTuple):
    """Survival ratios of a one-parameter family that return a target life expectancy."""

    survival: Array
    """(..., A + 1) survival ratios by cohort slot."""
    parameter: Array
    """(...) the parameter of the family: alpha of Brass's logits, k of a pattern."""


def period_life_expectancy(expectancy: Array, definition: str) -> Array:
    """Life expectancy at birth as a period life table defines it.

    Parameters
    ----------
    expectancy : array
        e_0, years.
    definition : {"period", "age_on_1_january"}
        How it was computed. "age_on_1_january" takes the age on 1 January for the exact age, as the Belgian
        Federal Planning Bureau's printed values up to its 2013 edition do; it lies half a year higher.

    Returns
    -------
    array
        e_0 of the period life table, years.

    Raises
    ------
    ValueError
        If there is no such definition.
    """
    if definition not in {"period", "age_on_1_january"}:
        message = f"'{definition}' is no definition of life expectancy; allowed are 'period' and 'age_on_1_january'"
        raise ValueError(message)
    return expectancy - AGE_ON_1_JANUARY_EXCESS if definition == "age_on_1_january" else expectancy


def family_to_life_expectancy(family: Family, target: ArrayLike, low: ArrayLike, high: ArrayLike) -> ModelMortality:
    """Member of a one-parameter family of life tables that returns a target e_0.

    Parameters
    ----------
    family : function
        Survival ratios and the fall of their logarithms at a parameter; no ratio rises with it.
    target : (...) array
        Period life expectancy at birth, years.
    low, high : array
        Smallest and largest parameter; their shape, broadcast with that of `target`, is the shape of the cells.

    Returns
    -------
    ModelMortality
        Survival ratios and parameters; the ratios return the target within 1e-9 years.

    Raises
    ------
    ValueError
        If no parameter between the bounds returns a target.

    Notes
    -----
    e_0 is the sum of products of ratios, so its slope is that of their logarithms cumulated over slots and weighted
    by the person-years of each age. Newton's steps close in on the root for all cells at once.
    """
    target = np.asarray(target, dtype=float)
    shape = np.broadcast_shapes(target.shape, np.shape(low), np.shape(high))

    def excess(parameter: Array) -> tuple[Array, Array]:
        expectancy, slope = _life_expectancy_and_slope(*family(parameter))
        return expectancy - target, slope

    parameter = falling_root_by_slope(excess, np.broadcast_to(low, shape), np.broadcast_to(high, shape))
    return ModelMortality(family(parameter)[0], parameter)


def scale_to_life_expectancy(survival: Array, target: Array) -> ScaledMortality:
    """Multiply all hazards of a life table by one factor so that it returns a target e_0.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot, above 0; below 1 for those already in the open age.
    target : (...) array
        Period life expectancy at birth, years; broadcast against the leading axes of `survival`.

    Returns
    -------
    ScaledMortality
        Survival ratios and factors; the ratios return the target within 1e-9 years.

    Raises
    ------
    ValueError
        If a ratio is out of bounds, or a target lies outside what a factor between 1e-6 and 1e6 can reach.
    """
    hazard = _hazards(survival)
    scaled = _along(hazard, np.ones(1), target, "no common factor on the hazards reaches this life expectancy")
    return ScaledMortality(scaled.survival, np.exp(scaled.parameter))


def along_pattern_to_life_expectancy(survival: ArrayLike, pattern: ArrayLike, target: ArrayLike) -> ModelMortality:
    """Multiply the hazards of a life table by exp(b_x k) with one k so that it returns a target e_0.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot, above 0; below 1 for those already in the open age.
    pattern : (..., A + 1) array
        b_x by cohort slot, such as the sensitivities of a Lee-Carter model; broadcast against `survival`. Ages with
        a value below zero have risks that rise while those of others fall. Doubled, it halves k.
    target : (...) array
        Period life expectancy at birth, years; broadcast against the leading axes of both.

    Returns
    -------
    ModelMortality
        Survival ratios and k; the ratios return the target within 1e-9 years.

    Raises
    ------
    ValueError
        If an input is out of bounds, or no k under which all hazards change by a factor between 1e-6 and 1e6
        reaches a target.

    Notes
    -----
    Lee and Miller (2001), Demography 38(4), choose k by the observed e_0 in this way.
    """
    hazard = _hazards(survival)
    sensitivity = checked(pattern, "patterns of mortality change", low=-np.inf, length=hazard.shape[-1])
    if not sensitivity.sum(axis=-1).min() > 0:
        message = f"a pattern of mortality change adds up to {sensitivity.sum(axis=-1).min():g}; it must be above zero"
        raise ValueError(message)
    return _along(hazard, sensitivity, target, "no k reaches this life expectancy along the pattern")


def brass_to_life_expectancy(survival: ArrayLike, target: ArrayLike) -> ModelMortality:
    """Shift the logits of a life table's survivors by one alpha so that it returns a target e_0.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot of the standard, four slots or more, above 0; below 1 in the last three.
    target : (...) array
        Period life expectancy at birth, years; broadcast against the leading axes of `survival`.

    Returns
    -------
    ModelMortality
        Survival ratios and alpha, with beta = 1; the ratios return the target within 1e-9 years.

    Raises
    ------
    ValueError
        If an input is out of bounds, or no alpha between -10 and 10 reaches a target.

    Notes
    -----
    Brass (1971), On the scale of mortality, in Biological Aspects of Demography. The survivors are the ratios
    cumulated from birth, that is the stock of each completed age per yearly birth, below the open age. The two slots
    of the open age have no survivors of their own: their hazards are multiplied by the factor by which the hazard of
    the slot below changes.
    """
    hazard = _hazards(survival)
    if hazard.shape[-1] < 4 or not (hazard[..., -3:] > 0).all():
        message = "survivors of a standard need four slots or more, and ratios below 1 in the last three"
        raise ValueError(message)
    ratios = np.asarray(survival, dtype=float)
    survivors = np.cumprod(ratios[..., :-2], axis=-1)
    below = -np.log(ratios[..., -3])

    def family(alpha: Array) -> tuple[Array, Array]:
        spread = 1 + np.expm1(2 * alpha)[..., None] * (1 - survivors)
        shifted = survivors / spread
        result = np.empty((*shifted.shape[:-1], hazard.shape[-1]))
        fall = np.empty_like(result)
        result[..., 0], fall[..., 0] = shifted[..., 0], 2 * (1 - shifted[..., 0])
        np.multiply(ratios[..., 1:-2], spread[..., :-1] / spread[..., 1:], out=result[..., 1:-2])
        np.multiply(2, shifted[..., :-1] - shifted[..., 1:], out=fall[..., 1:-2])
        open_age = hazard[..., -2:] / below[..., None]
        np.exp(np.log(result[..., -3:-2]) * open_age, out=result[..., -2:])
        np.multiply(fall[..., -3:-2], open_age, out=fall[..., -2:])
        return result, fall

    shape = np.broadcast_shapes(hazard.shape[:-1], np.shape(target))
    bound = np.full(shape, LARGEST_ALPHA)
    return _reached(family, target, -bound, bound, "no alpha between -10 and 10 reaches this life expectancy")


def national_factor(survival: Array, weights: Array, target: Array) -> Array:
    """One factor on the hazards of several states under which they return a life expectancy together.

    Parameters
    ----------
    survival : (..., K, A + 1) array
        Survival ratios of K states by cohort slot, above 0; below 1 for those already in the open age.
    weights : (..., K, A + 1) array
        Share of each state in the people of a slot.
    target : (...) array
        e_0 of the life table whose ratios are the states' mean, years.

    Returns
    -------
    (...) array
        The factor; the mean ratios return the target within 1e-9 years.

    Raises
    ------
    ValueError
        If a ratio is out of bounds, or a target lies outside what a factor between 1e-6 and 1e6 can reach.
    """
    hazard = _hazards(survival)
    shape = np.broadcast_shapes(hazard.shape[:-2], np.shape(weights)[:-2], np.shape(target))

    def family(log_factor: Array) -> tuple[Array, Array]:
        states, fall = _under_hazard(hazard * np.exp(log_factor)[..., None, None])
        states *= weights
        mean = states.sum(axis=-2)
        return mean, (states * fall).sum(axis=-2) / mean

    bound = np.full(shape, np.log(LARGEST_FACTOR))
    message = "no common factor on the hazards reaches this life expectancy"
    return np.exp(_reached(family, target, -bound, bound, message).parameter)


def _hazards(survival: ArrayLike) -> Array:
    """Hazards of survival ratios that are above 0, and below 1 for those already in the open age."""
    ratios = checked(survival, "survival ratios", high=1)
    if not ratios.min() > 0 or not ratios[..., -1].max() < 1:
        message = "survival ratios must be above 0, and below 1 for those already in the open age"
        raise ValueError(message)
    return death_hazard(ratios)


def _along(hazard: Array, sensitivity: Array, target: ArrayLike, message: str) -> ModelMortality:
    """Life table under hazards times exp(sensitivity * k) that returns a life expectancy."""

    def family(parameter: Array) -> tuple[Array, Array]:
        survival, fall = _under_hazard(hazard * np.exp(sensitivity * parameter[..., None]))
        fall *= sensitivity
        return survival, fall

    bound = np.log(LARGEST_FACTOR) / np.abs(sensitivity).max(axis=-1)
    bound = np.broadcast_to(bound, np.broadcast_shapes(bound.shape, hazard.shape[:-1], np.shape(target)))
    return _reached(family, target, -bound, bound, message)


def _reached(family: Family, target: ArrayLike, low: Array, high: Array, message: str) -> ModelMortality:
    """Member of a family that returns a life expectancy, or an error in the family's own words."""
    try:
        return family_to_life_expectancy(family, target, low, high)
    except ValueError as error:
        raise ValueError(message) from error


def _under_hazard(hazard: Array) -> tuple[Array, Array]:
    """Survival ratios of hazards, and the fall of their logarithms as the hazards rise by a share; takes `hazard`."""
    survival = np.exp(-hazard)
    newborn = exposure(hazard[..., 0])
    survival[..., 0] = newborn.stock_years
    hazard[..., 0] *= 1 - newborn.entrant_years / newborn.stock_years
    return survival, hazard


def _life_expectancy_and_slope(survival: Array, fall: Array) -> tuple[Array, Array]:
    """e_0 of survival ratios, and what a parameter adds to it that lowers the ratios' logarithms by `fall`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        people = stationary_population(survival)
        within = fall[..., -1] * survival[..., -1] / (1 - survival[..., -1])
    cumulated = np.cumsum(fall[..., :-1], axis=-1)
    cumulated[..., -1] += within
    slope = -np.einsum("...x,...x->...", people, cumulated)
    return people.sum(axis=-1), slope
