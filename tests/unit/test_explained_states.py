"""Explanations of projections by region and group: nationality, moves, and migration told apart by flow."""

import itertools

import numpy as np
import pytest
from explained import PROFILE, by_state, projected, slow
from small import GROUPS, REGIONS

from sim import decompose

BASE = {
    "states": {"regions": list(REGIONS), "groups": list(GROUPS)},
    "population": {"table": "states.csv"},
}


def persons(count):
    return {"unit": "persons per year", "path": {2012: count}, "after": "constant"}


def stream(motive, group, count, region="BE1", **others):
    return {"motive": motive, "region": region, "group": group, "count": persons(count), "profile": PROFILE, **others}


def explained_slowly(write, content, unions):
    """Parts of all players, and the explanation."""
    everybody = frozenset(itertools.chain(*unions))
    files = [write(name, **content(some)) for name, some in (("one", frozenset()), ("other", everybody))]
    return files, slow(projected(write, content), unions)


def check(found, expected):
    """An explanation has the values of the slow way, and nothing else."""
    flows = [part for block, part in expected if block == "migration" and part]
    for (block, part), values in expected.items():
        own = found["part_of_migration"].sel(component=part) if part else found["part"].sel(block=block)
        np.testing.assert_allclose(own, values, rtol=1e-9, atol=1e-8)
        assert abs(values).max() > 0
    if flows:
        assert sorted(found["component"].values.tolist()) == sorted(flows)
        total = found["part_of_migration"].sum("component")
        np.testing.assert_allclose(total, found["part"].sel(block="migration"), rtol=1e-9, atol=1e-8)
    blocks = {block for block, _ in expected}
    rest = [block for block in found["block"].values if block not in blocks]
    np.testing.assert_array_equal(found["part"].sel(block=rest), 0)


def test_blocks_of_projections_whose_states_mix(write):
    """Foreign mothers have more children, and survive less, where they live: all blocks meet each other."""

    def content(coalition):
        def taken(block):
            return (block, "") in coalition

        to = 0.5 if taken("nationality rules") else 0.2
        shares = {"foreign": {"belgian": to, "foreign": 1 - to}}
        return BASE | {
            "fertility": {
                "rates": {"table": "by-group.csv", "age": "completed"},
                "sex_ratio_at_birth": 1.1 if taken("fertility") else 1.05,
            },
            "moves": [{"hazard": 0.09 if taken("moves between regions") else 0.03}],
            "nationality": {"changes": [{"from": "foreign", "to": "belgian", "hazard": to / 10}]},
            "newborn": {"child_group": shares},
            "migration": {"emigration": [{"group": "foreign", "hazard": 0.04}]},
            "convention": "wpp_even" if taken("convention") else "continuous",
        }

    (write("any").parent / "by-group.csv").write_text(
        "region,group,age,value\n"
        + "".join(
            f"{region},{group},{age},{0.03 + 0.05 * (group == 'foreign') + 0.02 * (region == 'BE2')}\n"
            for region, group, age in itertools.product(REGIONS, GROUPS, range(20, 40))
        )
    )
    unions = [[(block, "")] for block in ("fertility", "nationality rules", "moves between regions", "convention")]

    files, expected = explained_slowly(write, content, unions)

    check(decompose(*files), expected)


def test_the_group_of_the_newborn_where_nobody_changes(write):
    """More of the children are Belgian, and only foreigners emigrate."""

    def content(coalition):
        to = 0.9 if ("nationality rules", "") in coalition else 0.2
        survival = "frail.csv" if ("mortality", "") in coalition else "survival.csv"
        return BASE | {
            "mortality": {"survival_ratio": {"table": survival, "age": "reached"}},
            "newborn": {"child_group": {"foreign": {"belgian": to, "foreign": 1 - to}}},
            "migration": {"emigration": [{"group": "foreign", "hazard": 0.04}]},
        }

    files, expected = explained_slowly(write, content, [[("nationality rules", "")], [("mortality", "")]])

    check(decompose(*files), expected)


