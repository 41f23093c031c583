"""Those who leave, or change state, on 1 January: before all else of the year, and within its books."""

import math
import sys
from unittest.mock import patch

import numpy as np
import oracle
import pytest

import sim
from sim.assumptions import build, carried, operators_of
from sim.assumptions.yearly import engine_inputs
from sim.demography.fertility import by_cohort
from sim.demography.stable import stable_population
from sim.engine import (
    CONVENTIONS,
    Closing,
    Count,
    Entrants,
    OverdrawnError,
    Rates,
    TargetError,
    Targets,
    after_1_january,
    carry,
    leslie_matrix,
    project,
    project_to_targets,
    weighs_by_stock,
)
from sim.errors import ProjectionError

YEARS, AGES, STATES = 4, 7, 3
EACH = pytest.mark.parametrize("convention", sorted(CONVENTIONS))
FLOWS = ("births", "births_by_age_of_mother", "deaths", "entrants", "emigrants", "transitions")


class World:
    """A small population, its rates and immigrants, and what happens on 1 January, drawn at random."""

    def __init__(self, convention, states=STATES, moves=True, seed=1):
        self.random = random = np.random.default_rng(seed)
        self.name, self.convention, self.states = convention, CONVENTIONS[convention], states
        self.slots = (YEARS, AGES + 1, 2, states)
        fertility = random.uniform(0.1, 0.3, (2, YEARS, AGES + 1, states)) * (np.arange(AGES + 1) > 1)[:, None]
        self.population = random.uniform(1e3, 2e3, (AGES, 2, states))
        self.migrants = random.uniform(10, 20, (YEARS, AGES, 2, states))
        self.rates = Rates(
            random.uniform(0.75, 0.97, self.slots),
            *fertility,
            random.uniform(0.4, 0.6, YEARS),
            emigration_hazard=self.hazard(0.05) if moves else None,
            transition_hazard=self.between(0.1) if moves else None,
            on_1_january=self.shares(),
        )

    def hazard(self, most=0.1):
        return self.random.uniform(0, most, self.slots)

    def between(self, most):
        hazard = self.random.uniform(0, most, (*self.slots, self.states)) * (1 - np.eye(self.states))
        return hazard / max(self.states - 1, 1)

    def shares(self, leaving=0.3):
        """Columns that lack up to a part of the people; the first of them nobody, to the bit."""
        shares = np.moveaxis(self.random.dirichlet(np.ones(self.states), (YEARS, self.states)), -1, 1)
        shares = shares * self.random.uniform(1 - leaving, 1 - leaving / 2, (YEARS, 1, self.states))
        shares[..., 0] = np.array([0.75, 0.25, *[0] * self.states])[: self.states]
        return shares

    def plain(self, rates=None, migrants=None):
        """Projection without targets."""
        rates, migrants = rates or self.rates, self.migrants if migrants is None else migrants
        if weighs_by_stock(self.convention, rates):
            return project_to_targets(self.population, rates, migrants, self.convention, Targets(), weighs=True)[0]
        return carry(self.population, rates, migrants, self.convention)

    def to(self, **targets):
        """Projection and rates that meet targets."""
        weighs = weighs_by_stock(self.convention, self.rates)
        return project_to_targets(
            self.population, self.rates, self.migrants, self.convention, Targets(**targets), weighs
        )

    def left(self, projection):
        """Those who leave on each 1 January, by year and state."""
        stock = projection.population[:-1].sum(axis=(1, 2))
        return stock * (1 - self.rates.on_1_january.sum(axis=1))

    def moved(self, projection):
        """Those who change state on each 1 January, by year, [to, from]."""
        stock = projection.population[:-1].sum(axis=(1, 2))
        return stock[:, None] * self.rates.on_1_january * (1 - np.eye(self.states))


def assert_same_bits(one, other):
    for name, field in one._asdict().items():
        np.testing.assert_array_equal(field, getattr(other, name), err_msg=name)


