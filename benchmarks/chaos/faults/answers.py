"""An InfluxDB that answers, and wrongly: a small server in its place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from benchmarks.chaos.injection import Injection
from trainer.contract import Env

_CODES: Final = (401, 413, 429, 503)
_BODY: Final = b'{"code": "unavailable", "message": "not now"}'


@contextmanager
def influxdb_refuses(one: Injection) -> Iterator[None]:
    """It answers every request with one of the codes that a gateway or a quota answers with."""
    code = one.random.choice(_CODES)
    one.notes.append(str(code))

    def refuse(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(_BODY)))
        request.end_headers()
        request.wfile.write(_BODY)

    with _in_its_place(one, refuse):
        yield


@contextmanager
def influxdb_cuts_answers(one: Injection) -> Iterator[None]:
    """Each answer ends in its middle."""

    def cut(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(2 * len(_BODY)))
        request.end_headers()
        request.wfile.write(_BODY)
        request.close_connection = True

    with _in_its_place(one, cut):
        yield


@contextmanager
def _in_its_place(one: Injection, answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing: what it answered is known."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        one.environ[Env.INFLUXDB_URL] = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield
        finally:
            one.environ.clear()
            server.shutdown()
            thread.join()
