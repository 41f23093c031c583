"""Groups with nobody on the first 1 January, and immigrants divided by shares."""

import numpy as np
import pytest
from small import AGES, BY_STATE, GROUPS, REGIONS, SEXES

import sim
from sim.data import catalogue

PROFILE = {"table": "uniform.csv", "age": "reached"}
DIVIDED = {"regions": REGIONS, "groups": GROUPS}
BELGIAN = {
    "ages": {"open": 105},
    "states": {"groups": ["protected", "belgian", "foreign"], "new": {"protected": "foreign"}},
    "population": {"dataset": "belgium", "date": 2012},
    "mortality": {"base": {"dataset": "belgium", "years": [2009, 2011]}},
    "fertility": {"total": 1.8, "pattern": {"dataset": "belgium"}, "sex_ratio_at_birth": 1.05},
}


def persons(count):
    return {"unit": "persons per year", "path": {2012: count}, "after": "constant"}


def test_a_new_group_of_a_dataset_starts_empty_and_has_the_mortality_of_the_one_it_takes_after(built):
    found = built(
        **BELGIAN, migration={"balance": persons(1000), "profile": {"dataset": "belgium", "years": [2009, 2012]}}
    )

    known = catalogue.population("belgium", 2012, 105, ("all",), ("belgian", "foreign"))
    assert found.population[0, 0].sum() == 0
    np.testing.assert_array_equal(found.population[0, 1:], known[0])
    np.testing.assert_array_equal(found.survival[:, 0, 0], found.survival[:, 0, 2])
    assert (found.survival[:, 0, 0] != found.survival[:, 0, 1]).any()
    assert found.migrants[:, 0, 0].sum() == 0
    np.testing.assert_allclose(found.migrants.sum(axis=(1, 2, 3, 4)), 1000, rtol=1e-12)


def test_a_table_of_people_leaves_new_groups_out(built):
    lines = [f"{sex},{age},{10 + age}" for sex in SEXES for age in AGES]
    tables = {"people.csv": "\n".join(["sex,age,value", *lines])}

    found = built(tables, states={"groups": ["resident", "new"], "new": {"new": "resident"}},
                  migration={"immigration": [{"group": "new", "count": persons(5), "profile": PROFILE}]})  # fmt: skip

    np.testing.assert_array_equal(found.population[0, 0], np.tile(10.0 + np.array(AGES), (2, 1)))
    assert found.population[0, 1].sum() == 0
    np.testing.assert_allclose(found.migrants[:, 0].sum(axis=(-2, -1)), [[0, 5]] * 3, rtol=1e-12)


def test_people_of_a_new_group_die_and_bear_as_those_it_takes_after(scenario):
    came = {"motive": "other", "count": persons(3000), "profile": {"dataset": "belgium", "years": [2010, 2011]}}

    apart, together = (
        sim.run(scenario(**BELGIAN, migration={"immigration": [came | {"group": group}]}))
        for group in ("protected", "foreign")
    )

    for name in ("population", "deaths", "births"):
        joined = apart[name].sel(group="protected") + apart[name].sel(group="foreign")
        np.testing.assert_allclose(joined, together[name].sel(group="foreign"), rtol=1e-12)


@pytest.mark.parametrize("shares", [{"BE1": 0.75, "BE2": 0.25}, {"BE2": 1.0}])
def test_immigrants_settle_in_regions_and_groups_by_their_shares(built, shares):
    groups = {"belgian": 0.2, "foreign": {"path": {2012: 0.8}, "after": "constant"}}
    stream = {"region": shares, "group": groups, "count": persons(100), "profile": PROFILE}

    found = built({"people.csv": BY_STATE}, states=DIVIDED, migration={"immigration": [stream]})

    expected = [[100 * shares.get(region, 0) * share for share in (0.2, 0.8)] for region in REGIONS]
    np.testing.assert_allclose(found.migrants.sum(axis=(-2, -1)), [expected] * 3, rtol=1e-12)


