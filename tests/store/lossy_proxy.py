"""A door to a server that can be shut at the worst moment."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import make_url


class LossyProxy:
    """Passes everything between clients and a PostgreSQL server until the answer to a commit is lost.

    ``lose_next_commit`` lets the next COMMIT reach the server, waits for the answer and shuts the
    connection instead of passing it on.
    """

    def __init__(self, server_url: str) -> None:
        url = make_url(server_url)
        self._server = (url.host or "127.0.0.1", url.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lose = threading.Event()
        self._sockets: list[socket.socket] = []
        port = self._listener.getsockname()[1]
        # Without encryption the proxy can see what it passes on.
        self.url = (
            url.set(host="127.0.0.1", port=port)
            .update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
            .render_as_string(hide_password=False)
        )
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._listener, *self._sockets):
            one.close()

    def lose_next_commit(self) -> None:
        self._lose.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            lost = threading.Event()
            for args in ((client, server, lost, True), (server, client, lost, False)):
                threading.Thread(target=self._pass_on, args=args, daemon=True).start()

    def _pass_on(
        self, source: socket.socket, target: socket.socket, lost: threading.Event, asking: bool
    ) -> None:
        with suppress(OSError):
            while words := source.recv(65536):
                if asking and b"COMMIT\0" in words and self._lose.is_set():
                    self._lose.clear()
                    lost.set()
                if not asking and lost.is_set():
                    break
                target.sendall(words)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
