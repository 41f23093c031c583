"""Results as labelled arrays of larray, the library of the Federal Planning Bureau, and back.

A Session holds an Array for each variable, an Axis for each dimension with labels, and an Array for each other
coordinate. larray keeps metadata of Sessions and Arrays but none of Axes: what the coordinates say of themselves is a
JSON text in the metadata of the Session, under `COORDINATES`.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.export.extras import installed
from sim.analysis.export.tables import harmless
from sim.errors import DataError

if TYPE_CHECKING:
    import larray
    import xarray as xr
    from numpy.typing import NDArray

    Variable = tuple[tuple[str, ...], NDArray[Any], dict[str, Any]]

COORDINATES = "coordinates"
"""Metadata of a Session that tells the coordinates, their types and their attributes."""
VARIABLES = "variables"
"""Metadata of a folder that tells the attributes of its arrays, which larray does not write."""
METADATA_FILE = "__metadata__.csv"
"""Where larray looks for the metadata of a Session in a folder."""
TEXTS = "OU"
"""Kinds of arrays that may hold text."""


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
    for taken in result.attrs.keys() & {COORDINATES, VARIABLES}:
        message = f"the attribute '{taken}' cannot be kept: a Session tells its {taken} there"
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
    return la.Session(objects, meta=la.Metadata({**result.attrs, COORDINATES: _json(told)}))


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
    if VARIABLES in attributes:  # read from a folder, where larray takes an empty text for NaN
        attributes = {key: "" if value != value else value for key, value in attributes.items()}
    told, described = (_parsed(attributes.pop(key, "{}"), key) for key in (COORDINATES, VARIABLES))
    variables: dict[str, Variable] = {}
    axes: dict[str, tuple[str, larray.Axis]] = {}
    for name, found in session.items():
        if isinstance(found, la.Array):
            variables[name] = (tuple(found.axes.names), found.data.copy(), dict(found.meta) or described.get(name, {}))
        elif not isinstance(found, la.Axis) or found.name != name:
            message = f"'{name}' is {_in_words(found)}; a Dataset holds arrays, and axes under their own names"
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


def folder_of_arrays(result: xr.Dataset) -> dict[str, bytes]:
    """Write a result as larray's folder of CSV files, which ``larray.Session(folder)`` opens.

    Parameters
    ----------
    result : xarray.Dataset
        A result.

    Returns
    -------
    dict
        Contents by file name: a file for each array, the last dimension across, numbers in full precision, and one
        of metadata. A text that begins like a formula has an apostrophe before it, because spreadsheets open these
        files too. `from_larray` takes the Session of the folder back, but for texts that larray takes for numbers.

    Raises
    ------
    DataError
        Where larray is not installed, or an attribute cannot be kept.
    """
    la = installed("larray", "larray")
    session = to_larray(result)
    files = {}
    for name, found in session.items():
        if isinstance(found, la.Array):
            files[f"{name}.csv"] = _csv(_harmless_array(found), float_format=float.__repr__)
    described = {str(name): values.attrs for name, values in result.data_vars.items()}
    told = {**session.meta, VARIABLES: _json(described)}
    metadata = la.Metadata({key: harmless(str(value)) for key, value in told.items()})
    return {METADATA_FILE: _csv(la.asarray(metadata), wide=False, value_name=""), **files}


def _told(name: str, values: xr.DataArray) -> dict[str, Any]:
    """Type and attributes of a coordinate."""
    for key, value in values.attrs.items():
        if not isinstance(value, str | int | float):
            message = f"the attribute '{key}' of '{name}' cannot be kept: it is neither text nor a number"
            raise DataError(message)
    return {"dtype": values.dtype.str, "attributes": values.attrs}


def _json(content: dict[str, Any]) -> str:
    """JSON in its own order."""
    return json.dumps(content, ensure_ascii=False)


def _parsed(text: object, key: str) -> dict[str, Any]:
    """What the metadata of a Session tell in JSON."""
    try:
        content = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        message = f"the metadata '{key}' are not those that to_larray writes; rename or remove them"
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


def _in_words(found: object) -> str:
    """What an object of a Session is."""
    kind = type(found).__name__
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def _harmless_array(array: larray.Array) -> larray.Array:
    """Array of which no text is taken for a formula."""
    la = installed("larray", "larray")
    axes = [axis if axis.iswildcard else la.Axis(_harmless_texts(axis.labels), axis.name) for axis in array.axes]
    return la.Array(_harmless_texts(array.data), axes)


def _harmless_texts(values: NDArray[Any]) -> NDArray[Any]:
    """Texts of which none is taken for a formula; numbers as they are."""
    if values.dtype.kind not in TEXTS:
        return values
    return np.array([harmless(str(text)) for text in values.reshape(-1)]).reshape(values.shape)


def _csv(array: larray.Array, **options: Any) -> bytes:  # noqa: ANN401
    """Write an array as larray writes CSV."""
    buffer = io.StringIO()
    array.to_csv(buffer, lineterminator="\n", **options)
    return buffer.getvalue().encode()
