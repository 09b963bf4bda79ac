"""From what a source holds to the canonical frame that models read, and what is thought of its hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from trainer.contract import Region, Verdict
from trainer.data.files.parts import PARTS
from trainer.data.gaps import missing_hours
from trainer.data.grid import CONTRADICTION
from trainer.data.hours import hours_of, origin_of
from trainer.data.moved_stretches import moved_stretches
from trainer.data.plausibility import refuse_beyond_grids
from trainer.data.quality import Overruling, judge, measured_only, suspect_stretches
from trainer.data.reference import REFERENCE
from trainer.data.report import DataReport, Finding, recent_share
from trainer.data.sources import SourceFrame
from trainer.data.tables.columns import ColumnMapping
from trainer.data.weather.gaps import bridge_weather
from trainer.errors import DataError


@dataclass(frozen=True)
class Canonical:
    """A source as models read it, and beside it what came in."""

    frame: pd.DataFrame
    """DatetimeIndex `time`, UTC, hourly, no hour missing, each named by its beginning. `demand` (MW, NaN
    where missing, suspect or not yet lived), the region's weather columns (NaN where unknown for more than
    6 h), `reference` (MW), the grid operator's own forecast, where the source has one, and temperatures of
    places (`temperature_lille`), NaN where silent, where the region's own is their mean."""
    judged: pd.DataFrame
    """The hours of `frame`: `raw` (MW, as it came in), `verdict` (see `Verdict`) and `reason`."""
    report: DataReport


def canonical(
    raw: SourceFrame | pd.DataFrame,
    region: Region,
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
    now: datetime | None = None,
    overrulings: Sequence[Overruling] = (),
    weather_may_lack: bool = False,
) -> Canonical:
    """Reads, judges and masks a source.

    It begins with the first hour of which a demand came in and ends with the last of which anything is known.
    `as_of` (aware): demand of hours from floor(as_of, hour) on is masked, whatever it holds, and rows more
    than 168 hours after it are left out. `since` (aware): hours before it are judged with, then left out.
    `now` (aware; the clock by default): later demand is no measurement. `overrulings`: what people said of
    hours, the earliest first. `weather_may_lack`: as `hours_of` has it.
    Raises DataError where nothing can be said: for what cannot be read, and where no hour is measured.
    """
    if isinstance(raw, pd.DataFrame):
        frame = raw if raw.index.name is None else raw.reset_index()
        raw = SourceFrame(frame.reset_index(drop=True), "data frame")
    hours = hours_of(
        raw, region, as_of=as_of, now=now or datetime.now(UTC), weather_may_lack=weather_may_lack
    )
    frame, findings = _begun(hours.frame, hours.reasons, raw.place)
    past = frame.loc[: _last_row(frame, hours.reasons, as_of)]
    judged = judge(past["demand"], region, doubts=hours.reasons, overrulings=overrulings)
    judged.insert(0, "raw", past["demand"])
    whole = judged
    frame["demand"] = measured_only(past["demand"], judged).reindex(frame.index)
    refuse_beyond_grids(frame["demand"], raw.place)
    if since is not None:
        frame, judged = frame.loc[pd.Timestamp(since) :], judged.loc[pd.Timestamp(since) :]
    if frame["demand"].isna().all():
        raise DataError(_nothing_measured(raw.place, whole, judged, since, as_of))
    more = [*missing_hours(judged, region), *moved_stretches(frame["demand"].loc[judged.index], region)]
    frame, bridged = bridge_weather(frame, region, judged.index[-1] + pd.Timedelta(hours=1))
    findings = [*hours.findings, *findings, *more, *bridged]
    report = _report(raw, hours.mapping, region, frame, judged, findings)
    return Canonical(frame, judged, report)


def last_actual(history: pd.DataFrame) -> pd.Timestamp:
    """The last hour of the canonical frame whose demand is known."""
    return pd.Timestamp(history.index[int(history["demand"].notna().to_numpy().nonzero()[0][-1])])


