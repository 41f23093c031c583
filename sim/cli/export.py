"""``sim export``."""

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import OUTPUTS, Out, stored
from sim.cli.messages import say


def export(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A finished run.", show_default=False)],
    variable: Annotated[str, typer.Option("--variable", help="Variable of the result.")] = "population",
    indicators: Annotated[
        bool, typer.Option("--indicators", help="Indicators of ageing and growth instead, a column each.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="DIMS", help="Dimensions with commas, as in year,sex,age; others summed."),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write a file instead of printing.")] = None,
    out: Out = OUTPUTS,
) -> None:
    """Write a variable, or the indicators, of a run as CSV, with units in the header."""
    from sim.analysis.export import indicator_table, table
    from sim.results import store
    from sim.results.files import write_whole

    result = store.open_run(stored(name, out).folder)[1]
    if indicators and by is not None:
        message = "has no meaning beside --indicators, which are of the whole population"
        raise typer.BadParameter(message, param_hint="--by")
    kept = None if by is None else [part.strip() for part in by.split(",") if part.strip()]
    buffer = io.StringIO()
    rows = indicator_table(result) if indicators else table(result, variable, kept)
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    if to is None:
        say(buffer.getvalue().rstrip("\n"))
        return
    write_whole(to, buffer.getvalue().encode())
    say(str(to))
