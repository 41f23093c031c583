"""Models of mortality fitted to past risks of death, and forecasts that scenarios can use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.assumptions.lifetables import DEATH_RATE, check_per_person_year
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography import mortality as models
from sim.demography.hazards import death_hazard, survival_from_hazard
from sim.demography.lifetable import life_expectancy, life_table
from sim.demography.roots import falling_root
from sim.errors import DataError
from sim.readers.table import numbers_in, read_table
from sim.scenario.inputs import LAST_YEAR

MODELS = ("lee_carter", "li_lee")
OPEN_AGE = 105
"""Open age of a table made from an embedded dataset."""
LAST_AGE, FITTED_AGES = 95, (80, 95)
"""Last age reached that is fitted to an embedded dataset, and those that Kannisto's law for older ones is fitted to: at
single ages above it too few die."""
FEWEST_YEARS = 10
"""Fewer tell no trend: a forecast of Belgium from five of them lets life expectancy fall."""
YOUNGEST_OPEN_AGE = 50
LARGEST_FACTOR = 4.0
"""Largest factor by which a coherent forecast's first risks may miss those observed."""
E0_TOLERANCE = 1e-10


class Observed(NamedTuple):
    """Past risks of death, and how a table of them is written."""

    years: tuple[int, ...]
    risks: Array
    """(Y, 2, A) hazards by cohort slot, or death rates by completed age."""
    weights: Array | None
    """(Y, 2, A) deaths; None where only rates are known."""
    exposure: Array | None
    """(Y, 2, A) persons that the deaths come from."""
    expectancy: Callable[[Array], Array]
    """Life expectancy at birth, (..., 2), of risks (..., 2, A)."""
    written: Callable[[Array], Array]
    """Values of a table, (..., 2, L), from risks (..., 2, A)."""
    pattern: Callable[[Array, Array], Array]
    """Sensitivity by age reached, (2, L), of risks and their sensitivity, (2, A) both."""
    first_ages: Sequence[int]
    """(A,) first age of each risk, for the newborn and by age reached where the risks are by slot."""
    ages: Sequence[int]
    """Labels of the L rows of a table."""
    kind: str
    """Key under which a scenario takes such a table: 'rate' or 'survival_ratio'."""
    notes: tuple[str, ...]
    """What a reader should know of the years."""


class FittedMortality(NamedTuple):
    """A model fitted to past mortality and its forecast."""

    model: str
    observed: Observed
    explained: Array
    """(2,) share of the variance of the logarithms that the model explains, women and men."""
    drift: Array
    """(2,) yearly change of the index of mortality; the same for both sexes in a coherent model."""
    sensitivity: Array
    """(2, A) how fast risks change with the index."""
    years: range
    """Years of the forecast."""
    forecast: Array
    """(F, 2, A) risks."""
    expectancy: Array
    """(F, 2) life expectancy at birth of the forecast, years."""


def fit_mortality(
    source: str | Path, model: str, until: int, *, years: tuple[int, int] | None = None, rotate: bool = False
) -> FittedMortality:
    """Fit a model to past mortality and forecast with it.

    Parameters
    ----------
    source : str or Path
        Name of an embedded dataset, or a table of death rates by completed age: columns year, sex, age, value.
    model : {"lee_carter", "li_lee"}
        Each sex by itself, or coherently, so that they cannot drift apart.
    until : int
        Last year of the forecast.
    years : (int, int), optional
        First and last year fitted; all that there are where not given.
    rotate : bool
        Whether the pattern of ages turns as life expectancy rises (Li, Lee and Gerland 2013); Lee-Carter only.

    Returns
    -------
    FittedMortality
        Forecasts start from the fitted risks of the last year, which return its observed life expectancy: by the index
        of each year in a Lee-Carter model, by one factor a sex in a coherent one.

    Raises
    ------
    DataError
        If years or ages are not there or too few, a rate is zero, or the model cannot be fitted.
    ScenarioError
        If the table holds mistakes.
    """
    observed = _of_dataset(str(source), years) if source in catalogue.names() else _of_table(Path(source), years)
    ahead = range(observed.years[-1] + 1, until + 1)
    if until > LAST_YEAR:
        message = f"the forecast would end in {until}; the last year of a scenario is {LAST_YEAR}"
        raise DataError(message)
    if not ahead:
        message = f"the forecast would end in {until}, but the last fitted year is {observed.years[-1]}"
        raise DataError(message)
    if len(observed.years) < FEWEST_YEARS:
        message = f"{len(observed.years)} years are too few for a forecast; fit {FEWEST_YEARS} or more"
        raise DataError(message)
    try:
        return _coherent(observed, ahead) if model == "li_lee" else _separate(observed, ahead, rotate)
    except ValueError as error:
        message = f"{source}: {error}"
        raise DataError(message) from None


