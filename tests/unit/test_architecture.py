"""The rules of the house: who may import whom, and what importing costs."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "sim"
MODULES = sorted(PACKAGE.rglob("*.py"))
STEPS = [
    {"cli"},
    {"report"},
    {"gallery"},
    {"plots"},
    {"analysis"},
    {"pipeline"},
    {"ensemble"},
    {"results"},
    {"assumptions"},
    {"migration"},
    {"readers", "data"},
    {"scenario"},
    {"engine"},
    {"demography"},
    {"axes"},
    {"errors"},
]
"""Rooms from the top to the bottom of the house; imports go down only."""
DEPTH = {room: step for step, rooms in enumerate(STEPS) for room in rooms}
EXEMPT = {"__init__", "__main__"}
HEAVY = {"numpy", "scipy", "xarray", "pandas", "matplotlib", "pydantic"}


def room_of(module):
    """Room of a dotted name within the package."""
    return module.split(".")[1] if "." in module else "__init__"


def name_of(path):
    """Dotted name of a module."""
    return ".".join(("sim", *path.relative_to(PACKAGE).with_suffix("").parts))


def imports(path):
    """Every module that a module imports anywhere: in functions and for type checking too."""
    package = name_of(path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{module}.{alias.name}" if module == "sim" else module, node.lineno) for alias in node.names)


def test_every_room_has_its_step():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - EXEMPT

    assert rooms - set(DEPTH) == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down_only(path):
    room = room_of(name_of(path))
    if room in EXEMPT:
        pytest.skip("the doors of the house may open any room")

    wrong = [
        f"line {line}: {module}"
        for module, line in imports(path)
        if module.split(".")[0] == "sim"
        and room_of(module) != room
        and not DEPTH[room] < DEPTH.get(room_of(module), -1)
    ]

    assert wrong == []


def test_the_command_draws_and_the_pipeline_does_not():
    command = {module for path in (PACKAGE / "cli").glob("*.py") for module, _ in imports(path)}
    pipeline = {module for module, _ in imports(PACKAGE / "pipeline.py")}

    assert "sim.plots" in {".".join(module.split(".")[:2]) for module in command}
    assert "sim.plots" not in {".".join(module.split(".")[:2]) for module in pipeline}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(name_of(path)) in {"engine", "demography"}], ids=name_of
)
def test_engine_and_demography_know_numpy_and_scipy_only(path):
    allowed = {*sys.stdlib_module_names, "numpy", "scipy", "sim"}

    assert {module.split(".")[0] for module, _ in imports(path)} <= allowed


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(name_of(path)) in {"engine", "demography"}], ids=name_of
)
def test_engine_and_demography_open_no_file(path):
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}

    assert names & {"open", "Path", "print", "input"} == set()
    assert {module.split(".")[0] for module, _ in imports(path)} & {"pathlib", "os", "io", "sys", "logging"} == set()


FORBIDDEN_NAMES = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {
    "pickle",
    "cPickle",
    "dill",
    "shelve",
    "marshal",
    "yaml",
    "subprocess",
    "socket",
    "urllib",
    "requests",
}


def calls(tree):
    """Every call of a module, as the name that is called and the call itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", ""), node


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_runs_text_or_unpacks_objects(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert [
        node.lineno for name, node in calls(tree) if name in FORBIDDEN_NAMES and isinstance(node.func, ast.Name)
    ] == []
    assert [node.lineno for name, node in calls(tree) if name in {"eval", "system", "popen"}] == []
    assert {module.split(".")[0] for module, _ in imports(path)} & FORBIDDEN_MODULES == set()
    for name, node in calls(tree):
        options = {option.arg: option.value for option in node.keywords}
        pickled = options.get("allow_pickle")
        assert pickled is None or (isinstance(pickled, ast.Constant) and pickled.value is False)
        if name == "load" and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "np":
            assert pickled is not None


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def in_a_fresh_process(program):
    """What a program prints, and which modules it has imported."""
    ending = (
        "; import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program + ending], capture_output=True, text=True, check=True
    )
    return done.stdout, json.loads(done.stderr)


def test_importing_the_package_is_silent_and_light():
    printed, modules = in_a_fresh_process("import sim; dir(sim)")

    assert printed == ""
    assert HEAVY & set(modules) == set()


def test_importing_the_command_is_silent_and_light():
    printed, modules = in_a_fresh_process("import sim.cli.app")

    assert printed == ""
    assert HEAVY & set(modules) == set()


def test_public_names_are_there_when_they_are_used():
    program = "import sim; print(*(name for name in sim.__all__ if getattr(sim, name) is None), end='')"

    printed, modules = in_a_fresh_process(program)

    assert printed == ""
    assert "numpy" in modules


def test_an_unknown_public_name_is_an_attribute_error():
    import sim

    with pytest.raises(AttributeError, match="module 'sim' has no attribute 'nothing'"):
        _ = sim.nothing


def test_projecting_and_storing_need_no_matplotlib(tmp_path):
    program = (
        "import sim, sys; from pathlib import Path; from sim.pipeline import prepare, run_and_store; "
        f"run_and_store(prepare({str(PACKAGE.parent / 'scenarios' / 'belgium-2012.yaml')!r}, "
        f"['period.end=2013']), Path({str(tmp_path)!r}))"
    )

    _, modules = in_a_fresh_process(program)

    assert "matplotlib" not in modules
    assert "xarray" in modules
