"""The data that come with the program: what there is, and each table as an array.

Only NumPy and the standard library are used, so that asking for a table costs no start-up time. Every
file is read once; arrays handed out are copies.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.axes import UNDIVIDED, Array
from sim.data import age_groups, belgium_register, states, store
from sim.data.migration import (
    acquisitions_of_nationality,
    emigration_hazard,
    immigration_profile,
    migration_profile,
    net_migration,
)
from sim.data.mortality import (
    DeathsByYear,
    deaths_and_population,
    deaths_by_year,
    infant_deaths,
    mortality_ratios,
    survival,
)
from sim.data.states import Labels
from sim.data.store import FILES, TITLES
from sim.data.tables import ObservedFigure
from sim.errors import DataError

__all__ = [
    "FILES",
    "DeathsByYear",
    "Description",
    "FertilityPattern",
    "acquisitions_of_nationality",
    "deaths_and_population",
    "deaths_by_year",
    "describe",
    "emigration_hazard",
    "fertility_pattern",
    "fertility_periods",
    "fingerprint",
    "foreign_groups",
    "groupings",
    "groups",
    "immigration_profile",
    "infant_deaths",
    "migration_profile",
    "mortality_ratios",
    "names",
    "net_migration",
    "observed",
    "population",
    "population_source",
    "regions",
    "survival",
]

POPULATION_SOURCES = {"belgium": "Statbel (National Register)"}
GRADUATED = "single ages graduated from five-year age groups"


class FertilityPattern(NamedTuple):
    """Shares of total fertility; group i runs from ``edges[i]`` up to, not including, ``edges[i + 1]``."""

    edges: NDArray[np.int64]
    shares: Array


class Description(NamedTuple):
    """What a dataset holds.

    `years` are the first and last 1 January by single age, region and group, `groups` those by nationality,
    `files` pairs of name and content, `groupings` all ways to divide it into groups, `age_group_years` the
    first and last 1 January that are known by age group of the whole country only.
    """

    title: str
    years: tuple[int, int]
    regions: tuple[str, ...]
    groups: tuple[str, ...]
    open_age: int
    files: tuple[tuple[str, str], ...]
    groupings: dict[str, tuple[str, ...]]
    age_group_years: tuple[int, int]


def names() -> tuple[str, ...]:
    """Return the names of all datasets."""
    return tuple(TITLES)


def regions(name: str) -> tuple[str, ...]:
    """Return the labels of the regions of dataset `name`, in the order of its arrays."""
    return store.register(name).regions


def groups(name: str) -> tuple[str, ...]:
    """Return the labels of the groups of dataset `name` by nationality, in the order of its arrays."""
    return store.register(name).groups


def foreign_groups(name: str) -> tuple[str, ...]:
    """Return the labels of the groups of dataset `name`, in any grouping, whose people have a foreign nationality."""
    by_origin = tuple(origin.group for origin in store.origins(name) if origin.nationality == states.FOREIGN)
    return (states.FOREIGN, *by_origin)


def groupings(name: str) -> dict[str, tuple[str, ...]]:
    """Return the ways dataset `name` can be divided into groups, and the labels of the groups of each."""
    return store.groupings(name)


def population_source(name: str, groups: Labels | None = None, year: int | None = None) -> str:
    """Return who counted the population of dataset `name` on 1 January of a year, and how it came to its divisions.

    Parameters
    ----------
    name : str
        Dataset.
    groups : tuple of str, optional
        Groups it is divided into, or the label of their sum.
    year : int, optional
        Year of the 1 January.

    Returns
    -------
    str
        One line.

    Raises
    ------
    DataError
        If the dataset is not there.
    """
    if year in store.age_groups(name):
        return f"{POPULATION_SOURCES[name]}; {GRADUATED}"
    if groups is None or groups == (UNDIVIDED,) or set(groups) <= set(store.groupings(name)[states.NATIONALITY]):
        return POPULATION_SOURCES[name]
    return f"{POPULATION_SOURCES[name]}; by origin S. Vause (UCL) in Vandenberghe (2014)"


def population(
    name: str, year: int, open_age: int, regions: Labels | None = None, groups: Labels | None = None
) -> Array:
    """Population on 1 January.

    Parameters
    ----------
    name : str
        Dataset.
    year : int
        Year of the 1 January.
    open_age : int
        Age, completed years, into which all higher ages are pooled.
    regions, groups : tuple of str, optional
        Regions, and groups of one grouping, in any order, or the label of the sum; all regions, and all
        groups by nationality, where not given.

    Returns
    -------
    array (region, group, sex, open_age + 1)
        Persons; fractions of persons by origin, and of a year that is known by age group.

    Raises
    ------
    DataError
        If something asked for is not there: by origin or age group only the whole country is, by origin only 2012.

    Notes
    -----
    The totals by origin are an estimate; their division over sexes and ages is an assumption, see
    `sim.data.states.divide_by_origin`. Single ages of a year that is known by age group are graduated, see
    `sim.data.age_groups.single_ages`.
    """
    register = store.register(name)
    belgium_register.require_open_age(register, open_age)
    _require_year(name, year)
    regions = register.regions if regions is None else regions
    groups = register.groups if groups is None else groups
    states.check_regions(name, regions, register.regions)
    grouping = states.grouping_of(name, groups, store.groupings(name))
    if year in store.age_groups(name):
        _require_whole(name, year, regions, groups)
        return belgium_register.pool_open_age(age_groups.single_ages(name, year), open_age)[None, None]
    counts = register.population[register.years.index(year)].astype(np.float64)
    counts = states.select(belgium_register.pool_open_age(counts, open_age), 0, regions, register.regions)
    if grouping == states.ORIGIN:
        _require_origin(name, year, regions)
        divided = states.divide_by_origin(counts[0], register.groups, store.origins(name))
        return states.select(divided[None], 1, groups, store.groupings(name)[states.ORIGIN])
    return states.select(counts, 1, groups, register.groups)


def fertility_periods(name: str) -> tuple[tuple[int, int], ...]:
    """Return the (first, last) years of the periods for which there is a fertility pattern.

    As the United Nations write them: 2010 and 2015 mean 1 July 2010 to 30 June 2015.
    """
    return tuple(store.patterns(name))


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
    patterns = store.patterns(name)
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
    figures = store.series(name)
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
    register, grouped = store.register(name), tuple(store.age_groups(name))
    return Description(
        title=TITLES[name],
        years=(register.years[0], register.years[-1]),
        regions=register.regions,
        groups=register.groups,
        open_age=register.oldest,
        files=FILES,
        groupings=groupings(name),
        age_group_years=(grouped[0], grouped[-1]),
    )


def fingerprint(name: str) -> str:
    """Return the sha256, in hexadecimal, of the data files of dataset `name` one after the other."""
    folder = store.folder(name)
    return hashlib.sha256(b"".join((folder / file).read_bytes() for file, _ in FILES)).hexdigest()


def _require_year(name: str, year: int) -> None:
    years, grouped = store.register(name).years, tuple(store.age_groups(name))
    if year not in years and year not in grouped:
        message = (
            f"there is no population of {name} by age on 1 January {year}; the years are {years[0]} to {years[-1]} "
            f"and, for the whole country only, {grouped[0]} to {grouped[-1]}"
        )
        raise DataError(message)


def _require_whole(name: str, year: int, regions: Labels, groups: Labels) -> None:
    if not (states.undivided(regions) and states.undivided(groups)):
        message = (
            f"the population of {name} by region or nationality is known to {store.register(name).years[-1]}; on "
            f"1 January {year} give {UNDIVIDED!r} as the only region and the only group"
        )
        raise DataError(message)


def _require_origin(name: str, year: int, regions: Labels) -> None:
    if year != states.ORIGIN_YEAR:
        message = f"the population of {name} by origin is known for 1 January {states.ORIGIN_YEAR} only, not for {year}"
        raise DataError(message)
    if not states.undivided(regions):
        message = f"the population of {name} by origin is not known by region; give {UNDIVIDED!r} as the only region"
        raise DataError(message)
