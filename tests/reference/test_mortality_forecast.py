"""Forecasts of Belgian mortality from 1991-2010 against the deaths that the register counted in 2011-2015.

The hazard of those aged a on 1 January is -ln(1 - D/N), by the age reached in the year. 2004 and 2007 are left out of
the fit, because the register counts more deaths in them than were published. Those of 1991-1996 fall short of the
published ones by up to 1162 a year, infants included; they are used. Infant deaths of the year of birth are not in the
register: the survival of the newborn is that of 2008-2015 throughout, in what was observed too.
"""

import sys

import numpy as np
import pytest

from sim.data import catalogue, store
from sim.demography.lifetable import life_expectancy
from sim.demography.mortality.forecasts import drift, forecast, rotated_forecast
from sim.demography.mortality.lee_carter import adjusted_to_deaths, adjusted_to_life_expectancy, lee_carter
from sim.demography.mortality.li_lee import coherent_forecast, li_lee

OPEN_AGE = 95
FITTED = np.array([year for year in range(1991, 2011) if year not in (2004, 2007)])
RECENT = np.arange(2008, 2011)
FORECAST = np.arange(2011, 2016)
SEXES = ("women", "men")


def show(line):
    """A line of a table for those who run the tests with -s."""
    sys.stdout.write(f"{line}\n")


class Belgium:
    """Deaths, persons and hazards by year, sex and age on 1 January, (Y, 2, 96)."""

    def __init__(self):
        register = store.register("belgium")
        self.first = register.years[0]
        self.deaths, self.persons = (
            self.pooled(counts[: len(register.years)].sum(axis=(1, 2), dtype=float))
            for counts in (register.deaths, register.population)
        )
        self.hazard = -np.log1p(-self.deaths / self.persons)
        self.newborn = catalogue.survival("belgium", (2008, 2015), OPEN_AGE)[:, :1]

    @staticmethod
    def pooled(counts):
        return np.concatenate([counts[..., :OPEN_AGE], counts[..., OPEN_AGE:].sum(axis=-1, keepdims=True)], axis=-1)

    def of(self, years):
        """Deaths, persons and hazards of some years."""
        places = np.asarray(years) - self.first
        return self.deaths[places], self.persons[places], self.hazard[places]

    def mean_hazard(self, years):
        deaths, persons, _ = self.of(years)
        return -np.log1p(-deaths.sum(axis=0) / persons.sum(axis=0))

    def expectancy(self, hazard):
        newborn = np.broadcast_to(self.newborn, (*hazard.shape[:-1], 1))
        return life_expectancy(np.concatenate([newborn, np.exp(-hazard)], axis=-1))


@pytest.fixture(scope="module")
def belgium():
    return Belgium()


@pytest.fixture(scope="module")
def separate(belgium):
    deaths, _, hazard = belgium.of(FITTED)
    return lee_carter(hazard, FITTED, weights=deaths)


@pytest.fixture(scope="module")
def coherent(belgium):
    deaths, persons, hazard = belgium.of(FITTED)
    return li_lee(hazard, FITTED, exposure=persons, weights=deaths)


@pytest.fixture(scope="module")
def forecasts(belgium, separate, coherent):
    """Hazards of 2011-2015 after each method, (5, 2, 96)."""
    deaths, persons, hazard = belgium.of(FITTED)
    recent = belgium.mean_hazard(RECENT)
    person_years = np.divide(deaths, hazard, out=persons.copy(), where=hazard > 0)
    adjusted = adjusted_to_life_expectancy(separate, belgium.expectancy(hazard), belgium.expectancy)
    return {
        "mean of 2008-2010, constant": np.broadcast_to(recent, (len(FORECAST), *recent.shape)),
        "Lee-Carter": forecast(separate, FORECAST),
        "Lee-Carter, deaths met": forecast(adjusted_to_deaths(separate, deaths, person_years), FORECAST),
        "Lee-Carter, e0 met": forecast(adjusted, FORECAST),
        "Lee-Carter, from 2008-2010": forecast(separate, FORECAST, jump_off=recent),
        "Lee-Carter, e0 met, rotated": rotated_forecast(
            adjusted, FORECAST, np.arange(OPEN_AGE + 1), belgium.expectancy
        ),
        "Li-Lee": coherent_forecast(coherent, FORECAST),
        "Li-Lee, from 2008-2010": coherent_forecast(coherent, FORECAST, jump_off=recent),
    }


