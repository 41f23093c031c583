"""Labels beside what they name: spread so that none covers another, or a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.plots.style import (
    FONT_SIZE,
    FULL_WIDTH,
    LINE_HEIGHT,
    MARGIN,
    NEUTRAL,
    TICK_LABEL_ROOM,
    YEAR_LABEL_ROOM,
    Page,
    measure,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

END_GAP = 0.12
"""Inches from the end of a line to its label."""

END_PADDING = 0.04
"""Inches between two labels."""

WIDEST_END_LABEL = 1.65
_DISTANCES = (5.0, 9.0, 14.0, 20.0, 28.0, 38.0, 50.0)
_DIRECTIONS = (
    *((0, 1), (0, -1), (0.5, 1), (-0.5, 1), (0.5, -1), (-0.5, -1)),
    *((1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0)),
)
"""Ways from a point to the middle of its label: half a way sideways leaves a part of the label over the point."""
_LEADER_FROM = 14.0
_LEADER_POINTS = 24
_LEADER_GAP = 0.03
"""Inches from the line that leads to a label at an end to the label."""
_LEAST_APART = 8.0
"""Points between two labels side by side, so that they do not read as one."""


class EndLabel(NamedTuple):
    """What stands at the right end of a line."""

    value: float
    text: str
    color: str
    at_line: bool = True
    """Whether there is a line or an area at the value, to which a thin line leads where the label had to be moved."""

    weight: str = "normal"


def room_for(texts: Sequence[str]) -> tuple[float, float]:
    """Measure the room that end labels need.

    Parameters
    ----------
    texts : sequence of str
        Wrapped labels.

    Returns
    -------
    tuple of float
        Inches to leave to the right of the axes, and the least height of the axes.
    """
    sizes = [measure(text) for text in texts]
    width = max(width for width, _ in sizes) + END_GAP + MARGIN
    return width, sum(height + END_PADDING for _, height in sizes)


def path_axes(page: Page, ends: Sequence[EndLabel]) -> Axes:
    """Add axes for paths over years that leave room for the labels at their ends.

    Parameters
    ----------
    page : Page
        Page, of which the axes fill the height.
    ends : sequence of EndLabel
        What `end_labels` will write.

    Returns
    -------
    matplotlib.axes.Axes
        Empty axes.
    """
    room = max(measure(end.text, weight=end.weight)[0] for end in ends) + END_GAP + MARGIN
    left = MARGIN + TICK_LABEL_ROOM
    axes = page.axes(left, YEAR_LABEL_ROOM, FULL_WIDTH - left - room, page.plot_height - YEAR_LABEL_ROOM)
    plain(axes)
    return axes


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Move boxes on a line as little as possible so that none covers another.

    Parameters
    ----------
    wanted : sequence of float
        Where the middle of each box should be.
    heights : sequence of float
        Height of each box.
    low, high : float
        Bounds that the boxes keep, as long as there is room for all.

    Returns
    -------
    list of float
        Where the middle of each box is, in the order of the boxes wanted.
    """
    order = sorted(range(len(wanted)), key=lambda box: wanted[box])
    blocks: list[tuple[float, list[int]]] = []
    for box in order:
        members = [box]
        start = _start(members, wanted, heights, low, high)
        while blocks and sum(heights[member] for member in blocks[-1][1]) + blocks[-1][0] > start:
            members = blocks.pop()[1] + members
            start = _start(members, wanted, heights, low, high)
        blocks.append((start, members))
    middles = [0.0] * len(wanted)
    for start, members in blocks:
        for member in members:
            middles[member] = start + heights[member] / 2
            start += heights[member]
    return middles


