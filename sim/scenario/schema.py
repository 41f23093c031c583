"""What a scenario file may say. The JSON schema for editors is generated from these models."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, FiniteFloat, PrivateAttr, Tag, model_validator

from sim.axes import PUBLISHED_INDICATORS, TOLD_APART_BY
from sim.engine import CONVENTIONS
from sim.scenario.inputs import (
    DatasetYears,
    FertilityTable,
    Label,
    Name,
    PopulationBase,
    ProbabilityTable,
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
    exactly_one,
)
from sim.scenario.migration import Migration, MotiveName
from sim.scenario.models import Improvement, OldAge, Pattern
from sim.scenario.movements import Move, Nationality, Newborn
from sim.scenario.pipelines import Pipeline
from sim.scenario.policies import Policy, Selected
from sim.scenario.yamlfile import Key, Node


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
    """Ages of the population."""

    open: Annotated[int, Field(ge=50, le=120)]
    """First age of the open group: 105 stands for 105 and over."""
    width: Literal[1, 5] = 1
    """Years that an age group spans, and a step of the projection: 5 stands for 0-4, 5-9, …, written as 0, 5, …"""

    @model_validator(mode="after")
    def _whole_groups(self) -> Self:
        if self.open % self.width:
            message = f"the open age {self.open} is no multiple of the width {self.width}"
            raise ValueError(message)
        return self


class States(Strict):
    """Regions and groups that the population is divided into."""

    regions: Annotated[tuple[Label, ...], Field(strict=False, min_length=1)] = ("all",)
    """Labels of the regions."""
    groups: Annotated[tuple[Label, ...], Field(strict=False, min_length=1)] = ("all",)
    """Labels of the groups, such as nationalities."""
    new: dict[Label, Label] = Field(default_factory=dict)
    """Groups with nobody on the first 1 January, such as those under temporary protection, each with the group whose
    mortality it has where that comes from an embedded dataset."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for labels in (self.regions, self.groups):
            if len(set(labels)) < len(labels):
                message = "a label stands twice"
                raise ValueError(message)
        for label, other in self.new.items():
            if label not in self.groups:
                message = f"'new' names '{label}', which is no group; there are: {', '.join(self.groups)}"
                raise ValueError(message)
            if other not in self.established:
                known = ", ".join(self.established) or "none"
                message = (
                    f"'new' takes '{label}' for '{other}', which must be a group that is not new; there are: {known}"
                )
                raise ValueError(message)
        return self

    @property
    def established(self) -> tuple[str, ...]:
        """Groups that there may be people of on the first 1 January."""
        return tuple(label for label in self.groups if label not in self.new)


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
    method: Literal["proportional", "brass", "lee_carter"] = "proportional"
    """How the base table is brought to the life expectancy: 'proportional' multiplies all risks of a year and sex by
    one factor; 'brass' moves the logits of the survivors; 'lee_carter' lowers risks in the proportions of 'pattern'."""
    pattern: ReachedTable | None = None
    """How fast risks change with the level of mortality, by sex and age, for the method 'lee_carter'."""
    old_age: OldAge | None = None
    """Model of the risks of death above the ages that are well known."""
    improvement: Improvement | None = None
    """Rates of improvement of the base table, year by year."""

    @model_validator(mode="after")
    def _one_base(self) -> Self:
        exactly_one(self, "base", "survival_ratio", "rate", "probability")
        if self.pattern is None and self.method == "lee_carter":
            message = "the method 'lee_carter' needs a 'pattern'; 'sim fit mortality --pattern' writes one"
            raise ValueError(message)
        if self.pattern is not None and self.method != "lee_carter":
            message = f"'pattern' goes with the method 'lee_carter', not with '{self.method}'; set it to null"
            raise ValueError(message)
        if self.life_expectancy is None and self.method != "proportional":
            message = f"the method '{self.method}' brings mortality to a 'life_expectancy'; state one"
            raise ValueError(message)
        return self


