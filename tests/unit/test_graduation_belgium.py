"""Five-year groups of the Belgian population register, graduated and held against the single ages they were made of."""

import numpy as np
import pytest

from sim.data import catalogue
from sim.demography.graduation import METHODS, group

YEARS = range(2009, 2016)
EDGES = np.arange(0, 101, 5)
HIGHEST = 95
"""First age that errors leave out: the last group has no neighbour that is closed."""


@pytest.fixture(scope="module")
def register():
    """Persons by year, sex and single age 0-99; the open age 100 is not divided."""
    persons = np.stack([catalogue.population("belgium", year, 100).sum(axis=(0, 1)) for year in YEARS])
    return persons[..., :100]


@pytest.fixture(scope="module")
def graduated(register):
    totals = group(EDGES, register)
    return {name: method(EDGES, totals) for name, method in METHODS.items()}


@pytest.fixture(scope="module")
def errors(register, graduated):
    """Mean absolute percentage, root mean square and largest error of each method, ages 0-94."""
    true = register[..., :HIGHEST]
    table = {}
    for name, single in graduated.items():
        wrong = single[..., :HIGHEST] - true
        table[name] = (100 * np.abs(wrong / true).mean(), np.sqrt((wrong**2).mean()), np.abs(wrong).max())
    print("\nmethod          mean abs. %  root mean square  largest  (persons)")  # noqa: T201
    for name, (percentage, root, largest) in table.items():
        print(f"{name:15} {percentage:11.2f} {root:17.0f} {largest:8.0f}")  # noqa: T201
    return table


@pytest.mark.parametrize("name", METHODS)
def test_the_register_keeps_its_groups(name, register, graduated):
    np.testing.assert_allclose(group(EDGES, graduated[name]), group(EDGES, register), rtol=1e-9)


@pytest.mark.parametrize("name", ["uniform", "monotone", "pclm"])
def test_nobody_is_negative(name, graduated):
    assert (graduated[name] >= 0).all()


def test_every_method_is_nearer_than_an_even_division_in_every_year(register, graduated, errors):
    true = register[..., :HIGHEST]
    wrong = {name: np.abs(single[..., :HIGHEST] - true) for name, single in graduated.items()}
    for name in set(METHODS) - {"uniform"}:
        assert errors[name] < errors["uniform"]
        assert ((wrong[name] / true).mean(axis=(1, 2)) < (wrong["uniform"] / true).mean(axis=(1, 2))).all()
        assert ((wrong[name] ** 2).mean(axis=(1, 2)) < (wrong["uniform"] ** 2).mean(axis=(1, 2))).all()


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"uniform"}))
def test_what_is_lost_is_the_edge_of_the_cohorts_of_the_war(name, register, graduated):
    """On 1 January 2012 a curve is furthest off at 65-70 years: few were born in 1941, many from 1946 on."""
    wrong = np.abs(graduated[name][3] - register[3])[:, :HIGHEST]

    assert ((wrong.argmax(axis=-1) >= 65) & (wrong.argmax(axis=-1) <= 70)).all()
