"""Figures speak English, Dutch or French: every word, every number, and nothing covers anything."""

import io
import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date

import pytest
from matplotlib.text import Text
from test_migration_figures import of_emigration, with_pipelines, with_sponsors
from test_vintages_figure import PUBLISHED, fared
from test_waterfall import PARTS, SPANS, explanation

from sim import plots
from sim.errors import DataError
from sim.plots.language import LANGUAGES, catalogue, said, speaking, spoken, standard
from sim.plots.style import measure, number, percent, save, scale_for, wrap
from sim.plots.words import counted, day_in_words, in_words

TRANSLATIONS = LANGUAGES[1:]
OWN = "kwartz"
"""A word of no language, which all titles, names and sources of these tests are made of."""
NAMES = {
    OWN,
    "saldo",
    "eurostat",
    "planbureau",
    "statbel",
    "be",
    "eu",
    "district",
    "policy",
    "office",
    "residence",
    *"abcde",
}
"""Words that are names: of the program, of publishers, of editions, and of what these tests draw."""
MOVING = {"animated_pyramid", "write_animated_pyramid"}
"""What each of their pictures says is what a pyramid says."""
SERIES = ("births", "life_expectancy", "net_migration", "population", "sex_ratio_at_birth", "total_fertility_printed")


def named(result, name="a"):
    """The result with words of no language for its own."""
    sources = dict.fromkeys(json.loads(result.attrs["sources"]), OWN)
    return result.assign_attrs(name=f"{OWN}-{name}", title=f"{OWN} {name}", sources=json.dumps(sources))


@pytest.fixture(scope="module")
def kinds(make_result, outlook, divided, exchanging, fives, many_regions, variants):
    """How to draw each kind of figure, plain and with all that changes its sentences."""
    first, high, zero = (named(result, name) for result, name in zip(variants, "abc", strict=True))
    five = [named(first, name) for name in "abcde"]
    why, why_by_years = (
        explanation(parts=dict.fromkeys(PARTS, -30_000.0), level=310_000, inner=inner, sources=[OWN]).assign_coords(
            scenario=[f"{OWN}-a", f"{OWN}-b"], title=("scenario", [f"{OWN} a", f"{OWN} b"])
        )
        for inner in (None, SPANS)
    )
    parts, steps, regions = named(exchanging), named(fives), named(many_regions)
    year, village = named(make_result(years=range(2012, 2014))), named(make_result(total=2400, migration={2012: -20}))
    short = make_result(years=range(2012, 2016))
    asylum = named(with_pipelines(short))
    law, later = (OWN, "2013-07-02", "2014-03-01"), (f"{OWN}-d", "2014-01-01")
    base = named(with_sponsors(short, [500, 500, 500]))
    changed, twice = (
        named(with_sponsors(short, [500, 400, 300], policies=policies), "b") for policies in ([law], [law, later])
    )
    leaving = [
        named(result, name)
        for name, result in zip("ba", of_emigration((changed, base), {"end": {"flow": "emigration"}}), strict=True)
    ]
    bare = [result.drop_vars(["immigrants_by_sponsor", "sponsor"]) for result in (changed, base)]
    editions, one = fared(range(2007, 2025), published=PUBLISHED), fared([2012])
    editions, one = (
        found.assign_coords(title=("edition", [OWN] * found.sizes["edition"])) for found in (editions, one)
    )
    return {
        "population": lambda: plots.population(first),
        "population of a part": lambda: plots.population(parts, region="BE1", group="foreign"),
        "population in fives": lambda: plots.population(steps),
        "population of a village": lambda: plots.population(village),
        "pyramid": lambda: plots.pyramid(first),
        "pyramid of one year": lambda: plots.pyramid(parts, year=2040, reference=2040, group="foreign"),
        "pyramid in fives": lambda: plots.pyramid(steps, region="BE1"),
        "components": lambda: plots.components(first),
        "components of a part": lambda: plots.components(parts, region="BE1", group="foreign"),
        "components in fives": lambda: plots.components(steps),
        "components of a year": lambda: plots.components(year),
        "states": lambda: plots.states(parts),
        "states of regions": lambda: plots.states(regions),
        "states in fives": lambda: plots.states(steps, region="BE1"),
        "population of three": lambda: plots.population([first, high, zero]),
        "difference": lambda: plots.difference([first, high, zero]),
        "pyramid of two": lambda: plots.pyramid([first, high]),
        "pyramid of three": lambda: plots.pyramid([first, high, zero]),
        "pyramid of five": lambda: plots.pyramid(five),
        "components of three": lambda: plots.components([first, high, zero]),
        "dependency": lambda: plots.dependency(first),
        "dependency of three": lambda: plots.dependency([first, high, zero]),
        "lexis": lambda: plots.lexis(first),
        "lexis of three": lambda: plots.lexis([first, high, zero]),
        "lexis_difference": lambda: plots.lexis_difference([first, high, zero]),
        "parts": lambda: plots.parts(parts),
        "parts of regions": lambda: plots.parts(regions),
        "parts as an index": lambda: plots.parts(parts, index=True),
        "waterfall": lambda: plots.waterfall(why),
        "waterfall by years": lambda: plots.waterfall([why_by_years, why_by_years]),
        "motives": lambda: plots.motives(base),
        "motives by sponsor": lambda: plots.motives(base, by="sponsor"),
        "motives of a year": lambda: plots.motives(base.isel(period=[1], year=[1, 2]), by="sponsor"),
        "pipeline": lambda: plots.pipeline(asylum, "asylum"),
        "pipeline in persons": lambda: plots.pipeline(asylum, "regularisation"),
        "policy_effect": lambda: plots.policy_effect([changed, base]),
        "policy_effect of two": lambda: plots.policy_effect([twice, base]),
        "policy_effect by motive": lambda: plots.policy_effect(bare),
        "policy_effect on emigration": lambda: plots.policy_effect(leaving),
        "vintages": lambda: plots.vintages(editions),
        "vintages of one": lambda: plots.vintages(one),
        "vintage_errors": lambda: plots.vintage_errors(editions),
        "vintage_errors of short names": lambda: plots.vintage_errors(
            editions.assign_coords(edition=[str(place) for place in range(editions.sizes["edition"])])
        ),
        **{
            f"published_series {indicator}": lambda indicator=indicator: plots.published_series(indicator)
            for indicator in SERIES
        },
    }


