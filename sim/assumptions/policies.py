"""Policies of every year: named, dated changes to immigrants, to risks of emigration, and to applications."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.assumptions.balances import closed_states
from sim.assumptions.source import Source
from sim.assumptions.streams import StreamPart
from sim.axes import TOLD_APART_BY, Array
from sim.errors import Fault, ScenarioError
from sim.migration.policies import cap_factor, days_in_force, scale_factor, shift_factor
from sim.scenario.faults import fault_at
from sim.scenario.inputs import labels_of
from sim.scenario.migration import Emigration, Immigration
from sim.scenario.policies import Addition, Cap, Policy, Scale, Selected
from sim.scenario.schema import Scenario
from sim.scenario.yamlfile import Key

MADE_UP_FOR = "but the balance is stated, and others make up for it: without 'close' it shows in the population"
"""End of a warning about the flows that a policy changes."""
LARGEST_FACTOR = 10.0
"""Factor above which one is more likely a percentage."""


class _Change(NamedTuple):
    """One change of a policy."""

    place: int
    """Place of the policy in the scenario."""
    policy: Policy
    keys: tuple[Key, ...]
    """Key path of the change."""
    of: Selected
    """What it does, to which flows."""


class _Chosen(NamedTuple):
    """Streams of immigrants that a policy changes."""

    places: list[int]
    """Places of the streams among all."""
    states: Array
    """(R, G) 1 for the regions and groups that it is of, else 0."""


def changed_streams(source: Source, parts: Sequence[StreamPart]) -> tuple[list[StreamPart], Array]:
    """Streams of immigrants as policies change them, one policy after the other.

    Parameters
    ----------
    source : Source
        Where arrays come from.
    parts : sequence of StreamPart
        All streams as stated.

    Returns
    -------
    parts : list of StreamPart
        The same, in the same order, with the persons who are left.
    effect : (n, P) array
        Immigrants per step whom each policy of the scenario adds; below zero, whom it takes away. Policies of
        emigration and of applications have zeros: what these change shows in the emigrants and in the pipeline.

    Raises
    ------
    ScenarioError
        With all policies of any flow that select nothing, are dated before there is anything to change, or count
        another unit; with the first one that takes away more than there are.

    Notes
    -----
    A policy acts on flows as those before it in the file left them. Steps of five years have one flow of immigrants:
    a policy holds in the mean share of their years, and shifts and ceilings meet the yearly mean of the flow.
    """
    _refuse(_faults_as_stated(source))
    changing = [(change, _chosen(source, change.of, parts)) for change in _changes(source.scenario, "immigration")]
    _refuse([fault for change, chosen in changing for fault in _faults_of_streams(source, change, chosen, parts)])
    _note_emigration(source)
    _note_without_effect(source)
    changed, effect = list(parts), np.zeros((len(source.periods), len(source.scenario.policies)))
    for change, chosen in changing:
        flow = _flow(chosen, changed)
        with source.at(*change.keys):
            factor = _factor(change.of, _in_force(source, change.policy), flow / source.width, _years(source))
        _note_closed(source, change, factor, chosen, changed)
        by_state = np.where(chosen.states, factor[:, None, None], 1.0)[..., None, None]
        for number in chosen.places:
            changed[number] = changed[number]._replace(persons=changed[number].persons * by_state)
        effect[:, change.place] += flow * (factor - 1)
    return changed, effect


def emigration_factor(source: Source, where: tuple[list[int], list[int]], *, whole: bool) -> Array:
    """Factor on the risks of a stream of emigrants.

    Parameters
    ----------
    source : Source
        Where arrays come from.
    where : (list of int, list of int)
        Places of the regions and groups that the stream is of.
    whole : bool
        Whether the stream is a count of persons, so that all of it changes alike.

    Returns
    -------
    (n, R', G') array
        Product of all policies, by step, region and group of the stream; of a step of five years the mean of its years.

    Raises
    ------
    ScenarioError
        If a policy is of a part of a count.
    """
    factor = np.ones((len(source.periods), len(where[0]), len(where[1])))
    for change in _changes(source.scenario, "emigration"):
        states = source.places(change.of.region, change.of.group)[np.ix_(*where)]
        with source.at(*change.keys):
            if whole and states.any() and not states.all():
                message = "selects a part of emigrants who are counted together; give each part a count, or a hazard"
                raise ValueError(message)
        of_policy = scale_factor(_in_force(source, change.policy), _multiple(change.of))
        factor = factor * np.where(states, of_policy[:, None, None], 1.0)
    return factor


def changed_applications(source: Source, pipeline: str, applications: Array) -> Array:
    """Applications of a pipeline as policies change them, one policy after the other.

    Parameters
    ----------
    source : Source
        Where arrays come from.
    pipeline : str
        Name of the pipeline.
    applications : (N,) array
        Cases by calendar year, as stated.

    Returns
    -------
    (N,) array
        Cases that are left, by calendar year.

    Raises
    ------
    ScenarioError
        As in `changed_streams`.
    """
    _refuse(_faults_as_stated(source))
    years, changed = source.scenario.flow_years, applications
    for change in _changes(source.scenario, "applications"):
        policy = change.policy
        if change.of.pipeline != pipeline:
            continue
        message = _not_begun(policy, applications, years)
        if message:
            raise ScenarioError([fault_at(source.scenario, ("policies", change.place, "from"), message)])
        with source.at(*change.keys):
            factor = _factor(change.of, days_in_force(policy.from_, policy.until, years), changed, years)
        changed = changed * factor
    return changed


def _changes(scenario: Scenario, flow: str | None = None) -> list[_Change]:
    """All changes that policies make, in their order; those of one flow where it is named."""
    return [
        _Change(int(keys[1]), policy, keys, change)
        for keys, policy, change in scenario.policy_changes
        if flow in {None, change.flow}
    ]


def _in_force(source: Source, policy: Policy) -> Array:
    """Share of every step in which a policy holds, the mean of its years, (n,)."""
    yearly = days_in_force(policy.from_, policy.until, source.scenario.flow_years)
    mean: Array = yearly.reshape(-1, source.width).mean(axis=1)
    return mean


def _multiple(change: Selected) -> float:
    """What a policy multiplies flows by: 0 where it ends them."""
    return change.factor if isinstance(change, Scale) else 0.0


def _factor(change: Selected, in_force: Array, flows: Array, labels: Sequence[int | str]) -> Array:
    """Factor on the flows that a policy selects, which are these together, per year."""
    if isinstance(change, Addition):
        return shift_factor(in_force, flows, change.by, labels)
    if isinstance(change, Cap):
        return cap_factor(in_force, flows, change.at)
    return scale_factor(in_force, _multiple(change))


def _years(source: Source) -> list[str]:
    """Years of every step, for messages."""
    last = source.width - 1
    return [f"{first}-{first + last}" if last else str(first) for first in source.periods]


def _chosen(source: Source, change: Selected, parts: Sequence[StreamPart]) -> _Chosen:
    """Streams with the motive, sponsor and nationality of a policy, and the regions and groups of it."""
    places = [
        place
        for place, part in enumerate(parts)
        if all(getattr(change, key) in {None, getattr(part, key)} for key in TOLD_APART_BY)
    ]
    return _Chosen(places, source.places(change.region, change.group))


def _flow(chosen: _Chosen, parts: Sequence[StreamPart]) -> Array:
    """Immigrants of the streams that a policy selects, all together, persons per step, (n,)."""
    flow: Array = np.sum([_by_step(parts[place], chosen.states) for place in chosen.places], axis=0)
    return flow


def _by_step(part: StreamPart, states: Array) -> Array:
    """Immigrants of a stream in some regions and groups, (n,)."""
    persons: Array = (part.persons.sum(axis=(-2, -1)) * states).sum(axis=(-2, -1))
    return persons


def _refuse(faults: list[Fault]) -> None:
    """Raise all faults, if there are any."""
    if faults:
        raise ScenarioError(faults)


def _faults_as_stated(source: Source) -> list[Fault]:
    """What is wrong with policies of any flow, whatever the size of the flows."""
    faults: list[Fault] = []
    names: dict[str, int] = {}
    for place, policy in enumerate(source.scenario.policies):
        if policy.name in names:
            message = f"policy {names[policy.name] + 1} is called '{policy.name}' too"
            faults.append(fault_at(source.scenario, ("policies", place, "name"), message))
        names.setdefault(policy.name, place)
        misdated = _misdated(source.scenario, policy)
        if misdated:
            faults.append(fault_at(source.scenario, ("policies", place, "from"), misdated))
    for change in _changes(source.scenario):
        for keys, message in _wrong(source.scenario, change.of).items():
            faults.append(fault_at(source.scenario, (*change.keys, *keys), message))
    return faults


def _misdated(scenario: Scenario, policy: Policy) -> str | None:
    """Say that a policy begins when there are no flows; None where there are."""
    first, last = scenario.flow_years[0], scenario.flow_years[-1]
    if policy.first_year < first:
        flows = f"flows are projected from {first} on; if they are stated without it, let it begin on {first}-01-01"
        return f"begins on {policy.from_}, before the flow that it changes: {flows}"
    if policy.first_year > last:
        return f"begins on {policy.from_}, after the last projected year, which is {last}"
    return None


def _wrong(scenario: Scenario, change: Selected) -> dict[tuple[Key, ...], str]:
    """Messages about what a change selects, and its unit, by their keys in the change."""
    found: dict[tuple[Key, ...], str] = {}
    if not _is_of_any(scenario, change):
        found[()] = _none_selected(scenario, change)
    pipeline = scenario.pipelines.get(change.pipeline or "")
    counted = "persons per year" if pipeline is None else f"{pipeline.case_unit} per year"
    if getattr(change, "unit", counted) != counted:
        found["unit",] = f"must be '{counted}', as the {change.flow} that it changes"
    return found


def _is_of_any(scenario: Scenario, change: Selected) -> bool:
    """Whether there is a flow that a policy selects, of whatever size."""
    if change.flow == "applications":
        return scenario.pipelines[change.pipeline or ""].applications is not None
    if change.flow == "emigration":
        return any(_is_of_places(entry, change) for entry in scenario.migration.emigration)
    return any(
        _is_of_places(entry, change)
        and change.motive in {None, *labels_of(entry.motive or ())}
        and change.sponsor in {None, entry.sponsor}
        and change.nationality in {None, entry.nationality}
        for entry in scenario.migration.immigration
    )


def _is_of_places(entry: Immigration | Emigration, change: Selected) -> bool:
    """Whether a stream is of the region and group of a policy, where both name them."""
    pairs = ((entry.region, change.region), (entry.group, change.group))
    return all(stated is None or label is None or label in labels_of(stated) for stated, label in pairs)


def _none_selected(scenario: Scenario, change: Selected) -> str:
    """Say that there is no flow that a policy selects."""
    if change.flow == "applications":
        return f"selects no applications: the pipeline '{change.pipeline}' states none"
    keys = (*TOLD_APART_BY, "region", "group")
    named = [f"the {key} '{getattr(change, key)}'" for key in keys if getattr(change, key) is not None]
    stated = scenario.migration.immigration if change.flow == "immigration" else scenario.migration.emigration
    said = f"none has {' and '.join(named)}" if stated else "none is stated"
    return f"selects no stream of {change.flow}: {said}"


def _not_begun(policy: Policy, flow: Array, firsts: Sequence[int]) -> str | None:
    """Say that a flow is zero as long as until the year in which a policy begins; None where it is there by then."""
    above, begun = np.flatnonzero(flow), sum(first <= policy.first_year for first in firsts)
    if len(above) and above[0] < begun:
        return None
    if not len(above):
        return f"begins on {policy.from_}, but the flow that it changes is zero throughout"
    return f"begins on {policy.from_}, before the flow that it changes, which is zero before {firsts[above[0]]}"


def _faults_of_streams(source: Source, change: _Change, chosen: _Chosen, parts: Sequence[StreamPart]) -> list[Fault]:
    """What is wrong with a policy of immigration by the size and origin of its streams."""
    faults = []
    message = _not_begun(change.policy, _flow(chosen, parts), source.periods)
    if message:
        faults.append(fault_at(source.scenario, ("policies", change.place, "from"), message))
    in_force = _in_force(source, change.policy)
    for part in (parts[number] for number in chosen.places):
        pipeline = _entry(source, part).pipeline
        if pipeline is not None and (_by_step(part, chosen.states) * in_force).any():
            message = f"stream {_number(part) + 1} of immigration comes out of the pipeline '{pipeline}'; "
            message += "change its applications (flow: applications), or select others"
            faults.append(fault_at(source.scenario, change.keys, message))
    return faults


def _number(part: StreamPart) -> int:
    """Place of a stream in the scenario."""
    return int(part.keys[-1])


def _entry(source: Source, part: StreamPart) -> Immigration:
    """A stream as stated."""
    return source.scenario.migration.immigration[_number(part)]


def _note_closed(source: Source, change: _Change, factor: Array, chosen: _Chosen, parts: Sequence[StreamPart]) -> None:
    """Note a policy that changes immigrants of whom, and of emigrants, a balance is stated."""
    states = chosen.states * closed_states(source)
    if any((_by_step(parts[number], states) * (factor - 1)).any() for number in chosen.places):
        source.warn(*change.keys, message=f"changes immigration, {MADE_UP_FOR}")


def _note_emigration(source: Source) -> None:
    """Note policies that change emigrants of whom, and of immigrants, a balance is stated."""
    closed = closed_states(source)
    for change in _changes(source.scenario, "emigration"):
        own = source.places(change.of.region, change.of.group)
        if _multiple(change.of) != 1 and (own * closed).any():
            source.warn(*change.keys, message=f"changes emigration, {MADE_UP_FOR}")


def _note_without_effect(source: Source) -> None:
    """Note policies on the applications of a pipeline whose outcomes do not depend on them, and odd factors."""
    for change in _changes(source.scenario):
        pipeline = source.scenario.pipelines.get(change.of.pipeline or "")
        if pipeline is not None and pipeline.decisions.count is not None:
            message = "changes who waits only: decisions are counts; with a 'delay' they follow the applications"
            source.warn(*change.keys, message=message)
        if isinstance(change.of, Scale) and change.of.factor > LARGEST_FACTOR:
            source.warn(*change.keys, "factor", message=f"multiplies by {change.of.factor:g}: is it a percentage?")
