"""Hours without demand and suspect ones, as people read them."""

from __future__ import annotations

import pandas as pd

from trainer.contract import Region, Verdict
from trainer.data.grid import CONTRADICTION
from trainer.data.report import Finding
from trainer.data.runs import runs


def missing_hours(judged: pd.DataFrame, region: Region) -> list[Finding]:
    """What nobody measured and what is suspect, for people. `judged`: consecutive UTC hours that have been
    lived, columns verdict and reason."""
    index = pd.DatetimeIndex(judged.index)
    missing = runs((judged["verdict"] == Verdict.MISSING.value).to_numpy())
    findings = []
    if missing:
        hours = sum(end - start for start, end in missing)
        text = (
            f"hours without demand, neither trained on nor scored: {hours} ({named(index, missing, region)})"
        )
        findings.append(Finding("demand_gap", hours, text))
    reasons = judged["reason"].where(judged["verdict"] == Verdict.SUSPECT.value, "")
    kinds = reasons.mask(reasons.str.startswith(CONTRADICTION), CONTRADICTION)
    for kind in kinds[kinds != ""].unique():
        of_kind = (kinds == kind).to_numpy()
        odd = runs(of_kind)
        hours = sum(end - start for start, end in odd)
        reason = reasons.iloc[int(of_kind.argmax())]  # contradictions name rows each: told are the first's
        text = f"suspect hours, left out like missing ones: {hours}, {reason} ({named(index, odd, region)})"
        findings.append(Finding("suspect", hours, text))
    return findings


def named(index: pd.DatetimeIndex, stretches: list[tuple[int, int]], region: Region, shown: int = 5) -> str:
    """The stretches for people, in the region's local time."""
    parts = []
    for start, end in stretches[:shown]:
        first = index[start].tz_convert(region.zone)
        if end - start == 1:
            parts.append(f"{first:%Y-%m-%d %H:%M}")
        else:
            parts.append(
                f"{first:%Y-%m-%d %H:%M} .. {index[end - 1].tz_convert(region.zone):%Y-%m-%d %H:%M} "
                f"({end - start} h)"
            )
    more = f" and {len(stretches) - shown} more" if len(stretches) > shown else ""
    return ", ".join(parts) + more + f" {region.timezone}"
