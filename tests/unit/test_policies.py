"""Named, dated changes to immigrants, to risks of emigration, and to applications."""

import calendar
import datetime
import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import CONTENT, GROUPS, NOBODY, REGIONS, TABLES

import sim
from sim.assumptions.policies import changed_applications, changed_streams, emigration_factor
from sim.assumptions.source import Source
from sim.assumptions.streams import StreamPart
from sim.cli.summary import summary
from sim.errors import ScenarioError
from sim.migration.policies import cap_factor, days_in_force, scale_factor, shift_factor
from sim.scenario.load import load
from sim.scenario.policies import Policy
from sim.scenario.words import describe

PROFILE = {"table": "uniform.csv", "age": "reached"}
PEOPLE = "region,group,sex,age,value\n" + "".join(
    f"{region},{group},{line}\n" for region in REGIONS for group in GROUPS for line in NOBODY.split()[1:]
).replace(",0\n", ",1000\n")
START, END = 2011, 2015
YEARS = list(range(START, END))
PERSONS, FILES = "persons per year", "files per year"


def path(unit=PERSONS, **of_year):
    return {"unit": unit, "path": {int(year[1:]): value for year, value in of_year.items()}, "after": "constant"}


def stream(motive, region, group, count, **more):
    count = count if isinstance(count, dict) else path(y2011=count)
    return {"motive": motive, "region": region, "group": group, "count": count, "profile": PROFILE, **more}


STREAMS = [
    stream("family", "BE1", "foreign", 300, sponsor="belgian"),
    stream("family", {"BE1": 0.25, "BE2": 0.75}, "foreign", 200, sponsor="eu"),
    stream("work", "BE2", "foreign", 100),
]
SPONSORED = {"belgian": 0.5, "eu": 0.75}
PIPELINE = {
    "waiting": 500,
    "applications": path(FILES, y2011=400),
    "decisions": {"delay": [0.5, 0.5]},
    "outcomes": {"refugee": {"share": 0.25}},
    "persons_per_file": 1.5,
}
ASYLUM = {
    "motive": "international_protection",
    "region": "BE1",
    "group": "foreign",
    "pipeline": "asylum",
    "profile": PROFILE,
}


def policy(name="one", start="2011-01-01", until=None, **change):
    return {"name": name, "from": start, **({"until": until} if until else {}), **change}


def stated(policies, immigration=STREAMS, period=(START, END), pipelines=None, **migration):
    """Parts of the small scenario with two regions and groups, streams of immigrants and policies."""
    return {
        "period": {"start": period[0], "end": period[1]},
        "states": {"regions": REGIONS, "groups": GROUPS},
        "migration": {"immigration": immigration, **migration},
        "policies": policies,
        **({"pipelines": pipelines} if pipelines else {}),
    }


@pytest.fixture
def projected(scenario):
    """Result of the small scenario under policies."""
    return lambda policies, **parts: sim.run(scenario({"people.csv": PEOPLE}, **stated(policies, **parts)))


@pytest.fixture
def sourced(scenario):
    """Source of the small scenario under policies."""
    return lambda policies, ages=None, **parts: Source(
        scenario({"people.csv": PEOPLE}, **({"ages": ages} if ages else {}), **stated(policies, **parts))
    )


@pytest.fixture
def faults(refused):
    return lambda policies, **parts: refused({"people.csv": PEOPLE}, **stated(policies, **parts))


def streams_of(entries, cells):
    """Streams of the persons that are given."""
    return [
        StreamPart(("migration", "immigration", place), GROUPS, entry["motive"], None, False, persons)
        for place, (entry, persons) in enumerate(zip(entries, cells, strict=True))
    ]


def of_motive(result, motive, **where):
    return result["immigrants_by_motive"].sel(motive=motive, **where).sum(["region", "group"][len(where) :]).values


def of_sponsor(result, sponsor):
    return result["immigrants_by_sponsor"].sel(sponsor=sponsor).sum(["region", "group"]).values


# Days in force


def test_the_law_of_22_september_2011_holds_on_101_days_of_that_year():
    np.testing.assert_array_equal(days_in_force("2011-09-22", None, [2010, 2011, 2012, 2013]), [0, 101 / 365, 1, 1])


def test_leap_years_have_366_days():
    assert days_in_force("2012-12-31", None, [2012]) == [1 / 366]
    assert days_in_force("2012-02-29", "2012-03-01", [2012]) == [1 / 366]
    assert days_in_force("1900-12-31", None, [1900]) == [1 / 365]


def test_the_first_day_counts_and_the_day_of_until_does_not():
    np.testing.assert_array_equal(days_in_force("2011-01-01", "2012-01-01", [2010, 2011, 2012]), [0, 1, 0])
    np.testing.assert_array_equal(days_in_force("2011-12-31", "2012-01-02", [2011, 2012]), [1 / 365, 1 / 366])


def test_dates_are_taken_as_their_text():
    dates = datetime.date(2011, 3, 5), datetime.date(2013, 7, 1)
    np.testing.assert_array_equal(days_in_force(*dates, YEARS), days_in_force(*map(str, dates), YEARS))


DAYS = st.dates(datetime.date(2007, 1, 1), datetime.date(2013, 12, 31))


@settings(max_examples=40, deadline=None)
@given(first=DAYS, until=st.none() | DAYS)
def test_days_in_force_are_those_of_the_calendar_counted_one_by_one(first, until):
    found = days_in_force(str(first), until and str(until), range(2007, 2014))

    assert found.tolist() == [share_of(year, first, until) for year in range(2007, 2014)]


