"""Indicators against values worked out by hand."""

import json

import numpy as np
import pytest
import xarray as xr

from sim.analysis import indicators
from sim.errors import DataError

YEARS = [2020, 2021, 2022]
PERIODS = [2020, 2021]


@pytest.fixture
def result():
    """Five ages, two regions that share all evenly, persons of each sex and age equal in 2020."""
    women = np.array([[10, 10, 10, 10, 10], [20, 10, 10, 10, 30], [8, 0, 0, 0, 2]], dtype=float)
    stock = np.stack([women, women], axis=1)[:, None, None]
    population = np.concatenate([stock, stock], axis=1) / 2
    deaths = np.zeros((2, 2, 1, 2, 5))
    deaths[:, :, :, 0, 4] = np.array([5, 9])[:, None, None]
    moved = np.full((2, 2, 1, 2, 5), 0.25)
    flow = ("period", "region", "group", "sex", "age")
    return xr.Dataset(
        {
            "population": (("year", *flow[1:]), population),
            "births": (flow[:-1], np.full((2, 2, 1, 2), 3.0)),
            "deaths": (flow, deaths),
            "net_migrants": (flow, moved),
        },
        {
            "year": YEARS,
            "period": PERIODS,
            "region": ["north", "south"],
            "group": ["all"],
            "sex": ["female", "male"],
            "age": [0, 1, 2, 3, 4],
        },
        {"name": "tiny", "title": "A tiny one"},
    )


def five_year_steps(result):
    """The same result, with steps of five years."""
    return result.assign_coords(year=[2020, 2025, 2030], period=[2020, 2025])


def published(result, *entries):
    """The same result with published figures."""
    return result.assign_attrs(published=json.dumps(entries))


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        (indicators.population, [100, 160, 20]),
        (indicators.births, [12, 12]),
        (indicators.deaths, [10, 18]),
        (indicators.net_migration, [5, 5]),
        (indicators.natural_balance, [2, -6]),
        (indicators.growth, [60, -140]),
        (indicators.mean_age, [2.5, 2.75, 1.3]),
        (indicators.median_age, [2.5, 3.0, 0.625]),
    ],
)
def test_totals_and_ages(result, indicator, expected):
    values = indicator(result)

    np.testing.assert_allclose(values.values, expected, rtol=1e-14)
    assert values.dims in {("year",), ("period",)}
    assert values.name == indicator.__name__
    assert set(values.attrs) == {"long_name", "units"}


def test_an_age_group_ends_before_its_stop(result):
    group = indicators.age_group(result, 1, 3)

    np.testing.assert_array_equal(group.values, [40, 40, 0])
    assert group.attrs["long_name"] == "population aged 1 to 2 on 1 January"


def test_age_groups_add_up_to_the_population(result):
    parts = indicators.age_group(result, 0, 2) + indicators.age_group(result, 2)

    np.testing.assert_array_equal(parts.values, indicators.population(result).values)


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (2, 2), (3, 5), (5, None)])
def test_ages_that_are_not_there_are_an_error(result, start, stop):
    with pytest.raises(DataError, match="the ages are 0 to 3 and 4 and over"):
        indicators.age_group(result, start, stop)


def test_dependency_ratios_are_per_100_of_working_age(result):
    old = indicators.old_age_dependency(result, old=3, working=1)
    young = indicators.youth_dependency(result, old=3, working=1)

    np.testing.assert_allclose(old.values[:2], [100, 200], rtol=1e-14)
    np.testing.assert_allclose(young.values[:2], [50, 100], rtol=1e-14)
    assert old.attrs["long_name"] == "persons aged 3 and over per 100 persons aged 1 to 2"


def test_nobody_has_no_mean_and_no_median_age(result):
    empty = result * 0

    assert indicators.mean_age(empty).isnull().all()
    assert indicators.median_age(empty).isnull().all()


def test_a_median_in_the_open_age_is_not_known(result):
    old = result.copy()
    old["population"] = old["population"].where(old["age"] == 4, 0)

    assert indicators.median_age(old).isnull().all()


