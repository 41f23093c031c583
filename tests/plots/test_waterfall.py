"""The waterfall shows the numbers of the explanations, and every word in it can be read."""

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from sim import plots
from sim.analysis.decompose import BLOCKS, INDICATORS
from sim.assumptions.components import BALANCE, ENDINGS, NET, STAYS
from sim.errors import DataError
from sim.plots.explanation_words import words_of
from sim.plots.language import speaking

LANGUAGES = Path(plots.__file__).parent / "languages"
DASH = "\N{EN DASH}"
PARTS = {
    "base population": -120_000,
    "fertility": 310_000,
    "mortality": 0,
    "migration": -640_000,
    "convention": 1_500,
}
LONG = "Outlook 2019-2070, variant with high migration (Federal Planning Bureau and Statistics Belgium, 3 March 2020)"


def explanation(name="high", parts=PARTS, level=12_000_000, title=None, inner=None, **attributes):
    """Differences that grow from nothing in 2020 to these parts in 2060; inner is by span, or by flow of migration."""
    growing = np.array([0, 0.5, 1])
    blocks = list(parts)
    part = np.array([parts[block] * growing for block in blocks])
    difference = part.sum(axis=0)
    value = np.array([np.full(3, float(level)), level + difference])
    attrs = {"baseline": "low", "indicator": "population", "start": 2020, "carried": False, "sources": ["Statbel", ""]}
    found = xr.Dataset(
        {
            "value": (("scenario", "year"), value),
            "difference": ("year", difference),
            "part": (("block", "year"), part),
        },
        {
            "year": [2020, 2040, 2060],
            "block": blocks,
            "scenario": ["low", name],
            "title": ("scenario", ["Low outlook", title or f"The {name} outlook"]),
        },
        attrs | attributes,
    )
    if isinstance(inner, dict):
        flows = np.array([share * part[blocks.index("migration")] for share in inner.values()])
        found["part_of_migration"] = (("component", "year"), flows)
        return found.assign_coords(component=list(inner))
    if inner:
        shares = np.array([1, *[0.25] * (len(inner) - 1)])
        divided = shares[:, None] / shares.sum() * part[:, None]
        divided[blocks.index("base population")] = divided[blocks.index("convention")] = np.nan
        found["part_of_span"] = (("block", "span", "year"), divided)
        return found.assign_coords(span=list(inner))
    return found


SPANS = [f"2020{DASH}2029", f"2030{DASH}2039", f"2040{DASH}2059"]
FLOWS = {"immigration: family, foreign": 0.7, "immigration: work, foreign": -0.2, "emigration: foreign": 0.5}
RATE = {"fertility": 0.8, "mortality": -3.2, "migration": 0.4, "convention": 0}


@pytest.fixture(scope="module")
def figures():
    several = [explanation(f"variant-{place}", {**PARTS, "migration": 150_000 * place}) for place in range(-4, 4)]
    return {
        "one": plots.waterfall(explanation()),
        "earlier": plots.waterfall(explanation(), 2040),
        "spans": plots.waterfall(explanation(inner=SPANS, title=LONG)),
        "flows": plots.waterfall(explanation(inner=FLOWS)),
        "two": plots.waterfall([explanation(title=LONG), explanation("other", {**PARTS, "fertility": -900_000})]),
        "three": plots.waterfall([explanation(), explanation("b", title=LONG), explanation("c", inner=FLOWS)]),
        "eight": plots.waterfall(several),
        "rate": plots.waterfall(explanation(parts=RATE, level=48, indicator="old_age_dependency")),
        "village": plots.waterfall(explanation(parts={"fertility": 12.0, "migration": -30.0}, level=310)),
        "balance": plots.waterfall(explanation(parts={"migration": -25_000}, level=25_000)),
        "same": plots.waterfall(explanation(parts=dict.fromkeys(PARTS, 0))),
    }


def bars(axes):
    """Where each bar begins and how far it reaches, in the order from top to bottom."""
    found = [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_gid()]
    return {patch.get_gid(): (patch.get_x(), patch.get_width()) for patch in sorted(found, key=lambda bar: bar.get_y())}


def texts(figure, gid):
    return [text.get_text() for text in figure.findobj(Text) if text.get_gid() == gid and text.get_visible()]


def everything(figure):
    """All words of a figure, as one text."""
    return " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())


def totals(axes):
    return [float(line.get_xdata()[0]) for line in axes.lines if line.get_gid() == "total"]


