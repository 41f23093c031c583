"""How long explanations take: reported by pytest-benchmark, never asserted.

Run with ``pytest tests/benchmarks --benchmark-enable``; otherwise every step is only tried once.
"""

import json
from pathlib import Path

import pytest

from sim.analysis.decompose import decompose
from sim.pipeline import prepare

SCENARIOS = Path(__file__).parents[2] / "scenarios"
AGES = range(106)


def content(people, total, female, immigrants, hazard, convention):
    """A projection of Belgium as one state, from 2012 to 2060."""
    count = {"unit": "persons per year", "path": {2012: immigrants}, "after": "constant"}
    return {
        "period": {"start": 2012, "end": 2060},
        "ages": {"open": 105},
        "convention": convention,
        "population": {"table": people},
        "mortality": {
            "base": {"dataset": "belgium", "years": [2009, 2011]},
            "life_expectancy": {"female": {"path": {2011: 83, 2060: female}}, "male": {"path": {2011: 78, 2060: 86}}},
        },
        "fertility": {"total": total, "pattern": {"dataset": "belgium"}, "sex_ratio_at_birth": 1.05},
        "migration": {
            "immigration": [{"count": count, "profile": {"table": "adults.csv", "age": "reached"}}],
            "emigration": [{"hazard": hazard}],
        },
    }


@pytest.fixture
def pair(tmp_path):
    """Two projections that differ in six blocks: all of one state, immigration and emigration apart."""
    sexes = ("female", "male")
    for name, figure in {
        "people.csv": lambda age: 70_000 if age < 60 else 1500 * (106 - age),
        "other-people.csv": lambda age: 72_000 if age < 58 else 1480 * (106 - age),
        "adults.csv": lambda age: (18 <= age < 43) / 50,
    }.items():
        rows = "".join(f"{sex},{age},{figure(age)!r}\n" for sex in sexes for age in AGES)
        (tmp_path / name).write_text("sex,age,value\n" + rows)
    found = []
    for name, parts in {
        "one": ("people.csv", 1.8, 88, 130_000, 0.008, "continuous"),
        "other": ("other-people.csv", 1.6, 89, 110_000, 0.006, "wpp_even"),
    }.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps({"name": name, **content(*parts)}))
        found.append(prepare(path))
    return found


def test_six_blocks_of_one_state(benchmark, pair):
    found = benchmark(decompose, *pair)

    assert found.attrs["projections"] == 64
    assert (abs(found["part_of_migration"].isel(year=-1)) > 0).all()


def test_three_spans_of_every_block(benchmark, pair):
    found = benchmark(decompose, *pair, spans=[2020, 2030])

    assert found.attrs["projections"] == 320


def test_two_outlooks_with_reading_them(benchmark):
    """From two files to the explanation, as a user waits for it."""
    files = [SCENARIOS / "editions" / f"outlook-{year}.yaml" for year in (2013, 2019)]

    found = benchmark(decompose, *files)

    assert found.attrs["projections"] == 16
