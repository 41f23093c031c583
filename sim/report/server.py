"""A page and what it asks for, on this computer only."""

from __future__ import annotations

import errno
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from sim.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LOOPBACK = "127.0.0.1"
_HEARTBEAT = 5.0
"""Seconds after which a page is told that nothing is new, so that pages that are gone are noticed."""


class Board:
    """What is shown at the moment; those who wait are told when it changes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.content = b""
        self.turn = 0

    def publish(self, content: bytes) -> None:
        """Show something else.

        Parameters
        ----------
        content : bytes
            JSON.
        """
        with self._changed:
            self.content = content
            self.turn += 1
            self._changed.notify_all()

    def wait(self, turn: int, seconds: float) -> int:
        """Wait until something else is shown than at a turn, but not for ever; return the turn."""
        with self._changed:
            self._changed.wait_for(lambda: self.turn != turn, seconds)
            return self.turn


@contextmanager
def serving(page: str, board: Board, port: int) -> Iterator[str]:
    """Serve a page as long as the context lasts.

    Parameters
    ----------
    page : str
        HTML, which asks for ``events`` and, at each of them, ``state``.
    board : Board
        What is ``state``.
    port : int
        Of this computer; 0 for one that is free.

    Yields
    ------
    str
        Address of the page.

    Raises
    ------
    DataError
        If the port cannot be used.
    """
    try:
        server = _Server(page.encode(), board, port)
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "is in use by another program" if taken else "cannot be used"
        message = f"port {port} of this computer {why}; choose another with --port, 0 for any that is free"
        raise DataError(message) from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers what the page of the server asks for."""

    server: _Server

    def do_GET(self) -> None:
        """Answer; only to pages of this computer, whatever name another site may have given it."""
        address = f"{LOOPBACK}:{self.server.server_port}"
        if self.headers.get("Host") != address:
            self.send_error(403, f"only http://{address}/ is answered")
        elif self.path == "/":
            self._answer("text/html; charset=utf-8", self.server.page)
        elif self.path == "/state":
            self._answer("application/json", self.server.board.content)
        elif self.path == "/events":
            self._tell()
        else:
            self.send_error(404)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing of each request."""

    def _answer(self, kind: str, body: bytes) -> None:
        self._begin(kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")

    def _tell(self) -> None:
        """Tell every turn as it comes, until the page is closed."""
        self._begin("text/event-stream")
        self.end_headers()
        turn = 0
        while True:
            now = self.server.board.wait(turn, _HEARTBEAT)
            self.wfile.write(f"data: {now}\n\n".encode() if now != turn else b":\n\n")
            turn = now


class _Server(ThreadingHTTPServer):
    """Does not wait for pages that are still open when it ends, nor speak of those that are closed."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, page: bytes, board: Board, port: int) -> None:
        self.page = page
        self.board = board
        super().__init__((LOOPBACK, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Report what went wrong with a request, unless the page was closed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
