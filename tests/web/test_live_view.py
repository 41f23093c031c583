"""The page that follows scenario files while they are edited."""

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect
from reading import MILLISECONDS, drawn, number_in
from small import CONTENT, TABLES

import sim
from sim.report.live import Followed, state
from sim.report.server import Board, serving


@pytest.fixture
def folder(tmp_path):
    """A scenario `high` based on `small`, with its tables."""
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "small.yaml").write_text(json.dumps(CONTENT, indent=1))
    (tmp_path / "high.yaml").write_text("name: high\nbased_on: small\nfertility:\n  sex_ratio_at_birth: 1.1\n")
    return tmp_path


@pytest.fixture
def viewed(folder, watched):
    """Open the live page of `small` and `high`, in English."""
    with called(folder / "small.yaml", folder / "high.yaml", "--port", "0", "--quiet") as view:
        watched.address = view.stdout.readline().split()[0]
        watched.goto(watched.address)
        drawn(watched)
        yield watched
        watched.goto("about:blank")
        view.send_signal(signal.SIGINT)
        assert view.wait(20) == 0


def called(*arguments):
    """Start the command."""
    command = [sys.executable, "-u", "-m", "sim", "view", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def edit(path, old, new):
    """Save a file with one text replaced, as an editor does: beside it, then in its place."""
    text = path.read_text()
    assert old in text
    beside = path.with_suffix(".new")
    beside.write_text(text.replace(old, new))
    beside.replace(path)


def shown(page, place=0):
    """Population of a scenario in the table below the pyramids."""
    return page.locator("#totals tbody tr").nth(place).locator("td").nth(2)


def test_the_page_follows_a_saved_edit_and_keeps_the_choices_of_the_reader(viewed, folder):
    viewed.get_by_role("button", name="Nederlands").click()
    viewed.get_by_role("button", name="English").click()
    viewed.locator("#year").focus()
    viewed.keyboard.press("Home")
    viewed.keyboard.press("ArrowRight")
    viewed.wait_for_timeout(200)
    before = [shown(viewed, place).text_content() for place in (0, 1)]

    edit(folder / "small.yaml", "2015", "2016")
    edit(folder / "survival.csv", "0.98", "0.9")

    expect(shown(viewed)).not_to_have_text(before[0], timeout=MILLISECONDS)
    expect(shown(viewed, 1)).not_to_have_text(before[1], timeout=MILLISECONDS)
    drawn(viewed)
    result = sim.run(folder / "small.yaml")
    assert number_in(shown(viewed).text_content()) == round(float(result["population"].sel(year=2013).sum()))
    expect(viewed.locator("#year-shown")).to_have_text("2013")
    assert {request.removeprefix(viewed.address) for request in viewed.requests} == {"", "events", "state"}


def test_a_fault_is_shown_with_its_line_while_the_last_good_result_stays(viewed, folder):
    before = shown(viewed, 1).text_content()
    edit(folder / "high.yaml", "1.1", "lots")

    fault = viewed.locator("#faults .fault")
    expect(fault).to_contain_text("high.yaml:4:23: fertility.sex_ratio_at_birth", timeout=MILLISECONDS)
    expect(viewed.locator("#faults")).to_contain_text("Shown is the last result without faults.")
    assert shown(viewed, 1).text_content() == before

    edit(folder / "high.yaml", "lots", "1.3")
    expect(fault).to_have_count(0, timeout=MILLISECONDS)
    expect(viewed.locator("#faults")).to_be_empty()


def test_a_fault_with_markup_is_text(viewed, folder):
    edit(folder / "high.yaml", "1.1", '"<img src=x onerror=alert(1)>"')

    expect(viewed.locator("#faults .fault")).to_contain_text("<img", timeout=MILLISECONDS)
    assert viewed.locator("#faults img").count() == 0


def test_a_scenario_is_run_again_when_what_it_is_made_of_is_saved(folder):
    followed = Followed(folder / "high.yaml")
    assert followed.changed()
    followed.run()
    assert followed.faults == []
    assert not followed.changed()

    for name in ("high.yaml", "small.yaml", "people.csv"):
        edit(folder / name, "1", "1")
        (folder / name).touch()
        assert followed.changed(), name
        followed.run()
        assert not followed.changed()
    (folder / "other.yaml").write_text("name: other")
    (folder / "uniform.csv").touch()
    assert not followed.changed()


def test_a_file_that_was_wrong_from_the_start_is_followed_until_it_is_right(folder):
    (folder / "high.yaml").write_text("name: high\nbased_on: smal\n")
    followed = Followed(folder / "high.yaml")
    assert followed.changed()
    followed.run()
    assert json.loads(state([followed]))["data"] == ""
    assert json.loads(state([followed]))["faults"][0].startswith(f"{folder / 'high.yaml'}:2:11: based_on")

    (folder / "smal.yaml").write_text((folder / "small.yaml").read_text().replace('"small"', '"smal"'))
    assert followed.changed()
    followed.run()
    assert followed.faults == []
    assert json.loads(state([followed]))["data"]


def test_a_table_that_comes_later_is_found_after_a_good_run_too(folder):
    followed = Followed(folder / "small.yaml")
    followed.changed()
    followed.run()
    people = (folder / "people.csv").read_text()
    (folder / "people.csv").unlink()
    edit(folder / "small.yaml", "people.csv", "newcomers.csv")
    assert followed.changed()
    followed.run()
    assert followed.faults
    assert not followed.changed()

    (folder / "newcomers.csv").write_text(people)

    assert followed.changed()
    followed.run()
    assert followed.faults == []


def test_what_cannot_be_projected_is_told_too(folder):
    followed = Followed(folder / "small.yaml")
    edit(folder / "net.csv", ",0\n", ",-5000\n")
    followed.run()

    assert len(followed.faults) == 1
    assert followed.faults[0].startswith(f"{folder / 'small.yaml'}: ")


def test_two_files_of_one_name_cannot_be_compared_and_the_page_says_so(folder):
    one, two = Followed(folder / "small.yaml"), Followed(folder / "small.yaml")
    for followed in (one, two):
        followed.run()

    assert "two results share the name small" in json.loads(state([one, two]))["faults"][0]


@pytest.fixture
def served():
    """Address of a served page, and its board."""
    board = Board()
    with serving("<p>page</p>", board, 0) as address:
        yield address, board


def answered(address, path="", host=None):
    """Status and text of an answer."""
    request = urllib.request.Request(address + path, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_only_this_computer_is_answered(served):
    address, board = served
    board.publish(b'{"secret": 1}')

    assert answered(address) == (200, "<p>page</p>")
    assert answered(address, "state") == (200, '{"secret": 1}')
    assert answered(address, "../etc/passwd")[0] == 404
    status, text = answered(address, "state", host="evil.example")
    assert status == 403
    assert "secret" not in text
    port = int(address.rstrip("/").rpartition(":")[2])
    with socket.socket() as other:
        other.settimeout(5)
        assert other.connect_ex(("127.0.0.2", port)) != 0


def test_every_turn_is_told_to_pages_that_wait(served):
    address, board = served
    with urllib.request.urlopen(address + "events", timeout=10) as events:
        for turn in (1, 2, 3):
            board.publish(b"{}")
            assert events.readline() == f"data: {turn}\n".encode()
            assert events.readline() == b"\n"


def test_ctrl_c_ends_a_live_view_cleanly(folder):
    with called(folder / "small.yaml", "--port", "0") as view:
        address = view.stdout.readline().split()[0]
        assert view.stdout.readline() == f"{folder / 'small.yaml'}: run\n"
        with urllib.request.urlopen(address + "events", timeout=10):
            view.send_signal(signal.SIGINT)
            out, err = view.communicate(timeout=20)
    assert (out, err, view.returncode) == ("the live view has ended\n", "", 0)


def test_a_port_in_use_is_told_in_a_sentence(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with called(folder / "small.yaml", "--port", port) as view:
            out, err = view.communicate(timeout=20)
    assert out == ""
    assert err == (
        f"port {port} of this computer is in use by another program; "
        "choose another with --port, 0 for any that is free\n"
    )
    assert view.returncode == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.yaml"], "there is no file none.yaml; a live view is of scenario files"),
        (["small.yaml", "--port", "99999999"], "port 99999999 of this computer cannot be used; choose another"),
        (["small.yaml", "--language", "de"], "'de' is no language of pages; there are: en, nl, fr"),
    ],
)
def test_what_cannot_be_viewed_is_refused(folder, monkeypatch, capsys, arguments, said):
    from sim import cli

    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["sim", "view", *arguments])

    assert cli._call() in (2, 3)
    assert said in capsys.readouterr().err
