"""Phrases in which a scenario tells its figures."""

from collections.abc import Mapping

from sim.scenario.inputs import DatasetYears, Series, Table, YearPath, labels_of
from sim.scenario.models import RogersCastro
from sim.scenario.movements import Risked

Named = str | tuple[str, ...] | Mapping[str, Series] | None
BETWEEN_WORDS = {
    "linear": "straight lines between",
    "step": "each value kept until the next",
    "monotone": "smooth curves between",
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


def made_of_groups(entry: object) -> str:
    """Say of a table how its age groups are made single ages; nothing of one that has none."""
    method = getattr(entry, "graduate", None)
    return f" (age groups made single ages by {METHOD_WORDS[method]})" if method else ""


def profile_in_words(profile: Table | RogersCastro | DatasetYears, net: bool = True) -> str:
    """Origin of a profile by age and sex."""
    if isinstance(profile, RogersCastro):
        return f"the model schedule of Rogers and Castro with {len(profile.by_sex[0])} parameters"
    if isinstance(profile, DatasetYears):
        return f"the {'net migrants' if net else 'immigrants'} of '{profile.dataset}' in {span_of_years(profile)}"
    return f"the table {profile.table}"


def span_of_years(entry: DatasetYears) -> str:
    """First and last year."""
    first, last = entry.years
    return str(first) if first == last else f"{first}-{last}"


def series_in_words(series: Series, unit: str) -> str:
    """Values of a path with their unit and years, and what holds between and beyond."""
    if not isinstance(series, YearPath):
        return f"{number_in_words(series)} {unit}"
    (first, value), *others = sorted(series.path.items())
    stated = f"{number_in_words(value)} {unit}"
    if not others:
        return f"{stated} throughout" if series.before or series.after else f"{stated} in {first}"
    later = ", ".join(f"{number_in_words(value)} in {year}" for year, value in others)
    kept = " and the last one kept" if series.after else ""
    return f"{stated} in {first}, {later} ({BETWEEN_WORDS[series.interpolate]}{kept})"


def number_in_words(value: float) -> str:
    """Number with thousands separated and no idle zeros."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def risk_in_words(entry: Risked) -> str:
    """Risk of leaving, moving or changing."""
    if entry.count is not None:
        pattern = f"in the proportions of {entry.pattern.table}" if entry.pattern else "the same for everybody there"
        return f"{series_in_words(entry.count, 'persons a year')}, at a risk {pattern}"
    if isinstance(entry.hazard, DatasetYears):
        dataset = f"'{entry.hazard.dataset}' in {span_of_years(entry.hazard)}"
        return f"by the risks of the emigrants of {dataset}, by sex and age"
    if isinstance(entry.hazard, Table):
        return f"by the risks of the table {entry.hazard.table}"
    if entry.hazard is not None:
        return f"a risk of {series_in_words(entry.hazard, 'a year')}"
    if isinstance(entry.share, Table):
        return f"by the shares of the table {entry.share.table}"
    return series_in_words(entry.share, "of those there on 1 January") if entry.share is not None else ""


def who_in_words(region: Named, group: Named) -> str:
    """Regions and groups of a stream, where it names them."""
    labels = [
        shares_in_words(named, {}) if isinstance(named, Mapping) else ", ".join(labels_of(named))
        for named in (region, group)
        if named
    ]
    return f" ({'; '.join(labels)})" if labels else ""


def shares_in_words(named: str | Mapping[str, Series], words: Mapping[str, str]) -> str:
    """A label in words, or several with their shares."""
    if isinstance(named, str):
        return words.get(named, named)
    return ", ".join(f"{series_in_words(share, words.get(label, label))}" for label, share in named.items())
