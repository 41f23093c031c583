"""``sim plot``."""

from typing import Annotated, Literal

import typer

from sim.cli import figures
from sim.cli.arguments import OUTPUTS, Out, formats, stored
from sim.cli.messages import say
from sim.errors import DataError


def plot(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Finished runs.", show_default=False)],
    kind: Annotated[Literal["population", "pyramid", "components"], typer.Option("--kind", help="What to draw.")],
    year: Annotated[int | None, typer.Option("--year", help="Year of the pyramid.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="One region only.")] = None,
    group: Annotated[str | None, typer.Option("--group", help="One group only.")] = None,
    file_formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, or several with commas.")] = "png",
    out: Out = OUTPUTS,
) -> None:
    """Draw one figure of finished runs."""
    from sim import plots
    from sim.results import store

    wanted = formats(file_formats)
    if year is not None and kind != "pyramid":
        message = f"--year goes with --kind pyramid; {kind} shows all years"
        raise typer.BadParameter(message)
    for name in names:
        run = stored(name, out)
        result = store.open_run(run.folder)[1]
        chosen = {"region": region, "group": group, **({"year": year} if kind == "pyramid" else {})}
        try:
            figure = getattr(plots, kind)(result, **chosen)
        except DataError as error:
            message = f"{run.folder.name}: {error}"
            raise DataError(message) from None
        parts = [kind, *(str(value) for value in (year, region, group) if value is not None)]
        for path in figures.write(figure, run.folder / figures.FIGURES, "-".join(parts), wanted):
            say(str(path))
