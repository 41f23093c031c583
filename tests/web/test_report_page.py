"""The page in a real browser: what a reader sees, does with mouse and keyboard, and prints."""

import numpy as np
import pytest
from playwright.sync_api import expect
from reading import STATE_TABLES, STATES, drawn, number_in

from sim.analysis.selection import per_year
from sim.report.explained import Explained

OUTLOOK, ZERO = "planbureau-2013", "zero-migration"
PAPER = 700
"""Pixels across a page of A4 between its margins."""


def charts(page, where):
    """Data of the charts in a part of the page: one list of traces a chart."""
    return page.evaluate(
        """where => [...document.querySelectorAll(`${where} .chart`)].map((chart) => chart.data.map(
            ({ name, x, y, customdata, fill, text }) => ({
              name, x: Array.from(x), y: Array.from(y), fill, text,
              customdata: customdata ? Array.from(customdata) : null,
            })))""",
        where,
    )


def persons_drawn(trace, ages):
    """Thousands of persons by age of one side of a pyramid, from the outline that is drawn."""
    return [abs(trace["x"][1 + 2 * age]) for age in range(ages)]


def totals(page):
    """Numbers of the table below the pyramids, by scenario."""
    rows = page.evaluate(
        """() => [...document.querySelectorAll("#totals tbody tr")].map(
            (row) => [row.dataset.of, ...[...row.querySelectorAll("td")].map((cell) => cell.textContent)])"""
    )
    return {name: [number_in(text) for text in cells] for name, *cells in rows}


def told(result, year):
    """Men, women and all on 1 January of a year."""
    sexes = result["population"].sel(year=year).sum(["region", "group", "age"])
    return [float(sexes.sel(sex="male")), float(sexes.sel(sex="female")), float(sexes.sum())]


def table(page, name):
    """Numbers of a table, by the heading of each part, scenario and year."""
    return page.evaluate(
        """name => { const table = document.querySelector(name);
          const years = [...table.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent);
          return [...table.querySelectorAll("tbody")].map((body) => [
            body.querySelector("th[scope=rowgroup]").textContent,
            [...body.querySelectorAll("tr[data-of]")].map((row) => [
              row.dataset.of,
              Object.fromEntries([...row.querySelectorAll("td")].map((cell, at) => [years[at], cell.textContent])),
            ])]) }""",
        name,
    )


def test_nothing_but_the_file_itself_is_asked_for(opened, pair):
    page = opened(pair)
    for element in page.locator("button, #year, #scenario-list input:enabled").all():
        element.focus()
    page.get_by_role("button", name="Nederlands").click()
    drawn(page)

    assert page.requests == [page.url]


def test_tables_hold_the_numbers_of_the_results(opened, pair):
    page = opened(pair)
    results = dict(zip((OUTLOOK, ZERO), pair, strict=True))

    parts = dict(table(page, "#indicator-table"))
    population = dict(parts["Population on 1 January"])
    births, difference = dict(parts["Births"]), dict(parts["Population, difference from planbureau-2013"])
    for name, result in results.items():
        totals_of = result["population"].sum(["region", "group", "sex", "age"])
        assert list(population[name]) == ["2012", "2020", "2030", "2040", "2050", "2060"]
        for year, text in population[name].items():
            assert number_in(text) == round(float(totals_of.sel(year=int(year))))
        born = per_year(result, result["births"].sum(["region", "group", "sex"]))
        assert number_in(births[name]["2030"]) == round(float(born.sel(period=2030)))
        assert births[name]["2060"] == "–"
    gap = (pair[1]["population"] - pair[0]["population"]).sum(["region", "group", "sex", "age"])
    assert {year: number_in(text) for year, text in difference[ZERO].items()} == {
        str(year): round(float(gap.sel(year=year))) for year in (2012, 2020, 2030, 2040, 2050, 2060)
    }


