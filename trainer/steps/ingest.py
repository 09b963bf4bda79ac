"""ingest: the region's source into raw_demand."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from trainer.contract import RAW_DEMAND_SOURCE, Manifest
from trainer.data.sources import SourceFrame, read_source
from trainer.data.validation import canonical_and_measured
from trainer.database.actuals import fill_weather_gaps, upsert_actuals
from trainer.database.connection import connect
from trainer.environment import require_database_url
from trainer.run import Run
from trainer.shown import shown

log = logging.getLogger(__name__)


def ingest(run: Run, *, source: str | None, read: SourceFrame | None = None) -> Manifest:
    """Upserts measured demand before as_of, and weather, known ahead too. Demand that was interpolated is not
    stored, since whoever reads interpolates again; guessed weather only where raw_demand has none.

    Facts: written (rows new or changed by measurements), guessed_hours (of the source, by column),
    weather_filled (rows that a guess went into), last_actual, report. A region whose source is raw_demand is
    fed by others: then nothing is copied. `read`: what `source` holds, where it is read already.

    Raises DataError for data that cannot be used, before anything is written.
    """
    started = datetime.now(UTC)
    place = source or run.region.source
    parameters = {"source": shown(place)}
    url = require_database_url("ingest")
    raw = read or read_source(run.region, source=place)
    history, measured, report = canonical_and_measured(raw, run.region, as_of=run.as_of)
    for line in report.lines():
        log.info("%s", line)
    guesses = history.where(measured.isna())
    guessed_hours = {str(name): int(hours) for name, hours in guesses.notna().sum().items()}
    written = filled = 0
    if place != RAW_DEMAND_SOURCE:
        with connect(url) as connection:
            written = upsert_actuals(connection, measured, region=run.region.name, source=shown(place))
            filled = fill_weather_gaps(connection, guesses, region=run.region.name)
    log.info(
        "raw_demand: %d rows new or changed; weather guessed in %d; demand left as it was in %d, which the "
        "source has not measured",
        written,
        filled,
        guessed_hours["demand"],
    )
    return run.close(
        "ingest",
        started=started,
        parameters=parameters,
        facts={
            "written": written,
            "guessed_hours": guessed_hours,
            "weather_filled": filled,
            "last_actual": report.last_actual,
            "report": report.to_dict(),
        },
    )
