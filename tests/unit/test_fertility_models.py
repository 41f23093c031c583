"""Fertility: measures, model age patterns, patterns brought to a target, and models fitted to rates."""

import csv
import gzip
import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from sim.data import catalogue
from sim.demography.fertility import (
    PATTERNS,
    beta,
    cohort_fertility,
    fit_pattern,
    fitting,
    gamma,
    gross_reproduction,
    hadwiger,
    mean_age_at_birth,
    mean_length_of_generation,
    net_reproduction,
    parameter_names,
    quadratic_spline,
    shifted_to_mean_age,
    standard_deviation_of_age_at_birth,
    targets,
    total_fertility,
    with_total,
)
from sim.demography.graduation import monotone_cubic

AGES = np.arange(101)
PARAMETERS = {
    "hadwiger": {"mean_age": 30.2, "standard_deviation": 5.4},
    "gamma": {"mean_age": 30.2, "standard_deviation": 5.4, "start": 14.0},
    "beta": {"mean_age": 30.2, "standard_deviation": 5.4, "start": 14.0, "end": 52.0},
    "quadratic_spline": {"start": 13.0, "peak": 26.0, "half": 35.0},
}
EACH = pytest.mark.parametrize("model", PATTERNS)
FEW = settings(max_examples=50, deadline=None)


def pattern_of(model, ages=AGES):
    """Pattern of a model with its parameters above."""
    return PATTERNS[model](ages, **PARAMETERS[model])


# Measures


def test_total_fertility_is_the_sum_of_single_ages_and_of_groups_by_their_width():
    assert total_fertility([0.1, 0.2, 0.05]) == pytest.approx(0.35, abs=1e-15)
    assert total_fertility([[0.1, 0.2], [0.0, 0.3]], 5) == pytest.approx([1.5, 1.5], abs=1e-15)
    assert total_fertility([0.1, 0.2], [5, 10]) == pytest.approx(2.5, abs=1e-15)


def test_births_count_in_the_middle_of_their_age():
    assert mean_age_at_birth([0.0, 1.0, 0.0], [29, 30, 31], 1) == 30.5
    assert mean_age_at_birth([0.1, 0.1], [20, 25], 5) == 25
    # 5 years at 22.5 and 10 years at 30.
    assert mean_age_at_birth([0.1, 0.1], [20, 25], [5, 10]) == pytest.approx(27.5, abs=1e-13)
    assert mean_age_at_birth([[1, 0], [1, 3]], [20, 30], 1) == pytest.approx([20.5, 28], abs=1e-13)


def test_standard_deviation_is_that_of_the_middles():
    assert standard_deviation_of_age_at_birth([0.2, 0.2], [20, 30], 1) == pytest.approx(5, abs=1e-14)
    assert standard_deviation_of_age_at_birth([[0.0, 0.2], [0.3, 0.1]], [20, 30], 5) == pytest.approx(
        [0, 10 * math.sqrt(3) / 4], abs=1e-13
    )


def test_reproduction_counts_girls_and_those_of_them_who_live():
    assert gross_reproduction([0.1, 0.3], 1.0, 5) == pytest.approx(1, abs=1e-15)
    assert gross_reproduction([0.1, 0.3], 1.05) == pytest.approx(0.4 / 2.05, abs=1e-15)
    assert net_reproduction([0.1, 0.2], [0.9, 0.8], 1.0) == pytest.approx(0.125, abs=1e-15)
    ratios = np.array([1.0, 1.1])
    assert net_reproduction(np.full((2, 3), 0.2), [5, 5, 5], ratios) == pytest.approx(3 / (1 + ratios), abs=1e-15)


@pytest.mark.parametrize("level", [0.3, 1.0, 2.5])
def test_length_of_generation_is_net_reproduction_over_intrinsic_growth(level):
    first = np.arange(15, 50, 5)
    rates = level * np.array([0.012, 0.0908, 0.1499, 0.1125, 0.0441, 0.0074, 0.0003])
    lived = np.linspace(4.9, 4.5, 7)

    def lotka(growth):
        return sum(math.exp(-growth * (x + 2.5)) * f * y / 2.05 for x, f, y in zip(first, rates, lived, strict=True))

    growth = brentq(lambda r: lotka(r) - 1, -0.2, 0.2, xtol=1e-15)
    expected = math.log(lotka(0)) / growth
    assert mean_length_of_generation(rates, lived, 1.05, first, 5) == pytest.approx(expected, abs=1e-9)


