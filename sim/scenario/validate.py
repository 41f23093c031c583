"""Validate what a scenario says, and report every fault in its place."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from sim.errors import Fault, ScenarioError
from sim.scenario.faults import dotted, fault_at, nearest
from sim.scenario.inputs import PersonsPath, YearPath
from sim.scenario.paths import uncovered
from sim.scenario.references import parts_of, wrong_references
from sim.scenario.schema import Scenario
from sim.scenario.wording import faults_of
from sim.scenario.yamlfile import Key, Node


class Limits(NamedTuple):
    """What a figure is, and the values it can have."""

    name: str
    low: float
    high: float


SEX_RATIO: tuple[Key, ...] = ("fertility", "sex_ratio_at_birth")
TOTAL_FERTILITY: tuple[Key, ...] = ("fertility", "total")
MEAN_AGE: tuple[Key, ...] = ("fertility", "mean_age")
EXPECTANCY: tuple[Key, ...] = ("mortality", "life_expectancy")
LIMITS: dict[tuple[Key, ...], Limits] = {
    SEX_RATIO: Limits("number of boys per girl", 0.5, 2),
    TOTAL_FERTILITY: Limits("number of children per woman", 0, 10),
    MEAN_AGE: Limits("mean age at birth in years", 10, 60),
    (*EXPECTANCY, "female"): Limits("life expectancy in years", 10, 120),
    (*EXPECTANCY, "male"): Limits("life expectancy in years", 10, 120),
}


IMPROVEMENT: tuple[Key, ...] = ("mortality", "improvement")
"""Its path begins with the year after its base table's, which may lie before the first projected year."""
PERSONS = Limits("number of persons per year", -1e12, 1e12)


def validated(tree: Node, folder: str, changes: Sequence[str] = ()) -> Scenario:
    """Typed scenario of a tree, or all its faults."""
    faults = _unknown_sources(tree)
    try:
        scenario = Scenario.model_validate(tree.plain())
    except ValidationError as error:
        raise ScenarioError(faults + faults_of(tree, error.errors(include_url=False))) from None
    scenario.place(tree, folder, tuple(changes))
    faults += [*_open_years(scenario), *_out_of_range(scenario), *wrong_references(scenario), *_wrong_start(scenario)]
    faults += _half_steps(scenario)
    if faults:
        raise ScenarioError(faults)
    return scenario


def _open_years(scenario: Scenario) -> list[Fault]:
    """Paths that do not reach over all projected years."""
    faults = []
    for keys, part in parts_of(scenario):
        if isinstance(part, YearPath) and keys[:2] != IMPROVEMENT:
            message = uncovered(part, scenario.flow_years)
            if message:
                faults.append(fault_at(scenario, (*keys, "path"), message))
    return faults


def _unknown_sources(tree: Node) -> list[Fault]:
    """Sources that are named but not listed."""
    listed = tree.value.get("sources") if isinstance(tree.value, dict) else None
    known = [str(key) for key in listed.value] if listed is not None and isinstance(listed.value, dict) else []
    faults = []
    for keys, node in _nodes(tree):
        if (
            keys[-1:] == ("source",)
            and isinstance(node.value, str)
            and keys[0] != "sources"
            and node.value not in known
        ):
            message = f"'{node.value}' is not listed under 'sources'{nearest(node.value, known)}"
            faults.append(Fault(*node.place, dotted(keys), message))
    return faults


def _nodes(node: Node, keys: tuple[Key, ...] = ()) -> Iterable[tuple[tuple[Key, ...], Node]]:
    """All values of a tree, with their key paths."""
    yield keys, node
    items: Iterable[tuple[Key, Node]] = ()
    if isinstance(node.value, dict):
        items = node.value.items()
    elif isinstance(node.value, list):
        items = enumerate(node.value)
    for key, child in items:
        yield from _nodes(child, (*keys, key))


def _out_of_range(scenario: Scenario) -> list[Fault]:
    """Values that no population has: usually another unit."""
    faults = []
    figures = [(keys, part, LIMITS[keys]) for keys, part in _figures(scenario)]
    figures += [(keys, part, PERSONS) for keys, part in parts_of(scenario) if isinstance(part, PersonsPath)]
    for keys, part, limits in figures:
        stated = part.path.items() if isinstance(part, YearPath) else [(None, part)]
        for year, value in stated:
            if not limits.low <= value <= limits.high:
                where = keys if year is None else (*keys, "path", year)
                message = f"{value:g} is no {limits.name}; allowed are {limits.low:g} to {limits.high:g}"
                faults.append(fault_at(scenario, where, message))
    return faults


def _figures(scenario: Scenario) -> list[tuple[tuple[Key, ...], "float | YearPath"]]:
    """Numbers and paths that have limits, with their key paths."""
    expectancy = scenario.mortality.life_expectancy
    found: list[tuple[tuple[Key, ...], float | YearPath]] = [(SEX_RATIO, scenario.fertility.sex_ratio_at_birth)]
    if scenario.fertility.total is not None:
        found.append((TOTAL_FERTILITY, scenario.fertility.total))
    if scenario.fertility.mean_age is not None:
        found.append((MEAN_AGE, scenario.fertility.mean_age))
    if expectancy is not None:
        found += [((*EXPECTANCY, "female"), expectancy.female), ((*EXPECTANCY, "male"), expectancy.male)]
    return found


def _wrong_start(scenario: Scenario) -> list[Fault]:
    """A population of another day than the first 1 January."""
    date = getattr(scenario.population, "date", scenario.period.start)
    if date == scenario.period.start:
        return []
    message = f"is {date}, but the projection starts on 1 January {scenario.period.start}"
    return [fault_at(scenario, ("population", "date"), message)]


def _half_steps(scenario: Scenario) -> list[Fault]:
    """A period that ends within a step."""
    width, period = scenario.ages.width, scenario.period
    if (period.end - period.start) % width == 0:
        return []
    message = f"must lie a multiple of {width} years after {period.start}: the ages are in groups of {width} years"
    return [fault_at(scenario, ("period", "end"), message)]
