"""Tidy tables beside a scenario: one value per row, a column for every dimension that matters."""

import csv
import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.axes import Array
from sim.errors import DataError, Fault, ScenarioError

MOST_FAULTS = 20
LARGEST_FILE = 200_000_000

Label = int | str
Axes = Mapping[str, Sequence[Label]]


class Quantity(NamedTuple):
    """What the values of a table are, and what they may be."""

    name: str
    low: float = -math.inf
    high: float = math.inf


class TidyTable(NamedTuple):
    """A table as an array."""

    values: Array
    """One axis a dimension asked for, in that order; of length 1 where the table has no such column."""
    present: tuple[str, ...]
    """Dimensions that are columns of the table."""


class Row(NamedTuple):
    """Labels and value of a row, and the line of the file it stands on."""

    line: int
    labels: tuple[str, ...]
    value: str


def locate(folder: str | Path, name: str) -> Path:
    """Path of a table that a scenario names.

    Parameters
    ----------
    folder : str or Path
        Folder of the scenario file.
    name : str
        Path relative to it.

    Returns
    -------
    Path
        Existing file inside the folder.

    Raises
    ------
    DataError
        If the file is not there.
    ValueError
        If the path leaves the folder.
    """
    root = Path(folder).resolve()
    try:
        path = (root / name).resolve()
        there = path.is_file()
    except (OSError, RuntimeError, ValueError):
        message = f"'{name[:80]}' cannot be the name of a table"
        raise ValueError(message) from None
    if Path(name).is_absolute() or not path.is_relative_to(root):
        message = f"'{name}' lies outside the folder of the scenario"
        raise ValueError(message)
    if not there:
        message = f"there is no table '{name}' in the folder of the scenario"
        raise DataError(message)
    return path


def fingerprint(path: Path) -> str:
    """Sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_table(
    path: Path,
    axes: Axes,
    quantity: Quantity,
    *,
    partial_ages: bool = False,
    apart: tuple[str, str] | None = None,
    name: str | None = None,
) -> TidyTable:
    """Read a table into an array.

    Parameters
    ----------
    path : Path
        CSV file with a header, or netCDF file with one variable ``value``.
    axes : mapping
        Labels wanted of each dimension. The table has a column for each dimension that matters; years that are not
        wanted are passed over, other labels must be wanted.
    quantity : Quantity
        What the values are.
    partial_ages : bool
        Whether ages below the first and above the last of the table may be missing, and are zero (fertility).
    apart : (str, str), optional
        Two dimensions with the same labels, such as origin and destination, where nobody goes from a label to itself:
        such cells may be missing, and are zero.
    name : str, optional
        How messages call the file; its own name where not given.

    Returns
    -------
    TidyTable
        Values with one axis a dimension.

    Raises
    ------
    ScenarioError
        With all faults: columns, labels, values, cells that stand twice and the first cell that is missing.
    """
    name = name or path.name
    columns, rows = _columns_and_rows(path, name)
    reading = _Reading(name, columns, axes, quantity)
    values = reading.fill(rows)
    if apart is not None and set(apart) <= set(columns):
        _check_apart(values, columns, reading, apart)
    if not reading.faults:
        _check_complete(values, columns, reading, partial_ages)
    if reading.faults:
        more = len(reading.faults) - MOST_FAULTS
        faults = reading.faults[:MOST_FAULTS]
        if more > 0:
            faults.append(Fault(name, reading.faults[-1].line, 1, "", f"and {more} more before this line"))
        raise ScenarioError(faults)
    shape = [len(axes[axis]) if axis in columns else 1 for axis in axes]
    order = [columns.index(axis) for axis in axes if axis in columns]
    return TidyTable(values.transpose(order).reshape(shape), tuple(columns))


def numbers_in(path: Path, column: str, name: str) -> tuple[int, ...]:
    """Ages, or years, that stand in a table.

    Parameters
    ----------
    path : Path
        CSV or netCDF file, as `read_table` takes it.
    column : {"age", "year"}
        Which ones.
    name : str
        How messages call the file.

    Returns
    -------
    tuple of int
        All that stand in it, rising; labels that are no whole numbers are passed over.

    Raises
    ------
    ScenarioError
        If the file cannot be read, or has no such column with two numbers or more.
    """
    columns, rows = _columns_and_rows(path, name)
    if column not in columns:
        raise ScenarioError([Fault(name, 1, 1, column, f"the table has no column '{column}'")])
    place = columns.index(column)
    labels = {row.labels[place] for row in rows}
    numbers = tuple(sorted(int(label) for label in labels if label.isascii() and label.isdecimal()))
    if len(numbers) < 2:
        hint = "; write an age group as its first age: 0, 5, 10, …" if column == "age" else ""
        raise ScenarioError([Fault(name, 2, 1, column, f"has fewer than two {column}s{hint}")])
    return numbers


def _columns_and_rows(path: Path, name: str) -> tuple[list[str], Iterator[Row]]:
    """Dimension columns and rows of a file."""
    if path.stat().st_size > LARGEST_FILE:
        raise ScenarioError([Fault(name, 0, 0, "", f"is larger than {LARGEST_FILE:,} bytes")])
    return _netcdf_rows(path, name) if path.suffix == ".nc" else _csv_rows(path, name)


def _lines(reader: Any, name: str) -> Iterator[list[str]]:  # noqa: ANN401
    """Cells of the rows of a CSV file."""
    try:
        yield from reader
    except csv.Error as error:
        raise ScenarioError([Fault(name, reader.line_num, 1, "", f"cannot be read as CSV: {error}")]) from None


def _csv_rows(path: Path, name: str) -> tuple[list[str], Iterator[Row]]:
    """Dimension columns and rows of a CSV file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text; save it as CSV in UTF-8"
        if isinstance(error, OSError):
            reason = f"cannot be read: {error.strerror or error}"
        raise ScenarioError([Fault(name, 0, 0, "", reason)]) from None
    reader = csv.reader(text.splitlines())
    if not text.strip():
        raise ScenarioError([Fault(name, 0, 0, "", "is empty")])
    header = [column.strip() for column in next(_lines(reader, name), [])]
    if header.count("value") != 1 or len(set(header)) < len(header):
        message = f"the first line names each column once, one of them 'value'; it is: {','.join(header)[:80]}"
        if len(header) == 1 and ";" in header[0]:
            message = "columns are parted by semicolons; save the table with commas (and decimal points)"
        raise ScenarioError([Fault(name, 1, 1, "", message)])
    value = header.index("value")
    columns = [column for column in header if column != "value"]

    def rows() -> Iterator[Row]:
        for cells in _lines(reader, name):
            if not cells:
                continue
            if len(cells) != len(header):
                message = f"has {len(cells)} columns, the header {len(header)}; numbers take a decimal point, no commas"
                raise ScenarioError([Fault(name, reader.line_num, 1, "", message)])
            labels = tuple(cell.strip() for place, cell in enumerate(cells) if place != value)
            yield Row(reader.line_num, labels, cells[value].strip())

    return columns, rows()


