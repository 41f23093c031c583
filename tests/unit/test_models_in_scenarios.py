"""Models that a scenario file names, held against the functions and figures they stand for."""

import json

import numpy as np
import pytest
from small import AGES, CONTENT, OPEN, SEXES, TABLES, by_age

from sim.demography import fertility, graduation, mortality, schedules
from sim.demography.hazards import death_hazard
from sim.demography.lifetable import INFANT_RULES, life_expectancy, life_table, stationary_population, survival_ratios
from sim.demography.lifetable.single_ages import single_age_death_rates
from sim.scenario.load import load

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


def five_years_wide(built, **parts):
    """Assumptions of the small scenario by ages and steps of five years."""
    people = "sex,age,value\n" + "".join(f"{sex},{age},5000\n" for sex in SEXES for age in range(0, OPEN + 1, 5))
    tables = {**GROUPED, "people.csv": people, "net.csv": people.replace("5000", "0")}
    tables["fertility.csv"] = "age,value\n20,0.1\n25,0.1\n"
    return built(tables, ages={"open": OPEN, "width": 5}, period={"start": 2012, "end": 2022}, **parts)


def test_the_rule_for_infants_counts_by_five_years_too(built):
    first, second = (
        five_years_wide(built, mortality=rate(infant=rule)).survival[0, 0, 0, :, 0]
        for rule in ("andreev_kingkade", "coale_demeny")
    )

    first_ages, rates = np.array(GROUPS), np.tile([RATES[age] for age in GROUPS], (2, 1))
    for found, rule in ((first, "andreev_kingkade"), (second, "coale_demeny")):
        lived = life_table(rates, INFANT_RULES[rule], first_ages=first_ages).person_years
        np.testing.assert_allclose(found, lived[:, :2].sum(axis=-1) / 5, rtol=1e-12)
    assert np.abs(first - second).min() > 1e-5


def test_a_model_of_fertility_by_five_years_is_the_sum_of_its_single_ages(built):
    model = {"model": "gamma", "mean_age": 30, "standard_deviation": 5, "start": 14}
    fertility_entry = {"total": 1.8, "pattern": model, "sex_ratio_at_birth": 1.05}
    found = five_years_wide(built, mortality=rate(), fertility=fertility_entry)

    single = fertility.gamma(np.arange(OPEN + 5.0), mean_age=30, standard_deviation=5, start=14)
    expected = 1.8 * single.reshape(-1, 5).sum(axis=-1) / single.sum()
    np.testing.assert_allclose(found.fertility_before_birthday[0, 0, 0, 1:], expected, rtol=1e-12)


def test_a_law_is_fitted_to_the_last_age_below_the_open_one_and_no_further(built, refused):
    ratio = {"survival_ratio": {"table": "m.csv", "age": "reached"}}
    tables = {"m.csv": table({age: np.exp(-0.001 * np.exp(0.1 * age)) for age in AGES})}

    found = built(tables, mortality={**ratio, "old_age": {"model": "gompertz", "fitted_ages": [40, OPEN - 1]}})
    wrong = refused(tables, mortality={**ratio, "old_age": {"model": "gompertz", "fitted_ages": [40, OPEN]}})

    assert found.survival.shape[-1] == OPEN + 2
    assert wrong == [
        f"mortality.old_age: the table is known to age {OPEN - 1}, below its open one; fit to ages up to it"
    ]


def test_the_open_age_is_split_or_follows_a_law_but_not_both(refused):
    ratio = {"survival_ratio": {"table": "m.csv", "age": "reached", "open_age": "split"}}
    ages = [*AGES, OPEN + 1]
    tables = {"m.csv": table({age: np.exp(-0.001 * np.exp(0.1 * age)) for age in ages})}

    found = refused(tables, mortality={**ratio, "old_age": {"model": "kannisto", "fitted_ages": [40, 45]}})

    assert found == ["mortality.old_age: and 'open_age: split' both say what happens in the open age; leave one out"]


