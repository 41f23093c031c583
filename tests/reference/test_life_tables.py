"""Life tables against those that others printed: a textbook, the United Nations, Belgium's statistical office."""

from functools import cache

import numpy as np
import pytest
from cases import array, read, reference

from sim.axes import FEMALE, MALE, SEXES
from sim.data import catalogue, store
from sim.demography.lifetable import (
    LifeTable,
    andreev_kingkade,
    arriaga,
    coale_demeny,
    coale_demeny_at_ages_1_to_4,
    death_rate_from_probability,
    death_rates,
    life_expectancy,
    life_expectancy_on_1_january,
    life_table,
    remaining_life_expectancy,
    survival_ratios,
)

# Preston, Heuveline and Guillot (2001), Demography, box 3.1: Austria, men, 1992

TEXTBOOK_AGES = np.array([0, 1, *range(5, 86, 5)])
DEATHS = [419, 70, 36, 46, 249, 420, 403, 441, 508, 769, 1154, 1866, 2043, 3496, 4366, 4337, 5279, 6460, 6146]
POPULATION = [
    *(47925, 189127, 234793, 238790, 254996, 326831, 355086, 324222, 269963, 261971),
    *(238011, 261612, 181385, 187962, 153832, 105169, 73694, 57512, 32248),
]
YEARS_LIVED_BY_DYING = [
    *(0.068, 1.626, 2.5, 3.143, 2.724, 2.520, 2.481, 2.601, 2.701, 2.663),
    *(2.698, 2.676, 2.645, 2.624, 2.619, 2.593, 2.518, 2.423, 5.247),
]
PRINTED_SURVIVORS = [
    *(100000, 99133, 98986, 98910, 98815, 98334, 97704, 97151, 96492, 95588),
    *(94195, 91937, 88711, 83845, 76377, 66225, 53803, 37441, 21134),
]
PRINTED_DEATHS = [
    *(867, 147, 76, 95, 481, 630, 553, 659, 904, 1393),
    *(2258, 3225, 4867, 7467, 10152, 12422, 16362, 16307, 21134),
]
PRINTED_PERSON_YEARS = [
    *(99192, 396183, 494741, 494375, 492980, 490106, 487127, 484175, 480384, 474686),
    *(465777, 452188, 432096, 401480, 357713, 301224, 228404, 145182, 110889),
]


@pytest.fixture(scope="module")
def austria():
    return life_table(
        death_rates(DEATHS, POPULATION), first_ages=TEXTBOOK_AGES, years_lived_by_dying=YEARS_LIVED_BY_DYING
    )


def test_the_textbook_example_returns(austria):
    np.testing.assert_array_equal(np.rint(1e5 * austria.survivors), PRINTED_SURVIVORS)
    np.testing.assert_array_equal(np.rint(1e5 * austria.deaths), PRINTED_DEATHS)
    np.testing.assert_array_equal(np.rint(1e5 * austria.person_years), PRINTED_PERSON_YEARS)
    assert round(float(austria.life_expectancy[0]), 3) == 72.889


def test_the_rules_for_children_give_the_years_that_the_textbook_takes():
    infant = np.full(2, DEATHS[0] / POPULATION[0])

    assert round(float(coale_demeny(infant)[MALE]), 3) == 0.068
    assert round(float(coale_demeny_at_ages_1_to_4(infant)[MALE]), 3) == 1.626


def test_the_rules_are_near_the_years_that_the_textbook_takes_from_another_table(austria):
    rate = np.stack([austria.death_rate] * 2)

    by_rule = life_table(rate, coale_demeny, first_ages=TEXTBOOK_AGES)

    np.testing.assert_allclose(by_rule.life_expectancy[MALE, 0], 72.889, rtol=0, atol=0.01)


# Ponnapalli (2005), Demographic Research 12(7), United States, women, 1935 and 1995, from l and e of the textbook's
# box 3.4 at the first ages 0, 5, 15, 25, 45, 65 and 85

