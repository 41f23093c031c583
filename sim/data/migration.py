"""Migration and changes of nationality in the embedded data, of a country and of its regions and groups.

No table of immigration, emigration or acquisitions of nationality by age is published. Net migrants are
what births and deaths leave unexplained; immigrants and emigrants of foreign nationality are a model of
what they and the published totals may be made of.
"""

import numpy as np

from sim.axes import Array
from sim.data import belgium_register, states, store
from sim.data.mortality import infant_deaths
from sim.data.states import Labels
from sim.demography.schedules import FUNDAMENTAL_PARAMETERS, GrossFlows, net_migrants, rogers_castro, split_net
from sim.errors import DataError

YEARS_OF_MEAN_ACQUISITIONS = (2008, 2017)
"""First and last year that may have a mean of other years as its acquisitions of nationality."""

LAST_AGE_OF_THE_OLDEST = 94
"""Age reached up to which net migrants of the oldest are counted by state: above there may be nobody to leave."""

ONE_RATIO_FROM = 90
"""From this age reached on, single cells hold too few people for flows of their own.

There the net migrants of a state are one ratio of its people up to `LAST_AGE_OF_THE_OLDEST` and none above, see
`divide_by_state`, and immigrants and emigrants of foreign nationality are one cell, see `emigration_hazard`."""

NEWBORN_AGE = 1 / 3
"""Exact age of those born within the year, on average over the time they live in it."""


def net_migration(
    name: str, years: tuple[int, int], open_age: int, regions: Labels | None = None, groups: Labels | None = None
) -> Array:
    """Net migrants of each year, by sex and age reached on 31 December.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included; within 2008 to 2015.
    open_age : int
        Age reached, completed years, that pools all cohorts at or above it.
    regions, groups : tuple of str, optional
        Regions, and groups by nationality; not divided where not given or the label of the sum.

    Returns
    -------
    array (year, sex, open_age + 1)
        Persons. The sum of a year is its ``net_migration_residual`` in the series: whatever changed
        the population besides births and deaths, so statistical adjustments are in it. Divided by
        regions or groups: (year, region, group, sex, open_age + 1).

    Raises
    ------
    DataError
        If births and deaths of a year do not reconcile, the groups are those by origin, or the dataset,
        the age, a region or a group is not there.

    Notes
    -----
    At age a, N(t+1, a) - N(t, a-1) + D(t, a-1). At age 0, N(t+1, 0) - births + infant deaths, known for
    both sexes together; how it is divided is an assumption, see
    `sim.data.belgium_register.split_newborn_migrants`.

    How a year is divided between regions and nationalities rests on assumptions, see `divide_by_state`.
    """
    register = store.register(name)
    belgium_register.require_open_age(register, open_age)
    belgium_register.require_migration(*years)
    regions, groups = (states.WHOLE if labels is None else labels for labels in (regions, groups))
    _require_states(name, regions, groups)
    net = np.stack([_net_migration_of_year(name, year) for year in store.inclusive(years)])
    if not (states.undivided(regions) and states.undivided(groups)):
        net = np.stack([divide_by_state(name, year, net[place]) for place, year in enumerate(store.inclusive(years))])
        net = states.select(states.select(net, 1, regions, register.regions), 2, groups, register.groups)
    return belgium_register.pool_open_age(net, open_age)


def migration_profile(
    name: str, years: tuple[int, int], open_age: int, regions: Labels | None = None, groups: Labels | None = None
) -> Array:
    """Mean of the yearly net migrants, by sex and age reached on 31 December.

    Parameters are those of `net_migration`, and so are the faults.

    Returns
    -------
    array (sex, open_age + 1)
        Persons a year, not scaled to any total. Divided by regions or groups: (region, group, sex,
        open_age + 1), some of them negative.
    """
    mean: Array = net_migration(name, years, open_age, regions, groups).mean(axis=0)
    return mean


