"""What a result tells of the time since immigrants came."""

from typing import Any

import numpy as np

from sim.assumptions import Assumptions
from sim.assumptions.yearly import states_of
from sim.axes import Array
from sim.results.flows import Variables
from sim.scenario.schema import Scenario


def recent_arrivals(assumptions: Assumptions, population: Array) -> Variables:
    """Persons on 1 January who came under a stay, by completed calendar years since that of their arrival.

    Parameters
    ----------
    assumptions : Assumptions
        What was projected.
    population : (n + 1, A, 2, K') array
        Persons on 1 January by state of the engine, before that day ends a year of their stay.

    Returns
    -------
    dict
        Dimensions and values, for as many years as the longest stay tells apart; nobody in the years that a stay does
        not, and in groups to which nobody comes under it. Empty where there are no stays.
    """
    states = states_of(assumptions)
    if states is None:
        return {}
    years = [len(each.stay.hazard) for each in assumptions.came.staying]
    found = np.zeros((len(population), len(years), max(years), states.regions, states.groups))
    people = population.sum(axis=(1, 2)).reshape(len(population), states.regions, -1)
    for place in np.flatnonzero(states.stay >= 0):
        found[:, states.stay[place], states.year[place], :, states.group[place]] = people[..., place]
    return {"recent_arrivals": (("year", "stay", "years_since_arrival", "region", "group"), found)}


def labels_of_stays(scenario: Scenario) -> dict[str, Any]:
    """Coordinates of recent arrivals.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    dict
        Dimension, labels and attributes of each coordinate; empty where there are no stays.
    """
    stays = scenario.migration.stays
    if not stays:
        return {}
    told = {"long_name": "completed calendar years since that of arrival", "units": "year"}
    return {
        "stay": ("stay", [stay.name for stay in stays], {"long_name": "kind of stay"}),
        "years_since_arrival": ("years_since_arrival", np.arange(max(len(stay.hazard) for stay in stays)), told),
    }
