"""Workbooks, read back with openpyxl, hold the Dataset, the tables of CSV and where they come from."""

import io
import json
import re
import sys
import zipfile

import numpy as np
import openpyxl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from small import CONTENT, TABLES

import sim
from sim import cli
from sim.analysis.export import indicator_table, table, workbook, xlsx
from sim.analysis.export.xlsx import sheet_names
from sim.errors import DataError

CASES = {
    "one state": ("planbureau-2013", ["period.end=2013"]),
    "regions": ("belgium-regions", ["period.end=2013"]),
    "asylum": ("belgium-asylum-files", ["period.end=2009"]),
    "policy": ("belgium-family-law", ["period.end=2012"]),
    "motives and stays": ("belgium-stays", ["period.end=2017"]),
    "sweep": ("planbureau-2013-ends", ["period.end=2013"]),
}
DRAWN = [*CASES, "draws"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]


@pytest.fixture(scope="module")
def results(pytestconfig):
    folder = pytestconfig.rootpath / "scenarios"
    found = {case: sim.run(folder / f"{name}.yaml", changes=changes) for case, (name, changes) in CASES.items()}
    found["policy"] = found["policy"].isel(year=[-2, -1], period=[-1])
    one = found["one state"]
    drawn = xr.concat([one, one.assign(births=one["births"] * 1.25)], "draw", data_vars="all").assign_coords(
        draw=[0, 1]
    )
    return found | {"draws": drawn.transpose("draw", ...)}


@pytest.fixture(scope="module")
def contents(results):
    return {case: workbook(result) for case, result in results.items()}


@pytest.fixture(scope="module")
def sheets(contents):
    return {case: read(content) for case, content in contents.items()}


@pytest.fixture
def small(tmp_path):
    """A result of few ages, which cannot make up all indicators."""
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "small.yaml").write_text(json.dumps(CONTENT))
    return sim.run(tmp_path / "small.yaml")


@pytest.fixture(scope="module")
def asylum(contents):
    return opened(contents["asylum"])


def opened(content):
    """Workbook as openpyxl reads it, with the looks of its cells."""
    return openpyxl.load_workbook(io.BytesIO(content))


