"""Results as XLSX workbooks: where a result comes from, and a sheet for each of its tables."""

from __future__ import annotations

import io
import json
import math
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.export.extras import installed
from sim.analysis.export.tables import FORMULA_STARTS, Column, indicator_columns, unit_of, variable_columns
from sim.analysis.selection import title_of
from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import xarray as xr

    Row = tuple[str, str, str]

PROVENANCE = "provenance"
INDICATORS_SHEET = "indicators"
OF_THE_RUN = {
    "name": "name",
    "title": "title",
    "changes": "changed from outside its file",
    "comment": "note",
    "population_source": "population counted by",
    "convention": "step convention",
    "scenario_sha256": "sha256 of the scenario",
}
"""Attributes of a result, by what the provenance calls them."""
TEXTS = {"sources": "source", "inputs": "sha256 of input", "versions": "version"}
"""Attributes that hold texts by key in JSON."""

MOST_ROWS = 1_048_576
"""Rows of a sheet, its header among them."""
LONGEST_NAME = 31
FORBIDDEN_IN_NAMES = "[]:*?/\\'"
RESERVED_NAMES = ("history",)
NARROWEST, WIDEST = 9, 100
"""Widths of columns, in characters."""
MARGIN = 3
"""Characters of a column that its button to filter takes."""
LINE = 15
"""Height of a line, in points."""
WRAPPED_FROM = 40
"""Width from which texts are broken into lines."""
CREATED = datetime(2000, 1, 1)
"""Date that every workbook bears, so that the same result gives the same bytes."""
NUMBER_FORMATS = {"years": "0.00", "per 100": "0.0", "per thousand": "0.00", "a year": "0.0000"}
COUNTS = ("persons", "files", "cases")
"""Units, alone or in a step of several years, of numbers that have separators of thousands."""
A4 = 9
"""Number of that paper in XLSX."""
HEADER = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}


class _Exact(float):
    """A number that is written with all the digits that tell it from its neighbours, where XlsxWriter writes 16."""

    def __format__(self, _form: str) -> str:
        return repr(float(self))


