"""What policies change: a projection with them beside one without."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis import indicators
from sim.analysis.selection import name_of, one_projection, round_years, single_results, title_of, years_label
from sim.errors import DataError
from sim.plots.effect import Policy, Series, added, flows_of, series_of
from sim.plots.labels import WIDEST_END_LABEL, EndLabel, end_labels, place, room_for
from sim.plots.language import said
from sim.plots.style import (
    FONT_SIZE,
    FULL_WIDTH,
    INK,
    LINE_HEIGHT,
    MARGIN,
    NEUTRAL,
    TICK_LABEL_ROOM,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    measure,
    plain,
    scale_for,
    styled,
    value_axis,
    wrap,
    wrap_evenly,
    year_axis,
)
from sim.plots.words import base_sources, day_in_words, every_step, in_words, scenario_of, source_line, stated_sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_FLOW_HEIGHT, _STOCK_HEIGHT = 2.2, 1.7
_HEADING_ROOM, _HEADING_LIFT = 0.4, 0.12
_MARK_PADDING = 0.05
_WIDEST_MARK = 3.0
_TINT = 0.18
_DAY = datetime.timedelta(days=1)


class Mark(NamedTuple):
    """Where a policy begins, and where its name stands."""

    at: float
    """Year and part of the year."""
    text: str
    row: int
    """From the bottom."""
    flipped: bool
    """Whether the name stands to the left of the line."""


@styled
def policy_effect(results: Sequence[xr.Dataset]) -> Figure:
    """Draw what policies change: flows of each year with and without them, and the difference in population.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        A result with policies and one without, of the same years, with one scenario and one draw each.

    Returns
    -------
    matplotlib.figure.Figure
        Above, the immigrants that differ by sponsor, by motive where sponsors do not tell all of the difference, or in
        total; emigrants where the policies are on these; both in total where they are on both. Below, the population
        with the policies less that without. A vertical line at the first day of each policy that only the first
        result has. Flows stand in the middle of their year, populations at its beginning.

    Raises
    ------
    DataError
        Where there are not two results, the first has no policy that the second lacks, their years differ, one has
        no immigrants, or one holds several scenarios or draws.
    """
    changed, base = _pair(results)
    policies = added(changed, base)
    years = changed["year"].values
    first, last = int(years[0]), int(years[-1])
    what, series = series_of(changed, base, policies)
    difference = (indicators.population(changed) - indicators.population(base)).values
    flow_scale = scale_for(_highest(series))
    stock_scale = scale_for(float(np.abs(difference).max()))
    ends = [_flow_end(one, flow_scale) for one in series]
    gained = stock_scale.write(difference[-1], sign=True)
    stock_end = EndLabel(float(difference[-1]), said("{number}\nin {year}", number=gained, year=last), INK)
    room, needed = room_for([end.text for end in ends])
    left = MARGIN + TICK_LABEL_ROOM
    width = FULL_WIDTH - left - max(room, room_for([stock_end.text])[0])
    height = max(_FLOW_HEIGHT, needed)
    marks = _marks(policies, first, last, width)
    row = max((measure(mark.text)[1] + _MARK_PADDING for mark in marks), default=0.0)
    rows = row * max((mark.row + 1 for mark in marks), default=0)
    bottom = YEAR_LABEL_ROOM + _STOCK_HEIGHT + _HEADING_ROOM + YEAR_LABEL_ROOM
    page = Page(
        title=_title(policies, first, last),
        subtitle=said("Solid: {solid}. Dashed: {dashed}", solid=title_of(changed), dashed=title_of(base)),
        note=_note(changed, series, policies, flow_scale),
        source=source_line([changed, base], [*base_sources([changed, base]), *_stated(changed, policies)]),
        plot_height=bottom + height + rows + _HEADING_ROOM,
    )
    flows, stocks = page.axes(left, bottom, width, height), page.axes(left, YEAR_LABEL_ROOM, width, _STOCK_HEIGHT)
    _draw_flows(flows, series, years, flow_scale)
    _draw_stocks(stocks, years, difference, stock_scale)
    _draw_marks(flows, stocks, marks, row / height)
    _head(flows, said("{flows}: {persons} a year", flows=what, persons=flow_scale.persons.lower()), rows)
    less = said(
        "Difference in population on 1 January, with less without: {persons}", persons=stock_scale.persons.lower()
    )
    _head(stocks, less, 0.0)
    end_labels(page, flows, ends)
    end_labels(page, stocks, [stock_end])
    for year, value in zip(years.tolist(), difference.tolist(), strict=True):
        if year in round_years(years.tolist())[1:-1]:
            place(page, stocks, stock_scale.write(value, sign=True), (year, value), INK)
    return page.figure


def _pair(results: Sequence[xr.Dataset]) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the result with policies and the one without, after checks."""
    singles = [one_projection(result) for result in single_results(results)]
    if len(singles) != 2:
        message = f"{len(singles)} results; the effect of policies is shown of two, one with them and one without"
        raise DataError(message)
    changed, base = singles
    if not added(changed, base):
        message = f"{name_of(changed)} has no policy that {name_of(base)} lacks"
        raise DataError(message)
    if not np.array_equal(changed["year"], base["year"]):
        message = f"the years of {name_of(changed)} are not those of {name_of(base)}"
        raise DataError(message)
    return changed, base


