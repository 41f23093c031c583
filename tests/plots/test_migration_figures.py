"""Figures of pipelines, of policies and of sponsors show the numbers of the Dataset, and every word can be read."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Text

from sim import plots
from sim.analysis import indicators
from sim.cli import compare as compare_command
from sim.cli import drawing as figure_files
from sim.cli import plot as plot_command
from sim.errors import DataError
from sim.plots.effect import with_and_without
from sim.plots.labels import EndLabel, end_labels
from sim.plots.style import NEUTRAL, PALETTE, Page

YEARS = np.arange(2012, 2016)
OUTCOMES = {"refugee": "asylum", "subsidiary": "asylum", "residence": "regularisation"}


def with_pipelines(result):
    """The result with two procedures whose cases are files and persons; all identities hold."""
    applications = np.array([[21463, 100], [20000, 0], [22000, 50.0]])
    granted = np.array([[3038, 1383, 40], [3000, 1200, 30], [2500, 1100, 20.0]])
    rejected = np.array([[15229, 25], [14000, 15], [16000, 5.0]])
    withdrawn = np.array([[1500, 0], [1200, 0], [900, 0.0]])
    decided = rejected + np.stack([granted[:, :2].sum(axis=1), granted[:, 2]], axis=1)
    waiting = np.cumsum(np.vstack([[15000, 80], applications - decided - withdrawn]), axis=0)
    persons = np.stack([[1.3, 1.2, 1.25], np.ones(3)], axis=1)
    entered = granted * persons[:, [0, 0, 1]]
    of_cases = {
        "applications": applications,
        "repeat_applications": applications * [0.29, 0],
        "decided": decided,
        "rejected": rejected,
        "withdrawn": withdrawn,
        "persons_per_file": persons,
    }
    stated = {
        "applications": {"source": "commissioner"},
        "decisions": {"assumption": "as in the year before"},
    }
    return (
        result.assign(
            {
                **{name: (("period", "pipeline"), values) for name, values in of_cases.items()},
                "waiting": (("year", "pipeline"), waiting),
                "granted": (("period", "outcome"), granted),
                "register_changes": (("period", "outcome"), entered),
            }
        )
        .assign_coords(
            pipeline=["asylum", "regularisation"],
            outcome=list(OUTCOMES),
            case_unit=("pipeline", ["files", "persons"]),
            pipeline_of=("outcome", list(OUTCOMES.values())),
        )
        .assign_attrs(
            scenario=json.dumps({"pipelines": {"asylum": stated, "regularisation": {"source": "Office"}}}),
            sources=json.dumps({"commissioner": "Commissioner, table 3"}),
        )
    )


def with_sponsors(result, belgian, labels=("belgian", "eu", "third_country"), policies=()):
    """The result with immigrants, by motive and by sponsor, half of them in each year's only region and group."""
    periods = result.sizes["period"]
    by_sponsor = np.stack([np.resize(belgian, periods), np.full(periods, 200.0), np.arange(periods) + 300.0], axis=1)
    by_motive = np.stack([by_sponsor.sum(axis=1), np.full(periods, 1000.0)], axis=1)
    flow = result["deaths"]
    immigrants = xr.ones_like(flow) * (by_motive.sum(axis=1) / flow[0].size)[:, None, None, None, None]
    entries = [dict(zip(("name", "from", "until"), policy, strict=False)) for policy in policies]
    return (
        result.assign(
            immigrants=immigrants,
            immigrants_by_sponsor=(("period", "sponsor", "region", "group"), by_sponsor[..., None, None]),
            immigrants_by_motive=(("period", "motive", "region", "group"), by_motive[..., None, None]),
        )
        .assign_coords(sponsor=list(labels), motive=["family", "work"])
        .assign_attrs(scenario=json.dumps({"policies": entries}))
    )


LAW = ("family-law", "2013-07-02")


@pytest.fixture(scope="module")
def short(make_result):
    return make_result("short", "A short outlook", years=YEARS)


@pytest.fixture(scope="module")
def procedures(short):
    return with_pipelines(short)


@pytest.fixture(scope="module")
def pair(short):
    """The outlook with a law and without."""
    base = with_sponsors(short, [500, 500, 500])
    changed = with_sponsors(short, [500, 400, 300], policies=[LAW])
    lost = xr.DataArray([0.0, 0.0, 100.0, 300.0], dims="year", coords={"year": YEARS})
    share = changed["population"] / indicators.population(changed)
    changed = changed.assign(population=changed["population"] - share * lost)
    return changed.assign_attrs(name="with-law", title="With the law"), base


@pytest.fixture(scope="module")
def long_pair(make_result):
    """Half a century with policies that begin close together, some near the end, one before the beginning."""
    result = make_result("long")
    policies = [
        ("before", "2011-09-22"),
        ("family-reunification-of-belgians-made-harder", "2020-07-01", "2045-01-01"),
        ("income-test", "2020-07-01"),
        ("language-test-before-entry", "2022-01-01"),
        ("brake", "2055-01-01"),
        ("points-system-for-work", "2058-06-01"),
    ]
    base = with_sponsors(result, [500.0])
    changed = with_sponsors(result, [499.0], policies=policies)
    growing = xr.DataArray(np.arange(49) * -1000.0, dims="year", coords={"year": result["year"]})
    share = changed["population"] / indicators.population(changed)
    return (
        changed.assign(population=changed["population"] + share * growing).assign_attrs(name="law"),
        base,
    )


