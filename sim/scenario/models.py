"""Age patterns that a scenario file states by a model and its parameters."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FiniteFloat, Tag, model_validator

from sim.demography.fertility import PATTERNS, parameter_names
from sim.demography.schedules import FAMILIES
from sim.scenario.inputs import (
    DatasetYears,
    FertilityTable,
    PatternOfDataset,
    ReachedTable,
    Risk,
    Stated,
    Strict,
    Year,
    table_or,
)

Age = Annotated[FiniteFloat, Field(ge=0, le=130)]
Positive = Annotated[FiniteFloat, Field(gt=0, le=1e6)]

FERTILITY_PARAMETERS = {model: parameter_names(model) for model in PATTERNS}
"""What each model of fertility takes."""

LABOUR = FAMILIES[7]
RETIREMENT = tuple(name for name in FAMILIES[11] if name not in LABOUR)
LATER = tuple(name for name in FAMILIES[9] if name not in LABOUR)


def _rising(ages: tuple[int, int]) -> tuple[int, int]:
    """Refuse a span of ages that runs backwards, or has too few."""
    if ages[1] < ages[0]:
        message = f"runs backwards from {ages[0]} to {ages[1]}; the first age comes first"
        raise ValueError(message)
    if ages[1] - ages[0] < 2:
        message = f"{ages[0]} to {ages[1]} are too few ages to fit a model to; three or more are allowed"
        raise ValueError(message)
    return ages


AgeSpan = Annotated[
    tuple[Annotated[int, Field(ge=40, le=120)], Annotated[int, Field(ge=40, le=120)]],
    Field(strict=False),
    AfterValidator(_rising),
]


class FertilityModel(Stated):
    """Age pattern of fertility by a model."""

    model: Literal[tuple(FERTILITY_PARAMETERS)]  # type: ignore[valid-type]
    """Hadwiger's, gamma and beta curves by mean age and standard deviation; Schmertmann's quadratic spline by ages."""
    mean_age: Age | None = None
    """Mean age at birth, years."""
    standard_deviation: Annotated[Positive, Field(le=20)] | None = None
    """Standard deviation of the age at birth, years."""
    start: Age | None = None
    """Age at which fertility begins."""
    end: Age | None = None
    """Age at which fertility ends."""
    peak: Age | None = None
    """Age at which fertility is highest."""
    half: Age | None = None
    """Age above the peak at which fertility is half of its highest."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        wanted = FERTILITY_PARAMETERS[self.model]
        every = ("mean_age", "standard_deviation", "start", "end", "peak", "half")
        given = [name for name in every if getattr(self, name) is not None]
        if set(given) != set(wanted):
            message = f"'{self.model}' takes {', '.join(wanted)}; given are {', '.join(given) or 'none'}"
            raise ValueError(message)
        return self

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters of the model, by name."""
        return {name: getattr(self, name) for name in FERTILITY_PARAMETERS[self.model]}


class Schedule(Strict):
    """Parameters of a model migration schedule: 7, with four more for retirement and two more for the oldest."""

    a1: Positive
    """Level of children's migration."""
    alpha1: Positive
    """Fall of children's migration with age."""
    a2: Positive
    """Level of the migration of working age."""
    mu2: Age
    """Age near which the labour peak lies."""
    alpha2: Positive
    """Fall of the labour peak."""
    lambda2: Positive
    """Rise of the labour peak."""
    a3: Positive | None = None
    """Level of the retirement peak."""
    mu3: Age | None = None
    """Age near which the retirement peak lies."""
    alpha3: Positive | None = None
    """Fall of the retirement peak."""
    lambda3: Positive | None = None
    """Rise of the retirement peak."""
    a4: Positive | None = None
    """Level of the rise among the oldest."""
    lambda4: Positive | None = None
    """Rise among the oldest with age."""
    c: FiniteFloat
    """What is the same at all ages; below zero where more leave than come."""

    @model_validator(mode="after")
    def _families(self) -> Self:
        for family in (RETIREMENT, LATER):
            missing = [name for name in family if getattr(self, name) is None]
            if missing and len(missing) < len(family):
                message = f"{', '.join(family)} go together; missing are {', '.join(missing)}"
                raise ValueError(message)
        return self

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters of the model, by name."""
        every = {name: getattr(self, name) for name in (*LABOUR, *RETIREMENT, *LATER)}
        return {name: value for name, value in every.items() if value is not None}


class RogersCastro(Stated):
    """Age profile of migrants by the model schedule of Rogers and Castro."""

    model: Literal["rogers_castro"]
    """The model migration schedule."""
    female_share: Annotated[FiniteFloat, Field(ge=0, le=1)]
    """Share of women among the migrants."""
    both: Schedule | None = None
    """Parameters for women and men alike."""
    female: Schedule | None = None
    """Parameters for women, beside those for men."""
    male: Schedule | None = None
    """Parameters for men, beside those for women."""

    @model_validator(mode="after")
    def _of_both_sexes(self) -> Self:
        given = [name for name in ("both", "female", "male") if getattr(self, name) is not None]
        if given not in (["both"], ["female", "male"]):
            message = (
                f"takes the parameters of 'both' sexes, or those of 'female' and 'male'; given: {', '.join(given)}"
            )
            raise ValueError(message.removesuffix("; given: "))
        return self

    @property
    def by_sex(self) -> list[dict[str, float]]:
        """Parameters of women and of men."""
        return [part.parameters for part in (self.female or self.both, self.male or self.both) if part is not None]


class OldAge(Stated):
    """Risks of death at the oldest ages by a model instead of the table."""

    model: Literal["kannisto", "gompertz"]
    """Kannisto's logistic curve, which levels off, or Gompertz's exponential one."""
    fitted_ages: AgeSpan
    """First and last age that the model is fitted to, as in [80, 95]; it holds above the last one. A table of death
    rates may then end below the open age of the scenario."""


class Improvement(Stated):
    """Risks of death that fall by a rate of improvement every year."""

    from_: Annotated[Year, Field(alias="from")]
    """Year that the base table is of; the first improvement is that of the year after it."""
    rate: Risk
    """Part by which a risk of death is lower than in the year before: a number, a path in time, or a table."""


Pattern = Annotated[
    Annotated[FertilityTable, Tag("<table>")]
    | Annotated[FertilityModel, Tag("<model>")]
    | Annotated[PatternOfDataset, Tag("<dataset>")],
    table_or("<dataset>", model="<model>"),
]
Profile = Annotated[
    Annotated[ReachedTable, Tag("<table>")]
    | Annotated[RogersCastro, Tag("<model>")]
    | Annotated[DatasetYears, Tag("<dataset>")],
    table_or("<dataset>", model="<model>"),
]
