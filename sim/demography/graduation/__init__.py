"""Single ages out of age groups."""

from sim.demography.graduation.spline import graduate, monotone_cubic

__all__ = ["graduate", "monotone_cubic"]
