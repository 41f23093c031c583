"""Exact one-year propagators of people who die, leave and change state under constant hazards."""

import math
from typing import NamedTuple

import numpy as np

from sim.axes import Array

LARGEST_UNHALVED_NORM = 0.8
ENTRIES_AT_ONCE = 2**15
"""Batch whose powers stay in the processor's cache; each cell is its own product, so it changes no result."""


class Propagators(NamedTuple):
    """The functions phi of the generators of n cells, each (n, K, K)."""

    survive: Array
    """phi_0: present on 1 January → present on 31 December."""
    stock_years: Array
    """phi_1: person-years of the stock; also even arrivals → present on 31 December."""
    entrant_years: Array
    """phi_2: person-years of even arrivals."""
    newborn_entrant_years: Array | None = None
    """phi_3: half the person-years of those who are born and then arrive evenly; where asked for."""


def generator(exit_hazard: Array, transition_hazard: Array) -> Array:
    """Generator of each cell from its hazards of leaving for good and of changing state.

    Parameters
    ----------
    exit_hazard : (..., K) array
        Deaths and emigrations per person-year.
    transition_hazard : (..., K, K) array
        Moves per person-year, ``[to, from]``, with a diagonal of zeros.

    Returns
    -------
    (..., K, K) array
        Off the diagonal the hazards, on it minus all exits of a state.
    """
    result = np.array(transition_hazard)
    states = np.arange(result.shape[-1])
    result[..., states, states] = -(np.einsum("...ij->...j", result) + exit_hazard)
    return result


def propagators(cells: Array, newborn: bool = False) -> Propagators:
    """Integrate constant hazards over one year.

    Parameters
    ----------
    cells : (n, K, K) array
        Generators of n cells, per year.
    newborn : bool
        Whether phi_3 is wanted too.

    Returns
    -------
    Propagators
        Each (n, K, K).

    Notes
    -----
    phi_k(A) = sum of A^j / (j + k)! (Hochbruck and Ostermann 2010, Acta Numerica 19). A Taylor polynomial of
    degree 14 in the scheme of Paterson and Stockmeyer (1973, SIAM Journal on Computing 2), over a fraction of the
    year that suits the norm of the cell's own exits, then the doubling rules: a cell's result does not depend on its
    neighbours.
    """
    norm = 2 * np.abs(np.einsum("nii->ni", cells)).max(axis=-1)
    with np.errstate(divide="ignore"):
        halvings = np.ceil(np.log2(norm / LARGEST_UNHALVED_NORM))
    halvings = np.where(halvings > 0, halvings, 0).astype(int)
    parts = [np.empty_like(cells) for _ in range(4 if newborn else 3)]
    at_once = max(ENTRIES_AT_ONCE // cells.shape[-1] ** 2, 1)
    for first in range(0, len(cells), at_once):
        batch = slice(first, first + at_once)
        for times in np.unique(halvings[batch]):
            alike = halvings[batch] == times
            chosen = batch if alike.all() else np.flatnonzero(alike) + first
            some = _propagate(cells[chosen], int(times), newborn)
            for whole, part in zip(parts, some, strict=False):
                whole[chosen] = part
    return Propagators(*parts)


def _propagate(cells: Array, halvings: int, newborn: bool) -> Propagators:
    """Propagators of cells that all need the same number of halvings."""
    step = cells / 2**halvings
    third = None
    if newborn:
        third = _highest(step, 3)
        second = _with_diagonal(step @ third, 0.5)
    else:
        second = _highest(step, 2)
    first = _with_diagonal(step @ second, 1)
    survive = _with_diagonal(step @ first, 1)
    for _ in range(halvings):
        if third is not None:
            third = (first @ second + second + 2 * third) / 8
        second = (first @ first + 2 * second) / 4
        first = (first + survive @ first) / 2
        survive = survive @ survive
    return Propagators(survive, first, second, third)


def _highest(step: Array, order: int) -> Array:
    """Taylor polynomial of degree 14 of phi_order: four blocks of four powers, Horner's rule in the fourth."""
    square = step @ step
    powers = (step, square, square @ step)
    fourth = square @ square
    coefficients = [1 / math.factorial(degree + order) for degree in range(15)]
    term = np.empty_like(step)
    total = np.zeros_like(step)
    for block in (12, 8, 4, 0):
        if block < 12:
            total = total @ fourth
        _with_diagonal(total, coefficients[block])
        for coefficient, power in zip(coefficients[block + 1 :], powers, strict=False):
            total += np.multiply(power, coefficient, out=term)
    return total


def _with_diagonal(cells: Array, value: float) -> Array:
    """Cells to whose diagonals a value is added, in place."""
    states = np.arange(cells.shape[-1])
    cells[:, states, states] += value
    return cells
