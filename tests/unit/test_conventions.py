"""Each convention by hand: one cohort and small numbers, as the programs it is named after publish it."""

import numpy as np
import pytest

from sim.engine import CONVENTIONS, Rates, Targets, carry, project, project_to_targets, weighs_by_stock
from sim.errors import ProjectionError

AGES = 4
DISCRETE = [name for name in sorted(CONVENTIONS) if name != "continuous"]
EACH = pytest.mark.parametrize("convention", DISCRETE)


def world(states=1, survival=(0.9, 0.8, 0.6, 0.5, 0.5), births=0.0, **risks):
    """A year of nobody: survival by slot, births at completed age 2, half of them boys."""
    slots = np.arange(AGES + 1)[None, :, None]
    before, after = births * (slots == 3) * np.ones(states), births * (slots == 2) * np.ones(states)
    rates = Rates(np.tile(np.array(survival)[None, :, None, None], (1, 1, 2, states)), before, after, np.array([0.5]))
    return np.zeros((AGES, 2, states)), rates._replace(**risks), np.zeros((1, AGES, 2, states))


def year(convention, population, rates, migrants):
    """Projection of the year; the stock makes the operators where the convention weighs by it."""
    there = (population,) if convention == "spectrum_midyear" else ()
    return project(population, *CONVENTIONS[convention](rates, migrants, *there))


def share(slot, value, states=1):
    """Emigration of a share of a slot's women of the first state."""
    found = np.zeros((1, AGES + 1, 2, states))
    found[0, slot, 0, 0] = value
    return found


def move(slot, value):
    """Moves of a share of a slot's women from the first state to the second."""
    found = np.zeros((1, AGES + 1, 2, 2, 2))
    found[0, slot, 0, 1, 0] = value
    return found


def women(flow):
    return flow[..., 0, 0]


def test_wpp_end_adds_migrants_at_the_end():
    """100 women of age 1, S = 0.6: 60 of age 2. 10 migrants of age 2 neither die nor bear children."""
    population, rates, migrants = world(births=0.2)
    population[1, 0], migrants[0, 2, 0] = 100, 10

    projection = year("wpp_end", population, rates, migrants)

    assert women(projection.population[1])[2] == 60 + 10
    assert women(projection.deaths[0])[2] == pytest.approx(40)
    assert projection.births.sum() == pytest.approx(0.2 * (0 + 60) / 2)
    assert women(projection.population[1])[0] == pytest.approx(0.9 * 0.2 * 60 / 2 / 2)


def test_wpp_end_lets_people_leave_at_the_end():
    """100 of age 1: 40 die, 20 leave, 40 are there; the 60 survivors are mothers."""
    population, rates, migrants = world(births=0.2, emigration_share=share(2, 0.2))
    population[1, 0] = 100

    projection = year("wpp_end", population, rates, migrants)

    assert women(projection.population[1])[2] == pytest.approx(60 - 20)
    assert women(projection.deaths[0])[2] == pytest.approx(40)
    assert women(projection.emigrants[0])[2] == pytest.approx(20)
    assert projection.births.sum() == pytest.approx(0.2 * 60 / 2)


def test_wpp_even_adds_half_of_the_migrants_at_the_start_and_half_at_the_end():
    """A = P + M/2 = 105 of age 1 and 3 of age 2; End = S A + M/2; births = f (A + End) / 2 at the same age."""
    population, rates, migrants = world(births=0.2)
    population[1, 0], migrants[0, 1, 0], migrants[0, 2, 0] = 100, 10, 6

    projection = year("wpp_even", population, rates, migrants)

    end = 0.6 * 105 + 3
    np.testing.assert_allclose(women(projection.population[1])[1:], [5, end, 0.5 * 3], rtol=1e-14)
    np.testing.assert_allclose(women(projection.deaths[0])[1:], [0, 0.4 * 105, 0.5 * 3], rtol=1e-14)
    np.testing.assert_allclose(women(projection.entrants[0]), [0, 5, 5 + 3, 3])
    assert projection.births.sum() == pytest.approx(0.2 * (3 + end) / 2)
    np.testing.assert_allclose(projection.births_by_age_of_mother[0, :, 0], [0, 0, 0.1 * end, 0.1 * 3])


def test_popreconstruct_even_leaves_the_second_half_of_the_migrants_childless():
    """Births = f (A + aged A) / 2: 3 women of age 2 at the start, 63 at the end, without the second 3."""
    population, rates, migrants = world(births=0.2)
    population[1, 0], migrants[0, 1, 0], migrants[0, 2, 0] = 100, 10, 6

    projection = year("popreconstruct_even", population, rates, migrants)

    np.testing.assert_allclose(women(projection.population[1])[1:], [5, 0.6 * 105 + 3, 0.5 * 3], rtol=1e-14)
    np.testing.assert_allclose(women(projection.entrants[0]), [0, 5, 5 + 3, 3])
    assert projection.births.sum() == pytest.approx(0.2 * (3 + 63) / 2)


