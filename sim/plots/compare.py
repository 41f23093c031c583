"""Several results in one figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.analysis.compare import compare
from sim.analysis.selection import (
    name_of,
    observed_series,
    one_projection,
    single_results,
    sources_of,
    title_of,
    years_label,
)
from sim.errors import DataError
from sim.plots.labels import WIDEST_END_LABEL, EndLabel, end_labels, path_axes, place, room_for
from sim.plots.language import said
from sim.plots.pyramid import AGE_LABEL_ROOM, Ages, ages_of, draw_ages, head, largest_age, pyramid_axes
from sim.plots.style import (
    BASELINE,
    FONT_SIZE,
    FULL_WIDTH,
    MARGIN,
    NEUTRAL,
    PALETTE,
    PLOT_HEIGHT,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    computed,
    measure,
    scale_for,
    styled,
    value_axis,
    wrap,
    year_axis,
)
from sim.plots.words import base_sources, by_age, common_sweep, every_step, source_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LONGEST_TITLE = 40
_LINE_STYLES = ("-", "--", "-.", ":")
MOST_PANELS = 4
_PANEL_GAP = 0.25
_AXES_HEIGHT = {1: 3.7, 2: 2.3}
"""Inches, by the number of columns of panels."""

_TOTALS_ROOM = 0.35


@styled
def compare_population(results: Sequence[xr.Dataset], baseline: str | None = None) -> Figure:
    """Draw the population of several results over the years common to them.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    baseline : str, optional
        Name of the result drawn in black; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        One path a result, named at its end with its last value, and the observed population in grey.

    Raises
    ------
    DataError
        As `sim.analysis.compare.compare`.
    """
    results = single_results(results)
    comparison = compare(results, baseline)
    seen_years, seen = _observed(results, int(comparison["year"][-1]))
    paths = comparison["population"].transpose("scenario", "year")
    everything = [*paths.values.ravel().tolist(), *seen]
    scale = scale_for(max(everything))
    ends = _ends(comparison, paths, [scale.write(value) for value in paths.values[:, -1]])
    first, last = min([int(paths["year"][0]), *seen_years]), int(paths["year"][-1])
    page, axes = _path_page(
        title=said("Population on 1 January, {years}", years=years_label([first, last])),
        subtitle=common_sweep(results),
        note=scale.persons + every_step(comparison),
        source=source_line(
            results,
            [
                *base_sources(results),
                *(text for result in results for text in sources_of(result, "observed", "population")),
            ],
            _labels(comparison),
        ),
        ends=ends,
    )
    year_axis(axes, first, last)
    value_axis(axes, scale, min(everything), max(everything))
    if seen:
        axes.plot(seen_years, seen, color=NEUTRAL, linewidth=1.4, zorder=2.2, gid="observed")
    _draw_paths(axes, paths, ends)
    end_labels(page, axes, ends)
    if seen:
        middle = len(seen) // 2
        place(page, axes, said("observed"), (seen_years[middle], seen[middle]), NEUTRAL)
    return page.figure


@styled
def compare_difference(results: Sequence[xr.Dataset], baseline: str | None = None) -> Figure:
    """Draw by how much the population of several results differs from that of the baseline.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Two or more results with different names and one draw each; a sweep counts as all its variants.
    baseline : str, optional
        Name of the result from which differences are counted; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        One line a result, named at its end with its last value; the baseline is the line at zero.

    Raises
    ------
    DataError
        As `sim.analysis.compare.compare`, or where there is only one result.
    """
    results = single_results(results)
    comparison = compare(results, baseline)
    base, others = _split(results, comparison.attrs["baseline"])
    paths = comparison["population_difference"].transpose("scenario", "year")
    low, high = float(paths.min()), float(paths.max())
    scale = scale_for(max(-low, high))
    is_base = paths["scenario"].values == comparison.attrs["baseline"]
    written = [scale.write(value, sign=True) for value in paths.values[:, -1]]
    values = ["" if base else value for base, value in zip(is_base, written, strict=True)]
    ends = _ends(comparison, paths, values)
    first, last = int(paths["year"][0]), int(paths["year"][-1])
    page, axes = _path_page(
        title=said("Difference in population on 1 January, {years}", years=years_label([first, last])),
        subtitle=common_sweep(results),
        note=said("{persons} more or fewer than in: {title}", persons=scale.persons, title=title_of(base))
        + every_step(comparison),
        source=source_line([base, *others], base_sources([base, *others]), _labels(comparison)),
        ends=ends,
    )
    year_axis(axes, first, last)
    value_axis(axes, scale, low, high, sign=True)
    _draw_paths(axes, paths, ends)
    end_labels(page, axes, ends)
    return page.figure


@styled
def compare_pyramids(results: Sequence[xr.Dataset], year: int | None = None, baseline: str | None = None) -> Figure:
    """Draw the pyramid of each result under the outline of that of the baseline.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Two to five results with different names and one draw each; a sweep counts as all its variants.
    year : int, optional
        1 January; the last common one where not given.
    baseline : str, optional
        Name of the result drawn as an outline; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each result besides the baseline, all on the same scale.

    Raises
    ------
    DataError
        As `sim.analysis.compare.compare`, or where there are less than two or more than five results,
        one lacks the year, or their ages differ.
    """
    results = single_results(results)
    comparison = compare(results, baseline)
    base, others = _split(results, comparison.attrs["baseline"])
    year = int(comparison["year"][-1]) if year is None else year
    outline, filled = _ages(comparison, base, others, year)
    largest = largest_age([outline, *filled])
    scale = scale_for(largest)
    columns = min(len(filled), 2)
    rows = math.ceil(len(filled) / columns)
    width = (FULL_WIDTH - 2 * MARGIN - (columns - 1) * _PANEL_GAP) / columns
    inner = (width - 2 * AGE_LABEL_ROOM, _AXES_HEIGHT[columns])
    headings = [wrap(ages.label, FONT_SIZE, inner[0], "bold") for ages in filled]
    above = _TOTALS_ROOM + max(measure(heading, weight="bold")[1] for heading in headings)
    height = YEAR_LABEL_ROOM + inner[1] + above
    page = _pyramid_page(year, scale, (base, *others), _labels(comparison), rows * height)
    for panel, (heading, ages) in enumerate(zip(headings, filled, strict=True)):
        row, column = divmod(panel, columns)
        left = MARGIN + column * (width + _PANEL_GAP) + AGE_LABEL_ROOM
        axes = page.axes(left, YEAR_LABEL_ROOM + (rows - 1 - row) * height, *inner)
        pyramid_axes(axes, scale, largest, ages.persons["age"].values)
        draw_ages(axes, ages, outline)
        _write_panel(axes, heading, ages, outline)
    return page.figure


def _pyramid_page(
    year: int, scale: Scale, results: Sequence[xr.Dataset], labels: dict[str, str], plot_height: float
) -> Page:
    """Return a page for pyramids of some results over that of the baseline, which comes first."""
    base, *others = results
    line = title_of(base)
    return Page(
        title=said("Population by sex and age on 1 January {year}", year=year),
        subtitle=said("Filled: {filled}. Line: {line}", filled=title_of(others[0]), line=line)
        if len(others) == 1
        else said("Filled: the scenario named above each panel. Line: {line}", line=line),
        note=said(
            "{persons} {by_age}. In brackets: difference from the total of the line",
            persons=scale.persons,
            by_age=by_age(base),
        ),
        source=source_line(results, base_sources(results), labels),
        plot_height=plot_height,
    )


def _ages(comparison: xr.Dataset, base: xr.Dataset, others: list[xr.Dataset], year: int) -> tuple[Ages, list[Ages]]:
    """Return the population of the baseline and of the others by sex and age, after checks."""
    if len(others) > MOST_PANELS:
        message = f"{len(others)} pyramids beside the baseline; at most {MOST_PANELS} fit in a figure"
        raise DataError(message)
    labels = _labels(comparison)
    outline, *filled = (ages_of(one_projection(result), year, labels[name_of(result)]) for result in (base, *others))
    for result, ages in zip(others, filled, strict=True):
        if not ages.persons["age"].equals(outline.persons["age"]):
            message = f"the ages of {name_of(result)} are not those of {name_of(base)}"
            raise DataError(message)
    return outline, filled


def _split(results: Sequence[xr.Dataset], baseline: str) -> tuple[xr.Dataset, list[xr.Dataset]]:
    """Return the baseline and the other results."""
    base = next(result for result in results if name_of(result) == baseline)
    others = [result for result in results if name_of(result) != baseline]
    if not others:
        message = f"there is nothing to compare with {baseline}; give two results or more"
        raise DataError(message)
    return base, others


def _observed(results: Sequence[xr.Dataset], last: int) -> tuple[list[int], list[float]]:
    """Return the observed population of the first result that knows one, up to a year."""
    for result in results:
        years, values = observed_series(result, "population", last)
        if years:
            return years, values
    return [], []


def _labels(comparison: xr.Dataset) -> dict[str, str]:
    """Name each scenario by its title, or by its short name where the title is long or not its own."""
    names = [str(name) for name in comparison["scenario"].values]
    titles = [str(title) for title in comparison["title"].values]
    return {
        name: title if len(title) <= _LONGEST_TITLE and titles.count(title) == 1 else name
        for name, title in zip(names, titles, strict=True)
    }


def _ends(comparison: xr.Dataset, paths: xr.DataArray, values: list[str]) -> list[EndLabel]:
    """Return the label at the end of each path: its last value and its name."""
    baseline = comparison.attrs["baseline"]
    ends, color = [], 0
    for (name, label), path, value in zip(_labels(comparison).items(), paths.values, values, strict=True):
        text = wrap(f"{value} {label}".strip(), FONT_SIZE, WIDEST_END_LABEL)
        ends.append(EndLabel(float(path[-1]), text, BASELINE if name == baseline else PALETTE[color % 8]))
        color += name != baseline
    return ends


def _path_page(title: str, subtitle: str, note: str, source: str, ends: list[EndLabel]) -> tuple[Page, Axes]:
    """Return a page with axes for paths, high and wide enough for the labels at their ends."""
    _, height = room_for([end.text for end in ends])
    page = Page(title, subtitle, note, source, max(PLOT_HEIGHT, height + YEAR_LABEL_ROOM))
    return page, path_axes(page, ends)


def _draw_paths(axes: Axes, paths: xr.DataArray, ends: list[EndLabel]) -> None:
    """Draw one path a scenario, the baseline above the others."""
    years = paths["year"].values
    marks = computed(years)
    for position, (path, end) in enumerate(zip(paths, ends, strict=True)):
        order = 3.5 if end.color == BASELINE else 3
        style = _LINE_STYLES[position // (len(PALETTE) + 1) % len(_LINE_STYLES)]
        name = str(path["scenario"].item())
        axes.plot(years, path.values, style, color=end.color, zorder=order, clip_on=False, gid=name, **marks)
        axes.plot(years[-1:], path.values[-1:], "o", color=end.color, markersize=3.5, clip_on=False, zorder=4)


def _write_panel(axes: Axes, heading: str, ages: Ages, outline: Ages) -> None:
    """Write which scenario a panel shows, and its total beside that of the baseline."""
    total, base = float(ages.persons.sum()), float(outline.persons.sum())
    scale = scale_for(max(total, base))
    axes.annotate(
        heading,
        xy=(0.5, 1),
        xycoords="axes fraction",
        xytext=(0, 18),
        textcoords="offset points",
        fontweight="bold",
        horizontalalignment="center",
        annotation_clip=False,
    )
    head(axes, "male", "")
    head(axes, "female", "")
    axes.annotate(
        f"{scale.words(total)} ({scale.write(total - base, sign=True)})",
        xy=(0.5, 1),
        xycoords="axes fraction",
        xytext=(0, 5),
        textcoords="offset points",
        horizontalalignment="center",
        annotation_clip=False,
    )
