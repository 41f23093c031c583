"""Deaths and survival in the embedded data, of a country and of its regions and groups."""

from functools import cache
from typing import NamedTuple

import numpy as np

from sim.axes import SEXES, Array
from sim.data import belgium_register, states, store
from sim.data.states import Labels
from sim.errors import DataError


class DeathsByYear(NamedTuple):
    """Deaths of a country year by year, without the years whose deaths exceed those published."""

    years: tuple[int, ...]
    deaths: Array
    """(year, sex, age on 1 January), persons; those of the newborn of the year are not among them."""
    population: Array
    """(year, sex, age on 1 January), persons on 1 January; the last age is open."""
    births: Array
    """(year, sex) births of the year."""
    newborn_deaths: Array
    """(year, sex) deaths of those born within the year, before its end."""
    newborn_survival: Array
    """(year, sex) share of the births alive on 31 December."""
    left_out: dict[int, str]
    """Years left out, and why."""
    doubtful: dict[int, str]
    """Years that are there although their deaths are not all known, and why they are doubtful."""


def deaths_and_population(name: str, years: tuple[int, int], open_age: int) -> tuple[Array, Array]:
    """Deaths within the years, and the persons on 1 January they come from, summed over the years.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included.
    open_age : int
        Age on 1 January, completed years, into which all higher ages are pooled.

    Returns
    -------
    deaths, population : array (sex, open_age + 1)
        Persons by age on 1 January, all regions and groups together. Deaths of those born within the
        year are not among them.

    Raises
    ------
    DataError
        If the deaths of a year contradict the published totals, or the dataset or the age is not there.
    """
    register = store.register(name)
    belgium_register.require_open_age(register, open_age)
    belgium_register.require_deaths(*years)
    deaths, persons = (
        sum(
            (belgium_register.by_sex_and_age(register, counts, year) for year in store.inclusive(years)),
            start=np.zeros((len(SEXES), register.oldest + 1)),
        )
        for counts in (register.deaths, register.population)
    )
    pool = belgium_register.pool_open_age
    return pool(deaths, open_age), pool(persons, open_age)


def deaths_by_year(name: str, years: tuple[int, int], open_age: int) -> DeathsByYear:
    """Deaths of each year, and the persons on 1 January they come from.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included.
    open_age : int
        Age on 1 January, completed years, into which all higher ages are pooled.

    Returns
    -------
    DeathsByYear
        All regions and groups together.

    Raises
    ------
    DataError
        If a year, the dataset or the age is not there, or no year is left.

    Notes
    -----
    The deaths of those born within a year are all deaths published for it less those of the register; a year
    in which that is negative is left out. Before 1997 the difference is more than newborn deaths explain:
    deaths of others are missing from the register, so that its mortality is too low by up to 0.7 percent.
    How the newborn deaths are divided between girls and boys is an assumption, see
    `sim.data.belgium_register.split_infant_risk`.
    """
    register = store.register(name)
    belgium_register.require_open_age(register, open_age)
    first, last = register.years[0], register.years[-1]
    if not first <= years[0] <= years[1] <= last:
        message = f"deaths of {years[0]} to {years[1]} are not there; the years of {name} are {first} to {last}"
        raise DataError(message)
    left_out = {
        year: reason for year, reason in belgium_register.CONTRADICTED_YEARS.items() if years[0] <= year <= years[1]
    }
    kept = tuple(year for year in store.inclusive(years) if year not in left_out)
    if not kept:
        raise DataError("; ".join(left_out.values()))
    deaths, persons = (
        np.stack([belgium_register.by_sex_and_age(register, counts, year) for year in kept])
        for counts in (register.deaths, register.population)
    )
    newborn = np.array([_newborn_survival(name, year) for year in kept])
    births, ratios = store.yearly(name, "births"), store.yearly(name, "sex_ratio_at_birth")
    born = np.array([births[year] / (1 + ratios[year]) * np.array([1, ratios[year]]) for year in kept])
    early = {year: belgium_register.EARLY_YEARS for year in kept if year < belgium_register.FIRST_RECONCILED_YEAR}
    pool = belgium_register.pool_open_age
    return DeathsByYear(
        kept, pool(deaths, open_age), pool(persons, open_age), born, (1 - newborn) * born, newborn, left_out, early
    )


def infant_deaths(name: str, year: int) -> float:
    """Return the deaths of those born in `year` before its end, persons, both sexes.

    All deaths published for the year minus the deaths in the register, which knows only those already
    alive on 1 January.

    Raises
    ------
    DataError
        If the deaths of the year contradict the published totals, or the dataset is not there.
    """
    register = store.register(name)
    belgium_register.require_deaths(year, year)
    of_register = belgium_register.by_sex_and_age(register, register.deaths, year).sum()
    return store.yearly(name, "deaths")[year] - float(of_register)


