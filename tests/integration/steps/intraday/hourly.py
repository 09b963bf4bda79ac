"""An hourly product of the small region: its forecasts, and what they leave."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.integration.steps.small_model import DAYS
from trainer.contract import Manifest, Product
from trainer.contract.products import product_dag_id
from trainer.database import connect
from trainer.database.predictions import read_predictions
from trainer.steps.intraday import intraday
from trainer.store import Run, Store

HOURLY = Product.parse("T", "intraday", {"every": "1h", "hours": 6})
KEPT_UNDER = product_dag_id("T", "intraday")
BEFORE, UNTIL = "2024-03-30T00:00:00+09:00", "2024-03-31T00:00:00+09:00"
"""Up to which the champion before the champion, and the champion, are said to have learned."""


def made(run: Run, **options: Any) -> Manifest:
    """At the moment that it speaks for, unless `now` is another."""
    usual = {"product": HOURLY, "lookback_days": DAYS, "ingest_seconds": 60, "now": run.as_of}
    return intraday(run, **{**usual, **options})


def rows(database: str, origin: str) -> pd.DataFrame:
    moment = pd.Timestamp(origin, tz="Asia/Seoul").to_pydatetime()
    with connect(database) as connection:
        return read_predictions(connection, "T", moment, "intraday")


def files(store: Store) -> list[str]:
    """All but the published models."""
    return [file.path for file in store.files("T") if "/models/" not in file.path]