def share_of(year, first, until):
    """Share of the days of a year from one day to the day before another, counted one by one."""
    months = range(1, 13)
    days = [
        datetime.date(year, month, day + 1) for month in months for day in range(calendar.monthrange(year, month)[1])
    ]
    return sum(first <= day and (until is None or day < until) for day in days) / len(days)


# Factors on flows

ONE_YEAR = np.array([0, 0.25, 1])
FLOWS = np.array([100.0, 200.0, 400.0])


def test_a_scale_holds_in_its_part_of_the_year():
    np.testing.assert_allclose(FLOWS * scale_factor(ONE_YEAR, 0.6), [100, 180, 240], rtol=1e-15)
    np.testing.assert_allclose(FLOWS * scale_factor(ONE_YEAR, 0), [100, 150, 0], rtol=1e-15)


def test_a_shift_adds_its_persons_in_its_part_of_the_year():
    np.testing.assert_allclose(FLOWS * shift_factor(ONE_YEAR, FLOWS, 80, YEARS), [100, 220, 480], rtol=1e-15)
    np.testing.assert_allclose(FLOWS * shift_factor(ONE_YEAR, FLOWS, -80, YEARS), [100, 180, 320], rtol=1e-15)


def test_a_cap_lowers_what_is_above_it_in_its_part_of_the_year():
    np.testing.assert_allclose(FLOWS * cap_factor(ONE_YEAR, FLOWS, 120), [100, 180, 120], rtol=1e-15)
    np.testing.assert_array_equal(cap_factor(ONE_YEAR, FLOWS, 400), [1, 1, 1])
    np.testing.assert_array_equal(cap_factor(ONE_YEAR, FLOWS, 0), [1, 0.75, 0])
    np.testing.assert_array_equal(cap_factor(ONE_YEAR, np.zeros(3), 10), [1, 1, 1])


def test_all_may_be_taken_away_and_what_rounding_leaves_is_nothing():
    almost = np.full(2, 0.1 + 0.2)
    assert shift_factor(np.ones(2), almost, -0.3, [2011, 2012]).tolist() == pytest.approx([0, 0], abs=1e-15)
    assert (shift_factor(np.ones(2), np.full(2, 0.3), -(0.1 + 0.2), [2011, 2012]) == 0).all()


def test_more_than_there_is_cannot_be_taken_away():
    with pytest.raises(ValueError, match=r"^takes away 201 in 2013, but the flows that it changes are 200$"):
        shift_factor(np.array([0, 0.5, 1]), np.array([1.0, 150.0, 200.0]), -201, [2011, 2012, 2013])
    with pytest.raises(ValueError, match=r"^takes away 1 in 2012, but the flows that it changes are 0$"):
        shift_factor(np.array([0, 1]), np.array([0.0, 0.0]), -1, [2011, 2012])


@pytest.mark.parametrize("flow", [0.0, 1e-320])
def test_nothing_can_be_added_in_proportion_to_nothing(flow):
    message = f"^adds in proportion to the size of the flows that it changes, which is {flow:g} in 2012$"
    with pytest.raises(ValueError, match=message):
        shift_factor(np.array([0, 0.5]), np.array([0.0, flow]), 5, [2011, 2012])


def test_a_flow_of_nothing_may_be_left_alone():
    np.testing.assert_array_equal(shift_factor(np.array([0, 0.5]), np.array([0.0, 8.0]), 4, YEARS), [1, 1.25])
    np.testing.assert_array_equal(shift_factor(np.array([1.0]), np.zeros(1), 0, YEARS), [1])


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_cap_leaves_no_more_than_there_was_and_no_less_than_it_allows(share, flow, at):
    left = flow * cap_factor(np.array([share]), np.array([flow]), at)[0]

    assert left <= flow
    assert left == pytest.approx(flow - share * max(flow - at, 0), rel=1e-12, abs=1e-9)


# One policy and several, projected


def test_a_scale_changes_the_streams_of_its_motive_and_sponsor(projected):
    law = policy("law", "2011-09-22", scale={"motive": "family", "sponsor": "belgian", "factor": 0.52})

    result = projected([law])

    share = 101 / 365
    hand = [300 * (1 - share + share * 0.52), 156, 156, 156]
    np.testing.assert_allclose(of_sponsor(result, "belgian"), hand, rtol=1e-12)
    np.testing.assert_allclose(of_sponsor(result, "eu"), 200, rtol=1e-12)
    np.testing.assert_allclose(of_motive(result, "work"), 100, rtol=1e-12)
    assert result["policy_effect"].dims == ("period", "policy")
    assert result["policy"].values.tolist() == ["law"]
    np.testing.assert_allclose(result["policy_effect"].sel(policy="law"), np.array(hand) - 300, rtol=1e-12)


def test_one_policy_changes_several_flows(projected):
    sponsors = [{"motive": "family", "sponsor": sponsor, "factor": factor} for sponsor, factor in SPONSORED.items()]

    result = projected([policy("law", "2012-01-01", scale=sponsors), policy("more", scale={"factor": 2})])

    np.testing.assert_allclose(of_sponsor(result, "belgian")[1:], 300 * 0.5 * 2, rtol=1e-12)
    np.testing.assert_allclose(of_sponsor(result, "eu")[1:], 200 * 0.75 * 2, rtol=1e-12)
    np.testing.assert_allclose(result["policy_effect"].sel(policy="law")[1:], -150 - 50, rtol=1e-12)


