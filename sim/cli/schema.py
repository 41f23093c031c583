"""``sim schema``."""

from sim.cli.messages import say


def schema() -> None:
    """Print the JSON schema of scenario files, for editors."""
    from sim.scenario.jsonschema import json_schema

    say(json_schema().rstrip("\n"))
