"""Small multiples: several panels on a page, and a key to what all of them show."""

from __future__ import annotations

import math
import string
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.selection import name_of, title_of
from sim.errors import DataError
from sim.plots.labels import END_GAP, EndLabel, end_labels
from sim.plots.language import said
from sim.plots.style import (
    BASELINE,
    FONT_SIZE,
    FULL_WIDTH,
    MARGIN,
    PALETTE,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    computed,
    measure,
    plain,
    value_axis,
    wrap,
    year_axis,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

MOST_RUNS = len(PALETTE) * 2
"""Runs up to which lines in one panel can be told apart."""

LONGEST_LABEL = 40
"""Letters of a title up to which it stands for its run."""

LEAST_ROW = 0.21
"""Inches of a panel for each line, so that labels at the ends have room."""

_GAP = 0.3
"""Inches between two panels."""

_HEADING_PADDING, _HEADING_POINTS = 0.19, 10
"""Inches around headings, and points between them and axes, which labels at the ends of lines reach into."""

_KEY_GAP, _KEY_SAMPLE, _KEY_ROW, _KEY_PADDING = 0.2, 0.3, 0.2, 0.06
_INCHES_A_YEAR_LABEL, _LEAST_INCHES_A_YEAR_LABEL = 0.6, 0.42
_DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (9, 2)), (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)))


class Sign(NamedTuple):
    """How a run, or an area, is shown and called in a figure of several."""

    name: str
    """Of the result, or of the label."""
    words: str
    """What it is called in the key."""
    letter: str
    """Beside it in every panel; empty where there is only one."""
    color: str
    look: dict[str, Any]
    """What else matplotlib's lines take; empty for an area."""

    def label(self, value: str) -> str:
        """Return what stands at the end of a line."""
        return f"{self.letter} {value}".strip()


class Path(NamedTuple):
    """One line of a panel."""

    years: NDArray[np.number[Any]]
    values: NDArray[np.float64]


class Panels(NamedTuple):
    """Where panels stand on a page, in inches from the lower left corner of the room for axes."""

    headings: list[str]
    """Wrapped."""
    boxes: list[tuple[float, float, float, float]]
    """Left, bottom, width and height of the axes of each."""
    height: float
    """Of all of them."""


def labels_of(results: Sequence[xr.Dataset]) -> dict[str, str]:
    """Name each result by its title, or, of several, by its short name where the title is long or not its own.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results of one scenario each.

    Returns
    -------
    dict of str to str
        What to call each, by name.
    """
    titles = [title_of(result) for result in results]
    return {
        name_of(result): title if len(titles) == 1 or _is_short(title, titles) else name_of(result)
        for result, title in zip(results, titles, strict=True)
    }


def _is_short(title: str, titles: Sequence[str]) -> bool:
    """Tell whether a title is short and the only one of its kind."""
    return len(title) <= LONGEST_LABEL and titles.count(title) == 1


def look_of(place: int) -> tuple[str, dict[str, Any]]:
    """Return the colour of a line, and what else matplotlib's lines take, by its place; the first is black and wide.

    Parameters
    ----------
    place : int
        From zero; colours begin again after eight others, dashes after six.

    Returns
    -------
    tuple of str and dict
        Colour and look.
    """
    if place == 0:
        return BASELINE, {"linestyle": "-", "linewidth": 2.2}
    return PALETTE[(place - 1) % len(PALETTE)], {"linestyle": _DASHES[place % len(_DASHES)], "linewidth": 1.5}


def signs_of(results: Sequence[xr.Dataset]) -> list[Sign]:
    """Choose how to show each of several results, the first of them in black.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results of one scenario each, the baseline first.

    Returns
    -------
    list of Sign
        One a result, told apart by colour, dashes and a letter.

    Raises
    ------
    DataError
        Where there are too many.
    """
    if len(results) > MOST_RUNS:
        message = f"{len(results)} runs in one figure; up to {MOST_RUNS} lines can be told apart"
        raise DataError(message)
    letters = string.ascii_uppercase if len(results) > 1 else " "
    return [
        Sign(name, words, letters[place].strip(), *look_of(place))
        for place, (name, words) in enumerate(labels_of(results).items())
    ]


