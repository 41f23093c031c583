"""Moves, changes of nationality, gross flows and their balances: from a scenario file to the Dataset."""

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy.linalg import expm

import sim
from sim.assumptions import build, carried
from sim.engine import CONVENTIONS
from sim.errors import ProjectionError, ScenarioError
from sim.results.checks import check_books
from sim.scenario.load import load
from sim.scenario.words import describe

OPEN = 60
AGES = range(OPEN + 1)
SEXES, REGIONS, GROUPS = ("female", "male"), ("a", "b", "c"), ("nat", "eu", "non")
YEARS = range(2012, 2016)
KEPT = {"unit": "persons per year", "after": "constant"}
NOBODY = {"emigration": [{"hazard": 0}]}
CONTENT = {
    "name": "moving",
    "period": {"start": 2012, "end": 2016},
    "ages": {"open": OPEN},
    "states": {"regions": list(REGIONS), "groups": list(GROUPS)},
    "population": {"table": "people.csv"},
    "mortality": {"survival_ratio": {"table": "survival.csv", "age": "reached"}},
    "fertility": {"rates": {"table": "fertility.csv", "age": "completed"}, "sex_ratio_at_birth": 1.05},
    "migration": NOBODY,
}


def table(figure, **axes):
    """Tidy table of a function of the labels, in their order."""
    rows = [()]
    for labels in axes.values():
        rows = [(*row, label) for row in rows for label in labels]
    lines = [",".join(map(str, (*row, repr(float(figure(*row)))))) for row in rows]
    return "\n".join([",".join((*axes, "value")), *lines, ""])


def persons(region, group, sex, age):
    return (1 + REGIONS.index(region)) * (900 if group == "nat" else 50) * (1 if age < 40 else 0.5) + (sex == "male")


def survivors(sex, age):
    return 1 - (0.0005 + 0.002 * (sex == "male")) * (1 + age / 5) ** 1.2


BY_STATE = {"region": REGIONS, "group": GROUPS, "sex": SEXES, "age": AGES}
TABLES = {
    "people.csv": table(persons, **BY_STATE),
    "survival.csv": table(survivors, sex=SEXES, age=AGES),
    "fertility.csv": table(lambda age: 0.05 + age / 1000, age=range(18, 44)),
    "profile.csv": table(
        lambda sex, age: (18 <= age < 42) * (22 - 2 * (sex == "male") - (age > 29)) / 984, sex=SEXES, age=AGES
    ),
}


def by_table(name):
    return {"table": f"{name}.csv", "age": "reached"}


def count(path, **others):
    """A count in time; one number is kept throughout."""
    return {"count": {**KEPT, "path": path if isinstance(path, dict) else {2012: path}}, **others}


def balance(path, **part):
    return {**KEPT, "path": path if isinstance(path, dict) else {2012: path}, **part}


def stream(persons_a_year, region, group, **others):
    """Immigrants of a region and group."""
    place = {"region": region, "group": group}
    return {**place, **count(persons_a_year), "profile": by_table("profile"), **others}


def changes(*entries):
    return {"changes": [{key.rstrip("_"): value for key, value in entry.items()} for entry in entries]}


NATURALISED = {"from_": ["eu", "non"], "to": ["nat", "nat"]}
IMMIGRANTS = [stream(400, "a", "eu"), stream(300, "b", "non"), stream(50, "c", "nat")]
EVERY_CONVENTION = pytest.mark.parametrize("convention", CONVENTIONS)


@pytest.fixture
def scenario(tmp_path):
    """Load the scenario with some parts replaced, beside its tables."""

    def loaded(tables=None, options=(), **parts):
        for name, text in {**TABLES, **{f"{name}.csv": text for name, text in (tables or {}).items()}}.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "moving.yaml").write_text(json.dumps(CONTENT | parts))
        return load(tmp_path / "moving.yaml", options)

    return loaded


@pytest.fixture
def run(scenario):
    """Dataset of the scenario with some parts replaced."""
    return lambda tables=None, options=(), **parts: sim.run(scenario(tables, options, **parts))


def close_to(found, expected, within=1e-9):
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=within, atol=0)


def assert_same(first, second, within=1e-12):
    assert set(first) == set(second)
    for name in first:
        size = np.abs(second[name].to_numpy()).max()
        np.testing.assert_allclose(first[name], second[name], rtol=0, atol=within * max(size, 1), err_msg=name)


# Moves and changes


@EVERY_CONVENTION
def test_moves_add_up_to_nothing_over_regions_and_changes_over_groups(run, convention):
    result = run(
        moves=[{"hazard": 0.03}, {"group": "eu", "hazard": 0.05}],
        nationality=changes({**NATURALISED, "hazard": 0.04}),
        migration={"immigration": IMMIGRANTS, "emigration": [{"group": ["eu", "non"], "hazard": 0.05}]},
        convention=convention,
    )

    for coming, going, over in (("moves_in", "moves_out", "region"), ("changes_in", "changes_out", "group")):
        assert (result[going].sum("age") >= 0).all()
        assert result[going].sum() > 1000
        net = (result[coming] - result[going]).sum(over)
        assert float(np.abs(net).max()) <= 1e-12 * float(result["population"].sum(over).max())
    assert (result["changes_out"].sel(group="nat") == 0).all()
    assert (result["changes_in"].sel(group=["eu", "non"]) == 0).all()
    check_books(result)


