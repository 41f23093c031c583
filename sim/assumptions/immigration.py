"""Immigrants of every year, stream by stream: counted, or out of a pipeline; as policies change them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.assumptions.balances import scaled_states
from sim.assumptions.pipelines import Procedure, entering, procedures
from sim.assumptions.policies import changed_streams, emigration_factor
from sim.assumptions.profile import IMMIGRANT_SHARE, axes_of, profile, unplaced
from sim.assumptions.source import Source
from sim.assumptions.streams import StreamPart
from sim.axes import SEXES, UNDIVIDED, Array
from sim.migration import profiles
from sim.readers.table import Quantity
from sim.scenario.inputs import PersonsPath, ReachedTable, Series, labels_of
from sim.scenario.migration import Immigration, Places, Stay
from sim.scenario.paths import values
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
    factor: Array
    """(n, R, G) what policies multiply their hazards of emigration by."""


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
    parts: tuple[StreamPart, ...] = ()
    """Streams that they come in, as policies left them; none where only a balance, or net migrants, are stated."""


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
    _note_empty_groups(source, parts)
    free = scaled_states(source, "immigration")[..., None, None]
    fixed, scaled = added_up(parts, shape, free)
    closes = migration.close is not None and migration.close.free == "immigration"
    factor = emigration_factor(source, (list(range(shape[1])), list(range(shape[2]))), whole=False)
    return Migrants(
        fixed,
        scaled if closes else None,
        _labelled([(part.motive, part) for part in parts], migration.motives, free),
        _labelled([(part.sponsor, part) for part in parts], migration.sponsors, free),
        _labelled([(part.nationality, part) for part in parts], migration.nationalities, free),
        tuple(people_of(stay, parts, free, factor) for stay in migration.stays),
        effect if scenario.policies else None,
        cases,
        tuple(parts),
    )


def added_up(parts: Sequence[StreamPart], shape: tuple[int, ...], free: Array) -> tuple[Array, Array]:
    """Immigrants of all streams.

    Parameters
    ----------
    parts : sequence of StreamPart
        Streams.
    shape : tuple of int
        (n, R, G, 2, A).
    free : (R, G, 1, 1) array
        1 for the states whose immigrants are scaled to close a balance, unless their stream is kept, else 0.

    Returns
    -------
    fixed, scaled : (n, R, G, 2, A) array
        Those who come as stated, and those who are scaled.
    """
    fixed, scaled = np.zeros(shape), np.zeros(shape)
    for part in parts:
        closing = free * (not part.kept)
        scaled += part.persons * closing
        fixed += part.persons * (1 - closing)
    return fixed, scaled


def _note_empty_groups(source: Source, parts: Sequence[StreamPart]) -> None:
    """Note new groups to which no immigrants come, and nobody changes."""
    scenario = source.scenario
    changes = scenario.nationality.changes if scenario.nationality else ()
    joined = {label for change in changes for label in labels_of(change.to)}
    joined |= {label for ending in scenario.migration.endings for label in ending.to}
    for label in scenario.states.new:
        place = scenario.states.groups.index(label)
        if label not in joined and not any(part.persons[:, :, place].any() for part in parts):
            source.warn("states", "new", label, message="nobody ever comes to this group: is a stream missing?")


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


def people_of(stay: Stay, parts: Sequence[StreamPart], free: Array, factor: Array) -> Staying:
    """Immigrants whom a stay is of: of its motive, and its group, where it names them.

    Parameters
    ----------
    stay : Stay
        As stated.
    parts : sequence of StreamPart
        Streams, one at least.
    free : (R, G, 1, 1) array
        As in `added_up`.
    factor : (n, R, G) array
        What policies multiply hazards of emigration by.

    Returns
    -------
    Staying
        Those of its streams.
    """
    fixed, scaled = (np.zeros_like(parts[0].persons) for _ in range(2))
    for part in parts:
        if stay.motive is None or part.motive == stay.motive:
            closing = free * (not part.kept)
            own = part.persons * part.of_group(stay.group)[:, None, None]
            scaled += own * closing
            fixed += own * (1 - closing)
    return Staying(stay, fixed, scaled, factor)


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
    shares = _shares(source, entry.motive, tuple(entry.motive), (*keys, "motive"))
    return [
        one._replace(motive=motive, persons=persons * share[:, None, None, None, None])
        for motive, share in zip(entry.motive, shares.T, strict=True)
    ]


def _settled(source: Source, stated: Places | None, axis: str, keys: tuple[Key, ...]) -> Array:
    """Share of a stream, or of its part with that label, in each region or group, (n, R) or (n, G)."""
    labels = source.scenario.states.regions if axis == "region" else source.scenario.states.groups
    if isinstance(stated, dict):
        return _shares(source, stated, labels, (*keys, axis))
    everywhere = [1.0 if stated is None or label == stated else 0.0 for label in labels]
    return np.broadcast_to(np.array(everywhere), (len(source.periods), len(labels)))


def _shares(source: Source, stated: Mapping[str, Series], labels: Sequence[str], keys: tuple[Key, ...]) -> Array:
    """Shares of a stream by label, (n, L): the same in all years of a step, whose people are counted together."""
    for label, share in stated.items():
        with source.at(*keys, label):
            yearly = values(share, source.scenario.flow_years).reshape(-1, source.width)
            changing = np.flatnonzero(np.ptp(yearly, axis=1) > 0)
            if len(changing):
                first = source.periods[int(changing[0])]
                message = f"changes within the step of {source.width} years from {first} on; change it between steps"
                raise ValueError(message)
    return source.shares(stated, labels, keys, f"the shares by {keys[-1]}")


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
