"""A scenario and its data as complete yearly arrays."""

from sim.assumptions.carried import carried, operators_of
from sim.assumptions.yearly import Assumptions, build

__all__ = ["Assumptions", "build", "carried", "operators_of"]
