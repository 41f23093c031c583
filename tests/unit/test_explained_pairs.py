"""Which projections can be explained, brought to the same years, from files and from results; and the table of it."""

import json
from pathlib import Path

import numpy as np
import pytest
from explained import PROFILE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from small import AGES, BY_STATE, GROUPS, REGIONS, SEXES

import sim
from sim import assumptions as assume
from sim import decompose, indicators
from sim.analysis.cases import cases
from sim.analysis.decompose import explanations_of
from sim.analysis.explanation import decimals_of, explanation_rows, explanation_years
from sim.analysis.game import game_of, projections
from sim.assumptions.mixing import BLOCKS, mixed
from sim.engine import CONVENTIONS
from sim.errors import DataError, ProjectionError
from sim.pipeline import prepare
from sim.results.dataset import variables_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FRAIL = {"mortality": {"survival_ratio": {"table": "frail.csv", "age": "reached"}}}
FEWER = {"fertility": {"rates": {"table": "fewer.csv", "age": "completed"}, "sex_ratio_at_birth": 1.05}}
NOBODY = {"emigration": [{"hazard": 0}]}
ARRIVALS = {"migration": {"net": {"table": "arrivals.csv", "age": "reached"}}}


def period(start, end):
    return {"period": {"start": start, "end": end}}


# Projections that are carried abreast


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
@pytest.mark.parametrize("gross", [False, True])
def test_every_mixture_is_what_it_is_alone_to_the_bit(write, convention, gross):
    """But for total fertility, a sum that NumPy takes in another order where states stand side by side."""
    changed = FRAIL | FEWER | ARRIVALS | {"population": {"table": "more.csv"}}
    before = {}
    if gross:
        count = {"unit": "persons per year", "path": {2012: 100}, "after": "constant"}
        streams = {"immigration": [{"count": count, "profile": PROFILE}]}
        before = {"migration": streams | {"emigration": [{"hazard": 0.01}]}}
        changed |= {"migration": streams | {"emigration": [{"hazard": 0.03}]}}
    one, other = (
        cases(write(name, convention=convention, **parts))[0] for name, parts in (("one", before), ("other", changed))
    )
    game = game_of(one, other, [])

    count = 0
    for coalitions, found in projections(game):
        for coalition, variables in zip(coalitions, found, strict=True):
            taken = {block: np.full(3, any(block == own for own, _ in coalition)) for block in BLOCKS}
            if len(coalition.intersection(("migration", part) for part in ("", "emigration"))) == 0:
                taken["migration"] = np.zeros(3, dtype=bool)
            mixture = mixed(one.assumptions, other.assumptions, taken)
            projection, rates = assume.carried(one.scenario, mixture)
            alone = variables_of(one.scenario, mixture, rates, projection)
            assert variables.keys() == alone.keys()
            for name, (dimensions, values) in alone.items():
                assert variables[name][0] == dimensions
                slack = 1e-14 if name == "total_fertility" else 0
                np.testing.assert_allclose(variables[name][1], values, rtol=slack, atol=0, err_msg=name)
            count += 1
    assert count == 16


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    blocks=some.sets(some.sampled_from(["population", "fertility", "mortality", "migration", "convention"])),
    convention=some.sampled_from(sorted(CONVENTIONS)),
    spans=some.sets(some.sampled_from([2013, 2014])),
)
def test_any_blocks_and_years_add_up_and_no_other_block_has_a_part(write, blocks, convention, spans):
    every = FRAIL | FEWER | ARRIVALS | {"population": {"table": "more.csv"}, "convention": convention}
    changed = {key: value for key, value in every.items() if key in blocks}
    one, other = write("one"), write("other", **changed)

    found = decompose(one, other, "mean_age", spans=sorted(spans))

    straight = indicators.mean_age(sim.run(other)) - indicators.mean_age(sim.run(one))
    np.testing.assert_array_equal(found["difference"], straight)
    np.testing.assert_allclose(found["part"].sum("block"), straight, rtol=1e-9, atol=1e-13)
    names = {"base population" if block == "population" else block for block in blocks}
    rest = [block for block in found["block"].values if block not in names]
    np.testing.assert_array_equal(found["part"].sel(block=rest), 0)


