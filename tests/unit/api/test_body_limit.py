"""Bodies that are too large or too slow are refused before the application sees them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest

from trainer.api.body_limit import BodyLimit


def ask(
    messages: Iterable[dict[str, Any]],
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    method: str = "POST",
    seconds: float = 5.0,
    late: float = 0.0,
) -> tuple[int, bytes, list[bytes]]:
    """Status, body of the answer, and the bodies that the application was handed."""
    seen: list[bytes] = []
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        seen.append(message.get("body", b""))
        assert not message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        coming = iter(messages)

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(late)
            return next(coming)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": "/api/predict",
            "query_string": b"",
            "headers": list(headers),
            "server": ("test", 80),
        }
        await BodyLimit(app, most_bytes=10, seconds=seconds)(scope, receive, send)  # type: ignore[arg-type]

    asyncio.run(run())
    status = sent[0]["status"] if sent else 0
    return status, b"".join(message.get("body", b"") for message in sent), seen


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_within_the_limit_arrives_in_one_piece() -> None:
    status, _, seen = ask([part(b"01234", more=True), part(b"56789")])
    assert (status, seen) == (200, [b"0123456789"])


@pytest.mark.parametrize("announced", [b"11", b"-1", b"many"])
def test_an_announced_length_beyond_the_limit_is_refused_unread(announced: bytes) -> None:
    status, body, seen = ask([], headers=[(b"content-length", announced)])
    assert (status, seen) == (413, [])
    assert json.loads(body)["type"].endswith(":body-too-large")


def test_an_unannounced_body_is_refused_where_it_crosses_the_limit() -> None:
    status, _, seen = ask([part(b"x" * 6, more=True), part(b"x" * 6, more=True)])
    assert (status, seen) == (413, [])


def test_a_body_that_trickles_in_is_refused_in_time() -> None:
    status, body, seen = ask([part(b"x", more=True)] * 100, seconds=0.05, late=0.02)
    assert (status, seen) == (408, [])
    assert "history" in json.loads(body)["mend"]


def test_a_client_that_leaves_midway_is_not_answered() -> None:
    status, _, seen = ask([part(b"x", more=True), {"type": "http.disconnect"}])
    assert (status, seen) == (0, [])


def test_reads_pass_as_they_are() -> None:
    assert ask([part(b"x" * 11)], method="GET")[0] == 200
