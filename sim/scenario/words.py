"""What a scenario assumes, in plain words."""

from sim.scenario.inputs import (
    DatasetYears,
    PartOfPersons,
    PatternOfDataset,
    PersonsPath,
    PopulationOfDataset,
    Series,
    Table,
    YearPath,
)
from sim.scenario.models import FertilityModel, RogersCastro
from sim.scenario.movements import Closing, Immigration, Migration, Move, Risked, labels_of
from sim.scenario.schema import Change, Mortality, Scenario, Shift

CONVENTION_WORDS = {
    "continuous": "Within a year risks are constant, and births and migrants come evenly spread.",
    "wpp_end": "Within a year people age, die and are born; migrants are added at its end (the United Nations' step).",
    "wpp_even": "Half of the migrants are added at the start of a year and half at its end (the textbook's step).",
    "popreconstruct_even": (
        "Half of the migrants are added at the start of a year and half, who bear no children in it, at its end (the "
        "step of popReconstruct)."
    ),
    "spectrum_midyear": "Migrants run half of a year's risk of death (Spectrum's step).",
    "fso_midyear": (
        "Migrants run half of a year's risk of death; births are to the mean of a cohort's two Januaries (the step of "
        "the Swiss Federal Statistical Office)."
    ),
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
        *_between(scenario),
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
    origin += _made(entry)
    width = scenario.ages.width
    ages = f"{'single ages' if width == 1 else f'ages by {width} years'} to {scenario.ages.open} and over"
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
    origin += _made(mortality.rate)
    if mortality.old_age is not None:
        first, last = mortality.old_age.fitted_ages
        origin += f", above age {last} by the model of {mortality.old_age.model.title()} fitted to {first}-{last}"
    if mortality.improvement is not None:
        rate = mortality.improvement.rate
        yearly = f"the table {rate.table}" if isinstance(rate, Table) else _series(rate, "a year")
        origin += f", improving after {mortality.improvement.from_} by {yearly}"
    target = mortality.life_expectancy
    if target is None:
        return f"Mortality: {origin}, without a target."
    counted = ""
    if target.definition == "age_on_1_january":
        counted = ", with the age on 1 January taken for the exact age (half a year above a period life table)"
    reached = f"women {_series(target.female, 'years')}; men {_series(target.male, 'years')}"
    pattern = mortality.pattern.table if mortality.pattern is not None else ""
    how = {
        "proportional": "all risks scaled",
        "brass": "the logits of the survivors moved",
        "lee_carter": f"risks changed in the proportions of the table {pattern}",
    }[mortality.method]
    return f"Mortality: {origin}, {how} to a life expectancy at birth of: {reached}{counted}."


def _fertility(scenario: Scenario) -> str:
    """How many children, at which ages, and of which sex."""
    fertility = scenario.fertility
    sexes = _series(fertility.sex_ratio_at_birth, "boys per girl")
    if fertility.rates is not None:
        origin = f"the table {fertility.rates.table}{_made(fertility.rates)}"
        return f"Fertility: rates by age of mother from {origin}; {sexes}."
    pattern, ages = fertility.pattern, ""
    if isinstance(pattern, PatternOfDataset):
        when = f"{pattern.years[0]}-{pattern.years[1]}" if pattern.years else str(scenario.period.start)
        ages = f"'{pattern.dataset}' around {when}"
    elif isinstance(pattern, FertilityModel):
        told = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in pattern.parameters.items())
        ages = f"{METHOD_WORDS[pattern.model]} model ({told})"
    elif pattern is not None:
        ages = f"the table {pattern.table}{_made(pattern)}"
    if fertility.mean_age is not None:
        ages += f", moved to a mean age of {_series(fertility.mean_age, 'years')}"
    total = _series(fertility.total, "children per woman") if fertility.total is not None else "no total"
    return f"Fertility: {total}, at the ages of {ages}; {sexes}."


def _migration(migration: Migration) -> str:
    """Which balance or flows, of which ages."""
    if migration.net is not None:
        return f"Migration: net migrants by age from the table {migration.net.table}."
    if migration.balance is not None and migration.profile is None:
        return "Migration: none."
    if migration.balance is not None and migration.profile is not None:
        balance, ages = _balance(migration.balance), _profile(migration.profile)
        return f"Migration: a balance (arrivals less departures) of {balance}; of the ages of {ages}."
    streams, close = [], migration.close
    for flow in migration.immigration:
        why = f"immigrants ({MOTIVE_WORDS.get(flow.motive, flow.motive)})" if flow.motive else "immigrants"
        streams.append(f"{why}{_who(flow.region, flow.group)}: {_immigrants(flow)}{_kept(flow.fixed, close)}")
    for leaving in migration.emigration:
        streams.append(f"emigrants{_who(leaving.region, leaving.group)}: {_risk(leaving)}{_kept(leaving.fixed, close)}")
    if close is not None:
        streams.append(
            f"{close.free} is scaled every year to a balance (arrivals less departures) of {_balance(close.balance)}"
        )
    return f"Migration: {'; '.join(streams)}."


