"""Scenarios and their data drawn out to yearly arrays, held against figures worked out by hand."""

import numpy as np
import pytest
from small import AGES, BY_STATE, CONTENT, GROUPS, NOBODY, OPEN, PEOPLE, PERSONS, REGIONS, SEXES, by_age

import sim
from sim.assumptions import build
from sim.data import catalogue
from sim.demography.lifetable import INFANT_RULES
from sim.errors import ScenarioError
from sim.pipeline import prepare


def mortality(kind, age, **options):
    return {kind: {"table": "m.csv", "age": age, **options}}


# Mortality


def test_survival_ratios_of_a_table_hold_as_they_are(built):
    found = built({"m.csv": by_age(lambda age: 1 - age / 100)}, mortality=mortality("survival_ratio", "reached"))

    expected = np.append(1 - np.arange(OPEN + 1) / 100, 0.5)
    np.testing.assert_array_equal(found.survival, np.broadcast_to(expected, (3, 1, 1, 2, OPEN + 2)))


def test_probabilities_by_age_reached_leave_the_rest_alive(built):
    found = built({"m.csv": by_age(lambda age: age / 100)}, mortality=mortality("probability", "reached"))

    expected = np.append(1 - np.arange(OPEN + 1) / 100, 0.5)
    np.testing.assert_allclose(found.survival[1, 0, 0, 1], expected, rtol=1e-15, atol=0)


@pytest.mark.parametrize("rule", ["andreev_kingkade", "coale_demeny"])
def test_a_constant_death_rate_gives_the_ratios_of_its_life_table(built, rule):
    rate = 0.01
    found = built({"m.csv": by_age(rate)}, mortality=mortality("rate", "completed", infant=rule))

    infant_years = INFANT_RULES[rule](np.array([rate, rate]))
    infant_risk = rate / (1 + (1 - infant_years) * rate)
    first_year = 1 - (1 - infant_years) * infant_risk
    later = (1 - rate / 2) / (1 + rate / 2)
    np.testing.assert_allclose(found.survival[0, 0, 0, :, 0], first_year, rtol=1e-14, atol=0)
    np.testing.assert_allclose(
        found.survival[0, 0, 0, :, 1], (1 - infant_risk) / (1 + rate / 2) / first_year, rtol=1e-14, atol=0
    )
    np.testing.assert_allclose(found.survival[..., 2:], later, rtol=1e-13, atol=0)


def test_a_constant_probability_of_dying_gives_the_ratios_of_its_life_table(built):
    risk = 0.02
    found = built({"m.csv": by_age(risk)}, mortality=mortality("probability", "completed"))

    open_years = -(1 - risk) / np.log1p(-risk)
    np.testing.assert_allclose(found.survival[..., 2:-2], 1 - risk, rtol=1e-14, atol=0)
    np.testing.assert_allclose(found.survival[..., -2:], open_years / (1 - risk / 2 + open_years), rtol=1e-13, atol=0)
    lived = np.broadcast_to(found.survival[0, 0, 0, :, 0], 2)
    assert ((lived > 1 - risk) & (lived < 1)).all()


def test_death_rates_differ_by_sex_where_the_table_does(built):
    found = built({"m.csv": "sex,value\nfemale,0.01\nmale,0.02\n"}, mortality=mortality("rate", "completed"))

    np.testing.assert_allclose(found.survival[..., 0, 5], 0.995 / 1.005, rtol=1e-14, atol=0)
    np.testing.assert_allclose(found.survival[..., 1, 5], 0.99 / 1.01, rtol=1e-14, atol=0)


@pytest.mark.parametrize("kind", ["survival_ratio", "probability"])
def test_one_figure_for_all_ages_reached_holds_at_every_age(built, kind):
    found = built({"m.csv": "value\n0.5\n"}, mortality=mortality(kind, "reached"))

    np.testing.assert_array_equal(found.survival, np.full((3, 1, 1, 2, OPEN + 2), 0.5))