def test_flows_between_states_are_there_only_where_there_are_such_states_and_someone_moves(run):
    people = table(lambda sex, age: 100, sex=SEXES, age=AGES)
    one_region = table(lambda group, sex, age: 100, group=GROUPS, sex=SEXES, age=AGES)
    one_group = table(lambda region, sex, age: 100, region=REGIONS, sex=SEXES, age=AGES)

    assert {"moves_in", "changes_in"} & set(run({"people": people}, states={})) == set()
    assert {"moves_in", "changes_in"} & set(run()) == set()
    grouped = run({"people": one_region}, states={"groups": list(GROUPS)},
                  nationality=changes({**NATURALISED, "hazard": 0.1}))  # fmt: skip
    divided = run({"people": one_group}, states={"regions": list(REGIONS)}, moves=[{"hazard": 0.1}])
    assert {name for name in grouped if "moves" in name or "changes" in name} == {"changes_in", "changes_out"}
    assert {name for name in divided if "moves" in name or "changes" in name} == {"moves_in", "moves_out"}


def test_variables_have_the_dimensions_and_labels_of_the_interface(run):
    result = run(
        moves=[{"hazard": 0.03}],
        nationality=changes({**NATURALISED, "hazard": 0.04}),
        migration={"immigration": IMMIGRANTS, "emigration": [{"hazard": 0.05}]},
    )

    flow = ("period", "region", "group", "sex", "age")
    flows = {"deaths", "net_migrants", "immigrants", "emigrants", "moves_in", "moves_out", "changes_in", "changes_out"}
    assert {name: result[name].dims for name in result} == {
        **dict.fromkeys(flows, flow),
        "population": ("year", *flow[1:]),
        "births": flow[:-1],
        "births_by_age_of_mother": ("period", "region", "group", "age"),
        "life_expectancy": flow[:-1],
        "remaining_life_expectancy": flow,
        "total_fertility": flow[:-2],
    }
    assert list(result.indexes["region"]) == list(REGIONS)
    assert list(result.indexes["group"]) == list(GROUPS)
    for name in flows:
        assert result[name].attrs["long_name"]
        assert result[name].attrs["cell_methods"] == "period: sum"
        assert result[name].dtype == np.float64


def test_a_hazard_of_moving_is_that_to_each_other_region(run):
    result = run(moves=[{"group": ["nat"], "hazard": 0.02}])

    people = result["population"][0].sel(group="nat", sex="female", age=4).to_numpy()
    death = -np.log(survivors("female", 5))
    intensity = 0.02 - np.eye(3) * (0.06 + death)
    years = np.linalg.solve(intensity, (expm(intensity) - np.eye(3)) @ people)
    close_to(result["moves_out"][0].sel(group="nat", sex="female", age=5), 0.04 * years, 1e-12)
    assert (result["moves_out"].sel(group=["eu", "non"]) == 0).all()


def test_a_risk_by_origin_without_destinations_is_refused_where_there_are_several(run):
    tables = {"out": table(lambda origin: 0.01, origin=REGIONS), "into": table(lambda to: 0.01, destination=REGIONS)}

    for name in tables:
        with pytest.raises(ScenarioError, match=r"moves\.0: the table needs the columns origin and destination, or"):
            run(tables, moves=[{"hazard": by_table(name)}])


def test_destinations_with_a_risk_of_leaving_are_risks_by_origin_and_destination(run):
    out = {"a": 0.01, "b": 0.03, "c": 0.05}
    split = {("a", "b"): 0.25, ("a", "c"): 0.75, ("b", "a"): 0.4, ("b", "c"): 0.6, ("c", "a"): 1.0, ("c", "b"): 0.0}

    def rise(sex, age):
        return (1 + (sex == "male")) * (1 + age / 50)

    def where(origin, destination, sex):
        return (split if sex == "female" else swapped).get((origin, destination), 0)

    swapped = {(origin, to): 1 - share for (origin, to), share in split.items()}
    tables = {
        "out": table(lambda origin, sex, age: out[origin] * rise(sex, age), origin=REGIONS, sex=SEXES, age=AGES),
        "where": table(where, origin=REGIONS, destination=REGIONS, sex=SEXES),
        "both": table(lambda origin, to, sex, age: out[origin] * rise(sex, age) * where(origin, to, sex),
                      origin=REGIONS, destination=REGIONS, sex=SEXES, age=AGES),
    }  # fmt: skip

    apart = run(tables, moves=[{"hazard": by_table("out"), "destinations": by_table("where")}])
    joint = run(tables, moves=[{"hazard": by_table("both")}])

    assert joint["moves_out"].sum() > 1000
    assert_same(apart, joint, within=1e-13)


def test_a_share_of_leaving_is_reached_by_first_moves_within_the_year(run):
    result = run({"where": table(lambda o, d: 0 if o == d else 0.5, origin=REGIONS, destination=REGIONS)},
                 moves=[{"group": "nat", "share": 0.1, "destinations": by_table("where")}])  # fmt: skip

    people = float(result["population"][0].sel(region="a", group="nat", sex="male", age=29))
    moved = float(result["moves_out"][0].sel(region="a", group="nat", sex="male", age=30))
    assert 0.1 * people < moved < 0.115 * people


