"""Sessions of larray hold results, and give them back exactly."""

import sys
import warnings
from pathlib import Path

import larray
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import sim
from sim import cli
from sim.analysis.export import from_larray, larray_file, to_larray
from sim.errors import DataError

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GALLERY = sorted([*SCENARIOS.glob("*.yaml"), *(SCENARIOS / "editions").glob("*.yaml")])
DIMENSIONS = ("scenario", "year", "region", "age")
LABELS = {
    "int64": st.integers(-(2**40), 2**40),
    "int8": st.integers(-128, 127),
    "float64": st.floats(allow_nan=False),
    "U": st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=6),
    "O": st.text("ab=é", max_size=3),
}
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["units", "long_name", "comment", "scale"]),
    TEXTS | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False),
    max_size=3,
)
TYPES = ("float64", "float32", "int64", "int8", "uint16", "bool", "U4", "complex128")


def same(found, expected):
    """Whether two Datasets are alike to the type of every label, and in the same order."""
    xr.testing.assert_identical(found, expected)
    assert list(found.data_vars) == list(expected.data_vars)
    assert list(found.coords) == list(expected.coords)
    for name in expected.variables:
        assert found[name].dtype == expected[name].dtype
        assert found[name].dims == expected[name].dims
        assert not np.shares_memory(found[name].values, expected[name].values)


@st.composite
def datasets(draw):
    """Datasets of any shape, with labels, values and attributes of many types."""
    sizes = {name: draw(st.integers(0, 3)) for name in DIMENSIONS}
    coords = {}
    for name, size in sizes.items():
        kind = draw(st.sampled_from([*LABELS, "none"]))
        if kind != "none":
            labels = draw(st.lists(LABELS[kind], min_size=size, max_size=size, unique=True))
            coords[name] = (name, np.array(labels, dtype=kind), draw(ATTRIBUTES))

    def variable():
        dims = draw(st.lists(st.sampled_from(DIMENSIONS), unique=True))
        values = draw(arrays(draw(st.sampled_from(TYPES)), tuple(sizes[name] for name in dims)))
        return tuple(dims), values, draw(ATTRIBUTES)

    coords |= {name: variable() for name in draw(st.sets(st.sampled_from(["title", "case unit"])))}
    variables = {name: variable() for name in draw(st.sets(st.sampled_from(["births", "deaths", "x y"]), min_size=1))}
    return xr.Dataset(variables, coords=coords, attrs=draw(ATTRIBUTES))


@given(datasets())
def test_a_dataset_comes_back_from_a_session_as_it_was(dataset):
    unlabelled = {name for name in dataset.dims if name not in dataset.coords}
    session = to_larray(dataset)

    assert {axis.name for axis in session.filter(kind=larray.Axis).values()} == set(dataset.dims) - unlabelled
    used = {name for values in dataset.variables.values() for name in values.dims}
    assert used == set(dataset.dims)
    same(from_larray(session), dataset)


@given(datasets())
def test_a_session_comes_back_from_a_dataset_as_it_was(dataset):
    session = to_larray(dataset)

    again = to_larray(from_larray(session))

    assert again.keys() == session.keys()
    assert dict(again.meta) == dict(session.meta)
    for name, found in session.items():
        assert found.equals(again[name]) or found.data.dtype.kind in "fc"


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_every_scenario_of_the_gallery_comes_back(path):
    result = sim.run(path)

    same(from_larray(to_larray(result)), result)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("planbureau-2013", 2014),
        ("belgium-regions", 2013),
        ("belgium-motives", 2013),
        ("belgium-asylum-files", 2010),
        ("belgium-family-law", 2012),
        ("belgium-stays", 2017),
        ("planbureau-2013-sensitivity", 2013),
    ],
)
def test_a_result_comes_back_from_a_file(tmp_path, name, end):
    result = sim.run(SCENARIOS / f"{name}.yaml", changes=[f"period.end={end}"])
    (tmp_path / "run.h5").write_bytes(larray_file(result))

    found = from_larray(opened(tmp_path / "run.h5"))

    xr.testing.assert_identical(found, result)
    assert {key: found[key].dtype for key in found.variables} == {key: result[key].dtype for key in result.variables}