def test_the_slider_moves_the_pyramids(opened, pair):
    page = opened(pair)
    slider = page.locator("#year")
    slider.focus()
    for key, year in (("Home", 2012), ("ArrowRight", 2013), ("End", 2060), ("PageDown", None)):
        page.keyboard.press(key)
        shown = int(page.locator("#year-shown").text_content())
        assert year is None or shown == year
        assert slider.get_attribute("aria-valuetext") == str(shown)
        expect(page.locator("#pyramids h2")).to_have_text(f"Population by sex and age on 1 January {shown}")
        page.wait_for_timeout(200)
        (traces,) = charts(page, "#pyramid-charts")
        for name, result in zip(("filled", ZERO), pair, strict=True):
            people = result["population"].sel(year=shown).sum(["region", "group"]) / 1000
            for sex in ("male", "female"):
                (trace,) = [trace for trace in traces if trace["name"] == f"{name} {sex}"]
                assert np.abs(persons_drawn(trace, 105) - people.sel(sex=sex).values[:105]).max() <= 0.00051
                side = np.sign(np.array(trace["x"]))
                assert set(side) <= ({0, -1} if sex == "male" else {0, 1})
        assert totals(page)[ZERO][2] == round(told(pair[1], shown)[2])


def test_lines_are_those_of_the_results(opened, pair):
    page = opened(pair)
    (traces,) = charts(page, "#population-chart")
    by_name = {trace["name"]: trace for trace in traces}

    assert by_name["No net migration"]["customdata"] == pytest.approx(
        pair[1]["population"].sum(["region", "group", "sex", "age"]).values, abs=0.0006
    )
    assert by_name["No net migration"]["x"] == list(range(2012, 2061))
    assert np.array(by_name["No net migration"]["y"]) * 1e6 == pytest.approx(
        np.array(by_name["No net migration"]["customdata"])
    )
    assert by_name["published: planbureau-2013"]["x"] == [2030, 2060]
    assert by_name["published: planbureau-2013"]["customdata"] == [12_100_000, 12_700_000]
    assert by_name["observed"]["x"][0] < 2012
    assert page.locator("#known-note").text_content() == "Grey line: observed. Diamonds: published figures."


