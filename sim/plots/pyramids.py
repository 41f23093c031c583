"""Age pyramids of several results in one year, with their differences beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.align import aligned, common_years, several
from sim.analysis.selection import title_of
from sim.errors import DataError
from sim.plots.language import said
from sim.plots.panels import Sign, add_panels, key_height, panels, signs_of, write_key
from sim.plots.pyramid import (
    AGE_LABEL_ROOM,
    SIDES,
    Ages,
    ages_of,
    draw_ages,
    edges,
    head,
    heights,
    largest_age,
    pyramid_axes,
    pyramid_of_one,
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
    from collections.abc import Iterable

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
_ROUNDING = 1e-6
"""Persons by which results that are the same may differ."""


class Compared(NamedTuple):
    """The populations of one 1 January or more, the baseline first, and how they are shown."""

    whole: list[xr.Dataset]
    """Results as they are."""
    years: list[int]
    ages: list[list[Ages]]
    """Of each year the population of each result, on common ages."""
    signs: list[Sign]
    largest: float
    """Persons of the largest sex and age of all years."""

    @property
    def bounds(self) -> NDArray[np.int64]:
        """Where ages begin and end."""
        return edges(self.ages[0][0].persons["age"].values)

    @property
    def scale(self) -> Scale:
        """Unit of the axes."""
        return scale_for(self.largest)

    @property
    def is_overlaid(self) -> bool:
        """Whether all are drawn over each other."""
        return len(self.whole) <= MOST_OUTLINES + 1

    @property
    def names_only(self) -> bool:
        """Whether totals are left out: nobody reads those of many panels while they move."""
        return not self.is_overlaid and len(self.years) > 1


@styled
def pyramid(
    results: xr.Dataset | Iterable[xr.Dataset],
    year: int | None = None,
    reference: int | None = None,
    region: str | None = None,
    group: str | None = None,
    baseline: str | None = None,
) -> Figure:
    """Draw the population of a year by sex and age, of one result or of several with their differences.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Up to thirteen results with different names and one draw each; a sweep counts as all its variants.
    year : int, optional
        1 January that is filled; the last common one where not given.
    reference : int, optional
        Of a single result, the 1 January drawn as an outline; the first where not given, none where it is ``year``.
    region, group : str, optional
        Part of the population to show.
    baseline : str, optional
        Of several results, the name of the one from which differences are counted; the first where not given.

    Returns
    -------
    matplotlib.figure.Figure
        Men to the left, women to the right, each bar as high as its age or age group is wide. Of one result the year
        under the outline of the reference, with the totals of both. Up to four results over each other: the baseline
        filled, the others as outlines, and for each sex the difference of each other result at each age. Of more
        results a panel each besides the baseline, which is the outline in all of them, with the difference of both
        sexes together. Ages that not all tell apart are summed.

    Raises
    ------
    DataError
        As `sim.analysis.align.several` and `sim.analysis.align.aligned`, where there are more than thirteen results,
        the year is not common to all, or a reference is given with several.
    """
    whole = several(results, baseline, region, group)
    if len(whole) == 1:
        (one,) = several(results)
        return pyramid_of_one(one, year, reference, region, group)
    if reference is not None:
        message = "an outline of another year goes with one result; several are compared in one year"
        raise DataError(message)
    year = common_years(whole)[-1] if year is None else year
    return draw_compared(compared_ages(whole, [year]), of_all(whole, region, group))


def compared_ages(whole: list[xr.Dataset], years: list[int]) -> Compared:
    """Return the populations of some years on common ages.

    Parameters
    ----------
    whole : list of xarray.Dataset
        Results of one scenario and one draw each, the baseline first.
    years : list of int
        1 Januaries.

    Returns
    -------
    Compared
        What is drawn.

    Raises
    ------
    DataError
        Where a year is not common to all, or there are too many results.
    """
    if len(whole) > MOST_RESULTS:
        message = f"{len(whole)} pyramids in one figure; up to {MOST_RESULTS} can be read"
        raise DataError(message)
    common = common_years(whole)
    for year in years:
        if year not in common:
            message = f"1 January {year} is not common to all; they share {common[0]} to {common[-1]}"
            raise DataError(message)
    signs = signs_of(whole)
    dashes = [sign.look["linestyle"] for sign in signs]
    looks = [{"linestyle": line, "linewidth": 1.1} for line in dashes[: len(signs) - 1]]
    others = [sign._replace(look=look) for sign, look in zip(signs[1:], looks, strict=True)]
    runs = aligned(whole)
    ages = [[ages_of(run, year, sign.words) for run, sign in zip(runs, signs, strict=True)] for year in years]
    largest = max(largest_age(populations) for populations in ages)
    return Compared(whole, years, ages, [signs[0], *others], largest)


def draw_compared(compared: Compared, subtitle: str) -> Figure:
    """Draw the populations of the first of the years, on axes that have room for all years.

    Parameters
    ----------
    compared : Compared
        Two results or more.
    subtitle : str
        Whose population it is.

    Returns
    -------
    matplotlib.figure.Figure
        As `pyramid`.
    """
    return _overlaid(compared, subtitle) if compared.is_overlaid else _side_by_side(compared, subtitle)


def title_of_year(year: int) -> str:
    """Return the title of the pyramids of a year."""
    return said("Population by sex and age on 1 January {year}", year=year)


def steps_of(compared: Compared, place: int) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of every area, line and bar of a year, by its id.

    Parameters
    ----------
    compared : Compared
        Two results or more.
    place : int
        Which of the years.

    Returns
    -------
    dict of str to (A,) array
        Persons of each age: men below zero and women above, those of an open age as it is drawn. Differences are
        other result less baseline: of each sex where all are drawn over each other, of both together otherwise.
    """
    base, *others = compared.ages[place]
    named = list(zip(others, compared.signs[1:], strict=True))
    if not compared.is_overlaid:
        found = {f"difference {sign.name}": difference(ages, base).sum(axis=0) for ages, sign in named}
        for sex, side in SIDES.items():
            found |= {f"filled {sign.name} {sex}": side * heights(ages, sex) for ages, sign in named}
            found |= {f"outline {sign.name} {sex}": side * heights(base, sex) for _, sign in named}
        return found
    found = {f"filled {sex}": side * heights(base, sex) for sex, side in SIDES.items()}
    for ages, sign in named:
        for (sex, side), less in zip(SIDES.items(), difference(ages, base), strict=True):
            found[f"outline {sign.name} {sex}"] = side * heights(ages, sex)
            found[f"difference {sign.name} {sex}"] = less
            if len(others) > 1:
                found[f"difference {sign.name} {sex} line"] = less
    return found


