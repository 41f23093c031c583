"""Ways to state figures in a scenario file: numbers, paths in time, tables, embedded datasets."""

from collections.abc import Mapping
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


def exactly_one(part: Strict, *keys: str) -> None:
    """Refuse none or several of alternative keys."""
    given = [key for key in keys if getattr(part, key) is not None]
    if len(given) != 1:
        said = f"not {' and '.join(given)}" if given else "none is there"
        message = f"state one of {', '.join(keys)}; {said}"
        raise ValueError(message)


class Stated(Strict):
    """Figures, and where they come from."""

    source: Text | None = None
    """Where the figures come from: a key of 'sources'."""
    assumption: Text | None = None
    """Why these figures, where no source states them."""
    note: Text | None = None
    """Anything a reader should know, such as a contradiction between sources."""


class YearPath(Stated):
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


class PersonsPath(YearPath):
    """Persons per year in time."""

    unit: Literal["persons per year"]
    """Unit of the values; it must be said, because a total of several years is easily mistaken for one."""


class PartOfPersons(PersonsPath):
    """Persons per year in time, of a region, a group, or a group of a region."""

    region: Label | None = None
    """Region that they are of; all regions without it."""
    group: Label | None = None
    """Group that they are of; all groups without it."""


def _kind(value: Any) -> str:  # noqa: ANN401
    """Tell a path from a bare number."""
    return "<path>" if isinstance(value, dict | YearPath) else "<number>"


Series = Annotated[
    Annotated[FiniteFloat, Tag("<number>")] | Annotated[YearPath, Tag("<path>")],
    Discriminator(_kind),
]


Share = Annotated[FiniteFloat, Field(ge=0, le=1)]
ShareSeries = Annotated[
    Annotated[Share, Tag("<number>")] | Annotated[YearPath, Tag("<path>")],
    Discriminator(_kind),
]
SUM_TOLERANCE = 1e-9


def check_sum(shares: object, what: str) -> None:
    """Refuse shares that do not add up to 1, where all are numbers; paths are checked year by year later."""
    if not isinstance(shares, dict):
        return
    numbers = [share for share in shares.values() if isinstance(share, int | float)]
    if len(numbers) == len(shares) and abs(sum(numbers) - 1) > SUM_TOLERANCE:
        message = f"{what} add up to {sum(numbers):.9g}, not 1"
        raise ValueError(message)


def _one_or_shares(value: Any) -> str:  # noqa: ANN401
    """Tell shares by label from a single label."""
    return "<shares>" if isinstance(value, dict) else "<one>"


one_or_shares = Discriminator(_one_or_shares)


def labels_of(labels: "str | tuple[str, ...] | Mapping[str, object]") -> tuple[str, ...]:
    """One label, or several, or those that shares are of, as several."""
    return (labels,) if isinstance(labels, str) else tuple(labels)


class Table(Stated):
    """A tidy table in a file beside the scenario."""

    table: Text
    """CSV or netCDF file with one value per row: columns year, region, group, sex, age (those that matter), value."""


class PopulationTable(Table):
    """Persons by age."""

    graduate: Literal["uniform", "monotone", "sprague", "beers_ordinary", "beers_modified", "pclm"] | None = None
    """How single ages are made of age groups, where the table has groups (written as their first ages, the last open):
    'pclm' and 'monotone' are never negative, 'sprague' and the two of Beers are for groups of five years. An open group
    below the open age is divided by the survivors of the scenario's first life table."""


class SurvivalTable(Table):
    """Survival ratios by age."""

    age: Literal["reached"]
    """Ages are those reached on 31 December; age 0 holds the survival from birth to the end of the year."""
    open_age: Literal["pooled", "split"] = "pooled"
    """'pooled': the ratio of the open age holds for those who enter it and those already in it; 'split': one more row
    in the table, of the age after the open one, holds for those already in it."""