def test_the_sex_that_cannot_reach_its_life_expectancy_along_a_pattern_is_named(refused):
    pattern = "sex,age,value\n" + "".join(
        f"{sex},{age},{1 if sex == 'female' or age == 45 else 0}\n" for sex in SEXES for age in AGES
    )
    target = {"life_expectancy": {"female": 80, "male": 20}, "method": "lee_carter"}
    entry = {**rate(), **target, "pattern": {"table": "b.csv", "age": "reached"}}

    found = refused({**SINGLE, "b.csv": pattern}, mortality=entry)

    reason = "are out of reach of the method 'lee_carter' from this life table"
    assert found == [f"mortality.life_expectancy: 20 years (male, 2012) {reason}"]


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
    expected = mortality.with_old_age(known, model="gompertz", fitted_ages=(40, 46), open_age=OPEN)
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


def test_improvement_may_differ_where_the_base_table_does_not(built):
    rates = "year,sex,value\n" + "".join(
        f"{year},{sex},{value}\n" for year in (2013, 2014) for sex, value in zip(SEXES, (0.01, 0.03), strict=True)
    )
    ratio = {"survival_ratio": {"table": "survival.csv", "age": "reached"}}
    improvement = {"from": 2012, "rate": {"table": "r.csv", "age": "reached"}}
    found = built({"r.csv": rates}, mortality={**ratio, "improvement": improvement})

    hazard = -np.log(found.survival[:, 0, 0, :, 20])
    np.testing.assert_allclose(hazard, -np.log(0.98) * np.array([[1, 1], [0.99, 0.97], [0.99**2, 0.97**2]]), rtol=1e-10)


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


def test_a_pattern_by_age_reached_is_moved_to_the_age_of_its_mothers(built):
    """Who reaches age x on 31 December is x old in the middle of the year."""
    entry = {"total": 2, "pattern": {"table": "fertility.csv", "age": "reached"}, "sex_ratio_at_birth": 1.05}
    found = built(fertility={**entry, "mean_age": 31})

    rates = found.fertility_after_birthday[0, 0, 0, :-1]
    np.testing.assert_allclose((rates * np.arange(OPEN + 1)).sum() / rates.sum(), 31, atol=1e-10, rtol=0)


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

    curve = schedules.rogers_castro(np.append(1 / 3, np.arange(1.0, OPEN + 1)), **parameters)
    curve[0] /= 2
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


def test_an_open_group_is_divided_by_the_survivors_of_the_first_of_several_life_tables(built):
    people = "sex,age,value\n" + "".join(f"{sex},{age},1000\n" for sex in SEXES for age in range(0, 41, 5))
    found = built(
        {**SINGLE, "people.csv": people},
        population={"table": "people.csv", "graduate": "uniform"},
        mortality={**rate(), **TARGET},
    )

    first, last = (stationary_population(found.survival[year, 0, 0])[:, 40:] for year in (0, -1))
    expected, other = (1000 * people / people.sum(axis=-1, keepdims=True) for people in (first, last))
    np.testing.assert_allclose(found.population[0, 0, :, 40:], expected, rtol=1e-12)
    assert np.abs(expected - other).max() > 0.1


def test_an_open_group_is_divided_by_the_survivors_of_the_first_life_table(built):
    people = "sex,age,value\n" + "".join(f"{sex},{age},1000\n" for sex in SEXES for age in range(0, 41, 5))
    found = built({"people.csv": people}, population={"table": "people.csv", "graduate": "uniform"})

    stationary = stationary_population(found.survival[0, 0, 0])[:, 40:]
    expected = 1000 * stationary / stationary.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found.population[0, 0, :, 40:], expected, rtol=1e-12)
    np.testing.assert_allclose(found.population[0, 0, :, :40], 200, rtol=1e-12)