def many_outcomes(procedures):
    """The asylum procedure with eight more outcomes, all but the first tiny, and a tiny part withdrawn."""
    names = ["refugee", *(f"title_number_{place}_on_grounds_of_health" for place in range(9))]
    granted = np.array([[4421.0 - 9, *np.ones(9)]] * 3)
    own = procedures.isel(pipeline=[0]).drop_dims("outcome")
    rejected = own["rejected"] + own["withdrawn"] - 2 + (own["decided"] - own["rejected"]) - 4421
    return own.assign(
        rejected=rejected,
        withdrawn=xr.full_like(own["withdrawn"], 2.0),
        granted=(("period", "outcome"), granted),
        register_changes=(("period", "outcome"), granted * 1.3),
    ).assign_coords(outcome=names, pipeline_of=("outcome", ["asylum"] * 10))


def scaled(result, factor):
    """All cases of a result multiplied."""
    counts = [name for name in result.data_vars if {"pipeline", "outcome"} & set(result[name].dims)]
    return result.assign({name: result[name] * factor for name in counts if name != "persons_per_file"})


@pytest.fixture(scope="module")
def figures(procedures, pair, long_pair):
    """Each figure, plain and with all that could make its words collide."""
    no_sponsors = [result.drop_vars(["immigrants_by_sponsor", "sponsor"]) for result in pair]
    no_motives = [result.drop_vars(["immigrants_by_motive", "motive"]) for result in no_sponsors]
    only_waiting = scaled(procedures, 0.0).assign(waiting=xr.ones_like(procedures["waiting"]))
    return {
        "files": plots.pipeline(procedures, "asylum"),
        "a year": plots.pipeline(procedures, "asylum", (2013, 2013)),
        "persons": plots.pipeline(procedures, "regularisation"),
        "many outcomes": plots.pipeline(many_outcomes(procedures)),
        "millions": plots.pipeline(scaled(procedures, 1000.0), "regularisation"),
        "many millions": plots.pipeline(scaled(procedures, 10000.0), "asylum"),
        "only waiting": plots.pipeline(only_waiting, "asylum"),
        "policy": plots.policy_effect(pair),
        "policy by motive": plots.policy_effect(no_sponsors),
        "policy in total": plots.policy_effect(no_motives),
        "many policies": plots.policy_effect(long_pair),
        "sponsors": plots.motives(pair[0], by="sponsor"),
        "motives": plots.motives(pair[0]),
        "sponsors of a year": plots.motives(pair[0].isel(period=[1], year=[1, 2]), by="sponsor"),
        "policy on emigration": plots.policy_effect(of_emigration(pair, {"end": {"flow": "emigration"}})),
    }


def artist(figure, gid):
    """The one artist of a figure that bears an id."""
    (found,) = figure.findobj(lambda candidate: candidate.get_gid() == gid)
    return found


def words(figure):
    """All texts that a reader sees."""
    figure.draw_without_rendering()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def texts(figure):
    """All texts of a figure, each on one line."""
    return [text.get_text().replace("\n", " ") for text in words(figure)]


def width(figure, gid, at):
    """How many cases wide a band is at a place between the columns."""
    path = artist(figure, gid).get_path()
    edges = path.vertices[np.isclose(path.vertices[:, 0], at), 1]
    return np.ptp(edges)


def rectangles(figure, gid):
    """All bars of a figure that bear an id, from the left to the right."""
    return [patch for patch in figure.axes[0].patches if patch.get_gid() == gid]


class Same:
    """A Dataset that is equal to itself only."""

    def __init__(self, result):
        self.result = result

    def __eq__(self, other):
        return self.result is getattr(other, "result", other)

    __hash__ = None


def is_end(text):
    return text.get_gid() == "end-label"


def labels_of(figure, gid="end-label"):
    return [text.get_text().replace("\n", " ") for text in words(figure) if text.get_gid() == gid]


def test_no_word_covers_another_or_is_cut_off(figures):
    wrong = []
    for kind, figure in figures.items():
        boxes = {text.get_text(): Text.get_window_extent(text).padded(-0.5) for text in words(figure)}
        pairs = itertools.combinations(boxes.items(), 2)
        wrong += [(kind, one, other) for (one, box), (other, second) in pairs if box.overlaps(second)]
        wrong += [
            (kind, text)
            for text, box in boxes.items()
            if box.x0 < 0 or box.y0 < 0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1
        ]

    assert wrong == []


def test_no_text_reaches_into_the_bands(figures):
    for kind in ("files", "a year", "persons", "many outcomes", "millions", "many millions"):
        figure = figures[kind]
        (axes,) = figure.axes
        bands = axes.get_window_extent()
        for text in words(figure):
            box = Text.get_window_extent(text)
            assert box.x0 > bands.x1 or box.x1 < bands.x0 or box.y0 > bands.y1 or box.y1 < bands.y0, text


def test_lines_of_policies_cross_no_name_of_another(figures):
    figure = figures["many policies"]
    flows = figure.axes[0]
    names = [text for text in words(figure) if text.get_gid() == "policy"]
    lines = [line for line in flows.get_lines() if str(line.get_gid()).startswith("policy ")]

    assert len(names) == len(lines) == 5
    for text, line in itertools.product(names, lines):
        path = line.get_transform().transform_path(line.get_path())
        assert not path.intersects_bbox(Text.get_window_extent(text), filled=False)


@pytest.mark.parametrize("years", [(2012, 2012), (2013, 2014), None])
def test_bands_are_as_wide_as_they_hold_cases(procedures, years):
    first, last = years or (2012, 2014)
    own = procedures.sel(pipeline="asylum", period=slice(first, last))
    sums = {name: float(own[name].sum()) for name in own.data_vars if own[name].dims == ("period",)}
    figure = plots.pipeline(procedures, "asylum", years)

    expected = {
        ("first applications", 0.0): sums["applications"] - sums["repeat_applications"],
        ("repeat applications", 0.0): sums["repeat_applications"],
        (f"waiting on 1 January {first}", 0.0): float(procedures["waiting"].sel(year=first, pipeline="asylum")),
        ("decided", 0.67): sums["decided"],
        ("refugee", 1.0): float(own["granted"].sel(outcome="refugee").sum()),
        ("subsidiary", 1.0): float(own["granted"].sel(outcome="subsidiary").sum()),
        ("rejected", 1.0): sums["rejected"],
        ("withdrawn", 1.0): sums["withdrawn"],
        (f"waiting on 31 December {last}", 1.0): float(procedures["waiting"].sel(year=last + 1, pipeline="asylum")),
    }
    found = {(name, at): width(figure, name, at) for name, at in expected}
    assert found == pytest.approx(expected, rel=1e-9)


