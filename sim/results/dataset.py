"""A projection as one labelled xarray Dataset."""

import importlib.metadata
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from sim.assumptions import Assumptions
from sim.assumptions.stays import declared
from sim.assumptions.yearly import states_of
from sim.axes import FLOW_DIMENSIONS, SEXES, STOCK_DIMENSIONS, Array
from sim.data import catalogue
from sim.demography.lifetable import life_expectancy, remaining_life_expectancy
from sim.engine import Projection, Rates
from sim.results.flows import TOLD_APART, Variables, labels_told_apart, told_apart
from sim.results.pipelines import PIPELINE_METHODS, PIPELINE_NAMES, labels_of_pipelines, of_pipelines
from sim.results.stays import labels_of_stays, recent_arrivals
from sim.scenario.inputs import PopulationOfDataset
from sim.scenario.load import content_hash, resolved_text
from sim.scenario.schema import Scenario

VERSIONS_OF = ("saldo", "numpy", "xarray", "h5netcdf", "h5py")
OBSERVED = ("population", "births", "deaths", "natural_balance", "net_migration")
LONG_NAMES = (
    TOLD_APART
    | PIPELINE_NAMES
    | {
        "population": "persons on 1 January",
        "births": "live births, by the child's sex and group",
        "births_by_age_of_mother": "live births, by the mother's age on 31 December and group",
        "deaths": "deaths, by age on 31 December",
        "net_migrants": "immigrants less emigrants, by age on 31 December",
        "immigrants": "immigrants, by age on 31 December",
        "emigrants": "emigrants, by age on 31 December",
        "moves_in": "arrivals from other regions, by age on 31 December",
        "moves_out": "departures to other regions, by age on 31 December",
        "changes_in": "people who join the group, by age on 31 December",
        "changes_out": "people who leave the group for another, by age on 31 December",
        "life_expectancy": "period life expectancy at birth, as assumed",
        "remaining_life_expectancy": "remaining period life expectancy at the exact age, as assumed",
        "total_fertility": "total fertility rate, as assumed",
        "recent_arrivals": "persons on 1 January who came under a stay, as long as it tells the years apart",
    }
)
UNITS = {"life_expectancy": "year", "remaining_life_expectancy": "year"}
CELL_METHODS = PIPELINE_METHODS | {
    "population": "year: point",
    "recent_arrivals": "year: point",
    "life_expectancy": "period: mean",
    "remaining_life_expectancy": "period: mean",
    "total_fertility": "period: mean",
}


def as_dataset(scenario: Scenario, assumptions: Assumptions, rates: Rates, projection: Projection) -> xr.Dataset:
    """Label a projection.

    Parameters
    ----------
    scenario : Scenario
        What was asked for.
    assumptions : Assumptions
        What it was drawn out to.
    rates : Rates
        As the projection used them, by state of the engine.
    projection : Projection
        What came of it, by state of the engine.

    Returns
    -------
    Dataset
        Stocks on (year, region, group, sex, age), flows on (period, …) by the age reached on 31 December; all
        persons are float64. Attributes hold the whole scenario and its hash, the hashes of its inputs and versions.
    """
    variables = variables_of(scenario, assumptions, rates, projection)
    return xr.Dataset(
        {name: (dimensions, array, _variable_attributes(name)) for name, (dimensions, array) in variables.items()},
        coords=_coordinates(scenario)
        | labels_told_apart(scenario, assumptions.came)
        | labels_of_pipelines(assumptions.came.procedures)
        | labels_of_stays(scenario),
        attrs=_attributes(scenario, assumptions),
    )


