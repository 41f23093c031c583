"""``sim new``."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import say
from sim.errors import StoreError


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lower-case letters, digits, - and _.", show_default=False)
    ],
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where to write it.")] = Path("scenarios"),
) -> None:
    """Write a complete, commented scenario to start from."""
    from sim.results.files import make_folder, write_whole
    from sim.scenario.template import template

    try:
        text = template(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    path = folder / f"{name}.yaml"
    if path.exists():
        message = f"{path} is there already; choose another name"
        raise StoreError(message)
    make_folder(folder)
    write_whole(path, text.encode())
    say(str(path))