def assert_books_close(projection):
    start, end = projection.population[:-1], projection.population[1:]
    moves = projection.transitions
    flows = [-projection.deaths, projection.entrants, -projection.emigrants, moves.sum(-1), -moves.sum(-2)]
    aged, staying = np.zeros_like(start), np.zeros_like(start)
    aged[:, 1:], aged[:, 0], staying[:, -1] = start[:, :-1], projection.births, start[:, -1]
    terms = np.array([aged, staying, *flows, -end])
    assert (np.abs(terms.sum(axis=0)) <= 1e-12 * np.abs(terms).max(axis=0)).all()


# Against plain loops


def new_year(population, shares):
    """Those there after the day; those who leave and those who change state by the age they will reach. Plain loops."""
    ages, states = len(population), range(len(shares))
    after, left = ([[[0.0 for _ in states] for _ in range(2)] for _ in range(ages)] for _ in range(2))
    moved = [[[[0.0 for _ in states] for _ in states] for _ in range(2)] for _ in range(ages)]
    for age in range(ages):
        reached = age if age == ages - 1 else age + 1
        for sex in range(2):
            for origin in states:
                people = population[age][sex][origin]
                left[reached][sex][origin] += people * (1 - math.fsum(row[origin] for row in shares))
                for to in states:
                    after[age][sex][to] += people * shares[to][origin]
                    if to != origin:
                        moved[reached][sex][to][origin] += people * shares[to][origin]
    return after, left, moved


def rates_of(years):
    """Rates of the engine from the years of the loop, and its migrants."""
    fields = {
        name: None if getattr(years[0], name) is None else np.array([getattr(year, name) for year in years])
        for name in oracle.Year._fields
    }
    fertility = by_cohort(np.moveaxis(fields.pop("fertility"), 1, -1), "completed")
    before, after = (np.moveaxis(part, -1, 1) for part in fertility)
    migrants = fields.pop("migrants")
    return Rates(fertility_before_birthday=before, fertility_after_birthday=after, **fields), migrants


@pytest.mark.parametrize(
    ("states", "emigration", "moves"),
    [(1, None, None), (1, "both", None), *((3, kind, kind) for kind in oracle.KINDS), (3, "share", "hazard")],
)
@EACH
def test_a_day_and_the_rest_of_the_year_are_those_of_a_loop_in_plain_python(convention, states, emigration, moves):
    world = World(convention, states)
    shares = world.rates.on_1_january
    if states == 1:
        shares = np.array([[[1.0]], [[0.75]], [[0.2]], [[0.9]]])
    population, years = oracle.random_case(
        states, years=YEARS, ages=3, states=states, emigration=emigration, moves=moves
    )
    accounts, lost, changed, present = [], [], [], population
    for year, of_year in zip(years, shares.tolist(), strict=True):
        after, left, moved = new_year(present, of_year)
        accounts.append(oracle.step(after, year, convention))
        present = accounts[-1].population
        lost.append(left)
        changed.append(moved)

    rates, world.migrants = rates_of(years)
    world.population = np.array(population)
    projection = world.plain(rates._replace(on_1_january=shares))

    expected = np.array([population, *(account.population for account in accounts)])
    np.testing.assert_allclose(projection.population, expected, rtol=1e-12, atol=0)
    of_day = {"emigrants": np.array(lost), "transitions": np.array(changed)}
    for name in FLOWS:
        flow = np.array([getattr(account, name) for account in accounts]) + of_day.get(name, 0)
        np.testing.assert_allclose(getattr(projection, name), flow, rtol=1e-12, atol=0, err_msg=name)


# Closed forms


@EACH
@pytest.mark.parametrize("moves", [False, True])
def test_where_everybody_stays_it_is_as_without_to_the_bit(convention, moves):
    world = World(convention, moves=moves)
    stay = world.rates._replace(on_1_january=np.tile(np.eye(STATES), (YEARS, 1, 1)))

    found, expected = world.plain(stay), world.plain(world.rates._replace(on_1_january=None))

    if not moves:
        assert not found.emigrants.any()
        assert not found.transitions.any()
        found = found._replace(emigrants=None, transitions=None)
    assert_same_bits(found, expected)


