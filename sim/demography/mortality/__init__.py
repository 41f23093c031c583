"""Models of mortality.

- A life expectancy reached: `scale_to_life_expectancy` (one factor on all hazards), `brass_to_life_expectancy`,
  `along_pattern_to_life_expectancy`, and `family_to_life_expectancy` for a family of one's own.
- Forecasts: `lee_carter`, its second stage `adjusted_to_deaths` or `adjusted_to_life_expectancy`, `drift`, `forecast`,
  `rotated_forecast`; `li_lee` and `coherent_forecast`; `improvement_rates` and `improved`.
- Model life tables: `brass` and `fit_brass`, `log_quadratic` and what it is reached from.
- The oldest ages: `fit_to_deaths`, `fit_to_rates`, `extend`, `with_old_age`.

Survival ratios are by cohort slot: slot 0 from birth to the end of the year, slot x into age x, the last two for those
who enter the open age and those in it; `sim.demography.lifetable.survival_ratios` makes them of a life table.
"""

from sim.demography.mortality.forecasts import (
    Drift,
    drift,
    forecast,
    rotated_forecast,
    rotation_weight,
    ultimate_sensitivity,
)
from sim.demography.mortality.improvement import improved, improvement_rates, point_to_point_improvement
from sim.demography.mortality.lee_carter import (
    LeeCarter,
    adjusted_to_deaths,
    adjusted_to_life_expectancy,
    lee_carter,
)
from sim.demography.mortality.li_lee import (
    LiLee,
    OwnProcess,
    coherent_forecast,
    li_lee,
    own_process,
    rates_of_last_year,
)
from sim.demography.mortality.log_quadratic import (
    LOG_QUADRATIC_AGES,
    LogQuadratic,
    log_quadratic,
    log_quadratic_from_adult_mortality,
    log_quadratic_life_expectancy,
    log_quadratic_to_life_expectancy,
)
from sim.demography.mortality.old_age import (
    OldAgeLaw,
    OldAgeModel,
    extend,
    fit_to_deaths,
    fit_to_rates,
    law_rates,
    open_age_rate,
)
from sim.demography.mortality.old_age_survival import with_old_age
from sim.demography.mortality.relational import BrassParameters, brass, fit_brass, logit_survivors
from sim.demography.mortality.targets import (
    AGE_ON_1_JANUARY_EXCESS,
    ModelMortality,
    ScaledMortality,
    along_pattern_to_life_expectancy,
    brass_to_life_expectancy,
    family_to_life_expectancy,
    national_factor,
    period_life_expectancy,
    scale_to_life_expectancy,
)

__all__ = [
    "AGE_ON_1_JANUARY_EXCESS",
    "LOG_QUADRATIC_AGES",
    "BrassParameters",
    "Drift",
    "LeeCarter",
    "LiLee",
    "LogQuadratic",
    "ModelMortality",
    "OldAgeLaw",
    "OldAgeModel",
    "OwnProcess",
    "ScaledMortality",
    "adjusted_to_deaths",
    "adjusted_to_life_expectancy",
    "along_pattern_to_life_expectancy",
    "brass",
    "brass_to_life_expectancy",
    "coherent_forecast",
    "drift",
    "extend",
    "family_to_life_expectancy",
    "fit_brass",
    "fit_to_deaths",
    "fit_to_rates",
    "forecast",
    "improved",
    "improvement_rates",
    "law_rates",
    "lee_carter",
    "li_lee",
    "log_quadratic",
    "log_quadratic_from_adult_mortality",
    "log_quadratic_life_expectancy",
    "log_quadratic_to_life_expectancy",
    "logit_survivors",
    "national_factor",
    "open_age_rate",
    "own_process",
    "period_life_expectancy",
    "point_to_point_improvement",
    "rates_of_last_year",
    "rotated_forecast",
    "rotation_weight",
    "scale_to_life_expectancy",
    "ultimate_sensitivity",
    "with_old_age",
]
