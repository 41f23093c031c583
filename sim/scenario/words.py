"""What a scenario assumes, in plain words."""

from sim.scenario.inputs import PatternOfDataset, PopulationOfDataset, Table, labels_of
from sim.scenario.migration_words import migration_in_words, pipeline_in_words, policies_in_words, stays_in_words
from sim.scenario.models import FertilityModel
from sim.scenario.movements import Move
from sim.scenario.phrases import (
    METHOD_WORDS,
    made_of_groups,
    risk_in_words,
    series_in_words,
    span_of_years,
    who_in_words,
)
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
        migration_in_words(scenario.migration, scenario.states.groups),
        *stays_in_words(scenario.migration),
        *_between(scenario),
        *(pipeline_in_words(scenario, name, entry) for name, entry in scenario.pipelines.items()),
        *policies_in_words(scenario),
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
    if states.new:
        divided += f" (nobody at the start: {', '.join(states.new)})"
    origin += made_of_groups(entry)
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
    origin = f"the life table of '{base.dataset}' in {span_of_years(base)}" if base else ""
    for words, entry in tables.items():
        if entry is not None:
            origin = f"the {words} of the table {entry.table}"
    origin += made_of_groups(mortality.rate)
    if mortality.old_age is not None:
        first, last = mortality.old_age.fitted_ages
        origin += f", above age {last} by the model of {mortality.old_age.model.title()} fitted to {first}-{last}"
    if mortality.improvement is not None:
        rate = mortality.improvement.rate
        yearly = f"the table {rate.table}" if isinstance(rate, Table) else series_in_words(rate, "a year")
        origin += f", improving after {mortality.improvement.from_} by {yearly}"
    target = mortality.life_expectancy
    if target is None:
        return f"Mortality: {origin}, without a target."
    counted = ""
    if target.definition == "age_on_1_january":
        counted = ", with the age on 1 January taken for the exact age (half a year above a period life table)"
    reached = f"women {series_in_words(target.female, 'years')}; men {series_in_words(target.male, 'years')}"
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
    sexes = series_in_words(fertility.sex_ratio_at_birth, "boys per girl")
    if fertility.rates is not None:
        origin = f"the table {fertility.rates.table}{made_of_groups(fertility.rates)}"
        return f"Fertility: rates by age of mother from {origin}; {sexes}."
    pattern, ages = fertility.pattern, ""
    if isinstance(pattern, PatternOfDataset):
        when = f"{pattern.years[0]}-{pattern.years[1]}" if pattern.years else str(scenario.period.start)
        ages = f"'{pattern.dataset}' around {when}"
    elif isinstance(pattern, FertilityModel):
        told = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in pattern.parameters.items())
        ages = f"{METHOD_WORDS[pattern.model]} model ({told})"
    elif pattern is not None:
        ages = f"the table {pattern.table}{made_of_groups(pattern)}"
    if fertility.mean_age is not None:
        ages += f", moved to a mean age of {series_in_words(fertility.mean_age, 'years')}"
    total = series_in_words(fertility.total, "children per woman") if fertility.total is not None else "no total"
    return f"Fertility: {total}, at the ages of {ages}; {sexes}."


def _between(scenario: Scenario) -> list[str]:
    """Moves between regions, changes of nationality, and the groups of the newborn."""
    sentences = []
    if scenario.moves:
        moves = (f"moves{who_in_words(None, move.group)}: {_move(move)}" for move in scenario.moves)
        sentences.append(f"Between regions: {'; '.join(moves)}.")
    if scenario.nationality:
        changes = []
        for change in scenario.nationality.changes:
            pairs = zip(labels_of(change.from_), labels_of(change.to), strict=True)
            changes.append(f"{', '.join(f'{old} to {new}' for old, new in pairs)}: {risk_in_words(change)}")
        sentences.append(f"Changes of group: {'; '.join(changes)}.")
    if scenario.newborn:
        told = [
            f"of {mother} mothers {', '.join(f'{series_in_words(share, child)}' for child, share in shares.items())}"
            for mother, shares in scenario.newborn.child_group.items()
        ]
        sentences.append(f"Group of the newborn, as shares: {'; '.join(told)}; of others the mother's.")
    return sentences


def _move(move: Move) -> str:
    """Risk of moving, and where to."""
    if move.destinations is not None:
        return f"{risk_in_words(move)}, to other regions in the shares of the table {move.destinations.table}"
    stated = move.hazard if move.hazard is not None else move.share
    return risk_in_words(move) if isinstance(stated, Table) else f"{risk_in_words(move)}, to each other region"


def _changes(changes: dict[str, Change]) -> str:
    """What a variant of a sweep changes."""
    told = []
    for key, change in changes.items():
        if isinstance(change, Shift):
            moved = f"{change.add:+g}" if change.add is not None else f"times {change.scale:g}"
        else:
            moved = f"= {series_in_words(change, '')}".rstrip()
        told.append(f"{key} {moved}")
    return ", ".join(told)
