"""Models fitted to past mortality, their forecasts as tables, and what scenarios make of these."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from small import OPEN, SEXES

import sim as package
from sim import cli
from sim.analysis.fit import fit_mortality, pattern_rows, rows
from sim.demography.hazards import death_hazard, survival_from_hazard
from sim.demography.lifetable import life_expectancy, life_table, survival_ratios
from sim.demography.mortality import coherent_forecast, li_lee, rates_of_last_year
from sim.errors import DataError, ScenarioError

YEARS = range(1990, 2011)
UNTIL = 2020
AGES = np.arange(OPEN + 1)
GROUPS = np.array([0, 1, *range(5, 91, 5)])
LEVEL = np.log(
    np.array([[1.0], [1.4]]) * np.where(AGES == OPEN, 0.04, np.where(AGES == 0, 0.01, 4e-4 * np.exp(0.07 * AGES)))
)
FALL = 0.025 - 0.0003 * AGES
INDEX = -np.arange(21) - 0.5 * (np.arange(21) % 3 == 1)
"""Falls by 20 over 20 years, neither evenly nor steadily: only its first and last year make the drift."""


def logarithms(index=INDEX, fall=FALL):
    """Logarithms of rates whose index falls, (Y, 2, A)."""
    return LEVEL + np.asarray(index)[:, None, None] * fall


def written(path, rates, years=YEARS, ages=AGES):
    """Write rates (Y, 2, A) as a table."""
    with Path(path).open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["year", "sex", "age", "value"])
        for year, by_sex in zip(years, rates, strict=True):
            for sex, by_age in zip(SEXES, by_sex, strict=True):
                out.writerows([year, sex, age, repr(float(value))] for age, value in zip(ages, by_age, strict=True))
    return str(path)


def text(lines):
    """Rows as the text of a CSV file."""
    return "".join(",".join(row) + "\n" for row in lines)


@pytest.fixture
def past(tmp_path):
    """Table of death rates whose logarithms follow one index."""
    return written(tmp_path / "past.csv", np.exp(logarithms()))


# A model with one index


def test_one_index_is_found_again(past):
    found = fit_mortality(past, "lee_carter", UNTIL)

    assert (found.model, found.observed.years, found.years) == ("lee_carter", tuple(YEARS), range(2011, UNTIL + 1))
    np.testing.assert_allclose(found.explained, 1, atol=1e-12)
    np.testing.assert_allclose(found.sensitivity, np.tile(FALL / FALL.sum(), (2, 1)), rtol=1e-9)
    np.testing.assert_allclose(found.drift, -FALL.sum(), rtol=1e-8)


@pytest.mark.parametrize("model", ["lee_carter", "li_lee"])
def test_the_forecast_goes_on_from_the_last_year_by_the_mean_change(past, model):
    found = fit_mortality(past, model, UNTIL)

    ahead = np.arange(1, UNTIL - 2010 + 1)
    np.testing.assert_allclose(np.log(found.forecast), logarithms(INDEX[-1] - ahead), rtol=1e-7)
    np.testing.assert_allclose(found.expectancy, life_table(found.forecast).life_expectancy[..., 0], rtol=1e-13)


def test_years_that_are_left_out_are_not_fitted(past):
    found = fit_mortality(past, "lee_carter", 2005, years=(1990, 1999))

    assert found.observed.years == tuple(range(1990, 2000))
    assert found.years == range(2000, 2006)
    np.testing.assert_allclose(np.log(found.forecast[0]), logarithms([INDEX[9] + (INDEX[9] - INDEX[0]) / 9])[0])


def test_a_gap_in_the_years_changes_no_forecast(tmp_path, past):
    kept = [place for place in range(21) if place not in (5, 6, 12)]
    some = written(tmp_path / "some.csv", np.exp(logarithms(INDEX[kept])), [YEARS[place] for place in kept])
    np.testing.assert_allclose(
        fit_mortality(some, "lee_carter", UNTIL).forecast, fit_mortality(past, "lee_carter", UNTIL).forecast, rtol=1e-7
    )


def test_a_coherent_forecast_keeps_the_sexes_closer_together(tmp_path):
    own = np.array([-2, -1, -1.4, 0, 0.3, -0.8, 0.5, 1, 0.2, -0.4, 0.1, -1, 0, 0.6, 1, 0.4, -0.5, 0.3, 0.8, 1.6, 2])
    rates = np.exp(np.stack([logarithms(INDEX + own)[:, 0], logarithms(INDEX - own)[:, 1]], axis=1))
    source = written(tmp_path / "apart.csv", rates)

    def gap(model):
        forecast = np.log(fit_mortality(source, model, 2110).forecast)
        return np.abs(np.diff(forecast[[49, 99]], axis=1)).mean(axis=(1, 2))

    apart, together = gap("lee_carter"), gap("li_lee")
    assert apart[1] > 1.5 * apart[0]
    assert together[1] == pytest.approx(together[0], rel=0.05)


def test_a_turned_pattern_has_the_life_expectancy_of_the_plain_one_and_gains_at_older_ages(tmp_path):
    rates = np.exp(-2.5 + 0.09 * (np.arange(101) - 60) - 0.03 * np.arange(21)[:, None, None] * np.ones((1, 2, 1)))
    rates *= np.exp(-0.02 * np.arange(21)[:, None, None] * (np.arange(101) < 50)) / 6
    source = written(tmp_path / "old.csv", rates, ages=range(101))
    plain, turned = (fit_mortality(source, "lee_carter", 2060, rotate=rotate) for rotate in (False, True))

    assert plain.expectancy[-1].min() > 85
    np.testing.assert_allclose(turned.expectancy, plain.expectancy, atol=1e-6, rtol=0)
    change = np.log(turned.forecast[-1] / plain.forecast[-1])
    assert change[:, :50].min() > 0 > change[:, 65:].max()


def test_the_first_year_of_a_forecast_lies_beside_the_last_observed_one():
    for model in ("lee_carter", "li_lee"):
        found = fit_mortality("belgium", model, 2017)
        last = found.observed.expectancy(found.observed.risks)[-1]
        assert np.abs(found.expectancy[0] - last).max() < 0.5, model
        assert (found.explained > 0.5).all()
        assert (found.drift < 0).all()


# Tables in scenarios


def test_a_table_of_a_forecast_gives_a_scenario_its_life_expectancy(past, built):
    found = fit_mortality(past, "lee_carter", UNTIL)
    period = {"start": 2011, "end": 2021}
    some = built(
        {"m.csv": text(rows(found))}, period=period, mortality={"rate": {"table": "m.csv", "age": "completed"}}
    )

    np.testing.assert_allclose(life_expectancy(some.survival)[:, 0, 0], found.expectancy, rtol=1e-12)
    lived = survival_ratios(life_table(np.exp(logarithms([INDEX[-1] - 4]))[0]).person_years)
    np.testing.assert_allclose(some.survival[3, 0, 0], lived, rtol=1e-7)


def test_a_table_of_age_groups_gives_a_scenario_nearly_its_life_expectancy(tmp_path, built):
    fall = 0.02 - 0.0001 * GROUPS
    level = np.where(GROUPS == 0, 0.01, 2e-4 * np.exp(0.085 * np.maximum(GROUPS - 10, 0)))
    rates = np.exp(np.log(level) + INDEX[:, None, None] * fall) * np.array([[1.0], [1.4]])
    found = fit_mortality(written(tmp_path / "groups.csv", rates, ages=GROUPS), "lee_carter", 2012)
    table = text(rows(found))
    people = "sex,age,value\n" + "".join(f"{sex},{age},1000\n" for sex in SEXES for age in range(91))
    some = built(
        {"m.csv": table, "people.csv": people, "net.csv": people.replace("1000", "0")},
        ages={"open": 90},
        period={"start": 2011, "end": 2013},
        mortality={"rate": {"table": "m.csv", "age": "completed", "graduate": "monotone"}},
    )

    assert sorted({int(line.split(",")[2]) for line in table.splitlines()[1:]}) == GROUPS.tolist()
    np.testing.assert_allclose(np.log(found.forecast[0]), np.log(level * np.array([[1], [1.4]])) - 21 * fall, rtol=1e-7)
    expected = life_table(found.forecast, first_ages=GROUPS).life_expectancy[..., 0]
    np.testing.assert_allclose(found.expectancy, expected, rtol=1e-12)
    np.testing.assert_allclose(life_expectancy(some.survival)[:, 0, 0], found.expectancy, atol=0.03, rtol=0)


@pytest.fixture
def belgian(tmp_path):
    """Result of a scenario of Belgium from 2016 on, with some mortality, beside the tables given."""

    def projected(tables, mortality, end=2020):
        for name, content in tables.items():
            (tmp_path / name).write_text(content)
        scenario = {
            "name": "fitted",
            "period": {"start": 2016, "end": end},
            "ages": {"open": 105},
            "population": {"dataset": "belgium", "date": 2016},
            "mortality": mortality,
            "fertility": {
                "total": 1.7,
                "pattern": {"model": "hadwiger", "mean_age": 30.5, "standard_deviation": 5},
                "sex_ratio_at_birth": 1.05,
            },
            "migration": {
                "balance": {"unit": "persons per year", "path": {2016: 40000}, "after": "constant"},
                "profile": {"dataset": "belgium", "years": [2012, 2015]},
            },
        }
        (tmp_path / "fitted.yaml").write_text(json.dumps(scenario))
        return package.run(package.load(tmp_path / "fitted.yaml"))

    return projected


@pytest.mark.parametrize("options", [("lee_carter", False), ("lee_carter", True), ("li_lee", False)])
def test_the_forecast_of_a_dataset_is_the_life_expectancy_of_the_projection(belgian, options):
    found = fit_mortality("belgium", options[0], 2019, rotate=options[1])
    table = {"survival_ratio": {"table": "m.csv", "age": "reached", "open_age": "split"}}
    result = belgian({"m.csv": text(rows(found))}, table)

    stored = result["life_expectancy"].transpose("period", "sex", ...).to_numpy().reshape(4, 2)
    np.testing.assert_allclose(stored, found.expectancy, atol=1e-9, rtol=0)


def test_a_pattern_of_a_dataset_serves_the_method_of_lee_and_carter(belgian):
    found = fit_mortality("belgium", "lee_carter", 2019)
    mortality = {
        "base": {"dataset": "belgium", "years": [2013, 2015]},
        "method": "lee_carter",
        "pattern": {"table": "b.csv", "age": "reached"},
        "life_expectancy": {"female": 84, "male": 79.5},
    }
    result = belgian({"b.csv": text(pattern_rows(found))}, mortality, end=2017)

    np.testing.assert_allclose(result["life_expectancy"].to_numpy().ravel(), [84, 79.5], atol=1e-9, rtol=0)


def test_the_pattern_of_a_dataset_is_by_age_reached_and_that_of_the_law_above_the_ages_fitted():
    found = fit_mortality("belgium", "lee_carter", 2017)
    values = np.array([float(value) for *_, value in list(pattern_rows(found))[1:]]).reshape(2, 106)

    np.testing.assert_array_equal(values[:, :96], found.sensitivity)
    before, after = (
        death_hazard(found.observed.written(found.forecast[0] * np.exp(found.sensitivity * index))) for index in (0, 1)
    )
    np.testing.assert_allclose(values[:, 96:], np.log(after / before)[:, 96:106], rtol=1e-12)


@pytest.mark.parametrize("model", ["lee_carter", "li_lee"])
def test_the_oldest_follow_a_law_that_rises_with_age_and_levels_off(model):
    found = fit_mortality("belgium", model, 2070, years=(1991, 2010))

    survival = found.observed.written(found.forecast)
    hazard = -np.log(survival[..., 96:105])
    logits = np.log(hazard / (1 - hazard))
    assert survival.shape == (60, 2, 107)
    assert (np.diff(hazard, axis=-1) > 0).all()
    np.testing.assert_allclose(np.diff(logits, 2, axis=-1), 0, atol=1e-9)
    np.testing.assert_array_equal(survival[..., 105], survival[..., 106])
    np.testing.assert_allclose(survival[..., :96], survival_from_hazard(found.forecast), rtol=1e-14)


def test_a_forecast_of_lee_and_carter_starts_from_the_observed_life_expectancy_of_the_last_year():
    found = fit_mortality("belgium", "lee_carter", 2011, years=(1991, 2010))

    before = found.forecast[0] * np.exp(-found.sensitivity * found.drift[:, None])
    observed = found.observed.expectancy(found.observed.risks[-1])
    np.testing.assert_allclose(found.observed.expectancy(before), observed, atol=1e-9, rtol=0)


def test_a_coherent_forecast_starts_from_the_observed_life_expectancy_of_the_last_year():
    found = fit_mortality("belgium", "li_lee", 2011, years=(1991, 2010))
    observed = found.observed

    fit = li_lee(observed.risks, observed.years, exposure=observed.exposure, weights=observed.weights)
    factor = found.forecast[0] / coherent_forecast(fit, [2011])[0]
    np.testing.assert_allclose(factor, np.broadcast_to(factor[:, :1], factor.shape), rtol=1e-9)
    start = observed.expectancy(rates_of_last_year(fit) * factor)
    np.testing.assert_allclose(start, observed.expectancy(observed.risks[-1]), atol=1e-9, rtol=0)


def test_a_pattern_by_age_reached_lies_between_those_of_two_completed_ages(past):
    found = fit_mortality(past, "lee_carter", UNTIL)
    lines = list(pattern_rows(found))

    assert lines[0] == ["sex", "age", "value"]
    assert [(sex, int(age)) for sex, age, _ in lines[1:]] == [(sex, age) for sex in SEXES for age in range(OPEN + 1)]
    share = FALL / FALL.sum()
    expected = np.append(share[0], (share[:-1] + share[1:]) / 2)
    np.testing.assert_allclose([float(value) for *_, value in lines[1:]], np.tile(expected, 2), rtol=1e-8)


def test_a_pattern_changes_risks_nearly_as_the_forecast_did(past, built):
    found = fit_mortality(past, "lee_carter", UNTIL)
    first = [line[1:] for line in rows(found) if line[0] in {"year", "2011"}]
    target = {sex: float(found.expectancy[9, place]) for place, sex in enumerate(SEXES)}
    table = {"rate": {"table": "m.csv", "age": "completed"}, "life_expectancy": target}
    by_pattern = {"method": "lee_carter", "pattern": {"table": "b.csv", "age": "reached"}}
    wanted = np.log(death_hazard(survival_ratios(life_table(found.forecast[9]).person_years)))

    def errors(**options):
        tables = {"m.csv": text(first), "b.csv": text(pattern_rows(found))}
        brought = built(tables, mortality={**table, **options})
        return np.abs(np.log(death_hazard(brought.survival[0, 0, 0].copy())) - wanted)

    assert errors(**by_pattern).max() < 0.02
    assert errors(**by_pattern).mean() < errors().mean() / 5


# What cannot be fitted


def changed(past, change):
    """Write another table beside the past one."""
    lines = Path(past).read_text().splitlines()
    path = Path(past).with_name("other.csv")
    path.write_text("\n".join(change(lines)) + "\n")
    return str(path)


def test_a_coherent_model_of_constant_rates_is_refused(tmp_path):
    source = written(tmp_path / "constant.csv", np.exp(logarithms(np.zeros(21))))
    for model in ("lee_carter", "li_lee"):
        with pytest.raises(DataError, match=r"constant.csv: death rates do not change over the years"):
            fit_mortality(source, model, UNTIL)


def test_years_outside_a_table_are_refused(past):
    with pytest.raises(DataError, match="it has 1990 to 2010"):
        fit_mortality(past, "lee_carter", UNTIL, years=(1950, 1980))


def test_a_table_with_a_cell_missing_names_it(past):
    source = changed(past, lambda lines: lines[:-1])
    with pytest.raises(ScenarioError, match="no value for year 2010, sex male, age 50"):
        fit_mortality(source, "lee_carter", UNTIL)


# The command


@pytest.fixture
def fit(monkeypatch, capsys, past):
    """Call ``sim fit mortality`` in the folder of the past rates; return exit code, standard output and error."""
    monkeypatch.chdir(Path(past).parent)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", "fit", "mortality", *map(str, arguments)])
        code = cli._call()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call


def there():
    """Files of the working directory."""
    return sorted(path.name for path in Path().iterdir())


def test_a_forecast_and_a_pattern_are_written(fit, past):
    code, out, err = fit("past.csv", "--until", UNTIL, "--to", "m.csv", "--pattern", "b.csv")

    found = fit_mortality(past, "lee_carter", UNTIL)
    assert (code, err) == (0, "")
    assert there() == ["b.csv", "m.csv", "past.csv"]
    assert Path("m.csv").read_text() == text(rows(found))
    assert Path("b.csv").read_text() == text(pattern_rows(found))
    assert "lee_carter, 1990-2010 (21 years)" in out
    assert f"{found.expectancy[-1, 0]:.2f}" in out
    assert out.index("m.csv") < out.index("b.csv")


def test_a_line_of_the_output_is_the_mortality_of_a_scenario_that_takes_the_table(fit, built):
    tables = {}
    for source, table in (("past.csv", "one.csv"), ("belgium", "two.csv")):
        _, out, _ = fit(source, "--until", UNTIL, "--to", table)
        (line,) = (line for line in out.splitlines() if line.startswith("mortality: "))
        tables[source] = Path(table).read_text()
        assert (
            line
            == {
                "past.csv": "mortality: {rate: {table: one.csv, age: completed}}",
                "belgium": "mortality: {survival_ratio: {table: two.csv, age: reached, open_age: split}}",
            }[source]
        )

    some = built({"one.csv": tables["past.csv"]}, mortality={"rate": {"table": "one.csv", "age": "completed"}})
    assert some.survival.shape[0] == 3


def test_a_table_of_age_groups_is_to_be_graduated_and_has_no_pattern(fit):
    groups = np.exp(-3 - 0.02 * np.arange(21)[:, None, None] + np.zeros((1, 2, 12)))
    written("groups.csv", groups, ages=[0, 1, *range(5, 51, 5)])

    code, out, _ = fit("groups.csv", "--until", UNTIL, "--to", "m.csv")
    assert code == 0
    assert "mortality: {rate: {table: m.csv, age: completed, graduate: monotone}}\n" in out
    Path("m.csv").unlink()
    code, out, err = fit("groups.csv", "--until", UNTIL, "--to", "m.csv", "--pattern", "b.csv")
    assert (code, out) == (3, "")
    assert "a pattern is by single ages" in err
    assert there() == ["groups.csv", "past.csv"]


@pytest.mark.parametrize("options", [(), ("--rotate",), ("--model", "li_lee")])
def test_options_are_those_of_the_function(fit, options):
    fit("belgium", "--until", 2040, "--to", "m.csv", *options)

    model = "li_lee" if "--model" in options else "lee_carter"
    found = fit_mortality("belgium", model, 2040, rotate="--rotate" in options)
    assert Path("m.csv").read_text() == text(rows(found))


def test_an_earlier_table_is_replaced(fit):
    Path("m.csv").write_text("old")
    fit("past.csv", "--until", UNTIL, "--to", "m.csv")
    assert Path("m.csv").read_text().startswith("year,sex,age,value\n2011,female,0,")


def test_json_tells_the_fit_and_what_was_written(fit):
    code, out, err = fit("belgium", "--until", 2018, "--to", "m.csv", "--years", "2000-2015", "--json")

    found = fit_mortality("belgium", "lee_carter", 2018, years=(2000, 2015))
    told = json.loads(out)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert told["model"] == "lee_carter"
    assert told["years"] == [year for year in range(2000, 2016) if year not in (2004, 2007)]
    assert [note[:19] for note in told["notes"]] == [
        "2004 is left out: t",
        "2007 is left out: t",
        "risks above age 95 ",
        "risks rose while mo",
    ]
    assert told["explained"] == dict(zip(SEXES, found.explained.tolist(), strict=True))
    assert told["drift"] == dict(zip(SEXES, found.drift.tolist(), strict=True))
    assert list(told["life_expectancy"]) == ["2016", "2017", "2018"]
    assert told["life_expectancy"]["2018"] == dict(zip(SEXES, found.expectancy[2].tolist(), strict=True))
    assert (told["kind"], told["files"]) == ("survival_ratio", ["m.csv"])


def test_years_left_out_are_told_on_standard_error(fit):
    code, out, err = fit("belgium", "--until", 2018, "--to", "m.csv")

    assert code == 0
    assert [line[:15] for line in err.splitlines()] == [
        "note: 2004 is l",
        "note: 2007 is l",
        "note: 2016 is l",
        "note: 1991-1996",
        "note: risks abo",
        "note: risks ros",
    ]
    assert "note" not in out


REFUSED = {
    "no table": (
        ("nothing.csv",),
        3,
        "there is no table 'nothing.csv', and no dataset of that name; there are: belgium",
    ),
    "a folder": ((".",), 3, "there is no table '.'"),
    "until the last year": (
        ("past.csv", "--until", "2010"),
        3,
        "the forecast would end in 2010, but the last fitted year",
    ),
    "years not there": (("belgium", "--years", "1900-1950"), 3, "the years of belgium are 1991 to 2016"),
    "one year": (("belgium", "--years", "2010-2010"), 3, "1 years are too few for a forecast; fit 10 or more"),
    "two years": (("belgium", "--years", "2010-2011"), 3, "2 years are too few for a forecast; fit 10 or more"),
    "an unknown model": (
        ("past.csv", "--model", "cbd"),
        2,
        "'cbd' is no model of mortality; there are: lee_carter, li_lee",
    ),
    "rotation of the other model": (("past.csv", "--model", "li_lee", "--rotate"), 2, "goes with --model lee_carter"),
    "one number of years": (("past.csv", "--years", "1991"), 2, "'1991' is no span of years; write it as 1991-2010"),
    "years backwards": (("past.csv", "--years", "2010-1991"), 2, "'2010-1991' is no span of years"),
    "years in words": (("past.csv", "--years", "all"), 2, "'all' is no span of years"),
    "until in words": (("past.csv", "--until", "soon"), 2, "--until"),
    "an unknown option": (("past.csv", "--draws", "3"), 2, "--draws"),
    "no such folder": (("past.csv", "--to", "nowhere/m.csv"), 74, "cannot write nowhere/m.csv"),
    "no such folder for the pattern": (("past.csv", "--pattern", "nowhere/b.csv"), 74, "cannot write nowhere/b.csv"),
    "one file for both": (
        ("past.csv", "--to", "m.csv", "--pattern", "./m.csv"),
        2,
        "one would be written over another",
    ),
    "the source as the forecast": (("past.csv", "--to", "past.csv"), 2, "one would be written over another"),
    "the source as the pattern": (("past.csv", "--pattern", "past.csv"), 2, "one would be written over another"),
    "years before the table": (("past.csv", "--years", "1980-2010"), 3, "it has 1990 to 2010"),
    "years after the table": (("past.csv", "--years", "2000-2015"), 3, "it has 1990 to 2010"),
    "until the year of no scenario": (("past.csv", "--until", "2300"), 3, "the last year of a scenario is 2299"),
    "a folder as a file": (("past.csv", "--to", "."), 74, "cannot write ."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_its_exit_code_and_writes_nothing(fit, case):
    arguments, expected, said = REFUSED[case]
    standing = [] if "--until" in arguments else ["--until", UNTIL]
    standing += [] if "--to" in arguments else ["--to", "m.csv"]

    code, out, err = fit(*arguments, *standing)

    assert (code, out) == (expected, "")
    assert said in err
    assert there() == ["past.csv"]


TABLES = {
    "a zero": ((lambda lines: [*lines[:-1], "2010,male,50,0"]), 3, "zero at age 50 (male, 2010)"),
    "a negative rate": ((lambda lines: [*lines[:-1], "2010,male,50,-0.1"]), 2, "-0.1 cannot be a death rate"),
    "one year": ((lambda lines: lines[:103]), 2, "has fewer than two years"),
    "no years": ((lambda lines: ["sex,age,value", *(line[5:] for line in lines[1:103])]), 2, "no column 'year'"),
    "no ages": ((lambda lines: ["year,sex,value", "1990,female,1"]), 2, "no column 'age'"),
    "a column of its own": (
        (lambda lines: ["year,land,age,value", *lines[1:]]),
        2,
        "'land' is no column of this table",
    ),
    "no values": ((lambda lines: ["year,sex,age,rate", *lines[1:]]), 2, "one of them 'value'"),
    "no women": (
        (lambda lines: [line for line in lines if "female" not in line]),
        2,
        "no value for year 1990, sex female",
    ),
    "nothing": ((lambda lines: []), 2, "is empty"),
    "an open age with a plus": (
        (lambda lines: [line.replace(",49,", ",48.5,").replace(",50,", ",50+,") for line in lines]),
        3,
        "the ages of other.csv must be 0, 1, 2, … or 0, 1, 5, 10, …",
    ),
    "an age missing": (
        (lambda lines: [line for line in lines if ",30," not in line]),
        3,
        "the ages of other.csv must be 0, 1, 2, …",
    ),
    "rates per thousand": (
        (
            lambda lines: [
                lines[0],
                *(f"{row}{float(value) * 1000}" for row, value in (parted(line) for line in lines[1:])),
            ]
        ),
        3,
        "they are per person-year, not per thousand",
    ),
    "no age 0": (
        (lambda lines: [line for line in lines if ",0," not in line]),
        3,
        "the ages of other.csv must be 0, 1",
    ),
}


def parted(line):
    """Labels and value of a row."""
    row, _, value = line.rpartition(",")
    return f"{row},", value


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_cannot_be_fitted_is_answered_in_a_sentence(fit, past, case):
    change, expected, said = TABLES[case]
    changed(past, change)

    code, out, err = fit("other.csv", "--until", UNTIL, "--to", "m.csv")

    assert (code, out) == (expected, "")
    assert said in err
    assert len(err.splitlines()) == (2 if expected == 2 else 1)
    assert there() == ["other.csv", "past.csv"]
