"""Exact one-year propagators of people who die, leave and change state under constant hazards."""

from typing import NamedTuple

import numpy as np

from sim.axes import Array

LARGEST_UNHALVED_NORM = 0.8
CELLS_AT_ONCE = 1024
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
    year that suits the cell's own norm, then the doubling rules: a cell's result does not depend on its
    neighbours.
    """
    largest_exit = np.abs(cells).sum(axis=-2).max(axis=-1)
    with np.errstate(divide="ignore"):
        halvings = np.ceil(np.log2(largest_exit / LARGEST_UNHALVED_NORM))
    halvings = np.where(halvings > 0, halvings, 0).astype(int)
    parts = [np.empty_like(cells) for _ in range(4 if newborn else 3)]
    for first in range(0, len(cells), CELLS_AT_ONCE):
        batch = slice(first, first + CELLS_AT_ONCE)
        for times in np.unique(halvings[batch]):
            chosen = np.flatnonzero(halvings[batch] == times) + first
            some = _propagate(cells[chosen], int(times), newborn)
            for whole, part in zip(parts, some, strict=False):
                whole[chosen] = part
    return Propagators(*parts)


def _propagate(cells: Array, halvings: int, newborn: bool) -> Propagators:
    """Propagators of cells that all need the same number of halvings."""
    step = cells / 2**halvings
    identity = np.eye(cells.shape[-1])
    third = None
    if newborn:
        third = _highest(step, 3)
        second = identity / 2 + step @ third
    else:
        second = _highest(step, 2)
    first = identity + step @ second
    survive = identity + step @ first
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
    coefficients = 1 / np.cumprod(np.r_[float(np.prod(np.arange(1, order + 1))), np.arange(order + 1, order + 15)])
    identity = np.eye(step.shape[-1])
    total = np.zeros_like(step)
    for block in (12, 8, 4, 0):
        if block < 12:
            total = total @ fourth
        total += coefficients[block] * identity
        for coefficient, power in zip(coefficients[block + 1 :], powers, strict=False):
            total += coefficient * power
    return total