def stale_hours(history: pd.DataFrame, as_of: datetime) -> int:
    """Hours between the last one whose demand is known and the last one that could be; 0 when up to date.

    `history`: the canonical frame, as of the same moment.
    """
    return max(0, (origin_of(as_of) - last_actual(history)) // pd.Timedelta(hours=1) - 1)


def _begun(
    frame: pd.DataFrame, doubts: dict[pd.Timestamp, str], place: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """From the first hour of which a demand came in to the last known anything."""
    begun = (frame["demand"].notna() | frame.index.isin(list(doubts))).to_numpy()
    if not begun.any():
        raise DataError(f"{place}: no row has demand; it needs the history, one row per hour")
    if frame["demand"].isna().all():
        hour = min(doubts)
        raise DataError(
            f"{place}: rows contradict each other at all of its {len(doubts)} hours, at {hour.isoformat()}: "
            f"{doubts[hour]}; choose one series by `where`, or say how times are written: time_format, "
            "date_columns (a clock of twelve hours needs its am and pm)"
        )
    first, last = frame.index[int(begun.argmax())], max([frame.dropna(how="all").index[-1], *doubts])
    before = int((frame.index < first).sum())
    findings = []
    if before:
        text = f"hours before the first demand, left out: {before}"
        findings = [Finding("leading_hours", before, text)]
    return frame.loc[first:last].copy(), findings


def _last_row(frame: pd.DataFrame, doubts: dict[pd.Timestamp, str], as_of: datetime | None) -> pd.Timestamp:
    """The last hour that can be judged: before `as_of`, or the last that something came in of."""
    if as_of is None:
        return max([*doubts, *([last_actual(frame)] if frame["demand"].notna().any() else [])])
    return min(pd.Timestamp(frame.index[-1]), origin_of(as_of) - pd.Timedelta(hours=1))


def _nothing_measured(
    place: str, whole: pd.DataFrame, judged: pd.DataFrame, since: datetime | None, as_of: datetime | None
) -> str:
    """`judged`: the hours of `whole` that were asked for."""
    within = "".join(
        f" {word} {moment.isoformat()}"
        for word, moment in (("from", since), ("before", as_of))
        if moment is not None
    )
    suspect = judged[judged["verdict"] == Verdict.SUSPECT.value]
    mend = "give later rows, or an earlier as_of"
    if len(suspect):
        measured = whole.index[whole["verdict"] == Verdict.MEASURED.value]
        since_then = suspect if measured.empty else whole.loc[measured[-1] :].iloc[1:]
        begun = since_then.index[int((since_then["verdict"] == Verdict.SUSPECT.value).argmax())]
        reasons = suspect["reason"].mask(suspect["reason"].str.startswith(CONTRADICTION), CONTRADICTION)
        mend = (
            f"{len(suspect)} are suspect, the last ones since {begun:%Y-%m-%d %H:%M} UTC "
            f"({'; '.join(sorted(set(reasons)))}): mend the file, or accept them with the verb judge"
        )
    if (whole["raw"].dropna() < 0).all():
        mend = 'all of it is below zero: if consumption is written so, say it in the region: unit = "-MW"'
    return (
        f"{place} holds {whole.index[0].isoformat()} to {whole.index[-1].isoformat()} and no hour{within} "
        f"whose demand was measured; {mend}"
    )


def _unused(raw: SourceFrame, mapping: ColumnMapping) -> tuple[str, ...]:
    """Without the column that names the part of a row where several were joined: no file has it."""
    is_joined = raw.is_file and raw.first_line is None
    return tuple(header for header in mapping.unused if not (is_joined and header in PARTS))


def _report(
    raw: SourceFrame,
    mapping: ColumnMapping,
    region: Region,
    frame: pd.DataFrame,
    judged: pd.DataFrame,
    findings: Sequence[Finding],
) -> DataReport:
    demand = frame["demand"]
    return DataReport(
        region=region.name,
        place=raw.place,
        columns=dict(mapping.headers),
        unused_columns=_unused(raw, mapping),
        rows=len(raw.frame),
        hours=len(frame),
        known_hours=int(demand.notna().sum()),
        reference_hours=int(frame[REFERENCE].count()) if REFERENCE in frame else 0,
        missing_hours=int((judged["verdict"] == Verdict.MISSING.value).sum()),
        first_hour=frame.index[0].isoformat(),
        last_actual=last_actual(frame).isoformat(),
        last_hour=frame.index[-1].isoformat(),
        demand_minimum=float(demand.min()),
        demand_mean=float(demand.mean()),
        demand_maximum=float(demand.max()),
        measured_share=recent_share(judged),
        suspect=suspect_stretches(judged),
        findings=tuple(findings),
    )