def test_mortality_by_year_changes_with_the_year(built):
    table = "year,age,value\n" + "".join(f"{year},{age},0.{year}\n" for year in range(2010, 2016) for age in AGES)
    found = built({"m.csv": table}, mortality=mortality("survival_ratio", "reached"))

    np.testing.assert_array_equal(found.survival[:, 0, 0, 0, 7], [0.2012, 0.2013, 0.2014])


def test_the_dataset_gives_the_quotients_of_its_register(built):
    found = built(mortality={"base": {"dataset": "belgium", "years": [2009, 2011]}})

    deaths, people = catalogue.deaths_and_population("belgium", (2009, 2011), 120)
    expected = 1 - deaths[:, : OPEN - 1] / people[:, : OPEN - 1]
    np.testing.assert_array_equal(found.survival[0, 0, 0, :, 1:OPEN], expected)
    np.testing.assert_array_equal(found.survival[..., -1], found.survival[..., -2])
    oldest = 1 - deaths[:, OPEN - 1 :].sum(axis=1) / people[:, OPEN - 1 :].sum(axis=1)
    np.testing.assert_allclose(found.survival[0, 0, 0, :, -1], oldest, rtol=1e-15, atol=0)


@pytest.mark.parametrize(("definition", "excess"), [("period", 0), ("age_on_1_january", 0.5)])
def test_life_expectancy_is_met_in_every_year(scenario, definition, excess):
    target = {"definition": definition, "female": {"path": {2011: 83.4, 2060: 89.1}}, "male": 78.2}
    base = {"base": {"dataset": "belgium", "years": [2009, 2011]}}

    result = sim.run(scenario(ages={"open": 105}, mortality={**base, "life_expectancy": target}, **belgian()))

    women = 83.4 + (89.1 - 83.4) * (np.arange(2012, 2015) - 2011) / 49
    expected = np.stack([women, np.full(3, 78.2)], axis=-1)[:, None, None] - excess
    np.testing.assert_allclose(result["life_expectancy"], expected, rtol=0, atol=1e-9)


def belgian(migration=True):
    """Parts of a scenario on the embedded data."""
    parts = {
        "population": {"dataset": "belgium", "date": 2012},
        "fertility": {"total": 1.8, "pattern": {"dataset": "belgium"}, "sex_ratio_at_birth": 1.05},
    }
    balance = {**PERSONS, "path": {2012: 50000}}
    profile = {"dataset": "belgium", "years": [2009, 2012]}
    return {**parts, "migration": {"balance": balance, "profile": profile}} if migration else parts


@pytest.mark.parametrize("years", [1e9, -1, 834])
def test_a_life_expectancy_that_nobody_has_is_refused(refused, years):
    table = {
        "survival_ratio": {"table": "survival.csv", "age": "reached"},
        "life_expectancy": {"female": years, "male": 80},
    }

    assert refused(mortality=table) == [
        f"mortality.life_expectancy.female: {years:g} is no life expectancy in years; allowed are 10 to 120"
    ]


def test_a_life_expectancy_out_of_reach_is_refused(refused):
    table = {"survival_ratio": {"table": "m.csv", "age": "reached"}, "life_expectancy": {"female": 80, "male": 80}}

    reason = "are out of reach of the method 'proportional' from this life table"
    assert refused({"m.csv": by_age(1 - 1e-9)}, mortality=table) == [
        f"mortality.life_expectancy: 80 years (female, 2012) {reason}"
    ]


def test_a_life_expectancy_needs_people_who_die(refused):
    table = {"survival_ratio": {"table": "m.csv", "age": "reached"}, "life_expectancy": {"female": 80, "male": 80}}

    assert refused({"m.csv": by_age(1)}, mortality=table) == [
        "mortality.life_expectancy: needs a base table with survival ratios above 0, and below 1 in the open age"
    ]


