"""The figures of the editions show the numbers of the Dataset, and every word in them can be read."""

import itertools
import json

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex
from matplotlib.text import Text

from sim import plots
from sim.analysis.vintages.errors import by_horizon, means
from sim.errors import DataError
from sim.plots.vintages import edition_colors

LAST = 2025


def fared(starts, drift=(0.004, 0.0), ends=None, published=(), first=10e6):
    """Editions by the year, each growing at the rate of the observed population and a drift of its own."""
    starts = np.array(starts)
    ends = np.array([2060 if start < 2017 else 2070 for start in starts]) if ends is None else np.array(ends)
    years = np.arange(starts.min(), ends.max() + 1)
    observed = np.where(years <= LAST, first * 1.006 ** (years - years[0]), np.nan)
    rates = 0.006 + np.linspace(*drift, len(starts))
    base = first * 1.006 ** (starts - years[0])
    slowing = (1 - np.exp(-0.04 * (years - starts[:, None]))) / 0.04
    paths = base[:, None] * np.exp(rates[:, None] * slowing)
    paths[(years < starts[:, None]) | (years > ends[:, None])] = np.nan
    aligned = by_horizon(100 * (paths / observed - 1), starts - years[0])
    found = means(aligned)
    names = [f"planbureau-{start}" if place % 5 else f"eurostat-{start}" for place, start in enumerate(starts)]
    figures = {name: [figure[place] for figure in published] for place, name in enumerate(("edition", "year", "value"))}
    return xr.Dataset(
        {
            "population": (("edition", "year"), paths),
            "observed_population": ("year", observed),
            "error_percent_by_horizon": (("edition", "horizon"), aligned),
            "mean_absolute_error_percent": ("horizon", found.absolute),
            "editions_reaching": ("horizon", found.editions),
            "published_edition": ("figure", np.array([names[place] for place in figures["edition"]], dtype=str)),
            "published_year": ("figure", np.array(figures["year"], dtype=int)),
            "published_last_year": ("figure", np.array(figures["year"], dtype=int)),
            "published_population": ("figure", np.array(figures["value"], dtype=float)),
        },
        {
            "edition": names,
            "title": ("edition", [f"Outlook {start}" for start in starts]),
            "start": ("edition", starts),
            "end": ("edition", ends),
            "year": years,
            "horizon": np.arange(len(years)),
        },
        {"observed": "belgium", "sources": json.dumps(["Statbel (National Register)", "Statbel", "Eurostat"])},
    )


PUBLISHED = [(0, 2030, 12.1e6), (0, 2060, 13.5e6), (3, 2060, 12.4e6), (17, 2070, 13.0e6), (12, 2070, 12.9e6)]


@pytest.fixture(scope="module")
def eighteen():
    """An edition each year from 2007 to 2024, several of which published something."""
    return fared(range(2007, 2025), published=PUBLISHED)


@pytest.fixture(scope="module")
def alike():
    """Eighteen editions that end within a hair of each other."""
    return fared(range(2007, 2025), drift=(0.0001, 0.0), ends=[2070] * 18)


@pytest.fixture(scope="module")
def with_stray():
    """Editions as they are, and one of the first that falls far off."""
    found = fared([1991, *range(2008, 2022)], drift=(0.001, -0.001), published=[(0, 2050, 5.7e6), (5, 2060, 12.5e6)])
    years = found["year"].values
    found["population"][0] = np.where(years <= 2060, 10e6 - 30e3 * (years - 1991), np.nan)
    found["error_percent_by_horizon"][0] = 100 * (found["population"][0] / found["observed_population"] - 1).values
    found["mean_absolute_error_percent"][:] = means(found["error_percent_by_horizon"].values).absolute
    return found


@pytest.fixture(scope="module")
def drawn(eighteen, alike, with_stray):
    kinds = {
        "eighteen": eighteen,
        "alike": alike,
        "stray": with_stray,
        "one": fared([2012]),
        "two": fared([2012, 2012]),
    }
    return {
        f"{kind} {draw.__name__}": draw(found)
        for kind, found in kinds.items()
        for draw in (plots.vintages, plots.vintage_errors)
    }


def artists(figure, gid):
    return figure.findobj(lambda candidate: candidate.get_gid() == gid)


def words(figure):
    figure.draw_without_rendering()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def boxes(figure):
    return [(text, Text.get_window_extent(text).padded(-0.5)) for text in words(figure)]


def test_no_word_covers_another(drawn):
    covered = [
        (kind, one.get_text(), other.get_text())
        for kind, figure in drawn.items()
        for (one, box), (other, second) in itertools.combinations(boxes(figure), 2)
        if box.overlaps(second)
    ]

    assert covered == []


