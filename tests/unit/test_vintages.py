"""Published outlooks against what happened: errors, their components, the simple rule, and what would meet a figure."""

import json
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import TABLES, by_age

import sim
from sim import cli
from sim.analysis import indicators
from sim.analysis.vintages import (
    component_rows,
    edition_files,
    edition_rows,
    horizon_rows,
    printed_rows,
    published_rows,
    vintages,
)
from sim.analysis.vintages.editions import read_editions
from sim.analysis.vintages.errors import COMPONENTS, by_horizon, contributions, growth, listed, means, nearer, shares
from sim.analysis.vintages.observed import Observed, last_before, observed_on, publishers
from sim.analysis.vintages.simple import PublishedPopulation, simple_rule, with_long_term
from sim.data import catalogue
from sim.errors import DataError, ScenarioError

NAN = np.nan
POPULATION = {figure.year: figure.value for figure in catalogue.observed("belgium", ["population"])}
NET = {figure.year: figure.value for figure in catalogue.observed("belgium", ["net_migration"])}
EXPECTANCY = {
    sex: {
        figure.year: figure.value for figure in catalogue.observed("belgium", ["life_expectancy"]) if figure.sex == sex
    }
    for sex in ("female", "male")
}
RATES = {
    "ages": {"open": 100},
    "mortality": {"base": {"dataset": "belgium", "years": [2009, 2011]}},
    "fertility": {"total": 1.8, "pattern": {"dataset": "belgium"}, "sex_ratio_at_birth": 1.05},
    "observed": {"dataset": "belgium"},
}
TARGETS = {
    "definition": "period",
    "female": {"path": {2007: 82, 2040: 88}},
    "male": {"path": {2007: 77, 2040: 85}},
}


def balance(path, **others):
    """A balance by year, with the ages of Belgium's migrants."""
    stated = {"unit": "persons per year", "path": path, "after": "constant"} | others
    return {"balance": stated, "profile": {"dataset": "belgium", "years": [2009, 2012]}}


def edition(folder, name, start=2012, end=2030, path=None, published=(), **others):
    """Write an edition for Belgium; its file."""
    content = {
        "name": name,
        "title": f"Outlook {start}-{end}",
        "period": {"start": start, "end": end},
        "population": {"dataset": "belgium", "date": start},
        "migration": balance(path or {start: 40000}),
        "published": [{"indicator": "population", **figure} for figure in published],
    }
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(RATES | content | others))
    return file