def test_the_open_group_of_every_region_is_divided_by_its_own_survivors(built):
    groups = range(0, 41, 5)
    people = "region,sex,age,value\n" + "".join(
        f"{region},{sex},{age},1000\n" for region in ("low", "high") for sex in SEXES for age in groups
    )
    survival = "region,age,value\n" + "".join(
        f"{region},{age},{ratio}\n" for region, ratio in (("low", 0.98), ("high", 0.9)) for age in AGES
    )
    nobody = "region,sex,age,value\n" + "".join(
        f"{region},{sex},{age},0\n" for region in ("low", "high") for sex in SEXES for age in AGES
    )
    found = built(
        {"people.csv": people, "survival.csv": survival, "net.csv": nobody},
        states={"regions": ["low", "high"]},
        population={"table": "people.csv", "graduate": "uniform"},
    )

    oldest = found.population[:, 0, 0, 40:OPEN]
    np.testing.assert_allclose(oldest[:, 1:] / oldest[:, :-1], np.tile([[0.98], [0.9]], 9), rtol=1e-12)
    np.testing.assert_allclose(found.population[..., 40:].sum(axis=-1), 1000, rtol=1e-12)


@pytest.mark.parametrize("method", sorted(graduation.METHODS))
def test_a_region_without_people_stays_empty(built, method):
    def people(ages, number):
        rows = [(region, sex, age) for region in ("full", "empty") for sex in SEXES for age in ages]
        lines = (f"{region},{sex},{age},{number if region == 'full' else 0}\n" for region, sex, age in rows)
        return "region,sex,age,value\n" + "".join(lines)

    found = built(
        {"people.csv": people(range(0, OPEN + 1, 5), 500), "net.csv": people(AGES, 0)},
        states={"regions": ["full", "empty"]},
        population={"table": "people.csv", "graduate": method},
    )

    assert found.population[1].max() == 0
    np.testing.assert_allclose(found.population[0, ..., :OPEN].sum(axis=-1), 5000, rtol=1e-9)


@pytest.mark.parametrize(("first", "warned"), [((0, 1, *range(5, 51, 5)), ""), ((0, *range(15, 51, 5)), "0 to 14")])
def test_a_group_wider_than_the_next_is_doubted(built, first, warned):
    people = "sex,age,value\n" + "".join(f"{sex},{age},{900 - age}\n" for sex in SEXES for age in first)
    found = built({"people.csv": people}, population={"table": "people.csv", "graduate": "monotone"})

    said = [warning.message for warning in found.warnings if "row missing" in warning.message]
    assert len(said) == bool(warned)
    assert warned in "".join(said)


# Models together


def test_improvement_and_old_age_leave_a_life_expectancy_where_it_was_asked_for(built):
    shorter = {"m.csv": table({age: value for age, value in RATES.items() if age <= 48})}
    options = {"old_age": {"model": "kannisto", "fitted_ages": [40, 46]}, "improvement": {"from": 2010, "rate": 0.02}}
    target = {"life_expectancy": {"female": 68, "male": 66}}
    freely = built(shorter, mortality={**rate(), **options})
    brought = built(shorter, mortality={**rate(), **options, **target})

    np.testing.assert_allclose(life_expectancy(brought.survival)[:, 0, 0], [[68, 66]] * 3, atol=1e-9, rtol=0)
    factor = death_hazard(brought.survival.copy()) / death_hazard(freely.survival.copy())
    np.testing.assert_allclose(factor, np.broadcast_to(factor[..., :1], factor.shape), rtol=1e-9)
    assert (factor[2, 0, 0, :, 0] > factor[0, 0, 0, :, 0]).all()


def test_women_and_men_may_have_schedules_of_their_own(built):
    women = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "mu2": 20, "alpha2": 0.1, "lambda2": 0.4, "c": 0.003}
    men = {**women, "mu2": 28, "a3": 0.01, "mu3": 40, "alpha3": 0.5, "lambda3": 0.3}
    profile = {"model": "rogers_castro", "female_share": 0.25, "female": women, "male": men}
    stream = {"count": {"unit": "persons per year", "path": {2012: 1000}, "after": "constant"}, "profile": profile}
    found = built(migration={"immigration": [stream]})

    for place, (parameters, persons) in enumerate(((women, 250), (men, 750))):
        curve = schedules.rogers_castro(np.append(1 / 3, np.arange(1.0, OPEN + 1)), **parameters)
        curve[0] /= 2
        np.testing.assert_allclose(found.migrants[1, 0, 0, place], persons * curve / curve.sum(), rtol=1e-12)


