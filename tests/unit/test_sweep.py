"""Sweeps: a grid of named variants in one scenario file."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sim
from sim.errors import ScenarioError
from sim.pipeline import prepare, run_and_store
from sim.results import store
from sim.scenario.load import load
from sim.scenario.sweep import variants

SCENARIOS = Path(__file__).parents[2] / "scenarios"
HEAD = "name: swept\nbased_on: planbureau-2013\nperiod: {start: 2012, end: 2014}\n"


@pytest.fixture
def swept(tmp_path):
    """Write a sweep over the outlook, cut to two years, and return its path."""
    for name in ("belgium-2012", "planbureau-2013"):
        shutil.copy(SCENARIOS / f"{name}.yaml", tmp_path)

    def write(sweep):
        path = tmp_path / "swept.yaml"
        path.write_text(f"{HEAD}sweep:\n{sweep}")
        return path

    return write


def faults(path):
    with pytest.raises(ScenarioError) as caught:
        prepare(path)
    return [str(fault).partition("swept.yaml:")[2] for fault in caught.value.faults]


TWO_BY_TWO = """\
  fertility:
    same: {}
    more: {fertility.total: {add: 0.1}}
  balance:
    none: {migration.balance.path.2012: 0, migration.balance.path.2015: 0}
    twice: {migration.balance: {scale: 2}}
"""


def test_a_grid_holds_every_combination_the_last_axis_fastest(swept):
    found = variants(load(swept(TWO_BY_TWO)))

    assert [variant.name for variant in found] == ["same_none", "same_twice", "more_none", "more_twice"]
    assert found[0].title == "same, none"


def test_changes_add_scale_and_replace(swept):
    scenarios = {variant.name: variant.scenario for variant in variants(load(swept(TWO_BY_TWO)))}

    assert scenarios["more_none"].fertility.total.path == {2012: pytest.approx(1.92, abs=1e-15)}
    assert scenarios["same_twice"].migration.balance.path[2020] == 70_000
    assert scenarios["same_none"].migration.balance.path[2015] == 0
    assert scenarios["same_none"].migration.balance.path[2020] == 35_000
    assert scenarios["same_none"].fertility.total.path == {2012: 1.82}


def test_a_whole_path_replaces_another(swept):
    path = "{path: {2012: 1.5}, after: constant}"
    (_, other) = variants(load(swept(f"  fertility:\n    same: {{}}\n    low: {{fertility.total: {path}}}\n")))

    assert other.scenario.fertility.total.path == {2012: 1.5}


def test_each_variant_is_the_run_of_its_scenario_alone(swept):
    result = sim.run(swept(TWO_BY_TWO))

    assert result["population"].dims == ("scenario", "year", "region", "group", "sex", "age")
    for variant in variants(load(swept(TWO_BY_TWO))):
        alone = sim.run(variant.scenario)
        for name in alone.data_vars:
            np.testing.assert_array_equal(result[name].sel(scenario=variant.name), alone[name], err_msg=name)


def test_a_stored_sweep_comes_back_identical(swept, tmp_path):
    done = run_and_store(prepare(swept(TWO_BY_TWO)), tmp_path / "out")

    xr.testing.assert_identical(store.open_run(done.run.folder)[1], done.result)


def test_a_sweep_is_compared_variant_by_variant_with_the_first(swept):
    comparison = sim.compare([sim.run(swept(TWO_BY_TWO))])

    assert comparison["scenario"].values.tolist() == ["same_none", "same_twice", "more_none", "more_twice"]
    assert comparison.attrs["baseline"] == "same_none"
    assert (comparison["population_difference"].sel(scenario="same_none") == 0).all()


@pytest.mark.parametrize(
    ("sweep", "fault"),
    [
        (
            "  a: {b: {fertility.totl: {add: 1}}}\n",
            "5:11: fertility.totl: the scenario states no 'totl' here to change",
        ),
        (
            "  a: {b: {migration.profile: {add: 1}}}\n",
            "5:11: migration.profile: 'add' changes a number or a path; this is neither",
        ),
        (
            "  a: {b: {fertility.total: {add: 1, scale: 2}}}\n",
            "5:28: sweep.a.b.fertility.total: state one of add, scale",
        ),
        ("  a: {b: {ages.open: 60}}\n", "5:11: ages.open: cannot differ between the variants of a sweep"),
        ("  a: {B: {}}\n", "5:10: sweep.a.B: must be lower-case letters, digits, - and _"),
    ],
)
def test_a_wrong_change_is_a_fault_where_it_stands(swept, sweep, fault):
    (found,) = faults(swept(sweep))

    assert found.startswith(fault)


def test_two_variants_cannot_share_a_name(swept):
    x, y = "{x_y: {}, x: {}}", "{z: {}, y_z: {}}"

    (found,) = faults(swept(f"  a: {x}\n  b: {y}\n"))

    assert found.endswith("sweep: two variants are called 'x_y_z'")


def test_published_figures_of_the_base_are_not_held_against_variants(swept):
    result = sim.run(swept(TWO_BY_TWO))

    assert result.attrs["published"] == "[]"


@pytest.mark.parametrize("name", ["planbureau-2013-ends", "planbureau-2013-sensitivity"])
def test_the_first_variant_of_a_shipped_sweep_is_the_outlook_itself(name):
    outlook = sim.run(SCENARIOS / "planbureau-2013.yaml")

    swept = sim.run(SCENARIOS / f"{name}.yaml").isel(scenario=0)

    np.testing.assert_array_equal(swept["population"], outlook["population"])
