"""``sim vintages``."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import drawing
from sim.cli.arguments import ENGLISH, OUTPUTS, AsJson, Language, formats
from sim.cli.messages import columns, progress, say, say_json, warn

if TYPE_CHECKING:
    import xarray as xr

    from sim.analysis.vintages import PublishedRow

EDITIONS = Path("scenarios") / "editions"
FOLDER = OUTPUTS / "vintages"
COMPONENTS = {
    "start": "first 1 January",
    "births": "births",
    "deaths": "deaths",
    "net_migration": "net migration",
    "adjustment": "adjustments of the register",
}
"""What parts of the error are called."""
RULE = (
    "constant rates: life expectancy, total fertility and balance of the last year observed before the first\n"
    "1 January (--json names them, and the --set that makes the run)"
)


def vintages(
    editions: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER|FILE...]", help=f"Editions, or folders of them; {EDITIONS} without any."),
    ] = None,
    file_formats: Annotated[str, typer.Option("--format", help="png, svg, pdf, or several with commas.")] = "png",
    language: Language = ENGLISH,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the figures.")] = FOLDER,
    as_json: AsJson = False,
) -> None:
    """Hold published outlooks against what happened, and against constant rates; no run is stored."""
    from sim import plots
    from sim.analysis.vintages import vintages as fared

    wanted = formats(file_formats)
    with progress(quiet=as_json) as tell, plots.speaking(language):
        found = fared(editions or [EDITIONS], tell)
        tell("drawing")
        drawn = {"vintages": plots.vintages(found)}
        if found["editions_reaching"].values[1:].any():
            drawn["vintages-error"] = plots.vintage_errors(found)
        paths = [path for name, figure in drawn.items() for path in drawing.write(figure, out, name, wanted)]
    if as_json:
        say_json({**_content(found), "figures": [str(path) for path in paths]})
        return
    for warning in json.loads(found.attrs["warnings"]):
        warn(f"warning: {warning}")
    blocks = [_published(found), _printed(found), _errors(found), _components(found), _simple(found)]
    blocks.append("\n".join(map(str, paths)))
    say("\n\n".join(block for block in blocks if block))


def _published(found: "xr.Dataset") -> str:
    """Table of the editions with their published populations, and how many of these are met."""
    from sim.analysis.vintages import edition_rows, published_rows

    rows = [["edition", "from", "to", "1 January", "published", "projected", "gap", "", "balance", "to meet it"]]
    published = published_rows(found)
    for edition in edition_rows(found):
        own = [figure for figure in published if figure.edition == edition.edition]
        cells = [_figure(figure) for figure in own] or [["", "none", "", "", "", "", ""]]
        rows += [[edition.edition, str(edition.start), str(edition.end), *row] for row in cells]
    width = max(len(row[7]) for row in rows)
    text = columns([[*row[:7], row[7].ljust(width), *row[8:]] for row in rows])
    if not published:
        return f"{text}\n\nno population was published"
    near, far = sum(figure.near for figure in published), sum(figure.far for figure in published)
    trivial = sum(figure.near and figure.of_start for figure in published)
    return (
        f"{text}\n\n{near} of {len(published)} published populations are met within their rounding and 1 %"
        f" ({trivial} of them of a first 1 January), {len(published) - far} within 3 %;\n"
        "balance: long-term balance of the edition, and the one that would meet the figure; nothing is tuned to it.\n"
        "For a year before the long term the latter may be far off, for the path has only begun to turn to it"
    )


def _printed(found: "xr.Dataset") -> str:
    """Table of what was printed of years that have come since, beside what was observed and what the runs say."""
    from sim.analysis.vintages import printed_rows

    printed = printed_rows(found)
    if not printed:
        return ""
    rows = [["printed of years since observed", "", "", "printed", "observed", "gap", "the run"]]
    for row in printed:
        what = row.indicator.replace("_", " ") + ("" if row.year == row.last_year else ", yearly mean")
        values = (f"{value:,.0f}" for value in (row.printed, row.observed))
        gap = f"{row.printed - row.observed:+z,.0f}"
        rows.append([row.edition, what, _span(row.year, row.last_year), *values, gap, f"{row.projected:,.0f}"])
    return columns(rows, left=2)


def _figure(figure: "PublishedRow") -> list[str]:
    """Cells of one published population."""
    cells = [_span(figure.year, figure.last_year), f"{figure.population:,.0f}"]
    if math.isnan(figure.projected):
        return [*cells, "", "", "not projected", "", ""]
    said = "within rounding + 1 %" if figure.near else "beyond 3 %" if figure.far else "within 3 %"
    said = "first 1 January" if figure.of_start and figure.near else said
    meeting = "" if math.isnan(figure.balance_to_meet) else f"{figure.balance_to_meet:,.0f}"
    gap = f"{figure.gap_percent:+z.1f} %"
    return [*cells, f"{figure.projected:,.0f}", gap, said, f"{figure.balance:,.0f}", meeting]


def _span(first: int, last: int) -> str:
    """One year, or the first and the last of several."""
    return "\N{EN DASH}".join(map(str, dict.fromkeys((first, last))))


def _errors(found: "xr.Dataset") -> str:
    """Table of the errors by edition and horizon, and their means."""
    from sim.analysis.vintages import horizon_rows
    from sim.analysis.vintages.errors import FEWEST, LISTED

    reaching = found["editions_reaching"].values
    horizons = [horizon for horizon in LISTED if horizon < len(reaching) and reaching[horizon]]
    if not horizons:
        return "nothing is observed after the first 1 January of any edition"
    rows = [["error of the runs, percent, after years", *map(str, horizons)]]
    for name in found["edition"].values.tolist():
        line = found["error_percent_by_horizon"].sel(edition=name, horizon=horizons).values.tolist()
        rows.append([name, *map(_signed, line)])
    means = {row.horizon: row for row in horizon_rows(found)}
    rows.append(["editions", *(str(reaching[horizon]) for horizon in horizons)])
    for words, member, form in (("mean", "mean_error", "+z.2f"), ("mean absolute", "mean_absolute_error", ".2f")):
        cells = [format(getattr(means[horizon], member), form) if horizon in means else "-" for horizon in horizons]
        rows.append([words, *cells])
    if not means:
        return f"{columns(rows)}\n\nno horizon is reached by {FEWEST} editions, so that nothing is averaged"
    mean, absolute = float(found["mean_error_growth"]), float(found["mean_absolute_error_growth"])
    return (
        f"{columns(rows)}\n\nper year of horizon the mean absolute error grows by {absolute:.3f} percent, "
        f"the mean error by {mean:+z.3f} (lines through zero);\nthe runs follow the rule of the editions, and may "
        "differ from what was printed of the same years"
    )


def _components(found: "xr.Dataset") -> str:
    """Table of the shares of the components in the errors."""
    from sim.analysis.vintages import component_rows

    places = component_rows(found)
    if not places:
        return ""
    heads = [f"1 January {place.year}" if place.year else place.place for place in places]
    rows = [["share of the error, percent", *heads], ["of errors", *(str(place.errors) for place in places)]]
    rows += [
        [words, *(_percent(100 * place.shares[component]) for place in places)]
        for component, words in COMPONENTS.items()
    ]
    residual = found["period"].values[found["observed_net_migration_is_residual"].values]
    note = (
        "\n\nshares: mean absolute part of a component over the sum of these, while births and deaths are known apart"
    )
    if len(residual):
        note += f"\nnet migration of {residual[0]}-{residual[-1]}: growth less natural balance, adjustments included"
    return f"{columns(rows)}{note}"


def _simple(found: "xr.Dataset") -> str:
    """Table of the errors of the simple rule beside those of the editions."""
    from sim.analysis.vintages import horizon_rows

    summed = horizon_rows(found)
    compared, nearer = int(found["simple_compared"].sum()), int(found["simple_nearer"].sum())
    if not compared:
        return ""
    counted = f"constant rates are nearer in {nearer} of {compared} errors of all editions and years"
    if not summed:
        return f"{counted}\n{RULE}"
    here = f"{sum(row.simple_nearer for row in summed)} of {sum(row.simple_compared for row in summed)}"
    rows = [["mean absolute error, percent, after years", *(str(row.horizon) for row in summed)]]
    rows.append(["editions", *(f"{row.mean_absolute_error:.2f}" for row in summed)])
    rows.append(["constant rates", *(f"{row.simple_mean_absolute_error:.2f}" for row in summed)])
    rows.append(["constant rates nearer", *(f"{row.simple_nearer} of {row.simple_compared}" for row in summed)])
    return f"{columns(rows)}\n\n{counted}, in {here} at these horizons\n{RULE}"


def _content(found: "xr.Dataset") -> dict[str, Any]:
    """Everything for programs: the tables, and all arrays with their labels."""
    from sim.analysis.vintages import component_rows, edition_rows, horizon_rows, printed_rows, published_rows

    editions = [row._asdict() | {"simple_changes": json.loads(row.simple_changes)} for row in edition_rows(found)]
    content = {
        "observed": found.attrs["observed"],
        "editions": editions,
        "published": [row._asdict() | {"gap_percent": row.gap_percent} for row in published_rows(found)],
        "printed": [row._asdict() for row in printed_rows(found)],
        "horizons": [row._asdict() for row in horizon_rows(found)],
        "growth_per_year": {
            "mean_error": float(found["mean_error_growth"]),
            "mean_absolute_error": float(found["mean_absolute_error_growth"]),
        },
        "components": [row._asdict() for row in component_rows(found)],
        "simple_rule": {
            "compared": int(found["simple_compared"].sum()),
            "nearer": int(found["simple_nearer"].sum()),
        },
        "data": {
            str(name): {"dims": list(values.dims), "values": values.values.tolist()}
            for name, values in found.variables.items()
        },
        "warnings": json.loads(found.attrs["warnings"]),
    }
    told: dict[str, Any] = _without_nan(content)
    return told


def _without_nan(content: Any) -> Any:  # noqa: ANN401
    """The same with null for what is not known, as JSON has it."""
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and math.isnan(content) else content


def _signed(value: float) -> str:
    """Error with its sign; a dash where there is none."""
    return "-" if math.isnan(value) else f"{value:+z.2f}"


def _percent(value: float) -> str:
    """Percentage; a dash where there is nothing to weigh."""
    return "-" if math.isnan(value) else f"{value:.1f}"
