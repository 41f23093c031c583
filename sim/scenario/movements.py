"""What a scenario file may say of people who move, change nationality, or are born into a group."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.scenario.inputs import (
    Label,
    Labels,
    PersonsPath,
    ReachedTable,
    Risk,
    ShareSeries,
    Stated,
    Strict,
    check_sum,
    exactly_one,
    labels_of,
)


class Risked(Strict):
    """People who leave, move or change, as a risk of those who are there."""

    hazard: Risk | None = None
    """Events per person-year: a number, a path in time, or a table."""
    share: Risk | None = None
    """Part of the people there on 1 January who do so within the year (age 0: of the births): emigrants as if nobody
    moved, movers as their first move; within the step where ages and steps are of five years."""
    count: PersonsPath | None = None
    """Events per year; the risks that lead to them follow from who is there."""
    pattern: ReachedTable | None = None
    """Risks in proportion to each other, for a count; without it everybody runs the same."""

    @model_validator(mode="after")
    def _one_risk(self) -> Self:
        exactly_one(self, "hazard", "share", "count")
        if self.pattern is not None and self.count is None:
            message = "'pattern' goes with a 'count'; a table of hazards or shares has a pattern of its own"
            raise ValueError(message)
        return self


class Change(Risked):
    """Changes of nationality, or of any other group, within a region."""

    from_: Labels = Field(alias="from")
    """Group, or list of groups, that people leave."""
    to: Labels
    """Group that they join; of a list of groups the one at the same place."""

    @model_validator(mode="after")
    def _paired(self) -> Self:
        leaving, joining = labels_of(self.from_), labels_of(self.to)
        if len(leaving) != len(joining):
            message = f"'from' names {len(leaving)} groups, but 'to' {len(joining)}"
            raise ValueError(message)
        for one, other in zip(leaving, joining, strict=True):
            if one == other:
                message = f"'{one}' changes to itself"
                raise ValueError(message)
        twice = [one for place, one in enumerate(leaving) if one in leaving[:place]]
        if twice:
            message = f"'from' names {twice[0]} twice; give it two entries"
            raise ValueError(message)
        return self


class Nationality(Strict):
    """Changes of nationality."""

    changes: Annotated[tuple[Change, ...], Field(strict=False, min_length=1)]
    """Changes of nationality, one entry a stream; entries for the same people add up."""


class Move(Risked):
    """Moves between regions."""

    group: Labels | None = None
    """Group, or list of groups, that moves; all groups without it."""
    destinations: ReachedTable | None = None
    """Shares of the movers of each origin by destination (columns origin, destination, …); the risk is then that of
    leaving a region. Without it the risk is that of moving to each other region."""


class Newborn(Stated):
    """Group of a child by the group of its mother."""

    child_group: dict[Label, dict[Label, ShareSeries]]
    """For each group of mothers the shares of their children by group; groups not named keep the mother's."""

    @model_validator(mode="after")
    def _shares(self) -> Self:
        for group, shares in self.child_group.items():
            check_sum(shares, f"the shares of the children of group '{group}'")
        return self
