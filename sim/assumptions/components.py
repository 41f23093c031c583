"""Migration of two scenarios mixed component by component: immigrants by motive and group, emigrants by group."""

from typing import Any, NamedTuple

import numpy as np

from sim.assumptions.immigration import Migrants, added_up, people_of
from sim.assumptions.layout import engine_layout
from sim.assumptions.mixing import Steps, closed_alike, counts_of, same
from sim.assumptions.streams import StreamPart
from sim.assumptions.yearly import Assumptions
from sim.axes import Array
from sim.engine import Closing, Count

NET, BALANCE, STAYS, ENDINGS = "net migration", "balance", "length of stay", "titles of stay that end"
"""Components of migration besides immigration and emigration: both together, the balance that they are closed on, how
long immigrants stay, and titles of stay that end."""
Fields = dict[str, Any]


class Division(NamedTuple):
    """What flows are told apart by."""

    groups: tuple[str, ...] = ()
    """Labels of the groups; nothing where they are not told apart."""
    motives: bool = False
    """Whether immigrants are told apart by motive."""


def components(first: Assumptions, second: Assumptions, division: Division) -> list[str]:
    """Components of migration in which two scenarios differ.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages, states and steps.
    division : Division
        What flows are told apart by, where a scenario does.

    Returns
    -------
    list of str
        ``immigration``, ``emigration`` or ``net migration``, with the motive and the group behind a colon where
        there are any ("immigration: family, foreign"); ``balance``, ``length of stay``, ``titles of stay that end``.
        None where the two state migration in different ways, so that their flows cannot be exchanged one by one.
    """
    if first.gross != second.gross or not closed_alike(first, second):
        return []
    by_group = _by_group(first, second, division.groups)
    one, other = (_of_components(side, division, by_group) for side in (first, second))
    return [label for label in dict.fromkeys([*one, *other]) if not same(one.get(label), other.get(label))]


def mixed_components(first: Assumptions, second: Assumptions, division: Division, taken: frozenset[str]) -> Fields:
    """Migration of one scenario with some components of another's.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages, states and steps.
    division : Division
        As in `components`.
    taken : frozenset of str
        Components that are the second scenario's, as `components` names them.

    Returns
    -------
    dict
        Fields of the migration block, as `sim.assumptions.mixing.mixed` takes them.
    """
    number = first.population.shape[1]
    of_groups = division.groups if _by_group(first, second, division.groups) else ()
    leaving = _members(number, "emigration", of_groups, taken)
    came = _came(first, second, division, taken)
    closing = _closing(first, second, came, leaving, (second if BALANCE in taken else first).targets.closing)

    def steps_of(count: Count) -> Steps:
        own = leaving[_groups_of(count, number)]
        return np.full(len(count.total), bool(own.all()))

    return {
        "came": came,
        "migrants": came.persons,
        "gross": first.gross,
        "emigration_hazard": _by_state(first.emigration_hazard, second.emigration_hazard, leaving[:, None, None]),
        "emigration_share": _by_state(first.emigration_share, second.emigration_share, leaving[:, None, None]),
        "endings": (second if ENDINGS in taken else first).endings,
        "closing": closing,
        "counts": counts_of(first, second, "migration", steps_of),
    }


def _label(flow: str, *of: str | None) -> str:
    """Name of a component."""
    told = ", ".join(part for part in of if part)
    return f"{flow}: {told}" if told else flow


def _told(groups: tuple[str, ...], place: int) -> str | None:
    """Label of a group, where groups are told apart."""
    return groups[place] if len(groups) > 1 else None


def _motive(part: StreamPart, division: Division) -> str | None:
    """Motive of a stream, where motives are told apart."""
    return part.motive if division.motives else None


def _of_components(side: Assumptions, division: Division, by_group: bool) -> dict[str, list[Any]]:
    """Everything that a projection depends on, by component; nothing of those that a scenario has not."""
    found: dict[str, list[Any]] = {}

    def add(label: str, content: Any) -> None:  # noqa: ANN401
        found.setdefault(label, []).append(content)

    shape, groups = side.came.persons.shape, division.groups
    for place in range(shape[2]):
        for motive in dict.fromkeys(_motive(part, division) for part in side.came.parts):
            same_motive = (part for part in side.came.parts if _motive(part, division) == motive)
            own = [part for part in same_motive if part.persons[:, :, place].any()]
            if own:
                flows = (flow[:, :, place] for flow in added_up(own, shape, np.ones((1, 1, 1, 1))))
                add(_label("immigration", motive, _told(groups, place)), (place, *flows))
        if not side.came.parts:
            add(_label(NET, _told(groups, place)), side.came.persons[:, :, place])
    for places in [[place] for place in range(shape[2])] if by_group else [list(range(shape[2]))]:
        add(_label("emigration", _told(groups, places[0]) if by_group else None), _leaving(side, places))
    closing = side.targets.closing
    add(BALANCE, None if closing is None else closing.balance)
    add(STAYS, [(each.stay.hazard, each.stay.motive, each.stay.group, each.factor) for each in side.came.staying])
    add(ENDINGS, side.endings)
    return found


