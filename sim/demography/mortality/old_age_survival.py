"""Survival ratios by cohort slot whose oldest ages follow a law of mortality."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.mortality.old_age import YEARS_BEYOND, OldAgeModel, fit_to_rates, law_rates


def with_old_age(survival: ArrayLike, *, model: OldAgeModel, fitted_ages: tuple[int, int], open_age: int) -> Array:
    """Survival ratios that follow a law of mortality above the ages it is fitted to.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot, from 0 to 1; the ratio into age a stands at a, the last two are of the open age.
    model : {"kannisto", "gompertz"}
        The law.
    fitted_ages : pair of int
        First and last age reached to which the law is fitted, both below the open age of `survival`.
    open_age : int
        Open age of the result, above the fitted ages.

    Returns
    -------
    (..., open_age + 2) array
        The ratios as they are up to the last fitted age, those of the law above it; both cohorts of the open age have
        the ratio of its stationary population, T_ω / T_{ω-1}.

    Raises
    ------
    ValueError
        If an input is out of bounds, the ages do not fit together, or mortality falls with age.

    Notes
    -----
    A cohort that reaches age a within a year is exactly that old in its middle, so minus the logarithm of its ratio
    is taken for the hazard at exact age a; see `fit_to_rates`.
    """
    ratios = checked(survival, "survival ratios", high=1)
    first, last = fitted_ages
    known = ratios.shape[-1] - 3
    if not 0 < first < last <= known or not last < open_age:
        message = (
            f"a law of mortality fitted to ages {first} to {last} does not fit ratios known to age {known} and an open "
            f"age of {open_age}; fit it to two ages or more, up to {known} and below the open age"
        )
        raise ValueError(message)
    if not ratios[..., first : last + 1].min() > 0:
        message = f"nobody survives to one of the ages {first} to {last}, to which a law of mortality is to be fitted"
        raise ValueError(message)
    law = fit_to_rates(-np.log(ratios[..., first : last + 1]), np.arange(first, last + 1.0), model=model)
    older = np.exp(-law_rates(law, np.arange(last + 1, open_age + YEARS_BEYOND)))
    oldest = np.cumprod(older[..., open_age - last - 1 :], axis=-1).sum(axis=-1)
    result = np.empty((*older.shape[:-1], open_age + 2))
    result[..., : last + 1] = ratios[..., : last + 1]
    result[..., last + 1 : open_age] = older[..., : open_age - last - 1]
    result[..., open_age:] = (oldest / (1 + oldest))[..., None]
    return result
