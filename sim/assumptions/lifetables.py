"""The base table of mortality, from whatever the scenario gives, as survival ratios by cohort slot."""

import numpy as np
from numpy.typing import NDArray

from sim.assumptions.layout import with_open_slot
from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography import mortality as models
from sim.demography.lifetable import (
    INFANT_RULES,
    death_rate_from_probability,
    life_table,
    single_age_death_rates,
    survival_ratios,
)
from sim.errors import ScenarioError
from sim.readers.table import Quantity
from sim.scenario.inputs import ProbabilityTable, RateTable, SurvivalTable
from sim.scenario.models import OldAge

RATIO = Quantity("survival ratio", low=0, high=1)
PROBABILITY = Quantity("probability", low=0, high=1)
DEATH_RATE = Quantity("death rate", low=0)
LARGEST_DEATH_RATE = 5.0


def base_table(source: Source) -> Array:
    """Survival ratios of the base table, its oldest ages by a model where the scenario says so.

    Parameters
    ----------
    source : Source
        Of the scenario.

    Returns
    -------
    (n, R, G, 2, A + 1) array
        Survival ratios by cohort slot; axes of length 1 where one value holds for all.
    """
    base, old_age = _stated(source), source.scenario.mortality.old_age
    return base if old_age is None else _with_old_age(source, base, old_age)


def _stated(source: Source) -> Array:
    """Survival ratios as stated."""
    mortality = source.scenario.mortality
    if mortality.base is not None:
        with source.at("mortality", "base"):
            name = source.dataset(mortality.base.dataset)
            states = source.scenario.states
            open_age = source.scenario.ages.open
            reached = catalogue.survival(name, mortality.base.years, open_age, states.regions, states.established)
        ratios = with_open_slot(reached[None] if reached.ndim == 4 else reached[None, None, None])
        return source.with_new_groups(ratios, 2, empty=False)
    if mortality.survival_ratio is not None:
        return _of_ratios(source, mortality.survival_ratio)
    if mortality.rate is not None:
        return _of_rates(source, mortality.rate)
    return _of_probabilities(source)


def _of_ratios(source: Source, entry: SurvivalTable) -> Array:
    """Survival ratios of a table."""
    keys = ("mortality", "survival_ratio")
    if entry.open_age == "pooled":
        return with_open_slot(source.table(entry, keys, RATIO, source.axes))
    ages = range(0, source.scenario.ages.open + source.width + 1, source.width)
    try:
        table = source.table(entry, keys, RATIO, {**source.axes, "age": ages})
        split = table.shape[-1] > 1
    except ScenarioError as error:
        if not all(f"age {ages[-1]}" in fault.message for fault in error.faults):
            raise
        split = False
    with source.at(*keys, "open_age"):
        if not split:
            message = (
                f"is split: {entry.table} takes one more row, of age {ages[-1]}, for those already in the open age"
            )
            raise ValueError(message)
    return table


def _of_rates(source: Source, entry: RateTable) -> Array:
    """Survival ratios of death rates by completed age, through their life table."""
    keys, axes = ("mortality", "rate"), dict(source.axes)
    if entry.graduate is not None or source.width > 1 or source.scenario.mortality.old_age is not None:
        axes["age"] = source.groups_of(entry, keys)
    first_ages = np.array(axes["age"], dtype=np.int64)
    with source.at(*keys, "table"):
        _check_groups(source, entry, first_ages)
    rates = source.table(entry, keys, DEATH_RATE, axes)
    with source.at(*keys, "table"):
        check_per_person_year(rates, entry.table)
    rates = np.broadcast_to(rates, (*rates.shape[:3], len(SEXES), len(first_ages)))
    with source.at(*keys):
        if source.width > 1:
            groups = life_table(rates, INFANT_RULES[entry.infant], first_ages=first_ages)
            return survival_ratios(groups.person_years, first_ages=first_ages)
        if entry.graduate is not None:
            source.warn_of_wide_groups(first_ages.tolist(), *keys, "table")
            rates = single_age_death_rates(rates, first_ages, INFANT_RULES[entry.infant])
    return _through_life_table(source, "rate", rates, entry)