def test_the_pointer_finds_the_numbers_of_an_age_and_of_a_year(opened, pair):
    page = opened(pair)
    area = page.locator("#pyramid-charts .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * (1 - 40.5 / 106))
    hover = page.locator("#pyramid-charts .hoverlayer")
    expect(hover).to_contain_text("Age 40")
    people = pair[1]["population"].sel(year=2060, age=40).sum(["region", "group"])
    men, women = (round(float(people.sel(sex=sex))) for sex in ("male", "female"))
    expect(hover).to_contain_text(f"No net migration: men {men:,}, women {women:,}")

    area = page.locator("#population-chart .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    first, last = page.evaluate("document.querySelector('#population-chart .chart').layout.xaxis.range")
    page.mouse.move(box["x"] + box["width"] * (2040 - first) / (last - first), box["y"] + box["height"] / 2)
    hover = page.locator("#population-chart .hoverlayer")
    expect(hover).to_contain_text("2040")
    expect(hover).to_contain_text(f"{round(told(pair[1], 2040)[2]):,}")


def test_the_pointer_tells_of_one_year_only(opened, pair, small):
    page = opened([pair[0], small("village")])
    area = page.locator("#population-chart .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    first, last = page.evaluate("document.querySelector('#population-chart .chart').layout.xaxis.range")
    hover = page.locator("#population-chart .hoverlayer")

    for year, absent in ((2029, "published"), (2016, "small"), (2011, "planbureau-2013")):
        page.mouse.move(box["x"] + box["width"] * (year - first) / (last - first), box["y"] + box["height"] / 2)
        expect(hover).to_contain_text(str(year))
        expect(hover).not_to_contain_text(absent)


def test_what_was_observed_is_one_line_of_scenarios_that_tell_the_same(opened, pair):
    shorter = pair[1].attrs["observed"]
    page = opened([pair[0], pair[1].isel(year=slice(0, 5), period=slice(0, 4))])

    drawn = [trace["name"] for traces in charts(page, "#population-chart") for trace in traces]
    assert shorter
    assert drawn.count("observed") == 1


def test_scenarios_are_chosen_and_one_of_them_is_the_baseline(opened, pair):
    page = opened(pair)
    box = page.get_by_role("checkbox", name="No net migration")
    box.focus()
    page.keyboard.press("Space")
    drawn(page)
    assert list(totals(page)) == [OUTLOOK]
    assert len(charts(page, "#component-charts")) == 1
    assert page.locator("#difference-block").is_hidden()
    expect(box).to_be_focused()

    page.get_by_role("button", name="Choose all").click()
    drawn(page)
    assert list(totals(page)) == [OUTLOOK, ZERO]
    before = totals(page)[ZERO][3]
    page.get_by_label("Baseline").select_option(ZERO)
    drawn(page)
    assert list(totals(page)) == [ZERO, OUTLOOK]
    assert totals(page)[OUTLOOK][3] == -before != 0
    assert page.get_by_role("checkbox", name="No net migration").is_disabled()

    page.get_by_role("button", name="Only the baseline").click()
    drawn(page)
    assert list(totals(page)) == [ZERO]


def test_pyramids_stand_beside_each_other_too(opened, pair):
    page = opened(pair)
    page.get_by_label("one over the other").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)

    beside = charts(page, "#pyramid-charts")
    assert len(beside) == 2
    assert [trace["name"] for trace in beside[1]] == [
        "filled male", "filled female", f"{OUTLOOK} male", f"{OUTLOOK} female", "hover",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "heading", "women", "life", "number"),
    [
        ("en", "Population projections compared", "Women", "83.0", "11,035,948"),
        ("nl", "Bevolkingsvooruitzichten vergeleken", "Vrouwen", "83,0", "11.035.948"),
        ("fr", "Perspectives de population comparées", "Femmes", "83,0", "11\u202f035\u202f948"),
    ],
)
def test_the_page_opens_in_a_language_and_changes_to_the_others(opened, pair, language, heading, women, life, number):
    for page in (opened(pair, language=language), opened(pair)):
        page.locator(f"[data-language={language}]").click()
        drawn(page)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_have_text(heading)
        expect(page.locator(f"[data-language={language}]")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#pyramid-charts")).to_contain_text(women)
        expect(page.locator("#yearly-table")).to_contain_text(life)
        expect(page.locator("#indicator-table")).to_contain_text(number)
        assert page.title() == heading


def test_the_page_opens_in_the_language_it_was_written_for(opened, pair):
    expect(opened(pair, language="fr").locator("h1")).to_have_text("Perspectives de population comparées")


def test_every_control_is_reached_by_the_keyboard(opened, small):
    page = opened([small("one", tables=STATE_TABLES, **STATES), small("two")])
    name = "({ id, dataset, value, tagName: tag }) => id || dataset.language || value || tag"
    reached = []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"({name})(document.activeElement)"))
    assert reached[:12] == [
        "A", "en", "nl", "fr", "two", "all", "none", "baseline", "region", "group", "year", "overlay",
    ]  # fmt: skip
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_markup_in_titles_is_shown_as_text(opened, small):
    title = "<script>window.broken = 1</script><b>\"bold\" & 'x'</b>"
    note = "</script><img src=x onerror='window.broken = 1'>"
    migration = {"net": {"table": "net.csv", "age": "reached", "note": note}}
    page = opened([small("one", title=title), small("two", title="</script><i>", note=note, migration=migration)])

    expect(page.locator("#scenario-list span").first).to_contain_text(title)
    expect(page.locator("#provenance-table")).to_contain_text(note)
    expect(page.locator("#component-charts")).to_contain_text("</script><i>")
    expect(page.locator("#component-charts")).to_contain_text("one")
    page.get_by_role("button", name="Only the baseline").click()
    drawn(page)
    assert page.locator("main img, main i, #scenario-list b").count() == 0
    assert page.evaluate("window.broken") is None
    assert page.requests == [page.url]


def test_markup_in_a_short_title_is_text_in_charts_and_under_the_pointer(opened, small):
    title = '<b>"a"</b> & <br>'
    page = opened([small("one", title=title)])

    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator("#component-charts .chart").first).to_contain_text(title)
    area = page.locator("#pyramid-charts .nsewdrag").first
    box = area.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#pyramid-charts .hoverlayer")).to_contain_text(f"{title}: men")


