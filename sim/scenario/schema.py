"""What a scenario file may say. The JSON schema for editors is generated from these models."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, FiniteFloat, PrivateAttr, Tag, model_validator

from sim.axes import PUBLISHED_INDICATORS
from sim.scenario.inputs import (
    DatasetYears,
    FertilityTable,
    Label,
    Name,
    Pattern,
    PersonsPath,
    PopulationBase,
    ProbabilityTable,
    Profile,
    RateTable,
    ReachedTable,
    Series,
    Strict,
    SurvivalTable,
    Text,
    WholeDataset,
    Year,
    YearPath,
    Years,
)
from sim.scenario.yamlfile import Node

CONVENTIONS = ("continuous", "wpp_end")


class Period(Strict):
    """Years covered by a projection."""

    start: Year
    """First 1 January, whose population is known."""
    end: Year
    """Last 1 January projected."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            message = f"end must come after start ({self.start})"
            raise ValueError(message)
        return self


class Ages(Strict):
    """Single ages of the population."""

    open: Annotated[int, Field(ge=50, le=120)]
    """First age of the open group: 105 stands for 105 and over."""


class States(Strict):
    """Regions and groups that the population is divided into."""

    regions: Annotated[tuple[Label, ...], Field(strict=False, min_length=1)] = ("all",)
    """Labels of the regions."""
    groups: Annotated[tuple[Label, ...], Field(strict=False, min_length=1)] = ("all",)
    """Labels of the groups, such as nationalities."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for labels in (self.regions, self.groups):
            if len(set(labels)) < len(labels):
                message = "a label stands twice"
                raise ValueError(message)
        return self


class LifeExpectancy(Strict):
    """Life expectancy at birth that mortality is brought to, year by year."""

    definition: Literal["period", "age_on_1_january"] = "period"
    """How the figures were computed: as a period life table does, or with the age on 1 January taken for the exact
    age (half a year higher), as in the Federal Planning Bureau's editions up to 2013."""
    female: Series
    """Years, women."""
    male: Series
    """Years, men."""


class Mortality(Strict):
    """Mortality: a base table, constant or by year, and a target where it should be reached."""

    base: DatasetYears | None = None
    """Life table of an embedded dataset, pooled over years."""
    survival_ratio: SurvivalTable | None = None
    """Survival ratios from a table."""
    rate: RateTable | None = None
    """Death rates from a table."""
    probability: ProbabilityTable | None = None
    """Probabilities of dying from a table."""
    life_expectancy: LifeExpectancy | None = None
    """Life expectancy at birth by year; without it the base table holds as it is."""
    method: Literal["proportional"] = "proportional"
    """How the base table is brought to the life expectancy: one factor on all hazards of a year and sex."""

    @model_validator(mode="after")
    def _one_base(self) -> Self:
        _exactly_one(self, "base", "survival_ratio", "rate", "probability")
        return self


class Fertility(Strict):
    """Fertility: a total and an age pattern, or rates by age; and the sexes at birth."""

    total: Series | None = None
    """Total fertility rate, children per woman."""
    pattern: Pattern | None = None
    """Age pattern; the total is spread in its proportions."""
    rates: FertilityTable | None = None
    """Rates by age of mother from a table, instead of a total and a pattern."""
    sex_ratio_at_birth: Series
    """Boys per girl among the births, about 1.05."""

    @model_validator(mode="after")
    def _total_with_pattern(self) -> Self:
        _exactly_one(self, "total", "rates")
        if (self.total is None) != (self.pattern is None):
            message = "'total' and 'pattern' go together; 'rates' stand alone"
            raise ValueError(message)
        return self


class Immigration(Strict):
    """A stream of immigrants, counted in persons."""

    region: Label | None = None
    """Region where they settle; needed where there are several."""
    group: Label | None = None
    """Group that they belong to; needed where there are several."""
    count: PersonsPath
    """Immigrants per year."""
    profile: Profile
    """Shares by sex and age reached, from a table: the embedded data know net migrants only."""


class Emigration(Strict):
    """A stream of emigrants, as a risk of the people who are there."""

    region: Label | None = None
    """Region that they leave; all regions without it."""
    group: Label | None = None
    """Group that they belong to; all groups without it."""
    hazard: ReachedTable | None = None
    """Emigrations per person-year."""
    share: ReachedTable | None = None
    """Emigrants of the year per person of the 1 January stock (age 0: per birth). Under 'continuous' it becomes the
    risk that takes this share, and those who arrive in the year run it too."""

    @model_validator(mode="after")
    def _one_risk(self) -> Self:
        _exactly_one(self, "hazard", "share")
        return self


class Migration(Strict):
    """Migration with the rest of the world: a balance with a profile, a table of net migrants, or gross flows."""

    balance: PersonsPath | None = None
    """Immigrants less emigrants, persons per year."""
    profile: Profile | None = None
    """Age and sex of the balance."""
    net: ReachedTable | None = None
    """Net migrants by age, persons per year, from a table."""
    immigration: Annotated[tuple[Immigration, ...], Field(strict=False)] = ()
    """Immigrants, one entry a stream."""
    emigration: Annotated[tuple[Emigration, ...], Field(strict=False)] = ()
    """Emigrants, one entry a stream; entries for the same people add up."""

    @model_validator(mode="after")
    def _stated(self) -> Self:
        gross = "immigration" if self.immigration else "emigration" if self.emigration else None
        given = [key for key in ("balance", "net") if getattr(self, key) is not None] + ([gross] if gross else [])
        if len(given) != 1:
            said = f"not {' and '.join(given)}" if given else "none is there"
            message = f"state one of balance, net, or immigration and emigration; {said}"
            raise ValueError(message)
        if (self.balance is None) != (self.profile is None):
            message = "'balance' and its 'profile' by age and sex go together"
            raise ValueError(message)
        return self


