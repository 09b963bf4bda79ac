"""The spellings of times, as regular expressions whose groups are the parts of a time."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import Final

_WEEKDAY: Final = r"(?:[^\W\d_]{2,9}[.,]?\s+)?"
_AFTER_DATE: Final = r"(?:\s*\([^\W\d]{1,3}\))?"
_DAY_OF_DIGITS: Final = r"(?P<year>(?:19|20)\d{2})(?P<month>0\d|1[0-2])(?P<day>[0-3]\d)"
_DATES: Final = MappingProxyType(
    {
        "year first": r"(?P<year>\d{4})\s*[-/.년年 ]\s*(?P<month>\d{1,2})\s*[-/.월月 ]\s*"
        r"(?P<day>\d{1,2})(?:\.|\s?[일日])?",
        "day first": r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2})[-/. ](?P<year>\d{4}|\d{2})\.?",
        "month first": r"(?P<month>\d{1,2})[-/ ](?P<day>\d{1,2})[-/ ](?P<year>\d{4}|\d{2})",
        "short year first": r"(?P<year>\d{2})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\.?",
        "day and name": r"(?P<day>\d{1,2})[-/. ]*(?:de )?(?P<name>[^\W\d_]{3,10})\.?[-/, ]*(?:de )?"
        r"(?P<year>\d{4}|\d{2})",
        "name and day": r"(?P<name>[^\W\d_]{3,10})\.?\s*(?P<day>\d{1,2}),?\s*(?P<year>\d{4})",
        "digits": _DAY_OF_DIGITS,
        "digits alone": _DAY_OF_DIGITS,
    }
)
_CLOCK: Final = (
    r"(?:(?P<before>오전|오후|午前|午後|上午|下午)\s*)?(?P<hour>\d{1,2})(?P<again>[ABab*])?\s*(?:[:hH시時]|\.(?=[0-5]\d(?!\d)))"
    r"\s*(?P<minute>\d{2})\s*[분分]?"
    r"(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?"
)
_HALF_DAY: Final = r"(?P<hour12>\d{1,2})\s*(?P<half12>[AaPp][Mm])"
_DIGITS: Final = r"(?P<digits>\d{3,4}|\d{6})(?![:\d])"
_NUMBER: Final = (
    r"(?:(?i:hour|period|HE|SP|TP|QH|H|P)[ _.#]*)?(?P<number>\d{1,3})\s*[hH시時]?(?:\s?00)?(?![:\d])"
)
_OFFSET: Final = (
    r"\s*(?P<offset>Z|(?:UTC|GMT)\s?[+\-\N{MINUS SIGN}]\d{1,2}(?::?\d{2})?|UTC|GMT|\+\d"
    r"|[+\-\N{MINUS SIGN}]\d{2}(?::?\d{2})?)?(?!\d)"
)
_MARK: Final = r"\s*(?P<mark>\*|\(?[A-Za-z]{1,5}\)?)?"
_UNTIL: Final = r"(?:\s*(?:-|\N{EN DASH}|~|\N{FULLWIDTH TILDE}|\N{WAVE DASH}|to|bis)\s*.*\d.*)?"
_TIME: Final = rf"(?:{_CLOCK}|{_HALF_DAY}|{_DIGITS}|{_NUMBER})"
_REST: Final = rf"(?:(?:[T,;:_\s]+|(?<=[일日])){_TIME})?{_OFFSET}{_MARK}{_UNTIL}\s*"
_REST_OF_DIGITS: Final = (
    rf"(?:(?:{_CLOCK}|(?P<digits>\d{{4}}|\d{{6}})|(?P<hour12>\d{{2}})))?{_OFFSET}{_MARK}{_UNTIL}\s*"
)
_DIRECTIVES: Final = MappingProxyType(
    {
        "Y": r"(?P<year>\d{4})",
        "y": r"(?P<year>\d{2})",
        "m": r"(?P<month>\d{1,2})",
        "d": r"(?P<day>\d{1,2})",
        "b": r"(?P<name>[A-Za-z]{3})\.?",
        "B": r"(?P<name>[A-Za-z]{3,9})",
        "H": r"(?P<hour>\d{1,2})",
        "I": r"(?P<hour>\d{1,2})",
        "M": r"(?P<minute>\d{2})",
        "S": r"(?P<second>\d{2})",
        "f": r"\d{1,9}",
        "p": r"(?P<half>[AaPp]\.?[Mm]\.?)",
        "z": r"(?P<offset>Z|[+\-]\d{2}:?\d{2})",
        "Z": r"(?P<mark>[A-Za-z]{1,5})",
        "a": r"[^\W\d_]{2,4}\.?",
        "A": r"[^\W\d_]+",
        "j": r"(?P<day_of_year>\d{1,3})",
        "%": "%",
    }
)
PARTS_OF_DATE: Final = ("year", "month", "day", "name", "day_of_year")
PARTS_OF_TIME: Final = ("hour", "hour12", "digits", "number")


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """Of every spelling that is read without a setting."""
    return tuple(
        re.compile(rf"\s*{_WEEKDAY}{date}{_AFTER_DATE}{_REST_OF_DIGITS if name == 'digits alone' else _REST}")
        for name, date in _DATES.items()
    )


@cache
def of_format(time_format: str) -> re.Pattern[str]:
    """The regular expression of a strptime format; what it lacks after a date is read as usual."""
    seen: set[str] = set()
    parts = []
    for part in re.findall(r"%[a-zA-Z%]|%|[^%]+", time_format):
        expression = _DIRECTIVES.get(part[1:]) if part.startswith("%") else None
        if expression is None:
            parts.append(re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(part)))
            continue
        for name in re.findall(r"\?P<(\w+)>", expression):
            if name in seen:
                expression = re.sub(rf"\?P<{name}>", "?:", expression)
            seen.add(name)
        parts.append(expression)
    rest = "" if "hour" in seen else rf"(?:[T,;:_\s]+{_TIME})?"
    offset = "" if "offset" in seen else _OFFSET
    mark = "" if "mark" in seen else _MARK
    return re.compile(rf"\s*{''.join(parts)}{rest}{offset}{mark}{_UNTIL}\s*")