@pytest.mark.parametrize("kind", ["hazard", "share"])
def test_a_table_of_changes_may_have_years_groups_sexes_and_ages(run, kind):
    def risk(year, group, sex, age):
        return 0.01 * (year - 2010) * (1 + 2 * (group == "eu")) * (1 + (sex == "male")) * (0.5 + age / OPEN) / 5

    axes = {"year": range(2010, 2020), "from": ["eu", "non"], "sex": SEXES, "age": AGES}
    tables = {"whole": table(risk, **axes)}
    for group in ("eu", "non"):
        tables[group] = table(lambda *labels, group=group: risk(labels[0], group, *labels[1:]),
                              **{name: labels for name, labels in axes.items() if name != "from"})  # fmt: skip

    whole = run(tables, nationality=changes({**NATURALISED, kind: by_table("whole")}))
    apart = run(tables, nationality=changes({"from_": "eu", "to": "nat", kind: by_table("eu")},
                                            {"from_": "non", "to": "nat", kind: by_table("non")}))  # fmt: skip

    assert whole["changes_out"].sum() > 100
    assert_same(whole, apart, within=1e-14)
    first = whole["changes_out"][0].sel(region="b", group="non", sex="male", age=30)
    people = whole["population"][0].sel(region="b", group="non", sex="male", age=29)
    if kind == "share":
        close_to(first, people * risk(2012, "non", "male", 30), 1e-12)


def test_a_table_of_changes_may_differ_by_region(run):
    tables = {"risk": table(lambda region: 0.1 * (region == "b"), region=REGIONS)}

    result = run(tables, nationality=changes({**NATURALISED, "hazard": by_table("risk")}))

    assert (result["changes_out"].sel(region=["a", "c"]) == 0).all()
    assert (result["changes_out"].sel(region="b", group=["eu", "non"]).sum("age") > 0).all()


def test_streams_for_the_same_people_add_up(run):
    parts = {"moves": [{"hazard": 0.01}, {"group": "eu", "hazard": 0.02}, {"group": ["eu", "non"], "hazard": 0.03}]}
    figures = {"nat": 0.01, "eu": 0.06, "non": 0.04}
    tables = {"sum": table(lambda group: figures[group], group=GROUPS)}

    assert_same(run(**parts), run(tables, moves=[{"hazard": by_table("sum")}]), within=1e-14)


# Counts


@EVERY_CONVENTION
def test_counts_of_all_kinds_come_out_together_in_every_year(run, convention):
    tables = {"young": table(lambda sex, age: (20 <= age < 40) * (1 + (sex == "male")), sex=SEXES, age=AGES)}
    moved, changed, left = {2012: 500, 2015: 800}, {2012: 100, 2013: 0, 2014: 700, 2015: 30}, {2012: 250}

    result = run(
        tables,
        moves=[count(moved)],
        nationality=changes({**NATURALISED, **count(changed), "pattern": by_table("young")}),
        migration={"immigration": IMMIGRANTS, "emigration": [count(left, group=["eu", "non"])]},
        convention=convention,
    )

    every = ["region", "group", "sex", "age"]
    close_to(result["moves_out"].sum(every), [500, 600, 700, 800])
    found = result["changes_out"].sum(every)
    close_to(found[[0, 2, 3]], [100, 700, 30])
    assert float(found[1]) == 0
    close_to(result["emigrants"].sum(every), 250)
    assert (result["emigrants"].sel(group="nat") == 0).all()


def test_a_list_of_groups_shares_one_factor(run):
    tables = {"by_group": table(lambda group: 1 + 2 * (group == "non"), **{"from": ["eu", "non"]}),
              "hazard": table(lambda group: 0.05 * (1 + 2 * (group == "non")), **{"from": ["eu", "non"]})}  # fmt: skip

    hazards = run(tables, nationality=changes({**NATURALISED, "hazard": by_table("hazard")}))
    made = hazards["changes_out"].sum(["region", "group", "sex", "age"]).to_series().to_dict()
    counts = run(tables, nationality=changes({**NATURALISED, **count(made), "pattern": by_table("by_group")}))

    by_group = counts["changes_out"].sum(["region", "sex", "age"])
    assert float(by_group[0].sel(group="non")) > 2 * float(by_group[0].sel(group="eu"))
    assert_same(counts, hazards, within=1e-9)


@pytest.mark.parametrize("where", ["moves", "emigration"])
def test_a_count_is_the_hazard_that_leads_to_it(run, where):
    def parts(risk):
        return {"moves": [risk]} if where == "moves" else {"migration": {"emigration": [risk]}}

    hazards = run(**parts({"group": ["eu", "nat"], "hazard": 0.04}))
    name = "moves_out" if where == "moves" else "emigrants"
    made = hazards[name].sum(["region", "group", "sex", "age"]).to_series().to_dict()

    assert_same(run(**parts(count(made, group=["eu", "nat"]))), hazards, within=1e-9)


def test_a_count_comes_on_top_of_hazards_for_the_same_people(run):
    both = run(nationality=changes({**NATURALISED, "hazard": 0.02}, {**NATURALISED, **count(200)}))
    tables = {"all": table(lambda year: 0.02, year=YEARS)}
    hazards = run(tables, nationality=changes({**NATURALISED, "hazard": by_table("all")}))

    every = ["region", "group", "sex", "age"]
    more = both["changes_out"].sum(every) - hazards["changes_out"].sum(every)
    assert (more > 150).all()
    assert (more < 200.0001).all()


# Immigration


def test_immigrants_of_a_table_are_those_of_the_table(run):
    def came(year, region, group, sex, age):
        return (year - 2000) * (region == "b") * (age in (0, 30, OPEN)) * (1 + (sex == "male")) * (group == "eu")

    tables = {"came": table(came, year=YEARS, **BY_STATE)}

    result = run(tables, migration={"immigration": [{"count": by_table("came")}]})

    expected = [came(y, r, g, s, a) for y in YEARS for r in REGIONS for g in GROUPS for s in SEXES for a in AGES]
    np.testing.assert_allclose(result["immigrants"], np.reshape(expected, result["immigrants"].shape), rtol=1e-15)


