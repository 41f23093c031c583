"""Proof that the books of a projection balance, cell by cell."""

import numpy as np
import xarray as xr

from sim.errors import ProjectionError

TOLERANCE = 1e-12
"""Largest residual of a cell, as a share of the largest term in its balance."""
FEWEST_PERSONS = 1e-9
"""Persons that may come out of a pipeline beyond all immigrants: rounding of sums over age."""
CASES = ("applications", "withdrawn", "decided", "rejected", "waiting", "granted")


def check_books(dataset: xr.Dataset) -> None:
    """Prove that every cell's stock follows from the one before and the flows between.

    Parameters
    ----------
    dataset : Dataset
        A projection.

    Raises
    ------
    ProjectionError
        If a stock is negative or not a number, or a balance fails, naming the worst cell.

    Notes
    -----
    end(a) = start(a - 1) - deaths + net migrants + moves, at age 0 with the births for the start, in the open age
    with both cohorts that enter it or were in it. Births by sex are those by age of mother, net migrants are
    immigrants less emigrants, those who move or change arrive where others of them depart. Of each pipeline,
    waiting at the start + applications = decided + withdrawn + waiting at the end, decided = rejected + granted; the
    granted times the persons per file enter the register, and are among the immigrants.
    """
    population = dataset["population"].to_numpy()
    if not population.min() >= 0:
        message = "the population holds a cell below zero, or one that is no number"
        raise ProjectionError(message)
    _prove(dataset, "deaths", _terms(dataset), population[1:])
    mothers = dataset["births_by_age_of_mother"].sum(("group", "age")).to_numpy()
    children = dataset["births"].sum(("group", "sex")).to_numpy()
    _prove(dataset.isel(group=0, sex=0, age=0), "deaths", [mothers], children)
    for coming, going, between in (("moves_in", "moves_out", "region"), ("changes_in", "changes_out", "group")):
        if coming in dataset:
            came, gone = (dataset[name].sum(between).to_numpy() for name in (coming, going))
            _prove(dataset.isel({between: 0}), "deaths", [came], gone)
    if "immigrants" in dataset:
        terms = [dataset["immigrants"].to_numpy(), -dataset["emigrants"].to_numpy()]
        _prove(dataset, "net_migrants", terms, dataset["net_migrants"].to_numpy())
    if "waiting" in dataset:
        _check_pipelines(dataset)


def _check_pipelines(dataset: xr.Dataset) -> None:
    """Raise if cases of a pipeline are lost or made, or more come out of pipelines than immigrate."""
    for name in CASES:
        if not dataset[name].min() >= 0:
            message = f"the {name.replace('_', ' ')} of a pipeline fall below zero, or are no number"
            raise ProjectionError(message)
    if (dataset["repeat_applications"] > dataset["applications"]).any() or dataset["repeat_applications"].min() < 0:
        message = "the repeat applications of a pipeline fall below zero, or are more than all applications"
        raise ProjectionError(message)
    flows = {name: dataset[name].to_numpy() for name in ("applications", "decided", "withdrawn", "rejected")}
    waiting = dataset["waiting"].to_numpy()
    terms = [waiting[:-1], flows["applications"], -flows["decided"], -flows["withdrawn"]]
    _prove(dataset, "decided", terms, waiting[1:], "cases")
    of_pipeline = dataset["pipeline_of"].to_numpy() == dataset["pipeline"].to_numpy()[:, None]
    granted, persons = (dataset[name].to_numpy() @ of_pipeline.T for name in ("granted", "register_changes"))
    _prove(dataset, "decided", [flows["rejected"], granted], flows["decided"], "cases")
    _prove(dataset, "decided", [granted * dataset["persons_per_file"].to_numpy()], persons)
    came = dataset["immigrants"].sum(("region", "group", "sex", "age")).to_numpy()
    excess = persons.sum(axis=1) - came * (1 + TOLERANCE)
    worst = int(excess.argmax())
    if excess[worst] > FEWEST_PERSONS:
        names = ", ".join(str(name) for name in dataset["pipeline"].to_numpy()[persons[worst] > 0])
        message = f"{excess[worst]:.3e} persons more come out of {names} than immigrate in period "
        message += str(dataset["period"].to_numpy()[worst])
        raise ProjectionError(message)


def _prove(dataset: xr.Dataset, like: str, terms: list[np.ndarray], total: np.ndarray, what: str = "persons") -> None:
    """Raise if terms do not add up to their total, naming the worst cell by the dimensions of a variable."""
    residual = sum(terms) - total
    largest = np.maximum.reduce([np.abs(term) for term in (*terms, total)])
    excess = np.abs(residual) - TOLERANCE * largest
    if excess.max() <= 0:
        return
    worst = np.unravel_index(int(excess.argmax()), excess.shape)
    dimensions = dataset[like].dims
    labels = [dataset[name].to_numpy()[place] for name, place in zip(dimensions, worst, strict=True)]
    cell = ", ".join(f"{name} {label}" for name, label in zip(dimensions, labels, strict=True))
    message = f"the books do not balance: {residual[worst]:+.3e} {what} in {cell}"
    raise ProjectionError(message)


def _terms(dataset: xr.Dataset) -> list[np.ndarray]:
    """Signed terms of the balance of every cell at the end of a period, by the age reached."""
    start = dataset["population"].to_numpy()[:-1]
    aged = np.empty_like(start)
    aged[..., 0] = dataset["births"].to_numpy()
    aged[..., 1:] = start[..., :-1]
    staying = np.zeros_like(start)
    staying[..., -1] = start[..., -1]
    signs = {
        "deaths": -1,
        "net_migrants": 1,
        "moves_in": 1,
        "moves_out": -1,
        "changes_in": 1,
        "changes_out": -1,
    }
    flows = [sign * dataset[name].to_numpy() for name, sign in signs.items() if name in dataset]
    return [aged, staying, *flows]
