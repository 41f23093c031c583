"""Figures of the sources: found by id and by words, held against their sums, and named in scenarios."""

import csv
import hashlib
import io
import itertools
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim import cli
from sim.data import figures as sources
from sim.data import store
from sim.data.figures import contradictions, figure, figures
from sim.data.figures.sums import _holds, sum_rules
from sim.errors import DataError, ScenarioError
from sim.pipeline import prepare
from sim.plots import published_series
from sim.scenario.faults import dotted
from sim.scenario.load import content_hash, named_figures
from sim.scenario.load import load as load_without
from sim.scenario.sweep import variants

FOLDER = Path(sources.__file__).parent
EVERYTHING = figures()
OUTLOOKS = [entry for entry in EVERYTHING if entry.edition]
SERIES = [entry for entry in EVERYTHING if entry.yearly]
DOCUMENTS = [entry for entry in EVERYTHING if not entry.edition and not entry.yearly]
BY_UNIT = {
    "documents": {
        "persons": (66, 36546788),
        "percent": (77, 1514.2),
        "persons per year": (4, 142000),
        "year": (1, 2045),
        "permits": (28, 2865059),
        "files": (58, 627090),
        "cards": (1, 938),
        "documents": (1, 55000),
    },
    "outlooks": {
        "persons": (61, 419661043),
        "years": (17, 1435.5),
        "months per year": (2, 3.3),
        "children per woman": (8, 14.08),
        "persons per year": (27, 1585000),
        "percent": (6, 199.9),
        "households": (4, 21800000),
        "year": (2, 4080),
        "flag": (1, 1),
    },
}
BY_INDICATOR = {
    "asylum_applications": 297598,
    "refugee_recognitions": 28001,
    "subsidiary_protection": 8586,
    "family_reunification_permits": 365816,
    "regularisation_applications": 159111,
    "regularisation_decisions": 170206,
    "regularised_humanitarian": 48466,
    "regularised_medical": 6608,
    "regularised_total": 55074,
    "regularised_persons": 188982,
    "first_permits": 2408485,
    "first_permits_share": 200,
    "share_of_foreigners": 127.3,
    "population": 28117609,
    "population_share": 162,
    "immigration": 1151175,
    "emigration": 131951,
    "net_migration": 196157,
    "posted_workers": 178268,
    "self_employed_registered": 57175,
    "ukrainian_refugees_sheltered": 324210,
}
PINNED = {
    "be-immigration-foreigners-2011": 138071,
    "be-emigration-foreigners-2011": 65951,
    "be-net-migration-belgians-2011": -9963,
    "be-immigration-eu-12-2011": 30457,
    "be-population-foreign-2012": 1169064,
    "be1-population-share-foreign-2012": 32.6,
    "be-family-reunification-permits-running-text-2012": 30096,
    "be-asylum-applications-files-2012": 21463,
    "be-asylum-applications-persons-2011": 32270,
    "be-regularised-persons-2010": 24199,
    "be-regularisation-decisions-2012": 30244,
    "be-international-protection-applicants-2024": 33146,
    "nl-immigration-2023": 332863,
    "nl-ukrainian-refugees-sheltered-2024": 123210,
    "be-outlook-2012-2060-life-expectancy-women-2060": 89.1,
    "be-outlook-2012-2060-net-migration-low-2030-2060": 20000,
    "be-outlook-2019-2070-population-2070": 12719189,
    "be-outlook-2007-2060-net-migration-cumulative-belgians-2007-2020": -157991,
    "be1-outlook-2010-2060-population-2060": 1475200,
    "be-outlook-2022-2070-population-growth-ukrainians-leave-2024": -4130,
    "be-series-population-2012": 11035948,
    "be-series-net-migration-2011": 62086,
}
FAILING = {
    "balance of all 2011, of the series": -71,
    "growth of 2011 from the stocks": 318,
    "stock of 1 January 2012 from that of 2011": -812,
    "figure 2: box of 994,979 as its label reads": -174085,
    "population of 1 January 2012, printed and in the register": -40,
    "shares of first permits 2024, those named": 9,
    "family reunification 2010 by sponsor, table 2": 20,
    "family reunification 2012 in the running text": -864,
    "asylum applications 2012 in the running text, files": -2,
    "positive share of regularisation 2010, table 4": 66 - 100 * 15426 / 28216,
    "positive share of regularisation 2012, table 4": 12 - 100 * 3387 / 30244,
    "outlook 2010-2060, base population": -50,
    "growth of 2024, outlook 2022-2070, midway": 27880 - (57091 - 4130) / 2,
}
HOLDING = [rule for rule in sum_rules() if rule.rule not in FAILING]


def rows_of(name):
    """Rows of a table, read without the code under test."""
    return list(csv.DictReader(io.StringIO((FOLDER / name).read_text(encoding="utf-8"))))


