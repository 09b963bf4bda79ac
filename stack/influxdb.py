"""InfluxDB 2: the server that INFLUXDB_URL names, else one of the demo's own, set up with one bucket."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from stack import process
from stack.process import LOOPBACK
from stack.state import Service, State
from trainer.contract import Env
from trainer.errors import InfrastructureError, UsageError

NAME: Final = "influxdb"
PORT: Final = 18086
USER: Final = "admin"
ORG: Final = "demand-forecast"
BUCKET: Final = "demand_forecast"


def ensure(
    state: State, influxd: Path | None, *, environ: Mapping[str, str] = os.environ, port: int = PORT
) -> Service:
    """An InfluxDB that answers; `influxd` (stack.influxdb_binary) may be None when INFLUXDB_URL is set.

    `details` hold token, org and bucket, and for our own the log-in. Raises UsageError when INFLUXDB_URL
    comes without token, org or bucket, InfrastructureError when the server refuses or does not start.
    """
    if environ.get(Env.INFLUXDB_URL):
        return process.use(state, _theirs(environ))
    known = state.service(NAME)
    if known and known.pid and process.process_of(known) and healthy(known.url):
        return known
    if influxd is None:
        raise InfrastructureError(f"no influxd to start; set {Env.INFLUXDB_URL} or install one")
    return _start(state, influxd, port)


def environment(state: State, *, environ: Mapping[str, str] = os.environ, port: int = PORT) -> dict[str, str]:
    """The variables by which the trainer finds the InfluxDB of `state`, also before it runs.

    Raises UsageError when INFLUXDB_URL is set without token, org or bucket.
    """
    if environ.get(Env.INFLUXDB_URL):
        url, details = environ[Env.INFLUXDB_URL].rstrip("/"), _their_details(environ)
    else:
        url, details = f"http://{LOOPBACK}:{process.reserve(state, NAME, port)}", _our_details(state)
    return {
        Env.INFLUXDB_URL: url,
        Env.INFLUXDB_TOKEN: details["token"],
        Env.INFLUXDB_ORG: details["org"],
        Env.INFLUXDB_BUCKET: details["bucket"],
    }


def healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def make_bucket(service: Service, name: str) -> None:
    """Makes an empty bucket that keeps its points for ever."""
    with _client(service) as client:
        found = client.get("/api/v2/orgs", params={"org": service.details["org"]}).raise_for_status().json()
        body = {"orgID": found["orgs"][0]["id"], "name": name, "retentionRules": []}
        client.post("/api/v2/buckets", json=body).raise_for_status()


def drop_bucket(service: Service, name: str) -> None:
    """Drops a bucket with its points."""
    with _client(service) as client:
        found = client.get("/api/v2/buckets", params={"name": name}).raise_for_status().json()
        for bucket in found["buckets"]:
            client.delete(f"/api/v2/buckets/{bucket['id']}").raise_for_status()


def _client(service: Service) -> httpx.Client:
    headers = {"Authorization": f"Token {service.details['token']}"}
    return httpx.Client(base_url=service.url, headers=headers, timeout=30)


def _theirs(environ: Mapping[str, str]) -> Service:
    details = _their_details(environ)
    url = environ[Env.INFLUXDB_URL].rstrip("/")
    if not healthy(url):
        raise InfrastructureError(
            f"InfluxDB at {url} ({Env.INFLUXDB_URL}) does not answer /health; start it, mend the URL, "
            "or unset the variable to get one of the demo's own"
        )
    return Service(name=NAME, url=url, details=details)


def _their_details(environ: Mapping[str, str]) -> dict[str, str]:
    wanted = {"token": Env.INFLUXDB_TOKEN, "org": Env.INFLUXDB_ORG, "bucket": Env.INFLUXDB_BUCKET}
    if missing := [str(variable) for variable in wanted.values() if not environ.get(variable)]:
        raise UsageError(f"{Env.INFLUXDB_URL} is set; set {', '.join(missing)} too, or unset it")
    return {key: environ[variable] for key, variable in wanted.items()}


def _our_details(state: State) -> dict[str, str]:
    return {
        "token": state.secret("influxdb-token"),
        "password": state.secret("influxdb-password"),
        "user": USER,
        "org": ORG,
        "bucket": BUCKET,
    }


def _start(state: State, influxd: Path, preferred_port: int) -> Service:
    folder = state.make("influxdb")
    port = process.reserve(state, NAME, preferred_port)
    url = f"http://{LOOPBACK}:{port}"
    command = [str(influxd), "--http-bind-address", f"{LOOPBACK}:{port}", "--reporting-disabled"]
    command += ["--bolt-path", str(folder / "influxd.bolt"), "--sqlite-path", str(folder / "influxd.sqlite")]
    command += ["--engine-path", str(folder / "engine")]
    details = _our_details(state)
    service = process.start(state, NAME, command, url=url, details=details, cwd=folder)
    process.wait_until(lambda: healthy(url), service, timeout=60)
    if httpx.get(f"{url}/api/v2/setup", timeout=30).raise_for_status().json()["allowed"]:
        body = {"username": USER, **{key: details[key] for key in ("password", "org", "bucket", "token")}}
        httpx.post(f"{url}/api/v2/setup", json=body, timeout=30).raise_for_status()
    return service
