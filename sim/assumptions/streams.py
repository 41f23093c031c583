"""Streams of immigrants as pipelines, policies and stays see them."""

from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.scenario.yamlfile import Key


class StreamPart(NamedTuple):
    """Immigrants of a stream who share a motive."""

    keys: tuple[Key, ...]
    """Key path of the stream."""
    groups: tuple[str, ...]
    """Labels of the groups."""
    motive: str | None
    sponsor: str | None
    kept: bool
    """Whether they stay as stated when immigration is scaled."""
    persons: Array
    """(n, R, G, 2, A) per step, by age reached."""
    nationality: str | None = None

    def of_group(self, group: str | None) -> Array:
        """1 for the group that is named, or all, and 0 for others, (G,)."""
        return np.array([1.0 if group in {None, label} else 0.0 for label in self.groups])
