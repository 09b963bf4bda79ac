"""What a verb takes from its environment, with the sentence when it is missing, and what it sets there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from trainer.contract import DEFAULT_MAX_SHADOWS, LANGUAGES, Env
from trainer.errors import UsageError

_SLEEPING_THREADS: Final = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_THREAD_TIMEOUT": "4"}
"""OpenMP's own word, which PyTorch heeds, and OpenBLAS's: 2^4 ticks of the processor."""


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


def max_shadows(environ: Mapping[str, str] | None = None) -> int:
    """How many live shadows a region may have. Raises UsageError for a setting that is no whole number."""
    text = (os.environ if environ is None else environ).get(Env.MAX_SHADOWS) or str(DEFAULT_MAX_SHADOWS)
    if not text.isdecimal():
        raise UsageError(f"{Env.MAX_SHADOWS}={text!r} is no whole number of shadows")
    return int(text)


def let_idle_threads_sleep() -> None:
    """Threads that wait for others sleep, unless the environment says otherwise. Left alone they burn their
    core to be there the sooner: beside a busy neighbour a training then takes twice its processor time, and
    three times as long. To be called before NumPy and PyTorch are loaded, which read it then.
    """
    for name, value in _SLEEPING_THREADS.items():
        os.environ.setdefault(name, value)
