"""ingest: the region's source into raw_demand."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from trainer.contract import RAW_DEMAND_SOURCE, Manifest
from trainer.data.sources import SourceFrame, read_source
from trainer.data.validation import canonical
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.environment import require_database_url
from trainer.run import Run
from trainer.shown import shown

log = logging.getLogger(__name__)


def ingest(run: Run, *, source: str | None, read: SourceFrame | None = None) -> Manifest:
    """Upserts actual demand before as_of, and weather, known ahead too. Facts: written (rows new or changed),
    last_actual, report. A region whose source is raw_demand is fed by others: then nothing is copied.
    `read`: what `source` holds, where it is read already.

    Raises DataError for data that cannot be used, before anything is written.
    """
    started = datetime.now(UTC)
    place = source or run.region.source
    parameters = {"source": shown(place)}
    url = require_database_url("ingest")
    history, report = canonical(read or read_source(run.region, source=place), run.region, as_of=run.as_of)
    for line in report.lines():
        log.info("%s", line)
    written = 0
    if place != RAW_DEMAND_SOURCE:
        with connect(url) as connection:
            written = upsert_actuals(connection, history, region=run.region.name, source=shown(place))
    log.info("raw_demand: %d rows new or changed", written)
    return run.close(
        "ingest",
        started=started,
        parameters=parameters,
        facts={"written": written, "last_actual": report.last_actual, "report": report.to_dict()},
    )
