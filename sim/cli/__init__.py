"""The command ``sim``: one small module a verb, no logic of its own."""

import os
import signal
import sys
from typing import Any

WRONG_ARGUMENTS = 2
INTERRUPTED = 130
TERMINATED = 143


def main() -> None:
    """Run the command and leave with its exit code."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        code = _call()
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _leave(_number: int, _frame: object) -> None:
    """Unwind when asked to terminate, so that nothing half-written stays."""
    sys.exit(TERMINATED)


def _call() -> int:
    """Exit code of one call; every failure that a user can mend becomes a sentence."""
    import typer

    from sim.cli.app import app
    from sim.cli.messages import fail, warn
    from sim.errors import SimError

    # Newer versions of typer carry a click of their own, older ones use the installed one.
    usage_error: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
    try:
        code = app(standalone_mode=False)
    except typer.Exit as leaving:
        code = leaving.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SimError as error:
        return fail(error)
    except usage_error as error:
        error.show()
        return WRONG_ARGUMENTS
    if code == INTERRUPTED:
        warn("interrupted; nothing half-written is left")
    return code if isinstance(code, int) else 0
