"""Comparisons against values worked out by hand."""

import numpy as np
import pytest
import xarray as xr

from sim.analysis.compare import compare, comparison_rows
from sim.errors import DataError


def constant_result(name, years, persons, title=""):
    """A population of so many persons of each sex and age, with one birth a sex and no migration."""
    ages = np.arange(106)
    periods = np.asarray(years[:-1])
    flow = ("period", "region", "group", "sex", "age")
    shape = (1, 1, 2, len(ages))
    return xr.Dataset(
        {
            "population": (("year", *flow[1:]), np.full((len(years), *shape), float(persons))),
            "births": (flow[:-1], np.ones((len(periods), 1, 1, 2))),
            "deaths": (flow, np.zeros((len(periods), *shape))),
            "net_migrants": (flow, np.zeros((len(periods), *shape))),
        },
        {
            "year": list(years),
            "period": periods,
            "region": ["all"],
            "group": ["all"],
            "sex": ["female", "male"],
            "age": ages,
        },
        {"name": name, "title": title},
    )


LOW = constant_result("low", range(2010, 2061), 1, "Low migration")
HIGH = constant_result("high", range(2012, 2071), 3)


def test_only_common_years_are_compared():
    comparison = compare([LOW, HIGH])

    np.testing.assert_array_equal(comparison["year"], np.arange(2012, 2061))
    np.testing.assert_array_equal(comparison["period"], np.arange(2012, 2060))
    assert comparison["population"].dims == ("scenario", "year")
    assert comparison["births"].dims == ("scenario", "period")


def test_differences_are_counted_from_the_first_result():
    comparison = compare([LOW, HIGH])

    np.testing.assert_array_equal(comparison["population_difference"].sel(scenario="low"), 0)
    np.testing.assert_array_equal(comparison["population_difference"].sel(scenario="high"), 2 * 2 * 106)
    assert comparison.attrs == {"baseline": "low", "years_told": []}


def test_differences_are_counted_from_the_baseline_asked_for():
    comparison = compare([LOW, HIGH], baseline="high")

    np.testing.assert_array_equal(comparison["population_difference"].sel(scenario="low"), -2 * 2 * 106)
    np.testing.assert_array_equal(comparison["population_difference"].sel(scenario="high"), 0)


def test_indicators_are_those_of_each_result():
    comparison = compare([LOW, HIGH])

    np.testing.assert_allclose(comparison["mean_age"], 53.0, rtol=1e-14)
    np.testing.assert_allclose(comparison["old_age_dependency"], 100 * 41 / 50, rtol=1e-14)
    np.testing.assert_array_equal(comparison["natural_balance"], 2)
    np.testing.assert_array_equal(comparison["net_migration"], 0)
    assert all("units" in comparison[name].attrs for name in comparison.data_vars)


def test_a_result_without_title_is_called_by_its_name():
    assert compare([LOW, HIGH])["title"].values.tolist() == ["Low migration", "high"]


def test_flows_are_summed_from_each_common_1_january_to_the_next():
    slow = constant_result("slow", range(2010, 2061, 5), 2)

    comparison = compare([LOW, slow])

    np.testing.assert_array_equal(comparison["year"], np.arange(2010, 2061, 5))
    np.testing.assert_array_equal(comparison["period"], np.arange(2010, 2056, 5))
    np.testing.assert_array_equal(comparison["births"].sel(scenario="low"), 5 * 2)
    np.testing.assert_array_equal(comparison["births"].sel(scenario="slow"), 2)
    assert comparison["births"].attrs["long_name"] == "live births in five years"


@pytest.mark.parametrize(
    ("results", "baseline", "message"),
    [
        ([], None, "no result"),
        ([LOW, LOW], None, "share the name low"),
        ([LOW, HIGH], "medium", "no baseline 'medium' among the results; they are low, high"),
        ([LOW, constant_result("past", range(1990, 2000), 1)], None, "low 2010 to 2060, past 1990 to 1999"),
        ([xr.concat([LOW, LOW], "draw", data_vars="all")], None, "2 values of 'draw'"),
    ],
)
def test_what_cannot_be_compared_is_an_error(results, baseline, message):
    with pytest.raises(DataError, match=message):
        compare(results, baseline)


def test_rows_cover_the_first_year_round_years_and_the_last():
    rows = comparison_rows(compare([LOW, HIGH]))

    assert [row.year for row in rows if row.scenario == "low"] == [2012, 2030, 2050, 2060]
    assert [row.scenario for row in rows] == 4 * ["low"] + 4 * ["high"]
    assert rows[-1] == ("high", "high", 2060, 6 * 106, 4 * 106, 53.0, 82.0)


def test_rows_of_a_short_comparison_cover_every_decade():
    short = compare([constant_result("short", range(2015, 2036), 1)])

    assert [row.year for row in comparison_rows(short)] == [2015, 2020, 2030, 2035]


def test_rows_can_be_asked_for_by_year():
    assert [row.year for row in comparison_rows(compare([LOW]), [2040])] == [2040]

    with pytest.raises(DataError, match="no year 2090 in the comparison; it covers 2010 to 2060"):
        comparison_rows(compare([LOW]), [2040, 2090])


def in_fives(name, persons):
    """A constant result by age groups of five years, in steps of five years from 1993."""
    return constant_result(name, range(1993, 2054, 5), persons).sel(age=slice(0, 85, 5))


def test_results_in_steps_of_five_years_are_compared_with_each_other():
    comparison = compare([in_fives("low", 1), in_fives("high", 3)])

    np.testing.assert_array_equal(comparison["period"], np.arange(1993, 2053, 5))
    np.testing.assert_array_equal(comparison["births"], 2)
    np.testing.assert_allclose(comparison["mean_age"], 45.0, rtol=1e-14)
    np.testing.assert_allclose(comparison["old_age_dependency"], 100 * 5 / 10, rtol=1e-14)
    assert comparison["births"].attrs["long_name"] == "live births in five years"


def test_rows_of_five_year_steps_take_the_first_years_after_round_ones():
    rows = comparison_rows(compare([in_fives("low", 1)]))

    assert [row.year for row in rows] == [1993, 2013, 2033, 2053]


def test_age_groups_that_would_have_to_be_cut_leave_out_the_old_age_dependency():
    tens = constant_result("tens", range(1990, 2051, 10), 1).sel(age=slice(0, 80, 10))

    comparison = compare([tens])

    assert "old_age_dependency" not in comparison
    assert np.isnan(comparison_rows(comparison)[0].old_age_dependency)
