"""Hours of a source that stand under other headers, as where a publisher changed his columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.grid import CONTRADICTION
from trainer.data.report import Finding
from trainer.data.weather.columns import places_of
from trainer.data.weather.places import mean_of_places
from trainer.errors import DataError

LEFT_OUT: Final = "other_table_left_out"
"""Kind of the findings that tell of those that were not joined."""
_KNOWN: Final = 0.5
"""Share of a table's hours that others know already, beyond which it is another series and no later part."""


@dataclass(frozen=True)
class OtherTable:
    """One of them, read by itself."""

    name: str
    """As people are told of it."""
    frame: pd.DataFrame
    """As `SourceHours.frame` has it."""
    reasons: Mapping[pd.Timestamp, str]
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Joined:
    frame: pd.DataFrame
    reasons: dict[pd.Timestamp, str]
    findings: list[Finding] = field(default_factory=list)


def with_others(
    frame: pd.DataFrame,
    reasons: Mapping[pd.Timestamp, str],
    others: Sequence[OtherTable | tuple[str, DataError]],
    region: Region,
) -> Joined:
    """`frame` (as `SourceHours.frame` has it) and the hours of the `others` that it does not know. An hour of
    which both say another demand is in doubt; tables of hours that are known already, and such as cannot be
    read, are left out and told of.
    """
    joined = Joined(frame, dict(reasons))
    for other in others:
        if isinstance(other, tuple):
            name, error = other
            joined.findings.append(
                Finding(LEFT_OUT, 1, f"{name}, which is written otherwise, is left out: {error}")
            )
        elif _is_known(joined.frame, other.frame):
            text = (
                f"{other.name}, which is written otherwise, is left out: others know most of its hours; "
                "`where` chooses it"
            )
            joined.findings.append(Finding(LEFT_OUT, len(other.frame), text))
        else:
            joined = _with(joined, other, region)
    return joined


def _is_known(frame: pd.DataFrame, other: pd.DataFrame) -> bool:
    own = other["demand"].dropna().index
    return not len(own) or bool(frame["demand"].reindex(own).notna().mean() > _KNOWN)


def _with(joined: Joined, other: OtherTable, region: Region) -> Joined:
    index = joined.frame.index.union(other.frame.index)
    hours = pd.date_range(index[0], index[-1], freq="h", name="time")
    ours, theirs = joined.frame.reindex(hours), other.frame.reindex(hours)
    columns = list(dict.fromkeys([*ours.columns, *theirs.columns]))
    frame = ours.combine_first(theirs)[columns]
    both = (ours["demand"].notna() & theirs["demand"].notna()).to_numpy()
    differ = both & ~np.isclose(ours["demand"], theirs["demand"], rtol=1e-6)
    reasons = {**other.reasons, **joined.reasons}
    for hour in hours[differ]:
        said = f"demand {ours['demand'][hour]:g}; {other.name}: demand {theirs['demand'][hour]:g}"
        reasons[hour] = f"{CONTRADICTION} ({said})"
    frame.loc[frame.index.isin(list(reasons)), "demand"] = float("nan")
    for weather in region.weather:
        names = [places_of(weather, list(each.columns)) for each in (ours, theirs)]
        if all(names) and {*names[0]} != {*names[1]}:  # another town is no change of the weather
            mean = mean_of_places(frame[list(dict.fromkeys([*names[0], *names[1]]))])
            frame[weather] = mean.where(mean.notna(), frame[weather])
    text = (
        f"{other.name}, which is written otherwise, was read by itself: "
        f"{int(theirs['demand'].count()):,} hours of demand"
    )
    told = [Finding("other_table", len(other.frame), text)]
    told += [Finding(each.kind, each.count, f"{other.name}: {each.text}") for each in other.findings]
    return Joined(frame, reasons, [*joined.findings, *told])
