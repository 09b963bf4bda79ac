"""judge: what a person says of hours of demand, over the rules. Part of no run."""

from __future__ import annotations

import logging

import pandas as pd

from trainer.contract import Judgement, Region
from trainer.data.quality import Overruling
from trainer.database.connection import connect
from trainer.database.judgements import read_overrulings, record_overruling
from trainer.environment import require_database_url
from trainer.errors import UsageError
from trainer.store import parse_as_of

log = logging.getLogger(__name__)


def judge(region: Region, *, first: str, last: str, judgement: str, decided_by: str, reason: str) -> None:
    """Keeps the word on the hours that hold `first` to `last` (ISO 8601, local unless they have an offset),
    both included. It holds from the next ingest, snapshot and ordered forecast on, until somebody says
    something else.

    Raises UsageError for moments that are none or out of order, or without a database.
    """
    url = require_database_url("judge")
    begin, end = (pd.Timestamp(parse_as_of(text, region)).floor("h") for text in (first, last))
    if end < begin:
        raise UsageError(f"--to {last} is before --from {first}")
    said = Overruling(begin, end, Judgement(judgement), decided_by, reason)
    with connect(url) as connection:
        record_overruling(connection, said, region=region.name)
    log.info("%s by %s: %s .. %s; the next ingest goes by it", judgement, decided_by, first, last)


def judgements(region: Region) -> list[dict[str, str]]:
    """What was said of the region's hours, the earliest first: first and last hour (local, ISO 8601),
    judgement, decided_by, reason. Raises UsageError without a database."""
    with connect(require_database_url("judge")) as connection:
        found = read_overrulings(connection, region.name)
    return [
        {
            "first": one.first.tz_convert(region.zone).isoformat(),
            "last": one.last.tz_convert(region.zone).isoformat(),
            "judgement": one.judgement.value,
            "decided_by": one.decided_by,
            "reason": one.reason,
        }
        for one in found
    ]
