"""The same scenario gives the same bytes wherever and however it is run, and the same figures as it always gave.

Golden figures are kept in golden.json. They change only when results are meant to change: run
``SIM_WRITE_GOLDEN=1 pytest tests/robustness/test_determinism.py``, and name the reason and the size of the change in
the changelog, under "results change".
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"
GOLDEN = HERE / "golden.json"
DIGITS = 12
AGES, SEXES = range(71), ("female", "male")
REGIONS, GROUPS = ("north", "south"), ("native", "foreign")
FOUR = """\
name: four
period: {start: 2012, end: 2042}
ages: {open: 70}
states: {regions: [north, south], groups: [native, foreign]}
population: {table: people.csv}
mortality: {survival_ratio: {table: survival.csv, age: reached}}
fertility: {rates: {table: fertility.csv, age: completed}, sex_ratio_at_birth: 1.05}
newborn: {child_group: {foreign: {native: 0.3, foreign: 0.7}}}
migration:
  immigration:
    - region: north
      group: foreign
      count: {unit: persons per year, path: {2012: 4000, 2041: 1000}}
      profile: {table: profile.csv, age: reached}
    - region: south
      group: native
      count: {unit: persons per year, path: {2012: 500}, after: constant}
      profile: {table: profile.csv, age: reached}
  emigration:
    - {group: foreign, hazard: {table: hazard.csv, age: reached}}
"""
MOVING = """\
name: moving
based_on: four
period: {end: 2022}
moves:
  - {group: native, hazard: {table: hazard.csv, age: reached}}
  - {count: {unit: persons per year, path: {2012: 3000}, after: constant}}
nationality:
  changes:
    - {from: foreign, to: native, count: {unit: persons per year, path: {2012: 2000, 2021: 5000}}}
migration:
  close:
    free: immigration
    balance:
      - {region: north, unit: persons per year, path: {2012: 3000, 2021: -500}}
      - {region: south, unit: persons per year, path: {2012: 100}, after: constant}
"""
PROGRAM = """
import hashlib, json, sys
import sim
from sim.results.store import serialise
result = sim.run(sys.argv[1])
arrays = {name: hashlib.sha256(result[name].to_numpy().tobytes()).hexdigest() for name in sorted(result.data_vars)}
print(json.dumps({"file": hashlib.sha256(serialise(result)).hexdigest(), **arrays}, sort_keys=True))
"""


def tables():
    """Tables of two regions and two groups, by formulas that give the same figures everywhere."""
    states = [(region, group) for region in REGIONS for group in GROUPS]
    people = [
        f"{region},{group},{sex},{age},{(9000 - 90 * age + 7 * (age % 13)) * (1 + place) + 50 * (sex == 'male')}"
        for place, (region, group) in enumerate(states)
        for sex in SEXES
        for age in AGES
    ]
    survival = [
        f"{sex},{age},{0.9995 - (0.00001 + 0.000004 * (sex == 'male')) * age * age:.6f}"
        for sex in SEXES
        for age in AGES
    ]
    fertility = [f"{group},{age},{0.05 + 0.01 * (group == 'foreign'):.2f}" for group in GROUPS for age in range(18, 42)]
    profile = [f"{sex},{age},{0.02 if 15 <= age < 40 else 0}" for sex in SEXES for age in AGES]
    hazard = [f"{age},{0.04 if 18 <= age < 50 else 0.01}" for age in AGES]
    return {
        "people.csv": ["region,group,sex,age,value", *people],
        "survival.csv": ["sex,age,value", *survival],
        "fertility.csv": ["group,age,value", *fertility],
        "profile.csv": ["sex,age,value", *profile],
        "hazard.csv": ["age,value", *hazard],
    }


def write_four(folder):
    """Write the scenario of four states."""
    for name, lines in tables().items():
        (folder / name).write_text("\n".join(lines) + "\n")
    (folder / "four.yaml").write_text(FOUR)
    (folder / "moving.yaml").write_text(MOVING)
    return folder / "four.yaml"


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    return write_four(tmp_path_factory.mktemp("four"))


def hashes(path, folder, **settings):
    """Hashes of a result and of the file it is stored in, from another process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def reference(four):
    settings = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {name: hashes(four.with_stem(name), four.parent, **settings) for name in ("four", "moving")}


SETTINGS = {
    "another hash seed": {"PYTHONHASHSEED": "4711"},
    "another language": {"LC_ALL": "nl_BE.UTF-8", "LANG": "nl_BE.UTF-8"},
    "no language": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
    "two threads": {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    "eight threads": {"OMP_NUM_THREADS": "8", "OPENBLAS_NUM_THREADS": "8"},
}


@pytest.mark.parametrize("scenario", ["four", "moving"])
@pytest.mark.parametrize("name", SETTINGS)
def test_another_setting_gives_the_same_bytes(four, reference, name, scenario):
    assert hashes(four.with_stem(scenario), four.parent, **SETTINGS[name]) == reference[scenario]


def test_another_folder_and_another_place_of_the_files_give_the_same_bytes(four, reference, tmp_path):
    moved = tmp_path / "élsewhere with blanks"
    moved.mkdir()
    for path in sorted(four.parent.iterdir(), reverse=True):
        shutil.copy(path, moved)

    assert hashes("four.yaml", moved) == reference["four"]
    assert hashes("moving.yaml", moved) == reference["moving"]


def golden_paths(four):
    return {
        "planbureau-2013": SCENARIOS / "planbureau-2013.yaml",
        "zero-migration": SCENARIOS / "zero-migration.yaml",
    } | {"four": four, "moving": four.with_stem("moving")}


def totals(path):
    """Population of every year to twelve digits."""
    people = sim.run(path)["population"].sum(["region", "group", "sex", "age"])
    return {
        str(year): float(f"{value:.{DIGITS}g}")
        for year, value in zip(people["year"].values, people.values, strict=True)
    }


@pytest.mark.parametrize("name", ["planbureau-2013", "zero-migration", "four", "moving"])
def test_results_are_those_that_were_kept(four, name):
    found = totals(golden_paths(four)[name])

    kept = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("SIM_WRITE_GOLDEN"):
        kept[name] = found
        GOLDEN.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    assert list(found) == list(kept[name])
    np.testing.assert_allclose(list(found.values()), list(kept[name].values()), rtol=1e-12, atol=0)
