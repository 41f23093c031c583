"""A projection does not depend on how its years are cut into pieces."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from inputs import cases, fields

from sim.engine import CONVENTIONS, OverdrawnError, carry


def in_pieces(case, cuts):
    """Projections of the parts of the years between the cuts, each from where the last one ended."""
    pieces, population = [], case.population
    for first, last in zip([0, *cuts], [*cuts, case.years], strict=True):
        pieces.append(case.part(first, last)._replace(population=population).project())
        population = pieces[-1].population[-1]
    return pieces


def assert_same_bits(whole, pieces):
    for name, field in whole._asdict().items():
        parts = [getattr(piece, name) for piece in pieces]
        if name == "population":
            parts = [parts[0][:1], *(part[1:] for part in parts)]
        if field is not None:
            np.testing.assert_array_equal(np.concatenate(parts), field, err_msg=name)


@given(cases(immigrants_only=False), st.data())
def test_restart_at_any_year_gives_the_same_bits(case, data):
    cut = data.draw(st.integers(1, case.years - 1)) if case.years > 1 else None

    pieces = in_pieces(case, [cut] if cut else [])

    assert_same_bits(case.project(), pieces)


@given(cases(immigrants_only=False))
def test_single_years_give_the_same_bits_as_all_at_once(case):
    pieces = in_pieces(case, range(1, case.years))

    assert_same_bits(case.project(), pieces)


@given(cases(immigrants_only=False, linear=True), st.integers(1, 3000))
def test_operators_made_a_few_years_at_once_give_the_same_bits(case, most_entries):
    with patch("sim.engine.conventions.MOST_ENTRIES", most_entries):
        in_parts = carry(case.population, case.rates, case.migrants, CONVENTIONS[case.convention])

    for name, (whole, parts) in fields(case.project(), in_parts):
        np.testing.assert_array_equal(parts, whole, err_msg=name)


@given(cases(linear=True), st.data())
def test_a_cohort_overdrawn_in_any_part_of_the_years_is_named_with_its_year(case, data):
    year = data.draw(st.integers(0, case.years - 1))
    case.migrants[year, 1] -= 1e12
    with pytest.raises(OverdrawnError) as of_whole:
        case.project()
    assume(of_whole.value.year == year + 1)

    with patch("sim.engine.conventions.MOST_ENTRIES", 1), pytest.raises(OverdrawnError) as of_parts:
        carry(case.population, case.rates, case.migrants, CONVENTIONS[case.convention])

    assert vars(of_parts.value) == vars(of_whole.value)
