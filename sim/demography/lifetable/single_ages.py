"""Death rates by single age out of those of age groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.graduation import monotone_cubic
from sim.demography.graduation.spline import checked_edges
from sim.demography.lifetable.infancy import InfantRule, andreev_kingkade
from sim.demography.lifetable.table import death_rate_from_probability, life_table


def single_age_death_rates(
    death_rate: ArrayLike, first_ages: ArrayLike, infant_rule: InfantRule = andreev_kingkade
) -> Array:
    """Death rates by single age under which as many survive to the first age of each group as under its own rates.

    Parameters
    ----------
    death_rate : (..., 2, G) array
        m_x of the groups, deaths per person-year, female and male, the last group open.
    first_ages : (G,) array
        First ages of the groups, from 0 on, whole and rising.
    infant_rule : function
        a_0 from m_0, as in `life_table`.

    Returns
    -------
    (..., 2, first_ages[-1] + 1) array
        m_x of single ages, the last one open with the rate of its group.

    Raises
    ------
    ValueError
        As `life_table`.

    Notes
    -----
    A monotone cubic through minus the logarithm of the survivors, which is the hazard accumulated over age, read off
    at whole ages; it rises, so no rate is negative.
    """
    edges = checked_edges(first_ages).astype(float)
    survivors = life_table(np.asarray(death_rate, dtype=float), infant_rule, first_ages=edges).survivors
    hazard = np.diff(monotone_cubic(edges, -np.log(survivors), np.arange(edges[-1] + 1)))
    open_rate = np.asarray(death_rate, dtype=float)[..., -1:]
    probability = -np.expm1(-np.concatenate([hazard, open_rate], axis=-1))
    return death_rate_from_probability(probability, infant_rule)
