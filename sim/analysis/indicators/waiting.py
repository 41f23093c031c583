"""Who waits for a decision, beside the population."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sim.analysis.indicators.counts import described, population, total_of
from sim.analysis.selection import name_of
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr


def population_with_waiting(result: xr.Dataset) -> xr.DataArray:
    """Population on 1 January together with those who wait for the decision of a pipeline.

    Parameters
    ----------
    result : xarray.Dataset
        A result with pipelines, of all regions and groups: those who wait have none. Select pipelines first for those
        who wait in some only, as in ``result.sel(pipeline="asylum")``.

    Returns
    -------
    xarray.DataArray
        Persons, (..., year).

    Raises
    ------
    DataError
        Where the result has no pipelines, or is of some regions or groups only.

    Notes
    -----
    The legal population of Belgium, which its projections start from, leaves out the waiting register: applicants for
    asylum are in it from the grant of a title on. Eurostat's count holds the waiting register too: 11,094,850 on
    1 January 2012 against 11,035,948. Who has no title and is in no procedure is in neither. A pipeline of
    regularisation holds people who are in neither count as well: leave it out for a comparison with Eurostat.
    """
    if "waiting_persons" not in result:
        message = f"{name_of(result)} has no pipelines in which anyone could wait; its scenario states none"
        raise DataError(message)
    states = json.loads(result.attrs["scenario"])["states"]
    for dimension, axis in (("region", "regions"), ("group", "groups")):
        labels = result[dimension].values.flat if dimension in result["population"].dims else ()
        if [str(label) for label in labels] != states[axis]:
            message = f"those who wait have no {dimension}: take the whole of {name_of(result)}, not a part"
            raise DataError(message)
    waiting = total_of(result["waiting_persons"], ("pipeline",))
    meaning = "population on 1 January with those who wait for a decision"
    return described(population(result) + waiting, "population_with_waiting", meaning)
