"""Addresses that a verb takes from its environment, and the sentence when one is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping

from trainer.contract import LANGUAGES, Env
from trainer.errors import UsageError


def database_url(environ: Mapping[str, str] | None = None) -> str | None:
    """The PostgreSQL URL, or None where no database is configured (a laptop with files only)."""
    return (os.environ if environ is None else environ).get(Env.POSTGRES_URL) or None


def require_database_url(verb: str, environ: Mapping[str, str] | None = None) -> str:
    """Raises UsageError where no database is configured."""
    url = database_url(environ)
    if url is None:
        raise UsageError(
            f"{verb} needs a database: set {Env.POSTGRES_URL}=postgresql://user:password@host:5432/demand_forecast"
        )
    return url


def language(environ: Mapping[str, str] | None = None) -> str:
    """The language of the plots, English where none is set. Raises UsageError for an unknown one."""
    name = (os.environ if environ is None else environ).get(Env.LANGUAGE) or "en"
    if name not in LANGUAGES:
        raise UsageError(f"{Env.LANGUAGE}={name!r} is not known; use {' or '.join(LANGUAGES)}")
    return name