# Other years


def test_the_years_that_both_cover_are_explained_and_the_rest_is_said_to_be_left_out(write):
    one, other = write("one", **period(2012, 2018)), write("other", **period(2012, 2015), **FRAIL)

    found = decompose(one, other)

    straight = sim.run(other)["population"].sum(["region", "group", "sex", "age"])
    np.testing.assert_array_equal(found["year"], range(2012, 2016))
    np.testing.assert_array_equal(found["value"][1], straight)
    assert found.attrs["notes"] == ["one after 2015 is left out"]
    assert not found.attrs["carried"]


def test_one_that_starts_earlier_starts_from_the_people_whom_it_projects(write):
    """Its base population is that of the later start; what happened to it before is the base population's part."""
    one, other = write("one", **period(2010, 2016), **FRAIL), write("other", **period(2012, 2016), **FRAIL)

    found = decompose(one, other)

    earlier = indicators.population(sim.run(one)).sel(year=slice(2012, None))
    np.testing.assert_allclose(found["value"][0], earlier, rtol=1e-12)
    np.testing.assert_allclose(
        found["part"].sel(block="base population"), indicators.population(sim.run(other)) - earlier, rtol=1e-9
    )
    assert found["part"].sel(block="base population").values.all()
    np.testing.assert_array_equal(found["part"].drop_sel(block="base population"), 0)
    assert found.attrs["notes"] == ["base population is that of 1 January 2012, which one projects from 2010 on"]
    assert found.attrs["start"] == 2012
    assert found.attrs["carried"]


def in_fives(folder):
    """Parts of a scenario by age groups of five years."""
    ages = range(0, 51, 5)
    tables = {
        "people": "sex,age,value\n" + "".join(f"{sex},{age},{5000 - 40 * age}\n" for sex in SEXES for age in ages),
        "survival": "age,value\n" + "".join(f"{age},0.9\n" for age in ages),
        "fertility": "age,value\n" + "".join(f"{age},0.06\n" for age in range(20, 40, 5)),
    }
    for name, text in tables.items():
        (folder / f"{name}-in-fives.csv").write_text(text)
    return {
        "population": {"table": "people-in-fives.csv"},
        "mortality": {"survival_ratio": {"table": "survival-in-fives.csv", "age": "reached"}},
        "fertility": {
            "rates": {"table": "fertility-in-fives.csv", "age": "completed"},
            "sex_ratio_at_birth": 1.05,
        },
        "migration": NOBODY,
    }


def test_groups_of_ages_are_explained_by_steps_that_meet(write):
    parts = {"ages": {"open": 50, "width": 5}} | in_fives(write("any").parent)
    one, other = write("one", **parts, **period(2010, 2030)), write("other", **parts, **period(2015, 2040))
    uneven = write("uneven", **parts, **period(2012, 2032))

    found = decompose(one, other)

    np.testing.assert_array_equal(found["year"], [2015, 2020, 2025, 2030])
    np.testing.assert_array_equal(found["part"].sel(block="base population"), found["difference"])
    message = "one and uneven cannot be mixed: their steps of 5 years, from 2010 and from 2012 on, do not meet"
    with pytest.raises(DataError) as caught:
        decompose(one, uneven)
    assert str(caught.value) == message


def test_regions_and_groups_may_stand_in_another_order(write):
    def states(regions, groups):
        table = {"population": {"table": "unlike.csv"}, "migration": {"emigration": [{"hazard": 0.01}]}}
        return table | {"states": {"regions": regions, "groups": groups}}

    one = write("one", **states(["BE1", "BE2"], ["belgian", "foreign"]))
    other = write("other", **states(["BE2", "BE1"], ["foreign", "belgian"]))
    unlike = "".join(
        f"{line.rsplit(',', 1)[0]},{100 * place}\n" for place, line in enumerate(BY_STATE.split()[1:], start=1)
    )
    (one.parent / "unlike.csv").write_text("region,group,sex,age,value\n" + unlike)

    np.testing.assert_allclose(decompose(one, other)["difference"], 0, atol=1e-6)
    assert not decompose(sim.load(one), sim.load(other))["part"].any()


