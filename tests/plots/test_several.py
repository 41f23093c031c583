"""Figures of several results draw the numbers of each of them, and say what they leave out."""

import io
import itertools
import json

import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from matplotlib.collections import QuadMesh
from matplotlib.text import Text
from PIL import Image

from sim import plots
from sim.analysis import indicators
from sim.cli import drawing
from sim.cli.beside import another_process
from sim.errors import DataError
from sim.plots.language import LANGUAGES, speaking
from sim.plots.moving import _moving


def artist(figure, gid):
    """The one artist of a figure that bears an id."""
    (found,) = figure.findobj(lambda candidate: candidate.get_gid() == gid)
    return found


def lines(figure, gid):
    """Lines that bear an id, one a panel, from the first panel to the last."""
    return [line for axes in figure.axes for line in axes.get_lines() if line.get_gid() == gid]


def sentence(figure):
    """All texts of a figure, one after the other."""
    return " | ".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text) if text.get_text())


def persons(result, year, sex, low, high):
    """People of a sex from one age to another, added one by one."""
    return sum(float(result["population"].sel(year=year, sex=sex, age=age).sum()) for age in range(low, high + 1))


def people(result):
    """People by year and age."""
    return result["population"].sum(["region", "group", "sex"]).transpose("year", "age")


@pytest.mark.parametrize(("sex", "side"), [("male", -1), ("female", 1)])
def test_outlines_lie_over_the_baseline_and_differences_beside_it(variants, figures, sex, side):
    outlook, high, zero = (result["population"].sel(year=2060, sex=sex).squeeze().values for result in variants)
    figure = figures["two pyramids"]

    np.testing.assert_array_equal(side * artist(figure, f"filled {sex}").get_data().values, outlook)
    for name, other in (("high", high), ("zero", zero)):
        np.testing.assert_array_equal(side * artist(figure, f"outline {name} {sex}").get_data().values, other)
        np.testing.assert_array_equal(artist(figure, f"difference {name} {sex}").get_data().values, other - outlook)
        np.testing.assert_array_equal(
            artist(figure, f"difference {name} {sex} line").get_data().values, other - outlook
        )


def test_five_results_have_a_pyramid_each_with_the_difference_of_both_sexes(close, figures):
    base, other = close[2], close[4]
    figure = figures["four pyramids"]
    name = other.attrs["name"]

    for sex, side in (("male", -1), ("female", 1)):
        filled, outline = (
            side * artist(figure, f"{what} {name} {sex}").get_data().values for what in ("filled", "outline")
        )
        np.testing.assert_array_equal(filled, other["population"].sel(year=2060, sex=sex).squeeze())
        np.testing.assert_array_equal(outline, base["population"].sel(year=2060, sex=sex).squeeze())
    expected = people(other).sel(year=2060) - people(base).sel(year=2060)
    np.testing.assert_allclose(artist(figure, f"difference {name}").get_data().values, expected, rtol=1e-9, atol=1e-9)


def test_totals_and_their_differences_stand_with_the_names(variants, figures):
    totals = [float(indicators.population(result).sel(year=2060)) / 1e6 for result in variants]
    told = sentence(figures["two pyramids"])

    assert f": {totals[0]:.2f} million" in told
    assert f"High migration: {totals[1]:.2f} million (+{totals[1] - totals[0]:.2f})" in told
    assert f"No migration: {totals[2]:.2f} million (\N{MINUS SIGN}{totals[0] - totals[2]:.2f})" in told


def test_pyramids_of_other_ages_are_compared_by_the_groups_of_both(neighbours, figures):
    figure = figures["pyramids that do not fit"]
    single, fives, _ = neighbours

    base = artist(figure, "filled female").get_data()
    assert base.edges.tolist() == [*range(0, 90, 5), 90]
    assert base.values[4] == pytest.approx(persons(single, 2060, "female", 20, 24), rel=1e-12)
    assert base.values[-1] == pytest.approx(persons(single, 2060, "female", 85, 105), rel=1e-12)
    less = artist(figure, "difference later female").get_data().values
    grouped = float(fives["population"].sel(year=2060, sex="female", age=20).sum())
    assert less[4] == pytest.approx(grouped - persons(single, 2060, "female", 20, 24), rel=1e-9)
    told = sentence(figure)
    assert "Only 2020–2060, which all cover" in told
    assert "Ages summed to groups of 5 years" in told


