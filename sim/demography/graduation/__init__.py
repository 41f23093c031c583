"""Single ages out of age groups."""

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
