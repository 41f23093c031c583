"""``sim compare``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import drawing, explain
from sim.cli.arguments import ENGLISH, OUTPUTS, AsJson, Language, Out, Quiet, formats
from sim.cli.beside import another_process
from sim.cli.messages import progress, say, say_json, warn, warn_all
from sim.cli.results import chosen, computed
from sim.cli.summary import comparison

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ProcessPoolExecutor

    import xarray as xr

    from sim.pipeline import Prepared


MANY = 5
"""Results from which on drawing takes longer than it takes another process to begin."""


def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Finished runs, or scenario files to run.", show_default=False),
    ],
    baseline: Annotated[str | None, typer.Option("--baseline", metavar="NAME", help="Compare with this one.")] = None,
    explaining: Annotated[
        bool, typer.Option("--explain", help="Say which assumptions make the others differ from the baseline.")
    ] = False,
    indicator: Annotated[
        str | None, typer.Option("--indicator", help="What to explain: population, births, mean_age, …")
    ] = None,
    spans: Annotated[
        str | None, typer.Option("--spans", metavar="YEARS", help="Divide assumptions by years, as in 2020,2030,2040.")
    ] = None,
    year: Annotated[int | None, typer.Option("--year", help="Year of the explanation drawn.")] = None,
    file_formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, or several with commas.")] = "png",
    language: Language = ENGLISH,
    out: Out = OUTPUTS,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no figures.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Lay projections side by side: a table, and every figure that fits."""
    import xarray as xr

    from sim.analysis.align import doubts_of_area
    from sim.analysis.compare import compare as comparison_of
    from sim.analysis.compare import comparison_rows
    from sim.analysis.selection import single_results
    from sim.plots.language import speaking

    wanted = formats(file_formats)
    what = explain.wanted(indicator, spans, year, explain=explaining)
    many = not no_plots and len(names) >= MANY
    with another_process(wanted=many) as pool, progress(quiet=quiet or as_json) as tell, speaking(language):
        entries = [chosen(name, out, tell) for name in names]
        _check_names([name for _, found in entries for name in found], baseline)
        for entry, _ in entries:
            warn_all([] if isinstance(entry, xr.Dataset) else entry.warnings)
        results = [computed(entry, out, tell) for entry, _ in entries]
        rows = comparison_rows(comparison_of(results, baseline))
        doubts = doubts_of_area(single_results(results))
        found = [] if what is None else _explained([entry for entry, _ in entries], baseline, what, tell)
        tables = [explain.table(each, year) for each in found]
        drawn, refused = ([], []) if no_plots else _figures(results, baseline, out, wanted, tell, pool)
        if not no_plots:
            folder = drawing.comparison_folder(results, baseline, out)
            drawn += _waterfall(found, year, folder, wanted, tell)
    for sentence in [*doubts, *refused]:
        warn(sentence)
    if as_json:
        explanations = {"explanations": [explain.as_json(each) for each in found]} if found else {}
        figures = [str(path) for path in drawn]
        say_json({"rows": [row._asdict() for row in rows], **explanations, "figures": figures})
    elif not quiet:
        say("\n\n".join([comparison(rows), *tables]))
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
    pool: "ProcessPoolExecutor | None" = None,
) -> tuple[list[Path], list[str]]:
    """Draw the figures of a comparison into a folder named after what is compared; say which are not drawn."""
    from sim import plots
    from sim.analysis.selection import single_results
    from sim.plots.effect import with_and_without

    folder = drawing.comparison_folder(results, baseline, out)
    paths, refused = drawing.of_comparison(results, baseline, folder, wanted, tell, pool)
    two = len(single_results(results)) == 2
    for pair in with_and_without(results):
        name = "policy-effect" if two else f"policy-effect-{drawing.result_name(pair[0])}"
        tell(f"drawing {name}")
        paths += drawing.write(plots.policy_effect(pair), folder, name, wanted)
    return paths, refused


def _explained(
    entries: "list[Prepared | xr.Dataset]", baseline: str | None, what: explain.Wanted, tell: "Callable[[str], object]"
) -> "list[xr.Dataset]":
    """Explain how all projections differ from the baseline."""
    from sim.analysis.decompose import explanations_of

    return explanations_of(entries, baseline, what.indicator, spans=what.spans, tell=tell)


def _waterfall(
    explanations: "list[xr.Dataset]",
    year: int | None,
    folder: Path,
    wanted: list[str],
    tell: "Callable[[str], object]",
) -> list[Path]:
    """Draw what makes the projections differ, unless they are too many."""
    from sim import plots
    from sim.plots.waterfall import MOST_PANELS

    if not explanations or len(explanations) > MOST_PANELS:
        return []
    tell("drawing the explanation")
    name = "-".join(["waterfall", str(explanations[0].attrs["indicator"]), *([] if year is None else [str(year)])])
    if "span" not in explanations[0].dims:
        return drawing.write(plots.waterfall(explanations, year), folder, name, wanted)
    if len({tuple(each["span"].values) for each in explanations}) == 1:
        return drawing.write(plots.waterfall(explanations, year), folder, f"{name}-by-years", wanted)
    paths = []
    for each in explanations:
        other = re.sub(r"[^\w.-]+", "-", str(each["scenario"].values[1]))
        paths += drawing.write(plots.waterfall(each, year), folder, f"{name}-by-years-{other}", wanted)
    return paths
