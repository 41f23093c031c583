"""All editions beside what happened, as one Dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis import indicators
from sim.analysis.vintages import errors
from sim.analysis.vintages.editions import dataset_of, edition_files, read_editions
from sim.analysis.vintages.observed import observed_on, publishers
from sim.analysis.vintages.printed import PrintedFigure, printed_figures
from sim.analysis.vintages.simple import published_populations, simple_rule
from sim.errors import DataError
from sim.pipeline import Tell, labelled, run, silent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from sim.analysis.vintages.editions import Edition
    from sim.analysis.vintages.observed import Observed
    from sim.analysis.vintages.simple import PublishedPopulation, SimpleRule
    from sim.axes import Array

_MEANING = {
    "population": "population on 1 January",
    "births": "live births",
    "deaths": "deaths",
    "natural_balance": "births less deaths",
    "net_migration": "immigrants less emigrants",
}
_SAME_POPULATION = 0.1
"""Share of the observed population by which that of an edition's first 1 January may differ; none was 1 % off."""
_SIMPLE = ("fertility", "balance")
"""What the simple rule keeps."""


class _Fared(NamedTuple):
    """One edition and all runs of it."""

    edition: Edition
    result: xr.Dataset
    rule: SimpleRule
    simple: xr.Dataset
    published: list[PublishedPopulation]


def vintages(files: Sequence[str | Path], tell: Tell = silent) -> xr.Dataset:
    """Hold published outlooks against what then happened, and against a simple rule.

    Parameters
    ----------
    files : sequence of str or Path
        Scenario files, one an edition, and folders of them, see `edition_files`. Each names the dataset that it is
        held against (``observed``). It begins on the first 1 January of its run, or, where that is rolled on from an
        older count, on the first one after the years whose balance is the observed one to the person.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    Dataset
        By edition, in the order of their first 1 January (``start``; ``base`` is that of the run), and year or period:

        - ``population``, ``births``, ``deaths``, ``natural_balance``, ``net_migration``, and the same ``observed_…``;
          NaN where an edition does not project, or nothing is observed.
        - ``population_error`` in persons and ``population_error_percent`` of the observed population; and percent by
          ``horizon``, years since the first 1 January.
        - ``contribution`` of each component to the error in persons: ``start`` is the error of the first 1 January,
          ``births``, ``deaths`` and ``net_migration`` the errors of these flows since, and ``adjustment`` what the
          observed books leave (statistical adjustments of the register). They add up to the error. Where births and
          deaths are not known apart, ``natural_balance_contribution`` stands for both.
        - ``component_share``: mean absolute contribution over the sum of these, over all editions that reach a
          ``place``: after five years, in the ``last_year`` of which all are known, and in all years.
        - ``mean_error_percent`` and ``mean_absolute_error_percent`` by horizon, ``editions_reaching`` it, and how the
          two grow per year of horizon.
        - ``simple_population``: the edition with constant rates, see `sim.analysis.vintages.simple.SimpleRule`;
          ``simple_compared`` and ``simple_nearer`` count the editions of a horizon, and those of which the simple
          rule has the smaller absolute error.
        - By ``figure``: each published population beside the run's, and the long-term balance that would meet it.
        - By ``printed``: each printed population, growth, births, deaths or balance of years that are observed, beside
          the observed figure and the run's.

    Raises
    ------
    DataError
        Where there are no editions, two share a name, nothing is observed before or after they start, or one begins
        with a tenth more or fewer people than were observed.
    ScenarioError
        With the faults of all files.
    ProjectionError
        If an edition cannot be projected.
    """
    import xarray as xr

    editions = read_editions(edition_files(files), tell)
    dataset = dataset_of(editions[0].scenario)
    fared = [_fared(edition, dataset, tell) for edition in editions]
    years = np.arange(editions[0].start, max(one.scenario.period.end for one in editions) + 1)
    observed = observed_on(dataset, years.tolist())
    if np.isnan(observed.population).all():
        message = f"no population of {dataset} is observed from {years[0]} on, when {editions[0].name} begins"
        raise DataError(message)
    places = np.array([one.start for one in editions]) - years[0]
    series = _series(fared, years)
    _check_whose(fared, series["population"], observed, places)
    simple = np.array([_on(indicators.population(one.simple), years, one.edition.start) for one in fared])
    variables = {
        **_totals(series, observed),
        **_errors(series, observed, places, years),
        **_by_horizon(series["population"], simple, observed, places),
        **_figures(fared),
        **_printed(fared, observed, int(years[0])),
    }
    return xr.Dataset(variables, coords=_coordinates(fared, years), attrs=_attributes(fared, dataset, years))


