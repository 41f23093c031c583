"""Laws of mortality at the oldest ages."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize

from sim.demography.mortality import OldAgeLaw, extend, fit_to_deaths, fit_to_rates, law_rates, open_age_rate

MODELS = ("kannisto", "gompertz")
AGES = np.arange(80, 96)


def hazard(model, level, slope, age):
    """Hazard at an exact age, of a law stated at exact age 80."""
    line = level + slope * (age - 80)
    return np.exp(line) / (1 + np.exp(line)) if model == "kannisto" else np.exp(line)


@pytest.mark.parametrize("model", MODELS)
def test_a_law_is_the_hazard_in_the_middle_of_an_age(model):
    law = OldAgeLaw(model, np.array([-2.9, -2.6]), np.array([0.12, 0.11]))

    rates = law_rates(law, [80, 95, 110])

    expected = [[hazard(model, *pair, age + 0.5) for age in (80, 95, 110)] for pair in ((-2.9, 0.12), (-2.6, 0.11))]
    np.testing.assert_allclose(rates, expected, rtol=1e-13)


@settings(max_examples=40, deadline=None)
@given(model=st.sampled_from(MODELS), level=st.floats(-6, -1), slope=st.floats(0.01, 0.25), size=st.floats(1e-3, 1e6))
def test_rates_that_follow_a_law_return_it(model, level, slope, size):
    rates = law_rates(OldAgeLaw(model, np.array(level), np.array(slope)), AGES)
    exposure = size * np.exp(-0.2 * (AGES - 80))

    for law in (
        fit_to_rates(rates, AGES, model=model),
        fit_to_deaths(rates * exposure, exposure, AGES, model=model),
    ):
        np.testing.assert_allclose([law.level, law.slope], [level, slope], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("model", "start", "size"), [("kannisto", -2.7, 900), ("gompertz", -2.7, 900), ("kannisto", 0, 9)]
)
def test_the_likelihood_of_the_deaths_has_its_maximum_at_the_law(model, start, size):
    random = np.random.default_rng(3)
    exposure = size * np.exp(-0.25 * (AGES - 80))
    deaths = random.poisson(exposure * hazard(model, start, 0.11, AGES + 0.5)).astype(float)

    law = fit_to_deaths(deaths, exposure, AGES, model=model)

    def minus_log_likelihood(line):
        rate = hazard(model, *line, AGES + 0.5)
        return (exposure * rate - deaths * np.log(rate)).sum()

    best = minimize(minus_log_likelihood, [-2.5, 0.1], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11})
    np.testing.assert_allclose([law.level, law.slope], best.x, rtol=0, atol=1e-6)
    assert minus_log_likelihood([law.level, law.slope]) <= best.fun + 1e-10


def test_the_gompertz_law_returns_the_deaths_and_their_mean_age():
    deaths, exposure = np.array([5.0, 0, 9, 4, 6]), np.array([60.0, 0, 50, 31, 20])

    law = fit_to_deaths(deaths, exposure, range(80, 85), model="gompertz")

    expected = exposure * law_rates(law, range(80, 85))
    np.testing.assert_allclose(expected.sum(), deaths.sum(), rtol=1e-12)
    np.testing.assert_allclose(expected @ np.arange(5), deaths @ np.arange(5), rtol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_a_law_of_rates_is_the_line_of_least_squares(model):
    rates = np.random.default_rng(1).uniform(0.05, 0.1, (2, 16)) * np.linspace(1, 4, 16)
    transformed = np.log(rates / (1 - rates)) if model == "kannisto" else np.log(rates)

    law = fit_to_rates(rates, AGES, model=model)

    slope, level = np.polyfit(AGES + 0.5 - 80, transformed.T, 1)
    np.testing.assert_allclose(law.slope, slope, rtol=1e-10)
    np.testing.assert_allclose(law.level, level, rtol=1e-10)


def test_a_fit_does_not_depend_on_its_neighbours():
    random = np.random.default_rng(5)
    exposure = random.uniform(50, 500, (6, 2, 16))
    deaths = random.poisson(exposure * hazard("kannisto", -2.7, 0.11, AGES + 0.5)).astype(float)

    together = fit_to_deaths(deaths, exposure, AGES, model="kannisto")

    for cell in np.ndindex(6, 2):
        alone = fit_to_deaths(deaths[cell], exposure[cell], AGES, model="kannisto")
        np.testing.assert_allclose([together.level[cell], together.slope[cell]], alone[1:], rtol=1e-11)


@pytest.mark.parametrize("model", MODELS)
def test_the_open_age_dies_at_one_over_its_life_expectancy(model):
    law = OldAgeLaw(model, np.array(-2.7), np.array(0.11))

    rate = open_age_rate(law, 105)

    survivors, years = 1.0, 0.0
    for age in range(105, 400):
        yearly = float(law_rates(law, [age])[0])
        years += survivors * (1 - np.exp(-yearly)) / yearly
        survivors *= np.exp(-yearly)
    np.testing.assert_allclose(rate, 1 / years, rtol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_the_open_age_of_a_slow_law_dies_as_under_its_continuous_hazard(model):
    law = OldAgeLaw(model, np.array(-3.0), np.array(0.01))

    continuous = quad(lambda t: np.exp(-quad(lambda s: hazard(model, -3, 0.01, 90 + s), 0, t)[0]), 0, 400)[0]

    np.testing.assert_allclose(open_age_rate(law, 90), 1 / continuous, rtol=1e-4)


def test_an_open_age_with_a_nearly_constant_hazard_has_that_rate():
    law = OldAgeLaw("gompertz", np.array(np.log(0.01)), np.array(1e-12))

    np.testing.assert_allclose(open_age_rate(law, 100), 0.01, rtol=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_extended_rates_keep_the_young_and_follow_the_law(model):
    ages = np.arange(101)
    rates = np.random.default_rng(2).uniform(0.9, 1.1, (3, 2, 101)) * 5e-5 * np.exp(0.095 * ages)

    extended = extend(rates, ages, model=model, open_age=120, fitted_ages=(75, 95), replaced_from=90)

    law = fit_to_rates(rates[..., 75:96], ages[75:96], model=model)
    np.testing.assert_array_equal(extended[..., :90], rates[..., :90])
    np.testing.assert_allclose(extended[..., 90:120], law_rates(law, range(90, 120)), rtol=1e-13)
    np.testing.assert_allclose(extended[..., 120], open_age_rate(law, 120), rtol=1e-13)
    assert (np.diff(extended[..., 90:]) > 0).all()


def test_extended_rates_start_at_the_first_age_of_the_fit_by_default():
    law = OldAgeLaw("kannisto", np.array(-2.7), np.array(0.11))
    rates = law_rates(law, range(60, 106))
    rates[-1] = 0.9

    extended = extend(rates * 1.0, range(60, 106), model="kannisto", open_age=110)

    np.testing.assert_allclose(extended[:-1], law_rates(law, range(60, 110)), rtol=1e-11)
    np.testing.assert_array_equal(extended[:20], rates[:20])


def test_an_extension_by_deaths_uses_those_of_the_fitted_ages():
    random = np.random.default_rng(8)
    ages = np.arange(70, 101)
    exposure = random.uniform(50, 500, (2, 31))
    deaths = random.poisson(exposure * hazard("kannisto", -2.7, 0.11, ages + 0.5)).astype(float)
    rates = np.full((2, 31), 0.05)

    extended = extend(rates, ages, model="kannisto", open_age=105, deaths=deaths, exposure=exposure)

    law = fit_to_deaths(deaths[:, 10:26], exposure[:, 10:26], AGES, model="kannisto")
    np.testing.assert_allclose(extended[:, 10:-1], law_rates(law, range(80, 105)), rtol=1e-13)


@settings(max_examples=30, deadline=None)
@given(level=st.floats(-5, -1), slope=st.floats(0.05, 0.2), later=st.integers(101, 130))
def test_life_beyond_an_age_does_not_depend_on_where_the_open_age_begins(level, slope, later):
    law = OldAgeLaw("kannisto", np.array(level), np.array(slope))
    rates = law_rates(law, range(80, later))

    reached = np.concatenate([[1], np.exp(-np.cumsum(rates))])
    years = (reached[:-1] * -np.expm1(-rates) / rates).sum() + reached[-1] / open_age_rate(law, later)

    np.testing.assert_allclose(1 / years, open_age_rate(law, 80), rtol=1e-11)


BAD = {
    "fewer than two ages": (lambda: fit_to_rates([0.1], [80], model="kannisto"), "two or more whole numbers"),
    "ages of five years": (lambda: fit_to_rates([0.1, 0.2], [80, 85], model="kannisto"), "each one above the one"),
    "half ages": (lambda: fit_to_rates([0.1, 0.2], [80.5, 81.5], model="kannisto"), "whole numbers"),
    "an unknown law": (lambda: fit_to_rates([0.1, 0.2], [80, 81], model="weibull"), "weibull is not a law"),
    "a zero rate": (lambda: fit_to_rates([0.0, 0.2], [80, 81], model="gompertz"), "law must be above zero$"),
    "a rate of one": (lambda: fit_to_rates([0.1, 1.0], [80, 81], model="kannisto"), "above zero and below one"),
    "a rate above one": (lambda: fit_to_rates([0.1, 1.2], [80, 81], model="kannisto"), "allowed are 0 to 1"),
    "not a number": (lambda: fit_to_rates([0.1, np.nan], [80, 81], model="gompertz"), "hold nan"),
    "falling rates": (lambda: fit_to_rates([0.2, 0.1], [80, 81], model="gompertz"), "mortality falls with age"),
    "falling deaths": (
        lambda: fit_to_deaths([20, 10], [100, 100], [80, 81], model="kannisto"),
        "mortality falls with age",
    ),
    "no deaths": (lambda: fit_to_deaths([0, 0], [9, 9], [80, 81], model="kannisto"), "deaths are all zero"),
    "negative deaths": (lambda: fit_to_deaths([-1, 2], [9, 9], [80, 81], model="kannisto"), "deaths hold -1"),
    "deaths of nobody": (
        lambda: fit_to_deaths([1, 2], [0, 9], [80, 81], model="kannisto"),
        "deaths at an age without exposure",
    ),
    "one exposed age": (
        lambda: fit_to_deaths([0, 2], [0, 9], [80, 81], model="kannisto"),
        "exposure at two ages",
    ),
    "deaths without a finite law": (
        lambda: fit_to_deaths([0, 0, 9], [9, 9, 9], [80, 81, 82], model="kannisto"),
        "no kannisto law was found",
    ),
    "deaths at the first age alone": (
        lambda: fit_to_deaths([9, 0, 0], [9, 9, 9], [80, 81, 82], model="gompertz"),
        "no gompertz law was found|mortality falls",
    ),
    "a wrong length": (lambda: fit_to_deaths([1, 2, 3], [9, 9], [80, 81], model="kannisto"), "expected are 2"),
    "negative ages": (lambda: law_rates(OldAgeLaw("kannisto", np.array(-3.0), np.array(0.1)), [-1]), "ages hold -1"),
    "a fit of the open age": (
        lambda: extend(np.full(101, 0.1), range(101), model="kannisto", open_age=110, fitted_ages=(80, 100)),
        "cannot be fitted to ages 80 to 100 of 0 to 100",
    ),
    "a fit of one age": (
        lambda: extend(np.full(101, 0.1), range(101), model="kannisto", open_age=110, fitted_ages=(80, 80)),
        "two ages or more below the open one",
    ),
    "a start above the ages": (
        lambda: extend(np.full(101, 0.1), range(101), model="kannisto", open_age=110, replaced_from=101),
        "cannot replace ages 0 to 100 from 101 on",
    ),
    "an open age below the start": (
        lambda: extend(np.full(101, 0.1), range(101), model="kannisto", open_age=80),
        "up to a new open age of 80",
    ),
    "deaths alone": (
        lambda: extend(np.full(101, 0.1), range(101), model="kannisto", open_age=110, deaths=np.ones(101)),
        "given together or not at all",
    ),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD.keys())
def test_input_that_no_law_can_be_fitted_to_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
