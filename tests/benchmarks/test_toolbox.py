"""How long the tools of demography take: reported by pytest-benchmark, never asserted.

Run with ``pytest tests/benchmarks --benchmark-enable``; otherwise every step is only tried once.
"""

import numpy as np

from sim.demography import graduation, lifetable, mortality

AGES = np.arange(111)


def death_rates(*leading):
    """Death rates of women and men at ages 0 to 110 and over, of levels that differ from one table to the next."""
    random = np.random.default_rng(1)
    level = random.uniform(0.5, 2, (*leading, 2, 1))
    return level * (3e-5 * np.exp(0.095 * AGES) + 0.004 * (AGES == 0))


def test_life_tables_of_a_thousand_populations(benchmark):
    table = benchmark(lifetable.life_table, death_rates(1000))

    assert table.life_expectancy.shape == (1000, 2, 111)


def test_a_hundred_years_brought_to_their_life_expectancy(benchmark):
    survival = lifetable.survival_ratios(lifetable.life_table(death_rates()).person_years)
    target = np.linspace([82, 77], [90, 87], 100)

    scaled = benchmark(mortality.scale_to_life_expectancy, survival, target)

    np.testing.assert_allclose(lifetable.life_expectancy(scaled.survival), target, atol=1e-9, rtol=0)


def test_twenty_one_groups_by_the_penalised_composite_link_model(benchmark):
    edges = np.append(np.arange(0, 101, 5), 110)
    single = 1e5 * np.exp(-(((np.arange(110) - 45) / 30) ** 2)) * (1 + 0.2 * np.sin(np.arange(110) / 6))
    totals = graduation.group(edges, single)

    found = benchmark(graduation.pclm, edges, totals)

    np.testing.assert_allclose(graduation.group(edges, found), totals, rtol=1e-9)


def test_lee_and_carter_fitted_to_fifty_years(benchmark):
    random = np.random.default_rng(2)
    years = np.arange(1970, 2020)
    trend = -0.02 * (years - 1995)[:, None] * np.exp(-AGES / 60)
    rates = death_rates()[0] * np.exp(trend + 0.02 * random.standard_normal((50, 111)))

    fit = benchmark(mortality.lee_carter, rates, years)

    assert fit.sensitivity.shape == (111,)
