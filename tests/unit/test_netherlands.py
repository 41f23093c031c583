"""The Netherlands from 1 January 2022: what went in is what was published, and what comes out lies near it."""

import csv
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.assumptions import build

SCENARIO = Path(__file__).parents[2] / "scenarios" / "netherlands-2022.yaml"
TABLES = SCENARIO.parent / "tables"
SEXES = ["female", "male"]
LAST_MIGRANT = 74


@pytest.fixture(scope="module")
def scenario():
    return sim.load(SCENARIO)


@pytest.fixture(scope="module")
def assumed(scenario):
    return build(scenario)


@pytest.fixture(scope="module")
def result():
    return sim.run(SCENARIO)


@pytest.fixture(scope="module")
def register():
    """Persons of the register on 1 January 2022 to 2025, by year, sex and age."""
    persons = np.full((4, 2, 106), np.nan)
    for name in ("netherlands-population-2022.csv", "netherlands-population-2023-2025.csv"):
        with (TABLES / name).open(newline="") as lines:
            for row in csv.DictReader(lines):
                place = int(row.get("year", 2022)) - 2022, SEXES.index(row["sex"]), int(row["age"])
                assert np.isnan(persons[place]), f"{name} names {place} twice"
                persons[place] = float(row["value"])
    return persons


def by_sex(result, year):
    return result["population"].sum(["region", "group", "age"]).sel(year=year, sex=SEXES).values


def test_the_start_is_the_published_population_of_each_sex_to_the_person(result):
    assert by_sex(result, 2022).tolist() == [8_845_204, 8_745_468]


@pytest.mark.parametrize(
    ("year", "female", "male", "both"),
    [
        (2022, 8_845_204, 8_745_468, 17_590_672),
        (2023, 8_960_982, 8_850_309, 17_811_291),
        (2024, None, None, 17_942_942),
    ],
)
def test_the_tables_of_ages_add_up_to_the_published_totals(register, year, female, male, both):
    sums = register[year - 2022].sum(axis=-1)

    assert sums.sum() == both
    assert female is None or sums.tolist() == [female, male]


def test_children_of_2024_are_those_of_the_table_of_households(register):
    """Ages 0 to 12 in StatLine 37620, which counts the same register."""
    households = [
        164473,
        169154,
        182656,
        172730,
        174849,
        175000,
        177334,
        180708,
        180328,
        185148,
        181896,
        187030,
        190604,
    ]

    assert register[2, :, :13].sum(axis=0).tolist() == households


@pytest.mark.parametrize(("year", "both"), [(2023, 17_811_291), (2024, 17_942_942)])
def test_population_lands_within_a_tenth_of_a_percent_of_the_observed(result, year, both):
    assert abs(by_sex(result, year).sum() / both - 1) < 0.001


@pytest.mark.parametrize("year", [2023, 2024])
def test_each_sex_lands_within_a_tenth_of_a_percent_of_the_register(result, register, year):
    np.testing.assert_allclose(by_sex(result, year), register[year - 2022].sum(axis=-1), rtol=0.001)


@pytest.mark.parametrize("year", [2023, 2024])
def test_ages_land_within_one_percent_of_the_register(result, register, year):
    edges = [0, 20, 40, 65, 80, 90]
    persons = result["population"].sum(["region", "group"]).sel(year=year).transpose("sex", "age").values

    np.testing.assert_allclose(
        np.add.reduceat(persons, edges, axis=-1), np.add.reduceat(register[year - 2022], edges, axis=-1), rtol=0.01
    )


def test_the_balance_is_immigrants_less_emigrants_with_corrections(result):
    net = sim.indicators.net_migration(result).sel(period=[2022, 2023])

    np.testing.assert_allclose(net, [403_108 - 179_310, 335_668 - 198_302], rtol=1e-12)


def test_from_2024_on_the_balance_is_the_growth_of_2024_with_the_natural_balance_of_2023(result, register):
    growth = register[3].sum() - register[2].sum()
    natural_balance = register[2].sum() - register[1].sum() - (335_668 - 198_302)

    np.testing.assert_allclose(
        sim.indicators.net_migration(result).sel(period=slice(2024, None)), growth - natural_balance, rtol=1e-12
    )


def test_the_profile_of_migrants_is_what_the_register_leaves_after_survival(assumed, register):
    survival = assumed.survival[:3, 0, 0]
    came = register[1:, :, 1 : LAST_MIGRANT + 1] - register[:-1, :, :LAST_MIGRANT] * survival[..., 1 : LAST_MIGRANT + 1]
    expected = np.zeros((2, 106))
    expected[:, 1 : LAST_MIGRANT + 1] = (came / np.sqrt(survival[..., 1 : LAST_MIGRANT + 1])).sum(axis=0)
    expected[:, 0] = expected[:, 1] / 2

    shares = assumed.migrants[0, 0, 0] / assumed.migrants[0].sum()

    np.testing.assert_allclose(shares, expected / expected.sum(), rtol=0, atol=2e-8)


@pytest.mark.parametrize(
    ("period", "expectancy"), [(2022, [83.1, 80.1]), (2023, [83.33, 80.31]), (2030, [83.33, 80.31])]
)
def test_life_expectancy_is_that_of_statistics_netherlands(result, period, expectancy):
    reached = result["life_expectancy"].sel(period=period, region="all", group="all", sex=SEXES)

    np.testing.assert_allclose(reached, expectancy, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("indicator", "year", "value"), [("births", 2022, 167_504), ("births", 2023, 164_487), ("deaths", 2022, 170_112)]
)
def test_births_and_deaths_land_within_one_percent_of_the_registered(result, indicator, year, value):
    assert abs(float(getattr(sim.indicators, indicator)(result).sel(period=year)) / value - 1) < 0.01


@pytest.mark.parametrize("year", [2023, 2024])
def test_boys_per_girl_of_age_0_are_within_one_percent_of_the_register(result, register, year):
    girls, boys = result["population"].sum(["region", "group"]).sel(year=year, age=0, sex=SEXES).values
    observed_girls, observed_boys = register[year - 2022, :, 0]

    assert abs(boys / girls / (observed_boys / observed_girls) - 1) < 0.01


def test_percents_of_fertility_and_shares_of_migrants_are_whole():
    for name, whole, tolerance in (("fertility", 100, 1e-4), ("net-migrants", 1, 1e-7)):
        with (TABLES / f"netherlands-{name}.csv").open(newline="") as lines:
            assert abs(sum(float(row["value"]) for row in csv.DictReader(lines)) - whole) < tolerance


def test_it_ends_on_1_january_2031(result):
    assert result["year"].values.tolist() == list(range(2022, 2032))


def test_every_input_says_where_it_comes_from(scenario):
    mortality, fertility, migration = scenario.mortality, scenario.fertility, scenario.migration
    inputs = [scenario.population, mortality.rate, mortality.old_age, fertility.total, fertility.pattern]
    inputs += [mortality.life_expectancy.female, mortality.life_expectancy.male, fertility.sex_ratio_at_birth]
    inputs += [migration.balance, migration.profile]

    assert all(entry.source in scenario.sources or (entry.source is None and entry.assumption) for entry in inputs)
    assert all(figure.source in scenario.sources for figure in scenario.published)
