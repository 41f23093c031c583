"""Rules that the figures of the sources should keep: totals and their parts, shares, means."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sim.data.figures import figure, rows
from sim.errors import DataError

SUMS = "sums.csv"
SLACK = 1e-9
"""Of floating-point sums of printed decimals."""


class SumRule(NamedTuple):
    """One rule, and whether the printed figures keep it."""

    rule: str
    """What it is of."""
    relation: str
    """How the total is printed: equal to what is computed, or "more than" or "less than" with a round number."""
    total: float
    """As printed; 100 for shares that should make a whole."""
    computed: float
    """Signed sum of the parts, divided and multiplied as the rule says."""
    difference: float
    """Total less what is computed."""
    tolerance: float
    """Largest difference that rounding explains."""
    holds: bool
    """Whether the printed figures keep the rule."""
    figures: tuple[str, ...]
    """Ids of the total and all parts."""
    note: str
    """What a reader should know."""


@cache
def sum_rules() -> tuple[SumRule, ...]:
    """Return all rules, those that hold and those that do not, in the order of the table.

    Returns
    -------
    tuple of SumRule
        Of a rule "more than" the total is a floor for what is computed, of "less than" a ceiling.

    Raises
    ------
    DataError
        If a rule names a figure that is not there, or a relation that is not known.
    """
    return tuple(_judged(row) for row in rows(SUMS))


def _judged(row: dict[str, str]) -> SumRule:
    """Rule of one row."""
    total, computed = _sum(row["total"]), _sum(row["parts"])
    if row["of"]:
        computed /= _sum(row["of"])
    computed *= float(row["times"] or 1)
    difference, tolerance = total - computed, float(row["tolerance"])
    return SumRule(
        rule=row["rule"],
        relation=row["relation"],
        total=total,
        computed=computed,
        difference=difference,
        tolerance=tolerance,
        holds=_holds(row["relation"], difference, tolerance + SLACK * abs(total)),
        figures=tuple(dict.fromkeys(id for column in ("total", "parts", "of") for _, id in _terms(row[column]))),
        note=row["note"],
    )


def _holds(relation: str, difference: float, tolerance: float) -> bool:
    """Whether a difference between a total and what is computed fits how the total is printed."""
    if relation == "equal":
        return abs(difference) <= tolerance
    if relation == "more than":
        return difference <= tolerance
    if relation == "less than":
        return -difference <= tolerance
    message = f"'{relation}' is no relation of a rule; there are: equal, more than, less than"
    raise DataError(message)


def _sum(text: str) -> float:
    """Number that a column stands for: itself, the value of one figure, or a sum of signed ones."""
    terms = list(_terms(text))
    return sum(sign * figure(id).value for sign, id in terms) if terms else float(text)


def _terms(text: str) -> Iterator[tuple[int, str]]:
    """Sign and id of every figure that a column names; none where it is a number."""
    for term in text.split():
        if not term[0].isdigit():
            yield (-1 if term[0] == "-" else 1), term.lstrip("+-")
