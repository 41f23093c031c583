"""Libraries that are installed only where they are wanted."""

from importlib import import_module
from typing import Any

from sim.errors import DataError


def installed(module: str, extra: str) -> Any:  # noqa: ANN401
    """Import a library of an extra.

    Parameters
    ----------
    module : str
        Its name.
    extra : str
        The extra of this program that brings it.

    Returns
    -------
    module
        Imported.

    Raises
    ------
    DataError
        Where it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        message = f"this needs {module}, which is not installed: pip install 'saldo[{extra}]'"
        raise DataError(message) from None