@pytest.mark.parametrize("shares", [{"belgian": 1.2, "foreign": -0.2}, {"belgian": 0.5, "foreign": 0.3}])
def test_shares_that_are_none_are_refused_in_the_year_in_which_they_are(refused, shares):
    groups = {
        label: {"path": {2012: 0.5, 2013: 0.5, 2014: share}, "after": "constant"} for label, share in shares.items()
    }
    stream = {"region": "BE1", "group": groups, "count": persons(100), "profile": PROFILE}

    (told,) = refused({"people.csv": BY_STATE}, states=DIVIDED, migration={"immigration": [stream]})

    rule = "fall below 0 in 2014; each is 0 to 1" if -0.2 in shares.values() else "add up to 0.8 in 2014; they must"
    assert told.startswith(f"migration.immigration.0.group: the shares by group {rule}")


def test_shares_that_add_up_but_for_rounding_lose_nobody(built):
    groups = {"belgian": 1 / 3, "foreign": 0.6666666669}
    stream = {"region": "BE1", "group": groups, "count": persons(3e6), "profile": PROFILE}

    found = built({"people.csv": BY_STATE}, states=DIVIDED, migration={"immigration": [stream]})

    np.testing.assert_allclose(found.migrants.sum(axis=(1, 2, 3, 4)), 3e6, rtol=1e-13)


def test_a_table_of_a_divided_stream_has_no_column_of_the_regions(refused):
    lines = [f"BE1,{sex},{age},0.01" for sex in SEXES for age in AGES]
    tables = {"by-region.csv": "\n".join(["region,sex,age,value", *lines])}
    stream = {
        "region": {"BE1": 0.5, "BE2": 0.5},
        "group": "foreign",
        "count": persons(100),
        "profile": {"table": "by-region.csv", "age": "reached"},
    }

    (told, *_) = refused(tables, states=DIVIDED, migration={"immigration": [stream]})

    assert "'BE1'" in told


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({}, True),
        ({"nationality": {"changes": [{"from": "resident", "to": "new", "hazard": 0.1}]}}, False),
    ],
)
def test_a_new_group_that_nobody_comes_to_is_asked_about(built, more, asked):
    states = {"groups": ["resident", "new"], "new": {"new": "resident"}}
    stream = {"group": "resident", "count": persons(5), "profile": PROFILE}

    found = built(states=states, migration={"immigration": [stream]}, **more)

    told = [f"{warning.key}: {warning.message}" for warning in found.warnings if "stream missing" in warning.message]
    assert told == (["states.new.new: nobody ever comes to this group: is a stream missing?"] if asked else [])


def test_a_table_of_immigrants_of_a_named_region_may_have_its_column(built):
    lines = [f"BE2,{sex},{age},{age}" for sex in SEXES for age in AGES]
    tables = {"people.csv": BY_STATE, "came.csv": "\n".join(["region,sex,age,value", *lines])}
    stream = {"region": "BE2", "group": "foreign", "count": {"table": "came.csv", "age": "reached"}}

    found = built(tables, states=DIVIDED, migration={"immigration": [stream]})

    np.testing.assert_array_equal(found.migrants[0, 1, 1], np.tile(np.array(AGES, dtype=float), (2, 1)))
    assert found.migrants[:, 0].sum() == 0


def test_fewer_than_one_immigrant_are_told_apart_too(scenario):
    few = {"motive": {"work": 0.25, "other": 0.75}, "region": "BE1", "group": "foreign", "profile": PROFILE}
    close = {"free": "immigration", "balance": persons(0.8)}

    result = sim.run(
        scenario(
            {"people.csv": BY_STATE},
            states=DIVIDED,
            migration={"immigration": [few | {"count": persons(0.4)}], "close": close},
        )
    )

    by_motive = result["immigrants_by_motive"].sum(["region", "group"])
    np.testing.assert_allclose(by_motive, [[0.2, 0.6]] * 3, rtol=1e-9)
