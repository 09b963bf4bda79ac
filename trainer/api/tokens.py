"""Bearer tokens: who may read, who may order forecasts, who may scrape the metrics."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from fastapi import Depends
from fastapi.params import Depends as Dependency
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from trainer.api.problems import Problem
from trainer.contract import Env
from trainer.errors import UsageError

log = logging.getLogger(__name__)

SHORTEST: Final = 16
"""Characters; `openssl rand -hex 32` makes 64."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750; no ':' and no ','

_BEARER: Final = HTTPBearer(auto_error=False, description=f"a token of {Env.API_TOKEN}")


class Scope(StrEnum):
    READ = "read"
    PREDICT = "predict"
    METRICS = "metrics"


class Tokens:
    """The accepted tokens. Entries are parted by commas, spaces or lines: `TOKEN` may do everything,
    `read:TOKEN`, `predict:TOKEN`, `metrics:TOKEN` or `read+predict:TOKEN` what they say.

    Of a file, changes count from the next request on; one that cannot be used leaves the last good ones.
    """

    def __init__(self, text: str = "", *, file: Path | None = None) -> None:
        """Raises UsageError for a malformed or short token, an unreadable file, or no token at all."""
        self._fixed = _parse(text, str(Env.API_TOKEN))
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._of_file: dict[bytes, frozenset[Scope]] = {}
        self._told = ""
        """The fault of the file that was told last: once, and not with each request."""
        self._lock = threading.Lock()
        if file:
            self._stamp, self._of_file = _read(file)
        if not self._fixed and not self._of_file:
            raise UsageError(
                f"the API has no token, so nobody could use it; set {Env.API_TOKEN} or {Env.API_TOKEN_FILE} "
                'to a secret, such as the output of: python -c "import secrets; print(secrets.token_hex(32))"'
            )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        environ = os.environ if environ is None else environ
        file = environ.get(Env.API_TOKEN_FILE)
        return cls(environ.get(Env.API_TOKEN, ""), file=Path(file) if file else None)

    def scopes(self, token: str) -> frozenset[Scope]:
        """What `token` may do; empty for one that is not known. Takes as long for every token."""
        self._reload()
        digest = _digest(token)
        found: frozenset[Scope] = frozenset()
        for known, scopes in [*self._fixed.items(), *self._of_file.items()]:
            if hmac.compare_digest(known, digest):
                found |= scopes
        return found

    def _reload(self) -> None:
        if self._file is None:
            return
        with self._lock:
            try:
                if _stamp(self._file) == self._stamp:
                    self._told = ""
                    return
                self._stamp, self._of_file = _read(self._file)
            except (OSError, UsageError) as error:
                if str(error) != self._told:
                    self._told = str(error)
                    log.warning("the tokens stay as they were: %s", error)
            else:
                self._told = ""
                log.info("read the tokens anew from %s", self._file)


def requires(tokens: Tokens, scope: Scope) -> Dependency:
    """The dependency of a route that asks for `scope`: 401 without a known token, 403 without the scope."""

    async def check(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> None:
        scopes = tokens.scopes(credentials.credentials) if credentials else frozenset()
        if not scopes:
            raise Problem(
                401,
                "unauthenticated",
                "this route needs a bearer token, and the request has "
                + ("another" if credentials else "none"),
                mend="send the header 'Authorization: Bearer TOKEN' with a token that the operator gave you",
                headers={"WWW-Authenticate": 'Bearer realm="demand-forecast"'},
            )
        if scope not in scopes:
            raise Problem(
                403,
                "forbidden",
                f"this token may {' and '.join(sorted(scopes))}, this route asks for {scope}",
                mend=f"use a token without a scope, or one of {Env.API_TOKEN} that begins with '{scope}:'",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            )

    return Dependency(check)


def _parse(text: str, place: str) -> dict[bytes, frozenset[Scope]]:
    found: dict[bytes, frozenset[Scope]] = {}
    entries = re.split(r"[\s,]+", text.strip()) if text.strip() else []
    for number, entry in enumerate(entries, start=1):
        names, colon, token = entry.rpartition(":")
        try:
            scopes = frozenset(Scope(name) for name in names.split("+")) if colon else frozenset(Scope)
        except ValueError:
            raise UsageError(
                f"{place}, token {number}: its scope is none of {', '.join(Scope)}; "
                "write read:TOKEN, read+predict:TOKEN, or TOKEN for everything"
            ) from None
        if len(token) < SHORTEST or not _TOKEN.fullmatch(token):
            raise UsageError(
                f"{place}, token {number}: use at least {SHORTEST} letters, digits or any of ._~+/-"
            )
        found[_digest(token)] = found.get(_digest(token), frozenset()) | scopes
    return found


def _read(file: Path) -> tuple[tuple[int, int], dict[bytes, frozenset[Scope]]]:
    try:
        stamp = _stamp(file)
        return stamp, _parse(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"token file {file} cannot be read: {error}; correct {Env.API_TOKEN_FILE}"
        ) from error


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_ino


def _digest(token: str) -> bytes:
    # Digests are of one length, so that comparing them tells nothing of the token's own.
    return hashlib.sha256(token.encode()).digest()
