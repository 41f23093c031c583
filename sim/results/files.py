"""Files and folders that are complete or absent, whatever happens while they are written."""

import contextlib
import os
import re
import secrets
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from sim.errors import StoreError

PARTIAL = ".partial-"
PARTIAL_NAME = r"\.partial-(\d{1,9})-[0-9a-f]{8}"
SPARE_ROOM = 1.5
"""Free space asked for, in multiples of what is to be written."""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is complete or absent.

    Parameters
    ----------
    path : Path
        File in an existing folder.
    data : bytes
        Its whole content.

    Raises
    ------
    StoreError
        If it cannot be written; an earlier file of that name stays as it was.
    """
    partial = path.parent / _partial_name()
    with _or_store_error(path, len(data)), _removed_on_failure(partial):
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write a folder of files that is complete or absent; one of that name is replaced as a whole.

    Parameters
    ----------
    folder : Path
        Its name; the folder above is made where it is missing.
    files : dict
        Contents by file name, written in this order.

    Raises
    ------
    StoreError
        If there is too little room or a file cannot be written; an earlier folder of that name stays as it was.
    """
    make_folder(folder.parent)
    size = sum(len(data) for data in files.values())
    partial, old = folder.parent / _partial_name(), folder.parent / _partial_name()
    with _or_store_error(folder, size), _removed_on_failure(partial):
        room = shutil.disk_usage(folder.parent).free
        if room < SPARE_ROOM * size:
            message = (
                f"cannot write {folder}: {size:,} bytes need {SPARE_ROOM:g} times as much free, there are {room:,}"
            )
            raise StoreError(message)
        partial.mkdir()
        for name, data in files.items():
            write_whole(partial / name, data)
        with uninterrupted():
            if folder.exists():
                folder.rename(old)
            try:
                partial.rename(folder)
            except OSError:
                if old.exists():
                    old.rename(folder)
                raise
            _sync_folder(folder.parent)
            shutil.rmtree(old, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, where they are missing.

    Parameters
    ----------
    folder : Path
        To be there afterwards.

    Raises
    ------
    StoreError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make the folder {folder}: {error.strerror or error}"
        raise StoreError(message) from None


def clear_leftovers(folder: Path) -> None:
    """Remove what processes that are gone left half-written in a folder or those directly below it.

    Parameters
    ----------
    folder : Path
        Folder of results.
    """
    for partial in [*folder.glob(f"{PARTIAL}*"), *folder.glob(f"*/{PARTIAL}*"), *folder.glob(f"*/*/{PARTIAL}*")]:
        named = re.fullmatch(PARTIAL_NAME, partial.name)
        if named is None or is_running(int(named[1])):
            continue
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back signals to stop until a few last steps are done.

    Yields
    ------
    None
        While SIGINT and SIGTERM wait.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def is_running(pid: int) -> bool:
    """Tell whether a process of this machine is alive.

    Parameters
    ----------
    pid : int
        Its number.

    Returns
    -------
    bool
        True too where it belongs to somebody else.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _partial_name() -> str:
    """Name for something half-written, with the process that writes it."""
    return f"{PARTIAL}{os.getpid()}-{secrets.token_hex(4)}"


@contextlib.contextmanager
def _removed_on_failure(partial: Path) -> Iterator[None]:
    """Leave nothing half-written behind when writing fails or is interrupted."""
    try:
        yield
    except BaseException:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _or_store_error(path: Path, size: int) -> Iterator[None]:
    """Say in one sentence what could not be written."""
    try:
        yield
    except OSError as error:
        message = f"cannot write {path} ({size:,} bytes): {error.strerror or error}"
        raise StoreError(message) from None


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
