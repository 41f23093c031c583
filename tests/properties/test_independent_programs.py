"""The engine against programs that share nothing with it: plain loops, and the matrix exponential."""

import numpy as np
import oracle
import pytest
from scipy.linalg import expm

from sim.demography.fertility import by_cohort
from sim.engine import CONVENTIONS, Rates, check_column_sums, project, project_to_targets, weighs_by_stock
from sim.engine.targets import Targets

FLOWS = ("births", "births_by_age_of_mother", "deaths", "entrants", "emigrants", "transitions")


def rates_of(years):
    """Rates of the engine from the years of the loop."""
    fields = {
        name: None if getattr(years[0], name) is None else np.array([getattr(year, name) for year in years])
        for name in oracle.Year._fields
    }
    before, after = (
        np.moveaxis(part, -1, 1) for part in by_cohort(np.moveaxis(fields.pop("fertility"), 1, -1), "completed")
    )
    migrants = fields.pop("migrants")
    return Rates(fertility_before_birthday=before, fertility_after_birthday=after, **fields), migrants


def run(name, population, rates, migrants):
    """Projection of the engine; year after year where a convention weighs by the stock."""
    convention = CONVENTIONS[name]
    if weighs_by_stock(convention, rates):
        return project_to_targets(population, rates, migrants, convention, Targets(), weighs=True)[0]
    operators, entrants = convention(rates, migrants)
    check_column_sums(operators)
    return project(population, operators, entrants)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("moves", oracle.KINDS)
@pytest.mark.parametrize("emigration", oracle.KINDS)
@pytest.mark.parametrize("convention", oracle.CONVENTIONS)
def test_engine_equals_a_loop_in_plain_python(convention, emigration, moves, seed):
    ages, states = 3 + seed, 1 + seed % 2 if moves is None else 2 + seed % 2
    population, years = oracle.random_case(
        seed, years=ages + 1, ages=ages, states=states, emigration=emigration, moves=moves
    )
    accounts, present = [], population
    for year in years:
        accounts.append(oracle.step(present, year, convention))
        present = accounts[-1].population

    projection = run(convention, np.array(population), *rates_of(years))

    expected = np.array([population, *(account.population for account in accounts)])
    np.testing.assert_allclose(projection.population, expected, rtol=1e-12, atol=0)
    assert (projection.emigrants is None) == (emigration is None)
    assert (projection.transitions is None) == (moves is None)
    for name in FLOWS:
        flow, found = np.array([getattr(account, name) for account in accounts]), getattr(projection, name)
        np.testing.assert_allclose(0 if found is None else found, flow, rtol=1e-12, atol=0, err_msg=name)


def test_the_loop_knows_every_convention():
    assert set(oracle.CONVENTIONS) == set(CONVENTIONS)


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
        emigration_hazard=emigration[None],
        transition_hazard=move[None],
        child_state=child_state[None],
    )

    operators, entrants = CONVENTIONS["continuous"](rates, migrants[None])
    check_column_sums(operators)
    projection = project(population, operators, entrants)

    end = np.zeros((ages, 2, states))
    flows = {name: np.zeros((ages, 2, states)) for name in ("deaths", "emigrants")}
    flows["transitions"] = np.zeros((ages, 2, states, states))
    mothers = np.zeros((ages, states))

    def book(slot, sex, result):
        present, lived = result
        age = min(slot, ages - 1)
        end[age, sex] += present
        flows["deaths"][age, sex] += death[slot, sex] * lived
        flows["emigrants"][age, sex] += emigration[slot, sex] * lived
        flows["transitions"][age, sex] += move[slot, sex] * lived
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
