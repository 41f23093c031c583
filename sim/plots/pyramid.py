"""Age pyramids."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.analysis.selection import name_of, one_projection, part
from sim.errors import DataError
from sim.plots.language import said
from sim.plots.style import (
    BLUE,
    DPI,
    FONT_SIZE,
    FULL_WIDTH,
    INK,
    MARGIN,
    ORANGE,
    YEAR_LABEL_ROOM,
    Page,
    Scale,
    decimals_of,
    nice_ticks,
    plain,
    scale_for,
)
from sim.plots.words import OLDEST_DRAWN, base_sources, by_age, of_what, source_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_AXES_HEIGHT = 3.9
AGE_LABEL_ROOM = 0.4
_HEADING_ROOM = 0.4
_LEAST_INCHES = 0.16
"""Between two ages written beside the axis."""
_FILL = {"male": BLUE, "female": ORANGE}
SIDES = {"male": -1, "female": 1}
"""Men to the left, women to the right."""

_TICKS_AN_INCH = 0.9


class Ages(NamedTuple):
    """Population of one 1 January by sex and age, and what to call it."""

    label: str
    persons: xr.DataArray
    """(sex, age)"""


def pyramid_of_one(
    result: xr.Dataset,
    year: int | None = None,
    reference: int | None = None,
    region: str | None = None,
    group: str | None = None,
) -> Figure:
    """Draw the population of a year by sex and age over that of another year.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    year : int, optional
        1 January that is filled; the last where not given.
    reference : int, optional
        1 January drawn as an outline; the first where not given, none where it is ``year``.
    region, group : str, optional
        Part of the population to show.

    Returns
    -------
    matplotlib.figure.Figure
        Men to the left, women to the right, each bar as high as its age or age group is wide, with their totals
        in both years.

    Raises
    ------
    DataError
        Where there is no such year, region or group, or there are several scenarios or draws.
    """
    shown = part(one_projection(result), region, group)
    year = int(shown["year"][-1]) if year is None else year
    reference = int(shown["year"][0]) if reference is None else reference
    filled = ages_of(shown, year, str(year))
    outline = None if reference == year else ages_of(shown, reference, str(reference))
    return draw_pyramid(result, filled, outline, of_what(result, region, group))


def draw_pyramid(
    result: xr.Dataset, filled: Ages, outline: Ages | None, subtitle: str, largest: float | None = None
) -> Figure:
    """Draw one pyramid on a page, with the outline of another laid over it.

    Parameters
    ----------
    result : xarray.Dataset
        Result that they are of.
    filled, outline : Ages
        Populations of two years, called by them; no outline where it is None.
    subtitle : str
        Whose population it is.
    largest : float, optional
        Persons that the axis has room for; those of the largest sex and age drawn where not given.

    Returns
    -------
    matplotlib.figure.Figure
        As `pyramid_of_one`.
    """
    largest = largest_age([filled, outline]) if largest is None else largest
    scale = scale_for(largest)
    title, note = title_and_note(filled, outline, scale)
    page = Page(
        title=title,
        subtitle=subtitle,
        note=note,
        source=source_line([result], base_sources([result])),
        plot_height=YEAR_LABEL_ROOM + _AXES_HEIGHT + _HEADING_ROOM,
    )
    left = MARGIN + AGE_LABEL_ROOM
    axes = page.axes(left, YEAR_LABEL_ROOM, FULL_WIDTH - 2 * left, _AXES_HEIGHT)
    pyramid_axes(axes, scale, largest, filled.persons["age"].values)
    draw_ages(axes, filled, outline)
    for sex, words in totals_in_words(filled, outline).items():
        head(axes, sex, words)
    return page.figure


def title_and_note(filled: Ages, outline: Ages | None, scale: Scale) -> tuple[str, str]:
    """Return which years a pyramid shows, in what unit of which ages; the same year twice where it begins to move."""
    unit = {"persons": scale.persons, "by_age": by_age(filled.persons.to_dataset(name="population"))}
    if outline is None:
        title = said("Population by sex and age on 1 January {year}", year=filled.label)
        return title, said("{persons} {by_age}", **unit)
    years = {"year": filled.label, "reference": outline.label}
    if filled.label == outline.label:
        title = said("Population by sex and age on 1 January {year}", year=filled.label)
        return title, said("{persons} {by_age}. Line: {reference}", **unit, reference=outline.label)
    title = said("Population by sex and age on 1 January {year} and {reference}", **years)
    return title, said("{persons} {by_age}. Filled: {year}. Line: {reference}", **unit, **years)


def ages_of(result: xr.Dataset, year: int, label: str) -> Ages:
    """Return the population of a year by sex and age.

    Parameters
    ----------
    result : xarray.Dataset
        A result with one scenario and one draw.
    year : int
        1 January.
    label : str
        What to call it.

    Returns
    -------
    Ages
        Persons by sex and age over all regions and groups.

    Raises
    ------
    DataError
        Where the result has no such year.
    """
    years = result["year"].values
    if year not in years:
        message = f"there is no 1 January {year} in {name_of(result)}; it covers {years[0]} to {years[-1]}"
        raise DataError(message)
    people = result["population"].sel(year=year).sum(["region", "group"], skipna=False)
    return Ages(label, people.transpose("sex", "age"))


def largest_age(populations: Sequence[Ages | None]) -> float:
    """Return the number of persons of the largest sex and age, as it is drawn."""
    return max(float(heights(ages, sex).max()) for ages in populations if ages is not None for sex in SIDES)


def heights(ages: Ages, sex: str) -> NDArray[np.float64]:
    """Return persons of each age of a sex, those of an open age that is drawn over several ages evenly over them."""
    bounds = edges(ages.persons.get_index("age").to_numpy())
    persons: NDArray[np.float64] = ages.persons.values[ages.persons.get_index("sex").get_loc(sex)].copy()
    if len(bounds) > 2:
        persons[-1] *= (bounds[-2] - bounds[-3]) / (bounds[-1] - bounds[-2])
    return persons


def pyramid_axes(axes: Axes, scale: Scale, largest: float, ages: NDArray[np.int64]) -> None:
    """Prepare axes for a pyramid: persons to both sides, ages upwards, the open age marked.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Empty axes.
    scale : Scale
        Unit of the tick labels; the data are in persons.
    largest : float
        Persons of the largest sex and age.
    ages : array of int
        Single ages, or the first ages of groups of the same width; the last open.
    """
    plain(axes)
    width, height = (inches / DPI for inches in axes.get_window_extent().size)
    largest = largest or 1.0  # of nobody
    candidates = nice_ticks(0, largest, max(4, int(width * _TICKS_AN_INCH)))
    decimals = decimals_of(candidates, scale)
    side = [tick for tick in candidates if tick <= 1.05 * largest]
    ticks = [-tick for tick in reversed(side[1:])] + side
    axes.set_xlim(-1.05 * largest, 1.05 * largest)
    axes.set_xticks(ticks, [scale.write(abs(tick), decimals) for tick in ticks])
    bounds = edges(ages)
    width = bounds[1] - bounds[0]
    last = int(ages[-1])
    inches_per_age = height / (bounds[-1] - bounds[0])
    step = _label_step(int(width), inches_per_age)
    told = [age for age in range(int(ages[0]), last, step) if (last - age) * inches_per_age > _LEAST_INCHES]
    names = [str(age) if width == 1 else f"{age}\N{EN DASH}{age + width - 1}" for age in told]
    axes.set_ylim(bounds[0], bounds[-1])
    axes.set_yticks([*(age + width / 2 for age in told), (last + bounds[-1]) / 2], [*names, f"{last}+"])
    axes.tick_params(labelright=True)
    axes.grid(visible=True)


def _label_step(width: int, inches_per_age: float) -> int:
    """Choose how many years of age lie between two labels: tens of single ages, or every so many groups."""
    if width == 1:
        return 10 if 10 * inches_per_age > 2 * _LEAST_INCHES else 20
    return width * math.ceil(_LEAST_INCHES / (width * inches_per_age))


def edges(ages: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where ages begin and end, (A + 1,).

    The open age is drawn as wide as the one before; after single ages up to `OLDEST_DRAWN`, so that its area is that
    of its persons.
    """
    width = ages[-1] - ages[-2] if len(ages) > 1 else 1
    return np.append(ages, ages[-1] + (max(width, OLDEST_DRAWN - ages[-1]) if width == 1 else width))


