"""``sim plot``."""

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import figures
from sim.cli.arguments import OUTPUTS, Out, formats, stored
from sim.cli.messages import say
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

KINDS = (*figures.RUN_FIGURES, figures.STATES_FIGURE, figures.MOTIVES_FIGURE)


def plot(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Finished runs.", show_default=False)],
    kind: Annotated[str, typer.Option("--kind", help=f"What to draw: {', '.join(KINDS)}.", show_default=False)],
    year: Annotated[int | None, typer.Option("--year", help="Year of the pyramid.")] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="One variant of a sweep.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="What divides the states: group or region.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="One region only.")] = None,
    group: Annotated[str | None, typer.Option("--group", help="One group only.")] = None,
    file_formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, or several with commas.")] = "png",
    out: Out = OUTPUTS,
) -> None:
    """Draw one figure of finished runs."""
    from sim import plots
    from sim.results import store

    wanted = formats(file_formats)
    if kind not in KINDS:
        message = f"'{kind}' is no kind of figure; there are: {', '.join(KINDS)}"
        raise typer.BadParameter(message, param_hint="--kind")
    if year is not None and kind != "pyramid":
        message = f"--year goes with --kind pyramid; {kind} shows all years"
        raise typer.BadParameter(message)
    if by is not None and kind != figures.STATES_FIGURE:
        message = f"--by goes with --kind {figures.STATES_FIGURE}"
        raise typer.BadParameter(message)
    own: dict[str, int | str | None] = {"year": year} if kind == "pyramid" else {}
    if kind == figures.STATES_FIGURE:
        own = {"by": by}
    for name in names:
        run = stored(name, out)
        result = _variant(store.open_run(run.folder)[1], variant)
        try:
            figure = getattr(plots, kind)(result, region=region, group=group, **own)
        except DataError as error:
            message = f"{run.folder.name}: {error}"
            raise DataError(message) from None
        parts = [kind, *(str(value) for value in (variant, year, by, region, group) if value is not None)]
        for path in figures.write(figure, run.folder / figures.FIGURES, "-".join(parts), wanted):
            say(str(path))


def _variant(result: "xr.Dataset", name: str | None) -> "xr.Dataset":
    """Variant of a sweep, which must be named; any other result as it is."""
    from sim.analysis.selection import single_results

    if "scenario" not in result.dims:
        if name is not None:
            message = f"{result.attrs['name']} is no sweep and has no variants"
            raise DataError(message)
        return result
    found = {single.attrs["name"]: single for single in single_results([result])}
    if name not in found:
        message = f"{result.attrs['name']} is a sweep; name one of its variants with --variant: {', '.join(found)}"
        raise DataError(message)
    return found[name]