def test_a_pattern_by_five_years_of_age_is_moved_to_a_mean_age_in_years(built):
    people = "sex,age,value\n" + "".join(f"{sex},{age},5000\n" for sex in SEXES for age in range(0, OPEN + 1, 5))
    pattern = {"model": "beta", "mean_age": 29, "standard_deviation": 4, "start": 15, "end": 44}
    found = built(
        {
            "people.csv": people,
            "survival.csv": "age,value\n" + "".join(f"{age},0.95\n" for age in range(0, OPEN + 1, 5)),
            "net.csv": people.replace("5000", "0"),
        },
        ages={"open": OPEN, "width": 5},
        period={"start": 2012, "end": 2022},
        fertility={"total": 2, "pattern": pattern, "mean_age": 30.5, "sex_ratio_at_birth": 1.05},
    )

    rates = found.fertility_before_birthday[0, 0, 0, 1:]
    assert (rates * (np.arange(0, OPEN + 1, 5) + 2.5)).sum() / rates.sum() == pytest.approx(30.5, abs=1e-9)


def test_groups_of_a_pattern_are_graduated_as_those_of_rates(built):
    groups = {15: 0.01, 20: 0.06, 25: 0.12, 30: 0.11, 35: 0.05, 40: 0.01, 45: 0.001}
    entry = {"table": "fertility.csv", "age": "completed", "graduate": "monotone"}
    tables = {"fertility.csv": table(groups)}
    rates = built(tables, fertility={"rates": entry, "sex_ratio_at_birth": 1.05})
    total = {"total": 5 * sum(groups.values()), "pattern": entry, "sex_ratio_at_birth": 1.05}
    pattern = built(tables, fertility=total)

    np.testing.assert_allclose(pattern.fertility_after_birthday, rates.fertility_after_birthday, rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize("infant", ["andreev_kingkade", "coale_demeny"])
def test_the_rule_for_infants_is_that_of_the_life_table_of_age_groups(built, infant):
    found = built(GROUPED, mortality=rate(graduate="monotone", infant=infant))

    edges, rates = np.array(GROUPS), np.tile([RATES[age] for age in GROUPS], (2, 1))
    rule = INFANT_RULES[infant]
    lived = life_table(rates, rule, first_ages=edges).person_years[:, 0]
    np.testing.assert_allclose(stationary_population(found.survival[0, 0, 0])[:, 0], lived, rtol=1e-9)
    single = life_table(single_age_death_rates(rates, edges, rule), rule)
    np.testing.assert_allclose(found.survival[0, 0, 0], survival_ratios(single.person_years), rtol=1e-12)


# Files that are based on others


@pytest.fixture
def based(tmp_path):
    """Load a file that states some parts only, based on the small scenario with others."""

    def loaded(inherited, own):
        for name, text in TABLES.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "other.yaml").write_text(json.dumps({**CONTENT, "name": "other", **inherited}))
        (tmp_path / "small.yaml").write_text(json.dumps({"name": "small", "based_on": "other", **own}))
        return load(tmp_path / "small.yaml")

    return loaded


BROUGHT = {
    "rate": {"table": "m.csv", "age": "completed"},
    "life_expectancy": {"female": 80, "male": 75},
    "method": "lee_carter",
    "pattern": {"table": "b.csv", "age": "reached"},
    "old_age": {"model": "kannisto", "fitted_ages": [40, 45]},
    "improvement": {"from": 2012, "rate": 0.01},
}
TABLE = {"table": "own.csv", "age": "reached"}


@pytest.mark.parametrize(
    "own",
    [
        {"base": {"dataset": "belgium", "years": [2009, 2011]}},
        {"survival_ratio": TABLE},
        {"probability": TABLE},
        {"survival_ratio": {**TABLE, "open_age": "split"}},
    ],
    ids=lambda own: next(iter(own)),
)
def test_another_base_table_drops_all_that_the_inherited_one_was_brought_to(based, own):
    mortality = based({"mortality": BROUGHT}, {"mortality": own}).mortality

    assert mortality.model_dump(exclude_none=True).keys() == {*own, "method"}
    assert mortality.method == "proportional"


