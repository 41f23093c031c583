"""What a scenario file may say of people who come, leave, move, or change nationality."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.axes import MOTIVES
from sim.scenario.inputs import (
    Balance,
    Label,
    Labels,
    PartOfPersons,
    Persons,
    PersonsPath,
    ReachedTable,
    Risk,
    ShareSeries,
    Stated,
    Strict,
    Text,
    exactly_one,
)
from sim.scenario.models import Profile


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


class Immigration(Strict):
    """A stream of immigrants, counted in persons."""

    motive: Literal[MOTIVES] | None = None  # type: ignore[valid-type]
    """Why they come; where one stream names a motive, all do."""
    region: Label | None = None
    """Region where they settle; where there are several, it is named or a column of the profile or table."""
    group: Label | None = None
    """Group that they belong to; where there are several, it is named or a column of the profile or table."""
    count: Persons
    """Immigrants per year: a path in time with a profile, or a table by age reached."""
    profile: Profile | None = None
    """Shares by sex and age reached."""
    fixed: bool = False
    """Whether the stream stays as stated when immigration is scaled to close a balance."""
    note: Text | None = None
    """Anything a reader should know, such as who they are."""

    @model_validator(mode="after")
    def _profiled(self) -> Self:
        if isinstance(self.count, PersonsPath) != (self.profile is not None):
            message = "a 'count' in time goes with a 'profile' by sex and age; a table by age stands alone"
            raise ValueError(message)
        return self


class Emigration(Risked):
    """A stream of emigrants, as a risk of the people who are there."""

    region: Labels | None = None
    """Region, or list of regions, that they leave; all regions without it."""
    group: Labels | None = None
    """Group, or list of groups, that they belong to; all groups without it."""
    fixed: bool = False
    """Whether the stream stays as stated when emigration is scaled to close a balance; counts always do."""


class Closing(Strict):
    """Gross flows brought to a balance: one side is scaled until immigrants less emigrants are what is stated."""

    free: Literal["immigration", "emigration"]
    """The side that is scaled."""
    balance: Balance
    """Immigrants less emigrants, persons per year: of all, or a list of balances by region or group."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        check_parts(self.balance)
        return self


class Migration(Strict):
    """Migration with the rest of the world: a balance with a profile, a table of net migrants, or gross flows."""

    balance: Balance | None = None
    """Immigrants less emigrants, persons per year: of all, or a list of balances by region or group."""
    profile: Profile | None = None
    """Age and sex of the balance, and region and group where there are several; a balance of zero needs none."""
    net: ReachedTable | None = None
    """Net migrants by age, persons per year, from a table."""
    immigration: Annotated[tuple[Immigration, ...], Field(strict=False)] = ()
    """Immigrants, one entry a stream."""
    emigration: Annotated[tuple[Emigration, ...], Field(strict=False)] = ()
    """Emigrants, one entry a stream; entries for the same people add up."""
    close: Closing | None = None
    """Balance that the gross flows are brought to."""

    @model_validator(mode="after")
    def _stated(self) -> Self:
        gross = "immigration" if self.immigration else "emigration" if self.emigration else None
        given = [key for key in ("balance", "net") if getattr(self, key) is not None] + ([gross] if gross else [])
        if len(given) != 1:
            said = f"not {' and '.join(given)}" if given else "none is there"
            message = f"state one of balance, net, or immigration and emigration; {said}"
            raise ValueError(message)
        if self.balance is None and self.profile is not None:
            message = "'profile' goes with a 'balance'"
            raise ValueError(message)
        if self.balance is not None and self.profile is None and not self.none:
            message = "a 'balance' goes with a 'profile' by age and sex; only a balance of zero in all years needs none"
            raise ValueError(message)
        if self.balance is not None:
            check_parts(self.balance)
        unnamed = [place for place, stream in enumerate(self.immigration) if stream.motive is None]
        if unnamed and len(unnamed) < len(self.immigration):
            message = f"stream {unnamed[0] + 1} of immigration has no 'motive', but others have; name one, or 'other'"
            raise ValueError(message)
        if self.close is not None and gross is None:
            message = f"'close' goes with immigration and emigration; a '{given[0]}' stands alone"
            raise ValueError(message)
        return self

    @property
    def motives(self) -> tuple[str, ...]:
        """Motives of the streams of immigrants, in the order of the dimension; none where they are not named."""
        named = {stream.motive for stream in self.immigration}
        return tuple(motive for motive in MOTIVES if motive in named)

    @property
    def none(self) -> bool:
        """Whether the balance is zero in all years."""
        balances = self.balance if isinstance(self.balance, tuple) else (self.balance,)
        return all(balance is not None and not any(balance.path.values()) for balance in balances)

    @model_validator(mode="after")
    def _closed(self) -> Self:
        if self.close is None:
            return self
        free = self.close.free
        streams = self.immigration if free == "immigration" else self.emigration
        if not streams:
            message = f"'close' scales {free}, but none is stated"
            raise ValueError(message)
        if all(stream.fixed or getattr(stream, "hazard", True) is None for stream in streams):
            hint = "" if free == "immigration" else "; give a hazard without 'fixed'"
            message = f"'close' scales {free}, but no stream of it may be scaled{hint}"
            raise ValueError(message)
        return self


class Newborn(Stated):
    """Group of a child by the group of its mother."""

    child_group: dict[Label, dict[Label, ShareSeries]]
    """For each group of mothers the shares of their children by group; groups not named keep the mother's."""

    @model_validator(mode="after")
    def _shares(self) -> Self:
        for group, shares in self.child_group.items():
            numbers = [share for share in shares.values() if isinstance(share, int | float)]
            if len(numbers) == len(shares) and abs(sum(numbers) - 1) > 1e-9:
                message = f"the shares of the children of group '{group}' add up to {sum(numbers):g}, not 1"
                raise ValueError(message)
        return self


def labels_of(labels: "str | tuple[str, ...]") -> tuple[str, ...]:
    """One label, or several, as several."""
    return (labels,) if isinstance(labels, str) else labels


def check_parts(balance: "PersonsPath | tuple[PartOfPersons, ...]") -> None:
    """Refuse a list of balances that names no parts, or one person in two of them."""
    parts = [(part.region, part.group) for part in balance] if isinstance(balance, tuple) else []
    for place, (region, group) in enumerate(parts):
        if region is None and group is None:
            message = "each balance of a list names its region, its group, or both"
            raise ValueError(message)
        for other_place, (other_region, other_group) in enumerate(parts[:place]):
            apart = any(
                one is not None and other is not None and one != other
                for one, other in ((region, other_region), (group, other_group))
            )
            if not apart:
                message = f"balances {other_place + 1} and {place + 1} of the list share people: nobody may be in two"
                raise ValueError(message)