def test_a_table_of_immigrants_of_a_named_region_and_group_equals_one_with_columns(run):
    own = table(lambda sex, age: age * (1 + (sex == "male")), sex=SEXES, age=AGES)
    whole = table(lambda r, g, sex, age: (r == "c") * (g == "non") * age * (1 + (sex == "male")), **BY_STATE)
    named = {"region": "c", "group": "non", "count": by_table("own")}

    first = run({"own": own}, migration={"immigration": [named]})
    second = run({"whole": whole}, migration={"immigration": [{"count": by_table("whole")}]})

    assert_same(first, second, within=1e-15)


# Balances


def test_a_balance_by_region_or_group_is_met_part_by_part(run):
    shares = {"shares": table(lambda r, g, s, a: (18 <= a < 42) * (1 + (g == "eu")) / 576, **BY_STATE)}
    paths = {"a": {2012: 500, 2015: -100}, "b": {2012: 40}, "c": {2012: -30}}

    regions = run(shares, migration={"balance": [balance(path, region=region) for region, path in paths.items()],
                                     "profile": by_table("shares")})  # fmt: skip
    parts = [
        balance(-60, group="eu"),
        *(balance(path, group="nat", region=region) for region, path in zip(REGIONS, (0, 90, 7), strict=True)),
        balance(0, group="non"),
    ]
    groups = run(shares, migration={"balance": parts, "profile": by_table("shares")})

    net = regions["net_migrants"].sum(["group", "sex", "age"])
    close_to(net, [[500, 40, -30], [300, 40, -30], [100, 40, -30], [-100, 40, -30]])
    close_to(net[0] / 2, regions["net_migrants"][0].sel(group="eu").sum(["sex", "age"]))
    net = groups["net_migrants"].sum(["sex", "age"])
    close_to(net.sel(group="eu"), np.full((4, 3), -20))
    close_to(net.sel(group="nat"), [[0, 90, 7]] * 4)
    assert (net.sel(group="non") == 0).all()


PARTS = {
    "all": (balance({2012: 300, 2015: -200}), lambda net: [net.sum(["region", "group"])], [[300, 133.0, -33.0, -200]]),
    "groups": (
        [balance({2012: 200, 2015: -100}, group="eu"), balance(50, group="non"), balance(-10, group="nat")],
        lambda net: [net.sum("region").sel(group=group) for group in ("eu", "non", "nat")],
        [[200, 100, 0, -100], [50] * 4, [-10] * 4],
    ),
    "regions": (
        [balance(100, region="a"), balance(-150, region="b"), balance(-250, region="c")],
        lambda net: [net.sum("group").sel(region=region) for region in REGIONS],
        [[100] * 4, [-150] * 4, [-250] * 4],
    ),
}
PARTS["all"] = (*PARTS["all"][:2], [np.interp(YEARS, [2012, 2015], [300, -200])])


@EVERY_CONVENTION
@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("free", ["immigration", "emigration"])
def test_gross_flows_are_closed_on_their_balances_in_every_year(run, free, parts, convention):
    stated, find, expected = PARTS[parts]

    result = run(
        migration={
            "immigration": IMMIGRANTS,
            "emigration": [{"hazard": 0.002}, {"group": ["eu", "non"], "hazard": 0.02}],
            "close": {"free": free, "balance": stated},
        },
        moves=[{"hazard": 0.01}],
        convention=convention,
    )

    net = (result["immigrants"] - result["emigrants"]).sum(["sex", "age"])
    scale = float(result["immigrants"].sum(["region", "group", "sex", "age"]).max())
    np.testing.assert_allclose(find(net), expected, rtol=1e-9, atol=1e-12 * scale)
    assert result["immigrants"].min() >= 0
    assert result["emigrants"].min() >= 0
    np.testing.assert_allclose(result["net_migrants"], result["immigrants"] - result["emigrants"], atol=1e-9)


@pytest.mark.parametrize("free", ["immigration", "emigration"])
def test_the_sides_and_streams_that_are_not_free_stay_as_stated(run, free):
    immigration = [stream(400, "a", "eu", fixed=free == "immigration"), *IMMIGRANTS[1:]]
    emigration = [{"group": "nat", "hazard": 0.0005, "fixed": True}, {"group": ["eu", "non"], "hazard": 0.02}]

    closed = run(
        migration={
            "immigration": immigration,
            "emigration": [*emigration, count(60, group="nat")],
            "close": {"free": free, "balance": balance({2012: -1000, 2015: 100} if free == "emigration" else 900)},
        }
    )
    stated = run(migration={"immigration": immigration, "emigration": [*emigration, count(60, group="nat")]})

    if free == "emigration":
        np.testing.assert_array_equal(closed["immigrants"], stated["immigrants"])
        close_to(closed["emigrants"][0].sel(group="nat"), stated["emigrants"][0].sel(group="nat"), 1e-9)
        assert closed["emigrants"][0].sel(group="eu").sum() > stated["emigrants"][0].sel(group="eu").sum() + 50
    else:
        came = closed["immigrants"].sum(["sex", "age"])
        close_to(came.sel(region="a", group="eu"), 400, 1e-12)
        others = came.sel(region=["b", "c"]).sum("region")
        close_to(others.sel(group="non") / others.sel(group="nat"), 6, 1e-12)
        assert (others.sel(group="non") > 301).all()
    net = (closed["immigrants"] - closed["emigrants"]).sum(["region", "group", "sex", "age"])
    close_to(net[0], -1000 if free == "emigration" else 900)


