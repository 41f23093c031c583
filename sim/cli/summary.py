"""A result in a few lines of text."""

import itertools
import json
import math
from typing import TYPE_CHECKING, Any

from sim.cli.messages import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from sim.analysis.compare import ComparisonRow
    from sim.analysis.indicators import PublishedGap

GROSS_FLOWS = {
    "  immigrants": "immigrants",
    "  emigrants": "emigrants",
    "moves between regions": "moves_in",
    "changes of group": "changes_in",
}
"""Flows that cancel, or are part of a balance, by what a table calls them."""
MOST_LABELS = 8
CHANGES = ("scale", "shift", "cap", "end")
"""Kinds of policies."""
YEARS_OF_AGE = ("mean_age", "median_age")
SHARES = ("migration_share_of_growth",)
CALENDAR_YEARS = ("first_year_of_natural_decrease",)


def summary(result: "xr.Dataset") -> str:
    """Population, components and distance from the published figures.

    Parameters
    ----------
    result : Dataset
        A projection.

    Returns
    -------
    str
        Several lines.
    """
    if "scenario" in result.dims:
        return "\n".join([heading(result), "", of_sweep(result), ""])
    parts = [heading(result), "", stocks(result), "", flows(result), *_pipelines(result), *_policies(result)]
    published = gaps(result)
    return "\n".join([*parts, "", published, ""] if published else [*parts, ""])


def comparison(rows: "Sequence[ComparisonRow]") -> str:
    """Table of several results, or the variants of a sweep, one block a year.

    Parameters
    ----------
    rows : sequence of ComparisonRow
        As `sim.analysis.compare.comparison_rows` lists them.

    Returns
    -------
    str
        Several lines.
    """
    cells = [["1 January", "scenario", "population", "difference", "mean age", "65+ per 100 aged 15-64"]]
    for row in sorted(rows, key=lambda row: row.year):
        old = "-" if math.isnan(row.old_age_dependency) else f"{row.old_age_dependency:.1f}"
        values = [f"{row.population:,.0f}", f"{row.population_difference:+,.0f}", f"{row.mean_age:.1f}"]
        cells.append([str(row.year), row.scenario, *values, old])
    return columns(cells, left=2)


def of_sweep(result: "xr.Dataset") -> str:
    """Table of the variants of a sweep, the first one being what the others are compared with."""
    from sim.analysis.compare import compare, comparison_rows

    return comparison(comparison_rows(compare([result])))


def heading(result: "xr.Dataset") -> str:
    """Name and title of a result."""
    return f"{result.attrs['name']}: {result.attrs['title']}"


def stocks(result: "xr.Dataset") -> str:
    """Table of the population on some first days of January."""
    from sim.analysis import indicators

    years = _marks(result)
    people, mean = (function(result).sel(year=years) for function in (indicators.population, indicators.mean_age))
    rows = [["1 January", *map(str, years)]]
    rows.append(["population", *(f"{value:,.0f}" for value in people.values)])
    rows.append(["mean age", *(f"{value:.1f}" for value in mean.values)])
    if indicators.begin_at(result, indicators.WORKING, indicators.OLD):
        old = indicators.old_age_dependency(result).sel(year=years)
        rows.append(["65+ per 100 aged 15-64", *(f"{value:.1f}" for value in old.values)])
    for axis in ("region", "group"):
        labels = [str(label) for label in result[axis].values]
        if 1 < len(labels) <= MOST_LABELS:
            rows += [[f"{label}, %", *_percentages(result, axis, label, years)] for label in labels]
    return columns(rows)


def _percentages(result: "xr.Dataset", axis: str, label: str, years: list[int]) -> list[str]:
    """Share of a region or group in the whole population, in percent."""
    people = result["population"].sel(year=years)
    others = [name for name in people.dims if name != "year"]
    share = people.sel({axis: label}).sum([name for name in others if name != axis]) / people.sum(others)
    return [f"{value:.1f}" for value in 100 * share.values]


def flows(result: "xr.Dataset") -> str:
    """Table of the yearly mean components of change over spans of years, from the sums over steps."""
    from sim.analysis import indicators
    from sim.analysis.selection import per_year

    spans = list(itertools.pairwise(_marks(result)))
    rows = [["yearly mean", *_headings(spans)]]
    for words, function in (
        ("births", indicators.births),
        ("deaths", indicators.deaths),
        ("natural balance", indicators.natural_balance),
        ("net migration", indicators.net_migration),
    ):
        values = per_year(result, function(result))
        means = [float(values.sel(period=slice(first, last - 1)).mean()) for first, last in spans]
        rows.append([words, *(f"{mean:,.0f}" for mean in means)])
    for words, name in GROSS_FLOWS.items():
        if name in result:
            flow = per_year(result, result[name].sum(["region", "group", "sex", "age"]))
            means = [float(flow.sel(period=slice(first, last - 1)).mean()) for first, last in spans]
            rows.append([words, *(f"{mean:,.0f}" for mean in means)])
    return columns(rows)


