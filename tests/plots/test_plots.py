"""Figures show the numbers of the Dataset, and every word in them can be read."""

import io
import itertools
import json

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.text import Text

import sim
from sim import plots
from sim.analysis import indicators
from sim.errors import DataError
from sim.plots.labels import place, spread
from sim.plots.style import Page, measure, number, save, scale_for, wrap, wrap_evenly
from sim.plots.words import source_line


def artist(figure, gid):
    """The one artist of a figure that bears an id."""
    (found,) = figure.findobj(lambda candidate: candidate.get_gid() == gid)
    return found


def words(figure):
    """All texts that a reader sees."""
    figure.draw_without_rendering()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def box_of(text):
    """Box of a text without the line that leads to it, less a hair's breadth."""
    return Text.get_window_extent(text).padded(-0.5)


def boxes(figure):
    """Boxes of all texts."""
    return {text: box_of(text) for text in words(figure)}


def test_no_word_covers_another(figures):
    covered = [
        (kind, one.get_text(), other.get_text())
        for kind, figure in figures.items()
        for (one, box), (other, second) in itertools.combinations(boxes(figure).items(), 2)
        if box.overlaps(second)
    ]

    assert covered == []


def test_no_word_is_cut_off(figures):
    cut = [
        (kind, text.get_text())
        for kind, figure in figures.items()
        for text, box in boxes(figure).items()
        if box.x0 < 0 or box.y0 < 0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1
    ]

    assert cut == []


def test_no_line_crosses_a_label_beside_it(figures):
    crossed = []
    for kind, figure in figures.items():
        axes = figure.axes[0]
        labels = [text for text in axes.texts if text.get_gid() == "label"]
        for text, line in itertools.product(labels, axes.get_lines()):
            path = line.get_transform().transform_path(line.get_path())
            if path.intersects_bbox(box_of(text), filled=False):
                crossed.append((kind, text.get_text(), line.get_gid()))

    assert crossed == []


def test_labels_at_the_ends_keep_the_order_of_the_lines(figures):
    for kind in ("compare many", "difference of many"):
        labels = [text for text in figures[kind].axes[0].texts if text.get_gid() == "end-label"]
        ends = [text.xy[1] for text in labels]
        heights = [box_of(text).y0 for text in labels]
        assert np.argsort(ends, stable=True).tolist() == np.argsort(heights, stable=True).tolist()


def test_the_population_figure_shows_the_population(outlook, figures):
    line = artist(figures["population"], "projected")

    np.testing.assert_array_equal(line.get_xdata(), outlook["year"])
    np.testing.assert_array_equal(line.get_ydata(), indicators.population(outlook))


def test_the_population_figure_shows_what_was_observed_from_twenty_years_before(outlook, figures):
    line = artist(figures["population"], "observed")
    observed = [entry for entry in json.loads(outlook.attrs["observed"]) if entry["indicator"] == "population"]
    entries = [entry for entry in observed if entry["year"] >= 2012 - 20]

    np.testing.assert_array_equal(line.get_xdata(), [entry["year"] for entry in entries])
    np.testing.assert_array_equal(line.get_ydata(), [entry["value"] for entry in entries])


def test_published_figures_stand_at_their_values_with_their_rounding(figures):
    containers = figures["population"].axes[0].containers

    points = [container.lines[0].get_xydata()[0].tolist() for container in containers]
    bars = [container.lines[2][0].get_segments()[0][:, 1].tolist() for container in containers]

    assert points == [[2030, 12.1e6], [2060, 12.7e6]]
    np.testing.assert_allclose(bars, [[12.05e6, 12.15e6], [12.65e6, 12.75e6]], rtol=1e-14)


def test_published_values_are_written_as_they_were_printed(figures):
    written = {text.get_text() for text in words(figures["population near published"])}

    assert {"11.9", "12.00", "12.4", "12.38"} <= written


def test_nothing_known_of_the_whole_is_shown_with_a_part(divided, figures):
    figure = figures["population of a part"]
    share = indicators.population(divided.sel(region="BE1", group="foreign"))

    np.testing.assert_allclose(artist(figure, "projected").get_ydata(), share, rtol=1e-14)
    assert figure.axes[0].containers == []
    assert any("region BE1, group foreign" in text.get_text().replace("\n", " ") for text in words(figure))


