"""Age patterns of fertility brought to a stated total or mean age."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.fertility.measures import mean_age_at_birth, numbers
from sim.demography.graduation import monotone_cubic
from sim.demography.roots import falling_root

LARGEST_LOSS = 1e-6
"""Share of a pattern that may leave its ages when it is moved: that of a model's endless tail."""

LARGEST_MISS = 1e-11
"""Years by which a mean age may miss its target."""

MOST_STEPS = 5
"""Moves until the target is met: each loses less than 1e-4 of the miss before, to a part that leaves the ages."""


def with_total(pattern: ArrayLike, total: ArrayLike) -> Array:
    """Fertility rates of an age pattern and a total.

    Parameters
    ----------
    pattern : (..., A) array
        Shares or rates by single age, of which only the proportions count.
    total : (...) array
        Total fertility rate, broadcast against the leading axes of `pattern`.

    Returns
    -------
    (..., A) array
        Births per woman and year that add up to the total.

    Raises
    ------
    ValueError
        If a value is negative or not a number, or a pattern is all zero.
    """
    array = checked(pattern, "fertility patterns", rows=True)
    totals = numbers(total, "total fertility rates")
    rates: Array = array * (totals / array.sum(axis=-1))[..., None]
    return rates


def shifted_to_mean_age(pattern: ArrayLike, mean_age: ArrayLike) -> Array:
    """Move patterns along age, with their shape and their total, until their mean ages are stated ones.

    Parameters
    ----------
    pattern : (..., A) array
        Shares or rates by single completed age from 0 on.
    mean_age : (...) array
        Mean ages at birth to meet, years, broadcast against the leading axes of `pattern`; births at completed age
        x count at x + 0.5.

    Returns
    -------
    (..., A) array
        The moved patterns; their mean ages miss the stated ones by less than 1e-10 years.

    Raises
    ------
    ValueError
        If a value is negative or not a number, a pattern is all zero, or more than 1e-6 of one would leave its ages.

    Notes
    -----
    The pattern accumulated over age is moved by whole years and a part of a year, and read off at whole ages by a
    monotone cubic; the mean of what is read off, not the move, meets the target. A move by whole years changes
    nothing else; in a part of a year the interpolation alters the shares of single ages slightly. What little of a
    tail leaves the ages is given back in proportion.
    """
    shares = checked(pattern, "fertility patterns", rows=True)
    ages = np.arange(shares.shape[-1])
    target = numbers(mean_age, "mean ages at birth", high=len(ages))
    away = target - mean_age_at_birth(shares, ages, 1)
    accumulated = np.zeros((*shares.shape[:-1], len(ages) + 1))
    np.cumsum(shares, axis=-1, out=accumulated[..., 1:])
    thirds, total = _within_a_year(accumulated), accumulated[..., -1:]
    miss = np.zeros_like(away)
    for _ in range(MOST_STEPS):
        away += miss
        moved = np.diff(_moved(accumulated, thirds, away))
        kept = moved.sum(axis=-1, keepdims=True) / total
        if np.any(kept < 1 - LARGEST_LOSS):
            _refuse(target, 1 - kept[..., 0], len(ages))
        miss = target - mean_age_at_birth(moved, ages, 1)
        if np.all(np.abs(miss) <= LARGEST_MISS):
            break
    moved /= kept
    return moved


def _refuse(target: Array, lost: Array, ages: int) -> NoReturn:
    """Say for which mean age most of a pattern is lost."""
    worst = int(np.argmax(lost))
    wanted = np.broadcast_to(target, lost.shape).flat[worst]
    message = (
        f"a mean age of {wanted:g} would move {lost.flat[worst]:.3g} of the fertility pattern out of the ages 0 to "
        f"{ages - 1}; at most {LARGEST_LOSS:g} may leave them"
    )
    raise ValueError(message)


def _within_a_year(accumulated: Array) -> Array:
    """Rise of an accumulated pattern (..., A + 1) up to the thirds and the end of each year of age, (..., 3, A)."""
    ages = np.arange(accumulated.shape[-1] - 1.0)
    points = ages + np.array([[1 / 3], [2 / 3], [1.0]])
    read = monotone_cubic(np.append(ages, len(ages)), accumulated, points.ravel())
    return read.reshape(*read.shape[:-1], *points.shape) - accumulated[..., None, :-1]


def _moved(accumulated: Array, thirds: Array, away: Array) -> Array:
    """Accumulated pattern at whole ages, (..., A + 1), once its mean age has risen by as many years."""
    gains = thirds.sum(axis=-1) / accumulated[..., -1:]
    whole = np.ceil(away)
    # Up by whole years, then down by a part of one. The search starts halfway, at no part, and turns upwards there.
    part = falling_root(
        lambda years: whole - away - (_cubic(years) * gains).sum(axis=-1), -np.ones_like(away), np.ones_like(away)
    )
    inner = accumulated[..., :-1] + (_cubic(part)[..., None] * thirds).sum(axis=-2)
    edges = np.zeros((*inner.shape[:-1], inner.shape[-1] + 2))
    edges[..., 1:-1] = inner
    edges[..., -1] = accumulated[..., -1]
    place = np.arange(1, inner.shape[-1] + 2) - whole[..., None]
    read = np.take_along_axis(edges, np.clip(place, 0, inner.shape[-1] + 1).astype(np.intp), axis=-1)
    # Rounding must not let a sum of shares fall.
    return np.maximum.accumulate(read, axis=-1)


def _cubic(time: Array) -> Array:
    """Weights (..., 3) of the values at 1/3, 2/3 and 1 of the cubic through them and zero, at times (...)."""
    weights = [
        13.5 * time * (time - 2 / 3) * (time - 1),
        -13.5 * time * (time - 1 / 3) * (time - 1),
        4.5 * time * (time - 1 / 3) * (time - 2 / 3),
    ]
    return np.stack(weights, axis=-1)
