"""Where growth comes from: births, deaths and migration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis import indicators
from sim.analysis.selection import observed_series, one_projection, part, per_year, sources_of
from sim.plots.labels import EndLabel, end_labels, path_axes, place
from sim.plots.style import (
    BLUE,
    INK,
    OCHRE,
    PLOT_HEIGHT,
    WINE,
    Page,
    Scale,
    scale_for,
    styled,
    value_axis,
    year_axis,
)
from sim.plots.words import of_what, source_line

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Series = tuple[list[int], list[float]]
"""Years and values."""

_FLOWS = ("births", "deaths", "net_migration")
_NAMES = {"births": "Births", "deaths": "Deaths", "net_migration": "Net migration"}
_COLORS = {"births": BLUE, "deaths": WINE, "net_migration": OCHRE}
_TINT = 0.18
_PLOT_HEIGHT = PLOT_HEIGHT + 0.4


@styled
def components(result: xr.Dataset, region: str | None = None, group: str | None = None) -> Figure:
    """Draw births and deaths, the natural balance between them, and net migration, by calendar year.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw. Steps longer than a year are shown as yearly means.
    region, group : str, optional
        Part of the population to show, without moves between parts and without observed flows.

    Returns
    -------
    matplotlib.figure.Figure
        Births and deaths as lines with the natural balance shaded between them, net migration as bars,
        observed flows dotted, and the first year in which deaths exceed births.

    Raises
    ------
    DataError
        Where there is no such region or group, or there are several scenarios or draws.
    """
    whole = one_projection(result)
    shown = part(whole, region, group)
    flows = {name: per_year(shown, getattr(indicators, name)(shown)) for name in _FLOWS}
    periods = flows["births"]["period"].values.tolist()
    observed = _observed(whole, periods[-1]) if shown.sizes == whole.sizes else {}
    first, last = min([periods[0], *(years[0] for years, _ in observed.values())]), periods[-1]
    everything = np.concatenate([*flows.values(), *(values for _, values in observed.values()), [0.0]])
    low, high = float(everything.min()), float(everything.max())
    scale = scale_for(max(-low, high))

    key = ". Dotted: observed" if observed else ""
    page = Page(
        title=f"Births, deaths and net migration, {first}\N{EN DASH}{last}",
        subtitle=of_what(whole, region, group),
        note=f"{scale.persons} per year. Shaded: natural balance, births less deaths{key}",
        source=source_line([whole], sources_of(whole, "observed", *observed)),
        plot_height=_PLOT_HEIGHT,
    )
    ends = [_end(name, float(flow[-1]), scale) for name, flow in flows.items()]
    axes = path_axes(page, ends)
    year_axis(axes, first, last)
    axes.set_xlim(first - 0.5, last + 0.5)
    value_axis(axes, scale, low, high)
    _draw(axes, flows, observed)
    end_labels(page, axes, ends)
    _mark_decrease(page, axes, shown, flows)
    return page.figure


def _observed(result: xr.Dataset, last: int) -> dict[str, Series]:
    """Return the observed flows that there are, up to a year."""
    series = {name: observed_series(result, name, last) for name in _FLOWS}
    return {name: (years, values) for name, (years, values) in series.items() if years}


def _end(name: str, value: float, scale: Scale) -> EndLabel:
    """Return the label of a flow, with its last value."""
    return EndLabel(value, f"{_NAMES[name]} {scale.write(value)}", _COLORS[name])


def _draw(axes: Axes, flows: dict[str, xr.DataArray], observed: dict[str, Series]) -> None:
    """Draw lines, bars and the balance between the lines."""
    births, deaths, net_migration = (flows[name] for name in _FLOWS)
    periods = births["period"].values
    axes.bar(
        periods,
        net_migration.values,
        width=0.8,
        color=OCHRE,
        alpha=0.45,
        linewidth=0,
        zorder=1.8,
        label="net_migration",
    )
    for more, less, color in ((births, deaths, BLUE), (deaths, births, WINE)):
        axes.fill_between(
            periods,
            births.values,
            deaths.values,
            where=more.values >= less.values,
            interpolate=True,
            color=color,
            alpha=_TINT,
            linewidth=0,
            zorder=2,
        )
    for name in ("births", "deaths"):
        axes.plot(periods, flows[name].values, color=_COLORS[name], zorder=3.5, gid=name)
    for name, (years, values) in observed.items():
        axes.plot(years, values, ":", color=_COLORS[name], linewidth=1.3, zorder=3, gid=f"observed {name}")


def _mark_decrease(page: Page, axes: Axes, shown: xr.Dataset, flows: dict[str, xr.DataArray]) -> None:
    """Mark the first calendar year in which deaths exceed births, where there is one."""
    year = float(indicators.first_year_of_natural_decrease(shown))
    if math.isnan(year):
        return
    value = float(flows["deaths"].sel(period=int(year)))
    axes.plot([year], [value], "o", color=INK, markersize=4.5, zorder=4, gid="natural decrease")
    place(page, axes, f"{int(year)}: deaths\nexceed births", (year, value), INK)
