"""Life tables by single ages and by age groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.axes import SEXES, Array
from sim.demography.checks import checked, rising
from sim.demography.lifetable.infancy import InfantRule, andreev_kingkade, coale_demeny_at_ages_1_to_4

FIRST_AGE_OF_GREVILLE = 15
"""Below it, deaths of five-year groups are put in the middle: the rates of children do not rise with age."""

ITERATIONS_OF_INFANTS, ITERATIONS_OF_GROUPS = 100, 1000


class LifeTable(NamedTuple):
    """Columns of a life table with a radix of 1, each (..., A); the last age is open."""

    death_rate: Array
    """m_x, deaths per person-year."""
    years_lived_by_dying: Array
    """a_x, mean years lived in the age by those who die in it."""
    death_probability: Array
    """q_x, from one exact age to the next; 1 in the open age."""
    survivors: Array
    """l_x, at the exact age."""
    deaths: Array
    """d_x, within the age."""
    person_years: Array
    """L_x, lived within the age."""
    person_years_remaining: Array
    """T_x, lived from the exact age on."""
    life_expectancy: Array
    """e_x, years."""


def death_rates(deaths: ArrayLike, exposure: ArrayLike) -> Array:
    """Deaths per person-year.

    Parameters
    ----------
    deaths : (..., A) array_like
        Deaths by age.
    exposure : (..., A) array_like
        Person-years lived at the same ages, above zero; broadcast against the deaths.

    Returns
    -------
    (..., A) array
        m_x.

    Raises
    ------
    ValueError
        If one of them is negative or not a number, or nobody is exposed.
    """
    died, lived = checked(deaths, "deaths"), checked(exposure, "person-years of exposure")
    if not lived.min() > 0:
        cell = np.argwhere(lived == 0)[0].tolist()
        message = f"person-years of exposure hold 0 at {cell}; a death rate needs some: pool ages or years"
        raise ValueError(message)
    return died / lived


def life_table(
    death_rate: Array,
    infant_rule: InfantRule = andreev_kingkade,
    *,
    first_ages: ArrayLike | None = None,
    years_lived_by_dying: ArrayLike | None = None,
) -> LifeTable:
    """Life table of death rates by completed age or by age group.

    Parameters
    ----------
    death_rate : (..., 2, A) array
        m_x, deaths per person-year, female and male, the last age open and above zero. Where
        `years_lived_by_dying` is given, any (..., A): no rule then needs to know the sex.
    infant_rule : function
        a_0 from m_0; `andreev_kingkade` or `coale_demeny`.
    first_ages : (A,) array_like, optional
        First age of each group, from 0 on, such as 0, 1, 5, 10, ..., 85; single ages where not given.
    years_lived_by_dying : array_like, optional
        a_x, years, broadcast against the death rates, in place of all rules. That of the open age is not used: it
        is 1/m.

    Returns
    -------
    LifeTable
        Columns of the shape of `death_rate`.

    Raises
    ------
    ValueError
        If a rate is negative or not a number, the open age's is zero, or one leaves nobody before the open age; if
        the sexes or first ages do not fit the rates; if a_x lies outside its age; if no rule gives it.

    Notes
    -----
    Preston, Heuveline and Guillot (2001), Demography, box 3.1. Where a_x is not given, it is, for

    - age 0: `infant_rule`. A first group wider than a year is refused: its a_x depends on the part of its deaths that
      are infants', which its rate does not tell;
    - ages 1 to 4 together: `coale_demeny_at_ages_1_to_4`;
    - groups of five years from age 15 on: Greville (1943), Record of the American Institute of Actuaries 32, as in
      MORTPAK of the United Nations: a = 2.5 - 25/12 (m - k) with k = ln(m_{x+5} / m_{x-5}) / 10, the growth of the
      rates by age. The last group before the open age takes the k of the group before it, because the rate of an
      open age is not that of five years. Where a rate that k needs is zero, a is half the width. The formula is not
      meant for rates above 0.69, from where on its q falls as m rises;
    - all other ages: half the width;
    - the open age: 1/m.
    """
    death_rate = np.array(death_rate, dtype=float)
    _require_rates(death_rate)
    first = None if first_ages is None else _first_ages(first_ages, death_rate.shape[-1])
    if years_lived_by_dying is None:
        lived = _years_lived_by_rule(death_rate, infant_rule, first)
    else:
        lived = _years_lived_as_given(years_lived_by_dying, death_rate.shape, first)
    lived[..., -1] = 1 / death_rate[..., -1]
    return _columns(death_rate, lived, first)


def _columns(rate: Array, lived: Array, first: Array | None) -> LifeTable:
    """Columns of a life table from m_x and a_x.

    They lie in one block of memory and are filled in place: asking for new memory takes most of the time.
    """
    width = 1.0 if first is None else np.append(np.diff(first), 1.0)
    probability, survivors, deaths, person_years, remaining, expectancy = np.empty((6, *rate.shape))
    lost = np.subtract(width, lived, out=remaining)
    np.multiply(lost, rate, out=probability)
    probability += 1
    np.divide(rate, probability, out=probability)
    probability *= width
    probability[..., -1] = 1
    _require_survivors(probability, first)
    survivors[..., 0] = 1
    np.subtract(1, probability[..., :-1], out=survivors[..., 1:])
    np.cumprod(survivors, axis=-1, out=survivors)
    np.multiply(survivors, probability, out=deaths)
    lost *= deaths
    np.multiply(width, survivors, out=person_years)
    person_years -= lost
    np.divide(survivors[..., -1], rate[..., -1], out=person_years[..., -1])
    np.cumsum(person_years[..., ::-1], axis=-1, out=remaining[..., ::-1])
    np.divide(remaining, survivors, out=expectancy)
    return LifeTable(rate, lived, probability, survivors, deaths, person_years, remaining, expectancy)


def _require_rates(rate: Array) -> None:
    """Refuse death rates that no life table has."""
    if rate.ndim == 0 or rate.size == 0:
        message = "death rates need an axis of ages with one value or more"
        raise ValueError(message)
    if not (rate.min() >= 0 and rate.max() < np.inf):
        cell = tuple(np.argwhere(~((rate >= 0) & (rate < np.inf)))[0].tolist())
        message = f"death rates hold {rate[cell]:g} at {list(cell)}; allowed are finite numbers, zero or more"
        raise ValueError(message)
    if not rate[..., -1].min() > 0:
        message = "death rates must be zero or more, and above zero in the open age"
        raise ValueError(message)


def _require_survivors(probability: Array, first: Array | None) -> None:
    """Refuse a table that ends before its open age."""
    ends = probability[..., :-1] >= 1
    if ends.any():
        place = int(np.argwhere(ends)[0][-1])
        age = place if first is None else first[place]
        message = f"nobody survives age {age:g}, but the table goes on: lower its rate or make it the open age"
        raise ValueError(message)


def _first_ages(first_ages: ArrayLike, length: int) -> Array:
    """First ages of groups, if they fit the rates."""
    first = rising(first_ages, "first ages")
    if first[0] != 0 or len(first) != length:
        message = f"first ages are {len(first)} from {first[0]:g} on; needed are {length}, one a group, from 0 on"
        raise ValueError(message)
    return first


def _years_lived_as_given(years: ArrayLike, shape: tuple[int, ...], first: Array | None) -> Array:
    """a_x as given, if it lies within each age."""
    given = checked(np.atleast_1d(years), "years lived by the dying")
    if np.broadcast_shapes(given.shape, shape) != shape:
        message = f"years lived by the dying of shape {given.shape} do not fit death rates of shape {shape}"
        raise ValueError(message)
    lived = np.array(np.broadcast_to(given, shape))
    width = 1.0 if first is None else np.diff(first)
    beyond = lived[..., :-1] > width
    if beyond.any():
        cell = tuple(np.argwhere(beyond)[0].tolist())
        message = f"years lived by the dying hold {lived[cell]:g} at {list(cell)}; allowed is the width of the age"
        raise ValueError(message)
    return lived


def _years_lived_by_rule(rate: Array, infant_rule: InfantRule, first: Array | None) -> Array:
    """a_x by the rules of `life_table`; that of the open age is left to the caller."""
    if rate.ndim < 2 or rate.shape[-2] != len(SEXES):
        message = f"death rates of shape {rate.shape} are not those of 2 sexes on the axis before the last"
        raise ValueError(message)
    if first is None:
        lived = np.full_like(rate, 0.5)
        lived[..., 0] = infant_rule(rate[..., 0])
        return lived
    if first[1] != 1:
        message = f"no rule gives the years lived by the dying of ages 0 to {first[1]:g}: split off age 0, or give them"
        raise ValueError(message)
    lived = np.empty_like(rate)
    lived[...] = np.append(np.diff(first), 1.0) / 2
    lived[..., 0] = infant_rule(rate[..., 0])
    if len(first) > 2 and first[2] == 5:
        lived[..., 1] = coale_demeny_at_ages_1_to_4(rate[..., 0])
    _apply_greville(lived, rate, first)
    return lived


def _apply_greville(lived: Array, rate: Array, first: Array) -> None:
    """Replace a_x by Greville's formula in groups of five years from age 15 on, where k is known."""
    five = np.append(np.diff(first) == 5, False)
    growth = np.full_like(rate, np.nan)
    inner = five[:-2] & five[1:-1] & five[2:]
    logarithm = np.full_like(rate, np.nan)
    np.log(rate, out=logarithm, where=rate > 0)
    growth[..., 1:-1] = np.where(inner, (logarithm[..., 2:] - logarithm[..., :-2]) / 10, np.nan)
    if five[-2]:
        growth[..., -2] = growth[..., -3]
    formula = 2.5 - 25 / 12 * (rate - growth)
    use = (first >= FIRST_AGE_OF_GREVILLE) & ~np.isnan(growth)
    beyond = use & ((formula <= 0) | (formula >= 5))
    if beyond.any():
        cell = tuple(np.argwhere(beyond)[0].tolist())
        message = (
            f"Greville's formula gives {formula[cell]:g} years lived by those who die at age {first[cell[-1]]:g}; "
        )
        message += "it must lie between 0 and 5: give the years lived, or a younger open age"
        raise ValueError(message)
    np.copyto(lived, formula, where=use)


