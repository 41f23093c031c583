"""What is read from YAML, where it stood, and what is refused."""

import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.yamlfile import DEEPEST, LARGEST_FILE, Place, parse_yaml, read_yaml

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BOUNDED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def value_of(text):
    """What ``a: text`` holds."""
    return parse_yaml(f"a: {text}\n", "f.yaml").plain()["a"]


def faults_of(text):
    """Faults of a text, as they are printed."""
    with pytest.raises(ScenarioError) as caught:
        parse_yaml(text, "f.yaml")
    return [str(fault) for fault in caught.value.faults]


def faults_of_bytes(folder, data):
    """Faults of a file, as they are printed."""
    (folder / "f.yaml").write_bytes(data)
    with pytest.raises(ScenarioError) as caught:
        read_yaml(folder / "f.yaml", "f.yaml")
    return [str(fault) for fault in caught.value.faults]


def test_every_value_and_key_remembers_its_line_and_column():
    text = "# first line\nperiod: {start: 2012, end: 2060}\nmigration:\n  balance:\n    path:\n      2012: 1.5\n"

    tree = parse_yaml(text, "f.yaml")

    assert tree.place_of(("period",)) == Place("f.yaml", 2, 9)
    assert tree.place_of(("period", "end")) == Place("f.yaml", 2, 28)
    assert tree.place_of(("period", "end"), of_key=True) == Place("f.yaml", 2, 23)
    assert tree.place_of(("migration", "balance", "path", 2012)) == Place("f.yaml", 6, 13)
    assert tree.place_of(("migration", "balance", "path", 2012), of_key=True) == Place("f.yaml", 6, 7)


def test_items_of_a_list_have_places():
    tree = parse_yaml("published:\n  - {value: 1}\n  - value: 2\n", "f.yaml")

    assert tree.place_of(("published", 0, "value")) == Place("f.yaml", 2, 13)
    assert tree.place_of(("published", 1)) == Place("f.yaml", 3, 5)


def test_the_place_of_something_missing_is_that_of_what_holds_it():
    tree = parse_yaml("a: 1\nperiod:\n  start: 2012\n", "f.yaml")

    assert tree.place_of(("period", "end"), of_key=True) == Place("f.yaml", 2, 1)
    assert tree.place_of(("nothing", "there")) == Place("f.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", -31),
        ("1e6", 1e6),
        ("12.1e6", 12.1e6),
        (".5", 0.5),
        ("62_000", 62000),
        ("12:30", "12:30"),
        ("2011-09-22", "2011-09-22"),
        ("~", None),
        ("null", None),
        ("", None),
        ('"2012"', "2012"),
        ("47,000", "47,000"),
        ("47 000", "47 000"),
        ("47.000", 47.0),
        ("é", "é"),
        ("1" * 40, int("1" * 40)),
    ],
)
def test_scalars_follow_yaml_1_2(text, value):
    found = value_of(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["-0.0", "-.0", "-0_0.0", "-0e0"])
def test_minus_zero_is_zero(text):
    assert str(value_of(text)) == "0.0"


def test_quoted_years_are_the_same_keys_as_unquoted_ones():
    tree = parse_yaml("\"2012\": 1\n'2013': 2\n2014: 3\n", "f.yaml")

    assert tree.plain() == {2012: 1, 2013: 2, 2014: 3}


@pytest.mark.parametrize("text", ["2030: 1\n\n2030: 2\n", '2030: 1\n\n"2030": 2\n', "'2030': 1\n\n02030: 2\n"])
def test_a_key_that_stands_twice_is_named_with_both_lines(text):
    assert faults_of(text) == ["f.yaml:3:1: 2030: stands twice in one mapping; the first is on line 1"]


def test_all_keys_that_stand_twice_are_reported():
    faults = faults_of("a: 1\nb: {c: 1, c: 2}\na: 2\n")

    assert [fault.split(": ")[:2] for fault in faults] == [["f.yaml:2:11", "c"], ["f.yaml:3:1", "a"]]


def test_the_same_key_in_two_mappings_is_no_fault():
    assert parse_yaml("a: {c: 1}\nb: {c: 2}\n", "f.yaml").plain() == {"a": {"c": 1}, "b": {"c": 2}}