@pytest.mark.parametrize("convention", ["wpp_even", "popreconstruct_even"])
def test_half_of_the_newborn_migrants_come_newborn_at_the_end(convention):
    """Infants = births S_0 + M_0 / 2; the other half is of age 0 at the start and 1 at the end."""
    population, rates, migrants = world()
    migrants[0, 0] = 8

    projection = year(convention, population, rates, migrants)

    np.testing.assert_allclose(women(projection.population[1]), [4, 4 * 0.8, 0, 0], rtol=1e-14)


@pytest.mark.parametrize("convention", ["wpp_even", "popreconstruct_even"])
def test_half_of_the_leavers_go_at_the_start(convention):
    """20 of 100 leave: 90 are there after 10 left, 54 survive, 10 more leave. Mothers are 44 at the end, or 54."""
    population, rates, migrants = world(births=0.2, emigration_share=share(2, 0.2))
    population[1, 0] = 100

    projection = year(convention, population, rates, migrants)

    assert women(projection.population[1])[2] == pytest.approx(44)
    assert women(projection.deaths[0])[2] == pytest.approx(36)
    assert women(projection.emigrants[0])[2] == pytest.approx(20)
    assert projection.births.sum() == pytest.approx(0.1 * (44 if convention == "wpp_even" else 54))


@pytest.mark.parametrize("convention", ["spectrum_midyear", "fso_midyear"])
def test_leavers_of_mid_year_run_half_of_the_risk(convention):
    """Of 100, 20 leave: 80 run the risk of 0.4 for a year and 20 for half a year; 100 - 20 - 36 stay."""
    population, rates, migrants = world(births=0.2, emigration_share=share(2, 0.2))
    population[1, 0] = 100

    projection = year(convention, population, rates, migrants)

    assert women(projection.deaths[0])[2] == pytest.approx(0.4 * (100 - 20 / 2))
    assert women(projection.population[1])[2] == pytest.approx(44)


@pytest.mark.parametrize("convention", ["spectrum_midyear", "fso_midyear"])
def test_movers_of_mid_year_die_half_here_and_half_there(convention):
    """Of 100, 20 move to where the risk is 0.1: 0.4 x 90 die here and 0.1 x 10 there."""
    population, rates, migrants = world(states=2, transition_share=move(2, 0.2))
    rates.survival[0, 2, :, 1] = 0.9
    population[1, 0, 0] = 100

    projection = year(convention, population, rates, migrants)

    np.testing.assert_allclose(projection.deaths[0, 2, 0], [0.4 * 90, 0.1 * 10], rtol=1e-14)
    np.testing.assert_allclose(projection.population[1, 2, 0], [100 - 20 - 36, 20 - 1], rtol=1e-14)
    np.testing.assert_allclose(projection.transitions[0, 2, 0], [[0, 0], [20, 0]])


@pytest.mark.parametrize("convention", ["wpp_even", "popreconstruct_even"])
def test_movers_of_both_halves_die_where_they_are(convention):
    """10 of 100 move at the start and die there at 0.1, 10 at the end."""
    population, rates, migrants = world(states=2, transition_share=move(2, 0.2))
    rates.survival[0, 2, :, 1] = 0.9
    population[1, 0, 0] = 100

    projection = year(convention, population, rates, migrants)

    np.testing.assert_allclose(projection.deaths[0, 2, 0], [0.4 * 90, 0.1 * 10], rtol=1e-14)
    np.testing.assert_allclose(projection.population[1, 2, 0], [0.6 * 90 - 10, 9 + 10], rtol=1e-14)


def test_spectrum_spares_migrants_half_of_the_risk_of_their_age():
    """M (1 + S) / 2 of 10 at age 2 with S = 0.6; births of the stock at the start and of all women at the end."""
    population, rates, migrants = world(births=0.2)
    population[2, 0], migrants[0, 2, 0] = 50, 10

    projection = year("spectrum_midyear", population, rates, migrants)

    assert women(projection.population[1])[2] == pytest.approx(10 * (1 + 0.6) / 2)
    assert projection.births.sum() == pytest.approx(0.2 * (50 + 8) / 2)