def test_length_of_generation_goes_through_zero_growth_without_a_jump():
    first, rates, lived = np.arange(15, 50), pattern_of("beta", np.arange(15, 50)), np.linspace(0.99, 0.95, 35)
    replaced = rates / net_reproduction(rates, lived, 1.05)
    levels = np.array([1 - 1e-7, 1 - 1e-10, 1, 1 + 1e-10, 1 + 1e-7])[:, None]
    mean = mean_age_at_birth(rates * lived, first, 1)
    assert mean_length_of_generation(levels * replaced, lived, 1.05, first, 1) == pytest.approx(mean, abs=1e-6)
    assert mean_length_of_generation([0, 9, 0], [1, 1, 1], 1.05, [20, 30, 40], 1) == pytest.approx(30.5, abs=1e-10)


def test_cohorts_read_the_diagonals_that_are_whole():
    shares = pattern_of("beta")
    born = 1990 + np.arange(60)[:, None] - AGES
    rates = (1 + 0.01 * (born - 1970)) * (2 * shares)
    found = cohort_fertility(rates.clip(0), 1990)
    assert (found.ages, found.birth_years) == (range(14, 52), range(1976, 1999))
    assert found.completed == pytest.approx(2 * (1 + 0.01 * (np.arange(1976, 1999) - 1970)), abs=1e-13)
    assert found.mean_age == pytest.approx(float(mean_age_at_birth(shares, AGES, 1)), abs=1e-12)


def test_cohorts_keep_other_axes_and_one_without_children_has_no_mean_age():
    rates = np.zeros((3, 2, 40))
    rates[:, 0, 20:22] = 0.3
    rates[2, 1, 21] = 0.2
    found = cohort_fertility(rates, 2000)
    assert found.birth_years == range(1980, 1982)
    assert found.completed == pytest.approx(np.array([[0.6, 0], [0.6, 0.2]]), abs=1e-15)
    assert found.mean_age == pytest.approx(np.array([[21, np.nan], [21, 21.5]]), abs=1e-13, nan_ok=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: total_fertility([0.1, np.nan]), r"fertility rates hold nan at \[1\]"),
        (lambda: total_fertility([0.1, -0.1]), r"hold -0.1 at \[1\]; allowed are finite numbers of 0 or more"),
        (lambda: total_fertility([0.1, 0.2], [5]), "widths have 1 values a row; expected are 2"),
        (lambda: total_fertility([0.1, 0.2], 0), "widths of age groups must be above zero"),
        (lambda: mean_age_at_birth([[1, 2], [0, 0]], [20, 25], 5), r"fertility rates are all zero in row \[1\]"),
        (lambda: mean_age_at_birth([1, 2], [20, 25, 30], 5), "first ages have 3 values a row; expected are 2"),
        (lambda: standard_deviation_of_age_at_birth([0, 0], [20, 25], 5), "fertility rates are all zero"),
        (lambda: gross_reproduction([1, 2], -1), "sex ratios at birth hold -1"),
        (lambda: net_reproduction([1, 2], [1, 1, 1], 1.05), "person-years have 3 values a row; expected are 2"),
        (lambda: net_reproduction([1, 2], [1, np.nan], 1.05), "person-years hold nan"),
        (
            lambda: mean_length_of_generation([1, 0], [0, 1], 1.05, [20, 25], 5),
            "births per newborn girl are all zero",
        ),
        (lambda: cohort_fertility(np.zeros((3, 4)), 2000), "fertility rates are all zero"),
        (lambda: cohort_fertility([0.1, 0.2], 2000), "values must have an axis of years"),
        (lambda: cohort_fertility(np.ones((3, 4)), 2000), "the cohort born in 2000 lacks age 3 in 2003"),
        (lambda: with_total([0.0, 0.0], 2), "fertility patterns are all zero"),
        (lambda: with_total([0.1, 0.2], -1), "total fertility rates hold -1"),
    ],
)
def test_wrong_measures_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Patterns brought to a target


def test_rates_add_up_to_the_total_whatever_the_pattern_adds_up_to():
    totals = np.array([1.5, 2.1, 0.0])
    rates = with_total(7 * pattern_of("gamma"), totals)
    assert rates.shape == (3, 101)
    assert total_fertility(rates) == pytest.approx(totals, abs=1e-13)
    by_year = with_total(np.array([[1.0, 3.0], [2.0, 2.0]]), [2.0, 1.0])
    assert by_year == pytest.approx(np.array([[0.5, 1.5], [0.5, 0.5]]), abs=1e-15)


