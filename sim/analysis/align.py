"""Results made to fit each other: the same 1 Januaries, ages, regions and groups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis.indicators import STATES
from sim.analysis.selection import age_width, name_of, one_projection, part, single_results, step_of
from sim.axes import TOLD_APART_BY, UNDIVIDED
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from numpy.typing import NDArray

FLOWS = (
    *("births", "deaths", "net_migrants", "immigrants", "emigrants"),
    *("moves_in", "moves_out", "changes_in", "changes_out"),
    *(f"immigrants_by_{by}" for by in TOLD_APART_BY),
)
"""Variables that count what happens during a period."""


class Unlike(NamedTuple):
    """In what results do not fit each other, as far as they are made to fit."""

    years: bool
    """Whether one has 1 Januaries that another has not."""
    open_age: int | None
    """First of the ages that are put together at the end, where some end with a later one."""
    width: int | None
    """Years of age in a common age group, where some have narrower ones."""
    states: list[str]
    """``region``, ``group`` or both, where their labels differ and only their total is kept."""


def several(
    results: xr.Dataset | Iterable[xr.Dataset],
    baseline: str | None = None,
    region: str | None = None,
    group: str | None = None,
) -> list[xr.Dataset]:
    """Return the projections that one result, or several, hold, each under a name of its own.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        One result or more; a sweep counts as all its variants.
    baseline : str, optional
        Name of the projection that comes first; the order stays where not given.
    region, group : str, optional
        Part of the population to keep.

    Returns
    -------
    list of xarray.Dataset
        Results of one scenario and one draw each.

    Raises
    ------
    DataError
        Where there is none, two share a name, the baseline is not among them, one has no such region or group, or one
        holds several draws.
    """
    import xarray as xr

    singles = single_results([results] if isinstance(results, xr.Dataset) else results)
    first = checked_baseline([name_of(result) for result in singles], baseline)
    if baseline is not None:
        singles = sorted(singles, key=lambda result: name_of(result) != first)
    return [part(one_projection(result), region, group) for result in singles]


def checked_baseline(names: list[str], baseline: str | None) -> str:
    """Return the name of the baseline, the first where none is given, after checks.

    Parameters
    ----------
    names : list of str
        Names of results.
    baseline : str, optional
        One of them.

    Returns
    -------
    str
        That name.

    Raises
    ------
    DataError
        Where there is no name, two are the same, or the baseline is not among them.
    """
    if not names:
        message = "there is no result to compare"
        raise DataError(message)
    shared = sorted({name for name in names if names.count(name) > 1})
    if shared:
        message = f"two results share the name {', '.join(shared)}; results are compared by name"
        raise DataError(message)
    if baseline is not None and baseline not in names:
        message = f"there is no baseline '{baseline}' among the results; they are {', '.join(names)}"
        raise DataError(message)
    return names[0] if baseline is None else baseline


def unlike(results: Sequence[xr.Dataset]) -> Unlike:
    """Tell in what results do not fit each other.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        One result or more, of one scenario and one draw each.

    Returns
    -------
    Unlike
        What `aligned` cuts, pools or sums.

    Raises
    ------
    DataError
        As `aligned`.
    """
    years, ages = common_years(results), common_ages(results)
    widths = {age_width(one) for one in results}
    return Unlike(
        any(one.sizes["year"] > len(years) for one in results),
        ages[-1] if any(int(one["age"][-1]) > ages[-1] for one in results) else None,
        max(widths) if len(widths) > 1 else None,
        [dimension for dimension in STATES if len({frozenset(_labels(one, dimension)) for one in results}) > 1],
    )


def aligned(results: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Cut, pool and sum results to what all of them tell.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        One result or more, of one scenario and one draw each.

    Returns
    -------
    list of xarray.Dataset
        ``population`` on the 1 Januaries common to all, and the flows between them, of all ages. Ages that some tell
        apart and others do not are summed; the open age is the lowest one. Flows are summed over the years between
        two common 1 Januaries. Regions, or groups, that are not called the same in all are summed to one, ``all``.

    Raises
    ------
    DataError
        Where no 1 January is common to all, or their first ages differ.

    Notes
    -----
    Everything is a sum of what the results hold; nothing is split or interpolated. Flows by age are not kept: the ages
    reached within a step of five years are others than those reached within each of its years.
    """
    years, ages, states = common_years(results), common_ages(results), unlike(results).states
    orders = {dimension: _labels(results[0], dimension) for dimension in STATES if dimension not in states}
    return [_fitted(one, years, ages, states, orders) for one in results]


def area_of(result: xr.Dataset) -> str | None:
    """Return the dataset that a population starts from, which is of one area; None where it starts from tables."""
    population = json.loads(result.attrs.get("scenario") or "{}").get("population") or {}
    area: str | None = population.get("dataset")
    return area


