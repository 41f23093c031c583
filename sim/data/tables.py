"""Readers of the CSV files of an embedded dataset."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple


class ObservedFigure(NamedTuple):
    """One figure of a yearly series; `sex` and `note` are empty where there is none."""

    indicator: str
    year: int
    sex: str
    value: float
    unit: str
    note: str
    publisher: str
    source: str


class AgeGroupShare(NamedTuple):
    """Share of total fertility of the mothers from age `start` to, not including, ``start + width``."""

    start: int
    width: int
    share: float


class OriginGroup(NamedTuple):
    """Persons of one origin in the whole country; `nationality` is the group of the register that has them."""

    group: str
    nationality: str
    persons: float
    source: str
    note: str


class AgeGroup(NamedTuple):
    """Persons of one sex on 1 January from completed age `age` up to the next group of that sex; the last is open."""

    sex: str
    age: int
    persons: float
    source: str


@cache
def read_series(path: Path) -> tuple[ObservedFigure, ...]:
    """Read yearly figures, in the order of the file."""
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(
            ObservedFigure(
                indicator=row["indicator"],
                year=int(row["year"]),
                sex=row["sex"],
                value=float(row["value"]),
                unit=row["unit"],
                note=row["note"],
                publisher=row["publisher"],
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )


@cache
def read_patterns(path: Path) -> dict[tuple[int, int], tuple[AgeGroupShare, ...]]:
    """Read the age groups of each period, both in the order of the file."""
    patterns: dict[tuple[int, int], tuple[AgeGroupShare, ...]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            period = (int(row["first_year"]), int(row["last_year"]))
            group = AgeGroupShare(int(row["age_start"]), int(row["age_width"]), float(row["share"]))
            patterns[period] = (*patterns.get(period, ()), group)
    return patterns


@cache
def read_origins(path: Path) -> tuple[OriginGroup, ...]:
    """Read the groups by origin, in the order of the file."""
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(
            OriginGroup(row["group"], row["nationality"], float(row["persons"]), row["source"], row["note"])
            for row in csv.DictReader(file)
        )


@cache
def read_age_groups(path: Path) -> dict[int, tuple[AgeGroup, ...]]:
    """Read the age groups of each year, both in the order of the file."""
    years: dict[int, tuple[AgeGroup, ...]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            group = AgeGroup(row["sex"], int(row["age"]), float(row["value"]), row["source"])
            years[int(row["year"])] = (*years.get(int(row["year"]), ()), group)
    return years
