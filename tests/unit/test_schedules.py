import importlib
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data import catalogue, store
from sim.demography.schedules import (
    FAMILIES,
    FUNDAMENTAL_PARAMETERS,
    fit_rogers_castro,
    net_migrants,
    rogers_castro,
    split_net,
)

AGES = np.arange(106.0)
FLORIDA = {
    "a1": 0.09,
    "alpha1": 0.1,
    "a2": 0.2,
    "alpha2": 0.1,
    "mu2": 21.0,
    "lambda2": 0.4,
    "a3": 0.02,
    "alpha3": 0.25,
    "mu3": 67.0,
    "lambda3": 0.6,
    "a4": 0.01,
    "lambda4": 0.01,
    "c": 0.01,
}
"""Thirteen parameters in the vignette of the R package rcbayes."""
YOUNG_ENTRY = {
    "a1": 0.0215,
    "alpha1": 0.105,
    "a2": 0.0691,
    "alpha2": 0.112,
    "mu2": 16.09,
    "lambda2": 0.391,
    "c": 0.0028,
}
"""United Nations (1992), young labour force entry, men, as the R package migest prints it."""


def of_family(number, parameters=FLORIDA):
    return {name: parameters[name] for name in FAMILIES[number]}


def by_hand(x, p):
    value = p["a1"] * math.exp(-p["alpha1"] * x) + p["c"]
    for k in "23":
        if f"a{k}" in p:
            y = x - p[f"mu{k}"]
            value += p[f"a{k}"] * math.exp(-p[f"alpha{k}"] * y - math.exp(-p[f"lambda{k}"] * y))
    return value + (p["a4"] * math.exp(p["lambda4"] * x) if "a4" in p else 0)


def only(**parameters):
    """A seven-parameter schedule of which everything else is zero."""
    return {**dict.fromkeys(FAMILIES[7], 0.0), **parameters}


@pytest.mark.parametrize("number", [7, 9, 11, 13])
def test_a_family_has_as_many_names_as_its_number(number):
    assert len(set(FAMILIES[number])) == number


@pytest.mark.parametrize("number", [7, 9, 11, 13])
def test_a_schedule_is_the_formula_at_each_age(number):
    parameters = of_family(number)
    assert rogers_castro(AGES, **parameters) == pytest.approx([by_hand(x, parameters) for x in AGES], rel=1e-14)


def test_parameters_of_any_shape_broadcast():
    peaks, heights = np.array([18.0, 20.0, 25.0]), np.array([[0.02], [0.05]])
    curves = rogers_castro(AGES, **{**FLORIDA, "mu2": peaks, "a1": heights})
    assert curves.shape == (2, 3, 106)
    one = rogers_castro(AGES, **{**FLORIDA, "mu2": 25.0, "a1": 0.05})
    assert np.array_equal(curves[1, 2], one)


def test_a_level_by_row_broadcasts_too():
    curves = rogers_castro(AGES, **{**FLORIDA, "c": np.array([0.0, 1.0])})
    assert np.diff(curves, axis=0) == pytest.approx(np.ones((1, 106)), rel=1e-14)


def test_the_working_age_curve_peaks_where_its_slope_is_zero():
    # y = ln(lambda / alpha) / lambda above mu, of height a (alpha / lambda)^(alpha / lambda) exp(-alpha / lambda)
    height, ratio = FUNDAMENTAL_PARAMETERS["a2"], 0.1 / 0.4
    working = only(**{name: FUNDAMENTAL_PARAMETERS[name] for name in ("a2", "mu2", "alpha2", "lambda2")})
    age = 20 + math.log(4) / 0.4
    peak = rogers_castro([age], **working)[0]
    assert peak == pytest.approx(height * ratio**ratio * math.exp(-ratio), rel=1e-14)
    assert rogers_castro([age - 1e-3, age + 1e-3], **working).max() < peak


def test_the_working_age_curve_has_the_area_of_a_gamma_integral():
    # the integral over all ages is a2 / lambda2 times the gamma function of alpha2 / lambda2
    fine = np.arange(-60, 700, 0.01)
    curve = rogers_castro(fine, **only(a2=0.06, mu2=20.0, alpha2=0.1, lambda2=0.4))
    assert curve.sum() * 0.01 == pytest.approx(0.06 / 0.4 * math.gamma(0.25), rel=1e-9)


