"""The page itself: one file with its texts, numbers, styles and scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sim.errors import DataError
from sim.plots.language import LANGUAGES
from sim.report.explained import NOTHING_EXPLAINED, Explained
from sim.report.packed import compressed
from sim.report.payload import payload
from sim.report.sentences import FOLDER, LIVE_SCRIPT, SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr


_LENGTH_BYTES = 8


def page(results: Sequence[xr.Dataset], language: str = LANGUAGES[0], why: Explained = NOTHING_EXPLAINED) -> str:
    """Write one HTML page of several results, which needs nothing but a browser.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results with different names and one draw each; a sweep counts as all its variants.
    language : {"en", "nl", "fr"}
        In which the page opens; its reader can change it.
    why : Explained, optional
        Why their populations differ, as `sim.report.explained` returns it. The page shows it only where given.

    Returns
    -------
    str
        The same text for the same results. It makes no request.

    Raises
    ------
    DataError
        Where there is nothing to show, results share a name or hold several draws, there is no such language, or
        what the page is made of (``saldo[report]``) is not installed.
    """
    content, numbers = payload(results, why)
    return _filled(language, data=packed_data(content, numbers), live=False)


def check_page(language: str = LANGUAGES[0]) -> None:
    """Refuse what no page could be made of, before anything is run.

    Parameters
    ----------
    language : str
        In which the page is to open.

    Raises
    ------
    DataError
        If there is no such language, or what the page is made of (``saldo[report]``) is not installed.
    """
    if language not in LANGUAGES:
        message = f"'{language}' is no language of pages; there are: {', '.join(LANGUAGES)}"
        raise DataError(message)
    _template()
    _library()


def live_page(language: str = LANGUAGES[0]) -> str:
    """Write the page of a live view, which asks the server that it comes from for its data.

    Parameters
    ----------
    language : {"en", "nl", "fr"}
        In which the page opens.

    Returns
    -------
    str
        The page without data.
    """
    return _filled(language, data="", live=True)


def packed_data(content: dict[str, Any], numbers: bytes) -> str:
    """Pack what a page shows into text.

    Parameters
    ----------
    content : dict
        Fit for JSON.
    numbers : bytes
        To which it refers.

    Returns
    -------
    str
        Compressed: the length of the JSON as eight bytes, the JSON, the numbers.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return compressed(len(text).to_bytes(_LENGTH_BYTES, "little") + text + numbers)


def _filled(language: str, *, data: str, live: bool) -> str:
    """Fill the template."""
    check_page(language)
    library, library_hash = _library()
    names = (*SCRIPTS[:-1], LIVE_SCRIPT, SCRIPTS[-1]) if live else SCRIPTS
    script = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)
    sources = {
        "default-src": "'none'",
        "script-src": f"'{_hash(script)}' '{library_hash}'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "connect-src": "'self'" if live else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    template, safe = _template()
    filled: str = template.render(
        language=language,
        live=live,
        policy="; ".join(f"{name} {value}" for name, value in sources.items()),
        style=safe((FOLDER / "style.css").read_text(encoding="utf-8")),
        script=safe(script),
        library=library,
        data=data,
    )
    return filled


def _template() -> tuple[Any, Any]:
    """Return the template, which escapes whatever it is given, and what marks a text of ours as markup."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError:
        raise DataError(MISSING) from None
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html"), Markup


MISSING = "a page needs plotly and jinja2, which are not installed: pip install 'saldo[report]'"


@cache
def _library() -> tuple[str, str]:
    """Return the library that draws, compressed, and its hash."""
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise DataError(MISSING) from None
    text = get_plotlyjs()
    return compressed(text.encode()), _hash(text)


def _hash(script: str) -> str:
    """Return the hash by which a page allows a script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode('ascii')}"
