"""How long every figure of ten stored runs takes, as a whole process: reported by pytest-benchmark, never asserted.

Run with ``pytest tests/benchmarks --benchmark-enable``; otherwise two runs are compared once.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from sim.pipeline import prepare_all, run_and_store

SCENARIO = Path(__file__).parents[2] / "scenarios" / "planbureau-2013.yaml"
PATH = "migration.balance.path"


@pytest.fixture
def stored(tmp_path, benchmark):
    """Folders of stored runs of the outlook of 2013 with other balances in 2060."""
    balances = range(0, 100_000 if benchmark.enabled else 20_000, 10_000)
    prepared = [prepare_all([SCENARIO], [f"{PATH}.2060={balance}"], lambda _: None)[0] for balance in balances]
    return [str(run_and_store(one, tmp_path / "outputs").run.folder) for one in prepared]


def test_comparing_ten_runs_with_every_figure(benchmark, stored, tmp_path):
    command = [sys.executable, "-c", "from sim.cli import main; main()", "compare", *stored, "--quiet"]

    benchmark.pedantic(lambda: subprocess.run(command, cwd=tmp_path, check=True), rounds=1)

    (folder,) = (tmp_path / "outputs").glob("compare-*")
    assert len(list(folder.iterdir())) == (7 if benchmark.enabled else 8)
