"""How published outlooks fared: their paths and their errors beside what happened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import DataError
from sim.plots.labels import END_GAP, END_PADDING, EndLabel, end_labels, path_axes, place, room_for
from sim.plots.language import called, said
from sim.plots.style import (
    BASELINE,
    INDIGO,
    OCHRE,
    ORANGE,
    PLOT_HEIGHT,
    WINE,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    measure,
    number,
    scale_for,
    styled,
    value_axis,
    year_axis,
)
from sim.plots.words import source_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_SEQUENCE = (OCHRE, ORANGE, WINE, INDIGO)
"""Colours from the oldest edition to the newest, darker and darker."""

_PERCENT = Scale(1, "", 1)
_FAR = 6
"""Times the median of the editions' largest errors: what lies farther off does not set the frame of a figure."""
_PART_OF_ALL = 3
"""One edition in so many, at least, has to reach a horizon for a mean over editions to be drawn there."""
_SPARE = 0.7
"""Inches that let labels stand nearer to the ends of crowded lines."""
_YEARS_BEFORE = 10
"""How much of the observed past is shown before the first edition."""


@styled
def vintages(found: xr.Dataset) -> Figure:
    """Draw the population as each edition projected it, and as it became.

    Parameters
    ----------
    found : xarray.Dataset
        What `sim.analysis.vintages.vintages` returns.

    Returns
    -------
    matplotlib.figure.Figure
        One path an edition, from the oldest in ochre to the newest in indigo, named at its end with its last value;
        the observed population in black; published figures as diamonds in the colour of their edition. The axis of
        persons begins a little below the lowest value, not at zero. An edition far off, such as one without migration,
        does not set the frame, and runs out of it.
    """
    far = _far_off(found)
    paths, colors = found["population"], edition_colors(found["start"].values.tolist())
    near = found.isel(edition=~far)
    first = max(int(found["year"][0]), int(near["start"].min()) - _YEARS_BEFORE)
    last = int(near["end"].max())
    seen = found["observed_population"].dropna("year").sel(year=slice(first, None))
    inside = np.isin(found["published_edition"], near["edition"]) & (found["published_last_year"].values <= last)
    everything = [*near["population"].values.ravel(), *seen.values, *found["published_population"].values[inside]]
    low, high = float(np.nanmin(everything)), float(np.nanmax(everything))
    scale = scale_for(high)
    ends = _path_ends(paths, scale, colors)
    note = said("{persons} on 1 January", persons=scale.persons)
    if len(inside):
        note = said("{persons} on 1 January. Diamonds: what an outlook published, in its colour", persons=scale.persons)
    page = Page(
        title=said("How the outlooks for {country} fared", country=_country(found)),
        subtitle=_which(found),
        note=f"{note}{_frame(found, far)}",
        source=_source(found),
        plot_height=_height(ends) + _SPARE,
    )
    axes = path_axes(page, ends)
    year_axis(axes, first, last)
    value_axis(axes, scale, low, high)
    _draw_paths(axes, paths.sel(year=slice(None, last)), colors, far)
    _draw_published(axes, found, colors, inside)
    axes.plot(seen["year"], seen, color=BASELINE, linewidth=2.4, zorder=5, gid="observed")
    bounds = axes.get_ylim()
    end_labels(page, axes, [end._replace(value=float(np.clip(end.value, *bounds))) for end in ends])
    latest, persons = int(seen["year"][-1]), float(seen[-1])
    axes.plot(latest, persons, "o", color=BASELINE, markersize=5, zorder=5, gid="latest")
    seen_last = said("observed: {number} in {year}", number=scale.write(persons), year=latest)
    place(page, axes, seen_last, (latest, persons), BASELINE)
    return page.figure


