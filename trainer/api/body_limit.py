"""Refuses request bodies that are too large or too slow before anything parses them."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainer.api.problems import Problem, answer

MOST_BYTES: Final = 1_048_576
"""A quarter's history of hours with weather is some 300 kB."""
BODY_SECONDS: Final = 20.0


class BodyLimit:
    """ASGI middleware: hands the application the whole body, or answers 413 or 408 in its place."""

    def __init__(self, app: ASGIApp, *, most_bytes: int = MOST_BYTES, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._most = most_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        try:
            body = await self._whole(scope, receive)
        except Problem as problem:
            await answer(Request(scope), problem)(scope, receive, send)
            return
        if body is None:
            return  # the client has gone
        handed_over = False

        async def replay() -> Message:
            nonlocal handed_over
            if handed_over:
                return await receive()
            handed_over = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _whole(self, scope: Scope, receive: Receive) -> bytes | None:
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self._most:
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    part = message.get("body", b"")
                    size += len(part)
                    if size > self._most:
                        raise self._too_large()
                    parts.append(part)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise Problem(
                408,
                "body-too-slow",
                f"the request's body did not arrive within {self._seconds:g} s",
                mend="send it again over a faster connection, or send less history",
                headers={"Connection": "close"},
            ) from None

    def _too_large(self) -> Problem:
        return Problem(
            413,
            "body-too-large",
            f"the request's body is larger than {self._most} bytes",
            mend="send less history: the two months before as_of are enough",
            headers={"Connection": "close"},
        )
