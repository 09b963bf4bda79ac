"""A client that asks one HTTP server at a given pace, over connections that stay open."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answers:
    """What came back: seconds per answer, from the moment the request was due, and statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lasted: float = 0.0
    cpu_seconds: float = 0.0
    """That the servers spent meanwhile, per answer; it does not grow when others use the machine too."""

    @property
    def per_second(self) -> float:
        return self.statuses[200] / self.lasted

    def quantile(self, share: float) -> float:
        """Seconds within which `share` of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection:
    """HTTP/1.1, one request at a time; answers must tell their Content-Length."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._token = host, port, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, body: Any = None) -> int:
        """The status, once the whole answer has been read."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        writer.write(head.encode() + content)
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.decode("latin-1").lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
        await reader.readexactly(length)
        return int(lines[0].split()[1])

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


async def at_a_pace(
    connections: list[Connection], path: str, *, per_second: float, seconds: float
) -> Answers:
    """Requests fall due at an even pace, whether or not the answers keep up with it: a stall counts for
    every request that it keeps waiting."""
    answers, numbers, began = Answers(), itertools.count(), time.perf_counter()

    async def worker(connection: Connection) -> None:
        while (due := began + next(numbers) / per_second) < began + seconds:
            await asyncio.sleep(due - time.perf_counter())
            status = await connection.ask(path)
            answers.seconds.append(time.perf_counter() - due)
            answers.statuses[status] += 1

    await asyncio.gather(*(worker(connection) for connection in connections))
    answers.lasted = time.perf_counter() - began
    return answers


async def one_after_another(
    connections: list[Connection], path: str, body: Callable[[int], Any], *, seconds: float
) -> Answers:
    """Each connection asks again as soon as it is answered; `body` makes the n-th request's."""
    answers, numbers, began = Answers(), itertools.count(), time.perf_counter()

    async def worker(connection: Connection) -> None:
        while (asked := time.perf_counter()) < began + seconds:
            status = await connection.ask(path, body(next(numbers)))
            answers.seconds.append(time.perf_counter() - asked)
            answers.statuses[status] += 1

    await asyncio.gather(*(worker(connection) for connection in connections))
    answers.lasted = time.perf_counter() - began
    return answers
