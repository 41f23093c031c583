"""Fertility of every year from rates, or from a total and a pattern."""

import numpy as np

from sim.assumptions.source import Source
from sim.axes import Array
from sim.data import catalogue
from sim.demography import fertility as fertility_rates
from sim.errors import DataError
from sim.readers.table import Quantity
from sim.scenario.inputs import FertilityTable, PatternOfDataset
from sim.scenario.paths import values

BIRTH_RATE = Quantity("fertility rate", low=0, high=10)


def fertility(source: Source) -> tuple[Array, Array, Array]:
    """Fertility before and after the birthday by cohort slot, (n, R, G, A + 1), and in total, (n, R, G)."""
    entry = source.scenario.fertility
    if entry.rates is not None:
        rates = _table(source, entry.rates, "rates")
        age: str = entry.rates.age
    else:
        with source.at("fertility", "total"):
            if entry.total is None:
                message = "is missing"
                raise ValueError(message)
            total = values(entry.total, source.years)
            if not total.min() >= 0:
                message = f"the total fertility rate falls to {total.min():g}; it is zero or more"
                raise ValueError(message)
        if isinstance(entry.pattern, FertilityTable):
            pattern, age = _table(source, entry.pattern, "pattern"), entry.pattern.age
        else:
            pattern, age = _pattern_of_dataset(source, entry.pattern), "completed"
        with source.at("fertility", "pattern"):
            if not pattern.sum(axis=-1).min() > 0:
                message = "has a sum of zero"
                raise ValueError(message)
        rates = total[:, None, None, None] * pattern / pattern.sum(axis=-1, keepdims=True)
    rates = np.broadcast_to(rates, (len(source.years), *source.shape, source.ages))
    cohorts = fertility_rates.by_cohort(rates, age)
    return cohorts.before_birthday, cohorts.after_birthday, rates.sum(axis=-1)


def _table(source: Source, entry: FertilityTable, key: str) -> Array:
    """Rates or a pattern by age of mother from a table."""
    axes = {name: labels for name, labels in source.axes.items() if name != "sex"}
    rates = source.table(entry, ("fertility", key), BIRTH_RATE, axes, partial_ages=True)
    with source.at("fertility", key, "table"):
        if rates[..., 0].max() > 0:
            message = f"{entry.table} lets girls of age 0 bear children"
            raise ValueError(message)
    return rates


def _pattern_of_dataset(source: Source, entry: PatternOfDataset | None) -> Array:
    """Shares of the total fertility rate by completed age, (A,)."""
    start = source.scenario.period.start
    with source.at("fertility", "pattern"):
        if entry is None:
            message = "is missing"
            raise ValueError(message)
        name, years = source.dataset(entry.dataset), entry.years
        if years is None:
            holding = [period for period in catalogue.fertility_periods(name) if period[0] <= start < period[1]]
            if not holding:
                message = f"'{name}' has no pattern of a period that holds {start}; state its years"
                raise DataError(message)
            years = holding[0]
        edges, shares = catalogue.fertility_pattern(name, *years)
    if source.shape != (1, 1):
        source.warn("fertility", "pattern", message="one national pattern is used for all regions and groups")
    return fertility_rates.single_year_pattern(edges, shares, source.ages)