def immortal(folder, name, start, persons, path, **others):
    """Write an edition in which nobody is born or dies: its population is that of the start and the migrants."""
    for table, text in {**TABLES, "survival.csv": by_age(1.0)}.items():
        (folder / table).write_text(text)
    ages = len(by_age(1.0).splitlines()) - 1
    people = TABLES["people.csv"].replace("1000", repr(persons / (2 * ages)))
    (folder / f"{name}.csv").write_text(people)
    content = {
        "ages": {"open": 50},
        "population": {"table": f"{name}.csv"},
        "mortality": {"survival_ratio": {"table": "survival.csv", "age": "reached"}},
        "fertility": {**RATES["fertility"], "total": 0, "pattern": {"dataset": "belgium", "years": [2010, 2015]}},
        "migration": {**balance(path), "profile": {"table": "uniform.csv", "age": "reached"}},
    }
    return edition(folder, name, start, **(content | others))


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three editions without births and deaths, 1,000 persons too many at the start of the last."""
    folder = tmp_path_factory.mktemp("immortal")
    immortal(folder, "one", 2008, POPULATION[2008], {2008: 10000}, end=2027)
    immortal(folder, "two", 2012, POPULATION[2012], {2012: 20000}, end=2022)
    immortal(folder, "last", 2015, POPULATION[2015] + 1000, {2015: 300000}, end=2030)
    return vintages([folder / f"{name}.yaml" for name in ("last", "one", "two")])


# Which files are editions


def test_editions_of_a_folder_are_the_files_that_state_published_figures(tmp_path):
    kept = edition(tmp_path, "b", published=[{"year": 2030, "value": 12e6}])
    edition(tmp_path, "a")
    (tmp_path / "c.yml").write_text(json.dumps({"name": "c", "based_on": "b", "published": [{"year": 1}]}))
    (tmp_path / "inherits.yaml").write_text(json.dumps({"name": "inherits", "based_on": "b"}))
    (tmp_path / "none.yaml").write_text(json.dumps({"name": "none", "based_on": "b", "published": None}))
    (tmp_path / "list.yaml").write_text("{}")
    (tmp_path / "readme.md").write_text("published: [1]")

    assert edition_files([tmp_path]) == [kept, tmp_path / "c.yml"]


def test_a_file_that_is_named_is_an_edition_whatever_it_states(tmp_path):
    named = edition(tmp_path, "a")
    other = edition(tmp_path, "b", published=[{"year": 2030, "value": 12e6}])

    assert edition_files([str(named), tmp_path]) == [named, other]


def test_a_folder_without_editions_is_told(tmp_path):
    edition(tmp_path, "a")

    with pytest.raises(DataError, match=r"^there are no editions in '.*'; an edition is a scenario that states 'pub"):
        edition_files([tmp_path])


def test_what_is_not_there_is_told():
    with pytest.raises(DataError, match=r"^there is no folder or file 'no/where'; give a folder of editions, or their"):
        edition_files(["no/where"])


def test_no_file_at_all_is_told():
    with pytest.raises(DataError, match=r"^there are no editions; give a folder of them, or their files$"):
        vintages([])


def refusal(file, *others):
    with pytest.raises(ScenarioError) as caught:
        read_editions([*others, file])
    (fault,) = caught.value.faults
    assert fault.file == str(file)
    return f"{fault.key}: {fault.message}"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"observed": None},
            "observed: an edition is held against the observed series of its country; state whose, as",
        ),
        (
            {"sweep": {"fertility": {"low": {"fertility.total": 1.5}, "middle": {}}}},
            "sweep: an edition is one projection, not several; run 'sim compare' for a sweep",
        ),
        (
            {"migration": {"emigration": [{"hazard": 0.01}]}},
            "migration: an edition states one 'balance' of all by year, which the simple rule replaces",
        ),
        (
            {"migration": {"balance": balance({2012: 0})["balance"]}},
            "migration: even a balance of zero needs a 'profile' here, for the simple rule",
        ),
    ],
)
def test_a_scenario_that_cannot_be_held_against_what_happened_is_refused_at_its_key(tmp_path, parts, message):
    assert refusal(edition(tmp_path, "a", **parts)).startswith(message)


def test_rates_of_fertility_are_refused(tmp_path):
    (tmp_path / "fertility.csv").write_text("age,value\n" + "".join(f"{age},0.05\n" for age in range(20, 40)))
    rates = {"rates": {"table": "fertility.csv", "age": "completed"}, "sex_ratio_at_birth": 1.05}

    message = "fertility: an edition states a 'total', which the simple rule replaces; not 'rates'"
    assert refusal(edition(tmp_path, "a", fertility=rates)) == message


def test_editions_of_two_datasets_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.assumptions.yearly.observed", lambda source: None)
    first = edition(tmp_path, "a")

    message = "observed.dataset: is 'netherlands', but a is held against 'belgium'; compare editions of one"
    assert refusal(edition(tmp_path, "b", observed={"dataset": "netherlands"}), first) == message


def test_an_edition_of_another_population_is_refused(tmp_path):
    of_others = immortal(tmp_path, "others", 2012, 1.11 * POPULATION[2012], {2012: 20000})

    with pytest.raises(
        DataError, match=r"^others begins with 12,249,902 persons on 1 January 2012, of whom 11,035,948"
    ):
        vintages([of_others])


def test_faults_of_all_files_are_told_together(tmp_path):
    files = [edition(tmp_path, name, observed=None) for name in ("a", "b")]

    with pytest.raises(ScenarioError) as caught:
        vintages(files)

    assert [fault.file for fault in caught.value.faults] == [str(file) for file in files]


def test_editions_that_share_a_name_are_refused(tmp_path):
    (tmp_path / "other").mkdir()
    files = [edition(folder, "a") for folder in (tmp_path, tmp_path / "other")]

    with pytest.raises(DataError, match=r"^two editions share the name a; editions are told apart by name$"):
        vintages(files)


def test_editions_after_the_last_observed_year_are_refused(tmp_path):
    late = immortal(tmp_path, "late", 2030, 1e6, {2030: 0}, end=2035)

    with pytest.raises(DataError, match=r"^no population of belgium is observed from 2030 on, when late begins$"):
        vintages([late])


# What happened


def test_observed_series_are_those_of_the_dataset():
    years = range(1998, 2027)
    observed = observed_on("belgium", list(years))

    assert observed.population[years.index(2012)] == 11035948
    assert observed.births[years.index(2012)] == 126993
    assert observed.deaths[years.index(2012)] == 109034
    assert observed.natural_balance[years.index(2012)] == 126993 - 109034
    assert observed.net_migration[years.index(2012)] == 44398
    assert observed.adjustment[years.index(2012)] == 11099554 - 11035948 - 17959 - 44398
    assert np.isnan(observed.population[years.index(2026)])


def test_the_natural_balance_is_known_where_births_and_deaths_are_not():
    observed = observed_on("belgium", [2023, 2024, 2025])

    assert np.isnan(observed.births[1])
    np.testing.assert_array_equal(observed.natural_balance, [110198 - 111255, -3879])


def test_net_migration_before_its_series_is_what_growth_and_natural_balance_leave():
    observed = observed_on("belgium", [1998, 1999, 2000, 2001])

    assert observed.is_residual.tolist() == [True, True, False]
    assert observed.net_migration[0] == 10213752 - 10192264 - (114247 - 104583)
    assert observed.adjustment[:2].tolist() == [0, 0]
    assert observed.adjustment[2] != 0


def test_the_last_figure_before_a_year_prefers_the_first_series():
    names = ("net_migration", "net_migration_residual")

    assert last_before("belgium", 2013, *names) == (44398, 2012, "net_migration")
    assert last_before("belgium", 2001, *names) == (13564, 2000, "net_migration")
    assert last_before("belgium", 2000, *names)[1:] == (1999, "net_migration_residual")
    assert last_before("belgium", 2030, *names)[1:] == (2024, "net_migration")
    assert last_before("belgium", 2025, "total_fertility")[1] == 2023
    with pytest.raises(DataError, match=r"^no total fertility of belgium is observed before 1950$"):
        last_before("belgium", 1950, "total_fertility")


def test_publishers_are_those_of_the_years():
    assert publishers("belgium", range(1989, 1993)) == ["Eurostat", "Statbel"]
    assert publishers("belgium", [2012]) == ["Statbel"]


# Errors of populations


def as_observed(population, births, deaths, net):
    natural = np.subtract(births, deaths)
    return Observed(*(np.array(part, dtype=float) for part in (population, births, deaths, natural, net)), None)


def test_the_error_is_divided_into_what_it_came_from():
    """Starts 5 too high; 2 and 1 births too many, 3 deaths too few, 4 migrants too few; the register found 6."""
    observed = as_observed([100, 110, 130], [10, 10], [5, 8], [5, 12])
    series = {
        "population": np.array([[105, 117, 133.0]]),
        "births": np.array([[12, 11.0]]),
        "deaths": np.array([[5, 5.0]]),
        "natural_balance": np.array([[7, 6.0]]),
        "net_migration": np.array([[5, 8.0]]),
    }

    parts = contributions(series, observed, np.array([0]))

    assert {name: part[0].tolist() for name, part in parts.items()} == {
        "start": [5, 5, 5],
        "births": [0, 2, 3],
        "deaths": [0, 0, 3],
        "natural_balance": [0, 2, 6],
        "net_migration": [0, 0, -4],
        "adjustment": [0, 0, -6],
    }


@st.composite
def books(draw):
    """Editions and observations whose books balance but for adjustments, some of them late or cut short."""
    years, count = draw(st.integers(2, 8)), draw(st.integers(1, 4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    births, deaths, net = random.integers(0, 9999, (3, years)).astype(float)
    population = 1e7 + np.concatenate([[0], np.cumsum(births - deaths + net + random.integers(-99, 99, years))])
    places = random.integers(0, years, count)
    ends = np.array([random.integers(place + 1, years + 1) for place in places])
    flows = random.uniform(0, 9999, (3, count, years))
    periods = np.arange(years)
    outside = (periods < places[:, None]) | (periods >= ends[:, None])
    flows[:, outside] = NAN
    stocks = np.full((count, years + 1), NAN)
    for row, (place, end) in enumerate(zip(places, ends, strict=True)):
        stocks[row, place] = 1e7 + random.uniform(-999, 999)
        for year in range(place, end):
            stocks[row, year + 1] = stocks[row, year] + flows[0, row, year] - flows[1, row, year] + flows[2, row, year]
    series = dict(zip(("births", "deaths", "net_migration"), flows, strict=True))
    series |= {"population": stocks, "natural_balance": flows[0] - flows[1]}
    return series, as_observed(population, births, deaths, net), places


@settings(max_examples=60)
@given(books())
def test_the_components_add_up_to_the_error(made):
    series, observed, places = made
    parts = contributions(series, observed, places)
    error = series["population"] - observed.population

    np.testing.assert_allclose(sum(parts[name] for name in COMPONENTS), error, rtol=0, atol=2e-8)
    others = ("start", "natural_balance", "net_migration", "adjustment")
    np.testing.assert_allclose(sum(parts[name] for name in others), error, rtol=0, atol=2e-8)


def test_components_are_not_known_from_where_a_flow_is_not_observed():
    observed = as_observed([1, 1, 1, 1], [0, NAN, 0], [0, 0, 0], [0, 0, 0])
    flow = np.zeros((1, 3))
    series = dict.fromkeys(("births", "deaths", "natural_balance", "net_migration"), flow)

    parts = contributions({**series, "population": np.ones((1, 4))}, observed, np.array([0]))

    np.testing.assert_array_equal(parts["births"], [[0, 0, NAN, NAN]])
    np.testing.assert_array_equal(parts["deaths"], [[0, 0, 0, 0]])


def test_horizons_count_from_the_first_1_january():
    values = np.array([[1, 2, 3.0], [NAN, 4, 5]])

    np.testing.assert_array_equal(by_horizon(values, np.array([0, 1])), [[1, 2, 3], [4, 5, NAN]])


def test_means_are_over_the_editions_that_get_there():
    found = means(np.array([[0, 2, -4.0], [0, -1, NAN], [0, NAN, NAN]]))

    assert found.mean.tolist() == [0, 0.5, -4]
    assert found.absolute.tolist() == [0, 1.5, 4]
    assert found.editions.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(means(np.full((2, 1), NAN)).absolute, [NAN])


def test_horizons_are_summed_up_where_three_editions_get():
    assert listed(np.array([9, 3, 9, 2, 9, 4, 9, 9, 3, 9, 2, 9])) == [1, 2, 5, 8]
    assert listed(np.array([9, 3])) == [1]
    assert listed(np.array([2, 2])) == []


def test_growth_is_the_slope_of_the_line_through_zero():
    """At 1 and 2 years: (1 x 1 + 2 x 5) / (1 + 4)."""
    assert growth(np.array([7, 1, 5, 99.0]), np.array([3, 3, 3, 2])) == pytest.approx(11 / 5)
    assert np.isnan(growth(np.array([0.0, 1]), np.array([2, 2])))


def test_the_simple_rule_is_nearer_where_its_absolute_error_is_smaller():
    simple = np.array([[0, 1, -1, NAN], [0, -4, 2, 1]])
    edition_errors = np.array([[5, -2, 1, 1], [5, 5, -3, NAN]])

    compared, closer = nearer(simple, edition_errors)

    assert compared.tolist() == [0, 2, 2, 0]
    assert closer.tolist() == [0, 2, 1, 0]


def test_shares_are_mean_absolute_contributions_over_their_sum():
    """Two editions and two components over seven years; the second starts a year later and a component ends early."""
    parts = np.zeros((2, 2, 8))
    parts[0, 0], parts[1, 0] = 1, -3
    parts[0, 1], parts[1, 1] = -2, 2
    parts[:, 1, 0] = NAN
    parts[0, :, 7] = NAN

    found = shares(parts, np.array([0, 1]))

    assert found.errors.tolist() == [2, 2, 6 + 5]
    assert found.latest == 6
    np.testing.assert_allclose(found.share[0], [3 / 8, 5 / 8])
    np.testing.assert_allclose(found.share[1], [3 / 8, 5 / 8])
    np.testing.assert_allclose(found.share[2], [(6 + 10) / (24 + 20), (18 + 10) / (24 + 20)])


def test_there_are_no_shares_where_nothing_is_known():
    found = shares(np.full((2, 1, 3), NAN), np.array([0]))

    assert np.isnan(found.share).all()
    assert (found.errors.tolist(), found.latest) == ([0, 0, 0], -1)


# Editions whose errors are known


def test_editions_come_in_the_order_of_their_first_1_january(three):
    assert three["edition"].values.tolist() == ["one", "two", "last"]
    assert three["start"].values.tolist() == [2008, 2012, 2015]
    assert (int(three["year"][0]), int(three["year"][-1])) == (2008, 2030)


@pytest.mark.parametrize(
    ("name", "start", "more", "persons", "end"),
    [("one", 2008, 0, 10000, 2027), ("two", 2012, 0, 20000, 2022), ("last", 2015, 1000, 300000, 2030)],
)
def test_errors_of_editions_without_births_and_deaths_are_known(three, name, start, more, persons, end):
    found = three.sel(edition=name)
    years = found["year"].values
    projected = np.where((years >= start) & (years <= end), POPULATION[start] + more + persons * (years - start), NAN)
    observed = np.array([POPULATION.get(int(year), NAN) for year in years])

    np.testing.assert_allclose(found["population"], projected, rtol=1e-12)
    np.testing.assert_allclose(found["population_error"], projected - observed, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found["population_error_percent"], 100 * (projected - observed) / observed, atol=1e-9)
    by_years = found["error_percent_by_horizon"].values[: len(years) - (start - years[0])]
    np.testing.assert_array_equal(by_years, found["population_error_percent"].values[years >= start])


def test_contributions_of_editions_without_births_and_deaths_are_known(three):
    """From 2015 to 2018: nobody born, nobody dead, 300,000 migrants a year."""
    found = three.sel(edition="last", year=2018)["contribution"]

    assert float(found.sel(component="start")) == pytest.approx(1000, abs=1e-4)
    assert float(found.sel(component="births")) == -(121713 + 121161 + 119102)
    assert float(found.sel(component="deaths")) == 110508 + 108056 + 109629
    assert float(found.sel(component="net_migration")) == pytest.approx(3 * 300000 - (47672 + 42235 + 44536))
    growth_of_register = 11376070 - 11209044
    births_deaths_and_migrants = 121713 + 121161 + 119102 - (110508 + 108056 + 109629) + 47672 + 42235 + 44536
    assert float(found.sel(component="adjustment")) == births_deaths_and_migrants - growth_of_register


def test_contributions_add_up_to_the_error_of_every_edition_and_year(three):
    error = three["population_error"]
    known = error.notnull() & (error["year"] <= 2024)

    summed = three["contribution"].sum("component", skipna=False)
    np.testing.assert_allclose(summed.where(known), error.where(known), rtol=0, atol=1e-8)
    assert int(known.sum()) == 17 + 11 + 10
    others = (
        three["contribution"].sel(component=["start", "net_migration", "adjustment"]).sum("component", skipna=False)
    )
    np.testing.assert_allclose(others + three["natural_balance_contribution"], error, rtol=0, atol=1e-8)
    assert summed.sel(year=2025).isnull().all()


def test_means_by_horizon_are_those_of_the_editions(three):
    errors = three["error_percent_by_horizon"].values
    rows = horizon_rows(three)

    assert [row.horizon for row in rows] == [1, 2, 3, 5, 8, 10]
    assert [row.editions for row in rows] == [3] * 6
    for row in rows:
        assert row.mean_error == pytest.approx(errors[:, row.horizon].mean())
        assert row.mean_absolute_error == pytest.approx(np.abs(errors[:, row.horizon]).mean())
        simple = three["simple_error_percent_by_horizon"].values[:, row.horizon]
        assert row.simple_mean_absolute_error == pytest.approx(np.abs(simple).mean())
        assert (row.simple_compared, row.simple_nearer) == (3, (abs(simple) < abs(errors[:, row.horizon])).sum())
    assert any(row.simple_nearer for row in rows)
    slope = sum(row.horizon * row.mean_absolute_error for row in rows) / sum(row.horizon**2 for row in rows)
    assert float(three["mean_absolute_error_growth"]) == pytest.approx(slope)
    slope = sum(row.horizon * row.mean_error for row in rows) / sum(row.horizon**2 for row in rows)
    assert float(three["mean_error_growth"]) == pytest.approx(slope)


def test_shares_of_the_components_are_told_where_they_are_known(three):
    rows = component_rows(three)

    assert [(row.place, row.year, row.errors) for row in rows] == [
        ("after five years", None, 3),
        ("last year", 2024, 2),
        ("all years", None, 16 + 10 + 9),
    ]
    assert all(sum(row.shares.values()) == pytest.approx(1) for row in rows)
    parts = np.abs(three["contribution"].sel(year=2024, edition=["one", "last"])).sum("edition")
    assert rows[1].shares["births"] == pytest.approx(float(parts.sel(component="births") / parts.sum()))


# Runs that are rolled on


def test_an_edition_begins_after_the_years_whose_balance_is_the_observed_one(tmp_path):
    path = {2013: NET[2013], 2014: NET[2014], 2015: NET[2015] + 1, 2016: NET[2016]}
    rolled = edition(tmp_path, "rolled", 2013, path=path)
    plain = edition(tmp_path, "plain", 2013, path={2013: NET[2013] + 1, 2014: NET[2014]})

    found = vintages([rolled, plain])

    assert found["start"].sel(edition=["rolled", "plain"]).values.tolist() == [2015, 2013]
    assert found["base"].sel(edition=["rolled", "plain"]).values.tolist() == [2013, 2013]
    one = found.sel(edition="rolled")
    run = sim.run(rolled)
    assert np.isnan(one["population"].sel(year=[2013, 2014])).all()
    assert np.isnan(one["births"].sel(period=[2013, 2014])).all()
    np.testing.assert_array_equal(
        one["population"].sel(year=slice(2015, 2030)), indicators.population(run).sel(year=slice(2015, None))
    )
    assert float(one["error_percent_by_horizon"][0]) == float(one["population_error_percent"].sel(year=2015)) != 0
    start = float(one["population_error"].sel(year=2015))
    assert one["contribution"].sel(component="start", year=slice(2015, 2025)).values.tolist() == [start] * 11


def target(sex, year):
    """Life expectancy on the straight line of an edition."""
    first, last = TARGETS[sex]["path"].values()
    return first + (last - first) * (year - 2007) / (2040 - 2007)


def test_the_simple_rule_of_a_rolled_run_keeps_what_it_is_rolled_on_with(tmp_path):
    path = {2013: NET[2013], 2014: NET[2014], 2015: 50000}
    total = {"path": {2013: 1.9, 2015: 1.7}, "after": "constant"}
    ages = {"path": {2013: 30, 2015: 31, 2020: 35}, "after": "constant"}
    mortality = {**RATES["mortality"], "life_expectancy": TARGETS}
    fertility = {**RATES["fertility"], "total": total, "mean_age": ages}
    file = edition(tmp_path, "rolled", 2013, path=path, fertility=fertility, mortality=mortality)

    found = vintages([file])
    by_hand = edition(
        tmp_path,
        "by-hand",
        2013,
        path={2013: NET[2013], 2014: NET[2014], 2015: NET[2014]},
        mortality={
            **RATES["mortality"],
            "life_expectancy": {
                sex: {
                    "path": {2013: target(sex, 2013), 2014: target(sex, 2014), 2015: EXPECTANCY[sex][2014]},
                    "after": "constant",
                }
                for sex in ("female", "male")
            },
        },
        fertility={
            **RATES["fertility"],
            "total": {"path": {2013: 1.9, 2014: 1.8, 2015: 1.7332}, "after": "constant"},
            "mean_age": {"path": {2013: 30, 2015: 31}, "after": "constant"},
        },
    )

    expected = indicators.population(sim.run(by_hand)).sel(year=slice(2015, None))
    np.testing.assert_allclose(found["simple_population"].values[0], expected, rtol=1e-14)


# The simple rule


def held(definition="period", more=0.0):
    """Life expectancy of 2011 as a target of every year."""
    return {
        "definition": definition,
        "female": {"path": {2012: EXPECTANCY["female"][2011] + more}, "after": "constant"},
        "male": {"path": {2012: EXPECTANCY["male"][2011] + more}, "after": "constant"},
    }


def test_the_simple_rule_is_the_scenario_that_one_would_write_by_hand(tmp_path):
    file = edition(
        tmp_path,
        "outlook",
        path={2012: 62000, 2020: 35000},
        mortality={**RATES["mortality"], "life_expectancy": TARGETS, "method": "brass"},
        fertility={
            **RATES["fertility"],
            "total": 1.82,
            "mean_age": {"path": {2010: 30, 2014: 32}, "after": "constant"},
        },
    )
    by_hand = edition(
        tmp_path,
        "by-hand",
        path={2012: 62086},
        mortality={**RATES["mortality"], "life_expectancy": held(), "method": "brass"},
        fertility={**RATES["fertility"], "total": 1.8047, "mean_age": 31},
    )

    found = vintages([file])

    np.testing.assert_array_equal(found["simple_population"].values[0], indicators.population(sim.run(by_hand)))
    (row,) = edition_rows(found)
    assert row[5:9] == (1.8047, 2011, 62086, 2011)
    assert row.simple_balance_series == "net_migration"
    np.testing.assert_array_equal(
        indicators.population(sim.run(file, changes=json.loads(row.simple_changes))),
        found["simple_population"].values[0],
    )


def test_the_simple_rule_holds_the_life_expectancy_by_the_definition_of_the_edition(tmp_path):
    printed = TARGETS | {"definition": "age_on_1_january"}
    file = edition(tmp_path, "a", mortality={**RATES["mortality"], "life_expectancy": printed})
    (one,) = read_editions([file])

    changed = sim.load(file, simple_rule(one, "belgium").changes(one)).mortality

    expected = held("age_on_1_january", more=0.5)
    by_hand = edition(tmp_path, "b", mortality={**RATES["mortality"], "life_expectancy": expected})
    assert changed == sim.load(by_hand).mortality


def test_the_simple_rule_keeps_a_pattern_and_drops_improvement(tmp_path):
    table = "sex,age,value\n" + "".join(f"{sex},{age},0.01\n" for sex in ("female", "male") for age in range(101))
    (tmp_path / "rates.csv").write_text(table)
    pattern = {"method": "lee_carter", "pattern": {"table": "rates.csv", "age": "reached"}}
    (one,) = read_editions(
        [edition(tmp_path, "a", mortality={**RATES["mortality"], "life_expectancy": TARGETS, **pattern})]
    )
    by_hand = edition(tmp_path, "b", mortality={**RATES["mortality"], "life_expectancy": held(), **pattern})
    improving = {**RATES["mortality"], "improvement": {"from": 2010, "rate": 0.02}}
    (other,) = read_editions([edition(tmp_path, "c", mortality=improving)])

    assert sim.load(one.file, simple_rule(one, "belgium").changes(one)).mortality == sim.load(by_hand).mortality
    changed = sim.load(other.file, simple_rule(other, "belgium").changes(other)).mortality
    assert changed == sim.load(edition(tmp_path, "d")).mortality


def test_before_the_series_of_net_migration_the_simple_rule_keeps_the_residual(tmp_path):
    (row,) = edition_rows(vintages([edition(tmp_path, "old", 1999, 2010)]))

    assert row.simple_balance == 10213752 - 10192264 - (114247 - 104583)
    assert (row.simple_balance_year, row.simple_balance_series) == (1998, "net_migration_residual")


# Published figures


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    figures = [
        {"year": 2012, "value": 11035948},
        {"year": 2025, "value": 12.5e6, "rounding": 5e4},
        {"year": 2030, "value": 11.8e6, "rounding": 5e5},
        {"years": [2028, 2030], "value": 11.4e6},
        {"year": 2040, "value": 12e6},
        {"year": 2013, "value": 1e6},
    ]
    file = edition(folder, "outlook", path={2012: 50000, 2014: 40000, 2022: 30000}, published=figures)
    return file, vintages([file])


def test_published_populations_stand_beside_the_projected_ones(published):
    file, found = published
    run = indicators.population(sim.run(file))
    rows = published_rows(found)

    assert [(row.edition, row.year, row.last_year, row.of_start) for row in rows] == [
        ("outlook", 2012, 2012, True),
        ("outlook", 2025, 2025, False),
        ("outlook", 2030, 2030, False),
        ("outlook", 2028, 2030, False),
        ("outlook", 2040, 2040, False),
        ("outlook", 2013, 2013, False),
    ]
    projected = [float(run.sel(year=years).mean()) for years in (2012, 2025, 2030, [2028, 2029, 2030])]
    assert [row.projected for row in rows[:4]] == projected
    assert np.isnan(rows[4].projected)
    assert [row.gap for row in rows[:2]] == [0, projected[1] - 12.5e6]
    assert rows[1].gap_percent == 100 * (projected[1] - 12.5e6) / 12.5e6
    assert {row.balance for row in rows} == {30000}


def test_a_figure_is_met_within_its_rounding_and_one_percent():
    def figure(projected, rounding=NAN):
        return PublishedPopulation("a", [2030], 1000.0, rounding, projected, 0, NAN)

    assert [figure(projected).near for projected in (990, 1010, 989.9, 1010.1, NAN)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [figure(projected, 5.0).near for projected in (985, 1015, 984.9, 1015.1)] == [True, True, False, False]
    assert [figure(projected).far for projected in (970, 1030, 969.9, 1030.1, NAN)] == [False, False, True, True, True]


def test_the_solved_balance_meets_the_published_figure_in_a_further_run(published):
    file, found = published
    balance_of_file = sim.load(file).migration.balance
    missed = [row for row in published_rows(found) if not (row.near or np.isnan(row.projected)) and row.year > 2014]

    assert [row.year for row in missed] == [2025, 2028]
    for row in missed:
        run = indicators.population(sim.run(file, changes=[with_long_term(balance_of_file, row.balance_to_meet)]))
        assert float(run.sel(year=slice(row.year, row.last_year)).mean()) == pytest.approx(row.population, abs=1)


def test_no_balance_is_told_where_the_figure_is_met_or_none_meets_it(published):
    """In 2012 and 2030 it is met, 2040 is not projected, and in 2013 the long-term balance does not act yet."""
    rows = published_rows(published[1])

    assert [row.year for row in rows if np.isnan(row.balance_to_meet)] == [2012, 2030, 2040, 2013]


def test_no_balance_is_told_where_the_population_is_not_linear_in_it(tmp_path):
    figure = [{"year": 2030, "value": 13e6}]
    path = {2012: 40000, 2020: 30000, 2030: 20000}
    file = edition(tmp_path, "a", published=figure, migration=balance(path, interpolate="monotone"))

    assert np.isnan(vintages([file])["published_balance_to_meet"]).all()


def test_a_balance_with_another_last_value_keeps_what_else_it_says(tmp_path):
    stated = balance({2014: 40000, 2012: 50000}, interpolate="step", before="constant")
    loaded = sim.load(edition(tmp_path, "a", migration=stated)).migration.balance

    changed = sim.load(tmp_path / "a.yaml", [with_long_term(loaded, -1.5)]).migration.balance

    assert changed.path == {2014: -1.5, 2012: 50000}
    assert (changed.interpolate, changed.before, changed.after) == ("step", "constant", "constant")


def test_figures_of_other_indicators_are_left_out(tmp_path):
    births = {"indicator": "births", "year": 2013, "value": 120000}

    found = vintages([edition(tmp_path, "a", published=[births])])

    assert found.sizes["figure"] == 0
    assert published_rows(found) == []


# What was printed of years that have come since


def test_printed_figures_stand_beside_the_observed_ones(tmp_path):
    def figure(indicator, value, **others):
        return {"indicator": indicator, "value": value, **others}

    figures = [
        figure("population", 11e6, year=2012),
        figure("population", 11.5e6, year=2020),
        figure("growth", 60000, years=[2012, 2015]),
        figure("births", 130000, year=2014),
        figure("deaths", 110000, years=[2013, 2014]),
        figure("natural_balance", 5000, year=2024),
        figure("net_migration", 50000, years=[2020, 2024]),
        figure("net_migration", 50000, years=[2020, 2025]),
        figure("population", 12e6, year=2026),
        figure("mean_age", 41, year=2013),
        figure("births", 130000, year=2013, region="all"),
        figure("first_year_of_natural_decrease", 2020),
    ]
    file = edition(tmp_path, "a")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"published": figures}))

    found = vintages([edition(tmp_path, "earlier", 2008), file])

    run = sim.run(file)
    births, deaths, natural, net = (
        {int(year): float(value) for year, value in function(run).to_series().items()}
        for function in (indicators.births, indicators.deaths, indicators.natural_balance, indicators.net_migration)
    )
    population = indicators.population(run)
    growth = (float(population.sel(year=2016)) - float(population.sel(year=2012))) / 4
    expected = [
        ("a", "population", 2020, 2020, 11.5e6, 11492641, float(population.sel(year=2020))),
        ("a", "growth", 2012, 2015, 60000, (11267910 - 11035948) / 4, growth),
        ("a", "births", 2014, 2014, 130000, 124415, births[2014]),
        ("a", "deaths", 2013, 2014, 110000, (109295 + 104723) / 2, (deaths[2013] + deaths[2014]) / 2),
        ("a", "natural_balance", 2024, 2024, 5000, -3879, natural[2024]),
        ("a", "net_migration", 2020, 2024, 50000, sum(NET[y] for y in range(2020, 2025)) / 5, net[2020]),
    ]
    rows = printed_rows(found)
    assert [row[:5] for row in rows] == [row[:5] for row in expected]
    np.testing.assert_allclose([row[5:] for row in rows], [row[5:] for row in expected], rtol=1e-9)


def test_what_was_printed_of_years_before_an_edition_begins_is_left_out(tmp_path):
    rolled = edition(tmp_path, "rolled", path={2012: NET[2012], 2013: 50000})
    figures = [{"indicator": "births", "years": years, "value": 130000} for years in ([2012, 2014], [2013, 2014])]
    rolled.write_text(json.dumps(json.loads(rolled.read_text()) | {"published": figures}))

    assert [(row.year, row.last_year) for row in printed_rows(vintages([rolled]))] == [(2013, 2014)]


# The command


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Call the command in a folder of its own; exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", "vintages", *map(str, arguments)])
        code = cli._call()
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def editions(tmp_path):
    """A folder with four editions of which one lies far off, and a base."""
    folder = tmp_path / "scenarios" / "editions"
    folder.mkdir(parents=True)
    edition(folder, "base")
    figures = [{"year": 2030, "value": 12.0e6, "rounding": 5e4}]
    edition(folder, "first", 2008, path={2008: 50000}, published=[{"year": 2008, "value": 10666866}, *figures])
    edition(folder, "second", 2010, path={2010: 60000}, published=figures)
    third = [{"year": 2060, "value": 1e7}, {"indicator": "births", "years": [2013, 2014], "value": 130000}]
    edition(folder, "third", 2012, path={2012: 45000}, published=third)
    edition(folder, "zero", 2012, path={2012: -200000}, published=figures)
    return folder


def test_vintages_prints_five_tables_and_draws_two_figures(command, editions, tmp_path):
    code, out, err = command()
    found = vintages([editions])

    assert (code, err) == (0, "")
    assert [path.name for path in sorted((tmp_path / "outputs" / "vintages").iterdir())] == [
        "vintages-error.png",
        "vintages.png",
    ]
    lines = [line.split() for line in out.splitlines()]
    assert ["error", "of", "the", "runs,", "percent,", "after", "years", "1", "2", "3", "5", "8", "10"] in lines
    assert ["editions", "4", "4", "4", "4", "4", "4"] in lines
    mean = [f"{row.mean_absolute_error:.2f}" for row in horizon_rows(found)]
    assert ["mean", "absolute", *mean] in lines
    assert ["editions", *mean] in lines
    first = [
        f"{error:+.2f}" for error in found["error_percent_by_horizon"].sel(edition="first").values[[1, 2, 3, 5, 8, 10]]
    ]
    assert ["first", *first] in lines
    near = sum(row.near for row in published_rows(found))
    within = sum(not row.far for row in published_rows(found))
    assert f"{near} of 5 published populations are met within their rounding and 1 % (1 of them of" in out
    assert f"of a first 1 January), {within} within 3 %;" in out
    assert "third" in out
    assert "not projected" in out
    (printed,) = printed_rows(found)
    told = ["130,000", "124,638", "+5,362", f"{printed.projected:,.0f}"]
    assert ["third", "births,", "yearly", "mean", "2013\N{EN DASH}2014", *told] in lines
    compared, closer = int(found["simple_compared"].sum()), int(found["simple_nearer"].sum())
    assert f"constant rates are nearer in {closer} of {compared} errors of all editions and years, in " in out
    births = [f"{100 * row.shares['births']:.1f}" for row in component_rows(found)]
    assert ["births", *births] in lines
    assert out.rstrip().endswith("outputs/vintages/vintages-error.png")
    assert list(tmp_path.glob("outputs/*")) == [tmp_path / "outputs" / "vintages"]


def test_vintages_are_drawn_in_a_language_and_told_in_english(command, editions, tmp_path):
    english, french = (command("--language", language)[1].splitlines() for language in ("en", "fr"))

    assert french[:-2] == english[:-2]
    assert french[-2:] == [line.replace(".png", ".fr.png") for line in english[-2:]]
    for line in french[-2:]:
        assert (tmp_path / line).read_bytes() != (tmp_path / line.replace(".fr", "")).read_bytes()


def test_vintages_as_json_holds_every_figure(command, editions, tmp_path):
    code, out, err = command(
        editions / "first.yaml", editions / "zero.yaml", "--json", "--out", "here", "--format", "svg"
    )

    def no_constant(name):
        raise AssertionError(name)

    content = json.loads(out, parse_constant=no_constant)
    found = vintages([editions / "first.yaml", editions / "zero.yaml"])
    assert (code, err) == (0, "")
    assert [row["edition"] for row in content["editions"]] == ["first", "zero"]
    assert content["editions"][0]["simple_changes"] == json.loads(str(found["simple_changes"].values[0]))
    assert content["horizons"] == []
    assert content["growth_per_year"] == {"mean_error": None, "mean_absolute_error": None}
    assert content["data"]["population"]["dims"] == ["edition", "year"]
    values = np.array(content["data"]["population_error_percent"]["values"], dtype=float)
    np.testing.assert_array_equal(values, found["population_error_percent"])
    assert set(content["data"]) == set(found.variables)
    assert [row["population"] for row in content["published"]] == [10666866, 12e6, 12e6]
    assert content["printed"] == []
    assert content["simple_rule"]["compared"] == int(found["simple_compared"].sum())
    assert sorted(content["figures"]) == sorted(f"here/{name}.svg" for name in ("vintages", "vintages-error"))
    assert all((tmp_path / path).stat().st_size for path in content["figures"])


@pytest.fixture
def undrawn(monkeypatch):
    """Spare the time of drawing."""
    for name in ("sim.plots.vintages", "sim.plots.vintage_errors"):
        monkeypatch.setattr(name, lambda found: None)
    monkeypatch.setattr("sim.cli.drawing.write", lambda figure, folder, name, formats: [folder / name])


@pytest.mark.usefixtures("undrawn")
def test_few_editions_are_not_averaged(command, editions):
    code, out, _ = command(editions / "first.yaml", editions / "second.yaml")

    assert code == 0
    assert "no horizon is reached by 3 editions, so that nothing is averaged" in out
    assert "mean absolute  " in out


def test_an_edition_of_the_last_observed_year_has_no_errors_yet(command, editions, tmp_path):
    late = immortal(editions, "late", 2025, POPULATION[2025], {2025: 1000}, end=2030)

    code, out, _ = command(late)

    assert code == 0
    assert "nothing is observed after the first 1 January of any edition" in out
    assert "no population was published" in out
    assert [path.name for path in (tmp_path / "outputs" / "vintages").iterdir()] == ["vintages.png"]


@pytest.mark.usefixtures("undrawn")
def test_residual_net_migration_is_told(command, tmp_path):
    _, out, _ = command(edition(tmp_path, "old", 1997, 2010))

    assert "net migration of 1997-1999: growth less natural balance, adjustments included" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 3, "there is no folder or file 'scenarios/editions'; give a folder of editions, or their files"),
        (["nowhere"], 3, "there is no folder or file 'nowhere'"),
        (["."], 3, "there are no editions in '.'"),
        (["nowhere", "--format", "gif"], 2, "allowed are: png, svg, pdf"),
    ],
)
def test_what_goes_wrong_is_one_sentence(command, arguments, code, message):
    found, out, err = command(*arguments)

    assert (found, out) == (code, "")
    assert message in " ".join(err.split()).replace("│ ", "").replace(" │", "")


def test_an_edition_without_observed_series_is_told_at_its_key(command, tmp_path):
    edition(tmp_path, "a", observed=None)

    code, out, err = command("a.yaml")

    assert (code, out) == (2, "")
    assert "observed: an edition is held against the observed series of its country; state whose" in err
