"""A scenario small enough to be worked out by hand, and its tables."""

OPEN = 50
AGES = range(OPEN + 1)
SEXES = ("female", "male")
REGIONS, GROUPS = ("BE1", "BE2"), ("belgian", "foreign")
PEOPLE = "sex,age,value\n" + "".join(f"{sex},{age},1000\n" for sex in SEXES for age in AGES)
NOBODY = PEOPLE.replace("1000", "0")
BY_STATE = "region,group,sex,age,value\n" + "".join(
    f"{region},{group},{sex},{age},1000\n" for region in REGIONS for group in GROUPS for sex in SEXES for age in AGES
)
CONTENT = {
    "name": "small",
    "period": {"start": 2012, "end": 2015},
    "ages": {"open": OPEN},
    "population": {"table": "people.csv"},
    "mortality": {"survival_ratio": {"table": "survival.csv", "age": "reached"}},
    "fertility": {"rates": {"table": "fertility.csv", "age": "completed"}, "sex_ratio_at_birth": 1.05},
    "migration": {"net": {"table": "net.csv", "age": "reached"}},
}
PERSONS = {"unit": "persons per year", "after": "constant"}


def by_age(figure):
    """Table of one figure at every age, or of a function of the age."""
    return "age,value\n" + "".join(f"{age},{figure(age) if callable(figure) else figure}\n" for age in AGES)


TABLES = {
    "people.csv": PEOPLE,
    "survival.csv": by_age(0.98),
    "fertility.csv": "age,value\n" + "".join(f"{age},0.06\n" for age in range(20, 40)),
    "net.csv": NOBODY,
    "uniform.csv": "sex,age,value\n" + "".join(f"{sex},{age},{1 / 102!r}\n" for sex in SEXES for age in AGES),
}
