"""A yearly series of what is known, with the figures that were printed of the same."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.selection import years_label
from sim.data import figures as sources
from sim.errors import DataError
from sim.plots.labels import WIDEST_END_LABEL, EndLabel, end_labels, path_axes, place
from sim.plots.language import called, said
from sim.plots.style import (
    BLUE,
    FONT_SIZE,
    NEUTRAL,
    ORANGE,
    PALETTE,
    Page,
    Scale,
    number,
    scale_for,
    styled,
    value_axis,
    wrap_evenly,
    year_axis,
)
from sim.plots.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.data.figures import Figure as SourceFigure

FEWEST_YEARS = 3
"""Years that make a line."""
MOST_LABELS = 8
"""Printed figures whose values are written beside them."""
EARLIER = {"net_migration": "net_migration_residual"}
"""Series that stands for the years before another begins."""
STOCKS = ("population", "households")
"""Counts drawn from a little below their lowest value; all others are drawn from zero."""
DECIMALS = {"years": 1, "percent": 1, "children per woman": 2, "males per female": 3}
"""Of units that are no counts."""
COLORS = tuple(color for color in PALETTE if color != ORANGE)
PUBLISHERS = {"derived": "computed from yearly series of Eurostat and Statbel"}
"""What is written for publishers that are none."""
AREAS = {
    "BE": "Belgium",
    "BE1": "Brussels",
    "BE2": "Flanders",
    "BE3": "Wallonia",
    "NL": "Netherlands",
    "EU27": "European Union of 27",
}
WHOLE = ("total", "1 January, total", "lower bound", "upper bound")
"""How the scope of a printed figure begins that is of all."""


class Line(NamedTuple):
    """Figures of one scope, one a year."""

    scope: str
    entries: tuple[SourceFigure, ...]
    color: str

    @property
    def last(self) -> SourceFigure:
        """Figure of the last year."""
        return self.entries[-1]


@styled
def published_series(indicator: str, geo: str = "BE") -> Figure:
    """Draw a yearly series of the sources, and what was printed of the same besides.

    Parameters
    ----------
    indicator : str
        One of `sim.data.figures.indicators`.
    geo : str
        Code of the area.

    Returns
    -------
    matplotlib.figure.Figure
        One line a scope; a gap stands for years without a figure. Diamonds are printed figures of the whole, outlooks
        among them, with a line over the years where they are of several; they are not drawn beyond the series.

    Raises
    ------
    DataError
        If there is no such indicator or area, or its figures make no line.
    """
    lines, earlier, points = _shown(indicator, geo)
    indicator = lines[0].last.indicator
    drawn = [*lines, *([earlier] if earlier else [])]
    years = sorted(entry.year or 0 for line in drawn for entry in line.entries)
    entries = [*(entry for line in drawn for entry in line.entries), *points]
    scale = _scale(entries)
    ends = [EndLabel(line.last.value, _end(line, scale, single=len(lines) == 1), line.color) for line in lines]
    page = Page(
        title=f"{_words(indicator)}, {years_label(years)}",
        subtitle=called(AREAS.get(geo.upper(), geo.upper())),
        note=_note(scale, entries, points, earlier),
        source=said("Source: {sources}.", sources=listed(map(called, _sources(drawn, points)))),
    )
    axes = path_axes(page, ends)
    year_axis(axes, years[0], years[-1])
    values = [entry.value for entry in entries]
    from_zero = [] if _no_count(entries) or indicator in STOCKS else [0.0]
    value_axis(axes, scale, min([*values, *from_zero]), max([*values, *from_zero]))
    _draw(axes, drawn, points)
    end_labels(page, axes, ends)
    _write_labels(page, axes, earlier, points, scale)
    return page.figure


def in_published_series(entry: SourceFigure) -> bool:
    """Tell whether a figure is drawn in the series of its indicator and area.

    Parameters
    ----------
    entry : Figure
        A figure of the sources.

    Returns
    -------
    bool
        Not so where it is of a part of the whole, or beyond the years of the series.

    Raises
    ------
    DataError
        As `published_series` does.
    """
    lines, earlier, points = _shown(entry.indicator, entry.geo)
    return any(entry in drawn.entries for drawn in (*lines, *([earlier] if earlier else []))) or entry in points


def _shown(indicator: str, geo: str) -> tuple[list[Line], Line | None, list[SourceFigure]]:
    """Lines of an indicator, the series of the years before where there is one, and the printed figures beside."""
    found = sources.figures(geo=geo, indicator=indicator)
    lines = _lines(found)
    if not lines:
        message = f"there are no {FEWEST_YEARS} years of '{indicator}' of {geo.upper()} to draw a line through"
        raise DataError(message)
    earlier = _earlier(lines[0])
    years = sorted(entry.year or 0 for line in (*lines, *([earlier] if earlier else [])) for entry in line.entries)
    return lines, earlier, _points(found, lines, (years[0], years[-1]))


def _lines(found: Iterable[SourceFigure]) -> list[Line]:
    """Scopes that have figures of enough years, each figure of one year."""
    groups: dict[tuple[bool, str, str], dict[int, SourceFigure]] = {}
    for entry in found:
        if entry.year is not None and entry.year_end is None and not entry.edition:
            groups.setdefault((entry.yearly, entry.scope, entry.unit), {}).setdefault(entry.year, entry)
    kept = [(scope, group) for (_, scope, _), group in groups.items() if len(group) >= FEWEST_YEARS]
    colors = (BLUE,) if len(kept) == 1 else COLORS
    return [
        Line(scope, tuple(group[year] for year in sorted(group)), colors[place % len(colors)])
        for place, (scope, group) in enumerate(kept)
    ]


def _earlier(line: Line) -> Line | None:
    """Series that stands for the years before a line, where there is one."""
    indicator = EARLIER.get(line.last.indicator)
    if indicator is None or not line.last.yearly:
        return None
    first = line.entries[0].year or 0
    found = sources.figures(geo=line.last.geo, indicator=indicator)
    before = tuple(entry for entry in found if (entry.year or 0) < first)
    return Line(line.scope, before, NEUTRAL) if before else None


def _points(found: Iterable[SourceFigure], lines: list[Line], years: tuple[int, int]) -> list[SourceFigure]:
    """Printed figures of the whole, or of the scope of a line, that lie within the years drawn."""
    indicator, geo = lines[0].last.indicator, lines[0].last.geo
    printed = f"{indicator}_printed"
    more = sources.figures(geo=geo, indicator=printed) if printed in sources.indicators() else ()
    on_lines = {entry.id for line in lines for entry in line.entries}
    scopes = {line.scope for line in lines}
    return [
        entry
        for entry in [*found, *more]
        if entry.id not in on_lines
        and entry.span is not None
        and years[0] <= entry.span[0] <= entry.span[1] <= years[1]
        and (entry.scope in scopes or entry.scope.startswith(WHOLE))
    ]


def _scale(entries: list[SourceFigure]) -> Scale:
    """Unit of the axis."""
    if _no_count(entries):
        return Scale(1, "", DECIMALS[entries[0].unit])
    return scale_for(max(abs(entry.value) for entry in entries))


def _no_count(entries: list[SourceFigure]) -> bool:
    """Whether figures are years, percent or ratios."""
    return entries[0].unit in DECIMALS


def _note(scale: Scale, entries: list[SourceFigure], points: list[SourceFigure], earlier: Line | None) -> str:
    """Say the units, and how to read the marks."""
    told = [_units(scale, entries)]
    if points:
        told.append(_how_to_read(points, entries[0].indicator))
    if earlier:
        told.append(said("Grey: change of the stocks less natural balance, with every statistical adjustment"))
    return ". ".join(told)


def _units(scale: Scale, entries: list[SourceFigure]) -> str:
    """Say what the axis counts."""
    units = _together(called(unit) for unit in dict.fromkeys(entry.unit.removesuffix(" per year") for entry in entries))
    if scale.unit:
        units = (
            said("thousand {units}", units=units) if scale.unit == "thousand" else said("million {units}", units=units)
        )
    return units[0].upper() + units[1:]


def _together(texts: Iterable[str]) -> str:
    """Return texts joined by "and"."""
    return reduce(lambda one, other: said("{one} and {other}", one=one, other=other), texts)


def _how_to_read(points: list[SourceFigure], indicator: str) -> str:
    """Say what the diamonds are, and what is to be known of them."""
    told = said("Diamonds: figures printed elsewhere")
    if any(entry.edition for entry in points):
        told = said("{diamonds}, outlooks among them", diamonds=told)
    if any(entry.year_end for entry in points):
        told = said("{diamonds}, with a line over the years that they are of", diamonds=told)
    if indicator == "life_expectancy":
        told = said(
            "{diamonds}; those of 1998 and 2011 take the age on 1 January for the exact age, which is half a year more",
            diamonds=told,
        )
    return told


def _sources(lines: list[Line], points: list[SourceFigure]) -> list[str]:
    """Publishers of the series, and where the other figures were printed, each once."""
    of_lines = [entry.document if entry.yearly else entry.source for line in lines for entry in line.entries]
    named = dict.fromkeys([*of_lines, *(entry.source for entry in points)])
    return [PUBLISHERS.get(source, source) for source in named]


def _words(indicator: str) -> str:
    """Name of an indicator as the beginning of a title."""
    words = indicator.replace("_", " ")
    return called(words[0].upper() + words[1:])


def _end(line: Line, scale: Scale, *, single: bool) -> str:
    """Label at the end of a line."""
    value = scale.words(line.last.value)
    if single:
        return said("{year}:\n{number}", year=line.last.year, number=value)
    return f"{wrap_evenly(called(line.scope or 'all'), FONT_SIZE, WIDEST_END_LABEL)}\n{value}"


def _label(points: list[SourceFigure], edition: str, scale: Scale) -> str:
    """Values that were printed of the same years, with the outlook that they are of."""
    values = sorted({point.value / scale.divisor for point in points})
    written = _together(number(value, _decimals(value)) for value in values)
    return said("{number}\noutlook {edition}", number=written, edition=called(edition)) if edition else written


def _decimals(value: float) -> int:
    """Decimals that a value was printed with, at most three."""
    return next((digits for digits in range(3) if abs(value - round(value, digits)) < 1e-9), 3)


def _middle(point: SourceFigure) -> float:
    """Year, or the middle of the years."""
    return sum(point.span or ()) / 2


def _draw(axes: Axes, lines: list[Line], points: list[SourceFigure]) -> None:
    """Draw all lines and printed figures."""
    for line in lines:
        _draw_line(axes, line)
    for point in points:
        _draw_point(axes, point)


def _write_labels(page: Page, axes: Axes, earlier: Line | None, points: list[SourceFigure], scale: Scale) -> None:
    """Say what the grey line is, and write the printed values, where they are few."""
    if earlier:
        middle = earlier.entries[len(earlier.entries) // 2]
        place(page, axes, said("residual of the stocks"), (middle.year or 0, middle.value), NEUTRAL)
    together: dict[tuple[str, float], list[SourceFigure]] = {}
    for point in points if len(points) <= MOST_LABELS else []:
        together.setdefault((point.edition, _middle(point)), []).append(point)
    for (edition, middle_year), group in together.items():
        top = max(point.value for point in group)
        place(page, axes, _label(group, edition, scale), (middle_year, top), ORANGE)


def _draw_line(axes: Axes, line: Line) -> None:
    """Draw the figures of a line; a gap where years are missing, and dots where a year stands alone."""
    years = np.array([entry.year or 0 for entry in line.entries])
    values = np.array([entry.value for entry in line.entries])
    breaks = np.flatnonzero(np.diff(years) > 1) + 1
    dots: dict[str, Any] = {"marker": "o", "markersize": 2.6} if breaks.size else {}
    gapped = np.insert(years.astype(np.float64), breaks, np.nan), np.insert(values, breaks, np.nan)
    axes.plot(*gapped, color=line.color, clip_on=False, gid=f"series {line.scope}".strip(), **dots)


def _draw_point(axes: Axes, point: SourceFigure) -> None:
    """Draw a printed figure, and a line over its years where there are several."""
    if point.year_end is not None and point.span is not None:
        axes.plot(point.span, [point.value, point.value], color=ORANGE, linewidth=1, gid="printed years")
    axes.plot(
        [_middle(point)],
        [point.value],
        "D",
        color=ORANGE,
        markersize=4.5,
        markerfacecolor="white",
        markeredgewidth=1.2,
        zorder=4,
        clip_on=False,
        gid="printed",
    )