def test_the_fundamental_schedule_has_its_low_point_in_the_teens_and_its_peak_at_23():
    curve = rogers_castro(AGES, **FUNDAMENTAL_PARAMETERS)
    assert curve[:86].sum() == pytest.approx(1, abs=0.02)
    assert curve[:20].argmin() == 15
    assert curve.argmax() == 23


def test_earlier_entry_into_the_labour_force_means_an_earlier_peak():
    assert rogers_castro(AGES, **YOUNG_ENTRY).argmax() == 19
    assert rogers_castro(AGES[:86], **YOUNG_ENTRY).sum() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("number", [7, 9, 11, 13])
def test_a_fit_recovers_a_curve_of_its_own_family(number):
    curve = rogers_castro(AGES, **of_family(number))
    fit = fit_rogers_castro(curve, AGES, number)
    assert fit.fitted == pytest.approx(curve, rel=1e-9)
    assert fit.residual == pytest.approx(curve - fit.fitted, abs=1e-12)
    assert fit.r_squared == pytest.approx(1, abs=1e-12)


@settings(max_examples=6, deadline=None)
@given(
    number=st.sampled_from([7, 9, 11]),
    factors=st.lists(st.floats(0.8, 1.25), min_size=13, max_size=13),
    unit=st.sampled_from([1e-3, 1.0, 1e5]),
)
def test_a_fit_recovers_curves_of_many_shapes_and_units(number, factors, unit):
    changed = {name: value * factor for (name, value), factor in zip(FLORIDA.items(), factors, strict=True)}
    changed["mu3"] = FLORIDA["mu3"] + 10 * (factors[8] - 1)
    curve = unit * rogers_castro(AGES, **of_family(number, changed))
    fit = fit_rogers_castro(curve, AGES, number)
    assert fit.fitted == pytest.approx(curve, abs=1e-6 * curve.max())


def test_a_fit_of_seven_parameters_finds_them():
    fit = fit_rogers_castro(rogers_castro(AGES, **FUNDAMENTAL_PARAMETERS), AGES, 7)
    assert {name: float(value) for name, value in fit.parameters.items()} == pytest.approx(
        FUNDAMENTAL_PARAMETERS, rel=1e-6
    )


def test_rows_are_fitted_by_themselves():
    curves = np.stack([rogers_castro(AGES, **FUNDAMENTAL_PARAMETERS), 50 * rogers_castro(AGES, **YOUNG_ENTRY)])
    fit = fit_rogers_castro(curves[:, None], AGES, 7)
    assert fit.fitted.shape == (2, 1, 106)
    assert fit.r_squared.shape == (2, 1)
    assert fit.parameters["mu2"] == pytest.approx(np.array([[20], [16.09]]), rel=1e-6)
    assert fit.parameters["a2"] == pytest.approx(np.array([[0.06], [50 * 0.0691]]), rel=1e-6)


def test_a_fit_is_a_least_squares_minimum():
    """The best heights of its own shapes, by linear least squares, and the residual's own share of the variance."""
    noise = np.random.default_rng(7).normal(0, 0.002, len(AGES))
    profile = rogers_castro(AGES, **FUNDAMENTAL_PARAMETERS) + noise
    fit = fit_rogers_castro(profile, AGES, 7)
    shapes = {name: fit.parameters[name] for name in ("alpha1", "mu2", "alpha2", "lambda2")}
    curves = [rogers_castro(AGES, **only(**shapes, **{height: 1.0})) for height in ("a1", "a2")]
    design = np.column_stack([*curves, np.ones_like(AGES)])
    best, (least,), *_ = np.linalg.lstsq(design, profile, rcond=None)
    assert [float(fit.parameters[name]) for name in ("a1", "a2", "c")] == pytest.approx(list(best), rel=1e-5)
    assert np.square(fit.residual).sum() == pytest.approx(least, rel=1e-9)
    assert fit.residual == pytest.approx(profile - fit.fitted, rel=1e-12, abs=1e-15)
    assert fit.r_squared == pytest.approx(1 - least / np.square(profile - profile.mean()).sum(), rel=1e-12)
    for name in shapes:
        for factor in (0.999, 1.001):
            moved = {**fit.parameters, name: fit.parameters[name] * factor}
            assert np.square(profile - rogers_castro(AGES, **moved)).sum() > np.square(fit.residual).sum()


