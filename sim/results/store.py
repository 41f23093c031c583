"""Results on disk: complete or absent.

A run is a folder with ``projection.nc`` and, written last, ``manifest.json``. The Dataset is serialised in memory; the
folder is filled under another name and comes into being by one rename.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from sim.errors import DataError, ProjectionError
from sim.results.files import write_folder

DATASET = "projection.nc"
MANIFEST = "manifest.json"


class Run(NamedTuple):
    """A finished run on disk."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def dataset(self) -> Path:
        """Path of the Dataset."""
        return self.folder / DATASET


def folder_name(name: str, scenario_sha256: str, inputs: dict[str, str]) -> str:
    """Name of the folder of a run: the scenario's, and twelve digits that stand for all that goes in.

    Parameters
    ----------
    name : str
        Name of the scenario.
    scenario_sha256 : str
        Hash of all it says.
    inputs : dict
        Hashes of its tables and datasets.

    Returns
    -------
    str
        The same name for the same scenario, inputs and version of the program.
    """
    parts = [scenario_sha256, json.dumps(inputs, sort_keys=True), program_hash()]
    return f"{name}-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:12]}"


@cache
def program_hash() -> str:
    """Sha256 of what computes a result: the program itself and the version of NumPy.

    Returns
    -------
    str
        Hexadecimal digits; another program gives others even where its version was not raised.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(importlib.metadata.version("numpy").encode())
    for file in sorted(package.rglob("*.py")):
        if file.relative_to(package).parts[0] not in {"cli", "report", "plots", "analysis"}:
            digest.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def save(dataset: xr.Dataset, folder: Path) -> Run:
    """Store a projection as a run; one that is there is replaced as a whole.

    Parameters
    ----------
    dataset : Dataset
        A projection whose books balance.
    folder : Path
        Folder of the run.

    Returns
    -------
    Run
        Complete on disk.

    Raises
    ------
    StoreError
        If it cannot be written; nothing is left behind.
    """
    data = serialise(dataset)
    manifest = {
        "name": dataset.attrs["name"],
        "title": dataset.attrs["title"],
        "changes": dataset.attrs["changes"],
        "dataset": DATASET,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "scenario_sha256": dataset.attrs["scenario_sha256"],
        "versions": json.loads(dataset.attrs["versions"]),
    }
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_folder(folder, {DATASET: data, MANIFEST: text.encode()})
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
        run = find(folder) if folder.is_dir() and not folder.name.startswith(".") else None
        if run is not None:
            yield run


def open_run(folder: Path) -> tuple[Run, xr.Dataset]:
    """Load the Dataset of a finished run and verify that it is the one that was stored.

    Parameters
    ----------
    folder : Path
        Folder of the run.

    Returns
    -------
    run : Run
        The run.
    dataset : Dataset
        In memory.

    Raises
    ------
    DataError
        If there is no finished run.
    ProjectionError
        If its Dataset was changed since it was stored.
    """
    run = find(folder)
    if run is None:
        message = f"{folder} holds no finished run: there is no {MANIFEST} with its {DATASET}"
        raise DataError(message)
    try:
        data = run.dataset.read_bytes()
    except OSError as error:
        message = f"cannot read {run.dataset}: {error.strerror or error}"
        raise DataError(message) from None
    if hashlib.sha256(data).hexdigest() != run.manifest["sha256"]:
        message = f"{run.dataset} is not what was stored; run the scenario again with --force"
        raise ProjectionError(message)
    with xr.open_dataset(data, engine="h5netcdf") as dataset:
        return run, dataset.load()
