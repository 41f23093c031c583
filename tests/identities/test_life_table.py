"""Life tables against the identities that every life table obeys."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.axes import FEMALE, MALE
from sim.demography.hazards import survival_from_hazard
from sim.demography.lifetable import (
    INFANT_RULES,
    andreev_kingkade,
    coale_demeny,
    coale_demeny_at_ages_1_to_4,
    death_rate_from_probability,
    death_rates,
    life_expectancy,
    life_table,
    single_age_death_rates,
    stationary_population,
    survival_ratios,
)
from sim.demography.mortality import period_life_expectancy, scale_to_life_expectancy


def gompertz(ages=101):
    """Death rates of three years, women and men, with an infant hump."""
    age = np.arange(ages)
    level = np.array([[1.0, 1.5], [0.6, 0.8], [3.0, 4.0]])[..., None]
    return level * (5e-5 * np.exp(0.09 * age) + 0.01 * np.exp(-1.5 * age))


GROUPS = np.array([0, 1, *range(5, 101, 5)])


def grouped():
    """Death rates of the same kind by age group."""
    single = gompertz(106)
    middle = [0, 2, *range(7, 106, 5)]
    return single[..., middle]


@pytest.fixture(params=sorted(INFANT_RULES))
def rule(request):
    return INFANT_RULES[request.param]


@pytest.fixture(params=["single ages", "age groups"])
def table(request, rule):
    if request.param == "single ages":
        return life_table(gompertz(), rule)
    return life_table(grouped(), rule, first_ages=GROUPS)


def test_everybody_dies_once(table):
    np.testing.assert_allclose(table.deaths.sum(axis=-1), 1, rtol=1e-13)
    np.testing.assert_array_equal(table.survivors[..., 0], 1)
    np.testing.assert_allclose(table.survivors[..., 1:], 1 - table.deaths.cumsum(axis=-1)[..., :-1], atol=1e-13, rtol=0)


def test_years_that_remain_are_the_years_lived_from_there_on(table):
    ages = range(table.person_years.shape[-1])

    remaining = np.array([table.person_years[..., age:].sum(axis=-1) for age in ages])
    np.testing.assert_allclose(np.moveaxis(table.person_years_remaining, -1, 0), remaining, rtol=1e-13)
    np.testing.assert_allclose(table.life_expectancy * table.survivors, table.person_years_remaining, rtol=1e-13)
    np.testing.assert_allclose(table.life_expectancy[..., -1], 1 / table.death_rate[..., -1], rtol=1e-13)


def test_columns_stay_within_their_bounds(rule):
    table = life_table(gompertz(), rule)

    assert (np.diff(table.survivors) < 0).all()
    assert ((table.death_probability >= 0) & (table.death_probability <= 1)).all()
    lived = table.years_lived_by_dying[..., :-1]
    assert ((lived > 0) & (lived < 1)).all()


def test_deaths_are_the_rate_times_the_years_lived(table):
    np.testing.assert_allclose(table.deaths, table.death_rate * table.person_years, rtol=1e-13)


def test_the_dying_live_a_part_of_the_age(rule):
    table = life_table(gompertz(), rule)

    survivors_lived = table.survivors[..., 1:] + table.years_lived_by_dying[..., :-1] * table.deaths[..., :-1]
    np.testing.assert_allclose(table.person_years[..., :-1], survivors_lived, rtol=1e-13)


@pytest.mark.parametrize("hazard", [0.005, 0.0125, 0.1])
def test_a_constant_death_rate_gives_its_inverse_as_life_expectancy(hazard):
    table = life_table(np.full((2, 101), hazard))

    np.testing.assert_allclose(table.life_expectancy[:, 0], 1 / hazard, rtol=1e-12)


@pytest.mark.parametrize("hazard", [0.005, 0.0125, 0.1])
def test_a_constant_death_rate_of_groups_gives_its_inverse_as_life_expectancy(hazard):
    table = life_table(np.full((2, 22), hazard), first_ages=GROUPS)

    np.testing.assert_allclose(table.life_expectancy, 1 / hazard, rtol=1e-12)


def test_a_constant_death_rate_within_a_group_survives_by_its_exponential():
    """With the years lived under a constant hazard, (1 - e^-nm (1 + nm)) / m (1 - e^-nm)."""
    rate, width = grouped(), np.append(np.diff(GROUPS), 1)
    staying = np.exp(-width * rate)
    lived = (1 - staying * (1 + width * rate)) / (rate * (1 - staying))

    table = life_table(rate, first_ages=GROUPS, years_lived_by_dying=lived)

    np.testing.assert_allclose(1 - table.death_probability[..., :-1], staying[..., :-1], rtol=1e-12)


@pytest.mark.parametrize("hazard", [0.005, 0.0125, 0.1])
def test_a_constant_hazard_survives_by_its_exponential(hazard):
    survival = survival_from_hazard(np.full(102, hazard))

    np.testing.assert_allclose(survival[1:], np.exp(-hazard), rtol=1e-15)
    np.testing.assert_allclose(survival[0], -np.expm1(-hazard) / hazard, rtol=1e-15)
    np.testing.assert_allclose(life_expectancy(survival), 1 / hazard, rtol=1e-12)


def test_rates_return_from_probabilities(rule):
    rate = gompertz()
    probability = life_table(rate, rule).death_probability.copy()
    probability[..., -1] = -np.expm1(-rate[..., -1])

    np.testing.assert_allclose(death_rate_from_probability(probability, rule), rate, rtol=1e-12)


def test_rates_of_groups_return_from_probabilities(rule):
    rate = grouped()[:2]
    probability = life_table(rate, rule, first_ages=GROUPS).death_probability.copy()
    probability[..., -1] = -np.expm1(-rate[..., -1])

    np.testing.assert_allclose(death_rate_from_probability(probability, rule, first_ages=GROUPS), rate, rtol=1e-12)


def test_years_lived_return_from_survival_ratios(rule):
    person_years = life_table(gompertz(), rule).person_years

    ratios = survival_ratios(person_years)

    np.testing.assert_allclose(stationary_population(ratios), person_years, rtol=1e-12)
    np.testing.assert_allclose(life_expectancy(ratios), person_years.sum(axis=-1), rtol=1e-12)


def test_survival_ratios_are_those_of_the_textbook():
    """T_1 / T_0 for the pooled open age, L_1 / L_0 below it, L_0 / l_0 for births."""
    ratios = survival_ratios(np.array([0.75, 0.5, 0.25, 0.25]))

    np.testing.assert_allclose(ratios, [0.75, 2 / 3, 0.5, 0.5, 0.5], rtol=1e-15)


def test_life_table_of_two_ages_by_hand():
    """q_1 = 0.4 / 1.2, L_1 = (l_1 + l_2) / 2 and L_2 = l_2 / m_2 with no deaths in infancy."""
    table = life_table(np.array([[0, 0.4, 0.5]] * 2))

    np.testing.assert_allclose(table.death_probability[0], [0, 1 / 3, 1], rtol=1e-15)
    np.testing.assert_allclose(table.survivors[0], [1, 1, 2 / 3], rtol=1e-15)
    np.testing.assert_allclose(table.person_years[0], [1, 5 / 6, 4 / 3], rtol=1e-15)


@pytest.mark.parametrize(
    ("sex", "rate", "years"),
    [
        (FEMALE, 0.0, 0.14903),
        (FEMALE, 0.01, 0.1284773),
        (FEMALE, 0.01724, 0.1135765436),
        (FEMALE, 0.05, 0.2407145),
        (FEMALE, 0.06891, 0.31411),
        (FEMALE, 0.2, 0.31411),
        (MALE, 0.0, 0.14929),
        (MALE, 0.01, 0.1293355),
        (MALE, 0.02300, 0.10330483),
        (MALE, 0.05, 0.1913305),
        (MALE, 0.08307, 0.29915),
        (MALE, 0.2, 0.29915),
    ],
)
def test_andreev_and_kingkade_as_printed(sex, rate, years):
    np.testing.assert_allclose(andreev_kingkade(np.full(2, rate))[sex], years, rtol=1e-14)


@pytest.mark.parametrize(
    ("sex", "rate", "years"),
    [
        (FEMALE, 0.0, 0.053),
        (FEMALE, 0.05, 0.193),
        (FEMALE, 0.107, 0.350),
        (FEMALE, 0.3, 0.350),
        (MALE, 0.0, 0.045),
        (MALE, 0.05, 0.1792),
        (MALE, 0.107, 0.330),
        (MALE, 0.3, 0.330),
    ],
)
def test_coale_and_demeny_as_printed(sex, rate, years):
    np.testing.assert_allclose(coale_demeny(np.full(2, rate))[sex], years, rtol=1e-14)


@pytest.mark.parametrize(
    ("function", "sex", "point", "jump"),
    [
        (andreev_kingkade, FEMALE, 0.01724, 1e-4),
        (andreev_kingkade, FEMALE, 0.06891, 1e-4),
        (andreev_kingkade, MALE, 0.02300, 2e-4),
        (andreev_kingkade, MALE, 0.08307, 1e-4),
        (coale_demeny, FEMALE, 0.107, 3e-3),
        (coale_demeny, MALE, 0.107, 3e-3),
    ],
)
def test_the_pieces_of_an_infant_rule_meet(function, sex, point, jump):
    below, at = (function(np.full(2, rate))[sex] for rate in (np.nextafter(point, 0), point))

    assert 0 < abs(at - below) < jump


@pytest.mark.parametrize(
    ("sex", "rate", "years"),
    [
        (FEMALE, 0.0, 1.522),
        (FEMALE, 0.05, 1.4461),
        (FEMALE, 0.107, 1.361),
        (FEMALE, 0.3, 1.361),
        (MALE, 0.0, 1.651),
        (MALE, 0.05, 1.5102),
        (MALE, 0.107, 1.352),
        (MALE, 0.3, 1.352),
    ],
)
def test_coale_and_demeny_at_ages_1_to_4_as_printed(sex, rate, years):
    np.testing.assert_allclose(coale_demeny_at_ages_1_to_4(np.full(2, rate))[sex], years, rtol=1e-14)


def test_the_pieces_of_the_rule_for_ages_1_to_4_meet():
    below, at = (coale_demeny_at_ages_1_to_4(np.full(2, rate)) for rate in (np.nextafter(0.107, 0), 0.107))

    assert (np.abs(below - at) < 3e-3).all()


# Age groups


def by_hand(rates, first, infant, childhood):
    """Life expectancy at each first age by one group after the other, with Greville's formula."""
    survivors, lived, last = 1.0, [], len(rates) - 1
    alive = []
    for group, rate in enumerate(rates[:-1]):
        width = first[group + 1] - first[group]
        if group == 0:
            years = infant
        elif group == 1:
            years = childhood
        elif first[group] < 15:
            years = 2.5
        else:
            centre = group - 1 if group + 1 == last else group
            years = 2.5 - 25 / 12 * (rate - math.log(rates[centre + 1] / rates[centre - 1]) / 10)
        dying = width * rate / (1 + (width - years) * rate)
        alive.append(survivors)
        lived.append(survivors * (width * (1 - dying) + years * dying))
        survivors *= 1 - dying
    alive.append(survivors)
    lived.append(survivors / rates[-1])
    return [sum(lived[group:]) / alive[group] for group in range(len(rates))]


