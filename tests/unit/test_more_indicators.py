"""Prospective old age, people times profiles by age, and what must hold between indicators of a real run."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import sim
from sim.analysis import indicators
from sim.errors import DataError

SCENARIOS = Path(__file__).parents[2] / "scenarios"
YEARS = [2020, 2021, 2022]
REGIONS, SEXES = ["north", "south"], ["female", "male"]


def result_of(population, ages, years=YEARS):
    """A result of two regions and one group, with a population of (year, region, group, sex, age)."""
    dimensions = ("year", "region", "group", "sex", "age")
    coords = {"year": years, "period": years[:-1], "region": REGIONS, "group": ["all"], "sex": SEXES, "age": ages}
    return xr.Dataset({"population": (dimensions, population)}, coords, {"name": "tiny"})


def with_remaining(result, remaining):
    """The same result with remaining life expectancies that broadcast to (period, region, group, sex, age)."""
    population = result["population"]
    shape = (population.sizes["year"] - 1, *population.shape[1:])
    values = np.broadcast_to(np.asarray(remaining, dtype=float), shape)
    return result.assign(remaining_life_expectancy=(("period", *population.dims[1:]), values))


@pytest.fixture
def counted():
    """Single ages 0 to 100 and three 1 Januaries; every cell another number of persons."""
    cells = np.arange(3 * 2 * 2 * 101, dtype=float).reshape(3, 2, 1, 2, 101)
    return result_of(1000 + cells % 97 + cells / 7, np.arange(101))


# Prospective old age


@pytest.mark.parametrize("remaining", [15, 12.25])
def test_where_a_year_of_age_takes_a_year_of_life_the_threshold_is_at_once_known(counted, remaining):
    result = with_remaining(counted, 80.5 - np.arange(101))

    threshold = indicators.prospective_old_age(result, remaining=remaining)

    assert threshold.dims == ("year", "region", "group", "sex")
    assert threshold.attrs["units"] == "year"
    assert threshold["year"].values.tolist() == YEARS[:-1]
    np.testing.assert_allclose(threshold, 80.5 - remaining, rtol=1e-14)


def test_a_threshold_of_65_gives_the_dependency_on_those_of_65_and_over(counted):
    result = with_remaining(counted, 80 - np.arange(101))

    found = indicators.prospective_old_age_dependency(result)

    expected = indicators.old_age_dependency(result, old=65, working=20).sel(year=YEARS[:-1])
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_allclose(
        indicators.prospective_old_age_share(result),
        (indicators.age_group(result, 65) / indicators.population(result)).sel(year=YEARS[:-1]),
        rtol=1e-14,
    )


def test_a_threshold_within_an_age_divides_its_people(counted):
    result = with_remaining(counted, 80.25 - np.arange(101))

    people = counted["population"].sum(["region", "group", "sex"]).sel(year=YEARS[:-1])
    old = 0.75 * people.sel(age=65) + people.sel(age=slice(66, None)).sum("age")
    adults = people.sel(age=slice(20, None)).sum("age")
    np.testing.assert_allclose(
        indicators.prospective_old_age_dependency(result), 100 * old / (adults - old), rtol=1e-13
    )
    np.testing.assert_allclose(indicators.prospective_old_age_share(result), old / people.sum("age"), rtol=1e-13)


def test_every_year_region_and_sex_has_the_threshold_of_its_own_table(counted):
    longest = 75 + np.arange(8.0).reshape(2, 2, 1, 2, 1)
    result = with_remaining(counted, longest - np.arange(101))

    threshold = indicators.prospective_old_age(result)
    share = indicators.prospective_old_age_share(result)

    np.testing.assert_allclose(threshold, longest[..., 0] - 15, rtol=1e-14)
    population = counted["population"].values
    for year in range(2):
        old = sum(
            population[year, region, 0, sex, 60 + 4 * year + 2 * region + sex :].sum()
            for region in range(2)
            for sex in range(2)
        )
        assert share.values[year] == pytest.approx(old / population[year].sum(), rel=1e-13)


def test_after_infant_deaths_the_last_age_with_so_many_years_left_counts(counted):
    remaining = 80.0 - np.arange(101)
    remaining[0] = 70

    threshold = indicators.prospective_old_age(with_remaining(counted, remaining), remaining=75)

    np.testing.assert_allclose(threshold, 5, rtol=1e-14)


@pytest.mark.parametrize("remaining", [80.5, 90, 0.5])
def test_a_threshold_before_birth_or_in_the_open_age_is_not_known(counted, remaining):
    result = with_remaining(counted, np.maximum(80.0 - np.arange(101), 1))

    assert indicators.prospective_old_age(result, remaining=remaining).isnull().all()
    assert indicators.prospective_old_age_share(result, remaining=remaining).isnull().all()
    assert indicators.prospective_old_age_dependency(result, remaining=remaining).isnull().all()


def test_groups_of_five_years_are_divided_evenly():
    population = np.ones((3, 2, 1, 2, 5)) * [1, 2, 3, 4, 5]
    result = with_remaining(result_of(population, [0, 5, 10, 15, 20], [2020, 2025, 2030]), [30, 26, 20, 10, 5])

    threshold = indicators.prospective_old_age(result, remaining=17)

    np.testing.assert_allclose(threshold, 10 + 5 * 3 / 10, rtol=1e-14)
    assert threshold["year"].values.tolist() == [2020, 2025]
    dependency = indicators.prospective_old_age_dependency(result, remaining=17, working=5)
    np.testing.assert_allclose(dependency, 100 * (3 * 0.7 + 9) / (2 + 3 * 0.3), rtol=1e-13)


def slow_threshold(remaining, wanted):
    """Exact age at which a table of single ages falls to some years, searched for from the oldest age."""
    for age in range(len(remaining) - 2, -1, -1):
        if remaining[age] >= wanted:
            return age + (remaining[age] - wanted) / (remaining[age] - remaining[age + 1])
    return np.nan


@settings(max_examples=40)
@given(arrays(float, (2, 2, 1, 2, 12), elements=st.floats(0.5, 40)), st.floats(1, 39))
def test_the_threshold_is_that_of_a_slow_search(steps, wanted):
    tables = np.cumsum(steps[..., ::-1], axis=-1)[..., ::-1]
    result = with_remaining(result_of(np.ones((3, 2, 1, 2, 12)), np.arange(12)), tables)

    found = indicators.prospective_old_age(result, remaining=wanted).values

    expected = [slow_threshold(table, wanted) for table in tables.reshape(-1, 12)]
    known = tables[..., -1].ravel() < wanted
    np.testing.assert_allclose(found.ravel(), np.where(known, expected, np.nan), rtol=1e-12)


def test_one_year_selected_is_that_year(counted):
    result = with_remaining(counted, 80.25 - np.arange(101))

    for indicator in (indicators.prospective_old_age, indicators.prospective_old_age_dependency):
        np.testing.assert_array_equal(indicator(result.sel(year=2021)), indicator(result).sel(year=2021))
        np.testing.assert_array_equal(indicator(result.sel(year=[2021, 2022])), indicator(result).sel(year=[2021]))


def test_the_last_1_january_has_no_life_table(counted):
    result = with_remaining(counted, 80.25 - np.arange(101))

    with pytest.raises(DataError, match="no life table begins with 2022"):
        indicators.prospective_old_age_share(result.sel(year=2022))


def test_older_results_have_no_prospective_old_age(counted):
    with pytest.raises(DataError, match="no remaining_life_expectancy in this result"):
        indicators.prospective_old_age(counted)


@pytest.mark.parametrize("remaining", [0, -1, np.nan, np.inf])
def test_thresholds_are_finite_and_above_zero(counted, remaining):
    with pytest.raises(DataError, match="remaining years are no threshold; allowed are finite numbers above 0"):
        indicators.prospective_old_age(with_remaining(counted, 80 - np.arange(101)), remaining=remaining)


def test_adults_begin_with_an_age_of_the_result(counted):
    fives = with_remaining(counted.isel(age=slice(None, None, 5)), 80 - np.arange(0, 101, 5))

    with pytest.raises(DataError, match="no age group begins at 18; age groups begin at 0, 5"):
        indicators.prospective_old_age_dependency(fives, working=18)


# People times rates and amounts


def rates_of(ages, values):
    """Rates by age."""
    return xr.DataArray(np.asarray(values, dtype=float), {"age": list(ages)}, ["age"])


def test_a_rate_of_an_age_group_holds_for_all_its_ages(counted):
    found = indicators.labour_force(counted, rates_of([0, 15, 25, 65], [0, 0.25, 0.75, 0.125]))

    groups = indicators.age_groups(counted, (0, 15, 25, 65)).values
    np.testing.assert_allclose(found, groups @ [0, 0.25, 0.75, 0.125], rtol=1e-13)
    assert found.dims == ("year",)
    assert found.name == "labour_force"


def test_rates_by_single_age_are_those_of_each_age(counted):
    rates = np.linspace(0, 1, 101)

    found = indicators.labour_force(counted, rates_of(range(101), rates))

    by_age = counted["population"].sum(["region", "group", "sex"]).values
    np.testing.assert_allclose(found, by_age @ rates, rtol=1e-13)


def test_rates_may_differ_by_all_that_divides_the_population(counted):
    shape = {"year": YEARS, "region": REGIONS, "group": ["all"], "sex": SEXES, "age": [0, 20, 60]}
    values = np.arange(36).reshape(3, 2, 1, 2, 3) / 36
    rates = xr.DataArray(values, shape, list(shape))

    found = indicators.labour_force(counted, rates)

    each = np.repeat(values, [20, 40, 41], axis=-1)
    np.testing.assert_allclose(found, (counted["population"].values * each).sum((1, 2, 3, 4)), rtol=1e-13)
    backwards = rates.transpose().isel(region=[1, 0], sex=[1, 0], year=[2, 0, 1])
    np.testing.assert_allclose(indicators.labour_force(counted, backwards), found, rtol=1e-13)


def test_rates_of_a_period_go_with_the_1_january_that_begins_it(counted):
    rates = xr.DataArray([0.5, 0.25], {"period": YEARS[:-1]}, ["period"])

    found = indicators.labour_force(counted, rates)

    assert found["year"].values.tolist() == YEARS[:-1]
    np.testing.assert_allclose(found, indicators.population(counted)[:-1] * [0.5, 0.25], rtol=1e-14)


def test_rates_of_more_years_than_the_result_has_are_fine(counted):
    rates = xr.DataArray([0.1, 0.2, 0.3, 0.4, 0.5], {"year": [2019, *YEARS, 2023]}, ["year"])

    found = indicators.labour_force(counted, rates)

    np.testing.assert_allclose(found, indicators.population(counted) * [0.2, 0.3, 0.4], rtol=1e-14)


def test_a_series_is_as_good_as_an_array(counted):
    index = pd.MultiIndex.from_product([["male", "female"], [0, 20, 65]], names=["sex", "age"])
    series = pd.Series([0, 0.8, 0.1, 0, 0.6, 0.05], index)

    found = indicators.labour_force(counted, series)

    men, women = (indicators.age_groups(counted.sel(sex=sex), (0, 20, 65)).values for sex in ("male", "female"))
    np.testing.assert_allclose(found, men @ [0, 0.8, 0.1] + women @ [0, 0.6, 0.05], rtol=1e-13)
    np.testing.assert_array_equal(indicators.labour_force(counted, xr.DataArray.from_series(series)), found)


def test_rates_fit_groups_of_five_years():
    population = np.ones((3, 2, 1, 2, 5)) * [1, 2, 3, 4, 5]
    result = result_of(population, [0, 5, 10, 15, 20], [2020, 2025, 2030])

    np.testing.assert_allclose(indicators.labour_force(result, rates_of([0, 15], [0, 1])), 4 * 9, rtol=1e-14)
    with pytest.raises(DataError, match="age 1, which begins no age group; age groups begin at 0, 5, 10, 15 and 20"):
        indicators.labour_force(result, rates_of([0, 1], [0, 1]))


def test_values_left_from_a_selection_do_not_matter(counted):
    rates = rates_of([0, 20], [0, 0.5]).assign_coords(year=1999, region="elsewhere", source="a survey")

    expected = indicators.labour_force(counted, rates_of([0, 20], [0, 0.5]))
    xr.testing.assert_identical(indicators.labour_force(counted, rates), expected)


def by(dimension, labels, values=None):
    """Rates of one half, or others, by one dimension."""
    return xr.DataArray(np.full(len(labels), 0.5) if values is None else values, {dimension: labels}, [dimension])


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (rates_of([0, 15], [0, 1.5]), "participation rates hold 1.5 at age 15; allowed are 0 to 1"),
        (rates_of([0, 15], [-0.1, 1]), "hold -0.1 at age 0; allowed are 0 to 1"),
        (rates_of([0, 15], [0, np.nan]), "hold nan at age 15"),
        (xr.DataArray(2.0), "hold 2; allowed are 0 to 1"),
        (rates_of([15, 65], [1, 0]), "begin at age 15; younger ages need a value too, if only zero, from 0 on"),
        (
            rates_of([0, 15, 120], [0, 1, 0]),
            "have the age 120, which begins no age group; the ages are 0 to 99",
        ),
        (rates_of(range(65), np.zeros(65)), "of single ages end at 64; they must go up to the open age 100"),
        (rates_of([15, 0], [0, 1]), "have the ages 15, 0; allowed are first ages of groups that rise"),
        (by("age", ["0-14", "15+"]), "have the ages 0-14, 15\\+; allowed are first ages"),
        (by("age", [0, 0]), "need a label for each age, each of them once"),
        (xr.DataArray([0.5, 0.5], dims="sex"), "need a label for each sex"),
        (by("region", ["north"]), "have nothing for region 'south'; the population has north, south"),
        (by("region", ["north", "south", "east"]), "have region 'east'; the population has north, south"),
        (by("sex", ["female", "men"]), "have nothing for sex 'male'"),
        (by("year", [2020, 2021]), "have nothing for year '2022'; the population has 2020, 2021, 2022"),
        (by("period", [2021, 2022]), "have nothing for year '2020'; the population has 2020, 2021$"),
        (by("motive", ["work"]), "are by 'motive'; the population is by year, region, group, sex, age"),
        (pd.Series([0.0, 0.5], [0, 15]), "are by 'index'"),
        (pd.Series([0.0, 0.5], pd.Index([15, 15], name="age")), "have two values for 15"),
        ({0: 0.5}, "participation rates are a dict; allowed are a DataArray or a pandas Series"),
    ],
)
def test_rates_that_do_not_fit_are_errors(counted, rates, message):
    with pytest.raises(DataError, match=message):
        indicators.labour_force(counted, rates)


def test_rates_by_sex_do_not_fit_one_sex(counted):
    with pytest.raises(DataError, match="are by 'sex'; the population is by year, region, group, age"):
        indicators.labour_force(counted.sel(sex="male"), by("sex", SEXES))


def test_rates_by_year_do_not_fit_one_year_nor_go_with_periods(counted):
    periods, years = by("period", YEARS[:-1]), by("year", YEARS)

    for rates, result in ((periods, counted.sel(year=2020)), (periods * years, counted)):
        with pytest.raises(DataError, match="are by 'period'; the population is by"):
            indicators.labour_force(result, rates)


@pytest.mark.parametrize("amount", [np.inf, np.nan])
def test_amounts_are_finite(counted, amount):
    with pytest.raises(DataError, match=r"amounts per person hold .* at age 0; allowed are finite numbers"):
        indicators.age_profile_aggregate(counted, rates_of([0, 15], [amount, 1]))


def test_an_aggregate_is_in_the_unit_of_its_amounts_which_may_be_negative(counted):
    profile = rates_of([0, 65], [-1000, 2500]).assign_attrs(units="EUR")

    found = indicators.age_profile_aggregate(counted, profile)

    groups = indicators.age_groups(counted, (0, 65)).values
    np.testing.assert_allclose(found, groups @ [-1000, 2500], rtol=1e-13)
    assert found.attrs["units"] == "EUR"


def test_one_per_person_is_the_population(counted):
    found = indicators.age_profile_aggregate(counted, xr.DataArray(1.0))

    np.testing.assert_allclose(found, indicators.population(counted), rtol=1e-14)


def test_the_structure_of_a_population_that_only_grows_has_no_effect(counted):
    shares = counted["population"].isel(year=0, drop=True)
    growing = counted.assign(population=xr.DataArray([1, 3, 7], {"year": YEARS}, ["year"]) * shares)

    effect = indicators.age_structure_effect(growing, rates_of([0, 65], [1, 5]), 2021)

    np.testing.assert_allclose(effect, 100, rtol=1e-13)


def test_the_cost_of_ageing_is_that_of_the_amounts_of_the_base_year():
    population = np.zeros((3, 2, 1, 2, 2))
    population[..., 0], population[..., 1] = np.array([[3, 2, 2], [1, 2, 4]])[..., None, None, None]
    result = result_of(population, [0, 65])
    constant = rates_of([0, 65], [1, 5])
    other = rates_of([0, 65], [7, 1])
    yearly = xr.concat([other, constant, other], "year").assign_coords(year=YEARS)

    for profile in (constant, yearly, yearly.isel(year=[0, 1]).rename(year="period")):
        effect = indicators.age_structure_effect(result, profile, 2021)
        np.testing.assert_allclose(effect, 100 * np.array([8 / 4, 12 / 4, 22 / 6]) / 3, rtol=1e-13)
        assert effect.name == "age_structure_effect"
        assert effect.attrs["long_name"].endswith("(2021 = 100)")


def test_the_base_year_needs_amounts(counted):
    with pytest.raises(DataError, match="amounts per person have nothing for 2022"):
        indicators.age_structure_effect(counted, by("period", YEARS[:-1]), 2022)


def test_an_index_is_percent_of_the_base_year():
    dimensions = {"scenario": ["low", "high"], "period": YEARS}
    values = xr.DataArray([[1.0, 2, 4], [10, 5, 0]], dimensions, ["scenario", "period"], name="deaths")

    found = indicators.index(values.assign_attrs(long_name="deaths in a year", units="1"), 2021)

    np.testing.assert_allclose(found, [[50, 100, 200], [200, 100, 0]], rtol=1e-14)
    assert found.dims == ("scenario", "period")
    assert found.name == "deaths"
    assert found.attrs == {"long_name": "deaths in a year (2021 = 100)", "units": "percent"}


def test_an_index_needs_its_base_year_and_years_at_all(counted):
    people = indicators.population(counted)

    with pytest.raises(DataError, match="no value of the base year 2011; there are 2020 to 2022"):
        indicators.index(people, 2011)
    with pytest.raises(DataError, match="values by year or period; these are by nothing"):
        indicators.index(people.sel(year=2020), 2020)


# A run


@pytest.fixture(scope="module")
def outlook():
    """The outlook of 2013, with tables by Gompertz's law of mortality that falls by the year."""
    return with_gompertz(sim.run(SCENARIOS / "planbureau-2013.yaml"))


