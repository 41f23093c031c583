"""Several results in one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analysis.align import checked_baseline, several
from sim.analysis.compare import compare
from sim.analysis.selection import name_of, title_of, years_label
from sim.errors import DataError
from sim.plots.labels import WIDEST_END_LABEL, EndLabel, end_labels, path_axes, place, room_for
from sim.plots.language import said
from sim.plots.panels import labels_of
from sim.plots.paths import draw_published, known_of, path_of_one
from sim.plots.style import (
    BASELINE,
    FONT_SIZE,
    NEUTRAL,
    PALETTE,
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

_LINE_STYLES = ("-", "--", "-.", ":")


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
        As `sim.analysis.align.several` and `sim.analysis.compare.compare`.
    """
    runs = several(results, region=region, group=group)
    checked_baseline([name_of(run) for run in runs], baseline)
    if len(runs) == 1:
        (one,) = several(results)
        return path_of_one(one, region, group)
    return _paths(runs, compare(runs, baseline), region, group)


def _paths(runs: list[xr.Dataset], comparison: xr.Dataset, region: str | None, group: str | None) -> Figure:
    """Draw the population of several results."""
    known = [] if region or group else [known_of(run, int(comparison["year"][-1])) for run in runs]
    published = [figures.published for figures in known]
    seen_years, seen = next(((figures.years, figures.observed) for figures in known if figures.years), ([], []))
    paths = comparison["population"].transpose("scenario", "year")
    marked = [value for figures in known for value in figures._replace(observed=[]).all_values()]
    everything = [*paths.values.ravel().tolist(), *seen, *marked]
    scale = scale_for(max(everything))
    labels, sources = labels_of(runs), [text for figures in known for text in figures.sources]
    ends = _ends(comparison, labels, paths, [scale.write(value) for value in paths.values[:, -1]])
    first, last = min([int(paths["year"][0]), *seen_years]), int(paths["year"][-1])
    marks = said(". Diamonds: published figures, in the colour of their line") if any(published) else ""
    page, axes = _path_page(
        title=said("Population on 1 January, {years}", years=years_label([first, last])),
        subtitle=of_all(runs, region, group),
        note=scale.persons + marks + every_step(comparison) + left_out(runs),
        source=source_line(runs, [*base_sources(runs), *sources], labels),
        ends=ends,
    )
    year_axis(axes, first, last)
    value_axis(axes, scale, min(everything), max(everything))
    if seen:
        axes.plot(seen_years, seen, color=NEUTRAL, linewidth=1.4, zorder=2.2, gid="observed")
    _draw_paths(axes, paths, ends)
    for entries, end in zip(published, ends, strict=False):
        for entry in entries:
            draw_published(axes, entry, end.color)
    end_labels(page, axes, ends)
    if seen:
        middle = len(seen) // 2
        place(page, axes, said("observed"), (seen_years[middle], seen[middle]), NEUTRAL)
    return page.figure


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
        As `sim.analysis.compare.compare`, or where there is only one result.
    """
    runs = several(results, region=region, group=group)
    comparison = compare(runs, baseline)
    base, others = _split(runs, comparison.attrs["baseline"])
    paths = comparison["population_difference"].transpose("scenario", "year")
    low, high = float(paths.min()), float(paths.max())
    scale = scale_for(max(-low, high))
    is_base = paths["scenario"].values == comparison.attrs["baseline"]
    written = [scale.write(value, sign=True) for value in paths.values[:, -1]]
    values = ["" if base else value for base, value in zip(is_base, written, strict=True)]
    labels = labels_of(runs)
    ends = _ends(comparison, labels, paths, values)
    first, last = int(paths["year"][0]), int(paths["year"][-1])
    page, axes = _path_page(
        title=said("Difference in population on 1 January, {years}", years=years_label([first, last])),
        subtitle=of_all(runs, region, group),
        note=said("{persons} more or fewer than in: {title}", persons=scale.persons, title=title_of(base))
        + every_step(comparison)
        + left_out(runs),
        source=source_line([base, *others], base_sources([base, *others]), labels),
        ends=ends,
    )
    year_axis(axes, first, last)
    value_axis(axes, scale, low, high, sign=True)
    _draw_paths(axes, paths, ends)
    end_labels(page, axes, ends)
    return page.figure


def _split(results: Sequence[xr.Dataset], baseline: str) -> tuple[xr.Dataset, list[xr.Dataset]]:
    """Return the baseline and the other results."""
    base = next(result for result in results if name_of(result) == baseline)
    others = [result for result in results if name_of(result) != baseline]
    if not others:
        message = f"there is nothing to compare with {baseline}; give two results or more"
        raise DataError(message)
    return base, others


def _ends(comparison: xr.Dataset, labels: dict[str, str], paths: xr.DataArray, values: list[str]) -> list[EndLabel]:
    """Return the label at the end of each path: its last value and its name."""
    baseline = comparison.attrs["baseline"]
    ends, color = [], 0
    for (name, label), path, value in zip(labels.items(), paths.values, values, strict=True):
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
