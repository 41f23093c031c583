"""A scenario and its data as complete yearly arrays: no gaps, checked shapes."""

from typing import NamedTuple

import numpy as np

from sim.assumptions.fertility import fertility
from sim.assumptions.migration import emigration, migrants
from sim.assumptions.mortality import survival
from sim.assumptions.source import Source
from sim.axes import SEXES, UNDIVIDED, Array
from sim.data import catalogue
from sim.demography.lifetable import life_expectancy
from sim.engine import Rates
from sim.errors import DataError, Fault, ScenarioError
from sim.readers.table import Quantity
from sim.scenario.inputs import PersonsPath, PopulationOfDataset
from sim.scenario.paths import values
from sim.scenario.schema import Scenario
from sim.scenario.yamlfile import Key

PERSONS = Quantity("number of persons", low=0, high=1e12)
MANY_PEOPLE = 1e6
FEW_MIGRANTS = 1000


class Assumptions(NamedTuple):
    """Everything a projection needs, for n calendar years, R regions, G groups and A ages."""

    population: Array
    """(R, G, 2, A) persons on the first 1 January."""
    survival: Array
    """(n, R, G, 2, A + 1) survival ratios by cohort slot."""
    fertility_before_birthday: Array
    """(n, R, G, A + 1) births per person-year by cohort slot of the mother."""
    fertility_after_birthday: Array
    """(n, R, G, A + 1)"""
    total_fertility: Array
    """(n, R, G) children per woman."""
    male_share: Array
    """(n,) share of boys among the births."""
    child_group: Array | None
    """(G, G) mother's group (second axis) → child's group; None where it is the mother's."""
    migrants: Array
    """(n, R, G, 2, A) immigrants if `gross`, else net migrants, persons by age reached."""
    gross: bool
    """Whether immigrants and emigrants are known apart."""
    emigration_hazard: Array | None
    """(n, R, G, 2, A + 1) emigrations per person-year by cohort slot."""
    emigration_share: Array | None
    """(n, R, G, 2, A + 1) emigrants per person of the stock by cohort slot."""
    warnings: tuple[Fault, ...]
    """What is allowed but looks like a mistake, and where it stands."""
    inputs: dict[str, str]
    """Sha256 of every table and embedded dataset used."""


def build(scenario: Scenario) -> Assumptions:
    """Draw a scenario out to complete yearly arrays.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    Assumptions
        Complete for every year, state, sex and age.

    Raises
    ------
    ScenarioError
        With all faults of the tables and figures that the scenario names; exit code 3 where data are missing.
    """
    source = Source(scenario)
    people = source.attempt(population)
    ratios = source.attempt(survival)
    births = source.attempt(fertility)
    movements = source.attempt(migrants)
    hazard = source.attempt(lambda source: emigration(source, "hazard"))
    share = source.attempt(lambda source: emigration(source, "share"))
    source.attempt(observed)
    if ratios is not None and share is not None:
        source.attempt(lambda source: _refuse_too_many_leaving(source, ratios, share))
    if source.faults or people is None or ratios is None or births is None or movements is None:
        error = ScenarioError(source.faults)
        error.exit_code = DataError.exit_code if source.data_missing else ScenarioError.exit_code
        raise error
    _look_for_thousands(source, float(people.sum()))
    ratio = values(scenario.fertility.sex_ratio_at_birth, scenario.flow_years)
    return Assumptions(
        population=people,
        survival=ratios,
        fertility_before_birthday=births[0],
        fertility_after_birthday=births[1],
        total_fertility=births[2],
        male_share=ratio / (1 + ratio),
        child_group=_child_group(scenario),
        migrants=movements,
        gross=scenario.migration.balance is None and scenario.migration.net is None,
        emigration_hazard=hazard,
        emigration_share=share,
        warnings=tuple(source.warnings),
        inputs=dict(sorted(source.inputs.items())),
    )


def engine_inputs(assumptions: Assumptions) -> tuple[Array, Rates, Array]:
    """Assumptions in the layout of the engine.

    Parameters
    ----------
    assumptions : Assumptions
        Complete yearly arrays.

    Returns
    -------
    population : (A, 2, K) array
        Persons on the first 1 January.
    rates : Rates
        Rates of n years.
    migrants : (n, A, 2, K) array
        Immigrants or net migrants.
    """

    def layout(array: Array | None) -> Array | None:
        return None if array is None else _engine_layout(array)

    regions = assumptions.population.shape[0]
    child = assumptions.child_group
    rates = Rates(
        survival=_engine_layout(assumptions.survival),
        fertility_before_birthday=_engine_layout(assumptions.fertility_before_birthday),
        fertility_after_birthday=_engine_layout(assumptions.fertility_after_birthday),
        male_share=assumptions.male_share,
        emigration_hazard=layout(assumptions.emigration_hazard),
        emigration_share=layout(assumptions.emigration_share),
        child_state=None if child is None else np.asarray(np.kron(np.eye(regions), child), dtype=np.float64),
    )
    return _engine_layout(assumptions.population[None])[0], rates, _engine_layout(assumptions.migrants)