def test_a_region_and_a_group_are_chosen(opened, small):
    divided, whole = small("one", tables=STATE_TABLES, **STATES), small("two")
    page = opened([divided, whole])
    page.get_by_label("Region").select_option("BE1")
    page.get_by_label("Group").select_option("foreign")
    drawn(page)

    assert totals(page)["one"][:3] == [
        round(number) for number in told(divided.sel(region=["BE1"], group=["foreign"]), 2015)
    ]
    assert totals(page)["two"] == [None, None, None, None]
    expect(page.locator("#pyramids .part-told")).to_have_text("Region BE1, group foreign (not told apart by: two)")
    changes = dict(dict(table(page, "#indicator-table"))["Net changes of group"])["one"]
    gained, lost = (
        divided[name].sel(region="BE1", group="foreign").sum(["sex", "age"]) for name in ("changes_in", "changes_out")
    )
    assert number_in(changes["2012"]) == round(float((gained - lost).sel(period=2012))) != 0


def test_years_that_only_one_has_are_not_subtracted(opened, small):
    page = opened([small("one"), small("two", period={"start": 2013, "end": 2017})])

    expect(page.locator("#year-shown")).to_have_text("2015")
    (rows,) = [
        rows for heading, rows in table(page, "#indicator-table") if heading.startswith("Population, difference")
    ]
    assert [text == "–" for text in dict(rows)["two"].values()] == [True, False, True]
    expect(page.locator("#remarks")).to_contain_text("2013–2017: two")


def test_different_areas_are_not_subtracted(opened, small):
    one, two, other = small("one"), small("two"), small("other")
    scenario = '{"population": {"dataset": "%s"}}'
    one, other = (
        result.assign_attrs(scenario=scenario % area) for result, area in ((one, "belgium"), (other, "netherlands"))
    )
    page = opened([one, two, other])

    assert totals(page)["two"][3] == 0
    assert totals(page)["other"][3] is None
    expect(page.locator("#remarks")).to_contain_text("different areas (belgium: one; netherlands: other)")


def test_what_differs_from_the_baseline_is_marked(opened, pair):
    page = opened(pair)

    marked = page.locator("#stated-table .differs")
    assert marked.count() == 1
    expect(marked).to_contain_text("≠ 2012: 0; after constant; interpolate linear; unit persons per year")
    assert page.locator("#stated-table tbody").count() == 1
    rows = {heading: dict(row) for heading, row in table(page, "#yearly-table")}
    assert all(text.startswith("≠") for text in rows["Net migration"][ZERO].values())
    assert not any("≠" in text for text in rows["Total fertility rate"][ZERO].values())
    page.get_by_text("What all scenarios state alike").click()
    expect(page.locator("#same-table")).to_contain_text("fertility.total")


def test_an_explanation_is_shown_where_there_is_one(opened, pair):
    page = opened(pair)
    assert page.locator("#explanation").is_hidden()

    parts = [
        {"scenario": ZERO, "baseline": OUTLOOK, "year": year, "block": block, "value": value * year}
        for year in (2050, 2060)
        for block, value in (("migration", -1000.0), ("fertility", 10.0))
    ]
    page = opened(pair, why=Explained(parts, []))
    (((bars,),)) = charts(page, "#explanation")
    assert list(zip(bars["y"], bars["text"], strict=True)) == [
        ("Together", "−2,039,400"), ("fertility", "+20,600"), ("migration", "−2,060,000"),
    ]  # fmt: skip
    assert np.array(bars["x"]) * 1e6 == pytest.approx([-2_039_400, 20_600, -2_060_000])


def test_on_paper_charts_are_as_wide_as_the_page_and_controls_are_gone(opened, pair):
    page = opened(pair)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")

    widths = page.evaluate(
        "[...document.querySelectorAll('.chart .main-svg')].map((svg) => svg.getBoundingClientRect().right)"
    )
    assert len(widths) > 10
    assert max(widths) <= PAPER + 1
    assert page.locator("details").get_attribute("open") is not None
    for name in ("#choices", "#years", ".languages"):
        assert page.locator(name).is_hidden()
    expect(page.locator("#subject")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    drawn(page)
    assert page.locator("#population-chart .main-svg").first.bounding_box()["width"] > PAPER
    assert page.pdf().startswith(b"%PDF")


def test_a_narrow_screen_has_nothing_beside_the_page(opened, pair):
    page = opened(pair)
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(400)
    drawn(page)

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    widths = page.evaluate(
        "[...document.querySelectorAll('.chart .main-svg')].map((svg) => svg.getBoundingClientRect().right)"
    )
    assert max(widths) <= 390
    expect(page.locator("#paths .key")).to_contain_text("No net migration")