def immigration_profile(name: str, years: tuple[int, int], open_age: int) -> Array:
    """Immigrants of foreign nationality, by sex and age reached on 31 December, as a model splits net migration.

    Parameters are those of `emigration_hazard`, and so are the faults and the model.

    Returns
    -------
    array (sex, open_age + 1)
        Persons a year, mean of the years, none negative. Their sum is the mean of the published immigrants.

    Notes
    -----
    Net migrants of foreign nationality (`net_migration`) plus the emigrants of `emigration_hazard`. From
    `ONE_RATIO_FROM` on, immigrants of each sex are one ratio of the person-years.
    """
    belgium_register.require_open_age(store.register(name), open_age)
    immigrants = _flows_of_foreigners(name, years).immigrants
    oldest = _person_years_of_foreigners(name, years)[:, ONE_RATIO_FROM:]
    of_the_oldest = immigrants[:, -1:] * oldest / oldest.sum(axis=1, keepdims=True)
    return belgium_register.pool_open_age(np.concatenate([immigrants[:, :-1], of_the_oldest], axis=1), open_age)


def emigration_hazard(name: str, years: tuple[int, int], open_age: int) -> Array:
    """Emigrations of foreigners per person-year, by sex and age reached on 31 December, by a model.

    Parameters
    ----------
    name : str
        Dataset.
    years : (int, int)
        First and last calendar year, both included; immigrants and emigrants of foreign nationality are
        published for all of them: 2010 and 2011.
    open_age : int
        Age reached, completed years, that pools all cohorts at or above it.

    Returns
    -------
    array (sex, open_age + 1)
        Emigrants over person-years, means of the years. Person-years of a cohort are the mean of its
        foreigners on both 1 Januaries; nobody of the newborn was there on the first. The emigrants add up to
        the mean of the published ones.

    Raises
    ------
    DataError
        If the totals of a year are not published, or the dataset or the age is not there.

    Notes
    -----
    A model, because no table of emigrants by age is published. The net migrants of foreign nationality of
    `migration_profile` are split by `sim.demography.schedules.split_net`: the published totals beyond the
    net migrants are turnover, people who leave and are replaced by others of their sex and age. They leave
    at risks in proportion to the simplified basic standard schedule of Rogers and Castro (1981), Model
    Migration Schedules, IIASA RR-81-30 (`FUNDAMENTAL_PARAMETERS`), the same of both sexes: an assumption.
    It is taken at the age reached, which is the exact age in the middle of the year, and at `NEWBORN_AGE`.

    Nothing is smoothed. Below `ONE_RATIO_FROM`, all cells of 2010 and 2011 gain people but one (men who
    reach 65 in 2011, -3.5). So those who leave are turnover, their risks have the shape of the schedule, and
    what noise there is in the net migrants is in the immigrants. From `ONE_RATIO_FROM` on, each sex is one
    cell with one hazard.

    A return at retirement is not seen: the schedule has none, and `divide_by_state` spreads the changes of
    nationality over all ages at one risk. Where the old change nationality more rarely, fewer of them come,
    or more leave, than here.
    """
    belgium_register.require_open_age(store.register(name), open_age)
    last = min(open_age, ONE_RATIO_FROM)
    emigrants = belgium_register.pool_open_age(_flows_of_foreigners(name, years).emigrants, last)
    hazard = emigrants / belgium_register.pool_open_age(_person_years_of_foreigners(name, years), last)
    return hazard[:, np.minimum(np.arange(open_age + 1), last)]


