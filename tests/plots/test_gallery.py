"""The gallery shows the numbers of the models, and every word in it can be read."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.text import Text

from sim.analysis.fit import fit_mortality
from sim.data import catalogue
from sim.demography import fertility, graduation
from sim.demography import mortality as models
from sim.demography.hazards import death_hazard
from sim.demography.lifetable import life_expectancy
from sim.demography.schedules import FAMILIES, fit_rogers_castro
from sim.gallery import FIGURES
from sim.gallery.__main__ import main
from sim.gallery.inputs import GROUP_AGES, by_slot, grouped_history, pooled_survival, table_of
from sim.gallery.mortality import FORECAST_TARGETS

SEXES = ("female", "male")


@pytest.fixture(scope="module")
def figures():
    """Every figure of the gallery, drawn once; warnings are errors."""
    return {name: draw() for name, draw in FIGURES.items()}


def artist(figure, gid):
    """The one artist of a figure that bears an id."""
    (found,) = figure.findobj(lambda candidate: candidate.get_gid() == gid)
    return found


def heights(figure, gid):
    """Values of a line."""
    return np.asarray(artist(figure, gid).get_ydata(), dtype=float)


def words(figure):
    """All texts that a reader sees."""
    figure.draw_without_rendering()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def box_of(text):
    """Box of a text without the line that leads to it, less a hair's breadth."""
    return Text.get_window_extent(text).padded(-0.5)