def doubts_of_area(results: Sequence[xr.Dataset]) -> list[str]:
    """Say which results may be of different areas, so that a difference between them means nothing.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        One scenario and one draw each.

    Returns
    -------
    list of str
        A sentence where some start from other data than others, and one where they tell other regions apart.
    """
    starts = {name_of(one): area_of(one) for one in results}
    regions = {name_of(one): sorted(_labels(one, "region")) for one in results}
    divided = {name: labels for name, labels in regions.items() if labels != [UNDIVIDED]}
    found = []
    if len(set(starts.values())) > 1:
        told = ", ".join(f"{name} from {f'the dataset {area}' if area else 'tables'}" for name, area in starts.items())
        found.append(f"populations start from different data: {told}")
    if len(set(map(tuple, divided.values()))) > 1:
        told = ", ".join(f"{name} {', '.join(labels)}" for name, labels in divided.items())
        found.append(f"regions differ: {told}")
    return [f"{sentence}; differences hold only between people of one area" for sentence in found]


def common_years(results: Sequence[xr.Dataset]) -> list[int]:
    """Return the 1 Januaries that all results cover.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results.

    Returns
    -------
    list of int
        Years, in order.

    Raises
    ------
    DataError
        Where there is none.
    """
    covered = [result["year"].values.tolist() for result in results]
    years: list[int] = sorted(set(covered[0]).intersection(*covered[1:]))
    if not years:
        spans = (f"{name_of(one)} {known[0]} to {known[-1]}" for one, known in zip(results, covered, strict=True))
        message = f"no year is common to all results: {', '.join(spans)}"
        raise DataError(message)
    return years


def aligned_flows(results: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Do as `aligned`, for what happens between 1 Januaries.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        As `aligned`.

    Returns
    -------
    list of xarray.Dataset
        As `aligned`, with one period or more.

    Raises
    ------
    DataError
        As `aligned`, or where only one 1 January is common to all.
    """
    years = common_years(results)
    if len(years) == 1:
        message = f"only 1 January {years[0]} is common to all; what happens in a period needs two"
        raise DataError(message)
    return aligned(results)


def common_ages(results: Sequence[xr.Dataset]) -> list[int]:
    """Return the ages at which an age, or an age group, of every result begins.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results.

    Returns
    -------
    list of int
        Ages, in order; the last is open.

    Raises
    ------
    DataError
        Where their first ages differ.
    """
    known = [result["age"].values.tolist() for result in results]
    if len({ages[0] for ages in known}) > 1:
        firsts = (f"{name_of(result)} {ages[0]}" for result, ages in zip(results, known, strict=True))
        message = f"the results begin at different ages: {', '.join(firsts)}; keep all ages of a result"
        raise DataError(message)
    return sorted(set(known[0]).intersection(*known[1:]))


def _labels(result: xr.Dataset, dimension: str) -> list[str]:
    """Return the labels of a dimension."""
    return [str(label) for label in result[dimension].values]


def _fitted(
    result: xr.Dataset, years: list[int], ages: list[int], together: list[str], orders: dict[str, list[str]]
) -> xr.Dataset:
    """Return a result on common years and ages, without what is told together, in a common order of labels."""
    import xarray as xr

    population = pooled(result["population"].sel(year=years), "age", ages)
    flows = {name: _between(result, result[name], years) for name in FLOWS if name in result}
    fitted = xr.Dataset({"population": population, **flows}, attrs=result.attrs)
    for dimension, labels in orders.items():
        if _labels(fitted, dimension) != labels:
            fitted = fitted.sel({dimension: labels})
    for dimension in together:
        order = {name: values.dims for name, values in fitted.data_vars.items()}
        summed = fitted.sum(dimension, skipna=False, keep_attrs=True).expand_dims({dimension: [UNDIVIDED]})
        fitted = summed.assign({name: summed[name].transpose(*dimensions) for name, dimensions in order.items()})
    return fitted


def _between(result: xr.Dataset, flow: xr.DataArray, years: list[int]) -> xr.DataArray:
    """Sum a flow over all ages, and over the periods between each of some 1 Januaries and the next."""
    if "age" in flow.dims:
        flow = flow.sum("age", skipna=False)
    step = step_of(result)
    known, wanted = result["period"].values.tolist(), list(range(years[0], years[-1], step))
    missing = [str(period) for period in wanted if period not in known]
    if missing:
        message = f"{name_of(result)} has no flows of {', '.join(missing)}; keep all periods between its years"
        raise DataError(message)
    return pooled(flow.sel(period=wanted), "period", years[:-1])


def pooled(values: xr.DataArray, dimension: str, starts: list[int]) -> xr.DataArray:
    """Sum from each start up to the next, and from the last to the end.

    Parameters
    ----------
    values : xarray.DataArray
        Persons by age, or by period.
    dimension : str
        Along which they are summed.
    starts : list of int
        Coordinates of it.

    Returns
    -------
    xarray.DataArray
        By start.
    """
    known: NDArray[np.int64] = values[dimension].values
    if known.tolist() == starts:
        return values
    places = np.searchsorted(known, starts)
    sums = np.add.reduceat(values.values, places, axis=values.get_axis_num(dimension))
    return values.isel({dimension: places}).copy(data=sums)
