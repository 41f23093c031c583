"""States are apart where nobody moves, add up where their rates are equal, and their order means nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from inputs import cases, fields

from sim.engine import Rates
from sim.engine.risks import hazards

BETWEEN = ("transition_hazard", "transition_share")


def close(found, expected, slack=1e-12, **more):
    np.testing.assert_allclose(found, expected, rtol=slack, atol=slack * np.abs(expected).max(), **more)


def chosen(case, states):
    """The same with some states, in some order."""

    def pick(name, field):
        if field is None or name == "male_share":
            return field
        picked = field[..., states]
        return picked[..., states, :] if name in (*BETWEEN, "child_state") else picked

    rates = Rates(**{name: pick(name, field) for name, field in case.rates._asdict().items()})
    return case._replace(population=case.population[..., states], rates=rates, migrants=case.migrants[..., states])


def picked(name, field, states):
    """A field of a projection with its states in another order."""
    return field[..., states, :][..., states] if name == "transitions" else field[..., states]


@given(cases(immigrants_only=False, moves=(None,), children=False), st.randoms())
def test_states_apart_in_another_order_give_the_same_bits_in_that_order(case, random):
    order = random.sample(range(case.population.shape[-1]), case.population.shape[-1])

    for name, (there, here) in fields(chosen(case, order).project(), case.project()):
        np.testing.assert_array_equal(there, picked(name, here, order), err_msg=name)


@given(cases(immigrants_only=False, moves=(None,), states=(2, 4), children=False), st.data())
def test_some_of_the_states_apart_give_the_same_bits_as_all_together(case, data):
    states = data.draw(st.lists(st.integers(0, case.population.shape[-1] - 1), min_size=1, unique=True))

    for name, (some, every) in fields(chosen(case, states).project(), case.project()):
        np.testing.assert_array_equal(some, picked(name, every, states), err_msg=name)


@given(cases(states=(2, 4)), st.randoms())
def test_states_that_mix_in_another_order_give_the_same_figures_in_that_order(case, random):
    """Not to the bit: sums over the states people come from are taken in another order."""
    order = random.sample(range(case.population.shape[-1]), case.population.shape[-1])

    for name, (there, here) in fields(chosen(case, order).project(), case.project()):
        close(there, picked(name, here, order), err_msg=name)


def national(case):
    """All states together; their rates are equal."""
    alone = chosen(case, [0])
    rates = alone.rates._replace(transition_hazard=None, transition_share=None, child_state=None)
    population, migrants = (part.sum(axis=-1, keepdims=True) for part in (case.population, case.migrants))
    return alone._replace(population=population, rates=rates, migrants=migrants)


def assert_adds_up(case, slack):
    parts, whole = case.project(), national(case).project()
    for name, (one,) in fields(whole):
        several = getattr(parts, name).sum(axis=-1, keepdims=True)
        close(several, one, slack, err_msg=name)


@given(cases(linear=True, equal=True, states=(2, 4), moves=(None,)))
def test_regions_with_equal_rates_add_up_to_the_projection_of_their_sum(case):
    assert_adds_up(case, 1e-11)


@given(cases(linear=True, equal=True, states=(2, 4), moves=("hazard", "share", "both")))
def test_moves_under_equal_rates_keep_the_national_figures(case):
    """But for the newborn of the Swiss office, who are spared deaths at home and take none to where they move."""
    if case.convention == "fso_midyear":
        moves = {name: getattr(case.rates, name) for name in BETWEEN if getattr(case.rates, name) is not None}
        older = (np.arange(case.rates.survival.shape[1]) > 0)[:, None, None, None]
        case = case._replace(rates=case.rates._replace(**{name: move * older for name, move in moves.items()}))
    assert_adds_up(case, 1e-12)


@given(cases(immigrants_only=False, moves=(None,)), st.sampled_from(BETWEEN))
def test_moves_that_nobody_makes_change_nothing(case, kind):
    """To the bit but where there are hazards, for mixed states take another way to the same exponential."""
    slots = case.rates.survival.shape
    still = case._replace(rates=case.rates._replace(**{kind: np.zeros((*slots, slots[-1]))}))

    mixed, single = still.project(), case.project()

    assert not mixed.transitions.any()
    for name, (one,) in fields(single):
        if case.convention == "continuous" or kind == "transition_hazard" or case.rates.emigration_hazard is not None:
            close(getattr(mixed, name), one, err_msg=name)
        else:
            np.testing.assert_array_equal(getattr(mixed, name), one, err_msg=name)


@given(cases(moves=("hazard", "share", "both"), states=(2, 4)))
def test_as_many_arrive_in_all_states_as_depart(case):
    moved = case.project().transitions

    came, went = moved.sum(axis=-1).sum(axis=-1), moved.sum(axis=-2).sum(axis=-1)
    np.testing.assert_allclose(came, went, rtol=1e-13, atol=0)


def by_hazards(case):
    """The same by the hazards that stand for all its risks."""
    risk = hazards(case.rates)
    rates = case.rates._replace(emigration_share=None, transition_share=None)
    return case._replace(rates=rates._replace(emigration_hazard=risk.emigration, transition_hazard=risk.transition))


@given(cases(emigration=("share", "both"), moves=(None,)))
def test_emigration_is_the_same_by_shares_and_by_the_hazards_that_stand_for_them(case):
    for name, (one, other) in fields(by_hazards(case).project(), case.project()):
        close(one, other, err_msg=name)


@given(cases(emigration=("hazard", "both"), states=(2, 4)))
def test_shares_beside_hazards_are_read_as_hazards(case):
    for name, (one, other) in fields(by_hazards(case).project(), case.project()):
        close(one, other, err_msg=name)


@given(cases(("continuous",), states=(2, 4)))
def test_the_continuous_convention_reads_all_risks_as_hazards(case):
    for name, (one, other) in fields(by_hazards(case).project(), case.project()):
        close(one, other, err_msg=name)


def of_stock(share, projection, states):
    """Shares of the people of 1 January, and of the births, of some states, by age reached."""
    events = share[:, 1:] * projection.population[:-1][..., states]
    events[:, -2] += events[:, -1]
    newborn = share[:, :1] * projection.births[:, None][..., states]
    return np.concatenate([newborn, events[:, :-1]], axis=1)


@given(cases(emigration=("share",), moves=(None,)))
def test_a_share_of_emigrants_is_of_the_people_of_1_january(case):
    projection = case._replace(migrants=0 * case.migrants).project()

    close(projection.emigrants, of_stock(case.rates.emigration_share, projection, slice(None)))


@given(cases(("continuous",), emigration=(None, "share"), moves=("share",), states=(2, 4), children=False))
def test_a_share_is_of_those_whose_first_move_of_the_year_it_is(case):
    """Where nobody moves on, moves are first moves: shares of the stock, and of the births at age 0."""
    from_first = np.zeros((case.rates.survival.shape[-1],) * 2)
    from_first[1:, 0] = 1
    rates = case.rates._replace(transition_share=case.rates.transition_share * from_first)

    projection = case._replace(rates=rates, migrants=0 * case.migrants).project()

    close(projection.transitions[..., 0], of_stock(rates.transition_share[..., 0], projection, slice(1)))
