"""Figures and tables of divided populations, and of ages and steps of five years, show the numbers of the Dataset."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.text import Text

from sim import plots
from sim.analysis import indicators
from sim.analysis.export import table
from sim.cli import drawing as figure_files
from sim.cli import plot as plot_command
from sim.cli import summary
from sim.errors import DataError


def artist(figure, gid):
    """The one artist of a figure that bears an id."""
    (found,) = figure.findobj(lambda candidate: candidate.get_gid() == gid)
    return found


def texts(figure):
    """All texts of a figure, each on one line."""
    return [text.get_text().replace("\n", " ") for text in figure.findobj(Text)]


def heights(figure, gid, years):
    """How high an area is in each year."""
    (path,) = artist(figure, gid).get_paths()
    return [np.ptp(path.vertices[path.vertices[:, 0] == year, 1]) for year in years]


@pytest.mark.parametrize("label", ["belgian", "foreign"])
def test_each_area_is_as_high_as_its_group_is_large(exchanging, figures, label):
    people = exchanging["population"].sel(group=label).sum(["region", "sex", "age"])

    np.testing.assert_allclose(heights(figures["states"], label, people["year"].values), people, rtol=1e-12)


def test_areas_lie_on_each_other_and_reach_the_total(exchanging, figures):
    (path,) = artist(figures["states"], "foreign").get_paths()
    last = path.vertices[path.vertices[:, 0] == 2060, 1]
    ends = [
        exchanging["population"].sel(year=2060, group="belgian").sum(),
        exchanging["population"].sel(year=2060).sum(),
    ]

    np.testing.assert_allclose([last.min(), last.max()], ends, rtol=1e-12)


def test_regions_of_a_group_can_be_stacked(exchanging, figures):
    people = exchanging["population"].sel(group="foreign", region="BE3").sum(["sex", "age"])

    np.testing.assert_allclose(heights(figures["states by region"], "BE3", people["year"].values), people, rtol=1e-12)
    assert any("group foreign" in text for text in texts(figures["states by region"]))


def test_shares_stand_at_the_right(exchanging, figures):
    people = exchanging["population"].sum(["region", "sex", "age"])
    shares = 100 * (people / people.sum("group")).sel(group="foreign")

    expected = f"foreign {float(shares[-1]):.1f}% (2012: {float(shares[0]):.1f}%)"
    assert expected in texts(figures["states"])


def test_more_regions_than_colours_are_drawn_as_the_largest_and_the_rest(many_regions, figures):
    figure = figures["states of many regions"]
    rest = many_regions["population"].isel(region=slice(0, 37)).sum(["region", "group", "sex", "age"])

    np.testing.assert_allclose(heights(figure, "37 other regions", rest["year"].values), rest, rtol=1e-12)
    assert len(figure.axes[0].collections) == 8


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda result: plots.states(result.isel(group=[0], region=[0])), "only one group and one region to show"),
        (lambda result: plots.states(result, by="group", group="foreign"), "only one group to show of exchanging"),
        (lambda result: plots.states(result, by="sex"), "'sex' does not divide a population; there are: group, region"),
        (lambda result: plots.states(result, region="BE9"), "no region 'BE9'"),
    ],
)
def test_what_is_not_divided_is_not_stacked(exchanging, draw, message):
    with pytest.raises(DataError, match=message):
        draw(exchanging)


def test_the_regions_of_one_group_are_what_is_left_to_stack(exchanging):
    assert "Population by region on 1 January, 2012–2060" in texts(plots.states(exchanging, group="foreign"))


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ({}, set()),
        ({"region": "BE1"}, {"moves"}),
        ({"group": "foreign"}, {"changes"}),
        ({"region": "BE1", "group": "foreign"}, {"moves", "changes"}),
    ],
)
def test_components_show_what_does_not_cancel_over_the_whole(exchanging, where, shown):
    figure = plots.components(exchanging, **where)
    part = indicators.components(exchanging, **where)

    assert {line.get_gid() for line in figure.axes[0].get_lines()} & {"moves", "changes"} == shown
    for name in shown:
        np.testing.assert_array_equal(artist(figure, name).get_ydata(), part[name])


def test_bars_of_a_pyramid_of_groups_of_five_are_five_years_high(fives, figures):
    steps = artist(figures["pyramid in fives"], "filled female").get_data()
    expected = fives["population"].isel(year=-1).sel(region="BE1", sex="female").sum("group")

    np.testing.assert_array_equal(np.diff(steps.edges), 5)
    np.testing.assert_array_equal(steps.edges[[0, -1]], [0, 90])
    np.testing.assert_array_equal(steps.values, expected)


def test_a_pyramid_of_groups_of_five_names_its_groups(figures):
    found = texts(figures["pyramid in fives"])

    assert {"0–4", "80–84", "85+"} <= set(found)
    assert any("by age group of five years" in text for text in found)


def test_the_labels_of_five_year_groups_stand_in_the_middle_of_their_bars(figures):
    axes = figures["pyramid in fives"].axes[0]
    places = {tick.label1.get_text(): tick.get_loc() for tick in axes.yaxis.get_major_ticks()}

    assert (places["0–4"], places["40–44"], places["85+"]) == (2.5, 42.5, 87.5)


def test_flows_of_five_years_are_drawn_as_yearly_means_and_said_to_be(fives, figures):
    figure = figures["components in fives"]
    births = indicators.births(fives)
    (bars,) = figure.axes[0].containers

    np.testing.assert_allclose(artist(figure, "births").get_ydata(), np.repeat(births, 10) / 5, rtol=1e-14)
    np.testing.assert_allclose([bar.get_height() for bar in bars], indicators.net_migration(fives) / 5, rtol=1e-12)
    assert [bar.get_x() + bar.get_width() / 2 for bar in bars][:2] == pytest.approx([2014, 2019], rel=1e-14)
    assert any("persons per year, mean of each five years" in text for text in texts(figure))


def test_natural_decrease_is_dated_to_the_step(fives, figures):
    first = int(indicators.first_year_of_natural_decrease(fives))

    assert f"{first}–{first + 4}: deaths exceed births" in texts(figures["components in fives"])


@pytest.mark.parametrize(
    ("kind", "gid"),
    [
        ("population in fives", "projected"),
        ("compare in fives", "exchanging"),
        ("difference in fives", "exchanging"),
    ],
)
def test_points_five_years_apart_are_marked(figures, kind, gid):
    line = artist(figures[kind], gid)

    assert line.get_marker() == "o"
    assert np.diff(line.get_xdata())[0] == 5
    assert any("Dots: every five years, straight lines between" in text for text in texts(figures[kind]))


def test_points_a_year_apart_are_not_marked(figures):
    assert artist(figures["population"], "projected").get_marker() == "None"
    assert not any("straight lines" in text for text in texts(figures["population"]))


def test_the_summary_of_five_year_steps_gives_yearly_means(fives):
    head, births, *_ = (line.split() for line in summary.flows(fives).replace("yearly mean", "yearly").splitlines())
    expected = indicators.births(fives).sel(period=[2022, 2027]).sum() / 10

    assert head == ["yearly", "2012-2021", "2022-2031", "2032-2041", "2042-2051", "2052-2056"]
    assert births[2] == f"{float(expected):,.0f}"


def test_the_summary_of_five_year_steps_shows_a_year_of_each_decade(fives):
    head, people, *_ = (line.split() for line in summary.stocks(fives).splitlines())

    assert head[2:] == ["2012", "2022", "2032", "2042", "2052", "2057"]
    assert people[2] == f"{float(indicators.population(fives).sel(year=2022)):,.0f}"


@pytest.mark.parametrize(("year", "ending"), [(2032, "within the step"), (2036, "within the step"), (2040, "-8")])
def test_a_published_year_of_natural_decrease_is_held_against_the_step(fives, year, ending):
    entry = f'[{{"indicator": "first_year_of_natural_decrease", "value": {year}}}]'

    row = summary.gaps(fives.assign_attrs(published=entry)).splitlines()[1]

    assert "2032-2036" in row
    assert row.endswith(ending)


def test_the_standard_figures_of_a_divided_result_show_the_states(exchanging, make_result, tmp_path):
    told = []
    drawn = figure_files.of_run(exchanging.isel(year=slice(0, 3), period=slice(0, 2)), tmp_path / "one", told.append)
    whole = figure_files.of_run(make_result(years=range(2012, 2015)), tmp_path / "two", told.append)

    assert [path.stem for path in drawn] == ["population", "pyramid", "components", "states"]
    assert [path.stem for path in whole] == ["population", "pyramid", "components"]


@pytest.fixture
def draw(exchanging, tmp_path, monkeypatch, capsys):
    """Call the verb on the exchanging result; return the names of the files that it names."""
    run = SimpleNamespace(folder=tmp_path)
    monkeypatch.setattr("sim.cli.plot.stored", lambda name, out: run)
    monkeypatch.setattr("sim.results.store.open_run", lambda folder: (run, exchanging))

    def call(**options):
        plot_command.plot(["exchanging"], **options)
        return [line.rsplit("/", 1)[-1] for line in capsys.readouterr().out.splitlines()]

    return call


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"kind": "states"}, "states.png"),
        ({"kind": "states", "by": "region", "group": "foreign"}, "states-region-foreign.png"),
        ({"kind": "components", "region": "BE1"}, "components-BE1.png"),
        ({"kind": "pyramid", "year": 2030, "region": "BE1", "group": "foreign"}, "pyramid-2030-BE1-foreign.png"),
    ],
)
def test_plot_draws_states_and_parts(draw, options, name):
    assert draw(**options) == [name]


def test_by_goes_with_states_only(draw):
    with pytest.raises(Exception, match="--by goes with --kind states"):
        draw(kind="pyramid", by="region")


def test_groups_and_steps_of_five_years_are_exported_in_words(fives):
    rows = list(table(fives, "deaths", ["period", "age"]))

    assert rows[0] == ["period", "age", "deaths [persons in five years]"]
    assert rows[1][:2] == ["2012 to 2016", "0 to 4"]
    assert rows[18][:2] == ["2012 to 2016", "85 and over"]
    assert sum(float(row[2]) for row in rows[1:19]) == pytest.approx(float(indicators.deaths(fives)[0]), rel=1e-14)


def test_stocks_of_five_year_steps_are_exported_as_persons(fives):
    rows = list(table(fives, "population", ["year"]))

    assert rows[0] == ["year", "population [persons]"]
    assert rows[1][0] == "2012"


def test_rates_are_never_summed_over_states(exchanging):
    rates = exchanging.assign(total_fertility=exchanging["births"].sum("sex"))

    with pytest.raises(DataError, match="no count and cannot be summed over region, group"):
        list(table(rates, "total_fertility", ["period"]))
