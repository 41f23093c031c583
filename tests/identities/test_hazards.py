"""Hazards that are constant within a year, against sums of exact decimals."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from sim.demography.hazards import (
    death_hazard,
    emigration_hazard,
    entrant_years_of_newborn_entrants,
    exposure,
    newborn_hazard,
    survival_from_hazard,
)

HAZARDS = np.r_[0, np.geomspace(1e-15, 1e-3, 40), np.linspace(1e-3, 2, 1000), np.linspace(2, 40, 100)]


def exact_phi(order, hazard):
    """phi_order of minus a hazard: sum of (-h)^j / (j + order)! to sixty digits."""
    with localcontext() as context:
        context.prec = 80
        term, total, j = Decimal(1), Decimal(0), order
        for factor in range(1, order + 1):
            term /= factor
        while abs(term) > Decimal(10) ** -60:
            total += term
            j += 1
            term *= -Decimal(hazard) / j
        return float(total)


@pytest.mark.parametrize(("order", "tolerance"), [(0, 5e-16), (1, 5e-16), (2, 5e-15), (3, 1e-15)])
def test_phi_equals_its_series_in_exact_decimals(order, tolerance):
    exact = np.array([exact_phi(order, hazard) for hazard in HAZARDS.tolist()])

    computed = [*exposure(HAZARDS), entrant_years_of_newborn_entrants(HAZARDS)][order]

    np.testing.assert_allclose(computed, exact, rtol=tolerance, atol=0)


def test_everyone_exposed_lives_the_year_or_leaves():
    """Newborn entrants to ten times the rounding of phi_1: phi_2 divides it by hazards from 0.1 on."""
    year = exposure(HAZARDS)

    np.testing.assert_allclose(year.survive + HAZARDS * year.stock_years, 1, rtol=0, atol=4e-16)
    np.testing.assert_allclose(year.stock_years + HAZARDS * year.entrant_years, 1, rtol=0, atol=4e-16)
    newborn = year.entrant_years + HAZARDS * entrant_years_of_newborn_entrants(HAZARDS)
    np.testing.assert_allclose(newborn, 0.5, rtol=0, atol=2.5e-15)


@pytest.mark.parametrize("shape", [(7,), (3, 7), (2, 3, 7)])
def test_death_hazards_return_the_survival_they_come_from(shape):
    survival = np.random.default_rng(1).uniform(0.05, 1, shape)
    survival[..., 3] = 1

    hazard = death_hazard(survival)

    np.testing.assert_allclose(survival_from_hazard(hazard), survival, rtol=1e-15, atol=0)
    assert (hazard[..., 3] == 0).all()


def test_newborn_hazard_solves_its_equation_down_to_one_survivor_in_a_million():
    survival = np.r_[1, 1 - np.geomspace(1e-14, 0.5, 50), np.geomspace(0.5, 1e-6, 50)]

    hazard = newborn_hazard(survival)

    np.testing.assert_allclose(exposure(hazard).stock_years, survival, rtol=2e-15, atol=0)


def test_newborn_hazard_of_a_small_risk_is_twice_the_risk():
    """Births live half the year on average: S_0 = 1 - d/2 + d^2/6 - …."""
    hazard = newborn_hazard(np.array([1 - 2.0**-30]))

    np.testing.assert_allclose(hazard, 2.0**-29 * (1 + 2.0**-30 * 2 / 3), rtol=1e-7)


def test_emigration_hazard_takes_the_stated_share_beside_mortality():
    random = np.random.default_rng(2)
    death, share = random.uniform(0, 1, (50, 6)), random.uniform(0, 0.4, (50, 6))
    share[:, 2], death[:, 3] = 0, 0

    hazard = emigration_hazard(share, death)

    year = exposure(hazard + death)
    taken = hazard * np.c_[year.entrant_years[:, :1], year.stock_years[:, 1:]]
    np.testing.assert_allclose(taken, share, rtol=1e-14, atol=0)
    assert (hazard[:, 2] == 0).all()


def test_emigration_hazard_alone_is_minus_the_logarithm_of_those_who_stay():
    share = np.array([[0.0, 0.1, 0.5]])

    hazard = emigration_hazard(share, np.zeros((1, 3)))

    np.testing.assert_allclose(hazard[0, 1:], -np.log1p(-share[0, 1:]), rtol=1e-14)


@pytest.mark.parametrize("function", [newborn_hazard, lambda s: death_hazard(s), lambda s: emigration_hazard(1 - s, s)])
def test_a_cell_does_not_depend_on_its_neighbours(function):
    survival = np.random.default_rng(3).uniform(0.6, 1, (500, 4))

    together = function(survival)

    np.testing.assert_array_equal(np.concatenate([function(cell[None]) for cell in survival]), together)
