"""A second process beside this one, for what takes long and can be divided."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")


@contextmanager
def another_process(*, wanted: bool) -> Iterator[ProcessPoolExecutor | None]:
    """Let another process begin, which takes a while, and go on here.

    Parameters
    ----------
    wanted : bool
        Whether there is enough to do for two.

    Yields
    ------
    ProcessPoolExecutor or None
        One process that has imported what draws figures; None where it is not wanted.
    """
    if not wanted:
        yield None
        return
    pool = ProcessPoolExecutor(1, get_context("spawn"), _ready)
    try:
        pool.submit(_begin)
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def divided(
    work: Callable[[Task], Done],
    tasks: Sequence[Task],
    pool: ProcessPoolExecutor | None,
    tell: Callable[[Task], object],
) -> list[Done]:
    """Do the first half of some tasks here, and the others in another process.

    Parameters
    ----------
    work : function
        What is done with each task; can be pickled.
    tasks : sequence
        In an order of which both halves take about as long.
    pool : ProcessPoolExecutor or None
        As `another_process` yields it.
    tell : function
        Called with each task that begins here.

    Returns
    -------
    list
        What is found, in the order of the tasks.
    """
    half = len(tasks) if pool is None else (len(tasks) + 1) // 2
    futures = [] if pool is None else [pool.submit(work, task) for task in tasks[half:]]
    found = []
    for task in tasks[:half]:
        tell(task)
        found.append(work(task))
    for task, future in zip(tasks[half:], futures, strict=True):
        try:
            found.append(future.result())
        except BrokenProcessPool:
            tell(task)
            found.append(work(task))
    return found


def _ready() -> None:
    """Leave interruptions to the first process, and import what draws."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import sim.plots
    import sim.results.store  # noqa: F401


def _begin() -> None:
    """Do nothing: a process begins with its first task."""
