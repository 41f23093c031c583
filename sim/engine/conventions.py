"""Named conventions: how the hazards and movements of a year are ordered within it.

A convention turns rates and migrants into operators and entrants; the projection never asks which one it runs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.axes import FEMALE, Array
from sim.demography.hazards import (
    death_hazard,
    emigration_hazard,
    entrant_years_of_newborn_entrants,
    exposure,
)
from sim.engine.generator import Propagators, generator, propagators
from sim.engine.operators import Entrants, Operators, Part, Rates
from sim.errors import ProjectionError

Convention = Callable[[Rates, Array], tuple[Operators, Entrants]]


def continuous(rates: Rates, migrants: Array) -> tuple[Operators, Entrants]:
    """Hazards are constant within a cohort's year; migrants and births arrive evenly.

    Parameters
    ----------
    rates : Rates
        Rates of n years; survival ratios above zero.
    migrants : (n, A, 2, K) array
        Immigrants, or net migrants where only a balance is known, by age reached.

    Returns
    -------
    operators : Operators
        Exact for constant hazards.
    entrants : Entrants
        All during the year.

    Raises
    ------
    ProjectionError
        If no finite hazard leads to a survival ratio, such as zero, or takes a share of emigrants.

    Notes
    -----
    With phi_k of the generator: stock survives by phi_0 and lives phi_1 person-years, entrants by phi_1 and
    phi_2, births by phi_1 and phi_2, migrants who were born in the year by 2 phi_2 and 2 phi_3.
    """
    hazards = _hazards(rates)
    leaving = hazards.death if hazards.emigration is None else hazards.death + hazards.emigration
    if hazards.transition is None:
        survive, stock_years, entrant_survive, entrant_years = _single_states(leaving)
    else:
        survive, stock_years, entrant_survive, entrant_years = _mixed_states(leaving, hazards.transition)
    of_stock = _part(survive, stock_years, hazards)
    of_entrants = _part(entrant_survive, entrant_years, _of_entrants(hazards))
    return Operators(of_stock, rates.male_share, of_entrants, rates.child_state), Entrants(during=migrants)


def wpp_end(rates: Rates, migrants: Array) -> tuple[Operators, Entrants]:
    """The United Nations' annual step with migrants added at the end of the year.

    Parameters
    ----------
    rates : Rates
        Rates of n years. Emigration as shares of the 1 January stock only.
    migrants : (n, A, 2, K) array
        Net migrants or immigrants by age reached; they neither die nor bear children in the year.

    Returns
    -------
    operators : Operators
        People age and survive; births = rates × the mean of the women of each age at the start and, survived,
        at the end of the year; infants survive by S_0.
    entrants : Entrants
        All at the end.

    Raises
    ------
    ProjectionError
        If emigration is given as hazards, states mix, or more leave than survive.

    Notes
    -----
    As project_ccmpp in ccmppWPP and bayesPop (migration type 9), the programs of the United Nations' World
    Population Prospects.
    """
    if rates.emigration_hazard is not None or rates.transition_hazard is not None:
        message = "the convention 'wpp_end' knows no hazards of emigration or change: give shares of the stock"
        raise ProjectionError(message)
    survive, share = rates.survival, rates.emigration_share
    women = survive[:, :, FEMALE]
    births = (rates.fertility_before_birthday + rates.fertility_after_birthday * women) / 2
    births[:, 0] = 0
    deaths = 1 - survive
    if share is not None:
        share = np.broadcast_to(share, survive.shape)
        survive = survive - share
        if not survive.min() >= 0:
            message = "the shares of emigration and of death of a cohort add up to more than 1"
            raise ProjectionError(message)
    operators = Operators(Part(survive, deaths, births, share), rates.male_share, child_state=rates.child_state)
    return operators, Entrants(at_end=migrants)


CONVENTIONS: dict[str, Convention] = {"continuous": continuous, "wpp_end": wpp_end}


class _Hazards(NamedTuple):
    """Events per person-year, by cohort slot or by age reached; None where there are none of a kind."""

    death: Array
    fertility: Array
    emigration: Array | None
    transition: Array | None


def _hazards(rates: Rates) -> _Hazards:
    """Constant hazards that stand for a year's rates."""
    if not rates.survival.min() > 0:
        message = "a survival ratio of zero has no finite death hazard: pool years or ages, or use 'wpp_end'"
        raise ProjectionError(message)
    try:
        death = _by_slot_last(death_hazard, rates.survival)
        emigration = rates.emigration_hazard
        if rates.emigration_share is not None:
            if rates.transition_hazard is not None:
                message = "shares of emigration beside changes of state are not unique; give hazards"
                raise ValueError(message)
            emigration = _by_slot_last(emigration_hazard, rates.emigration_share, death)
    except ValueError as error:
        raise ProjectionError(str(error)) from None
    fertility = (rates.fertility_before_birthday + rates.fertility_after_birthday) / 2
    return _Hazards(death, fertility, emigration, rates.transition_hazard)


