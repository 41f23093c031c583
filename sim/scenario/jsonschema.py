"""The JSON schema of scenario files, for completion and hover texts in editors."""

import ast
import inspect
import itertools
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from sim.scenario import inputs, migration, models, movements, pipelines, policies, schema
from sim.scenario.inputs import FIRST_YEAR, LAST_YEAR
from sim.scenario.schema import Scenario

MODULES = (inputs, models, movements, migration, pipelines, policies, schema)
FIGURE: dict[str, Any] = {
    "type": "object",
    "title": "Figure",
    "description": "A figure of the sources instead of a number; 'sim figures' lists them.",
    "properties": {"figure": {"type": "string", "description": "Id of the figure."}},
    "required": ["figure"],
    "additionalProperties": False,
}
"""What may stand wherever a number may."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MERGED = (
    "Scenario",
    "Period",
    "Ages",
    "States",
    "PopulationOfDataset",
    "DatasetYears",
    "LifeExpectancy",
    "Mortality",
    "PatternOfDataset",
    "FertilityModel",
    "RogersCastro",
    "Schedule",
    "OldAge",
    "Improvement",
    "Fertility",
    "Newborn",
    "Migration",
    "Closing",
    "Pipeline",
    "Decisions",
    "Outcome",
)
"""Parts of which a file based on another states only what differs; null removes what they inherit."""


def json_schema() -> str:
    """Schema of one scenario file.

    Returns
    -------
    str
        JSON text, the same at every call, with a final line break.
    """
    generated = Scenario.model_json_schema()
    definitions = generated.pop("$defs")
    definitions["Scenario"] = dict(generated)
    _describe(definitions)
    _limit_years(definitions)
    _allow_figures(definitions)
    for name in MERGED:
        definitions[name].pop("required", None)
        for key, entry in definitions[name]["properties"].items():
            for named in entry.get("patternProperties", {}).values():
                _allow_null(named)
            if key != "name":
                _allow_null(entry)
    root = definitions.pop("Scenario")
    definitions["Figure"] = FIGURE
    root["required"] = ["name"]
    return json.dumps({"$schema": DIALECT, **root, "$defs": definitions}, indent=2, ensure_ascii=False) + "\n"


def _describe(definitions: dict[str, Any]) -> None:
    """Take what is said below each field of the models as its description.

    Pydantic can do so itself, but then parses the source at every start of the program.
    """
    told = {(kind, field): text for module in MODULES for kind, field, text in _field_texts(module)}
    for name, definition in definitions.items():
        model = next(getattr(module, name) for module in MODULES if hasattr(module, name))
        for key, entry in definition["properties"].items():
            field = next(name for name, info in model.model_fields.items() if key in {name, info.alias})
            owner = next(base.__name__ for base in model.__mro__ if (base.__name__, field) in told)
            entry["description"] = told[owner, field]


def _field_texts(module: ModuleType) -> Iterator[tuple[str, str, str]]:
    """Class, field and text of every string that stands below a field."""
    for part in ast.parse(inspect.getsource(module)).body:
        if not isinstance(part, ast.ClassDef):
            continue
        for field, text in itertools.pairwise(part.body):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                yield part.name, ast.unparse(field.target), inspect.cleandoc(str(text.value.value))


def _limit_years(part: Any) -> None:  # noqa: ANN401
    """Say which keys a path in time may have; pydantic leaves the limits of keys out."""
    centuries = "|".join(str(century) for century in range(FIRST_YEAR // 100, LAST_YEAR // 100 + 1))
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        if isinstance(value, dict) and "path" in value.get("properties", {}):
            value["properties"]["path"]["propertyNames"] = {"pattern": f"^({centuries})[0-9]{{2}}$"}
        _limit_years(value)


def _allow_figures(part: Any) -> None:  # noqa: ANN401
    """Let a figure of the sources stand wherever a number may."""
    for value in list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else ():
        _allow_figures(value)
        if isinstance(value, dict) and value.get("type") == "number":
            kept = {key: value.pop(key) for key in ("title", "description", "default") if key in value}
            number = dict(value)
            value.clear()
            value.update(kept, anyOf=[number, {"$ref": "#/$defs/Figure"}])


def _allow_null(entry: dict[str, Any]) -> None:
    """Let null stand for a key, which removes what it inherits."""
    if {"type": "null"} in entry.get("anyOf", []):
        return
    kept: dict[str, Any] = {key: entry.pop(key) for key in ("title", "description", "default") if key in entry}
    alternatives = entry.pop("anyOf", None) or entry.pop("oneOf", None) or [dict(entry)]
    entry.clear()
    entry.update(kept, anyOf=[*alternatives, {"type": "null"}])
