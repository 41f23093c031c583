"""The loop over the years: operators applied to a population."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.axes import FEMALE, MALE, Array
from sim.engine.operators import Entrants, Events, Operators, Part, act, leaving_on_1_january
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
    """(n + 1, A, 2, K) before what happens on that day."""
    births: Array
    """(n, 2, K) by the child's sex and state."""
    births_by_age_of_mother: Array
    """(n, A, K) by the state in which the mother lived."""
    deaths: Array
    """(n, A, 2, K)"""
    entrants: Array
    """(n, A, 2, K) immigrants, or net migrants where only a balance is known."""
    emigrants: Array | None = None
    """(n, A, 2, K) where emigration is part of the operators, or something happens on 1 January."""
    transitions: Array | None = None
    """(n, A, 2, K, K) moves between states, ``[to, from]``, where states mix, or something happens on 1 January."""


def project(
    population: Array, operators: Operators, entrants: Entrants, on_1_january: Array | None = None
) -> Projection:
    """Carry a population through the years.

    Parameters
    ----------
    population : (A, 2, K) array
        Persons on the first 1 January.
    operators : Operators
        Maps of n years.
    entrants : Entrants
        Migrants of n years.
    on_1_january : (n, K, K) array, optional
        As in `Rates`: what happens to the stock, before the entrants of that day join it.

    Returns
    -------
    Projection
        Stocks and flows; those of a year include what happens on its first day.

    Raises
    ------
    OverdrawnError
        If a cohort falls below zero, naming the first such year.

    Notes
    -----
    Mothers of the next fifteen years are already born (fifteen stands for the lowest age of fertility), so the
    years are walked in blocks of that length: first the cohorts that are there, then the births of the whole
    block at once, then the cohorts born in it. Every cell is computed as in a walk year by year, to the bit. Where
    something happens on 1 January, a block is one year.
    """
    projection = walk(population, operators, entrants, on_1_january)
    check_nobody_is_owed(projection.population)
    return projection


def walk(population: Array, operators: Operators, entrants: Entrants, on_1_january: Array | None = None) -> Projection:
    """Carry people through the years as `project` does, whether or not cohorts stay above zero.

    Parameters
    ----------
    population, operators, entrants, on_1_january
        As in `project`; persons may be negative, for the map is linear in them.

    Returns
    -------
    Projection
        Stocks and flows.
    """
    years, slots, _, states = operators.of_stock.survive.shape[:4]
    ages = slots - 1
    stock = np.zeros((years + 1, ages, 2, states))
    stock[0] = population
    present = stock if on_1_january is None else np.empty_like(stock[:-1])
    arrived = _present_at_end(operators, entrants)
    births_by_age = _births_of_entrants(operators, entrants, (years, ages, states))
    births = np.empty((years, 2, states))
    block = _youngest_mother(operators.of_stock.births) if on_1_january is None else 1
    for first in range(0, years, block):
        last = min(first + block, years)
        if on_1_january is not None:
            present[first] = act(on_1_january[first], stock[first])
        _age_cohorts(present, stock, operators.of_stock.survive, arrived, first, last)
        of_stock = act(operators.of_stock.births[first:last, 1:], present[first:last, :, FEMALE])
        births_by_age[first:last, 1:] += of_stock[:, :-1]
        births_by_age[first:last, -1] += of_stock[:, -1]
        of_all_ages = np.ascontiguousarray(np.moveaxis(births_by_age[first:last], 1, -1)).sum(axis=-1)
        births[first:last] = _newborn(of_all_ages, operators, first, last)
        _raise_children(stock, births, operators.of_stock.survive, arrived, first, last)
    projection = _with_flows(stock, present[:years], births, births_by_age, operators, entrants)
    return projection if on_1_january is None else _with_changes_of_the_day(projection, on_1_january)


def joined(population: Array, parts: Sequence[Projection]) -> Projection:
    """Projection of all years from those of parts of them.

    Parameters
    ----------
    population : (A, 2, K) array
        Persons on the first 1 January.
    parts : sequence of Projection
        In order of time.

    Returns
    -------
    Projection
        Stocks and flows.
    """
    if len(parts) == 1:
        return parts[0]
    stock = np.concatenate([population[None], *(part.population[1:] for part in parts)])
    flows = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Projection._fields[1:]
        if getattr(parts[0], name) is not None
    }
    return Projection(stock, **flows)


def _present_at_end(operators: Operators, entrants: Entrants) -> Array:
    """Those of the year's entrants who are there on 31 December, (n, A, 2, K) by age reached."""
    parts = []
    if entrants.at_start is not None:
        parts.append(by_age_reached(act(operators.of_stock.survive[:, 1:], entrants.at_start)))
    if entrants.during is not None:
        if operators.of_entrants is None:
            message = "people enter during the year, but the operators let nobody arrive then"
            raise ProjectionError(message)
        parts.append(act(operators.of_entrants.survive, entrants.during))
    if entrants.at_end is not None:
        parts.append(entrants.at_end)
    return _total(parts)


def _total(parts: list[Array]) -> Array:
    """Sum of the entrants of all times of the year."""
    if not parts:
        message = "entrants must come at the start of the year, within it or at its end; give zeros for nobody"
        raise ProjectionError(message)
    if len(parts) == 1:
        return parts[0]
    total = parts[0] + parts[1]
    for part in parts[2:]:
        total += part
    return total


def _youngest_mother(births: Array) -> int:
    """Years until a girl who is born now can bear a child, at least 1: the length of a block."""
    slots = births.shape[1]
    fertile = np.flatnonzero(births.reshape(births.shape[0], slots, -1).any(axis=(0, 2)))
    youngest = int(fertile[0]) if fertile.size else slots
    return int(max(min(youngest, slots - 2), 1))


