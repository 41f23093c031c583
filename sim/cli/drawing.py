"""Figures drawn and written as files."""

import hashlib
import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.errors import DataError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

    import xarray as xr
    from matplotlib.figure import Figure

FIGURES = "figures"
MOVING = "animated-pyramid"
"""Written as a GIF, whatever format other figures have."""

PIPELINE_FIGURE = "pipeline"
"""Drawn of each pipeline that has cases, of one run at a time."""

LONGEST_NAME = 120
"""Letters of the name of a folder up to which it tells all that is compared."""


class Kind(NamedTuple):
    """A kind of figure on the command line."""

    function: str
    """Of `sim.plots`."""
    options: tuple[str, ...] = ("region", "group")
    """Options of the command that go with it."""
    fixed: tuple[tuple[str, str], ...] = ()
    """What the function is given besides."""


KINDS = {
    "population": Kind("population"),
    "difference": Kind("difference"),
    "pyramid": Kind("pyramid", ("year", "region", "group")),
    MOVING: Kind("write_animated_pyramid"),
    "components": Kind("components"),
    "dependency": Kind("dependency"),
    "lexis": Kind("lexis"),
    "lexis-difference": Kind("lexis_difference"),
    "states": Kind("states", ("by", "region", "group")),
    "parts": Kind("parts", ("by", "region", "group")),
    "motives": Kind("motives", fixed=(("by", "motive"),)),
    "sponsors": Kind("motives", fixed=(("by", "sponsor"),)),
    PIPELINE_FIGURE: Kind("pipeline", ("year", "pipeline")),
}
OF_STATES = ("states", "parts")
"""Drawn of results with several groups or regions."""

OF_IMMIGRANTS = {"motives": "motive", "sponsors": "sponsor"}
"""Drawn of results that tell immigrants apart by these."""


def file_name(name: str, file_format: str) -> str:
    """Name of the file of a figure, with the language of the moment where that is not English.

    Parameters
    ----------
    name : str
        What it shows.
    file_format : str
        Ending.

    Returns
    -------
    str
        ``population.png``, or ``population.nl.png``: a figure in one language does not replace that in another.
    """
    from sim.plots.language import LANGUAGES, spoken

    return f"{name}.{file_format}" if spoken() == LANGUAGES[0] else f"{name}.{spoken()}.{file_format}"


