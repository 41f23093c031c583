"""The loop over the years: operators applied to a population."""

from typing import NamedTuple

import numpy as np

from sim.axes import FEMALE, MALE, Array
from sim.engine.operators import Entrants, Operators, Part, act
from sim.errors import ProjectionError


class OverdrawnError(ProjectionError):
    """More people left a cohort than it had."""

    def __init__(self, year: int, age: int, sex: int, state: int, persons: float) -> None:
        self.year, self.age, self.sex, self.state, self.persons = year, age, sex, state, persons
        super().__init__(
            f"year {year}, age {age}, sex {sex}, state {state}: {persons:,.3f} persons; "
            "a number of people is zero or more"
        )


class Projection(NamedTuple):
    """Stocks on n + 1 Januaries and flows of n years, in persons; flows by the age reached on 31 December."""

    population: Array
    """(n + 1, A, 2, K)"""
    births: Array
    """(n, 2, K) by the child's sex and state."""
    births_by_age_of_mother: Array
    """(n, A, K) by the state in which the mother lived."""
    deaths: Array
    """(n, A, 2, K)"""
    entrants: Array
    """(n, A, 2, K) immigrants, or net migrants where only a balance is known."""
    emigrants: Array | None = None
    """(n, A, 2, K) where emigration is part of the operators."""
    arrivals: Array | None = None
    """(n, A, 2, K) from other states, where states mix."""
    departures: Array | None = None
    """(n, A, 2, K) to other states, where states mix."""


def project(population: Array, operators: Operators, entrants: Entrants) -> Projection:
    """Carry a population through the years.

    Parameters
    ----------
    population : (A, 2, K) array
        Persons on the first 1 January.
    operators : Operators
        Maps of n years.
    entrants : Entrants
        Migrants of n years.

    Returns
    -------
    Projection
        Stocks and flows.

    Raises
    ------
    OverdrawnError
        If a cohort falls below zero, naming the first such year.

    Notes
    -----
    Mothers of the next fifteen years are already born (fifteen stands for the lowest age of fertility), so the
    years are walked in blocks of that length: first the cohorts that are there, then the births of the whole
    block at once, then the cohorts born in it. Every cell is computed as in a walk year by year, to the bit.
    """
    years, slots, _, states = operators.of_stock.survive.shape[:4]
    ages = slots - 1
    stock = np.zeros((years + 1, ages, 2, states))
    stock[0] = population
    arrived = _present_at_end(operators.of_entrants, entrants)
    births_by_age = _births_of_entrants(operators.of_entrants, entrants, (years, ages, states))
    births = np.empty((years, 2, states))
    block = _youngest_mother(operators.of_stock.births)
    for first in range(0, years, block):
        last = min(first + block, years)
        _age_cohorts(stock, operators.of_stock.survive, arrived, first, last)
        of_stock = act(operators.of_stock.births[first:last, 1:], stock[first:last, :, FEMALE])
        births_by_age[first:last, 1:] += of_stock[:, :-1]
        births_by_age[first:last, -1] += of_stock[:, -1]
        births[first:last] = _newborn(births_by_age[first:last].sum(axis=1), operators, first, last)
        _raise_children(stock, births, operators.of_stock.survive, arrived, first, last)
    _check_nobody_is_owed(stock)
    return _with_flows(stock, births, births_by_age, operators, entrants)


def _present_at_end(of_entrants: Part | None, entrants: Entrants) -> Array:
    """Those of the year's entrants who are there on 31 December, (n, A, 2, K) by age reached."""
    parts = []
    if entrants.during is not None:
        if of_entrants is None:
            message = "people enter during the year, but the operators let nobody arrive then"
            raise ProjectionError(message)
        parts.append(act(of_entrants.survive, entrants.during))
    if entrants.at_end is not None:
        parts.append(entrants.at_end)
    if not parts:
        message = "entrants must come during the year or at its end; give zeros for nobody"
        raise ProjectionError(message)
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _youngest_mother(births: Array) -> int:
    """Years until a girl who is born now can bear a child, at least 1: the length of a block."""
    slots = births.shape[1]
    fertile = np.flatnonzero(births.reshape(births.shape[0], slots, -1).any(axis=(0, 2)))
    youngest = int(fertile[0]) if fertile.size else slots
    return int(max(min(youngest, slots - 2), 1))