def words_of(compared: Compared, place: int) -> list[str]:
    """Return what each result is called with its total and, of the others, its difference, in a year.

    Parameters
    ----------
    compared : Compared
        Two results or more.
    place : int
        Which of the years.

    Returns
    -------
    list of str
        The words in the key where all are drawn over each other, otherwise the headings of the panels; names alone
        where panels move.
    """
    if compared.names_only:
        return [sign.words for sign in compared.signs[1:]]
    totals = [float(ages.persons.sum()) for ages in compared.ages[place]]
    scale = scale_for(max(totals))
    told = [said("{scenario}: {number}", scenario=compared.signs[0].words, number=scale.words(totals[0]))]
    for sign, total in zip(compared.signs[1:], totals[1:], strict=True):
        numbers = {"number": scale.words(total), "difference": scale.write(total - totals[0], sign=True)}
        told.append(said("{scenario}: {number} ({difference})", scenario=sign.words, **numbers))
    return told if compared.is_overlaid else told[1:]


def difference(ages: Ages, base: Ages) -> NDArray[np.float64]:
    """Return by how many persons each age differs, (sex, age) with men first, those of an open age as it is drawn."""
    return np.stack([heights(ages, sex) - heights(base, sex) for sex in SIDES])


def _differences(compared: Compared) -> tuple[float, float]:
    """Return the lowest and the highest difference of all years."""
    found = [steps for place in range(len(compared.years)) for steps in steps_of(compared, place).items()]
    values = np.concatenate([steps for gid, steps in found if gid.startswith("difference")])
    return float(values.min()), float(values.max())


def _page(compared: Compared, subtitle: str, key: str, plot_height: float) -> Page:
    """Return the page for pyramids."""
    whole, shown = compared.whole, compared.ages[0][0].persons.to_dataset(name="population")
    unit = said("{persons} {by_age}", persons=compared.scale.persons, by_age=by_age(shown))
    return Page(
        title=title_of_year(compared.years[0]),
        subtitle=subtitle,
        note=f"{unit}. {key}{left_out(whole, ages=True)}",
        source=source_line(whole, base_sources(whole), {sign.name: sign.words for sign in compared.signs}),
        plot_height=plot_height,
    )


