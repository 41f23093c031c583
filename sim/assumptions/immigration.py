"""Immigrants of every year, stream by stream: counted, or out of a pipeline; as policies change them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.assumptions.balances import scaled_states
from sim.assumptions.pipelines import Procedure, entering, procedures
from sim.assumptions.policies import changed_streams
from sim.assumptions.profile import IMMIGRANT_SHARE, axes_of, profile, unplaced
from sim.assumptions.source import Source
from sim.assumptions.streams import StreamPart
from sim.axes import SEXES, UNDIVIDED, Array
from sim.migration import profiles
from sim.readers.table import Quantity
from sim.scenario.inputs import PersonsPath, ReachedTable
from sim.scenario.migration import Immigration, Places, Stay
from sim.scenario.yamlfile import Key

IMMIGRANTS = Quantity("number of immigrants", low=0, high=1e12)


class Labelled(NamedTuple):
    """Immigrants of every step by a label of their streams, all sexes and ages."""

    labels: tuple[str, ...]
    fixed: Array
    """(n, L, R, G) persons who come as stated."""
    scaled: Array
    """(n, L, R, G) persons who are scaled to close a balance."""


class Staying(NamedTuple):
    """Immigrants of every step whose emigration depends on the time since they came."""

    stay: Stay
    fixed: Array
    """(n, R, G, 2, A) persons who come as stated."""
    scaled: Array
    """(n, R, G, 2, A) persons who are scaled to close a balance."""


class Migrants(NamedTuple):
    """Migrants of every step."""

    persons: Array
    """(n, R, G, 2, A) net migrants, or immigrants, by age reached."""
    scaled: Array | None
    """(n, R, G, 2, A) immigrants beside them who are scaled to close a balance."""
    by_motive: Labelled | None = None
    by_sponsor: Labelled | None = None
    by_nationality: Labelled | None = None
    staying: tuple[Staying, ...] = ()
    """By kind of stay, where there are any."""
    policy_effect: Array | None = None
    """(n, P) immigrants that each policy adds, where there are policies."""
    procedures: tuple[Procedure, ...] = ()
    """Pipelines that some of them come out of."""


def immigrants(source: Source, shape: tuple[int, ...]) -> Migrants:
    """Sum of all streams of immigrants, those apart who are scaled to close a balance.

    Parameters
    ----------
    source : Source
        Where arrays come from.
    shape : tuple of int
        (n, R, G, 2, A).

    Returns
    -------
    Migrants
        With the motives, sponsors and stays that the streams name.
    """
    scenario = source.scenario
    migration = scenario.migration
    cases = procedures(source)
    stated = [
        part
        for index, entry in enumerate(migration.immigration)
        for part in _parts(source, entry, ("migration", "immigration", index), cases)
    ]
    parts, effect = changed_streams(source, stated)
    free = scaled_states(source, "immigration")[..., None, None]
    fixed, scaled = np.zeros(shape), np.zeros(shape)
    for part in parts:
        closing = free * (not part.kept)
        scaled += part.persons * closing
        fixed += part.persons * (1 - closing)
    closes = migration.close is not None and migration.close.free == "immigration"
    return Migrants(
        fixed,
        scaled if closes else None,
        _labelled([(part.motive, part) for part in parts], migration.motives, free),
        _labelled([(part.sponsor, part) for part in parts], migration.sponsors, free),
        _labelled([(part.nationality, part) for part in parts], migration.nationalities, free),
        tuple(_staying(stay, parts, free, shape) for stay in migration.stays),
        effect if scenario.policies else None,
        cases,
    )


def _labelled(parts: Sequence[tuple[str | None, StreamPart]], labels: tuple[str, ...], free: Array) -> Labelled | None:
    """Immigrants by a label that some parts bear; None where none does."""
    if not labels:
        return None
    shape = parts[0][1].persons.shape
    fixed, scaled = (np.zeros((shape[0], len(labels), *shape[1:3])) for _ in range(2))
    for label, part in parts:
        if label is not None:
            closing, place = free * (not part.kept), labels.index(label)
            scaled[:, place] += (part.persons * closing).sum(axis=(-2, -1))
            fixed[:, place] += (part.persons * (1 - closing)).sum(axis=(-2, -1))
    return Labelled(labels, fixed, scaled)


def _staying(stay: Stay, parts: Sequence[StreamPart], free: Array, shape: tuple[int, ...]) -> Staying:
    """Immigrants whom a stay is of: of its motive, and its group, where it names them."""
    fixed, scaled = np.zeros(shape), np.zeros(shape)
    for part in parts:
        if stay.motive is None or part.motive == stay.motive:
            closing = free * (not part.kept)
            own = part.persons * part.of_group(stay.group)[:, None, None]
            scaled += own * closing
            fixed += own * (1 - closing)
    return Staying(stay, fixed, scaled)


def _parts(source: Source, entry: Immigration, keys: tuple[Key, ...], cases: tuple[Procedure, ...]) -> list[StreamPart]:
    """A stream of immigrants divided by motive, settled in its regions and groups."""
    own = _own(source, entry)
    if isinstance(entry.count, ReachedTable):
        named = _names(entry)
        axes = axes_of(source, own, named)
        persons = source.table(entry.count, (*keys, "count"), IMMIGRANTS, axes) * source.width
        with source.at(*keys, "count", "table"):
            if persons.shape[1:] != (*own, len(SEXES), source.ages):
                raise ValueError(unplaced(axes, persons.shape[1:], "persons", named=True))
    else:
        persons = _spread(source, entry, keys, own, cases)
    settled = (
        _settled(source, entry.region, "region", keys)[:, :, None]
        * _settled(source, entry.group, "group", keys)[:, None]
    )
    persons = persons * settled[..., None, None]
    groups = source.scenario.states.groups
    one = StreamPart(keys, groups, None, entry.sponsor, entry.kept, persons, entry.nationality)
    if not isinstance(entry.motive, dict):
        return [one._replace(motive=entry.motive)]
    shares = source.shares(entry.motive, tuple(entry.motive), (*keys, "motive"), "the shares by motive")
    return [
        one._replace(motive=motive, persons=persons * share[:, None, None, None, None])
        for motive, share in zip(entry.motive, shares.T, strict=True)
    ]


def _settled(source: Source, stated: Places | None, axis: str, keys: tuple[Key, ...]) -> Array:
    """Share of a stream, or of its part with that label, in each region or group, (n, R) or (n, G)."""
    labels = source.scenario.states.regions if axis == "region" else source.scenario.states.groups
    if isinstance(stated, dict):
        return source.shares(stated, labels, (*keys, axis), f"the shares by {axis}")
    everywhere = [1.0 if stated is None or label == stated else 0.0 for label in labels]
    return np.broadcast_to(np.array(everywhere), (len(source.periods), len(labels)))


def _own(source: Source, entry: Immigration) -> tuple[int, int]:
    """Regions and groups that the profile or table of a stream has to tell apart."""
    states = source.scenario.states
    return (
        len(states.regions) if entry.region is None else 1,
        len(states.groups) if entry.group is None else 1,
    )


def _names(entry: Immigration) -> tuple[str | None, str | None]:
    """Region and group that a table of a stream is of; no label of a scenario where shares divide it."""
    region, group = (UNDIVIDED if isinstance(named, dict) else named for named in (entry.region, entry.group))
    return region, group


def _spread(
    source: Source, entry: Immigration, keys: tuple[Key, ...], own: tuple[int, int], cases: tuple[Procedure, ...]
) -> Array:
    """Persons of a stream, spread by its profile."""
    if entry.profile is None:
        message = "a stream that is no table has a profile"
        raise ValueError(message)
    if isinstance(entry.count, PersonsPath):
        with source.at(*keys, "count"):
            persons = source.persons(entry.count)
            if not persons.min() >= 0:
                message = f"falls to {persons.min():g}; immigrants are zero or more"
                raise ValueError(message)
    else:
        persons = entering(cases, entry.pipeline, entry.outcome)
    shares = profile(source, entry.profile, (*keys, "profile"), own, IMMIGRANT_SHARE, _names(entry))
    return profiles.spread(persons, shares)