@pytest.mark.parametrize(
    ("kind", "age", "figure", "message"),
    [
        (
            "rate",
            "completed",
            2.5,
            "mortality.rate: nobody survives age 1, but the table goes on: lower its rate or make it the open age",
        ),
        ("rate", "completed", 0, "mortality.rate: death rates must be zero or more, and above zero in the open age"),
        (
            "probability",
            "completed",
            1,
            "mortality.probability: a probability of 1 in the open age has no finite death rate; give one below 1",
        ),
        ("probability", "reached", 1.5, "value: 1.5 cannot be a probability; allowed are 0 to 1"),
        (
            "survival_ratio",
            "reached",
            98,
            "value: 98 cannot be a survival ratio; allowed are 0 to 1; is it a percentage?",
        ),
        ("rate", "completed", -0.1, "value: -0.1 cannot be a death rate; allowed are 0 or more"),
    ],
)
def test_mortality_that_cannot_be_is_refused(refused, kind, age, figure, message):
    assert refused({"m.csv": by_age(figure)}, mortality=mortality(kind, age))[0] == message


# Fertility


def test_the_total_fertility_rate_is_reached_in_every_year(built):
    path = {2012: 1.8, 2013: 1.5, 2014: 2.1}

    found = built(**{**belgian(), "fertility": {**belgian()["fertility"], "total": {"path": path}}})

    for half in (found.fertility_before_birthday, found.fertility_after_birthday):
        np.testing.assert_allclose(half.sum(axis=-1)[:, 0, 0], list(path.values()), rtol=1e-14, atol=0)


def test_rates_by_age_add_up_to_the_total_fertility_rate(scenario):
    found = sim.run(scenario())["total_fertility"]

    np.testing.assert_allclose(found, np.full((3, 1, 1), 20 * 0.06), rtol=1e-14, atol=0)


PATTERN = "age,value\n" + "".join(f"{age},{age - 14}\n" for age in range(15, 25))


def with_pattern(age):
    return {"total": 2.75, "pattern": {"table": "pattern.csv", "age": age}, "sex_ratio_at_birth": 1.05}


def test_a_pattern_by_age_at_birth_is_borne_before_and_after_the_birthday(built):
    found = built({"pattern.csv": PATTERN}, fertility=with_pattern("completed"))

    rates = np.zeros(OPEN + 1)
    rates[15:25] = 2.75 * np.arange(1, 11) / 55
    np.testing.assert_allclose(found.fertility_before_birthday[0, 0, 0, 1:], rates, rtol=1e-14, atol=0)
    np.testing.assert_allclose(found.fertility_after_birthday[0, 0, 0, :-1], rates, rtol=1e-14, atol=0)


def test_a_pattern_by_age_reached_is_borne_all_year(built):
    found = built({"pattern.csv": PATTERN}, fertility=with_pattern("reached"))

    rates = np.zeros(OPEN + 2)
    rates[15:25] = 2.75 * np.arange(1, 11) / 55
    np.testing.assert_allclose(found.fertility_before_birthday[0, 0, 0], rates, rtol=1e-14, atol=0)
    np.testing.assert_allclose(found.fertility_after_birthday[0, 0, 0], rates, rtol=1e-14, atol=0)


def test_a_pattern_may_be_in_any_unit(built):
    thousands = "age,value\n" + "".join(f"{age},{1000 * (age - 14)}\n" for age in range(15, 25))

    found = built({"pattern.csv": thousands}, fertility=with_pattern("reached"))
    expected = built({"pattern.csv": PATTERN}, fertility=with_pattern("reached"))

    np.testing.assert_allclose(found.fertility_before_birthday, expected.fertility_before_birthday, rtol=1e-14, atol=0)


def test_a_pattern_of_zeros_and_a_negative_total_are_refused(refused):
    assert refused({"pattern.csv": by_age(0)}, fertility=with_pattern("reached")) == [
        "fertility.pattern: has a sum of zero"
    ]
    assert refused({"pattern.csv": PATTERN}, fertility={**with_pattern("reached"), "total": -1}) == [
        "fertility.total: -1 is no number of children per woman; allowed are 0 to 10"
    ]


def test_the_sex_ratio_gives_the_share_of_boys(built):
    ratio = {"path": {2012: 1.0, 2014: 1.5}}

    found = built(fertility={**CONTENT["fertility"], "sex_ratio_at_birth": ratio})

    np.testing.assert_allclose(found.male_share, [1 / 2, 1.25 / 2.25, 1.5 / 2.5], rtol=1e-15, atol=0)


