"""A procedure that leads into the population, as a flow of cases from application to decision."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from sim.analysis.selection import name_of, one_projection, years_label
from sim.errors import DataError
from sim.plots.labels import END_GAP, END_PADDING, EndLabel, end_labels, room_for
from sim.plots.language import said
from sim.plots.style import (
    FONT_SIZE,
    FULL_WIDTH,
    INK,
    LINE_HEIGHT,
    NEUTRAL,
    PALETTE,
    Page,
    measure,
    mixed,
    number,
    percent,
    styled,
    wrap,
    wrap_evenly,
)
from sim.plots.words import counted, in_words, of_what, scenario_of, source_line, stated_sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TOLERANCE = 1e-6
"""Part of all cases by which those that come and those that go may differ in a stored result."""

_NOTHING = 1e-9
"""Part of all cases below which a band is left out: rounding of sums."""

_LEFT, _POOL, _DECIDED, _RIGHT = 0.0, 0.33, 0.67, 1.0
"""Where the columns stand, in parts of the width."""

_NODE = 0.022
"""Width of a column, in parts of the width."""

_HEIGHT = 2.5
"""Inches of all cases together."""

_GAP = 0.14
"""Least inches between two bands of a column."""

_EDGE = 0.1
"""Inches above the highest band and below the lowest, into which labels may reach."""

_WIDEST_LABEL = 1.9
_WIDEST_HEADING = 1.05
_HEADING_LIFT = 0.12
_BELOW = 0.1
_COMING, _WAITING, _OUT, _GRANTED = 0.35, 0.22, 0.5, 0.9
"""How strong colours are: of cases under way, those that wait, those that end outside the population, the granted."""

_DARKER = 0.3
_HAIR = 0.4
"""Points of the edge of a band, so that the thinnest can be seen."""


class Band(NamedTuple):
    """Cases that go the same way."""

    name: str
    cases: float
    color: str
    strength: float
    """How much of the colour there is in the band, the rest being white."""
    words: str = ""
    """What it is called in the figure."""
    persons: float | None = None
    """Who enter the population register; none where nobody does."""


class Cases(NamedTuple):
    """What becomes of the cases of a pipeline in a period; as many come as go."""

    unit: str
    """``files`` or ``persons``."""
    years: list[int]
    """First and last calendar year."""
    coming: list[Band]
    """Applications, and waiting at the start."""
    decided: list[Band]
    """Granted and rejected."""
    undecided: list[Band]
    """Withdrawn, and waiting at the end."""

    @property
    def total(self) -> float:
        """All cases."""
        return sum(band.cases for band in self.coming)

    @property
    def going(self) -> list[Band]:
        """All ends, from the top to the bottom."""
        return [*self.decided, *self.undecided]

    @property
    def per_inch(self) -> float:
        """Cases of an inch of width."""
        return self.total / _HEIGHT


@styled
def pipeline(result: xr.Dataset, pipeline: str | None = None, years: tuple[int, int] | None = None) -> Figure:
    """Draw what becomes of the cases of a pipeline: applied for, decided, granted, rejected, withdrawn, waiting.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    pipeline : str, optional
        Name of the pipeline; may be left out where there is only one.
    years : tuple of int, optional
        First and last period whose cases are added up; all periods where not given.

    Returns
    -------
    matplotlib.figure.Figure
        Bands from the left to the right, as wide as they hold cases: the applications and those waiting on 1 January
        of the first year come; the granted by outcome, the rejected, the withdrawn and those waiting on 31 December
        of the last year go. Bands without cases are left out.

    Raises
    ------
    DataError
        Where there is no pipeline or none of that name, several and none is named, no such years, no cases, cases that
        come and go do not balance, or several scenarios or draws.
    """
    whole = one_projection(result)
    name = chosen_pipeline(whole, pipeline)
    cases = _cases(whole, name, years)
    sides = [_ends(cases, bands) for bands in (cases.coming, cases.going)]
    left, right = (room_for([end.text for end in ends])[0] for ends in sides)
    headings, when = _headings(cases), years_label(cases.years)
    above = _HEADING_LIFT + max(measure(heading)[1] for heading in headings.values())
    height = _depth(cases) / cases.per_inch + 2 * _EDGE
    page = Page(
        title=said(
            "{pipeline}: from application to decision, {years}",
            pipeline=in_words(name).replace("-", " ").capitalize(),
            years=when,
        ),
        subtitle=of_what(whole),
        note=said("Width: files. Colour: granted, and so into the population register. Grey: outside the population")
        if cases.unit == "files"
        else said("Width: persons. Colour: granted, and so into the population register. Grey: outside the population"),
        source=source_line([whole], stated_sources(whole, [scenario_of(whole).get("pipelines", {}).get(name)])),
        plot_height=_BELOW + height + above,
    )
    axes = page.axes(left, _BELOW, FULL_WIDTH - left - right, height)
    _draw(axes, cases)
    _write(axes, headings, above)
    for ends, is_left in zip(sides, (True, False), strict=True):
        end_labels(page, axes, ends, left=is_left)
    return page.figure


def chosen_pipeline(result: xr.Dataset, pipeline: str | None = None) -> str:
    """Return the name of the pipeline to show.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    pipeline : str, optional
        Its name; may be left out where there is only one.

    Returns
    -------
    str
        The name.

    Raises
    ------
    DataError
        Where there is none, none of that name, or several and none is named.
    """
    if "pipeline" not in result.dims:
        needed = "its scenario needs one under 'pipelines', with applications, decisions and outcomes"
        message = f"{name_of(result)} has no pipeline; {needed}"
        raise DataError(message)
    known = [str(label) for label in result["pipeline"].values]
    if pipeline is None and len(known) > 1:
        message = f"{name_of(result)} has {len(known)} pipelines; name one of them: {', '.join(known)}"
        raise DataError(message)
    if pipeline is not None and pipeline not in known:
        message = f"there is no pipeline '{pipeline}' in {name_of(result)}; there is {', '.join(known)}"
        raise DataError(message)
    return known[0] if pipeline is None else pipeline


def _cases(result: xr.Dataset, name: str, years: tuple[int, int] | None) -> Cases:
    """Add up the cases of a pipeline over its periods, and check that as many come as go."""
    first, last = _places(result, years)
    start, after = (int(result["year"].values[place]) for place in (first, last + 1))
    own = result.sel(pipeline=name).isel(outcome=result["pipeline_of"].values == name)
    flows = own.isel(period=slice(first, last + 1))
    applied, repeated, withdrawn, rejected = (
        float(flows[name].sum(skipna=False))
        for name in ("applications", "repeat_applications", "withdrawn", "rejected")
    )
    waiting, left = (float(own["waiting"].isel(year=place)) for place in (first, last + 1))
    outcomes = [str(label) for label in own["outcome"].values]
    granted, persons = (flows[flow].sum("period", skipna=False).values for flow in ("granted", "register_changes"))
    colors = [PALETTE[place % len(PALETTE)] for place in range(len(outcomes))]
    at_start = said("waiting on 1 January {year}", year=start)
    at_end = said("waiting on 31 December {year}", year=after - 1)
    cases = Cases(
        str(own["case_unit"].item()),
        [start, after - 1],
        [
            *_applying(applied, repeated),
            Band(f"waiting on 1 January {start}", waiting, NEUTRAL, _WAITING, at_start),
        ],
        [
            *(
                Band(outcome, float(count), color, _GRANTED, in_words(outcome), float(people))
                for outcome, count, color, people in zip(outcomes, granted, colors, persons, strict=True)
            ),
            Band("rejected", rejected, NEUTRAL, _OUT, said("rejected")),
        ],
        [
            Band("withdrawn", withdrawn, NEUTRAL, _OUT, said("withdrawn")),
            Band(f"waiting on 31 December {after - 1}", left, NEUTRAL, _WAITING, at_end),
        ],
    )
    return _balanced(cases, name, name_of(result))


def _applying(applied: float, repeated: float) -> list[Band]:
    """Return first and repeat applications; all applications together where it is not known which are which."""
    if math.isnan(repeated):
        return [Band("applications", applied, NEUTRAL, _COMING, said("applications"))]
    first = Band("first applications", applied - repeated, NEUTRAL, _COMING, said("first applications"))
    return [first, Band("repeat applications", repeated, NEUTRAL, _COMING, said("repeat applications"))]


def _places(result: xr.Dataset, years: tuple[int, int] | None) -> tuple[int, int]:
    """Return the places of the first and the last period to show."""
    periods = result["period"].values.tolist()
    first, last = years or (periods[0], periods[-1])
    if first not in periods or last not in periods or first > last:
        message = f"there are no flows of {years_label([first, last])} in {name_of(result)}; "
        message += f"they are of {periods[0]} to {periods[-1]}"
        raise DataError(message)
    return periods.index(first), periods.index(last)


def _balanced(cases: Cases, pipeline: str, name: str) -> Cases:
    """Return cases without empty bands, after checking that there are some and that as many come as go."""
    come, go = cases.total, sum(band.cases for band in cases.going)
    if come == 0:
        message = f"pipeline {pipeline} of {name} has no cases in {years_label(cases.years)}"
        raise DataError(message)
    if not abs(come - go) <= _TOLERANCE * come:
        counted = f"{number(come, 1)} cases of pipeline {pipeline} of {name} come and {number(go, 1)} go"
        message = f"{counted}; the result is damaged"
        raise DataError(message)
    sides = (cases.coming, cases.decided, cases.undecided)
    return Cases(
        cases.unit, cases.years, *([band for band in bands if band.cases > _NOTHING * come] for bands in sides)
    )


def _headings(cases: Cases) -> dict[float, str]:
    """Return what stands above each column, by the place of the column."""
    lines = {_POOL: [said("in procedure"), counted(cases.total, cases.unit)]}
    decided = sum(band.cases for band in cases.decided)
    granted = [band for band in cases.decided if band.persons is not None]
    if decided:
        share = 100 * sum(band.cases for band in granted) / decided
        granted_share = said("{share} granted", share=percent(share, 1))
        lines[_DECIDED] = [said("decided"), counted(decided, cases.unit), granted_share]
    headings = {
        at: "\n".join(wrap(line, FONT_SIZE, _WIDEST_HEADING) for line in heading) for at, heading in lines.items()
    }
    if granted:
        persons = sum(band.persons or 0.0 for band in granted)
        headings[_RIGHT] = said("granted: into the register\n{persons}", persons=counted(persons, "persons"))
    return headings


def _texts(cases: Cases, bands: Sequence[Band]) -> list[str]:
    """Return the labels of the bands at an edge: their names and numbers."""
    texts = []
    for band in bands:
        numbers = counted(band.cases, cases.unit)
        if band.persons is not None and cases.unit != "persons":
            numbers += f", {counted(band.persons, 'persons')}"
        lines = (wrap_evenly(words, FONT_SIZE, _WIDEST_LABEL) for words in (band.words, numbers))
        texts.append("\n".join(lines))
    return texts


def _ends(cases: Cases, bands: Sequence[Band]) -> list[EndLabel]:
    """Return the labels of the bands at an edge, each in the middle of its band."""
    texts, tops = _texts(cases, bands), _tops(bands, _gaps(cases, bands))
    return [
        EndLabel(top - band.cases / 2, text, band.color) for band, text, top in zip(bands, texts, tops, strict=True)
    ]


def _gaps(cases: Cases, bands: Sequence[Band]) -> list[float]:
    """Return what is left free between the bands at an edge, in cases, so that each has room for its label."""
    heights = [
        measure(text)[1] + END_PADDING - band.cases / cases.per_inch
        for band, text in zip(bands, _texts(cases, bands), strict=True)
    ]
    return [max(_GAP, (one + other) / 2) * cases.per_inch for one, other in pairwise(heights)]


def _tops(bands: Sequence[Band], gaps: Sequence[float] = ()) -> list[float]:
    """Return the upper edges of the bands of a column, which hangs from zero; without gaps they touch."""
    steps = [band.cases + gap for band, gap in zip(bands[:-1], gaps or [0.0] * len(bands), strict=False)]
    return [-edge for edge in accumulate(steps, initial=0.0)]


def _depth(cases: Cases) -> float:
    """Return how far the columns reach down, in cases."""
    return cases.total + max(sum(_gaps(cases, bands)) for bands in (cases.coming, cases.going))


def _draw(axes: Axes, cases: Cases) -> None:
    """Draw the bands from column to column, and a bar where they begin, meet, part and end."""
    from matplotlib.patches import Rectangle

    axes.set_axis_off()
    axes.set_xlim(_LEFT, _RIGHT)
    edge = _EDGE * cases.per_inch
    axes.set_ylim(-_depth(cases) - edge, edge)
    ways = _ways(cases)
    for band, corners in ways:
        _ribbon(axes, band, corners)
    bars = [(band, at, top) for band, corners in ways for at, top in (corners[0], corners[-1]) if at != _POOL]
    pool = Band("in procedure", cases.total, NEUTRAL, _COMING)
    for band, at, top in [*bars, (pool, _POOL, 0.0)]:
        color = mixed(band.color, min(1.0, band.strength + _DARKER))
        corner = (at * (1 - _NODE), top - band.cases)
        axes.add_patch(
            Rectangle(corner, _NODE, band.cases, facecolor=color, edgecolor=color, linewidth=_HAIR, clip_on=False)
        )


def _ways(cases: Cases) -> list[tuple[Band, list[tuple[float, float]]]]:
    """Return every band with the columns that it runs through and its upper edge there."""
    decided = Band("decided", sum(band.cases for band in cases.decided), NEUTRAL, _COMING)
    coming, going = (_tops(bands, _gaps(cases, bands)) for bands in (cases.coming, cases.going))
    ways = [
        (band, [(_LEFT, start), (_POOL, end)])
        for band, start, end in zip(cases.coming, coming, _tops(cases.coming), strict=True)
    ]
    if cases.decided:
        ways.append((decided, [(_POOL, 0.0), (_DECIDED, 0.0)]))
    for band, start, end in zip(cases.decided, _tops(cases.decided), going, strict=False):
        ways.append((band, [(_DECIDED, start), (_RIGHT, end)]))
    starts, ends = _tops([decided, *cases.undecided])[1:], going[len(cases.decided) :]
    for place, (band, start, end) in enumerate(zip(cases.undecided, starts, ends, strict=True), start=1):
        between = min(start - place * _GAP * cases.per_inch, (start + end) / 2)
        ways.append((band, [(_POOL, start), (_DECIDED, between), (_RIGHT, end)]))
    return ways


def _ribbon(axes: Axes, band: Band, corners: list[tuple[float, float]]) -> None:
    """Draw a band as wide as it holds cases, level in each column and bent smoothly between them."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    below = [(x, top - band.cases) for x, top in reversed(corners)]
    vertices, codes = [corners[0]], [Path.MOVETO]
    for edge in (corners, below):
        if edge is below:
            vertices.append(below[0])
            codes.append(Path.LINETO)
        for (x, y), (to_x, to_y) in pairwise(edge):
            vertices += [((x + to_x) / 2, y), ((x + to_x) / 2, to_y), (to_x, to_y)]
            codes += [Path.CURVE4] * 3
    path = Path([*vertices, corners[0]], [*codes, Path.CLOSEPOLY])
    color = mixed(band.color, band.strength)
    axes.add_patch(PathPatch(path, facecolor=color, edgecolor=color, linewidth=_HAIR, clip_on=False, gid=band.name))


def _write(axes: Axes, headings: dict[float, str], above: float) -> None:
    """Write above each column what it is, from some inches above the axes down; the last above the labels there."""
    for at, heading in headings.items():
        axes.annotate(
            heading,
            xy=(at, 1),
            xycoords="axes fraction",
            xytext=(END_GAP * 72 if at == _RIGHT else 0, above * 72),
            textcoords="offset points",
            color=INK,
            fontsize=FONT_SIZE,
            linespacing=LINE_HEIGHT,
            horizontalalignment="left" if at == _RIGHT else "center",
            verticalalignment="top",
            annotation_clip=False,
            gid="heading",
        )