ROWS = [*rows_of("sources.csv"), *rows_of("editions.csv")]


# The tables


def test_there_are_236_figures_of_documents_and_128_of_outlooks():
    assert (len(DOCUMENTS), len(OUTLOOKS)) == (236, 128)
    assert (len(rows_of("sources.csv")), len(rows_of("editions.csv"))) == (236, 128)


def test_ids_are_unique_lower_case_and_readable():
    ids = [entry.id for entry in EVERYTHING]

    assert len(set(ids)) == len(ids) == 236 + 128 + len(store.series("belgium"))
    assert all(set(id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and "--" not in id for id in ids)


@pytest.mark.parametrize(("kind", "entries"), [("documents", DOCUMENTS), ("outlooks", OUTLOOKS)])
def test_counts_and_sums_by_unit_are_those_of_the_sources(kind, entries):
    counts = Counter(entry.unit for entry in entries)
    sums = {unit: sum(entry.value for entry in entries if entry.unit == unit) for unit in counts}

    assert counts == {unit: count for unit, (count, _) in BY_UNIT[kind].items()}
    assert sums == pytest.approx({unit: total for unit, (_, total) in BY_UNIT[kind].items()}, rel=1e-12)


@pytest.mark.parametrize("indicator", BY_INDICATOR)
def test_sums_by_indicator_are_those_of_the_sources(indicator):
    total = sum(entry.value for entry in DOCUMENTS if entry.indicator == indicator)

    assert total == pytest.approx(BY_INDICATOR[indicator], rel=1e-12)


@pytest.mark.parametrize(("name", "digest"), [("sources", "d13433a696bb2856"), ("editions", "23855e8999a65e70")])
def test_no_printed_digit_has_changed_and_no_row_has_moved(name, digest):
    printed = " ".join(row["value"] for row in rows_of(f"{name}.csv"))

    assert hashlib.sha256(printed.encode()).hexdigest()[:16] == digest


@pytest.mark.parametrize("id", PINNED)
def test_values_are_as_printed(id):
    assert figure(id).value == PINNED[id]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_row_is_reached_by_its_id_and_by_search(row):
    found = figure(row["id"])

    assert (found.value, found.unit, found.note) == (float(row["value"]), row["unit"], row["note"])
    assert (str(found.year or ""), str(found.year_end or "")) == (row["year"], row["year_end"])
    assert (found.source, found.edition) == (row["source"], row.get("edition", ""))
    assert found in figures(row["id"])
    assert found in figures(row["source"].upper(), indicator=row["indicator"], geo=row["geo"] or None)
    assert found in figures(f"{row['unit']} {row['value'].removesuffix('.0')}")
    assert found in figures(row["indicator"].replace("_", " "))
    for year in filter(None, (row["year"], row["year_end"])):
        assert found in figures(row["scope"], year=int(year))


def test_every_row_names_its_source_and_no_file_of_a_folder():
    assert all(row["document"] and row["source"] and ".txt" not in row["source"] for row in ROWS)
    assert {row["document"] for row in rows_of("sources.csv")} == {
        "vandenberghe-2014",
        "myria-2025",
        "staat-van-migratie-2024",
        "staat-van-migratie-2025",
    }


def test_yearly_series_are_reached_without_a_copy():
    assert [(entry.indicator, entry.year, entry.value, entry.unit, entry.source) for entry in SERIES] == [
        (entry.indicator, entry.year, entry.value, entry.unit, entry.source) for entry in store.series("belgium")
    ]
    women = figure("be-series-life-expectancy-female-2011")
    assert (women.scope, women.geo, women.document) == ("women", "BE", "United Nations")


# Search


def test_all_words_must_be_there_in_any_order_and_any_case():
    found = figures("2012 Asylum FILES printed")

    assert [entry.id for entry in found] == ["be-asylum-applications-files-running-text-2012"]


def test_a_number_is_found_with_and_without_separators():
    assert figure("be-immigration-foreigners-2011") in figures("138.071")
    assert figure("be-immigration-foreigners-2011") in figures("138,071")
    assert figure("be-immigration-foreigners-2011") in figures("138071")


@pytest.mark.parametrize("text", ["5.7 million", "5,7 miljoen", "5.7m population", "5.7 MLN"])
def test_millions_are_found_as_people_write_them(text):
    assert figure("be-outlook-1988-population-2050") in figures(text)
    assert all(entry.value == 5_700_000 for entry in figures(text))
    assert figures("94.491 million") == ()


def test_area_indicator_and_year_narrow_a_search():
    found = figures(geo="nl", indicator="Immigration", year=2023)

    assert [entry.id for entry in found] == ["nl-immigration-2023"]
    assert {entry.geo for entry in figures(geo="BE1")} == {"BE1"}


@pytest.mark.parametrize(("year", "there"), [(2011, False), (2012, True), (2014, True), (2015, True), (2016, False)])
def test_a_figure_of_several_years_is_found_under_each(year, there):
    entry = figure("be-outlook-2012-2060-net-migration-2012-2015")

    assert (entry in figures(year=year)) is there


def test_a_figure_without_a_year_is_found_under_none():
    entry = figure("be-outlook-2017-2070-immigration-foreigners-long-term")

    assert entry.span is None
    assert entry in figures("long term")
    assert not any(entry in figures(year=year) for year in (2017, 2060, 2070))


def test_a_figure_to_a_year_has_that_year():
    assert figure("be-outlook-2016-2060-immigration-foreigners-low-to-2060").span == (2060, 2060)


@given(st.lists(st.sampled_from(["asylum", "2012", "files", "persons", "be", "outlook", "vandenberghe"]), max_size=4))
@settings(max_examples=40, deadline=None)
def test_more_words_never_find_more(words):
    found = [set(figures(" ".join(words[:count]))) for count in range(len(words) + 1)]

    assert found[0] == set(EVERYTHING)
    assert all(later <= earlier for earlier, later in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: figure("be-net-migraton-2011"),
            "there is no figure 'be-net-migraton-2011'; near it: be-net-migration-2011, be-series-net-migration-2011, ",
        ),
        (lambda: figure("xyzzy"), "there is no figure 'xyzzy'; 'sim figures' lists and searches them"),
        (
            lambda: figures(geo="FR"),
            "there is no area 'FR' among the figures; there are: BE, BE2, BE3, BE1, EU27, NL",
        ),
        (
            lambda: figures(indicator="imigration"),
            "there is no indicator 'imigration' among the figures; near it: immigration, ",
        ),
    ],
)
def test_what_is_not_there_is_named_with_what_is_near(ask, message):
    with pytest.raises(DataError) as caught:
        ask()

    assert str(caught.value).startswith(message)


