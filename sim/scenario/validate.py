"""Validate what a scenario says, and report every fault in its place."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from sim.errors import Fault, ScenarioError
from sim.scenario.faults import dotted, fault_at, nearest
from sim.scenario.inputs import YearPath
from sim.scenario.paths import uncovered
from sim.scenario.schema import Scenario
from sim.scenario.wording import faults_of
from sim.scenario.yamlfile import Key, Node


class Limits(NamedTuple):
    """What a figure is, and the values it can have."""

    name: str
    low: float
    high: float


SEX_RATIO: tuple[Key, ...] = ("fertility", "sex_ratio_at_birth")
TOTAL_FERTILITY: tuple[Key, ...] = ("fertility", "total")
EXPECTANCY: tuple[Key, ...] = ("mortality", "life_expectancy")
LIMITS: dict[tuple[Key, ...], Limits] = {
    SEX_RATIO: Limits("number of boys per girl", 0.5, 2),
    TOTAL_FERTILITY: Limits("number of children per woman", 0, 20),
    (*EXPECTANCY, "female"): Limits("life expectancy in years", 10, 120),
    (*EXPECTANCY, "male"): Limits("life expectancy in years", 10, 120),
}


def validated(tree: Node, folder: str, changes: Sequence[str] = ()) -> Scenario:
    """Typed scenario of a tree, or all its faults."""
    faults = _unknown_sources(tree)
    try:
        scenario = Scenario.model_validate(tree.plain())
    except ValidationError as error:
        raise ScenarioError(faults + faults_of(tree, error.errors(include_url=False))) from None
    scenario.place(tree, folder, tuple(changes))
    faults += [*_open_years(scenario), *_out_of_range(scenario), *_wrong_labels(scenario), *_wrong_start(scenario)]
    if faults:
        raise ScenarioError(faults)
    return scenario


def _parts(part: BaseModel, keys: tuple[Key, ...] = ()) -> Iterable[tuple[tuple[Key, ...], BaseModel]]:
    """All parts of a scenario, with their key paths."""
    yield keys, part
    for key in type(part).model_fields:
        value = getattr(part, key)
        items = enumerate(value) if isinstance(value, tuple) else [(None, value)]
        for index, item in items:
            if isinstance(item, BaseModel):
                yield from _parts(item, (*keys, key) if index is None else (*keys, key, index))


def _open_years(scenario: Scenario) -> list[Fault]:
    """Paths that do not reach over all projected years."""
    faults = []
    for keys, part in _parts(scenario):
        if isinstance(part, YearPath):
            message = uncovered(part, scenario.flow_years)
            if message:
                faults.append(fault_at(scenario, (*keys, "path"), message))
    return faults


def _unknown_sources(tree: Node) -> list[Fault]:
    """Sources that are named but not listed."""
    listed = tree.value.get("sources") if isinstance(tree.value, dict) else None
    known = [str(key) for key in listed.value] if listed is not None and isinstance(listed.value, dict) else []
    faults = []
    for keys, node in _nodes(tree):
        if (
            keys[-1:] == ("source",)
            and isinstance(node.value, str)
            and keys[0] != "sources"
            and node.value not in known
        ):
            message = f"'{node.value}' is not listed under 'sources'{nearest(node.value, known)}"
            faults.append(Fault(*node.place, dotted(keys), message))
    return faults


def _nodes(node: Node, keys: tuple[Key, ...] = ()) -> Iterable[tuple[tuple[Key, ...], Node]]:
    """All values of a tree, with their key paths."""
    yield keys, node
    items: Iterable[tuple[Key, Node]] = ()
    if isinstance(node.value, dict):
        items = node.value.items()
    elif isinstance(node.value, list):
        items = enumerate(node.value)
    for key, child in items:
        yield from _nodes(child, (*keys, key))


def _out_of_range(scenario: Scenario) -> list[Fault]:
    """Values that no population has: usually another unit."""
    faults = []
    for keys, part in _figures(scenario):
        limits = LIMITS.get(keys)
        stated = part.path.items() if isinstance(part, YearPath) else [(None, part)]
        for year, value in stated if limits else ():
            if limits and not limits.low <= value <= limits.high:
                where = keys if year is None else (*keys, "path", year)
                message = f"{value:g} is no {limits.name}; allowed are {limits.low:g} to {limits.high:g}"
                faults.append(fault_at(scenario, where, message))
    return faults


def _figures(scenario: Scenario) -> list[tuple[tuple[Key, ...], "float | YearPath"]]:
    """Numbers and paths that have limits, with their key paths."""
    expectancy = scenario.mortality.life_expectancy
    found: list[tuple[tuple[Key, ...], float | YearPath]] = [(SEX_RATIO, scenario.fertility.sex_ratio_at_birth)]
    if scenario.fertility.total is not None:
        found.append((TOTAL_FERTILITY, scenario.fertility.total))
    if expectancy is not None:
        found += [((*EXPECTANCY, "female"), expectancy.female), ((*EXPECTANCY, "male"), expectancy.male)]
    return found


def _wrong_labels(scenario: Scenario) -> list[Fault]:
    """Regions and groups that are named but not among the states."""
    faults = []
    for keys, part in _parts(scenario):
        for axis, labels in (("region", scenario.states.regions), ("group", scenario.states.groups)):
            label = getattr(part, axis, None)
            if label is not None and label not in labels:
                message = f"'{label}' is not a {axis} of this scenario; there are: {', '.join(labels)}"
                faults.append(fault_at(scenario, (*keys, axis), message))
    if scenario.newborn:
        named: dict[str, tuple[Key, ...]] = {
            label: ("newborn", "child_group", label) for label in scenario.newborn.child_group
        }
        for mother, shares in scenario.newborn.child_group.items():
            named.update({child: ("newborn", "child_group", mother, child) for child in shares})
        for label, where in named.items():
            if label not in scenario.states.groups:
                message = f"'{label}' is not a group of this scenario; there are: {', '.join(scenario.states.groups)}"
                faults.append(fault_at(scenario, where, message))
    return faults


def _wrong_start(scenario: Scenario) -> list[Fault]:
    """A population of another day than the first 1 January."""
    date = getattr(scenario.population, "date", scenario.period.start)
    if date == scenario.period.start:
        return []
    message = f"is {date}, but the projection starts on 1 January {scenario.period.start}"
    return [fault_at(scenario, ("population", "date"), message)]
