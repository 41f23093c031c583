"""From one projection to another, block of assumptions by block."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis.explanation import decimals_of, parts_of, time_of
from sim.errors import DataError
from sim.plots import style
from sim.plots.explanation_words import note_on_bars, span_of, title_of_difference, words_of
from sim.plots.language import said
from sim.plots.style import FONT_SIZE, FULL_WIDTH, INK, LINE_HEIGHT, MARGIN, NEUTRAL, Page, Scale, measure
from sim.plots.words import source_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = {
    "base population": style.INDIGO,
    "fertility": style.BLUE,
    "mortality": style.WINE,
    "migration": style.OCHRE,
    "nationality rules": style.PURPLE,
    "moves between regions": style.GREEN,
    "convention": style.ORANGE,
}
MOST_PANELS = 10
_ROUNDING = 1e-12
"""Share of the largest value below which a part is none."""

_ROW = 0.27
_LINE_ROOM = 0.1
_THICKNESS = 0.62
_GAP = 0.08
"""Inches between a bar and its name or value."""

_PANEL_GAP = 0.2
_HEAD_ROOM = 0.25
_WIDEST_LABEL = 1.9


class _Step(NamedTuple):
    """A bar: a block, or a part of it."""

    block: str
    part: str
    words: str


class _Panel(NamedTuple):
    """What leads from one projection to another."""

    title: str
    start: float
    end: float
    parts: list[float]
    """One a step."""

    @property
    def levels(self) -> list[float]:
        """Where each bar begins, and the last one ends."""
        return [self.start, *(self.start + np.cumsum(self.parts)).tolist()]


@style.styled
def waterfall(explanations: xr.Dataset | Sequence[xr.Dataset], year: int | None = None) -> Figure:
    """Draw what leads from one projection to others: a bar for what each block of assumptions adds.

    Parameters
    ----------
    explanations : xarray.Dataset or sequence of xarray.Dataset
        What `sim.decompose` returns, of one projection and one or several others, all of the same indicator.
    year : int, optional
        Year, or period of a flow; the last one common to all where not given.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each of the others, all on the same scale. A block that is told apart, by flows of migration or by
        spans of years, has a bar for each part; blocks that make no difference in any panel have none.

    Raises
    ------
    DataError
        Where there is nothing to draw, or too much; where the explanations are not of one projection and indicator;
        or where one lacks the year.
    """
    import xarray as xr

    several = [explanations] if isinstance(explanations, xr.Dataset) else list(explanations)
    year = _checked(several, year)
    steps = _steps(several, year)
    panels = [_panel(explanation, steps, year) for explanation in several]
    scale = _scale(several)
    low, high = _limits(panels)
    first = several[0]
    titles = [str(first["title"].values[0]), *(panel.title for panel in panels)]
    results = [xr.Dataset(attrs={"name": title, "title": title}) for title in titles]
    sources = dict.fromkeys(source for each in several for source in each.attrs["sources"] if source)
    page, axes = _page(
        steps,
        panels,
        titles[0],
        scale,
        title=title_of_difference(first, year),
        note=note_on_bars(scale, several, from_zero=low <= 0 <= high),
        source=source_line(results, sources),
    )
    for place, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
        _draw(axis, panel, steps, scale, (low, high))
        if place >= len(panels) - _columns(panels):
            _value_axis(axis, scale)
    return page.figure


def _checked(explanations: list[xr.Dataset], year: int | None) -> int:
    """Return the year that is drawn, after checking that all have it and are of one projection and indicator."""
    if not 1 <= len(explanations) <= MOST_PANELS:
        message = f"a waterfall has 1 to {MOST_PANELS} panels, not {len(explanations)}"
        raise DataError(message)
    for key in ("baseline", "indicator"):
        found = list(dict.fromkeys(str(each.attrs[key]) for each in explanations))
        if len(found) > 1:
            message = f"the explanations have different {key}s: {', '.join(found)}; draw one figure for each"
            raise DataError(message)
    divided = [each["span"].values for each in explanations if "span" in each.dims]
    spans = list(dict.fromkeys(", ".join(map(str, labels)) for labels in divided))
    if len(spans) > 1:
        message = f"the assumptions are divided by different years: {'; '.join(spans)}; draw one figure for each"
        raise DataError(message)
    years = set.intersection(*({*each[time_of(each)].values.tolist()} for each in explanations))
    if not years or (year is not None and year not in years):
        covered = f"they cover {min(years)} to {max(years)}" if years else "no year is common to them"
        message = f"the explanations have no year {year or ''}".rstrip() + f": {covered}"
        raise DataError(message)
    return max(years) if year is None else year


def _steps(explanations: list[xr.Dataset], year: int) -> list[_Step]:
    """Return the bars: of every block that makes a difference in the year in any explanation, or of its parts."""
    blocks = dict.fromkeys(str(block) for each in explanations for block in each["block"].values)
    found = []
    for block in sorted(blocks, key=list(_COLORS).index):
        parts = dict.fromkeys(part for each in explanations for part in _parts(each, block, year))
        found += [_Step(block, part, words_of(block, part)) for part in sorted(parts, key=span_of)]
    return found


def _parts(explanation: xr.Dataset, block: str, year: int) -> dict[str, float]:
    """Return what each part of a block adds in a year, or the block itself; nothing where that is but rounding."""
    if block not in explanation["block"].values:
        return {}
    found = {part: values[year] for part, values in parts_of(explanation, block).items()}
    if len(found) > 1:
        del found[""]
    rounding = _ROUNDING * float(np.nanmax(np.abs(explanation["value"].values)))
    return {part: value for part, value in found.items() if abs(value) > rounding}


def _panel(explanation: xr.Dataset, steps: list[_Step], year: int) -> _Panel:
    """Return the values of one panel."""
    start, end = explanation["value"].sel({time_of(explanation): year}).values.tolist()
    found = {step.block: _parts(explanation, step.block, year) for step in steps}
    values = [found[step.block].get(step.part, 0.0) for step in steps]
    return _Panel(str(explanation["title"].values[1]), start, end, values)


def _scale(explanations: list[xr.Dataset]) -> Scale:
    """Choose the unit: persons in millions or thousands, all else as it is."""
    largest = max(float(np.nanmax(np.abs(each["value"].values))) for each in explanations)
    if largest >= 1000:
        return scale_of_persons(largest)
    return Scale(1, "", decimals_of(explanations[0]))


def scale_of_persons(largest: float) -> Scale:
    """Choose the unit of persons, with one decimal more than of a total: parts are small beside it."""
    scale = style.scale_for(largest)
    return scale._replace(decimals=scale.decimals + 1 if scale.unit else 0)


def _columns(panels: list[_Panel]) -> int:
    """Return how many panels stand side by side."""
    return min(len(panels), 2)


def _page(steps: list[_Step], panels: list[_Panel], base: str, scale: Scale, **words: str) -> tuple[Page, list[Axes]]:
    """Lay out the page: names of the rows at the left, the panels in up to two columns."""
    several = len(panels) > 1
    rows = [base, *(step.words for step in steps), said("Projection named above") if several else panels[0].title]
    names = [style.wrap_evenly(row, FONT_SIZE, _WIDEST_LABEL) for row in rows]
    heights = [max(_ROW, measure(name)[1] + _LINE_ROOM) for name in names]
    columns = _columns(panels)
    label_room = max(measure(name)[0] for name in names) + _GAP
    value_room = max(measure(text)[0] for panel in panels for text in _texts(panel, scale)) + 2 * _GAP
    width = (FULL_WIDTH - 2 * MARGIN - label_room - (columns - 1) * _PANEL_GAP) / columns - value_room
    heads = [style.wrap(panel.title, FONT_SIZE, width + value_room, "bold") if several else "" for panel in panels]
    head = max(measure(text)[1] for text in heads) + _HEAD_ROOM if several else 0.0
    lines = math.ceil(len(panels) / columns)
    height = sum(heights) + head
    page = Page(words["title"], "", words["note"], words["source"], lines * height + style.YEAR_LABEL_ROOM)
    found = []
    for place in range(len(panels)):
        row, column = divmod(place, columns)
        left = MARGIN + label_room + column * (width + value_room + _PANEL_GAP)
        bottom = style.YEAR_LABEL_ROOM + (lines - 1 - row) * height
        axes = page.axes(left, bottom, width, sum(heights))
        found.append(axes)
        _rows(axes, heights, names if column == 0 else [])
        _head(axes, heads[place])
    return page, found


def _rows(axes: Axes, heights: list[float], names: list[str]) -> None:
    """Let an axis run over the rows, from the top down, and write their names."""
    edges = np.cumsum([0.0, *heights])
    middles = (edges[:-1] + edges[1:]) / 2
    style.plain(axes)
    axes.set_ylim(edges[-1], 0)
    axes.set_yticks(middles, [""] * len(heights))
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    for name, middle in zip(names, middles, strict=False):
        axes.annotate(
            name,
            xy=(0, middle),
            xycoords=axes.get_yaxis_transform(),
            xytext=(-_GAP * 72, 0),
            textcoords="offset points",
            linespacing=LINE_HEIGHT,
            horizontalalignment="right",
            verticalalignment="center",
            annotation_clip=False,
            gid="name",
        )


def _texts(panel: _Panel, scale: Scale) -> list[str]:
    """Return the values of all rows, as they are written."""
    parts = [scale.write(value, sign=True) for value in panel.parts]
    return [scale.write(panel.start), *parts, scale.write(panel.end)]


def _limits(panels: list[_Panel]) -> tuple[float, float]:
    """Return the lowest and the highest level of all panels; a hundredth to both sides where they are the same."""
    levels = [level for panel in panels for level in panel.levels]
    low, high = min(levels), max(levels)
    room = 0 if high > low else max(abs(high) / 100, 1)
    return low - room, high + room


def _draw(axes: Axes, panel: _Panel, steps: list[_Step], scale: Scale, limits: tuple[float, float]) -> None:
    """Draw the bars of a panel, each from where the one before ended, between the two projections."""
    low, high = limits
    room = 0.03 * (high - low)
    axes.set_xlim(low - room, high + room)
    middles, levels = axes.get_yticks(), panel.levels
    axes.axvline(panel.start, color=NEUTRAL, linewidth=0.7, linestyle=":", zorder=1)
    thickness = _THICKNESS * _ROW
    for place, (step, value) in enumerate(zip(steps, panel.parts, strict=True)):
        axes.barh(
            middles[place + 1],
            value,
            thickness,
            left=levels[place],
            color=_COLORS[step.block],
            linewidth=0,
            zorder=2,
            gid=f"{step.block} {step.part}".rstrip(),
        )
    for place, level in enumerate(levels):
        between = [middles[place] + thickness / 2, middles[place + 1] - thickness / 2]
        axes.plot([level] * 2, between, color=NEUTRAL, linewidth=0.6, zorder=1.5, gid="level")
    for place, total in ((0, panel.start), (-1, panel.end)):
        axes.plot([total], [middles[place]], "D", color=INK, markersize=4.5, clip_on=False, zorder=3, gid="total")
    ends = [panel.start, *(max(pair) for pair in itertools.pairwise(levels)), panel.end]
    for middle, end, text in zip(middles, ends, _texts(panel, scale), strict=True):
        _write(axes, text, end, middle)


def _write(axes: Axes, text: str, end: float, middle: float) -> None:
    """Write a value to the right of its bar."""
    from matplotlib.patheffects import withStroke

    axes.annotate(
        text,
        xy=(end, middle),
        xytext=(_GAP * 72, 0),
        textcoords="offset points",
        verticalalignment="center",
        annotation_clip=False,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
        gid="value",
    )


def _head(axes: Axes, heading: str) -> None:
    """Write the title of a panel above it."""
    axes.annotate(
        heading,
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        fontweight="bold",
        linespacing=LINE_HEIGHT,
        verticalalignment="bottom",
        annotation_clip=False,
        gid="heading",
    )


def _value_axis(axes: Axes, scale: Scale) -> None:
    """Mark a few round values at the bottom of a panel."""
    low, high = axes.get_xlim()
    candidates = style.nice_ticks(low, high, 4)
    decimals = style.decimals_of(candidates, scale)
    ticks = [tick for tick in candidates if low <= tick <= high]
    axes.set_xticks(ticks, [scale.write(tick, decimals) for tick in ticks])
    axes.spines["bottom"].set_visible(True)
