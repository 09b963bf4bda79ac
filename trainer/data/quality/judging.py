"""The rules in their order, and what people said over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Judgement, Region, Verdict
from trainer.data.quality.copied import copied
from trainer.data.quality.flat_line import flat_lines
from trainer.data.quality.level import ACCEPTED_AFTER_DAYS, levels
from trainer.data.quality.sign import is_signed, non_positive
from trainer.data.quality.spike import spikes
from trainer.data.quality.straight_line import straight_lines

_NOT_POSITIVE: Final = "zero or negative, which this series never is"
_FLAT: Final = "flat line: is a meter stuck?"
_STRAIGHT: Final = "straight line: was an outage filled in?"
_COPIED: Final = "hour by hour as a day, a week or a year before: was an outage filled in?"
_SPIKE: Final = "spike: far outside of what is usual at that hour"
_UNIT: Final = "about a thousand times off: kW?"
_JUMP: Final = f"level jump: accepted once it has held for {ACCEPTED_AFTER_DAYS} days"


@dataclass(frozen=True)
class Overruling:
    """What a person said of the hours `first` to `last`, both included (UTC)."""

    first: pd.Timestamp
    last: pd.Timestamp
    judgement: Judgement
    decided_by: str
    reason: str


def judge(
    demand: pd.Series[float],
    region: Region,
    *,
    doubts: Mapping[pd.Timestamp, str] | None = None,
    overrulings: Sequence[Overruling] = (),
) -> pd.DataFrame:
    """By hour of `demand` (MW as it came in, consecutive UTC hours, NaN where nothing did): columns `verdict`
    and `reason`, the latter empty for measured hours.

    `doubts`: hours that the source itself leaves in doubt, and why. `overrulings`: the earliest first, since
    the last word on an hour holds; nobody can accept what is missing.
    """
    index = pd.DatetimeIndex(demand.index)
    values = demand.to_numpy(dtype=np.float64)
    reason = np.full(len(values), "", dtype=object)
    accepted, rejected = np.zeros(len(values), dtype=bool), np.full(len(values), "", dtype=object)
    for overruling in overrulings:
        spoken_of = np.asarray((index >= overruling.first) & (index <= overruling.last))
        accepted[spoken_of] = overruling.judgement is Judgement.ACCEPTED
        rejected[spoken_of] = f"rejected by {overruling.decided_by}: {overruling.reason}"
    accepted &= np.isfinite(values)
    for hours, text in _found(values, index, region, accepted):
        reason[hours & (reason == "")] = text
    reason = np.where(rejected == "", reason, np.where(accepted, "", rejected))
    missing = np.isnan(values)
    verdict = np.where(reason != "", Verdict.SUSPECT.value, Verdict.MEASURED.value).astype(object)
    verdict[missing], reason[missing] = Verdict.MISSING.value, ""
    for hour, text in (doubts or {}).items():
        if hour in index:
            verdict[index.get_loc(hour)], reason[index.get_loc(hour)] = Verdict.SUSPECT.value, text
    return pd.DataFrame({"verdict": verdict, "reason": reason}, index=demand.index)


def measured_only(demand: pd.Series[float], judged: pd.DataFrame) -> pd.Series[float]:
    """`demand` with NaN where `judged` (as `judge` returns it) does not call it measured."""
    return demand.where(judged["verdict"] == Verdict.MEASURED.value)


def _found(
    values: np.ndarray, index: pd.DatetimeIndex, region: Region, accepted: np.ndarray
) -> list[tuple[np.ndarray, str]]:
    """Each rule sees only what those before it left, so that one fault is not the measure of the next; what a
    person `accepted` (hours,) is left to all of them."""
    local = index.tz_convert(region.zone).tz_localize(None).to_numpy()
    day = local.astype("datetime64[D]").astype(np.int64)
    left = values.copy()
    found: list[tuple[np.ndarray, str]] = []

    def take(hours: np.ndarray, text: str) -> None:
        left[hours & ~accepted] = np.nan
        found.append((hours, text))

    flat = flat_lines(left)
    take(non_positive(left), _NOT_POSITIVE)
    take(flat & np.isfinite(left), _FLAT)
    signed = is_signed(left)
    if np.isfinite(left).any():
        of_level = levels(left, day - day[0], accepted)
        take(of_level.unit, _UNIT)
        take(of_level.jump, _JUMP)
        take(straight_lines(left), _STRAIGHT)
        take(copied(left), _COPIED)
        take(spikes(left, signed=signed), _SPIKE)
    return found
