"""Cells -> numbers: text, infinities and impossible values are unknown, and told of by row and value."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import NOTHING_SAID, FileSettings
from trainer.contract.units import parse_unit
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.errors import DataError

_PLAUSIBLE: Final = MappingProxyType({"temperature": (-90.0, 60.0, "C"), "humidity": (0.0, 100.0, "%")})
"""Lowest and highest value that weather can have on Earth, where we know the variable."""
_LOOK: Final = 200
"""Rows of other columns that tell how numbers are written."""
_TRUTH: Final = ("true", "false")
_BLANKS: Final = (
    r"(?<=\d)[\s'\N{RIGHT SINGLE QUOTATION MARK}\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}_](?=\d{3})"
)
"""Between thousands."""
_WITH_COMMA: Final = r"[+\-]?[\d.,]*\d?,\d*[\d.,]*"
_FEWEST_COMMAS: Final = 0.02
"""Share of a column's numbers that have a comma, from which on it can be the way that they are written."""
_POWER: Final = re.compile(r"([+\-]?[\d.,'\s]*\d)\s*([kMGT]?W)")
_GROUP: Final = 3
"""Digits between the signs that part thousands."""
_WITH_POINTS: Final = r"[+\-]?[1-9]\d{0,2}(?:\.\d{3})+"
"""A number that points may part into thousands."""
_BELOW_A_THOUSAND: Final = r"[+\-]?(?:0|[1-9]\d{0,2})"
_DIGITS: Final = r"[+\-]?[\d.,]*\d[\d.,]*"
_FEWEST_OF_THOUSANDS: Final = 44
"""Numbers with three digits behind the point, from which on no writer is left who writes 2.5 for 2.500: one
of ten would be shorter."""
_POINTS_PART: Final = frozenset(
    (
        *(
            "AD",
            "AL",
            "AR",
            "AT",
            "BA",
            "BE",
            "BO",
            "BR",
            "CL",
            "CO",
            "CR",
            "CY",
            "DE",
            "DK",
            "EC",
            "ES",
            "FO",
            "GR",
        ),
        *(
            "HR",
            "ID",
            "IS",
            "IT",
            "LU",
            "ME",
            "MK",
            "NL",
            "PT",
            "PY",
            "RO",
            "RS",
            "SI",
            "TR",
            "UY",
            "VE",
            "VN",
        ),
    )
)
"""Countries where points part thousands, and a file may."""


def numbers(
    raw: SourceFrame,
    header: str,
    rows: pd.Index,
    settings: FileSettings = NOTHING_SAID,
    *,
    country: str | None = None,
) -> tuple[pd.Series[float], list[Finding]]:
    """The column as float64 for `rows`, NaN where the source has nothing, text or an infinite number, and
    where `settings.missing` says that nothing is known. `country`: whose ways of writing leave a column open
    that has three digits behind every point; without one it is decimal.

    Raises DataError for a column of truth values, for one that holds text and not a single number, and where
    the decimal sign cannot be told.
    """
    cells = raw.frame[header].loc[rows]
    cells = _without_marks(cells, settings)
    if (in_megawatts := _with_units_of_their_own(cells)) is not None:
        cells, factor = in_megawatts
    values = pd.to_numeric(cells, errors="coerce").astype("float64")
    if pd.api.types.is_bool_dtype(cells) or (values.isna().all() and _are_truth_values(cells)):
        raise DataError(f"{raw.place}: column {header!r} holds true and false, not numbers")
    if _is_text(cells) and _points_part(raw, header, cells, settings, country):
        settings = settings.over(FileSettings(decimal=","))
    # Where Python reads every cell, only a decimal comma could mean it otherwise: 11.181 for 11181.
    if _is_text(cells) and (settings.decimal == "," or (values.isna() & cells.notna()).any()):
        values = _written(raw, header, cells, values, settings)
    text = values.isna() & cells.notna()
    if text.any() and values.isna().all():
        label = first_label(text)
        raise DataError(
            f"{raw.place}: '{cells[label]}' in column {header!r}, {raw.row_name(label)}, is no number, nor "
            "is any other; write plain numbers such as 65388.5, leave unknown cells empty"
        )
    if in_megawatts is not None:
        values *= factor
    infinite = values.abs() == np.inf
    findings = [
        *_told(raw, header, cells, text, "no_number", "is no number and taken for unknown"),
        *_told(raw, header, cells, infinite, "infinite", "is not finite and taken for unknown"),
    ]
    return values.mask(infinite), findings


