"""What the sources say of migration, as the shipped scenarios tell it."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import sim
from sim import indicators

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SPONSORS = {
    "third_country": [8847, 8060, 8463, 7594],
    "EU": [17333, 18254, 16400, 15496],
    "Belgian": [17086, 15002, 11965, 7870],
}
"""Permits for family reunification, 2009 to 2012."""
ASYLUM = {
    "belgium-asylum": {
        "applications": [15940, 22955, 26560, 32270, 28285],
        "refugee": [3040, 2425, 2700, 3810, 3990],
        "subsidiary": [470, 480, 805, 1265, 1565],
    },
    "belgium-asylum-files": {
        "applications": [12252, 17186, 19941, 25479, 21463],
        "refugee": [2143, 1889, 2109, 2857, 3038],
        "subsidiary": [394, 418, 712, 1094, 1383],
    },
}
"""2008 to 2012, in persons and in files."""
REGULARISATION = {
    "applications": [15927, 12667, 13883, 19371, 26232, 36848, 17771, 16412],
    "decided": [10971, 13399, 18957, 22531, 15152, 28216, 30736, 30244],
    "granted": [5422, 5392, 6256, 4995, 7194, 15426, 7002, 3387],
    "persons": [11630, 10207, 11335, 8369, 14830, 24199, 9509, 4412],
}
"""2005 to 2012, files and persons."""


@functools.cache
def run(name):
    """Result of a shipped scenario."""
    return sim.run(SCENARIOS / f"{name}.yaml")


def gap(name, **wanted):
    """Gap to the one published figure that has some attributes."""
    (found,) = [
        gap for gap in indicators.published_gaps(run(name)) if all(getattr(gap, key) == wanted[key] for key in wanted)
    ]
    return found


def year(result, variable, period, **labels):
    """Persons of a flow in a year."""
    flow = result[variable].sel(period=period, **labels)
    return float(flow.sum())


def test_the_growth_of_2011_is_that_of_its_parts():
    result = run("belgium-2011")

    assert year(result, "immigrants", 2011, group="foreign") == pytest.approx(138_071, abs=1e-6)
    assert year(result, "emigrants", 2011, group="foreign") == pytest.approx(65_951, abs=1e-6)
    assert year(result, "net_migrants", 2011, group="foreign") == pytest.approx(72_120, abs=1e-6)
    assert year(result, "net_migrants", 2011, group="belgian") == pytest.approx(-9_963, abs=1e-6)
    assert year(result, "net_migrants", 2011) == pytest.approx(62_157, abs=1e-6)
    by_nationality = result["immigrants_by_nationality"].sum(["period", "region", "group"])
    assert dict(zip(by_nationality["nationality"].values, by_nationality.values.round(6), strict=True)) == {
        "EU-15": 47_996,
        "EU-12": 30_457,
        "non-EU": 59_618,
    }
    assert float(indicators.growth(result)[0]) == pytest.approx(85_000, abs=1_000)
    assert 0.72 <= float(indicators.migration_share_of_growth(result)[0]) <= 0.73


def test_the_printed_growth_and_total_of_2011_stay_beside_the_register_s():
    notes = [figure.get("note", "") for figure in json.loads(run("belgium-2011").attrs["published"])]

    assert any("11,035,948" in note for note in notes)
    assert any("-812" in note for note in notes)


def test_motives_of_2011_have_the_shares_of_the_permits():
    persons = run("belgium-2011")["immigrants_by_motive"].sel(period=2011).sum(["region", "group"])

    shares = {"family": 42, "humanitarian": 10, "work": 8, "study": 7, "international_protection": 6, "other": 27}
    for motive, share in shares.items():
        assert float(persons.sel(motive=motive)) / 59_618 * 100 == pytest.approx(share, abs=1e-9)
    assert float(persons.sel(motive="eu_free_movement")) == pytest.approx(78_453, abs=1e-6)


def test_motives_of_2024_have_the_shares_of_the_permits():
    persons = run("belgium-2016")["immigrants_by_motive"].sel(period=2024).sum(["region", "group"])
    permits = 105_275

    shares = {
        "family": 30,
        "work": 27,
        "temporary_protection": 12,
        "study": 11,
        "international_protection": 9,
        "humanitarian": 2,
    }
    for motive, share in shares.items():
        assert float(persons.sel(motive=motive)) / permits * 100 == pytest.approx(share, abs=5e-4)
    rest = float(persons.sel(motive="other")) - 22_506
    assert rest / permits * 100 == pytest.approx(9, abs=5e-4)
    assert sum(shares.values()) == 91


def test_family_reunification_comes_out_by_sponsor_to_the_person():
    persons = run("belgium-family-2009")["immigrants_by_sponsor"].sum(["region", "group"])

    for sponsor, permits in SPONSORS.items():
        np.testing.assert_allclose(persons.sel(sponsor=sponsor), permits, rtol=1e-12)
    totals = [43_266, 41_336, 36_828, 30_960]
    gaps = [gap("belgium-family-2009", of="family", period=str(2009 + place)).gap for place in range(4)]
    np.testing.assert_allclose(gaps, np.sum(list(SPONSORS.values()), axis=0) - totals, atol=1e-6)
    assert gaps[1] == pytest.approx(-20, abs=1e-6)


@pytest.mark.parametrize("name", ASYLUM)
def test_asylum_comes_out_of_the_pipeline_to_the_person(name):
    result, table = run(name), ASYLUM[name]

    np.testing.assert_allclose(result["applications"].sel(pipeline="asylum"), table["applications"], rtol=1e-12)
    for outcome in ("refugee", "subsidiary"):
        np.testing.assert_allclose(result["granted"].sel(outcome=outcome), table[outcome], rtol=1e-12)
    came = result["immigrants_by_motive"].sel(motive="international_protection").sum(["region", "group"])
    persons = np.sum([ASYLUM["belgium-asylum"][title] for title in ("refugee", "subsidiary")], axis=0)
    assert came.values.round().tolist() == persons.tolist()


def test_those_who_wait_in_2012_are_eurostat_s_population_less_the_register_s():
    result = run("belgium-asylum")

    waiting = float(result["waiting_persons"].sel(year=2012).sum())
    counted = indicators.population_with_waiting(result) - indicators.population(result)

    assert waiting == 11_094_850 - 11_035_948
    assert float(counted.sel(year=2012)) == pytest.approx(waiting, abs=1e-6)


def test_regularisation_comes_out_of_the_pipeline_to_the_person():
    result = run("belgium-regularisation")
    files = result.sel(pipeline="regularisation")

    np.testing.assert_allclose(files["applications"], REGULARISATION["applications"], rtol=1e-12)
    np.testing.assert_allclose(files["decided"], REGULARISATION["decided"], rtol=1e-12)
    np.testing.assert_allclose(result["granted"].sum("outcome"), REGULARISATION["granted"], rtol=1e-12)
    assert result["register_changes"].sum("outcome").values.round().tolist() == REGULARISATION["persons"]
    assert float(result["register_changes"].sum()) == pytest.approx(94_491, abs=0.5)


def test_the_law_takes_away_in_2012_what_fell_since_2010_and_101_days_of_it_in_2011():
    by_sponsor = [
        run(name)["immigrants_by_sponsor"].sum(["region", "group"])
        for name in ("belgium-family-law", "belgium-family-without-law")
    ]
    with_law, without = by_sponsor

    for sponsor, permits in SPONSORS.items():
        effect = (with_law - without).sel(sponsor=sponsor)
        fall = permits[3] - permits[1]
        assert float(effect.sel(period=2010)) == 0
        assert float(effect.sel(period=2012)) == pytest.approx(fall, abs=1)
        assert float(effect.sel(period=2011)) == pytest.approx(float(effect.sel(period=2012)) * 101 / 365, rel=1e-9)


def test_the_law_s_effect_grows_from_2030_to_2060_and_is_smaller_beyond_the_trend():
    without = indicators.population(run("belgium-family-without-law"))
    upper, lower = (
        indicators.population(run(name)) - without for name in ("belgium-family-law", "belgium-family-law-trend")
    )

    assert float(upper.sel(year=2060)) < float(upper.sel(year=2030)) < 0
    for at in (2030, 2060):
        assert float(upper.sel(year=at)) < float(lower.sel(year=at)) < 0
    yearly = float(run("belgium-family-law")["policy_effect"].sel(period=2030).sum())
    assert float(upper.sel(year=2030)) > yearly * (2030 - 2011.7)


def test_ukrainians_who_leave_instead_of_staying_are_as_many_as_the_bureau_s_two_scenarios_differ():
    stay, leave = (run(f"belgium-ukraine-{what}") for what in ("stay", "leave"))

    growth = indicators.growth(stay) - indicators.growth(leave)
    people = indicators.population(stay) - indicators.population(leave)

    assert float(growth.sel(period=2024)) == pytest.approx(57_091 + 4_130, rel=0.005)
    assert float(people.sel(year=2029)) == pytest.approx(11_948_620 - 11_896_313, rel=0.05)
    assert float(people.sel(year=2024)) == 0
    for result in (stay, leave):
        assert float(result["population"].sel(year=slice(2025, None), group="temporary_protection").sum()) == 0
    came = float(stay["population"].sel(year=2024, group="temporary_protection").sum())
    left = year(leave, "emigrants", 2024, group="temporary_protection")
    joined = year(stay, "changes_out", 2024, group="temporary_protection")
    assert left == pytest.approx(came, abs=1e-9)
    assert joined == pytest.approx(came, abs=1e-9)


def test_dutch_immigrants_of_2022_to_2024_are_those_the_government_prints():
    result = run("netherlands-flows")

    np.testing.assert_allclose(indicators.immigration(result)[:3], [403_108, 332_863, 314_000], rtol=1e-12)
    came = indicators.immigration(result, motive="temporary_protection")[:3]
    np.testing.assert_allclose(np.cumsum(came), [91_000, 110_000, 123_210], rtol=1e-12)


def test_those_who_leave_and_those_who_stay_are_all_under_temporary_protection():
    result = run("netherlands-return")
    under = result["population"].sel(year=2027, group="temporary_protection").sum(["region", "sex", "age"])
    left = result["emigrants"].sel(period=2027, group="temporary_protection").sum(["region", "sex", "age"])
    joined = result["changes_out"].sel(period=2027, group="temporary_protection").sum(["region", "sex", "age"])

    np.testing.assert_allclose(left + joined, under, rtol=1e-12)
    np.testing.assert_allclose(left / under, [1, 0.5, 0], atol=1e-12)


def test_recent_arrivals_are_part_of_their_group():
    result = run("belgium-stays")
    recent = result["recent_arrivals"].sum(["stay", "years_since_arrival"])

    assert (recent <= result["population"].sum(["sex", "age"])).all()
    assert float(recent.sel(group="foreign").sel(year=2016).sum()) == 0
    assert float(recent.sel(group="foreign").sel(year=2025).sum()) > 100_000