def divide_by_state(name: str, year: int, country: Array) -> Array:
    """Net migrants of a year by region and nationality, changes of nationality taken out.

    Parameters
    ----------
    name : str
        Dataset.
    year : int
        Calendar year, 2008 to 2015.
    country : (sex, A) array
        Net migrants of the country by age reached, persons.

    Returns
    -------
    array (region, nationality, sex, A)
        Persons; the states add up to `country`, from `ONE_RATIO_FROM` on only the sum of those ages.

    Notes
    -----
    Below `ONE_RATIO_FROM`, each state's N(t+1, a) - N(t, a-1) + D(t, a-1). By region these are all moves
    over its border, those from and to the other regions too: no table of moves between the regions is
    published by sex and age that would tell them apart. Three assumptions are made.

    The foreigners of all regions, sexes and ages become Belgian at one risk. The
    `acquisitions_of_nationality` so spread are added to the foreigners of their cohort and taken from the
    Belgians of the same region, sex and cohort. In 2010 and 2011 they are such that the foreigners of all
    states add up to their published balance.

    Births are not published by region and nationality, so the net migrants of age 0 of each sex are
    divided as those of age 1 are, signs included: families who leave Brussels take infants of both ages
    with them.

    From `ONE_RATIO_FROM` on, where a state has few people and errors of either sign, the country's net
    migrants of each sex, of all those ages together, are one ratio of the people of each state and cohort
    on 1 January up to `LAST_AGE_OF_THE_OLDEST`. Above it, where there may be nobody to leave, there are
    none. Changes of nationality and moves between the regions are not seen at these ages.
    """
    risk = acquisitions_of_nationality(name, year) / _foreigners(name, year).sum()
    return _divide_at_risk(name, year, country, risk)


def acquisitions_of_nationality(name: str, year: int) -> float:
    """Return the foreigners who became Belgian within `year`, persons, published or derived.

    Raises
    ------
    DataError
        If the dataset has no figure of the year, none of 2008 to 2017.

    Notes
    -----
    The figure of the year where the series has one. Where it has the balance of foreigners instead, of
    2010 and 2011, as many as make the net migrants of foreign nationality of `net_migration` add up to it:
    30,887 and 30,623. The other years, 2008, 2009 and 2012, have the mean of these two, 30,755: an
    assumption.

    The press gives 369,933 for 2008 to 2017 together (hln.be, a38ce097). The five years that the series has
    one by one, 2013 to 2017, leave 43,866 for each of the others; that contradicts both balances and is
    not used.
    """
    published = store.yearly(name, "acquisitions_of_nationality")
    if year in published:
        return published[year]
    first, last = YEARS_OF_MEAN_ACQUISITIONS
    if not first <= year <= last:
        years = ", ".join(str(known) for known in sorted(published) if not first <= known <= last)
        message = f"acquisitions of nationality of {year} are not known; known are {years} and {first} to {last}"
        raise DataError(message)
    balances = _balances_of_foreigners(name)
    years_of_balance = [year] if year in balances else sorted(balances)
    return float(np.mean([_acquisitions_of_balance(name, of, balances[of]) for of in years_of_balance]))


def _balances_of_foreigners(name: str) -> dict[int, float]:
    """Immigrants minus emigrants of foreign nationality, of each year for which both are published."""
    immigrants, emigrants = (store.yearly(name, f"{flow}_of_foreigners") for flow in ("immigration", "emigration"))
    return {year: immigrants[year] - emigrants[year] for year in immigrants.keys() & emigrants.keys()}


def _acquisitions_of_balance(name: str, year: int, balance: float) -> float:
    """Acquisitions of nationality with which the net migrants of foreign nationality add up to `balance`.

    The net migrants, infants included, are a linear function of the risk of becoming Belgian: the risks 0
    and 1 determine it.
    """
    country = _net_migration_of_year(name, year)
    foreign = store.register(name).groups.index(states.FOREIGN)
    at_none, at_all = (float(_divide_at_risk(name, year, country, risk)[:, foreign].sum()) for risk in (0.0, 1.0))
    return (balance - at_none) / (at_all - at_none) * float(_foreigners(name, year).sum())


