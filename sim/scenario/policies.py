"""What a scenario file may say of policies: named, dated changes to flows."""

import contextlib
import datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, FiniteFloat, Tag, model_validator

from sim.axes import TOLD_APART_BY
from sim.scenario.inputs import FIRST_YEAR, LAST_YEAR, Label, Name, Stated, Strict, exactly_one, one_or_several
from sim.scenario.migration import MotiveName
from sim.scenario.yamlfile import Key


def _day(text: object) -> str:
    """Refuse what is no day of the calendar."""
    day = None
    with contextlib.suppress(ValueError):
        day = datetime.date.fromisoformat(str(text))
    if day is None or text != day.isoformat() or not FIRST_YEAR <= day.year <= LAST_YEAR:
        message = f"must be a day as in 2011-09-22, not '{str(text)[:40]}'"
        raise ValueError(message)
    return str(text)


Day = Annotated[str, BeforeValidator(_day)]


class Selected(Strict):
    """Flows that a policy changes: all streams that fit what is named here."""

    flow: Literal["immigration", "emigration", "applications"] = "immigration"
    """Streams of immigrants, streams of emigrants, or applications of a pipeline."""
    motive: MotiveName | None = None
    """Motive of the immigrants."""
    sponsor: Label | None = None
    """Sponsor of the immigrants."""
    nationality: Label | None = None
    """Nationality of the immigrants."""
    region: Label | None = None
    """Region that they settle in, or leave."""
    group: Label | None = None
    """Group that they belong to."""
    pipeline: Name | None = None
    """Pipeline whose applications are meant."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        of_flow = {
            "immigration": (*TOLD_APART_BY, "region", "group"),
            "emigration": ("region", "group"),
            "applications": ("pipeline",),
        }[self.flow]
        for key in (*TOLD_APART_BY, "region", "group", "pipeline"):
            if getattr(self, key) is not None and key not in of_flow:
                message = f"'{key}' does not go with the flow '{self.flow}'; it takes {', '.join(of_flow)}"
                raise ValueError(message)
        if self.flow == "applications" and self.pipeline is None:
            message = "name the 'pipeline' whose applications are meant"
            raise ValueError(message)
        return self


class Scale(Selected):
    """Flows multiplied."""

    factor: Annotated[FiniteFloat, Field(ge=0, le=1000)]
    """What they are multiplied by: 0.8 is a fifth less."""


class Addition(Selected):
    """People added to flows, or taken from them, each flow in proportion to its size."""

    by: Annotated[FiniteFloat, Field(ge=-1e12, le=1e12)]
    """People per year who are added; below zero, who are taken away."""
    unit: Literal["persons per year", "files per year"]
    """Unit of the number."""


class Cap(Selected):
    """A ceiling: flows that are larger together are lowered in proportion."""

    at: Annotated[FiniteFloat, Field(ge=0, le=1e12)]
    """Most people per year of all flows that are meant, together."""
    unit: Literal["persons per year", "files per year"]
    """Unit of the number."""


class End(Selected):
    """Flows that stop."""


Scales = Annotated[
    Annotated[Scale, Tag("<one>")] | Annotated[tuple[Scale, ...], Field(strict=False, min_length=1), Tag("<several>")],
    one_or_several,
]
Additions = Annotated[
    Annotated[Addition, Tag("<one>")]
    | Annotated[tuple[Addition, ...], Field(strict=False, min_length=1), Tag("<several>")],
    one_or_several,
]
Caps = Annotated[
    Annotated[Cap, Tag("<one>")] | Annotated[tuple[Cap, ...], Field(strict=False, min_length=1), Tag("<several>")],
    one_or_several,
]
Ends = Annotated[
    Annotated[End, Tag("<one>")] | Annotated[tuple[End, ...], Field(strict=False, min_length=1), Tag("<several>")],
    one_or_several,
]


class Policy(Stated):
    """A named change to flows from a day on; policies act one after the other, in the order of the file.

    In a year of which it covers a part, it acts in proportion to the days.
    """

    name: Name
    """Short name, for figures and tables."""
    from_: Annotated[Day, Field(alias="from")]
    """First day on which it holds, as in 2011-09-22."""
    until: Day | None = None
    """First day on which it holds no more; without it, it stays."""
    scale: Scales | None = None
    """Multiplies flows: one entry, or a list of them."""
    shift: Additions | None = None
    """Adds people to flows or takes them away: one entry, or a list of them."""
    cap: Caps | None = None
    """Sets a ceiling: one entry, or a list of them."""
    end: Ends | None = None
    """Stops flows: one entry, or a list of them."""

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        exactly_one(self, "scale", "shift", "cap", "end")
        if self.until is not None and self.until <= self.from_:
            message = f"'until' is {self.until}, which is not after 'from', {self.from_}"
            raise ValueError(message)
        risks = any(change.flow == "emigration" for _, change in self.changes)
        if risks and self.kind in {"shift", "cap"}:
            message = "emigration is a risk of those who are there: 'scale' or 'end' it"
            raise ValueError(message)
        return self

    @property
    def first_year(self) -> int:
        """Calendar year in which it begins."""
        return int(self.from_[:4])

    @property
    def kind(self) -> str:
        """Which of the changes it makes."""
        return next(kind for kind in ("scale", "shift", "cap", "end") if getattr(self, kind) is not None)

    @property
    def changes(self) -> list[tuple[tuple[Key, ...], Selected]]:
        """Its changes in their order, each with its keys in the policy and the flows that it is of."""
        stated = getattr(self, self.kind)
        if isinstance(stated, Selected):
            return [((self.kind,), stated)]
        return [((self.kind, number), change) for number, change in enumerate(stated)]
