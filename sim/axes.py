"""Names, order and coordinates of the dimensions that every array of a projection follows."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SEXES = ("female", "male")
FEMALE, MALE = range(2)

STOCK_DIMENSIONS = ("year", "region", "group", "sex", "age")
FLOW_DIMENSIONS = ("period", "region", "group", "sex", "age")

PUBLISHED_INDICATORS = (
    "population",
    "births",
    "deaths",
    "immigration",
    "emigration",
    "net_migration",
    "natural_balance",
    "growth",
    "migration_share_of_growth",
    "mean_age",
    "median_age",
    "old_age_dependency",
    "youth_dependency",
    "total_dependency",
    "support_ratio",
    "ageing_index",
    "sex_ratio",
    "first_year_of_natural_decrease",
)
"""What a published figure may be of; `sim.indicators` has a function of each name."""

MOTIVES = (
    "family",
    "work",
    "study",
    "international_protection",
    "temporary_protection",
    "humanitarian",
    "eu_free_movement",
    "other",
)
"""Reasons for which immigrants may come, in the order of the dimension ``motive``."""

TOLD_APART_BY = ("motive", "sponsor", "nationality")
"""What immigrants may be told apart by, besides region and group."""

UNDIVIDED = "all"
"""Label of the only region, or the only group, of a population that is not divided."""
