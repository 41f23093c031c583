"""How all figures look: sizes, colours, titles, numbers, axes.

Only the object-oriented part of matplotlib is used, and only imported when a figure is drawn.
"""

from __future__ import annotations

import math
import re
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, ParamSpec, TypeVar

import numpy as np

from sim.plots.language import said, spoken

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from numpy.typing import NDArray

Parameters = ParamSpec("Parameters")
Drawn = TypeVar("Drawn")

FONT_SIZE = 8.5
TITLE_SIZE = 11.5
SMALL_SIZE = 7.0
LINE_HEIGHT = 1.3

INK = "#222222"
NEUTRAL = "#6e6e6e"
GRID = "#dddddd"
BASELINE = "#222222"
BLUE, ORANGE, GREEN, PURPLE, OCHRE, INDIGO, WINE, CYAN = PALETTE = (
    "#0072b2",
    "#d55e00",
    "#00835d",
    "#aa4499",
    "#8f7000",
    "#332288",
    "#882255",
    "#1f8fb8",
)
"""Told apart by colour-blind readers (after Okabe and Ito, and Tol) and dark enough for text on white."""

DPI = 200
FULL_WIDTH = 7.2
PLOT_HEIGHT = 3.3
MARGIN = 0.12
_COMPRESSION = 3
"""Of a PNG: half the time of the usual 6 for a file that is hardly larger."""

TICK_LABEL_ROOM = 0.5
YEAR_LABEL_ROOM = 0.3

RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": NEUTRAL,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": True,
    "figure.dpi": DPI,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": FONT_SIZE,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "pdf.fonttype": 42,
    "savefig.dpi": "figure",
    "svg.fonttype": "path",
    "svg.hashsalt": "sim",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": NEUTRAL,
    "xtick.labelsize": FONT_SIZE,
    "xtick.major.size": 3,
    "xtick.major.width": 0.6,
    "ytick.color": NEUTRAL,
    "ytick.labelsize": FONT_SIZE,
    "ytick.major.size": 0,
}


def styled(draw: Callable[Parameters, Drawn]) -> Callable[Parameters, Drawn]:
    """Draw with the settings of this module, whatever the user has set, and leave the user's alone."""

    @wraps(draw)
    def drawn(*arguments: Parameters.args, **keywords: Parameters.kwargs) -> Drawn:
        with settings():
            return draw(*arguments, **keywords)

    return drawn


def settings() -> AbstractContextManager[None]:
    """Apply the settings of this module over matplotlib's own, until the context ends."""
    from matplotlib import rc_context, rcParamsDefault

    defaults = {key: value for key, value in rcParamsDefault.items() if not key.startswith("backend")}
    return rc_context({**defaults, **RC})