def test_a_table_of_groups_is_what_a_hand_would_write(rule):
    rate = grouped()

    found = life_table(rate, rule, first_ages=GROUPS).life_expectancy

    infant, childhood = rule(rate[..., 0]), coale_demeny_at_ages_1_to_4(rate[..., 0])
    for cell in np.ndindex(rate.shape[:-1]):
        expected = by_hand(rate[cell].tolist(), GROUPS.tolist(), infant[cell], childhood[cell])
        np.testing.assert_allclose(found[cell], expected, rtol=1e-13)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.01, 0.25), min_size=22, max_size=22))
def test_any_table_of_groups_is_what_a_hand_would_write(values):
    rate = np.array([values] * 2)

    found = life_table(rate, first_ages=GROUPS)

    infant, childhood = andreev_kingkade(rate[:, 0]), coale_demeny_at_ages_1_to_4(rate[:, 0])
    for sex in (FEMALE, MALE):
        expected = by_hand(values, GROUPS.tolist(), infant[sex], childhood[sex])
        np.testing.assert_allclose(found.life_expectancy[sex], expected, rtol=1e-12)
    np.testing.assert_allclose(found.deaths.sum(axis=-1), 1, rtol=1e-12)


def test_groups_of_one_year_are_single_ages(rule):
    rate = gompertz()

    for single, group in zip(life_table(rate, rule), life_table(rate, rule, first_ages=range(101)), strict=True):
        np.testing.assert_array_equal(single, group)


