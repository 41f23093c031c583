"""Procedures outside the population, as stocks and flows of cases by calendar year.

Cases are persons, or files of one or more persons. Those who wait on 1 January and those who apply in the year are
closed in it or wait on; the closed are withdrawn or decided; the decided are granted a title or rejected.
"""

from typing import NamedTuple

import numpy as np

from sim.axes import Array


class Closed(NamedTuple):
    """Cases closed in each of N years, and those who wait between."""

    closed: Array
    """(N,) decided or withdrawn in the year."""
    waiting: Array
    """(N + 1,) waiting on each 1 January."""


def closed_after(applications: Array, delay: Array, waiting: float) -> Closed:
    """Close the applications of each year after a delay.

    Parameters
    ----------
    applications : (N,) array
        Cases per calendar year.
    delay : (k,) array
        Shares of the applications of a year that are closed in that year, the next one, and so on; they sum to 1.
    waiting : float
        Cases that wait on the first 1 January; zero where all are closed in the year of their application.

    Returns
    -------
    Closed
        With everyone who waits followed from the year of the application, so that nobody is below zero.

    Raises
    ------
    ValueError
        If some wait though all are closed in the year of their application.

    Notes
    -----
    With the shares d_0, d_1, … and their tails S_j = d_{j+1} + d_{j+2} + …, the applications A_t give

        closed_t = sum_k d_k A_{t-k} + W_0 S_t / sum_j S_j.

    The second part closes those who wait at the start, W_0, as if equal numbers, a, had applied in all years before: of
    those who applied m years before the first, a d_{j+m} are closed in year j, which is a S_j over all m = 1, 2, …; and
    a sum_j S_j are waiting at the start. With the same applications a in all years, and these waiting, a are closed
    every year and the number who wait does not change.
    """
    years = len(applications)
    shares = np.zeros(max(years, len(delay)) + 1)
    shares[: len(delay)] = delay / delay.sum()
    open_after = np.append(np.cumsum(shares[::-1])[::-1][1:], 0.0)
    mean_delay = open_after.sum()
    if waiting > 0 and mean_delay == 0:
        message = f"{waiting:,.6g} wait, but the 'delay' closes every case in the year of its application"
        raise ValueError(message)
    at_start = waiting / mean_delay if waiting > 0 else 0.0
    still_open = np.cumsum(open_after[::-1])[::-1]
    closed = np.convolve(applications, shares)[:years] + at_start * open_after[:years]
    left = np.convolve(applications, open_after)[:years] + at_start * still_open[1 : years + 1]
    return Closed(closed, np.append(float(waiting), left))


def closed_as_counted(applications: Array, counted: Array, waiting: float) -> Closed:
    """Close as many cases as are counted in each year, or all that there are where these are fewer.

    Parameters
    ----------
    applications : (N,) array
        Cases per calendar year.
    counted : (N,) array
        Cases to close in each year, of those who wait and those who apply in the year.
    waiting : float
        Cases that wait on the first 1 January.

    Returns
    -------
    Closed
        The closed differ from those counted only where more were counted than there were.
    """
    closed, stock = np.zeros(len(applications)), np.zeros(len(applications) + 1)
    stock[0] = waiting
    for year, applying in enumerate(applications):
        there = stock[year] + applying
        closed[year] = min(counted[year], there)
        stock[year + 1] = there - closed[year]
    return Closed(closed, stock)


def granted_of(decided: Array, stated: Array) -> Array:
    """Grant titles to as many of the decided as is stated, or to all where these are fewer.

    Parameters
    ----------
    decided : (N,) array
        Cases decided in each year.
    stated : (outcomes, N) array
        Cases to grant each title.

    Returns
    -------
    (outcomes, N) array
        As stated; where together they are more than the decided, lowered in proportion.
    """
    total = stated.sum(axis=0)
    factor = np.ones_like(decided)
    np.divide(decided, total, out=factor, where=total > decided)
    granted: Array = stated * factor
    return granted


def rejected_of(decided: Array, granted: Array) -> Array:
    """Reject all of the decided who are granted no title.

    Parameters
    ----------
    decided : (N,) array
        Cases decided in each year.
    granted : (outcomes, N) array
        Cases granted each title, as `granted_of` gives them: no more than the decided, but for rounding.

    Returns
    -------
    (N,) array
        Zero or more.
    """
    rejected: Array = np.maximum(decided - granted.sum(axis=0), 0.0)
    return rejected
