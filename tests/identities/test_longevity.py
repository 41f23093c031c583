"""Survival ratios of both kinds of open age, measures of longevity, and cohorts along diagonals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.demography.hazards import death_hazard
from sim.demography.lifetable import (
    age_with_remaining,
    arriaga,
    cohort,
    cohorts,
    life_expectancy,
    life_expectancy_on_1_january,
    life_table,
    modal_age,
    remaining_life_expectancy,
    stationary_population,
    survival_ratios,
    years_lost,
)

GROUPS = np.array([0, 1, *range(5, 101, 5)])


def gompertz(ages=101, level=((1.0, 1.5), (0.6, 0.8), (2.0, 3.0))):
    """Death rates of some years, women and men, with an infant hump."""
    age = np.arange(ages)
    return np.array(level)[..., None] * (2e-5 * np.exp(0.1 * age) + 0.01 * np.exp(-1.5 * age))


def grouped():
    return gompertz(106, ((0.7, 0.9), (0.5, 0.6), (0.3, 0.4)))[..., [0, 2, *range(7, 106, 5)]]


# Survival ratios


@pytest.mark.parametrize("split", [False, True])
def test_years_lived_return_from_ratios_of_groups_in_steps(split):
    table = life_table(grouped(), first_ages=GROUPS)

    ratios = survival_ratios(
        table.person_years, first_ages=GROUPS, open_death_rate=table.death_rate[..., -1] if split else None
    )

    lived = np.add.reduceat(table.person_years, [0, *range(2, 22)], axis=-1)
    assert ratios.shape == (3, 2, 22)
    np.testing.assert_allclose(stationary_population(ratios) * 5, lived, rtol=1e-12)
    np.testing.assert_allclose(life_expectancy(ratios) * 5, table.life_expectancy[..., 0], rtol=1e-12)


def test_people_of_the_open_age_stay_there_for_a_step_of_the_width_of_the_groups():
    table = life_table(grouped(), first_ages=GROUPS)
    hazard = table.death_rate[..., -1]

    ratios = survival_ratios(table.person_years, first_ages=GROUPS, open_death_rate=hazard)

    np.testing.assert_allclose(ratios[..., -1], np.exp(-5 * hazard), rtol=1e-14)


def test_years_lived_return_from_ratios_that_split_the_open_age():
    table = life_table(gompertz())

    ratios = survival_ratios(table.person_years, open_death_rate=table.death_rate[..., -1])

    np.testing.assert_allclose(stationary_population(ratios), table.person_years, rtol=1e-12)
    np.testing.assert_array_equal(ratios[..., :-2], survival_ratios(table.person_years)[..., :-2])
    np.testing.assert_allclose(death_hazard(ratios)[..., -1], table.death_rate[..., -1], rtol=1e-12)


def test_people_who_enter_the_open_age_fill_the_places_of_those_who_leave_it():
    """l_ω people a year enter evenly; those of them alive at its end are l_ω (1 - e^-m) / m."""
    table = life_table(gompertz(91))
    hazard = table.death_rate[..., -1]

    ratios = survival_ratios(table.person_years, open_death_rate=hazard)

    entered = table.survivors[..., -1] * -np.expm1(-hazard) / hazard
    np.testing.assert_allclose(ratios[..., -2] * table.person_years[..., -2], entered, rtol=1e-12)
    assert (ratios[..., -2] > ratios[..., -1]).all()


def test_both_kinds_of_open_age_agree_where_the_hazard_is_constant():
    """Everybody dies at the same rate from the age before on: T_ω / T_{ω-1} = e^-m."""
    hazard = 0.2
    lived = -np.expm1(-hazard) / hazard * np.exp(-hazard * np.arange(20))
    lived[-1] = np.exp(-hazard * 19) / hazard

    np.testing.assert_allclose(survival_ratios(lived, open_death_rate=hazard), survival_ratios(lived)[:21], rtol=1e-12)
    np.testing.assert_allclose(survival_ratios(lived)[1:], np.exp(-hazard), rtol=1e-12)


def test_ratios_of_groups_are_those_of_the_textbook():
    ratios = survival_ratios(np.array([0.95, 3.8, 4.5, 4.0, 4.0]), first_ages=[0, 1, 5, 10, 15])

    np.testing.assert_allclose(ratios, [0.95, 4.5 / 4.75, 4 / 4.5, 0.5, 0.5], rtol=1e-15)


def test_ratios_of_groups_of_one_width_need_no_age_0():
    lived = np.array([9.0, 8.0, 7.0])

    np.testing.assert_allclose(survival_ratios(lived, first_ages=[0, 10, 20]), [0.9, 8 / 9, 7 / 15, 7 / 15], rtol=1e-15)


@pytest.mark.parametrize(
    ("lived", "options", "message"),
    [
        ([1, np.nan, 1], {}, "person-years hold nan"),
        ([1, -1, 1], {}, "person-years hold -1"),
        ([1, 0, 1], {}, "person-years must be above zero at every age"),
        ([1], {}, "of which there are two or more"),
        ([1, 1, 1], {"open_death_rate": 0}, "death rates of the open age must be finite and above zero"),
        ([1, 1, 1], {"open_death_rate": np.nan}, "death rates of the open age must be finite and above zero"),
        ([1, 1, 9], {"open_death_rate": 0.5}, "more people enter the open age than there are before it"),
        ([1, 1, 1], {"first_ages": [0, 5]}, "first ages are 2 from 0 on; needed are 3"),
        ([1, 1, 1], {"first_ages": [5, 10, 15]}, "first ages are 3 from 5 on"),
        ([1, 1, 1, 1], {"first_ages": [0, 1, 5, 15]}, "have several widths"),
        ([1, 1, 1], {"first_ages": [0, 5, 15]}, "have several widths"),
    ],
)
def test_person_years_that_do_not_fit_are_refused(lived, options, message):
    with pytest.raises(ValueError, match=message):
        survival_ratios(np.array(lived, dtype=float), **options)


# Remaining life expectancy


@pytest.mark.parametrize("split", [False, True])
def test_remaining_years_from_ratios_miss_those_of_the_life_table_by_the_bend_of_its_survivors(split):
    """The mean of L_{x-1} and L_x is l_x and a quarter of its second difference where deaths lie in the middle."""
    table = life_table(gompertz())
    alive = table.survivors

    found = remaining_life_expectancy(
        survival_ratios(table.person_years, open_death_rate=table.death_rate[..., -1] if split else None)
    )

    taken = alive[..., 2:-1] + (alive[..., 1:-2] - 2 * alive[..., 2:-1] + alive[..., 3:]) / 4
    np.testing.assert_allclose(found[..., 0], table.life_expectancy[..., 0], rtol=1e-12)
    np.testing.assert_allclose(found[..., 2:-1], table.person_years_remaining[..., 2:-1] / taken, rtol=1e-12)
    np.testing.assert_allclose(found[..., 5:81], table.life_expectancy[..., 5:81], atol=0.015)


def test_remaining_years_from_ratios_by_hand():
    """L is 0.9, 0.72 and 0.36 / 0.5, of whom 0.36 are new: l_1 = 0.81 and l_2 = 0.54."""
    found = remaining_life_expectancy(np.array([0.9, 0.8, 0.5, 0.5]))

    np.testing.assert_allclose(found, [2.34, 1.44 / 0.81, 0.72 / 0.54], rtol=1e-15)


def test_age_on_1_january_as_exact_age_adds_half_a_year_to_the_life_expectancy():
    """The survivors of one newborn through slot after slot, who die in the middle of the year."""
    ratios = survival_ratios(life_table(gompertz()).person_years)

    for cell in np.ndindex(3, 2):
        slots = ratios[cell].tolist()
        alive, years = 1.0, 0.0
        for age in range(600):
            survivors = alive * slots[min(age, len(slots) - 1)]
            years += survivors + 0.5 * (alive - survivors)
            alive = survivors
        np.testing.assert_allclose(life_expectancy_on_1_january(ratios)[cell], years, rtol=1e-12)
    np.testing.assert_allclose(life_expectancy_on_1_january(ratios) - life_expectancy(ratios), 0.5, rtol=1e-12)


@pytest.mark.parametrize("function", [remaining_life_expectancy, life_expectancy_on_1_january])
@pytest.mark.parametrize(
    ("ratios", "message"),
    [
        ([0.9, 1.1, 0.5, 0.5], "survival ratios hold 1.1"),
        ([0.9, np.nan, 0.5, 0.5], "survival ratios hold nan"),
        ([0.9, 0, 0.5, 0.5], "must be above 0"),
        ([0.9, 0.9, 0.5, 1], "below 1 for those already in the open age"),
        ([0.9, 0.9], "of two ages or more"),
    ],
)
def test_ratios_that_are_none_are_refused(function, ratios, message):
    with pytest.raises(ValueError, match=message):
        function(np.array(ratios))


# Years lost, mode, remaining years


@pytest.mark.parametrize("hazard", [0.0125, 0.1])
@pytest.mark.parametrize("first", [None, GROUPS])
def test_under_a_constant_death_rate_everybody_loses_the_life_expectancy(hazard, first):
    table = life_table(np.full((2, 22), hazard), first_ages=first)

    np.testing.assert_allclose(years_lost(table, first), 1 / hazard, rtol=1e-12)


def test_years_lost_are_the_integral_of_the_textbook():
    """e-dagger is minus the integral of l ln l; Gompertz's l is exp(-(a / b)(e^bx - 1))."""
    height, slope = 2e-5, 0.1
    fine = np.arange(0, 130, 0.001) + 0.0005
    cumulated = height / slope * np.expm1(slope * fine)
    expected = (np.exp(-cumulated) * cumulated).sum() * 0.001
    edges = np.exp(-height / slope * np.expm1(slope * np.arange(131)))
    lived = np.exp(-cumulated).reshape(130, 1000).sum(axis=-1) * 0.001
    dying = -np.diff(edges)
    table = life_table(
        np.append(dying[:110] / lived[:110], edges[110] / lived[110:].sum()),
        years_lived_by_dying=np.append((lived - edges[1:])[:110] / dying[:110], 0),
    )

    np.testing.assert_allclose(table.life_expectancy[0], lived.sum(), rtol=1e-9)
    np.testing.assert_allclose(years_lost(table), expected, atol=0.003)


