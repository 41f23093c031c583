"""Figures drawn and written as files."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

FIGURES = "figures"
RUN_FIGURES = ("population", "pyramid", "components")
STATES_FIGURE = "states"
"""Drawn of results with several groups or regions."""
MOTIVES_FIGURE = "motives"
"""Drawn of results that tell motives of immigrants apart."""

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
    from sim import plots
    from sim.plots.states import divided_by

    sweep = "scenario" in result.dims
    kinds = SWEEP_FIGURES if sweep else RUN_FIGURES
    if not sweep and divided_by(result):
        kinds = (*kinds, STATES_FIGURE)
    if not sweep and "immigrants_by_motive" in result:
        kinds = (*kinds, MOTIVES_FIGURE)
    paths = [folder / f"{kind}.png" for kind in kinds]
    for kind, path in zip(kinds, paths, strict=True):
        if not path.exists():
            tell(f"drawing {kind}")
            figure = getattr(plots, f"compare_{kind}")([result]) if sweep else getattr(plots, kind)(result)
            write(figure, folder, kind, ["png"])
    return paths
