"""The running test cluster, servers that its pods can reach, and the table at the end."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from stack import postgres
from stack.node.forward import Forward, lent_url
from stack.node.layout import STORE
from stack.node.up import is_own, is_ready
from stack.release import Release
from stack.series import Series, choose
from tests.cluster.airflow_outside import variables
from tests.cluster.pods_seen import OUR_PREFIX, PodsSeen

_SEEN = pytest.StashKey[PodsSeen]()
_OUTCOME = pytest.StashKey[str]()
_ROWS = pytest.StashKey[list[tuple[str, int, float, str]]]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips before the first fixture: none may start, or build, a server for a test that cannot be."""
    ours = [item for item in items if item.get_closest_marker("cluster")]
    if not ours:
        return
    if not is_ready():
        why = "no test cluster runs on this machine; `make cluster` brings one up"
    elif not is_own():
        why = "pods of a cluster that the user named reach no server of this machine, nor its folders"
        ours = [item for item in ours if "lent" in getattr(item, "fixturenames", ())]
    else:
        return
    for item in ours:
        item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session", autouse=True)
def _cluster(request: pytest.FixtureRequest) -> Iterator[None]:
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
    """A loopback server's URL as pods reach it. On a cluster that the user named nobody asks for it."""
    forwards: dict[int, Forward] = {}

    def lend(url: str) -> str:
        port = urlsplit(url).port
        assert port is not None
        if port not in forwards:
            forwards[port] = Forward(port)
        return lent_url(url)

    yield lend
    for forward in forwards.values():
        forward.close()


@pytest.fixture(scope="session")
def make_release() -> Iterator[Callable[..., Release]]:
    """Prepared namespaces, removed at the end whatever happened."""
    made: list[Release] = []

    def make(postgres_url: str, influxdb_token: str = "none", **values: object) -> Release:
        namespace = f"{OUR_PREFIX}{uuid.uuid4().hex[:8]}"
        store = STORE / namespace if is_own() else None
        release = Release(namespace, store, postgres_url, dict(values), influxdb_token)
        made.append(release)
        release.prepare()
        return release

    yield make
    for release in made:
        release.remove()
        if release.store:
            shutil.rmtree(release.store, ignore_errors=True)


@pytest.fixture(scope="module")
def sample() -> Series:
    """The region that the scenarios run on."""
    return choose(None, "GR")


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest, postgres_url: str) -> str:
    """A database of the module's own without tables: the chart's migration makes them."""
    return postgres.create_database(postgres_url, request.module.__name__.rpartition(".")[2])


@pytest.fixture(scope="module")
def release(database: str, lent: Callable[[str], str], make_release: Callable[..., Release]) -> Release:
    """The chart installed; modules whose pods talk to more than PostgreSQL install it their own way."""
    made = make_release(lent(database))
    made.helm("install")
    return made


@pytest.fixture(scope="module")
def dag_variables(
    release: Release, database: str, sample: Series, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What the DAGs read when their verbs run in the release's pods."""
    folder = tmp_path_factory.mktemp("kubeconfig")
    return variables(release, database, folder, {sample.region.name: sample.region.to_dict()})
