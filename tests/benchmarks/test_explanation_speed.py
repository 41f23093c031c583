"""How long explanations take: reported by pytest-benchmark, never asserted.

Run with ``pytest tests/benchmarks --benchmark-enable``; otherwise every step is only tried once.
"""

from pathlib import Path

import pytest

from sim.analysis.decompose import decompose

SCENARIO = Path(__file__).parents[2] / "scenarios" / "planbureau-2013.yaml"


@pytest.fixture(scope="module")
def pair():
    """Two projections of one state over 48 years that differ in six blocks, immigration and emigration apart."""

    def flows(immigrants, hazard):
        count = {"unit": "persons per year", "path": {2012: immigrants}, "after": "constant"}
        profile = {"model": "rogers_castro", "level": 0.02, "retirement": False}
        return {"immigration": [{"count": count, "profile": profile}], "emigration": [{"hazard": hazard}]}

    return flows


def test_six_blocks_of_one_state(benchmark, pair):
    found = benchmark(decompose, *pair)

    assert found.attrs["projections"] == 64