@pytest.mark.parametrize("convention", ["spectrum_midyear", "fso_midyear"])
def test_migrants_born_in_the_year_are_spared_a_third_of_the_newborn_risk(convention):
    """M_0 (1 + 2 S_0) / 3."""
    population, rates, migrants = world()
    migrants[0, 0] = 30

    projection = year(convention, population, rates, migrants)

    np.testing.assert_allclose(women(projection.population[1]), [10 * (1 + 2 * 0.9), 0, 0, 0], rtol=1e-14)


@pytest.mark.parametrize("stock", [(30.0, 10.0), (0.0, 40.0), (40.0, 0.0), (0.0, 0.0)])
def test_spectrum_weighs_the_risk_of_migrants_of_the_open_age_by_the_stock(stock):
    """Entering S = 0.7, staying S = 0.3; 30 and 10 people: the mean is 0.6; where there is nobody, that of entering."""
    population, rates, migrants = world(survival=(0.9, 0.8, 0.6, 0.7, 0.3))
    population[2:, 0, 0] = stock
    migrants[0, 3, 0] = 20

    projection = year("spectrum_midyear", population, rates, migrants)

    mean = (stock[0] * 0.7 + stock[1] * 0.3) / sum(stock) if sum(stock) else 0.7
    assert weighs_by_stock(CONVENTIONS["spectrum_midyear"], rates)
    expected = stock[0] * 0.7 + stock[1] * 0.3 + 20 * (1 + mean) / 2
    assert women(projection.population[1])[3] == pytest.approx(expected, rel=1e-14)


def test_only_spectrum_weighs_by_the_stock_and_only_a_split_open_age():
    _, pooled, _ = world()
    _, split, _ = world(survival=(0.9, 0.8, 0.6, 0.7, 0.3))

    for name, convention in CONVENTIONS.items():
        assert not weighs_by_stock(convention, pooled)
        assert weighs_by_stock(convention, split) == (name == "spectrum_midyear")


def test_the_swiss_office_lets_immigrants_run_half_the_risk_of_the_next_higher_age():
    """Those who reach age 1 die at half of the 0.4 of age 2, of the open age at half of its own 0.7."""
    population, rates, migrants = world(survival=(0.9, 0.8, 0.6, 0.5, 0.3))
    migrants[0, :, 0, 0] = 0, 10, 20, 40

    projection = year("fso_midyear", population, rates, migrants)

    np.testing.assert_allclose(women(projection.deaths[0]), [0, 10 * 0.4 / 2, 20 * 0.5 / 2, 40 * 0.7 / 2], rtol=1e-14)


def test_the_swiss_office_counts_mothers_by_the_mean_of_their_cohort_in_two_januaries():
    """100 women of age 1 and 10 immigrants reach age 2 at the mean rate 0.1 of ages 1 and 2: 60 and 7.5 are there."""
    population, rates, migrants = world(births=0.2)
    population[1, 0], migrants[0, 2, 0] = 100, 10

    projection = year("fso_midyear", population, rates, migrants)

    assert women(projection.population[1])[2] == pytest.approx(60 + 7.5)
    assert projection.births.sum() == pytest.approx(0.1 * (100 + 67.5) / 2)


@pytest.mark.parametrize(("convention", "there"), [("spectrum_midyear", 2 / 3), ("fso_midyear", 0)])
def test_newborn_who_move_are_spared_two_thirds_of_the_risk_at_home(convention, there):
    """100 girls, 30 of them move: the risk of 0.1 is run by 80 at home; where they go by 20, in Switzerland by none."""
    population, rates, migrants = world(states=2, births=2.0, transition_share=move(0, 0.3))
    rates.survival[0, 0, :, 1] = 0.5
    population[2, 0, 0] = 200 if convention == "spectrum_midyear" else 200 / 0.75

    projection = year(convention, population, rates, migrants)

    np.testing.assert_allclose(projection.births[0, 0], [100, 0], rtol=1e-14)
    np.testing.assert_allclose(projection.deaths[0, 0, 0], [0.1 * (100 - 20), 0.5 * 30 * there], rtol=1e-13)
    np.testing.assert_allclose(projection.population[1, 0, 0], [100 - 30 - 8, 30 - 15 * there], rtol=1e-13)


@pytest.mark.parametrize("convention", ["spectrum_midyear", "fso_midyear"])
def test_newborn_who_leave_are_spared_two_thirds_of_the_risk(convention):
    population, rates, migrants = world(births=2.0, emigration_share=share(0, 0.3))
    population[2, 0, 0] = 200 if convention == "spectrum_midyear" else 200 / 0.75

    projection = year(convention, population, rates, migrants)

    np.testing.assert_allclose(women(projection.deaths[0])[0], 0.1 * (100 - 20), rtol=1e-13)
    np.testing.assert_allclose(women(projection.emigrants[0])[0], 30, rtol=1e-13)


