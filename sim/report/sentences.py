"""The sentences of a page in all languages, so that a reader can change the language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sim.plots.language import LANGUAGES, catalogue

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
    from sim.report import align, assumptions, series

    found = [text for file in ("page.html", *SCRIPTS, LIVE_SCRIPT) for text in _found((FOLDER / file).read_text(encoding="utf-8"))]
    found += [text for shown in series.INDICATORS.values() for text in (shown.words, shown.unit)]
    return tuple(dict.fromkeys([*found, *align.SENTENCES, *assumptions.WORDS]))


def _found(text: str) -> list[str]:
    """Return what a file says."""
    return [in_script or in_markup for in_script, in_markup in _SAID.findall(text)]


@cache
def translations() -> dict[str, dict[str, str]]:
    """Return the translations of every sentence, by language and English sentence."""
    return {
        language: {sentence: catalogue(language)[sentence] for sentence in sentences()} for language in LANGUAGES[1:]
    }
