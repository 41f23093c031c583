"""Every sentence of the figures and of the page is there in Dutch and French, and no translation is left over."""

import ast
import importlib.util
import re
import string
from pathlib import Path

import pytest

from sim.axes import MOTIVES
from sim.data import figures as printed
from sim.data.catalogue import describe, groupings, names, population_source
from sim.errors import DataError
from sim.plots import known
from sim.plots.language import LANGUAGES, catalogue, standard
from sim.plots.words import in_words

PACKAGE = Path(__file__).parents[2] / "sim"
SCENARIOS = PACKAGE.parent / "scenarios"
ROOMS = ("plots", "report")
FLOWS = {"immigrants", "emigrants"}
TRANSLATIONS = LANGUAGES[1:]
ALIKE = {
    "nl": {
        *("{number} in {year}", "{number} in {year}, {other} in {reference}", "{number}\nin {year}"),
        *("{share} in {year}", "EU", "Indicator", "Scenario", "in procedure"),
    },
    "fr": {
        *("Immigrants", "Immigration", "Note", "Population", "Provenance", "Source", "Sources", "Versions"),
        *("immigrants", "migration", "note", "six", "source", "total"),
    },
}
"""Sentences that are the same in English."""


def modules():
    """Syntax trees of the modules that may say something, by their paths."""
    paths = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


TREES = modules()


def calls_of(tree):
    """Calls of ``said``."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said"
    ]


def tables_of(tree):
    """Texts in the values of each table of a module, by its name."""
    tables = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            texts = [value.value for value in node.value.values if isinstance(value, ast.Constant)]
            tables.update({target.id: texts for target in node.targets if isinstance(target, ast.Name)})
    return tables


def texts_of(argument, tables):
    """Sentences that an argument may be: a literal, one of two, an entry of a table of the module; else none."""
    if isinstance(argument, ast.Constant):
        return [argument.value]
    if isinstance(argument, ast.IfExp):
        return [*texts_of(argument.body, tables), *texts_of(argument.orelse, tables)]
    if isinstance(argument, ast.Subscript) and isinstance(argument.value, ast.Name):
        return tables.get(argument.value.id, [])
    return []


def sayings():
    """Every sentence said in the code, with the call that says it."""
    return [
        (text, call)
        for tree in TREES.values()
        for call in calls_of(tree)
        for text in texts_of(call.args[0], tables_of(tree))
    ]


def of_the_page():
    """Sentences of the page that is sent, where there is one."""
    if importlib.util.find_spec("sim.report") is None:
        return []
    return list(importlib.import_module("sim.report.sentences").sentences())


SAID = {text for text, _ in sayings()} | set(of_the_page())


def forms(sentence):
    """The one form of a sentence, or those for one and for many."""
    return list(sentence.values()) if isinstance(sentence, dict) else [sentence]


def names_in(text):
    """Names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", TREES)
def test_what_is_said_can_be_read_off_the_code(path):
    tables = tables_of(TREES[path])

    assert [call.lineno for call in calls_of(TREES[path]) if not texts_of(call.args[0], tables)] == []


def test_the_walk_finds_sentences_of_all_kinds():
    assert {"Births", "{number} persons", "Width: files. Colour: granted, and so into the population register. "
            "Grey: outside the population", "; "} <= SAID  # fmt: skip
    assert len(SAID) > 120


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_sentence_has_a_translation_and_every_translation_a_sentence(language):
    assert SAID - set(catalogue(language)) == set()
    assert set(catalogue(language)) - SAID == set()


def test_english_forms_are_of_sentences_that_are_said():
    assert set(catalogue("en")) - SAID == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_names_of_the_sentence(language):
    for text, sentence in catalogue(language).items():
        for form in forms(sentence):
            assert names_in(form) == names_in(text), text
    for text, words in standard(language).items():
        assert names_in(words) == names_in(text) == set()