def test_continuous_migrants_and_births_come_evenly():
    """At a hazard of 1 there are 100/e of 100 left, 1 - 1/e of births and even arrivals, and 2/e of newborn ones."""
    e = np.e
    population, rates, migrants = world(survival=(1 - 1 / e, 1 / e, 1 / e, 1 / e, 1 / e), births=0.2)
    population[1, 0], migrants[0, 2, 0], migrants[0, 0, 0] = 100, 10, 30

    projection = year("continuous", population, rates, migrants)

    years = 100 * (1 - 1 / e) + 10 / e
    births = 0.1 * years
    np.testing.assert_allclose(women(projection.population[1])[2], 100 / e + 10 * (1 - 1 / e), rtol=1e-14)
    np.testing.assert_allclose(women(projection.deaths[0])[2], years, rtol=1e-14)
    np.testing.assert_allclose(projection.births.sum(), births, rtol=1e-14)
    np.testing.assert_allclose(women(projection.population[1])[0], births / 2 * (1 - 1 / e) + 30 * 2 / e, rtol=1e-13)


@EACH
def test_hazards_are_read_as_the_shares_of_first_moves(convention):
    """At hazards of 1/2 for death, 1/4 for leaving and 1/4 for moving, 1 - 1/e are gone: a quarter of them each way."""
    population, rates, migrants = world(states=2, survival=(0.9, *[np.exp(-0.5)] * 4))
    rates = rates._replace(emigration_hazard=share(2, 0.25, states=2), transition_hazard=move(2, 0.25))
    population[1, 0, 0] = 100

    projection = year(convention, population, rates, migrants)

    first = 100 * (1 - 1 / np.e) / 4
    np.testing.assert_allclose(projection.emigrants[0, 2, 0], [first, 0], rtol=1e-14)
    np.testing.assert_allclose(projection.transitions[0, 2, 0, 1, 0], first, rtol=1e-14)


@EACH
@pytest.mark.parametrize("kind", ["emigration", "move"])
def test_as_many_may_leave_as_the_order_of_events_leaves_and_no_more(convention, kind):
    """With S = 1/2, at the end 1/2; half at the start (1 - L/2) / 2 = L/2; at mid-year 1 - L = (1 - L/2) / 2."""
    most = {"wpp_end": 1 / 2}.get(convention, 2 / 3)
    for leaving, fine in ((most - 1e-9, True), (most + 1e-9, False)):
        taken = (
            {"emigration_share": share(3, leaving, 2)}
            if kind == "emigration"
            else {"transition_share": move(3, leaving)}
        )
        population, rates, migrants = world(states=2, **taken)
        population[2] = 100
        if fine:
            assert year(convention, population, rates, migrants).population[1, 3, 0, 0] == pytest.approx(0, abs=1e-6)
        else:
            with pytest.raises(ProjectionError, match="add up to more than 1"):
                year(convention, population, rates, migrants)


@pytest.mark.parametrize("taken", [{"emigration_share": share(2, 1.0, 2)}, {"transition_share": move(2, 1.0)}])
def test_continuous_refuses_shares_of_everybody(taken):
    population, rates, migrants = world(states=2, **taken)

    with pytest.raises(ProjectionError, match="below 1"):
        year("continuous", population, rates, migrants)


def test_a_share_of_emigrants_is_of_those_who_do_not_move_and_a_share_of_movers_of_all():
    """No deaths; half emigrate but for moves, a hazard of ln 2; a fifth move first, and there nobody emigrates."""
    population, rates, migrants = world(states=2, survival=(1, 1, 1, 1, 1))
    rates = rates._replace(emigration_share=share(2, 0.5, 2), transition_share=move(2, 0.2))
    population[1, 0, 0] = 100

    projection = year("continuous", population, rates, migrants)

    moved, emigrated = projection.transitions[0, 2, 0, 1, 0], projection.emigrants[0, 2, 0, 0]
    hazard = np.log(2) * moved / emigrated
    assert moved == pytest.approx(20)
    assert emigrated == pytest.approx(100 * (1 - np.exp(-np.log(2) - hazard)) * np.log(2) / (np.log(2) + hazard))


def test_a_convention_that_loses_people_is_refused():
    def leaky(rates, migrants):
        operators, entrants = CONVENTIONS["continuous"](rates, migrants)
        return operators._replace(
            of_stock=operators.of_stock._replace(survive=0.9 * operators.of_stock.survive)
        ), entrants

    population, rates, migrants = world()

    for projected in (
        lambda: carry(population, rates, migrants, leaky),
        lambda: project_to_targets(population, rates, migrants, leaky, Targets()),
    ):
        with pytest.raises(ProjectionError, match="one person add up to 1"):
            projected()
