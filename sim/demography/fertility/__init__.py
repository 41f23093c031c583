"""Fertility by age: patterns, totals and the age they are counted by."""

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
