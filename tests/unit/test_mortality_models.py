"""Targets of life expectancy, relational and log-quadratic life tables, rates of improvement, roots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from sim.demography.hazards import death_hazard, survival_from_hazard
from sim.demography.lifetable import life_expectancy, life_table, survival_ratios
from sim.demography.mortality import (
    LOG_QUADRATIC_AGES,
    along_pattern_to_life_expectancy,
    brass,
    brass_to_life_expectancy,
    family_to_life_expectancy,
    fit_brass,
    improved,
    improvement_rates,
    log_quadratic,
    log_quadratic_from_adult_mortality,
    log_quadratic_life_expectancy,
    log_quadratic_to_life_expectancy,
    logit_survivors,
    national_factor,
    point_to_point_improvement,
    scale_to_life_expectancy,
)
from sim.demography.roots import falling_root, falling_root_by_slope


def standard(ages=101):
    """Survival ratios of a Gompertz life table, female and male, with infant mortality."""
    age = np.arange(ages) + 0.5
    rates = np.array([[2e-5], [4e-5]]) * np.exp(0.1 * age)
    rates[:, 0] = 0.003, 0.012
    return survival_ratios(life_table(rates).person_years)


TARGETS = np.array([[60.0, 55.0], [84.0, 79.5], [93.0, 71.0]])


# --- Roots


def test_a_root_of_every_cell_is_found():
    level = np.array([[0.1, 2.0], [30.0, 4e4]])

    root = falling_root(lambda x: level - np.exp(x), np.full((2, 2), -50.0), np.full((2, 2), 50.0), 1e-9)

    np.testing.assert_allclose(root, np.log(level), rtol=0, atol=1e-8)


def test_no_point_outside_of_the_bracket_is_asked_for():
    def function(x):
        assert ((x >= 0) & (x <= 1)).all()
        return np.sqrt(1 - x) - np.array([0.001, 0.5, 0.999])

    root = falling_root(function, np.zeros(3), np.ones(3), 1e-13)

    np.testing.assert_allclose(root, [0.999999, 0.75, 0.001999], rtol=0, atol=1e-12)


def test_a_slope_that_is_not_a_number_is_not_used():
    root = falling_root_by_slope(lambda x: (0.3 - x, np.full_like(x, np.nan)), np.zeros(2), np.ones(2), 1e-12)

    np.testing.assert_allclose(root, 0.3, rtol=0, atol=1e-12)


def test_a_known_slope_needs_few_values():
    calls = []

    def function(x):
        calls.append(x)
        return 5 - np.exp(x), -np.exp(x)

    falling_root_by_slope(function, np.array([-10.0]), np.array([10.0]))
    known = len(calls)
    falling_root(lambda x: function(x)[0], np.array([-10.0]), np.array([10.0]))

    assert known <= 10
    assert len(calls) - known <= 2 * known + 2


def test_a_bracket_without_a_root_is_refused():
    with pytest.raises(ValueError, match="no point was found where the function lies within 1e-11 of zero"):
        falling_root(lambda x: 2 - x, np.zeros(2), np.ones(2))


# --- Targets of life expectancy


@settings(max_examples=30, deadline=None)
@given(st.floats(40, 95), st.floats(40, 95))
def test_every_family_returns_the_life_expectancy_asked_for(female, male):
    survival, target = standard(), np.array([female, male])
    pattern = np.linspace(0.02, 0.004, survival.shape[-1])

    for reached in (
        scale_to_life_expectancy(survival, target),
        along_pattern_to_life_expectancy(survival, pattern, target),
        brass_to_life_expectancy(survival, target),
    ):
        np.testing.assert_allclose(life_expectancy(reached.survival), target, rtol=0, atol=1e-9)
        assert (reached.survival > 0).all()
        assert (reached.survival <= 1).all()


def test_the_factor_is_the_root_a_plain_search_finds():
    survival = standard()

    scaled = scale_to_life_expectancy(survival, TARGETS)

    hazard = death_hazard(survival)
    for year, sex in np.ndindex(3, 2):
        plain = brentq(
            lambda factor, year=year, sex=sex: (
                life_expectancy(survival_from_hazard(factor * hazard[sex])) - TARGETS[year, sex]
            ),
            1e-3,
            1e3,
            xtol=1e-14,
        )
        np.testing.assert_allclose(scaled.factor[year, sex], plain, rtol=1e-11)


def test_an_even_pattern_is_a_common_factor():
    survival = standard()

    along = along_pattern_to_life_expectancy(survival, np.full(102, 0.5), TARGETS)
    scaled = scale_to_life_expectancy(survival, TARGETS)

    np.testing.assert_allclose(np.exp(along.parameter / 2), scaled.factor, rtol=1e-11)
    np.testing.assert_allclose(along.survival, scaled.survival, rtol=1e-12)


def test_hazards_move_along_a_pattern():
    survival, pattern = standard(), np.random.default_rng(4).uniform(0, 0.03, (2, 102))
    pattern[:, :20] = 0

    along = along_pattern_to_life_expectancy(survival, pattern, TARGETS)

    expected = death_hazard(survival) * np.exp(pattern * along.parameter[..., None])
    np.testing.assert_allclose(along.survival, survival_from_hazard(expected), rtol=1e-13)
    np.testing.assert_array_equal(along.survival[..., :20], np.broadcast_to(survival[:, :20], (3, 2, 20)))


def test_logits_of_the_survivors_below_the_open_age_move_by_alpha():
    survival = standard()

    shifted = brass_to_life_expectancy(survival, TARGETS)

    expected = logit_survivors(np.cumprod(survival[:, :-2], axis=-1)) + shifted.parameter[..., None]
    found = logit_survivors(np.cumprod(shifted.survival[..., :-2], axis=-1))
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_hazards_of_the_open_age_move_as_those_below_it_do_under_brass():
    survival = standard()

    shifted = brass_to_life_expectancy(survival, TARGETS)

    factor = np.log(shifted.survival[..., -3]) / np.log(survival[:, -3])
    for slot in (-2, -1):
        moved = np.log(shifted.survival[..., slot]) / np.log(survival[:, slot])
        np.testing.assert_allclose(moved, factor, rtol=1e-11)


def test_alpha_of_its_own_life_expectancy_is_zero():
    survival = standard()

    np.testing.assert_allclose(brass_to_life_expectancy(survival, life_expectancy(survival)).parameter, 0, atol=1e-12)


def test_few_values_are_enough_because_slopes_are_exact():
    survival = standard()
    calls = []

    def counted(step):
        def family(parameter):
            calls.append(parameter)
            ratios = survival_from_hazard(death_hazard(survival) * np.exp(parameter)[..., None])
            up = survival_from_hazard(death_hazard(survival) * np.exp(parameter + step)[..., None])
            down = survival_from_hazard(death_hazard(survival) * np.exp(parameter - step)[..., None])
            return ratios, (np.log(down) - np.log(up)) / (2 * step)

        return family

    found = family_to_life_expectancy(counted(1e-5), TARGETS, -5.0, 5.0)

    np.testing.assert_allclose(np.exp(found.parameter), scale_to_life_expectancy(survival, TARGETS).factor, rtol=1e-11)
    assert len(calls) <= 9


@pytest.mark.parametrize("family", ["scale", "pattern", "brass", "national"])
def test_the_stated_fall_of_the_ratios_is_their_derivative(family, monkeypatch):
    survival, seen = standard(), []

    def watched(function, low, high, tolerance=1e-11):
        point = np.full(np.shape(low), 0.2)
        step = 1e-5
        slope = (function(point + step)[0] - function(point - step)[0]) / (2 * step)
        seen.append((function(point)[1], slope))
        return falling_root_by_slope(function, low, high, tolerance)

    monkeypatch.setattr("sim.demography.mortality.targets.falling_root_by_slope", watched)
    target = np.array([82.0, 77.0])
    if family == "scale":
        scale_to_life_expectancy(survival, target)
    elif family == "pattern":
        along_pattern_to_life_expectancy(survival, np.linspace(2, 0.1, 102), target)
    elif family == "brass":
        brass_to_life_expectancy(survival, target)
    else:
        weights = np.broadcast_to([[0.3], [0.7]], (2, 2, 102))
        national_factor(np.stack([survival, survival**1.4], axis=1), weights, target)

    (stated, difference) = seen[0]
    np.testing.assert_allclose(stated, difference, rtol=1e-7)


def test_states_return_a_life_expectancy_together():
    survival = np.stack([standard(), standard() ** 1.4, standard() ** 0.7], axis=1)
    weights = np.random.default_rng(6).dirichlet([1, 1, 1], (2, 102)).swapaxes(-1, -2)

    factor = national_factor(survival, weights, np.array([83.0, 70.0]))

    states = survival_from_hazard(death_hazard(survival) * factor[:, None, None])
    np.testing.assert_allclose(life_expectancy((weights * states).sum(axis=1)), [83, 70], rtol=0, atol=1e-9)


TARGET_ERRORS = {
    "out of reach of a factor": (lambda s: scale_to_life_expectancy(s, [1e7, 80]), "no common factor on the hazards"),
    "out of reach of alpha": (lambda s: brass_to_life_expectancy(s, [80, 1e-9]), "no alpha between -10 and 10"),
    "out of reach of k": (
        lambda s: along_pattern_to_life_expectancy(s, np.arange(102) < 30, [80, 30]),
        "no k reaches this life expectancy",
    ),
    "not a number": (lambda s: scale_to_life_expectancy(s, [np.nan, 80]), "no common factor"),
    "a ratio of zero": (lambda s: brass_to_life_expectancy(s * (np.arange(102) != 40), [80, 80]), "must be above 0"),
    "nobody dies in the open age": (
        lambda s: scale_to_life_expectancy(np.ones((2, 102)), [80, 80]),
        "below 1 for those already in the open age",
    ),
    "ratios above one": (lambda s: along_pattern_to_life_expectancy(s + 1, np.ones(102), [80, 80]), "allowed are 0"),
    "a negative pattern": (
        lambda s: along_pattern_to_life_expectancy(s, np.full(102, -0.1), [80, 80]),
        "a pattern of mortality change adds up to -10.2; it must be above zero",
    ),
    "an empty pattern": (lambda s: along_pattern_to_life_expectancy(s, np.zeros(102), [80, 80]), "adds up to 0;"),
    "a short pattern": (lambda s: along_pattern_to_life_expectancy(s, np.ones(101), [80, 80]), "expected are 102"),
    "a standard of three slots": (lambda s: brass_to_life_expectancy(s[:, -3:], [3, 3]), "four slots or more"),
    "a standard without old deaths": (
        lambda s: brass_to_life_expectancy(np.where(np.arange(102) == 99, 1, s), [80, 80]),
        "ratios below 1 in the last three",
    ),
}


@pytest.mark.parametrize(("call", "message"), TARGET_ERRORS.values(), ids=TARGET_ERRORS.keys())
def test_targets_and_tables_out_of_bounds_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(standard())


# --- Brass's relational model


def test_logits_are_those_of_a_printed_example():
    """International Union for the Scientific Study of Population, Population Analysis for Policies and Programmes,
    course 103, session 1: the Latin American standard of the United Nations at e_0 = 75, and four survey estimates."""
    printed = {0.96807: -1.70593, 0.95709: -1.55240, 0.74869: -0.54581, 0.34301: 0.32495, 0.06989: 1.29417}
    printed |= {0.98400: -2.05952, 0.97500: -1.83178, 0.87200: -0.95938, 0.80000: -0.69315}

    np.testing.assert_allclose(logit_survivors(list(printed)), list(printed.values()), rtol=0, atol=1.2e-4)
    estimates = [0.984, 0.975, 0.872, 0.8]
    np.testing.assert_allclose(logit_survivors(estimates), [printed[share] for share in estimates], rtol=0, atol=5.1e-6)


def test_everybody_and_nobody_stay_so():
    np.testing.assert_array_equal(logit_survivors([1, 0.5, 0]), [-np.inf, 0, np.inf])
    np.testing.assert_allclose(brass([1, 0.5, 0], 0.3, 1.2), [1, 1 / (1 + np.exp(0.6)), 0], rtol=1e-15)


@settings(max_examples=40, deadline=None)
@given(st.floats(-1.5, 1.5), st.floats(0.3, 2))
def test_parameters_of_related_survivors_are_found_again(alpha, beta):
    table = np.array([1, 0.97, 0.95, 0.9, 0.7, 0.4, 0.1, 0])

    related = brass(table, alpha, beta)

    found = fit_brass(related, table, range(8), (1, 6))
    np.testing.assert_allclose(found, [alpha, beta], rtol=0, atol=1e-9)
    np.testing.assert_allclose(logit_survivors(related[1:-1]), alpha + beta * logit_survivors(table[1:-1]), rtol=1e-8)


def test_the_fit_is_the_line_of_least_squares_between_the_ages():
    table = np.array([0.96807, 0.95709, 0.89281, 0.81992, 0.5])
    observed = np.array([[0.984, 0.975, 0.872, 0.8, 0.1], [0.97, 0.95, 0.9, 0.7, 0.6]])

    found = fit_brass(observed, table, [1, 5, 55, 65, 80], (1, 65))

    beta, alpha = np.polyfit(logit_survivors(table[:4]), logit_survivors(observed[:, :4]).T, 1)
    np.testing.assert_allclose(found, [alpha, beta], rtol=1e-12)


def test_levels_of_several_cells_are_applied_each():
    table = np.array([[0.9, 0.5], [0.8, 0.6]])

    related = brass(table, np.array([[0.0], [0.2]]), np.array([1.0, 1.1]))

    assert related.shape == (2, 2, 2)
    np.testing.assert_allclose(related[1, 1], brass(table[1], 0.2, 1.1), rtol=1e-15)
    np.testing.assert_allclose(related[0, 0], table[0], rtol=1e-15)


BRASS_ERRORS = {
    "survivors above one": (lambda: logit_survivors([1.1]), "survivors hold 1.1"),
    "not a number": (lambda: brass([0.9, np.nan], 0, 1), "survivors hold nan"),
    "rising survivors": (lambda: brass([0.8, 0.9], 0, 1), "survivors rise with age"),
    "alpha without a bound": (lambda: brass([0.9, 0.8], np.inf, 1), "values of alpha hold inf"),
    "beta of zero": (lambda: brass([0.9, 0.8], 0, 0), "beta is 0; it must be above zero"),
    "one age": (lambda: fit_brass([0.9, 0.8], [0.9, 0.8], [1, 5], (0, 4)), "1 of the ages lie between 0 and 4"),
    "an age that all survive": (
        lambda: fit_brass([1, 0.8], [1, 0.7], [0, 5], (0, 5)),
        "must be above 0 and below 1",
    ),
    "a flat standard": (lambda: fit_brass([0.9, 0.8], [0.9, 0.9], [1, 5], (0, 9)), "are the same at all ages"),
    "ages of another length": (lambda: fit_brass([0.9, 0.8], [0.9, 0.8], [1, 5, 9], (0, 9)), "expected are 3"),
    "falling ages": (lambda: fit_brass([0.9, 0.8], [0.9, 0.8], [5, 1], (0, 9)), "ages must be two or more"),
}


@pytest.mark.parametrize(("call", "message"), BRASS_ERRORS.values(), ids=BRASS_ERRORS.keys())
def test_survivors_out_of_bounds_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- The log-quadratic model


def plain_life_table(rates, sex):
    """Survivors at the first ages and e_0, step by step, as the authors' programs define them."""
    slope = ((0.053, 2.800, 1.522, -1.518), (0.045, 2.684, 1.651, -2.816))[sex]
    high = ((0.350, 1.361), (0.330, 1.352))[sex]
    a0, a1 = (slope[0] + slope[1] * rates[0], slope[2] + slope[3] * rates[0]) if rates[0] < 0.107 else high
    survivors, years = [1.0], 0.0
    for group, rate in enumerate(rates):
        width = (1, 4)[group] if group < 2 else 5
        if group == len(rates) - 1:
            years += survivors[-1] / rate
        elif group < 2:
            lived = (a0, a1)[group]
            dying = survivors[-1] * width * rate / (1 + (width - lived) * rate)
            years += width * (survivors[-1] - dying) + lived * dying
            survivors.append(survivors[-1] - dying)
        else:
            survivors.append(survivors[-1] * np.exp(-width * rate))
            years += (survivors[-2] - survivors[-1]) / rate
    return np.array(survivors), years


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-4, 0.9), st.floats(1e-4, 0.9), st.floats(-4, 4))
def test_child_mortality_is_returned_and_life_expectancy_is_that_of_a_plain_table(female, male, shape):
    child = np.array([female, male])

    rates = log_quadratic(child, shape)

    for sex in range(2):
        survivors, years = plain_life_table(rates[sex], sex)
        np.testing.assert_allclose(1 - survivors[2], child[sex], rtol=0, atol=1e-12)
        np.testing.assert_allclose(log_quadratic_life_expectancy(rates)[sex], years, rtol=1e-12)
    assert (rates > 0).all()


