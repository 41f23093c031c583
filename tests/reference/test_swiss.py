"""The canton of Aargau by nationality, 2025 to 2055, as the Swiss Federal Statistical Office published it."""

import numpy as np
import pytest
from cases import array, path_of, pick, read, reference, run, write_table

from sim.axes import SEXES

SCENARIO = """\
period: {{start: 2025, end: {end}}}
convention: fso_midyear
ages: {{open: 100}}
states: {{groups: [{groups}]}}
population: {{table: tables/population.csv}}
mortality:
  probability: {{table: tables/death_prob.csv, age: reached}}
fertility:
  rates: {{table: tables/fertility_rate.csv, age: reached}}
  sex_ratio_at_birth: 1.05
newborn:
  child_group:
{children}
nationality:
  changes:
    - from: [{foreign}]
      to: [{swiss}]
      share: {{table: tables/naturalisation_rate.csv, age: reached}}
migration:
  immigration:
    - count: {{table: tables/immigrants_abroad.csv, age: reached}}
    - count: {{table: tables/immigrants_other_cantons.csv, age: reached}}
  emigration:
    - share: {{table: tables/emigration_rate_abroad.csv, age: reached}}
    - share: {{table: tables/emigration_rate_other_cantons.csv, age: reached}}
"""
NATIONALITIES = ("swiss", "foreign")
YEARS, AGES = range(2025, 2056), range(101)
RATES = ("death_prob", "emigration_rate_abroad", "emigration_rate_other_cantons")
PERSONS = ("immigrants_abroad", "immigrants_other_cantons")


@pytest.fixture(scope="module")
def folder():
    return reference("swiss")


def of_january(official):
    """People of 1 January 2025 by nationality, sex and completed age.

    The table has them by the age they reach in 2025; its 100 pools those of 99 and of 100 and over, who live alike.
    """
    return [
        [row["nat"], row["sex"], int(row["age"]) - 1, row["fso_population_start"]]
        for row in official
        if row["year"] == "2025" and row["age"] != "0"
    ] + [[nationality, sex, 100, 0] for nationality in NATIONALITIES for sex in SEXES]


def projected(place, parameters, population, parts=None, end=2056):
    """Projection of a population of 1 January 2025 with the Office's parameters.

    The foreigners may be divided into groups of the same rates, named with their part of the people and immigrants.
    """
    parts = parts or {"foreign": 1}
    parameters = [row for row in parameters if int(row["year"]) < end]

    def persons(rows):
        """Rows of persons, which begin with the nationality, divided among its groups."""
        for nationality, *labels, value in rows:
            for group, part in ({"swiss": 1} if nationality == "swiss" else parts).items():
                yield [group, *labels, value if part == 1 else part * float(value)]

    def rates(rows):
        """Rows of rates, which begin with the nationality, repeated for each of its groups."""
        for nationality, *rest in rows:
            for group in ["swiss"] if nationality == "swiss" else parts:
                yield [group, *rest]

    def table(name, columns, rows):
        write_table(place, name, [{"nat": "group"}.get(column, column) for column in columns], rows)

    by_cell = ("nat", "year", "sex", "age")
    women = [row for row in parameters if row["sex"] == "female"]
    foreigners = [row for row in parameters if row["nat"] == "foreign"]
    table("population", ("nat", "sex", "age"), persons(population))
    for name in RATES:
        table(name, by_cell, rates(pick(parameters, *by_cell, name)))
    for name in PERSONS:
        table(name, by_cell, persons(pick(parameters, *by_cell, name)))
    table("fertility_rate", ("nat", "year", "age"), rates(pick(women, "nat", "year", "age", "fertility_rate")))
    table("naturalisation_rate", by_cell[1:], pick(foreigners, *by_cell[1:], "naturalisation_rate"))
    shares = {row["year"]: row["swiss_share_births_foreign_mothers"] for row in foreigners}
    children = "\n".join(
        f"    {group}:\n"
        f"      swiss: {path_of(shares.items())}\n"
        f"      {group}: {path_of((year, 1 - float(share)) for year, share in shares.items())}"
        for group in parts
    )
    text = SCENARIO.format(
        end=end,
        groups=", ".join(["swiss", *parts]),
        children=children,
        foreign=", ".join(parts),
        swiss=", ".join(["swiss"] * len(parts)),
    )
    return run(place, "aargau", text)


