"""The age structure over time as a map: years to the right, ages upwards, cohorts along the diagonals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.align import aligned, several
from sim.analysis.selection import name_of, title_of, years_label
from sim.errors import DataError
from sim.plots.language import said
from sim.plots.panels import add_panels, labels_of, panel_years, panels
from sim.plots.pyramid import edges
from sim.plots.style import (
    FONT_SIZE,
    FULL_WIDTH,
    INK,
    MARGIN,
    NEUTRAL,
    Page,
    Scale,
    decimals_of,
    nice_ticks,
    scale_for,
    styled,
)
from sim.plots.words import base_sources, by_age, every_step, left_out, of_all, source_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MOST_MAPS = 12
"""Maps up to which a figure stays readable."""

_LEVEL_MAP, _DIFFERENCE_MAP = ("YlGnBu", 0.0, 0.68), ("PuOr_r", 0.1, 0.9)
"""Names in matplotlib, and the part of the colours that leaves lines readable. Colour-blind readers tell them apart;
the first grows darker, also in grey."""

_HEIGHT = {1: 3.6, 2: 2.4}
"""Inches of a map, by the number of columns."""

_LEFT = 0.4
_BAR_ROOM, _BAR_GAP, _BAR_WIDTH = 0.95, 0.2, 0.13
"""Inches for the bar of colours at the right, with its numbers."""

_MOST_LEVELS = 9
_COHORTS_EVERY = 20
"""Years between the births of two cohorts whose lives are drawn."""


class Surface(NamedTuple):
    """What one map shows."""

    heading: str
    persons: NDArray[np.float64]
    """Per year of age, (age, year)."""


@styled
def lexis(
    results: xr.Dataset | Iterable[xr.Dataset],
    baseline: str | None = None,
    region: str | None = None,
    group: str | None = None,
) -> Figure:
    """Map the population by age over the years.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    baseline : str, optional
        Name of the result that is mapped first; the first where not given.
    region, group : str, optional
        Part of the population to show.

    Returns
    -------
    matplotlib.figure.Figure
        One map a result on the same scale, in persons of both sexes per year of age on 1 January. Contour lines bear
        their values; thin diagonals follow those born in every twentieth year. A population stands over the year
        that its 1 January begins, or over the middle of the years to the ones before and after.

    Raises
    ------
    DataError
        As `sim.analysis.align.several` and `sim.analysis.align.aligned`, where there is only one age, or where there
        are more than twelve maps.
    """
    whole = several(results, baseline, region, group)
    runs = aligned(whole)
    labels = list(labels_of(whole).values())
    surfaces = [Surface(label, _density(run)) for label, run in zip(labels, runs, strict=True)]
    highest = max(float(surface.persons.max()) for surface in surfaces) or 1.0
    title = said("Population by age on 1 January, {years}", years=years_label(runs[0]["year"].values.tolist()))
    return _maps(title, [whole, runs], (region, group), surfaces, (0.0, highest))


@styled
def lexis_difference(
    results: Iterable[xr.Dataset],
    baseline: str | None = None,
    region: str | None = None,
    group: str | None = None,
) -> Figure:
    """Map by how much the population by age differs from that of the baseline.

    Parameters
    ----------
    results : iterable of xarray.Dataset
        Two results or more with different names and one draw each; a sweep counts as all its variants.
    baseline : str, optional
        Name of the result from which differences are counted; the first where not given.
    region, group : str, optional
        Part of the population to show.

    Returns
    -------
    matplotlib.figure.Figure
        One map for each result besides the baseline, in persons more or fewer per year of age, on the same scale
        around zero. Contour lines are whole where there are more and dashed where there are fewer, so that the sign can
        be told without colour; none is drawn at zero, where it would trace noise.

    Raises
    ------
    DataError
        As `lexis`, or where there is only one result.
    """
    whole = several(results, baseline, region, group)
    if len(whole) < 2:
        message = f"there is nothing to compare with {name_of(whole[0])}; give two results or more"
        raise DataError(message)
    runs = aligned(whole)
    base, *others = [_density(run) for run in runs]
    labels = list(labels_of(whole).values())
    surfaces = [Surface(label, other - base) for label, other in zip(labels[1:], others, strict=True)]
    largest = max(float(np.abs(surface.persons).max()) for surface in surfaces) or 1.0
    title = said("Difference in population by age, {years}", years=years_label(runs[0]["year"].values.tolist()))
    return _maps(title, [whole, runs], (region, group), surfaces, (-largest, largest))


def _density(run: xr.Dataset) -> NDArray[np.float64]:
    """Return persons of both sexes per year of age, (age, year), those of an open age spread as it is drawn."""
    if run.sizes["age"] < 2:
        message = "the results have no age limit in common; there is nothing to map"
        raise DataError(message)
    persons: NDArray[np.float64] = (
        run["population"].sum(["region", "group", "sex"], skipna=False).transpose("age", "year").values
    )
    return persons / np.diff(edges(run["age"].values))[:, None]


def _maps(
    title: str,
    runs: list[list[xr.Dataset]],
    part: tuple[str | None, str | None],
    surfaces: list[Surface],
    ends: tuple[float, float],
) -> Figure:
    """Draw maps on one scale, with a bar of its colours."""
    whole, fitted = runs
    if len(surfaces) > MOST_MAPS:
        message = f"{len(surfaces)} maps in one figure; up to {MOST_MAPS} can be read"
        raise DataError(message)
    columns = min(2, len(surfaces))
    headings = [surface.heading if len(whole) > 1 else "" for surface in surfaces]
    placed = panels(headings, columns, _HEIGHT[columns], _LEFT, 0, outer=_BAR_ROOM)
    scale = scale_for(max(ends))
    differs = ends[0] < 0
    page = Page(
        title=title,
        subtitle=of_all(whole, *part),
        note=_note(scale, fitted, differs=differs) + left_out(whole, ages=True),
        source=source_line(whole, base_sources(whole), labels_of(whole)),
        plot_height=placed.height,
    )
    levels = _levels(ends)
    look = _look(ends, differs=differs)
    for axes, surface in zip(add_panels(page, placed, _LEFT), surfaces, strict=True):
        mesh = _draw(axes, fitted[0], surface, look)
        _contours(axes, fitted[0], surface, levels, scale)
    _bar(page, mesh, levels, scale, placed.height)
    return page.figure


def _note(scale: Scale, runs: list[xr.Dataset], *, differs: bool) -> str:
    """Say the unit, and how to read lines."""
    unit = {"unit": scale.persons, "ages": by_age(runs[0])}
    told = said("{unit} per year of age, {ages}", **unit)
    lines = said("Lines: as numbered")
    if differs:
        base = title_of(runs[0])
        told = said("{unit} per year of age more or fewer than in: {baseline}; {ages}", **unit, baseline=base)
        lines = said("Lines: whole where more, dashed where fewer")
    cohorts = said("Thin diagonals: those born in {years}", years=_births(runs[0]))
    return f"{told}. {lines}. {cohorts}{every_step(runs[0], 'Computed')}"


def _births(run: xr.Dataset) -> str:
    """Return the years of birth whose cohorts are drawn, with commas."""
    return ", ".join(str(year) for year in _cohorts(run))


def _cohorts(run: xr.Dataset) -> list[int]:
    """Return every twentieth year of birth of those who are below the highest age at some time."""
    years, ages = run["year"].values, edges(run["age"].values)
    first, last = int(years[0] - ages[-1]), int(years[-1])
    return [year for year in range(-(-first // _COHORTS_EVERY) * _COHORTS_EVERY, last, _COHORTS_EVERY) if year > first]


def _levels(ends: tuple[float, float]) -> list[float]:
    """Choose round numbers for contour lines and the bar, zero among them."""
    return [tick for tick in nice_ticks(*ends, _MOST_LEVELS) if ends[0] <= tick <= ends[1]]


def _look(ends: tuple[float, float], *, differs: bool) -> dict[str, Any]:
    """Return the colours of a map, and the numbers at their ends."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    name, begin, end = _DIFFERENCE_MAP if differs else _LEVEL_MAP
    return {"cmap": ListedColormap(colormaps[name](np.linspace(begin, end, 256))), "vmin": ends[0], "vmax": ends[1]}