def test_a_part_that_was_selected_is_all_that_counts(result):
    south = result.sel(region="south")

    np.testing.assert_array_equal(indicators.population(south).values, [50, 80, 10])


@pytest.mark.parametrize("indicator", [indicators.population, indicators.deaths, indicators.median_age])
def test_scenarios_and_draws_stay(result, indicator):
    several = xr.concat([result, 2 * result], "draw", data_vars="all").expand_dims("scenario")

    values = indicator(several)

    assert values.dims[:2] == ("scenario", "draw")
    np.testing.assert_array_equal(values.values[0, 0], indicator(result).values)


def test_natural_decrease_begins_when_deaths_exceed_births(result):
    assert indicators.first_year_of_natural_decrease(result).item() == 2021


def test_natural_decrease_that_never_comes_is_nan(result):
    births = result["births"] * xr.DataArray([1, 10], dims="draw")

    years = indicators.first_year_of_natural_decrease(result.assign(births=births))

    np.testing.assert_array_equal(years.values, [2021, np.nan])


def test_gaps_are_projected_less_published(result):
    entries = published(
        result,
        {"indicator": "population", "year": 2021, "value": 150, "rounding": 5, "source": "book"},
        {"indicator": "deaths", "years": [2020, 2021], "value": 15},
        {"indicator": "first_year_of_natural_decrease", "value": 2025},
    )

    assert indicators.published_gaps(entries) == [
        ("population", "", "2021", 160, 150, 10, 5, "book"),
        ("deaths", "", "2020–2021", 14, 15, -1, None, ""),
        ("first_year_of_natural_decrease", "", "", 2021, 2025, -4, None, ""),
    ]


def test_flows_of_longer_steps_are_compared_by_the_year(result):
    entries = published(five_year_steps(result), {"indicator": "deaths", "years": [2024, 2025], "value": 2})

    (gap,) = indicators.published_gaps(entries)

    assert gap.projected == pytest.approx((10 / 5 + 18 / 5) / 2, rel=1e-14)


def test_a_year_that_is_not_projected_leaves_the_gap_open(result):
    entries = published(result, {"indicator": "births", "years": [2021, 2022], "value": 12})

    (gap,) = indicators.published_gaps(entries)

    assert np.isnan(gap.projected)
    assert np.isnan(gap.gap)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"indicator": "birth", "year": 2021, "value": 1}, "'birth'; known are population, births"),
        ({"indicator": "births", "value": 1}, "published births needs a year"),
        ({"indicator": "first_year_of_natural_decrease", "year": 1, "value": 1}, "is itself a year"),
    ],
)
def test_published_figures_that_mean_nothing_are_errors(result, entry, message):
    with pytest.raises(DataError, match=message):
        indicators.published_gaps(published(result, entry))


def test_published_figures_are_not_compared_with_several_draws(result):
    several = published(
        xr.concat([result, result], "draw", data_vars="all"),
        {"indicator": "births", "year": 2021, "value": 1},
    )

    with pytest.raises(DataError, match="2 values of 'draw'"):
        indicators.published_gaps(several)


def test_a_result_without_published_figures_has_no_gaps(result):
    assert indicators.published_gaps(result) == []
    assert indicators.published_gaps(published(result)) == []


@pytest.mark.parametrize("name", indicators.PUBLISHED_INDICATORS)
def test_all_published_indicators_can_be_evaluated(result, name):
    wide = result.reindex(age=np.arange(106), fill_value=1.0)
    wide = wide.assign(immigrants=wide["deaths"] + wide["net_migrants"], emigrants=wide["deaths"])
    year = {} if name.startswith("first_year") else {"year": 2020}

    (gap,) = indicators.published_gaps(published(wide, {"indicator": name, "value": 0, **year}))

    assert np.isfinite(gap.projected)