def _age_cohorts(stock: Array, survive: Array, arrived: Array, first: int, last: int) -> None:
    """Carry the cohorts that exist on 1 January of the first year through the block."""
    apply = np.multiply if survive.ndim == stock.ndim else act
    block = zip(stock[first:last], stock[first + 1 :], survive[first:last], arrived[first:last], strict=False)
    for older, (present, later, ratio, came) in enumerate(block, start=1):
        survivors = apply(ratio[older:], present[older - 1 :])
        following = later[older:]
        np.add(survivors[:-1], came[older:], following)
        open_age = following[-1]
        open_age += survivors[-1]


def _raise_children(stock: Array, births: Array, survive: Array, arrived: Array, first: int, last: int) -> None:
    """Carry the cohorts born in the block through the rest of it."""
    apply = np.multiply if survive.ndim == stock.ndim else act
    stock[first + 1 : last + 1, 0] = apply(survive[first:last, 0], births[first:last]) + arrived[first:last, 0]
    first += 1
    block = zip(stock[first:last], stock[first + 1 :], survive[first:last], arrived[first:last], strict=False)
    for born, (present, later, ratio, came) in enumerate(block, start=1):
        older = slice(1, born + 1)
        np.add(apply(ratio[older], present[:born]), came[older], later[older])


def _births_of_entrants(of_entrants: Part | None, entrants: Entrants, shape: tuple[int, int, int]) -> Array:
    """Births to the year's entrants by the age that they reach, (n, A, K)."""
    if of_entrants is None or entrants.during is None:
        return np.zeros(shape)
    return act(of_entrants.births, entrants.during[:, :, FEMALE])


def _by_age_reached(of_stock: Array) -> Array:
    """Shift events by completed age on 1 January to the age reached; the open age pools two cohorts."""
    shifted = np.empty_like(of_stock)
    shifted[:, 0] = 0
    shifted[:, 1:] = of_stock[:, :-1]
    shifted[:, -1] += of_stock[:, -1]
    return shifted


def _newborn(total: Array, operators: Operators, first: int, last: int) -> Array:
    """Births by the child's sex and state; girls are the remainder, so that the total is exact."""
    if operators.child_state is not None:
        total = act(operators.child_state[None], total)
    births = np.empty((last - first, 2, total.shape[-1]))
    np.multiply(total, operators.male_share[first:last, None], out=births[:, MALE])
    np.subtract(total, births[:, MALE], out=births[:, FEMALE])
    return births


def _check_nobody_is_owed(stock: Array) -> None:
    """Raise for the first year with a cohort below zero, at its most overdrawn cell.

    The newborn are named only where all others are in order: their number may be that of overdrawn mothers.
    """
    if stock.min() >= 0:
        return
    year = int(np.flatnonzero(~(stock >= 0).all(axis=(1, 2, 3)))[0])
    youngest = 0 if (stock[year, 1:] >= 0).all() else 1
    older = stock[year, youngest:]
    age, sex, state = (int(place) for place in np.unravel_index(older.argmin(), older.shape))
    age += youngest
    raise OverdrawnError(year, age, sex, state, float(stock[year, age, sex, state]))


def _with_flows(
    stock: Array, births: Array, births_by_age: Array, operators: Operators, entrants: Entrants
) -> Projection:
    """Add the events of all years to the stocks."""
    present = stock[:-1]
    of_entrants = operators.of_entrants

    def events(name: str) -> Array | None:
        operator = getattr(operators.of_stock, name)
        if operator is None:
            return None
        flow = _by_age_reached(act(operator[:, 1:], present))
        flow[:, 0] = act(operator[:, 0], births)
        if entrants.during is not None and of_entrants is not None:
            flow += act(getattr(of_entrants, name), entrants.during)
        return flow

    came = [part for part in entrants if part is not None]
    return Projection(
        stock,
        births,
        births_by_age,
        np.asarray(events("deaths")),
        came[0] if len(came) == 1 else came[0] + came[1],
        events("emigration"),
        events("arrivals"),
        events("departures"),
    )