@pytest.mark.parametrize(("gid", "year"), [("filled", 2060), ("outline", 2012)])
@pytest.mark.parametrize(("sex", "side"), [("male", -1), ("female", 1)])
def test_the_pyramid_shows_men_to_the_left_and_women_to_the_right(outlook, figures, gid, year, sex, side):
    steps = artist(figures["pyramid"], f"{gid} {sex}").get_data()
    expected = outlook["population"].sel(year=year, sex=sex).squeeze()

    np.testing.assert_array_equal(side * steps.values, expected)
    np.testing.assert_array_equal(steps.edges, np.arange(107))


def test_both_sides_of_a_pyramid_have_the_same_scale(figures):
    for kind in ("pyramid", "one pyramid", "four pyramids"):
        pyramids = [axes for axes in figures[kind].axes if any(label.get_text() for label in axes.get_yticklabels())]
        assert len(pyramids) == (4 if kind == "four pyramids" else 1)
        for axes in pyramids:
            left, right = axes.get_xlim()
            assert left == -right


def test_the_pyramid_states_totals(outlook, figures):
    women = outlook["population"].sel(sex="female").sum(["region", "group", "age"]) / 1e6
    expected = f"{float(women.sel(year=2060)):.2f} million in 2060, {float(women.sel(year=2012)):.2f} in 2012"

    assert expected in {text.get_text() for text in words(figures["pyramid"])}


@pytest.mark.parametrize("flow", ["births", "deaths"])
def test_lines_of_components_show_the_flows(outlook, figures, flow):
    line = artist(figures["components"], flow)

    np.testing.assert_array_equal(line.get_xdata(), outlook["period"])
    np.testing.assert_array_equal(line.get_ydata(), getattr(indicators, flow)(outlook))


def test_bars_of_components_show_net_migration_from_zero(outlook, figures):
    (bars,) = figures["components"].axes[0].containers

    np.testing.assert_allclose([bar.get_height() for bar in bars], indicators.net_migration(outlook), rtol=1e-14)
    np.testing.assert_array_equal([bar.get_y() for bar in bars], 0)
    assert figures["components"].axes[0].get_ylim()[0] == 0


def test_the_first_year_of_natural_decrease_is_marked(outlook, figures):
    year = int(indicators.first_year_of_natural_decrease(outlook))

    assert artist(figures["components"], "natural decrease").get_xdata().tolist() == [year]
    assert f"{year}: deaths\nexceed births" in {text.get_text() for text in words(figures["components"])}


def test_natural_decrease_that_never_comes_is_not_marked(make_result):
    figure = plots.components(make_result("fertile", fertility=4))

    assert not any("exceed" in text.get_text() for text in words(figure))


def test_flows_of_longer_steps_are_shown_by_the_year(outlook):
    slow = outlook.isel(year=slice(0, 3), period=slice(0, 2)).assign_coords(
        year=[2012, 2017, 2022], period=[2012, 2017]
    )

    line = artist(plots.components(slow), "births")

    edges = np.arange(2012, 2023) - 0.5
    np.testing.assert_array_equal(line.get_xdata(), np.column_stack([edges[:-1], edges[1:]]).ravel())
    np.testing.assert_allclose(line.get_ydata(), np.repeat(indicators.births(slow), 10) / 5, rtol=1e-14)


@pytest.mark.parametrize("kind", ["components", "components in fives"])
def test_the_shade_ends_where_the_lines_end(figures, kind):
    vertices = [path.vertices for area in figures[kind].axes[0].collections for path in area.get_paths()]
    shaded = np.concatenate(vertices)[:, 0]
    line = artist(figures[kind], "births").get_xdata()

    assert (shaded.min(), shaded.max()) == (line.min(), line.max())


@pytest.mark.parametrize("kind", ["components of a part", "components of a part in fives", "components with moves"])
def test_net_migration_of_a_part_is_a_line(figures, kind):
    assert figures[kind].axes[0].containers == []
    assert artist(figures[kind], "net_migration") in figures[kind].axes[0].get_lines()
    assert not any("Bars" in text.get_text() for text in words(figures[kind]))


