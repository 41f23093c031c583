"""Why immigrants come, and whom they join."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.selection import name_of, one_projection, part, per_year
from sim.axes import MOTIVES
from sim.errors import DataError
from sim.plots.labels import end_labels, path_axes, room_for
from sim.plots.states import Layer, draw_layers, layer_ends
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
    scale_for,
    styled,
    value_axis,
    year_axis,
)
from sim.plots.words import every_step, of_what, source_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.figure import Figure

OF_IMMIGRANTS = ("motive", "sponsor")
"""What immigrants are told apart by."""

_COLORS = dict(zip(MOTIVES, PALETTE, strict=True))
"""Each motive has its colour in every figure."""

_ONLY = {"motive": "", "sponsor": ", only those with a sponsor"}

_SPONSOR_COLORS = (INDIGO, OCHRE, CYAN, WINE, GREEN, ORANGE, PURPLE, BLUE)
"""Of sponsors, in the order of their labels."""


@styled
def motives(result: xr.Dataset, region: str | None = None, group: str | None = None, by: str = "motive") -> Figure:
    """Draw the immigrants of each year by the motive that they come for, or by sponsor, stacked to their total.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    region, group : str, optional
        Part of the population to show.
    by : str
        ``motive``, or ``sponsor``: who opens the right to family reunification, of the immigrants that have one.

    Returns
    -------
    matplotlib.figure.Figure
        One area a motive or sponsor, with its share of the total in the last year.

    Raises
    ------
    DataError
        Where no motives or sponsors are told apart, there is no such region or group, or there are several scenarios
        or draws.
    """
    whole = one_projection(result)
    shown = part(whole, region, group)
    yearly = immigrants_by(shown, by)
    years = yearly["period"].values
    names = [str(label) for label in yearly[by].values]
    persons = yearly.transpose(by, "period").values
    layers = [Layer(*layer) for layer in zip(names, persons, colors_of(by, names), strict=True)]
    tops = np.cumsum(persons, axis=0)
    highest = float(tops[-1].max())
    scale = scale_for(highest)
    ends = layer_ends(layers, tops, int(years[0]))
    _, height = room_for([end.text for end in ends])
    page = Page(
        title=f"Immigrants by {by}, {years[0]}\N{EN DASH}{years[-1]}",
        subtitle=of_what(whole, region, group),
        note=f"{scale.persons} a year{_ONLY[by]}. At the right: share in {years[-1]} and, in brackets, in {years[0]}"
        + every_step(shown, "Computed"),
        source=source_line([whole]),
        plot_height=max(PLOT_HEIGHT, height + YEAR_LABEL_ROOM),
    )
    axes = path_axes(page, ends)
    year_axis(axes, int(years[0]), int(years[-1]))
    value_axis(axes, scale, 0, highest or 1.0)
    draw_layers(axes, years, layers, tops)
    end_labels(page, axes, ends)
    return page.figure


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
