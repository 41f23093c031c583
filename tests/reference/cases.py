"""Reference data as the tables and the scenario file that a user would have written."""

import csv
import gzip
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim


def reference(*parts):
    """Path inside the folder of reference data; the test is skipped where there is none."""
    if not os.environ.get("SIM_REFERENCE"):
        pytest.skip("SIM_REFERENCE does not name a folder of reference data")
    return Path(os.environ["SIM_REFERENCE"], *parts)


@cache
def read(path, key=None):
    """Rows of a gzipped CSV file as dictionaries of text; by the label of a column, if it is named."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if key is None:
        return rows
    parts = {}
    for row in rows:
        parts.setdefault(row[key], []).append(row)
    return parts


def pick(rows, *keys):
    """Some of the cells of each row, as they stand."""
    return [[row[key] for key in keys] for row in rows]


def write_table(folder, name, columns, rows):
    """A tidy table beside the scenario."""
    path = Path(folder, "tables", f"{name}.csv")
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "value"])
        writer.writerows(rows)


def path_of(values):
    """A path in time as YAML, from pairs of a year and the text of a number."""
    return "{path: {" + ", ".join(f"{year}: {value}" for year, value in values) + "}}"


def run(folder, name, text):
    """Write a scenario file of a name and run it as a user would."""
    file = Path(folder, f"{name}.yaml")
    file.write_text(f"name: {name}\n{text}", encoding="utf-8")
    return sim.run(file)


def array(rows, value, **axes):
    """Values of a column on axes of labels, one dimension an axis; every cell is there once."""
    places = {axis: {str(label): place for place, label in enumerate(labels)} for axis, labels in axes.items()}
    found = np.full([len(labels) for labels in axes.values()], np.nan)
    for row in rows:
        cell = tuple(labels.get(row[axis], -1) for axis, labels in places.items())
        if -1 not in cell:
            assert np.isnan(found[cell]), f"{cell} stands twice"
            found[cell] = float(row[value])
    assert not np.isnan(found).any()
    return found


def national(variable):
    """Figures of a population that is not divided, without the axes of region and group."""
    return variable.squeeze(("region", "group"), drop=True).to_numpy()
