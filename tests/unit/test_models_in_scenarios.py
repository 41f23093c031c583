"""Models that a scenario file names, held against the functions and figures they stand for."""

import numpy as np
import pytest
from small import AGES, OPEN, SEXES, by_age

from sim.demography import fertility, graduation, mortality, schedules
from sim.demography.hazards import death_hazard
from sim.demography.lifetable import life_expectancy, life_table, stationary_population, survival_ratios

GROUPS = (0, 1, *range(5, OPEN + 1, 5))
RATES = {age: 0.02 if age == 0 else 2e-4 * np.exp(0.08 * age) for age in range(OPEN + 1)}
TARGET = {"life_expectancy": {"female": {"path": {2012: 80, 2015: 82}}, "male": {"path": {2012: 75, 2015: 78}}}}


def table(values):
    return "age,value\n" + "".join(f"{age},{float(value)!r}\n" for age, value in values.items())


def rate(**options):
    return {"rate": {"table": "m.csv", "age": "completed", **options}}


SINGLE = {"m.csv": table(RATES)}
GROUPED = {"m.csv": table({age: RATES[age] for age in GROUPS})}


# Mortality


def test_death_rates_of_age_groups_become_single_ages(built):
    found = built(GROUPED, mortality=rate(graduate="monotone"))

    edges, rates = np.array(GROUPS), np.tile([RATES[age] for age in GROUPS], (2, 1))
    table = life_table(rates, first_ages=edges)
    lived = stationary_population(found.survival[0, 0, 0])
    assert found.survival.shape == (3, 1, 1, 2, OPEN + 2)
    np.testing.assert_allclose(lived.sum(axis=-1), table.life_expectancy[:, 0], atol=0.02, rtol=0)
    np.testing.assert_allclose(lived[:, -1], table.person_years[:, -1], rtol=1e-12)


def test_death_rates_of_five_years_of_age_serve_steps_of_five_years(built):
    people = "sex,age,value\n" + "".join(f"{sex},{age},5000\n" for sex in SEXES for age in range(0, OPEN + 1, 5))
    found = built(
        {
            **GROUPED,
            "people.csv": people,
            "fertility.csv": "age,value\n20,0.1\n25,0.1\n",
            "net.csv": people.replace("5000", "0"),
        },
        ages={"open": OPEN, "width": 5},
        period={"start": 2012, "end": 2022},
        mortality=rate(),
    )

    edges, rates = np.array(GROUPS), np.tile([RATES[age] for age in GROUPS], (2, 1))
    lived = life_table(rates, first_ages=edges).person_years
    five = np.concatenate([lived[:, :2].sum(axis=1, keepdims=True), lived[:, 2:]], axis=1)
    expected = np.concatenate(
        [five[:, :1] / 5, five[:, 1:-1] / five[:, :-2], np.tile(five[:, -1:] / (five[:, -2:-1] + five[:, -1:]), 2)],
        axis=1,
    )
    np.testing.assert_allclose(found.survival[0, 0, 0], expected, rtol=1e-12)


def test_risks_above_the_fitted_ages_follow_the_law(built):
    law = {age: np.exp(-1 / (1 + np.exp(4 - 0.1 * (age - 40)))) for age in AGES}
    wrong = {age: ratio if age <= 45 else 0.5 for age, ratio in law.items()}
    ratio = {"survival_ratio": {"table": "m.csv", "age": "reached"}}
    found = built(
        {"m.csv": table(wrong)}, mortality={**ratio, "old_age": {"model": "kannisto", "fitted_ages": [41, 45]}}
    )

    np.testing.assert_allclose(found.survival[0, 0, 0, 0, :OPEN], list(law.values())[:OPEN], rtol=1e-12)
    older = np.exp(-1 / (1 + np.exp(4 - 0.1 * (np.arange(OPEN, 400) - 40))))
    beyond = np.cumprod(older).sum()
    np.testing.assert_allclose(found.survival[0, 0, 0, 0, OPEN:], beyond / (1 + beyond), rtol=1e-9)


def test_a_table_that_ends_earlier_is_carried_on_by_the_law(built):
    shorter = {"m.csv": table({age: value for age, value in RATES.items() if age <= 48})}
    options = {"old_age": {"model": "gompertz", "fitted_ages": [40, 46]}}
    found = built(shorter, mortality={**rate(), **options})

    short = np.tile([RATES[age] for age in range(49)], (2, 1))
    known = survival_ratios(life_table(short).person_years)
    np.testing.assert_array_equal(found.survival[0, 0, 0, :, :47], known[:, :47])
    expected = mortality.with_old_age(known, "gompertz", (40, 46), OPEN)
    np.testing.assert_array_equal(found.survival[0, 0, 0], expected)
    np.testing.assert_allclose(np.diff(np.log(-np.log(found.survival[0, 0, 0, 0, 40:OPEN]))), 0.08, atol=1e-4)


