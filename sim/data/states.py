"""The states a population can be divided into: regions, and groups by nationality or by origin."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.axes import SEXES, UNDIVIDED, Array
from sim.data.tables import OriginGroup
from sim.errors import DataError

Labels = tuple[str, ...]

WHOLE: Labels = (UNDIVIDED,)
"""Labels of an axis that is not divided."""

NATIONALITY = "nationality"
ORIGIN = "origin"

BELGIAN, FOREIGN = "belgian", "foreign"
BORN_BELGIAN = "born_belgian"

ORIGIN_YEAR = 2012
"""The only year on whose 1 January the groups by origin are known."""


def undivided(labels: Labels | None) -> bool:
    """Say whether an axis is not divided: its labels are not given, or stand for the sum."""
    return labels is None or labels == WHOLE


def check_regions(name: str, labels: Labels, known: Labels) -> None:
    """Raise `DataError` unless `labels` are different regions of dataset `name`, or stand for their sum."""
    _check_different("regions", labels)
    if undivided(labels):
        return
    for label in labels:
        if label not in known:
            message = (
                f"{label!r} is not a region of {name}; there are: {', '.join(known)}, or {UNDIVIDED!r} for their sum"
            )
            raise DataError(message)


def grouping_of(name: str, labels: Labels, groupings: Mapping[str, Labels]) -> str:
    """Find the grouping that labels of groups belong to.

    Parameters
    ----------
    name : str
        Dataset, for the message.
    labels : tuple of str
        Groups.
    groupings : mapping
        Labels of the groups of each grouping.

    Returns
    -------
    str
        Key of `groupings`; `NATIONALITY` where the labels stand for the sum.

    Raises
    ------
    DataError
        If a label is there twice, or the labels are not all of one grouping.
    """
    _check_different("groups", labels)
    if undivided(labels):
        return NATIONALITY
    for grouping, known in groupings.items():
        if set(labels) <= set(known):
            return grouping
    choices = "; or ".join(f"{', '.join(known)} (by {grouping})" for grouping, known in groupings.items())
    message = (
        f"{', '.join(map(repr, labels))} are not groups of one grouping of {name}; "
        f"there are: {choices}; or {UNDIVIDED!r} for their sum"
    )
    raise DataError(message)


def select(counts: Array, axis: int, labels: Labels, known: Labels) -> Array:
    """Take the places of `labels` along an axis, or its sum.

    Parameters
    ----------
    counts : array
        Persons, with the labels `known` along `axis`.
    axis : int
        The axis of regions or groups.
    labels, known : tuple of str
        Labels asked for, each one of `known`, in any order; or the label of the sum.

    Returns
    -------
    array
        Persons, with the places of `labels` along `axis`.
    """
    if undivided(labels):
        whole: Array = counts.sum(axis=axis, keepdims=True)
        return whole
    return np.take(counts, [known.index(label) for label in labels], axis=axis)


def divide_by_origin(counts: Array, nationalities: Labels, origins: Sequence[OriginGroup]) -> Array:
    """Divide the persons of a country by their nationality at birth and now.

    Parameters
    ----------
    counts : (nationality, sex, A) array
        Persons of the whole country by nationality now, sex and completed age.
    nationalities : tuple of str
        Labels of the first axis.
    origins : sequence of OriginGroup
        The groups and their persons.

    Returns
    -------
    array (origin, sex, A)
        Persons, fractions of persons in the cells; the groups of a nationality add up to its cells.

    Raises
    ------
    DataError
        If more became Belgian in a cell than there are Belgians.

    Notes
    -----
    No age and no sex is published by origin. Two assumptions: all who were born foreign, whatever their
    nationality now, have the sexes and ages of those who are foreign now; those born Belgian are the
    other Belgians of each sex and age.
    """
    belgian, foreign = (counts[nationalities.index(label)] for label in (BELGIAN, FOREIGN))
    structure = foreign / foreign.sum()
    born_foreign = {origin.group: origin.persons * structure for origin in origins if origin.group != BORN_BELGIAN}
    now_belgian = [origin.group for origin in origins if origin.nationality == BELGIAN]
    born_belgian = belgian - sum(born_foreign[group] for group in now_belgian if group != BORN_BELGIAN)
    if born_belgian.min() < 0:
        sex, age = np.unravel_index(born_belgian.argmin(), born_belgian.shape)
        message = (
            f"{born_belgian.min():.2f} {SEXES[sex]} persons of age {age} would be born Belgian: with the ages of the "
            f"foreigners more became Belgian than there are Belgians; use a lower open age"
        )
        raise DataError(message)
    return np.stack([born_foreign.get(origin.group, born_belgian) for origin in origins])


def _check_different(kind: str, labels: Labels) -> None:
    repeated = [label for place, label in enumerate(labels) if label in labels[:place]]
    if repeated or not labels:
        message = f"{kind} name {repeated[0]!r} twice" if repeated else f"no {kind} are named; give at least one"
        raise DataError(message)