def test_maps_show_every_year_and_age(outlook, figures):
    (mesh,) = figures["lexis"].axes[0].findobj(QuadMesh)
    table = mesh.get_array()

    expected = people(outlook).transpose("age", "year")
    np.testing.assert_allclose(table, expected, rtol=1e-14)
    years, ages = (mesh.get_coordinates()[..., axis] for axis in (0, 1))
    assert (years[0, 0], years[0, -1]) == (2011.5, 2060.5)
    assert (ages[0, 0], ages[-1, 0]) == (0, 106)


def test_maps_of_age_groups_show_persons_per_year_of_age(neighbours, figures):
    figure = figures["lexis that does not fit"]
    tables = [axes.findobj(QuadMesh)[0].get_array() for axes in figure.axes[:3]]

    expected = (persons(neighbours[0], 2025, "male", 30, 34) + persons(neighbours[0], 2025, "female", 30, 34)) / 5
    assert tables[0][6, 1] == pytest.approx(expected, rel=1e-12)
    assert tables[1][6, 1] == pytest.approx(float(neighbours[1]["population"].sel(year=2025, age=30).sum()) / 5)
    assert "per year of age, by age group of five years" in sentence(figure)


def test_maps_of_differences_count_from_the_baseline(variants):
    figure = plots.lexis_difference(variants, baseline="zero")
    tables = [mesh.get_array() for axes in figure.axes[:2] for mesh in axes.findobj(QuadMesh)]

    for table, other in zip(tables, variants[:2], strict=True):
        expected = (people(other) - people(variants[2])).transpose("age", "year")
        np.testing.assert_allclose(table, expected, rtol=1e-9, atol=1e-6)
    assert {mesh.norm.vmin for axes in figure.axes[:2] for mesh in axes.findobj(QuadMesh)} == {
        -max(float(np.abs(table).max()) for table in tables)
    }


def test_a_cohort_is_a_diagonal(figures):
    for line in lines(figures["lexis"], "cohort"):
        (first, last), (young, old) = line.get_xdata(), line.get_ydata()
        assert last - first == old - young
        assert (first - young) % 20 == 0


def test_colours_of_differences_end_as_far_above_zero_as_below(figures):
    for mesh in figures["lexis difference of eight"].findobj(QuadMesh):
        assert mesh.norm.vmin == -mesh.norm.vmax


@pytest.mark.parametrize(
    ("place", "young", "old"), [(0, range(15), []), (1, [], range(65, 106)), (2, range(15), range(65, 106))]
)
def test_dependency_ratios_are_persons_per_hundred_of_working_age(variants, place, young, old):
    figure = plots.dependency(variants)
    high = variants[1]

    line = lines(figure, "high")[place]
    at = list(line.get_xdata()).index(2040)
    table = people(high).sel(year=2040)
    expected = 100 * float(table.sel(age=[*young, *old]).sum()) / float(table.sel(age=range(15, 65)).sum())
    assert line.get_ydata()[at] == pytest.approx(expected, rel=1e-12)
    assert f" {line.get_ydata()[-1]:.1f}" in sentence(figure)


def test_parts_show_the_population_of_each(exchanging, figures):
    for line, label in zip(lines(figures["parts"], "exchanging"), ["belgian", "foreign"], strict=True):
        expected = exchanging["population"].sel(group=label).sum(["region", "sex", "age"])
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-13)


def test_parts_in_another_order_are_those_of_the_same_name(neighbours, figures):
    figure = figures["parts of three"]
    headings = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == "heading"]
    later = neighbours[1]

    assert headings == ["BE1", "BE2", "BE3"]
    for line, label in zip(lines(figure, "later"), headings, strict=True):
        expected = later["population"].sel(region=label, year=range(2020, 2061, 5)).sum(["group", "sex", "age"])
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-13)
    assert "Groups together, as they differ" in sentence(figure)


