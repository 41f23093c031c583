"""Validate what a scenario says, and report every fault in its place."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import Fault, ScenarioError
from sim.scenario.faults import dotted, fault_at, nearest
from sim.scenario.inputs import YearPath
from sim.scenario.paths import uncovered
from sim.scenario.schema import Scenario
from sim.scenario.yamlfile import Key, Node


def validated(tree: Node, folder: str) -> Scenario:
    """Typed scenario of a tree, or all its faults."""
    try:
        scenario = Scenario.model_validate(tree.plain())
    except ValidationError as error:
        raise ScenarioError([_fault(tree, detail) for detail in error.errors(include_url=False)]) from None
    scenario._tree = tree
    scenario._folder = folder
    faults = [
        *_open_years(scenario),
        *_unknown_sources(scenario),
        *_wrong_labels(scenario),
        *_wrong_start(scenario),
    ]
    if faults:
        raise ScenarioError(faults)
    return scenario


def _fault(tree: Node, detail: Any) -> Fault:  # noqa: ANN401
    """One error of the validation, said in the file's own terms."""
    keys = _keys_in(tree, detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    place = tree.place_of(keys, of_key=kind in {"extra_forbidden", "missing"})
    if kind == "missing":
        return Fault(*place, dotted(keys), "is missing")
    if kind == "extra_forbidden":
        known = list(_model_at(keys[:-1]).model_fields)
        return Fault(*place, dotted(keys), f"is not a known key{nearest(str(keys[-1]), known)}")
    if kind == "value_error":
        return Fault(*place, dotted(keys), str(context["error"]))
    message = detail["msg"].replace("Input should be", "must be").replace("String should", "must")
    given = detail["input"]
    said = f", not {given!r}" if isinstance(given, str | int | float) and not isinstance(given, bool) else ""
    hint = ""
    if isinstance(given, str) and "number" in message and given.strip()[:1].isdigit():
        hint = "; write numbers without quotes, spaces or thousands separators"
    return Fault(*place, dotted(keys), f"{message[0].lower()}{message[1:]}{said}{hint}")


def _keys_in(tree: Node, location: tuple[str | int, ...]) -> tuple[Key, ...]:
    """Key path of a validation error, without the names of alternatives that stand in no file."""
    keys: list[Key] = []
    node: Node | None = tree
    for position, part in enumerate(location):
        child = None
        if node is not None and isinstance(node.value, dict):
            child = node.value.get(part)
        elif node is not None and isinstance(node.value, list) and isinstance(part, int):
            child = node.value[part]
        last = position == len(location) - 1
        if child is None and not (last and part not in {"number", "path", "table", "dataset", "shift", "[key]"}):
            continue
        keys.append(part)
        node = child
    return tuple(keys)


def _model_at(keys: tuple[Key, ...]) -> type[BaseModel]:
    """Model of the part of a scenario at a key path; the whole scenario where that is not clear."""
    model: type[BaseModel] = Scenario
    for key in keys:
        if isinstance(key, int):
            continue
        found = _models_in(model.model_fields[str(key)].annotation) if str(key) in model.model_fields else []
        if not found:
            return Scenario
        model = found[-1]
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    """All models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


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


def _unknown_sources(scenario: Scenario) -> list[Fault]:
    """Sources that are named but not listed."""
    faults = []
    for keys, part in _parts(scenario):
        source = getattr(part, "source", None)
        if source is not None and source not in scenario.sources:
            message = f"'{source}' is not listed under 'sources'{nearest(source, list(scenario.sources))}"
            faults.append(fault_at(scenario, (*keys, "source"), message))
    return faults


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
