"""What holds between the functions of the demography toolbox, whatever their input."""

import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis import indicators
from sim.demography import fertility, graduation, lifetable, mortality, schedules
from sim.demography.hazards import death_hazard, survival_from_hazard
from sim.demography.stable import stable_population

SEEDS = st.integers(0, 2**32 - 1)
LEADING = st.lists(st.integers(1, 3), max_size=2).map(tuple)
YEARS = np.arange(2001, 2011)
WOMEN = np.arange(60)

some = settings(max_examples=20)


def death_rates(seed, leading=(), ages=106, noise=0.02):
    """Death rates of women and men (..., 2, A): infants, accidents and a logistic curve of old age, with some noise."""
    random, age = np.random.default_rng(seed), np.arange(ages)
    slope, background, infants = (
        random.uniform(low, high, (*leading, 2, 1)) for low, high in ((0.09, 0.12), (5e-5, 1e-3), (0.002, 0.08))
    )
    line = np.log(random.uniform(0.03, 0.1, (*leading, 2, 1))) + slope * (age - 80)
    hazard = (background + 1 / (1 + np.exp(-line))) * np.exp(random.normal(0, noise, (*leading, 2, ages)))
    hazard[..., 0] += infants[..., 0]
    return hazard


def survival_of(seed, leading=(), ages=106):
    return lifetable.survival_ratios(lifetable.life_table(death_rates(seed, leading, ages)).person_years)


def births_of(seed, leading=()):
    """Fertility rates by single age (..., 60), zero before 13 and from 51 on."""
    random = np.random.default_rng(seed)
    mean, spread = random.uniform(25, 33, (*leading, 1)), random.uniform(4, 6, (*leading, 1))
    rates = np.exp(-(((WOMEN + 0.5 - mean) / spread) ** 2) / 2) * random.uniform(0.05, 0.3, (*leading, 1))
    return np.where((WOMEN < 13) | (WOMEN > 50), 0, rates)


def years_of_rates(seed):
    """Death rates of ten years, (10, 2, 40), that fall at every age, by some noise."""
    random = np.random.default_rng(seed)
    index = np.linspace(8, -8, len(YEARS)) + random.normal(0, 0.3, len(YEARS))
    pattern = random.uniform(0.5, 1.5, (2, 40)) / 40
    level = -7 + 0.1 * np.arange(40)
    return np.exp(level + pattern * index[:, None, None] + random.normal(0, 0.01, (len(YEARS), 2, 40)))


# Every function: any leading axes in any order, any memory, and nothing changed in place


EDGES = np.arange(0, 106, 5)
GROUPS = np.array([0, 1, *range(5, 106, 5)])


def in_groups(rates):
    """Death rates of the groups of an abridged table, the plain means of their ages."""
    sums = np.add.reduceat(rates, GROUPS, axis=-1)
    return sums / np.append(np.diff(GROUPS), rates.shape[-1] - GROUPS[-1])


def ratios(rates):
    return lifetable.survival_ratios(lifetable.life_table(rates).person_years)


def smooth_counts(rates):
    """Five-year groups of a stationary population, in persons."""
    return graduation.group(EDGES[:21], 1e5 * lifetable.life_table(rates).person_years[..., :100])