@pytest.mark.parametrize(
    ("sex", "group", "coefficients"),
    [
        (0, 0, (-0.6619, 0.7684, -0.0277, 0)),
        (1, 0, (-0.5101, 0.8164, -0.0245, 0)),
        (0, 5, (-2.5608, 1.7937, 0.1082, 0.2788)),
        (1, 15, (-3.9374, 1.0425, 0.0750, 0.2161)),
        (0, 60, (-2.8907, 0.3988, 0.0042, 0.0807)),
        (1, 85, (-1.3203, -0.0183, -0.0219, 0.0061)),
        (1, 105, (-0.3275, 0.0001, -0.0048, 0)),
        (0, 110, (-0.2966, -0.0229, -0.0041, 0)),
    ],
)
def test_rates_are_those_of_the_printed_coefficients(sex, group, coefficients):
    child, shape = 0.05, 1.3

    rates = log_quadratic([child, child], shape)

    a, b, c, v = coefficients
    expected = a + b * np.log(child) + c * np.log(child) ** 2 + v * shape
    np.testing.assert_allclose(np.log(rates[sex, LOG_QUADRATIC_AGES.index(group)]), expected, rtol=1e-13)


def test_the_coefficients_have_the_sums_of_the_printed_table():
    """Sums over the 23 printed rows of the table, by sex and column, which a wrong digit would change."""
    logs = [np.log(np.delete(log_quadratic([child] * 2), 1, axis=-1)) for child in (np.exp(-1), np.exp(-2), np.exp(-3))]
    constant = 3 * logs[0] - 3 * logs[1] + logs[2]
    quadratic = (logs[0] - 2 * logs[1] + logs[2]) / 2
    linear = constant + quadratic - logs[0]
    shape = np.log(np.delete(log_quadratic([0.1, 0.1], 1) / log_quadratic([0.1, 0.1]), 1, axis=-1))

    sums = np.stack([column.sum(axis=-1) for column in (constant, linear, quadratic, shape)], axis=-1)

    printed = [[-51.6416, 14.2727, 0.5355, 3.2954], [-55.0488, 11.0768, 0.4415, 3.5618]]
    np.testing.assert_allclose(sums, printed, rtol=0, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.002, 0.3), st.floats(-4, 4), st.floats(-4, 4))
