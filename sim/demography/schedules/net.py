"""Net migration by age: what births and deaths leave unexplained, and the gross flows it may be made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked

LARGEST_GAP = 1e-9
"""Share of the larger total by which the difference of both may be off the sum of the net migrants, and by which
immigration may fall short of those that the ages gain: what rounding leaves."""


class GrossFlows(NamedTuple):
    """Immigrants and emigrants whose difference is a given net migration."""

    immigrants: Array
    """(..., S, A), persons."""
    emigrants: Array
    """(..., S, A), persons."""


def net_migrants(stock: ArrayLike, next_stock: ArrayLike, deaths: ArrayLike, births: ArrayLike | None = None) -> Array:
    """Net migrants of a year, by the age their cohort reaches on 31 December.

    Parameters
    ----------
    stock, next_stock : (..., A) array_like
        Persons on 1 January of the year and of the next, by completed age, the last age open.
    deaths : (..., A + 1) array_like
        Deaths of the year by cohort: those born in it first, then by completed age on 1 January. Without births,
        (..., A): only the latter.
    births : (...) array_like, optional
        Births of the year, persons.

    Returns
    -------
    (..., A) array
        Persons by age reached, 0 to A - 1, negative where more left than came. Without births, (..., A - 1): ages
        reached 1 to A - 1.

    Raises
    ------
    ValueError
        If a value is negative or not a finite number, the shapes do not belong together, or the stock is zero
        throughout.

    Notes
    -----
    N(t+1, a) - N(t, a-1) + D(a); at age 0, N(t+1, 0) - births + D(0). The open age pools the two cohorts that reach
    it. Whatever changed the stock besides births and deaths is in it: corrections of the register, and errors of the
    deaths, too.
    """
    before = checked(stock, "stocks", rows=True)
    ages = before.shape[-1]
    after = checked(next_stock, "stocks of the next year", length=ages)
    died = checked(deaths, "deaths", length=ages if births is None else ages + 1)
    _require_shape(after, before.shape, "stocks of the next year")
    _require_shape(died, (*before.shape[:-1], died.shape[-1]), "deaths")
    if births is not None:
        born = checked(np.asarray(births)[..., None], "births")
        _require_shape(born, (*before.shape[:-1], 1), "births")
        before = np.concatenate([born, before], axis=-1)
    elif ages == 1:
        message = "stocks have 1 age; without births 2 or more are needed"
        raise ValueError(message)
    expected = before - died
    expected[..., -2] += expected[..., -1]
    net: Array = after[..., after.shape[-1] + 1 - before.shape[-1] :] - expected[..., :-1]
    return net


def split_net(net: ArrayLike, immigration: ArrayLike, emigration: ArrayLike, turnover: ArrayLike) -> GrossFlows:
    """Immigrants and emigrants by sex and age whose difference is a given net migration.

    Parameters
    ----------
    net : (..., S, A) array_like
        Net migrants by sex and age, persons, of either sign.
    immigration, emigration : (...) array_like
        Totals over sex and age, persons; their difference is the sum of the net migrants.
    turnover : (..., S, A) or (S, A) array_like
        Pattern of those who are replaced by others of their sex and age, zero or more, in any unit: such as a
        schedule of `rogers_castro` times the population.

    Returns
    -------
    GrossFlows
        Immigrants and emigrants, zero or more.

    Raises
    ------
    ValueError
        If a value is not a finite number, a total or the pattern is negative, the pattern is zero throughout, the
        totals do not differ by the net migration, or they are smaller than its own arrivals and departures.

    Notes
    -----
    A model, of which net migration alone says nothing. In each cell the smaller of both flows is its turnover t:
    immigrants max(net, 0) + t, emigrants max(-net, 0) + t. The turnover of all cells is what the total of
    immigration leaves over the sum of max(net, 0), divided as its pattern is. No smaller flows have this net
    migration, as minimum flows between places are the smallest that explain their stocks (Abel 2013, Demographic
    Research 28).

    The finer the cells and the noisier their net migrants, the larger the least totals and the more of the noise
    ends up in the flows; smooth the profile first. Where flows of both directions have known shapes, the other way
    round is better founded: schedules of immigration and emigration, and net migration as their difference
    (Ševčíková, Raymer and Raftery 2024, arXiv:2411.09878). Emigrants are not compared with the people who could
    leave.
    """
    balance = checked(net, "net migrants", low=-np.inf)
    if balance.ndim == 1:
        message = f"net migrants have the shape {balance.shape}; an axis of sexes and one of ages are needed"
        raise ValueError(message)
    totals = balance.shape[:-2]
    arriving, leaving = np.maximum(balance, 0), np.maximum(-balance, 0)
    immigrants = _total(immigration, "immigration", totals)
    emigrants = _total(emigration, "emigration", totals)
    _require_difference(immigrants, emigrants, balance.sum(axis=(-2, -1)))
    replaced = immigrants - arriving.sum(axis=(-2, -1))
    if (replaced < -LARGEST_GAP * immigrants).any():
        cell = np.unravel_index(replaced.argmin(), replaced.shape)
        message = (
            f"immigration of {immigrants[cell]:,.6g} is below the {immigrants[cell] - replaced[cell]:,.6g} net "
            "migrants of the ages that gain people; as many or more are needed"
        )
        raise ValueError(message)
    shares = _shares(turnover, balance)
    both = np.maximum(replaced, 0)[..., None, None] * shares
    return GrossFlows(arriving + both, leaving + both)


def _shares(pattern: ArrayLike, balance: Array) -> Array:
    """Pattern over sex and age as shares that sum to 1."""
    weights = checked(pattern, "turnover", length=balance.shape[-1])
    _require_shape(weights, balance.shape if weights.ndim > 2 else balance.shape[-2:], "turnover")
    total = weights.sum(axis=(-2, -1), keepdims=True)
    if not (total > 0).all():
        message = "turnover is zero at every sex and age; one value above zero is needed"
        raise ValueError(message)
    shares: Array = weights / total
    return shares


def _total(values: ArrayLike, what: str, shape: tuple[int, ...]) -> Array:
    """Totals of flows, one of each leading cell."""
    total = checked(np.asarray(values)[..., None], what)[..., 0]
    _require_shape(total, shape, what)
    return np.asarray(total)


def _require_difference(immigrants: Array, emigrants: Array, net: Array) -> None:
    """Check that immigration minus emigration is the net migration."""
    gap = np.abs(immigrants - emigrants - net)
    wrong = gap > LARGEST_GAP * np.maximum(immigrants, emigrants)
    if wrong.any():
        cell = tuple(np.argwhere(wrong)[0])
        message = (
            f"immigration minus emigration is {(immigrants - emigrants)[cell]:,.6g}; "
            f"it must be the {net[cell]:,.6g} net migrants"
        )
        raise ValueError(message)


def _require_shape(array: Array, shape: tuple[int, ...], what: str) -> None:
    if array.shape != shape:
        message = f"{what} have the shape {array.shape}; expected is {shape}"
        raise ValueError(message)
