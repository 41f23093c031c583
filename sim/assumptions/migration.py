"""Migrants of every year: a balance, a table of net migrants, or gross flows."""

import numpy as np

from sim.assumptions.balances import Balances, balances
from sim.assumptions.immigration import Migrants, immigrants
from sim.assumptions.profile import SHARE, profile, unplaced
from sim.assumptions.source import Source
from sim.axes import SEXES
from sim.migration import profiles
from sim.readers.table import Quantity

NET_PERSONS = Quantity("number of net migrants", low=-1e12, high=1e12)


def migrants(source: Source) -> Migrants:
    """Net migrants or immigrants of every step."""
    migration = source.scenario.migration
    shape = (len(source.periods), *source.shape, len(SEXES), source.ages)
    if migration.net is not None:
        net = source.table(migration.net, ("migration", "net"), NET_PERSONS, source.axes)
        with source.at("migration", "net", "table"):
            if net.shape[1:] != shape[1:]:
                raise ValueError(unplaced(source.axes, net.shape[1:], "persons", named=False))
        return Migrants(np.broadcast_to(net * source.width, shape), None)
    if migration.balance is not None and migration.profile is None:
        return Migrants(np.zeros(shape), None)
    if migration.balance is not None and migration.profile is not None:
        shares = profile(source, migration.profile, ("migration", "profile"), source.shape, SHARE)
        stated = balances(source, migration.balance)
        with source.at("migration", "balance"):
            _check_everywhere(source, stated)
        total = np.zeros(shape)
        for persons, member in zip(stated.persons.T, stated.members, strict=True):
            with source.at("migration", "profile"):
                total += profiles.spread(persons, profiles.of_part(shares, member))
        return Migrants(total, None)
    return immigrants(source, shape)


def _check_everywhere(source: Source, stated: Balances) -> None:
    """Refuse balances by region or group that leave some people out: they would not migrate at all."""
    states, left_out = source.scenario.states, np.argwhere(stated.members.sum(axis=0) == 0)
    if len(left_out):
        region, group = (int(place) for place in left_out[0])
        message = f"leaves out {states.regions[region]}, {states.groups[group]}; state a balance for everybody, or zero"
        raise ValueError(message)
