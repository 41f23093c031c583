"""Immigrants and emigrants of foreign nationality by age, as the model of the embedded data splits net migration."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data import catalogue
from sim.errors import DataError

SPANS = [(2010, 2010), (2010, 2011), (2011, 2011)]
PUBLISHED = {2010: (140_083, 55_175), 2011: (138_071, 65_951)}
OLDEST = 90
"""Age reached from which on each sex is one cell."""


def mean(values):
    return sum(values) / len(values)


def totals(span):
    """Published immigrants and emigrants, mean of the years."""
    return tuple(mean([PUBLISHED[year][flow] for year in range(span[0], span[1] + 1)]) for flow in (0, 1))


def person_years(span):
    """Mean of the foreigners of each cohort on both 1 Januaries, (sex, age reached)."""
    of_years = []
    for year in range(span[0], span[1] + 1):
        before, after = (catalogue.population("belgium", of, 120)[:, 1].sum(axis=0) for of in (year, year + 1))
        assert not before[:, 120].any()
        cohorts = after / 2
        cohorts[:, 1:] += before[:, :120] / 2
        of_years.append(cohorts)
    return mean(of_years)


def net_of_foreigners(span):
    return catalogue.migration_profile("belgium", span, 120, ("all",), ("foreign",))[0, 0]


def one_cell_of_the_oldest(values):
    return np.concatenate([values[:, :OLDEST], values[:, OLDEST:].sum(axis=1, keepdims=True)], axis=1)


def basic_schedule(age):
    """Simplified basic standard schedule of Rogers and Castro (1981), of the newborn at a third of a year."""
    exact = 1 / 3 if age == 0 else age
    since = exact - 20
    return 0.02 * math.exp(-0.1 * exact) + 0.06 * math.exp(-0.1 * since - math.exp(-0.4 * since)) + 0.003


def slow_flows(span):
    """Immigrants and emigrants, one cell after the other, from `OLDEST` on one cell of each sex."""
    net, years = one_cell_of_the_oldest(net_of_foreigners(span)), person_years(span)
    pattern = one_cell_of_the_oldest(np.array([[basic_schedule(a) * cell for a, cell in enumerate(s)] for s in years]))
    immigration, _ = totals(span)
    turnover = immigration - sum(max(cell, 0) for cell in net.flat)
    flows = np.empty((2, *net.shape))
    for cell in np.ndindex(net.shape):
        both = turnover * pattern[cell] / pattern.sum()
        flows[:, *cell] = max(net[cell], 0) + both, max(-net[cell], 0) + both
    return flows


@pytest.mark.parametrize("span", SPANS)
def test_emigrants_are_hazard_times_person_years_and_add_up_to_the_published_ones(span):
    hazard = catalogue.emigration_hazard("belgium", span, 120)

    assert hazard.shape == (2, 121)
    np.testing.assert_allclose((hazard * person_years(span)).sum(), totals(span)[1], rtol=0, atol=1e-6)


@pytest.mark.parametrize("span", SPANS)
def test_immigrants_add_up_to_the_published_ones(span):
    for open_age in (1, 60, 90, 105, 120):
        immigrants = catalogue.immigration_profile("belgium", span, open_age)

        assert immigrants.shape == (2, open_age + 1)
        assert immigrants.min() >= 0
        np.testing.assert_allclose(immigrants.sum(), totals(span)[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("span", SPANS)
def test_immigrants_minus_emigrants_are_the_net_migrants_of_every_age_below_90_and_of_those_above(span):
    emigrants = catalogue.emigration_hazard("belgium", span, 120) * person_years(span)

    difference = catalogue.immigration_profile("belgium", span, 120) - emigrants

    expected = one_cell_of_the_oldest(net_of_foreigners(span))
    np.testing.assert_allclose(one_cell_of_the_oldest(difference), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("span", SPANS)
def test_flows_are_those_of_a_loop_over_the_cells(span):
    immigrants, emigrants = slow_flows(span)

    np.testing.assert_allclose(
        one_cell_of_the_oldest(catalogue.immigration_profile("belgium", span, 120)), immigrants, rtol=0, atol=1e-9
    )
    hazard = catalogue.emigration_hazard("belgium", span, OLDEST)
    np.testing.assert_allclose(hazard, emigrants / one_cell_of_the_oldest(person_years(span)), rtol=1e-12, atol=0)


@pytest.mark.parametrize("span", SPANS)
def test_hazards_have_a_peak_at_23_a_low_point_at_15_and_are_far_below_one(span):
    hazard = catalogue.emigration_hazard("belgium", span, 105)

    assert np.isfinite(hazard).all()
    assert hazard.min() > 0
    assert hazard.max() < 0.2
    assert hazard.argmax(axis=1).tolist() == [23, 23]
    assert hazard[:, :20].argmin(axis=1).tolist() == [15, 15]


@pytest.mark.parametrize("span", SPANS)
def test_the_old_leave_at_less_than_a_third_of_the_risk_of_all(span):
    _, emigration = totals(span)

    hazard = catalogue.emigration_hazard("belgium", span, 105)

    assert hazard[:, 60:].max() < emigration / person_years(span).sum() / 3


def test_where_nobody_is_lost_on_balance_both_sexes_leave_in_proportion_to_the_schedule():
    """So at all ages below 90 of 2010 and of 2011 but one: men who reach 65 in 2011."""
    schedule = np.array([basic_schedule(age) for age in range(OLDEST)])
    for span in SPANS:
        loses = net_of_foreigners(span)[:, :OLDEST] < 0
        ratio = catalogue.emigration_hazard("belgium", span, OLDEST)[:, :OLDEST] / schedule

        assert np.argwhere(loses).tolist() == ([[1, 65]] if span == (2011, 2011) else [])
        np.testing.assert_allclose(ratio[~loses], ratio[0, 0], rtol=1e-12, atol=0)
        assert (ratio[loses] > ratio[0, 0]).all()


def test_hazards_of_the_mean_year_are_what_the_notes_of_the_data_say():
    hazard = catalogue.emigration_hazard("belgium", (2010, 2011), 105)

    expected = [0.0843, 0.0284, 0.1429, 0.0433, 0.0137]
    np.testing.assert_allclose(hazard[:, [0, 15, 23, 40, 66]], [expected] * 2, rtol=0, atol=5e-5)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SPANS), st.integers(1, 120))
def test_an_open_age_adds_up_immigrants_and_weighs_hazards_by_person_years(span, open_age):
    immigrants, hazards = (
        [ask("belgium", span, age) for age in (open_age, 120)]
        for ask in (catalogue.immigration_profile, catalogue.emigration_hazard)
    )
    years = person_years(span)[:, open_age:]

    for pooled, single in (immigrants, hazards):
        np.testing.assert_allclose(pooled[:, :open_age], single[:, :open_age], rtol=1e-14, atol=0)
    np.testing.assert_allclose(immigrants[0][:, -1], immigrants[1][:, open_age:].sum(axis=1), rtol=1e-12, atol=1e-12)
    if years.sum(axis=1).min() > 0:
        weighted = (hazards[1][:, open_age:] * years).sum(axis=1) / years.sum(axis=1)
        np.testing.assert_allclose(hazards[0][:, -1], weighted, rtol=1e-12, atol=0)


def test_from_age_90_on_each_sex_has_one_hazard_and_one_ratio_of_immigrants():
    hazard, immigrants = (
        ask("belgium", (2010, 2011), 120)[:, OLDEST:]
        for ask in (catalogue.emigration_hazard, catalogue.immigration_profile)
    )
    years = person_years((2010, 2011))[:, OLDEST:]

    np.testing.assert_array_equal(hazard, np.broadcast_to(hazard[:, :1], hazard.shape))
    ratio = immigrants.sum(axis=1, keepdims=True) / years.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(immigrants, ratio * years, rtol=1e-12, atol=0)


def test_immigrants_are_younger_than_those_who_leave():
    immigrants = catalogue.immigration_profile("belgium", (2010, 2011), 120).sum(axis=0)
    emigrants = (catalogue.emigration_hazard("belgium", (2010, 2011), 120) * person_years((2010, 2011))).sum(axis=0)

    of_immigrants, of_emigrants = ((np.arange(121) * flow).sum() / flow.sum() for flow in (immigrants, emigrants))

    assert of_immigrants < of_emigrants


@pytest.mark.parametrize("ask", [catalogue.immigration_profile, catalogue.emigration_hazard])
@pytest.mark.parametrize(
    ("years", "unknown"),
    [
        ((2009, 2012), "2009, 2012"),
        ((2011, 2012), "2012"),
        ((2007, 2010), "2007, 2008, 2009"),
        ((2017, 2017), "2017"),
    ],
)
def test_years_without_totals_are_refused_and_the_known_ones_named(ask, years, unknown):
    message = f"immigrants and emigrants of foreign nationality are not both published for {unknown}"
    with pytest.raises(DataError, match=f"^{message}; known are 2010, 2011$"):
        ask("belgium", years, 105)


@pytest.mark.parametrize("ask", [catalogue.immigration_profile, catalogue.emigration_hazard])
def test_years_that_run_backwards_are_refused(ask):
    with pytest.raises(DataError, match=r"^years 2011 to 2010 run backwards; give the first year first$"):
        ask("belgium", (2011, 2010), 105)


@pytest.mark.parametrize("ask", [catalogue.immigration_profile, catalogue.emigration_hazard])
@pytest.mark.parametrize("open_age", [0, 121])
def test_an_open_age_that_is_not_there_is_refused(ask, open_age):
    with pytest.raises(DataError, match=f"^open age {open_age} is not available; the register allows 1 to 120$"):
        ask("belgium", (2010, 2011), open_age)


@pytest.mark.parametrize("ask", [catalogue.immigration_profile, catalogue.emigration_hazard])
def test_an_unknown_dataset_is_refused(ask):
    with pytest.raises(DataError, match=r"^'belgum' is not an embedded dataset; there are: belgium$"):
        ask("belgum", (2010, 2011), 105)
