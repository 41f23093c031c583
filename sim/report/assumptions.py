"""What results assume, so that it can be laid side by side: by year, and as the scenarios state it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.analysis.selection import per_year
from sim.axes import SEXES, UNDIVIDED

if TYPE_CHECKING:
    import xarray as xr

    from sim.report.packed import Numbers

FERTILITY, MIGRATION = "Total fertility rate", "Net migration"
LIFE = {"female": "Life expectancy at birth, women", "male": "Life expectancy at birth, men"}
WORDS = (FERTILITY, MIGRATION, *LIFE.values())
"""All yearly assumptions."""

_DECIMALS = 4
_APART = ("name", "title", "note", "sources", "published", "observed")
"""Parts of a scenario that are shown elsewhere, or that change no number."""
_WORDS = ("source", "assumption", "note")


def yearly(result: xr.Dataset, numbers: Numbers) -> list[dict[str, Any]]:
    """Keep the yearly assumptions of a result: fertility, life expectancy, and the migrants that came of them.

    Parameters
    ----------
    result : xarray.Dataset
        One scenario and one draw.
    numbers : Numbers
        Where they are kept.

    Returns
    -------
    list of dict
        ``words`` in English, ``state`` (region and group, nothing where all have the same), ``decimals`` to show,
        and ``values`` by calendar year.
    """
    import numpy as np

    each_year = np.repeat(np.arange(result.sizes["period"]), np.diff(result["year"].values))
    fertility, life = (result[name].isel(period=each_year) for name in ("total_fertility", "life_expectancy"))
    migrants = per_year(result, result["net_migrants"].sum(["sex", "age", "region", "group"], skipna=False))
    found = [(FERTILITY, 2, _by_state(fertility))]
    found += [(LIFE[sex], 1, _by_state(life.sel(sex=sex))) for sex in SEXES]
    found += [(MIGRATION, 0, {"": migrants.values})]
    return [
        {"words": words, "state": state, "decimals": decimals, "values": numbers.add(values, _DECIMALS)}
        for words, decimals, states in found
        for state, values in states.items()
    ]


def _by_state(values: xr.DataArray) -> dict[str, Any]:
    """Return the values of every region and group; once, without a name, where they are the same for all."""
    told = {
        " ".join(str(label) for label in (region, group) if label != UNDIVIDED): values.sel(
            region=region, group=group
        ).values
        for region in values["region"].values
        for group in values["group"].values
    }
    if len({series.tobytes() for series in told.values()}) == 1:
        return {"": next(iter(told.values()))}
    return told


def stated(result: xr.Dataset) -> dict[str, dict[str, str]]:
    """List what the scenario of a result states, key by key.

    Parameters
    ----------
    result : xarray.Dataset
        A result; its attribute ``scenario`` holds the scenario.

    Returns
    -------
    dict
        By key with dots the ``text`` of its value, a path on one line, and, where they are stated, its ``source``,
        ``assumption`` and ``note``.
    """
    scenario = json.loads(result.attrs.get("scenario") or "{}")
    found: dict[str, dict[str, str]] = {}
    _walk({key: value for key, value in scenario.items() if key not in _APART}, "", found)
    return found


def _walk(part: Any, key: str, found: dict[str, dict[str, str]]) -> None:  # noqa: ANN401
    """Add the values below a key to those found."""
    if isinstance(part, dict) and part and not _is_leaf(part):
        told = {word: str(part[word]) for word in _WORDS if isinstance(part.get(word), str)}
        if told and key:
            found[key] = {"text": "", **told}
        for name, value in part.items():
            if name not in told:
                _walk(value, f"{key}.{name}" if key else str(name), found)
    elif isinstance(part, list) and any(isinstance(child, dict) for child in part):
        for place, child in enumerate(part, start=1):
            _walk(child, f"{key}.{place}", found)
    elif part not in ({}, []):
        words = {word: str(part[word]) for word in _WORDS if part.get(word)} if isinstance(part, dict) else {}
        found[key] = {"text": _written(part), **words}


def _is_leaf(part: dict[str, Any]) -> bool:
    """Whether a part of a scenario is one value: a path, a table, a dataset, or a number with its source."""
    return not any(isinstance(value, dict) for name, value in part.items() if name != "path") and not any(
        isinstance(value, list) and any(isinstance(child, dict) for child in value) for value in part.values()
    )


def _written(part: Any) -> str:  # noqa: ANN401
    """Write a value on one line."""
    if isinstance(part, dict):
        rest = {name: value for name, value in part.items() if name not in (*_WORDS, "path")}
        path = ", ".join(f"{year}: {_written(value)}" for year, value in part.get("path", {}).items())
        return "; ".join([*([path] if path else []), *(f"{name} {_written(value)}" for name, value in rest.items())])
    if isinstance(part, list):
        return ", ".join(_written(value) for value in part)
    if isinstance(part, float) and part.is_integer():
        return str(int(part))
    return str(part)
