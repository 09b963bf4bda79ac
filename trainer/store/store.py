"""The model store by URL: manifests, snapshots and models under paths relative to one root."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import fsspec

from trainer.contract import FileRef
from trainer.errors import ArtifactError, InfrastructureError, UsageError
from trainer.redaction import redacted, without_secrets
from trainer.store.files import folder_url, write_whole

_OBJECTS: Final = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "az"})
"""Without folders; asked for one they may make the bucket, such as one whose name is mistyped."""


_WRITTEN: Final = ("mtime", "LastModified", "last_modified", "updated", "created")
"""Where a file system's listing tells when a file was written: of local files, S3, Azure, Google, memory."""


@dataclass(frozen=True)
class StoredFile:
    """A file as a listing tells of it: its path relative to the store, and when it was written."""

    path: str
    bytes: int
    written: datetime


class Store:
    """Files by path relative to `url`: a local folder, s3://, or what else fsspec has a client for.

    A write is whole or absent: local files arrive by rename, object stores put whole objects.
    """

    def __init__(self, url: str) -> None:
        """Raises UsageError when no file system serves the URL's scheme."""
        try:
            # A service would not see the models that others write while it kept a bucket's listing.
            self._fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except Exception as error:  # as in `_reachable`
            reason = without_secrets(str(error), url)
            raise UsageError(f"store {redacted(url)!r} cannot be opened: {reason}") from error
        self.url = url
        self._root = str(root).rstrip("/")
        self._local = "file" in _protocols(self._fs)

    @classmethod
    def at(cls, folder: Path) -> Self:
        """The store in a local folder."""
        return cls(folder_url(folder))

    def locate(self, path: str) -> str:
        """The full path or URL of `path`, to be shown to people."""
        return f"{self._root}/{path}" if self._local else f"{redacted(self.url).rstrip('/')}/{path}"

    def local_folder(self, path: str) -> Path | None:
        """The folder at `path`, made where it is missing; None where files are objects."""
        if not self._local:
            return None
        folder = Path(f"{self._root}/{path}")
        with self._reachable(path, writing=True):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def exists(self, path: str) -> bool:
        with self._reachable(path):
            return bool(self._fs.exists(f"{self._root}/{path}"))

    def read(self, path: str) -> bytes:
        """Raises FileNotFoundError when there is no such file, InfrastructureError when the store refuses."""
        with self._reachable(path):
            content: bytes = self._fs.cat_file(f"{self._root}/{path}")
            return content

    def read_checked(self, ref: FileRef) -> bytes:
        """The content that `ref` promises. Raises ArtifactError when it is missing or not the same."""
        try:
            content = self.read(ref.path)
        except FileNotFoundError as error:
            raise ArtifactError(f"{self.locate(ref.path)} is missing; run its step again") from error
        if hashlib.sha256(content).hexdigest() != ref.sha256:
            raise ArtifactError(
                f"{self.locate(ref.path)} is damaged: its checksum is not the one on record; "
                "remove the run's folder and run it again"
            )
        return content

    def write(self, path: str, content: bytes) -> FileRef:
        """Raises InfrastructureError, nothing half written, when the disk is full or the store refuses."""
        target = f"{self._root}/{path}"
        with self._reachable(path, writing=True):
            if self._local:
                write_whole(Path(target), content)
            else:
                if not _OBJECTS.intersection(_protocols(self._fs)):
                    self._fs.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
                self._fs.pipe_file(target, content)
        return FileRef(path=path, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))

    def remove(self, path: str) -> None:
        """The file or folder at `path`, with all that is in it; nothing where there is none."""
        with self._reachable(path), suppress(FileNotFoundError):
            self._fs.rm(f"{self._root}/{path}", recursive=True)

    def upload(self, folder: Path, path: str, *, last: str | None = None) -> dict[str, FileRef]:
        """Puts the files of a flat local folder under `path`, the one named `last` after all others; returns
        them by file name."""
        files = sorted(
            (file for file in folder.iterdir() if file.is_file()), key=lambda f: (f.name == last, f)
        )
        return {file.name: self.write(f"{path}/{file.name}", file.read_bytes()) for file in files}

    @contextmanager
    def download(self, path: str, *, only: Callable[[str], bool] = lambda _: True) -> Iterator[Path]:
        """A local folder with the files directly under `path`; of objects, those whose name `only` wants.
        Raises FileNotFoundError when `path` is empty."""
        names = self.names(path)
        if not names:
            raise FileNotFoundError(self.locate(path))
        if self._local:
            yield Path(f"{self._root}/{path}")
            return
        with tempfile.TemporaryDirectory(prefix="demand-forecast-") as folder:
            for name in filter(only, names):
                (Path(folder) / name).write_bytes(self.read(f"{path}/{name}"))
            yield Path(folder)

    def names(self, path: str) -> list[str]:
        """The names directly under `path`, sorted; empty when there is no such folder."""
        with self._reachable(path):
            try:
                found = self._fs.ls(f"{self._root}/{path}", detail=False)
            except FileNotFoundError:
                return []
        return sorted(str(name).rstrip("/").rsplit("/", 1)[-1] for name in found)

    def files(self, path: str) -> list[StoredFile]:
        """All files at any depth under `path`, by path; none where there is no such folder."""
        with self._reachable(path):
            found = self._fs.find(f"{self._root}/{path}", detail=True)
        # A file may go while the folder is read: a listing then has it without its size.
        told = [(str(name), info) for name, info in sorted(found.items()) if info.get("size") is not None]
        return [
            StoredFile(name.removeprefix(f"{self._root}/"), int(info["size"]), _written(info))
            for name, info in told
        ]

    @contextmanager
    def _reachable(self, path: str, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # object stores' clients raise classes of their own
            if isinstance(error, FileNotFoundError) and not writing:
                raise
            place = self.locate(path)
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise InfrastructureError(
                    f"no space left for {place}; nothing was half written: free space and run the step again"
                ) from error
            reason = without_secrets(str(error), self.url)
            raise InfrastructureError(f"store refused {place}: {reason}") from error


def _written(info: dict[str, Any]) -> datetime:
    """Now, for a file system that does not tell: what may be young is taken for young."""
    moment = next((info[key] for key in _WRITTEN if info.get(key) is not None), datetime.now(UTC))
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