def write(figure: "Figure", folder: Path, name: str, formats: Sequence[str]) -> list[Path]:
    """Write one figure in several formats, each file complete or absent.

    Parameters
    ----------
    figure : Figure
        To be written.
    folder : Path
        Made where it is missing.
    name : str
        File name without its language and ending.
    formats : sequence of str
        Endings.

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    from sim.plots.style import save
    from sim.results.files import make_folder, write_whole

    make_folder(folder)
    paths = []
    for file_format in formats:
        buffer = io.BytesIO()
        save(figure, buffer, file_format)
        paths.append(folder / file_name(name, file_format))
        write_whole(paths[-1], buffer.getvalue())
    return paths


def draw(
    kind: str,
    results: "Sequence[xr.Dataset]",
    folder: Path,
    name: str,
    formats: Sequence[str],
    **options: Any,  # noqa: ANN401
) -> list[Path]:
    """Draw one kind of figure and write it.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    results : sequence of Dataset
        One or several; of a pipeline one.
    folder : Path
        Made where it is missing.
    name : str
        File name without its ending.
    formats : sequence of str
        Endings; a moving picture is a GIF.
    **options
        What the function of `sim.plots` takes besides.

    Returns
    -------
    list of Path
        Files written.
    """
    from sim import plots
    from sim.results.files import make_folder, write_whole

    taken = {**dict(KINDS[kind].fixed), **options}
    if kind == MOVING:
        buffer = io.BytesIO()
        plots.write_animated_pyramid(buffer, results, **taken)
        make_folder(folder)
        path = folder / file_name(name, "gif")
        write_whole(path, buffer.getvalue())
        return [path]
    shown = results[0] if kind == PIPELINE_FIGURE else results
    return write(getattr(plots, KINDS[kind].function)(shown, **taken), folder, name, formats)


def of_run(result: "xr.Dataset", folder: Path, tell: Callable[[str], object]) -> list[Path]:
    """Draw the standard figures of a run, or of a sweep, those that are not there yet in the language of the moment.

    Parameters
    ----------
    result : Dataset
        A stored result.
    folder : Path
        Folder of the figures.
    tell : function
        Called with what is being done.

    Returns
    -------
    list of Path
        Files of the figures.
    """
    paths = []
    for kind, options in _kinds(result):
        name = "-".join([kind, *options.values()])
        paths.append(folder / file_name(name, "png"))
        if not paths[-1].exists():
            tell(f"drawing {name}")
            draw(kind, [result], folder, name, ["png"], **options)
    return paths


def _kinds(result: "xr.Dataset") -> list[tuple[str, dict[str, str]]]:
    """Standard figures of one projection or of a sweep, with what each takes besides."""
    if "scenario" in result.dims:
        return [("population", {}), ("difference", {})]
    from sim.plots.states import divided_by

    kinds = ["population", "pyramid", "components", *(["states"] if divided_by(result) else [])]
    kinds += [kind for kind, by in OF_IMMIGRANTS.items() if f"immigrants_by_{by}" in result]
    pipelines = []
    if "pipeline" in result.dims:
        cases = result["waiting"].isel(year=0) + result["applications"].sum("period")
        pipelines = [str(name) for name in result["pipeline"].values[cases.values > 0]]
    return [*((kind, {}) for kind in kinds), *((PIPELINE_FIGURE, {"pipeline": name}) for name in pipelines)]


def of_comparison(
    results: "Sequence[xr.Dataset]",
    baseline: str | None,
    folder: Path,
    formats: Sequence[str],
    tell: Callable[[str], object],
    pool: "ProcessPoolExecutor | None" = None,
) -> tuple[list[Path], list[str]]:
    """Draw every kind of figure that goes with several results.

    Parameters
    ----------
    results : sequence of Dataset
        Two results or more, or a sweep.
    baseline : str, optional
        Name of the result from which differences are counted.
    folder : Path
        Folder of the figures.
    formats : sequence of str
        Endings.
    tell : function
        Called with what is being done.
    pool : ProcessPoolExecutor, optional
        Another process that draws some of them.

    Returns
    -------
    paths : list of Path
        Files of the figures.
    refused : list of str
        Which figures are not drawn and why, a sentence each.
    """
    from sim.cli.beside import divided
    from sim.plots.language import spoken

    kinds = _kinds_of_several(results)
    work = partial(_drawn, results=results, baseline=baseline, folder=folder, formats=formats, language=spoken())
    drawn = divided(work, kinds, pool, lambda kind: tell(f"drawing {kind}"))
    paths = [path for found in drawn if not isinstance(found, str) for path in found]
    return paths, [found for found in drawn if isinstance(found, str)]


def _drawn(
    kind: str,
    results: "Sequence[xr.Dataset]",
    baseline: str | None,
    folder: Path,
    formats: Sequence[str],
    language: str,
) -> list[Path] | str:
    """Draw one kind of figure of several results, or say why there is none."""
    from sim.plots import speaking

    try:
        with speaking(language):
            return draw(kind, results, folder, kind, formats, baseline=baseline)
    except DataError as error:
        return f"no figure {kind}: {error}"


def _kinds_of_several(results: "Sequence[xr.Dataset]") -> list[str]:
    """Kinds that show something that at least one of the results has; of many, nothing moves."""
    from sim.analysis.selection import single_results
    from sim.plots.pyramids import MOST_OUTLINES
    from sim.plots.states import divided_by

    absent = {PIPELINE_FIGURE}
    absent |= {MOVING} if len(single_results(results)) > MOST_OUTLINES + 1 else set()
    absent |= set() if any(divided_by(result) for result in results) else set(OF_STATES)
    for kind, by in OF_IMMIGRANTS.items():
        absent |= set() if any(f"immigrants_by_{by}" in result for result in results) else {kind}
    return [kind for kind in KINDS if kind not in absent]


def comparison_folder(results: "Sequence[xr.Dataset]", baseline: str | None, out: Path) -> Path:
    """Name the folder for figures of several results, the baseline first.

    Parameters
    ----------
    results : sequence of Dataset
        What is compared.
    baseline : str, optional
        Name of the result from which differences are counted; the first where not given.
    out : Path
        Folder of results.

    Returns
    -------
    Path
        Told by the names of all; where that is long by the first, how many others, and digits that stand for them.
    """
    from sim.analysis.selection import name_of

    names = [
        result_name(result)
        for result in sorted(results, key=lambda result: baseline is not None and name_of(result) != baseline)
    ]
    whole = "-vs-".join(names)
    if len(whole) > LONGEST_NAME:
        digits = hashlib.sha256(whole.encode()).hexdigest()[:6]
        whole = f"{names[0]}-vs-{len(names) - 1}-others-{digits}"
    return out / f"compare-{whole}"


def result_name(result: "xr.Dataset") -> str:
    """Name of a result for a folder; digits tell apart what was changed from outside its file."""
    changes = result.attrs["changes"]
    digits = hashlib.sha256(changes.encode()).hexdigest()[:6]
    return f"{result.attrs['name']}-{digits}" if changes else str(result.attrs["name"])
