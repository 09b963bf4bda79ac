"""Times that change on the way from beginnings to ends of intervals, or to UTC, as the seam shows."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

import pandas as pd

from trainer.data.files.parts import PARTS
from trainer.data.grid import usual_step
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.stamps.fields import StampFields

ENDS: Final = "end"
UTC: Final = "UTC"
_DAY: Final = pd.Timedelta(days=1)
_NOTHING: Final = pd.Timedelta(0)


def rows_read_otherwise(
    found: pd.Series[pd.Timestamp] | StampFields,
    stamps: pd.Series[pd.Timestamp],
    raw: SourceFrame,
    zone: tzinfo,
    *,
    certain: bool,
) -> tuple[dict[str, pd.Index], list[Finding]]:
    """Labels of the rows that are `ENDS` of intervals or `UTC` where the others are beginnings by the clock
    of `zone`; nothing where all are alike. `found`: `stamps` as read; `certain`: the clock is said."""
    if isinstance(found, StampFields) and len(ends := _ends_at_24_beside_0(found)):
        return {ENDS: ends}, []
    if certain or stamps.dt.tz is not None:
        return {}, []
    return _parts_that_adjoin_otherwise(stamps, raw, zone)


def _ends_at_24_beside_0(fields: StampFields) -> pd.Index:
    """Those of days that have a 24:00 and no 00:00, before or after days that have a 00:00, where the two
    adjoin only so."""
    at_24, at_0 = (set(fields.day[fields.clock == clock]) for clock in (_DAY, _NOTHING))
    if not at_24 or not at_0 or at_24 & at_0:
        return pd.Index([])
    are_ends, times = fields.day.isin(at_24), fields.day + fields.clock
    ends, begins, step = times[are_ends], times[~are_ends], usual_step(pd.DatetimeIndex(times))
    after = begins.max() + step == ends.min() - step and min(at_24) > max(at_0)
    before = ends.max() == begins.min() and max(at_24) < min(at_0)
    return ends.index if after or before else pd.Index([])


def _parts_that_adjoin_otherwise(
    stamps: pd.Series[pd.Timestamp], raw: SourceFrame, zone: tzinfo
) -> tuple[dict[str, pd.Index], list[Finding]]:
    """Of several files or sheets those that do not adjoin to the one before them, do so in one of these
    readings, and are of whole days only then; they are told of."""
    header = next((header for header in PARTS if header in raw.frame), None)
    found: dict[str, pd.Index] = {}
    if header is None:
        return found, []
    parts = raw.frame.loc[stamps.index, header].astype("str")
    step, findings = usual_step(pd.DatetimeIndex(stamps)), list[Finding]()
    until: pd.Timestamp | None = None
    for name in stamps.groupby(parts).min().sort_values(kind="stable").index:
        of_part = stamps[parts == name]
        if until is not None and of_part.min() != until and not _ends_a_day(of_part, step):
            utc = of_part.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
            readings = {ENDS: of_part - step, UTC: utc}
            fitting = [
                how for how, each in readings.items() if each.min() == until and _ends_a_day(each, step)
            ]
            if len(fitting) == 1:
                of_part = readings[fitting[0]]
                found[fitting[0]] = found.get(fitting[0], pd.Index([])).append(of_part.index)
                how = "ends of their intervals" if fitting == [ENDS] else "UTC"
                text = f"{header} {name!r}: times read as {how}, since they follow those before only so"
                findings.append(Finding("seam", len(of_part), text))
        until = of_part.max() + step
    return found, findings


def _ends_a_day(stamps: pd.Series[pd.Timestamp], step: pd.Timedelta) -> bool:
    end = stamps.max() + step
    return bool(end == end.normalize())
