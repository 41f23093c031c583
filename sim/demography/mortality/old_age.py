"""Death rates of the oldest ages, extrapolated along a law of mortality."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked

OldAgeModel = Literal["kannisto", "gompertz"]
"""Law of mortality: the logit, or the logarithm, of the death rate is a straight line over age."""

ORIGIN = 80
"""Exact age at which the level of a law is stated, as in the Human Mortality Database."""
START_SLOPE = 0.1
MOST_STEPS = 200
STEP_TOLERANCE = 1e-12
YEARS_BEYOND = 200
"""Years over which the open age is followed; its last year then lasts for ever."""


class OldAgeLaw(NamedTuple):
    """A law of mortality at old ages."""

    model: OldAgeModel
    """Which law."""
    level: Array
    """(...) logit (Kannisto) or logarithm (Gompertz) of the hazard at exact age 80."""
    slope: Array
    """(...) its rise per year of age, above zero."""


def fit_to_deaths(deaths: ArrayLike, exposure: ArrayLike, ages: ArrayLike, *, model: OldAgeModel) -> OldAgeLaw:
    """Law of mortality under which observed deaths are most likely.

    Parameters
    ----------
    deaths, exposure : (..., A) array
        Deaths and person-years of single completed ages; no deaths where there is no exposure.
    ages : (A,) array
        Completed ages, one year apart, two or more, none of them open.
    model : {"kannisto", "gompertz"}
        The law.

    Returns
    -------
    OldAgeLaw
        Maximum of the likelihood of independent Poisson deaths with mean exposure times the hazard at age x + 1/2.

    Raises
    ------
    ValueError
        If an input is out of bounds, there are no deaths, no maximum is found, or mortality falls with age.

    Notes
    -----
    Thatcher, Kannisto and Vaupel (1998), The Force of Mortality at Ages 80 to 120; the Human Mortality Database fits
    the Kannisto model in this way (Methods Protocol, version 6). Fisher's scoring, with the observed information
    of an age where it is larger than the expected one, and with steps that move no logit or logarithm by more than one.
    """
    at = _single_ages(ages) + 0.5 - ORIGIN
    _known(model)
    exposed = checked(exposure, "exposures", length=len(at), rows=True)
    died = checked(deaths, "deaths", length=len(at), rows=True)
    if ((died > 0) & (exposed == 0)).any():
        message = "there are deaths at an age without exposure"
        raise ValueError(message)
    if ((exposed > 0).sum(axis=-1) < 2).any():
        message = "a law of mortality needs exposure at two ages or more"
        raise ValueError(message)
    level, slope = _most_likely_line(died, exposed, at, model)
    return _law(model, level, slope)


def fit_to_rates(death_rates: ArrayLike, ages: ArrayLike, *, model: OldAgeModel) -> OldAgeLaw:
    """Law of mortality by a straight line through transformed death rates.

    Parameters
    ----------
    death_rates : (..., A) array
        m_x of single completed ages, above zero; below one for the Kannisto model.
    ages : (A,) array
        Completed ages, one year apart, two or more, none of them open.
    model : {"kannisto", "gompertz"}
        The law.

    Returns
    -------
    OldAgeLaw
        Least squares on the logits (Kannisto) or logarithms (Gompertz), all ages with the same weight. Where deaths
        and exposures are known, `fit_to_deaths` is better: it knows how few the oldest are.

    Raises
    ------
    ValueError
        If an input is out of bounds, or mortality falls with age.
    """
    at = _single_ages(ages) + 0.5 - ORIGIN
    _known(model)
    rates = checked(death_rates, "death rates", length=len(at), high=1 if model == "kannisto" else np.inf)
    if not rates.min() > 0 or (model == "kannisto" and not rates.max() < 1):
        message = f"death rates of a {model} law must be above zero{' and below one' * (model == 'kannisto')}"
        raise ValueError(message)
    transformed = np.log(rates) - (np.log1p(-rates) if model == "kannisto" else 0)
    around = at - at.mean()
    slope = transformed @ around / (around @ around)
    return _law(model, transformed.mean(axis=-1) - slope * at.mean(), slope)


def law_rates(law: OldAgeLaw, ages: ArrayLike) -> Array:
    """Death rates of a law of mortality.

    Parameters
    ----------
    law : OldAgeLaw
        Level and slope of shape (...).
    ages : (A,) array
        Completed ages.

    Returns
    -------
    (..., A) array
        m_x, the hazard at age x + 1/2, deaths per person-year.

    Raises
    ------
    ValueError
        If an age is not a number of zero or more.
    """
    at = checked(ages, "ages") + 0.5 - ORIGIN
    return _inverse_link(law.level[..., None] + law.slope[..., None] * at, law.model)


def open_age_rate(law: OldAgeLaw, age: int) -> Array:
    """Death rate of an open age under a law of mortality.

    Parameters
    ----------
    law : OldAgeLaw
        Level and slope of shape (...).
    age : int
        First completed age of the open age.

    Returns
    -------
    (...) array
        1 / e_x: deaths per person-year of the stationary population from that age on, with the law's death rate as
        constant hazard of each single year of age.
    """
    rates = law_rates(law, np.arange(age, age + YEARS_BEYOND))
    reached = np.exp(-np.cumsum(rates, axis=-1))
    lived = -np.expm1(-rates) / rates
    years = lived[..., 0] + (reached[..., :-1] * lived[..., 1:]).sum(axis=-1) + reached[..., -1] / rates[..., -1]
    rate: Array = 1 / years
    return rate


def extend(
    death_rates: ArrayLike,
    ages: ArrayLike,
    *,
    model: OldAgeModel,
    open_age: int,
    fitted_ages: tuple[int, int] = (80, 95),
    replaced_from: int | None = None,
    deaths: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
) -> Array:
    """Death rates with their oldest ages replaced and extended along a law of mortality.

    Parameters
    ----------
    death_rates : (..., A) array
        m_x of single completed ages, the last open, deaths per person-year.
    ages : (A,) array
        Completed ages, one year apart.
    model : {"kannisto", "gompertz"}
        The law.
    open_age : int
        The new open age.
    fitted_ages : pair of int
        First and last completed age to which the law is fitted; the open age is not one of them.
    replaced_from : int, optional
        First age whose rate is the law's; by default the first age of the fit.
    deaths, exposure : (..., A) array, optional
        Deaths and person-years of the same ages. With both the law is fitted by `fit_to_deaths`, with neither by
        `fit_to_rates`.

    Returns
    -------
    (..., open_age - ages[0] + 1) array
        The rates as they are below `replaced_from`, those of the law from there on, and that of `open_age_rate` in
        the new open age.

    Raises
    ------
    ValueError
        If an input is out of bounds, the ages do not fit together, or mortality falls with age.

    Notes
    -----
    Where the law starts, the rates may jump: nothing joins them.
    """
    single = _single_ages(ages)
    rates = checked(death_rates, "death rates", length=len(single))
    start = fitted_ages[0] if replaced_from is None else replaced_from
    first, last = int(single[0]), int(single[-1])
    if not first <= fitted_ages[0] < fitted_ages[1] < last:
        message = (
            f"a law cannot be fitted to ages {fitted_ages[0]} to {fitted_ages[1]} of {first} to {last}; allowed are "
            "two ages or more below the open one"
        )
        raise ValueError(message)
    if not (first <= start <= last and start < open_age):
        message = f"a law cannot replace ages {first} to {last} from {start} on up to a new open age of {open_age}"
        raise ValueError(message)
    inside = slice(fitted_ages[0] - first, fitted_ages[1] - first + 1)
    if (deaths is None) != (exposure is None):
        message = "deaths and exposures are given together or not at all"
        raise ValueError(message)
    if deaths is None or exposure is None:
        law = fit_to_rates(rates[..., inside], single[inside], model=model)
    else:
        counts = (checked(deaths, "deaths", length=len(single)), checked(exposure, "exposures", length=len(single)))
        law = fit_to_deaths(counts[0][..., inside], counts[1][..., inside], single[inside], model=model)
    shape = np.broadcast_shapes(rates.shape[:-1], law.slope.shape)
    extended = np.empty((*shape, open_age - first + 1))
    extended[..., : start - first] = rates[..., : start - first]
    extended[..., start - first : -1] = law_rates(law, np.arange(start, open_age))
    extended[..., -1] = open_age_rate(law, open_age)
    return extended


def _single_ages(ages: ArrayLike) -> Array:
    """Completed ages that are one year apart."""
    single = checked(ages, "ages")
    if single.ndim != 1 or len(single) < 2 or (np.diff(single) != 1).any() or single[0] % 1:
        message = "ages must be two or more whole numbers, each one above the one before"
        raise ValueError(message)
    return single


def _known(model: str) -> None:
    """Refuse a law that is not one of those known."""
    if model not in ("kannisto", "gompertz"):
        message = f"{model} is not a law of mortality at old ages; allowed are kannisto and gompertz"
        raise ValueError(message)


def _inverse_link(line: Array, model: OldAgeModel) -> Array:
    """Hazards of a straight line over age; beyond the largest number they are infinite, and everybody dies."""
    with np.errstate(over="ignore"):
        hazard: Array = 1 / (1 + np.exp(-line)) if model == "kannisto" else np.exp(line)
    return hazard


def _most_likely_line(died: Array, exposed: Array, at: Array, model: OldAgeModel) -> tuple[Array, Array]:
    """Level at zero and slope of the straight line over age under which deaths are most likely."""
    centre = at.mean()
    design = np.stack([np.ones_like(at), at - centre])
    level = np.log(died.sum(axis=-1) / (exposed * np.exp(START_SLOPE * design[1])).sum(axis=-1))
    line = np.stack([level, np.full_like(level, START_SLOPE)], axis=-1)
    for _ in range(MOST_STEPS):
        hazard = _inverse_link(line @ design, model)
        steepness = 1 - hazard if model == "kannisto" else np.ones_like(hazard)
        score = (died - exposed * hazard) * steepness
        weight = exposed * hazard * steepness**2
        if model == "kannisto":
            weight += hazard * np.maximum(score, 0)
        information = np.einsum("...a,ia,ja->...ij", weight, design, design)
        try:
            move = np.linalg.solve(information, (score @ design.T)[..., None])[..., 0]
        except np.linalg.LinAlgError:
            break
        largest = np.abs(move @ design).max(axis=-1)
        moving = ~(largest <= STEP_TOLERANCE)
        if not moving.any():
            return line[..., 0] - centre * line[..., 1], line[..., 1]
        line = line + np.where(moving, 1 / np.maximum(1, largest), 0)[..., None] * move
    message = f"no {model} law was found under which the deaths are most likely"
    raise ValueError(message)


def _law(model: OldAgeModel, level: Array, slope: Array) -> OldAgeLaw:
    """A law whose mortality rises with age."""
    if not np.min(slope) > 0:
        message = f"mortality falls with age at the ages of the fit: a slope of {np.min(slope):g} a year"
        raise ValueError(message)
    return OldAgeLaw(model, np.asarray(level), np.asarray(slope))
