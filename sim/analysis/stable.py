"""Where the rates of a year lead: the stable population of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim import assumptions, pipeline
from sim.demography import stable
from sim.engine.leslie import leslie_matrix
from sim.errors import DataError, ScenarioError
from sim.scenario.faults import fault_at

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from sim.scenario.schema import Scenario


def stable_population(scenario: str | Path | Scenario, year: int) -> xr.Dataset:
    """Stable population of the women under the rates that a scenario has in a year.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario without a sweep.
    year : int
        Calendar year, the first of its step where steps are longer.

    Returns
    -------
    Dataset
        ``growth_rate`` (a year, continuous), ``structure`` (region, group, age), shares that add up to 1, and
        ``reproductive_value`` (region, group, age), on average 1 for the youngest. Emigrants, movers and changes of
        nationality are part of it, and what happens on 1 January before them; immigrants are not.

    Raises
    ------
    DataError
        If the scenario does not project the year.
    ScenarioError
        If the scenario holds mistakes, is a sweep, or has too few births for a stable population.

    Notes
    -----
    See `sim.demography.stable.stable_population`.
    """
    import xarray as xr

    prepared = pipeline.prepare(scenario)
    known = prepared.scenario
    if known.sweep is not None:
        raise ScenarioError(
            [fault_at(known, ("sweep",), "there are several projections, each with a stable population")]
        )
    if year not in known.periods:
        message = f"{known.name} has no rates of {year}; it projects {known.periods[0]} to {known.period.end - 1}"
        raise DataError(message)
    operators, on_1_january = assumptions.operators_of(known, prepared.assumptions[0], known.periods.index(year))
    regions, groups = known.states.regions, known.states.groups
    try:
        found = stable.stable_population(
            leslie_matrix(operators, on_1_january=on_1_january), len(regions) * len(groups)
        )
    except ValueError as error:
        raise ScenarioError([fault_at(known, ("fertility",), f"of {year}: {error}")]) from None
    ages = np.array(known.age_labels)

    def by_state(values: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
        return ("region", "group", "age"), np.moveaxis(values.reshape(len(ages), len(regions), len(groups)), 0, -1)

    return xr.Dataset(
        {
            "growth_rate": ((), float(np.log(found.growth_factor)) / known.ages.width, {"units": "year-1"}),
            "structure": by_state(found.structure),
            "reproductive_value": by_state(found.reproductive_value),
        },
        coords={"region": list(regions), "group": list(groups), "age": ages},
        attrs={"name": known.name, "year": year, "population": "women"},
    )