ANCHORS = "anchors and aliases (& and *) are not read; use based_on"
TAGS = "tags (!) are not read"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x 1\nb: *x\n", f"f.yaml:1:4: {ANCHORS}"),
        ("a: 1\nb: *nowhere\n", f"f.yaml:2:4: {ANCHORS}"),
        ("a: 1\nb: &x {c: 1}\n", f"f.yaml:2:4: {ANCHORS}"),
        ("a: 1\nb: &x\n  - c\n", f"f.yaml:2:4: {ANCHORS}"),
        ("&x a: 1\n", f"f.yaml:1:1: {ANCHORS}"),
        ("a: !!python/object/apply:os.system [x]\n", f"f.yaml:1:4: {TAGS}"),
        ("a: 1\nb: !mine 3\n", f"f.yaml:2:4: {TAGS}"),
        ("a: ! 3\n", f"f.yaml:1:4: {TAGS}"),
        ("!!map {a: 1}\n", f"f.yaml:1:1: {TAGS}"),
        ("!!str a: 1\n", f"f.yaml:1:1: {TAGS}"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document starts here; a file holds one scenario"),
        ("? [a, b]\n: 1\n", "f.yaml:1:3: a key must be text or a whole number"),
        ("x: 1\n? {a: 1}\n: 1\n", "f.yaml:2:3: a key must be text or a whole number"),
    ],
)
def test_constructs_that_are_not_read_are_refused_at_their_place(text, fault):
    assert faults_of(text) == [fault]


@pytest.mark.parametrize("text", ["true: 1", "1.5: 1", "~: 1", ": 1"])
def test_a_key_that_is_neither_text_nor_a_whole_number_is_refused(text):
    assert faults_of(f"a: 1\n{text}\n")[0].endswith("is no key: a key must be text or a whole number")
    assert faults_of(f"a: 1\n{text}\n")[0].startswith("f.yaml:2:1: ")


def test_an_alias_bomb_is_refused_before_anything_is_built():
    levels = "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in itertools.pairwise("abcdefgh")
    )

    assert faults_of(f"a: &a [x, x, x, x, x, x, x, x, x]\n{levels}") == [f"f.yaml:1:4: {ANCHORS}"]


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_nesting_ends_at_32_levels(opening):
    closing = {"[": "]", "{a: ": "}"}[opening]

    def nested(levels):
        return f"a: {opening * (levels - 1)}1{closing * (levels - 1)}"

    assert parse_yaml(nested(DEEPEST), "f.yaml").value
    for levels in (DEEPEST + 1, 3000):
        assert faults_of(nested(levels)) == [
            f"f.yaml:1:{4 + len(opening) * (DEEPEST - 1)}: nested deeper than 32 levels"
        ]


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.inf", "+.INF", "1e400", "-1e400"])
def test_a_number_that_is_not_finite_is_refused(text):
    assert faults_of(f"a: 1\nb: {text}\n") == [f"f.yaml:2:4: must be a finite number, not {text}"]


def test_an_integer_of_5000_digits_is_refused_and_not_repeated_in_full():
    assert faults_of(f"a: {'9' * 5000}\n") == [f"f.yaml:1:4: must be a finite number, not {'9' * 20}"]


def test_a_key_of_5000_digits_stays_text():
    assert parse_yaml(f'? "{"9" * 5000}"\n: 1\n', "f.yaml").plain() == {"9" * 5000: 1}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_version_directive_changes_nothing(version):
    assert parse_yaml(f"%YAML {version}\n---\na: no\nb: 010\n", "f.yaml").plain() == {"a": "no", "b": 10}


@pytest.mark.parametrize("version", ["1.3", "2.0", "1", "x"])
def test_another_version_of_yaml_is_refused(version):
    (fault,) = faults_of(f"%YAML {version}\n---\na: 1\n")

    assert fault.startswith("f.yaml:1:")
    assert ": is not valid YAML: " in fault


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("a: [1, 2\nb: 3\n", "f.yaml:2:2", "expected ',' or ']'"),
        ('a: "x\n', "f.yaml:2:1", "unexpected end of stream"),
        ("a: 1\nb: c: d\n", "f.yaml:2:5", "a colon followed by a blank"),
        ("a:\n\t- 1\n", "f.yaml:2:1", "a tab stands here"),
        ("a: 1\n b: 2\n", "f.yaml:2:3", "a colon followed by a blank"),
        ("a: 1\nb: @x\n", "f.yaml:2:4", "cannot start any token"),
    ],
)
def test_broken_yaml_is_reported_where_it_breaks(text, place, part):
    (fault,) = faults_of(text)

    assert fault.startswith(f"{place}: is not valid YAML: ")
    assert part in fault


NO_SCENARIO = "f.yaml:1:1: holds no scenario: a scenario is a mapping of keys to values"


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"# a comment\n", b"---\n", b"- a\n- b\n", b"text\n", b"3\n", b"~\n"]
)
def test_a_file_without_a_mapping_holds_no_scenario(tmp_path, data):
    assert faults_of_bytes(tmp_path, data) == [NO_SCENARIO]


