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
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="DIMS", help="Dimensions with commas, as in year,sex,age; others summed."),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write a file instead of printing.")] = None,
    out: Out = OUTPUTS,
) -> None:
    """Write a variable of a run as CSV, with units in the header."""
    from sim.analysis.export import table
    from sim.results import store
    from sim.results.files import write_whole

    result = store.open_run(stored(name, out).folder)[1]
    kept = None if by is None else [part.strip() for part in by.split(",") if part.strip()]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(table(result, variable, kept))
    if to is None:
        say(buffer.getvalue().rstrip("\n"))
        return
    write_whole(to, buffer.getvalue().encode())
    say(str(to))