def _age_cohorts(present: Array, stock: Array, survive: Array, arrived: Array, first: int, last: int) -> None:
    """Carry the cohorts present on 1 January of the first year through the block, into the stock of the next."""
    apply = np.multiply if survive.ndim == stock.ndim else act
    block = zip(present[first:last], stock[first + 1 :], survive[first:last], arrived[first:last], strict=False)
    for older, (there, later, ratio, came) in enumerate(block, start=1):
        survivors = apply(ratio[older:], there[older - 1 :])
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


def _births_of_entrants(operators: Operators, entrants: Entrants, shape: tuple[int, int, int]) -> Array:
    """Births to the year's entrants by the age that they reach, (n, A, K)."""
    births = np.zeros(shape)
    if operators.of_entrants is not None and entrants.during is not None:
        births += act(operators.of_entrants.births, entrants.during[:, :, FEMALE])
    if entrants.at_start is not None:
        births += by_age_reached(act(operators.of_stock.births[:, 1:], entrants.at_start[:, :, FEMALE]))
    return births


def by_age_reached(of_stock: Array) -> Array:
    """Shift people or events from the completed age on 1 January to the age reached; the open age pools two cohorts.

    Parameters
    ----------
    of_stock : (n, A, ...) array
        By completed age on 1 January.

    Returns
    -------
    (n, A, ...) array
        By the age reached on 31 December; nobody at age 0.
    """
    shifted = np.empty_like(of_stock)
    shifted[:, 0] = 0
    shifted[:, 1:] = of_stock[:, :-1]
    shifted[:, -1] += of_stock[:, -1]
    return shifted


def _newborn(total: Array, operators: Operators, first: int, last: int) -> Array:
    """Births by the child's sex and state; girls are the remainder, so that the total is exact."""
    if operators.child_state is not None:
        total = act(operators.child_state[first:last], total)
    births = np.empty((last - first, 2, total.shape[-1]))
    np.multiply(total, operators.male_share[first:last, None], out=births[:, MALE])
    np.subtract(total, births[:, MALE], out=births[:, FEMALE])
    return births


def check_nobody_is_owed(stock: Array) -> None:
    """Prove that no cohort lost more people than it had.

    Parameters
    ----------
    stock : (n + 1, A, 2, K) array
        Persons on n + 1 Januaries.

    Raises
    ------
    OverdrawnError
        For the first year with a cohort below zero, at its most overdrawn cell. The newborn are named only where
        all others are in order: their number may be that of overdrawn mothers.
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
    stock: Array, present: Array, births: Array, births_by_age: Array, operators: Operators, entrants: Entrants
) -> Projection:
    """Add the events of all years to the stocks; they befall those present on 1 January."""
    present = present if entrants.at_start is None else present + entrants.at_start
    at_start = None if entrants.at_start is None else by_age_reached(entrants.at_start)
    came = [part for part in (at_start, entrants.during, entrants.at_end) if part is not None]
    of_stock = Exposed(operators.of_stock, present, births)
    of_entrants = None
    if operators.of_entrants is not None and entrants.during is not None:
        of_entrants = Exposed(operators.of_entrants, entrants.during, None)

    def events(kind: str) -> Array | None:
        flow = of_stock.events(kind)
        more = None if of_entrants is None else of_entrants.events(kind)
        if flow is not None and more is not None:
            flow += more
        return more if flow is None else flow

    return Projection(
        stock,
        births,
        births_by_age,
        np.asarray(events("deaths")),
        _total(came),
        events("emigration"),
        events("transitions"),
    )


def _with_changes_of_the_day(projection: Projection, on_1_january: Array) -> Projection:
    """Add those who leave the country, or change state, on 1 January to the flows of the year."""
    stock = projection.population[:-1]
    between = on_1_january * (1 - np.eye(stock.shape[-1]))
    emigrants = by_age_reached(leaving_on_1_january(on_1_january)[:, None, None] * stock)
    transitions = by_age_reached(between[:, None, None] * stock[..., None, :])
    if projection.emigrants is not None:
        emigrants += projection.emigrants
    if projection.transitions is not None:
        transitions += projection.transitions
    return projection._replace(emigrants=emigrants, transitions=transitions)


class Exposed:
    """People whom a part of the operators acts on, and how long they are exposed to its risks in each state.

    `people` are by completed age on 1 January where `births` are given, the stock; else by the age reached.
    """

    def __init__(self, part: Part, people: Array, births: Array | None) -> None:
        self.part, self.people, self.births = part, people, births
        self.known: list[tuple[Array, Array]] = []

    def by_slot(self, kind: str) -> Array | None:
        """Events of a kind by cohort slot, of entrants by age reached; None where there are none."""
        of_kind: Events | None = getattr(self.part, kind)
        if of_kind is None:
            return None
        exposed = self._exposed(of_kind.exposure)
        return np.asarray(of_kind.rate * (exposed if of_kind.rate.ndim == exposed.ndim else exposed[..., None, :]))

    def events(self, kind: str) -> Array | None:
        """Events of a kind by age reached; None where there are none."""
        flow = self.by_slot(kind)
        if flow is None or self.births is None:
            return flow
        flow[:, -2] += flow[:, -1]
        return flow[:, :-1]

    def _exposed(self, exposure: Array) -> Array:
        """Exposure of the people, computed once for all kinds of events that share it."""
        for operator, exposed in self.known:
            if operator is exposure:
                return exposed
        if self.births is None:
            exposed = act(exposure, self.people)
        else:
            exposed = np.empty((*exposure.shape[:3], self.people.shape[-1]))
            exposed[:, 0] = act(exposure[:, 0], self.births)
            exposed[:, 1:] = act(exposure[:, 1:], self.people)
        self.known.append((exposure, exposed))
        return exposed