def _start(members: list[int], wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> float:
    """Return where a block of touching boxes begins, so that they are nearest to where they should be."""
    ends = np.cumsum([heights[member] for member in members])
    middles = ends - [heights[member] / 2 for member in members]
    start = float(np.mean([wanted[member] for member in members] - middles))
    return max(low, min(start, high - float(ends[-1])))


def end_labels(page: Page, axes: Axes, labels: Sequence[EndLabel], *, left: bool = False) -> None:
    """Write labels to the right of the axes, or to their left, each beside the end of its line.

    Parameters
    ----------
    page : Page
        Page of the axes.
    axes : matplotlib.axes.Axes
        Axes with final limits; the lines end at their edge.
    labels : sequence of EndLabel
        What to write, already wrapped. A thin line leads to a label that had to be moved, from edge to edge, so
        that lines to labels in the order of their values do not cross.
    left : bool
        Write to the left, where the axes have no tick labels.
    """
    edge, way, side = (0, -1, "right") if left else (1, 1, "left")
    dpi = page.figure.dpi
    box = axes.get_window_extent()
    wanted = [axes.transData.transform((0, label.value))[1] / dpi for label in labels]
    heights = [measure(label.text)[1] + END_PADDING for label in labels]
    middles = spread(wanted, heights, box.y0 / dpi - 0.1, box.y1 / dpi + 0.1)
    for label, at, middle in zip(labels, wanted, middles, strict=True):
        moved = label.at_line and abs(middle - at) > 0.03
        near = 1 - edge - way * _LEADER_GAP / measure(label.text)[0]
        axes.annotate(
            label.text,
            xy=(edge, (at * dpi - box.y0) / box.height),
            xycoords="axes fraction",
            xytext=(way * END_GAP * 72, (middle - at) * 72),
            textcoords="offset points",
            color=label.color,
            fontsize=FONT_SIZE,
            linespacing=LINE_HEIGHT,
            horizontalalignment=side,
            verticalalignment="center",
            annotation_clip=False,
            arrowprops=_leader(label.color, near, 0.0, 1.5) if moved else None,
            gid="end-label",
        )


def place(page: Page, axes: Axes, text: str, at: tuple[float, float], color: str) -> None:
    """Write a label near a point where it covers neither a line nor another label.

    Parameters
    ----------
    page : Page
        Page of the axes.
    axes : matplotlib.axes.Axes
        Axes with final limits and with everything drawn that a label must not cover.
    text : str
        What to write.
    at : tuple of float
        The point, in data coordinates.
    color : str
        Colour of the text.

    Notes
    -----
    Of twelve directions and growing distances, the first place wins that covers least. A thin line
    leads to a label that stands far off.
    """
    from matplotlib.patheffects import withStroke

    point = np.asarray(axes.transData.transform(at)) / page.figure.dpi * 72
    middle_x, middle_y, distance = _best_place(page, axes, point, np.array(measure(text)) * 72)
    axes.annotate(
        text,
        xy=at,
        xytext=(middle_x - point[0], middle_y - point[1]),
        textcoords="offset points",
        color=color,
        fontsize=FONT_SIZE,
        linespacing=LINE_HEIGHT,
        horizontalalignment="center",
        verticalalignment="center",
        annotation_clip=False,
        arrowprops=_leader(NEUTRAL, 0.5) if distance >= _LEADER_FROM else None,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
        gid="label",
    )


def _best_place(
    page: Page, axes: Axes, point: NDArray[np.float64], size: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return the middle of the best box of a size near a point, and its distance, in points of the page."""
    marks, boxes = _obstacles(page, axes)
    inside = np.array(axes.get_window_extent().extents) / page.figure.dpi * 72
    costs = {}
    for distance in _DISTANCES:
        for direction in _DIRECTIONS:
            middle = point + np.array(direction) * (size / 2 + distance / np.hypot(*direction))
            box = np.concatenate([middle - size / 2 - 1.5, middle + size / 2 + 1.5])
            leader = np.linspace(point, middle, _LEADER_POINTS if distance >= _LEADER_FROM else 0)
            costs[float(middle[0]), float(middle[1]), distance] = _cost(box, leader, marks, boxes, inside)
    return min(costs, key=lambda candidate: costs[candidate])


def _leader(color: str, at: float, from_label: float = 1.0, to_point: float = 2.0) -> dict[str, object]:
    """Look of the thin line from a point to its label: to its left side (0), its middle or its right side (1)."""
    return {
        "arrowstyle": "-",
        "color": color,
        "linewidth": 0.5,
        "shrinkA": from_label,
        "shrinkB": to_point,
        "relpos": (at, 0.5),
    }


def _obstacles(page: Page, axes: Axes) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Return points along all lines, and the boxes of all labels, in points of the page."""
    to_points = 72 / page.figure.dpi
    marks = [np.empty((0, 2))]
    for line in axes.get_lines():
        path = line.get_transform().transform(line.get_xydata()) * to_points
        path = path[np.isfinite(path).all(axis=1)]
        if len(path) == 0 or line.get_gid() == "guide":
            continue
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        fine = np.linspace(0, along[-1], 2 + int(along[-1] // 2))
        marks.append(np.column_stack([np.interp(fine, along, path[:, axis]) for axis in (0, 1)]))
    texts = [text for text in axes.texts if text.get_text()]
    return np.vstack(marks), [np.array(text.get_window_extent().extents) * to_points for text in texts]


def _cost(
    box: NDArray[np.float64],
    leader: NDArray[np.float64],
    marks: NDArray[np.float64],
    boxes: list[NDArray[np.float64]],
    inside: NDArray[np.float64],
) -> float:
    """Count what a box would cover: lines by their length, labels, under its leader too, and the edge as worse."""
    covered = np.sum(np.all((marks > box[:2]) & (marks < box[2:]), axis=1))
    apart = np.array([_LEAST_APART, 0])
    hit = sum(bool(np.all(box[:2] - apart < other[2:]) and np.all(other[:2] - apart < box[2:])) for other in boxes)
    hit += sum(bool(np.all((leader > other[:2]) & (leader < other[2:]), axis=1).any()) for other in boxes)
    out = np.any(box[:2] < inside[:2]) or np.any(box[2:] > inside[2:])
    return float(covered + 1000 * hit + 1000 * out)
