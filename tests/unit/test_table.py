"""Tidy tables: what they hold, and each mistake in them."""

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import DataError, ScenarioError
from sim.readers.table import MOST_FAULTS, Quantity, fingerprint, locate, read_table

AXES = {
    "year": range(2012, 2014),
    "region": ("BE1", "BE2"),
    "group": ("belgian", "foreign"),
    "sex": ("female", "male"),
    "age": range(4),
}
ANY = Quantity("test value")
PERSONS = Quantity("number of persons", low=0)
RATIO = Quantity("survival ratio", low=0, high=1)


@pytest.fixture
def table(tmp_path):
    """Read a table of some text."""

    def read(text, axes=AXES, quantity=ANY, **options):
        (tmp_path / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(tmp_path / "t.csv", axes, quantity, **options)

    return read


@pytest.fixture
def faults(table):
    """Faults of a table, as they are printed."""

    def found(text, *more, **options):
        with pytest.raises(ScenarioError) as caught:
            table(text, *more, **options)
        return str(caught.value).splitlines()

    return found


def rows(*columns, axes=AXES, value=lambda *labels: 1.0):
    """Lines of a complete table with some columns."""
    lines = [()]
    for column in columns:
        lines = [(*line, label) for line in lines for label in axes[column]]
    return [",".join(map(str, (*line, value(*line)))) for line in lines]


def csv(*columns, **options):
    """Text of a complete table with some columns."""
    return "\n".join([",".join((*columns, "value")), *rows(*columns, **options)]) + "\n"


def test_a_table_with_all_columns_fills_every_cell_in_its_place(table):
    number = iter(range(64))

    read = table(csv(*AXES, value=lambda *labels: next(number)))

    np.testing.assert_array_equal(read.values, np.arange(64.0).reshape(2, 2, 2, 2, 4))
    assert read.present == tuple(AXES)


@pytest.mark.parametrize("columns", [("age",), ("sex",), ("year", "age"), ("region", "group"), ("group", "sex", "age")])
def test_a_missing_column_becomes_an_axis_of_length_one(table, columns):
    number = iter(range(64))

    read = table(csv(*columns, value=lambda *labels: next(number)))

    shape = tuple(len(AXES[name]) if name in columns else 1 for name in AXES)
    assert read.values.shape == shape
    np.testing.assert_array_equal(read.values.ravel(), np.arange(math.prod(shape)))


def test_a_table_without_columns_is_one_value(table):
    assert table("value\n0.25\n").values.tolist() == [[[[[0.25]]]]]


def test_the_order_of_columns_does_not_matter(table):
    read = table(
        "value,age,sex\n" + "".join(f"{10 * (s == 'male') + a},{a},{s}\n" for a in range(4) for s in AXES["sex"])
    )

    np.testing.assert_array_equal(read.values[0, 0, 0], [[0, 1, 2, 3], [10, 11, 12, 13]])


@given(order=st.permutations(range(8)))
def test_the_order_of_rows_does_not_matter(tmp_path_factory, order):
    lines = [f"{sex},{age},{age + 10 * (sex == 'male')}" for sex in AXES["sex"] for age in AXES["age"]]
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_text("\n".join(["sex,age,value", *(lines[place] for place in order)]))

    read = read_table(path, AXES, ANY)

    np.testing.assert_array_equal(read.values[0, 0, 0], [[0, 1, 2, 3], [10, 11, 12, 13]])


def test_blanks_around_cells_and_blank_lines_are_passed_over(table):
    read = table(" age , value \n 0, 1\n1 ,2\n\n2,3 \n3,4\n\n")

    np.testing.assert_array_equal(read.values.ravel(), [1, 2, 3, 4])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_of_any_system_are_read(table, ending):
    assert table(csv("age").replace("\n", ending)).values.size == 4


def test_years_that_are_not_wanted_are_passed_over(table):
    read = table("year,value\n1990,-1\n2012,1\n2013,2\n2050,-2\n", quantity=PERSONS)

    np.testing.assert_array_equal(read.values.ravel(), [1, 2])


def test_a_year_that_is_no_year_is_not_passed_over(faults):
    assert faults("year,value\n2012,1\n2013,1\ntotal,2\n") == ["t.csv:4:1: year: 'total' is not one of 2012 to 2013"]


def test_another_fault_in_a_row_of_an_unwanted_year_is_told(faults):
    assert faults("year,sex,value\n1990,X,1\n" + "\n".join(rows("year", "sex"))) == [
        "t.csv:2:1: sex: 'X' is not one of female, male"
    ]


def test_the_first_missing_cell_is_named_and_all_are_counted(faults):
    lines = rows("year", "sex", "age")
    kept = [line for line in lines if not line.startswith(("2012,male,2", "2012,male,3", "2013,female,0"))]

    assert faults("\n".join(["year,sex,age,value", *kept])) == [
        "t.csv: no value for year 2012, sex male, age 2; 3 cells are missing in all"
    ]


def test_a_table_with_nothing_but_a_header_misses_every_cell(faults):
    assert faults("sex,age,value\n") == ["t.csv: no value for sex female, age 0; 8 cells are missing in all"]
    assert faults("value\n") == ["t.csv: no value for the only cell"]


def test_a_row_that_stands_twice_is_told_with_its_line(faults):
    assert faults(csv("sex", "age") + "male,2,1.0\n") == [
        "t.csv:10:1: a second value for sex male, age 2; the table has no column 'year' or 'region' or 'group'"
    ]


def test_an_unknown_column_is_told_with_those_allowed(faults):
    assert faults("sex,alter,value\nmale,1,1\n") == [
        "t.csv:1:1: alter: 'alter' is no column of this table; allowed are: year, region, group, sex, age, value"
    ]


@pytest.mark.parametrize(
    ("column", "label", "allowed"),
    [
        ("sex", "X", "female, male"),
        ("sex", "Female", "female, male"),
        ("region", "BE3", "BE1, BE2"),
        ("group", "alien", "belgian, foreign"),
        ("age", "4", "0 to 3"),
        ("age", "-1", "0 to 3"),
        ("age", "3+", "0 to 3; write the open age as 3"),
        ("age", "1.5", "0 to 3"),
        ("age", "", "0 to 3"),
    ],
)
def test_an_unknown_label_is_told_with_those_allowed(faults, column, label, allowed):
    assert faults(f"{csv(column)}{label},1\n") == [
        f"t.csv:{len(AXES[column]) + 2}:1: {column}: '{label}' is not one of {allowed}"
    ]


@pytest.mark.parametrize("text", ["n/a", "", "1,5e", "1 000", "nan", "inf", "-inf", "1e999", "12.5%", "0x10"])
def test_a_value_that_is_no_finite_number_is_refused(faults, text):
    assert faults(f'age,value\n0,1\n1,"{text}"\n2,1\n3,1\n') == [
        f"t.csv:3:1: value: '{text}' is not a number; write it with a decimal point and no separators"
    ]


@pytest.mark.parametrize("text", ["1_000", "١٢"])
def test_a_number_is_written_with_plain_digits(faults, text):
    assert len(faults(f"age,value\n0,1\n1,{text}\n2,1\n3,1\n")) == 1


@pytest.mark.parametrize(
    ("quantity", "text", "allowed"),
    [
        (PERSONS, "-1", "0 or more"),
        (RATIO, "1.0001", "0 to 1"),
        (RATIO, "-0.1", "0 to 1"),
        (RATIO, "99.5", "0 to 1; is it a percentage?"),
    ],
)
def test_a_value_out_of_range_is_told_with_the_range(faults, quantity, text, allowed):
    assert faults(f"age,value\n0,1\n1,{text}\n2,1\n3,1\n", quantity=quantity) == [
        f"t.csv:3:1: value: {text} cannot be a {quantity.name}; allowed are {allowed}"
    ]


@pytest.mark.parametrize("value", ["0", "1", "-0.0", "1e-300"])
def test_the_ends_of_a_range_are_allowed(table, value):
    assert table(f"value\n{value}\n", quantity=RATIO).values.size == 1


@pytest.mark.parametrize(("row", "columns"), [("male,1", 2), ("male,1,2,3", 4), ("male", 1)])
def test_a_row_with_another_number_of_columns_is_refused(faults, row, columns):
    assert faults(f"sex,age,value\nmale,0,1\n{row}\n") == [
        f"t.csv:3:1: has {columns} columns, the header 3; numbers take a decimal point, no commas"
    ]


@pytest.mark.parametrize("header", ["sex,age", "", "sex,age,value,value", "sex,sex,value", "age,Value"])
def test_a_header_names_each_column_once_and_one_is_value(faults, header):
    (fault,) = faults(f"{header}\nmale,1,1\n")

    assert fault == f"t.csv:1:1: the first line names each column once, one of them 'value'; it is: {header}"


def test_semicolons_are_told(faults):
    assert faults("sex;age;value\nmale;1;1\n") == [
        "t.csv:1:1: columns are parted by semicolons; save the table with commas (and decimal points)"
    ]


def test_an_empty_file_is_refused(faults):
    assert len(faults("")) == 1


def test_a_byte_order_mark_is_accepted(table):
    assert table(b"\xef\xbb\xbf" + csv("age").encode()).values.size == 4


def test_text_that_is_not_utf_8_is_refused(faults):
    assert faults(b"age,value\n0,\xe9\n") == ["t.csv: is not UTF-8 text; save it as CSV in UTF-8"]


def test_an_unknown_label_is_told_once(faults):
    assert faults("age,value\n" + "x,1\n" * 5 + "0,1\n") == ["t.csv:2:1: age: 'x' is not one of 0 to 3"]


def test_many_faults_are_cut_short_and_counted(faults):
    found = faults("age,value\n" + "".join(f"x{row},1\n" for row in range(MOST_FAULTS + 7)))

    assert len(found) == MOST_FAULTS + 1
    assert found[0].startswith("t.csv:2:1: age: 'x0'")
    assert "and 7 more before this line" in found[-1]


def test_all_faults_are_told_at_once_in_order_of_line(faults):
    found = faults("sex,age,value\nmale,0,-1\nX,1,1\nmale,9,1\nmale,2,much\n", quantity=PERSONS)

    assert [fault.split(": ")[:2] for fault in found] == [
        ["t.csv:2:1", "value"],
        ["t.csv:3:1", "sex"],
        ["t.csv:4:1", "age"],
        ["t.csv:5:1", "value"],
    ]


def test_a_netcdf_table_equals_the_csv_table(table, tmp_path):
    shape = tuple(map(len, AXES.values()))
    numbers = np.random.default_rng(1).uniform(0, 1, shape)
    array = xr.DataArray(numbers, coords={name: list(labels) for name, labels in AXES.items()}, name="value")
    cells = iter(numbers.ravel().tolist())

    array.transpose("age", ...).to_dataset().to_netcdf(tmp_path / "t.nc", engine="h5netcdf")
    of_netcdf = read_table(tmp_path / "t.nc", AXES, RATIO)

    np.testing.assert_array_equal(of_netcdf.values, table(csv(*AXES, value=lambda *labels: repr(next(cells)))).values)
    np.testing.assert_array_equal(of_netcdf.values, numbers)


def test_a_hole_in_a_netcdf_table_is_a_fault(tmp_path):
    xr.DataArray([1.0, math.nan, 3, 4], {"age": range(4)}, name="value").to_netcdf(tmp_path / "t.nc", engine="h5netcdf")

    with pytest.raises(ScenarioError, match="nan"):
        read_table(tmp_path / "t.nc", AXES, ANY)


@pytest.mark.parametrize("data", [b"", b"not netcdf", b"CDF\x01\x00\x00\x00\x00"])
def test_a_file_that_is_no_netcdf_is_refused(tmp_path, data):
    (tmp_path / "t.nc").write_bytes(data)

    with pytest.raises(ScenarioError) as caught:
        read_table(tmp_path / "t.nc", AXES, ANY)

    assert str(caught.value) == "t.nc: is not a netCDF-4 file with a variable 'value'"


def test_a_netcdf_file_without_the_variable_is_refused(tmp_path):
    xr.Dataset({"values": ("age", np.ones(4))}).to_netcdf(tmp_path / "t.nc", engine="h5netcdf")

    with pytest.raises(ScenarioError, match="is not a netCDF-4 file with a variable 'value'"):
        read_table(tmp_path / "t.nc", AXES, ANY)


def test_ages_outside_those_of_a_fertility_table_are_zero(table):
    axes = {"sex": AXES["sex"], "age": range(50)}

    read = table("age,value\n" + "".join(f"{age},0.1\n" for age in range(15, 45)), axes, partial_ages=True)

    np.testing.assert_array_equal(read.values[0], [0.0] * 15 + [0.1] * 30 + [0.0] * 5)


def test_a_gap_inside_a_fertility_table_is_a_fault(faults):
    text = "age,value\n" + "".join(f"{age},0.1\n" for age in range(15, 45) if age != 30)

    assert faults(text, {"age": range(50)}, partial_ages=True) == ["t.csv: no value for age 30"]


def test_a_year_with_fewer_ages_than_another_is_a_fault_of_a_fertility_table(faults):
    text = "year,age,value\n2012,1,1\n2012,2,1\n2013,2,1\n"

    assert faults(text, partial_ages=True) == ["t.csv: no value for year 2013, age 1"]


def test_missing_ages_of_any_other_table_are_a_fault(faults):
    assert faults("age,value\n1,1\n2,1\n") == ["t.csv: no value for age 0; 2 cells are missing in all"]


def test_a_fertility_table_without_rows_is_a_fault(faults):
    assert faults("age,value\n", partial_ages=True)


# From one label to another

PLACES = ["a", "b", "c"]
FROM_TO = {"year": range(2012, 2014), "origin": PLACES, "destination": PLACES, "sex": ["female", "male"]}
APART = ("origin", "destination")


def pairs(*more, between=lambda one, other: one != other):
    """Rows of all pairs of places that belong together."""
    lines = [f"{one},{other},{index}" for index, (one, other) in enumerate(
        (one, other) for one in PLACES for other in PLACES if between(one, other))]  # fmt: skip
    return "\n".join(["origin,destination,value", *lines, *more, ""])


def test_cells_from_a_place_to_itself_may_be_missing_and_are_zero(table):
    values = table(pairs(), FROM_TO, apart=APART).values

    assert values.shape == (1, 3, 3, 1)
    np.testing.assert_array_equal(values[0, :, :, 0], [[0, 0, 1], [2, 0, 3], [4, 5, 0]])


def test_cells_from_a_place_to_itself_may_be_there_as_zeros(table):
    given = table(pairs("a,a,0", "b,b,0.0", "c,c,-0"), FROM_TO, apart=APART).values

    np.testing.assert_array_equal(given, table(pairs(), FROM_TO, apart=APART).values)


def test_some_from_a_place_to_itself_are_a_fault_that_names_the_place(faults):
    assert faults(pairs("b,b,0.5"), FROM_TO, apart=APART) == [
        "t.csv: origin and destination are both b; nobody goes from there to there"
    ]


def test_any_other_missing_pair_is_a_fault(faults):
    text = pairs(between=lambda one, other: one != other and (one, other) != ("b", "c"))

    assert faults(text, FROM_TO, apart=APART) == ["t.csv: no value for origin b, destination c"]


def test_cells_from_a_place_to_itself_are_zero_in_every_year_and_whatever_the_order_of_columns(table):
    lines = [
        f"{sex},{other},{year},{one},{1 + (sex == 'male')}"
        for sex in FROM_TO["sex"]
        for other in PLACES
        for year in FROM_TO["year"]
        for one in PLACES
        if one != other
    ]

    values = table("\n".join(["sex,destination,year,origin,value", *lines]), FROM_TO, apart=APART).values

    expected = (1 - np.eye(3))[None, :, :, None] * np.array([1, 2])
    np.testing.assert_array_equal(values, np.broadcast_to(expected, (2, 3, 3, 2)))


def test_a_table_by_origin_alone_is_read_as_it_is(table):
    assert table("origin,value\na,1\nb,2\nc,3\n", FROM_TO, apart=APART).values.shape == (1, 3, 1, 1)


# Steps of several years

STEPS = {"year": range(2000, 2015, 5), "age": range(0, 15, 5)}


def test_a_table_names_the_first_year_and_age_of_each_step(table):
    text = "year,age,value\n" + "".join(f"{y},{a},{y + a}\n" for y in range(1990, 2030, 5) for a in (0, 5, 10))

    np.testing.assert_array_equal(table(text, STEPS).values, [[y + a for a in (0, 5, 10)] for y in (2000, 2005, 2010)])


def test_a_year_within_a_step_is_a_fault_and_one_outside_is_passed_over(faults, table):
    text = "year,value\n" + "".join(f"{year},1\n" for year in (1999, 2000, 2005, 2010, 2015, 2016))

    assert table(text, STEPS).values.shape == (3, 1)
    (fault,) = faults(text + "2007,1\n", STEPS)
    assert fault.startswith("t.csv:8:1: year: '2007' ")


def test_an_age_within_a_group_is_a_fault(faults):
    (fault,) = faults("age,value\n0,1\n5,1\n10,1\n7,1\n", STEPS)

    assert fault.startswith("t.csv:5:1: age: '7' ")


# Where tables may be


@pytest.fixture
def scenario_folder(tmp_path):
    """A folder with a table in it, and one beside it."""
    folder = tmp_path / "scenarios"
    (folder / "sub").mkdir(parents=True)
    for path in (folder / "t.csv", folder / "sub" / "t.csv", tmp_path / "outside.csv"):
        path.write_text("value\n1\n")
    return folder


@pytest.mark.parametrize("name", ["t.csv", "sub/t.csv", "./t.csv", "sub/../t.csv"])
def test_a_table_in_the_folder_is_found(scenario_folder, name):
    assert locate(scenario_folder, name).read_text() == "value\n1\n"


@pytest.mark.parametrize(
    "name", ["../outside.csv", "sub/../../outside.csv", "/etc/passwd", "..", "./../outside.csv", "//etc/passwd"]
)
def test_a_table_outside_the_folder_is_refused(scenario_folder, name):
    with pytest.raises(ValueError, match="lies outside the folder of the scenario"):
        locate(scenario_folder, name)


def test_an_absolute_path_is_refused_even_inside_the_folder(scenario_folder):
    with pytest.raises(ValueError, match="lies outside the folder of the scenario"):
        locate(scenario_folder, str(scenario_folder / "t.csv"))


def test_a_link_that_leads_out_is_refused(scenario_folder):
    (scenario_folder / "link.csv").symlink_to("../outside.csv")
    (scenario_folder / "folder").symlink_to("..")

    for name in ("link.csv", "folder/outside.csv"):
        with pytest.raises(ValueError, match="lies outside the folder of the scenario"):
            locate(scenario_folder, name)


def test_a_link_within_the_folder_is_followed(scenario_folder):
    (scenario_folder / "link.csv").symlink_to("sub/t.csv")

    assert locate(scenario_folder, "link.csv") == scenario_folder / "sub" / "t.csv"


@pytest.mark.parametrize("name", ["no.csv", "sub", "~/t.csv", "$HOME/t.csv", "http://example.org/t.csv", "t.csv\\"])
def test_what_is_no_file_of_the_folder_is_missing(scenario_folder, name):
    with pytest.raises(DataError, match="there is no table"):
        locate(scenario_folder, name)


def test_the_fingerprint_is_that_of_the_bytes(scenario_folder):
    before = fingerprint(scenario_folder / "t.csv")

    assert before == fingerprint(scenario_folder / "sub" / "t.csv")
    (scenario_folder / "t.csv").write_text("value\n1.0\n")
    assert before != fingerprint(scenario_folder / "t.csv")
