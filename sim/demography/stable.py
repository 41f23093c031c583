"""Stable populations: what a projection matrix leads to when it never changes."""

from typing import NamedTuple

import numpy as np

from sim.axes import Array

FEWEST_ROWS = 20
FEWEST_YOUNGEST = 1e-9
"""Share of the youngest below which a structure is that of the open age alone, dying out more slowly than births."""


class StablePopulation(NamedTuple):
    """Growth, structure and reproductive value under constant rates, without immigration."""

    growth_factor: float
    """Number of people at the end of a step per person at its start, once the structure is stable."""
    structure: Array
    """(A, K) share of each age and state in the population; they add up to 1."""
    reproductive_value: Array
    """(A, K) what a person of each age and state adds to the later population, on average 1 for the youngest."""


def stable_population(matrix: Array, states: int = 1) -> StablePopulation:
    """Dominant eigenvalue of a projection matrix and its eigenvectors.

    Parameters
    ----------
    matrix : (A × K, A × K) array
        A Leslie or multiregional matrix, ages first and states within each age, zero or more.
    states : int
        Number of states K.

    Returns
    -------
    StablePopulation
        The growth factor is accurate to about 1e-13, shares to 1e-12.

    Raises
    ------
    ValueError
        If there are no births, or too few to outlast the oldest: then nothing is stable but the end.

    Notes
    -----
    The right eigenvector is the structure, the left one the reproductive value (Preston, Heuveline and Guillot
    2001, Demography, sections 6.4 and 7.4; Caswell 2001, Matrix Population Models, section 4.5). By ARPACK, from a
    start of ones, so that the same matrix gives the same answer.
    """
    if not matrix[:states].any():
        message = "nobody bears children, so there is no stable population"
        raise ValueError(message)
    growth, right = _dominant(matrix)
    structure, value = (np.abs(vector).reshape(-1, states) for vector in (right, _dominant(matrix.T)[1]))
    structure /= structure.sum()
    if structure[0].sum() < FEWEST_YOUNGEST:
        message = "the births are too few to outlast the oldest, so there is no stable population"
        raise ValueError(message)
    value *= structure[0].sum() / (value[0] * structure[0]).sum()
    return StablePopulation(growth, structure, value)


def _dominant(matrix: Array) -> tuple[float, Array]:
    """Largest eigenvalue and its vector; of a small matrix by LAPACK, because ARPACK needs more rows than it finds."""
    if len(matrix) < FEWEST_ROWS:
        values, vectors = np.linalg.eig(matrix)
        first = int(values.real.argmax())
        return float(values[first].real), vectors[:, first].real
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import eigs

    values, vectors = eigs(csr_array(matrix), k=1, which="LR", v0=np.ones(len(matrix)), tol=0)
    return float(values[0].real), vectors[:, 0].real
