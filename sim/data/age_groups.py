"""Single ages of the years of which the population is known by sex and age group only."""

from functools import cache

import numpy as np

from sim.axes import SEXES, Array
from sim.data import store
from sim.data.mortality import survival
from sim.demography import graduation
from sim.demography.lifetable import stationary_population
from sim.demography.mortality import with_old_age

METHOD = "pclm"
"""Of the methods that never make a negative number of persons, the nearest one to the single ages of 2016 at the ages
0 to 99, see the README of the data."""

MORTALITY_YEARS = (2013, 2015)
"""The last three years whose deaths reconcile; their survival divides the open group."""

FITTED_AGES = (80, 95)
"""Ages reached to which Kannisto's law is fitted: the years of the register hold too few persons above."""


@cache
def single_ages(name: str, year: int) -> Array:
    """Population of the whole country on 1 January of a year that is known by age group.

    Parameters
    ----------
    name : str
        Dataset.
    year : int
        One of the years of its age groups.

    Returns
    -------
    array (sex, A)
        Persons by completed age, up to the oldest age of the register; read-only. Every age group keeps its persons.

    Notes
    -----
    The closed groups are graduated by `METHOD`. The open one is divided as a stationary population, with Kannisto's
    law fitted to the survival of `MORTALITY_YEARS`: an assumption.
    """
    rows = store.age_groups(name)[year]
    edges = np.array([row.age for row in rows if row.sex == SEXES[0]])
    persons = np.array([[row.persons for row in rows if row.sex == sex] for sex in SEXES])
    closed = graduation.METHODS[METHOD](edges, persons[:, :-1])
    oldest = graduation.split_open_group(persons[:, -1], _stationary(name)[:, edges[-1] :])
    single = np.concatenate([closed, oldest], axis=1)
    single.setflags(write=False)
    return single


@cache
def _stationary(name: str) -> Array:
    """Stationary population by sex and completed age, up to the oldest age of the register."""
    open_age = store.register(name).oldest
    reached = survival(name, MORTALITY_YEARS, open_age)
    by_slot = np.concatenate([reached, reached[:, -1:]], axis=1)
    by_law = with_old_age(by_slot, model="kannisto", fitted_ages=FITTED_AGES, open_age=open_age)
    return stationary_population(by_law)