def _highest(series: list[Series]) -> float:
    """Return the most people of one kind in a year, with the policies or without."""
    return max(float(path.max()) for one in series for path in (one.changed, one.base))


def _flow_end(series: Series, scale: Scale) -> EndLabel:
    """Return the label at the end of two lines: what they are and their last values, that without in brackets."""
    name = wrap_evenly(in_words(series.name), FONT_SIZE, WIDEST_END_LABEL)
    last, without = _values(series, scale)
    value = last if last == without else f"{last} ({without})"
    return EndLabel(float(series.changed[-1]), f"{name}\n{value}", series.color)


def _values(series: Series, scale: Scale) -> tuple[str, str]:
    """Return the last values with and without the policies, written."""
    return scale.write(float(series.changed[-1])), scale.write(float(series.base[-1]))


def _note(changed: xr.Dataset, series: list[Series], policies: list[Policy], scale: Scale) -> str:
    """Say what the numbers at the right are, and how far apart those that were computed."""
    last = int(changed["year"][-1]) - 1
    differ = any(_values(one, scale)[0] != _values(one, scale)[1] for one in series)
    told = (
        said(
            "Flows in the middle of their year. At the right: values of {year}, in brackets those without the policies",
            len(policies),
            year=last,
        )
        if differ
        else said("Flows in the middle of their year. At the right: values of {year}", year=last)
    )
    return told + every_step(changed, "Computed")


def _stated(result: xr.Dataset, policies: list[Policy]) -> list[str]:
    """Return the sources of policies and of the flows that they change."""
    migration = scenario_of(result).get("migration", {})
    flows = [migration.get(name.replace("migrants", "migration")) for name in flows_of(policies)]
    return stated_sources(result, [*flows, *(policy.entry for policy in policies)])


def _title(policies: list[Policy], first: int, last: int) -> str:
    """Return the title: the policy, or how many there are."""
    years = years_label([first, last])
    if len(policies) == 1:
        return said("Effect of {policy}, {years}", policy=_spaced(policies[0].name), years=years)
    return said("Effect of {count} policies, {years}", count=len(policies), years=years)


def _marks(policies: list[Policy], first: int, last: int, width: float) -> list[Mark]:
    """Return where the policies begin within the years shown, their names in rows so that none covers another."""
    right_of, left_of = [], []
    for policy in policies:
        at = _time(policy.since)
        if not first <= at <= last:
            continue
        text = wrap(_when(policy), FONT_SIZE, _WIDEST_MARK)
        place, wide = (at - first) / (last - first) * width, measure(text)[0] + 2 * _MARK_PADDING
        if place + wide > width:
            left_of.append((Mark(at, text, 0, True), place - wide, place))
        else:
            right_of.append((Mark(at, text, 0, False), place, place + wide))
    marks: list[Mark] = []
    taken: list[tuple[float, float, int]] = []
    for mark, left, right in [*left_of, *reversed(right_of)]:
        row = max((row + 1 for start, end, row in taken if start < right and left < end), default=0)
        taken.append((left, right, row))
        marks.append(mark._replace(row=row))
    return marks


