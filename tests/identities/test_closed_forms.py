"""Projections whose result is known beforehand."""

import numpy as np
import pytest
from scipy.linalg import eig

from sim.demography.fertility import by_cohort
from sim.demography.hazards import death_hazard, exposure
from sim.demography.lifetable import stationary_population
from sim.engine import (
    CONVENTIONS,
    Entrants,
    Events,
    Operators,
    Part,
    Rates,
    check_column_sums,
    leslie_matrix,
    project,
)
from sim.errors import ProjectionError

AGES = 101
EACH = pytest.mark.parametrize("convention", sorted(CONVENTIONS))


def mortality():
    """Survival ratios by cohort slot of women and men, (A + 1, 2, 1); the cohorts of the open age die differently."""
    slot = np.arange(AGES + 1)[:, None]
    survival = np.exp(-np.array([1.0, 1.4]) * (4e-5 * np.exp(0.095 * slot) + 0.005 * (slot == 0)))
    return survival[..., None]


def fertility(total=1.9):
    """Births per woman by completed age, a bell around 30."""
    age = np.arange(AGES)
    rate = np.exp(-(((age - 30) / 6) ** 2)) * ((age >= 14) & (age < 50))
    return total * rate / rate.sum()


def rates(survival, rate, years=1):
    """Rates that stay the same in every year."""
    before, after = (np.tile(part[:, None], (years, 1, 1)) for part in by_cohort(rate, "completed"))
    return Rates(np.tile(survival, (years, 1, 1, 1)), before, after, np.full(years, 1.05 / 2.05))


def carry(convention, population, given, years, migrants=0.0):
    """Project by the operators of one year."""
    arrivals = np.broadcast_to(migrants, (1, AGES, 2, 1))
    operators, entrants = CONVENTIONS[convention](given, np.array(arrivals))

    def every(field):
        if isinstance(field, tuple):
            return type(field)(*(every(part) for part in field))
        return None if field is None else np.broadcast_to(field, (years, *field.shape[1:]))

    return project(population, every(operators), every(entrants))


def leslie(convention):
    """Women of a year from those of the year before, written down from the model: [age, age] and [births by, age]."""
    survival = mortality()[:, 0, 0]
    rate = fertility()
    older = np.minimum(np.arange(AGES) + 1, AGES - 1)
    if convention == "fso_midyear":
        per_woman = (rate + rate[older]) / 2 * (1 + survival[1:]) / 2
    elif convention != "continuous":
        per_woman = (rate + survival[1:] * rate[older]) / 2
    else:
        hazard = -np.log(survival[1:])
        per_woman = (rate + rate[older]) / 2 * -np.expm1(-hazard) / hazard
    matrix = np.zeros((AGES, AGES))
    matrix[older, np.arange(AGES)] = survival[1:]
    matrix[0] = survival[0] / 2.05 * per_woman
    return matrix, per_woman


@EACH
def test_nobody_born_nobody_dead_nobody_moving_only_grows_older(convention):
    population = np.random.default_rng(1).integers(0, 2**20, (AGES, 2, 1)).astype(float)

    projection = carry(convention, population, rates(np.ones((AGES + 1, 2, 1)), np.zeros(AGES)), 3)

    for years in range(1, 4):
        later = projection.population[years]
        np.testing.assert_array_equal(later[:years], 0)
        np.testing.assert_array_equal(later[years:-1], population[: -years - 1])
        np.testing.assert_array_equal(later[-1], population[-years - 1 :].sum(axis=0))
    assert not projection.deaths.any()
    assert not projection.births.any()


def test_where_nobody_survives_all_die():
    population = np.random.default_rng(2).uniform(0, 1e6, (AGES, 2, 1))

    projection = carry("wpp_end", population, rates(np.zeros((AGES + 1, 2, 1)), np.zeros(AGES)), 1)

    assert not projection.population[1].any()
    np.testing.assert_array_equal(projection.deaths[0, 1:-1], population[:-2])
    np.testing.assert_array_equal(projection.deaths[0, -1], population[-2] + population[-1])


