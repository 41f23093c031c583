"""Fertility by age.

- Measures: `total_fertility`, `mean_age_at_birth`, `gross_reproduction`, `net_reproduction`,
  `mean_length_of_generation`, `cohort_fertility`.
- Patterns by model, in `PATTERNS`: `hadwiger`, `gamma`, `beta`, `quadratic_spline`; `fit_pattern` fits one.
- Targets: `with_total` and `shifted_to_mean_age`.
"""

from sim.demography.fertility.fitting import FittedPattern, fit_pattern
from sim.demography.fertility.measures import (
    CohortFertility,
    cohort_fertility,
    gross_reproduction,
    mean_age_at_birth,
    mean_length_of_generation,
    net_reproduction,
    standard_deviation_of_age_at_birth,
    total_fertility,
)
from sim.demography.fertility.patterns import PATTERNS, beta, gamma, hadwiger, parameter_names, quadratic_spline
from sim.demography.fertility.rates import FertilityByCohort, by_cohort, single_year_pattern
from sim.demography.fertility.targets import shifted_to_mean_age, with_total

__all__ = [
    "PATTERNS",
    "CohortFertility",
    "FertilityByCohort",
    "FittedPattern",
    "beta",
    "by_cohort",
    "cohort_fertility",
    "fit_pattern",
    "gamma",
    "gross_reproduction",
    "hadwiger",
    "mean_age_at_birth",
    "mean_length_of_generation",
    "net_reproduction",
    "parameter_names",
    "quadratic_spline",
    "shifted_to_mean_age",
    "single_year_pattern",
    "standard_deviation_of_age_at_birth",
    "total_fertility",
    "with_total",
]
