"""The bytes of a file by path or URL, unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from trainer.errors import DataError, InfrastructureError, UsageError
from trainer.redaction import redacted, without_secrets

_GZIP: Final = b"\x1f\x8b"
"""How such a file begins."""
_ZIP: Final = b"PK\x03\x04"
_OFFICE: Final = ("[Content_Types].xml", "mimetype")
"""Members by which a spreadsheet, which is a zip file too, is told from one that packs a table."""
_OF_THE_SYSTEM: Final = "__MACOSX/"
"""What one system packs beside each file."""
_OVER_HTTP: Final = re.compile(r"(?:^|::)https?://")
_NOT_THERE: Final = (404, 410)
"""HTTP's words for a file that does not exist; all others speak of the server."""
_MEND: Final = "name another where it is named, in the command or in the region's entry"


def contents_of(source: str) -> dict[str, bytes]:
    """What the file `source` (a path or any fsspec URL) holds, unpacked where it is gzip, bz2, xz or a zip
    file, of zip files too: by name, one alone unless a zip file packs several.

    Raises UsageError for a file that does not exist or cannot be opened, DataError for a damaged one and for
    one that packs nothing, InfrastructureError when a server or the disk refuses.
    """
    return _unpacked(_fetched(source), redacted(source))


def _unpacked(content: bytes, place: str) -> dict[str, bytes]:
    """As it is, where it is not packed, whatever its name says."""
    for begins, unpack in ((b"BZh", bz2.decompress), (b"\xfd7zXZ", lzma.decompress)):
        if content.startswith(begins):
            try:
                return _unpacked(unpack(content), place)
            except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
                raise DataError(f"{place} is a damaged packed file: {error}; fetch it again") from error
    if content.startswith(_GZIP):
        try:
            return {place: gzip.decompress(content)}
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{place} is a damaged gzip file: {error}; fetch it again") from error
    if not content.startswith(_ZIP):
        return {place: content}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = [name for name in packed.namelist() if not name.endswith("/")]
            if any(name in _OFFICE for name in names):
                return {place: content}
            names = [name for name in names if not name.startswith(_OF_THE_SYSTEM)]
            if not names:
                raise DataError(f"{place} packs no file")
            found: dict[str, bytes] = {}
            for name in names:
                inner = packed.read(name)
                nested = _unpacked(inner, name) if inner.startswith(_ZIP) else {name: inner}
                found |= {
                    f"{name}/{each}" if len(nested) > 1 else name: file for each, file in nested.items()
                }
            return found
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # RuntimeError: it asks for a password
        raise DataError(f"{place} is a damaged or locked zip file: {error}; fetch it again") from error


def _fetched(source: str) -> bytes:
    place = redacted(source)
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
            raise UsageError(f"source {place} is no URL; {_MEND}") from error
        if trouble:
            raise InfrastructureError(
                f"source {place} cannot be read: {type(trouble).__name__}: "
                f"{without_secrets(str(trouble), source)}; try again later"
            ) from error
        raise UsageError(f"source {place} does not exist or is no file; {_MEND}") from error
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