def test_adult_mortality_is_returned(child, female, male):
    start, end = LOG_QUADRATIC_AGES.index(15), LOG_QUADRATIC_AGES.index(60)
    tables = [plain_life_table(rates, sex)[0] for sex, rates in enumerate(log_quadratic([child] * 2, [female, male]))]
    adult = [1 - survivors[end] / survivors[start] for survivors in tables]

    found = log_quadratic_from_adult_mortality([child] * 2, adult)

    for sex in range(2):
        survivors, _ = plain_life_table(found.death_rates[sex], sex)
        np.testing.assert_allclose(1 - survivors[end] / survivors[start], adult[sex], rtol=0, atol=1e-12)
        np.testing.assert_allclose(1 - survivors[2], child, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.adult_shape, [female, male], rtol=0, atol=1e-8)
    np.testing.assert_array_equal(found.death_rates, log_quadratic(found.child_mortality, found.adult_shape))


@settings(max_examples=30, deadline=None)
@given(st.floats(20, 90), st.floats(20, 84), st.floats(-2, 1))
def test_life_expectancy_is_returned(female, male, shape):
    found = log_quadratic_to_life_expectancy([female, male], shape)

    np.testing.assert_allclose(log_quadratic_life_expectancy(found.death_rates), [female, male], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(found.death_rates, log_quadratic(found.child_mortality, shape))


def test_all_years_are_solved_at_once():
    expectancy = np.random.default_rng(3).uniform(40, 84, (7, 3, 2))

    together = log_quadratic_to_life_expectancy(expectancy, np.array([0.5, -0.5]))

    alone = log_quadratic_to_life_expectancy(expectancy[4, 1], np.array([0.5, -0.5]))
    assert together.death_rates.shape == (7, 3, 2, 24)
    np.testing.assert_allclose(together.death_rates[4, 1], alone.death_rates, rtol=1e-12)


def test_more_child_mortality_shortens_life_up_to_the_largest_shape_allowed():
    child = np.geomspace(1e-4, 0.9, 500)[:, None] * np.ones(2)

    assert (np.diff(log_quadratic_life_expectancy(log_quadratic(child, 2)), axis=0) < 0).all()


LOG_QUADRATIC_ERRORS = {
    "child mortality of zero": (lambda: log_quadratic([0, 0.1]), "values of child mortality hold 0 at"),
    "one sex": (lambda: log_quadratic([0.1]), "expected are 2"),
    "a shape without a bound": (lambda: log_quadratic([0.1, 0.1], np.nan), "adult shapes hold nan"),
    "adult mortality above one": (
        lambda: log_quadratic_from_adult_mortality([0.1, 0.1], [0.1, 1.1]),
        "values of adult mortality hold 1.1",
    ),
    "adult mortality out of reach": (
        lambda: log_quadratic_from_adult_mortality([0.1, 0.1], [0.1, 0]),
        "no adult shape between -10 and 10",
    ),
    "life expectancy out of reach": (
        lambda: log_quadratic_to_life_expectancy([80, 120]),
        "no child mortality between 0.0001 and 0.9",
    ),
    "a shape at which life expectancy does not fall": (
        lambda: log_quadratic_to_life_expectancy([80, 80], 3),
        "adult shapes hold 3",
    ),
    "rates of one sex": (lambda: log_quadratic_life_expectancy(np.ones(24)), "death rates of two sexes"),
    "rates of zero": (lambda: log_quadratic_life_expectancy(np.zeros((2, 24))), "death rates of two sexes above zero"),
    "other ages": (lambda: log_quadratic_life_expectancy(np.ones((2, 20))), "expected are 24"),
}


@pytest.mark.parametrize(("call", "message"), LOG_QUADRATIC_ERRORS.values(), ids=LOG_QUADRATIC_ERRORS.keys())
def test_model_life_tables_out_of_bounds_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- Rates of improvement


def test_improvement_is_the_share_by_which_a_rate_falls_in_a_year():
    rates = improvement_rates([[0.02, 0.1], [0.019, 0.101]], [2000, 2001])

    np.testing.assert_allclose(rates, [[0.05, -0.01]], rtol=1e-12)


def test_improvement_over_a_gap_is_constant_in_every_year_of_it():
    series = np.array([[0.04, 0.2], [0.03, 0.21], [0.02, 0.15]])

    rates = improvement_rates(series, [1990, 1995, 1998])

    np.testing.assert_allclose(series[0] * (1 - rates[0]) ** 5, series[1], rtol=1e-13)
    np.testing.assert_allclose(series[1] * (1 - rates[1]) ** 3, series[2], rtol=1e-13)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=8), st.floats(1e-5, 0.5))
