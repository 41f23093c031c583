"""``sim fit``."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.arguments import AsJson
from sim.cli.messages import columns, say, say_json, warn
from sim.errors import StoreError

if TYPE_CHECKING:
    from sim.analysis.fit import FittedMortality

fit = typer.Typer(no_args_is_help=True, help="Fit a model to past figures and write a table that scenarios can use.")
MODELS = ("lee_carter", "li_lee")
USES = {"rate": "age: completed", "survival_ratio": "age: reached, open_age: split"}
"""How a scenario takes a table of each kind."""


@fit.callback()
def _about() -> None:
    """Fit a model to past figures and write a table that scenarios can use."""


@fit.command()
def mortality(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="An embedded dataset, or a CSV table of death rates: year, sex, age, value.",
            show_default=False,
        ),
    ],
    until: Annotated[int, typer.Option("--until", metavar="YEAR", help="Last year of the forecast.")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="CSV file of the forecast to write.")],
    model: Annotated[str, typer.Option("--model", help=f"One of: {', '.join(MODELS)}.")] = MODELS[0],
    years: Annotated[
        str | None, typer.Option("--years", metavar="FIRST-LAST", help="Years fitted, as in 1991-2010.")
    ] = None,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Let the ages that gain turn as life expectancy rises (lee_carter).")
    ] = False,
    pattern: Annotated[
        Path | None,
        typer.Option("--pattern", metavar="FILE", help="Also write the age pattern, for the method 'lee_carter'."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit a model of mortality and write its forecast as a table.

    The forecast follows the drift of the index from the last year's fitted risks on, which return that year's observed
    life expectancy: by the index of every year in a Lee-Carter model, by one factor a sex in a Li-Lee model. Datasets
    are fitted with deaths as weights, tables by singular value decomposition.
    """
    from sim.analysis import fit as fitting
    from sim.results.files import write_whole

    if model not in MODELS:
        message = f"'{model}' is no model of mortality; there are: {', '.join(MODELS)}"
        raise typer.BadParameter(message, param_hint="--model")
    if rotate and model != MODELS[0]:
        message = f"goes with --model {MODELS[0]}"
        raise typer.BadParameter(message, param_hint="--rotate")
    _check_files(source, to, pattern)
    fitted = fitting.fit_mortality(source, model, until, years=_span(years), rotate=rotate)
    tables = {to: _csv(fitting.rows(fitted))}
    if pattern is not None:
        tables[pattern] = _csv(fitting.pattern_rows(fitted))
    for path, text in tables.items():
        write_whole(path, text)
    observed = fitted.observed
    notes = list(observed.notes)
    if rising := fitting.rising_risks(fitted):
        notes.append(f"risks rose while mortality fell, and rise in the forecast, at age {', '.join(rising)}")
    if as_json:
        say_json(_told(fitted, notes, list(tables)))
        return
    for note in notes:
        warn(f"note: {note}")
    say(_summary(fitted))
    graduate = ", graduate: monotone" if len(observed.first_ages) <= observed.first_ages[-1] else ""
    say(f"\nmortality: {{{observed.kind}: {{table: {to.name}, {USES[observed.kind]}{graduate}}}}}")
    say("\n".join(str(path) for path in tables))


def _told(fitted: "FittedMortality", notes: list[str], files: list[Path]) -> dict[str, Any]:
    """What was fitted, for programs."""
    from sim.axes import SEXES

    def by_sex(values: Iterable[float]) -> dict[str, float]:
        return dict(zip(SEXES, map(float, values), strict=True))

    return {
        "model": fitted.model,
        "years": list(fitted.observed.years),
        "notes": notes,
        "explained": by_sex(fitted.explained),
        "drift": by_sex(fitted.drift),
        "life_expectancy": {str(year): by_sex(row) for year, row in zip(fitted.years, fitted.expectancy, strict=True)},
        "kind": fitted.observed.kind,
        "files": [str(path) for path in files],
    }


def _summary(fitted: "FittedMortality") -> str:
    """What was fitted, and where it leads."""
    from sim.axes import SEXES

    observed = fitted.observed
    first, last = observed.years[0], observed.years[-1]
    past = observed.expectancy(observed.risks)
    table = [[f"{fitted.model}, {first}-{last} ({len(observed.years)} years)", *SEXES]]
    table.append(["explained", *(f"{100 * share:.1f} %" for share in fitted.explained)])
    table.append(["drift of the index a year", *(f"{drift:.3f}" for drift in fitted.drift)])
    table += [
        [f"life expectancy {year}, observed", *(f"{value:.2f}" for value in past[place])]
        for place, year in ((0, first), (-1, last))
    ]
    shown = dict.fromkeys((fitted.years[0], fitted.years[-1]))
    table += [
        [f"life expectancy {year}, forecast", *(f"{value:.2f}" for value in fitted.expectancy[year - fitted.years[0]])]
        for year in shown
    ]
    return columns(table)


def _check_files(source: str, to: Path, pattern: Path | None) -> None:
    """Refuse to write over the source, two tables into one file, or into a folder that is not there."""
    files = [to] if pattern is None else [to, pattern]
    if len({path.resolve() for path in (*files, Path(source))}) <= len(files):
        message = "the source, the forecast and the pattern are three files; one would be written over another"
        raise typer.BadParameter(message, param_hint="--to")
    for path in files:
        if path.suffix == ".nc":
            message = f"writes CSV, which {path} would not be taken for; name it .csv"
            raise typer.BadParameter(message, param_hint="--to")
        if path.is_dir() or not path.parent.is_dir():
            reason = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            message = f"cannot write {path}: {reason}"
            raise StoreError(message)


def _csv(rows: Iterable[list[str]]) -> bytes:
    """Rows as the bytes of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def _span(text: str | None) -> tuple[int, int] | None:
    """First and last year of what was typed."""
    if text is None:
        return None
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal()) or int(last) < int(first):
        message = f"'{text}' is no span of years; write it as 1991-2010"
        raise typer.BadParameter(message, param_hint="--years")
    return int(first), int(last)