def _fared(edition: Edition, dataset: str, tell: Tell) -> _Fared:
    """Run an edition, and beside it what the simple rule and its published figures ask for."""
    tell(f"{edition.name}: projecting")
    result = labelled(edition.scenario, edition.prepared.assumptions[0])
    rule = simple_rule(edition, dataset)
    tell(f"{edition.name}: projecting with constant rates")
    simple = run(edition.file, changes=rule.changes(edition))
    return _Fared(edition, result, rule, simple, published_populations(edition, result))


def _check_whose(fared: list[_Fared], population: Array, observed: Observed, places: NDArray[np.int64]) -> None:
    """Refuse an edition of another population than the one that it is held against."""
    for one, path, place in zip(fared, population, places, strict=True):
        if abs(path[place] / observed.population[place] - 1) > _SAME_POPULATION:
            message = (
                f"{one.edition.name} begins with {path[place]:,.0f} persons on 1 January {one.edition.start}, of whom "
                f"{observed.population[place]:,.0f} were observed: it is no outlook for the same population"
            )
            raise DataError(message)


def _on(values: xr.DataArray, years: NDArray[Any], start: int) -> Array:
    """Values of a run on the calendar of all, NaN before its edition starts and where it does not project."""
    (dimension,) = values.dims
    found: Array = values.where(values[dimension] >= start).reindex({dimension: years}).values
    return found


def _series(fared: list[_Fared], years: NDArray[Any]) -> dict[str, Array]:
    """Projected totals by name, (edition, year) or (edition, period)."""
    calendars = {name: years if name == "population" else years[:-1] for name in _MEANING}
    return {
        name: np.array([_on(getattr(indicators, name)(one.result), calendar, one.edition.start) for one in fared])
        for name, calendar in calendars.items()
    }


def _totals(series: dict[str, Array], observed: Observed) -> dict[str, Any]:
    """Variables of what was projected, and of what happened."""
    found: dict[str, Any] = {"observed_net_migration_is_residual": ("period", observed.is_residual)}
    for name, values in series.items():
        calendar = "year" if name == "population" else "period"
        found[name] = (("edition", calendar), values, _meaning(_MEANING[name]))
        found[f"observed_{name}"] = (calendar, getattr(observed, name), _meaning(f"{_MEANING[name]}, observed"))
    return found


def _errors(
    series: dict[str, Array], observed: Observed, places: NDArray[np.int64], years: NDArray[np.int64]
) -> dict[str, Any]:
    """Variables of the errors by year, and of their components."""
    error = series["population"] - observed.population
    parts = errors.contributions(series, observed, places)
    contribution = np.array([parts[name] for name in errors.COMPONENTS])
    shares = errors.shares(contribution, places)
    edition_year = ("edition", "year")
    return {
        "population_error": (edition_year, error, _meaning("projected less observed population")),
        "contribution": (("component", *edition_year), contribution, _meaning("part of the error of the population")),
        "natural_balance_contribution": (edition_year, parts["natural_balance"], _meaning("births and deaths")),
        "component_share": (("place", "component"), shares.share, _meaning("mean absolute part over their sum")),
        "place_errors": ("place", shares.errors, _meaning("errors that the shares are the mean of")),
        "last_year": ((), years[shares.latest] if shares.latest >= 0 else -1, _meaning("1 January of the last year")),
    }


def _by_horizon(population: Array, simple: Array, observed: Observed, places: NDArray[np.int64]) -> dict[str, Any]:
    """Variables of the errors in percent, by year and by horizon, and of the simple rule's."""
    percent, simple_percent = (100 * (values / observed.population - 1) for values in (population, simple))
    aligned, simple_aligned = (errors.by_horizon(values, places) for values in (percent, simple_percent))
    means, simple_means = errors.means(aligned), errors.means(simple_aligned)
    compared, nearer = errors.nearer(simple_aligned, aligned)
    year, of_edition = ("edition", "year"), ("edition", "horizon")
    found = {
        "population_error_percent": (year, percent, "error of the population"),
        "error_percent_by_horizon": (of_edition, aligned, "error of the population"),
        "mean_error_percent": ("horizon", means.mean, "mean error"),
        "mean_absolute_error_percent": ("horizon", means.absolute, "mean absolute error"),
        "mean_error_growth": ((), errors.growth(means.mean, means.editions), "mean error per year of horizon"),
        "mean_absolute_error_growth": (
            (),
            errors.growth(means.absolute, means.editions),
            "the same of the absolute one",
        ),
        "simple_error_percent": (year, simple_percent, "error with constant rates"),
        "simple_error_percent_by_horizon": (of_edition, simple_aligned, "error with constant rates"),
        "simple_mean_absolute_error_percent": ("horizon", simple_means.absolute, "mean absolute error, constant rates"),
    }
    counts = {
        "editions_reaching": ("horizon", means.editions, _meaning("editions with an observed population")),
        "simple_compared": ("horizon", compared, _meaning("editions compared with constant rates")),
        "simple_nearer": ("horizon", nearer, _meaning("editions farther off than constant rates")),
        "simple_population": (year, simple, _meaning("population on 1 January with constant rates")),
    }
    return {name: (dims, values, _meaning(told, "percent")) for name, (dims, values, told) in found.items()} | counts


