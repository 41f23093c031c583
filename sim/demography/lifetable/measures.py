"""What life tables and survival ratios tell of longevity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import Array
from sim.demography.checks import checked, rising
from sim.demography.lifetable.survival import life_expectancy, stationary_population
from sim.demography.lifetable.table import LifeTable

FIRST_ADULT_AGE = 10
"""Age from which the modal age at death is looked for, so that infants' deaths are not it."""


class AgeContributions(NamedTuple):
    """What each age adds to a difference of life expectancy at birth, years, each (..., A)."""

    contribution: Array
    """All of it: direct and indirect; its sum over the ages is the difference."""
    direct: Array
    """Years lived more within the age itself."""
    indirect: Array
    """Years lived more after the age, by those who survive it in addition; with the interaction."""


def remaining_life_expectancy(survival: Array) -> Array:
    """Remaining life expectancy at exact ages of survival ratios.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot and single year of age, above 0, and below 1 for those already in the open age.

    Returns
    -------
    (..., A) array
        e_x at the beginning of each age, years; e_0 is that of `life_expectancy`.

    Raises
    ------
    ValueError
        If a ratio is not one.

    Notes
    -----
    Ratios tell the years lived at each age, L_x, but not how many reach an exact age. Those are taken as the mean of
    L_{x-1} and L_x, and of L_{ω-1} and its survivors for the open age; where deaths lie in the middle of the year, it
    is l_x and a quarter of its second difference. Compared with the life tables that the ratios come from (Belgium
    2024 to 2100, United Nations 2024, open age 100), e_65 lies within 0.005 years, e_2 to e_80 within 0.01 and the
    others within 0.075. Where many infants die e_1 is too low, by 0.25 years for Canada in 1950.
    """
    ratios = _ratios(survival)
    lived = stationary_population(ratios)
    survivors = np.empty_like(lived)
    survivors[..., 0] = 1
    survivors[..., 1:-1] = (lived[..., :-2] + lived[..., 1:-1]) / 2
    survivors[..., -1] = lived[..., -2] * (1 + ratios[..., -2]) / 2
    remaining: Array = np.cumsum(lived[..., ::-1], axis=-1)[..., ::-1] / survivors
    return remaining


def life_expectancy_on_1_january(survival: Array) -> Array:
    """Life expectancy at birth when the age on 1 January is counted as exact age.

    Parameters
    ----------
    survival : (..., A + 1) array
        Survival ratios by cohort slot and single year of age, above 0, and below 1 for those already in the open age.

    Returns
    -------
    (...) array
        e_0, years: half a year more than the period life table's.

    Raises
    ------
    ValueError
        If a ratio is not one.

    Notes
    -----
    A table that takes slot x for the way from exact age x to x + 1 has S_0 S_1 ... S_{x-1} survivors at exact age x,
    which really are the years lived at age x - 1. With deaths in the middle of each year, its e_0 is one half and
    the sum of the survivors from age 1 on, so that the half year is exact. The Belgian Federal Planning Bureau's
    printed values up to its 2013 edition are of this kind.
    """
    return 0.5 + life_expectancy(_ratios(survival))


def years_lost(table: LifeTable, first_ages: ArrayLike | None = None) -> Array:
    """Years of life lost to death: the mean remaining life expectancy of those who die.

    Parameters
    ----------
    table : LifeTable
        Columns (..., A).
    first_ages : (A,) array_like, optional
        First age of each group of the table; single ages where not given.

    Returns
    -------
    (...) array
        e-dagger at birth, years.

    Raises
    ------
    ValueError
        If the first ages do not fit the table, or it is of age groups and they are not given.

    Notes
    -----
    Vaupel and Canudas-Romo (2003), Demography 40(2), the integral of e(x) d(x). Within an age e is linear between its
    exact ages and deaths stand at a_x; in the open age everybody who dies loses 1/m.
    """
    width = 1.0 if first_ages is None else np.diff(rising(first_ages, "first ages"))
    expectancy, deaths = table.life_expectancy, table.deaths
    if first_ages is not None and np.size(width) != deaths.shape[-1] - 1:
        message = f"first ages are {np.size(width) + 1}; the life table has {deaths.shape[-1]} ages"
        raise ValueError(message)
    if not (table.years_lived_by_dying[..., :-1] <= width).all():
        message = "the life table is of age groups; give their first ages"
        raise ValueError(message)
    share = table.years_lived_by_dying[..., :-1] / width
    at_death = expectancy.copy()
    at_death[..., :-1] += share * (expectancy[..., 1:] - expectancy[..., :-1])
    lost: Array = (deaths * at_death).sum(axis=-1)
    return lost


