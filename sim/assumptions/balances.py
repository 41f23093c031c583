"""Balances of immigration and emigration, of all or of parts of the population."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.source import Source
from sim.axes import Array
from sim.scenario.inputs import PartOfPersons, PersonsPath


class Balances(NamedTuple):
    """Balances of parts of the population."""

    persons: Array
    """(n, m) immigrants less emigrants."""
    members: Array
    """(m, R, G) 1 for the states that a balance is of, else 0."""


def balances(source: Source, balance: PersonsPath | tuple[PartOfPersons, ...]) -> Balances:
    """Balance of all, or of each part that is listed."""
    if isinstance(balance, PersonsPath):
        return Balances(source.persons(balance)[:, None], np.ones((1, *source.shape)))
    persons = np.stack([source.persons(part) for part in balance], axis=-1)
    return Balances(persons, np.stack([source.places(part.region, part.group) for part in balance]))


def closed_states(source: Source) -> Array:
    """States of which a balance is stated that gross flows are brought to, (R, G) of 0 and 1."""
    close = source.scenario.migration.close
    if close is None:
        return np.zeros(source.shape)
    marked: Array = balances(source, close.balance).members.sum(axis=0)
    return marked


def scaled_states(source: Source, free: str) -> Array:
    """States whose streams of one side, immigration or emigration, are scaled to close a balance, (R, G) of 0 and 1."""
    close = source.scenario.migration.close
    return closed_states(source) if close is not None and close.free == free else np.zeros(source.shape)
