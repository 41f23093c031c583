"""The population of each region or group, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis.align import aligned, several
from sim.analysis.selection import name_of, years_label
from sim.errors import DataError
from sim.plots.language import said
from sim.plots.panels import (
    LEAST_ROW,
    Path,
    add_panels,
    draw_lines,
    extent,
    key_height,
    key_note,
    panels,
    room_at_ends,
    signs_of,
    write_key,
)
from sim.plots.states import PERCENT, common_dimension
from sim.plots.style import Page, number, scale_for, styled
from sim.plots.words import base_sources, every_step, in_words, left_out, of_all, source_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.figure import Figure

MOST_PARTS = 12
"""Regions or groups up to which each has a panel."""

_HEIGHT = {2: 1.9, 3: 1.5}
_LEFT = {2: 0.5, 3: 0.42}
"""Inches of the axes, and for tick labels, by the number of columns."""


class Part(NamedTuple):
    """What one panel shows."""

    heading: str
    paths: list[Path]
    """One a result."""


@styled
def parts(
    results: xr.Dataset | Iterable[xr.Dataset],
    by: str | None = None,
    baseline: str | None = None,
    region: str | None = None,
    group: str | None = None,
    *,
    index: bool = False,
) -> Figure:
    """Draw the population of each region, or of each group, in a panel of its own.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    by : str, optional
        ``group`` or ``region``; where not given groups, or regions where there is one group only.
    baseline : str, optional
        Name of the result drawn in black; the first where not given.
    region, group : str, optional
        Part of the population that is divided: the groups of a region, or the regions of a group.
    index : bool
        Whether to show each in percent of its own population in the first year, on the same scale, instead of persons.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a region or group with a line a result. Of more than twelve the eleven largest in the last year of
        the first result, and all others together. Axes do not begin at zero.

    Raises
    ------
    DataError
        As `sim.analysis.align.several`, where there are more than sixteen results, the results are divided differently
        or not at all, or nobody is there in the first year to count from.
    """
    whole = several(results, baseline, region, group)
    runs = aligned(whole)
    signs = signs_of(runs)
    dimension = common_dimension(whole, runs, by)
    shown = _parts(runs, dimension)
    shown = [_indexed(part, runs) for part in shown] if index else shown
    years = shown[0].paths[0].years
    scale = PERCENT if index else scale_for(min(extent(part.paths)[1] for part in shown))
    columns = 2 if len(shown) <= 4 else 3

    def write(value: float) -> str:
        return number(value, 0) if index else scale.write(value)

    labels = [
        sign.label(write(float(path.values[-1])))
        for part in shown
        for sign, path in zip(signs, part.paths, strict=True)
    ]
    height = max(_HEIGHT[columns], LEAST_ROW * len(signs))
    placed = panels([part.heading for part in shown], columns, height, _LEFT[columns], room_at_ends(labels))
    unit = said("Percent of the population on 1 January {year}", year=years[0]) if index else scale.persons
    own = "" if index else f"; {said('each panel has a scale of its own')}"
    span = years_label(years.tolist())
    title = {
        "group": said("Population of each group on 1 January, {years}", years=span),
        "region": said("Population of each region on 1 January, {years}", years=span),
    }
    page = Page(
        title=title[dimension],
        subtitle=of_all(whole, region, group),
        note=f"{unit}{own}. {key_note(signs, years[-1])}{every_step(runs[0])}{left_out(whole, states=True)}",
        source=source_line(whole, base_sources(whole), {sign.name: sign.words for sign in signs}),
        plot_height=placed.height + key_height(signs),
    )
    write_key(page, signs)
    ends = extent([path for part in shown for path in part.paths]) if index else None
    for axes, part in zip(add_panels(page, placed, _LEFT[columns]), shown, strict=True):
        draw_lines(page, axes, part.paths, signs, scale, write=write, ends=ends)
    return page.figure


def _parts(runs: Sequence[xr.Dataset], dimension: str) -> list[Part]:
    """Return a part a label, in the order of the labels, and the rest of many at the end."""
    over = [name for name in runs[0]["population"].dims if name not in (dimension, "year")]
    people = [run["population"].sum(over, skipna=False).transpose(dimension, "year").values for run in runs]
    years = runs[0]["year"].values
    names = [str(label) for label in runs[0][dimension].values]
    kept = list(range(len(names)))
    if len(names) > MOST_PARTS:
        kept = sorted(np.argsort(-people[0][:, -1], kind="stable")[: MOST_PARTS - 1].tolist())
    found = [Part(in_words(names[place]), [Path(years, table[place]) for table in people]) for place in kept]
    if len(kept) < len(names):
        rest = [Path(years, np.delete(table, kept, axis=0).sum(axis=0)) for table in people]
        count = len(names) - len(kept)
        heading = {
            "region": said("{count} other regions together", count=count),
            "group": said("{count} other groups together", count=count),
        }
        found.append(Part(heading[dimension], rest))
    return found


def _indexed(part: Part, runs: Sequence[xr.Dataset]) -> Part:
    """Return each path in percent of its first value."""
    for path, run in zip(part.paths, runs, strict=True):
        if path.values[0] == 0:
            message = (
                f"nobody is in {part.heading} of {name_of(run)} on 1 January {path.years[0]}; no index counts from it"
            )
            raise DataError(message)
    return part._replace(paths=[Path(path.years, 100 * path.values / path.values[0]) for path in part.paths])
