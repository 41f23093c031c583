"""Results, pages of them, and a browser that notes every request and every complaint."""

import copy
import json

import pytest
from reading import MILLISECONDS, SCENARIOS, drawn
from small import CONTENT, TABLES

import sim


@pytest.fixture(scope="session")
def pair():
    """The outlook of 2013, and the same without migration."""
    return [sim.run(SCENARIOS / f"{name}.yaml") for name in ("planbureau-2013", "zero-migration")]


@pytest.fixture
def small(tmp_path):
    """Run the small scenario with some parts replaced, under a name."""

    def made(name="small", tables=None, **parts):
        for file, text in {**TABLES, **(tables or {})}.items():
            (tmp_path / file).write_text(text)
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps(copy.deepcopy(CONTENT) | {"name": name} | parts))
        return sim.run(path)

    return made


@pytest.fixture
def watched(browser):
    """A page of the browser; the test fails if it asks for anything else than it may, or complains."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(MILLISECONDS)
    page = context.new_page()
    page.requests, page.complaints = [], []
    context.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    complaints = page.complaints
    context.close()
    assert complaints == []


@pytest.fixture
def opened(watched, tmp_path):
    """Open the page of some results from a file, and wait until it is drawn."""

    def open_page(results, **options):
        path = tmp_path / "page.html"
        path.write_text(sim.report.page(results, **options), encoding="utf-8")
        watched.goto(path.as_uri())
        drawn(watched)
        return watched

    return open_page