# Numbers


@pytest.mark.parametrize(("kind", "share"), [("one", 1), ("earlier", 0.5)])
def test_each_bar_begins_where_the_one_before_ended(figures, kind, share):
    (axes,) = figures[kind].axes
    level, expected = 12e6, {}
    for block, value in PARTS.items():
        if value:
            expected[block] = (level, value * share)
            level += value * share

    assert list(bars(axes)) == list(expected)
    np.testing.assert_allclose(list(bars(axes).values()), list(expected.values()), rtol=1e-12)
    np.testing.assert_allclose(totals(axes), [12e6, level], rtol=1e-12)


def test_values_and_names_stand_beside_the_bars(figures):
    minus = "\N{MINUS SIGN}"

    assert texts(figures["one"], "value") == ["12.000", f"{minus}0.120", "+0.310", f"{minus}0.640", "+0.002", "11.552"]
    names = ["Low outlook", "Base population", "Fertility", "Migration", "Convention of the step", "The high outlook"]
    assert [" ".join(name.split()) for name in texts(figures["one"], "name")] == names
    assert texts(figures["rate"], "value") == ["48.00", "+0.80", f"{minus}3.20", "+0.40", "46.00"]
    assert texts(figures["village"], "value") == ["310.0", "+12.0", f"{minus}30.0", "292.0"]


def test_spans_and_flows_have_bars_of_their_own_that_reach_as_far_as_their_block(figures):
    spans, flows = (bars(figures[kind].axes[0]) for kind in ("spans", "flows"))

    assert list(spans)[:4] == ["base population", *(f"fertility {span}" for span in SPANS)]
    for block in ("fertility", "migration"):
        reach = sum(width for name, (_, width) in spans.items() if name.startswith(block))
        assert reach == pytest.approx(PARTS[block])
    assert list(flows)[2:5] == [f"migration {flow}" for flow in FLOWS]
    widths = [flows[f"migration {flow}"][1] for flow in FLOWS]
    np.testing.assert_allclose(widths, [share * PARTS["migration"] for share in FLOWS.values()])


def test_each_of_several_has_a_panel_on_the_same_scale_with_the_same_rows(figures):
    figure = figures["eight"]

    assert len(figure.axes) == 8
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    assert texts(figure, "heading") == [f"The variant-{place} outlook" for place in range(-4, 4)]
    for place, axes in zip(range(-4, 4), figure.axes, strict=True):
        (_, reach) = bars(axes)["migration"]
        assert reach == pytest.approx(150_000 * place)
        assert totals(axes)[1] == pytest.approx(12e6 - 120_000 + 310_000 + 1_500 + 150_000 * place)
    assert list(bars(figures["three"].axes[0])) == list(bars(figures["three"].axes[2]))


def test_what_makes_no_difference_has_no_bar(figures):
    assert bars(figures["same"].axes[0]) == {}
    assert totals(figures["same"].axes[0]) == [12e6, 12e6]


def test_what_is_but_rounding_has_no_bar():
    parts = {**PARTS, "mortality": 3e-7, "fertility": 0.5}

    assert list(bars(plots.waterfall(explanation(parts=parts)).axes[0])) == [
        "base population",
        "fertility",
        "migration",
        "convention",
    ]


def test_all_bars_and_marks_lie_within_the_axes(figures):
    for figure in figures.values():
        for axes in figure.axes:
            low, high = axes.get_xlim()
            ends = [end for left, width in bars(axes).values() for end in (left, left + width)]
            assert all(low < end < high for end in [*ends, *totals(axes)])


# Words


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("one", "Million persons; the axis does not begin at zero. Bars: what each block"),
        ("balance", "Thousand persons. Bars: what each block"),
        ("rate", "The axis does not begin at zero. Bars: what each block"),
    ],
)
def test_the_note_names_the_unit_and_an_axis_that_does_not_begin_at_zero(figures, kind, start):
    assert start in everything(figures[kind])


def test_the_note_says_what_the_years_are(figures):
    assert [kind for kind in figures if "Years: those that the assumptions are of." in everything(figures[kind])] == [
        "spans"
    ]


def test_the_note_says_whose_base_population_it_is(figures):
    several = [explanation(str(start), carried=True, start=start) for start in (2014, 2015)]

    assert "that of the first 1 January that both cover, as each projection has it." in everything(
        plots.waterfall(several)
    )
    assert "that of 1 January 2015, as each projection has it." in everything(plots.waterfall(several[1:]))
    assert "as each projection has it" not in everything(figures["one"])