def test_a_policy_may_be_of_a_nationality(projected, faults):
    immigration = [stream("work", "BE1", "foreign", 40, nationality=name) for name in ("EU-15", "EU-12")]

    result = projected([policy(end={"nationality": "EU-12"})], immigration=immigration)

    by_nationality = result["immigrants_by_nationality"].sum(["region", "group"])
    np.testing.assert_allclose(by_nationality.sel(nationality="EU-15"), 40, rtol=1e-12)
    np.testing.assert_allclose(by_nationality.sel(nationality="EU-12"), 0, atol=1e-12)
    assert faults([policy(end={"nationality": "EU-28"})], immigration=immigration) == [
        "policies.0.end.nationality: no stream of immigration has the nationality 'EU-28'; there are: EU-15, EU-12"
    ]


def test_a_motive_takes_in_all_sponsors(projected):
    result = projected([policy(scale={"motive": "family", "factor": 0.5})])

    np.testing.assert_allclose(of_motive(result, "family"), 250, rtol=1e-12)
    np.testing.assert_allclose(of_motive(result, "work"), 100, rtol=1e-12)


def test_a_motive_of_a_stream_of_several_is_changed_alone(projected):
    both = stream({"family": 0.4, "work": 0.6}, "BE1", "foreign", 1000)

    result = projected([policy(end={"motive": "work"})], immigration=[both])

    np.testing.assert_allclose(of_motive(result, "family"), 400, rtol=1e-12)
    np.testing.assert_allclose(of_motive(result, "work"), 0, atol=1e-12)


def test_an_end_stops_all_immigrants_as_long_as_it_holds(projected):
    result = projected([policy(start="2012-07-01", until="2014-01-01", end={})])

    total = result["immigrants"].sum(["region", "group", "sex", "age"])
    np.testing.assert_allclose(total, [600, 600 * 182 / 366, 0, 600], rtol=1e-12, atol=1e-12)


def test_a_shift_adds_persons_to_each_stream_region_and_age_in_proportion(projected):
    result = projected([policy(start="2012-07-01", shift={"by": 120, "unit": PERSONS})])

    total = np.array([600, 600 + 120 * 184 / 366, 720, 720])
    np.testing.assert_allclose(of_sponsor(result, "belgian"), total / 2, rtol=1e-12)
    np.testing.assert_allclose(of_sponsor(result, "eu"), total / 3, rtol=1e-12)
    for region, share in (("BE1", 350 / 600), ("BE2", 250 / 600)):
        came = result["immigrants"].sel(region=region, group="foreign")
        np.testing.assert_allclose(came.sum(["sex", "age"]), total * share, rtol=1e-12)
        np.testing.assert_allclose(came, (total * share / 102)[:, None, None] * np.ones((2, 51)), rtol=1e-12)


def test_a_policy_of_a_region_leaves_the_others_alone(projected):
    result = projected([policy(shift={"region": "BE2", "by": -50, "unit": PERSONS})])

    of_region = result["immigrants"].sum(["group", "sex", "age"])
    np.testing.assert_allclose(of_region.sel(region="BE1"), 350, rtol=1e-12)
    np.testing.assert_allclose(of_region.sel(region="BE2"), 200, rtol=1e-12)
    np.testing.assert_allclose(of_sponsor(result, "eu"), 50 + 150 * 0.8, rtol=1e-12)


def test_a_cap_holds_for_the_streams_together(projected):
    result = projected([policy(start="2013-01-01", cap={"motive": "family", "at": 400, "unit": PERSONS})])

    np.testing.assert_allclose(of_motive(result, "family"), [500, 500, 400, 400], rtol=1e-12)
    np.testing.assert_allclose(of_sponsor(result, "eu"), [200, 200, 160, 160], rtol=1e-12)


def test_a_cap_above_the_flow_changes_nothing(projected):
    result = projected([policy(cap={"at": 600.5, "unit": PERSONS})])

    assert not result["policy_effect"].values.any()
    np.testing.assert_allclose(result["immigrants"].sum(["region", "group", "sex", "age"]), 600, rtol=1e-12)


def test_policies_act_in_the_order_of_the_file(projected):
    scale, cap = {"scale": {"factor": 0.5}}, {"cap": {"at": 400, "unit": PERSONS}}

    first = projected([policy("scale", **scale), policy("cap", **cap)])
    second = projected([policy("cap", **cap), policy("scale", **scale)])

    np.testing.assert_allclose(first["immigrants"].sel(period=2011).sum(), 300, rtol=1e-12)
    np.testing.assert_allclose(second["immigrants"].sel(period=2011).sum(), 200, rtol=1e-12)
    np.testing.assert_allclose(first["policy_effect"].sel(period=2011), [-300, 0], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(second["policy_effect"].sel(period=2011), [-200, -200], rtol=1e-12)


def test_two_scales_are_one_by_their_product(projected):
    two = projected([policy("one", scale={"factor": 0.8}), policy("two", scale={"factor": 1.5})])
    one = projected([policy(scale={"factor": 1.2})])

    np.testing.assert_allclose(two["population"], one["population"], rtol=1e-13)


def test_the_effects_add_up_to_the_difference_that_the_policies_make(projected):
    policies = [
        policy("law", "2011-09-22", scale={"motive": "family", "sponsor": "belgian", "factor": 0.52}),
        policy("cap", "2012-03-01", "2014-05-05", cap={"region": "BE1", "at": 150, "unit": PERSONS}),
        policy("more", "2013-06-01", shift={"motive": "work", "by": 77, "unit": PERSONS}),
        policy("leave", "2012-06-01", scale={"flow": "emigration", "factor": 2}),
    ]
    emigration = [{"hazard": 0.01}]

    with_them, without = (projected(some, emigration=emigration) for some in (policies, []))

    flows = [result["immigrants"].sum(["region", "group", "sex", "age"]).values for result in (with_them, without)]
    np.testing.assert_allclose(with_them["policy_effect"].sum("policy"), flows[0] - flows[1], rtol=0, atol=1e-9)
    assert (with_them["policy_effect"].sel(policy="leave") == 0).all()
    assert "policy_effect" not in without


EVERYWHERE = [stream(motive, None, None, 50) for motive in ("family", "work", "family")]
KINDS = st.one_of(
    st.builds(lambda factor: ("scale", {"factor": factor}), st.floats(0.01, 3)),
    st.builds(lambda by: ("shift", {"by": by, "unit": PERSONS}), st.floats(0, 500)),
    st.builds(lambda at: ("cap", {"at": at, "unit": PERSONS}), st.floats(1, 500)),
)
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "motive": st.sampled_from(["family", "work"]),
        "region": st.sampled_from(REGIONS),
        "group": st.just("foreign"),
    },
)
SEVERAL = st.lists(CHOICES, min_size=1, max_size=2)
DATES = st.dates(datetime.date(2011, 1, 1), datetime.date(2014, 12, 31))