def _between(scenario: Scenario) -> list[str]:
    """Moves between regions, changes of nationality, and the groups of the newborn."""
    sentences = []
    if scenario.moves:
        moves = (f"moves{_who(None, move.group)}: {_move(move)}" for move in scenario.moves)
        sentences.append(f"Between regions: {'; '.join(moves)}.")
    if scenario.nationality:
        changes = []
        for change in scenario.nationality.changes:
            pairs = zip(labels_of(change.from_), labels_of(change.to), strict=True)
            changes.append(f"{', '.join(f'{old} to {new}' for old, new in pairs)}: {_risk(change)}")
        sentences.append(f"Changes of group: {'; '.join(changes)}.")
    if scenario.newborn:
        told = [
            f"of {mother} mothers {', '.join(f'{_series(share, child)}' for child, share in shares.items())}"
            for mother, shares in scenario.newborn.child_group.items()
        ]
        sentences.append(f"Group of the newborn, as shares: {'; '.join(told)}; of others the mother's.")
    return sentences


def _move(move: Move) -> str:
    """Risk of moving, and where to."""
    if move.destinations is not None:
        return f"{_risk(move)}, to other regions in the shares of the table {move.destinations.table}"
    stated = move.hazard if move.hazard is not None else move.share
    return _risk(move) if isinstance(stated, Table) else f"{_risk(move)}, to each other region"


def _balance(balance: PersonsPath | tuple[PartOfPersons, ...]) -> str:
    """Balance of all, or of each part."""
    unit = "persons a year"
    if isinstance(balance, PersonsPath):
        return _series(balance, unit)
    return "; ".join(f"{_series(part, unit)}{_who(part.region, part.group)}" for part in balance)


def _immigrants(flow: Immigration) -> str:
    """How many immigrants, and of which ages."""
    if isinstance(flow.count, Table):
        return f"persons by age from the table {flow.count.table}"
    ages = f", of the ages of {_profile(flow.profile, net=False)}" if flow.profile is not None else ""
    return f"{_series(flow.count, 'persons a year')}{ages}"


def _risk(entry: Risked) -> str:
    """Risk of leaving, moving or changing."""
    if entry.count is not None:
        pattern = f"in the proportions of {entry.pattern.table}" if entry.pattern else "the same for everybody there"
        return f"{_series(entry.count, 'persons a year')}, at a risk {pattern}"
    if isinstance(entry.hazard, Table):
        return f"by the risks of the table {entry.hazard.table}"
    if entry.hazard is not None:
        return f"a risk of {_series(entry.hazard, 'a year')}"
    if isinstance(entry.share, Table):
        return f"by the shares of the table {entry.share.table}"
    return _series(entry.share, "of those there on 1 January") if entry.share is not None else ""


def _kept(fixed: bool, close: Closing | None) -> str:
    """Say of a stream that it is not scaled, where others are."""
    return ", not scaled" if fixed and close is not None else ""


def _who(region: str | tuple[str, ...] | None, group: str | tuple[str, ...] | None) -> str:
    """Regions and groups of a stream, where it names them."""
    labels = [", ".join(labels_of(named)) for named in (region, group) if named]
    return f" ({'; '.join(labels)})" if labels else ""


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


MOTIVE_WORDS = {
    "international_protection": "international protection",
    "temporary_protection": "temporary protection",
    "eu_free_movement": "free movement in the EU",
    "other": "other motives",
}
METHOD_WORDS = {
    "uniform": "equal parts",
    "monotone": "a monotone spline",
    "sprague": "Sprague's multipliers",
    "beers_ordinary": "Beers's ordinary multipliers",
    "beers_modified": "Beers's modified multipliers",
    "pclm": "the penalised composite link model",
    "hadwiger": "Hadwiger's",
    "gamma": "the gamma",
    "beta": "the beta",
    "quadratic_spline": "the quadratic-spline",
}


def _made(entry: object) -> str:
    """Say of a table how its age groups are made single ages; nothing of one that has none."""
    method = getattr(entry, "graduate", None)
    return f" (age groups made single ages by {METHOD_WORDS[method]})" if method else ""


def _profile(profile: Table | RogersCastro | DatasetYears, net: bool = True) -> str:
    """Origin of a profile by age and sex."""
    if isinstance(profile, RogersCastro):
        return f"the model schedule of Rogers and Castro with {len(profile.by_sex[0])} parameters"
    if isinstance(profile, DatasetYears):
        return f"the {'net migrants' if net else 'immigrants'} of '{profile.dataset}' in {_span(profile)}"
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