# Contradictions and sums


def test_figures_that_contradict_each_other_name_each_other():
    pairs = {(entry.id, other) for entry in EVERYTHING for other in entry.contradicts}

    assert {(other, one) for one, other in pairs} == pairs
    assert len(pairs) == 16
    assert all(figure(one).value != figure(other).value for one, other in pairs)
    assert ("be-family-reunification-permits-2012", "be-family-reunification-permits-running-text-2012") in pairs
    assert ("be-series-population-2012", "be-population-2012") in pairs


def test_every_contradiction_of_the_sources_is_there_with_its_figures():
    assert len(contradictions()) == 18
    assert [row["number"] for row in rows_of("contradictions.csv")] == [str(number) for number in range(1, 19)]
    for entry in contradictions():
        assert entry.printed
        assert entry.check
        assert [figure(id).id for id in entry.figures] == list(entry.figures) != []


def test_every_contradiction_is_told_beside_one_of_its_figures():
    silent = {"table 2, totals of 2009 and 2011", "figure 2"}

    for entry in contradictions():
        told = [figure(id).note or figure(id).contradicts for id in entry.figures]
        assert entry.about in silent or any(told), entry.about


@pytest.mark.parametrize("rule", HOLDING, ids=lambda rule: rule.rule)
def test_printed_figures_keep_the_rule(rule):
    assert rule.holds


def test_rules_that_fail_fail_by_what_the_sources_are_off():
    failing = {rule.rule: rule.difference for rule in sum_rules() if not rule.holds}

    assert failing == pytest.approx(FAILING, rel=1e-9)
    assert len(sum_rules()) == 64
    assert len({rule.rule for rule in sum_rules()}) == 64


def test_a_rule_is_the_signed_sum_of_its_parts():
    rule = next(rule for rule in sum_rules() if rule.rule == "balance of foreigners 2011")

    assert (rule.total, rule.computed, rule.difference) == (72120, 138071 - 65951, 0)
    assert rule.figures == (
        "be-net-migration-foreigners-2011",
        "be-immigration-foreigners-2011",
        "be-emigration-foreigners-2011",
    )


def test_a_share_is_a_part_of_its_whole_and_a_mean_is_a_sum_over_its_years():
    rules = {rule.rule: rule.computed for rule in sum_rules()}

    assert rules["share of immigrants of 2011: EU-15"] == pytest.approx(100 * 47996 / 138071, rel=1e-14)
    assert rules["regularised persons 2005-2012, yearly mean"] == 94491 / 8
    assert rules["immigration of the Netherlands 2024 against 2023"] == pytest.approx(
        100 * (314000 - 332863) / 332863, rel=1e-14
    )


@pytest.mark.parametrize(
    ("relation", "difference", "holds"),
    [
        ("equal", 0, True),
        ("equal", 5, True),
        ("equal", -5, True),
        ("equal", 6, False),
        ("equal", -6, False),
        ("more than", -100, True),
        ("more than", 5, True),
        ("more than", 6, False),
        ("less than", 100, True),
        ("less than", -5, True),
        ("less than", -6, False),
    ],
)
def test_a_floor_may_lie_below_and_a_ceiling_above(relation, difference, holds):
    assert _holds(relation, difference, 5) is holds