def test_what_stands_for_the_names_is_given():
    for text, call in sayings():
        given = {keyword.arg for keyword in call.keywords}
        if None not in given:
            assert given == names_in(text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_with_a_form_for_one_are_said_with_what_they_count(language):
    counted = {text for text, call in sayings() if len(call.args) == 2}
    formed = {text: sentence for text, sentence in catalogue(language).items() if isinstance(sentence, dict)}

    assert set(formed) - counted == set()
    for text, sentence in formed.items():
        assert set(sentence) == {"one", "many"}, text
        assert sentence["one"] != sentence["many"], text


def test_a_count_matters_in_some_language():
    counted = {text for text, call in sayings() if len(call.args) == 2}

    for text in counted:
        assert any(isinstance(catalogue(language).get(text), dict) for language in LANGUAGES), text


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_is_no_copy_of_the_english(language):
    copied = {
        text
        for translations in (catalogue(language), standard(language))
        for text, sentence in translations.items()
        if sentence == text and re.search(r"[^\W\d_]", re.sub(r"{\w+}", "", text))
    }

    assert copied - ALIKE[language] == set()


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_the_end_of_a_line_begins_with_the_same_mark(language):
    for text, sentence in catalogue(language).items():
        for form in forms(sentence):
            if text[0] in ".,;":
                assert form.lstrip()[0] == text[0], text
            assert text == "; " or form.strip() == form, text


def test_french_has_a_space_before_marks_that_no_line_is_broken_at():
    for translations in (catalogue("fr"), standard("fr")):
        for text, sentence in translations.items():
            for form in forms(sentence):
                assert not re.search(r"[^\N{NO-BREAK SPACE}][:;?!%»]|«[^\N{NO-BREAK SPACE}]", form), text


def test_dutch_has_no_space_before_marks_but_of_percent():
    for translations in (catalogue("nl"), standard("nl")):
        for text, sentence in translations.items():
            for form in forms(sentence):
                assert not re.search(r"\s[:;?!]", form), text
                assert not re.search(r"[^\N{NO-BREAK SPACE}]%", form), text


def test_both_languages_call_the_same_things_by_a_name():
    assert set(standard("nl")) == set(standard("fr"))
    assert standard("en") == {}


def series_drawn():
    """Title, units, scopes, editions and sources of every series of printed figures."""
    for indicator, geo in sorted({(entry.indicator, entry.geo) for entry in printed.figures()}):
        try:
            lines, earlier, points = known._shown(indicator, geo)
        except DataError:
            continue
        drawn = [*lines, *([earlier] if earlier else [])]
        entries = [*(entry for line in drawn for entry in line.entries), *points]
        words = indicator.replace("_", " ")
        units = {entry.unit.removesuffix(" per year") for entry in entries}
        scopes = {line.scope or "all" for line in lines} if len(lines) > 1 else set()
        named = {words[0].upper() + words[1:], *units, *scopes}
        yield named, {entry.edition for entry in points} | set(known._sources(drawn, points))


def sources_of_populations():
    """Who counted the population of each dataset, whatever it is divided by."""
    return {
        population_source(name, division, year)
        for name in names()
        for division in (None, *groupings(name).values())
        for year in (None, *describe(name).age_group_years)
    }


def test_motives_areas_and_all_that_a_series_names_are_translated():
    named = {in_words(motive) for motive in MOTIVES} | set(known.AREAS.values()) | set(known.PUBLISHERS.values())
    named = named.union(*(names for names, _ in series_drawn())) | sources_of_populations()

    assert len(named) > 50
    assert named - set(standard("nl")) == set()


def test_sources_of_a_series_with_english_words_are_translated():
    sources = set().union(*(others for _, others in series_drawn()))
    english = {source for source in sources if re.search(r"\b(of|on|by|from|and|update|press|title)\b", source)}

    assert len(english) > 10
    assert english - set(standard("nl")) == set()


def test_nothing_has_a_name_that_nothing_names():
    scenarios = " ".join(path.read_text(encoding="utf-8") for path in SCENARIOS.rglob("*.yaml"))
    labels = {*MOTIVES, *re.findall(r"[A-Za-z][A-Za-z0-9_-]*", scenarios)}
    labels = labels.union(*(division for name in names() for division in groupings(name).values()))
    named = {in_words(label) for label in labels} | FLOWS | set(known.AREAS.values()) | set(known.PUBLISHERS.values())
    named = named.union(*(names | others for names, others in series_drawn())) | sources_of_populations()
    named |= {entry.source for entry in printed.figures()}

    assert set(standard("nl")) - named == set()
