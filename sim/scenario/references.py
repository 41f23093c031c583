"""Names that one part of a scenario gives to another: regions, groups, pipelines, motives, sponsors."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from sim.axes import TOLD_APART_BY
from sim.errors import Fault
from sim.scenario.faults import fault_at, nearest
from sim.scenario.inputs import labels_of
from sim.scenario.migration import Immigration, Stay
from sim.scenario.movements import Change
from sim.scenario.policies import Selected
from sim.scenario.schema import Scenario
from sim.scenario.yamlfile import Key

STREAMS: tuple[Key, ...] = ("migration", "immigration")
STAYS: tuple[Key, ...] = ("migration", "stays")


def parts_of(part: object, keys: tuple[Key, ...] = ()) -> Iterable[tuple[tuple[Key, ...], BaseModel]]:
    """All parts of a scenario, with their key paths."""
    items: Iterable[tuple[Key, object]] = ()
    if isinstance(part, BaseModel):
        yield keys, part
        fields = type(part).model_fields.items()
        items = [(field.alias or name, getattr(part, name)) for name, field in fields]
    elif isinstance(part, dict):
        items = part.items()
    elif isinstance(part, tuple):
        items = enumerate(part)
    for key, value in items:
        yield from parts_of(value, (*keys, key))


def wrong_references(scenario: Scenario) -> list[Fault]:
    """List the names that nothing bears, or too many.

    Parameters
    ----------
    scenario : Scenario
        As typed.

    Returns
    -------
    list of Fault
        Each in its place.
    """
    return [
        *_wrong_labels(scenario),
        *_wrong_pipelines(scenario),
        *_untaken_outcomes(scenario),
        *_wrong_motives(scenario),
        *_shared_stays(scenario),
        *_endings_elsewhere(scenario),
        *_unknown_flows(scenario),
    ]


def _wrong_labels(scenario: Scenario) -> list[Fault]:
    """Regions and groups that are named but not among the states."""
    faults = []

    def check(axis: str, labels: str | tuple[str, ...] | Mapping[str, object] | None, keys: tuple[Key, ...]) -> None:
        known = scenario.states.regions if axis == "region" else scenario.states.groups
        for place, label in enumerate(labels_of(labels or ())):
            if label not in known:
                message = f"'{label}' is not a {axis} of this scenario; there are: {', '.join(known)}"
                where = keys if isinstance(labels, str) else (*keys, label if isinstance(labels, Mapping) else place)
                faults.append(fault_at(scenario, where, message))

    for keys, part in parts_of(scenario):
        for axis in ("region", "group"):
            check(axis, getattr(part, axis, None), (*keys, axis))
        if isinstance(part, Change):
            check("group", part.from_, (*keys, "from"))
            check("group", part.to, (*keys, "to"))
    if scenario.newborn:
        where: tuple[Key, ...] = ("newborn", "child_group")
        for mother, shares in scenario.newborn.child_group.items():
            check("group", mother, (*where, mother))
            for child in shares:
                check("group", child, (*where, mother, child))
    return faults


def _wrong_pipelines(scenario: Scenario) -> list[Fault]:
    """Pipelines and outcomes that are named but not stated."""
    faults = []
    known = list(scenario.pipelines)
    parts: list[tuple[tuple[Key, ...], Immigration | Selected]] = [
        *(((*STREAMS, place), stream) for place, stream in enumerate(scenario.migration.immigration)),
        *((keys, change) for keys, _, change in scenario.policy_changes),
    ]
    for keys, part in parts:
        if part.pipeline is None:
            continue
        if part.pipeline not in known:
            hint = nearest(part.pipeline, known) or "; none is stated under 'pipelines'"
            faults.append(fault_at(scenario, (*keys, "pipeline"), f"there is no pipeline '{part.pipeline}'{hint}"))
        elif isinstance(part, Immigration) and part.outcome is not None:
            outcomes = list(scenario.pipelines[part.pipeline].outcomes)
            if part.outcome not in outcomes:
                message = f"'{part.outcome}' is no outcome of '{part.pipeline}'{nearest(part.outcome, outcomes)}"
                faults.append(fault_at(scenario, (*keys, "outcome"), message))
    return faults


def _untaken_outcomes(scenario: Scenario) -> list[Fault]:
    """Outcomes whose people enter the population nowhere, or twice; and names that two pipelines use."""
    faults = []
    owner: dict[str, str] = {}
    for name, pipeline in scenario.pipelines.items():
        for outcome in pipeline.outcomes:
            keys: tuple[Key, ...] = ("pipelines", name, "outcomes", outcome)
            if outcome in owner:
                message = f"is an outcome of '{owner[outcome]}' too; give each outcome a name of its own"
                faults.append(fault_at(scenario, keys, message))
            owner.setdefault(outcome, name)
            taking = [
                place
                for place, stream in enumerate(scenario.migration.immigration)
                if stream.pipeline == name and stream.outcome in {None, outcome}
            ]
            if not taking:
                message = f"no stream of immigration takes those who are granted '{outcome}'; name the pipeline in one"
                faults.append(fault_at(scenario, keys, message))
            for place in taking[1:]:
                message = f"those who are granted '{outcome}' immigrate in stream {taking[0] + 1} already"
                faults.append(fault_at(scenario, (*STREAMS, place, "pipeline"), message))
    return faults


def _wrong_motives(scenario: Scenario) -> list[Fault]:
    """Motives, sponsors and nationalities that no stream of immigrants has."""
    migration = scenario.migration
    faults = []
    parts: list[tuple[tuple[Key, ...], BaseModel]] = [
        *(((*STAYS, place), stay) for place, stay in enumerate(migration.stays)),
        *((keys, change) for keys, _, change in scenario.policy_changes),
        *((("published", place), figure) for place, figure in enumerate(scenario.published)),
    ]
    labels = (migration.motives, migration.sponsors, migration.nationalities)
    for keys, part in parts:
        for key, known in zip(TOLD_APART_BY, labels, strict=True):
            named = getattr(part, key, None)
            if named is not None and named not in known:
                there = f"; there are: {', '.join(known)}" if known else f"; none names a {key}"
                faults.append(
                    fault_at(scenario, (*keys, key), f"no stream of immigration has the {key} '{named}'{there}")
                )
    return faults


def _shared_stays(scenario: Scenario) -> list[Fault]:
    """Stays of the same immigrants, or of nobody, or with one name."""
    faults = []
    streams, stays = scenario.migration.immigration, scenario.migration.stays
    for place, stay in enumerate(stays):
        if not any(_has_stay(stream, stay, scenario.states.groups) for stream in streams):
            faults.append(fault_at(scenario, (*STAYS, place), "no stream of immigration has its motive and group"))
    for (one, stay), (other, later) in itertools.combinations(enumerate(stays), 2):
        if stay.name == later.name:
            faults.append(fault_at(scenario, (*STAYS, other, "name"), f"stay {one + 1} is called '{stay.name}' too"))
        same = all(
            first is None or second is None or first == second
            for first, second in ((stay.motive, later.motive), (stay.group, later.group))
        )
        if same:
            message = f"is of the same immigrants as '{stay.name}'; give each one of its own"
            faults.append(fault_at(scenario, (*STAYS, other), message))
    return faults


def _has_stay(stream: Immigration, stay: Stay, groups: Sequence[str]) -> bool:
    """Whether some of a stream have the motive and group of a stay."""
    motives = labels_of(stream.motive or ())
    settled = labels_of(stream.group or tuple(groups))
    return (stay.motive is None or stay.motive in motives) and (stay.group is None or stay.group in settled)


def _endings_elsewhere(scenario: Scenario) -> list[Fault]:
    """Titles that end in a year that is not projected, or twice on one day."""
    faults = []
    seen: set[tuple[str, int]] = set()
    for place, ending in enumerate(scenario.migration.endings):
        keys: tuple[Key, ...] = ("migration", "endings", place)
        if ending.year not in scenario.periods:
            first, last = scenario.periods[0], scenario.periods[-1]
            message = f"{ending.year} is no year whose flows are projected, which are {first} to {last}"
            faults.append(fault_at(scenario, (*keys, "year"), message))
        if (ending.group, ending.year) in seen:
            message = f"the title of '{ending.group}' ends on 1 January {ending.year} in an entry before"
            faults.append(fault_at(scenario, keys, message))
        seen.add((ending.group, ending.year))
        for label in ending.to:
            if label not in scenario.states.groups:
                known = ", ".join(scenario.states.groups)
                message = f"'{label}' is not a group of this scenario; there are: {known}"
                faults.append(fault_at(scenario, (*keys, "to", label), message))
    return faults


def _unknown_flows(scenario: Scenario) -> list[Fault]:
    """What is said of immigrants or emigrants where the scenario has a balance only."""
    migration = scenario.migration
    if migration.balance is None and migration.net is None:
        return []
    stated = "a balance" if migration.balance is not None else "net migrants"
    message = f"the scenario states {stated}, and no gross flows"
    found = [
        fault_at(scenario, ("published", place, "indicator"), message)
        for place, figure in enumerate(scenario.published)
        if figure.gross
    ]
    if scenario.policies:
        found.append(fault_at(scenario, ("policies",), f"change immigration and emigration, but {message}"))
    return found
