"""What is known of a format, and how a file is found to be of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trainer.contract import NOTHING_SAID, FileSettings


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """One kind of file. Headers are given as regular expressions that match the whole of one, whatever its
    case."""

    name: str
    """As people know it: "read as an ENTSO-E export"."""
    known_by: tuple[str, ...]
    """A file whose headers match each of these is of this format."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our column (time, demand, reference) -> the header."""
    settings: FileSettings = NOTHING_SAID
    """What the region's own settings go before; `date_columns` here are regular expressions too."""
    holds: str = ""
    """What is in it, for the table of formats in the documentation."""


def recognised(headers: Sequence[str], formats: Iterable[FileFormat]) -> FileFormat | None:
    """The first of `formats` whose every mark is among `headers`."""
    return next((known for known in formats if all(matching(mark, headers) for mark in known.known_by)), None)


def matching(pattern: str, headers: Sequence[str]) -> list[str]:
    """The headers that `pattern` matches whole."""
    wanted = re.compile(pattern, re.IGNORECASE)
    return [header for header in headers if wanted.fullmatch(header.strip())]