def read(content):
    """Rows of every sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def as_text(value):
    """A cell as CSV has it."""
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


@pytest.mark.parametrize("case", DRAWN)
def test_every_number_of_a_sheet_equals_the_dataset(results, sheets, case):
    result = results[case]

    for name, values in result.data_vars.items():
        (*dimensions, header), *rows = sheets[case][name]
        assert dimensions == list(values.dims)
        assert re.fullmatch(rf"{name} \[.+\]", header)
        index = [place if isinstance(place, tuple) else (place,) for place in values.to_series().index]
        expected = dict(zip(index, values.to_series(), strict=True))
        found = {tuple(labels): np.nan if value is None else value for *labels, value in rows}
        assert len(rows) == len(expected)
        np.testing.assert_equal(found, expected)


@pytest.mark.parametrize("case", DRAWN)
def test_a_workbook_holds_the_tables_of_csv(results, sheets, case):
    tables = {str(name): table(results[case], name) for name in results[case].data_vars}
    tables["indicators"] = indicator_table(results[case])

    assert list(sheets[case]) == ["provenance", *tables]
    for name, (header, *rows) in tables.items():
        found_header, *found = sheets[case][name]
        assert list(found_header) == header
        by_column = zip(*rows, strict=True)
        for column, cells in zip(by_column, zip(*found, strict=True), strict=True):
            told = [float(text) if text and isinstance(cell, float | int) else text
                    for text, cell in zip(column, cells, strict=True)]  # fmt: skip
            assert told == ["" if cell is None else cell for cell in cells]


@pytest.mark.parametrize("case", DRAWN)
def test_years_and_ages_are_whole_numbers_and_labels_are_texts(sheets, case):
    for name, (header, *rows) in sheets[case].items():
        for place, title in enumerate(header):
            kinds = {type(row[place]) for row in rows}
            if title in {"year", "period", "age"}:
                assert kinds == {int}, (name, title)
            elif "[" not in title:
                assert kinds <= {str, int, type(None)}, (name, title)


def test_a_number_keeps_its_last_bit(small):
    thirds = small.assign(population=small["population"] / 3)

    values = [row[-1] for row in read(workbook(thirds, "population"))["population"][1:]]

    np.testing.assert_array_equal(values, thirds["population"].values.reshape(-1))


def test_groups_of_ages_stand_in_words(small):
    rows = read(workbook(small.isel(age=slice(0, 51, 5)), "deaths", ["age"]))["deaths"]

    assert [row[0] for row in rows] == ["age", *(f"{age} to {age + 4}" for age in range(0, 50, 5)), "50 and over"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(small, text):
    result = small.assign_coords(region=[text]).assign_attrs(title=text, comment=text)

    content = workbook(result, "births")

    cells = [cell for sheet in opened(content) for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    found = [cell for cell in cells if cell.value == text]
    assert len(found) == 2 + 1 + small["births"].size
    assert all(cell.quotePrefix for cell in found)
    for name in (archive := zipfile.ZipFile(io.BytesIO(content))).namelist():
        if name.startswith("xl/worksheets/"):
            assert b"<f>" not in archive.read(name)


def test_the_same_result_gives_the_same_bytes_whenever_it_is_written(results, contents):
    archive = zipfile.ZipFile(io.BytesIO(contents["sweep"]))

    assert workbook(results["sweep"]) == contents["sweep"]
    assert {part.date_time for part in archive.infolist()} == {(1980, 1, 31, 0, 0, 0)}
    dates = re.findall(rb"\d{4}-\d{2}-\d{2}T[\d:]+Z", archive.read("docProps/core.xml"))
    assert set(dates) == {b"2000-01-01T00:00:00Z"}


@given(st.lists(st.text(max_size=40) | st.sampled_from(["history", "a" * 40, "A" * 40, "'x'"]), max_size=12))
def test_names_of_sheets_are_those_that_excel_takes(wanted):
    names = sheet_names(wanted)

    assert len({name.lower() for name in names}) == len(names) == len(wanted)
    for name in names:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\'")
        assert name.lower() != "history"


def test_variables_of_another_program_have_sheets_of_their_own(small):
    long = "persons_of_a_very_particular_kind_"
    result = small.assign({f"{long}{number}": small["births"] * number for number in (2, 3)})
    result = result.assign({"Births": small["births"], "provenance": small["births"], "a/b": small["births"]})

    found = read(workbook(result))

    assert list(found)[-5:] == [long[:31], f"{long[:29]}~2", "Births~2", "provenance~2", "a_b"]


def told(sheet):
    """Texts of a provenance by part and item."""
    return {(part, item): text for part, item, text in sheet[1:]}


@pytest.mark.parametrize("case", DRAWN)
def test_the_provenance_tells_where_a_result_comes_from(results, sheets, case):
    attributes, found = results[case].attrs, told(sheets[case]["provenance"])

    assert found["run", "name"] == attributes["name"]
    assert found["run", "title"] == attributes["title"]
    assert found["run", "changed from outside its file"] == attributes["changes"]
    assert found["run", "sha256 of the scenario"] == attributes["scenario_sha256"]
    assert found["run", "note"] == attributes["comment"]
    for part, key in (("source", "sources"), ("sha256 of input", "inputs"), ("version", "versions")):
        assert {item: text for (each, item), text in found.items() if each == part} == json.loads(attributes[key])
    warnings = [row[2] for row in sheets[case]["provenance"] if row[0] == "warning"]
    assert warnings == json.loads(attributes["warnings"])
    lines = [row[2] for row in sheets[case]["provenance"] if row[0] == "scenario"]
    assert json.loads("\n".join(lines)) == json.loads(attributes["scenario"])


def test_warnings_of_a_result_are_told(small):
    warned = small.assign_attrs(warnings=json.dumps(["few people", "old table"]))

    rows = read(workbook(warned, "births"))["provenance"]
    assert [row[2] for row in rows if row[0] == "warning"] == ["few people", "old table"]


def test_the_provenance_tells_what_tables_and_labels_are(sheets):
    asylum, sweep = (told(sheets[case]["provenance"]) for case in ("asylum", "sweep"))

    assert asylum["table", "population"] == "persons on 1 January [persons]"
    assert asylum["table", "waiting"].endswith("[files]")
    assert asylum["covers", "group"] == "belgian, foreign"
    assert asylum["covers", "years"] == "1 January 2008 to 1 January 2009"
    assert asylum["covers", "ages"].startswith("0 to 105; ")
    assert asylum["covers", "ages"].endswith("105 stands for 105 and over")
    assert asylum["case_unit", "asylum"] == "files"
    assert [item for part, item in sweep if part == "title"] == sweep["covers", "scenario"].split(", ")


def test_headers_stay_in_sight_and_columns_are_wide_enough(asylum):
    for sheet in asylum:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        alike = [(part.min, part.max, part.width) for part in sheet.column_dimensions.values()]
        for place, column in enumerate(sheet.columns, start=1):
            (width,) = [width for first, last, width in alike if first <= place <= last]
            assert width > max(map(len, column[0].value.split(" ")))
            for cell in column[1:]:
                if isinstance(cell.value, float):
                    assert width > len(f"{cell.value:,.1f}")
                elif isinstance(cell.value, str) and len(cell.value) < 90:
                    assert width > len(cell.value)


def test_numbers_are_shown_in_the_form_of_their_unit(asylum):
    shown = {sheet.title: sheet.cell(2, sheet.max_column).number_format for sheet in asylum}
    assert shown["population"] == shown["waiting"] == "#,##0.0"
    assert shown["life_expectancy"] == "0.00"
    assert shown["total_fertility"] == shown["persons_per_file"] == "0.000"
    assert asylum["population"]["A2"].number_format == "General"


def test_what_is_not_known_is_an_empty_cell(results, sheets):
    last = sheets["one state"]["indicators"][-1]
    header = sheets["one state"]["indicators"][0]

    assert last[header.index("births [persons]")] is None
    assert last[header.index("population [persons]")] is not None


def test_infinity_is_told_in_words(small):
    endless = small.assign(life_expectancy=small["life_expectancy"] * np.inf)

    assert read(workbook(endless, "life_expectancy"))["life_expectancy"][1][-1] == "inf"


def test_one_table_can_be_asked_for(results):
    result = results["regions"]

    expected = list(table(result, "deaths", ["period", "sex"]))
    deaths = read(workbook(result, "deaths", ["period", "sex"]))
    indicators = read(workbook(result, indicators=True))

    assert list(deaths) == ["provenance", "deaths"]
    assert [[as_text(cell) for cell in row] for row in deaths["deaths"]] == expected
    assert list(indicators) == ["provenance", "indicators"]
    assert [item for part, item in told(deaths["provenance"]) if part == "table"] == ["deaths"]


def test_draws_and_variants_are_never_summed(results):
    drawn = read(workbook(results["draws"], "births", ["sex"]))["births"]
    indicators = read(workbook(results["draws"], indicators=True))["indicators"]

    expected = results["draws"]["births"].sum(["period", "region", "group"]).values.reshape(-1)
    assert drawn[0][:2] == ("draw", "sex")
    assert [row[-1] for row in drawn[1:]] == expected.tolist()
    assert [row[:2] for row in indicators] == [("draw", "year"), (0, 2012), (0, 2013), (1, 2012), (1, 2013)]
    births = indicators[0].index("births [persons]")
    assert indicators[3][births] == pytest.approx(1.25 * indicators[1][births], rel=1e-14)


def test_indicators_that_the_ages_do_not_make_up_are_left_out_and_told(small):
    found = read(workbook(small))

    with pytest.raises(DataError) as caught:
        workbook(small, indicators=True)
    assert "indicators" not in found
    assert told(found["provenance"])["left out", "indicators"] == str(caught.value)


def test_a_table_of_more_rows_than_a_sheet_has_is_refused(small, monkeypatch):
    rows = small["population"].size
    monkeypatch.setattr(xlsx, "MOST_ROWS", rows + 1)
    assert workbook(small, "population")

    monkeypatch.setattr(xlsx, "MOST_ROWS", rows)
    with pytest.raises(DataError, match=f"'population' has {rows} rows, and a sheet of Excel at most {rows - 1}"):
        workbook(small)


def test_a_text_longer_than_a_cell_is_refused_and_leaves_nothing_behind(small, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    with pytest.raises(DataError, match="a text of 32,768 characters is longer than a cell of Excel takes"):
        workbook(small.assign_attrs(comment="x" * 32_768))
    assert workbook(small.assign_attrs(comment="x" * 32_767))
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_missing_library_is_named_with_what_brings_it(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)

    with pytest.raises(DataError) as caught:
        workbook(small)
    assert str(caught.value) == "this needs xlsxwriter, which is not installed: pip install 'saldo[excel]'"


@pytest.fixture(scope="module")
def outputs(pytestconfig, tmp_path_factory):
    """A folder with a finished run."""
    folder = tmp_path_factory.mktemp("project") / "outputs"
    file = pytestconfig.rootpath / "scenarios" / "belgium-2012.yaml"
    with pytest.MonkeyPatch.context() as patch:
        command = ["sim", "run", str(file), "--set", "period.end=2013", "--no-plots", "--quiet", "--out", str(folder)]
        patch.setattr(sys, "argv", command)
        assert cli._call() == 0
    return folder


@pytest.fixture
def export(outputs, tmp_path, monkeypatch, capsys):
    """Export that run in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def called(*options):
        monkeypatch.setattr(sys, "argv", ["sim", "export", "belgium-2012", "--out", str(outputs), *options])
        code = cli._call()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, " ".join(err.split())

    return called


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["provenance", "population", "births", "births_by_age_of_mother", "deaths", "net_migrants",
              "life_expectancy", "remaining_life_expectancy", "total_fertility", "indicators"]),
        (["--variable", "deaths", "--by", "sex"], ["provenance", "deaths"]),
        (["--by", "year"], ["provenance", "population"]),
        (["--indicators"], ["provenance", "indicators"]),
    ],
)  # fmt: skip
def test_the_command_writes_a_workbook(export, tmp_path, options, expected):
    code, out, err = export(*options, "--to", "book.XLSX")

    assert (code, out, err) == (0, "book.XLSX\n", "")
    assert list(read((tmp_path / "book.XLSX").read_bytes())) == expected


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--to", "book.ods"], 2, "'book.ods' must end in .csv, .xlsx (Excel) or .h5 (larray)"),
        (["--to", "book"], 2, "'book' must end in .csv, .xlsx (Excel) or .h5 (larray)"),
        (["--to", "no/where.xlsx"], 74, "cannot write no/where.xlsx"),
        (["--to", "folder.xlsx"], 74, "cannot write folder.xlsx"),
        (["--to", "book.xlsx", "--variable", "people"], 3, "there is no variable 'people'"),
        (["--to", "book.xlsx", "--by", "city"], 3, "'population' has no dimension 'city'"),
        (["--to", "book.h5", "--by", "year"], 2, "a .h5 file of larray holds the whole result"),
        (["--to", "book.h5", "--indicators"], 2, "a .h5 file of larray holds the whole result"),
        (["--to", "book.h5", "--variable", "deaths"], 2, "a .h5 file of larray holds the whole result"),
        (["--variable", "deaths", "--indicators"], 2, "has no meaning beside --indicators"),
    ],
)
def test_the_command_refuses_in_one_sentence(export, tmp_path, options, code, message):
    (tmp_path / "folder.xlsx").mkdir()
    found, out, err = export(*options)

    assert (found, out) == (code, "")
    assert message in re.sub(r"[│╭╮╰╯─]| +", " ", err).replace("  ", " ")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.xlsx"]


def test_a_file_of_that_name_is_replaced_as_a_whole(export, tmp_path):
    (tmp_path / "book.xlsx").write_bytes(b"earlier" * 1_000_000)

    assert export("--indicators", "--to", "book.xlsx")[0] == 0
    assert list(read((tmp_path / "book.xlsx").read_bytes())) == ["provenance", "indicators"]
