"""The page as Airflow's own api-server mounts it, over a year of rows; and a real browser to see it in."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
import psycopg
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as DriverService

from stack import airflow, postgres, process
from stack.state import State

HERE: Final = Path(__file__).parent
BASE_PATH: Final = "/energy"
"""Airflow is served below a path here, as behind a reverse proxy: a link that forgets it leads nowhere."""
USERS: Final = {"admin": "admin", "only_KR": "viewer", "nobody": "viewer"}
BROWSER_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
)


@dataclass(frozen=True)
class Airflow:
    """A running api-server."""

    url: str
    """With the base path, without a slash at the end."""
    jwt_secret: str
    passwords: dict[str, str]

    @property
    def page(self) -> str:
        return f"{self.url}/demand-forecast/"

    def token(self, user: str) -> str:
        """What the user's log-in gives; `nobody` is known to Airflow and has no role."""
        body = {"username": user, "password": self.passwords[user]}
        answer = httpx.post(f"{self.url}/auth/token", json=body, timeout=60)
        token = str(answer.raise_for_status().json()["access_token"])
        if user != "nobody":
            return token
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False}) | {"role": None}
        return jwt.encode(claims, self.jwt_secret, algorithm=header["alg"], headers=header)


@pytest.fixture(scope="session")
def page_database(postgres_url: str, _migrated: str) -> str:
    """The project's tables with a year of rows."""
    url = postgres.create_database(postgres_url, "page", template=_migrated)
    with psycopg.connect(url) as connection:
        connection.execute((HERE / "year.sql").read_text(encoding="utf-8").encode())
    return url


def start_api_server(
    state: State,
    name: str,
    environ: dict[str, str],
    database_url: str,
    *,
    base_path: str,
    language: str = "en",
) -> Airflow:
    """Airflow's api-server and no other component, with users of three kinds."""
    port = process.free_port()
    url = f"http://{process.LOOPBACK}:{port}{base_path}"
    passwords = {user: state.secret(f"page-{user}") for user in USERS}
    environ = {
        **environ,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__AUTH_MANAGER": "regional_auth_manager.RegionalAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{user}:{role}" for user, role in USERS.items()
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            state.write(f"{name}-passwords.json", json.dumps(passwords))
        ),
        "PYTHONPATH": f"{environ['PYTHONPATH']}:{HERE}",
        airflow.CONNECTION_VARIABLE: airflow.connection_uri(database_url),
        "DEMAND_FORECAST_LANGUAGE": language,
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:15000",
    }
    command = [*airflow.COMMAND, *airflow.COMPONENTS[airflow.API_SERVER]]
    service = process.start(state, name, command, url=url, environ=environ)
    process.wait_until(partial(answers, url), service, timeout=180, pause=0.5)
    return Airflow(url, environ["AIRFLOW__API_AUTH__JWT_SECRET"], passwords)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v2/version", timeout=5).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def airflow_server(
    stack_state: State, airflow_environment: dict[str, str], page_database: str
) -> Iterator[Airflow]:
    name = "page-api-server"
    yield start_api_server(stack_state, name, airflow_environment, page_database, base_path=BASE_PATH)
    if service := stack_state.service(name):
        process.stop(service)


@pytest.fixture(scope="session")
def ask(airflow_server: Airflow) -> Iterator[Callable[..., httpx.Response]]:
    """GET a path of the page as a user, or as nobody at all."""
    tokens: dict[str, str] = {}
    with httpx.Client(timeout=30) as client:

        def get(path: str, user: str | None = "admin", *, method: str = "GET", **more: Any) -> httpx.Response:
            headers = dict(more.pop("headers", {}))
            if user:
                tokens[user] = tokens.get(user) or airflow_server.token(user)
                headers["Authorization"] = f"Bearer {tokens[user]}"
            return client.request(method, airflow_server.page + path, headers=headers, **more)

        yield get


class Browser:
    """A Chromium with an admin's session, and what it complained of."""

    def __init__(self, driver: webdriver.Chrome, server: Airflow) -> None:
        self.driver = driver
        self.server = server
        driver.get(f"{server.url}/api/v2/version")  # a cookie needs a page of its origin
        driver.add_cookie({"name": "_token", "value": server.token("admin"), "path": f"{BASE_PATH}/"})

    def open(self, query: str = "?region=KR") -> None:
        self.driver.get_log("browser")
        self.driver.get(self.server.page + query)
        self.wait(lambda: self.text("#page") and self.attribute("#page", "aria-busy") == "false")

    def wait(self, condition: Callable[[], object], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, (
                f"not within {seconds} s; the page says: {self.text('body')[:2000]}"
            )
            time.sleep(0.1)

    def text(self, selector: str) -> str:
        return str(self.script("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def texts(self, selector: str) -> list[str]:
        code = "return [...document.querySelectorAll(arguments[0])].map((found) => found.innerText)"
        return list(self.script(code, selector))

    def attribute(self, selector: str, name: str) -> str | None:
        code = "return document.querySelector(arguments[0])?.getAttribute(arguments[1])"
        found = self.script(code, selector, name)
        return None if found is None else str(found)

    def script(self, code: str, *arguments: object) -> Any:
        return self.driver.execute_script(code, *arguments)

    def complaints(self) -> list[str]:
        """Errors and refusals in the console since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def resize(self, width: int, height: int) -> None:
        self.driver.set_window_size(width, height)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("no chromium or chromedriver here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*BROWSER_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=DriverService(chromedriver))
    started.set_page_load_timeout(60)
    yield started
    started.quit()


@pytest.fixture
def browser(driver: webdriver.Chrome, airflow_server: Airflow) -> Browser:
    driver.set_window_size(1440, 1000)
    return Browser(driver, airflow_server)
