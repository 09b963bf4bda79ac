"""Files that are whole or as they were before, whenever the process is killed or the disk is full."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def folder_url(folder: Path) -> str:
    """The file:// URL by which fsspec, and so the store, finds `folder`.

    fsspec takes a file URL as it is written; of percent-encoded characters, as in Path.as_uri, it would make
    another folder.
    """
    return f"file://{folder.absolute()}"


def write_whole(target: Path, content: bytes) -> None:
    """Makes the folder where it is missing. What is there and no file, such as a pipe, is written into.

    Raises OSError when the disk refuses.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).chmod(0o644)
            Path(part.name).replace(target)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
