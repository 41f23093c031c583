"""Where the arrays of a scenario come from."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np

from sim.assumptions.layout import members
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.errors import DataError, Fault, ScenarioError
from sim.readers.table import Axes, Quantity, fingerprint, locate, numbers_in, read_table
from sim.scenario.faults import fault_at
from sim.scenario.inputs import SUM_TOLERANCE, PersonsPath, RateTable, Series, Table, labels_of
from sim.scenario.paths import values
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
        self.width = scenario.ages.width
        self.ages = len(scenario.age_labels)
        self.periods = scenario.periods

    @property
    def axes(self) -> Axes:
        """Labels of all dimensions, years being those of the flows."""
        states = self.scenario.states
        return {
            "year": self.periods,
            "region": states.regions,
            "group": states.groups,
            "sex": SEXES,
            "age": self.scenario.age_labels,
        }

    def with_new_groups(self, array: Array, axis: int, *, empty: bool) -> Array:
        """Give an array by established group the groups that are new: with nobody, or like the one they take after."""
        states = self.scenario.states
        repeated = not empty and array.shape[axis] == 1
        if not states.new or repeated or array.shape[axis] != len(states.established):
            return array
        places = [states.established.index(states.new.get(label, label)) for label in states.groups]
        taken: Array = np.take(array, places, axis=axis)
        if empty:
            there = np.array([0.0 if label in states.new else 1.0 for label in states.groups])
            taken = taken * there.reshape([-1 if place == axis % array.ndim else 1 for place in range(array.ndim)])
        return taken

    def path(self, series: Series) -> Array:
        """Yearly values of a path in every step: the mean of its years, (n,)."""
        yearly: Array = values(series, self.scenario.flow_years)
        mean: Array = yearly.reshape(-1, self.width).mean(axis=1)
        return mean

    def persons(self, series: PersonsPath) -> Array:
        """Persons of every step, (n,)."""
        return self.path(series) * self.width

    def named(
        self, region: str | tuple[str, ...] | None, group: str | tuple[str, ...] | None
    ) -> tuple[Axes, tuple[list[int], list[int]]]:
        """Dimensions of a table about the regions and groups that are named, and the places of these."""
        states = self.scenario.states
        regions, groups = (
            known if named is None else labels_of(named)
            for named, known in ((region, states.regions), (group, states.groups))
        )
        where = [states.regions.index(label) for label in regions], [states.groups.index(label) for label in groups]
        return {**self.axes, "region": regions, "group": groups}, where

    def places(self, region: str | tuple[str, ...] | None, group: str | tuple[str, ...] | None) -> Array:
        """States of the regions and groups that are named, all where none is, (R, G) of ones and zeros."""
        states = self.scenario.states
        regions, groups = (
            [place for place, label in enumerate(known) if named is None or label in labels_of(named)]
            for named, known in ((region, states.regions), (group, states.groups))
        )
        return members(self.shape, regions, groups)

    def shares(self, stated: Mapping[str, Series], labels: Sequence[str], keys: tuple[Key, ...], what: str) -> Array:
        """Shares by label of every step, which are 0 to 1 and add up to 1, (n, L)."""
        found = np.zeros((len(self.periods), len(labels)))
        with self.at(*keys):
            for label, share in stated.items():
                found[:, labels.index(label)] = self.path(share)
            total = found.sum(axis=1)
            wrong = np.flatnonzero((np.abs(total - 1) > SUM_TOLERANCE) | (found.min(axis=1) < 0))
            if len(wrong):
                below = found[wrong[0]].min() < 0
                said = "fall below 0" if below else f"add up to {total[wrong[0]]:g}"
                rule = "each is 0 to 1" if below else "they must add up to 1"
                message = f"{what} {said} in {self.periods[wrong[0]]}; {rule}"
                raise ValueError(message)
        shares: Array = found / total[:, None]
        return shares

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

    def warn_of_wide_groups(self, first_ages: Sequence[int | str], *keys: Key) -> None:
        """Note a closed age group that is wider than the next one: a row may be missing."""
        ages = [int(age) for age in first_ages]
        widths = [after - before for before, after in itertools.pairwise(ages)]
        for place, (width, following) in enumerate(itertools.pairwise(widths)):
            if width > following:
                group = f"{ages[place]} to {ages[place + 1] - 1}"
                self.warn(*keys, message=f"the age group {group} is wider than the one after it: is a row missing?")

    def dataset(self, name: str) -> str:
        """Name of an embedded dataset, its hash noted."""
        if self.width > 1:
            message = f"the embedded datasets are by single years of age, the scenario by {self.width}: give a table"
            raise ValueError(message)
        self.inputs[f"dataset {name}"] = catalogue.fingerprint(name)
        return name

    def groups_of(self, entry: Table, keys: tuple[Key, ...]) -> tuple[int, ...]:
        """First ages of the age groups that a table has."""
        with self.at(*keys, "graduate"):
            if self.width > 1 and getattr(entry, "graduate", None) is not None:
                message = f"makes single ages, but those of the scenario are groups of {self.width} years"
                raise ValueError(message)
        with self.at(*keys, "table"):
            path = locate(self.scenario.folder, entry.table)
        return numbers_in(path, "age", str(Path(self.scenario.folder, entry.table)))

    def table(
        self,
        entry: Table,
        keys: tuple[Key, ...],
        quantity: Quantity,
        axes: Axes,
        *,
        partial_ages: bool = False,
        apart: tuple[str, str] | None = None,
    ) -> Array:
        """Values of a table, one axis a dimension, of length 1 where it has no such column."""
        with self.at(*keys, "table"):
            path = locate(self.scenario.folder, entry.table)
        name = str(Path(self.scenario.folder, entry.table))
        self.inputs[entry.table] = fingerprint(path)
        try:
            values = read_table(path, axes, quantity, partial_ages=partial_ages, apart=apart, name=name).values
        except ScenarioError as error:
            told = [fault._replace(message=fault.message + _hint(fault, entry, path, axes)) for fault in error.faults]
            raise ScenarioError(told) from None
        sex = list(axes).index("sex") if "sex" in axes else None
        told_apart = sex is None or values.shape[sex] < len(SEXES) or not np.array_equal(*np.moveaxis(values, sex, 0))
        if not told_apart and values.any():
            self.warn(*keys, "table", message=f"{entry.table} holds the same values for women and men throughout")
        return values


def _hint(fault: Fault, entry: Table, path: Path, axes: Axes) -> str:
    """What completes a table of which a fault says that ages are missing; nothing of other faults."""
    if getattr(entry, "graduate", "") is not None or not (
        fault.message.startswith("no value") and "age" in fault.message
    ):
        return ""
    try:
        ages = numbers_in(path, "age", entry.table)
    except ScenarioError:
        return ""
    if 2 * len(ages) <= ages[-1] - ages[0]:
        return "; groups of ages take 'graduate'"
    shorter = isinstance(entry, RateTable) and ages == tuple(range(ages[-1] + 1)) and ages[-1] < int(axes["age"][-1])
    return "; 'old_age' carries a table on" if shorter else ""
