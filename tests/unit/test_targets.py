"""Totals that a year has to meet are met, as by the risks they imply; what cannot be met is named."""

import numpy as np
import pytest

from sim.demography.lifetable import life_expectancy
from sim.demography.mortality import scale_to_life_expectancy
from sim.engine import (
    CONVENTIONS,
    Closing,
    Count,
    OverdrawnError,
    Rates,
    TargetError,
    Targets,
    project,
    project_to_targets,
    weighs_by_stock,
)

YEARS, AGES = 4, 7
EACH = pytest.mark.parametrize("convention", sorted(CONVENTIONS))
FLOWS = ("population", "births", "births_by_age_of_mother", "deaths", "entrants", "emigrants", "transitions")


class World:
    """A small population, its rates and immigrants, drawn at random."""

    def __init__(self, convention, states=1, moves=False, seed=1):
        self.random = random = np.random.default_rng(seed)
        self.convention, self.states = convention, states
        self.slots = (YEARS, AGES + 1, 2, states)
        fertility = random.uniform(0.1, 0.3, (2, YEARS, AGES + 1, states)) * (np.arange(AGES + 1) > 1)[:, None]
        fertility[..., -2:, :] = 0
        self.rates = Rates(random.uniform(0.75, 0.97, self.slots), *fertility, random.uniform(0.4, 0.6, YEARS))
        if moves:
            self.rates = self.rates._replace(transition_hazard=self.between(0.1))
        self.population = random.uniform(1e3, 2e3, (AGES, 2, states))
        self.migrants = random.uniform(10, 20, (YEARS, AGES, 2, states))

    def hazard(self, most=0.1):
        return self.random.uniform(0, most, self.slots)

    def between(self, most):
        hazard = self.random.uniform(0, most, (*self.slots, self.states)) * (1 - np.eye(self.states))
        return hazard / max(self.states - 1, 1)

    def to(self, **targets):
        """Projection and rates that meet targets."""
        convention = CONVENTIONS[self.convention]
        weighs = weighs_by_stock(convention, self.rates)
        return project_to_targets(self.population, self.rates, self.migrants, convention, Targets(**targets), weighs)

    def year(self, year, stock, rates, migrants):
        """One year of a plain projection; the stock makes the operators where the convention weighs by it."""
        there = (stock,) if self.convention == "spectrum_midyear" else ()
        made = CONVENTIONS[self.convention](rates.of_years(year, year + 1), migrants[year : year + 1], *there)
        return project(stock, *made)

    def plain(self, rates, migrants):
        """Fields of a plain projection, year after year."""
        stock, years = self.population, []
        for year in range(YEARS):
            years.append(self.year(year, stock, rates, migrants))
            stock = years[-1].population[1]
        whole = {name: [getattr(year, name) for year in years] for name in FLOWS}
        whole["population"] = [self.population[None], *(part[1:] for part in whole["population"])]
        return {name: None if parts[-1] is None else np.concatenate(parts) for name, parts in whole.items()}

    def assert_is_plain(self, projection, rates, migrants=None, slack=0.0):
        """The projection is the plain one of these rates and migrants: to the bit, unless slack is given."""
        fields = self.plain(rates, self.migrants if migrants is None else migrants)
        for name, field in fields.items():
            found = getattr(projection, name)
            assert (found is None) == (field is None), name
            if field is not None:
                np.testing.assert_allclose(found, field, rtol=slack, atol=0, err_msg=name)


def by_year(flow):
    return flow.sum(axis=(1, 2, 3))


