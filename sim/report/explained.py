"""What makes the scenarios of a page differ from the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.analysis.cases import cases
from sim.analysis.decompose import decompose
from sim.analysis.explanation import explanation_rows
from sim.errors import DataError, ProjectionError
from sim.pipeline import silent
from sim.plots.explanation_words import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from sim.analysis.cases import Case
    from sim.pipeline import Prepared, Tell

Part = dict[str, Any]
"""``scenario`` and ``baseline`` by name, ``year`` (1 January), ``block`` of assumptions, ``value`` in persons."""


class Explained(NamedTuple):
    """Why the populations of several scenarios differ from that of one."""

    parts: list[Part]
    """Those of a year add up to the difference; blocks that do not differ are left out."""
    notes: list[str]
    """What was left out or carried on, and which differences cannot be explained, one sentence each."""


NOTHING_EXPLAINED = Explained([], [])


def explained(entries: Sequence[Prepared | xr.Dataset], tell: Tell = silent) -> Explained:
    """Explain how the populations of several scenarios differ from that of the first.

    Parameters
    ----------
    entries : sequence of Prepared or xarray.Dataset
        Scenarios ready to run, or results; a sweep counts as all its variants.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    Explained
        With a note instead of parts for scenarios that cannot be mixed with the first, or not be rebuilt from their
        results.
    """
    found: list[Case] = []
    parts: list[Part] = []
    notes: list[str] = []
    for entry in entries:
        try:
            found += cases(entry, tell)
        except DataError as error:
            notes.append(str(error))
            if not found:
                return Explained([], notes)
    for other in found[1:]:
        try:
            explanation = decompose(found[0], other, tell=tell)
        except (DataError, ProjectionError) as error:
            notes.append(str(error))
            continue
        parts += _parts(explanation)
        notes += [f"{other.name}: {note}" for note in explanation.attrs["notes"]]
    return Explained(parts, notes)


def _parts(explanation: xr.Dataset) -> list[Part]:
    """Return the parts of blocks that make a difference in any year."""
    differing = {str(block) for block in explanation["block"].values[(explanation["part"] != 0).any("year").values]}
    return [
        {
            "scenario": row.scenario,
            "baseline": row.baseline,
            "year": row.year,
            "block": BLOCKS[row.block],
            "value": row.value,
        }
        for row in explanation_rows(explanation)
        if not row.part and row.block in differing
    ]
