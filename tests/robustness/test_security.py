"""Files from strangers: they run no code, read nothing outside their folder, reach no network, command no terminal."""

import builtins
import contextlib
import csv
import io
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import sim as package
from sim import cli
from sim.analysis.export import table
from sim.errors import DataError, ScenarioError
from sim.pipeline import prepare

TABLES = Path(__file__).parent / "files" / "tables"
NEEDED = ["valid.yaml", "people.csv", "survival.csv", "fertility.csv", "net.csv"]
SOURCE = sorted((Path(__file__).parents[2] / "sim").rglob("*.py"))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a small scenario of tables, as the working directory."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in NEEDED:
        shutil.copy(TABLES / name, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def sim(monkeypatch, capsys):
    """Call the command in this process; return exit code, standard output and standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["sim", *arguments])
        code = cli._call()
        out, err = capsys.readouterr()
        return code, out, err

    return call


# Code

HOSTILE = [
    "title: !!python/object/apply:os.system ['touch hacked']",
    "title: !!python/object/new:os.system ['touch hacked']",
    "title: !!python/name:os.system",
    "title: !!python/module:os",
    'title: !!python/object/apply:builtins.eval [\'open("hacked", "w")\']',
    "!!python/object/apply:os.system ['touch hacked']: 1",
    "? !!python/object/apply:os.system ['touch hacked']\n: 1",
    "title: !<tag:yaml.org,2002:python/object/apply:os.system> ['touch hacked']",
    "%TAG ! tag:yaml.org,2002:python/object/apply:\n---\ntitle: !os.system ['touch hacked']",
    "title: \"__import__('os').system('touch hacked')\"",
    "title: '{{ self.__class__.__mro__ }} ${HOME} $(touch hacked) `touch hacked`'",
    "title: '{0.__class__} %(name)s %s {x!r}'",
    "__class__: 1",
    "__init__: {__globals__: 1}",
    "model_config: {extra: allow}",
    "_tree: 1\n_folder: /etc",
    "fertility: {total: \"__import__('os').system('touch hacked')\"}",
    "fertility: {total: 'lambda: 1'}",
    "migration: {balance: {unit: persons per year, path: {\"__import__('os')\": 1}}}",
    'sweep: {a: {b: {"__class__.__mro__": 1}}}',
    "sweep: {a: {b: {fertility.__class__: {add: 1}}}}",
]


@pytest.fixture
def watched(monkeypatch):
    """Names of what a file must never bring about, as it is called."""
    called = []

    def never(name):
        def call(*arguments, **options):
            called.append(name)
            pytest.fail(f"{name} was called")

        return call

    for name in ("system", "popen", "execv", "execve", "posix_spawn", "fork"):
        monkeypatch.setattr(os, name, never(f"os.{name}"))
    monkeypatch.setattr(subprocess, "Popen", never("subprocess.Popen"))
    return called


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_file_runs_nothing(project, watched, monkeypatch, text):
    prepare("valid.yaml")
    for name in ("eval", "exec"):
        monkeypatch.setattr(builtins, name, lambda *arguments, name=name: watched.append(name))
    (project / "bad.yaml").write_text(f"name: bad\nbased_on: valid\n{text}\n")

    with contextlib.suppress(ScenarioError):
        prepare("bad.yaml")
    monkeypatch.undo()

    assert watched == []
    assert not (project / "hacked").exists()


FORBIDDEN = [
    r"\beval\(",
    r"\bexec\(",
    r"\bpickle\b",
    r"\byaml\.(unsafe_)?load\b",
    r"allow_pickle\s*=\s*True",
    r"shell\s*=\s*True",
    r"\bos\.system\b",
    r"\b__import__\(",
    r"\burllib\b|\brequests\b|\bhttp\.client\b|\bftplib\b|\bsocket\b",
    r"typ=.(rt|unsafe|full).",
    r"\btempfile\.mktemp\b",
    r"\bassert \b",
]


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_the_source_holds_nothing_that_runs_text_or_reaches_out(pattern):
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in SOURCE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line.partition("#")[0])
    ]

    assert found == []


# Paths

OUTSIDE = [
    "../secret.csv",
    "../project/../secret.csv",
    "sub/../../secret.csv",
    "./../secret.csv",
    "..",
    "/etc/passwd",
    "//etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
    "~/secret.csv",
    "$HOME/secret.csv",
    "${HOME}/secret.csv",
    "file:///etc/passwd",
    "http://127.0.0.1:9/people.csv",
    "\\\\server\\share\\people.csv",
    "C:\\Windows\\win.ini",
    "..\\secret.csv",
    "%2e%2e/secret.csv",
    "people.csv\\0.png",
    "link.csv",
    "folder/secret.csv",
    "loop.csv",
    "",
    ".",
    "x" * 5000,
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_table_outside_the_folder_is_not_read(project, monkeypatch, name):
    secret = "sex,age,value\nSECRET,0,1\n"
    (project.parent / "secret.csv").write_text(secret)
    monkeypatch.setenv("HOME", str(project.parent))
    (project / "sub").mkdir()
    (project / "link.csv").symlink_to("../secret.csv")
    (project / "folder").symlink_to("..")
    (project / "loop.csv").symlink_to("loop.csv")
    quoted = name.replace("\\", "\\\\")
    (project / "bad.yaml").write_text(f'name: bad\nbased_on: valid\npopulation: {{table: "{quoted}"}}\n')

    with pytest.raises((ScenarioError, DataError)) as caught:
        prepare("bad.yaml")

    assert "SECRET" not in str(caught.value)
    assert "root:" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["../valid", "/etc/passwd", "~/valid", "sub/valid", "..\\\\valid", "$HOME", "a" * 300])
def test_a_base_outside_the_folder_is_not_read(project, name):
    (project / "bad.yaml").write_text(f'name: bad\nbased_on: "{name}"\n')

    with pytest.raises(ScenarioError) as caught:
        prepare("bad.yaml")

    assert str(caught.value).startswith("bad.yaml:2:11: based_on: ")


@pytest.mark.parametrize(
    "name", ["../evil", "/tmp/evil", "a/b", "evil.", "..", "a b", "-rf", "Évil", "con:", "a\\0b", "a\\nb", "x" * 65, ""]
)
def test_a_hostile_name_makes_no_folder(project, sim, name):
    (project / "bad.yaml").write_text(f'name: "{name}"\nbased_on: valid\n')

    code, out, _ = sim("run", "bad.yaml", "--no-plots")

    assert (code, out) == (2, "")
    assert not (project / "outputs").exists()


# The network


def test_nothing_reaches_the_network(project, sim, monkeypatch):
    def refuse(*arguments, **options):
        pytest.fail("the network was reached for")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)

    assert sim("run", "valid.yaml", "--json")[0] == 0
    assert sim("list")[0] == 0
    assert sim("export", "valid", "--by", "year")[0] == 0


# Terminals and spreadsheets

ESCAPES = ["\\e]0;gone\\a", "\\e[2J", "\\u009b2J", "\\u202egnorw", "\\u2066x", "\\u200b\\u200d", "\\x7f", "\\u2028"]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_text_of_a_file_commands_the_terminal(project, sim, text):
    (project / "bad.yaml").write_text(f'name: bad\nbased_on: valid\ntitle: "{text}"\nnote: "{text}"\n"{text}": 1\n')
    (project / "shown.yaml").write_text(f'name: shown\nbased_on: valid\ntitle: "{text}"\nnote: "{text}"\n')

    printed = [*sim("validate", "bad.yaml")[1:], *sim("run", "shown.yaml", "--json", "--no-plots")[1:], sim("list")[1]]

    for letter in "".join(printed):
        assert letter == "\n" or letter.isprintable(), f"{letter!r} was printed"


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "a,b", 'a"b', "a b"])
def test_a_label_like_a_formula_is_refused(project, label):
    quoted = label.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    (project / "bad.yaml").write_text(f'name: bad\nbased_on: valid\nstates: {{regions: ["{quoted}"]}}\n')

    with pytest.raises(ScenarioError):
        prepare("bad.yaml")


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", '=1,"2"\n=3'])
def test_a_label_like_a_formula_in_a_result_of_another_program_is_exported_as_text(project, label):
    result = package.run("valid.yaml").assign_coords(region=[label])

    buffer = io.StringIO()
    csv.writer(buffer).writerows(table(result, "population", ["region", "year"]))

    rows = list(csv.reader(io.StringIO(buffer.getvalue(), newline="")))
    assert len(rows) == 1 + 4
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    assert rows[1][0] == f"'{label}"
