"""Packed bytes -> the files in them, within bounds that only a hostile file exceeds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Final

from trainer.errors import DataError

_ZIP: Final = b"PK\x03\x04"
"""How such a file begins."""
_OFFICE: Final = ("[Content_Types].xml", "mimetype")
"""Members by which a spreadsheet, which is a zip file too, is told from one that packs a table."""
_OF_THE_SYSTEM: Final = "__MACOSX/"
"""What one system packs beside each file."""
MOST_BYTES: Final = 1 << 30
"""Of all that a source packs, together: ten years of minutes of a dozen areas."""
_DEEPEST: Final = 5
"""Packings within each other: a file that packs itself has no end."""
_STREAMS: Final[Mapping[bytes, tuple[str, Callable[[io.BytesIO], io.BufferedIOBase]]]] = {
    b"\x1f\x8b": ("gzip", lambda content: gzip.GzipFile(fileobj=content)),
    b"BZh": ("bz2", bz2.BZ2File),
    b"\xfd7zXZ": ("xz", lzma.LZMAFile),
}
"""How a file of one packed stream begins -> what it is called, and what unpacks it."""


class _DamagedError(DataError):
    """What cannot be unpacked, of which others may be whole."""


def unpacked(content: bytes, place: str) -> dict[str, bytes | DataError]:
    """The files in `content`, as its first bytes say and whatever its name does: what gzip, bz2 and xz pack,
    the members of a zip file, and what these pack again; by name, `place` where it is one alone. As it is
    where it is not packed, or is a workbook. A damaged member of several stands as what is to be told of it.

    Raises DataError for a damaged file, one that packs nothing, and one that unpacks to more than
    `MOST_BYTES` or is packed again and again.
    """
    return _Unpacking(MOST_BYTES).files(content, place)


def unpacked_folder(files: Iterable[tuple[str, bytes]], place: str) -> dict[str, bytes | DataError]:
    """The `files` of a folder, each by its name, as `unpacked` gives the members of a zip file."""
    unpacking, found = _Unpacking(MOST_BYTES), dict[str, bytes | DataError]()
    for name, content in files:
        found |= unpacking.member(content, name, place)
    return _any_of(found)


def _any_of(found: dict[str, bytes | DataError]) -> dict[str, bytes | DataError]:
    """`found`. Raises the first error where all are damaged."""
    errors = [each for each in found.values() if isinstance(each, DataError)]
    if errors and len(errors) == len(found):
        raise errors[0]
    return found


@contextmanager
def _told_if_damaged(kind: str, place: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise _DamagedError(f"{place} is a damaged {kind} file: {error}; fetch it again") from error
    except RuntimeError as error:  # a zip file asks for a password, or is packed in a way unknown here
        raise _DamagedError(
            f"{place} is a locked {kind} file: {error}; unpack it, and give its table"
        ) from error


class _Unpacking:
    """One source's, which counts what it has unpacked."""

    def __init__(self, most: int) -> None:
        self._left = most

    def member(self, content: bytes, name: str, place: str, depth: int = 0) -> dict[str, bytes | DataError]:
        """The files in a member of `place`, under its `name`."""
        self._count(len(content), place)
        try:
            nested = self.files(content, name, depth)
        except _DamagedError as error:
            return {name: error}
        return {f"{name}/{each}" if len(nested) > 1 else name: file for each, file in nested.items()}

    def files(self, content: bytes, place: str, depth: int = 0) -> dict[str, bytes | DataError]:
        if depth > _DEEPEST:
            raise DataError(f"{place} is packed more than {_DEEPEST} times over; give its table itself")
        for begins, (kind, opened) in _STREAMS.items():
            if content.startswith(begins):
                with _told_if_damaged(kind, place), opened(io.BytesIO(content)) as stream:
                    inner = self._read(stream, place)
                return self.files(inner, place, depth + 1)
        if content.startswith(_ZIP):
            with _told_if_damaged("zip", place):
                return self._members(content, place, depth)
        return {place: content}

    def _members(self, content: bytes, place: str, depth: int) -> dict[str, bytes | DataError]:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            if any(member.filename in _OFFICE for member in members):
                self._count(sum(member.file_size for member in members), place)
                return {place: content}
            members = [member for member in members if not member.filename.startswith(_OF_THE_SYSTEM)]
            if not members:
                raise DataError(f"{place} packs no file")
            found: dict[str, bytes | DataError] = {}
            for member in members:
                try:
                    with _told_if_damaged("zip", place), packed.open(member) as stream:
                        inner = stream.read(self._left + 1)
                except _DamagedError as error:
                    found[member.filename] = error
                else:
                    found |= self.member(inner, member.filename, place, depth + 1)
            return _any_of(found)

    def _read(self, stream: io.BufferedIOBase | IO[bytes], place: str) -> bytes:
        """All that it unpacks to; one byte more than is allowed tells that it is too much."""
        content = stream.read(self._left + 1)
        self._count(len(content), place)
        return content

    def _count(self, size: int, place: str) -> None:
        self._left -= size
        if self._left < 0:
            raise DataError(
                f"{place} unpacks to more than {MOST_BYTES / 2**30:g} GiB, which no series of hours "
                "needs; give the part that holds the region's"
            )
