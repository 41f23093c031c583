"""Variants of a scenario: a grid of named changes."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from sim.errors import Fault, ScenarioError
from sim.scenario.faults import dotted
from sim.scenario.schema import Scenario
from sim.scenario.validate import validated
from sim.scenario.yamlfile import Key, Node, as_key

OPERATIONS = ("add", "scale")


class Variant(NamedTuple):
    """One point of the grid."""

    name: str
    """Names of the changes, one of each axis, joined by an underscore."""
    title: str
    scenario: Scenario


def variants(scenario: Scenario) -> list[Variant]:
    """Scenarios that a sweep stands for.

    Parameters
    ----------
    scenario : Scenario
        As loaded, with a sweep.

    Returns
    -------
    list of Variant
        All combinations of one variant from each axis, the last axis changing fastest; each a scenario of its own.

    Raises
    ------
    ScenarioError
        If a change names a key that the scenario does not state, or makes it invalid.
    """
    tree = scenario.tree
    if tree is None or not isinstance(tree.value, dict):
        return []
    rest = Node({key: node for key, node in tree.value.items() if key not in {"sweep", "published"}}, tree.place)
    found, faults = [], []
    for names, changes in _grid(tree.value["sweep"]):
        try:
            changed = rest
            for key, change in changes.items():
                changed = _changed(changed, _keys(key), change, key)
            variant = validated(changed, scenario.folder)
        except ScenarioError as error:
            faults += error.faults
        else:
            found.append(Variant("_".join(names), ", ".join(names), variant))
    if faults:
        raise ScenarioError(faults)
    return found


def _grid(sweep: Node) -> Iterator[tuple[list[str], dict[str, Node]]]:
    """Names and changes of every point of the grid."""
    axes = [list(axis.value.items()) for axis in _children(sweep).values() if isinstance(axis.value, dict)]
    for point in itertools.product(*axes):
        changes: dict[str, Node] = {}
        for _, variant in point:
            changes.update({str(key): change for key, change in _children(variant).items()})
        yield [str(name) for name, _ in point], changes


def _children(node: Node) -> dict[Key, Node]:
    """Entries of a mapping; none of anything else."""
    return node.value if isinstance(node.value, dict) else {}


def _keys(key: str) -> list[Key]:
    """Key path of a dotted key."""
    return [as_key(part) for part in key.split(".")]


def _changed(node: Node, keys: list[Key], change: Node, key: str) -> Node:
    """Copy of a tree in which the value at a key path is changed."""
    if not keys:
        return _operated(node, change, key)
    first, *rest = keys
    place = change.key_place or change.place
    if isinstance(node.value, list) and isinstance(first, int) and first < len(node.value):
        items = list(node.value)
        items[first] = _changed(items[first], rest, change, key)
        return Node(items, node.place, node.key_place)
    if not isinstance(node.value, dict) or first not in node.value:
        raise ScenarioError([Fault(*place, key, f"the scenario states no '{dotted([first])}' here to change")])
    return Node({**node.value, first: _changed(node.value[first], rest, change, key)}, node.place, node.key_place)


def _operated(node: Node, change: Node, key: str) -> Node:
    """Value after a change: another one, or the same with something added or scaled, in every year of a path."""
    operation = next((name for name in OPERATIONS if name in _children(change)), None)
    if operation is None:
        return Node(change.value, change.place, node.key_place)
    amount = _children(change)[operation].value
    stated = _children(node).get("path")
    if stated is not None:
        path = {year: _operated(value, change, key) for year, value in _children(stated).items()}
        return Node({**_children(node), "path": Node(path, stated.place, stated.key_place)}, node.place, node.key_place)
    if not isinstance(node.value, int | float) or not isinstance(amount, int | float):
        place = change.key_place or change.place
        raise ScenarioError([Fault(*place, key, f"'{operation}' changes a number or a path; this is neither")])
    value = node.value + amount if operation == "add" else node.value * amount
    return Node(value, change.place, node.key_place)
