"""Numbers of people are numbers, zero or more; nobody comes from nothing and one person counts as one."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from inputs import Case, cases

from sim.demography.hazards import death_hazard, emigration_hazard
from sim.engine import CONVENTIONS, OverdrawnError, Rates
from sim.engine.project import walk

HALVES = ("wpp_even", "popreconstruct_even")
"""Half of the migrants come on 1 January and are a year older at the end."""


@given(cases())
def test_people_and_events_are_never_negative_nor_without_number(case):
    projection = case.project()

    for name, field in projection._asdict().items():
        if field is not None:
            assert np.isfinite(field).all(), name
            assert (field >= 0).all(), name


@given(cases(most=0.99))
def test_nobody_stays_nobody(case):
    """And no step on the way leaves the numbers: not even an underflow, which exp(-h) has from h = 708 on."""
    empty = case._replace(population=0 * case.population, migrants=0 * case.migrants)

    with np.errstate(all="raise"):
        projection = empty.project()

    for name, field in projection._asdict().items():
        assert field is None or not field.any(), name


@given(cases(), st.data())
def test_an_overdrawn_cohort_is_named(case, data):
    childless = 0 * case.rates.fertility_before_birthday
    rates = case.rates._replace(fertility_before_birthday=childless, fertility_after_birthday=childless)
    case = case._replace(rates=rates)
    year, age, sex, state = (data.draw(st.integers(0, length - 1)) for length in case.migrants.shape)
    assume(share_present(case)[year, age, sex, state, state] > 0.7)
    migrants = case.migrants.copy()
    migrants[year, age, sex, state] -= 3 * case.project().population.max() + 1e3
    overdrawn = case._replace(migrants=migrants)

    with pytest.raises(OverdrawnError) as raised:
        overdrawn.project()

    error = raised.value
    assert (error.year, error.sex) == (year + 1, sex)
    aged_in_the_year = case.convention in HALVES and error.age == min(age + 1, case.migrants.shape[1] - 1)
    assert (error.age, error.state) == (age, state) or aged_in_the_year
    assert error.persons < 0


def test_overdrawn_mothers_are_named_rather_than_their_children():
    """Who are still further below zero, but only because their mothers are."""
    population, rates, migrants = small()
    population /= 100
    migrants[0, 3, 0, 1] = -1e4
    fertile = rates._replace(fertility_after_birthday=200 * rates.fertility_after_birthday)

    with pytest.raises(OverdrawnError) as raised:
        Case("continuous", population, fertile, migrants).project()

    error, operators = raised.value, Case("continuous", population, fertile, migrants).operators()
    assert (error.year, error.age, error.sex, error.state) == (1, 3, 0, 1)
    assert walk(population, *operators).population[1, 0].min() < error.persons


def share_present(case):
    """Share of the entrants of each cell and state, present on 31 December in each state."""
    operators = case.operators()[0]
    if operators.of_entrants is None:
        return np.ones((*case.migrants.shape, case.migrants.shape[-1]))
    present = operators.of_entrants.survive
    if present.ndim == 4:
        return present[..., None] * np.eye(present.shape[-1])
    return present


def small(emigration=False, ages=6):
    """Two years of a population all of whose components are above zero."""
    random = np.random.default_rng(3)
    shape = (2, ages + 1, 2, 2)
    fertility = random.uniform(0.1, 0.3, (2, ages + 1, 2))
    fertility[:, 0] = 0
    share = random.uniform(0.01, 0.1, shape) if emigration else None
    rates = Rates(
        random.uniform(0.6, 0.95, shape),
        fertility,
        fertility,
        np.full(2, 0.51),
        emigration_share=share,
        child_state=np.tile([[0.9, 0.3], [0.1, 0.7]], (2, 1, 1)),
    )
    return random.uniform(1e3, 2e3, (ages, 2, 2)), rates, random.uniform(10, 20, (2, ages, 2, 2))


def phi(k, hazard):
    """phi_k of minus a hazard, k = 1 or 2: the integral of t^(k-1) exp(-hazard (1 - t)) by Simpson's rule."""
    t = np.linspace(0, 1, 2001)
    weights = np.r_[1, np.tile([4, 2], 1000)[:-1], 1] / 6000
    return float(weights @ (t ** (k - 1) * np.exp(-hazard * (1 - t))))


