"""What each player brings to a game, whatever the order in which they join: Shapley's value, and Owen's."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from sim.axes import Array

    Player = TypeVar("Player", bound=Hashable)


def coalitions(unions: Sequence[Sequence[Player]]) -> list[frozenset[Player]]:
    """Coalitions whose worth the values of all players depend on.

    Parameters
    ----------
    unions : sequence of sequence of hashable
        Players, by the union that they belong to.

    Returns
    -------
    list of frozenset
        Each once, from nobody to everybody: some whole unions, and some players of one more.
    """
    found = dict.fromkeys(
        frozenset(some).union(*whole)
        for place, union in enumerate(unions)
        for whole in _subsets(_others(unions, place))
        for some in _subsets(union)
    )
    return sorted(found or [frozenset()], key=len)


def number_of_coalitions(unions: Sequence[Sequence[Player]]) -> int:
    """Count what `coalitions` would list, without listing it.

    Parameters
    ----------
    unions : sequence of sequence of hashable
        Players, by the union that they belong to.

    Returns
    -------
    int
        2^m for m unions, and for each of b players 2^(m - 1) (2^b - 2) more.
    """
    divided = sum((1 << len(unions) - 1) * ((1 << len(union)) - 2) for union in unions)
    return (1 << len(unions)) + divided


def values_of_unions(worth: Mapping[frozenset[Player], Array], unions: Sequence[Sequence[Player]]) -> list[Array]:
    """Shapley value of each union, taken as one player.

    Parameters
    ----------
    worth : mapping of frozenset to array
        Worth of each of `coalitions`.
    unions : sequence of sequence of hashable
        Players, by the union that they belong to.

    Returns
    -------
    list of array
        They add up to the worth of everybody less that of nobody.

    Notes
    -----
    Sum over all H of the other m - 1 unions of |H|! (m - |H| - 1)! / m! (v(H and the union) - v(H)): the mean over all
    orders in which the unions can join of what the union adds as it does (Shapley 1953, A value for n-person games, in
    Contributions to the Theory of Games II).
    """
    return [_value(worth, unions, place, [frozenset()], frozenset(union)) for place, union in enumerate(unions)]


def values_of_players(
    worth: Mapping[frozenset[Player], Array], unions: Sequence[Sequence[Player]]
) -> dict[Player, Array]:
    """Owen value of each player.

    Parameters
    ----------
    worth : mapping of frozenset to array
        Worth of each of `coalitions`.
    unions : sequence of sequence of hashable
        Players, by the union that they belong to.

    Returns
    -------
    dict
        Those of a union add up to its value in `values_of_unions`.

    Notes
    -----
    The mean over all orders in which players of a union join one after the other: sum over all H of the other m - 1
    unions and all S of the other b - 1 players of the union of |H|! (m - |H| - 1)! / m! |S|! (b - |S| - 1)! / b!
    (v(H, S and the player) - v(H, S)) (Owen 1977, Values of games with a priori unions, in Mathematical Economics and
    Game Theory).
    """
    found = {}
    for place, union in enumerate(unions):
        for player in union:
            others = _subsets([other for other in union if other != player])
            found[player] = _value(worth, unions, place, others, frozenset({player}))
    return found


def _value(
    worth: Mapping[frozenset[Player], Array],
    unions: Sequence[Sequence[Player]],
    place: int,
    within: Sequence[frozenset[Player]],
    joining: frozenset[Player],
) -> Array:
    """Mean of what some players add as they join, over the orders of the unions and of the players of their own."""
    total = np.zeros_like(next(iter(worth.values())))
    size = max(map(len, within)) + 1
    for whole in _subsets(_others(unions, place)):
        there = frozenset().union(*whole)
        for some in within:
            before = there | some
            weight = _weight(len(whole), len(unions)) * _weight(len(some), size)
            total = total + weight * (worth[before | joining] - worth[before])
    return total


def _weight(there: int, all_players: int) -> float:
    """Share of the orders in which a player joins just after some given ones."""
    return 1 / (all_players * math.comb(all_players - 1, there))


def _others(unions: Sequence[Sequence[Player]], place: int) -> list[tuple[Player, ...]]:
    """All unions but one."""
    return [tuple(union) for other, union in enumerate(unions) if other != place]


def _subsets(members: Sequence[Player]) -> list[frozenset[Player]]:
    """All subsets, from the empty one on."""
    return [frozenset(some) for size in range(len(members) + 1) for some in combinations(members, size)]
