"""``sim conventions``."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import AsJson, Changes
from sim.cli.messages import columns, progress, say, say_json, warn, warn_all

SMALLEST = 0.0005
"""Percent, below which a gap is printed without a sign."""
ScenarioFile = Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.", show_default=False)]


def conventions(file: ScenarioFile, changes: Changes = None, as_json: AsJson = False) -> None:
    """Run one scenario under every convention and print what the choice is worth; nothing is stored."""
    from sim.analysis.conventions import under_every_convention, worth
    from sim.pipeline import prepare

    with progress(quiet=as_json) as tell:
        prepared = prepare(file, changes or [], tell)
        found = under_every_convention(prepared, tell)
    own = prepared.scenario.convention
    rows = worth(found.results, own)
    if as_json:
        say_json({"convention": own, "worth": [row._asdict() for row in rows], "refused": found.refused})
        return
    warn_all(prepared.warnings)
    end = prepared.scenario.period.end
    table = [["convention", f"1 January {end}", "difference", "births", "ages 0-14", "ages 80+"]]
    for row in rows:
        gaps = (row.population_gap, row.births_gap, row.young_gap, row.oldest_gap)
        told = ["" if row.convention == own else _percent(gap) for gap in gaps]
        table.append([row.convention, f"{row.population:,.0f}", *told])
    say(columns(table))
    say(f"\nin percent of {own}; births of {prepared.scenario.period.start}-{end - 1}, ages on 1 January {end}")
    for name, reason in found.refused.items():
        warn(f"{name}: {reason}")


def _percent(gap: float | None) -> str:
    """Signed percentage; a dash where there is none."""
    if gap is None:
        return "-"
    return f"{gap:+.3f} %" if abs(gap) >= SMALLEST else "0.000 %"