def test_an_unknown_relation_is_refused():
    with pytest.raises(DataError, match="'about' is no relation of a rule; there are: equal, more than, less than"):
        _holds("about", 0, 0)


# In scenarios

WHOLE = {
    "name": "whole",
    "period": {"start": 2012, "end": 2015},
    "ages": {"open": 105},
    "population": {"dataset": "belgium", "date": 2012},
    "mortality": {"base": {"dataset": "belgium", "years": [2009, 2011]}},
    "fertility": {
        "total": {"path": {"2012": 1.8}, "after": "constant"},
        "pattern": {"dataset": "belgium"},
        "sex_ratio_at_birth": 1.046,
    },
    "migration": {
        "balance": {"unit": "persons per year", "path": {"2012": 62000, "2014": 39951}},
        "profile": {"dataset": "belgium", "years": [2009, 2012]},
    },
    "published": [{"indicator": "population", "year": 2012, "value": 11035908}],
}
IDS = {
    "fertility.total.path.2012": "be-outlook-2012-2060-total-fertility-2012-2060",
    "fertility.sex_ratio_at_birth": "be-series-sex-ratio-at-birth-2012",
    "migration.balance.path.2012": "be-net-migration-2011",
    "migration.balance.path.2014": "be-series-net-migration-2014",
    "published.0.value": "be-population-2012",
}


def with_figures(content=WHOLE, ids=None):
    """A scenario in which ids stand for the numbers at some keys."""
    content = json.loads(json.dumps(content))
    for key, id in (IDS if ids is None else ids).items():
        *above, last = [int(part) if part == "0" else part for part in key.split(".")]
        part = content
        for step in above:
            part = part[step]
        part[last] = {"figure": id}
    return content


def keys_of(scenario):
    """Dotted keys of the figures that a scenario names."""
    return {dotted(keys) for keys in named_figures(scenario)}


@pytest.fixture
def written(tmp_path):
    """Write a scenario into a folder of its own; return its file."""

    def write(content, folder="one"):
        path = tmp_path / folder / f"{content['name']}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.fixture
def faults(written):
    """What loading a scenario refuses, as key and message."""

    def found(content, *changes):
        with pytest.raises(ScenarioError) as caught:
            sim.load(written(content), changes)
        return [f"{fault.key}: {fault.message}" for fault in caught.value.faults]

    return found


def test_figures_give_the_result_of_the_numbers_to_the_bit(written):
    named, plain = sim.run(written(with_figures())), sim.run(written(WHOLE, "other"))

    assert named.variables.keys() == plain.variables.keys()
    assert all(
        np.array_equal(named[name].values, plain[name].values, equal_nan=named[name].dtype.kind == "f")
        for name in named.variables
    )
    assert named.attrs["scenario"] == plain.attrs["scenario"]
    assert named.attrs["published"] == plain.attrs["published"]


def test_a_result_holds_the_figures_and_their_sources(written):
    named, plain = sim.run(written(with_figures())), sim.run(written(WHOLE, "other"))

    told = json.loads(named.attrs["figures"])
    assert {key: entry["id"] for key, entry in told.items()} == IDS
    assert told["migration.balance.path.2012"] == {
        "id": "be-net-migration-2011",
        "value": 62000.0,
        "unit": "persons",
        "source": "I. Vandenberghe, Migratie becijferen, in Migratiemaatschappij, 2014",
        "note": '"more than 62000"; 72120-9963=62157; Statbel series 62086',
    }
    assert json.loads(named.attrs["sources"])["be-net-migration-2011"].startswith("62,000 persons; I. Vandenberghe")
    assert "figures" not in plain.attrs
    assert json.loads(plain.attrs["sources"]) == {}


def test_the_hash_is_of_the_values_and_of_the_ids(written):
    plain = sim.load(written(WHOLE, "plain"))
    named = sim.load(written(with_figures(), "named"))
    same = sim.load(written(with_figures(), "same"))
    other_id = sim.load(
        written(with_figures(ids={**IDS, "migration.balance.path.2012": "be-fpb2013-net-migration-2011-2015"}), "id")
    )
    other_key = sim.load(written(with_figures(ids={"migration.balance.path.2012": "be-net-migration-2011"}), "key"))

    hashes = [content_hash(scenario) for scenario in (plain, named, other_id, other_key)]
    assert len(set(hashes)) == 4
    assert content_hash(same) == content_hash(named)


