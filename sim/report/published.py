"""Published figures beside a projection, and how far it is from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.analysis.indicators import published_gaps
from sim.analysis.selection import records, years_of

if TYPE_CHECKING:
    import xarray as xr

WORDS = {
    "population": "Population",
    "births": "Births",
    "deaths": "Deaths",
    "immigration": "Immigration",
    "emigration": "Emigration",
    "net_migration": "Net migration",
    "natural_balance": "Natural balance",
    "growth": "Growth",
    "migration_share_of_growth": "Share of net migration in growth",
    "mean_age": "Mean age",
    "median_age": "Median age",
    "old_age_dependency": "Old-age dependency",
    "youth_dependency": "Youth dependency",
    "total_dependency": "Total dependency",
    "support_ratio": "Support ratio",
    "ageing_index": "Ageing index",
    "sex_ratio": "Sex ratio",
    "first_year_of_natural_decrease": "First year of natural decrease",
}
"""What a page calls the indicators of published figures."""


def gaps(result: xr.Dataset) -> list[dict[str, Any]]:
    """List how far a result is from the figures that its scenario states as published.

    Parameters
    ----------
    result : xarray.Dataset
        One scenario and one draw.

    Returns
    -------
    list of dict
        As `sim.analysis.indicators.PublishedGap`, with ``words`` for the indicator, and None for what is not known.
    """
    return [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in gap._asdict().items()}
        | {"words": WORDS[gap.indicator]}
        for gap in published_gaps(result)
    ]


def published_populations(result: xr.Dataset) -> list[tuple[int, float]]:
    """Return the published populations of the whole, by year.

    Parameters
    ----------
    result : xarray.Dataset
        One scenario and one draw.

    Returns
    -------
    list of (int, float)
        1 Januaries and persons; none of a region or group.
    """
    of_parts = ("region", "group")
    entries = [entry for entry in records(result, "published") if entry["indicator"] == "population"]
    return [
        (year, float(entry["value"]))
        for entry in entries
        if not any(entry.get(key) for key in of_parts)
        for year in years_of(entry)
    ]
