"""What a backup is of: the daily run of a region, rows of its database, and the manifest of the backup."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pandas as pd
import psycopg

from trainer.contract import Region
from trainer.store import Run, Store

AS_OF = pd.Timestamp("2024-04-10", tz="Asia/Seoul").tz_convert("UTC").to_pydatetime()


def daily(run_id: str, place: Region, store: Store) -> Run:
    return Run(region=place, run_id=run_id, as_of=AS_OF, store=store)


def rows(url: str, table: str) -> list[str]:
    with psycopg.connect(url) as connection:
        query = f"SELECT row::text FROM {table} AS row ORDER BY 1"
        return [str(row[0]) for row in connection.execute(query.encode()).fetchall()]


def rewritten(target: Store, body: dict[str, Any]) -> None:
    """The manifest with another content, and the checksum of that."""
    body.pop("checksum", None)
    checksum = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    target.write("backup.json", json.dumps({**body, "checksum": checksum}).encode())
