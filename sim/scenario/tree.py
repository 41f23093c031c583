"""Trees of nodes changed and merged; what they came from stays as it was."""

from collections.abc import Callable

from sim.scenario.yamlfile import Key, Node

ANY = "*"
"""Stands for any name in a key path."""
ALTERNATIVES: dict[tuple[Key, ...], tuple[tuple[str, ...], ...]] = {
    ("mortality",): (("base",), ("survival_ratio",), ("rate",), ("probability",)),
    ("fertility",): (("total", "pattern", "mean_age"), ("rates",)),
    ("migration",): (("balance", "profile"), ("net",), ("immigration", "emigration", "close", "stays", "endings")),
    ("pipelines", ANY, "decisions"): (("delay",), ("count",)),
    ("pipelines", ANY, "outcomes", ANY): (("share",), ("count",)),
}
"""Ways to say the same thing: one that a file states replaces the others that it inherits."""
OWN = ("title", "note")
"""What a file says of itself alone."""
SHARES: tuple[Key, ...] = ("newborn", "child_group")
"""Where shares stand that add up to 1, mother's group by mother's group: those of one are replaced whole."""
TARGETS: dict[tuple[Key, ...], tuple[str, ...]] = {
    ("mortality",): ("life_expectancy", "method", "pattern", "old_age", "improvement")
}
"""What an inherited way was brought to; it goes with that way."""


def merged(base: Node, own: Node, keys: tuple[Key, ...] = ()) -> Node:
    """Lay a file's own values over inherited ones, key by key.

    Parameters
    ----------
    base, own : Node
        Inherited values, and those that the file states.
    keys : tuple
        Key path of both.

    Returns
    -------
    Node
        Paths, lists and tables are replaced whole; null removes a key; alternatives replace each other; title and
        note are not inherited.
    """
    if not isinstance(base.value, dict) or not isinstance(own.value, dict) or _is_other_kind(base.value, own.value):
        return without_nulls(own)
    if keys[:-1] == SHARES:
        return without_nulls(own)
    entries = {key: node for key, node in base.value.items() if keys or key not in OWN}
    families = next((families for path, families in ALTERNATIVES.items() if _fits(keys, path)), ())
    for family in families:
        if any(key in own.value for key in family):
            others = {key for other in families if other != family for key in other}
            if others & entries.keys():
                others |= set(TARGETS.get(keys, ()))
            entries = {key: node for key, node in entries.items() if key not in others}
    for key, node in own.value.items():
        if node.value is None:
            entries.pop(key, None)
        else:
            entries[key] = merged(entries[key], node, (*keys, key)) if key in entries else without_nulls(node)
    return Node(entries, own.place, own.key_place)


def _fits(keys: tuple[Key, ...], path: tuple[Key, ...]) -> bool:
    """Whether a key path is one of those that a path with names left open stands for."""
    return len(keys) == len(path) and all(part in (ANY, key) for key, part in zip(keys, path, strict=True))


def without_nulls(node: Node) -> Node:
    """Copy of a tree without the keys that are null, which say that there is nothing; years need a value.

    Parameters
    ----------
    node : Node
        A value of a file.

    Returns
    -------
    Node
        The same where there are none.
    """
    if isinstance(node.value, list):
        return Node([without_nulls(item) for item in node.value], node.place, node.key_place)
    if not isinstance(node.value, dict):
        return node
    entries = {
        key: child if key == "path" else without_nulls(child)
        for key, child in node.value.items()
        if child.value is not None
    }
    return Node(entries, node.place, node.key_place)


def changed_at(
    node: Node, keys: list[Key], change: Callable[[Node], Node | None], below: Callable[[Node, Key], Node]
) -> Node:
    """Copy of a tree in which the value at a key path is changed.

    Parameters
    ----------
    node : Node
        The tree.
    keys : list
        Key path, not empty.
    change : function
        New value from the old one; None removes it.
    below : function
        Value of a node at a key; raises where there is none to change.

    Returns
    -------
    Node
        With new nodes along the path.
    """
    key, *rest = keys
    child = below(node, key)
    new = changed_at(child, rest, change, below) if rest else change(child)
    if isinstance(node.value, list):
        items = [new if place == key else item for place, item in enumerate(node.value)]
        return Node([item for item in items if item is not None], node.place, node.key_place)
    entries = dict(node.value) if isinstance(node.value, dict) else {}
    entries.pop(key, None) if new is None else entries.update({key: new})
    return Node(entries, node.place, node.key_place)


def child_of(node: Node, key: Key) -> Node | None:
    """Value at a key of a mapping, or at a place of a list; None where there is none.

    Parameters
    ----------
    node : Node
        A value of a file.
    key : str or int
        A key.

    Returns
    -------
    Node or None
        The value there.
    """
    if isinstance(node.value, dict):
        return node.value.get(key)
    if isinstance(node.value, list) and isinstance(key, int) and 0 <= key < len(node.value):
        return node.value[key]
    return None


def _is_other_kind(base: dict[Key, Node], own: dict[Key, Node]) -> bool:
    """Whether a mapping is a value of its own kind, which replaces an inherited one whole."""
    return any(key in own for key in ("path", "table", "model")) or (
        "dataset" in own and any(key in base for key in ("table", "model"))
    )
