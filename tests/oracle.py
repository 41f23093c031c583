"""A second program for the same mathematics: loops over lists of floats, one cohort after the other.

It shares no code and no formula with the engine. People are indexed [age][sex][state], risks [slot][sex][state],
where slot 0 is born in the year, slot x + 1 is of completed age x on 1 January and the last slot is in the open age.
Moves are [to][from]. The conventions are written down from what the programs they are named after publish.
"""

import math
import random
from typing import NamedTuple

CONVENTIONS = ("continuous", "wpp_end", "wpp_even", "popreconstruct_even", "spectrum_midyear", "fso_midyear")
KINDS = (None, "hazard", "share", "both")


class Year(NamedTuple):
    """Risks and migrants of a calendar year."""

    survival: list
    """[slot][sex][state] share of the cohort that mortality alone leaves on 31 December."""
    fertility: list
    """[age][state] births per woman and year by completed age."""
    male_share: float
    migrants: list
    """[age][sex][state] persons, by the age that the convention counts them at."""
    child_state: list | None
    """[child's state][mother's state] shares of the births."""
    emigration_hazard: list | None
    """[slot][sex][state] emigrations per person-year."""
    emigration_share: list | None
    """[slot][sex][state] people of 1 January, or of the births, who would emigrate within the year if nobody moved."""
    transition_hazard: list | None
    """[slot][sex][to][from] moves per person-year."""
    transition_share: list | None
    """[slot][sex][to][from] people whose first move of the year is this one."""


class Account(NamedTuple):
    """What a year leaves behind; flows by the age reached on 31 December."""

    population: list
    births: list
    births_by_age_of_mother: list
    deaths: list
    entrants: list
    emigrants: list
    transitions: list
    """[age][sex][to][from]"""


class Cohort(NamedTuple):
    """One sex of a slot in a year, and what may happen to it: hazards, or shares of the people of 1 January."""

    states: range
    born: bool
    dying: list
    """[state] share who die if nobody leaves."""
    death: list
    """[state] hazard"""
    emigration: list
    moves: list
    of_hazards: bool


class Fate(NamedTuple):
    """What became of some people of a cohort, by state."""

    present: list
    deaths: list
    emigrants: list
    moves: list
    women: list
    """For births at completed ages the women at the start and at the end of the year; else person-years."""


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


def out_of(state, emigration, moves):
    """Risk of leaving a state alive."""
    return emigration[state] + math.fsum(row[state] for row in moves)


def cohort(year, slot, sex, convention):
    """All risks of a cohort: as hazards, or where a convention of shares is given no hazards, as shares."""
    states = range(len(year.survival[slot][sex]))
    nothing, nowhere = [0.0 for _ in states], [[0.0 for _ in states] for _ in states]
    hazard, share, moving, movers = (
        part[slot][sex] if part else none
        for part, none in (
            (year.emigration_hazard, nothing),
            (year.emigration_share, nothing),
            (year.transition_hazard, nowhere),
            (year.transition_share, nowhere),
        )
    )
    death = [
        -math.log(alone) if slot else root(lambda d, alone=alone: phi(1, d) - alone, 64.0)
        for alone in year.survival[slot][sex]
    ]
    dying = [1 - alone for alone in year.survival[slot][sex]]
    if convention != "continuous" and not year.emigration_hazard and not year.transition_hazard:
        return Cohort(states, slot == 0, dying, death, share, movers, False)
    given = Cohort(states, slot == 0, dying, death, hazard, moving, True)
    return beside_shares(given, share, movers) if year.emigration_share or year.transition_share else given


def beside_shares(given, share, movers):
    """The hazards given, and more that take shares of the people of each state on 1 January.

    A share would emigrate within the year if nobody moved; of a share the first move is to another state.
    """
    k, emigration, moves = (2 if given.born else 1), list(given.emigration), [list(row) for row in given.moves]

    def more(share, other):
        return root(lambda hazard: share - hazard * phi(k, other + hazard), 64.0) if share else 0.0

    for i in given.states:
        emigration[i] += more(share[i], given.death[i] + given.emigration[i])
        other, wanted = given.death[i] + out_of(i, emigration, given.moves), math.fsum(row[i] for row in movers)
        for to in given.states if wanted else ():
            moves[to][i] += movers[to][i] / phi(k, other + more(wanted, other))
    return given._replace(emigration=emigration, moves=moves)


def evolution(who, people, k):
    """phi_k of the cohort's generator times people: where they are at the end (k = 0), or their mean place.

    By uniformisation: at the jumps of a Poisson process faster than any hazard, people move or stay put. The chance
    of j jumps by the end is Poisson's; its k-fold iterated integral over the year is the tail of the one before.
    """
    leave = [who.death[i] + out_of(i, who.emigration, who.moves) for i in who.states]
    pace = max(leave) + 1.0
    jumps = 40 + int(4 * pace)
    chance = [math.exp(-pace)]
    for j in range(1, jumps + 30):
        chance.append(chance[-1] * pace / j)
    for _ in range(k):
        tails, tail = [], 0.0
        for value in reversed(chance):
            tails.append(tail / pace)
            tail += value
        chance = tails[::-1]
    at, total = list(people), [0.0 for _ in who.states]
    for weight in chance[:jumps]:
        total = [total[i] + weight * at[i] for i in who.states]
        at = [
            at[i] * (1 - leave[i] / pace) + math.fsum(who.moves[i][j] / pace * at[j] for j in who.states)
            for i in who.states
        ]
    return total


