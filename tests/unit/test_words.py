"""Models of a scenario in words, as ``sim show`` prints them."""

import re

import pytest
from small import OPEN, SEXES

from sim.scenario.words import describe

RATE = {"table": "m.csv", "age": "completed"}
TARGET = {"female": 80, "male": {"path": {2012: 75, 2015: 76}}}
FERTILITY = {"total": 1.8, "sex_ratio_at_birth": 1.05}
BALANCE = {"unit": "persons per year", "path": {2012: 1000}, "after": "constant"}
PARAMETERS = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "mu2": 20, "alpha2": 0.1, "lambda2": 0.4, "c": 0.003}
RETIREMENT = {"a3": 0.01, "mu3": 60, "alpha3": 0.3, "lambda3": 0.2}
OLDEST = {"a4": 0.001, "lambda4": 0.02}


@pytest.fixture
def said(scenario):
    """Sentence of the small scenario about one part, with some parts replaced."""

    def found(about, **parts):
        (sentence,) = (sentence for sentence in describe(scenario(**parts)) if sentence.startswith(f"{about}: "))
        assert not re.search(r"None|[{}=<>\[\]]|Series|Path|  |,,| ,|_|\.\.", sentence.replace("_curve", "")), sentence
        assert sentence.endswith(".")
        return sentence

    return found


def test_an_old_age_by_a_model_is_told(said):
    sentence = said("Mortality", mortality={"rate": RATE, "old_age": {"model": "kannisto", "fitted_ages": [40, 46]}})

    assert sentence == (
        "Mortality: the death rates of the table m.csv, above age 46 by the model of Kannisto fitted to 40-46, "
        "without a target."
    )


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.015, "improving after 2010 by 0.015 a year"),
        ({"table": "r.csv", "age": "reached"}, "improving after 2010 by the table r.csv"),
        (
            {"path": {2011: 0.02, 2015: 0.01}},
            "improving after 2010 by 0.02 a year in 2011, 0.01 in 2015 (straight lines between)",
        ),
    ],
    ids=["number", "table", "path"],
)
def test_improvement_is_told(said, rate, words):
    assert words in said("Mortality", mortality={"rate": RATE, "improvement": {"from": 2010, "rate": rate}})


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("proportional", "all risks scaled to a life expectancy at birth of: women 80 years; men 75 years in 2012"),
        ("brass", "the logits of the survivors moved to a life expectancy at birth of: women 80 years"),
        (
            "lee_carter",
            "risks changed in the proportions of the table b.csv to a life expectancy at birth of: women 80",
        ),
    ],
)
def test_the_way_to_a_life_expectancy_is_told(said, method, words):
    pattern = {"pattern": {"table": "b.csv", "age": "reached"}} if method == "lee_carter" else {}
    assert words in said("Mortality", mortality={"rate": RATE, "life_expectancy": TARGET, "method": method, **pattern})


def test_death_rates_of_groups_are_told(said):
    sentence = said("Mortality", mortality={"rate": {**RATE, "graduate": "monotone"}})
    assert "the death rates of the table m.csv (age groups made single ages by a monotone spline)" in sentence


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("uniform", "(age groups made single ages by equal parts)"),
        ("monotone", "(age groups made single ages by a monotone spline)"),
        ("pclm", "(age groups made single ages by the penalised composite link model)"),
    ],
)
def test_a_population_of_groups_is_told(said, method, words):
    assert words in said("Population", population={"table": "people.csv", "graduate": method})


@pytest.mark.parametrize("method", ["sprague", "beers_ordinary", "beers_modified"])
def test_a_formula_for_groups_is_told_by_the_name_of_its_author(said, method):
    sentence = said("Population", population={"table": "people.csv", "graduate": method})
    assert method.split("_")[0] in sentence.lower()


@pytest.mark.parametrize("key", ["rates", "pattern"])
def test_fertility_of_groups_is_told(said, key):
    entry = {"table": "f.csv", "age": "completed", "graduate": "monotone"}
    total = {} if key == "rates" else {"total": 1.8}
    sentence = said("Fertility", fertility={**total, key: entry, "sex_ratio_at_birth": 1.05})
    assert "the table f.csv (age groups made single ages by a monotone spline)" in sentence


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ({"model": "hadwiger", "mean_age": 30.5, "standard_deviation": 5}, "mean age 30.5, standard deviation 5"),
        ({"model": "gamma", "mean_age": 30, "standard_deviation": 5, "start": 14}, "standard deviation 5, start 14"),
        ({"model": "quadratic_spline", "start": 15, "peak": 29, "half": 36}, "start 15, peak 29, half 36"),
    ],
    ids=lambda value: value["model"] if isinstance(value, dict) else "",
)
def test_a_model_of_fertility_is_told_with_its_parameters(said, pattern, words):
    sentence = said("Fertility", fertility={**FERTILITY, "pattern": pattern})

    assert words in sentence
    assert pattern["model"].split("_")[0] in sentence.lower()
    assert sentence.startswith("Fertility: 1.8 children per woman, at the ages of ")


def test_a_mean_age_is_told(said):
    pattern = {"model": "beta", "mean_age": 29, "standard_deviation": 5, "start": 15, "end": 48}
    fertility = {**FERTILITY, "pattern": pattern, "mean_age": {"path": {2012: 30, 2015: 31.5}}}
    moved = ", moved to a mean age of 30 years in 2012, 31.5 in 2015 (straight lines between); 1.05 boys per girl."

    assert said("Fertility", fertility=fertility).endswith(moved)


@pytest.mark.parametrize(
    ("parameters", "number"),
    [
        (PARAMETERS, 7),
        ({**PARAMETERS, **OLDEST}, 9),
        ({**PARAMETERS, **RETIREMENT}, 11),
        ({**PARAMETERS, **RETIREMENT, **OLDEST}, 13),
    ],
    ids=[7, 9, 11, 13],
)
def test_a_model_schedule_is_told_with_the_number_of_its_parameters(said, parameters, number):
    profile = {"model": "rogers_castro", "female_share": 0.4, "both": parameters}
    words = f"of the ages of the model schedule of Rogers and Castro with {number} parameters"

    assert words in said("Migration", migration={"balance": BALANCE, "profile": profile})
    stream = {"count": BALANCE, "profile": profile}
    assert words in said("Migration", migration={"immigration": [stream], "emigration": [{"hazard": 0.01}]})


def test_what_a_scenario_does_not_say_is_not_told(said):
    groups = "sex,age,value\n" + "".join(f"{sex},{age},9\n" for sex in SEXES for age in range(0, OPEN + 1, 5))
    assert "age groups" not in said("Population", tables={"people.csv": groups})
    assert (
        said("Mortality", mortality={"rate": RATE})
        == "Mortality: the death rates of the table m.csv, without a target."
    )
    assert "moved" not in said("Fertility")
