"""The bytes of a file by path or URL, unpacked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from trainer.data.files.unpacking import MOST_BYTES, unpacked, unpacked_folder
from trainer.errors import DataError, InfrastructureError, UsageError
from trainer.redaction import redacted, without_secrets

_OVER_HTTP: Final = re.compile(r"(?:^|::)https?://")
_NOT_THERE: Final = (404, 410)
"""HTTP's words for a file that does not exist; all others speak of the server."""
_HIDDEN: Final = (".", "~$")
"""How names begin of files that people do not see, and that spreadsheets lay beside what is open."""
_MEND: Final = "name another where it is named, in the command or in the region's entry"


def contents_of(source: str) -> dict[str, bytes | DataError]:
    """What the file `source` (a path or any fsspec URL) holds, as `unpacked` gives it: by name, one alone
    unless a zip file packs several; of a folder what its files hold, but for hidden ones and folders in it.

    Raises UsageError for a file that does not exist or cannot be opened, DataError for one that cannot be
    unpacked and for a folder of too much, InfrastructureError when a server or the disk refuses.
    """
    if "://" in source or not (folder := Path(source).expanduser()).is_dir():
        return unpacked(_fetched(source), redacted(source))
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise InfrastructureError(f"the folder {source} cannot be read: {error}; try again later") from error
    paths = [path for path in paths if not path.name.startswith(_HIDDEN)]
    if not paths:
        raise UsageError(f"the folder {source} holds no file; {_MEND}")
    if sum(path.stat().st_size for path in paths) > MOST_BYTES:
        raise DataError(
            f"the folder {source} holds more than {MOST_BYTES / 2**30:g} GiB, which no series needs; "
            "name one with the region's files alone"
        )
    return unpacked_folder(((path.name, _fetched(str(path))) for path in paths), source)


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
