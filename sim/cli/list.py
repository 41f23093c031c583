"""``sim list``."""

from sim.cli.arguments import OUTPUTS, AsJson, Out
from sim.cli.messages import columns, say, say_json, warn


def list_runs(out: Out = OUTPUTS, as_json: AsJson = False) -> None:
    """List the finished runs."""
    from sim.results import store

    found = list(store.runs(out))
    if as_json:
        say_json([{**run.manifest, "path": str(run.dataset)} for run in found])
    elif found:
        say(columns([["run", "title"], *([run.folder.name, run.manifest["title"]] for run in found)], left=2))
    else:
        warn(f"there are no finished runs in {out}")
