"""What a page holds: the numbers of the results, in every language, in few bytes."""

import json
import re
import sys

import numpy as np
import pytest
from reading import SCENARIOS, STATE_TABLES, STATES, array_of, content_of
from small import GROUPS, REGIONS, SEXES

import sim
from sim.analysis.selection import per_year
from sim.errors import DataError
from sim.plots.language import LANGUAGES
from sim.report import page
from sim.report.explained import Explained
from sim.report.packed import Numbers
from sim.report.sentences import FOLDER, SCRIPTS, sentences, translations
from sim.report.series import INDICATORS

LIMIT = 5_000_000


def test_every_person_by_year_sex_and_age_is_that_of_the_result(pair):
    content, numbers = content_of(page(pair))

    for scenario, result in zip(content["scenarios"], pair, strict=True):
        (part,) = scenario["parts"]
        persons = result["population"].sum(["region", "group"]).transpose("year", "sex", "age").values
        assert np.array_equal(array_of(numbers, part["ages"]), np.rint(persons))
        assert scenario["years"] == result["year"].values.tolist()


def test_every_indicator_is_that_of_the_result(pair):
    content, numbers = content_of(page(pair))
    shares = {"young": (0, 15), "working": (15, 65), "old": (65, None)}

    for scenario, result in zip(content["scenarios"], pair, strict=True):
        series = scenario["parts"][0]["series"]
        assert list(series) == [
            name for name in INDICATORS if name not in ("immigration", "emigration", "moves", "changes")
        ]
        population = result["population"].sum(["region", "group", "sex"])
        for name, entry in series.items():
            if name in shares:
                first, after = shares[name]
                some = population.isel(age=slice(first, after)).sum("age")
                expected = (100 * some / population.sum("age")).values
            else:
                expected = getattr(sim.indicators, name)(result).values
            assert np.abs(array_of(numbers, entry).ravel() - expected).max() <= 0.000500001, name


def test_every_region_and_group_has_its_own_numbers(small):
    result = small(tables=STATE_TABLES, **STATES)
    content, numbers = content_of(page([result]))

    parts = content["scenarios"][0]["parts"]
    named = [(part["region"], part["group"]) for part in parts]
    assert named == [(region, group) for region in (None, *REGIONS) for group in (None, *GROUPS)]
    for (region, group), part in zip(named, parts, strict=True):
        wanted = {name: [label] for name, label in (("region", region), ("group", group)) if label}
        persons = result["population"].sel(wanted).sum(["region", "group"]).transpose("year", "sex", "age").values
        assert np.array_equal(array_of(numbers, part["ages"]), np.rint(persons))


def test_yearly_assumptions_are_those_of_the_result(pair):
    content, numbers = content_of(page(pair))

    for scenario, result in zip(content["scenarios"], pair, strict=True):
        found = {entry["words"]: array_of(numbers, entry["values"]).ravel() for entry in scenario["yearly"]}
        life = result["life_expectancy"].squeeze(["region", "group"], drop=True)
        assert np.allclose(found["Life expectancy at birth, women"], life.sel(sex="female"), atol=0.00006)
        assert np.allclose(found["Life expectancy at birth, men"], life.sel(sex="male"), atol=0.00006)
        assert np.allclose(found["Total fertility rate"], result["total_fertility"].values.ravel(), atol=0.00006)
        net = result["net_migrants"].sum(["sex", "age", "region", "group"])
        assert np.allclose(found["Net migration"], per_year(result, net), atol=0.00006)


@pytest.mark.parametrize(
    ("values", "decimals", "shift"),
    [
        (np.array([0.0, -1.5, 2.25, 1e9, -1e9]), 3, 0),
        (np.array([np.nan, 1.0, np.nan, -63.0, 64.0, -64.0, 8191.0, 8192.0]), 0, 0),
        (np.arange(24.0).reshape(3, 2, 4) * 1000, 0, 1),
        (np.array([[[5.0]], [[7.0]]]), 0, 0),
    ],
)
def test_numbers_are_read_back_as_they_were_rounded(values, decimals, shift):
    numbers = Numbers()
    numbers.add(np.array([123.0]), 0)
    entry = numbers.add(values, decimals, shift)

    found = array_of(numbers.bytes(), entry).reshape(values.shape)

    assert np.array_equal(found, np.round(values, decimals), equal_nan=True)