def test_an_index_counts_each_part_from_its_own_first_year(neighbours, figures):
    figure = figures["parts as an index"]
    brussels = neighbours[0]["population"].sel(region="BE1", group="foreign").sum(["sex", "age"])

    line = lines(figure, "exchanging")[0]

    assert line.get_ydata()[0] == 100
    expected = 100 * float(brussels.sel(year=2060)) / float(brussels.sel(year=2020))
    assert line.get_ydata()[-1] == pytest.approx(expected, rel=1e-12)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1


def test_of_many_parts_the_largest_are_shown_and_the_rest_together(many_regions, figures):
    figure = figures["parts of many regions"]
    last = [line.get_ydata()[-1] for line in lines(figure, "many")]

    assert len(last) == 12
    assert sum(last) == pytest.approx(float(indicators.population(many_regions)[-1]), rel=1e-12)
    assert "33 other regions together" in sentence(figure)


def test_stacks_of_two_results_have_the_same_areas_in_the_same_order(neighbours, figures):
    figure = figures["states of two"]

    for axes, result in zip(figure.axes, neighbours[:2], strict=True):
        areas = {area.get_gid(): area.get_paths()[0].vertices for area in axes.collections}
        assert list(areas) == ["belgian", "foreign"]
        share = result["population"].sel(group="belgian", year=2060).sum()
        assert areas["belgian"][:, 1].max() == pytest.approx(
            float(
                result["population"].sel(group="belgian", year=range(2020, 2061, 5)).sum(["region", "sex", "age"]).max()
            )
        )
        total = result["population"].sel(year=2060).sum()
        texts = [text.get_text() for text in axes.texts]
        assert f"B {100 * float(share / total):.1f}%" in texts


def test_shares_are_stacked_to_a_hundred(neighbours, figures):
    for axes in figures["states that do not fit"].axes:
        top = max(area.get_paths()[0].vertices[:, 1].max() for area in axes.collections)
        assert top == pytest.approx(100, rel=1e-12)


@pytest.mark.parametrize(("place", "flow"), list(enumerate(["births", "deaths", "natural_balance", "net_migration"])))
def test_flows_of_several_results_are_those_of_each(variants, figures, place, flow):
    line = lines(figures["components of three"], "high")[place]
    expected = getattr(indicators, flow)(variants[1])

    np.testing.assert_array_equal(line.get_xdata(), expected["period"])
    np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-13)


def test_flows_of_other_steps_are_yearly_means_at_the_middle_of_the_longer_step(neighbours, figures):
    single, fives, _ = neighbours
    births = [lines(figures["components that do not fit"], name)[0] for name in ("exchanging", "later")]

    assert births[0].get_xdata().tolist() == [2022, 2027, 2032, 2037, 2042, 2047, 2052, 2057]
    expected = sum(float(single["births"].sel(period=year).sum()) for year in range(2020, 2025)) / 5
    assert births[0].get_ydata()[0] == pytest.approx(expected, rel=1e-12)
    assert births[1].get_ydata()[0] == pytest.approx(float(fives["births"].sel(period=2020).sum()) / 5, rel=1e-12)


def test_each_result_has_the_same_motives_in_the_same_colours(with_motives, figures):
    few, more = (
        {bar.get_gid(): bar for bar in axes.collections if bar.get_gid()} for axes in figures["motives of two"].axes
    )

    assert list(few) == list(more) == ["family", "work", "study"]
    for name in few:
        np.testing.assert_array_equal(few[name].get_facecolor(), more[name].get_facecolor())
    study = more["study"].get_paths()[0].vertices
    table = with_motives[1]["immigrants_by_motive"].sum(["region", "group"]).values
    assert study[:, 1].max() == pytest.approx(table.sum(axis=1).max(), rel=1e-12)
    nobody = few["study"].get_paths()[0].vertices
    total = with_motives[0]["immigrants_by_motive"].sum(["region", "group", "motive"])
    assert nobody[:, 1].max() == pytest.approx(float(total.max()), rel=1e-12)