def slow(parts, policies):
    """Cells of every stream after all policies, one year, policy and cell after the other, and the effects."""
    left, effect = [part.persons.copy() for part in parts], np.zeros((len(YEARS), len(policies)))
    cells = list(itertools.product(range(len(parts)), *map(range, parts[0].persons.shape[1:])))
    entries = [(place, one, change) for place, one in enumerate(policies) for change in getattr(one, one.kind)]
    for (place, one, change), (number, year) in itertools.product(entries, enumerate(YEARS)):
        share = share_of(year, datetime.date.fromisoformat(one.from_), None)
        chosen = [
            (index, (number, *cell))
            for index, *cell in cells
            if change.motive in {None, parts[index].motive}
            and change.region in {None, REGIONS[cell[0]]}
            and change.group in {None, GROUPS[cell[1]]}
        ]
        total = sum(left[index][cell] for index, cell in chosen)
        if one.scale:
            new = total * (1 - share) + total * share * change.factor
        elif one.shift:
            new = total + change.by * share
        else:
            new = total * (1 - share) + share * min(total, change.at)
        for index, cell in chosen:
            left[index][cell] *= new / total
        effect[number, place] += new - total
    return left, effect


@settings(max_examples=30, deadline=None)
@given(drawn=st.lists(st.tuples(KINDS, SEVERAL, DATES), max_size=4), seed=st.integers(0, 99))
def test_streams_are_those_of_a_slow_loop_over_years_policies_and_cells(loaded_once, drawn, seed):
    dice = np.random.default_rng(seed)
    many = tuple(
        Policy.model_validate(policy(f"p{place}", str(day), **{kind: [{**chosen, **said} for chosen in several]}))
        for place, ((kind, said), several, day) in enumerate(drawn)
    )
    parts = streams_of(EVERYWHERE, [dice.uniform(1, 20, (len(YEARS), 2, 2, 2, 3)) for _ in EVERYWHERE])
    source = Source(loaded_once.model_copy(update={"policies": many}))

    found, effect = changed_streams(source, parts)

    slowly, slow_effect = slow(parts, many)
    for part, cells in zip(found, slowly, strict=True):
        np.testing.assert_allclose(part.persons, cells, rtol=1e-9)
    np.testing.assert_allclose(effect, slow_effect, rtol=0, atol=1e-7)
    assert effect.shape == (len(YEARS), len(many))


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory):
    """The small scenario, whose policies are replaced."""
    folder = tmp_path_factory.mktemp("small")
    for name, text in TABLES.items():
        (folder / name).write_text(text)
    (folder / "small.yaml").write_text(json.dumps(CONTENT | stated([], immigration=EVERYWHERE)))
    return load(folder / "small.yaml")


def test_the_streams_as_stated_stay_as_they_are(loaded_once):
    cells = np.ones((len(YEARS), 2, 2, 2, 3))
    ended = Policy.model_validate(policy(until="2012-01-01", end={}))

    changed_streams(Source(loaded_once.model_copy(update={"policies": (ended,)})), streams_of(EVERYWHERE, [cells] * 3))

    assert (cells == 1).all()


# Steps of five years


def test_steps_of_five_years_hold_the_mean_of_their_years(sourced):
    whole = {"open": 50, "width": 5}
    many = [
        policy("scale", "2013-07-01", scale={"motive": "work", "factor": 0.4}),
        policy("cap", "2016-01-01", "2019-01-01", cap={"motive": "family", "at": 10, "unit": PERSONS}),
        policy("shift", "2018-01-01", shift={"motive": "other", "by": 20, "unit": PERSONS}),
    ]
    immigration = [stream(motive, "BE1", "foreign", 50) for motive in ("work", "family", "other")]
    source = sourced(many, ages=whole, period=(2011, 2021), immigration=immigration)
    cells = np.zeros((2, 2, 2, 2, 11))
    cells[:, 0, 1, 0, 4] = 250

    found, effect = changed_streams(source, streams_of(immigration, [cells] * 3))

    first = (184 / 365 + 2) / 5
    hand = [[250 * (1 - 0.6 * first), 100], [250, 250 - 3 * 40], [250, 250 + 3 * 20]]
    np.testing.assert_allclose([part.persons.sum(axis=(1, 2, 3, 4)) for part in found], hand, rtol=1e-12)
    np.testing.assert_allclose(effect, np.transpose(hand) - 250, rtol=1e-12, atol=1e-12)


