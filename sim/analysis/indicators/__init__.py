"""Indicators of a result: totals, ages, ratios, and how far they are from published figures.

Each function sums over the regions, groups, sexes and ages of the result that it is given (select a
part first for an indicator of it); scenario and draw stay. Stocks keep ``year``, flows ``period``: a
flow is the sum over the period, however many years that is. Ages may be single or in groups.
"""

from sim.analysis.indicators.ages import (
    OLD,
    WORKING,
    age_group,
    begin_at,
    mean_age,
    median_age,
    old_age_dependency,
    youth_dependency,
)
from sim.analysis.indicators.counts import (
    STATES,
    births,
    changes,
    components,
    deaths,
    first_year_of_natural_decrease,
    growth,
    moves,
    natural_balance,
    net_migration,
    population,
    share,
)
from sim.analysis.indicators.published import PublishedGap, published_gaps
from sim.axes import PUBLISHED_INDICATORS

__all__ = [
    "OLD",
    "PUBLISHED_INDICATORS",
    "STATES",
    "WORKING",
    "PublishedGap",
    "age_group",
    "begin_at",
    "births",
    "changes",
    "components",
    "deaths",
    "first_year_of_natural_decrease",
    "growth",
    "mean_age",
    "median_age",
    "moves",
    "natural_balance",
    "net_migration",
    "old_age_dependency",
    "population",
    "published_gaps",
    "share",
    "youth_dependency",
]