@pytest.fixture
def grouped(result):
    """The same persons in five age groups of five years, and the same flows in steps of five years."""
    return five_year_steps(result).assign_coords(age=[0, 5, 10, 15, 20])


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [(indicators.mean_age, [12.5, 13.75, 6.5]), (indicators.median_age, [12.5, 15.0, 3.125])],
)
def test_ages_of_groups_of_five_are_five_times_those_of_single_ages(grouped, indicator, expected):
    np.testing.assert_allclose(indicator(grouped).values, expected, rtol=1e-14)


def test_everybody_in_one_group_is_in_its_middle(grouped):
    alone = grouped.copy()
    alone["population"] = alone["population"].where(alone["age"] == 10, 0)

    np.testing.assert_allclose(indicators.mean_age(alone)[:2], 12.5, rtol=1e-14)
    np.testing.assert_allclose(indicators.median_age(alone)[:2], 12.5, rtol=1e-14)


def test_broad_groups_that_keep_groups_of_five_whole_are_sums(grouped):
    np.testing.assert_array_equal(indicators.age_group(grouped, 5, 15), [40, 40, 0])


@pytest.mark.parametrize(("start", "stop"), [(4, None), (5, 12), (18, 20), (-5, 5), (10, 10)])
def test_a_broad_group_that_cuts_a_group_names_the_edges(grouped, start, stop):
    with pytest.raises(DataError, match="age groups begin at 0, 5, 10, 15 and 20"):
        indicators.age_group(grouped, start, stop)


def test_flows_of_five_years_are_sums_and_say_so(grouped):
    np.testing.assert_array_equal(indicators.natural_balance(grouped), [2, -6])
    assert indicators.births(grouped).attrs["long_name"] == "live births in five years"
    assert indicators.first_year_of_natural_decrease(grouped).item() == 2025


def test_growth_of_a_step_is_dated_to_its_first_year(grouped):
    growth = indicators.growth(grouped)

    np.testing.assert_array_equal(growth["period"], [2020, 2025])
    np.testing.assert_array_equal(growth, [60, -140])


def test_ages_that_are_not_evenly_spaced_have_no_mean(grouped):
    with pytest.raises(DataError, match="the ages 0, 5, 20 are not evenly spaced"):
        indicators.mean_age(grouped.sel(age=[0, 5, 20]))


def test_one_age_selected_has_the_width_of_a_step(grouped):
    np.testing.assert_allclose(indicators.mean_age(grouped.sel(age=[10]))[:2], 12.5, rtol=1e-14)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"indicator": "births", "years": [2020, 2024]}, 12 / 5),
        ({"indicator": "deaths", "years": [2024, 2025]}, (10 + 18) / 2 / 5),
        ({"indicator": "growth", "year": 2027}, -140 / 5),
        ({"indicator": "population", "year": 2025}, 160),
        ({"indicator": "population", "year": 2026}, np.nan),
        ({"indicator": "mean_age", "years": [2020, 2025]}, np.nan),
    ],
)
def test_published_figures_are_yearly_and_stocks_are_known_between_steps_only(grouped, entry, expected):
    (gap,) = indicators.published_gaps(published(grouped, {**entry, "value": 0}))

    np.testing.assert_allclose(gap.projected, expected, rtol=1e-14)


@pytest.fixture
def told_apart(result):
    """Immigrants by motive and sponsor in two regions: 3 and 5 for family, 20 for work, of whom 2 and 1 by belgians."""
    by_motive = np.array([[[3.0], [5.0]], [[8.0], [12.0]]])[None].repeat(2, axis=0)
    by_sponsor = np.array([[[2.0], [1.0]]])[None].repeat(2, axis=0)
    immigrants = result["deaths"] + 1
    return result.assign(
        immigrants=immigrants,
        emigrants=immigrants - result["net_migrants"],
        immigrants_by_motive=(("period", "motive", "region", "group"), by_motive),
        immigrants_by_sponsor=(("period", "sponsor", "region", "group"), by_sponsor),
        immigrants_by_nationality=(("period", "nationality", "region", "group"), 2 * by_sponsor),
    ).assign_coords(motive=["family", "work"], sponsor=["belgian"], nationality=["EU-15"])