SURVIVORS_1935 = [1, 0.93887, 0.92613, 0.90341, 0.82368, 0.60779, 0.12281]
SURVIVORS_1995 = [1, 0.99179, 0.98999, 0.98524, 0.96298, 0.85504, 0.41424]
YEARS_1935 = [63.32, 62.39, 53.19, 44.38, 27.61, 13.21, 4.49]
YEARS_1995 = [79.00, 74.65, 64.78, 55.06, 36.06, 19.00, 6.62]


def printed_table(survivors, expectancy):
    """Life table of printed l and e; the columns that a decomposition does not need are empty."""
    alive, years = np.array(survivors), np.array(expectancy)
    remaining = alive * years
    lived = remaining - np.append(remaining[1:], 0)
    none = np.full_like(alive, np.nan)
    return LifeTable(none, none, none, alive, none, lived, remaining, years)


def test_a_printed_decomposition_returns():
    """Printed is the mean of both directions; e is printed to 0.01 years, which leaves contributions 0.015."""
    before, after = printed_table(SURVIVORS_1935, YEARS_1935), printed_table(SURVIVORS_1995, YEARS_1995)

    forward, backward = arriaga(before, after), arriaga(after, before)

    total, direct = ((forward[column] - backward[column]) / 2 for column in (0, 1))
    np.testing.assert_allclose(total, [3.85, 0.73, 1.01, 2.55, 3.31, 3.66, 0.57], rtol=0, atol=0.015)
    np.testing.assert_allclose(direct, [0.22, 0.06, 0.08, 0.58, 1.18, 2.55, 0.57], rtol=0, atol=0.015)
    np.testing.assert_allclose(forward.contribution.sum(), 79.00 - 63.32, rtol=0, atol=1e-12)


# Canada 1950 to 2019 as the program of the United Nations has it

CANADIAN_YEARS, SINGLE_AGES = range(1950, 2020), range(101)


@pytest.fixture(scope="module")
def canada():
    rows = read(reference("canada_ccmpp_1x1") / "life_table_1x1.csv.gz")
    return {
        column: array(rows, column, year=CANADIAN_YEARS, sex=SEXES, age=SINGLE_AGES)
        for column in ("mx", "ax", "qx", "lx", "Lx")
    }


def test_the_life_tables_of_canada_return(canada):
    """Infants follow Coale and Demeny's first rule, in q_0; the other columns follow from it."""
    infant = canada["qx"][..., 0]
    rule = np.stack([0.05 + 3 * infant[:, FEMALE], 0.0425 + 2.875 * infant[:, MALE]], axis=-1)
    np.testing.assert_allclose(canada["ax"][..., 0], rule, rtol=1e-12)

    table = life_table(canada["mx"], lambda _: rule)

    np.testing.assert_allclose(table.years_lived_by_dying, canada["ax"], rtol=1e-12)
    np.testing.assert_allclose(table.death_probability, canada["qx"], rtol=1e-12)
    np.testing.assert_allclose(table.survivors, canada["lx"] / 1e5, rtol=1e-12)
    np.testing.assert_allclose(table.person_years, canada["Lx"] / 1e5, rtol=1e-12)


def test_the_survival_ratios_of_canada_return(canada):
    rows = read(reference("canada_ccmpp_1x1") / "survival_migration_1x1.csv.gz")
    printed = array(rows, "survival_ratio", year=CANADIAN_YEARS, sex=SEXES, age=SINGLE_AGES)

    ratios = survival_ratios(canada["Lx"] / 1e5)

    np.testing.assert_allclose(ratios[..., :-1], printed, rtol=1e-12)


def test_the_rule_for_infants_moves_life_expectancy_of_canada_little(canada):
    by_rule = [life_table(canada["mx"], rule).life_expectancy[..., 0] for rule in (andreev_kingkade, coale_demeny)]

    assert 1e-4 < np.abs(by_rule[0] - by_rule[1]).max() < 0.005


# World Population Prospects 2024, age groups

