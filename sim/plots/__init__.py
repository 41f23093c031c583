"""Figures of results: each function takes results, returns a matplotlib figure, and writes nothing.

They are in English, or in the language of `speaking`.
"""

from sim.plots.compare import difference, population
from sim.plots.components import components
from sim.plots.dependency import dependency
from sim.plots.known import published_series
from sim.plots.language import speaking
from sim.plots.lexis import lexis, lexis_difference
from sim.plots.motives import motives
from sim.plots.moving import animated_pyramid, write_animated_pyramid
from sim.plots.parts import parts
from sim.plots.pipeline import pipeline
from sim.plots.policy import policy_effect
from sim.plots.pyramids import pyramid
from sim.plots.states import states
from sim.plots.vintages import vintage_errors, vintages
from sim.plots.waterfall import waterfall

__all__ = [
    "animated_pyramid",
    "components",
    "dependency",
    "difference",
    "lexis",
    "lexis_difference",
    "motives",
    "parts",
    "pipeline",
    "policy_effect",
    "population",
    "published_series",
    "pyramid",
    "speaking",
    "states",
    "vintage_errors",
    "vintages",
    "waterfall",
    "write_animated_pyramid",
]
