"""Canada 1950 to 2020 as the program of the United Nations projects it, every cell, through a scenario file."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim import pipeline

SCENARIO = """\
name: canada
period: {{start: 1950, end: 2020}}
convention: wpp_end
ages: {{open: 100}}
population: {{table: tables/population.csv}}
mortality:
  survival_ratio: {{table: tables/survival.csv, age: reached}}
fertility:
  rates: {{table: tables/fertility.csv, age: completed}}
  sex_ratio_at_birth: {{path: {{{ratios}}}}}
migration:
  net: {{table: tables/migration.csv, age: reached}}
"""


@pytest.fixture(scope="module")
def folder():
    if not os.environ.get("SIM_REFERENCE"):
        pytest.skip("SIM_REFERENCE does not name a folder of reference data")
    return Path(os.environ["SIM_REFERENCE"]) / "canada_ccmpp_1x1"


@pytest.fixture(scope="module")
def result(folder, tmp_path_factory):
    """Projection of the generated scenario; the figures go from file to file as text."""
    place = tmp_path_factory.mktemp("canada")
    (place / "tables").mkdir()
    for source, column, name in (
        ("population_1950", "population", "population"),
        ("survival_migration_1x1", "survival_ratio", "survival"),
        ("survival_migration_1x1", "net_migration", "migration"),
        ("asfr_1x1", "asfr", "fertility"),
    ):
        table = pd.read_csv(folder / f"{source}.csv.gz", dtype=str).rename(columns={column: "value"})
        wanted = [key for key in ("year", "sex", "age", "value") if key in table]
        table[wanted].to_csv(place / "tables" / f"{name}.csv", index=False)
    ratio = pd.read_csv(folder / "srb.csv.gz", dtype=str)
    ratios = ", ".join(f"{year}: {value}" for year, value in zip(ratio["year"], ratio["srb"], strict=True))
    (place / "canada.yaml").write_text(SCENARIO.format(ratios=ratios))
    return pipeline.run(place / "canada.yaml")


def published(folder, table, value, *keys):
    """A column of figures of a table, with one axis a key; women come before men."""
    frame = pd.read_csv(folder / f"{table}.csv.gz", dtype={value: str})
    levels = [sorted(frame[key].unique()) for key in keys]
    ordered = frame.set_index(list(keys))[value].loc[pd.MultiIndex.from_product(levels)]
    return np.array([float(text) for text in ordered]).reshape([len(level) for level in levels])


def test_every_cell_of_the_population_is_reproduced(folder, result):
    expected = published(folder, "expected_population_1x1", "population", "year", "sex", "age")

    computed = result["population"].squeeze(("region", "group")).to_numpy()

    assert computed.shape == (71, 2, 101)
    np.testing.assert_allclose(computed, expected, rtol=1e-12, atol=0)


def test_births_of_girls_and_boys_are_reproduced(folder, result):
    expected = published(folder, "expected_births", "births", "year", "sex")

    computed = result["births"].squeeze(("region", "group")).to_numpy()

    assert computed.shape == (70, 2)
    np.testing.assert_allclose(computed, expected, rtol=1e-12, atol=0)


def test_deaths_of_every_cohort_are_reproduced(folder, result):
    expected = published(folder, "expected_cohort_deaths_1x1", "cohort_deaths", "year", "sex", "age")

    computed = result["deaths"].squeeze(("region", "group")).to_numpy()

    assert computed.shape == (70, 2, 101)
    np.testing.assert_allclose(computed, expected, rtol=1e-11, atol=0)
