"""serve: the REST API on one port, until it is told to end."""

from __future__ import annotations

import logging
from typing import Final

import uvicorn

from trainer.api.app import Service, create_app

log = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than a reverse proxy's, so that it is never this side that closes under a request on its way."""
GRACE_SECONDS: Final = 30
"""For requests under way when the service is told to end."""


def serve(service: Service, *, host: str, port: int) -> None:
    """Ends with SIGTERM or SIGINT, after the requests under way are answered."""
    config = uvicorn.Config(
        create_app(service),
        host=host,
        port=port,
        log_config=None,
        access_log=False,  # /metrics counts requests; a line for each would cost more than a read
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run()
