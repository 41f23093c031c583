"""What the figures of the gallery take from the embedded Belgian data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.data import catalogue
from sim.demography.graduation import group
from sim.demography.hazards import death_hazard
from sim.demography.lifetable import LifeTable, life_table, remaining_life_expectancy, stationary_population

DATASET = "belgium"
FITTED_YEARS = (1991, 2010)
LAST_FORECAST = 2060
POOLED_FROM = 100
"""Age on 1 January from which on deaths are pooled."""
REGISTER = f"Source: {catalogue.population_source(DATASET)}"
OPEN_GROUP = 95
GROUP_AGES = (0, 1, *range(5, OPEN_GROUP + 1, 5))
"""First age reached of the groups of `grouped_history`."""


class History(NamedTuple):
    """Mortality of the years fitted, by groups of the age reached on 31 December."""

    years: tuple[int, ...]
    hazards: Array
    """(Y, 2, G) deaths per person-year."""
    deaths: Array
    """(Y, 2, G) persons."""


def pooled_survival(years: tuple[int, int]) -> Array:
    """Survival ratios by cohort slot, (2, 102), of the deaths of some years together, newborn and others."""
    found = catalogue.deaths_by_year(DATASET, years, POOLED_FROM)
    newborn = found.newborn_deaths.sum(axis=0) / found.births.sum(axis=0)
    others = found.deaths.sum(axis=0) / found.population.sum(axis=0)
    return 1 - np.concatenate([newborn[:, None], others], axis=-1)


def table_of(survival: Array) -> LifeTable:
    """Life table that survival ratios by cohort slot stand for.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot.

    Returns
    -------
    LifeTable
        Its person-years are the stationary population; the survivors to exact ages are those of
        `remaining_life_expectancy`, halfway between the person-years on both sides.
    """
    lived = stationary_population(survival)
    survivors = np.cumsum(lived[..., ::-1], axis=-1)[..., ::-1] / remaining_life_expectancy(survival)
    following = np.zeros_like(survivors)
    following[..., :-1] = survivors[..., 1:]
    died = survivors - following
    return life_table(died / lived, years_lived_by_dying=(lived - following) / died)


def grouped_history() -> History:
    """Hazards and deaths of the years fitted by the groups in `GROUP_AGES`."""
    found = catalogue.deaths_by_year(DATASET, FITTED_YEARS, POOLED_FROM)
    edges = [age - 1 for age in GROUP_AGES[1:]] + [POOLED_FROM + 1]
    deaths, people = (group(edges, counts) for counts in (found.deaths, found.population))
    survival = np.concatenate([found.newborn_survival[..., None], 1 - deaths / people], axis=-1)
    all_deaths = np.concatenate([found.newborn_deaths[..., None], deaths], axis=-1)
    return History(found.years, death_hazard(survival), all_deaths)


def by_slot(groups: Array, slots: int) -> Array:
    """Values of the groups in `GROUP_AGES` as values by cohort slot, (..., slots), even within a group."""
    return np.repeat(groups, np.diff([*GROUP_AGES, slots]), axis=-1)
