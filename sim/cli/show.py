"""``sim show``."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.arguments import OUTPUTS, AsJson, Out, stored
from sim.cli.messages import columns, say, say_json
from sim.cli.summary import flows, gaps, heading, of_sweep, sources, stocks
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr


def show(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A finished run.", show_default=False)],
    out: Out = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Show what a run assumed, what came of it, and how far it lies from published figures."""
    from pydantic import ValidationError

    from sim.results import store
    from sim.scenario.schema import Scenario
    from sim.scenario.words import describe

    run = stored(name, out)
    result = store.open_run(run.folder)[1]
    if as_json:
        from sim.analysis.indicators import published_gaps

        scenario = json.loads(result.attrs["scenario"])
        found = [gap._asdict() for gap in published_gaps(result)]
        say_json({**run.manifest, "path": str(run.dataset), "scenario": scenario, "published": found})
        return
    try:
        scenario = Scenario.model_validate_json(result.attrs["scenario"])
    except ValidationError:
        message = f"{run.folder} was written by another version of the program; run its scenario again"
        raise DataError(message) from None
    blocks = [heading(result), _wrapped(scenario.note or "", ""), "\n".join(map(_wrapped, describe(scenario)))]
    if "scenario" in result.dims:
        blocks += [of_sweep(result)]
    else:
        blocks += [_assumed(result), stocks(result), flows(result), gaps(result)]
    blocks += [_stated(result), _origins(result)]
    say("\n\n".join(block for block in [*blocks, f"result  {run.dataset}"] if block))


def _wrapped(text: str, indent: str = "  ") -> str:
    """Text broken into lines of a readable length."""
    import textwrap

    return textwrap.fill(text, width=100, subsequent_indent=indent)


def _assumed(result: "xr.Dataset") -> str:
    """Table of the assumptions at some years."""
    from sim.analysis.selection import per_year, round_years

    years = round_years([int(year) for year in result["period"].values])
    net = per_year(result, result["net_migrants"]).sum(["sex", "age"]).sel(period=years)
    figures = [("total fertility rate", result["total_fertility"].sel(period=years), ".2f")]
    for sex in result["sex"].values:
        expectancy = result["life_expectancy"].sel(period=years, sex=sex)
        figures.append((f"life expectancy, {sex}", expectancy, ".1f"))
    figures.append(("net migration", net, ",.0f"))
    rows = [["assumed", *map(str, years)]]
    for words, values, form in figures:
        rows += _by_state(words, values, form)
    return columns(rows)


def _by_state(words: str, values: "xr.DataArray", form: str) -> list[list[str]]:
    """Rows of a figure, one for each region and group; a single one where it is the same for all."""
    from sim.axes import UNDIVIDED

    told = {
        (str(region), str(group)): [format(value, form) for value in values.sel(region=region, group=group).values]
        for region in values["region"].values
        for group in values["group"].values
    }
    if len({tuple(row) for row in told.values()}) == 1:
        return [[words, *next(iter(told.values()))]]
    named = {state: " ".join(label for label in state if label != UNDIVIDED) for state in told}
    return [[f"{words}, {named[state]}", *row] for state, row in told.items()]


def _stated(result: "xr.Dataset") -> str:
    """Sources, assumptions and notes of the scenario, by key."""
    lines: list[str] = []

    def walk(part: Any, key: str) -> None:  # noqa: ANN401
        if isinstance(part, dict):
            said = [f"{word} {part[word]}" for word in ("source", "assumption", "note") if part.get(word) and key]
            if said and not key.startswith("published"):
                lines.append(f"{key}: {'; '.join(said)}")
            for name, value in part.items():
                walk(value, f"{key}.{name}" if key else name)
        elif isinstance(part, list):
            for index, value in enumerate(part):
                walk(value, f"{key}.{index}")

    walk(json.loads(result.attrs["scenario"]), "")
    return "\n".join(["stated", *(f"  {line}" for line in lines)]) if lines else ""


def _origins(result: "xr.Dataset") -> str:
    """Documents and inputs that the result rests on."""
    lines = [f"  {key}: {text}" for key, text in sources(result).items()]
    lines += [f"  {name}: sha256 {digest[:12]}" for name, digest in json.loads(result.attrs["inputs"]).items()]
    lines.append(f"  step convention: {result.attrs['convention']}")
    return "\n".join(["rests on", *lines])