def test_a_number_that_a_browser_could_not_hold_is_refused():
    with pytest.raises(DataError, match="1e\\+16 cannot be kept with 0 decimals in a page"):
        Numbers().add(np.array([1e16]), 0)


@pytest.mark.parametrize("divided", [False, True], ids=["one population", "regions and groups"])
def test_ten_scenarios_to_2070_are_less_than_5_mb(divided):
    name = "belgium-regions" if divided else "editions/outlook-2023"
    results = [
        sim.run(
            SCENARIOS / f"{name}.yaml",
            changes=["period.end=2070", f"fertility.sex_ratio_at_birth={1.04 + place / 500}"],
        )
        for place in range(10)
    ]
    named = [result.assign_attrs(name=f"scenario-{place}") for place, result in enumerate(results)]

    assert len(page(named).encode()) <= LIMIT


def test_the_same_results_make_the_same_page(pair):
    assert page(pair) == page(pair)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_sentence_of_the_page_is_said_in_every_language(language):
    said = translations()[language]["said"]

    assert len(sentences()) > 100
    for sentence in sentences():
        assert said[sentence]
        assert set(re.findall(r"{\w+}", said[sentence])) == set(re.findall(r"{\w+}", sentence)), sentence


def test_scripts_say_only_sentences_that_can_be_found():
    """What is said is written out, so that it can be translated; `words.js` and data may be said by name."""
    for script in SCRIPTS:
        text = (FOLDER / script).read_text(encoding="utf-8")
        by_name = re.findall(r"\bsay\((?!\s*\")([^),]+)", text)
        assert set(by_name) <= {
            "words",
            "word",
            "unit",
            "sentence",
            "gap.words",
            "element.dataset.say",
            "element.dataset.sayLabel",
            "part.block",
            "content.indicators[name].words",
        }, script


def test_only_published_figures_of_the_whole_stand_beside_its_line(small):
    published = [
        {"indicator": "population", "year": 2014, "value": 90000},
        {"indicator": "population", "year": 2013, "value": 20000, "region": "BE1"},
        {"indicator": "births", "year": 2013, "value": 500},
    ]
    content, _ = content_of(page([small(tables=STATE_TABLES, published=published, **STATES)]))

    assert content["scenarios"][0]["published"] == [[2014, 90000]]
    assert [gap["words"] for gap in content["scenarios"][0]["gaps"]] == ["Population", "Population", "Births"]


def test_what_a_scenario_states_is_listed_with_its_source(pair):
    content, _ = content_of(page(pair))
    first, second = (scenario["stated"]["migration.balance"] for scenario in content["scenarios"])

    assert first["text"] == (
        "2012: 62000, 2015: 62000, 2020: 35000, 2030: 25000, 2060: 20000; interpolate linear; unit persons per year"
    )
    assert first["source"] == "vandenberghe-2014"
    assert second["text"].startswith("2012: 0; after constant")
    assert second["assumption"] == "nobody, net"


def test_gaps_and_provenance_are_those_of_the_result(pair):
    content, _ = content_of(page(pair))
    scenario, result = content["scenarios"][0], pair[0]

    gaps = {(gap["indicator"], gap["period"]): gap for gap in scenario["gaps"]}
    final = float(result["population"].sel(year=2060).sum())
    assert gaps["population", "2060"]["gap"] == pytest.approx(final - 12_700_000)
    assert gaps["population", "2060"]["rounding"] == 50_000
    assert scenario["provenance"]["scenario_sha256"] == result.attrs["scenario_sha256"]
    assert scenario["provenance"]["inputs"] == json.loads(result.attrs["inputs"])
    assert scenario["provenance"]["versions"] == json.loads(result.attrs["versions"])