@pytest.fixture(scope="module")
def sensitivity():
    """Nine variants of the outlook, each with tables of its own."""
    result = sim.run(SCENARIOS / "planbureau-2013-sensitivity.yaml")
    longer = xr.DataArray(np.arange(9) / 2, {"scenario": result["scenario"].values}, ["scenario"])
    return with_gompertz(result, longer)


def with_gompertz(result, longer=0):
    """The same result with remaining life expectancy under a hazard of exp(0.1 (x - mode)) / 10."""
    mode = longer + 85 + 0.1 * (result["period"] - 2012) + xr.DataArray([2, -2], {"sex": SEXES}, ["sex"])
    after = xr.DataArray(np.arange(0.05, 60, 0.1), dims="after")
    alive = np.exp(-np.exp(0.1 * (result["age"] - mode)) * np.expm1(0.1 * after))
    remaining = 0.1 * alive.sum("after").expand_dims(region=result["region"], group=result["group"])
    return result.assign(remaining_life_expectancy=remaining.transpose(..., "period", "region", "group", "sex", "age"))


def test_shares_of_broad_age_groups_sum_to_one(outlook):
    np.testing.assert_allclose(indicators.age_group_shares(outlook).sum("age_group"), 1, rtol=1e-13)
    np.testing.assert_allclose(
        indicators.age_groups(outlook).sum("age_group"), indicators.population(outlook), rtol=1e-13
    )


