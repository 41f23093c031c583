"""Why immigrants come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.selection import name_of, one_projection, part, per_year
from sim.axes import MOTIVES
from sim.errors import DataError
from sim.plots.labels import end_labels, path_axes, room_for
from sim.plots.states import Layer, draw_layers, layer_ends
from sim.plots.style import PALETTE, PLOT_HEIGHT, YEAR_LABEL_ROOM, Page, scale_for, styled, value_axis, year_axis
from sim.plots.words import every_step, of_what, source_line

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_COLORS = dict(zip(MOTIVES, PALETTE, strict=True))
"""Each motive has its colour in every figure."""


@styled
def motives(result: xr.Dataset, region: str | None = None, group: str | None = None) -> Figure:
    """Draw the immigrants of each year by the motive that they come for, stacked to their total.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    region, group : str, optional
        Part of the population to show.

    Returns
    -------
    matplotlib.figure.Figure
        One area a motive, with its share of the total in the last year.

    Raises
    ------
    DataError
        Where no motives are told apart, there is no such region or group, or there are several scenarios or draws.
    """
    whole = one_projection(result)
    shown = part(whole, region, group)
    if "immigrants_by_motive" not in shown:
        message = f"{name_of(whole)} tells no motives apart; give its streams of immigration a 'motive'"
        raise DataError(message)
    yearly = per_year(shown, shown["immigrants_by_motive"].sum(["region", "group"], skipna=False))
    years = yearly["period"].values
    names = [str(motive) for motive in yearly["motive"].values]
    persons = yearly.transpose("motive", "period").values
    layers = [Layer(name, row, _COLORS[name]) for name, row in zip(names, persons, strict=True)]
    tops = np.cumsum(persons, axis=0)
    scale = scale_for(float(tops[-1].max()))
    ends = layer_ends(layers, tops, int(years[0]))
    _, height = room_for([end.text for end in ends])
    page = Page(
        title=f"Immigrants by motive, {years[0]}\N{EN DASH}{years[-1]}",
        subtitle=of_what(whole, region, group),
        note=f"{scale.persons} a year. At the right: share in {years[-1]} and, in brackets, in {years[0]}"
        + every_step(shown, "Computed"),
        source=source_line([whole]),
        plot_height=max(PLOT_HEIGHT, height + YEAR_LABEL_ROOM),
    )
    axes = path_axes(page, ends)
    year_axis(axes, int(years[0]), int(years[-1]))
    value_axis(axes, scale, 0, float(tops[-1].max()))
    draw_layers(axes, years, layers, tops)
    end_labels(page, axes, ends)
    return page.figure
