"""What a result tells of pipelines: the cases of each, by what becomes of them, and who enters the register."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.assumptions.pipelines import Procedure
from sim.axes import Array
from sim.results.flows import Variables

PIPELINE_NAMES = {
    "applications": "applications, in the cases of the pipeline (files or persons, see case_unit)",
    "repeat_applications": "applications by people who applied before; missing where their share is not stated",
    "decided": "cases decided: granted or rejected",
    "withdrawn": "cases closed without a decision",
    "rejected": "cases decided and granted nothing",
    "waiting": "cases that wait on 1 January, outside the population",
    "waiting_persons": "persons who wait on 1 January, outside the population: cases times persons per file",
    "persons_per_file": "persons of a case who enter the population register when it is granted",
    "granted": "cases granted, by outcome",
    "register_changes": "persons who enter the population register as their case is granted, by outcome",
}
"""Long names of the variables."""
PIPELINE_METHODS = {"waiting": "year: point", "waiting_persons": "year: point", "persons_per_file": "period: mean"}
"""Cell methods of those that are no sums."""


def of_pipelines(cases: Sequence[Procedure]) -> Variables:
    """Stocks and flows of pipelines.

    Parameters
    ----------
    cases : sequence of Procedure
        All pipelines of a scenario.

    Returns
    -------
    dict
        Dimensions and values of each variable; none without pipelines.
    """
    if not cases:
        return {}
    by_period, by_year, by_outcome = ("period", "pipeline"), ("year", "pipeline"), ("period", "outcome")
    parts: dict[str, tuple[tuple[str, ...], list[Array]]] = {
        "applications": (by_period, [case.applications for case in cases]),
        "repeat_applications": (by_period, [case.repeat for case in cases]),
        "decided": (by_period, [case.decided for case in cases]),
        "withdrawn": (by_period, [case.withdrawn for case in cases]),
        "rejected": (by_period, [case.rejected for case in cases]),
        "waiting": (by_year, [case.waiting for case in cases]),
        "waiting_persons": (by_year, [case.waiting_persons for case in cases]),
        "persons_per_file": (by_period, [case.persons_per_file for case in cases]),
        "granted": (by_outcome, [array for case in cases for array in case.granted.values()]),
        "register_changes": (by_outcome, [array for case in cases for array in case.persons.values()]),
    }
    return {name: (dimensions, np.stack(arrays, axis=1)) for name, (dimensions, arrays) in parts.items()}


def labels_of_pipelines(cases: Sequence[Procedure]) -> dict[str, Any]:
    """Coordinates of pipelines.

    Parameters
    ----------
    cases : sequence of Procedure
        All pipelines of a scenario.

    Returns
    -------
    dict
        Dimension, labels and attributes of each coordinate; none without pipelines.
    """
    if not cases:
        return {}
    outcomes = [(outcome, case.name) for case in cases for outcome in case.granted]
    return {
        "pipeline": ("pipeline", [case.name for case in cases], {"long_name": "procedure outside the population"}),
        "case_unit": ("pipeline", [case.unit for case in cases], {"long_name": "what a case is: files or persons"}),
        "outcome": ("outcome", [outcome for outcome, _ in outcomes], {"long_name": "title that is granted"}),
        "pipeline_of": ("outcome", [name for _, name in outcomes], {"long_name": "pipeline of the outcome"}),
    }