@EACH
def test_births_of_boys_and_girls_are_exactly_the_births(convention):
    population = np.random.default_rng(3).uniform(0, 1e6, (AGES, 2, 1))

    projection = carry(convention, population, rates(mortality(), fertility()), 50, migrants=100.0)

    total = projection.births_by_age_of_mother.sum(axis=1)
    np.testing.assert_array_equal(projection.births.sum(axis=1), total)
    np.testing.assert_array_equal(projection.births[:, 1], total * (1.05 / 2.05))


@EACH
def test_the_national_account_closes(convention):
    population = np.random.default_rng(4).uniform(0, 1e6, (AGES, 2, 1))

    projection = carry(convention, population, rates(mortality(), fertility()), 50, migrants=100.0)

    everyone = projection.population.sum(axis=(1, 2, 3))
    births, deaths, came = (
        flow.reshape(50, -1).sum(axis=1) for flow in (projection.births, projection.deaths, projection.entrants)
    )
    np.testing.assert_allclose(np.diff(everyone) - births + deaths - came, 0, rtol=0, atol=1e-12 * everyone.max())
    np.testing.assert_allclose(came, 100.0 * 2 * AGES, rtol=1e-15)


@EACH
def test_every_cohort_is_what_it_was_less_its_deaths_plus_its_migrants(convention):
    population = np.random.default_rng(5).uniform(0, 1e6, (AGES, 2, 1))

    projection = carry(convention, population, rates(mortality(), fertility()), 50, migrants=100.0)

    start, end = projection.population[:-1], projection.population[1:]
    before = np.concatenate([projection.births[:, None], start[:, :-1]], axis=1)
    before[:, -1] += start[:, -1]
    change = projection.entrants - projection.deaths
    np.testing.assert_allclose(end, before + change, rtol=1e-12, atol=0)


@EACH
def test_a_stationary_population_stays_for_a_thousand_years(convention):
    survival = mortality()
    _, per_woman = leslie(convention)
    people = stationary_population(np.moveaxis(survival, 0, -1))
    women, men = people[0, 0], people[1, 0]
    rate = fertility() * 2.05 / (per_woman @ women)
    population = np.stack([women, 1.05 * men], axis=-1)[..., None]

    projection = carry(convention, population, rates(survival, rate), 1000)

    np.testing.assert_allclose(projection.population[[1, 100, 1000]], np.stack([population] * 3), rtol=1e-13)
    np.testing.assert_allclose(projection.births[:, 0], 1, rtol=1e-13)
    np.testing.assert_allclose(projection.births[:, 1], 1.05, rtol=1e-13)
    everyone, births = population.sum(), 2.05
    expectancy = (women.sum() + 1.05 * men.sum()) / 2.05
    np.testing.assert_allclose(everyone, births * expectancy, rtol=1e-12)
    np.testing.assert_allclose(projection.deaths.sum(axis=(1, 2, 3)), births, rtol=1e-12)


@EACH
def test_a_year_of_women_is_the_leslie_matrix(convention):
    matrix, _ = leslie(convention)
    women = np.random.default_rng(6).uniform(0, 1e6, AGES)
    population = np.stack([women, women], axis=-1)[..., None]

    projection = carry(convention, population, rates(mortality(), fertility()), 1)

    np.testing.assert_allclose(projection.population[1, :, 0, 0], matrix @ women, rtol=1e-14)


@EACH
def test_the_matrix_of_the_engine_is_the_leslie_matrix(convention):
    matrix, _ = leslie(convention)
    given = rates(mortality(), fertility(), years=2)
    richer = given._replace(fertility_after_birthday=given.fertility_after_birthday * [[[1.0]], [[2.0]]])

    operators, _ = CONVENTIONS[convention](richer, np.zeros((2, AGES, 2, 1)))

    np.testing.assert_allclose(leslie_matrix(operators), matrix, rtol=1e-14, atol=0)
    assert leslie_matrix(operators, 1)[0].sum() > 1.2 * matrix[0].sum()