@pytest.mark.parametrize(
    ("attributes", "time", "title"),
    [
        ({}, "year", "Population on 1 January 2060: why the projections differ"),
        ({"indicator": "births"}, "period", "Births in 2060: why the projections differ"),
        ({"indicator": "women of 80"}, "year", "women of 80 on 1 January 2060: why the projections differ"),
    ],
)
def test_titles_name_the_indicator_and_the_year(attributes, time, title):
    assert title in everything(plots.waterfall(explanation(**attributes).rename(year=time)))


def test_no_word_covers_another_or_is_cut_off(figures):
    for kind, figure in figures.items():
        figure.draw_without_rendering()
        page = figure.bbox
        shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        found = [(text.get_text(), text.get_window_extent()) for text in shown]
        cut = [words for words, box in found if min(box.x0, box.y0) < 0 or box.x1 > page.x1 or box.y1 > page.y1]
        covered = [(one, two) for (one, box), (two, other) in itertools.combinations(found, 2) if box.overlaps(other)]
        assert cut == covered == [], kind


def test_no_bar_lies_under_a_value(figures):
    for kind, figure in figures.items():
        figure.draw_without_rendering()
        for axes in figure.axes:
            values = [text for text in axes.texts if text.get_gid() == "value"]
            shapes = [patch for patch in axes.patches if patch.get_gid()]
            for text, bar in itertools.product(values, shapes):
                assert not text.get_window_extent().overlaps(bar.get_window_extent()), (kind, text.get_text())


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_every_word_of_a_waterfall_has_a_translation(language):
    known = tomllib.loads((LANGUAGES / f"{language}.toml").read_text(encoding="utf-8"))
    flows = ["immigration", "emigration", NET, BALANCE, STAYS, ENDINGS, "emigration: foreign"]

    with speaking(language):
        words = {words_of(block, part) for block in BLOCKS.values() for part in ("", "2020", *flows)}
        for indicator in INDICATORS:
            plots.waterfall(explanation(indicator=indicator))
        plots.waterfall(explanation(indicator="births").rename(year="period"))
        carried = [explanation(str(start), inner=SPANS, carried=True, start=start) for start in (2014, 2015)]
        plots.waterfall(carried)
        plots.waterfall(carried[0])

    assert len(words) > 20
    for sentence, translation in known.items():
        if isinstance(translation, str):
            assert sorted(re.findall(r"\{\w+\}", sentence)) == sorted(re.findall(r"\{\w+\}", translation))


def test_dutch_and_french_waterfalls_speak_their_language():
    for language, words in (("nl", "Uitgangsbevolking"), ("fr", "Population de base")):
        with speaking(language):
            assert words in everything(plots.waterfall(explanation()))


# What cannot be drawn


@pytest.mark.parametrize(
    ("explanations", "year", "message"),
    [
        ([], None, "a waterfall has 1 to 10 panels, not 0"),
        ([explanation(str(place)) for place in range(11)], None, "a waterfall has 1 to 10 panels, not 11"),
        (
            [explanation(), explanation(baseline="zero")],
            None,
            "the explanations have different baselines: low, zero; draw one figure for each",
        ),
        (
            [explanation(), explanation(indicator="births").rename(year="period")],
            None,
            "the explanations have different indicators: population, births; draw one figure for each",
        ),
        (
            [explanation(inner=SPANS), explanation(inner=SPANS[:2])],
            None,
            f"the assumptions are divided by different years: {', '.join(SPANS)}; {', '.join(SPANS[:2])}; "
            "draw one figure for each",
        ),
        ([explanation()], 2050, "the explanations have no year 2050: they cover 2020 to 2060"),
        (
            [explanation(), explanation().assign_coords(year=[1, 2, 3])],
            None,
            "the explanations have no year: no year is common to them",
        ),
    ],
)
def test_what_does_not_fit_is_refused(explanations, year, message):
    with pytest.raises(DataError) as caught:
        plots.waterfall(explanations, year)

    assert str(caught.value) == message


def test_the_last_year_common_to_all_is_drawn():
    later = explanation("later").assign_coords(year=[2030, 2040, 2070])

    figure = plots.waterfall([explanation(), later])

    reach = [bars(axes)["fertility"][1] for axes in figure.axes]
    assert reach == [155_000, 155_000]
