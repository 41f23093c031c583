"""Totals that a year has to meet, where what meets them depends on who is there: solved year after year."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.axes import Array
from sim.engine.conventions import Convention
from sim.engine.national import with_life_expectancy, with_total_fertility
from sim.engine.operators import Entrants, Operators, Rates, after_1_january, check_1_january, check_column_sums
from sim.engine.project import Exposed, OverdrawnError, Projection, check_nobody_is_owed, joined, walk
from sim.engine.root import rising_root
from sim.errors import ProjectionError

MISS = 1e-9
"""Largest miss of a balance, as a share of the immigrants."""
LARGEST_HAZARD = 100.0
LARGEST_LEVEL = 1e9
"""Times the stated immigrants beyond which they are as good as nobody."""


class Count(NamedTuple):
    """A number of emigrations or moves a year, whose hazards are a pattern times one factor."""

    total: Array
    """(n,) persons a year, zero or more."""
    emigration: Array | None = None
    """(n, A + 1, 2, K) pattern of the hazards of emigration."""
    transition: Array | None = None
    """(n, A + 1, 2, K, K) or pattern of the hazards of moving, ``[to, from]``."""


class Closing(NamedTuple):
    """Balances of immigration and emigration that one side is scaled to meet, one factor a balance and year."""

    balance: Array
    """(n, m) immigrants less emigrants a year."""
    members: Array
    """(m, K) 1 for the states that a balance is of, else 0; no state belongs to two."""
    immigrants: Array | None = None
    """(n, A, 2, K) immigrants who are scaled, where immigration is free."""
    emigration: Array | None = None
    """(n, A + 1, 2, K) hazards of emigration that are scaled, where emigration is free."""


class Targets(NamedTuple):
    """What each year has to meet."""

    life_expectancy: Array | None = None
    """(n, 2) e_0 of all states together, in steps, by one factor a sex on the death hazards of all states."""
    total_fertility: Array | None = None
    """(n,) of all states together, by one factor on their rates."""
    counts: tuple[Count, ...] = ()
    closing: Closing | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything to meet."""
        return bool(self.counts) or any(field is not None for field in (*self[:2], self.closing))


class TargetError(ProjectionError):
    """A total that nothing meets: `number` is that of the count, or of the balance, in a year."""

    def __init__(self, year: int, kind: str, number: int, reason: str) -> None:
        self.year, self.kind, self.number, self.reason = year, kind, number, reason
        super().__init__(f"year {year}, {kind} {number}: {reason}")


def project_to_targets(
    population: Array, rates: Rates, migrants: Array, convention: Convention, targets: Targets, weighs: bool = False
) -> tuple[Projection, Rates]:
    """Carry a population through the years, so that each meets its targets.

    Parameters
    ----------
    population : (A, 2, K) array
        Persons on the first 1 January.
    rates : Rates
        Rates of n years, without what the counts and a free emigration add. With counts, or with emigration free,
        emigration and moves are given as hazards only. What happens on 1 January comes before all: rates of all
        states together are weighted by those there after it, counts are met without it, balances with it.
    migrants : (n, A, 2, K) array
        Immigrants, or net migrants, without those who are scaled to close a balance.
    convention : Convention
        Makes the operators.
    targets : Targets
        What to meet.
    weighs : bool
        Whether the convention needs the stock of each year.

    Returns
    -------
    projection : Projection
        Stocks and flows; every target is met within 1e-12 of itself.
    rates : Rates
        As used in each year.

    Raises
    ------
    TargetError
        For the first total that cannot be met.
    OverdrawnError
        If a cohort falls below zero.
    ProjectionError
        If more happens on a 1 January than there are people.
    """
    check_1_january(rates)
    years, used = [], []
    solver = _Solver(convention, targets, weighs)
    stock = population
    for year in range(len(migrants)):
        projection, rates_of_year = solver.year(year, stock, rates.of_years(year, year + 1), migrants[year : year + 1])
        years.append(projection)
        used.append(rates_of_year)
        stock = projection.population[1]
    return joined(population, years), _rates_of_all(used)


