"""What figures say in words about the results that they show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.analysis.align import common_years, unlike
from sim.analysis.selection import age_width, name_of, step_of, title_of, years_label
from sim.plots.language import called, said
from sim.plots.style import number

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    import xarray as xr


def of_what(result: xr.Dataset, region: str | None = None, group: str | None = None) -> str:
    """Return the title of a result, with the part of the population that is shown."""
    named = {"title": title_of(result), "region": in_words(region or ""), "group": in_words(group or "")}
    if region and group:
        return said("{title}: region {region}, group {group}", **named)
    if region:
        return said("{title}: region {region}", **named)
    return said("{title}: group {group}", **named) if group else named["title"]


def in_words(label: str) -> str:
    """Return the label of a group, region, motive, sponsor or outcome as it is written in a figure."""
    return called("EU free movement" if label == "eu_free_movement" else label.replace("_", " "))


def counted(value: float, unit: str) -> str:
    """Write a number with its unit, ``persons`` or ``files``, which is in the singular after 1."""
    written, count = number(value, 0), round(value)
    if unit == "persons":
        return said("{number} persons", count, number=written)
    return said("{number} files", count, number=written)


def day_in_words(day: datetime.date) -> str:
    """Return a day as it is written in a text."""
    at = {"day": day.day, "year": day.year}
    written = (
        said("{day} January {year}", day.day, **at),
        said("{day} February {year}", day.day, **at),
        said("{day} March {year}", day.day, **at),
        said("{day} April {year}", day.day, **at),
        said("{day} May {year}", day.day, **at),
        said("{day} June {year}", day.day, **at),
        said("{day} July {year}", day.day, **at),
        said("{day} August {year}", day.day, **at),
        said("{day} September {year}", day.day, **at),
        said("{day} October {year}", day.day, **at),
        said("{day} November {year}", day.day, **at),
        said("{day} December {year}", day.day, **at),
    )
    return written[day.month - 1]


def _in_letters(count: int) -> str:
    """Write a small number as a word."""
    written = {
        2: said("two"),
        3: said("three"),
        4: said("four"),
        5: said("five"),
        6: said("six"),
        7: said("seven"),
        8: said("eight"),
        9: said("nine"),
        10: said("ten"),
    }
    return written.get(count, str(count))


OLDEST_DRAWN = 105
"""Age up to which an open age after single ages is drawn."""


def by_age(result: xr.Dataset) -> str:
    """Say which ages a result tells apart."""
    width, last = age_width(result), int(result["age"].values[-1])
    if width > 1:
        return said("by age group of {number} years", number=_in_letters(width))
    if last < OLDEST_DRAWN - 1:
        over = {"age": last, "oldest": OLDEST_DRAWN}
        return said("by single year of age, those of {age} and over evenly to {oldest}", **over)
    return said("by single year of age")


def every_step(result: xr.Dataset, marks: str = "Dots:") -> str:
    """Say how far apart the points of a path are, as the end of a line; nothing where they are a year apart.

    `marks` is ``Dots:`` where each has a dot, or ``Computed``.
    """
    step = step_of(result)
    if step == 1:
        return ""
    number = _in_letters(step)
    if marks == "Computed":
        return said(". Computed every {number} years, straight lines between", number=number)
    return said(". Dots: every {number} years, straight lines between", number=number)


def mean_of_step(result: xr.Dataset) -> str:
    """Say over how long flows a year are means, as the end of a line; nothing where steps are a year long."""
    step = step_of(result)
    return "" if step == 1 else said(", mean of each {number} years", number=_in_letters(step))


def listed(texts: Iterable[str]) -> str:
    """Return texts one after the other, as a list in a sentence."""
    return said("; ").join(texts)


def source_line(
    results: Iterable[xr.Dataset], sources: Iterable[str] = (), labels: Mapping[str, str] | None = None
) -> str:
    """Return the line at the bottom of a figure: sources of the data shown, and the projections.

    Parameters
    ----------
    results : iterable of xarray.Dataset
        Results shown.
    sources : iterable of str
        Texts of the sources of other data shown.
    labels : mapping of str to str, optional
        What results are called in the figure, by name; written before titles that are not shown there.

    Returns
    -------
    str
        One sentence.
    """
    shown = labels or {}
    titles = []
    for result in results:
        title = str(result.attrs.get("sweep", title_of(result)))
        label = shown.get(name_of(result), title)
        titles.append(title if label == title or "sweep" in result.attrs else f"{label} \N{EN DASH} {title}")
    titles = list(dict.fromkeys(titles))
    told = listed(map(called, _fullest(list(dict.fromkeys(text.rstrip(".") for text in sources)))))
    count, named = len(titles), {"titles": listed(titles)}
    line = (
        said("Source: {sources}; projections computed with saldo: {titles}", count, sources=told, **named)
        if told
        else said("Projections computed with saldo: {titles}", count, **named)
    )
    return line.rstrip(".") + "."


def _fullest(texts: list[str]) -> list[str]:
    """Leave out texts with which a fuller one begins: "Statbel" beside "Statbel (National Register)"."""
    return [text for text in texts if not any(other.startswith((f"{text} (", f"{text};")) for other in texts)]


def base_sources(results: Iterable[xr.Dataset]) -> list[str]:
    """Return what the populations that the results start from are, each once."""
    texts = (str(result.attrs.get("population_source", "")) for result in results)
    return [text for text in dict.fromkeys(texts) if text]


def scenario_of(result: xr.Dataset) -> dict[str, Any]:
    """Return the scenario that a result was computed from, as a file states it; nothing where it is not kept."""
    scenario: dict[str, Any] = json.loads(result.attrs.get("scenario") or "{}")
    return scenario


def stated_sources(result: xr.Dataset, parts: Iterable[Any]) -> list[str]:
    """Return the sources that parts of a scenario state.

    Parameters
    ----------
    result : xarray.Dataset
        A result of that scenario.
    parts : iterable
        Parts, such as its streams of immigrants, of any depth.

    Returns
    -------
    list of str
        Their texts, each once, and at last that there are assumptions, where there are.
    """
    texts: dict[str, str] = json.loads(result.attrs.get("sources") or "{}")
    stated = [found for part in parts for found in _stated(part)]
    named = dict.fromkeys(texts.get(text, text) for key, text in stated if key == "source")
    return [*named, *([said("assumptions of the scenario")] if any(key == "assumption" for key, _ in stated) else [])]


def _stated(part: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Return every source and assumption within a part of a scenario."""
    if isinstance(part, list):
        return [found for child in part for found in _stated(child)]
    if not isinstance(part, dict):
        return []
    here = [(key, part[key]) for key in ("source", "assumption") if isinstance(part.get(key), str) and part[key]]
    return here + [found for child in part.values() for found in _stated(child)]


