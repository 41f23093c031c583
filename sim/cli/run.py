"""``sim run``."""

import time
from pathlib import Path
from typing import Annotated

import typer

from sim.cli import drawing
from sim.cli.arguments import ENGLISH, OUTPUTS, AsJson, Changes, Language, Out, Quiet, ScenarioFiles
from sim.cli.drawing import FIGURES
from sim.cli.messages import progress, say, say_json, warn_all
from sim.cli.summary import summary


def run(
    files: ScenarioFiles,
    out: Out = OUTPUTS,
    changes: Changes = None,
    force: Annotated[bool, typer.Option("--force", help="Run and store again what is already there.")] = False,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no figures.")] = False,
    language: Language = ENGLISH,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Project scenario files: validate, project, check the books, store, draw."""
    from sim.pipeline import prepare_all, run_and_store
    from sim.plots import speaking

    with progress(quiet=quiet or as_json) as tell:
        prepared = prepare_all(files, changes or [], tell)
    for one in prepared:
        begun = time.perf_counter()
        with progress(quiet=quiet or as_json) as tell, speaking(language):
            done = run_and_store(one, out, force=force, tell=tell)
            drawn = [] if no_plots else drawing.of_run(done.result, done.run.folder / FIGURES, tell)
        warn_all(one.warnings)
        if as_json:
            say_json(
                {
                    "name": one.scenario.name,
                    "path": str(done.run.dataset),
                    "status": "already there" if done.already_there else "done",
                    "seconds": round(time.perf_counter() - begun, 3),
                    "figures": [str(path) for path in drawn],
                }
            )
        elif not quiet:
            say(summary(done.result))
            say(_where(done.run.dataset, drawn, already_there=done.already_there))
            say()


def _where(dataset: Path, drawn: list[Path], *, already_there: bool) -> str:
    """Say where the result and its figures are."""
    lines = [f"result   {dataset}{' (was there already, unchanged)' if already_there else ''}"]
    lines += [f"{'figures' if not place else '':8} {path}" for place, path in enumerate(drawn)]
    return "\n".join(lines)