# A balance and its profile


def with_balance(**path):
    balance = {**PERSONS, "path": {int(year.removeprefix("y")): value for year, value in path.items()}}
    return {"balance": balance, "profile": {"table": "profile.csv", "age": "reached"}}


def profile(first, second, others=0.0):
    """Shares of the girls of age 0 and 1, and of everybody else."""
    lines = [f"{sex},{age},{others}" for sex in SEXES for age in AGES]
    lines[:2] = [f"female,0,{first}", f"female,1,{second}"]
    return {"profile.csv": "\n".join(["sex,age,value", *lines])}


def test_a_balance_is_spread_by_its_profile(built):
    found = built(profile(0.75, 0.25), migration=with_balance(y2012=100, y2014=-300))

    assert not found.gross
    np.testing.assert_allclose(found.migrants.sum(axis=(1, 2, 3, 4)), [100, -100, -300], rtol=1e-14, atol=0)
    np.testing.assert_allclose(found.migrants[2, 0, 0, 0, :2], [-225, -75], rtol=1e-14, atol=0)


def test_a_profile_may_have_negative_shares(built):
    found = built(profile(1.5, -0.5), migration=with_balance(y2012=100))

    np.testing.assert_allclose(found.migrants[0, 0, 0, 0, :2], [150, -50], rtol=1e-14, atol=0)


def test_rounded_shares_are_scaled_to_one(built):
    found = built(profile(0.7500004, 0.25), migration=with_balance(y2012=100))

    np.testing.assert_allclose(found.migrants.sum(axis=(1, 2, 3, 4)), 100, rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ((75, 25), "the shares add up to 100, not 1"),
        ((0.75, 0.249), "the shares add up to 0.999, not 1"),
        ((-0.75, -0.25), "the shares add up to -1, not 1"),
        ((0, 0), "the shares add up to 0, not 1"),
        (
            (11, -10),
            "arrivals and departures nearly cancel (1 net of 21 in all): the profile is no base for a balance; use "
            "other years, a table, or gross flows",
        ),
    ],
)
def test_shares_that_are_none_are_refused(refused, shares, message):
    assert refused(profile(*shares), migration=with_balance(y2012=100)) == [f"migration.profile.table: {message}"]


# Gross flows


def stream(count, region=None, group=None, table="uniform.csv", **options):
    where = {key: label for key, label in (("region", region), ("group", group)) if label}
    shares = {"table": table, "age": "reached"}
    return {**where, "count": {**PERSONS, "path": {2012: count}}, "profile": shares, **options}


def risk(kind, table, **where):
    return {**where, kind: {"table": table, "age": "reached"}}


STATES = {"states": {"regions": list(REGIONS), "groups": list(GROUPS)}}
DIVIDED = {**STATES, "population": {"table": "states.csv"}}


def test_immigrants_land_in_their_region_and_group(built):
    streams = [stream(1000, "BE1", "foreign"), stream(500, "BE1", "foreign"), stream(30, "BE2", "belgian")]

    found = built({"states.csv": BY_STATE}, migration={"immigration": streams}, **DIVIDED)

    assert found.gross
    assert found.migrants.shape == (3, 2, 2, 2, OPEN + 1)
    totals = found.migrants.sum(axis=(3, 4))
    np.testing.assert_allclose(totals, np.broadcast_to([[0, 1500], [30, 0]], (3, 2, 2)), rtol=1e-13, atol=0)
    np.testing.assert_allclose(found.migrants[0, 0, 1], 1500 / 102, rtol=1e-13, atol=0)


