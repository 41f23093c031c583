"""Sweden 1993 to 1998 in one step of five years: Preston, Heuveline and Guillot (2001), Demography, box 6.2."""

import numpy as np
import pytest
from cases import array, national, pick, read, reference, run, write_table

SCENARIO = """\
period: {{start: 1993, end: 1998}}
convention: {convention}
ages: {{open: 85, width: 5}}
population: {{table: tables/population.csv}}
mortality:
  survival_ratio: {{table: tables/survival.csv, age: reached}}
fertility:
  rates: {{table: tables/fertility.csv, age: completed}}
  sex_ratio_at_birth: 1.05
migration:
  net: {{table: tables/migration.csv, age: reached}}
"""
AGES = range(0, 90, 5)
ROUNDING = 0.5
"""Persons: the book prints whole ones. That the ratios and rates are printed to four digits costs nothing beside it."""


@pytest.fixture(scope="module")
def book():
    return read(reference("textbook", "sweden_1993_1998_5x5.csv.gz"))


def projected(book, folder, convention="wpp_even", fertile=AGES):
    """The book's women, and as many men who live as they do; the women of some ages bear children."""
    both = [[sex, *row] for sex in ("female", "male") for row in pick(book, "age_start", "population_female_1993")]
    write_table(folder, "population", ["sex", "age"], both)
    yearly = [[age, float(five_years) / 5] for age, five_years in pick(book, "age_start", "net_migration_female_5y")]
    both = [[sex, *row] for sex in ("female", "male") for row in yearly]
    write_table(folder, "migration", ["sex", "age"], both)
    write_table(folder, "survival", ["age"], pick(book, "age_start", "survival_ratio_female"))
    rates = [[age, rate if int(age) in fertile else 0] for age, rate in pick(book, "age_start", "asfr")]
    write_table(folder, "fertility", ["age"], rates)
    return run(folder, "sweden", SCENARIO.format(convention=convention))


@pytest.fixture(scope="module")
def result(book, tmp_path_factory):
    return projected(book, tmp_path_factory.mktemp("sweden"))


@pytest.mark.parametrize(
    ("sex", "column"),
    [("female", "expected_population_female_1998"), ("male", "expected_population_male_1998_same_rates")],
)
def test_every_age_of_1998_is_that_of_the_book(book, result, sex, column):
    expected = array(book, column, age_start=AGES)

    computed = national(result["population"].sel(year=1998, sex=sex))

    np.testing.assert_allclose(computed, expected, rtol=0, atol=ROUNDING)


def test_births_are_those_of_the_book(book, result):
    expected = array(book, "expected_births_by_age_of_mother", age_start=AGES).sum()

    assert abs(float(result["births"].sum()) - expected) < 2 * ROUNDING


@pytest.mark.parametrize("age", range(15, 50, 5))
def test_births_of_mothers_of_each_age_are_those_of_the_book(book, tmp_path, age):
    """The program counts births by the age that mothers reach; with one fertile age group all are of that group."""
    expected = array(book, "expected_births_by_age_of_mother", age_start=AGES)[age // 5]

    computed = projected(book, tmp_path, fertile=[age])

    assert abs(float(computed["births"].sum()) - expected) < ROUNDING


def test_without_the_births_of_late_migrants_1762_girls_are_missing(book, tmp_path):
    other = national(projected(book, tmp_path, "popreconstruct_even")["population"].sel(year=1998, sex="female"))

    missing = array(book, "expected_population_female_1998", age_start=AGES) - other

    assert round(missing[0]) == 1762
    np.testing.assert_allclose(missing[1:], 0, rtol=0, atol=ROUNDING)
