"""Assumptions of several projections of the same people and years, side by side, as those of one."""

from collections.abc import Hashable, Sequence

import numpy as np

from sim.assumptions.immigration import Migrants
from sim.assumptions.yearly import Assumptions
from sim.axes import Array
from sim.engine import Targets

_BY_REGION = (
    "survival",
    "fertility_before_birthday",
    "fertility_after_birthday",
    "migrants",
    "emigration_hazard",
    "emigration_share",
)


def kind(assumptions: Assumptions) -> Hashable:
    """Say with which others a projection can be carried through the years at once.

    Parameters
    ----------
    assumptions : Assumptions
        Complete yearly arrays.

    Returns
    -------
    hashable
        The same for those that can stand abreast; None for one that cannot: its states mix, or have to meet a total.
    """
    between = (
        assumptions.transition_hazard,
        assumptions.transition_share,
        assumptions.endings,
        assumptions.child_group,
    )
    if assumptions.targets.any or assumptions.came.staying or any(risk is not None for risk in between):
        return None
    stated = tuple(getattr(assumptions, name) is not None for name in _BY_REGION)
    return assumptions.gross, assumptions.male_share.tobytes(), stated


def abreast(several: Sequence[Assumptions]) -> Assumptions:
    """Put projections side by side, each as regions of its own.

    Parameters
    ----------
    several : sequence of Assumptions
        Of the same ages, states, steps and `kind`.

    Returns
    -------
    Assumptions
        With the regions of the first, then those of the second, and so on; what immigrants are told apart by is left
        out. No cell depends on its neighbours, so each is projected as it would be alone, to the bit.
    """
    first = several[0]

    def beside(name: str) -> Array | None:
        parts = [getattr(each, name) for each in several]
        return None if parts[0] is None else np.concatenate(parts, axis=1)

    fields = {name: beside(name) for name in _BY_REGION}
    people = np.concatenate([each.population for each in several])
    came = Migrants(np.concatenate([each.came.persons for each in several], axis=1), None)
    return first._replace(**fields, population=people, came=came, targets=Targets(), target_keys=())  # type: ignore[arg-type]