@pytest.mark.parametrize(("first", "years"), [(2012, [0, 1, 2]), (2010, [2, 3, 4])])
def test_risks_fall_by_the_rate_of_improvement_from_the_year_of_the_table_on(built, first, years):
    found = built(SINGLE, mortality={**rate(), "improvement": {"from": first, "rate": 0.02}})

    base = death_hazard(survival_ratios(life_table(np.tile(list(RATES.values()), (2, 1))).person_years))
    for place, passed in enumerate(years):
        np.testing.assert_allclose(death_hazard(found.survival[place, 0, 0].copy()), base * 0.98**passed, rtol=1e-10)


def test_a_path_of_improvement_holds_year_by_year(built):
    path = {"path": {2011: 0.01, 2012: 0.02, 2013: 0.03, 2014: 0.04}}
    found = built(SINGLE, mortality={**rate(), "improvement": {"from": 2010, "rate": path}})

    base = death_hazard(survival_ratios(life_table(np.tile(list(RATES.values()), (2, 1))).person_years))
    for place, factor in enumerate([0.99 * 0.98, 0.99 * 0.98 * 0.97, 0.99 * 0.98 * 0.97 * 0.96]):
        np.testing.assert_allclose(death_hazard(found.survival[place, 0, 0].copy()), base * factor, rtol=1e-10)


def test_a_table_of_improvement_holds_by_age_reached(built):
    rates = "year,age,value\n" + "".join(f"{year},{age},{age / 1000}\n" for year in (2012, 2013, 2014) for age in AGES)
    improvement = {"from": 2011, "rate": {"table": "r.csv", "age": "reached"}}
    found = built({**SINGLE, "r.csv": rates}, mortality={**rate(), "improvement": improvement})

    base = death_hazard(survival_ratios(life_table(np.tile(list(RATES.values()), (2, 1))).person_years))
    slots = np.append(np.arange(OPEN + 1), OPEN) / 1000
    np.testing.assert_allclose(death_hazard(found.survival[2, 0, 0].copy()), base * (1 - slots) ** 3, rtol=1e-10)


@pytest.mark.parametrize("method", ["proportional", "brass", "lee_carter"])
def test_every_method_reaches_the_life_expectancy_of_every_year_and_sex(built, method):
    pattern = {"pattern": {"table": "b.csv", "age": "reached"}} if method == "lee_carter" else {}
    tables = {**SINGLE, "b.csv": by_age(lambda age: 1 + age / 50)}
    found = built(tables, mortality={**rate(), **TARGET, **pattern, "method": method})

    wanted = np.stack([np.linspace(80, 82, 4)[:3], np.linspace(75, 78, 4)[:3]], axis=-1)
    np.testing.assert_allclose(life_expectancy(found.survival)[:, 0, 0], wanted, atol=1e-9, rtol=0)


def test_the_method_of_lee_and_carter_changes_risks_in_the_proportions_of_its_pattern(built):
    pattern = {"pattern": {"table": "b.csv", "age": "reached"}, "method": "lee_carter"}
    tables = {**SINGLE, "b.csv": by_age(lambda age: 1 + age / 50)}
    found = built(tables, mortality={**rate(), **TARGET, **pattern})

    base = death_hazard(survival_ratios(life_table(np.tile(list(RATES.values()), (2, 1))).person_years))
    change = np.log(death_hazard(found.survival[1, 0, 0].copy()) / base)
    np.testing.assert_allclose(change / change[:, :1], np.tile(1 + np.append(AGES, OPEN) / 50, (2, 1)), rtol=1e-8)


def test_the_method_of_brass_moves_all_logits_alike(built):
    found = built(SINGLE, mortality={**rate(), **TARGET, "method": "brass"})

    base = survival_ratios(life_table(np.tile(list(RATES.values()), (2, 1))).person_years)
    before, after = (np.cumprod(ratios[:, :OPEN], axis=-1) for ratios in (base, found.survival[1, 0, 0]))
    moved = np.log((1 - after) / after) - np.log((1 - before) / before)
    np.testing.assert_allclose(moved, np.broadcast_to(moved[:, :1], moved.shape), rtol=1e-8)


# Fertility


def model(**parameters):
    return {"fertility": {"total": 1.8, "pattern": parameters, "sex_ratio_at_birth": 1.05}}


