"""Totals of migration spread over region, group, sex and age."""

import numpy as np

from sim.axes import Array

SMALLEST_NET_SHARE = 0.05
"""A profile whose pluses and minuses cancel to less than this would blow up any total spread by it."""
SUM_TOLERANCE = 1e-6


def normalised(persons: Array) -> Array:
    """Shares of the total of observed net migrants or immigrants.

    Parameters
    ----------
    persons : (R, G, 2, A) array
        Persons; cells may be negative.

    Returns
    -------
    (R, G, 2, A) array
        Shares that sum to 1.

    Raises
    ------
    ValueError
        If the sum is below 5 % of the sum of absolute values, or not positive.
    """
    total, size = persons.sum(), np.abs(persons).sum()
    if not total >= SMALLEST_NET_SHARE * size or size == 0:
        message = (
            f"arrivals and departures nearly cancel ({total:,.6g} net of {size:,.6g} in all): the profile is no base "
            "for a balance; use other years, a table, or gross flows"
        )
        raise ValueError(message)
    shares: Array = persons / total
    return shares


def of_part(shares: Array, members: Array) -> Array:
    """Profile of a part of the population, from that of all.

    Parameters
    ----------
    shares : (R, G, 2, A) array
        Profile of all.
    members : (R, G) array
        1 for the states of the part, else 0.

    Returns
    -------
    (R, G, 2, A) array
        Zero elsewhere, with a sum of 1; a part whose own sum is negative loses people by it when its total is negative.

    Raises
    ------
    ValueError
        If the profile has nobody there, or its arrivals and departures nearly cancel.
    """
    own = shares * members[..., None, None]
    if not own.any():
        message = "has nobody in a region or group whose balance is stated"
        raise ValueError(message)
    return normalised(np.sign(own.sum()) * own)


def checked_shares(shares: Array) -> Array:
    """Shares as stated, if they sum to 1.

    Parameters
    ----------
    shares : (R, G, 2, A) array
        Shares of a total.

    Returns
    -------
    (R, G, 2, A) array
        The same, scaled to sum to 1 without the rounding of their statement.

    Raises
    ------
    ValueError
        If they sum to anything else than 1, within 1e-6, or nearly cancel.
    """
    total = float(shares.sum())
    if abs(total - 1) > SUM_TOLERANCE:
        message = f"the shares add up to {total:.6g}, not 1"
        raise ValueError(message)
    return normalised(shares)


def spread(totals: Array, shares: Array) -> Array:
    """Spread a yearly total by a profile.

    Parameters
    ----------
    totals : (n,) array
        Persons per year.
    shares : (region, group, sex, A) array
        Profile that sums to 1.

    Returns
    -------
    (n, region, group, sex, A) array
        Persons by the age reached on 31 December.
    """
    return totals[:, None, None, None, None] * shares