def bisected(excess, low, high):
    """Where a rising function crosses zero."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return middle


def members(*groups, states):
    return np.array([[float(state in group) for state in range(states)] for group in groups])


@EACH
def test_a_count_is_met_and_is_what_the_hazards_it_implies_lead_to(convention):
    world = World(convention)
    pattern, total = world.hazard(), np.array([900.0, 30.0, 2.5, 1500.0])

    projection, used = world.to(counts=(Count(total, pattern),))

    np.testing.assert_allclose(by_year(projection.emigrants), total, rtol=1e-12)
    factor = (used.emigration_hazard / pattern).reshape(YEARS, -1)
    np.testing.assert_allclose(factor, np.repeat(factor[:, :1], factor.shape[1], axis=1), rtol=1e-14)
    world.assert_is_plain(projection, used)


@EACH
def test_counts_of_several_states_and_of_moves_are_met_at_once(convention):
    world = World(convention, states=3, moves=True)
    world.rates.transition_hazard[..., 2, 0] = 0
    going, moving = world.hazard(), world.between(1.0)
    only = np.zeros((3, 3))
    only[2, 0] = 1
    totals = np.random.default_rng(2).uniform(10, 800, (3, YEARS))
    counts = (
        Count(totals[0], 1e-3 * going * [1, 0, 0]),
        Count(totals[1], 1e3 * going * [0, 1, 1]),
        Count(totals[2], transition=moving * only),
    )

    projection, used = world.to(counts=counts)

    leaving = projection.emigrants.sum(axis=(1, 2))
    np.testing.assert_allclose(leaving[:, 0], totals[0], rtol=1e-12)
    np.testing.assert_allclose(leaving[:, 1] + leaving[:, 2], totals[1], rtol=1e-12)
    np.testing.assert_allclose(projection.transitions[..., 2, 0].sum(axis=(1, 2)), totals[2], rtol=1e-12)
    others = used.transition_hazard * (1 - only)
    np.testing.assert_array_equal(others, world.rates.transition_hazard)
    world.assert_is_plain(projection, used)


@EACH
@pytest.mark.parametrize("kind", ["emigration", "transition"])
def test_a_count_beside_other_risks_counts_its_own_part(convention, kind):
    """Of the events of each cell the part that its hazard is of all: both cohorts of the open age have the same."""
    world = World(convention, states=2)
    others, pattern = (world.hazard() if kind == "emigration" else world.between(0.1) for _ in range(2))
    for hazard in (others, pattern):
        hazard[:, -1] = hazard[:, -2]
    world.rates = world.rates._replace(**{f"{kind}_hazard": others})
    total = np.array([100.0, 300.0, 20.0, 0.5])

    projection, used = world.to(counts=(Count(total, **{kind: pattern}),))

    every = getattr(used, f"{kind}_hazard")
    own = np.divide(every - others, every, out=np.zeros_like(every), where=every > 0)[:, :-1]
    events = projection.emigrants if kind == "emigration" else projection.transitions
    np.testing.assert_allclose((events * own).reshape(YEARS, -1).sum(axis=1), total, rtol=1e-10)
    world.assert_is_plain(projection, used)


@EACH
def test_a_count_may_be_of_emigrants_and_movers_together(convention):
    world = World(convention, states=2)
    total = np.array([100.0, 300, 20, 0.5])

    projection, used = world.to(counts=(Count(total, world.hazard(), world.between(0.2)),))

    events = by_year(projection.emigrants) + projection.transitions.sum(axis=(1, 2, 3, 4))
    np.testing.assert_allclose(events, total, rtol=1e-12)
    world.assert_is_plain(projection, used)


@EACH
def test_two_counts_of_one_pattern_share_it_in_proportion(convention):
    world = World(convention)
    pattern, one, two = world.hazard(), np.array([50.0, 5, 400, 1]), np.array([10.0, 100, 100, 3])

    apart, used = world.to(counts=(Count(one, pattern), Count(two, 3 * pattern)))
    together, used_together = world.to(counts=(Count(one + two, pattern),))

    np.testing.assert_allclose(apart.population, together.population, rtol=1e-11)
    np.testing.assert_allclose(used.emigration_hazard, used_together.emigration_hazard, rtol=1e-11)


@EACH
def test_a_count_of_nobody_adds_no_risk(convention):
    world = World(convention, states=2)
    total, other = np.array([0.0, 80, 0, 3]), np.array([70.0, 0, 0, 9])
    going, moving = 1e4 * world.hazard(), world.between(0.2)

    projection, used = world.to(counts=(Count(total, going), Count(other, transition=moving)))

    np.testing.assert_allclose(by_year(projection.emigrants), total, rtol=1e-12)
    np.testing.assert_allclose(projection.transitions.sum(axis=(1, 2, 3, 4)), other, rtol=1e-12)
    assert not used.emigration_hazard[[0, 2]].any()
    assert not used.transition_hazard[[1, 2]].any()
    world.assert_is_plain(projection, used)


@EACH
@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_count_of_most_of_the_people_is_met(convention, share):
    world = World(convention)
    total = np.array([share * world.population.sum(), 1, 1, 1])

    projection, _ = world.to(counts=(Count(total, np.ones(world.slots)),))

    np.testing.assert_allclose(by_year(projection.emigrants), total, rtol=1e-12)


@EACH
def test_a_count_is_met_after_a_year_whose_risks_would_now_take_more_than_survive(convention):
    world = World(convention)
    world.rates.survival[0], world.rates.survival[1:] = 0.95, 0.3
    total = np.array([0.85 * world.population.sum(), 100, 50, 20])

    projection, _ = world.to(counts=(Count(total, np.ones(world.slots)),))

    np.testing.assert_allclose(by_year(projection.emigrants), total, rtol=1e-12)


@EACH
@pytest.mark.parametrize("kind", ["emigration", "transition"])
@pytest.mark.parametrize("year", [0, 2])
def test_a_count_of_people_who_are_not_there_is_refused(convention, kind, year):
    world = World(convention, states=2)
    world.population[..., 1], world.migrants[..., 1] = 0, 0
    pattern = np.ones(world.slots) * [0, 1] if kind == "emigration" else np.ones((*world.slots, 2)) * [[0, 1], [0, 0]]
    total = np.zeros(YEARS)
    total[year] = 5
    fine = Count(np.full(YEARS, 10.0), np.ones(world.slots) * [1, 0])

    for counts, number in (((Count(total, **{kind: pattern}),), 0), ((fine, Count(total, **{kind: pattern})), 1)):
        with pytest.raises(TargetError, match="no risk leads to 5 persons") as raised:
            world.to(counts=counts)
        assert (raised.value.year, raised.value.kind, raised.value.number) == (year, "count", number)


@EACH
def test_a_count_of_more_people_than_there_are_is_refused(convention):
    world = World(convention)
    total = np.array([10.0, 2 * world.population.sum(), 0, 0])

    with pytest.raises(TargetError) as raised:
        world.to(counts=(Count(total, world.hazard()),))

    assert (raised.value.year, raised.value.kind, raised.value.number) == (1, "count", 0)


@EACH
@pytest.mark.parametrize("emigration", [None, "hazard", "share", "count"])
def test_immigration_that_closes_one_balance_is_that_of_a_search_by_halving(convention, emigration):
    world = World(convention, states=3, moves=True)
    risk, counts = world.hazard(), ()
    if emigration == "count":
        counts = (Count(np.array([100.0, 900, 5, 300]), risk),)
    elif emigration:
        world.rates = world.rates._replace(**{f"emigration_{emigration}": risk})
    pattern, balance = world.random.uniform(0, 50, world.migrants.shape), np.array([[1e3], [2e3], [900.0], [1500.0]])

    projection, used = world.to(counts=counts, closing=Closing(balance, np.ones((1, 3)), pattern))

    net = by_year(projection.entrants) - (0 if emigration is None else by_year(projection.emigrants))
    np.testing.assert_allclose(net, balance[:, 0], rtol=1e-12)
    for year in range(YEARS):

        def one_year(level, year=year):
            return world.year(year, projection.population[year], used, world.migrants + level * pattern)

        def excess(level, year=year, one_year=one_year):
            found = one_year(level)
            gone = 0 if found.emigrants is None else found.emigrants.sum()
            return found.entrants.sum() - gone - balance[year, 0]

        found = one_year(bisected(excess, 0, 100))
        np.testing.assert_allclose(projection.population[year + 1], found.population[1], rtol=1e-11)
        np.testing.assert_allclose(projection.entrants[year], found.entrants[0], rtol=1e-11)


@EACH
@pytest.mark.parametrize("moves", [False, True])
def test_immigration_closes_the_balances_of_several_groups_of_states(convention, moves):
    world = World(convention, states=4, moves=moves)
    world.rates = world.rates._replace(emigration_hazard=world.hazard(0.3))
    of = members({0, 3}, {1}, states=4)
    pattern = world.random.uniform(0, 50, world.migrants.shape)
    balance = world.random.uniform(-100, 2000, (YEARS, 2))

    projection, used = world.to(closing=Closing(balance, of, pattern))

    net = (projection.entrants - projection.emigrants).sum(axis=(1, 2)) @ of.T
    np.testing.assert_allclose(net, balance, rtol=0, atol=1e-12 * by_year(projection.entrants).min())
    halves = convention in ("wpp_even", "popreconstruct_even")
    scaled = projection.entrants - reached(world.migrants, halves)
    levels = scaled.sum(axis=(1, 2)) / pattern.sum(axis=(1, 2))
    assert (levels[:, :2] > 0).all()
    np.testing.assert_allclose(levels[:, 0], levels[:, 3], rtol=1e-10)
    np.testing.assert_allclose(levels[:, 2], 0, atol=1e-10)
    by_state = levels * of.sum(axis=0)
    migrants = world.migrants + by_state[:, None, None] * pattern
    np.testing.assert_allclose(projection.entrants, reached(migrants, halves), rtol=1e-11)
    world.assert_is_plain(projection, used, migrants, slack=1e-10)


def reached(migrants, halves):
    """Migrants by the age they reach; where half of them come on 1 January these grow older."""
    if not halves:
        return migrants
    older = np.zeros_like(migrants)
    older[:, 1:] = migrants[:, :-1]
    older[:, -1] += migrants[:, -1]
    return (migrants + older) / 2


@EACH
def test_a_factor_that_is_only_tried_may_leave_immigration_below_zero(convention):
    """From 10 emigrants a year to 900, with a balance that only so many bring about."""
    world = World(convention)
    count = Count(np.array([10.0, 900, 900, 10]), world.hazard())
    balance = np.array([[300.0], [-600], [-600], [300]])

    projection, _ = world.to(counts=(count,), closing=Closing(balance, np.ones((1, 1)), np.ones(world.migrants.shape)))

    np.testing.assert_allclose(by_year(projection.emigrants), count.total, rtol=1e-12)
    np.testing.assert_allclose(by_year(projection.entrants), count.total + balance[:, 0], rtol=1e-12)


@EACH
@pytest.mark.parametrize("number", [0, 1])
def test_immigration_that_would_be_below_zero_is_refused(convention, number):
    world = World(convention, states=2)
    balance = np.full((YEARS, 2), 2000.0)
    balance[2, number] = -1e6

    with pytest.raises(TargetError, match="would have to be -") as raised:
        world.to(closing=Closing(balance, np.eye(2), np.ones(world.migrants.shape)))

    assert (raised.value.year, raised.value.kind, raised.value.number) == (2, "balance", number)


@EACH
def test_a_balance_that_no_immigration_changes_is_refused(convention):
    world = World(convention, states=2)
    pattern = np.ones(world.migrants.shape)
    pattern[1, ..., 1] = 0

    with pytest.raises(TargetError, match="no immigrants who could be scaled") as raised:
        world.to(closing=Closing(np.full((YEARS, 2), 1e3), np.eye(2), pattern))

    assert (raised.value.year, raised.value.kind, raised.value.number) == (1, "balance", 1)


@EACH
@pytest.mark.parametrize("moves", [False, True])
def test_emigration_that_closes_one_balance_is_that_of_a_search_by_halving(convention, moves):
    world = World(convention, states=2, moves=moves)
    base, pattern = world.hazard(0.01), world.hazard(0.5)
    world.rates = world.rates._replace(emigration_hazard=base)
    balance = np.array([[-900.0], [100.0], [-2000.0], [0.0]])

    projection, used = world.to(closing=Closing(balance, np.ones((1, 2)), emigration=pattern))

    net = by_year(projection.entrants) - by_year(projection.emigrants)
    np.testing.assert_allclose(net, balance[:, 0], rtol=0, atol=1e-12 * by_year(projection.emigrants).max())
    for year in range(YEARS):

        def one_year(factor, year=year):
            rates = world.rates._replace(emigration_hazard=base + factor * pattern)
            return world.year(year, projection.population[year], rates, world.migrants)

        def excess(factor, year=year, one_year=one_year):
            found = one_year(factor)
            return balance[year, 0] - found.entrants.sum() + found.emigrants.sum()

        found = one_year(bisected(excess, 0, 2))
        np.testing.assert_allclose(projection.population[year + 1], found.population[1], rtol=1e-11)
        np.testing.assert_allclose(projection.emigrants[year], found.emigrants[0], rtol=1e-11)
    world.assert_is_plain(projection, used)


@EACH
def test_emigration_closes_the_balances_of_several_groups_of_states(convention):
    world = World(convention, states=4, moves=True)
    of, pattern = members({0, 3}, {1}, states=4), world.hazard(0.7)
    balance = world.random.uniform(-900, 100, (YEARS, 2))

    projection, used = world.to(closing=Closing(balance, of, emigration=pattern))

    net = (projection.entrants - projection.emigrants).sum(axis=(1, 2)) @ of.T
    np.testing.assert_allclose(net, balance, rtol=0, atol=1e-11 * by_year(projection.emigrants).min())
    factor = used.emigration_hazard / pattern
    np.testing.assert_allclose(factor[..., 0], factor[..., 3], rtol=1e-14)
    np.testing.assert_allclose(np.ptp(factor, axis=(1, 2)) / factor.max(axis=(1, 2, 3))[:, None], 0, atol=1e-14)
    assert not used.emigration_hazard[..., 2].any()
    world.assert_is_plain(projection, used)


@EACH
def test_a_balance_of_more_than_the_immigrants_is_refused_where_emigration_is_free(convention):
    world = World(convention, states=2)
    balance = np.zeros((YEARS, 2))
    balance[1, 1] = 1.01 * world.migrants[1, ..., 1].sum()

    with pytest.raises(TargetError, match="cannot be fewer than none") as raised:
        world.to(closing=Closing(balance, np.eye(2), emigration=world.hazard()))

    assert (raised.value.year, raised.value.kind, raised.value.number) == (1, "balance", 1)


@EACH
def test_a_balance_that_takes_more_people_than_there_are_is_refused(convention):
    world = World(convention)

    with pytest.raises(TargetError, match="no risk leads to") as raised:
        world.to(closing=Closing(np.full((YEARS, 1), -1e6), np.ones((1, 1)), emigration=world.hazard()))

    assert (raised.value.year, raised.value.kind, raised.value.number) == (0, "balance", 0)


@EACH
@pytest.mark.parametrize("spare", [0.0, 1.0])
@pytest.mark.parametrize("others", ["hazard", "count"])
def test_a_balance_that_other_emigrants_miss_already_is_refused(convention, spare, others):
    """Where the balance asks for no emigrant, or one, and others leave anyway."""
    world = World(convention)
    counts = ()
    if others == "hazard":
        world.rates = world.rates._replace(emigration_hazard=world.hazard())
    else:
        counts = (Count(np.full(YEARS, 100.0), world.hazard()),)
    balance = by_year(world.migrants)[:, None] - spare

    with pytest.raises(TargetError) as raised:
        world.to(counts=counts, closing=Closing(balance, np.ones((1, 1)), emigration=world.hazard()))

    assert (raised.value.year, raised.value.kind, raised.value.number) == (0, "balance", 0)


@EACH
def test_a_balance_of_all_immigrants_lets_nobody_leave(convention):
    world = World(convention)
    balance = by_year(world.migrants)[:, None]
    balance[1] -= 100

    projection, _ = world.to(closing=Closing(balance, np.ones((1, 1)), emigration=world.hazard()))

    np.testing.assert_allclose(by_year(projection.emigrants), [0, 100, 0, 0], rtol=0, atol=1e-10)


@EACH
@pytest.mark.parametrize("free", ["immigrants", "emigration"])
def test_counts_balances_life_expectancy_and_fertility_are_met_together(convention, free):
    world = World(convention, states=3, moves=True)
    world.rates.transition_hazard[..., 1, 0] = 0
    only = np.zeros((3, 3))
    only[1, 0] = 1
    world.rates = world.rates._replace(
        child_state=np.moveaxis(world.random.dirichlet(np.ones(3), (YEARS, 3)), -1, 1),
        emigration_hazard=world.hazard() if free == "immigrants" else None,
    )
    count = Count(np.array([100.0, 400, 30, 0]), transition=world.between(0.2) * only)
    side = {"immigrants": np.ones(world.migrants.shape), "emigration": world.hazard()}[free]
    balance = np.array([[100.0, 50], [-200, 90], [-200, -100], [150, 100]]) + (2e3 if free == "immigrants" else 0)
    expectancy, total = world.random.uniform(5, 5.5, (YEARS, 2)), world.random.uniform(0.5, 3, YEARS)

    projection, used = world.to(
        life_expectancy=expectancy,
        total_fertility=total,
        counts=(count,),
        closing=Closing(balance, members({0}, {1, 2}, states=3), **{free: side}),
    )

    net = (projection.entrants - projection.emigrants).sum(axis=(1, 2))
    slack = 1e-11 * np.abs(projection.entrants).sum()
    np.testing.assert_allclose(np.c_[net[:, 0], net[:, 1] + net[:, 2]], balance, rtol=0, atol=slack)
    np.testing.assert_allclose(projection.transitions[..., 1, 0].sum(axis=(1, 2)), count.total, rtol=1e-12)
    np.testing.assert_allclose(national_life_expectancy(projection.population, used), expectancy, rtol=0, atol=1e-9)
    np.testing.assert_allclose(national_fertility(projection.population, used), total, rtol=1e-12)
    migrants = world.migrants
    if free == "immigrants":
        states = (projection.entrants - reached(migrants, convention in ("wpp_even", "popreconstruct_even"))).sum(
            axis=(1, 2)
        )
        migrants = migrants + (states / side.sum(axis=(1, 2)))[:, None, None]
    world.assert_is_plain(projection, used, migrants, slack=1e-10 if free == "immigrants" else 0)


def weights(stock, slot, sex):
    """Share of each state among the people of a slot, in plain loops."""
    people = [float(value) for value in stock[max(slot - 1, 0), sex]]
    if sum(people) == 0:
        people = [float(stock[:, sex, state].sum()) for state in range(stock.shape[-1])]
    if sum(people) == 0:
        people = [1.0] * len(people)
    return [value / sum(people) for value in people]


def national_life_expectancy(population, rates):
    """e_0 of the mean survival ratios of every year and sex, (n, 2)."""
    years, slots = rates.survival.shape[:2]
    found = np.zeros((years, 2))
    for year in range(years):
        for sex in range(2):
            ratios = [
                sum(
                    w * s
                    for w, s in zip(weights(population[year], slot, sex), rates.survival[year, slot, sex], strict=True)
                )
                for slot in range(slots)
            ]
            alive = 1.0
            for ratio in ratios[:-2]:
                alive *= ratio
                found[year, sex] += alive
            found[year, sex] += alive * ratios[-2] / (1 - ratios[-1])
    return found


def national_fertility(population, rates):
    """Sum over the cohorts of the women's mean rates of every year."""
    return [
        sum(
            w * (before + after) / 2
            for slot in range(1, rates.survival.shape[1])
            for w, before, after in zip(
                weights(population[year], slot, 0),
                rates.fertility_before_birthday[year, slot],
                rates.fertility_after_birthday[year, slot],
                strict=True,
            )
        )
        for year in range(len(rates.survival))
    ]


