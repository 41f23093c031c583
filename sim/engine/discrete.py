"""Conventions of the trusted programs: a year as a sequence of discrete events.

In all of them survival ratios carry people to the end of the year, and shares of the 1 January stock leave or move;
where hazards are given, as many as do so under them. They differ in when migrants come and go, and in which women bear
children. The programs know net migrants, or emigrants, of single populations; that leavers and movers follow the timing
of the convention's migrants is our reading of each.
"""

from typing import NamedTuple

import numpy as np

from sim.axes import FEMALE, Array
from sim.engine.generator import generator
from sim.engine.operators import Entrants, Events, Operators, Part, Rates, scaled
from sim.engine.risks import hazards, years_of_stock
from sim.errors import ProjectionError

NEWBORN_EXPOSURE = 2 / 3
"""Share of the newborn's risk of death that a migrant born in the year is spared, or runs: the risk falls with age,
so that most of it is run soon after the birth (Spectrum manual, section 6.2.7.4; Swiss Federal Statistical Office)."""


def wpp_end(rates: Rates, migrants: Array) -> tuple[Operators, Entrants]:
    """The United Nations' annual step with migrants added at the end of the year.

    Parameters
    ----------
    rates : Rates
        Rates of n years.
    migrants : (n, A, 2, K) array
        Net migrants or immigrants by age reached; they neither die nor bear children in the year.

    Returns
    -------
    operators : Operators
        People age and survive; births = rates × the mean of the women of each age at the start and, survived,
        at the end of the year; infants survive by S_0. Leavers and movers go at the end.
    entrants : Entrants
        All at the end.

    Raises
    ------
    ProjectionError
        If more leave than survive.

    Notes
    -----
    As project_ccmpp in ccmppWPP and bayesPop (migration type 9), the programs of the United Nations' World
    Population Prospects.
    """
    year = _year(rates)
    end = scaled(rates.survival, year.one)
    births = _births(rates, year.one, end)
    return _operators(rates, year, end + year.change, births, year.one), Entrants(at_end=migrants)


def wpp_even(rates: Rates, migrants: Array) -> tuple[Operators, Entrants]:
    """The United Nations' step with half of the migrants at the start of the year, and half at its end.

    Parameters
    ----------
    rates : Rates
        Rates of n years.
    migrants : (n, A, 2, K) array
        Net migrants or immigrants by their age at arrival, as the programs count them: the half that comes at the
        start is a year older at the end.

    Returns
    -------
    operators : Operators
        Births = rates × the mean of the women of each age at the start with the first half of the migrants, and at
        the end with both. Half of the leavers and movers go at the start.
    entrants : Entrants
        Half at the start, half at the end, where they count as mothers.

    Raises
    ------
    ProjectionError
        If more leave than survive.

    Notes
    -----
    As ccmppWPP ("even"), bayesPop (type 0) and the textbook: Preston, Heuveline and Guillot (2001), Demography,
    box 6.2.
    """
    year = _year(rates)
    start = year.one + year.change / 2
    survivors = scaled(rates.survival, start)
    end = survivors + year.change / 2
    operators = _operators(rates, year, end, _births(rates, start, end), start)
    alive = np.ones_like(rates.survival[:, :-1])
    second_half = Part(alive, rates.fertility_after_birthday[:, :-1] / 2, Events(np.zeros_like(alive), alive))
    return operators._replace(of_entrants=second_half), Entrants(at_start=migrants / 2, during=migrants / 2)


def popreconstruct_even(rates: Rates, migrants: Array) -> tuple[Operators, Entrants]:
    """As `wpp_even`, but the half of the migrants who come at the end bear no children in the year.

    Parameters
    ----------
    rates : Rates
        Rates of n years.
    migrants : (n, A, 2, K) array
        Net migrants or immigrants by their age at arrival.

    Returns
    -------
    operators : Operators
        Births = rates × the mean of the women at the start with the first half of the migrants, and the same women
        survived.
    entrants : Entrants
        Half at the start, half at the end.

    Raises
    ------
    ProjectionError
        If more leave than survive.

    Notes
    -----
    As popReconstruct, ccmpp.tmb and demCore (Wheldon and others 2013, Journal of the American Statistical
    Association 108).
    """
    year = _year(rates)
    start = year.one + year.change / 2
    survivors = scaled(rates.survival, start)
    births = _births(rates, start, survivors)
    operators = _operators(rates, year, survivors + year.change / 2, births, start)
    return operators, Entrants(at_start=migrants / 2, at_end=migrants / 2)


def spectrum_midyear(rates: Rates, migrants: Array, stock: Array | None = None) -> tuple[Operators, Entrants]:
    """Spectrum's step with migrants at mid-year: they run half of the year's risk of death.

    Parameters
    ----------
    rates : Rates
        Rates of n years.
    migrants : (n, A, 2, K) array
        Net migrants or immigrants by age reached.
    stock : (A, 2, K) array, optional
        Persons on 1 January; needed where those who enter the open age and those in it survive by different ratios,
        for the migrants of that age run the mean risk of both, weighted by the stock. Then n is 1.

    Returns
    -------
    operators : Operators
        Births = rates × the mean of the women of each age at the start and, migrants included, at the end.
    entrants : Entrants
        All during the year; those born in it run two thirds of the newborn's risk.

    Raises
    ------
    ProjectionError
        If more leave than survive.

    Notes
    -----
    As leapfrog ("midyear") and DemProj of Spectrum. Leavers and movers are spared half of the year's risk at home,
    and movers run the other half where they go. The weights make a projection with a split open age a ratio of
    stocks: not linear in the people, unlike every other convention.
    """
    year = _year(rates)
    at_risk = _exposed(year)
    end = year.one + year.change - scaled(year.death, at_risk)
    operators = _operators(rates, year, end, _births(rates, year.one, end), at_risk)
    risk = np.array(year.death[:, :-1])
    if stock is not None:
        risk[:, -1] += _share_in_open_age(stock) * (year.death[:, -1] - year.death[:, -2])
    guests = _guests(risk, rates.fertility_after_birthday[:, :-1])
    return operators._replace(of_entrants=guests), Entrants(during=migrants)