def test_bands_keep_their_width_where_columns_meet_and_do_not_cover_each_other(figures):
    for kind in ("files", "many outcomes", "persons"):
        bands = [patch for patch in figures[kind].axes[0].patches if patch.get_gid()]
        for at in (0.0, 0.33, 0.67, 1.0):
            for side in (bands, bands[::-1]):
                spans = []
                for band in side:
                    vertices = band.get_path().vertices
                    edges = vertices[np.isclose(vertices[:, 0], at), 1]
                    starts = np.isclose(vertices[:, 0].min(), at)
                    if len(edges) and starts == (side is bands):
                        spans.append((edges.min(), edges.max()))
                for (_, low_top), (high_bottom, _) in itertools.pairwise(sorted(spans)):
                    assert low_top <= high_bottom + 1e-6 * -figures[kind].axes[0].get_ylim()[0]


def test_all_cases_meet_in_one_column(figures, procedures):
    own = procedures.sel(pipeline="asylum")
    total = float(own["waiting"][0] + own["applications"].sum())
    coming = [name.get_gid() for name in figures["files"].axes[0].patches if name.get_gid()][:3]

    edges = []
    for name in coming:
        vertices = artist(figures["files"], name).get_path().vertices
        edges += vertices[np.isclose(vertices[:, 0], 0.33), 1].tolist()
    assert (max(edges), min(edges)) == (0, pytest.approx(-total, rel=1e-12))
    assert f"in procedure {total:,.0f} files" in labels_of(figures["files"], "heading")


def test_bands_that_fall_far_fall_half_way_in_the_middle(figures):
    vertices = artist(figures["many outcomes"], "withdrawn").get_path().vertices
    start, middle, end = (vertices[np.isclose(vertices[:, 0], at), 1].max() for at in (0.33, 0.67, 1.0))

    assert middle == pytest.approx((start + end) / 2, rel=1e-12)


@pytest.mark.parametrize(("left", "side", "alignment"), [(True, 1, "right"), (False, 0, "left")])
def test_lines_lead_to_the_near_side_of_labels_that_had_to_be_moved(left, side, alignment):
    page = Page("Title", "", "Note", "Source")
    axes = page.axes(2, 0.2, 3, 2)

    end_labels(page, axes, [EndLabel(0.5, name, "black") for name in ("one", "other")], left=left)

    page.figure.draw_without_rendering()
    for text in axes.texts:
        box, line = Text.get_window_extent(text), text.arrow_patch.get_path().vertices
        gap = line[0, 0] - (box.x1 if left else box.x0)
        assert gap / page.figure.dpi == pytest.approx(0.03 if left else -0.03, abs=0.005)
        assert (text.xy[0], text.get_horizontalalignment()) == (1 - side, alignment)


def test_every_band_is_named_with_its_number(figures):
    assert labels_of(figures["a year"]) == [
        "first applications 14,200 files",
        "repeat applications 5,800 files",
        "waiting on 1 January 2013 15,313 files",
        "refugee 3,000 files, 3,600 persons",
        "subsidiary 1,200 files, 1,440 persons",
        "rejected 14,000 files",
        "withdrawn 1,200 files",
        "waiting on 31 December 2013 15,913 files",
    ]


def test_applications_are_one_band_where_it_is_not_known_which_are_repeated(procedures):
    unknown = procedures.assign(repeat_applications=procedures["repeat_applications"] * np.nan)

    figure = plots.pipeline(unknown, "asylum")

    assert not any("first" in text or "repeat" in text for text in labels_of(figure))
    assert any(text.startswith("applications ") for text in labels_of(figure))


def test_labels_stand_in_the_middle_of_their_bands(figures):
    for kind in ("files", "many outcomes"):
        figure = figures[kind]
        axes = figure.axes[0]
        for text in words(figure):
            if text.get_gid() == "end-label":
                box = Text.get_window_extent(text)
                _, value = axes.transAxes.transform(text.xy)
                assert abs((box.y0 + box.y1) / 2 - value) < 0.08 * figure.dpi


def test_columns_say_how_many_are_decided_granted_and_registered(figures):
    headings = labels_of(figures["a year"], "heading")

    share = 100 * 4200 / 18200
    assert f"decided 18,200 files {share:.1f}% granted" in headings
    assert "granted: into the register 5,040 persons" in headings


def test_persons_are_written_once_where_the_cases_are_persons(figures):
    labels = labels_of(figures["persons"])

    assert "residence 90 persons" in labels
    assert "granted: into the register 90 persons" in labels_of(figures["persons"], "heading")
    assert "Width: persons." in " ".join(texts(figures["persons"]))


def test_bands_without_cases_are_left_out(figures):
    assert not any("withdrawn" in text or "repeat" in text for text in labels_of(figures["persons"]))
    assert labels_of(figures["only waiting"]) == [
        "waiting on 1 January 2012 1 file",
        "waiting on 31 December 2014 1 file",
    ]


def test_granted_are_coloured_and_all_else_is_grey(figures):
    colors = {band.get_gid(): band.get_facecolor()[:3] for band in figures["files"].axes[0].patches if band.get_gid()}
    grey = {name for name, color in colors.items() if len(set(color)) == 1}

    assert set(colors) - grey == {"refugee", "subsidiary"}
    label_colors = {text.get_text().split("\n")[0]: text.get_color() for text in words(figures["files"])}
    assert [label_colors[name] for name in ("refugee", "subsidiary", "rejected")] == [*PALETTE[:2], NEUTRAL]