@pytest.mark.parametrize(
    ("entry", "of", "projected"),
    [
        ({"indicator": "population", "year": 2020, "region": "north"}, "north", 50),
        ({"indicator": "immigration", "year": 2020}, "", 20 + 5 + 5),
        ({"indicator": "immigration", "year": 2020, "motive": "family"}, "family", 8),
        ({"indicator": "immigration", "year": 2021, "region": "south", "motive": "work"}, "south, work", 12),
        ({"indicator": "immigration", "years": [2020, 2021], "sponsor": "belgian"}, "belgian", 3),
        ({"indicator": "immigration", "year": 2020, "nationality": "EU-15"}, "EU-15", 6),
        ({"indicator": "emigration", "year": 2020, "region": "north"}, "north", 5 + 10 - 2.5),
        ({"indicator": "net_migration", "year": 2020, "region": "north"}, "north", 2.5),
    ],
)
def test_published_figures_may_be_of_a_part(told_apart, entry, of, projected):
    (gap,) = indicators.published_gaps(published(told_apart, {**entry, "value": 1}))

    assert (gap.of, gap.projected) == (of, projected)


def test_a_share_of_growth_is_that_of_each_year_of_a_longer_step(grouped):
    entry = {"indicator": "migration_share_of_growth", "year": 2022, "value": 0}

    (gap,) = indicators.published_gaps(published(grouped, entry))

    assert gap.projected == float(indicators.migration_share_of_growth(grouped)[0]) == 5 / 60


def test_immigrants_of_an_unknown_motive_are_an_error_that_lists_those_there_are(told_apart):
    with pytest.raises(DataError, match="motive 'study'; there are: family, work"):
        indicators.immigration(told_apart, motive="study")
    with pytest.raises(DataError, match="sponsor 'eu'; there are: belgian"):
        indicators.immigration(told_apart, sponsor="eu")
    with pytest.raises(DataError, match="by one of motive, sponsor, nationality; given: motive, sponsor"):
        indicators.immigration(told_apart, motive="work", sponsor="belgian")


def test_a_balance_has_no_immigrants_and_emigrants(result):
    with pytest.raises(DataError, match="no immigrants in this result"):
        indicators.immigration(result)
    with pytest.raises(DataError, match="no emigrants in this result"):
        indicators.emigration(result)


@pytest.fixture
def exchanging():
    """Two regions and two groups of one sex and one age: 10 move south, 8 change from a to b."""
    flow = ("period", "region", "group", "sex", "age")
    nobody, coords = np.zeros((1, 2, 2, 1, 1)), {"region": ["north", "south"], "group": ["a", "b"]}
    flows = {name: nobody.copy() for name in ("moves_in", "moves_out", "changes_in", "changes_out")}
    deaths, moved = np.full_like(nobody, 2), np.full_like(nobody, 5)
    flows["moves_in"][0, 1, :, 0, 0] = flows["moves_out"][0, 0, :, 0, 0] = [4, 6]
    flows["changes_in"][0, :, 1, 0, 0] = flows["changes_out"][0, :, 0, 0, 0] = [7, 1]
    start = np.array([[60, 40], [300, 100]], dtype=float)[None, :, :, None, None]
    net = flows["moves_in"] - flows["moves_out"] + flows["changes_in"] - flows["changes_out"]
    population = np.concatenate([start, start + 1 - deaths + moved + net])
    variables = {"births": (flow[:-1], np.ones((1, 2, 2, 1))), "deaths": (flow, deaths), "net_migrants": (flow, moved)}
    variables |= {name: (flow, values) for name, values in flows.items()}
    coords |= {"year": [2020, 2021], "period": [2020], "sex": ["female"], "age": [0]}
    return xr.Dataset({"population": (("year", *flow[1:]), population), **variables}, coords, {"name": "exchanging"})


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, {"growth": 16}),
        ({"region": "north"}, {"moves": -10, "growth": -2}),
        ({"group": "b"}, {"changes": 8, "growth": 16}),
        ({"region": "south", "group": "a"}, {"moves": 4, "changes": -1, "growth": 7}),
    ],
)
def test_components_of_a_part_add_up_to_its_growth(exchanging, where, expected):
    parts = indicators.components(exchanging, **where)

    found = {name: parts[name].item() for name in parts}
    gains = sum(found.get(name, 0) for name in ("births", "net_migration", "moves", "changes"))
    assert set(found) == {"births", "deaths", "net_migration", *expected}
    assert {name: found[name] for name in expected} == expected
    assert gains - found["deaths"] == found["growth"]


