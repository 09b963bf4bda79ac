"""python3 -m stack.compose_env: writes .env for docker-compose.airflow.yml, with secrets of its own.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
_NO_VALUE: Final = re.compile(r"^([A-Z0-9_]+)=$", re.MULTILINE)
_BYTES: Final = 32


def fill(template: str) -> str:
    """`template` with a fresh secret behind every name that has no value."""

    def secret(found: re.Match[str]) -> str:
        if found[1].endswith("FERNET_KEY"):  # Fernet's own form: 32 bytes in URL-safe base64
            return found[0] + base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode()
        return found[0] + secrets.token_hex(_BYTES)

    return _NO_VALUE.sub(secret, template)


def write(target: Path, template: Path) -> bool:
    """Makes `target`, readable by its owner only; False, and nothing touched, where it is there already."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(fill(template.read_text(encoding="utf-8")))
    return True


if __name__ == "__main__":
    if write(REPOSITORY / ".env", REPOSITORY / ".env.example"):
        print("wrote .env, with fresh secrets; .env.example says what each is for")