def common_sweep(results: Iterable[xr.Dataset]) -> str:
    """Return the title of the sweep that all results are variants of, or nothing."""
    titles = {str(result.attrs.get("sweep", "")) for result in results}
    return titles.pop() if len(titles) == 1 else ""


def of_all(results: Sequence[xr.Dataset], region: str | None = None, group: str | None = None) -> str:
    """Return the title of one result, or of the sweep that several are variants of, with the part that is shown."""
    if len(results) == 1:
        return of_what(results[0], region, group)
    parts = [said("Only region {label}", label=in_words(region))] if region else []
    parts += [said("Only group {label}", label=in_words(group))] if group else []
    return ". ".join(filter(None, [common_sweep(results), *parts]))


def left_out(results: Sequence[xr.Dataset], *, ages: bool = False, states: bool = False) -> str:
    """Say what is not shown of results that do not fit each other, as the end of a line.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        As they are, before `sim.analysis.align.aligned`.
    ages, states : bool
        Whether the figure tells ages, and regions and groups, apart.

    Returns
    -------
    str
        Sentences after a full stop; nothing where all is shown.
    """
    found, years = unlike(results), common_years(results)
    told = [said("Only {years}, which all cover", years=years_label([years[0], years[-1]]))] * found.years
    if ages and found.width is not None:
        told.append(said("Ages summed to groups of {width} years", width=found.width))
    if ages and found.open_age is not None:
        told.append(said("Ages {age} and over together, as not all tell them apart", age=found.open_age))
    if states and "region" in found.states:
        told.append(said("Regions together, as they differ"))
    if states and "group" in found.states:
        told.append(said("Groups together, as they differ"))
    return "".join(f". {sentence}" for sentence in told)