def at_year_end(result):
    """People of 31 December by year, nationality, sex and age."""
    assert list(result["group"].to_numpy()) == list(NATIONALITIES)
    return result["population"].squeeze("region").sel(year=[year + 1 for year in YEARS]).to_numpy()


@pytest.fixture(scope="module", params=["reference", "high"])
def official(request, folder, tmp_path_factory):
    """The Office's figures of a scenario, and the projection that starts from its people of 1 January 2025."""
    table = read(folder / "expected_fso_projection_2025_2055.csv.gz", "scenario")[request.param]
    parameters = read(folder / "parameters_2025_2055.csv.gz", "scenario")[request.param]
    place = tmp_path_factory.mktemp(request.param)
    return table, parameters, projected(place, parameters, of_january(table))


def published(official, value="fso_population_31dec"):
    return array(official[0], value, year=YEARS, nat=NATIONALITIES, sex=SEXES, age=AGES)


def test_every_cell_is_the_official_one(official):
    np.testing.assert_allclose(at_year_end(official[2]), published(official), rtol=0, atol=0.75)


@pytest.mark.parametrize("axes", [(1, 2, 3), (2, 3)], ids=["all", "by_nationality"])
def test_totals_are_the_official_ones(official, axes):
    computed, expected = (cells.sum(axis=axes) for cells in (at_year_end(official[2]), published(official)))

    np.testing.assert_allclose(computed, expected, rtol=5e-5, atol=0)


def test_emigrants_to_other_cantons_are_the_official_ones(official):
    """The program counts emigrants of both streams together; by cell they divide as their shares do."""
    axes = {"year": YEARS, "nat": NATIONALITIES, "sex": SEXES, "age": AGES}
    abroad, other = (array(official[1], name, **axes) for name in RATES[1:])
    leaving = abroad + other

    emigrants = official[2]["emigrants"].squeeze("region").to_numpy()

    computed = np.divide(emigrants * other, leaving, out=np.zeros_like(leaving), where=leaving > 0)
    np.testing.assert_allclose(computed, published(official, "fso_emigrants_other_cantons"), rtol=0, atol=0.05)


@pytest.fixture(scope="module", params=["reference", "high"])
def records(request, folder):
    """Name of a scenario, the people recorded at the end of 2024, and the scenario's parameters."""
    population = pick(read(folder / "population_31dec_2024.csv.gz"), "nat", "sex", "age", "population_31dec_2024")
    return request.param, population, read(folder / "parameters_2025_2055.csv.gz", "scenario")[request.param]


def test_every_cell_is_that_of_the_replica(folder, records, tmp_path):
    """The replica adds a rate of naturalisation to a number of immigrants, which the program does not repeat."""
    scenario, population, parameters = records
    table = read(folder / "expected_replica_from_2024_records.csv.gz", "scenario")[scenario]
    expected = array(table, "population_31dec", year=YEARS, nat=NATIONALITIES, sex=SEXES, age=AGES)

    computed = at_year_end(projected(tmp_path, parameters, population))

    np.testing.assert_allclose(computed, expected, rtol=1e-7, atol=1e-9)


def test_more_groups_of_foreigners_add_up_to_the_swiss_case(records, tmp_path):
    """The program knows any number of groups; those of the same rates are, taken together, one."""
    _, population, parameters = records
    two = projected(tmp_path, parameters, population, end=2036)["population"]

    three = projected(tmp_path, parameters, population, {"neighbour": 0.25, "other": 0.75}, end=2036)["population"]

    foreign = three.sel(group=["neighbour", "other"]).sum("group")
    np.testing.assert_allclose(foreign, two.sel(group="foreign"), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(three.sel(group="swiss"), two.sel(group="swiss"), rtol=1e-12, atol=1e-9)
