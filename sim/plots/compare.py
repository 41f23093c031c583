"""Several results in one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis import indicators
from sim.analysis.align import common_years, several
from sim.analysis.selection import name_of, title_of, years_label
from sim.errors import DataError
from sim.plots.labels import WIDEST_END_LABEL, EndLabel, end_labels, path_axes, place, room_for
from sim.plots.language import said
from sim.plots.panels import Path, extent, labels_of, look_of
from sim.plots.paths import Known, draw_published, known_of, path_of_one
from sim.plots.style import (
    FONT_SIZE,
    NEUTRAL,
    PLOT_HEIGHT,
    YEAR_LABEL_ROOM,
    Page,
    computed,
    scale_for,
    styled,
    value_axis,
    wrap,
    year_axis,
)
from sim.plots.words import base_sources, every_step, left_out, of_all, source_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@styled
def population(
    results: xr.Dataset | Iterable[xr.Dataset],
    region: str | None = None,
    group: str | None = None,
    baseline: str | None = None,
) -> Figure:
    """Draw the projected population of one result or several, with what was observed and what was published.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    region, group : str, optional
        Part of the population to show. Observed and published figures refer to the whole and are left
        out where only a part is shown.
    baseline : str, optional
        Name of the result drawn in black; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        Of one result its path, the observed one in grey, and published figures as points whose bars span
        what their rounding leaves open. Of several one path each over the years common to them, named at its end with
        its last value, with published figures in its colour. The axis of persons begins a little below the lowest
        value, not at zero: heights above it are not proportional to persons.

    Raises
    ------
    DataError
        As `sim.analysis.align.several`, or where no 1 January is common to all.
    """
    runs = several(results, baseline, region, group)
    if len(runs) == 1:
        (one,) = several(results)
        return path_of_one(one, region, group)
    return _of_several(runs, region, group)


def _of_several(runs: list[xr.Dataset], region: str | None, group: str | None) -> Figure:
    """Draw the population of several results, the baseline first."""
    years = common_years(runs)
    known = [] if region or group else [known_of(run, years[-1]) for run in runs]
    published = [figures.published for figures in known]
    seen = _observed(known)
    paths = [Path(np.array(years), indicators.population(run).sel(year=years).values) for run in runs]
    marked = [value for figures in known for value in figures._replace(observed=[]).all_values()]
    everything = [*extent(paths), *(value for line in seen for value in line.values()), *marked]
    scale = scale_for(max(everything))
    labels, sources = labels_of(runs), [text for figures in known for text in figures.sources]
    ends = _ends(labels, paths, [scale.write(float(path.values[-1])) for path in paths])
    first, last = min([years[0], *(year for line in seen for year in line)]), years[-1]
    marks = said(". Diamonds: published figures, in the colour of their line") if any(published) else ""
    page, axes = _path_page(
        title=said("Population on 1 January, {years}", years=years_label([first, last])),
        subtitle=of_all(runs, region, group),
        note=scale.persons + marks + every_step(runs[0].sel(year=years)) + left_out(runs),
        source=source_line(runs, [*base_sources(runs), *sources], labels),
        ends=ends,
    )
    year_axis(axes, first, last)
    value_axis(axes, scale, min(everything), max(everything))
    for line in seen:
        axes.plot(list(line), list(line.values()), color=NEUTRAL, linewidth=1.4, zorder=2.2, gid="observed")
    _draw_paths(axes, labels, paths)
    for entries, end in zip(published, ends, strict=False):
        for entry in entries:
            draw_published(axes, entry, end.color)
    end_labels(page, axes, ends)
    for line in seen:
        place(page, axes, said("observed"), list(line.items())[len(line) // 2], NEUTRAL)
    return page.figure


def _observed(known: Sequence[Known]) -> list[dict[int, float]]:
    """Return what was observed, by year: one line for all results whose lines are the same where they overlap."""
    lines: list[dict[int, float]] = []
    for figures in known:
        seen = dict(zip(figures.years, figures.observed, strict=True))
        fitting = next((line for line in lines if _agree(line, seen)), None)
        if fitting is not None:
            fitting |= seen
        elif seen:
            lines.append(seen)
    return [dict(sorted(line.items())) for line in lines]


def _agree(one: dict[int, float], other: dict[int, float]) -> bool:
    """Tell whether two lines overlap, and are the same where they do."""
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[year] == other[year] for year in shared)


@styled
def difference(
    results: xr.Dataset | Iterable[xr.Dataset],
    region: str | None = None,
    group: str | None = None,
    baseline: str | None = None,
) -> Figure:
    """Draw by how much the population of several results differs from that of the baseline.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Two or more results with different names and one draw each; a sweep counts as all its variants.
    region, group : str, optional
        Part of the population to show.
    baseline : str, optional
        Name of the result from which differences are counted; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        One line a result, named at its end with its last value; the baseline is the line at zero.

    Raises
    ------
    DataError
        As `population`, or where there is only one result.
    """
    base, *others = several(results, baseline, region, group)
    if not others:
        message = f"there is nothing to compare with {name_of(base)}; give two results or more"
        raise DataError(message)
    runs = [base, *others]
    years = common_years(runs)
    totals = [indicators.population(run).sel(year=years).values for run in runs]
    paths = [Path(np.array(years), persons - totals[0]) for persons in totals]
    low, high = extent(paths)
    scale = scale_for(max(-low, high))
    labels = labels_of(runs)
    values = [scale.write(float(path.values[-1]), sign=True) for path in paths[1:]]
    ends = _ends(labels, paths, ["", *values])
    page, axes = _path_page(
        title=said("Difference in population on 1 January, {years}", years=years_label([years[0], years[-1]])),
        subtitle=of_all(runs, region, group),
        note=said("{persons} more or fewer than in: {title}", persons=scale.persons, title=title_of(base))
        + every_step(runs[0].sel(year=years))
        + left_out(runs),
        source=source_line(runs, base_sources(runs), labels),
        ends=ends,
    )
    year_axis(axes, years[0], years[-1])
    value_axis(axes, scale, low, high, sign=True)
    _draw_paths(axes, labels, paths)
    end_labels(page, axes, ends)
    return page.figure


def _ends(labels: dict[str, str], paths: list[Path], values: list[str]) -> list[EndLabel]:
    """Return the label at the end of each path: its last value and its name."""
    ends = []
    for position, (label, path, value) in enumerate(zip(labels.values(), paths, values, strict=True)):
        text = wrap(f"{value} {label}".strip(), FONT_SIZE, WIDEST_END_LABEL)
        ends.append(EndLabel(float(path.values[-1]), text, look_of(position)[0]))
    return ends


def _path_page(title: str, subtitle: str, note: str, source: str, ends: list[EndLabel]) -> tuple[Page, Axes]:
    """Return a page with axes for paths, high and wide enough for the labels at their ends."""
    _, height = room_for([end.text for end in ends])
    page = Page(title, subtitle, note, source, max(PLOT_HEIGHT, height + YEAR_LABEL_ROOM))
    return page, path_axes(page, ends)


def _draw_paths(axes: Axes, names: Iterable[str], paths: list[Path]) -> None:
    """Draw one path a scenario, the baseline above the others."""
    for position, (name, path) in enumerate(zip(names, paths, strict=True)):
        color, look = look_of(position)
        lines = {"color": color, "clip_on": False, **look, **computed(path.years)}
        axes.plot(path.years, path.values, zorder=3 if position else 3.5, gid=name, **lines)
        axes.plot(path.years[-1:], path.values[-1:], "o", color=color, markersize=3.5, clip_on=False, zorder=4)