def test_moves_and_changes_cancel_over_the_whole(exchanging):
    assert indicators.moves(exchanging).item() == 0
    assert indicators.changes(exchanging).item() == 0


def test_without_regions_there_are_no_moves(result):
    with pytest.raises(DataError, match="no moves in this result; it has: population, births"):
        indicators.moves(result)


def test_the_share_of_a_group_is_that_within_its_region(exchanging):
    share = indicators.share(exchanging, "group")

    assert share.dims == ("year", "region", "group")
    np.testing.assert_allclose(share.sel(year=2020), [[0.6, 0.4], [0.75, 0.25]], rtol=1e-14)


def test_the_share_of_a_region_is_that_within_its_group(exchanging):
    share = indicators.share(exchanging, "region").sel(year=2020)

    np.testing.assert_allclose(share.sel(group="a"), [1 / 6, 5 / 6], rtol=1e-14)
    np.testing.assert_allclose(indicators.share(exchanging, "region").sum("region"), 1, rtol=1e-14)


def test_shares_are_by_group_or_region(exchanging):
    with pytest.raises(DataError, match="no shares by 'sex'; the population is divided by: group, region"):
        indicators.share(exchanging, "sex")


def test_broad_age_groups_carry_their_limits_as_labels(result):
    groups = indicators.age_groups(result, (0, 1, 4))

    assert groups.dims == ("year", "age_group")
    assert groups["age_group"].values.tolist() == ["0", "1-3", "4+"]
    np.testing.assert_array_equal(groups, [[20, 60, 20], [40, 60, 60], [16, 0, 4]])
    np.testing.assert_array_equal(groups.sum("age_group"), indicators.population(result))


def test_broad_age_groups_of_groups_of_five_keep_them_whole(grouped):
    groups = indicators.age_groups(grouped, (0, 5, 15))

    assert groups["age_group"].values.tolist() == ["0-4", "5-14", "15+"]
    np.testing.assert_array_equal(groups.sel(year=2025), [40, 40, 80])


def test_shares_of_age_groups_are_of_all_ages(result):
    shares = indicators.age_group_shares(result, (1, 4))

    assert shares.attrs == {"long_name": "share of the age group in the population on 1 January", "units": "1"}
    np.testing.assert_allclose(shares, [[0.6, 0.2], [3 / 8, 3 / 8], [0, 0.2]], rtol=1e-14)


@pytest.mark.parametrize(
    ("limits", "message"),
    [((), "one limit or more"), ((0, 3, 2), "no age group 3 to 1; the ages are 0 to 3"), ((0, 7), "no age group 0 to")],
)
def test_limits_that_make_no_age_groups_are_errors(result, limits, message):
    with pytest.raises(DataError, match=message):
        indicators.age_groups(result, limits)


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (indicators.total_dependency, [(20 + 40) / 40, (40 + 80) / 40]),
        (indicators.ageing_index, [40 / 20, 80 / 40]),
        (indicators.support_ratio, [40 / 40 / 100, 40 / 80 / 100]),
    ],
)
def test_ratios_of_broad_age_groups(result, ratio, expected):
    values = ratio(result, old=3, working=1)

    np.testing.assert_allclose(values.values[:2], 100 * np.array(expected), rtol=1e-14)
    assert values.name == ratio.__name__


def test_where_nobody_is_old_support_has_no_limit(result):
    young = result.assign(population=result["population"].where(result["age"] < 3, 0))

    assert np.isposinf(indicators.support_ratio(young, old=3, working=1)[:2]).all()


