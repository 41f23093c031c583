"""Read YAML 1.2 files that strangers wrote, and remember where every value stood.

Only mappings, lists, text and finite numbers are read: no tags, anchors or aliases, so a file can neither run code
nor grow when it is read. The parser's events are turned into nodes one by one, without recursion.
"""

import math
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from sim.errors import Fault, ScenarioError

LARGEST_FILE = 1_000_000
DEEPEST = 32
LONGEST_NUMBER = 40

Key = str | int
Scalar = str | int | float | bool | None


class Place(NamedTuple):
    """Where something stands; lines and columns count from 1, and are 0 outside files."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file, with its place and, in a mapping, the place of its key."""

    value: "Scalar | dict[Key, Node] | list[Node]"
    place: Place
    key_place: Place | None = None

    def plain(self) -> Any:  # noqa: ANN401
        """Return the value as ordinary dictionaries, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def place_of(self, keys: tuple[Key, ...], *, of_key: bool = False) -> Place:
        """Return the place of the value at a key path, or of the deepest part of the path that exists."""
        node = self
        for key in keys:
            child = None
            if isinstance(node.value, dict):
                child = node.value.get(key)
            elif isinstance(node.value, list) and isinstance(key, int) and key < len(node.value):
                child = node.value[key]
            if child is not None:
                node = child
        return (node.key_place or node.place) if of_key else node.place


def read_yaml(path: Path, name: str) -> Node:
    """Read one file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        How messages call it.

    Returns
    -------
    Node
        The mapping that the file holds.

    Raises
    ------
    ScenarioError
        If the file cannot be read, or holds anything but one mapping of plain values.
    """
    return parse_yaml(_text(path, name), name)


def parse_yaml(text: str, name: str) -> Node:
    """Read a text as `read_yaml` reads a file.

    Parameters
    ----------
    text : str
        YAML 1.2.
    name : str
        How messages call its origin.

    Returns
    -------
    Node
        The mapping that the text holds.

    Raises
    ------
    ScenarioError
        If it holds anything but one mapping of plain values.
    """
    reader = _Reader(name)
    try:
        for event in _events(text):
            reader.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = reader.place(mark) if mark else Place(name, 1, 1)
        reader.faults.append(Fault(*place, "", f"is not valid YAML: {_in_plain_words(error)}"))
    except ReaderError as error:
        before = text[: error.position]
        place = Place(name, before.count("\n") + 1, error.position - before.rfind("\n"))
        reader.faults.append(Fault(*place, "", "holds a character that text cannot hold"))
    except (YAMLError, AssertionError) as error:
        reason = (str(error).splitlines() or ["unknown version"])[0]
        reader.faults.append(Fault(name, 1, 1, "", f"is not valid YAML: {reason}"))
    if not reader.faults and (reader.root is None or not isinstance(reader.root.value, dict)):
        reader.faults.append(Fault(name, 1, 1, "", "holds no scenario: a scenario is a mapping of keys to values"))
    if reader.faults or reader.root is None:
        raise ScenarioError(reader.faults)
    return reader.root


def _in_plain_words(error: MarkedYAMLError) -> str:
    """Say what the parser found as one who writes a file would."""
    problem = str(error.problem or error.context)
    if "'\\t'" in problem:
        return "a tab stands here; indent with blanks"
    if problem == "mapping values are not allowed here":
        return "a colon followed by a blank stands within a text; put the text in quotes"
    return problem


def _meant(path: Path) -> str:
    """Scenario file that a name without a folder or an ending stands for, if there is one."""
    ended = f"{path.name}.yaml"
    for found in (path.with_name(ended), Path("scenarios", path.name), Path("scenarios", ended)):
        with suppress(OSError):
            if found.is_file():
                return f"; did you mean {found}?"
    return ""


def _text(path: Path, name: str) -> str:
    """Text of a file of a sensible size, in UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        reason = (
            f"there is no such file{_meant(path)}"
            if isinstance(error, FileNotFoundError)
            else f"cannot be read ({error.strerror})"
        )
        raise ScenarioError([Fault(name, 0, 0, "", reason)]) from None
    if len(data) > LARGEST_FILE:
        message = f"is larger than {LARGEST_FILE:,} bytes; put long tables into CSV files"
        raise ScenarioError([Fault(name, 0, 0, "", message)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise ScenarioError([Fault(name, line, column, "", "is not UTF-8 text")]) from None


def _events(text: str) -> Iterator[Any]:
    """Events of the pure-Python YAML 1.2 parser."""
    yaml = YAML(typ="safe", pure=True)
    yield from yaml.parse(text)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    node: Node
    key: Key | None = None
    key_place: Place | None = None
    keyed: bool = False


@dataclass(slots=True)
class _Reader:
    """Turns events into nodes and collects what is wrong with them."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    root: Node | None = None
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0
    resolver: Any = field(default_factory=lambda: YAML(typ="safe", pure=True).resolver)

    def place(self, mark: Any) -> Place:  # noqa: ANN401
        """Place of a mark of the parser."""
        return Place(self.name, mark.line + 1, mark.column + 1)

    def stop(self, mark: Any, message: str) -> None:  # noqa: ANN401
        """Give up at a construct that is not read."""
        self.faults.append(Fault(*self.place(mark), "", message))
        raise ScenarioError(self.faults)

    def take(self, event: Any) -> None:  # noqa: ANN401
        """Take in the next event."""
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.stop(event.start_mark, "a second document starts here; a file holds one scenario")
        elif kind == "AliasEvent" or getattr(event, "anchor", None):
            self.stop(event.start_mark, "anchors and aliases (& and *) are not read; use based_on")
        elif getattr(event, "tag", None) is not None and kind != "MappingEndEvent":
            self.stop(event.start_mark, "tags (!) are not read")
        elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
            if len(self.stack) == DEEPEST:
                self.stop(event.start_mark, f"nested deeper than {DEEPEST} levels")
            self.add({} if kind == "MappingStartEvent" else [], event.start_mark, opens=True)
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self.stack.pop()
        elif kind == "ScalarEvent":
            self.add(self.scalar(event), event.start_mark)

    def add(self, value: Any, mark: Any, *, opens: bool = False) -> None:  # noqa: ANN401
        """Put a value where it belongs: at the top, in a list, or as a key or value of a mapping."""
        place = self.place(mark)
        parent = self.stack[-1] if self.stack else None
        if parent is not None and isinstance(parent.node.value, dict) and not parent.keyed:
            if opens:
                self.stop(mark, "a key must be text or a whole number")
            self.key(parent, value, place)
            return
        node = Node(value, place, parent.key_place if parent is not None and parent.keyed else None)
        if parent is None:
            self.root = node
        elif isinstance(parent.node.value, list):
            parent.node.value.append(node)
        elif isinstance(parent.node.value, dict) and parent.key is not None:
            parent.node.value[parent.key] = node
        if parent is not None:
            parent.keyed, parent.key, parent.key_place = False, None, None
        if opens:
            self.stack.append(_Open(node))

    def key(self, parent: _Open, value: Scalar, place: Place) -> None:
        """Remember a key; a second use of one is a mistake."""
        parent.keyed, parent.key_place = True, place
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.faults.append(Fault(*place, "", f"'{value}' is no key: a key must be text or a whole number"))
            return
        parent.key = value = as_key(value)
        first = parent.node.value.get(value) if isinstance(parent.node.value, dict) else None
        if first is not None and first.key_place is not None:
            message = f"stands twice in one mapping; the first is on line {first.key_place.line}"
            self.faults.append(Fault(*place, str(value), message))

    def scalar(self, event: Any) -> Scalar:  # noqa: ANN401
        """Value of a scalar by the rules of YAML 1.2; numbers must be finite."""
        tag = str(self.resolver.resolve(ScalarNode, event.value, event.implicit)).rpartition(":")[2]
        text = event.value
        if tag == "null":
            return None
        if tag == "bool":
            return bool(text.lower() == "true")
        if tag not in {"int", "float"}:
            if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
                self.faults.append(Fault(*self.place(event.start_mark), "", "holds a control character"))
            return str(text)
        digits = text.replace("_", "")
        number = math.nan
        if len(digits) <= LONGEST_NUMBER:
            if tag == "int":
                return _whole_number(digits)
            number = float(digits) if digits.lstrip("+-")[:2].lower() not in {".i", ".n"} else math.nan
        if not math.isfinite(number):
            self.faults.append(Fault(*self.place(event.start_mark), "", f"must be a finite number, not {text[:20]}"))
        return number + 0.0


def as_key(text: Key) -> Key:
    """Key that a text stands for: a year, or the place in a list, is a number even in quotes.

    Parameters
    ----------
    text : str or int
        A key of a file, or a part of a dotted key.

    Returns
    -------
    str or int
        A number where the text is a short row of digits.
    """
    short = isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if short else text


def _whole_number(digits: str) -> int:
    """Whole number of YAML 1.2: decimal, 0o octal or 0x hexadecimal."""
    unsigned = digits.lstrip("+-").lower()
    return int(digits, 0) if unsigned[:2] in {"0o", "0x", "0b"} else int(digits)
