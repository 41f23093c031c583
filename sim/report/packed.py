"""Many numbers in few bytes, which a browser can read again: predicted, rounded, and compressed."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_BYTES = 10
"""Of a number of 64 bits, seven bits a byte."""
_LARGEST = 2.0**52
"""Up to which whole numbers of a browser are exact, less one bit for the sign."""


class Numbers:
    """Arrays one after the other; each is known by what `add` returns."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, values: NDArray[np.float64], decimals: int, shift: int = 0) -> dict[str, Any]:
        """Keep an array, rounded.

        Parameters
        ----------
        values : (T,) or (T, S, A) array
            By year, or by year, sex and age; NaN, or infinite, where there is no value.
        decimals : int
            To which values are rounded.
        shift : int
            By how many ages people move up between two years: what is kept is the difference from the same people a
            year before, which is small.

        Returns
        -------
        dict
            Where the array begins, and how to read it.
        """
        shape = values.shape if values.ndim > 1 else (*values.shape, 1, 1)
        known = np.isfinite(values)
        gaps = np.flatnonzero(~known)
        scaled = np.rint(np.where(known, values, 0.0).reshape(shape) * 10.0**decimals)
        if scaled.size and np.abs(scaled).max() > _LARGEST:
            message = f"{np.abs(scaled).max() / 10.0**decimals:g} cannot be kept with {decimals} decimals in a page"
            raise DataError(message)
        data = _variable_length(_unpredicted(scaled.astype(np.int64), shift))
        entry = {"at": self._length, "shape": list(shape), "decimals": decimals, "shift": shift}
        self._parts.append(data)
        self._length += len(data)
        return entry | ({"missing": gaps.tolist()} if len(gaps) else {})

    def bytes(self) -> bytes:
        """Return all arrays."""
        return b"".join(self._parts)


def _unpredicted(values: NDArray[np.int64], shift: int) -> NDArray[np.int64]:
    """Return what is left of an array, (T, S, A), after what a reader can predict: the people of the year before."""
    rest = values.copy()
    rest[0, :, 1:] -= values[0, :, :-1]
    rest[1:, :, shift:] -= values[:-1, :, : values.shape[2] - shift]
    rest[1:, :, :shift] -= values[:-1, :, :shift]
    return rest


def _variable_length(values: NDArray[np.int64]) -> bytes:
    """Write whole numbers with as few bytes as each needs (LEB128 of zigzag numbers)."""
    flat = values.ravel()
    unsigned = ((flat << 1) ^ (flat >> 63)).astype(np.uint64)
    shifts = np.arange(_MOST_BYTES, dtype=np.uint64) * np.uint64(7)
    groups = unsigned[:, None] >> shifts
    used = groups > 0
    used[:, 0] = True
    goes_on = np.zeros_like(used)
    goes_on[:, :-1] = used[:, 1:]
    data = ((groups & np.uint64(0x7F)) | np.where(goes_on, np.uint64(0x80), np.uint64(0))).astype(np.uint8)
    return data[used].tobytes()


def compressed(data: bytes) -> str:
    """Compress bytes into text that may stand in a page.

    Parameters
    ----------
    data : bytes
        Anything.

    Returns
    -------
    str
        Base64 of gzip, without a date: the same for the same bytes.
    """
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")
