"""``sim compare``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import figures
from sim.cli.arguments import OUTPUTS, AsJson, Out, Quiet, formats, stored
from sim.cli.messages import progress, say, say_json
from sim.cli.summary import comparison
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr


SCENARIO_ENDINGS = (".yaml", ".yml")


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
    """Lay projections side by side: a table, the paths, the differences, the pyramids."""
    from sim.analysis.compare import compare as comparison_of
    from sim.analysis.compare import comparison_rows

    wanted = formats(file_formats)
    with progress(quiet=quiet or as_json) as tell:
        results = [_result(name, out, tell) for name in names]
        compared = comparison_of(results, baseline)
        if compared.sizes["scenario"] == 1:
            message = f"there is nothing to compare with {names[0]}; give two results or more"
            raise DataError(message)
        rows = comparison_rows(compared)
        drawn = [] if no_plots else _figures(results, baseline, out, wanted, tell)
    if as_json:
        say_json({"rows": [row._asdict() for row in rows], "figures": [str(path) for path in drawn]})
    elif not quiet:
        say(comparison(results, baseline))
        for path in drawn:
            say(str(path))


def _result(name: str, out: Path, tell: "Callable[[str], object]") -> "xr.Dataset":
    """Result of a finished run, or of a scenario file that is run first."""
    if name.endswith(SCENARIO_ENDINGS):
        from sim.pipeline import prepare, run_and_store

        return run_and_store(prepare(name, tell=tell), out, tell=tell).result
    from sim.results import store

    return store.open_run(stored(name, out).folder)[1]


def _figures(
    results: "list[xr.Dataset]",
    baseline: str | None,
    out: Path,
    wanted: list[str],
    tell: "Callable[[str], object]",
) -> list[Path]:
    """Draw the figures of a comparison into a folder named after what is compared."""
    from sim import plots
    from sim.analysis.selection import single_results
    from sim.plots.compare import MOST_PANELS

    names = [result.attrs["name"] for result in results]
    if baseline is not None:
        names.sort(key=lambda name: name != baseline)
    folder = out / f"compare-{'-vs-'.join(names)}"
    paths = []
    few = len(single_results(results)) <= MOST_PANELS + 1
    for kind in ("compare_population", "compare_difference", *(["compare_pyramids"] if few else [])):
        tell(f"drawing {kind.removeprefix('compare_')}")
        figure = getattr(plots, kind)(results, baseline=baseline)
        paths += figures.write(figure, folder, kind.removeprefix("compare_"), wanted)
    return paths