def test_bars_of_net_migration_are_named(figures):
    assert any("Bars: net migration" in text.get_text().replace("\n", " ") for text in words(figures["components"]))


def test_bars_that_would_reach_the_lines_are_a_line(make_result):
    figure = plots.components(make_result("magnet", migration={2012: 130000, 2060: 130000}))

    assert figure.axes[0].containers == []
    np.testing.assert_allclose(artist(figure, "net_migration").get_ydata(), 130000, rtol=1e-12)


@pytest.mark.parametrize("kind", ["components", "components of a part", "components with moves", "components in fives"])
def test_the_highest_flow_stays_clear_of_the_upper_edge(figures, kind):
    axes = figures[kind].axes[0]
    bottom, top = axes.get_ylim()
    highest = max(np.nanmax(line.get_ydata()) for line in axes.get_lines())

    assert highest < top - 0.08 * (top - bottom)


@pytest.fixture(scope="module")
def one_year(make_result):
    """A year in which more left than came, with what was observed then and in other years."""
    return make_result("year", "A year", years=range(2012, 2014), migration={2012: -30000})


def values_of(figure, gid):
    return [text.get_text() for text in words(figure) if text.get_gid() == gid]


def test_components_of_one_year_are_bars_with_dots_for_what_was_observed(one_year):
    figure = plots.components(one_year)

    births, deaths = (float(getattr(indicators, name)(one_year)[0]) for name in ("births", "deaths"))
    expected = {"births": births, "deaths": deaths, "natural_balance": births - deaths, "net_migration": -30000}
    observed = {
        entry["indicator"]: entry["value"] for entry in json.loads(one_year.attrs["observed"]) if entry["year"] == 2012
    }
    seen = {**observed, "natural_balance": observed["births"] - observed["deaths"]}
    assert values_of(figure, "name") == ["Births", "Deaths", "Natural balance", "Net migration"]
    assert values_of(figure, "value") == [
        f"{number(value, 0)} ({number(seen[name], 0)})" for name, value in expected.items()
    ]
    for name, value in expected.items():
        assert artist(figure, name).get_x() == 0
        assert artist(figure, name).get_width() == pytest.approx(value, rel=1e-12)
        assert artist(figure, f"observed {name}").get_xdata() == [pytest.approx(seen[name], rel=1e-12)]
    shown = " ".join(text.get_text().replace("\n", " ") for text in words(figure))
    assert "Births, deaths and net migration, 2012" in shown
    assert "Shaded" not in shown


def test_components_of_one_year_without_observed_flows_have_no_dots(one_year, exchanging):
    figures = [
        plots.components(one_year.assign_attrs(observed="[]")),
        plots.components(one_year, region="all"),
        plots.components(exchanging.isel(period=[3], year=[3, 4]), region="BE1", group="foreign"),
    ]

    for figure, dots in zip(figures, (0, 4, 0), strict=True):
        found = [line for line in figure.axes[0].get_lines() if str(line.get_gid()).startswith("observed")]
        assert len(found) == dots
        assert any("observed" in text.get_text() for text in words(figure)) == bool(dots)
    *_, moves, changes = values_of(figures[2], "name")
    assert (moves, changes) == ("Net moves", "Net changes")
    year = exchanging.sel(period=2015, region="BE1", group="foreign")
    for name in ("moves", "changes"):
        net = float((year[f"{name}_in"] - year[f"{name}_out"]).sum())
        assert artist(figures[2], name).get_width() == pytest.approx(net, rel=1e-9)


def test_words_of_one_year_neither_cover_each_other_nor_bars_nor_dots(one_year, exchanging):
    for figure in (
        plots.components(one_year),
        plots.components(exchanging.isel(period=[3], year=[3, 4]), region="BE1", group="foreign"),
    ):
        found = boxes(figure)
        assert not any(one.overlaps(other) for one, other in itertools.combinations(found.values(), 2))
        assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 for box in found.values())
        marks = [*figure.axes[0].patches, *(line for line in figure.axes[0].get_lines() if line.get_gid())]
        for text, mark in itertools.product(found, marks):
            assert not found[text].overlaps(mark.get_window_extent()), text.get_text()


