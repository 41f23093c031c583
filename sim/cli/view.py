"""``sim view``."""

from typing import Annotated

import typer

from sim.cli.arguments import Quiet, ScenarioFiles
from sim.cli.messages import say


def view(
    files: ScenarioFiles,
    port: Annotated[int, typer.Option("--port", help="Of this computer, for the page; 0 for any that is free.")] = 8765,
    language: Annotated[
        str, typer.Option("--language", metavar="CODE", help="In which the page opens: en, nl or fr.")
    ] = "en",
    quiet: Quiet = False,
) -> None:
    """Show the page of scenario files while they are edited: saving one runs it again, and the page follows."""
    from sim.report import live_page
    from sim.report.live import follow
    from sim.report.server import Board, serving

    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        message = f"there is no file {', '.join(missing)}; a live view is of scenario files"
        raise typer.BadParameter(message, param_hint="FILE")
    board = Board()
    try:
        with serving(live_page(language), board, port) as address:
            say(f"{address} follows {', '.join(str(file) for file in files)}; Ctrl-C ends it")
            follow(files, board.publish, _silent if quiet else _say_now)
    except KeyboardInterrupt:
        say("the live view has ended")


def _say_now(text: str) -> None:
    """Print a line at once, also into a file."""
    say(text)


def _silent(_text: str) -> None:
    """Print nothing."""
