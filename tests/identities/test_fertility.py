"""Fertility keeps its total however its ages are counted, and single ages keep the sums of their groups."""

from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from sim import assumptions
from sim.demography.fertility import by_cohort, single_year_pattern
from sim.demography.graduation import graduate, monotone_cubic
from sim.scenario.load import load

BELGIUM = Path(__file__).parents[2] / "scenarios" / "belgium-2012.yaml"
EDGES = np.array([15, 20, 25, 30, 35, 40, 45, 50])
GROUPS = np.array([[0.02, 0.15, 0.38, 0.31, 0.11, 0.03, 0.0], [0.3, 0, 0.2, 0.1, 0.1, 0.2, 0.1]])


def test_single_ages_keep_the_sums_of_their_groups():
    single = graduate(EDGES, GROUPS)

    np.testing.assert_allclose(single.reshape(2, 7, 5).sum(axis=-1), GROUPS, rtol=0, atol=3e-16)
    assert (single >= 0).all()


def test_groups_of_unequal_width_keep_their_sums():
    edges, totals = np.array([0, 1, 5, 20, 60]), np.array([9.0, 1.0, 40.0, 2.0])

    single = graduate(edges, totals)

    np.testing.assert_allclose(np.add.reduceat(single, edges[:-1]), totals, rtol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_the_cubic_equals_that_of_scipy(seed):
    random = np.random.default_rng(seed)
    knots = np.cumsum(random.uniform(0.5, 9, 2 + 3 * seed))
    values = random.normal(size=(4, len(knots)))
    values[0] = np.sort(values[0])
    values[1, : len(knots) // 2] = values[1, 0]
    points = np.r_[knots, random.uniform(knots[0], knots[-1], 200)]

    expected = PchipInterpolator(knots, values, axis=-1)(points) if len(knots) > 2 else [
        np.interp(points, knots, row) for row in values
    ]  # fmt: skip

    np.testing.assert_allclose(monotone_cubic(knots, values, points), expected, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(monotone_cubic(knots, values, knots), values)


@pytest.mark.parametrize("values", [[0.0, 1.0, -9.0, -9.5], [-9.5, -9.0, 1.0, 0.0]])
def test_the_cubic_does_not_overshoot_at_its_ends(values):
    """Where the next secant turns steeply, the slope at an end is three times its own secant."""
    knots, points = np.arange(4.0), np.linspace(0, 3, 301)

    computed = monotone_cubic(knots, np.array(values), points)

    assert computed.max() == 1
    np.testing.assert_allclose(computed, PchipInterpolator(knots, values)(points), rtol=0, atol=1e-14)


def test_graduation_equals_the_accumulated_interpolation_of_scipy():
    accumulated = np.c_[np.zeros(2), GROUPS.cumsum(axis=-1)]
    expected = np.diff(PchipInterpolator(EDGES, accumulated, axis=-1)(np.arange(15, 51)))

    np.testing.assert_allclose(graduate(EDGES, GROUPS), expected, rtol=0, atol=5e-16)


def test_a_pattern_is_zero_outside_its_groups():
    pattern = single_year_pattern(EDGES, GROUPS, 101)

    assert pattern.shape == (2, 101)
    np.testing.assert_array_equal(pattern[:, 15:50], graduate(EDGES, GROUPS))
    assert not pattern[:, :15].any()
    assert not pattern[:, 50:].any()


@pytest.mark.parametrize("age", ["completed", "reached"])
def test_total_fertility_is_the_sum_over_the_ages_of_a_lifetime(age):
    """A woman passes half a year before and half a year after her birthday in every cohort slot."""
    rates = single_year_pattern(EDGES, GROUPS, 101) * [[1.8], [3.1]]

    cohorts = by_cohort(rates, age)

    lifetime = (cohorts.before_birthday + cohorts.after_birthday)[:, :-1].sum(axis=-1) / 2
    np.testing.assert_allclose(lifetime, rates.sum(axis=-1), rtol=1e-13)


def test_a_rate_by_completed_age_holds_after_the_birthday_of_one_cohort_and_before_that_of_the_next():
    before, after = by_cohort(np.array([0, 0.1, 0.2, 0.4]), "completed")

    np.testing.assert_array_equal(before, [0, 0, 0.1, 0.2, 0.4])
    np.testing.assert_array_equal(after, [0, 0.1, 0.2, 0.4, 0.4])


def test_a_rate_by_age_reached_holds_all_year():
    before, after = by_cohort(np.array([0, 0.1, 0.2, 0.4]), "reached")

    np.testing.assert_array_equal(before, [0, 0.1, 0.2, 0.4, 0.4])
    np.testing.assert_array_equal(after, before)


def test_newborn_women_bear_nobody():
    for age in ("completed", "reached"):
        assert by_cohort(np.zeros(5), age).before_birthday[0] == 0
    assert by_cohort(np.ones(5), "completed").before_birthday[0] == 0
    assert by_cohort(np.ones(5), "completed").after_birthday[0] == 0


def test_the_mean_age_of_mothers_stays_when_only_total_fertility_changes():
    few, many = (
        assumptions.build(load(BELGIUM, [f"fertility.total={total}", "migration.balance.path={2012: 0}"]))
        for total in (1.2, 2.4)
    )
    slot = np.arange(few.fertility_before_birthday.shape[-1])

    def mean_age(given):
        rates = given.fertility_before_birthday + given.fertility_after_birthday
        return (rates * slot).sum(axis=-1) / rates.sum(axis=-1)

    for given, total in ((few, 1.2), (many, 2.4)):
        rates = given.fertility_before_birthday + given.fertility_after_birthday
        np.testing.assert_allclose(rates.sum(axis=-1) / 2, total, rtol=1e-13)
    np.testing.assert_allclose(mean_age(few), mean_age(many), rtol=0, atol=1e-10)
