"""Paths in time: what they are in stated years, between them and outside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.inputs import YearPath
from sim.scenario.paths import uncovered, values

FIGURES = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: value + 0.0)
STATED = st.dictionaries(st.integers(1990, 2060), FIGURES, min_size=1, max_size=8)
KINDS = st.sampled_from(["linear", "step", "monotone"])


def path_of(stated, interpolate="linear", before=None, after=None):
    return YearPath(path=stated, interpolate=interpolate, before=before, after=after)


def years_of(stated):
    return range(min(stated), max(stated) + 1)


@given(stated=STATED, kind=KINDS)
def test_a_path_passes_exactly_through_every_stated_year(stated, kind):
    years = years_of(stated)

    drawn = values(path_of(stated, kind), years)

    assert {year: drawn[year - years[0]] for year in stated} == stated


@given(stated=STATED, kind=KINDS)
def test_between_stated_years_a_path_stays_within_its_neighbours(stated, kind):
    years, known = np.array(years_of(stated)), np.array(sorted(stated))

    drawn = values(path_of(stated, kind), years)

    left = np.array([stated[known[known <= year][-1]] for year in years])
    right = np.array([stated[known[known >= year][0]] for year in years])
    slack = 1e-12 * np.abs(list(stated.values())).max()
    assert (drawn >= np.minimum(left, right) - slack).all()
    assert (drawn <= np.maximum(left, right) + slack).all()


def test_a_linear_path_is_a_straight_line_between_stated_years():
    drawn = values(path_of({2015: 62000, 2020: 35000, 2021: 0}), range(2015, 2022))

    np.testing.assert_allclose(drawn, [62000, 56600, 51200, 45800, 40400, 35000, 0], rtol=1e-15, atol=0)


def test_a_step_keeps_the_last_stated_value():
    drawn = values(path_of({2015: 3, 2018: 1, 2020: 2}, "step"), range(2015, 2021))

    np.testing.assert_array_equal(drawn, [3, 3, 3, 1, 1, 2])


def test_a_monotone_path_is_no_straight_line_and_has_no_hump():
    drawn = values(path_of({2010: 0, 2014: 1, 2018: 10, 2022: 10}, "monotone"), range(2010, 2023))

    assert (np.diff(drawn) >= 0).all()
    assert abs(drawn[6] - 5.5) > 0.1
    np.testing.assert_array_equal(drawn[8:], 10)


@given(stated=STATED, kind=KINDS)
def test_the_order_in_which_years_are_stated_does_not_matter(stated, kind):
    years = years_of(stated)

    turned = dict(reversed(stated.items()))

    np.testing.assert_array_equal(values(path_of(stated, kind), years), values(path_of(turned, kind), years))


@given(stated=STATED, kind=KINDS)
def test_outside_stated_years_a_constant_path_keeps_its_ends(stated, kind):
    first, last = min(stated), max(stated)

    drawn = values(path_of(stated, kind, "constant", "constant"), range(first - 30, last + 31))

    np.testing.assert_array_equal(drawn[:30], stated[first])
    np.testing.assert_array_equal(drawn[-30:], stated[last])


@given(stated=STATED, kind=KINDS, start=st.integers(1980, 2070), length=st.integers(1, 40))
def test_a_year_has_the_same_value_whatever_years_are_asked_for(stated, kind, start, length):
    path = path_of(stated, kind, "constant", "constant")

    drawn = values(path, range(start, start + length))

    np.testing.assert_array_equal(drawn, values(path, range(1970, 2120))[start - 1970 :][:length])


@given(value=FIGURES, length=st.integers(1, 40))
def test_a_bare_number_holds_for_all_years(value, length):
    years = range(2012, 2012 + length)

    np.testing.assert_array_equal(values(value, years), np.full(length, value))
    assert uncovered(value, years) is None


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (None, None, "begins in 2015, but 2012 is needed; state it, or 'before: constant'"),
        (None, "constant", "begins in 2015, but 2012 is needed; state it, or 'before: constant'"),
        ("constant", None, "ends in 2020, but 2029 is needed; state it, or 'after: constant'"),
        ("constant", "constant", None),
    ],
)
def test_years_that_a_path_leaves_open_are_told(before, after, message):
    assert uncovered(path_of({2015: 1, 2020: 2}, before=before, after=after), range(2012, 2030)) == message


def test_a_path_that_ends_with_the_last_year_is_complete():
    path = path_of({2012: 1, 2029: 2})

    assert uncovered(path, range(2012, 2030)) is None
    assert uncovered(path, range(2012, 2031)) is not None
    assert uncovered(path, range(2011, 2030)) is not None
