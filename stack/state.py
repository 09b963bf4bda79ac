"""What a stack remembers between commands: its services, secrets and logs, in one folder.

Removing the folder while nothing runs forgets everything; `python -m stack down --purge` does so in order.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
STATE_VARIABLE: Final = "DEMAND_FORECAST_STACK_STATE"
"""Environment variable that names another state folder than `.demo` in the repository."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One running server. `pid` is None where it is somebody else's and only used here."""

    name: str
    url: str
    """Where clients reach it, without secrets."""
    pid: int | None = None
    started: float = 0.0
    """The process's creation time (epoch seconds): with the pid it names one process for good."""
    stop_signal: int = signal.SIGTERM
    """What asks it to end."""
    log: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """The state folder. Files are replaced whole, so that a killed command leaves no half of one."""

    folder: Path

    @classmethod
    def default(cls) -> State:
        return cls(Path(os.environ.get(STATE_VARIABLE) or REPOSITORY / ".demo").resolve())

    def make(self, *parts: str) -> Path:
        """A folder of this state, made if it is missing."""
        folder = self.folder.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def log(self, name: str) -> Path:
        return self.make("logs") / f"{name}.log"

    def services(self) -> list[Service]:
        """Everything on record, running or not."""
        records = sorted((self.folder / "services").glob("*.json"))
        return [Service(**json.loads(record.read_text(encoding="utf-8"))) for record in records]

    def service(self, name: str) -> Service | None:
        return next((service for service in self.services() if service.name == name), None)

    def remember(self, service: Service) -> Service:
        self.write(f"services/{service.name}.json", json.dumps(asdict(service), indent=1))
        return service

    def forget(self, name: str) -> None:
        (self.folder / "services" / f"{name}.json").unlink(missing_ok=True)

    def secret(self, name: str) -> str:
        """A random secret, made on first use and kept: servers and clients of later commands must agree."""
        path = self.folder / "secrets" / name
        if not path.exists():
            self.write(f"secrets/{name}", secrets.token_urlsafe(24))
        return path.read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> Path:
        """Writes a file that only its owner can read."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        draft.replace(path)
        return path
