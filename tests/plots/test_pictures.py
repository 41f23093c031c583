"""Ten figures look as they did when somebody last looked at them.

The pictures in ``baseline/`` are drawn again with ``pytest tests/plots/test_pictures.py
--mpl-generate-path=tests/plots/baseline``; look at each before it is kept. Texts are drawn by the FreeType inside
matplotlib, so one release of matplotlib, which the test extra names, draws the same pixels everywhere, and another one
all texts a little differently.
"""

import pytest

from sim import plots
from sim.plots.style import RC

TOLERANCE = 0.1
"""Root mean square of the differences, of 255. The same figure drawn again: 0.0; without the line of what was observed,
the least change tried: 0.2; texts of another FreeType: 20."""

PICTURE = {
    "baseline_dir": "baseline",
    "savefig_kwargs": {"dpi": 60, "metadata": {"Software": None}},
    "style": RC,
    "tolerance": TOLERANCE,
}


@pytest.mark.mpl_image_compare(**PICTURE)
def test_population_of_three(variants):
    return plots.population(variants)


@pytest.mark.mpl_image_compare(**PICTURE)
def test_pyramids_over_each_other(variants):
    return plots.pyramid(variants)


@pytest.mark.mpl_image_compare(**PICTURE)
def test_pyramids_side_by_side(eight):
    return plots.pyramid(eight, year=2040, baseline="zero")


@pytest.mark.mpl_image_compare(**PICTURE)
def test_components_of_three(variants):
    return plots.components(variants)


@pytest.mark.mpl_image_compare(**PICTURE)
def test_dependency_of_eight(eight):
    return plots.dependency(eight)


@pytest.mark.mpl_image_compare(**PICTURE)
def test_map_of_ages(outlook):
    return plots.lexis(outlook)


@pytest.mark.mpl_image_compare(**PICTURE)
def test_maps_of_differences(variants):
    return plots.lexis_difference(variants)


@pytest.mark.mpl_image_compare(**PICTURE)
def test_stacked_groups_of_results_that_do_not_fit(neighbours):
    return plots.states(neighbours[:2])


@pytest.mark.mpl_image_compare(**PICTURE)
def test_regions_side_by_side(neighbours):
    return plots.parts(neighbours, by="region")


@pytest.mark.mpl_image_compare(**PICTURE)
def test_motives_of_two(with_motives):
    return plots.motives(with_motives)