@EACH
def test_a_change_to_a_state_of_equal_rates_changes_no_total(convention):
    world = World(convention, moves=False)
    equal = {name: field[..., :1] + 0 * field for name, field in world.rates._asdict().items() if name[0] in "sf"}
    shares = world.shares()
    rates = world.rates._replace(**equal, on_1_january=shares / shares.sum(axis=1, keepdims=True))
    if convention == "spectrum_midyear":  # it weighs the migrants of each state by that state's stock
        rates.survival[:, -1] = rates.survival[:, -2]

    found, expected = world.plain(rates), world.plain(rates._replace(on_1_january=None))

    assert found.transitions.sum() > 0
    for name in ("population", "births", "births_by_age_of_mother", "deaths"):
        of_all, expected_of_all = (getattr(each, name).sum(axis=-1) for each in (found, expected))
        np.testing.assert_allclose(of_all, expected_of_all, rtol=1e-13, err_msg=name)
    assert not found.emigrants.any()


def test_a_ladder_of_states_tells_how_long_ago_people_came():
    """Each 1 January a step up, the last stays: under constant hazards those who came k years ago are known."""
    years, ages, steps, arrived_at, death, leaving, came = 11, 9, 5, 3, 0.04, 0.09, 700.0
    hazard, slots = death + leaving, (years, ages + 1, 2, steps)
    ladder = np.eye(steps, k=-1)
    ladder[-1, -1] = 1
    rates = Rates(
        np.full(slots, math.exp(-death)),
        *np.zeros((2, years, ages + 1, steps)),
        np.full(years, 0.5),
        emigration_hazard=np.full(slots, leaving),
        on_1_january=np.tile(ladder, (years, 1, 1)),
    )
    migrants = np.zeros((years, ages, 2, steps))
    migrants[:, arrived_at, :, 0] = came

    projection = carry(np.zeros((ages, 2, steps)), rates, migrants, CONVENTIONS["continuous"])

    expected, climbed = np.zeros((years + 1, ages, 2, steps)), np.zeros((years, ages, 2, steps, steps))
    for year in range(1, years + 1):
        for ago in range(year):
            age, step = min(arrived_at + ago, ages - 1), min(ago, steps - 1)
            people = came * (1 - math.exp(-hazard)) / hazard * math.exp(-hazard * ago)
            expected[year, age, :, step] += people
            if year < years and step < steps - 1:
                climbed[year, min(age + 1, ages - 1), :, step + 1, step] += people
    np.testing.assert_allclose(projection.population, expected, rtol=1e-13, atol=0)
    np.testing.assert_allclose(projection.transitions, climbed, rtol=1e-13, atol=0)


@EACH
def test_where_everybody_leaves_only_those_who_came_in_the_year_are_there(convention):
    world = World(convention)
    rates = world.rates._replace(on_1_january=np.zeros((YEARS, STATES, STATES)))

    found = world.plain(rates)

    for year in range(YEARS):
        alone = World(convention)
        alone.population[...] = 0
        expected = alone.plain(rates.of_years(year, year + 1), world.migrants[year : year + 1])
        np.testing.assert_array_equal(found.population[year + 1], expected.population[1])
        np.testing.assert_array_equal(found.deaths[year], expected.deaths[0])
        gone = np.concatenate([0 * found.population[year, :1], found.population[year, :-1]])
        gone[-1] += found.population[year, -1]
        np.testing.assert_allclose(found.emigrants[year], gone + expected.emigrants[0], rtol=1e-15)


@EACH
@pytest.mark.parametrize("lost", [0.0, 0.4])
def test_what_the_columns_lack_leaves_and_else_nobody(convention, lost):
    """Where no hazards do, and the shares of a state add up to 1 but for rounding."""
    world = World(convention, moves=False)
    shares = np.tile(np.full((STATES, STATES), 1 / 10), (YEARS, 1, 1))
    shares[:, 0] = 0.7 + np.array([0, 1e-15, -1e-15])
    shares[:, 1, 0] = 0.2 - lost / 2
    shares[:, 0, 0] -= lost / 2
    shares[:, 1:, 1:] = 0.15
    assert (shares.sum(axis=1) != 1).any()
    world.rates = world.rates._replace(on_1_january=shares)

    projection = world.plain()

    assert not projection.emigrants[..., 1:].any()
    gone = projection.emigrants[..., 0].sum(axis=(1, 2))
    np.testing.assert_allclose(gone, lost * projection.population[:-1, ..., 0].sum(axis=(1, 2)), rtol=1e-13)
    assert_books_close(projection)


