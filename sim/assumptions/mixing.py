"""Assumptions of two scenarios mixed block by block, those of one in some steps and of the other in the rest."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.assumptions.immigration import Migrants, Staying
from sim.assumptions.yearly import Assumptions
from sim.axes import Array
from sim.engine import Closing, Count
from sim.errors import DataError
from sim.scenario.yamlfile import Key

BLOCKS = ("population", "fertility", "mortality", "migration", "nationality", "moves")
"""Assumptions that are mixed as one. Fertility holds the sexes at birth; migration the pipelines, policies, stays and
titles that end; nationality the changes of group and the group of the newborn."""
Steps = NDArray[np.bool_]
"""(n,) whether the assumptions of a step are the other scenario's."""
Counts = list[tuple[tuple[Key, ...], Count]]
_DEMOGRAPHY = {
    "population": ("population",),
    "fertility": ("fertility_before_birthday", "fertility_after_birthday", "male_share"),
    "mortality": ("survival",),
}
_TARGETS = {"fertility": "total_fertility", "mortality": "life_expectancy"}
"""What the states of a block are brought to together."""


def mixed(
    first: Assumptions, second: Assumptions, taken: Mapping[str, Steps], migration: Mapping[str, Any] | None = None
) -> Assumptions:
    """Assumptions of a scenario with some of another's.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages, states and steps.
    taken : mapping of str to (n,) array of bool
        For each of `BLOCKS` the steps in which the second scenario's are taken; the population, which is of no step,
        is taken in all steps or in none.
    migration : mapping of str, optional
        Fields of the migration block with their values, ``counts`` among them, where these are mixed otherwise (see
        `sim.assumptions.components`).

    Returns
    -------
    Assumptions
        Complete. A block that comes from one scenario is that scenario's own, to the bit.

    Raises
    ------
    DataError
        If the counts of one scenario would stand beside the shares of the other: they cannot be told apart.
    """
    fields: dict[str, Any] = {
        name: _picked(getattr(first, name), getattr(second, name), taken[block])
        for block, names in _DEMOGRAPHY.items()
        for name in names
    }
    targets = {
        name: _picked(getattr(first.targets, name), getattr(second.targets, name), taken[block])
        for block, name in _TARGETS.items()
    }
    crossing = dict(_migration(first, second, taken["migration"]) if migration is None else migration)
    counts = crossing.pop("counts")
    closing = crossing.pop("closing")
    counts += [*_counts(first, second, "nationality", taken), *_counts(first, second, "moves", taken)]
    fields |= crossing | _between_states(first, second, taken)
    whole = first._replace(
        **fields,
        targets=first.targets._replace(**targets, closing=closing, counts=tuple(count for _, count in counts)),
        target_keys=tuple(keys for keys, _ in counts),
    )
    _check_told_apart(whole)
    return whole


def differing(first: Assumptions, second: Assumptions) -> list[str]:
    """Blocks in which the assumptions of two scenarios differ.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages, states and steps.

    Returns
    -------
    list of str
        Some of `BLOCKS`, in their order.
    """
    return [block for block in BLOCKS if not same(_of_block(first, block), _of_block(second, block))]


def differs_in(first: Assumptions, second: Assumptions, block: str, steps: Steps) -> bool:
    """Whether a block of two scenarios differs in some steps.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages, states and steps.
    block : str
        One of `BLOCKS` that is not `indivisible`.
    steps : (n,) array of bool
        Where to look.

    Returns
    -------
    bool
        False where it does not matter of which scenario these steps are.
    """

    def taking(own: Steps) -> list[Any]:
        nothing = np.zeros(len(steps), dtype=np.bool_)
        return _of_block(mixed(first, second, dict.fromkeys(BLOCKS, nothing) | {block: own}), block)

    some, all_steps = np.asarray(steps), np.ones(len(steps), dtype=np.bool_)
    return not (same(taking(some), taking(~all_steps)) or same(taking(~some), taking(all_steps)))


def indivisible(first: Assumptions, second: Assumptions, block: str) -> str:
    """Why a block cannot be the first scenario's in some steps and the second's in others; empty where it can.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages, states and steps.
    block : str
        One of `BLOCKS`.

    Returns
    -------
    str
        What only one of them has.
    """
    if block == "population":
        return "it is of one day"
    target = _TARGETS.get(block)
    if target is not None and (getattr(first.targets, target) is None) != (getattr(second.targets, target) is None):
        return f"only one of the two brings all states together to a {target.replace('_', ' ')}"
    if block == "migration":
        if not closed_alike(first, second):
            return "the two close migration on balances of different kinds, or only one does"
        if not same(*([each.stay.hazard for each in one.came.staying] for one in (first, second))):
            return "the lengths of stay differ"
    return ""


