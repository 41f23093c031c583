"""``sim validate``."""

import typer

from sim.cli.arguments import AsJson, Changes, ScenarioFiles
from sim.cli.messages import fail, say, say_json, warn_all
from sim.errors import ScenarioError


def validate(files: ScenarioFiles, changes: Changes = None, as_json: AsJson = False) -> None:
    """Report every fault of scenario files and of the tables they name; run nothing."""
    from sim.pipeline import check
    from sim.scenario.load import load

    faults, warnings, exit_code = [], [], 0
    for file in files:
        try:
            warnings += check(load(file, changes or []))
        except ScenarioError as error:
            faults += error.faults
            exit_code = max(exit_code, error.exit_code)
        else:
            if not as_json:
                say(f"{file}: valid")
    if as_json:
        levels = [("error", faults), ("warning", warnings)]
        say_json([{"level": level, **fault._asdict()} for level, found in levels for fault in found])
    else:
        warn_all(warnings)
    if faults and not as_json:
        fail(ScenarioError(faults))
    raise typer.Exit(exit_code)