@EACH
@pytest.mark.parametrize("empty", [None, "age", "sex"])
def test_states_with_tables_of_their_own_meet_a_national_life_expectancy(convention, empty):
    world = World(convention, states=3)
    if empty == "age":
        world.population[3:5] = 0
        world.migrants[...] = 0
    elif empty == "sex":
        world.population[:, 1] = 0
        world.migrants[...] = 0
    expectancy = world.random.uniform(4.5, 6, (YEARS, 2))

    projection, used = world.to(life_expectancy=expectancy)

    np.testing.assert_allclose(national_life_expectancy(projection.population, used), expectancy, rtol=0, atol=1e-9)
    factor = np.log(used.survival[:, 1:]) / np.log(world.rates.survival[:, 1:])
    np.testing.assert_allclose(factor, np.broadcast_to(factor[:, :1, :, :1], factor.shape), rtol=1e-12)
    world.assert_is_plain(projection, used)


@EACH
def test_one_state_meets_a_life_expectancy_as_its_own_table_would(convention):
    world = World(convention)
    expectancy = world.random.uniform(4.5, 6, (YEARS, 2))

    _, used = world.to(life_expectancy=expectancy)

    table = np.moveaxis(world.rates.survival[..., 0], 1, -1)
    expected = scale_to_life_expectancy(table, expectancy).survival
    np.testing.assert_allclose(np.moveaxis(used.survival[..., 0], 1, -1), expected, rtol=1e-11)
    np.testing.assert_allclose(life_expectancy(expected), expectancy, rtol=0, atol=1e-9)


