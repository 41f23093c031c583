"""How long things take and how much memory they need: reported by pytest-benchmark, never asserted.

Run with ``pytest tests/benchmarks --benchmark-enable``; otherwise every step is only tried once.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.engine import CONVENTIONS, Rates, check_column_sums, project

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "planbureau-2013.yaml"
YEARS, AGES = 75, 101
MIXED_YEARS, MIXED_AGES = 48, 106
ROUNDS = 5


def inputs(states, years, ages):
    """Population, rates and migrants of some years in which figures look like Europe's; several states mix."""
    random = np.random.default_rng(states)
    age = np.arange(ages + 1)[:, None, None]
    level = random.uniform(0.8, 1.2, (years, ages + 1, 2, states))
    survival = np.exp(-level * (3e-5 * np.exp(0.095 * age) + 0.004 * (age == 0)))
    fertility = 0.12 * np.exp(-(((age[..., 0] - 30) / 6) ** 2)) * ((age[..., 0] >= 15) & (age[..., 0] < 50))
    fertility = fertility * level[:, :, 0]
    leaving = moves = None
    if states > 1:
        leaving = 0.03 * level
        moves = 0.04 / states * random.random((years, ages + 1, 2, states, states)) * (1 - np.eye(states))
    rates = Rates(survival, fertility, fertility, np.full(years, 0.512), leaving, transition_hazard=moves)
    return np.full((ages, 2, states), 6e4), rates, np.full((years, ages, 2, states), 300.0)


def carry(population, rates, migrants):
    """All that a projection needs from rates on."""
    operators, entrants = CONVENTIONS["continuous"](rates, migrants)
    check_column_sums(operators)
    return project(population, operators, entrants)


@pytest.mark.parametrize(
    ("states", "years", "ages"),
    [(1, YEARS, AGES), (1, MIXED_YEARS, MIXED_AGES), (6, MIXED_YEARS, MIXED_AGES), (15, MIXED_YEARS, MIXED_AGES)],
    ids=["one state, 75 years", "one state, 48 years", "six states that mix", "fifteen states that mix"],
)
def test_from_rates_to_projection(benchmark, states, years, ages):
    projection = benchmark(carry, *inputs(states, years, ages))

    assert projection.population.shape == (years + 1, ages, 2, states)


MEASURE = """\
import json, resource, subprocess, sys, time
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"code": done.returncode, "error": done.stderr, "seconds": seconds, "peak": peak}))
"""


@pytest.fixture
def measured(benchmark):
    """Run a command in processes of their own.

    The time and the largest resident memory are taken by a small process in between, because a process inherits
    the peak of the one that starts it; the command's own time and peak are in the extra information.
    """
    pytest.importorskip("resource", reason="the memory of a process is known on Unix only")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    reports = []

    def once(command):
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True, env=environment
        )
        reports.append(json.loads(done.stdout))
        return reports[-1]

    def measure(*arguments):
        command = [sys.executable, *map(str, arguments)]
        report = benchmark.pedantic(once, (command,), rounds=ROUNDS, warmup_rounds=0)
        unit = 1 if sys.platform == "darwin" else 1024
        benchmark.extra_info["peak memory, MiB"] = round(max(each["peak"] for each in reports) * unit / 2**20, 1)
        benchmark.extra_info["best, seconds"] = round(min(each["seconds"] for each in reports), 3)
        return report

    return measure


def test_sim_help(measured):
    report = measured("-m", "sim", "--help")

    assert report["code"] == 0, report["error"]


def test_sim_validate(measured):
    report = measured("-m", "sim", "validate", SCENARIO)

    assert report["code"] == 0, report["error"]


def test_sim_validate_of_300_lines(measured, tmp_path):
    """The outlook with its base, and every path stated year by year."""
    shutil.copy(SCENARIO.with_name("belgium-2012.yaml"), tmp_path)
    shutil.copy(SCENARIO, tmp_path)
    sexes = (("female", 83), ("male", 78))
    parts = ["mortality:\n  life_expectancy:\n"]
    parts += [f"    {sex}:\n      path:\n{by_year(8, value)}" for sex, value in sexes]
    parts += [f"fertility:\n  total:\n    path:\n{by_year(6, 1.8)}  sex_ratio_at_birth:\n    path:\n{by_year(6, 1.05)}"]
    parts += [f"migration:\n  balance:\n    unit: persons per year\n    path:\n{by_year(6, 40000)}"]
    parts += [
        "published:\n",
        *(f"  - {{indicator: births, year: {year}, value: 120000}}\n" for year in range(2012, 2054)),
    ]
    text = "name: long\nbased_on: planbureau-2013\n" + "".join(parts)
    assert text.count("\n") == 300
    (tmp_path / "long.yaml").write_text(text)

    report = measured("-m", "sim", "validate", tmp_path / "long.yaml")

    assert report["code"] == 0, report["error"]


def by_year(indent, value):
    """One line a year of the outlook."""
    return "".join(f"{' ' * indent}{year}: {value}\n" for year in range(2012, 2060))


@pytest.mark.parametrize("figures", [False, True], ids=["without figures", "with figures"])
def test_sim_run(measured, tmp_path, figures):
    command = ["-m", "sim", "run", SCENARIO, "--out", tmp_path, "--force", *([] if figures else ["--no-plots"])]

    report = measured(*command)

    assert report["code"] == 0, report["error"]
    assert list(tmp_path.glob("*/projection.nc"))


@pytest.mark.parametrize("modules", ["numpy", "numpy, sim", "numpy, sim.pipeline"])
def test_import(measured, modules):
    """What the package takes beyond numpy is the difference to the first of these."""
    report = measured("-c", f"import {modules}")

    assert report["code"] == 0, report["error"]
