"""Figures of graduation: single ages out of age groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.axes import UNDIVIDED, Array
from sim.data import catalogue
from sim.demography import graduation
from sim.gallery.inputs import DATASET, REGISTER
from sim.gallery.layout import DETAIL_ROOM, age_axis, heading, panels, steps
from sim.plots.style import BLUE, NEUTRAL, Page, number, scale_for, styled, value_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_YEAR, _OPEN_AGE, _SHOWN = 2012, 100, (55, 85)
_NAMES = {
    "uniform": "Uniform",
    "monotone": "Monotone cubic",
    "sprague": "Sprague",
    "beers_ordinary": "Beers, ordinary",
    "beers_modified": "Beers, modified",
    "pclm": "Composite link (PCLM)",
}


def mean_error(found: Array, real: Array) -> float:
    """Sum of the absolute differences over the ages shown, in percent of the persons of those ages."""
    shown = slice(*_SHOWN)
    return 100 * float(np.abs(found[shown] - real[shown]).sum() / real[shown].sum())


@styled
def single_ages() -> Figure:
    """Draw single ages made from five-year groups by each method, over the real ones.

    Returns
    -------
    matplotlib.figure.Figure
        Six panels: the register's single ages in grey, those that a method makes of their groups in blue, and its error
        over the ages shown.
    """
    real = catalogue.population(DATASET, _YEAR, _OPEN_AGE, (UNDIVIDED,), (UNDIVIDED,)).sum(axis=(0, 1, 2))[:-1]
    edges = np.arange(0, _OPEN_AGE + 1, 5)
    totals = graduation.group(edges, real)
    first, last = _SHOWN
    page = Page(
        title="Single ages out of five-year age groups, by six methods",
        subtitle=f"Belgium, 1 January {_YEAR}, men and women: few were born in 1940\N{EN DASH}1945, many from 1946 on",
        note=f"Thousand persons by single year of age. Grey: register. Blue: made from the groups 0\N{EN DASH}4 to "
        f"{_OPEN_AGE - 5}\N{EN DASH}{_OPEN_AGE - 1}, whose totals each method keeps. Error: sum of the differences "
        "shown, in percent of the persons",
        source=f"{REGISTER}; methods: Sprague (1880); Beers (1945); Rizzi, Gampe and Eilers (2015), American Journal "
        "of Epidemiology 182; computed with saldo.",
        plot_height=4.7,
    )
    shown = slice(first, last)
    bounds = np.arange(first, last + 1)
    for axes, (method, name) in zip(
        panels(page, 3, 2, heading_room=DETAIL_ROOM, shared=True), _NAMES.items(), strict=True
    ):
        found = graduation.METHODS[method](edges, totals)
        axes.plot(*steps(bounds, real[shown]), color=NEUTRAL, linewidth=2.6, alpha=0.55, gid=f"register {method}")
        axes.plot(*steps(bounds, found[shown]), color=BLUE, linewidth=1.2, gid=method)
        age_axis(axes, first, last, 5)
        value_axis(axes, scale_for(1e4), float(real[shown].min()), float(real[shown].max()))
        heading(axes, name, f"error {number(mean_error(found, real), 1)}%")
    return page.figure
