"""Models of mortality: targets of life expectancy, forecasts, model life tables, the oldest ages."""

from sim.demography.mortality.targets import (
    AGE_ON_1_JANUARY_EXCESS,
    ScaledMortality,
    national_factor,
    period_life_expectancy,
    scale_to_life_expectancy,
)

__all__ = [
    "AGE_ON_1_JANUARY_EXCESS",
    "ScaledMortality",
    "national_factor",
    "period_life_expectancy",
    "scale_to_life_expectancy",
]
