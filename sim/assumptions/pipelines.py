"""Pipelines of every step: who applies, waits, is decided, and enters the population register."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.policies import changed_applications
from sim.assumptions.source import Source
from sim.axes import Array
from sim.errors import ScenarioError
from sim.migration.pipelines import Closed, closed_after, closed_as_counted, granted_of, rejected_of
from sim.readers.table import Quantity
from sim.scenario.inputs import SUM_TOLERANCE, Series, YearPath
from sim.scenario.paths import values
from sim.scenario.pipelines import Pipeline
from sim.scenario.yamlfile import Key

CASES = Quantity("number of cases per year", low=0, high=1e12)
SHARE = Quantity("share", low=0, high=1)
PERSONS_PER_FILE = Quantity("number of persons of a file", low=0.01, high=100)


class Procedure(NamedTuple):
    """A pipeline over n steps; flows are sums over the years of a step."""

    name: str
    unit: str
    """What its cases are: files or persons."""
    applications: Array
    """(n,) cases, as policies change them."""
    repeat: Array
    """(n,) those of them by people who applied before; not a number where the scenario says nothing of it."""
    withdrawn: Array
    """(n,) cases closed without a decision."""
    decided: Array
    """(n,) cases."""
    rejected: Array
    """(n,) decided cases that are granted nothing."""
    granted: dict[str, Array]
    """(n,) cases by outcome."""
    persons: dict[str, Array]
    """(n,) persons who so enter the population register, by outcome."""
    persons_per_file: Array
    """(n,) of the cases granted in the step; the mean of its years where none are. 1 where the cases are persons."""
    waiting: Array
    """(n + 1,) cases on the 1 Januaries between steps."""
    waiting_persons: Array
    """(n + 1,) the same in persons, by the persons per file of the year that begins; at the end of the last year."""


def procedures(source: Source) -> tuple[Procedure, ...]:
    """All pipelines of a scenario, by its calendar years and summed over its steps.

    Parameters
    ----------
    source : Source
        Where arrays come from.

    Returns
    -------
    tuple of Procedure
        In the order of the scenario.

    Raises
    ------
    ScenarioError
        With a fault of each pipeline in which more are closed than wait and apply, more are granted a title than are
        decided, or a figure has a value that it cannot have.
    """
    found, errors = [], []
    for name, pipeline in source.scenario.pipelines.items():
        try:
            found.append(_procedure(source, name, pipeline))
        except ScenarioError as error:
            errors.append(error)
    if errors:
        raise ScenarioError.joined(errors)
    return tuple(found)


def entering(cases: tuple[Procedure, ...], pipeline: str | None, outcome: str | None) -> Array:
    """Persons who come out of a pipeline into the population register.

    Parameters
    ----------
    cases : tuple of Procedure
        All pipelines.
    pipeline, outcome : str or None
        Names; all outcomes of the pipeline without an outcome.

    Returns
    -------
    (n,) array
        Persons per step.
    """
    persons = next(case.persons for case in cases if case.name == pipeline)
    return sum(persons.values(), np.zeros(1)) if outcome is None else persons[outcome]


def _procedure(source: Source, name: str, pipeline: Pipeline) -> Procedure:
    """One pipeline, year by year, then step by step."""
    keys = ("pipelines", name)
    stated = _yearly(source, pipeline.applications or 0.0, (*keys, "applications"), CASES)
    applications = changed_applications(source, name, stated)
    repeat = np.full_like(applications, np.nan)
    if pipeline.repeat is not None:
        repeat = _yearly(source, pipeline.repeat, (*keys, "repeat"), SHARE)
    withdrawn = _yearly(source, pipeline.withdrawn or 0.0, (*keys, "withdrawn"), SHARE)
    stated_per_file = 1.0 if pipeline.persons_per_file is None else pipeline.persons_per_file
    per_file = _yearly(source, stated_per_file, (*keys, "persons_per_file"), PERSONS_PER_FILE)
    closed, waiting = _closed(source, name, pipeline, applications, withdrawn)
    decided = closed - closed * withdrawn
    granted = _granted(source, name, pipeline, decided)

    def per_step(flow: Array) -> Array:
        total: Array = flow.reshape(*flow.shape[:-1], -1, source.width).sum(axis=-1)
        return total

    cases, persons = per_step(granted), per_step(granted * per_file)
    mean = per_step(per_file) / source.width
    np.divide(persons.sum(axis=0), cases.sum(axis=0), out=mean, where=cases.sum(axis=0) > 0)
    between = waiting[:: source.width]
    return Procedure(
        name=name,
        unit=pipeline.case_unit,
        applications=per_step(applications),
        repeat=per_step(repeat * applications),
        withdrawn=per_step(closed * withdrawn),
        decided=per_step(decided),
        rejected=per_step(rejected_of(decided, granted)),
        granted=dict(zip(pipeline.outcomes, cases, strict=True)),
        persons=dict(zip(pipeline.outcomes, persons, strict=True)),
        persons_per_file=mean,
        waiting=between,
        waiting_persons=between * np.append(per_file[:: source.width], per_file[-1]),
    )


def _closed(source: Source, name: str, pipeline: Pipeline, applications: Array, withdrawn: Array) -> Closed:
    """Cases closed in each year: after the delay, or as many as their decisions are counted."""
    delay, count = pipeline.decisions.delay, pipeline.decisions.count
    if delay is not None:
        with source.at("pipelines", name, "waiting"):
            return closed_after(applications, np.array(delay), pipeline.waiting)
    keys, years = ("pipelines", name, "decisions", "count"), source.scenario.flow_years
    counted = _yearly(source, count or 0.0, keys, CASES)
    with source.at("pipelines", name, "withdrawn"):
        if withdrawn.max() == 1:
            year = years[int(withdrawn.argmax())]
            message = f"is 1 in {year}: where all withdraw none are decided, but the decisions are counted"
            raise ValueError(message)
    stated = counted / (1 - withdrawn)
    cases = closed_as_counted(applications, stated, pipeline.waiting)
    too_many = np.flatnonzero(stated > cases.closed * (1 + SUM_TOLERANCE))
    with source.at(*keys):
        if len(too_many):
            year = int(too_many[0])
            decided = "" if withdrawn[year] == 0 else f" ({_number(counted[year])} decided, the others withdrawn)"
            message = (
                f"more are closed than wait and apply: {_number(stated[year])} {pipeline.case_unit} in {years[year]}"
                f"{decided}, but {_number(cases.waiting[year])} wait and {_number(applications[year])} apply"
            )
            raise ValueError(message)
    return cases


def _granted(source: Source, name: str, pipeline: Pipeline, decided: Array) -> Array:
    """Cases granted each outcome, as shares of the decided or counts, (outcomes, N)."""
    keys: tuple[Key, ...] = ("pipelines", name, "outcomes")
    stated = np.empty((len(pipeline.outcomes), len(decided)))
    for place, (label, outcome) in enumerate(pipeline.outcomes.items()):
        if outcome.share is not None:
            stated[place] = decided * _yearly(source, outcome.share, (*keys, label, "share"), SHARE)
        else:
            stated[place] = _yearly(source, outcome.count or 0.0, (*keys, label, "count"), CASES)
    parts = [((*keys, label), cases) for label, cases in zip(pipeline.outcomes, stated, strict=True)]
    for where, cases in [*parts, (keys, stated.sum(axis=0))]:
        too_many = np.flatnonzero(cases > decided * (1 + SUM_TOLERANCE))
        with source.at(*where):
            if len(too_many):
                year = int(too_many[0])
                message = (
                    f"more are granted than decided: {_number(cases[year])} {pipeline.case_unit} in "
                    f"{source.scenario.flow_years[year]}, of {_number(decided[year])}"
                )
                raise ValueError(message)
    return granted_of(decided, stated)


def _yearly(source: Source, series: Series, keys: tuple[Key, ...], quantity: Quantity) -> Array:
    """Values of a path in every calendar year, (N,), if they are what they can be."""
    years = source.scenario.flow_years
    found = values(series, years)
    wrong = [year for year, value in zip(years, found, strict=True) if not quantity.low <= value <= quantity.high]
    with source.at(*keys):
        if wrong:
            stated = series.path if isinstance(series, YearPath) else {}
            year = next((year for year in wrong if year in stated), wrong[0])
            allowed = f"allowed are {quantity.low:g} to {quantity.high:g}"
            message = f"{found[years.index(year)]:g} in {year} is no {quantity.name}; {allowed}"
            raise ValueError(message)
    return found


def _number(cases: float) -> str:
    """Number of cases, to hundredths where it is not whole."""
    return f"{cases:,.2f}".rstrip("0").rstrip(".")
