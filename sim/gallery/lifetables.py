"""Figures of life tables: what a gain is made of, model life tables, the oldest ages, and how targets are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography import mortality as models
from sim.demography.hazards import death_hazard
from sim.demography.lifetable import LifeTable, arriaga, life_expectancy
from sim.demography.mortality import OldAgeLaw
from sim.gallery.inputs import DATASET, FITTED_YEARS, REGISTER, by_slot, grouped_history, pooled_survival, table_of
from sim.gallery.layout import DETAIL_ROOM, PLAIN, SEX_COLORS, SEX_NAMES, age_axis, below_end, heading, log_axis, panels
from sim.gallery.mortality import FORECAST_TARGETS
from sim.plots.labels import place
from sim.plots.style import GREEN, INK, NEUTRAL, PURPLE, WINE, Page, number, styled, value_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BEFORE, _AFTER = (1997, 1999), (2013, 2015)
_POOLED = (2008, 2015)
_POOLED_YEARS = f"{_POOLED[0]}\N{EN DASH}{_POOLED[1]}"
_BASE_YEARS, _OPEN_AGE = (2009, 2011), 105
_OLD_AGES, _FITTED_AGES, _FEWEST_DEATHS, _LAST_AGE = (80, 109), (80, 95), 20, 115
_NORMAL_95 = 1.96
_OPEN_GROUP = 95
_TARGET_YEAR = 2060


@styled
def life_expectancy_gain() -> Figure:
    """Draw what each group of ages added to life expectancy at birth, women and men.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a sex, one bar for each five years of age; the bars of a panel add up to the gain above it.
    """
    tables = [table_of(pooled_survival(years)) for years in (_BEFORE, _AFTER)]
    before, after = tables
    by_age = arriaga(before, after).contribution
    first_ages = np.arange(0, _OPEN_GROUP + 1, 5)
    added = np.add.reduceat(by_age, first_ages, axis=-1)
    years = [f"{first}\N{EN DASH}{last}" for first, last in (_BEFORE, _AFTER)]
    page = Page(
        title="What the gain in life expectancy is made of",
        subtitle=f"Belgium: life expectancy at birth, {years[0]} to {years[1]}, by the ages at which fewer died",
        note="Years of life gained, by age in groups of five years, the last open. The bars add up to the gain",
        source=f"{REGISTER}; decomposition: Arriaga (1984), Demography 21; computed with saldo.",
        plot_height=3.0,
    )
    for sex, axes in enumerate(panels(page, 2, heading_room=DETAIL_ROOM, shared=True)):
        axes.bar(
            first_ages + 2.5,
            added[sex],
            width=4.2,
            color=SEX_COLORS[sex],
            alpha=0.7,
            linewidth=0,
            zorder=2,
            gid=SEXES[sex],
        )
        age_axis(axes, 0, _OPEN_GROUP + 5, 20)
        value_axis(axes, PLAIN, min(0.0, float(added.min())), float(added.max()))
        old, new = (table.life_expectancy[sex, 0] for table in tables)
        gain = f"{number(old, 1)} to {number(new, 1)}: {number(new - old, 2, sign=True)} years"
        heading(axes, SEX_NAMES[sex], gain, SEX_COLORS[sex])
    return page.figure


def _old_age() -> tuple[Array, Array, dict[str, OldAgeLaw]]:
    """Deaths and death rates of the old ages reached, (2, A), and the laws fitted to them.

    As in `sim.demography.mortality.with_old_age`: who reaches an age within a year is exactly that old in its middle.
    """
    reached = np.arange(_OLD_AGES[0], _OLD_AGES[1] + 1)
    counts = catalogue.deaths_and_population(DATASET, _POOLED, _OLD_AGES[1])
    deaths, people = (of_age[:, reached - 1] for of_age in counts)
    rates = -np.log1p(-deaths / people)
    fitted = slice(0, _FITTED_AGES[1] - _FITTED_AGES[0] + 1)
    exposed = (deaths[:, fitted], deaths[:, fitted] / rates[:, fitted], reached[fitted])
    kannisto = models.fit_to_deaths(*exposed, model="kannisto")
    return deaths, rates, {"Kannisto": kannisto, "Gompertz": models.fit_to_deaths(*exposed, model="gompertz")}


@styled
def oldest_ages() -> Figure:
    """Draw observed death rates of the oldest ages beside two laws of mortality fitted to ages 80 to 95.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a sex on a logarithmic scale; bars span 95 percent intervals of the observed rates.
    """
    deaths, rates, laws = _old_age()
    reached = np.arange(_OLD_AGES[0], _OLD_AGES[1] + 1)
    ages = np.arange(_OLD_AGES[0], _LAST_AGE + 1)
    page = Page(
        title="Mortality at the oldest ages, and two laws for it",
        subtitle=f"Belgium, {_POOLED_YEARS}: laws fitted to ages {_FITTED_AGES[0]} to {_FITTED_AGES[1]} (dotted line)",
        note="Deaths per person-year, logarithmic scale, by age reached. Dots: observed, with 95% intervals",
        source=f"{REGISTER}; laws: Thatcher, Kannisto and Vaupel (1998), The Force of Mortality at Ages 80 to 120; "
        "fitted with saldo.",
        plot_height=3.3,
    )
    labels = {0.05: "0.05", 0.1: "0.1", 0.2: "0.2", 0.5: "0.5", 1.0: "1", 2.0: "2", 4.0: "4"}
    for sex, axes in enumerate(panels(page, 2, shared=True)):
        age_axis(axes, *_OLD_AGES[:1], _LAST_AGE, 10)
        log_axis(axes, 0.03, 5, labels)
        enough = deaths[sex] >= _FEWEST_DEATHS
        spread = np.exp(_NORMAL_95 / np.sqrt(deaths[sex, enough]))
        shown = rates[sex, enough]
        axes.vlines(reached[enough], shown / spread, shown * spread, color=NEUTRAL, linewidth=0.7, zorder=2.4)
        axes.plot(
            reached[enough],
            shown,
            "o",
            color=INK,
            markersize=3,
            zorder=2.5,
            clip_on=False,
            gid=f"observed {SEXES[sex]}",
        )
        for (name, law), color, style in zip(laws.items(), (GREEN, PURPLE), ("-", (0, (4, 2))), strict=True):
            axes.plot(ages, models.law_rates(law, ages)[sex], linestyle=style, color=color, gid=f"{name} {SEXES[sex]}")
        axes.plot([_FITTED_AGES[1]] * 2, [0.03, 5], ":", color=NEUTRAL, linewidth=0.8, gid="guide")
        heading(axes, SEX_NAMES[sex], color=SEX_COLORS[sex])
        ends = {name: float(models.law_rates(law, ages[-4:])[sex, 0]) for name, law in laws.items()}
        below_end(axes, "Kannisto", (_LAST_AGE, ends["Kannisto"]), GREEN)
        place(page, axes, "Gompertz", (_LAST_AGE - 3, ends["Gompertz"]), PURPLE)
    return page.figure


def _life_table_groups(table: LifeTable) -> tuple[Array, Array, Array]:
    """Death rates, 5q0 and 45q15 of a life table by single age, the rates by the ages of the log-quadratic model."""
    survivors, lived = table.survivors, table.person_years
    first_ages = np.array([age for age in models.LOG_QUADRATIC_AGES if age < survivors.shape[-1]])
    died = np.add.reduceat(table.deaths, first_ages, axis=-1)
    rates = died / np.add.reduceat(lived, first_ages, axis=-1)
    return rates, 1 - survivors[:, 5], 1 - survivors[:, 60] / survivors[:, 15]


@styled
def model_life_tables() -> Figure:
    """Draw Belgian death rates beside model life tables of the log-quadratic system.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a sex on a logarithmic scale: observed, and the model with the same child and adult mortality.
    """
    table = table_of(pooled_survival(_POOLED))
    rates, child, adult = _life_table_groups(table)
    model = models.log_quadratic_from_adult_mortality(child, adult)
    expectancy = models.log_quadratic_life_expectancy(model.death_rates)
    bounds = np.array([*models.LOG_QUADRATIC_AGES, 115])
    middles = (bounds[:-1] + bounds[1:]) / 2
    known = rates.shape[-1] - 1
    page = Page(
        title="A model life table beside the real one",
        subtitle=f"Belgium, {_POOLED_YEARS}, and the log-quadratic model with the same child and adult mortality",
        note="Deaths per 1,000 person-years, logarithmic scale, by age group. Dots: observed. Line: model with the "
        "same risk of dying before age 5 and between 15 and 60; k below 0: fewer adults die than usual",
        source=f"{REGISTER}; model: Wilmoth and others (2012), Population Studies 66; computed with saldo.",
        plot_height=3.3,
    )
    for sex, axes in enumerate(panels(page, 2, heading_room=DETAIL_ROOM, shared=True)):
        age_axis(axes, 0, 100, 20)
        log_axis(axes, 0.04, 700, {0.1: "0.1", 1: "1", 10: "10", 100: "100"})
        axes.plot(
            middles[:known],
            1000 * rates[sex, :known],
            "o",
            color=INK,
            markersize=3.4,
            zorder=3,
            clip_on=False,
            gid=f"observed {SEXES[sex]}",
        )
        axes.plot(
            middles[:known], 1000 * model.death_rates[sex, :known], color=SEX_COLORS[sex], gid=f"model {SEXES[sex]}"
        )
        detail = (
            f"life expectancy {number(table.life_expectancy[sex, 0], 1)}, model {number(expectancy[sex], 1)} "
            f"(k = {number(model.adult_shape[sex], 2)})"
        )
        heading(axes, SEX_NAMES[sex], detail, SEX_COLORS[sex])
    return page.figure


def _brought_to(target: Array) -> tuple[Array, dict[str, Array]]:
    """Survival ratios by cohort slot, (2, A + 1), of the base years, and those that return a life expectancy."""
    survival = catalogue.survival(DATASET, _BASE_YEARS, _OPEN_AGE)
    base = np.concatenate([survival, survival[:, -1:]], axis=-1)
    history = grouped_history()
    fit = models.lee_carter(history.hazards, history.years, weights=history.deaths)
    pattern = by_slot(fit.sensitivity, base.shape[-1])
    return base, {
        "proportional": models.scale_to_life_expectancy(base, target).survival,
        "Brass": models.brass_to_life_expectancy(base, target).survival,
        "Lee-Carter": models.along_pattern_to_life_expectancy(base, pattern, target).survival,
    }


@styled
def reaching_a_target() -> Figure:
    """Draw how three methods spread the same rise of life expectancy over the ages.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a sex: risks of death by age as a share of those of the base table.
    """
    target = FORECAST_TARGETS[_TARGET_YEAR]
    base, reached = _brought_to(target)
    shares = {name: 100 * death_hazard(survival) / death_hazard(base) for name, survival in reached.items()}
    page = Page(
        title="Three ways to the same life expectancy",
        subtitle=f"Belgium: mortality of {_BASE_YEARS[0]}\N{EN DASH}{_BASE_YEARS[1]} brought to the Planning Bureau's "
        f"life expectancy of {_TARGET_YEAR}",
        note="Risk of death in percent of that of the base table, by age reached",
        source=f"{REGISTER}; Federal Planning Bureau, communiqué of 24 May 2013, less half a year by definition; "
        "Brass (1971), On the scale of mortality; Lee-Carter pattern: ages in groups of five years, "
        f"{FITTED_YEARS[0]}\N{EN DASH}{FITTED_YEARS[1]}; computed with saldo.",
        plot_height=3.1,
    )
    ages = np.arange(_OPEN_AGE + 1)
    looks = dict(zip(shares, ((WINE, "-"), (GREEN, (0, (4, 2))), (PURPLE, (0, (1, 1)))), strict=True))
    highest = max(float(values[:, :-1].max()) for values in shares.values())
    for sex, axes in enumerate(panels(page, 2, heading_room=DETAIL_ROOM, shared=True)):
        age_axis(axes, 0, _OPEN_AGE, 20)
        value_axis(axes, PLAIN, 0, highest)
        for name, (color, style) in looks.items():
            drawn = axes.plot(ages, shares[name][sex, :-1], linestyle=style, color=color, gid=f"{name} {SEXES[sex]}")
            drawn[0].set_drawstyle("steps-mid" if name == "Lee-Carter" else "default")
        start = life_expectancy(base)[sex]
        heading(
            axes, SEX_NAMES[sex], f"life expectancy {number(start, 1)} to {number(target[sex], 1)}", SEX_COLORS[sex]
        )
        for (name, (color, _)), age in zip(looks.items(), (20, 70, 30), strict=True):
            place(page, axes, name, (age, float(shares[name][sex, age])), color)
    return page.figure
