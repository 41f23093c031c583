"""Projection matrices: the year of the operators as one matrix on the women of all ages and states."""

import numpy as np

from sim.axes import FEMALE, Array
from sim.engine.operators import Operators, Part


def leslie_matrix(operators: Operators, year: int = 0, on_1_january: Array | None = None) -> Array:
    """Leslie matrix of the women of a year; with several states the multiregional one.

    Parameters
    ----------
    operators : Operators
        Maps of n years; immigrants are no part of the matrix, emigrants are.
    year : int
        Place of the year among them.
    on_1_january : (K, K) array, optional
        What happens on the first day of that year, as in `Rates`.

    Returns
    -------
    (A × K, A × K) array
        From the women of 1 January (second axis) to those of the next (first axis), ages first and states within
        each age; the last age is open. In the row of age 0 the girls born in the year who are there at its end.

    Notes
    -----
    Preston, Heuveline and Guillot (2001), Demography, section 6.3.3; Rogers (1975), Introduction to Multiregional
    Mathematical Demography, chapter 5.
    """
    of_stock = operators.of_stock
    states, ages = of_stock.survive.shape[3], of_stock.survive.shape[1] - 1
    survive, births = _of_women(of_stock, year)
    girls = (1 - operators.male_share[year]) * births
    if operators.child_state is not None:
        girls = operators.child_state[year] @ girls
    matrix = np.zeros((ages, states, ages, states))
    for age in range(ages):
        matrix[min(age + 1, ages - 1), :, age] += survive[age + 1]
        matrix[0, :, age] += survive[0] @ girls[age + 1]
    if on_1_january is not None:
        matrix = matrix @ on_1_january
    return matrix.reshape(ages * states, ages * states)


def _of_women(part: Part, year: int) -> tuple[Array, Array]:
    """Survival and births of the women of each cohort slot as matrices of states, (A + 1, K, K)."""
    found = []
    for operator in (part.survive[year, :, FEMALE], part.births[year]):
        diagonal = operator[..., None] * np.eye(operator.shape[-1]) if operator.ndim == 2 else operator
        found.append(diagonal)
    return found[0], found[1]