def test_published_points_have_the_colour_of_their_line(variants):
    figure = plots.population(variants[:2])
    colors = {line.get_gid(): line.get_color() for line in figure.axes[0].get_lines() if line.get_gid()}
    points = [container.lines[0] for container in figure.axes[0].containers]

    assert [point.get_color() for point in points] == [colors["outlook-2013"]] * 2 + [colors["high"]] * 2
    assert [point.get_ydata()[0] for point in points] == [12.1e6, 12.7e6] * 2


def test_what_was_observed_of_two_countries_is_drawn_apart(make_result, outlook):
    abroad = [{"indicator": "population", "year": year, "value": 4e6 + year} for year in range(1995, 2020)]
    other = make_result("other", "Another country", total=4.1e6, observed=abroad, published=[])

    figure = plots.population([outlook, other])

    ends = sorted(line.get_ydata()[-1] for line in lines(figure, "observed"))
    assert ends == [4e6 + 2019, 9.987e6 + 34e3 * 33 + 850 * 33**2]


def test_what_was_observed_is_drawn_once_of_results_of_one_country(variants, make_result):
    later = make_result("later", years=range(2020, 2061), published=[])

    figure = plots.population([*variants, later])

    (line,) = lines(figure, "observed")
    assert line.get_xdata().tolist() == list(range(1992, 2025))


def test_the_axis_of_several_begins_with_the_years_of_all(variants, neighbours, figures):
    line = lines(figures["components that do not fit"], "other")[0]

    assert line.get_xdata()[0] == 2022
    assert "Only 2020–2060, which all cover" in sentence(figures["components that do not fit"])


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda runs: plots.states([runs[0], runs[2]], by="group"), "have no groups in common to show side by side"),
        (lambda runs: plots.parts(runs, by="group"), "have no groups in common to show side by side"),
        (lambda runs: plots.parts(runs, by="country"), "'country' does not divide a population"),
        (lambda runs: plots.pyramid(runs, year=2015), "1 January 2015 is not common to all; they share 2020 to 2060"),
        (lambda runs: plots.pyramid(runs, reference=2020), "an outline of another year goes with one result"),
        (lambda runs: plots.pyramid(runs, baseline="x"), "no baseline 'x' among the results"),
        (lambda runs: plots.lexis_difference(runs[:1]), "nothing to compare with exchanging"),
        (lambda runs: plots.difference(runs[:1]), "nothing to compare with exchanging"),
        (lambda runs: plots.motives(runs), "exchanging tells no motives apart"),
        (lambda runs: plots.components([runs[0], runs[0]]), "two results share the name exchanging"),
        (
            lambda runs: plots.components([runs[0].isel(year=slice(0, 9), period=slice(0, 8)), runs[2]]),
            "only 1 January 2020 is common to all",
        ),
        (lambda runs: plots.dependency([run.assign_attrs(name=str(n)) for n, run in enumerate(runs[:1] * 17)]), "17"),
        (lambda runs: plots.pyramid([run.assign_attrs(name=str(n)) for n, run in enumerate(runs[:1] * 14)]), "14"),
        (lambda runs: plots.lexis([run.assign_attrs(name=str(n)) for n, run in enumerate(runs[:1] * 13)]), "13"),
    ],
)
def test_what_cannot_be_shown_together_is_an_error(neighbours, draw, message):
    with pytest.raises(DataError, match=message):
        draw(neighbours)


@pytest.mark.parametrize("draw", [plots.population, plots.pyramid, plots.lexis, plots.dependency, plots.parts])
def test_one_common_year_is_enough_for_people(neighbours, draw):
    short = neighbours[0].isel(year=slice(0, 9), period=slice(0, 8))

    figure = draw([short, neighbours[1]])

    assert "2020" in sentence(figure)


