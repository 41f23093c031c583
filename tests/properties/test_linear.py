"""The year is a map that is linear in the people, whatever the convention."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from inputs import cases, fields


@given(cases(linear=True), st.floats(0, 3))
def test_effects_of_two_migrations_add_up(case, times):
    other = np.random.default_rng(case.years).permuted(case.migrants, axis=1) * times
    migrations = (case.migrants + other, case.migrants, other, 0 * other)

    projections = [case._replace(migrants=migrants).project() for migrants in migrations]

    for name, (both, one, two, none) in fields(*projections):
        np.testing.assert_allclose(both - one, two - none, rtol=0, atol=1e-11 * both.max(), err_msg=name)


@given(cases(linear=True), st.integers(0, 2**32 - 1))
def test_two_populations_together_are_the_sum_of_each(case, seed):
    part = case.population * np.random.default_rng(seed).random(case.population.shape)
    rest, nobody = case.population - part, 0 * case.migrants

    whole = case.project()
    some = case._replace(population=part).project()
    others = case._replace(population=rest, migrants=nobody).project()

    for name, (together, one, two) in fields(whole, some, others):
        np.testing.assert_allclose(one + two, together, rtol=0, atol=1e-11 * together.max(), err_msg=name)


@given(cases(), st.sampled_from([2, 4, 0.5, 3]))
def test_twice_the_people_are_twice_of_everything(case, times):
    """To the bit for powers of two; also where a convention weighs by the stock, for shares stay what they are."""
    scaled = case._replace(population=times * case.population, migrants=times * case.migrants)

    for name, (more, once) in fields(scaled.project(), case.project()):
        if times == 3:
            np.testing.assert_allclose(more, times * once, rtol=1e-11, atol=1e-11 * times * once.max(), err_msg=name)
        else:
            np.testing.assert_array_equal(more, times * once, err_msg=name)
