"""Which sign parts thousands and which is decimal in the numbers of a column, as all of them together say."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from trainer.data.sources import SourceFrame
from trainer.errors import DataError

_LOOK: Final = 200
"""Rows of other columns that tell how numbers are written."""
_BLANKS: Final = (
    r"(?<=\d)[\s'\N{RIGHT SINGLE QUOTATION MARK}\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}_](?=\d{3})"
)
"""Between thousands."""
_WITH_COMMA: Final = r"[+\-]?[\d.,]*\d?,\d*[\d.,]*"
_FEWEST_COMMAS: Final = 0.02
"""Share of a column's numbers that have a comma, from which on it can be the way that they are written."""
_GROUP: Final = 3
"""Digits between the signs that part thousands."""
_WITH_POINTS: Final = r"[+\-]?[1-9]\d{0,2}(?:\.\d{3})+"
"""A number that points may part into thousands."""
_BELOW_A_THOUSAND: Final = r"[+\-]?(?:0|[1-9]\d{0,2})"
_DIGITS: Final = r"[+\-]?[\d.,]*\d[\d.,]*"
_FEWEST_ALIKE: Final = 12
"""Numbers that are written with another decimal sign than others: fewer may be slips."""
_ONLY_DECIMAL: Final = tuple(
    rf"[+\-]?(?:\d*{sign}(?:\d{{1,2}}|\d{{4,}})|(?:0|\d{{4,}}){sign}\d{{3}}|\d{{1,3}}(?:{other}\d{{3}})+{sign}\d*)"
    for sign, other in ((r"\.", ","), (",", r"\."))
)
"""Numbers in which a point, or a comma, can part no thousands."""
_ONE_SIGN: Final = r"[+\-]?\d*[.,]?\d*"
_FEWEST_OF_THOUSANDS: Final = 44
"""Numbers with three digits behind the point, from which on no writer is left who writes 2.5 for 2.500: one
of ten would be shorter."""
_POINTS_PART: Final = (
    "AD AL AR AT BA BE BO BR CL CO CR CY DE DK EC ES FO GR HR ID IS IT LU ME MK NL PT PY RO RS SI TR UY VE VN"
)
"""Countries where points part thousands, and a file may."""


def as_written(
    raw: SourceFrame, header: str, cells: pd.Series, plain: pd.Series[float], decimal: str | None
) -> pd.Series[float]:
    """Numbers as people write them, thousands parted and with a decimal comma; `plain`: as Python reads them.

    Where no `decimal` sign is said, the column says what a comma is: it parts thousands where every one is
    followed by three digits and some number has two, or more than three digits before the first; decimal
    where some is followed by another count of digits. Where both signs are decimal, as where a publisher
    changed how he writes, each number tells its own. Raises DataError where that leaves it open and matters.
    """
    texts = cells.astype("str").str.strip().str.replace(_BLANKS, "", regex=True)
    known = texts[cells.notna()]
    if decimal is None:
        with_comma = known[known.str.fullmatch(_WITH_COMMA)]
        if all(known.str.fullmatch(only).sum() >= _FEWEST_ALIKE for only in _ONLY_DECIMAL):
            return _each_as_written(texts, known)
        if known.empty or len(with_comma) < _FEWEST_COMMAS * len(known):  # a slip says nothing of the others
            return plain.where(plain.notna(), pd.to_numeric(texts, errors="coerce"))
        decimal = _decimal_of(with_comma, known)
        if decimal is None:
            raise _undecided(raw, header, cells, int(with_comma.index[0]))
    return _with_sign(texts, decimal)


def _each_as_written(texts: pd.Series[str], known: pd.Series[str]) -> pd.Series[float]:
    """Numbers of a column that writes some with a decimal point and some with a comma: a sign alone is
    decimal, but unknown where it can part thousands as it does in others; of several the last one is."""
    several = _with_sign(texts, ",")
    several = several.where(several.notna(), _with_sign(texts, "."))
    alone = pd.to_numeric(texts.str.replace(",", ".", regex=False), errors="coerce").astype("float64")
    for sign in (r"\.", ","):
        if known.str.contains(rf"{sign}\d{{3}}[.,]", regex=True).any():
            alone = alone.mask(texts.str.fullmatch(rf"[+\-]?[1-9]\d{{0,2}}{sign}\d{{3}}"))
    return alone.where(texts.str.fullmatch(_ONE_SIGN), several)


