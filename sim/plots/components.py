"""Where growth comes from: births, deaths, migration, and moves and changes between parts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis import indicators
from sim.analysis.align import several
from sim.analysis.selection import (
    observed_series,
    part,
    per_year,
    sources_of,
    step_of,
    years_label,
)
from sim.plots.flows import components_of_several
from sim.plots.labels import EndLabel, end_labels, path_axes, place
from sim.plots.language import said
from sim.plots.rows import Row, draw_rows
from sim.plots.style import (
    BLUE,
    GREEN,
    INK,
    NEUTRAL,
    OCHRE,
    PLOT_HEIGHT,
    PURPLE,
    WINE,
    Page,
    Scale,
    number,
    scale_for,
    styled,
    value_axis,
    year_axis,
)
from sim.plots.words import base_sources, mean_of_step, of_what, source_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Series = tuple[list[int], list[float]]
"""Years and values."""

_FLOWS = ("births", "deaths", "net_migration")
_COLORS = {"births": BLUE, "deaths": WINE, "net_migration": OCHRE, "moves": GREEN, "changes": PURPLE}
_ROW_COLORS = {**_COLORS, "natural_balance": NEUTRAL}
"""Of one year."""

_BARS = {"net_migration"}
_HEADROOM = 0.05
"""Of the axis of persons, above the room that every axis has."""

_TINT = 0.18
_PLOT_HEIGHT = PLOT_HEIGHT + 0.4


@styled
def components(
    results: xr.Dataset | Iterable[xr.Dataset],
    region: str | None = None,
    group: str | None = None,
    baseline: str | None = None,
) -> Figure:
    """Draw births and deaths, the natural balance between them, and net migration, by calendar year.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants. Steps longer than a year
        are shown as yearly means.
    region, group : str, optional
        Part of the population to show, without observed flows.
    baseline : str, optional
        Of several results, the name of the one drawn in black; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        Births and deaths as lines with the natural balance shaded between them, net migration as bars,
        observed flows dotted, and the first year in which deaths exceed births. Of one year only, a bar for each
        of them and for the natural balance, with what was observed as a dot. Of a part also the moves
        and changes between it and others, as lines: births less deaths plus all others is its growth.
        Net migration is a line too for a part, and where bars would reach births or deaths. The axis of
        persons always holds zero. Of several results a panel a flow, over the years common to them, with a line a
        result.

    Raises
    ------
    DataError
        As `sim.analysis.align.several`.
    """
    runs = several(results, baseline, region, group)
    if len(runs) > 1:
        return components_of_several(runs, region, group)
    (whole,) = several(results)
    shown = part(whole, region, group)
    sums = indicators.components(shown)
    flows = {name: per_year(shown, sums[name]) for name in _COLORS if name in sums}
    periods = flows["births"]["period"].values.tolist()
    is_whole = shown.sizes == whole.sizes
    observed = _observed(whole, periods[-1]) if is_whole else {}
    if len(periods) == 1:
        return _of_one_year(whole, flows, observed, of_what(whole, region, group))
    bars = _BARS if is_whole and _bars_stay_below(flows) else set()
    first, last = min([periods[0], *(years[0] for years, _ in observed.values())]), periods[-1]
    everything = np.concatenate([*flows.values(), *(values for _, values in observed.values()), [0.0]])
    low, high = float(everything.min()), float(everything.max())
    top = high + _HEADROOM * (high - low) if high else high
    scale = scale_for(max(-low, high))

    page = Page(
        title=_title(flows, first, last),
        subtitle=of_what(whole, region, group),
        note=". ".join(_note(scale, shown, flows, bars) + ([said("Dotted: observed")] if observed else [])),
        source=_sources(whole, observed),
        plot_height=_PLOT_HEIGHT,
    )
    ends = [_end(name, float(flow[-1]), scale) for name, flow in flows.items()]
    axes = path_axes(page, ends)
    year_axis(axes, first, last)
    axes.set_xlim(first - 0.5, last + 0.5)
    value_axis(axes, scale, low, top)
    _draw(axes, flows, bars, step_of(shown))
    _draw_observed(axes, observed)
    end_labels(page, axes, ends)
    _mark_decrease(page, axes, shown, flows)
    return page.figure


def _title(flows: dict[str, xr.DataArray], first: int, last: int) -> str:
    """Return the title."""
    years = years_label([first, last])
    if set(flows) > set(_FLOWS):
        return said("Components of change, {years}", years=years)
    return said("Births, deaths and net migration, {years}", years=years)


def _names() -> dict[str, str]:
    """Return what flows are called, in the order of the bars of a year."""
    return {
        "births": said("Births"),
        "deaths": said("Deaths"),
        "natural_balance": said("Natural balance"),
        "net_migration": said("Net migration"),
        "moves": said("Net moves"),
        "changes": said("Net changes"),
    }


def _meanings(flows: dict[str, xr.DataArray]) -> list[str]:
    """Return what flows between parts of a population are, of those that are shown."""
    meanings = {"moves": said("Net moves: between regions"), "changes": said("Net changes: between groups")}
    return [meaning for name, meaning in meanings.items() if name in flows]


def _sources(whole: xr.Dataset, observed: dict[str, Series]) -> str:
    """Return the line at the bottom."""
    return source_line([whole], [*base_sources([whole]), *sources_of(whole, "observed", *observed)])


def _of_one_year(
    whole: xr.Dataset, flows: dict[str, xr.DataArray], observed: dict[str, Series], subtitle: str
) -> Figure:
    """Draw each flow and the natural balance as a bar, with what was observed in that year as a dot."""
    year = int(flows["births"]["period"][0])
    values = {name: float(flow[0]) for name, flow in flows.items()}
    seen = {name: dict(zip(*series, strict=True))[year] for name, series in observed.items() if year in series[0]}
    for known in (values, seen):
        if {"births", "deaths"} <= set(known):
            known["natural_balance"] = known["births"] - known["deaths"]
    rows = []
    for name, words in _names().items():
        if name in values:
            beside = f" ({number(seen[name], 0)})" if name in seen else ""
            text = f"{number(values[name], 0)}{beside}"
            rows.append(Row(name, words, values[name], text, _ROW_COLORS[name], seen.get(name)))
    told = [said("Persons"), said("Natural balance: births less deaths"), *_meanings(flows)]
    told += [said("Dots and, in brackets, numbers: observed")] if seen else []
    shown = {name: series for name, series in observed.items() if name in seen}
    return draw_rows(rows, _title(flows, year, year), subtitle, ". ".join(told), _sources(whole, shown))


def _observed(result: xr.Dataset, last: int) -> dict[str, Series]:
    """Return the observed flows that there are, up to a year."""
    series = {name: observed_series(result, name, last) for name in _FLOWS}
    return {name: (years, values) for name, (years, values) in series.items() if years}


def _bars_stay_below(flows: dict[str, xr.DataArray]) -> bool:
    """Tell whether bars of net migration would stay below the lines of births and deaths."""
    births, deaths, net_migration = (flows[name].values for name in _FLOWS)
    return bool(net_migration.max() < min(births.min(), deaths.min()))


def _note(scale: Scale, shown: xr.Dataset, flows: dict[str, xr.DataArray], bars: set[str]) -> list[str]:
    """Say the unit, and how to read the marks, each in a sentence."""
    sentences = [said("{persons} per year{mean}", persons=scale.persons, mean=mean_of_step(shown))]
    sentences += [said("Shaded: natural balance, births less deaths")]
    sentences += [said("Bars: net migration")] if bars else []
    return sentences + _meanings(flows)


def _end(name: str, value: float, scale: Scale) -> EndLabel:
    """Return the label of a flow, with its last value."""
    return EndLabel(value, f"{_names()[name]} {scale.write(value)}", _COLORS[name])


def _draw(axes: Axes, flows: dict[str, xr.DataArray], bars: set[str], step: int) -> None:
    """Draw lines, bars and the balance between the lines; flows of a step are level over its years."""
    periods = flows["births"]["period"].values
    for name in bars:
        axes.bar(
            periods[::step] + (step - 1) / 2,
            flows[name].values[::step],
            width=step - 0.2,
            color=_COLORS[name],
            alpha=0.45,
            linewidth=0,
            zorder=1.8,
            label=name,
        )
    places = periods if step == 1 else np.column_stack([periods - 0.5, periods + 0.5]).ravel()
    levels = {name: np.repeat(flow.values, len(places) // len(periods)) for name, flow in flows.items()}
    born, died = levels["births"], levels["deaths"]
    for more, less, color in ((born, died, BLUE), (died, born, WINE)):
        axes.fill_between(
            places,
            born,
            died,
            where=more >= less,
            interpolate=step == 1,
            color=color,
            alpha=_TINT,
            linewidth=0,
            zorder=2,
        )
    for name, level in levels.items():
        if name not in bars:
            axes.plot(places, level, color=_COLORS[name], zorder=3.5, gid=name)


def _draw_observed(axes: Axes, observed: dict[str, Series]) -> None:
    """Draw what was observed as dotted lines."""
    for name, (years, values) in observed.items():
        axes.plot(years, values, ":", color=_COLORS[name], linewidth=1.3, zorder=3, gid=f"observed {name}")


def _mark_decrease(page: Page, axes: Axes, shown: xr.Dataset, flows: dict[str, xr.DataArray]) -> None:
    """Mark the first calendar year, or step, in which deaths exceed births, where there is one and births at all."""
    first = float(indicators.first_year_of_natural_decrease(shown))
    if math.isnan(first) or not flows["births"].any():
        return
    year, step = int(first), step_of(shown)
    middle, value = year + (step - 1) / 2, float(flows["deaths"].sel(period=year))
    axes.plot([middle], [value], "o", color=INK, markersize=4.5, zorder=4, gid="natural decrease")
    when = years_label(list(range(year, year + step)))
    place(page, axes, said("{years}: deaths\nexceed births", years=when), (middle, value), INK)