def death_rate_from_probability(
    probability: Array, infant_rule: InfantRule = andreev_kingkade, *, first_ages: ArrayLike | None = None
) -> Array:
    """Death rates of a life table given by its probabilities of dying.

    Parameters
    ----------
    probability : (..., 2, A) array
        q_x by exact age, female and male, from the first age of a group to that of the next; in the open age the
        probability of dying within one year, below 1.
    infant_rule : function
        a_0 from m_0, as in `life_table`.
    first_ages : (A,) array_like, optional
        First age of each group, as in `life_table`; single ages where not given.

    Returns
    -------
    (..., 2, A) array
        m_x, deaths per person-year, with the a_x of `life_table`, by iteration where a_x depends on them; the open
        age's -ln(1 - q).

    Raises
    ------
    ValueError
        If a probability is not one, or 1 in the open age; if the first ages do not fit; if the rates of groups
        cannot be found.
    """
    chance = checked(probability, "probabilities of dying", high=1)
    if not chance[..., -1].max() < 1:
        message = "probabilities of dying hold 1 in the open age; within one year they must be below 1"
        raise ValueError(message)
    if first_ages is None:
        rate = _single_rates(chance, infant_rule)
    else:
        rate = _group_rates(chance, infant_rule, _first_ages(first_ages, chance.shape[-1]))
    rate[..., -1] = -np.log1p(-chance[..., -1])
    return rate


def _single_rates(chance: Array, infant_rule: InfantRule) -> Array:
    """m_x of single ages; m_0 by iteration with its own a_0."""
    rate = chance / (1 - 0.5 * chance)
    infant = chance[..., 0]
    for _ in range(ITERATIONS_OF_INFANTS):
        previous = rate[..., 0].copy()
        rate[..., 0] = infant / (1 - (1 - infant_rule(previous)) * infant)
        if np.all(np.abs(rate[..., 0] - previous) <= 1e-16):
            break
    return rate


def _group_rates(chance: Array, infant_rule: InfantRule, first: Array) -> Array:
    """m_x of age groups by iteration; the open age's value has no meaning yet."""
    width = np.append(np.diff(first), 1.0)
    rate = chance / (width * (1 - 0.5 * chance))
    for _ in range(ITERATIONS_OF_GROUPS):
        lived = _years_lived_by_rule(rate, infant_rule, first)
        previous, rate = rate, chance / (width - (width - lived) * chance)
        if np.all(np.abs(rate - previous)[..., :-1] <= 1e-15 * rate[..., :-1]):
            return rate
    message = "no death rates are found that lead to these probabilities of dying: give single ages, or rates"
    raise ValueError(message)