def survival(
    name: str, years: tuple[int, int], open_age: int, regions: Labels | None = None, groups: Labels | None = None
) -> Array:
    """Survival ratios of the pooled years, by sex and age reached on 31 December.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included.
    open_age : int
        Age reached, completed years, that is open.
    regions, groups : tuple of str, optional
        Regions, and groups of one grouping; not divided where not given or the label of the sum.

    Returns
    -------
    array (sex, open_age + 1)
        Share alive on 31 December of those alive on 1 January; index 0 from birth to 31 December. The
        last ratio holds for those who enter the open age and for those already in it. Divided by
        regions or groups: (region, group, sex, open_age + 1).

    Raises
    ------
    DataError
        If the deaths of a year contradict the published totals, or the dataset, the age, a region or a
        group is not there.

    Notes
    -----
    Index a is 1 - sum of D(a-1) / sum of N(a-1) over the years, pooled from age 100 on 1 January on, see
    `sim.data.belgium_register.death_quotients`. Index 0 is 1 - infant deaths / births, both summed over
    2008 to 2015, whatever the years asked for. Infant deaths are all deaths published for a year minus
    those of the register. They are not known by sex; how they are divided is an assumption, see
    `sim.data.belgium_register.split_infant_risk`.

    Of a region or group, index 0 is that of the country, because infant deaths are not known by state.
    The other ratios are those of the country to the power of its `mortality_ratios`.
    """
    belgium_register.require_open_age(store.register(name), open_age)
    deaths, persons = deaths_and_population(name, years, store.register(name).oldest)
    ratios = belgium_register.survival_ratios(deaths, persons, _mean_newborn_survival(name), open_age)
    if states.undivided(regions) and states.undivided(groups):
        return ratios
    exponents = mortality_ratios(name, years, regions, groups)[..., None]
    newborn = np.broadcast_to(ratios[:, :1], exponents.shape)
    return np.concatenate([newborn, ratios[:, 1:] ** exponents], axis=-1)


def mortality_ratios(
    name: str, years: tuple[int, int], regions: Labels | None = None, groups: Labels | None = None
) -> Array:
    """Standardised mortality ratios of regions and groups, by sex.

    Parameters
    ----------
    name, years, regions, groups
        As `survival` takes them.

    Returns
    -------
    array (region, group, sex)
        Deaths of the pooled years over the deaths expected with the quotients of the country: sum over
        the ages of q(a) N(a), where N(a) are the persons of the state. An axis that is not divided has
        length 1.

    Raises
    ------
    DataError
        As `survival`.

    Notes
    -----
    Indirect standardisation. Deaths of those born within the year are not among them. Two assumptions
    go with its use in `survival`. The hazards of all ages of a state differ by one number from those of
    the country, because a state has too few deaths at single ages to see more. A group by origin has the
    ratios of its nationality, because no deaths are known by origin.
    """
    register = store.register(name)
    regions, groups = (states.WHOLE if labels is None else labels for labels in (regions, groups))
    states.check_regions(name, regions, register.regions)
    if states.grouping_of(name, groups, store.groupings(name)) == states.ORIGIN:
        nationality = {origin.group: origin.nationality for origin in store.origins(name)}
        groups = tuple(nationality[group] for group in groups)
    deaths, persons = deaths_and_population(name, years, register.oldest)
    quotients = belgium_register.death_quotients(deaths, persons, register.oldest + 1)
    observed, exposed = (
        states.select(states.select(counts, 0, regions, register.regions), 1, groups, register.groups)
        for counts in (_of_states(name, years, register.deaths), _of_states(name, years, register.population))
    )
    ratios: Array = observed.sum(axis=-1) / (quotients * exposed).sum(axis=-1)
    return ratios


def _of_states(name: str, years: tuple[int, int], counts: belgium_register.Counts) -> Array:
    """Sum of the years, (region, group, sex, age on 1 January)."""
    known = store.register(name).years
    chosen: Array = counts[known.index(years[0]) : known.index(years[1]) + 1].sum(axis=0, dtype=np.float64)
    return chosen


@cache
def _quotients_at_age_0(name: str) -> Array:
    """Quotients of death of girls and boys of age 0 on 1 January, the years together whose deaths reconcile."""
    years = (belgium_register.FIRST_MIGRATION_YEAR, belgium_register.LAST_RECONCILED_YEAR)
    deaths, persons = deaths_and_population(name, years, store.register(name).oldest)
    quotients: Array = deaths[:, 0] / persons[:, 0]
    return quotients


def _newborn_survival(name: str, year: int) -> tuple[float, float]:
    """Ratios from birth to 31 December of girls and boys born in a year, by the quotients of death one year older."""
    register = store.register(name)
    births, ratio = store.yearly(name, "births")[year], store.yearly(name, "sex_ratio_at_birth")[year]
    of_register = belgium_register.by_sex_and_age(register, register.deaths, year).sum()
    risk = (store.yearly(name, "deaths")[year] - float(of_register)) / births
    girls_risk, boys_risk = belgium_register.split_infant_risk(risk, ratio / (1 + ratio), _quotients_at_age_0(name))
    return 1 - girls_risk, 1 - boys_risk


@cache
def _mean_newborn_survival(name: str) -> tuple[float, float]:
    """Ratios from birth to 31 December of the girls and boys born in the years whose deaths reconcile."""
    years = (belgium_register.FIRST_MIGRATION_YEAR, belgium_register.LAST_RECONCILED_YEAR)
    births, ratios = store.yearly(name, "births"), store.yearly(name, "sex_ratio_at_birth")
    born = sum(births[year] for year in store.inclusive(years))
    boys = sum(births[year] * ratios[year] / (1 + ratios[year]) for year in store.inclusive(years))
    risk = sum(infant_deaths(name, year) for year in store.inclusive(years)) / born
    girls_risk, boys_risk = belgium_register.split_infant_risk(risk, boys / born, _quotients_at_age_0(name))
    return 1 - girls_risk, 1 - boys_risk