def frames(target):
    """Images of a GIF, and how long each is shown."""
    images, durations = [], []
    with Image.open(target) as image:
        for place in range(image.n_frames):
            image.seek(place)
            images.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
    return images, durations


@pytest.fixture(scope="module")
def short(make_result):
    """Two results of four years."""
    return [
        make_result("one", "One", years=range(2012, 2016)),
        make_result("two", "Two", years=range(2010, 2016), migration={2012: 9e5}),
    ]


@pytest.mark.parametrize("count", [1, 2])
def test_a_moving_pyramid_has_a_frame_for_every_common_year(short, count):
    buffer = io.BytesIO()

    plots.write_animated_pyramid(buffer, short[:count])

    images, durations = frames(buffer)
    assert len(images) == 4
    assert durations == [200, 200, 200, 2000]
    assert all((one != other).any() for one, other in itertools.pairwise(images))


def test_each_frame_shows_its_year_on_the_same_axes(short):
    figure, years, show, _ = _moving(short, None, None, None)
    limits = [axes.get_xlim() for axes in figure.axes]

    for place, year in enumerate(years):
        show(place)
        for result, gid in ((short[0], "filled male"), (short[1], "outline two male")):
            expected = result["population"].sel(year=year, sex="male").squeeze()
            np.testing.assert_array_equal(-artist(figure, gid).get_data().values, expected)
        less = short[1]["population"].sel(year=year) - short[0]["population"].sel(year=year)
        found = artist(figure, "difference two female").get_data().values
        np.testing.assert_allclose(found, less.sel(sex="female").squeeze(), rtol=1e-9, atol=1e-9)
        assert f"on 1 January {year}" in sentence(figure)
        total = float(indicators.population(short[1]).sel(year=year)) / 1e6
        assert f"Two: {total:.2f} million" in sentence(figure)
    assert [axes.get_xlim() for axes in figure.axes] == limits
    largest = max(float(result["population"].sel(year=years).max()) for result in short)
    assert figure.axes[0].get_xlim()[1] > largest


def test_the_animation_of_one_result_keeps_the_outline_of_its_first_year(short):
    figure, years, show, _ = _moving(short[0], None, None, None)

    show(3)

    for gid, year in (("filled female", 2015), ("outline female", 2012)):
        expected = short[0]["population"].sel(year=year, sex="female").squeeze()
        np.testing.assert_array_equal(artist(figure, gid).get_data().values, expected)
    women = float(short[0]["population"].sel(year=2015, sex="female").sum()) / 1e6
    assert f"{women:.2f} million in 2015" in sentence(figure)
    assert years == [2012, 2013, 2014, 2015]


def test_the_animation_is_one_of_matplotlib(short, tmp_path):
    moving = plots.animated_pyramid(short)

    moving.save(tmp_path / "pyramid.gif", "pillow", dpi=20)

    assert isinstance(moving, FuncAnimation)
    assert len(frames(tmp_path / "pyramid.gif")[0]) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_of_several_speak(language, neighbours, with_motives, variants, exchanging):
    with speaking(language):
        drawn = [
            plots.pyramid(neighbours),
            plots.components(neighbours, region="BE1"),
            plots.dependency(neighbours),
            plots.lexis(neighbours),
            plots.lexis_difference(variants),
            plots.states(neighbours, by="region", shares=True),
            plots.parts(exchanging),
            plots.parts(neighbours, by="region", index=True),
            plots.motives(with_motives),
            plots.population(variants),
        ]
    words = " ".join(map(sentence, drawn))

    expected = {"en": "Letters: see the key", "nl": "Letters: zie de legende", "fr": "Lettres\N{NO-BREAK SPACE}: voir"}
    assert [text in words for text in expected.values()] == [language == known for known in expected]


def test_published_figures_of_a_region_are_not_points_of_the_whole(make_result, outlook):
    regional = [{"indicator": "population", "year": 2030, "value": 1.2e6, "region": "BE1"}]
    other = make_result("other", "Other", published=regional)

    figure = plots.population([outlook, other])

    assert json.loads(other.attrs["published"]) == regional
    assert [container.lines[0].get_ydata()[0] for container in figure.axes[0].containers] == [12.1e6, 12.7e6]


