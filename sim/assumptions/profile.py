"""Shares of migrants by region, group, sex and age."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.assumptions.source import Source
from sim.axes import SEXES, Array
from sim.data import catalogue
from sim.demography import schedules
from sim.migration import profiles
from sim.readers.table import Quantity
from sim.scenario.inputs import DatasetYears, ReachedTable
from sim.scenario.models import RogersCastro
from sim.scenario.yamlfile import Key

SHARE = Quantity("share", low=-1e6, high=1e6)
IMMIGRANT_SHARE = Quantity("share of immigrants", low=0, high=1)


def profile(
    source: Source,
    entry: ReachedTable | RogersCastro | DatasetYears,
    keys: tuple[Key, ...],
    own: tuple[int, int],
    quantity: Quantity,
    names: tuple[str | None, str | None] = (None, None),
) -> Array:
    """Shares by region, group, sex and age that sum to 1, (R, G, 2, A)."""
    if isinstance(entry, RogersCastro):
        with source.at(*keys):
            if own != (1, 1):
                named = "name them, or give a table" if quantity is IMMIGRANT_SHARE else "give a table"
                message = f"a model schedule has no regions and groups; {named}"
                raise ValueError(message)
            curves = _schedule(source, entry, quantity)
            return profiles.normalised(curves[None, None])
    if isinstance(entry, DatasetYears):
        with source.at(*keys):
            return profiles.normalised(_persons_of_dataset(source, entry, own, quantity))
    axes = {name: labels for name, labels in axes_of(source, own, names).items() if name != "year"}
    shares = source.table(entry, keys, quantity, axes)
    with source.at(*keys, "table"):
        if shares.shape != (*own, len(SEXES), source.ages):
            raise ValueError(unplaced(axes, shares.shape, "shares", named=quantity is IMMIGRANT_SHARE))
        return profiles.checked_shares(shares)


def _schedule(source: Source, entry: RogersCastro, quantity: Quantity) -> Array:
    """Curve of each sex by age reached, women and men in their shares, (2, A).

    Who reaches age a on 31 December is a old in the middle of the year. Those born in the year are there for half of
    it, at a third of a year on average: the integral of (1 - x) m(x) is m(1/3) / 2 for a curve that is straight there.
    """
    ages = np.array(source.scenario.age_labels, dtype=float)
    ages[0] = source.width / 3
    curves = np.stack([schedules.rogers_castro(ages, **parameters) for parameters in entry.by_sex])
    curves[:, 0] /= 2
    sums = curves.sum(axis=-1, keepdims=True)
    if not sums.min() > 0:
        least = SEXES[int(sums.argmin())]
        message = (
            f"the schedule of {least} migrants adds up to {sums.min():.3g} over the ages; a total takes more than zero"
        )
        raise ValueError(message)
    if quantity is IMMIGRANT_SHARE and curves.min() < 0:
        sex, place = np.unravel_index(int(curves.argmin()), curves.shape)
        message = (
            f"falls below zero at age {source.scenario.age_labels[place]} ({SEXES[sex]}); immigrants are zero or more"
        )
        raise ValueError(message)
    shares: Array = np.array([[entry.female_share], [1 - entry.female_share]]) * curves / sums
    return shares


def _persons_of_dataset(source: Source, entry: DatasetYears, own: tuple[int, int], quantity: Quantity) -> Array:
    """Migrants of an embedded dataset, immigrants or net as asked for, (R, G, 2, A)."""
    name, open_age, states = source.dataset(entry.dataset), source.scenario.ages.open, source.scenario.states
    if quantity is IMMIGRANT_SHARE:
        if own != (1, 1):
            message = "the immigrants of a dataset have no regions and groups; name them, or give a table"
            raise ValueError(message)
        return catalogue.immigration_profile(name, entry.years, open_age)[None, None]
    persons = catalogue.migration_profile(name, entry.years, open_age, states.regions, states.established)
    return source.with_new_groups(persons if persons.ndim == 4 else persons[None, None], 1, empty=True)


def axes_of(
    source: Source, own: tuple[int, int], names: tuple[str | None, str | None]
) -> dict[str, Sequence[int | str]]:
    """Dimensions of a table of which the region or group may be named already."""
    axes = dict(source.axes)
    for axis, number, name in zip(("region", "group"), own, names, strict=True):
        if number == 1:
            axes[axis] = (name or axes[axis][0],)
    return axes


def unplaced(axes: Mapping[str, Sequence[int | str]], found: tuple[int, ...], what: str, named: bool) -> str:
    """Say which column a table lacks."""
    wanted = [(axis, len(axes[axis])) for axis in ("region", "group", "sex", "age")]
    missing = next(axis for (axis, number), there in zip(wanted, found, strict=True) if there != number)
    name = f"name the {missing}, or " if named and missing in {"region", "group"} else ""
    return f"{name}give the table a column '{missing}': {what} cannot be repeated"
