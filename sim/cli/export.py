"""``sim export``."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.arguments import OUTPUTS, Out, stored
from sim.cli.messages import say

if TYPE_CHECKING:
    import xarray as xr

WHOLE = ".h5"
ENDINGS = (".csv", ".xlsx", WHOLE)


def export(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A finished run.", show_default=False)],
    variable: Annotated[
        str | None,
        typer.Option("--variable", help="Variable of the result; CSV has the population, XLSX all, where not given."),
    ] = None,
    indicators: Annotated[
        bool, typer.Option("--indicators", help="Indicators of ageing and growth instead, a column each.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="DIMS", help="Dimensions with commas, as in year,sex,age; others summed."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write a file, .csv, .xlsx or .h5 (larray), instead of printing."),
    ] = None,
    out: Out = OUTPUTS,
) -> None:
    """Write a run as CSV, as a workbook for Excel or as arrays of larray, with units."""
    from sim.results import store
    from sim.results.files import write_whole

    ending = _ending(to)
    _check(ending, variable, by, indicators=indicators)
    result = store.open_run(stored(name, out).folder)[1]
    content = _content(result, ending, variable, by, indicators=indicators)
    if to is None:
        say(content.decode().rstrip("\n"))
        return
    write_whole(to, content)
    say(str(to))


def _ending(to: Path | None) -> str:
    """Ending of the file to write; that of CSV where it is printed."""
    ending = to.suffix.lower() if to else ".csv"
    if ending not in ENDINGS:
        message = f"'{to}' must end in .csv, .xlsx (Excel) or .h5 (larray)"
        raise typer.BadParameter(message, param_hint="--to")
    return ending


def _check(ending: str, variable: str | None, by: str | None, *, indicators: bool) -> None:
    """Refuse options that do not go together."""
    if ending == WHOLE and (indicators or variable is not None or by is not None):
        message = f"a {WHOLE} file of larray holds the whole result; leave out --variable, --by and --indicators"
        raise typer.BadParameter(message, param_hint="--to")
    if indicators and by is not None:
        message = "has no meaning beside --indicators, which are of the whole population"
        raise typer.BadParameter(message, param_hint="--by")
    if indicators and variable is not None:
        message = "has no meaning beside --indicators, which are a table of their own"
        raise typer.BadParameter(message, param_hint="--variable")


def _content(result: "xr.Dataset", ending: str, variable: str | None, by: str | None, *, indicators: bool) -> bytes:
    """Content of the file to write."""
    from sim.analysis.export import indicator_table, larray_file, table, workbook

    kept = None if by is None else [part.strip() for part in by.split(",") if part.strip()]
    if ending == WHOLE:
        return larray_file(result)
    if variable is None and (ending == ".csv" or by is not None):
        variable = "population"
    if ending == ".xlsx":
        return workbook(result, None if indicators else variable, kept, indicators=indicators)
    buffer = io.StringIO()
    rows = indicator_table(result) if indicators else table(result, variable or "population", kept)
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()
