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
        ("population", "2021", 160, 150, 10, 5, "book"),
        ("deaths", "2020–2021", 14, 15, -1, None, ""),
        ("first_year_of_natural_decrease", "", 2021, 2025, -4, None, ""),
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
    year = {} if name.startswith("first_year") else {"year": 2020}

    (gap,) = indicators.published_gaps(published(wide, {"indicator": name, "value": 0, **year}))

    assert np.isfinite(gap.projected)
