"""What can go wrong, told so that the person who caused it can mend it."""

from typing import NamedTuple


class SimError(Exception):
    """A failure with a message for the user; ``exit_code`` is what the command returns."""

    exit_code = 1


class Fault(NamedTuple):
    """One mistake in a file, and where it stands."""

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        """Return ``file:line:column: key: message``, without the parts that are unknown."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.key, self.message) if part)


class ScenarioError(SimError):
    """A scenario file, or a table that it names, holds mistakes; ``faults`` lists them all."""

    exit_code = 2

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def joined(cls, errors: "list[ScenarioError]") -> "ScenarioError":
        """Put the faults of several files together; data are what is missing only where nothing else is wrong."""
        joined = cls([fault for error in errors for fault in error.faults])
        joined.exit_code = min(error.exit_code for error in errors)
        return joined


class DataError(SimError):
    """Data that were asked for are not there."""

    exit_code = 3


class ProjectionError(SimError):
    """A projection cannot be carried out, or its books do not balance."""

    exit_code = 1


class StoreError(SimError):
    """A result cannot be written or is not a finished run."""

    exit_code = 74