class RateTable(Table):
    """Death rates by age, per person-year."""

    age: Literal["completed"]
    """Ages are completed years at the event; with ages of five years 0, 1 (for 1-4), 5, 10, …"""
    graduate: Literal["monotone"] | None = None
    """How single ages are made of age groups (0, 1, 5, 10, …): 'monotone' keeps the survivors at their first ages."""
    infant: Literal["andreev_kingkade", "coale_demeny"] = "andreev_kingkade"
    """Rule for the mean age at death in infancy."""


class ProbabilityTable(Table):
    """Probabilities of dying by age."""

    age: Literal["completed", "reached"]
    """'completed': from one birthday to the next (q_x of a life table); 'reached': within the calendar year, or the
    step, by the age reached on 31 December, age 0 from birth on."""
    infant: Literal["andreev_kingkade", "coale_demeny"] = "andreev_kingkade"
    """Rule for the mean age at death in infancy; used with 'completed'."""


class FertilityTable(Table):
    """Fertility rates by age of mother, births per woman and year."""

    age: Literal["completed", "reached"]
    """'completed': age at the birth; 'reached': age on 31 December."""
    graduate: Literal["uniform", "monotone", "sprague", "beers_ordinary", "beers_modified"] | None = None
    """How single ages are made of age groups, where the table has groups (written as their first ages, the last as
    wide as the one before)."""


class ReachedTable(Table):
    """Values by the age reached on 31 December."""

    age: Literal["reached"]
    """Ages are those reached on 31 December."""


class DatasetYears(Stated):
    """Figures of an embedded dataset over some years."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""
    years: Years
    """First and last year, both included."""


class PatternOfDataset(Stated):
    """Age pattern of fertility of an embedded dataset."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""
    years: Years | None = None
    """First and last year of the published period; without it the period that holds the first projected year."""


class PopulationOfDataset(Stated):
    """Population of an embedded dataset."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""
    date: Year
    """Its 1 January is taken; normally the start of the period."""


class WholeDataset(Strict):
    """An embedded dataset as a whole."""

    dataset: Name
    """Name of the dataset; 'sim datasets' lists them."""


def table_or(
    other: str, number: str | None = None, model: str | None = None, dataset: str | None = None
) -> Discriminator:
    """Tell a table from its alternatives, by its key and from a bare number; and a model or dataset, where allowed."""

    def kind(value: Any) -> str:  # noqa: ANN401
        if number is not None and not isinstance(value, dict | Strict):
            return number
        named = value if isinstance(value, dict) else getattr(value, "model_fields_set", ())
        if model is not None and "model" in named:
            return model
        if dataset is not None and "dataset" in named:
            return dataset
        return "<table>" if "table" in named else other

    return Discriminator(kind)


def _one_or_several(value: Any) -> str:  # noqa: ANN401
    """Tell a list from what may stand alone."""
    return "<several>" if isinstance(value, list | tuple) else "<one>"


one_or_several = Discriminator(_one_or_several)


PopulationBase = Annotated[
    Annotated[PopulationTable, Tag("<table>")] | Annotated[PopulationOfDataset, Tag("<dataset>")],
    table_or("<dataset>"),
]
Risk = Annotated[
    Annotated[FiniteFloat, Tag("<number>")]
    | Annotated[ReachedTable, Tag("<table>")]
    | Annotated[YearPath, Tag("<path>")],
    table_or("<path>", "<number>"),
]
Persons = Annotated[Annotated[ReachedTable, Tag("<table>")] | Annotated[PersonsPath, Tag("<path>")], table_or("<path>")]
Balance = Annotated[
    Annotated[PersonsPath, Tag("<one>")]
    | Annotated[tuple[PartOfPersons, ...], Field(strict=False, min_length=1), Tag("<several>")],
    one_or_several,
]
Labels = Annotated[
    Annotated[Label, Tag("<one>")] | Annotated[tuple[Label, ...], Field(strict=False, min_length=1), Tag("<several>")],
    one_or_several,
]