def test_the_pipeline_names_its_sources_and_that_there_are_assumptions(figures, procedures):
    asylum, other = (" ".join(texts(plots.pipeline(procedures, name))) for name in ("asylum", "regularisation"))

    assert "Source: Commissioner, table 3; assumptions of the scenario; projection computed" in asylum
    assert "Source: Office; projection computed" in other


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (
            lambda result: result.drop_dims(["pipeline", "outcome"]),
            {},
            "short has no pipeline; its scenario needs one under 'pipelines', with applications, decisions and ",
        ),
        (lambda result: result, {}, "short has 2 pipelines; name one of them: asylum, regularisation"),
        (
            lambda result: result,
            {"pipeline": "visa"},
            "there is no pipeline 'visa' in short; there is asylum, regularisation",
        ),
        (
            lambda result: result,
            {"pipeline": "asylum", "years": (2015, 2015)},
            "there are no flows of 2015 in short; they are of 2012 to 2014",
        ),
        (
            lambda result: result,
            {"pipeline": "asylum", "years": (2014, 2012)},
            "there are no flows of 2014–2012 in short",
        ),
        (
            lambda result: scaled(result, 0.0),
            {"pipeline": "asylum"},
            "pipeline asylum of short has no cases in 2012–2014",
        ),
        (
            lambda result: result.assign(rejected=result["rejected"] * (1 + 1e-5)),
            {"pipeline": "asylum"},
            "cases of pipeline asylum of short come and .* go; the result is damaged",
        ),
        (
            lambda result: result.assign(waiting=result["waiting"] * np.nan),
            {"pipeline": "asylum"},
            "the result is damaged",
        ),
        (lambda result: result.expand_dims(draw=2), {"pipeline": "asylum"}, "2 values of 'draw'"),
    ],
)
def test_a_pipeline_that_cannot_be_shown_is_refused(procedures, change, options, message):
    with pytest.raises(DataError, match=message):
        plots.pipeline(change(procedures), **options)


def test_steps_of_five_years_are_dated_to_their_last_day(procedures):
    slow = procedures.assign_coords(year=[2012, 2017, 2022, 2027], period=[2012, 2017, 2022])

    assert "waiting on 31 December 2021 15,913 files" in labels_of(plots.pipeline(slow, "asylum", (2017, 2017)))


def test_lines_show_immigrants_by_sponsor_with_and_without_the_policy(figures, pair):
    for gid, result in (("belgian", pair[0]), ("belgian without", pair[1])):
        line = artist(figures["policy"], gid)
        np.testing.assert_array_equal(line.get_xdata(), YEARS[:-1] + 0.5)
        np.testing.assert_array_equal(
            line.get_ydata(), result["immigrants_by_sponsor"].sel(sponsor="belgian").sum(["region", "group"])
        )
    solid, dashed = (artist(figures["policy"], gid) for gid in ("belgian", "belgian without"))
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    assert solid.get_color() == dashed.get_color()


def test_without_sponsors_motives_are_shown_and_without_both_all_immigrants(figures, pair):
    family, total = (
        artist(figures[kind], gid) for kind, gid in (("policy by motive", "family"), ("policy in total", "immigrants"))
    )

    np.testing.assert_allclose(family.get_ydata(), [1000, 901, 802], rtol=1e-12)
    np.testing.assert_allclose(total.get_ydata(), [2000, 1901, 1802], rtol=1e-12)
    assert "Immigrants by motive: persons a year" in labels_of(figures["policy by motive"], "heading")
    assert "Immigrants: persons a year" in labels_of(figures["policy in total"], "heading")


def test_a_sponsor_that_only_one_result_knows_is_nobody_in_the_other(pair):
    base = pair[1].assign_coords(sponsor=["belgian", "eu", "other"])

    figure = plots.policy_effect([pair[0], base])

    np.testing.assert_array_equal(artist(figure, "third_country without").get_ydata(), 0)
    np.testing.assert_array_equal(artist(figure, "other").get_ydata(), 0)
    np.testing.assert_array_equal(artist(figure, "other without").get_ydata(), [300, 301, 302])


def test_labels_give_the_last_value_and_that_without(figures):
    assert labels_of(figures["policy"]) == ["belgian 300 (500)", "−300 in 2015"]
    assert any("in brackets those without the policy" in text for text in texts(figures["policy"]))


def test_only_flows_that_differ_are_drawn(figures):
    for kind, drawn in (("policy", {"belgian"}), ("policy by motive", {"family"}), ("policy in total", {"immigrants"})):
        lines = {line.get_gid() for line in figures[kind].axes[0].get_lines()}
        assert {name for name in lines if not str(name).startswith(("policy", "_"))} == {
            name + ending for name in drawn for ending in ("", " without")
        }


def test_where_nothing_differs_the_total_is_drawn(pair):
    figure = plots.policy_effect([pair[1].assign_attrs(pair[0].attrs), pair[1]])

    assert labels_of(figure) == ["immigrants 2,002", "0 in 2015"]
    assert "Immigrants: persons a year" in labels_of(figure, "heading")
    assert not any("brackets" in text for text in texts(figure))


def test_motives_are_drawn_where_sponsors_do_not_tell_all_of_the_difference(pair):
    changed, base = pair
    more = changed["immigrants_by_motive"] + xr.DataArray([0.0, 50.0], dims="motive")
    changed = changed.assign(
        immigrants_by_motive=more, immigrants=changed["immigrants"] + 150 / 3 / changed["immigrants"][0].size
    )

    assert labels_of(plots.policy_effect([changed, base]))[:2] == ["family 802 (1,002)", "work 1,050 (1,000)"]