@given(
    middle=st.lists(st.floats(0, 1), min_size=35, max_size=35).filter(lambda shares: max(shares) > 1e-3),
    away=st.floats(-12, 12),
    total=st.floats(1e-3, 1e6),
)
@FEW
def test_a_moved_pattern_meets_its_mean_age_and_keeps_its_total(middle, away, total):
    pattern = np.zeros(101)
    pattern[15:50] = middle
    pattern *= total / pattern.sum()
    target = float(mean_age_at_birth(pattern, AGES, 1)) + away
    moved = shifted_to_mean_age(pattern, target)
    assert moved.min() >= 0
    assert moved.sum() == pytest.approx(total, rel=1e-13)
    assert mean_age_at_birth(moved, AGES, 1) == pytest.approx(target, abs=1e-10)


def test_a_move_by_whole_years_changes_nothing_else():
    pattern = np.zeros(60)
    pattern[15:50] = np.random.default_rng(1).uniform(0, 0.1, 35)
    mean = float(mean_age_at_birth(pattern, np.arange(60), 1))
    for years in (-7, 0, 4):
        assert shifted_to_mean_age(pattern, mean + years) == pytest.approx(np.roll(pattern, years), abs=1e-14)


def test_rounding_makes_no_age_negative():
    rng = np.random.default_rng(0)
    patterns = np.zeros((100, 101))
    patterns[:, 15:50] = 10 ** rng.uniform(-18, 0, (100, 35))
    wanted = mean_age_at_birth(patterns, AGES, 1) + rng.uniform(-5, 5, (20, 100))
    moved = shifted_to_mean_age(patterns, wanted)
    assert moved.min() == 0
    assert mean_age_at_birth(moved, AGES, 1) == pytest.approx(wanted, abs=1e-10)
    assert moved.sum(axis=-1) == pytest.approx(np.broadcast_to(patterns.sum(axis=-1), (20, 100)), rel=1e-13)


@pytest.mark.parametrize("first", [0, 20, 39])
def test_a_pattern_may_move_from_one_end_of_its_ages_to_the_other(first):
    pattern = np.zeros(50)
    pattern[first : first + 11] = np.linspace(0.2, 0.1, 11)
    mean = float(mean_age_at_birth(pattern, np.arange(50), 1))
    for years in (-first, 39 - first):
        assert shifted_to_mean_age(pattern, mean + years) == pytest.approx(np.roll(pattern, years), abs=1e-10)


@pytest.mark.parametrize("target", [24.3, 30.0, 33.87])
def test_a_moved_pattern_is_the_monotone_cubic_read_off_beside_the_whole_ages(target):
    pattern = 1.7 * pattern_of("quadratic_spline")
    accumulated = np.append(0, np.cumsum(pattern))

    def moved(years):
        points = np.clip(np.arange(102.0) - years, 0, 101)
        return np.diff(monotone_cubic(np.arange(102.0), accumulated, points))

    years = brentq(lambda move: ((AGES + 0.5) * moved(move)).sum() / 1.7 - target, -15, 15, xtol=1e-14)
    assert shifted_to_mean_age(pattern, target) == pytest.approx(moved(years), abs=1e-12)


def test_patterns_and_mean_ages_of_many_years_are_moved_at_once():
    pattern = np.stack([pattern_of("beta"), 2 * pattern_of("quadratic_spline")])
    wanted = np.array([28.0, 31.3, 33.7])
    one = shifted_to_mean_age(pattern[0], wanted)
    both = shifted_to_mean_age(pattern, wanted[:, None])
    assert both.shape == (3, 2, 101)
    for year, target in enumerate(wanted):
        assert one[year] == pytest.approx(shifted_to_mean_age(pattern[0], target), abs=1e-11)
        assert both[year, 1] == pytest.approx(shifted_to_mean_age(pattern[1], target), abs=1e-11)


def test_an_endless_tail_may_leave_the_ages_without_a_trace_in_mean_and_total():
    pattern = hadwiger(AGES, mean_age=30, standard_deviation=6)
    wanted = np.array([31.7, 40.0])
    moved = shifted_to_mean_age(pattern, wanted)
    edge = np.append(0, np.cumsum(pattern))
    assert 1e-10 < 1 - edge[-11] < targets.LARGEST_LOSS
    assert mean_age_at_birth(moved, AGES, 1) == pytest.approx(wanted, abs=1e-10)
    assert moved.sum(axis=-1) == pytest.approx(1, abs=1e-13)


