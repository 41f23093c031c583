"""Immigrants who leave by the time since they came, and titles of stay that end on a 1 January."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from scipy.linalg import expm
from small import AGES, SEXES, by_age

import sim
from sim.assumptions import build, carried, operators_of
from sim.engine import CONVENTIONS, leslie_matrix
from sim.errors import ProjectionError
from sim.results.checks import check_books
from sim.scenario.words import describe

REGIONS, GROUPS = ("north", "south"), ("native", "foreign", "protected")
EVERY = ["region", "group", "sex", "age"]
EACH = pytest.mark.parametrize("convention", sorted(CONVENTIONS))
PROFILE = {"table": "adults.csv", "age": "reached"}


def people(**numbers):
    """Table of people, so many in every cell of a group."""
    lines = [
        f"{region},{group},{sex},{age},{numbers.get(group, 0)}\n"
        for region in REGIONS
        for group in GROUPS
        for sex in SEXES
        for age in AGES
    ]
    return "".join(["region,group,sex,age,value\n", *lines])


TABLES = {
    "people.csv": people(native=1000, foreign=100, protected=20),
    "nobody.csv": people(),
    "adults.csv": "sex,age,value\n"
    + "".join(f"{sex},{age},{(20 <= age < 45) / 50!r}\n" for sex in SEXES for age in AGES),
    "pattern.csv": "group,age,value\n"
    + "".join(f"{group},{age},{0.04 + 0.01 * len(group)}\n" for group in GROUPS for age in range(20, 40)),
    "fertile.csv": "group,age,value\n"
    + "".join(f"{group},{age},{0.2 + 0.02 * len(group)}\n" for group in GROUPS for age in range(20, 40)),
    "immortal.csv": by_age(1),
    "childless.csv": "age,value\n" + "".join(f"{age},0\n" for age in range(20, 40)),
}
NOBODY = {"population": {"table": "nobody.csv"}}
STERILE = {
    "mortality": {"survival_ratio": {"table": "immortal.csv", "age": "reached"}},
    "fertility": {"rates": {"table": "childless.csv", "age": "completed"}, "sex_ratio_at_birth": 1.05},
}


def persons(path, **others):
    path = path if isinstance(path, dict) else {2012: path}
    return {"unit": "persons per year", "path": path, "after": "constant", "interpolate": "step", **others}


def stream(motive, region, group, count, **others):
    return {
        "motive": motive,
        "region": region,
        "group": group,
        "count": persons(count),
        "profile": PROFILE,
        **others,
    }


STREAMS = [
    stream("study", "north", "foreign", 300),
    stream("work", "south", "foreign", 200),
    stream("study", "south", "native", 40, fixed=True),
    stream("international_protection", "north", "protected", 60, fixed=True),
]
STUDENTS = {"name": "students", "motive": "study", "group": "foreign", "hazard": [0.3, 0.1, 0.6]}
MOVES = {"moves": [{"hazard": 0.03}], "nationality": {"changes": [{"from": "foreign", "to": "native", "hazard": 0.04}]}}
CHILDREN = {"newborn": {"child_group": {"foreign": {"native": 0.3, "foreign": 0.7}}}}


@pytest.fixture
def loaded(scenario):
    """Load the scenario with some parts of its migration, and others, replaced."""

    def load(immigration=STREAMS, emigration=({"hazard": 0.05},), convention="continuous", parts=None, **migration):
        stated = {
            "period": {"start": 2012, "end": 2018},
            "states": {"regions": REGIONS, "groups": GROUPS},
            "convention": convention,
            "migration": {"immigration": list(immigration), "emigration": list(emigration), **migration},
        }
        return scenario(TABLES, **stated | (parts or {}))

    return load


@pytest.fixture
def run(loaded):
    """Result of the scenario with some parts replaced."""
    return lambda *args, **kwargs: sim.run(loaded(*args, **kwargs))


@pytest.fixture
def faults(loaded):
    """Faults of the scenario with some parts replaced."""

    def found(*args, **kwargs):
        with pytest.raises(sim.errors.ScenarioError) as caught:
            build(loaded(*args, **kwargs))
        return [f"{fault.key}: {fault.message}" for fault in caught.value.faults]

    return found


def assert_same(result, expected, within):
    """All variables of the one that is expected, to a share of the largest value of each."""
    for name in expected:
        size = float(np.abs(expected[name]).max())
        np.testing.assert_allclose(result[name], expected[name], rtol=within, atol=within * size, err_msg=name)


def phi(hazard):
    """Share of even arrivals who are there at the end of the year."""
    return -np.expm1(-hazard) / hazard if hazard else 1.0


def of_stay(result, number=0):
    return result["recent_arrivals"].isel(stay=number)


# What a stay of its group's own hazards is worth


TARGETS = {
    "none": {},
    "all": {
        "moves": [{"count": persons(150)}],
        "nationality": {"changes": [{"from": "foreign", "to": "native", "count": persons(90)}]},
        "fertility": {
            "total": 1.6,
            "pattern": {"table": "pattern.csv", "age": "completed"},
            "sex_ratio_at_birth": 1.05,
        },
        "mortality": {
            "survival_ratio": {"table": "survival.csv", "age": "reached"},
            "life_expectancy": {"female": 50, "male": {"path": {2012: 45, 2018: 48}}},
        },
    },
}


@EACH
@pytest.mark.parametrize("targets", TARGETS)
def test_hazards_like_those_of_the_group_change_nothing(run, convention, targets):
    parts = MOVES | CHILDREN | TARGETS[targets]
    stays = [STUDENTS | {"hazard": [0.05] * 3}, {"name": "workers", "motive": "work", "hazard": [0.05]}]

    with_stays, without = (run(convention=convention, parts=parts, **more) for more in ({"stays": stays}, {}))

    assert "recent_arrivals" not in without
    assert (with_stays["recent_arrivals"].sum(["region", "group"])[1:, 0, 0] > 200).all()
    assert set(with_stays) == {*without, "recent_arrivals"}
    assert_same(with_stays, without, 1e-10)


@pytest.mark.parametrize("free", ["immigration", "emigration"])
def test_nor_do_they_where_a_balance_is_closed_without_scaling_them(run, free):
    emigration = [
        {"group": ["native", "protected"], "hazard": 0.002},
        {"group": "foreign", "hazard": 0.05, "fixed": True},
    ]
    close = {"free": free, "balance": persons(-600)}
    stays = [STUDENTS | {"hazard": [0.05] * 3}]

    with_stays, without = (
        run(STREAMS, emigration, close=close, parts=MOVES, **more) for more in ({"stays": stays}, {})
    )

    assert_same(with_stays, without, 1e-9)


@EACH
def test_hazards_unlike_those_of_the_group_do(run, convention):
    result, without = (run(convention=convention, **more) for more in ({"stays": [STUDENTS]}, {}))

    more_leave = (result["emigrants"] - without["emigrants"]).sum(["region", "sex", "age"]).sel(period=2014)
    assert float(more_leave.sel(group="foreign")) > 20
    assert float(np.abs(more_leave.sel(group=["native", "protected"])).max()) < 1e-9


# Closed forms


SHARES_OF_FIRST_YEAR = {
    "continuous": phi,
    "wpp_end": lambda hazard: 1.0,
    "wpp_even": lambda hazard: (1 + np.exp(-hazard)) / 2,
    "popreconstruct_even": lambda hazard: (1 + np.exp(-hazard)) / 2,
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    convention=some.sampled_from(sorted(SHARES_OF_FIRST_YEAR)),
    hazard=some.lists(some.floats(0, 2), min_size=1, max_size=4),
    afterwards=some.floats(0, 1),
)
def test_who_came_once_leave_by_the_hazards_of_the_years_since(run, convention, hazard, afterwards):
    result = run(
        [stream("study", "north", "foreign", {2012: 1000, 2013: 0})],
        [{"hazard": afterwards}],
        convention,
        NOBODY | STERILE,
        stays=[STUDENTS | {"hazard": hazard}],
    )

    there = result["population"].sum(["sex", "age"]).sel(region="north", group="foreign")
    expected = 1000 * SHARES_OF_FIRST_YEAR[convention](hazard[0])
    for since in range(6):
        np.testing.assert_allclose(there.sel(year=2013 + since), expected, rtol=1e-12)
        told = of_stay(result).sel(year=2013 + since, region="north", group="foreign").values
        if since < len(hazard):
            np.testing.assert_allclose(told[since], expected, rtol=1e-12)
            told[since] = 0
        np.testing.assert_array_equal(told, 0)
        expected *= np.exp(-(hazard[since + 1] if since + 1 < len(hazard) else afterwards))
    others = result["population"].sum(["sex", "age"]) - there.where(
        (result["region"] == "north") & (result["group"] == "foreign"), 0
    )
    np.testing.assert_allclose(others, 0, atol=1e-9)


def test_students_of_whom_all_leave_are_gone_and_all_others_stay(run):
    entries = [stream("study", "north", "foreign", 500), stream("work", "north", "foreign", 100)]

    result = run(entries, [{"hazard": 0}], parts=NOBODY | STERILE, stays=[STUDENTS | {"hazard": [0, 10, 10, 10]}])

    there = result["population"].sum(EVERY)
    workers = 100.0 * np.arange(7)
    np.testing.assert_allclose(there - workers, [0, 500] + [500 + 500 * np.exp(-10)] * 5, rtol=1e-4)
    np.testing.assert_allclose(result["emigrants"].sum(EVERY), [0] + [500] * 5, rtol=1e-4)


def test_recent_arrivals_move_with_their_years_and_lose_them_with_their_group(run):
    hazard, moving, joining = [0.3, 0.1, 0.6], 0.2, 0.15
    parts = (
        NOBODY
        | STERILE
        | {
            "moves": [{"group": "foreign", "hazard": moving}],
            "nationality": {"changes": [{"from": "foreign", "to": "native", "hazard": joining}]},
        }
    )

    result = run([stream("study", "north", "foreign", 1000)], [{"hazard": 0.9}], parts=parts, stays=[STUDENTS])

    np.testing.assert_array_equal(of_stay(result).sel(group=["native", "protected"]), 0)
    people = np.array([1000.0, 0])
    for since, leaving in enumerate(hazard):
        cell = np.array([[0, moving], [moving, 0]]) - np.eye(2) * (moving + joining + leaving)
        people = np.linalg.solve(cell, (expm(cell) - np.eye(2)) @ people) if since == 0 else expm(cell) @ people
        for year in range(2012, 2019):
            found = of_stay(result).sel(years_since_arrival=since, year=year, group="foreign")
            np.testing.assert_allclose(found, people if year > 2012 + since else 0, rtol=1e-12)


@EACH
def test_all_are_either_recent_arrivals_or_others(run, convention):
    """All adults are, where a stay outlasts the years; their children are born there and are none."""
    parts = NOBODY | {"moves": MOVES["moves"], "newborn": {"child_group": {"foreign": {"native": 1.0}}}}
    stays = [{"name": "all", "hazard": [0.1] * 10}]

    result = run(STREAMS, [{"hazard": 0.3}], convention, parts, stays=stays)

    adults = result["population"].sel(age=slice(15, None)).sum(["sex", "age"])
    np.testing.assert_allclose(of_stay(result).sum("years_since_arrival"), adults, rtol=1e-12, atol=1e-9)
    children = result["population"].sel(age=slice(0, 14)).sum(["region", "sex", "age"])[-1]
    assert (children.sel(group=["native", "protected"]) > 5).all()
    assert float(children.sel(group="foreign")) == 0


@EACH
def test_every_year_those_who_came_in_it_are_the_first_of_their_stay(run, convention):
    close = {"free": "immigration", "balance": persons(450)}
    stays = [STUDENTS, {"name": "protection", "group": "protected", "hazard": [0.0, 0.5]}]

    result = run(convention=convention, close=close, stays=stays)

    came = result["immigrants_by_motive"].sum("region")
    last = {"continuous": phi(0.3 - np.log(0.98)), "wpp_end": 1.0}
    students = of_stay(result)[1:, 0].sum("region").sel(group="foreign").values
    ratio = students / came.sel(motive="study", group="foreign").values
    assert ratio.max() - ratio.min() < 1e-12
    np.testing.assert_allclose(ratio, last.get(convention, ratio[0]), rtol=1e-12)
    np.testing.assert_allclose((result["immigrants"] - result["emigrants"]).sum(EVERY), 450, rtol=1e-9)


def test_nobody_is_recent_at_the_start(run):
    result = run(stays=[STUDENTS, {"name": "work", "motive": "work", "hazard": [0.5]}])

    assert result["recent_arrivals"].dims == ("year", "stay", "years_since_arrival", "region", "group")
    assert result["stay"].values.tolist() == ["students", "work"]
    assert result["years_since_arrival"].values.tolist() == [0, 1, 2]
    assert result["recent_arrivals"].attrs["cell_methods"] == "year: point"
    assert float(result["recent_arrivals"][0].sum()) == 0
    first = result["emigrants"].sel(period=2012)
    as_before = run([], stays=[])["emigrants"].sel(period=2012)
    np.testing.assert_allclose((first - as_before).sel(group="foreign", age=slice(46, None)), 0, atol=1e-9)


def test_nobody_is_in_years_that_a_stay_does_not_tell_apart(run):
    result = run(stays=[STUDENTS, {"name": "work", "motive": "work", "hazard": [0.5]}])

    assert (of_stay(result, 0).sum(["year", "region", "group"]) > 0).all()
    assert (of_stay(result, 1)[1:, 0] > 0).any()
    assert (of_stay(result, 1)[:, 1:] == 0).all()


def test_a_stay_is_of_its_motive_and_group_alone(run):
    stays = [{"name": "study", "motive": "study", "hazard": [0.2]}, {"name": "rest", "motive": "work", "hazard": [0.4]}]

    result = run(stays=stays, convention="wpp_end")

    expected = np.zeros((2, 2, 3))
    expected[0, 0, 1], expected[0, 1, 0], expected[1, 1, 1] = 300, 40, 200
    for year in range(2013, 2019):
        found = result["recent_arrivals"].sel(year=year, years_since_arrival=0)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_stream_that_is_divided_among_stays_leaves_nobody_behind_by_rounding(run):
    entries = [stream(motive, "north", "foreign", 1 / 3) for motive in ("study", "work", "family")]
    entries += [stream("study", "north", "foreign", 0.1), stream("work", "north", "foreign", 0.7)]
    stays = [{"name": motive, "motive": motive, "hazard": [0.1] * 9} for motive in ("study", "work", "family")]

    result = run(entries, [{"hazard": 5}], parts=NOBODY | STERILE, stays=stays)

    plain = result["population"].sum(["sex", "age"]) - result["recent_arrivals"].sum(["stay", "years_since_arrival"])
    assert float(result["population"].min()) == 0
    np.testing.assert_allclose(plain, 0, atol=1e-14)


@pytest.mark.parametrize(
    "emigration",
    [
        [{"hazard": 0.5}],
        [{"share": 0.3}],
        [{"count": persons(900)}],
        [{"hazard": 0.5}, {"group": "foreign", "hazard": 0.2, "fixed": True}],
    ],
)
def test_streams_of_emigrants_leave_recent_arrivals_alone(run, emigration):
    few, many = (run(emigration=entries, stays=[STUDENTS]) for entries in ([{"hazard": 0.0}], emigration))

    assert float((many["emigrants"] - few["emigrants"]).sum()) > 3000
    np.testing.assert_allclose(many["recent_arrivals"], few["recent_arrivals"], rtol=1e-9)


def test_policies_on_emigration_change_that_of_recent_arrivals_too(run):
    half = {"name": "half", "from": "2012-01-01", "scale": {"flow": "emigration", "factor": 0.5}}
    halved = STUDENTS | {"hazard": [hazard / 2 for hazard in STUDENTS["hazard"]]}

    scaled = run(stays=[STUDENTS], parts={"policies": [half]})
    stated = run(stays=[halved], emigration=[{"hazard": 0.025}])

    for name in ("population", "emigrants", "recent_arrivals"):
        np.testing.assert_allclose(scaled[name], stated[name], rtol=1e-10, atol=1e-9)


def test_a_policy_of_a_region_changes_recent_arrivals_of_it_alone(run):
    ban = {"name": "ban", "from": "2014-01-01", "end": {"flow": "emigration", "region": "north"}}

    ended = run(stays=[STUDENTS], parts={"policies": [ban]})["emigrants"].sum(["group", "sex", "age"])

    assert float(ended.sel(region="north", period=slice(2014, None)).sum()) == 0
    assert float(ended.sel(region="south", period=2014)) > 100


def test_an_emigration_that_closes_a_balance_leaves_them_alone_but_counts_them(run):
    few, many = (
        run(stays=[STUDENTS], close={"free": "emigration", "balance": persons(balance)}) for balance in (400, -900)
    )

    for result, balance in ((few, 400), (many, -900)):
        np.testing.assert_allclose((result["immigrants"] - result["emigrants"]).sum(EVERY), balance, rtol=1e-9)
    np.testing.assert_allclose(many["recent_arrivals"], few["recent_arrivals"], rtol=1e-9)


# Endings


def test_where_everybody_keeps_the_title_nothing_changes(run):
    ending = {"group": "protected", "year": 2014, "extended": 1.0}
    for parts in ({}, MOVES):
        ended, without = (run(parts=parts, **more) for more in ({"endings": [ending]}, {}))

        assert set(ended) == set(without)
        for name in without:
            np.testing.assert_array_equal(ended[name], without[name], err_msg=name)


def ending(year=2014, group="protected", **shares):
    return {"group": group, "year": year, **shares}


UNTIL_2014 = [*STREAMS[:3], STREAMS[3] | {"count": persons({2012: 60, 2014: 0})}]


@EACH
def test_everybody_leaves_when_the_title_ends(run, convention):
    ended, without = (run(UNTIL_2014, convention=convention, **more) for more in ({"endings": [ending(leave=1.0)]}, {}))

    for year in (2012, 2013, 2014):
        np.testing.assert_array_equal(ended["population"].sel(year=year), without["population"].sel(year=year))
    there = without["population"].sel(year=2014, group="protected")
    gone = ended["emigrants"].sel(period=2014, group="protected")
    np.testing.assert_allclose(gone.sum(["sex", "age"]), there.sum(["sex", "age"]), rtol=1e-12)
    np.testing.assert_allclose(gone.sel(age=30), there.sel(age=29), rtol=1e-12)
    np.testing.assert_array_equal(ended["deaths"].sel(period=2014, group="protected"), 0)
    np.testing.assert_array_equal(ended["population"].sel(year=slice(2015, None), group="protected"), 0)
    for name in ("population", "deaths", "emigrants"):
        others = [each[name].sel(group=["native", "foreign"]) for each in (ended, without)]
        np.testing.assert_allclose(*others, rtol=1e-13)
    assert "changes_in" not in ended


@EACH
@pytest.mark.parametrize("stays", [[], [{"name": "protection", "group": "protected", "hazard": [0.0] * 4}]])
def test_shares_stay_leave_and_join_other_groups(run, convention, stays):
    """Where nobody dies, is born or leaves otherwise."""
    entry = ending(extended=0.2, leave=0.3, to={"native": 0.1, "foreign": 0.4})

    ended, without = (
        run(UNTIL_2014, [{"hazard": 0}], convention, STERILE, stays=stays, **more)
        for more in ({"endings": [entry]}, {})
    )

    there = without["population"].sel(year=2014, group="protected").sum(["sex", "age"])
    np.testing.assert_allclose(there, [2040 + 120, 2040], rtol=1e-12)
    flows = {
        name: ended[name].sum(["sex", "age"]).transpose("period", "group", "region").values
        for name in ("changes_out", "changes_in", "emigrants")
    }
    expected = {name: np.zeros_like(flow) for name, flow in flows.items()}
    expected["changes_out"][2, 2] = 0.5 * there
    expected["changes_in"][2, :2] = [0.1 * there, 0.4 * there]
    expected["emigrants"][2, 2] = 0.3 * there
    for name, flow in flows.items():
        np.testing.assert_allclose(flow, expected[name], rtol=1e-12, atol=1e-12, err_msg=name)
    changed = (ended["population"] - without["population"]).sum(["sex", "age"]).transpose("year", "group", "region")
    np.testing.assert_allclose(changed[:3], 0, atol=0)
    for year in range(3, 7):
        np.testing.assert_allclose(changed[year], [0.1 * there, 0.4 * there, -0.8 * there], rtol=1e-10)


def test_those_who_keep_a_title_go_on_with_their_years_and_those_who_join_are_plain(run):
    stays = [{"name": "protection", "group": "protected", "hazard": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]}]
    stays += [{"name": "foreign", "group": "foreign", "hazard": [0.1] * 6}]

    ended, without = (
        run(stays=stays, **more)
        for more in ({"endings": [ending(2015, extended=0.25, leave=0.35, to={"foreign": 0.4})]}, {})
    )

    left = ended["recent_arrivals"] / without["recent_arrivals"]
    protected = left.sel(stay="protection", region="north", group="protected").values
    for year in range(1, 7):
        for since in range(year):
            came, affected = year - 1 - since, year > 3
            expected = 0.25 if affected and came < 3 else 1.0
            np.testing.assert_allclose(protected[year, since], expected, rtol=1e-12)
    of_foreign = left.sel(stay="foreign", group="foreign").isel(years_since_arrival=slice(0, 6)).values
    np.testing.assert_allclose(of_foreign[~np.isnan(of_foreign)], 1, rtol=1e-12)


def test_shares_that_add_up_but_for_rounding_lose_nobody(run):
    third = 0.3333333333
    result = run(endings=[ending(extended=third, to={"native": third, "foreign": third})], emigration=[{"hazard": 0}])

    assert float(result["emigrants"].sum()) == 0


def test_a_title_may_end_on_the_first_day_and_step_by_step(run):
    entries = [
        ending(2012, extended=0.5, leave=0.5),
        ending(2013, extended=0.5, leave=0.5),
        ending(2013, "foreign", leave=1.0),
    ]

    result = run([], [{"hazard": 0}], endings=entries, parts=STERILE)

    there = result["population"].sum(["region", "sex", "age"])
    np.testing.assert_allclose(there.sel(group="protected"), 4080 * np.array([1, 0.5, *[0.25] * 5]), rtol=1e-12)
    np.testing.assert_allclose(there.sel(group="foreign"), 20400 * np.array([1, 1, 0, 0, 0, 0, 0]), rtol=1e-12)
    np.testing.assert_allclose(there.sel(group="native"), 204000, rtol=1e-12)


@EACH
@pytest.mark.parametrize("free", ["immigration", "emigration"])
def test_balances_are_met_and_the_books_close_with_stays_and_endings(run, convention, free):
    result = run(
        convention=convention,
        parts=MOVES | CHILDREN,
        close={
            "free": free,
            "balance": [persons(-40, region="north"), persons({2012: -70, 2014: -90}, region="south")],
        },
        stays=[STUDENTS, {"name": "protection", "group": "protected", "hazard": [0.05, 0.4]}],
        endings=[ending(extended=0.6, to={"foreign": 0.4}), ending(2016, extended=0.9, leave=0.1)],
        emigration=[{"hazard": 0.02}],
        immigration=[
            *STREAMS,
            stream("study", "south", "foreign", 100),
            stream("work", "north", "native", 20),
        ],
    )

    net = (result["immigrants"] - result["emigrants"]).sum(["group", "sex", "age"])
    np.testing.assert_allclose(net.sel(region="north"), -40, rtol=0, atol=1e-9 * 700)
    np.testing.assert_allclose(net.sel(region="south"), [-70, -70, -90, -90, -90, -90], rtol=0, atol=1e-9 * 700)
    check_books(result)
    assert set(result) > {"moves_in", "moves_out", "changes_in", "changes_out"}
    total = result["population"].sum(EVERY)
    change = result["births"].sum(["region", "group", "sex"]) - result["deaths"].sum(EVERY) + net.sum("region")
    np.testing.assert_allclose(total.diff("year"), change, rtol=0, atol=1e-9 * float(total[0]))
    assert min(float(result[name].sum()) for name in ("moves_in", "changes_in")) > 100
    assert float(result["changes_in"].sel(group="protected").sum()) == 0


# What the rest of the program sees


@EACH
def test_the_stable_population_knows_no_recent_arrivals(loaded, convention):
    stays = [STUDENTS, {"name": "protection", "group": "protected", "hazard": [0.05, 0.4]}]
    endings = [ending(extended=0.6, to={"foreign": 0.4})]
    rates = {"table": "fertile.csv", "age": "completed"}
    parts = MOVES | CHILDREN | {"fertility": {"rates": rates, "sex_ratio_at_birth": 1.05}}
    known = loaded(convention=convention, parts=parts, stays=stays, endings=endings)
    without = loaded(convention=convention, parts=parts, endings=endings)

    for step in (1, 2):
        (operators, day), (expected, other_day) = (operators_of(each, build(each), step) for each in (known, without))
        np.testing.assert_array_equal(day, other_day)
        matrices = leslie_matrix(operators, 0, day), leslie_matrix(expected, 0, other_day)
        np.testing.assert_allclose(*matrices, rtol=1e-12, atol=1e-15)
    found, found_without = (sim.stable_population(each, 2014) for each in (known, without))
    assert_same(found, found_without, 1e-9)


def test_an_overdrawn_cohort_is_named_by_its_declared_group(loaded):
    known = loaded(stays=[{"name": "all", "motive": "study", "hazard": [0.1, 0.2]}])
    assumptions = build(known)
    (all_students,) = assumptions.came.staying
    fixed = all_students.fixed
    fixed[1, 1, 0, 1, 33] = -1e5
    assumptions.came.persons[1, 1, 0, 1, 33] = -1e5

    with pytest.raises(ProjectionError, match=r"1 January 2014 \(region south, group native, male, age 33\)"):
        carried(known, assumptions)


def test_the_words_tell_of_stays_and_endings(loaded):
    said = describe(
        loaded(
            stays=[STUDENTS, {"name": "protection", "motive": "international_protection", "hazard": [0.25]}],
            endings=[ending(extended=0.25, leave=0.35, to={"foreign": 0.4}), ending(2016, leave=1.0)],
        )
    )

    assert (
        "Emigration by time since arrival, later as others of their group: students (study; foreign): a risk of 0.3 a "
        "year in the year of arrival, 0.1, 0.6 in the years after it; protection (international protection): a risk of "
        "0.25 a year in the year of arrival."
    ) in said
    assert (
        "Titles of stay that end, as shares: protected on 1 January 2014: 0.25 keep it, 0.35 leave, 0.4 join foreign; "
        "protected on 1 January 2016: 1 leave."
    ) in said
    assert not any("since arrival" in sentence or "Titles" in sentence for sentence in describe(loaded()))


# Mistakes


def test_a_hazard_of_more_than_one_is_asked_about(loaded):
    def warnings(*hazard):
        found = build(loaded(stays=[STUDENTS | {"hazard": hazard}])).warnings
        return [(warning.key, warning.message) for warning in found if "stays" in warning.key]

    assert warnings(0.5, 3, 2) == [
        (
            "migration.stays.0.hazard",
            "a hazard of 3 per year, under which nearly all go within a year: is it a percentage?",
        )
    ]
    assert warnings(1.0) == []


def test_more_states_than_can_be_held_are_refused(faults, monkeypatch):
    stays = [STUDENTS, {"name": "work", "motive": "work", "hazard": [0.1] * 20}]
    monkeypatch.setattr("sim.assumptions.stays.MOST_ENTRIES", 6 * 52 * 2 * 51**2)

    assert faults(stays=stays) == [
        "migration.stays: divide the population into 52 states; so many years and ages allow 51: give fewer stays, "
        "groups, or hazards"
    ]


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize(("path", "year"), [({2012: 60}, 2014), ({2012: 60, 2014: 0, 2016: 25}, 2016)])
def test_immigrants_who_come_in_a_title_that_has_ended_are_refused(faults, fixed, path, year):
    entries = [*STREAMS[:3], stream("international_protection", "north", "protected", path, fixed=fixed)]
    close = {"free": "immigration", "balance": persons(100)}

    found = faults(entries, endings=[ending(leave=0.5, to={"native": 0.5})], close=close)

    assert found == [
        f"migration.endings.0: {25 if year == 2016 else 60} persons still immigrate to 'protected' in {year}, though "
        "nobody keeps that title after 1 January 2014: end their streams before"
    ]


def test_they_may_come_where_some_keep_it_or_before(run):
    assert (
        float(run(endings=[ending(extended=1e-6, leave=1 - 1e-6)])["population"][-1].sel(group="protected").sum()) > 0
    )
    assert float(run(UNTIL_2014, endings=[ending(leave=1.0)])["population"][-1].sel(group="protected").sum()) == 0


@pytest.mark.parametrize("year", [2014, 2016])
def test_people_who_join_a_title_that_has_ended_are_refused(faults, year):
    entries = [ending(leave=1.0), ending(year, "foreign", extended=0.5, to={"protected": 0.5})]

    assert faults(UNTIL_2014, endings=entries) == [
        f"migration.endings.0: those of 'foreign' join 'protected' in {year}, though nobody keeps that title after "
        "1 January 2014"
    ]
    assert json.dumps(faults(UNTIL_2014, endings=entries[::-1])).count("join 'protected'") == 1


@pytest.mark.parametrize(
    "risk",
    [
        {"hazard": {"path": {2014: 0.0, 2015: 0.1}, "before": "constant", "after": "constant", "interpolate": "step"}},
        {"share": {"path": {2014: 0.0, 2015: 0.1}, "before": "constant", "after": "constant", "interpolate": "step"}},
        {"count": persons({2012: 0, 2015: 5})},
    ],
)
def test_people_who_change_into_a_title_that_has_ended_are_refused(faults, risk):
    changes = {"nationality": {"changes": [{"from": "foreign", "to": "protected", **risk}]}}

    found = faults(UNTIL_2014, [], endings=[ending(leave=1.0)], parts=changes)

    assert found == [
        "migration.endings.0: people still change to 'protected' in 2015, though nobody keeps that title after 1 "
        "January 2014"
    ]


def test_children_who_are_born_into_a_title_that_has_ended_are_refused(faults):
    children = {"newborn": {"child_group": {"foreign": {"protected": 0.5, "foreign": 0.5}}}}

    found = faults(UNTIL_2014, endings=[ending(leave=1.0)], parts=children)

    assert found == [
        "migration.endings.0: children are still born into 'protected' in 2014, though nobody keeps that title after 1 "
        "January 2014"
    ]


def test_changes_out_of_a_title_and_moves_within_it_may_go_on(run):
    changes = [{"from": "protected", "to": "foreign", "hazard": 0.1}]
    parts = {"nationality": {"changes": changes}, "moves": [{"hazard": 0.1}]}

    result = run(UNTIL_2014, endings=[ending(leave=1.0)], parts=parts)

    assert float(result["population"].sel(year=2016, group="protected").sum()) == 0


def test_they_may_join_it_before_it_ends(run):
    entries = [ending(leave=1.0), ending(2013, "foreign", extended=0.5, to={"protected": 0.5, "native": 0.0})]

    assert float(run(UNTIL_2014, endings=entries)["population"].sel(year=2014, group="protected").sum()) > 10_000