def test_of_two_labels_of_a_point_neither_stands_on_the_line_to_the_other():
    page = Page("Title", "", "Note", "Source")
    axes = page.axes(1, 0.5, 5, 2.5)
    axes.plot([0, 1], [0, 1])
    axes.set(xlim=(0, 1), ylim=(0, 1))

    for words_of in ("11.04", "projected", "again"):
        place(page, axes, words_of, (1, 0.97), "black")

    page.figure.draw_without_rendering()
    led = [text for text in axes.texts if text.arrow_patch is not None]
    assert led
    for text, other in itertools.product(led, axes.texts):
        path = text.arrow_patch.get_transform().transform_path(text.arrow_patch.get_path())
        assert other is text or not path.intersects_bbox(box_of(other), filled=False)


def test_lines_to_labels_run_through_no_other_label(make_result):
    end = {"indicator": "population", "year": 2013, "value": 11.083e6, "source": "communique"}
    figure = plots.population(make_result("two", years=range(2012, 2014), published=[end]))

    labels = [text for text in words(figure) if text.get_gid() == "label"]
    assert {text.get_text() for text in labels} == {"observed", "projected", "11.08"}
    assert [text.xy[0] for text in labels if text.get_text() == "projected"] == [2012.5]
    led = [text for text in labels if text.arrow_patch is not None]
    assert led
    for text, other in itertools.permutations(labels, 2):
        if text.arrow_patch is not None:
            path = text.arrow_patch.get_transform().transform_path(text.arrow_patch.get_path())
            assert not path.intersects_bbox(box_of(other), filled=False)


def test_natural_decrease_without_births_is_not_marked(divided):
    divided = divided.copy()
    divided["births"] = divided["births"] * (divided["group"] == "foreign")

    figure = plots.components(divided, group="belgian")

    assert not any("exceed" in text.get_text() for text in words(figure))


@pytest.mark.parametrize("where", [{}, {"region": "BE1"}, {"region": "BE1", "group": "foreign"}])
@pytest.mark.parametrize("kind", ["population", "components", "pyramid", "states"])
def test_every_figure_names_the_source_of_the_population(exchanging, kind, where):
    if kind == "states" and "group" in where:
        return
    known = exchanging.assign_attrs(population_source="Register of all")

    figure = getattr(plots, kind)(known, **where)

    assert any(text.get_text().startswith("Source: Register of all;") for text in words(figure))


def test_a_source_is_named_once_in_its_fullest_form(outlook):
    line = source_line([outlook], ["Statbel (Register)", "Eurostat", "Statbel", "Statbel (Register); by origin Vause"])

    assert line.startswith("Source: Eurostat; Statbel (Register); by origin Vause; projection")


def test_compared_paths_show_each_result(variants, figures):
    for result in variants:
        line = artist(figures["compare population"], result.attrs["name"])
        np.testing.assert_array_equal(line.get_ydata(), indicators.population(result))


def test_compared_differences_are_counted_from_the_baseline(variants, figures):
    _, high, zero = variants
    expected = indicators.population(high) - indicators.population(zero)

    np.testing.assert_array_equal(artist(figures["difference"], "high").get_ydata(), expected)
    np.testing.assert_array_equal(artist(figures["difference"], "zero").get_ydata(), 0)


def test_every_figure_says_where_it_comes_from(figures):
    for figure in figures.values():
        assert any(text.get_text().startswith(("Source: ", "Projection")) for text in words(figure))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda result: plots.pyramid(result, region="BE9"),
            "no region 'BE9' in divided; there is BE1, BE2, BE3",
        ),
        (
            lambda result: plots.population(result, group="x"),
            "no group 'x' in divided; there is belgian, foreign",
        ),
        (lambda result: plots.components(result, group="x"), "no group 'x'"),
        (
            lambda result: plots.pyramid(result, year=2070),
            "no 1 January 2070 in divided; it covers 2012 to 2060",
        ),
        (lambda result: plots.pyramid(result, reference=1900), "no 1 January 1900"),
        (lambda result: plots.difference([result]), "nothing to compare with divided"),
        (lambda result: plots.population(result.expand_dims(draw=2)), "2 values of 'draw'"),
    ],
)
def test_what_is_not_there_cannot_be_drawn(divided, draw, message):
    with pytest.raises(DataError, match=message):
        draw(divided)


