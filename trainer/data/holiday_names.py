"""What kind of holiday a name stands for: the same over the years, whatever the date."""

from __future__ import annotations

import re
from typing import Final

SUBSTITUTE: Final = "substitute"
"""The kind of every day off that is given for a holiday which fell on another day off."""

_SUBSTITUTE: Final = re.compile(
    r"alternative holiday|substitut|\bobserved\b|in lieu|compensat|transferred|additional closing",
    re.IGNORECASE,
)
_PLACE_IN_HOLIDAY: Final = re.compile(
    r"^(the )?(day (preceding|before|following|after)|"
    r"(first|second|third|fourth|fifth|sixth|seventh|eighth) day of)\s+(the )?",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"\((estimated|regional)[^)]*\)", re.IGNORECASE)


def is_substitute(name: str) -> bool:
    """Whether the English name says that the day stands in for a holiday on another day."""
    return _SUBSTITUTE.search(name) is not None


def holiday_base(name: str) -> str:
    """The holiday that a day belongs to: `The day preceding Korean New Year` -> `korean_new_year`."""
    base = _PLACE_IN_HOLIDAY.sub("", _REMARK.sub("", name).strip())
    return re.sub(r"\W+", "_", base.replace("'", "").casefold()).strip("_")
