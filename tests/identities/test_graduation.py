"""Single ages keep what is known of their groups, whichever method divides them."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from sim.demography.graduation import (
    METHODS,
    beers_modified,
    beers_ordinary,
    composite_link,
    graduate,
    group,
    pclm,
    rescaled,
    split_open_group,
    sprague,
    uniform,
)

FIVE = np.arange(0, 51, 5)
ANY_WIDTH = ["uniform", "monotone", "pclm"]
OSCULATORY = [sprague, beers_ordinary, beers_modified]
AGES = np.array([0, 1, *range(5, 90, 5), 111])
DEATHS = np.array(
    [294, 66, 32, 44, 170, 284, 287, 293, 361, 600, 998, 1572, 2529, 4637, 6161, 7369, 10481, 15293, 39016]
)
"""Example of the R package ungroup (Pascariu and others 2018, Journal of Open Source Software 3)."""


def smooth_totals(edges, rows=3):
    """Totals of groups of a curve that no method has by itself."""
    age = np.arange(edges[0], edges[-1])
    level = np.array([1.0, 30.0, 900.0])[:rows, None]
    return group(edges, level * (40 + 30 * np.sin(age / 9 + level) + age / 3))


@pytest.mark.parametrize("name", METHODS)
def test_group_sums_are_kept(name):
    totals = smooth_totals(FIVE).reshape(3, 1, -1)

    single = METHODS[name](FIVE, totals)

    assert single.shape == (3, 1, 50)
    np.testing.assert_allclose(group(FIVE, single), totals, rtol=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_a_row_is_graduated_alike_alone_and_among_others(name):
    totals = smooth_totals(FIVE)

    np.testing.assert_allclose(METHODS[name](FIVE, totals)[1], METHODS[name](FIVE, totals[1]), rtol=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_equal_totals_are_divided_evenly(name):
    np.testing.assert_allclose(METHODS[name](FIVE, np.full(10, 35.0)), 7, rtol=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_groups_in_reverse_give_single_ages_in_reverse(name):
    totals = smooth_totals(FIVE)

    np.testing.assert_allclose(METHODS[name](FIVE, totals[:, ::-1])[:, ::-1], METHODS[name](FIVE, totals), rtol=1e-6)


@given(
    st.lists(st.integers(1, 9), min_size=3, max_size=12),
    st.integers(0, 20),
    st.floats(-0.08, 0.08),
    st.floats(0, 0.5),
    st.sampled_from(ANY_WIDTH),
)
@settings(max_examples=60, deadline=None)
def test_groups_of_any_width_keep_their_sums_and_have_no_negative_age(widths, first, slope, wave, name):
    edges = first + np.concatenate([[0], np.cumsum(widths)])
    age = np.arange(sum(widths))
    totals = group(edges, 1000 * np.exp(slope * age + wave * np.sin(age / 6)))

    single = METHODS[name](edges, totals)

    assert single.shape == age.shape
    assert (single >= 0).all()
    np.testing.assert_allclose(group(edges, single), totals, rtol=1e-12)


@given(st.lists(st.floats(0, 1e6), min_size=5, max_size=21), st.sampled_from([sprague, beers_ordinary]))
@settings(max_examples=60, deadline=None)
def test_multipliers_keep_the_sums_of_every_group(totals, method):
    edges = 5 * np.arange(len(totals) + 1)

    np.testing.assert_allclose(group(edges, method(edges, totals)), totals, rtol=0, atol=1e-12 * (1 + max(totals)))


@pytest.mark.parametrize(("method", "degree"), [(sprague, 4), (beers_ordinary, 4), (beers_modified, 3)])
@pytest.mark.parametrize("count", [5, 6, 10])
def test_polynomials_of_the_accumulated_totals_are_reproduced_up_to_a_degree(method, degree, count):
    edges = 5 * np.arange(count + 1)
    age = np.arange(edges[-1] + 1) / edges[-1]
    errors = []
    for power in range(1, 6):
        single = np.diff(age**power)
        errors.append(np.abs(method(edges, group(edges, single)) - single).max())

    assert max(errors[:degree]) < 1e-14
    assert min(errors[degree:]) > 1e-7


def test_ordinary_multipliers_of_beers_minimise_fifth_differences():
    """A six-term formula exact for quartics has one free weight at each fifth of an interval; these are the best."""
    nodes = np.arange(-2, 4)

    def fifth_differences(*free):
        influence = np.zeros(31)
        influence[15] = 1
        for fifth, weight in enumerate(free, start=1):
            terms = np.zeros(6)
            terms[:5] = np.linalg.solve(np.vander(nodes[:5], increasing=True).T, (fifth / 5) ** np.arange(5))
            terms += weight * np.array([-1, 5, -10, 10, -5, 1])
            influence[15 + fifth - 5 * nodes] = terms
            influence[15 - fifth + 5 * nodes] = terms
        return np.diff(np.pad(influence, 6), 5)

    rest = fifth_differences(0, 0)
    sides = np.stack([fifth_differences(1, 0) - rest, fifth_differences(0, 1) - rest], axis=-1)
    best = np.linalg.lstsq(sides, -rest, rcond=None)[0]

    fifth_group_in_the_third = beers_ordinary(5 * np.arange(6), np.eye(5)[4])[10:12]
    np.testing.assert_allclose(fifth_group_in_the_third.cumsum(), best, rtol=0, atol=1e-4)


def test_ordinary_multipliers_of_beers_give_the_ages_of_the_spreadsheet_of_the_census_bureau():
    """BEERSP (Johnson 2016), males: ages that its own adjustment below age 10 leaves alone, in whole persons."""
    totals = [752124, 582662, 463534, 369976, 286946, 235867, 199561, 172133, 151194, 131502, 113439, 95614]
    totals += [78777, 60157, 40960, 21318, 25451]

    single = beers_ordinary(5 * np.arange(18), totals)

    np.testing.assert_allclose(single[[1, 9, 10, 11, 12]], [158163, 105733, 101088, 96719, 92551], rtol=0, atol=0.75)


@pytest.mark.parametrize("method", OSCULATORY)
def test_steep_totals_can_give_negative_ages(method):
    assert method(FIVE, [0, 0, 0, 1000, 0, 0, 0, 0, 0, 0]).min() < 0


def test_modified_multipliers_of_beers_keep_the_total_and_the_groups_at_the_ends_only():
    totals = smooth_totals(FIVE)[0]

    change = group(FIVE, beers_modified(FIVE, totals)) / totals - 1

    np.testing.assert_allclose(change[[0, -1]], 0, atol=1e-14)
    assert np.abs(change[1:-1]).min() > 1e-5
    np.testing.assert_allclose(beers_modified(FIVE, totals).sum(), totals.sum(), rtol=1e-14)


def test_modified_multipliers_smooth_more_than_ordinary_ones():
    """Fourth differences of an age that is misreported by a group are what the modification makes small."""
    totals = np.array([100.0, 100, 100, 100, 120, 100, 100, 100, 100, 100])
    rough = [np.abs(np.diff(method(FIVE, totals), 4)).sum() for method in (beers_modified, beers_ordinary)]

    assert 3 * rough[0] < rough[1]


def test_grouping_undoes_division_whatever_the_signs():
    np.testing.assert_array_equal(group([7, 9, 10, 11], [[1.0, -2, 3, 4], [0, 0, 5, 1]]), [[-1, 3, 4], [0, 5, 1]])


def test_uniform_ages_share_their_group_evenly():
    np.testing.assert_array_equal(uniform([3, 4, 8], [[5, 12], [0, 2]]), [[5, 3, 3, 3, 3], [0, 0.5, 0.5, 0.5, 0.5]])


def test_rescaled_ages_keep_their_proportions_within_a_group():
    values, edges = [[1.0, 3, -1, 2, 3], [2, 2, 0, 0, 5]], [0, 2, 4, 5]

    np.testing.assert_allclose(rescaled(edges, values[0], [8, 5, 0]), [2, 6, -5, 10, 0], rtol=1e-15)
    with pytest.raises(ValueError, match="single ages of a group with total 5 sum to 0; only above zero is allowed"):
        rescaled(edges, values, [8, 5, 0])


# Penalised composite link model


def dense_fit(composition, basis, counts, penalty):
    """Composite link model as it is printed: normal equations of iteratively reweighted least squares, full size."""
    beta = np.full(basis.shape[1], np.log(counts.sum() / composition.sum()))
    for _ in range(500):
        gamma = np.exp(basis @ beta)
        mean = composition @ gamma
        working = composition @ (gamma[:, None] * basis)
        information = working.T @ (working / mean[:, None])
        new = np.linalg.solve(information + penalty, working.T @ ((counts - mean + working @ beta) / mean))
        if np.abs(new - beta).max() < 1e-9:
            break
        beta = new
    hat = np.linalg.solve(information + penalty, information)
    deviance = 2 * (counts * np.log(np.where(counts > 0, counts, 1) / mean)).sum()
    return np.exp(basis @ beta), np.trace(hat), deviance


def membership(edges):
    return np.repeat(np.eye(len(edges) - 1), np.diff(edges), axis=1)


def roughness(size):
    differences = np.diff(np.eye(size), 2, axis=0)
    return differences.T @ differences


def test_the_dense_model_gives_the_figures_of_the_package_ungroup():
    """pclm(x, y, 26) of ungroup: tests/testthat/test_pclm.R. It has a cubic B-spline for every two ages, weighs the
    penalty by the root of lambda = 0.1, and adds one death at the end that it hands out again."""
    edges = np.append(AGES, 112)
    age = np.arange(112.0)
    pieces = 56
    low, high = -0.01 * 111, 111 + 0.01 * 111
    knots = low + (high - low) / pieces * np.arange(-3, pieces + 4)
    basis = BSpline.design_matrix(age, knots, 3).toarray()

    fitted, dimension, deviance = dense_fit(
        membership(edges), basis, np.append(DEATHS, 1.0), np.sqrt(0.1) * roughness(basis.shape[1])
    )
    kept = fitted[:111] * (1 + (fitted[111] - 1) / fitted[:111].sum())

    np.testing.assert_allclose(
        [kept[0], kept[25], kept[54], kept[110], kept.max()],
        [292.25494488, 56.12353504, 368.25361568, 1.76116801, 3983.17889304],
        rtol=1e-4,
    )
    np.testing.assert_allclose(deviance + 2 * dimension, 39.97155669, rtol=1e-4)


@pytest.mark.parametrize("penalty", [20.0, 1e3, 1e5])
def test_the_model_equals_the_dense_one(penalty):
    fitted, dimension, deviance = dense_fit(membership(AGES), np.eye(111), DEATHS, penalty * roughness(111))

    model = composite_link(AGES, DEATHS, smoothing=penalty)

    np.testing.assert_allclose(model.expected, fitted, rtol=2e-6)
    np.testing.assert_allclose(model.rate, model.expected)
    np.testing.assert_allclose([model.effective_dimension, model.deviance], [dimension, deviance], rtol=1e-6)
    assert model.smoothing == penalty


def test_rates_of_single_ages_equal_the_dense_ones():
    exposure = np.array([[90.0, 60], [90, 80]]).repeat([40, 71], axis=-1) * 1000 * np.exp(-np.arange(111) / 60)
    expected = [dense_fit(membership(AGES) * row, np.eye(111), DEATHS, 30 * roughness(111))[0] for row in exposure]

    model = composite_link(AGES, DEATHS, exposure=exposure, smoothing=30)

    np.testing.assert_allclose(model.rate, expected, rtol=2e-6)
    np.testing.assert_allclose(model.expected, model.rate * exposure)


def test_the_penalty_of_smallest_aic_is_chosen_in_every_row():
    totals = np.array([DEATHS, DEATHS // 40])
    grid = 10.0 ** np.arange(-1, 8.5, 0.5)
    criteria = [composite_link(AGES, totals, smoothing=penalty) for penalty in grid]
    smallest = np.array([fit.deviance + 2 * fit.effective_dimension for fit in criteria]).argmin(axis=0)

    chosen = composite_link(AGES, totals)

    assert smallest[0] != smallest[1]
    np.testing.assert_allclose(chosen.smoothing, grid[smallest])
    np.testing.assert_allclose(chosen.expected[0], criteria[smallest[0]].expected[0], rtol=1e-6)


def test_a_stiff_penalty_leaves_an_exponential_curve():
    age = np.arange(60)
    counts = group([0, 7, 20, 35, 60], 500 * np.exp(-age / 15))

    model = composite_link([0, 7, 20, 35, 60], counts, smoothing=1e8)

    np.testing.assert_allclose(model.expected, 500 * np.exp(-age / 15), rtol=1e-6)
    assert 2 < model.effective_dimension < 2.05


def test_expected_counts_keep_the_total_and_the_mean_age_of_groups():
    """The penalty does not see a line, so the residuals of the groups have no part along one."""
    model = composite_link(AGES, DEATHS, smoothing=1e4)
    residual = DEATHS / group(AGES, model.expected) - 1

    spread = model.expected * np.repeat(residual, np.diff(AGES))
    np.testing.assert_allclose([spread.sum(), (spread * np.arange(111)).sum()], 0, atol=1e-3)
    np.testing.assert_allclose(model.expected.sum(), DEATHS.sum(), rtol=1e-9)


def test_a_model_of_counts_is_rescaled_to_its_groups():
    np.testing.assert_array_equal(
        pclm(AGES, DEATHS, smoothing=1e3), rescaled(AGES, composite_link(AGES, DEATHS, smoothing=1e3).expected, DEATHS)
    )


def test_empty_groups_have_empty_ages():
    totals = [0, 0, 3, 8, 11, 0, 2, 0]

    single = pclm(5 * np.arange(9), totals)

    np.testing.assert_array_equal(single.reshape(8, 5).sum(axis=-1) > 0, np.array(totals) > 0)
    assert (single >= 0).all()


def test_an_open_group_is_extended_to_a_stated_age_by_a_falling_curve():
    single = pclm([*range(60, 101, 5), 115], 1000 * np.exp(-0.5 * np.arange(9) - 0.03 * np.arange(9) ** 2))

    assert (np.diff(single[20:]) < 0).all()
    assert single[-1] < single[40] / 5


# Open age group


def test_an_open_group_is_a_stable_population():
    survivors = np.array([[5.0, 3, 1, 0.5], [4, 2, 1, 1]])

    still = split_open_group([19, 16], survivors)
    growing = split_open_group([19, 16], survivors, [0.02, -0.01])

    np.testing.assert_allclose(still, survivors * 2, rtol=1e-15)
    np.testing.assert_allclose(growing.sum(axis=-1), [19, 16], rtol=1e-15)
    ratio = growing[:, 1:] / growing[:, :-1] * survivors[:, :-1] / survivors[:, 1:]
    np.testing.assert_allclose(ratio, np.exp([[-0.02] * 3, [0.01] * 3]), rtol=1e-14)


def test_an_empty_open_group_stays_empty():
    np.testing.assert_array_equal(split_open_group(0, [3.0, 1]), [0, 0])


# What is refused


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    ("edges", "totals", "message"),
    [
        (FIVE, -np.ones(10), r"group totals hold -1 at \[0\]; allowed are finite numbers of 0 or more"),
        (FIVE, np.full((2, 10), np.nan), r"group totals hold nan at \[0, 0\]; allowed are finite numbers of 0 or more"),
        (FIVE, np.ones(9), "group totals have 9 values a row; expected are 10"),
        (FIVE[::-1], np.ones(10), "edges of age groups must be two or more numbers, each above the one before"),
        (FIVE + 0.5, np.ones(10), "edges of age groups hold 0.5; only whole ages are allowed"),
    ],
)
def test_what_no_method_takes_is_refused(name, edges, totals, message):
    with pytest.raises(ValueError, match=message):
        METHODS[name](edges, totals)


@pytest.mark.parametrize("name", sorted(set(METHODS) - set(ANY_WIDTH)))
def test_multipliers_are_for_five_or_more_groups_of_five_years(name):
    with pytest.raises(ValueError, match="a group is 4 wide; only groups of five years of age are allowed"):
        METHODS[name]([0, 5, 10, 15, 20, 24], np.ones(5))
    with pytest.raises(ValueError, match="4 closed groups are too few; five or more are allowed"):
        METHODS[name]([0, 5, 10, 15, 20], np.ones(4))


@pytest.mark.parametrize(
    ("totals", "options", "message"),
    [
        ([[1, 2, 3], [0, 0, 0]], {}, r"group totals are all zero in row \[1\]; one value above zero is needed"),
        ([[1, 2, 3], [5, 0, 0]], {}, "all counts of a row lie in the first group; counts in another group are needed"),
        ([0, 0, 5], {}, "all counts of a row lie in the last group; counts in another group are needed"),
        ([1, 2, 3], {"smoothing": 0.0}, "smoothing is 0; allowed are finite numbers above zero"),
        ([1, 2, 3], {"smoothing": np.inf}, "smoothing is inf; allowed are finite numbers above zero"),
        ([1, 2, 3], {"exposure": np.zeros(15)}, r"exposures hold 0 at \[0\]; "),
        ([1, 2, 3], {"exposure": np.ones(3)}, "exposures have 3 values a row; expected are 15"),
    ],
)
def test_what_the_model_does_not_take_is_refused(totals, options, message):
    with pytest.raises(ValueError, match=message):
        composite_link([0, 5, 10, 15], totals, **options)


def test_one_group_is_refused():
    with pytest.raises(ValueError, match="one group is too few; two or more are allowed"):
        pclm([0, 5], [3])


def test_a_model_that_does_not_arrive_says_so(monkeypatch):
    monkeypatch.setattr(sys.modules[composite_link.__module__], "MOST_STEPS", 2)
    with pytest.raises(
        ValueError, match=r"the fit of row 0 with smoothing 1 still moves by .* after 2 steps; allowed is"
    ):
        composite_link(AGES, DEATHS, smoothing=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, [1.0, 1]), "totals of open groups hold -1"),
        ((1, [1.0, -1]), "person-years hold -1"),
        ((1, [0.0, 0]), "person-years are all zero; one value above zero is needed"),
        ((1, [1.0, 1], np.nan), "growth rates hold nan"),
    ],
)
def test_an_open_group_that_cannot_be_split_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        split_open_group(*arguments)


def test_values_that_do_not_fit_the_edges_are_refused():
    with pytest.raises(ValueError, match="values of single ages have 9 values a row; expected are 10"):
        group([0, 5, 10], np.ones(9))
    with pytest.raises(ValueError, match="values of single ages have 9 values a row; expected are 10"):
        rescaled([0, 5, 10], np.ones(9), [1, 1])


def test_the_monotone_method_is_the_spline():
    assert METHODS["monotone"] is graduate


def test_the_composite_link_model_leaves_a_row_of_nobody_empty():
    groups = np.array([[100.0, 200, 150, 80], [0, 0, 0, 0]])

    single = pclm([0, 5, 10, 15, 20], groups)

    np.testing.assert_array_equal(single[1], 0)
    np.testing.assert_allclose(single[0], pclm([0, 5, 10, 15, 20], groups[0]), rtol=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_the_composite_link_model_takes_empty_groups_among_full_ones(seed):
    random = np.random.default_rng(seed)
    totals = random.integers(100, 100_000, 11) * (random.random(11) > 0.3)
    edges = np.arange(0, 60, 5)

    single = pclm(edges, totals)

    np.testing.assert_allclose(group(edges, single), totals, rtol=1e-9)
    assert (single >= 0).all()
