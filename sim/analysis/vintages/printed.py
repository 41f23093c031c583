"""What editions printed of years that have come since, beside what was observed and what their runs project."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis.indicators import published_gaps
from sim.analysis.selection import records, years_of

if TYPE_CHECKING:
    import xarray as xr

    from sim.analysis.vintages.editions import Edition
    from sim.analysis.vintages.observed import Observed

INDICATORS = ("population", "growth", "births", "deaths", "natural_balance", "net_migration")
"""What is observed in totals, so that a printed figure can be held against it."""


class PrintedFigure(NamedTuple):
    """A printed figure of a year, or the mean of several, that are all observed; persons."""

    edition: str
    indicator: str
    """One of `INDICATORS`."""
    year: int
    """1 January of a population, calendar year of a flow; the first of several."""
    last_year: int
    """The year itself but for a mean of several years."""
    printed: float
    observed: float
    projected: float
    """By the edition's run."""


def printed_figures(edition: Edition, result: xr.Dataset, observed: Observed, first: int) -> list[PrintedFigure]:
    """Hold what an edition printed against what was observed.

    Parameters
    ----------
    edition : Edition
        The edition.
    result : xarray.Dataset
        Its run.
    observed : Observed
        Observed totals.
    first : int
        First year of these.

    Returns
    -------
    list of PrintedFigure
        In the order of the file; the population of the first 1 January, figures of a part of the population and those
        of years that are not all observed are left out.
    """
    found = []
    for entry, gap in zip(records(result, "published"), published_gaps(result), strict=True):
        years = years_of(entry)
        if gap.indicator not in INDICATORS or gap.of or (gap.indicator == "population" and years == [edition.start]):
            continue
        counted = _mean(observed, gap.indicator, years[0] - first, years[-1] - first + 1)
        if not (np.isnan(counted) or np.isnan(gap.projected)):
            told = (edition.name, gap.indicator, years[0], years[-1])
            found.append(PrintedFigure(*told, gap.published, counted, gap.projected))
    return found


def _mean(observed: Observed, indicator: str, start: int, stop: int) -> float:
    """Mean of an observed series over places on its calendar; NaN where one of them is not there."""
    series = np.diff(observed.population) if indicator == "growth" else getattr(observed, indicator)
    within = start >= 0 and stop <= len(series)
    return float(series[start:stop].mean()) if within else np.nan
