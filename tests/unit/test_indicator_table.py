"""The table of indicators that `sim export --indicators` writes."""

import csv
import io
import sys

import numpy as np
import pytest

import sim
from sim import cli
from sim.analysis.export import INDICATORS, indicator_table

SCENARIOS = "scenarios"


@pytest.fixture(scope="module")
def result(pytestconfig):
    return sim.run(pytestconfig.rootpath / SCENARIOS / "belgium-2012.yaml", changes=["period.end=2015"])


@pytest.fixture(scope="module")
def table(result):
    header, *rows = indicator_table(result)
    return header, rows


def test_every_indicator_has_a_column_and_every_1_january_a_row(table):
    header, rows = table

    assert [name.partition(" [")[0] for name in header] == ["year", *INDICATORS]
    assert [row[0] for row in rows] == ["2012", "2013", "2014", "2015"]
    assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize("name", INDICATORS)
def test_a_column_holds_the_indicator_of_its_name(table, result, name):
    header, rows = table
    column = [part.partition(" [")[0] for part in header].index(name)

    expected = getattr(sim.indicators, name)(result)
    found = [row[column] for row in rows]
    np.testing.assert_array_equal([float(cell) for cell in found[: expected.size]], expected.values)
    assert found[expected.size :] == [""] * (len(rows) - expected.size)
    assert expected.size == (4 if "year" in expected.dims and not name.startswith("prospective") else 3)


def test_units_stand_in_the_header(table):
    header = table[0]

    assert "population [persons]" in header
    assert "crude_birth_rate [per thousand]" in header
    assert "old_age_dependency [per 100]" in header
    assert "mean_age [years]" in header


def test_variants_of_a_sweep_stand_below_each_other(pytestconfig):
    file = pytestconfig.rootpath / SCENARIOS / "planbureau-2013-ends.yaml"
    swept = sim.run(file, changes=["period.end=2013"])

    header, *rows = indicator_table(swept)
    assert header[:2] == ["scenario", "year"]
    assert [row[:2] for row in rows] == [
        [str(name), year] for name in swept["scenario"].values for year in ("2012", "2013")
    ]


def test_the_command_writes_the_table_and_refuses_dimensions(pytestconfig, tmp_path, monkeypatch, capsys):
    file = str(pytestconfig.rootpath / SCENARIOS / "belgium-2012.yaml")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", *arguments])
        code = cli._call()
        return code, capsys.readouterr()

    call("run", file, "--set", "period.end=2013", "--no-plots", "--quiet")
    run = next((tmp_path / "outputs").glob("belgium-2012-*")).name
    code, said = call("export", run, "--indicators")
    refused, told = call("export", run, "--indicators", "--by", "year")

    assert code == 0
    assert len(list(csv.reader(io.StringIO(said.out)))) == 3
    assert refused == 2
    assert "has no meaning beside --indicators" in told.err