def test_a_second_peak_fits_the_belgian_profile_no_worse():
    profile = catalogue.migration_profile("belgium", (2009, 2012), 105).sum(axis=0)
    r_squared = {number: float(fit_rogers_castro(profile, AGES, number).r_squared) for number in (7, 11)}
    assert 0.97 < r_squared[7] <= r_squared[11]


def test_the_level_of_a_net_profile_may_be_negative():
    profile = 1000 * rogers_castro(AGES, **{**FUNDAMENTAL_PARAMETERS, "c": -0.01})
    assert profile.min() < 0
    fit = fit_rogers_castro(profile, AGES, 7)
    assert fit.fitted == pytest.approx(profile, abs=1e-9 * profile.max())
    assert fit.parameters["c"] == pytest.approx(-10, rel=1e-6)


def test_the_level_of_a_profile_without_negative_cells_is_not_negative():
    profile = np.maximum(rogers_castro(AGES, **{**FUNDAMENTAL_PARAMETERS, "c": -0.003}), 0)
    fit = fit_rogers_castro(profile, AGES, 7)
    assert fit.parameters["c"] >= 0
    assert fit.fitted.min() >= 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            of_family(7) | {"mu3": 60.0},
            "a3, alpha3 and lambda3 not given; the schedule of 11 parameters needs "
            "a1, alpha1, a2, mu2, alpha2, lambda2, a3, mu3, alpha3, lambda3 and c",
        ),
        (
            of_family(7) | {"lambda4": 0.1},
            "a4 not given; the schedule of 9 parameters needs a1, alpha1, a2, mu2, alpha2, lambda2, a4, lambda4 and c",
        ),
        (
            {name: value for name, value in FLORIDA.items() if name != "c"},
            "c not given; the schedule of 13 parameters needs "
            "a1, alpha1, a2, mu2, alpha2, lambda2, a3, mu3, alpha3, lambda3, a4, lambda4 and c",
        ),
        (
            FLORIDA | {"mu4": 1.0},
            "mu4 is no parameter of a migration schedule; known are "
            "a1, alpha1, a2, mu2, alpha2, lambda2, a3, mu3, alpha3, lambda3, a4, lambda4 and c",
        ),
        (FLORIDA | {"a2": [0.1, math.nan]}, "a2 holds nan; only finite numbers are allowed"),
        (FLORIDA | {"lambda4": 10.0}, "the schedule is not finite at age 71; its exponents must be smaller"),
    ],
)
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        rogers_castro(AGES, **parameters)


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        ([0.0, math.nan], "ages hold nan at [1]; only finite numbers are allowed"),
        ([[0.0], [1.0]], "ages have 2 dimensions; allowed is 1"),
    ],
)
def test_wrong_ages_are_named(ages, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        rogers_castro(ages, **FLORIDA)


@pytest.mark.parametrize(
    ("profile", "ages", "number", "message"),
    [
        (AGES, AGES, 8, "8 parameters make no schedule; 7, 9, 11 or 13 do"),
        (AGES * math.nan, AGES, 7, "migration profiles hold nan at [0]; only finite numbers are allowed"),
        (
            np.zeros((2, 106)),
            AGES,
            7,
            "the migration profile of row 0 is 0 at every age; a shape needs values that differ",
        ),
        (AGES[1:], AGES, 7, "migration profiles have 105 values a row; expected are 106"),
        (AGES, AGES[::-1], 7, "ages must be two or more numbers, each above the one before"),
        (AGES[:8], AGES[:8], 9, "8 ages do not determine 9 parameters; as many ages are needed"),
    ],
)
def test_a_profile_that_cannot_be_fitted_is_an_error(profile, ages, number, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        fit_rogers_castro(profile, ages, number)


def test_a_search_that_finds_no_minimum_is_an_error(monkeypatch):
    monkeypatch.setattr(importlib.import_module("sim.demography.schedules.rogers_castro"), "MOST_EVALUATIONS", 1)
    profile = catalogue.migration_profile("belgium", (2009, 2012), 105)[0]
    message = "no start led to a minimum within 1 evaluations; take fewer parameters"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        fit_rogers_castro(profile, AGES, 7)


def belgium(year):
    """Stocks and deaths of a year by sex and age, and its births and infant deaths."""
    register = store.register("belgium")
    place = register.years.index(year)
    before, after, deaths = (
        counts.sum(axis=(0, 1), dtype=float)
        for counts in (register.population[place], register.population[place + 1], register.deaths[place])
    )
    return before, after, deaths, store.yearly("belgium", "births")[year], catalogue.infant_deaths("belgium", year)


@pytest.mark.parametrize("year", [2009, 2012, 2015])
def test_net_migrants_are_those_of_the_embedded_register(year):
    before, after, deaths, births, infant_deaths = belgium(year)
    register = catalogue.net_migration("belgium", (year, year), before.shape[-1] - 1)[0]
    assert np.array_equal(net_migrants(before, after, deaths), register[:, 1:])
    of_both = np.concatenate([[infant_deaths], deaths.sum(axis=0)])
    together = net_migrants(before.sum(axis=0), after.sum(axis=0), of_both, births)
    assert np.array_equal(together, register.sum(axis=0))
    assert together.sum() == after.sum() - before.sum() - births + of_both.sum()


counts = st.lists(st.integers(0, 10**6), min_size=24, max_size=24)


@settings(max_examples=60, deadline=None)
@given(counts, counts, counts, st.integers(0, 10**6), st.integers(0, 10**6))
def test_net_migrants_balance_every_cohort(stock, next_stock, deaths, births, infant_deaths):
    before, after = (np.array(values, float).reshape(2, 3, 4) for values in (stock, next_stock))
    before[..., 0] += 1
    died = np.concatenate([np.full((2, 3, 1), infant_deaths), np.reshape(deaths, (2, 3, 4))], axis=-1)
    net = net_migrants(before, after, died, np.full((2, 3), births))
    for cell in np.ndindex(2, 3):
        n, m, d = before[cell], after[cell], died[cell]
        assert net[cell][0] == m[0] - births + infant_deaths
        assert net[cell][1] == m[1] - n[0] + d[1]
        assert net[cell][2] == m[2] - n[1] + d[2]
        assert net[cell][3] == m[3] - n[2] - n[3] + d[3] + d[4]
    assert np.array_equal(net_migrants(before, after, died[..., 1:]), net[..., 1:])


def test_one_open_age_pools_the_newborn_too():
    assert net_migrants([100.0], [130.0], [1.0, 4.0], 20.0) == pytest.approx([15])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, -1], [1, 1], [0, 0]), "stocks hold -1 at [1]; allowed are finite numbers of 0 or more"),
        (([0, 0], [1, 1], [0, 0]), "stocks are all zero; one value above zero is needed"),
        (([1, 1], [1, 1, 1], [0, 0]), "stocks of the next year have 3 values a row; expected are 2"),
        (
            ([1, 1], [1, math.nan], [0, 0]),
            "stocks of the next year hold nan at [1]; allowed are finite numbers of 0 or more",
        ),
        (([1, 1], [1, 1], [0, 0, 0]), "deaths have 3 values a row; expected are 2"),
        (([1, 1], [1, 1], [0, 0], 3), "deaths have 2 values a row; expected are 3"),
        (([1, 1], [[1, 1]], [0, 0]), "stocks of the next year have the shape (1, 2); expected is (2,)"),
        (([1, 1], [1, 1], [[0, 0]]), "deaths have the shape (1, 2); expected is (2,)"),
        (([1, 1], [1, 1], [0, 0, 0], [1, 2]), "births have the shape (2, 1); expected is (1,)"),
        (([1, 1], [1, 1], [0, 0, 0], -1), "births hold -1 at [0]; allowed are finite numbers of 0 or more"),
        (([1], [1], [0]), "stocks have 1 age; without births 2 or more are needed"),
    ],
)
def test_stocks_that_do_not_belong_together_are_an_error(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        net_migrants(*arguments)


NET = np.array([[5.0, -2.0, 0.0], [4.0, 3.0, -1.0]])
PATTERN = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]])


