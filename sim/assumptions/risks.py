"""Streams of people who leave, move or change, as hazards, as shares, or as counts with a pattern of hazards."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.assumptions.layout import with_open_slot
from sim.assumptions.source import Source
from sim.axes import Array
from sim.readers.table import Axes, Quantity
from sim.scenario.inputs import ReachedTable
from sim.scenario.movements import Risked
from sim.scenario.yamlfile import Key

HAZARD = Quantity("hazard per year", low=0, high=100)
SHARE = Quantity("share of people", low=0, high=1)
PATTERN = Quantity("relative risk", low=0, high=1e12)
LIKELY_HAZARD = 1
"""Events per person-year above which a hazard is more likely a percentage."""


class Stream(NamedTuple):
    """A stream, by year, some states, sex and cohort slot; axes of length 1 where one value holds for all."""

    kind: str
    """hazard, share, or count."""
    risk: Array
    """Hazards or shares; of a count the pattern of the hazards."""
    events: Array | None
    """(n,) events of a count."""


def stream(
    source: Source, entry: Risked, keys: tuple[Key, ...], axes: Axes, apart: tuple[str, str] | None = None
) -> Stream:
    """What a stream states, by the axes of its tables and cohort slot.

    Parameters
    ----------
    source : Source
        Where arrays come from.
    entry : Risked
        The stream.
    keys : tuple
        Its key path.
    axes : mapping
        Dimensions of its tables in order: the year first, sex and age last.
    apart : (str, str), optional
        Two dimensions with the same labels between which people move.

    Returns
    -------
    Stream
        Checked: hazards are zero or more, shares at most 1, counts zero or more.
    """
    if entry.count is not None:
        with source.at(*keys, "count"):
            count = source.persons(entry.count)
            if not count.min() >= 0:
                message = f"falls to {count.min():g}; it is zero or more"
                raise ValueError(message)
        risk = np.ones([1] * len(axes))
        if entry.pattern is not None:
            risk = with_open_slot(source.table(entry.pattern, (*keys, "pattern"), PATTERN, axes, apart=apart))
        return Stream("count", risk, count)
    kind, stated, quantity = "hazard", entry.hazard, HAZARD
    if stated is None:
        kind, stated, quantity = "share", entry.share, SHARE
    if isinstance(stated, ReachedTable):
        risk = with_open_slot(source.table(stated, (*keys, kind), quantity, axes, apart=apart))
    else:
        with source.at(*keys, kind):
            yearly = source.path(0.0 if stated is None else stated)
            if not quantity.low <= yearly.min() <= yearly.max() <= quantity.high:
                low, high = yearly.min(), yearly.max()
                said = f"is {low:g}" if low == high else f"goes from {low:g} to {high:g}"
                message = f"{said}; a {quantity.name} is {_allowed(quantity)}"
                raise ValueError(message)
        risk = yearly.reshape(-1, *[1] * (len(axes) - 1))
    if kind == "hazard" and risk.max() > LIKELY_HAZARD:
        message = f"a hazard of {risk.max():g} per year, under which nearly all go within a year: is it a percentage?"
        source.warn(*keys, kind, message=message)
    return Stream(kind, risk * source.width if kind == "hazard" else risk, None)


def _allowed(quantity: Quantity) -> str:
    """Values that a quantity may have."""
    return f"{quantity.low:g} to {quantity.high:g}" if np.isfinite(quantity.high) else f"{quantity.low:g} or more"


def streams_as(source: Source, kind: str) -> list[tuple[Key, ...]]:
    """Key paths of all streams of emigration, moves and changes that are stated in a way."""
    scenario = source.scenario
    groups: list[tuple[tuple[Key, ...], Sequence[object]]] = [
        (("migration", "emigration"), scenario.migration.emigration),
        (("nationality", "changes"), scenario.nationality.changes if scenario.nationality else ()),
        (("moves",), scenario.moves),
    ]
    return [
        (*keys, index, kind)
        for keys, entries in groups
        for index, entry in enumerate(entries)
        if getattr(entry, kind) is not None
    ]
