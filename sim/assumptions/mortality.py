"""Survival of every year from a base table and a life expectancy."""

import numpy as np

from sim.assumptions.source import Source, with_open_slot
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography.lifetable import INFANT_RULES, death_rate_from_probability, life_table, survival_ratios
from sim.demography.mortality import period_life_expectancy, scale_to_life_expectancy
from sim.readers.table import Quantity
from sim.scenario.inputs import ProbabilityTable, RateTable
from sim.scenario.paths import values

RATIO = Quantity("survival ratio", low=0, high=1)
PROBABILITY = Quantity("probability", low=0, high=1)
DEATH_RATE = Quantity("death rate", low=0)


def survival(source: Source) -> Array:
    """Survival ratios by cohort slot, brought to the life expectancy asked for, (n, R, G, 2, A + 1)."""
    mortality = source.scenario.mortality
    shape = (len(source.years), *source.shape, len(SEXES), source.ages + 1)
    if mortality.base is not None:
        with source.at("mortality", "base"):
            name = source.dataset(mortality.base.dataset)
            reached = catalogue.survival(name, mortality.base.years, source.scenario.ages.open)
        if source.shape != (1, 1):
            source.warn("mortality", "base", message="one national life table is used for all regions and groups")
        base = with_open_slot(reached[None, None, None])
    elif mortality.survival_ratio is not None:
        table = source.table(mortality.survival_ratio, ("mortality", "survival_ratio"), RATIO, source.axes)
        base = with_open_slot(table)
    elif mortality.rate is not None:
        base = _of_rates(source, mortality.rate)
    else:
        base = _of_probabilities(source)
    if source.scenario.convention == "continuous" and not base.min() > 0:
        _refuse_certain_death(source, base)
    if mortality.life_expectancy is not None:
        base = _scaled(source, base)
    return np.broadcast_to(base, shape)


def _refuse_certain_death(source: Source, base: Array) -> None:
    """Name the first cell that nobody survives: no finite hazard leads there."""
    first = np.unravel_index(int((~(base > 0)).argmax()), base.shape)
    year, region, group, sex, slot = (int(place) for place in first)
    states = source.scenario.states
    labels = [(source.years, year), (states.regions, region), (states.groups, group), (SEXES, sex)]
    cell = ", ".join(str(names[place]) for names, place in labels)
    with source.at("mortality"):
        message = (
            f"nobody survives to age {min(int(slot), source.ages - 1)} ({cell}); under the convention 'continuous' no "
            "finite risk does that: pool years or ages, or use 'wpp_end'"
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
    rates = np.broadcast_to(rates, (*rates.shape[:3], len(SEXES), source.ages))
    with source.at("mortality", key):
        return survival_ratios(life_table(rates, INFANT_RULES[entry.infant]).person_years)


def _scaled(source: Source, base: Array) -> Array:
    """Survival ratios brought to the life expectancy of every year, (n, 1, 1, 2, A + 1)."""
    target = source.scenario.mortality.life_expectancy
    with source.at("mortality", "life_expectancy"):
        if target is None or base.shape[1:3] != (1, 1):
            message = "is one for all, but the base table differs by region or group: give that table by year instead"
            raise ValueError(message)
        if not (base.min() > 0 and base[..., -1].max() < 1):
            message = "needs a base table with survival ratios above 0, and below 1 in the open age"
            raise ValueError(message)
        wanted = np.stack([values(series, source.years) for series in (target.female, target.male)], axis=-1)
        period = period_life_expectancy(wanted, target.definition)
        every_age = np.broadcast_to(base, (*base.shape[:-1], source.ages + 1))
        return scale_to_life_expectancy(every_age, period[:, None, None, :]).survival