def test_a_split_is_the_least_flows_plus_turnover_in_proportion():
    immigrants, emigrants = split_net(NET, 32.0, 23.0, PATTERN)
    assert immigrants == pytest.approx(np.array([[7.0, 4.0, 6.0], [4.0, 3.0, 8.0]]))
    assert emigrants == pytest.approx(np.array([[2.0, 6.0, 6.0], [0.0, 0.0, 9.0]]))


def test_the_least_totals_leave_no_turnover():
    immigrants, emigrants = split_net(NET, 12.0, 3.0, PATTERN)
    assert np.array_equal(immigrants, [[5, 0, 0], [4, 3, 0]])
    assert np.array_equal(emigrants, [[0, 2, 0], [0, 0, 1]])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e5, 1e5), min_size=24, max_size=24),
    st.lists(st.floats(0, 10), min_size=24, max_size=24),
    st.floats(1, 1e6),
)
def test_split_flows_add_up_in_every_cell_and_in_all(net, pattern, turnover):
    balance, weights = np.reshape(net, (3, 2, 4)), np.reshape(pattern, (3, 2, 4)) + 1e-3
    immigration = np.maximum(balance, 0).sum(axis=(1, 2)) + turnover
    emigration = np.maximum(-balance, 0).sum(axis=(1, 2)) + turnover
    immigrants, emigrants = split_net(balance, immigration, emigration, weights)
    size = immigration.max() + emigration.max()  # what rounding is a share of, in the smaller flow too
    assert immigrants - emigrants == pytest.approx(balance, abs=1e-14 * size)
    assert immigrants.sum(axis=(1, 2)) == pytest.approx(immigration, abs=1e-14 * size)
    assert emigrants.sum(axis=(1, 2)) == pytest.approx(emigration, abs=1e-14 * size)
    assert min(immigrants.min(), emigrants.min()) >= 0
    least = np.minimum(immigrants, emigrants)
    assert least / least.sum(axis=(1, 2), keepdims=True) == pytest.approx(
        weights / weights.sum(axis=(1, 2), keepdims=True), rel=1e-6, abs=1e-9
    )


