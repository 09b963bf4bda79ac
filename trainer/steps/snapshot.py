"""snapshot: freeze what is known at as_of as Parquet, so that every later step reads the same data."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta

import pandas as pd

from trainer.contract import RAW_DEMAND_SOURCE, FileRef, Manifest
from trainer.data.quality import Overruling
from trainer.data.sources import SourceFrame, read_source
from trainer.data.validation import canonical, stale_hours
from trainer.environment import database_url
from trainer.redaction import redacted
from trainer.store import Run

log = logging.getLogger(__name__)


def snapshot(
    run: Run, *, lookback_days: int, source: str | None, read: SourceFrame | None = None
) -> Manifest:
    """Reads `source` (else raw_demand where a database is configured, else the region's own source), unless
    `read` is what it holds.

    Outputs: snapshot.parquet, the canonical frame from as_of - lookback to the last known weather, demand
    NaN from as_of on and wherever it is not measured; beside it `raw` (MW, as it came in), `verdict` and
    `reason`. Facts: first and last measured hour, rows, stale_hours (see there), and the report.
    Raises DataError where no hour of the lookback is measured.
    """
    parameters = {"lookback_days": lookback_days, "source": source and redacted(source)}
    if done := run.finished("snapshot", parameters, {}):
        return done
    started = datetime.now(UTC)
    database = database_url()
    place = source or (RAW_DEMAND_SOURCE if database else run.region.source)
    since = run.as_of - timedelta(days=lookback_days)
    raw = read or read_source(run.region, source=place)
    read_in = canonical(
        raw, run.region, as_of=run.as_of, since=since, overrulings=_overrulings(run, database)
    )
    history = read_in.frame
    for line in read_in.report.lines():
        log.info("%s", line)
    known = history["demand"].dropna()
    stale = stale_hours(history, run.as_of)
    if stale:
        log.warning(
            "the last known demand is of %s: %s more hours before %s could be known; is the source late?",
            known.index[-1].isoformat(),
            stale,
            run.as_of.isoformat(),
        )
    parquet = io.BytesIO()
    history.join(read_in.judged).to_parquet(parquet)
    frozen = run.store.write(f"{run.folder}/snapshot.parquet", parquet.getvalue())
    facts = {
        "source": redacted(place),
        "rows": len(known),
        "first_hour": known.index[0].isoformat(),
        "last_hour": known.index[-1].isoformat(),
        "stale_hours": stale,
        "report": read_in.report.to_dict(),
    }
    if database:
        from trainer.database.connection import connect  # noqa: PLC0415  a snapshot of a file needs no driver
        from trainer.database.snapshots import SnapshotRow, record_snapshot  # noqa: PLC0415

        row = SnapshotRow(
            region=run.region.name,
            run_id=run.run_id,
            as_of=run.as_of,
            path=frozen.path,
            sha256=frozen.sha256,
            rows=len(known),
            first_hour=known.index[0].to_pydatetime(),
            last_hour=known.index[-1].to_pydatetime(),
        )
        with connect(database) as connection:
            record_snapshot(connection, row)
    return run.close(
        "snapshot",
        started=started,
        parameters=parameters,
        outputs={"snapshot.parquet": frozen},
        facts=facts,
    )


def read_snapshot(run: Run) -> tuple[pd.DataFrame, FileRef]:
    """The run's frozen history and the file that holds it, checked. Raises DataError, ArtifactError."""
    frozen = run.require("snapshot").outputs["snapshot.parquet"]
    history = pd.read_parquet(io.BytesIO(run.store.read_checked(frozen)))
    return history.asfreq("h"), frozen


def _overrulings(run: Run, database: str | None) -> list[Overruling]:
    """What people said of the region's hours; nothing without a database."""
    if database is None:
        return []
    from trainer.database.connection import connect  # noqa: PLC0415  a snapshot of a file needs no driver
    from trainer.database.judgements import read_overrulings  # noqa: PLC0415

    with connect(database) as connection:
        return read_overrulings(connection, run.region.name)
