"""``sim compare``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import drawing
from sim.cli.arguments import OUTPUTS, SCENARIO_ENDINGS, AsJson, Out, Quiet, formats, stored
from sim.cli.messages import progress, say, say_json, warn, warn_all
from sim.cli.summary import comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from sim.pipeline import Prepared


def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Finished runs, or scenario files to run.", show_default=False),
    ],
    baseline: Annotated[str | None, typer.Option("--baseline", metavar="NAME", help="Compare with this one.")] = None,
    file_formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, or several with commas.")] = "png",
    out: Out = OUTPUTS,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no figures.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lay projections side by side: a table, and every figure that fits."""
    from sim.analysis.compare import compare as comparison_of
    from sim.analysis.compare import comparison_rows
    from sim.pipeline import Prepared

    wanted = formats(file_formats)
    with progress(quiet=quiet or as_json) as tell:
        chosen = [_chosen(name, out, tell) for name in names]
        _check_names([name for _, found in chosen for name in found], baseline)
        for entry, _ in chosen:
            warn_all(entry.warnings if isinstance(entry, Prepared) else [])
        results = [_result(entry, out, tell) for entry, _ in chosen]
        rows = comparison_rows(comparison_of(results, baseline))
        drawn, refused = ([], []) if no_plots else _figures(results, baseline, out, wanted, tell)
    for sentence in refused:
        warn(sentence)
    if as_json:
        say_json({"rows": [row._asdict() for row in rows], "figures": [str(path) for path in drawn]})
    elif not quiet:
        say(comparison(rows))
        for path in drawn:
            say(str(path))


def _chosen(name: str, out: Path, tell: "Callable[[str], object]") -> "tuple[Prepared | xr.Dataset, list[str]]":
    """A scenario file ready to run, or the result of a finished run; and the names it adds to the comparison."""
    if name.endswith(SCENARIO_ENDINGS):
        from sim.pipeline import prepare

        prepared = prepare(name, tell=tell)
        return prepared, [variant.name for variant in prepared.variants]
    from sim.analysis.selection import name_of, single_results
    from sim.results import store

    result = store.open_run(stored(name, out).folder)[1]
    return result, [name_of(single) for single in single_results([result])]


def _check_names(names: list[str], baseline: str | None) -> None:
    """Refuse what cannot be compared before anything is run."""
    if baseline is not None and baseline not in names:
        message = f"there is no '{baseline}' among what is compared; there are: {', '.join(names)}"
        raise typer.BadParameter(message, param_hint="--baseline")
    if len(names) == 1:
        message = f"there is nothing to compare with {names[0]}; give two results or more"
        raise typer.BadParameter(message, param_hint="RUN")


def _result(entry: "Prepared | xr.Dataset", out: Path, tell: "Callable[[str], object]") -> "xr.Dataset":
    """Result as it is, or of a scenario that is run first."""
    from sim.pipeline import Prepared, run_and_store

    return run_and_store(entry, out, tell=tell).result if isinstance(entry, Prepared) else entry


def _figures(
    results: "list[xr.Dataset]",
    baseline: str | None,
    out: Path,
    wanted: list[str],
    tell: "Callable[[str], object]",
) -> tuple[list[Path], list[str]]:
    """Draw the figures of a comparison into a folder named after what is compared; say which are not drawn."""
    from sim import plots
    from sim.analysis.selection import single_results
    from sim.plots.effect import with_and_without

    folder = drawing.comparison_folder(results, baseline, out)
    paths, refused = drawing.of_comparison(results, baseline, folder, wanted, tell)
    two = len(single_results(results)) == 2
    for pair in with_and_without(results):
        name = "policy-effect" if two else f"policy-effect-{drawing.file_name(pair[0])}"
        tell(f"drawing {name}")
        paths += drawing.write(plots.policy_effect(pair), folder, name, wanted)
    return paths, refused
