"""Valid inputs of every kind for the properties: sizes and kinds drawn by hypothesis, figures by one seed."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from sim.demography.fertility import by_cohort
from sim.engine import CONVENTIONS, Rates, Targets, project, project_to_targets, weighs_by_stock

KINDS = (None, "hazard", "share", "both")
PART_OF_THE_ROOM = 0.999
"""Most of those who survive who may leave: were it all, rounding would overdraw a cohort."""


class Case(NamedTuple):
    """What a projection takes in."""

    convention: str
    population: np.ndarray
    rates: Rates
    migrants: np.ndarray

    @property
    def years(self):
        return len(self.migrants)

    @property
    def weighs(self):
        return weighs_by_stock(CONVENTIONS[self.convention], self.rates)

    @property
    def mixes(self):
        return self.rates.transition_hazard is not None or self.rates.transition_share is not None

    def part(self, first, last):
        """The same rates and migrants in a part of the years."""
        return self._replace(rates=self.rates.of_years(first, last), migrants=self.migrants[first:last])

    def operators(self):
        return CONVENTIONS[self.convention](self.rates, self.migrants)

    def project(self):
        if not self.weighs:
            return project(self.population, *self.operators())
        convention = CONVENTIONS[self.convention]
        return project_to_targets(self.population, self.rates, self.migrants, convention, Targets(), weighs=True)[0]


def fields(*projections):
    """Stocks and flows of several projections side by side, but for those that the first does not have."""
    for name in projections[0]._fields:
        arrays = [getattr(projection, name) for projection in projections]
        if arrays[0] is not None:
            yield name, arrays


def sparse(random, low, high, shape, zeros):
    """Uniform figures, some of them exactly zero."""
    return random.uniform(low, high, shape) * (random.random(shape) >= zeros)


def leaving(random, emigration, moves, room, zeros, hazards_times=1.0):
    """Risks of emigration and of moves as hazards or shares, that together take no more than there is room for.

    A share never exceeds its hazard, so that what is room for shares is room for hazards.
    """
    states = room.shape[-1]
    kinds = [("emigration", kind) for kind in ("hazard", "share") if emigration in (kind, "both")]
    kinds += [("transition", kind) for kind in ("hazard", "share") if moves in (kind, "both")]
    budget = PART_OF_THE_ROOM * sparse(random, 0, 1, room.shape, zeros) * room
    parts = np.moveaxis(random.dirichlet(np.ones(max(len(kinds), 1)), room.shape), -1, 0) * budget
    risks = {}
    for (what, kind), part in zip(kinds, parts, strict=False):
        risk = part * (hazards_times if kind == "hazard" else 1)
        if what == "transition":
            to = random.random((*room.shape[:-1], states, states)) * (1 - np.eye(states))
            to *= random.random(to.shape) >= zeros
            risk = risk[..., None, :] * to / np.maximum(to.sum(axis=-2, keepdims=True), 1e-9)
        risks[f"{what}_{kind}"] = risk
    return risks


@st.composite
def cases(
    draw,
    conventions=tuple(CONVENTIONS),
    immigrants_only=True,
    most=0.999,
    emigration=KINDS,
    moves=KINDS,
    states=(1, 4),
    linear=False,
    equal=False,
    children=True,
):
    """0 to 1e9 persons, survival 0 to 1, fertility 0 to 3, and migrants either way where asked for.

    `most` of a cohort may die where hazards bring it about. In `linear` cases no operator depends on the stock. Rates
    but those of moving may be `equal` in all states. `children` may get another state than their mother.
    """
    convention = draw(st.sampled_from(conventions))
    years, ages, states = draw(st.integers(1, 12)), draw(st.integers(2, 9)), draw(st.integers(*states))
    going = draw(st.sampled_from(emigration))
    moving = draw(st.sampled_from(moves)) if states > 1 else None
    other_states = children and states > 1 and draw(st.booleans())
    zeros = draw(st.sampled_from((0.0, 0.3, 0.9)))
    size = 10.0 ** draw(st.integers(0, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cohorts = (years, ages + 1, 2, states)
    hazards = convention == "continuous" or {going, moving} & {"hazard", "share", "both"}
    dying = sparse(random, 0, most if hazards else 1, cohorts, zeros)
    if linear and convention == "spectrum_midyear":
        dying[:, -1] = dying[:, -2]
    rate = sparse(random, 0, 3, (years, states, ages), zeros)
    if equal:
        dying[...], rate[...] = dying[..., :1], rate[:, :1]
    rate[..., 0] = 0
    fertility = by_cohort(rate, draw(st.sampled_from(("completed", "reached"))))
    before, after = (np.moveaxis(part, -1, 1) for part in fertility)
    risks = leaving(random, going, moving, 1 - dying, zeros, 3 if convention == "continuous" else 1)
    for name in ("emigration_hazard", "emigration_share"):
        if equal and name in risks:
            risks[name][...] = risks[name].min(axis=-1, keepdims=True)
    rates = Rates(
        survival=1 - dying,
        fertility_before_birthday=before,
        fertility_after_birthday=after,
        male_share=random.random(years),
        child_state=np.moveaxis(random.dirichlet(np.ones(states), (years, states)), -1, 1) if other_states else None,
        **risks,
    )
    population = sparse(random, 0, size, (ages, 2, states), zeros)
    case = Case(convention, population, rates, sparse(random, 0, size / 10, (years, ages, 2, states), zeros))
    return case if immigrants_only or not draw(st.booleans()) else _with_losses(case, random)


def _with_losses(case, random):
    """The same with net emigration that no cohort alive at the start can fail to bear, whatever its migrants.

    The open age loses nobody: those in it bear children at another rate than those who enter it. Neither do states
    that mix: who stays in one may be fewer than those there at both ends of a year.
    """
    if case.mixes:
        return case
    alone = case._replace(migrants=np.zeros_like(case.migrants)).project().population
    lowest = np.minimum(alone[:-1], alone[1:])
    age, year = np.arange(lowest.shape[1]), np.arange(case.years)[:, None]
    bearing = ((age > year) & (age < lowest.shape[1] - 1))[..., None, None] & (random.random(lowest.shape) < 0.5)
    loss = -lowest * random.uniform(0, 0.5 / case.years, lowest.shape)
    return case._replace(migrants=np.where(bearing, loss, case.migrants))