def test_years_lost_in_groups_are_near_those_of_single_ages():
    single = life_table(gompertz(106))
    deaths, years = (np.add.reduceat(c, GROUPS.tolist(), axis=-1) for c in (single.deaths, single.person_years))

    found = years_lost(life_table(deaths / years, first_ages=GROUPS), GROUPS)

    np.testing.assert_allclose(found, years_lost(single), atol=0.1)


def test_years_lost_need_the_first_ages_of_the_table():
    with pytest.raises(ValueError, match="first ages are 3; the life table has 22 ages"):
        years_lost(life_table(np.full((2, 22), 0.1)), [0, 1, 2])


@pytest.mark.parametrize("slope", [0.025, 0.05, 0.1])
def test_modal_age_of_gompertz_is_where_its_rate_equals_its_slope(slope):
    """Deaths are densest where the hazard equals its own growth: x = ln(b / a) / b.

    A parabola misses the vertex of a density by up to 1/6 of the ratio of its third to its second derivative, and the
    deaths of a year the middle of the year by up to 1/24 of it; here the ratio is b.
    """
    height = slope / 5000
    edges = np.exp(-height / slope * np.expm1(slope * np.arange(600)))
    deaths = np.append(-np.diff(edges), edges[-1])

    np.testing.assert_allclose(modal_age(deaths), math.log(slope / height) / slope, rtol=0, atol=slope * 5 / 24)


