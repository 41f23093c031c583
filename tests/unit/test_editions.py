"""Published outlooks as scenarios, by the rule that lies beside them."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import sim
from sim import indicators
from sim.data import catalogue
from sim.scenario.jsonschema import json_schema
from sim.scenario.yamlfile import read_yaml

FOLDER = Path(__file__).parents[2] / "scenarios" / "editions"
EDITIONS = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "belgium-base")


@functools.cache
def run(name, *changes):
    """Result of an edition."""
    return sim.run(FOLDER / f"{name}.yaml", changes=changes)


def gaps():
    """Gaps to all populations that editions published of later years than their first."""
    return [
        gap
        for name in EDITIONS
        for gap in indicators.published_gaps(run(name))
        if gap.indicator == "population" and int(gap.period) > int(run(name)["year"][0])
    ]


@pytest.mark.parametrize("name", ["belgium-base", *EDITIONS])
def test_every_edition_follows_the_json_schema(name):
    jsonschema = pytest.importorskip("jsonschema")
    content = read_yaml(FOLDER / f"{name}.yaml", name).plain()

    validator = jsonschema.Draft202012Validator(json.loads(json_schema()))

    assert [error.message for error in validator.iter_errors(json.loads(json.dumps(content)))] == []


def test_there_is_an_edition_of_every_outlook_that_the_figures_support():
    first = {2007, 2010, *range(2012, 2024)}

    assert set(EDITIONS) == {"eurostat-2008", *(f"outlook-{year}" for year in first)}


def test_none_of_the_published_populations_is_hidden_and_most_are_near():
    found = gaps()
    near = [gap for gap in found if abs(gap.gap) <= 0.03 * gap.published]
    nearer = [gap for gap in found if abs(gap.gap) <= 0.01 * gap.published + (gap.rounding or 0)]

    assert (len(found), len(near), len(nearer)) == (18, 13, 6)
    farthest = max(found, key=lambda gap: abs(gap.gap) / gap.published)
    assert (farthest.period, farthest.published) == ("2060", 13_515_000)


def test_the_outlook_of_2013_missed_most_in_2021():
    result = run("outlook-2012")
    observed = {figure.year: figure.value for figure in catalogue.observed("belgium", ["population"])}
    years = [year for year in result["year"].values.tolist() if year in observed]

    projected = indicators.population(result).sel(year=years).values
    error = 100 * (projected / np.array([observed[year] for year in years]) - 1)

    assert years[int(np.abs(error).argmax())] == 2021
    assert error.max() == pytest.approx(1.7, abs=0.05)


@pytest.mark.parametrize(
    ("changes", "millions"),
    [
        ((), 8.46),
        (("mortality.life_expectancy=null",), 7.59),
        (
            (
                "mortality.life_expectancy.female=79.4656",
                "mortality.life_expectancy.male=72.8494",
            ),
            7.39,
        ),
    ],
)
def test_without_migration_there_are_more_than_the_claim_of_1988_says(changes, millions):
    result = sim.run(FOLDER.parent / "claim-1988.yaml", changes=changes)
    people = float(indicators.population(result).sel(year=2050))

    assert people / 1e6 == pytest.approx(millions, abs=0.01)
    assert people > 5_700_000


def test_the_outlook_of_the_statistical_office_of_the_netherlands_runs():
    result = sim.run(FOLDER.parent / "cbs-2023.yaml")

    by_indicator = {gap.indicator: gap for gap in indicators.published_gaps(result)}
    assert by_indicator["net_migration"].gap == pytest.approx(0, abs=1e-6)
    assert 18_895_360 < by_indicator["population"].projected < 22_265_588
