"""What is said when InfluxDB cannot be reached, refuses points or loses them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pandas as pd
import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient

from tests.integration.influx.published import REGIONS, forecast
from trainer.errors import InfrastructureError, UsageError
from trainer.influx import InfluxSettings, publish_forecast

pytestmark = pytest.mark.integration


def test_a_server_that_does_not_answer_is_named_with_its_mend(settings: InfluxSettings) -> None:
    away = replace(settings, url="http://127.0.0.1:9")

    with pytest.raises(InfrastructureError, match=r"127\.0\.0\.1:9 cannot be reached.*INFLUXDB_URL"):
        publish_forecast(away, forecast(), region=REGIONS["GR"])


def test_a_wrong_token_is_named_but_not_shown(settings: InfluxSettings) -> None:
    with pytest.raises(InfrastructureError, match="INFLUXDB_TOKEN") as caught:
        publish_forecast(replace(settings, token="sesame-open"), forecast(), region=REGIONS["GR"])

    assert "sesame" not in str(caught.value)
    assert "sesame" not in repr(replace(settings, token="sesame-open"))


@pytest.mark.parametrize("name", ["bucket", "org"])
def test_an_unknown_bucket_or_organisation_is_named(settings: InfluxSettings, name: str) -> None:
    with pytest.raises(InfrastructureError, match=r"nowhere.*INFLUXDB_BUCKET"):
        publish_forecast(replace(settings, **{name: "nowhere"}), forecast(), region=REGIONS["GR"])


def test_points_that_the_retention_period_drops_are_not_taken_for_written(
    settings: InfluxSettings,
) -> None:
    with InfluxDBClient(url=settings.url, token=settings.token, org=settings.org) as client:
        buckets = client.buckets_api()
        bucket = buckets.find_bucket_by_name(settings.bucket)
        bucket.retention_rules = [{"type": "expire", "everySeconds": 3600, "shardGroupDurationSeconds": 3600}]
        buckets.update_bucket(bucket)

    with pytest.raises(InfrastructureError, match="retention"):
        publish_forecast(settings, forecast(origin=pd.Timestamp("2021-01-01T00:00Z")), region=REGIONS["GR"])


@contextmanager
def answering(write_status: int) -> Iterator[str]:
    """The URL of a server that answers every write with `write_status` and has nothing stored."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(write_status if "/write" in self.path else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Silent: the test's output is not the place."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_write_that_was_accepted_but_is_not_there_afterwards_is_no_success(
    settings: InfluxSettings,
) -> None:
    # A double: the real server cannot be made to accept points and lose them.
    with answering(204) as url, pytest.raises(InfrastructureError, match=r"took 24 points.*gives back 0"):
        publish_forecast(replace(settings, url=url), forecast(), region=REGIONS["GR"])


def test_a_server_in_trouble_is_quoted(settings: InfluxSettings) -> None:
    with answering(503) as url, pytest.raises(InfrastructureError, match="HTTP status 503"):
        publish_forecast(replace(settings, url=url), forecast(), region=REGIONS["GR"])


def test_what_a_url_lacks_beside_it_is_named() -> None:
    with pytest.raises(UsageError, match=r"INFLUXDB_URL is set, .* set INFLUXDB_TOKEN, INFLUXDB_BUCKET"):
        InfluxSettings.from_environ({"INFLUXDB_URL": "http://localhost:8086", "INFLUXDB_ORG": "power"})