@pytest.mark.parametrize(
    "parameters",
    [
        {"model": "hadwiger", "mean_age": 30, "standard_deviation": 5},
        {"model": "gamma", "mean_age": 30, "standard_deviation": 5, "start": 14},
        {"model": "beta", "mean_age": 30, "standard_deviation": 5, "start": 14, "end": 50},
        {"model": "quadratic_spline", "start": 15, "peak": 29, "half": 36},
    ],
    ids=lambda parameters: parameters["model"],
)
def test_a_model_of_fertility_has_the_total_and_the_pattern_of_its_function(built, parameters):
    found = built(**model(**parameters))

    own = {name: value for name, value in parameters.items() if name != "model"}
    pattern = fertility.PATTERNS[parameters["model"]](np.arange(OPEN + 1.0), **own)
    expected = 1.8 * pattern / pattern.sum()
    np.testing.assert_allclose(found.fertility_after_birthday[1, 0, 0, 1:-2], expected[1:-1], rtol=1e-12, atol=0)
    np.testing.assert_allclose(found.fertility_before_birthday[1, 0, 0, 1:], expected, rtol=1e-12, atol=0)


def test_a_pattern_is_moved_to_the_mean_age_of_every_year(built):
    entry = {"total": 2, "pattern": {"table": "fertility.csv", "age": "completed"}, "sex_ratio_at_birth": 1.05}
    found = built(fertility={**entry, "mean_age": {"path": {2012: 30, 2015: 31.5}}})

    rates = found.fertility_before_birthday[:, 0, 0, 1:]
    mean = (rates * (np.arange(OPEN + 1) + 0.5)).sum(axis=-1) / rates.sum(axis=-1)
    np.testing.assert_allclose(mean, [30, 30.5, 31], atol=1e-10, rtol=0)
    np.testing.assert_allclose(rates.sum(axis=-1), 2, rtol=1e-13)


def test_rates_of_age_groups_keep_the_births_of_each_group(built):
    groups = {15: 0.01, 20: 0.06, 25: 0.12, 30: 0.11, 35: 0.05, 40: 0.01, 45: 0.001}
    entry = {"table": "fertility.csv", "age": "completed", "graduate": "monotone"}
    found = built({"fertility.csv": table(groups)}, fertility={"rates": entry, "sex_ratio_at_birth": 1.05})

    rates = found.fertility_before_birthday[0, 0, 0, 1:]
    sums = rates[15:50].reshape(-1, 5).sum(axis=-1)
    np.testing.assert_allclose(sums, 5 * np.array(list(groups.values())), rtol=1e-12)
    assert rates[:15].max() == rates[50:].max() == 0


# Migration


def test_a_model_schedule_gives_the_ages_of_a_balance(built):
    parameters = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "mu2": 20, "alpha2": 0.1, "lambda2": 0.4, "c": 0.003}
    profile = {"model": "rogers_castro", "female_share": 0.4, "both": parameters}
    balance = {"unit": "persons per year", "path": {2012: 1000}, "after": "constant"}
    found = built(migration={"balance": balance, "profile": profile})

    curve = schedules.rogers_castro(np.arange(OPEN + 1.0), **parameters)
    np.testing.assert_allclose(found.migrants[1, 0, 0, 0], 400 * curve / curve.sum(), rtol=1e-12)
    np.testing.assert_allclose(found.migrants[1, 0, 0, 1], 600 * curve / curve.sum(), rtol=1e-12)


# Population


@pytest.mark.parametrize("method", sorted(graduation.METHODS))
def test_single_ages_of_a_population_keep_the_persons_of_each_group(built, method):
    groups = {age: 5000 - 60 * age for age in range(0, 41, 5)}
    people = "sex,age,value\n" + "".join(f"{sex},{age},{value}\n" for sex in SEXES for age, value in groups.items())
    found = built({"people.csv": people}, population={"table": "people.csv", "graduate": method})

    single = found.population[0, 0]
    assert single.shape == (2, OPEN + 1)
    sums = np.add.reduceat(single, list(groups), axis=-1)
    np.testing.assert_allclose(sums, np.tile(list(groups.values()), (2, 1)), rtol=1e-9)


def test_an_open_group_is_divided_by_the_survivors_of_the_first_life_table(built):
    people = "sex,age,value\n" + "".join(f"{sex},{age},1000\n" for sex in SEXES for age in range(0, 41, 5))
    found = built({"people.csv": people}, population={"table": "people.csv", "graduate": "uniform"})

    stationary = stationary_population(found.survival[0, 0, 0])[:, 40:]
    expected = 1000 * stationary / stationary.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found.population[0, 0, :, 40:], expected, rtol=1e-12)
    np.testing.assert_allclose(found.population[0, 0, :, :40], 200, rtol=1e-12)