def _netcdf_rows(path: Path, name: str) -> tuple[list[str], Iterator[Row]]:
    """Dimensions and cells of the variable ``value`` of a netCDF file."""
    import h5py
    import xarray

    try:
        with h5py.File(path, "r") as file:
            linked = any(file.get(key, getlink=True).__class__ is not h5py.HardLink for key in file)
            if linked or any(dataset.external or dataset.is_virtual for dataset in file.values()):
                raise ScenarioError([Fault(name, 0, 0, "", "takes values from other files, which is not allowed")])
        with xarray.open_dataset(path, engine="h5netcdf") as dataset:
            values = dataset["value"].load().astype(float)
    except (OSError, ValueError, KeyError, AttributeError):
        message = "is not a netCDF-4 file with a variable 'value'"
        raise ScenarioError([Fault(name, 0, 0, "", message)]) from None
    columns = [str(column) for column in values.dims]
    labels = [[str(label) for label in values[column].to_numpy()] for column in columns]
    cells = np.ndenumerate(values.to_numpy())
    return columns, (Row(0, tuple(labels[axis][i] for axis, i in enumerate(at)), repr(float(v))) for at, v in cells)


class _Reading:
    """One table being read, and its faults."""

    def __init__(self, file: str, columns: list[str], axes: Axes, quantity: Quantity) -> None:
        self.file, self.columns, self.axes, self.quantity = file, columns, axes, quantity
        self.faults: list[Fault] = []
        self.told: set[tuple[str, str]] = set()
        self.other_years: set[int] = set()
        for column in columns:
            if column not in axes:
                message = f"'{column}' is no column of this table; allowed are: {', '.join(axes)}, value"
                self.fault(1, column, message)
        if self.faults:
            raise ScenarioError(self.faults)
        self.places: list[dict[str, int | None]] = [
            {str(label): place for place, label in enumerate(axes[column])} for column in columns
        ]

    def fault(self, line: int, key: str, message: str) -> None:
        """Note a fault at a line."""
        self.faults.append(Fault(self.file, line, 1 if line else 0, key, message))

    def fill(self, rows: Iterator[Row]) -> Array:
        """Array of all values; not-a-number where none stands."""
        values = np.full([len(self.axes[column]) for column in self.columns], math.nan)
        for line, labels, text in rows:
            cell = tuple(places.get(label, -1) for places, label in zip(self.places, labels, strict=True))
            if -1 in cell:
                self._pass_over(line, cell, labels)
                continue
            key = "value" if line else _named(self.columns, labels)
            number = self._number(line, text, key)
            if not math.isnan(values[cell]):
                absent = [f"'{axis}'" for axis in self.axes if axis not in self.columns and len(self.axes[axis]) > 1]
                hint = f"; the table has no column {' or '.join(absent)}" if absent else ""
                self.fault(line, "", f"a second value for {_named(self.columns, labels)}{hint}")
            values[cell] = number
        return values

    def _pass_over(self, line: int, cell: tuple[int | None, ...], labels: tuple[str, ...]) -> None:
        """Remember the year of a row that nobody asked for; any other unknown label is a fault."""
        for column, place, label in zip(self.columns, cell, labels, strict=True):
            if place == -1 and (column != "year" or not label.isdecimal() or self._within_a_step("year", label)):
                self._note_unknown(line, column, label)
                return
        self.other_years.add(int(labels[self.columns.index("year")]))

    def _note_unknown(self, line: int, column: str, label: str) -> None:
        """Note a label that nobody wants: once each, once a column those within steps or above the open age."""
        wanted = self.axes[column]
        step = getattr(wanted, "step", 1)
        allowed, hint, kind = ", ".join(map(str, wanted)), "", f"'{label}'"
        if column in {"year", "age"}:
            allowed = f"{wanted[0]} to {wanted[-1]}" + (f" in steps of {step}" if step > 1 else "")
        if column == "age" and label.endswith("+") and label[:-1].isdecimal():
            hint = f"; write the open age as {label[:-1]}"
        if column in {"year", "age"} and label.isdecimal() and self._within_a_step(column, label):
            kind, wide = "within", f"a {'step' if column == 'year' else 'group'} of {step} years"
            hint = f"; it lies within {wide}, which is written as its first"
        elif column == "age" and label.isdecimal() and int(label) > int(wanted[-1]):
            kind = "above"
        elif column == "age" and "-" in label and all(part.isdecimal() for part in label.split("-", 1)):
            kind, hint = "span", f"; write {label} as its first age, {label.partition('-')[0]}"
        if (column, kind) not in self.told:
            self.told.add((column, kind))
            self.fault(line, column, f"'{label}' is not one of {allowed}{hint}")

    def _within_a_step(self, column: str, label: str) -> bool:
        """Whether a year or age lies within a step or group of several years, which is named by its first."""
        wanted = self.axes[column]
        return isinstance(wanted, range) and wanted.step > 1 and int(label) in range(wanted.start, wanted.stop)

    def _number(self, line: int, text: str, key: str) -> float:
        """Value of a row; 0 after a fault, so that the cell counts as there."""
        try:
            number = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fault(
                line,
                "value",
                f"'{text[:20]}' is not a number; write it with a decimal point and no separators",
            )
            return 0.0
        if not self.quantity.low <= number <= self.quantity.high:
            low, high = self.quantity.low, self.quantity.high
            allowed = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
            hint = "; is it a percentage?" if high == 1 and 2 < number <= 100 else ""
            self.fault(line, key, f"{text[:20]} cannot be a {self.quantity.name}; allowed are {allowed}{hint}")
        return number


