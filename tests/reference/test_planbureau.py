"""The outlook of May 2013 and its neighbours, run from the shipped scenario files with nothing tuned."""

from pathlib import Path

import numpy as np
import pytest

import sim

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def outlook():
    return sim.run(SCENARIOS / "planbureau-2013.yaml")


def total(result, year):
    return float(sim.indicators.population(result).sel(year=year))


def test_the_start_is_the_register_to_the_person(outlook):
    assert total(outlook, 2012) == 11_035_948


@pytest.mark.parametrize(("year", "published"), [(2030, 12.1e6), (2060, 12.7e6)])
def test_population_lands_within_a_tenth_of_a_million_of_what_was_published(outlook, year, published):
    assert abs(total(outlook, year) - published) < 0.1e6


def test_natural_balance_turns_negative_in_the_forties(outlook):
    assert 2040 <= int(sim.indicators.first_year_of_natural_decrease(outlook)) <= 2046


def test_natural_balance_of_the_first_ten_years_is_about_20000(outlook):
    mean = float(sim.indicators.natural_balance(outlook).sel(period=slice(2013, 2022)).mean())

    assert round(mean, -4) == 20_000


def test_mean_age_of_2012_is_41(outlook):
    assert round(float(sim.indicators.mean_age(outlook).sel(year=2012)), 1) == 41.0


def test_the_balance_is_the_stated_path(outlook):
    net = sim.indicators.net_migration(outlook)

    np.testing.assert_allclose(
        net.sel(period=[2012, 2015, 2018, 2020, 2030, 2045]), [62000, 62000, 45800, 35000, 25000, 22500], rtol=1e-12
    )


def test_life_expectancy_is_half_a_year_below_the_printed_path(outlook):
    assumed = outlook["life_expectancy"].sel(period=2012, region="all", group="all")

    np.testing.assert_allclose(assumed, [83.4 + 5.7 / 49 - 0.5, 78.2 + 8.5 / 49 - 0.5], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "millions"), [("zero-migration", 10.53), ("constant-62000", 14.93), ("planbureau-2013-high", 12.82)]
)
def test_other_paths_end_where_an_earlier_program_ended(name, millions):
    """Figures of a separate calculation of the same model, printed to a hundredth of a million."""
    assert abs(total(sim.run(SCENARIOS / f"{name}.yaml"), 2060) / 1e6 - millions) < 0.015
