"""Results on disk: complete or absent.

A run is a folder with ``projection.nc`` and ``manifest.json``. The Dataset is serialised in memory and every file
comes into being under its name by one rename; the manifest, written last, makes the run exist.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from sim.errors import StoreError

DATASET = "projection.nc"
MANIFEST = "manifest.json"
FIGURES = "figures"
PARTIAL = ".partial-"


class Run(NamedTuple):
    """A finished run on disk."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def dataset(self) -> Path:
        """Path of the Dataset."""
        return self.folder / DATASET


def identity(dataset: xr.Dataset) -> str:
    """Twelve hexadecimal digits that stand for a scenario, its inputs and the program.

    Parameters
    ----------
    dataset : Dataset
        A projection.

    Returns
    -------
    str
        The same digits for the same content.
    """
    parts = [dataset.attrs["scenario_sha256"], dataset.attrs["inputs"], importlib.metadata.version("saldo")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def save(dataset: xr.Dataset, out: Path) -> Run:
    """Store a projection below a folder of results.

    Parameters
    ----------
    dataset : Dataset
        A projection whose books balance.
    out : Path
        Folder of results; made where it is missing.

    Returns
    -------
    Run
        Complete on disk.

    Raises
    ------
    StoreError
        If it cannot be written; nothing is left behind.
    """
    folder = out / f"{dataset.attrs['name']}-{identity(dataset)}"
    data = serialise(dataset)
    manifest = {
        "name": dataset.attrs["name"],
        "title": dataset.attrs["title"],
        "dataset": DATASET,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "scenario_sha256": dataset.attrs["scenario_sha256"],
        "versions": json.loads(dataset.attrs["versions"]),
    }
    make_folder(folder)
    write_whole(folder / DATASET, data)
    write_whole(folder / MANIFEST, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
    return Run(folder, manifest)


def serialise(dataset: xr.Dataset) -> bytes:
    """Netcdf-4 bytes of a Dataset, the same for the same content.

    Parameters
    ----------
    dataset : Dataset
        A projection.

    Returns
    -------
    bytes
        A complete file.
    """
    encoding = {name: {"_FillValue": None} for name in dataset.variables if dataset[name].dtype.kind == "f"}
    return bytes(dataset.to_netcdf(engine="h5netcdf", encoding=encoding))


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
        message = f"cannot make the folder {folder}: {error.strerror}"
        raise StoreError(message) from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is complete or absent, whatever happens in between.

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
    partial = path.parent / f"{PARTIAL}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        message = f"cannot write {path} ({len(data):,} bytes): {error.strerror or error}"
        raise StoreError(message) from None
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def find(folder: Path) -> Run | None:
    """Return the finished run in a folder.

    Parameters
    ----------
    folder : Path
        A folder.

    Returns
    -------
    Run or None
        None where there is no valid manifest.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    complete = isinstance(manifest, dict) and {"name", "sha256", "bytes"} <= manifest.keys()
    return Run(folder, manifest) if complete and (folder / DATASET).is_file() else None


def runs(out: Path) -> Iterator[Run]:
    """All finished runs below a folder of results, by name.

    Parameters
    ----------
    out : Path
        Folder of results.

    Yields
    ------
    Run
        Finished runs only.
    """
    if not out.is_dir():
        return
    for folder in sorted(out.iterdir()):
        run = find(folder) if folder.is_dir() else None
        if run is not None:
            yield run


def open_run(folder: Path) -> xr.Dataset:
    """Load the Dataset of a finished run and verify that it is the one that was stored.

    Parameters
    ----------
    folder : Path
        Folder of the run.

    Returns
    -------
    Dataset
        In memory.

    Raises
    ------
    StoreError
        If there is no finished run, or its Dataset was changed since.
    """
    run = find(folder)
    if run is None:
        message = f"{folder} holds no finished run: there is no {MANIFEST} with its {DATASET}"
        raise StoreError(message)
    data = run.dataset.read_bytes()
    if hashlib.sha256(data).hexdigest() != run.manifest["sha256"]:
        message = f"{run.dataset} is not what was stored (its sha256 differs from the manifest's): run it again"
        raise StoreError(message)
    with xr.open_dataset(data, engine="h5netcdf") as dataset:
        return dataset.load()


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
