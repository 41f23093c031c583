"""Assumptions of a part of the steps."""

from typing import Any

from sim.assumptions.immigration import Migrants, Staying
from sim.assumptions.yearly import Assumptions
from sim.axes import Array
from sim.engine import Closing, Targets

_BY_STEP = (
    "survival",
    "fertility_before_birthday",
    "fertility_after_birthday",
    "male_share",
    "child_group",
    "migrants",
    "emigration_hazard",
    "emigration_share",
    "transition_hazard",
    "transition_share",
    "endings",
)


def of_steps(assumptions: Assumptions, first: int, last: int, population: Array | None = None) -> Assumptions:
    """Assumptions of some of the steps.

    Parameters
    ----------
    assumptions : Assumptions
        Of all steps.
    first, last : int
        Place of the first step, and of the first one after the last.
    population : (R, G, 2, A) array, optional
        Persons on the first 1 January of these steps; those of the whole without it.

    Returns
    -------
    Assumptions
        All that a projection depends on; what immigrants are told apart by, and pipelines, are left out.
    """
    if population is None and (first, last) == (0, len(assumptions.survival)):
        return assumptions
    steps = slice(first, last)
    fields: dict[str, Any] = {name: _cut(getattr(assumptions, name), steps) for name in _BY_STEP}
    came = assumptions.came
    staying = tuple(Staying(each.stay, *(array[steps] for array in each[1:])) for each in came.staying)
    parts = tuple(part._replace(persons=part.persons[steps]) for part in came.parts)
    return assumptions._replace(
        **fields,
        population=assumptions.population if population is None else population,
        came=Migrants(came.persons[steps], _cut(came.scaled, steps), staying=staying, parts=parts),
        targets=_targets(assumptions.targets, steps),
    )


def _targets(targets: Targets, steps: slice) -> Targets:
    """Targets of some of the steps."""
    closing = targets.closing
    if closing is not None:
        flows = (_cut(flow, steps) for flow in (closing.immigrants, closing.emigration))
        closing = Closing(closing.balance[steps], closing.members, *flows)
    return Targets(
        _cut(targets.life_expectancy, steps),
        _cut(targets.total_fertility, steps),
        tuple(
            count._replace(
                total=count.total[steps],
                emigration=_cut(count.emigration, steps),
                transition=_cut(count.transition, steps),
            )
            for count in targets.counts
        ),
        closing,
    )


def _cut(array: Array | None, steps: slice) -> Array | None:
    """Some of the steps of an array that may be missing."""
    return None if array is None else array[steps]