def test_notes_of_the_figures_are_warnings_in_their_places(written):
    warnings = prepare(written(with_figures())).warnings

    told = {warning.key: warning.message for warning in warnings}
    assert told["migration.balance.path.2012"] == (
        'be-net-migration-2011: 62,000 persons; "more than 62000"; 72120-9963=62157; Statbel series 62086; '
        "differs from be-series-net-migration-2011, 62,086 persons"
    )
    assert "fertility.sex_ratio_at_birth" not in told
    assert all(warning.line == 1 for warning in warnings)


def test_a_change_from_outside_may_name_a_figure(written):
    change = "migration.balance.path.2013={figure: be-series-net-migration-2013}"

    scenario = sim.load(written(WHOLE), [change])

    assert scenario.migration.balance.path[2013] == 34831
    assert {keys: entry.id for keys, entry in named_figures(scenario).items()} == {
        ("migration", "balance", "path", 2013): "be-series-net-migration-2013"
    }


def test_figures_are_inherited_and_replaced(written):
    written(with_figures())
    heir = {"name": "heir", "based_on": "whole", "fertility": {"sex_ratio_at_birth": 1.05}}
    other = {"name": "other", "based_on": "whole", "fertility": {"total": {"figure": IDS["fertility.total.path.2012"]}}}

    assert keys_of(sim.load(written(heir))) == set(IDS) - {"fertility.sex_ratio_at_birth"}
    loaded = sim.load(written(other))
    assert loaded.fertility.total == 1.8
    assert keys_of(loaded) == set(IDS) - {"fertility.total.path.2012"} | {"fertility.total"}


def test_a_sweep_may_name_figures_and_its_result_holds_them(written):
    low = {"migration.balance.path.2014": {"figure": "be-series-net-migration-2013"}}
    content = {**WHOLE, "sweep": {"balance": {"low": low, "middle": {}}}}
    del content["published"]
    path = written(content)

    low, middle = (variant.scenario.migration.balance.path[2014] for variant in variants(sim.load(path)))

    assert (low, middle) == (34831, 39951)
    told = json.loads(sim.run(path).attrs["figures"])
    assert list(told) == ["sweep.balance.low.migration.balance.path.2014"]


def test_a_sweep_of_a_scenario_with_figures_keeps_them(written):
    content = {**with_figures(), "sweep": {"balance": {"low": {"fertility.total": {"add": -0.1}}, "middle": {}}}}

    assert {entry["id"] for entry in json.loads(sim.run(written(content)).attrs["figures"]).values()} == set(
        IDS.values()
    )


def test_whole_numbers_stay_whole(written):
    year = with_figures(
        {**WHOLE, "period": {"start": 2012, "end": 0}},
        {"period.end": "be-outlook-2021-2070-natural-balance-negative-from-2040"},
    )
    year["migration"]["balance"]["after"] = "constant"

    assert sim.load(written(year)).period.end == 2040


def test_every_unknown_id_is_told_in_its_place(faults, written):
    ids = {"migration.balance.path.2012": "be-net-migraton-2011", "fertility.sex_ratio_at_birth": "xyzzy"}

    assert faults(with_figures(ids=ids)) == [
        "fertility.sex_ratio_at_birth: there is no figure 'xyzzy'; 'sim figures' lists and searches them",
        "migration.balance.path.2012: there is no figure 'be-net-migraton-2011'; near it: be-net-migration-2011, "
        "be-series-net-migration-2011, be-net-migration-belgians-2011",
    ]
    path = written(with_figures(ids=ids))
    with pytest.raises(ScenarioError) as caught:
        sim.load(path)
    text = path.read_text()
    columns = {fault.key: fault.column for fault in caught.value.faults}
    assert columns["migration.balance.path.2012"] == text.index('"be-net-migraton-2011"') + 1


def test_an_unknown_id_from_outside_is_told_as_a_change(written):
    change = "migration.balance.path.2013={figure: xyzzy}"

    with pytest.raises(ScenarioError) as caught:
        sim.load(written(WHOLE), [change])

    assert str(caught.value) == (
        f"--set {change}: migration.balance.path.2013: there is no figure 'xyzzy'; "
        "'sim figures' lists and searches them"
    )


PERSONS_OF = ["be-protection-rate-2012", "be-asylum-applications-files-2012", "be-outlook-2012-2060-mean-age-2012"]


@pytest.mark.parametrize("id", PERSONS_OF)
def test_a_figure_in_another_unit_is_no_number_of_persons(faults, id):
    found = faults(with_figures(ids={"migration.balance.path.2012": id}))

    assert found == [f"migration.balance.path.2012: the figure '{id}' is in {figure(id).unit}, but here stand persons"]


