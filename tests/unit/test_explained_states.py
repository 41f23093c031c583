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


def test_flows_of_migration_by_motive_and_group(write):
    flows = {
        "immigration: family, foreign": (300, 200),
        "immigration: work, foreign": (100, 260),
        "immigration: family, belgian": (20, 50),
        "emigration: foreign": (0.02, 0.05),
        "emigration: belgian": (0.01, 0.004),
    }

    def content(coalition):
        now = {name: values[("migration", name) in coalition] for name, values in flows.items()}
        survival = "frail.csv" if ("mortality", "") in coalition else "survival.csv"
        immigration = [
            stream("family", "foreign", now["immigration: family, foreign"]),
            stream("work", "foreign", now["immigration: work, foreign"], region="BE2"),
            stream("family", "belgian", now["immigration: family, belgian"]),
        ]
        emigration = [{"group": group, "hazard": now[f"emigration: {group}"]} for group in GROUPS]
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
