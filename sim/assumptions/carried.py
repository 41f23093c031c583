"""Assumptions carried through the years by the engine; what goes wrong is told in the scenario's own labels."""

from sim.assumptions.stays import declared
from sim.assumptions.yearly import Assumptions, engine_inputs, engine_targets, states_of
from sim.axes import SEXES, Array
from sim.engine import (
    CONVENTIONS,
    Operators,
    OverdrawnError,
    Projection,
    Rates,
    TargetError,
    after_1_january,
    carry,
    project_to_targets,
    weighs_by_stock,
)
from sim.errors import ProjectionError
from sim.scenario.faults import fault_at
from sim.scenario.schema import Scenario


def carried(scenario: Scenario, assumptions: Assumptions) -> tuple[Projection, Rates]:
    """Project a scenario.

    Parameters
    ----------
    scenario : Scenario
        As loaded.
    assumptions : Assumptions
        What it was drawn out to.

    Returns
    -------
    projection : Projection
        Stocks and flows, by state of the engine: where there are stays, `sim.assumptions.stays.declared` adds them up.
    rates : Rates
        As used, with all that the scenario's totals led to, by state of the engine.

    Raises
    ------
    ProjectionError
        If a cohort is overdrawn or a total cannot be met, in the scenario's own labels.
    """
    population, rates, migrants = engine_inputs(assumptions)
    convention, targets = CONVENTIONS[scenario.convention], engine_targets(assumptions)
    weighs = weighs_by_stock(convention, rates)
    try:
        if targets.any or weighs:
            return project_to_targets(population, rates, migrants, convention, targets, weighs)
        return carry(population, rates, migrants, convention), rates
    except OverdrawnError as error:
        raise _overdrawn(error, scenario, assumptions) from None
    except TargetError as error:
        raise _missed(error, scenario, assumptions) from None
    except ProjectionError as error:
        message = f"{scenario.name}: {error}"
        raise ProjectionError(message) from None


def operators_of(scenario: Scenario, assumptions: Assumptions, step: int) -> tuple[Operators, Array | None]:
    """Map of one step of a scenario, under the rates that meet its targets.

    Parameters
    ----------
    scenario, assumptions
        As in `carried`.
    step : int
        Place of the step among those of the projection.

    Returns
    -------
    operators : Operators
        Of that step alone, by declared state: of all but recent arrivals, who are told apart where there are stays.
    on_1_january : (K, K) array or None
        What happens before on its first day, as in `Rates`.

    Raises
    ------
    ProjectionError
        If the scenario cannot be projected.
    """
    projection, rates = declared(states_of(assumptions), *carried(scenario, assumptions))
    year = slice(step, step + 1)
    convention, of_year = CONVENTIONS[scenario.convention], rates.of_years(step, step + 1)
    weighs = weighs_by_stock(convention, of_year)
    present = (after_1_january(projection.population[step], of_year),) if weighs else ()
    operators, _ = convention(of_year, projection.entrants[year], *present)
    return operators, None if of_year.on_1_january is None else of_year.on_1_january[0]


def _missed(error: TargetError, scenario: Scenario, assumptions: Assumptions) -> ProjectionError:
    """Say which total of a scenario cannot be met."""
    keys: tuple[str | int, ...] = {
        "balance": ("migration", "close", "balance"),
        "life expectancy": ("mortality", "life_expectancy"),
        "total fertility": ("fertility", "total"),
    }.get(error.kind, ())
    if error.kind == "count":
        keys = assumptions.target_keys[error.number]
    elif error.kind == "balance" and assumptions.targets.closing and len(assumptions.targets.closing.members) > 1:
        keys = (*keys, error.number)
    fault = fault_at(scenario, keys, f"cannot be met in {scenario.periods[error.year]}: {error.reason}")
    return ProjectionError(str(fault))


def _overdrawn(error: OverdrawnError, scenario: Scenario, assumptions: Assumptions) -> ProjectionError:
    """Say which people an overdrawn cohort is, in the scenario's own labels."""
    states = states_of(assumptions)
    state = error.state if states is None else int(states.parent[error.state])
    region, group = divmod(state, len(scenario.states.groups))
    year = scenario.period.start + error.year * scenario.ages.width
    first = scenario.age_labels[error.age]
    age = f"{first} and over" if first == scenario.ages.open else str(first)
    if scenario.ages.width > 1 and first < scenario.ages.open:
        age = f"{first}-{first + scenario.ages.width - 1}"
    where = f"region {scenario.states.regions[region]}, group {scenario.states.groups[group]}"
    who = f"{SEXES[error.sex]}, age {age}"
    cause = "net migration" if scenario.migration.emigration == () else "emigration"
    message = (
        f"{scenario.name}: {cause} takes more people than there are: {error.persons:,.6g} persons would be left on "
        f"1 January {year} ({where}, {who})"
    )
    return ProjectionError(message)
