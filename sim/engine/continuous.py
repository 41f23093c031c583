"""The default convention: hazards are constant within a year, births and migrants come evenly spread."""

from typing import NamedTuple

import numpy as np

from sim.axes import FEMALE, Array
from sim.demography.hazards import entrant_years_of_newborn_entrants, exposure
from sim.engine.generator import Propagators, generator, propagators
from sim.engine.operators import Entrants, Events, Operators, Part, Rates, scaled
from sim.engine.risks import Risks, hazards


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
        If no finite hazard leads to a survival ratio, such as zero, or takes a share of emigrants or movers.

    Notes
    -----
    With phi_k of the generator: stock survives by phi_0 and lives phi_1 person-years, entrants by phi_1 and
    phi_2, births by phi_1 and phi_2, migrants who were born in the year by 2 phi_2 and 2 phi_3.
    """
    risk = hazards(rates)
    gone = risk.death if risk.emigration is None else risk.death + risk.emigration
    year = _single_states(gone) if risk.transition is None else _mixed_states(gone, risk.transition)
    fertility = (rates.fertility_before_birthday + rates.fertility_after_birthday) / 2
    of_stock = _part(year.survive, year.stock_years, risk, fertility)
    by_age = Risks(risk.death[:, :-1], _but_last(risk.emigration), _but_last(risk.transition))
    of_entrants = _part(year.entrant_survive, year.entrant_years, by_age, fertility[:, :-1])
    return Operators(of_stock, rates.male_share, of_entrants, rates.child_state), Entrants(during=migrants)


class _Year(NamedTuple):
    """Survival and person-years of the stock by cohort slot, and of the entrants by age reached."""

    survive: Array
    stock_years: Array
    entrant_survive: Array
    entrant_years: Array


def _part(survive: Array, years: Array, risk: Risks, fertility: Array) -> Part:
    """Events of people who live so many person-years under given hazards."""
    emigration = None if risk.emigration is None else Events(risk.emigration, years)
    transitions = None if risk.transition is None else Events(risk.transition, years)
    births = scaled(fertility, years[:, :, FEMALE])
    return Part(survive, births, Events(risk.death, years), emigration, transitions)


def _but_last(risk: Array | None) -> Array | None:
    """Risks by the age that entrants reach: those of the cohort slots but the last."""
    return None if risk is None else risk[:, :-1]


def _single_states(gone: Array) -> _Year:
    """What becomes of people where nobody changes state."""
    year = exposure(gone)
    return _with_newborn(
        _Year(year.survive, year.stock_years, year.stock_years[:, :-1], year.entrant_years[:, :-1]),
        (year.stock_years[:, 0], year.entrant_years[:, 0], entrant_years_of_newborn_entrants(gone[:, 0])),
    )


def _mixed_states(gone: Array, transition: Array) -> _Year:
    """What becomes of people whose states mix."""
    cells = generator(gone, transition)
    shape, states = cells.shape, cells.shape[-1]
    year = propagators(cells.reshape(-1, states, states))
    survive, stock_years, entrant_years = (part.reshape(shape) for part in year[:3])
    newborn: Propagators = propagators(cells[:, 0].reshape(-1, states, states), newborn=True)
    third = np.asarray(newborn.newborn_entrant_years).reshape(cells[:, 0].shape)
    return _with_newborn(
        _Year(survive, stock_years, stock_years[:, :-1], entrant_years[:, :-1]),
        (stock_years[:, 0], entrant_years[:, 0], third),
    )


def _with_newborn(year: _Year, newborn: tuple[Array, Array, Array]) -> _Year:
    """Put what holds for the newborn, one phi further on, into slot 0 of every part."""
    first, second, third = (np.array(part) for part in newborn)
    entrant_survive = np.array(year.entrant_survive)
    year.survive[:, 0], year.stock_years[:, 0] = first, second
    entrant_survive[:, 0], year.entrant_years[:, 0] = 2 * second, 2 * third
    return year._replace(entrant_survive=entrant_survive)