# Projections that do not fit


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"states": {"regions": list(REGIONS)}},
            "one and other cannot be mixed: the regions of the first are all, those of the second BE1, BE2",
        ),
        (
            {"states": {"groups": list(GROUPS)}},
            "one and other cannot be mixed: the groups of the first are all, those of the second belgian, foreign",
        ),
        (
            period(2015, 2020),
            "no calendar year is common to both: one covers 2012 to 2015 and other covers 2015 to 2020",
        ),
    ],
)
def test_projections_of_other_people_or_years_are_refused(write, parts, message):
    one, other = write("one"), write("other", population={"table": "labelled.csv"}, migration=NOBODY, **parts)
    dimension, labels = next(iter(parts.get("states", {"": [""]}).items()))
    head = f"{dimension.removesuffix('s')},sex,age,value\n".lstrip(",")
    rows = (f"{label},{sex},{age},9\n".lstrip(",") for label in labels for sex in SEXES for age in AGES)
    (one.parent / "labelled.csv").write_text("".join([head, *rows]))

    with pytest.raises(DataError) as caught:
        decompose(one, other)

    assert str(caught.value) == message


def test_projections_of_other_ages_are_refused(write):
    one = write("one")
    other = write("other", ages={"open": 50, "width": 5}, period={"start": 2012, "end": 2022}, **in_fives(one.parent))

    with pytest.raises(DataError) as caught:
        decompose(one, other)

    assert str(caught.value) == (
        "one and other cannot be mixed: the ages of the first are 0 to 50 and over, by 1, those of the second "
        "0 to 50 and over, by 5"
    )


def test_shares_cannot_stand_beside_counts(write):
    count = {"unit": "persons per year", "path": {2012: 100}, "after": "constant"}
    states = {"population": {"table": "states.csv"}, "states": {"regions": list(REGIONS), "groups": list(GROUPS)}}
    counted = {"emigration": [{"count": count, "pattern": {"table": "survival.csv", "age": "reached"}}]}
    one = write("one", **states, migration=counted)
    shares = {"changes": [{"from": "foreign", "to": "belgian", "share": 0.02}]}
    other = write("other", **states, migration={"emigration": [{"hazard": 0.01}]}, nationality=shares)

    with pytest.raises(DataError, match="these cannot stand beside each other; give hazards instead of shares"):
        decompose(one, other)


def test_a_mixture_that_cannot_be_projected_is_named(write):
    """Those who leave the larger population are more than there are in the smaller one."""
    one, other = (
        write("one"),
        write("other", population={"table": "crowd.csv"}, migration={"net": {"table": "away.csv", "age": "reached"}}),
    )
    people = "sex,age,value\n" + "".join(f"{sex},{age},9000\n" for sex in SEXES for age in AGES)
    (one.parent / "crowd.csv").write_text(people)
    (one.parent / "away.csv").write_text(people.replace("9000", "-1500"))

    with pytest.raises(ProjectionError) as caught:
        decompose(one, other)

    start = "one with the migration of other cannot be projected: one: net migration takes more people than there are"
    assert str(caught.value).startswith(start)


def test_spans_begin_in_years_that_both_cover(write):
    one, other = write("one"), write("other", **FRAIL)

    for year in (2012, 2015, 1990):
        with pytest.raises(DataError) as caught:
            decompose(one, other, spans=[year])
        message = f"no span can begin in {year}; the years common to both begin in 2012: 2013 to 2014 are possible"
        assert str(caught.value) == message


def test_too_many_parts_are_refused_before_anything_is_projected(write):
    one, other = write("one", **period(2012, 2040)), write("other", **period(2012, 2040), **FRAIL)

    with pytest.raises(DataError, match=r"so many parts take 16,384 projections; at most 4,096 are run"):
        decompose(one, other, spans=range(2013, 2026))


