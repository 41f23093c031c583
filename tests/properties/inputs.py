"""Valid inputs of every kind for the properties: sizes and kinds drawn by hypothesis, figures by one seed."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from sim.demography.fertility import by_cohort
from sim.engine import CONVENTIONS, Rates, project


class Case(NamedTuple):
    """What a projection takes in."""

    convention: str
    population: np.ndarray
    rates: Rates
    migrants: np.ndarray

    @property
    def years(self):
        return len(self.migrants)

    def part(self, first, last):
        """The same rates and migrants in a part of the years."""
        yearly = {
            name: field[first:last]
            for name, field in self.rates._asdict().items()
            if field is not None and name != "child_state"
        }
        return self._replace(rates=self.rates._replace(**yearly), migrants=self.migrants[first:last])

    def operators(self):
        return CONVENTIONS[self.convention](self.rates, self.migrants)

    def project(self):
        return project(self.population, *self.operators())


def sparse(random, low, high, shape, zeros):
    """Uniform figures, some of them exactly zero."""
    return random.uniform(low, high, shape) * (random.random(shape) >= zeros)


@st.composite
def cases(draw, conventions=("continuous", "wpp_end"), immigrants_only=True, most=0.999):
    """0 to 1e9 persons, survival 0 to 1, fertility 0 to 3, and migrants either way where asked for.

    `most` of a cohort may die, or leave of those who do not, where hazards bring it about.
    """
    convention = draw(st.sampled_from(conventions))
    years, ages, states = draw(st.integers(1, 12)), draw(st.integers(2, 9)), draw(st.integers(1, 4))
    continuous = convention == "continuous"
    emigration = draw(st.sampled_from((None, "share", "hazard") if continuous else (None, "share")))
    mixed = continuous and emigration != "share" and draw(st.booleans())
    children = states > 1 and draw(st.booleans())
    zeros = draw(st.sampled_from((0.0, 0.3, 0.9)))
    size = 10.0 ** draw(st.integers(0, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cohorts = (years, ages + 1, 2, states)
    dying = sparse(random, 0, most if continuous else 1, cohorts, zeros)
    rate = sparse(random, 0, 3, (years, states, ages), zeros)
    rate[..., 0] = 0
    fertility = by_cohort(rate, draw(st.sampled_from(("completed", "reached"))))
    before, after = (np.moveaxis(part, -1, 1) for part in fertility)
    risk = sparse(random, 0, 1, cohorts, zeros)
    rates = Rates(
        survival=1 - dying,
        fertility_before_birthday=before,
        fertility_after_birthday=after,
        male_share=random.random(years),
        emigration_hazard=3 * risk if emigration == "hazard" else None,
        emigration_share=most * risk * (1 - dying) if emigration == "share" else None,
        transition_hazard=sparse(random, 0, 2, (*cohorts, states), zeros) * (1 - np.eye(states)) if mixed else None,
        child_state=random.dirichlet(np.ones(states), states).T if children else None,
    )
    population = sparse(random, 0, size, (ages, 2, states), zeros)
    case = Case(convention, population, rates, sparse(random, 0, size / 10, (years, ages, 2, states), zeros))
    return case if immigrants_only or not draw(st.booleans()) else _with_losses(case, random)


def _with_losses(case, random):
    """The same with net emigration that no cohort alive at the start can fail to bear, whatever its migrants.

    The open age loses nobody: those in it bear children at another rate than those who enter it.
    """
    if case.rates.transition_hazard is not None:
        return case
    alone = case._replace(migrants=np.zeros_like(case.migrants))
    later = alone.project().population[1:]
    age, year = np.arange(later.shape[1]), np.arange(case.years)[:, None]
    bearing = ((age > year) & (age < later.shape[1] - 1))[..., None, None] & (random.random(later.shape) < 0.5)
    loss = -later * random.uniform(0, 0.5 / case.years, later.shape)
    return case._replace(migrants=np.where(bearing, loss, case.migrants))
