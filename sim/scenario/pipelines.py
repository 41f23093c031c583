"""What a scenario file may say of procedures that lead into the population: asylum, regularisation."""

from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from sim.scenario.inputs import (
    SUM_TOLERANCE,
    Label,
    Series,
    Share,
    ShareSeries,
    Stated,
    YearPath,
    check_sum,
    exactly_one,
)


class CasesPath(YearPath):
    """Cases of a procedure per year in time: persons, or files of one or more persons."""

    unit: Literal["persons per year", "files per year"]
    """What a case is; the same throughout a pipeline."""


class Decisions(Stated):
    """When applications are decided."""

    delay: Annotated[tuple[Share, ...], Field(strict=False, min_length=1, max_length=30)] | None = None
    """Shares of the applications of a year that are closed in that year, the next one, and so on; they add up to 1.
    Those who wait at the start are closed as if equal numbers had applied in all years before."""
    count: CasesPath | None = None
    """Decisions per year, of those who wait and those who apply in the year."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        exactly_one(self, "delay", "count")
        if self.delay is not None:
            check_sum(dict(enumerate(self.delay)), "the shares of the delay")
        return self


class Outcome(Stated):
    """A title that some of the decided are granted."""

    share: ShareSeries | None = None
    """Share of the decisions, not of the applications, that grant it."""
    count: CasesPath | None = None
    """Decisions per year that grant it."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        exactly_one(self, "share", "count")
        return self


class Pipeline(Stated):
    """A procedure outside the population: people apply, wait, and are granted a title, rejected, or withdraw.

    Who is granted a title enters the population register in the same year, as an immigrant of the stream that names the
    pipeline. Who waits, is rejected or withdraws is not part of the population.
    """

    waiting: Annotated[FiniteFloat, Field(ge=0, le=1e12)]
    """Cases that wait on the first 1 January."""
    applications: CasesPath | None = None
    """Applications per year; none where a campaign decides on a stock of cases that wait."""
    repeat: ShareSeries | None = None
    """Share of the applications by people who have applied before."""
    withdrawn: ShareSeries | None = None
    """Share of the cases closed that are withdrawn instead of decided; none without it."""
    decisions: Decisions
    """When cases are closed."""
    outcomes: Annotated[dict[Label, Outcome], Field(min_length=1)]
    """What the decided may be granted, by a name that no other pipeline uses; all other decided are rejected."""
    persons_per_file: Series | None = None
    """Persons of a file who enter the population register when it is granted, where the cases are files."""

    @property
    def counts(self) -> "dict[tuple[str, ...], CasesPath]":
        """Every count of cases, by its keys."""
        stated: dict[tuple[str, ...], CasesPath | None] = {
            ("applications",): self.applications,
            ("decisions", "count"): self.decisions.count,
            **{("outcomes", name, "count"): outcome.count for name, outcome in self.outcomes.items()},
        }
        return {keys: path for keys, path in stated.items() if path is not None}

    @property
    def case_unit(self) -> str:
        """What a case is: persons, or files."""
        return "files" if self.persons_per_file is not None else "persons"

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        shares = [outcome.share for outcome in self.outcomes.values()]
        total = sum(share for share in shares if isinstance(share, int | float))
        if total > 1 + SUM_TOLERANCE:
            message = f"the shares of the outcomes add up to {total:.9g}; at most 1 of the decided is granted a title"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        units = {path.unit.split()[0] for path in self.counts.values()}
        if len(units) > 1:
            message = "counts some cases in persons and others in files; the unit is the same throughout a pipeline"
            raise ValueError(message)
        if units == {"files"} and self.persons_per_file is None:
            message = "its cases are files: state 'persons_per_file', how many persons of one enter the population"
            raise ValueError(message)
        if units == {"persons"} and self.persons_per_file is not None:
            message = "its cases are persons; 'persons_per_file' goes with 'files per year'"
            raise ValueError(message)
        return self