class _Solver:
    """Factors of one year after the other; each starts from those of the year before."""

    def __init__(self, convention: Convention, targets: Targets, weighs: bool) -> None:
        self.convention, self.targets, self.weighs = convention, targets, weighs
        closing = targets.closing
        free = [] if closing is None or closing.emigration is None else list(range(len(closing.members)))
        self.patterns: list[tuple[str, int]] = [("count", number) for number in range(len(targets.counts))]
        self.patterns += [("balance", number) for number in free]
        self.logs = np.full(len(self.patterns), np.nan)
        self.slopes = np.eye(len(self.patterns))

    def year(self, year: int, stock: Array, rates: Rates, migrants: Array) -> tuple[Projection, Rates]:
        """Projection of a year and the rates that it used."""
        rates = self._national(year, after_1_january(stock, rates), rates)
        if self.patterns:
            rates = self._met(year, stock, rates, migrants)
        projection = self._project(year, stock, rates, migrants, final=True)[0]
        self._check_untouched(year, projection)
        try:
            check_nobody_is_owed(projection.population)
        except OverdrawnError as error:
            raise OverdrawnError(year + 1, error.age, error.sex, error.state, error.persons) from None
        return projection, rates

    def _national(self, year: int, stock: Array, rates: Rates) -> Rates:
        """Rates of a year whose national life expectancy and total fertility are those wanted."""
        expectancy, total = self.targets.life_expectancy, self.targets.total_fertility
        kind = "life expectancy"
        try:
            if expectancy is not None:
                rates = with_life_expectancy(rates, stock, expectancy[year])
            kind = "total fertility"
            return rates if total is None else with_total_fertility(rates, stock, float(total[year]))
        except ValueError as error:
            raise TargetError(year, kind, 0, str(error)) from None

    def _met(self, year: int, stock: Array, rates: Rates, migrants: Array) -> Rates:
        """Rates whose counts, and emigrations left free, are those wanted."""
        patterns = [self._pattern(year, *which) for which in self.patterns]
        wanted = [self._wanted(year, number, migrants) for number in range(len(patterns))]
        active = [number for number, total in enumerate(wanted) if total > 0]
        if not active:
            return _with_patterns(rates, patterns, np.zeros(len(patterns)))
        logs = self.logs
        for number in active:
            if np.isnan(logs[number]):
                logs[number] = _first_guess(after_1_january(stock, rates), patterns[number], wanted[number])

        def factors(some: Array) -> Array:
            whole = np.zeros(len(patterns))
            whole[active] = np.exp(some)
            return whole

        def miss(some: Array) -> Array:
            tried = _with_patterns(rates, patterns, factors(some))
            try:
                result = self._project(year, stock, tried, migrants)
            except TargetError:
                raise
            except ProjectionError:
                self._project(year, stock, rates, migrants)
                return np.full(len(active), np.inf)
            found = [self._found(number, patterns[number], factors(some)[number], tried, result) for number in active]
            ratio: Array = np.array(found) / np.array([wanted[number] for number in active])
            return ratio - 1

        def refuse(worst: int) -> TargetError:
            kind, number = self.patterns[active[worst]]
            return TargetError(year, kind, number, f"no risk leads to {_persons(wanted[active[worst]])}")

        square = np.ix_(active, active)
        limits = np.log(LARGEST_HAZARD / np.array([_largest(patterns[number]) for number in active]))
        found, self.slopes[square] = rising_root(miss, logs[active], self.slopes[square], limits, refuse)
        logs[active] = found
        return _with_patterns(rates, patterns, factors(found))

    def _pattern(self, year: int, kind: str, number: int) -> tuple[Array | None, Array | None]:
        """Patterns of emigration and of moves of an unknown factor in a year."""
        if kind == "count":
            count = self.targets.counts[number]
            return _of_year(count.emigration, year), _of_year(count.transition, year)
        closing = self.targets.closing
        if closing is None or closing.emigration is None:
            return None, None
        return closing.emigration[year : year + 1] * closing.members[number], None

    def _wanted(self, year: int, which: int, migrants: Array) -> float:
        """Number of events that a factor has to lead to."""
        kind, number = self.patterns[which]
        if kind == "count":
            return float(self.targets.counts[number].total[year])
        closing = self.targets.closing
        if closing is None:
            return 0.0
        came = float((migrants * closing.members[number]).sum())
        total = came - float(closing.balance[year, number])
        if total < 0:
            reason = f"there are only {_persons(came)} who immigrate, and emigrants cannot be fewer than none"
            raise TargetError(year, kind, number, reason)
        return total

    def _found(
        self,
        which: int,
        pattern: tuple[Array | None, Array | None],
        factor: float,
        rates: Rates,
        tried: tuple[Projection, Operators, Entrants],
    ) -> float:
        """Number of events that a factor led to: those of a count, or all emigrants of a balance."""
        kind, number = self.patterns[which]
        closing = self.targets.closing
        if kind == "balance" and closing is not None:
            return float((np.asarray(tried[0].emigrants) * closing.members[number]).sum())
        total = 0.0
        for events, own, every in zip(
            ("emigration", "transitions"), pattern, (rates.emigration_hazard, rates.transition_hazard), strict=True
        ):
            if own is not None and every is not None:
                part = np.divide(factor * own, every, out=np.zeros_like(every), where=every > 0)
                total += _events_of(events, part, rates, *tried)
        return total

    def _check_untouched(self, year: int, projection: Projection) -> None:
        """Refuse balances that ask for no emigrants where others than those that are scaled leave."""
        closing = self.targets.closing
        if closing is None or closing.emigration is None or projection.emigrants is None:
            return
        for number, member in enumerate(closing.members):
            miss = _net(projection, member) - float(closing.balance[year, number])
            if abs(miss) > MISS * max(1.0, float((projection.entrants * member).sum())):
                reason = f"those who emigrate without being scaled leave it {_persons(abs(miss))} off"
                raise TargetError(year, "balance", number, reason)

    def _project(
        self, year: int, stock: Array, rates: Rates, migrants: Array, final: bool = False
    ) -> tuple[Projection, Operators, Entrants]:
        """One year at given rates; where immigration is free, with the immigrants that close the balances.

        A convention spreads every migrant over the year alike, so one who is of all cells tells how. While factors
        are tried, immigrants may be negative: the year is linear in them.
        """
        present = (after_1_january(stock, rates),) if self.weighs else ()
        operators, of_one = self.convention(rates, np.ones_like(migrants), *present)
        if final:
            check_column_sums(operators)

        def step(people: Array, came: Array) -> tuple[Projection, Operators, Entrants]:
            entrants = Entrants(*(None if part is None else part * came for part in of_one))
            return walk(people, operators, entrants, rates.on_1_january), operators, entrants

        closing = self.targets.closing
        if closing is None or closing.immigrants is None:
            return step(stock, migrants)
        scaled = closing.immigrants[year : year + 1]
        base, nobody = step(stock, migrants)[0], np.zeros_like(stock)
        effects = [step(nobody, scaled * member)[0] for member in closing.members]
        net = np.array([[_net(effect, member) for effect in effects] for member in closing.members])
        gap = closing.balance[year] - np.array([_net(base, member) for member in closing.members])
        try:
            levels = np.linalg.solve(net, gap)
            if not np.abs(levels).max() < LARGEST_LEVEL:
                raise np.linalg.LinAlgError
        except np.linalg.LinAlgError:
            unmoved = int(np.abs(np.diag(net)).argmin())
            raise TargetError(year, "balance", unmoved, "there are no immigrants who could be scaled") from None
        for number, level in enumerate(levels):
            if final and not level >= 0:
                reason = f"the immigrants who are scaled would have to be {level:.3g} times those stated"
                raise TargetError(year, "balance", number, reason)
        return step(stock, migrants + scaled * (levels @ closing.members))


