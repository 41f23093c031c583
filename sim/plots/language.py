"""Languages of figures: sentences are written in English and said in the language of the moment."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from sim.errors import DataError

LANGUAGES = ("en", "nl", "fr")
"""English, Dutch and French."""

Forms = dict[str, str]
"""A sentence about ``one`` and about ``many``."""

_current: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])
_BEFORE_MARK = re.compile(" (?=[:;?!%»])|(?<=«) ")
_KEPT = "\N{NO-BREAK SPACE}"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Draw in a language for a while.

    Parameters
    ----------
    language : {"en", "nl", "fr"}
        Its code.

    Yields
    ------
    None
        Figures made within have titles, labels and numbers of the language. Titles, names and sources that a scenario
        states stay as they are written there; motives and the labels of the embedded data are translated.

    Raises
    ------
    DataError
        If there is no such language.
    """
    if language not in LANGUAGES:
        message = f"'{language}' is no language of figures; there are: {', '.join(LANGUAGES)}"
        raise DataError(message)
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def spoken() -> str:
    """Return the code of the language of the moment."""
    return _current.get()


def said(text: str, count: float | None = None, /, **values: object) -> str:
    """Say a sentence in the language of the moment.

    Parameters
    ----------
    text : str
        In English, with names in braces where values stand: ``"{year}: deaths exceed births"``. It is the key of its
        translations in ``languages/``.
    count : float, optional
        What the sentence counts, as it is written: a language may have a form for one and a form for many.
    **values
        What stands for the names, already written as the language writes it.

    Returns
    -------
    str
        The sentence.
    """
    language = spoken()
    sentence = catalogue(language).get(text, text) if language == LANGUAGES[0] else catalogue(language)[text]
    if isinstance(sentence, dict):
        sentence = sentence["one" if count is not None and _is_one(count, language) else "many"]
    return sentence.format(**values) if values else sentence


def called(text: str) -> str:
    """Return what the language of the moment calls something that a scenario or a dataset names.

    Parameters
    ----------
    text : str
        Label, unit, area, indicator or source in English.

    Returns
    -------
    str
        Its translation where it is one of the standard texts in ``languages/``; otherwise it is the user's own, and
        stays as it is.
    """
    return _standard(spoken()).get(text, text)


@cache
def _standard(language: str) -> dict[str, str]:
    """Return the translations of standard texts; none into English."""
    if language == LANGUAGES[0]:
        return {}
    return {text: _BEFORE_MARK.sub(_KEPT, words) for text, words in _read(f"{language}-standard").items()}


def _is_one(count: float, language: str) -> bool:
    """Whether a noun after a number is in the singular: after 1, and in French after all that is less than 2."""
    return abs(count) < 2 if language == "fr" else abs(count) == 1


@cache
def catalogue(language: str) -> dict[str, str | Forms]:
    """Return the translations of all sentences into a language, by the English sentence.

    That of English has only the sentences with a form of their own for one.
    """
    return {text: _kept_together(sentence) for text, sentence in _read(language).items()}


def _read(name: str) -> dict[str, Any]:
    """Read a file of translations."""
    with (Path(__file__).parent / "languages" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _kept_together(sentence: str | Forms) -> str | Forms:
    """Replace spaces before marks, as French has them, by spaces that no line is broken at."""
    if isinstance(sentence, dict):
        return {form: _BEFORE_MARK.sub(_KEPT, text) for form, text in sentence.items()}
    return _BEFORE_MARK.sub(_KEPT, sentence)
