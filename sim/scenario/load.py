"""Load a scenario: read the file and those that it is based on, merge them, and validate the whole."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from sim.errors import Fault, ScenarioError
from sim.scenario.faults import fault_at, nearest
from sim.scenario.inputs import NAME_PATTERN
from sim.scenario.schema import Scenario
from sim.scenario.validate import validated
from sim.scenario.yamlfile import Key, Node, Place, as_key, parse_yaml, read_yaml

DEEPEST_BASE = 5
REPLACED_WHOLE = ("path", "table", "dataset")
"""A mapping with one of these keys is a value of its own: merging replaces it as a whole."""
ALTERNATIVES: dict[tuple[Key, ...], tuple[tuple[str, ...], ...]] = {
    ("mortality",): (("base",), ("survival_ratio",), ("rate",), ("probability",)),
    ("fertility",): (("total", "pattern"), ("rates",)),
    ("migration",): (("balance", "profile"), ("net",), ("immigration", "emigration")),
}
"""Ways to say the same thing: one that a file states replaces the others that it inherits."""


def load(path: str | Path, changes: Sequence[str] = ()) -> Scenario:
    """Load a scenario file.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    changes : sequence of str
        ``key.key=value`` pairs that change single values, such as ``migration.balance.path.2030=40000``.

    Returns
    -------
    Scenario
        Frozen and complete, with everything it inherits.

    Raises
    ------
    ScenarioError
        With all faults of the file, each in its place.
    """
    path = Path(path)
    tree = _with_bases(path, (path.stem,))
    for change in changes:
        tree = _changed(tree, change)
    scenario = validated(tree, str(path.parent))
    if path.stem != scenario.name:
        message = f"is '{scenario.name}', but the file is called {path.name}"
        raise ScenarioError([fault_at(scenario, ("name",), message)])
    return scenario


def resolved_text(scenario: Scenario) -> str:
    """Everything a scenario says, inherited or its own, as JSON with sorted keys.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    str
        The same text for the same content, whatever the order and layout of the files.
    """
    content = scenario.model_dump(mode="json", exclude_none=True, exclude={"based_on"})
    return json.dumps(content, sort_keys=True, ensure_ascii=False)


def content_hash(scenario: Scenario) -> str:
    """Sha256 of `resolved_text`, in hexadecimal."""
    return hashlib.sha256(resolved_text(scenario).encode()).hexdigest()


def _with_bases(path: Path, chain: tuple[str, ...]) -> Node:
    """Tree of a file merged over the tree of the file that it is based on."""
    tree = read_yaml(path, str(path))
    base = tree.value.get("based_on") if isinstance(tree.value, dict) else None
    if base is None or base.value is None:
        return tree
    name = base.value
    if not isinstance(name, str) or not re.fullmatch(NAME_PATTERN, name):
        message = "must be the name of another scenario in the same folder, without its ending"
        raise ScenarioError([Fault(*base.place, "based_on", message)])
    steps = " → ".join((*chain, name))
    if name in chain:
        raise ScenarioError([Fault(*base.place, "based_on", f"goes round in a circle: {steps}")])
    if len(chain) > DEEPEST_BASE:
        message = f"more than {DEEPEST_BASE} files deep: {steps}"
        raise ScenarioError([Fault(*base.place, "based_on", message)])
    file = path.parent / f"{name}.yaml"
    if not file.is_file():
        known = sorted(other.stem for other in path.parent.glob("*.yaml") if other.stem not in chain)
        raise ScenarioError(
            [Fault(*base.place, "based_on", f"there is no {file.name} beside it{nearest(name, known)}")]
        )
    return _merged(_with_bases(file, (*chain, name)), tree, ())


def _merged(base: Node, own: Node, keys: tuple[Key, ...]) -> Node:
    """Lay a file's own values over inherited ones, key by key."""
    if not isinstance(base.value, dict) or not isinstance(own.value, dict):
        return own
    if any(key in base.value or key in own.value for key in REPLACED_WHOLE):
        return own
    merged = dict(base.value)
    for family in ALTERNATIVES.get(keys, ()):
        if any(key in own.value for key in family):
            others = {key for other in ALTERNATIVES[keys] if other != family for key in other}
            merged = {key: node for key, node in merged.items() if key not in others}
    for key, node in own.value.items():
        if node.value is None:
            merged.pop(key, None)
        elif key in merged:
            merged[key] = _merged(merged[key], node, (*keys, key))
        else:
            merged[key] = node
    return Node(merged, own.place, own.key_place)


def _changed(tree: Node, change: str) -> Node:
    """Tree with one value replaced, as ``key.key=value`` says."""
    dotted, equals, text = change.partition("=")
    origin = f"--set {change}"
    if not equals or not dotted:
        message = "must read KEY=VALUE, such as migration.balance.path.2030=40000"
        raise ScenarioError([Fault(origin, 0, 0, "", message)])
    if dotted == "based_on":
        message = "cannot be changed here; run a file that is based on another one"
        raise ScenarioError([Fault(origin, 0, 0, dotted, message)])
    new = _value_of(text, origin)
    keys: list[Key] = [as_key(key) for key in dotted.split(".")]
    return _replaced(tree, keys, Node(new.value, Place(origin, 0, 0)), origin)


def _value_of(text: str, origin: str) -> Node:
    """Value that is set: YAML, but plain text with a # or a line break in it is taken whole."""
    if re.search(r"\s#|\n", text) and not text.lstrip().startswith(('"', "'", "[", "{")):
        return Node(text, Place(origin, 0, 0))
    read = parse_yaml(f"value: {text}", origin)
    return read.value["value"] if isinstance(read.value, dict) else read


def _replaced(node: Node, keys: list[Key], new: Node, origin: str) -> Node:
    """Copy of a tree in which the value at a key path is a new one."""
    if not keys:
        return new
    key, *rest = keys
    if isinstance(node.value, list) and isinstance(key, int) and key < len(node.value):
        items = list(node.value)
        items[key] = _replaced(items[key], rest, new, origin)
        return Node(items, node.place, node.key_place)
    if not isinstance(node.value, dict):
        message = f"'{key}' is no part of a value that stands at {node.place.file}:{node.place.line}"
        raise ScenarioError([Fault(origin, 0, 0, "", message)])
    if not rest and new.value is None:
        return Node({other: kept for other, kept in node.value.items() if other != key}, node.place, node.key_place)
    below = node.value.get(key, Node({}, new.place))
    return Node({**node.value, key: _replaced(below, rest, new, origin)}, node.place, node.key_place)
