"""Two processes share what can be divided, and nothing is lost where one of them ends."""

import os
import time

import pytest

from sim.cli.beside import another_process, divided


def done(task):
    """The task and the process that did it."""
    return task, os.getpid()


def ends(task):
    """End the process, unless it is the first; the task is a number and the first process."""
    if os.getpid() != task[1]:
        os._exit(1)
    return task


@pytest.fixture(scope="module")
def pool():
    with another_process(wanted=True) as found:
        found.submit(time.sleep, 0).result()
        yield found


def test_alone_everything_is_done_here_in_order():
    told = []

    assert divided(done, "abc", None, told.append) == [(task, os.getpid()) for task in "abc"]
    assert told == list("abc")


def test_both_processes_do_their_share_and_the_order_stays(pool):
    told = []

    found = divided(done, range(30), pool, told.append)

    assert [task for task, _ in found] == list(range(30))
    assert [task for task, process in found if process == os.getpid()] == told == list(range(15))


def test_what_another_process_cannot_end_is_done_here():
    with another_process(wanted=True) as pool:
        pool.submit(time.sleep, 0).result()
        tasks = [(place, os.getpid()) for place in range(5)]
        told = []

        assert divided(ends, tasks, pool, told.append) == told == tasks


def test_no_process_begins_where_none_is_wanted():
    with another_process(wanted=False) as pool:
        assert pool is None
