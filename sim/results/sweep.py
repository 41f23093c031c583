"""The results of a sweep as one Dataset."""

import json
from collections.abc import Sequence

import numpy as np
import xarray as xr

from sim.results.dataset import title_of
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
    inputs = {name: digest for result in results for name, digest in json.loads(result.attrs["inputs"]).items()}
    merged.attrs = {
        **results[0].attrs,
        "name": scenario.name,
        "title": title_of(scenario),
        "changes": ", ".join(scenario.changes),
        "inputs": json.dumps(inputs, sort_keys=True),
        "warnings": json.dumps(sorted({text for result in results for text in json.loads(result.attrs["warnings"])})),
        "scenario": resolved_text(scenario),
        "scenario_sha256": content_hash(scenario),
    }
    return merged
