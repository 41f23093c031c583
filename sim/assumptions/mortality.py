"""Survival of every year from a base table and a life expectancy."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.layout import with_open_slot
from sim.assumptions.risks import streams_as
from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography.lifetable import INFANT_RULES, death_rate_from_probability, life_table, survival_ratios
from sim.demography.mortality import period_life_expectancy, scale_to_life_expectancy
from sim.errors import ScenarioError
from sim.readers.table import Quantity
from sim.scenario.inputs import ProbabilityTable, RateTable, SurvivalTable
from sim.scenario.schema import LifeExpectancy

RATIO = Quantity("survival ratio", low=0, high=1)
PROBABILITY = Quantity("probability", low=0, high=1)
DEATH_RATE = Quantity("death rate", low=0)


class Mortality(NamedTuple):
    """Survival of every step of the projection."""

    survival: Array
    """(n, R, G, 2, A + 1) survival ratios by cohort slot."""
    national_expectancy: Array | None
    """(n, 2) period life expectancy at birth of all states together, years, which they are to be brought to."""


def mortality(source: Source) -> Mortality:
    """Survival ratios by cohort slot; the life expectancy is reached where the states share a base table."""
    entry = source.scenario.mortality
    base = _base(source)
    shape = (len(source.periods), *source.shape, len(SEXES), source.ages + 1)
    needed = source.scenario.convention == "continuous" or streams_as(source, "hazard") or streams_as(source, "count")
    if needed and not base.min() > 0:
        _refuse_certain_death(source, base)
    if entry.life_expectancy is None:
        return Mortality(np.broadcast_to(base, shape), None)
    wanted = _life_expectancy(source, entry.life_expectancy, base)
    if base.shape[1:3] != (1, 1):
        return Mortality(np.broadcast_to(base, shape), wanted)
    with source.at("mortality", "life_expectancy"):
        every_age = np.broadcast_to(base, (*base.shape[:-1], source.ages + 1))
        scaled = scale_to_life_expectancy(every_age, wanted[:, None, None, :] / source.width)
    return Mortality(np.broadcast_to(scaled.survival, shape), None)


def _base(source: Source) -> Array:
    """Survival ratios of the base table by cohort slot, axes of length 1 where one value holds for all."""
    mortality = source.scenario.mortality
    if mortality.base is not None:
        with source.at("mortality", "base"):
            name = source.dataset(mortality.base.dataset)
            states = source.scenario.states
            open_age = source.scenario.ages.open
            reached = catalogue.survival(name, mortality.base.years, open_age, states.regions, states.groups)
        return with_open_slot(reached[None] if reached.ndim == 4 else reached[None, None, None])
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


def _refuse_certain_death(source: Source, base: Array) -> None:
    """Name the first cell that nobody survives: no finite hazard leads there."""
    first = np.unravel_index(int((~(base > 0)).argmax()), base.shape)
    year, region, group, sex, slot = (int(place) for place in first)
    states = source.scenario.states
    labels = [(source.periods, year), (states.regions, region), (states.groups, group), (SEXES, sex)]
    cell = ", ".join(str(names[place]) for names, place in labels)
    with source.at("mortality"):
        message = (
            f"nobody survives to age {source.scenario.age_labels[min(slot, source.ages - 1)]} ({cell}), and no finite "
            "risk does that: pool years or ages, or use the convention 'wpp_end' without hazards and counts"
        )
        raise ValueError(message)


def _of_rates(source: Source, entry: RateTable) -> Array:
    """Survival ratios of death rates by completed age, through their life table."""
    rates = source.table(entry, ("mortality", "rate"), DEATH_RATE, source.axes)
    return _through_life_table(source, "rate", rates, entry)


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
        if not table[..., -1].max() < 1:
            message = "a probability of 1 in the open age has no finite death rate; give one below 1"
            raise ValueError(message)
    table = np.broadcast_to(table, (*table.shape[:3], len(SEXES), source.ages))
    rates = death_rate_from_probability(table, INFANT_RULES[entry.infant])
    return _through_life_table(source, "probability", rates, entry)


def _through_life_table(source: Source, key: str, rates: Array, entry: RateTable | ProbabilityTable) -> Array:
    """Survival ratios by cohort slot of death rates by completed age."""
    with source.at("mortality", key):
        if source.width > 1:
            message = f"ages of {source.width} years take survival ratios, or probabilities by age reached"
            raise ValueError(message)
    rates = np.broadcast_to(rates, (*rates.shape[:3], len(SEXES), source.ages))
    with source.at("mortality", key):
        return survival_ratios(life_table(rates, INFANT_RULES[entry.infant]).person_years)


def _life_expectancy(source: Source, target: LifeExpectancy, base: Array) -> Array:
    """Period life expectancy asked for in every step, (n, 2)."""
    with source.at("mortality", "life_expectancy"):
        if not (base.min() > 0 and base[..., -1].max() < 1):
            message = "needs a base table with survival ratios above 0, and below 1 in the open age"
            raise ValueError(message)
        wanted = np.stack([source.path(series) for series in (target.female, target.male)], axis=-1)
        return period_life_expectancy(wanted, target.definition)
