"""How far a projection is from figures that were published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.analysis.indicators import ages, counts, rates, ratios
from sim.analysis.selection import one_projection, part, per_year, records, step_of, years_label, years_of
from sim.axes import PUBLISHED_INDICATORS, TOLD_APART_BY
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

_YEARLESS = ("first_year_of_natural_decrease",)
_NOT_SUMMED = ("migration_share_of_growth",)
"""Figures of a period that hold for each of its years, and are no sum over them."""
_FUNCTIONS: dict[str, Callable[..., xr.DataArray]] = {
    function.__name__: function
    for function in (
        counts.population,
        counts.births,
        counts.deaths,
        counts.immigration,
        counts.emigration,
        counts.net_migration,
        counts.natural_balance,
        counts.growth,
        rates.migration_share_of_growth,
        ages.mean_age,
        ages.median_age,
        ratios.old_age_dependency,
        ratios.youth_dependency,
        ratios.total_dependency,
        ratios.support_ratio,
        ratios.ageing_index,
        ratios.sex_ratio,
        counts.first_year_of_natural_decrease,
    )
}


class PublishedGap(NamedTuple):
    """One published figure beside the projected one."""

    indicator: str
    of: str
    """Region, group, motive, sponsor or nationality that the figure is of; nothing where it is of all."""

    period: str
    """Year, years with a dash, or nothing for an indicator that is itself a year."""

    projected: float
    """NaN where the projection does not cover the year, or the year is never reached."""

    published: float
    gap: float
    """Projected less published."""

    rounding: float | None
    """Largest difference that the rounding of the published figure explains."""

    source: str


def published_gaps(result: xr.Dataset) -> list[PublishedGap]:
    """Compare a projection with each figure that its scenario lists as published.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw; its attribute ``published`` is a JSON list.

    Returns
    -------
    list of PublishedGap
        In the order of the list. A figure for several years is compared with the mean over them; flows of steps
        longer than a year count as even over the years of the step, stocks only on the 1 Januaries between steps.

    Raises
    ------
    DataError
        Where an indicator is not in `PUBLISHED_INDICATORS`, or its year is missing or superfluous, or
        the result holds several scenarios or draws.
    """
    published = records(result, "published")
    if not published:
        return []
    result = one_projection(result)
    return [_published_gap(result, entry) for entry in published]


def _published_gap(result: xr.Dataset, entry: dict[str, Any]) -> PublishedGap:
    """Compare a projection with one published figure."""
    indicator = str(entry["indicator"])
    if indicator not in _FUNCTIONS:
        message = f"unknown published indicator '{indicator}'; known are {', '.join(PUBLISHED_INDICATORS)}"
        raise DataError(message)
    years = years_of(entry)
    if bool(years) == (indicator in _YEARLESS):
        wanted = "is itself a year and takes none" if years else "needs a year, or years"
        message = f"published {indicator} {wanted}"
        raise DataError(message)
    told = [str(entry[key]) for key in ("region", "group", *TOLD_APART_BY) if entry.get(key)]
    projected, published = _value(result, entry, years), float(entry["value"])
    return PublishedGap(
        indicator=indicator,
        of=", ".join(told),
        period=years_label(years),
        projected=projected,
        published=published,
        gap=projected - published,
        rounding=None if entry.get("rounding") is None else float(entry["rounding"]),
        source=str(entry.get("source") or ""),
    )


def _value(result: xr.Dataset, entry: dict[str, Any], years: list[int]) -> float:
    """Evaluate an indicator, as the mean over years; NaN where one of them is not projected."""
    indicator = str(entry["indicator"])
    shown = part(result, entry.get("region"), entry.get("group"))
    of_whom = {key: entry[key] for key in TOLD_APART_BY if entry.get(key)}
    values = _FUNCTIONS[indicator](shown, **of_whom)
    if indicator in _NOT_SUMMED:
        values = values * step_of(result)
    values = per_year(result, values)
    if not years:
        return float(values)
    return float(values.reindex({values.dims[-1]: years}).mean(skipna=False))
