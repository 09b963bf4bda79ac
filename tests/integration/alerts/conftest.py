"""Real servers that alerts arrive at, a mail server and a web server on loopback, and what both have got."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from demand_forecast.settings import PREFIX, Settings, regions, settings
from stack.airflow import CONNECTION_VARIABLE, connection_uri
from stack.process import free_port
from tests.integration.alerts.told import Said


class Mailbox:
    """What a real SMTP server took, message by message."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def text(self) -> str:
        """Subject and text of the only message."""
        (message,) = self.messages
        body = message.get_body(("plain",))
        assert body is not None
        return f"{message['Subject']}\n{body.get_content()}"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """The mailbox, and the Apprise URL that leads to it."""
    box = Mailbox()
    # aiosmtpd asks its own port whether it answers, and cannot with port 0: a free one is found by it.
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    yield box, f"mailto://127.0.0.1:{server.port}/?from=forecast@example.org&to=ops@example.org"
    server.stop()


@pytest.fixture
def webhook() -> Iterator[tuple[list[dict[str, Any]], str]]:
    """What a real web server was sent, and the Apprise URL that leads to it."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield received, f"json://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Settings]]:
    """`configured(NOTIFY_URLS=...)` sets DEMAND_FORECAST_NOTIFY_URLS; returns the settings as read."""

    def configure(**variables: str) -> Settings:
        for name, value in {"AIRFLOW_URL": "https://airflow.example", **variables}.items():
            monkeypatch.setenv(PREFIX + name, value)
        settings.cache_clear()
        regions.cache_clear()
        return settings()

    yield configure
    settings.cache_clear()
    regions.cache_clear()


@pytest.fixture
def said(mailbox, webhook, configured, tmp_path: Path) -> Said:
    """Title and text of the one message that both servers have got."""
    (box, mail_url), (received, hook_url) = mailbox, webhook
    configured(NOTIFY_URLS=json.dumps([mail_url, hook_url]), STORE_URL=tmp_path.as_uri())

    def read() -> str:
        (posted,) = received
        told = f"{posted['title']}\n{posted['message']}"
        assert box.text().strip().splitlines() == told.splitlines()
        return told

    return read


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv(CONNECTION_VARIABLE, connection_uri(database_url))
    with psycopg.connect(database_url) as opened:
        yield opened
