"""Fertility of every year from rates, or from a total and a pattern."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.source import Source
from sim.axes import Array
from sim.data import catalogue
from sim.demography.fertility import by_cohort, single_year_pattern
from sim.errors import DataError
from sim.readers.table import Quantity
from sim.scenario.inputs import FertilityTable, PatternOfDataset, Series

BIRTH_RATE = Quantity("fertility rate", low=0, high=10)
RELATIVE_RATE = Quantity("relative fertility rate", low=0)


class Fertility(NamedTuple):
    """Births per woman of each cohort slot and step of the projection."""

    before_birthday: Array
    """(n, R, G, A + 1)"""
    after_birthday: Array
    """(n, R, G, A + 1)"""
    national_total: Array | None
    """(n,) children per woman of all states together, which the rates are to be brought to."""


def fertility(source: Source) -> Fertility:
    """Fertility of every step, its total reached where the states share a pattern."""
    entry = source.scenario.fertility
    national = None
    if entry.rates is not None:
        rates = _table(source, entry.rates, "rates")
        age: str = entry.rates.age
    else:
        total = _total(source, entry.total)
        if isinstance(entry.pattern, FertilityTable):
            pattern, age = _table(source, entry.pattern, "pattern"), entry.pattern.age
        else:
            pattern, age = _pattern_of_dataset(source, entry.pattern), "completed"
        with source.at("fertility", "pattern"):
            by_state = pattern.ndim == 4 and pattern.shape[1:3] != (1, 1)
            if not pattern.sum(axis=(1, 2, 3) if by_state else -1).min() > 0:
                message = "has a sum of zero"
                raise ValueError(message)
        if by_state:
            rates, national = pattern, total
        else:
            rates = total[:, None, None, None] * pattern / pattern.sum(axis=-1, keepdims=True) / source.width
    shape = (len(source.periods), *source.shape, source.ages)
    cohorts = by_cohort(np.broadcast_to(rates * source.width, shape), age)
    return Fertility(cohorts.before_birthday, cohorts.after_birthday, national)


def _total(source: Source, series: Series | None) -> Array:
    """Total fertility rate of every step, (n,)."""
    with source.at("fertility", "total"):
        if series is None:
            message = "is missing"
            raise ValueError(message)
        total = source.path(series)
        if not total.min() >= 0:
            message = f"the total fertility rate falls to {total.min():g}; it is zero or more"
            raise ValueError(message)
    return total


def _table(source: Source, entry: FertilityTable, key: str) -> Array:
    """Rates or a pattern by age of mother from a table."""
    axes = {name: labels for name, labels in source.axes.items() if name != "sex"}
    quantity = BIRTH_RATE if key == "rates" else RELATIVE_RATE
    rates = source.table(entry, ("fertility", key), quantity, axes, partial_ages=True)
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
    if source.shape != (1, 1) and entry.assumption is None:
        source.warn("fertility", "pattern", message="one national pattern is used for all regions and groups")
    return single_year_pattern(edges, shares, source.ages)