def test_a_pattern_that_would_leave_its_ages_is_refused_with_its_loss():
    pattern = np.zeros(50)
    pattern[[20, 48]] = 0.9, 0.1
    # Mean age 23.3; three years on, the births at 48 are past 49.
    with pytest.raises(
        ValueError, match=r"a mean age of 26\.3 would move 0\.1 of the fertility pattern out of the ages 0"
    ):
        shifted_to_mean_age(pattern, [23.3, 26.3])
    with pytest.raises(
        ValueError, match=r"a mean age of 0 would move 0\.9 of the fertility pattern out of the ages 0 to"
    ):
        shifted_to_mean_age(pattern, 0)


@pytest.mark.parametrize(
    ("pattern", "target", "message"),
    [
        (np.zeros(50), 30, "fertility patterns are all zero"),
        (np.full(50, np.nan), 30, "fertility patterns hold nan"),
        (np.full(50, -1.0), 30, "fertility patterns hold -1"),
        (np.ones(50), np.nan, "mean ages at birth hold nan"),
        (np.ones(50), 51, "mean ages at birth hold 51 at .0.; allowed are 0 to 50"),
    ],
)
def test_wrong_moves_are_refused(pattern, target, message):
    with pytest.raises(ValueError, match=message):
        shifted_to_mean_age(pattern, target)


# Model patterns


def integrated(density, ages=AGES, points=4000):
    """Shares of single ages by the midpoint rule, from a density of exact age."""
    exact = (ages[0] + (np.arange(len(ages) * points) + 0.5) / points).reshape(-1, points)
    integral = density(exact).mean(axis=-1)
    return integral / integral.sum()


def test_hadwiger_is_the_curve_of_chandola_coleman_and_hiorns():
    c = 30.2
    b = c / (5.4 * math.sqrt(2))
    a = 1.8 / math.sqrt(math.pi)

    def density(x):
        return a * b / c * (c / x) ** 1.5 * np.exp(-(b**2) * (c / x + x / c - 2))

    assert pattern_of("hadwiger") == pytest.approx(integrated(density), abs=1e-9)
    exact = (np.arange(400000) + 0.5) / 4000
    assert density(exact).sum() / 4000 == pytest.approx(1.8, abs=1e-9)


def test_gamma_and_beta_are_the_densities_of_their_names():
    shape, scale = (16.2 / 5.4) ** 2, 5.4**2 / 16.2
    years = np.arange(14, 101)

    def gamma_density(x):
        return (x - 14) ** (shape - 1) * np.exp(-(x - 14) / scale)

    assert pattern_of("gamma", years) == pytest.approx(integrated(gamma_density, years), abs=1e-8)
    # The two exponents as Hoem et al. (1981) print them.
    late = ((30.2 - 14) * (52 - 30.2) / 5.4**2 - 1) * (52 - 30.2) / (52 - 14)
    early = late * (30.2 - 14) / (52 - 30.2)
    years = np.arange(14, 52)
    expected = integrated(lambda x: (x - 14) ** (early - 1) * (52 - x) ** (late - 1), years)
    assert pattern_of("beta", years) == pytest.approx(expected, abs=1e-8)
    assert pattern_of("beta")[14:52] == pytest.approx(pattern_of("beta", years), abs=1e-14)


def spline(start, peak, half):
    """Schmertmann's curve by the five conditions on five coefficients, and the age at which it ends."""
    weight = min(0.75, 0.25 + 0.025 * (peak - start))
    end = max(min(50, 4 * half - 3 * peak), (4 * half - peak) / 3)
    knots = np.array([start, start + weight * (peak - start), peak, (peak + half) / 2, (half + end) / 2])

    def above(age):
        return np.maximum(age - knots, 0)

    conditions = [above(peak) ** 2, above(half) ** 2, above(end) ** 2, above(peak), above(end)]
    coefficients = np.linalg.solve(conditions, [1, 0.5, 0, 0, 0])
    return lambda age: np.where(age < end, above(age[..., None]) ** 2 @ coefficients, 0), end