def test_a_free_immigration_keeps_its_ages_and_is_scaled_by_one_factor_a_balance(run):
    result = run(migration={"immigration": IMMIGRANTS, "emigration": [{"hazard": 0.01}],
                            "close": {"free": "immigration", "balance": [balance(10, group="eu")]}})  # fmt: skip

    came = result["immigrants"]
    close_to(came.sel(region="b", group="non").sum(["sex", "age"]), 300, 1e-12)
    shares = came.sel(region="a", group="eu") / came.sel(region="a", group="eu").sum(["sex", "age"])
    expected = came.sel(region="b", group="non") / came.sel(region="b", group="non").sum(["sex", "age"])
    np.testing.assert_allclose(shares, expected, rtol=1e-12, atol=1e-16)


def test_closing_on_the_balance_that_comes_out_changes_nothing(run):
    parts = {"immigration": IMMIGRANTS, "emigration": [{"group": ["eu", "non"], "hazard": 0.05}]}
    free = run(migration=parts)
    net = free["net_migrants"].sum(["region", "group", "sex", "age"]).to_series().to_dict()

    for side in ("immigration", "emigration"):
        closed = run(migration={**parts, "close": {"free": side, "balance": balance(net)}})
        assert_same(closed, free, within=1e-9)


# What is told where a total cannot be met


def refused(run, **parts):
    with pytest.raises(ProjectionError) as caught:
        run(**parts)
    return str(caught.value).rpartition("/")[2]


def test_a_balance_that_would_need_negative_immigrants_names_file_key_and_year(run):
    close = {"free": "immigration", "balance": balance({2012: 100, 2013: 100, 2014: -5000})}

    said = refused(run, migration={"immigration": IMMIGRANTS, "emigration": [{"hazard": 0.001}], "close": close})

    assert said.startswith("moving.yaml:1:")
    assert "migration.close.balance: cannot be met in 2014: " in said
    assert "the immigrants who are scaled would have to be -" in said


def test_the_balance_of_a_list_that_cannot_be_met_is_named_by_its_place(run):
    close = {"free": "emigration", "balance": [balance(1, region="a"), balance({2012: 10, 2015: 400}, region="b")]}

    said = refused(run, migration={"immigration": IMMIGRANTS, "emigration": [{"hazard": 0.001}], "close": close})

    assert "migration.close.balance.1: cannot be met in 2015: there are only 300 persons who immigrate" in said


def test_the_balance_whose_streams_are_all_fixed_is_named(run):
    fixed = [stream(400, "a", "eu"), stream(300, "b", "non", fixed=True)]
    close = {"free": "immigration", "balance": [balance(1, region="a"), balance(2, region="b")]}

    with pytest.raises((ProjectionError, ScenarioError), match=r"migration\.close\.balance\.1"):
        run(migration={"immigration": fixed, "emigration": [{"hazard": 0.001}], "close": close})


@pytest.mark.parametrize(("number", "year"), [(10_000_000, 2012), ({2012: 10, 2013: 10, 2014: 9_000_000}, 2014)])
def test_a_count_that_nobody_can_meet_names_file_key_and_year(run, number, year):
    said = refused(run, nationality=changes({**NATURALISED, "hazard": 0.01}, {**NATURALISED, **count(number)}))

    assert f"nationality.changes.1.count: cannot be met in {year}: no risk leads to" in said
    assert said.startswith("moving.yaml:1:")


# Ages in groups of five years

WIDE = range(0, OPEN + 1, 5)
FIVE = {
    "period": {"start": 2000, "end": 2015},
    "ages": {"open": OPEN, "width": 5},
    "fertility": {"rates": {"table": "wide_fertility.csv", "age": "reached"}, "sex_ratio_at_birth": 1.05},
    "mortality": {"survival_ratio": {"table": "wide_survival.csv", "age": "reached"}},
    "population": {"table": "wide_people.csv"},
}
WIDE_TABLES = {
    "wide_people": table(lambda r, g, s, a: 5 * persons(r, g, s, a), **{**BY_STATE, "age": WIDE}),
    "wide_survival": table(lambda sex, age: survivors(sex, age) ** 5, sex=SEXES, age=WIDE),
    "wide_fertility": table(lambda age: 0.06, age=range(20, 45, 5)),
    "wide_profile": table(lambda sex, age: (0.12 - 0.04 * (sex == "male")) * (20 <= age < 45), sex=SEXES, age=WIDE),
}


def wide_stream(path, region, group, **others):
    return {**stream(path, region, group, **others), "profile": by_table("wide_profile")}


def test_a_step_of_five_years_holds_the_sums_of_its_years(run):
    path = {2000: 100, 2005: 200, 2010: 200, 2014: 0}

    result = run(
        WIDE_TABLES,
        **FIVE,
        moves=[count({2000: 30})],
        nationality=changes({**NATURALISED, **count({2000: 10, 2014: 24})}),
        migration={"immigration": [wide_stream(path, "b", "eu")], "emigration": [count({2000: 60}, group="nat")]},
    )

    every = ["region", "group", "sex", "age"]
    close_to(result["immigrants"].sum(every), [100 + 120 + 140 + 160 + 180, 1000, 200 + 150 + 100 + 50], 1e-12)
    close_to(result["moves_out"].sum(every), [150] * 3)
    close_to(result["changes_out"].sum(every), [10 + 11 + 12 + 13 + 14, 15 + 16 + 17 + 18 + 19, 20 + 21 + 22 + 23 + 24])
    close_to(result["emigrants"].sum(every), [300] * 3)
    assert list(result.indexes["year"]) == [2000, 2005, 2010, 2015]
    assert list(result.indexes["period"]) == [2000, 2005, 2010]
    assert list(result.indexes["age"]) == list(WIDE)
    check_books(result)


