"""The command: what each verb prints, where, and with which exit code."""

import ast
import csv
import inspect
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import cli

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHORT = ["--set", "period.end=2014"]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def sim(monkeypatch, capsys):
    """Call the command in this process; return exit code, standard output and standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", *map(str, arguments)])
        code = cli._call()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A folder with scenarios and, in outputs, two short runs."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("belgium-2012", "planbureau-2013", "zero-migration"):
        text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
        (folder / f"{name}.yaml").write_text(text.replace("end: 2060", "end: 2032"), encoding="utf-8")
    arguments = ["run", "planbureau-2013.yaml", "zero-migration.yaml", "--no-plots", "--quiet"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["sim", *arguments])
        assert cli._call() == 0
    return folder


@pytest.fixture
def project(stored, tmp_path, monkeypatch):
    """A copy of that folder of one's own, as the working directory."""
    shutil.copytree(stored, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def outputs():
    """Folders of results."""
    return sorted(path.name for path in Path("outputs").iterdir())


# Every verb


def test_run_prints_a_summary_and_writes_result_and_figures(sim, project):
    code, out, err = sim("run", "belgium-2012.yaml", *SHORT)

    (folder,) = Path("outputs").glob("belgium-2012-*")
    assert (code, err) == (0, "")
    assert out.startswith("belgium-2012: ")
    assert "population              11,035,948" in out
    assert f"result   {folder}/projection.nc\n" in out
    for figure in ("population", "pyramid", "components"):
        assert f"{folder}/figures/{figure}.png" in out
        assert (folder / "figures" / f"{figure}.png").read_bytes().startswith(PNG)


def test_run_prints_the_gap_to_every_published_figure(sim, project):
    _, out, _ = sim("run", "planbureau-2013.yaml", "--no-plots")

    lines = [line.split() for line in out.splitlines() if "levif-2013" in line or "planbureau-" in line]
    assert any(line[:3] == ["population", "2030", "12,100,000"] for line in lines)


def test_run_again_says_that_it_was_there_and_changes_nothing(sim, project):
    before = {path: path.stat().st_mtime_ns for path in Path("outputs").rglob("*.*")}

    code, out, _ = sim("run", "zero-migration.yaml", "--no-plots")

    assert code == 0
    assert "(was there already, unchanged)" in out
    assert {path: path.stat().st_mtime_ns for path in Path("outputs").rglob("*.*")} == before


def test_run_with_force_writes_anew(sim, project):
    (manifest,) = Path("outputs").glob("zero-migration-*/manifest.json")
    before = manifest.stat().st_mtime_ns

    code, out, _ = sim("run", "zero-migration.yaml", "--no-plots", "--force")

    assert code == 0
    assert "was there already" not in out
    assert manifest.stat().st_mtime_ns > before


def test_run_as_json_prints_one_object_a_run(sim, project):
    code, out, err = sim(
        "run", "planbureau-2013.yaml", "belgium-2012.yaml", *SHORT[:1], "title=Mine", "--no-plots", "--json"
    )

    found = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [run["name"] for run in found] == ["planbureau-2013", "belgium-2012"]
    assert all({"name", "path", "status", "seconds"} <= set(run) for run in found)
    assert all(Path(run["path"]).is_file() and run["seconds"] >= 0 for run in found)
    assert {run["status"] for run in found} == {"done"}


def test_run_into_another_folder_writes_nowhere_else(sim, project):
    before = sorted(project.rglob("*"))

    code, out, _ = sim("run", "belgium-2012.yaml", *SHORT, "--out", "else/where", "--no-plots", "--quiet")

    assert (code, out) == (0, "")
    new = {str(path.relative_to(project)).split("/")[0] for path in set(project.rglob("*")) - set(before)}
    assert new == {"else"}
    assert sorted(path.suffix for path in Path("else").rglob("*.*") if path.is_file()) == [".json", ".nc"]


def test_validate_names_the_valid_files(sim, project):
    code, out, err = sim("validate", "belgium-2012.yaml", "zero-migration.yaml")

    assert (code, err) == (0, "")
    assert out == "belgium-2012.yaml: valid\nzero-migration.yaml: valid\n"


def test_validate_as_json_lists_the_faults(sim, project):
    Path("bad.yaml").write_text("name: bad\nbased_on: belgium-2012\nperiod: {end: 2000}\nages: {open: 5}\n")

    code, out, err = sim("validate", "bad.yaml", "--json")

    found = json.loads(out)
    assert (code, err) == (2, "")
    assert [(fault["file"], fault["line"], fault["key"]) for fault in found] == [
        ("bad.yaml", 3, "period"),
        ("bad.yaml", 4, "ages.open"),
    ]
    assert all(fault["column"] and fault["message"] for fault in found)
    assert json.loads(sim("validate", "belgium-2012.yaml", "--json")[1]) == []


def test_list_names_the_finished_runs(sim, project):
    code, out, err = sim("list")

    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["run", *outputs()]


def test_list_as_json_gives_the_manifests(sim, project):
    found = json.loads(sim("list", "--json")[1])

    assert [run["name"] for run in found] == ["planbureau-2013", "zero-migration"]
    assert all(Path(run["path"]).is_file() and len(run["sha256"]) == 64 for run in found)


def test_list_without_runs_is_no_mistake(sim, tmp_path):
    assert sim("list", "--out", tmp_path / "no") == (0, "", f"there are no finished runs in {tmp_path}/no\n")
    assert sim("list", "--out", tmp_path / "no", "--json")[:2] == (0, "[]\n")


def test_list_passes_over_what_is_no_run(sim, project):
    (Path("outputs") / "stray").mkdir()
    (Path("outputs") / ".partial-1-x").mkdir()
    (Path("outputs") / "README.md").write_text("not a run")
    (Path("outputs") / outputs()[-2] / "manifest.json").unlink(missing_ok=True)

    code, out, _ = sim("list")

    assert code == 0
    assert "stray" not in out
    assert "partial" not in out


@pytest.mark.parametrize("name", ["zero-migration", "folder", "dataset"])
def test_show_finds_a_run_by_name_folder_or_file(sim, project, name):
    (folder,) = Path("outputs").glob("zero-migration-*")
    given = {"folder": folder, "dataset": folder / "projection.nc"}.get(name, name)

    code, out, err = sim("show", given)

    assert (code, err) == (0, "")
    assert out.startswith("zero-migration: ")
    assert "total fertility rate" in out
    assert "net migration" in out
    assert "dataset belgium: sha256 " in out


def test_show_as_json_gives_scenario_and_gaps(sim, project):
    found = json.loads(sim("show", "planbureau-2013", "--json")[1])

    assert found["scenario"]["name"] == "planbureau-2013"
    assert {gap["indicator"] for gap in found["published"]} >= {"population", "mean_age"}
    assert Path(found["path"]).is_file()


def test_compare_lays_runs_side_by_side_and_draws(sim, project):
    code, out, err = sim("compare", "planbureau-2013", "zero-migration", "--format", "png,svg")

    assert (code, err) == (0, "")
    assert "1 January" in out.splitlines()[0]
    drawn = [Path(line) for line in out.splitlines() if line.startswith("outputs")]
    assert {path.suffix for path in drawn} == {".png", ".svg", ".gif"}
    kinds = {"population", "difference", "pyramid", "components", "dependency", "lexis", "lexis-difference"}
    assert {path.stem for path in drawn if path.suffix == ".svg"} == kinds
    assert {path.stem for path in drawn} - kinds == {"animated-pyramid"}
    assert all(path.read_bytes().startswith(PNG) for path in drawn if path.suffix == ".png")


def test_compare_runs_scenario_files_first_and_starts_from_the_baseline(sim, project):
    arguments = ["belgium-2012.yaml", "zero-migration", "--baseline", "zero-migration", "--no-plots", "--json"]

    code, out, _ = sim("compare", *arguments)

    found = json.loads(out)
    assert code == 0
    assert found["figures"] == []
    differences = {row["population_difference"] for row in found["rows"] if row["scenario"] == "zero-migration"}
    assert differences == {0}
    assert any(name.startswith("belgium-2012-") for name in outputs())


@pytest.mark.parametrize("kind", ["population", "pyramid", "components"])
def test_plot_draws_one_figure(sim, project, kind):
    code, out, err = sim("plot", "zero-migration", "--kind", kind)

    assert (code, err) == (0, "")
    assert Path(out.strip()).name == f"{kind}.png"
    assert Path(out.strip()).read_bytes().startswith(PNG)


def test_plot_draws_the_pyramid_of_a_year_in_several_formats(sim, project):
    _, out, _ = sim("plot", "zero-migration", "--kind", "pyramid", "--year", "2020", "--format", "svg, pdf")

    svg, pdf = (Path(line) for line in out.splitlines())
    assert (svg.name, pdf.name) == ("pyramid-2020.svg", "pyramid-2020.pdf")
    assert svg.read_text(encoding="utf-8").startswith("<?xml")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_a_figure_in_another_language_stands_beside_the_english_one(sim, project):
    from sim import plots
    from sim.plots.style import save
    from sim.results import store

    english = Path(sim("plot", "zero-migration", "--kind", "population")[1].strip())
    before = english.read_bytes()

    code, out, err = sim("plot", "zero-migration", "--kind", "population", "--language", "nl", "--format", "png,svg")

    png, svg = (Path(line) for line in out.splitlines())
    assert (code, err) == (0, "")
    assert (png, svg.name) == (english.with_name("population.nl.png"), "population.nl.svg")
    with plots.speaking("nl"):
        figure = plots.population(store.open_run(png.parents[1])[1])
    expected = io.BytesIO()
    save(figure, expected, "png")
    assert png.read_bytes() == expected.getvalue() != before
    assert english.read_bytes() == before


def test_a_run_is_drawn_in_each_language_that_is_asked_for_and_not_run_again(sim, project):
    names = ("population", "pyramid", "components")

    for language, ending in (("en", ".png"), ("fr", ".fr.png"), ("fr", ".fr.png")):
        code, out, _ = sim("run", "zero-migration.yaml", "--language", language, "--json")
        drawn = [Path(path) for path in json.loads(out)["figures"]]
        assert (code, json.loads(out)["status"]) == (0, "already there")
        assert [path.name for path in drawn] == [f"{name}{ending}" for name in names]

    assert {path.name for path in drawn[0].parent.iterdir()} == {
        f"{name}{end}" for name in names for end in (".png", ".fr.png")
    }
    assert drawn[0].read_bytes() != (drawn[0].parent / "population.png").read_bytes()


def test_a_comparison_is_drawn_in_a_language_and_told_in_english(sim, project):
    names = ("planbureau-2013", "zero-migration")
    english, dutch = (sim("compare", *names, "--language", language)[1].splitlines() for language in ("en", "nl"))

    tables = [[line for line in lines if not line.startswith("outputs")] for lines in (english, dutch)]
    assert tables[0] == tables[1]
    figures = [[Path(line) for line in lines if line.startswith("outputs")] for lines in (english, dutch)]
    assert len(figures[0]) == len(figures[1]) > 3
    for one, other in zip(*figures, strict=True):
        assert other.name == f"{one.stem}.nl{one.suffix}"
        assert one.read_bytes() != other.read_bytes()


def draws(module):
    """Whether a verb writes figures."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "drawing"
        and node.attr in {"write", "draw", "of_run"}
        for node in ast.walk(tree)
    )  # fmt: skip


def test_every_verb_that_draws_takes_a_language_and_refuses_others(sim):
    from sim.cli.app import app

    verbs = {command.callback.__name__: command.callback for command in app.registered_commands}
    drawing = {name for name, verb in verbs.items() if draws(sys.modules[verb.__module__])}
    speaking = {name for name, verb in verbs.items() if "language" in inspect.signature(verb).parameters}

    assert speaking >= drawing >= {"run", "compare", "plot", "figures", "vintages"}
    for verb in drawing:
        code, _, err = sim(verb, *(["x", "--kind", "pyramid"] if verb == "plot" else ["x"]), "--language", "de")
        told = " ".join(err.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())
        assert code == 2
        assert "Invalid value for '--language': 'de' is no language of figures; there are: en, nl, fr" in told


@pytest.mark.parametrize(
    ("kind", "name"),
    [("pyramid", "pyramid-2020.png"), ("components", "components.png"), ("lexis-difference", "lexis-difference.png")],
)
def test_plot_draws_several_runs_together(sim, project, kind, name):
    year = ["--year", "2020"] if kind == "pyramid" else []

    code, out, err = sim("plot", "planbureau-2013", "zero-migration", "--kind", kind, *year)

    assert (code, err) == (0, "")
    (path,) = map(Path, out.split())
    assert (path.parent.name, path.name) == ("compare-planbureau-2013-vs-zero-migration", name)
    assert path.read_bytes().startswith(PNG)


def test_plot_puts_the_baseline_first(sim, project):
    arguments = ["planbureau-2013", "zero-migration", "--kind", "population", "--baseline", "zero-migration"]

    code, out, _ = sim("plot", *arguments)

    assert code == 0
    assert Path(out.strip()).parent.name == "compare-zero-migration-vs-planbureau-2013"


def test_plot_writes_a_moving_pyramid(sim, project):
    code, out, err = sim("plot", "zero-migration", "--kind", "animated-pyramid")

    assert (code, err) == (0, "")
    assert Path(out.strip()).name == "animated-pyramid.gif"
    assert Path(out.strip()).read_bytes().startswith(b"GIF89a")


def test_export_prints_csv_that_adds_up(sim, project):
    code, out, err = sim("export", "zero-migration", "--by", "year")

    rows = list(csv.reader(io.StringIO(out)))
    assert (code, err) == (0, "")
    assert rows[0][0] == "year"
    assert rows[1][0] == "2012"
    assert float(rows[1][-1]) == 11035948


def test_export_writes_a_file(sim, project):
    code, out, _ = sim("export", "zero-migration", "--variable", "deaths", "--by", "period,sex", "--to", "deaths.csv")

    assert (code, out) == (0, "deaths.csv\n")
    assert Path("deaths.csv").read_text().startswith("period,sex,deaths")


def test_new_writes_a_valid_scenario_and_never_over_another(sim, project):
    code, out, _ = sim("new", "mine", "--folder", ".")
    written = Path("mine.yaml").read_bytes()

    assert (code, out) == (0, "mine.yaml\n")
    assert sim("validate", "mine.yaml")[0] == 0
    assert sim("new", "mine", "--folder", ".")[0] == 74
    assert Path("mine.yaml").read_bytes() == written


def test_datasets_describes_the_embedded_data(sim):
    code, out, err = sim("datasets")

    assert (code, err) == (0, "")
    assert out.startswith("belgium: ")
    assert json.loads(sim("datasets", "--json")[1])[0]["name"] == "belgium"


def test_schema_prints_the_committed_schema(sim):
    assert sim("schema") == (0, (SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8"), "")


def test_help_names_every_verb(sim):
    code, out, err = sim("--help")

    assert (code, err) == (0, "")
    for verb in ("run", "validate", "compare", "plot", "show", "list", "export", "new", "datasets", "schema",
                 "conventions", "fit", "figures", "vintages"):  # fmt: skip
        assert f"\n  {verb} " in out
        assert sim(verb, "--help")[0] == 0


# Conventions

SIX = ["continuous", "wpp_end", "wpp_even", "popreconstruct_even", "spectrum_midyear", "fso_midyear"]


def test_conventions_prints_what_each_is_worth_and_stores_nothing(sim, project):
    before = outputs()

    code, out, err = sim("conventions", "belgium-2012.yaml", "--set", "period.end=2020")

    head, *rows = out.splitlines()
    assert (code, err) == (0, "")
    assert head.split("  ")[0] == "convention"
    assert "1 January 2020" in head
    for column in ("difference", "births", "ages 0-14", "ages 80+"):
        assert column in head
    assert [row.split()[0] for row in rows[:6]] == SIX
    assert "%" not in rows[0]
    for row in rows[1:6]:
        gaps = [float(word) for word in row.replace("%", "").split()[2:]]
        assert len(gaps) == 4
        assert all(abs(gap) < 1 for gap in gaps)
        assert row.count("%") == 4
    assert out.endswith("\nin percent of continuous; births of 2012-2019, ages on 1 January 2020\n")
    assert outputs() == before


def test_conventions_are_counted_from_that_of_the_scenario(sim, project):
    _, out, _ = sim("conventions", "belgium-2012.yaml", *SHORT, "--set", "convention=wpp_end")

    rows = out.splitlines()[1:7]
    assert [row.split()[0] for row in rows] == ["wpp_end", "continuous", *SIX[2:]]
    assert "in percent of wpp_end" in out


def test_conventions_as_json_hold_every_figure(sim, project):
    code, out, err = sim("conventions", "belgium-2012.yaml", *SHORT, "--json")

    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["convention"], found["refused"]) == ("continuous", {})
    assert [row["convention"] for row in found["worth"]] == SIX
    own = found["worth"][0]
    assert [own[name] for name in ("population_gap", "births_gap", "young_gap", "oldest_gap")] == [0, 0, 0, 0]
    for row in found["worth"]:
        assert row["population"] / own["population"] == pytest.approx(1 + row["population_gap"] / 100, rel=1e-12)


def test_the_run_under_a_convention_is_the_one_that_conventions_tells(sim, project):
    _, out, _ = sim("conventions", "belgium-2012.yaml", *SHORT, "--json")

    for row in json.loads(out)["worth"]:
        _, told, _ = sim("run", "belgium-2012.yaml", *SHORT, "--no-plots", "--set", f"convention={row['convention']}")
        assert f"{row['population']:,.0f}" in told


@pytest.fixture
def certain_death(project):
    """A scenario in whose open age nobody survives, which not every convention takes."""
    lines = [f"{age},{0.99 if age < 105 else 0}" for age in range(106)]
    Path("death.csv").write_text("\n".join(["age,value", *lines]))
    Path("certain.yaml").write_text(
        "name: certain\nbased_on: belgium-2012\nconvention: wpp_end\n"
        "mortality: {survival_ratio: {table: death.csv, age: reached}}\n"
        "migration: {balance: {unit: persons per year, path: {2012: 0}, after: constant}}\n"
    )
    return project


def test_conventions_that_cannot_be_projected_are_told_beside_the_others(sim, certain_death):
    code, out, err = sim("conventions", "certain.yaml", *SHORT)

    assert code == 0
    assert [row.split()[0] for row in out.splitlines()[1:3]] == ["wpp_end", "wpp_even"]
    assert "continuous" not in out
    (line,) = [line for line in err.splitlines() if "continuous" in line]
    assert "survival ratio" in line


def test_conventions_as_json_say_which_are_refused_and_why(sim, certain_death):
    _, out, _ = sim("conventions", "certain.yaml", *SHORT, "--json")

    found = json.loads(out)
    assert "survival ratio" in found["refused"]["continuous"]
    assert {row["convention"] for row in found["worth"]} | set(found["refused"]) == set(SIX)


@pytest.mark.parametrize("change", ["fertility.total=0", "ages.open=79"])
def test_conventions_have_no_gap_where_there_is_nobody(sim, project, change):
    code, out, err = sim("conventions", "belgium-2012.yaml", *SHORT, "--set", change)

    assert (code, err) == (0, "")
    assert " - " in out or out.partition("\n\n")[0].endswith("-")


def test_conventions_of_a_sweep_are_refused(sim, project):
    Path("swept.yaml").write_text(
        "name: swept\nbased_on: belgium-2012\n"
        "sweep: {fertility: {low: {fertility.total: 1.5}, high: {fertility.total: 2}}}\n"
    )

    code, out, err = sim("conventions", "swept.yaml")

    assert (code, out) == (2, "")
    assert err.startswith("swept.yaml:3:8: sweep: conventions are compared for one projection at a time\n")


# Mistakes

MISTAKES = [
    (["run", "no.yaml"], 2, "no.yaml: there is no such file"),
    (["run", "."], 2, ".: cannot be read ("),
    (["run", "bad.yaml"], 2, "bad.yaml:3:7: ages: "),
    (["run", "belgium-2012.yaml", "--set", "period.end"], 2, "--set period.end: must read KEY=VALUE"),
    (["run", "belgium-2012.yaml", "--set", "ages.open=5"], 2, "--set ages.open=5: ages.open: "),
    (["validate", "no.yaml"], 2, "no.yaml: there is no such file"),
    (["run", "untabled.yaml"], 3, "untabled.yaml:3:21: population.table: there is no table 'no.csv'"),
    (["validate", "untabled.yaml"], 3, "untabled.yaml:3:21: population.table: there is no table 'no.csv'"),
    (["run", "overdrawn.yaml"], 1, "overdrawn: net migration takes more people than there are: -"),
    (["show", "nobody"], 3, "there is no finished run 'nobody'; in outputs there are: planbureau-2013, zero-migration"),
    (["export", "nobody"], 3, "there is no finished run 'nobody'"),
    (
        ["show", "zero-migraton"],
        3,
        "there is no finished run 'zero-migraton'; did you mean 'zero-migration'?; in outputs",
    ),
    (["show", "zero-migration.yaml.bak"], 3, "there is no finished run 'zero-migration.yaml.bak'"),
    (["plot", "nobody", "--kind", "pyramid"], 3, "there is no finished run 'nobody'"),
    (["plot", "zero-migration", "--kind", "pyramid", "--year", "1999"], 3, "there is no 1 January 1999"),
    (["plot", "zero-migration", "--kind", "population", "--region", "X"], 3, "there is no region 'X'"),
    (["plot", "zero-migration", "--kind", "population", "--year", "2020"], 2, "--year goes with --kind pyramid"),
    (["plot", "zero-migration", "--kind", "pie"], 2, "'pie' is no kind of figure"),
    (["plot", "zero-migration", "--kind", "pyramid", "--format", "gif"], 2, "allowed are: png, svg, pdf"),
    (["plot", "zero-migration", "--kind", "animated-pyramid", "--format", "svg"], 2, "allowed is: gif"),
    (["plot", "zero-migration", "--kind", "difference"], 3, "nothing to compare with zero-migration"),
    (["plot", "zero-migration", "zero-migration", "--kind", "lexis"], 3, "two results share the name"),
    (["plot", "zero-migration", "--kind", "lexis", "--by", "region"], 2, "--by goes with --kind states or parts"),
    (["plot", "zero-migration", "--kind", "lexis", "--baseline", "x"], 3, "no baseline 'x' among the results"),
    (["plot", "zero-migration"], 2, "Missing option '--kind'"),
    (["compare", "zero-migration"], None, "there is nothing to compare with zero-migration"),
    (["compare", "zero-migration", "zero-migration"], None, "two results share the name zero-migration"),
    (["compare", "zero-migration", "no.yaml"], 2, "no.yaml: there is no such file"),
    (
        ["compare", "zero-migration", "planbureau-2013", "--baseline", "x"],
        None,
        "there is no 'x' among what is compared",
    ),
    (["compare", "zero-migration", "planbureau-2013", "--format", ""], 2, "allowed are: png, svg, pdf"),
    (["export", "zero-migration", "--variable", "people"], None, "people"),
    (["export", "zero-migration", "--by", "city"], None, "city"),
    (["export", "zero-migration", "--to", "no/where.csv"], 74, "cannot write no/where.csv"),
    (["run", "belgium-2012.yaml", "--out", "belgium-2012.yaml"], 74, "belgium-2012.yaml"),
    (["new", "Bad Name"], 2, "Bad Name"),
    (["new", "../evil"], 2, "../evil"),
    (["run"], 2, "Missing argument 'FILE...'"),
    (["conventions"], 2, "Missing argument 'FILE'"),
    (["conventions", "no.yaml"], 2, "no.yaml: there is no such file"),
    (["conventions", "bad.yaml"], 2, "bad.yaml:3:7: ages: "),
    (["conventions", "untabled.yaml"], 3, "untabled.yaml:3:21: population.table: there is no table 'no.csv'"),
    (["conventions", "overdrawn.yaml"], 1, "overdrawn: net migration takes more people than there are: -"),
    (["run", "belgium-2012.yaml", "--fast"], 2, "No such option: --fast"),
    (["walk"], 2, "No such command 'walk'"),
    ([], 2, "Usage: sim"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "message"), MISTAKES, ids=lambda part: " ".join(part) if isinstance(part, list) else ""
)
def test_a_mistake_is_told_in_words_on_standard_error(sim, project, arguments, code, message):
    Path("bad.yaml").write_text("name: bad\nbased_on: belgium-2012\nages: 5\n")
    Path("untabled.yaml").write_text("name: untabled\nbased_on: belgium-2012\npopulation: {table: no.csv}\n")
    Path("overdrawn.yaml").write_text(
        "name: overdrawn\nbased_on: belgium-2012\n"
        "migration: {balance: {unit: persons per year, path: {2012: -90000000}, after: constant}}\n"
    )
    before = outputs()

    found, out, err = sim(*arguments)

    assert found == code or (code is None and found in {2, 3})
    assert message in err
    assert out == ""
    assert outputs() == before


def test_faults_are_counted_and_nothing_is_run(sim, project):
    Path("bad.yaml").write_text("name: bad\nbased_on: belgium-2012\nages: 5\ntitle: 5\n")
    before = outputs()

    code, out, err = sim("run", "belgium-2012.yaml", "bad.yaml")

    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == "2 errors; nothing was run"
    assert outputs() == before


def test_a_missing_table_of_the_second_file_stops_the_first(sim, project):
    Path("untabled.yaml").write_text("name: untabled\nbased_on: belgium-2012\npopulation: {table: no.csv}\n")
    before = outputs()

    code, out, err = sim("run", "belgium-2012.yaml", "untabled.yaml", "--no-plots")

    assert (code, out) == (3, "")
    assert err.splitlines()[-1] == "1 error; nothing was run"
    assert outputs() == before


def test_an_overdrawn_cohort_is_named(sim, project):
    code, _, err = sim("run", "belgium-2012.yaml", "--set", "migration.balance.path.2012=-9e7")

    assert code == 1
    for part in ("belgium-2012", "1 January 2013", "region all", "group all", "male, age "):
        assert part in err


def test_a_changed_result_is_not_shown(sim, project):
    (dataset,) = Path("outputs").glob("zero-migration-*/projection.nc")
    dataset.write_bytes(dataset.read_bytes()[:-1])

    code, out, err = sim("show", "zero-migration")

    assert (code, out) == (1, "")
    assert err.startswith(f"{dataset} is not what was stored")


def test_a_name_stands_for_the_run_without_changes(sim, project):
    sim("run", "zero-migration.yaml", "--set", "title=Other", "--no-plots", "--quiet")

    code, out, _ = sim("show", "zero-migration")

    assert code == 0
    assert out.startswith("zero-migration: No net migration\n")


def test_a_name_without_folder_and_ending_is_told_the_file_it_may_stand_for(sim, project):
    Path("scenarios").mkdir(exist_ok=True)
    Path("scenarios", "mine.yaml").write_text("name: mine\n")

    code, _, err = sim("validate", "mine")
    longest, _, told = sim("validate", "n" * 252)

    assert code == longest == 2
    assert "mine: there is no such file; did you mean scenarios/mine.yaml?" in err
    assert told.startswith("n" * 252 + ": there is no such file\n")


def test_of_two_runs_of_a_name_the_latest_is_taken_and_the_other_told(sim, project):
    for year in (2014, 2013):
        sim("run", "belgium-2012.yaml", "--set", f"period.end={year}", "--no-plots", "--quiet")

    code, out, err = sim("show", "belgium-2012")

    assert code == 0
    assert out.splitlines()[0].endswith("[period.end=2013]")
    assert err.startswith("belgium-2012: the latest of 2 runs, belgium-2012-")
    for folder in Path("outputs").glob("belgium-2012-*"):
        assert folder.name in err
        assert sim("show", folder.name)[1].splitlines()[0].endswith("]")


PLACES = [
    "sim.pipeline.prepare_all",
    "sim.pipeline.run_and_store",
    "sim.results.store.save",
    "sim.cli.drawing.of_run",
]


@pytest.fixture(params=PLACES)
def interrupted(request, sim, project, monkeypatch):
    """Exit code and messages of a run that is interrupted at some place."""

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(request.param, interrupt)
    code, _, err = sim("run", "belgium-2012.yaml", *SHORT, "--quiet")
    return code, err


def test_an_interruption_exits_with_130_and_leaves_nothing_half_written(interrupted):
    assert interrupted[0] == 130
    assert not list(Path("outputs").glob(".*"))


def test_an_interruption_is_told(interrupted):
    assert interrupted[1] == "interrupted; nothing half-written is left\n"


def test_python_dash_m_sim_is_the_command_and_its_exit_code_that_of_the_process(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sim", "run", "no.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "no.yaml: there is no such file\n1 error; nothing was run\n"
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_stops_reading_is_no_traceback(project):
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "sim", "export", "zero-migration"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)

    assert "Traceback" not in done.stderr


def on_a_terminal(arguments, **settings):
    """What the command writes to a terminal as its standard error."""
    master, slave = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", **settings},
    )
    os.close(slave)
    written = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        written += chunk
    os.close(master)
    assert done.wait() == 0
    return written


def test_progress_is_shown_on_a_terminal_without_colours_if_asked(project):
    arguments = ["run", "belgium-2012.yaml", *SHORT, "--no-plots"]

    coloured = on_a_terminal([*arguments, "--set", "title=One"])
    plain = on_a_terminal([*arguments, "--set", "title=Two"], NO_COLOR="1")

    assert any(stage in coloured for stage in (b"starting", b"gathering data", b"projecting"))
    assert b"\x1b[32m" in coloured
    assert b"\x1b[32m" not in plain


def test_terminal_escapes_in_a_text_are_not_printed(sim, project):
    _, out, err = sim("run", "belgium-2012.yaml", *SHORT, "--no-plots", "--set", r'title="\e]0;gone\a"')

    assert "\x1b" not in out + err
