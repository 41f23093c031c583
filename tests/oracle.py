"""A second program for the same mathematics: loops over lists of floats, one cohort after the other.

It shares no code and no formula with the engine. People are indexed [age][sex][state], risks [slot][sex][state],
where slot 0 is born in the year, slot x + 1 is of completed age x on 1 January and the last slot is in the open age.
"""

import math
import random
from typing import NamedTuple


class Year(NamedTuple):
    """Risks and migrants of a calendar year."""

    survival: list
    """[slot][sex][state] share of the cohort that mortality alone leaves on 31 December."""
    fertility: list
    """[age][state] births per woman and year by completed age."""
    male_share: float
    migrants: list
    """[age reached][sex][state] persons."""
    hazard: list | None
    """[slot][sex][state] emigrations per person-year."""
    share: list | None
    """[slot][sex][state] emigrants per person of 1 January, or per birth."""


class Account(NamedTuple):
    """What a year leaves behind; flows by the age reached on 31 December."""

    population: list
    births: list
    births_by_age_of_mother: list
    deaths: list
    emigrants: list


class Person(NamedTuple):
    """What becomes of one member of a cohort within the year."""

    present: float
    deaths: float
    emigrations: float
    years: float


def phi(k, hazard):
    """k-fold iterated mean of exp(-hazard t) over the year, as a series of positive terms."""
    term, total, j = 1.0, 0.0, 0
    while term > 1e-19 * total or j < hazard:
        total += term / (k + j)
        j += 1
        term *= hazard / j
    return math.exp(-hazard) * total / math.factorial(k - 1)


def root(falling, high):
    """Where a falling function crosses zero between 0 and `high`, by halving."""
    low = 0.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return middle


def hazards(year, slot, sex, state):
    """Hazards of death and of emigration of a cohort."""
    survival, born = year.survival[slot][sex][state], slot == 0
    death = root(lambda d: phi(1, d) - survival, 64.0) if born else -math.log(survival)
    if year.share is None:
        return death, year.hazard[slot][sex][state] if year.hazard else 0.0
    share, k = year.share[slot][sex][state], 2 if born else 1
    return death, root(lambda e: share - e * phi(k, death + e), 64.0)


def of_stock(year, slot, sex, state, convention):
    """Someone who is there on 1 January, or is born."""
    if convention == "wpp_end":
        survival = year.survival[slot][sex][state]
        leaves = year.share[slot][sex][state] if year.share else 0.0
        return Person(survival - leaves, 1 - survival, leaves, 0.0)
    death, leaving = hazards(year, slot, sex, state)
    total, born = death + leaving, slot == 0
    years = phi(2 if born else 1, total)
    return Person(phi(1, total) if born else math.exp(-total), death * years, leaving * years, years)


def of_entrant(year, age, sex, state, convention):
    """Someone who comes in the year, evenly; a newborn evenly after its birth."""
    if convention == "wpp_end":
        return Person(1.0, 0.0, 0.0, 0.0)
    death, leaving = hazards(year, age, sex, state)
    total, born = death + leaving, age == 0
    present, years = (2 * phi(2, total), 2 * phi(3, total)) if born else (phi(1, total), phi(2, total))
    return Person(present, death * years, leaving * years, years)


def mothers_rate(year, slot, state, convention):
    """Births per person of the stock, and per person-year."""
    oldest = len(year.fertility) - 1
    before, after = year.fertility[slot - 1][state], year.fertility[min(slot, oldest)][state]
    if convention == "wpp_end":
        return before / 2 + after / 2 * year.survival[slot][0][state], 0.0
    return 0.0, (before + after) / 2


def children(by_age, male_share, child_state):
    """Girls and boys of each state from the births by age and state of the mother."""
    states = range(len(by_age[0]))
    births = [[0.0 for _ in states] for _ in range(2)]
    for mother in states:
        total = math.fsum(row[mother] for row in by_age)
        for child in states:
            given = child_state[child][mother] if child_state else float(child == mother)
            births[1][child] += total * given * male_share
            births[0][child] += total * given * (1 - male_share)
    return births


def step(population, year, convention, child_state=None):
    """Carry a population through a year."""
    ages, states = range(len(population)), range(len(population[0][0]))
    empty = [[[0.0 for _ in states] for _ in range(2)] for _ in ages]
    end, deaths, emigrants = ([[list(cell) for cell in row] for row in empty] for _ in range(3))
    by_age = [[0.0 for _ in states] for _ in ages]

    def book(people, person, age, sex, state):
        end[age][sex][state] += people * person.present
        deaths[age][sex][state] += people * person.deaths
        emigrants[age][sex][state] += people * person.emigrations

    for state in states:
        for sex in range(2):
            for age in ages:
                reached, people = min(age + 1, ages[-1]), population[age][sex][state]
                person = of_stock(year, age + 1, sex, state, convention)
                book(people, person, reached, sex, state)
                came = year.migrants[age][sex][state]
                guest = of_entrant(year, age, sex, state, convention)
                book(came, guest, age, sex, state)
                if sex == 0:
                    per_woman, per_year = mothers_rate(year, age + 1, state, convention)
                    by_age[reached][state] += people * (per_woman + per_year * person.years)
                if sex == 0 and age > 0:
                    by_age[age][state] += came * mothers_rate(year, age, state, convention)[1] * guest.years
    births = children(by_age, year.male_share, child_state)
    for state in states:
        for sex in range(2):
            book(births[sex][state], of_stock(year, 0, sex, state, convention), 0, sex, state)
    return Account(end, births, by_age, deaths, emigrants)


def random_case(seed, *, years, ages, states, emigration=None, dying=(0.001, 0.6)):
    """Population, years and matrix of the children's states, drawn at random; emigration None, hazard or share."""
    draw = random.Random(seed)

    def cells(rows, low, high):
        return [[[draw.uniform(low, high) for _ in range(states)] for _ in range(2)] for _ in range(rows)]

    def year():
        rate = [[draw.uniform(0, 0.4) * (age > 0) for _ in range(states)] for age in range(ages)]
        dead = cells(ages + 1, *dying)
        alive = [[[1 - q for q in row] for row in slot] for slot in dead]
        risks = cells(ages + 1, 0.0, 0.3)
        hazard, share = (risks if emigration == kind else None for kind in ("hazard", "share"))
        return Year(alive, rate, draw.uniform(0.4, 0.6), cells(ages, 0, 1e4), hazard, share)

    matrix = [[draw.random() for _ in range(states)] for _ in range(states)]
    sums = [math.fsum(row[mother] for row in matrix) for mother in range(states)]
    shares = [[value / total for value, total in zip(row, sums, strict=True)] for row in matrix]
    return cells(ages, 0, 1e6), [year() for _ in range(years)], shares