def _spaced(name: str) -> str:
    """Return the short name of a policy in words."""
    return in_words(name).replace("-", " ")


def _when(policy: Policy) -> str:
    """Return the short name of a policy with its first day, and its last."""
    named = {"policy": _spaced(policy.name), "since": day_in_words(policy.since)}
    if policy.until is None:
        return said("{policy}, from {since}", **named)
    return said("{policy}, from {since} to {until}", **named, until=day_in_words(policy.until - _DAY))


def _time(day: datetime.date) -> float:
    """Return a day as a year and the part of it that is over."""
    start = datetime.date(day.year, 1, 1)
    return day.year + (day - start).days / (datetime.date(day.year + 1, 1, 1) - start).days


def _draw_flows(axes: Axes, series: list[Series], years: NDArray[np.int64], scale: Scale) -> None:
    """Draw flows of each calendar year in its middle, dashed without the policies."""
    first, last = int(years[0]), int(years[-1])
    plain(axes)
    year_axis(axes, first, last)
    value_axis(axes, scale, 0, _highest(series) or 1.0)
    for one in series:
        periods = np.arange(first, last) + 0.5
        axes.plot(periods, one.base, "--", color=one.color, linewidth=1.2, zorder=3, gid=f"{one.name} without")
        axes.plot(periods, one.changed, color=one.color, zorder=3.5, gid=one.name)


def _draw_stocks(axes: Axes, years: NDArray[np.int64], difference: NDArray[np.float64], scale: Scale) -> None:
    """Draw by how much the population differs on each 1 January, with dots in the years whose values are written."""
    plain(axes)
    year_axis(axes, int(years[0]), int(years[-1]))
    high = max(float(difference.max()), 0.0 if difference.any() else 1.0)
    value_axis(axes, scale, min(0.0, float(difference.min())), high, sign=True)
    axes.fill_between(years, 0, difference, color=NEUTRAL, alpha=_TINT, linewidth=0, zorder=2)
    axes.plot(years, difference, color=INK, zorder=3, gid="difference")
    written = np.isin(years, round_years(years.tolist())[1:])
    axes.plot(years[written], difference[written], "o", color=INK, markersize=3.5, clip_on=False, zorder=4)


def _draw_marks(flows: Axes, stocks: Axes, marks: list[Mark], row: float) -> None:
    """Draw a line through both panels where a policy begins, and write its name above; a row is a part of the axes."""
    for mark in marks:
        for axes, top in ((flows, 1 + (mark.row + 1) * row), (stocks, 1.0)):
            axes.plot(
                [mark.at, mark.at],
                [0, top],
                color=NEUTRAL,
                linewidth=0.6,
                transform=axes.get_xaxis_transform(),
                clip_on=False,
                zorder=1.8,
                gid=f"policy {mark.text}",
            )
        flows.annotate(
            mark.text,
            xy=(mark.at, 1 + mark.row * row),
            xycoords=flows.get_xaxis_transform(),
            xytext=(_MARK_PADDING * 72 * (-1 if mark.flipped else 1), 0),
            textcoords="offset points",
            color=NEUTRAL,
            fontsize=FONT_SIZE,
            linespacing=LINE_HEIGHT,
            horizontalalignment="right" if mark.flipped else "left",
            verticalalignment="bottom",
            annotation_clip=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            gid="policy",
        )


def _head(axes: Axes, words: str, above: float) -> None:
    """Write what a panel shows at the left margin, some inches above its axes."""
    axes.annotate(
        words,
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(-TICK_LABEL_ROOM * 72, (above + _HEADING_LIFT) * 72),
        textcoords="offset points",
        fontweight="bold",
        fontsize=FONT_SIZE,
        verticalalignment="bottom",
        annotation_clip=False,
        gid="heading",
    )
