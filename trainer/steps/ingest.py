"""ingest: the region's source into raw_demand, as it came in, and beside it what is thought of each hour."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from trainer.contract import RAW_DEMAND_SOURCE, Manifest, Verdict
from trainer.data.hours import SourceHours, origin_of
from trainer.data.quality import judge, suspect_stretches
from trainer.data.report import recent_share
from trainer.data.sources import SourceFrame, read_source
from trainer.database.actuals import read_actuals, upsert_actuals
from trainer.database.connection import Connection, connect
from trainer.database.deliveries import owe_actuals
from trainer.database.issued_weather import upsert_issues
from trainer.database.judgements import read_overrulings, store_verdicts
from trainer.environment import require_database_url
from trainer.errors import DataError
from trainer.influx import InfluxSettings, deliver
from trainer.redaction import redacted
from trainer.steps.find_issues import issues_in_file
from trainer.steps.source_hours import source_hours
from trainer.store import Run

log = logging.getLogger(__name__)

_TOLD = pd.Timedelta(days=60)
"""How far back suspect stretches are told of; those before were told of then."""


def ingest(
    run: Run, *, source: str | None, read: SourceFrame | None = None, weather_issued: str | None = None
) -> Manifest:
    """Takes in the source, see `take_in`, and delivers to InfluxDB, where there is one, what it is owed: the
    months that changed too.

    Facts: those of `take_in`, and what `deliver` says. Raises as it does.
    """
    started = datetime.now(UTC)
    facts = take_in(run, source=source, read=read, weather_issued=weather_issued)
    if (influxdb := InfluxSettings.from_environ()) is not None:
        with connect(require_database_url("ingest")) as connection:
            facts |= deliver(connection, influxdb, run.region)
    parameters = {"source": redacted(source or run.region.source)}
    return run.close("ingest", started=started, parameters=parameters, facts=facts)


def take_in(
    run: Run, *, source: str | None, read: SourceFrame | None = None, weather_issued: str | None = None
) -> dict[str, Any]:
    """Upserts demand before as_of as it came in, and weather, known ahead too; then judges the region's whole
    stored series as of the run's moment and stores the verdicts, with what people said over them. Nothing is
    guessed here: whoever reads bridges for itself. Where there is an InfluxDB it is owed the months that
    changed.

    Facts: written (rows new or changed), judged (verdicts new or changed), last_actual (the last measured
    hour), measured_share (0..1, of the last 14 days), suspect (stretches of the last 60 days, see `Stretch`),
    findings. A region whose source is raw_demand is fed by others: then nothing is copied. `read`: what
    `source` holds, where it is read already.

    Weather issued up to as_of goes from the file `weather_issued`, else from the region's, into the table of
    that name; `issued` among the facts tells of it (`issues_in_file`, and written).

    Raises DataError for a source that cannot be read, before anything is written.
    """
    started = datetime.now(UTC)
    place = source or run.region.source
    url = require_database_url("ingest")
    owed = InfluxSettings.from_environ() is not None
    hours = None
    if place != RAW_DEMAND_SOURCE:
        raw = read or read_source(run.region, source=place)
        hours = source_hours(raw, run.region, as_of=run.as_of, now=started, url=url)
        for finding in hours.findings:
            log.info("%s", finding.text)
    with connect(url) as connection:
        with connection.transaction():
            written = _store(connection, hours, run, redacted(place)) if hours else 0
            facts = _judged(connection, run, hours)
            if owed:
                owe_actuals(connection, run.region.name)
        # After the demand is stored: a file of issues may be large, and none costs an hour of demand.
        found = issues_in_file(run.region, weather_issued, run.as_of)
        if found.issued is not None:
            rows = found.issued.rows
            issued_from = redacted(weather_issued or run.region.weather_issued or "")
            found.facts["written"] = upsert_issues(
                connection, rows, region=run.region.name, source=issued_from
            )
            log.info("weather_issued: %d rows new or changed", found.facts["written"])
    log.info("raw_demand: %d rows new or changed; %d verdicts new or changed", written, facts["judged"])
    for stretch in facts["suspect"]:
        log.warning("suspect: %s .. %s UTC, %s", stretch["first"], stretch["last"], stretch["reason"])
    if found.facts:
        facts["issued"] = found.facts
    return {"written": written, **facts}


def _store(connection: Connection, hours: SourceHours, run: Run, place: str) -> int:
    frame = hours.frame.dropna(how="all")
    return upsert_actuals(connection, frame, region=run.region.name, source=place)


def _judged(connection: Connection, run: Run, hours: SourceHours | None) -> dict[str, Any]:
    region = run.region
    stored = read_actuals(connection, region.name, end=origin_of(run.as_of).to_pydatetime())["demand"]
    if stored.notna().sum() == 0:
        raise DataError(
            f"raw_demand holds nothing for region {region.name} before {run.as_of.isoformat()}; load it "
            f"first: python -m trainer ingest --region {region.name} --csv data.csv"
        )
    judged = judge(
        stored,
        region,
        doubts=hours.reasons if hours else {},
        overrulings=read_overrulings(connection, region.name),
    )
    changed = store_verdicts(connection, judged, region=region.name)
    measured = judged.index[judged["verdict"] == Verdict.MEASURED.value]
    return {
        "judged": changed,
        "last_actual": measured[-1].isoformat() if len(measured) else None,
        "measured_share": recent_share(judged),
        "suspect": [stretch.to_dict() for stretch in suspect_stretches(judged.loc[run.as_of - _TOLD :])],
        "findings": [finding.text for finding in hours.findings] if hours else [],
    }
