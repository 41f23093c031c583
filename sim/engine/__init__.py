"""Rates → operators → projection, on NumPy arrays only.

Inside the engine every array runs over (years, ages or cohort slots, sexes, states): years first because the
loop walks over them, age before sex so that growing older is a shift by whole rows. A cohort slot is a group
with one completed age on 1 January: slot 0 is born in the year, slot x + 1 was of completed age x, the last one
was already in the open age. With ages 0…ω there are A = ω + 1 ages and A + 1 slots. An operator has the shape of
the people it acts on where states do not mix, and one more axis (to, from) where they do. What happens on 1 January,
such as the end of a title of stay, befalls those who are there before anything else does: stocks are those before it,
the flows of a year include it.
"""

from sim.engine.conventions import CONVENTIONS, carry, weighs_by_stock
from sim.engine.leslie import leslie_matrix
from sim.engine.operators import Entrants, Events, Operators, Part, Rates, act, after_1_january, check_column_sums
from sim.engine.project import OverdrawnError, Projection, project
from sim.engine.targets import Closing, Count, TargetError, Targets, project_to_targets

__all__ = [
    "CONVENTIONS",
    "Closing",
    "Count",
    "Entrants",
    "Events",
    "Operators",
    "OverdrawnError",
    "Part",
    "Projection",
    "Rates",
    "TargetError",
    "Targets",
    "act",
    "after_1_january",
    "carry",
    "check_column_sums",
    "leslie_matrix",
    "project",
    "project_to_targets",
    "weighs_by_stock",
]
