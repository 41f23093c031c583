"""The page says why scenarios differ from the first, and why it cannot say so of others."""

import numpy as np
import pytest
from reading import SCENARIOS, content_of

import sim
from sim.pipeline import prepare
from sim.report import explained, page


def by_year(parts, name):
    """Sums of the parts of a scenario."""
    years = sorted({part["year"] for part in parts})
    return {year: sum(p["value"] for p in parts if p["year"] == year and p["scenario"] == name) for year in years}


def test_the_parts_add_up_to_the_difference_of_every_year(pair):
    found = explained(pair)

    outlook, zero = (sim.indicators.population(result) for result in pair)
    sums = by_year(found.parts, "zero-migration")
    np.testing.assert_allclose(list(sums.values()), (zero - outlook).values, rtol=1e-9, atol=1e-3)
    assert list(sums) == zero["year"].values.tolist()
    assert {(part["baseline"], part["block"]) for part in found.parts} == {("planbureau-2013", "migration")}
    assert found.notes == []


def test_a_page_says_why_in_every_language(opened, pair):
    shown = opened(pair, why=explained(pair))
    headings = []
    for language in ("en", "nl", "fr"):
        shown.locator(f"[data-language={language}]").click()
        shown.wait_for_selector("#main[aria-busy=false]")
        section = shown.locator("#explanation")
        section.scroll_into_view_if_needed()
        (bars,) = section.locator(".js-plotly-plot").evaluate("chart => chart.data.map((trace) => trace.y)")
        headings.append((section.locator("h2").text_content(), bars))

    assert [heading for heading, _ in headings] == [
        "What explains the difference",
        "Wat het verschil verklaart",
        "Ce qui explique la différence",
    ]
    assert [bars for _, bars in headings] == [
        ["Together", "migration"],
        ["Samen", "migratie"],
        ["Ensemble", "migration"],
    ]


def test_an_explanation_is_of_the_scenarios_chosen(opened, pair):
    shown = opened(pair, why=explained(pair))

    assert shown.locator("#explanation").is_visible()
    shown.locator("#none").click()
    shown.wait_for_selector("#main[aria-busy=false]")
    assert shown.locator("#explanation").is_hidden()


def test_what_cannot_be_explained_is_said(opened, pair, small):
    other = small()

    found = explained([*pair, other])

    assert {part["scenario"] for part in found.parts} == {"zero-migration"}
    assert len(found.notes) == 1
    assert found.notes[0].startswith("small was computed from tables that are not kept with its result")
    shown = opened([*pair, other], why=found)
    assert shown.locator("#explanation-notes").text_content() == found.notes[0]


def test_nothing_is_explained_where_the_first_cannot_be_rebuilt(pair, small):
    found = explained([small(), *pair])

    assert found.parts == []
    assert [note.split(" was ")[0] for note in found.notes] == ["small"]


def test_scenarios_that_cannot_be_mixed_are_named(pair):
    regions = sim.run(SCENARIOS / "belgium-regions.yaml")

    assert "planbureau-2013 and belgium-regions cannot be mixed" in explained([pair[0], regions]).notes[0]


def test_the_page_is_the_same_for_the_same_explanation(pair):
    assert page(pair, why=explained(pair)) == page(pair, why=explained(pair))


def test_a_page_of_one_scenario_explains_nothing_and_ends_in_html(tmp_path, capsys, monkeypatch):
    from sim.cli import main

    monkeypatch.chdir(tmp_path)
    scenario = str(SCENARIOS / "zero-migration.yaml")

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["sim", "report", scenario, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().err

    assert call("--to", "one.html", "--quiet") == (0, "")
    content, _ = content_of((tmp_path / "one.html").read_text(encoding="utf-8"))
    assert content["explanation"] == {"parts": [], "notes": []}
    code, err = call("--to", "one.pdf")
    assert code == 2
    assert "'one.pdf' does not end in .html; a page is HTML" in err


def test_flows_of_migration_are_not_counted_beside_migration():
    pair = [prepare(SCENARIOS / f"belgium-family-{name}.yaml") for name in ("law", "without-law")]

    found = explained(pair)

    law, without = (sim.indicators.population(sim.run(one.scenario)) for one in pair)
    sums = by_year(found.parts, "belgium-family-without-law")
    np.testing.assert_allclose(list(sums.values()), (without - law).values, rtol=1e-9, atol=1e-3)
    assert {part["block"] for part in found.parts} == {"migration"}