@pytest.mark.parametrize("kind", ["hazard", "share"])
def test_risks_of_emigration_for_the_same_people_add_up(built, kind):
    tables = {
        "states.csv": BY_STATE,
        "one.csv": by_age(0.01),
        "two.csv": by_age(0.02),
        "old.csv": by_age(lambda a: a / 100),
    }
    risks = [risk(kind, "one.csv", group="foreign"), risk(kind, "two.csv", region="BE1"), risk(kind, "old.csv")]

    found = built(tables, migration={"emigration": risks}, **DIVIDED)

    total = found.emigration_hazard if kind == "hazard" else found.emigration_share
    assert (found.emigration_share if kind == "hazard" else found.emigration_hazard) is None
    by_state = np.array([[0.02, 0.03], [0.0, 0.01]])[None, :, :, None, None]
    slots = np.append(np.arange(OPEN + 1), OPEN) / 100
    np.testing.assert_allclose(total, np.broadcast_to(by_state + slots, total.shape), rtol=1e-14, atol=1e-17)
    assert total.shape == (3, 2, 2, 2, OPEN + 2)


def test_one_risk_of_emigration_for_all_ages_holds_at_every_age(built):
    found = built({"one.csv": "value\n0.01\n"}, migration={"emigration": [risk("hazard", "one.csv")]})

    np.testing.assert_array_equal(found.emigration_hazard, np.full((3, 1, 1, 2, OPEN + 2), 0.01))


def test_shares_of_emigration_that_leave_nobody_are_refused(refused):
    risks = [risk("share", "half.csv"), risk("share", "half.csv")]

    assert refused({"half.csv": by_age(0.5)}, migration={"emigration": risks}) == [
        "migration.emigration.0.share: the shares of those who go add up to 1 "
        "(2012, all, all, female, age 0); they must stay below 1"
    ]


def test_wpp_end_turns_hazards_of_emigration_into_shares_of_the_stock(scenario):
    hazard = {"emigration": [risk("hazard", "one.csv")]}

    result = sim.run(scenario({"one.csv": by_age(0.01)}, migration=hazard, convention="wpp_end"))

    every = 0.01 - np.log(0.98)
    share = 0.01 * -np.expm1(-every) / every
    np.testing.assert_allclose(result["emigrants"][0, 0, 0, :, 1:OPEN], 1000 * share, rtol=1e-13, atol=0)
    np.testing.assert_allclose(result["emigrants"][0, 0, 0, :, OPEN], 2000 * share, rtol=1e-13, atol=0)


def test_wpp_end_takes_shares_of_emigration(built):
    found = built({"one.csv": by_age(0.01)}, migration={"emigration": [risk("share", "one.csv")]}, convention="wpp_end")

    np.testing.assert_array_equal(found.emigration_share, 0.01)


def test_hazards_and_shares_of_emigration_compete_and_each_share_is_reached(scenario):
    streams = [risk("hazard", "one.csv"), risk("share", "two.csv"), {"share": 0.03}]
    tables = {"one.csv": by_age(0.1), "two.csv": by_age(0.02)}

    result = sim.run(scenario(tables, migration={"emigration": streams}))

    leavers = result["emigrants"][0, 0, 0, :, 1:OPEN].to_numpy() / 1000
    years = (leavers - 0.05) / 0.1
    every = 0.1 - np.log(0.98) + 0.05 / years
    np.testing.assert_allclose(years, -np.expm1(-every) / every, rtol=1e-12, atol=0)


@pytest.mark.parametrize(("kind", "stated"), [("hazard", 0.01), ("share", {"path": {2012: 0.01, 2014: 0.03}})])
def test_a_risk_of_emigration_may_be_a_number_or_a_path(built, kind, stated):
    found = built(migration={"emigration": [{kind: stated}]})

    total = found.emigration_hazard if kind == "hazard" else found.emigration_share
    expected = [0.01] * 3 if kind == "hazard" else [0.01, 0.02, 0.03]
    np.testing.assert_allclose(total, np.broadcast_to(np.reshape(expected, (3, 1, 1, 1, 1)), total.shape), rtol=1e-15)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"hazard": -0.1}, "hazard: is -0.1; a hazard per year is 0 to 100"),
        ({"hazard": {"path": {2012: 0.1, 2014: -0.1}}}, "hazard: goes from -0.1 to 0.1; a hazard per year is 0 to 100"),
        ({"share": 1.5}, "share: is 1.5; a share of people is 0 to 1"),
        ({"count": {**PERSONS, "path": {2012: -5}}}, "count: falls to -5; it is zero or more"),
    ],
)
def test_a_risk_that_cannot_be_is_refused(refused, entry, message):
    assert refused(migration={"emigration": [entry]}) == [f"migration.emigration.0.{message}"]


