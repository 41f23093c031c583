"""Life tables and what they tell.

- `life_table` from `death_rates` or `death_rate_from_probability`, of single ages or groups; `single_age_death_rates`.
- `survival_ratios` by cohort slot, `stationary_population`, `life_expectancy`, `remaining_life_expectancy`.
- `years_lost` (e-dagger), `modal_age`, `age_with_remaining`, `life_expectancy_on_1_january`; `arriaga` takes a
  difference of life expectancy apart by age.
- `cohort` and `cohorts` read the diagonals of a table by year and age.
"""

from sim.demography.lifetable.cohorts import Cohorts, cohort, cohorts
from sim.demography.lifetable.infancy import (
    INFANT_RULES,
    InfantRule,
    andreev_kingkade,
    coale_demeny,
    coale_demeny_at_ages_1_to_4,
)
from sim.demography.lifetable.measures import (
    AgeContributions,
    age_with_remaining,
    arriaga,
    life_expectancy_on_1_january,
    modal_age,
    remaining_life_expectancy,
    years_lost,
)
from sim.demography.lifetable.single_ages import single_age_death_rates
from sim.demography.lifetable.survival import life_expectancy, stationary_population, survival_ratios
from sim.demography.lifetable.table import LifeTable, death_rate_from_probability, death_rates, life_table

__all__ = [
    "INFANT_RULES",
    "AgeContributions",
    "Cohorts",
    "InfantRule",
    "LifeTable",
    "age_with_remaining",
    "andreev_kingkade",
    "arriaga",
    "coale_demeny",
    "coale_demeny_at_ages_1_to_4",
    "cohort",
    "cohorts",
    "death_rate_from_probability",
    "death_rates",
    "life_expectancy",
    "life_expectancy_on_1_january",
    "life_table",
    "modal_age",
    "remaining_life_expectancy",
    "single_age_death_rates",
    "stationary_population",
    "survival_ratios",
    "years_lost",
]
