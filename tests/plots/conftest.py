"""Results of a toy projection that looks like Belgium, made without the engine."""

import json

import numpy as np
import pytest
import xarray as xr

from sim import plots

AGES = np.arange(106)
GROUPS = np.arange(0, 90, 5)
SEXES = ["female", "male"]

LONG_TITLE = (
    "Population outlook 2012-2060, variant with high migration, low fertility and constant mortality "
    "(Federal Planning Bureau and Statistics Belgium, communiqué of May 2013, revised in March 2014)"
)
NEAR_THE_PATH = [
    {"indicator": "population", "year": 2030, "value": 11.9e6, "rounding": 0.05e6},
    {"indicator": "population", "year": 2031, "value": 12.0e6, "rounding": 0.005e6},
    {"indicator": "population", "years": [2040, 2049], "value": 12.4e6, "rounding": 0.05e6},
    {"indicator": "population", "year": 2060, "value": 12.38e6},
]
DIVIDED = {
    "regions": {"BE1": 0.1, "BE2": 0.57, "BE3": 0.33},
    "groups": {"belgian": 0.89, "foreign": 0.11},
}


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


def with_states(result, gains):
    """A divided result whose groups and regions gain, or lose, so many persons a year from each other.

    Moves cancel over regions and changes over groups; both are spread evenly over sexes and ages.
    """
    gains = np.asarray(gains, dtype=float)
    gains = gains - gains.mean()
    moves = np.broadcast_to(gains.mean(axis=1, keepdims=True), gains.shape)
    flow = result["deaths"]
    cells = flow.sizes["sex"] * flow.sizes["age"]
    gained = np.arange(result.sizes["year"])[:, None, None] * gains / cells
    flows = {}
    for name, net in (("moves", moves), ("changes", gains - moves)):
        for way, sign in (("in", 1), ("out", -1)):
            each = (5000 + np.maximum(sign * net, 0)) / cells
            flows[f"{name}_{way}"] = xr.zeros_like(flow) + each[None, :, :, None, None]
    population = result["population"] + gained[..., None, None]
    return result.assign(population=population, **flows)


def in_fives(result):
    """The same result by age groups 0-4 to 85 and over, and in steps of five years with their sums."""
    steps = result.sizes["period"] // 5
    first = result["year"].values[0]
    kept = [name for name in result.data_vars if "age" in result[name].dims]
    sums = [result[kept].sel(age=slice(age, age + 4 if age < 85 else None)).sum("age") for age in GROUPS]
    grouped = xr.concat(sums, xr.DataArray(GROUPS, dims="age", name="age")).transpose(..., "age")
    grouped = grouped.assign({name: result[name] for name in result.data_vars if name not in kept})
    stocks = grouped[["population"]].isel(year=slice(0, 5 * steps + 1, 5)).drop_vars("period", errors="ignore")
    flows = grouped.drop_vars(["population", "year"]).isel(period=slice(0, 5 * steps))
    flows = flows.coarsen(period=5).sum().assign_coords(period=first + 5 * np.arange(steps))
    return xr.merge([stocks, flows]).assign_attrs(result.attrs)


@pytest.fixture(scope="session")
def make_result():
    """Return the function that makes results, with as few years and figures as a test asks for."""
    return build_result


@pytest.fixture(scope="session")
def outlook(make_result):
    return make_result()


@pytest.fixture(scope="session")
def divided(make_result):
    return make_result("divided", LONG_TITLE, **DIVIDED, published=NEAR_THE_PATH)


@pytest.fixture(scope="session")
def exchanging(make_result):
    """A divided result with moves between regions and changes between groups."""
    divided = make_result("exchanging", "Outlook by region and nationality", **DIVIDED)
    return with_states(divided, [[-9000, 2000], [3000, 8000], [2000, 4000]])


@pytest.fixture(scope="session")
def fives(exchanging):
    """The same by age groups of five years, in steps of five years."""
    return in_fives(exchanging)


@pytest.fixture(scope="session")
def many_regions(make_result):
    """A result with more regions than colours."""
    return make_result("many", "Forty-four districts", regions={f"district-{n}": n / 990 for n in range(1, 45)})


@pytest.fixture(scope="session")
def variants(make_result, outlook):
    """The outlook and two others that end far from it."""
    high = make_result("high", "High migration", migration={2012: 62000, 2060: 62000})
    zero = make_result("zero", "No migration", migration={2012: 0, 2060: 0})
    return [outlook, high, zero]


@pytest.fixture(scope="session")
def close(make_result):
    """Five results that end close together, one of them with a long title."""
    titles = [LONG_TITLE, *(f"Fertility variant number {variant}" for variant in range(1, 5))]
    return [
        make_result(f"fertility-variant-with-number-{variant}", title, fertility=1.82 + variant / 500)
        for variant, title in enumerate(titles)
    ]


@pytest.fixture(scope="session")
def eight(variants, close):
    """Eight results of the same ages and years."""
    return [*variants, *close]


