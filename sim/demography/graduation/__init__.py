"""Single ages out of age groups, whose totals are kept.

`METHODS` has each method by name: `uniform`, `graduate` (a monotone cubic), `sprague`, `beers_ordinary`,
`beers_modified_rescaled`, `pclm`. `group` sums single ages again, `split_open_group` divides an open group by a life
table, `composite_link` fits rates too.
"""

from sim.demography.graduation.groups import METHODS, beers_modified_rescaled, group
from sim.demography.graduation.open_group import split_open_group
from sim.demography.graduation.osculatory import beers_modified, beers_ordinary, sprague
from sim.demography.graduation.pclm import CompositeLink, composite_link, pclm
from sim.demography.graduation.spline import graduate, monotone_cubic, rescaled, uniform

__all__ = [
    "METHODS",
    "CompositeLink",
    "beers_modified",
    "beers_modified_rescaled",
    "beers_ordinary",
    "composite_link",
    "graduate",
    "group",
    "monotone_cubic",
    "pclm",
    "rescaled",
    "split_open_group",
    "sprague",
    "uniform",
]
