"""How a population is divided into groups or regions."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from sim.analysis.align import aligned, several
from sim.analysis.indicators import STATES
from sim.analysis.selection import name_of, years_label
from sim.errors import DataError
from sim.plots.labels import WIDEST_END_LABEL, EndLabel, end_labels, path_axes, room_for
from sim.plots.language import said
from sim.plots.panels import (
    LEAST_ROW,
    Sign,
    add_panels,
    key_height,
    labels_of,
    panel_years,
    panels,
    room_at_ends,
    write_key,
)
from sim.plots.style import (
    FONT_SIZE,
    NEUTRAL,
    PALETTE,
    PLOT_HEIGHT,
    TICK_LABEL_ROOM,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    percent,
    scale_for,
    styled,
    value_axis,
    wrap_evenly,
    year_axis,
)
from sim.plots.words import base_sources, every_step, in_words, left_out, of_all, source_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MOST_LAYERS = len(PALETTE)
PERCENT = Scale(1, "", 0)
"""Of shares."""

_PANEL_HEIGHT = 1.9
_TINT = 0.7


class Layer(NamedTuple):
    """One area of the stack."""

    name: str
    persons: NDArray[np.float64]
    """(year,)"""
    color: str


@styled
def states(
    results: xr.Dataset | Iterable[xr.Dataset],
    by: str | None = None,
    region: str | None = None,
    group: str | None = None,
    baseline: str | None = None,
    *,
    shares: bool = False,
) -> Figure:
    """Draw the population on 1 January by group or by region, stacked to its total.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    by : str, optional
        ``group`` or ``region``; where not given groups, or regions where there is one group only.
    region, group : str, optional
        Part of the population to show.
    baseline : str, optional
        Name of the result in the first panel; the first where not given.
    shares : bool
        Whether to stack shares of the total instead of persons.

    Returns
    -------
    matplotlib.figure.Figure
        One area a group or region, with its share of the total in the last year. Of more than eight the
        seven largest in that year, and all others together. Several results have a panel each, on the same scale,
        over the years common to them.

    Raises
    ------
    DataError
        Where there is nothing to divide by, no such region or group, several draws, or results that are divided
        differently, and as `sim.analysis.align.several`.
    """
    whole = several(results, baseline, region, group)
    runs = aligned(whole)
    dimension = common_dimension(whole, runs, by)
    years = runs[0]["year"].values
    stacks = _stacks(runs, dimension)
    scale = scale_for(max(float(np.sum([layer.persons for layer in stack], axis=0).max()) for stack in stacks))
    unit = said("Percent of the population") if shares else scale.persons
    span = years_label(years.tolist())
    title = {
        "group": said("Population by group on 1 January, {years}", years=span),
        "region": said("Population by region on 1 January, {years}", years=span),
    }
    words = Words(
        title[dimension],
        of_all(whole, region, group),
        unit,
        every_step(runs[0], "Computed") + left_out(whole, states=True),
        source_line(whole, base_sources(whole), labels_of(whole)),
    )
    return draw_stacks(words, list(labels_of(whole).values()), stacks, years, PERCENT if shares else scale)


Draw: TypeAlias = "Callable[[Axes, NDArray[np.int64], list[Layer], NDArray[np.float64]], None]"
"""Draws areas, given from the bottom to the top with their upper edges, over years."""


class Words(NamedTuple):
    """What is written around stacks."""

    title: str
    subtitle: str
    unit: str
    """Beginning of the note."""
    remarks: str
    """End of the note."""
    source: str


def draw_stacks(
    words: Words,
    headings: list[str],
    stacks: list[list[Layer]],
    years: NDArray[np.int64],
    scale: Scale,
    draw: Draw | None = None,
) -> Figure:
    """Draw stacked areas over years: one stack with names beside it, or several in panels with a key.

    Parameters
    ----------
    words : Words
        Words of the page.
    headings : list of str
        What each stack is of, above its panel where there are several.
    stacks : list of list of Layer
        Areas from the bottom to the top, the same in all stacks.
    years : (t,) array
        What is shown along the axis.
    scale : Scale
        Unit of the axis; `PERCENT` stacks shares.
    draw : function, optional
        Draws one stack; `draw_layers` where not given.

    Returns
    -------
    matplotlib.figure.Figure
        Areas from zero, on the same scale in all panels.
    """
    shown = [_in_percent(stack) if scale is PERCENT else stack for stack in stacks]
    tops = [np.cumsum([layer.persons for layer in stack], axis=0) for stack in shown]
    draw = draw or draw_layers
    if len(stacks) > 1:
        return _in_panels(words, headings, list(zip(shown, tops, strict=True)), years, scale, draw)
    ends = layer_ends(shown[0], tops[0], years)
    _, height = room_for([end.text for end in ends])
    note = f"{words.unit}. {shares_note(ends, years)}{words.remarks}"
    plot_height = max(PLOT_HEIGHT, height + YEAR_LABEL_ROOM)
    page = Page(words.title, words.subtitle, note, words.source, plot_height)
    axes = path_axes(page, ends)
    year_axis(axes, int(years[0]), int(years[-1]))
    value_axis(axes, scale, 0, float(tops[0][-1].max()))
    draw(axes, years, shown[0], tops[0])
    end_labels(page, axes, ends)
    return page.figure


def _in_panels(
    words: Words,
    headings: list[str],
    stacks: list[tuple[list[Layer], NDArray[np.float64]]],
    years: NDArray[np.int64],
    scale: Scale,
    draw: Draw,
) -> Figure:
    """Draw each stack, areas and their upper edges, in a panel, with its shares in the last year."""
    highest = max(float(tops[-1].max()) for _, tops in stacks)
    names = stacks[0][0]
    letters = string.ascii_uppercase[: len(names)]
    signs = [
        Sign(layer.name, in_words(layer.name), letter, layer.color, {})
        for layer, letter in zip(reversed(names), letters, strict=True)
    ]
    ends = [_panel_ends(layers, tops, letters) for layers, tops in stacks]
    right = room_at_ends([end.text for labels in ends for end in labels])
    height = max(_PANEL_HEIGHT, LEAST_ROW * len(signs))
    placed = panels(headings, 2, height, TICK_LABEL_ROOM, right)
    shares = said("Letters: see the key, from the top; beside them the share in {year}", year=years[-1])
    note = f"{words.unit}. {shares}{words.remarks}"
    page = Page(words.title, words.subtitle, note, words.source, placed.height + key_height(signs))
    write_key(page, signs)
    axes_of_all = add_panels(page, placed, TICK_LABEL_ROOM)
    for axes, (layers, tops), labels in zip(axes_of_all, stacks, ends, strict=True):
        panel_years(axes, int(years[0]), int(years[-1]))
        value_axis(axes, scale, 0, highest, most=5)
        draw(axes, years, layers, tops)
        end_labels(page, axes, labels)
    return page.figure


def _panel_ends(layers: list[Layer], tops: NDArray[np.float64], letters: str) -> list[EndLabel]:
    """Return the labels beside the areas of a panel: their letters, from the top, and shares in the last year."""
    total = float(tops[-1, -1])
    return [
        EndLabel(
            float(top[-1] - layer.persons[-1] / 2),
            f"{letter} {percent(100 * float(layer.persons[-1]) / total if total else 0.0, 1)}",
            layer.color,
        )
        for layer, top, letter in zip(layers, tops, reversed(letters), strict=True)
    ]


def _in_percent(layers: list[Layer]) -> list[Layer]:
    """Return areas as shares of their total; nothing where the total is nil."""
    total = np.sum([layer.persons for layer in layers], axis=0)
    return [
        layer._replace(persons=100 * np.divide(layer.persons, total, out=np.zeros(len(total)), where=total > 0))
        for layer in layers
    ]


def divided_by(result: xr.Dataset) -> list[str]:
    """Return the dimensions along which a population is divided, groups before regions."""
    return [name for name in STATES if result.sizes.get(name, 1) > 1]


def dimension_of(result: xr.Dataset, by: str | None) -> str:
    """Return the dimension to divide by, after checking that it divides."""
    if by is not None and by not in STATES:
        message = f"'{by}' does not divide a population; there are: {', '.join(STATES)}"
        raise DataError(message)
    divided = divided_by(result)
    if not divided or (by is not None and by not in divided):
        message = f"there is only one {by or 'group and one region'} to show of {name_of(result)}"
        raise DataError(message)
    return divided[0] if by is None else by


def common_dimension(whole: Sequence[xr.Dataset], runs: Sequence[xr.Dataset], by: str | None) -> str:
    """Return the dimension by which all results are divided alike.

    Parameters
    ----------
    whole, runs : sequence of xarray.Dataset
        Results before and after `sim.analysis.align.aligned`.
    by : str, optional
        ``group`` or ``region``, where only this will do.

    Returns
    -------
    str
        ``group`` or ``region``.

    Raises
    ------
    DataError
        Where a result is not divided, or not as the others are.
    """
    for result in whole:
        dimension_of(result, by)
    found = [name for name in divided_by(runs[0]) if by in (None, name)]
    if not found:
        names = ", ".join(name_of(result) for result in whole)
        message = f"{names} have no {by or 'group'}s in common to show side by side"
        raise DataError(message)
    return found[0]


def _stacks(runs: Sequence[xr.Dataset], dimension: str) -> list[list[Layer]]:
    """Return the areas of each result, of the same labels."""
    over = [name for name in runs[0]["population"].dims if name not in (dimension, "year")]
    tables = [run["population"].sum(over, skipna=False).transpose(dimension, "year").values for run in runs]
    largest = np.argsort(-tables[0][:, -1], kind="stable")[: MOST_LAYERS - 1]
    return [_layers(run, dimension, people, sorted(largest.tolist())) for run, people in zip(runs, tables, strict=True)]


def _layers(result: xr.Dataset, dimension: str, people: NDArray[np.float64], kept: list[int]) -> list[Layer]:
    """Return the areas from the bottom to the top, in the order of the labels, the others of many last."""
    names = [str(label) for label in result[dimension].values]
    if len(names) <= MOST_LAYERS:
        return [Layer(*layer) for layer in zip(names, people, PALETTE[: len(names)], strict=True)]
    layers = [Layer(names[place], people[place], color) for place, color in zip(kept, PALETTE, strict=False)]
    rest = np.delete(people, kept, axis=0)
    others = (
        said("{count} other groups", count=len(rest))
        if dimension == "group"
        else said("{count} other regions", count=len(rest))
    )
    return [*layers, Layer(others, rest.sum(axis=0), NEUTRAL)]


def layer_ends(layers: list[Layer], tops: NDArray[np.float64], years: NDArray[np.int64]) -> list[EndLabel]:
    """Return the labels beside the areas: their names and shares.

    Parameters
    ----------
    layers : list of Layer
        Areas from the bottom to the top.
    tops : (n, t) array
        Their upper edges.
    years : (t,) array
        What is shown along the axis.

    Returns
    -------
    list of EndLabel
        Share in the last year and, in brackets, in the first where it is written otherwise. Of an area that is
        written as 0.0% in both, the largest share and its year; it has no label where that is 0.0% too, unless
        all areas are.
    """
    written, none = [], percent(0.0, 1)
    for layer, top in zip(layers, tops, strict=True):
        share = 100 * np.divide(layer.persons, tops[-1], out=np.zeros(len(years)), where=tops[-1] > 0)
        name = wrap_evenly(in_words(layer.name), FONT_SIZE, WIDEST_END_LABEL)
        middle, most = float(top[-1] - layer.persons[-1] / 2), int(share.argmax())
        before, after, largest = (percent(float(share[place]), 1) for place in (0, -1, most))
        passing = before == after == none
        told = after
        if passing:
            told = said("{share} in {year}", share=largest, year=years[most])
        elif before != after:
            told = said("{share} ({year}: {before})", share=after, year=years[0], before=before)
        written.append((EndLabel(middle, f"{name}\n{told}", layer.color, at_line=not passing), largest != none))
    return [end for end, is_seen in written if is_seen] or [end for end, _ in written]


def shares_note(ends: list[EndLabel], years: NDArray[np.int64]) -> str:
    """Say which shares the labels of `layer_ends` give."""
    bracketed = [f"({years[0]}" in end.text for end in ends]
    first, last = years[0], years[-1]
    if all(bracketed):
        shares = said("At the right: share in {last} and, in brackets, in {first}", last=last, first=first)
    elif any(bracketed):
        shares = said(
            "At the right: share in {last} and, in brackets, in {first} where that differs", last=last, first=first
        )
    else:
        shares = said("At the right: share in {last}", last=last)
    if all(end.at_line for end in ends):
        return shares
    return said("{shares}; of those without any then, the largest", shares=shares)


def draw_layers(axes: Axes, years: NDArray[np.int64], layers: list[Layer], tops: NDArray[np.float64]) -> None:
    """Draw the areas, with white lines between them."""
    for layer, top in zip(layers, tops, strict=True):
        axes.fill_between(
            years, top - layer.persons, top, color=layer.color, alpha=_TINT, linewidth=0, zorder=2, gid=layer.name
        )
    for top in tops[:-1]:
        axes.plot(years, top, color="white", linewidth=0.8, zorder=2.5)
