"""What a scenario file may say of migration with the rest of the world."""

from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, Tag, model_validator

from sim.axes import MOTIVES
from sim.scenario.inputs import (
    Balance,
    DatasetYears,
    Label,
    Labels,
    Name,
    PartOfPersons,
    Persons,
    PersonsPath,
    ReachedTable,
    Share,
    ShareSeries,
    Stated,
    Strict,
    Text,
    Year,
    YearPath,
    check_sum,
    exactly_one,
    labels_of,
    one_or_shares,
    table_or,
)
from sim.scenario.models import Profile
from sim.scenario.movements import Risked

MotiveName = Literal[MOTIVES]  # type: ignore[valid-type]
Motives = Annotated[
    Annotated[MotiveName, Tag("<one>")]
    | Annotated[dict[MotiveName, ShareSeries], Field(min_length=1), Tag("<shares>")],
    one_or_shares,
]
Places = Annotated[
    Annotated[Label, Tag("<one>")] | Annotated[dict[Label, ShareSeries], Field(min_length=1), Tag("<shares>")],
    one_or_shares,
]
EmigrationRisk = Annotated[
    Annotated[FiniteFloat, Tag("<number>")]
    | Annotated[ReachedTable, Tag("<table>")]
    | Annotated[DatasetYears, Tag("<dataset>")]
    | Annotated[YearPath, Tag("<path>")],
    table_or("<path>", "<number>", dataset="<dataset>"),
]


class Immigration(Strict):
    """A stream of immigrants: persons counted, or who come out of a pipeline."""

    motive: Motives | None = None
    """Why they come, or shares by motive that add up to 1; where one stream names a motive, all do."""
    sponsor: Label | None = None
    """Who opens the right to family reunification, such as belgian, eu or third_country."""
    nationality: Label | None = None
    """Nationality, or group of nationalities, that the flow is published for, such as EU-15: it tells immigrants apart
    where the population is not divided so."""
    region: Places | None = None
    """Region where they settle, or shares by region that add up to 1; where there are several, it is named or a column
    of the profile or table."""
    group: Places | None = None
    """Group that they belong to, or shares by group that add up to 1; where there are several, it is named or a column
    of the profile or table."""
    count: Persons | None = None
    """Immigrants per year: a path in time with a profile, or a table by age reached."""
    pipeline: Name | None = None
    """Pipeline that they come out of, in the year in which they are granted a title."""
    outcome: Label | None = None
    """Outcome of the pipeline that they were granted; all its outcomes without it."""
    profile: Profile | None = None
    """Shares by sex and age reached."""
    fixed: bool = False
    """Whether the stream stays as stated when immigration is scaled to close a balance; who comes out of a pipeline
    always does."""
    note: Text | None = None
    """Anything a reader should know, such as who they are."""

    @model_validator(mode="after")
    def _profiled(self) -> Self:
        exactly_one(self, "count", "pipeline")
        if self.outcome is not None and self.pipeline is None:
            message = "'outcome' goes with a 'pipeline'"
            raise ValueError(message)
        if isinstance(self.count, ReachedTable) == (self.profile is not None):
            message = "a 'count' in time goes with a 'profile' by sex and age; a table by age stands alone"
            if self.pipeline is not None:
                message = "a 'pipeline' goes with a 'profile' by sex and age"
            raise ValueError(message)
        for key in ("motive", "region", "group"):
            check_sum(getattr(self, key), f"the shares by {key}")
        return self

    @property
    def kept(self) -> bool:
        """Whether the stream stays as stated when immigration is scaled."""
        return self.fixed or self.pipeline is not None


class Emigration(Risked):
    """A stream of emigrants, as a risk of the people who are there."""

    hazard: EmigrationRisk | None = None  # type: ignore[assignment]
    """Emigrations per person-year: a number, a path in time, a table, or those of an embedded dataset by age."""
    region: Labels | None = None
    """Region, or list of regions, that they leave; all regions without it."""
    group: Labels | None = None
    """Group, or list of groups, that they belong to; all groups without it."""
    fixed: bool = False
    """Whether the stream stays as stated when emigration is scaled to close a balance; counts always do."""

    @property
    def kept(self) -> bool:
        """Whether the stream stays as stated when emigration is scaled."""
        return self.fixed or self.hazard is None


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


class Stay(Stated):
    """How long immigrants stay: their emigration by time since they came, told apart as long as it differs.

    Of those who are there at the start nobody is known to be recent: they leave as all others of their group do.
    """

    name: Label
    """Short name, for figures and tables."""
    motive: MotiveName | None = None
    """Motive of the immigrants meant; all motives without it."""
    group: Label | None = None
    """Group of the immigrants meant; all groups without it."""
    hazard: Annotated[
        tuple[Annotated[FiniteFloat, Field(ge=0, le=10)], ...], Field(strict=False, min_length=1, max_length=20)
    ]
    """Emigrations per person-year in the calendar year of arrival and in each year after it, as in [0.1, 0.3, 0.2];
    afterwards they leave as all others of their group do."""


class Ending(Stated):
    """A title of stay that ends on a 1 January, before all else that happens in the year."""

    group: Label
    """Group of those who have the title."""
    year: Year
    """Year on whose 1 January it ends."""
    extended: Share = 0.0
    """Share of those who are there on that day who keep the title."""
    leave: Share = 0.0
    """Share who leave the country."""
    to: dict[Label, Share] = Field(default_factory=dict)
    """Shares who get another title, by the group that they join."""

    @model_validator(mode="after")
    def _everyone(self) -> Self:
        if self.group in self.to:
            message = f"'to' names '{self.group}' itself; those who keep the title are 'extended'"
            raise ValueError(message)
        check_sum({"extended": self.extended, "leave": self.leave, **self.to}, "the shares extended, leave and to")
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
    stays: Annotated[tuple[Stay, ...], Field(strict=False)] = ()
    """How long immigrants stay, where their emigration depends on the time since they came; one entry a kind."""
    endings: Annotated[tuple[Ending, ...], Field(strict=False)] = ()
    """Titles of stay that end on a 1 January, such as temporary protection, one entry a group and year."""

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
        for key in ("close", "stays", "endings"):
            if getattr(self, key) and gross is None:
                message = f"'{key}' goes with immigration and emigration; a '{given[0]}' stands alone"
                raise ValueError(message)
        return self

    @property
    def motives(self) -> tuple[str, ...]:
        """Motives of the streams of immigrants, in the order of the dimension; none where they are not named."""
        named = {motive for stream in self.immigration for motive in labels_of(stream.motive or ())}
        return tuple(motive for motive in MOTIVES if motive in named)

    @property
    def sponsors(self) -> tuple[str, ...]:
        """Sponsors that streams of immigrants name, in the order of the file."""
        return tuple(dict.fromkeys(stream.sponsor for stream in self.immigration if stream.sponsor is not None))

    @property
    def nationalities(self) -> tuple[str, ...]:
        """Nationalities that streams of immigrants name, in the order of the file."""
        return tuple(dict.fromkeys(stream.nationality for stream in self.immigration if stream.nationality is not None))

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
        if all(stream.kept for stream in streams):
            hint = "" if free == "immigration" else "; give a hazard without 'fixed'"
            message = f"'close' scales {free}, but no stream of it may be scaled{hint}"
            raise ValueError(message)
        return self


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