class Newborn(Strict):
    """Group of a child by the group of its mother."""

    child_group: dict[Label, dict[Label, Annotated[FiniteFloat, Field(ge=0, le=1)]]]
    """For each group of mothers the shares of their children by group; groups not named keep the mother's."""
    source: Text | None = None
    """Where the figures come from: a key of 'sources'."""
    assumption: Text | None = None
    """Why these figures, where no source states them."""

    @model_validator(mode="after")
    def _shares(self) -> Self:
        for group, shares in self.child_group.items():
            if abs(sum(shares.values()) - 1) > 1e-9:
                message = f"the shares of the children of group '{group}' add up to {sum(shares.values()):g}, not 1"
                raise ValueError(message)
        return self


class Published(Strict):
    """A figure that was published for this projection; every run prints how far it lands from it."""

    indicator: Literal[PUBLISHED_INDICATORS]  # type: ignore[valid-type]
    """What was published."""
    year: Year | None = None
    """1 January for a stock, calendar year for a flow."""
    years: Years | None = None
    """First and last year, where the figure is a yearly mean."""
    value: FiniteFloat
    """The figure, in persons, years, or per 100."""
    rounding: Annotated[FiniteFloat, Field(gt=0)] | None = None
    """Half the last printed digit: 12.1 million is 12.1e6 with a rounding of 0.05e6."""
    source: Text | None = None
    """Where it was published: a key of 'sources'."""
    note: Text | None = None
    """Anything a reader should know."""

    @model_validator(mode="after")
    def _dated(self) -> Self:
        itself_a_year = self.indicator == "first_year_of_natural_decrease"
        if (self.year is not None) + (self.years is not None) != (0 if itself_a_year else 1):
            message = f"'{self.indicator}' takes {'neither year nor years' if itself_a_year else 'a year or years'}"
            raise ValueError(message)
        return self


class Shift(Strict):
    """A change of a number, or of every value of a path."""

    add: FiniteFloat | None = None
    """What is added."""
    scale: FiniteFloat | None = None
    """What it is multiplied by."""

    @model_validator(mode="after")
    def _one_operation(self) -> Self:
        _exactly_one(self, "add", "scale")
        return self


def _change_kind(value: object) -> str:
    """Tell a shift from a value that replaces."""
    if not isinstance(value, dict | Strict):
        return "<number>"
    keys = value if isinstance(value, dict) else value.model_fields_set
    return "<path>" if "path" in keys else "<shift>"


Change = Annotated[
    Annotated[FiniteFloat, Tag("<number>")] | Annotated[YearPath, Tag("<path>")] | Annotated[Shift, Tag("<shift>")],
    Discriminator(_change_kind),
]


class Scenario(Strict):
    """A population projection: who is there, and what happens to them."""

    name: Name
    """Short name, in lower case; it names the folder of the results."""
    title: Text | None = None
    """One line for figures and tables."""
    based_on: Name | None = None
    """Name of another scenario file in the same folder; this file states only what differs."""
    note: Text | None = None
    """Anything a reader should know about the scenario as a whole."""
    sources: dict[Name, Text] = Field(default_factory=dict)
    """Documents that the figures come from, by short key."""
    period: Period
    """Years covered."""
    convention: Literal[CONVENTIONS] = "continuous"  # type: ignore[valid-type]
    """How a year is ordered: 'continuous' has constant hazards and even migration; 'wpp_end' is the United Nations'
    step with migrants at the end of the year."""
    ages: Ages
    """Single ages."""
    states: States = States()
    """Regions and groups; without it the population is not divided."""
    population: PopulationBase
    """Population on the first 1 January."""
    mortality: Mortality
    """Deaths."""
    fertility: Fertility
    """Births."""
    newborn: Newborn | None = None
    """Group of the newborn, where there are groups; without it the mother's."""
    migration: Migration
    """Movements across the border."""
    observed: WholeDataset | None = None
    """Embedded dataset whose observed series are drawn beside the projection."""
    sweep: Annotated[dict[Name, dict[Name, dict[Text, Change]]], Field(min_length=1)] | None = None
    """Variants to run side by side: for each axis of a grid its variants, and for each variant what changes, by key.
    Example: {fertility: {low: {fertility.total: {add: -0.1}}, middle: {}}}."""
    published: Annotated[tuple[Published, ...], Field(strict=False)] = ()
    """Figures to hold the projection against."""

    _tree: Node | None = PrivateAttr(default=None)
    _folder: str = PrivateAttr(default=".")
    _changes: tuple[str, ...] = PrivateAttr(default=())

    def place(self, tree: Node, folder: str, changes: tuple[str, ...]) -> None:
        """Remember where the scenario came from: its tree, its folder, and what was changed from outside."""
        self._tree, self._folder, self._changes = tree, folder, changes

    @property
    def tree(self) -> Node | None:
        """Everything the scenario says, with the places where it stands; None where it came from no file."""
        return self._tree

    @property
    def folder(self) -> str:
        """Folder that its tables lie in."""
        return self._folder

    @property
    def changes(self) -> tuple[str, ...]:
        """What was changed from outside the file, as KEY=VALUE."""
        return self._changes

    @property
    def flow_years(self) -> range:
        """Calendar years whose flows are projected."""
        return range(self.period.start, self.period.end)


def _exactly_one(part: Strict, *keys: str) -> None:
    """Refuse none or several of alternative keys."""
    given = [key for key in keys if getattr(part, key) is not None]
    if len(given) != 1:
        said = f"not {' and '.join(given)}" if given else "none is there"
        message = f"state one of {', '.join(keys)}; {said}"
        raise ValueError(message)