def test_a_count_of_emigrants_is_a_target_with_a_pattern(built):
    count = {"count": {**PERSONS, "path": {2012: 100, 2014: 300}}, "pattern": {"table": "old.csv", "age": "reached"}}

    found = built({"old.csv": by_age(lambda a: a)}, migration={"emigration": [{"hazard": 0.01}, count]})

    (target,) = found.targets.counts
    np.testing.assert_allclose(target.total, [100, 200, 300], rtol=1e-15)
    assert target.emigration.shape == (3, OPEN + 2, 2, 1)
    np.testing.assert_array_equal(target.emigration[1, :, 0, 0], [*AGES, OPEN])
    assert found.target_keys == (("migration", "emigration", 1, "count"),)
    np.testing.assert_array_equal(found.emigration_hazard, 0.01)


@pytest.mark.parametrize(
    ("where", "missing"), [({"group": "foreign"}, "region"), ({"region": "BE1"}, "group"), ({}, "region")]
)
def test_a_stream_of_immigrants_says_where_it_goes(refused, where, missing):
    found = refused({"states.csv": BY_STATE}, migration={"immigration": [stream(1, **where)]}, **DIVIDED)

    assert found == [
        f"migration.immigration.0.profile.table: name the {missing}, or give the table a column '{missing}': "
        "shares cannot be repeated"
    ]


def test_a_profile_by_region_and_group_says_where_immigrants_go(built):
    weights = {("BE1", "belgian"): 0.1, ("BE1", "foreign"): 0.2, ("BE2", "belgian"): 0.3, ("BE2", "foreign"): 0.4}
    lines = [
        f"{region},{group},{sex},{age},{weight / 102!r}"
        for (region, group), weight in weights.items()
        for sex in SEXES
        for age in AGES
    ]
    tables = {"states.csv": BY_STATE, "shares.csv": "\n".join(["region,group,sex,age,value", *lines])}

    found = built(tables, migration={"immigration": [stream(1000, table="shares.csv")]}, **DIVIDED)

    np.testing.assert_allclose(found.migrants[1].sum(axis=(2, 3)), [[100, 200], [300, 400]], rtol=1e-12)


def test_immigrants_are_zero_or_more(refused):
    assert refused(migration={"immigration": [stream(-5)]}) == [
        "migration.immigration.0.count: falls to -5; immigrants are zero or more"
    ]
    assert refused(profile(1.5, -0.5), migration={"immigration": [stream(5, table="profile.csv")]}) == [
        "value: 1.5 cannot be a share of immigrants; allowed are 0 to 1",
        "value: -0.5 cannot be a share of immigrants; allowed are 0 to 1",
    ]


def test_the_immigrants_of_a_dataset_have_their_own_profile(built):
    stated = stream(1000, profile={"dataset": "belgium", "years": [2010, 2011]})

    found = built(ages={"open": 105}, **belgian(migration=False), migration={"immigration": [stated]},
                  mortality={"base": {"dataset": "belgium", "years": [2009, 2011]}})  # fmt: skip

    expected = 1000 * catalogue.immigration_profile("belgium", (2010, 2011), 105)
    assert found.migrants.min() >= 0
    np.testing.assert_allclose(found.migrants[0, 0, 0], expected / (expected.sum() / 1000), rtol=1e-12)


def test_the_immigrants_of_a_dataset_are_of_a_region_and_group_that_are_named(refused):
    stated = stream(1000, "BE1", profile={"dataset": "belgium", "years": [2009, 2012]})

    assert refused({"states.csv": BY_STATE}, migration={"immigration": [stated]}, **DIVIDED) == [
        "migration.immigration.0.profile: the immigrants of a dataset have no regions and groups; name them, or give "
        "a table"
    ]