def test_modal_age_is_the_vertex_of_the_parabola_through_three_ages():
    age = np.arange(60) + 0.5
    deaths = np.maximum(0, 9 - (age - np.array([[30.2], [41.75]])) ** 2)

    np.testing.assert_allclose(modal_age(deaths), [30.2, 41.75], rtol=1e-12)


def test_infants_are_not_the_mode_unless_asked_for():
    deaths = np.zeros(30)
    deaths[[1, 2, 3, 19, 20, 21]] = [4, 9, 4, 1, 2, 1]

    assert modal_age(deaths) == 20.5
    assert modal_age(deaths, from_age=1) == 2.5


@pytest.mark.parametrize(
    ("deaths", "from_age", "message"),
    [
        (np.arange(30), 10, "no maximum between age 10 and the open age"),
        (np.arange(30)[::-1], 10, "no maximum between age 10"),
        (np.zeros(30), 10, "no maximum between age 10"),
        (np.ones(30), 0, "from_age 0 is not among the ages that may be the mode, 1 to 27"),
        (np.ones(30), 28, "from_age 28 is not among"),
        (-np.ones(30), 10, "deaths of the life table hold -1"),
    ],
)
def test_deaths_without_a_mode_are_refused(deaths, from_age, message):
    with pytest.raises(ValueError, match=message):
        modal_age(deaths, from_age)


