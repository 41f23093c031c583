"""The results of a sweep as one Dataset."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sim.scenario.load import content_hash, resolved_text
from sim.scenario.schema import Scenario


def joined(
    scenario: Scenario, results: Sequence[xr.Dataset], names: Sequence[str], titles: Sequence[str]
) -> xr.Dataset:
    """Join the results of all variants along the dimension ``scenario``.

    Parameters
    ----------
    scenario : Scenario
        The sweep.
    results : sequence of Dataset
        Results of its variants.
    names, titles : sequence of str
        Their names and titles.

    Returns
    -------
    Dataset
        All variables with ``scenario`` as first dimension; the attributes are those of the sweep.
    """
    merged = xr.concat(results, dim="scenario", data_vars="all", coords="minimal", compat="override", join="exact")
    merged = merged.assign_coords(
        scenario=("scenario", np.array(names), {"long_name": "variant of the sweep"}),
        title=("scenario", np.array(titles), {"long_name": "title of the variant"}),
    )
    merged.attrs = {
        **results[0].attrs,
        "name": scenario.name,
        "title": scenario.title or scenario.name,
        "scenario": resolved_text(scenario),
        "scenario_sha256": content_hash(scenario),
    }
    return merged