class Fertility(Strict):
    """Fertility: a total and an age pattern, or rates by age; and the sexes at birth."""

    total: Series | None = None
    """Total fertility rate, children per woman."""
    pattern: Pattern | None = None
    """Age pattern; the total is spread in its proportions."""
    mean_age: Series | None = None
    """Mean age at birth that the pattern is shifted to, years; without it the pattern stays where it is."""
    rates: FertilityTable | None = None
    """Rates by age of mother from a table, instead of a total and a pattern."""
    sex_ratio_at_birth: Series
    """Boys per girl among the births, about 1.05."""

    @model_validator(mode="after")
    def _total_with_pattern(self) -> Self:
        exactly_one(self, "total", "rates")
        if (self.total is None) != (self.pattern is None):
            message = "'total' and 'pattern' go together; 'rates' stand alone"
            raise ValueError(message)
        if self.mean_age is not None and self.pattern is None:
            message = "'mean_age' shifts a 'pattern'; 'rates' stand alone"
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
    region: Label | None = None
    """Region that it is of; all without it."""
    group: Label | None = None
    """Group that it is of; all without it."""
    motive: MotiveName | None = None
    """Motive of the immigrants that it is of."""
    sponsor: Label | None = None
    """Sponsor of the immigrants that it is of."""
    nationality: Label | None = None
    """Nationality of the immigrants that it is of."""
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
        told = [key for key in TOLD_APART_BY if getattr(self, key) is not None]
        if told and self.indicator != "immigration":
            message = f"'{told[0]}' goes with the indicator 'immigration', not with '{self.indicator}'"
            raise ValueError(message)
        if len(told) > 1:
            message = f"immigrants are told apart by one of {', '.join(told)}, not by several"
            raise ValueError(message)
        return self

    @property
    def gross(self) -> bool:
        """Whether it is of immigrants or emigrants, which a balance does not tell apart."""
        return self.indicator in {"immigration", "emigration"}


class Shift(Strict):
    """A change of a number, or of every value of a path."""

    add: FiniteFloat | None = None
    """What is added."""
    scale: FiniteFloat | None = None
    """What it is multiplied by."""

    @model_validator(mode="after")
    def _one_operation(self) -> Self:
        exactly_one(self, "add", "scale")
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
    convention: Literal[tuple(CONVENTIONS)] = "continuous"  # type: ignore[valid-type]
    """How a year is ordered: 'continuous' has constant hazards and even migration; the others are the steps of
    trusted programs; 'sim conventions' tells what the choice is worth."""
    ages: Ages
    """Ages."""
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
    moves: Annotated[tuple[Move, ...], Field(strict=False)] = ()
    """Moves between regions, one entry a stream; entries for the same people add up."""
    nationality: Nationality | None = None
    """Changes of nationality."""
    pipelines: dict[Name, Pipeline] = Field(default_factory=dict)
    """Procedures outside the population whose outcome is immigration, such as asylum, by name."""
    policies: Annotated[tuple[Policy, ...], Field(strict=False)] = ()
    """Named, dated changes to flows, in the order in which they act."""
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

    def under(self, convention: str) -> Self:
        """Return the same scenario under another convention."""
        return self.model_copy(update={"convention": convention})

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
    def policy_changes(self) -> "list[tuple[tuple[Key, ...], Policy, Selected]]":
        """All changes that policies make, in the order in which they act, with their key paths and policies."""
        return [
            (("policies", place, *keys), policy, change)
            for place, policy in enumerate(self.policies)
            for keys, change in policy.changes
        ]

    @property
    def flow_years(self) -> range:
        """Calendar years whose flows are projected."""
        return range(self.period.start, self.period.end)

    @property
    def periods(self) -> range:
        """First years of the steps of the projection."""
        return range(self.period.start, self.period.end, self.ages.width)

    @property
    def age_labels(self) -> range:
        """First ages of the age groups, the open one last."""
        return range(0, self.ages.open + 1, self.ages.width)