def test_a_step_of_five_years_is_named_by_its_years(sourced):
    cells = np.full((2, 2, 2, 2, 11), 1.0)
    source = sourced(
        [policy(start="2013-01-01", shift={"motive": "work", "by": -100, "unit": PERSONS})],
        ages={"open": 50, "width": 5},
        period=(2011, 2021),
        immigration=[stream("work", None, None, 50)],
    )

    with pytest.raises(ScenarioError, match="takes away 60 in 2011-2015, but the flows that it changes are 17"):
        changed_streams(source, streams_of([stream("work", None, None, 50)], [cells]))


# Emigration


def test_risks_of_emigration_are_scaled_where_the_policy_is(built):
    emigration = [{"hazard": 0.01}, {"group": "foreign", "hazard": 0.03}]
    many = [
        policy("one", "2012-07-01", scale={"flow": "emigration", "group": "foreign", "factor": 2}),
        policy("two", "2013-01-01", end={"flow": "emigration", "region": "BE2"}),
    ]

    hazard = built({"people.csv": PEOPLE}, **stated(many, emigration=emigration)).emigration_hazard

    twice = np.array([1, 1 + 184 / 366, 2, 2])
    until = np.array([1, 1, 0, 0])
    np.testing.assert_allclose(hazard[:, 0, 0], 0.01, rtol=1e-12)
    np.testing.assert_allclose(hazard[:, 0, 1, 1, 5], 0.04 * twice, rtol=1e-12)
    np.testing.assert_allclose(hazard[:, 1, 0, 0, 5], 0.01 * until, rtol=1e-12)
    np.testing.assert_allclose(hazard[:, 1, 1, 0, 50], 0.04 * twice * until, rtol=1e-12)


def test_a_count_of_emigrants_is_scaled_as_a_whole(projected):
    emigration = [
        {"group": "foreign", "region": "BE1", "count": path(y2011=100)},
        {"group": "belgian", "count": path(y2011=50)},
    ]

    result = projected(
        [policy(start="2012-01-01", scale={"flow": "emigration", "group": "foreign", "factor": 0.5})],
        emigration=emigration,
    )

    left = result["emigrants"].sum(["region", "sex", "age"])
    np.testing.assert_allclose(left.sel(group="foreign"), [100, 50, 50, 50], rtol=1e-9)
    np.testing.assert_allclose(left.sel(group="belgian"), 50, rtol=1e-9)


def test_policies_of_immigrants_leave_emigrants_alone(sourced):
    source = sourced([policy(scale={"region": "BE1", "factor": 0.5})])

    np.testing.assert_array_equal(emigration_factor(source, ([0, 1], [0, 1]), whole=True), np.ones((4, 2, 2)))


def test_the_factor_is_by_the_regions_and_groups_of_the_stream(sourced):
    one = policy(scale={"flow": "emigration", "region": "BE2", "factor": 0.5})
    source = sourced([one], emigration=[{"hazard": 0.01}])

    np.testing.assert_array_equal(emigration_factor(source, ([1, 0], [0]), whole=False)[0], [[0.5], [1]])
    np.testing.assert_array_equal(emigration_factor(source, ([0], [0, 1]), whole=True), np.ones((4, 1, 2)))


# Applications


def test_applications_are_changed_by_calendar_year(sourced):
    many = [
        policy("scale", "2012-12-31", scale={"flow": "applications", "pipeline": "asylum", "factor": 0.5}),
        policy("shift", "2013-01-01", shift={"flow": "applications", "pipeline": "asylum", "by": 30, "unit": FILES}),
        policy("cap", "2014-01-01", cap={"flow": "applications", "pipeline": "asylum", "at": 90, "unit": FILES}),
        policy("other", "2012-01-01", end={"motive": "work"}),
    ]
    source = sourced(many, immigration=[*STREAMS, ASYLUM], pipelines={"asylum": PIPELINE})
    stated_ones = np.array([400.0, 366.0, 200.0, 150.0])

    found = changed_applications(source, "asylum", stated_ones)

    np.testing.assert_allclose(found, [400, 365.5, 130, 90], rtol=1e-12)
    np.testing.assert_array_equal(stated_ones, [400, 366, 200, 150])
    np.testing.assert_array_equal(changed_applications(source, "another", stated_ones), stated_ones)


def test_fewer_applications_show_in_the_pipeline_and_its_immigrants_but_not_in_the_effect(projected):
    parts = {"immigration": [*STREAMS, ASYLUM], "pipelines": {"asylum": PIPELINE}}
    halved = policy(start="2013-01-01", scale={"flow": "applications", "pipeline": "asylum", "factor": 0.5})

    with_it, without = projected([halved], **parts), projected([], **parts)

    np.testing.assert_allclose(without["applications"].sel(pipeline="asylum"), 400, rtol=1e-12)
    np.testing.assert_allclose(with_it["applications"].sel(pipeline="asylum"), [400, 400, 200, 200], rtol=1e-12)
    came = [of_motive(result, "international_protection") for result in (with_it, without)]
    np.testing.assert_allclose(came[0][:2], came[1][:2], rtol=1e-12)
    np.testing.assert_allclose(came[0][3], came[1][3] / 2, rtol=1e-12)
    assert (with_it["policy_effect"] == 0).all()


