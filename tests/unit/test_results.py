"""Results: how they are labelled, that their books balance, and that they are stored whole or not at all."""

import datetime
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sim
from sim.errors import DataError, ProjectionError, StoreError
from sim.pipeline import prepare, run_and_store
from sim.results import files, store
from sim.results.checks import check_books
from sim.scenario.load import content_hash, load, resolved_text

REGIONS, GROUPS, SEXES, AGES = ("BE1", "BE2"), ("belgian", "foreign", "other"), ("female", "male"), range(51)
BELGIAN = """\
name: small
title: "A small one"
note: "For tests"
sources: {made-up: "Nobody"}
period: {start: 2012, end: 2015}
ages: {open: 105}
population: {dataset: belgium, date: 2012}
mortality: {base: {dataset: belgium, years: [2009, 2011]}}
fertility: {total: 1.8, pattern: {dataset: belgium}, sex_ratio_at_birth: 1.05}
migration:
  balance: {unit: persons per year, path: {2012: 1000}, after: constant, source: made-up}
  profile: {dataset: belgium, years: [2009, 2012]}
observed: {dataset: belgium}
published: [{indicator: population, year: 2014, value: 11.2e6, rounding: 0.05e6, source: made-up}]
"""
GROSS = """\
name: gross
period: {start: 2012, end: 2014}
ages: {open: 50}
states: {regions: [BE1, BE2], groups: [belgian, foreign, other]}
population: {table: people.csv}
mortality: {survival_ratio: {table: survival.csv, age: reached}}
fertility: {rates: {table: fertility.csv, age: completed}, sex_ratio_at_birth: 1.05}
migration:
  immigration:
    - region: BE1
      group: foreign
      count: {unit: persons per year, path: {2012: 500}, after: constant}
      profile: {table: profile.csv, age: reached}
  emigration: [{group: foreign, hazard: {table: hazard.csv, age: reached}}]
"""
MOVING = """\
name: moving
based_on: gross
newborn: {child_group: {foreign: {belgian: 0.25, foreign: 0.75}}}
moves: [{hazard: 0.02}]
nationality:
  changes:
    - {from: [foreign, other], to: [belgian, belgian], count: {unit: persons per year, path: {2012: 90, 2013: 70}}}
migration:
  close: {free: emigration, balance: {unit: persons per year, path: {2012: 300}, after: constant}}
"""
FIVE = """\
name: five
period: {start: 2000, end: 2020}
ages: {open: 50, width: 5}
population: {table: wide.csv}
mortality: {survival_ratio: {table: wide-survival.csv, age: reached}}
fertility: {rates: {table: wide-fertility.csv, age: reached}, sex_ratio_at_birth: 1.05}
migration: {emigration: [{hazard: 0.01}]}
"""
TABLES = {
    "wide.csv": "sex,age,value\n" + "".join(f"{s},{a},{5000 + a}\n" for s in SEXES for a in range(0, 51, 5)),
    "wide-survival.csv": "age,value\n" + "".join(f"{age},0.95\n" for age in range(0, 51, 5)),
    "wide-fertility.csv": "age,value\n" + "".join(f"{age},0.06\n" for age in range(15, 45, 5)),
    "people.csv": "region,group,sex,age,value\n"
    + "".join(f"{r},{g},{s},{a},{900 + a}\n" for r in REGIONS for g in GROUPS for s in SEXES for a in AGES),
    "survival.csv": "age,value\n" + "".join(f"{age},0.98\n" for age in AGES),
    "fertility.csv": "age,value\n" + "".join(f"{age},0.06\n" for age in range(20, 40)),
    "profile.csv": "sex,age,value\n" + "".join(f"{s},{a},{1 / 102!r}\n" for s in SEXES for a in AGES),
    "hazard.csv": "age,value\n" + "".join(f"{age},0.01\n" for age in AGES),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Scenarios and their tables."""
    place = tmp_path_factory.mktemp("scenarios")
    for name, text in {
        "small.yaml": BELGIAN,
        "gross.yaml": GROSS,
        "moving.yaml": MOVING,
        "five.yaml": FIVE,
        **TABLES,
    }.items():
        (place / name).write_text(text)
    return place


@pytest.fixture(scope="module")
def net(folder):
    """Result of a scenario with a balance."""
    return sim.run(folder / "small.yaml")


@pytest.fixture(scope="module")
def gross(folder):
    """Result of a scenario with states and gross flows."""
    return sim.run(folder / "gross.yaml")


@pytest.fixture(scope="module")
def moving(folder):
    """Result of a scenario with moves, changes of group, and gross flows closed on a balance."""
    return sim.run(folder / "moving.yaml")


@pytest.fixture(scope="module")
def five(folder):
    """Result of a scenario with ages in groups of five years."""
    return sim.run(folder / "five.yaml")


def stored_run(path, out, changes=(), force=False):
    """Project a scenario file and store the result."""
    return run_and_store(prepare(path, changes), out, force=force)


# Labels

FLOW = ("period", "region", "group", "sex", "age")
DIMENSIONS = {
    "population": ("year", *FLOW[1:]),
    "births": FLOW[:-1],
    "births_by_age_of_mother": ("period", "region", "group", "age"),
    "deaths": FLOW,
    "net_migrants": FLOW,
    "life_expectancy": FLOW[:-1],
    "remaining_life_expectancy": FLOW,
    "total_fertility": FLOW[:-2],
}


def test_variables_and_their_dimensions_are_those_of_the_interface(net, gross, moving):
    assert {name: variable.dims for name, variable in net.items()} == DIMENSIONS
    assert {name: variable.dims for name, variable in gross.items()} == {
        **DIMENSIONS,
        "immigrants": FLOW,
        "emigrants": FLOW,
    }
    between = dict.fromkeys(["moves_in", "moves_out", "changes_in", "changes_out"], FLOW)
    assert {name: variable.dims for name, variable in moving.items()} == {
        **{name: variable.dims for name, variable in gross.items()},
        **between,
    }


def test_coordinates_of_steps_of_five_years_say_what_they_stand_for(five):
    assert five["year"].values.tolist() == [2000, 2005, 2010, 2015, 2020]
    assert five["period"].values.tolist() == [2000, 2005, 2010, 2015]
    assert five["age"].values.tolist() == list(range(0, 51, 5))
    assert five["period"].attrs["long_name"] == "first calendar year of 5"
    assert "50 and over" in five["age"].attrs["comment"]
    assert "5 years of age" in five["age"].attrs["comment"]


def test_coordinates_hold_the_years_states_and_ages(net, gross):
    assert net["year"].values.tolist() == [2012, 2013, 2014, 2015]
    assert net["period"].values.tolist() == [2012, 2013, 2014]
    assert (net["region"].values.tolist(), net["group"].values.tolist()) == (["all"], ["all"])
    assert net["sex"].values.tolist() == ["female", "male"]
    assert net["age"].values.tolist() == list(range(106))
    assert gross["region"].values.tolist() == list(REGIONS)
    assert gross["group"].values.tolist() == list(GROUPS)
    assert "105 and over" in net["age"].attrs["comment"]


def test_cells_stand_under_their_labels(gross):
    first = gross["population"].isel(year=0)

    for age in (0, 17, 50):
        assert (first.sel(age=age) == 900 + age).all()
    assert (gross["immigrants"].sum(["sex", "age"]).sel(region="BE1", group="foreign") > 499.99).all()
    assert gross["immigrants"].sum() == pytest.approx(2 * 500, rel=1e-12)
    assert (gross["emigrants"].sel(group="foreign").sum(["sex", "age"]) > 0).all()
    assert (gross["emigrants"].drop_sel(group="foreign") == 0).all()


def test_all_figures_are_float64_and_all_years_and_ages_int64(net, gross):
    for result in (net, gross):
        assert {variable.dtype for variable in result.values()} == {np.dtype("float64")}
        assert {result[name].dtype for name in ("year", "period", "age")} == {np.dtype("int64")}


@pytest.mark.parametrize("which", ["net", "gross", "moving", "five"])
def test_every_array_lies_in_the_order_of_its_dimensions(which, request):
    """Sums over an array laid out otherwise differ in their last bit from those over the same array stored."""
    result = request.getfixturevalue(which)

    assert [name for name in result if not result[name].values.flags["C_CONTIGUOUS"]] == []


def test_variables_carry_cf_attributes(gross):
    assert gross.attrs["Conventions"] == "CF-1.11"
    for name, variable in gross.items():
        assert set(variable.attrs) == {"long_name", "units", "cell_methods"}
        assert variable.attrs["long_name"]
        assert variable.attrs["units"] == ("year" if name.endswith("life_expectancy") else "1")
    methods = {name: variable.attrs["cell_methods"] for name, variable in gross.items()}
    assert methods.pop("population") == "year: point"
    means = ("life_expectancy", "remaining_life_expectancy", "total_fertility")
    assert {methods.pop(name) for name in means} == {"period: mean"}
    assert set(methods.values()) == {"period: sum"}
    assert all(coordinate.attrs["long_name"] for coordinate in gross.coords.values())


def test_attributes_hold_the_whole_scenario_and_what_went_in(net, folder):
    scenario = load(folder / "small.yaml")

    assert net.attrs["scenario"] == resolved_text(scenario)
    assert net.attrs["scenario_sha256"] == content_hash(scenario)
    assert (net.attrs["name"], net.attrs["title"], net.attrs["comment"]) == ("small", "A small one", "For tests")
    assert net.attrs["convention"] == "continuous"
    assert list(json.loads(net.attrs["inputs"])) == ["dataset belgium"]
    assert json.loads(net.attrs["versions"])["saldo"] == importlib.metadata.version("saldo")
    assert json.loads(net.attrs["sources"]) == {"made-up": "Nobody"}
    assert json.loads(net.attrs["published"])[0]["value"] == 11.2e6
    assert {figure["indicator"] for figure in json.loads(net.attrs["observed"])} >= {"population", "births"}


def test_inputs_are_named_with_the_sha256_of_their_bytes(gross):
    used = {name: text for name, text in sorted(TABLES.items()) if not name.startswith("wide")}

    expected = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in used.items()}
    assert json.loads(gross.attrs["inputs"]) == expected


def test_no_user_host_path_or_clock_is_in_the_file(net, folder):
    told = json.dumps(net.attrs) + json.dumps({name: variable.attrs for name, variable in net.variables.items()})
    data = store.serialise(net)

    hints = [
        str(folder),
        str(Path.cwd()),
        str(Path.home()),
        f"@{socket.gethostname()}",
        datetime.date.today().isoformat(),
    ]
    assert [hint for hint in hints if len(hint) > 5 and (hint in told or hint.encode() in data)] == []
    assert not re.search(r"\d\d:\d\d:\d\d", told)


def test_assumptions_are_kept_as_they_were_used(net):
    np.testing.assert_allclose(net["total_fertility"], 1.8, rtol=1e-14, atol=0)
    assert (net["life_expectancy"].sel(sex="female") > net["life_expectancy"].sel(sex="male")).all()
    assert ((net["life_expectancy"] > 70) & (net["life_expectancy"] < 90)).all()


# Books


@pytest.mark.parametrize("which", ["net", "gross", "moving", "five"])
@pytest.mark.parametrize("name", ["population", "births", "deaths", "net_migrants"])
@pytest.mark.parametrize("change", [1, -1])
@pytest.mark.parametrize("place", [0, -1, 5])
def test_one_person_more_or_less_in_any_variable_is_caught(which, name, change, place, request):
    wrong = request.getfixturevalue(which).copy(deep=True)
    wrong[name].values.ravel()[place] += change

    with pytest.raises(ProjectionError, match="the books do not balance"):
        check_books(wrong)


@pytest.mark.parametrize("name", ["moves_in", "moves_out", "changes_in", "changes_out"])
@pytest.mark.parametrize("place", [0, -1, 77])
def test_one_mover_more_is_caught(moving, name, place):
    wrong = moving.copy(deep=True)
    wrong[name].values.flat[place] += 1

    with pytest.raises(ProjectionError, match="the books do not balance"):
        check_books(wrong)


@pytest.mark.parametrize("name", ["moves_in", "changes_in"])
def test_people_who_arrive_from_no_other_state_and_die_at_once_are_caught(moving, name):
    wrong = moving.copy(deep=True)
    for flow in (name, "deaths"):
        wrong[flow].values[0, 1, 1, 0, 20] += 1

    with pytest.raises(ProjectionError):
        check_books(wrong)


def test_books_that_do_not_balance_name_the_worst_cell(gross):
    wrong = gross.copy(deep=True)
    wrong["deaths"].loc[{"period": 2013, "region": "BE2", "group": "other", "sex": "male", "age": 7}] += 3

    with pytest.raises(ProjectionError) as caught:
        check_books(wrong)

    assert str(caught.value) == (
        "the books do not balance: -3.000e+00 persons in period 2013, region BE2, group other, sex male, age 7"
    )


def test_a_thousandth_of_a_person_is_caught_and_rounding_is_not(net):
    wrong, rounded = net.copy(deep=True), net.copy(deep=True)
    wrong["net_migrants"].values[1, 0, 0, 1, 30] += 1e-3
    rounded["population"].values[1:] *= 1 + 2e-16

    check_books(rounded)
    with pytest.raises(ProjectionError, match=r"1\.000e-03 persons in period 2013"):
        check_books(wrong)


@pytest.mark.parametrize("figure", [-1e-9, np.nan])
def test_a_stock_below_zero_or_no_number_is_caught(net, figure):
    wrong = net.copy(deep=True)
    wrong["population"].values[2, 0, 0, 0, 0] = figure

    with pytest.raises(ProjectionError, match="below zero, or one that is no number"):
        check_books(wrong)


def test_a_flow_that_is_no_number_is_caught(net):
    wrong = net.copy(deep=True)
    wrong["deaths"].values[0, 0, 0, 0, 0] = np.nan

    with pytest.raises(ProjectionError, match="period 2012, region all, group all, sex female, age 0"):
        check_books(wrong)


def test_immigrants_less_emigrants_are_the_net_migrants(gross):
    difference = gross["immigrants"] - gross["emigrants"] - gross["net_migrants"]

    np.testing.assert_allclose(difference, 0, rtol=0, atol=1e-12 * float(gross["immigrants"].max()))


def test_births_by_sex_are_the_births_by_age_of_mother(gross):
    by_mother = gross["births_by_age_of_mother"].sum("age")

    np.testing.assert_allclose(gross["births"].sum("sex"), by_mother, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", ["immigrants", "emigrants", "births_by_age_of_mother"])
def test_one_person_more_in_a_part_of_a_flow_is_caught(gross, name):
    wrong = gross.copy(deep=True)
    wrong[name].values[0, 0, 1, ..., 25] += 1

    with pytest.raises(ProjectionError):
        check_books(wrong)


# Storage


@pytest.mark.parametrize("which", ["net", "gross", "moving", "five"])
def test_a_stored_result_comes_back_identical(which, request, tmp_path):
    result = request.getfixturevalue(which)

    run = store.save(result, tmp_path / "run")
    found, opened = store.open_run(tmp_path / "run")

    assert found == run
    xr.testing.assert_identical(opened, result)
    assert list(opened) == list(result)
    assert list(opened.attrs) == list(result.attrs)
    for name, variable in result.variables.items():
        assert opened[name].dims == variable.dims
        assert opened[name].dtype.kind == variable.dtype.kind or variable.dtype.kind == "U"
        assert (opened[name].values == variable.values).all()


def test_numbers_keep_their_types_in_the_file(net, tmp_path):
    store.save(net, tmp_path / "run")

    opened = store.open_run(tmp_path / "run")[1]

    numbers = [name for name, variable in net.variables.items() if variable.dtype.kind in "if"]
    assert {name: opened[name].dtype for name in numbers} == {name: net[name].dtype for name in numbers}


def test_the_same_result_has_the_same_bytes(net, folder, tmp_path):
    shutil.copy(folder / "small.yaml", tmp_path)

    again = sim.run(tmp_path / "small.yaml")

    assert store.serialise(net) == store.serialise(net) == store.serialise(again)


def test_another_process_with_other_hashes_and_settings_writes_the_same_bytes(net, folder, tmp_path):
    program = (
        "import hashlib, sys, sim; from sim.results.store import serialise; "
        "print(hashlib.sha256(serialise(sim.run(sys.argv[1]))).hexdigest())"
    )
    settings = {"PYTHONHASHSEED": "77", "TZ": "Pacific/Apia", "LC_ALL": "C", "OMP_NUM_THREADS": "1"}

    done = subprocess.run(
        [sys.executable, "-c", program, str(folder / "small.yaml")],
        env={**os.environ, **settings},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == hashlib.sha256(store.serialise(net)).hexdigest()


def test_a_manifest_says_what_was_stored(net, tmp_path):
    run = store.save(net, tmp_path / "run")
    data = (tmp_path / "run" / "projection.nc").read_bytes()

    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())

    assert manifest == run.manifest
    assert manifest["sha256"] == hashlib.sha256(data).hexdigest()
    assert (manifest["bytes"], manifest["name"], manifest["title"]) == (len(data), "small", "A small one")
    assert manifest["scenario_sha256"] == net.attrs["scenario_sha256"]


def snapshot(folder):
    """Every file below a folder, with its content and the time of its last change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_is_stored_in_a_folder_named_after_its_content(folder, tmp_path):
    done = stored_run(folder / "small.yaml", tmp_path)
    other = stored_run(folder / "small.yaml", tmp_path, changes=["title=Other"])

    assert re.fullmatch(r"small-[0-9a-f]{12}", done.run.folder.name)
    assert re.fullmatch(r"small-[0-9a-f]{12}", other.run.folder.name)
    assert done.run.folder != other.run.folder
    assert sorted(snapshot(tmp_path)) == sorted(
        f"{stored.run.folder.name}/{name}" for stored in (done, other) for name in ("manifest.json", "projection.nc")
    )
    assert [run.folder.name for run in store.runs(tmp_path)] == sorted(path.name for path in tmp_path.iterdir())


def test_another_table_is_another_run(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "scenarios")
    before = stored_run(tmp_path / "scenarios" / "gross.yaml", tmp_path / "out").run.folder
    (tmp_path / "scenarios" / "hazard.csv").write_text(TABLES["hazard.csv"].replace("7,0.01", "7,0.02"))

    after = stored_run(tmp_path / "scenarios" / "gross.yaml", tmp_path / "out").run.folder

    assert before != after
    assert before.is_dir()


def test_running_again_changes_nothing(folder, tmp_path):
    first = stored_run(folder / "small.yaml", tmp_path)
    before = snapshot(tmp_path)

    second = stored_run(folder / "small.yaml", tmp_path)

    assert (first.already_there, second.already_there) == (False, True)
    assert second.run == first.run
    assert snapshot(tmp_path) == before
    xr.testing.assert_identical(second.result, first.result)


def test_force_writes_anew(folder, tmp_path):
    first = stored_run(folder / "small.yaml", tmp_path)
    before = snapshot(tmp_path)

    second = stored_run(folder / "small.yaml", tmp_path, force=True)

    after = snapshot(tmp_path)
    assert not second.already_there
    assert second.run == first.run
    assert {name: data for name, (data, _) in after.items()} == {name: data for name, (data, _) in before.items()}
    assert all(after[name][1] > before[name][1] for name in before)


def test_a_changed_dataset_is_refused(net, tmp_path):
    run = store.save(net, tmp_path / "run")
    data = bytearray(run.dataset.read_bytes())
    data[-100] ^= 1
    run.dataset.write_bytes(data)

    with pytest.raises(ProjectionError) as caught:
        store.open_run(tmp_path / "run")

    assert str(caught.value).startswith(f"{run.dataset} is not what was stored")
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("spoil", [
    lambda run: (run / "manifest.json").unlink(),
    lambda run: (run / "manifest.json").write_text("{"),
    lambda run: (run / "manifest.json").write_text("[]"),
    lambda run: (run / "manifest.json").write_text('{"name": "small"}'),
    lambda run: (run / "manifest.json").write_bytes(b"\xff"),
    lambda run: (run / "projection.nc").unlink(),
])  # fmt: skip
def test_a_folder_without_a_valid_manifest_and_its_dataset_is_no_run(net, tmp_path, spoil):
    store.save(net, tmp_path / "run")
    spoil(tmp_path / "run")

    assert store.find(tmp_path / "run") is None
    assert list(store.runs(tmp_path)) == []
    with pytest.raises(DataError, match="holds no finished run"):
        store.open_run(tmp_path / "run")


def test_there_are_no_runs_where_there_is_no_folder(tmp_path):
    assert list(store.runs(tmp_path / "nothing")) == []


@pytest.fixture
def failing_manifest(monkeypatch):
    """Let writing fail at the manifest; return what was written before."""
    written = []
    write = files.write_whole

    def fail_at_manifest(path, data):
        if path.name == store.MANIFEST:
            raise StoreError("the disk is full")
        written.append(path.name)
        write(path, data)

    monkeypatch.setattr(files, "write_whole", fail_at_manifest)
    return written


def test_without_its_manifest_a_run_does_not_exist(folder, tmp_path, failing_manifest):
    with pytest.raises(StoreError, match="the disk is full"):
        stored_run(folder / "small.yaml", tmp_path)

    assert failing_manifest == ["projection.nc"]
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_to_be_written_anew_stays_as_it_was(folder, tmp_path, request):
    first = stored_run(folder / "small.yaml", tmp_path)
    before = snapshot(tmp_path)
    request.getfixturevalue("failing_manifest")

    with pytest.raises(StoreError, match="the disk is full"):
        stored_run(folder / "small.yaml", tmp_path, force=True)

    assert snapshot(tmp_path) == before
    xr.testing.assert_identical(store.open_run(first.run.folder)[1], first.result)


def test_a_run_that_cannot_take_its_name_leaves_the_earlier_one(folder, tmp_path, monkeypatch):
    stored_run(folder / "small.yaml", tmp_path)
    before, rename, refused = snapshot(tmp_path), Path.rename, []

    def refuse(path, target):
        if not refused and path.name.startswith(files.PARTIAL) and not Path(target).name.startswith(files.PARTIAL):
            refused.append(path)
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StoreError, match="No space left on device"):
        stored_run(folder / "small.yaml", tmp_path, force=True)

    assert snapshot(tmp_path) == before


def test_a_limit_on_the_size_of_files_ends_in_one_sentence_and_leaves_nothing(folder, tmp_path):
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
        "from sim.cli import main; main()"
    )
    (tmp_path / "out").mkdir()

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            "run",
            str(folder / "small.yaml"),
            "--out",
            str(tmp_path / "out"),
            "--no-plots",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 74
    assert done.stdout == ""
    assert re.fullmatch(r"cannot write \S*projection\.nc \([\d,]+ bytes\): File too large\n", done.stderr)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_of_results_that_is_a_file_is_one_sentence(folder, tmp_path):
    (tmp_path / "out").write_text("")

    with pytest.raises(StoreError, match=r"^cannot (make|write)"):
        stored_run(folder / "small.yaml", tmp_path / "out")
    assert (tmp_path / "out").read_text() == ""