def test_age_with_remaining_years_is_linear_between_exact_ages():
    expectancy = np.array([[60, 64, 30, 20, 5], [40, 41, 35, 15, 2]])

    np.testing.assert_allclose(age_with_remaining(expectancy, 15), [3 + 1 / 3, 3], rtol=1e-15)
    np.testing.assert_allclose(age_with_remaining(expectancy, [25, 38]), [2.5, 1.5], rtol=1e-15)
    np.testing.assert_allclose(age_with_remaining(expectancy[0], [[61], [64]]), [[1 + 3 / 34], [1]], rtol=1e-15)


def test_age_with_remaining_years_returns_from_the_life_expectancy_there():
    expectancy = life_table(gompertz()).life_expectancy

    age = age_with_remaining(expectancy, 12.5)

    for cell in np.ndindex(age.shape):
        np.testing.assert_allclose(np.interp(age[cell], np.arange(101), expectancy[cell]), 12.5, rtol=1e-13)


@pytest.mark.parametrize(
    ("expectancy", "years", "message"),
    [
        ([60, 30, 20], 15, "no age has 15 to 15 years of life remaining in every table"),
        ([60, 30, 20], 70, "no age has 70"),
        ([60, np.nan, 20], 30, "life expectancies hold nan"),
        ([60, 30, 20], -1, "remaining years hold -1"),
    ],
)
def test_remaining_years_that_no_age_has_are_refused(expectancy, years, message):
    with pytest.raises(ValueError, match=message):
        age_with_remaining(expectancy, years)


# Decomposition


def by_hand(before, after):
    """Contributions by one age after the other, from l and e alone."""
    (alive, years), (alive_after, years_after) = (
        (table.survivors.tolist(), (table.survivors * table.life_expectancy).tolist()) for table in (before, after)
    )
    found = []
    for age in range(len(alive)):
        if age == len(alive) - 1:
            found.append(alive[age] * (years_after[age] / alive_after[age] - years[age] / alive[age]))
            continue
        within = (years_after[age] - years_after[age + 1]) / alive_after[age]
        within -= (years[age] - years[age + 1]) / alive[age]
        later = years_after[age + 1] * (alive[age] / alive_after[age] - alive[age + 1] / alive_after[age + 1])
        found.append(alive[age] * within + later)
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 0.9), min_size=12, max_size=12),
    st.lists(st.floats(0, 0.9), min_size=12, max_size=12),
    st.floats(0.01, 1),
    st.floats(0.01, 1),
)
def test_contributions_of_ages_add_up_to_the_difference(first, second, last, other):
    before = life_table(np.append(first, last), years_lived_by_dying=[0.5])
    after = life_table(np.append(second, other), years_lived_by_dying=[0.3])

    found = arriaga(before, after)

    difference = after.life_expectancy[0] - before.life_expectancy[0]
    scale = max(1, before.life_expectancy[0], after.life_expectancy[0]) / after.survivors[-1]
    np.testing.assert_allclose(found.contribution.sum(), difference, rtol=0, atol=1e-12 * max(1, scale))
    np.testing.assert_allclose(found.contribution, by_hand(before, after), rtol=0, atol=1e-12 * max(1, scale))
    np.testing.assert_array_equal(found.direct + found.indirect, found.contribution)


def test_contributions_of_real_tables_add_up_to_the_difference():
    table = life_table(gompertz())
    before, after = (type(table)(*(column[year] for column in table)) for year in (0, 1))

    found = arriaga(before, after)

    difference = after.life_expectancy[..., 0] - before.life_expectancy[..., 0]
    assert (difference > 4).all()
    np.testing.assert_allclose(found.contribution.sum(axis=-1), difference, rtol=0, atol=1e-12)


def test_only_the_age_that_changes_contributes():
    rate = gompertz()
    changed = rate.copy()
    changed[..., 40] *= 0.5

    found = arriaga(life_table(rate), life_table(changed))

    np.testing.assert_allclose(np.delete(found.contribution, 40, axis=-1), 0, atol=1e-13)
    assert (found.contribution[..., 40] > 0).all()
    assert (found.direct[..., 40] < 0.1 * found.indirect[..., 40]).all()
    assert (arriaga(life_table(changed), life_table(rate)).contribution[..., 40] < 0).all()


