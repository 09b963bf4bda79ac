"""Times of a local clock -> UTC, hours that the clocks repeat or leave out included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Final

import numpy as np
import pandas as pd

from trainer.data.files.parts import PARTS
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.data.stamps.clocks import change_on
from trainer.data.stamps.evidence import refuse_another_clock, second_passes
from trainer.errors import DataError


@dataclass(frozen=True)
class LocalClock:
    """A file's rows and what tells those of one time apart."""

    raw: SourceFrame
    zone: tzinfo
    distinguishing: list[str]
    """Headers whose cells tell a repeated hour from a copy of a row, that of demand first."""
    marks: pd.Series[str]
    """By row, such as CEST or B; empty without."""
    certain: bool
    """The region says that it is this clock: rows that speak against it are no question then."""

    def to_utc(self, stamps: pd.Series[pd.Timestamp]) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
        """`stamps` without a zone -> UTC, in order; rows of no existing hour are left out.

        - Clocks go back: of two different rows with the repeated time the first in the file is the first
          hour, unless their marks say summer and standard time; one alone is the first hour, and the second
          is missing. Samples at uneven times are of the second hour from where they go back.
        - Clocks go forward: a row for the hour that never was is dropped, unless the day lacks exactly as
          many rows at its end: such a file numbers the hours of the day, and they are moved to where they
          belong.
        Raises DataError for three rows of one repeated time, and where the rows speak of no clock that
        changes: then the region has to say which it is.
        """
        findings: list[Finding] = []
        if len(stamps) > 1 and _newest_first(stamps):
            stamps = stamps.iloc[::-1]
        if not self.certain:
            refuse_another_clock(self.raw, stamps, self.zone, self.distinguishing[0], self.marks)
        local = stamps.dt.tz_localize(
            self.zone, ambiguous=np.ones(len(stamps), dtype=bool), nonexistent="NaT"
        )
        never = local.isna()
        if never.any():
            stamps, findings = self._clock_forward(stamps, never)
        first_fold = np.ones(len(stamps), dtype=bool)
        repeated = stamps.dt.tz_localize(self.zone, ambiguous="NaT").isna()
        if repeated.any():
            first_fold[repeated.to_numpy()], more = self._first_folds(stamps[repeated])
            findings += more
        local = stamps.dt.tz_localize(self.zone, ambiguous=first_fold)
        return local.dt.tz_convert("UTC").sort_index(), findings

    def misfits(self, stamps: pd.Series[pd.Timestamp]) -> int:
        """How many of `stamps` this clock never showed, or did not show twice though they are there twice."""
        local = stamps.dt.tz_localize(self.zone, ambiguous="NaT", nonexistent="NaT")
        odd = local.isna()
        ambiguous = (
            odd
            & stamps.dt.tz_localize(
                self.zone, ambiguous=np.ones(len(stamps), dtype=bool), nonexistent="NaT"
            ).notna()
        )
        twice = stamps.duplicated(keep=False)
        return int((odd & ~ambiguous).sum() + (twice & ~ambiguous).sum() + (ambiguous & ~twice).sum())

    def _clock_forward(
        self, stamps: pd.Series[pd.Timestamp], never: pd.Series[bool]
    ) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
        """Drop the rows of hours that never were, or move a day that numbers its hours."""
        dropped: list[str] = []
        numbered: list[str] = []
        days = stamps.dt.normalize()
        stamps = stamps.copy()
        keep = pd.Series(True, index=stamps.index)
        for day in days[never].unique():
            of_day = days == day
            skip = -change_on(day, self.zone)
            present = set(stamps[of_day])
            first_never = stamps[of_day & never].min()
            last = day + timedelta(days=1) - skip
            contiguous = all(day + skip * n in present for n in range((last - day) // skip))
            if contiguous and not any(stamp >= last for stamp in present):
                numbered.append(f"{day:%Y-%m-%d}")
                later = of_day & (stamps >= first_never)
                stamps[later] += skip
            else:
                dropped.append(f"{first_never:%Y-%m-%d %H:%M}")
                keep &= ~(of_day & never)
        findings = []
        if numbered:
            text = f"days that number their 23 hours, moved: {_some(numbered)}"
            findings.append(Finding("numbered_hours", len(numbered), text))
        if dropped:
            text = (
                f"hours that never were in {self.zone} (clocks went forward), dropped: {_some(dropped)}; "
                "if the file keeps standard time all the year, say so in the region: "
                'stamp_timezone = "standard"'
            )
            findings.append(Finding("nonexistent_hour", int((~keep).sum()), text))
        return stamps[keep], findings

    def _first_folds(
        self, repeated: pd.Series[pd.Timestamp]
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], list[Finding]]:
        """For every row of a repeated hour, whether it belongs to the first of the two."""
        marks = self.marks.loc[repeated.index]
        rows = self.raw.frame.loc[repeated.index, self.distinguishing].assign(stamp=repeated, mark=marks)
        said = pd.Series(
            [self._says_first(stamp, mark) for stamp, mark in zip(repeated, marks, strict=True)],
            index=repeated.index,
            dtype=object,
        )
        if said.notna().all():
            return said.to_numpy().astype(bool), []
        # Copies of a row are told apart from the second hour by their values; two equal rows stay two hours.
        kinds = rows.drop_duplicates()
        place_among = kinds.groupby("stamp").cumcount()
        within = next((header for header in PARTS if header in self.raw.frame), None)
        if within and (place_among > 1).any():  # files that overlap: each has the two, perhaps revised
            rows = rows.assign(part=self.raw.frame.loc[repeated.index, within])
            kinds = rows.drop_duplicates()
            place_among = kinds.groupby(["stamp", "part"]).cumcount()
        if (place_among > 1).any():
            label = first_label(place_among > 1)
            raise DataError(
                f"{self.raw.place}: {self.raw.row_name(label)} is a third different row for "
                f"{repeated[label]}, an hour that the clocks repeat once; keep two, or write the stamps with "
                "their offset"
            )
        single = kinds["stamp"].value_counts() == 1
        copies = rows["stamp"].map(single).astype(bool) & rows.duplicated()
        merged = rows.reset_index().merge(
            kinds.assign(place_among=place_among), on=list(rows.columns), how="left"
        )
        first = (merged["place_among"].to_numpy() == 0) & ~copies.to_numpy()
        days = repeated.dt.normalize()
        second = pd.Series(False, index=repeated.index)
        for _, of_day in repeated.groupby(days):
            second[of_day.index] = second_passes(of_day)
        first &= ~second.to_numpy()
        single = repeated[~days.isin(days[second])].value_counts() == 1
        alone = sorted(f"{stamp:%Y-%m-%d %H:%M}" for stamp in single.index[single])
        if not alone:
            return first, []
        text = f"hours that the clocks repeat, given once and taken as the first: {_some(alone)}"
        return first, [Finding("repeated_hour_once", len(alone), text)]

    def _says_first(self, stamp: pd.Timestamp, mark: str) -> bool | None:
        """Whether a mark is the zone's own word, or the usual letter, for the first or the second passing of
        `stamp`."""
        if not mark:
            return None
        if mark in _LETTERS:
            return mark == "A"
        local = stamp.to_pydatetime()
        for fold in (0, 1):
            if local.replace(tzinfo=self.zone, fold=fold).tzname() == mark:
                return fold == 0
        return None


_LETTERS: Final = frozenset({"A", "B"})
"""Of the first and the second passing of a repeated hour."""


def _newest_first(stamps: pd.Series[pd.Timestamp]) -> bool:
    """Whether times go back from row to row, all but where the clocks did so or a day begins."""
    steps = np.diff(stamps.to_numpy())
    return bool((steps < np.timedelta64(0)).sum() > len(steps) / 2)


def _some(names: list[str], shown: int = 5) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
