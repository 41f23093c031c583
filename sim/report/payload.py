"""Everything that a page shows, as data: the page draws it, and does not compute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.analysis.align import common_ages, several
from sim.analysis.selection import (
    name_of,
    observed_series,
    records,
    step_of,
    title_of,
)
from sim.errors import DataError
from sim.plots.style import BASELINE, BLUE, GREEN, GRID, INK, NEUTRAL, OCHRE, ORANGE, PALETTE, PURPLE, WINE
from sim.plots.words import OLDEST_DRAWN, base_sources
from sim.report.assumptions import stated, yearly
from sim.report.explained import NOTHING_EXPLAINED, Explained
from sim.report.packed import Numbers
from sim.report.published import gaps, published_populations
from sim.report.remarks import remarks, territory
from sim.report.sentences import translations
from sim.report.series import INDICATORS, packed_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

COLORS = {
    "scenarios": PALETTE,
    "baseline": BASELINE,
    "male": BLUE,
    "female": ORANGE,
    "births": BLUE,
    "deaths": WINE,
    "net_migration": OCHRE,
    "moves": GREEN,
    "changes": PURPLE,
    "ink": INK,
    "neutral": NEUTRAL,
    "grid": GRID,
}
"""Of the figures, so that the page looks like them."""


def payload(results: Sequence[xr.Dataset], why: Explained = NOTHING_EXPLAINED) -> tuple[dict[str, Any], bytes]:
    """Gather what a page shows of several results.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    why : Explained, optional
        Why their populations differ, as `sim.report.explained` returns it.

    Returns
    -------
    content : dict
        Fit for JSON; arrays in it are places among the numbers.
    numbers : bytes
        As `sim.report.packed.Numbers` packs them.

    Raises
    ------
    DataError
        Where there is no result, two share a name, one holds several draws, or parts of an explanation are of
        no scenario shown.
    """
    singles = several(results)
    ages = common_ages(singles)
    numbers = Numbers()
    content = {
        "ages": ages,
        "oldest": OLDEST_DRAWN,
        "remarks": remarks(singles),
        "indicators": {name: shown._asdict() for name, shown in INDICATORS.items()},
        "colors": COLORS,
        "scenarios": [_scenario(result, ages, numbers) | territory(result) for result in singles],
        "sources": _sources(singles),
        "explanation": _checked(why, [name_of(result) for result in singles])._asdict(),
        "texts": translations(),
    }
    return content, numbers.bytes()


def _scenario(result: xr.Dataset, ages: Sequence[int], numbers: Numbers) -> dict[str, Any]:
    """Gather what a page shows of one result."""
    years = [int(year) for year in result["year"].values]
    return {
        "name": name_of(result),
        "title": title_of(result),
        "sweep": str(result.attrs.get("sweep", "")),
        "years": years,
        "step": step_of(result),
        "parts": packed_parts(result, ages, numbers),
        "observed": observed_series(result, "population", years[-1]),
        "published": published_populations(result),
        "gaps": gaps(result),
        "yearly": yearly(result, numbers),
        "stated": stated(result),
        "documents": json.loads(result.attrs.get("sources") or "{}"),
        "provenance": _provenance(result),
    }


def _provenance(result: xr.Dataset) -> dict[str, Any]:
    """Return where a result comes from."""
    attributes = result.attrs
    return {
        "convention": attributes.get("convention", ""),
        "scenario_sha256": attributes.get("scenario_sha256", ""),
        "changes": attributes.get("changes", ""),
        "inputs": json.loads(attributes.get("inputs") or "{}"),
        "versions": json.loads(attributes.get("versions") or "{}"),
        "warnings": json.loads(attributes.get("warnings") or "[]"),
        "comment": attributes.get("comment", ""),
    }


def _sources(results: Sequence[xr.Dataset]) -> dict[str, Any]:
    """Return what the populations start from, and the documents that the scenarios name, each once."""
    named = [json.loads(result.attrs.get("sources") or "{}") for result in results]
    documents = list(dict.fromkeys(entry for found in named for entry in found.items()))
    observed = {str(entry["source"]) for result in results for entry in records(result, "observed")}
    return {"population": base_sources(results), "observed": sorted(observed), "documents": documents}


def _checked(why: Explained, names: list[str]) -> Explained:
    """Return an explanation after checking that it is of scenarios shown."""
    unknown = sorted({part[key] for part in why.parts for key in ("scenario", "baseline")} - set(names))
    if unknown:
        message = f"an explanation is of '{unknown[0]}', which is not shown; shown are: {', '.join(names)}"
        raise DataError(message)
    return why
