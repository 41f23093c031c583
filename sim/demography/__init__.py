"""Pure functions of demography on NumPy arrays; nothing here knows a file or a label.

Ages stand on the last axis, women and men, in this order, on the one before it where both are needed; functions
take any axes in front of them. A room is imported when it is first used.
"""

from importlib import import_module
from types import ModuleType

__all__ = ["fertility", "graduation", "hazards", "lifetable", "mortality", "schedules", "stable"]


def __getattr__(name: str) -> ModuleType:
    """Import a room on first use."""
    if name not in __all__:
        message = f"module 'sim.demography' has no attribute {name!r}"
        raise AttributeError(message)
    return import_module(f"sim.demography.{name}")
