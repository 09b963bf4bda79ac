"""snapshot: freeze what is known at as_of as Parquet, so that every later step reads the same data."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta

import pandas as pd

from trainer.contract import RAW_DEMAND_SOURCE, FileRef, Manifest
from trainer.data.issued_weather import IssuedWeather
from trainer.data.quality import Overruling
from trainer.data.sources import SourceFrame, read_source
from trainer.data.validation import canonical, stale_hours
from trainer.environment import database_url
from trainer.model.covariates.issued_errors import with_day_ahead
from trainer.redaction import redacted
from trainer.steps.find_issues import issues_for
from trainer.store import Run

log = logging.getLogger(__name__)


_ISSUED = "weather_issued.parquet"


def snapshot(
    run: Run,
    *,
    lookback_days: int,
    source: str | None,
    read: SourceFrame | None = None,
    weather_issued: str | None = None,
) -> Manifest:
    """Reads `source` (else raw_demand where a database is configured, else the region's own source), unless
    `read` is what it holds.

    Outputs: snapshot.parquet, the canonical frame from as_of - lookback to the last known weather, demand
    NaN from as_of on and wherever it is not measured; beside it `raw` (MW, as it came in), `verdict` and
    `reason`. Where there is weather that was issued up to as_of of these hours and later ones, also
    weather_issued.parquet (`IssuedWeather.rows`): of the file `weather_issued`, else as `issues_for` finds
    it. Facts: first and last measured hour, rows, stale_hours (see there), the report, and where issued
    weather was looked for, `issued`. Raises DataError where no hour of the lookback is measured.
    """
    parameters = {"lookback_days": lookback_days, "source": source and redacted(source)}
    if weather_issued:
        parameters["weather_issued"] = redacted(weather_issued)
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
    outputs = {"snapshot.parquet": frozen}
    found = issues_for(
        run.region, place=place, named=weather_issued, database=database, as_of=run.as_of, since=since
    )
    if found.issued is not None and not found.issued.rows.empty:
        issues = io.BytesIO()
        found.issued.rows.to_parquet(issues)
        outputs[_ISSUED] = run.store.write(f"{run.folder}/{_ISSUED}", issues.getvalue())
    facts = {
        "source": redacted(place),
        "rows": len(known),
        "first_hour": known.index[0].isoformat(),
        "last_hour": known.index[-1].isoformat(),
        "stale_hours": stale,
        "report": read_in.report.to_dict(),
        **({"issued": found.facts} if found.facts else {}),
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
        outputs=outputs,
        facts=facts,
    )


def read_snapshot(run: Run) -> tuple[pd.DataFrame, FileRef]:
    """The run's frozen history and the file that holds it, checked. Raises DataError, ArtifactError."""
    frozen = run.require("snapshot").outputs["snapshot.parquet"]
    history = pd.read_parquet(io.BytesIO(run.store.read_checked(frozen)))
    return history.asfreq("h"), frozen


def read_issues(run: Run) -> tuple[IssuedWeather | None, dict[str, FileRef]]:
    """The weather that the run's snapshot froze as it was issued, checked, and the file that holds it by
    name; nothing where there was none. Raises ArtifactError."""
    outputs = run.require("snapshot").outputs
    if _ISSUED not in outputs:
        return None, {}
    rows = pd.read_parquet(io.BytesIO(run.store.read_checked(outputs[_ISSUED])))
    return IssuedWeather(rows), {_ISSUED: outputs[_ISSUED]}


def with_frozen_issues(
    run: Run, history: pd.DataFrame
) -> tuple[pd.DataFrame, IssuedWeather | None, dict[str, FileRef]]:
    """`history` with its weather as it was issued a day ahead beside it (`with_day_ahead`), for the main
    forecast of the run's region, and what `read_issues` gives; as it is where there was none. Raises
    ArtifactError."""
    issued, of_issues = read_issues(run)
    if issued is not None:
        history = with_day_ahead(history, issued, run.region, run.region.main_product)
    return history, issued, of_issues


def _overrulings(run: Run, database: str | None) -> list[Overruling]:
    """What people said of the region's hours; nothing without a database."""
    if database is None:
        return []
    from trainer.database.connection import connect  # noqa: PLC0415  a snapshot of a file needs no driver
    from trainer.database.judgements import read_overrulings  # noqa: PLC0415

    with connect(database) as connection:
        return read_overrulings(connection, run.region.name)
