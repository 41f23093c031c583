"""What arrays of demography have in common when they are wrong: one sentence that names the first cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array


def checked(
    values: ArrayLike,
    what: str,
    *,
    low: float = 0.0,
    high: float = np.inf,
    length: int | None = None,
    rows: bool = False,
) -> Array:
    """Values as floats, if all of them are numbers within bounds.

    Parameters
    ----------
    values : array_like
        One dimension or more, ages last.
    what : str
        What they are, plural, for messages: "death rates".
    low, high : float
        Smallest and largest value allowed.
    length : int, optional
        Length that the last axis must have.
    rows : bool
        Whether every row along the last axis needs a value above zero.

    Returns
    -------
    array
        The values; not a copy where they are floats already.

    Raises
    ------
    ValueError
        Naming the first wrong cell, or the length, and what is allowed.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim == 0 or array.shape[-1] == 0:
        message = f"{what} need an axis of ages with one value or more"
        raise ValueError(message)
    if length is not None and array.shape[-1] != length:
        message = f"{what} have {array.shape[-1]} values a row; expected are {length}"
        raise ValueError(message)
    wrong = ~((array >= low) & (array <= high) & np.isfinite(array))
    if wrong.any():
        cell = tuple(int(place) for place in np.argwhere(wrong)[0])
        message = f"{what} hold {array[cell]:g} at {_place(cell)}; {_allowed(low, high)}"
        raise ValueError(message)
    if rows and not (array.max(axis=-1) > 0).all():
        row = tuple(int(place) for place in np.argwhere(~(array.max(axis=-1) > 0))[0])
        where = f" in row {_place(row)}" if row else ""
        message = f"{what} are all zero{where}; one value above zero is needed"
        raise ValueError(message)
    return array


def rising(values: ArrayLike, what: str) -> Array:
    """Values as floats, if there are two or more, each above the one before.

    Parameters
    ----------
    values : array_like
        One dimension, such as the first ages of groups.
    what : str
        What they are, plural, for messages.

    Returns
    -------
    (N,) array
        The values.

    Raises
    ------
    ValueError
        If they are not numbers, too few, or do not rise.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or len(array) < 2 or not np.isfinite(array).all() or not (np.diff(array) > 0).all():
        message = f"{what} must be two or more numbers, each above the one before"
        raise ValueError(message)
    return array


def _place(cell: tuple[int, ...]) -> str:
    """Position of a cell as it would be written to index the array."""
    return f"[{', '.join(map(str, cell))}]"


def _allowed(low: float, high: float) -> str:
    """Say which values are allowed."""
    if low == -np.inf and high == np.inf:
        return "only finite numbers are allowed"
    if high == np.inf:
        return f"allowed are finite numbers of {low:g} or more"
    if low == -np.inf:
        return f"allowed are finite numbers of {high:g} or less"
    return f"allowed are {low:g} to {high:g}"