# Beside a balance


CLOSED = "but the balance is stated, and others make up for it: without 'close' it shows in the population"


def warned(built, policies, **parts):
    found = built({"people.csv": PEOPLE}, **stated(policies, **parts)).warnings
    return [f"{fault.key}: {fault.message}" for fault in found if "same values for women and men" not in fault.message]


def test_a_policy_of_immigrants_of_whom_a_balance_is_stated_is_noted(built):
    close = {"free": "immigration", "balance": path(y2011=700)}
    mixed = [{**STREAMS[0], "fixed": True}, *STREAMS[1:]]
    many = [
        policy("fixed", scale={"sponsor": "belgian", "factor": 0.5}),
        policy("without-effect", cap={"motive": "work", "at": 1000, "unit": PERSONS}),
        policy("scaled", scale=[{"motive": "work", "factor": 1}, {"motive": "family", "factor": 0.5}]),
    ]

    assert warned(built, many, immigration=mixed, close=close) == [
        f"policies.0.scale: changes immigration, {CLOSED}",
        f"policies.2.scale.1: changes immigration, {CLOSED}",
    ]
    assert warned(built, many, immigration=mixed) == []


def test_only_the_parts_of_the_population_whose_balance_is_stated_are_noted(built):
    close = {"free": "immigration", "balance": [{"region": "BE2", **path(y2011=700)}]}
    many = [policy(region.lower(), scale={"region": region, "factor": 0.5}) for region in REGIONS]

    assert warned(built, many, close=close) == [f"policies.1.scale: changes immigration, {CLOSED}"]


def test_a_policy_of_emigrants_of_whom_a_balance_is_stated_is_noted(built):
    close = {"free": "emigration", "balance": [{"region": "BE2", **path(y2011=100)}]}
    many = [
        *(
            policy(f"e-{region.lower()}", scale={"flow": "emigration", "region": region, "factor": 2})
            for region in REGIONS
        ),
        policy("none", scale={"flow": "emigration", "factor": 1}),
        policy("immigrants", scale={"factor": 0.9}),
    ]

    assert warned(built, many, emigration=[{"hazard": 0.01}], close=close) == [
        f"policies.1.scale: changes emigration, {CLOSED}",
        f"policies.3.scale: changes immigration, {CLOSED}",
    ]


def test_a_policy_of_applications_that_are_decided_by_count_is_noted(built):
    counted = PIPELINE | {"decisions": {"count": path(FILES, y2011=300)}}
    fewer = policy(scale={"flow": "applications", "pipeline": "asylum", "factor": 0.5})

    found, none = (
        warned(built, [fewer], immigration=[*STREAMS, ASYLUM], pipelines={"asylum": stated})
        for stated in (counted, PIPELINE)
    )

    waits = "changes who waits only: decisions are counts; with a 'delay' they follow the applications"
    assert (found, none) == ([f"policies.0.scale: {waits}"], [])


def test_a_factor_that_may_be_a_percentage_is_asked_about(built):
    many = [policy("ten", scale={"factor": 10}), policy("fifty", scale={"factor": 50})]

    assert warned(built, many) == ["policies.1.scale.factor: multiplies by 50: is it a percentage?"]


# Words


def test_every_policy_has_its_sentence(scenario):
    many = [
        policy("law", "2011-09-22", scale={"motive": "family", "sponsor": "belgian", "factor": 0.52}),
        policy("stop", "2012-01-01", "2013-01-01", end={"motive": "eu_free_movement", "region": "BE1"}),
        policy("all", "2012-02-29", shift={"by": 2500, "unit": PERSONS}),
        policy("fewer", "2012-03-01", shift={"group": "foreign", "by": -20, "unit": PERSONS}),
        policy("cap", "2012-03-01", cap={"flow": "applications", "pipeline": "asylum", "at": 20000, "unit": FILES}),
        policy("two", "2012-03-01", scale=[{"motive": "work", "factor": 2}, {"sponsor": "eu", "factor": 0.5}]),
        policy("leave", "2014-12-31", scale={"flow": "emigration", "group": "foreign", "factor": 1.1}),
    ]
    immigration = [*STREAMS, ASYLUM, stream("eu_free_movement", "BE1", "foreign", 5)]
    parts = stated(many, immigration=immigration, pipelines={"asylum": PIPELINE}, emigration=[{"hazard": 0.01}])

    said = [sentence for sentence in describe(scenario(**parts)) if sentence.startswith("Policy")]

    assert said == [
        "Policy law, from 22 September 2011: immigrants (family; sponsor belgian) times 0.52.",
        "Policy stop, from 1 January 2012 to 31 December 2012: immigrants (free movement in the EU) (BE1) stopped.",
        "Policy all, from 29 February 2012: immigrants plus 2,500 persons a year.",
        "Policy fewer, from 1 March 2012: immigrants (foreign) less 20 persons a year.",
        "Policy cap, from 1 March 2012: applications of 'asylum' at most 20,000 files a year together.",
        "Policy two, from 1 March 2012: immigrants (work) times 2; immigrants (sponsor eu) times 0.5.",
        "Policy leave, from 31 December 2014: risks of the emigrants (foreign) times 1.1.",
    ]


