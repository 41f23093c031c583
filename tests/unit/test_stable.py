"""Stable populations: projection matrices, their eigenvalues and eigenvectors, and the scenarios behind them."""

import json

import numpy as np
import pytest

import sim
from sim.demography.fertility import by_cohort
from sim.demography.lifetable import life_expectancy, stationary_population
from sim.demography.stable import stable_population
from sim.engine import CONVENTIONS, Rates, leslie_matrix, project
from sim.errors import DataError, ScenarioError, SimError

AGES = 101
EACH = pytest.mark.parametrize("convention", CONVENTIONS)


# Matrices


def survival_of_women(ages=AGES):
    """Survival ratios by cohort slot, (A + 1,); those in the open age die more often than those who enter it."""
    slot = np.arange(ages + 1)
    return np.exp(-(4e-5 * np.exp(0.095 * slot) + 0.004 * (slot == 0)))


def fertility(total=1.9, ages=AGES):
    """Births per woman by completed age."""
    age = np.arange(ages)
    rate = np.exp(-(((age - 30) / 6) ** 2)) * ((age >= 14) & (age < 50))
    return total * rate / rate.sum()


def one_state(total=1.9, male_share=1.05 / 2.05):
    """Rates of one state in one year."""
    before, after = (part[None, :, None] for part in by_cohort(fertility(total), "completed"))
    survival = np.broadcast_to(survival_of_women()[None, :, None, None], (1, AGES + 1, 2, 1))
    return Rates(np.array(survival), before, after, np.array([male_share]))


def several_states(states=3, ages=9, seed=4):
    """Random rates of states that people move between, in one year."""
    random = np.random.default_rng(seed)
    slots = (1, ages + 1, 2, states)
    births = random.uniform(0.2, 0.5, (2, 1, ages + 1, states)) * (np.arange(ages + 1) > 1)[:, None]
    return Rates(
        random.uniform(0.6, 0.97, slots),
        *births,
        np.array([0.51]),
        emigration_hazard=random.uniform(0, 0.05, slots),
        transition_hazard=random.uniform(0, 0.1, (*slots, states)) * (1 - np.eye(states)),
        child_state=random.dirichlet(np.ones(states), (1, states)).swapaxes(-1, -2),
    )


def operators_of(rates, convention):
    """Operators of a year, and entrants: nobody."""
    _, slots, sexes, states = rates.survival.shape
    nobody = np.zeros((1, slots - 1, sexes, states))
    if convention == "spectrum_midyear":
        return CONVENTIONS[convention](rates, nobody, np.ones((slots - 1, sexes, states)))
    return CONVENTIONS[convention](rates, nobody)


def carried(women, operators, entrants, years=1):
    """Women of all ages and states after each of some years, (years + 1, A, K)."""
    found = [women]
    for _ in range(years):
        population = np.stack([found[-1], np.zeros_like(women)], axis=1)
        found.append(project(population, operators, entrants).population[1, :, 0])
    return np.stack(found)


def by_numpy(matrix, states=1):
    """Growth factor, structure and reproductive value by another program, dense."""
    values, right = np.linalg.eig(matrix)
    growth = values.real.max()
    structure = np.abs(right[:, values.real.argmax()].real).reshape(-1, states)
    values, left = np.linalg.eig(matrix.T)
    value = np.abs(left[:, values.real.argmax()].real).reshape(-1, states)
    structure /= structure.sum()
    value /= (value[0] * structure[0]).sum() / structure[0].sum()
    return growth, structure, value


@EACH
def test_matrix_times_women_is_a_year_of_the_engine(convention):
    operators, entrants = operators_of(one_state(), convention)
    women = np.random.default_rng(1).uniform(0, 1e6, (AGES, 1))

    np.testing.assert_allclose(
        leslie_matrix(operators) @ women[:, 0], carried(women, operators, entrants)[1, :, 0], rtol=1e-14
    )


