"""Populations of Belgium that are published by five-year age group: kept as printed, graduated to single ages."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

import sim
import sim.data
from sim.data import age_groups, catalogue
from sim.demography import graduation
from sim.errors import DataError, ScenarioError

FOLDER = Path(sim.data.__file__).parent / "belgium"
ALL = ("all",)
TOTALS = {2017: 11_322_088, 2018: 11_376_070, 2019: 11_431_406, 2020: 11_492_641, 2021: 11_521_238}
FIRST_AGES = range(0, 101, 5)
EDGES = np.arange(0, 101, 5)
NEVER_NEGATIVE = {"uniform", "monotone", "pclm"}


def rows():
    with (FOLDER / "age_groups.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def people(year, open_age=120):
    """Persons by sex and single age."""
    found = catalogue.population("belgium", year, open_age, ALL, ALL)
    assert found.shape == (1, 1, 2, open_age + 1)
    return found[0, 0]


@pytest.fixture(scope="module")
def register():
    """Persons of 1 January 2016 by sex and single age, as they were counted."""
    return people(2016)


@pytest.fixture(scope="module")
def errors(register):
    """Errors of each method on 1 January 2016: mean absolute percentages, root mean square and largest."""
    true = register[:, :100]
    found = {}
    for name, method in graduation.METHODS.items():
        wrong = method(EDGES, graduation.group(EDGES, true)) - true
        share = 100 * np.abs(wrong / true)
        found[name] = (share[:, :95].mean(), share.mean(), np.sqrt((wrong**2).mean()), np.abs(wrong).max())
    return found


# The file


def test_every_year_has_every_group_of_each_sex_once():
    keys = [(int(row["year"]), row["sex"], int(row["age"])) for row in rows()]

    assert keys == [(year, sex, age) for year in TOTALS for sex in ("female", "male") for age in FIRST_AGES]


def test_every_row_counts_whole_persons_and_has_a_source():
    assert all(row["value"].isdigit() and int(row["value"]) > 0 for row in rows())
    assert all(row["source"].startswith("Statbel") for row in rows())


@pytest.mark.parametrize("year", TOTALS)
def test_groups_add_up_to_the_published_total(year):
    series = {figure.year: figure.value for figure in catalogue.observed("belgium", ["population"])}

    assert sum(int(row["value"]) for row in rows() if row["year"] == str(year)) == TOTALS[year] == series[year]


def test_single_cells_are_the_printed_ones():
    """Sums of the printed single ages: women of 0-4 in 2017, and the open group of both sexes in 2021."""
    found = {(row["year"], row["sex"], row["age"]): int(row["value"]) for row in rows()}

    assert found["2017", "female", "0"] == 306_887
    assert (found["2021", "female", "100"], found["2021", "male", "100"]) == (1_808, 355)


# Single ages


@pytest.mark.parametrize("year", TOTALS)
def test_every_group_keeps_its_persons(year):
    expected = [float(row["value"]) for row in rows() if row["year"] == str(year)]

    single = people(year)

    sums = np.add.reduceat(single, list(FIRST_AGES), axis=-1)
    np.testing.assert_allclose(sums.ravel(), expected, rtol=1e-13, atol=0)
    np.testing.assert_allclose(single.sum(), TOTALS[year], rtol=1e-14, atol=0)
    assert single.min() > 0


@pytest.mark.parametrize("year", TOTALS)
def test_closed_ages_are_those_of_the_penalised_composite_link(year):
    found = {(row["sex"], int(row["age"])): float(row["value"]) for row in rows() if row["year"] == str(year)}

    for place, sex in enumerate(("female", "male")):
        expected = graduation.pclm(EDGES, [found[sex, age] for age in FIRST_AGES if age < 100])
        np.testing.assert_allclose(people(year)[place, :100], expected, rtol=1e-9)


@pytest.mark.parametrize("open_age", [1, 65, 85, 97, 100, 105])
def test_a_lower_open_age_pools_the_same_single_ages(open_age):
    single, pooled = people(2019), people(2019, open_age)

    np.testing.assert_array_equal(pooled[:, :open_age], single[:, :open_age])
    np.testing.assert_allclose(pooled[:, open_age], single[:, open_age:].sum(axis=-1), rtol=1e-14)


def test_changing_an_array_leaves_the_data_alone():
    catalogue.population("belgium", 2019, 105, ALL, ALL)[:] = 0

    np.testing.assert_allclose(people(2019, 105).sum(), TOTALS[2019], rtol=1e-14)


def test_the_single_ages_that_are_kept_cannot_be_written_to():
    assert not age_groups.single_ages("belgium", 2019).flags.writeable


def test_the_next_year_of_a_cohort_is_near():
    """Women of 30 to 59 on 1 January 2019 are 31 to 60 a year later; migration and the edges of cohorts remain."""
    before, after = people(2019)[0, 30:60], people(2020)[0, 31:61]

    np.testing.assert_allclose(after, before, rtol=0.05)


# The open group


def kannisto_ratios():
    """Ratios of survival into the ages 101 to 119, women and men, by a straight line through logits at 80 to 95."""
    reached = catalogue.survival("belgium", (2013, 2015), 120)
    ages = np.arange(80, 96)
    ratios = []
    for by_age in reached:
        hazard = -np.log(by_age[80:96])
        slope, level = np.polyfit(ages, np.log(hazard / (1 - hazard)), 1)
        older = 1 / (1 + np.exp(-(level + slope * np.arange(101, 120))))
        ratios.append(np.exp(-older))
    return np.array(ratios)


@pytest.mark.parametrize("year", TOTALS)
def test_centenarians_thin_out_by_the_law_of_kannisto(year):
    oldest = people(year)[:, 100:]

    np.testing.assert_allclose(oldest[:, 1:-1] / oldest[:, :-2], kannisto_ratios(), rtol=1e-9)


def test_the_last_age_holds_all_who_are_older():
    """As many as all ages from 120 on would have, one after the other."""
    oldest = people(2020)[:, 100:]
    reached = catalogue.survival("belgium", (2013, 2015), 120)
    for place, by_age in enumerate(reached):
        hazard = -np.log(by_age[80:96])
        slope, level = np.polyfit(np.arange(80, 96), np.log(hazard / (1 - hazard)), 1)
        above, alive = 0.0, oldest[place, 19]
        for age in range(120, 400):
            alive *= np.exp(-1 / (1 + np.exp(-(level + slope * age))))
            above += alive
        np.testing.assert_allclose(oldest[place, 20], above, rtol=1e-6)


def test_the_open_group_of_2016_is_divided_nearer_than_by_the_pooled_quotients(register):
    """Persons of 100 and over at a wrong age, women and men; the figures of the README of the data."""
    true = register[:, 100:]
    ratios = np.concatenate([np.ones((2, 1)), kannisto_ratios()], axis=1)
    pooled = np.repeat(catalogue.survival("belgium", (2013, 2015), 120)[:, 105:106], 19, axis=1)

    def misplaced(by_age):
        weights = np.cumprod(by_age, axis=1)
        shared = true.sum(axis=1, keepdims=True) * weights / weights.sum(axis=1, keepdims=True)
        return np.abs(shared - true[:, :20]).sum(axis=1) / 2

    assert np.rint(misplaced(ratios)).tolist() == [87, 16]
    assert np.rint(misplaced(np.concatenate([np.ones((2, 1)), pooled], axis=1))).tolist() == [104, 22]


# The method


def test_the_method_is_the_nearest_of_those_that_are_never_negative(errors):
    """Mean absolute percentage at the ages 0 to 99 on 1 January 2016."""
    nearest = min(NEVER_NEGATIVE, key=lambda name: errors[name][1])

    assert nearest == age_groups.METHOD


def test_the_readme_prints_the_errors_that_are_measured(errors):
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)

    printed = {name: tuple(map(float, values)) for name, *values in found}

    assert set(printed) == set(graduation.METHODS)
    for name, values in errors.items():
        assert (np.abs(np.subtract(printed[name], values)) <= [0.005, 0.005, 0.5, 0.5]).all()


def test_a_method_that_is_nearer_makes_a_negative_number_of_women(register):
    single = graduation.METHODS["beers_modified"](EDGES, graduation.group(EDGES, register[:, :100]))

    assert round(float(single[0, 99])) == -288
    assert np.argwhere(single < 0).tolist() == [[0, 99]]


# What is said


def test_the_source_says_that_ages_are_graduated_where_they_are():
    plain = "Statbel (National Register)"

    assert catalogue.population_source("belgium", ALL) == plain
    assert catalogue.population_source("belgium", ALL, 2016) == plain
    for year in TOTALS:
        expected = f"{plain}; single ages graduated from five-year age groups"
        assert catalogue.population_source("belgium", ALL, year) == expected
    assert "Vause" in catalogue.population_source("belgium", ("foreign_eu",), 2012)


def test_description_tells_the_years_by_age_group_apart():
    description = catalogue.describe("belgium")

    assert (description.years, description.age_group_years) == ((1991, 2016), (2017, 2021))
    assert "1 January 2017 to 2021" in dict(description.files)["age_groups.csv"]


def test_unknown_dataset_has_no_source():
    with pytest.raises(DataError, match=r"^'belgum' is not an embedded dataset; there are: belgium$"):
        catalogue.population_source("belgum", ALL, 2019)


@pytest.mark.parametrize(
    ("regions", "groups"),
    [
        (None, None),
        (None, ALL),
        (ALL, None),
        (("BE1",), ALL),
        (ALL, ("belgian", "foreign")),
        (ALL, ("born_belgian",)),
    ],
)
def test_regions_and_groups_are_known_to_2016(regions, groups):
    message = (
        "the population of belgium by region or nationality is known to 2016; on 1 January 2018 give 'all' as the only "
        "region and the only group"
    )

    with pytest.raises(DataError, match=f"^{message}$"):
        catalogue.population("belgium", 2018, 105, regions, groups)


@pytest.mark.parametrize("labels", [{"regions": ("BE4",), "groups": ALL}, {"regions": ALL, "groups": ("martian",)}])
def test_unknown_states_are_named_in_these_years_too(labels):
    with pytest.raises(DataError, match=r"'(BE4|martian)' (is|are) not"):
        catalogue.population("belgium", 2018, 105, **labels)


@pytest.mark.parametrize("year", [1990, 2022])
def test_years_before_and_after_are_named(year):
    message = (
        f"there is no population of belgium by age on 1 January {year}; the years are 1991 to 2016 and, for the whole "
        "country only, 2017 to 2021"
    )

    with pytest.raises(DataError, match=f"^{message}$"):
        catalogue.population("belgium", year, 105, ALL, ALL)


# A scenario


def content(year, **parts):
    return {
        "name": "short",
        "period": {"start": year, "end": year + 1},
        "ages": {"open": 105},
        "population": {"dataset": "belgium", "date": year},
        "mortality": {"base": {"dataset": "belgium", "years": [2013, 2015]}},
        "fertility": {
            "total": 1.6,
            "pattern": {"dataset": "belgium", "years": [2015, 2020]},
            "sex_ratio_at_birth": 1.05,
        },
        "migration": {
            "balance": {"unit": "persons per year", "path": {year: 50_000}, "after": "constant"},
            "profile": {"dataset": "belgium", "years": [2009, 2012]},
        },
    } | parts


@pytest.mark.parametrize("year", [2017, 2019, 2021])
def test_a_scenario_starts_from_the_age_groups(tmp_path, year):
    (tmp_path / "short.yaml").write_text(json.dumps(content(year)), encoding="utf-8")

    result = sim.run(tmp_path / "short.yaml")

    population = result["population"].sel(year=year, region="all", group="all", sex=["female", "male"])
    np.testing.assert_array_equal(population, people(year, 105))
    assert json.loads(result.attrs["inputs"])["dataset belgium"] == catalogue.fingerprint("belgium")
    assert result.attrs["population_source"].endswith("single ages graduated from five-year age groups")


def test_a_scenario_by_nationality_is_refused_at_its_population(tmp_path):
    text = json.dumps(content(2019, states={"groups": ["belgian", "foreign"]}))
    (tmp_path / "short.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ScenarioError) as caught:
        sim.run(tmp_path / "short.yaml")

    faults = [fault for fault in caught.value.faults if fault.key == "population"]
    assert [fault.message for fault in faults] == [
        "the population of belgium by region or nationality is known to 2016; on 1 January 2019 give 'all' as the only "
        "region and the only group"
    ]
