"""The replay of 2012-2023: it is told what was observed each year, and lands near every later register."""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.data import catalogue

SCENARIO = Path(__file__).parents[2] / "scenarios" / "replay-2012.yaml"
YEARS = range(2012, 2024)
LARGEST_GAP = 0.002


def observed(indicator, sex=""):
    return {figure.year: figure.value for figure in catalogue.observed("belgium", [indicator]) if figure.sex == sex}


@pytest.fixture(scope="module")
def scenario():
    return sim.load(SCENARIO)


@pytest.fixture(scope="module")
def result():
    return sim.run(SCENARIO)


def total(result, name):
    """All people of a variable, by year or period."""
    return result[name].sum([axis for axis in ("region", "group", "sex", "age") if axis in result[name].dims])


def test_every_register_of_the_years_is_there_to_be_compared(scenario):
    published = {figure.year: figure.value for figure in scenario.published if figure.indicator == "population"}

    assert published == {year: observed("population")[year] for year in range(2013, 2025)}


def test_it_starts_from_the_register_of_2012_and_ends_on_1_january_2024(result):
    assert result["year"].values.tolist() == list(range(2012, 2025))
    assert float(total(result, "population")[0]) == 11_035_948


@pytest.mark.parametrize("year", range(2013, 2025))
def test_every_1_january_is_within_a_fifth_of_a_percent_of_the_register(result, year):
    projected = float(total(result, "population").sel(year=year))

    assert abs(projected / observed("population")[year] - 1) < LARGEST_GAP


def test_the_balance_of_every_year_is_that_of_statbel(result):
    series = observed("net_migration")

    np.testing.assert_allclose(total(result, "net_migrants"), [series[year] for year in YEARS], rtol=1e-12)


@pytest.mark.parametrize("sex", ["female", "male"])
def test_life_expectancy_of_every_year_is_that_of_the_united_nations(result, sex):
    series = observed("life_expectancy", sex)

    found = result["life_expectancy"].sel(sex=sex).squeeze(("region", "group"))

    np.testing.assert_allclose(found, [series[year] for year in YEARS], rtol=0, atol=1e-6)


def test_fertility_is_that_of_the_united_nations_and_from_2022_on_the_national_one(result):
    united_nations, national = observed("total_fertility"), observed("total_fertility_printed")
    expected = [(united_nations if year < 2022 else national)[year] for year in YEARS]

    np.testing.assert_allclose(result["total_fertility"].squeeze(), expected, rtol=1e-12)
    assert expected[-2:] == [1.53, 1.47]


def test_boys_per_girl_are_those_of_the_united_nations(result):
    series = observed("sex_ratio_at_birth")
    births = result["births"].sum(["region", "group"])

    ratio = births.sel(sex="male") / births.sel(sex="female")

    np.testing.assert_allclose(ratio, [series[year] for year in YEARS], rtol=1e-12)


def test_the_note_tells_the_gaps_that_are_there(scenario, result):
    births, deaths = (
        {year: float(total(result, name).sel(period=year)) - observed(name)[year] for year in YEARS}
        for name in ("births", "deaths")
    )

    assert scenario.mortality.base.years == (2009, 2011)
    assert {f"{-deaths[2020]:,.0f}", f"{deaths[2022]:,.0f}"} == {"4,361", "5,113"} <= set(scenario.note.split())
    assert f"up to {-min(births.values()):,.0f} a year" in scenario.note
