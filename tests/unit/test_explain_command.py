"""``sim compare --explain``: what it prints, writes and refuses."""

import json
import sys
from pathlib import Path

import pytest

from sim import cli, decompose
from sim.analysis.explanation import explanation_rows

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def call(monkeypatch, capsys):
    """Call the command in this process; return exit code, standard output and standard error."""

    def called(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", *map(str, arguments)])
        code = cli._call()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return called


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with three scenarios, as the working directory."""
    for name in ("belgium-2012", "planbureau-2013", "zero-migration"):
        text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(text.replace("end: 2060", "end: 2032"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PAIR = ("compare", "planbureau-2013.yaml", "zero-migration.yaml", "--explain")
QUIETLY = (*PAIR, "--no-plots")


def lines_of(out):
    """Cells of the lines of the last table, by their first word."""
    table = out.split("\n\n")[-1].splitlines()
    return {line.split("  ")[0] or line.strip().split("  ")[0]: line.split()[-1] for line in table}


def test_explain_prints_a_table_for_each_of_the_others_and_draws_one_figure(call, project):
    code, out, err = call("compare", "planbureau-2013.yaml", "zero-migration.yaml", "belgium-2012.yaml", "--explain")

    assert (code, err) == (0, "")
    assert "zero-migration less planbureau-2013, by what differs in their assumptions" in out
    assert "belgium-2012 less planbureau-2013, by what differs in their assumptions" in out
    (folder,) = Path("outputs").glob("compare-*")
    assert f"{folder}/waterfall-population.png" in out
    assert (folder / "waterfall-population.png").read_bytes().startswith(PNG)


def test_the_table_shows_the_explanation(call, project):
    _, out, _ = call(*QUIETLY)

    found = decompose("planbureau-2013.yaml", "zero-migration.yaml")
    written = f"{float(found['difference'][-1]):+,.0f}"
    cells = lines_of(out)
    assert cells["population"] == "2032"
    assert cells["migration"] == cells["difference"] == written
    assert cells["fertility"] == cells["base population"] == cells["convention"] == "0"


def test_spans_and_a_year_of_its_own(call, project):
    _, out, _ = call(*PAIR, "--spans", "2020, 2025", "--year", "2029")

    found = decompose("planbureau-2013.yaml", "zero-migration.yaml", spans=[2020, 2025])
    cells = lines_of(out.split("\noutputs")[0])
    for span in ("2012\N{EN DASH}2019", "2020\N{EN DASH}2024", "2025\N{EN DASH}2031"):
        part = found["part_of_span"].sel(block="migration", span=span)
        assert cells[span] == f"{float(part[-1]):+,.0f}"
    assert "  2029  " in out.split("\n\n")[1]
    assert list(Path("outputs").glob("compare-*/waterfall-population-2029-by-years.png"))


def test_differences_are_counted_from_the_baseline(call, project):
    _, out, _ = call(*QUIETLY, "--baseline", "zero-migration", "--indicator", "mean_age")

    found = decompose("zero-migration.yaml", "planbureau-2013.yaml", "mean_age")
    assert "planbureau-2013 less zero-migration, by what differs in their assumptions\nmean age " in out
    assert lines_of(out)["migration"] == f"{float(found['difference'][-1]):+.2f}"


def test_stored_runs_are_explained_as_their_scenarios_are(call, project):
    _, of_files, _ = call(*QUIETLY)

    code, of_runs, _ = call("compare", "planbureau-2013", "zero-migration", "--explain", "--no-plots")

    assert code == 0
    assert of_runs == of_files


def test_json_has_the_rows_of_the_table(call, project):
    _, out, _ = call(*QUIETLY, "--json", "--indicator", "births")

    (found,) = json.loads(out)["explanations"]
    rows = explanation_rows(decompose("planbureau-2013.yaml", "zero-migration.yaml", "births"))
    assert found["rows"] == [row._asdict() for row in rows]
    assert {key: found[key] for key in ("baseline", "scenario", "indicator", "notes")} == {
        "baseline": "planbureau-2013",
        "scenario": "zero-migration",
        "indicator": "births",
        "notes": [],
    }


def test_without_explain_nothing_is_explained(call, project):
    _, out, _ = call("compare", "planbureau-2013.yaml", "zero-migration.yaml", "--json")

    assert json.loads(out).keys() == {"rows", "figures"}
    assert not list(Path("outputs").glob("compare-*/waterfall*"))


def test_what_was_left_out_stands_below_the_table(call, project):
    text = Path("zero-migration.yaml").read_text(encoding="utf-8")
    Path("zero-migration.yaml").write_text(text + "period: {end: 2030}\n", encoding="utf-8")

    _, out, _ = call(*QUIETLY)

    assert out.splitlines()[-1] == "planbureau-2013 after 2030 is left out"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--spans", "soon"], 2, "'soon' is no list of years, such as 2020,2030"),
        (["--spans", "2012"], 3, "no span can begin in 2012; the years common to both begin in 2012: 2013 to 2031"),
        (["--indicator", "wealth"], 2, "there is no 'wealth' to explain; there are: population, births"),
        (["--year", "2050"], 3, "no year 2050 in the explanation; it covers 2012 to 2032"),
    ],
)
def test_what_cannot_be_explained_is_said_in_a_sentence(call, project, options, code, message):
    found, out, err = call(*QUIETLY, *options)

    assert found == code
    assert out == ""
    assert message in " ".join(err.split())


@pytest.mark.parametrize("options", [["--spans", "2020"], ["--indicator", "births"], ["--year", "2030"]])
def test_options_of_an_explanation_go_with_explain(call, project, options):
    code, _, err = call("compare", "planbureau-2013.yaml", "zero-migration.yaml", *options)

    assert code == 2
    assert f"{options[0]}: goes with --explain" in " ".join(err.split())


def test_projections_of_other_people_are_refused(call, project):
    text = Path("zero-migration.yaml").read_text(encoding="utf-8")
    Path("other-ages.yaml").write_text(text.replace("zero-migration", "other-ages") + "ages: {open: 100}\n")

    code, _, err = call("compare", "planbureau-2013.yaml", "other-ages.yaml", "--explain", "--no-plots")

    assert code == 3
    assert "planbureau-2013 and other-ages cannot be mixed: the ages of the first are 0 to 105 and over, by 1" in err
