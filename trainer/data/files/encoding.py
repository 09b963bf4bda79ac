"""The text that bytes are."""

from __future__ import annotations

import codecs
from types import MappingProxyType
from typing import Final

from trainer.contract import Region
from trainer.errors import DataError

_CODE_PAGES: Final = MappingProxyType(
    {
        **{"KR": "cp949", "JP": "cp932", "CN": "gb18030", "TW": "cp950", "HK": "cp950", "TH": "cp874"},
        **dict.fromkeys(("PL", "CZ", "SK", "HU", "SI", "HR", "RO", "BA", "AL"), "cp1250"),
        **dict.fromkeys(("BG", "MK", "RS", "RU", "UA", "BY", "KZ", "KG"), "cp1251"),
        **dict.fromkeys(("GR", "CY"), "cp1253"),
        **dict.fromkeys(("EE", "LV", "LT"), "cp1257"),
        **{"TR": "cp1254", "IL": "cp1255", "VN": "cp1258"},
    }
)
"""By country, the code page of its spreadsheets, where it is not that of western Europe."""
_BYTE_ORDER_MARKS: Final = MappingProxyType(
    {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
)


def decoded(content: bytes, region: Region, place: str) -> str:
    """`content` by the region's encoding, its byte order mark, as UTF-8, or by the country's code page.

    Raises DataError for text in none of these.
    """
    if region.files.encoding:
        encodings = [region.files.encoding]
    elif mark := next((mark for mark in _BYTE_ORDER_MARKS if content.startswith(mark)), None):
        encodings = [_BYTE_ORDER_MARKS[mark]]
    else:
        own = _CODE_PAGES.get(region.country)
        # Text in the code pages of East Asia is practically never valid UTF-8, nor is western text ever valid
        # in those of its own country, so the order decides rightly.
        encodings = ["utf-8", *([own] if own else []), "cp949", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        f"{place}: text is not {' nor '.join(encodings)}; save the file as UTF-8 (in spreadsheets: 'CSV "
        'UTF-8\'), or name its encoding in the region: encoding = "latin-1"'
    )
