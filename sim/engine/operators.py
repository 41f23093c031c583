"""What the engine takes in: a year's rates, and the linear map that a convention makes of them."""

from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.errors import ProjectionError

COLUMN_SUM_TOLERANCE = 1e-12
"""Largest difference between a sum of shares and 1 that counts as rounding."""


class Rates(NamedTuple):
    """Rates of n years for A ages, two sexes and K states, on the slots explained in `sim.engine`.

    A year is one step of the projection: where ages and steps are of five years, rates are per five years.
    """

    survival: Array
    """(n, A + 1, 2, K) survival ratios; slot 0 from birth to 31 December."""
    fertility_before_birthday: Array
    """(n, A + 1, K) births per person-year of the women, at the completed age on 1 January."""
    fertility_after_birthday: Array
    """(n, A + 1, K) the same, at the age reached on 31 December; zero in slot 0, the newborn."""
    male_share: Array
    """(n,) share of boys among the births."""
    emigration_hazard: Array | None = None
    """(n, A + 1, 2, K) emigrations per person-year."""
    emigration_share: Array | None = None
    """(n, A + 1, 2, K) emigrants of the year per person of the 1 January stock; slot 0 per birth."""
    transition_hazard: Array | None = None
    """(n, A + 1, 2, K, K) moves per person-year, ``[to, from]``, with a diagonal of zeros."""
    transition_share: Array | None = None
    """(n, A + 1, 2, K, K) movers of the year per person of the 1 January stock, ``[to, from]``; slot 0 per birth."""
    child_state: Array | None = None
    """(n, K, K) share of the births to mothers of a state (last axis) who get a state (axis before)."""
    on_1_january: Array | None = None
    """(n, K, K) share of those in a state on 1 January (last axis) who are in a state after what happens on that day
    (axis before); what a column lacks from 1 leaves the country then. All ages and both sexes alike."""

    def of_years(self, first: int, last: int) -> "Rates":
        """Rates of some of the years, ``first`` to before ``last``."""
        fields = {name: field[first:last] for name, field in self._asdict().items() if field is not None}
        return Rates(**fields)


class Events(NamedTuple):
    """Events of a kind per person: a rate of the state where they happen times the exposure to it there."""

    rate: Array
    """(n, M, 2, K), or (n, M, 2, K, K) for moves ``[to, from]``: per unit of exposure."""
    exposure: Array
    """(n, M, 2, K[, K]) per person, for example person-years; the longer form by the state where it is spent (axis
    before the last) and the state that people come from."""


class Part(NamedTuple):
    """What some of the people of each year bring about, per person, on M slots or ages of n years."""

    survive: Array
    """(n, M, 2, K[, K]) present, born or arrived → present on 31 December."""
    births: Array
    """(n, M, K[, K]) births to the women, by the state where the mother then lives; none to the newborn."""
    deaths: Events
    """By the state where they happen."""
    emigration: Events | None = None
    """By state of departure."""
    transitions: Events | None = None
    """Moves between states."""


class Operators(NamedTuple):
    """The map of each year."""

    of_stock: Part
    """Of those present on 1 January and of the newborn, on A + 1 cohort slots."""
    male_share: Array
    """(n,) share of boys among the births."""
    of_entrants: Part | None = None
    """Of those who arrive during the year, by the A ages they reach; None where nobody can arrive then."""
    child_state: Array | None = None
    """(n, K, K) mother's state (last axis) → child's state; None where the child gets the mother's."""


class Entrants(NamedTuple):
    """People who come from the rest of the world, less those who leave where only a balance is known."""

    at_start: Array | None = None
    """(n, A, 2, K) on 1 January, by completed age; what befalls the stock befalls them."""
    during: Array | None = None
    """(n, A, 2, K) within the year, by age reached."""
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


def scaled(rate: Array, operator: Array) -> Array:
    """Multiply what an operator yields in each state by a rate of that state.

    Parameters
    ----------
    rate : (..., K) array
        Per state.
    operator : (..., K) or (..., K, K) array
        Per person, by the state where it is spent (axis before the last in the longer form).

    Returns
    -------
    array
        Shape of `operator`.
    """
    return rate * operator if rate.ndim == operator.ndim else rate[..., None] * operator


def after_1_january(stock: Array, rates: Rates) -> Array:
    """People who are there after what happens on the first day of a year.

    Parameters
    ----------
    stock : (A, 2, K) array
        Persons on 1 January.
    rates : Rates
        Rates of one year, or of several of which it is the first.

    Returns
    -------
    (A, 2, K) array
        On whom the rest of the year acts; the stock itself where nothing happens.
    """
    return stock if rates.on_1_january is None else act(rates.on_1_january[0], stock)


def leaving_on_1_january(shares: Array) -> Array:
    """Share of each state that leaves the country on the first day of a year.

    Parameters
    ----------
    shares : (n, K, K) array
        As in `Rates.on_1_january`.

    Returns
    -------
    (n, K) array
        What the shares of a state lack from 1; nobody leaves where that is rounding.
    """
    lacking = 1 - np.einsum("...ij->...j", shares)
    return np.where(np.abs(lacking) <= COLUMN_SUM_TOLERANCE, 0, lacking)


def check_1_january(rates: Rates) -> None:
    """Prove that on the first day of a year nobody is taken whom a state does not have.

    Parameters
    ----------
    rates : Rates
        Rates of n years.

    Raises
    ------
    ProjectionError
        If shares are below 0, or those of a state add up to more than 1 + 1e-12, naming the first such year.
    """
    if rates.on_1_january is None:
        return
    lowest, total = rates.on_1_january.min(axis=-2), np.einsum("...ij->...j", rates.on_1_january)
    wrong = np.argwhere(~((lowest >= 0) & (total <= 1 + COLUMN_SUM_TOLERANCE)))
    if len(wrong):
        year, state = (int(place) for place in wrong[0])
        message = (
            f"year {year}, state {state}: the shares of those who change state on 1 January, or stay, add up to "
            f"{total[year, state]:.15g}, and the lowest is {lowest[year, state]:.6g}; each is 0 or more, together "
            "they are 1 at most"
        )
        raise ProjectionError(message)


def leaving(emigration: Array | None, transition: Array | None) -> Array | None:
    """Rate of leaving each state but by death; None where nobody does.

    Parameters
    ----------
    emigration : (..., K) array, optional
        Out of all states.
    transition : (..., K, K) array, optional
        To other states, ``[to, from]``, with a diagonal of zeros.

    Returns
    -------
    (..., K) array or None
        Their sum.
    """
    moving = None if transition is None else np.einsum("...ij->...j", transition)
    if moving is None or emigration is None:
        return emigration if moving is None else moving
    return np.asarray(emigration + moving)


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
        total = part.survive if part.survive.ndim == 4 else np.einsum("...ij->...j", part.survive)
        gone, emigration = part.deaths, part.emigration
        if emigration is not None and emigration.exposure is gone.exposure:
            gone, emigration = Events(gone.rate + emigration.rate, gone.exposure), None
        total = total + _from_every_state(gone)
        if emigration is not None:
            total += _from_every_state(emigration)
        worst = float(np.abs(total - 1).max())
        if not worst <= COLUMN_SUM_TOLERANCE:
            message = f"survivors, deaths and emigrants of one person add up to 1 ± {worst:.1e}"
            raise ProjectionError(message)


def _from_every_state(events: Events) -> Array:
    """Events of one person who comes from each state, wherever they happen."""
    if events.exposure.ndim == 4:
        return np.asarray(events.rate * events.exposure)
    everywhere: Array = np.einsum("...i,...ij->...j", events.rate, events.exposure)
    return everywhere