@pytest.fixture(scope="module")
def errors(belgium, forecasts):
    """Mean absolute errors by method: of log hazards, weighted by deaths, of e0; each (2,) by sex."""
    deaths, _, observed = belgium.of(FORECAST)
    counted = deaths > 0
    expectancy = belgium.expectancy(observed)
    found = {}
    for name, hazard in forecasts.items():
        gap = np.zeros_like(observed)
        np.log(np.divide(hazard, observed, out=np.ones_like(gap), where=counted), out=gap)
        gap = np.abs(gap)
        found[name] = (
            gap.sum(axis=(0, 2)) / counted.sum(axis=(0, 2)),
            (deaths * gap).sum(axis=(0, 2)) / deaths.sum(axis=(0, 2)),
            np.abs(belgium.expectancy(hazard) - expectancy).mean(axis=0),
        )
    return found


def test_forecasts_are_compared_with_2011_to_2015(errors):
    show(f"\n{'mean absolute error 2011-2015':30}{'log hazard':>16}{'weighted':>16}{'e0, years':>16}")
    show(f"{'':30}" + 3 * "".join(f"{sex:>8}" for sex in SEXES))
    for name, values in errors.items():
        show(f"{name:30}" + "".join(f"{error:8.3f}" for pair in values for error in pair))

    constant = errors["mean of 2008-2010, constant"]
    for name in list(errors)[1:]:
        for error, unchanged in zip(errors[name], constant, strict=True):
            assert np.all(error < unchanged), name
    assert np.all(errors["Lee-Carter"][2] < 0.2)
    assert np.all(constant[2] > 0.5)


def test_largest_error_of_deaths_by_age_is_that_of_constant_mortality(belgium, forecasts):
    deaths, persons, _ = belgium.of(FORECAST)
    edges = np.array([0, 20, 40, 60, 80])
    ratio = {
        name: np.add.reduceat((persons * -np.expm1(-hazard)).sum(axis=0), edges, axis=-1)
        / np.add.reduceat(deaths.sum(axis=0), edges, axis=-1)
        for name, hazard in forecasts.items()
    }
    show("\nexpected deaths of 2011-2015 over observed ones, by age on 1 January, women and men")
    for name, values in ratio.items():
        show(f"{name:30}" + "".join(f"{value:7.3f}" for value in values.ravel()))
    constant = ratio["mean of 2008-2010, constant"]
    assert np.all(constant > 1)
    for values in list(ratio.values())[1:]:
        assert np.all(np.abs(values - 1).max(axis=-1) < np.abs(constant - 1).max(axis=-1))


def test_women_and_men_of_the_fit(separate, coherent):
    assert np.all(drift(separate).per_year + 2 * drift(separate).standard_error < 0)
    assert np.all(coherent.explained > coherent.explained_by_common)
    assert np.all(separate.explained > 0.8)


def test_men_fall_below_women_in_separate_forecasts_of_a_century_only(belgium, separate, coherent):
    years = np.arange(2011, 2111)
    apart, together = forecast(separate, years), coherent_forecast(coherent, years)
    last = coherent.level + coherent.common.sensitivity * coherent.common.time_index[-1]
    last += coherent.own_sensitivity * coherent.own_index[-1][:, None]
    below = last[1] < last[0]

    for name, hazard in (("separate", apart), ("coherent", together)):
        gap = -np.diff(belgium.expectancy(hazard), axis=-1)[:, 0]
        ages = np.flatnonzero((hazard[-1, 1] < hazard[-1, 0]) & ~below)
        show(f"{name}: e0 of women less men {gap[0]:.2f} in 2011, {gap[-1]:.2f} in 2110; men below women at {ages}")
    show(f"men below women in 2010 at {np.flatnonzero(below)}")

    assert np.sum(apart[-1, 1] < apart[-1, 0]) > 20
    assert np.all(together[:, 1, ~below] > together[:, 0, ~below])
