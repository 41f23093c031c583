"""Scenario files that are edited, and what a live view shows of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import ScenarioError, SimError
from sim.report.html import packed_data
from sim.report.payload import payload
from sim.report.sentences import translations
from sim.scenario.load import files_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

    import xarray as xr

PAUSE = 0.05
"""Seconds between two looks at the files. A look asks when a few dozen files were changed, which takes less than a
thousandth of a second, and finds files that an editor replaces as well as those that it rewrites."""

Stamp = dict[Path, tuple[int, int] | None]
"""When each file was changed, and its size; nothing for a file that is not there."""


class Followed:
    """A scenario file, its last result, and what is wrong with it now."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.result: xr.Dataset | None = None
        self.faults: list[str] = []
        self._parts: set[Path] | None = None
        self._seen: Stamp = {}

    def changed(self) -> bool:
        """Whether it, a scenario that it is based on, or one of its tables was saved."""
        found = self._stamp()
        if found == self._seen:
            return False
        while found != (settled := self._stamp_later()):
            found = settled
        self._seen = found
        return True

    def run(self) -> None:
        """Run it; the last result stays where there are faults."""
        from sim.pipeline import load, run

        try:
            scenario = load(self.file)
            self.result = run(scenario)
        except ScenarioError as error:
            self.faults = [str(fault) for fault in error.faults]
            if self._parts is not None:
                self._parts |= {Path(fault.file) for fault in error.faults}
        except SimError as error:
            self.faults = [f"{self.file}: {error}"]
        else:
            self.faults = []
            tables = json.loads(self.result.attrs.get("inputs") or "{}")
            self._parts = {*files_of(scenario), *(self.file.parent / name for name in tables)}
        self._seen = {file: self._seen.get(file, stamp) for file, stamp in self._stamp().items()}

    def _stamp_later(self) -> Stamp:
        """Stamp after a pause, in which a program that is writing goes on."""
        time.sleep(PAUSE)
        return self._stamp()

    def _stamp(self) -> Stamp:
        """When the files that it depends on were changed; where these are not known, all that it could depend on."""
        around, parts = self.file.parent, self._parts or set()
        if self._parts is None or self.faults:
            parts = {*parts, *around.glob("*.yaml"), *around.glob("*.csv")}
        return {file: _stamp_of(file) for file in {self.file, *parts}}


def follow(files: Sequence[Path], publish: Callable[[bytes], object], tell: Callable[[str], object]) -> NoReturn:
    """Run scenario files, and again whenever one of them is saved, without end; nothing is stored.

    Parameters
    ----------
    files : sequence of Path
        Scenario files.
    publish : function
        Called with what a live page asks for, as JSON, after every run.
    tell : function
        Called with what was run, and with each fault.
    """
    followed = [Followed(file) for file in files]
    while True:
        changed = [one for one in followed if one.changed()]
        for one in changed:
            one.run()
            tell("\n".join(one.faults) or f"{one.file}: run")
        if changed:
            publish(state(followed))
        time.sleep(PAUSE)


def state(followed: Sequence[Followed]) -> bytes:
    """Gather what a live page shows: the last result of every file, and all faults.

    Parameters
    ----------
    followed : sequence of Followed
        Scenario files that have been run.

    Returns
    -------
    bytes
        JSON with ``data`` (as `packed_data`, or nothing where no file has had a result), ``faults`` and ``texts``.
    """
    faults = [fault for one in followed for fault in one.faults]
    results = [one.result for one in followed if one.result is not None]
    content: dict[str, Any] = {"data": "", "texts": translations()}
    if results:
        try:
            content["data"] = packed_data(*payload(results))
        except SimError as error:
            faults.append(str(error))
    return json.dumps(content | {"faults": faults}).encode()


def _stamp_of(file: Path) -> tuple[int, int] | None:
    """Return when a file was changed, and its size."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
