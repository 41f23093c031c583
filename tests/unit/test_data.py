import csv
import importlib.util
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim.data
from sim.data import catalogue, store
from sim.data.belgium import build
from sim.demography import lifetable
from sim.errors import DataError

FOLDER = Path(sim.data.__file__).parent / "belgium"
REGISTER = FOLDER / "register.npz"
MIGRATION_YEARS = (2008, 2015)
REGIONS = ("BE1", "BE2", "BE3")
NATIONALITIES = ("belgian", "foreign")
ORIGINS = ("born_belgian", "became_belgian_eu", "became_belgian_non_eu", "foreign_eu", "foreign_non_eu")
WHOLE = ("all",)
SPANS = [(first, last) for first in range(2008, 2016) for last in range(first, 2016)]


def members(data):
    """Name, date and content of each array file of an npz archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, info.date_time, archive.read(info)) for info in archive.infolist()]


def rows(name):
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def yearly(indicator, sex=""):
    return {figure.year: figure.value for figure in catalogue.observed("belgium", [indicator]) if figure.sex == sex}


def life_expectancy(survival):
    """Years lived from birth on, by sex, where all are counted on 31 December."""
    lived = np.cumprod(survival[:, :-1], axis=1)
    open_ratio = survival[:, -1]
    return lived.sum(axis=1) + lived[:, -1] * open_ratio / (1 - open_ratio)


# The files


@pytest.mark.parametrize("table", ["population", "deaths"])
def test_register_equals_the_tables_of_larray_cell_by_cell(table):
    folder = Path(importlib.util.find_spec("larray").origin).parent / "tests" / "data"
    key = ["time", "geo", "age", "sex\\nat"]
    values = pd.read_csv(folder / "pop.csv").set_index(key)
    if table == "deaths":
        values = values * pd.read_csv(folder / "qx.csv").set_index(key)
    levels = [range(1991, 2017), ["BruCap", "Fla", "Wal"], range(121), ["F", "M"]]
    expected = values.reindex(pd.MultiIndex.from_product(levels, names=key))[["BE", "FO"]].to_numpy()
    expected = expected.reshape(26, 3, 121, 2, 2).transpose(0, 1, 4, 3, 2)

    with np.load(REGISTER, allow_pickle=False) as file:
        stored = file[table]

    assert stored.dtype == np.int32
    np.testing.assert_allclose(stored, expected, rtol=0, atol=1e-9)


def test_register_carries_its_labels():
    with np.load(REGISTER, allow_pickle=False) as file:
        assert file["year"].tolist() == list(range(1991, 2017))
        assert file["region"].tolist() == ["BE1", "BE2", "BE3"]
        assert file["group"].tolist() == ["belgian", "foreign"]
        assert file["sex"].tolist() == ["female", "male"]
        assert file["age"].tolist() == list(range(121))


def test_register_is_at_most_one_megabyte():
    assert REGISTER.stat().st_size <= 1_000_000


def test_rebuilding_gives_the_same_bytes(tmp_path):
    """Compared without the compression of the committed file, which depends on the zlib of the machine."""
    for name in ("first.npz", "second.npz"):
        build.build(build.tables_folder(), tmp_path / name)

    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    assert members((tmp_path / "first.npz").read_bytes()) == members(REGISTER.read_bytes())


@pytest.mark.parametrize("name", ["series.csv", "fertility_pattern.csv", "origin.csv"])
def test_every_row_has_a_source(name):
    assert all(row["source"].strip() for row in rows(name))


def test_no_figure_is_empty_or_given_twice():
    keys = [(row["indicator"], row["year"], row["sex"]) for row in rows("series.csv")]

    assert len(set(keys)) == len(keys)
    assert all(np.isfinite(figure.value) and figure.unit for figure in catalogue.observed("belgium"))


def test_series_balance_in_every_year():
    population, residual, balance = (
        yearly(indicator) for indicator in ("population", "net_migration_residual", "natural_balance")
    )

    assert sorted(residual) == list(range(1960, 2025))
    for year in residual:
        assert population[year + 1] == population[year] + balance[year] + residual[year]


def test_series_and_register_count_the_same_people():
    population = yearly("population")

    for year in range(1991, 2017):
        assert catalogue.population("belgium", year, 120).sum() == population[year]


# Building


def test_build_says_when_larray_is_missing(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(SystemExit, match=r"^larray is not installed; install the 'test' extra"):
        build.main()


def test_build_refuses_broken_deaths():
    with pytest.raises(DataError, match=re.escape("deaths are off a whole number by up to 0.25; at most 1e-06")):
        build.whole_persons(np.array([3.0, 2.25]), "deaths")


def test_build_refuses_negative_counts():
    with pytest.raises(DataError, match="deaths go down to -1; counts cannot be negative"):
        build.whole_persons(np.array([3.0, -1.0]), "deaths")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,geo,age,sex\\nat,BE\n", "has the columns"),
        ("time,geo,age,sex\\nat,BE,FO\n1991,Mars,0,M,1,1\n", "line 2: .* is not a row of the register"),
        ("time,geo,age,sex\\nat,BE,FO\n1991,Fla,0,M,1\n1991,Fla,0,M,1,1\n", "line 2: .* is not a row"),
        ("time,geo,age,sex\\nat,BE,FO\n1991,Fla,0,M,1,1\n1991,Fla,0,M,1,1\n", "line 3: .* comes twice"),
        ("time,geo,age,sex\\nat,BE,FO\n1991,Fla,0,M,1,1\n", "lacks 37750 of 37752 cells"),
    ],
)
def test_build_refuses_a_table_it_does_not_know(tmp_path, text, message):
    table = tmp_path / "pop.csv"
    table.write_text(text, encoding="utf-8")

    with pytest.raises(DataError, match=message):
        build.read_table(table)


# The population


def test_population_of_2012_is_the_published_one():
    population = catalogue.population("belgium", 2012, 105)

    assert population.shape == (3, 2, 2, 106)
    assert population.dtype == np.float64
    assert population.sum() == 11_035_948
    assert population[:, :, 0].sum() == 5_622_147
    assert population[:, 1].sum() == 1_169_064
    assert population.sum(axis=(1, 2, 3)).tolist() == [1_138_854, 6_350_765, 3_546_329]


def test_pooling_ages_loses_nobody():
    single, pooled = (catalogue.population("belgium", 2012, age) for age in (120, 100))

    np.testing.assert_array_equal(pooled[..., :100], single[..., :100])
    np.testing.assert_array_equal(pooled[..., 100], single[..., 100:].sum(axis=-1))


def test_changing_an_array_leaves_the_data_alone():
    catalogue.population("belgium", 2012, 105)[:] = 0

    assert catalogue.population("belgium", 2012, 105).sum() == 11_035_948


# Mortality


def test_deaths_and_population_add_up_over_years():
    deaths, population = catalogue.deaths_and_population("belgium", (2009, 2011), 105)
    by_year = [catalogue.deaths_and_population("belgium", (year, year), 105) for year in (2009, 2010, 2011)]

    assert deaths.shape == population.shape == (2, 106)
    np.testing.assert_array_equal(deaths, sum(year[0] for year in by_year))
    np.testing.assert_array_equal(population, sum(year[1] for year in by_year))
    assert deaths.sum() == 104_133 + 104_708 + 103_877


def test_412_infants_died_in_the_year_of_their_birth_in_2012():
    assert catalogue.infant_deaths("belgium", 2012) == 412


def test_survival_is_the_share_who_did_not_die():
    deaths, population = catalogue.deaths_and_population("belgium", (2009, 2011), 120)
    survival = catalogue.survival("belgium", (2009, 2011), 105)
    oldest = 1 - deaths[:, 100:].sum(axis=1) / population[:, 100:].sum(axis=1)

    assert survival.shape == (2, 106)
    np.testing.assert_allclose(survival[:, 1:101], 1 - deaths[:, :100] / population[:, :100], rtol=1e-15, atol=0)
    np.testing.assert_allclose(survival[:, 101:], np.repeat(oldest[:, None], 5, axis=1), rtol=1e-15, atol=0)


@pytest.mark.parametrize("open_age", [1, 85, 100])
def test_open_age_below_the_oldest_pools_the_age_before_it_too(open_age):
    deaths, population = catalogue.deaths_and_population("belgium", (2009, 2011), 120)
    survival = catalogue.survival("belgium", (2009, 2011), open_age)
    entering = slice(open_age - 1, None)

    expected = 1 - deaths[:, entering].sum(axis=1) / population[:, entering].sum(axis=1)
    np.testing.assert_allclose(survival[:, -1], expected, rtol=1e-15, atol=0)


def test_newborn_survival_is_that_of_2008_to_2015_whatever_the_years():
    ratios, births = yearly("sex_ratio_at_birth"), yearly("births")
    boys = sum(births[year] * ratios[year] / (1 + ratios[year]) for year in range(2008, 2016)) / 1_010_157
    for years in ((1997, 2003), (2012, 2012)):
        girls_survival, boys_survival = catalogue.survival("belgium", years, 105)[:, 0]

        total = (1 - boys) * girls_survival + boys * boys_survival
        np.testing.assert_allclose(total, 1 - 3034 / 1_010_157, rtol=1e-14, atol=0)


def test_newborn_boys_exceed_girls_as_the_register_sees_at_age_0():
    deaths, persons = catalogue.deaths_and_population("belgium", (2008, 2015), 105)
    quotients = deaths[:, 0] / persons[:, 0]

    risk = 1 - catalogue.survival("belgium", (2011, 2011), 105)[:, 0]

    np.testing.assert_allclose(risk[1] / risk[0], quotients[1] / quotients[0], rtol=1e-12, atol=0)


def test_life_expectancy_of_2011_is_the_register_figure():
    computed = life_expectancy(catalogue.survival("belgium", (2011, 2011), 105))

    np.testing.assert_allclose(computed, [82.86, 77.74], rtol=0, atol=0.01)


@pytest.mark.parametrize("year", [1997, 2000, 2003, 2008, 2011, 2014])
def test_life_expectancy_is_close_to_the_united_nations(year):
    published = [yearly("life_expectancy", sex)[year] for sex in ("female", "male")]

    computed = life_expectancy(catalogue.survival("belgium", (year, year), 105))

    np.testing.assert_allclose(computed, published, rtol=0, atol=0.2)


# Migration


def test_net_migration_of_a_year_is_the_residual_to_the_person():
    residual = yearly("net_migration_residual")
    for open_age in (1, 60, 105, 120):
        net = catalogue.net_migration("belgium", MIGRATION_YEARS, open_age)

        assert net.shape == (8, 2, open_age + 1)
        assert net.sum(axis=(1, 2)).tolist() == [residual[year] for year in range(2008, 2016)]


def test_net_migration_closes_the_books_of_every_cohort():
    net = catalogue.net_migration("belgium", (2012, 2012), 120)[0]
    deaths, before = catalogue.deaths_and_population("belgium", (2012, 2012), 120)
    after = catalogue.population("belgium", 2013, 120).sum(axis=(0, 1))

    np.testing.assert_array_equal(before[:, :120] - deaths[:, :120] + net[:, 1:], after[:, 1:])
    assert before[:, 120].sum() == 0


def test_net_migration_of_infants_does_not_depend_on_the_open_age():
    few, many = (catalogue.net_migration("belgium", MIGRATION_YEARS, open_age) for open_age in (1, 105))

    np.testing.assert_array_equal(few[:, :, 0], many[:, :, 0])


def test_net_migration_of_infants_is_whole_and_divided_nearly_evenly():
    infants = catalogue.net_migration("belgium", MIGRATION_YEARS, 105)[:, :, 0]

    assert infants.sum(axis=1).tolist() == [-980, -87, 571, 567, 367, 194, 274, 414]
    np.testing.assert_array_equal(infants, np.rint(infants))
    np.testing.assert_allclose(infants[:, 0] / infants.sum(axis=1), 0.49, rtol=0, atol=0.03)


def test_migration_profile_is_the_mean_year():
    profile = catalogue.migration_profile("belgium", (2009, 2012), 105)
    residual = yearly("net_migration_residual")

    assert profile.shape == (2, 106)
    np.testing.assert_allclose(profile.sum(), np.mean([residual[y] for y in range(2009, 2013)]), rtol=1e-14, atol=0)


# Regions and groups


def test_groups_come_by_nationality_and_by_origin():
    assert catalogue.groupings("belgium") == {"nationality": NATIONALITIES, "origin": ORIGINS}


def test_foreign_shares_of_2012_are_the_published_ones():
    regions = ("BE2", "BE3", "BE1")

    foreign, everybody = (
        catalogue.population("belgium", 2012, 105, regions, groups).sum(axis=(1, 2, 3))
        for groups in (("foreign",), WHOLE)
    )

    np.testing.assert_allclose(100 * foreign / everybody, [7.14, 9.72, 32.58], rtol=0, atol=0.005)


def test_population_divided_by_all_states_is_the_one_of_the_register():
    whole = catalogue.population("belgium", 2012, 105)

    np.testing.assert_array_equal(catalogue.population("belgium", 2012, 105, REGIONS, NATIONALITIES), whole)
    np.testing.assert_array_equal(catalogue.population("belgium", 2012, 105, groups=WHOLE), whole.sum(1, keepdims=True))


def test_states_come_in_the_order_asked_for():
    whole = catalogue.population("belgium", 2012, 105)

    np.testing.assert_array_equal(
        catalogue.population("belgium", 2012, 105, ("BE3", "BE1"), ("foreign", "belgian")), whole[[2, 0]][:, ::-1]
    )
    np.testing.assert_array_equal(
        catalogue.survival("belgium", (2009, 2011), 105, ("BE3", "BE1"), ("foreign",)),
        catalogue.survival("belgium", (2009, 2011), 105, REGIONS, NATIONALITIES)[[2, 0]][:, 1:],
    )
    np.testing.assert_array_equal(
        catalogue.net_migration("belgium", (2009, 2011), 105, ("BE3", "BE1"), ("foreign",)),
        catalogue.net_migration("belgium", (2009, 2011), 105, REGIONS, NATIONALITIES)[:, [2, 0]][:, :, 1:],
    )


@pytest.mark.parametrize("labels", [{}, {"regions": WHOLE, "groups": WHOLE}, {"regions": WHOLE}, {"groups": WHOLE}])
def test_survival_and_migration_of_the_whole_country_have_no_states(labels):
    for ask in (catalogue.survival, catalogue.migration_profile):
        np.testing.assert_array_equal(ask("belgium", (2009, 2011), 105, **labels), ask("belgium", (2009, 2011), 105))
        assert ask("belgium", (2009, 2011), 105, **labels).shape == (2, 106)


# Origin


@pytest.mark.parametrize("open_age", [1, 85, 105, 110])
def test_origins_have_the_published_totals(open_age):
    """A total of 9 million is a double only within 2e-9."""
    population = catalogue.population("belgium", 2012, open_age, WHOLE, ORIGINS)

    assert population.shape == (1, 5, 2, open_age + 1)
    assert population.min() >= 0
    expected = [8_980_113, 284_106, 602_665, 776_750, 392_314]
    np.testing.assert_allclose(population.sum(axis=(0, 2, 3)), expected, rtol=0, atol=4e-9)
    assert [float(row["persons"]) for row in rows("origin.csv")] == expected


def test_origins_of_a_nationality_add_up_to_it_at_every_sex_and_age():
    by_origin = catalogue.population("belgium", 2012, 105, WHOLE, ORIGINS)
    belgian, foreign = np.moveaxis(catalogue.population("belgium", 2012, 105, WHOLE, NATIONALITIES), 1, 0)

    np.testing.assert_allclose(by_origin[:, :3].sum(axis=1), belgian, rtol=0, atol=1e-9)
    np.testing.assert_allclose(by_origin[:, 3:].sum(axis=1), foreign, rtol=0, atol=1e-9)


def test_all_who_were_born_foreign_have_the_same_ages():
    became, foreign = catalogue.population("belgium", 2012, 105, WHOLE, ("became_belgian_eu", "foreign_non_eu"))[0]

    np.testing.assert_allclose(became / became.sum(), foreign / foreign.sum(), rtol=1e-14, atol=0)


def test_origin_dies_as_its_nationality():
    years = (2009, 2011)
    belgian, foreign = np.moveaxis(catalogue.survival("belgium", years, 105, REGIONS, NATIONALITIES), 1, 0)

    by_origin = catalogue.survival("belgium", years, 105, REGIONS, ORIGINS)

    np.testing.assert_array_equal(by_origin, np.stack([belgian, belgian, belgian, foreign, foreign], axis=1))


# Mortality of regions and groups


@pytest.mark.parametrize("regions", [REGIONS, WHOLE])
@pytest.mark.parametrize("groups", [NATIONALITIES, WHOLE])
def test_expected_deaths_times_their_ratios_are_the_deaths_of_the_country(regions, groups):
    years = (2009, 2011)
    deaths, population = catalogue.deaths_and_population("belgium", years, 120)
    quotients = deaths[:, :100] / population[:, :100]
    oldest = deaths[:, 100:].sum(axis=1) / population[:, 100:].sum(axis=1)
    persons = sum(catalogue.population("belgium", year, 100, regions, groups) for year in range(2009, 2012))
    expected = (persons * np.concatenate([quotients, oldest[:, None]], axis=1)).sum(axis=-1)

    ratios = catalogue.mortality_ratios("belgium", years, regions, groups)

    assert ratios.shape == (len(regions), len(groups), 2)
    np.testing.assert_allclose(expected.sum(axis=(0, 1)), deaths.sum(axis=1), rtol=1e-13, atol=0)
    np.testing.assert_allclose((expected * ratios).sum(axis=(0, 1)), deaths.sum(axis=1), rtol=1e-13, atol=0)
    np.testing.assert_allclose(expected * ratios, np.rint(expected * ratios), rtol=0, atol=1e-9)


def test_wallonia_loses_more_and_foreigners_of_brussels_fewer_than_expected():
    ratios = catalogue.mortality_ratios("belgium", (2009, 2011), REGIONS, NATIONALITIES)

    expected = [
        [[0.9971, 1.0438], [0.8494, 0.8487]],
        [[0.9494, 0.9288], [0.9099, 0.8463]],
        [[1.1019, 1.1581], [1.0478, 1.0649]],
    ]
    np.testing.assert_allclose(ratios, expected, rtol=0, atol=5e-5)


def test_hazards_of_a_state_are_one_multiple_of_those_of_the_country():
    years = (2009, 2011)
    country = catalogue.survival("belgium", years, 105)
    ratios = catalogue.mortality_ratios("belgium", years, REGIONS, NATIONALITIES)

    divided = catalogue.survival("belgium", years, 105, REGIONS, NATIONALITIES)

    assert divided.shape == (3, 2, 2, 106)
    np.testing.assert_array_equal(divided[..., 0], np.broadcast_to(country[:, 0], (3, 2, 2)))
    multiples = np.log(divided[..., 1:]) / np.log(country[:, 1:])
    np.testing.assert_allclose(multiples, np.broadcast_to(ratios[..., None], multiples.shape), rtol=1e-9, atol=0)


def test_survival_of_the_states_gives_their_deaths():
    """Within 0.6 percent; the ratio multiplies hazards here and deaths where it comes from."""
    years = range(2009, 2012)
    divided = catalogue.survival("belgium", (2009, 2011), 120, REGIONS, NATIONALITIES)
    persons = sum(catalogue.population("belgium", year, 120) for year in years)
    with np.load(REGISTER, allow_pickle=False) as file:
        deaths = file["deaths"][2009 - 1991 : 2012 - 1991].sum(axis=(0, -1))

    computed = (persons[..., :120] * (1 - divided[..., 1:])).sum(axis=-1)

    np.testing.assert_allclose(computed, deaths, rtol=0.006, atol=0)


# Migration of regions and groups


@pytest.mark.parametrize("span", SPANS)
def test_states_return_the_migration_of_the_country_by_age_and_from_90_on_in_sum(span):
    country = catalogue.migration_profile("belgium", span, 105)

    for regions, groups in ((REGIONS, NATIONALITIES), (REGIONS, WHOLE), (WHOLE, NATIONALITIES)):
        divided = catalogue.migration_profile("belgium", span, 105, regions, groups)

        assert divided.shape == (len(regions), len(groups), 2, 106)
        by_age = divided.sum(axis=(0, 1))
        np.testing.assert_allclose(by_age[:, :90], country[:, :90], rtol=0, atol=1e-9)
        np.testing.assert_allclose(by_age[:, 90:].sum(axis=1), country[:, 90:].sum(axis=1), rtol=0, atol=1e-9)


def test_regions_do_not_depend_on_changes_of_nationality():
    by_both = catalogue.net_migration("belgium", MIGRATION_YEARS, 105, REGIONS, NATIONALITIES)
    by_region = catalogue.net_migration("belgium", MIGRATION_YEARS, 105, REGIONS)

    assert by_region.shape == (8, 3, 1, 2, 106)
    np.testing.assert_allclose(by_both.sum(axis=2, keepdims=True), by_region, rtol=0, atol=1e-9)


def test_net_migration_of_a_region_closes_the_books_of_its_cohorts_below_age_90():
    net = catalogue.net_migration("belgium", (2012, 2012), 120, REGIONS)[0, :, 0]
    before, after = (catalogue.population("belgium", year, 120).sum(axis=1) for year in (2012, 2013))
    with np.load(REGISTER, allow_pickle=False) as file:
        deaths = file["deaths"][2012 - 1991].sum(axis=1)

    books = before[..., :120] - deaths[..., :120] + net[..., 1:]

    np.testing.assert_allclose(books[..., :89], after[..., 1:90], rtol=0, atol=1e-9)


@pytest.mark.parametrize("year", range(2008, 2016))
def test_changes_taken_out_below_age_90_are_acquisitions_at_one_risk_and_cancel_within_a_region(year):
    net = catalogue.net_migration("belgium", (year, year), 120, REGIONS, NATIONALITIES)[0, ..., 1:]
    before, after = (catalogue.population("belgium", of, 120) for of in (year, year + 1))
    with np.load(REGISTER, allow_pickle=False) as file:
        deaths = file["deaths"][year - 1991]

    changes = (net - (after[..., 1:] - before[..., :120] + deaths[..., :120]))[..., :89]

    np.testing.assert_allclose(changes.sum(axis=1), 0, rtol=0, atol=1e-9)
    foreigners = before[:, 1]
    risk = catalogue.acquisitions_of_nationality("belgium", year) / foreigners.sum()
    np.testing.assert_allclose(changes[:, 1], risk * foreigners[..., :89], rtol=0, atol=1e-9)


@pytest.mark.parametrize("year", range(2008, 2016))
def test_states_have_the_ratio_of_the_country_from_age_90_to_94_and_no_net_migrants_above(year):
    country = catalogue.net_migration("belgium", (year, year), 120)[0, :, 90:].sum(axis=-1)
    people = catalogue.population("belgium", year, 120)[..., 89:94]
    ratio = country / people.sum(axis=(0, 1, 3))

    net = catalogue.net_migration("belgium", (year, year), 120, REGIONS, NATIONALITIES)[0]

    assert people.min() > 0
    np.testing.assert_allclose(net[..., 90:95] / people, np.broadcast_to(ratio[:, None], people.shape), rtol=1e-12)
    assert not net[..., 95:].any()


def test_infants_move_as_those_one_year_older():
    net = catalogue.net_migration("belgium", MIGRATION_YEARS, 105, REGIONS, NATIONALITIES)
    country = catalogue.net_migration("belgium", MIGRATION_YEARS, 105)

    infants, older = (net[..., age] / country[:, None, None, :, age] for age in (0, 1))

    assert country[..., 1].min() > 0
    np.testing.assert_allclose(infants, older, rtol=1e-12, atol=0)


@pytest.mark.parametrize("year", [2010, 2011])
def test_net_migration_of_foreigners_is_their_published_balance(year):
    immigrants, emigrants = (yearly(f"{flow}_of_foreigners")[year] for flow in ("immigration", "emigration"))

    by_region = catalogue.net_migration("belgium", (year, year), 105, REGIONS, NATIONALITIES)[0]

    belgian, foreign = by_region.sum(axis=(0, 2, 3))
    np.testing.assert_allclose(foreign, immigrants - emigrants, rtol=0, atol=1e-6)
    np.testing.assert_allclose(belgian, yearly("net_migration_residual")[year] - foreign, rtol=0, atol=1e-6)


def test_net_migration_of_2011_by_nationality():
    """Printed for Belgians are -9,963, with a total that is 883 above the residual, see the README of the data."""
    net = catalogue.net_migration("belgium", (2011, 2011), 105, WHOLE, NATIONALITIES)

    np.testing.assert_allclose(net.sum(axis=(0, 1, 3, 4)), [-10_846, 72_120], rtol=0, atol=1e-6)


def test_acquisitions_are_published_or_follow_from_a_balance_or_are_their_mean():
    acquired = {year: catalogue.acquisitions_of_nationality("belgium", year) for year in range(2006, 2018)}

    assert [acquired[year] for year in (2006, 2007)] == [31_860, 36_063]
    assert [acquired[year] for year in range(2013, 2018)] == [34_801, 19_000, 27_100, 31_935, 37_765]
    np.testing.assert_allclose([acquired[2010], acquired[2011]], [30_887.23, 30_623.31], rtol=0, atol=0.05)
    for year in (2008, 2009, 2012):
        np.testing.assert_allclose(acquired[year], (acquired[2010] + acquired[2011]) / 2, rtol=1e-15, atol=0)


# Fertility


def test_fertility_periods_follow_each_other():
    expected = tuple((first, first + 5) for first in range(1950, 2020, 5))

    assert catalogue.fertility_periods("belgium") == expected


def test_shares_of_every_period_add_up_to_one():
    for first, last in catalogue.fertility_periods("belgium"):
        edges, shares = catalogue.fertility_pattern("belgium", first, last)

        assert edges.tolist() == [15, 20, 25, 30, 35, 40, 45, 50]
        np.testing.assert_allclose(shares.sum(), 1, rtol=0, atol=1e-15)


def test_printed_shares_miss_one_by_rounding_only():
    table = pd.read_csv(FOLDER / "fertility_pattern.csv")

    sums = table.groupby("first_year")["share"].sum()

    np.testing.assert_allclose(sums, 1, rtol=0, atol=1.01e-7)


def test_fertility_of_2010_to_2015_gives_the_births_of_2011():
    """Rates of five years of age times the women of mid-year, against the registered births."""
    edges, shares = catalogue.fertility_pattern("belgium", 2010, 2015)
    both = [catalogue.population("belgium", year, 105)[:, :, 0].sum(axis=(0, 1)) for year in (2011, 2012)]
    women = np.mean(both, axis=0)
    in_groups = np.add.reduceat(women[: edges[-1]], edges[:-1])

    births = (in_groups * shares / 5).sum() * yearly("total_fertility")[2011]

    np.testing.assert_allclose(births, yearly("births")[2011], rtol=0.005, atol=0)


# The catalogue


def test_observed_figures_can_be_chosen():
    figures = catalogue.observed("belgium", ["births", "deaths"])

    assert {figure.indicator for figure in figures} == {"births", "deaths"}
    assert len(figures) == 2 * 64


def test_life_expectancies_of_two_definitions_are_apart():
    assert yearly("life_expectancy", "female")[2011] == 82.8645
    assert yearly("life_expectancy_printed", "female")[2011] == 83.4


def test_description_lists_what_there_is():
    description = catalogue.describe("belgium")

    assert catalogue.names() == ("belgium",)
    assert description.years == (1991, 2016)
    assert description.regions == catalogue.regions("belgium") == ("BE1", "BE2", "BE3")
    assert description.groups == catalogue.groups("belgium") == ("belgian", "foreign")
    assert description.groupings == catalogue.groupings("belgium")
    assert description.open_age == 120
    assert all((FOLDER / name).is_file() and content for name, content in description.files)


def test_fingerprint_is_a_sha256_that_does_not_change():
    assert re.fullmatch("[0-9a-f]{64}", catalogue.fingerprint("belgium"))
    assert catalogue.fingerprint("belgium") == catalogue.fingerprint("belgium")


def test_fingerprint_follows_every_file(tmp_path, monkeypatch):
    for name, _ in catalogue.FILES:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    monkeypatch.setattr(store, "folder", lambda name: tmp_path)
    seen = {catalogue.fingerprint("belgium")}

    for name, _ in catalogue.FILES:
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")
        seen.add(catalogue.fingerprint("belgium"))

    assert len(seen) == 1 + len(catalogue.FILES)


# What is refused


@pytest.mark.parametrize(
    "ask",
    [
        catalogue.regions,
        catalogue.groups,
        catalogue.groupings,
        catalogue.describe,
        catalogue.fingerprint,
        catalogue.observed,
        catalogue.fertility_periods,
        lambda name: catalogue.fertility_pattern(name, 2010, 2015),
        lambda name: catalogue.infant_deaths(name, 2012),
        lambda name: catalogue.population(name, 2012, 105),
        lambda name: catalogue.deaths_and_population(name, (2012, 2012), 105),
        lambda name: catalogue.survival(name, (2012, 2012), 105),
        lambda name: catalogue.net_migration(name, (2012, 2012), 105),
        lambda name: catalogue.migration_profile(name, (2012, 2012), 105),
        lambda name: catalogue.mortality_ratios(name, (2012, 2012)),
        lambda name: catalogue.acquisitions_of_nationality(name, 2012),
    ],
)
def test_unknown_dataset_is_named(ask):
    with pytest.raises(DataError, match=r"^'belgum' is not an embedded dataset; there are: belgium$"):
        ask("belgum")


@pytest.mark.parametrize("year", [1990, 2022])
def test_year_without_population_is_named(year):
    message = f"^there is no population of belgium by age on 1 January {year}; the years are 1991 to 2016 and, .* 2021$"

    with pytest.raises(DataError, match=message):
        catalogue.population("belgium", year, 105)


@pytest.mark.parametrize("open_age", [0, -1, 121])
@pytest.mark.parametrize(
    "ask",
    [
        lambda age: catalogue.population("belgium", 2012, age),
        lambda age: catalogue.deaths_and_population("belgium", (2012, 2012), age),
        lambda age: catalogue.survival("belgium", (2012, 2012), age),
        lambda age: catalogue.net_migration("belgium", (2012, 2012), age),
    ],
)
def test_open_age_out_of_range_is_named(ask, open_age):
    message = f"^open age {open_age} is not available; the register allows 1 to 120$"

    with pytest.raises(DataError, match=message):
        ask(open_age)


@pytest.mark.parametrize("ask", [catalogue.survival, catalogue.deaths_and_population])
@pytest.mark.parametrize(
    ("years", "message"),
    [
        ((1996, 1998), "^deaths of 1996 cannot be used: before 1997 the register falls short"),
        ((2003, 2005), "^deaths of 2004 cannot be used: .* 101566 .* 101256"),
        ((2007, 2007), "^deaths of 2007 cannot be used: .* 101636 .* 100658"),
        ((2014, 2016), "^deaths of 2016 cannot be used: .* 110046 .* 108056"),
        ((2017, 2017), "^deaths of 2017 cannot be used: the register ends with 2016"),
        ((2012, 2010), "^years 2012 to 2010 run backwards; give the first year first$"),
    ],
)
def test_deaths_that_do_not_reconcile_are_refused(ask, years, message):
    with pytest.raises(DataError, match=message):
        ask("belgium", years, 105)


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ((2007, 2010), "^net migration by age of 2007 cannot be used: .* only from 2008 to 2015$"),
        ((2015, 2016), "^net migration by age of 2016 cannot be used: .* only from 2008 to 2015$"),
        ((2012, 2010), "^years 2012 to 2010 run backwards"),
    ],
)
@pytest.mark.parametrize("ask", [catalogue.net_migration, catalogue.migration_profile])
def test_years_without_net_migration_are_refused(ask, years, message):
    with pytest.raises(DataError, match=message):
        ask("belgium", years, 105)


def test_unknown_period_of_fertility_is_named():
    with pytest.raises(DataError, match=r"^2010-2014 is not a period .*; there are: 1950-1955, .*, 2015-2020$"):
        catalogue.fertility_pattern("belgium", 2010, 2014)


def test_unknown_indicator_is_named():
    with pytest.raises(DataError, match=r"^'birth' is not a series of belgium; there are: population, births, "):
        catalogue.observed("belgium", ["deaths", "birth"])


ASK_BY_STATE = [
    lambda **labels: catalogue.population("belgium", 2012, 105, **labels),
    lambda **labels: catalogue.survival("belgium", (2012, 2012), 105, **labels),
    lambda **labels: catalogue.net_migration("belgium", (2012, 2012), 105, **labels),
    lambda **labels: catalogue.migration_profile("belgium", (2012, 2012), 105, **labels),
]


@pytest.mark.parametrize("ask", ASK_BY_STATE)
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            {"regions": ("BE1", "BE4")},
            r"^'BE4' is not a region of belgium; there are: BE1, BE2, BE3, or 'all' for their",
        ),
        ({"regions": ("BE1", "all")}, "^'all' is not a region of belgium"),
        ({"regions": ("BE1", "BE2", "BE1")}, "^regions name 'BE1' twice$"),
        ({"groups": ("foreign", "foreign")}, "^groups name 'foreign' twice$"),
        ({"regions": ()}, "^no regions are named; give at least one$"),
        ({"groups": ()}, "^no groups are named; give at least one$"),
        (
            {"groups": ("belgian", "foreign_eu")},
            r"^'belgian', 'foreign_eu' are not groups of one grouping of belgium; there are: belgian, foreign "
            r"\(by nationality\); or born_belgian, .*, foreign_non_eu \(by origin\); or 'all' for their sum$",
        ),
        ({"groups": ("foreign", "all")}, "^'foreign', 'all' are not groups of one grouping"),
        ({"groups": ("martian",)}, "^'martian' are not groups of one grouping"),
    ],
)
def test_unknown_states_are_named(ask, labels, message):
    with pytest.raises(DataError, match=message):
        ask(**labels)


def test_population_by_origin_of_another_year_is_refused():
    message = "^the population of belgium by origin is known for 1 January 2012 only, not for 2011$"

    with pytest.raises(DataError, match=message):
        catalogue.population("belgium", 2011, 105, WHOLE, ORIGINS)


@pytest.mark.parametrize("regions", [None, REGIONS, ("BE1",)])
def test_population_by_origin_and_region_is_refused(regions):
    message = "^the population of belgium by origin is not known by region; give 'all' as the only region$"

    with pytest.raises(DataError, match=message):
        catalogue.population("belgium", 2012, 105, regions, ORIGINS)


def test_more_who_became_belgian_than_belgians_are_refused():
    message = "^-0.76 female persons of age 116 would be born Belgian: .*; use a lower open age$"

    with pytest.raises(DataError, match=message):
        catalogue.population("belgium", 2012, 120, WHOLE, ORIGINS)


@pytest.mark.parametrize("ask", [catalogue.net_migration, catalogue.migration_profile])
def test_net_migration_by_origin_is_refused(ask):
    message = "^net migration of belgium is not known by origin; it is known by nationality: belgian, foreign$"

    with pytest.raises(DataError, match=message):
        ask("belgium", (2009, 2012), 105, WHOLE, ("foreign_eu",))


@pytest.mark.parametrize("year", [2005, 2018])
def test_acquisitions_of_another_year_are_refused(year):
    message = f"^acquisitions of nationality of {year} are not known; known are 2006, 2007 and 2008 to 2017$"

    with pytest.raises(DataError, match=message):
        catalogue.acquisitions_of_nationality("belgium", year)


# Deaths year by year


def expectancy_by_year():
    """Years, and life expectancy of women and men of the register's deaths and of the United Nations."""
    found = catalogue.deaths_by_year("belgium", (1991, 2015), 100)
    survival = np.concatenate([found.newborn_survival[..., None], 1 - found.deaths / found.population], axis=-1)
    series = catalogue.observed("belgium", ["life_expectancy"])
    united_nations = {(figure.year, figure.sex): figure.value for figure in series}
    expected = np.array([[united_nations[year, sex] for sex in ("female", "male")] for year in found.years])
    return np.array(found.years), lifetable.life_expectancy(survival), expected


