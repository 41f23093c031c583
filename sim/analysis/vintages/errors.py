"""Errors of projected populations: what they are made of, and how they grow with the horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sim.analysis.vintages.observed import Observed
    from sim.axes import Array

COMPONENTS = ("start", "births", "deaths", "net_migration", "adjustment")
"""Parts of the error of a population, which add up to it."""

LISTED = (1, 2, 3, 5, 8, 10)
"""Horizons that are summed up."""

FEWEST = 3
"""Editions that reach a horizon that is summed up."""

PLACES = ("after five years", "last year", "all years")
"""Where the shares of the components are told: the last year is the latest of which all of them are known."""

_MIDDLE = 5
_SIGNS = {"births": 1.0, "deaths": -1.0, "natural_balance": 1.0, "net_migration": 1.0}


class Means(NamedTuple):
    """Errors of all editions by horizon."""

    mean: Array
    """(H,) NaN where no edition gets."""
    absolute: Array
    """(H,) mean of the absolute errors."""
    editions: NDArray[np.int64]
    """(H,) that have an error."""


class Shares(NamedTuple):
    """Components of the errors weighed against each other."""

    share: Array
    """(P, C) mean absolute contribution over the sum of these; NaN where there is nothing to weigh."""
    errors: NDArray[np.int64]
    """(P,) that it is the mean of."""
    latest: int
    """Place of the last year on the calendar; -1 where there is none."""


def contributions(series: Mapping[str, Array], observed: Observed, places: NDArray[np.int64]) -> dict[str, Array]:
    """Divide the error of each population into what it came from.

    Parameters
    ----------
    series : mapping of str to array
        Projected ``population`` (E, n + 1) and flows (E, n), NaN where an edition does not project.
    observed : Observed
        The same as observed.
    places : (E,) array
        Place of each edition's first 1 January on the calendar.

    Returns
    -------
    dict of str to (E, n + 1) array
        Persons, those of `COMPONENTS` and ``natural_balance``: NaN before the start, where the edition does not
        project, and from where something is not observed.

    Notes
    -----
    A population is that of the start and all births, less deaths, and net migrants since. The observed one has
    besides the adjustments of the register, which no edition projects: they count against it.
    """
    parts = {name: _since(sign * (series[name] - getattr(observed, name)), places) for name, sign in _SIGNS.items()}
    within = ~np.isnan(series["population"][:, 1:])
    parts["adjustment"] = _since(np.where(within, -observed.adjustment, np.nan), places)
    start = np.take_along_axis(series["population"] - observed.population, places[:, None], axis=1)
    parts["start"] = np.where(np.isnan(series["population"]), np.nan, start)
    return parts


def by_horizon(values: Array, places: NDArray[np.int64]) -> Array:
    """Move each edition's values so that its first 1 January comes first.

    Parameters
    ----------
    values : (E, Y) array
        By calendar year.
    places : (E,) array
        Place of each edition's first 1 January on the calendar.

    Returns
    -------
    (E, Y) array
        By years since, NaN behind the end of the calendar.
    """
    moved = np.full(values.shape, np.nan)
    for edition, place in enumerate(places):
        moved[edition, : values.shape[1] - place] = values[edition, place:]
    return moved


def means(errors: Array) -> Means:
    """Average the errors of all editions that reach a horizon.

    Parameters
    ----------
    errors : (E, H) array
        NaN where an edition does not reach it.

    Returns
    -------
    Means
        By horizon.
    """
    count = (~np.isnan(errors)).sum(axis=0)
    divisor = np.where(count, count, np.nan)
    return Means(np.nansum(errors, axis=0) / divisor, np.nansum(np.abs(errors), axis=0) / divisor, count)


def listed(editions: NDArray[np.int64]) -> list[int]:
    """Horizons that are summed up: those of `LISTED` that enough editions reach.

    Parameters
    ----------
    editions : (H,) array
        How many have an error, by horizon from 0.

    Returns
    -------
    list of int
        Years.
    """
    return [horizon for horizon in LISTED if horizon < len(editions) and editions[horizon] >= FEWEST]


def growth(mean: Array, editions: NDArray[np.int64]) -> float:
    """How a mean error grows per year of horizon: the line through zero that lies nearest, by least squares.

    Parameters
    ----------
    mean : (H,) array
        By horizon, from 0.
    editions : (H,) array
        How many have an error, by horizon.

    Returns
    -------
    float
        Slope over the horizons that are summed up; NaN where there is none.
    """
    horizons = np.array(listed(editions), dtype=int)
    if not len(horizons):
        return np.nan
    return float((horizons * mean[horizons]).sum() / (horizons**2).sum())


def nearer(simple: Array, errors: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count how often a simple rule is nearer to what happened than the editions.

    Parameters
    ----------
    simple, errors : (E, H) array
        Errors by horizon, NaN where there is none.

    Returns
    -------
    tuple of (H,) array
        Editions compared, and those with the larger absolute error; nothing at horizon 0, where both start alike.
    """
    both = ~np.isnan(simple) & ~np.isnan(errors)
    both[:, 0] = False
    return both.sum(axis=0), (both & (np.abs(simple) < np.abs(errors))).sum(axis=0)


def shares(parts: Array, places: NDArray[np.int64]) -> Shares:
    """Weigh the components of the errors against each other.

    Parameters
    ----------
    parts : (C, E, Y) array
        Contributions in persons by calendar year.
    places : (E,) array
        Place of each edition's first 1 January on the calendar.

    Returns
    -------
    Shares
        By `PLACES`. Errors of the first 1 January are none of them.
    """
    years = np.arange(parts.shape[2])
    known = ~np.isnan(parts).any(axis=0) & (years > places[:, None])
    latest = int(years[known.any(axis=0)].max(initial=-1))
    chosen = [known & (years == places[:, None] + _MIDDLE), known & (years == latest), known]
    sums = np.array([np.abs(parts[:, one]).sum(axis=1) for one in chosen])
    whole = sums.sum(axis=1, keepdims=True)
    return Shares(sums / np.where(whole, whole, np.nan), np.array([one.sum() for one in chosen]), latest)


def _since(flow: Array, places: NDArray[np.int64]) -> Array:
    """Sum of a flow (E, n) from the start of each edition to each 1 January, (E, n + 1); NaN before the start."""
    periods = np.arange(flow.shape[1])
    summed = np.zeros((flow.shape[0], flow.shape[1] + 1))
    summed[:, 1:] = np.where(periods < places[:, None], 0.0, flow).cumsum(axis=1)
    return np.where(np.arange(summed.shape[1]) < places[:, None], np.nan, summed)
