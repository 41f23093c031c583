"""Flows of one year as bars, one a row, with their values beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.plots.labels import WIDEST_END_LABEL
from sim.plots.style import (
    FONT_SIZE,
    FULL_WIDTH,
    INK,
    LINE_HEIGHT,
    MARGIN,
    NEUTRAL,
    Page,
    measure,
    plain,
    wrap_evenly,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GAP = 0.1
"""Inches between a bar and its name or value."""

_LEAST_ROW = 0.34
_ROW_PADDING = 0.1
_THICKNESS = 0.62
_TINT = 0.7


class Row(NamedTuple):
    """A bar with its name to the left and its value to the right."""

    name: str
    """As in the Dataset."""
    words: str
    """What it is called in the figure."""
    persons: float
    value: str
    """As it is written."""
    color: str
    observed: float | None = None
    """Drawn as a dot."""


def draw_rows(rows: Sequence[Row], title: str, subtitle: str, note: str, source: str) -> Figure:
    """Draw bars from zero, the first at the top.

    Parameters
    ----------
    rows : sequence of Row
        What to draw, one at least.
    title, subtitle, note, source : str
        Words of the page.

    Returns
    -------
    matplotlib.figure.Figure
        A figure as high as its rows.
    """
    names = [wrap_evenly(row.words, FONT_SIZE, WIDEST_END_LABEL) for row in rows]
    height = max(_LEAST_ROW, max(measure(name)[1] for name in names) + _ROW_PADDING)
    page = Page(title, subtitle, note, source, height * len(rows))
    left = MARGIN + max(measure(name)[0] for name in names) + _GAP
    right = MARGIN + max(measure(row.value)[0] for row in rows) + _GAP
    axes = page.axes(left, 0, FULL_WIDTH - left - right, height * len(rows))
    plain(axes)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    ends = [0.0, *(end for row in rows for end in (row.persons, row.observed) if end is not None)]
    low, high = min(ends), max(ends)
    axes.set_xlim(low, high if high > low else low + 1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        _draw_row(axes, place, row, name)
    axes.axvline(0, color=NEUTRAL, linewidth=0.8, zorder=3, clip_on=False)
    return page.figure


def _draw_row(axes: Axes, place: int, row: Row, name: str) -> None:
    """Draw a bar, write its name at the left edge and its value behind the end that is farthest to the right."""
    axes.barh(place, row.persons, _THICKNESS, color=row.color, alpha=_TINT, linewidth=0, gid=row.name)
    if row.observed is not None:
        axes.plot(
            [row.observed],
            [place],
            "o",
            color=INK,
            markersize=4.5,
            clip_on=False,
            zorder=4,
            gid=f"observed {row.name}",
        )
    low, high = axes.get_xlim()
    end = (max(0.0, row.persons, row.observed or 0.0) - low) / (high - low)
    for words, at, way, side in ((name, 0.0, -1, "right"), (row.value, end, 1, "left")):
        axes.annotate(
            words,
            xy=(at, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(way * _GAP * 72, 0),
            textcoords="offset points",
            color=row.color,
            fontsize=FONT_SIZE,
            linespacing=LINE_HEIGHT,
            horizontalalignment=side,
            verticalalignment="center",
            annotation_clip=False,
            gid="name" if way < 0 else "value",
        )