@pytest.fixture(scope="module", params=TRANSLATIONS)
def drawn(request, kinds):
    """Every kind of figure in a language."""
    with speaking(request.param):
        return request.param, {kind: draw() for kind, draw in kinds.items()}


def texts_of(figure):
    figure.draw_without_rendering()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def words_in(texts):
    """Words of texts in small letters."""
    return {word.lower() for text in texts for word in re.findall(r"[^\W\d_]+", text)}


def vocabulary(language):
    """Every word of the translations."""
    sentences = [*catalogue(language).values(), *standard(language).values()]
    return words_in(form for text in sentences for form in (text.values() if isinstance(text, dict) else [text]))


def test_every_function_that_draws_is_tested_here(kinds):
    assert {kind.split()[0] for kind in kinds} == set(plots.__all__) - {"speaking"} - MOVING


def is_printed_source(kind, text):
    """Whether a text is the list of where figures were printed, as `test_catalogues` looks at it."""
    return kind.startswith("published_series") and text.startswith(("Bron:", "Source\N{NO-BREAK SPACE}:"))


def test_every_word_of_a_figure_is_of_the_language_or_a_name(drawn):
    language, figures = drawn
    known = vocabulary(language) | NAMES

    shown = {kind: [text.get_text() for text in texts_of(figure)] for kind, figure in figures.items()}
    foreign = {
        kind: words_in(text for text in texts if not is_printed_source(kind, text)) - known
        for kind, texts in shown.items()
    }

    assert {kind: words for kind, words in foreign.items() if words} == {}


def test_no_word_covers_another_or_is_cut_off(drawn):
    for kind, figure in drawn[1].items():
        boxes = [(text.get_text(), Text.get_window_extent(text).padded(-0.5)) for text in texts_of(figure)]
        pairs = itertools.combinations(boxes, 2)
        assert [(kind, one, other) for (one, box), (other, second) in pairs if box.overlaps(second)] == []
        edge = figure.bbox
        cut = [text for text, box in boxes if min(box.x0, box.y0) < 0 or box.x1 > edge.x1 or box.y1 > edge.y1]
        assert (kind, cut) == (kind, [])


def test_no_line_begins_with_a_mark(drawn):
    for kind, figure in drawn[1].items():
        lines = [line for text in texts_of(figure) for line in text.get_text().split("\n")]
        assert (kind, [line for line in lines if re.match(r"\s*[:;,.%»)]", line)]) == (kind, [])


@pytest.mark.parametrize("letters", [1, 4, 8, 12, 16, 20])
def test_numbers_and_words_with_their_marks_stay_on_one_line(letters):
    with speaking("fr"):
        share, persons = percent(12.3, 1), number(1234567, 0)
        text = said("{title}: region {region}", title="Le titre", region=f"{persons} ou {share}")

    lines = wrap(text, 8.5, measure("n" * letters + "12 345 678 901", 8.5)[0]).split("\n")

    assert " ".join(lines) == text
    assert any("1\u202f234\u202f567" in line for line in lines)
    assert not any(re.match(r"[:%]", line) for line in lines)


def test_no_number_of_a_figure_is_written_as_in_english(drawn):
    language, figures = drawn
    wrong = {"nl": r"\d,\d{3}\b|\d\.(?!\d{3}\b)\d|\d%", "fr": r"\d,\d{3}\b|\d\.\d|\d%"}[language]

    for kind, figure in figures.items():
        texts = [text.get_text() for text in texts_of(figure) if not is_printed_source(kind, text.get_text())]
        found = [text for text in texts if re.search(wrong, text)]
        assert kind == "published_series sex_ratio_at_birth" or (kind, found) == (kind, [])


