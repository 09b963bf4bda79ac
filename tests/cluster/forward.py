"""Lends a server of this machine's loopback to pods, at the host end of the node's link and nowhere else."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from tests.cluster.node.layout import HOST_ADDRESS


class Forward:
    """Copies bytes between HOST_ADDRESS:`port` (chosen by the system) and 127.0.0.1:`target` until closed."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server = socket.create_server((HOST_ADDRESS, 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:  # closed
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=10)
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