def test_nobody_is_at_age_0_among_those_who_go_on_the_day():
    world = World("continuous", moves=False)

    projection = world.plain()

    assert not projection.emigrants[:, 0].any()
    assert not projection.transitions[:, 0].any()
    assert (projection.emigrants[:, 1:, :, 1:] > 0).all()
    np.testing.assert_array_equal(np.einsum("...ii->...i", projection.transitions), 0)


# Books, parts of the years and mistakes


@EACH
@pytest.mark.parametrize("moves", [False, True])
def test_every_cell_balances(convention, moves):
    world = World(convention, moves=moves)

    assert_books_close(world.plain())
    assert_books_close(world.to()[0])


@EACH
def test_all_years_are_their_two_halves(convention):
    world, half = World(convention), YEARS // 2
    whole = world.plain()

    first = world.plain(world.rates.of_years(0, half), world.migrants[:half])
    world.population = first.population[-1]
    second = world.plain(world.rates.of_years(half, YEARS), world.migrants[half:])

    np.testing.assert_array_equal(second.population, whole.population[half:])
    for name in FLOWS:
        halves = np.concatenate([getattr(part, name) for part in (first, second)])
        np.testing.assert_array_equal(halves, getattr(whole, name), err_msg=name)


@EACH
@pytest.mark.parametrize("moves", [False, True])
def test_operators_of_a_year_at_once_and_the_solver_give_the_same_bits(convention, moves):
    world = World(convention, moves=moves)
    whole = world.plain()

    with patch("sim.engine.conventions.MOST_ENTRIES", 1):
        assert_same_bits(world.plain(), whole)
    solved, used = world.to()
    assert_same_bits(solved, whole)
    np.testing.assert_array_equal(used.on_1_january, world.rates.on_1_january)


@pytest.mark.parametrize("moves", [False, True])
def test_years_are_made_a_few_at_once_where_there_are_many_moves(moves):
    """Whether hazards or the first day bring them about."""
    world, made = World("continuous", moves=moves), []

    def counting(rates, migrants):
        made.append(len(migrants))
        return world.convention(rates, migrants)

    of_a_year = world.rates.survival[0].size * STATES
    for rates, expected in ((world.rates, [3, 1]), (world.rates._replace(on_1_january=None), [3, 1] if moves else [4])):
        made.clear()
        with patch("sim.engine.conventions.MOST_ENTRIES", 3 * of_a_year):
            carry(world.population, rates, world.migrants, counting)
        assert made == expected


@EACH
@pytest.mark.parametrize("entries", [1, 2**24])
def test_an_overdrawn_cohort_is_named_with_its_year(convention, entries):
    world = World(convention, states=2)
    world.migrants[2, 4, 1, 1] = -1e5

    with patch("sim.engine.conventions.MOST_ENTRIES", entries), pytest.raises(OverdrawnError) as of_carry:
        world.plain()
    with pytest.raises(OverdrawnError) as of_solver:
        world.to()

    for error in (of_carry.value, of_solver.value):
        assert (error.year, error.sex, error.state) == (3, 1, 1)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ([0.5, 0.5, 1e-11], r"add up to 1\.00000000001, and the lowest is 1e-11"),
        ([0.5, -0.25, 0.5], r"add up to 0\.75, and the lowest is -0\.25"),
        ([0.5, np.nan, 0.5], "add up to nan"),
        ([0.5, np.inf, 0.5], "add up to inf"),
    ],
)
def test_shares_of_more_than_everybody_or_of_fewer_than_nobody_are_refused(column, told):
    world = World("continuous")
    world.rates.on_1_january[2, :, 1] = column

    for projected in (world.plain, world.to):
        with pytest.raises(ProjectionError, match=f"^year 2, state 1: .*{told}"):
            projected()


