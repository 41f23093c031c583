"""A scenario that sends more people away than there are says who they are, in its own words."""

import itertools

import pytest

from sim import pipeline
from sim.errors import ProjectionError

SCENARIO = """\
name: too-many-leave
period: {{start: 2020, end: 2024}}
convention: {convention}
ages: {{open: 50}}
states: {{regions: [north, south], groups: [citizens, foreigners]}}
population: {{table: population.csv}}
mortality:
  survival_ratio: {{table: survival.csv, age: reached}}
fertility:
  rates: {{table: fertility.csv, age: completed}}
  sex_ratio_at_birth: 1.05
migration:
  net: {{table: net.csv, age: reached}}
"""
STATES = list(itertools.product(("north", "south"), ("citizens", "foreigners"), ("female", "male"), range(51)))


def write(folder, convention, overdrawn):
    """A scenario of a thousand persons a cell, all of whom and more leave one cell in 2021."""
    (folder / "too-many-leave.yaml").write_text(SCENARIO.format(convention=convention))
    population = [f"{','.join(map(str, cell))},1000" for cell in STATES]
    net = [
        f"{year},{','.join(map(str, cell))},{-5000 if (year, *cell) == (2021, *overdrawn) else 0}"
        for year in range(2020, 2024)
        for cell in STATES
    ]
    tables = {
        "population": ["region,group,sex,age,value", *population],
        "net": ["year,region,group,sex,age,value", *net],
        "survival": ["age,value", *(f"{age},0.99" for age in range(51))],
        "fertility": ["age,value", *(f"{age},0.08" for age in range(20, 40))],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder / "too-many-leave.yaml"


@pytest.mark.parametrize("convention", ["continuous", "wpp_end", "spectrum_midyear", "fso_midyear"])
@pytest.mark.parametrize(
    ("cell", "age"),
    [
        (("north", "citizens", "female", 44), "age 44"),
        (("north", "foreigners", "male", 0), "age 0"),
        (("south", "citizens", "female", 50), "age 50 and over"),
        (("south", "foreigners", "male", 7), "age 7"),
    ],
)
def test_message_names_scenario_region_group_year_sex_and_age(tmp_path, convention, cell, age):
    scenario = write(tmp_path, convention, cell)

    with pytest.raises(ProjectionError) as raised:
        pipeline.run(scenario)

    message = str(raised.value)
    region, group, sex, _ = cell
    for part in ("too-many-leave", f"region {region}", f"group {group}", "1 January 2022", sex, age):
        assert part in message
    assert ("female" in message) == (sex == "female")


def test_the_same_scenario_without_that_cell_runs(tmp_path):
    scenario = write(tmp_path, "continuous", ("nowhere", "nobody", "", 0))

    result = pipeline.run(scenario)

    assert result["net_migrants"].sum() == 0
    assert result["population"].min() > 0
