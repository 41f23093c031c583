"""A gallery of bad files: what ``sim validate`` says about each, word for word.

Beside every ``<name>.yaml`` in the folder ``files`` lies ``<name>.expected``: the exit code, then the lines on standard
error; in the folder ``run`` those of ``sim run``, where what is wrong shows only when it is projected. Messages are
part of what users see; to change them, run ``SIM_WRITE_EXPECTED=1 pytest tests/robustness`` and read the difference
line by line before it is committed.
"""

import os
import sys
from pathlib import Path

import pytest

from sim import cli
from sim.scenario.yamlfile import LARGEST_FILE

FILES = Path(__file__).parent / "files"
GALLERY = sorted(FILES.rglob("*.yaml"))
WRITE = bool(os.environ.get("SIM_WRITE_EXPECTED"))
RUN = "run"
CODES = {"0", "2", "3"}


@pytest.fixture
def validate(monkeypatch, capsys, tmp_path):
    """Exit code and lines on standard error of ``sim validate`` or ``sim run`` in the folder of a file."""

    def call(path):
        monkeypatch.chdir(path.parent)
        arguments = ["validate", path.name]
        if path.parent.name == RUN:
            arguments = ["run", path.name, "--out", str(tmp_path / "outputs"), "--no-plots", "--quiet"]
        monkeypatch.setattr(sys, "argv", ["sim", *arguments])
        code = cli._call()
        return [str(code), *capsys.readouterr().err.splitlines()]

    return call


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_file_is_answered_with_the_expected_lines(validate, path):
    found = validate(path)

    expected = path.with_suffix(".expected")
    if WRITE:
        expected.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_message_names_a_file_or_a_scenario_of_the_gallery_and_no_python(path):
    code, *lines = path.with_suffix(".expected").read_text(encoding="utf-8").splitlines()

    assert code in (CODES | {"1"} if path.parent.name == RUN else CODES)
    faults = [line.removeprefix("warning: ") for line in lines if "nothing was run" not in line]
    for fault in faults:
        file = fault.split(":")[0]
        assert (path.parent / file).exists() or file == path.stem, fault
        for word in ("Traceback", "Error:", "dict", "None", "tuple", "pydantic", "numpy", "nan "):
            assert word not in fault, fault
    assert code in "01" or lines[-1] == f"{len(faults)} {'error' if len(faults) == 1 else 'errors'}; nothing was run"


def test_every_expectation_has_its_file():
    assert {path.with_suffix(".yaml") for path in FILES.rglob("*.expected")} == set(GALLERY)


# Files that are too large, or have bytes that editors and version control do not keep

VALID = (FILES / "values" / "valid.yaml").read_bytes().replace(b"name: valid", b"name: made")
PLACED = b"name: made\ntitle: caf\xc3\xa9\n"
MADE = {
    "over-a-million-bytes": (
        VALID + b"# " + b"x" * LARGEST_FILE,
        ["made.yaml: is larger than 1,000,000 bytes; put long tables into CSV files"],
    ),
    "one-line-of-nearly-a-million-bytes": (
        VALID + b"note: " + b"x" * (LARGEST_FILE - 1000),
        None,
    ),
    "a-nul": (PLACED + b"note: a\x00b\n", ["made.yaml:3:8: holds a character that text cannot hold"]),
    "latin-1": (PLACED + b"note: caf\xe9\n", ["made.yaml:3:10: is not UTF-8 text"]),
    "utf-16": (VALID.decode().encode("utf-16"), ["made.yaml:1:1: is not UTF-8 text"]),
    "utf-16-without-a-mark": (VALID.decode().encode("utf-16-le"), None),
    "utf-32": (VALID.decode().encode("utf-32"), ["made.yaml:1:1: is not UTF-8 text"]),
    "a-byte-order-mark": (b"\xef\xbb\xbf" + VALID, []),
    "line-endings-of-windows": (VALID.replace(b"\n", b"\r\n"), []),
    "line-endings-of-old-macs": (VALID.replace(b"\n", b"\r"), []),
    "an-archive": (b"PK\x03\x04" + bytes(range(256)), None),
    "a-picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), None),
    "nothing-but-zeros": (bytes(1000), None),
}


@pytest.mark.parametrize("name", MADE)
def test_odd_bytes_are_answered_in_one_line(validate, tmp_path, name):
    data, expected = MADE[name]
    (tmp_path / "made.yaml").write_bytes(data)

    code, *lines = validate(tmp_path / "made.yaml")

    assert code == ("0" if expected == [] else "2")
    assert len(lines) == (0 if expected == [] else 2)
    assert expected is None or lines[:1] == expected


@pytest.mark.parametrize("data", [b"\xff\xfes\x00e\x00x\x00", b"sex,age,value\nmale,0,caf\xe9\n"])
def test_a_table_that_is_no_text_is_answered_in_one_line(validate, tmp_path, data):
    for path in (FILES / "tables").glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "valid.yaml").write_bytes((FILES / "tables" / "valid.yaml").read_bytes())
    (tmp_path / "people.csv").write_bytes(data)

    code, *lines = validate(tmp_path / "valid.yaml")

    assert (code, len(lines)) == ("2", 2)
    assert lines[0].startswith("people.csv")
    assert "UTF-8" in lines[0]
