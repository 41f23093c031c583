"""Scenarios: what they inherit, what is refused and where, and what stands for their content."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

import sim
from sim.assumptions import build
from sim.errors import ScenarioError
from sim.pipeline import prepare_all
from sim.scenario.jsonschema import json_schema
from sim.scenario.load import content_hash, load, resolved_text

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASE = """\
name: base
title: "A base"
sources: {register: "The register", offices: "Other offices"}
period: {start: 2012, end: 2014}
ages: {open: 105}
population: {dataset: belgium, date: 2012}
mortality:
  base: {dataset: belgium, years: [2009, 2011]}
fertility:
  total: {path: {2012: 1.8}, after: constant, source: register}
  pattern: {dataset: belgium}
  sex_ratio_at_birth: 1.05
migration:
  balance: {unit: persons per year, path: {2012: 1000, 2013: 2000}}
  profile: {dataset: belgium, years: [2009, 2012]}
published:
  - {indicator: population, year: 2013, value: 11.0e6}
  - {indicator: births, year: 2012, value: 130000}
"""


@pytest.fixture
def scenario(tmp_path):
    """Load a file named after its first line, beside others."""

    def loaded(text, *others, changes=()):
        for each in (text, *others):
            name = each.partition("\n")[0].removeprefix("name: ")
            (tmp_path / f"{name}.yaml").write_text(each, encoding="utf-8")
        return load(tmp_path / f"{text.partition(chr(10))[0].removeprefix('name: ')}.yaml", changes)

    return loaded


@pytest.fixture
def faults(scenario, tmp_path):
    """Faults of a file, as they are printed, without the folder."""

    def found(text, *others, changes=()):
        with pytest.raises(ScenarioError) as caught:
            scenario(text, *others, changes=changes)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return found


def changed(old, new):
    """The base with one part replaced."""
    assert BASE.count(old) == 1
    return BASE.replace(old, new)


def on_base(text=""):
    """A file based on the base."""
    return f"name: own\nbased_on: base\n{text}"


# What a file inherits


def test_a_file_keeps_what_it_does_not_say(scenario):
    own, base = scenario(on_base(), BASE), scenario(BASE)

    assert own.model_dump(exclude={"name", "title", "based_on"}) == base.model_dump(
        exclude={"name", "title", "based_on"}
    )
    assert (own.name, own.based_on) == ("own", "base")


def test_mappings_are_merged_key_by_key(scenario):
    own = scenario(on_base("period: {end: 2013}\nsources: {mine: My own}\n"), BASE)

    assert (own.period.start, own.period.end) == (2012, 2013)
    assert list(own.sources) == ["register", "offices", "mine"]


def test_a_path_is_replaced_whole(scenario):
    own = scenario(on_base("fertility:\n  total: {path: {2012: 1.5, 2013: 1.6}}\n"), BASE)

    assert own.fertility.total.path == {2012: 1.5, 2013: 1.6}
    assert own.fertility.total.after is None
    assert own.fertility.total.source is None


def test_a_number_replaces_a_path_and_a_path_a_number(scenario):
    own = scenario(
        on_base("fertility: {total: 1.5, sex_ratio_at_birth: {path: {2012: 1.06}, after: constant}}\n"), BASE
    )

    assert own.fertility.total == 1.5
    assert own.fertility.sex_ratio_at_birth.path == {2012: 1.06}


def test_a_list_is_replaced_whole(scenario):
    own = scenario(on_base("published: [{indicator: deaths, year: 2012, value: 1.0}]\n"), BASE)

    assert [figure.indicator for figure in own.published] == ["deaths"]


def test_a_dataset_and_a_table_replace_each_other_whole(scenario):
    own = scenario(on_base("population: {table: people.csv}\n"), BASE)
    back = scenario(
        "name: back\nbased_on: own\npopulation: {dataset: belgium, date: 2012}\n",
        on_base("population: {table: people.csv}\n"),
        BASE,
    )

    assert own.population.model_dump(exclude_none=True) == {"table": "people.csv"}
    assert back.population.model_dump(exclude_none=True) == {"dataset": "belgium", "date": 2012}


def test_what_is_said_of_a_dataset_is_merged_key_by_key(scenario):
    base = changed("  pattern: {dataset: belgium}", "  pattern: {dataset: belgium, years: [2005, 2010]}")

    own = scenario(on_base("mortality: {base: {years: [2008, 2010]}}\n"), base)

    assert (own.mortality.base.dataset, own.mortality.base.years) == ("belgium", (2008, 2010))
    assert own.fertility.pattern.years == (2005, 2010)


def test_a_dataset_replaces_a_table_whole(scenario):
    middle = f"name: middle\nbased_on: base\nmigration: {{profile: {REACHED}}}\n"
    profile = "{dataset: belgium, years: [2009, 2010]}"

    own = scenario(f"name: own\nbased_on: middle\nmigration: {{profile: {profile}}}\n", middle, BASE)

    assert own.migration.profile.years == (2009, 2010)


def test_title_and_note_are_not_inherited(scenario):
    own = scenario(on_base(), BASE.replace('title: "A base"', 'title: "A base"\nnote: "Of the base"'))

    assert (own.title, own.note) == (None, None)


def test_null_removes_a_key(scenario):
    own = scenario(on_base("published: null\ntitle: ~\nsources: {offices: null}\n"), BASE)

    assert own.published == ()
    assert own.title is None
    assert list(own.sources) == ["register"]


def test_null_for_something_needed_makes_it_missing(faults):
    assert faults(on_base("ages: null\n"), BASE) == ["own.yaml:1:1: ages: is missing"]


TABLE = "{table: t.csv, age: completed}"
REACHED = "{table: t.csv, age: reached}"
STREAM = f"[{{count: {{unit: persons per year, path: {{2012: 1}}, after: constant}}, profile: {REACHED}}}]"

CLOSE = "close: {free: immigration, balance: {unit: persons per year, path: {2012: 1}, after: constant}}"


@pytest.mark.parametrize(
    ("part", "base", "own", "kept"),
    [
        ("mortality", None, f"rate: {TABLE}", {"rate"}),
        ("mortality", None, f"survival_ratio: {REACHED}", {"survival_ratio"}),
        ("mortality", None, f"probability: {TABLE}", {"probability"}),
        ("mortality", f"rate: {TABLE}", "base: {dataset: belgium, years: [2009, 2011]}", {"base"}),
        ("fertility", None, f"rates: {TABLE}", {"rates", "sex_ratio_at_birth"}),
        (
            "fertility",
            f"rates: {TABLE}",
            "total: 2\n  pattern: {dataset: belgium}",
            {"total", "pattern", "sex_ratio_at_birth"},
        ),
        ("migration", None, f"net: {REACHED}", {"net"}),
        ("migration", None, f"immigration: {STREAM}", {"immigration"}),
        ("migration", None, f"emigration: [{{share: {REACHED}}}]", {"emigration"}),
        (
            "migration",
            f"immigration: {STREAM}\n  emigration: [{{share: {REACHED}}}]",
            "balance: {unit: persons per year, path: {2012: 1}, after: constant}\n"
            "  profile: {dataset: belgium, years: [2009, 2012]}",
            {"balance", "profile"},
        ),
        ("migration", f"immigration: {STREAM}", f"emigration: [{{share: {REACHED}}}]", {"immigration", "emigration"}),
        ("migration", f"net: {REACHED}", f"immigration: {STREAM}", {"immigration"}),
        ("migration", f"immigration: {STREAM}\n  {CLOSE}", f"net: {REACHED}", {"net"}),
        ("migration", None, f"immigration: {STREAM}\n  {CLOSE}", {"immigration", "close"}),
        ("migration", f"immigration: {STREAM}\n  {CLOSE}", "close: null", {"immigration"}),
        (
            "migration",
            f"immigration: {STREAM}\n  {CLOSE}",
            "emigration: [{hazard: 0.01}]\n  close: {free: emigration}",
            {"immigration", "emigration", "close"},
        ),
    ],
)
def test_alternatives_replace_each_other(scenario, part, base, own, kept):
    middle = f"name: middle\nbased_on: base\n{part}:\n  {base}\n" if base else "name: middle\nbased_on: base\n"

    found = scenario(f"name: own\nbased_on: middle\n{part}:\n  {own}\n", middle, BASE)

    stated = getattr(found, part)
    assert {key for key in stated.model_fields_set if getattr(stated, key)} == kept


def test_a_life_expectancy_goes_with_the_table_that_it_was_stated_for(scenario):
    middle = "name: middle\nbased_on: base\nmortality: {life_expectancy: {female: 83, male: 78}}\n"

    other = scenario(f"name: own\nbased_on: middle\nmortality: {{rate: {TABLE}}}\n", middle, BASE)
    same = scenario("name: own\nbased_on: middle\nmortality: {base: {years: [2008, 2010]}}\n", middle, BASE)

    assert other.mortality.life_expectancy is None
    assert same.mortality.life_expectancy.female == 83


def test_two_alternatives_in_one_file_are_refused(faults):
    (fault,) = faults(on_base(f"mortality: {{rate: {TABLE}, survival_ratio: {REACHED}}}\n"), BASE)

    assert fault == (
        "own.yaml:3:12: mortality: state one of base, survival_ratio, rate, probability; not survival_ratio and rate"
    )


def chain(length):
    """Files c0, c1, … each based on the next, the last one on nothing."""
    links = [f"name: c{number}\nbased_on: c{number + 1}\n" for number in range(length)]
    return [*links, BASE.replace("name: base", f"name: c{length}")]


def test_five_bases_are_read_and_six_are_not(scenario, faults):
    assert scenario(*chain(5)).period.start == 2012
    assert faults(*chain(6)) == [
        "c5.yaml:2:11: based_on: more than 5 files deep: c0 → c1 → c2 → c3 → c4 → c5 → c6",
    ]


def test_a_circle_of_bases_is_printed(faults):
    found = faults("name: a\nbased_on: b\n", "name: b\nbased_on: c\n", "name: c\nbased_on: a\n")

    assert found == ["c.yaml:2:11: based_on: goes round in a circle: a → b → c → a"]


def test_a_file_based_on_itself_is_a_circle(faults):
    assert faults("name: a\nbased_on: a\n") == ["a.yaml:2:11: based_on: goes round in a circle: a → a"]


def test_a_missing_base_offers_the_nearest_name(faults):
    found = faults("name: own\nbased_on: belgum-2012\n", BASE.replace("name: base", "name: belgium-2012"))

    assert found == ["own.yaml:2:11: based_on: there is no belgum-2012.yaml beside it; did you mean 'belgium-2012'?"]


@pytest.mark.parametrize("name", ["../base", "/etc/passwd", "sub/base", "'a\\b'", "3", "[base]", "{a: 1}", "true"])
def test_a_base_is_a_name_and_no_path(faults, name):
    found = faults(f"name: own\nbased_on: {name}\n", BASE)

    assert found == [
        "own.yaml:2:11: based_on: must be the name of another scenario in the same folder, without its ending"
    ]


# Faults in their place


def test_a_fault_stands_in_the_file_where_the_value_stands(faults):
    base = changed("1.8}", "abc}")

    assert faults(on_base("ages: {open: 200}\n"), base) == [
        "base.yaml:10:24: fertility.total.path.2012: must be a number, not 'abc'",
        "own.yaml:3:14: ages.open: must be 120 or less, not 200",
    ]


def test_a_path_inherited_by_a_longer_period_is_a_fault_of_the_base(faults):
    assert faults(on_base("period: {end: 2020}\n"), BASE) == [
        "base.yaml:14:43: migration.balance.path: ends in 2013, but 2019 is needed; state it, or 'after: constant'",
    ]


def test_a_period_changed_by_the_file_refuses_the_population_of_the_base(faults):
    assert faults(on_base("period: {start: 2013}\n"), BASE)[0] == (
        "base.yaml:6:38: population.date: is 2012, but the projection starts on 1 January 2013"
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "open: 105",
            "opn: 105",
            ["5:1: ages.open: is missing", "5:8: ages.opn: is not a known key; did you mean 'open'?"],
        ),
        ("start: 2012, ", "", ["4:1: period.start: is missing"]),
        ("end: 2014", "end: 2012", ["4:9: period: end must come after start (2012)"]),
        (
            "name: base",
            "name: Base",
            ["1:7: name: must be lower-case letters, digits, - and _, beginning with a letter or digit, not 'Base'"],
        ),
        (
            "1.05",
            '"1.05"',
            [
                "12:23: fertility.sex_ratio_at_birth: must be a number, not '1.05'; write numbers "
                "without quotes, spaces or thousands separators"
            ],
        ),
        (
            "130000",
            "130 000",
            [
                "18:44: published.1.value: must be a number, not '130 000'; write numbers "
                "without quotes, spaces or thousands separators"
            ],
        ),
        ("year: 2013, ", "", ["17:5: published.0: 'population' takes a year or years"]),
        ("year: 2013", "years: [2012, 2013], year: 2013", ["17:5: published.0: 'population' takes a year or years"]),
        (
            "2012: 1000",
            "1600: 1000",
            ["14:50: migration.balance.path.1600: must be 1700 or more, not 1600"],
        ),
        (
            "2012: 1000, ",
            "",
            ["14:43: migration.balance.path: begins in 2013, but 2012 is needed; state it, or 'before: constant'"],
        ),
        (
            "profile: {dataset: belgium, years: [2009, 2012]}",
            "net: {table: t.csv, age: reached}",
            ["14:3: migration: state one of balance, net, or immigration and emigration; not balance and net"],
        ),
        (
            "  profile: {dataset: belgium, years: [2009, 2012]}\n",
            "",
            [
                "14:3: migration: a 'balance' goes with a 'profile' by age and sex; only a balance of zero in all "
                "years needs none"
            ],
        ),
        (
            "  pattern: {dataset: belgium}\n",
            "",
            ["10:3: fertility: 'total' and 'pattern' go together; 'rates' stand alone"],
        ),
        ("date: 2012", "date: 2011", ["6:38: population.date: is 2011, but the projection starts on 1 January 2012"]),
        (
            "source: register",
            "source: offcies",
            ["10:55: fertility.total.source: 'offcies' is not listed under 'sources'; did you mean 'offices'?"],
        ),
    ],
)
def test_a_fault_says_where_and_what(faults, old, new, fault):
    found = faults(changed(old, new))

    assert [line.partition(".yaml:")[2] for line in found] == fault


@pytest.mark.parametrize("unit", ["persons", "person per year", "per thousand per year"])
def test_a_balance_has_the_unit_persons_per_year(faults, unit):
    (fault,) = faults(changed("persons per year", unit))

    assert fault.startswith("base.yaml:14:19: migration.balance.unit: must be 'persons per year'")


def test_the_unit_of_a_balance_must_be_said(faults):
    assert faults(changed("unit: persons per year, ", "")) == ["base.yaml:14:3: migration.balance.unit: is missing"]


def test_a_name_must_equal_that_of_the_file(tmp_path):
    (tmp_path / "other.yaml").write_text(BASE)

    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "other.yaml")

    assert str(caught.value) == f"{tmp_path}/other.yaml:1:7: name: is 'base', but the file is called other.yaml"


@pytest.mark.parametrize("name", ["../x", "a/b", "A", "a b", ".hidden", "-x", "", "x" * 65, "é"])
def test_a_name_is_short_and_safe_for_a_folder(faults, name):
    assert any(": name: " in fault for fault in faults(changed("name: base", f"name: base #\nname: '{name}'")[12:]))


TWELVE = """\
name: base
title: 2012
sources: {A B: text}
period: {start: 2012.5, end: 2014}
convention: wpp
ages: {open: 30}
population: {dataset: belgium}
mortality:
  base: {dataset: belgium, years: [2009, 2010, 2011]}
  method: linear
