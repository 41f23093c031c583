"""How published outlooks fared: each edition against what then happened, and against a simple rule."""

from sim.analysis.vintages.editions import edition_files
from sim.analysis.vintages.fared import vintages
from sim.analysis.vintages.printed import PrintedFigure
from sim.analysis.vintages.rows import (
    ComponentRow,
    EditionRow,
    HorizonRow,
    PublishedRow,
    component_rows,
    edition_rows,
    horizon_rows,
    printed_rows,
    published_rows,
)

__all__ = [
    "ComponentRow",
    "EditionRow",
    "HorizonRow",
    "PrintedFigure",
    "PublishedRow",
    "component_rows",
    "edition_files",
    "edition_rows",
    "horizon_rows",
    "printed_rows",
    "published_rows",
    "vintages",
]
