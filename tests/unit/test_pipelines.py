"""Procedures outside the population: who applies, waits, is decided, and enters the register."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from small import PEOPLE, REGIONS

import sim
from sim.analysis.export import table
from sim.assumptions.immigration import immigrants
from sim.assumptions.pipelines import entering, procedures
from sim.assumptions.source import Source
from sim.cli.summary import summary
from sim.errors import DataError, ProjectionError, ScenarioError
from sim.migration.pipelines import closed_after, closed_as_counted, granted_of, rejected_of
from sim.results import store
from sim.results.checks import check_books
from sim.scenario.words import describe

PROFILE = {"table": "uniform.csv", "age": "reached"}

# Vandenberghe, Migratie becijferen (2014), table 3: applications, refugee status and subsidiary protection
ASYLUM_YEARS = range(2008, 2013)
ASYLUM = {
    "files": ([12252, 17186, 19941, 25479, 21463], [2143, 1889, 2109, 2857, 3038], [394, 418, 712, 1094, 1383]),
    "persons": ([15940, 22955, 26560, 32270, 28285], [3040, 2425, 2700, 3810, 3990], [470, 480, 805, 1265, 1565]),
}
# Table 4: applications, decisions, humanitarian and medical reasons in files, and all in persons
REGULARISATION_YEARS = range(2005, 2013)
REGULARISATION = {
    "applications": [15927, 12667, 13883, 19371, 26232, 36848, 17771, 16412],
    "decided": [10971, 13399, 18957, 22531, 15152, 28216, 30736, 30244],
    "humanitarian": [5186, 5000, 4156, 3419, 6728, 14302, 6638, 3037],
    "medical": [236, 392, 2100, 1576, 466, 1124, 364, 350],
}
REGULARISED = [11630, 10207, 11335, 8369, 14830, 24199, 9509, 4412]


def cases(*values, unit="persons", first=2012):
    """Cases by year, the last one kept."""
    return {"unit": f"{unit} per year", "path": dict(enumerate(values, first)), "after": "constant"}


def by_year(*values, first=2012):
    return {"path": dict(enumerate(values, first)), "after": "constant"}


def pipeline(**parts):
    """1000 applications a year, decided within two years; a quarter are granted a title."""
    stated = {
        "waiting": 400,
        "applications": cases(1000),
        "decisions": {"delay": [0.6, 0.4]},
        "outcomes": {"refugee": {"share": 0.25}},
        **parts,
    }
    return {key: part for key, part in stated.items() if part is not None}


def parts_of(pipelines, *, streams=None, **others):
    """Parts of a scenario with pipelines, whose people all immigrate."""
    immigration = streams or [{"pipeline": name, "profile": PROFILE} for name in pipelines]
    return {"pipelines": pipelines, "migration": {"immigration": immigration}, **others}


@pytest.fixture
def procedure(scenario):
    """The only pipeline of a scenario."""

    def found(parts, **others):
        (only,) = procedures(Source(scenario(**parts_of({"asylum": parts}, **others))))
        return only

    return found


@pytest.fixture
def projected(scenario):
    return lambda pipelines, tables=None, **others: sim.run(scenario(tables, **parts_of(pipelines, **others)))


@pytest.fixture
def said(refused):
    """Fault of the only pipeline of a scenario."""

    def found(parts, **others):
        (fault,) = refused(**parts_of({"asylum": parts}, **others))
        return fault

    return found


# The formula


def slowly(applications, delay, waiting, before=40):
    """Follow the applicants of every year, and equal numbers of many years before the first."""
    years = len(applications)
    unsettled = sum(later * share for later, share in enumerate(delay))
    everyone = {year: waiting / unsettled if unsettled else 0.0 for year in range(-before, 0)}
    everyone |= dict(enumerate(applications))
    closed, left = np.zeros(years), np.zeros(years + 1)
    for applied, number in everyone.items():
        for later, share in enumerate(delay):
            decided = applied + later
            if 0 <= decided < years:
                closed[decided] += number * share
            for new_year in range(max(applied + 1, 0), min(decided, years) + 1):
                left[new_year] += number * share
    return closed, left


DELAYS = st.lists(st.integers(0, 20), min_size=1, max_size=30).filter(any)
PERSONS_OF_A_YEAR = st.floats(0, 1e6).map(lambda persons: round(persons, 6))  # 5e-324 of a person has no third
NUMBERS = st.lists(PERSONS_OF_A_YEAR, min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(applications=NUMBERS, weights=DELAYS, waiting=PERSONS_OF_A_YEAR)
def test_the_formula_follows_the_applicants_of_every_year(applications, weights, waiting):
    delay = np.array(weights) / sum(weights)
    waiting = waiting if delay[1:].any() else 0.0

    found = closed_after(np.array(applications), delay, waiting)

    closed, left = slowly(applications, delay, waiting)
    np.testing.assert_allclose(found.closed, closed, rtol=1e-11, atol=1e-6)
    np.testing.assert_allclose(found.waiting, left, rtol=1e-11, atol=1e-6)
    assert found.waiting[0] == waiting
    assert found.waiting.min() >= 0


@settings(max_examples=60, deadline=None)
@given(applications=NUMBERS, weights=DELAYS, waiting=PERSONS_OF_A_YEAR)
def test_nobody_is_lost_or_made_between_application_and_decision(applications, weights, waiting):
    delay = np.array(weights) / sum(weights)
    waiting = waiting if delay[1:].any() else 0.0

    closed, left = closed_after(np.array(applications), delay, waiting)

    np.testing.assert_allclose(left[:-1] + applications, closed + left[1:], rtol=1e-12, atol=0)


def test_shares_of_a_delay_written_with_few_digits_lose_nobody():
    delay = np.array([0.333333333, 0.333333333, 0.333333333])

    closed, left = closed_after(np.full(20, 1e6), delay, 1e6)

    np.testing.assert_allclose(left, 1e6, rtol=1e-14)
    np.testing.assert_allclose(closed, 1e6, rtol=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_everyone_is_somewhere(data):
    applications = np.array(data.draw(NUMBERS))
    years = len(applications)
    waiting = data.draw(PERSONS_OF_A_YEAR)
    counted = np.array(data.draw(st.lists(st.floats(0, 2e6), min_size=years, max_size=years)))
    shares = np.array(data.draw(st.lists(st.floats(0, 1), min_size=2 * years, max_size=2 * years))).reshape(2, years)

    closed, left = closed_as_counted(applications, counted, waiting)
    granted = granted_of(closed, shares * closed)
    rejected = rejected_of(closed, granted)

    assert min(closed.min(), left.min(), granted.min(), rejected.min()) >= 0
    assert (closed <= counted).all()
    np.testing.assert_allclose(left[:-1] + applications, closed + left[1:], rtol=1e-12, atol=0)
    np.testing.assert_allclose(granted.sum(axis=0) + rejected, closed, rtol=1e-12, atol=0)
    assert (left[1:][closed < counted] == 0).all()


# One pipeline


def test_with_constant_applications_and_the_stock_that_goes_with_them_nothing_changes(procedure):
    # Those who wait: 1000 x (0.5 + 0.2) after one and two years
    found = procedure(pipeline(waiting=700, decisions={"delay": [0.5, 0.3, 0.2]}))

    np.testing.assert_allclose(found.waiting, [700, 700, 700, 700], rtol=1e-14)
    np.testing.assert_allclose(found.decided, 1000, rtol=1e-14)
    np.testing.assert_allclose(found.granted["refugee"], 250, rtol=1e-14)
    np.testing.assert_allclose(found.rejected, 750, rtol=1e-14)


def test_those_who_wait_at_the_start_are_closed_in_the_proportions_of_the_tails_of_the_delay(procedure):
    found = procedure(pipeline(applications=None, waiting=700, decisions={"delay": [0.5, 0.3, 0.2]}))

    np.testing.assert_allclose(found.decided, [500, 200, 0], rtol=1e-14)
    np.testing.assert_allclose(found.waiting, [700, 200, 0, 0], rtol=1e-14)


def test_withdrawn_are_a_share_of_the_closed_and_rejected_what_is_left_of_the_decided(procedure):
    found = procedure(pipeline(withdrawn=0.1, repeat=0.29, outcomes={"a": {"share": 0.2}, "b": {"share": 0.05}}))

    np.testing.assert_allclose(found.withdrawn, 100, rtol=1e-14)
    np.testing.assert_allclose(found.decided, 900, rtol=1e-14)
    np.testing.assert_allclose(found.granted["a"], 180, rtol=1e-14)
    np.testing.assert_allclose(found.granted["b"], 45, rtol=1e-14)
    np.testing.assert_allclose(found.rejected, 675, rtol=1e-14)
    np.testing.assert_allclose(found.repeat, 290, rtol=1e-14)


def test_with_counted_decisions_the_withdrawn_are_closed_beside_them(procedure):
    decisions = {"count": cases(900, 450, 900)}

    found = procedure(pipeline(withdrawn=by_year(0.1, 0.25, 0), decisions=decisions))

    np.testing.assert_allclose(found.decided, [900, 450, 900], rtol=1e-14)
    np.testing.assert_allclose(found.withdrawn, [100, 150, 0], rtol=1e-14)
    np.testing.assert_allclose(found.waiting, [400, 400, 800, 900], rtol=1e-14)


def test_shares_may_change_from_year_to_year(procedure):
    outcomes = {"refugee": {"share": by_year(0.25, 0.5, 1)}}

    found = procedure(pipeline(outcomes=outcomes, repeat=by_year(0.1, 0.2, 0.3)))

    np.testing.assert_allclose(found.granted["refugee"], [250, 500, 1000], rtol=1e-14)
    np.testing.assert_allclose(found.repeat, [100, 200, 300], rtol=1e-14)


def test_shares_that_add_up_to_one_but_for_rounding_reject_nobody(procedure):
    outcomes = {"a": {"share": 0.7}, "b": {"share": 0.1}, "c": {"share": 0.2000000001}}

    found = procedure(pipeline(outcomes=outcomes))

    assert found.rejected.min() >= 0
    np.testing.assert_allclose(found.rejected, 0, atol=1e-9)
    np.testing.assert_allclose(sum(found.granted.values()), found.decided, rtol=1e-14)


def test_a_campaign_decides_on_those_who_wait(procedure):
    campaign = pipeline(
        applications=None,
        waiting=30_000,
        decisions={"count": cases(0, 28_216, 0)},
        outcomes={"regularised": {"count": cases(0, 15_426, 0)}},
    )

    found = procedure(campaign)

    assert found.applications.tolist() == [0, 0, 0]
    assert found.waiting.tolist() == [30_000, 30_000, 1_784, 1_784]
    assert found.persons["regularised"].tolist() == [0, 15_426, 0]
    assert found.rejected.tolist() == [0, 12_790, 0]


def test_files_bring_their_persons_into_the_register_and_into_the_stock(procedure):
    counted = pipeline(
        waiting=100,
        applications=cases(1000, unit="files"),
        decisions={"count": cases(1000, 900, 800, unit="files")},
        persons_per_file=by_year(1.5, 1.2, 2),
    )

    found = procedure(counted)

    assert found.unit == "files"
    np.testing.assert_allclose(found.persons["refugee"], [375, 270, 400], rtol=1e-14)
    np.testing.assert_allclose(found.persons_per_file, [1.5, 1.2, 2], rtol=1e-14)
    np.testing.assert_allclose(found.waiting, [100, 100, 200, 400], rtol=1e-14)
    np.testing.assert_allclose(found.waiting_persons, [150, 120, 400, 800], rtol=1e-14)


def test_policies_change_the_applications(procedure):
    ban = {
        "name": "fewer",
        "from": "2013-01-01",
        "scale": {"flow": "applications", "pipeline": "asylum", "factor": 0.5},
    }

    found = procedure(pipeline(repeat=0.1), policies=[ban])

    np.testing.assert_allclose(found.applications, [1000, 500, 500], rtol=1e-14)
    np.testing.assert_allclose(found.repeat, [100, 50, 50], rtol=1e-14)
    np.testing.assert_allclose(found.decided, [1000, 700, 500], rtol=1e-14)
    np.testing.assert_allclose(found.waiting, [400, 400, 200, 200], rtol=1e-14)


# Belgium


def belgian_asylum(unit):
    applied, refugees, subsidiary = (cases(*figures, unit=unit, first=ASYLUM_YEARS[0]) for figures in ASYLUM[unit])
    outcomes = {"refugee": {"count": refugees}, "subsidiary": {"count": subsidiary}}
    return {"waiting": 9000, "applications": applied, "decisions": {"delay": [0.5, 0.5]}, "outcomes": outcomes}


def test_the_belgian_asylum_table_in_persons_brings_its_persons_into_the_register(procedure):
    found = procedure(belgian_asylum("persons"), period={"start": 2008, "end": 2013})

    applied, refugees, subsidiary = ASYLUM["persons"]
    assert found.applications.tolist() == applied
    np.testing.assert_allclose(found.persons["refugee"], refugees, rtol=1e-14)
    np.testing.assert_allclose(found.persons["subsidiary"], subsidiary, rtol=1e-14)
    assert sum(series[-1] for series in found.persons.values()) == pytest.approx(5555, abs=1e-9)


def test_the_belgian_asylum_table_in_files_brings_the_persons_of_eurostat_into_the_register(procedure):
    (_, *files), (_, *persons) = ASYLUM["files"], ASYLUM["persons"]
    entered = np.sum(persons, axis=0)
    per_file = by_year(*(entered / np.sum(files, axis=0)).tolist(), first=2008)

    found = procedure(belgian_asylum("files") | {"persons_per_file": per_file}, period={"start": 2008, "end": 2013})

    np.testing.assert_allclose(found.granted["refugee"], files[0], rtol=1e-14)
    np.testing.assert_allclose(found.granted["subsidiary"], files[1], rtol=1e-14)
    np.testing.assert_allclose(entering((found,), "asylum", None), entered, atol=1e-9)
    assert entered.tolist() == [3510, 2905, 3505, 5075, 5555]


def belgian_regularisation(waiting):
    counts = {name: cases(*figures, unit="files", first=2005) for name, figures in REGULARISATION.items()}
    files = np.add(REGULARISATION["humanitarian"], REGULARISATION["medical"])
    return {
        "waiting": waiting,
        "applications": counts["applications"],
        "decisions": {"count": counts["decided"]},
        "outcomes": {name: {"count": counts[name]} for name in ("humanitarian", "medical")},
        "persons_per_file": by_year(*(np.array(REGULARISED) / files).tolist(), first=2005),
    }


def test_the_belgian_table_of_regularisations_brings_94491_persons_into_the_register(procedure):
    found = procedure(belgian_regularisation(11_095), period={"start": 2005, "end": 2013})

    assert found.granted["humanitarian"].tolist() == REGULARISATION["humanitarian"]
    assert found.granted["medical"].tolist() == REGULARISATION["medical"]
    assert found.rejected[-1] == 30_244 - 3_387
    persons = entering((found,), "asylum", None)
    np.testing.assert_allclose(persons, REGULARISED, atol=1e-9)
    assert persons.sum() == pytest.approx(94_491, abs=1e-9)
    assert found.waiting[[0, -1]].tolist() == [11_095, 0]


def test_the_belgian_table_of_regularisations_needs_a_stock_of_files_to_decide_on(said):
    assert said(belgian_regularisation(11_094), period={"start": 2005, "end": 2013}) == (
        "pipelines.asylum.decisions.count: more are closed than wait and apply: 30,244 files in 2012, "
        "but 13,831 wait and 16,412 apply"
    )


# Into the population


TWO = {
    "asylum": pipeline(outcomes={"refugee": {"share": 0.25}, "subsidiary": {"share": 0.05}}, withdrawn=0.1),
    "regularisation": pipeline(
        waiting=500,
        applications=cases(100, unit="files"),
        decisions={"count": cases(200, unit="files")},
        outcomes={"humanitarian": {"count": cases(80, 90, 110, unit="files")}},
        persons_per_file=1.5,
    ),
}


def test_a_result_tells_what_becomes_of_the_cases_of_every_pipeline(projected):
    result = projected(TWO)

    assert result["pipeline"].values.tolist() == ["asylum", "regularisation"]
    assert result["case_unit"].values.tolist() == ["persons", "files"]
    assert result["outcome"].values.tolist() == ["refugee", "subsidiary", "humanitarian"]
    assert result["pipeline_of"].values.tolist() == ["asylum", "asylum", "regularisation"]
    flows = ("applications", "repeat_applications", "decided", "withdrawn", "rejected", "persons_per_file")
    assert all(result[name].dims == ("period", "pipeline") for name in flows)
    assert all(result[name].dims == ("year", "pipeline") for name in ("waiting", "waiting_persons"))
    assert all(result[name].dims == ("period", "outcome") for name in ("granted", "register_changes"))
    assert result["waiting"].attrs["cell_methods"] == "year: point"
    assert result["granted"].attrs["cell_methods"] == "period: sum"
    np.testing.assert_allclose(result["applications"], [[1000, 100]] * 3, rtol=1e-12)
    np.testing.assert_allclose(result["decided"], [[900, 200]] * 3, rtol=1e-12)
    np.testing.assert_allclose(result["withdrawn"], [[100, 0]] * 3, rtol=1e-12)
    np.testing.assert_allclose(result["rejected"], [[630, 120], [630, 110], [630, 90]], rtol=1e-12)
    np.testing.assert_allclose(result["waiting"], [[400, 500], [400, 400], [400, 300], [400, 200]], rtol=1e-12)
    np.testing.assert_allclose(result["waiting_persons"][-1], [400, 300], rtol=1e-12)
    np.testing.assert_allclose(result["granted"], [[225, 45, 80], [225, 45, 90], [225, 45, 110]], rtol=1e-12)
    np.testing.assert_allclose(result["register_changes"], result["granted"] * [1, 1, 1.5], rtol=1e-12)
    assert {result[name].dtype for name in (*flows, "waiting", "granted")} == {np.dtype("float64")}


def test_who_is_granted_a_title_immigrates_in_the_same_year_with_the_profile_of_the_stream(projected):
    result = projected(TWO)

    entered = result["register_changes"].sum("outcome")
    np.testing.assert_allclose(result["immigrants"].sum(["region", "group", "sex", "age"]), entered, rtol=1e-12)
    np.testing.assert_allclose(result["immigrants"].sel(sex="male", age=30), entered.values[:, None, None] / 102)


def test_a_stream_may_take_one_outcome(scenario):
    streams = [
        {"pipeline": "asylum", "outcome": outcome, "motive": motive, "profile": PROFILE}
        for outcome, motive in (("refugee", "international_protection"), ("subsidiary", "temporary_protection"))
    ]
    source = Source(scenario(**parts_of({"asylum": TWO["asylum"]}, streams=streams)))

    came = immigrants(source, (3, 1, 1, 2, 51))

    assert came.by_motive.labels == ("international_protection", "temporary_protection")
    np.testing.assert_allclose(came.by_motive.fixed[:, :, 0, 0], [[225, 45]] * 3, rtol=1e-12)


def test_those_who_wait_are_outside_the_population(projected):
    few, many = (
        projected({"asylum": pipeline(waiting=waiting, outcomes={"refugee": {"count": cases(250)}})})
        for waiting in (400, 4000)
    )

    xr.testing.assert_identical(few["population"], many["population"])
    assert float(many["waiting"][0, 0]) == 4000


def test_without_pipelines_there_are_none_in_the_result(scenario):
    result = sim.run(scenario())

    assert not {"waiting", "granted", "pipeline", "outcome"} & set(result.variables)
    with pytest.raises(DataError, match="small has no pipelines in which anyone could wait"):
        sim.indicators.population_with_waiting(result)


def test_a_stored_result_keeps_its_pipelines(projected, tmp_path):
    result = projected(TWO)

    store.save(result, tmp_path / "stored")

    xr.testing.assert_identical(store.open_run(tmp_path / "stored")[1], result)


def test_the_variants_of_a_sweep_each_have_their_pipelines(projected):
    sweep = {"waiting": {"few": {}, "many": {"pipelines.asylum.waiting": 4000.0}}}

    result = projected(TWO, sweep=sweep)

    assert result["waiting"].isel(year=0).sel(pipeline="asylum").values.tolist() == [400, 4000]
    assert result["case_unit"].values.tolist() == ["persons", "files"]


FIVE = {
    "ages": {"open": 50, "width": 5},
    "period": {"start": 2010, "end": 2020},
    "mortality": {"survival_ratio": {"table": "five.csv", "age": "reached"}},
    "fertility": {"rates": {"table": "five-children.csv", "age": "reached"}, "sex_ratio_at_birth": 1.05},
    "population": {"table": "five-people.csv"},
}


def five(figure):
    """Table of a function of the age, in groups of five years."""
    rows = (f"{sex},{age},{figure(age)}\n" for sex in ("female", "male") for age in range(0, 51, 5))
    return "sex,age,value\n" + "".join(rows)


def test_steps_of_five_years_sum_the_flows_of_calendar_years(projected):
    tables = {
        "five.csv": five(lambda _: 0.9),
        "five-children.csv": "age,value\n" + "".join(f"{age},0.05\n" for age in range(20, 40, 5)),
        "five-people.csv": five(lambda _: 1000),
        "five-profile.csv": five(lambda _: 1 / 22),
    }
    per_file = by_year(*np.linspace(1, 2.8, 10).tolist(), first=2010)
    applied = cases(*range(100, 200, 10), unit="files", first=2010)
    stated = pipeline(applications=applied, persons_per_file=per_file, withdrawn=0.2)
    streams = [{"pipeline": "asylum", "profile": {"table": "five-profile.csv", "age": "reached"}}]

    result = projected({"asylum": stated}, tables, streams=streams, **FIVE)

    applications, delayed = np.arange(100, 200, 10), np.append(400, 0.4 * np.arange(100, 200, 10))
    closed = 0.6 * applications + delayed[:-1]
    granted, files = 0.8 * 0.25 * closed, np.linspace(1, 2.8, 10)
    persons = (granted * files).reshape(2, 5).sum(axis=1)
    np.testing.assert_allclose(result["applications"][:, 0], [600, 850], rtol=1e-12)
    np.testing.assert_allclose(result["withdrawn"][:, 0], 0.2 * closed.reshape(2, 5).sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(result["waiting"][:, 0], delayed[[0, 5, 10]], rtol=1e-12)
    np.testing.assert_allclose(result["waiting_persons"][:, 0], delayed[[0, 5, 10]] * files[[0, 5, 9]], rtol=1e-12)
    np.testing.assert_allclose(result["register_changes"][:, 0], persons, rtol=1e-12)
    np.testing.assert_allclose(
        result["persons_per_file"][:, 0], persons / granted.reshape(2, 5).sum(axis=1), rtol=1e-12
    )
    np.testing.assert_allclose(result["immigrants"].sum(["region", "group", "sex", "age"]), persons, rtol=1e-12)


def test_persons_per_file_of_a_step_without_grants_are_the_mean_of_its_years(procedure):
    stated = pipeline(
        applications=cases(100, unit="files"),
        persons_per_file=by_year(1, 2, 3, 4, 5),
        outcomes={"refugee": {"share": 0}},
    )

    found = procedure(stated, ages={"open": 50, "width": 5}, period={"start": 2012, "end": 2017})

    np.testing.assert_allclose(found.persons_per_file, [3], rtol=1e-14)
    assert found.persons["refugee"].tolist() == [0]


# The population with those who wait


def test_the_population_with_those_who_wait_adds_their_persons(projected):
    result = projected(TWO)

    found = sim.indicators.population_with_waiting(result)

    added = found - sim.indicators.population(result)
    np.testing.assert_allclose(added, [400 + 750, 400 + 600, 400 + 450, 400 + 300], rtol=1e-9)
    assert found.name == "population_with_waiting"
    alone = sim.indicators.population_with_waiting(result.sel(pipeline="asylum"))
    np.testing.assert_allclose(alone - sim.indicators.population(result), 400, rtol=1e-9)


def test_a_part_of_the_population_has_none_who_wait(projected):
    rows = (f"{region},{line}\n" for region in REGIONS for line in PEOPLE.split()[1:])
    people = {"people.csv": "region,sex,age,value\n" + "".join(rows)}
    streams = [{"pipeline": "asylum", "region": "BE1", "profile": PROFILE}]
    result = projected({"asylum": pipeline()}, people, streams=streams, states={"regions": REGIONS})

    assert float(sim.indicators.population_with_waiting(result)[0]) == 2 * 102_000 + 400
    for part in (result.sel(region="BE1"), result.isel(region=[1])):
        with pytest.raises(DataError, match="those who wait have no region: take the whole of small, not a part"):
            sim.indicators.population_with_waiting(part)


# In words


def test_the_summary_has_the_cases_of_every_pipeline(projected):
    lines = [" ".join(line.split()) for line in summary(projected(TWO)).splitlines()]

    start = lines.index("pipelines 2012-2014")
    assert lines[start + 1 : start + 12] == [
        "asylum",
        "persons applications, yearly mean 1,000",
        "persons decided, yearly mean 900",
        "persons granted, yearly mean 270",
        "persons waiting at the end 400",
        "regularisation",
        "files applications, yearly mean 100",
        "files decided, yearly mean 200",
        "files granted, yearly mean 93",
        "files waiting at the end 200",
        "persons waiting at the end 300",
    ]


def test_a_scenario_says_what_each_pipeline_assumes(scenario):
    told = describe(scenario(**parts_of(TWO | {"asylum": TWO["asylum"] | {"repeat": 0.29}})))

    assert (
        "Pipeline 'asylum', outside the population: waiting on 1 January 2012: 400 persons; applications: 1,000 "
        "persons a year throughout; 0.29 of them by people who applied before; closed in the year of the application "
        "and each one after it: 0.6, 0.4 of them, and of those who wait at the start as if as many had applied in all "
        "years before; 0.1 of the closed are withdrawn; granted 'refugee': 0.25 of the decided; granted 'subsidiary': "
        "0.05 of the decided; all other decided are rejected."
    ) in told
    assert (
        "Pipeline 'regularisation', outside the population: waiting on 1 January 2012: 500 files; applications: 100 "
        "files a year throughout; decisions: 200 files a year throughout; granted 'humanitarian': 80 files a year in "
        "2012, 90 in 2013, 110 in 2014 (straight lines between and the last one kept); 1.5 persons per file; all other "
        "decided are rejected."
    ) in told


# What is refused


KEY = "pipelines.asylum"


def test_more_closed_than_there_are_is_an_error_with_the_first_year_and_the_numbers(said):
    stated = pipeline(decisions={"count": cases(1000, 1500)})

    assert said(stated) == (
        f"{KEY}.decisions.count: more are closed than wait and apply: 1,500 persons in 2013, but 400 wait and 1,000 "
        "apply"
    )


def test_more_closed_than_there_are_names_those_who_withdraw_too(said):
    stated = pipeline(decisions={"count": cases(1350)}, withdrawn=0.1)

    assert said(stated) == (
        f"{KEY}.decisions.count: more are closed than wait and apply: 1,500 persons in 2012 (1,350 decided, the others "
        "withdrawn), but 400 wait and 1,000 apply"
    )


def test_as_many_closed_as_there_are_but_for_rounding_is_no_error(procedure):
    third = cases(333.33333334 * 0.9)

    found = procedure(pipeline(applications=None, waiting=1000, decisions={"count": third}, withdrawn=0.1))

    np.testing.assert_allclose(found.waiting, [1000, 2000 / 3, 1000 / 3, 0], rtol=1e-9)
    assert found.waiting[-1] == 0


def test_all_withdrawn_beside_counted_decisions_is_an_error(said):
    stated = pipeline(decisions={"count": cases(100)}, withdrawn=by_year(0.5, 1))

    assert said(stated) == (
        f"{KEY}.withdrawn: is 1 in 2013: where all withdraw none are decided, but the decisions are counted"
    )


def test_all_may_withdraw_where_a_delay_closes_them(procedure):
    found = procedure(pipeline(withdrawn=1))

    assert found.decided.tolist() == [0, 0, 0]
    np.testing.assert_allclose(found.withdrawn, 1000, rtol=1e-14)


def test_more_granted_than_decided_is_an_error_at_the_outcome(said):
    outcomes = {"refugee": {"share": 0.1}, "subsidiary": {"count": cases(900, 1000.5)}}

    assert said(pipeline(outcomes=outcomes)) == (
        f"{KEY}.outcomes.subsidiary: more are granted than decided: 1,000.5 persons in 2013, of 1,000"
    )


def test_more_granted_together_than_decided_is_an_error_at_the_outcomes(said):
    outcomes = {"refugee": {"share": 0.5}, "subsidiary": {"share": by_year(0.5, 0.5, 0.6)}}

    assert said(pipeline(outcomes=outcomes)) == (
        f"{KEY}.outcomes: more are granted than decided: 1,100 persons in 2014, of 1,000"
    )


def test_nobody_can_wait_where_all_are_closed_in_the_year_of_application(said, procedure):
    assert said(pipeline(decisions={"delay": [1.0, 0.0]})) == (
        f"{KEY}.waiting: 400 wait, but the 'delay' closes every case in the year of its application"
    )
    assert procedure(pipeline(decisions={"delay": [1.0]}, waiting=0)).decided.tolist() == [1000, 1000, 1000]


@pytest.mark.parametrize(
    ("parts", "key", "message"),
    [
        (
            {"applications": cases(100, -1)},
            "applications",
            "-1 in 2013 is no number of cases per year; allowed are 0 to 1e+12",
        ),
        (
            {"decisions": {"count": cases(-5)}},
            "decisions.count",
            "-5 in 2012 is no number of cases per year; allowed are 0 to 1e+12",
        ),
        (
            {"outcomes": {"refugee": {"count": cases(-5)}}},
            "outcomes.refugee.count",
            "-5 in 2012 is no number of cases per year; allowed are 0 to 1e+12",
        ),
        (
            {"outcomes": {"refugee": {"share": by_year(0.5, 22.5)}}},
            "outcomes.refugee.share",
            "22.5 in 2013 is no share; allowed are 0 to 1",
        ),
        ({"withdrawn": by_year(0.5, 1.5)}, "withdrawn", "1.5 in 2013 is no share; allowed are 0 to 1"),
        ({"repeat": by_year(-0.1)}, "repeat", "-0.1 in 2012 is no share; allowed are 0 to 1"),
        (
            {"applications": cases(100, unit="files"), "persons_per_file": by_year(1, 0)},
            "persons_per_file",
            "0 in 2013 is no number of persons of a file; allowed are 0.01 to 100",
        ),
    ],
)
def test_figures_that_cannot_be_are_refused_with_the_year(said, parts, key, message):
    assert said(pipeline(**parts)) == f"{KEY}.{key}: {message}"


def test_the_fault_of_one_pipeline_does_not_hide_that_of_another(refused):
    pipelines = {
        name: pipeline(withdrawn=by_year(2), outcomes={outcome: {"share": 0.5}})
        for name, outcome in (("one", "a"), ("other", "b"))
    }

    faults = refused(**parts_of(pipelines))

    assert [fault.split(":")[0] for fault in faults] == ["pipelines.one.withdrawn", "pipelines.other.withdrawn"]


# The proof


@pytest.mark.parametrize(
    ("name", "place", "message"),
    [
        ("waiting", (3, 1), r"the books do not balance: -1\.000e\+00 cases in period 2014, pipeline regularisation"),
        ("applications", (2, 0), r"the books do not balance: \+1\.000e\+00 cases in period 2014, pipeline asylum"),
        ("withdrawn", (0, 0), r"the books do not balance: -1\.000e\+00 cases in period 2012, pipeline asylum"),
        ("rejected", (1, 1), r"the books do not balance: \+1\.000e\+00 cases in period 2013, pipeline regularisation"),
        ("granted", (1, 2), r"the books do not balance: \+1\.000e\+00 cases in period 2013, pipeline regularisation"),
        ("register_changes", (0, 1), r"books do not balance: -1\.000e\+00 persons in period 2012, pipeline asylum"),
    ],
)
def test_a_case_too_many_is_found_with_its_pipeline_and_year(projected, name, place, message):
    result = projected(TWO)
    changed = result[name].values.copy()
    changed[place] += 1

    with pytest.raises(ProjectionError, match=message):
        check_books(result.assign({name: (result[name].dims, changed)}))


def test_cases_below_zero_are_found(projected):
    result = projected({name: stated | {"repeat": 0.1} for name, stated in TWO.items()})

    for wrong in (-result["repeat_applications"], 11 * result["repeat_applications"]):
        with pytest.raises(ProjectionError, match="the repeat applications of a pipeline fall below zero, or are more"):
            check_books(result.assign(repeat_applications=wrong))
    with pytest.raises(ProjectionError, match="the withdrawn of a pipeline fall below zero"):
        check_books(result.assign(withdrawn=result["withdrawn"] - 1))


def test_repeat_applications_are_missing_where_nothing_is_said_of_them(projected):
    first, other = TWO

    result = projected({first: TWO[first] | {"repeat": 0.1}, other: TWO[other]})

    repeated = result["repeat_applications"]
    np.testing.assert_allclose(repeated.sel(pipeline=first), 0.1 * result["applications"].sel(pipeline=first))
    assert repeated.sel(pipeline=other).isnull().all()


def test_who_is_granted_a_title_but_does_not_immigrate_is_found(projected):
    result = projected(TWO)
    names = ("granted", "register_changes", "decided", "rejected", "applications", "withdrawn", "waiting")
    doubled = result.assign({name: 2 * result[name] for name in names})

    with pytest.raises(ProjectionError, match=r"persons more come out of asylum, regularisation than immigrate in per"):
        check_books(doubled)


def test_pipelines_named_wrongly_are_refused_by_the_scenario(scenario):
    with pytest.raises(ScenarioError, match="no stream of immigration takes those who are granted 'refugee'"):
        scenario(pipelines={"asylum": pipeline()})


def exported(result, variable, by):
    """Rows of a variable as a plain table."""
    return list(table(result, variable, by))


def test_exported_cases_bear_their_unit_and_are_not_summed_where_it_differs(projected):
    result = projected(TWO)

    assert exported(result, "decided", ["pipeline"])[0] == ["pipeline", "decided [cases]"]
    with pytest.raises(DataError, match="'decided' counts files and persons and cannot be summed over pipeline"):
        exported(result, "decided", ["period"])
    with pytest.raises(DataError, match="'persons_per_file' is no count"):
        exported(result, "persons_per_file", ["pipeline"])
    assert exported(result.sel(pipeline=["regularisation"]), "waiting", ["year"])[0] == ["year", "waiting [files]"]


def test_what_is_not_known_is_exported_empty(projected):
    rows = exported(projected(TWO), "repeat_applications", ["pipeline", "period"])

    assert {row[-1] for row in rows[1:]} == {""}


def test_no_persons_of_a_file_are_refused(said):
    files = {name: cases(number, unit="files") for name, number in (("applications", 1000), ("count", 900))}
    stated = pipeline(applications=files["applications"], decisions={"count": files["count"]}, persons_per_file=0)

    assert "persons_per_file: 0 in 2012 is no number of persons of a file; allowed are 0.01 to 100" in said(stated)


def test_two_streams_cannot_take_those_of_one_outcome(refused):
    parts = parts_of({"asylum": pipeline()})
    (stream,) = parts["migration"]["immigration"][:1]
    parts["migration"] = parts["migration"] | {"immigration": [stream, stream, stream]}

    told = [line for line in refused(**parts) if "immigrate in stream 1 already" in line]

    assert [line.split(":")[0] for line in told] == [
        "migration.immigration.1.pipeline",
        "migration.immigration.2.pipeline",
    ]


@pytest.mark.parametrize("part", [{"region": ["BE1"]}, {"group": ["foreign"]}])
def test_those_who_wait_are_of_no_part_of_the_population(projected, part):
    result = projected(TWO)
    labels = {name: [str(label) for label in result[name].values] for name in part}

    with pytest.raises(DataError, match=f"those who wait have no {next(iter(part))}"):
        sim.indicators.population_with_waiting(result.isel({name: [] for name in part}))
    with pytest.raises(DataError, match=f"those who wait have no {next(iter(part))}"):
        sim.indicators.population_with_waiting(result.sum(list(part), keep_attrs=True))
    assert labels
