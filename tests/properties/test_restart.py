"""A projection does not depend on how its years are cut into pieces."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from inputs import cases


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
