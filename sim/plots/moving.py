"""Age pyramids that move through the years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from sim.analysis.align import common_years, several
from sim.plots.pyramid import SIDES, ages_of, draw_pyramid, heights, largest_age, title_and_note, totals_in_words
from sim.plots.pyramids import compared_ages, draw_compared, steps_of, title_of_year, words_of
from sim.plots.style import scale_for, styled
from sim.plots.words import of_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import xarray as xr
    from matplotlib.animation import FuncAnimation
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

SECONDS_A_YEAR = 0.2
SECONDS_AT_THE_END = 2.0
DPI = 100
"""Dots per inch of a picture that is seen on screens."""

_COLORS = 64
"""Of a file."""
_WORDS = frozenset({"title", "key", "heading", "total male", "total female"})
"""What changes besides the population."""


class Moving(NamedTuple):
    """A figure of which a part changes from year to year."""

    figure: Figure
    years: list[int]
    show: Callable[[int], None]
    """Lets the figure show the year of a place in the list."""
    changing: list[Any]
    """What changes from year to year, and what lies upon it, in the order of drawing."""


@styled
def animated_pyramid(
    results: xr.Dataset | Iterable[xr.Dataset],
    region: str | None = None,
    group: str | None = None,
    baseline: str | None = None,
) -> FuncAnimation:
    """Draw the population by sex and age of one result or several as a picture that moves through the years.

    Parameters
    ----------
    results : xarray.Dataset or iterable of xarray.Dataset
        Up to thirteen results with different names and one draw each; a sweep counts as all its variants.
    region, group : str, optional
        Part of the population to show.
    baseline : str, optional
        Of several results, the name of the one from which differences are counted; the first where not given.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Every 1 January common to all as `sim.plots.pyramid` draws it, on axes with room for all of them; of one result
        over the outline of the first.

    Raises
    ------
    DataError
        As `sim.plots.pyramid`.
    """
    from matplotlib.animation import FuncAnimation

    figure, years, show, changing = _moving(results, region, group, baseline)

    def changed(place: int) -> list[Artist]:
        show(place)
        return changing

    return FuncAnimation(figure, changed, frames=len(years), interval=1000 * SECONDS_A_YEAR)


@styled
def write_animated_pyramid(
    target: BinaryIO,
    results: xr.Dataset | Iterable[xr.Dataset],
    region: str | None = None,
    group: str | None = None,
    baseline: str | None = None,
) -> None:
    """Write an animated pyramid as a GIF, the last year for two seconds, and again from the first.

    Parameters
    ----------
    target : binary file
        Where to write.
    results, region, group, baseline
        As `animated_pyramid`.

    Raises
    ------
    DataError
        As `animated_pyramid`.

    Notes
    -----
    What stays is drawn once and what moves is drawn upon it, which takes a tenth of the time that the animation's own
    ``save`` takes.
    """
    from matplotlib import rc_context

    moving = _moving(results, region, group, baseline)
    with rc_context({"text.hinting": "no_hinting"}):  # else letters are wider here than on the page laid out for print
        first, *others = _frames(moving)
    durations = [1000 * SECONDS_A_YEAR] * len(others) + [1000 * SECONDS_AT_THE_END]
    first.save(target, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=True)


def _frames(moving: Moving) -> list[Any]:
    """Draw each year as an image of few colours, the same in all."""
    from PIL import Image

    figure, years, show, parts = moving
    figure.set_dpi(DPI)
    canvas: Any = figure.canvas
    for part in parts:
        part.set_visible(False)
    canvas.draw()
    still = canvas.copy_from_bbox(figure.bbox)
    images: list[Any] = []
    for part in parts:
        part.set_visible(True)
    for place in range(len(years)):
        show(place)
        canvas.restore_region(still)
        for part in parts:
            part.draw(canvas.get_renderer())
        size = canvas.get_width_height(physical=True)
        image = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        palette = images[0] if images else image.quantize(_COLORS, method=Image.Quantize.MAXCOVERAGE)
        images.append(image.quantize(palette=palette, dither=Image.Dither.NONE))
    return images


def _moving(
    results: xr.Dataset | Iterable[xr.Dataset], region: str | None, group: str | None, baseline: str | None
) -> Moving:
    """Draw the first common year, on axes with room for all."""
    whole = several(results, baseline, region, group)
    years = common_years(whole)
    subtitle = of_all(whole, region, group)
    return _of_one(whole[0], years, subtitle) if len(whole) == 1 else _of_several(whole, years, subtitle)


def _of_one(result: xr.Dataset, years: list[int], subtitle: str) -> Moving:
    """Draw one result over the outline of its first year."""
    ages = [ages_of(result, year, str(year)) for year in years]
    largest = largest_age(ages)
    figure = draw_pyramid(result, ages[0], ages[0], subtitle, largest)
    changing = _changing(figure)
    artists = {str(artist.get_gid()): artist for artist in changing}

    def show(place: int) -> None:
        artists["title"].set_text(title_and_note(ages[place], ages[0], scale_for(largest))[0])
        for sex, words in totals_in_words(ages[place], ages[0]).items():
            artists[f"filled {sex}"].set_data(SIDES[sex] * heights(ages[place], sex))
            artists[f"total {sex}"].set_text(words)

    return Moving(figure, years, show, changing)


def _of_several(whole: list[xr.Dataset], years: list[int], subtitle: str) -> Moving:
    """Draw several results with their differences."""
    compared = compared_ages(whole, years)
    figure = draw_compared(compared, subtitle)
    changing = _changing(figure, _WORDS - {"heading"} if compared.names_only else _WORDS)
    artists = {str(artist.get_gid()): artist for artist in changing}
    told = [artist for artist in changing if artist.get_gid() in {"key", "heading"}]

    def show(place: int) -> None:
        artists["title"].set_text(title_of_year(years[place]))
        for gid, steps in steps_of(compared, place).items():
            artists[gid].set_data(steps)
        for text, words in zip(told, words_of(compared, place) if told else [], strict=True):
            text.set_text(words)

    return Moving(figure, years, show, changing)


def _changing(figure: Figure, told: frozenset[str] = _WORDS) -> list[Any]:
    """Return what changes from year to year, and what lies upon it, in the order of drawing."""
    from matplotlib.patches import StepPatch
    from matplotlib.text import Text

    words = [text for text in figure.findobj(Text) if text.get_gid() in told and text.get_text()]
    drawn = [artist for artist in figure.findobj() if isinstance(artist, StepPatch) or artist.get_gid() == "middle"]
    return sorted([*drawn, *words], key=lambda artist: artist.get_zorder())