def _engine_layout(array: Array) -> Array:
    """(n, R, G[, 2], A) → (n, A[, 2], K) with K = R × G, contiguous."""
    flat = array.reshape(array.shape[0], -1, *array.shape[3:])
    return np.ascontiguousarray(np.moveaxis(np.moveaxis(flat, 1, -1), -2, 1))


def assumed_life_expectancy(assumptions: Assumptions) -> Array:
    """Period life expectancy at birth that the survival ratios imply.

    Parameters
    ----------
    assumptions : Assumptions
        Complete yearly arrays.

    Returns
    -------
    (n, R, G, 2) array
        Years; infinite where those in the open age never die.
    """
    with np.errstate(divide="ignore"):
        return life_expectancy(assumptions.survival)


def observed(source: Source) -> None:
    """Look up the dataset whose observed series are drawn beside the projection."""
    entry = source.scenario.observed
    if entry is not None:
        with source.at("observed"):
            name, states = source.dataset(entry.dataset), source.scenario.states
            for labels, known in ((states.regions, catalogue.regions(name)), (states.groups, catalogue.groups(name))):
                if labels != (UNDIVIDED,) and set(labels) != set(known):
                    left = ", ".join(label for label in known if label not in labels)
                    message = f"describes all of '{name}', but the scenario leaves out {left}: set it to null"
                    raise ValueError(message)


def population(source: Source) -> Array:
    """Population on the first 1 January, (R, G, 2, A)."""
    entry = source.scenario.population
    if isinstance(entry, PopulationOfDataset):
        return _population_of_dataset(source, entry)
    axes = {name: labels for name, labels in source.axes.items() if name != "year"}
    people = source.table(entry, ("population",), PERSONS, axes)
    with source.at("population", "table"):
        if people.shape != (*source.shape, len(SEXES), source.ages):
            divided = [name for name, labels in axes.items() if len(labels) > 1]
            message = f"the table needs the columns {', '.join(divided)}: persons cannot be repeated"
            raise ValueError(message)
    if people.sum() < MANY_PEOPLE and not np.array_equal(people, np.rint(people)):
        message = f"{entry.table} adds up to {people.sum():,.3f} with fractions of persons: are these thousands?"
        source.warn("population", "table", message=message)
    return people


def _population_of_dataset(source: Source, entry: PopulationOfDataset) -> Array:
    """Population of an embedded dataset, summed over what the scenario does not divide, (R, G, 2, A)."""
    states = source.scenario.states
    with source.at("population"):
        name = source.dataset(entry.dataset)
        people = catalogue.population(name, entry.date, source.scenario.ages.open)
    for axis, key, labels, known in (
        (0, "regions", states.regions, catalogue.regions(name)),
        (1, "groups", states.groups, catalogue.groups(name)),
    ):
        if labels == (UNDIVIDED,):
            people = people.sum(axis=axis, keepdims=True)
            continue
        with source.at("states", key):
            if not set(labels) <= set(known):
                message = f"the {key} of the dataset '{name}' are {', '.join(known)}"
                raise DataError(message)
        people = people.take([known.index(label) for label in labels], axis=axis)
    return people


def _look_for_thousands(source: Source, people: float) -> None:
    """Note migration so small beside the population that it may have been meant in thousands."""
    migration = source.scenario.migration
    paths: list[tuple[tuple[Key, ...], PersonsPath]] = [
        (("migration", "immigration", place, "count"), stream.count)
        for place, stream in enumerate(migration.immigration)
    ]
    if migration.balance is not None:
        paths.append((("migration", "balance"), migration.balance))
    for keys, series in paths:
        for year, value in series.path.items():
            if people >= MANY_PEOPLE and 0 < abs(value) < FEW_MIGRANTS:
                message = f"{value:g} persons per year in a population of {people:,.0f}: is it meant in thousands?"
                source.warn(*keys, "path", year, message=message)


def _refuse_too_many_leaving(source: Source, survival: Array, share: Array) -> None:
    """Refuse shares of emigrants beside which nobody would survive, where a convention adds the two up."""
    left = survival - share
    with source.at("migration", "emigration"):
        if source.scenario.convention == "wpp_end" and left.min() < 0:
            place = tuple(int(part) for part in np.unravel_index(int(left.argmin()), left.shape))
            states = source.scenario.states
            cell = f"{source.years[place[0]]}, {states.regions[place[1]]}, {states.groups[place[2]]}, {SEXES[place[3]]}"
            message = f"more leave and die than there are among those who reach age {place[4]} ({cell})"
            raise ValueError(message)


def _child_group(scenario: Scenario) -> Array | None:
    """Mother's group → child's group, columns that sum to 1."""
    if scenario.newborn is None:
        return None
    groups = scenario.states.groups
    matrix = np.eye(len(groups))
    for mother, shares in scenario.newborn.child_group.items():
        matrix[:, groups.index(mother)] = [shares.get(child, 0.0) for child in groups]
    return matrix