def closed_alike(first: Assumptions, second: Assumptions) -> bool:
    """Whether two scenarios close their gross flows on balances of the same people, on the same side, or neither does.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages and states.

    Returns
    -------
    bool
        Whether their flows may be mixed and closed.
    """
    one, other = first.targets.closing, second.targets.closing
    if one is None or other is None:
        return one is other
    return np.array_equal(one.members, other.members) and (one.immigrants is None) == (other.immigrants is None)


def same(one: Any, other: Any) -> bool:  # noqa: ANN401
    """Whether two assumptions, or parts of them, are equal in all their numbers.

    Parameters
    ----------
    one, other : array, tuple, list, mapping, or plain value
        What is compared.

    Returns
    -------
    bool
        False where their kinds or shapes differ, too.
    """
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return one is other or (one is not None and other is not None and np.array_equal(one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    return bool(one == other)


def picked_or_identity(one: Array | None, other: Array | None, steps: Steps) -> Array | None:
    """Shares of groups, (n, G, G), of one scenario or the other; those who keep their group where one has none.

    Parameters
    ----------
    one, other : (n, G, G) array or None
        Of both scenarios.
    steps : (n,) array of bool
        Where the second is taken.

    Returns
    -------
    (n, G, G) array or None
        None where none are taken.
    """
    given = one if one is not None else other
    if given is None or not steps.any() or steps.all():
        return _picked(one, other, steps)
    keeping = np.broadcast_to(np.eye(given.shape[-1]), given.shape)
    return _picked(keeping if one is None else one, keeping if other is None else other, steps)


def counts_of(first: Assumptions, second: Assumptions, block: str, steps_of: Callable[[Count], Steps]) -> Counts:
    """Counts of a block in a mixture, with their key paths.

    Parameters
    ----------
    first, second : Assumptions
        Of the same ages, states and steps.
    block : str
        One of `BLOCKS`.
    steps_of : function
        From a count the steps in which the second scenario's is taken.

    Returns
    -------
    list of (tuple, Count)
        Those of the first scenario, then those of the second with other patterns; a total is zero in the steps in which
        the other scenario's is taken.
    """
    stated = [
        {keys: count for keys, count in zip(side.target_keys, side.targets.counts, strict=True) if keys[0] == block}
        for side in (first, second)
    ]
    shared = {keys for keys, count in stated[0].items() if keys in stated[1] and same(count[1:], stated[1][keys][1:])}
    found: Counts = []
    for keys, count in stated[0].items():
        steps = steps_of(count)
        other = stated[1][keys].total if keys in shared else np.zeros_like(count.total)
        found += [(keys, count._replace(total=np.where(steps, other, count.total)))]
    for keys, count in stated[1].items():
        if keys not in shared:
            found.append((keys, count._replace(total=np.where(steps_of(count), count.total, 0.0))))
    return [(keys, count) for keys, count in found if count.total.any()]


def _picked(one: Array | None, other: Array | None, steps: Steps) -> Array | None:
    """Array of one scenario in some steps, of the other in the rest; nothing counts as zeros beside something."""
    if not steps.any():
        return one
    if steps.all() or (one is None and other is None):
        return other
    given = np.asarray(one if one is not None else other)
    nothing = np.zeros_like(given)
    return _at(steps, nothing if one is None else one, nothing if other is None else other)


def _at(steps: Steps, one: Array, other: Array) -> Array:
    """Array of one scenario, in some steps of the other."""
    return np.where(steps.reshape(-1, *[1] * (one.ndim - 1)), other, one)


def _of_block(assumptions: Assumptions, block: str) -> list[Any]:
    """Everything of a block that a projection depends on."""
    counts = [
        count
        for keys, count in zip(assumptions.target_keys, assumptions.targets.counts, strict=True)
        if keys[0] == block
    ]
    if block in _DEMOGRAPHY:
        target = _TARGETS.get(block)
        found = [getattr(assumptions, name) for name in _DEMOGRAPHY[block]]
        return [*found, None if target is None else getattr(assumptions.targets, target)]
    if block == "migration":
        came = assumptions.came
        staying = [(each.stay.hazard, *each[1:]) for each in came.staying]
        named = [getattr(assumptions, name) for name in ("emigration_hazard", "emigration_share", "endings")]
        return [came.persons, came.scaled, staying, *named, assumptions.targets.closing, counts]
    within = block == "nationality"
    moves = [_part(risk, assumptions, within=within) for risk in _risks(assumptions)]
    return [*moves, counts, _child_group(assumptions) if within else None]


def _child_group(assumptions: Assumptions) -> Array | None:
    """Mother's group → child's; None where it is the mother's throughout."""
    matrix = assumptions.child_group
    return None if matrix is None or (matrix == np.eye(matrix.shape[-1])).all() else matrix


def _risks(assumptions: Assumptions) -> tuple[Array | None, Array | None]:
    """Risks of moving from state to state, as hazards and as shares."""
    return assumptions.transition_hazard, assumptions.transition_share


def _part(risk: Array | None, assumptions: Assumptions, *, within: bool) -> Array | None:
    """Risks of moving within a region, to another group, or to another region; None where there are none."""
    if risk is None:
        return None
    regions, groups = assumptions.population.shape[:2]
    here = np.kron(np.eye(regions), np.ones((groups, groups)))
    own: Array = risk * (here if within else 1 - here)
    return own if own.any() else None


def _between_states(first: Assumptions, second: Assumptions, taken: Mapping[str, Steps]) -> dict[str, Array | None]:
    """Risks of moving from state to state, and the group of the newborn."""
    child = picked_or_identity(first.child_group, second.child_group, taken["nationality"])
    found: dict[str, Array | None] = {"child_group": child}
    alike = np.array_equal(taken["nationality"], taken["moves"])
    for name, one, other in zip(("transition_hazard", "transition_share"), _risks(first), _risks(second), strict=True):
        if alike:
            found[name] = _picked(one, other, taken["nationality"])
            continue
        parts = [
            _picked(_part(one, first, within=within), _part(other, second, within=within), taken[block])
            for block, within in (("nationality", True), ("moves", False))
        ]
        there = [part for part in parts if part is not None]
        found[name] = np.sum(there, axis=0) if there else None
    return found


def _counts(first: Assumptions, second: Assumptions, block: str, taken: Mapping[str, Steps]) -> Counts:
    """Counts of a block that is mixed by steps."""
    return counts_of(first, second, block, lambda _: taken[block])


def _migration(first: Assumptions, second: Assumptions, steps: Steps) -> dict[str, Any]:
    """Fields of the migration block, mixed by steps."""
    own = second if steps.all() else first
    fields: dict[str, Any] = {
        name: _picked(getattr(first, name), getattr(second, name), steps)
        for name in ("migrants", "emigration_hazard", "emigration_share")
    }
    fields |= {
        "endings": picked_or_identity(first.endings, second.endings, steps),
        "gross": own.gross,
        "came": own.came,
        "closing": own.targets.closing,
        "counts": counts_of(first, second, "migration", lambda _: steps),
    }
    if not steps.any() or steps.all():
        return fields
    one, other = first.came, second.came
    fields["came"] = Migrants(
        _at(steps, one.persons, other.persons),
        _picked(one.scaled, other.scaled, steps),
        staying=tuple(_staying(*pair, steps) for pair in zip(one.staying, other.staying, strict=True)),
    )
    fields["gross"] = first.gross and second.gross
    fields["closing"] = _closing(first.targets.closing, second.targets.closing, steps)
    return fields


def _staying(one: Staying, other: Staying, steps: Steps) -> Staying:
    """Immigrants of a stay, mixed by steps."""
    fixed, scaled = (_at(steps, getattr(one, name), getattr(other, name)) for name in ("fixed", "scaled"))
    return Staying(one.stay, fixed, scaled, _at(steps, one.factor, other.factor))


def _closing(one: Closing | None, other: Closing | None, steps: Steps) -> Closing | None:
    """Balances that flows are brought to, mixed by steps."""
    if one is None or other is None:
        return None
    return Closing(
        np.asarray(_picked(one.balance, other.balance, steps)),
        one.members,
        _picked(one.immigrants, other.immigrants, steps),
        _picked(one.emigration, other.emigration, steps),
    )


def _check_told_apart(assumptions: Assumptions) -> None:
    """Refuse shares beside risks that are solved for: what is a share's would be counted as the others'."""
    closing = assumptions.targets.closing
    solved = assumptions.targets.counts or (closing is not None and closing.emigration is not None)
    shares = (assumptions.emigration_share, assumptions.transition_share)
    if solved and any(share is not None and share.any() for share in shares):
        message = (
            "one scenario states emigrants or movers as shares, the other as counts, or closes a balance by "
            "emigration: these cannot stand beside each other; give hazards instead of shares"
        )
        raise DataError(message)
