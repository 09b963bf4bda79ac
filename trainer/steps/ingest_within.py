"""The source taken in before a forecast that does not wait for it."""

from __future__ import annotations

import logging
import threading
from typing import Any

import psycopg

from trainer.errors import DatabaseError, DemandForecastError
from trainer.process_exit import give_up_on
from trainer.steps.ingest import take_in
from trainer.store import Run

log = logging.getLogger(__name__)


def ingested_within(run: Run, seconds: float) -> dict[str, Any]:
    """Takes in the source (`take_in`) for at most `seconds`, and raises nothing.

    Returns written, judged and last_actual, as `take_in` says; where it failed, or had not ended in time,
    `error`, and in `failed` what did, `source` or `postgresql`.

    It works in a thread that is given up on then: whatever a source waits for, such as a name server, cannot
    be made to stop, nor does the process wait for it at its end (`leave`). Its writes are transactions, each
    of them whole or not there.
    """
    told: dict[str, Any] = {}

    def take() -> None:
        try:
            facts = take_in(run, source=None)
            told.update({name: facts[name] for name in ("written", "judged", "last_actual")})
        except DemandForecastError as error:
            told.update(_fault(error, str(error)))
        except Exception as error:
            log.exception("the source could not be taken in")
            told.update(_fault(error, f"{type(error).__name__}: {error}"))

    thread = threading.Thread(target=take, name="ingest", daemon=True)
    thread.start()
    thread.join(seconds)
    ingested = dict(told)
    if not ingested:
        give_up_on(thread)
        ingested = {"error": f"the source had not been taken in after {seconds:g} s", "failed": "source"}
    if "error" in ingested:
        log.warning("no new actuals, the forecast begins from those that are there: %s", ingested["error"])
    return ingested


def _fault(error: Exception, said: str) -> dict[str, str]:
    # What PostgreSQL denies, such as a right, comes as its driver's error.
    of_postgresql = isinstance(error, DatabaseError | psycopg.Error)
    return {"error": said, "failed": "postgresql" if of_postgresql else "source"}
