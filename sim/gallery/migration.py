"""Figures of model migration schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.axes import SEXES
from sim.data import catalogue
from sim.demography.schedules import fit_rogers_castro
from sim.gallery.inputs import DATASET, REGISTER
from sim.gallery.layout import PLAIN, SEX_COLORS, SEX_NAMES, age_axis, heading, key, panels
from sim.plots.style import GREEN, NEUTRAL, PURPLE, Page, styled, value_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

YEARS, OLDEST = (2009, 2012), 84
NEWBORN_AGE = 1 / 3
"""Age at which those born in the year move on average; they are there for half of it."""
_LOOKS = {7: (GREEN, "-"), 11: (PURPLE, (0, (4, 2)))}


@styled
def migration_schedule() -> Figure:
    """Draw net migrants by age beside the model schedules of Rogers and Castro fitted to them.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a sex: observed, and the schedules of seven and of eleven parameters with their R squared.
    """
    ages = np.arange(OLDEST + 1.0)
    net = catalogue.migration_profile(DATASET, YEARS, OLDEST + 1)[:, :-1]
    ages[0] = NEWBORN_AGE
    net[:, 0] *= 2
    fits = {count: fit_rogers_castro(net, ages, count) for count in _LOOKS}
    page = Page(
        title="Net migration by age, and model schedules for it",
        subtitle=f"Belgium, yearly mean of {YEARS[0]}\N{EN DASH}{YEARS[1]}, with the schedules of Rogers and Castro",
        note="Persons a year, by age reached on 31 December. Dots: what births and deaths leave unexplained; those "
        "born in the year, who are there for half of it, twice. Dashed: 11 parameters. Schedules are made for moves "
        "one way; of a balance they are no more than a summary",
        source=f"{REGISTER}; model: Rogers and Castro (1981), Model Migration Schedules; fitted with saldo.",
        plot_height=3.2,
    )
    for sex, axes in enumerate(panels(page, 2, shared=True)):
        axes.plot(
            ages, net[sex], "o", color=NEUTRAL, markersize=2.6, zorder=2.2, clip_on=False, gid=f"observed {SEXES[sex]}"
        )
        for count, (color, style) in _LOOKS.items():
            axes.plot(ages, fits[count].fitted[sex], linestyle=style, color=color, gid=f"{count} {SEXES[sex]}")
        age_axis(axes, 0, OLDEST + 1, 20)
        value_axis(axes, PLAIN, float(net.min()), float(net.max()))
        heading(axes, SEX_NAMES[sex], color=SEX_COLORS[sex])
        key(
            axes,
            [
                (f"{count} parameters: R\N{SUPERSCRIPT TWO} = {fits[count].r_squared[sex]:.3f}", color)
                for count, (color, _) in _LOOKS.items()
            ],
        )
    return page.figure