def test_a_byte_order_mark_is_accepted_and_moves_nothing(tmp_path):
    (tmp_path / "f.yaml").write_bytes(b"\xef\xbb\xbfname: x\n")

    tree = read_yaml(tmp_path / "f.yaml", "f.yaml")

    assert tree.plain() == {"name": "x"}
    assert tree.place_of(("name",)) == Place("f.yaml", 1, 7)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a: 1\nb: caf\xe9\n", "2:7"),
        (b"\xff\xfea\x00:\x00", "1:1"),
        ("a: 1\r\nb: é\r\nc: ".encode() + b"\xff", "3:4"),
        (b"\xef\xbb\xbf\xff", "1:1"),
        (b"a: \xed\xa0\x80\n", "1:4"),
    ],
)
def test_text_that_is_not_utf_8_is_refused_with_line_and_column(tmp_path, data, place):
    assert faults_of_bytes(tmp_path, data) == [f"f.yaml:{place}: is not UTF-8 text"]


@pytest.mark.parametrize("character", [b"\x00", b"\x07", b"\x1b"])
def test_a_control_character_is_refused_where_it_stands(tmp_path, character):
    (fault,) = faults_of_bytes(tmp_path, b"a: 1\nb: x" + character + b"y\n")

    assert fault == "f.yaml:2:5: holds a character that text cannot hold"


def test_a_file_may_have_a_million_bytes_and_no_more(tmp_path):
    text = b"a: " + b"x" * (LARGEST_FILE - 3)
    (tmp_path / "f.yaml").write_bytes(text)

    assert len(read_yaml(tmp_path / "f.yaml", "f.yaml").plain()["a"]) == LARGEST_FILE - 3
    assert faults_of_bytes(tmp_path, text + b"x") == [
        "f.yaml: is larger than 1,000,000 bytes; put long tables into CSV files"
    ]


def test_a_file_that_is_missing_or_a_folder_is_a_fault_of_the_scenario(tmp_path):
    for path, message in ((tmp_path / "no.yaml", "there is no such file"), (tmp_path, "cannot be read (")):
        with pytest.raises(ScenarioError) as caught:
            read_yaml(path, "f.yaml")

        assert str(caught.value).startswith(f"f.yaml: {message}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Copies of the scenarios, to be spoilt."""
    place = tmp_path_factory.mktemp("scenarios")
    for path in SCENARIOS.glob("*.yaml"):
        shutil.copy(path, place)
    return place


def faults_when_loaded(path, data):
    """Faults of a file of some bytes; none where it is a scenario."""
    path.write_bytes(data)
    try:
        load(path)
    except ScenarioError as error:
        return error.faults or ["an error without a fault"]
    return []


def check_places(path, faults):
    """Every fault names a file of the folder and says something."""
    assert all(Path(fault.file).parent == path.parent and fault.message for fault in faults)


@given(text=st.text(max_size=200))
@BOUNDED
def test_any_text_is_a_scenario_or_a_list_of_faults(folder, text):
    faults = faults_when_loaded(folder / "any.yaml", text.encode())

    check_places(folder / "any.yaml", faults)


@given(data=st.binary(max_size=60))
@BOUNDED
def test_any_bytes_are_a_scenario_or_a_list_of_faults(folder, data):
    faults = faults_when_loaded(folder / "any.yaml", data)

    check_places(folder / "any.yaml", faults)


ORIGINAL = (SCENARIOS / "planbureau-2013.yaml").read_bytes()
PIECES = [
    b"",
    b"\n",
    b": ",
    b"- ",
    b"? ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"'",
    b'"',
    b"|\n",
    b">",
    b"#",
    b"&a ",
    b"*a",
    b"!t ",
]
PIECES += [
    b"null",
    b"true",
    b"-1",
    b"1.5",
    b"1e400",
    b"2012",
    b"path: ",
    b"\t",
    b"\x00",
    b"\xff",
    "é".encode(),
    b"9" * 50,
]
SPOTS = st.integers(0, len(ORIGINAL))
MUTATIONS = st.lists(st.tuples(SPOTS, st.integers(0, 25), st.sampled_from(PIECES)), min_size=1, max_size=4)


@given(mutations=MUTATIONS)
@BOUNDED
def test_any_mutation_of_a_scenario_is_a_scenario_or_a_list_of_faults(folder, mutations):
    data = ORIGINAL
    for start, length, piece in mutations:
        data = data[:start] + piece + data[start + length :]

    faults = faults_when_loaded(folder / "planbureau-2013.yaml", data)

    check_places(folder / "planbureau-2013.yaml", faults)


@given(lines=st.permutations(ORIGINAL.split(b"\n")[:12]), kept=SPOTS)
@BOUNDED
def test_any_order_of_lines_and_any_truncation_is_a_scenario_or_a_list_of_faults(folder, lines, kept):
    data = b"\n".join([*lines, *ORIGINAL.split(b"\n")[12:]])

    faults = faults_when_loaded(folder / "planbureau-2013.yaml", data[:kept])

    check_places(folder / "planbureau-2013.yaml", faults)
