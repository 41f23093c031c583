"""Figures of models fitted to past mortality, and of what they forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.fit import FittedMortality, fit_mortality
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography import mortality as models
from sim.demography.hazards import survival_from_hazard
from sim.demography.lifetable import life_expectancy
from sim.gallery.inputs import (
    DATASET,
    FITTED_YEARS,
    GROUP_AGES,
    LAST_FORECAST,
    REGISTER,
    History,
    by_slot,
    grouped_history,
)
from sim.gallery.layout import PLAIN, SEX_COLORS, SEX_NAMES, age_axis, heading, name_sexes, panels
from sim.plots.labels import EndLabel, end_labels, path_axes, place
from sim.plots.style import (
    GREEN,
    INK,
    NEUTRAL,
    PURPLE,
    Page,
    number,
    styled,
    value_axis,
    year_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

PLANNING_BUREAU = {2011: (83.4, 78.2), 2060: (89.1, 86.7)}
"""Life expectancy at birth of women and men in the outlook of May 2013, as printed: from the age on 1 January."""
FORECAST_TARGETS = {
    year: models.period_life_expectancy(np.array(printed), "age_on_1_january")
    for year, printed in PLANNING_BUREAU.items()
}
"""The same as a period life table defines it."""
_OBSERVED_YEARS = (1991, 2015)
_SLOTS = 107
_TOP = 90.0
"""Years of life up to which the forecast is drawn."""
_YEARS = f"{FITTED_YEARS[0]}\N{EN DASH}{FITTED_YEARS[1]}"
_GAPS = "Without 2004 and 2007, whose deaths contradict the published totals; before 1997 not all deaths are known"
_LEE_CARTER = "Lee and Carter (1992), Journal of the American Statistical Association 87"


def _forecast(model: str, *, rotate: bool = False) -> FittedMortality:
    """Forecast from the years fitted."""
    return fit_mortality(DATASET, model, LAST_FORECAST, years=FITTED_YEARS, rotate=rotate)


@styled
def lee_carter() -> Figure:
    """Draw level, sensitivity and index of the Lee-Carter model of Belgian women and men.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels: a by age on a logarithmic axis, as a death rate; b by age; k by year.
    """
    fitted = _forecast("lee_carter")
    observed = fitted.observed
    fit = models.lee_carter(observed.risks, observed.years, weights=observed.weights)
    fit = models.adjusted_to_life_expectancy(fit, observed.expectancy(observed.risks), observed.expectancy)
    shares = [
        f"{number(100 * share, 1)}% for {name.lower()}" for share, name in zip(fit.explained, SEX_NAMES, strict=True)
    ]
    page = Page(
        title=f"The Lee-Carter model of mortality, {_YEARS}",
        subtitle="Belgium: logarithm of the death rate = level + sensitivity \N{MULTIPLICATION SIGN} index",
        note="By age reached on 31 December, and by year. Of the variance of the logarithms the model explains "
        + " and ".join(shares),
        source=f"{REGISTER}; model: {_LEE_CARTER}; fitted with saldo, weights: deaths. {_GAPS}.",
        plot_height=2.6,
    )
    level, sensitivity, index = panels(page, 3)
    ages = np.arange(fit.level.shape[-1])
    curves = ((level, "level", ages, fit.level), (sensitivity, "sensitivity", ages, fit.sensitivity))
    for axes, name, places, values in (*curves, (index, "index", np.array(fit.years), fit.time_index.T)):
        for sex, color, style, row in zip(SEXES, SEX_COLORS, ("-", (0, (3, 1))), values, strict=True):
            axes.plot(places, row, color=color, linestyle=style, linewidth=1.3, gid=f"{name} {sex}")
        value_axis(axes, PLAIN, float(values.min()), float(values.max()))
    for axes in (level, sensitivity):
        age_axis(axes, 0, len(ages) - 1, 20)
    year_axis(index, *FITTED_YEARS)
    heading(level, "Level a, by age")
    heading(sensitivity, "Sensitivity b, by age")
    heading(index, "Index k, by year")
    name_sexes(page, level, [(55, fit.level[0, 55]), (25, fit.level[1, 25])])
    name_sexes(page, index, [(1996, fit.time_index[5, 0]), (2003, fit.time_index[12, 1])])
    return page.figure


@styled
def mortality_forecast() -> Figure:
    """Draw life expectancy at birth as observed, as forecast by two models, and as the Planning Bureau saw it.

    Returns
    -------
    matplotlib.figure.Figure
        One path a sex and model from the year after the last one fitted, named at its end with its last value.
    """
    forecasts = {"Lee-Carter": _forecast("lee_carter"), "Li-Lee": _forecast("li_lee")}
    ends = [
        EndLabel(fitted.expectancy[-1, sex], f"{name} {model} {number(fitted.expectancy[-1, sex], 1)}", SEX_COLORS[sex])
        for model, fitted in forecasts.items()
        for sex, name in enumerate(SEX_NAMES)
    ]
    ends += [EndLabel(value, f"Planning Bureau {number(value, 1)}", INK) for value in FORECAST_TARGETS[LAST_FORECAST]]
    page = Page(
        title=f"Life expectancy at birth, {_OBSERVED_YEARS[0]}\N{EN DASH}{LAST_FORECAST}",
        subtitle=f"Belgium: forecasts from the mortality of {_YEARS}",
        note="Years. Grey: observed, dotted after 2015. With rotation, Lee-Carter leads to the same life expectancy. "
        "Diamonds: outlook of the Planning Bureau, May 2013, less the half year by which its definition lies higher",
        source=f"{REGISTER}; from 2016 on United Nations, World Population Prospects 2024; Federal Planning Bureau, "
        f"communiqué of 24 May 2013; models: {_LEE_CARTER}; Li and Lee (2005), Demography 42; fitted with saldo. "
        f"{_GAPS}.",
        plot_height=3.6,
    )
    axes = path_axes(page, ends)
    year_axis(axes, _OBSERVED_YEARS[0], LAST_FORECAST)
    years, observed = _observed()
    value_axis(axes, PLAIN, float(observed.min()), _TOP)
    for sex, label in enumerate(SEXES):
        axes.plot(years, observed[:, sex], color=NEUTRAL, linewidth=1.4, zorder=3.5, gid=f"observed {label}")
    _draw_later(axes)
    for (model, fitted), style in zip(forecasts.items(), ("-", (0, (4, 2))), strict=True):
        for sex, (label, color) in enumerate(zip(SEXES, SEX_COLORS, strict=True)):
            path = fitted.expectancy[:, sex]
            axes.plot(fitted.years, path, linestyle=style, color=color, clip_on=False, gid=f"{model} {label}")
    _draw_outlook(axes)
    end_labels(page, axes, ends)
    name_sexes(page, axes, [(2001, observed[10, 0]), (2001, observed[10, 1])])
    return page.figure


def _observed() -> tuple[Array, Array]:
    """Years and life expectancy, (Y, 2), of the register."""
    found = catalogue.deaths_by_year(DATASET, _OBSERVED_YEARS, 100)
    survival = np.concatenate([found.newborn_survival[..., None], 1 - found.deaths / found.population], axis=-1)
    return np.array(found.years, dtype=float), life_expectancy(survival)


def _draw_outlook(axes: Axes) -> None:
    """Draw the life expectancies of the Planning Bureau's outlook."""
    look: dict[str, Any] = {"color": INK, "markersize": 4.5, "markerfacecolor": "white", "zorder": 4, "clip_on": False}
    for year, values in FORECAST_TARGETS.items():
        axes.plot([year] * 2, values, "D", gid=f"outlook {year}", **look)