# States


@pytest.mark.parametrize("table", [PEOPLE, "value\n1000\n"])
def test_persons_are_not_repeated_over_states(refused, table):
    found = refused({"people.csv": table, "net.csv": BY_STATE.replace("1000", "0")}, **STATES)

    assert found == [
        "population.table: the table needs the columns region, group, sex, age: persons cannot be repeated"
    ]


def test_net_migrants_and_shares_are_not_repeated_over_states(refused):
    needed = "table: give the table a column 'region'"

    assert refused({"states.csv": BY_STATE}, **DIVIDED) == [f"migration.net.{needed}: persons cannot be repeated"]
    assert refused({"states.csv": BY_STATE, **profile(0.5, 0.5)}, migration=with_balance(y2012=1), **DIVIDED) == [
        f"migration.profile.{needed}: shares cannot be repeated"
    ]


def test_rates_are_repeated_over_states(built):
    found = built({"states.csv": BY_STATE, "net.csv": BY_STATE.replace("1000", "0")}, **DIVIDED)

    assert found.survival.shape == (3, 2, 2, 2, OPEN + 2)
    assert found.fertility_before_birthday.shape == found.fertility_after_birthday.shape == (3, 2, 2, OPEN + 2)
    assert (found.survival == 0.98).all()


def test_one_life_expectancy_for_tables_by_group_is_a_target_of_all_together(built):
    table = "group,age,value\n" + "".join(f"{group},{age},0.9\n" for group in GROUPS for age in AGES)
    wanted = {"female": 80, "male": {"path": {2012: 75, 2014: 77}}}
    by_group = {**mortality("survival_ratio", "reached"), "life_expectancy": wanted}
    tables = {"states.csv": BY_STATE, "net.csv": BY_STATE.replace("1000", "0"), "m.csv": table}

    divided, whole = built(tables, mortality=by_group, **DIVIDED), built()

    assert whole.targets.life_expectancy is None
    np.testing.assert_allclose(divided.targets.life_expectancy, [[80, 75], [80, 76], [80, 77]], rtol=1e-15)
    np.testing.assert_array_equal(divided.survival, 0.9)


def test_one_total_for_a_pattern_by_group_is_a_target_of_all_together(built):
    table = "group,age,value\n" + "".join(f"{group},{age},0.1\n" for group in GROUPS for age in range(20, 40))
    stated = {"total": 1.5, "pattern": {"table": "f.csv", "age": "reached"}, "sex_ratio_at_birth": 1.05}
    tables = {"states.csv": BY_STATE, "net.csv": BY_STATE.replace("1000", "0"), "f.csv": table}

    found = built(tables, fertility=stated, **DIVIDED)

    np.testing.assert_array_equal(found.targets.total_fertility, [1.5] * 3)
    np.testing.assert_allclose(found.fertility_before_birthday[..., 20:40], 0.1, rtol=1e-15)


def test_population_by_region_and_nationality_adds_up_to_the_undivided_one(built):
    regions, groups = catalogue.regions("belgium"), catalogue.groups("belgium")
    no_migrants = "region,group,sex,age,value\n" + "".join(
        f"{region},{group},{sex},{age},0\n" for region in regions for group in groups for sex in SEXES for age in AGES
    )
    states = {"states": {"regions": list(regions), "groups": list(groups)}}

    divided = built({"net.csv": no_migrants}, **belgian(migration=False), **states).population
    undivided = built(**belgian(migration=False)).population

    assert divided.shape == (3, 2, 2, OPEN + 1)
    np.testing.assert_array_equal(divided.sum(axis=(0, 1), keepdims=True), undivided)
    assert undivided.sum() > 11e6


def test_labels_of_a_dataset_may_be_asked_for_in_any_order(built):
    regions = list(catalogue.regions("belgium"))
    no_migrants = "region,sex,age,value\n" + "".join(
        f"{region},{sex},{age},0\n" for region in regions for sex in SEXES for age in AGES
    )

    given, turned = (
        built({"net.csv": no_migrants}, **belgian(migration=False), states={"regions": order}).population
        for order in (regions, regions[::-1])
    )

    np.testing.assert_array_equal(given, turned[::-1])


