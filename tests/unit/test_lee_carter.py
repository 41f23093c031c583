"""Lee-Carter and Li-Lee find what they were made from, agree with slow loops and say what they cannot fit."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from sim.demography.lifetable import life_expectancy
from sim.demography.mortality.forecasts import (
    drift,
    forecast,
    rotated_forecast,
    rotation_weight,
    ultimate_sensitivity,
)
from sim.demography.mortality.lee_carter import (
    LeeCarter,
    adjusted_to_deaths,
    adjusted_to_life_expectancy,
    lee_carter,
)
from sim.demography.mortality.li_lee import LiLee, coherent_forecast, li_lee, own_process, rates_of_last_year

YEARS = np.array([1990, 1991, 1992, 1995, 1996, 1998, 1999, 2003, 2004, 2005])
AHEAD = np.array([2006, 2010, 2055])
AGES = 7
FIVE_YEAR_GROUPS = np.array([0, 1, *range(5, 105, 5)])


def noisy(seed=1, leading=(2,), years=10, ages=AGES, noise=0.05):
    """Rates that fall faster at young ages, with noise; (Y, ..., A)."""
    random = np.random.default_rng(seed)
    level = np.linspace(-6, -1, ages) + random.normal(0, 0.1, (*leading, ages))
    index = np.linspace(4, -4, years)[(..., *[None] * len(leading), None)]
    logarithm = level + np.linspace(0.3, 0.05, ages) * index
    return np.exp(logarithm + random.normal(0, noise, logarithm.shape))


def fitted(fit):
    return np.exp(fit.level + fit.sensitivity * fit.time_index[..., None])


def expectancy(rates):
    """Life expectancy at exact age 0 of rates by age, of which the last is open."""
    survivors = np.exp(-np.cumsum(rates, axis=-1))
    before = np.concatenate([np.ones_like(rates[..., :1]), survivors[..., :-1]], axis=-1)
    lived = (before - survivors) / rates
    lived[..., -1] = before[..., -1] / rates[..., -1]
    return lived.sum(axis=-1)


def with_index(index, years):
    """A fit of two ages with a given index (Y, ...)."""
    index = np.asarray(index, dtype=float)
    leading = index.shape[1:]
    return LeeCarter(
        np.asarray(years, dtype=float),
        np.full((*leading, 2), -3.0),
        np.full((*leading, 2), 0.5),
        index,
        np.ones(leading),
    )


# Lee-Carter: the fit


@pytest.mark.parametrize("weighted", [False, True])
def test_exact_factor_is_found_again(weighted):
    random = np.random.default_rng(2)
    level, sensitivity = random.normal(-4, 1, (3, 2, AGES)), random.uniform(-0.1, 1, (3, 2, AGES))
    sensitivity /= sensitivity.sum(axis=-1, keepdims=True)
    index = random.normal(0, 3, (len(YEARS), 3, 2))
    index -= index.mean(axis=0)
    rates = np.exp(level + sensitivity * index[..., None])
    weights = random.uniform(0.1, 10, rates.shape) if weighted else None

    fit = lee_carter(rates, YEARS, weights=weights)

    np.testing.assert_allclose(fit.level, level, rtol=0, atol=1e-9)
    np.testing.assert_allclose(fit.sensitivity, sensitivity, rtol=0, atol=1e-9)
    np.testing.assert_allclose(fit.time_index, index, rtol=0, atol=1e-8)
    np.testing.assert_allclose(fit.explained, 1, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(fit.years, YEARS)


def test_cells_without_weight_do_not_count():
    rates = np.exp(np.linspace(-5, -1, AGES) + np.full(AGES, 1 / AGES) * np.linspace(3, -3, len(YEARS))[:, None])
    weights = np.ones_like(rates)
    weights[2, 3] = weights[5, 3] = weights[0, 0] = 0
    spoilt = np.where(weights > 0, rates, [[0.0], [9.0]] * 5)

    fit = lee_carter(spoilt, YEARS, weights=weights)

    np.testing.assert_allclose(fitted(fit), rates, rtol=1e-9)
    np.testing.assert_allclose(fit.explained, 1, rtol=0, atol=1e-12)


def test_weights_that_are_all_alike_change_nothing():
    rates = noisy()

    plain, weighted = lee_carter(rates, YEARS), lee_carter(rates, YEARS, weights=np.full_like(rates, 3.7))

    for name in ("level", "sensitivity", "time_index", "explained"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(plain, name), rtol=0, atol=1e-9)


def test_unweighted_fit_agrees_with_a_power_iteration_in_loops():
    rates = noisy(noise=0.3)[:, 1]
    table = [[math.log(rates[year, age]) for age in range(AGES)] for year in range(len(YEARS))]
    mean = [sum(row[age] for row in table) / len(table) for age in range(AGES)]
    pattern = [1 / AGES] * AGES
    for _ in range(500):
        index = [sum((row[age] - mean[age]) * pattern[age] for age in range(AGES)) for row in table]
        pattern = [sum(k * (row[age] - mean[age]) for k, row in zip(index, table, strict=True)) for age in range(AGES)]
        size = math.sqrt(sum(value**2 for value in pattern))
        pattern = [value / size for value in pattern]
    total = sum(pattern)
    squares = sum((row[age] - mean[age]) ** 2 for row in table for age in range(AGES))
    left = sum(
        (row[age] - mean[age] - pattern[age] * k) ** 2
        for k, row in zip(index, table, strict=True)
        for age in range(AGES)
    )

    fit = lee_carter(rates, YEARS)

    np.testing.assert_allclose(fit.level, mean, rtol=1e-12)
    np.testing.assert_allclose(fit.sensitivity, np.array(pattern) / total, rtol=1e-9)
    np.testing.assert_allclose(fit.time_index, np.array(index) * total, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fit.explained, 1 - left / squares, rtol=1e-10)


def test_weighted_fit_agrees_with_a_general_least_squares_solver():
    rates = noisy(seed=3, noise=0.3)[:, 0]
    weights = np.random.default_rng(3).choice([0, 1, 5, 40], rates.shape, p=[0.1, 0.3, 0.3, 0.3])
    years = len(YEARS)

    def error(values):
        level, pattern, index = np.split(values, [AGES, 2 * AGES])
        return (np.sqrt(weights) * (np.log(rates) - level - pattern * index[:, None])).ravel()

    start = np.concatenate([np.log(rates).mean(axis=0), np.full(AGES, 1 / AGES), np.linspace(4, -4, years)])
    best = optimize.least_squares(error, start, xtol=1e-15, ftol=1e-15, gtol=1e-13)

    fit = lee_carter(rates, YEARS, weights=weights)

    reached = (weights * np.square(np.log(rates / fitted(fit)))).sum()
    assert reached <= 2 * best.cost * (1 + 1e-12)
    _, pattern, index = np.split(best.x, [AGES, 2 * AGES])
    np.testing.assert_allclose(fit.sensitivity, pattern / pattern.sum(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(fit.time_index, (index - index.mean()) * pattern.sum(), rtol=0, atol=1e-5)
    mean = (weights * np.log(rates)).sum(axis=0) / weights.sum(axis=0)
    np.testing.assert_allclose(
        fit.explained, 1 - reached / (weights * np.square(np.log(rates) - mean)).sum(), rtol=1e-10
    )


@given(st.integers(0, 10**6), st.booleans(), st.floats(1e-3, 1e3))
@settings(max_examples=40, deadline=None)
def test_constraints_hold_and_scaled_rates_move_the_level_alone(seed, weighted, factor):
    rates = noisy(seed)
    weights = np.random.default_rng(seed).uniform(1, 10, rates.shape) if weighted else None

    fit, scaled = (lee_carter(rates * by, YEARS, weights=weights) for by in (1.0, factor))

    np.testing.assert_allclose(fit.sensitivity.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(fit.time_index.sum(axis=0), 0, rtol=0, atol=1e-10)
    assert np.all(fit.time_index[0] > fit.time_index[-1])
    np.testing.assert_allclose(scaled.level, fit.level + np.log(factor), rtol=0, atol=1e-9)
    np.testing.assert_allclose(scaled.sensitivity, fit.sensitivity, rtol=0, atol=1e-8)
    np.testing.assert_allclose(scaled.time_index, fit.time_index, rtol=0, atol=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_leading_axes_are_fitted_one_by_one(weighted):
    rates = noisy(leading=(2, 3), noise=0.3)
    weights = np.random.default_rng(1).uniform(1, 10, rates.shape) if weighted else np.ones_like(rates)
    given_weights = {"weights": weights} if weighted else {}

    fit = lee_carter(rates, YEARS, **given_weights)

    swapped = lee_carter(rates.swapaxes(1, 2), YEARS, **({"weights": weights.swapaxes(1, 2)} if weighted else {}))
    alone = lee_carter(rates[:, 1, 2], YEARS, **({"weights": weights[:, 1, 2]} if weighted else {}))
    np.testing.assert_array_equal(swapped.sensitivity, fit.sensitivity.swapaxes(0, 1))
    np.testing.assert_array_equal(swapped.time_index, fit.time_index.swapaxes(1, 2))
    np.testing.assert_array_equal(alone.time_index, fit.time_index[:, 1, 2])
    np.testing.assert_allclose(alone.level, fit.level[1, 2], rtol=1e-13)
    np.testing.assert_allclose(alone.explained, fit.explained[1, 2], rtol=1e-13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"rates": (3, 1, 5, 0.0)},
            r"death rates are zero at \[3, 1, 5\]; give weights that are zero there, or pool ages",
        ),
        ({"rates": (3, 1, 5, -1.0)}, r"death rates hold -1 at \[3, 1, 5\]"),
        ({"rates": (3, 1, 5, np.nan)}, r"death rates hold nan at \[3, 1, 5\]"),
        (
            {"years": YEARS[:-1]},
            r"death rates of shape \(10, 2, 7\) do not fit 9 years; years come first and ages last",
        ),
        ({"years": YEARS[::-1]}, "years must be two or more numbers, each above the one before"),
        ({"years": YEARS + 0.5}, "years hold 1990.5; only whole calendar years are allowed"),
        (
            {"weights": np.ones((10, 7))},
            r"weights have shape \(10, 7\); expected is that of the death rates, \(10, 2, 7\)",
        ),
        ({"weights": -np.ones((10, 2, 7))}, r"weights hold -1 at \[0, 0, 0\]"),
        ({"weights": np.arange(10)[:, None, None] * np.ones((2, 7))}, r"weights are all zero in row \[0, 0\]"),
        (
            {"weights": ((np.arange(10)[:, None, None] < 1) | (np.arange(7) != 4)) * np.ones((2, 1))},
            r"weights are above zero in fewer than two years at \[:, 0, 4\]; pool ages or add years",
        ),
    ],
)
def test_what_cannot_be_fitted_is_named(change, message):
    rates = noisy()
    if "rates" in change:
        *cell, value = change["rates"]
        rates[tuple(cell)] = value

    with pytest.raises(ValueError, match=message):
        lee_carter(rates, change.get("years", YEARS), weights=change.get("weights"))


def test_a_zero_rate_with_weight_is_named():
    rates = noisy()
    rates[1, 0, 2] = 0

    with pytest.raises(ValueError, match=r"death rates are zero at \[1, 0, 2\]"):
        lee_carter(rates, YEARS, weights=np.ones_like(rates))


@pytest.mark.parametrize("weighted", [False, True])
def test_rates_that_never_change_are_refused(weighted):
    rates = np.broadcast_to(noisy()[:1], (len(YEARS), 2, AGES))

    with pytest.raises(ValueError, match="death rates do not change over the years; an index needs some change"):
        lee_carter(rates, YEARS, weights=np.ones_like(rates) if weighted else None)


def test_changes_that_cancel_are_refused():
    rates = np.exp(np.multiply.outer(np.arange(-2, 3), [0.1, -0.1, 0.2, -0.2]))

    with pytest.raises(ValueError, match="death rates rise at some ages as much as they fall at others"):
        lee_carter(rates, range(2000, 2005))


def test_a_table_without_a_best_fit_is_refused(monkeypatch):
    monkeypatch.setattr(sys.modules[lee_carter.__module__], "MOST_STEPS", 500)
    logarithm = np.array([[-1.6, 0.1, 0], [-1, 0.7, -0.8], [0.8, 0, 2.5]])
    weights = np.array([[1.0, 1, 0], [1, 1, 1], [1, 0, 1]])

    with pytest.raises(ValueError, match="the weighted fit does not converge: two patterns explain about as much, or"):
        lee_carter(np.exp(logarithm), range(3), weights=weights)


# Lee-Carter: the second stage


@pytest.mark.parametrize("weighted", [False, True])
def test_deaths_of_every_year_are_met(weighted):
    rates = noisy(noise=0.3)
    exposure = np.random.default_rng(5).uniform(0, 1e5, rates.shape)
    fit = lee_carter(rates, YEARS, weights=rates * exposure if weighted else None)

    adjusted = adjusted_to_deaths(fit, rates * exposure, exposure)

    expected = (exposure * fitted(adjusted)).sum(axis=-1)
    np.testing.assert_allclose(expected, (rates * exposure).sum(axis=-1), rtol=1e-12)
    np.testing.assert_allclose(adjusted.time_index.sum(axis=0), 0, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(adjusted.sensitivity, fit.sensitivity)
    assert np.abs(adjusted.time_index - fit.time_index).max() > 1e-3


def test_deaths_that_rise_with_the_index_are_taken_where_two_indices_lead_to_them():
    fit = LeeCarter(np.array([2000.0, 2001]), np.zeros(2), np.array([1.5, -0.5]), np.array([0.2, -0.2]), np.array(1.0))

    adjusted = adjusted_to_deaths(fit, [[1, 2], [1, 1.5]], np.ones((2, 2)))

    raised = adjusted.level[0] / 1.5 + adjusted.time_index
    np.testing.assert_allclose(np.exp(1.5 * raised) + np.exp(-0.5 * raised), [3, 2.5], rtol=1e-12)
    assert np.all(raised > math.log(1 / 3) / 2)


def test_life_expectancy_of_every_year_is_met():
    rates = noisy(noise=0.3)
    fit, target = lee_carter(rates, YEARS), expectancy(rates)

    adjusted = adjusted_to_life_expectancy(fit, target, expectancy)

    np.testing.assert_allclose(expectancy(fitted(adjusted)), target, rtol=0, atol=1e-9)
    np.testing.assert_allclose(adjusted.time_index.sum(axis=0), 0, rtol=0, atol=1e-12)
    assert np.abs(expectancy(fitted(fit)) - target).max() > 1e-2


def test_second_stage_leaves_an_exact_fit_as_it_is():
    rates = noisy(noise=0)
    fit = lee_carter(rates, YEARS)

    for adjusted in (
        adjusted_to_deaths(fit, rates, np.ones_like(rates)),
        adjusted_to_life_expectancy(fit, expectancy(rates), expectancy),
    ):
        np.testing.assert_allclose(adjusted.level, fit.level, rtol=0, atol=1e-9)
        np.testing.assert_allclose(adjusted.time_index, fit.time_index, rtol=0, atol=1e-9)


def test_what_the_second_stage_cannot_meet_is_named():
    rates = noisy()
    fit, ones = lee_carter(rates, YEARS), np.ones_like(rates)
    zero = ones.copy()
    zero[4, 1] = 0

    with pytest.raises(ValueError, match=r"deaths are all zero in row \[4, 1\]"):
        adjusted_to_deaths(fit, zero, ones)
    with pytest.raises(ValueError, match=r"exposure are all zero in row \[4, 1\]"):
        adjusted_to_deaths(fit, ones, zero)
    with pytest.raises(ValueError, match=r"deaths have shape \(9, 2, 7\); expected is that of the fit, \(10, 2, 7\)"):
        adjusted_to_deaths(fit, ones[1:], ones)
    with pytest.raises(
        ValueError, match=r"life expectancies have shape \(10,\); expected is that of the fit, \(10, 2\)"
    ):
        adjusted_to_life_expectancy(fit, np.full(10, 70.0), expectancy)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="no index within 4096 of the fitted one leads to"):
        adjusted_to_life_expectancy(fit, np.full((10, 2), 0.0), lambda rates: 50 + expectancy(rates))


# Lee-Carter: drift and forecast


def test_drift_takes_gaps_between_years_into_account():
    years, index = [2000, 2001, 2004, 2006], np.array([[3.0, 1], [2.5, 1], [-1, 0], [-4.5, -2]])
    per_year = (index[-1] - index[0]) / 6
    squares = np.zeros(2)
    for step in range(3):
        gap = years[step + 1] - years[step]
        squares += (index[step + 1] - index[step] - gap * per_year) ** 2 / gap

    found = drift(with_index(index, years))

    np.testing.assert_allclose(found.per_year, [-1.25, -0.5], rtol=1e-15)
    np.testing.assert_allclose(found.innovation_variance, squares / 2, rtol=1e-14)
    np.testing.assert_allclose(found.standard_error, np.sqrt(squares / 2 / 6), rtol=1e-14)


def test_variance_of_innovations_has_no_bias():
    random = np.random.default_rng(7)
    gaps = np.diff(YEARS)[:, None]
    walks = np.cumsum(
        np.vstack([np.zeros((1, 200_000)), random.normal(-0.5 * gaps, 2 * np.sqrt(gaps), (9, 200_000))]), 0
    )

    found = drift(with_index(walks, YEARS))

    assert found.innovation_variance.mean() == pytest.approx(4, rel=0.01)
    assert found.per_year.std() == pytest.approx(2 / math.sqrt(15), rel=0.01)
    assert np.square(found.standard_error).mean() == pytest.approx(4 / 15, rel=0.01)


def test_forecast_goes_on_along_the_drift():
    fit = lee_carter(noisy(), YEARS)

    rates = forecast(fit, AHEAD)

    yearly = fit.sensitivity * drift(fit).per_year[:, None]
    last = fitted(fit)[-1]
    for place, ahead in enumerate((1, 5, 50)):
        np.testing.assert_allclose(rates[place], last * np.exp(yearly * ahead), rtol=1e-12)
    assert np.all(rates < last)


def test_forecast_starts_from_observed_rates():
    rates = noisy(noise=0.2)
    fit = lee_carter(rates, YEARS)

    jumped = forecast(fit, AHEAD, jump_off=rates[-1])

    np.testing.assert_allclose(jumped / rates[-1], forecast(fit, AHEAD) / fitted(fit)[-1], rtol=1e-12)


@pytest.mark.parametrize("years", [[2005, 2006], [2007, 2006], [2006.5], [], [[2006]], [np.nan]])
def test_years_of_a_forecast_must_come_later(years):
    with pytest.raises(ValueError, match="years of a forecast must be whole, rise and come after 2005, the last year"):
        forecast(lee_carter(noisy(), YEARS), years)


def test_what_a_forecast_cannot_start_from_is_named():
    rates = noisy()
    fit = lee_carter(rates, YEARS)
    rates[-1, 1, 3] = 0

    with pytest.raises(ValueError, match=r"jump-off rates are zero at \[1, 3\] and would stay so; pool ages or years"):
        forecast(fit, AHEAD, jump_off=rates[-1])
    with pytest.raises(ValueError, match=r"jump-off rates have shape \(7,\); expected is that of the fit, \(2, 7\)"):
        forecast(fit, AHEAD, jump_off=rates[-1, 0])
    with pytest.raises(ValueError, match="2 years are too few for a random walk with drift; it takes 3"):
        forecast(lee_carter(rates[:2], YEARS[:2]), AHEAD)


# Rotation


def test_weight_of_the_rotation_rises_from_80_to_102_years():
    weight = rotation_weight([60, 80, 85.5, 91, 96.5, 102, 120])

    quarter = math.sqrt((1 - math.sqrt(0.5)) / 2)
    np.testing.assert_allclose(weight, [0, 0, quarter, math.sqrt(0.5), math.sqrt(1 - quarter**2), 1, 1], atol=1e-8)
    assert rotation_weight(91.0).shape == ()


def test_ultimate_pattern_agrees_with_a_loop_over_five_year_groups():
    sensitivity = np.linspace(0.1, 0.01, len(FIVE_YEAR_GROUPS)) ** 1.1
    sensitivity /= sensitivity.sum()
    adults = [sensitivity[place] for place, age in enumerate(FIVE_YEAR_GROUPS) if 15 <= age <= 60]
    mean = sum(adults) / 10
    at_65 = sensitivity[list(FIVE_YEAR_GROUPS).index(65)]
    expected = [mean if age < 65 else sensitivity[place] * mean / at_65 for place, age in enumerate(FIVE_YEAR_GROUPS)]

    ultimate = ultimate_sensitivity(sensitivity, FIVE_YEAR_GROUPS)

    np.testing.assert_allclose(ultimate, np.array(expected) / sum(expected), rtol=1e-13)


def test_ultimate_pattern_of_single_ages_is_that_of_their_groups():
    grouped = np.linspace(0.1, 0.01, 20) ** 1.1
    single = np.repeat(grouped, 5)

    ultimate = ultimate_sensitivity(np.stack([single, single[::-1]]), np.arange(100))

    by_group = ultimate_sensitivity(grouped / grouped.sum(), np.arange(0, 100, 5))
    np.testing.assert_allclose(ultimate[0], np.repeat(by_group, 5) / 5, rtol=1e-13)
    np.testing.assert_allclose(ultimate.sum(axis=-1), 1, rtol=1e-13)
    np.testing.assert_allclose(ultimate[:, :65], ultimate[:, 65:66] * np.ones(65), rtol=1e-13)


def gompertz(years=20, decline=1.0):
    """Rates of single ages 0 to 109 of two sexes; the young gain more. (Y, 2, A)."""
    age, time = np.arange(110), np.arange(years)[:, None, None]
    level = np.stack([-11.2 + 0.1 * age, -10.7 + 0.1 * age])
    return np.exp(level - decline * np.linspace(0.03, 0.002, 110) * time)


def years_lived(rates):
    """Life expectancy at birth of hazards by single age reached, with none in the year of birth."""
    return life_expectancy(np.concatenate([np.ones_like(rates[..., :1]), np.exp(-rates)], axis=-1))


def test_rotated_forecast_keeps_life_expectancy_and_slows_the_young():
    fit = lee_carter(gompertz(), range(2000, 2020))
    years = np.arange(2020, 2120)

    plain, rotated = forecast(fit, years), rotated_forecast(fit, years, np.arange(110), years_lived)

    expected = years_lived(plain)
    assert 80 < expected.min() < expected.max() < 102
    np.testing.assert_allclose(years_lived(rotated), expected, rtol=0, atol=1e-9)
    assert np.all(rotated[1:, :, :15] > plain[1:, :, :15])
    assert np.all(rotated[1:, :, 90:] < plain[1:, :, 90:])
    weight = rotation_weight(expected)[..., None]
    ultimate = ultimate_sensitivity(fit.sensitivity, np.arange(110))
    pattern = (1 - weight) * fit.sensitivity + weight * ultimate
    change = np.log(rotated / fitted(fit)[-1]) / pattern
    np.testing.assert_allclose(change, change[..., :1] * np.ones(110), rtol=1e-8)


def test_nothing_rotates_below_80_years():
    rates = gompertz() * np.exp(2)
    fit = lee_carter(rates, range(2000, 2020))

    rotated = rotated_forecast(fit, [2020, 2025], np.arange(110), years_lived, jump_off=rates[-1])

    assert years_lived(rotated).max() < 80
    np.testing.assert_allclose(rotated, forecast(fit, [2020, 2025], jump_off=rates[-1]), rtol=1e-9)


def test_what_cannot_rotate_is_named():
    with pytest.raises(
        ValueError, match="first ages hold no 65, where the pattern is joined; a group must begin there"
    ):
        ultimate_sensitivity(np.ones(3) / 3, [0, 15, 60])
    with pytest.raises(ValueError, match="sensitivities have 4 values a row; expected are 3"):
        ultimate_sensitivity(np.ones(4) / 4, [0, 15, 65])
    with pytest.raises(
        ValueError, match=r"sensitivities hold -0\.2 at age 65; they must be above zero there to be rotated"
    ):
        ultimate_sensitivity([0.6, 0.6, -0.2], [0, 15, 65])
    with pytest.raises(ValueError, match="life expectancies hold nan"):
        rotation_weight([80, np.nan])


# Li-Lee


def group(seed=1, years=40, trend=0.0, ages=AGES):
    """Rates of women and men who follow one index and deviate from it for a while, and the years. (Y, 2, A)."""
    random = np.random.default_rng(seed)
    time = np.arange(years)
    common = -0.02 * np.linspace(1.5, 0.5, ages) * time[:, None, None]
    own = np.zeros((years, 2))
    for year in range(1, years):
        own[year] = 0.7 * own[year - 1] + random.normal(0, 0.03, 2)
    own[:, 1] -= trend * time
    level = np.linspace(-6, -1, ages) + np.array([[0.0], [0.3]])
    noise = random.normal(0, 0.01, (years, 2, ages))
    return np.exp(level + common + own[..., None] * np.linspace(1, 0.2, ages) + noise), 1970 + time


@pytest.mark.parametrize("weighted", [False, True])
def test_proportional_members_have_a_common_factor_only(weighted):
    rates = noisy(leading=(), noise=0)[:, None] * np.array([[1.0], [1.5], [4.0]])
    same = np.ones_like(rates)

    fit = li_lee(rates, YEARS, **({"exposure": same, "weights": same} if weighted else {}))

    pooled = lee_carter(rates[:, 0], YEARS)
    np.testing.assert_allclose(fit.common.sensitivity, pooled.sensitivity, rtol=1e-9)
    np.testing.assert_allclose(fit.level, pooled.level + np.log([[1.0], [1.5], [4.0]]), rtol=1e-9)
    np.testing.assert_allclose(fit.own_index, 0, atol=1e-10)
    np.testing.assert_allclose(fit.explained_by_common, 1, atol=1e-12)
    np.testing.assert_allclose(coherent_forecast(fit, AHEAD)[:, 0], forecast(pooled, AHEAD), rtol=1e-8)


def test_members_are_pooled_by_their_exposure():
    rates, years = group()
    exposure = np.random.default_rng(4).uniform(1, 5, rates.shape)

    plain, pooled = li_lee(rates, years), li_lee(rates, years, exposure=exposure)

    mean = (rates * exposure).sum(axis=1) / exposure.sum(axis=1)
    np.testing.assert_array_equal(pooled.common.time_index, lee_carter(mean, years).time_index)
    np.testing.assert_array_equal(plain.common.time_index, lee_carter(rates.mean(axis=1), years).time_index)
    weighted = li_lee(rates, years, exposure=exposure, weights=rates * exposure)
    by_deaths = lee_carter(mean, years, weights=(rates * exposure).sum(axis=1))
    np.testing.assert_allclose(weighted.common.time_index, by_deaths.time_index, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_own_factor_is_that_of_what_the_common_one_leaves(weighted):
    rates, years = group(seed=6)
    exposure = np.random.default_rng(4).uniform(1, 5, rates.shape)
    given_weights = {"exposure": exposure, "weights": rates * exposure} if weighted else {}

    fit = li_lee(rates, years, **given_weights)

    trend = fit.common.sensitivity * fit.common.time_index[:, None]
    for member in range(2):
        weights = (rates * exposure)[:, member] if weighted else None
        own = lee_carter(rates[:, member] / np.exp(trend), years, weights=weights)
        product = fit.own_sensitivity[member] * fit.own_index[:, member, None]
        np.testing.assert_allclose(product, own.sensitivity * own.time_index[:, None], rtol=0, atol=1e-9)
        np.testing.assert_allclose(fit.level[member], own.level, rtol=0, atol=1e-9)
        logarithm, weights = np.log(rates[:, member]), np.ones((40, AGES)) if weights is None else weights
        variances = []
        for part in (logarithm, logarithm - trend, logarithm - trend - product):
            mean = (weights * part).sum(axis=0) / weights.sum(axis=0)
            variances.append((weights * np.square(part - mean)).sum())
        np.testing.assert_allclose(fit.explained_by_common[member], 1 - variances[1] / variances[0], rtol=1e-9)
        np.testing.assert_allclose(fit.explained[member], 1 - variances[2] / variances[0], rtol=1e-9)
    np.testing.assert_allclose(np.square(fit.own_sensitivity).sum(axis=-1), 1, rtol=1e-9)
    np.testing.assert_allclose(fit.own_index.sum(axis=0), 0, atol=1e-9)


def of_own_index(own_index, years):
    """A fit whose members have given own indices (Y, M)."""
    members = np.shape(own_index)[1]
    common = with_index(np.linspace(3, -3, len(years)), years)
    ones = np.ones(members)
    return LiLee(common, np.full((members, 2), -3.0), np.full((members, 2), 0.5**0.5), own_index, ones, ones)


def test_autoregression_without_gaps_is_the_regression_on_the_year_before():
    random = np.random.default_rng(8)
    series = np.zeros((30, 3))
    for year in range(1, 30):
        series[year] = 0.5 + np.array([0.8, 0.3, -0.4]) * series[year - 1] + random.normal(0, 0.2, 3)

    process = own_process(of_own_index(series, range(1980, 2010)))

    for member in range(3):
        slope, constant = np.polyfit(series[:-1, member], series[1:, member], 1)
        error = series[1:, member] - constant - slope * series[:-1, member]
        assert process.persistence[member] == pytest.approx(slope, abs=1e-7)
        assert process.mean[member] == pytest.approx(constant / (1 - slope), abs=1e-6)
        assert process.innovation_variance[member] == pytest.approx(np.mean(error**2), rel=1e-9)


def test_autoregression_with_gaps_has_the_highest_likelihood():
    random = np.random.default_rng(9)
    series, years = random.normal(0, 1, 40), np.delete(np.arange(1970, 2010), [3, 11, 12, 30])
    for year in range(1, 40):
        series[year] = 0.7 * series[year - 1] + random.normal(0, 1)
    series = series[years - 1970]

    def minus_likelihood(values):
        persistence, mean, variance = values[0], values[1], math.exp(values[2])
        total = 0.0
        for before, after, gap in zip(series, series[1:], np.diff(years), strict=False):
            expected = mean + persistence**gap * (before - mean)
            spread = variance * sum(persistence ** (2 * step) for step in range(gap))
            total += math.log(spread) + (after - expected) ** 2 / spread
        return total

    best = optimize.minimize(
        minus_likelihood, [0.5, 0, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )

    process = own_process(of_own_index(series[:, None], years))

    assert process.persistence[0] == pytest.approx(best.x[0], abs=1e-6)
    assert process.mean[0] == pytest.approx(best.x[1], abs=1e-5)
    assert process.innovation_variance[0] == pytest.approx(math.exp(best.x[2]), rel=1e-5)


def test_an_index_that_runs_away_becomes_a_random_walk_without_drift():
    years = np.array([2000, 2001, 2002, 2004, 2005])
    away = np.array([0.0, 1.0, 2.1, 4.7, 6.6])
    fit = of_own_index(np.stack([away, np.zeros(5)], axis=1), years)

    process = own_process(fit)

    np.testing.assert_array_equal(process.persistence, [1, 1])
    np.testing.assert_array_equal(process.mean, [6.6, 0])
    np.testing.assert_allclose(process.innovation_variance, [(1 + 1.1**2 + 2.6**2 / 2 + 1.9**2) / 4, 0], rtol=1e-12)
    rates = coherent_forecast(fit, [2010, 2100])
    np.testing.assert_allclose(rates[0, 0] / rates[0, 1], rates[1, 0] / rates[1, 1], rtol=1e-12)


def test_forecast_follows_the_drift_and_the_expected_deviation():
    rates, years = group(seed=10)
    fit = li_lee(rates, years)
    process, per_year = own_process(fit), drift(fit.common).per_year

    found = coherent_forecast(fit, [2010, 2013, 2109])

    last = (
        fit.level
        + fit.common.sensitivity * fit.common.time_index[-1]
        + fit.own_sensitivity * fit.own_index[-1][:, None]
    )
    for place, ahead in enumerate((1, 4, 100)):
        for member in range(2):
            deviation = fit.own_index[-1, member] - process.mean[member]
            own = process.mean[member] + process.persistence[member] ** ahead * deviation
            change = fit.common.sensitivity * per_year * ahead
            change = change + fit.own_sensitivity[member] * (own - fit.own_index[-1, member])
            np.testing.assert_allclose(found[place, member], np.exp(last[member] + change), rtol=1e-10)
    jumped = coherent_forecast(fit, [2010, 2013, 2109], jump_off=rates[-1])
    np.testing.assert_allclose(jumped / rates[-1], found / np.exp(last), rtol=1e-10)


def test_ratios_of_members_tend_to_a_constant():
    rates, years = group(seed=11)

    found = coherent_forecast(li_lee(rates, years), [2300, 2500])

    np.testing.assert_allclose(found[1, 1] / found[1, 0], found[0, 1] / found[0, 0], rtol=1e-9)
    apart = forecast(lee_carter(rates, years), [2300, 2500])
    assert np.abs(apart[1, 1] / apart[1, 0] / (apart[0, 1] / apart[0, 0]) - 1).max() > 0.01


def test_men_and_women_do_not_cross_where_separate_fits_do():
    rates, years = group(seed=12, trend=0.004)
    ahead = np.arange(2010, 2110)
    assert np.all(rates[-1, 1] > rates[-1, 0])

    apart, together = forecast(lee_carter(rates, years), ahead), coherent_forecast(li_lee(rates, years), ahead)

    assert np.any(apart[:, 1] < apart[:, 0])
    assert np.all(together[:, 1] > together[:, 0])


def test_leading_axes_of_a_group_are_fitted_one_by_one():
    parts = [group(seed)[0] for seed in (13, 14, 15)]
    years = group()[1]
    exposure = np.random.default_rng(4).uniform(1, 5, (3, *parts[0].shape))
    together = li_lee(
        np.stack(parts, axis=1), years, exposure=np.moveaxis(exposure, 0, 1), weights=np.moveaxis(exposure, 0, 1)
    )

    found, process = coherent_forecast(together, [2015, 2050]), own_process(together)

    assert found.shape == (2, 3, 2, AGES)
    assert process.mean.shape == (3, 2)
    for place, rates in enumerate(parts):
        alone = li_lee(rates, years, exposure=exposure[place], weights=exposure[place])
        np.testing.assert_allclose(found[:, place], coherent_forecast(alone, [2015, 2050]), rtol=1e-9)
        np.testing.assert_allclose(process.persistence[place], own_process(alone).persistence, rtol=1e-6)


def test_what_a_group_cannot_be_fitted_from_is_named():
    rates, years = group()
    short = li_lee(rates[:3], years[:3])
    zero = rates.copy()
    zero[3, 1, 2] = 0

    with pytest.raises(ValueError, match=r"death rates of shape \(40, 7\) have no axis of members; it stands before"):
        li_lee(rates[:, 0], years)
    with pytest.raises(ValueError, match=r"death rates are zero at \[3, 1, 2\]"):
        li_lee(zero, years)
    with pytest.raises(ValueError, match="weights are given without exposure"):
        li_lee(rates, years, weights=rates)
    with pytest.raises(ValueError, match=r"exposure has shape \(39, 2, 7\); expected is that of the death rates"):
        li_lee(rates, years, exposure=rates[1:])
    with pytest.raises(ValueError, match=r"exposure hold -1 at"):
        li_lee(rates, years, exposure=-np.ones_like(rates))
    with pytest.raises(ValueError, match="3 years are too few for an autoregression; it takes 4"):
        coherent_forecast(short, AHEAD + 10)
    with pytest.raises(ValueError, match=r"jump-off rates are zero at \[1, 2\]"):
        coherent_forecast(li_lee(rates, years), [2015], jump_off=zero[3])
    with pytest.raises(ValueError, match="years of a forecast must be whole, rise and come after 2009"):
        coherent_forecast(li_lee(rates, years), [2009])


def test_an_age_without_exposure_can_be_left_out():
    rates, years = group()
    exposure = np.ones_like(rates)
    exposure[5, :, 3] = 0
    rates[5, :, 3] = 0

    fit = li_lee(rates, years, exposure=exposure, weights=exposure)

    assert np.all(np.isfinite(fit.own_index))
    with pytest.raises(ValueError, match=r"death rates are zero at \[5, 0, 3\]"):
        li_lee(rates, years, exposure=exposure)


def test_a_coherent_forecast_starts_from_the_fitted_rates_of_the_last_year():
    rates = np.exp(
        -4 + 0.1 * np.random.default_rng(3).standard_normal((12, 2, 7)) - 0.02 * np.arange(12)[:, None, None]
    )
    fit = li_lee(rates, np.arange(1990, 2002))

    last = rates_of_last_year(fit)

    np.testing.assert_allclose(
        coherent_forecast(fit, [2002, 2010], jump_off=last), coherent_forecast(fit, [2002, 2010])
    )
    common = fit.common.sensitivity * fit.common.time_index[-1]
    np.testing.assert_allclose(np.log(last), fit.level + common + fit.own_sensitivity * fit.own_index[-1][:, None])
