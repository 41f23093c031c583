"""Figures of the sources: what was printed, of what, where, and what contradicts what.

Three collections answer to the same functions: the figures of the source documents, those of published outlooks, and
the yearly series of the embedded datasets. Values are as printed. Every file is read once, when it is first asked for.
"""

import csv
import difflib
import itertools
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sim.data import store
from sim.errors import DataError

__all__ = [
    "GEOGRAPHIES",
    "Contradiction",
    "Figure",
    "contradictions",
    "figure",
    "figures",
    "geographies",
    "indicators",
    "remark_on",
    "rows",
    "text_of",
    "words_near",
]

SOURCES = "sources.csv"
EDITIONS = "editions.csv"
CONTRADICTIONS = "contradictions.csv"
GEOGRAPHIES = {"belgium": "BE"}
"""Code of the country that an embedded dataset is of."""
SERIES = "series"
"""What stands in the id of a figure of an embedded series, such as be-series-population-2012."""
MOST_NEAR = 3
NEAR = 0.75
"""Likeness from which on a word may stand for another."""
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_MILLIONS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:million|miljoen|mln|m)\b")


class Figure(NamedTuple):
    """One printed figure, or one of a yearly series."""

    id: str
    """Name of the figure, in lower case, which does not change."""
    geo: str
    """Code of the area, such as BE, BE1 or NL; empty where the source does not tell."""
    indicator: str
    """What was counted or computed."""
    year: int | None
    """Year, 1 January of it for a stock, or the first of several; None where the source names none."""
    year_end: int | None
    """Last of several years; None for a single one."""
    scope: str
    """Of whom, as the source says; empty where it is of all."""
    value: float
    """As printed."""
    unit: str
    """Unit of the value: persons, files, permits, percent, years, …"""
    note: str
    """What a reader should know; empty where there is nothing."""
    document: str
    """Short key of the source; the publisher of a yearly series."""
    source: str
    """Where it was printed."""
    contradicts: tuple[str, ...]
    """Ids of other figures of the same thing that differ."""
    edition: str
    """Published outlook that it is of, such as 2012-2060; empty for what is no outlook."""
    published: str
    """Day, month or year in which the outlook was published."""

    @property
    def yearly(self) -> bool:
        """Whether it belongs to an embedded yearly series."""
        return self.id.split("-")[1:2] == [SERIES]

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last year; None where the source names none."""
        named = [year for year in (self.year, self.year_end) if year is not None]
        return (named[0], named[-1]) if named else None


class Contradiction(NamedTuple):
    """Something in the sources that does not fit, with the figures that it touches."""

    about: str
    """What it is of."""
    figures: tuple[str, ...]
    """Ids of the figures."""
    printed: str
    """What stands in the source."""
    check: str
    """What other figures say."""


def figures(
    text: str | None = None, geo: str | None = None, indicator: str | None = None, year: int | None = None
) -> tuple[Figure, ...]:
    """Return the figures that fit everything asked for.

    Parameters
    ----------
    text : str, optional
        Words; each must stand somewhere in the figure: in its id, indicator, scope, unit, note, source, ….
        Capitals make no difference, "5.7 million" stands for 5700000, and 138.071 for 138,071 too.
    geo : str, optional
        Code of an area.
    indicator : str, optional
        Name of an indicator, with underscores or blanks.
    year : int, optional
        A year that the figure is of, or that lies in its years.

    Returns
    -------
    tuple of Figure
        Figures of the documents, then of the outlooks, then of the yearly series; empty where none fits.

    Raises
    ------
    DataError
        If there is no such area or indicator.
    """
    wanted_geo = None if geo is None else _known(geo.upper(), geographies(), "area")
    wanted = None if indicator is None else _known(_underscored(indicator), indicators(), "indicator")
    words = _MILLIONS.sub(_in_full, (text or "").casefold()).split()
    return tuple(
        entry
        for entry, haystack in zip(_all().values(), _haystacks(), strict=True)
        if (wanted_geo is None or entry.geo == wanted_geo)
        and (wanted is None or entry.indicator == wanted)
        and (year is None or _covers(entry, year))
        and all(word in haystack or _with_commas(word) in haystack for word in words)
    )


def figure(id: str) -> Figure:
    """Return the figure of an id.

    Parameters
    ----------
    id : str
        Such as ``be-immigration-foreigners-2011``.

    Returns
    -------
    Figure
        With everything said of it.

    Raises
    ------
    DataError
        If there is none; the message names the ids nearest to it.
    """
    known = _all()
    if id in known:
        return known[id]
    message = f"there is no figure '{id[:80]}'{_nearest(id, list(known))}"
    raise DataError(message)


def words_near(text: str) -> list[str]:
    """Offer words of the figures for those of a search that no figure has.

    Parameters
    ----------
    text : str
        Words as in `figures`.

    Returns
    -------
    list of str
        The nearest, word by word; none for numbers.
    """
    known = sorted({word for haystack in _haystacks() for word in re.findall(r"[a-z]{3,}", haystack)})
    lost = [word for word in text.casefold().split() if not any(word in haystack for haystack in _haystacks())]
    return [near for word in lost for near in difflib.get_close_matches(word, known, n=MOST_NEAR, cutoff=NEAR)]


def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of the tables of this folder, as they stand there."""
    with (Path(__file__).parent / name).open(newline="", encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def geographies() -> tuple[str, ...]:
    """Return the codes of all areas, in the order of the tables."""
    return tuple(dict.fromkeys(entry.geo for entry in _all().values() if entry.geo))


@cache
def indicators() -> tuple[str, ...]:
    """Return the names of all indicators, in the order of the tables."""
    return tuple(dict.fromkeys(entry.indicator for entry in _all().values()))


@cache
def contradictions() -> tuple[Contradiction, ...]:
    """Return what does not fit in the source documents."""
    return tuple(
        Contradiction(row["about"], tuple(row["figures"].split()), row["printed"], row["check"])
        for row in rows(CONTRADICTIONS)
    )


def text_of(entry: Figure) -> str:
    """Write the value of a figure with its unit, as tables and messages do."""
    value = format(entry.value, "g" if entry.unit == "year" else ",.15g")
    return value if entry.unit in {"year", "flag"} else f"{value} {entry.unit}"


def remark_on(entry: Figure) -> str:
    """Say what is to be known before a figure is used; empty where there is nothing."""
    others = [figure(other) for other in entry.contradicts]
    told = [entry.note, *(f"differs from {other.id}, {text_of(other)}" for other in others)]
    said = "; ".join(part for part in told if part)
    return f"{entry.id}: {text_of(entry)}; {said}" if said else ""


@cache
def _all() -> dict[str, Figure]:
    """All figures by id."""
    printed = [_of_row(row) for name in (SOURCES, EDITIONS) for row in rows(name)]
    named_by: dict[str, list[str]] = {}
    for entry in printed:
        for other in entry.contradicts:
            named_by.setdefault(other, []).append(entry.id)
    series = [entry._replace(contradicts=tuple(named_by.get(entry.id, ()))) for entry in _series()]
    found = {entry.id: entry for entry in itertools.chain(printed, series)}
    if len(found) < len(printed) + len(series):
        message = "two figures have the same id"
        raise DataError(message)
    return found


def _of_row(row: dict[str, str]) -> Figure:
    """Figure of a row of the tables of documents and outlooks."""
    return Figure(
        id=row["id"],
        geo=row["geo"],
        indicator=row["indicator"],
        year=int(row["year"]) if row["year"] else None,
        year_end=int(row["year_end"]) if row["year_end"] else None,
        scope=row["scope"],
        value=float(row["value"]),
        unit=row["unit"],
        note=row["note"],
        document=row["document"],
        source=row["source"],
        contradicts=tuple(row["contradicts"].split()),
        edition=row.get("edition", ""),
        published=row.get("published", ""),
    )


def _series() -> Iterator[Figure]:
    """Figures of the yearly series of the embedded datasets, which stay where they are."""
    for dataset, geo in GEOGRAPHIES.items():
        for entry in store.series(dataset):
            words = [geo.lower(), SERIES, entry.indicator.replace("_", "-"), entry.sex, str(entry.year)]
            yield Figure(
                id="-".join(word for word in words if word),
                geo=geo,
                indicator=entry.indicator,
                year=entry.year,
                year_end=None,
                scope={"female": "women", "male": "men"}.get(entry.sex, entry.sex),
                value=entry.value,
                unit=entry.unit,
                note=entry.note,
                document=entry.publisher,
                source=entry.source,
                contradicts=(),
                edition="",
                published="",
            )


@cache
def _haystacks() -> tuple[str, ...]:
    """What the words of a search are looked for in, figure by figure."""
    return tuple(
        " ".join(
            [
                *(str(field) for field in entry if field is not None and not isinstance(field, tuple)),
                entry.indicator.replace("_", " "),
                format(entry.value, ",.15g"),
                format(entry.value, ".15g"),
            ]
        ).casefold()
        for entry in _all().values()
    )


def _in_full(millions: re.Match[str]) -> str:
    """Digits of a number of millions."""
    return str(round(1_000_000 * float(millions[1].replace(",", "."))))


def _with_commas(word: str) -> str:
    """Number with dots between its thousands as the tables write it; any other word as it is."""
    return word.replace(".", ",") if _THOUSANDS.fullmatch(word) else word


def _covers(entry: Figure, year: int) -> bool:
    """Whether a year is one of those of a figure."""
    return entry.span is not None and entry.span[0] <= year <= entry.span[1]


def _underscored(name: str) -> str:
    """Name of an indicator as the tables write it."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _known(name: str, known: Iterable[str], what: str) -> str:
    """Return a name that is known; of one that is not, say what there is."""
    known = list(known)
    if name in known:
        return name
    near = _nearest(name, known) if what == "indicator" else f"; there are: {', '.join(known)}"
    message = f"there is no {what} '{name[:80]}' among the figures{near}"
    raise DataError(message)


def _nearest(name: str, known: list[str]) -> str:
    """Offer the names that a mistyped one may stand for."""
    close = difflib.get_close_matches(name[:80], known, n=MOST_NEAR, cutoff=0.6)
    return f"; near it: {', '.join(close)}" if close else "; 'sim figures' lists and searches them"
