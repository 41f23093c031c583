"""Everyone who is there was there before, was born or came; everyone who is gone died or left."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from inputs import cases

from sim.engine import check_column_sums
from sim.errors import ProjectionError
from sim.results.checks import check_books

FLOWS = ("deaths", "net_migrants", "changes_in", "changes_out")


def balance(projection):
    """Residual of every cell, and the largest term of its balance."""
    start, end = projection.population[:-1], projection.population[1:]
    flows = [-projection.deaths, projection.entrants]
    if projection.emigrants is not None:
        flows.append(-projection.emigrants)
    if projection.transitions is not None:
        flows += [projection.transitions.sum(axis=-1), -projection.transitions.sum(axis=-2)]
    aged, staying = np.zeros_like(start), np.zeros_like(start)
    aged[:, 1:], aged[:, 0], staying[:, -1] = start[:, :-1], projection.births, start[:, -1]
    terms = np.array([aged, staying, *flows, -end])
    return terms.sum(axis=0), np.abs(terms).max(axis=0)


def labelled(projection):
    """Stocks and flows as a Dataset of one region, states being groups."""
    net = projection.entrants - (0 if projection.emigrants is None else projection.emigrants)
    flows = [projection.deaths, net]
    if projection.transitions is not None:
        flows += [projection.transitions.sum(axis=-1), projection.transitions.sum(axis=-2)]
    cells = {name: np.moveaxis(flow, -1, 1)[:, None] for name, flow in zip(FLOWS, flows, strict=False)}
    dimensions = ("period", "region", "group", "age", "sex")
    return xr.Dataset(
        {
            "population": (("year", *dimensions[1:]), np.moveaxis(projection.population, -1, 1)[:, None]),
            "births": (("period", "region", "group", "sex"), np.moveaxis(projection.births, -1, 1)[:, None]),
            "births_by_age_of_mother": (
                ("period", "region", "group", "age"),
                np.moveaxis(projection.births_by_age_of_mother, -1, 1)[:, None],
            ),
            **{name: (dimensions, flow) for name, flow in cells.items()},
        },
        {name: np.arange(size) for name, size in zip(dimensions, next(iter(cells.values())).shape, strict=True)},
    ).transpose("year", "period", "region", "group", "sex", "age")


@given(cases(immigrants_only=False))
def test_books_of_any_valid_input_are_found_to_balance(case):
    check_books(labelled(case.project()))


@given(cases(immigrants_only=False), st.data())
def test_a_person_astray_in_any_cell_is_found(case, data):
    books = labelled(case.project())
    name = data.draw(st.sampled_from([name for name in (*FLOWS, "population", "births") if name in books]))
    cell = tuple(data.draw(st.integers(0, length - 1)) for length in books[name].shape)
    books[name].values[cell] += 1e-6 * books["population"].max() + 1

    with pytest.raises(ProjectionError, match="books do not balance"):
        check_books(books)


@pytest.mark.parametrize("persons", [-1e-9, np.nan])
@given(case=cases())
def test_a_cell_below_zero_or_without_number_is_found(persons, case):
    books = labelled(case.project())
    books["population"].values[-1, 0, 0, 0, 0] = persons

    with pytest.raises(ProjectionError, match="below zero, or one that is no number"):
        check_books(books)


@given(cases(immigrants_only=False))
def test_every_cell_balances_for_any_valid_input(case):
    projection = case.project()

    residual, largest = balance(projection)

    assert (np.abs(residual) <= 1e-12 * largest).all()


@given(cases(immigrants_only=False))
def test_everyone_is_present_dead_or_gone(case):
    operators, _ = case.operators()

    check_column_sums(operators)


@given(cases(immigrants_only=False))
def test_boys_and_girls_add_up_to_the_births_of_all_mothers(case):
    projection = case.project()

    children, of_mothers = projection.births.sum(axis=(1, 2)), projection.births_by_age_of_mother.sum(axis=(1, 2))

    np.testing.assert_allclose(children, of_mothers, rtol=1e-14, atol=0)


@given(cases(moves=("hazard", "share", "both")))
def test_nobody_moves_to_where_he_is(case):
    transitions = case.project().transitions

    if transitions is not None:
        np.testing.assert_array_equal(np.einsum("...ii->...i", transitions), 0)
        assert transitions.min() >= 0
