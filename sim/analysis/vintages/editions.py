"""Which files are editions, and what an edition must say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim.analysis.vintages.observed import series_of
from sim.errors import DataError, Fault, ScenarioError
from sim.pipeline import Tell, prepare_all, silent
from sim.scenario import paths
from sim.scenario.faults import fault_at
from sim.scenario.inputs import PersonsPath
from sim.scenario.yamlfile import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.pipeline import Prepared
    from sim.scenario.schema import Scenario

_ENDINGS = (".yaml", ".yml")


class Edition(NamedTuple):
    """One published outlook as a scenario."""

    file: Path
    prepared: Prepared
    balance: PersonsPath
    """Immigrants less emigrants, as the file states them."""
    start: int
    """Its first 1 January: that of the run, but for a run that is rolled on with the observed balance."""

    @property
    def scenario(self) -> Scenario:
        """The scenario as loaded."""
        return self.prepared.scenario

    @property
    def name(self) -> str:
        """Short name."""
        return self.prepared.scenario.name


def edition_files(given: Sequence[str | Path]) -> list[Path]:
    """List the files of editions.

    Parameters
    ----------
    given : sequence of str or Path
        Scenario files, and folders of them.

    Returns
    -------
    list of Path
        The files given, and of each folder those that state ``published`` figures of their own, by name: files that
        others are based on state none.

    Raises
    ------
    DataError
        Where something given is not there, a folder has no editions, or nothing is given.
    ScenarioError
        If a file of a folder is no YAML.
    """
    files: list[Path] = []
    for path in map(Path, given):
        if not path.exists():
            message = f"there is no folder or file '{path}'; give a folder of editions, or their files"
            raise DataError(message)
        if not path.is_dir():
            files.append(path)
            continue
        found = [file for file in sorted(path.iterdir()) if file.suffix in _ENDINGS and _states_published(file)]
        if not found:
            message = f"there are no editions in '{path}'; an edition is a scenario that states 'published' figures"
            raise DataError(message)
        files += found
    if not files:
        message = "there are no editions; give a folder of them, or their files"
        raise DataError(message)
    return files


def read_editions(files: Sequence[Path], tell: Tell = silent) -> list[Edition]:
    """Load editions and check that they can be held against what happened.

    Parameters
    ----------
    files : sequence of Path
        Scenario files.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    list of Edition
        By their first 1 January; those of the same year in the order given.

    Raises
    ------
    ScenarioError
        With the faults of all files.
    DataError
        Where two editions share a name.
    """
    prepared = prepare_all(files, tell=tell)
    names = [one.scenario.name for one in prepared]
    shared = sorted({name for name in names if names.count(name) > 1})
    if shared:
        message = f"two editions share the name {', '.join(shared)}; editions are told apart by name"
        raise DataError(message)
    faults = [fault for one in prepared for fault in _faults(one.scenario, prepared[0].scenario)]
    if faults:
        raise ScenarioError(faults)
    editions = [
        Edition(file, one, balance, _start(one.scenario, balance))
        for file, one in zip(files, prepared, strict=True)
        if isinstance(balance := one.scenario.migration.balance, PersonsPath)
    ]
    return sorted(editions, key=lambda edition: edition.start)


def dataset_of(scenario: Scenario) -> str:
    """Return the name of the dataset that an edition is held against; empty where it names none."""
    return scenario.observed.dataset if scenario.observed is not None else ""


def _states_published(file: Path) -> bool:
    """Whether a file states published figures, whatever those that it is based on state."""
    content = read_yaml(file, str(file)).value
    return isinstance(content, dict) and "published" in content and bool(content["published"].value)


def _start(scenario: Scenario, balance: PersonsPath) -> int:
    """First 1 January of an edition: the first after years whose balance is the observed one, to the person.

    A run that starts from an older count is rolled on with what was observed to where its edition begins.
    """
    observed = series_of(dataset_of(scenario), "net_migration")
    stated = zip(scenario.flow_years, paths.values(balance, scenario.flow_years).tolist(), strict=True)
    return next((year for year, persons in stated if persons != observed.get(year)), scenario.period.end)


def _faults(scenario: Scenario, first: Scenario) -> list[Fault]:
    """What keeps a scenario from being held against what happened, and against the first one."""
    dataset, other = dataset_of(scenario), dataset_of(first)
    if not dataset:
        message = (
            "an edition is held against the observed series of its country; state whose, as {dataset: belgium} does"
        )
        return [fault_at(scenario, ("observed",), message)]
    wrong: list[tuple[tuple[str, ...], str]] = []
    if other and dataset != other:
        message = f"is '{dataset}', but {first.name} is held against '{other}'; compare editions of one"
        wrong.append((("observed", "dataset"), message))
    if scenario.sweep is not None:
        wrong.append((("sweep",), "an edition is one projection, not several; run 'sim compare' for a sweep"))
    if not isinstance(scenario.migration.balance, PersonsPath):
        wrong.append((("migration",), "an edition states one 'balance' of all by year, which the simple rule replaces"))
    elif scenario.migration.profile is None:
        wrong.append((("migration",), "even a balance of zero needs a 'profile' here, for the simple rule"))
    if scenario.fertility.total is None:
        wrong.append((("fertility",), "an edition states a 'total', which the simple rule replaces; not 'rates'"))
    return [fault_at(scenario, keys, message) for keys, message in wrong]