def rows(fitted: FittedMortality) -> Iterator[list[str]]:
    """Table of the forecast: a header, then a row a year, sex and age, in full precision.

    Parameters
    ----------
    fitted : FittedMortality
        A forecast.

    Yields
    ------
    list of str
        Cells of a row.
    """
    yield ["year", "sex", "age", "value"]
    values = fitted.observed.written(fitted.forecast)
    for year, by_sex in zip(fitted.years, values, strict=True):
        for sex, by_age in zip(SEXES, by_sex, strict=True):
            for age, value in zip(fitted.observed.ages, by_age, strict=True):
                yield [str(year), sex, str(age), repr(float(value))]


def pattern_rows(fitted: FittedMortality) -> Iterator[list[str]]:
    """Table of how fast risks change with the level of mortality, by sex and age reached.

    Parameters
    ----------
    fitted : FittedMortality
        A fit.

    Yields
    ------
    list of str
        Cells of a row, the header first; a value below zero is of an age whose risk rose while mortality fell.

    Raises
    ------
    DataError
        If the ages are in groups.
    """
    if list(fitted.observed.first_ages) != list(range(len(fitted.observed.first_ages))):
        message = "a pattern is by single ages, and those of the table are groups; fit a table of single ages"
        raise DataError(message)
    values = fitted.observed.pattern(fitted.forecast[0], fitted.sensitivity)
    yield ["sex", "age", "value"]
    for sex_label, by_age in zip(SEXES, values, strict=True):
        for age, value in enumerate(by_age):
            yield [sex_label, str(age), repr(float(value))]


def _of_dataset(name: str, years: tuple[int, int] | None) -> Observed:
    """Hazards by cohort slot of an embedded dataset, up to an age above which they follow a law of mortality."""
    known = catalogue.describe(name).years
    found = catalogue.deaths_by_year(name, years or (known[0], known[1]), LAST_AGE)
    deaths, persons = found.deaths[..., :LAST_AGE], found.population[..., :LAST_AGE]
    survival = np.concatenate([found.newborn_survival[..., None], 1 - deaths / persons], axis=-1)
    notes = [f"{year} is left out: {reason}" for year, reason in found.left_out.items()]
    if found.doubtful:
        first, last = min(found.doubtful), max(found.doubtful)
        notes.append(f"{first}-{last} are doubtful: {found.doubtful[first]}")
    notes.append(f"risks above age {LAST_AGE} follow Kannisto's law, fitted to {FITTED_AGES[0]}-{FITTED_AGES[1]}")

    def with_oldest(risks: Array) -> Array:
        ratios = survival_from_hazard(risks)
        to_open_age = np.concatenate([ratios, ratios[..., -1:], ratios[..., -1:]], axis=-1)
        return models.with_old_age(to_open_age, model="kannisto", fitted_ages=FITTED_AGES, open_age=OPEN_AGE)

    def to_open_age(risks: Array, sensitivity: Array) -> Array:
        before, after = (death_hazard(with_oldest(level)) for level in (risks, risks * np.exp(sensitivity)))
        oldest = np.log(after / before)[..., LAST_AGE + 1 : -1]
        return np.concatenate([sensitivity, oldest], axis=-1)

    return Observed(
        years=found.years,
        risks=death_hazard(survival),
        weights=np.concatenate([found.newborn_deaths[..., None], deaths], axis=-1),
        exposure=np.concatenate([found.births[..., None], persons], axis=-1),
        expectancy=lambda risks: life_expectancy(with_oldest(risks)),
        written=with_oldest,
        pattern=to_open_age,
        first_ages=range(LAST_AGE + 1),
        ages=range(OPEN_AGE + 2),
        kind="survival_ratio",
        notes=tuple(notes),
    )