COUNTRIES, PERIODS = ("BEL", "FRA", "JPN", "NGA", "NLD", "SWE"), range(1950, 2100, 5)
GROUPS = np.array([0, 1, *range(5, 101, 5)])


@pytest.fixture(scope="module")
def prospects():
    """Death rates by country, period, sex and group, and the life expectancy printed beside them."""
    folder = reference("wpp2024")
    rates = read(folder / "mx_abridged_5yr_period.csv.gz")
    rate = array(rates, "mx", iso3=COUNTRIES, period_start=PERIODS, sex=SEXES, age_start=GROUPS.tolist())
    rows = read(folder / "period_5yr_indicators.csv.gz")
    printed = [array(rows, f"e0_{sex}", iso3=COUNTRIES, period_start=PERIODS) for sex in SEXES]
    return rate, np.stack(printed, axis=-1)


def test_life_expectancies_of_the_united_nations_return_from_their_rates(prospects):
    """The rates have six digits and e_0 four decimals: rounding alone leaves about 0.0001 years."""
    rate, printed = prospects

    found = life_table(rate, andreev_kingkade, first_ages=GROUPS).life_expectancy[..., 0]

    np.testing.assert_allclose(found, printed, rtol=0, atol=1e-4)


def test_rates_of_the_united_nations_return_from_their_probabilities(prospects):
    rate, _ = prospects
    chance = life_table(rate, first_ages=GROUPS).death_probability.copy()
    chance[..., -1] = -np.expm1(-rate[..., -1])

    np.testing.assert_allclose(death_rate_from_probability(chance, first_ages=GROUPS), rate, rtol=1e-12)


def test_single_ages_made_from_groups_keep_their_life_expectancy():
    rows = read(reference("wpp2024_derived") / "mortality_1x1.csv.gz", "iso3")["BEL"]
    rate = array(rows, "mx", year=range(2024, 2101), sex=SEXES, age=SINGLE_AGES)
    printed = array(rows, "survival_ratio", year=range(2024, 2101), sex=SEXES, age=SINGLE_AGES)

    table = life_table(rate, coale_demeny)

    np.testing.assert_allclose(survival_ratios(table.person_years)[..., :-1], printed, rtol=0, atol=1e-6)
    remaining = remaining_life_expectancy(survival_ratios(table.person_years))
    np.testing.assert_allclose(remaining[..., 65], table.life_expectancy[..., 65], rtol=0, atol=0.005)
    np.testing.assert_allclose(remaining[..., 2:81], table.life_expectancy[..., 2:81], rtol=0, atol=0.01)
    np.testing.assert_allclose(remaining, table.life_expectancy, rtol=0, atol=0.075)


# Belgium's register, 1991 to 2015

YEARS = range(1991, 2016)
CONTRADICTED = {2004, 2007}
"""Years whose register counts more deaths than are published, so that infant deaths are not known."""
OPEN_AGE = 100
UNITED_NATIONS = np.array(
    [
        *([79.4656, 72.8494], [79.6653, 72.9731], [79.7358, 72.9401], [79.9957, 73.3519], [80.1822, 73.4370]),
        *([80.4616, 73.8342], [80.5484, 74.1602], [80.5582, 74.3002], [80.8674, 74.3652], [80.8962, 74.5666]),
        *([81.1569, 74.9187], [81.1783, 75.0804], [81.1971, 75.3585], [81.8490, 75.9703], [81.8582, 76.1482]),
        *([82.1538, 76.5163], [82.2017, 76.7421], [82.3009, 76.7719], [82.4309, 77.1634], [82.6253, 77.3617]),
        *([82.8645, 77.7668], [82.8260, 77.6269], [82.9187, 77.9388], [83.5095, 78.5630], [83.1461, 78.5554]),
    ]
)
"""Life expectancy at birth of women and men, World Population Prospects 2024 (CC BY 3.0 IGO)."""