def save(figure: Figure, target: Path | BinaryIO, file_format: str) -> None:
    """Write a figure so that the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What one of the functions of `sim.plots` returned.
    target : Path or binary file
        Where to write it.
    file_format : str
        ``png``, ``svg`` or ``pdf``.
    """
    undated: dict[str, dict[str, str | None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    quick: dict[str, Any] = {"pil_kwargs": {"compress_level": _COMPRESSION}} if file_format == "png" else {}
    with settings():
        figure.savefig(target, format=file_format, metadata=undated.get(file_format), **quick)


class Scale(NamedTuple):
    """Unit in which persons are shown."""

    divisor: float
    unit: str
    """``thousand`` or ``million``; empty for persons themselves."""

    decimals: int
    """Of a value written out beside a line."""

    def write(self, persons: float, decimals: int | None = None, *, sign: bool = False) -> str:
        """Write a number of persons in this unit, without the unit."""
        return number(persons / self.divisor, self.decimals if decimals is None else decimals, sign=sign)

    def words(self, persons: float, *, sign: bool = False) -> str:
        """Write a number of persons with the unit."""
        written, count = self.write(persons, sign=sign), round(persons / self.divisor, self.decimals)
        if not self.unit:
            return written
        if self.unit == "thousand":
            return said("{number} thousand", count, number=written)
        return said("{number} million", count, number=written)

    @property
    def persons(self) -> str:
        """The unit with "persons", as the beginning of a line."""
        if not self.unit:
            return said("Persons")
        return said("Thousand persons") if self.unit == "thousand" else said("Million persons")


def scale_for(largest: float) -> Scale:
    """Choose the unit for numbers of persons up to the largest."""
    if largest >= 1e6:
        return Scale(1e6, "million", 2)
    if largest >= 1e4:
        return Scale(1e3, "thousand", 1 if largest < 1e5 else 0)
    return Scale(1, "", 0)


_MARKS = {
    "en": str.maketrans({"-": "\N{MINUS SIGN}"}),
    "nl": str.maketrans({"-": "\N{MINUS SIGN}", ",": ".", ".": ","}),
    "fr": str.maketrans({"-": "\N{MINUS SIGN}", ",": "\N{NARROW NO-BREAK SPACE}", ".": ","}),
}
"""What each language writes for the marks of a number."""


def number(value: float, decimals: int, *, sign: bool = False) -> str:
    """Write a number with the marks of the language of the moment, as tables and texts do, and a true minus sign."""
    rounded = round(value, decimals) + 0.0
    return f"{rounded:{'+' if sign and rounded else ''},.{decimals}f}".translate(_MARKS[spoken()])


def percent(value: float, decimals: int, *, sign: bool = False) -> str:
    """Write a number of percent."""
    return said("{number}%", number=number(value, decimals, sign=sign))


_TOKENS = re.compile(r"(?=[^\S\xa0\u202f])|(?<=[^\W\d][-_/])(?=[^\W\d])")
"""Where a text may be broken: not at spaces that keep a number, or a word and its mark, together."""


def extent_of(text: Text) -> tuple[float, float]:
    """Measure a text of a figure: its width and height in inches."""
    extent = text.get_window_extent()
    return extent.width / text.figure.dpi, extent.height / text.figure.dpi


@cache
def measure(words: str, size: float = FONT_SIZE, weight: str = "normal") -> tuple[float, float]:
    """Measure how wide and high some words would be, in inches."""
    text = _scratch().text(0, 0, words, fontsize=size, fontweight=weight, linespacing=LINE_HEIGHT)
    measured = extent_of(text)
    text.remove()
    return measured


def wrap(words: str, size: float, width: float, weight: str = "normal") -> str:
    """Break a text into lines no wider than some inches: at spaces, hyphens between letters, or anywhere."""
    lines, filled = [""], 0.0
    for token in _TOKENS.split(words):
        wide = measure(token, size, weight)[0]
        if lines[-1] and filled + wide > width:
            lines.append("")
            token, filled = token.lstrip(), 0.0
            wide = measure(token, size, weight)[0]
        lines[-1] += token
        filled += wide
        while filled > width:
            fitting = _longest_start(lines[-1], size, width, weight)
            lines[-1:] = [lines[-1][:fitting], lines[-1][fitting:]]
            filled = measure(lines[-1], size, weight)[0]
    return "\n".join(line.rstrip() for line in lines)


def wrap_evenly(words: str, size: float, width: float) -> str:
    """Break a text into as few lines as `wrap` does, the longest of them as short as that allows."""
    widest = wrap(words, size, width)
    longest = max(measure(token.strip(), size)[0] for token in _TOKENS.split(words))
    widths = (width * share / 20 for share in range(10, 20))
    narrower = (wrap(words, size, least) for least in widths if least >= longest)
    return next((text for text in narrower if text.count("\n") == widest.count("\n")), widest)


def _longest_start(words: str, size: float, width: float, weight: str) -> int:
    """Return how many letters of a word too long for a line fit on it."""
    fitting = (end for end in range(len(words) - 1, 1, -1) if measure(words[:end], size, weight)[0] <= width)
    return next(fitting, 1)


@cache
def _scratch() -> Figure:
    """Return a figure that only serves to measure texts."""
    return _new_figure(1.0)


def _new_figure(height: float) -> Figure:
    """Return an empty figure of full width that can measure its texts."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(FULL_WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


class Page:
    """A figure with its title, a line on units, and its source, and the room between for axes.

    Parameters
    ----------
    title : str
        What is shown.
    subtitle : str
        Of which scenario; wrapped like the title where it is long; may be empty.
    note : str
        Units, and what a reader must know to read the marks.
    source : str
        Where it comes from.
    plot_height : float
        Inches for the axes with their tick labels; the figure grows by what the texts need.
    """

    def __init__(self, title: str, subtitle: str, note: str, source: str, plot_height: float = PLOT_HEIGHT) -> None:
        self.figure = _new_figure(plot_height)
        head = [self._text(title, TITLE_SIZE, INK, "bold")]
        head += [self._text(subtitle, FONT_SIZE, NEUTRAL)] if subtitle else []
        head += [self._text(note, FONT_SIZE, INK)]
        foot = self._text(source, SMALL_SIZE, NEUTRAL)
        heights = [extent_of(text)[1] for text in head]
        gaps = [0.06] * (len(head) - 2) + [0.12, 0.13]
        self.top = MARGIN + sum(heights) + sum(gaps)
        self.bottom = MARGIN + extent_of(foot)[1] + 0.1
        self.plot_height = plot_height
        self.height = self.top + plot_height + self.bottom
        self.figure.set_size_inches(FULL_WIDTH, self.height)
        top = self.height - MARGIN
        head[0].set_gid("title")
        for text, height, gap in zip(head, heights, gaps, strict=True):
            text.set_y(top / self.height)
            top -= height + gap
        foot.set(y=MARGIN / self.height, verticalalignment="bottom")

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add axes, placed in inches within the room left by the texts."""
        return self.figure.add_axes(
            (
                left / FULL_WIDTH,
                (self.bottom + bottom) / self.height,
                width / FULL_WIDTH,
                height / self.height,
            )
        )

    def _text(self, words: str, size: float, color: str, weight: str = "normal") -> Text:
        """Write a wrapped text at the left margin."""
        wrapped = wrap(words, size, FULL_WIDTH - 2 * MARGIN, weight)
        return self.figure.text(
            MARGIN / FULL_WIDTH,
            1,
            wrapped,
            fontsize=size,
            color=color,
            fontweight=weight,
            verticalalignment="top",
            linespacing=LINE_HEIGHT,
        )


def mixed(color: str, strength: float) -> tuple[float, ...]:
    """Mix a colour with white: nothing of it is left at a strength of 0, all of it at 1."""
    from matplotlib.colors import to_rgb

    return tuple(1 - strength * (1 - part) for part in to_rgb(color))


def plain(axes: Axes) -> None:
    """Leave nothing of the frame but the line at the bottom."""
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelcolor=INK)


def year_axis(axes: Axes, first: int, last: int, most: int = 8) -> None:
    """Let years run from the first to the last, with round years marked, about so many at most."""
    step = next((step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= most), 100)
    ticks = range(math.ceil(first / step) * step, last + 1, step)
    axes.set_xlim(first, max(last, first + 1))
    axes.set_xticks(list(ticks), [str(tick) for tick in ticks])


def computed(years: NDArray[np.number[Any]]) -> dict[str, Any]:
    """Look of the points that were computed, where a path has more than one year between them, or one point only."""
    return {"marker": "o", "markersize": 2.6} if min(np.diff(years), default=2) > 1 else {}


def value_axis(axes: Axes, scale: Scale, low: float, high: float, *, sign: bool = False, most: int = 8) -> None:
    """Let persons run a little beyond the lowest and the highest value, with round numbers marked.

    The axis holds zero only where the values given do: paths of a population are drawn from a little below
    their lowest value, so that their course can be seen; flows, stacks and bars are given zero.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes whose data are in persons.
    scale : Scale
        Unit of the tick labels.
    low, high : float
        Lowest and highest value, in persons. The axis ends at a value that is zero; at 1 where both are.
    sign : bool
        Write a plus before positive values.
    most : int
        Intervals between marked numbers, at most.
    """
    high = high if high > low or high else 1.0
    room = 0.05 * (high - low or abs(high))
    low, high = (low - room if low else low), (high + room if high else high)
    candidates = nice_ticks(low, high, most)
    ticks = [tick for tick in candidates if low <= tick <= high]
    decimals = decimals_of(candidates, scale)
    axes.set_ylim(low, high)
    axes.set_yticks(ticks, [scale.write(tick, decimals, sign=sign and tick != 0) for tick in ticks])
    axes.grid(visible=True, axis="y")
    if low < 0 <= high:
        axes.axhline(0, color=NEUTRAL, linewidth=0.8, zorder=1.5)


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """Choose round numbers, evenly spaced, the first at or below the lowest, the last at or above."""
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks]


def decimals_of(ticks: list[float], scale: Scale) -> int:
    """Return how many decimals tell ticks apart; none where there is one tick."""
    step = (ticks[1] - ticks[0]) / scale.divisor if len(ticks) > 1 else 0.0
    return next(digits for digits in range(12) if math.isclose(round(step, digits), step, rel_tol=1e-6))