def opened(file):
    """Session of a file, without the warnings that larray leaves to others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return larray.Session(file)


@pytest.fixture(scope="module")
def result():
    return sim.run(SCENARIOS / "belgium-regions.yaml", changes=["period.end=2014"])


def test_a_user_of_larray_finds_people_by_their_labels(result):
    session = to_larray(result)

    women = session.population[2014, "BE1", "foreign", "female"].sum("age")
    expected = result["population"].sel(year=2014, region="BE1", group="foreign", sex="female").sum()
    assert women == pytest.approx(float(expected), rel=1e-14)
    assert session.population.axes.names == list(result["population"].dims)
    assert session.meta.title == result.attrs["title"]
    assert session.deaths.meta.long_name == result["deaths"].attrs["long_name"]
    assert session.age.labels.dtype == np.int64


def test_nothing_is_shared_with_a_session(result):
    session = to_larray(result)
    before, back = result.copy(deep=True), from_larray(session)

    session.population[:] = 0
    session.age.labels[:] = 0

    xr.testing.assert_identical(result, before)
    xr.testing.assert_identical(back, before)


def test_a_session_made_elsewhere_becomes_a_dataset():
    people = larray.Array([[1, 2], [3, 4]], "sex=female,male;year=2012,2013")
    session = larray.Session([("people", people), ("grades", larray.Array([1.5, 2.5], larray.Axis(2, "grade")))])

    found = from_larray(session)

    assert list(found.coords) == ["sex", "year"]
    assert int(found["people"].sel(sex="male", year=2012)) == 3
    assert found["grades"].values.tolist() == [1.5, 2.5]
    assert found.attrs == {}


def broken_session(what):
    """A Session that no Dataset can be."""
    people = larray.Array([1, 2], "sex=female,male")
    return {
        "group": larray.Session([("people", people), ("women", people.axes[0]["female"])]),
        "renamed": larray.Session([("gender", people.axes[0])]),
        "nameless": larray.Session([("people", larray.Array([1, 2]))]),
        "other labels": larray.Session([("people", people), ("others", larray.Array([1, 2], "sex=male,female"))]),
        "no json": larray.Session([("people", people)], meta=larray.Metadata(coordinates="none")),
        "a list": larray.Session([("people", people)], meta=larray.Metadata(coordinates="[]")),
        "a number": larray.Session([("people", people)], meta=larray.Metadata(coordinates=1)),
    }[what]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("group", "'women' is of type LGroup; a Dataset holds arrays, and axes under their own names"),
        ("renamed", "'gender' is of type Axis; a Dataset holds arrays, and axes under their own names"),
        ("nameless", "an axis of 'people' has no name; give it one with set_axes or rename"),
        ("other labels", "the axis 'sex' of 'others' has other labels than that of 'people'"),
        ("no json", "the metadata 'coordinates' are not those that to_larray writes; rename or remove them"),
        ("a list", "the metadata 'coordinates' are not those that to_larray writes; rename or remove them"),
        ("a number", "the metadata 'coordinates' are not those that to_larray writes; rename or remove them"),
    ],
)
def test_what_no_dataset_can_hold_is_refused(what, message):
    with pytest.raises(DataError) as caught:
        from_larray(broken_session(what))
    assert str(caught.value) == message


def test_what_a_session_cannot_keep_is_refused(result):
    with pytest.raises(DataError, match="the attribute 'coordinates' cannot be kept"):
        to_larray(result.assign_attrs(coordinates="x"))
    with pytest.raises(
        DataError, match="the attribute 'bounds' of 'age' cannot be kept: it is neither text nor a number"
    ):
        to_larray(result.assign_coords(age=result["age"].assign_attrs(bounds=[1, 2])))


@pytest.mark.parametrize("count", [1, 500])
def test_what_a_file_cannot_keep_is_refused_and_what_it_can_is_kept(result, tmp_path, count):
    small = result[["births"]]
    small.attrs = {f"{number:03d}": "é" * (15_000 // count) for number in range(count)}
    larger = small.assign_attrs({f"{number:03d}": "é" * (36_000 // count) for number in range(count)})

    (tmp_path / "run.h5").write_bytes(larray_file(small))
    xr.testing.assert_identical(from_larray(opened(tmp_path / "run.h5")), small)
    with pytest.raises(DataError, match=r"the attributes of the result take \d\d,\d\d\d bytes; .* at most 64,000"):
        larray_file(larger)
    with pytest.raises(DataError, match=r"the attributes of births take"):
        larray_file(small.assign(births=small["births"].assign_attrs(larger.attrs)))


def test_names_of_attributes_take_room_too(result):
    many = result[["births"]].drop_attrs().assign_attrs({f"{number:03d}": "é" * 50 for number in range(500)})

    with pytest.raises(DataError, match="the attributes of the result take"):
        larray_file(many)


@pytest.mark.parametrize(("missing", "call"), [("larray", to_larray), ("tables", larray_file)])
def test_a_missing_library_is_named_with_what_brings_it(result, monkeypatch, missing, call):
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(DataError) as caught:
        call(result)
    assert str(caught.value) == f"this needs {missing}, which is not installed: pip install 'saldo[larray]'"


def test_the_command_writes_a_file_that_larray_opens(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", *map(str, arguments)])
        return cli._call(), *capsys.readouterr()

    call("run", SCENARIOS / "belgium-2012.yaml", "--set", "period.end=2013", "--no-plots", "--quiet")
    code, out, err = call("export", "belgium-2012", "--to", "run.h5")

    assert (code, out, err) == (0, "run.h5\n", "")
    expected = sim.run(SCENARIOS / "belgium-2012.yaml", changes=["period.end=2013"])
    xr.testing.assert_identical(from_larray(opened("run.h5")), expected)