def key_height(signs: Sequence[Sign]) -> float:
    """Return the inches that a key needs; none where there is only one sign."""
    return len(_key_rows(signs)) * _KEY_ROW + _KEY_PADDING if len(signs) > 1 else 0.0


def write_key(page: Page, signs: Sequence[Sign]) -> None:
    """Say at the top of the room for axes what the lines, or areas, of all panels are.

    Parameters
    ----------
    page : Page
        Page with `key_height` to spare above its panels.
    signs : sequence of Sign
        What to explain; a single sign needs no key.
    """
    if len(signs) == 1:
        return
    for row, signs_of_row in enumerate(_key_rows(signs)):
        middle = page.bottom + page.plot_height - (row + 0.5) * _KEY_ROW + _KEY_PADDING
        for left, sign in signs_of_row:
            _draw_sample(page, left, middle, sign)
            page.figure.text(
                (left + _KEY_SAMPLE) / FULL_WIDTH,
                middle / page.height,
                f"{sign.letter}  {sign.words}".strip(),
                color=sign.color,
                fontsize=FONT_SIZE,
                verticalalignment="center",
                gid="key",
            )


def _draw_sample(page: Page, left: float, middle: float, sign: Sign) -> None:
    """Draw a piece of a line, or of an area."""
    from matplotlib.lines import Line2D

    ends = [left / FULL_WIDTH, (left + _KEY_SAMPLE - 0.07) / FULL_WIDTH]
    look = sign.look or {"linewidth": 7, "solid_capstyle": "butt", "alpha": 0.7}
    page.figure.add_artist(Line2D(ends, [middle / page.height] * 2, color=sign.color, **look))


def _key_rows(signs: Sequence[Sign]) -> list[list[tuple[float, Sign]]]:
    """Return the signs of each row of a key, each with the inches to its left; columns where there are several rows."""
    widths = [_KEY_SAMPLE + measure(f"{sign.letter}  {sign.words}".strip())[0] + _KEY_GAP for sign in signs]
    room = FULL_WIDTH - 2 * MARGIN + _KEY_GAP
    columns = len(signs) if sum(widths) <= room else max(1, int(room / max(widths)))
    if columns == len(signs):
        lefts = [MARGIN + sum(widths[:place]) for place in range(columns)]
    else:
        lefts = [MARGIN + place * room / columns for place in range(columns)]
    return [list(zip(lefts, signs[first : first + columns], strict=False)) for first in range(0, len(signs), columns)]


def panels(
    headings: Sequence[str],
    columns: int,
    height: float,
    left: float,
    right: float,
    *,
    outer: float = 0.0,
    over: float = 0.0,
) -> Panels:
    """Place panels in rows, each with a heading above and its years below.

    Parameters
    ----------
    headings : sequence of str
        One a panel.
    columns : int
        Panels beside each other.
    height : float
        Inches of the axes.
    left, right : float
        Inches for labels to the left and the right of each.
    outer : float
        Inches to leave at the right of the page.
    over : float
        Inches to leave between headings and axes.

    Returns
    -------
    Panels
        Where they stand.
    """
    columns = min(columns, len(headings))
    rows = math.ceil(len(headings) / columns)
    width = (FULL_WIDTH - 2 * MARGIN - outer - (columns - 1) * _GAP) / columns
    wrapped = [wrap(heading, FONT_SIZE, width, "bold") if heading else "" for heading in headings]
    above = max((measure(heading, weight="bold")[1] for heading in wrapped if heading), default=0) + _HEADING_PADDING
    whole = YEAR_LABEL_ROOM + height + over + above
    boxes = []
    for place in range(len(headings)):
        row, column = divmod(place, columns)
        boxes.append(
            (
                MARGIN + column * (width + _GAP) + left,
                YEAR_LABEL_ROOM + (rows - 1 - row) * whole,
                width - left - right,
                height,
            )
        )
    return Panels(wrapped, boxes, rows * whole)


