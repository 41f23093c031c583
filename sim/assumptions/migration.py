"""Migrants of every year: a balance, a table, or immigrants and the risks of emigration."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.assumptions.layout import engine_layout
from sim.assumptions.risks import stream
from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography import schedules
from sim.engine import Count
from sim.migration import profiles
from sim.readers.table import Quantity
from sim.scenario.inputs import DatasetYears, PartOfPersons, PersonsPath, ReachedTable
from sim.scenario.models import RogersCastro
from sim.scenario.movements import Immigration
from sim.scenario.yamlfile import Key

NET_PERSONS = Quantity("number of net migrants", low=-1e12, high=1e12)
IMMIGRANTS = Quantity("number of immigrants", low=0, high=1e12)
SHARE = Quantity("share", low=-1e6, high=1e6)
IMMIGRANT_SHARE = Quantity("share of immigrants", low=0, high=1)


class Migrants(NamedTuple):
    """Migrants of every step."""

    persons: Array
    """(n, R, G, 2, A) net migrants, or immigrants, by age reached."""
    scaled: Array | None
    """(n, R, G, 2, A) immigrants beside them who are scaled to close a balance."""
    by_motive: "ByMotive | None" = None


class ByMotive(NamedTuple):
    """Immigrants of every step by the motive that they come for, all sexes and ages."""

    motives: tuple[str, ...]
    fixed: Array
    """(n, M, R, G) persons who come as stated."""
    scaled: Array
    """(n, M, R, G) persons who are scaled to close a balance."""


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


class Balances(NamedTuple):
    """Balances of parts of the population."""

    persons: Array
    """(n, m) immigrants less emigrants."""
    members: Array
    """(m, R, G) 1 for the states that a balance is of, else 0."""


def migrants(source: Source) -> Migrants:
    """Net migrants or immigrants of every step."""
    migration = source.scenario.migration
    shape = (len(source.periods), *source.shape, len(SEXES), source.ages)
    if migration.net is not None:
        net = source.table(migration.net, ("migration", "net"), NET_PERSONS, source.axes)
        with source.at("migration", "net", "table"):
            if net.shape[1:] != shape[1:]:
                raise ValueError(_unplaced(source.axes, net.shape[1:], "persons", named=False))
        return Migrants(np.broadcast_to(net * source.width, shape), None)
    if migration.balance is not None and migration.profile is None:
        return Migrants(np.zeros(shape), None)
    if migration.balance is not None and migration.profile is not None:
        shares = _profile(source, migration.profile, ("migration", "profile"), source.shape, SHARE)
        stated = balances(source, migration.balance)
        with source.at("migration", "balance"):
            _check_everywhere(source, stated)
        total = np.zeros(shape)
        for persons, member in zip(stated.persons.T, stated.members, strict=True):
            with source.at("migration", "profile"):
                total += profiles.spread(persons, profiles.of_part(shares, member))
        return Migrants(total, None)
    return _immigrants(source, shape)


def _check_everywhere(source: Source, stated: Balances) -> None:
    """Refuse balances by region or group that leave some people out: they would not migrate at all."""
    states, left_out = source.scenario.states, np.argwhere(stated.members.sum(axis=0) == 0)
    if len(left_out):
        region, group = (int(place) for place in left_out[0])
        message = f"leaves out {states.regions[region]}, {states.groups[group]}; state a balance for everybody, or zero"
        raise ValueError(message)


def balances(source: Source, balance: PersonsPath | tuple[PartOfPersons, ...]) -> Balances:
    """Balance of all, or of each part that is listed."""
    if isinstance(balance, PersonsPath):
        return Balances(source.persons(balance)[:, None], np.ones((1, *source.shape)))
    persons = np.stack([source.persons(part) for part in balance], axis=-1)
    return Balances(persons, np.stack([source.places(part.region, part.group) for part in balance]))


def _immigrants(source: Source, shape: tuple[int, ...]) -> Migrants:
    """Sum of all streams of immigrants, those apart who are scaled to close a balance."""
    migration = source.scenario.migration
    fixed, scaled = np.zeros(shape), np.zeros(shape)
    close = migration.close
    free = np.zeros(source.shape)
    if close is not None and close.free == "immigration":
        free = balances(source, close.balance).members.sum(axis=0)
    motives = migration.motives
    came, closing = (np.zeros((shape[0], len(motives), *shape[1:3])) for _ in range(2))
    for index, entry in enumerate(migration.immigration):
        persons = _stream_of_immigrants(source, entry, ("migration", "immigration", index))
        part = free[..., None, None] * (not entry.fixed)
        scaled += persons * part
        fixed += persons * (1 - part)
        if entry.motive is not None:
            place = motives.index(entry.motive)
            came[:, place] += (persons * (1 - part)).sum(axis=(-2, -1))
            closing[:, place] += (persons * part).sum(axis=(-2, -1))
    told = ByMotive(motives, came, closing) if motives else None
    return Migrants(fixed, scaled if close is not None and close.free == "immigration" else None, told)


def _stream_of_immigrants(source: Source, entry: Immigration, keys: tuple[Key, ...]) -> Array:
    """Persons of a stream of immigrants, zero where it does not settle, (n, R, G, 2, A)."""
    states = source.scenario.states
    region = None if entry.region is None else states.regions.index(entry.region)
    group = None if entry.group is None else states.groups.index(entry.group)
    own = (len(states.regions) if region is None else 1, len(states.groups) if group is None else 1)
    names = (entry.region, entry.group)
    if isinstance(entry.count, ReachedTable):
        with_states = _axes_of(source, own, names)
        persons = source.table(entry.count, (*keys, "count"), IMMIGRANTS, with_states) * source.width
        with source.at(*keys, "count", "table"):
            if persons.shape[1:] != (*own, len(SEXES), source.ages):
                raise ValueError(_unplaced(with_states, persons.shape[1:], "persons", named=True))
    else:
        persons = _spread_immigrants(source, entry, entry.count, keys, own)
    total = np.zeros((len(source.periods), *source.shape, len(SEXES), source.ages))
    regions = slice(None) if region is None else slice(region, region + 1)
    groups = slice(None) if group is None else slice(group, group + 1)
    total[:, regions, groups] = persons
    return total


def _spread_immigrants(
    source: Source, entry: Immigration, stated: PersonsPath, keys: tuple[Key, ...], own: tuple[int, int]
) -> Array:
    """Persons of a stream of immigrants that is stated as a total with a profile."""
    with source.at(*keys, "count"):
        count = source.persons(stated)
        if not count.min() >= 0:
            message = f"falls to {count.min():g}; immigrants are zero or more"
            raise ValueError(message)
        if entry.profile is None:
            message = "goes with a 'profile'"
            raise ValueError(message)
    names = (entry.region, entry.group)
    return profiles.spread(count, _profile(source, entry.profile, (*keys, "profile"), own, IMMIGRANT_SHARE, names))


def _axes_of(
    source: Source, own: tuple[int, int], names: tuple[str | None, str | None]
) -> dict[str, Sequence[int | str]]:
    """Dimensions of a table of which the region or group may be named already."""
    axes = dict(source.axes)
    for axis, number, name in zip(("region", "group"), own, names, strict=True):
        if number == 1:
            axes[axis] = (name or axes[axis][0],)
    return axes


def _unplaced(axes: Mapping[str, Sequence[int | str]], found: tuple[int, ...], what: str, named: bool) -> str:
    """Say which column a table lacks."""
    wanted = [(axis, len(axes[axis])) for axis in ("region", "group", "sex", "age")]
    missing = next(axis for (axis, number), there in zip(wanted, found, strict=True) if there != number)
    name = f"name the {missing}, or " if named and missing in {"region", "group"} else ""
    return f"{name}give the table a column '{missing}': {what} cannot be repeated"


def _profile(
    source: Source,
    entry: ReachedTable | RogersCastro | DatasetYears,
    keys: tuple[Key, ...],
    own: tuple[int, int],
    quantity: Quantity,
    names: tuple[str | None, str | None] = (None, None),
) -> Array:
    """Shares by region, group, sex and age that sum to 1, (R, G, 2, A)."""
    if isinstance(entry, RogersCastro):
        with source.at(*keys):
            if own != (1, 1):
                named = "name them, or give a table" if quantity is IMMIGRANT_SHARE else "give a table"
                message = f"a model schedule has no regions and groups; {named}"
                raise ValueError(message)
            curves = _schedule(source, entry, quantity)
            return profiles.normalised(curves[None, None])
    if isinstance(entry, DatasetYears):
        with source.at(*keys):
            return profiles.normalised(_persons_of_dataset(source, entry, own, quantity))
    axes = {name: labels for name, labels in _axes_of(source, own, names).items() if name != "year"}
    shares = source.table(entry, keys, quantity, axes)
    with source.at(*keys, "table"):
        if shares.shape != (*own, len(SEXES), source.ages):
            raise ValueError(_unplaced(axes, shares.shape, "shares", named=quantity is IMMIGRANT_SHARE))
        return profiles.checked_shares(shares)


def _schedule(source: Source, entry: RogersCastro, quantity: Quantity) -> Array:
    """Curve of each sex by age reached, women and men in their shares, (2, A).

    Who reaches age a on 31 December is a old in the middle of the year. Those born in the year are there for half of
    it, at a third of a year on average: the integral of (1 - x) m(x) is m(1/3) / 2 for a curve that is straight there.
    """
    ages = np.array(source.scenario.age_labels, dtype=float)
    ages[0] = source.width / 3
    curves = np.stack([schedules.rogers_castro(ages, **parameters) for parameters in entry.by_sex])
    curves[:, 0] /= 2
    sums = curves.sum(axis=-1, keepdims=True)
    if not sums.min() > 0:
        least = SEXES[int(sums.argmin())]
        message = (
            f"the schedule of {least} migrants adds up to {sums.min():.3g} over the ages; a total takes more than zero"
        )
        raise ValueError(message)
    if quantity is IMMIGRANT_SHARE and curves.min() < 0:
        sex, place = np.unravel_index(int(curves.argmin()), curves.shape)
        message = (
            f"falls below zero at age {source.scenario.age_labels[place]} ({SEXES[sex]}); immigrants are zero or more"
        )
        raise ValueError(message)
    shares: Array = np.array([[entry.female_share], [1 - entry.female_share]]) * curves / sums
    return shares


def _persons_of_dataset(source: Source, entry: DatasetYears, own: tuple[int, int], quantity: Quantity) -> Array:
    """Migrants of an embedded dataset, immigrants or net as asked for, (R, G, 2, A)."""
    name, open_age, states = source.dataset(entry.dataset), source.scenario.ages.open, source.scenario.states
    if quantity is IMMIGRANT_SHARE:
        if own != (1, 1):
            message = "the immigrants of a dataset have no regions and groups; name them, or give a table"
            raise ValueError(message)
        return catalogue.immigration_profile(name, entry.years, open_age)[None, None]
    persons = catalogue.migration_profile(name, entry.years, open_age, states.regions, states.groups)
    return persons if persons.ndim == 4 else persons[None, None]


def emigration(source: Source) -> Leaving:
    """Risks of all streams of emigrants by cohort slot."""
    slots = (len(source.periods), *source.shape, len(SEXES), source.ages + 1)
    close = source.scenario.migration.close
    free = np.zeros(source.shape)
    if close is not None and close.free == "emigration":
        free = balances(source, close.balance).members.sum(axis=0)
    totals: dict[str, Array | None] = {"hazard": None, "share": None, "scaled": None}
    counts: list[tuple[tuple[Key, ...], Count]] = []

    def add(kind: str, risk: Array) -> None:
        total = totals[kind]
        totals[kind] = np.array(risk) if total is None else total + risk

    for index, entry in enumerate(source.scenario.migration.emigration):
        keys: tuple[Key, ...] = ("migration", "emigration", index)
        axes, where = source.named(entry.region, entry.group)
        found = stream(source, entry, keys, axes)
        risk = np.zeros(slots)
        some = np.broadcast_to(found.risk, (slots[0], len(axes["region"]), len(axes["group"]), *slots[3:]))
        risk[np.ix_(range(slots[0]), *where)] = some
        if found.events is not None:
            counts.append(((*keys, "count"), Count(found.events, emigration=engine_layout(risk))))
        elif found.kind == "hazard" and free.any() and not entry.fixed:
            add("scaled", risk * free[..., None, None])
            add("hazard", risk * (1 - free)[..., None, None])
        else:
            add(found.kind, risk)
    return Leaving(totals["hazard"], totals["share"], totals["scaled"], tuple(counts))