def of_emigration(pair, *changes):
    """The pair by groups, with policies of these changes, and twice the emigrants of foreigners in the last year."""
    foreign = xr.DataArray([0.9, 0.1], dims="group", coords={"group": ["belgian", "foreign"]})
    changed, base = (
        result.drop_vars([name for name in result.data_vars if "_by_" in name]).isel(group=0, drop=True) * foreign
        for result in pair
    )
    twice = 1 + (base["group"] == "foreign") * (base["period"] == 2014)
    changed = changed.assign(emigrants=base["deaths"] * twice, immigrants=pair[0]["immigrants"].isel(group=0) * foreign)
    entries = [{"name": f"policy-{place}", "from": "2013-07-02", **change} for place, change in enumerate(changes)]
    scenario = {
        "policies": [{**entry, "source": "law"} for entry in entries],
        "migration": {"emigration": [{"count": {"source": "register"}}], "immigration": [{"source": "permits"}]},
    }
    sources = {"law": "Law gazette", "register": "Register of leavers", "permits": "Permits"}
    attributes = {"name": "one", "title": "With it", "scenario": json.dumps(scenario), "sources": json.dumps(sources)}
    return changed.assign_attrs(attributes), base.assign(emigrants=base["deaths"]).assign_attrs(
        name="other", title="No"
    )


def emigrants(result, **group):
    return result["emigrants"].sel(**group).sum(["region", "group", "sex", "age"])


def test_a_policy_on_emigration_is_drawn_over_the_emigrants_of_its_group(pair):
    changed, base = of_emigration(pair, {"scale": {"flow": "emigration", "group": "foreign", "factor": 2}})

    figure = plots.policy_effect([changed, base])

    for gid, result in (("foreign", changed), ("foreign without", base)):
        expected = emigrants(result, group=["foreign"])
        np.testing.assert_allclose(artist(figure, gid).get_ydata(), expected, rtol=1e-12)
    assert "Emigrants by group: thousand persons a year" in labels_of(figure, "heading")
    assert "belgian" not in " ".join(texts(figure))
    assert "Register of leavers; Law gazette; projections" in " ".join(texts(figure))
    assert "Permits" not in " ".join(texts(figure))


@pytest.mark.parametrize(
    "changes",
    [
        [{"end": {"flow": "emigration"}}],
        [{"scale": [{"flow": "emigration", "group": "foreign"}, {"flow": "emigration", "region": "all"}]}],
        [{"scale": {"flow": "emigration", "group": "belgian", "factor": 2}}],
        [{"scale": {"flow": "emigration", "group": "unknown", "factor": 2}}],
    ],
)
def test_emigrants_are_drawn_in_total_where_no_group_is_named_or_none_named_differs(pair, changes):
    changed, base = of_emigration(pair, *changes)

    figure = plots.policy_effect([changed, base])

    np.testing.assert_allclose(artist(figure, "emigrants").get_ydata(), emigrants(changed), rtol=1e-12)
    np.testing.assert_allclose(artist(figure, "emigrants without").get_ydata(), emigrants(base), rtol=1e-12)
    assert "Emigrants: thousand persons a year" in labels_of(figure, "heading")


def test_emigrants_are_drawn_in_total_where_only_one_result_knows_the_group(pair):
    changed, base = of_emigration(pair, {"scale": {"flow": "emigration", "group": "foreign", "factor": 2}})

    figure = plots.policy_effect([changed, base.assign_coords(group=["belgian", "other"])])

    np.testing.assert_allclose(artist(figure, "emigrants without").get_ydata(), emigrants(base), rtol=1e-12)


def test_immigrants_and_emigrants_are_drawn_in_total_where_policies_change_both(pair):
    changes = [{"cap": {"motive": "family", "at": 1}}, {"end": {"flow": "emigration", "group": "foreign"}}]
    changed, base = of_emigration(pair, *changes)

    figure = plots.policy_effect([changed, base])

    came = changed["immigrants"].sum(["region", "group", "sex", "age"])
    np.testing.assert_allclose(artist(figure, "immigrants").get_ydata(), came, rtol=1e-12)
    np.testing.assert_allclose(artist(figure, "emigrants").get_ydata(), emigrants(changed), rtol=1e-12)
    assert "Immigrants and emigrants: thousand persons a year" in labels_of(figure, "heading")
    assert "Permits; Register of leavers; Law gazette; projections" in " ".join(texts(figure))


@pytest.mark.parametrize("flow", ["immigration", "applications"])
def test_policies_on_immigration_or_applications_are_drawn_over_immigrants(pair, flow):
    changed, base = of_emigration(pair, {"shift": [{"flow": flow, "by": -1}]})

    figure = plots.policy_effect([changed, base])

    assert "Immigrants: persons a year" in labels_of(figure, "heading")


def test_the_difference_is_with_less_without(figures, pair):
    line = artist(figures["policy"], "difference")

    np.testing.assert_array_equal(line.get_xdata(), YEARS)
    np.testing.assert_allclose(line.get_ydata(), [0, 0, -100, -300], rtol=0, atol=1e-6)
    heading = "Difference in population on 1 January, with less without: persons"
    assert heading in labels_of(figures["policy"], "heading")
    assert "−300 in 2015" in labels_of(figures["policy"])


def test_differences_are_written_in_round_years_and_the_last(figures):
    assert labels_of(figures["many policies"], "label") == ["−8.0", "−18.0", "−28.0", "−38.0"]
    assert "−48.0 in 2060" in labels_of(figures["many policies"])


def test_a_policy_is_marked_on_its_day_in_both_panels(figures):
    flows, stocks = figures["policy"].axes
    lines = [
        [line for line in axes.get_lines() if str(line.get_gid()).startswith("policy ")] for axes in (flows, stocks)
    ]
    ((flow,), (stock,)) = lines

    day = 2013 + 182 / 365
    for line in (flow, stock):
        assert line.get_xdata() == pytest.approx([day, day], rel=1e-12)
    on_paper = [line.get_transform().transform(line.get_xydata())[0, 0] for line in (flow, stock)]
    assert on_paper[0] == pytest.approx(on_paper[1], abs=1e-6)
    assert labels_of(figures["policy"], "policy") == ["family law, from 2 July 2013"]