def _policies(result: "xr.Dataset") -> list[str]:
    """Immigrants whom each policy of immigration adds, yearly means over spans of years; nothing without any."""
    from sim.analysis.selection import per_year

    scenario = json.loads(result.attrs["scenario"])
    named = [policy["name"] for policy in scenario.get("policies", []) if _changes_immigration(policy)]
    if not named:
        return []
    spans = list(itertools.pairwise(_marks(result)))
    closed = ", before the balance is closed" if scenario["migration"].get("close") else ""
    rows = [[f"immigrants by policy{closed}", *_headings(spans)]]
    added = per_year(result, result["policy_effect"])
    for name in named:
        means = [float(added.sel(policy=name, period=slice(first, last - 1)).mean()) for first, last in spans]
        rows.append([name, *(f"{mean:+z,.0f}" for mean in means)])
    return ["", columns(rows)]


def _changes_immigration(policy: dict[str, Any]) -> bool:
    """Whether one of the changes of a policy is of immigration."""
    stated = next(policy[kind] for kind in CHANGES if kind in policy)
    return any(change["flow"] == "immigration" for change in (stated if isinstance(stated, list) else [stated]))


def _pipelines(result: "xr.Dataset") -> list[str]:
    """Cases of each pipeline, yearly means over spans of years, and who waits at their ends; nothing without any."""
    from sim.analysis.selection import per_year

    if "pipeline" not in result.dims:
        return []
    spans = list(itertools.pairwise(_marks(result)))
    rows = [["pipelines", *_headings(spans)]]
    for name in result["pipeline"].values:
        own = result.sel(pipeline=name)
        unit = str(own["case_unit"].item())
        granted = own["granted"].isel(outcome=own["pipeline_of"].values == name).sum("outcome")
        rows.append([str(name), *("" for _ in spans)])
        for words, flow in (("applications", own["applications"]), ("decided", own["decided"]), ("granted", granted)):
            values = per_year(result, flow)
            means = [float(values.sel(period=slice(first, last - 1)).mean()) for first, last in spans]
            rows.append([f"  {unit} {words}, yearly mean", *(f"{mean:,.0f}" for mean in means)])
        for counted, stock in {unit: own["waiting"], "persons": own["waiting_persons"]}.items():
            left = [float(stock.sel(year=last)) for _, last in spans]
            rows.append([f"  {counted} waiting at the end", *(f"{cases:,.0f}" for cases in left)])
    return ["", columns(rows)]


def gaps(result: "xr.Dataset") -> str:
    """Table of the published figures and how far the projection lands from each; empty without any."""
    from sim.analysis.indicators import published_gaps
    from sim.analysis.selection import step_of

    found = published_gaps(result)
    if not found:
        return ""
    rows = [["published", "", "published", "projected", "gap", "", "source"]]
    rows += [_gap_row(gap, step_of(result)) for gap in found]
    widths = [max(len(row[place]) for row in rows) for place in (-2, -1)]
    flush = [[*row[:-2], row[-2].ljust(widths[0]), row[-1].ljust(widths[1])] for row in rows]
    return columns(flush, left=2)


def sources(result: "xr.Dataset") -> dict[str, str]:
    """Documents that a result names, by their keys."""
    named: dict[str, str] = json.loads(result.attrs["sources"])
    return named


def _gap_row(gap: "PublishedGap", step: int) -> list[str]:
    """Cells of one published figure; a calendar year is projected no closer than to its step."""
    if math.isnan(gap.projected):
        values = [_written(gap.indicator, gap.published), "not projected" if gap.period else "never reached", ""]
    else:
        values = [
            _written(gap.indicator, gap.published),
            _written(gap.indicator, gap.projected),
            _written(gap.indicator, gap.gap, sign=True),
        ]
    within = "within rounding" if gap.rounding is not None and abs(gap.gap) <= gap.rounding else ""
    if gap.indicator in CALENDAR_YEARS and step > 1 and not math.isnan(gap.projected):
        values[1] = f"{values[1]}-{round(gap.projected) + step - 1}"
        if 0 <= -gap.gap < step:
            values[2], within = "", "within the step"
    what = gap.indicator.replace("_", " ") + (f" ({gap.of})" if gap.of else "")
    return [what, gap.period, *values, within, gap.source]


def _written(indicator: str, value: float, *, sign: bool = False) -> str:
    """Number as it is usually written for its indicator."""
    plus = "+" if sign else ""
    if indicator in CALENDAR_YEARS:
        return format(round(value), f"{plus}d")
    decimals = 1 if indicator in YEARS_OF_AGE or indicator.endswith("dependency") else 0
    decimals = 3 if indicator in SHARES else decimals
    return format(value, f"z{plus},.{decimals}f" if not plus else f"+z,.{decimals}f")


def _headings(spans: "list[tuple[int, int]]") -> list[str]:
    """Name spans of years by the first and the last of them."""
    return [str(first) if last == first + 1 else f"{first}-{last - 1}" for first, last in spans]


def _marks(result: "xr.Dataset") -> list[int]:
    """First and last year, the first of each decade between them, and those that the scenario is about."""
    from sim.analysis.selection import round_years, years_told

    years = [int(year) for year in result["year"].values]
    return sorted({*round_years(years), *years_told(result)})
