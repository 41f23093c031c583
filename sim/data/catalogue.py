"""The data that come with the program: what there is, and each table as an array.

Only NumPy and the standard library are used, so that asking for a table costs no start-up time. Every
file is read once; arrays handed out are copies.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.axes import SEXES, Array
from sim.data import belgium_register
from sim.data.tables import AgeGroupShare, ObservedFigure, read_patterns, read_series
from sim.errors import DataError

REGISTER_FILE = "register.npz"
SERIES_FILE = "series.csv"
PATTERN_FILE = "fertility_pattern.csv"
FILES = (
    (REGISTER_FILE, "persons on 1 January and deaths within the year, by region, group, sex and single age"),
    (SERIES_FILE, "yearly figures of the whole country, each with its source"),
    (PATTERN_FILE, "distribution of fertility over the age of the mother, by five-year period"),
)
"""Data files of a dataset, in the order of its fingerprint, and what they hold."""

TITLES = {"belgium": "Belgium: legal population of the National Register, and yearly figures"}
POPULATION_SOURCES = {"belgium": "Statbel (National Register)"}


class FertilityPattern(NamedTuple):
    """Shares of total fertility; group i runs from ``edges[i]`` up to, not including, ``edges[i + 1]``."""

    edges: NDArray[np.int64]
    shares: Array


class Description(NamedTuple):
    """What a dataset holds; `years` are the first and last 1 January, `files` pairs of name and content."""

    title: str
    years: tuple[int, int]
    regions: tuple[str, ...]
    groups: tuple[str, ...]
    open_age: int
    files: tuple[tuple[str, str], ...]


def names() -> tuple[str, ...]:
    """Return the names of all datasets."""
    return tuple(TITLES)


def regions(name: str) -> tuple[str, ...]:
    """Return the labels of the regions of dataset `name`, in the order of its arrays."""
    return _register(name).regions


def groups(name: str) -> tuple[str, ...]:
    """Return the labels of the groups of dataset `name`, in the order of its arrays."""
    return _register(name).groups


def population_source(name: str) -> str:
    """Return who counted the population of dataset `name`."""
    _folder(name)
    return POPULATION_SOURCES[name]


def population(name: str, year: int, open_age: int) -> Array:
    """Population on 1 January.

    Parameters
    ----------
    name : str
        Dataset.
    year : int
        Year of the 1 January.
    open_age : int
        Age, completed years, into which all higher ages are pooled.

    Returns
    -------
    array (region, group, sex, open_age + 1)
        Persons.

    Raises
    ------
    DataError
        If the dataset, the year or the age is not there.
    """
    register = _register(name)
    belgium_register.require_open_age(register, open_age)
    if year not in register.years:
        message = (
            f"there is no population of {name} by age on 1 January {year}; "
            f"the years are {register.years[0]} to {register.years[-1]}"
        )
        raise DataError(message)
    counts = register.population[register.years.index(year)].astype(np.float64)
    return belgium_register.pool_open_age(counts, open_age)


def deaths_and_population(name: str, years: tuple[int, int], open_age: int) -> tuple[Array, Array]:
    """Deaths within the years, and the persons on 1 January they come from, summed over the years.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included.
    open_age : int
        Age on 1 January, completed years, into which all higher ages are pooled.

    Returns
    -------
    deaths, population : array (sex, open_age + 1)
        Persons by age on 1 January, all regions and groups together. Deaths of those born within the
        year are not among them.

    Raises
    ------
    DataError
        If the deaths of a year contradict the published totals, or the dataset or the age is not there.
    """
    register = _register(name)
    belgium_register.require_open_age(register, open_age)
    belgium_register.require_deaths(*years)
    deaths, persons = (
        sum(
            (belgium_register.by_sex_and_age(register, counts, year) for year in _inclusive(years)),
            start=np.zeros((len(SEXES), register.oldest + 1)),
        )
        for counts in (register.deaths, register.population)
    )
    pool = belgium_register.pool_open_age
    return pool(deaths, open_age), pool(persons, open_age)


def survival(name: str, years: tuple[int, int], open_age: int) -> Array:
    """Survival ratios of the pooled years, by sex and age reached on 31 December.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included.
    open_age : int
        Age reached, completed years, that is open.

    Returns
    -------
    array (sex, open_age + 1)
        Share alive on 31 December of those alive on 1 January; index 0 from birth to 31 December. The
        last ratio holds for those who enter the open age and for those already in it.

    Raises
    ------
    DataError
        If the deaths of a year contradict the published totals, or the dataset or the age is not there.

    Notes
    -----
    Index a is 1 - sum of D(a-1) / sum of N(a-1) over the years. From age 100 on 1 January on, one
    quotient per sex is used: deaths of all those ages over all their persons.

    Index 0 is 1 - infant deaths / births, both summed over 2008 to 2015, whatever the
    years asked for. Infant deaths are all deaths published for a year minus those of the register. They
    are not known by sex; how they are divided is an assumption, see
    `sim.data.belgium_register.split_infant_risk`.
    """
    register = _register(name)
    belgium_register.require_open_age(register, open_age)
    deaths, persons = deaths_and_population(name, years, register.oldest)
    return belgium_register.survival_ratios(deaths, persons, _newborn_survival(name), open_age)


def infant_deaths(name: str, year: int) -> float:
    """Return the deaths of those born in `year` before its end, persons, both sexes.

    All deaths published for the year minus the deaths in the register, which knows only those already
    alive on 1 January.

    Raises
    ------
    DataError
        If the deaths of the year contradict the published totals, or the dataset is not there.
    """
    register = _register(name)
    belgium_register.require_deaths(year, year)
    of_register = belgium_register.by_sex_and_age(register, register.deaths, year).sum()
    return _yearly(name, "deaths")[year] - float(of_register)


def net_migration(name: str, years: tuple[int, int], open_age: int) -> Array:
    """Net migrants of each year, by sex and age reached on 31 December.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included; within 2008 to 2015.
    open_age : int
        Age reached, completed years, that pools all cohorts at or above it.

    Returns
    -------
    array (year, sex, open_age + 1)
        Persons. The sum of a year is its ``net_migration_residual`` in the series: whatever changed
        the population besides births and deaths, so statistical adjustments are in it.

    Raises
    ------
    DataError
        If births and deaths of a year do not reconcile, or the dataset or the age is not there.

    Notes
    -----
    At age a, N(t+1, a) - N(t, a-1) + D(t, a-1). At age 0, N(t+1, 0) - births + infant deaths, known for
    both sexes together; how it is divided is an assumption, see
    `sim.data.belgium_register.split_newborn_migrants`.
    """
    belgium_register.require_open_age(_register(name), open_age)
    belgium_register.require_migration(*years)
    return belgium_register.pool_open_age(
        np.stack([_net_migration_of_year(name, year) for year in _inclusive(years)]), open_age
    )


def migration_profile(name: str, years: tuple[int, int], open_age: int) -> Array:
    """Mean of the yearly net migrants, by sex and age reached on 31 December.

    Parameters are those of `net_migration`, and so are the faults.

    Returns
    -------
    array (sex, open_age + 1)
        Persons a year, not scaled to any total.
    """
    mean: Array = net_migration(name, years, open_age).mean(axis=0)
    return mean


def fertility_periods(name: str) -> tuple[tuple[int, int], ...]:
    """Return the (first, last) years of the periods for which there is a fertility pattern.

    As the United Nations write them: 2010 and 2015 mean 1 July 2010 to 30 June 2015.
    """
    return tuple(_patterns(name))


def fertility_pattern(name: str, first_year: int, last_year: int) -> FertilityPattern:
    """Distribution of total fertility over age groups of the mother.

    Parameters
    ----------
    name : str
        Dataset.
    first_year, last_year : int
        A period of `fertility_periods`.

    Returns
    -------
    FertilityPattern
        Edges (groups + 1,) in exact years of age and shares (groups,). The printed shares miss 1 by
        up to 1e-7 through rounding; they are divided by their sum.

    Raises
    ------
    DataError
        If the dataset or the period is not there.
    """
    patterns = _patterns(name)
    if (first_year, last_year) not in patterns:
        known = ", ".join(f"{first}-{last}" for first, last in patterns)
        message = f"{first_year}-{last_year} is not a period of the fertility of {name}; there are: {known}"
        raise DataError(message)
    groups_of_mothers = patterns[first_year, last_year]
    last = groups_of_mothers[-1]
    edges = np.array([*(group.start for group in groups_of_mothers), last.start + last.width], dtype=np.int64)
    shares = np.array([group.share for group in groups_of_mothers])
    return FertilityPattern(edges, shares / shares.sum())


def observed(name: str, indicators: Sequence[str] | None = None) -> tuple[ObservedFigure, ...]:
    """Return the figures of the yearly series, those of `indicators` or all, in the order of the file.

    Raises
    ------
    DataError
        If the dataset or an indicator is not there.
    """
    figures = _series(name)
    if indicators is None:
        return figures
    known = tuple(dict.fromkeys(figure.indicator for figure in figures))
    for indicator in indicators:
        if indicator not in known:
            message = f"{indicator!r} is not a series of {name}; there are: {', '.join(known)}"
            raise DataError(message)
    return tuple(figure for figure in figures if figure.indicator in indicators)


def describe(name: str) -> Description:
    """Return what dataset `name` holds."""
    register = _register(name)
    years = (register.years[0], register.years[-1])
    return Description(TITLES[name], years, register.regions, register.groups, register.oldest, FILES)


def fingerprint(name: str) -> str:
    """Return the sha256, in hexadecimal, of the data files of dataset `name` one after the other."""
    folder = _folder(name)
    return hashlib.sha256(b"".join((folder / file).read_bytes() for file, _ in FILES)).hexdigest()


def _folder(name: str) -> Path:
    if name not in TITLES:
        message = f"{name!r} is not an embedded dataset; there are: {', '.join(TITLES)}"
        raise DataError(message)
    return Path(__file__).parent / name


def _register(name: str) -> belgium_register.Register:
    return belgium_register.read(_folder(name) / REGISTER_FILE)


def _inclusive(years: tuple[int, int]) -> range:
    return range(years[0], years[1] + 1)


def _series(name: str) -> tuple[ObservedFigure, ...]:
    return read_series(_folder(name) / SERIES_FILE)


def _patterns(name: str) -> dict[tuple[int, int], tuple[AgeGroupShare, ...]]:
    return read_patterns(_folder(name) / PATTERN_FILE)


@cache
def _yearly(name: str, indicator: str) -> dict[int, float]:
    return {figure.year: figure.value for figure in observed(name, [indicator])}


@cache
def _newborn_survival(name: str) -> tuple[float, float]:
    """Ratios from birth to 31 December of the girls and boys born in the years whose deaths reconcile."""
    years = (belgium_register.FIRST_MIGRATION_YEAR, belgium_register.LAST_RECONCILED_YEAR)
    births, ratios = _yearly(name, "births"), _yearly(name, "sex_ratio_at_birth")
    born = sum(births[year] for year in _inclusive(years))
    boys = sum(births[year] * ratios[year] / (1 + ratios[year]) for year in _inclusive(years))
    risk = sum(infant_deaths(name, year) for year in _inclusive(years)) / born
    deaths, persons = deaths_and_population(name, years, _register(name).oldest)
    girls_risk, boys_risk = belgium_register.split_infant_risk(risk, boys / born, deaths[:, 0] / persons[:, 0])
    return 1 - girls_risk, 1 - boys_risk


def _net_migration_of_year(name: str, year: int) -> Array:
    register = _register(name)
    counts = belgium_register.by_sex_and_age
    after = counts(register, register.population, year + 1)
    cohorts = belgium_register.net_migrants_of_cohorts(
        before=counts(register, register.population, year),
        deaths=counts(register, register.deaths, year),
        after=after,
    )
    newborn = float(after[:, 0].sum()) - _yearly(name, "births")[year] + infant_deaths(name, year)
    divided = belgium_register.split_newborn_migrants(newborn, cohorts[:, 0])
    return np.concatenate([divided[:, None], cohorts], axis=1)