@pytest.mark.parametrize(("language", "thousands"), [("en", "7,000"), ("nl", "7.000"), ("fr", "7\u202f000")])
def test_axes_have_the_marks_of_the_language(make_result, language, thousands):
    village = make_result("village", total=7000, migration={2012: 0}, published=[], observed=[])

    with speaking(language):
        figure = plots.population(village)

    assert thousands in {tick.get_text() for tick in figure.axes[0].get_yticklabels()}


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["1,234,567.8", "\u22121,234.5", "+0.5", "0", "12.3%", "\u22120.5%"]),
        ("nl", ["1.234.567,8", "\u22121.234,5", "+0,5", "0", "12,3\xa0%", "\u22120,5\xa0%"]),
        ("fr", ["1\u202f234\u202f567,8", "\u22121\u202f234,5", "+0,5", "0", "12,3\xa0%", "\u22120,5\xa0%"]),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(language, texts):
    with speaking(language):
        written = [number(1234567.8, 1), number(-1234.5, 1), number(0.5, 1, sign=True), number(-0.2, 0, sign=True)]
        written += [percent(12.34, 1), percent(-0.5, 1, sign=True)]

    assert written == texts


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["0 persons", "1 person", "2 persons", "1 file", "1.00 million", "12.0 thousand"]),
        ("nl", ["0 personen", "1 persoon", "2 personen", "1 dossier", "1,00 miljoen", "12,0 duizend"]),
        (
            "fr",
            ["0 personne", "1 personne", "2 personnes", "1 dossier", "1,00 million", "12,0 milliers"],
        ),
    ],
)
def test_nouns_agree_with_what_is_written(language, texts):
    with speaking(language):
        written = [counted(value, "persons") for value in (0.3, 1.4, 1.6)] + [counted(1, "files")]
        written += [scale_for(value).words(value) for value in (1e6, 12000)]

    assert written == texts


def test_french_has_a_plural_from_what_is_written_as_two():
    scale = scale_for(1e6)

    with speaking("fr"):
        assert (scale.words(1.994e6), scale.words(1.996e6)) == ("1,99 million", "2,00 millions")
        assert scale.words(-2.5e6) == "\u22122,50 millions"


@pytest.mark.parametrize(
    ("language", "days"),
    [
        ("en", ("1 March 2024", "22 December 2011")),
        ("nl", ("1 maart 2024", "22 december 2011")),
        ("fr", ("1er mars 2024", "22 décembre 2011")),
    ],
)
def test_days_are_written_as_the_language_writes_them(language, days):
    with speaking(language):
        assert (day_in_words(date(2024, 3, 1)), day_in_words(date(2011, 12, 22))) == days


def test_every_month_has_its_name():
    with speaking("nl"):
        days = [day_in_words(date(2024, month, 2)) for month in range(1, 13)]

    assert " ".join(day.split()[1] for day in days) == (
        "januari februari maart april mei juni juli augustus september oktober november december"
    )


def test_labels_of_the_data_are_translated_and_those_of_a_user_are_not():
    with speaking("nl"):
        assert [in_words(label) for label in ("eu_free_movement", "born_belgian", "my_own_label")] == [
            "vrij verkeer EU",
            "als Belg geboren",
            "my own label",
        ]
    assert in_words("eu_free_movement") == "EU free movement"


def test_a_language_holds_for_a_while_also_within_another_and_after_an_error():
    assert spoken() == "en"
    with speaking("nl"):
        with suppress(ZeroDivisionError), speaking("fr"):
            assert said("Births") == "Naissances"
            _ = 1 / 0
        assert said("Births") == "Geboorten"
    assert (spoken(), said("Births")) == ("en", "Births")


def test_threads_speak_their_own_language():
    with speaking("nl"), ThreadPoolExecutor(1) as other:
        assert other.submit(said, "Births").result() == "Births"
        assert said("Births") == "Geboorten"


@pytest.mark.parametrize("language", ["de", "NL", ""])
def test_another_language_is_refused(language):
    with (
        pytest.raises(DataError, match=f"'{language}' is no language of figures; there are: en, nl, fr"),
        speaking(language),
    ):
        pass
    assert spoken() == "en"


def test_a_sentence_without_translation_is_never_said_in_english():
    with speaking("fr"), pytest.raises(KeyError):
        said("Nobody has translated this")


@pytest.mark.parametrize("file_format", ["png", "svg"])
def test_a_figure_keeps_its_language_where_it_is_saved_under_another(kinds, file_format):
    files = [io.BytesIO() for _ in range(4)]

    for file, drawing, saving in zip(files, ("nl", "nl", "en", "fr"), ("nl", "en", "nl", "en"), strict=True):
        with speaking(drawing):
            figure = kinds["components"]()
        with speaking(saving):
            save(figure, file, file_format)

    dutch, also_dutch, english, french = (file.getvalue() for file in files)
    assert dutch == also_dutch
    assert len({dutch, english, french}) == 3
