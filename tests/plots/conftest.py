"""Results of a toy projection that looks like Belgium, made without the engine."""

import json

import numpy as np
import pytest
import xarray as xr

AGES = np.arange(106)
SEXES = ["female", "male"]


def mortality(year):
    """Death rates by sex and age, Gompertz with falling levels."""
    level = np.array([[2.0e-5], [3.3e-5]]) * np.exp(-0.009 * (year - 2012))
    rates = level * np.exp(0.1 * AGES)
    rates[:, 0] += 0.003
    return np.minimum(rates, 0.7)


def starting_population(total):
    """A population with a baby boom, aged 40 to 65, that adds up to a total."""
    survival = np.exp(-np.cumsum(mortality(2012), axis=1))
    boom = 1 + 0.35 * np.exp(-(((AGES - 48) / 11) ** 2)) - 0.3 * np.exp(-(((AGES - 95) / 6) ** 2))
    shape = survival * boom
    return shape / shape.sum() * total


def project(total, migration, fertility, years):
    """Populations, births, deaths and net migrants by year, sex and age."""
    rates = np.exp(-(((AGES - 30.5) / 5.6) ** 2))
    rates *= fertility / rates.sum()
    profile = np.exp(-(((AGES - 27) / 10) ** 2)) + 0.3 * np.exp(-(((AGES - 3) / 6) ** 2))
    profile /= 2 * profile.sum()
    stocks, flows = [starting_population(total)], []
    for year in years[:-1]:
        start = stocks[-1]
        born = (start[0] * rates).sum()
        births = born * np.array([100, 105]) / 205
        exposed = np.concatenate([births[:, None], start], axis=1)
        deaths = exposed * (1 - np.exp(-np.concatenate([mortality(year)[:, :1], mortality(year)], axis=1)))
        moved = np.interp(year, list(migration), list(migration.values())) * np.array([profile, profile])
        end = exposed - deaths
        end = np.concatenate([end[:, :105], end[:, 105:].sum(axis=1, keepdims=True)], axis=1) + moved
        lost = np.concatenate([deaths[:, :105], deaths[:, 105:].sum(axis=1, keepdims=True)], axis=1)
        stocks.append(end)
        flows.append((births, lost, moved, start[0] * rates))
    return np.array(stocks), *map(np.array, zip(*flows, strict=True))


OUTLOOK = {2012: 62000, 2015: 62000, 2020: 35000, 2030: 25000, 2060: 20000}
PUBLISHED = [
    {"indicator": "population", "year": 2030, "value": 12.1e6, "rounding": 0.05e6, "source": "communique"},
    {"indicator": "population", "year": 2060, "value": 12.7e6, "rounding": 0.05e6, "source": "communique"},
]
SOURCES = {
    "communique": "Federal Planning Bureau and Statistics Belgium, communiqué of 24 May 2013",
    "statbel": "Statbel, population on 1 January and vital events",
}


def observed_figures(first=1991, last=2024):
    """Observed figures, smooth but for a year of high mortality and one of refuge."""
    figures = []
    for year in range(first, last + 1):
        births = 121e3 + 7e3 * np.sin((year - 2004) / 5)
        deaths = 105e3 + 150 * (year - 2000) + (17e3 if year == 2020 else 0)
        moved = 15e3 + 1.6e3 * (year - first) + (55e3 if year == 2022 else 0)
        figures += [
            {"indicator": "births", "year": year, "value": births, "source": "statbel"},
            {"indicator": "deaths", "year": year, "value": deaths, "source": "statbel"},
            {"indicator": "net_migration", "year": year, "value": moved, "source": "statbel"},
        ]
        population = 9.987e6 + 34e3 * (year - 1991) + 850 * (year - 1991) ** 2
        figures.append({"indicator": "population", "year": year, "value": population, "source": "statbel"})
    return figures


def build_result(
    name="outlook-2013",
    title="Population outlook 2012-2060 (Federal Planning Bureau, May 2013)",
    *,
    total=11.08e6,
    migration=OUTLOOK,
    fertility=1.82,
    years=range(2012, 2061),
    regions=None,
    groups=None,
    published=PUBLISHED,
    observed=None,
):
    """A result as the projection writes it; shares of regions and of groups are fixed."""
    years = np.asarray(years)
    regions, groups = regions or {"all": 1.0}, groups or {"all": 1.0}
    stock, births, deaths, moved, by_mother = project(total, migration, fertility, years)
    share = np.outer(list(regions.values()), list(groups.values()))
    shares = share[None, :, :, None, None]
    coordinates = {
        "year": years,
        "period": years[:-1],
        "region": list(regions),
        "group": list(groups),
        "sex": SEXES,
        "age": AGES,
    }
    flow = ("period", "region", "group", "sex", "age")
    return xr.Dataset(
        {
            "population": (("year", *flow[1:]), shares * stock[:, None, None]),
            "births": (flow[:-1], shares[..., 0] * births[:, None, None]),
            "births_by_age_of_mother": (
                ("period", "region", "group", "age"),
                shares[..., 0] * by_mother[:, None, None],
            ),
            "deaths": (flow, shares * deaths[:, None, None]),
            "net_migrants": (flow, shares * moved[:, None, None]),
        },
        coordinates,
        {
            "name": name,
            "title": title,
            "published": json.dumps(published),
            "observed": json.dumps(observed_figures() if observed is None else observed),
            "sources": json.dumps(SOURCES),
        },
    )


@pytest.fixture(scope="session")
def make_result():
    """Return the function that makes results, with as few years and figures as a test asks for."""
    return build_result