def test_another_base_table_keeps_what_the_file_itself_says(based):
    own = {"survival_ratio": TABLE, "old_age": {"model": "gompertz", "fitted_ages": [42, 48]}}
    mortality = based({"mortality": BROUGHT}, {"mortality": own}).mortality

    assert (mortality.old_age.model, mortality.old_age.fitted_ages) == ("gompertz", (42, 48))
    assert mortality.life_expectancy is mortality.improvement is None


def test_another_table_of_the_same_kind_keeps_what_it_is_brought_to(based):
    own = {"rate": {"table": "own.csv", "age": "completed", "graduate": "monotone"}}
    mortality = based({"mortality": BROUGHT}, {"mortality": own}).mortality

    assert mortality.model_dump(exclude_none=True).keys() == BROUGHT.keys()
    assert mortality.rate.table == "own.csv"


def test_null_takes_parts_of_mortality_away(based):
    for gone in (("old_age",), ("improvement",), ("method", "pattern"), ("method", "pattern", "life_expectancy")):
        mortality = based({"mortality": BROUGHT}, {"mortality": dict.fromkeys(gone)}).mortality
        assert mortality.model_dump(exclude_none=True).keys() | {"method"} == (BROUGHT.keys() - set(gone)) | {"method"}


WAYS = {
    "model": {"model": "gamma", "mean_age": 30, "standard_deviation": 5, "start": 14},
    "another model": {"model": "quadratic_spline", "start": 15, "peak": 29, "half": 36},
    "table": {"table": "p.csv", "age": "completed", "graduate": "monotone"},
    "dataset": {"dataset": "belgium", "years": [2010, 2015]},
}


@pytest.mark.parametrize("before", WAYS)
@pytest.mark.parametrize("after", WAYS)
def test_a_way_to_say_the_pattern_replaces_another_one_whole(based, before, after):
    fertility = {"total": 1.8, "mean_age": 29, "sex_ratio_at_birth": 1.05}
    inherited = {"fertility": {**fertility, "pattern": WAYS[before]}}
    found = based(inherited, {"fertility": {"pattern": WAYS[after]}}).fertility

    assert {key: getattr(found.pattern, key) for key in WAYS[after]} == {
        key: tuple(value) if isinstance(value, list) else value for key, value in WAYS[after].items()
    }
    assert found.pattern.model_fields_set == WAYS[after].keys()
    assert (found.total, found.mean_age) == (1.8, 29)


def test_one_parameter_of_an_inherited_model_may_be_changed(based):
    fertility = {"total": 1.8, "pattern": WAYS["model"], "sex_ratio_at_birth": 1.05}
    found = based({"fertility": fertility}, {"fertility": {"pattern": {"mean_age": 31}}}).fertility.pattern

    assert found.parameters == {"mean_age": 31, "standard_deviation": 5, "start": 14}


def test_rates_take_the_place_of_a_total_its_pattern_and_its_mean_age(based):
    fertility = {"total": 1.8, "pattern": WAYS["model"], "mean_age": 29, "sex_ratio_at_birth": 1.05}
    found = based({"fertility": fertility}, {"fertility": {"rates": WAYS["table"]}}).fertility

    assert found.total is found.pattern is found.mean_age is None


def test_a_schedule_and_a_table_of_migrants_replace_each_other(based):
    parameters = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "mu2": 20, "alpha2": 0.1, "lambda2": 0.4, "c": 0.003}
    schedule = {"model": "rogers_castro", "female_share": 0.4, "both": parameters}
    balance = {"unit": "persons per year", "path": {2012: 1000}, "after": "constant"}
    ways = {"schedule": schedule, "table": TABLE, "dataset": {"dataset": "belgium", "years": [2009, 2012]}}
    for before in ways:
        for after in ways:
            inherited = {"migration": {"balance": balance, "profile": ways[before]}}
            found = based(inherited, {"migration": {"profile": ways[after]}}).migration.profile
            assert found.model_fields_set == ways[after].keys(), (before, after)


# Refused


