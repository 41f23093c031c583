"""What the choice of a convention is worth: one scenario under all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.analysis import indicators
from sim.engine import CONVENTIONS
from sim.errors import ProjectionError, ScenarioError
from sim.pipeline import Prepared, Tell, labelled, silent
from sim.scenario.faults import fault_at

if TYPE_CHECKING:
    import xarray as xr

YOUNG, OLDEST = 15, 80


class UnderConventions(NamedTuple):
    """One scenario under every convention."""

    results: dict[str, xr.Dataset]
    """By convention."""
    refused: dict[str, str]
    """Conventions under which it cannot be projected, and why."""


def under_every_convention(prepared: Prepared, tell: Tell = silent) -> UnderConventions:
    """Project a scenario under every convention; nothing is written.

    Parameters
    ----------
    prepared : Prepared
        A scenario without a sweep, and all that it assumes.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    UnderConventions
        With the scenario's own convention among the results.

    Raises
    ------
    ScenarioError
        If the scenario is a sweep.
    ProjectionError
        If it cannot be projected under its own convention.
    """
    scenario = prepared.scenario
    if scenario.sweep is not None:
        raise ScenarioError([fault_at(scenario, ("sweep",), "conventions are compared for one projection at a time")])
    found = UnderConventions({}, {})
    for name in CONVENTIONS:
        tell(f"{scenario.name}: projecting under {name}")
        try:
            other = scenario.under(name)
            found.results[name] = labelled(other, prepared.assumptions[0])
        except ProjectionError as error:
            if name == scenario.convention:
                raise
            found.refused[name] = str(error)
    return found


class Worth(NamedTuple):
    """A projection under a convention, and how far it lies from that under the scenario's own, in percent."""

    convention: str
    population: float
    """Persons on the last 1 January."""
    population_gap: float | None
    """Persons on the last 1 January; None, as all gaps, where there is nobody under the scenario's own."""
    births_gap: float | None
    """Births of all years."""
    young_gap: float | None
    """Ages 0-14 on the last 1 January; None where no age group ends there."""
    oldest_gap: float | None
    """Ages 80 and over on the last 1 January; None where no age group begins there."""


def worth(results: dict[str, xr.Dataset], own: str) -> list[Worth]:
    """Compare the results of one scenario under several conventions.

    Parameters
    ----------
    results : dict of Dataset
        Results by convention.
    own : str
        The convention from which gaps are counted.

    Returns
    -------
    list of Worth
        One a convention, the scenario's own first.
    """
    base = results[own]
    found = []
    for name in [own, *(name for name in results if name != own)]:
        result = results[name]
        end = result.isel(year=-1)
        found.append(
            Worth(
                name,
                float(end["population"].sum()),
                _gap(end["population"], base.isel(year=-1)["population"]),
                _gap(result["births"], base["births"]),
                _gap_of_ages(result, base, 0, YOUNG),
                _gap_of_ages(result, base, OLDEST, None),
            )
        )
    return found


def _gap(values: xr.DataArray, base: xr.DataArray) -> float | None:
    """Difference of two sums in percent of the second; None where that is zero."""
    whole = float(base.sum())
    return 100 * (float(values.sum()) / whole - 1) if whole else None


def _gap_of_ages(result: xr.Dataset, base: xr.Dataset, first: int, stop: int | None) -> float | None:
    """Difference of an age group on the last 1 January in percent; None where the ages do not allow it."""
    if not indicators.begin_at(base, *(age for age in (first, stop) if age)):
        return None
    groups = (indicators.age_group(one, first, stop).isel(year=-1) for one in (result, base))
    return _gap(*groups)