@EACH
def test_states_with_rates_of_their_own_meet_a_national_total_fertility(convention):
    world = World(convention, states=3)
    total = np.array([1.5, 0.0, 3.0, 1.6])

    projection, used = world.to(total_fertility=total)

    np.testing.assert_allclose(national_fertility(projection.population, used), total, rtol=1e-12)
    for name in ("fertility_before_birthday", "fertility_after_birthday"):
        factor = getattr(used, name)[:, 2:-2] / getattr(world.rates, name)[:, 2:-2]
        np.testing.assert_allclose(factor, np.broadcast_to(factor[:, :1, :1], factor.shape), rtol=1e-14)
    world.assert_is_plain(projection, used)


def test_a_life_expectancy_out_of_reach_is_refused():
    world = World("continuous")
    expectancy = np.full((YEARS, 2), 5.0)
    expectancy[2, 1] = 1e9

    with pytest.raises(TargetError) as raised:
        world.to(life_expectancy=expectancy)

    assert (raised.value.year, raised.value.kind) == (2, "life expectancy")


def test_a_total_fertility_without_rates_to_spread_it_by_is_refused():
    world = World("continuous", states=2)
    world.rates.fertility_before_birthday[1], world.rates.fertility_after_birthday[1] = 0, 0

    with pytest.raises(TargetError) as raised:
        world.to(total_fertility=np.full(YEARS, 1.5))

    assert (raised.value.year, raised.value.kind) == (1, "total fertility")


@EACH
def test_a_cohort_that_is_overdrawn_is_named_with_its_year(convention):
    world = World(convention, states=2)
    world.migrants[2, 4, 1, 1] = -1e5

    with pytest.raises(OverdrawnError) as raised:
        world.to(total_fertility=np.full(YEARS, 1.5))

    error = raised.value
    assert (error.year, error.sex, error.state) == (3, 1, 1)
    assert error.age in ((4, 5) if convention in ("wpp_even", "popreconstruct_even") else (4,))


@EACH
def test_without_targets_it_is_the_plain_projection(convention):
    world = World(convention, states=2, moves=True)

    projection, used = world.to()

    world.assert_is_plain(projection, world.rates)
    np.testing.assert_array_equal(used.survival, world.rates.survival)


def test_targets_know_whether_there_are_any():
    assert not Targets().any
    assert Targets(life_expectancy=np.zeros((1, 2))).any
    assert Targets(total_fertility=np.zeros(1)).any
    assert Targets(counts=(Count(np.zeros(1)),)).any
    assert Targets(closing=Closing(np.zeros((1, 1)), np.ones((1, 1)))).any