def variables_of(scenario: Scenario, assumptions: Assumptions, rates: Rates, projection: Projection) -> Variables:
    """Stocks, flows and rates of a projection.

    Parameters
    ----------
    scenario, assumptions, rates, projection
        As in `as_dataset`.

    Returns
    -------
    dict
        Dimensions and values of each variable.
    """
    recent = recent_arrivals(assumptions, projection.population)
    projection, rates = declared(states_of(assumptions), projection, rates)
    states = assumptions.population.shape[:2]

    def by_state(flow: Array) -> Array:
        return _public_layout(flow, states)

    immigrants, emigrants = by_state(projection.entrants), None
    net = immigrants
    if projection.emigrants is not None:
        emigrants = by_state(projection.emigrants)
        net = immigrants - emigrants
    births = projection.births.reshape(*projection.births.shape[:2], *states)
    mothers = tuple(name for name in FLOW_DIMENSIONS if name != "sex")
    variables: Variables = {
        "population": (STOCK_DIMENSIONS, by_state(projection.population)),
        "births": (FLOW_DIMENSIONS[:-1], np.ascontiguousarray(np.moveaxis(births, 1, -1))),
        "births_by_age_of_mother": (mothers, by_state(projection.births_by_age_of_mother)),
        "deaths": (FLOW_DIMENSIONS, by_state(projection.deaths)),
        "net_migrants": (FLOW_DIMENSIONS, net),
    }
    if assumptions.gross:
        nobody = np.zeros_like(immigrants)
        variables["immigrants"] = (FLOW_DIMENSIONS, immigrants)
        variables["emigrants"] = (FLOW_DIMENSIONS, nobody if emigrants is None else emigrants)
    variables |= told_apart(assumptions.came, immigrants)
    variables |= of_pipelines(assumptions.came.procedures) | recent
    if projection.transitions is not None:
        variables |= _between_states(projection.transitions, scenario)
    by_slot = by_state(rates.survival)
    with np.errstate(divide="ignore"):
        expectancy = life_expectancy(by_slot) * scenario.ages.width
    children = (rates.fertility_before_birthday + rates.fertility_after_birthday).sum(axis=1) / 2
    variables["life_expectancy"] = (FLOW_DIMENSIONS[:-1], expectancy)
    if by_slot.min() > 0 and by_slot[..., -1].max() < 1:
        remaining = remaining_life_expectancy(by_slot) * scenario.ages.width
        variables["remaining_life_expectancy"] = (FLOW_DIMENSIONS, remaining)
    variables["total_fertility"] = (FLOW_DIMENSIONS[:-2], children.reshape(-1, *states))
    return variables


def apart(variables: Variables, number: int) -> list[Variables]:
    """Take projections that were carried through the years abreast apart again.

    Parameters
    ----------
    variables : dict
        As `variables_of` returns them, the regions of each projection behind those of the one before.
    number : int
        How many projections there are.

    Returns
    -------
    list of dict
        Variables of each.
    """
    found: list[Variables] = [{} for _ in range(number)]
    for name, (dimensions, array) in variables.items():
        parts = np.split(array, number, axis=dimensions.index("region")) if number > 1 else [array]
        for one, own in zip(found, parts, strict=True):
            one[name] = (dimensions, own)
    return found


def side_by_side(scenario: Scenario, projections: Sequence[Variables]) -> xr.Dataset:
    """Label the population, flows and rates of several projections of the same people and years.

    Parameters
    ----------
    scenario : Scenario
        Of those people and years.
    projections : sequence of dict
        Variables of each, as `variables_of` returns them.

    Returns
    -------
    Dataset
        What all of them have, by ``scenario``, the place in the sequence, and the dimensions of a result; it takes the
        indicators that a result does.
    """
    known = {*STOCK_DIMENSIONS, *FLOW_DIMENSIONS}
    names = [
        name
        for name, (dimensions, _) in projections[0].items()
        if known.issuperset(dimensions) and all(name in other for other in projections)
    ]
    return xr.Dataset(
        {
            name: (("scenario", *projections[0][name][0]), np.stack([each[name][1] for each in projections]))
            for name in names
        },
        coords=_coordinates(scenario),
        attrs={"name": scenario.name},
    )