@pytest.mark.parametrize("method", ["proportional", "brass", "lee_carter"])
def test_a_life_expectancy_that_no_change_of_risks_reaches_is_refused(refused, method):
    pattern = {"pattern": {"table": "b.csv", "age": "reached"}} if method == "lee_carter" else {}
    tables = {"m.csv": table(dict.fromkeys(AGES, 0.0) | {OPEN: 0.04}), "b.csv": by_age(1)}
    target = {"life_expectancy": {"female": 40, "male": 40}, "method": method}
    (found,) = refused(tables, mortality={**rate(), **target, **pattern})

    assert found.startswith("mortality.life_expectancy: ")


@pytest.mark.parametrize("first", [0, 5])
def test_a_pattern_of_mortality_must_add_up_to_more_than_zero(refused, first):
    tables = {**SINGLE, "b.csv": by_age(lambda age: -1 if age >= first else 3)}
    pattern = {"method": "lee_carter", "pattern": {"table": "b.csv", "age": "reached"}}
    (found,) = refused(tables, mortality={**rate(), **TARGET, **pattern})

    assert found.startswith("mortality.pattern: adds up to -")


@pytest.mark.parametrize("wrong", [1, 1.5, 5, -1.01])
@pytest.mark.parametrize("kind", ["number", "path", "table"])
def test_a_rate_of_improvement_that_leaves_no_risk_or_more_than_doubles_it_is_refused(refused, kind, wrong):
    stated = {
        "number": wrong,
        "path": {"path": {2012: 0.01, 2013: wrong}, "after": "constant"},
        "table": {"table": "r.csv", "age": "reached"},
    }[kind]
    tables = {**SINGLE, "r.csv": by_age(lambda age: wrong if age == 30 else 0.01)}
    (found,) = refused(tables, mortality={**rate(), "improvement": {"from": 2011, "rate": stated}})

    assert "rate of improvement; allowed are -1 to" in found
    assert f"{wrong:g}" in found


@pytest.mark.parametrize("method", ["uniform", "monotone", "sprague", "beers_ordinary", "beers_modified", "pclm"])
def test_groups_are_refused_that_end_above_the_open_age_or_begin_above_birth(refused, method):
    for ages in (range(0, OPEN + 6, 5), range(5, OPEN + 1, 5)):
        people = "sex,age,value\n" + "".join(f"{sex},{age},{900 - age}\n" for sex in SEXES for age in ages)
        found = refused({"people.csv": people}, population={"table": "people.csv", "graduate": method})
        allowed = "goes with groups from age 0 to an open one of 50 at most"
        assert found == [f"population.graduate: {allowed}, not {ages[0]} to {ages[-1]}"]


@pytest.mark.parametrize("method", ["sprague", "beers_ordinary"])
def test_persons_below_zero_are_refused_with_their_age_and_sex(refused, method):
    uneven = (10, 9000, 10, 9000, 10, 4000, 5000, 100, 3000, 500)
    ages = range(0, OPEN, 5)
    people = "sex,age,value\n" + "".join(
        f"{sex},{age},{value if sex == 'male' else 5000}\n"
        for sex in SEXES
        for age, value in zip(ages, uneven, strict=True)
    )
    (found,) = refused({"people.csv": people}, population={"table": "people.csv", "graduate": method})

    assert found.startswith(f"population.graduate: '{method}' makes -")
    assert "(male)" in found


def test_a_table_missing_beside_an_open_group_is_told_once(refused):
    people = "sex,age,value\n" + "".join(f"{sex},{age},{900 - age}\n" for sex in SEXES for age in range(0, 41, 5))
    found = refused(
        {"people.csv": people},
        population={"table": "people.csv", "graduate": "monotone"},
        mortality={"rate": {"table": "nowhere.csv", "age": "completed"}},
    )
    assert found == ["mortality.rate.table: there is no table 'nowhere.csv' in the folder of the scenario"]


def test_a_balance_of_zero_needs_no_profile(built):
    none = {"unit": "persons per year", "path": {2012: 0}, "after": "constant"}
    found = built(migration={"balance": none})

    assert found.migrants.shape == (3, 1, 1, 2, OPEN + 1)
    assert not found.migrants.any()


def test_tables_of_nobody_need_not_tell_the_sexes_apart(built):
    warned = [warning.message for warning in built().warnings]

    assert any("people.csv holds the same values" in message for message in warned)
    assert not any("net.csv" in message for message in warned)