def test_improved_rates_have_the_improvement_they_were_given(yearly, base):
    improvement = np.array(yearly)[:, None, None] * np.array([1.0, 0.5])
    start = np.full((2, 2), base)

    ahead = improved(start, improvement, len(yearly))

    series = np.concatenate([start[None], ahead])
    found = improvement_rates(series, range(len(yearly) + 1))
    np.testing.assert_allclose(found, np.broadcast_to(improvement, found.shape), rtol=0, atol=1e-12)
    whole = point_to_point_improvement(series, range(len(yearly) + 1))
    np.testing.assert_allclose(start * (1 - whole) ** len(yearly), ahead[-1], rtol=1e-12)


def test_constant_improvement_compounds():
    ahead = improved([0.01, 0.2], [0.02, 0.0], 3)

    np.testing.assert_allclose(ahead, [[0.0098, 0.2], [0.009604, 0.2], [0.00941192, 0.2]], rtol=1e-13)


def test_point_to_point_improvement_ignores_the_years_between():
    np.testing.assert_allclose(point_to_point_improvement([[0.04], [9.0], [0.01]], [2000, 2001, 2002]), [0.5])


IMPROVEMENT_ERRORS = {
    "a zero rate": (lambda: improvement_rates([[0.1], [0.0]], [0, 1]), "a death rate is zero"),
    "a negative rate": (lambda: improvement_rates([[0.1], [-0.1]], [0, 1]), "death rates hold -0.1"),
    "years of another length": (lambda: improvement_rates([[0.1], [0.1]], [0, 1, 2]), "expected are 3 years"),
    "no axis of ages": (lambda: improvement_rates([0.1, 0.1], [0, 1]), "an axis of ages"),
    "falling years": (lambda: point_to_point_improvement([[0.1], [0.1]], [1, 0]), "years must be two or more"),
    "no year ahead": (lambda: improved([0.1], [0.1], 0), "0 years ahead"),
    "improvement above one": (lambda: improved([0.1], [1.1], 1), "rates of improvement hold 1.1"),
    "not a number": (lambda: improved([0.1], [np.nan], 1), "rates of improvement hold nan"),
    "a negative base": (lambda: improved([-0.1], [0.1], 1), "death rates hold -0.1"),
    "other years": (
        lambda: improved([0.1, 0.2], np.zeros((3, 2)), 2),
        r"shape \(3, 2\), which does not match \(2, 2\)",
    ),
    "too many axes": (lambda: improved([0.1], np.zeros((1, 1, 1)), 1), "which does not match"),
}


@pytest.mark.parametrize(("call", "message"), IMPROVEMENT_ERRORS.values(), ids=IMPROVEMENT_ERRORS.keys())
def test_improvement_out_of_bounds_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
