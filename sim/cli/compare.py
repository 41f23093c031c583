"""``sim compare``."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import drawing
from sim.cli.arguments import ENGLISH, OUTPUTS, AsJson, Language, Out, Quiet, formats
from sim.cli.messages import progress, say, say_json, warn_all
from sim.cli.results import chosen, computed
from sim.cli.summary import comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr


def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Finished runs, or scenario files to run.", show_default=False),
    ],
    baseline: Annotated[str | None, typer.Option("--baseline", metavar="NAME", help="Compare with this one.")] = None,
    file_formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, or several with commas.")] = "png",
    language: Language = ENGLISH,
    out: Out = OUTPUTS,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no figures.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lay projections side by side: a table, the paths, the differences, the pyramids."""
    from sim.analysis.compare import compare as comparison_of
    from sim.analysis.compare import comparison_rows
    from sim.pipeline import Prepared
    from sim.plots import speaking

    wanted = formats(file_formats)
    with progress(quiet=quiet or as_json) as tell, speaking(language):
        entries = [chosen(name, out, tell) for name in names]
        _check_names([name for _, found in entries for name in found], baseline)
        for entry, _ in entries:
            warn_all(entry.warnings if isinstance(entry, Prepared) else [])
        results = [computed(entry, out, tell) for entry, _ in entries]
        rows = comparison_rows(comparison_of(results, baseline))
        drawn = [] if no_plots else _figures(results, baseline, out, wanted, tell)
    if as_json:
        say_json({"rows": [row._asdict() for row in rows], "figures": [str(path) for path in drawn]})
    elif not quiet:
        say(comparison(rows))
        for path in drawn:
            say(str(path))


def _check_names(names: list[str], baseline: str | None) -> None:
    """Refuse what cannot be compared before anything is run."""
    if baseline is not None and baseline not in names:
        message = f"there is no '{baseline}' among what is compared; there are: {', '.join(names)}"
        raise typer.BadParameter(message, param_hint="--baseline")
    if len(names) == 1:
        message = f"there is nothing to compare with {names[0]}; give two results or more"
        raise typer.BadParameter(message, param_hint="RUN")


def _figures(
    results: "list[xr.Dataset]",
    baseline: str | None,
    out: Path,
    wanted: list[str],
    tell: "Callable[[str], object]",
) -> list[Path]:
    """Draw the figures of a comparison into a folder named after what is compared."""
    from sim import plots
    from sim.analysis.selection import name_of, single_results
    from sim.plots.compare import MOST_PANELS
    from sim.plots.effect import with_and_without

    first_baseline = sorted(results, key=lambda result: baseline is not None and name_of(result) != baseline)
    folder = out / f"compare-{'-vs-'.join(map(_file_name, first_baseline))}"
    drawn = {}
    few = len(single_results(results)) <= MOST_PANELS + 1
    for kind in ("compare_population", "compare_difference", *(["compare_pyramids"] if few else [])):
        tell(f"drawing {kind.removeprefix('compare_')}")
        drawn[kind.removeprefix("compare_")] = getattr(plots, kind)(results, baseline=baseline)
    two = len(single_results(results)) == 2
    for pair in with_and_without(results):
        name = "policy-effect" if two else f"policy-effect-{_file_name(pair[0])}"
        tell(f"drawing {name}")
        drawn[name] = plots.policy_effect(pair)
    return [path for kind, figure in drawn.items() for path in drawing.write(figure, folder, kind, wanted)]


def _file_name(result: "xr.Dataset") -> str:
    """Name of a result for a folder; digits tell apart what was changed from outside its file."""
    changes = result.attrs["changes"]
    digits = hashlib.sha256(changes.encode()).hexdigest()[:6]
    return f"{result.attrs['name']}-{digits}" if changes else str(result.attrs["name"])