def add_panels(page: Page, placed: Panels, left: float = 0.0, over: float = 0.0) -> list[Axes]:
    """Add the axes of panels to a page, with their headings.

    Parameters
    ----------
    page : Page
        Page of which the panels fill the lower part of the room.
    placed : Panels
        Where they stand.
    left : float
        Inches by which headings begin to the left of the axes.
    over : float
        Inches between headings and axes.

    Returns
    -------
    list of matplotlib.axes.Axes
        Empty axes.
    """
    added = []
    for heading, box in zip(placed.headings, placed.boxes, strict=True):
        axes = page.axes(*box)
        plain(axes)
        axes.annotate(
            heading,
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(-left * 72, _HEADING_POINTS + over * 72),
            textcoords="offset points",
            fontweight="bold",
            annotation_clip=False,
            gid="heading",
        )
        added.append(axes)
    return added


def panel_years(axes: Axes, first: int, last: int) -> None:
    """Let years run from the first to the last, both marked, with as many round years between them as there is room.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes of a panel.
    first, last : int
        Years.
    """
    inches = axes.bbox.width / axes.figure.dpi
    year_axis(axes, first, last, max(2, int(inches / _INCHES_A_YEAR_LABEL)))
    apart = _LEAST_INCHES_A_YEAR_LABEL * max(last - first, 1) / inches
    between = [year for year in axes.get_xticks() if first + apart <= year <= last - apart]
    ticks = sorted({first, *map(int, between), last})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])


def room_at_ends(texts: Sequence[str]) -> float:
    """Return the inches to the right of a panel that labels at its lines need."""
    return max(measure(text)[0] for text in texts) + END_GAP + 0.04


def draw_lines(
    page: Page,
    axes: Axes,
    paths: Sequence[Path],
    signs: Sequence[Sign],
    scale: Scale,
    *,
    write: Callable[[float], str],
    ends: tuple[float, float] | None = None,
    sign: bool = False,
) -> None:
    """Draw one line a run into a panel, each with its letter and last value at its end.

    Parameters
    ----------
    page : Page
        Page of the axes.
    axes : matplotlib.axes.Axes
        Empty axes.
    paths : sequence of Path
        One a run, all of the same years.
    signs : sequence of Sign
        How each is shown.
    scale : Scale
        Unit of the values.
    write : function
        Writes a last value.
    ends : tuple of float, optional
        What the axis holds; where not given the lowest and the highest value.
    sign : bool
        Whether values have a plus.
    """
    years = paths[0].years
    panel_years(axes, int(years[0]), int(years[-1]))
    value_axis(axes, scale, *(ends or extent(paths)), sign=sign, most=5)
    for order, (path, look) in enumerate(zip(paths, signs, strict=True)):
        axes.plot(
            path.years,
            path.values,
            color=look.color,
            zorder=3 - order / 100,
            clip_on=False,
            gid=look.name,
            **look.look,
            **computed(years),
        )
    labels = [
        EndLabel(float(path.values[-1]), look.label(write(float(path.values[-1]))), look.color)
        for path, look in zip(paths, signs, strict=True)
    ]
    end_labels(page, axes, labels)


def extent(paths: Sequence[Path]) -> tuple[float, float]:
    """Return the lowest and the highest value of lines; zero where nothing has a value."""
    values = np.concatenate([path.values for path in paths])
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def same_span(extents: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Widen axes around their middles so that all span as much, and slopes in one compare with those in another.

    Parameters
    ----------
    extents : sequence of tuple of float
        Lowest and highest value of each.

    Returns
    -------
    list of tuple of float
        Ends of each axis.
    """
    span = max(high - low for low, high in extents)
    return [((low + high - span) / 2, (low + high + span) / 2) for low, high in extents]


def key_note(signs: Sequence[Sign], last: object) -> str:
    """Say what letters and numbers at the ends of lines are, as a sentence."""
    if len(signs) == 1:
        return said("At the right: value in {year}", year=last)
    return said("Letters: see the key; beside them the value in {year}", year=last)
