"""Figures drawn and written as files."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

FIGURES = "figures"
RUN_FIGURES = ("population", "pyramid", "components")
STATES_FIGURE = "states"
"""Drawn of results with several groups or regions."""
IMMIGRANTS_FIGURES = {"motives": "motive", "sponsors": "sponsor"}
"""Drawn of results that tell immigrants apart by these."""
PIPELINE_FIGURE = "pipeline"
"""Drawn of each pipeline that has cases."""

SWEEP_FIGURES = ("population", "difference")


def write(figure: "Figure", folder: Path, name: str, formats: Sequence[str]) -> list[Path]:
    """Write one figure in several formats, each file complete or absent.

    Parameters
    ----------
    figure : Figure
        To be written.
    folder : Path
        Made where it is missing.
    name : str
        File name without its ending.
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
        paths.append(folder / f"{name}.{file_format}")
        write_whole(paths[-1], buffer.getvalue())
    return paths


def of_run(result: "xr.Dataset", folder: Path, tell: Callable[[str], object]) -> list[Path]:
    """Draw the standard figures of a run, or of a sweep, those that are not there yet.

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
    sweep = "scenario" in result.dims
    kinds = [(kind, {}) for kind in SWEEP_FIGURES] if sweep else _kinds(result)
    paths = []
    for kind, options in kinds:
        name = "-".join([kind, *options.values()])
        paths.append(folder / f"{name}.png")
        if not paths[-1].exists():
            tell(f"drawing {name}")
            figure = draw(kind, result, **options)
            write(figure, folder, name, ["png"])
    return paths


def draw(kind: str, result: "xr.Dataset", **options: Any) -> "Figure":  # noqa: ANN401
    """Draw one kind of figure of a run.

    Parameters
    ----------
    kind : str
        As on the command line.
    result : Dataset
        A stored result.
    **options
        What the function of `sim.plots` takes besides.

    Returns
    -------
    Figure
        What that function returns.
    """
    from sim import plots

    if kind in IMMIGRANTS_FIGURES:
        return plots.motives(result, by=IMMIGRANTS_FIGURES[kind], **options)
    figure: Figure = getattr(plots, kind)(result, **options)
    return figure


def _kinds(result: "xr.Dataset") -> list[tuple[str, dict[str, str]]]:
    """Standard figures of one projection, with what each takes besides."""
    from sim.plots.states import divided_by

    kinds = [*RUN_FIGURES, *([STATES_FIGURE] if divided_by(result) else [])]
    kinds += [kind for kind, by in IMMIGRANTS_FIGURES.items() if f"immigrants_by_{by}" in result]
    pipelines = []
    if "pipeline" in result.dims:
        cases = result["waiting"].isel(year=0) + result["applications"].sum("period")
        pipelines = [str(name) for name in result["pipeline"].values[cases.values > 0]]
    return [*((kind, {}) for kind in kinds), *((PIPELINE_FIGURE, {"pipeline": name}) for name in pipelines)]
