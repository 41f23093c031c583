"""Fertility of every year from rates, or from a total and a pattern."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.assumptions.source import Source
from sim.axes import Array
from sim.data import catalogue
from sim.demography import fertility as models
from sim.demography import graduation
from sim.demography.fertility import by_cohort, single_year_pattern
from sim.errors import DataError
from sim.readers.table import Quantity
from sim.scenario.inputs import FertilityTable, PatternOfDataset, Series
from sim.scenario.models import FertilityModel

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
        pattern, age = _pattern(source, entry.pattern)
        if entry.mean_age is not None:
            pattern = _shifted(source, pattern, age, entry.mean_age)
        with source.at("fertility", "pattern"):
            by_state = pattern.ndim == 4 and pattern.shape[1:3] != (1, 1)
            if not pattern.sum(axis=(1, 2, 3) if by_state else -1).min() > 0:
                message = "has a sum of zero"
                raise ValueError(message)
        if by_state:
            rates, national = pattern, total
        else:
            rates = models.with_total(pattern, total[:, None, None]) / source.width
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


def _pattern(source: Source, entry: FertilityTable | FertilityModel | PatternOfDataset | None) -> tuple[Array, str]:
    """Age pattern, and whether its ages are completed or reached."""
    if isinstance(entry, FertilityTable):
        return _table(source, entry, "pattern"), entry.age
    if isinstance(entry, FertilityModel):
        return _of_model(source, entry), "completed"
    return _pattern_of_dataset(source, entry), "completed"


def _of_model(source: Source, entry: FertilityModel) -> Array:
    """Shares of the total fertility rate by completed age, of a model, (A,)."""
    with source.at("fertility", "pattern"):
        ages = np.arange(0.0, source.scenario.ages.open + source.width)
        single = models.PATTERNS[entry.model](ages, **entry.parameters)
        shares: Array = single.reshape(-1, source.width).sum(axis=-1)
        return shares


def _shifted(source: Source, pattern: Array, age: str, mean_age: Series) -> Array:
    """Pattern moved along age to the mean age of every step, (n, R, G, A).

    Mothers of completed age x are x + 1/2 old at the birth, those who reach age x on 31 December x.
    """
    with source.at("fertility", "mean_age"):
        by_state = np.broadcast_to(pattern, (1,) * (4 - pattern.ndim) + pattern.shape)
        if by_state.shape[1:3] != (1, 1):
            message = "goes with one pattern for all regions and groups"
            raise ValueError(message)
        shifted = np.empty((len(source.periods), *by_state.shape[1:]))
        half = 0.5 if age == "reached" else 0.0
        for place, wanted in enumerate(source.path(mean_age) / source.width + half):
            own = by_state[place if len(by_state) > 1 else 0]
            try:
                shifted[place] = models.shifted_to_mean_age(own, wanted)
            except ValueError as error:
                message = f"{source.periods[place]}: {error}"
                raise ValueError(message) from None
        return shifted


def _table(source: Source, entry: FertilityTable, key: str) -> Array:
    """Rates or a pattern by age of mother from a table."""
    axes: dict[str, Sequence[int | str]] = {name: labels for name, labels in source.axes.items() if name != "sex"}
    quantity = BIRTH_RATE if key == "rates" else RELATIVE_RATE
    if entry.graduate is not None:
        axes["age"] = source.groups_of(entry, ("fertility", key))
    rates = source.table(entry, ("fertility", key), quantity, axes, partial_ages=entry.graduate is None)
    if entry.graduate is not None:
        rates = _graduated(source, entry, rates, axes["age"], key)
    with source.at("fertility", key, "table"):
        if rates[..., 0].max() > 0:
            message = f"{entry.table} lets girls of age 0 bear children"
            raise ValueError(message)
    return rates


def _graduated(source: Source, entry: FertilityTable, rates: Array, first_ages: Sequence[int | str], key: str) -> Array:
    """Rates by single age out of those of age groups, whose sums they keep; zero outside the groups."""
    first = np.array(first_ages, dtype=np.int64)
    edges = np.append(first, 2 * first[-1] - first[-2])
    source.warn_of_wide_groups(first_ages, "fertility", key, "table")
    with source.at("fertility", key, "graduate"):
        if edges[-1] > source.ages:
            message = f"the last group, from age {first[-1]} on, ends above the open age {source.scenario.ages.open}"
            raise ValueError(message)
        single = np.zeros((*rates.shape[:-1], source.ages))
        single[..., edges[0] : edges[-1]] = graduation.METHODS[str(entry.graduate)](edges, rates * np.diff(edges))
        if single.min() < 0:
            age = int(np.unravel_index(int(single.argmin()), single.shape)[-1])
            message = f"'{entry.graduate}' makes a rate of {single.min():.3g} at age {age}; 'monotone' stays above zero"
            raise ValueError(message)
    return single


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
