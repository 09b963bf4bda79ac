"""What is known of a region at a run's moment, over the days that a step looks back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from trainer.contract import RAW_DEMAND_SOURCE
from trainer.data.quality import Overruling
from trainer.data.sources import SourceFrame, read_source
from trainer.data.validation import Canonical, canonical, stale_hours
from trainer.environment import database_url
from trainer.redaction import redacted
from trainer.steps.find_issues import FoundIssues, issues_for
from trainer.store import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Window:
    """As it was read, demand masked from the run's moment on."""

    place: str
    """Where it was read, as `source` names it."""
    known: Canonical
    stale_hours: int
    found: FoundIssues
    """The weather as it was issued up to the moment of these hours and later ones."""

    @cached_property
    def history(self) -> pd.DataFrame:
        """The canonical frame (hourly, UTC), demand NaN wherever it is not measured; beside it `raw` (MW, as
        it came in), `verdict` and `reason`."""
        return self.known.frame.join(self.known.judged)

    @property
    def facts(self) -> dict[str, Any]:
        """For a manifest: source, first and last measured hour, rows (of them), stale_hours, the report, and
        where issued weather was looked for, `issued`."""
        measured = self.known.frame["demand"].dropna()
        return {
            "source": redacted(self.place),
            "rows": len(measured),
            "first_hour": measured.index[0].isoformat(),
            "last_hour": measured.index[-1].isoformat(),
            "stale_hours": self.stale_hours,
            "report": self.known.report.to_dict(),
            **({"issued": self.found.facts} if self.found.facts else {}),
        }


def read_window(
    run: Run,
    *,
    lookback_days: int,
    source: str | None = None,
    read: SourceFrame | None = None,
    weather_issued: str | None = None,
    weather_may_lack: bool = False,
) -> Window:
    """Reads `source` (else raw_demand where a database is configured, else the region's own source), unless
    `read` is what it holds: from as_of - lookback to the last known weather. Issued weather is that of the
    file `weather_issued`, else as `issues_for` finds it. `weather_may_lack`: as `hours_of` has it. Raises
    DataError where no hour of the lookback is measured.
    """
    database = database_url()
    place = source or (RAW_DEMAND_SOURCE if database else run.region.source)
    since = run.as_of - timedelta(days=lookback_days)
    raw = read or read_source(run.region, source=place)
    known = canonical(
        raw,
        run.region,
        as_of=run.as_of,
        since=since,
        overrulings=_overrulings(run, database),
        weather_may_lack=weather_may_lack,
    )
    for line in known.report.lines():
        log.info("%s", line)
    stale = stale_hours(known.frame, run.as_of)
    if stale:
        log.warning(
            "the last known demand is of %s: %s more hours before %s could be known; is the source late?",
            known.report.last_actual,
            stale,
            run.as_of.isoformat(),
        )
    found = issues_for(
        run.region, place=place, named=weather_issued, database=database, as_of=run.as_of, since=since
    )
    return Window(place, known, stale, found)


def _overrulings(run: Run, database: str | None) -> list[Overruling]:
    """What people said of the region's hours; nothing without a database."""
    if database is None:
        return []
    from trainer.database.connection import connect  # noqa: PLC0415  a file's window needs no driver
    from trainer.database.judgements import read_overrulings  # noqa: PLC0415

    with connect(database) as connection:
        return read_overrulings(connection, run.region.name)