FUNCTIONS = {
    "life_table": lambda rates: lifetable.life_table(rates).life_expectancy,
    "coale_demeny": lambda rates: lifetable.life_table(rates, lifetable.coale_demeny).person_years,
    "abridged": lambda rates: lifetable.life_table(in_groups(rates), first_ages=GROUPS).person_years,
    "single_age_death_rates": lambda rates: lifetable.single_age_death_rates(in_groups(rates), GROUPS),
    "split_open_age": lambda rates: lifetable.survival_ratios(
        lifetable.life_table(rates).person_years, open_death_rate=rates[..., -1]
    ),
    "years_lost": lambda rates: lifetable.years_lost(lifetable.life_table(rates)),
    "remaining": lambda rates: lifetable.remaining_life_expectancy(ratios(rates)),
    "age_with_remaining": lambda rates: lifetable.age_with_remaining(
        lifetable.life_table(rates).life_expectancy, np.full(rates.shape[:-1], 14.0)
    ),
    "scaled": lambda rates: mortality.scale_to_life_expectancy(ratios(rates), 81.5).survival,
    "brass": lambda rates: mortality.brass_to_life_expectancy(ratios(rates), 81.5).survival,
    "pattern": lambda rates: (
        mortality.along_pattern_to_life_expectancy(ratios(rates), np.linspace(2, 0, 107), 81.5).survival
    ),
    "kannisto": lambda rates: mortality.with_old_age(
        ratios(rates), model="kannisto", fitted_ages=(70, 88), open_age=110
    ),
    "gompertz": lambda rates: mortality.extend(
        rates, np.arange(106), model="gompertz", open_age=112, fitted_ages=(70, 88), replaced_from=89
    ),
    "improved": lambda rates: np.moveaxis(mortality.improved(rates, np.full(106, 0.02), 3), 0, -1),
    "uniform": lambda rates: graduation.uniform(EDGES[:21], smooth_counts(rates)),
    "monotone": lambda rates: graduation.graduate(EDGES[:21], smooth_counts(rates)),
    "sprague": lambda rates: graduation.sprague(EDGES[:21], smooth_counts(rates)),
    "beers_ordinary": lambda rates: graduation.beers_ordinary(EDGES[:21], smooth_counts(rates)),
    "beers_modified": lambda rates: graduation.METHODS["beers_modified"](EDGES[:21], smooth_counts(rates)),
    "pclm": lambda rates: graduation.pclm(EDGES[:21], smooth_counts(rates), smoothing=100.0),
    "split_open_group": lambda rates: graduation.split_open_group(
        np.full(rates.shape[:-1], 70.0), lifetable.life_table(rates).person_years[..., 85:]
    ),
    "with_total": lambda rates: fertility.with_total(rates, np.full(rates.shape[:-1], 1.7)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(seed=SEEDS)
@settings(max_examples=5)
def test_every_cell_is_treated_by_itself(name, seed):
    function, rates = FUNCTIONS[name], death_rates(seed, (3, 2))

    together = function(rates)

    assert np.isfinite(together).all()
    assert together.shape[:2] == (3, 2)
    np.testing.assert_allclose(function(rates[::-1, ::-1]), together[::-1, ::-1], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(function(np.swapaxes(rates, 0, 1)), np.swapaxes(together, 0, 1), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(function(rates[1, 1]), together[1, 1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arrays_that_may_not_be_written_or_lie_elsewhere_in_memory_give_the_same(name):
    function, rates = FUNCTIONS[name], death_rates(7, (3,))
    strided = np.asfortranarray(rates)[..., ::1]
    frozen = rates.copy()
    frozen.setflags(write=False)

    expected = function(rates.copy())

    np.testing.assert_array_equal(function(frozen), expected)
    np.testing.assert_allclose(function(strided), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(rates, death_rates(7, (3,)))


# Life tables, survival ratios and what they tell


@some
@given(SEEDS, LEADING)
def test_ways_to_life_expectancy_agree(seed, leading):
    rates = death_rates(seed, leading)
    table = lifetable.life_table(rates)
    expected = table.life_expectancy[..., 0]

    for survival in (
        lifetable.survival_ratios(table.person_years),
        lifetable.survival_ratios(table.person_years, open_death_rate=rates[..., -1]),
    ):
        np.testing.assert_allclose(lifetable.stationary_population(survival), table.person_years, rtol=1e-12)
        np.testing.assert_allclose(lifetable.life_expectancy(survival), expected, rtol=1e-12)
        np.testing.assert_allclose(lifetable.remaining_life_expectancy(survival)[..., 0], expected, rtol=1e-12)
        np.testing.assert_allclose(lifetable.life_expectancy_on_1_january(survival), expected + 0.5, rtol=1e-12)
        np.testing.assert_allclose(survival_from_hazard(death_hazard(survival)), survival, rtol=1e-13)
    np.testing.assert_allclose(table.deaths.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(table.person_years_remaining[..., 0], expected, rtol=1e-12)


@some
@given(SEEDS)
def test_remaining_life_expectancy_of_ratios_is_near_that_of_their_life_table(seed):
    table = lifetable.life_table(death_rates(seed, noise=0))

    found = lifetable.remaining_life_expectancy(lifetable.survival_ratios(table.person_years))

    np.testing.assert_allclose(found[:, 2:81], table.life_expectancy[:, 2:81], atol=0.02, rtol=0)


@some
@given(SEEDS, st.sampled_from(list(lifetable.INFANT_RULES)))
def test_probabilities_lead_back_to_rates(seed, rule):
    rates = death_rates(seed)
    probability = lifetable.life_table(rates, lifetable.INFANT_RULES[rule]).death_probability.copy()
    probability[..., -1] = -np.expm1(-rates[..., -1])

    found = lifetable.death_rate_from_probability(probability, lifetable.INFANT_RULES[rule])

    np.testing.assert_allclose(found, rates, rtol=1e-11)


@some
@given(SEEDS)
def test_single_ages_of_groups_keep_the_survivors_of_the_groups(seed):
    rates = in_groups(death_rates(seed))

    single = lifetable.life_table(lifetable.single_age_death_rates(rates, GROUPS))

    survivors = lifetable.life_table(rates, first_ages=GROUPS).survivors
    np.testing.assert_allclose(single.survivors[..., GROUPS], survivors, rtol=1e-9)


@some
@given(SEEDS, SEEDS)
def test_contributions_add_up_to_the_difference_and_vanish_without_one(seed, other):
    before, after = (lifetable.life_table(death_rates(one)) for one in (seed, other))

    found = lifetable.arriaga(before, after)

    gain = after.life_expectancy[..., 0] - before.life_expectancy[..., 0]
    np.testing.assert_allclose(found.contribution.sum(axis=-1), gain, atol=1e-11, rtol=0)
    assert np.abs(lifetable.arriaga(before, before).contribution).max() == 0


@some
@given(SEEDS)
def test_years_lost_are_what_life_expectancy_gains_as_all_rates_fall_by_a_share(seed):
    """Keyfitz's entropy times e_0 is e-dagger (Vaupel 1986): exact but for the a_x within an age."""
    rates, step = death_rates(seed), 1e-5
    table = lifetable.life_table(rates)
    less, more = (
        lifetable.life_table(rates * (1 + sign * step), years_lived_by_dying=table.years_lived_by_dying)
        for sign in (-1, 1)
    )

    found = lifetable.years_lost(table)

    gained = (less.life_expectancy - more.life_expectancy)[..., 0] / (2 * step)
    np.testing.assert_allclose(found, gained, rtol=2e-4)


@some
@given(SEEDS, st.integers(0, 60), st.integers(1, 40))
def test_a_cohort_under_constant_rates_is_the_period(seed, start, length):
    rates = np.broadcast_to(death_rates(seed, ages=110), (60, 2, 110))

    found = lifetable.cohorts(rates, 1950, start, start + length)

    assert found.birth_years == range(1950 - start, 1950 - start + 60 - length + 1)
    np.testing.assert_array_equal(
        found.values, np.broadcast_to(rates[0, :, start : start + length], found.values.shape)
    )


@some
@given(SEEDS, st.integers(0, 20), st.integers(1, 12))
def test_all_cohorts_are_each_cohort(seed, start, length):
    values = np.random.default_rng(seed).normal(size=(15, 2, 33))

    found = lifetable.cohorts(values, 1980, start, start + length)

    assert len(found.birth_years) == len(found.values) == 16 - length
    for birth_year, own in zip(found.birth_years, found.values, strict=True):
        np.testing.assert_array_equal(own, lifetable.cohort(values, 1980, birth_year, start, start + length))
        np.testing.assert_array_equal(own[:, 0], values[birth_year + start - 1980, :, start])
        np.testing.assert_array_equal(own[:, -1], values[birth_year + start + length - 1 - 1980, :, start + length - 1])


# Mortality brought to a life expectancy


@some
@given(SEEDS, st.floats(30, 105))
def test_proportional_is_a_pattern_of_ones_and_meets_targets_from_30_to_105_years(seed, target):
    survival = survival_of(seed, (2,))

    scaled = mortality.scale_to_life_expectancy(survival, target)
    along = mortality.along_pattern_to_life_expectancy(survival, np.full(107, 3.0), target)

    np.testing.assert_allclose(lifetable.life_expectancy(scaled.survival), target, atol=1e-9, rtol=0)
    np.testing.assert_allclose(along.survival, scaled.survival, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(np.exp(3 * along.parameter), scaled.factor, rtol=1e-8)
    np.testing.assert_allclose(
        death_hazard(scaled.survival), death_hazard(survival) * scaled.factor[..., None], rtol=1e-8
    )


@some
@given(SEEDS, st.sampled_from(["scale", "brass", "pattern"]))
def test_a_table_brought_to_its_own_life_expectancy_stays(seed, method):
    survival = survival_of(seed)
    target = lifetable.life_expectancy(survival)
    found = {
        "scale": lambda: mortality.scale_to_life_expectancy(survival, target),
        "brass": lambda: mortality.brass_to_life_expectancy(survival, target),
        "pattern": lambda: mortality.along_pattern_to_life_expectancy(survival, np.linspace(1, 0, 107), target),
    }[method]()

    np.testing.assert_allclose(found.survival, survival, rtol=1e-10)


@some
@given(SEEDS, st.floats(45, 95))
def test_the_logits_of_survivors_move_alike(seed, target):
    survival = survival_of(seed)

    found = mortality.brass_to_life_expectancy(survival, target)

    standard, moved = (np.cumprod(ratios[..., :-2], axis=-1) for ratios in (survival, found.survival))
    np.testing.assert_allclose(mortality.brass(standard, found.parameter, np.ones(2)), moved, rtol=1e-9)
    np.testing.assert_allclose(lifetable.life_expectancy(found.survival), target, atol=1e-9, rtol=0)


@some
@given(SEEDS, st.floats(-1, 1), st.floats(0.6, 1.5))
def test_brass_is_the_identity_at_0_and_1_and_its_fit_its_inverse(seed, alpha, beta):
    standard = lifetable.life_table(death_rates(seed)).survivors

    np.testing.assert_allclose(mortality.brass(standard, 0.0, 1.0), standard, rtol=1e-12, atol=1e-300)
    found = mortality.fit_brass(mortality.brass(standard, alpha, beta), standard, np.arange(106), (1, 90))

    np.testing.assert_allclose(found.alpha, alpha, atol=1e-8)
    np.testing.assert_allclose(found.beta, beta, atol=1e-8)


@some
@given(SEEDS, st.floats(60, 95), SEEDS)
def test_states_with_the_same_table_share_the_factor_of_it(seed, target, other):
    survival = survival_of(seed)[0]
    weights = np.random.default_rng(other).dirichlet(np.ones(3), 107).T

    found = mortality.national_factor(np.tile(survival, (3, 1)), weights, np.array(target))

    np.testing.assert_allclose(found, mortality.scale_to_life_expectancy(survival, np.array(target)).factor, rtol=1e-8)


# Improvement, laws of old age, Lee-Carter and Li-Lee


@some
@given(SEEDS, LEADING, st.integers(1, 8))
def test_improvement_that_is_applied_is_improvement_that_is_measured(seed, leading, ahead):
    rates, random = death_rates(seed, leading), np.random.default_rng(seed)
    improvement = random.uniform(-0.05, 0.05, (ahead, *rates.shape))

    later = mortality.improved(rates, improvement, ahead)

    series, years = np.concatenate([rates[None], later]), np.arange(2000, 2001 + ahead)
    np.testing.assert_allclose(mortality.improvement_rates(series, years), improvement, atol=1e-12, rtol=0)
    constant = mortality.point_to_point_improvement(series, years)
    np.testing.assert_allclose(mortality.improved(rates, constant, ahead)[-1], later[-1], rtol=1e-12)


@some
@given(SEEDS, st.sampled_from(["kannisto", "gompertz"]))
def test_a_law_is_found_again_in_its_own_rates_and_changes_no_table_that_obeys_it(seed, model):
    random, ages = np.random.default_rng(seed), np.arange(70, 101)
    law = mortality.OldAgeLaw(model, random.uniform(-3.2, -2.2, 3), random.uniform(0.08, 0.13, 3))
    rates = mortality.law_rates(law, ages)

    by_rates = mortality.fit_to_rates(rates, ages, model=model)
    by_deaths = mortality.fit_to_deaths(1e4 * rates, np.full(rates.shape, 1e4), ages, model=model)

    for found in (by_rates, by_deaths):
        np.testing.assert_allclose(found.level, law.level, atol=1e-8)
        np.testing.assert_allclose(found.slope, law.slope, atol=1e-9)
    with_open = np.concatenate([rates[:, :-1], mortality.open_age_rate(law, 100)[:, None]], axis=-1)
    kept = mortality.extend(with_open, ages, model=model, open_age=100, fitted_ages=(75, 95))
    np.testing.assert_allclose(kept, with_open, rtol=1e-8)


@some
@given(SEEDS)
def test_a_law_changes_nothing_up_to_the_ages_it_is_fitted_to_and_risks_rise_above_them(seed):
    survival = survival_of(seed, (2,))

    found = mortality.with_old_age(survival, model="kannisto", fitted_ages=(70, 88), open_age=112)

    np.testing.assert_array_equal(found[..., :89], survival[..., :89])
    assert (np.diff(found[..., 89:112], axis=-1) < 0).all()
    assert (found[..., 112:] < found[..., 111:112]).all()


@some
@given(SEEDS, st.floats(0.1, 10))
def test_a_multiple_of_all_rates_only_moves_the_level_of_lee_and_carter(seed, times):
    rates = years_of_rates(seed)

    one, more = (mortality.lee_carter(factor * rates, YEARS) for factor in (1, times))

    np.testing.assert_allclose(more.level, one.level + np.log(times), atol=1e-12)
    np.testing.assert_allclose(more.time_index, one.time_index, atol=1e-8)
    np.testing.assert_allclose(more.sensitivity, one.sensitivity, atol=1e-9)


@some
@given(SEEDS)
def test_lee_carter_finds_its_own_model_and_continues_it(seed):
    rough = mortality.lee_carter(years_of_rates(seed), YEARS)
    index = np.linspace(5, -5, len(YEARS))[:, None] * np.ones(2)
    exact = np.exp(rough.level + rough.sensitivity * index[..., None])

    found = mortality.lee_carter(exact, YEARS)
    weighted = mortality.lee_carter(exact, YEARS, weights=1 / exact)
    ahead = mortality.forecast(found, [2011, 2015])

    for fit in (found, weighted):
        np.testing.assert_allclose(fit.time_index, index, atol=1e-7)
        np.testing.assert_allclose(fit.sensitivity, rough.sensitivity, atol=1e-8)
        np.testing.assert_allclose(fit.explained, 1, atol=1e-9)
    step = index[1] - index[0]
    expected = [rough.level + rough.sensitivity * (index[-1] + years * step)[:, None] for years in (1, 5)]
    np.testing.assert_allclose(np.log(ahead), expected, atol=1e-8)


@some
@given(SEEDS)
def test_the_second_stages_of_lee_and_carter_return_what_they_are_given(seed):
    rates = years_of_rates(seed)
    exposure = np.random.default_rng(seed).uniform(1e3, 1e5, rates.shape)
    fit = mortality.lee_carter(rates, YEARS)

    def expectancy(risks):
        return lifetable.life_table(risks, years_lived_by_dying=[0.5]).life_expectancy[..., 0]

    by_deaths = mortality.adjusted_to_deaths(fit, rates * exposure, exposure)
    by_expectancy = mortality.adjusted_to_life_expectancy(fit, expectancy(rates), expectancy)

    by_deaths, by_expectancy = (
        np.exp(found.level + found.sensitivity * found.time_index[..., None]) for found in (by_deaths, by_expectancy)
    )
    np.testing.assert_allclose((by_deaths * exposure).sum(axis=-1), (rates * exposure).sum(axis=-1), rtol=1e-11)
    np.testing.assert_allclose(expectancy(by_expectancy), expectancy(rates), atol=1e-9)


@some
@given(SEEDS)
def test_members_that_are_the_same_have_the_forecast_of_lee_and_carter(seed):
    rates = years_of_rates(seed)[:, 0]
    both = np.stack([rates, rates], axis=1)

    found = mortality.coherent_forecast(mortality.li_lee(both, YEARS, exposure=np.ones(both.shape)), [2011, 2030])

    np.testing.assert_array_equal(found[:, 0], found[:, 1])
    process = mortality.own_process(mortality.li_lee(both, YEARS))
    assert (np.abs(process.persistence) <= 1).all()


@some
@given(SEEDS)
def test_ratios_of_members_tend_to_a_constant(seed):
    fit = mortality.li_lee(years_of_rates(seed), YEARS)

    rates = np.log(mortality.coherent_forecast(fit, [2011, 2111, 2211, 2311]))

    changes = np.abs(np.diff(rates[:, 0] - rates[:, 1], axis=0)).max(axis=-1)
    assert changes[1] <= changes[0] + 1e-9
    assert changes[2] <= changes[1] + 1e-9


@some
@given(SEEDS, st.floats(30, 80))
def test_the_log_quadratic_model_is_its_own_inverse(seed, target):
    shape = np.random.default_rng(seed).uniform(-2, 2, 2)

    found = mortality.log_quadratic_to_life_expectancy([target, target], shape)

    np.testing.assert_allclose(mortality.log_quadratic_life_expectancy(found.death_rates), target, atol=1e-9, rtol=0)
    hazard = 5 * found.death_rates[..., 4:13].sum(axis=-1)
    again = mortality.log_quadratic_from_adult_mortality(found.child_mortality, -np.expm1(-hazard))
    np.testing.assert_allclose(again.death_rates, found.death_rates, rtol=1e-8)


# Fertility


@some
@given(SEEDS, LEADING, st.floats(0.1, 8))
def test_totals_and_mean_ages_are_met(seed, leading, total):
    rates = births_of(seed, leading)
    mean = fertility.mean_age_at_birth(rates, WOMEN, 1)

    scaled = fertility.with_total(rates, total)
    moved = fertility.shifted_to_mean_age(rates, mean + 0.7)

    np.testing.assert_allclose(fertility.total_fertility(scaled), total, rtol=1e-12)
    np.testing.assert_allclose(fertility.mean_age_at_birth(scaled, WOMEN, 1), mean, rtol=1e-12)
    np.testing.assert_allclose(fertility.mean_age_at_birth(moved, WOMEN, 1), mean + 0.7, atol=1e-9, rtol=0)
    np.testing.assert_allclose(moved.sum(axis=-1), rates.sum(axis=-1), rtol=1e-12)
    np.testing.assert_allclose(fertility.shifted_to_mean_age(rates, mean), rates, atol=1e-12)
    np.testing.assert_allclose(
        fertility.shifted_to_mean_age(rates, mean + 2)[..., 2:], rates[..., :-2], atol=1e-9, rtol=0
    )


@some
@given(SEEDS, SEEDS, st.floats(1.0, 1.1))
def test_reproduction_generation_and_growth_belong_together(seed, other, sexes):
    rates, lived = births_of(seed), lifetable.life_table(death_rates(other)).person_years[0, :60]

    net = fertility.net_reproduction(rates, lived, sexes)
    length = fertility.mean_length_of_generation(rates, lived, sexes, WOMEN, 1)

    np.testing.assert_allclose(
        fertility.net_reproduction(rates, np.ones(60), sexes), fertility.gross_reproduction(rates, sexes), rtol=1e-14
    )
    assert net < fertility.gross_reproduction(rates, sexes)
    growth = np.log(net) / length
    lotka = (rates * lived * np.exp(-growth * (WOMEN + 0.5))).sum() / (1 + sexes)
    np.testing.assert_allclose(lotka, 1, rtol=1e-9)


@some
@given(SEEDS, LEADING)
def test_cohorts_under_constant_fertility_are_the_period(seed, leading):
    rates = births_of(seed, leading)

    found = fertility.cohort_fertility(np.broadcast_to(rates, (70, *rates.shape)), 1950)

    total, mean = fertility.total_fertility(rates), fertility.mean_age_at_birth(rates, WOMEN, 1)
    np.testing.assert_allclose(found.completed, np.broadcast_to(total, found.completed.shape), rtol=1e-12)
    np.testing.assert_allclose(found.mean_age, np.broadcast_to(mean, found.mean_age.shape), rtol=1e-12)


OWN_CURVES = {
    "hadwiger": {"mean_age": (26, 32), "standard_deviation": (4.5, 6.5)},
    "gamma": {"mean_age": (26, 32), "standard_deviation": (4.5, 6), "start": (13, 16)},
    "beta": {"mean_age": (26, 32), "standard_deviation": (4.5, 6.5), "start": (12, 15), "end": (47, 52)},
    "quadratic_spline": {"start": (13, 17), "peak": (26, 30), "half": (33, 38)},
}


@pytest.mark.parametrize("model", OWN_CURVES)
@given(seed=SEEDS, width=st.sampled_from([1, 5]))
@settings(max_examples=8)
def test_a_model_of_fertility_is_found_again_in_its_own_curve(model, seed, width):
    random = np.random.default_rng(seed)
    parameters = {name: random.uniform(*limits) for name, limits in OWN_CURVES[model].items()}
    single = 1.8 * fertility.PATTERNS[model](np.arange(10, 60), **parameters)
    rates = single.reshape(-1, width).mean(axis=-1)

    found = fertility.fit_pattern(rates, np.arange(10, 60, width), width, model=model)

    assert found.coefficient_of_determination > 1 - 1e-6
    assert found.total == pytest.approx(1.8, rel=1e-3)
    np.testing.assert_allclose(found.total * found.pattern, single, atol=1e-3 * single.max())


# Graduation


@pytest.mark.parametrize("method", graduation.METHODS)
@given(seed=SEEDS, leading=LEADING)
@settings(max_examples=8)
def test_groups_of_graduated_groups_are_the_groups(method, seed, leading):
    totals = smooth_counts(death_rates(seed, leading))
    totals *= np.random.default_rng(seed).uniform(0.97, 1.03, totals.shape)

    single = graduation.METHODS[method](EDGES[:21], totals)

    assert single.shape == (*totals.shape[:-1], 100)
    np.testing.assert_allclose(graduation.group(EDGES[:21], single), totals, rtol=1e-11)


@pytest.mark.parametrize("method", ["uniform", "monotone", "sprague", "beers_ordinary", "beers_modified"])
@given(seed=SEEDS, times=st.floats(1e-3, 1e3))
@settings(max_examples=8)
def test_twice_the_people_are_twice_of_every_age(method, seed, times):
    totals = smooth_counts(death_rates(seed))
    function = graduation.METHODS[method]

    np.testing.assert_allclose(function(EDGES[:21], times * totals), times * function(EDGES[:21], totals), rtol=1e-9)


@some
@given(SEEDS, st.integers(1, 15))
def test_even_groups_of_any_width_stay_even(seed, count):
    widths = np.random.default_rng(seed).integers(1, 12, count)
    edges = np.append(0, np.cumsum(widths))

    np.testing.assert_allclose(graduation.graduate(edges, 3.0 * widths), 3, rtol=1e-11)
    np.testing.assert_allclose(graduation.uniform(edges, 3.0 * widths), 3, rtol=1e-14)
    if count > 1:
        np.testing.assert_allclose(graduation.pclm(edges, 3.0 * widths), 3, rtol=1e-5)


@some
@given(SEEDS)
def test_the_open_group_of_a_stationary_population_is_divided_as_it_is(seed):
    people = lifetable.stationary_population(survival_of(seed))

    found = graduation.split_open_group(people[..., 80:].sum(axis=-1), people[..., 80:])

    np.testing.assert_allclose(found, people[..., 80:], rtol=1e-12)


# Migration


@some
@given(SEEDS, LEADING)
def test_net_migrants_of_a_year_are_those_who_came_less_those_who_left(seed, leading):
    random = np.random.default_rng(seed)
    stock, births = random.uniform(50, 100, (*leading, 2, 12)), random.uniform(50, 100, (*leading, 2))
    deaths, came = random.uniform(0, 9, (*leading, 2, 13)), random.uniform(-9, 9, (*leading, 2, 12))
    slots = np.concatenate([births[..., None], stock], axis=-1) - deaths
    after = np.concatenate([slots[..., :-2], slots[..., -2:].sum(axis=-1, keepdims=True)], axis=-1) + came

    net = schedules.net_migrants(stock, after, deaths, births)
    room = random.uniform(0, 50, leading)
    immigration, emigration = (np.maximum(sign * net, 0).sum(axis=(-2, -1)) + room for sign in (1, -1))
    flows = schedules.split_net(net, immigration, emigration, random.uniform(0.1, 1, (2, 12)))

    np.testing.assert_allclose(net, came, atol=1e-11, rtol=0)
    np.testing.assert_array_equal(schedules.net_migrants(stock, after, deaths[..., 1:]), net[..., 1:])
    np.testing.assert_allclose(flows.immigrants - flows.emigrants, net, atol=1e-11, rtol=0)
    np.testing.assert_allclose(flows.immigrants.sum(axis=(-2, -1)), immigration, rtol=1e-11)
    np.testing.assert_allclose(flows.emigrants.sum(axis=(-2, -1)), emigration, rtol=1e-11)
    assert min(flows.immigrants.min(), flows.emigrants.min()) >= 0


@given(SEEDS)
@settings(max_examples=2)
def test_a_schedule_is_found_again_in_its_own_curve(seed):
    random, ages = np.random.default_rng(seed), np.arange(80.0)
    parameters = {**schedules.FUNDAMENTAL_PARAMETERS, "mu2": random.uniform(18, 28)}
    curve = random.uniform(0.1, 1000) * schedules.rogers_castro(ages, **parameters)

    found = schedules.fit_rogers_castro(curve, ages, 7)

    np.testing.assert_allclose(found.fitted, curve, atol=1e-4 * curve.max())
    np.testing.assert_allclose(found.fitted + found.residual, curve, rtol=1e-12)
    assert found.r_squared > 1 - 1e-6


# The stationary population, from its matrix to its indicators


def result_of(people, births, deaths, remaining):
    """Two years of a population (sex, age) that does not change."""
    cells = ("region", "group", "sex", "age")
    coords = {"year": [2020, 2021, 2022], "period": [2020, 2021], "region": ["all"], "group": ["all"]}
    coords |= {"sex": ["female", "male"], "age": np.arange(people.shape[-1])}
    both = np.broadcast_to(deaths, (2, 1, 1, *deaths.shape))
    return xr.Dataset(
        {
            "population": (("year", *cells), np.broadcast_to(people, (3, 1, 1, *people.shape))),
            "births": (("period", "region", "group", "sex"), np.broadcast_to(births, (2, 1, 1, 2))),
            "deaths": (("period", *cells), both),
            "net_migrants": (("period", *cells), 0 * both),
            "remaining_life_expectancy": (("period", *cells), np.broadcast_to(remaining, both.shape)),
        },
        coords,
    )


@some
@given(SEEDS, SEEDS)
def test_indicators_of_the_stationary_population_are_those_of_its_life_table(seed, other):
    table = lifetable.life_table(death_rates(seed))
    survival, lived = lifetable.survival_ratios(table.person_years), table.person_years
    net = fertility.net_reproduction(births_of(other), lived[0, :60], 1.05)
    matrix = np.zeros((106, 106))
    matrix[0, :60] = births_of(other) / net / 2.05 * survival[0, 0]
    matrix[np.arange(1, 106), np.arange(105)] = survival[0, 1:-1]
    matrix[-1, -1] = survival[0, -1]

    stable = stable_population(matrix)
    result = result_of(lived, 1.0, table.deaths, table.life_expectancy)

    assert stable.growth_factor == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(stable.structure[:, 0], lived[0] / lived[0].sum(), rtol=1e-6, atol=1e-12)
    expectancy = table.life_expectancy[:, 0]
    np.testing.assert_allclose(indicators.growth_rate(result), 0, atol=1e-15)
    assert indicators.doubling_time(result).isnull().all()
    for rate in (indicators.crude_birth_rate(result), indicators.crude_death_rate(result)):
        np.testing.assert_allclose(rate, 2000 / expectancy.sum(), rtol=1e-10)
    np.testing.assert_allclose(indicators.natural_increase_rate(result), 0, atol=1e-10)
    np.testing.assert_allclose(indicators.mean_age(result), (lived * (np.arange(106) + 0.5)).sum() / lived.sum())
    both = lived.sum(axis=0)
    np.testing.assert_allclose(indicators.old_age_dependency(result), 100 * both[65:].sum() / both[15:65].sum())
    np.testing.assert_allclose(
        indicators.support_ratio(result) * indicators.old_age_dependency(result), 100, rtol=1e-12
    )
    np.testing.assert_allclose(
        indicators.total_dependency(result), 100 * (both.sum() / both[15:65].sum() - 1), rtol=1e-12
    )
    np.testing.assert_allclose(indicators.age_group_shares(result).sum("age_group"), 1, rtol=1e-12)


@some
@given(SEEDS, st.floats(6, 40))
def test_prospective_old_age_is_the_age_with_so_many_years_left(seed, remaining):
    table = lifetable.life_table(death_rates(seed))
    result = result_of(table.person_years, 1.0, table.deaths, table.life_expectancy)

    found = indicators.prospective_old_age(result, remaining=remaining)

    expected = lifetable.age_with_remaining(table.life_expectancy, remaining)
    np.testing.assert_allclose(found.isel(year=0, region=0, group=0), expected, rtol=1e-12)
    above = [
        np.interp(age, np.arange(106), years) for age, years in zip(expected, table.person_years_remaining, strict=True)
    ]
    share = sum(above) / table.person_years.sum()
    np.testing.assert_allclose(indicators.prospective_old_age_share(result, remaining=remaining), share, rtol=1e-9)


# Input that is not made of floats


@pytest.mark.parametrize("kind", [np.float32, list])
def test_other_kinds_of_numbers_are_taken_as_floats(kind):
    rates = (death_rates(3) if kind is list else death_rates(3).astype(np.float32)).astype(np.float32)
    given_rates, exact = (rates.tolist() if kind is list else rates), rates.astype(float)
    totals = (1000 * np.arange(20, 0, -1)).tolist()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = lifetable.life_table(given_rates)
        single = graduation.graduate(EDGES[:21].tolist(), totals)

    np.testing.assert_array_equal(table.life_expectancy, lifetable.life_table(exact).life_expectancy)
    np.testing.assert_array_equal(single, graduation.graduate(EDGES[:21], np.array(totals, dtype=float)))
    assert table.survivors.dtype == float
