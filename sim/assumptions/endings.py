"""Titles of stay that end on a 1 January."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.immigration import Migrants
from sim.assumptions.movements import Transitions
from sim.assumptions.source import Source
from sim.axes import Array
from sim.scenario.migration import Ending


class Ended(NamedTuple):
    """Titles of stay that end."""

    shares: Array | None
    """(n, G, G) share of a group on 1 January (last axis) who are in a group when titles have ended (axis before), what
    a column lacks from 1 leaves; None where no title ends."""


def endings(source: Source, came: Migrants | None, moved: Transitions | None, child_group: Array | None) -> Ended:
    """Titles of stay that end on a 1 January.

    Parameters
    ----------
    source : Source
        Where arrays come from.
    came : Migrants or None
        Immigrants; None where they have faults of their own.
    moved : Transitions or None
        Changes of group; None where they have faults of their own.
    child_group : (n, G, G) array or None
        Mother's group (last axis) → child's group; None where it is the mother's.

    Returns
    -------
    Ended
        By group; the same in all regions.

    Raises
    ------
    ScenarioError
        If people come to a group whose title has ended for all.
    """
    stated, groups = source.scenario.migration.endings, source.scenario.states.groups
    if not stated:
        return Ended(None)
    shares = np.tile(np.eye(len(groups)), (len(source.periods), 1, 1))
    for place, ending in enumerate(stated):
        with source.at("migration", "endings", place):
            _check_nobody_comes(source, ending, came)
            _check_nobody_joins(source, ending, moved, child_group)
        total = ending.extended + ending.leave + sum(ending.to.values())
        column = np.zeros(len(groups))
        column[groups.index(ending.group)] = ending.extended / total
        for label, share in ending.to.items():
            column[groups.index(label)] = share / total
        shares[source.periods.index(ending.year), :, groups.index(ending.group)] = column
    return Ended(shares)


def _check_nobody_comes(source: Source, ending: Ending, came: Migrants | None) -> None:
    """Refuse immigrants, or people of another title that ends, in a group whose title has ended for all."""
    if ending.extended > 0:
        return
    when = f"though nobody keeps that title after 1 January {ending.year}"
    group, first = source.scenario.states.groups.index(ending.group), source.periods.index(ending.year)
    if came is not None:
        persons = came.persons if came.scaled is None else came.persons + came.scaled
        still = persons[first:, :, group].sum(axis=(1, 2, 3))
        if still.any():
            step = int(np.flatnonzero(still)[0])
            message = (
                f"{still[step]:,.6g} persons still immigrate to '{ending.group}' in {source.periods[first + step]}, "
                f"{when}: end their streams before"
            )
            raise ValueError(message)
    for other in source.scenario.migration.endings:
        if other.year >= ending.year and other.to.get(ending.group):
            message = f"those of '{other.group}' join '{ending.group}' in {other.year}, {when}"
            raise ValueError(message)


def _check_nobody_joins(source: Source, ending: Ending, moved: Transitions | None, child_group: Array | None) -> None:
    """Refuse changes to a group whose title has ended for all, and children born into it by mothers of others."""
    if ending.extended > 0:
        return
    groups = source.scenario.states.groups
    group, first = groups.index(ending.group), source.periods.index(ending.year)
    others = [place for place in range(len(groups)) if place != group]
    steps = np.zeros(len(source.periods) - first)
    risks = [] if moved is None else [moved.hazard, moved.share]
    for _, count in () if moved is None else moved.counts:
        pattern = count.transition
        risks.append(None if pattern is None else pattern * np.reshape(count.total, (-1, 1, 1, 1, 1)))
    for risk in risks:
        if risk is not None:
            of_group = risk[first:, :, :, group :: len(groups)]
            joining = of_group.reshape(*of_group.shape[:-1], -1, len(groups))[..., others]
            steps += joining.sum(axis=(1, 2, 3, 4, 5))
    what = "people still change to"
    if child_group is not None and not steps.any():
        steps, what = child_group[first:, group, others].sum(axis=1), "children are still born into"
    if steps.any():
        year = source.periods[first + int(np.flatnonzero(steps)[0])]
        message = f"{what} '{ending.group}' in {year}, though nobody keeps that title after 1 January {ending.year}"
        raise ValueError(message)