@pytest.mark.parametrize("kind", ["policy", "many policies"])
def test_years_stand_at_the_same_place_in_both_panels(figures, kind):
    flows, stocks = figures[kind].axes

    assert flows.get_xlim() == stocks.get_xlim()
    assert flows.get_position().intervalx.tolist() == stocks.get_position().intervalx.tolist()
    assert flows.get_xticks().tolist() == stocks.get_xticks().tolist()
    assert any("Flows in the middle of their year." in text for text in texts(figures[kind]))


def test_policies_before_the_first_year_are_counted_but_not_marked(figures):
    found = labels_of(figures["many policies"], "policy")

    assert "Effect of 6 policies, 2012–2060" in texts(figures["many policies"])
    assert not any(text.startswith("before") for text in found)
    assert any(text.endswith("from 1 July 2020 to 31 December 2044") for text in found)


def test_only_policies_that_the_other_lacks_are_marked(pair):
    both = json.dumps({"policies": [{"name": "old", "from": "2012-05-01"}]})
    new = json.dumps({"policies": [*json.loads(both)["policies"], {"name": "family-law", "from": "2013-07-02"}]})

    figure = plots.policy_effect([pair[0].assign_attrs(scenario=new), pair[1].assign_attrs(scenario=both)])

    assert labels_of(figure, "policy") == ["family law, from 2 July 2013"]
    assert "Effect of family law, 2012–2015" in texts(figure)


def test_a_policy_without_effect_is_a_line_at_zero(pair):
    figure = plots.policy_effect([pair[1].assign_attrs(pair[0].attrs), pair[1]])

    np.testing.assert_array_equal(artist(figure, "difference").get_ydata(), 0)
    assert "0 in 2015" in labels_of(figure)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda changed, base: [base, changed], "short has no policy that with-law lacks"),
        (lambda changed, base: [changed], "1 results; the effect of policies is shown of two, one with them and one"),
        (
            lambda changed, base: [changed, base.isel(year=slice(1, 4), period=slice(1, 3))],
            "the years of with-law are not those of short",
        ),
        (
            lambda changed, base: [changed, base.drop_vars([name for name in base if "immigrants" in name])],
            "short has no immigrants, only their balance with emigrants",
        ),
    ],
)
def test_what_is_no_effect_of_a_policy_is_refused(pair, change, message):
    with pytest.raises(DataError, match=message):
        plots.policy_effect(change(*pair))


def told(results):
    """The pairs, as what they are: no Datasets, which pytest cannot compare."""
    return [tuple(map(Same, found)) for found in with_and_without(results)]


def test_the_result_with_policies_is_told_from_that_without(pair, short):
    changed, base = pair
    twice = [changed, base.assign_attrs(scenario=json.dumps({"policies": [{"name": "x", "from": "2012-01-01"}]}))]

    assert told([base, changed]) == told([changed, base]) == [(changed, base)]
    assert told([changed]) == told([changed, base, base]) == told([base, base]) == told(twice) == []
    assert told([changed, base.isel(year=slice(1, 4))]) == []
    assert told([changed, short]) == told([base.drop_vars("immigrants").assign_attrs(changed.attrs), base]) == []


def test_each_of_several_results_with_policies_is_held_against_the_one_without(pair):
    changed, base = pair
    both, other = (
        changed.assign_attrs(
            scenario=json.dumps({"policies": [{"name": name, "from": "2013-01-01"} for name in names]})
        )
        for names in (["family-law", "brake"], ["brake"])
    )
    later = changed.isel(year=slice(1, 4))

    assert told([both, base, changed, other]) == [(both, base), (changed, base), (other, base)]
    assert told([later, base, changed]) == [(changed, base)]
    assert told([both, other]) == [(both, other)]
    assert told([both, other, changed]) == []


def test_sponsors_are_stacked_like_motives_in_colours_of_their_own(figures, pair):
    bars = {name: rectangles(figures["sponsors"], name) for name in ("belgian", "eu", "third_country")}
    by_sponsor = pair[0]["immigrants_by_sponsor"].sum(["region", "group"])
    bottom = np.zeros(3)
    for name, found in bars.items():
        expected = by_sponsor.sel(sponsor=name)
        np.testing.assert_allclose([bar.get_height() for bar in found], expected, rtol=1e-12)
        np.testing.assert_allclose([bar.get_y() for bar in found], bottom, rtol=1e-12)
        np.testing.assert_allclose([bar.get_x() + bar.get_width() / 2 for bar in found], YEARS[:-1], rtol=1e-12)
        assert all(0.8 < bar.get_width() < 1 for bar in found)
        bottom = bottom + expected.values
    assert "Immigrants by sponsor, 2012–2014" in texts(figures["sponsors"])
    assert any("only those with a sponsor" in text for text in texts(figures["sponsors"]))
    assert not any("sponsor" in text for text in texts(figures["motives"]))
    colors = {found[0].get_facecolor() for found in bars.values()}
    motives = {rectangles(figures["motives"], name)[0].get_facecolor() for name in ("family", "work")}
    assert len(colors) == 3
    assert not colors & motives


def test_every_bar_lies_within_the_axes(figures):
    for kind in ("sponsors", "motives"):
        low, high = figures[kind].axes[0].get_xlim()
        bars = figures[kind].axes[0].patches
        assert low < min(bar.get_x() for bar in bars)
        assert max(bar.get_x() + bar.get_width() for bar in bars) < high