def lived_through(who, people, k):
    """Fate under constant hazards: stock k = 0, births and migrants k = 1, migrants born in the year k = 2."""
    scale = 2 if k == 2 else 1
    present, years = ([scale * value for value in evolution(who, people, order)] for order in (k, k + 1))
    return Fate(
        present,
        [who.death[i] * years[i] for i in who.states],
        [who.emigration[i] * years[i] for i in who.states],
        [[who.moves[to][i] * years[i] for i in who.states] for to in who.states],
        years,
    )


def leavers(who, people):
    """Emigrants and movers, and the change in each state: shares of the people, or as many as under the hazards."""
    exposed = evolution(who, people, 2 if who.born else 1) if who.of_hazards else people
    gone = [who.emigration[i] * exposed[i] for i in who.states]
    moves = [[who.moves[to][i] * exposed[i] for i in who.states] for to in who.states]
    change = [math.fsum(moves[i]) - math.fsum(row[i] for row in moves) - gone[i] for i in who.states]
    return gone, moves, change


def leave_at_the_end(who, people):
    """The year's deaths first, among all; then people leave. Mothers are those who survive."""
    gone, moves, change = leavers(who, people)
    deaths = [people[i] * who.dying[i] for i in who.states]
    survivors = [people[i] - deaths[i] for i in who.states]
    present = [survivors[i] + change[i] for i in who.states]
    return Fate(present, deaths, gone, moves, [people, survivors])


def leave_half_and_half(who, people, second_half_bears):
    """Half of the leavers go on 1 January, half on 31 December."""
    gone, moves, change = leavers(who, people)
    start = [people[i] + change[i] / 2 for i in who.states]
    deaths = [start[i] * who.dying[i] for i in who.states]
    survivors = [start[i] - deaths[i] for i in who.states]
    present = [survivors[i] + change[i] / 2 for i in who.states]
    return Fate(present, deaths, gone, moves, [start, present if second_half_bears else survivors])


def leave_at_mid_year(who, people, newborn_die_where_they_go):
    """Leavers are spared half of the year's risk, the newborn two thirds; movers run it where they go.

    Of the movers born in the year the Swiss office takes no deaths to where they go.
    """
    gone, moves, change = leavers(who, people)
    part = 2 / 3 if who.born else 1 / 2
    exposed = list(people)
    for home in who.states:
        of_home = leavers(who, [people[i] if i == home else 0.0 for i in who.states])[2]
        for i in who.states if newborn_die_where_they_go or not who.born else [home]:
            exposed[i] += part * of_home[i]
    deaths = [who.dying[i] * exposed[i] for i in who.states]
    present = [people[i] + change[i] - deaths[i] for i in who.states]
    return Fate(present, deaths, gone, moves, [people, present])


def of_stock(who, people, convention):
    """Fate of those who are there on 1 January, or are born."""
    if convention == "continuous":
        return lived_through(who, people, 1 if who.born else 0)
    if convention == "wpp_end":
        return leave_at_the_end(who, people)
    if convention in ("wpp_even", "popreconstruct_even"):
        return leave_half_and_half(who, people, convention == "wpp_even")
    return leave_at_mid_year(who, people, convention == "spectrum_midyear")


def risk_of_guests(year, population, age, sex, state, convention):
    """Share who die, of migrants of mid-year had they been there all year."""
    dying = [1 - slot[sex][state] for slot in year.survival]
    oldest = len(population) - 1
    if convention == "fso_midyear":
        return dying[age + 1 if age else 0]
    if age < oldest:
        return dying[age]
    entering, staying = population[oldest - 1][sex][state], population[oldest][sex][state]
    return (entering * dying[oldest] + staying * dying[oldest + 1]) / (entering + staying)


def of_guests(who, year, population, age, sex, convention):
    """Fate of the migrants who come within the year or at its end, by the age that they reach."""
    came = year.migrants[age][sex]
    nobody, nowhere = [0.0 for _ in who.states], [[0.0 for _ in who.states] for _ in who.states]
    if convention == "continuous":
        return came, lived_through(who, came, 2 if who.born else 1)
    if convention in ("wpp_even", "popreconstruct_even"):
        half = [people / 2 for people in came]
        mothers = half if convention == "wpp_even" else nobody
        return half, Fate(half, nobody, nobody, nowhere, [nobody, mothers])
    if convention == "wpp_end":
        return came, Fate(came, nobody, nobody, nowhere, [nobody, nobody])
    risk = [risk_of_guests(year, population, age, sex, state, convention) for state in who.states]
    deaths = [came[i] * risk[i] * (2 / 3 if who.born else 1 / 2) for i in who.states]
    present = [came[i] - deaths[i] for i in who.states]
    return came, Fate(present, deaths, nobody, nowhere, [nobody, present])


