"""What a result tells apart among the immigrants: motives, sponsors, nationalities, and what policies change."""

from typing import Any

import numpy as np

from sim.assumptions.immigration import Labelled, Migrants
from sim.axes import Array
from sim.scenario.schema import Scenario

Variables = dict[str, tuple[tuple[str, ...], Array]]

TOLD_APART = {
    "immigrants_by_motive": "immigrants, by the motive that they come for",
    "immigrants_by_sponsor": "immigrants, by who opened the right to family reunification",
    "immigrants_by_nationality": "immigrants, by the nationality that their flow is published for",
    "policy_effect": "immigrants that a policy adds to the streams as stated, before any are scaled to a balance",
}
"""Long names of the variables."""
LABELS = {
    "motive": "motive of immigrants",
    "sponsor": "who opened the right to family reunification",
    "nationality": "nationality of immigrants",
    "policy": "policy",
}
"""Long names of the coordinates."""


def told_apart(came: Migrants, immigrants: Array) -> Variables:
    """Immigrants by motive, by sponsor and by nationality, and the effect of policies.

    Parameters
    ----------
    came : Migrants
        As stated, before any were scaled to close a balance.
    immigrants : (n, R, G, 2, A) array
        As projected, persons.

    Returns
    -------
    dict
        Dimensions and values of each variable that there is.
    """
    factor = _factor(came, immigrants)
    variables: Variables = {}
    for label, stated in _told(came).items():
        if stated is not None:
            persons = stated.fixed + stated.scaled * factor[:, None]
            variables[f"immigrants_by_{label}"] = (("period", label, "region", "group"), persons)
    if came.policy_effect is not None:
        variables["policy_effect"] = (("period", "policy"), came.policy_effect)
    return variables


def labels_told_apart(scenario: Scenario, came: Migrants) -> dict[str, Any]:
    """Coordinates of what is told apart.

    Parameters
    ----------
    scenario : Scenario
        As loaded.
    came : Migrants
        As stated.

    Returns
    -------
    dict
        Dimension, labels and attributes of each coordinate.
    """
    policies = [policy.name for policy in scenario.policies]
    labels = {label: list(stated.labels) for label, stated in _told(came).items() if stated is not None}
    labels["policy"] = policies
    return {name: (name, found, {"long_name": LABELS[name]}) for name, found in labels.items() if found}


def _told(came: Migrants) -> dict[str, Labelled | None]:
    """What immigrants are told apart by."""
    return {"motive": came.by_motive, "sponsor": came.by_sponsor, "nationality": came.by_nationality}


def _factor(came: Migrants, immigrants: Array) -> Array:
    """Factor of the year and state on those who were scaled to close a balance, (n, R, G); 0 where there are none."""
    if came.scaled is None:
        return np.zeros(immigrants.shape[:3])
    scaled, fixed = (persons.sum(axis=(-2, -1)) for persons in (came.scaled, came.persons))
    factor: Array = np.zeros_like(scaled)
    came_scaled = immigrants.sum(axis=(-2, -1)) - fixed
    np.divide(came_scaled, scaled, out=factor, where=scaled > 0)
    return factor
