"""Migration by age.

`rogers_castro` and `fit_rogers_castro` for model schedules, `net_migrants` from stocks and deaths, `split_net` of net
migration into immigrants and emigrants.
"""

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