@EACH
def test_the_multiregional_matrix_is_what_becomes_of_one_woman_at_a_time(convention):
    operators, entrants = operators_of(several_states(), convention)
    matrix = leslie_matrix(operators)

    slow = np.zeros_like(matrix)
    for age in range(9):
        for state in range(3):
            one = np.zeros((9, 3))
            one[age, state] = 1
            after = carried(one, operators, entrants)[1]
            for age_after in range(9):
                for state_after in range(3):
                    slow[age_after * 3 + state_after, age * 3 + state] = after[age_after, state_after]

    assert (slow[:3].reshape(3, 9, 3).sum(axis=(0, 2)) > 0).sum() >= 7
    np.testing.assert_allclose(matrix, slow, rtol=1e-14, atol=1e-17)


@pytest.mark.parametrize("states", [1, 3, 5])
@EACH
def test_growth_structure_and_reproductive_value_are_those_of_numpy(convention, states):
    rates = one_state() if states == 1 else several_states(states)
    matrix = leslie_matrix(operators_of(rates, convention)[0])

    found = stable_population(matrix, states)

    growth, structure, value = by_numpy(matrix, states)
    np.testing.assert_allclose(found.growth_factor, growth, rtol=1e-12)
    np.testing.assert_allclose(found.structure, structure, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.reproductive_value, value, rtol=1e-9, atol=1e-11)
    assert found.structure.shape == found.reproductive_value.shape == (len(matrix) // states, states)


@EACH
@pytest.mark.parametrize("states", [1, 3])
def test_they_are_eigenvectors_from_the_right_and_from_the_left(convention, states):
    rates = one_state() if states == 1 else several_states(states)
    matrix = leslie_matrix(operators_of(rates, convention)[0])

    growth, structure, value = stable_population(matrix, states)

    np.testing.assert_allclose(matrix @ structure.ravel(), growth * structure.ravel(), rtol=0, atol=1e-13)
    np.testing.assert_allclose(value.ravel() @ matrix, growth * value.ravel(), rtol=0, atol=1e-11 * value.max())
    assert structure.min() >= 0
    np.testing.assert_allclose(structure.sum(), 1, rtol=1e-14)
    np.testing.assert_allclose((value[0] * structure[0]).sum() / structure[0].sum(), 1, rtol=1e-13)


@pytest.mark.parametrize("convention", ["continuous", "wpp_end"])
def test_the_long_run_grows_by_the_eigenvalue_in_the_structure_of_the_eigenvector(convention):
    operators, entrants = operators_of(one_state(), convention)
    found = stable_population(leslie_matrix(operators))

    women = carried(np.random.default_rng(2).uniform(0, 1e6, (AGES, 1)), operators, entrants, 2500)
    from_stable = carried(found.structure, operators, entrants, 100).sum(axis=(1, 2))

    np.testing.assert_allclose(women[-1].sum() / women[-2].sum(), found.growth_factor, rtol=1e-12)
    np.testing.assert_allclose(women[-1] / women[-1].sum(), found.structure, rtol=0, atol=1e-10)
    np.testing.assert_allclose(from_stable, found.growth_factor ** np.arange(101.0), rtol=1e-11)


@pytest.mark.parametrize("total", [1.2, 2.1, 6.0])
@EACH
def test_a_population_from_the_stable_start_doubles_in_its_doubling_time(convention, total):
    operators, entrants = operators_of(one_state(total), convention)
    growth, structure, _ = stable_population(leslie_matrix(operators))

    women = carried(structure, operators, entrants, 100).sum(axis=(1, 2))

    doublings = 100 * np.log(growth) / np.log(2)
    np.testing.assert_allclose(women[-1], 2.0**doublings, rtol=1e-11)


@EACH
def test_the_growth_factor_solves_the_discrete_equation_of_lotka(convention):
    matrix = leslie_matrix(operators_of(one_state(), convention)[0])

    growth = stable_population(matrix).growth_factor

    lived, total = 1.0, 0.0
    for age in range(AGES - 1):
        total += growth ** -(age + 1) * matrix[0, age] * lived
        lived *= matrix[age + 1, age]
    assert matrix[0, -1] == 0
    np.testing.assert_allclose(total, 1, rtol=1e-12)


@EACH
def test_the_reproductive_value_of_one_state_has_a_closed_form(convention):
    matrix = leslie_matrix(operators_of(one_state(), convention)[0])

    growth, _, value = stable_population(matrix)

    expected = np.zeros(AGES)
    for age in range(AGES - 2, -1, -1):
        expected[age] = (matrix[0, age] + matrix[age + 1, age] * expected[age + 1]) / growth
    assert expected[0] == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(value[:, 0], expected, rtol=0, atol=1e-11)
    assert value[20, 0] > value[30, 0] > value[45, 0] > 0
    np.testing.assert_allclose(value[50:], 0, rtol=0, atol=1e-11)


def test_a_population_that_replaces_itself_is_that_of_its_life_table():
    lived = stationary_population(survival_of_women())
    rates = one_state()
    matrix = leslie_matrix(operators_of(rates, "continuous")[0])
    reproduction = (matrix[0] * lived / lived[0]).sum()
    still = rates._replace(
        fertility_before_birthday=rates.fertility_before_birthday / reproduction,
        fertility_after_birthday=rates.fertility_after_birthday / reproduction,
    )
    operators, entrants = operators_of(still, "continuous")

    growth, structure, _ = stable_population(leslie_matrix(operators))

    expectancy = float(life_expectancy(survival_of_women()))
    np.testing.assert_allclose(growth, 1, rtol=1e-12)
    np.testing.assert_allclose(structure[:, 0], lived / expectancy, rtol=0, atol=1e-12)
    population = np.stack([structure, np.zeros_like(structure)], axis=1) * 1e6
    girls = float(project(population, operators, entrants).births[0, 0].sum())
    np.testing.assert_allclose(girls / 1e6, 1 / expectancy, rtol=1e-12)


def test_matrices_of_the_textbook_size():
    matrix = np.array([[0.0, 1.5, 1.0], [0.5, 0.0, 0.0], [0.0, 0.25, 0.0]])

    for few in (matrix, matrix[:2, :2]):
        found = stable_population(few)

        growth, structure, value = by_numpy(few)
        np.testing.assert_allclose(found.growth_factor, growth, rtol=1e-13)
        np.testing.assert_allclose(found.structure, structure, rtol=0, atol=1e-13)
        np.testing.assert_allclose(found.reproductive_value, value, rtol=0, atol=1e-12)


def test_births_at_one_age_only_have_a_growth_but_come_in_waves():
    matrix = np.diag(np.full(9, 0.9), -1)
    matrix[0, 4] = 2.0

    found = stable_population(matrix)

    np.testing.assert_allclose(found.growth_factor, (2 * 0.9**4) ** 0.2, rtol=1e-12)
    np.testing.assert_allclose(matrix @ found.structure[:, 0], found.growth_factor * found.structure[:, 0], atol=1e-13)


def test_states_apart_grow_in_the_end_as_the_fastest_of_them():
    slow, fast = np.array([[0.2, 0.9], [0.7, 0.1]]), np.array([[0.4, 1.4], [0.7, 0.1]])
    matrix = np.zeros((2, 2, 2, 2))
    matrix[:, 0, :, 0], matrix[:, 1, :, 1] = slow, fast

    found = stable_population(matrix.reshape(4, 4), 2)

    np.testing.assert_allclose(found.growth_factor, np.linalg.eigvals(fast).real.max(), rtol=1e-12)
    np.testing.assert_allclose(found.structure[:, 0], 0, atol=1e-12)


def test_the_same_matrix_gives_the_same_answer():
    matrix = leslie_matrix(operators_of(several_states(), "continuous")[0])

    first, second = stable_population(matrix, 3), stable_population(matrix, 3)

    assert first.growth_factor == second.growth_factor
    np.testing.assert_array_equal(first.structure, second.structure)
    np.testing.assert_array_equal(first.reproductive_value, second.reproductive_value)


def test_without_births_there_is_no_stable_population():
    matrix = leslie_matrix(operators_of(one_state(0), "continuous")[0])

    with pytest.raises(ValueError, match="nobody bears children"):
        stable_population(matrix)


def test_births_too_few_to_outlast_the_oldest_are_refused():
    """Where the open age outlives the generations born, the largest eigenvalue is its survival, and says nothing."""
    matrix = np.diag(np.full(9, 0.9), -1)
    matrix[0, 5] = 0.01
    matrix[-1, -1] = 0.95

    with pytest.raises(ValueError, match="no stable population"):
        stable_population(matrix)


# Scenarios

OPEN = 60
SEXES, GROUPS = ("female", "male"), ("nat", "for")
CONTENT = {
    "name": "stable",
    "period": {"start": 2012, "end": 2016},
    "ages": {"open": OPEN},
    "states": {"groups": list(GROUPS)},
    "population": {"table": "people.csv"},
    "mortality": {"survival_ratio": {"table": "survival.csv", "age": "reached"}},
    "fertility": {
        "total": {"path": {2012: 2.5, 2015: 1.0}, "after": "constant"},
        "pattern": {"table": "pattern.csv", "age": "completed"},
        "sex_ratio_at_birth": 1.05,
    },
    "newborn": {"child_group": {"for": {"nat": 0.4, "for": 0.6}}},
    "nationality": {"changes": [{"from": "for", "to": "nat", "hazard": 0.02}]},
    "migration": {"emigration": [{"group": "for", "hazard": 0.01}]},
}


def tables(width=1):
    """Tables of ages in groups of some years."""
    ages = range(0, OPEN + 1, width)
    people = "".join(f"{g},{s},{a},{width * (100 + a)}\n" for g in GROUPS for s in SEXES for a in ages)
    survival = "".join(f"{a},{(0.999 - a / 5000 - 0.1 * (a == OPEN)) ** width}\n" for a in ages)
    pattern = "".join(f"{a},{(a - 10) / 100}\n" for a in range(15, 45, width))
    return {
        "people.csv": f"group,sex,age,value\n{people}",
        "survival.csv": f"age,value\n{survival}",
        "pattern.csv": f"age,value\n{pattern}",
    }


def in_stable_proportions(found):
    """Table of women in the stable structure, and of nobody else."""
    lines = ["group,sex,age,value"]
    for group in GROUPS:
        for age in found.indexes["age"]:
            women = 1e6 * float(found["structure"].sel(region="all", group=group, age=age))
            lines += [f"{group},female,{age},{women!r}", f"{group},male,{age},0"]
    return "\n".join(lines)


@pytest.fixture
def scenario(tmp_path):
    """Path of the scenario with some parts replaced, beside its tables."""

    def written(width=1, **parts):
        for name, text in tables(width).items():
            (tmp_path / name).write_text(text)
        (tmp_path / "stable.yaml").write_text(json.dumps({**CONTENT, **parts}))
        return tmp_path / "stable.yaml"

    return written


def constant(total):
    """Fertility that stays."""
    return {**CONTENT["fertility"], "total": total}


@EACH
@pytest.mark.parametrize("width", [1, 5])
def test_a_scenario_that_starts_in_its_stable_structure_keeps_it_and_grows_at_its_rate(scenario, convention, width):
    parts = {"ages": {"open": OPEN, "width": width}, "period": {"start": 2000, "end": 2050}}
    path = scenario(width, **parts, fertility=constant(2.4), convention=convention)
    found = sim.stable_population(path, 2000)
    (path.parent / "people.csv").write_text(in_stable_proportions(found))

    women = sim.run(path)["population"].sel(sex="female")

    total = women.sum(["region", "group", "age"])
    rates = np.log(total.to_numpy()[1:] / total.to_numpy()[:-1]) / width
    np.testing.assert_allclose(rates, float(found["growth_rate"]), rtol=0, atol=1e-12)
    shares = women / total
    np.testing.assert_allclose(shares[-1], found["structure"], rtol=0, atol=1e-12)
    assert list(found.indexes["age"]) == list(range(0, OPEN + 1, width))


def test_the_dataset_says_what_it_holds(scenario):
    found = sim.stable_population(scenario(), 2013)

    assert found["growth_rate"].dims == ()
    assert found["structure"].dims == found["reproductive_value"].dims == ("region", "group", "age")
    assert list(found.indexes["group"]) == list(GROUPS)
    assert list(found.indexes["region"]) == ["all"]
    assert list(found.indexes["age"]) == list(range(OPEN + 1))
    np.testing.assert_allclose(found["structure"].sum(), 1, rtol=1e-14)
    assert found.attrs["name"] == "stable"
    assert found.attrs["year"] == 2013


def test_every_year_has_the_rates_of_its_own(scenario):
    rates = [float(sim.stable_population(scenario(), year)["growth_rate"]) for year in range(2012, 2016)]
    alone = [
        float(sim.stable_population(scenario(fertility=constant(total)), 2012)["growth_rate"])
        for total in (2.5, 2.0, 1.5, 1.0)
    ]

    assert rates == sorted(rates, reverse=True)
    np.testing.assert_allclose(rates, alone, rtol=1e-12)


def test_a_loaded_scenario_is_taken_as_well_as_its_path(scenario):
    path = scenario()

    assert sim.stable_population(str(path), 2012).identical(sim.stable_population(sim.load(path), 2012))


def test_immigrants_are_no_part_of_it(scenario):
    text = "sex,age,value\n" + "".join(f"{s},{a},{s == 'male'}\n" for s in SEXES for a in range(OPEN + 1))
    path = scenario()
    came = {"group": "for", "count": {"table": "came.csv", "age": "reached"}}
    (path.parent / "came.csv").write_text(text.replace("True", "3").replace("False", "9"))
    without = sim.stable_population(path, 2014)

    found = sim.stable_population(scenario(migration={**CONTENT["migration"], "immigration": [came]}), 2014)

    assert found.identical(without)


def test_counts_are_the_risks_that_they_lead_to_in_the_year(scenario):
    path = scenario()
    result, found = sim.run(path), sim.stable_population(path, 2014)
    made = result["changes_out"].sum(["region", "group", "sex", "age"]).to_series().to_dict()
    count = {"unit": "persons per year", "path": made}

    by_count = sim.stable_population(
        scenario(nationality={"changes": [{"from": "for", "to": "nat", "count": count}]}), 2014
    )

    np.testing.assert_allclose(by_count["growth_rate"], found["growth_rate"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(by_count["structure"], found["structure"], rtol=0, atol=1e-9)


def test_a_year_that_is_not_projected_is_told(scenario):
    for year in (2011, 2016):
        with pytest.raises(DataError, match=f"stable has no rates of {year}; it projects 2012 to 2015"):
            sim.stable_population(scenario(), year)


def test_a_year_within_a_step_of_five_is_told(scenario):
    five = {"ages": {"open": OPEN, "width": 5}, "period": {"start": 2000, "end": 2020}, "fertility": constant(2.2)}

    with pytest.raises(DataError, match="2003"):
        sim.stable_population(scenario(5, **five), 2003)


def test_a_sweep_has_several_and_is_refused(scenario):
    sweep = {"fertility": {"low": {"fertility.total": 1.0}, "high": {"fertility.total": 3.0}}}

    with pytest.raises(ScenarioError, match=r"stable\.yaml:1:\d+: sweep: there are several projections"):
        sim.stable_population(scenario(sweep=sweep), 2012)


def test_faults_of_the_scenario_are_told(scenario):
    with pytest.raises(ScenarioError, match="must come after start"):
        sim.stable_population(scenario(period={"start": 2012, "end": 2012}), 2012)


def test_a_scenario_without_births_is_told_as_a_mistake_of_the_user(scenario):
    with pytest.raises(SimError, match="nobody bears children"):
        sim.stable_population(scenario(fertility=constant(0)), 2012)