@pytest.mark.parametrize(
    ("key", "id", "units"),
    [
        ("fertility.total.path.2012", "be-net-migration-2011", ("persons", "children per woman")),
        ("fertility.sex_ratio_at_birth", "be-series-total-fertility-2011", ("children per woman", "males per female")),
        ("published.0.value", "be-series-life-expectancy-2011", ("years", "persons")),
        ("migration.balance.path.2012", "be-outlook-2013-2060-households-2013", ("households", "persons")),
    ],
)
def test_units_that_certainly_do_not_fit_are_refused(faults, key, id, units):
    found, wanted = units

    assert faults(with_figures(ids={key: id})) == [f"{key}: the figure '{id}' is in {found}, but here stand {wanted}"]


def test_a_unit_is_checked_in_changes_and_in_sweeps(faults):
    sweep = {"low": {"migration.balance.path.2014": {"add": {"figure": "be-protection-rate-2012"}}}, "middle": {}}

    assert faults({**WHOLE, "sweep": {"balance": sweep}})[0].endswith("is in percent, but here stand persons")
    assert faults(WHOLE, "migration.balance.path.2013={figure: be-protection-rate-2012}") == [
        "migration.balance.path.2013: the figure 'be-protection-rate-2012' is in percent, but here stand persons"
    ]


def test_a_rate_in_percent_is_no_part_of_1(faults):
    immigration = [
        {
            "count": {"unit": "persons per year", "path": {"2012": 1000}, "after": "constant"},
            "profile": {"dataset": "belgium", "years": [2009, 2012]},
        }
    ]
    gross = {"immigration": immigration, "emigration": [{"hazard": {"figure": "be-protection-rate-2012"}}]}

    assert faults({**WHOLE, "migration": gross}) == [
        "migration.emigration.0.hazard: the figure 'be-protection-rate-2012' is in percent, but here stand parts of 1"
    ]


def test_a_count_is_no_factor(faults):
    policy = {
        "name": "a",
        "from": "2013-01-01",
        "scale": {"flow": "immigration", "factor": {"figure": "be-net-migration-2011"}},
    }

    found = faults({**WHOLE, "policies": [policy]})

    assert "policies.0.scale.factor: the figure 'be-net-migration-2011' is in persons, but here stand factors" in found


def test_permits_may_stand_for_persons(written):
    ids = {"migration.balance.path.2012": "be-family-reunification-permits-2012"}

    assert sim.load(written(with_figures(ids=ids))).migration.balance.path[2012] == 30960


def test_a_source_and_a_group_may_be_called_figure(written):
    states = {"groups": ["figure", "other"], "new": {"figure": "other"}}
    content = {**WHOLE, "sources": {"figure": "A document"}, "states": {"groups": ["other"]}}

    assert sim.load(written(content)).sources == {"figure": "A document"}
    assert json.loads(json.dumps(states))["new"] == states["new"]
    loaded = sim.load(written({**WHOLE, "states": states}, "states"))
    assert loaded.states.new == {"figure": "other"}


def test_without_a_lookup_a_figure_is_refused_and_a_number_is_not(written):
    assert load_without(written(WHOLE)).name == "whole"
    with pytest.raises(ScenarioError, match=r"which are not at hand here; load the file with 'sim\.load'"):
        load_without(written(with_figures()))


# The command


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Call the command in a folder of its own; return exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", *map(str, arguments)])
        code = cli._call()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call


def test_the_list_has_one_line_a_figure_with_value_unit_and_source(command):
    code, out, _ = command("figures", "CGVS", "files", "2012")

    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["figure", "area", "year", "what", "value", "source"]
    assert len(lines) == 1 + 3
    assert lines[1].split()[:3] == ["be-asylum-applications-files-2012", "BE", "2012"]
    assert "21,463 files  vandenberghe-2014" in lines[1]


def test_without_words_everything_is_listed(command):
    assert len(command("figures")[1].splitlines()) == 1 + len(EVERYTHING)


def test_an_exact_id_shows_everything_about_the_figure(command):
    code, out, _ = command("figures", "be-family-reunification-permits-2012")

    assert code == 0
    assert out.splitlines()[0] == "be-family-reunification-permits-2012"
    for told in (
        "family reunification permits, total",
        "30,960 permits",
        "vandenberghe-2014: I. Vandenberghe",
        "running text says 30096",
        "be-family-reunification-permits-running-text-2012: 30,096 permits (vandenberghe-2014)",
        "family reunification 2012 by sponsor, table 2: printed 30,960, computed 30,960: holds",
        "{figure: be-family-reunification-permits-2012}",
    ):
        assert told in out


def test_a_rule_that_fails_is_shown_beside_its_figure(command):
    out = command("figures", "be-family-reunification-permits-2010")[1]

    assert "printed 41,336, computed 41,316: off by +20" in out


def test_options_narrow_the_list_and_one_match_shows_everything(command):
    out = command("figures", "--geo", "NL", "--indicator", "immigration", "--year", "2024")[1]

    assert out.splitlines()[0] == "nl-immigration-2024"
    assert "about" in out