def test_dependency_ratios_hang_together(outlook):
    young, old, total, support, ageing = (
        getattr(indicators, name)(outlook).values
        for name in ("youth_dependency", "old_age_dependency", "total_dependency", "support_ratio", "ageing_index")
    )

    np.testing.assert_allclose(total, young + old, rtol=1e-13)
    np.testing.assert_allclose(support * old, 100, rtol=1e-13)
    np.testing.assert_allclose(ageing, 100 * old / young, rtol=1e-13)
    shares = indicators.age_group_shares(outlook).sel(age_group="15-64").values
    np.testing.assert_allclose(total, 100 * (1 / shares - 1), rtol=1e-13)


def test_crude_rates_add_up_to_growth(outlook):
    natural, net = indicators.natural_increase_rate(outlook), indicators.net_migration_rate(outlook)
    born, dead = indicators.crude_birth_rate(outlook), indicators.crude_death_rate(outlook)
    rate = indicators.growth_rate(outlook)

    np.testing.assert_allclose(natural, born - dead, atol=1e-12)
    # growth over the mean of both ends is 2 tanh(r / 2)
    np.testing.assert_allclose((natural + net) / 1000, 2 * np.tanh(rate / 2), atol=1e-13)


def test_the_growth_rate_compounds_to_the_growth_of_all_years(outlook):
    people = indicators.population(outlook)

    total = np.exp(indicators.growth_rate(outlook).sum())
    np.testing.assert_allclose(total, people[-1] / people[0], rtol=1e-13)


