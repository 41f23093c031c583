"""What the engine takes in: a year's rates, and the linear map that a convention makes of them."""

from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.errors import ProjectionError

COLUMN_SUM_TOLERANCE = 1e-12


class Rates(NamedTuple):
    """Rates of n years for A ages, two sexes and K states, on the slots explained in `sim.engine`."""

    survival: Array
    """(n, A + 1, 2, K) survival ratios; slot 0 from birth to 31 December."""
    fertility_before_birthday: Array
    """(n, A + 1, K) births per person-year of the women, at the completed age on 1 January."""
    fertility_after_birthday: Array
    """(n, A + 1, K) the same, at the age reached on 31 December."""
    male_share: Array
    """(n,) share of boys among the births."""
    emigration_hazard: Array | None = None
    """(n, A + 1, 2, K) emigrations per person-year."""
    emigration_share: Array | None = None
    """(n, A + 1, 2, K) emigrants of the year per person of the 1 January stock; slot 0 per birth."""
    transition_hazard: Array | None = None
    """(n, A + 1, 2, K, K) moves per person-year, ``[to, from]``, with a diagonal of zeros."""
    child_state: Array | None = None
    """(K, K) share of the births to mothers of a state (second axis) who get a state (first axis)."""


class Part(NamedTuple):
    """What some of the people of each year bring about, per person, on M slots or ages of n years."""

    survive: Array
    """(n, M, 2, K[, K]) present, born or arrived → present on 31 December."""
    deaths: Array
    """(n, M, 2, K[, K]) deaths, by the state where they happen."""
    births: Array
    """(n, M, K[, K]) births to the women, by the state where the mother then lives; none to the newborn."""
    emigration: Array | None = None
    """(n, M, 2, K[, K]) emigrations, by state of departure."""
    arrivals: Array | None = None
    """(n, M, 2, K, K) moves into a state from another."""
    departures: Array | None = None
    """(n, M, 2, K, K) moves out of a state to another."""


class Operators(NamedTuple):
    """The map of each year."""

    of_stock: Part
    """Of those present on 1 January and of the newborn, on A + 1 cohort slots."""
    male_share: Array
    """(n,) share of boys among the births."""
    of_entrants: Part | None = None
    """Of those who arrive during the year, by the A ages they reach; None where nobody can arrive then."""
    child_state: Array | None = None
    """(K, K) mother's state (second axis) → child's state; None where the child gets the mother's."""


class Entrants(NamedTuple):
    """People who come from the rest of the world, less those who leave where only a balance is known."""

    during: Array | None = None
    """(n, A, 2, K) spread over the year, by age reached."""
    at_end: Array | None = None
    """(n, A, 2, K) on 31 December, by age reached."""


def act(operator: Array, people: Array) -> Array:
    """Apply an operator to the people of each cell.

    Parameters
    ----------
    operator : (..., K) or (..., K, K) array
        Per person; the longer form sums over the state that people come from (last axis).
    people : (..., K) array
        Persons.

    Returns
    -------
    (..., K) array
        Persons or events.
    """
    if operator.ndim == people.ndim:
        return operator * people
    mixed: Array = np.einsum("...ij,...j->...i", operator, people)
    return mixed


def check_column_sums(operators: Operators) -> None:
    """Prove that everyone who was there, or came, is present, dead or gone at the end of the year.

    Parameters
    ----------
    operators : Operators
        Maps of all years.

    Raises
    ------
    ProjectionError
        If survivors, deaths and emigrants of any cell differ from one person by more than 1e-12.
    """
    for part in (operators.of_stock, operators.of_entrants):
        if part is None:
            continue
        total = _over_destinations(part.survive) + _over_destinations(part.deaths)
        if part.emigration is not None:
            total += _over_destinations(part.emigration)
        worst = float(np.abs(total - 1).max())
        if not worst <= COLUMN_SUM_TOLERANCE:
            message = f"survivors, deaths and emigrants of one person add up to 1 ± {worst:.1e}"
            raise ProjectionError(message)


def _over_destinations(operator: Array) -> Array:
    """Everything that comes of one person of each state, wherever it happens."""
    if operator.ndim == 4:
        return operator
    everywhere: Array = np.einsum("...ij->...j", operator)
    return everywhere