@EACH
@pytest.mark.parametrize("moves", [None, "transition_hazard", "transition_share"])
def test_the_matrix_of_several_states_carries_the_women_through_a_year(convention, moves):
    random = np.random.default_rng(9)
    ages, states = 6, 3
    slots = (1, ages + 1, 2, states)
    fertility = random.uniform(0.1, 0.3, (2, 1, ages + 1, states)) * (np.arange(ages + 1) > 0)[:, None]
    given = Rates(
        random.uniform(0.6, 0.95, slots),
        *fertility,
        np.array([0.51]),
        emigration_share=random.uniform(0, 0.1, slots),
        child_state=random.dirichlet(np.ones(states), (1, states)).swapaxes(-1, -2),
    )
    if moves:
        given = given._replace(**{moves: random.uniform(0, 0.1, (*slots, states)) * (1 - np.eye(states))})
    population = random.uniform(0, 1e6, (ages, 2, states))
    operators, entrants = CONVENTIONS[convention](given, np.zeros((1, ages, 2, states)))

    carried = leslie_matrix(operators) @ population[:, 0].ravel()

    projection = project(population, operators, entrants)
    np.testing.assert_allclose(carried, projection.population[1, :, 0].ravel(), rtol=1e-13)


@EACH
def test_the_long_run_is_the_leading_eigenvector(convention):
    matrix, per_woman = leslie(convention)
    values, vectors = eig(matrix)
    growth = values.real.max()
    stable = vectors[:, values.real.argmax()].real
    stable /= stable.sum()
    population = np.random.default_rng(7).uniform(0, 1e6, (AGES, 2, 1))

    women = carry(convention, population, rates(mortality(), fertility()), 1500).population[:, :, 0, 0]
    started_stable = carry(
        convention, np.stack([stable, stable], axis=-1)[..., None], rates(mortality(), fertility()), 100
    ).population[:, :, 0, 0]

    np.testing.assert_allclose(women[-1].sum() / women[-2].sum(), growth, rtol=1e-12)
    np.testing.assert_allclose(women[-1] / women[-1].sum(), stable, rtol=0, atol=1e-10)
    np.testing.assert_allclose(started_stable.sum(axis=1), growth ** np.arange(101.0), rtol=1e-11)
    lived = np.cumprod(mortality()[:-1, 0, 0])
    net_maternity = lived[:-1] * per_woman[:-1] / 2.05
    np.testing.assert_allclose((net_maternity * growth ** -np.arange(1.0, AGES)).sum(), 1, rtol=1e-12)


@EACH
def test_newborn_immigrants_build_up_their_own_stationary_population(convention):
    """M a year at age 0 and no births: age a holds M x R_0 x L_a / L_0 when all have passed it.

    Where half of the migrants come at the start of the year they are a year older at its end: age 0 holds M / 2.
    """
    survival = mortality()
    migrants = np.zeros((AGES, 2, 1))
    migrants[0] = 1000.0
    years = exposure(death_hazard(survival[:, :, 0].T))
    midyear = (1 + 2 * survival[0, :, 0]) / 3
    enter = {
        "continuous": 2 * years.entrant_years[:, 0],
        "spectrum_midyear": midyear,
        "fso_midyear": midyear,
    }.get(convention, np.ones(2))
    expected = 1000 * enter[:, None] * np.cumprod(np.c_[np.ones(2), survival[1:-2, :, 0].T], axis=1)
    if convention in ("wpp_even", "popreconstruct_even"):
        expected[:, 0] = 500

    projection = carry(convention, np.zeros((AGES, 2, 1)), rates(survival, np.zeros(AGES)), 101, migrants)

    np.testing.assert_allclose(projection.population[-1, :-1, :, 0], expected.T, rtol=1e-12)


@EACH
def test_the_open_age_takes_in_two_cohorts_that_survive_apart(convention):
    population = np.zeros((AGES, 2, 1))
    population[-2], population[-1] = 300.0, 500.0
    survival = mortality()
    survival[-2], survival[-1] = 0.75, 0.25

    projection = carry(convention, population, rates(survival, np.zeros(AGES)), 1)

    np.testing.assert_allclose(projection.population[1, -1], 300 * 0.75 + 500 * 0.25, rtol=1e-15)
    np.testing.assert_allclose(projection.deaths[0, -1], 300 * 0.25 + 500 * 0.75, rtol=1e-15)


