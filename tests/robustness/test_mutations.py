"""Valid files spoilt at random: whatever comes of them is a scenario, or a list of faults, and comes soon.

A few hundred mutations by default, 10,000 when the environment variable SIM_NIGHTLY is set. Every mutation has a seed
of its own, so one that fails can be tried again alone.
"""

import io
import os
import random
import resource
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from sim.errors import DataError, ScenarioError, SimError
from sim.pipeline import prepare, run

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TABLES = Path(__file__).parent / "files" / "tables"
MOVES = Path(__file__).parent / "files" / "moves"
NIGHTLY = bool(os.environ.get("SIM_NIGHTLY"))
MUTATIONS = 10_000 if NIGHTLY else 300
PARTS = 20
"""The mutations are tried in as many tests, so that they can be shared out over processes."""
LONGEST = 2.0
"""Seconds of computing; twice that for files far larger than any in use."""
MOST_MEMORY = 400_000
"""Growth of the process in kilobytes that a whole part may bring about."""
SCENARIO_FILES = sorted(path.name for path in SCENARIOS.glob("*.yaml"))
TABLE_FILES = ["people.csv", "net.csv", "survival.csv", "fertility.csv", "valid.yaml"]
FIGURES = [b"0", b"-1", b"1e308", b"-1e308", b"1e-320", b"1e400", b"nan", b"99999999999999999999", b"2012", b"0.5"]
FIGURES += [b"1,5", b"1_000", b"010", b"0x10", b"007", b"1e3", b"-0.0", b"2299", b"1700", b"120", b"50", b"null"]
PIECES = [b"\x00", b"\xff", b"\n", b"\t", b": ", b"- ", b"? ", b"[", b"]", b"{", b"}", b"'", b'"', b"|\n", b">\n"]
PIECES += [b"#", b"&a ", b"*a", b"!t ", b"---\n", b"...\n", b"%YAML 1.1\n", b"<<: ", b",", b";", "é".encode(), b"\r"]
PIECES += [b"null", b"true", b"{}", b"[]", b"path: ", b"\\", b"\xef\xbb\xbf", "\u2028".encode(), b"sweep: ", b"table: "]


def flip(data, dice):
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << dice.randrange(8))]) + data[place + 1 :]


def swap_lines(data, dice):
    lines = data.split(b"\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def delete(data, dice):
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.choice([1, 1, 2, 5, 20, 100]) :]


def delete_line(data, dice):
    lines = data.split(b"\n")
    del lines[dice.randrange(len(lines))]
    return b"\n".join(lines)


def duplicate(data, dice):
    start = dice.randrange(len(data))
    part = data[start : start + dice.choice([1, 5, 20, 200])]
    return data[:start] + part * dice.choice([2, 3, 50]) + data[start + len(part) :]


def duplicate_line(data, dice):
    lines = data.split(b"\n")
    lines.insert(dice.randrange(len(lines)), dice.choice(lines))
    return b"\n".join(lines)


def truncate(data, dice):
    return data[: dice.randrange(len(data))]


def change_number(data, dice):
    words = data.replace(b",", b" ").replace(b"}", b" ").replace(b"]", b" ").split()
    numbers = [word for word in words if word[:1].isdigit()]
    if not numbers:
        return data
    old = dice.choice(numbers)
    place = dice.choice([start for start in range(len(data)) if data.startswith(old, start)])
    return data[:place] + dice.choice(FIGURES) + data[place + len(old) :]


def swap_words(data, dice):
    words = data.split(b" ")
    one, other = dice.randrange(len(words)), dice.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return b" ".join(words)


def insert(data, dice):
    place = dice.randrange(len(data))
    return data[:place] + dice.choice(PIECES) + data[place:]


