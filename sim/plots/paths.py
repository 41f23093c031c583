"""The path of the population."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis import indicators
from sim.analysis.selection import observed_series, one_projection, part, records, sources_of, years_label, years_of
from sim.plots.labels import EndLabel, end_labels, path_axes, place
from sim.plots.language import said
from sim.plots.style import (
    BLUE,
    NEUTRAL,
    ORANGE,
    Page,
    Scale,
    computed,
    scale_for,
    value_axis,
    year_axis,
)
from sim.plots.words import base_sources, every_step, of_what, source_line

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def path_of_one(result: xr.Dataset, region: str | None = None, group: str | None = None) -> Figure:
    """Draw the population of one result with what was observed and what was published.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    region, group : str, optional
        Part of the population to show. Observed and published figures refer to the whole and are left
        out where only a part is shown.

    Returns
    -------
    matplotlib.figure.Figure
        The projected path, the observed one in grey, and published figures as points whose bars span
        what their rounding leaves open. The axis of persons begins a little below the lowest value,
        not at zero: heights above it are not proportional to persons.

    Raises
    ------
    DataError
        Where there is no such region or group, or there are several scenarios or draws.
    """
    whole = one_projection(result)
    shown = part(whole, region, group)
    path = indicators.population(shown)
    known = known_of(whole, int(path["year"][-1])) if shown.sizes == whole.sizes else _NOTHING
    everything = [*path.values.tolist(), *known.all_values()]
    scale = scale_for(max(everything))
    first, last = min([int(path["year"][0]), *known.all_years()]), int(path["year"][-1])
    page = Page(
        title=said("Population on 1 January, {years}", years=years_label([first, last])),
        subtitle=of_what(whole, region, group),
        note=_note(scale, known.published) + every_step(shown),
        source=source_line([whole], [*base_sources([whole]), *known.sources]),
    )
    value = float(path[-1])
    end = EndLabel(value, said("{year}:\n{number}", year=last, number=scale.words(value)), BLUE)
    axes = path_axes(page, [end])
    year_axis(axes, first, last)
    value_axis(axes, scale, min(everything), max(everything))
    _draw(axes, path, known)
    end_labels(page, axes, [end])
    _write_labels(page, axes, path, known, scale)
    return page.figure


class Known(NamedTuple):
    """What is known of the population besides the projection."""

    years: list[int]
    observed: list[float]
    published: list[dict[str, Any]]
    sources: list[str]

    def all_years(self) -> list[int]:
        """Return all years to which something refers."""
        return [*self.years, *(year for entry in self.published for year in years_of(entry))]

    def all_values(self) -> list[float]:
        """Return all values, with what the rounding of published ones leaves open."""
        ends = ((float(entry["value"]), _rounding(entry)) for entry in self.published)
        return [*self.observed, *(value + side * rounding for value, rounding in ends for side in (-1, 1))]


_NOTHING = Known([], [], [], [])


def known_of(result: xr.Dataset, last: int) -> Known:
    """Return what is known of the population of a whole result up to the last year."""
    years, observed = observed_series(result, "population", last)
    published = [
        entry
        for entry in records(result, "published")
        if entry["indicator"] == "population"
        and not (entry.get("region") or entry.get("group"))
        and max(years_of(entry), default=last + 1) <= last
    ]
    sources = sources_of(result, "observed", "population") if years else []
    sources += sources_of(result, "published", "population") if published else []
    return Known(years, observed, published, sources)


def _note(scale: Scale, published: list[dict[str, Any]]) -> str:
    """Say the unit, and how to read published figures."""
    if not published:
        return scale.persons
    if any(map(_rounding, published)):
        return said("{persons}. Diamonds: published figures; bars: their rounding", persons=scale.persons)
    return said("{persons}. Diamonds: published figures", persons=scale.persons)


def _rounding(entry: dict[str, Any]) -> float:
    """Return the largest error of a published figure by rounding; zero where it is not known."""
    return float(entry.get("rounding") or 0)


def _draw(axes: Axes, path: xr.DataArray, known: Known) -> None:
    """Draw the paths and the published figures."""
    years, values = path["year"].values, path.values
    axes.plot(years, values, color=BLUE, clip_on=False, gid="projected", **computed(years))
    axes.plot(years[-1:], values[-1:], "o", color=BLUE, markersize=4, clip_on=False, gid="end")
    if known.years:
        axes.plot(known.years, known.observed, color=NEUTRAL, linewidth=1.4, zorder=2.2, gid="observed")
    for entry in known.published:
        draw_published(axes, entry)


def _write_labels(page: Page, axes: Axes, path: xr.DataArray, known: Known, scale: Scale) -> None:
    """Write values beside published figures, and what the lines are."""
    for entry in known.published:
        _label_published(page, axes, entry, scale)
    if known.years:
        middle = len(known.years) // 2
        place(page, axes, said("observed"), (known.years[middle], known.observed[middle]), NEUTRAL)
        years = path["year"].values
        at = float(years[0] + years[-1]) / 2
        place(page, axes, said("projected"), (at, float(np.interp(at, years, path.values))), BLUE)


def draw_published(axes: Axes, entry: dict[str, Any], color: str = ORANGE) -> None:
    """Draw one published figure: a point in its year, or a line over its years."""
    years, value, rounding = years_of(entry), float(entry["value"]), _rounding(entry)
    middle = (years[0] + years[-1]) / 2
    if len(years) > 1:
        axes.plot([years[0], years[-1]], [value, value], color=color, linewidth=1, gid="published years")
    axes.errorbar(
        middle,
        value,
        yerr=rounding or None,
        fmt="D",
        color=color,
        markersize=4.5,
        markerfacecolor="white",
        markeredgewidth=1.2,
        elinewidth=1.2,
        capsize=2.5,
        zorder=4,
        clip_on=False,
        gid="published",
    )


def _label_published(page: Page, axes: Axes, entry: dict[str, Any], scale: Scale) -> None:
    """Write a published value beside its point, with the decimals that it was published with."""
    years, value, rounding = years_of(entry), float(entry["value"]), _rounding(entry)
    decimals = scale.decimals
    if rounding:
        decimals = max(0, math.ceil(-math.log10(2 * rounding / scale.divisor) - 1e-9))
    place(page, axes, scale.write(value, decimals), ((years[0] + years[-1]) / 2, value), ORANGE)