def test_the_summary_tells_the_yearly_mean_that_each_policy_of_immigration_adds(projected):
    many = [
        policy("law", "2013-01-01", scale={"sponsor": "belgian", "factor": 0.5}),
        policy("more", "2012-01-01", shift={"motive": "work", "by": 12, "unit": PERSONS}),
        policy("leave", scale={"flow": "emigration", "factor": 0.5}),
        policy("little", scale={"motive": "work", "factor": 0.999}),
    ]

    lines = summary(projected(many, emigration=[{"hazard": 0.01}])).splitlines()

    place = next(number for number, line in enumerate(lines) if line.startswith("immigrants by policy"))
    assert [line.split() for line in lines[place:]] == [
        ["immigrants", "by", "policy", "2011-2014"],
        ["law", "-75"],
        ["more", "+9"],
        ["little", "+0"],
    ]
    assert "by policy" not in summary(projected(many[2:3], emigration=[{"hazard": 0.01}]))
    assert "by policy" not in summary(projected([]))


# Errors


def test_a_policy_begins_within_the_projected_years(faults):
    many = [policy("early", "2010-12-31", end={}), policy("late", "2015-01-01", end={})]

    assert faults(many) == [
        "policies.0.from: begins on 2010-12-31, before the flow that it changes: flows are projected from 2011 on; if "
        "they are stated without it, let it begin on 2011-01-01",
        "policies.1.from: begins on 2015-01-01, after the last projected year, which is 2014",
    ]


def test_a_policy_may_begin_on_the_first_and_on_the_last_day(built):
    many = [policy("first", "2011-01-01", end={}), policy("last", "2014-12-31", end={})]

    assert built({"people.csv": PEOPLE}, **stated(many)).migrants.shape[0] == 4


def test_a_policy_needs_its_flow(faults):
    later = [
        stream("family", "BE1", "foreign", {**path(y2011=0, y2012=0, y2013=10), "interpolate": "step"}),
        stream("work", "BE1", "foreign", 0),
        stream("study", "BE1", "foreign", 7),
    ]
    many = [
        policy("one", "2012-12-31", scale={"motive": "family", "factor": 0.5}),
        policy("two", "2013-01-01", scale={"motive": "family", "factor": 0.5}),
        policy("three", "2013-01-01", scale={"motive": "work", "factor": 0.5}),
        policy("four", "2011-01-01", scale={"factor": 0.5}),
    ]

    assert faults(many, immigration=later) == [
        "policies.0.from: begins on 2012-12-31, before the flow that it changes, which is zero before 2013",
        "policies.2.from: begins on 2013-01-01, but the flow that it changes is zero throughout",
    ]


def test_a_policy_selects_something(faults):
    many = [
        policy("one", scale={"motive": "work", "sponsor": "eu", "factor": 0.5}),
        policy("two", end={"group": "belgian"}),
        policy("three", end={"motive": "work", "region": "BE1"}),
        policy("four", end={"flow": "emigration", "region": "BE2"}),
    ]

    assert faults(many, emigration=[{"region": "BE1", "hazard": 0.01}]) == [
        "policies.0.scale: selects no stream of immigration: none has the motive 'work' and the sponsor 'eu'",
        "policies.1.end: selects no stream of immigration: none has the group 'belgian'",
        "policies.2.end: selects no stream of immigration: none has the motive 'work' and the region 'BE1'",
        "policies.3.end: selects no stream of emigration: none has the region 'BE2'",
    ]
    assert faults([policy(end={"flow": "emigration"})]) == [
        "policies.0.end: selects no stream of emigration: none is stated"
    ]


def test_names_differ(faults):
    many = [policy(name, end={"motive": "work"}) for name in ("same", "other", "same")]

    assert faults(many) == ["policies.2.name: policy 1 is called 'same' too"]


def test_files_are_no_unit_of_immigrants(faults):
    assert faults([policy(shift={"by": 10, "unit": FILES})]) == [
        "policies.0.shift.unit: must be 'persons per year', as the immigration that it changes"
    ]


def test_the_unit_of_applications_is_that_of_the_pipeline(faults):
    many = [policy(cap={"flow": "applications", "pipeline": "asylum", "at": 10, "unit": PERSONS})]

    assert faults(many, immigration=[*STREAMS, ASYLUM], pipelines={"asylum": PIPELINE}) == [
        "policies.0.cap.unit: must be 'files per year', as the applications that it changes"
    ]


def test_a_campaign_has_no_applications_to_change(faults):
    campaign = {key: value for key, value in PIPELINE.items() if key != "applications"}
    many = [policy(end={"flow": "applications", "pipeline": "asylum"})]

    assert faults(many, immigration=[*STREAMS, ASYLUM], pipelines={"asylum": campaign}) == [
        "policies.0.end: selects no applications: the pipeline 'asylum' states none"
    ]


def test_applications_are_there_when_a_policy_begins_and_are_enough(sourced):
    shift = {"flow": "applications", "pipeline": "asylum", "by": -70, "unit": FILES}
    source = sourced([policy(start="2012-06-01", shift=shift)], immigration=[ASYLUM], pipelines={"asylum": PIPELINE})

    with pytest.raises(ScenarioError, match="takes away 70 in 2014, but the flows that it changes are 69") as caught:
        changed_applications(source, "asylum", np.array([0.0, 80, 80, 69]))
    assert caught.value.faults[0].key == "policies.0.shift"
    with pytest.raises(ScenarioError, match="before the flow that it changes, which is zero before 2013") as caught:
        changed_applications(source, "asylum", np.array([0.0, 0, 80, 80]))
    assert caught.value.faults[0].key == "policies.0.from"


