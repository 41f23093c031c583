"""The small scenario: loaded, built, and refused."""

import copy
import json

import pytest
from explained import FILES
from small import CONTENT, TABLES

from sim.assumptions import build
from sim.errors import ScenarioError
from sim.scenario.load import load


@pytest.fixture
def scenario(tmp_path):
    """Load the small scenario with some parts replaced, beside its tables."""

    def loaded(tables=None, **parts):
        for name, text in {**TABLES, **(tables or {})}.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "small.yaml").write_text(json.dumps(copy.deepcopy(CONTENT) | parts))
        return load(tmp_path / "small.yaml")

    return loaded


@pytest.fixture
def built(scenario):
    """Assumptions of the small scenario with some parts replaced."""
    return lambda tables=None, **parts: build(scenario(tables, **parts))


@pytest.fixture
def refused(scenario):
    """Key and message of the faults of the small scenario with some parts replaced."""

    def found(tables=None, **parts):
        with pytest.raises(ScenarioError) as caught:
            build(scenario(tables, **parts))
        return [f"{fault.key}: {fault.message}".removeprefix(": ") for fault in caught.value.faults]

    return found


@pytest.fixture
def write(tmp_path):
    """Write a scenario beside the tables; return its file."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)

    def written(name, **parts):
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps(CONTENT | {"name": name} | parts))
        return path

    return written