def _of_table(path: Path, years: tuple[int, int] | None) -> Observed:
    """Death rates by completed age of a table."""
    if not path.is_file():
        message = f"there is no table '{path}', and no dataset of that name; there are: {', '.join(catalogue.names())}"
        raise DataError(message)
    ages = numbers_in(path, "age", str(path))
    every = numbers_in(path, "year", str(path))
    kept = tuple(year for year in every if years is None or years[0] <= year <= years[1])
    if len(kept) < 2 or (years is not None and not every[0] <= years[0] <= years[1] <= every[-1]):
        message = f"{path} has no rates of all these years; it has {every[0]} to {every[-1]}"
        raise DataError(message)
    if ages not in (tuple(range(len(ages))), (0, 1, *range(5, ages[-1] + 1, 5))) or ages[-1] < YOUNGEST_OPEN_AGE:
        message = (
            f"the ages of {path} must be 0, 1, 2, … or 0, 1, 5, 10, …, to an open age of {YOUNGEST_OPEN_AGE} or more"
        )
        raise DataError(message)
    table = read_table(path, {"year": kept, "sex": SEXES, "age": ages}, DEATH_RATE, name=str(path))
    first_ages = np.array(ages)
    try:
        check_per_person_year(table.values, str(path))
    except ValueError as error:
        raise DataError(str(error)) from None
    risks = np.broadcast_to(table.values, (len(kept), len(SEXES), len(ages)))
    if not risks.min() > 0:
        year, sex, age = (int(place) for place in np.argwhere(risks <= 0)[0])
        cell = f"age {ages[age]} ({SEXES[sex]}, {kept[year]})"
        message = f"{path}: the death rate is zero at {cell}, and has no logarithm to fit; pool ages or years"
        raise DataError(message)

    def expectancy(risks: Array) -> Array:
        years_remaining: Array = life_table(risks, first_ages=first_ages).life_expectancy[..., 0]
        return years_remaining

    def reached(_risks: Array, sensitivity: Array) -> Array:
        before = np.concatenate([sensitivity[..., :1], sensitivity[..., :-1]], axis=-1)
        return (before + sensitivity) / 2

    return Observed(kept, risks, None, None, expectancy, lambda risks: risks, reached, ages, ages, "rate", ())


def rising_risks(fitted: FittedMortality) -> list[str]:
    """Ages whose risk rose while mortality fell, and does so in the forecast.

    Parameters
    ----------
    fitted : FittedMortality
        A fit.

    Returns
    -------
    list of str
        Ages with their sex; empty where there are none.
    """
    first_ages = fitted.observed.first_ages
    return [f"{first_ages[age]} ({SEXES[sex]})" for sex, age in np.argwhere(fitted.sensitivity < 0).tolist()]


def _separate(observed: Observed, ahead: range, rotate: bool) -> FittedMortality:
    """Lee-Carter, each sex by itself."""
    fit = models.lee_carter(observed.risks, observed.years, weights=observed.weights)
    fit = models.adjusted_to_life_expectancy(fit, observed.expectancy(observed.risks), observed.expectancy)
    if rotate:
        forecast = models.rotated_forecast(fit, list(ahead), observed.first_ages, observed.expectancy)
    else:
        forecast = models.forecast(fit, list(ahead))
    drift = models.drift(fit).per_year
    return _fitted("lee_carter", observed, fit.explained, drift, fit.sensitivity, ahead, forecast)


def _coherent(observed: Observed, ahead: range) -> FittedMortality:
    """Li-Lee: women and men follow one index, and what sets them apart dies out or stays."""
    fit = models.li_lee(observed.risks, observed.years, exposure=observed.exposure, weights=observed.weights)
    forecast = models.coherent_forecast(fit, list(ahead), jump_off=_met_in_last_year(observed, fit))
    drift, sensitivity = models.drift(fit.common).per_year, fit.common.sensitivity
    both = (np.repeat(drift, len(SEXES)), np.broadcast_to(sensitivity, (len(SEXES), len(sensitivity))))
    return _fitted("li_lee", observed, fit.explained, *both, ahead, forecast)


def _met_in_last_year(observed: Observed, fit: models.LiLee) -> Array:
    """Fitted risks of the last year, times one factor a sex under which they return its life expectancy, (2, A)."""
    start, target = models.rates_of_last_year(fit), observed.expectancy(observed.risks[-1])
    bound = np.full(len(SEXES), np.log(LARGEST_FACTOR))

    def excess(level: Array) -> Array:
        return observed.expectancy(start * np.exp(level)[:, None]) - target

    try:
        return start * np.exp(falling_root(excess, -bound, bound, E0_TOLERANCE))[:, None]
    except ValueError:
        message = f"no factor below {LARGEST_FACTOR:g} brings the model's last year to its observed life expectancy"
        raise ValueError(message) from None


def _fitted(
    model: str, observed: Observed, explained: Array, drift: Array, sensitivity: Array, ahead: range, forecast: Array
) -> FittedMortality:
    """Fit with the life expectancy of its forecast."""
    expectancy = observed.expectancy(forecast)
    return FittedMortality(model, observed, explained, drift, sensitivity, ahead, forecast, expectancy)
