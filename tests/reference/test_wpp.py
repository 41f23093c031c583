"""World Population Prospects 2024 from its own inputs: the medium variant from 2024 to the end of the century.

Mortality and fertility by single ages, and the start, were graduated from what is published, so that the published
population comes back within a few ten-thousandths, not to the digit.
"""

import numpy as np
import pytest
from cases import array, national, path_of, pick, read, reference, run, write_table

from sim.axes import SEXES

SCENARIO = """\
period: {{start: {start}, end: {end}}}
convention: {convention}
ages: {{open: {open_age}}}
population: {{table: tables/population.csv}}
mortality:
  survival_ratio: {{table: tables/survival.csv, age: reached}}
fertility:
  rates: {{table: tables/fertility.csv, age: completed}}
  sex_ratio_at_birth: {ratios}
migration:
  net: {{table: tables/migration.csv, age: reached}}
"""
START = 2024
OLDEST_COMPARED = 89
SINGLE_AGES = 1.2e-3
"""Mean relative error of single ages to the oldest compared; beyond, the published figures are small and uncertain."""


def of_country(iso3, *path):
    """Rows of a country in a table of many."""
    return read(reference(*path), "iso3")[iso3]


def projected(iso3, convention, folder):
    """Projection of a country with the inputs of its medium variant, as far as they go."""
    start = of_country(iso3, "wpp2024_derived", "population_1jan_1x1.csv.gz")
    mortality = of_country(iso3, "wpp2024_derived", "mortality_1x1.csv.gz")
    fertility = of_country(iso3, "wpp2024_derived", "asfr_1x1.csv.gz")
    migration = of_country(iso3, "wpp2024", "net_migration_1x1.csv.gz")
    totals = of_country(iso3, "wpp2024", "annual_totals.csv.gz")
    start = [row for row in start if row["year"] == str(START)]
    end = 1 + min(int(max(row["year"] for row in rows)) for rows in (mortality, fertility, migration, totals))
    columns = ["year", "sex", "age"]
    write_table(folder, "population", columns[1:], pick(start, "sex", "age", "population_1jan"))
    write_table(folder, "survival", columns, pick(mortality, *columns, "survival_ratio"))
    write_table(folder, "fertility", columns[::2], pick(fertility, "year", "age", "asfr"))
    write_table(folder, "migration", columns, pick(migration, *columns, "net_migration"))
    ratios = path_of(pick([row for row in totals if int(row["year"]) >= START], "year", "srb"))
    oldest = max(int(row["age"]) for row in start)
    text = SCENARIO.format(start=START, end=end, convention=convention, open_age=oldest, ratios=ratios)
    return run(folder, iso3.lower(), text)


def errors(iso3, convention, folder):
    """Largest relative error of the total of a 1 July, and mean of those of all single ages but the oldest."""
    januaries = national(projected(iso3, convention, folder)["population"])
    computed = (januaries[:-1] + januaries[1:]) / 2
    years, ages = range(START, START + len(computed)), range(computed.shape[-1])
    table = of_country(iso3, "wpp2024", "population_midyear_1x1.csv.gz")
    published = array(table, "population", year=years, sex=SEXES, age=ages)
    totals = computed.sum(axis=(1, 2)) / published.sum(axis=(1, 2)) - 1
    compared = slice(OLDEST_COMPARED + 1)
    single = computed[..., compared] / published[..., compared] - 1
    return np.abs(totals).max(), np.abs(single).mean()


@pytest.mark.parametrize(
    ("iso3", "bar"),
    [("BEL", 3.1e-4), ("NLD", 2.6e-4), ("FRA", 2.8e-4), ("SWE", 3.9e-4), ("JPN", 6.1e-4), ("NGA", 1.5e-3)],
)
def test_the_convention_of_the_united_nations_returns_its_medium_variant(iso3, bar, tmp_path):
    """The bars are what a plain loop with the same rules reached."""
    total, single_ages = errors(iso3, "wpp_end", tmp_path)

    assert total < bar
    assert single_ages < SINGLE_AGES


@pytest.mark.parametrize(
    ("iso3", "bar"),
    [("BEL", 0.7e-4), ("NLD", 1.5e-4), ("FRA", 3.9e-4), ("SWE", 5e-4), ("JPN", 2e-3), ("NGA", 1.8e-3)],
)
def test_the_default_convention_comes_close_to_the_medium_variant(iso3, bar, tmp_path):
    """Its migrants come all year round; those of the United Nations' figures come on 31 December."""
    total, single_ages = errors(iso3, "continuous", tmp_path)

    assert total < bar
    assert single_ages < SINGLE_AGES
