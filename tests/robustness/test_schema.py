"""The JSON schema that editors complete and check scenario files with, held against good files and bad ones."""

import copy
import json
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.yamlfile import parse_yaml

jsonschema = pytest.importorskip("jsonschema", reason="the package jsonschema checks files against a JSON schema")

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SCHEMA = json.loads((SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8"))
FILES = Path(__file__).parent / "files"
GOOD = sorted(SCENARIOS.glob("*.yaml"))
BASE = {
    "name": "whole",
    "sources": {"register": "The register"},
    "period": {"start": 2012, "end": 2015},
    "ages": {"open": 105},
    "population": {"dataset": "belgium", "date": 2012},
    "mortality": {"base": {"dataset": "belgium", "years": [2009, 2011]}},
    "fertility": {
        "total": {"path": {"2012": 1.8}, "after": "constant", "source": "register"},
        "pattern": {"dataset": "belgium"},
        "sex_ratio_at_birth": 1.05,
    },
    "migration": {
        "balance": {"unit": "persons per year", "path": {"2012": 1000}, "after": "constant"},
        "profile": {"dataset": "belgium", "years": [2009, 2012]},
    },
    "published": [{"indicator": "population", "year": 2013, "value": 1.1e7}],
}
REMOVED = object()
BALANCE = {"unit": "persons per year", "path": {"2012": 1000}, "after": "constant"}
STREAM = {"count": BALANCE, "profile": {"dataset": "belgium", "years": [2009, 2012]}}
GROSS = {"immigration": [STREAM], "emigration": [{"hazard": 0.01}]}
GROSS_PARTS = {
    "a hazard": {"emigration": [{"hazard": 0.01}]},
    "a path of shares": {"emigration": [{"share": {"path": {"2012": 0.01}, "after": "constant"}}]},
    "a table of hazards": {"emigration": [{"region": ["all"], "hazard": {"table": "h.csv", "age": "reached"}}]},
    "a count": {"emigration": [{"count": BALANCE, "pattern": {"table": "h.csv", "age": "reached"}, "fixed": True}]},
    "a table of immigrants": {"immigration": [{"count": {"table": "i.csv", "age": "reached"}, "note": "x"}]},
    "a closing": {**GROSS, "close": {"free": "immigration", "balance": BALANCE}},
    "a closing by parts": {**GROSS, "close": {"free": "emigration", "balance": [{**BALANCE, "group": "all"}]}},
}
BAD = {
    "an unknown key": (("titel",), "x"),
    "no name": (("name",), REMOVED),
    "a name with a slash": (("name",), "a/b"),
    "a name with capitals": (("name",), "Whole"),
    "a name too long": (("name",), "x" * 65),
    "a base by its path": (("based_on",), "../other"),
    "a number for a title": (("title",), 2012),
    "a text for a year": (("period", "start"), "2012"),
    "half a year": (("period", "end"), 2012.5),
    "a year with a digit too many": (("period", "end"), 20255),
    "a year too early": (("period", "start"), 1600),
    "an unknown key of the period": (("period", "stop"), 2015),
    "an open age too low": (("ages", "open"), 30),
    "an open age too high": (("ages", "open"), 200),
    "an unknown convention": (("convention",), "wpp"),
    "a text for a rate": (("fertility", "sex_ratio_at_birth"), "1.05"),
    "a path of texts": (("fertility", "total", "path", "2012"), "1,8"),
    "a path with a year of two digits": (("migration", "balance", "path"), {"12": 1}),
    "a path without values": (("migration", "balance", "path"), {}),
    "a path that is a list": (("migration", "balance", "path"), [1, 2]),
    "an unknown end of a path": (("fertility", "total", "after"), "linear"),
    "an unknown interpolation": (("fertility", "total", "interpolate"), "cubic"),
    "another unit": (("migration", "balance", "unit"), "persons"),
    "no unit": (("migration", "balance", "unit"), REMOVED),
    "a balance that is a number": (("migration", "balance"), 1000),
    "one year for two": (("mortality", "base", "years"), [2011]),
    "three years for two": (("mortality", "base", "years"), [2009, 2010, 2011]),
    "a table without its kind of age": (("migration", "net"), {"table": "net.csv"}),
    "a table with another kind of age": (("migration", "net"), {"table": "net.csv", "age": "completed"}),
    "a label like a formula": (("states",), {"regions": ["=1+1"]}),
    "no region": (("states",), {"regions": []}),
    "an unknown indicator": (("published", 0, "indicator"), "popultion"),
    "a published figure without value": (("published", 0, "value"), REMOVED),
    "a rounding of zero": (("published", 0, "rounding"), 0),
    "a share above one": (("newborn",), {"child_group": {"all": {"all": 1.5}}}),
    "a list for a mapping": (("period",), [2012, 2015]),
    "ages in groups of two": (("ages", "width"), 2),
    "an open age of another kind": (
        ("mortality",),
        {"survival_ratio": {"table": "s.csv", "age": "reached", "open_age": "both"}},
    ),
    "moves that are a mapping": (("moves",), {"hazard": 0.01}),
    "a hazard that is text": (("moves",), [{"hazard": "1%"}]),
    "a hazard that is a list": (("moves",), [{"hazard": [0.01]}]),
    "a move with a region": (("moves",), [{"hazard": 0.01, "region": "all"}]),
    "a count without a unit": (("moves",), [{"count": {"path": {"2012": 5}, "after": "constant"}}]),
    "destinations by completed age": (
        ("moves",),
        [{"hazard": 0.01, "destinations": {"table": "d.csv", "age": "completed"}}],
    ),
    "changes of nothing": (("nationality",), {"changes": []}),
    "a change without from": (("nationality",), {"changes": [{"to": "all", "hazard": 0.01}]}),
    "a change from nobody": (("nationality",), {"changes": [{"from": [], "to": [], "hazard": 0.01}]}),
    "a closing of another side": (("migration",), {**GROSS, "close": {"free": "net", "balance": BALANCE}}),
    "a closing with a number": (("migration",), {**GROSS, "close": {"free": "immigration", "balance": 5}}),
    "a closing with an empty list": (("migration",), {**GROSS, "close": {"free": "immigration", "balance": []}}),
    "a stream that is fixed in words": (("migration", "immigration"), [{**STREAM, "fixed": "yes"}]),
    "a stream in two groups": (("migration", "immigration"), [{**STREAM, "group": ["all", "all"]}]),
    "a sweep without axes": (("sweep",), {}),
}


@pytest.fixture(scope="module")
def schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def with_part(keys, value):
    """The whole scenario with one part changed."""
    content = copy.deepcopy(BASE)
    part = content
    for key in keys[:-1]:
        part = part[key]
    if value is REMOVED:
        del part[keys[-1]]
    else:
        part[keys[-1]] = value
    return content


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_every_scenario_of_the_project_follows_the_schema(schema, path):
    content = json.loads(json.dumps(parse_yaml(path.read_text(encoding="utf-8"), path.name).plain()))

    assert [error.message for error in schema.iter_errors(content)] == []


def test_the_whole_scenario_is_good_for_the_schema_and_for_loading(schema, tmp_path):
    (tmp_path / "whole.yaml").write_text(json.dumps(BASE))

    assert [error.message for error in schema.iter_errors(BASE)] == []
    assert load(tmp_path / "whole.yaml").name == "whole"


@pytest.mark.parametrize("name", GROSS_PARTS)
def test_every_way_to_state_gross_flows_is_good_for_the_schema_and_for_loading(schema, tmp_path, name):
    content = with_part(("migration",), GROSS_PARTS[name])
    content["nationality"] = {
        "changes": [{"from": ["a"], "to": "b", "hazard": 0.1}, {"from": "b", "to": "a", "share": 0}]
    }
    content["states"] = {"regions": ["all"], "groups": ["a", "b", "all"]}
    (tmp_path / "whole.yaml").write_text(json.dumps(content))

    assert [error.message for error in schema.iter_errors(content)] == []
    assert load(tmp_path / "whole.yaml").migration


@pytest.mark.parametrize("name", BAD)
def test_the_schema_refuses_what_loading_refuses(schema, tmp_path, name):
    content = with_part(*BAD[name])
    (tmp_path / "whole.yaml").write_text(json.dumps(content))

    with pytest.raises(ScenarioError):
        load(tmp_path / "whole.yaml")
    assert list(schema.iter_errors(content))


GALLERY = [path for path in sorted(FILES.rglob("*.yaml")) if path.with_suffix(".expected").read_text()[0] == "0"]


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_valid_follows_the_schema(schema, path):
    content = json.loads(json.dumps(parse_yaml(path.read_text(encoding="utf-8"), path.name).plain()))

    assert [error.message for error in schema.iter_errors(content)] == []


def properties(part, key="scenario"):
    """Every property of the schema, by the part it belongs to."""
    if isinstance(part, dict):
        for name, entry in part.get("properties", {}).items():
            yield f"{key}.{name}", entry
        for name, entry in part.items():
            yield from properties(entry, key if name == "$defs" else name)
    elif isinstance(part, list):
        for entry in part:
            yield from properties(entry, key)


def test_every_property_has_a_description_that_says_something():
    described = dict(properties(SCHEMA))

    assert len(described) > 60
    assert [name for name, entry in described.items() if not entry.get("description", "").strip(" .")] == []