def test_tables_of_different_ages_cannot_be_compared():
    with pytest.raises(ValueError, match="life tables have 101 and 91 ages; they need the same"):
        arriaga(life_table(gompertz()), life_table(gompertz(91)))


# Cohorts


def years_and_ages(years, ages, first_year=1990):
    """A table that says of each cell its year and age, for two sexes."""
    year = first_year + np.arange(years)[:, None, None]
    return 1000 * year + np.arange(ages) + np.array([0, 0.5])[:, None]


def test_a_cohort_is_one_year_older_each_year():
    found = cohort(years_and_ages(30, 20), 1990, 1985, 5, 20)

    expected = [[1000 * (1985 + age) + age + sex for age in range(5, 20)] for sex in (0, 0.5)]
    np.testing.assert_array_equal(found, expected)


def test_a_cohort_of_a_table_without_other_axes():
    np.testing.assert_array_equal(cohort([[1, 2], [3, 4]], 2000, 2000, 0, 2), [1, 4])


def test_every_complete_cohort_is_there_and_no_other():
    table = years_and_ages(30, 20)

    found = cohorts(table, 1990, 5, 20)

    assert found.birth_years == range(1985, 2001)
    assert found.values.shape == (16, 2, 15)
    for year, values in zip(found.birth_years, found.values, strict=True):
        np.testing.assert_array_equal(values, cohort(table, 1990, year, 5, 20))
    for year in (1984, 2001):
        with pytest.raises(ValueError, match="lacks age"):
            cohort(table, 1990, year, 5, 20)


def test_a_cohort_of_a_table_that_never_changes_has_its_life_table():
    rate = np.broadcast_to(gompertz(51)[0], (60, 2, 51))

    found = cohorts(rate, 1950, 0, 51)

    expected = life_table(rate[0]).life_expectancy
    assert len(found.birth_years) == 10
    np.testing.assert_array_equal(life_table(found.values).life_expectancy, np.broadcast_to(expected, (10, 2, 51)))


@pytest.mark.parametrize(
    ("birth_year", "message"),
    [
        (1980, "the cohort born in 1980 lacks age 5 in 1985; the years are 1990 to 2019"),
        (2005, "the cohort born in 2005 lacks age 15 in 2020; the years are 1990 to 2019"),
    ],
)
def test_the_first_year_and_age_that_a_cohort_lacks_are_named(birth_year, message):
    with pytest.raises(ValueError, match=message):
        cohort(years_and_ages(30, 20), 1990, birth_year, 5, 20)


def test_a_table_too_short_for_any_cohort_is_refused():
    with pytest.raises(ValueError, match="the cohort born in 1985 lacks age 15 in 2000; the years are 1990 to 1999"):
        cohorts(years_and_ages(10, 20), 1990, 5, 20)


@pytest.mark.parametrize(
    ("values", "start", "stop", "message"),
    [
        (np.ones(5), 0, 5, "an axis of years, first, and one of ages, last"),
        (np.ones((9, 5)), 0, 6, "ages 0 to 5 are not in the table, which has ages 0 to 4"),
        (np.ones((9, 5)), -1, 5, "ages -1 to 4 are not in the table"),
        (np.ones((9, 5)), 3, 3, "ages 3 to 2 are not in the table"),
        ([[1, 2], [3, np.nan]], 0, 1, r"values by year and age hold nan at \[1, 1\]; only finite numbers are allowed"),
    ],
)
def test_ages_that_are_not_in_the_table_are_refused(values, start, stop, message):
    for function in (lambda *ages: cohort(values, 1990, 1990, *ages), lambda *ages: cohorts(values, 1990, *ages)):
        with pytest.raises(ValueError, match=message):
            function(start, stop)


def test_years_lost_need_the_first_ages_of_groups():
    rates = np.array([[0.004, 0.0002, 0.0001, 0.02, 0.2], [0.005, 0.0003, 0.0002, 0.03, 0.25]])
    table = life_table(rates, first_ages=[0, 1, 5, 50, 80])

    with pytest.raises(ValueError, match="the life table is of age groups; give their first ages"):
        years_lost(table)
