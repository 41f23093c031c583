"""Risks of emigration of every year."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.balances import scaled_states
from sim.assumptions.layout import engine_layout, with_open_slot
from sim.assumptions.policies import emigration_factor
from sim.assumptions.risks import Stream, stream
from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.engine import Count
from sim.scenario.inputs import DatasetYears, labels_of
from sim.scenario.migration import Emigration
from sim.scenario.yamlfile import Key


class Leaving(NamedTuple):
    """Risks of emigration by cohort slot, per step; None where there are none of a kind."""

    hazard: Array | None
    """(n, R, G, 2, A + 1)"""
    share: Array | None
    """(n, R, G, 2, A + 1) of the 1 January stock"""
    scaled: Array | None
    """(n, R, G, 2, A + 1) hazards that are scaled to close a balance"""
    counts: tuple[tuple[tuple[Key, ...], Count], ...]
    """Streams that are counts, with their key paths."""


def emigration(source: Source) -> Leaving:
    """Risks of all streams of emigrants by cohort slot."""
    slots = (len(source.periods), *source.shape, len(SEXES), source.ages + 1)
    free = scaled_states(source, "emigration")
    totals: dict[str, Array | None] = {"hazard": None, "share": None, "scaled": None}
    counts: list[tuple[tuple[Key, ...], Count]] = []

    def add(kind: str, risk: Array) -> None:
        total = totals[kind]
        totals[kind] = np.array(risk) if total is None else total + risk

    for index, entry in enumerate(source.scenario.migration.emigration):
        keys: tuple[Key, ...] = ("migration", "emigration", index)
        axes, where = source.named(entry.region, entry.group)
        found = _of_dataset(source, entry, keys) or stream(source, entry, keys, axes)
        risk = np.zeros(slots)
        some = np.broadcast_to(found.risk, (slots[0], len(axes["region"]), len(axes["group"]), *slots[3:]))
        factor = emigration_factor(source, where, whole=found.events is not None)
        if found.events is not None:
            risk[np.ix_(range(slots[0]), *where)] = some
            events = found.events * factor[:, 0, 0]
            counts.append(((*keys, "count"), Count(events, emigration=engine_layout(risk))))
            continue
        risk[np.ix_(range(slots[0]), *where)] = some * factor[..., None, None]
        if found.kind == "hazard" and free.any() and not entry.fixed:
            add("scaled", risk * free[..., None, None])
            add("hazard", risk * (1 - free)[..., None, None])
        else:
            add(found.kind, risk)
    return Leaving(totals["hazard"], totals["share"], totals["scaled"], tuple(counts))


def _of_dataset(source: Source, entry: Emigration, keys: tuple[Key, ...]) -> Stream | None:
    """Hazards by sex and age of an embedded dataset, where a stream names one."""
    if not isinstance(entry.hazard, DatasetYears):
        return None
    with source.at(*keys, "hazard"):
        name = source.dataset(entry.hazard.dataset)
        hazard = catalogue.emigration_hazard(name, entry.hazard.years, source.scenario.ages.open)
        foreign = catalogue.foreign_groups(name)
    states = source.scenario.states
    named = states.groups if entry.group is None else labels_of(entry.group)
    others = [label for label in named if states.new.get(label, label) not in foreign]
    if others:
        message = f"the risks of people of foreign nationality are taken for {', '.join(others)} too: is that meant?"
        source.warn(*keys, "hazard", message=message)
    return Stream("hazard", with_open_slot(hazard)[None, None, None], None)
