"""Paths in time: stated years drawn out to every year."""

from collections.abc import Sequence

import numpy as np

from sim.axes import Array
from sim.demography.graduation import monotone_cubic
from sim.scenario.inputs import YearPath


def uncovered(series: "float | YearPath", years: Sequence[int]) -> str | None:
    """Tell which years a path leaves open.

    Parameters
    ----------
    series : number or YearPath
        A number holds for all years.
    years : sequence of int
        Years that are needed, rising.

    Returns
    -------
    str or None
        A message, or None where every year has a value.
    """
    if not isinstance(series, YearPath):
        return None
    first, last = min(series.path), max(series.path)
    if years[0] < first and series.before is None:
        return f"begins in {first}, but {years[0]} is needed; state it, or 'before: constant'"
    if years[-1] > last and series.after is None:
        return f"ends in {last}, but {years[-1]} is needed; state it, or 'after: constant'"
    return None


def values(series: "float | YearPath", years: Sequence[int]) -> Array:
    """Values of a path for every year.

    Parameters
    ----------
    series : number or YearPath
        A path that covers the years, see `uncovered`.
    years : sequence of int
        Years that are needed, rising.

    Returns
    -------
    (n,) array
        Values in the unit of the path; those of stated years exactly.
    """
    wanted = np.array(years, dtype=float)
    if not isinstance(series, YearPath):
        return np.full(len(wanted), float(series))
    stated = sorted(series.path)
    knots, heights = np.array(stated, dtype=float), np.array([series.path[year] for year in stated])
    if series.interpolate == "step":
        kept: Array = heights[np.searchsorted(knots[1:], wanted, side="right")]
        return kept
    if series.interpolate == "monotone" and len(stated) > 1:
        within = np.minimum(np.maximum(wanted, knots[0]), knots[-1])
        return monotone_cubic(knots, heights, within)
    on_lines: Array = np.interp(wanted, knots, heights)
    return on_lines
