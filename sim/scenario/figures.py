"""Figures of the sources that a scenario names where a number may stand: ``{figure: ID}``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.errors import DataError, Fault, ScenarioError
from sim.scenario.faults import dotted
from sim.scenario.schema import Scenario
from sim.scenario.tree import child_of
from sim.scenario.yamlfile import Key, Node, as_key

FIGURE = "figure"
"""Only key of a mapping that stands for a figure of the sources: ``{figure: be-immigration-foreigners-2011}``."""
NAMES_ONLY = ("sources", "states")
"""Where keys are names that a file gives, and no numbers stand."""
BARE_NUMBERS = {"hazard": "parts of 1", "share": "parts of 1", "repeat": "parts of 1", "factor": "factors"}
"""Keys whose numbers have no unit, so that no printed one fits, and what they are."""
SWEEP_DEPTH = 4
"""Keys down to what a sweep changes: sweep, axis, variant, key."""
KINDS = {
    "persons": "persons",
    "persons per year": "persons",
    "files": "files",
    "files per year": "files",
    "households": "households",
    "percent": "percent",
    "years": "years",
    "year": "calendar years",
    "flag": "flags",
    "months per year": "months per year",
    "children per woman": "children per woman",
    "males per female": "males per female",
}
"""What a unit counts; figures in other units, such as permits, may stand for persons."""
KINDS_OF_KEYS: dict[tuple[Key, ...], str] = {
    ("fertility", "total"): "children per woman",
    ("fertility", "mean_age"): "years",
    ("fertility", "sex_ratio_at_birth"): "males per female",
    ("mortality", "life_expectancy", "female"): "years",
    ("mortality", "life_expectancy", "male"): "years",
}
KINDS_OF_INDICATORS = {
    **dict.fromkeys(
        ("population", "births", "deaths", "immigration", "emigration", "net_migration", "natural_balance", "growth"),
        "persons",
    ),
    "mean_age": "years",
    "median_age": "years",
    "first_year_of_natural_decrease": "calendar years",
}
"""What published figures of an indicator count."""


class NamedFigure(NamedTuple):
    """A figure of the sources that a scenario names instead of a number."""

    id: str
    """Its name among the figures."""
    value: float
    """As printed; nothing is converted."""
    unit: str
    """Unit of the value."""
    source: str
    """Where it was printed."""
    note: str
    """What a reader should know; empty where there is nothing."""


Lookup = Callable[[str], NamedFigure]
"""Finds a figure by its id; raises `DataError` where there is none."""


@dataclass(frozen=True, slots=True)
class _FigureNode(Node):
    """A number that a figure stands for."""

    figure: NamedFigure = field(kw_only=True)


def named_figures(scenario: Scenario) -> dict[tuple[Key, ...], NamedFigure]:
    """Figures of the sources that stand for numbers of a scenario.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    dict
        By key path, such as ``("migration", "balance", "path", 2011)``, in the order of the file.
    """
    return {keys: node.figure for keys, node in _figure_nodes(scenario.tree)}


def with_numbers(tree: Node, figures: Lookup | None, keys: tuple[Key, ...] = ()) -> Node:
    """Put a number for every figure that a file names.

    Parameters
    ----------
    tree : Node
        Of one file, or of a part at a key path.
    figures : function or None
        Finds figures by their ids; without it none may be named.
    keys : tuple
        Key path of the tree.

    Returns
    -------
    Node
        A copy that remembers which figure stood where.

    Raises
    ------
    ScenarioError
        With all figures that are not known.
    """
    faults: list[Fault] = []
    found = _with_numbers(tree, figures, faults, keys)
    if faults:
        raise ScenarioError(faults)
    return found


def _with_numbers(node: Node, figures: Lookup | None, faults: list[Fault], keys: tuple[Key, ...]) -> Node:
    """Copy of a part of a tree with numbers for figures; what is not known is added to the faults."""
    if isinstance(node.value, list):
        items = [_with_numbers(item, figures, faults, (*keys, place)) for place, item in enumerate(node.value)]
        return Node(items, node.place, node.key_place)
    if not isinstance(node.value, dict) or (keys and keys[0] in NAMES_ONLY):
        return node
    named = node.value[FIGURE] if keys and node.value.keys() == {FIGURE} else None
    if named is None or not isinstance(named.value, str):
        children = {key: _with_numbers(child, figures, faults, (*keys, key)) for key, child in node.value.items()}
        return Node(children, node.place, node.key_place)
    try:
        figure = (figures or _no_figures)(named.value)
    except DataError as error:
        faults.append(Fault(*named.place, dotted(keys), str(error)))
        return node
    number = int(figure.value) if figure.value.is_integer() else figure.value
    return _FigureNode(number, node.place, node.key_place, figure=figure)


def _no_figures(name: str) -> NamedFigure:
    """Refuse a figure where there are none at hand."""
    message = f"'{name}' is a figure of the sources, which are not at hand here; load the file with 'sim.load'"
    raise DataError(message)


def _figure_nodes(node: Node | None, keys: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], _FigureNode]]:
    """Numbers of a tree that figures stand for, with their key paths."""
    if isinstance(node, _FigureNode):
        yield keys, node
    elif node is not None and isinstance(node.value, dict | list):
        for key, child in node.value.items() if isinstance(node.value, dict) else enumerate(node.value):
            yield from _figure_nodes(child, (*keys, key))


def misfits(tree: Node) -> Iterator[Fault]:
    """Find figures whose unit is certainly not the one of the place where they stand.

    Parameters
    ----------
    tree : Node
        With numbers for figures.

    Yields
    ------
    Fault
        One a figure.
    """
    for keys, node in _figure_nodes(tree):
        found, wanted = KINDS.get(node.figure.unit), _wanted(tree, _meant(keys))
        if found is not None and wanted is not None and found != wanted:
            message = f"the figure '{node.figure.id}' is in {node.figure.unit}, but here stand {wanted}"
            yield Fault(*node.place, dotted(keys), message)


def _meant(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Key path that a number stands for: of a change in a sweep the one that it changes."""
    if keys[0] != "sweep" or len(keys) < SWEEP_DEPTH:
        return keys
    changed = (*(as_key(part) for part in str(keys[SWEEP_DEPTH - 1]).split(".")), *keys[SWEEP_DEPTH:])
    return changed[:-1] if changed[-1] == "add" else changed


def _wanted(tree: Node, keys: tuple[Key, ...]) -> str | None:
    """What the numbers at a key path count; None where it is not certain."""
    stated = keys[:-2] if keys[-2:-1] == ("path",) else keys
    if not stated:
        return None
    holder: Node | None = tree
    for key in keys[:-1] if stated == keys else stated:
        holder = child_of(holder, key) if holder is not None else None
    unit, indicator = (child_of(holder, key) if holder is not None else None for key in ("unit", "indicator"))
    whole = None if holder is None else child_of(holder, stated[-1])
    if unit is None and whole is not None:
        unit = child_of(whole, "unit")
    if stated in KINDS_OF_KEYS:
        return KINDS_OF_KEYS[stated]
    if keys[0] == "published" and keys[-1] == "value" and indicator is not None:
        return KINDS_OF_INDICATORS.get(str(indicator.value))
    if (bare := BARE_NUMBERS.get(str(stated[-1]))) is not None:
        return bare
    return KINDS.get(str(unit.value)) if unit is not None else None