def test_life_expectancy_of_the_register_is_that_of_the_united_nations():
    years, found, expected = expectancy_by_year()

    gap = np.abs(found - expected).max(axis=1)
    assert gap.max() < 0.25
    assert gap[years >= 1997].max() < 0.05


def test_years_whose_deaths_contradict_the_published_ones_are_left_out_and_early_ones_are_doubtful():
    found = catalogue.deaths_by_year("belgium", (1991, 2016), 100)

    assert set(found.left_out) == {2004, 2007, 2016}
    assert found.years == tuple(year for year in range(1991, 2016) if year not in {2004, 2007})
    assert list(found.doubtful) == list(range(1991, 1997))


def test_deaths_of_a_year_are_all_deaths_that_were_published():
    found = catalogue.deaths_by_year("belgium", (1991, 2015), 100)
    published = {figure.year: figure.value for figure in catalogue.observed("belgium", ["deaths"])}
    born = {figure.year: figure.value for figure in catalogue.observed("belgium", ["births"])}

    total = found.deaths.sum(axis=(1, 2)) + found.newborn_deaths.sum(axis=1)
    np.testing.assert_allclose(total, [published[year] for year in found.years], rtol=1e-12)
    np.testing.assert_allclose(found.births.sum(axis=1), [born[year] for year in found.years], rtol=1e-12)


def test_figures_of_a_year_do_not_depend_on_the_years_asked_for():
    alone = catalogue.deaths_by_year("belgium", (2008, 2008), 100)
    among = catalogue.deaths_by_year("belgium", (1991, 2015), 100)

    place = among.years.index(2008)
    for name in ("deaths", "population", "births", "newborn_deaths", "newborn_survival"):
        np.testing.assert_array_equal(getattr(alone, name)[0], getattr(among, name)[place])


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ((1990, 2000), "deaths of 1990 to 2000 are not there; the years of belgium are 1991 to 2016"),
        ((2010, 2009), "deaths of 2010 to 2009 are not there"),
        ((2004, 2004), "the register counts 101566 deaths without newborn"),
    ],
)
def test_years_without_deaths_are_refused(years, message):
    with pytest.raises(DataError, match=message):
        catalogue.deaths_by_year("belgium", years, 100)
