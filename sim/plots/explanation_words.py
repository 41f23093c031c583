"""Words of figures that explain differences between projections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analysis.explanation import time_of
from sim.plots.language import said
from sim.plots.words import in_words

if TYPE_CHECKING:
    import xarray as xr

    from sim.plots.style import Scale

BLOCKS = {
    "base population": "base population",
    "fertility": "fertility",
    "mortality": "mortality",
    "migration": "migration",
    "nationality rules": "nationality rules",
    "moves between regions": "moves between regions",
    "convention": "convention of the step",
}
"""What figures call the blocks of assumptions."""
_FLOWS = {
    "immigration": "immigrants",
    "emigration": "emigrants",
    "net migration": "net migration",
    "balance": "migration balance",
    "length of stay": "length of stay",
    "titles of stay that end": "titles of stay that end",
}
INDICATORS = {
    "population": "Population",
    "births": "Births",
    "deaths": "Deaths",
    "immigration": "Immigrants",
    "emigration": "Emigrants",
    "net_migration": "Net migration",
    "natural_balance": "Births less deaths",
    "growth": "Growth of the population",
    "mean_age": "Mean age",
    "median_age": "Median age",
    "old_age_dependency": "Persons aged 65 and over per 100 aged 15 to 64",
    "youth_dependency": "Persons aged under 15 per 100 aged 15 to 64",
    "total_dependency": "Persons aged under 15 or 65 and over per 100 aged 15 to 64",
    "support_ratio": "Persons aged 15 to 64 per person aged 65 and over",
    "ageing_index": "Persons aged 65 and over per 100 aged under 15",
    "sex_ratio": "Men per 100 women",
    "crude_birth_rate": "Births per 1,000 persons",
    "crude_death_rate": "Deaths per 1,000 persons",
    "natural_increase_rate": "Births less deaths per 1,000 persons",
    "net_migration_rate": "Net migration per 1,000 persons",
    "growth_rate": "Rate of growth",
    "prospective_old_age_share": "Share with a life expectancy of 15 years or less",
    "prospective_old_age_dependency": (
        "Persons with a life expectancy of 15 years or less per 100 others of 20 and over"
    ),
}
"""What figures call the indicators; of any other, its own name stands there."""


def title_of_difference(explanation: xr.Dataset, year: int) -> str:
    """Say what differs, and when."""
    name = str(explanation.attrs["indicator"])
    what = said(INDICATORS[name]) if name in INDICATORS else name
    if time_of(explanation) == "year":
        return said("{what} on 1 January {year}: why the projections differ", what=what, year=year)
    return said("{what} in {year}: why the projections differ", what=what, year=year)


def note_on_bars(scale: Scale, explanations: list[xr.Dataset], *, from_zero: bool) -> str:
    """Say what the bars are, in which unit, and whether the axis shows zero."""
    bars = said(
        "Bars: what each block of assumptions adds, in the mean over all orders of exchanging the blocks one by one "
        "(Shapley value)"
    )
    axis = [] if from_zero else [said("the axis does not begin at zero")]
    unit = "; ".join([*([scale.persons] if scale.unit else []), *axis])
    parts = [*([unit[0].upper() + unit[1:]] if unit else []), bars]
    if any("span" in each.dims for each in explanations):
        parts.append(said("Years: those that the assumptions are of"))
    carried = [each.attrs["start"] for each in explanations if each.attrs["carried"]]
    if len(set(carried)) == 1:
        parts.append(said("Base population: that of 1 January {year}, as each projection has it", year=carried[0]))
    elif carried:
        parts.append(said("Base population: that of the first 1 January that both cover, as each projection has it"))
    return ". ".join(parts) + "."


def words_of(block: str, part: str) -> str:
    """Return what a bar is called: a block, its flow with whose it is, or its years."""
    if not part:
        words = said(BLOCKS[block])
    elif part[0].isdecimal():
        words = said("{block}, {years}", block=said(BLOCKS[block]), years=part)
    else:
        flow, _, whose = part.partition(": ")
        labels = ", ".join(in_words(label) for label in whose.split(", ") if label)
        words = said(_FLOWS[flow]) if not labels else said("{flow}: {whose}", flow=said(_FLOWS[flow]), whose=labels)
    return words[0].upper() + words[1:]


def span_of(part: str) -> str:
    """Return the years of a part, by which spans are ordered; nothing for other parts, which keep their order."""
    return part if part[:1].isdecimal() else ""