fertility:
  total: {path: {2012: "1,8"}}
  patern: {dataset: belgium}
  sex_ratio_at_birth: yes
migration:
  balance: {unit: persons, path: {12: 1000}}
  profile: 3
publish: []
published:
  - {indicator: popultion, year: 2013, value: 1}
  - {indicator: births, year: 2013}
"""


def test_all_faults_are_reported_at_once_in_order_of_line(faults):
    found = faults(TWELVE)

    lines = [int(fault.split(":")[1]) for fault in found]
    assert lines == sorted(lines)
    assert len(found) >= 12
    assert {2, 3, 4, 5, 6, 7, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21} <= set(lines)


def test_unknown_sources_are_reported_beside_faults_of_the_models(faults):
    found = faults(changed("source: register", "source: nobody").replace("open: 105", "open: 30"))

    assert len(found) == 2


def test_faults_of_several_files_are_reported_together(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(BASE.replace("name: base", f"name: {name}").replace("105", "30"))

    with pytest.raises(ScenarioError) as caught:
        prepare_all([tmp_path / "b.yaml", tmp_path / "a.yaml"])

    assert [Path(fault.file).name for fault in caught.value.faults] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "key", "offer"),
    [
        ("period:", "peroid: {}\nperiod:", "peroid", "did you mean 'period'?"),
        ("end: 2014", "end: 2014, stert: 2012", "period.stert", "did you mean 'start'?"),
        (
            "unit: persons per year",
            "unit: persons per year, sorce: register",
            "migration.balance.sorce",
            "did you mean 'source'?",
        ),
        ("year: 2013", "year: 2013, roundng: 5", "published.0.roundng", "did you mean 'rounding'?"),
    ],
)
def test_an_unknown_key_offers_the_nearest(faults, old, new, key, offer):
    (fault,) = faults(changed(old, new))

    assert fault.endswith(f": {key}: is not a known key; {offer}")


@pytest.mark.parametrize(
    ("old", "new", "key", "offer"),
    [
        ("after: constant, ", "aftr: constant, ", "fertility.total.aftr", "did you mean 'after'?"),
        (
            "  pattern: {dataset: belgium}",
            "  pattern: {dataset: belgium, yaers: [2010, 2015]}",
            "fertility.pattern.yaers",
            "did you mean 'years'?",
        ),
    ],
)
def test_an_unknown_key_within_an_alternative_offers_the_nearest(faults, old, new, key, offer):
    (fault,) = faults(changed(old, new))

    assert fault.endswith(f": {key}: is not a known key; {offer}")


def test_a_wrong_value_beside_a_path_is_placed_at_that_value(faults):
    assert faults(changed("after: constant", "after: linear")) == [
        "base.yaml:10:37: fertility.total.after: must be 'constant', not 'linear'"
    ]


def test_a_list_with_one_year_is_a_fault(faults):
    (fault,) = faults(changed("[2009, 2011]", "[2009]"))

    assert fault.startswith("base.yaml:8:")


@pytest.mark.parametrize(
    ("part", "addition"),
    [
        ("fertility", f"fertility: {{total: null, rates: {TABLE}, pattern: {{dataset: belgium}}}}\n"),
        ("migration", f"migration: {{net: {REACHED}, profile: {{dataset: belgium, years: [2009, 2012]}}}}\n"),
    ],
)
def test_a_part_that_would_be_passed_over_is_refused(faults, part, addition):
    (fault,) = faults(on_base(addition), BASE)

    assert f": {part}" in fault


@pytest.mark.parametrize("value", [0, -1, 105])
def test_a_sex_ratio_that_cannot_be_is_refused(faults, value):
    (fault,) = faults(changed("sex_ratio_at_birth: 1.05", f"sex_ratio_at_birth: {value}"))

    assert "fertility.sex_ratio_at_birth" in fault


@pytest.mark.parametrize("text", ['"a\\0b"', '"a\\eb"'])
def test_a_control_character_in_a_text_is_refused(faults, text):
    (fault,) = faults(changed('title: "A base"', f"title: {text}"))

    assert fault == "base.yaml:2:8: holds a control character"


STATES = "states: {regions: [BE1, BE2], groups: [belgian, foreign]}\n"


def test_labels_of_states_are_distinct_and_plain(faults):
    assert faults(BASE + "states: {regions: [BE1, BE1]}\n") == ["base.yaml:19:9: states: a label stands twice"]
    assert any("states.groups.0" in fault for fault in faults(BASE + "states: {groups: ['a b']}\n"))


def test_labels_that_are_not_among_the_states_are_refused(faults):
    stream = "{region: BE3, group: foreigner, count: {unit: persons per year, path: {2012: 1}, after: constant}, "
    text = BASE[: BASE.index("migration:")] + STATES + f"migration:\n  immigration: [{stream}profile: {REACHED}}}]\n"

    assert faults(text + f"  emigration: [{{group: alien, share: {REACHED}}}]\n") == [
        "base.yaml:15:26: migration.immigration.0.region: 'BE3' is not a region of this scenario; there are: BE1, BE2",
        "base.yaml:15:38: migration.immigration.0.group: 'foreigner' is not a group of this scenario; there are: "
        "belgian, foreign",
        "base.yaml:16:24: migration.emigration.0.group: 'alien' is not a group of this scenario; there are: "
        "belgian, foreign",
    ]


def test_groups_of_the_newborn_are_among_the_states(faults):
    found = faults(
        BASE + STATES + "newborn: {child_group: {foreign: {belgian: 0.3, other: 0.7}, alien: {foreign: 1}}}\n"
    )

    assert [fault.partition(": ")[2] for fault in found] == [
        "newborn.child_group.foreign.other: 'other' is not a group of this scenario; there are: belgian, foreign",
        "newborn.child_group.alien: 'alien' is not a group of this scenario; there are: belgian, foreign",
    ]


def test_shares_of_the_newborn_add_up_to_one(faults):
    assert faults(BASE + STATES + "newborn: {child_group: {foreign: {belgian: 0.3, foreign: 0.699}}}\n") == [
        "base.yaml:20:10: newborn: the shares of the children of group 'foreign' add up to 0.999, not 1"
    ]


# --set


def test_set_changes_one_point_of_a_path(scenario):
    found = scenario(BASE, changes=["migration.balance.path.2013=40_000", "migration.balance.path.2014=7"])

    assert found.migration.balance.path == {2012: 1000, 2013: 40000, 2014: 7}


def test_set_changes_one_value_of_an_item_of_a_list(scenario):
    found = scenario(BASE, changes=["published.1.value=5"])

    assert [figure.value for figure in found.published] == [11.0e6, 5]


def test_set_changes_an_inherited_value_and_not_the_file(scenario, tmp_path):
    found = scenario(on_base(), BASE, changes=["period.end=2013", "title=Another"])

    assert (found.period.end, found.title) == (2013, "Another")
    assert (tmp_path / "base.yaml").read_text() == BASE


def test_set_null_removes_a_key(scenario):
    assert scenario(BASE, changes=["title=null"]).title is None


def test_the_later_of_two_changes_holds(scenario):
    assert scenario(BASE, changes=["title=One", "title=Two"]).title == "Two"


FORM = "must read KEY=VALUE, such as migration.balance.path.2030=40000"


@pytest.mark.parametrize("change", ["period.end", "=3", ""])
def test_set_without_key_or_value_is_refused(faults, change):
    assert faults(BASE, changes=[change]) == [f"--set {change}: {FORM}"]


CONVENTIONS = "'continuous', 'wpp_end', 'wpp_even', 'popreconstruct_even', 'spectrum_midyear' or 'fso_midyear'"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("migration.balance.path.2013=many", "migration.balance.path.2013: must be a number, not 'many'"),
        ("ages.open=200", "ages.open: must be 120 or less, not 200"),
        ("migratoin.balance=3", "migratoin: is not a known key; did you mean 'migration'?"),
        ("convention=wpp", f"convention: must be {CONVENTIONS}, not 'wpp'"),
        ("name=other", "name: is 'other', but the file is called base.yaml"),
        ("published.5.value=3", "'5' is no part of a value that stands at base.yaml:17"),
        ("title.x=3", "'x' is no part of a value that stands at base.yaml:2"),
    ],
)
def test_a_fault_of_set_has_the_option_as_its_place(faults, change, fault):
    assert faults(BASE, changes=[change]) == [f"--set {change}: {fault}"]


@pytest.mark.parametrize("value", ["[1", "*a", "!x", ".nan", "a: b"])
def test_broken_values_of_set_are_reported_with_the_option(faults, value):
    (fault,) = faults(BASE, changes=[f"title={value}"])

    assert fault.startswith(f"--set title={value}:")


def test_set_with_a_key_of_5000_digits_is_refused(faults):
    assert faults(BASE, changes=[f"{'9' * 5000}=1"])


def test_set_of_the_base_is_refused(faults):
    assert faults(BASE, changes=["based_on=nobody"])


# What stands for the content


def test_a_scenario_is_frozen(scenario):
    found = scenario(BASE)

    for part, key in ((found, "title"), (found.period, "end"), (found.migration.balance, "unit")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, key, None)


def test_the_resolved_text_does_not_depend_on_the_order_of_keys_or_the_layout(scenario):
    parts = BASE.split("\n")
    turned = "\n".join([parts[0], *reversed(parts[1:6]), *parts[12:], *parts[6:12], ""])

    found = scenario(turned.replace("{start: 2012, end: 2014}", "{end: 2014, start: 2012}  # comment"))

    assert resolved_text(found) == resolved_text(scenario(BASE))


def test_the_resolved_text_is_the_same_whether_inherited_or_written_out(scenario):
    own = scenario(on_base("period: {end: 2013}\ntitle: A base\n"), BASE)
    whole = scenario(BASE.replace("name: base", "name: own").replace("end: 2014", "end: 2013"))

    assert resolved_text(own) == resolved_text(whole)
    assert content_hash(own) == content_hash(whole)


def test_the_resolved_text_is_json_with_every_value(scenario):
    content = json.loads(resolved_text(scenario(BASE)))

    assert content["migration"]["balance"]["path"] == {"2012": 1000.0, "2013": 2000.0}
    assert content["published"][1] == {"indicator": "births", "year": 2012, "value": 130000.0}
    assert "based_on" not in content


def test_the_content_hash_changes_with_any_value(scenario):
    changes = [
        "title=Other",
        "note=Some",
        "sources.register=Another",
        "period.end=2013",
        "convention=wpp_end",
        "ages.open=104",
        "mortality.base.years=[2008, 2011]",
        "fertility.total.path.2012=1.8000000000000003",
        "fertility.total.source=offices",
        "fertility.sex_ratio_at_birth=1.06",
        "migration.balance.path.2012=1001",
        "migration.balance.interpolate=step",
        "published.0.value=11.1e6",
        "published.0.rounding=1000",
    ]

    hashes = [content_hash(scenario(BASE, changes=[change])) for change in changes]

    assert len({content_hash(scenario(BASE)), *hashes}) == len(changes) + 1


# The files of the project


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_of_the_project_loads_and_builds(path):
    assumptions = build(sim.load(path))

    assert assumptions.population.sum() > 9e6
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=./scenario.schema.json\n")


def test_the_committed_json_schema_is_the_one_of_the_models():
    assert (SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8") == json_schema()


def descriptions(part, key=""):
    """Every property of the schema with its description."""
    if isinstance(part, dict):
        for name, entry in part.get("properties", {}).items():
            yield f"{key}.{name}", entry.get("description")
        for name, entry in part.items():
            yield from descriptions(entry, f"{key}.{name}")
    elif isinstance(part, list):
        for entry in part:
            yield from descriptions(entry, key)


def test_the_json_schema_describes_every_key():
    described = dict(descriptions(json.loads(json_schema())))

    assert len(described) > 60
    assert [key for key, description in described.items() if not description] == []


def validator():
    """Validator of the JSON schema, where the package for it is installed."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_json_schema_is_a_schema_of_its_dialect():
    assert validator().schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_of_the_project_follows_the_json_schema(path):
    content = as_json(path.read_text(encoding="utf-8"))

    assert [error.message for error in validator().iter_errors(content)] == []


@pytest.mark.parametrize(
    "change", [("period:", "peroid:"), ("unit: persons per year, ", ""), ("105", "30"), ("2012: 1000", "12: 1")]
)
def test_the_json_schema_refuses_what_loading_refuses(change):
    assert list(validator().iter_errors(as_json(changed(*change))))


def as_json(text):
    """A YAML text as an editor hands it to a validator: all keys are texts."""
    from sim.scenario.yamlfile import parse_yaml

    return json.loads(json.dumps(parse_yaml(text, "f.yaml").plain()))
