"""Rebuild ``register.npz`` from the Belgian register tables that ship with larray.

Run ``python -m sim.data.belgium.build`` with ``larray`` installed (it is in the ``test`` extra). The
tables are ``tests/data/pop.csv``, persons on 1 January, and ``tests/data/qx.csv``, the probability of
dying within the year by age on 1 January. Their product is the number of deaths, a whole number in
every cell; where it is not, nothing is written. larray itself is never imported, only located.
"""

import csv
import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.axes import SEXES
from sim.errors import DataError

REGISTER = Path(__file__).with_name("register.npz")

YEARS = range(1991, 2017)
AGES = range(121)
REGIONS = {"BruCap": "BE1", "Fla": "BE2", "Wal": "BE3"}
GROUPS = {"BE": "belgian", "FO": "foreign"}
LARRAY_SEXES = {"F": "female", "M": "male"}

KEY_COLUMNS = ["time", "geo", "age", "sex\\nat"]
LARGEST_ROUNDING_ERROR = 1e-6
"""Persons; the probabilities are printed to about 16 digits, so the real error is near 1e-12."""

Cell = tuple[int, int, slice, int, int]

SHAPE = (len(YEARS), len(REGIONS), len(GROUPS), len(SEXES), len(AGES))


def tables_folder() -> Path:
    """Return the folder of larray's test tables.

    Raises
    ------
    DataError
        If larray is not installed, or is installed without its test tables.
    """
    found = importlib.util.find_spec("larray")
    if found is None or not found.submodule_search_locations:
        message = "larray is not installed; install the 'test' extra to rebuild the register of Belgium"
        raise DataError(message)
    folder = Path(found.submodule_search_locations[0]) / "tests" / "data"
    for name in ("pop.csv", "qx.csv"):
        if not (folder / name).is_file():
            message = f"{name!r} is not among the test tables of the installed larray"
            raise DataError(message)
    return folder


def read_table(path: Path) -> NDArray[np.float64]:
    """Read one of larray's tables.

    Returns
    -------
    array (year, region, group, sex, age)
        In the order of `YEARS`, `REGIONS`, `GROUPS`, `sim.axes.SEXES` and `AGES`.

    Raises
    ------
    DataError
        If a column, a row or a cell is missing, repeated or unknown.
    """
    table = np.full(SHAPE, np.nan)
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows)
        if header != [*KEY_COLUMNS, *GROUPS]:
            message = f"{path.name} has the columns {header}; expected {[*KEY_COLUMNS, *GROUPS]}"
            raise DataError(message)
        for row in rows:
            try:
                cell, values = _cell_and_values(row)
            except (KeyError, ValueError) as error:
                message = f"{path.name} line {rows.line_num}: {row} is not a row of the register"
                raise DataError(message) from error
            if not np.isnan(table[cell]).all():
                message = f"{path.name} line {rows.line_num}: {row[:4]} comes twice"
                raise DataError(message)
            table[cell] = values
    if not np.isfinite(table).all():
        message = f"{path.name} lacks {np.count_nonzero(~np.isfinite(table))} of {table.size} cells"
        raise DataError(message)
    return table


def _cell_and_values(row: list[str]) -> tuple[Cell, list[float]]:
    """Place of a row in the table, all groups of it, and the value of each group."""
    year, region, age, sex, *values = row
    if len(values) != len(GROUPS):
        message = f"{len(values)} values for {len(GROUPS)} groups"
        raise ValueError(message)
    cell = (
        YEARS.index(int(year)),
        list(REGIONS).index(region),
        slice(None),
        SEXES.index(LARRAY_SEXES[sex]),
        AGES.index(int(age)),
    )
    return cell, [float(value) for value in values]


def whole_persons(counts: NDArray[np.float64], name: str) -> NDArray[np.int32]:
    """Turn counts that are whole up to the error of floating point into integers.

    Raises
    ------
    DataError
        If a count is negative or further than `LARGEST_ROUNDING_ERROR` from a whole number.
    """
    rounded = np.rint(counts)
    gap = float(np.abs(counts - rounded).max())
    if gap > LARGEST_ROUNDING_ERROR:
        message = f"{name} are off a whole number by up to {gap:g}; at most {LARGEST_ROUNDING_ERROR:g} is allowed"
        raise DataError(message)
    if rounded.min() < 0:
        message = f"{name} go down to {rounded.min():g}; counts cannot be negative"
        raise DataError(message)
    return rounded.astype(np.int32)


def build(folder: Path, target: Path) -> None:
    """Write the register read from larray's tables in `folder` to the file `target`."""
    persons = read_table(folder / "pop.csv")
    quotients = read_table(folder / "qx.csv")
    np.savez_compressed(
        target,
        population=whole_persons(persons, "persons"),
        deaths=whole_persons(persons * quotients, "persons times quotients"),
        year=np.array(YEARS, dtype=np.int32),
        region=np.array(list(REGIONS.values())),
        group=np.array(list(GROUPS.values())),
        sex=np.array(SEXES),
        age=np.array(AGES, dtype=np.int32),
    )


def main() -> None:
    """Rebuild the file beside this script."""
    try:
        build(tables_folder(), REGISTER)
    except DataError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