KINDS = [flip, swap_lines, delete, delete_line, duplicate, duplicate_line, truncate, change_number, swap_words, insert]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Copies of the valid files: scenarios of Belgium, and a scenario of tables."""
    belgium, tables = tmp_path_factory.mktemp("belgium"), tmp_path_factory.mktemp("tables")
    for name in SCENARIO_FILES:
        shutil.copy(SCENARIOS / name, belgium)
    for name in TABLE_FILES:
        shutil.copy(TABLES / name, tables)
    return {**dict.fromkeys(SCENARIO_FILES, belgium), **dict.fromkeys(TABLE_FILES, tables)}


def spoilt(data, dice):
    """Data after one to three mutations."""
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        data = dice.choice(KINDS)(data, dice) or b"\n"
    return data


def answer(path):
    """What comes of a scenario file: nothing, or the text of its faults; and the seconds of computing it took."""
    begun = time.process_time()
    try:
        prepare(path)
    except (ScenarioError, DataError) as error:
        return str(error), time.process_time() - begun
    return None, time.process_time() - begun


def try_one(folders, seed):
    """What is wrong with the answer to one mutation; nothing where it is as it should be."""
    dice = random.Random(seed)
    name = dice.choice(SCENARIO_FILES + TABLE_FILES * 2)
    folder = folders[name]
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(spoilt(data, dice))
    path = folder / ("valid.yaml" if name in TABLE_FILES else name)
    try:
        text, seconds = answer(path)
    except Exception as error:
        return f"seed {seed}, {name}: {type(error).__name__}: {error}"[:300]
    finally:
        (folder / name).write_bytes(data)
    if text == "":
        return f"seed {seed}, {name}: an error without a fault"
    return f"seed {seed}, {name}: took {seconds:.1f} s" if seconds > LONGEST else None


@pytest.mark.parametrize("part", range(PARTS))
def test_a_spoilt_file_is_a_scenario_or_a_list_of_faults_and_soon(folders, part):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seeds = range(part, MUTATIONS, PARTS)

    wrong = [found for found in (try_one(folders, seed) for seed in seeds) if found]

    assert wrong == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY


@pytest.fixture
def moving(tmp_path):
    """A copy of the valid scenario of moves, changes and gross flows closed on a balance."""
    for name in ("valid.yaml", "people.csv", "survival.csv", "fertility.csv", "profile.csv"):
        shutil.copy(MOVES / name, tmp_path)
    return tmp_path / "valid.yaml"


@pytest.mark.parametrize("seed", range(2000 if NIGHTLY else 60))
def test_a_spoilt_file_of_movements_is_a_list_of_faults(moving, seed):
    moving.write_bytes(spoilt(moving.read_bytes(), random.Random(seed)))

    text, seconds = answer(moving)

    assert text is None or text
    assert seconds < LONGEST


FIGURES_OF_MOVES = {
    "hazard: 0.02": ["0", "1e308", "1e-320", "50", "0.5", "{path: {2012: 0, 2013: 3}, after: constant}"],
    "hazard: 0.01": ["0", "1e300", "1e-300", "99", "0.5", "0.999"],
    "2012: 200": ["0", "1e12", "1e-300", "1", "199999"],
    "2012: 50": ["0", "1e300", "1e-300", "1", "9000", "20000"],
    "2012: 60": ["0", "-1e300", "1e12", "-3000", "200000", "1e-320"],
    "native: 0.25, foreign: 0.75": ["0, foreign: 1", "1", "1e-320, foreign: 1"],
    "free: immigration": ["emigration"],
}
"""What stands in the scenario of movements, and what may stand after its first colon instead."""


@pytest.mark.parametrize("seed", range(2000 if NIGHTLY else 150))
def test_figures_that_nobody_has_are_projected_or_refused_in_words(moving, seed):
    dice = random.Random(seed)
    data = moving.read_text()
    for stated in dice.sample(sorted(FIGURES_OF_MOVES), dice.choice([1, 2, 3])):
        assert stated in data
        data = data.replace(stated, f"{stated.partition(': ')[0]}: {dice.choice(FIGURES_OF_MOVES[stated])}", 1)
    moving.write_text(data)
    begun = time.process_time()

    try:
        said, fewest = "valid", float(run(moving)["population"].min())
    except SimError as error:
        said, fewest = str(error), 0.0
    assert "valid" in said
    assert fewest >= 0
    assert time.process_time() - begun < 3 * LONGEST


def a_netcdf_table():
    """The table of persons as a netCDF file."""
    import numpy as np
    import xarray as xr

    values = 20_000 + np.arange(132.0).reshape(2, 66)
    array = xr.DataArray(values, {"sex": ["female", "male"], "age": np.arange(66)}, name="value")
    return bytes(array.to_dataset().to_netcdf(engine="h5netcdf"))


# h5netcdf complains of files that it failed to open when they are thrown away
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", range(200 if NIGHTLY else 20))
def test_a_spoilt_netcdf_table_is_a_table_or_a_list_of_faults(tmp_path, seed):
    for name in TABLE_FILES:
        shutil.copy(TABLES / name, tmp_path)
    text = (tmp_path / "valid.yaml").read_text().replace("people.csv", "people.nc")
    (tmp_path / "valid.yaml").write_text(text)
    dice = random.Random(seed)
    data = a_netcdf_table()
    for kind in dice.choices([flip, delete, truncate], [5, 1, 1], k=dice.choice([1, 3, 10])):
        data = kind(data, dice) or b"\n"
    (tmp_path / "people.nc").write_bytes(data)

    _, seconds = answer(tmp_path / "valid.yaml")

    assert seconds < LONGEST


def a_workbook():
    """A file as a spreadsheet program stores it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<sheet>" + "<row/>" * 1000 + "</sheet>")
    return buffer.getvalue()