@pytest.fixture(scope="session")
def neighbours(make_result, exchanging):
    """Two divided results whose years, steps of age and labels are not those of the exchanging one."""
    regions = {"BE3": 0.3, "BE2": 0.55, "BE1": 0.15}
    groups = {"foreign": 0.2, "belgian": 0.8}
    options = {"regions": regions, "migration": {2012: 40000, 2070: 30000}, "years": range(2020, 2071)}
    later = make_result("later", "A later outlook", groups=groups, **options)
    other = make_result("other", "An outlook by other groups", groups={"eu": 0.1, "national": 0.9}, **options)
    return [exchanging, in_fives(later), other]


@pytest.fixture(scope="session")
def with_motives(make_result):
    """Two results that tell immigrants apart by motive, the second one also those who come to study."""
    results = []
    for name, names in (("few", ["family", "work"]), ("more", ["family", "work", "study"])):
        result = make_result(name, f"With {name} motives", years=range(2012, 2012 + 41))
        persons = 1000.0 * (1 + np.arange(len(names)))[None, :] + 100 * np.arange(result.sizes["period"])[:, None]
        by_motive = (("period", "motive", "region", "group"), persons[:, :, None, None])
        results.append(result.assign({"immigrants_by_motive": by_motive}).assign_coords(motive=names))
    return results


@pytest.fixture(scope="session")
def figures(
    make_result, outlook, divided, exchanging, fives, many_regions, variants, close, eight, neighbours, with_motives
):
    """Each kind of figure, plain and with all that could make its words collide."""
    village = make_result(
        "village", "A village", total=2400, migration={2012: -20, 2060: 10}, published=[], observed=[]
    )
    short = make_result("short", years=range(2012, 2015))
    return {
        "population": plots.population(outlook),
        "population near published": plots.population(divided),
        "population of a part": plots.population(divided, region="BE1", group="foreign"),
        "population of a village": plots.population(village),
        "population of three years": plots.population(short),
        "pyramid": plots.pyramid(outlook),
        "pyramid of a part": plots.pyramid(divided, region="BE1", group="foreign"),
        "pyramid of one year": plots.pyramid(village, year=2040, reference=2040),
        "components": plots.components(outlook),
        "components of a part": plots.components(divided, group="foreign"),
        "components of a village": plots.components(village),
        "components of three years": plots.components(short),
        "compare population": plots.population(variants),
        "compare close": plots.population(close),
        "compare many": plots.population([*variants, *close, divided]),
        "difference": plots.difference(variants, baseline="zero"),
        "difference of close": plots.difference(close),
        "difference of many": plots.difference([*variants, *close, divided]),
        "one pyramid": plots.pyramid(variants[:2]),
        "two pyramids": plots.pyramid(variants),
        "states": plots.states(exchanging),
        "states by region": plots.states(exchanging, by="region", group="foreign"),
        "states of many regions": plots.states(many_regions),
        "components with moves": plots.components(exchanging, region="BE1"),
        "components with moves and changes": plots.components(exchanging, region="BE1", group="foreign"),
        "population in fives": plots.population(fives),
        "pyramid in fives": plots.pyramid(fives, region="BE1"),
        "components in fives": plots.components(fives),
        "components of a part in fives": plots.components(fives, region="BE1", group="foreign"),
        "states in fives": plots.states(fives, region="BE1"),
        "compare in fives": plots.population([fives, in_fives(close[1])]),
        "difference in fives": plots.difference([fives, in_fives(close[1])]),
        "four pyramids in fives": plots.pyramid(list(map(in_fives, close))),
        "four pyramids": plots.pyramid(close, baseline="fertility-variant-with-number-2"),
        "pyramids that do not fit": plots.pyramid(neighbours),
        "eight pyramids": plots.pyramid(eight, year=2040),
        "components of three": plots.components(variants),
        "components of eight": plots.components(eight),
        "components of parts": plots.components([exchanging, exchanging.assign_attrs(name="b")], region="BE1"),
        "components that do not fit": plots.components(neighbours),
        "dependency": plots.dependency(outlook),
        "dependency of eight": plots.dependency(eight),
        "dependency that does not fit": plots.dependency(neighbours, region="BE1"),
        "lexis": plots.lexis(outlook),
        "lexis of eight": plots.lexis(eight),
        "lexis that does not fit": plots.lexis(neighbours),
        "lexis difference": plots.lexis_difference(variants[:2]),
        "lexis difference of eight": plots.lexis_difference(eight),
        "states of two": plots.states(neighbours[:2]),
        "states that do not fit": plots.states(neighbours, shares=True),
        "states of many regions, twice": plots.states([many_regions, many_regions.assign_attrs(name="b")]),
        "parts": plots.parts(exchanging),
        "parts of three": plots.parts(neighbours, by="region"),
        "parts as an index": plots.parts(neighbours[:2], by="region", group="foreign", index=True),
        "parts of many regions": plots.parts([many_regions, many_regions.assign_attrs(name="b")]),
        "motives of two": plots.motives(with_motives),
    }
