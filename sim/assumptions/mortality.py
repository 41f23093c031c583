"""Survival of every year: a base table, its improvement, and the life expectancy it is brought to."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.assumptions.layout import with_open_slot
from sim.assumptions.lifetables import base_table
from sim.assumptions.risks import streams_as
from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.demography import mortality as models
from sim.demography.hazards import death_hazard, survival_from_hazard
from sim.readers.table import Quantity
from sim.scenario.inputs import Table
from sim.scenario.models import Improvement
from sim.scenario.paths import uncovered, values
from sim.scenario.schema import LifeExpectancy

IMPROVEMENT = Quantity("rate of improvement", low=-1, high=1)
SENSITIVITY = Quantity("relative change of risks", low=-1e6, high=1e6)


class Mortality(NamedTuple):
    """Survival of every step of the projection."""

    survival: Array
    """(n, R, G, 2, A + 1) survival ratios by cohort slot."""
    national_expectancy: Array | None
    """(n, 2) period life expectancy at birth of all states together, years, which they are to be brought to."""


def mortality(source: Source) -> Mortality:
    """Survival ratios by cohort slot; the life expectancy is reached where the states share a base table."""
    entry = source.scenario.mortality
    base = base_table(source)
    shape = (len(source.periods), *source.shape, len(SEXES), source.ages + 1)
    if _needs_hazards(source) and not base.min() > 0:
        _refuse_certain_death(source, base)
    if entry.improvement is not None:
        base = _improved(source, base, entry.improvement)
    if entry.life_expectancy is None:
        return Mortality(np.broadcast_to(base, shape), None)
    wanted = _life_expectancy(source, entry.life_expectancy, base)
    if base.shape[1:3] != (1, 1):
        with source.at("mortality", "method"):
            if entry.method != "proportional":
                message = f"'{entry.method}' is for one life table; those of several states take 'proportional'"
                raise ValueError(message)
        return Mortality(np.broadcast_to(base, shape), wanted)
    with source.at("mortality", "life_expectancy"):
        every_age = np.broadcast_to(base, (*base.shape[:-1], source.ages + 1))
        scaled = _brought_to(source, every_age, wanted[:, None, None, :])
    return Mortality(np.broadcast_to(scaled, shape), None)


def _needs_hazards(source: Source) -> bool:
    """Whether survival ratios are turned into risks somewhere on the way."""
    entry = source.scenario.mortality
    streams = streams_as(source, "hazard") or streams_as(source, "count")
    return bool(source.scenario.convention == "continuous" or streams or entry.improvement is not None)


def _brought_to(source: Source, survival: Array, wanted: Array) -> Array:
    """Survival ratios that return a life expectancy, by the scenario's method; the first out of reach is named."""
    method = _method(source)
    try:
        return method(survival, wanted / source.width)
    except ValueError:
        for year, sex in np.ndindex(wanted.shape[0], len(SEXES)):
            base = survival[year if len(survival) > 1 else 0, ..., sex, :]
            try:
                method(base, wanted[year, ..., sex] / source.width, sex)
            except ValueError:
                message = (
                    f"{wanted[year, 0, 0, sex]:g} years ({SEXES[sex]}, {source.periods[year]}) are out of reach of the "
                    f"method '{source.scenario.mortality.method}' from this life table"
                )
                raise ValueError(message) from None
        raise


def _method(source: Source) -> Callable[..., Array]:
    """Function of survival ratios, life expectancy and, where it is of one only, sex, that brings one to the other."""
    entry = source.scenario.mortality
    if entry.method == "brass":
        return lambda survival, wanted, _sex=None: models.brass_to_life_expectancy(survival, wanted).survival
    if entry.pattern is None:
        return lambda survival, wanted, _sex=None: models.scale_to_life_expectancy(survival, wanted).survival
    axes = {name: labels for name, labels in source.axes.items() if name in {"sex", "age"}}
    pattern = with_open_slot(source.table(entry.pattern, ("mortality", "pattern"), SENSITIVITY, axes))
    with source.at("mortality", "pattern"):
        if not pattern.sum(axis=-1).min() > 0:
            message = f"adds up to {pattern.sum(axis=-1).min():g} over the ages; it must be above zero"
            raise ValueError(message)

    def along_pattern(survival: Array, wanted: Array, sex: int | None = None) -> Array:
        own = pattern if sex is None else pattern[min(sex, len(pattern) - 1)]
        return models.along_pattern_to_life_expectancy(survival, own, wanted).survival

    return along_pattern


def _improved(source: Source, base: Array, entry: Improvement) -> Array:
    """Survival ratios of every step from those of one year and yearly rates of improvement."""
    keys = ("mortality", "improvement")
    first, last = entry.from_, source.scenario.flow_years[-1]
    years = range(first + 1, last + 1)
    with source.at(*keys):
        if source.width > 1 or base.shape[0] > 1:
            held = "ages of five years" if source.width > 1 else "a base table of every year"
            message = f"goes with a base table of one year and single ages, not with {held}"
            raise ValueError(message)
    with source.at(*keys, "from"):
        if first > source.periods[0]:
            message = f"is {first}, but the first projected year is {source.periods[0]}"
            raise ValueError(message)
    if isinstance(entry.rate, Table):
        axes = {**source.axes, "year": years}
        rate = with_open_slot(source.table(entry.rate, (*keys, "rate"), IMPROVEMENT, axes))
    else:
        missing = uncovered(entry.rate, years) if len(years) else None
        with source.at(*keys, "rate", "path"):
            if missing:
                raise ValueError(missing)
        rate = values(entry.rate, years).reshape(-1, 1, 1, 1, 1)
    with source.at(*keys, "rate"):
        if rate.size and not (rate.min() >= -1 and rate.max() < 1):
            wrong = rate.max() if rate.max() >= 1 else rate.min()
            message = f"{wrong:g} is no rate of improvement; allowed are -1 to below 1, as in 0.015"
            raise ValueError(message)
        improvement = np.broadcast_to(rate, (len(years), *rate.shape[1:]))
    every = hazard = death_hazard(np.array(base))
    if len(years):
        shape = np.broadcast_shapes(hazard.shape, (1, *improvement.shape[1:]))
        hazard = np.broadcast_to(hazard, shape)
        every = np.concatenate([hazard, models.improved(hazard[0], improvement, len(years))])
    return survival_from_hazard(every[source.periods[0] - first :])


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


def _life_expectancy(source: Source, target: LifeExpectancy, base: Array) -> Array:
    """Period life expectancy asked for in every step, (n, 2)."""
    with source.at("mortality", "life_expectancy"):
        if not (base.min() > 0 and base[..., -1].max() < 1):
            message = "needs a base table with survival ratios above 0, and below 1 in the open age"
            raise ValueError(message)
        wanted = np.stack([source.path(series) for series in (target.female, target.male)], axis=-1)
        return models.period_life_expectancy(wanted, target.definition)