def test_a_comparison_draws_what_fits_and_says_what_does_not(neighbours, tmp_path):
    short = [result.isel(year=slice(0, 9), period=slice(0, 8)) for result in neighbours[::2]]

    drawn, refused = drawing.of_comparison(short, None, tmp_path, ["png"], lambda _: None)

    assert {path.stem for path in drawn} == {
        *("population", "difference", "pyramid", "animated-pyramid"),
        *("dependency", "lexis", "lexis-difference", "states", "parts"),
    }
    assert refused == ["no figure components: only 1 January 2020 is common to all; what happens in a period needs two"]


def test_the_folder_of_many_results_has_a_short_name(eight, tmp_path):
    runs = [result.assign_attrs(changes="") for result in eight]

    folder = drawing.comparison_folder(runs, "zero", tmp_path)
    other = drawing.comparison_folder(runs[:7], "zero", tmp_path)

    assert folder.name.startswith("compare-zero-vs-7-others-")
    assert folder != other
    assert drawing.comparison_folder(runs[:2], None, tmp_path).name == "compare-outlook-2013-vs-high"


def test_a_second_process_draws_the_same_pictures(short, tmp_path):
    folders = [tmp_path / "alone", tmp_path / "together"]
    with another_process(wanted=True) as pool, speaking("nl"):
        drawn = [
            drawing.of_comparison(short, "two", folder, ["png"], lambda _: None, hand)
            for folder, hand in zip(folders, (None, pool), strict=True)
        ]

    (alone, _), (together, refused) = drawn
    assert refused == []
    assert [path.name for path in together] == [path.name for path in alone]
    assert [path.read_bytes() for path in together] == [path.read_bytes() for path in alone]


def test_the_note_of_a_moving_pyramid_holds_in_every_year(short):
    figure, years, show, changing = _moving(short[0], None, None, None)

    for place in range(len(years)):
        show(place)
        assert "by single year of age. Line: 2012" in sentence(figure)
        assert "Filled" not in sentence(figure)
    assert {artist.get_gid() for artist in changing} >= {"title", "filled male", "total female"}


def test_many_panels_that_move_bear_names_alone(short):
    five = [short[0].assign_attrs(name=name, title=name.upper()) for name in "abcde"]
    figure, _, show, changing = _moving(five, None, None, None)

    show(1)

    assert "heading" not in {artist.get_gid() for artist in changing}
    assert "million" not in sentence(figure)
    assert " | C | Men | Women" in sentence(figure)


def test_the_page_of_a_moving_picture_is_white(short, tmp_path):
    with (tmp_path / "moving.gif").open("wb") as file:
        plots.write_animated_pyramid(file, short)

    with Image.open(tmp_path / "moving.gif") as image:
        assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_nobody_has_a_pyramid_and_no_dependency_ratio(short):
    nobody = short[0].copy(data={name: 0 * values for name, values in short[0].data_vars.items()})

    assert artist(plots.pyramid(nobody), "filled male").get_data().values.max() == 0
    with pytest.raises(DataError, match=r"nobody of working age on 1 January .*; there is no dependency ratio"):
        plots.dependency(nobody)


def test_a_ratio_is_drawn_of_the_years_that_have_one(short):
    empty = short[0].copy(deep=True)
    empty["population"][0] = 0.0

    figure = plots.dependency(empty)

    (line,) = lines(figure, figure.axes[0].get_lines()[0].get_gid())[:1]
    assert np.isnan(line.get_ydata()[0])
    assert np.isfinite(line.get_ydata()[1:]).all()


@pytest.mark.parametrize(("index", "said"), [(False, True), (True, False)])
def test_only_persons_have_a_scale_of_their_own_in_each_panel(neighbours, index, said):
    figure = plots.parts(neighbours, by="region", index=index)

    assert ("each panel has a scale of its own" in sentence(figure)) == said
    assert (len({axes.get_ylim() for axes in figure.axes}) > 1) == said
