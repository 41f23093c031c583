"""Migration by age: model schedules, net migration from stocks, and what it is made of."""

from sim.demography.schedules.net import GrossFlows, net_migrants, split_net
from sim.demography.schedules.rogers_castro import (
    FAMILIES,
    FUNDAMENTAL_PARAMETERS,
    ScheduleFit,
    fit_rogers_castro,
    rogers_castro,
)

__all__ = [
    "FAMILIES",
    "FUNDAMENTAL_PARAMETERS",
    "GrossFlows",
    "ScheduleFit",
    "fit_rogers_castro",
    "net_migrants",
    "rogers_castro",
    "split_net",
]
