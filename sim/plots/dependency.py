"""How many children and old people there are to those of working age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis import indicators
from sim.analysis.align import common_years, several
from sim.analysis.selection import name_of, years_label
from sim.errors import DataError
from sim.plots.language import said
from sim.plots.panels import (
    Path,
    add_panels,
    draw_lines,
    extent,
    key_height,
    key_note,
    panels,
    room_at_ends,
    same_span,
    signs_of,
    write_key,
)
from sim.plots.style import Page, Scale, number, styled
from sim.plots.words import base_sources, every_step, left_out, of_all, source_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr
    from matplotlib.figure import Figure

_RATIOS = (indicators.youth_dependency, indicators.old_age_dependency, indicators.total_dependency)
_PER_HUNDRED = Scale(1, "", 1)
_HEIGHT, _LEFT = 2.4, 0.3


@styled
def dependency(
    results: xr.Dataset | Iterable[xr.Dataset],
    baseline: str | None = None,
    region: str | None = None,
    group: str | None = None,
) -> Figure:
    """Draw the dependency ratios of one result or several, over the years common to them.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    baseline : str, optional
        Name of the result drawn in black; the first where not given.
    region, group : str, optional
        Part of the population to show.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels, of the young, the old and both, in persons per 100 aged 15 to 64, with a line a result. All
        axes span as many persons, and do not begin at zero.

    Raises
    ------
    DataError
        As `sim.analysis.align.several`, where there are more than sixteen results, no 1 January is common to all, the
        ages of one cannot make up these age groups, or one has nobody of working age in the last year.
    """
    runs = several(results, baseline, region, group)
    signs = signs_of(runs)
    years = common_years(runs)
    cut = [run.sel(year=years) for run in runs]
    ratios = [[ratio(run) for run in cut] for ratio in _RATIOS]
    for run, line in zip(runs, ratios[-1], strict=True):
        if not np.isfinite(line.values[-1]):
            message = f"{name_of(run)} has nobody of working age on 1 January {years[-1]}; there is no dependency ratio"
            raise DataError(message)
    limits = {"working": indicators.WORKING, "last": indicators.OLD - 1, "old": indicators.OLD}
    headings = [
        said("Young: under {working}", **limits),
        said("Old: {old} and over", **limits),
        said("Both together"),
    ]
    labels = [sign.label(_write(float(line[-1]))) for lines in ratios for sign, line in zip(signs, lines, strict=True)]
    placed = panels(headings, len(headings), _HEIGHT, _LEFT, room_at_ends(labels))
    unit = said("Persons per 100 aged {working} to {last} on 1 January", **limits)
    page = Page(
        title=said("Dependency ratios, {years}", years=years_label([years[0], years[-1]])),
        subtitle=of_all(runs, region, group),
        note=f"{unit}. {key_note(signs, years[-1])}{every_step(cut[0])}{left_out(runs)}",
        source=source_line(runs, base_sources(runs), {sign.name: sign.words for sign in signs}),
        plot_height=placed.height + key_height(signs),
    )
    write_key(page, signs)
    paths = [[Path(line["year"].values, line.values) for line in lines] for lines in ratios]
    spans = same_span([extent(lines) for lines in paths])
    for axes, lines, ends in zip(add_panels(page, placed, _LEFT), paths, spans, strict=True):
        draw_lines(page, axes, lines, signs, _PER_HUNDRED, write=_write, ends=ends)
    return page.figure


def _write(ratio: float) -> str:
    """Write a ratio."""
    return number(ratio, 1)
