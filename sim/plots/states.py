"""How a population is divided into groups or regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis.indicators import STATES
from sim.analysis.selection import name_of, one_projection, part, years_label
from sim.errors import DataError
from sim.plots.labels import WIDEST_END_LABEL, EndLabel, end_labels, path_axes, room_for
from sim.plots.language import said
from sim.plots.style import (
    FONT_SIZE,
    NEUTRAL,
    PALETTE,
    PLOT_HEIGHT,
    YEAR_LABEL_ROOM,
    Page,
    percent,
    scale_for,
    styled,
    value_axis,
    wrap_evenly,
    year_axis,
)
from sim.plots.words import base_sources, every_step, in_words, of_what, source_line

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MOST_LAYERS = len(PALETTE)
_TINT = 0.7


class Layer(NamedTuple):
    """One area of the stack."""

    name: str
    persons: NDArray[np.float64]
    """(year,)"""
    color: str


@styled
def states(result: xr.Dataset, by: str | None = None, region: str | None = None, group: str | None = None) -> Figure:
    """Draw the population on 1 January by group or by region, stacked to its total.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    by : str, optional
        ``group`` or ``region``; where not given groups, or regions where there is one group only.
    region, group : str, optional
        Part of the population to show.

    Returns
    -------
    matplotlib.figure.Figure
        One area a group or region, with its share of the total in the last year. Of more than eight the
        seven largest in that year, and all others together.

    Raises
    ------
    DataError
        Where there is nothing to divide by, no such region or group, or several scenarios or draws.
    """
    whole = one_projection(result)
    shown = part(whole, region, group)
    dimension = dimension_of(shown, by)
    layers = _layers(shown, dimension)
    years = shown["year"].values
    tops = np.cumsum([layer.persons for layer in layers], axis=0)
    scale = scale_for(float(tops[-1].max()))
    ends = layer_ends(layers, tops, years)
    _, height = room_for([end.text for end in ends])
    page = Page(
        title=said("Population by group on 1 January, {years}", years=years_label(years.tolist()))
        if dimension == "group"
        else said("Population by region on 1 January, {years}", years=years_label(years.tolist())),
        subtitle=of_what(whole, region, group),
        note=f"{scale.persons}. {shares_note(ends, years)}{every_step(shown, 'Computed')}",
        source=source_line([whole], base_sources([whole])),
        plot_height=max(PLOT_HEIGHT, height + YEAR_LABEL_ROOM),
    )
    axes = path_axes(page, ends)
    year_axis(axes, int(years[0]), int(years[-1]))
    value_axis(axes, scale, 0, float(tops[-1].max()))
    draw_layers(axes, years, layers, tops)
    end_labels(page, axes, ends)
    return page.figure


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


def _layers(result: xr.Dataset, dimension: str) -> list[Layer]:
    """Return the areas from the bottom to the top, in the order of the labels, the others last."""
    over = [name for name in result["population"].dims if name not in (dimension, "year")]
    people = result["population"].sum(over, skipna=False).transpose(dimension, "year").values
    names = [str(label) for label in result[dimension].values]
    if len(names) <= MOST_LAYERS:
        return [Layer(*layer) for layer in zip(names, people, PALETTE[: len(names)], strict=True)]
    largest = np.argsort(-people[:, -1], kind="stable")[: MOST_LAYERS - 1]
    kept = sorted(largest.tolist())
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
