"""What the validation found, said in a file's own terms."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Tag

from sim.errors import Fault
from sim.scenario.faults import dotted, nearest
from sim.scenario.inputs import LABEL_PATTERN, NAME_PATTERN, Stated
from sim.scenario.schema import Scenario
from sim.scenario.tree import child_of
from sim.scenario.yamlfile import Key, Node

LONGEST_QUOTE = 40
SEPARATORS = "write numbers without quotes, spaces or thousands separators"
RULES = {
    NAME_PATTERN: "must be lower-case letters, digits, - and _, beginning with a letter or digit",
    LABEL_PATTERN: "must be letters, digits, - and _, beginning with a letter or digit",
}
LISTS = {"years": "[2009, 2011]", "fitted_ages": "[80, 95]", "delay": "[0.5, 0.4, 0.1]", "hazard": "[0.1, 0.3]"}
"""Keys whose value is a list of numbers, and how it is written."""
WORDS = {
    "dict_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list, each entry of it after a '- '",
    "list_type": "must be a list",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text; put it in quotes",
    "bool_type": "must be true or false",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "invalid_key": "is no key of this part: keys are words",
    "string_too_long": "must have {max_length} characters at most",
}


def faults_of(tree: Node, details: Iterable[Any]) -> list[Fault]:
    """Say what the validation found.

    Parameters
    ----------
    tree : Node
        What was validated.
    details : iterable of dict
        Errors as pydantic lists them.

    Returns
    -------
    list of Fault
        Each in the place where its value stands. Of a mistake that shows in several ways only one is told.
    """
    details = list(details)
    places = [_keys_in(detail["loc"]) for detail in details]
    found = []
    for detail, keys in zip(details, places, strict=True):
        below = any(other[: len(keys)] == keys and len(other) > len(keys) for other in places)
        if detail["type"] in {"too_short", "too_long"} and below:
            continue
        if _is_half_a_number(tree, keys):
            message = f"has no value; a comma parts entries: {SEPARATORS}"
            found.append(Fault(*tree.place_of(keys), dotted(keys), message))
            continue
        of_key = detail["type"] in {"extra_forbidden", "missing"}
        found.append(Fault(*tree.place_of(keys, of_key=of_key), dotted(keys), _said(detail, keys)))
    return list(dict.fromkeys(found))


def _said(detail: Any, keys: tuple[Key, ...]) -> str:  # noqa: ANN401
    """Message of one error."""
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "missing":
        return "is missing" if isinstance(keys[-1], str) else "is missing; the list has a first and a last entry"
    if kind == "extra_forbidden":
        return _unknown_key(detail["loc"])
    if kind == "value_error":
        return str(context["error"])
    if kind.startswith("model"):
        return f"must have keys of its own: {', '.join(_known_keys(detail['loc'], every=True))}"
    if kind in {"too_short", "too_long"}:
        wanted = context["min_length"] if kind == "too_short" else context["max_length"]
        return f"must have {'at least' if kind == 'too_short' else 'at most'} {wanted} {_entries(wanted)}"
    if kind == "string_pattern_mismatch":
        return f"{RULES[context['pattern']]}, not '{_quoted(given)}'"
    context = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
    message = WORDS[kind].format(**context) if kind in WORDS else detail["msg"][0].lower() + detail["msg"][1:]
    if kind == "tuple_type" and keys[-1] in LISTS:
        message = f"must be a list, as in {LISTS[str(keys[-1])]}"
    if isinstance(given, str) and kind in {"float_type", "int_type"} and given.strip()[:1].isdigit():
        return f"{message}, not '{_quoted(given)}'; {SEPARATORS}"
    if isinstance(given, str | int | float) and kind != "string_too_long":
        return f"{message}, not {_quoted(given) if not isinstance(given, str) else repr(_quoted(given))}"
    return message


def _unknown_key(location: tuple[Key, ...]) -> str:
    """Say of a key that it is not known, or goes with another alternative."""
    name, above = str(location[-1]), location[:-1]
    own, every = _known_keys(above), _known_keys(above, every=True)
    if name in every:
        return f"does not go with the keys beside it; allowed there are: {', '.join(own)}"
    meant = next((hint for hint in (nearest(name, own), nearest(name, every)) if "did you mean" in hint), None)
    return f"is not a known key{meant or nearest(name, own)}"


def _quoted(given: object) -> str:
    """Beginning of what stands in the file."""
    text = str(given)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def _entries(number: int) -> str:
    """Entry, or entries."""
    return "entry" if number == 1 else "entries"


def _is_half_a_number(tree: Node, keys: tuple[Key, ...]) -> bool:
    """Whether a key of a path in time is what a thousands separator left behind: {2012: 47,000}."""
    if len(keys) < 2 or keys[-2] != "path":
        return False
    node: Node | None = tree
    for key in keys:
        node = None if node is None else child_of(node, key)
    return node is not None and node.value is None


def _keys_in(location: tuple[str | int, ...]) -> tuple[Key, ...]:
    """Key path of an error, without what stands in no file: names of alternatives are in angle brackets."""
    return tuple(part for part in location if not (isinstance(part, str) and part[:1] in {"<", "["}))


def _known_keys(location: tuple[Key, ...], *, every: bool = False) -> list[str]:
    """Keys that the part of a scenario at a location may have, of the alternative that it names, or of every one."""
    places: list[Any] = [Scenario]
    for part in location:
        if isinstance(part, str) and part[:1] in {"<", "["}:
            tagged = [found for place in places for found in _tagged(place, part)]
            places = places if every else tagged or places
        elif isinstance(part, str):
            fields = [(field.alias or name, field) for model in _all_models(places) for name, field in _fields(model)]
            places = [field.annotation for name, field in fields if name == part]
    names = [field.alias or name for model in _all_models(places) for name, field in _fields(model)]
    return sorted(dict.fromkeys(names), key=lambda name: name in Stated.model_fields)


def _fields(model: type[BaseModel]) -> Iterable[tuple[str, Any]]:
    """Fields of a model by name."""
    return model.model_fields.items()


def _all_models(annotations: Iterable[Any]) -> list[type[BaseModel]]:
    """All models that some annotations name."""
    return [model for annotation in annotations for model in _models_in(annotation)]


def _models_in(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    """All models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return _all_models(getattr(annotation, "__args__", ()))


def _tagged(annotation: Any, tag: str) -> list[Any]:  # noqa: ANN401
    """Alternatives of an annotation that bear a tag."""
    if any(isinstance(note, Tag) and note.tag == tag for note in getattr(annotation, "__metadata__", ())):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _tagged(part, tag)]
