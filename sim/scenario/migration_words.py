"""What a scenario assumes of migration with the rest of the world, in plain words."""

import datetime
from collections.abc import Sequence

from sim.scenario.inputs import PartOfPersons, PersonsPath, Table, labels_of
from sim.scenario.migration import Closing, Immigration, Migration
from sim.scenario.phrases import (
    number_in_words,
    profile_in_words,
    risk_in_words,
    series_in_words,
    shares_in_words,
    who_in_words,
)
from sim.scenario.pipelines import Pipeline
from sim.scenario.policies import Addition, Cap, Scale, Selected
from sim.scenario.schema import Scenario

MOTIVE_WORDS = {
    "international_protection": "international protection",
    "temporary_protection": "temporary protection",
    "eu_free_movement": "free movement in the EU",
    "other": "other motives",
}


def migration_in_words(migration: Migration, groups: Sequence[str]) -> str:
    """Which balance or flows, of which ages, in a population of some groups."""
    if migration.net is not None:
        return f"Migration: net migrants by age from the table {migration.net.table}."
    if migration.balance is not None and migration.profile is None:
        return "Migration: none."
    if migration.balance is not None and migration.profile is not None:
        balance, ages = _balance(migration.balance), profile_in_words(migration.profile)
        return f"Migration: a balance (arrivals less departures) of {balance}; of the ages of {ages}."
    streams, close = [], migration.close
    for flow in migration.immigration:
        streams.append(
            f"{_kind(flow)}{who_in_words(flow.region, flow.group)}: {_immigrants(flow)}{_kept(flow.kept, close)}"
        )
    for leaving in migration.emigration:
        who, kept = who_in_words(leaving.region, leaving.group), _kept(leaving.fixed, close)
        streams.append(f"emigrants{who}: {risk_in_words(leaving)}{kept}")
    left_out = _never_leaving(migration, groups)
    if left_out:
        streams.append(f"nobody emigrates of: {', '.join(left_out)}")
    if close is not None:
        streams.append(
            f"{close.free} is scaled every year to a balance (arrivals less departures) of {_balance(close.balance)}"
        )
    return f"Migration: {'; '.join(streams)}."


def _never_leaving(migration: Migration, groups: Sequence[str]) -> list[str]:
    """Groups that no stream of emigrants is of."""
    named = {label for leaving in migration.emigration for label in labels_of(leaving.group or tuple(groups))}
    return [label for label in groups if label not in named]


def stays_in_words(migration: Migration) -> list[str]:
    """How long immigrants stay, and which titles of stay end."""
    told, ended = [], []
    for stay in migration.stays:
        who = who_in_words(MOTIVE_WORDS.get(stay.motive, stay.motive) if stay.motive else None, stay.group)
        first, *later = (f"{hazard:g}" for hazard in stay.hazard)
        after = f", {', '.join(later)} in the {'year' if len(later) == 1 else 'years'} after it" if later else ""
        told.append(f"{stay.name}{who}: a risk of {first} a year in the year of arrival{after}")
    for ending in migration.endings:
        joining = {f"join {group}": share for group, share in ending.to.items()}
        shares = {"keep it": ending.extended, "leave": ending.leave, **joining}
        parts = ", ".join(f"{number_in_words(share)} {words}" for words, share in shares.items() if share)
        ended.append(f"{ending.group} on 1 January {ending.year}: {parts}")
    heads = ("Emigration by time since arrival, later as others of their group", "Titles of stay that end, as shares")
    return [f"{head}: {'; '.join(parts)}." for head, parts in zip(heads, (told, ended), strict=True) if parts]


def _kind(flow: Immigration) -> str:
    """Immigrants of a stream, with their motives and sponsor where it names them."""
    told = [shares_in_words(flow.motive, MOTIVE_WORDS)] if flow.motive else []
    if flow.sponsor:
        told.append(f"sponsor {flow.sponsor}")
    if flow.nationality:
        told.append(f"nationality {flow.nationality}")
    return f"immigrants ({'; '.join(told)})" if told else "immigrants"


