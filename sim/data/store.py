"""The files of each dataset, read once."""

from functools import cache
from pathlib import Path

from sim.data import belgium_register
from sim.data.tables import (
    AgeGroup,
    AgeGroupShare,
    ObservedFigure,
    OriginGroup,
    read_age_groups,
    read_origins,
    read_patterns,
    read_series,
)
from sim.errors import DataError

REGISTER_FILE = "register.npz"
SERIES_FILE = "series.csv"
PATTERN_FILE = "fertility_pattern.csv"
ORIGIN_FILE = "origin.csv"
AGE_GROUPS_FILE = "age_groups.csv"
FILES = (
    (REGISTER_FILE, "persons on 1 January and deaths within the year, by region, group, sex and single age"),
    (SERIES_FILE, "yearly figures of the whole country, each with its source"),
    (PATTERN_FILE, "distribution of fertility over the age of the mother, by five-year period"),
    (ORIGIN_FILE, "persons on 1 January 2012 by nationality at birth and now, whole country, an estimate"),
    (AGE_GROUPS_FILE, "persons on 1 January 2017 to 2021 by sex and five-year age group, whole country"),
)
"""Data files of a dataset, in the order of its fingerprint, and what they hold."""

TITLES = {"belgium": "Belgium: legal population of the National Register, and yearly figures"}


def folder(name: str) -> Path:
    """Return the folder of dataset `name`, or raise `DataError` if there is none of that name."""
    if name not in TITLES:
        message = f"{name!r} is not an embedded dataset; there are: {', '.join(TITLES)}"
        raise DataError(message)
    return Path(__file__).parent / name


def register(name: str) -> belgium_register.Register:
    """Return the counts of the register of dataset `name`; its arrays are read-only."""
    return belgium_register.read(folder(name) / REGISTER_FILE)


def series(name: str) -> tuple[ObservedFigure, ...]:
    """Return all yearly figures of dataset `name`, in the order of the file."""
    return read_series(folder(name) / SERIES_FILE)


def patterns(name: str) -> dict[tuple[int, int], tuple[AgeGroupShare, ...]]:
    """Return the shares of fertility of dataset `name` by period."""
    return read_patterns(folder(name) / PATTERN_FILE)


def origins(name: str) -> tuple[OriginGroup, ...]:
    """Return the groups by origin of dataset `name`."""
    return read_origins(folder(name) / ORIGIN_FILE)


def age_groups(name: str) -> dict[int, tuple[AgeGroup, ...]]:
    """Return the persons of dataset `name` by age group, for the years that are not known by single age."""
    return read_age_groups(folder(name) / AGE_GROUPS_FILE)


def groupings(name: str) -> dict[str, tuple[str, ...]]:
    """Return the groupings of dataset `name` and the labels of the groups of each."""
    by_origin = tuple(origin.group for origin in origins(name))
    return {"nationality": register(name).groups, "origin": by_origin}


@cache
def yearly(name: str, indicator: str) -> dict[int, float]:
    """Return the values of a series of dataset `name` by year; it must have one figure a year."""
    return {figure.year: figure.value for figure in series(name) if figure.indicator == indicator}


def inclusive(years: tuple[int, int]) -> range:
    """Return all years from the first to the last, both included."""
    return range(years[0], years[1] + 1)
