"""Somebody who forecasts all the while with whatever model is champion, as a service of forecasts does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
import psycopg
from threadpoolctl import threadpool_limits

from benchmarks.chaos.background import beside_the_run
from benchmarks.year.site import Site
from trainer.model.artifact import load_artifact

_PAUSE: Final = 1.0
_HOURS: Final = 24
_LOOK_BACK: Final = pd.Timedelta(days=63)
"""As a service reads of what is stored."""


@dataclass
class Reader:
    here: Site
    origin: pd.Timestamp
    """From which it forecasts (UTC); moved on by whoever runs the days."""
    forecasts: int = 0
    unanswered: int = 0
    """Times that PostgreSQL did not say which model is champion."""
    refused: list[str] = field(default_factory=list)
    """Why a champion that it was told of gave no forecast."""

    def forecast(self) -> None:
        try:
            with psycopg.connect(self.here.database, connect_timeout=5) as connection:
                row = connection.execute(
                    "SELECT artifact_path, artifact_checksum FROM model_deployments "
                    "WHERE region = %s AND status = 'active'",
                    (self.here.region.name,),
                ).fetchone()
        except psycopg.OperationalError:
            self.unanswered += 1
            return
        if row is None:
            self.refused.append("no model is champion")
            return
        try:
            model = load_artifact(self.here.store / str(row[0]), checksum=str(row[1]))
            known = self.here.history.loc[self.origin - _LOOK_BACK : self.origin + pd.Timedelta(hours=_HOURS)]
            made = model.forecast(known, self.origin, _HOURS)
        except Exception as error:  # whatever it is, there is no forecast
            self.refused.append(f"{row[0]}: {error!r}")
            return
        if np.isfinite(made["forecast"]).all():
            self.forecasts += 1
        else:
            self.refused.append(f"{row[0]}: hours without a forecast")


@contextmanager
def reading(reader: Reader) -> Iterator[None]:
    """`reader` forecasts once a second until the end.

    With one thread of BLAS, as a service's worker has: a server started under another account is a fork,
    which ends BLAS's threads, and a matrix product that waits for them waits for ever.
    """

    def go_on(over: threading.Event) -> None:
        while not over.wait(_PAUSE):
            reader.forecast()

    with threadpool_limits(limits=1), beside_the_run(go_on):
        yield
