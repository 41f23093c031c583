"""Values of players against the mean over all orders, written out."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.analysis.shapley import coalitions, number_of_coalitions, values_of_players, values_of_unions

DIVIDED = [["a"], ["b1", "b2", "b3"], ["c1", "c2"]]


def random_game(unions, seed):
    """A worth for every coalition that the values depend on."""
    random = np.random.default_rng(seed)
    return {coalition: random.normal(size=4) for coalition in coalitions(unions)}


def orders(unions):
    """All orders in which the players of a union come one after the other."""
    for whole in itertools.permutations(unions):
        for each in itertools.product(*(list(itertools.permutations(union)) for union in whole)):
            yield list(itertools.chain(*each))


def mean_over_orders(unions, worth):
    """What each player adds as it joins, in the mean over all orders."""
    gained, every = {}, list(orders(unions))
    for order in every:
        there = frozenset()
        for player in order:
            gained.setdefault(player, []).append(worth[there | {player}] - worth[there])
            there |= {player}
    return {player: np.mean(parts, axis=0) for player, parts in gained.items()}


@pytest.mark.parametrize("unions", [[["a"]], [["a"], ["b"], ["c"], ["d"]], DIVIDED, [["a", "b", "c", "d"]]])
def test_values_are_the_mean_over_all_orders(unions):
    worth = random_game(unions, seed=1)

    found, slow = values_of_players(worth, unions), mean_over_orders(unions, worth)

    assert found.keys() == slow.keys()
    for player, value in found.items():
        np.testing.assert_allclose(value, slow[player], rtol=0, atol=1e-14)


def test_a_union_has_what_its_players_have_together():
    worth = random_game(DIVIDED, seed=2)

    players, unions = values_of_players(worth, DIVIDED), values_of_unions(worth, DIVIDED)

    for union, value in zip(DIVIDED, unions, strict=True):
        np.testing.assert_allclose(value, sum(players[player] for player in union), rtol=0, atol=1e-14)


def test_a_union_is_worth_what_it_would_be_as_one_player():
    worth = random_game(DIVIDED, seed=3)
    names = {"a": ["a"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2"]}
    plain = {
        frozenset(some): worth[frozenset(itertools.chain(*(names[name] for name in some)))]
        for size in range(4)
        for some in itertools.combinations(names, size)
    }

    whole = mean_over_orders([["a"], ["b"], ["c"]], plain)

    for value, name in zip(values_of_unions(worth, DIVIDED), names, strict=True):
        np.testing.assert_allclose(value, whole[name], rtol=0, atol=1e-14)


@settings(max_examples=60, deadline=None)
@given(sizes=some.lists(some.integers(1, 3), min_size=1, max_size=4), seed=some.integers(0, 2**32 - 1))
def test_values_add_up_to_the_whole_in_whatever_order_players_are_listed(sizes, seed):
    unions = [[f"{place}.{player}" for player in range(size)] for place, size in enumerate(sizes)]
    worth = random_game(unions, seed)
    shuffled = [unions[place][::-1] for place in np.random.default_rng(seed).permutation(len(unions))]

    found, again = values_of_players(worth, unions), values_of_players(worth, shuffled)

    whole = worth[frozenset(itertools.chain(*unions))] - worth[frozenset()]
    np.testing.assert_allclose(sum(found.values()), whole, rtol=0, atol=1e-12)
    for player, value in found.items():
        np.testing.assert_allclose(again[player], value, rtol=0, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(sizes=some.lists(some.integers(1, 3), min_size=2, max_size=4), seed=some.integers(0, 2**32 - 1))
def test_who_never_adds_anything_has_nothing(sizes, seed):
    unions = [[f"{place}.{player}" for player in range(size)] for place, size in enumerate(sizes)]
    idle = frozenset({unions[0][0]})
    random, without = np.random.default_rng(seed), {}
    worth = {coalition: without.setdefault(coalition - idle, random.normal(size=4)) for coalition in coalitions(unions)}

    np.testing.assert_array_equal(values_of_players(worth, unions)[unions[0][0]], 0)


@pytest.mark.parametrize("unions", [[], [["a"]], DIVIDED, [["a", "b"], ["c"], ["d", "e", "f"]]])
def test_coalitions_are_counted_without_being_listed(unions):
    listed = coalitions(unions)

    assert len(listed) == len(set(listed)) == number_of_coalitions(unions)
    assert listed[0] == frozenset()
    assert listed[-1] == frozenset(itertools.chain(*unions))


def test_a_game_of_m_blocks_has_all_their_subsets():
    assert len(coalitions([[name] for name in "abcdef"])) == 64
    assert math.comb(6, 3) == sum(len(coalition) == 3 for coalition in coalitions([[name] for name in "abcdef"]))
