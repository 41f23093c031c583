"""``sim validate``."""

import typer

from sim.cli.arguments import AsJson, Changes, ScenarioFiles
from sim.cli.messages import say, say_json, warn_all
from sim.errors import Fault, ScenarioError


def validate(files: ScenarioFiles, changes: Changes = None, as_json: AsJson = False) -> None:
    """Report every fault of scenario files and of the tables they name; run nothing."""
    from sim.pipeline import prepare

    errors: list[ScenarioError] = []
    warnings: list[Fault] = []
    for file in files:
        try:
            warnings += prepare(file, changes or []).warnings
        except ScenarioError as error:
            errors.append(error)
        else:
            if not as_json:
                say(f"{file}: valid")
    faults = [fault for error in errors for fault in error.faults]
    if as_json:
        levels = [("error", faults), ("warning", warnings)]
        say_json([{"level": level, **fault._asdict()} for level, found in levels for fault in found])
        raise typer.Exit(ScenarioError.joined(errors).exit_code if errors else 0)
    warn_all(warnings)
    if errors:
        raise ScenarioError.joined(errors)