def _meaning(long_name: str, units: str = "1") -> dict[str, str]:
    """Attributes of a variable."""
    return {"long_name": long_name, "units": units}


def _figures(fared: list[_Fared]) -> dict[str, Any]:
    """Variables of the published populations, and what the simple rule keeps."""
    figures = [figure for one in fared for figure in one.published]
    starts = {one.edition.name: one.edition.start for one in fared}
    of_start = [figure.years == [starts[figure.edition]] for figure in figures]

    def values(member: str, kind: type) -> tuple[str, NDArray[Any]]:
        return "figure", np.array([getattr(figure, member) for figure in figures], dtype=kind)

    kept = {f"simple_{what}": np.array([getattr(one.rule, what).value for one in fared]) for what in _SIMPLE}
    years = {f"simple_{what}_year": np.array([getattr(one.rule, what).year for one in fared]) for what in _SIMPLE}
    changes = [json.dumps(one.rule.changes(one.edition)) for one in fared]
    return {
        "published_edition": ("figure", np.array([figure.edition for figure in figures], dtype=str)),
        "published_year": ("figure", np.array([figure.years[0] for figure in figures], dtype=int)),
        "published_last_year": ("figure", np.array([figure.years[-1] for figure in figures], dtype=int)),
        "published_of_start": ("figure", np.array(of_start, dtype=bool)),
        "published_population": values("published", float),
        "published_rounding": values("rounding", float),
        "published_projected": values("projected", float),
        "published_gap": values("gap", float),
        "published_near": values("near", bool),
        "published_far": values("far", bool),
        "published_balance": values("balance", float),
        "published_balance_to_meet": values("balance_to_meet", float),
        **{name: ("edition", found) for name, found in (kept | years).items()},
        "simple_balance_series": ("edition", np.array([one.rule.balance.series for one in fared])),
        "simple_changes": ("edition", np.array(changes)),
    }


def _printed(fared: list[_Fared], observed: Observed, first: int) -> dict[str, Any]:
    """Variables of the printed figures of years that are observed."""
    rows = [row for one in fared for row in printed_figures(one.edition, one.result, observed, first)]
    kinds = {"edition": str, "indicator": str, "year": int, "last_year": int}
    return {
        f"printed_{'value' if member == 'printed' else member}": (
            "printed",
            np.array([getattr(row, member) for row in rows], dtype=kinds.get(member, float)),
        )
        for member in PrintedFigure._fields
    }


def _coordinates(fared: list[_Fared], years: NDArray[Any]) -> dict[str, Any]:
    """Labels of all dimensions."""
    return {
        "edition": [one.edition.name for one in fared],
        "title": ("edition", [one.edition.scenario.title or one.edition.name for one in fared]),
        "start": ("edition", [one.edition.start for one in fared]),
        "base": ("edition", [one.edition.scenario.period.start for one in fared]),
        "end": ("edition", [one.edition.scenario.period.end for one in fared]),
        "year": years,
        "period": years[:-1],
        "horizon": np.arange(len(years)),
        "component": list(errors.COMPONENTS),
        "place": list(errors.PLACES),
    }


def _attributes(fared: list[_Fared], dataset: str, years: NDArray[Any]) -> dict[str, str]:
    """What the editions are held against, who counted, and what looks like a mistake in their files."""
    sources = [*(str(one.result.attrs["population_source"]) for one in fared), *publishers(dataset, years.tolist())]
    warnings = [str(warning) for one in fared for warning in one.edition.prepared.warnings]
    return {
        "observed": dataset,
        "sources": json.dumps([source for source in dict.fromkeys(sources) if source]),
        "warnings": json.dumps(warnings),
    }