@styled
def vintage_errors(found: xr.Dataset) -> Figure:
    """Draw by how much the population of each edition missed what was observed, by years since its start.

    Parameters
    ----------
    found : xarray.Dataset
        What `sim.analysis.vintages.vintages` returns.

    Returns
    -------
    matplotlib.figure.Figure
        One line an edition in percent of the observed population, with a dot at its latest error, and the mean
        absolute error of all in black as far as three editions, and a third of all, reach it.

    Raises
    ------
    DataError
        Where nothing is observed after the start of any edition.
    """
    from sim.analysis.vintages.errors import FEWEST

    lines = found["error_percent_by_horizon"].values
    reached = (~np.isnan(lines)).sum(axis=1) - 1
    if reached.max() < 1:
        message = f"no 1 January is observed after the start of {', '.join(found['edition'].values.tolist())}"
        raise DataError(message)
    far = _far_off(found)
    last = int(reached[~far].max())
    fewest = max(FEWEST, found.sizes["edition"] // _PART_OF_ALL)
    many = np.flatnonzero(found["editions_reaching"].values >= fewest)
    mean = found["mean_absolute_error_percent"].values[many[many <= last]]
    colors = edition_colors(found["start"].values.tolist())
    labels = [EndLabel(0, said("mean absolute error"), BASELINE, weight="bold")] if len(mean) else []
    labels += _error_labels(found, reached, colors)
    note = said(
        "Projected less observed population in percent of the observed, by years since its first 1 January. "
        "At the right: the latest error, and after how many years"
    )
    page = Page(
        title=said("By how much the outlooks for {country} missed", country=_country(found)),
        subtitle=_which(found),
        note=f"{note}{_frame(found, far, counted=bool(len(mean)))}",
        source=_source(found),
        plot_height=_height(labels),
    )
    axes = path_axes(page, labels)
    year_axis(axes, 0, last)
    everything = [*lines[~far].ravel(), *mean]
    value_axis(axes, _PERCENT, float(np.nanmin(everything)), float(np.nanmax(everything)), sign=True)
    for name, line, color, end, off in zip(found["edition"].values, lines, colors, reached, far, strict=True):
        look: dict[str, Any] = {"color": color, "clip_on": bool(off)}
        axes.plot(np.arange(end + 1), line[: end + 1], linewidth=1.1, zorder=3, gid=str(name), **look)
        axes.plot(end, line[end], "o", markersize=3.5, zorder=4, gid="latest", **look)
    if len(mean):
        axes.plot(many[: len(mean)], mean, color=BASELINE, linewidth=2.6, zorder=5, clip_on=False, gid="mean")
    _write_column(axes, labels)
    return page.figure


def edition_colors(starts: Sequence[int]) -> list[str]:
    """Return a colour for each edition: from ochre to indigo in the order of their first years.

    Parameters
    ----------
    starts : sequence of int
        First years; editions of the same one have the same colour.

    Returns
    -------
    list of str
        Colours as hexadecimal numbers.
    """
    from matplotlib.colors import to_hex, to_rgb

    distinct = sorted(set(starts))
    stops = np.array([to_rgb(color) for color in _SEQUENCE])
    along = np.linspace(0, 1, len(stops))
    places = [distinct.index(start) / max(len(distinct) - 1, 1) for start in starts]
    mixed = np.stack([np.interp(places, along, channel) for channel in stops.T], axis=-1)
    return [to_hex((red, green, blue)) for red, green, blue in mixed]


def _country(found: xr.Dataset) -> str:
    """Country that the editions are of."""
    return called(str(found.attrs["observed"]).replace("_", " ").capitalize())


def _which(found: xr.Dataset) -> str:
    """Say how many editions there are, and until when they are held against observation."""
    count, starts = found.sizes["edition"], found["start"].values
    last = int(found["observed_population"].dropna("year")["year"][-1])
    if count == 1:
        title = found["title"].values[0]
        return said("{title}, reconstructed as a scenario; observed to 1 January {last}", title=title, last=last)
    return said(
        "{count} outlooks from {first} to {latest}, reconstructed as scenarios; observed to 1 January {last}",
        count=count,
        first=starts.min(),
        latest=starts.max(),
        last=last,
    )


def _source(found: xr.Dataset) -> str:
    """Line at the bottom."""
    titled = found.assign_attrs(title=said("outlooks reconstructed from what they print, the rest by a rule"))
    return source_line([titled], json.loads(found.attrs["sources"]))


def _height(labels: Sequence[EndLabel]) -> float:
    """Height of a plot that has room for its labels."""
    return max(PLOT_HEIGHT, room_for([label.text for label in labels])[1] + YEAR_LABEL_ROOM)


def _far_off(found: xr.Dataset) -> NDArray[np.bool_]:
    """Whether the largest error of each edition is far beyond those of most."""
    errors = np.nan_to_num(np.abs(found["error_percent_by_horizon"].values)).max(axis=1)
    seen = errors[errors > 0]
    return errors > _FAR * np.median(seen) if len(seen) else np.zeros(len(errors), dtype=bool)


def _frame(found: xr.Dataset, far: NDArray[np.bool_], *, counted: bool = False) -> str:
    """Say which editions are cut off by the frame, and whether a mean counts them, as the end of a line."""
    names = ", ".join(found["edition"].values[far].tolist())
    if not names:
        return ""
    if counted:
        return said(". Off the scale: {editions}, counted in the mean", editions=names)
    return said(". Off the scale: {editions}", editions=names)


def _path_ends(paths: xr.DataArray, scale: Scale, colors: list[str]) -> list[EndLabel]:
    """Labels at the ends of the paths."""
    lasts = [float(path[~np.isnan(path)][-1]) for path in paths.values]
    named = zip(lasts, paths["edition"].values.tolist(), colors, strict=True)
    return [EndLabel(last, f"{scale.write(last)} {name}", color) for last, name, color in named]


def _draw_paths(axes: Axes, paths: xr.DataArray, colors: list[str], far: NDArray[np.bool_]) -> None:
    """Draw the path of each edition, and a dotted line from where it ends to its label."""
    years = paths["year"].values
    for name, path, color, off in zip(paths["edition"].values, paths.values, colors, far, strict=True):
        known = np.flatnonzero(~np.isnan(path))
        look: dict[str, Any] = {"color": color, "clip_on": bool(off)}
        axes.plot(years[known], path[known], linewidth=1.1, zorder=3, gid=str(name), **look)
        if known[-1] < len(years) - 1:
            ends = [years[known[-1]], years[-1]]
            axes.plot(ends, [path[known[-1]]] * 2, ":", linewidth=0.6, zorder=2, gid="guide", **look)


def _draw_published(axes: Axes, found: xr.Dataset, colors: list[str], inside: NDArray[np.bool_]) -> None:
    """Draw what each edition published; what does not set the frame is cut off by it."""
    names = found["edition"].values.tolist()
    for figure in range(found.sizes["figure"]):
        here = found.isel(figure=figure)
        edition = names.index(str(here["published_edition"].values))
        axes.plot(
            (float(here["published_year"]) + float(here["published_last_year"])) / 2,
            float(here["published_population"]),
            "D",
            color=colors[edition],
            markersize=4,
            markerfacecolor="white",
            markeredgewidth=1.1,
            zorder=4,
            clip_on=not inside[figure],
            gid="published",
        )


def _error_labels(found: xr.Dataset, reached: NDArray[np.int64], colors: list[str]) -> list[EndLabel]:
    """What is written beside the plot: the latest error of each edition."""
    labels = []
    lines = found["error_percent_by_horizon"].values
    for name, line, last, color in zip(found["edition"].values, lines, reached, colors, strict=True):
        error = number(line[last], 1, sign=True)
        text = said("{edition} {error} after {years}", edition=name, error=error, years=last) if last >= 1 else name
        labels.append(EndLabel(0, text, color))
    return labels


def _write_column(axes: Axes, labels: list[EndLabel]) -> None:
    """Write labels to the right of the axes, one below the other."""
    down = 0.0
    for label in labels:
        height = (measure(label.text)[1] + END_PADDING) * 72
        axes.annotate(
            label.text,
            xy=(1, 1),
            xycoords="axes fraction",
            xytext=(END_GAP * 72, -down - height / 2),
            textcoords="offset points",
            color=label.color,
            fontweight=label.weight,
            verticalalignment="center",
            annotation_clip=False,
            gid="label beside",
        )
        down += height