def workbook(
    result: xr.Dataset, variable: str | None = None, by: Sequence[str] | None = None, *, indicators: bool = False
) -> bytes:
    """Write a result, or one table of it, into a workbook.

    Parameters
    ----------
    result : xarray.Dataset
        A result.
    variable : str, optional
        The only variable; where neither it nor `indicators` is given, all variables and the indicators.
    by : sequence of str, optional
        Dimensions of that variable kept apart, as in `table`.
    indicators : bool
        The indicators only.

    Returns
    -------
    bytes
        An XLSX file, the same for the same result: first a sheet that tells where it comes from, then those of the
        tables, as `table` and `indicator_table` list them. Numbers are in full precision, texts never taken for
        formulas, and cells empty where nothing is known.

    Raises
    ------
    DataError
        As `table` and `indicator_table` where one table is asked for; of a whole result, indicators that its ages
        cannot make up are left out, which the provenance tells. Where XlsxWriter is not installed, or a sheet would
        be larger or a text longer than Excel takes.
    """
    xlsxwriter = installed("xlsxwriter", "excel")
    tables: dict[str, list[Column]] = {}
    left_out: list[Row] = []
    if variable is not None:
        tables[variable] = variable_columns(result, variable, by)
    elif indicators:
        tables[INDICATORS_SHEET] = indicator_columns(result)
    else:
        tables = {str(name): variable_columns(result, str(name)) for name in result.data_vars}
        try:
            tables[INDICATORS_SHEET] = indicator_columns(result)
        except DataError as error:
            left_out.append(("left out", INDICATORS_SHEET, str(error)))
    names = sheet_names([PROVENANCE, *tables])
    told = [("table", sheet, _meaning(result, name)) for sheet, name in zip(names[1:], tables, strict=True)]
    rows = [*_about_the_run(result), *told, *left_out, *_origins(result)]
    return _written(xlsxwriter, title_of(result), dict(zip(names, [_as_columns(rows), *tables.values()], strict=True)))


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Return names that Excel takes for sheets.

    Parameters
    ----------
    wanted : sequence of str
        Names of any kind.

    Returns
    -------
    list of str
        At most 31 characters each, without those that Excel forbids, told apart by more than capitals.
    """
    names: list[str] = []
    for name in wanted:
        letters = ("_" if letter in FORBIDDEN_IN_NAMES or not letter.isprintable() else letter for letter in name)
        cleaned = "".join(letters) or "_"
        short, number = cleaned[:LONGEST_NAME], 1
        while short.lower() in {*(each.lower() for each in names), *RESERVED_NAMES}:
            number += 1
            short = f"{cleaned[: LONGEST_NAME - len(str(number)) - 1]}~{number}"
        names.append(short)
    return names


def _about_the_run(result: xr.Dataset) -> Iterator[Row]:
    """What was run, and what its labels are."""
    yield from (("run", words, str(result.attrs[key])) for key, words in OF_THE_RUN.items() if result.attrs.get(key))
    years, ages = result["year"].values, result["age"]
    yield "covers", "years", f"1 January {years[0]} to 1 January {years[-1]}"
    told = [str(ages.attrs[key]) for key in ("long_name", "comment") if key in ages.attrs]
    yield "covers", "ages", "; ".join([f"{ages.values[0]} to {ages.values[-1]}", *told])
    for name in result.dims:
        if name not in {"year", "period", "age"}:
            yield "covers", str(name), ", ".join(map(str, result[name].values))
    for name, found in result.coords.items():
        for place, text in np.ndenumerate(found.values) if found.dims != (name,) else ():
            labels = (str(result[each].values[index]) for each, index in zip(found.dims, place, strict=True))
            yield str(name), ", ".join(labels), str(text)


def _meaning(result: xr.Dataset, table: str) -> str:
    """What a table holds, and in which unit."""
    if table not in result:
        return "indicators of ageing and growth on 1 January; flows and rates of the year, or step, that begins there"
    return f"{result[table].attrs.get('long_name', table)} [{unit_of(result, table)}]"


def _origins(result: xr.Dataset) -> Iterator[Row]:
    """Where a result comes from; the scenario is JSON, one key a line, and so a scenario file in YAML."""
    for key, part in TEXTS.items():
        yield from ((part, name, text) for name, text in json.loads(result.attrs.get(key) or "{}").items())
    yield from (("warning", "", text) for text in json.loads(result.attrs.get("warnings") or "[]"))
    scenario = json.loads(result.attrs.get("scenario") or "{}")
    lines = json.dumps(scenario, indent=2, ensure_ascii=False).split("\n") if scenario else []
    yield from (("scenario", f"line {number}", line) for number, line in enumerate(lines, start=1))


def _as_columns(rows: Sequence[Row]) -> list[Column]:
    """Turn the rows of the provenance into columns."""
    cells = np.array(rows, dtype=object)
    return [Column(name, cells[:, place]) for place, name in enumerate(("part", "item", "text"))]


def _written(xlsxwriter: Any, title: str, sheets: dict[str, list[Column]]) -> bytes:  # noqa: ANN401
    """Write tables into a workbook, a sheet each."""
    for name, columns in sheets.items():
        rows = len(columns[0].values)
        if rows >= MOST_ROWS:
            message = (
                f"the table '{name}' has {rows:,} rows, and a sheet of Excel at most {MOST_ROWS - 1:,} below its "
                "header; export one variable by fewer dimensions, or write CSV"
            )
            raise DataError(message)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    try:
        book.set_properties({"title": title, "created": CREATED})
        for name, columns in sheets.items():
            _fill(book, book.add_worksheet(name), columns)
    finally:
        book.close()
    return buffer.getvalue()


def _fill(book: Any, sheet: Any, columns: Sequence[Column]) -> None:  # noqa: ANN401
    """Write a table into a sheet, row by row, under a header that stays in sight and repeats in print."""
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(columns[0].values), len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    looks, widths = [], [min(_width(column), WIDEST) for column in columns]
    for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
        look = {"num_format": _number_format(column.unit), "valign": "top", "text_wrap": width > WRAPPED_FROM}
        looks.append(look if column.unit else look | {"align": "left"})
        sheet.set_column(place, place, width)
    header = [(HEADER | {"align": "right" if column.unit else "left"}) for column in columns]
    rows = zip(*(column.values.tolist() for column in columns), strict=True)
    _write_rows(book, sheet, [[column.header for column in columns]], header, widths, first=0)
    _write_rows(book, sheet, rows, looks, widths, first=1)


def _write_rows(
    book: Any,  # noqa: ANN401
    sheet: Any,  # noqa: ANN401
    rows: Iterable[Sequence[Any]],
    looks: Sequence[dict[str, Any]],
    widths: Sequence[int],
    *,
    first: int,
) -> None:
    """Write rows, each as high as its texts that are broken into lines."""
    formats = [(book.add_format(look), book.add_format(look | {"quote_prefix": True})) for look in looks]
    wrapped = [(place, width) for place, width in enumerate(widths) if looks[place]["text_wrap"]]
    for row, cells in enumerate(rows, start=first):
        lines = max((len(wrap(str(cells[place]), width - MARGIN)) for place, width in wrapped), default=1)
        if lines > 1:
            sheet.set_row(row, lines * LINE)
        for place, value in enumerate(cells):
            _write(sheet, row, place, value, formats[place])


def _write(sheet: Any, row: int, place: int, value: str | float, looks: tuple[Any, Any]) -> None:  # noqa: ANN401
    """Write a cell: texts as texts, numbers as numbers, nothing where nothing is known."""
    plain, quoted = looks
    if isinstance(value, float):
        if math.isfinite(value):
            sheet.write_number(row, place, _Exact(value), plain)
        elif math.isinf(value):
            sheet.write_string(row, place, str(value), plain)
    elif isinstance(value, str):
        if sheet.write_string(row, place, value, quoted if value.startswith(FORMULA_STARTS) else plain) != 0:
            message = f"a text of {len(value):,} characters is longer than a cell of Excel takes: {value[:50]}..."
            raise DataError(message)
    else:
        sheet.write_number(row, place, value, plain)


def _width(column: Column) -> int:
    """Width that shows every number, and the words of a header and of most texts, whole."""
    if column.values.dtype.kind == "f":
        known = np.abs(column.values[np.isfinite(column.values)])
        longest = len(f"-{known.max():,.1f}") if known.size else 0
    else:
        longest = max((len(str(value)) for value in column.values.tolist()), default=0)
    return max(NARROWEST, longest + 1, max(map(len, column.header.split(" "))) + MARGIN)


def _number_format(unit: str) -> str:
    """How numbers of a unit are shown; labels as they are."""
    if not unit:
        return "General"
    return "#,##0.0" if unit.split(" in ")[0] in COUNTS else NUMBER_FORMATS.get(unit, "0.000")
