"""Population projections by age, sex, nationality and region under migration scenarios.

Importing is silent and cheap: what a name needs is imported when the name is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim import demography, plots, report
    from sim.analysis import indicators
    from sim.analysis.compare import compare
    from sim.analysis.decompose import decompose
    from sim.analysis.stable import stable_population
    from sim.analysis.vintages import vintages
    from sim.pipeline import load, run

__all__ = [
    "compare",
    "decompose",
    "demography",
    "indicators",
    "load",
    "plots",
    "report",
    "run",
    "stable_population",
    "vintages",
]

_HOMES = {
    "compare": ("sim.analysis.compare", "compare"),
    "decompose": ("sim.analysis.decompose", "decompose"),
    "demography": ("sim.demography", None),
    "indicators": ("sim.analysis.indicators", None),
    "load": ("sim.pipeline", "load"),
    "plots": ("sim.plots", None),
    "report": ("sim.report", None),
    "run": ("sim.pipeline", "run"),
    "stable_population": ("sim.analysis.stable", "stable_population"),
    "vintages": ("sim.analysis.vintages", "vintages"),
}


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in _HOMES:
        message = f"module 'sim' has no attribute {name!r}"
        raise AttributeError(message)
    module, member = _HOMES[name]
    found = import_module(module)
    return found if member is None else getattr(found, member)


def __dir__() -> list[str]:
    """Public names."""
    return sorted(__all__)