@EACH
def test_years_with_rates_of_their_own_are_used_in_their_order(convention):
    given = rates(mortality(), np.zeros(AGES), years=3)
    survival = given.survival * np.array([1.0, 0.5, 0.25])[:, None, None, None]
    population = np.full((AGES, 2, 1), 1024.0)

    operators, entrants = CONVENTIONS[convention](given._replace(survival=survival), np.zeros((3, AGES, 2, 1)))
    projection = project(population, operators, entrants)

    left = 1024 * np.prod([survival[year, 31 + year] for year in range(3)], axis=0)
    np.testing.assert_allclose(projection.population[3, 33], left, rtol=1e-14)


def test_entrants_of_all_times_of_the_year_are_there():
    ones = np.ones((1, 4, 2, 1))
    operators, entrants = CONVENTIONS["continuous"](
        Rates(np.full((1, 5, 2, 1), 0.5), np.zeros((1, 5, 1)), np.zeros((1, 5, 1)), np.full(1, 0.5)), 8 * ones
    )

    projection = project(np.zeros((4, 2, 1)), operators, Entrants(5 * ones, entrants.during, 3 * ones))

    alone, of_stock = (
        project(np.full((4, 2, 1), people), operators, Entrants(during=during))
        for people, during in ((0.0, entrants.during), (5.0, 0 * ones))
    )
    expected = alone.population[1] + of_stock.population[1] + 3
    np.testing.assert_allclose(projection.population[1], expected, rtol=1e-15)
    np.testing.assert_allclose(projection.deaths, alone.deaths + of_stock.deaths, rtol=1e-15)
    np.testing.assert_array_equal(projection.entrants[0, :, 0, 0], [11, 16, 16, 21])


@pytest.mark.parametrize("persons", [3e-12, -3e-12])
@EACH
def test_column_sums_are_refused_where_somebody_vanishes_or_appears(convention, persons):
    operators, _ = CONVENTIONS[convention](rates(mortality(), fertility()), np.zeros((1, AGES, 2, 1)))
    check_column_sums(operators)
    rate, exposed = operators.of_stock.deaths
    exposed = np.array(exposed)
    exposed[0, 40, 1, 0] += persons / rate[0, 40, 1, 0]

    with pytest.raises(ProjectionError, match="add up to 1"):
        check_column_sums(operators._replace(of_stock=operators.of_stock._replace(deaths=Events(rate, exposed))))


@pytest.mark.parametrize("persons", [3e-12, -3e-12])
def test_column_sums_are_refused_where_an_entrant_vanishes_or_appears(persons):
    operators, _ = CONVENTIONS["continuous"](rates(mortality(), fertility()), np.zeros((1, AGES, 2, 1)))
    survive = operators.of_entrants.survive.copy()
    survive[0, 40, 1, 0] += persons

    with pytest.raises(ProjectionError, match="add up to 1"):
        check_column_sums(operators._replace(of_entrants=operators.of_entrants._replace(survive=survive)))


def test_continuous_refuses_a_survival_ratio_of_zero():

    survival = mortality()
    survival[-1] = 0

    with pytest.raises(ProjectionError, match="no finite death hazard"):
        CONVENTIONS["continuous"](rates(survival, fertility()), np.zeros((1, AGES, 2, 1)))


def test_people_cannot_enter_in_a_year_that_lets_nobody_in():

    half = np.full((1, 4, 2, 1), 0.5)
    operators = Operators(Part(half, np.zeros((1, 4, 1)), Events(half, np.ones_like(half))), np.full(1, 0.5))

    for entrants, message in ((Entrants(during=half[:, 1:]), "let nobody arrive"), (Entrants(), "give zeros")):
        with pytest.raises(ProjectionError, match=message):
            project(np.zeros((3, 2, 1)), operators, entrants)
