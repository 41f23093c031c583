"""Named conventions: how the hazards and movements of a year are ordered within it.

A convention turns rates and migrants into operators and entrants; the projection never asks which one it runs.
"""

from collections.abc import Callable

import numpy as np

from sim.axes import Array
from sim.engine.continuous import continuous
from sim.engine.discrete import fso_midyear, popreconstruct_even, spectrum_midyear, wpp_end, wpp_even
from sim.engine.operators import Entrants, Operators, Rates, check_1_january, check_column_sums
from sim.engine.project import OverdrawnError, Projection, joined, project

Convention = Callable[..., tuple[Operators, Entrants]]

CONVENTIONS: dict[str, Convention] = {
    "continuous": continuous,
    "wpp_end": wpp_end,
    "wpp_even": wpp_even,
    "popreconstruct_even": popreconstruct_even,
    "spectrum_midyear": spectrum_midyear,
    "fso_midyear": fso_midyear,
}


MOST_ENTRIES = 2**24
"""Entries of an operator, or of moves, made at once: with many states that mix, the years are walked in parts."""


def carry(population: Array, rates: Rates, migrants: Array, convention: Convention) -> Projection:
    """Carry a population through the years under a convention that needs no stock to make its operators.

    Parameters
    ----------
    population : (A, 2, K) array
        Persons on the first 1 January.
    rates : Rates
        Rates of n years.
    migrants : (n, A, 2, K) array
        Immigrants, or net migrants, by age reached.
    convention : Convention
        One of `CONVENTIONS`.

    Returns
    -------
    Projection
        Stocks and flows.

    Raises
    ------
    OverdrawnError
        If a cohort falls below zero, naming the first such year.
    ProjectionError
        If the convention cannot be applied to the rates, or more happens on a 1 January than there are people.
    """
    check_1_january(rates)
    moving = (rates.transition_hazard, rates.transition_share, rates.on_1_january)
    years, mixes = len(migrants), any(part is not None for part in moving)
    cells = rates.survival[0].size * (population.shape[-1] if mixes else 1)
    length = max(MOST_ENTRIES // cells, 1)
    parts: list[Projection] = []
    stock = population
    for first in range(0, years, length):
        some = rates.of_years(first, first + length)
        operators, entrants = convention(some, migrants[first : first + length])
        check_column_sums(operators)
        try:
            parts.append(project(stock, operators, entrants, some.on_1_january))
        except OverdrawnError as error:
            raise OverdrawnError(first + error.year, error.age, error.sex, error.state, error.persons) from None
        stock = parts[-1].population[-1]
    return joined(population, parts)


def weighs_by_stock(convention: Convention, rates: Rates) -> bool:
    """Whether a convention needs the stock of a year to make its operators.

    Parameters
    ----------
    convention : Convention
        One of `CONVENTIONS`.
    rates : Rates
        Rates of n years.

    Returns
    -------
    bool
        For `spectrum_midyear` where those who enter the open age and those in it survive differently.
    """
    return convention is spectrum_midyear and not np.array_equal(rates.survival[:, -1], rates.survival[:, -2])
