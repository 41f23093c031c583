"""Ways to state figures in a scenario file: numbers, paths in time, tables, embedded datasets."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, FiniteFloat, Tag

FIRST_YEAR, LAST_YEAR = 1700, 2299
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
LABEL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Label = Annotated[str, Field(pattern=LABEL_PATTERN)]
Text = Annotated[str, Field(max_length=2000)]


def _forward(years: tuple[int, int]) -> tuple[int, int]:
    """Refuse a span that ends before it begins."""
    if years[1] < years[0]:
        message = f"runs backwards from {years[0]} to {years[1]}; the first year comes first"
        raise ValueError(message)
    return years


Years = Annotated[tuple[Year, Year], Field(strict=False), AfterValidator(_forward)]


class Strict(BaseModel):
    """A part of a scenario file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class YearPath(Strict):
    """Values in time. It passes exactly through every stated year."""

    path: Annotated[dict[Year, FiniteFloat], Field(min_length=1)]
    """Values by calendar year, for example {2012: 62000, 2020: 35000}."""
    interpolate: Literal["linear", "step", "monotone"] = "linear"
    """Between the stated years: on a straight line, the last value kept, or a monotone cubic."""
    before: Literal["constant"] | None = None
    """Before the first stated year: its value, if 'constant'; otherwise those years are missing."""
    after: Literal["constant"] | None = None
    """After the last stated year: its value, if 'constant'; otherwise those years are missing."""
    unit: Text | None = None
    """Unit of the values."""
    source: Text | None = None
    """Where the figures come from: a key of 'sources'."""
    assumption: Text | None = None
    """Why these figures, where no source states them."""
    note: Text | None = None
    """Anything a reader should know, such as a contradiction between sources."""


class PersonsPath(YearPath):
    """Persons per year in time."""

    unit: Literal["persons per year"]
    """Unit of the values; it must be said, because a total of several years is easily mistaken for one."""


def _kind(value: Any) -> str:  # noqa: ANN401
    """Tell a path from a bare number."""
    return "<path>" if isinstance(value, dict | YearPath) else "<number>"


Series = Annotated[
    Annotated[FiniteFloat, Tag("<number>")] | Annotated[YearPath, Tag("<path>")],
    Discriminator(_kind),
]


class Table(Strict):
    """A tidy table in a file beside the scenario."""

    table: Text
    """CSV or netCDF file with one value per row: columns year, region, group, sex, age (those that matter), value."""
    source: Text | None = None
    """Where the figures come from: a key of 'sources'."""
    assumption: Text | None = None
    """Why these figures, where no source states them."""
    note: Text | None = None
    """Anything a reader should know."""


class SurvivalTable(Table):
    """Survival ratios by age."""

    age: Literal["reached"]
    """Ages are those reached on 31 December; age 0 holds the survival from birth to the end of the year."""


class RateTable(Table):
    """Death rates by age, per person-year."""

    age: Literal["completed"]
    """Ages are completed years at the event."""
    infant: Literal["andreev_kingkade", "coale_demeny"] = "andreev_kingkade"
    """Rule for the mean age at death in infancy."""


class ProbabilityTable(Table):
    """Probabilities of dying by age."""

    age: Literal["completed", "reached"]
    """'completed': from one birthday to the next (q_x of a life table); 'reached': within the calendar year, by
    the age reached on 31 December, age 0 from birth on."""
    infant: Literal["andreev_kingkade", "coale_demeny"] = "andreev_kingkade"
    """Rule for the mean age at death in infancy; used with 'completed'."""


class FertilityTable(Table):
    """Fertility rates by age of mother, births per woman and year."""

    age: Literal["completed", "reached"]
    """'completed': age at the birth; 'reached': age on 31 December."""


class ReachedTable(Table):
    """Values by the age reached on 31 December."""

    age: Literal["reached"]
    """Ages are those reached on 31 December."""


class DatasetYears(Strict):
    """Figures of an embedded dataset over some years."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""
    years: Years
    """First and last year, both included."""


class PatternOfDataset(Strict):
    """Age pattern of fertility of an embedded dataset."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""
    years: Years | None = None
    """First and last year of the published period; without it the period that holds the first projected year."""


class PopulationOfDataset(Strict):
    """Population of an embedded dataset."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""
    date: Year
    """Its 1 January is taken; normally the start of the period."""


class WholeDataset(Strict):
    """An embedded dataset as a whole."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""


def _table_or(other: str) -> Discriminator:
    """Tell a table from its alternative by its key."""

    def kind(value: Any) -> str:  # noqa: ANN401
        named = value if isinstance(value, dict) else getattr(value, "model_fields_set", ())
        return "<table>" if "table" in named else other

    return Discriminator(kind)


PopulationBase = Annotated[
    Annotated[Table, Tag("<table>")] | Annotated[PopulationOfDataset, Tag("<dataset>")], _table_or("<dataset>")
]
Pattern = Annotated[
    Annotated[FertilityTable, Tag("<table>")] | Annotated[PatternOfDataset, Tag("<dataset>")],
    _table_or("<dataset>"),
]
Profile = Annotated[
    Annotated[ReachedTable, Tag("<table>")] | Annotated[DatasetYears, Tag("<dataset>")], _table_or("<dataset>")
]