def _draw(axes: Axes, run: xr.Dataset, surface: Surface, look: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw the cells of a map and the diagonals, and mark ages and years."""
    years, ages = run["year"].values, edges(run["age"].values)
    step = np.diff(years, prepend=2 * years[0] - years[1]) if len(years) > 1 else np.ones(1)
    sides = np.append(years - step / 2, years[-1] + step[-1] / 2)
    mesh = axes.pcolormesh(sides, ages, surface.persons, rasterized=True, gid="map", zorder=1, **look)
    panel_years(axes, int(years[0]), int(years[-1]))
    axes.set_xlim(sides[0], sides[-1])
    axes.set_ylim(ages[0], ages[-1])
    last = int(run["age"][-1])
    ticks = [age for age in range(int(ages[0]), last, 20) if last - age >= 10]
    axes.set_yticks([*ticks, last], [*(str(tick) for tick in ticks), f"{last}+"])
    for born in _cohorts(run):
        axes.plot(
            sides[[0, -1]], sides[[0, -1]] - born, color=NEUTRAL, linewidth=0.4, alpha=0.8, zorder=2, gid="cohort"
        )
    axes.spines["bottom"].set_visible(False)
    return mesh


def _contours(axes: Axes, run: xr.Dataset, surface: Surface, levels: Sequence[float], scale: Scale) -> None:
    """Draw lines of equal numbers, with the numbers on them; of differences also halfway to the first, none at zero."""
    ages, years = edges(run["age"].values), run["year"].values
    differs = levels[0] < 0
    first = min(level for level in levels if level > 0)
    drawn = sorted({*levels, -first / 2, first / 2} - {0.0}) if differs else [level for level in levels if level]
    lowest, highest = surface.persons.min(), surface.persons.max()
    drawn = [level for level in drawn if lowest < level < highest]
    if min(surface.persons.shape) < 2 or not drawn:
        return
    lines = axes.contour(
        years,
        (ages[:-1] + ages[1:]) / 2,
        surface.persons,
        levels=drawn,
        colors=INK,
        linewidths=0.6,
        linestyles=["--" if level < 0 else "-" for level in drawn],
        zorder=3,
    )
    lines.set_gid("contours")
    decimals = decimals_of([0.0, first / 2 if differs else first], scale)
    labels = axes.clabel(lines, fmt=lambda level: scale.write(level, decimals, sign=differs), fontsize=FONT_SIZE - 2.5)
    kept: list[Any] = []
    for label in labels:
        box = label.get_window_extent()
        if any(box.overlaps(other) for other in kept):
            label.set_visible(False)
        else:
            kept.append(box)
            label.set(clip_on=False, gid="contour-label")


def _bar(page: Page, mesh: Any, levels: Sequence[float], scale: Scale, height: float) -> None:  # noqa: ANN401
    """Draw the bar of colours at the right, with numbers where contour lines are."""
    tall = min(height - 0.6, 3.2)
    bar = page.axes(FULL_WIDTH - MARGIN - _BAR_ROOM + _BAR_GAP, (height - tall) / 2, _BAR_WIDTH, tall)
    colors = page.figure.colorbar(mesh, cax=bar)
    decimals = decimals_of(list(levels), scale)
    sign = levels[0] < 0
    colors.set_ticks(list(levels), labels=[scale.write(level, decimals, sign=sign) for level in levels])
    colors.outline.set_linewidth(0.4)
    bar.tick_params(labelcolor=INK, labelsize=FONT_SIZE, length=2)
    bar.set_label("bar")