@pytest.mark.parametrize(
    ("indicator", "message"),
    [
        ("wealth", "there is no indicator 'wealth' to explain; there are: population, births"),
        (lambda result: result["population"], "that is one number a year; this one has scenario, year, region, group"),
        ("old_age_dependency", "one and other: "),
    ],
)
def test_what_is_no_number_by_year_is_refused(write, indicator, message):
    with pytest.raises(DataError, match=message):
        decompose(write("one"), write("other", **FRAIL), indicator)


def test_an_indicator_that_a_mixture_does_not_have_is_refused(write):
    def of_many(result):
        people = result["population"].sum(["region", "group", "sex", "age"])
        return people.where((people["year"] != 2014) | (people < people.max("scenario")))

    with pytest.raises(DataError, match=r"one.* has no such indicator in 2014: nobody is there of whom it tells"):
        decompose(write("one"), write("other", **FRAIL), of_many)


def test_an_indicator_may_be_a_function_of_a_result(write):
    one, other = write("one"), write("other", **FRAIL)

    def grown_up(result):
        return result["population"].sel(age=slice(18, None)).sum(["region", "group", "sex", "age"])

    found = decompose(one, other, grown_up)

    np.testing.assert_array_equal(found["difference"], grown_up(sim.run(other)) - grown_up(sim.run(one)))
    np.testing.assert_array_equal(found["part"].sel(block="mortality"), found["difference"])


def test_flows_are_explained_by_period(write):
    found = decompose(write("one"), write("other", **FEWER), "births")

    assert found["part"].dims == ("block", "period")
    np.testing.assert_array_equal(found["period"], [2012, 2013, 2014])
    assert (found["part"].sel(block="fertility") < 0).all()


# Results


@pytest.fixture(scope="module")
def results():
    """Two scenarios without tables of their own, and what came of them."""
    files = [SCENARIOS / f"{name}.yaml" for name in ("planbureau-2013", "zero-migration")]
    prepared = [prepare(file, ["period.end=2020"]) for file in files]
    return prepared, [sim.run(file, changes=["period.end=2020"]) for file in files]


def test_results_are_explained_as_their_scenarios_are(results):
    prepared, runs = results

    of_results, of_scenarios = decompose(*runs), decompose(*prepared)

    assert of_results.identical(of_scenarios)
    assert of_results["difference"].values[-1] < -400_000
    assert of_results["scenario"].values.tolist() == [
        "planbureau-2013 [period.end=2020]",
        "zero-migration [period.end=2020]",
    ]


def test_a_result_of_another_version_is_refused(results):
    runs = results[1]
    changed = runs[1].assign(population=runs[1]["population"] * (1 + 1e-6))

    with pytest.raises(DataError) as caught:
        decompose(runs[0], changed)

    assert str(caught.value) == (
        "zero-migration [period.end=2020] was stored by another version of the program or its data: run its scenario "
        "again"
    )


def test_a_result_whose_tables_are_gone_asks_for_its_scenario(write):
    result = sim.run(write("one"))

    with pytest.raises(DataError) as caught:
        decompose(result, write("other", **FRAIL))

    assert str(caught.value) == (
        "one was computed from tables that are not kept with its result (fertility.csv, net.csv, people.csv, "
        "survival.csv): give its scenario file instead"
    )


def test_a_result_without_a_scenario_asks_for_it(results):
    runs = results[1]

    with pytest.raises(DataError, match=r"holds no scenario that this version of the program can read"):
        decompose(runs[0], runs[1].assign_attrs(scenario='{"name": "strange"}'))


def test_a_sweep_is_explained_variant_by_variant():
    changes = ["period.end=2018"]
    sweep = SCENARIOS / "planbureau-2013-sensitivity.yaml"
    result = sim.run(sweep, changes=changes)
    names = result["scenario"].values.tolist()

    with pytest.raises(DataError, match=rf"a sweep of {len(names)} variants \({names[0]}, .*\) is explained variant"):
        decompose(sweep, SCENARIOS / "planbureau-2013.yaml")

    variants = cases(result)
    assert [case.name for case in variants] == names
    found = decompose(variants[0], variants[-1])
    population = indicators.population(result)
    np.testing.assert_array_equal(found["difference"], population[-1] - population[0])
    np.testing.assert_allclose(found["part"].sum("block"), found["difference"], rtol=1e-9, atol=1e-8)


