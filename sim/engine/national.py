"""Rates of several states brought to a figure of all of them together, weighted by who is there."""

import numpy as np

from sim.axes import FEMALE, Array
from sim.demography.hazards import death_hazard, survival_from_hazard
from sim.demography.mortality import national_factor
from sim.engine.operators import Rates


def with_life_expectancy(rates: Rates, stock: Array, target: Array) -> Rates:
    """Multiply the death hazards of all states by one factor a sex.

    Parameters
    ----------
    rates : Rates
        Rates of one year; survival ratios above 0, and below 1 in the open age.
    stock : (A, 2, K) array
        Persons on its 1 January.
    target : (2,) array
        e_0 of the life table whose ratios are the states' mean, weighted by the stock, in steps.

    Returns
    -------
    Rates
        With ratios that return the target.

    Raises
    ------
    ValueError
        If no factor between 1e-6 and 1e6 does.
    """
    weights, survival = (np.moveaxis(array, 0, -1) for array in (_weights(stock), rates.survival[0]))
    factor = national_factor(survival, weights, target)
    scaled = survival_from_hazard(death_hazard(survival) * factor[:, None, None])
    return rates._replace(survival=np.moveaxis(scaled, -1, 0)[None])


def with_total_fertility(rates: Rates, stock: Array, target: float) -> Rates:
    """Multiply the fertility of all states by one factor.

    Parameters
    ----------
    rates : Rates
        Rates of one year.
    stock : (A, 2, K) array
        Persons on its 1 January.
    target : float
        Sum over the cohorts of the mean rates of the states, weighted by the women.

    Returns
    -------
    Rates
        With rates that return the target.

    Raises
    ------
    ValueError
        If no women are of an age at which there are births.
    """
    before, after = rates.fertility_before_birthday, rates.fertility_after_birthday
    total = float((_weights(stock)[:, FEMALE] * (before[0] + after[0]) / 2).sum())
    if not total > 0:
        message = "the rates that it is spread by are zero wherever there are women"
        raise ValueError(message)
    factor = target / total
    return rates._replace(fertility_before_birthday=before * factor, fertility_after_birthday=after * factor)


def _weights(stock: Array) -> Array:
    """Share of each state in every cohort slot, (A + 1, 2, K).

    The newborn are weighted as those of age 0, a slot without anybody as the whole sex, a sex without anybody evenly.
    """
    people = np.concatenate([stock[:1], stock])
    even = np.full(stock.shape[1:], 1 / stock.shape[-1])
    of_sex = _shares(stock.sum(axis=0), even)
    return _shares(people, np.broadcast_to(of_sex, people.shape))


def _shares(people: Array, otherwise: Array) -> Array:
    """Share of each state in the people of all states; other shares where there are none."""
    together = people.sum(axis=-1, keepdims=True)
    shares: Array = np.divide(people, together, out=np.array(otherwise), where=together > 0)
    return shares
