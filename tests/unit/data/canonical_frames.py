"""A series of two weeks, and how it comes out of the canonical frame."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tests.unit.data.series import KOREA, NOW, hours_of, load, naive
from trainer.contract import Region
from trainer.data.report import DataReport
from trainer.data.sources import SourceFrame
from trainer.data.validation import canonical

PLAIN = replace(KOREA, weather=())
TWO_WEEKS = load(hours_of(PLAIN, "2024-03-01", 14), PLAIN)


def read(frame: pd.DataFrame, region: Region = PLAIN) -> tuple[pd.DataFrame, DataReport]:
    found = canonical(frame, region, now=NOW)
    return found.frame, found.report


def kinds(report: DataReport) -> list[str]:
    return [finding.kind for finding in report.findings]


def same(history: pd.DataFrame, frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(history, frame, check_freq=False, check_index_type=False, rtol=1e-12)


def with_value(value: object, row: int = 100) -> SourceFrame:
    frame = naive(TWO_WEEKS, PLAIN).astype({"demand": object})
    frame.loc[row, "demand"] = value
    return SourceFrame(frame, "f.csv", first_line=2)