def _leaving(side: Assumptions, places: list[int]) -> list[Any]:
    """Emigration of some groups: hazards, shares, hazards that are scaled, counts."""
    groups = side.population.shape[1]
    risks = [
        None if risk is None or not risk[:, :, places].any() else risk[:, :, places]
        for risk in (side.emigration_hazard, side.emigration_share)
    ]
    closing = side.targets.closing
    scaled = None if closing is None or closing.emigration is None else closing.emigration
    own = None if scaled is None else scaled.reshape(*scaled.shape[:-1], -1, groups)[..., places]
    counts = [
        count
        for keys, count in zip(side.target_keys, side.targets.counts, strict=True)
        if keys[0] == "migration" and set(_groups_of(count, groups)) <= set(places)
    ]
    return [*risks, own, counts]


def _by_group(first: Assumptions, second: Assumptions, groups: tuple[str, ...]) -> bool:
    """Whether emigrants are told apart by group, as they can be where no count is of several."""
    if len(groups) < 2:
        return False
    counts = [
        count
        for side in (first, second)
        for keys, count in zip(side.target_keys, side.targets.counts, strict=True)
        if keys[0] == "migration"
    ]
    return all(len(_groups_of(count, len(groups))) <= 1 for count in counts)


def _groups_of(count: Count, groups: int) -> list[int]:
    """Places of the groups whose emigrants a count is of."""
    pattern = np.asarray(count.emigration)
    own = pattern.reshape(*pattern.shape[:-1], -1, groups).any(axis=tuple(range(pattern.ndim)))
    return [int(place) for place in np.flatnonzero(own)]


def _members(number: int, flow: str, groups: tuple[str, ...], taken: frozenset[str], *of: str | None) -> Array:
    """Whether a flow of each of so many groups is the second scenario's, (G,)."""
    return np.array([_label(flow, *of, _told(groups, place)) in taken for place in range(number)])


def _by_state(one: Array | None, other: Array | None, members: Array) -> Array | None:
    """Risks by state, of one scenario or the other."""
    if one is None and other is None:
        return None
    return np.where(members, 0.0 if other is None else other, 0.0 if one is None else one)


def _came(first: Assumptions, second: Assumptions, division: Division, taken: frozenset[str]) -> Migrants:
    """Immigrants, or net migrants where only these are stated."""
    if not first.gross:
        members = _members(first.population.shape[1], NET, division.groups, taken)[:, None, None]
        return Migrants(np.where(members, second.came.persons, first.came.persons), None)
    parts = [*_parts(first, division, taken, own=False), *_parts(second, division, taken, own=True)]
    free = _free(first)
    fixed, scaled = added_up(parts, first.came.persons.shape, free)
    stays = (second if STAYS in taken else first).came.staying
    staying = tuple(people_of(each.stay, parts, free, each.factor) for each in stays)
    return Migrants(fixed, None if first.came.scaled is None else scaled, staying=staying)


def _parts(side: Assumptions, division: Division, taken: frozenset[str], *, own: bool) -> list[StreamPart]:
    """Streams of a scenario with those of its people who are taken from it."""
    found = []
    for part in side.came.parts:
        motive = _motive(part, division)
        members = _members(side.population.shape[1], "immigration", division.groups, taken, motive) == own
        found.append(part._replace(persons=part.persons * members[:, None, None]))
    return found


def _free(side: Assumptions) -> Array:
    """1 for the states whose immigrants are scaled to close a balance, else 0, (R, G, 1, 1)."""
    closing = side.targets.closing
    if closing is None or closing.immigrants is None:
        return np.zeros((*side.population.shape[:2], 1, 1))
    free: Array = closing.members.sum(axis=0).reshape(*side.population.shape[:2], 1, 1)
    return free


def _closing(
    first: Assumptions, second: Assumptions, came: Migrants, leaving: Array, balance: Closing | None
) -> Closing | None:
    """Balances with the flows that are scaled to meet them."""
    one, other = first.targets.closing, second.targets.closing
    if one is None or other is None or balance is None:
        return None
    regions = first.population.shape[0]
    return Closing(
        balance.balance,
        one.members,
        None if came.scaled is None else engine_layout(came.scaled),
        _by_state(one.emigration, other.emigration, np.tile(leaving, regions)),
    )
