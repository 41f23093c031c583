"""Whatever the rates, what happens on 1 January keeps every person, and is linear in the people."""

from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs import cases, fields
from test_books import balance

from sim.engine import CONVENTIONS, Targets, carry, project_to_targets

FEW = settings(max_examples=50)


@st.composite
def new_years(draw, **options):
    """A case, and shares of those who change state or leave on each 1 January: some of them none or all."""
    case = draw(cases(**options))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    years, states = case.years, case.population.shape[-1]
    shares = np.moveaxis(random.dirichlet(np.ones(states) / 3, (years, states)), -1, 1)
    shares = shares * draw(st.sampled_from((1.0, 0.5, 0.0, random.random((years, 1, states)))))
    return case._replace(rates=case.rates._replace(on_1_january=shares))


def projected(case):
    """Projection by the road that its convention needs."""
    convention = CONVENTIONS[case.convention]
    if case.weighs:
        return solved(case)
    return carry(case.population, case.rates, case.migrants, convention)


def solved(case):
    """Projection year by year."""
    convention = CONVENTIONS[case.convention]
    return project_to_targets(case.population, case.rates, case.migrants, convention, Targets(), case.weighs)[0]


def assert_same_bits(one, other):
    for name, (found, expected) in fields(one, other):
        np.testing.assert_array_equal(found, expected, err_msg=name)


@FEW
@given(new_years())
def test_every_cell_balances(case):
    projection = projected(case)

    residual, largest = balance(projection)

    assert (np.abs(residual) <= 1e-12 * largest).all()


@FEW
@given(new_years())
def test_people_and_events_are_never_negative(case):
    for name, (field,) in fields(projected(case)):
        assert (field >= 0).all(), name


@FEW
@given(new_years(), st.data())
def test_years_in_two_parts_give_the_same_bits(case, data):
    cut = data.draw(st.integers(0, case.years))
    whole = projected(case)

    parts, population = [], case.population
    for first, last in ((0, cut), (cut, case.years)):
        if first < last:
            parts.append(projected(case.part(first, last)._replace(population=population)))
            population = parts[-1].population[-1]

    for name, (field, *pieces) in fields(whole, *parts):
        pieces = [piece[1:] if name == "population" else piece for piece in pieces]
        whole_field = field[1:] if name == "population" else field
        np.testing.assert_array_equal(np.concatenate(pieces), whole_field, err_msg=name)


@FEW
@given(new_years(linear=True), st.integers(1, 3000))
def test_the_solver_and_operators_of_a_few_years_give_the_same_bits(case, most_entries):
    whole = projected(case)

    with patch("sim.engine.conventions.MOST_ENTRIES", most_entries):
        assert_same_bits(projected(case), whole)
    assert_same_bits(solved(case), whole)


@FEW
@given(new_years(linear=True), st.integers(0, 2**32 - 1))
def test_two_populations_together_are_the_sum_of_each(case, seed):
    part = case.population * np.random.default_rng(seed).random(case.population.shape)

    whole = projected(case)
    some = projected(case._replace(population=part))
    others = projected(case._replace(population=case.population - part, migrants=0 * case.migrants))

    for name, (together, one, two) in fields(whole, some, others):
        np.testing.assert_allclose(one + two, together, rtol=0, atol=1e-11 * together.max(), err_msg=name)
