"""Risks of dying, leaving and changing state as hazards, whether given as hazards or as shares of the stock.

A share of emigrants is the part of the people of a state on 1 January who would emigrate within the year if nobody
changed state: it competes with death, and how many leave a country of equal shares does not depend on moves within
it. A share of movers is the part whose first move is of the kind, in competition with death and emigration. Those who
moved run the hazards of the state that they are in.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.demography.hazards import death_hazard, emigration_hazard, exposure
from sim.engine.generator import generator, propagators
from sim.engine.operators import Rates, leaving
from sim.errors import ProjectionError


class Risks(NamedTuple):
    """Risks by cohort slot; None where there are none of a kind."""

    death: Array
    """(n, A + 1, 2, K)"""
    emigration: Array | None
    """(n, A + 1, 2, K)"""
    transition: Array | None
    """(n, A + 1, 2, K, K), ``[to, from]``"""


def hazards(rates: Rates) -> Risks:
    """Constant hazards that stand for a year's rates.

    Parameters
    ----------
    rates : Rates
        Rates of n years; survival ratios above zero. Shares and hazards given beside each other compete.

    Returns
    -------
    Risks
        Per person-year.

    Raises
    ------
    ProjectionError
        If no finite hazard leads to a survival ratio, such as zero, or takes a share.
    """
    if not rates.survival.min() > 0:
        message = "a survival ratio of zero has no finite death hazard: pool years or ages, or use another convention"
        raise ProjectionError(message)
    try:
        death = _by_slot_last(death_hazard, rates.survival)
        return _of_shares(rates, death)
    except ValueError as error:
        raise ProjectionError(str(error)) from None


def _of_shares(rates: Rates, death: Array) -> Risks:
    """Hazards that take the shares, beside those given and that of death."""
    emigration, transition = rates.emigration_hazard, rates.transition_hazard
    if rates.emigration_share is not None:
        other = _total(death, emigration)
        emigration = _total(_by_slot_last(emigration_hazard, rates.emigration_share, other), emigration)
    if rates.transition_share is not None:
        other = _total(death, leaving(emigration, transition))
        moving = np.einsum("...ij->...j", rates.transition_share)
        years = person_years(other + _by_slot_last(emigration_hazard, moving, other))
        transition = _total(rates.transition_share / years[..., None, :], transition)
    return Risks(death, emigration, transition)


def years_of_stock(risk: Risks) -> Array:
    """Person-years of a person of the stock, and in slot 0 of a birth, in every state.

    Parameters
    ----------
    risk : Risks
        Hazards.

    Returns
    -------
    (n, A + 1, 2, K) array
        phi_1, for the newborn phi_2 of the generator; (n, A + 1, 2, K, K) where states mix, the state where the years
        are spent before that which people come from.
    """
    gone = risk.death if risk.emigration is None else risk.death + risk.emigration
    if risk.transition is None:
        return person_years(gone)
    cells = generator(gone, risk.transition)
    shape, states = cells.shape, cells.shape[-1]
    years = propagators(cells.reshape(-1, states, states)).stock_years.reshape(shape)
    newborn = propagators(cells[:, 0].reshape(-1, states, states)).entrant_years
    years[:, 0] = newborn.reshape(shape[0], *shape[2:])
    return years


def person_years(hazard: Array) -> Array:
    """Person-years of a person of the stock, and in slot 0 of a birth, under a hazard of leaving.

    Parameters
    ----------
    hazard : (n, A + 1, 2, K) array
        Per year, by cohort slot.

    Returns
    -------
    (n, A + 1, 2, K) array
        phi_1, for the newborn phi_2 of minus the hazard.
    """
    years = exposure(hazard).stock_years
    years[:, 0] = exposure(hazard[:, 0]).entrant_years
    return years


def _total(found: Array, given: Array | None) -> Array:
    """Sum of two risks, the second of which may be missing."""
    return found if given is None else np.asarray(found + given)


def _by_slot_last(function: Callable[..., Array], *arrays: Array) -> Array:
    """Call a function of the demography package, which has the age axis last, on arrays of the engine."""
    return np.moveaxis(function(*(np.moveaxis(array, 1, -1) for array in arrays)), -1, 1)
