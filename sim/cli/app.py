"""The verbs of the command."""

import importlib.metadata
from typing import Annotated

import typer

from sim.cli.compare import compare
from sim.cli.conventions import conventions
from sim.cli.datasets import datasets
from sim.cli.export import export
from sim.cli.figures import figures
from sim.cli.fit import fit
from sim.cli.list import list_runs
from sim.cli.messages import say
from sim.cli.new import new
from sim.cli.plot import plot
from sim.cli.report import report
from sim.cli.run import run
from sim.cli.schema import schema
from sim.cli.show import show
from sim.cli.validate import validate
from sim.cli.view import view
from sim.cli.vintages import vintages

app = typer.Typer(
    name="sim",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def about(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.", is_eager=True)] = False,
) -> None:
    """Project populations by age, sex, nationality and region under migration scenarios."""
    if version:
        say(f"saldo {importlib.metadata.version('saldo')}")
        raise typer.Exit


app.command()(run)
app.command()(validate)
app.command()(compare)
app.command()(plot)
app.command()(report)
app.command()(view)
app.command()(show)
app.command("list")(list_runs)
app.command()(export)
app.command()(new)
app.command()(datasets)
app.command()(figures)
app.command()(schema)
app.command()(conventions)
app.command()(vintages)
app.add_typer(fit, name="fit")