def _draw_later(axes: Axes) -> None:
    """Draw life expectancy after the register's last year as the United Nations have it."""
    for sex in SEXES:
        later = [
            (figure.year, figure.value)
            for figure in catalogue.observed(DATASET, ["life_expectancy"])
            if figure.sex == sex and figure.year >= _OBSERVED_YEARS[1]
        ]
        axes.plot(*zip(*later, strict=True), ":", color=NEUTRAL, linewidth=1.6, zorder=3.5, gid=f"later {sex}")


def _expectancy_of_groups(hazards: Array) -> Array:
    """Life expectancy at birth of hazards by groups of ages, (..., G)."""
    return life_expectancy(survival_from_hazard(by_slot(hazards, _SLOTS)))


def _forecast_by_group(history: History, ahead: NDArray[np.int64]) -> dict[str, Array]:
    """Hazards of later years, (F, 2, G), by the Lee-Carter model as it is and with rotation."""
    fit = models.lee_carter(history.hazards, history.years, weights=history.deaths)
    fit = models.adjusted_to_life_expectancy(fit, _expectancy_of_groups(history.hazards), _expectancy_of_groups)
    return {
        "Lee-Carter": models.forecast(fit, ahead),
        "rotated": models.rotated_forecast(fit, ahead, GROUP_AGES, _expectancy_of_groups),
    }


@styled
def rotation() -> Figure:
    """Draw by how much risks of death fall a year at each age: observed, by Lee-Carter, and rotated.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a sex, by groups of ages; the forecasts are those of the mean year from the first to the last.
    """
    history, ahead = grouped_history(), np.arange(FITTED_YEARS[1] + 1, LAST_FORECAST + 1)
    rates = _forecast_by_group(history, ahead)
    improvement = {name: 100 * models.point_to_point_improvement(values, ahead) for name, values in rates.items()}
    observed = 100 * models.point_to_point_improvement(history.hazards, history.years)
    reached = _expectancy_of_groups(rates["rotated"])[-1]
    page = Page(
        title="Which ages gain: the Lee-Carter model with and without rotation",
        subtitle=f"Belgium: yearly fall of the risk of death, {_YEARS} and {ahead[0]}\N{EN DASH}{ahead[-1]}",
        note="Percent a year, by age reached, in groups of five years. Both forecasts have the same life expectancy in "
        "each year",
        source=f"{REGISTER}; models: {_LEE_CARTER}; Li, Lee and Gerland (2013), Demography 50; fitted with saldo. "
        f"{_GAPS}.",
        plot_height=2.9,
    )
    middles = np.array([*GROUP_AGES, 100.0])
    middles = (middles[:-1] + middles[1:]) / 2
    every = np.concatenate([observed, *improvement.values()])
    for sex, axes in enumerate(panels(page, 2, shared=True, heading_room=0.46)):
        axes.plot(middles, observed[sex], "o", color=NEUTRAL, markersize=3, clip_on=False, gid=f"observed {SEXES[sex]}")
        for (name, values), color, style in zip(improvement.items(), (GREEN, PURPLE), ("-", (0, (4, 2))), strict=True):
            axes.plot(middles, values[sex], linestyle=style, color=color, gid=f"{name} {SEXES[sex]}")
        age_axis(axes, 0, 100, 20)
        value_axis(axes, PLAIN, min(0.0, float(every.min())), float(every.max()))
        heading(axes, SEX_NAMES[sex], f"life expectancy {number(reached[sex], 1)} in {LAST_FORECAST}", SEX_COLORS[sex])
        if sex == 0:
            place(page, axes, "observed", (middles[2], observed[sex, 2]), NEUTRAL)
            for (name, values), color, group in zip(improvement.items(), (GREEN, PURPLE), (9, 2), strict=True):
                place(page, axes, name, (middles[group], values[sex, group]), color)
    return page.figure