def test_no_word_is_cut_off(drawn):
    cut = [
        (kind, text.get_text())
        for kind, figure in drawn.items()
        for text, box in boxes(figure)
        if box.x0 < 0 or box.y0 < 0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1
    ]

    assert cut == []


def test_no_line_crosses_the_word_for_what_was_observed(drawn):
    crossed = []
    for kind, figure in drawn.items():
        (axes,) = figure.axes
        labels = [text for text in axes.texts if text.get_gid() == "label"]
        for text, line in itertools.product(labels, axes.get_lines()):
            if (
                line.get_transform()
                .transform_path(line.get_path())
                .intersects_bbox(Text.get_window_extent(text), filled=False)
            ):
                crossed.append((kind, text.get_text(), line.get_gid()))

    assert crossed == []


def test_paths_are_those_of_the_editions(eighteen, drawn):
    figure = drawn["eighteen vintages"]

    for name, path in zip(eighteen["edition"].values, eighteen["population"].values, strict=True):
        (line,) = artists(figure, name)
        np.testing.assert_array_equal(line.get_xdata(), eighteen["year"].values[~np.isnan(path)])
        np.testing.assert_array_equal(line.get_ydata(), path[~np.isnan(path)])


def test_the_observed_population_lies_on_top_to_its_latest_year(eighteen, drawn):
    (line,) = artists(drawn["eighteen vintages"], "observed")

    np.testing.assert_array_equal(line.get_xdata(), np.arange(2007, LAST + 1))
    np.testing.assert_array_equal(line.get_ydata(), eighteen["observed_population"].sel(year=slice(None, LAST)))
    others = [other.get_zorder() for other in drawn["eighteen vintages"].axes[0].get_lines() if other is not line]
    assert line.get_zorder() >= max(others)
    latest = eighteen["observed_population"].sel(year=LAST).item() / 1e6
    assert f"observed: {latest:.2f} in 2025" in {text.get_text() for text in words(drawn["eighteen vintages"])}


def test_each_path_ends_at_its_name_and_last_value(eighteen, drawn):
    labels = {text.get_text() for text in artists(drawn["eighteen vintages"], "end-label")}
    lasts = [path[~np.isnan(path)][-1] / 1e6 for path in eighteen["population"].values]

    assert labels == {f"{last:.2f} {name}" for last, name in zip(lasts, eighteen["edition"].values, strict=True)}


def test_a_path_that_ends_early_is_led_to_its_label(eighteen, drawn):
    guides = artists(drawn["eighteen vintages"], "guide")
    early = eighteen["end"].values == 2060

    assert [list(line.get_xdata()) for line in guides] == [[2060, 2070]] * early.sum()
    np.testing.assert_array_equal(
        [line.get_ydata()[1] for line in guides], eighteen["population"].sel(year=2060).values[early]
    )


def test_published_figures_are_diamonds_in_the_colour_of_their_edition(eighteen, drawn):
    diamonds = artists(drawn["eighteen vintages"], "published")
    colors = edition_colors(eighteen["start"].values.tolist())

    assert [tuple(line.get_xydata()[0]) for line in diamonds] == [(year, value) for _, year, value in PUBLISHED]
    assert [to_hex(line.get_color()) for line in diamonds] == [colors[place] for place, _, _ in PUBLISHED]
    assert {line.get_marker() for line in diamonds} == {"D"}


def test_a_mean_of_several_years_stands_between_them():
    found = fared([2012], published=[(0, 2030, 12e6)])
    found["published_last_year"][:] = 2034

    (diamond,) = artists(plots.vintages(found), "published")

    assert diamond.get_xydata()[0].tolist() == [2032, 12e6]


def test_colors_run_from_ochre_to_indigo_by_the_first_year():
    colors = edition_colors([2010, 1991, 2020, 2010, 2024])

    assert (colors[1], colors[4]) == ("#8f7000", "#332288")
    assert colors[0] == colors[3] == "#d55e00"
    assert edition_colors([2012]) == ["#8f7000"]


def test_errors_are_those_of_the_editions_as_far_as_they_are_observed(eighteen, drawn):
    figure = drawn["eighteen vintage_errors"]

    for name, line in zip(eighteen["edition"].values, eighteen["error_percent_by_horizon"].values, strict=True):
        (artist,) = artists(figure, name)
        start = int(name.split("-")[1])
        np.testing.assert_array_equal(artist.get_xdata(), np.arange(LAST - start + 1))
        np.testing.assert_array_equal(artist.get_ydata(), line[: LAST - start + 1])
    latest = [tuple(dot.get_xydata()[0]) for dot in artists(figure, "latest")]
    assert latest == [(LAST - start, row[LAST - start]) for start, row in zip(
        eighteen["start"].values, eighteen["error_percent_by_horizon"].values, strict=True
    )]  # fmt: skip