def policies_in_words(scenario: Scenario) -> list[str]:
    """Dated changes to flows, in the order in which they act."""
    sentences = []
    for policy in scenario.policies:
        held = f"from {_day(datetime.date.fromisoformat(policy.from_))}"
        if policy.until is not None:
            held += f" to {_day(datetime.date.fromisoformat(policy.until) - datetime.timedelta(days=1))}"
        told = "; ".join(f"{_selected(change)} {_changed(change)}" for _, change in policy.changes)
        sentences.append(f"Policy {policy.name}, {held}: {told}.")
    return sentences


def _changed(change: Selected) -> str:
    """What a policy does to flows."""
    if isinstance(change, Scale):
        return f"times {change.factor:g}"
    if isinstance(change, Addition):
        return (
            f"{'less' if change.by < 0 else 'plus'} {number_in_words(abs(change.by))} {change.unit.split()[0]} a year"
        )
    if isinstance(change, Cap):
        return f"at most {number_in_words(change.at)} {change.unit.split()[0]} a year together"
    return "stopped"


def _selected(change: Selected) -> str:
    """Flows that a policy changes."""
    if change.flow == "applications":
        return f"applications of '{change.pipeline}'"
    motive = [MOTIVE_WORDS.get(change.motive, change.motive)] if change.motive else []
    told = [*motive, *([f"sponsor {change.sponsor}"] if change.sponsor else [])]
    told += [f"nationality {change.nationality}"] if change.nationality else []
    who = who_in_words("; ".join(told), None) + who_in_words(change.region, change.group)
    return f"immigrants{who}" if change.flow == "immigration" else f"risks of the emigrants{who}"


def _day(day: datetime.date) -> str:
    """Write a day in words."""
    return f"{day.day} {day:%B %Y}"


def pipeline_in_words(scenario: Scenario, name: str, entry: Pipeline) -> str:
    """Who applies, waits, is decided and granted in a pipeline."""
    unit, closed = f"{entry.case_unit} a year", ", ".join(map(number_in_words, entry.decisions.delay or ()))
    told = [f"waiting on 1 January {scenario.period.start}: {number_in_words(entry.waiting)} {entry.case_unit}"]
    if entry.applications is not None:
        told.append(f"applications: {series_in_words(entry.applications, unit)}")
    if entry.repeat is not None:
        told.append(series_in_words(entry.repeat, "of them by people who applied before"))
    if entry.decisions.count is not None:
        told.append(f"decisions: {series_in_words(entry.decisions.count, unit)}")
    if closed:
        told.append(
            f"closed in the year of the application and each one after it: {closed} of them, and of those who wait at "
            "the start as if as many had applied in all years before"
        )
    if entry.withdrawn is not None:
        told.append(series_in_words(entry.withdrawn, "of the closed are withdrawn"))
    for label, outcome in entry.outcomes.items():
        stated, whose = (outcome.share, "of the decided") if outcome.count is None else (outcome.count, unit)
        told.append(f"granted '{label}': {series_in_words(stated or 0.0, whose)}")
    if entry.persons_per_file is not None:
        told.append(series_in_words(entry.persons_per_file, "persons per file"))
    return f"Pipeline '{name}', outside the population: {'; '.join(told)}; all other decided are rejected."


def _balance(balance: PersonsPath | tuple[PartOfPersons, ...]) -> str:
    """Balance of all, or of each part."""
    unit = "persons a year"
    if isinstance(balance, PersonsPath):
        return series_in_words(balance, unit)
    return "; ".join(f"{series_in_words(part, unit)}{who_in_words(part.region, part.group)}" for part in balance)


def _immigrants(flow: Immigration) -> str:
    """How many immigrants, and of which ages."""
    if isinstance(flow.count, Table):
        return f"persons by age from the table {flow.count.table}"
    ages = f", of the ages of {profile_in_words(flow.profile, net=False)}" if flow.profile is not None else ""
    if flow.count is None:
        granted = f"granted '{flow.outcome}' by" if flow.outcome else "granted a title by"
        return f"those {granted} '{flow.pipeline}'{ages}"
    return f"{series_in_words(flow.count, 'persons a year')}{ages}"


def _kept(fixed: bool, close: Closing | None) -> str:
    """Say of a stream that it is not scaled, where others are."""
    return ", not scaled" if fixed and close is not None else ""
