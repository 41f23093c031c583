"""A figure of each model of the demography toolbox, with Belgian data: ``python -m sim.gallery``."""

from sim.gallery.fertility import fertility_models
from sim.gallery.lifetables import life_expectancy_gain, model_life_tables, oldest_ages, reaching_a_target
from sim.gallery.migration import migration_schedule
from sim.gallery.mortality import lee_carter, mortality_forecast, rotation
from sim.gallery.population import single_ages

FIGURES = {
    "lee-carter": lee_carter,
    "mortality-forecast": mortality_forecast,
    "rotation": rotation,
    "life-expectancy-gain": life_expectancy_gain,
    "oldest-ages": oldest_ages,
    "reaching-a-target": reaching_a_target,
    "model-life-tables": model_life_tables,
    "fertility-models": fertility_models,
    "graduation": single_ages,
    "migration-schedule": migration_schedule,
}
"""The functions that draw the figures, by the names of their files; none takes an argument."""