def test_single_ages_and_their_groups_agree():
    """Groups that hold the deaths and years of single ages have nearly the same life expectancy, in every group."""
    single = life_table(gompertz())
    starts = GROUPS.tolist()
    deaths, years = (np.add.reduceat(column, starts, axis=-1) for column in (single.deaths, single.person_years))

    group = life_table(death_rates(deaths, years), first_ages=GROUPS)

    np.testing.assert_allclose(group.life_expectancy[..., :20], single.life_expectancy[..., starts[:20]], atol=0.05)
    np.testing.assert_allclose(group.life_expectancy[..., 0], single.life_expectancy[..., 0], atol=0.01)


def test_wider_groups_die_in_their_middle():
    table = life_table(grouped()[..., :5], first_ages=[0, 1, 20, 40, 60])

    np.testing.assert_allclose(table.years_lived_by_dying[0, 0, 1:4], [9.5, 10, 10], rtol=1e-15)


def test_a_neighbour_without_deaths_leaves_the_middle_of_the_group():
    """k needs the groups on both sides; the last closed group takes that of the group before it."""
    rate = grouped()[1]
    rate[:, 8] = 0

    lived = life_table(rate, first_ages=GROUPS).years_lived_by_dying

    np.testing.assert_array_equal(lived[:, [7, 9]], 2.5)
    assert (lived[:, [6, 10]] != 2.5).all()
    assert (lived[:, 8] != 2.5).all()
    rate[:, 18] = 0
    np.testing.assert_array_equal(
        life_table(rate, first_ages=GROUPS).years_lived_by_dying[:, [19, 20]], [[2.5, 2.5]] * 2
    )


