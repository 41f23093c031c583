"""Life tables against the identities that every life table obeys."""

import numpy as np
import pytest

from sim.axes import FEMALE, MALE
from sim.demography.hazards import survival_from_hazard
from sim.demography.lifetable import (
    INFANT_RULES,
    andreev_kingkade,
    coale_demeny,
    death_rate_from_probability,
    life_expectancy,
    life_table,
    stationary_population,
    survival_ratios,
)
from sim.demography.mortality import period_life_expectancy, scale_to_life_expectancy


def gompertz(ages=101):
    """Death rates of three years, women and men, with an infant hump."""
    age = np.arange(ages)
    level = np.array([[1.0, 1.5], [0.6, 0.8], [3.0, 4.0]])[..., None]
    return level * (5e-5 * np.exp(0.09 * age) + 0.01 * np.exp(-1.5 * age))


@pytest.fixture(params=sorted(INFANT_RULES))
def rule(request):
    return INFANT_RULES[request.param]


def test_everybody_dies_once(rule):
    table = life_table(gompertz(), rule)

    np.testing.assert_allclose(table.deaths.sum(axis=-1), 1, rtol=1e-13)
    np.testing.assert_array_equal(table.survivors[..., 0], 1)
    np.testing.assert_allclose(table.survivors[..., 1:], 1 - table.deaths.cumsum(axis=-1)[..., :-1], atol=1e-13, rtol=0)


def test_years_that_remain_are_the_years_lived_from_there_on(rule):
    table = life_table(gompertz(), rule)

    remaining = np.array([table.person_years[..., age:].sum(axis=-1) for age in range(101)])
    np.testing.assert_allclose(np.moveaxis(table.person_years_remaining, -1, 0), remaining, rtol=1e-13)
    np.testing.assert_allclose(table.life_expectancy * table.survivors, table.person_years_remaining, rtol=1e-13)
    np.testing.assert_allclose(table.life_expectancy[..., -1], 1 / table.death_rate[..., -1], rtol=1e-13)


def test_columns_stay_within_their_bounds(rule):
    table = life_table(gompertz(), rule)

    assert (np.diff(table.survivors) < 0).all()
    assert ((table.death_probability >= 0) & (table.death_probability <= 1)).all()
    lived = table.years_lived_by_dying[..., :-1]
    assert ((lived > 0) & (lived < 1)).all()


def test_deaths_are_the_rate_times_the_years_lived(rule):
    table = life_table(gompertz(), rule)

    np.testing.assert_allclose(table.deaths, table.death_rate * table.person_years, rtol=1e-13)
    survivors_lived = table.survivors[..., 1:] + table.years_lived_by_dying[..., :-1] * table.deaths[..., :-1]
    np.testing.assert_allclose(table.person_years[..., :-1], survivors_lived, rtol=1e-13)


@pytest.mark.parametrize("hazard", [0.005, 0.0125, 0.1])
def test_a_constant_death_rate_gives_its_inverse_as_life_expectancy(hazard):
    table = life_table(np.full((2, 101), hazard))

    np.testing.assert_allclose(table.life_expectancy[:, 0], 1 / hazard, rtol=1e-12)


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


@pytest.mark.parametrize("bad", [-0.1, np.nan])
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


def test_a_death_rate_above_two_is_refused():
    rate = gompertz()
    rate[0, 0, 40] = 2.1

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
