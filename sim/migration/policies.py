"""Policies as factors on yearly flows: scaled, shifted, or held under a ceiling, in a part of a year or all of it."""

import datetime
from collections.abc import Sequence

import numpy as np

from sim.axes import Array

ROUNDING = 1e-9
"""Share of a flow by which the one that is taken away may exceed it: what sums of floating-point numbers are off by."""
SMALLEST_FLOW = 1e-12
"""Share of what is added below which there is next to nothing to be in proportion to."""


def days_in_force(first: datetime.date | str, until: datetime.date | str | None, years: Sequence[int]) -> Array:
    """Share of the days of calendar years on which something holds.

    Parameters
    ----------
    first : date or str
        First day on which it holds, as in 2011-09-22.
    until : date or str, optional
        First day on which it holds no more; without it, it stays.
    years : sequence of int
        Calendar years.

    Returns
    -------
    (n,) array
        From 0 to 1; the 101 days from 22 September 2011 on are 101/365 of that year.
    """
    calendar = (np.asarray(years, dtype=np.int64) - 1970).astype("datetime64[Y]")
    starts, ends = (year.astype("datetime64[D]") for year in (calendar, calendar + 1))
    begun = np.maximum(starts, np.datetime64(first, "D"))
    over = ends if until is None else np.minimum(ends, np.datetime64(until, "D"))
    days = np.maximum((over - begun).astype(np.float64), 0)
    share: Array = days / (ends - starts).astype(np.float64)
    return share


def scale_factor(in_force: Array, factor: float) -> Array:
    """Factor on flows that are multiplied while a policy holds.

    Parameters
    ----------
    in_force : (n,) array
        Share of each year in which it holds.
    factor : float
        What flows are multiplied by while it holds; 0 ends them.

    Returns
    -------
    (n,) array
        1 - in_force + in_force x factor.
    """
    scaled: Array = 1 - in_force * (1 - factor)
    return scaled


def shift_factor(in_force: Array, flows: Array, by: float, labels: Sequence[int | str]) -> Array:
    """Factor on flows that each gain or lose in proportion to their size.

    Parameters
    ----------
    in_force : (n,) array
        Share of each year in which the policy holds.
    flows : (n,) array
        All flows together, per year.
    by : float
        What they gain in a whole year; below zero, what they lose.
    labels : sequence of int or str
        Years, for messages.

    Returns
    -------
    (n,) array
        1 + in_force x by / flows; 1 where the policy does not hold.

    Raises
    ------
    ValueError
        If there is nothing to be in proportion to, or more is taken away than there is.
    """
    added = in_force * by
    alone, short = (added > 0) & (flows <= SMALLEST_FLOW * added), flows * (1 + ROUNDING) + added < 0
    if alone.any():
        place = int(alone.argmax())
        message = (
            f"adds in proportion to the size of the flows that it changes, which is {flows[place]:g} in {labels[place]}"
        )
        raise ValueError(message)
    if short.any():
        place = int(short.argmax())
        message = (
            f"takes away {-added[place]:,.6g} in {labels[place]}, but the flows that it changes are {flows[place]:,.6g}"
        )
        raise ValueError(message)
    factor = np.ones_like(flows)
    np.divide(flows + added, flows, out=factor, where=added != 0)
    return np.maximum(factor, 0)


def cap_factor(in_force: Array, flows: Array, at: float) -> Array:
    """Factor on flows that are lowered in proportion where they exceed a ceiling together.

    Parameters
    ----------
    in_force : (n,) array
        Share of each year in which the policy holds.
    flows : (n,) array
        All flows together, per year.
    at : float
        Ceiling, per year.

    Returns
    -------
    (n,) array
        1 - in_force + in_force x min(flows, at) / flows; 1 where there are none.

    Notes
    -----
    Flows are taken as even over the year: while the ceiling holds, they come at the pace of `at` a year.
    """
    kept = np.ones_like(flows)
    np.divide(np.minimum(flows, at), flows, out=kept, where=flows > 0)
    capped: Array = 1 - in_force * (1 - kept)
    return capped
