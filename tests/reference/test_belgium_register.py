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


def test_mortality_ratios_equal_those_of_the_table_derived_apart(folder):
    table = pd.read_csv(folder / "be_mortality_2010_2012_region_sex_nat_age1.csv.gz")
    age = table["age_at_1_jan"].clip(upper=100)
    country = table.groupby(["sex", age])[["deaths_sum", "pop_sum"]].transform("sum")
    table["expected"] = table["pop_sum"] * country["deaths_sum"] / country["pop_sum"]
    sums = table.groupby(["region", "nationality", "sex"])[["deaths_sum", "expected"]].sum()
    ratios = sums["deaths_sum"] / sums["expected"]
    expected = ratios.loc[pd.MultiIndex.from_product([catalogue.regions("belgium"), ["BEL", "FOR"], SEXES])]

    computed = catalogue.mortality_ratios(
        "belgium", (2010, 2012), catalogue.regions("belgium"), catalogue.groups("belgium")
    )

    np.testing.assert_allclose(computed, expected.to_numpy().reshape(computed.shape), rtol=1e-12, atol=0)


@pytest.mark.parametrize("year", range(2008, 2016))
def test_net_migration_by_nationality_below_age_90_differs_from_the_table_by_the_acquisitions(folder, year):
    """The table counts a change of nationality as leaving one group and entering the other."""
    table = pd.read_csv(folder / "be_netmig_derived_1991_2015_sex_age1.csv.gz").set_index(["year", "sex", "age_31_dec"])
    oldest = 89
    cells = pd.MultiIndex.from_product([[year], SEXES, range(1, oldest + 1)])
    with_changes = table.loc[cells, ["net_belgian", "net_foreign"]].to_numpy().T.reshape(2, 2, oldest)
    foreigners = catalogue.population("belgium", year, 120)[:, 1].sum(axis=0)
    risk = catalogue.acquisitions_of_nationality("belgium", year) / foreigners.sum()
    acquired = risk * foreigners[:, :oldest]

    computed = catalogue.net_migration("belgium", (year, year), 120, ("all",), catalogue.groups("belgium"))[0, 0]

    expected = with_changes + np.stack([-acquired, acquired])
    np.testing.assert_allclose(computed[..., 1 : oldest + 1], expected, rtol=0, atol=1e-9)
