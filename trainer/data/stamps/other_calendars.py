"""How dates of Taiwan, Japan and Iran are written in their own calendars, and what they are in ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import pandas as pd

from trainer.data.stamps.jalali import to_gregorian

_BEFORE_REPUBLIC: Final = 1911
"""The year before the first of the Republic of China."""
_BEFORE_ERA: Final = MappingProxyType(
    {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
)
_MONTH_AND_DAY: Final = r"[-/. ]\d{1,2}[-/. ]\d{1,2}(?!\d)"
_MONTH_AND_DAY_OF_DIGITS: Final = r"(?:0[1-9]|1[0-2])[0-3]\d(?!\d)"
_LATIN_DIGITS: Final = {zero + digit: str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
"""For those of Arabic and Persian."""


def with_latin_digits(text: str) -> str:
    """`text` with digits and letters as they are written here, whatever their width or script."""
    return unicodedata.normalize("NFKC", text).translate(_LATIN_DIGITS)


@dataclass(frozen=True)
class Calendar:
    """One way to write dates at the beginning of a time."""

    kind: str
    name: str
    written: re.Pattern[str]
    ours: Callable[[re.Match[str]], str]
    """What goes in place of what `written` finds."""
    countries: tuple[str, ...] = ()
    """Those of regions whose dates are meant so; none where nothing else is written so anywhere."""
    header: str = ""
    """What a header says instead, a regular expression."""
    otherwise: str = ""
    """What such a date may be elsewhere."""
    proof: re.Pattern[str] | None = None
    """What one date at least has to match beside `written`."""
    is_certain: bool = True
    """No setting says another way to read what is written so."""

    def has(self, first: pd.Series[str], texts: pd.Series[str]) -> bool:
        """Whether all of the `first` ones of `texts` are its dates."""
        if not first.str.match(self.written).all():
            return False
        return self.proof is None or bool(texts.str.match(self.proof).any())

    def is_meant(self, country: str, header: str) -> bool:
        """Whether a region's country, or the header of its times, says that dates are of this calendar."""
        said = self.header and re.search(self.header, header, re.IGNORECASE)
        return not self.countries or country in self.countries or bool(said)

    def as_ours(self, text: str) -> str:
        """A time with its date in ours, as it is where it begins with no date of this calendar."""
        plain = with_latin_digits(text)
        found = self.written.match(plain)
        return self.ours(found) + plain[found.end() :] if found else text


def _year_of_republic(found: re.Match[str]) -> str:
    return str(_number(found["year"]) + _BEFORE_REPUBLIC)


def _year_of_era(found: re.Match[str]) -> str:
    return str(_number(found["year"]) + _BEFORE_ERA[found["era"]])


def _number(year: str) -> int:
    """Of the first one there is a word."""
    return 1 if year == "元" else int(year)


def _day_of_iran(found: re.Match[str]) -> str:
    """With a `?`, by which no time is read, where the calendar has no such day."""
    day = to_gregorian(int(found["year"]), int(found["month"]), int(found["day"]))
    if day is None:
        return f"?{found[0]}"
    return f"{day.year}{found['sign']}{day.month:02d}{found['sign']}{day.day:02d}"


_IRAN: Final = Calendar(
    "jalali_dates",
    "of Iran's calendar",
    re.compile(r"(?P<year>1[34]\d\d)(?:(?P<sign>[-/. ])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d))"),
    _day_of_iran,
    countries=("IR", "AF"),
    header="شمسی|jalali|persian|solar.?hijri|shamsi|khorshidi",
    otherwise="of Iran's calendar, or of the lunar one of Islam",
)
CALENDARS: Final = (
    Calendar(
        "roc_years",
        "of the Republic of China",
        re.compile(r"(?:(?:中華)?民[國国]\s*)(?P<year>\d{1,3}|元)(?=\s*年|[-/.]\d)"),
        _year_of_republic,
    ),
    Calendar(
        "roc_years", "of the Republic of China", re.compile(r"(?P<year>1\d\d)(?=\s*年)"), _year_of_republic
    ),
    Calendar(
        "roc_years",
        "of the Republic of China",
        re.compile(rf"(?P<year>1\d\d|[5-9]\d)(?={_MONTH_AND_DAY}|(?<=\d\d\d){_MONTH_AND_DAY_OF_DIGITS})"),
        _year_of_republic,
        countries=("TW",),
        header="民[國国]",
        otherwise="of Taiwan's calendar, or its year is counted from 1900",
        proof=re.compile(r"1\d\d"),
        is_certain=False,
    ),
    Calendar(
        "era_years",
        "of Japan's eras",
        re.compile(r"(?P<era>令和|平成|昭和)\s*(?P<year>\d{1,2}|元)(?=\s*年|[-/.]\d)"),
        _year_of_era,
    ),
    Calendar(
        "era_years",
        "of Japan's eras",
        re.compile(rf"(?P<era>[RHS])\s?(?P<year>\d{{1,2}})(?={_MONTH_AND_DAY}|年)"),
        _year_of_era,
        countries=("JP",),
        header="和暦|元号",
        otherwise="of an era of Japan, or has a mark before it",
        is_certain=False,
    ),
    _IRAN,
    replace(
        _IRAN,
        written=re.compile(r"(?P<year>1[34]\d\d)(?P<sign>)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?!\d)"),
        is_certain=False,
    ),
)
