"""Which InfluxDB it is, and a client whose errors name the place and the mend."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from urllib3.exceptions import HTTPError

from trainer.contract import Env
from trainer.errors import InfrastructureError, UsageError

log = logging.getLogger(__name__)

_TIMEOUT_MS: Final = 15_000
"""Of one request: what a server that is frozen costs a run."""


@dataclass(frozen=True, kw_only=True)
class InfluxSettings:
    """One bucket of one server."""

    url: str
    token: str = field(repr=False)
    org: str
    bucket: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self | None:
        """None, with a line in the log, where no URL is set: InfluxDB is optional, the records are elsewhere.

        Raises UsageError naming what a URL lacks beside it.
        """
        environ = os.environ if environ is None else environ
        if not environ.get(Env.INFLUXDB_URL):
            log.info("%s is not set: nothing goes to InfluxDB, PostgreSQL alone", Env.INFLUXDB_URL)
            return None
        names = (Env.INFLUXDB_URL, Env.INFLUXDB_TOKEN, Env.INFLUXDB_ORG, Env.INFLUXDB_BUCKET)
        if missing := [str(name) for name in names if not environ.get(name)]:
            raise UsageError(
                f"{Env.INFLUXDB_URL} is set, but what it needs is not: set {', '.join(missing)}, or unset "
                f"{Env.INFLUXDB_URL} to use PostgreSQL alone"
            )
        url, token, org, bucket = (environ[name] for name in names)
        return cls(url=url, token=token, org=org, bucket=bucket)


@contextmanager
def influx_client(settings: InfluxSettings) -> Iterator[InfluxDBClient]:
    """InfluxDB's errors leave it as InfrastructureError, with the place and the mend."""
    place = f"InfluxDB at {settings.url}"
    try:
        with InfluxDBClient(
            url=settings.url, token=settings.token, org=settings.org, timeout=_TIMEOUT_MS
        ) as client:
            yield client
    except InfluxDBError as error:
        status = error.response.status if error.response is not None else None
        mends = {
            401: f"it does not know the token; correct {Env.INFLUXDB_TOKEN}",
            403: f"the token may not write and read bucket {settings.bucket}; give it that right",
            404: f"it has no organisation {settings.org} or no bucket {settings.bucket}; create them, or "
            f"correct {Env.INFLUXDB_ORG} and {Env.INFLUXDB_BUCKET}",
        }
        mend = mends.get(status or 0, f"its answer: {error.message}; run again once it is well")
        raise InfrastructureError(f"{place} refuses (HTTP status {status}): {mend}") from error
    except HTTPError as error:
        raise InfrastructureError(
            f"{place} cannot be reached: {error}; start it or correct {Env.INFLUXDB_URL}, then run again"
        ) from error


def kept_since(settings: InfluxSettings) -> datetime | None:
    """Points before it would be dropped by the bucket's retention period; None where it keeps all, or where
    the token may not ask. Raises InfrastructureError."""
    with influx_client(settings) as client:
        bucket = client.buckets_api().find_bucket_by_name(settings.bucket)  # type: ignore[no-untyped-call]
    seconds = max((rule.every_seconds for rule in bucket.retention_rules), default=0) if bucket else 0
    # An hour less: a point must not pass the edge between here and its being read back.
    return datetime.now(UTC) - timedelta(seconds=seconds) + timedelta(hours=1) if seconds else None