def test_migration_and_natural_balance_share_the_growth(outlook):
    share = indicators.migration_share_of_growth(outlook)

    rest = indicators.natural_balance(outlook) / indicators.growth(outlook)
    np.testing.assert_allclose(share + rest, 1, rtol=1e-9)
    assert 0.70 < share.sel(period=2012) < 0.75


def test_prospective_old_age_rises_and_that_of_men_is_lower(outlook):
    threshold = indicators.prospective_old_age(outlook)

    assert (threshold.diff("year") > 0).all()
    assert (threshold.sel(sex="male") < threshold.sel(sex="female")).all()
    # under Gompertz's law, a shift of the mode shifts the threshold by as much, but for the error of the line
    np.testing.assert_allclose(threshold.diff("year"), 0.1, atol=2e-3)
    prospective = indicators.prospective_old_age_dependency(outlook)
    fixed = indicators.old_age_dependency(outlook, working=20)
    assert prospective[-1] / prospective[0] < fixed.sel(year=2059) / fixed.sel(year=2012)


SWEPT = [
    indicators.age_groups,
    indicators.age_group_shares,
    indicators.total_dependency,
    indicators.support_ratio,
    indicators.ageing_index,
    indicators.sex_ratio,
    indicators.sex_ratio_by_age,
    indicators.growth_rate,
    indicators.doubling_time,
    indicators.crude_birth_rate,
    indicators.crude_death_rate,
    indicators.natural_increase_rate,
    indicators.net_migration_rate,
    indicators.migration_share_of_growth,
    indicators.prospective_old_age,
    indicators.prospective_old_age_share,
    indicators.prospective_old_age_dependency,
    lambda result: indicators.labour_force(result, rates_of([0, 20, 65], [0, 0.75, 0.05])),
    lambda result: indicators.age_profile_aggregate(result, rates_of([0, 20, 65], [9, 2, 16])),
    lambda result: indicators.age_structure_effect(result, rates_of([0, 20, 65], [9, 2, 16]), 2020),
]


@pytest.mark.parametrize("indicator", SWEPT)
def test_each_variant_of_a_sweep_has_the_value_it_has_alone(sensitivity, indicator):
    values = indicator(sensitivity)

    assert values.dims[0] == "scenario"
    assert set(values.attrs) == {"long_name", "units"}
    for variant in (0, 8):
        alone = indicator(sensitivity.isel(scenario=variant, drop=True))
        np.testing.assert_allclose(values.isel(scenario=variant), alone, rtol=1e-12)


def test_a_profile_may_differ_by_variant(sensitivity):
    rates = xr.DataArray(np.arange(9) / 10, {"scenario": sensitivity["scenario"].values}, ["scenario"])

    found = indicators.labour_force(sensitivity, rates)

    np.testing.assert_allclose(found, indicators.population(sensitivity) * rates, rtol=1e-13)