def modal_age(deaths: ArrayLike, from_age: int = FIRST_ADULT_AGE) -> Array:
    """Exact age at which most adults die.

    Parameters
    ----------
    deaths : (..., A) array_like
        d_x of a life table by single year of age, the last open.
    from_age : int
        First age that may be the mode, 1 or more.

    Returns
    -------
    (...) array
        The age, years.

    Raises
    ------
    ValueError
        If deaths are not numbers of zero or more; if most die at the first of these ages but more in the year before
        it, or at the last age before the open one, whose maximum cannot be seen.

    Notes
    -----
    Kannisto (2001), Population: An English Selection 13(1): x + (d_x - d_{x-1}) / (2 d_x - d_{x-1} - d_{x+1}) with x
    the age of most deaths. It is the vertex of the parabola through the three ages.
    """
    died = checked(deaths, "deaths of the life table")
    if not 1 <= from_age <= died.shape[-1] - 3:
        message = f"from_age {from_age} is not among the ages that may be the mode, 1 to {died.shape[-1] - 3}"
        raise ValueError(message)
    age = from_age + died[..., from_age:-1].argmax(axis=-1)
    before, most, after = (np.take_along_axis(died, (age + step)[..., None], axis=-1)[..., 0] for step in (-1, 0, 1))
    if np.any(age == died.shape[-1] - 2) or np.any(before >= most):
        message = f"deaths have no maximum between age {from_age} and the open age; no modal age can be found"
        raise ValueError(message)
    mode: Array = age + (most - before) / (2 * most - before - after)
    return mode


def age_with_remaining(life_expectancy_by_age: ArrayLike, years: ArrayLike) -> Array:
    """Exact age from which on fewer than a given number of years remain.

    Parameters
    ----------
    life_expectancy_by_age : (..., A) array_like
        e_x at exact ages 0, 1, 2 and so on, years.
    years : (...) array_like
        Remaining life expectancy asked for, such as 15, broadcast against the leading axes.

    Returns
    -------
    (...) array
        The age, years, linear between exact ages; the highest where there are several.

    Raises
    ------
    ValueError
        If the values are no numbers of zero or more, or the life expectancy never falls below the years asked for.

    Notes
    -----
    The old-age threshold of Sanderson and Scherbov (2005), Nature 435.
    """
    expectancy = checked(life_expectancy_by_age, "life expectancies")
    asked = checked(np.atleast_1d(years), "remaining years").reshape(np.shape(years))
    shape = np.broadcast_shapes(expectancy.shape[:-1], asked.shape)
    expectancy = np.broadcast_to(expectancy, (*shape, expectancy.shape[-1]))
    enough = expectancy >= asked[..., None]
    if enough[..., -1].any() or not enough.any(axis=-1).all():
        message = f"no age has {asked.min():g} to {asked.max():g} years of life remaining in every table"
        raise ValueError(message)
    age = expectancy.shape[-1] - 1 - enough[..., ::-1].argmax(axis=-1)
    here, later = (np.take_along_axis(expectancy, (age + step)[..., None], axis=-1)[..., 0] for step in (0, 1))
    exact: Array = age + (here - asked) / (here - later)
    return exact


def arriaga(before: LifeTable, after: LifeTable) -> AgeContributions:
    """Contributions of ages to a difference between two life expectancies at birth.

    Parameters
    ----------
    before, after : LifeTable
        Columns (..., A) of the same ages; leading axes are broadcast.

    Returns
    -------
    AgeContributions
        Of each age to e_0 after less e_0 before.

    Raises
    ------
    ValueError
        If the tables have different numbers of ages.

    Notes
    -----
    Arriaga (1984), Demography 21(1), in the form of Preston, Heuveline and Guillot (2001), Demography, equations 3.11
    and 3.12. Exchanging the tables does not only change the sign: the interaction is counted with the earlier ages.
    """
    if before.survivors.shape[-1] != after.survivors.shape[-1]:
        lengths = [table.survivors.shape[-1] for table in (before, after)]
        message = f"life tables have {lengths[0]} and {lengths[1]} ages; they need the same"
        raise ValueError(message)
    lived = after.person_years / after.survivors - before.person_years / before.survivors
    direct = before.survivors * lived
    relative = before.survivors / after.survivors
    indirect = np.zeros_like(direct)
    indirect[..., :-1] = after.person_years_remaining[..., 1:] * (relative[..., :-1] - relative[..., 1:])
    return AgeContributions(direct + indirect, direct, indirect)


def _ratios(survival: Array) -> Array:
    """Survival ratios by cohort slot, if a life table can come from them."""
    ratios = checked(survival, "survival ratios", high=1)
    if ratios.shape[-1] < 3 or not (ratios.min() > 0 and ratios[..., -1].max() < 1):
        message = "survival ratios of two ages or more must be above 0, and below 1 for those already in the open age"
        raise ValueError(message)
    return ratios
