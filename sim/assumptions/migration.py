"""Migrants of every year: a balance, a table, or immigrants and the risks of emigration."""

import numpy as np

from sim.assumptions.source import Source, with_open_slot
from sim.axes import SEXES, UNDIVIDED, Array
from sim.data import catalogue
from sim.migration import profiles
from sim.readers.table import Quantity
from sim.scenario.inputs import DatasetYears, ReachedTable
from sim.scenario.paths import values
from sim.scenario.schema import Emigration
from sim.scenario.yamlfile import Key

NET_PERSONS = Quantity("number of net migrants", low=-1e12, high=1e12)
SHARE = Quantity("share", low=-1e6, high=1e6)
IMMIGRANT_SHARE = Quantity("share of immigrants", low=0, high=1)
HAZARD = Quantity("hazard of emigration", low=0)
EMIGRANT_SHARE = Quantity("share of emigrants", low=0, high=1)
NOT_REPEATED = "the table needs a column for each of region, group, sex and age that is divided: {} cannot be repeated"


def migrants(source: Source) -> Array:
    """Net migrants or immigrants, (n, R, G, 2, A)."""
    migration = source.scenario.migration
    shape = (len(source.years), *source.shape, len(SEXES), source.ages)
    if migration.net is not None:
        net = source.table(migration.net, ("migration", "net"), NET_PERSONS, source.axes)
        with source.at("migration", "net", "table"):
            if net.shape[1:] != shape[1:]:
                raise ValueError(NOT_REPEATED.format("persons"))
        return np.broadcast_to(net, shape)
    if migration.balance is not None and migration.profile is not None:
        shares = _profile(source, migration.profile, ("migration", "profile"), source.shape, SHARE)
        return profiles.spread(values(migration.balance, source.years), shares)
    return _immigrants(source, shape)


def _immigrants(source: Source, shape: tuple[int, ...]) -> Array:
    """Sum of all streams of immigrants, (n, R, G, 2, A)."""
    states, total = source.scenario.states, np.zeros(shape)
    for index, stream in enumerate(source.scenario.migration.immigration):
        keys: tuple[Key, ...] = ("migration", "immigration", index)
        with source.at(*keys):
            region = _place("region", stream.region, states.regions)
            group = _place("group", stream.group, states.groups)
        with source.at(*keys, "count"):
            count = values(stream.count, source.years)
            if not count.min() >= 0:
                message = f"falls to {count.min():g}; immigrants are zero or more"
                raise ValueError(message)
        with source.at(*keys, "profile"):
            if isinstance(stream.profile, DatasetYears):
                message = "a dataset knows net migrants only, and they are no profile of immigrants; give a table"
                raise ValueError(message)
        shares = _profile(source, stream.profile, (*keys, "profile"), (1, 1), IMMIGRANT_SHARE)
        total[:, region, group] += profiles.spread(count, shares)[:, 0, 0]
    return total


def _place(key: str, label: str | None, labels: tuple[str, ...]) -> int:
    """Index of the region or group of a stream, which must be named where there are several."""
    if label is None and len(labels) > 1:
        message = f"needs a {key}; there are: {', '.join(labels)}"
        raise ValueError(message)
    return labels.index(label) if label is not None else 0


def _profile(
    source: Source,
    entry: ReachedTable | DatasetYears,
    keys: tuple[Key, ...],
    states: tuple[int, ...],
    quantity: Quantity,
) -> Array:
    """Shares by region, group, sex and age that sum to 1, (R, G, 2, A)."""
    if isinstance(entry, DatasetYears):
        with source.at(*keys):
            if states != (1, 1):
                message = "a profile of a dataset has no regions and groups; give a table with these columns"
                raise ValueError(message)
            name = source.dataset(entry.dataset)
            persons = catalogue.migration_profile(name, entry.years, source.scenario.ages.open)
            shares = profiles.normalised(persons[None, None])
    else:
        axes = {name: source.axes[name] for name in ("region", "group", "sex", "age")}
        if states == (1, 1):
            axes.update(region=(UNDIVIDED,), group=(UNDIVIDED,))
        shares = source.table(entry, keys, quantity, axes)
        with source.at(*keys, "table"):
            if shares.shape != (*states, len(SEXES), source.ages):
                raise ValueError(NOT_REPEATED.format("shares"))
            shares = profiles.checked_shares(shares)
    return shares


def emigration(source: Source, kind: str) -> Array | None:
    """Sum of the hazards, or of the shares, of all streams of emigrants by cohort slot; None without any."""
    states, total = source.scenario.states, None
    slots = (len(source.years), *source.shape, len(SEXES), source.ages + 1)
    for index, stream in enumerate(source.scenario.migration.emigration):
        entry = getattr(stream, kind)
        if entry is None:
            continue
        keys: tuple[Key, ...] = ("migration", "emigration", index, kind)
        with source.at(*keys):
            _check_risk(source, stream)
        table = source.table(entry, keys, HAZARD if kind == "hazard" else EMIGRANT_SHARE, source.axes)
        total = np.zeros(slots) if total is None else total
        risk = np.broadcast_to(with_open_slot(table), slots)
        regions = [place for place, label in enumerate(states.regions) if stream.region in {None, label}]
        groups = [place for place, label in enumerate(states.groups) if stream.group in {None, label}]
        chosen = np.ix_(range(len(source.years)), regions, groups)
        total[chosen] += risk[chosen]
    with source.at("migration", "emigration"):
        if kind == "share" and total is not None and not total.max() < 1:
            message = "the shares of emigration of a cohort add up to 1 or more"
            raise ValueError(message)
    return total


def _check_risk(source: Source, stream: Emigration) -> None:
    """Refuse hazards where the convention knows none, and hazards beside shares."""
    if stream.hazard is not None and source.scenario.convention == "wpp_end":
        message = "the convention 'wpp_end' knows no hazards; give shares of the 1 January stock, or use 'continuous'"
        raise ValueError(message)
    if len({other.hazard is None for other in source.scenario.migration.emigration}) > 1:
        message = "hazards and shares of emigration cannot be mixed in one scenario"
        raise ValueError(message)