def sentence(figure):
    """All texts of a figure, one after the other."""
    return " | ".join(text.get_text().replace("\n", " ") for text in words(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_no_word_covers_another_or_is_cut_off(figures, name):
    figure = figures[name]
    boxes = [(text.get_text(), box_of(text)) for text in words(figure)]

    covered = [(one, other) for (one, box), (other, second) in itertools.combinations(boxes, 2) if box.overlaps(second)]
    cut = [text for text, box in boxes if min(box.x0, box.y0) < 0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1]

    assert (covered, cut) == ([], [])


@pytest.mark.parametrize("name", FIGURES)
def test_no_line_crosses_a_label(figures, name):
    figure = figures[name]
    figure.draw_without_rendering()
    crossed = [
        (text.get_text(), line.get_gid())
        for axes in figure.axes
        for text in axes.texts
        if text.get_gid() == "label"
        for line in axes.get_lines()
        if line.get_transform().transform_path(line.get_path()).intersects_bbox(box_of(text), filled=False)
    ]

    assert crossed == []


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_title_a_subtitle_and_a_source(figures, name):
    title, subtitle, _, source = figures[name].texts

    assert title.get_fontweight() == "bold"
    assert subtitle.get_text().startswith("Belgium")
    assert source.get_text().startswith("Source: ")


def test_the_table_names_every_figure_of_the_toolbox():
    assert list(FIGURES) == [
        "lee-carter",
        "mortality-forecast",
        "rotation",
        "life-expectancy-gain",
        "oldest-ages",
        "reaching-a-target",
        "model-life-tables",
        "fertility-models",
        "graduation",
        "migration-schedule",
    ]


@pytest.mark.parametrize("sex", [0, 1])
def test_level_sensitivity_and_index_make_the_forecast(figures, sex):
    figure, fitted = figures["lee-carter"], fit_mortality("belgium", "lee_carter", 2011, years=(1991, 2010))
    level, sensitivity, index = (heights(figure, f"{part} {SEXES[sex]}") for part in ("level", "sensitivity", "index"))

    after = level + sensitivity * (index[-1] + fitted.drift[sex])

    np.testing.assert_allclose(np.exp(after), fitted.forecast[0, sex], rtol=1e-12)
    assert sensitivity.sum() == pytest.approx(1, rel=1e-12)
    assert f"{100 * fitted.explained[sex]:.1f}% for {('women', 'men')[sex]}" in sentence(figure)


@pytest.mark.parametrize(("name", "model"), [("Lee-Carter", "lee_carter"), ("Li-Lee", "li_lee")])
def test_forecasts_are_those_of_the_models(figures, name, model):
    figure, fitted = figures["mortality-forecast"], fit_mortality("belgium", model, 2060, years=(1991, 2010))

    for sex, label in enumerate(SEXES):
        line = artist(figure, f"{name} {label}")
        np.testing.assert_array_equal(line.get_xdata(), range(2011, 2061))
        np.testing.assert_array_equal(line.get_ydata(), fitted.expectancy[:, sex])
        assert f"{('Women', 'Men')[sex]} {name} {fitted.expectancy[-1, sex]:.1f}" in sentence(figure)


def test_rotation_keeps_life_expectancy_as_the_note_says(figures):
    plain, rotated = (
        fit_mortality("belgium", "lee_carter", 2060, years=(1991, 2010), rotate=turn).expectancy
        for turn in (False, True)
    )

    np.testing.assert_allclose(rotated, plain, rtol=0, atol=1e-8)
    assert "With rotation, Lee-Carter leads to the same life expectancy" in sentence(figures["mortality-forecast"])


def test_observed_life_expectancy_is_that_of_each_year(figures):
    line = artist(figures["mortality-forecast"], "observed male")
    found = catalogue.deaths_by_year("belgium", (1991, 2015), 100)
    place = found.years.index(2008)
    older = 1 - found.deaths[place, 1] / found.population[place, 1]
    newborn = 1 - found.newborn_deaths[place, 1] / found.births[place, 1]

    expected = life_expectancy(np.append(newborn, older))

    assert line.get_ydata()[line.get_xdata() == 2008] == pytest.approx([expected], rel=1e-12)
    assert set(range(1991, 2016)) - set(line.get_xdata()) == {2004, 2007}


@pytest.mark.parametrize("sex", SEXES)
def test_later_life_expectancy_is_that_of_the_united_nations(figures, sex):
    line = artist(figures["mortality-forecast"], f"later {sex}")
    series = catalogue.observed("belgium", ["life_expectancy"])
    found = {figure.year: figure.value for figure in series if figure.sex == sex}

    assert line.get_xdata()[[0, -1]].tolist() == [2015, max(found)]
    np.testing.assert_array_equal(line.get_ydata(), [found[year] for year in line.get_xdata()])


def test_targets_of_the_outlook_are_half_a_year_below_what_was_printed(figures):
    np.testing.assert_allclose(heights(figures["mortality-forecast"], "outlook 2011"), [82.9, 77.7], rtol=1e-14)
    np.testing.assert_allclose(heights(figures["mortality-forecast"], "outlook 2060"), [88.6, 86.2], rtol=1e-14)


@pytest.mark.parametrize("sex", [0, 1])
def test_improvements_are_those_of_the_hazards(figures, sex):
    figure, history = figures["rotation"], grouped_history()
    fall = 100 * (1 - (history.hazards[-1, sex] / history.hazards[0, sex]) ** (1 / 19))
    fit = models.lee_carter(history.hazards, history.years, weights=history.deaths)
    per_year = (fit.time_index[-1] - fit.time_index[0]) / 19

    np.testing.assert_allclose(heights(figure, f"observed {SEXES[sex]}"), fall, rtol=1e-10)
    line = heights(figure, f"Lee-Carter {SEXES[sex]}")
    drift = np.log1p(-line / 100) / fit.sensitivity[sex]
    np.testing.assert_allclose(drift, drift[0], rtol=1e-8)
    assert drift[0] == pytest.approx(per_year[sex], rel=0.1)
    assert (heights(figure, f"rotated {SEXES[sex]}")[:4] < line[:4]).all()


def test_bars_of_the_gain_add_up_to_it(figures):
    expectancy = [life_expectancy(pooled_survival(years)) for years in ((1997, 1999), (2013, 2015))]

    for sex, axes in enumerate(figures["life-expectancy-gain"].axes):
        (bars,) = axes.containers
        gain = expectancy[1][sex] - expectancy[0][sex]
        assert sum(bar.get_height() for bar in bars) == pytest.approx(gain, rel=1e-9)
        assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == pytest.approx(np.arange(2.5, 100, 5))
        assert f"{expectancy[0][sex]:.1f} to {expectancy[1][sex]:.1f}: +{gain:.2f} years" in sentence(axes.figure)


def test_a_bar_of_the_gain_is_what_its_ages_add_once_older_ones_have_gained(figures):
    before, after = (pooled_survival(years) for years in ((1997, 1999), (2013, 2015)))

    def gained_from(slot):
        return life_expectancy(np.concatenate([before[:, :slot], after[:, slot:]], axis=-1))

    added = [gained_from(slot) - gained_from(slot + 5) for slot in (70, 71)]

    for sex, axes in enumerate(figures["life-expectancy-gain"].axes):
        assert axes.containers[0][14].get_height() == pytest.approx(np.mean(added, axis=0)[sex], rel=0.01)


def test_pooled_survival_is_that_of_all_people_of_the_years_together():
    found = catalogue.deaths_by_year("belgium", (2013, 2015), 100)

    newborn, older = pooled_survival((2013, 2015))[1, [0, 31]]

    assert newborn == pytest.approx(np.average(found.newborn_survival[:, 1], weights=found.births[:, 1]), rel=1e-14)
    assert older == pytest.approx(1 - found.deaths[:, 1, 30].sum() / found.population[:, 1, 30].sum(), rel=1e-14)


def test_life_tables_have_the_person_years_of_the_ratios():
    survival = pooled_survival((2008, 2015))

    table = table_of(survival)

    np.testing.assert_allclose(table.life_expectancy[:, 0], life_expectancy(survival), rtol=1e-12)
    np.testing.assert_allclose(table.person_years[:, 40], survival[:, :41].prod(axis=-1), rtol=1e-12)
    np.testing.assert_allclose(table.survivors[:, 40], survival[:, :40].prod(axis=-1) * (1 + survival[:, 40]) / 2)


@pytest.mark.parametrize("sex", [0, 1])
def test_death_rates_of_the_oldest_are_observed_and_the_laws_fit_them(figures, sex):
    figure = figures["oldest-ages"]
    deaths, people = catalogue.deaths_and_population("belgium", (2008, 2015), 119)
    line = artist(figure, f"observed {SEXES[sex]}")
    ages = line.get_xdata()

    np.testing.assert_allclose(line.get_ydata(), -np.log(1 - (deaths / np.maximum(people, 1))[sex, ages - 1]))
    assert deaths[sex, ages - 1].min() >= 20
    assert deaths[sex, ages[-1]] < 20
    for name in ("Kannisto", "Gompertz"):
        law = artist(figure, f"{name} {SEXES[sex]}")
        hazard, died = law.get_ydata()[:16], deaths[sex, 79:95]
        steepness = 1 - hazard if name == "Kannisto" else 1
        score = (died - died / line.get_ydata()[:16] * hazard) * steepness
        assert law.get_xdata()[[0, -1]].tolist() == [80, 115]
        assert score.sum() == pytest.approx(0, abs=1e-6 * died.sum())
        assert score @ np.arange(80, 96) == pytest.approx(0, abs=1e-5 * died.sum())
    assert heights(figure, f"Kannisto {SEXES[sex]}")[-1] < 1 < heights(figure, f"Gompertz {SEXES[sex]}")[-1]


@pytest.mark.parametrize("sex", [0, 1])
@pytest.mark.parametrize("name", ["proportional", "Brass", "Lee-Carter"])
def test_the_risks_drawn_reach_the_target(figures, sex, name):
    reached = catalogue.survival("belgium", (2009, 2011), 105)[sex]
    hazard = death_hazard(np.append(reached, reached[-1]))
    shares = heights(figures["reaching-a-target"], f"{name} {SEXES[sex]}") / 100
    hazard *= np.append(shares, shares[-1])
    survival = np.exp(-hazard)
    survival[0] = -np.expm1(-hazard[0]) / hazard[0]

    assert life_expectancy(survival) == pytest.approx(FORECAST_TARGETS[2060][sex], abs=1e-8)


def test_proportional_risks_fall_alike_and_those_of_brass_least_at_the_end(figures):
    proportional = heights(figures["reaching-a-target"], "proportional female")
    brass = heights(figures["reaching-a-target"], "Brass female")

    np.testing.assert_allclose(proportional, proportional[0], rtol=1e-9)
    assert (np.diff(brass) > -1e-9).all()


@pytest.mark.parametrize("sex", [0, 1])
def test_the_model_life_table_has_the_child_and_adult_mortality_of_the_real_one(figures, sex):
    observed, model = (heights(figures["model-life-tables"], f"{kind} {SEXES[sex]}") for kind in ("observed", "model"))

    np.testing.assert_allclose(model[4:13].sum(), observed[4:13].sum(), rtol=1e-2)
    np.testing.assert_allclose(model[:2] @ [1, 4], observed[:2] @ [1, 4], rtol=2e-2)
    table = table_of(pooled_survival((2008, 2015)))
    assert 1000 * table.deaths[sex, 40:45].sum() / table.person_years[sex, 40:45].sum() == pytest.approx(observed[9])
    assert f"life expectancy {table.life_expectancy[sex, 0]:.1f}, model" in sentence(figures["model-life-tables"])


@pytest.mark.parametrize(
    ("name", "model"),
    [("Hadwiger", "hadwiger"), ("Gamma", "gamma"), ("Beta", "beta"), ("Quadratic spline", "quadratic_spline")],
)
def test_fertility_models_have_the_r_squared_that_is_written(figures, name, model):
    figure = figures["fertility-models"]
    groups, single = heights(figure, f"groups {name}")[::2], heights(figure, name)
    rest = single.reshape(-1, 5).mean(axis=1) - groups
    expected = 1 - (rest**2).sum() / ((groups - groups.mean()) ** 2).sum()
    fit = fertility.fit_pattern(groups, np.arange(15, 50, 5), 5, model=model)

    np.testing.assert_allclose(single, fit.total * fit.pattern, rtol=1e-6)
    panel = next(axes for axes in figure.axes if axes.texts[0].get_text() == name)
    assert panel.texts[1].get_text() == f"R² = {expected:.4f}"


def test_patterns_without_a_model_keep_the_groups_or_the_mean_age(figures):
    figure = figures["fertility-models"]
    shares = catalogue.fertility_pattern("belgium", 2010, 2015).shares
    kept, shifted = heights(figure, "Monotone cubic"), heights(figure, "Shifted pattern")
    ages = artist(figure, "Shifted pattern").get_xdata()

    np.testing.assert_allclose(kept[15:50].reshape(-1, 5).sum(axis=1), 100 * shares, rtol=1e-12)
    assert (shifted @ ages) / shifted.sum() == pytest.approx(32, abs=1e-9)
    np.testing.assert_allclose(heights(figure, "groups Beta"), np.repeat(100 * shares / 5, 2), rtol=1e-14)


@pytest.mark.parametrize("method", graduation.METHODS)
def test_single_ages_keep_their_groups_and_have_the_error_that_is_written(figures, method):
    figure = figures["graduation"]
    real = catalogue.population("belgium", 2012, 100, ("all",), ("all",)).sum(axis=(0, 1, 2))[55:85]
    register, found = heights(figure, f"register {method}")[::2], heights(figure, method)[::2]
    error = 100 * np.abs(found - real).sum() / real.sum()
    panel = artist(figure, method).axes

    np.testing.assert_array_equal(register, real)
    np.testing.assert_allclose(found.reshape(-1, 5).sum(axis=1), real.reshape(-1, 5).sum(axis=1), rtol=1e-10)
    np.testing.assert_array_equal(artist(figure, method).get_xdata()[[0, 1, -1]], [55, 56, 85])
    assert panel.texts[1].get_text() == f"error {error:.1f}%"


@pytest.mark.parametrize("count", [7, 11])
@pytest.mark.parametrize("sex", [0, 1])
def test_schedules_have_the_r_squared_that_is_written(figures, count, sex):
    figure = figures["migration-schedule"]
    observed, curve = (heights(figure, f"{kind} {SEXES[sex]}") for kind in ("observed", count))
    profile = catalogue.migration_profile("belgium", (2009, 2012), 105)[sex]
    explained = 1 - ((observed - curve) ** 2).sum() / ((observed - observed.mean()) ** 2).sum()
    panel = [text.get_text() for text in artist(figure, f"{count} {SEXES[sex]}").axes.texts]

    np.testing.assert_array_equal(observed, [2 * profile[0], *profile[1:85]])
    assert f"{count} parameters: R² = {explained:.3f}" in panel


def test_the_schedule_of_seven_parameters_is_the_fit(figures):
    net = catalogue.migration_profile("belgium", (2009, 2012), 105)[:1, :85]

    net[:, 0] *= 2
    fit = fit_rogers_castro(net, np.append(1 / 3, np.arange(1.0, 85)), 7)

    assert set(fit.parameters) == set(FAMILIES[7])
    np.testing.assert_allclose(heights(figures["migration-schedule"], "7 female"), fit.fitted[0], rtol=1e-9)


def test_groups_of_ages_become_slots():
    slots = by_slot(np.arange(len(GROUP_AGES), dtype=float), 107)

    assert slots.shape == (107,)
    assert [slots[age] for age in (0, 1, 4, 5, 94, 95, 106)] == [0, 1, 1, 2, 19, 20, 20]


def test_hazards_of_groups_are_deaths_over_people():
    found = catalogue.deaths_by_year("belgium", (1991, 2010), 100)
    history = grouped_history()
    place = GROUP_AGES.index(70)

    died, people = (counts[3, 1, 69:74].sum() for counts in (found.deaths, found.population))

    assert history.deaths[3, 1, place] == died
    assert history.hazards[3, 1, place] == pytest.approx(-np.log(1 - died / people), rel=1e-12)
    assert history.deaths.sum() == pytest.approx(found.deaths.sum() + found.newborn_deaths.sum(), rel=1e-12)


def test_every_file_is_written_and_named(figures, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.gallery.__main__.FIGURES", {name: lambda name=name: figures[name] for name in figures})

    main(["--out", str(tmp_path / "made" / "gallery")])

    printed = capsys.readouterr().out.splitlines()
    assert printed == [str(tmp_path / "made" / "gallery" / f"{name}.png") for name in FIGURES]
    assert all((tmp_path / "made" / "gallery" / f"{name}.png").read_bytes()[:4] == b"\x89PNG" for name in FIGURES)


def test_the_gallery_is_a_program():
    program = [sys.executable, "-W", "error", "-m", "sim.gallery", "--help"]

    assert "outputs/gallery" in subprocess.run(program, capture_output=True, text=True, check=True).stdout
