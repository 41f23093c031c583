"""Why two projections differ: parts against runs of every mixture, one by one, averaged over all orders."""

import itertools

import numpy as np
import pytest
from explained import PROFILE, by_year, fertile, projected, slow
from small import SEXES, by_age

import sim
from sim import decompose, indicators
from sim.analysis.decompose import INDICATORS
from sim.errors import DataError

TAIL = 1e-9
BLOCKS = {
    "base population": {"population": {"table": "more.csv"}},
    "fertility": {"fertility": {"rates": {"table": "fewer.csv", "age": "completed"}, "sex_ratio_at_birth": 1.2}},
    "mortality": {"mortality": {"survival_ratio": {"table": "frail.csv", "age": "reached"}}},
    "migration": {"migration": {"net": {"table": "arrivals.csv", "age": "reached"}}},
    "convention": {"convention": "wpp_even"},
}


def of_blocks(coalition):
    return {key: value for block in coalition for key, value in BLOCKS[block].items()} | {
        "period": {"start": 2012, "end": 2020}
    }


@pytest.fixture
def pair(write):
    """Two scenarios that differ in every block that one state has."""
    return write("one", **of_blocks([])), write("other", **of_blocks(BLOCKS))


# Every block


def test_parts_are_the_mean_over_all_orders_of_runs_of_every_mixture(pair, write):
    worth = projected(write, of_blocks)
    for indicator in ("population", "births", "deaths", "mean_age", "growth_rate", "sex_ratio"):
        found = decompose(*pair, indicator)

        expected = slow(lambda coalition, name=indicator: worth(coalition, name), [[block] for block in BLOCKS])
        rounding = 1e-12 * abs(worth(frozenset(), indicator)).max()
        assert found["block"].values.tolist() == list(BLOCKS)
        for block, values in expected.items():
            np.testing.assert_allclose(found["part"].sel(block=block), values, rtol=1e-9, atol=rounding)
            assert abs(values).max() > 0


def figures(figure):
    """Table of a function of the age, up to an age at which people are old."""
    return "sex,age,value\n" + "".join(f"{sex},{age},{figure(age)!r}\n" for sex in SEXES for age in range(71))


OLDER = {
    "people.csv": figures(lambda age: 1000 - 9 * age),
    "more.csv": figures(lambda age: 1100 - 11 * age),
    "survival.csv": figures(lambda age: 0.99 - age / 900),
    "frail.csv": figures(lambda age: 0.985 - age / 800),
    "adults.csv": figures(lambda age: (18 <= age < 43) / 50),
}


def flows(immigrants, hazard):
    count = {"unit": "persons per year", "path": {2012: immigrants}, "after": "constant"}
    return {"immigration": [{"count": count, "profile": PROFILE}], "emigration": [{"hazard": hazard}]}


@pytest.mark.parametrize("indicator", INDICATORS)
def test_parts_add_up_to_the_difference_of_every_indicator(write, indicator):
    """To 1e-9 of it."""
    kept = {"ages": {"open": 70}, "period": {"start": 2012, "end": 2018}}
    changed = BLOCKS["base population"] | BLOCKS["fertility"] | BLOCKS["mortality"]
    one = write("one", **kept, migration=flows(400, 0.01))
    other = write("other", **kept, **changed, migration=flows(500, 0.02))
    for name, text in OLDER.items():
        (one.parent / name).write_text(text)

    found = decompose(one, other, indicator)

    straight = [getattr(indicators, indicator)(sim.run(path)).values for path in (one, other)]
    np.testing.assert_array_equal(found["value"], straight)
    np.testing.assert_allclose(found["part"].sum("block"), straight[1] - straight[0], rtol=TAIL, atol=0)
    assert np.abs(straight[1] - straight[0]).max() > 0
    assert found.attrs["indicator"] == indicator


@pytest.mark.parametrize("block", BLOCKS)
def test_a_change_of_one_block_is_that_block_s_alone(pair, write, block):
    found = decompose(pair[0], write("changed", **of_blocks([block])))

    others = found["part"].drop_sel(block=block)
    np.testing.assert_array_equal(found["part"].sel(block=block), found["difference"])
    np.testing.assert_array_equal(others, 0)
    assert found["difference"].values[-1] != 0
    assert found.attrs["projections"] == 2
    assert "part_of_migration" not in found


def test_the_other_way_round_every_part_changes_its_sign(pair):
    there, back = decompose(*pair), decompose(*pair[::-1])

    np.testing.assert_allclose(back["part"], -there["part"], rtol=1e-9, atol=1e-8)


def test_net_migrants_stand_beside_immigrants_whom_nobody_leaves(write, pair):
    count = {"unit": "persons per year", "path": {2012: 500}, "after": "constant"}
    gross = {"immigration": [{"count": count, "profile": PROFILE}], "emigration": []}
    changed = of_blocks(["mortality"]) | {"migration": gross}

    found = decompose(pair[0], write("gross", **changed))

    files = [pair[0], write("gross", **changed), write("came", **of_blocks([]), migration=gross)]
    files.append(write("died", **of_blocks(["mortality"])))
    one, other, came, died = (indicators.population(sim.run(file)).values for file in files)
    np.testing.assert_allclose(found["part"].sel(block="migration"), (came - one + other - died) / 2, rtol=1e-9)
    np.testing.assert_allclose(found["part"].sel(block="mortality"), (died - one + other - came) / 2, rtol=1e-9)
    for some in (files[:2], files[1::-1]):
        with pytest.raises(DataError, match=r"(one and gross|gross and one): "):
            decompose(*some, "immigration")