def _persons(number: float) -> str:
    """Number of persons in words, with fractions where they are few."""
    return f"{number:,.0f} persons" if number >= 1000 else f"{number:.6g} persons"


def _of_year(array: Array | None, year: int) -> Array | None:
    """One year of an array, its axis kept."""
    return None if array is None else array[year : year + 1]


def _with_patterns(rates: Rates, patterns: Sequence[tuple[Array | None, Array | None]], factors: Array) -> Rates:
    """Rates with the hazards of patterns times their factors added."""
    emigration, transition = rates.emigration_hazard, rates.transition_hazard
    for (going, moving), factor in zip(patterns, factors, strict=True):
        if going is not None:
            emigration = factor * going if emigration is None else emigration + factor * going
        if moving is not None:
            transition = factor * moving if transition is None else transition + factor * moving
    return rates._replace(emigration_hazard=emigration, transition_hazard=transition)


def _first_guess(stock: Array, pattern: tuple[Array | None, Array | None], wanted: float) -> float:
    """Logarithm of the factor under which the stock of 1 January alone would meet a total in person-years."""
    people = np.concatenate([stock[:1] * 0, stock])
    expected = 0.0
    for hazard in pattern:
        if hazard is not None:
            outgoing = hazard[0] if hazard.ndim == 4 else hazard[0].sum(axis=-2)
            expected += float((outgoing * people).sum())
    return float(np.log(wanted / expected)) if wanted > 0 and expected > 0 else 0.0


def _largest(pattern: tuple[Array | None, Array | None]) -> float:
    """Largest hazard of a pattern."""
    return max([float(part.max()) for part in pattern if part is not None], default=0.0) or 1.0


def _events_of(
    kind: str, part: Array, rates: Rates, projection: Projection, operators: Operators, entrants: Entrants
) -> float:
    """Events of a kind, within a year and not on its first day, of which each slot has a part."""
    present = after_1_january(projection.population[0], rates)[None]
    if entrants.at_start is not None:
        present = present + entrants.at_start
    events = Exposed(operators.of_stock, present, projection.births).by_slot(kind)
    total = 0.0 if events is None else float((events * part).sum())
    if operators.of_entrants is not None and entrants.during is not None:
        events = Exposed(operators.of_entrants, entrants.during, None).by_slot(kind)
        total += 0.0 if events is None else float((events * part[:, :-1]).sum())
    return total


def _net(projection: Projection, member: Array) -> float:
    """Immigrants less emigrants of some states in a year."""
    net = projection.entrants if projection.emigrants is None else projection.entrants - projection.emigrants
    return float((net * member).sum())


def _rates_of_all(years: Sequence[Rates]) -> Rates:
    """Rates of all years from those of each."""
    there = [name for name, field in years[0]._asdict().items() if field is not None]
    return Rates(**{name: np.concatenate([getattr(year, name) for year in years]) for name in there})