def test_a_group_beside_a_wider_one_dies_in_its_middle():
    first = np.array([0, 1, 5, 10, 15, 20, 30, 35, 40, 45, 65])
    rate = 0.001 * 1.5 ** np.arange(11) * np.ones((2, 1))

    lived = life_table(rate, first_ages=first).years_lived_by_dying[FEMALE]

    np.testing.assert_array_equal(lived[[2, 3, 4, 5, 6, 8, 9]], [2.5, 2.5, 2.5, 5, 2.5, 2.5, 10])
    np.testing.assert_allclose(lived[7], 2.5 - 25 / 12 * (rate[0, 7] - np.log(1.5) / 5), rtol=1e-14)


def test_years_lived_take_the_place_of_all_rules_but_in_the_open_age():
    rate = gompertz()[0, 0]

    table = life_table(rate, years_lived_by_dying=[0.25])

    np.testing.assert_array_equal(table.years_lived_by_dying[:-1], 0.25)
    np.testing.assert_array_equal(table.years_lived_by_dying[-1], 1 / rate[-1])
    np.testing.assert_allclose(table.death_probability[:-1], rate[:-1] / (1 + 0.75 * rate[:-1]), rtol=1e-15)


def test_rates_in_whole_numbers_are_rates():
    table = life_table(np.ones((2, 3), dtype=int), years_lived_by_dying=[0.5])

    np.testing.assert_allclose(table.death_probability[0], [2 / 3, 2 / 3, 1], rtol=1e-15)


def test_death_rates_are_deaths_per_year_of_exposure():
    np.testing.assert_array_equal(death_rates([[3, 0], [1, 2]], [1.5, 4]), [[2, 0], [1 / 1.5, 0.5]])


@pytest.mark.parametrize(
    ("deaths", "exposure", "message"),
    [
        ([1, -1], [1, 1], r"deaths hold -1 at \[1\]; allowed are finite numbers of 0 or more"),
        ([1, np.nan], [1, 1], r"deaths hold nan at \[1\]"),
        ([1, 1], [1, -2], r"person-years of exposure hold -2 at \[1\]"),
        ([1, 0], [[1, 1], [1, 0]], r"person-years of exposure hold 0 at \[1, 1\]; a death rate needs some"),
    ],
)
def test_deaths_of_nobody_are_refused(deaths, exposure, message):
    with pytest.raises(ValueError, match=message):
        death_rates(deaths, exposure)


