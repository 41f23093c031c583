"""What happened: the observed series of a dataset on the calendar of the editions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.data import catalogue
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sim.axes import Array

_SERIES = ("population", "births", "deaths", "natural_balance", "net_migration", "net_migration_residual")


class Observed(NamedTuple):
    """Observed totals, NaN where there are none."""

    population: Array
    """(n + 1,) persons on 1 January."""
    births: Array
    """(n,)"""
    deaths: Array
    """(n,)"""
    natural_balance: Array
    """(n,) births less deaths; as published where these are not known apart."""
    net_migration: Array
    """(n,) immigrants less emigrants; growth less natural balance where there is no series of them."""
    is_residual: NDArray[np.bool_]
    """(n,) whether net migration is that residual, which holds every statistical adjustment."""

    @property
    def adjustment(self) -> Array:
        """(n,) growth that births, deaths and migrants leave: statistical adjustments of the register."""
        return np.diff(self.population) - self.natural_balance - self.net_migration


class Last(NamedTuple):
    """The last observed figure before a year."""

    value: float
    year: int
    series: str


def observed_on(dataset: str, years: Sequence[int]) -> Observed:
    """Put the observed series of a dataset on a calendar.

    Parameters
    ----------
    dataset : str
        Name of an embedded dataset.
    years : sequence of int
        First days of January, rising by one; flows are of all but the last.

    Returns
    -------
    Observed
        Arrays by year.

    Raises
    ------
    DataError
        If the dataset, or one of the series, is not there.
    """
    series = {name: series_of(dataset, name) for name in _SERIES}
    population = _on(series["population"], years)
    births, deaths, natural, net, residual = (_on(series[name], years[:-1]) for name in _SERIES[1:])
    counted = births - deaths
    missing = np.isnan(net)
    return Observed(
        population,
        births,
        deaths,
        np.where(np.isnan(counted), natural, counted),
        np.where(missing, residual, net),
        missing & ~np.isnan(residual),
    )


def last_before(dataset: str, year: int, *names: str, sex: str = "") -> Last:
    """Look up the last observed figure before a year.

    Parameters
    ----------
    dataset : str
        Name of an embedded dataset.
    year : int
        Calendar year; figures of it and later ones are not looked at.
    *names : str
        Series, of which an earlier one is preferred in a year that several have.
    sex : str
        Sex that they are of; none for series of both together.

    Returns
    -------
    Last
        The figure, its year and its series.

    Raises
    ------
    DataError
        Where none is observed before the year.
    """
    found = [
        (observed, -place, value)
        for place, name in enumerate(names)
        for observed, value in series_of(dataset, name, sex).items()
        if observed < year
    ]
    if not found:
        message = f"no {names[0].replace('_', ' ')} of {dataset} is observed before {year}"
        raise DataError(message)
    last, place, value = max(found)
    return Last(value, last, names[-place])


def publishers(dataset: str, years: Sequence[int]) -> list[str]:
    """List who published the observed population of some years, each once.

    Parameters
    ----------
    dataset : str
        Name of an embedded dataset.
    years : sequence of int
        First days of January.

    Returns
    -------
    list of str
        In the order of the years.
    """
    figures = catalogue.observed(dataset, ["population"])
    return list(dict.fromkeys(figure.publisher for figure in figures if figure.year in years))


def series_of(dataset: str, name: str, sex: str = "") -> dict[int, float]:
    """Return the values of an observed series by year: of one sex, or of one that does not tell the sexes apart."""
    return {figure.year: figure.value for figure in catalogue.observed(dataset, [name]) if figure.sex == sex}


def _on(series: Mapping[int, float], years: Sequence[int]) -> Array:
    """Values by year, NaN where there is none."""
    return np.array([series.get(year, np.nan) for year in years], dtype=float)