def births_of(fate, year, slot, state, convention):
    """Births to the women of a slot."""
    if slot == 0:
        return 0.0
    oldest = len(year.fertility) - 1
    before, after = year.fertility[slot - 1][state], year.fertility[min(slot, oldest)][state]
    if convention == "continuous":
        return (before + after) / 2 * fate.women[state]
    start, end = fate.women[0][state], fate.women[1][state]
    if convention == "fso_midyear":
        return (before + after) / 2 * (start + end) / 2
    return (before * start + after * end) / 2


def children(by_age, year):
    """Girls and boys of each state from the births by age and state of the mother."""
    states = range(len(by_age[0]))
    births = [[0.0 for _ in states] for _ in range(2)]
    for mother in states:
        total = math.fsum(row[mother] for row in by_age)
        for child in states:
            given = year.child_state[child][mother] if year.child_state else float(child == mother)
            births[1][child] += total * given * year.male_share
            births[0][child] += total * given * (1 - year.male_share)
    return births


class Books:
    """Flows of a year by the age reached, written down one by one."""

    def __init__(self, ages, states):
        def cells():
            return [[[0.0] * states for _ in range(2)] for _ in range(ages)]

        self.end, self.deaths, self.entrants, self.emigrants = cells(), cells(), cells(), cells()
        self.transitions = [[[[0.0] * states for _ in range(states)] for _ in range(2)] for _ in range(ages)]
        self.by_age = [[0.0] * states for _ in range(ages)]

    def enter(self, age, sex, fate, came=None):
        """Add a fate, and the people who came."""
        for to in range(len(fate.present)):
            self.end[age][sex][to] += fate.present[to]
            self.deaths[age][sex][to] += fate.deaths[to]
            self.emigrants[age][sex][to] += fate.emigrants[to]
            self.entrants[age][sex][to] += came[to] if came else 0.0
            for origin, people in enumerate(fate.moves[to]):
                self.transitions[age][sex][to][origin] += people


def step(population, year, convention):
    """Carry a population through a year."""
    ages, states = range(len(population)), range(len(population[0][0]))
    books = Books(len(ages), len(states))
    cohorts = [[cohort(year, slot, sex, convention) for sex in range(2)] for slot in range(len(ages) + 1)]
    halves = convention in ("wpp_even", "popreconstruct_even")
    for sex in range(2):
        for age in ages:
            reached, people = min(age + 1, ages[-1]), population[age][sex]
            if halves:
                half = [migrants / 2 for migrants in year.migrants[age][sex]]
                people = [people[i] + half[i] for i in states]
            fate = of_stock(cohorts[age + 1][sex], people, convention)
            books.enter(reached, sex, fate, half if halves else None)
            came, guests = of_guests(cohorts[age][sex], year, population, age, sex, convention)
            books.enter(age, sex, guests, came)
            for state in states if sex == 0 else ():
                books.by_age[reached][state] += births_of(fate, year, age + 1, state, convention)
                books.by_age[age][state] += births_of(guests, year, age, state, convention)
    births = children(books.by_age, year)
    for sex in range(2):
        fate = of_stock(cohorts[0][sex], births[sex], convention)
        books.enter(0, sex, fate)
    return Account(books.end, births, books.by_age, books.deaths, books.entrants, books.emigrants, books.transitions)


def random_case(seed, *, years, ages, states, emigration=None, moves=None, dying=(0.001, 0.4)):
    """Population and years, drawn at random; of emigration and of moves None, hazards, shares or both."""
    draw = random.Random(seed)

    def cells(rows, low, high):
        return [[[draw.uniform(low, high) for _ in range(states)] for _ in range(2)] for _ in range(rows)]

    def between(high):
        return [
            [[[draw.uniform(0, high) * (to != i) for i in range(states)] for to in range(states)] for _ in range(2)]
            for _ in range(ages + 1)
        ]

    def year():
        rate = [[draw.uniform(0, 0.4) * (age > 0) for _ in range(states)] for age in range(ages)]
        alive = [[[1 - q for q in row] for row in slot] for slot in cells(ages + 1, *dying)]
        most = 0.2 / max(states - 1, 1)
        matrix = [[draw.random() for _ in range(states)] for _ in range(states)]
        sums = [math.fsum(row[mother] for row in matrix) for mother in range(states)]
        child = [[value / total for value, total in zip(row, sums, strict=True)] for row in matrix]
        return Year(
            alive,
            rate,
            draw.uniform(0.4, 0.6),
            cells(ages, 0, 1e4),
            child if states > 1 else None,
            cells(ages + 1, 0, 0.15) if emigration in ("hazard", "both") else None,
            cells(ages + 1, 0, 0.1) if emigration in ("share", "both") else None,
            between(most) if moves in ("hazard", "both") else None,
            between(most / 2) if moves in ("share", "both") else None,
        )

    return cells(ages, 0, 1e6), [year() for _ in range(years)]
