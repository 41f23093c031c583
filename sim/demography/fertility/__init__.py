"""Fertility by age: patterns, totals and the age they are counted by."""

from sim.demography.fertility.rates import FertilityByCohort, by_cohort, single_year_pattern

__all__ = ["FertilityByCohort", "by_cohort", "single_year_pattern"]
