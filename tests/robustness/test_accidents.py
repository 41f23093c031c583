"""Processes under stress: killed, interrupted, run side by side, short of room; a result is complete or absent."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.pipeline import prepare, run_and_store
from sim.results import store

TABLES = Path(__file__).parent / "files" / "tables"
NIGHTLY = bool(os.environ.get("SIM_NIGHTLY"))
KILLS = 40 if NIGHTLY else 6
NEEDED = ["valid.yaml", "people.csv", "survival.csv", "fertility.csv", "net.csv"]


@pytest.fixture
def project(tmp_path):
    """A folder with a small scenario of tables, and a home of its own."""
    folder = tmp_path / "project"
    for part in (folder, tmp_path / "home", tmp_path / "tmp"):
        part.mkdir()
    for name in NEEDED:
        shutil.copy(TABLES / name, folder)
    return folder


def surroundings(project, **changes):
    """Environment of a command that is run in a project."""
    home = project.parent / "home"
    return {**os.environ, "HOME": str(home), "TMPDIR": str(project.parent / "tmp"), **changes}


def start(project, *arguments, program=("-m", "sim"), **changes):
    """Start the command in a project."""
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=project,
        env=surroundings(project, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Exit code, standard output and standard error."""
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return process.returncode, out, err


def sim(project, *arguments, **changes):
    return finish(start(project, *arguments, **changes))


RUN = ("run", "valid.yaml", "--no-plots", "--json")


def stored(project, out="outputs"):
    """The only run of a folder, verified; None where there is none."""
    found = list(store.runs(project / out))
    assert len(found) <= 1
    if not found:
        return None
    run, _ = store.open_run(found[0].folder)
    assert hashlib.sha256(run.dataset.read_bytes()).hexdigest() == run.manifest["sha256"]
    return run.manifest["sha256"]


def half_written(project, out="outputs"):
    return sorted(path.name for path in (project / out).rglob(".*")) if (project / out).is_dir() else []


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Hash of the result that nothing disturbed, and the seconds that the command took."""
    project = tmp_path_factory.mktemp("calm") / "project"
    for part in (project, project.parent / "home", project.parent / "tmp"):
        part.mkdir()
    for name in NEEDED:
        shutil.copy(TABLES / name, project)
    sim(project, *RUN)
    begun = time.perf_counter()
    assert sim(project, *RUN, "--force")[0] == 0
    return stored(project), time.perf_counter() - begun


# Killed


def test_a_run_that_is_killed_at_any_moment_is_complete_or_absent(project, expected):
    digest, seconds = expected
    dice = random.Random(47)
    listed = []
    for _ in range(KILLS):
        shutil.rmtree(project / "outputs", ignore_errors=True)
        process = start(project, *RUN)
        time.sleep(dice.uniform(0.2, 1.2) * seconds)
        process.kill()
        process.communicate()
        listed.append(stored(project))

    assert set(listed) <= {None, digest}
    code, out, _ = sim(project, "list", "--json")
    assert (code, [run["sha256"] for run in json.loads(out)]) == (0, [each for each in listed[-1:] if each])
    assert sim(project, *RUN)[0] == 0
    assert (stored(project), half_written(project)) == (digest, [])


# One process that does everything once for every file or folder that a run touches, and is struck there. The place is
# found by audit events, so that no moment between two steps of writing is left out.
STRUCK = """
import json, os, shutil, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
os.fsync = lambda handle: None  # what it is for, a loss of power, is not tried here, and it is slow
import sim.cli, sim.cli.app, sim.pipeline, sim.results.store, sim.results.claim, h5netcdf, xarray
out, struck_with, force = Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3] == "force"
steps = range(int(sys.argv[4]), 200, int(sys.argv[5]))
WRITING = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}
arguments = ["sim", "run", "valid.yaml", "--no-plots", "--quiet", "--out", str(out)]

def child(strike):
    seen = 0
    def watch(event, given):
        nonlocal seen
        if event in WRITING and str(given[0]).startswith(str(out)):
            seen += 1
            if seen == strike:
                os.kill(os.getpid(), struck_with)
    sys.addaudithook(watch)
    sys.argv = arguments + ["--force"] * force
    try:
        sim.cli.main()
    except SystemExit as leaving:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(leaving.code if seen >= strike else 99)
    os._exit(98)

