"""Results that do not fit each other are summed to what all of them tell, and never subtracted cell by cell."""

import json

import numpy as np
import pytest
import xarray as xr

from sim.analysis.align import aligned, common_years, doubts_of_area, several, unlike
from sim.errors import DataError
from sim.plots.words import left_out

FLOW = ("period", "region", "group", "sex", "age")


def random_result(name, years, ages, regions=("all",), groups=("all",), seed=1):
    """Random people and flows; of each 1 January, age, region and group others."""
    random = np.random.default_rng(seed)
    sizes = {"region": len(regions), "group": len(groups), "sex": 2, "age": len(ages)}
    stock, flow = (len(years), *sizes.values()), (len(years) - 1, *sizes.values())
    return xr.Dataset(
        {
            "population": (("year", *FLOW[1:]), random.uniform(1, 100, stock)),
            "births": (FLOW[:-1], random.uniform(1, 100, flow[:-1])),
            "deaths": (FLOW, random.uniform(1, 100, flow)),
            "net_migrants": (FLOW, random.uniform(-100, 100, flow)),
        },
        {
            "year": list(years),
            "period": list(years[:-1]),
            "region": list(regions),
            "group": list(groups),
            "sex": ["female", "male"],
            "age": list(ages),
        },
        {"name": name, "title": name.title()},
    )


SINGLE = random_result("single", range(2010, 2031), range(101))
LATER = random_result("later", range(2013, 2041), range(106), seed=2)
FIVES = random_result("fives", range(2010, 2041, 5), range(0, 90, 5), seed=3)
BRUSSELS_FIRST = random_result("one", range(2010, 2031), range(101), ("BE1", "BE2"), ("belgian", "foreign"), seed=4)
FLANDERS_FIRST = random_result("two", range(2010, 2031), range(101), ("BE2", "BE1"), ("foreign", "belgian"), seed=5)
OTHER_GROUPS = random_result("three", range(2010, 2031), range(101), ("BE1", "BE2"), ("eu", "non_eu"), seed=6)


def persons_aged(result, year, low, high):
    """People of both sexes from one age to another, added one by one."""
    return sum(
        float(result["population"].sel(year=year, region=region, group=group, sex=sex, age=age))
        for region in result["region"].values
        for group in result["group"].values
        for sex in ("female", "male")
        for age in result["age"].values
        if low <= age <= high
    )


def test_only_common_years_are_kept():
    one, other = aligned([SINGLE, LATER])

    assert common_years([SINGLE, LATER]) == list(range(2013, 2031))
    for fitted in (one, other):
        assert fitted["year"].values.tolist() == list(range(2013, 2031))
        assert fitted["period"].values.tolist() == list(range(2013, 2030))


def test_the_lower_of_two_open_ages_holds_for_both():
    one, other = aligned([SINGLE, LATER])

    assert one["age"].values.tolist() == other["age"].values.tolist() == list(range(101))
    np.testing.assert_array_equal(one["population"], SINGLE["population"].sel(year=range(2013, 2031)))
    for year in (2013, 2030):
        found = float(other["population"].sel(year=year, age=100).sum())
        assert found == pytest.approx(persons_aged(LATER, year, 100, 105), rel=1e-13)
        assert float(other["population"].sel(year=year, age=99).sum()) == pytest.approx(
            persons_aged(LATER, year, 99, 99), rel=1e-13
        )


def test_single_ages_are_summed_to_the_groups_of_the_other():
    single, fives = aligned([SINGLE, FIVES])

    assert single["age"].values.tolist() == FIVES["age"].values.tolist()
    assert single["year"].values.tolist() == [2010, 2015, 2020, 2025, 2030]
    for low, high in ((0, 4), (40, 44), (85, 100)):
        found = float(single["population"].sel(year=2025, age=low).sum())
        assert found == pytest.approx(persons_aged(SINGLE, 2025, low, high), rel=1e-13)
    np.testing.assert_array_equal(fives["population"], FIVES["population"].sel(year=[2010, 2015, 2020, 2025, 2030]))


@pytest.mark.parametrize("flow", ["births", "deaths", "net_migrants"])
def test_yearly_flows_are_summed_over_the_steps_of_the_other(flow):
    single, fives = aligned([SINGLE, FIVES])

    for first in (2010, 2025):
        expected = sum(float(SINGLE[flow].sel(period=year).sum()) for year in range(first, first + 5))
        assert float(single[flow].sel(period=first).sum()) == pytest.approx(expected, rel=1e-12, abs=1e-9)
        assert float(fives[flow].sel(period=first).sum()) == pytest.approx(float(FIVES[flow].sel(period=first).sum()))
    assert single["period"].values.tolist() == fives["period"].values.tolist() == [2010, 2015, 2020, 2025]


def test_flows_before_the_first_common_year_are_left_out():
    one, _ = aligned([SINGLE, LATER])

    assert float(one["births"].sel(period=2013).sum()) == pytest.approx(float(SINGLE["births"].sel(period=2013).sum()))
    assert float(one["births"].sum()) == pytest.approx(float(SINGLE["births"].sel(period=range(2013, 2030)).sum()))


