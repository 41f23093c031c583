"""Figures of model age patterns of fertility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.axes import Array
from sim.data import catalogue
from sim.demography import fertility as models
from sim.gallery.inputs import DATASET
from sim.gallery.layout import DETAIL_ROOM, PLAIN, age_axis, heading, panels, steps
from sim.plots.style import GREEN, NEUTRAL, PURPLE, Page, number, styled, value_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PERIOD = (2010, 2015)
_NAMES = {
    "hadwiger": "Hadwiger",
    "gamma": "Gamma",
    "beta": "Beta",
    "quadratic_spline": "Quadratic spline",
}
_TARGET = 32.0
"""Mean age at birth to which the pattern is shifted."""
_AGES = 56
"""Single ages from 0 on over which the pattern may be shifted."""


@styled
def fertility_models() -> Figure:
    """Draw four model age patterns fitted to five-year rates, and two patterns made from them without a model.

    Returns
    -------
    matplotlib.figure.Figure
        Six panels with the observed groups as steps: the models with their R squared, the monotone cubic through the
        accumulated pattern, and the same shifted to another mean age.
    """
    observed = catalogue.fertility_pattern(DATASET, *_PERIOD)
    widths = np.diff(observed.edges)
    rates = 100 * observed.shares / widths
    fits = {name: models.fit_pattern(rates, observed.edges[:-1], widths, model=name) for name in _NAMES}
    monotone = 100 * models.single_year_pattern(observed.edges, observed.shares, _AGES)
    shifted = models.shifted_to_mean_age(monotone, _TARGET)
    page = Page(
        title="Model age patterns of fertility",
        subtitle=f"Belgium, {_PERIOD[0]}\N{EN DASH}{_PERIOD[1]}: single ages from the rates of five-year age groups",
        note="Percent of total fertility per year of age of the mother. Grey: observed groups. Green: models. Purple: "
        "made from the groups without a model",
        source="Source: United Nations, World Population Prospects 2024; models: Hoem and others (1981), "
        "Demography 18; Schmertmann (2003), Demographic Research 9; fitted with saldo.",
        plot_height=4.6,
    )
    curves = [
        (
            _NAMES[name],
            f"R\N{SUPERSCRIPT TWO} = {fit.coefficient_of_determination:.4f}",
            fit.ages,
            fit.total * fit.pattern,
        )
        for name, fit in fits.items()
    ]
    ages = np.arange(_AGES, dtype=float)
    mean = float(models.mean_age_at_birth(monotone, ages, 1))
    curves.append(("Monotone cubic", f"groups kept, mean age {number(mean, 2)}", ages, monotone))
    curves.append(("Shifted pattern", f"mean age {number(_TARGET, 0)}", ages, shifted))
    highest = max(float(values.max()) for *_, values in curves)
    for axes, (name, detail, places, values) in zip(
        panels(page, 3, 2, heading_room=DETAIL_ROOM, shared=True), curves, strict=True
    ):
        _draw(axes, steps(observed.edges, rates), places, values, name)
        age_axis(axes, 15, 50, 5)
        value_axis(axes, PLAIN, 0, highest)
        heading(axes, name, detail)
    return page.figure


def _draw(axes: Axes, groups: tuple[Array, Array], ages: Array, values: Array, name: str) -> None:
    """Draw the corners of the observed groups and a pattern by single age, each age in its middle."""
    places, levels = groups
    axes.fill_between(places, levels, color=NEUTRAL, alpha=0.2, linewidth=0)
    axes.plot(places, levels, color=NEUTRAL, linewidth=0.9, gid=f"groups {name}")
    axes.plot(ages + 0.5, values, color=GREEN if name in _NAMES.values() else PURPLE, gid=name)
