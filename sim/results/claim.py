"""One process at a time works on a run."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from sim.errors import StoreError
from sim.results.files import make_folder, uninterrupted

LOCK = ".lock-"


@contextlib.contextmanager
def claim(folder: Path, tell: Callable[[str], object]) -> Iterator[None]:
    """Hold a run for this process; wait while another one holds it.

    Parameters
    ----------
    folder : Path
        Folder of the run, there or not yet.
    tell : function
        Called where there is something to wait for.

    Yields
    ------
    None
        While the run is held. The system releases the claim of a process that dies.

    Raises
    ------
    StoreError
        If no claim can be laid in the folder of results.
    """
    make_folder(folder.parent)
    lock = folder.parent / f"{LOCK}{folder.name}"
    handle = _held(lock, tell)
    try:
        yield
    finally:
        with uninterrupted():
            lock.unlink(missing_ok=True)
            os.close(handle)


def _held(lock: Path, tell: Callable[[str], object]) -> int:
    """Open handle of a lock file that is ours, and still the one under its name."""
    while True:
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            message = f"cannot write in {lock.parent}: {error.strerror or error}"
            raise StoreError(message) from None
        try:
            _wait(handle, tell)
            with contextlib.suppress(FileNotFoundError):
                if os.fstat(handle).st_ino == lock.stat().st_ino:
                    return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _wait(handle: int, tell: Callable[[str], object]) -> None:
    """Lock a file, and say so first where another process has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell("waiting for another process that runs the same scenario")
        fcntl.flock(handle, fcntl.LOCK_EX)