def test_one_pattern_serves_every_cell_before_sex_and_age():
    nets = np.stack([NET, 2 * NET])
    immigrants, _ = split_net(nets, [32.0, 64.0], [23.0, 46.0], PATTERN)
    assert immigrants[1] == pytest.approx(2 * immigrants[0])


def test_a_split_of_the_belgian_profile_keeps_it():
    net = catalogue.migration_profile("belgium", (2009, 2012), 105)
    people = catalogue.population("belgium", 2012, open_age=105).reshape(-1, 2, 106).sum(axis=0)
    pattern = people * rogers_castro(AGES, **FUNDAMENTAL_PARAMETERS)
    immigrants, emigrants = split_net(net, 150_000 + net.sum(), 150_000.0, pattern)
    assert immigrants - emigrants == pytest.approx(net, abs=1e-9)
    assert emigrants.sum() == pytest.approx(150_000, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((NET * math.nan, 32, 23, PATTERN), "net migrants hold nan at [0, 0]; only finite numbers are allowed"),
        ((NET[0], 32, 29, PATTERN), "net migrants have the shape (3,); an axis of sexes and one of ages are needed"),
        ((NET, -1, 23, PATTERN), "immigration hold -1 at [0]; allowed are finite numbers of 0 or more"),
        ((NET, 32, [23], PATTERN), "emigration have the shape (1,); expected is ()"),
        ((NET, 32, 24, PATTERN), "immigration minus emigration is 8; it must be the 9 net migrants"),
        (
            (NET, 11, 2, PATTERN),
            "immigration of 11 is below the 12 net migrants of the ages that gain people; as many or more are needed",
        ),
        ((NET, 32, 23, -PATTERN), "turnover hold -1 at [0, 0]; allowed are finite numbers of 0 or more"),
        ((NET, 32, 23, 0 * PATTERN), "turnover is zero at every sex and age; one value above zero is needed"),
        ((NET, 32, 23, PATTERN[:, 1:]), "turnover have 2 values a row; expected are 3"),
        ((NET, 32, 23, PATTERN[0]), "turnover have the shape (3,); expected is (2, 3)"),
    ],
)
def test_flows_that_cannot_be_split_are_an_error(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        split_net(*arguments)
