"""Lends servers of this machine's loopback to pods, at the host end of the node's link and nowhere else.

python -m stack.node.forward PORT ...      lends until it is ended
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from stack.node.layout import HOST_ADDRESS


def lent_url(url: str) -> str:
    """A loopback server's URL as pods reach it: the same port at another address."""
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login}{at}{HOST_ADDRESS}:{parts.port}"))


class Forward:
    """Copies bytes between HOST_ADDRESS:`port` and 127.0.0.1:`port` until closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = socket.create_server((HOST_ADDRESS, port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread, which would keep the port open
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:  # closed
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._port), timeout=10)
            except OSError:  # as refused as it is on loopback
                client.close()
                continue
            server.settimeout(None)
            threading.Thread(target=_serve, args=(client, server), daemon=True).start()


def _serve(client: socket.socket, server: socket.socket) -> None:
    with client, server:
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(1 << 16):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    lending = [Forward(int(port)) for port in sys.argv[1:]]
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