def check_per_person_year(rates: Array, name: str) -> None:
    """Refuse death rates that are so high that they must be per thousand.

    Parameters
    ----------
    rates : array
        Death rates of a table.
    name : str
        How messages call it.

    Raises
    ------
    ValueError
        If one is above 5 per person-year.
    """
    if rates.max() > LARGEST_DEATH_RATE:
        message = f"{name} has death rates up to {rates.max():g}; they are per person-year, not per thousand"
        raise ValueError(message)


def _check_groups(source: Source, entry: RateTable, first_ages: NDArray[np.int64]) -> None:
    """Refuse ages of a table that the scenario has no use for."""
    width, open_age = source.width, source.scenario.ages.open
    groups = first_ages.tolist()
    single = width == 1 and entry.graduate is None
    every = list(range(groups[-1] + 1)) if single else sorted({1, *range(0, groups[-1] + 1, width)})
    if groups[:2] != [0, 1] or (groups != every and entry.graduate is None):
        wanted = "0, 1, 2, …; groups go with 'graduate: monotone'" if single else "0, 1, 5, 10, …"
        message = f"the ages of {entry.table} must be {wanted}"
        raise ValueError(message)
    shorter = source.scenario.mortality.old_age is not None
    if groups[-1] > open_age or (groups[-1] < open_age and not shorter):
        hint = "" if groups[-1] > open_age or width > 1 else "; 'old_age' carries it on"
        message = f"the open age of {entry.table} is {groups[-1]}, that of the scenario {open_age}{hint}"
        raise ValueError(message)


def _of_probabilities(source: Source) -> Array:
    """Survival ratios of probabilities of dying: those by completed age through their life table."""
    entry = source.scenario.mortality.probability
    with source.at("mortality"):
        if entry is None:
            message = "has no base table"
            raise ValueError(message)
    table = source.table(entry, ("mortality", "probability"), PROBABILITY, source.axes)
    if entry.age == "reached":
        return with_open_slot(1 - table)
    with source.at("mortality", "probability"):
        if source.width > 1:
            message = f"ages of {source.width} years take death rates, survival ratios, or probabilities by age reached"
            raise ValueError(message)
        if not table[..., -1].max() < 1:
            message = "a probability of 1 in the open age has no finite death rate; give one below 1"
            raise ValueError(message)
    table = np.broadcast_to(table, (*table.shape[:3], len(SEXES), source.ages))
    rates = death_rate_from_probability(table, INFANT_RULES[entry.infant])
    return _through_life_table(source, "probability", rates, entry)


def _through_life_table(source: Source, key: str, rates: Array, entry: RateTable | ProbabilityTable) -> Array:
    """Survival ratios by cohort slot of death rates by single completed age."""
    with source.at("mortality", key):
        rates = np.broadcast_to(rates, (*rates.shape[:3], len(SEXES), rates.shape[-1]))
        return survival_ratios(life_table(rates, INFANT_RULES[entry.infant]).person_years)


def _with_old_age(source: Source, base: Array, entry: OldAge) -> Array:
    """Survival ratios whose oldest ages follow a model, up to the open age of the scenario."""
    keys = ("mortality", "old_age")
    with source.at(*keys):
        if source.width > 1:
            message = "goes with single ages; ages of five years keep the rates of their table"
            raise ValueError(message)
        known = base.shape[-1] - 3
        ratios = source.scenario.mortality.survival_ratio
        if ratios is not None and ratios.open_age == "split":
            message = "and 'open_age: split' both say what happens in the open age; leave one out"
            raise ValueError(message)
        if base.shape[-1] == 1:
            message = "needs a base table by age"
            raise ValueError(message)
        if entry.fitted_ages[1] > known:
            message = f"the table is known to age {known}, below its open one; fit to ages up to it"
            raise ValueError(message)
        return models.with_old_age(
            base, model=entry.model, fitted_ages=entry.fitted_ages, open_age=source.scenario.ages.open
        )