def test_people_out_of_a_pipeline_are_changed_by_its_applications(faults, built):
    parts = {"immigration": [*STREAMS, ASYLUM], "pipelines": {"asylum": PIPELINE}}
    told = (
        "stream 4 of immigration comes out of the pipeline 'asylum'; change its applications (flow: applications), or "
        "select others"
    )

    assert faults([policy("all", end={}), policy("be1", end={"region": "BE1"})], **parts) == [
        f"policies.0.end: {told}",
        f"policies.1.end: {told}",
    ]
    assert built({"people.csv": PEOPLE}, **stated([policy("be2", end={"region": "BE2"})], **parts)).came is not None
    assert faults([policy("later", "2013-12-31", end={"region": "BE1"})], **parts) == [f"policies.0.end: {told}"]


def test_a_stream_out_of_a_pipeline_may_be_selected_while_nobody_comes_out(built):
    later = PIPELINE | {"outcomes": {"refugee": {"share": {"path": {2012: 0.0, 2013: 0.25}, "interpolate": "step",
                                                           "before": "constant", "after": "constant"}}}}  # fmt: skip
    until = policy("all", "2011-01-01", "2013-01-01", scale={"factor": 0.5})

    found = built(
        {"people.csv": PEOPLE}, **stated([until], immigration=[*STREAMS, ASYLUM], pipelines={"asylum": later})
    )

    assert found.came.policy_effect[:2].min() < 0


def test_every_stream_out_of_a_pipeline_is_told_once(faults):
    outcomes = {"refugee": {"share": 0.25}, "subsidiary": {"share": 0.1}}
    both = [{**ASYLUM, "outcome": outcome, "motive": {"family": 0.4, "humanitarian": 0.6}} for outcome in outcomes]

    found = faults([policy(end={})], immigration=both, pipelines={"asylum": {**PIPELINE, "outcomes": outcomes}})

    assert [fault.split(" of ")[0] for fault in found] == ["policies.0.end: stream 1", "policies.0.end: stream 2"]


def test_a_group_is_not_another_whose_name_it_is_part_of(refused):
    states = {"regions": REGIONS, "groups": ["eu", "non_eu"]}
    parts = stated([policy(end={"group": "eu"})], immigration=[stream("work", "BE1", "non_eu", 10)])

    people = PEOPLE.replace("foreign", "non_eu").replace("belgian", "eu")
    assert refused({"people.csv": people}, **parts | {"states": states}) == [
        "policies.0.end: selects no stream of immigration: none has the group 'eu'"
    ]


def test_what_a_policy_before_it_has_ended_is_there_all_the_same(built, sourced):
    many = [
        policy("ban", until="2013-01-01", end={"motive": "work"}),
        policy("half", scale={"motive": "work", "factor": 0.5}),
    ]
    assert built({"people.csv": PEOPLE}, **stated(many)).came.policy_effect.tolist() == [
        pytest.approx(effect) for effect in ([-100, 0], [-100, 0], [0, -50], [0, -50])
    ]

    selected = {"flow": "applications", "pipeline": "asylum"}
    many = [policy("ban", until="2013-01-01", end=selected), policy("half", scale={**selected, "factor": 0.5})]
    source = sourced(many, immigration=[ASYLUM], pipelines={"asylum": PIPELINE})
    assert changed_applications(source, "asylum", np.full(4, 60.0)).tolist() == [0, 0, 30, 30]


def test_a_shift_takes_no_more_than_policies_before_it_leave(faults):
    many = [
        policy("half", "2012-01-01", scale={"motive": "work", "factor": 0.5}),
        policy("less", "2011-01-01", shift={"motive": "work", "by": -51, "unit": PERSONS}),
    ]

    assert faults(many) == ["policies.1.shift: takes away 51 in 2012, but the flows that it changes are 50"]
    assert faults([policy("none", end={"motive": "work"}), policy("more", shift=many[1]["shift"] | {"by": 5})]) == [
        "policies.1.shift: adds in proportion to the size of the flows that it changes, which is 0 in 2011"
    ]


def test_a_policy_of_a_part_of_a_count_is_refused(faults):
    emigration = [{"count": path(y2011=100)}]

    assert faults([policy(scale={"flow": "emigration", "region": "BE1", "factor": 0.5})], emigration=emigration) == [
        "policies.0.scale: selects a part of emigrants who are counted together; give each part a count, or a hazard"
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"from": "2011-9-22", "end": {}}, "must be a day as in 2011-09-22, not '2011-9-22'"),
        ({"from": "2011-02-29", "end": {}}, "must be a day as in 2011-09-22, not '2011-02-29'"),
        ({"until": "2011-01-01", "end": {}}, "'until' is 2011-01-01, which is not after 'from', 2011-01-01"),
        ({}, "state one of scale, shift, cap, end; none is there"),
        ({"end": {}, "scale": {"factor": 2}}, "state one of scale, shift, cap, end; not scale and end"),
        ({"shift": {"flow": "emigration", "by": 1, "unit": PERSONS}}, "emigration is a risk of those who are there"),
        ({"end": {"flow": "emigration", "motive": "work"}}, "'motive' does not go with the flow 'emigration'"),
        ({"end": {"flow": "applications"}}, "name the 'pipeline' whose applications are meant"),
        ({"cap": {"at": 1e13, "unit": PERSONS}}, "must be 1e+12 or less"),
        ({"shift": {"by": -1e13, "unit": PERSONS}}, "must be -1e+12 or more"),
    ],
)
def test_a_policy_that_is_none_is_refused(faults, wrong, message):
    (fault,) = faults([{"name": "one", "from": "2011-01-01", **wrong}], emigration=[{"hazard": 0.01}])

    assert message in fault
