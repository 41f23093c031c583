"""``sim plot``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import drawing
from sim.cli.arguments import ENGLISH, OUTPUTS, Language, Out, formats, stored
from sim.cli.messages import say
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

KINDS = (*drawing.RUN_FIGURES, drawing.STATES_FIGURE, *drawing.IMMIGRANTS_FIGURES, drawing.PIPELINE_FIGURE)
OPTIONS = {
    "year": ("pyramid", drawing.PIPELINE_FIGURE),
    "by": (drawing.STATES_FIGURE,),
    "pipeline": (drawing.PIPELINE_FIGURE,),
    "region": KINDS[:-1],
    "group": KINDS[:-1],
}
"""Kinds of figure that take an option."""


def plot(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Finished runs.", show_default=False)],
    kind: Annotated[str, typer.Option("--kind", help=f"What to draw: {', '.join(KINDS)}.", show_default=False)],
    year: Annotated[int | None, typer.Option("--year", help="Year of the pyramid, or of the pipeline.")] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="One variant of a sweep.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="What divides the states: group or region.")] = None,
    pipeline: Annotated[str | None, typer.Option("--pipeline", help="One pipeline, where there are several.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="One region only.")] = None,
    group: Annotated[str | None, typer.Option("--group", help="One group only.")] = None,
    file_formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, or several with commas.")] = "png",
    language: Language = ENGLISH,
    out: Out = OUTPUTS,
) -> None:
    """Draw one figure of finished runs."""
    from sim.plots import speaking
    from sim.results import store

    wanted = formats(file_formats)
    given = {"year": year, "by": by, "pipeline": pipeline, "region": region, "group": group}
    options = _options(kind, given)
    with speaking(language):
        for name in names:
            run = stored(name, out)
            result = _variant(store.open_run(run.folder)[1], variant)
            try:
                chosen = _pipeline(result, pipeline) if kind == drawing.PIPELINE_FIGURE else None
                figure = drawing.draw(kind, result, **options)
            except DataError as error:
                message = f"{run.folder.name}: {error}"
                raise DataError(message) from None
            shown = (variant, chosen, year, by, region, group)
            parts = [kind, *(str(value) for value in shown if value is not None)]
            for path in drawing.write(figure, run.folder / drawing.FIGURES, "-".join(parts), wanted):
                say(str(path))


def _options(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """What the figure takes of the options given; those that do not go with it are refused."""
    if kind not in KINDS:
        message = f"'{kind}' is no kind of figure; there are: {', '.join(KINDS)}"
        raise typer.BadParameter(message, param_hint="--kind")
    for option, value in given.items():
        if value is not None and kind not in OPTIONS[option]:
            *others, last = OPTIONS[option]
            kinds = f"{', '.join(others)} or {last}" if others else last
            message = f"--{option} goes with --kind {kinds}"
            raise typer.BadParameter(f"{message}; {kind} shows all years" if option == "year" else message)
    taken = {option: value for option, value in given.items() if kind in OPTIONS[option]}
    if kind == drawing.PIPELINE_FIGURE:
        year = taken.pop("year")
        taken["years"] = None if year is None else (year, year)
    return taken


def _pipeline(result: "xr.Dataset", name: str | None) -> str:
    """Pipeline that is drawn, which need not be named where there is only one."""
    from sim.plots.pipeline import chosen_pipeline

    return chosen_pipeline(result, name)


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