def test_flows_of_migration_by_motive_and_group(write):
    flows = {
        "immigration: family, foreign": (300, 200),
        "immigration: work, foreign": (100, 260),
        "immigration: family, belgian": (20, 50),
        "emigration: foreign": (0.02, 0.05),
    }

    def content(coalition):
        now = {name: values[("migration", name) in coalition] for name, values in flows.items()}
        survival = "frail.csv" if ("mortality", "") in coalition else "survival.csv"
        immigration = [
            stream("family", "foreign", now["immigration: family, foreign"]),
            stream("work", "foreign", now["immigration: work, foreign"], region="BE2"),
            stream("family", "belgian", now["immigration: family, belgian"]),
        ]
        emigration = [{"group": "belgian", "hazard": 0.01}, {"group": "foreign", "hazard": now["emigration: foreign"]}]
        return BASE | {
            "mortality": {"survival_ratio": {"table": survival, "age": "reached"}},
            "migration": {"immigration": immigration, "emigration": emigration},
        }

    unions = [[("mortality", "")], [("migration", name) for name in flows]]

    files, expected = explained_slowly(write, content, unions)

    check(decompose(*files), expected)


@pytest.mark.parametrize("free", ["immigration", "emigration"])
def test_flows_that_close_a_balance_and_the_balance(write, free):
    def content(coalition):
        def taken(part):
            return ("migration", part) in coalition

        immigration = [
            stream("family", "foreign", 300 if taken("immigration: family, foreign") else 200),
            stream("family", "belgian", 100),
            stream("work", "foreign", 80, fixed=True),
        ]
        emigration = [
            {"group": "foreign", "hazard": 0.06 if taken("emigration: foreign") else 0.03},
            {"group": "belgian", "hazard": 0.02},
        ]
        close = {"free": free, "balance": persons(150 if taken("balance") else 40)}
        return BASE | {"migration": {"immigration": immigration, "emigration": emigration, "close": close}}

    flows = ["immigration: family, foreign", "emigration: foreign", "balance"]
    unions = [[("migration", name) for name in flows]]

    files, expected = explained_slowly(write, content, unions)

    check(decompose(*files), expected)


def test_counts_of_emigrants_by_group(write):
    def content(coalition):
        counts = {group: (30, 55)[("migration", f"emigration: {group}") in coalition] for group in GROUPS}
        emigration = [
            {"group": group, "count": persons(count), "pattern": {"table": "survival.csv", "age": "reached"}}
            for group, count in counts.items()
        ]
        return BASE | {"migration": {"emigration": emigration}}

    unions = [[("migration", f"emigration: {group}") for group in GROUPS]]

    files, expected = explained_slowly(write, content, unions)

    check(decompose(*files), expected)


def test_net_migrants_by_group(write):
    tables = {
        f"net-{first}-{second}.csv": by_state(
            lambda region, group, age, rows=(first, second): rows[group == "foreign"] + age / 10
        )
        for first, second in itertools.product((2, 5), (3, 9))
    }
    for name, text in tables.items():
        (write("any").parent / name).write_text(text)

    def content(coalition):
        numbers = [(2, 5), (3, 9)]
        chosen = [
            pair[("migration", f"net migration: {group}") in coalition]
            for group, pair in zip(("belgian", "foreign"), numbers, strict=True)
        ]
        return BASE | {"migration": {"net": {"table": f"net-{chosen[0]}-{chosen[1]}.csv", "age": "reached"}}}

    unions = [[("migration", f"net migration: {group}") for group in GROUPS]]

    files, expected = explained_slowly(write, content, unions)

    check(decompose(*files), expected)


@pytest.mark.parametrize("ending", [True, False])
def test_lengths_of_stay_and_titles_that_end(write, ending):
    def content(coalition):
        def taken(part):
            return ("migration", part) in coalition

        hazard = [0.5, 0.2] if taken("length of stay") else [0.3, 0.1, 0.4]
        leave = 0.3 if taken("titles of stay that end") else 0.1
        endings = [{"group": "foreign", "year": 2013, "leave": leave, "extended": 1 - leave}]
        return BASE | {
            "migration": {
                "immigration": [
                    stream("study", "foreign", 320 if taken("immigration: study, foreign") else 200),
                    stream("work", "foreign", 80),
                ],
                "emigration": [{"group": "foreign", "hazard": 0.05 if taken("emigration: foreign") else 0.02}],
                "stays": [{"name": "students", "motive": "study", "group": "foreign", "hazard": hazard}],
                "endings": endings if ending else [],
            }
        }

    flows = ["immigration: study, foreign", "emigration: foreign", "length of stay"]
    flows += ["titles of stay that end"] if ending else []
    unions = [[("migration", name) for name in flows]]

    files, expected = explained_slowly(write, content, unions)

    check(decompose(*files), expected)


