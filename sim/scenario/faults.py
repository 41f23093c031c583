"""Faults said in a file's own terms."""

import difflib
from collections.abc import Iterable

from sim.errors import Fault
from sim.scenario.schema import Scenario
from sim.scenario.yamlfile import Key, Place

MOST_KNOWN = 100
LONGEST_NAME = 64


def fault_at(scenario: Scenario, keys: tuple[Key, ...], message: str) -> Fault:
    """Fault of a scenario at a key path, in the file where that value stands.

    Parameters
    ----------
    scenario : Scenario
        As loaded.
    keys : tuple
        Key path, such as ``("migration", "balance")``.
    message : str
        What is wrong and what is allowed.

    Returns
    -------
    Fault
        With file, line and column where the scenario came from a file.
    """
    place = scenario.tree.place_of(keys) if scenario.tree else Place(scenario.name, 0, 0)
    return Fault(*place, dotted(keys), message)


def dotted(keys: Iterable[Key]) -> str:
    """Key path as it is written after --set."""
    return ".".join(str(key) for key in keys)


def nearest(name: str, known: list[str]) -> str:
    """Offer the known name that a mistyped one may stand for, or list what there is."""
    if len(known) > MOST_KNOWN or len(name) > LONGEST_NAME:
        return ""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; there are: {', '.join(known)}" if known else ""