def _between_states(moved: Array, scenario: Scenario) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Moves between regions and changes of group, where the scenario has them, from moves of (n, A, 2, K, K)."""
    states = len(scenario.states.regions), len(scenario.states.groups)
    between = moved.reshape(*moved.shape[:3], *states, *states)
    flows: dict[str, str] = {}
    if scenario.moves:
        flows |= {"moves_in": "nasrgqg->nrgsa", "moves_out": "nasrgqg->nqgsa"}
    if scenario.nationality or any(ending.to for ending in scenario.migration.endings):
        flows |= {"changes_in": "nasrgrh->nrgsa", "changes_out": "nasrgrh->nrhsa"}
    return {name: (FLOW_DIMENSIONS, np.ascontiguousarray(np.einsum(sums, between))) for name, sums in flows.items()}


def title_of(scenario: Scenario) -> str:
    """Title of a scenario, with what was changed from outside its file.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    str
        One line.
    """
    title = scenario.title or scenario.name
    return f"{title} [{', '.join(scenario.changes)}]" if scenario.changes else title


def _public_layout(array: Array, states: tuple[int, ...]) -> Array:
    """(n, A[, 2], K) → (n, R, G[, 2], A), contiguous."""
    moved = np.moveaxis(np.moveaxis(array, 1, -1), -2, 1)
    return np.ascontiguousarray(moved.reshape(moved.shape[0], *states, *moved.shape[2:]))


def _variable_attributes(name: str) -> dict[str, str]:
    """CF attributes of a variable; UDUNITS knows no person, so the long name says it."""
    return {
        "long_name": LONG_NAMES[name],
        "units": UNITS.get(name, "1"),
        "cell_methods": CELL_METHODS.get(name, "period: sum"),
    }


def _coordinates(scenario: Scenario) -> dict[str, Any]:
    """Labels of all dimensions, with what they mean."""
    period, states, open_age, width = scenario.period, scenario.states, scenario.ages.open, scenario.ages.width
    age = {"long_name": "age in completed years; for flows the age on 31 December", "units": "year"}
    age["comment"] = f"{open_age} stands for {open_age} and over"
    step = "calendar year"
    if width > 1:
        age["comment"] += f", any other for {width} years of age from it on"
        step = f"first calendar year of {width}"
    return {
        "year": ("year", np.arange(period.start, period.end + 1, width), {"long_name": "1 January of the year"}),
        "period": ("period", np.array(scenario.periods), {"long_name": step}),
        "region": ("region", list(states.regions), {"long_name": "region"}),
        "group": ("group", list(states.groups), {"long_name": "group, such as nationality"}),
        "sex": ("sex", list(SEXES), {"long_name": "sex"}),
        "age": ("age", np.array(scenario.age_labels), age),
    }


def _attributes(scenario: Scenario, assumptions: Assumptions) -> dict[str, str]:
    """Where the result comes from; no user, host, path or clock."""
    attributes = {
        "Conventions": "CF-1.11",
        "name": scenario.name,
        "title": title_of(scenario),
        "changes": ", ".join(scenario.changes),
        "convention": scenario.convention,
        "scenario": resolved_text(scenario),
        "scenario_sha256": content_hash(scenario),
        "inputs": _json(assumptions.inputs),
        "versions": _json({name: importlib.metadata.version(name) for name in VERSIONS_OF}),
        "sources": _json(_sources_in_use(scenario)),
        "population_source": population_source(scenario),
        "published": _json([figure.model_dump(exclude_none=True) for figure in scenario.published]),
        "observed": _json(_observed(scenario)),
        "warnings": _json([f"{warning.key}: {warning.message}" for warning in assumptions.warnings]),
    }
    if scenario.note:
        attributes["comment"] = scenario.note
    return attributes


def _sources_in_use(scenario: Scenario) -> dict[str, str]:
    """Documents that some figure of the scenario names."""
    used: set[str] = set()

    def walk(part: Any) -> None:  # noqa: ANN401
        if isinstance(part, dict):
            used.add(str(part.get("source")))
        for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            walk(child)

    walk(scenario.model_dump(mode="json", exclude={"sources"}))
    return {key: text for key, text in scenario.sources.items() if key in used}


def population_source(scenario: Scenario) -> str:
    """Say who counted the population that a projection starts from.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    str
        Its source, or the assumption behind it; empty where the scenario does not say.
    """
    entry = scenario.population
    if isinstance(entry, PopulationOfDataset):
        return catalogue.population_source(entry.dataset, scenario.states.established, entry.date)
    return scenario.sources[entry.source] if entry.source else entry.assumption or ""


def _observed(scenario: Scenario) -> list[dict[str, Any]]:
    """Observed totals of the embedded dataset that the scenario names, for figures and comparisons."""
    if scenario.observed is None:
        return []
    return [
        {"indicator": figure.indicator, "year": figure.year, "value": figure.value, "source": figure.publisher}
        for figure in catalogue.observed(scenario.observed.dataset, OBSERVED)
    ]


def _json(content: Any) -> str:  # noqa: ANN401
    """JSON with sorted keys."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False)