def test_the_mean_absolute_error_is_bold_as_far_as_a_third_of_the_editions_get(eighteen, drawn):
    (line,) = artists(drawn["eighteen vintage_errors"], "mean")

    sixth = sorted(eighteen["start"].values.tolist())[5]
    np.testing.assert_array_equal(line.get_xdata(), np.arange(LAST - sixth + 1))
    np.testing.assert_array_equal(line.get_ydata(), eighteen["mean_absolute_error_percent"].values[: LAST - sixth + 1])
    assert line.get_linewidth() > 2 * artists(drawn["eighteen vintage_errors"], "planbureau-2013")[0].get_linewidth()


@pytest.mark.parametrize("kind", ["one", "two"])
def test_two_editions_have_no_mean(drawn, kind):
    assert artists(drawn[f"{kind} vintage_errors"], "mean") == []


def test_the_latest_error_of_each_edition_is_written_beside_the_plot(eighteen, drawn):
    texts = [text.get_text() for text in artists(drawn["eighteen vintage_errors"], "label beside")]

    errors = eighteen["error_percent_by_horizon"].values
    last = LAST - eighteen["start"].values
    assert texts.pop(0) == "mean absolute error"
    expected = [
        f"{name} {round(row[place], 1) + 0.0:+.1f} after {place}".replace("-0.0", "0.0").replace("+0.0", "0.0")
        for name, row, place in zip(eighteen["edition"].values, errors, last, strict=True)
    ]
    assert [text.replace("\N{MINUS SIGN}", "-") for text in texts] == expected


def test_an_edition_far_off_does_not_set_the_frame(with_stray, drawn):
    figure = drawn["stray vintages"]
    (axes,) = figure.axes
    near = with_stray["population"][1:].sel(year=slice(1998, None))

    assert axes.get_xlim() == (1998, 2070)
    assert axes.get_ylim()[0] > 10e6
    assert axes.get_ylim()[1] < 1.1 * near.max()
    (stray,) = artists(figure, "eurostat-1991")
    assert stray.get_clip_on()
    np.testing.assert_array_equal(stray.get_ydata(), with_stray["population"][0].dropna("year"))
    assert [dot.get_clip_on() for dot in artists(figure, "published")] == [True, False]
    assert "7.93 eurostat-1991" in {text.get_text() for text in words(figure)}
    assert any("Off the scale: eurostat-1991" in text.get_text().replace("\n", " ") for text in words(figure))


def test_an_edition_far_off_does_not_set_the_frame_of_the_errors(with_stray, drawn):
    figure = drawn["stray vintage_errors"]
    (axes,) = figure.axes

    assert axes.get_xlim() == (0, LAST - 2008)
    assert axes.get_ylim()[0] > -10
    (stray,) = artists(figure, "eurostat-1991")
    assert stray.get_clip_on()
    assert len(stray.get_xdata()) == LAST - 1991 + 1
    (mean,) = artists(figure, "mean")
    assert mean.get_xdata()[-1] <= LAST - 2008
    told = " ".join(text.get_text().replace("\n", " ") for text in words(figure))
    assert "Off the scale: eurostat-1991, counted in the mean" in told


def test_diamonds_are_told_where_there_are_some(drawn):
    for kind, told in (("eighteen", True), ("alike", False)):
        assert any("Diamonds" in text.get_text() for text in words(drawn[f"{kind} vintages"])) == told


def test_nobody_is_off_the_scale_where_all_are_alike(drawn):
    assert not any("Off the scale" in text.get_text() for text in words(drawn["eighteen vintages"]))


def test_titles_and_sources_are_told(drawn):
    for kind, title in (("vintages", "How the outlooks for Belgium fared"), ("vintage_errors", "By how much the outl")):
        told = " ".join(text.get_text().replace("\n", " ") for text in words(drawn[f"eighteen {kind}"]))
        assert title in told
        assert "18 outlooks from 2007 to 2024, reconstructed as scenarios; observed to 1 January 2025" in told
        assert (
            "Source: Statbel (National Register); Eurostat; projection computed with saldo: outlooks reconstructed"
            in told
        )
    assert any(
        "Outlook 2012, reconstructed as a scenario; observed" in text.get_text()
        for text in words(drawn["one vintages"])
    )


def test_errors_of_editions_that_have_just_begun_are_refused():
    with pytest.raises(DataError, match=r"^no 1 January is observed after the start of eurostat-2025$"):
        plots.vintage_errors(fared([2025]))