def test_tables_of_persons_hold_persons_per_year_whatever_the_width(run):
    net = table(lambda r, g, s, a: (r == "a") * (a == 30) * (1 + (s == "male")), **{**BY_STATE, "age": WIDE})

    by_age = run({**WIDE_TABLES, "net": net}, **FIVE, migration={"net": by_table("net")})
    gross = run({**WIDE_TABLES, "net": net}, **FIVE, migration={"immigration": [{"count": by_table("net")}]})

    for result in (by_age, gross):
        close_to(result["net_migrants"].sum(["region", "group", "sex", "age"]), [45] * 3, 1e-14)
        close_to(result["net_migrants"].sel(region="a", group="eu", age=30), [[5, 10]] * 3, 1e-14)


@pytest.mark.parametrize("free", ["immigration", "emigration"])
def test_balances_of_steps_of_five_years_are_sums_of_their_years(run, free):
    flows = {"immigration": [wide_stream(400, "a", "eu") | count({2000: 400})], "emigration": [{"hazard": 0.004}]}
    close = {"free": free, "balance": balance({2000: 100, 2010: 200})}

    result = run(WIDE_TABLES, **FIVE, migration={**flows, "close": close})

    close_to(result["net_migrants"].sum(["region", "group", "sex", "age"]), [600, 850, 1000])


def test_hazards_are_per_year_and_fertility_is_per_woman_and_year_whatever_the_width(run):
    result = run(WIDE_TABLES, **FIVE, migration={"emigration": [{"group": "nat", "hazard": 0.02}]})

    close_to(result["total_fertility"], np.full((3, 3, 3), 0.06 * 25), 1e-14)
    people = float(result["population"][0].sel(region="a", group="nat", sex="female", age=20))
    left = float(result["emigrants"][0].sel(region="a", group="nat", sex="female", age=25))
    hazard = 0.1 - 5 * np.log(survivors("female", 25))
    close_to(left, people * 0.1 * -np.expm1(-hazard) / hazard, 1e-12)


def test_total_fertility_and_life_expectancy_are_stated_in_years_whatever_the_width(run):
    total, women = {2000: 1.5, 2014: 2.2}, {2000: 70, 2014: 84}
    parts = {
        **FIVE,
        "fertility": {"total": {"path": total}, "pattern": by_table("wide_fertility"), "sex_ratio_at_birth": 1.05},
        "mortality": {**FIVE["mortality"], "life_expectancy": {"female": {"path": women}, "male": 68}},
    }

    result = run(WIDE_TABLES, **parts)

    means = np.array([1.6, 1.85, 2.1])
    close_to(result["total_fertility"], np.broadcast_to(means[:, None, None], (3, 3, 3)), 1e-13)
    expected = np.stack([[72, 77, 82], [68, 68, 68]], axis=-1)[:, None, None]
    np.testing.assert_allclose(result["life_expectancy"], np.broadcast_to(expected, (3, 3, 3, 2)), rtol=0, atol=1e-9)


def test_a_table_by_year_names_the_first_year_of_each_step(run):
    tables = {**WIDE_TABLES, "left": table(lambda year: (year - 1990) / 1000, year=[1995, 2000, 2005, 2010, 2015])}

    result = run(tables, **FIVE, migration={"emigration": [{"hazard": by_table("left")}]})

    for step, hazard in enumerate([0.05, 0.075, 0.1]):
        people = float(result["population"][step].sel(region="a", group="nat", sex="male", age=30))
        left = float(result["emigrants"][step].sel(region="a", group="nat", sex="male", age=35))
        every = hazard - 5 * np.log(survivors("male", 35))
        close_to(left, people * hazard * -np.expm1(-every) / every, 1e-12)


# The open age split


def test_a_split_open_age_lets_the_oldest_run_another_risk(run):
    ratios = table(lambda age: {OPEN: 0.9, OPEN + 1: 0.6}.get(age, 0.99), age=range(OPEN + 2))
    survival = {"survival_ratio": {**by_table("split"), "open_age": "split"}}

    result = run({"split": ratios}, mortality=survival)

    start, end = (result["population"][year].sel(region="b", group="nat", sex="female") for year in (0, 1))
    expected = 0.9 * float(start.sel(age=OPEN - 1)) + 0.6 * float(start.sel(age=OPEN))
    close_to(end.sel(age=OPEN), expected, 1e-14)


# Figures of all states together


def national_expectancy(rates, projection, year):
    """e_0 of the stock-weighted ratios of a year, (2,), worked out in plain loops."""
    stock = projection.population[year]
    found = []
    for sex in range(2):
        alive, years = 1.0, 0.0
        for slot in range(OPEN + 2):
            people = stock[max(slot - 1, 0), sex]
            ratio = float((people * rates.survival[year, slot, sex]).sum() / people.sum())
            if slot <= OPEN:
                alive *= ratio
                years += alive
            else:
                years += alive * ratio / (1 - ratio)
        found.append(years)
    return found


def test_one_life_expectancy_is_that_of_all_groups_together(scenario):
    women = {2012: 55, 2015: 58}
    level = {"nat": 1, "eu": 0.5, "non": 2}
    survival = table(lambda group, sex, age: survivors(sex, age) ** level[group], group=GROUPS, sex=SEXES, age=AGES)
    loaded = scenario(
        {"levels": survival},
        mortality={
            "survival_ratio": by_table("levels"),
            "life_expectancy": {"female": {"path": women}, "male": 52},
        },
        nationality=changes({**NATURALISED, "hazard": 0.05}),
    )

    projection, rates = carried(loaded, build(loaded))

    for year, expected in enumerate([(55, 52), (56, 52), (57, 52), (58, 52)]):
        np.testing.assert_allclose(national_expectancy(rates, projection, year), expected, rtol=0, atol=1e-9)
    logs = np.log(rates.survival[:, 1:, :, :3])
    np.testing.assert_allclose(logs[..., 1], logs[..., 0] / 2, rtol=1e-9)
    np.testing.assert_allclose(logs[..., 2], logs[..., 0] * 2, rtol=1e-9)
    stated = sim.run(loaded)["life_expectancy"]
    assert (stated.sel(group="eu") > stated.sel(group="nat") + 1).all()
    wanted = np.array([55, 56, 57, 58])[:, None]
    assert (stated.sel(group="eu", sex="female") > wanted).all()
    assert (stated.sel(group="non", sex="female") < wanted).all()