def test_an_outlook_says_when_it_was_published(command):
    out = command("figures", "be-outlook-2016-2060-immigration-foreigners-low-to-2060")[1]

    assert "2017-03" in out
    assert "to 2060" in out
    assert "outlook 2016-2060" in out


def test_a_calendar_year_has_no_separator(command):
    assert "2045" in command("figures", "be-fpb2013-migration-only-growth-factor-after-2045")[1]
    assert sources.text_of(figure("be-fpb2013-migration-only-growth-factor-after-2045")) == "2045"


def test_nothing_found_is_an_error_that_says_what_was_asked(command):
    code, out, err = command("figures", "nothing", "of", "this", "--year", "2012")

    assert (code, out) == (3, "")
    assert err == "no figure has all of this: nothing of this, year 2012\n"


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("asylm",), "; near it: asylum"),
        (("immigrants", "2011"), "; near it: immigration"),
        (("asylum", "xyzzy"), ""),
        (("asylum", "138,072"), ""),
    ],
)
def test_a_word_that_nothing_has_is_answered_with_near_ones(command, words, near):
    assert command("figures", *words)[2] == f"no figure has all of this: {' '.join(words)}{near}\n"


def test_the_notes_list_contradictions_pairs_and_failing_sums(command):
    out = command("figures", "--notes")[1]

    first, pairs, sums = out.split("\n\n")
    assert len(first.splitlines()) == 1 + 18
    assert len(pairs.splitlines()) == 1 + 8
    assert len(sums.splitlines()) == 1 + len(FAILING)
    assert "  be-population-2012 11,035,908 persons, be-series-population-2012 11,035,948 persons" in pairs
    assert "  family reunification 2010 by sponsor, table 2: printed 41,336, computed 41,316: off by +20 (" in sums
    assert "regularised 2005" not in sums


def test_the_notes_of_some_figures_are_those_that_touch_them(command):
    out = command("figures", "asylum", "applications", "2012", "--notes")[1]

    assert [len(block.splitlines()) for block in out.split("\n\n")] == [2, 2, 2]
    code, out, err = command("figures", "--notes", "asylm")
    assert (code, out, err) == (3, "", "no figure has all of this: asylm; near it: asylum\n")
    assert command("figures", "nl-forced-departures-change-2024", "--notes")[1] == "nothing contradicts these figures\n"


def test_json_holds_the_same(command):
    found = json.loads(command("figures", "be-net-migration-2011", "--json")[1])
    notes = json.loads(command("figures", "--notes", "--json")[1])

    assert [(entry["id"], entry["value"], entry["contradicts"]) for entry in found] == [
        ("be-net-migration-2011", 62000.0, ["be-series-net-migration-2011"])
    ]
    assert [len(notes[key]) for key in ("contradictions", "pairs", "failing")] == [18, 8, len(FAILING)]


def test_run_prints_the_notes_and_show_what_the_result_rests_on(command, written):
    path = written(with_figures())

    code, _, err = command("run", path, "--no-plots", "--quiet")

    assert code == 0
    assert ': migration.balance.path.2012: be-net-migration-2011: 62,000 persons; "more than 62000"' in err
    shown = command("show", "whole")[1]
    assert "  be-net-migration-2011: 62,000 persons; I. Vandenberghe" in shown


# The figure


def lines_of(drawn):
    """Lines of a figure by what they show."""
    found = {}
    for line in drawn.axes[0].get_lines():
        found.setdefault(line.get_gid(), []).append(line.get_xydata())
    return found


def test_net_migration_is_drawn_from_1960_with_the_printed_values(command):
    drawn = lines_of(published_series("net_migration"))

    later, earlier = drawn["series"]
    np.testing.assert_array_equal(later, [[y, figure(f"be-series-net-migration-{y}").value] for y in range(2000, 2025)])
    np.testing.assert_array_equal(
        earlier, [[y, figure(f"be-series-net-migration-residual-{y}").value] for y in range(1960, 2000)]
    )
    points = sorted(tuple(point[0]) for point in drawn["printed"])
    assert points == [(2011, 62000), (2013.5, 60000), (2013.5, 62000), (2020, 35000)]
    assert sorted(map(tuple, drawn["printed years"][0])) == [(2012, 60000), (2015, 60000)]


def test_values_are_written_beside_printed_figures_and_sources_below():
    drawn = published_series("net_migration", "be")

    texts = {text.get_text() for text in drawn.axes[0].texts}
    assert {"62", "60 and 62\noutlook 2012-2060", "35\noutlook 2012-2060", "residual of the stocks"} <= texts
    title, area, note, source = (text.get_text() for text in drawn.texts)
    assert (title, area) == ("Net migration, 1960\N{EN DASH}2024", "Belgium")
    assert note.startswith("Thousand persons. Diamonds: figures printed elsewhere")
    assert "Vandenberghe" in source
    assert "Statbel" in source