@cache
def register():
    """Deaths and persons by year, sex and age on 1 January, pooled from the open age on."""
    counts = store.register("belgium")
    return [
        np.add.reduceat(table.sum(axis=(1, 2), dtype=float)[: len(YEARS)], range(OPEN_AGE + 1), axis=-1)
        for table in (counts.deaths, counts.population)
    ]


@cache
def belgium(own_infants):
    """Survival ratios by year and sex; from birth those of 2008 to 2015, or of the year where its deaths allow."""
    deaths, persons = register()
    survival = np.empty((len(YEARS), 2, OPEN_AGE + 2))
    survival[..., 0] = catalogue.survival("belgium", (2008, 2015), OPEN_AGE)[:, 0]
    survival[..., 1:] = 1 - deaths / persons
    published, births = store.yearly("belgium", "deaths"), store.yearly("belgium", "births")
    boys_per_girl = store.yearly("belgium", "sex_ratio_at_birth")
    for place, year in enumerate(YEARS):
        if own_infants and year not in CONTRADICTED:
            girls = 1 / (1 + boys_per_girl[year])
            risk = 1 - survival[place, :, 0]
            mean = girls * risk[FEMALE] + (1 - girls) * risk[MALE]
            survival[place, :, 0] = 1 - risk / mean * (published[year] - deaths[place].sum()) / births[year]
    return survival


def missed(own_infants, first, last):
    """Largest distance to the United Nations in some years."""
    found = life_expectancy(belgium(own_infants)) - UNITED_NATIONS
    return np.abs(found[YEARS.index(first) : YEARS.index(last) + 1]).max()


def test_life_expectancy_of_belgium_is_that_of_the_united_nations():
    assert missed(True, 1991, 1996) < 0.25
    assert missed(True, 1997, 2015) < 0.05


def test_the_survival_of_infants_today_is_too_high_for_the_past():
    """Infant mortality fell by a third from 1991 to 2008; before 1997 the register also lacks deaths."""
    assert 0.25 < missed(False, 1991, 1996) < 0.32
    assert 0.05 < missed(False, 1997, 2002) < 0.13
    assert missed(False, 2003, 2015) < 0.05


def test_life_expectancy_of_belgium_in_2014_is_the_one_printed():
    """Statbel: 83.50 and 78.56 years."""
    np.testing.assert_allclose(life_expectancy(belgium(True))[YEARS.index(2014)], [83.50, 78.56], rtol=0, atol=0.01)


@pytest.mark.parametrize(("year", "printed", "digits"), [(1998, [81.08, 74.81], 2), (2011, [83.4, 78.2], 1)])
def test_older_printed_life_expectancies_count_age_on_1_january_as_exact_age(year, printed, digits):
    place = YEARS.index(year)

    found = life_expectancy_on_1_january(belgium(True))[place]

    np.testing.assert_allclose(found, printed, rtol=0, atol=0.5 * 10**-digits + 0.005)
    np.testing.assert_allclose(life_expectancy(belgium(True))[place], np.array(printed) - 0.5, rtol=0, atol=0.06)


def test_age_on_1_january_as_exact_age_lies_half_a_year_above_in_every_year():
    """One year after the other from the quotients of the register, deaths in the middle of the year."""
    survival = belgium(True)

    for place, sex in np.ndindex(survival.shape[:-1]):
        quotients = (1 - survival[place, sex]).tolist()
        alive, years = 1.0, 0.0
        for age in range(800):
            dying = alive * quotients[min(age, OPEN_AGE + 1)]
            years += alive - dying / 2
            alive -= dying
        np.testing.assert_allclose(years - life_expectancy(survival[place, sex]), 0.5, rtol=0, atol=1e-9)
        np.testing.assert_allclose(life_expectancy_on_1_january(survival[place, sex]), years, rtol=1e-12)


def test_remaining_years_at_65_are_those_of_the_human_mortality_database():
    """2015: 21.23 and 18.04 years."""
    found = remaining_life_expectancy(belgium(True))[YEARS.index(2015), :, 65]

    np.testing.assert_allclose(found, [21.23, 18.04], rtol=0, atol=0.03)