def test_the_stock_of_a_year_on_which_nothing_happens_is_itself():
    world = World("continuous")

    assert after_1_january(world.population, world.rates._replace(on_1_january=None)) is world.population
    after = after_1_january(world.population, world.rates.of_years(1, 3))
    np.testing.assert_allclose(after, world.population @ world.rates.on_1_january[1].T, rtol=1e-15)


# Targets


def shares_of_states(world, projection):
    """Share of each state in every cohort slot after each 1 January, (n, A + 1, 2, K)."""
    after = projection.population[:-1] @ world.rates.on_1_january[:, None].swapaxes(-1, -2)
    people = np.concatenate([after[:, :1], after], axis=1)
    return people / people.sum(axis=-1, keepdims=True)


def national(world, projection, used):
    """Life expectancy by sex, and total fertility, of all states together after each 1 January."""
    shares = shares_of_states(world, projection)
    ratio = (shares * used.survival).sum(axis=-1)
    alive = ratio[:, :-2].cumprod(axis=1)
    expectancy = alive.sum(axis=1) + alive[:, -1] * ratio[:, -2] / (1 - ratio[:, -1])
    rate = (used.fertility_before_birthday + used.fertility_after_birthday) / 2
    return expectancy, (shares[:, :, 0] * rate).sum(axis=(1, 2))


@EACH
def test_national_figures_are_those_of_the_people_there_after_the_day(convention):
    world = World(convention)
    expectancy, total = world.random.uniform(4.5, 6, (YEARS, 2)), np.array([1.5, 0.7, 3.0, 1.6])

    projection, used = world.to(life_expectancy=expectancy, total_fertility=total)

    found = national(world, projection, used)
    np.testing.assert_allclose(found[0], expectancy, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[1], total, rtol=1e-12)
    assert_same_bits(world.plain(used), projection)
    np.testing.assert_array_equal(used.on_1_january, world.rates.on_1_january)


@EACH
def test_counts_are_met_within_the_year_without_those_of_its_first_day(convention):
    world = World(convention, moves=False)
    totals = world.random.uniform(10, 800, (2, YEARS))
    counts = (Count(totals[0], world.hazard()), Count(totals[1], transition=world.between(0.2)))

    projection, used = world.to(counts=counts)

    gone, changed = projection.emigrants.sum(axis=(1, 2, 3)), projection.transitions.sum(axis=(1, 2, 3, 4))
    np.testing.assert_allclose(gone - world.left(projection).sum(axis=1), totals[0], rtol=1e-10)
    np.testing.assert_allclose(changed - world.moved(projection).sum(axis=(1, 2)), totals[1], rtol=1e-10)
    assert_same_bits(world.plain(used), projection)


@EACH
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_a_count_of_those_whom_only_the_day_brings_is_met(convention, scale):
    """In a state that is empty on 31 December, but for those who come to it on 1 January."""
    world = World(convention, states=2, moves=False)
    world.population[..., 1], world.migrants[..., 1] = 0, 0
    world.rates.on_1_january[...] = [[0.75, 1], [0.25, 0]]
    total = np.full(YEARS, 300.0)

    projection, _ = world.to(counts=(Count(total, scale * world.hazard() * [0, 1]),))

    np.testing.assert_allclose(projection.emigrants.sum(axis=(1, 2)), np.outer(total, [0, 1]), rtol=1e-12)


@EACH
def test_immigration_closes_balances_of_all_emigrants_of_the_year(convention):
    world = World(convention)
    members, pattern = np.array([[1.0, 0, 1], [0, 1, 0]]), world.random.uniform(0, 50, world.migrants.shape)
    balance = world.random.uniform(-100, 2000, (YEARS, 2))

    projection, used = world.to(closing=Closing(balance, members, pattern))

    net = (projection.entrants - projection.emigrants).sum(axis=(1, 2)) @ members.T
    np.testing.assert_allclose(net, balance, rtol=0, atol=1e-11 * projection.entrants.sum() / YEARS)
    assert (projection.emigrants.sum(axis=(1, 2))[:, 1:] > world.left(projection)[:, 1:]).all()
    assert_books_close(projection)
    if convention not in ("wpp_even", "popreconstruct_even"):
        assert_books_close(world.plain(used, projection.entrants))
        np.testing.assert_allclose(world.plain(used, projection.entrants).population, projection.population, rtol=1e-11)


