"""A scenario and its data as complete yearly arrays."""

from sim.assumptions.yearly import Assumptions, assumed_life_expectancy, build, engine_inputs

__all__ = ["Assumptions", "assumed_life_expectancy", "build", "engine_inputs"]
