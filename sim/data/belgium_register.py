"""Survival and net migration of Belgium, derived from the counts of its register.

The register knows two things by sex and single age: the persons on 1 January of a year and, of them,
those who died within it. Who was born within the year is not in it yet; births and deaths of all ages
come from the yearly series. N(t, a) are persons of age a on 1 January of year t, D(t, a) their deaths
within year t.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.axes import FEMALE, MALE, Array
from sim.errors import DataError

FIRST_RECONCILED_YEAR = 1997
FIRST_MIGRATION_YEAR = 2008
LAST_RECONCILED_YEAR = 2015

OLDEST_POOLED_FROM = 100
"""From this age on 1 January on, one quotient of death is used: the single ages hold too few persons."""

CONTRADICTED_YEARS = {
    2004: "the register counts 101566 deaths without newborn, more than the 101256 published for all ages",
    2007: "the register counts 101636 deaths without newborn, more than the 100658 published for all ages",
    2016: "the register counts 110046 deaths without newborn, more than the 108056 published for all ages",
}
EARLY_YEARS = (
    f"before {FIRST_RECONCILED_YEAR} the register falls short of the published deaths by up to 1162 a year, "
    "more than the deaths of newborn explain"
)

Counts = NDArray[np.int32]


class Register(NamedTuple):
    """Counts of the register, dimensions (year, region, group, sex, age on 1 January), persons."""

    population: Counts
    deaths: Counts
    years: range
    regions: tuple[str, ...]
    groups: tuple[str, ...]
    oldest: int


@cache
def read(path: Path) -> Register:
    """Read the register from the file that ``sim.data.belgium.build`` writes; its arrays are read-only."""
    with np.load(path, allow_pickle=False) as file:
        population, deaths = file["population"], file["deaths"]
        years, regions, groups = (file[name].tolist() for name in ("year", "region", "group"))
        oldest = int(file["age"][-1])
    population.setflags(write=False)
    deaths.setflags(write=False)
    return Register(population, deaths, range(years[0], years[-1] + 1), tuple(regions), tuple(groups), oldest)


def require_open_age(register: Register, open_age: int) -> None:
    """Raise `DataError` unless the register reaches up to `open_age`, completed years."""
    if not 1 <= open_age <= register.oldest:
        message = f"open age {open_age} is not available; the register allows 1 to {register.oldest}"
        raise DataError(message)


def require_deaths(first: int, last: int) -> None:
    """Raise `DataError` if the deaths of a year from `first` to `last` contradict the published totals."""
    _require_order(first, last)
    usable = f"{FIRST_RECONCILED_YEAR} to {LAST_RECONCILED_YEAR} without 2004 and 2007"
    for year in range(first, last + 1):
        reason = EARLY_YEARS if year < FIRST_RECONCILED_YEAR else CONTRADICTED_YEARS.get(year, "")
        if year > max(CONTRADICTED_YEARS):
            reason = "the register ends with 2016"
        if reason:
            message = f"deaths of {year} cannot be used: {reason}; usable are {usable}"
            raise DataError(message)


def require_migration(first: int, last: int) -> None:
    """Raise `DataError` unless all years from `first` to `last` have births and deaths that reconcile."""
    _require_order(first, last)
    for year in (first, last):
        if not FIRST_MIGRATION_YEAR <= year <= LAST_RECONCILED_YEAR:
            message = (
                f"net migration by age of {year} cannot be used: register and published deaths reconcile "
                f"year after year only from {FIRST_MIGRATION_YEAR} to {LAST_RECONCILED_YEAR}"
            )
            raise DataError(message)


def _require_order(first: int, last: int) -> None:
    if last < first:
        message = f"years {first} to {last} run backwards; give the first year first"
        raise DataError(message)


def by_sex_and_age(register: Register, counts: Counts, year: int) -> Array:
    """Sum one year's `counts` over regions and groups.

    Returns
    -------
    array (sex, age on 1 January)
        Persons.
    """
    chosen: Array = counts[register.years.index(year)].sum(axis=(0, 1), dtype=np.float64)
    return chosen


def pool_open_age(counts: Array, open_age: int) -> Array:
    """Add all ages above `open_age` to it.

    Parameters
    ----------
    counts : (..., A) array
        Persons by completed age 0, 1, ...
    open_age : int
        Age that becomes open, below A.

    Returns
    -------
    array (..., open_age + 1)
        Persons; the total does not change.
    """
    older = counts[..., open_age:].sum(axis=-1, keepdims=True)
    return np.concatenate([counts[..., :open_age], older], axis=-1)


def death_quotients(deaths: Array, population: Array, open_age: int) -> Array:
    """Share of the persons of 1 January who die within the year.

    Parameters
    ----------
    deaths, population : (sex, A) array
        Deaths within the year, or the sum of several years, and the persons on 1 January they come
        from, by completed age on 1 January.
    open_age : int
        Open age of those who reach 31 December; at most A.

    Returns
    -------
    array (sex, open_age)
        Quotients by age on 1 January, 0 to ``open_age - 1``.

    Notes
    -----
    From `OLDEST_POOLED_FROM` on, or from ``open_age - 1`` where that is less, one quotient is used: all
    deaths of those ages over all their persons.
    """
    pooled_from = min(OLDEST_POOLED_FROM, open_age - 1)
    quotients = np.empty((len(population), open_age))
    quotients[:, :pooled_from] = deaths[:, :pooled_from] / population[:, :pooled_from]
    oldest_deaths = deaths[:, pooled_from:].sum(axis=1, keepdims=True)
    quotients[:, pooled_from:] = oldest_deaths / population[:, pooled_from:].sum(axis=1, keepdims=True)
    return quotients


def survival_ratios(deaths: Array, population: Array, newborn_survival: tuple[float, float], open_age: int) -> Array:
    """Share of each cohort that lives to 31 December, by the age it then has.

    Parameters
    ----------
    deaths, population : (sex, A) array
        As `death_quotients` takes them.
    newborn_survival : (float, float)
        Ratios from birth to 31 December, girls and boys.
    open_age : int
        Last age of the result.

    Returns
    -------
    array (sex, open_age + 1)
        Ratios. Index 0 is `newborn_survival`, index a is 1 minus the quotient of `death_quotients` at
        a - 1, and the last one holds for those who enter the open age and for those already in it.
    """
    quotients = death_quotients(deaths, population, open_age)
    return np.concatenate([np.array(newborn_survival)[:, None], 1 - quotients], axis=1)


def split_infant_risk(risk: float, boys: float, quotients: Array) -> tuple[float, float]:
    """Divide the risk of dying between birth and 31 December between girls and boys.

    Parameters
    ----------
    risk : float
        Risk of both sexes together.
    boys : float
        Share of boys among the births.
    quotients : (sex,) array
        Quotients of death of those of age 0 on 1 January.

    Returns
    -------
    (float, float)
        Risks of girls and boys; weighted by births they return `risk`.

    Notes
    -----
    An assumption: infant deaths are not published by sex here, so boys exceed girls by the ratio seen in the
    register at age 0 on 1 January (1.22 over 2008 to 2015).
    """
    excess = float(quotients[MALE] / quotients[FEMALE])
    girls_risk = risk / (1 - boys + boys * excess)
    return girls_risk, girls_risk * excess


def split_newborn_migrants(total: float, of_age_one: Array) -> Array:
    """Divide the net migrants born within the year between the sexes.

    Parameters
    ----------
    total : float
        Net migrants of both sexes, persons.
    of_age_one : (sex,) array
        Net migrants who reach age 1 in the same year, persons.

    Returns
    -------
    array (sex,)
        Whole persons that add up to `total` exactly.

    Notes
    -----
    An assumption: births are not published by sex here, so those born within the year are divided as
    those one year older are. Of these, 46 to 52 percent are girls in every year from 2008 to 2015.
    """
    divided = np.empty(2)
    divided[FEMALE] = np.rint(total * of_age_one[FEMALE] / of_age_one.sum())
    divided[MALE] = total - divided[FEMALE]
    return divided