def test_a_line_has_a_gap_where_years_are_missing():
    line = lines_of(published_series("immigration"))["series"][0]

    assert line[:, 0].tolist()[:1] == [2017]
    assert np.isnan(line[1]).all()
    assert line[2:, 0].tolist() == [2020, 2021, 2022, 2023, 2024]


def test_scopes_are_lines_of_their_own_and_parts_are_no_points():
    drawn = lines_of(published_series("family_reunification_permits"))

    assert len([name for name in drawn if name.startswith("series")]) == 4
    assert [tuple(point[0]) for point in drawn["printed"]] == [(2012, 30096)]
    np.testing.assert_array_equal(
        drawn["series total"][0], [[2009, 43266], [2010, 41336], [2011, 36828], [2012, 30960]]
    )


def test_rates_and_ages_are_drawn_in_their_own_units():
    fertility, expectancy = published_series("total_fertility"), published_series("life_expectancy")

    assert fertility.texts[2].get_text().startswith("Children per woman")
    assert expectancy.texts[2].get_text().startswith("Years. Diamonds")
    assert fertility.axes[0].get_ylim()[0] > 1
    assert published_series("births").axes[0].get_ylim()[0] == 0
    assert len(lines_of(expectancy)["printed"]) == 20 + 3


def test_no_line_through_fewer_than_three_years():
    with pytest.raises(DataError, match="there are no 3 years of 'first_permits' of BE to draw a line through"):
        published_series("first_permits")


@pytest.mark.parametrize(
    ("id", "said"),
    [
        (
            "be-immigration-foreigners-2011",
            "be-immigration-foreigners-2011 is not in the figure, which has the series alone: "
            "138,071 persons (immigration, foreigners, 2011)\n",
        ),
        ("be-series-net-migration-residual-1995", ""),
        ("be-series-net-migration-2011", ""),
        ("be-net-migration-2011", ""),
    ],
)
def test_a_figure_that_its_series_leaves_out_is_told(command, id, said):
    code, _, err = command("figures", "--plot", id)

    assert (code, err) == (0, said)


def test_plot_writes_the_file_that_is_named_or_one_in_outputs(command, tmp_path):
    code, out, _ = command("figures", "--plot", "be-net-migration-2011", "--to", "balance.svg")

    assert (code, out) == (0, "balance.svg\n")
    assert (tmp_path / "balance.svg").read_bytes().startswith(b"<?xml")
    assert command("figures", "--plot", "regularised persons")[1] == "outputs/figures/regularised_persons.png\n"
    assert (tmp_path / "outputs/figures/regularised_persons.png").read_bytes().startswith(b"\x89PNG")


def test_a_series_is_drawn_in_a_language_into_the_file_that_is_named_or_one_of_the_language(command, tmp_path):
    plot = ("figures", "--plot", "regularised persons")

    assert command(*plot, "--language", "fr")[1] == "outputs/figures/regularised_persons.fr.png\n"
    assert command(*plot, "--language", "fr", "--to", "série.png")[1] == "série.png\n"
    assert command(*plot, "--to", "series.png")[1] == "series.png\n"
    french = (tmp_path / "série.png").read_bytes()
    assert (tmp_path / "outputs/figures/regularised_persons.fr.png").read_bytes() == french
    assert (tmp_path / "series.png").read_bytes() != french


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "x.png"], "names the file of a figure; say what to draw with --plot"),
        (["--plot", "births", "--to", "x.gif"], "'x.gif' does not end in one of: png, svg, pdf"),
        (["--plot", "nothing"], "there is no indicator 'nothing' among the figures"),
        (["births", "--language", "nl"], "goes with --plot; tables are in English"),
    ],
)
def test_what_cannot_be_drawn_is_refused(command, arguments, message):
    code, out, err = command("figures", *arguments)

    assert code in {2, 3}
    assert out == ""
    assert message in " ".join(err.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())


def test_a_plot_is_of_a_whole_series(command):
    for more in (["2011"], ["--year", "2011"], ["--notes"], ["--json"], ["--indicator", "births"]):
        code, _, err = command("figures", "--plot", "net_migration", *more)

        assert code == 2
        assert "draws a whole series; beside it only --geo, --to and --language" in " ".join(err.split())


def test_an_id_that_is_mistyped_is_answered_with_near_ones(command):
    code, _, err = command("figures", "be-immigration-foriegners-2011")

    assert code == 3
    assert "near it: be-immigration-foreigners-2011" in err


def test_what_a_sweep_adds_to_a_path_is_counted_as_the_path(faults):
    percent = {"figure": "be-asylum-share-of-eu-2012"}
    wrong = {**WHOLE, "sweep": {"migration": {"more": {"migration.balance": {"add": percent}}, "same": {}}}}

    (told,) = faults(wrong)

    assert "the figure 'be-asylum-share-of-eu-2012' is in percent, but here stand persons" in told
