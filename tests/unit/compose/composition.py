"""docker-compose.airflow.yml as its tests see it: raw, and with every ${VARIABLE} filled in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from stack.compose_env import fill

REPOSITORY: Final = Path(__file__).parents[3]
FILE: Final = REPOSITORY / "docker-compose.airflow.yml"
EXAMPLE: Final = REPOSITORY / ".env.example"
_REFERENCE: Final = re.compile(
    r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>(?:[^{}]|\{[^{}]*\})*))?\}"
)


@cache
def text() -> str:
    return FILE.read_text(encoding="utf-8")


def services() -> dict[str, dict[str, Any]]:
    """Every service, its anchors merged, its variables still as they are written."""
    return dict(load(text())["services"])


def load(content: str) -> dict[str, Any]:
    loaded = yaml.safe_load(content)
    assert isinstance(loaded, dict)
    return loaded


def references(content: str) -> set[str]:
    """The names of all ${VARIABLES}, nested ones too."""
    code = "\n".join(line for line in content.splitlines() if not line.lstrip().startswith("#"))
    return set(re.findall(r"(?<!\$)\$\{(\w+)", code))


def interpolated(content: str, environ: dict[str, str]) -> str:
    """`content` as Compose fills it in: ${A}, ${A:-else}, ${A:?why}.

    Raises KeyError for a value that is missing.
    """

    def value(found: re.Match[str]) -> str:
        if given := environ.get(found["name"]):
            return given
        if found["kind"] == "-":
            return interpolated(found["rest"], environ)
        raise KeyError(found["name"])

    return _REFERENCE.sub(value, content)


def dotenv(content: str) -> dict[str, str]:
    """NAME=value lines, single quotes taken off."""
    lines = [line for line in content.splitlines() if line and not line.startswith("#")]
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


@cache
def running() -> dict[str, dict[str, Any]]:
    """Every service with the values of a freshly written .env."""
    environ = dotenv(fill(EXAMPLE.read_text(encoding="utf-8")))

    def filled(node: Any) -> Any:
        # As Compose does it: YAML first, so that a value is never read as YAML.
        if isinstance(node, dict):
            return {key: filled(value) for key, value in node.items()}
        if isinstance(node, list):
            return [filled(item) for item in node]
        return interpolated(node, environ) if isinstance(node, str) else node

    return dict(filled(services()))


def environment(name: str) -> dict[str, str]:
    return dict(running()[name].get("environment", {}))


def mounts(name: str) -> list[tuple[str, str]]:
    """(source, target) of each, whichever way it is written."""
    written = [
        m if isinstance(m, dict) else dict(zip(("source", "target"), m.split(":"), strict=False))
        for m in running()[name].get("volumes", [])
    ]
    return [(mount["source"], mount["target"]) for mount in written]
