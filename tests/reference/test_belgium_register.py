"""The embedded register against tables that were derived or downloaded apart from it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.data import catalogue

SEXES = ["F", "M"]


@pytest.fixture
def folder():
    if not os.environ.get("SIM_REFERENCE"):
        pytest.skip("SIM_REFERENCE does not name a folder of reference data")
    return Path(os.environ["SIM_REFERENCE"]) / "belgium_register"


def test_net_migration_equals_the_table_derived_apart(folder):
    table = pd.read_csv(folder / "be_netmig_derived_1991_2015_sex_age1.csv.gz")
    oldest = table["age_31_dec"].max()
    levels = [range(2008, 2016), SEXES, range(1, oldest + 1)]
    expected = table.set_index(["year", "sex", "age_31_dec"])["net_all"].loc[pd.MultiIndex.from_product(levels)]

    computed = catalogue.net_migration("belgium", (2008, 2015), 120)[:, :, 1 : oldest + 1]

    np.testing.assert_array_equal(computed, expected.to_numpy().reshape(computed.shape))


def test_population_of_2012_equals_the_open_data_of_statbel(folder):
    table = pd.read_csv(folder / "be_pop_2012_region_sex_nat_age1.csv.gz")
    levels = [catalogue.regions("belgium"), ["BEL", "FOR"], SEXES, range(101)]
    key = ["region", "nationality", "sex", "age"]
    expected = table.set_index(key)["value"].loc[pd.MultiIndex.from_product(levels)]

    computed = catalogue.population("belgium", 2012, 100)

    np.testing.assert_array_equal(computed, expected.to_numpy().reshape(computed.shape))