def shares_present(convention, population, rates, age, sex):
    """Ages and shares of a migrant to state 1 who is there at the end of the first year."""
    survival = rates.survival[0, :, sex, 1]
    share = 0 if rates.emigration_share is None else rates.emigration_share[0, :, sex, 1]
    if convention == "continuous":
        leaving = death_hazard(survival[None])
        hazard = (leaving + (emigration_hazard(share[None], leaving) if np.ndim(share) else 0))[0, age]
        return [(age, phi(1, hazard) if age else 2 * phi(2, hazard))]
    if convention in HALVES:
        aged = survival * (1 - share / 2) - share / 2
        return [(age, 0.5), (min(age + 1, 5), aged[age + 1] / 2)]
    if convention == "wpp_end":
        return [(age, 1.0)]
    if age == 0:
        return [(0, (1 + 2 * survival[0]) / 3)]
    if convention == "fso_midyear":
        return [(age, (1 + survival[age + 1]) / 2)]
    of_open_age = population[-2:, sex, 1] @ survival[-2:] / population[-2:, sex, 1].sum()
    return [(age, (1 + (of_open_age if age == 5 else survival[age])) / 2)]


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
@pytest.mark.parametrize("emigration", [False, True])
@pytest.mark.parametrize("persons", [1.0, -1.0])
@pytest.mark.parametrize("age", [0, 2, 5])
@pytest.mark.parametrize("sex", [0, 1])
def test_a_migrant_counts_with_the_stated_survival_share(convention, emigration, persons, age, sex):
    population, rates, migrants = small(emigration)
    childless = 0 * rates.fertility_before_birthday
    rates = rates._replace(fertility_before_birthday=childless, fertility_after_birthday=childless)
    one_more = migrants.copy()
    one_more[0, age, sex, 1] += persons
    expected = np.zeros_like(population)
    for reached, share in shares_present(convention, population, rates, age, sex):
        expected[reached, sex, 1] += persons * share

    before, after = (
        Case(convention, population, rates, people).project().population[1] for people in (migrants, one_more)
    )

    np.testing.assert_allclose(after - before, expected, rtol=0, atol=1e-12 * population.max())


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
def test_a_birth_more_is_a_child_more_in_its_sex_and_state(convention):
    population, rates, migrants = small()
    more = rates.fertility_after_birthday.copy()
    more[0, 3, 1] += 0.01
    richer = rates._replace(fertility_after_birthday=more)

    before, after = (Case(convention, population, given, migrants).project() for given in (rates, richer))

    births = (after.births - before.births)[0]
    total = births.sum()
    assert total > 0
    np.testing.assert_allclose(births, total * np.outer([0.49, 0.51], [0.3, 0.7]), rtol=1e-10)
    difference = after.population[1] - before.population[1]
    np.testing.assert_allclose(difference[0], rates.survival[0, 0] * births, rtol=1e-10)
    np.testing.assert_array_equal(difference[1:], 0)
    by_mother = (after.births_by_age_of_mother - before.births_by_age_of_mother)[0]
    np.testing.assert_allclose(by_mother[3, 1], total, rtol=1e-10)
    assert np.count_nonzero(by_mother) == 1


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
def test_an_emigrant_more_is_a_person_less_in_the_same_cell(convention):
    population, rates, migrants = small(emigration=True)
    share = rates.emigration_share.copy()
    cell = (0, 4, 1, 0)
    share[cell] += 1 / population[3, 1, 0]
    nobody = 0 * migrants

    before, after = (
        Case(convention, population, given, nobody).project()
        for given in (rates, rates._replace(emigration_share=share))
    )

    left = after.emigrants - before.emigrants
    np.testing.assert_allclose(left[cell], 1, rtol=0, atol=1e-11)
    died = after.deaths - before.deaths
    difference = after.population[1] - before.population[1]
    np.testing.assert_allclose(difference[4, 1, 0], -left[cell] - died[cell], rtol=0, atol=1e-11)
    assert died[cell] <= 0
    for change in (left[0], died[0], difference):
        change[4, 1, 0] = 0
        np.testing.assert_array_equal(change, 0)