@pytest.mark.parametrize(("periods", "areas"), [(30, False), (31, True)])
def test_more_than_thirty_periods_are_areas(make_result, periods, areas):
    figure = plots.motives(with_sponsors(make_result(years=range(2012, 2013 + periods)), [500.0]))

    drawn = [found for found in figure.findobj() if found.get_gid() == "family"]
    assert len(drawn) == (1 if areas else periods)
    assert bool(figure.axes[0].collections) == areas


def test_bars_of_five_years_are_as_wide_and_as_high_as_a_year_of_them(short):
    slow = with_sponsors(short, [500, 400, 300]).assign_coords(year=[2012, 2017, 2022, 2027], period=[2012, 2017, 2022])

    figure = plots.motives(slow)

    bars = rectangles(figure, "work")
    np.testing.assert_allclose([bar.get_height() for bar in bars], 200, rtol=1e-12)
    np.testing.assert_allclose([bar.get_x() + bar.get_width() / 2 for bar in bars], [2014, 2019, 2024], rtol=1e-12)
    assert all(4 < bar.get_width() < 5 for bar in bars)
    assert any("Persons a year, mean of each five years." in text for text in texts(figure))


def test_one_period_is_a_bar_for_each_motive_the_largest_first(pair):
    year = pair[0].isel(period=[1], year=[1, 2])
    by_motive = year["immigrants_by_motive"].copy()
    by_motive[{"motive": 0}] = 2600.0
    by_motive[{"motive": 1}] = 999.6
    more = xr.concat([by_motive, by_motive * 0], dim="motive").assign_coords(
        motive=["study", "family", "other", "work"]
    )
    year = year.drop_vars("immigrants_by_motive").drop_dims("motive").assign(immigrants_by_motive=more)

    figure = plots.motives(year)

    assert labels_of(figure, "name") == ["study", "family"]
    assert labels_of(figure, "value") == ["2,600 (72.2%)", "1,000 (27.8%)"]
    for name, persons in (("study", 2600), ("family", 999.6)):
        bar = artist(figure, name)
        assert (bar.get_x(), bar.get_width()) == (0, pytest.approx(persons))
    assert {"Immigrants by motive, 2013", "Persons. In brackets: share of 3,600"} <= set(texts(figure))


def test_shares_that_did_not_change_are_written_once_and_those_of_nobody_not_at_all(short):
    persons = np.array([[300, 100, 0, 600], [300, 150, 550, 0], [300, 700, 0, 0.0]])[:, :, None, None]
    motives = ["family", "work", "temporary_protection", "study"]
    result = short.assign(immigrants_by_motive=(("period", "motive", "region", "group"), persons))
    result = result.assign_coords(motive=motives)
    nobody = result.assign(immigrants_by_motive=result["immigrants_by_motive"] * result["motive"].isin(motives[:2]))

    figure, less = plots.motives(result), plots.motives(nobody)

    assert labels_of(figure) == [
        "family 30.0%",
        "work 70.0% (2012: 10.0%)",
        "temporary protection 55.0% in 2013",
        "study 0.0% (2012: 60.0%)",
    ]
    assert [label.split()[0] for label in labels_of(less)] == ["family", "work"]
    led = {text.get_text().split("\n")[0]: text.arrow_patch is not None for text in words(figure) if is_end(text)}
    assert led["temporary protection"] is False
    note = "At the right: share in 2014 and, in brackets, in 2012 where that differs; of those without any then, the"
    assert any(note in text for text in texts(figure))
    assert any(text.endswith("At the right: share in 2014 and, in brackets, in 2012") for text in texts(less))


def test_flows_name_their_sources(pair):
    streams = [
        {"motive": {"family": 0.5, "work": 0.5}, "sponsor": "eu", "count": {"source": "permits"}},
        {"motive": "study", "pipeline": "visa", "profile": {"source": "Ages"}},
    ]
    scenario = {"migration": {"immigration": streams}, "pipelines": {"visa": {"decisions": [{"assumption": "two"}]}}}
    stated = pair[0].assign_attrs(scenario=json.dumps(scenario), sources=json.dumps({"permits": "Office, permits"}))

    motives, sponsors, year = (
        " ".join(texts(figure))
        for figure in (
            plots.motives(stated),
            plots.motives(stated, by="sponsor"),
            plots.motives(stated.isel(period=[0], year=[0, 1])),
        )
    )

    for found in (motives, year):
        assert "Source: Office, permits; Ages; assumptions of the scenario; projection computed" in found
    assert "Source: Office, permits; projection computed" in sponsors


def test_more_sponsors_than_colours_and_a_year_without_any_can_be_drawn(short):
    persons = np.ones((3, 10, 1, 1)) * [[[[1.0]]], [[[2.0]]], [[[0.0]]]]
    many = short.assign(immigrants_by_sponsor=(("period", "sponsor", "region", "group"), persons))
    many = many.assign_coords(sponsor=[f"sponsor-{place}" for place in range(10)])
    year = many.isel(period=[2], year=[2, 3])

    assert labels_of(plots.motives(many, by="sponsor")) == [
        f"sponsor-{place} 0.0% (2012: 10.0%)" for place in range(10)
    ]
    assert labels_of(plots.motives(year, by="sponsor"), "value") == ["0 (0.0%)"] * 10
    nobody = many.assign(immigrants_by_sponsor=many["immigrants_by_sponsor"] * 0)
    assert labels_of(plots.motives(nobody, by="sponsor")) == [f"sponsor-{place} 0.0% in 2012" for place in range(10)]