def test_results_that_do_not_fit_are_aligned_and_the_page_says_how(small):
    people = "sex,age,value\n" + "".join(f"{sex},{age},{1000 + age}\n" for sex in SEXES for age in range(61))
    old = small(
        "old",
        tables={
            "people60.csv": people,
            "survival60.csv": "age,value\n" + "".join(f"{age},0.98\n" for age in range(61)),
            "net60.csv": "sex,age,value\n" + "".join(f"{sex},{age},0\n" for sex in SEXES for age in range(61)),
        },
        ages={"open": 60},
        period={"start": 2013, "end": 2016},
        population={"table": "people60.csv"},
        mortality={"survival_ratio": {"table": "survival60.csv", "age": "reached"}},
        migration={"net": {"table": "net60.csv", "age": "reached"}},
    )
    young = small()
    content, numbers = content_of(page([old, young]))

    assert content["ages"] == list(range(51))
    summed = array_of(numbers, content["scenarios"][0]["parts"][0]["ages"])
    persons = old["population"].sum(["region", "group"]).transpose("year", "sex", "age").values
    expected = np.concatenate([persons[..., :50], persons[..., 50:].sum(axis=-1, keepdims=True)], axis=-1)
    assert np.array_equal(summed, np.rint(expected))
    told = [remark["say"].format(**remark["values"]) for remark in content["remarks"]]
    assert told == [
        "Pyramids show the ages that all scenarios tell apart (51 ages, the last 50+); those of old were added up to "
        "them. Indicators are of each scenario's own ages.",
        "The scenarios cover different years (2013–2016: old; 2012–2015: small). Each is shown in its own; "
        "differences are shown of the years that both have.",
    ]


def test_results_of_other_groups_or_areas_are_named(small):
    whole, divided = small(), small("divided", tables=STATE_TABLES, **STATES)
    told = [remark["say"].format(**remark["values"]) for remark in content_of(page([whole, divided]))[0]["remarks"]]

    assert told == [
        "Not all scenarios tell regions apart (BE1, BE2: divided); a region is shown of those that do.",
        "Not all scenarios tell groups apart (belgian, foreign: divided); a group is shown of those that do.",
    ]


def test_what_cannot_be_shown_is_refused(pair, small):
    with pytest.raises(DataError, match="there is no result to compare"):
        page([])
    with pytest.raises(DataError, match="two results share the name zero-migration"):
        page([pair[1], pair[1]])
    with pytest.raises(DataError, match="'de' is no language of pages; there are: en, nl, fr"):
        page(pair, "de")
    part = {"scenario": "other", "baseline": "small", "year": 2015, "block": "migration", "value": 1.0}
    with pytest.raises(DataError, match="an explanation is of 'other', which is not shown; shown are: small"):
        page([small()], why=Explained([part], []))


@pytest.mark.parametrize("module", ["jinja2", "plotly.offline"])
def test_what_is_not_installed_is_named(monkeypatch, pair, module):
    from sim.report import html

    html._library.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(DataError, match=r"pip install 'saldo\[report\]'"):
        page(pair)


def test_what_is_infinite_is_missing():
    packed = Numbers()
    entry = packed.add(np.array([1.0, np.inf, -np.inf]), 0)

    assert entry["missing"] == [1, 2]


def test_documents_of_one_key_stay_apart(small):
    one, other = (
        small(name).assign_attrs(sources=json.dumps({"statbel": f"Document of {name}"})) for name in ("one", "two")
    )
    content, _ = content_of(page([one, other]))

    assert [scenario["documents"]["statbel"] for scenario in content["scenarios"]] == [
        "Document of one",
        "Document of two",
    ]
    assert content["sources"]["documents"] == [["statbel", "Document of one"], ["statbel", "Document of two"]]
