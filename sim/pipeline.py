"""One run, from a scenario file to a stored result."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim import assumptions as assume
from sim.data import figures
from sim.errors import Fault, ScenarioError
from sim.scenario.faults import dotted, fault_at
from sim.scenario.figures import NamedFigure, named_figures
from sim.scenario.load import content_hash
from sim.scenario.load import load as load_with
from sim.scenario.schema import Scenario
from sim.scenario.sweep import Variant, variants

if TYPE_CHECKING:
    import xarray as xr

    from sim.results.store import Run


Tell = Callable[[str], object]


def silent(_stage: str) -> None:
    """Tell nobody."""


class Prepared(NamedTuple):
    """A scenario, its variants (itself alone without a sweep), and what each assumes."""

    scenario: Scenario
    variants: list[Variant]
    assumptions: list[assume.Assumptions]
    warnings: list[Fault]
    """What the scenario says that is allowed but looks like a mistake."""


class StoredRun(NamedTuple):
    """A run and its result."""

    run: "Run"
    result: "xr.Dataset"
    already_there: bool
    """Whether the same run had been stored before, so that nothing was done."""


def load(path: str | Path, changes: Sequence[str] = ()) -> Scenario:
    """Load a scenario file, which may name figures of the sources.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    changes : sequence of str
        ``key.key=value`` pairs that change single values, such as ``migration.balance.path.2030=40000``.

    Returns
    -------
    Scenario
        Frozen and complete, with everything it inherits and a number for every ``{figure: ID}``.

    Raises
    ------
    ScenarioError
        With all faults of the file, each in its place.
    """
    return load_with(path, changes, _named)


def run(scenario: str | Path | Scenario, *, changes: Sequence[str] = (), tell: Tell = silent) -> "xr.Dataset":
    """Project a scenario; nothing is written.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario file, or one already loaded.
    changes : sequence of str
        ``key.key=value`` pairs that change single values of a file.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    Dataset
        Stocks, flows and assumptions, labelled; its books balance in every cell.

    Raises
    ------
    ScenarioError
        If the scenario or its tables hold mistakes; it lists them all.
    ProjectionError
        If a cohort is overdrawn, or the books do not balance.
    """
    return _projected(prepare(scenario, changes, tell), tell)


def prepare(scenario: str | Path | Scenario, changes: Sequence[str] = (), tell: Tell = silent) -> Prepared:
    """Read a scenario and gather all that it assumes; project nothing.

    Parameters
    ----------
    scenario, changes, tell
        As in `run`.

    Returns
    -------
    Prepared
        Ready to be projected.

    Raises
    ------
    ScenarioError
        If the scenario or its tables hold mistakes; it lists them all.
    """
    if not isinstance(scenario, Scenario):
        tell(f"reading {scenario}")
        scenario = load(scenario, changes)
    tell(f"{scenario.name}: gathering data")
    points = [Variant(scenario.name, scenario.title or scenario.name, scenario)]
    if scenario.sweep is not None:
        points = variants(scenario)
    assumptions = [assume.build(point.scenario) for point in points]
    found = {warning for assumed in assumptions for warning in assumed.warnings} | set(_remarks(scenario))
    return Prepared(scenario, points, assumptions, sorted(found))


def prepare_all(files: Sequence[str | Path], changes: Sequence[str] = (), tell: Tell = silent) -> list[Prepared]:
    """Prepare several scenario files, or report the faults of all of them.

    Parameters
    ----------
    files : sequence of str or Path
        Scenario files.
    changes, tell
        As in `run`, for every file.

    Returns
    -------
    list of Prepared
        In the order of the files.

    Raises
    ------
    ScenarioError
        With the faults of all files.
    """
    prepared, errors = [], []
    for file in files:
        try:
            prepared.append(prepare(file, changes, tell))
        except ScenarioError as error:
            errors.append(error)
    if errors:
        raise ScenarioError.joined(errors)
    return prepared


def run_and_store(prepared: Prepared, out: Path, *, force: bool = False, tell: Tell = silent) -> StoredRun:
    """Project a scenario and store the result, unless the same run is there.

    Parameters
    ----------
    prepared : Prepared
        Scenario and all that it assumes.
    out : Path
        Folder of results.
    force : bool
        Whether to project and store it again even if it is there.
    tell : function
        Called with the name of each stage as it begins.

    Returns
    -------
    StoredRun
        Complete on disk.

    Raises
    ------
    StoreError
        If the result cannot be written.
    """
    from sim.results import store
    from sim.results.claim import claim
    from sim.results.files import clear_leftovers

    scenario = prepared.scenario
    inputs = {name: digest for assumed in prepared.assumptions for name, digest in assumed.inputs.items()}
    folder = out / store.folder_name(scenario.name, content_hash(scenario), inputs)
    with claim(folder, tell):
        clear_leftovers(out)
        if store.find(folder) is not None and not force:
            run, result = store.open_run(folder)
            return StoredRun(run, result, already_there=True)
        result = _projected(prepared, tell)
        tell(f"{scenario.name}: storing")
        return StoredRun(store.save(result, folder), result, already_there=False)


def _projected(prepared: Prepared, tell: Tell) -> "xr.Dataset":
    """Assumptions carried through the years, labelled and proven; variants of a sweep side by side."""
    from sim.results.sweep import joined

    results = []
    for point, assumptions in zip(prepared.variants, prepared.assumptions, strict=True):
        tell(f"{prepared.scenario.name}: projecting {point.title}")
        results.append(labelled(point.scenario, assumptions))
    if prepared.scenario.sweep is None:
        return results[0]
    names, titles = [point.name for point in prepared.variants], [point.title for point in prepared.variants]
    return _with_figures(joined(prepared.scenario, results, names, titles), prepared.scenario)


def labelled(scenario: Scenario, assumptions: assume.Assumptions) -> "xr.Dataset":
    """Carry one scenario's assumptions through the years; label the result and prove its books.

    Parameters
    ----------
    scenario : Scenario
        As loaded.
    assumptions : Assumptions
        What it was drawn out to.

    Returns
    -------
    Dataset
        Stocks, flows and assumptions.

    Raises
    ------
    ProjectionError
        If a cohort is overdrawn, a total cannot be met, or the books do not balance.
    """
    from sim.results.checks import check_books
    from sim.results.dataset import as_dataset

    projection, rates = assume.carried(scenario, assumptions)
    dataset = _with_figures(as_dataset(scenario, assumptions, rates, projection), scenario)
    check_books(dataset)
    return dataset


def _named(name: str) -> NamedFigure:
    """Figure of the sources that a scenario names."""
    found = figures.figure(name)
    return NamedFigure(found.id, found.value, found.unit, found.source, found.note)


def _remarks(scenario: Scenario) -> list[Fault]:
    """What is to be known of the figures that a scenario names, each in its place."""
    return [
        fault_at(scenario, keys, remark)
        for keys, named in named_figures(scenario).items()
        if (remark := figures.remark_on(figures.figure(named.id)))
    ]


def _with_figures(result: "xr.Dataset", scenario: Scenario) -> "xr.Dataset":
    """Result with the figures that its scenario names, by key, and their sources; unchanged where it names none."""
    named = named_figures(scenario)
    if not named:
        return result
    told = {dotted(keys): entry._asdict() for keys, entry in named.items()}
    sources = json.loads(result.attrs["sources"]) | {entry.id: _told(entry) for entry in named.values()}
    texts = {"figures": told, "sources": sources}
    return result.assign_attrs(
        {name: json.dumps(content, sort_keys=True, ensure_ascii=False) for name, content in texts.items()}
    )


def _told(entry: NamedFigure) -> str:
    """Value, source and note of a figure, as one text."""
    return "; ".join(part for part in (figures.text_of(figures.figure(entry.id)), entry.source, entry.note) if part)
