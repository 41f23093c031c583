"""Explanations of ``sim compare``: what makes projections differ."""

from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from sim.cli.messages import columns

if TYPE_CHECKING:
    import xarray as xr


class Wanted(NamedTuple):
    """What is to be explained."""

    indicator: str
    spans: tuple[int, ...]
    year: int | None


def wanted(indicator: str | None, spans: str | None, year: int | None, *, explain: bool) -> Wanted | None:
    """Read the options of an explanation.

    Parameters
    ----------
    indicator, spans, year
        As on the command line.
    explain : bool
        Whether there is to be one.

    Returns
    -------
    Wanted or None
        None where there is not.

    Raises
    ------
    typer.BadParameter
        If an option stands without ``--explain``, there is no such indicator, or the spans are no years.
    """
    given = {"--indicator": indicator, "--spans": spans, "--year": year}
    if not explain:
        alone = [option for option, value in given.items() if value is not None]
        if alone:
            message = "goes with --explain"
            raise typer.BadParameter(message, param_hint=alone[0])
        return None
    from sim.analysis.decompose import INDICATORS

    if indicator is not None and indicator not in INDICATORS:
        message = f"there is no '{indicator}' to explain; there are: {', '.join(INDICATORS)}"
        raise typer.BadParameter(message, param_hint="--indicator")
    parts = [part.strip() for part in (spans or "").split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        message = f"'{spans}' is no list of years, such as 2020,2030"
        raise typer.BadParameter(message, param_hint="--spans")
    return Wanted(indicator or "population", tuple(map(int, parts)), year)


def table(explanation: "xr.Dataset", year: int | None) -> str:
    """Table of an explanation, blocks as rows and some years as columns.

    Parameters
    ----------
    explanation : Dataset
        As `sim.analysis.decompose.decompose` returns it.
    year : int or None
        Year to be shown besides round ones.

    Returns
    -------
    str
        Several lines.

    Raises
    ------
    DataError
        If there is no such year in it.
    """
    from sim.analysis.explanation import decimals_of, explanation_rows, explanation_years, time_of

    years = sorted({*explanation_years(explanation), *([] if year is None else [year])})
    decimals = decimals_of(explanation)
    values: dict[tuple[str, str], list[float]] = {}
    for row in explanation_rows(explanation, years):
        values.setdefault((row.block, row.part), []).append(row.value)
    values["difference", ""] = explanation["difference"].sel({time_of(explanation): years}).values.tolist()
    rows = [[str(explanation.attrs["indicator"]).replace("_", " "), *map(str, years)]]
    rows += [
        [f"  {part}" if part else block, *(_written(value, decimals) for value in found)]
        for (block, part), found in values.items()
    ]
    one, other = (str(name) for name in explanation["scenario"].values)
    heading = f"{other} less {one}, by what differs in their assumptions"
    return "\n".join([heading, columns(rows), *explanation.attrs["notes"]])


def as_json(explanation: "xr.Dataset") -> dict[str, Any]:
    """Explanation for programs, with all years.

    Parameters
    ----------
    explanation : Dataset
        As `sim.analysis.decompose.decompose` returns it.

    Returns
    -------
    dict
        Plain values; ``rows`` are those of `sim.analysis.explanation.explanation_rows`.
    """
    from sim.analysis.explanation import explanation_rows

    one, other = (str(name) for name in explanation["scenario"].values)
    return {
        "baseline": one,
        "scenario": other,
        "indicator": explanation.attrs["indicator"],
        "units": explanation["part"].attrs["units"],
        "rows": [row._asdict() for row in explanation_rows(explanation)],
        "notes": explanation.attrs["notes"],
    }


def _written(value: float, decimals: int) -> str:
    """Signed number; a plain 0 where there is no difference at all."""
    return "0" if value == 0 else f"{value:+z,.{decimals}f}"