@EACH
@pytest.mark.parametrize("moves", [False, True])
def test_emigration_closes_balances_of_all_emigrants_of_the_year(convention, moves):
    world = World(convention, moves=moves)
    members, pattern = np.array([[1.0, 0, 1], [0, 1, 0]]), world.hazard(0.5)
    plain = world.plain()
    balance = (plain.entrants - plain.emigrants).sum(axis=(1, 2)) @ members.T - world.random.uniform(
        200, 900, (YEARS, 2)
    )

    projection, used = world.to(closing=Closing(balance, members, emigration=pattern))

    net = (projection.entrants - projection.emigrants).sum(axis=(1, 2)) @ members.T
    np.testing.assert_allclose(net, balance, rtol=0, atol=1e-11 * projection.emigrants.sum() / YEARS)
    within = used.emigration_hazard - (0 if world.rates.emigration_hazard is None else world.rates.emigration_hazard)
    assert (within.sum(axis=(1, 2, 3)) > 0).all()
    assert_same_bits(world.plain(used), projection)


@EACH
@pytest.mark.parametrize("more", [0.0, 1e-3, 1e-6])
def test_a_balance_is_met_where_few_others_or_none_need_leave_than_those_of_the_day(convention, more):
    world = World(convention, states=2, moves=False)
    gone = world.left(world.plain())[0].sum()
    world.rates, world.migrants = world.rates.of_years(0, 1), world.migrants[:1]
    balance = np.array([[world.migrants.sum() - gone * (1 + more)]])

    if more == 0:
        with pytest.raises(TargetError, match="no risk leads to") as raised:
            world.to(closing=Closing(balance + 1, np.ones((1, 2)), emigration=np.full((1, *world.slots[1:]), 0.1)))
        assert (raised.value.year, raised.value.kind, raised.value.number) == (0, "balance", 0)
        return
    projection, used = world.to(
        closing=Closing(balance, np.ones((1, 2)), emigration=np.full((1, *world.slots[1:]), 0.1))
    )

    np.testing.assert_allclose(projection.emigrants.sum(), gone * (1 + more), rtol=1e-12)
    assert used.emigration_hazard.min() > 0


@EACH
def test_a_balance_of_all_immigrants_is_refused_where_some_leave_on_the_day(convention):
    world = World(convention, moves=False)
    balance = world.migrants.sum(axis=(1, 2, 3))[:, None]

    with pytest.raises(TargetError, match="those who emigrate without being scaled leave it") as raised:
        world.to(closing=Closing(balance, np.ones((1, STATES)), emigration=world.hazard()))

    assert (raised.value.year, raised.value.kind, raised.value.number) == (0, "balance", 0)


@EACH
@pytest.mark.parametrize("free", ["immigrants", "emigration"])
def test_counts_balances_life_expectancy_and_fertility_are_met_together(convention, free):
    world = World(convention)
    world.rates.transition_hazard[..., 1, 0] = 0
    only = np.zeros((STATES, STATES))
    only[1, 0] = 1
    count = Count(np.array([100.0, 300, 30, 5]), transition=world.between(0.2) * only)
    side = {"immigrants": np.ones(world.migrants.shape), "emigration": world.hazard()}[free]
    plain = world.plain()
    balance = (plain.entrants - plain.emigrants).sum(axis=(1, 2, 3))[:, None] + np.array([[500.0], [900], [100], [300]])
    if free == "emigration":
        balance -= 2000
    expectancy, total = world.random.uniform(5, 5.5, (YEARS, 2)), world.random.uniform(0.5, 3, YEARS)

    projection, used = world.to(
        life_expectancy=expectancy,
        total_fertility=total,
        counts=(count,),
        closing=Closing(balance, np.ones((1, STATES)), **{free: side}),
    )

    net = (projection.entrants - projection.emigrants).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(net, balance[:, 0], rtol=0, atol=1e-11 * projection.population[0].sum())
    changed = projection.transitions[..., 1, 0].sum(axis=(1, 2)) - world.moved(projection)[:, 1, 0]
    np.testing.assert_allclose(changed, count.total, rtol=1e-9)
    found = national(world, projection, used)
    np.testing.assert_allclose(found[0], expectancy, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[1], total, rtol=1e-12)
    assert_books_close(projection)