@pytest.fixture
def more_men(result):
    """The same result with three times as many men at the ages of 3 and over."""
    more = (result["sex"] == "male") & (result["age"] >= 3)
    return result.assign(population=result["population"] * xr.where(more, 3, 1))


def test_the_sex_ratio_is_men_per_100_women(more_men):
    np.testing.assert_allclose(indicators.sex_ratio(more_men), [180, 200, 140], rtol=1e-14)


def test_the_sex_ratio_by_age_has_no_value_where_there_is_nobody(more_men):
    ratio = indicators.sex_ratio_by_age(more_men)

    assert ratio.dims == ("year", "age")
    np.testing.assert_allclose(ratio.sel(year=2020), [100, 100, 100, 300, 300], rtol=1e-14)
    np.testing.assert_array_equal(ratio.sel(year=2022).isnull(), [False, True, True, True, False])


@pytest.mark.parametrize("chosen", ["female", ["male"]])
def test_one_sex_has_no_sex_ratio(result, chosen):
    with pytest.raises(DataError, match="both female and male in the result; one of them was selected"):
        indicators.sex_ratio(result.sel(sex=chosen))


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (indicators.growth_rate, [np.log(1.6), np.log(1 / 8)]),
        (indicators.doubling_time, [np.log(2) / np.log(1.6), np.nan]),
        (indicators.crude_birth_rate, [12e3 / 130, 12e3 / 90]),
        (indicators.crude_death_rate, [10e3 / 130, 18e3 / 90]),
        (indicators.natural_increase_rate, [2e3 / 130, -6e3 / 90]),
        (indicators.net_migration_rate, [5e3 / 130, 5e3 / 90]),
        (indicators.migration_share_of_growth, [5 / 60, np.nan]),
    ],
)
def test_rates_of_growth_and_of_its_causes(result, rate, expected):
    values = rate(result)

    np.testing.assert_allclose(values, expected, rtol=1e-14)
    assert values.dims == ("period",)
    assert values.name == rate.__name__
    assert values["period"].values.tolist() == PERIODS


@pytest.mark.parametrize(
    ("rate", "divisor"),
    [
        (indicators.growth_rate, 5),
        (indicators.doubling_time, 1 / 5),
        (indicators.crude_birth_rate, 5),
        (indicators.crude_death_rate, 5),
        (indicators.natural_increase_rate, 5),
        (indicators.net_migration_rate, 5),
        (indicators.migration_share_of_growth, 1),
    ],
)
def test_rates_of_longer_steps_are_per_year(result, grouped, rate, divisor):
    np.testing.assert_allclose(rate(grouped), rate(result) / divisor, rtol=1e-14)


def test_nobody_has_no_rates(result):
    empty = result * 0

    for rate in (indicators.growth_rate, indicators.crude_death_rate, indicators.migration_share_of_growth):
        assert rate(empty).isnull().all()


def test_a_population_that_dies_out_has_no_growth_rate(result):
    ending = result.assign(population=result["population"].where(result["year"] < 2022, 0))

    np.testing.assert_array_equal(indicators.growth_rate(ending).isnull(), [False, True])


def test_a_population_that_stands_still_never_doubles(result):
    still = result.assign(population=result["population"] * 0 + 3)

    assert (indicators.growth_rate(still) == 0).all()
    assert indicators.doubling_time(still).isnull().all()
    assert indicators.migration_share_of_growth(still).isnull().all()


def test_a_stable_population_doubles_after_its_doubling_time(result):
    elapsed = xr.DataArray(np.exp2(np.arange(0, 40, 5) / 35), {"year": np.arange(2000, 2040, 5)}, ["year"])
    stable = xr.Dataset({"population": elapsed * result["population"].isel(year=0, drop=True)})
    stable = stable.assign_coords(period=stable["year"].values[:-1])

    np.testing.assert_allclose(indicators.doubling_time(stable), 35, rtol=1e-12)
    people = indicators.population(stable)
    np.testing.assert_allclose(people.sel(year=2035), 2 * people.sel(year=2000), rtol=1e-14)
