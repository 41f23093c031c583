"""Indicators of a result: totals, ages, ratios, rates, and how far they are from published figures.

Each function sums over the regions, groups, sexes and ages of the result that it is given, unless it says otherwise
(select a part first for an indicator of it); scenario and draw stay. Stocks keep ``year``, flows and rates
``period``: a flow is the sum over the period, however many years that is, a rate is per year. Ages may be single or
in groups.
"""

from sim.analysis.indicators.ages import (
    age_group,
    age_group_shares,
    age_groups,
    begin_at,
    mean_age,
    median_age,
)
from sim.analysis.indicators.counts import (
    STATES,
    births,
    changes,
    components,
    deaths,
    emigration,
    first_year_of_natural_decrease,
    growth,
    immigration,
    moves,
    natural_balance,
    net_migration,
    population,
    share,
)
from sim.analysis.indicators.economy import (
    age_profile_aggregate,
    age_structure_effect,
    index,
    labour_force,
)
from sim.analysis.indicators.longevity import (
    prospective_old_age,
    prospective_old_age_dependency,
    prospective_old_age_share,
)
from sim.analysis.indicators.published import (
    PublishedGap,
    published_gaps,
)
from sim.analysis.indicators.rates import (
    crude_birth_rate,
    crude_death_rate,
    doubling_time,
    growth_rate,
    migration_share_of_growth,
    natural_increase_rate,
    net_migration_rate,
)
from sim.analysis.indicators.ratios import (
    OLD,
    WORKING,
    ageing_index,
    old_age_dependency,
    sex_ratio,
    sex_ratio_by_age,
    support_ratio,
    total_dependency,
    youth_dependency,
)
from sim.analysis.indicators.waiting import (
    population_with_waiting,
)
from sim.axes import PUBLISHED_INDICATORS

__all__ = [
    "OLD",
    "PUBLISHED_INDICATORS",
    "STATES",
    "WORKING",
    "PublishedGap",
    "age_group",
    "age_group_shares",
    "age_groups",
    "age_profile_aggregate",
    "age_structure_effect",
    "ageing_index",
    "begin_at",
    "births",
    "changes",
    "components",
    "crude_birth_rate",
    "crude_death_rate",
    "deaths",
    "doubling_time",
    "emigration",
    "first_year_of_natural_decrease",
    "growth",
    "growth_rate",
    "immigration",
    "index",
    "labour_force",
    "mean_age",
    "median_age",
    "migration_share_of_growth",
    "moves",
    "natural_balance",
    "natural_increase_rate",
    "net_migration",
    "net_migration_rate",
    "old_age_dependency",
    "population",
    "population_with_waiting",
    "prospective_old_age",
    "prospective_old_age_dependency",
    "prospective_old_age_share",
    "published_gaps",
    "sex_ratio",
    "sex_ratio_by_age",
    "share",
    "support_ratio",
    "total_dependency",
    "youth_dependency",
]
