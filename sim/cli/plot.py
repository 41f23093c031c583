"""``sim plot``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import drawing
from sim.cli.arguments import ENGLISH, OUTPUTS, Language, Out, formats, stored
from sim.cli.messages import say
from sim.errors import DataError

if TYPE_CHECKING:
    import xarray as xr


def plot(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Finished runs.", show_default=False)],
    kind: Annotated[str, typer.Option("--kind", help=f"What to draw: {', '.join(drawing.KINDS)}.", show_default=False)],
    year: Annotated[int | None, typer.Option("--year", help="Year of the pyramid, or of the pipeline.")] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="One variant of a sweep.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="What divides the states: group or region.")] = None,
    pipeline: Annotated[str | None, typer.Option("--pipeline", help="One pipeline, where there are several.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="One region only.")] = None,
    group: Annotated[str | None, typer.Option("--group", help="One group only.")] = None,
    baseline: Annotated[
        str | None, typer.Option("--baseline", metavar="NAME", help="Which of several is first.")
    ] = None,
    file_formats: Annotated[
        str | None,
        typer.Option("--format", help="png (where not given), svg, pdf, or several with commas.", show_default=False),
    ] = None,
    language: Language = ENGLISH,
    out: Out = OUTPUTS,
) -> None:
    """Draw one figure of finished runs, all of them together."""
    from sim.plots import speaking
    from sim.results import store

    wanted = _formats(kind, file_formats)
    given = {"year": year, "by": by, "pipeline": pipeline, "region": region, "group": group}
    options = _options(kind, {**given, "baseline": baseline})
    runs = [stored(name, out) for name in names]
    results = [_variant(store.open_run(run.folder)[1], variant) for run in runs]
    together = [list(zip(runs, results, strict=True))]
    for chosen in [[pair] for pair in together[0]] if kind == drawing.PIPELINE_FIGURE else together:
        (run, first), *_ = chosen
        shown = [result for _, result in chosen]
        alone = len(shown) == 1
        try:
            which = _pipeline(first, pipeline) if kind == drawing.PIPELINE_FIGURE else None
            parts = [kind, *(str(value) for value in (variant, which, year, by, region, group) if value is not None)]
            folder = run.folder / drawing.FIGURES if alone else drawing.comparison_folder(shown, baseline, out)
            with speaking(language):
                paths = drawing.draw(kind, shown, folder, "-".join(parts), wanted, **options)
        except DataError as error:
            message = f"{run.folder.name}: {error}" if alone else str(error)
            raise DataError(message) from None
        for path in paths:
            say(str(path))


def _formats(kind: str, text: str | None) -> list[str]:
    """Formats asked for; a moving picture has one of its own."""
    if kind != drawing.MOVING:
        return formats("png" if text is None else text)
    if text not in (None, "gif"):
        message = f"'{text}' is no format of a moving picture; allowed is: gif"
        raise typer.BadParameter(message, param_hint="--format")
    return ["gif"]


def _options(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """What the figure takes of the options given; those that do not go with it are refused."""
    if kind not in drawing.KINDS:
        message = f"'{kind}' is no kind of figure; there are: {', '.join(drawing.KINDS)}"
        raise typer.BadParameter(message, param_hint="--kind")
    taken = (*drawing.KINDS[kind].options, *(["baseline"] if kind != drawing.PIPELINE_FIGURE else []))
    for option, value in given.items():
        if value is not None and option not in taken:
            *others, last = [name for name, known in drawing.KINDS.items() if option in known.options]
            kinds = f"{', '.join(others)} or {last}" if others else last
            message = f"--{option} goes with --kind {kinds}"
            raise typer.BadParameter(f"{message}; {kind} shows all years" if option == "year" else message)
    options = {option: value for option, value in given.items() if option in taken}
    if kind == drawing.PIPELINE_FIGURE:
        year = options.pop("year")
        options["years"] = None if year is None else (year, year)
    return options


def _pipeline(result: "xr.Dataset", name: str | None) -> str:
    """Pipeline that is drawn, which need not be named where there is only one."""
    from sim.plots.pipeline import chosen_pipeline

    return chosen_pipeline(result, name)


def _variant(result: "xr.Dataset", name: str | None) -> "xr.Dataset":
    """One variant of a sweep, or a result as it is: of a sweep with all its variants."""
    from sim.analysis.selection import single_results

    if name is None:
        return result
    if "scenario" not in result.dims:
        message = f"{result.attrs['name']} is no sweep and has no variants"
        raise DataError(message)
    found = {single.attrs["name"]: single for single in single_results([result])}
    if name not in found:
        message = f"{result.attrs['name']} has no variant '{name}'; there are: {', '.join(found)}"
        raise DataError(message)
    return found[name]
