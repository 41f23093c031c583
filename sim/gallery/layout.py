"""Panels, axes by age and labels that the figures of the gallery share; all else is that of `sim.plots.style`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.labels import place
from sim.plots.style import (
    BLUE,
    FULL_WIDTH,
    INK,
    MARGIN,
    ORANGE,
    TICK_LABEL_ROOM,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from sim.axes import Array

SEX_COLORS = (ORANGE, BLUE)
"""Women and men, as in the pyramids."""
SEX_NAMES = ("Women", "Men")
HEADING_ROOM = 0.28
DETAIL_ROOM = 0.46
"""Inches above a panel for its heading, alone and with a line below it."""
PLAIN = Scale(1, "", 0)
_RIGHT = 0.2
_GAP, _SHARED_GAP = 0.2, 0.35


def panels(
    page: Page, columns: int, rows: int = 1, *, heading_room: float = HEADING_ROOM, shared: bool = False
) -> list[Axes]:
    """Add panels of the same size that fill a page, row by row.

    Parameters
    ----------
    page : Page
        Page without axes.
    columns, rows : int
        How many there are.
    heading_room : float
        Inches above each panel for its heading.
    shared : bool
        Whether only the first panel of a row has labels at its value axis.

    Returns
    -------
    list of matplotlib.axes.Axes
        Empty axes without a frame.
    """
    left = MARGIN + TICK_LABEL_ROOM
    gap = _SHARED_GAP if shared else TICK_LABEL_ROOM + _GAP
    width = (FULL_WIDTH - left - _RIGHT - (columns - 1) * gap) / columns
    height = page.plot_height / rows
    inner = height - YEAR_LABEL_ROOM - heading_room
    added = []
    for row in range(rows - 1, -1, -1):
        for column in range(columns):
            axes = page.axes(left + column * (width + gap), row * height + YEAR_LABEL_ROOM, width, inner)
            plain(axes)
            axes.tick_params(labelleft=not shared or column == 0)
            added.append(axes)
    return added


def heading(axes: Axes, words: str, detail: str = "", color: str = INK) -> None:
    """Write what a panel shows above it, and a line of detail between."""
    for text, points, weight, ink in (
        (words, 18 if detail else 6, "bold", color),
        (detail, 5, "normal", INK),
    ):
        if text:
            axes.annotate(
                text,
                xy=(0, 1),
                xycoords="axes fraction",
                xytext=(0, points),
                textcoords="offset points",
                color=ink,
                fontweight=weight,
                annotation_clip=False,
                gid="heading" if text == words else "detail",
            )


def key(axes: Axes, entries: Sequence[tuple[str, str]]) -> None:
    """Write words in their colours at the upper right: for lines that are too close for labels beside them."""
    for line, (words, color) in enumerate(entries):
        axes.annotate(
            words,
            xy=(1, 1),
            xycoords="axes fraction",
            xytext=(0, -6 - 14 * line),
            textcoords="offset points",
            color=color,
            horizontalalignment="right",
            verticalalignment="top",
            gid="label",
        )


def below_end(axes: Axes, words: str, at: tuple[float, float], color: str) -> None:
    """Write words below a point near the right end of a line, ending there."""
    axes.annotate(
        words,
        xy=at,
        xytext=(0, -7),
        textcoords="offset points",
        color=color,
        horizontalalignment="right",
        verticalalignment="top",
        gid="label",
    )


def age_axis(axes: Axes, first: float, last: float, step: int) -> None:
    """Let ages run from the first to the last, with round ages marked."""
    ticks = range(math.ceil(first / step) * step, math.floor(last) + 1, step)
    axes.set_xlim(first, last)
    axes.set_xticks(list(ticks), [str(tick) for tick in ticks])


def log_axis(axes: Axes, low: float, high: float, labels: dict[float, str]) -> None:
    """Let values run from low to high on a logarithmic scale, with the values given marked."""
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_yticks(list(labels), list(labels.values()))
    axes.minorticks_off()
    axes.grid(visible=True, axis="y")


def steps(edges: ArrayLike, levels: Array) -> tuple[Array, Array]:
    """Corners of a line that is level between edges: (2 G,) places and (2 G,) values."""
    bounds = np.asarray(edges, dtype=float)
    return np.repeat(bounds, 2)[1:-1], np.repeat(levels, 2)


def name_sexes(page: Page, axes: Axes, at: Sequence[tuple[float, float]]) -> None:
    """Write "Women" and "Men" near a point of the line of each."""
    for name, color, point in zip(SEX_NAMES, SEX_COLORS, at, strict=True):
        place(page, axes, name, point, color)