def _divide_at_risk(name: str, year: int, country: Array, risk: float) -> Array:
    """`divide_by_state` with `risk` as the share of the foreigners who become Belgian within the year."""
    register = store.register(name)
    index = register.years.index(year)
    before, after = (register.population[place].astype(np.float64) for place in (index, index + 1))
    cohorts = net_migrants(before, after, register.deaths[index].astype(np.float64))
    acquired = risk * _foreigners_by_age_reached(name, year)[..., 1:]
    cohorts[:, register.groups.index(states.FOREIGN)] += acquired
    cohorts[:, register.groups.index(states.BELGIAN)] -= acquired
    people = before[..., ONE_RATIO_FROM - 1 : LAST_AGE_OF_THE_OLDEST]
    cohorts[..., ONE_RATIO_FROM - 1 :] = 0
    ratio = country[:, ONE_RATIO_FROM:].sum(axis=-1) / people.sum(axis=(0, 1, 3))
    cohorts[..., ONE_RATIO_FROM - 1 : LAST_AGE_OF_THE_OLDEST] = people * ratio[:, None]
    of_age_one = cohorts[..., 0]
    newborn = country[:, 0] * of_age_one / of_age_one.sum(axis=(0, 1))
    return np.concatenate([newborn[..., None], cohorts], axis=-1)


def _net_migration_of_year(name: str, year: int) -> Array:
    """Net migrants of the country, (sex, age reached)."""
    register = store.register(name)
    counts = belgium_register.by_sex_and_age
    after = counts(register, register.population, year + 1)
    before, deaths = (counts(register, of_what, year) for of_what in (register.population, register.deaths))
    cohorts = net_migrants(before, after, deaths)
    newborn = float(after[:, 0].sum()) - store.yearly(name, "births")[year] + infant_deaths(name, year)
    divided = belgium_register.split_newborn_migrants(newborn, cohorts[:, 0])
    return np.concatenate([divided[:, None], cohorts], axis=1)


def _require_states(name: str, regions: Labels, groups: Labels) -> None:
    states.check_regions(name, regions, store.register(name).regions)
    if states.grouping_of(name, groups, store.groupings(name)) == states.ORIGIN:
        known = ", ".join(store.register(name).groups)
        message = f"net migration of {name} is not known by origin; it is known by nationality: {known}"
        raise DataError(message)


def _foreigners(name: str, year: int) -> Array:
    """Foreigners on 1 January, (region, sex, age)."""
    register = store.register(name)
    of_year = register.population[register.years.index(year)]
    foreigners: Array = of_year[:, register.groups.index(states.FOREIGN)].astype(np.float64)
    return foreigners


def _foreigners_by_age_reached(name: str, year: int) -> Array:
    """Foreigners on 1 January by the age they reach on 31 December, nobody at 0, (region, sex, age reached)."""
    foreigners = _foreigners(name, year)
    older = belgium_register.pool_open_age(foreigners, store.register(name).oldest - 1)
    return np.concatenate([np.zeros_like(older[..., :1]), older], axis=-1)


def _flows_of_foreigners(name: str, years: tuple[int, int]) -> GrossFlows:
    """Immigrants and emigrants of foreign nationality of the mean year, (sex, age reached), the last age open."""
    known = sorted(_balances_of_foreigners(name))
    unknown = [year for year in store.inclusive(years) if year not in known]
    if unknown:
        message = (
            "immigrants and emigrants of foreign nationality are not both published for "
            f"{', '.join(map(str, unknown))}; known are {', '.join(map(str, known))}"
        )
        raise DataError(message)
    net = migration_profile(name, years, ONE_RATIO_FROM, states.WHOLE, (states.FOREIGN,))[0, 0]
    immigration, emigration = (
        np.mean([store.yearly(name, f"{flow}_of_foreigners")[year] for year in store.inclusive(years)])
        for flow in ("immigration", "emigration")
    )
    person_years = _person_years_of_foreigners(name, years)
    ages = np.arange(person_years.shape[-1], dtype=np.float64)
    ages[0] = NEWBORN_AGE
    turnover = person_years * rogers_castro(ages, **FUNDAMENTAL_PARAMETERS)
    return split_net(net, immigration, emigration, belgium_register.pool_open_age(turnover, ONE_RATIO_FROM))


def _person_years_of_foreigners(name: str, years: tuple[int, int]) -> Array:
    """Mean of the foreigners of a cohort on both 1 Januaries, and of the years, (sex, age reached)."""
    both = [_foreigners_by_age_reached(name, year) + _foreigners(name, year + 1) for year in store.inclusive(years)]
    person_years: Array = np.mean(both, axis=0).sum(axis=0) / 2
    return person_years
