"""Why immigrants come, and whom they join."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.align import aligned_flows, several
from sim.analysis.selection import name_of, part, per_year, step_of, years_label
from sim.axes import MOTIVES
from sim.errors import DataError
from sim.plots.labels import end_labels, path_axes, room_for
from sim.plots.language import said
from sim.plots.panels import labels_of
from sim.plots.rows import Row, draw_rows
from sim.plots.states import Layer, Words, draw_layers, draw_stacks, layer_ends, shares_note
from sim.plots.style import (
    BLUE,
    CYAN,
    GREEN,
    INDIGO,
    OCHRE,
    ORANGE,
    PALETTE,
    PLOT_HEIGHT,
    PURPLE,
    WINE,
    YEAR_LABEL_ROOM,
    Page,
    number,
    percent,
    scale_for,
    styled,
    value_axis,
    year_axis,
)
from sim.plots.words import in_words, left_out, mean_of_step, of_all, of_what, scenario_of, source_line, stated_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

OF_IMMIGRANTS = ("motive", "sponsor")
"""What immigrants are told apart by."""

MOST_BARS = 30
"""Periods up to which each has a bar."""

_BAR_WIDTH = 0.9
_TINT = 0.7

_COLORS = dict(zip(MOTIVES, PALETTE, strict=True))
"""Each motive has its colour in every figure."""

_SPONSOR_COLORS = (INDIGO, OCHRE, CYAN, WINE, GREEN, ORANGE, PURPLE, BLUE)
"""Of sponsors, in the order of their labels."""


@styled
def motives(
    results: xr.Dataset | Iterable[xr.Dataset],
    region: str | None = None,
    group: str | None = None,
    by: str = "motive",
    baseline: str | None = None,
) -> Figure:
    """Draw the immigrants of each year by the motive that they come for, or by sponsor, stacked to their total.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    region, group : str, optional
        Part of the population to show.
    by : str
        ``motive``, or ``sponsor``: who opens the right to family reunification, of the immigrants that have one.
    baseline : str, optional
        Of several results, the name of the one in the first panel; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        One bar a period up to thirty periods, one area a motive or sponsor over more, with shares of the total in the
        last year. Of one period one bar a motive or sponsor, the largest first, with persons and share. Several
        results have a panel each, on the same scale, over the years common to them.

    Raises
    ------
    DataError
        Where no motives or sponsors are told apart, and as `sim.analysis.align.several`.
    """
    runs = several(results, baseline, region, group)
    if len(runs) > 1:
        return _of_several(runs, by, region, group)
    (whole,) = several(results)
    shown = part(whole, region, group)
    yearly = immigrants_by(shown, by)
    years = yearly["period"].values
    names = [str(label) for label in yearly[by].values]
    persons = yearly.transpose(by, "period").values
    layers = [Layer(*layer) for layer in zip(names, persons, colors_of(by, names), strict=True)]
    title = _title(by, years.tolist())
    subtitle, source = of_what(whole, region, group), source_line([whole], _sources(whole, by))
    if shown.sizes["period"] == 1:
        rows, total = _rows(layers)
        what = _what(said("Persons"), shown, by)
        note = said("{persons}. In brackets: share of {total}", persons=what, total=total)
        return draw_rows(rows, title, subtitle, note, source)
    tops = np.cumsum(persons, axis=0)
    highest = float(tops[-1].max())
    scale = scale_for(highest)
    ends = layer_ends(layers, tops, years)
    _, height = room_for([end.text for end in ends])
    note = f"{_what(scale.persons, shown, by)}. {shares_note(ends, years)}"
    page = Page(title, subtitle, note, source, max(PLOT_HEIGHT, height + YEAR_LABEL_ROOM))
    axes = path_axes(page, ends)
    year_axis(axes, int(years[0]), int(years[-1]))
    value_axis(axes, scale, 0, highest or 1.0)
    if shown.sizes["period"] <= MOST_BARS:
        _draw_bars(axes, years, layers, tops, step_of(shown))
    else:
        draw_layers(axes, years, layers, tops)
    end_labels(page, axes, ends)
    return page.figure


def _of_several(whole: list[xr.Dataset], by: str, region: str | None, group: str | None) -> Figure:
    """Draw the immigrants of several results, each stacked in a panel of its own."""
    runs = aligned_flows(whole)
    tables = [immigrants_by(run, by) for run in runs]
    labels = list(dict.fromkeys(str(label) for table in tables for label in table[by].values))
    rows = [table.reindex({by: labels}, fill_value=0.0).transpose(by, "period").values for table in tables]
    stacks = [[Layer(*layer) for layer in zip(labels, row, colors_of(by, labels), strict=True)] for row in rows]
    years, step = tables[0]["period"].values, step_of(runs[0])
    scale = scale_for(max(float(row.sum(axis=0).max()) for row in rows))
    sources = list(dict.fromkeys(source for run in whole for source in _sources(run, by)))
    words = Words(
        _title(by, years.tolist()),
        of_all(whole, region, group),
        _what(scale.persons, runs[0], by),
        left_out(whole),
        source_line(whole, sources, labels_of(whole)),
    )

    def bars(axes: Axes, years: NDArray[np.int64], layers: list[Layer], tops: NDArray[np.float64]) -> None:
        _draw_bars(axes, years, layers, tops, step)

    draw = bars if runs[0].sizes["period"] <= MOST_BARS else draw_layers
    return draw_stacks(words, list(labels_of(whole).values()), stacks, years, scale, draw)


def _title(by: str, years: list[int]) -> str:
    """Return the title."""
    if by == "motive":
        return said("Immigrants by motive, {years}", years=years_label(years))
    return said("Immigrants by sponsor, {years}", years=years_label(years))


def _what(persons: str, shown: xr.Dataset, by: str) -> str:
    """Say in what unit who is counted; of a single year without saying that it is a year."""
    if shown.sizes["period"] > 1 or step_of(shown) > 1:
        persons = said("{persons} a year{mean}", persons=persons, mean=mean_of_step(shown))
    return persons if by == "motive" else said("{persons}, only those with a sponsor", persons=persons)


def _rows(layers: list[Layer]) -> tuple[list[Row], str]:
    """Return a bar for each motive or sponsor that somebody has, the largest first; and the total, written."""
    counts = [float(layer.persons[0]) for layer in layers]
    total = sum(counts)
    rows = [
        Row(
            layer.name,
            in_words(layer.name),
            count,
            f"{number(count, 0)} ({percent(100 * count / (total or 1.0), 1)})",
            layer.color,
        )
        for layer, count in zip(layers, counts, strict=True)
        if count or not total
    ]
    return sorted(rows, key=lambda row: -row.persons), number(total, 0)


def _draw_bars(axes: Axes, years: NDArray[np.int64], layers: list[Layer], tops: NDArray[np.float64], step: int) -> None:
    """Draw one stacked bar a period, with white gaps between bars and between their parts."""
    middles = years[::step] + (step - 1) / 2
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    for layer, top in zip(layers, tops, strict=True):
        heights = layer.persons[::step]
        axes.bar(
            middles,
            heights,
            step * _BAR_WIDTH,
            bottom=top[::step] - heights,
            color=layer.color,
            alpha=_TINT,
            edgecolor="white",
            linewidth=np.where(heights > 0, 0.6, 0.0),
            zorder=2,
            gid=layer.name,
        )


def _sources(result: xr.Dataset, by: str) -> list[str]:
    """Return the sources of the streams of immigrants, and of pipelines that they come out of."""
    scenario = scenario_of(result)
    streams = [
        stream for stream in scenario.get("migration", {}).get("immigration") or [] if by == "motive" or by in stream
    ]
    pipelines = [scenario.get("pipelines", {}).get(stream.get("pipeline")) for stream in streams]
    return stated_sources(result, [*streams, *pipelines])


def immigrants_by(result: xr.Dataset, by: str) -> xr.DataArray:
    """Return immigrants per calendar year of all regions and groups by motive or by sponsor.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    by : str
        ``motive`` or ``sponsor``.

    Returns
    -------
    xarray.DataArray
        Persons, (period, motive) or (period, sponsor).

    Raises
    ------
    DataError
        Where none are told apart, by anything or by this.
    """
    if by not in OF_IMMIGRANTS:
        message = f"immigrants are not told apart by '{by}'; there are: {', '.join(OF_IMMIGRANTS)}"
        raise DataError(message)
    name = f"immigrants_by_{by}"
    if name not in result:
        message = f"{name_of(result)} tells no {by}s apart; give its streams of immigration a '{by}'"
        raise DataError(message)
    return per_year(result, result[name].sum(["region", "group"], skipna=False))


def colors_of(by: str, labels: Sequence[str]) -> list[str]:
    """Return the colour of each motive, or of each sponsor by its place.

    Parameters
    ----------
    by : str
        ``motive`` or ``sponsor``.
    labels : sequence of str
        Motives or sponsors.

    Returns
    -------
    list of str
        Colours; those of sponsors begin again after eight.
    """
    if by == "motive":
        return [_COLORS[label] for label in labels]
    return [_SPONSOR_COLORS[place % len(_SPONSOR_COLORS)] for place in range(len(labels))]
