"""In what results do not fit each other, and what a page leaves out because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.align import area_of, common_ages
from sim.analysis.selection import name_of, step_of
from sim.axes import UNDIVIDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

AGES = (
    "Pyramids show the ages that all scenarios tell apart ({count} ages, the last {last}+); those of {names} were "
    "added up to them. Indicators are of each scenario's own ages."
)
YEARS = (
    "The scenarios cover different years ({told}). Each is shown in its own; differences are shown of the years that "
    "both have."
)
STEPS = "{names}: computed in steps of {step} years; flows are yearly means of each step."
TABLES = (
    "Some scenarios start from the data of {area}, others from tables ({names}); differences between them hold only "
    "where they are of the same area."
)
AREAS = "The scenarios are of different areas ({told}); no differences are shown between them."
LABELS = {
    ("region", True): "The scenarios are of different regions ({told}); no differences are shown between them.",
    ("region", False): "Not all scenarios tell regions apart ({told}); a region is shown of those that do.",
    ("group", True): "The scenarios tell different groups apart ({told}); a group is shown of those that have it.",
    ("group", False): "Not all scenarios tell groups apart ({told}); a group is shown of those that do.",
}
SENTENCES = (AGES, YEARS, STEPS, TABLES, AREAS, *LABELS.values())
"""All that a remark may say."""

Remark = dict[str, Any]
"""A sentence in English under ``say``, and under ``values`` what stands for the names in its braces."""


def remarks(results: Sequence[xr.Dataset]) -> list[Remark]:
    """Say in what several results do not fit each other.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        One scenario and one draw each.

    Returns
    -------
    list of dict
        Remarks on ages, years, steps, regions and groups; none where all are the same.
    """
    found = [*_of_ages(results, common_ages(results)), *_of_years(results), *_of_steps(results), *_of_areas(results)]
    return [*found, *_of_labels(results, "region"), *_of_labels(results, "group")]


def territory(result: xr.Dataset) -> dict[str, Any]:
    """Tell of which area and regions a result is, as far as it says; those of different ones are not subtracted.

    Parameters
    ----------
    result : xarray.Dataset
        A result; its attribute ``scenario`` holds the scenario.

    Returns
    -------
    dict
        ``area``, the dataset that the population starts from, and ``regions``; None where it starts from a table, or
        does not tell regions apart.
    """
    regions = _labels(result, "region")
    return {"area": area_of(result), "regions": None if regions == (UNDIVIDED,) else regions}


def _labels(result: xr.Dataset, dimension: str) -> tuple[str, ...]:
    """Return the labels of a dimension, in order."""
    return tuple(sorted(str(label) for label in result[dimension].values))


def _by_kind(results: Sequence[xr.Dataset], kinds: Sequence[Any]) -> dict[Any, str]:
    """Return the names of the results of each kind, with commas."""
    names: dict[Any, list[str]] = {}
    for result, kind in zip(results, kinds, strict=True):
        names.setdefault(kind, []).append(name_of(result))
    return {kind: ", ".join(found) for kind, found in names.items()}


def _of_ages(results: Sequence[xr.Dataset], common: list[int]) -> list[Remark]:
    """Say which results tell apart more ages than the pyramids do."""
    finer = [result for result in results if result["age"].size > len(common)]
    if not finer:
        return []
    names = ", ".join(name_of(result) for result in finer)
    return [{"say": AGES, "values": {"count": len(common), "last": common[-1], "names": names}}]


def _of_years(results: Sequence[xr.Dataset]) -> list[Remark]:
    """Say which years each result covers, where they differ."""
    spans = [(int(result["year"][0]), int(result["year"][-1])) for result in results]
    if len(set(spans)) == 1:
        return []
    kinds = _by_kind(results, spans)
    told = "; ".join(f"{first}\N{EN DASH}{last}: {names}" for (first, last), names in kinds.items())
    return [{"say": YEARS, "values": {"told": told}}]


def _of_steps(results: Sequence[xr.Dataset]) -> list[Remark]:
    """Say which results are computed in longer steps."""
    steps = _by_kind(results, [step_of(result) for result in results])
    return [{"say": STEPS, "values": {"names": names, "step": step}} for step, names in steps.items() if step > 1]


def _of_areas(results: Sequence[xr.Dataset]) -> list[Remark]:
    """Say of which areas the results are, where they differ."""
    areas = _by_kind(results, [area_of(result) for result in results])
    unknown = areas.pop(None, None)
    if unknown and len(areas) == 1:
        return [{"say": TABLES, "values": {"area": next(iter(areas)), "names": unknown}}]
    told = "; ".join(f"{area}: {names}" for area, names in areas.items())
    return [{"say": AREAS, "values": {"told": told}}] if len(areas) > 1 else []


def _of_labels(results: Sequence[xr.Dataset], dimension: str) -> list[Remark]:
    """Say which regions or groups the results tell apart, where they differ."""
    labels = [_labels(result, dimension) for result in results]
    if len(set(labels)) == 1:
        return []
    divided = {kind: names for kind, names in _by_kind(results, labels).items() if kind != (UNDIVIDED,)}
    told = "; ".join(f"{', '.join(kind)}: {names}" for kind, names in divided.items())
    return [{"say": LABELS[dimension, len(divided) > 1], "values": {"told": told}}]
