"""Arguments and options that several verbs share, and what they name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.messages import warn
from sim.errors import DataError

if TYPE_CHECKING:
    from sim.results.store import Run

ScenarioFiles = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Scenario files.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of results.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress and no summary.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value, as in migration.balance.path.2030=40000."),
]
ENGLISH = "en"
OUTPUTS = Path("outputs")
SCENARIO_ENDINGS = (".yaml", ".yml")
FORMATS = ("png", "svg", "pdf")


def _known(language: str) -> str:
    """Language, refused before anything is run where figures do not speak it."""
    if language != ENGLISH:
        from sim.plots.language import LANGUAGES

        if language not in LANGUAGES:
            message = f"'{language}' is no language of figures; there are: {', '.join(LANGUAGES)}"
            raise typer.BadParameter(message)
    return language


Language = Annotated[
    str,
    typer.Option("--language", metavar="CODE", help="Language of the figures: en, nl or fr.", callback=_known),
]


def stored(name: str, out: Path) -> "Run":
    """Find the finished run that a user means.

    Parameters
    ----------
    name : str
        Folder of a run, its Dataset, or its scenario by name or file: then the latest run, without changes if there
        is one.
    out : Path
        Folder of results.

    Returns
    -------
    Run
        The one that fits; of several the one written last, which is told.

    Raises
    ------
    DataError
        If none fits.
    """
    from sim.results import store

    path = Path(name)
    for folder in (path, path.parent, out / name):
        run = store.find(folder)
        if run is not None and (folder != path.parent or path.name == store.DATASET):
            return run
    known = list(store.runs(out))
    scenario = path.stem if path.suffix in SCENARIO_ENDINGS else name
    fitting = [run for run in known if run.manifest["name"] == scenario]
    fitting = [run for run in fitting if not run.manifest.get("changes")] or fitting
    if fitting:
        latest = max(fitting, key=lambda run: (run.dataset.stat().st_mtime_ns, run.folder.name))
        if len(fitting) > 1:
            others = ", ".join(run.folder.name for run in fitting if run != latest)
            warn(
                f"{name}: the latest of {len(fitting)} runs, {latest.folder.name}; name another by its folder: {others}"
            )
        return latest
    if path.is_file():
        message = f"'{name}' is no finished run: that is a folder with {store.DATASET}, complete with its manifest"
        raise DataError(message)
    from sim.scenario.faults import nearest

    names = sorted({run.manifest["name"] for run in known})
    hint = nearest(name, names) if names else ""
    meant = hint if "did you mean" in hint else ""
    message = f"there is no finished run '{name}'{meant}; in {out} there are: {', '.join(names) or 'none'}"
    raise DataError(message)


def formats(text: str) -> list[str]:
    """Formats of figures in a list with commas.

    Parameters
    ----------
    text : str
        Such as "png,svg".

    Returns
    -------
    list of str
        Known formats.

    Raises
    ------
    typer.BadParameter
        If one is not known.
    """
    wanted = [part.strip().lower() for part in text.split(",") if part.strip()]
    unknown = [part for part in wanted if part not in FORMATS]
    if unknown or not wanted:
        message = f"'{text}' is not a list of figure formats; allowed are: {', '.join(FORMATS)}"
        raise typer.BadParameter(message, param_hint="--format")
    return wanted
