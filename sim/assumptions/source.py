"""Where the arrays of a scenario come from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np

from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.errors import DataError, Fault, ScenarioError
from sim.readers.table import Axes, Quantity, fingerprint, locate, read_table
from sim.scenario.faults import fault_at
from sim.scenario.inputs import Table
from sim.scenario.schema import Scenario
from sim.scenario.yamlfile import Key

Part = TypeVar("Part")


class Source:
    """Where the arrays of one scenario come from; collects its faults and the hashes of its inputs."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.data_missing = False
        self.inputs: dict[str, str] = {}
        states = scenario.states
        self.shape = (len(states.regions), len(states.groups))
        self.ages = scenario.ages.open + 1
        self.years = scenario.flow_years

    @property
    def axes(self) -> Axes:
        """Labels of all dimensions, years being those of the flows."""
        states = self.scenario.states
        return {
            "year": self.years,
            "region": states.regions,
            "group": states.groups,
            "sex": SEXES,
            "age": range(self.ages),
        }

    def attempt(self, part: Callable[["Source"], Part]) -> Part | None:
        """Result of a part, or None where it has faults, which are kept."""
        try:
            return part(self)
        except ScenarioError as error:
            self.faults.extend(error.faults)
            return None

    @contextmanager
    def at(self, *keys: Key) -> Iterator[None]:
        """Place what goes wrong inside at a key path of the scenario."""
        try:
            yield
        except (DataError, ValueError) as error:
            self.data_missing = self.data_missing or isinstance(error, DataError)
            raise ScenarioError([fault_at(self.scenario, keys, str(error))]) from None

    def warn(self, *keys: Key, message: str) -> None:
        """Note what is allowed but looks like a mistake."""
        self.warnings.append(fault_at(self.scenario, keys, message))

    def dataset(self, name: str) -> str:
        """Name of an embedded dataset, its hash noted."""
        self.inputs[f"dataset {name}"] = catalogue.fingerprint(name)
        return name

    def table(
        self,
        entry: Table,
        keys: tuple[Key, ...],
        quantity: Quantity,
        axes: Axes,
        *,
        partial_ages: bool = False,
    ) -> Array:
        """Values of a table, one axis a dimension, of length 1 where it has no such column."""
        with self.at(*keys, "table"):
            path = locate(self.scenario.folder, entry.table)
        name = str(Path(self.scenario.folder, entry.table))
        self.inputs[entry.table] = fingerprint(path)
        values = read_table(path, axes, quantity, partial_ages=partial_ages, name=name).values
        sex = list(axes).index("sex") if "sex" in axes else None
        if sex is not None and values.shape[sex] == len(SEXES) and np.array_equal(*np.moveaxis(values, sex, 0)):
            self.warn(*keys, "table", message=f"{entry.table} holds the same values for women and men throughout")
        return values


def with_open_slot(reached: Array) -> Array:
    """Values by age reached as values by cohort slot: both cohorts of the open age share its value.

    Parameters
    ----------
    reached : (..., A) array
        By the age reached on 31 December, the last open.

    Returns
    -------
    (..., A + 1) array
        By cohort slot; of length 1, as it came, where one value holds for all ages.
    """
    if reached.shape[-1] == 1:
        return reached
    return np.concatenate([reached, reached[..., -1:]], axis=-1)
