"""What a scenario assumes, in plain words."""

from sim.scenario.inputs import DatasetYears, PatternOfDataset, PopulationOfDataset, Series, Table, YearPath
from sim.scenario.schema import Change, Emigration, Immigration, Migration, Mortality, Scenario, Shift

CONVENTION_WORDS = {
    "continuous": "Within a year risks are constant, and births and migrants come evenly spread.",
    "wpp_end": "Within a year people age, die and are born; migrants are added at its end (the United Nations' step).",
}
BETWEEN_WORDS = {
    "linear": "straight lines between",
    "step": "each value kept until the next",
    "monotone": "smooth curves between",
}


def describe(scenario: Scenario) -> list[str]:
    """Say what a scenario assumes.

    Parameters
    ----------
    scenario : Scenario
        As loaded.

    Returns
    -------
    list of str
        Sentences, one a part of the scenario.
    """
    sentences = [
        _population(scenario),
        _mortality(scenario.mortality),
        _fertility(scenario),
        _migration(scenario.migration),
        CONVENTION_WORDS[scenario.convention],
    ]
    for axis, variants in (scenario.sweep or {}).items():
        told = (f"{name} ({_changes(changes)})" if changes else name for name, changes in variants.items())
        sentences.append(f"Varied, {axis}: {'; '.join(told)}.")
    return sentences


def _population(scenario: Scenario) -> str:
    """Who is there at the start, and how they are divided."""
    entry, period, states = scenario.population, scenario.period, scenario.states
    origin = f"the dataset '{entry.dataset}'" if isinstance(entry, PopulationOfDataset) else f"the table {entry.table}"
    divided = ""
    if len(states.regions) * len(states.groups) > 1:
        divided = f", in the regions {', '.join(states.regions)} and the groups {', '.join(states.groups)}"
    ages = f"single ages to {scenario.ages.open} and over"
    return f"Population: 1 January {period.start} to {period.end}, from {origin}, {ages}{divided}."


def _mortality(mortality: Mortality) -> str:
    """Which life table, and what it is brought to."""
    base = mortality.base
    tables = {
        "survival ratios": mortality.survival_ratio,
        "death rates": mortality.rate,
        "probabilities of dying": mortality.probability,
    }
    origin = f"the life table of '{base.dataset}' in {_span(base)}" if base else ""
    for words, entry in tables.items():
        if entry is not None:
            origin = f"the {words} of the table {entry.table}"
    target = mortality.life_expectancy
    if target is None:
        return f"Mortality: {origin}, as it is."
    counted = ""
    if target.definition == "age_on_1_january":
        counted = ", with the age on 1 January taken for the exact age (half a year above a period life table)"
    reached = f"women {_series(target.female, 'years')}; men {_series(target.male, 'years')}"
    return f"Mortality: {origin}, all risks scaled to a life expectancy at birth of: {reached}{counted}."


def _fertility(scenario: Scenario) -> str:
    """How many children, at which ages, and of which sex."""
    fertility = scenario.fertility
    sexes = _series(fertility.sex_ratio_at_birth, "boys per girl")
    if fertility.rates is not None:
        return f"Fertility: rates by age of mother from the table {fertility.rates.table}; {sexes}."
    pattern, ages = fertility.pattern, ""
    if isinstance(pattern, PatternOfDataset):
        when = f"{pattern.years[0]}-{pattern.years[1]}" if pattern.years else str(scenario.period.start)
        ages = f"'{pattern.dataset}' around {when}"
    elif pattern is not None:
        ages = f"the table {pattern.table}"
    total = _series(fertility.total, "children per woman") if fertility.total is not None else "no total"
    return f"Fertility: {total}, at the ages of {ages}; {sexes}."


def _migration(migration: Migration) -> str:
    """Which balance or flows, of which ages."""
    if migration.net is not None:
        return f"Migration: net migrants by age from the table {migration.net.table}."
    if migration.balance is not None and migration.profile is not None:
        balance = _series(migration.balance, "more arrivals than departures a year")
        return f"Migration: {balance}, of the ages of {_profile(migration.profile)}."
    streams = []
    for flow in migration.immigration:
        streams.append(f"immigrants{_who(flow)}: {_series(flow.count, 'persons a year')}")
    for leaving in migration.emigration:
        entry = leaving.hazard or leaving.share
        streams.append(f"emigrants{_who(leaving)}: by the risks of the table {entry.table if entry else ''}")
    return f"Migration: {'; '.join(streams)}."


def _who(stream: Immigration | Emigration) -> str:
    """Region and group of a stream, where it names them."""
    labels = " ".join(label for label in (stream.region, stream.group) if label)
    return f" ({labels})" if labels else ""


def _changes(changes: dict[str, Change]) -> str:
    """What a variant of a sweep changes."""
    told = []
    for key, change in changes.items():
        if isinstance(change, Shift):
            moved = f"{change.add:+g}" if change.add is not None else f"times {change.scale:g}"
        else:
            moved = f"= {_series(change, '')}".rstrip()
        told.append(f"{key} {moved}")
    return ", ".join(told)


def _profile(profile: Table | DatasetYears) -> str:
    """Origin of a profile by age and sex."""
    if isinstance(profile, DatasetYears):
        return f"the net migrants of '{profile.dataset}' in {_span(profile)}"
    return f"the table {profile.table}"


def _span(entry: DatasetYears) -> str:
    """First and last year."""
    first, last = entry.years
    return str(first) if first == last else f"{first}-{last}"


def _series(series: Series, unit: str) -> str:
    """Values of a path with their unit and years, and what holds between and beyond."""
    if not isinstance(series, YearPath):
        return f"{_number(series)} {unit}"
    (first, value), *others = sorted(series.path.items())
    stated = f"{_number(value)} {unit}"
    if not others:
        return f"{stated} throughout" if series.before or series.after else f"{stated} in {first}"
    later = ", ".join(f"{_number(value)} in {year}" for year, value in others)
    kept = " and the last one kept" if series.after else ""
    return f"{stated} in {first}, {later} ({BETWEEN_WORDS[series.interpolate]}{kept})"


def _number(value: float) -> str:
    """Number with thousands separated and no idle zeros."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