def test_one_total_fertility_is_that_of_the_women_of_all_groups_together(run):
    weights = {"nat": 1, "eu": 1.5, "non": 3}
    pattern = table(lambda group, age: weights[group] * (0.01 + age / 1000), group=GROUPS, age=range(18, 44))
    total = {"path": {2012: 1.4, 2015: 2.0}}

    result = run(
        {"pattern": pattern},
        fertility={"total": total, "pattern": by_table("pattern"), "sex_ratio_at_birth": 1.05},
        nationality=changes({**NATURALISED, "hazard": 0.05}),
    )

    totals = result["total_fertility"]
    close_to(totals.sel(group="non"), 3 * totals.sel(group="nat"), 1e-12)
    women = result["population"].sel(sex="female").to_numpy()
    shape = np.array([0.01 + age / 1000 for age in range(18, 44)])
    for year, expected in enumerate([1.4, 1.6, 1.8, 2.0]):
        found = 0.0
        for age in range(18, 44):
            # the mothers who reach the age in the year were a year younger on 1 January
            people = women[year, :, :, age - 1]
            rates = totals[year].to_numpy() * shape[age - 18] / shape.sum()
            found += float((people * rates).sum() / people.sum())
        close_to(found, expected, 1e-12)


# Groups of the newborn


def test_groups_of_the_newborn_may_change_from_year_to_year(run):
    shares = {"path": {2012: 0.2, 2014: 0.6}, "after": "constant"}
    rest = {"path": {2012: 0.8, 2014: 0.4}, "after": "constant"}

    result = run(newborn={"child_group": {"eu": {"nat": shares, "eu": rest}, "non": {"nat": 1}}})

    mothers = result["births_by_age_of_mother"].sum("age")
    children = result["births"].sum("sex")
    native = np.array([0.2, 0.4, 0.6, 0.6])[:, None]
    assert (mothers > 0).all()
    close_to(children.sel(group="eu"), (1 - native) * mothers.sel(group="eu"), 1e-13)
    assert (children.sel(group="non") == 0).all()
    expected = mothers.sel(group="nat") + native * mothers.sel(group="eu") + mothers.sel(group="non")
    close_to(children.sel(group="nat"), expected, 1e-13)


def test_boys_and_girls_of_every_group_have_the_sex_ratio(run):
    result = run(newborn={"child_group": {"eu": {"nat": 0.3, "eu": 0.7}}}, nationality=changes(
        {**NATURALISED, "hazard": 0.2}))  # fmt: skip

    births = result["births"]
    close_to(births.sel(sex="male") / births.sel(sex="female"), np.full((4, 3, 3), 1.05), 1e-13)


def test_a_mother_who_changes_her_group_bears_in_both(run):
    result = run(nationality=changes({"from_": "eu", "to": "nat", "hazard": 5}))

    mothers = result["births_by_age_of_mother"].sum("age")
    before = run()["births_by_age_of_mother"].sum("age")
    assert (mothers.sel(group="eu") < 0.4 * before.sel(group="eu")).all()
    close_to(mothers[0].sum("group"), before[0].sum("group"), 1e-12)


# What a file inherits, and what is changed from outside


BASE_FLOWS = {
    "immigration": IMMIGRANTS,
    "emigration": [{"hazard": 0.01}],
    "close": {"free": "immigration", "balance": balance(300)},
}


@pytest.fixture
def own(scenario, tmp_path):
    """Load a file that is based on the scenario with gross flows."""

    def loaded(tables=None, **parts):
        scenario(tables, migration=BASE_FLOWS, nationality=changes({**NATURALISED, **count({2012: 100, 2014: 200})}))
        (tmp_path / "own.yaml").write_text(json.dumps({"name": "own", "based_on": "moving", **parts}))
        return load(tmp_path / "own.yaml")

    return loaded


def test_the_parts_of_a_closing_are_merged_key_by_key(own):
    other_side = own(migration={"close": {"free": "emigration"}}).migration
    other_path = own(migration={"close": {"balance": balance({2012: 5})}}).migration
    by_part = own(migration={"close": {"balance": [balance(5, region="a")]}}).migration

    assert (other_side.close.free, other_side.close.balance.path) == ("emigration", {2012: 300})
    assert (other_path.close.free, other_path.close.balance.path) == ("immigration", {2012: 5})
    assert [part.region for part in by_part.close.balance] == ["a"]
    assert len(by_part.immigration) == 3


def test_a_balance_or_a_table_replaces_gross_flows_and_their_closing(own):
    profile = {"shares": table(lambda *_: 1 / (9 * 2 * len(AGES)), **BY_STATE)}
    net = {"net": table(lambda *_: 0, **BY_STATE)}

    plain = own(profile, migration={"balance": balance(10), "profile": by_table("shares")}).migration
    by_age = own(net, migration={"net": by_table("net")}).migration

    for migration in (plain, by_age):
        assert (migration.immigration, migration.emigration, migration.close) == ((), (), None)
    assert plain.balance.path == {2012: 10}
    assert by_age.net.table == "net.csv"


