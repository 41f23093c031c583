"""Results as labelled arrays of larray, the library of the Federal Planning Bureau, and back.

A Session holds an Array for each variable, an Axis for each dimension with labels, and an Array for each other
coordinate. larray keeps metadata of Sessions and Arrays but none of Axes: what the coordinates say of themselves is a
JSON text in the metadata of the Session, under `COORDINATES`.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.export.extras import installed
from sim.errors import DataError

if TYPE_CHECKING:
    import larray
    import xarray as xr
    from numpy.typing import NDArray

    Variable = tuple[tuple[str, ...], NDArray[Any], dict[str, Any]]

COORDINATES = "coordinates"
"""Metadata of a Session that tells the coordinates, their types and their attributes."""
ROOM = 64_000
"""Bytes that HDF5 keeps for the metadata of a Session or an Array, less a little."""
BESIDE = 30
"""Bytes that each of them takes beside its name and text."""


def to_larray(result: xr.Dataset) -> larray.Session:
    """Put a result into a Session of larray; nothing of it is shared.

    Parameters
    ----------
    result : xarray.Dataset
        A result, or any other Dataset with attributes of text and numbers.

    Returns
    -------
    larray.Session
        An Array for each variable, in the same units and with the same dimensions, an Axis for each dimension that
        has labels, such as ``session.age``, and an Array for each other coordinate; `from_larray` takes it back
        exactly.

    Raises
    ------
    DataError
        Where larray is not installed, or an attribute cannot be kept.
    """
    la = installed("larray", "larray")
    if COORDINATES in result.attrs:
        message = f"the attribute '{COORDINATES}' cannot be kept: a Session tells its coordinates there"
        raise DataError(message)
    axes = {
        name: la.Axis(result[name].values.copy() if name in result.coords else size, name)
        for name, size in result.sizes.items()
    }

    def array_of(values: xr.DataArray) -> larray.Array:
        labelled = [axes[name] for name in values.dims]
        return la.Array(values.values.copy(), labelled, meta=la.Metadata(values.attrs))

    objects = [(name, array_of(values)) for name, values in result.data_vars.items()]
    for name, values in result.coords.items():
        objects.append((name, axes[name] if name in axes else array_of(values)))
    told = {str(name): _told(str(name), values) for name, values in result.coords.items()}
    return la.Session(objects, meta=la.Metadata({**result.attrs, COORDINATES: json.dumps(told, ensure_ascii=False)}))


def from_larray(session: larray.Session) -> xr.Dataset:
    """Take a Dataset out of a Session of larray; nothing of it is shared.

    Parameters
    ----------
    session : larray.Session
        Of Arrays and Axes, from `to_larray` or made elsewhere: an axis with labels becomes a coordinate, metadata
        become attributes.

    Returns
    -------
    xarray.Dataset
        With an equal Session from `to_larray`.

    Raises
    ------
    DataError
        Where larray is not installed, an axis has no name, two axes of one name differ, or the Session holds what no
        Dataset can.
    """
    import xarray as xr

    la = installed("larray", "larray")
    attributes = dict(session.meta)
    told = _parsed(attributes.pop(COORDINATES, "{}"))
    variables: dict[str, Variable] = {}
    axes: dict[str, tuple[str, larray.Axis]] = {}
    for name, found in session.items():
        if isinstance(found, la.Array):
            variables[name] = (tuple(found.axes.names), found.data.copy(), dict(found.meta))
        elif not isinstance(found, la.Axis) or found.name != name:
            message = (
                f"'{name}' is of type {type(found).__name__}; a Dataset holds arrays, and axes under their own names"
            )
            raise DataError(message)
        for axis in [found] if isinstance(found, la.Axis) else found.axes:
            _check_axis(name, axis, axes)
    coordinates: dict[str, Variable] = {
        name: ((name,), axis.labels.copy(), {}) for name, (_, axis) in axes.items() if not axis.iswildcard
    }
    coordinates |= {name: variables.pop(name) for name in told if name in variables}
    for name in coordinates.keys() & told.keys():
        dimensions, values, _ = coordinates[name]
        coordinates[name] = (dimensions, _as_told(values, told[name]["dtype"]), told[name]["attributes"])
    ordered = [*(name for name in told if name in coordinates), *(name for name in coordinates if name not in told)]
    return xr.Dataset(variables, coords={name: coordinates[name] for name in ordered}, attrs=attributes)


def larray_file(result: xr.Dataset) -> bytes:
    """Write a result as the HDF5 file that ``larray.Session(file)`` opens.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    bytes
        Content of a file, as larray itself writes it; its name should end in ``.h5``.

    Raises
    ------
    DataError
        Where larray or PyTables is not installed, or an attribute cannot be kept.
    """
    installed("tables", "larray")
    session = to_larray(result)
    _check_room(session)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # larray leaves to pandas and PyTables what these will change
        session.save(Path(folder) / "result.h5")
        return (Path(folder) / "result.h5").read_bytes()


def _told(name: str, values: xr.DataArray) -> dict[str, Any]:
    """Type and attributes of a coordinate."""
    for key, value in values.attrs.items():
        if not isinstance(value, str | int | float):
            message = f"the attribute '{key}' of '{name}' cannot be kept: it is neither text nor a number"
            raise DataError(message)
    return {"dtype": values.dtype.str, "attributes": values.attrs}


def _parsed(text: object) -> dict[str, Any]:
    """What the metadata of a Session tell of its coordinates."""
    try:
        content = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        message = f"the metadata '{COORDINATES}' are not those that to_larray writes; rename or remove them"
        raise DataError(message)
    return content


def _as_told(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Labels in the type that they had, as long as it can hold them."""
    cast = values.astype(dtype)
    return cast if np.array_equal(cast.astype(values.dtype), values) else values


def _check_axis(name: str, axis: larray.Axis, known: dict[str, tuple[str, larray.Axis]]) -> None:
    """Add an axis of an array to those known; refuse one without a name or unlike another of its name."""
    if not isinstance(axis.name, str):
        message = f"an axis of '{name}' has no name; give it one with set_axes or rename"
        raise DataError(message)
    first, other = known.setdefault(axis.name, (name, axis))
    if not axis.equals(other):
        message = f"the axis '{axis.name}' of '{name}' has other labels than that of '{first}'"
        raise DataError(message)


def _check_room(session: larray.Session) -> None:
    """Refuse metadata that HDF5 cannot keep."""
    for name, described in [("the result", session), *session.items()]:
        taken = sum(len(f"{key}{value}".encode()) + BESIDE for key, value in getattr(described, "meta", {}).items())
        if taken > ROOM:
            message = f"the attributes of {name} take {taken:,} bytes; a file of larray keeps at most {ROOM:,}"
            raise DataError(message)
