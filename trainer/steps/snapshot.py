"""snapshot: freeze what is known at as_of as Parquet, so that every later step reads the same data."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime

import pandas as pd

from trainer.contract import FileRef, Manifest
from trainer.data.sources import SourceFrame
from trainer.data.weather.issued import IssuedWeather
from trainer.environment import database_url
from trainer.model.covariates.issued_errors import with_day_ahead
from trainer.redaction import redacted
from trainer.steps.window import read_window
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
    weather_may_lack: bool = False,
) -> Manifest:
    """Reads the window that `read_window` tells of, and freezes it. `weather_may_lack`: a source without a
    column of the region's weather is no fault; a forecast can be made without, a model had better not.

    Outputs: snapshot.parquet, the canonical frame from as_of - lookback to the last known weather, demand
    NaN from as_of on and wherever it is not measured; beside it `raw` (MW, as it came in), `verdict` and
    `reason`. Where there is weather that was issued up to as_of of these hours and later ones, also
    weather_issued.parquet (`IssuedWeather.rows`): of the file `weather_issued`, else as `issues_for` finds
    it. Facts: those of `Window`. Raises DataError where no hour of the lookback is measured.
    """
    parameters = {"lookback_days": lookback_days, "source": source and redacted(source)}
    if weather_issued:
        parameters["weather_issued"] = redacted(weather_issued)
    if done := run.finished("snapshot", parameters, {}):
        return done
    started = datetime.now(UTC)
    window = read_window(
        run,
        lookback_days=lookback_days,
        source=source,
        read=read,
        weather_issued=weather_issued,
        weather_may_lack=weather_may_lack,
    )
    parquet = io.BytesIO()
    window.history.to_parquet(parquet)
    frozen = run.store.write(f"{run.folder}/snapshot.parquet", parquet.getvalue())
    outputs = {"snapshot.parquet": frozen}
    found = window.found
    if found.issued is not None and not found.issued.rows.empty:
        issues = io.BytesIO()
        found.issued.rows.to_parquet(issues)
        outputs[_ISSUED] = run.store.write(f"{run.folder}/{_ISSUED}", issues.getvalue())
    facts = window.facts
    if database := database_url():
        from trainer.database.connection import connect  # noqa: PLC0415  a snapshot of a file needs no driver
        from trainer.database.snapshots import SnapshotRow, record_snapshot  # noqa: PLC0415

        row = SnapshotRow(
            region=run.region.name,
            run_id=run.run_id,
            as_of=run.as_of,
            path=frozen.path,
            sha256=frozen.sha256,
            rows=facts["rows"],
            first_hour=datetime.fromisoformat(facts["first_hour"]),
            last_hour=datetime.fromisoformat(facts["last_hour"]),
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
