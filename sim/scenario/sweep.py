"""Variants of a scenario: a grid of named changes."""

import itertools
import math
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from sim.errors import Fault, ScenarioError
from sim.scenario.faults import fault_at
from sim.scenario.schema import Scenario
from sim.scenario.tree import changed_at, child_of
from sim.scenario.validate import validated
from sim.scenario.yamlfile import Key, Node, Place, as_key

MOST_VARIANTS = 200
OPERATIONS = ("add", "scale")
FIXED = ("name", "period", "ages", "states", "convention")


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
    points = math.prod(len(_children(axis)) for axis in _children(tree.value["sweep"]).values())
    if points > MOST_VARIANTS:
        message = f"a grid of {points:,} variants; at most {MOST_VARIANTS} are run side by side"
        raise ScenarioError([fault_at(scenario, ("sweep",), message)])
    found, faults = [], []
    for names, changes in _grid(tree.value["sweep"]):
        try:
            variant = validated(_with_changes(rest, changes), scenario.folder)
        except ScenarioError as error:
            faults += error.faults
        else:
            found.append(Variant("_".join(names), ", ".join(names), variant))
    twice = {variant.name for variant in found if [other.name for other in found].count(variant.name) > 1}
    faults += [fault_at(scenario, ("sweep",), f"two variants are called '{name}'") for name in twice]
    if faults:
        raise ScenarioError(faults)
    return found


def _with_changes(tree: Node, changes: dict[str, Node]) -> Node:
    """Tree of a variant."""
    for key, change in changes.items():
        place = change.key_place or change.place
        keys = [as_key(part) for part in key.split(".")]
        if keys[0] in FIXED:
            message = f"cannot differ between the variants of a sweep, like {', '.join(FIXED)}"
            raise ScenarioError([Fault(*place, key, message)])

        def below(node: Node, part: Key, key: str = key, place: Place = place) -> Node:
            child = child_of(node, part)
            if child is None:
                raise ScenarioError([Fault(*place, key, f"the scenario states no '{part}' here to change")])
            return child

        tree = changed_at(tree, keys, partial(_operated, change=change, key=key), below)
    return tree


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