ODD_TABLES = {
    "a quote that is never closed": b'"sex,age,value\n' + b"female,0,20000\n" * 10_000,
    "a cell of a million letters": b"sex,age,value\nfemale,0," + b"9" * 1_000_000 + b"\n",
    "a million commas": b"sex,age,value\n" + b"," * 1_000_000,
    "a hundred thousand columns": b",".join(b"c%d" % place for place in range(100_000)) + b"\n",
    "a hundred thousand faults": b"sex,age,value\n" + b"X,999,many\n" * 100_000,
    "a nul": b"sex,age,value\nfemale,0,20\x00000\n",
    "nothing but zeros": bytes(100_000),
    "a workbook": a_workbook(),
}


@pytest.mark.parametrize("name", ODD_TABLES)
def test_an_odd_table_is_a_list_of_faults(tmp_path, name):
    for file in TABLE_FILES:
        shutil.copy(TABLES / file, tmp_path)
    (tmp_path / "people.csv").write_bytes(ODD_TABLES[name])

    text, seconds = answer(tmp_path / "valid.yaml")

    assert text
    assert len(text) < 20_000
    assert seconds < 2 * LONGEST


GRID = "".join(f"  a{axis}: {{{', '.join(f'v{place}: {{}}' for place in range(10))}}}\n" for axis in range(9))
UNKNOWN = "".join(f"  - {{indicator: births, year: 2013, value: 1, source: z{n}-abcdefgh}}\n" for n in range(2000))
LISTED = "".join(f"  k{n}-abcdefgh: text\n" for n in range(2000))
SWEEP = "based_on: zero-migration\nsweep: "
ODD_SCENARIOS = [
    pytest.param(f"based_on: zero-migration\nsweep:\n{GRID}", id="a grid of a thousand million"),
    pytest.param(f"based_on: zero-migration\nsources:\n{LISTED}published:\n{UNKNOWN}", id="sources"),
    pytest.param("based_on: zero-migration\n" + "".join(f"key{n}: 1\n" for n in range(2000)), id="unknown keys"),
    pytest.param(f"based_on: {'a' * 300}\n", id="a base with a name that no file can have"),
    pytest.param(f"{SWEEP}{{a: {{b: {{period.end: 2050}}, c: {{}}}}}}\n", id="years that differ"),
    pytest.param(f"{SWEEP}{{a: {{b: {{ages.open: 100}}, c: {{}}}}}}\n", id="ages that differ"),
    pytest.param(f"{SWEEP}{{a: {{a: {{}}, a_b: {{}}}}, b: {{b_c: {{}}, c: {{}}}}}}\n", id="same names"),
]


@pytest.mark.parametrize("text", ODD_SCENARIOS)
def test_an_odd_scenario_is_a_list_of_faults_and_soon(tmp_path, text):
    for file in SCENARIO_FILES:
        shutil.copy(SCENARIOS / file, tmp_path)
    (tmp_path / "odd.yaml").write_text(f"name: odd\n{text}")

    text, seconds = answer(tmp_path / "odd.yaml")

    assert text
    assert seconds < 2 * LONGEST


def test_a_netcdf_table_of_texts_is_a_list_of_faults(tmp_path):
    import xarray as xr

    for file in TABLE_FILES:
        shutil.copy(TABLES / file, tmp_path)
    text = (tmp_path / "valid.yaml").read_text().replace("people.csv", "people.nc")
    (tmp_path / "valid.yaml").write_text(text)
    array = xr.DataArray([["many"] * 66] * 2, {"sex": ["female", "male"], "age": range(66)}, name="value")
    array.to_dataset().to_netcdf(tmp_path / "people.nc", engine="h5netcdf")

    text, _ = answer(tmp_path / "valid.yaml")

    assert text