def test_null_takes_the_closing_away_and_a_list_of_streams_is_replaced_whole(own):
    open_ended = own(migration={"close": None, "emigration": [{"share": 0.01}]}, nationality=None)

    assert open_ended.migration.close is None
    assert [entry.hazard for entry in open_ended.migration.emigration] == [None]
    assert len(open_ended.migration.immigration) == 3
    assert open_ended.nationality is None


def test_set_reaches_a_count_within_a_list(scenario):
    parts = {"nationality": changes({**NATURALISED, **count({2012: 100, 2014: 200})})}

    loaded = scenario(None, ["nationality.changes.0.count.path.2014=50", "moves=[{hazard: 0.01}]"], **parts)

    assert loaded.nationality.changes[0].count.path == {2012: 100, 2014: 50}
    close_to(sim.run(loaded)["changes_out"].sum(["region", "group", "sex", "age"]), [100, 75, 50, 50])
    assert loaded.moves[0].hazard == 0.01


def test_set_of_an_entry_that_is_not_there_is_a_fault(scenario):
    parts = {"nationality": changes({**NATURALISED, "hazard": 0.01})}

    with pytest.raises(ScenarioError, match=r"--set nationality.changes.3.hazard=1: '3' is no part of a value"):
        scenario(None, ["nationality.changes.3.hazard=1"], **parts)


def test_a_sweep_varies_a_count_and_a_closing(run):
    sweep = {
        "naturalised": {"as-is": {}, "twice": {"nationality.changes.0.count": {"scale": 2}}},
        "balance": {
            "low": {"migration.close.balance": {"add": -100}},
            "high": {"migration.close.balance.path.2012": 500},
        },
    }

    result = run(migration=BASE_FLOWS, nationality=changes({**NATURALISED, **count(100)}), sweep=sweep)

    every = ["region", "group", "sex", "age"]
    assert list(result.indexes["scenario"]) == ["as-is_low", "as-is_high", "twice_low", "twice_high"]
    close_to(result["changes_out"].sum(every), [[100] * 4, [100] * 4, [200] * 4, [200] * 4])
    close_to(result["net_migrants"].sum(every), [[200] * 4, [500] * 4, [200] * 4, [500] * 4])


# In words


def test_every_movement_is_told_in_words(scenario):
    tables = {"young": table(lambda age: age < 40, age=AGES)}
    said = "\n".join(
        describe(
            scenario(
                tables,
                moves=[{"group": "eu", "hazard": 0.03}, count(500)],
                nationality=changes({**NATURALISED, **count({2012: 100, 2014: 200}), "pattern": by_table("young")}),
                newborn={"child_group": {"eu": {"nat": 0.3, "eu": 0.7}}},
                migration={
                    "immigration": [stream(400, "a", "eu", fixed=True), stream(30, "b", "non")],
                    "emigration": [{"region": ["a", "b"], "hazard": {"path": {2012: 0.01, 2015: 0.02}}}],
                    "close": {"free": "immigration", "balance": [balance(5, region="b"), balance(-7, region="c")]},
                },
            )
        )
    )

    for words in (
        "immigrants (a; eu): 400 persons a year",
        "emigrants (a, b): a risk of 0.01 a year in 2012, 0.02 in 2015 (straight lines between)",
        "immigration is scaled every year to a balance",
        "-7 persons a year",
        "500 persons a year throughout",
        "eu to nat, non to nat: 100 persons a year in 2012, 200 in 2014",
        "in the proportions of young.csv",
        "of eu mothers 0.3 nat, 0.7 eu",
    ):
        assert words in said, said
    for word in ("None", "{", "=", "YearPath", "more arrivals"):
        assert word not in said


def test_a_stream_that_is_fixed_is_told_apart_from_those_that_are_scaled(scenario):
    streams = [stream(400, "a", "eu", fixed=True), stream(30, "b", "non")]
    close = {"free": "immigration", "balance": balance(5)}

    said = " ".join(
        describe(scenario(migration={"immigration": streams, "emigration": [{"hazard": 0}], "close": close}))
    )

    fixed, scaled = said.partition("immigrants (a; eu)")[2].split("immigrants (b; non)")
    assert "not scaled" in fixed
    assert "not scaled" not in scaled.partition(";")[0]


def test_shares_by_destination_are_told(scenario):
    tables = {"where": table(lambda o, d: 0 if o == d else 0.5, origin=REGIONS, destination=REGIONS)}

    said = " ".join(describe(scenario(tables, moves=[{"hazard": 0.01, "destinations": by_table("where")}])))

    assert "where.csv" in said


@pytest.mark.parametrize("width", [1, 5])
def test_show_prints_a_run_with_movements(scenario, tmp_path, width):
    flows = {"immigration": [stream(400, "a", "eu")], "emigration": [{"hazard": 0.01}]}
    parts = {"migration": flows, "nationality": changes({**NATURALISED, **count(10)}), "moves": [{"hazard": 0.01}]}
    if width == 5:
        paths = {"immigration": [wide_stream({2000: 400}, "a", "eu")], "emigration": [{"hazard": 0.01}]}
        parts = {**FIVE, **parts, "migration": paths, "nationality": changes({**NATURALISED, **count({2000: 10})})}
    scenario(WIDE_TABLES, **parts)

    for arguments in (["run", "moving.yaml", "--no-plots"], ["show", "moving"]):
        done = subprocess.run(
            [sys.executable, "-m", "sim", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    assert "net migration" in done.stdout
    assert "Between regions: " in done.stdout
    assert "eu to nat, non to nat: 10 persons a year" in done.stdout