def test_scenarios_that_assume_the_same_do_not_differ(write):
    found = decompose(write("one"), write("other", title="The same again"))

    assert not found["part"].any()
    assert not found["difference"].any()
    assert found.attrs["projections"] == 1


def test_who_comes_where_nobody_dies_or_bears_children_is_counted_once(write):
    """1,000 of each sex and age; 30 more of each age and sex every year, in half of the years."""
    sterile = {
        "mortality": {"survival_ratio": {"table": "immortal.csv", "age": "reached"}},
        "fertility": {"rates": {"table": "childless.csv", "age": "completed"}, "sex_ratio_at_birth": 1.05},
    }
    one = write("one", **sterile)
    for name, text in {
        "immortal.csv": by_age(1),
        "childless.csv": fertile(0.0),
        "late.csv": by_year(lambda year, _: 30 if year > 2012 else 0),
    }.items():
        (one.parent / name).write_text(text)
    late = {"net": {"table": "late.csv", "age": "reached"}}

    found = decompose(one, write("other", **sterile, migration=late), spans=[2013, 2014])

    newcomers = 2 * 51 * 30
    assert found["span"].values.tolist() == ["2012", "2013", "2014"]
    np.testing.assert_allclose(
        found["part_of_span"].sel(block="migration"),
        [[0, 0, 0, 0], [0, 0, newcomers, newcomers], [0, 0, 0, newcomers]],
        rtol=1e-12,
    )
    np.testing.assert_allclose(found["part"].sel(block="migration"), [0, 0, newcomers, 2 * newcomers], rtol=1e-12)


# Years of origin


def test_parts_of_spans_are_the_mean_over_all_orders(write):
    figures = {
        "fertility": lambda year, age, other: (0.06 - 0.01 * (year - 2011) * other) * (20 <= age < 40),
        "mortality": lambda year, age, other: 0.98 - (0.01 + (year - 2012) * age / 5000) * other,
        "migration": lambda year, age, other: 5.0 + (year - 2007) * age / 10 * other,
    }
    spans = {2012: "2012", 2013: "2013\N{EN DASH}2014", 2014: "2013\N{EN DASH}2014"}

    def content(coalition):
        files = {}
        for block, figure in figures.items():
            taken = [year for year, part in spans.items() if (block, part) in coalition]
            files[block] = f"{block}-{'-'.join(map(str, taken))}.csv"
            sexes = () if block == "fertility" else SEXES
            text = by_year(lambda year, age, figure=figure, taken=taken: figure(year, age, year in taken), sexes)
            (write("any").parent / files[block]).write_text(text)
        return {
            "fertility": {"rates": {"table": files["fertility"], "age": "completed"}, "sex_ratio_at_birth": 1.05},
            "mortality": {"survival_ratio": {"table": files["mortality"], "age": "reached"}},
            "migration": {"net": {"table": files["migration"], "age": "reached"}},
        }

    unions = [[(block, part) for part in dict.fromkeys(spans.values())] for block in figures]
    everybody = frozenset(itertools.chain(*unions))
    loaded = [write("one", **content(frozenset())), write("other", **content(everybody))]

    found = decompose(*loaded, spans=[2013])

    for (block, part), values in slow(projected(write, content), unions).items():
        np.testing.assert_allclose(found["part_of_span"].sel(block=block, span=part), values, rtol=1e-9, atol=1e-8)
    undivided = decompose(*loaded)
    np.testing.assert_allclose(found["part"], undivided["part"], rtol=1e-9, atol=1e-8)


def test_spans_of_a_block_add_up_to_it_and_the_base_population_has_none(pair):
    found = decompose(*pair, spans=[2017, 2013, 2017])

    divided = found["part_of_span"].sel(block=["fertility", "mortality", "migration"])
    np.testing.assert_allclose(divided.sum("span"), found["part"].sel(block=divided["block"]), rtol=TAIL, atol=1e-8)
    assert found["part_of_span"].sel(block="base population").isnull().all()
    assert found["part_of_span"].sel(block="convention").isnull().all()
    assert found["span"].values.tolist() == ["2012", "2013\N{EN DASH}2016", "2017\N{EN DASH}2019"]


def test_assumptions_of_later_years_change_no_earlier_year(pair):
    found = decompose(*pair, spans=[2015])

    late = found["part_of_span"].sel(span="2015\N{EN DASH}2019", block=["fertility", "mortality", "migration"])
    np.testing.assert_array_equal(late.sel(year=slice(None, 2015)), 0)
    assert (abs(late.sel(year=slice(2016, None))) > 0).all()