def test_labels_in_another_order_are_those_of_the_same_name():
    one, two = aligned([BRUSSELS_FIRST, FLANDERS_FIRST])

    assert two["region"].values.tolist() == one["region"].values.tolist() == ["BE1", "BE2"]
    assert two["group"].values.tolist() == ["belgian", "foreign"]
    expected = FLANDERS_FIRST["population"].sel(region="BE1", group="foreign", year=2020, sex="male", age=40)
    found = two["population"].sel(region="BE1", group="foreign", year=2020, sex="male", age=40)
    assert float(found) == float(expected)


def test_groups_of_other_names_are_only_compared_together():
    one, three = aligned([BRUSSELS_FIRST, OTHER_GROUPS])

    for fitted, whole in ((one, BRUSSELS_FIRST), (three, OTHER_GROUPS)):
        assert fitted["group"].values.tolist() == ["all"]
        assert fitted["region"].values.tolist() == ["BE1", "BE2"]
        assert fitted["population"].dims == whole["population"].dims
        np.testing.assert_allclose(fitted["population"].isel(group=0), whole["population"].sum("group"), rtol=1e-13)
        np.testing.assert_allclose(fitted["births"].isel(group=0), whole["births"].sum("group"), rtol=1e-13)


def test_results_that_fit_stay_as_they_are():
    one, two = aligned([SINGLE, SINGLE.assign_attrs(name="again")])

    np.testing.assert_array_equal(one["population"], SINGLE["population"])
    np.testing.assert_array_equal(two["births"], SINGLE["births"])
    assert unlike([SINGLE, SINGLE]) == (False, None, None, [])
    assert left_out([SINGLE, SINGLE], ages=True, states=True) == ""


def test_missing_numbers_stay_missing():
    holes = LATER.copy(deep=True)
    holes["population"][0, 0, 0, 0, 104] = np.nan

    _, other = aligned([SINGLE, holes])

    assert np.isnan(other["population"].sel(year=2013, age=100, sex="female")).all()


def test_a_group_with_missing_numbers_is_not_left_out_of_a_sum():
    holes = OTHER_GROUPS.copy(deep=True)
    holes["population"][0, 0, 1, 0, 30] = np.nan

    _, three = aligned([BRUSSELS_FIRST, holes])

    assert np.isnan(three["population"].sel(year=2010, region="BE1", sex="female", age=30)).all()


@pytest.mark.parametrize(
    ("results", "sentences"),
    [
        ([SINGLE, LATER], ". Only 2013–2030, which all cover. Ages 100 and over together, as not all tell them apart"),
        (
            [SINGLE, FIVES],
            ". Only 2010–2030, which all cover. Ages summed to groups of 5 years"
            ". Ages 85 and over together, as not all tell them apart",
        ),
        ([BRUSSELS_FIRST, OTHER_GROUPS], ". Groups together, as they differ"),
        (
            [SINGLE, BRUSSELS_FIRST],
            ". Regions together, as they differ. Groups together, as they differ",
        ),
    ],
)
def test_what_is_left_out_is_said(results, sentences):
    assert left_out(results, ages=True, states=True) == sentences


def test_results_that_begin_at_other_ages_are_refused():
    adults = SINGLE.sel(age=range(15, 101)).assign_attrs(name="adults")

    with pytest.raises(DataError, match="begin at different ages: single 0, adults 15"):
        aligned([SINGLE, adults])


def test_results_without_a_common_year_are_refused():
    past = random_result("past", range(1990, 2000), range(101))

    with pytest.raises(DataError, match="no year is common to all results: single 2010 to 2030, past 1990 to 1999"):
        aligned([SINGLE, past])


def test_the_baseline_comes_first_and_the_others_stay_in_order():
    names = [result.attrs["name"] for result in several([SINGLE, LATER, FIVES], "fives")]

    assert names == ["fives", "single", "later"]


def test_flows_are_those_of_the_years_that_are_kept():
    later = SINGLE.sel(year=slice(2012, None))

    cut, whole = aligned([later, SINGLE])

    assert cut["period"].values.tolist() == list(range(2012, 2030))
    np.testing.assert_array_equal(cut["births"], SINGLE["births"].sel(period=slice(2012, 2029)))
    np.testing.assert_array_equal(cut["births"], whole["births"])


def test_missing_periods_are_named():
    gaps = SINGLE.sel(period=[2010, 2011, 2014])

    with pytest.raises(DataError, match="single has no flows of 2012, 2013, 2015, "):
        aligned([gaps, SINGLE])


def starting(result, dataset=None):
    """The result with a scenario that starts from a dataset, or from a table."""
    population = {"dataset": dataset} if dataset else {"table": "people.csv"}
    return result.assign_attrs(scenario=json.dumps({"population": population}))


def test_results_that_may_be_of_other_areas_are_named():
    belgium, tables = starting(SINGLE, "belgium"), starting(LATER)

    assert doubts_of_area([belgium, starting(LATER, "belgium")]) == []
    assert doubts_of_area([belgium, tables]) == [
        "populations start from different data: single from the dataset belgium, later from tables; differences hold "
        "only between people of one area"
    ]
    other = BRUSSELS_FIRST.assign_coords(region=["BE2", "BE3"]).assign_attrs(name="other")
    assert doubts_of_area([BRUSSELS_FIRST, FLANDERS_FIRST, SINGLE]) == []
    assert doubts_of_area([BRUSSELS_FIRST, other]) == [
        "regions differ: one BE1, BE2, other BE2, BE3; differences hold only between people of one area"
    ]