def national(expectancy):
    """Mortality by group, brought to one life expectancy of both groups together."""
    table = {"survival_ratio": {"table": "by-group-survival.csv", "age": "reached"}}
    return {"mortality": table | ({"life_expectancy": expectancy} if expectancy else {})}


@pytest.fixture
def groups_survive(write):
    text = by_state(lambda region, group, age: 0.96 - age / 2000 - 0.02 * (group == "foreign"))
    (write("any").parent / "by-group-survival.csv").write_text(text)


@pytest.mark.usefixtures("groups_survive")
@pytest.mark.parametrize("before", [None, {"female": 31, "male": 29}])
def test_states_that_are_brought_to_a_figure_together(write, before):
    """Who comes changes the risks that bring all of them to the figure: the blocks meet."""

    def content(coalition):
        after = {"female": 37, "male": 33}
        count = 900 if ("migration", "immigration: family, foreign") in coalition else 100
        flows = {"immigration": [stream("family", "foreign", count)], "emigration": [{"hazard": 0}]}
        return BASE | national(after if ("mortality", "") in coalition else before) | {"migration": flows}

    unions = [[("mortality", "")], [("migration", "immigration: family, foreign")]]

    files, expected = explained_slowly(write, content, unions)

    check(decompose(*files), expected)


# By years


@pytest.mark.usefixtures("groups_survive")
def test_what_only_one_of_two_has_is_not_divided_by_years_and_said_to_be(write):
    flows = {"immigration": [stream("family", "foreign", 100)], "emigration": [{"hazard": 0.01}]}
    closed = flows | {"close": {"free": "immigration", "balance": persons(50)}}
    one = write("one", **BASE, **national(None), migration=flows)
    other = write("other", **BASE, **national({"female": 37, "male": 33}), migration=closed)

    found = decompose(one, other, spans=[2013])

    assert found["part_of_span"].sel(block=["mortality", "migration"]).isnull().all()
    assert found.attrs["notes"] == [
        "mortality is not divided by years: only one of the two brings all states together to a life expectancy",
        "migration is not divided by years: the two close migration on balances of different kinds, or only one does",
    ]
    np.testing.assert_allclose(found["part"].sum("block"), found["difference"], rtol=1e-9)
    undivided = decompose(one, other)
    np.testing.assert_allclose(found["part"], undivided["part"], rtol=1e-9, atol=1e-8)
    assert "part_of_migration" not in undivided
    assert undivided.attrs["notes"] == [
        "migration is not divided: the two state it, or close it on a balance, in different ways"
    ]


@pytest.mark.parametrize(
    ("block", "name"),
    [("migration", "migration"), ("nationality", "nationality rules"), ("moves", "moves between regions")],
)
def test_flows_and_rules_of_projections_that_mix_are_divided_by_years(write, block, name):
    """Each span against runs in which only that span is the other's."""
    labels = ["2012\N{EN DASH}2013", "2014"]

    def content(coalition):
        early, late = ((block, label) in coalition for label in labels)

        def chosen(what, one, other):
            values = [(one, other)[taken and what == block] for taken in (early, late)]
            return {"path": dict(zip((2012, 2014), values, strict=True)), "interpolate": "step", "after": "constant"}

        balance = {"unit": "persons per year"} | chosen("migration", 60, 150)
        flows = {
            "immigration": [stream("family", "foreign", 200)],
            "emigration": [{"region": "BE1", "group": "foreign", "hazard": 0.03}],
        }
        return BASE | {
            "migration": flows
            | ({"close": {"free": "immigration", "balance": balance}} if block == "migration" else {}),
            "nationality": {
                "changes": [{"from": "foreign", "to": "belgian", "hazard": chosen("nationality", 0.02, 0.09)}]
            },
            "moves": [{"hazard": chosen("moves", 0.02, 0.2)}],
        }

    unions = [[(block, label) for label in labels]]

    files, expected = explained_slowly(write, content, unions)
    found = decompose(*files, spans=[2014])

    for label in labels:
        own = found["part_of_span"].sel(block=name, span=label)
        np.testing.assert_allclose(own, expected[block, label], rtol=1e-9, atol=1e-8)
        assert abs(own).max() > 0
