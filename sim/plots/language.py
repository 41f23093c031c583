"""Languages of figures: sentences are written in English and said in the language of the moment."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from sim.errors import DataError

LANGUAGES = ("en", "nl", "fr")
"""English, Dutch and French."""

_current: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


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
        Figures made within have titles, labels and numbers of the language; titles and labels of a scenario stay as
        they are written there.

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


def said(text: str, /, **values: object) -> str:
    """Say a sentence in the language of the moment.

    Parameters
    ----------
    text : str
        In English, with names in braces where values stand: ``"{year}: deaths exceed births"``. It is the key of its
        translations in ``languages/``.
    **values
        What stands for the names, already written as the language writes it.

    Returns
    -------
    str
        The sentence.
    """
    sentence = text if spoken() == LANGUAGES[0] else catalogue(spoken())[text]
    return sentence.format(**values) if values else sentence


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the translations of all sentences into a language, by the English sentence."""
    with (Path(__file__).parent / "languages" / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)