sys.argv = arguments
found = []
assert sim.cli._call() == 0
for strike in steps:
    if not force:
        shutil.rmtree(out)
    pid = os.fork()
    if not pid:
        child(strike)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    whole = [run.folder for run in sim.results.store.runs(out) if not run.folder.name.startswith(".")]
    digests = [sim.results.store.open_run(folder)[0].manifest["sha256"] for folder in whole]
    left = sorted(str(path.relative_to(out)) for path in out.rglob(".*")) if out.is_dir() else []
    again = sim.cli._call()
    mended = [run.manifest["sha256"] for run in sim.results.store.runs(out)]
    still = sorted(str(path.relative_to(out)) for path in out.rglob(".*"))
    found.append([code, digests, left, again, mended, still])
    if code == 99:
        break
print(json.dumps(found))
"""


def struck(project, number, force=""):
    """What a run that is struck by a signal at each of its steps leaves, and what the next run makes of it."""
    first, stride = ("1", "1") if NIGHTLY else (str(random.Random(int(number)).randint(1, 6)), "6")
    code, out, err = finish(start(project, "outputs", str(int(number)), force, first, stride, program=("-c", STRUCK)))
    assert code == 0, err
    *steps, last = json.loads(out.splitlines()[-1])
    assert last[0] == 99
    assert len(steps) > 1
    return steps


@pytest.mark.parametrize("force", ["", "force"])
def test_a_run_that_is_killed_between_any_two_steps_of_writing_is_complete_or_absent(project, expected, force):
    digest, _ = expected

    for code, digests, _, again, mended, still in struck(project, signal.SIGKILL, force):
        assert code == -signal.SIGKILL
        assert digests in ([], [digest])
        assert (again, mended, still) == (0, [digest], [])


@pytest.mark.parametrize("force", ["", "force"])
@pytest.mark.parametrize(("number", "expected_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_interrupted_at_any_step_leaves_a_whole_result_or_none(
    project, expected, number, expected_code, force
):
    digest, _ = expected

    for code, digests, left, again, mended, still in struck(project, number, force):
        assert code == expected_code
        assert digests in ([], [digest])
        assert [name for name in left if "/" in name] == []
        assert (again, mended, still) == (0, [digest], [])


def test_a_run_that_had_not_yet_its_name_is_not_listed(project):
    done = run_and_store(prepare(project / "valid.yaml"), project / "outputs")
    done.run.folder.rename(project / "outputs" / ".partial-1-0123abcd")

    assert list(store.runs(project / "outputs")) == []


# The moments before the verb has begun to work, found by the modules that are imported
EARLY = """
import os, sys
from sim.cli import main
module, number, *rest = sys.argv[1:]
done = []
def watch(event, given):
    if event == "import" and given[0] == module and not done:
        done.append(module)
        os.kill(os.getpid(), int(number))
