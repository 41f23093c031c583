"""The sentences of a page in all languages, so that a reader can change the language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sim.plots import explanation_words
from sim.plots.language import LANGUAGES, catalogue, standard

FOLDER = Path(__file__).parent / "page"
SCRIPTS = ("words.js", "numbers.js", "state.js", "charts.js", "pyramids.js", "paths.js", "tables.js", "page.js")
"""Of every page, in the order in which it runs them."""

LIVE_SCRIPT = "live.js"
"""Of a live view only, before the last one."""

_SAID = re.compile(r"""say\(\s*"([^"]+)"|data-say(?:-label)?="([^"]+)\"""")
"""Where a script or the page says something."""


@cache
def sentences() -> tuple[str, ...]:
    """Return every sentence of the page in English, in order: those of its files, and those that its data name."""
    from sim.report import assumptions, published, remarks, series

    files = ("page.html", *SCRIPTS, LIVE_SCRIPT)
    found = [text for file in files for text in _found((FOLDER / file).read_text(encoding="utf-8"))]
    found += explanation_words.BLOCKS.values()
    found += [text for shown in series.INDICATORS.values() for text in (shown.words, shown.unit)]
    return tuple(dict.fromkeys([*found, *remarks.SENTENCES, *assumptions.WORDS, *published.WORDS.values()]))


def _found(text: str) -> list[str]:
    """Return what a file says."""
    return [in_script or in_markup for in_script, in_markup in _SAID.findall(text)]


@cache
def translations() -> dict[str, dict[str, dict[str, str]]]:
    """Return what a page says in each language but English, under ``said``, and what it calls things, ``called``."""
    return {
        language: {
            "said": {sentence: str(catalogue(language)[sentence]) for sentence in sentences()},
            "called": standard(language),
        }
        for language in LANGUAGES[1:]
    }