def _with_units_of_their_own(cells: pd.Series) -> tuple[pd.Series[str], pd.Series[float]] | None:
    """Cells such as `43.5 GW`, as a screen shows them: their numbers, and MW in one of their units; None for
    all others."""
    known = cells.dropna()
    if not _is_text(cells) or known.empty or not _POWER.fullmatch(str(known.iloc[0]).strip()):
        return None
    parts = cells.astype("str").str.strip().str.extract(rf"^{_POWER.pattern}$")
    units = {word: parse_unit(word) for word in parts[1].dropna().unique()}
    factor = parts[1].map({word: unit.megawatts for word, unit in units.items() if unit}).astype("float64")
    return parts[0].where(parts[0].notna(), cells), factor


def _is_text(cells: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(cells)


def _are_truth_values(cells: pd.Series) -> bool:
    known = cells.dropna()
    return _is_text(cells) and len(known) > 0 and bool(known.astype("str").str.casefold().isin(_TRUTH).all())


def _without_marks(cells: pd.Series, settings: FileSettings) -> pd.Series:
    """`cells`, empty where they are one of the marks, as text or as a number."""
    if not settings.missing:
        return cells
    texts = cells.astype("str").str.strip()
    sizes = pd.to_numeric(pd.Series(settings.missing), errors="coerce").dropna().to_list()
    return cells.mask(texts.isin(settings.missing) | pd.to_numeric(cells, errors="coerce").isin(sizes))


def _written(
    raw: SourceFrame, header: str, cells: pd.Series, plain: pd.Series[float], settings: FileSettings
) -> pd.Series[float]:
    """Numbers as people write them, thousands parted and with a decimal comma; `plain`: as Python reads them.

    Where no setting says what a comma is, the column does: it parts thousands where every one is followed by
    three digits and some number has two, or more than three digits before the first; it is decimal where some
    is followed by another count of digits. Raises DataError where that leaves it open and matters.
    """
    texts = cells.astype("str").str.strip().str.replace(_BLANKS, "", regex=True)
    known = texts[cells.notna()]
    decimal = settings.decimal
    if decimal is None:
        with_comma = known[known.str.fullmatch(_WITH_COMMA)]
        if known.empty or len(with_comma) < _FEWEST_COMMAS * len(
            known
        ):  # a slip here and there says nothing of the others
            return plain.where(plain.notna(), pd.to_numeric(texts, errors="coerce"))
        decimal = _decimal_of(with_comma, known)
        if decimal is None:
            raise _undecided(raw, header, cells, int(with_comma.index[0]))
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


def _points_part(
    raw: SourceFrame, header: str, cells: pd.Series, settings: FileSettings, country: str | None
) -> bool:
    """Whether points part thousands in a column without commas: where each has three digits behind it, and
    some number has two of them, or less than four digits and none. Raises DataError where every number has
    one, in a `country` whose files write 11.181 for 11181 and in a file that has no other decimal point.
    """
    if settings.decimal is not None:
        return False
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
    if country in _POINTS_PART and not _has_decimal_points(raw, header):
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


def plausible_weather(
    raw: SourceFrame, header: str, ours: str, values: pd.Series[float]
) -> tuple[pd.Series[float], list[Finding]]:
    """`values` with NaN where temperature or humidity cannot be that on Earth, in C and %.

    Raises DataError for humidity as a share of 1, which every value would hide.
    """
    if ours not in _PLAUSIBLE:
        return values, []
    lowest, highest, unit = _PLAUSIBLE[ours]
    if ours == "humidity" and len(values) >= 24 and values.max() <= 1:
        raise DataError(
            f"{raw.place}: column {header!r} looks like a share of 1; give humidity in %, 0 .. 100"
        )
    odd = (values < lowest) | (values > highest)
    what = f"is not within {lowest:g} .. {highest:g} {unit} and taken for unknown; is the column in {unit}?"
    return values.mask(odd), _told(raw, header, values, odd, "implausible_weather", what)


def _told(
    raw: SourceFrame, header: str, cells: pd.Series, bad: pd.Series[bool], kind: str, what: str
) -> list[Finding]:
    """One finding for all rows that are `bad`, the first by name."""
    if not bad.any():
        return []
    label, count = first_label(bad), int(bad.sum())
    cell = cells[label]
    shown = f"{cell:g}" if isinstance(cell, float) else f"'{cell}'"
    place = f"{shown} in column {header!r}, {raw.row_name(label)}, {what}"
    return [Finding(kind, count, f"{place} ({count} such rows)")]
