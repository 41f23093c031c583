"""Projections to be explained: scenarios with all that they assume, brought to the same people and years."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim import assumptions as assume
from sim.analysis.selection import name_of, single_results, title_of
from sim.assumptions.span import of_steps
from sim.errors import DataError, ScenarioError
from sim.pipeline import Prepared, Tell, prepare, silent
from sim.scenario.load import restored
from sim.scenario.schema import Period, Scenario, States

if TYPE_CHECKING:
    import xarray as xr

    from sim.axes import Array


class Case(NamedTuple):
    """A projection, by what it assumes."""

    name: str
    title: str
    scenario: Scenario
    assumptions: assume.Assumptions
    stored: xr.Dataset | None = None
    """The result that it was rebuilt from."""


def cases(source: str | Path | Scenario | Prepared | xr.Dataset, tell: Tell = silent) -> list[Case]:
    """Projections of a scenario, which is gathered, not projected.

    Parameters
    ----------
    source : str, Path, Scenario, Prepared or xarray.Dataset
        A scenario file, a scenario, one that is prepared, or a result, whose scenario is taken from its attributes.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    list of Case
        One; of a sweep all its variants, of a variant of the result of a sweep that one.

    Raises
    ------
    ScenarioError
        If the scenario or its tables hold mistakes.
    DataError
        If the scenario of a result cannot be rebuilt, since its tables are not kept with it, or its data changed.
    """
    if isinstance(source, str | Path | Scenario):
        source = prepare(source, tell=tell)
    if isinstance(source, Prepared):
        return [_case(source, place) for place in range(len(source.variants))]
    return [_rebuilt(single, source, tell) for single in single_results([source])]


def aligned(one: Case, other: Case) -> tuple[Case, Case, list[str]]:
    """Bring two projections to the same people and years.

    Parameters
    ----------
    one, other : Case
        Of the same ages, and of the same regions and groups in whatever order.

    Returns
    -------
    one, other : Case
        Over the years that both cover. The one that starts earlier starts from the people whom it projects to be
        there on the first of these; its scenario is no longer what its file says.
    notes : list of str
        What was left out or carried on, one sentence each.

    Raises
    ------
    DataError
        If their ages, regions or groups differ, no year is common to both, or their steps do not meet.
    """
    _check_people(one, other)
    if one.scenario.states != other.scenario.states:
        other = _in_order(other, one.scenario.states)
    first = max(each.scenario.period.start for each in (one, other))
    last = min(each.scenario.period.end for each in (one, other))
    if not first < last:
        spans = " and ".join(f"{each.name} covers {_span(each)}" for each in (one, other))
        message = f"no calendar year is common to both: {spans}"
        raise DataError(message)
    notes = []
    for each in (one, other):
        if each.scenario.period.start < first:
            notes.append(
                f"base population is that of 1 January {first}, which {each.name} projects from "
                f"{each.scenario.period.start} on"
            )
        if each.scenario.period.end > last:
            notes.append(f"{each.name} after {last} is left out")
    return _cut(one, first, last), _cut(other, first, last), notes


def _case(prepared: Prepared, place: int) -> Case:
    """Variant of a sweep, or the one projection of another scenario."""
    variant, assumptions, scenario = prepared.variants[place], prepared.assumptions[place], prepared.scenario
    if scenario.sweep is not None:
        return Case(variant.name, variant.title, variant.scenario, assumptions)
    changes = ", ".join(scenario.changes)
    named = {"name": scenario.name, "title": scenario.title or scenario.name}
    told = {key: f"{text} [{changes}]" if changes else text for key, text in named.items()}
    return Case(told["name"], told["title"], scenario, assumptions)


def _rebuilt(single: xr.Dataset, source: xr.Dataset, tell: Tell) -> Case:
    """Case of a result, or of one variant in the result of a sweep."""
    name = name_of(single)
    text = str(source.attrs.get("scenario") or "{}")
    tables = sorted(set(_tables(json.loads(text))))
    if tables:
        message = (
            f"{name} was computed from tables that are not kept with its result ({', '.join(tables)}): give its "
            "scenario file instead"
        )
        raise DataError(message)
    try:
        prepared = prepare(restored(text, "."), tell=tell)
    except (ValueError, ScenarioError):
        message = f"{name} holds no scenario that this version of the program can read: give its scenario file instead"
        raise DataError(message) from None
    found = [_case(prepared, place) for place in range(len(prepared.variants))]
    if prepared.scenario.sweep is None:
        return found[0]._replace(name=name, title=title_of(single), stored=single)
    return next(each for each in found if each.name == str(single.attrs["name"]))._replace(stored=single)


def _tables(content: Any) -> list[str]:  # noqa: ANN401
    """Files that a scenario names."""
    if isinstance(content, list):
        return [name for child in content for name in _tables(child)]
    if not isinstance(content, dict):
        return []
    here = [content["table"]] if isinstance(content.get("table"), str) else []
    return here + [name for child in content.values() for name in _tables(child)]


def _check_people(one: Case, other: Case) -> None:
    """Refuse projections of people who are divided in different ways."""
    ages = [each.scenario.ages for each in (one, other)]
    states = [each.scenario.states for each in (one, other)]
    pairs = {
        "ages": [f"0 to {age.open} and over, by {age.width}" for age in ages],
        "regions": [", ".join(sorted(each.regions)) for each in states],
        "groups": [", ".join(sorted(each.groups)) for each in states],
    }
    for what, (mine, yours) in pairs.items():
        if mine != yours:
            message = (
                f"{one.name} and {other.name} cannot be mixed: the {what} of the first are {mine}, those of the "
                f"second {yours}"
            )
            raise DataError(message)
    width = ages[0].width
    if (one.scenario.period.start - other.scenario.period.start) % width:
        message = (
            f"{one.name} and {other.name} cannot be mixed: their steps of {width} years, from "
            f"{one.scenario.period.start} and from {other.scenario.period.start} on, do not meet"
        )
        raise DataError(message)


def _in_order(case: Case, states: States) -> Case:
    """The same projection with its regions and groups in another order."""
    ordered = case.scenario.states.model_copy(update={"regions": states.regions, "groups": states.groups})
    if ordered == case.scenario.states:
        return case
    scenario = case.scenario.model_copy(update={"states": ordered})
    stored = None if case.stored is None else case.stored.sel(region=list(states.regions), group=list(states.groups))
    return case._replace(scenario=scenario, assumptions=assume.build(scenario), stored=stored)


def _cut(case: Case, first: int, last: int) -> Case:
    """The same projection over some of its years."""
    scenario, width = case.scenario, case.scenario.ages.width
    before, after = ((year - scenario.period.start) // width for year in (first, last))
    people = None if before == 0 else _people(case, before)
    shorter = scenario.model_copy(update={"period": Period(start=first, end=last)})
    return case._replace(scenario=shorter, assumptions=of_steps(case.assumptions, before, after, people))


def _people(case: Case, step: int) -> Array:
    """Persons at the beginning of a later step, (R, G, 2, A)."""
    if case.assumptions.came.staying:
        year = case.scenario.period.start + step * case.scenario.ages.width
        message = (
            f"{case.name} cannot begin in {year}: who came recently is told apart in it from "
            f"{case.scenario.period.start} on; let both scenarios start in the same year"
        )
        raise DataError(message)
    projection, _ = assume.carried(case.scenario, case.assumptions)
    people = np.moveaxis(projection.population[step], -1, 0)
    by_state: Array = np.moveaxis(people, 1, 2).reshape(case.assumptions.population.shape)
    return np.ascontiguousarray(by_state)


def _span(case: Case) -> str:
    """First and last year of a projection."""
    return f"{case.scenario.period.start} to {case.scenario.period.end}"