@pytest.mark.parametrize(
    ("start", "peak", "half", "end"),
    # The example of the program of 2005 and that of the model's own page; ends below 50 and above it.
    [(13, 26, 35, 50), (15, 28, 34, 50), (15, 23, 31, 50), (16, 22, 26, 38), (12, 40, 46, 50), (14, 33, 48, 53)],
)
def test_the_quadratic_spline_meets_the_conditions_of_schmertmann(start, peak, half, end):
    density, last = spline(start, peak, half)
    assert last == end
    assert quadratic_spline(AGES, start=start, peak=peak, half=half) == pytest.approx(integrated(density), abs=1e-7)


@given(
    start=st.floats(8, 20),
    rise=st.floats(1, 20),
    fall=st.floats(1, 20),
)
@FEW
def test_the_quadratic_spline_rises_to_its_peak_and_falls_after_it(start, rise, fall):
    shares = quadratic_spline(AGES, start=start, peak=start + rise, half=start + rise + fall)
    assert shares.min() >= 0
    assert shares.sum() == pytest.approx(1, abs=1e-13)
    top = int(start + rise)
    assert np.all(np.diff(shares[:top]) >= 0)
    assert np.all(np.diff(shares[top + 1 :]) <= 1e-15)


@given(mean=st.floats(22, 38), spread=st.floats(2, 7), before=st.floats(3, 4), after=st.floats(3, 6))
@FEW
def test_patterns_have_the_mean_age_and_spread_that_they_are_asked_for(mean, spread, before, after):
    start, end = max(mean - before * spread, 0), mean + after * spread
    patterns = np.stack(
        [
            hadwiger(AGES, mean_age=mean, standard_deviation=spread),
            gamma(AGES, mean_age=mean, standard_deviation=spread, start=start),
            beta(AGES, mean_age=mean, standard_deviation=spread, start=start, end=end),
        ]
    )
    assert patterns.min() >= 0
    assert patterns.sum(axis=-1) == pytest.approx(1, abs=1e-13)
    assert mean_age_at_birth(patterns, AGES, 1) == pytest.approx(mean, abs=1e-3)
    variance = standard_deviation_of_age_at_birth(patterns, AGES, 1) ** 2
    assert variance - 1 / 12 == pytest.approx(spread**2, abs=2e-2)


@EACH
def test_parameters_of_many_years_make_a_pattern_each(model):
    once = pattern_of(model)
    later = {name: value + 1 for name, value in PARAMETERS[model].items() if name != "standard_deviation"}
    both = {name: np.array([value, later.get(name, value)]) for name, value in PARAMETERS[model].items()}
    patterns = PATTERNS[model](AGES, **both)
    assert patterns.shape == (2, 101)
    assert patterns[0] == pytest.approx(once, abs=1e-15)
    if model in ("gamma", "beta"):
        assert patterns[1, 1:] == pytest.approx(once[:-1], abs=1e-13)


@EACH
def test_fewer_ages_hold_the_same_proportions(model):
    few = pattern_of(model, np.arange(15, 50))
    whole = pattern_of(model)[15:50]
    assert few.sum() == pytest.approx(1, abs=1e-14)
    assert few == pytest.approx(whole / whole.sum(), abs=1e-14)


@EACH
def test_parameters_are_known_by_name(model):
    assert parameter_names(model) == tuple(PARAMETERS[model])