def test_lines_to_labels_at_the_end_do_not_cross_nor_run_through_a_label(short):
    many = short.assign(
        immigrants_by_sponsor=(
            ("period", "sponsor", "region", "group"),
            np.broadcast_to(np.array([5, 1, 1, 80, 1, 1, 40, 2.0])[:, None, None], (3, 8, 1, 1)),
        )
    ).assign_coords(sponsor=[f"sponsor-{place}" for place in range(8)])

    figure = plots.motives(many, by="sponsor")

    ends = [text for text in words(figure) if is_end(text)]
    leaders = [text.arrow_patch.get_path().vertices for text in ends if text.arrow_patch is not None]
    assert len(leaders) > 3
    starts, stops = (np.array([[path[0], path[-1]][side][1] for path in leaders]) for side in (0, 1))
    np.testing.assert_array_equal(np.argsort(starts), np.argsort(stops))
    left = min(Text.get_window_extent(text).x0 for text in ends)
    assert max(path[:, 0].max() for path in leaders) < left - 0.02 * figure.dpi
    for text in ends:
        if text.arrow_patch is not None:
            box = Text.get_window_extent(text)
            near = text.arrow_patch.get_path().vertices[0]
            assert abs(near[1] - (box.y0 + box.y1) / 2) < 0.05 * figure.dpi


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("sponsor", "short tells no sponsors apart; give its streams of immigration a 'sponsor'"),
        ("motive", "short tells no motives apart; give its streams of immigration a 'motive'"),
        ("sex", "immigrants are not told apart by 'sex'; there are: motive, sponsor"),
    ],
)
def test_immigrants_that_are_not_told_apart_are_not_stacked(short, by, message):
    with pytest.raises(DataError, match=message):
        plots.motives(short, by=by)


def test_the_standard_figures_show_sponsors_and_every_pipeline_with_cases(procedures, pair, tmp_path):
    result = procedures.merge(pair[0][["immigrants_by_sponsor"]])
    empty = result.assign(
        {name: result[name] * [1, 0] for name in ("waiting", "applications", "rejected", "repeat_applications")}
    )

    drawn = figure_files.of_run(result, tmp_path / "one", lambda _: None)
    less = figure_files.of_run(empty, tmp_path / "two", lambda _: None)

    names = ["population", "pyramid", "components", "sponsors", "pipeline-asylum", "pipeline-regularisation"]
    assert [path.stem for path in drawn] == names
    assert [path.stem for path in less] == names[:-1]
    assert all(path.is_file() for path in drawn)


@pytest.fixture
def draw(procedures, pair, tmp_path, monkeypatch, capsys):
    """Call the verb on a result with sponsors and pipelines; return the names of the files that it names."""
    run = SimpleNamespace(folder=tmp_path)
    result = procedures.merge(pair[0][["immigrants_by_sponsor", "immigrants_by_motive"]])
    monkeypatch.setattr("sim.cli.plot.stored", lambda name, out: run)
    monkeypatch.setattr("sim.results.store.open_run", lambda folder: (run, result))

    def call(**options):
        plot_command.plot(["short"], **options)
        return [line.rsplit("/", 1)[-1] for line in capsys.readouterr().out.splitlines()]

    return call


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"kind": "sponsors"}, "sponsors.png"),
        ({"kind": "motives", "region": "all"}, "motives-all.png"),
        ({"kind": "pipeline", "pipeline": "asylum"}, "pipeline-asylum.png"),
        ({"kind": "pipeline", "pipeline": "asylum", "year": 2013}, "pipeline-asylum-2013.png"),
    ],
)
def test_plot_draws_sponsors_and_pipelines(draw, options, name):
    assert draw(**options) == [name]


def test_the_year_is_that_of_the_pipeline(draw, monkeypatch):
    asked = {}
    monkeypatch.setattr("sim.plots.pipeline", lambda result, **options: asked.update(options) or plots.motives(result))

    draw(kind="pipeline", pipeline="asylum", year=2013)

    assert asked == {"pipeline": "asylum", "years": (2013, 2013)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "sponsors", "year": 2012}, "--year goes with --kind pyramid or pipeline; sponsors shows all years"),
        ({"kind": "pyramid", "pipeline": "asylum"}, "--pipeline goes with --kind pipeline"),
        (
            {"kind": "pipeline", "region": "all"},
            "--region goes with --kind population, difference, .*, parts, motives or sponsors",
        ),
        ({"kind": "pipeline", "group": "all"}, "--group goes with --kind population, .* or sponsors"),
        ({"kind": "pipeline"}, "short has 2 pipelines; name one of them: asylum, regularisation"),
    ],
)
def test_options_go_with_their_kinds(draw, options, message):
    with pytest.raises(Exception, match=message):
        draw(**options)


def test_compare_draws_the_effect_of_a_policy_where_there_is_one(pair, short, tmp_path):
    changed, base = (result.assign_attrs(changes="") for result in pair)
    plain = short.assign_attrs(changes="", name="plain")

    brake = json.dumps({"policies": [{"name": "brake", "from": "2013-01-01"}]})
    other = changed.assign_attrs(name="other", scenario=brake)

    drawn, none, several = (
        [
            path.stem
            for path in compare_command._figures(results, None, tmp_path, ["png"], lambda _: None)[0]
            if path.stem.startswith("policy-effect")
        ]
        for results in ([base, changed], [plain, base], [changed, base, other])
    )

    assert (drawn, none) == (["policy-effect"], [])
    assert several == ["policy-effect-with-law", "policy-effect-other"]


def test_the_only_pipeline_is_named_in_its_file(draw, procedures, monkeypatch, tmp_path):
    one = procedures.isel(pipeline=[0], outcome=[0, 1])
    monkeypatch.setattr("sim.results.store.open_run", lambda folder: (None, one))

    assert draw(kind="pipeline") == ["pipeline-asylum.png"]
    assert draw(kind="pipeline", year=2013) == ["pipeline-asylum-2013.png"]


def test_results_with_the_same_people_are_compared_on_an_axis_that_holds_zero(short):
    figure = plots.difference([short, short.assign_attrs(name="again", title="The same again")])

    low, high = figure.axes[0].get_ylim()
    assert low <= 0 < high
