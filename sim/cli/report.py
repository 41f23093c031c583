"""``sim report``."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import OUTPUTS, Out, Quiet
from sim.cli.drawing import result_name
from sim.cli.messages import progress, say, warn_all
from sim.cli.results import chosen, computed

MOST_NAMES = 3
"""Of scenarios in the name of a file."""


def report(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Finished runs, or scenario files to run.", show_default=False),
    ],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where to write the page; in the folder of results otherwise."),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", metavar="CODE", help="In which the page opens: en, nl or fr.")
    ] = "en",
    out: Out = OUTPUTS,
    quiet: Quiet = False,
) -> None:
    """Write one HTML page of projections, with everything in it, to be sent and opened in any browser."""
    from sim.analysis.selection import single_results
    from sim.pipeline import Prepared
    from sim.report import check_page, explained, page
    from sim.report.explained import NOTHING_EXPLAINED
    from sim.results.files import make_folder, write_whole

    check_page(language)
    if to is not None and to.suffix != ".html":
        message = f"'{to}' does not end in .html; a page is HTML"
        raise typer.BadParameter(message, param_hint="--to")
    with progress(quiet=quiet) as tell:
        entries = [chosen(name, out, tell)[0] for name in names]
        for entry in entries:
            warn_all(entry.warnings if isinstance(entry, Prepared) else [])
        results = [computed(entry, out, tell) for entry in entries]
        why = explained(entries, tell) if len(single_results(results)) > 1 else NOTHING_EXPLAINED
        tell("writing the page")
        text = page(results, language, why)
    path = to or out / f"report-{_file_name([result_name(result) for result in results])}.html"
    make_folder(path.parent)
    write_whole(path, text.encode())
    if not quiet:
        say(str(path))


def _file_name(names: list[str]) -> str:
    """Name of a file after what is in it."""
    told = "-vs-".join(names[:MOST_NAMES])
    return f"{told}-and-{len(names) - MOST_NAMES}-more" if len(names) > MOST_NAMES else told