@pytest.mark.parametrize(
    ("model", "changes", "message"),
    [
        ("hadwiger", {"mean_age": 0}, "a mean age at birth must be above zero"),
        ("hadwiger", {"standard_deviation": 0}, "a standard deviation of the age at birth must be above zero"),
        ("gamma", {"standard_deviation": [5, 0]}, "a standard deviation of the age at birth must be above zero"),
        ("beta", {"standard_deviation": 0}, "a standard deviation of the age at birth must be above zero"),
        ("hadwiger", {"mean_age": np.nan}, "values of mean_age hold nan"),
        ("gamma", {"start": -1}, "values of start hold -1"),
        ("gamma", {"start": 30.2}, "a mean age at birth must lie above the start of childbearing"),
        ("beta", {"end": 30}, "a mean age at birth must lie between start and end of childbearing"),
        ("beta", {"start": 31}, "a mean age at birth must lie between start and end of childbearing"),
        ("beta", {"standard_deviation": 18.8}, "is too large for the mean age between this start and end"),
        ("quadratic_spline", {"peak": 13}, "start, peak and half of the peak must be ages that rise in this order"),
        ("quadratic_spline", {"half": 26}, "start, peak and half of the peak must be ages that rise in this order"),
        ("hadwiger", {"mean_age": 150}, "the ages 0 to 100 hold .* percent of the births of the model; more than 99"),
        ("hadwiger", {"ages": np.arange(25, 50)}, "the ages 25 to 49 hold 8.* percent of the births of the model"),
        ("hadwiger", {"ages": np.arange(15, 50, 5)}, "ages must be completed ages, each one year above"),
        ("hadwiger", {"ages": [[15, 16]]}, "ages must be completed ages, each one year above"),
    ],
)
def test_impossible_parameters_are_refused(model, changes, message):
    with pytest.raises(ValueError, match=message):
        PATTERNS[model](**{"ages": AGES, **PARAMETERS[model], **changes})


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="brass is not a fertility pattern; there are: hadwiger, gamma, beta"):
        parameter_names("brass")
    with pytest.raises(ValueError, match="brass is not a fertility pattern"):
        fit_pattern(np.ones(7), np.arange(15, 50, 5), 5, model="brass")


# Fits


@EACH
@pytest.mark.parametrize("widths", [[1] * 50, [5] * 10, [10, 1, 1, 1, 1, 1, 5, 5, 5, 5, 15]], ids=["1", "5", "mixed"])
def test_a_fit_recovers_the_model_that_made_the_rates(model, widths):
    edges = 10 + np.concatenate([[0], np.cumsum(widths)])
    single = 1.7 * pattern_of(model, np.arange(10, 60))
    rates = np.add.reduceat(single, edges[:-1] - 10) / widths
    found = fit_pattern(rates, edges[:-1], widths, model=model)
    assert found.model == model
    assert found.parameters == pytest.approx(PARAMETERS[model], abs=1e-7)
    assert found.total == pytest.approx(1.7, abs=1e-10)
    assert found.coefficient_of_determination == pytest.approx(1, abs=1e-14)
    assert (found.ages[0], found.ages[-1]) == (10, 59)
    assert found.total * found.pattern == pytest.approx(single, abs=1e-10)


@EACH
def test_rates_of_fewer_ages_still_tell_the_whole_curve(model):
    ages = np.arange(18, 45)
    found = fit_pattern(1.7 * pattern_of(model)[18:45], ages, model=model)
    assert found.parameters == pytest.approx(PARAMETERS[model], abs=1e-6)
    assert found.total == pytest.approx(1.7 * pattern_of(model)[18:45].sum(), abs=1e-10)
    assert found.pattern.sum() == pytest.approx(1, abs=1e-14)


@given(
    model=st.sampled_from(["hadwiger", "gamma", "beta", "quadratic_spline"]),
    mean=st.floats(25, 33),
    spread=st.floats(4, 6.5),
    total=st.floats(0.5, 8),
)
@settings(max_examples=30, deadline=None)
def test_any_usual_pattern_is_recovered_from_single_ages(model, mean, spread, total):
    usual = {
        "hadwiger": {"mean_age": mean, "standard_deviation": spread},
        "gamma": {"mean_age": mean, "standard_deviation": spread, "start": mean - 2.8 * spread},
        "beta": {
            "mean_age": mean,
            "standard_deviation": spread,
            "start": mean - 2.8 * spread,
            "end": mean + 3.4 * spread,
        },
        "quadratic_spline": {"start": mean - 2.4 * spread, "peak": mean - 1, "half": mean + 1.1 * spread},
    }[model]
    ages = np.arange(5, 70)
    rates = total * PATTERNS[model](ages, **usual)
    found = fit_pattern(rates, ages, model=model)
    assert found.total * found.pattern == pytest.approx(rates, abs=1e-7 * total)
    assert found.parameters == pytest.approx(usual, abs=1e-4)


def belgian():
    """Five-year rates of Belgium 2010-2015: rates, first ages, widths."""
    edges, shares = catalogue.fertility_pattern("belgium", 2010, 2015)
    return 1.8 * shares / np.diff(edges), edges[:-1], np.diff(edges)


