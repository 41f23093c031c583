"""A scenario to start from."""

import re
from importlib import resources

from pydantic import TypeAdapter, ValidationError

from sim.scenario.inputs import Name


def template(name: str) -> str:
    """Complete and commented scenario file.

    Parameters
    ----------
    name : str
        Name of the scenario.

    Returns
    -------
    str
        YAML that runs as it is.

    Raises
    ------
    ValueError
        If the name is none that a scenario can have.
    """
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        suggestion = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")[:64] or "my-scenario"
        message = f"'{name}' cannot name a scenario; use lower-case letters, digits, - and _, as in '{suggestion}'"
        raise ValueError(message) from None
    return resources.files("sim.scenario").joinpath("template.yaml").read_text(encoding="utf-8").format(name=name)