@pytest.mark.parametrize(
    ("shape", "given_as", "message"),
    [
        ((), {}, "death rates need an axis of ages"),
        ((3, 101), {}, r"death rates of shape \(3, 101\) are not those of 2 sexes"),
        ((101,), {}, r"death rates of shape \(101,\) are not those of 2 sexes"),
        ((2, 4), {"first_ages": [0, 1, 5]}, "first ages are 3 from 0 on; needed are 4"),
        ((2, 3), {"first_ages": [1, 5, 10]}, "first ages are 3 from 1 on"),
        ((2, 3), {"first_ages": [0, 5, 5]}, "each above the one before"),
        ((2, 3), {"first_ages": [0, 5, 10]}, "no rule gives the years lived by the dying of ages 0 to 5"),
        ((2, 3), {"years_lived_by_dying": [0.1, np.nan, 1]}, r"years lived by the dying hold nan at \[1\]"),
        ((2, 3), {"years_lived_by_dying": [0.1, -0.5, 1]}, r"years lived by the dying hold -0.5 at \[1\]"),
        ((2, 3), {"years_lived_by_dying": [0.1, 1.5, 9]}, r"hold 1.5 at \[0, 1\]; allowed is the width of the age"),
        ((2, 3), {"years_lived_by_dying": np.ones((4, 1, 3))}, r"of shape \(4, 1, 3\) do not fit"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(shape, given_as, message):
    with pytest.raises(ValueError, match=message):
        life_table(np.full(shape, 0.1), **given_as)


def test_given_years_lived_make_a_first_group_of_five_years_possible():
    table = life_table(np.array([0.01, 0.002, 0.2]), first_ages=[0, 5, 10], years_lived_by_dying=[0.8, 2.5, 0])

    np.testing.assert_allclose(table.death_probability[0], 0.05 / 1.042, rtol=1e-15)
    np.testing.assert_allclose(table.person_years[0], 5 - 4.2 * 0.05 / 1.042, rtol=1e-15)


def test_rates_that_rise_too_fast_for_the_formula_of_greville_are_refused():
    rate = grouped()[1]
    rate[:, 3] = 1e-9

    with pytest.raises(ValueError, match=r"Greville's formula gives 5\.\d+ years lived by those who die at age 15"):
        life_table(rate, first_ages=GROUPS)


def test_a_rate_too_high_for_the_formula_of_greville_is_refused():
    rate = grouped()[0]
    rate[:, 20] = 1.6

    with pytest.raises(ValueError, match=r"Greville's formula gives -\S+ years lived by those who die at age 95"):
        life_table(rate, first_ages=GROUPS)


def test_a_group_that_nobody_survives_is_named_by_its_age():
    with pytest.raises(ValueError, match="nobody survives age 10,"):
        life_table(np.full((2, 22), 0.39) + 0.02 * (GROUPS == 10), first_ages=GROUPS)


@pytest.mark.parametrize(
    ("age", "value", "message"),
    [
        (3, 1.1, r"probabilities of dying hold 1.1 at \[0, 3\]; allowed are 0 to 1"),
        (3, np.nan, "probabilities of dying hold nan"),
        (21, 1, "probabilities of dying hold 1 in the open age"),
    ],
)
def test_a_probability_that_is_none_is_refused(age, value, message):
    chance = np.full((2, 22), 0.1)
    chance[0, age] = value

    with pytest.raises(ValueError, match=message):
        death_rate_from_probability(chance, first_ages=GROUPS)


def test_probabilities_out_of_reach_of_the_formula_of_greville_are_refused():
    chance = np.full((2, 22), 0.02)
    chance[:, 10:21] = np.linspace(0.05, 0.99, 11)

    with pytest.raises(ValueError, match="Greville's formula gives -"):
        death_rate_from_probability(chance, first_ages=GROUPS)


def test_rates_that_are_not_found_are_not_returned(monkeypatch):
    monkeypatch.setattr("sim.demography.lifetable.table.ITERATIONS_OF_GROUPS", 3)

    with pytest.raises(ValueError, match="no death rates are found"):
        death_rate_from_probability(np.full((2, 22), 0.02), first_ages=GROUPS)


@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf])
def test_a_death_rate_that_is_none_is_refused(bad):
    rate = gompertz()
    rate[0, 0, 40] = bad

    with pytest.raises(ValueError, match="zero or more"):
        life_table(rate)


def test_an_open_age_that_nobody_leaves_is_refused():
    rate = gompertz()
    rate[..., -1] = 0

    with pytest.raises(ValueError, match="above zero in the open age"):
        life_table(rate)


@pytest.mark.parametrize("high", [2, 2.1])
def test_a_death_rate_of_two_or_more_is_refused(high):
    rate = gompertz()
    rate[0, 0, 40] = high

    with pytest.raises(ValueError, match="nobody survives age 40"):
        life_table(rate)


def test_scaled_mortality_returns_the_life_expectancy_asked_for():
    survival = survival_ratios(life_table(gompertz()).person_years)
    target = np.array([[60.0, 55.0], [83.4, 78.2], [95.0, 45.0]])

    scaled = scale_to_life_expectancy(survival, target)

    np.testing.assert_allclose(life_expectancy(scaled.survival), target, rtol=0, atol=1e-9)
    hazard = -np.log(survival[..., 1:]) * scaled.factor[..., None]
    np.testing.assert_allclose(scaled.survival[..., 1:], np.exp(-hazard), rtol=1e-14)


def test_its_own_life_expectancy_leaves_mortality_as_it_is():
    survival = survival_ratios(life_table(gompertz()).person_years)

    scaled = scale_to_life_expectancy(survival, life_expectancy(survival))

    np.testing.assert_allclose(scaled.factor, 1, rtol=1e-12)
    np.testing.assert_allclose(scaled.survival, survival, rtol=1e-12)


def test_a_life_expectancy_does_not_depend_on_the_others_asked_for():
    survival = survival_ratios(life_table(gompertz()).person_years)[:1]
    target = np.random.default_rng(1).uniform(60, 90, (40, 2))

    together = scale_to_life_expectancy(survival, target)

    for part, whole in zip(
        zip(*(scale_to_life_expectancy(survival, one[None]) for one in target), strict=True), together, strict=True
    ):
        np.testing.assert_array_equal(np.concatenate(part), whole)


def test_a_life_expectancy_out_of_reach_is_refused():
    survival = survival_ratios(life_table(gompertz()).person_years)

    with pytest.raises(ValueError, match="no common factor"):
        scale_to_life_expectancy(survival, np.array(1e7))


def test_age_on_1_january_lies_half_a_year_above_the_period_value():
    printed = np.array([83.4, 78.2])

    np.testing.assert_allclose(period_life_expectancy(printed, "age_on_1_january"), [82.9, 77.7], rtol=1e-15)
    np.testing.assert_array_equal(period_life_expectancy(printed, "period"), printed)


def test_as_many_survive_to_the_first_age_of_each_group_by_single_ages_as_by_groups(rule):
    first_ages = np.array([0, 1, *range(5, 105, 5)])
    rates = gompertz(105)[..., first_ages]

    single = single_age_death_rates(rates, first_ages, rule)

    survivors = life_table(single, rule).survivors[..., first_ages]
    np.testing.assert_allclose(survivors, life_table(rates, rule, first_ages=first_ages).survivors, rtol=1e-12)
    np.testing.assert_allclose(single[..., -1], rates[..., -1], rtol=1e-12)
    assert (single > 0).all()


def test_single_ages_need_groups_that_rise():
    with pytest.raises(ValueError, match="edges of age groups must be two or more numbers, each above the one before"):
        single_age_death_rates(np.full((2, 3), 0.1), [0, 5, 1])


def test_one_value_may_give_the_years_lived_by_the_dying_of_all_ages():
    rates = np.array([0.01, 0.02, 0.5])

    one, each = (life_table(rates, years_lived_by_dying=years) for years in (0.5, [0.5, 0.5, 0.5]))

    np.testing.assert_array_equal(one.life_expectancy, each.life_expectancy)


@pytest.mark.parametrize("rule", INFANT_RULES.values(), ids=INFANT_RULES)
def test_rules_for_infants_take_whole_numbers_and_lists_and_refuse_what_is_no_rate(rule):
    np.testing.assert_array_equal(rule([0, 0]), rule(np.zeros(2)))
    assert rule([0, 0]).min() > 0
    for wrong in ([np.nan, 0.01], [-0.01, 0.01], [0.01]):
        with pytest.raises(ValueError, match="death rates of infants"):
            rule(wrong)
