"""Moves between regions and changes of nationality of every year, as risks of moving from state to state."""

from collections.abc import Sequence

import numpy as np

from sim.assumptions.layout import with_open_slot
from sim.assumptions.risks import Stream, stream
from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.engine import Count
from sim.readers.table import Axes, Quantity
from sim.scenario.inputs import ReachedTable, labels_of
from sim.scenario.movements import Change, Move
from sim.scenario.yamlfile import Key

DESTINATION_SHARE = Quantity("share of a destination", low=0, high=1)
SUM_TOLERANCE = 1e-6


class Transitions:
    """Risks of moving from state to state, ``[to, from]``, added up stream by stream."""

    def __init__(self, source: Source) -> None:
        regions, groups = source.shape
        self.groups = groups
        states = regions * groups
        self.shape = (len(source.periods), source.ages + 1, len(SEXES), states, states)
        self.hazard: Array | None = None
        """(n, A + 1, 2, K, K) per step, where any stream is a hazard."""
        self.share: Array | None = None
        """(n, A + 1, 2, K, K) of the 1 January stock, where any stream is a share."""
        self.counts: list[tuple[tuple[Key, ...], Count]] = []
        """Streams that are counts, with their key paths."""

    def add(self, kind: Stream, pairs: Sequence[tuple[int, int, Array]], keys: tuple[Key, ...]) -> None:
        """Add a stream: the risk of each pair of states (to, from), by year, sex and cohort slot."""
        if kind.events is not None:
            pattern = np.zeros(self.shape)
            self._fill(pattern, pairs)
            self.counts.append(((*keys, "count"), Count(kind.events, transition=pattern)))
            return
        total = self.hazard if kind.kind == "hazard" else self.share
        total = np.zeros(self.shape) if total is None else total
        self._fill(total, pairs)
        if kind.kind == "hazard":
            self.hazard = total
        else:
            self.share = total

    def _fill(self, total: Array, pairs: Sequence[tuple[int, int, Array]]) -> None:
        """Add the risks of pairs of states to a total."""
        for to, origin, risk in pairs:
            total[..., to, origin] += np.moveaxis(np.broadcast_to(risk, (*self.shape[:1], *risk.shape[1:])), 2, 1)

    def state(self, region: int, group: int) -> int:
        """Place of a region and a group among the states."""
        return region * self.groups + group


def transitions(source: Source) -> Transitions:
    """All moves between regions and changes of group that a scenario states."""
    found = Transitions(source)
    scenario = source.scenario
    for index, change in enumerate(scenario.nationality.changes if scenario.nationality else ()):
        _change(source, change, found, ("nationality", "changes", index))
    for index, move in enumerate(scenario.moves):
        _move(source, move, found, ("moves", index))
    return found


def _change(source: Source, change: Change, found: Transitions, keys: tuple[Key, ...]) -> None:
    """Add a stream of changes between groups, within each region."""
    states = source.scenario.states
    leaving, joining = labels_of(change.from_), labels_of(change.to)
    axes: Axes = {
        "year": source.periods,
        "region": states.regions,
        "from": leaving,
        "sex": SEXES,
        "age": source.scenario.age_labels,
    }
    kind = stream(source, change, keys, axes)
    risk = np.broadcast_to(kind.risk, (kind.risk.shape[0], len(states.regions), len(leaving), *_cell(source)))
    pairs = [
        (found.state(region, states.groups.index(new)), found.state(region, states.groups.index(old)), by_age)
        for region in range(len(states.regions))
        for old, new, by_age in zip(leaving, joining, np.moveaxis(risk[:, region], 1, 0), strict=True)
    ]
    found.add(kind, pairs, keys)


def _move(source: Source, move: Move, found: Transitions, keys: tuple[Key, ...]) -> None:
    """Add a stream of moves between regions, within each group."""
    states = source.scenario.states
    regions = states.regions
    with source.at(*keys):
        if len(regions) < 2:
            message = "there is one region only, and nowhere to move to"
            raise ValueError(message)
    axes: Axes = {
        "year": source.periods,
        "origin": regions,
        "destination": regions,
        "group": states.groups,
        "sex": SEXES,
        "age": source.scenario.age_labels,
    }
    if move.destinations is None:
        kind = stream(source, move, keys, axes, apart=("origin", "destination"))
        risk = kind.risk
        with source.at(*keys):
            if len(regions) > 2 and (risk.shape[1] > 1) != (risk.shape[2] > 1):
                message = "the table needs the columns origin and destination, or 'destinations' beside it"
                raise ValueError(message)
    else:
        kind = stream(source, move, keys, {name: labels for name, labels in axes.items() if name != "destination"})
        risk = kind.risk[:, :, None] * _destinations(source, move.destinations, axes, (*keys, "destinations"))
    shape = (risk.shape[0], len(regions), len(regions), len(states.groups), *_cell(source))
    risk = np.broadcast_to(risk, shape)
    named = states.groups if move.group is None else labels_of(move.group)
    pairs = [
        (found.state(to, group), found.state(origin, group), risk[:, origin, to, group])
        for origin in range(len(regions))
        for to in range(len(regions))
        for group, label in enumerate(states.groups)
        if to != origin and label in named
    ]
    found.add(kind, pairs, keys)


def _destinations(source: Source, entry: ReachedTable, axes: Axes, keys: tuple[Key, ...]) -> Array:
    """Shares of the movers of each origin by destination, which add up to 1."""
    shares = source.table(entry, keys, DESTINATION_SHARE, axes, apart=("origin", "destination"))
    with source.at(*keys, "table"):
        if shares.shape[1] == 1 or shares.shape[2] == 1:
            message = "the table needs the columns origin and destination"
            raise ValueError(message)
        total = shares.sum(axis=2)
        if np.abs(total - 1).max() > SUM_TOLERANCE:
            worst = np.unravel_index(int(np.abs(total - 1).argmax()), total.shape)
            origin = axes["origin"][int(worst[1])]
            message = f"the shares of the destinations of {origin} add up to {total[worst]:.6g}, not 1"
            raise ValueError(message)
        shares = shares / total[:, :, None]
    return with_open_slot(shares)


def _cell(source: Source) -> tuple[int, int]:
    """Sexes and cohort slots."""
    return len(SEXES), source.ages + 1
