"""Immigrants told apart by why they come."""

import numpy as np
import pytest
from small import GROUPS, NOBODY, REGIONS

import sim
from sim import plots
from sim.errors import DataError, ScenarioError
from sim.scenario.load import load
from sim.scenario.words import describe

PROFILE = {"table": "uniform.csv", "age": "reached"}


def persons(count):
    return {"unit": "persons per year", "path": {2012: count}, "after": "constant"}


def streams(*entries):
    """Migration of streams of immigrants: motive, group, persons, and whether they are fixed."""
    return [
        {
            "motive": motive,
            "region": region,
            "group": group,
            "count": persons(count),
            "profile": PROFILE,
            "fixed": fixed,
        }
        for motive, region, group, count, fixed in entries
    ]


ENTRIES = streams(
    ("family", "BE1", "foreign", 300, False),
    ("work", "BE1", "foreign", 100, False),
    ("family", "BE2", "foreign", 50, False),
    ("international_protection", "BE2", "foreign", 40, True),
    ("family", "BE2", "belgian", 10, False),
)
MOTIVES = ["family", "work", "international_protection"]


@pytest.fixture
def projected(scenario):
    """Result of the small scenario with two regions and groups and some streams of immigrants."""

    def run(immigration=ENTRIES, **migration):
        people = "region,group,sex,age,value\n" + "".join(
            f"{region},{group},{line}\n" for region in REGIONS for group in GROUPS for line in NOBODY.split()[1:]
        ).replace(",0\n", ",1000\n")
        parts = {
            "states": {"regions": REGIONS, "groups": GROUPS},
            "migration": {"immigration": immigration, **migration},
        }
        return sim.run(scenario({"people.csv": people}, **parts))

    return run


def by_motive(result, motive, region, group):
    return result["immigrants_by_motive"].sel(motive=motive, region=region, group=group).values


def test_every_motive_has_the_persons_of_its_streams(projected):
    result = projected()

    assert result["immigrants_by_motive"].dims == ("period", "motive", "region", "group")
    assert result["motive"].values.tolist() == MOTIVES
    np.testing.assert_allclose(by_motive(result, "family", "BE1", "foreign"), 300, rtol=1e-12)
    np.testing.assert_allclose(by_motive(result, "family", "BE2", "belgian"), 10, rtol=1e-12)
    np.testing.assert_allclose(by_motive(result, "international_protection", "BE2", "foreign"), 40, rtol=1e-12)
    assert not by_motive(result, "work", "BE2", "foreign").any()


def test_motives_add_up_to_the_immigrants_of_every_state(projected):
    close = {"free": "immigration", "balance": persons(350)}
    emigration = [{"group": "foreign", "hazard": 0.01}]

    result = projected(emigration=emigration, close=close)

    total = result["immigrants"].sum(["sex", "age"])
    np.testing.assert_allclose(result["immigrants_by_motive"].sum("motive"), total, rtol=0, atol=1e-9)
    assert float(result["emigrants"].sum()) > 0


def test_streams_that_are_scaled_keep_their_proportions_and_fixed_ones_their_persons(projected):
    result = projected(close={"free": "immigration", "balance": persons(730)})

    factor = (730 - 40) / 460
    np.testing.assert_allclose(by_motive(result, "family", "BE1", "foreign"), 300 * factor, rtol=1e-9)
    np.testing.assert_allclose(by_motive(result, "work", "BE1", "foreign"), 100 * factor, rtol=1e-9)
    np.testing.assert_allclose(by_motive(result, "family", "BE2", "foreign"), 50 * factor, rtol=1e-9)
    np.testing.assert_allclose(by_motive(result, "international_protection", "BE2", "foreign"), 40, rtol=1e-9)


def test_balances_by_region_scale_the_motives_of_each_region_by_itself(projected):
    balance = [{"region": "BE1", **persons(800)}, {"region": "BE2", **persons(100)}]

    result = projected(close={"free": "immigration", "balance": balance})

    np.testing.assert_allclose(by_motive(result, "work", "BE1", "foreign"), 200, rtol=1e-9)
    np.testing.assert_allclose(by_motive(result, "family", "BE2", "foreign"), 50, rtol=1e-9)