def _check_apart(values: Array, columns: list[str], reading: _Reading, apart: tuple[str, str]) -> None:
    """Fill the cells from a label to itself where they are missing; note any that is not zero."""
    same = np.einsum("ii...->i...", np.moveaxis(values, [columns.index(axis) for axis in apart], [0, 1]))
    wrong = [label for label, cells in zip(reading.axes[apart[0]], same, strict=True) if np.nansum(np.abs(cells)) > 0]
    if wrong:
        reading.fault(0, "", f"{apart[0]} and {apart[1]} are both {wrong[0]}; nobody goes from there to there")
    same[...] = 0


def _check_complete(values: Array, columns: list[str], reading: _Reading, partial_ages: bool) -> None:
    """Note the first cell without a value; fill ages outside the table's own range where they may be missing."""
    if partial_ages and "age" in columns:
        axis = columns.index("age")
        by_age = np.moveaxis(values, axis, 0)
        held = [age for age, cells in enumerate(by_age) if not np.isnan(cells).all()]
        outside = [age for age in range(len(by_age)) if held and not held[0] <= age <= held[-1]]
        by_age[outside] = 0
    missing = np.isnan(values)
    if missing.any():
        first = np.unravel_index(int(missing.argmax()), missing.shape)
        labels = tuple(str(reading.axes[column][int(place)]) for column, place in zip(columns, first, strict=True))
        count = int(missing.sum())
        rest = f"; {count} cells are missing in all" if count > 1 else ""
        rest += _years_there(missing, columns, reading)
        message = f"no value for {_named(columns, labels)}{rest}"
        reading.fault(0, "", message)


def _years_there(missing: NDArray[np.bool_], columns: list[str], reading: _Reading) -> str:
    """Say which years a table has where it has others than those wanted and lacks some of these."""
    if "year" not in columns or not reading.other_years:
        return ""
    by_year = np.moveaxis(missing, columns.index("year"), 0)
    held = {int(year) for year, cells in zip(reading.axes["year"], by_year, strict=True) if not cells.all()}
    if len(held) == len(by_year):
        return ""
    years = sorted(held | reading.other_years)
    return f"; the table has the years {years[0]} to {years[-1]}"


def _named(columns: Sequence[str], labels: Sequence[str]) -> str:
    """Cell in words."""
    return ", ".join(f"{column} {label}" for column, label in zip(columns, labels, strict=True)) or "the only cell"
