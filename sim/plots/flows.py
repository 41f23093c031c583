"""What makes several populations grow, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis import indicators
from sim.analysis.align import aligned_flows
from sim.analysis.selection import per_year, step_of, years_label
from sim.plots.language import said
from sim.plots.panels import (
    LEAST_ROW,
    Path,
    add_panels,
    draw_lines,
    extent,
    key_height,
    key_note,
    panels,
    room_at_ends,
    signs_of,
    write_key,
)
from sim.plots.style import TICK_LABEL_ROOM, Page, scale_for
from sim.plots.words import base_sources, left_out, mean_of_step, of_all, source_line

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_HEIGHT = 1.9


def components_of_several(whole: list[xr.Dataset], region: str | None, group: str | None) -> Figure:
    """Draw each component of change of several results in a panel of its own.

    Parameters
    ----------
    whole : list of xarray.Dataset
        Results of one scenario and one draw each, the one in black first, already cut to the region and group.
    region, group : str, optional
        What they are cut to.

    Returns
    -------
    matplotlib.figure.Figure
        Births, deaths, the natural balance and net migration by calendar year; of a part also moves and changes
        between it and others, where all results have them. Flows of longer steps are yearly means, at the middle of
        the step. Balances hold zero; births and deaths begin a little below their lowest value.
    """
    runs = aligned_flows(whole)
    signs = signs_of(whole)
    step = step_of(runs[0])
    flows = _flows(runs)
    everything = [value for paths in flows.values() for path in paths for value in path.values.tolist()]
    scale = scale_for(max(max(everything), -min(everything)))
    labels = [
        sign.label(scale.write(float(path.values[-1])))
        for paths in flows.values()
        for sign, path in zip(signs, paths, strict=True)
    ]
    headings = {
        "births": said("Births a year"),
        "deaths": said("Deaths a year"),
        "natural_balance": said("Births less deaths a year"),
        "net_migration": said("Net migration a year"),
        "moves": said("Net moves from other regions a year"),
        "changes": said("Net changes from other groups a year"),
    }
    height = max(_HEIGHT, LEAST_ROW * len(signs))
    placed = panels([headings[name] for name in flows], 2, height, TICK_LABEL_ROOM, room_at_ends(labels))
    periods = runs[0]["period"].values
    first, last = int(periods[0]), int(periods[-1]) + step - 1
    when = years_label(list(range(last - step + 1, last + 1)))
    page = Page(
        title=said("Components of change, {years}", years=years_label([first, last])),
        subtitle=of_all(whole, region, group),
        note=f"{scale.persons}{mean_of_step(runs[0])}. {key_note(signs, when)}{left_out(whole)}",
        source=source_line(whole, base_sources(whole), {sign.name: sign.words for sign in signs}),
        plot_height=placed.height + key_height(signs),
    )
    write_key(page, signs)
    for axes, (name, paths) in zip(add_panels(page, placed, TICK_LABEL_ROOM), flows.items(), strict=True):
        low, high = extent(paths)
        ends = (low, high) if name in ("births", "deaths") else (min(low, 0.0), max(high, 0.0))
        draw_lines(page, axes, paths, signs, scale, write=scale.write, ends=ends)
    return page.figure


def _flows(runs: list[xr.Dataset]) -> dict[str, list[Path]]:
    """Return each flow of each result in persons a year, those that all results have."""
    found: dict[str, list[Path]] = {}
    sums = [indicators.components(run) for run in runs]
    sums = [one.assign(natural_balance=one["births"] - one["deaths"]) for one in sums]
    for name in ("births", "deaths", "natural_balance", "net_migration", "moves", "changes"):
        if all(name in one for one in sums):
            found[name] = [_path(run, one[name]) for run, one in zip(runs, sums, strict=True)]
    return found


def _path(run: xr.Dataset, flow: xr.DataArray) -> Path:
    """Return a flow as yearly means at the middle of each step."""
    step = step_of(run)
    yearly = per_year(run, flow)
    return Path(yearly["period"].values[::step] + (step - 1) / 2, np.asarray(yearly.values[::step]))