@EACH
def test_no_neighbour_of_a_fit_lies_closer_to_the_rates(model):
    rates, first, widths = belgian()
    found = fit_pattern(rates, first, widths, model=model)

    def squares(parameters, total):
        single = PATTERNS[model](np.arange(101), **parameters)[15:50]
        fitted = total * (single / single.sum()).reshape(-1, 5).mean(axis=-1)
        return ((fitted - rates) ** 2).sum()

    least = squares(found.parameters, found.total)
    assert 1 - least / ((rates - rates.mean()) ** 2).sum() == pytest.approx(
        found.coefficient_of_determination, abs=1e-9
    )
    assert squares(found.parameters, found.total * 1.001) > least
    assert squares(found.parameters, found.total * 0.999) > least
    for name, value in found.parameters.items():
        if value > 1e-6:  # at zero, the first age there is, a limit holds it
            assert squares({**found.parameters, name: value * 1.003}, found.total) > least
            assert squares({**found.parameters, name: value * 0.997}, found.total) > least


@pytest.mark.parametrize(
    ("model", "closeness", "mean_age"),
    [
        ("hadwiger", 0.9951, 30.50),
        ("gamma", 0.9984, 30.31),
        ("beta", 0.9996, 30.11),
        ("quadratic_spline", 0.9987, 30.18),
    ],
)
def test_models_describe_belgium_in_five_year_groups(model, closeness, mean_age):
    rates, first, widths = belgian()
    found = fit_pattern(rates, first, widths, model=model)
    assert found.coefficient_of_determination == pytest.approx(closeness, abs=1e-4)
    assert mean_age_at_birth(found.pattern, found.ages, 1) == pytest.approx(mean_age, abs=0.01)
    assert found.total == pytest.approx(1.8, rel=0.005)


@cache
def by_single_age(path):
    """Rates of Belgium in 2015 at ages 12 to 54."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["country"] == "BE" and row["year"] == "2015"]
    return np.array([float(row["asfr"]) for row in rows if row["sex"] == "female"])[12:55]


@EACH
def test_models_describe_belgium_by_single_age(model):
    if not os.environ.get("SIM_REFERENCE"):
        pytest.skip("SIM_REFERENCE does not name a folder of reference data")
    rates = by_single_age(Path(os.environ["SIM_REFERENCE"], "europe_2000_2030", "europe_wpp2022_1x1.csv.gz"))
    ages = np.arange(12, 55)
    found = fit_pattern(rates, ages, model=model)
    assert found.coefficient_of_determination > 0.99
    assert found.total == pytest.approx(total_fertility(rates), rel=0.01)
    observed = float(mean_age_at_birth(rates, ages, 1))
    assert mean_age_at_birth(found.pattern, found.ages, 1) == pytest.approx(observed, abs=0.6)


def test_a_fit_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(fitting, "MOST_EVALUATIONS", 1)
    with pytest.raises(ValueError, match="the beta pattern did not converge within 1 evaluations; try another model"):
        fit_pattern(*belgian(), model="beta")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rates": [0.1] * 6 + [np.nan]}, "fertility rates hold nan"),
        ({"rates": [0.1] * 6 + [-0.1]}, "fertility rates hold -0.1"),
        ({"rates": [0.0] * 7}, "fertility rates are all zero"),
        ({"rates": [0.1] * 7}, "fertility rates are 0.1 at all ages; a pattern needs rates that differ"),
        ({"rates": [[0.1] * 6 + [0.2]]}, "fertility rates have 2 dimensions; a pattern is fitted to one"),
        (
            {"rates": [0.1, 0.2, 0.3, 0.2, 0.0, 0.0, 0.0]},
            "4 fertility rates above zero do not determine the pattern; 5",
        ),
        ({"first_ages": [15, 20, 25]}, "first ages have 3 values a row; expected are 7"),
        ({"widths": 1}, "age groups must be of whole years, each ending where the next one starts"),
        ({"first_ages": np.arange(15, 18.5, 0.5), "widths": 0.5}, "age groups must be of whole years"),
        ({"first_ages": [15, 15, 20, 25, 30, 35, 40], "widths": [0, 5, 5, 5, 5, 5, 5]}, "age groups must be of whole"),
        ({"first_ages": np.arange(15.5, 50, 5)}, "age groups must be of whole years"),
    ],
)
def test_rates_that_no_pattern_fits_are_refused(changes, message):
    given_ = {"rates": [0.01, 0.06, 0.1, 0.1, 0.05, 0.01, 0.0], "first_ages": np.arange(15, 50, 5), "widths": 5}
    with pytest.raises(ValueError, match=message):
        fit_pattern(**{**given_, **changes}, model="beta")