# Several


def test_several_are_explained_from_the_baseline(write):
    paths = [write("one"), write("two", **FRAIL), write("three", **FEWER)]

    from_first, from_third = explanations_of(paths), explanations_of(paths, "three", "births")

    assert [found["scenario"].values.tolist() for found in from_first] == [["one", "two"], ["one", "three"]]
    assert from_first[1].identical(decompose(paths[0], paths[2]))
    assert from_third[1].identical(decompose(paths[2], paths[1], "births"))


@pytest.mark.parametrize(
    ("names", "baseline", "message"),
    [
        (["one"], None, "there is nothing besides one"),
        (["one", "two"], "three", "there is no baseline 'three' among one, two"),
    ],
)
def test_one_is_not_explained_from_itself_nor_from_what_is_not_there(write, names, baseline, message):
    with pytest.raises(DataError) as caught:
        explanations_of([write(name) for name in names], baseline)

    assert str(caught.value) == message


def test_variants_of_a_sweep_are_explained_one_by_one():
    result = sim.run(SCENARIOS / "planbureau-2013-sensitivity.yaml", changes=["period.end=2018"])

    found = explanations_of([result])

    population = indicators.population(result)
    assert len(found) == result.sizes["scenario"] - 1
    for place, explanation in enumerate(found, start=1):
        np.testing.assert_array_equal(explanation["difference"], population[place] - population[0])


# The table


def test_rows_are_tidy_and_add_up_in_every_year(write):
    one, other = write("one", **period(2012, 2025)), write("other", **period(2012, 2025), **FRAIL, **ARRIVALS)
    found = decompose(one, other, spans=[2015])

    rows = explanation_rows(found)

    assert rows[0]._fields == ("scenario", "baseline", "indicator", "year", "block", "part", "value")
    assert {row[:3] for row in rows} == {("other", "one", "population")}
    for year in range(2012, 2026):
        own = [row for row in rows if row.year == year]
        assert [row.block for row in own if not row.part] == found["block"].values.tolist()
        difference = float(found["difference"].sel(year=year))
        assert sum(row.value for row in own if not row.part) == pytest.approx(difference, rel=1e-9, abs=1e-8)
        for block in ("mortality", "migration"):
            whole, *parts = [row for row in own if row.block == block]
            assert [row.part for row in parts] == ["2012\N{EN DASH}2014", "2015\N{EN DASH}2024"]
            assert sum(row.value for row in parts) == pytest.approx(whole.value, rel=1e-9, abs=1e-8)
    assert json.loads(json.dumps([row._asdict() for row in rows]))[-1] == rows[-1]._asdict()


def test_rows_of_some_years_are_some_of_the_rows(write):
    found = decompose(write("one"), write("other", **FRAIL))

    rows = explanation_rows(found, [2015, 2013])

    assert [row.year for row in rows] == [2015] * 5 + [2013] * 5
    assert set(rows) < set(explanation_rows(found))
    with pytest.raises(DataError, match="no year 2030, 1999 in the explanation; it covers 2012 to 2015"):
        explanation_rows(found, [2030, 2013, 1999])


def test_a_text_table_has_the_first_year_of_each_ten_and_the_last(write):
    found = decompose(write("one", **period(2012, 2036)), write("other", **period(2012, 2036), **FRAIL))

    assert explanation_years(found) == [2012, 2020, 2030, 2036]


@pytest.mark.parametrize(("largest", "decimals"), [(25_000, 0), (1000, 0), (999, 1), (45, 2), (0.3, 4), (0, 4)])
def test_decimals_follow_the_size_of_the_values(write, largest, decimals):
    found = decompose(write("one"), write("other"))
    values = found["value"] / found["value"].max() * largest

    assert decimals_of(found.assign(value=values)) == decimals
