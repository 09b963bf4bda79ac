"""Files between a first line HDR, which names the kind of rows, and a last line FTR, which counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from trainer.data.report import Finding

_FIRST, _LAST = "HDR", "FTR"
_SIGN: Final = ","


def without_frame(lines: Sequence[str], columns: Mapping[str, str]) -> tuple[list[str], list[Finding]]:
    """`lines` with empty ones for such two, as Elexon's reports of Great Britain have them, and what they
    say; all as they are where they have no such frame, or where the region's `columns` name cells of the
    first line as headers."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    if len(filled) < 3:
        return list(lines), []
    first, last = (_cells(lines[index]) for index in (filled[0], filled[-1]))
    if first[0] != _FIRST or last[0] != _LAST or len(last) != 2 or {*first} & {*columns}:
        return list(lines), []
    rows = len(filled) - 2
    texts = [
        f"read as rows of {' '.join(first[1:]) or 'a report'} between lines {_FIRST} and {_LAST}: {rows:,}"
    ]
    if last[1].isdecimal() and int(last[1]) != rows:
        texts.append(f"its last line says {int(last[1]):,} rows, and it has {rows:,}: fetch it again")
    kept = list(lines)
    kept[filled[0]] = kept[filled[-1]] = ""
    return kept, [Finding("frame", rows, text) for text in texts]


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(_SIGN)]