def _overlaid(compared: Compared, subtitle: str) -> Figure:
    """Draw a filled pyramid under outlines, and their differences beside them for each sex."""
    base, *others = compared.signs
    words = words_of(compared, 0)
    key = [base._replace(words=words[0], color=NEUTRAL, look={}, letter="")]
    key += [sign._replace(words=told, letter="") for sign, told in zip(others, words[1:], strict=True)]
    height = YEAR_LABEL_ROOM + _HEIGHT + _HEADING_ROOM + key_height(key)
    beside_words = said("At the right: difference from {baseline}", baseline=base.words)
    page = _page(compared, subtitle, beside_words, height)
    write_key(page, key)
    left = MARGIN + AGE_LABEL_ROOM
    width = FULL_WIDTH - MARGIN - left - AGE_LABEL_ROOM - 2 * _BESIDE - _GAP
    axes = page.axes(left, YEAR_LABEL_ROOM, width, _HEIGHT)
    pyramid_axes(axes, compared.scale, compared.largest, compared.ages[0][0].persons["age"].values)
    draw_ages(axes, compared.ages[0][0], None, fill=FILL)
    steps, bounds, ends = steps_of(compared, 0), compared.bounds, _differences(compared)
    for place, sex in enumerate(SIDES):
        at = left + width + AGE_LABEL_ROOM + place * (_BESIDE + _GAP)
        beside = page.axes(at, YEAR_LABEL_ROOM, _BESIDE, _HEIGHT)
        _difference_axes(beside, axes, compared.scale, ends)
        head(axes, sex, "", color=INK)
        head(beside, sex, "", color=INK, start=True)
        for sign in others:
            gid = f"difference {sign.name} {sex}"
            _line(axes, steps, bounds, sign, f"outline {sign.name} {sex}")
            _bars(beside, steps, bounds, sign, gid, outlined=len(others) > 1)
    return page.figure


def _line(axes: Axes, steps: dict[str, NDArray[np.float64]], bounds: NDArray[np.int64], sign: Sign, gid: str) -> None:
    """Draw numbers of each age as a line."""
    look = {"color": sign.color, "zorder": 3, "gid": gid, **sign.look}
    axes.stairs(steps[gid], bounds, orientation="horizontal", baseline=None, **look)


def _difference_axes(axes: Axes, beside: Axes, scale: Scale, ends: tuple[float, float]) -> None:
    """Prepare axes for differences at the ages of a pyramid, with room from the lowest to the highest."""
    plain(axes)
    low, high = min(ends[0], 0.0), max(ends[1], 0.0)
    candidates, decimals = [0.0], 0
    if high - low < _ROUNDING:
        low, high = -1.0, 1.0
    else:
        candidates = nice_ticks(low, high, _MOST_TICKS)
        decimals = decimals_of(candidates, scale)
    room = 0.05 * (high - low)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(beside.get_ylim())
    ticks = [tick for tick in candidates if low - room <= tick <= high + room]
    axes.set_xticks(ticks, [scale.write(tick, decimals, sign=tick != 0) for tick in ticks])
    axes.set_yticks(beside.get_yticks(), [""] * len(beside.get_yticks()))
    axes.grid(visible=True)
    axes.axvline(0, color=NEUTRAL, linewidth=0.8, zorder=2, gid="middle")


def _bars(
    axes: Axes,
    steps: dict[str, NDArray[np.float64]],
    bounds: NDArray[np.int64],
    sign: Sign,
    gid: str,
    *,
    outlined: bool,
) -> None:
    """Draw differences as bars from zero, with an outline where they lie over others."""
    strength = 0.25 if outlined else 0.75
    look: dict[str, Any] = {"color": sign.color, "alpha": strength, "zorder": 2.2, "gid": gid}
    axes.stairs(steps[gid], bounds, orientation="horizontal", fill=True, **look)
    if outlined:
        _line(axes, steps, bounds, sign, f"{gid} line")


def _side_by_side(compared: Compared, subtitle: str) -> Figure:
    """Draw each pyramid under the outline of the baseline, with the difference of both sexes beside it."""
    base, *others = compared.ages[0]
    right = _PANEL_BESIDE + _PANEL_GAP
    placed = panels(words_of(compared, 0), 2, _PANEL_HEIGHT, _PANEL_AGE_ROOM, right, over=_HEADING_ROOM)
    key = ". ".join(
        [
            said("Line: {baseline}", baseline=title_of(compared.whole[0])),
            said("Bars at the right: difference of both sexes together")
            if compared.names_only
            else said("Bars at the right: difference of both sexes together; in brackets: of all ages"),
        ]
    )
    page = _page(compared, subtitle, key, placed.height)
    steps, bounds, ends = steps_of(compared, 0), compared.bounds, _differences(compared)
    all_axes = add_panels(page, placed, _PANEL_AGE_ROOM, over=_HEADING_ROOM)
    for axes, box, ages, sign in zip(all_axes, placed.boxes, others, compared.signs[1:], strict=True):
        pyramid_axes(axes, compared.scale, compared.largest, base.persons["age"].values)
        axes.tick_params(labelright=False)
        draw_ages(axes, ages, base, of=sign.name)
        for sex in SIDES:
            head(axes, sex, "")
        left, bottom, width, height = box
        beside = page.axes(left + width + _PANEL_GAP, bottom, _PANEL_BESIDE, height)
        _difference_axes(beside, axes, compared.scale, ends)
        _bars(beside, steps, bounds, sign._replace(color=INK), f"difference {sign.name}", outlined=False)
    return page.figure
