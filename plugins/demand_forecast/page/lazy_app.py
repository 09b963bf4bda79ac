"""An ASGI app that is built by its first request.

Airflow imports plugins in every process, tasks included; only the api-server answers requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from threading import Lock
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class LazyApp:
    """Calls `build` once, with the first request, and hands it every request. Safe between threads."""

    def __init__(self, build: Callable[[], App]) -> None:
        self._build = build
        self._app: App | None = None
        self._lock = Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        with self._lock:
            app = self._app = self._app or self._build()
        await app(scope, receive, send)
