"""Text for terminals: results to stdout, messages to stderr."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sim.errors import Fault, ScenarioError, SimError


def say(text: str = "") -> None:
    """Print a result."""
    print(_printable(text))  # noqa: T201


CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Kinds of characters that could tell a terminal to do something."""


def _printable(text: str) -> str:
    """Text without control characters, which could tell a terminal to do something."""
    kept = (letter in "\n\t" or unicodedata.category(letter) not in CONTROLS for letter in text)
    return "".join(letter if keep else "\N{REPLACEMENT CHARACTER}" for letter, keep in zip(text, kept, strict=True))


def say_json(content: Any) -> None:  # noqa: ANN401
    """Print a result for programs, on one line."""
    say(json.dumps(content, ensure_ascii=False))


def warn(text: str) -> None:
    """Print a message."""
    print(_printable(text), file=sys.stderr)  # noqa: T201


def warn_all(warnings: Sequence[Fault]) -> None:
    """Print what looks like a mistake."""
    for warning in warnings:
        warn(f"warning: {warning}")


def fail(error: SimError) -> int:
    """Print what went wrong; return the exit code."""
    warn(str(error))
    if isinstance(error, ScenarioError):
        count = len(error.faults)
        warn(f"{count} {'error' if count == 1 else 'errors'}; nothing was run")
    return error.exit_code


def columns(rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Lay out rows in columns, the first ones flush left and the others flush right.

    Parameters
    ----------
    rows : sequence of rows
        Cells of equal number.
    left : int
        How many columns are flush left.

    Returns
    -------
    str
        Lines without trailing blanks.
    """
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], object]]:
    """Show the stage at hand on a terminal, and nothing elsewhere.

    Parameters
    ----------
    quiet : bool
        Whether to show nothing at all.

    Yields
    ------
    function
        Takes the name of each stage as it begins.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update