def test_regions_that_a_dataset_does_not_know_are_told(refused):
    no_migrants = "region,sex,age,value\n" + "".join(
        f"{r},{s},{a},0\n" for r in ("BE1", "BE9") for s in SEXES for a in AGES
    )

    found = refused({"net.csv": no_migrants}, **belgian(migration=False), states={"regions": ["BE1", "BE9"]})

    known = ", ".join(catalogue.regions("belgium"))
    assert found == [f"population: 'BE9' is not a region of belgium; there are: {known}, or 'all' for their sum"]


def test_children_of_foreign_mothers_are_divided_by_the_stated_shares(scenario):
    net = BY_STATE.replace("1000", "0")
    newborn = {"child_group": {"foreign": {"belgian": 0.25, "foreign": 0.75}}}

    result = sim.run(scenario({"states.csv": BY_STATE, "net.csv": net}, newborn=newborn, **DIVIDED))

    births = result["births"].sum("sex")
    mothers = result["births_by_age_of_mother"].sum("age")
    foreign = mothers.sel(group="foreign").to_numpy()
    assert (foreign > 0).all()
    np.testing.assert_allclose(births.sel(group="foreign"), 0.75 * foreign, rtol=1e-13, atol=0)
    np.testing.assert_allclose(
        births.sel(group="belgian"), mothers.sel(group="belgian") + 0.25 * foreign, rtol=1e-13, atol=0
    )


def test_without_a_rule_children_have_the_group_of_their_mother(scenario):
    result = sim.run(scenario({"states.csv": BY_STATE, "net.csv": BY_STATE.replace("1000", "0")}, **DIVIDED))

    np.testing.assert_allclose(
        result["births"].sum("sex"), result["births_by_age_of_mother"].sum("age"), rtol=1e-13, atol=0
    )


# All of it


def test_faults_of_all_tables_are_reported_together(refused):
    tables = {
        "people.csv": PEOPLE + "female,0,5\n",
        "survival.csv": by_age(lambda age: 1 + age // OPEN),
        "net.csv": "value\n0\n",
    }

    found = refused(tables, fertility={**CONTENT["fertility"], "rates": {"table": "no.csv", "age": "reached"}})

    assert {line.partition(":")[0] for line in found} == {"a second value for sex female, age 0", "value",
                                                          "migration.net.table", "fertility.rates.table"}  # fmt: skip


@pytest.mark.parametrize(("missing", "code"), [("no.csv", 3), ("../people.csv", 2)])
def test_a_missing_table_exits_with_3_and_one_outside_with_2(scenario, missing, code):
    loaded = scenario(population={"table": missing})

    with pytest.raises(ScenarioError) as caught:
        build(loaded)

    assert caught.value.exit_code == code
    assert caught.value.faults[0].key == "population.table"
    assert caught.value.faults[0].line == 1


def test_the_hash_of_every_input_is_kept(built):
    first, second = built(), built({"net.csv": NOBODY + "\n"})

    assert list(first.inputs) == ["fertility.csv", "net.csv", "people.csv", "survival.csv"]
    assert {name for name in first.inputs if first.inputs[name] != second.inputs[name]} == {"net.csv"}
    assert list(built(**belgian()).inputs) == ["dataset belgium", "survival.csv"]


@pytest.mark.parametrize("name", ["x" * 300, "loop.csv"])
def test_a_table_that_cannot_be_looked_for_is_a_fault(refused, tmp_path, name):
    (tmp_path / "loop.csv").symlink_to("loop.csv")

    assert len(refused(population={"table": name})) == 1


def test_an_unknown_dataset_of_observed_series_is_a_fault(scenario):
    loaded = scenario(observed={"dataset": "belgum"})

    with pytest.raises(ScenarioError, match="'belgum' is not an embedded dataset"):
        prepare(loaded)
