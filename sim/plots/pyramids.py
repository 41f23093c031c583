"""Age pyramids of several results in one year, with their differences beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.align import aligned, common_years, several
from sim.analysis.selection import title_of
from sim.errors import DataError
from sim.plots.language import said
from sim.plots.panels import Panels, Sign, add_panels, key_height, panels, signs_of, write_key
from sim.plots.pyramid import (
    AGE_LABEL_ROOM,
    Ages,
    ages_of,
    draw_ages,
    edges,
    head,
    heights,
    largest_age,
    pyramid,
    pyramid_axes,
)
from sim.plots.style import (
    FULL_WIDTH,
    INK,
    MARGIN,
    NEUTRAL,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    decimals_of,
    nice_ticks,
    plain,
    scale_for,
    styled,
)
from sim.plots.words import base_sources, by_age, left_out, of_all, source_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MOST_OUTLINES = 3
"""Outlines up to which they are laid over each other."""

MOST_RESULTS = 13

FILL = "#c9c9c9"
"""Of a population below outlines."""

_HEIGHT, _PANEL_HEIGHT = 3.9, 2.2
_HEADING_ROOM = 0.3
_BESIDE, _GAP = 1.3, 0.17
"""Inches of axes of differences, and between two of them."""

_PANEL_BESIDE, _PANEL_GAP = 0.85, 0.14
_PANEL_AGE_ROOM = 0.34
_MOST_TICKS = 3


class Compared(NamedTuple):
    """The populations of one 1 January, the baseline first, and how they are shown."""

    whole: list[xr.Dataset]
    """Results as they are."""
    year: int
    ages: list[Ages]
    """On common ages."""
    signs: list[Sign]
    scale: Scale


@styled
def pyramids(
    results: xr.Dataset | Iterable[xr.Dataset],
    year: int | None = None,
    baseline: str | None = None,
    region: str | None = None,
    group: str | None = None,
) -> Figure:
    """Draw the pyramids of several results over each other, with their differences from the first beside them.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Up to thirteen results with different names and one draw each; a sweep counts as all its variants.
    year : int, optional
        1 January; the last common one where not given.
    baseline : str, optional
        Name of the result from which differences are counted; the first where not given.
    region, group : str, optional
        Part of the population to show.

    Returns
    -------
    matplotlib.figure.Figure
        Up to four results over each other: the baseline filled, the others as outlines, and for each sex the
        difference of each other result at each age. Of more results a panel each besides the baseline, which is the
        outline in all of them, with the difference of both sexes together. Ages that not all tell apart are summed.
        One result alone is drawn as `sim.plots.pyramid` draws it.

    Raises
    ------
    DataError
        As `sim.analysis.align.several` and `sim.analysis.align.aligned`, where there are more than thirteen results,
        or the year is not common to all.
    """
    whole = several(results, baseline, region, group)
    year = common_years(whole)[-1] if year is None else year
    if len(whole) == 1:
        return pyramid(whole[0], year, reference=year)
    if len(whole) > MOST_RESULTS:
        message = f"{len(whole)} pyramids in one figure; up to {MOST_RESULTS} can be read"
        raise DataError(message)
    compared = compare_ages(whole, year)
    subtitle = of_all(whole, region, group)
    return _overlaid(compared, subtitle) if len(whole) <= MOST_OUTLINES + 1 else _side_by_side(compared, subtitle)


def compare_ages(whole: list[xr.Dataset], year: int) -> Compared:
    """Return the populations of a year on common ages.

    Parameters
    ----------
    whole : list of xarray.Dataset
        Results of one scenario and one draw each, the baseline first.
    year : int
        1 January.

    Returns
    -------
    Compared
        What is drawn.

    Raises
    ------
    DataError
        Where the year is not common to all.
    """
    years = common_years(whole)
    if year not in years:
        message = f"1 January {year} is not common to all; they share {years[0]} to {years[-1]}"
        raise DataError(message)
    first, *others = signs_of(whole)
    dashes = [sign.look["linestyle"] for sign in (first, *others)]
    signs = [
        first,
        *(
            sign._replace(look={"linestyle": line, "linewidth": 1.1})
            for sign, line in zip(others, dashes, strict=False)
        ),
    ]
    ages = [ages_of(run, year, sign.words) for run, sign in zip(aligned(whole), signs, strict=True)]
    return Compared(whole, year, ages, signs, scale_for(largest_age(ages)))


def difference(ages: Ages, base: Ages) -> NDArray[np.float64]:
    """Return by how many persons each age differs, (sex, age) with men first, those of an open age as it is drawn."""
    return np.stack([heights(ages, sex) - heights(base, sex) for sex in ("male", "female")])


def _page(compared: Compared, subtitle: str, key: str, plot_height: float) -> Page:
    """Return the page for pyramids."""
    whole = compared.whole
    unit = f"{compared.scale.persons} {by_age(_shown(compared))}"
    return Page(
        title=said("Population by sex and age on 1 January {year}", year=compared.year),
        subtitle=subtitle,
        note=f"{unit}. {key}{left_out(whole, ages=True)}",
        source=source_line(whole, base_sources(whole), {sign.name: sign.words for sign in compared.signs}),
        plot_height=plot_height,
    )


def _shown(compared: Compared) -> xr.Dataset:
    """Return the first population with the ages that are drawn."""
    return compared.ages[0].persons.to_dataset(name="population")


def _overlaid(compared: Compared, subtitle: str) -> Figure:
    """Draw a filled pyramid under outlines, and their differences beside them for each sex."""
    signs = _with_totals(compared)
    key = said("At the right: difference from {baseline}", baseline=compared.signs[0].words)
    height = YEAR_LABEL_ROOM + _HEIGHT + _HEADING_ROOM + key_height(signs)
    page = _page(compared, subtitle, key, height)
    write_key(page, signs)
    left = MARGIN + AGE_LABEL_ROOM
    width = FULL_WIDTH - MARGIN - left - AGE_LABEL_ROOM - 2 * _BESIDE - _GAP
    axes = page.axes(left, YEAR_LABEL_ROOM, width, _HEIGHT)
    base = compared.ages[0]
    pyramid_axes(axes, compared.scale, largest_age(compared.ages), base.persons["age"].values)
    draw_ages(axes, base, None, fill=FILL)
    differences = [difference(ages, base) for ages in compared.ages[1:]]
    beside = [
        page.axes(left + width + AGE_LABEL_ROOM + place * (_BESIDE + _GAP), YEAR_LABEL_ROOM, _BESIDE, _HEIGHT)
        for place in range(2)
    ]
    for place, (sex, side) in enumerate((("male", -1), ("female", 1))):
        head(axes, sex, "")
        bars = [table[place] for table in differences]
        _difference_axes(beside[place], axes, compared.scale, differences)
        head(beside[place], sex, "", start=True)
        for ages, sign, bar in zip(compared.ages[1:], compared.signs[1:], bars, strict=True):
            outline(axes, side * heights(ages, sex), ages, sign, f"outline {sign.name} {sex}")
            _bars(beside[place], bar, ages, sign, f"difference {sign.name} {sex}", outlined=len(bars) > 1)
    return page.figure


def _with_totals(compared: Compared) -> list[Sign]:
    """Return the signs with the totals in their words, and the baseline as an area."""
    totals = [float(ages.persons.sum()) for ages in compared.ages]
    scale = scale_for(max(totals))
    first, *others = compared.signs
    told = [first._replace(words=f"{first.words}: {scale.words(totals[0])}", color=NEUTRAL, look={}, letter="")]
    for sign, total in zip(others, totals[1:], strict=True):
        words = f"{sign.words}: {scale.write(total)} ({scale.write(total - totals[0], sign=True)})"
        told.append(sign._replace(words=words, letter=""))
    return told


def outline(axes: Axes, persons: NDArray[np.float64], ages: Ages, sign: Sign, gid: str) -> Any:  # noqa: ANN401
    """Draw one side of a pyramid as a line.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes prepared by `sim.plots.pyramid.pyramid_axes`.
    persons : (A,) array
        Where the line stands at each age.
    ages : Ages
        Population, for its ages.
    sign : Sign
        How it is shown.
    gid : str
        Id of the line.

    Returns
    -------
    matplotlib.patches.StepPatch
        The line.
    """
    bounds = edges(ages.persons["age"].values)
    look = {"color": sign.color, "zorder": 3, "gid": gid, **sign.look}
    return axes.stairs(persons, bounds, orientation="horizontal", baseline=None, **look)


def _difference_axes(axes: Axes, beside: Axes, scale: Scale, differences: Sequence[NDArray[np.float64]]) -> None:
    """Prepare axes for differences at the ages of a pyramid, the same for all of them."""
    plain(axes)
    low, high = (float(pick([pick(table) for table in differences])) for pick in (np.min, np.max))
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = -1.0, 1.0
    room = 0.05 * (high - low)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(beside.get_ylim())
    candidates = nice_ticks(low, high, _MOST_TICKS)
    ticks = [tick for tick in candidates if low - room <= tick <= high + room]
    decimals = decimals_of(candidates, scale)
    axes.set_xticks(ticks, [scale.write(tick, decimals, sign=tick != 0) for tick in ticks])
    axes.set_yticks(beside.get_yticks(), [""] * len(beside.get_yticks()))
    axes.grid(visible=True)
    axes.axvline(0, color=NEUTRAL, linewidth=0.8, zorder=2)


def _bars(axes: Axes, bars: NDArray[np.float64], ages: Ages, sign: Sign, gid: str, *, outlined: bool) -> None:
    """Draw differences as bars from zero, with an outline where they lie over others."""
    bounds = edges(ages.persons["age"].values)
    strength = 0.25 if outlined else 0.75
    axes.stairs(
        bars, bounds, orientation="horizontal", fill=True, color=sign.color, alpha=strength, zorder=2.2, gid=gid
    )
    if outlined:
        outline(axes, bars, ages, sign, f"{gid} line")


def _side_by_side(compared: Compared, subtitle: str) -> Figure:
    """Draw each pyramid under the outline of the baseline, with the difference of both sexes beside it."""
    base, *others = compared.ages
    totals = [float(ages.persons.sum()) for ages in compared.ages]
    scale = scale_for(max(totals))
    headings = [
        f"{ages.label}: {scale.words(total)} ({scale.write(total - totals[0], sign=True)})"
        for ages, total in zip(others, totals[1:], strict=True)
    ]
    placed = panels(headings, 2, _PANEL_HEIGHT, _PANEL_AGE_ROOM, _PANEL_BESIDE + _PANEL_GAP, over=_HEADING_ROOM)
    key = ". ".join(
        [
            said("Line: {baseline}", baseline=title_of(compared.whole[0])),
            said("Bars at the right: difference of both sexes together; in brackets: of all ages"),
        ]
    )
    page = _page(compared, subtitle, key, placed.height)
    differences = [difference(ages, base).sum(axis=0) for ages in others]
    all_axes = add_panels(page, placed, _PANEL_AGE_ROOM, over=_HEADING_ROOM)
    beside = _axes_beside(page, placed)
    largest = largest_age(compared.ages)
    for axes, bars_at, ages, bars, sign in zip(all_axes, beside, others, differences, compared.signs[1:], strict=True):
        pyramid_axes(axes, compared.scale, largest, base.persons["age"].values)
        axes.tick_params(labelright=False)
        draw_ages(axes, ages, base)
        for sex in ("male", "female"):
            head(axes, sex, "")
        _difference_axes(bars_at, axes, compared.scale, differences)
        _bars(bars_at, bars, ages, sign._replace(color=INK), f"difference {sign.name}", outlined=False)
    return page.figure


def _axes_beside(page: Page, placed: Panels) -> list[Axes]:
    """Add axes for differences to the right of each panel."""
    return [
        page.axes(left + width + _PANEL_GAP, bottom, _PANEL_BESIDE, height)
        for left, bottom, width, height in placed.boxes
    ]