def _of_entrants(hazards: _Hazards) -> _Hazards:
    """Hazards by the age that entrants reach: those of the cohort slots but the last."""
    emigration = None if hazards.emigration is None else hazards.emigration[:, :-1]
    transition = None if hazards.transition is None else hazards.transition[:, :-1]
    return _Hazards(hazards.death[:, :-1], hazards.fertility[:, :-1], emigration, transition)


def _part(survive: Array, years: Array, hazards: _Hazards) -> Part:
    """Events of people who live so many person-years under given hazards."""
    emigration = None if hazards.emigration is None else _scaled(hazards.emigration, years)
    moves = (None, None) if hazards.transition is None else _moves(hazards.transition, years)
    deaths, births = _scaled(hazards.death, years), _scaled(hazards.fertility, years[:, :, FEMALE])
    return Part(survive, deaths, births, emigration, *moves)


def _by_slot_last(function: Callable[..., Array], *arrays: Array) -> Array:
    """Call a function of the demography package, which has the age axis last, on arrays of the engine."""
    return np.moveaxis(function(*(np.moveaxis(array, 1, -1) for array in arrays)), -1, 1)


def _scaled(rate: Array, years: Array) -> Array:
    """Events per person: the rate of the state where they happen times the person-years lived there."""
    return rate * years if rate.ndim == years.ndim else rate[..., None] * years


def _moves(hazard: Array, years: Array) -> tuple[Array, Array]:
    """Moves into each state and out of it, per person of every state of origin."""
    return hazard @ years, np.einsum("...ij->...j", hazard)[..., None] * years


def _single_states(leaving: Array) -> tuple[Array, Array, Array, Array]:
    """Survival and person-years of stock and entrants where nobody changes state."""
    year = exposure(leaving)
    survive, stock_years = year.survive, year.stock_years
    entrant_survive, entrant_years = year.stock_years[:, :-1], year.entrant_years[:, :-1]
    newborn = leaving[:, 0]
    return _with_newborn(
        (survive, stock_years, entrant_survive, entrant_years),
        (stock_years[:, 0], entrant_years[:, 0], entrant_years_of_newborn_entrants(newborn)),
    )


def _mixed_states(leaving: Array, transition: Array) -> tuple[Array, Array, Array, Array]:
    """Survival and person-years of stock and entrants whose states mix."""
    cells = generator(leaving, transition)
    shape, states = cells.shape, cells.shape[-1]
    year = propagators(cells.reshape(-1, states, states))
    survive, stock_years, entrant_years = (part.reshape(shape) for part in year[:3])
    newborn: Propagators = propagators(cells[:, 0].reshape(-1, states, states), newborn=True)
    third = np.asarray(newborn.newborn_entrant_years).reshape(cells[:, 0].shape)
    return _with_newborn(
        (survive, stock_years, stock_years[:, :-1], entrant_years[:, :-1]),
        (stock_years[:, 0], entrant_years[:, 0], third),
    )


def _with_newborn(
    parts: tuple[Array, Array, Array, Array], newborn: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array, Array]:
    """Put what holds for the newborn, one phi further on, into slot 0 of every part."""
    first, second, third = (np.array(part) for part in newborn)
    survive, stock_years, entrant_survive, entrant_years = parts
    entrant_survive, entrant_years = np.array(entrant_survive), np.array(entrant_years)
    survive[:, 0], stock_years[:, 0] = first, second
    entrant_survive[:, 0], entrant_years[:, 0] = 2 * second, 2 * third
    return survive, stock_years, entrant_survive, entrant_years