def test_without_motives_there_are_none_in_the_result(projected):
    result = projected([{key: value for key, value in entry.items() if key != "motive"} for entry in ENTRIES])

    assert "immigrants_by_motive" not in result
    with pytest.raises(DataError, match="tells no motives apart; give its streams of immigration a 'motive'"):
        plots.motives(result)


def test_a_stream_without_a_motive_beside_others_is_refused(projected):
    entries = [*ENTRIES, {key: value for key, value in ENTRIES[0].items() if key != "motive"}]

    with pytest.raises(ScenarioError, match="stream 6 of immigration has no 'motive', but others have"):
        projected(entries)


def test_an_unknown_motive_is_refused_with_all_that_there_are(projected):
    with pytest.raises(ScenarioError, match=r"must be 'family', 'work', 'study', .* or 'other', not 'sunshine'"):
        projected(streams(("sunshine", "BE1", "foreign", 10, False)))


def test_the_shipped_scenario_has_the_shares_of_the_permits_of_2011(pytestconfig):
    file = pytestconfig.rootpath / "scenarios" / "belgium-motives.yaml"
    result = sim.run(file, changes=["period.end=2014", "migration.close=null"])

    persons = result["immigrants_by_motive"].sel(period=2012).sum(["region", "group"])
    assert float(persons.sum()) == pytest.approx(47_996 + 30_457 + 59_618, abs=1e-6)
    assert float(persons.sel(motive="eu_free_movement")) == pytest.approx(78_453, abs=1e-6)
    shares = {"family": 42, "humanitarian": 10, "work": 8, "study": 7, "international_protection": 6, "other": 27}
    for motive, share in shares.items():
        assert float(persons.sel(motive=motive)) == pytest.approx(59_618 * share / 100, abs=1e-6)
    words = " ".join(describe(load(file)))
    assert "0.06 international protection, 0.27 other motives; nationality non-EU) (foreign_non_eu): 59,618" in words


def test_the_figure_stacks_the_motives_to_all_immigrants(projected):
    result = projected()

    figure = plots.motives(result)

    counts = result["immigrants_by_motive"].sum(["region", "group"])
    bottom = np.zeros(result.sizes["period"])
    for motive in MOTIVES:
        bars = [found for found in figure.axes[0].patches if found.get_gid() == motive]
        np.testing.assert_allclose([bar.get_y() for bar in bars], bottom, rtol=1e-12)
        bottom = bottom + [bar.get_height() for bar in bars]
        np.testing.assert_allclose(bars[0].get_height(), counts.sel(motive=motive)[0], rtol=1e-12)
    np.testing.assert_allclose(bottom, counts.sum("motive"), rtol=1e-12)
    assert bottom.max() == pytest.approx(500, rel=1e-12)


RISK = {"dataset": "belgium", "years": [2010, 2011]}
BELGIAN = {
    "ages": {"open": 105},
    "population": {"dataset": "belgium", "date": 2012},
    "mortality": {"base": {"dataset": "belgium", "years": [2009, 2011]}},
    "fertility": {"total": 1.8, "pattern": {"dataset": "belgium"}, "sex_ratio_at_birth": 1.05},
}


@pytest.mark.parametrize(
    ("states", "group", "others"),
    [
        ({"groups": ["belgian", "foreign"]}, "foreign", None),
        ({"groups": ["belgian", "foreign"]}, None, "belgian"),
        (
            {"groups": ["belgian", "foreign", "protected"], "new": {"protected": "foreign"}},
            ["foreign", "protected"],
            None,
        ),
        (
            {"groups": ["belgian", "foreign", "naturalised"], "new": {"naturalised": "belgian"}},
            "naturalised",
            "naturalised",
        ),
        ({}, None, "all"),
    ],
)
def test_risks_of_foreigners_that_are_taken_for_others_are_asked_about(built, states, group, others):
    emigration = {"hazard": RISK} | ({"group": group} if group else {})

    found = built(**BELGIAN, states=states, migration={"emigration": [emigration]})

    asked = [warning.message for warning in found.warnings if "foreign nationality" in warning.message]
    said = f"the risks of people of foreign nationality are taken for {others} too: is that meant?"
    assert asked == ([said] if others else [])
