"""Runs beside an edition: with constant rates, and with another long-term balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis import indicators
from sim.analysis.selection import records, years_of
from sim.analysis.vintages.observed import Last, last_before
from sim.axes import SEXES
from sim.demography.mortality import AGE_ON_1_JANUARY_EXCESS
from sim.pipeline import run
from sim.scenario import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from sim.analysis.vintages.editions import Edition
    from sim.axes import Array
    from sim.scenario.inputs import PersonsPath, YearPath

NEAR, FAR = 0.01, 0.03
"""Shares of a published population: within the first, besides its rounding, a run meets it."""
_STEP = 1000.0
"""Persons a year added to the long-term balance to see what they do."""


class SimpleRule(NamedTuple):
    """What an edition would have been had everything stayed as it was."""

    fertility: Last
    """Total fertility of the last observed year before the start."""
    balance: Last
    """Immigrants less emigrants of the last observed year before the start."""
    expectancy: dict[str, Last]
    """Life expectancy at birth of each sex, of a period life table, in the last observed year before the start."""

    def changes(self, edition: Edition) -> list[str]:
        """Return what is changed of the edition, as after ``--set``.

        Parameters
        ----------
        edition : Edition
            The edition; its population, its base mortality and how that is brought to a life expectancy, its age
            patterns and its sex ratio at birth stay, and where it is rolled on to its start, everything up to there.

        Returns
        -------
        list of str
            ``key.key=value`` pairs. Where the edition states no life expectancy, its base mortality holds without
            improvement.
        """
        mortality, fertility = edition.scenario.mortality, edition.scenario.fertility
        changes = [] if mortality.improvement is None else ["mortality.improvement=null"]
        if (stated := mortality.life_expectancy) is not None:
            above = AGE_ON_1_JANUARY_EXCESS if stated.definition == "age_on_1_january" else 0.0
            for sex, last in self.expectancy.items():
                path = _kept(edition, getattr(stated, sex), last.value + above)
                changes.append(f"mortality.life_expectancy.{sex}={{path: {path}, after: constant}}")
        if fertility.mean_age is not None:
            (mean_age,) = paths.values(fertility.mean_age, range(edition.start, edition.start + 1)).tolist()
            path = _kept(edition, fertility.mean_age, mean_age)
            changes.append(f"fertility.mean_age={{path: {path}, after: constant}}")
        total = _kept(edition, fertility.total or 0.0, self.fertility.value)
        balance = _kept(edition, edition.balance, self.balance.value)
        return [
            *changes,
            f"fertility.total={{path: {total}, after: constant}}",
            f"migration.balance={{unit: persons per year, path: {balance}, after: constant}}",
        ]


class PublishedPopulation(NamedTuple):
    """A published population beside the projected one."""

    edition: str
    years: list[int]
    """One 1 January, or several of which it is the mean."""
    published: float
    rounding: float
    """Half its last printed digit; NaN where it is not stated."""
    projected: float
    """NaN where the run does not cover the year."""
    balance: float
    """Last value of the path of the balance: the long-term balance, persons a year."""
    balance_to_meet: float
    """Long-term balance with which the run would meet it; NaN where it is met, or no such balance does."""

    @property
    def gap(self) -> float:
        """Projected less published."""
        return self.projected - self.published

    @property
    def near(self) -> bool:
        """Whether it is met within its rounding and one percent."""
        return abs(self.gap) <= NEAR * self.published + (0 if np.isnan(self.rounding) else self.rounding)

    @property
    def far(self) -> bool:
        """Whether it is missed by more than three percent; or not covered."""
        return not abs(self.gap) <= FAR * self.published


def simple_rule(edition: Edition, dataset: str) -> SimpleRule:
    """Look up what the simple rule keeps of the years before an edition.

    Parameters
    ----------
    edition : Edition
        The edition.
    dataset : str
        Embedded dataset with the observed series.

    Returns
    -------
    SimpleRule
        Figures of the last observed year before the first 1 January, which is the year before it but where a series
        ends earlier. Net migration is the residual of growth and natural balance where there is no series of it.

    Raises
    ------
    DataError
        Where nothing is observed before the edition.
    """
    return SimpleRule(
        last_before(dataset, edition.start, "total_fertility"),
        last_before(dataset, edition.start, "net_migration", "net_migration_residual"),
        {sex: last_before(dataset, edition.start, "life_expectancy", sex=sex) for sex in SEXES},
    )


def with_long_term(balance: PersonsPath, value: float) -> str:
    """Say after ``--set`` that the last value of a balance's path is another one.

    Parameters
    ----------
    balance : PersonsPath
        Balance of an edition.
    value : float
        Persons a year.

    Returns
    -------
    str
        A ``key.key=value`` pair that replaces the balance as a whole.
    """
    others = balance.model_dump(include={"unit", "interpolate", "before", "after"}, exclude_none=True)
    path = _written({**balance.path, max(balance.path): value})
    return f"migration.balance={{{', '.join(f'{key}: {word}' for key, word in others.items())}, path: {path}}}"


def published_populations(edition: Edition, result: xr.Dataset) -> list[PublishedPopulation]:
    """Hold an edition's run against the populations that it published.

    Parameters
    ----------
    edition : Edition
        The edition.
    result : xarray.Dataset
        Its run.

    Returns
    -------
    list of PublishedPopulation
        In the order of the file; figures of a region or group are left out. Nothing is tuned: the long-term balance
        that would meet a figure is only told.

    Notes
    -----
    The population of a year is linear in the last value of the balance's path, so that one further run tells which
    value meets the figure. There is none where that value does not act before the year, or where the path is a
    monotone cubic, which is not linear in it.
    """
    balance = edition.balance
    last = balance.path[max(balance.path)]
    path = indicators.population(result)
    found = []
    for entry in records(result, "published"):
        if entry["indicator"] == "population" and not (entry.get("region") or entry.get("group")):
            years = years_of(entry)
            rounding = float(entry.get("rounding") or np.nan)
            figure = (edition.name, years, float(entry["value"]), rounding, _mean(path, years))
            found.append(PublishedPopulation(*figure, last, np.nan))
    missed = [figure for figure in found if not (figure.near or np.isnan(figure.gap))]
    if not missed or balance.interpolate == "monotone":
        return found
    other = indicators.population(run(edition.file, changes=[with_long_term(balance, last + _STEP)]))
    return [
        figure._replace(balance_to_meet=last + _needed(figure, path, other)) if figure in missed else figure
        for figure in found
    ]


def _kept(edition: Edition, series: float | YearPath, value: float) -> str:
    """Path of a series up to the start of an edition, and of one value from there on."""
    before = range(edition.scenario.period.start, edition.start)
    return _written({**dict(zip(before, paths.values(series, before).tolist(), strict=True)), edition.start: value})


def _written(path: Mapping[int, float]) -> str:
    """Values by year as a scenario file has them."""
    return f"{{{', '.join(f'{year}: {float(value)!r}' for year, value in path.items())}}}"


def _needed(figure: PublishedPopulation, path: xr.DataArray, other: xr.DataArray) -> float:
    """Persons a year to add to the long-term balance; NaN where adding some does nothing."""
    gained = _mean(other, figure.years) - _mean(path, figure.years)
    return -figure.gap * _STEP / gained if gained else np.nan


def _mean(path: xr.DataArray, years: list[int]) -> float:
    """Mean of a path over years; NaN where one of them is not projected."""
    values: Array = path.reindex(year=years).values
    return float(values.mean())
