"""Pairs of small scenarios to be explained, and the slow way to do it: every mixture a run, every order a sum."""

import itertools
from functools import cache

from small import AGES, GROUPS, REGIONS, SEXES, TABLES, by_age

import sim
from sim import indicators

YEARS = range(2012, 2015)
PROFILE = {"table": "adults.csv", "age": "reached"}


def fertile(total):
    return "age,value\n" + "".join(f"{age},{total / 20!r}\n" for age in range(20, 40))


def by_year(figure, sexes=SEXES):
    """Table of a function of the year and the age, by sex unless no sexes are given."""
    lines = [
        f"{year},{sex}{age},{figure(year, age)!r}\n"
        for year in YEARS
        for sex in ([f"{sex}," for sex in sexes] or [""])
        for age in AGES
    ]
    return "".join([f"year,{'sex,' if sexes else ''}age,value\n", *lines])


def by_state(figure):
    lines = [
        f"{region},{group},{sex},{age},{figure(region, group, age)}\n"
        for region in REGIONS
        for group in GROUPS
        for sex in SEXES
        for age in AGES
    ]
    return "".join(["region,group,sex,age,value\n", *lines])


FILES = TABLES | {
    "more.csv": "sex,age,value\n" + "".join(f"{sex},{age},{1100 - 4 * age}\n" for sex in SEXES for age in AGES),
    "frail.csv": by_age(lambda age: 0.97 - age / 2000),
    "fewer.csv": fertile(0.9),
    "arrivals.csv": "sex,age,value\n" + "".join(f"{sex},{age},{30 - age / 4}\n" for sex in SEXES for age in AGES),
    "adults.csv": "sex,age,value\n"
    + "".join(f"{sex},{age},{(18 <= age < 43) / 50!r}\n" for sex in SEXES for age in AGES),
    "states.csv": by_state(lambda region, group, age: 900 if group == "belgian" else 300 - 2 * age),
}


def slow(worth, unions):
    """What each player adds as it joins, in the mean over all orders in which a union's come one after the other."""
    worth = cache(worth)
    gained, orders = {}, 0
    for whole in itertools.permutations(unions):
        for each in itertools.product(*(list(itertools.permutations(union)) for union in whole)):
            orders, there = orders + 1, frozenset()
            for player in itertools.chain(*each):
                gained[player] = gained.get(player, 0) + worth(there | {player}) - worth(there)
                there |= {player}
    return {player: total / orders for player, total in gained.items()}


def projected(write, content):
    """Worth of a coalition: its own scenario file, run like any other."""
    values = {}

    def worth(coalition, indicator="population"):
        if coalition not in values:
            values[coalition] = sim.run(write("mixture", **content(coalition)))
        return getattr(indicators, indicator)(values[coalition]).values

    return worth
