"""Propagators of mixed states against SciPy's matrix exponential and the rules that phi functions obey."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.linalg import expm

from sim.demography.hazards import entrant_years_of_newborn_entrants, exposure
from sim.engine.generator import LARGEST_UNHALVED_NORM, generator, propagators


def random_generators(states, size, cells=40):
    """Generators of cells, and their hazards of leaving for good."""
    random = np.random.default_rng(states)
    leaving = size * random.random((cells, states))
    moves = size * random.random((cells, states, states)) * (1 - np.eye(states))
    return generator(leaving, moves), leaving


def blocks(cell, highest):
    """phi_0 … phi_highest by the exponential of one block matrix."""
    states = len(cell)
    whole = np.zeros(((highest + 1) * states,) * 2)
    whole[:states, :states] = cell
    for order in range(highest):
        rows, columns = order * states, (order + 1) * states
        whole[rows : rows + states, columns : columns + states] = np.eye(states)
    top = expm(whole)[:states]
    return [top[:, order * states : (order + 1) * states] for order in range(highest + 1)]


@pytest.mark.parametrize("states", [2, 5, 9])
@pytest.mark.parametrize("size", [0.001, 0.1, 0.3])
def test_propagators_equal_the_matrix_exponential(states, size):
    cells, _ = random_generators(states, size)

    year = propagators(cells, newborn=True)

    for order, part in enumerate(year):
        expected = np.array([blocks(cell, 3)[order] for cell in cells])
        np.testing.assert_allclose(part, expected, rtol=0, atol=3e-15)


def series(cell, order):
    """phi_order of a generator: sum of A^j / (j + order)! to fifty digits."""
    with localcontext() as context:
        context.prec = 60
        exact = np.vectorize(Decimal, otypes=[object])(cell)
        power = np.vectorize(Decimal, otypes=[object])(np.eye(len(cell)))
        total = power * 0
        for j in range(100):
            total = total + power / math.factorial(j + order)
            power = power.dot(exact)
        return total.astype(float)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [0.001, 0.3, 1.0, 3.0])
def test_propagators_equal_their_series_in_exact_decimals(order, size):
    """Also where so many leave that SciPy's own exponential is 1e-14 off."""
    cells, _ = random_generators(3, size, cells=8)

    part = propagators(cells, newborn=True)[order]

    np.testing.assert_allclose(part, [series(cell, order) for cell in cells], rtol=0, atol=1e-15)


@pytest.mark.parametrize("newborn", [False, True])
@pytest.mark.parametrize("size", [1e-6, 0.05, 3.0])
def test_each_phi_follows_from_the_next(newborn, size):
    """phi_k(A) = I / k! + A phi_(k+1)(A)."""
    cells, _ = random_generators(4, size)

    year = propagators(cells, newborn)

    parts = [part for part in year if part is not None]
    assert len(parts) == 3 + newborn
    for part, following, factorial in zip(parts, parts[1:], (1, 1, 2), strict=False):
        np.testing.assert_allclose(part, np.eye(4) / factorial + cells @ following, rtol=0, atol=3e-14)


def test_everyone_is_somewhere():
    """Those present and those who left add up to one person of every state."""
    cells, leaving = random_generators(5, 0.4)

    year = propagators(cells, newborn=True)

    gone = np.einsum("ni,nij->nj", leaving, year.stock_years)
    np.testing.assert_allclose(year.survive.sum(axis=-2) + gone, 1, rtol=0, atol=1e-14)
    gone = np.einsum("ni,nij->nj", leaving, year.entrant_years)
    np.testing.assert_allclose(year.stock_years.sum(axis=-2) + gone, 1, rtol=0, atol=1e-14)
    gone = np.einsum("ni,nij->nj", leaving, year.newborn_entrant_years)
    np.testing.assert_allclose(year.entrant_years.sum(axis=-2) + gone, 0.5, rtol=0, atol=1e-14)


def test_states_that_do_not_mix_are_single_states():
    leaving = np.random.default_rng(5).uniform(0, 2, (30, 3))

    year = propagators(generator(leaving, np.zeros((30, 3, 3))), newborn=True)

    expected = [*exposure(leaving), entrant_years_of_newborn_entrants(leaving)]
    for part, single in zip(year, expected, strict=True):
        np.testing.assert_allclose(np.einsum("nii->ni", part), single, rtol=0, atol=3e-15)
        np.testing.assert_array_equal(part * (1 - np.eye(3)), 0)


@pytest.mark.parametrize("times", [1, 3, 6])
def test_halving_changes_nothing(times):
    """Just below and just above the norm at which the year is halved once more."""
    cell = np.array([[-0.5, 0.25], [0.25, -0.5]]) / 0.75 * LARGEST_UNHALVED_NORM * 2**times

    for factor in (1 - 1e-12, 1 + 1e-12):
        year = propagators(cell[None] * factor, newborn=True)
        for order, part in enumerate(year):
            np.testing.assert_allclose(part[0], blocks(cell * factor, 3)[order], rtol=0, atol=3e-15)


def test_a_cell_does_not_depend_on_its_neighbours(monkeypatch):
    """Beyond the batch that is propagated at once, and with as many halvings as there are sizes."""
    monkeypatch.setattr("sim.engine.generator.ENTRIES_AT_ONCE", 9 * 1024)
    random = np.random.default_rng(6)
    size = 10.0 ** random.uniform(-4, 1.5, (1500, 1))
    cells = generator(size * random.random((1500, 3)), size[..., None] * random.random((1500, 3, 3)) * (1 - np.eye(3)))

    together = propagators(cells, newborn=True)

    for part, whole in zip(
        zip(*(propagators(cell[None], newborn=True) for cell in cells), strict=True), together, strict=True
    ):
        np.testing.assert_array_equal(np.concatenate(part), whole)
