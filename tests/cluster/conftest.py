"""The running test cluster, servers that its pods can reach, and the table at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.cluster.forward import Forward
from tests.cluster.node.layout import HOST_ADDRESS
from tests.cluster.node.up import is_own, is_ready
from tests.cluster.pods_seen import PodsSeen
from tests.cluster.release import Release

_SEEN = pytest.StashKey[PodsSeen]()
_OUTCOME = pytest.StashKey[str]()
_ROWS = pytest.StashKey[list[tuple[str, int, float, str]]]()


@pytest.fixture(scope="session", autouse=True)
def _cluster(request: pytest.FixtureRequest) -> Iterator[None]:
    if not is_ready():
        pytest.skip("no test cluster runs on this machine; `make cluster` brings one up")
    seen = request.config.stash[_SEEN] = PodsSeen()
    yield
    seen.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Notes pods, seconds and result of each test, what it set up included."""

    def pods() -> int:
        seen = item.config.stash.get(_SEEN, None)
        return seen.count() if seen else 0

    before, began = pods(), time.monotonic()
    result = yield
    if item.get_closest_marker("cluster") is None:
        return result
    row = (item.name, pods() - before, time.monotonic() - began, item.stash.get(_OUTCOME, "passed"))
    item.config.stash.setdefault(_ROWS, []).append(row)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if not report.passed:  # type: ignore[attr-defined]
        item.stash[_OUTCOME] = report.outcome  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session")
def pods_seen(request: pytest.FixtureRequest, _cluster: None) -> PodsSeen:
    """Pods of the whole session, those that are gone too."""
    return request.config.stash[_SEEN]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = terminalreporter.config.stash.get(_ROWS, [])
    if not rows:
        return
    terminalreporter.section("on the cluster")
    width = max(len(name) for name, *_ in rows)
    terminalreporter.write_line(f"{'scenario':<{width}}  pods  seconds  result")
    for name, pods, seconds, outcome in rows:
        terminalreporter.write_line(f"{name:<{width}}  {pods:>4}  {seconds:>7.1f}  {outcome}")


@pytest.fixture(scope="session")
def lent() -> Iterator[Callable[[str], str]]:
    """A loopback server's URL as pods reach it."""
    forwards: list[Forward] = []

    def lend(url: str) -> str:
        parts = urlsplit(url)
        assert parts.port is not None
        forwards.append(forward := Forward(parts.port))
        login, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{login}{at}{HOST_ADDRESS}:{forward.port}"))

    yield lend
    for forward in forwards:
        forward.close()


@pytest.fixture(scope="session")
def make_release() -> Iterator[Callable[..., Release]]:
    """Prepared namespaces, removed at the end whatever happened."""
    made: list[Release] = []
    if not is_own():
        # A named cluster shares no folder with this machine, and its pods cannot reach its loopback.
        pytest.skip("the scenarios need the suite's own node: `make cluster` without KUBECONFIG")

    def make(postgres_url: str, **values: object) -> Release:
        release = Release(postgres_url, dict(values))
        made.append(release)
        release.prepare()
        return release

    yield make
    for release in made:
        release.remove()