sys.addaudithook(watch)
sys.argv = ["sim", *rest]
main()
"""


STARTING = [
    (signal.SIGINT, 130, "typer"),
    (signal.SIGINT, 130, "sim.cli.app"),
    (signal.SIGINT, 130, "sim.pipeline"),
    (signal.SIGINT, 130, "h5netcdf"),
    (signal.SIGTERM, 143, "typer"),
    (signal.SIGTERM, 143, "numpy"),
]


@pytest.mark.parametrize(("number", "expected_code", "module"), STARTING)
def test_a_run_that_is_interrupted_while_it_starts_says_so_without_a_traceback(project, number, expected_code, module):
    process = start(project, module, str(int(number)), *RUN, program=("-c", EARLY))

    code, out, _ = finish(process)

    assert (code, out) == (expected_code, "")
    assert not (project / "outputs").exists() or list((project / "outputs").iterdir()) == []


# Side by side


@pytest.mark.parametrize("processes", [2, 4])
def test_runs_of_one_scenario_at_once_give_one_result(project, expected, processes):
    running = [start(project, *RUN) for _ in range(processes)]

    answers = [finish(process) for process in running]

    assert [(code, err) for code, _, err in answers] == [(0, "")] * processes
    statuses = sorted(json.loads(out)["status"] for _, out, _ in answers)
    assert statuses == [*["already there"] * (processes - 1), "done"]
    assert (stored(project), half_written(project)) == (expected[0], [])


def test_runs_written_anew_at_once_give_one_result(project, expected):
    running = [start(project, *RUN, "--force") for _ in range(2)]

    answers = [finish(process) for process in running]

    assert [(code, err) for code, _, err in answers] == [(0, "")] * 2
    assert (stored(project), half_written(project)) == (expected[0], [])


def test_runs_of_different_scenarios_at_once_do_not_clear_each_other(project):
    running = [start(project, *RUN, "--set", f"title=Number {number}") for number in range(2)]

    answers = [finish(process) for process in running]

    assert [code for code, _, _ in answers] == [0] * 2
    assert len(list(store.runs(project / "outputs"))) == 2
    assert half_written(project) == []


# Short of room, or without rights


@contextlib.contextmanager
def mounted(folder, options):
    """A small file system of its own at a folder; skips where that is not allowed."""
    folder.mkdir()
    command = shutil.which("mount")
    if os.geteuid() != 0 or command is None or sys.platform != "linux":
        pytest.skip("only the administrator of a Linux system can mount a small file system")
    done = subprocess.run([command, "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


FULL = """
import shutil
shutil.disk_usage = lambda path: type("Usage", (), {"free": 10**12})
from sim.cli import main
main()
"""


def test_a_disk_with_too_little_room_is_told_before_writing(project):
    with mounted(project / "outputs", "size=16k") as out:
        code, printed, err = sim(project, *RUN)

        assert (code, printed) == (74, "")
        assert err.count("\n") == 1
        assert "bytes" in err
        assert "outputs/valid-" in err
        assert list(out.iterdir()) == []


def test_a_disk_that_fills_while_written_is_told_and_nothing_is_left(project):
    with mounted(project / "outputs", "size=16k") as out:
        code, printed, err = finish(start(project, *RUN, program=("-c", FULL)))

        assert (code, printed) == (74, "")
        assert err.startswith("cannot write outputs/")
        assert err.endswith("No space left on device\n")
        assert err.count("\n") == 1
        assert list(out.iterdir()) == []


def test_a_disk_that_fills_leaves_the_earlier_result(project, expected):
    with mounted(project / "outputs", "size=200k") as out:
        assert sim(project, *RUN)[0] == 0
        room = shutil.disk_usage(out).free
        (out / "other").write_bytes(bytes(max(room - 8192, 0)))

        code, _, err = finish(start(project, *RUN, "--force", program=("-c", FULL)))

        assert (code, err.count("\n")) == (74, 1)
        assert (stored(project), half_written(project)) == (expected[0], [])


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(project):
    with mounted(project / "outputs", "ro"):
        code, printed, err = sim(project, *RUN)

    assert (code, printed) == (74, "")
    assert err == "cannot write in outputs: Read-only file system\n"


def test_a_folder_of_somebody_else_is_told_in_one_sentence(project):
    if os.geteuid() == 0:
        pytest.skip("the administrator may write in any folder")
    (project / "outputs").mkdir(mode=0o555)

    code, printed, err = sim(project, *RUN)

    assert (code, printed) == (74, "")
    assert err == "cannot write in outputs: Permission denied\n"


# Traces


@pytest.mark.parametrize("deleted", ["*", "*/projection.nc", "*/manifest.json"])
def test_anything_may_be_deleted_between_runs(project, deleted):
    first = run_and_store(prepare(project / "valid.yaml"), project / "outputs")
    for path in (project / "outputs").glob(deleted):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert stored(project) is None

    again = run_and_store(prepare(project / "valid.yaml"), project / "outputs")

    assert not again.already_there
    assert (stored(project), half_written(project)) == (first.run.manifest["sha256"], [])


def snapshot(folder):
    """Every file and folder below a folder, with content and time of its last change.

    The time of a folder changes with what is made in it, so that files which come and go are seen. Only matplotlib's
    list of fonts is passed over, which it keeps for all programs of a user.
    """
    return {
        str(path.relative_to(folder)): (path.is_dir() or path.read_bytes(), path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if "out" not in path.relative_to(folder).parts and not {"matplotlib", ".cache", ".config"} & set(path.parts)
    }


def test_nothing_is_written_outside_the_folder_of_results(project):
    (project / "out").mkdir()
    (project.parent / "home" / ".cache").mkdir()
    (project.parent / "home" / ".config").mkdir()
    before = snapshot(project.parent)

    for arguments in (["run", "valid.yaml", "--json"], ["export", "valid"]):
        assert sim(project, *arguments, "--out", "out")[0] == 0

    assert snapshot(project.parent) == before