# Projection matrices


@EACH
@pytest.mark.parametrize("moves", [False, True])
def test_the_matrix_of_a_year_carries_the_women_through_its_first_day_too(convention, moves):
    world = World(convention, moves=moves)
    nobody = 0 * world.migrants
    projection = world.plain(migrants=nobody)
    stock = (world.population,) if convention == "spectrum_midyear" else ()
    operators, _ = world.convention(world.rates, nobody, *stock)

    for year in range(YEARS):
        matrix = leslie_matrix(operators, year, world.rates.on_1_january[year])
        women = projection.population[year : year + 2, :, 0].reshape(2, -1)
        np.testing.assert_allclose(matrix @ women[0], women[1], rtol=1e-13)


@pytest.fixture
def with_new_year(scenario, monkeypatch):
    """A small scenario of two groups in which people leave, or change group, on 1 January; and what then happens."""
    shares = np.array([[[0.9, 0.2], [0.1, 0.5 + year / 10]] for year in range(3)])

    def inputs(assumptions):
        population, rates, migrants = engine_inputs(assumptions)
        rates.survival[:, -1] /= 2
        return population, rates._replace(on_1_january=shares), migrants

    monkeypatch.setattr(sys.modules[carried.__module__], "engine_inputs", inputs)
    table = "group,sex,age,value\n" + "".join(
        f"{group},{sex},{age},{40 + age if group == 'foreign' else 10}\n"
        for group in ("belgian", "foreign")
        for sex in ("female", "male")
        for age in range(51)
    )
    people = table.replace(",10\n", ",1000\n")
    return shares, lambda convention: scenario(
        {"people.csv": people, "net.csv": table},
        convention=convention,
        states={"groups": ["belgian", "foreign"]},
    )


@EACH
@pytest.mark.parametrize("step", [0, 2])
def test_the_map_of_a_step_of_a_scenario_comes_with_what_happens_before(with_new_year, convention, step):
    shares, scenario = with_new_year
    known = scenario(convention)
    assumptions = build(known)
    projection, _ = carried(known, assumptions)

    operators, on_1_january = operators_of(known, assumptions, step)

    np.testing.assert_array_equal(on_1_january, shares[step])
    came = engine_inputs(assumptions)[2][step : step + 1]
    entrants = {
        "wpp_end": Entrants(at_end=came),
        "wpp_even": Entrants(at_start=came / 2, during=came / 2),
        "popreconstruct_even": Entrants(at_start=came / 2, at_end=came / 2),
    }.get(convention, Entrants(during=came))
    again = project(projection.population[step], operators, entrants, on_1_january[None])
    np.testing.assert_allclose(again.population[1], projection.population[step + 1], rtol=1e-14)


def test_the_stable_population_of_a_scenario_knows_what_happens_on_1_january(with_new_year):
    shares, scenario = with_new_year
    known = scenario("continuous")
    operators, _ = operators_of(known, build(known), 1)
    expected = stable_population(leslie_matrix(operators, 0, shares[1]), 2)

    found = sim.stable_population(known, 2013)

    np.testing.assert_allclose(found["growth_rate"], math.log(expected.growth_factor), rtol=1e-13)
    np.testing.assert_allclose(found["structure"][0].T, expected.structure, rtol=1e-12)
    assert float(found["growth_rate"]) < math.log(stable_population(leslie_matrix(operators), 2).growth_factor) - 0.01


def test_a_scenario_without_says_so(scenario):
    known = scenario()

    assert operators_of(known, build(known), 0)[1] is None