def test_settings_of_the_user_neither_matter_nor_change(outlook):
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "lines.linewidth": 9, "savefig.bbox": "tight"}):
        before = dict(mpl.rcParams)
        figure = plots.population(outlook)
        assert dict(mpl.rcParams) == before
        changed, usual = io.BytesIO(), io.BytesIO()
        save(figure, changed, "png")
    save(plots.population(outlook), usual, "png")

    assert changed.getvalue() == usual.getvalue()


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes(outlook, file_format):
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        save(plots.components(outlook), file, file_format)

    assert files[0].getvalue() == files[1].getvalue()


def test_the_result_is_left_as_it_was(outlook):
    before = outlook.copy(deep=True)

    plots.population(outlook)
    plots.components(outlook)
    plots.pyramid(outlook)

    assert outlook.identical(before)


def test_boxes_are_spread_without_covering_each_other():
    heights = [1.0, 2.0, 1.0, 1.0]

    middles = spread([5.0, 5.1, 0.0, 9.9], heights, 0.0, 10.0)

    np.testing.assert_allclose(middles, [4.3, 5.8, 0.5, 9.5], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("value", "decimals", "sign", "text"),
    [
        (1234567.4, 0, False, "1,234,567"),
        (-0.001, 2, True, "0.00"),
        (-12.345, 1, False, "\u221212.3"),
        (0.5, 1, True, "+0.5"),
    ],
)
def test_numbers_are_written_with_commas_and_true_minus_signs(value, decimals, sign, text):
    assert number(value, decimals, sign=sign) == text


@pytest.mark.parametrize(("largest", "unit"), [(9_999, ""), (10_000, "thousand"), (1e6, "million")])
def test_the_unit_fits_the_largest_value(largest, unit):
    assert scale_for(largest).unit == unit


def test_thousands_have_commas_on_axes_as_in_texts(make_result):
    figure = plots.population(make_result("village", total=8000, migration={2012: 0}, published=[], observed=[]))
    ticks = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]

    assert any(tick.startswith("7,") for tick in ticks)
    assert not any("\u202f" in text.get_text() for text in words(figure))


@pytest.mark.parametrize(
    ("lines", "room"),
    [
        (["one line"], "one line and more"),
        (["naturalised from outside", "the union and here"], "naturalised from outside the union"),
        (["ab", "cdefghijklmnopqrstuvwxyz ij"], "ab cdefghijklmnopqrstuvwxyz."),
    ],
)
def test_lines_are_broken_evenly_and_words_kept_whole(lines, room):
    assert wrap_evenly(" ".join(lines), 8.5, measure(room, 8.5)[0]).split("\n") == lines


def test_long_words_are_broken_where_they_must_be():
    lines = wrap("a " + "x" * 60, 8.5, 1.0).split("\n")

    assert lines[0] == "a"
    assert "".join(lines[1:]) == "x" * 60
    assert len(lines) > 3


def test_an_open_age_after_single_ages_is_drawn_up_to_105_with_the_area_of_its_persons(pytestconfig):
    file = pytestconfig.rootpath / "scenarios" / "belgium-2012.yaml"
    result = sim.run(file, changes=["ages.open=85", "period.end=2013"])

    figure = plots.pyramid(result)

    steps = artist(figure, "filled female").get_data()
    persons = result["population"].isel(year=-1).sel(sex="female").sum(["region", "group"]).values
    np.testing.assert_array_equal(steps.edges, [*range(86), 105])
    np.testing.assert_allclose(steps.values * np.diff(steps.edges), persons, rtol=1e-12)
    assert "those of 85 and over evenly to 105" in "".join(text.get_text() for text in figure.texts)
