"""What policies change, of two results: one with them and one without."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.selection import name_of, per_year, single_results
from sim.errors import DataError
from sim.plots.language import said
from sim.plots.motives import OF_IMMIGRANTS, colors_of, immigrants_by
from sim.plots.style import BLUE, PALETTE, WINE
from sim.plots.words import scenario_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

_KINDS = ("scale", "shift", "cap", "end")
"""Keys of a policy that hold its changes."""

_TOLERANCE = 1e-9
"""Part of a flow that is rounding."""


class Policy(NamedTuple):
    """A policy that a scenario names."""

    name: str
    since: datetime.date
    until: datetime.date | None
    """First day on which it holds no more."""
    changes: list[dict[str, Any]]
    """What it does, to which flows."""
    entry: dict[str, Any]
    """As the scenario has it."""


class Series(NamedTuple):
    """People of one kind in each calendar year, with the policies and without."""

    name: str
    color: str
    changed: NDArray[np.float64]
    base: NDArray[np.float64]

    @property
    def differs(self) -> bool:
        """Whether the policies change anything."""
        return not np.allclose(self.changed, self.base, rtol=_TOLERANCE, atol=_TOLERANCE)


def with_and_without(results: Sequence[xr.Dataset]) -> list[tuple[xr.Dataset, xr.Dataset]]:
    """Tell results with policies from the one without.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results; a sweep counts as all its variants.

    Returns
    -------
    list of tuple of xarray.Dataset
        Each result with policies, and the one without. Nothing where there is not exactly one that has no policy
        which another lacks, and whose policies all others add to. Results without immigrants and those of other
        years than the one without are left out.
    """
    singles = single_results(results)
    names = [{entry["name"] for entry in scenario_of(result).get("policies", [])} for result in singles]
    places = [
        place
        for place, known in enumerate(names)
        if all(known < other for at, other in enumerate(names) if at != place)
    ]
    if len(singles) < 2 or len(places) != 1 or "immigrants" not in singles[places[0]]:
        return []
    base = singles[places[0]]
    return [
        (result, base)
        for result in singles
        if result is not base and "immigrants" in result and np.array_equal(result["year"], base["year"])
    ]


def added(result: xr.Dataset, other: xr.Dataset) -> list[Policy]:
    """Return the policies of a scenario of which another has none of the name, in order of time."""
    here, there = (scenario_of(one).get("policies", []) for one in (result, other))
    known = {entry["name"] for entry in there}
    policies = [
        Policy(
            entry["name"],
            datetime.date.fromisoformat(entry["from"]),
            datetime.date.fromisoformat(entry["until"]) if entry.get("until") else None,
            [change for kind in _KINDS for change in _listed(entry.get(kind))],
            entry,
        )
        for entry in here
        if entry["name"] not in known
    ]
    return sorted(policies, key=lambda policy: policy.since)


def flows_of(policies: Sequence[Policy]) -> list[str]:
    """Return which flows policies change: ``immigrants``, to whom applications lead too, ``emigrants``, or both."""
    leaving = [change.get("flow") == "emigration" for policy in policies for change in policy.changes]
    return ["immigrants"] * (not leaving or not all(leaving)) + ["emigrants"] * any(leaving)


def series_of(changed: xr.Dataset, base: xr.Dataset, policies: Sequence[Policy]) -> tuple[str, list[Series]]:
    """Return the flows that policies change, in both results.

    Parameters
    ----------
    changed, base : xarray.Dataset
        The result with the policies and the one without.
    policies : sequence of Policy
        What the first adds.

    Returns
    -------
    tuple of str and list of Series
        What they are, as the beginning of a heading, and one series for each that differs. Immigrants by the finest
        kind that tells all of the difference, or in total; emigrants by the groups that the policies name, or in
        total where one names none; both in total where policies change both. In total too where nothing differs.

    Raises
    ------
    DataError
        Where a result has no immigrants, only their balance with emigrants.
    """
    flows = flows_of(policies)
    totals = [_total(changed, base, name) for name in flows]
    if len(flows) > 1:
        return said("Immigrants and emigrants"), totals
    told = _by_group(changed, base, policies) if flows == ["emigrants"] else _by_kind(changed, base, *totals)
    return told or (said("Immigrants") if flows == ["immigrants"] else said("Emigrants"), totals)


def _listed(changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return changes as a list, which a file may give one by one."""
    return changes if isinstance(changes, list) else [changes] if changes else []


def _by_kind(changed: xr.Dataset, base: xr.Dataset, total: Series) -> tuple[str, list[Series]] | None:
    """Return the immigrants that differ by sponsor, or by motive; nothing where neither tells all of the difference."""
    for by in reversed(OF_IMMIGRANTS):
        if not all(f"immigrants_by_{by}" in result for result in (changed, base)):
            continue
        tables = [immigrants_by(result, by) for result in (changed, base)]
        labels = list(dict.fromkeys(str(label) for table in tables for label in table[by].values))
        rows = [table.reindex({by: labels}, fill_value=0.0).transpose(by, "period").values for table in tables]
        series = [Series(*one) for one in zip(labels, colors_of(by, labels), *rows, strict=True)]
        differing = [one for one in series if one.differs]
        told = np.sum([one.changed - one.base for one in differing], axis=0)
        most = max(float(total.changed.max()), float(total.base.max()))
        if differing and np.allclose(told, total.changed - total.base, rtol=0, atol=_TOLERANCE * most):
            return said("Immigrants by motive") if by == "motive" else said("Immigrants by sponsor"), differing
    return None


def _by_group(changed: xr.Dataset, base: xr.Dataset, policies: Sequence[Policy]) -> tuple[str, list[Series]] | None:
    """Return the emigrants of the groups that policies name; nothing where one names none, or none differs."""
    named = {change.get("group") for policy in policies for change in policy.changes}
    known = [[str(label) for label in result["group"].values] for result in (changed, base)]
    if not all(named <= set(labels) for labels in known):
        return None
    series = [
        _total(changed.sel(group=[label]), base.sel(group=[label]), "emigrants")._replace(
            name=label, color=PALETTE[place % len(PALETTE)]
        )
        for place, label in enumerate(known[0])
        if label in named
    ]
    differing = [one for one in series if one.differs]
    return (said("Emigrants by group"), differing) if differing else None


def _total(changed: xr.Dataset, base: xr.Dataset, name: str) -> Series:
    """Return all immigrants, or all emigrants, of each calendar year."""
    paths = []
    for result in (changed, base):
        if name not in result:
            message = f"{name_of(result)} has no immigrants, only their balance with emigrants"
            raise DataError(message)
        total = result[name].sum(["region", "group", "sex", "age"], skipna=False)
        paths.append(per_year(result, total).values)
    return Series(name, BLUE if name == "immigrants" else WINE, *paths)
