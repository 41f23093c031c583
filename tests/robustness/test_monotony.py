"""Which way figures move: more survival, more births, more migrants; and what stays equal when rates are equal."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.demography.fertility import by_cohort
from sim.engine import CONVENTIONS, Rates, project
from sim.scenario.inputs import YearPath
from sim.scenario.paths import values

CONVENTION = st.sampled_from(sorted(CONVENTIONS))
SEED = st.integers(0, 2**32 - 1)
SLACK = 1e-12
MOST = settings.get_profile(settings.get_current_profile_name()).max_examples
FEWER = settings(max_examples=max(MOST // 2, 20))


def draw_rates(seed, years=8, ages=7, states=2, sexes_equal=False):
    """Population, rates and migrants of a small world; migrants are few beside the cohorts they join."""
    dice = np.random.default_rng(seed)
    slots = (years, ages + 1, 2, states)
    survival = dice.uniform(0.3, 1, slots)
    population = dice.uniform(0, 1e6, (ages, 2, states))
    migrants = dice.uniform(0, 1e4, (years, ages, 2, states))
    if sexes_equal:
        survival, population, migrants = (
            np.repeat(part[..., :1, :], 2, axis=-2) for part in (survival, population, migrants)
        )
    rate = dice.uniform(0, 0.4, (years, states, ages)) * (np.arange(ages) > 1)
    before, after = (np.moveaxis(part, -1, 1) for part in by_cohort(rate, "completed"))
    rates = Rates(survival, before, after, np.full(years, 0.5))
    return population, rates, migrants


def projected(convention, population, rates, migrants):
    return project(population, *CONVENTIONS[convention](rates, migrants))


def never_lower(after, before):
    """Whether no cell fell, but for rounding."""
    return (after - before >= -SLACK * np.abs(before).max()).all()


@given(CONVENTION, SEED, st.floats(0, 1))
@FEWER
def test_more_survival_never_lowers_a_cohort(convention, seed, spared):
    population, rates, migrants = draw_rates(seed)
    longer = rates._replace(survival=1 - (1 - rates.survival) * (1 - spared))

    before, after = (projected(convention, population, given, migrants) for given in (rates, longer))

    assert never_lower(after.population, before.population)
    assert never_lower(after.births, before.births)


@given(CONVENTION, SEED, st.floats(0, 2))
@FEWER
def test_more_fertility_never_lowers_births_nor_a_cohort(convention, seed, more):
    population, rates, migrants = draw_rates(seed)
    fertile = rates._replace(
        fertility_before_birthday=rates.fertility_before_birthday * (1 + more),
        fertility_after_birthday=rates.fertility_after_birthday * (1 + more),
    )

    before, after = (projected(convention, population, given, migrants) for given in (rates, fertile))

    assert never_lower(after.births, before.births)
    assert never_lower(after.population, before.population)


@given(CONVENTION, SEED, st.floats(0, 3))
@FEWER
def test_more_net_migration_never_lowers_a_cohort(convention, seed, more):
    population, rates, migrants = draw_rates(seed)

    before, after = (projected(convention, population, rates, given) for given in (migrants, migrants * (1 + more)))

    assert never_lower(after.population, before.population)
    assert never_lower(after.births, before.births)
    assert never_lower(after.deaths, before.deaths)


@given(CONVENTION, SEED)
def test_sexes_with_equal_rates_an_equal_start_and_a_ratio_of_one_stay_equal(convention, seed):
    population, rates, migrants = draw_rates(seed, sexes_equal=True)

    found = projected(convention, population, rates, migrants)

    for part in (found.population, found.deaths):
        np.testing.assert_array_equal(part[..., 0, :], part[..., 1, :])
    np.testing.assert_array_equal(found.births[:, 0], found.births[:, 1])


@given(CONVENTION, SEED, st.integers(2, 5))
@FEWER
def test_groups_with_equal_rates_add_up_to_the_undivided_population(convention, seed, groups):
    population, rates, migrants = draw_rates(seed, states=1)
    dice = np.random.default_rng(seed + 1)
    shares, of_migrants = dice.dirichlet(np.ones(groups)), dice.dirichlet(np.ones(groups))
    yearly = {name: np.repeat(getattr(rates, name), groups, axis=-1) for name in rates._fields[:3]}
    children = np.moveaxis(dice.dirichlet(np.ones(groups), (len(migrants), groups)), -1, 1)

    whole = projected(convention, population, rates, migrants)
    parts = projected(
        convention, population * shares, rates._replace(**yearly, child_state=children), migrants * of_migrants
    )

    for name in ("population", "births", "deaths", "births_by_age_of_mother"):
        one, sum_of_parts = getattr(whole, name)[..., 0], getattr(parts, name).sum(axis=-1)
        np.testing.assert_allclose(sum_of_parts, one, rtol=1e-12, atol=1e-12 * np.abs(one).max())


@given(CONVENTION, SEED, st.integers(2, 4), st.booleans())
@FEWER
def test_groups_that_change_with_equal_rates_add_up_and_changes_sum_to_zero(convention, seed, groups, hazards):
    population, rates, migrants = draw_rates(seed, states=1)
    dice = np.random.default_rng(seed + 1)
    shares = dice.dirichlet(np.ones(groups))
    yearly = {name: np.repeat(getattr(rates, name), groups, axis=-1) for name in rates._fields[:3]}
    slots = yearly["survival"].shape
    change = dice.uniform(0, 0.3 / groups, (*slots, groups)) * (1 - np.eye(groups))
    if convention == "fso_midyear":  # its newborn are spared deaths at home and take none to where they move
        change[:, 0] = 0
    kind = {"transition_hazard" if hazards else "transition_share": change * (10 / 3 if hazards else 1)}

    whole = projected(convention, population, rates, migrants)
    parts = projected(convention, population * shares, rates._replace(**yearly, **kind), migrants * shares)

    assert parts.transitions is not None
    moved = parts.transitions.sum(axis=-1).sum(axis=-1) - parts.transitions.sum(axis=-2).sum(axis=-1)
    assert np.abs(moved).max() <= 1e-9
    for name in ("population", "births", "deaths", "births_by_age_of_mother"):
        one, sum_of_parts = getattr(whole, name)[..., 0], getattr(parts, name).sum(axis=-1)
        np.testing.assert_allclose(sum_of_parts, one, rtol=1e-12, atol=1e-12 * np.abs(one).max())


@given(SEED)
@FEWER
def test_migration_that_makes_up_for_deaths_less_births_keeps_the_total(seed):
    """Migrants enter at the end of the year ('wpp_end'), so that those of a year do not change its own balance."""
    population, rates, migrants = draw_rates(seed)
    present, total = population, population.sum()
    weights = migrants / migrants.sum(axis=(1, 2, 3), keepdims=True)
    for year in range(len(migrants)):
        yearly = {name: getattr(rates, name)[year : year + 1] for name in rates._fields[:3]}
        this_year = rates._replace(**yearly, male_share=rates.male_share[year : year + 1])
        nobody = 0 * migrants[year : year + 1]
        alone = projected("wpp_end", present, this_year, nobody)
        needed = alone.deaths.sum() - alone.births.sum()
        loss = alone.population[1] / alone.population[1].sum()
        entering = needed * (weights[year] if needed > 0 else loss)
        present = projected("wpp_end", present, this_year, entering[None]).population[1]

        np.testing.assert_allclose(present.sum(), total, rtol=1e-12, atol=0)


FIGURES = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: value + 0.0)
STATED = st.dictionaries(st.integers(1990, 2060), FIGURES, min_size=2, max_size=8)
KINDS = st.sampled_from(["linear", "step", "monotone"])


@given(STATED, KINDS, st.data())
def test_a_year_more_that_is_stated_as_it_was_drawn_leaves_a_linear_path_as_it_was(stated, kind, data):
    years = range(min(stated), max(stated) + 1)
    drawn = values(YearPath(path=stated, interpolate=kind), years)
    year = data.draw(st.sampled_from(list(years)))

    more = values(YearPath(path={**stated, year: float(drawn[year - years[0]])}, interpolate=kind), years)

    slack = 1e-12 * max(map(abs, stated.values()))
    if kind != "monotone":
        np.testing.assert_allclose(more, drawn, rtol=0, atol=slack)
    assert more[year - years[0]] == drawn[year - years[0]]


@given(STATED, KINDS)
def test_a_rising_path_never_falls(stated, kind):
    rising = dict(zip(sorted(stated), sorted(stated.values()), strict=True))

    drawn = values(YearPath(path=rising, interpolate=kind), range(min(rising), max(rising) + 1))

    assert (np.diff(drawn) >= -SLACK * np.abs(drawn).max()).all()
