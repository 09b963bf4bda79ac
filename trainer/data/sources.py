"""Reading what a region's source holds: a file or URL, the sample series, or the table raw_demand."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from trainer.contract import RAW_DEMAND_SOURCE, SAMPLE_SOURCE, Region
from trainer.data.raw_demand import read_raw_demand
from trainer.data.sample import read_sample
from trainer.errors import DataError, InfrastructureError, UsageError
from trainer.shown import shown, without_secrets

_DELIMITERS: Final = ",;\t"
_ENCODINGS: Final = ("utf-8-sig", "cp949")
"""Tried in turn: UTF-8 with or without byte order mark, then the code page of Korean Windows. Korean text
in CP949 is practically never valid UTF-8, so the order decides rightly."""

_GZIP: Final = b"\x1f\x8b"
"""How such a file begins."""
_OVER_HTTP: Final = re.compile(r"(?:^|::)https?://")
_NOT_THERE: Final = (404, 410)
"""HTTP's words for a file that does not exist; all others speak of the server."""


@dataclass(frozen=True)
class SourceFrame:
    """What a source holds, with its own headers, before any judgement."""

    frame: pd.DataFrame
    place: str
    """Where it was read, for messages: as `shown` shows it."""
    first_line: int | None = None
    """Line in the file of the row with index label 0; None where rows have no line numbers."""

    def row_name(self, label: int) -> str:
        """How a person finds the row: its line in the file, or its number from 1."""
        return f"row {label + 1}" if self.first_line is None else f"line {label + self.first_line}"


def first_label(rows: pd.Series[bool]) -> int:
    """Label of the first row that is True."""
    return int(rows.index[int(rows.to_numpy().argmax())])


def read_source(
    region: Region, *, source: str | None = None, environ: Mapping[str, str] | None = None
) -> SourceFrame:
    """Read `source`, or the region's own: `sample:greece`, `raw_demand`, or a CSV or Parquet file by path
    or any fsspec URL (s3://, https://, ...).

    Raises UsageError for a source that does not exist or cannot be read as either format, DataError for
    an empty or undecodable file, InfrastructureError when a server or the disk refuses.
    """
    source = region.source if source is None else source
    if source == RAW_DEMAND_SOURCE:
        return SourceFrame(
            read_raw_demand(region, environ=environ), f"table raw_demand, region {region.name}"
        )
    if source == SAMPLE_SOURCE:
        return SourceFrame(read_sample(), "sample:greece (package power-markets)")
    suffix, place = Path(source.split("?")[0].lower().removesuffix(".gz")), shown(source)
    if ".parquet" in suffix.suffixes or ".pq" in suffix.suffixes:
        return SourceFrame(_parquet(_content(source), place), place)
    if suffix.suffix in {".csv", ".txt", ".tsv"}:
        return _csv(_unpacked(_content(source), place), place)
    raise UsageError(
        f"source {place!r} is not understood; use a .csv, .csv.gz or .parquet file by path or URL, "
        f"{RAW_DEMAND_SOURCE!r} or {SAMPLE_SOURCE!r}"
    )


def _unpacked(content: bytes, place: str) -> bytes:
    """As it is, where it is not gzip, whatever its name says."""
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{place} is a damaged gzip file: {error}; fetch it again") from error


def _content(source: str) -> bytes:
    place = shown(source)
    try:
        if "://" not in source:
            return Path(source).expanduser().read_bytes()
        import fsspec  # noqa: PLC0415  not needed for local files

        with fsspec.open(source, "rb") as stream:
            content: bytes = stream.read()
            return content
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        trouble = _server_trouble(source, error)
        if isinstance(trouble, ValueError):  # aiohttp's for what is no URL
            raise UsageError(f"source {place} is no URL; give another with --csv") from error
        if trouble:
            raise InfrastructureError(
                f"source {place} cannot be read: {type(trouble).__name__}: "
                f"{without_secrets(str(trouble), source)}; try again later"
            ) from error
        raise UsageError(f"source {place} does not exist or is no file; give another with --csv") from error
    except (ImportError, ValueError) as error:  # unknown protocol, or its driver is not installed
        raise UsageError(f"source {place} cannot be opened: {without_secrets(str(error), source)}") from error
    except Exception as error:  # each remote file system has errors of its own
        raise InfrastructureError(
            f"source {place} cannot be read: {without_secrets(repr(error), source)}; try again later"
        ) from error


def _server_trouble(source: str, error: OSError) -> BaseException | None:
    """What kept an HTTP server from answering: fsspec calls a file missing whatever went wrong on the way."""
    cause = error.__cause__
    if _OVER_HTTP.search(source) and cause and getattr(cause, "status", None) not in _NOT_THERE:
        return cause
    return None


def _decoded(content: bytes, place: str) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        f"{place}: text is neither UTF-8 nor CP949; save the file as UTF-8 (in spreadsheets: 'CSV UTF-8')"
    )


def _csv(content: bytes, place: str) -> SourceFrame:
    text = _decoded(content, place)
    body = text.lstrip("\r\n")
    skipped = text[: len(text) - len(body)].count("\n")
    header = body.split("\n", 1)[0]
    if not header.strip():
        raise DataError(f"{place} is empty; it needs a header and one row per hour")
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        # Blank lines are kept for now so that a row's label still tells its line.
        frame = pd.read_csv(io.StringIO(body), sep=delimiter, skip_blank_lines=False, low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{place} is not a well-formed CSV file: {error}") from error
    if not isinstance(frame.index, pd.RangeIndex):  # pandas took the surplus field for an index
        raise DataError(f"{place}: rows have more fields than the header; take out the surplus {delimiter!r}")
    frame = frame.dropna(how="all")
    if frame.empty:
        raise DataError(f"{place} is empty: it has a header and no rows")
    return SourceFrame(frame, place, first_line=2 + skipped)


def _parquet(content: bytes, place: str) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (ValueError, OSError) as error:  # pyarrow's errors derive from both
        raise DataError(f"{place} is not a Parquet file: {error}") from error
    if frame.index.name is not None:  # a time index is a column like any other here
        frame = frame.reset_index()
    if frame.empty:
        raise DataError(f"{place} is empty: it has no rows")
    return frame.reset_index(drop=True)
