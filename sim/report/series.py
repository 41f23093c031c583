"""The numbers of a result that a page shows: of all people, and of each region and group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis import indicators
from sim.analysis.align import pooled
from sim.analysis.selection import per_year, step_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from sim.report.packed import Numbers


class Shown(NamedTuple):
    """How a page shows an indicator."""

    words: str
    """In English."""

    unit: str
    """``persons``, or in English."""

    decimals: int


INDICATORS = {
    "population": Shown("Population on 1 January", "persons", 0),
    "mean_age": Shown("Mean age", "years", 1),
    "young": Shown("People aged 0\N{EN DASH}14", "% of the population", 1),
    "working": Shown("People aged 15\N{EN DASH}64", "% of the population", 1),
    "old": Shown("People aged 65 and over", "% of the population", 1),
    "old_age_dependency": Shown("Old-age dependency", "people aged 65 and over per 100 aged 15\N{EN DASH}64", 1),
    "births": Shown("Births", "persons", 0),
    "deaths": Shown("Deaths", "persons", 0),
    "natural_balance": Shown("Natural balance", "persons", 0),
    "net_migration": Shown("Net migration", "persons", 0),
    "immigration": Shown("Immigration", "persons", 0),
    "emigration": Shown("Emigration", "persons", 0),
    "moves": Shown("Net moves between regions", "persons", 0),
    "changes": Shown("Net changes of group", "persons", 0),
}
"""By name, in the order of the page."""

_FLOWS = ("births", "deaths", "natural_balance", "net_migration")
_SHARES = ("young", "working", "old")
_KEPT_DECIMALS = 3
"""More than are shown, so that rounding twice changes nothing."""
_COUNTED = (
    "population",
    "births",
    "deaths",
    "net_migrants",
    "immigrants",
    "emigrants",
    "moves_in",
    "moves_out",
    "changes_in",
    "changes_out",
)


def parts_of(result: xr.Dataset) -> list[tuple[str | None, str | None]]:
    """Return every region and group of a result that a page can show, None standing for all of them."""
    regions, groups = (
        [None, *(str(label) for label in result[name].values if result.sizes[name] > 1)] for name in ("region", "group")
    )
    return [(region, group) for region in regions for group in groups]


def summed_parts(result: xr.Dataset) -> xr.Dataset:
    """Sum the persons of a result over the regions and groups of each part.

    Parameters
    ----------
    result : xarray.Dataset
        One scenario and one draw.

    Returns
    -------
    xarray.Dataset
        Stocks and flows with a first dimension ``part``, in the order of `parts_of`, and without region and group.
    """
    import xarray as xr

    summed = {name: _by_part(result, result[name]) for name in _COUNTED if name in result}
    coordinates = {name: result[name] for name in ("year", "period", "sex", "age")}
    return xr.Dataset(summed, coords=coordinates)


def _by_part(result: xr.Dataset, values: xr.DataArray) -> xr.DataArray:
    """Sum one variable over the regions and groups of each part."""
    import xarray as xr

    others = [name for name in values.dims if name not in ("region", "group")]
    array = values.transpose("region", "group", *others).values
    places = {
        name: {None: slice(None)} | {str(label): slice(i, i + 1) for i, label in enumerate(result[name].values)}
        for name in ("region", "group")
    }
    parts = [
        array[places["region"][region], places["group"][group]].sum(axis=(0, 1)) for region, group in parts_of(result)
    ]
    return xr.DataArray(np.stack(parts), dims=("part", *others))


def packed_parts(result: xr.Dataset, ages: Sequence[int], numbers: Numbers) -> list[dict[str, Any]]:
    """Keep the indicators and the ages of every part of a result.

    Parameters
    ----------
    result : xarray.Dataset
        One scenario and one draw.
    ages : sequence of int
        Ages of the pyramids, at which ages of the result begin.
    numbers : Numbers
        Where they are kept.

    Returns
    -------
    list of dict
        Region and group (None for all), ``series`` by indicator (flows a calendar year), ``ages``, whole persons by
        1 January, sex and age, and ``sexes``, persons by 1 January and sex.
    """
    summed = summed_parts(result)
    series = _series(summed)
    people = pooled(summed["population"], "age", list(ages)).transpose("part", "year", "sex", "age").values
    shift = int(step_of(result) == 1 and len(ages) > 1 and set(np.diff(ages)) == {1})
    packed = []
    for place, (region, group) in enumerate(parts_of(result)):
        kept = {
            name: numbers.add(values[place], _KEPT_DECIMALS)
            for name, values in series.items()
            if not (name == "moves" and region is None) and not (name == "changes" and group is None)
        }
        cells = numbers.add(people[place], 0, shift)
        sexes = numbers.add(people[place].sum(axis=-1, keepdims=True), _KEPT_DECIMALS)
        packed.append({"region": region, "group": group, "series": kept, "ages": cells, "sexes": sexes})
    return packed


def _series(summed: xr.Dataset) -> dict[str, NDArray[np.float64]]:
    """Compute every indicator that the result allows, (part, year) or (part, calendar year)."""
    wanted: dict[str, Callable[[xr.Dataset], xr.DataArray]] = {
        name: getattr(indicators, name) for name in ("population", "mean_age", *_FLOWS)
    }
    if indicators.begin_at(summed, indicators.WORKING, indicators.OLD):
        wanted["old_age_dependency"] = indicators.old_age_dependency
    if "immigrants" in summed:
        wanted |= {"immigration": indicators.immigration, "emigration": indicators.emigration}
    wanted |= {name: getattr(indicators, name) for name in ("moves", "changes") if f"{name}_in" in summed}
    found = {name: per_year(summed, function(summed)).values for name, function in wanted.items()}
    if "old_age_dependency" in found:
        shares = 100 * indicators.age_group_shares(summed)
        in_order = shares.transpose("age_group", "part", "year").values
        found |= dict(zip(_SHARES, in_order, strict=True))
    return {name: found[name] for name in INDICATORS if name in found}