def fso_midyear(rates: Rates, migrants: Array) -> tuple[Operators, Entrants]:
    """The Swiss Federal Statistical Office's step: births to the mean of each cohort's two Januaries.

    Parameters
    ----------
    rates : Rates
        Rates of n years; fertility by completed age counts as the mean of its two neighbours.
    migrants : (n, A, 2, K) array
        Net migrants or immigrants by age reached.

    Returns
    -------
    operators : Operators
        Leavers and movers are spared half of the year's risk of death at home, the newborn two thirds; movers run
        half of the risk where they go, the newborn none.
    entrants : Entrants
        All during the year; they run half the risk of the next higher age, those born in the year two thirds of
        the newborn's.

    Raises
    ------
    ProjectionError
        If more leave than survive.

    Notes
    -----
    As propop, which returns the Office's cantonal scenarios within the rounding of single cells; without propop's
    slip that adds the rate of naturalisation of the newborn to a number of immigrants. With the immigrants' risk at
    their own age, the totals of the Office's scenario for Aargau would be returned to 1e-7 instead of 3e-5.
    """
    year = _year(rates)
    at_risk = _exposed(year)
    at_risk[:, 0] = year.one[:, 0] + np.minimum(year.change[:, 0], 0) * NEWBORN_EXPOSURE
    end = year.one + year.change - scaled(year.death, at_risk)
    fertility = (rates.fertility_before_birthday + rates.fertility_after_birthday) / 2
    cohorts = rates._replace(fertility_before_birthday=fertility, fertility_after_birthday=fertility)
    operators = _operators(rates, year, end, _births(cohorts, year.one, end), at_risk)
    risk = np.array(year.death[:, 1:])
    risk[:, 0] = year.death[:, 0]
    return operators._replace(of_entrants=_guests(risk, fertility[:, :-1])), Entrants(during=migrants)


class _Year(NamedTuple):
    """What happens in a year: (n, A + 1, 2, K), in operators once more K where states mix."""

    death: Array
    """Risk of death of those who stay, 1 - survival."""
    one: Array
    """Operator of those who stay where they are."""
    change: Array
    """Operator of what leavers and movers change in the number of each state."""
    emigration: Events | None
    transitions: Events | None


def _year(rates: Rates) -> _Year:
    """Those who die, leave and move: shares as they are, hazards by the person-years lived under them."""
    death, one = 1 - rates.survival, np.ones_like(rates.survival)
    going, moving = rates.emigration_share, rates.transition_share
    given = rates.emigration_hazard is not None or rates.transition_hazard is not None
    exposed = one
    if given:
        risk = hazards(rates)
        going, moving, exposed = risk.emigration, risk.transition, years_of_stock(risk)
    if moving is None:
        change = np.zeros_like(one) if going is None else -going * exposed
        return _Year(death, one, change, None if going is None else Events(going, exposed), None)
    one = np.broadcast_to(np.eye(moving.shape[-1]), moving.shape)
    net = generator(np.zeros_like(death) if going is None else going, moving)
    exposed = exposed if given else one
    emigration = None if going is None else Events(going, exposed)
    return _Year(death, one, net @ exposed if given else net, emigration, Events(moving, exposed))


def _exposed(year: _Year) -> Array:
    """Share of the year's risk of death that people run in each state when moves happen at mid-year."""
    exposed = year.one + year.change / 2
    exposed[:, 0] = year.one[:, 0] + year.change[:, 0] * NEWBORN_EXPOSURE
    return exposed


def _births(rates: Rates, start: Array, end: Array) -> Array:
    """Births of the mean of the women at the start, at one age, and at the end, at the next."""
    before = scaled(rates.fertility_before_birthday, start[:, :, FEMALE])
    births: Array = (before + scaled(rates.fertility_after_birthday, end[:, :, FEMALE])) / 2
    return births


def _share_in_open_age(stock: Array) -> Array:
    """Share of those already in the open age among the people who are in it at the end of the year, (2, K)."""
    both = stock[-2:].sum(axis=0)
    share: Array = np.divide(stock[-1], both, out=np.zeros_like(both), where=both > 0)
    return share


def _guests(risk: Array, fertility: Array) -> Part:
    """Migrants of mid-year, who run a part of a risk of death, and bear children as half present."""
    exposed = np.full_like(risk, 0.5)
    exposed[:, 0] = NEWBORN_EXPOSURE
    alive = 1 - risk * exposed
    return Part(alive, fertility / 2 * alive[:, :, FEMALE], Events(risk, exposed))


def _operators(rates: Rates, year: _Year, survive: Array, births: Array, at_risk: Array) -> Operators:
    """Operators of the stock: who is there at the end, and what happened to the others."""
    if not survive.min() >= 0:
        message = "the shares of emigration, moves and deaths of a cohort add up to more than 1"
        raise ProjectionError(message)
    of_stock = Part(survive, births, Events(year.death, at_risk), year.emigration, year.transitions)
    return Operators(of_stock, rates.male_share, child_state=rates.child_state)
