"""Population on the first 1 January."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography import graduation
from sim.demography.lifetable import stationary_population
from sim.errors import ScenarioError
from sim.readers.table import Quantity
from sim.scenario.inputs import PopulationOfDataset, PopulationTable

PERSONS = Quantity("number of persons", low=0, high=1e12)
MANY_PEOPLE = 1e6


def population(source: Source, survival: Array | None) -> Array:
    """Population on the first 1 January, (R, G, 2, A).

    Parameters
    ----------
    source : Source
        Of the scenario.
    survival : (n, R, G, 2, A + 1) array or None
        Survival ratios by cohort slot, by which an open group is divided; None where they have faults.

    Returns
    -------
    (R, G, 2, A) array
        Persons.
    """
    entry = source.scenario.population
    if isinstance(entry, PopulationOfDataset):
        return _of_dataset(source, entry)
    axes: dict[str, Sequence[int | str]] = {name: labels for name, labels in source.axes.items() if name != "year"}
    axes["group"] = source.scenario.states.established
    if entry.graduate is not None:
        axes["age"] = source.groups_of(entry, ("population",))
    people = source.table(entry, ("population",), PERSONS, axes)
    with source.at("population", "table"):
        _check_divided(source, people, axes)
    if people.sum() < MANY_PEOPLE and not np.array_equal(people, np.rint(people)):
        message = f"{entry.table} adds up to {people.sum():,.3f} with fractions of persons: are these thousands?"
        source.warn("population", "table", message=message)
    people = source.with_new_groups(people, 1, empty=True)
    return people if entry.graduate is None else _graduated(source, entry, people, axes["age"], survival)


def _of_dataset(source: Source, entry: PopulationOfDataset) -> Array:
    """Population of an embedded dataset, summed over what the scenario does not divide, (R, G, 2, A)."""
    states = source.scenario.states
    with source.at("population"):
        name = source.dataset(entry.dataset)
        open_age = source.scenario.ages.open
        people = catalogue.population(name, entry.date, open_age, states.regions, states.established)
    return source.with_new_groups(people, 1, empty=True)


def _check_divided(source: Source, people: Array, axes: Mapping[str, Sequence[int | str]]) -> None:
    """Refuse persons that are not divided by all that the scenario divides."""
    if people.shape != tuple(len(labels) for labels in axes.values()):
        divided = [name for name, labels in axes.items() if len(labels) > 1]
        message = f"the table needs the columns {', '.join(divided)}: persons cannot be repeated"
        raise ValueError(message)


def _graduated(
    source: Source, entry: PopulationTable, people: Array, first_ages: Sequence[int | str], survival: Array | None
) -> Array:
    """Single ages of age groups, the last one open, (R, G, 2, A)."""
    edges, open_age = np.array(first_ages, dtype=np.int64), source.scenario.ages.open
    source.warn_of_wide_groups(first_ages, "population", "table")
    with source.at("population", "graduate"):
        if edges[0] != 0 or edges[-1] > open_age:
            message = f"goes with groups from age 0 to an open one of {open_age} at most, not {edges[0]} to {edges[-1]}"
            raise ValueError(message)
        single = np.empty((*people.shape[:-1], source.ages))
        single[..., : edges[-1]] = _single_ages(source, str(entry.graduate), edges, people[..., :-1])
        if survival is None:
            raise ScenarioError([])
        oldest = stationary_population(survival[0])[..., edges[-1] :]
        single[..., edges[-1] :] = graduation.split_open_group(people[..., -1], oldest)
        if single.min() < 0:
            cell = np.unravel_index(int(single.argmin()), single.shape)
            message = (
                f"'{entry.graduate}' makes {single.min():,.6g} persons of age {cell[-1]} ({SEXES[cell[-2]]}); "
                "'pclm' and 'monotone' stay above zero"
            )
            raise ValueError(message)
    return single


def _single_ages(source: Source, method: str, edges: NDArray[np.int64], groups: Array) -> Array:
    """Single ages of closed groups; what a method refuses of some people only is told with their labels."""
    function, states = graduation.METHODS[method], source.scenario.states
    try:
        return function(edges, groups)
    except ValueError as error:
        refused = [cell for cell in np.ndindex(*groups.shape[:-1]) if not _takes(function, edges, groups[cell])]
        if len(refused) in (0, groups[..., 0].size):
            raise
        region, group, sex = refused[0]
        message = f"{error} ({states.regions[region]}, {states.groups[group]}, {SEXES[sex]})"
        raise ValueError(message) from None


def _takes(function: Callable[[ArrayLike, ArrayLike], Array], edges: NDArray[np.int64], groups: Array) -> bool:
    """Whether a method can graduate some groups."""
    try:
        function(edges, groups)
    except ValueError:
        return False
    return True
