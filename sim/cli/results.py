"""Results that a user names: finished runs, or scenario files that are run first."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.arguments import SCENARIO_ENDINGS, stored

if TYPE_CHECKING:
    import xarray as xr

    from sim.pipeline import Prepared


def chosen(name: str, out: Path, tell: Callable[[str], object]) -> "tuple[Prepared | xr.Dataset, list[str]]":
    """Find what a user names, before anything is run.

    Parameters
    ----------
    name : str
        A scenario file, or a finished run as `sim.cli.arguments.stored` takes it.
    out : Path
        Folder of results.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    entry : Prepared or Dataset
        A scenario file ready to run, or the result of a finished run.
    names : list of str
        Names of its scenarios, several of a sweep.
    """
    if name.endswith(SCENARIO_ENDINGS):
        from sim.pipeline import prepare

        prepared = prepare(name, tell=tell)
        return prepared, [variant.name for variant in prepared.variants]
    from sim.analysis.selection import name_of, single_results
    from sim.results import store

    result = store.open_run(stored(name, out).folder)[1]
    return result, [name_of(single) for single in single_results([result])]


def computed(entry: "Prepared | xr.Dataset", out: Path, tell: Callable[[str], object]) -> "xr.Dataset":
    """Return a result as it is, or that of a scenario, which is run and stored first.

    Parameters
    ----------
    entry : Prepared or Dataset
        As `chosen` returns it.
    out : Path
        Folder of results.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    Dataset
        With all variants of a sweep.
    """
    import xarray as xr

    if isinstance(entry, xr.Dataset):
        return entry
    from sim.pipeline import run_and_store

    return run_and_store(entry, out, tell=tell).result
