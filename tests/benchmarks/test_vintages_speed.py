"""How long twenty editions take: reported by pytest-benchmark, never asserted.

Run with ``pytest tests/benchmarks --benchmark-enable``; otherwise every step is only tried once.
"""

import json

import pytest

from sim.analysis.vintages import vintages

EDITIONS = 20


@pytest.fixture
def editions(tmp_path):
    """Twenty editions to 2070 from 1997 on, all of which miss what they published."""
    for start in range(1997, 1997 + EDITIONS):
        content = {
            "name": f"outlook-{start}",
            "period": {"start": start, "end": 2070},
            "ages": {"open": 105},
            "population": {"dataset": "belgium", "date": start},
            "mortality": {
                "base": {"dataset": "belgium", "years": [2009, 2011]},
                "life_expectancy": {
                    "female": {"path": {start - 1: 82, 2070: 89}},
                    "male": {"path": {start - 1: 77, 2070: 87}},
                },
            },
            "fertility": {"total": 1.8, "pattern": {"dataset": "belgium"}, "sex_ratio_at_birth": 1.05},
            "migration": {
                "balance": {"unit": "persons per year", "path": {start: 50000, 2040: 25000}, "after": "constant"},
                "profile": {"dataset": "belgium", "years": [2009, 2012]},
            },
            "observed": {"dataset": "belgium"},
            "published": [{"indicator": "population", "year": 2060, "value": 15e6}],
        }
        (tmp_path / f"outlook-{start}.yaml").write_text(json.dumps(content))
    return tmp_path


def test_twenty_editions(benchmark, editions):
    found = benchmark.pedantic(vintages, ([editions],), rounds=1, warmup_rounds=0)

    assert found.sizes["edition"] == EDITIONS
    assert found["published_balance_to_meet"].notnull().all()
