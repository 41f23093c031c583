"""Life tables, survival ratios and what they tell."""

from sim.demography.lifetable.infancy import INFANT_RULES, InfantRule, andreev_kingkade, coale_demeny
from sim.demography.lifetable.survival import life_expectancy, stationary_population, survival_ratios
from sim.demography.lifetable.table import LifeTable, death_rate_from_probability, life_table

__all__ = [
    "INFANT_RULES",
    "InfantRule",
    "LifeTable",
    "andreev_kingkade",
    "coale_demeny",
    "death_rate_from_probability",
    "life_expectancy",
    "life_table",
    "stationary_population",
    "survival_ratios",
]
