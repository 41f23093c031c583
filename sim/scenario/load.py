"""Load a scenario: read the file and those that it is based on, merge them, and validate the whole."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.errors import Fault, ScenarioError
from sim.scenario.faults import dotted, fault_at, nearest
from sim.scenario.figures import Lookup, misfits, named_figures, with_numbers
from sim.scenario.inputs import NAME_PATTERN
from sim.scenario.schema import Scenario
from sim.scenario.tree import changed_at, child_of, merged, without_nulls
from sim.scenario.validate import validated
from sim.scenario.yamlfile import Key, Node, Place, as_key, parse_yaml, read_yaml

DEEPEST_BASE = 5


def load(path: str | Path, changes: Sequence[str] = (), figures: Lookup | None = None) -> Scenario:
    """Load a scenario file.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    changes : sequence of str
        ``key.key=value`` pairs that change single values, such as ``migration.balance.path.2030=40000``.
    figures : function, optional
        Finds the figures that ``{figure: ID}`` stands for; without it none may be named.

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
    tree = _with_bases(path, (path.stem,), figures)
    for change in changes:
        tree = _changed(tree, change, figures)
    wrong = list(misfits(tree))
    if wrong:
        raise ScenarioError(wrong)
    scenario = validated(tree, str(path.parent), changes)
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
    content = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"based_on"})
    return json.dumps(content, sort_keys=True, ensure_ascii=False)


def files_of(scenario: Scenario) -> set[Path]:
    """List the files that a scenario was read from.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    set of Path
        Its own file and those that it is based on, as far as a value of theirs is left; no tables.
    """
    files: set[Path] = set()
    nodes = [scenario.tree] if scenario.tree is not None else []
    while nodes:
        node = nodes.pop()
        if node.place.line:
            files.add(Path(node.place.file))
        children = node.value
        nodes += children.values() if isinstance(children, dict) else children if isinstance(children, list) else []
    return files


def content_hash(scenario: Scenario) -> str:
    """Sha256, in hexadecimal, of `resolved_text` and, where there are any, the ids of the figures named."""
    named = {dotted(keys): figure.id for keys, figure in named_figures(scenario).items()}
    text = resolved_text(scenario) + (json.dumps(named, sort_keys=True) if named else "")
    return hashlib.sha256(text.encode()).hexdigest()


def _with_bases(path: Path, chain: tuple[str, ...], figures: Lookup | None) -> Node:
    """Tree of a file merged over the tree of the file that it is based on."""
    tree = with_numbers(read_yaml(path, str(path)), figures)
    base = tree.value.get("based_on") if isinstance(tree.value, dict) else None
    if base is None or base.value is None:
        return without_nulls(tree)
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
    return merged(_with_bases(file, (*chain, name), figures), tree)


def _changed(tree: Node, change: str, figures: Lookup | None) -> Node:
    """Tree with one value replaced, as ``key.key=value`` says."""
    dotted_key, equals, text = change.partition("=")
    origin = f"--set {change}"
    if not equals or not dotted_key:
        message = "must read KEY=VALUE, such as migration.balance.path.2030=40000"
        raise ScenarioError([Fault(origin, 0, 0, "", message)])
    if dotted_key == "based_on":
        message = "cannot be changed here; run a file that is based on another one"
        raise ScenarioError([Fault(origin, 0, 0, dotted_key, message)])
    keys = tuple(as_key(key) for key in dotted_key.split("."))
    try:
        value = with_numbers(_value_of(text, origin), figures, keys)
    except ScenarioError as error:
        raise ScenarioError([Fault(origin, 0, 0, fault.key, fault.message) for fault in error.faults]) from None

    def below(node: Node, key: Key) -> Node:
        child = child_of(node, key)
        if child is None and not isinstance(node.value, dict):
            message = f"'{key}' is no part of a value that stands at {node.place.file}:{node.place.line}"
            raise ScenarioError([Fault(origin, 0, 0, "", message)])
        return child if child is not None else Node({}, Place(origin, 0, 0))

    new = None if value.value is None else replace(value, place=Place(origin, 0, 0), key_place=None)
    return changed_at(tree, list(keys), lambda _old: new, below)


def _value_of(text: str, origin: str) -> Node:
    """Value that is set: YAML, but plain text with a # or a line break in it is taken whole."""
    if re.search(r"\s#|\n", text) and not text.lstrip().startswith(('"', "'", "[", "{")):
        return Node(text, Place(origin, 0, 0))
    read = parse_yaml(f"value: {text}", origin)
    return read.value["value"] if isinstance(read.value, dict) else read


def restored(text: str, folder: str) -> Scenario:
    """Scenario of a text that `resolved_text` wrote.

    Parameters
    ----------
    text : str
        JSON.
    folder : str
        Folder that its tables lie in.

    Returns
    -------
    Scenario
        Complete; what is wrong in it is told by key, for it stands in no file.

    Raises
    ------
    ValueError
        If it is no scenario of this version of the program.
    ScenarioError
        If it is one, with faults.
    """
    stated = Scenario.model_validate_json(text)
    content = stated.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)
    return validated(_node_of(content, Place(stated.name, 0, 0)), folder)


def _node_of(value: Any, place: Place) -> Node:  # noqa: ANN401
    """Tree of plain values."""
    if isinstance(value, dict):
        return Node({key: _node_of(child, place) for key, child in value.items()}, place)
    if isinstance(value, list | tuple):
        return Node([_node_of(child, place) for child in value], place)
    return Node(value, place)
