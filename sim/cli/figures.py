"""``sim figures``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import drawing
from sim.cli.arguments import ENGLISH, FORMATS, OUTPUTS, AsJson, Language
from sim.cli.messages import columns, say, say_json, warn
from sim.errors import DataError

if TYPE_CHECKING:
    from sim.data.figures import Contradiction, Figure
    from sim.data.figures.sums import SumRule

Words = Annotated[list[str] | None, typer.Argument(metavar="TEXT...", help="Words to look for, or an id.")]


def figures(
    words: Words = None,
    geo: Annotated[str | None, typer.Option("--geo", help="One area only, such as BE.")] = None,
    indicator: Annotated[str | None, typer.Option("--indicator", help="One indicator only.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="One year only.")] = None,
    notes: Annotated[bool, typer.Option("--notes", help="What contradicts what, and sums that fail.")] = False,
    as_json: AsJson = False,
    plot: Annotated[str | None, typer.Option("--plot", metavar="ID", help="Draw an indicator, by name or id.")] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Figure to write: png, svg or pdf.")] = None,
    language: Language = ENGLISH,
) -> None:
    """List, search and show the figures of the sources; a scenario names one as {figure: ID}."""
    from sim.data import figures as sources

    if plot is not None or to is not None:
        if words or indicator or year is not None or notes or as_json:
            message = "draws a whole series; beside it only --geo, --to and --language"
            raise typer.BadParameter(message, param_hint="--plot")
        _draw(plot, geo, to, language)
        return
    if language != ENGLISH:
        message = "goes with --plot; tables are in English"
        raise typer.BadParameter(message, param_hint="--language")
    text = " ".join(words or [])
    found = _exact(text) or sources.figures(text, geo, indicator, year)
    if not found:
        if len(words or []) == 1 and "-" in text:
            sources.figure(text)
        near = ", ".join(sources.words_near(text))
        asked = f"no figure has all of this: {_asked(text, geo, indicator, year)}"
        raise DataError(f"{asked}; near it: {near}" if near else asked)
    if notes:
        everything = not (text or geo or indicator or year is not None)
        _say_notes(None if everything else {entry.id for entry in found}, as_json=as_json)
        return
    if as_json:
        say_json([entry._asdict() for entry in found])
    elif len(found) == 1:
        say(_everything(found[0]))
    else:
        say(_table(found))


def _exact(text: str) -> "tuple[Figure, ...]":
    """Figure whose id the text is."""
    from sim.data import figures as sources

    return tuple(entry for entry in sources.figures() if entry.id == text.lower())


def _asked(text: str, geo: str | None, indicator: str | None, year: int | None) -> str:
    """What was looked for."""
    given = {"": text, "area": geo, "indicator": indicator, "year": year}
    return ", ".join(f"{name} {value}".strip() for name, value in given.items() if value not in {None, ""})


def _table(found: "Sequence[Figure]") -> str:
    """One line a figure."""
    from sim.data.figures import text_of

    rows = [["figure", "area", "year", "what", "value", "source"]]
    rows += [[entry.id, entry.geo, _years(entry), _what(entry), text_of(entry), entry.document] for entry in found]
    widest = max(len(row[-1]) for row in rows)
    return columns([[*row[:-1], row[-1].ljust(widest)] for row in rows], left=4)


def _everything(entry: "Figure") -> str:
    """All that is known of a figure, with the values that contradict it and the rules that it is part of."""
    from sim.data.figures import figure, text_of
    from sim.data.figures.sums import sum_rules

    others = [figure(other) for other in entry.contradicts]
    rows = [
        ("what", _what(entry)),
        ("area", entry.geo),
        ("year", _years(entry)),
        ("value", text_of(entry)),
        ("note", entry.note),
        ("source", f"{entry.document}: {entry.source}"),
        ("published", entry.published),
        *(("contradicts", f"{other.id}: {text_of(other)} ({other.document})") for other in others),
        *(("rule", _verdict(rule)) for rule in sum_rules() if entry.id in rule.figures),
        ("in a scenario", f"{{figure: {entry.id}}}"),
    ]
    return f"{entry.id}\n" + columns([[f"  {name}", value] for name, value in rows if value], left=2)


def _what(entry: "Figure") -> str:
    """Indicator, scope and outlook of a figure, in words."""
    words = entry.indicator.replace("_", " ")
    parts = [words, entry.scope, f"outlook {entry.edition}" if entry.edition else ""]
    return ", ".join(part for part in parts if part)


def _years(entry: "Figure") -> str:
    """Years of a figure; empty where the source names none."""
    if entry.year is None:
        return "" if entry.year_end is None else f"to {entry.year_end}"
    return str(entry.year) if entry.year_end is None else f"{entry.year}-{entry.year_end}"


def _verdict(rule: "SumRule") -> str:
    """One rule, and by how much the figures miss it."""
    from sim.plots.style import number

    decimals = 0 if float(rule.difference).is_integer() else 1
    relation = "" if rule.relation == "equal" else f"{rule.relation} "
    total, computed = (number(value, decimals) for value in (rule.total, rule.computed))
    told = "holds" if rule.holds else f"off by {number(rule.difference, decimals, sign=True)}"
    return f"{rule.rule}: printed {relation}{total}, computed {computed}: {told}"


def _say_notes(wanted: set[str] | None, *, as_json: bool) -> None:
    """Print contradictions, and the sums that fail, of all figures or of some."""
    from sim.data.figures import contradictions
    from sim.data.figures.sums import sum_rules

    def touched(ids: Sequence[str]) -> bool:
        return wanted is None or not wanted.isdisjoint(ids)

    told = [entry for entry in contradictions() if touched(entry.figures)]
    failing = [rule for rule in sum_rules() if not rule.holds and touched(rule.figures)]
    pairs = [pair for pair in _pairs() if touched([entry.id for entry in pair])]
    if as_json:
        content: dict[str, Any] = {
            "contradictions": [entry._asdict() for entry in told],
            "pairs": [[entry.id for entry in pair] for pair in pairs],
            "failing": [rule._asdict() for rule in failing],
        }
        say_json(content)
        return
    blocks = [_block("what does not fit", [_remark(entry) for entry in told])]
    blocks.append(_block("two values for one thing", [_side_by_side(*pair) for pair in pairs]))
    lines = [_verdict(rule) + (f" ({rule.note})" if rule.note else "") for rule in failing]
    blocks.append(_block("sums that fail", lines))
    say("\n\n".join(block for block in blocks if block) or "nothing contradicts these figures")


def _pairs() -> "list[tuple[Figure, Figure]]":
    """Figures that contradict each other, each pair once."""
    from sim.data.figures import figure
    from sim.data.figures import figures as all_figures

    found: list[tuple[Figure, Figure]] = []
    for entry in all_figures():
        others = [figure(other) for other in entry.contradicts]
        found += [(entry, other) for other in others if (other, entry) not in found]
    return found


def _block(title: str, lines: list[str]) -> str:
    """Lines under a title; nothing where there are none."""
    return "\n".join([title, *(f"  {line}" for line in lines)]) if lines else ""


def _remark(entry: "Contradiction") -> str:
    """One thing that does not fit."""
    return f"{entry.about}: {entry.printed}; {entry.check}"


def _side_by_side(one: "Figure", other: "Figure") -> str:
    """Two figures that contradict each other, with their values."""
    from sim.data.figures import text_of

    return f"{one.id} {text_of(one)}, {other.id} {text_of(other)}"


def _draw(name: str | None, geo: str | None, to: Path | None, language: str) -> None:
    """Draw the yearly series of an indicator, or of that of an id, into a file."""
    from sim.data.figures import text_of
    from sim.plots import published_series, speaking
    from sim.plots.known import in_published_series

    if name is None:
        message = "names the file of a figure; say what to draw with --plot"
        raise typer.BadParameter(message, param_hint="--to")
    exact = _exact(name)
    indicator = exact[0].indicator if exact else name.strip().replace(" ", "_").replace("-", "_")
    area = geo or (exact[0].geo if exact else "BE")
    with speaking(language):
        path = to or OUTPUTS / drawing.FIGURES / drawing.file_name(indicator, "png")
        ending = path.suffix.removeprefix(".").lower()
        if ending not in FORMATS:
            message = f"'{path.name}' does not end in one of: {', '.join(FORMATS)}"
            raise typer.BadParameter(message, param_hint="--to")
        figure = published_series(indicator, area)
    for written in drawing.write(figure, path.parent, path.stem, [ending]):
        say(str(written))
    for entry in exact:
        if not in_published_series(entry):
            what = f"{_what(entry)}, {_years(entry)}".rstrip(", ")
            warn(f"{entry.id} is not in the figure, which has the series alone: {text_of(entry)} ({what})")
