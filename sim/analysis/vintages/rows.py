"""What text tables of the editions show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.analysis.vintages.errors import listed
from sim.analysis.vintages.printed import PrintedFigure

if TYPE_CHECKING:
    import xarray as xr


class EditionRow(NamedTuple):
    """One edition, and what the simple rule beside it keeps."""

    edition: str
    title: str
    start: int
    """First 1 January."""
    base: int
    """First 1 January of the run, which is rolled on to the start where it lies before."""
    end: int
    simple_fertility: float
    """Children per woman."""
    simple_fertility_year: int
    simple_balance: float
    """Persons per year."""
    simple_balance_year: int
    simple_balance_series: str
    simple_changes: str
    """What makes the simple rule of the edition, a JSON list of what stands after ``--set``."""


class HorizonRow(NamedTuple):
    """Errors of all editions so many years after their first 1 January, in percent."""

    horizon: int
    editions: int
    """That have an error at the horizon."""
    mean_error: float
    mean_absolute_error: float
    simple_mean_absolute_error: float
    simple_compared: int
    simple_nearer: int
    """Editions of which the simple rule has the smaller absolute error."""


class ComponentRow(NamedTuple):
    """Shares of the components of the error at a place, and the number of errors that they are the mean of."""

    place: str
    year: int | None
    """1 January, of the last year only."""
    errors: int
    shares: dict[str, float]


class PublishedRow(NamedTuple):
    """A published population beside the projected one."""

    edition: str
    year: int
    last_year: int
    """The year itself but for a mean of several years."""
    of_start: bool
    """Whether it is of the first 1 January, which no projection can miss."""
    population: float
    rounding: float
    projected: float
    gap: float
    near: bool
    """Within its rounding and one percent."""
    far: bool
    """Missed by more than three percent, or not covered."""
    balance: float
    """Long-term balance of the edition, persons per year."""
    balance_to_meet: float
    """With which the run would meet it; NaN where it is near, or no such balance does."""

    @property
    def gap_percent(self) -> float:
        """The gap in percent of the published figure."""
        return 100 * self.gap / self.population


def edition_rows(found: xr.Dataset) -> list[EditionRow]:
    """List the editions.

    Parameters
    ----------
    found : xarray.Dataset
        What `vintages` returns.

    Returns
    -------
    list of EditionRow
        In the order of their first 1 January.
    """
    members = (found[member].values.tolist() for member in EditionRow._fields)
    return [EditionRow(*row) for row in zip(*members, strict=True)]


def horizon_rows(found: xr.Dataset) -> list[HorizonRow]:
    """List the horizons that are summed up: 1, 2, 3, 5, 8 and 10 years, those that at least three editions reach.

    Parameters
    ----------
    found : xarray.Dataset
        What `vintages` returns.

    Returns
    -------
    list of HorizonRow
        In order.
    """
    rows = []
    for horizon in listed(found["editions_reaching"].values):
        here = found.sel(horizon=horizon)
        rows.append(
            HorizonRow(
                horizon,
                int(here["editions_reaching"]),
                float(here["mean_error_percent"]),
                float(here["mean_absolute_error_percent"]),
                float(here["simple_mean_absolute_error_percent"]),
                int(here["simple_compared"]),
                int(here["simple_nearer"]),
            )
        )
    return rows


def component_rows(found: xr.Dataset) -> list[ComponentRow]:
    """List the shares of the components.

    Parameters
    ----------
    found : xarray.Dataset
        What `vintages` returns.

    Returns
    -------
    list of ComponentRow
        One a place that some edition reaches.
    """
    rows = []
    for place, errors in zip(found["place"].values.tolist(), found["place_errors"].values.tolist(), strict=True):
        shares = found["component_share"].sel(place=place)
        told = dict(zip(found["component"].values.tolist(), shares.values.tolist(), strict=True))
        year = int(found["last_year"]) if place == "last year" else None
        rows += [ComponentRow(place, year, errors, told)] if errors else []
    return rows


def published_rows(found: xr.Dataset) -> list[PublishedRow]:
    """List the published populations.

    Parameters
    ----------
    found : xarray.Dataset
        What `vintages` returns.

    Returns
    -------
    list of PublishedRow
        Edition by edition, in the order of their files.
    """
    members = (found[f"published_{member}"].values.tolist() for member in PublishedRow._fields)
    return [PublishedRow(*row) for row in zip(*members, strict=True)]


def printed_rows(found: xr.Dataset) -> list[PrintedFigure]:
    """List the printed figures of years that have come since.

    Parameters
    ----------
    found : xarray.Dataset
        What `vintages` returns.

    Returns
    -------
    list of PrintedFigure
        Edition by edition, in the order of their files.
    """
    names = (f"printed_{'value' if member == 'printed' else member}" for member in PrintedFigure._fields)
    return [PrintedFigure(*row) for row in zip(*(found[name].values.tolist() for name in names), strict=True)]