def _with_sign(texts: pd.Series[str], decimal: str) -> pd.Series[float]:
    """Numbers of which `decimal` is the decimal sign, and the other may part thousands; NaN for others."""
    thousands = "," if decimal == "." else "."
    sign, lakhs = re.escape(thousands), rf"(?:{re.escape(thousands)}\d\d)*"  # 1,92,345 in India
    grouped = texts.str.fullmatch(
        rf"[+\-]?\d{{1,3}}(?:(?:{sign}\d{{3}})+|{lakhs}{sign}\d{{3}})(?:{re.escape(decimal)}\d*)?"
    )
    # A sign at a place where it can part no thousands is left, and makes the cell no number.
    bare = texts.where(~grouped, texts.str.replace(thousands, "", regex=False))
    if decimal == ",":
        bare = bare.where(~bare.str.contains(".", regex=False), "").str.replace(",", ".", regex=False)
    return pd.to_numeric(bare, errors="coerce").astype("float64")


def points_part(raw: SourceFrame, header: str, cells: pd.Series, country: str | None) -> bool:
    """Whether points part thousands in a column without commas: where each has three digits behind it, and
    some number has two points, or none and three digits at most.

    Raises DataError where every number has one, in a `country` whose files may write 11.181 for 11181, and in
    a file that has no other decimal point.
    """
    texts = cells.dropna().astype("str").str.strip()
    first = texts.head(_LOOK)
    if (first.str.fullmatch(_DIGITS) & ~first.str.fullmatch(rf"{_WITH_POINTS}|{_BELOW_A_THOUSAND}")).any():
        return False  # most columns, and soon told
    known = texts[texts.str.fullmatch(_DIGITS)]
    pointed = known[known.str.fullmatch(_WITH_POINTS)]
    rest = known[~known.index.isin(pointed.index)]
    if pointed.empty or not rest.str.fullmatch(_BELOW_A_THOUSAND).all():
        return False
    if pointed.str.contains(r"\..*\.", regex=True).any():
        return True
    if (rest.str.strip("+-") != "0").any():
        return bool(pointed.str.endswith("0").any()) or len(pointed) >= _FEWEST_OF_THOUSANDS
    if country in _POINTS_PART.split() and not _has_decimal_points(raw, header):
        raise _undecided(raw, header, cells, int(pointed.index[0]))
    return False


def _has_decimal_points(raw: SourceFrame, header: str) -> bool:
    """Whether a number of another column has a point and not three digits behind it."""
    others = (raw.frame[name].head(_LOOK).dropna() for name in raw.frame.columns if name != header)
    return any(
        pd.api.types.is_float_dtype(cells)
        or cells.astype("str").str.fullmatch(r"\s*-?\d+\.(?:\d{1,2}|\d{4,})\s*").any()
        for cells in others
    )


def _undecided(raw: SourceFrame, header: str, cells: pd.Series, label: int) -> DataError:
    return DataError(
        f"{raw.place}: '{cells[label]}' in column {header!r}, {raw.row_name(label)}, can be a number of "
        'thousands or one with decimals; say which sign is decimal in the region: decimal = "." or '
        'decimal = ","'
    )


def _decimal_of(with_comma: pd.Series[str], known: pd.Series[str]) -> str | None:
    """The decimal sign of a column of which some numbers have a comma; None where both can be."""
    if with_comma.str.contains(r"\..*,", regex=True).any():
        return ","
    if with_comma.str.contains(r",.*\.|,\d*,", regex=True).any():
        return "."
    after = with_comma.str.extract(r",(\d*)$")[0]
    before = with_comma.str.extract(r"^[+\-]?(\d*),")[0]
    if (
        (after.str.len() != _GROUP).any()
        or (before.str.len() > _GROUP).any()
        or before.str.startswith("0").any()
    ):
        return ","
    # Numbers below a thousand have no comma then; one of four digits without shows that none parts thousands.
    rest = known[~known.str.contains(",", regex=False)]
    if rest.str.fullmatch(r"[+\-]?\d{4,}").any():
        return ","
    return "." if rest.str.fullmatch(r"[+\-]?\d{1,3}(?:\.\d+)?").any() else None