def draw_ages(axes: Axes, filled: Ages, outline: Ages | None, *, fill: str | None = None, of: str = "") -> None:
    """Draw one population as an area and another as an outline laid over it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes prepared by `pyramid_axes`.
    filled, outline : Ages
        The populations; no outline where it is None.
    fill : str, optional
        Colour of the area; that of each sex where not given.
    of : str
        Name of the result, which tells the ids of its areas and lines from those of others.
    """
    bounds = edges(filled.persons["age"].values)
    for sex, side in SIDES.items():
        axes.stairs(
            side * heights(filled, sex),
            bounds,
            orientation="horizontal",
            fill=True,
            color=fill or _FILL[sex],
            alpha=1 if fill else 0.6,
            linewidth=0,
            zorder=2,
            gid=f"filled {of} {sex}".replace("  ", " "),
        )
        if outline is not None:
            axes.stairs(
                side * heights(outline, sex),
                bounds,
                orientation="horizontal",
                color=INK,
                linewidth=1.0,
                zorder=3,
                gid=f"outline {of} {sex}".replace("  ", " "),
            )
    axes.axvline(0, color="white", linewidth=0.8, zorder=2.5, gid="middle")


def head(axes: Axes, sex: str, words: str, *, color: str | None = None, start: bool = False) -> None:
    """Write the name of a sex above its side of a pyramid, or at the start, and words on it, if any, below the name.

    The name has the colour of the sex where none is given.
    """
    place = 0.0 if start else {"male": 0.0, "female": 1.0}[sex]
    alignment = "left" if start else {"male": "left", "female": "right"}[sex]
    name = {"male": said("Men"), "female": said("Women")}[sex]
    for text, points, ink, weight in (
        (name, 18 if words else 5, color or _FILL[sex], "bold"),
        (words, 5, INK, "normal"),
    ):
        axes.annotate(
            text,
            xy=(place, 1),
            xycoords="axes fraction",
            xytext=(0, points),
            textcoords="offset points",
            fontsize=FONT_SIZE,
            color=ink,
            fontweight=weight,
            horizontalalignment=alignment,
            annotation_clip=False,
            gid=f"{'sex' if weight == 'bold' else 'total'} {sex}",
        )


def totals_in_words(filled: Ages, outline: Ages | None) -> dict[str, str]:
    """Return how many men and women there are, in the words that stand above them."""
    told = {}
    for sex in SIDES:
        total = float(filled.persons.sel(sex=sex).sum())
        scale = scale_for(total)
        values = {"number": scale.words(total), "year": filled.label}
        if outline is None:
            told[sex] = said("{number} in {year}", **values)
            continue
        other = {"other": scale.write(float(outline.persons.sel(sex=sex).sum())), "reference": outline.label}
        told[sex] = said("{number} in {year}, {other} in {reference}", **values, **other)
    return told
