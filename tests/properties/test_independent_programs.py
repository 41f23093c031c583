"""The engine against programs that share nothing with it: plain loops, and the matrix exponential."""

import numpy as np
import oracle
import pytest
from scipy.linalg import expm

from sim.demography.fertility import by_cohort
from sim.engine import CONVENTIONS, Rates, check_column_sums, project

FLOWS = ("births", "births_by_age_of_mother", "deaths", "emigrants")


def rates_of(years, child_state=None):
    """Rates of the engine from the years of the loop."""
    survival, fertility, male_share, _, hazard, share = (
        None if field[0] is None else np.array(field) for field in zip(*years, strict=True)
    )
    before, after = (np.moveaxis(part, -1, 1) for part in by_cohort(np.moveaxis(fertility, 1, -1), "completed"))
    child = None if child_state is None else np.array(child_state)
    return Rates(survival, before, after, male_share, hazard, share, child_state=child)


def loop(population, years, convention, child_state):
    """Stocks and flows of the loop."""
    accounts = []
    for year in years:
        accounts.append(oracle.step(population, year, convention, child_state))
        population = accounts[-1].population
    return accounts


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("states", [1, 3])
@pytest.mark.parametrize(
    ("convention", "emigration"),
    [("continuous", None), ("continuous", "hazard"), ("continuous", "share"), ("wpp_end", None), ("wpp_end", "share")],
)
def test_engine_equals_a_loop_in_plain_python(convention, emigration, states, seed):
    ages = 3 + seed % 6
    population, years, shares = oracle.random_case(
        seed, years=2 * ages, ages=ages, states=states, emigration=emigration
    )
    child_state = shares if states > 1 else None
    accounts = loop(population, years, convention, child_state)
    migrants = np.array([year.migrants for year in years])

    operators, entrants = CONVENTIONS[convention](rates_of(years, child_state), migrants)
    check_column_sums(operators)
    projection = project(np.array(population), operators, entrants)

    expected = np.array([population, *(account.population for account in accounts)])
    np.testing.assert_allclose(projection.population, expected, rtol=1e-12, atol=0)
    for name in FLOWS[: 4 if emigration else 3]:
        flow = np.array([getattr(account, name) for account in accounts])
        np.testing.assert_allclose(getattr(projection, name), flow, rtol=1e-12, atol=0, err_msg=name)
    assert (projection.emigrants is None) == (emigration is None)
    np.testing.assert_array_equal(projection.entrants, migrants)


def integrals(generator, entry):
    """People on 31 December and person-years of those who enter with a density of `entry`, t^0, t^1, … per year."""
    states, orders = len(generator), len(entry) + 2
    block = np.zeros((orders * states, orders * states))
    identity = np.eye(states)
    block[:states, :states] = generator
    block[states : 2 * states, :states] = identity
    for order in range(2, orders):
        target = 0 if order == 2 else order - 1
        block[target * states : (target + 1) * states, order * states : (order + 1) * states] = identity
    start = np.zeros(orders * states)
    for order, people in enumerate(entry, start=2):
        start[order * states : (order + 1) * states] = people
    end = expm(block) @ start
    return end[:states], end[states : 2 * states]


def of_stock(generator, people):
    """People on 31 December and person-years of those who are there on 1 January."""
    states = len(generator)
    zero = np.zeros((states, states))
    end = expm(np.block([[generator, zero], [np.eye(states), zero]])) @ np.r_[people, np.zeros(states)]
    return end[:states], end[states:]


@pytest.mark.parametrize("seed", range(6))
def test_a_year_of_mixed_states_equals_the_matrix_exponential(seed):
    random = np.random.default_rng(seed)
    ages, states = 4, 2 + seed % 3
    slots = (ages + 1, 2, states)
    population, migrants = random.uniform(0, 1e6, (ages, 2, states)), random.uniform(0, 1e4, (ages, 2, states))
    emigration = random.uniform(0, 0.3, slots)
    fertility = random.uniform(0, 0.3, (ages + 1, states))
    fertility[0] = 0
    move = random.uniform(0, 1.5, (*slots, states)) * (1 - np.eye(states))
    child_state = random.dirichlet(np.ones(states), states).T
    death = random.uniform(0.01, 1.0, slots)
    survival = np.exp(-death)
    survival[0] = -np.expm1(-death[0]) / death[0]
    rates = Rates(
        survival[None],
        fertility[None],
        fertility[None],
        np.array([0.51]),
        emigration[None],
        None,
        move[None],
        child_state,
    )

    operators, entrants = CONVENTIONS["continuous"](rates, migrants[None])
    check_column_sums(operators)
    projection = project(population, operators, entrants)

    end = np.zeros((ages, 2, states))
    flows = {name: np.zeros((ages, 2, states)) for name in ("deaths", "emigrants", "arrivals", "departures")}
    mothers = np.zeros((ages, states))

    def book(slot, sex, result):
        present, lived = result
        age = min(slot, ages - 1)
        end[age, sex] += present
        flows["deaths"][age, sex] += death[slot, sex] * lived
        flows["emigrants"][age, sex] += emigration[slot, sex] * lived
        flows["arrivals"][age, sex] += move[slot, sex] @ lived
        flows["departures"][age, sex] += move[slot, sex].sum(axis=0) * lived
        if sex == 0:
            mothers[age] += fertility[slot] * lived

    def generator(slot, sex):
        leaving = death[slot, sex] + emigration[slot, sex] + move[slot, sex].sum(axis=0)
        return move[slot, sex] - np.diag(leaving)

    for sex in range(2):
        for slot in range(1, ages + 1):
            book(slot, sex, of_stock(generator(slot, sex), population[slot - 1, sex]))
        for age in range(ages):
            entry = [migrants[age, sex]] if age else [0 * migrants[0, sex], 2 * migrants[0, sex]]
            book(age, sex, integrals(generator(age, sex), entry))
    total = child_state @ mothers.sum(axis=0)
    births = np.array([total * 0.49, total * 0.51])
    for sex in range(2):
        book(0, sex, integrals(generator(0, sex), [births[sex]]))

    np.testing.assert_allclose(projection.births[0], births, rtol=1e-12, atol=0)
    np.testing.assert_allclose(projection.births_by_age_of_mother[0], mothers, rtol=1e-12, atol=0)
    np.testing.assert_allclose(projection.population[1], end, rtol=1e-12, atol=0)
    for name, flow in flows.items():
        np.testing.assert_allclose(getattr(projection, name)[0], flow, rtol=1e-12, atol=0, err_msg=name)
