"""The page's files, read once: nothing outside of this list can be asked for."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import Request, Response

STATIC: Final = Path(__file__).with_name("static")
_TYPES: Final = {".js": "text/javascript", ".svg": "image/svg+xml"}
"""The system's own table may call these something that a browser told `nosniff` does not run."""


@dataclass(frozen=True)
class Asset:
    content: bytes
    media_type: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> Asset:
        content = path.read_bytes()
        guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
        return cls(content, guessed, f'"{sha256(content).hexdigest()[:32]}"')

    def answer(self, request: Request) -> Response:
        """The file, or 304 where the browser has it. It asks each time, so an update shows at once."""
        headers = {"ETag": self.etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


def read_assets(folder: Path = STATIC) -> dict[str, Asset]:
    """Path relative to the folder, with slashes -> asset."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): Asset.read(path) for path in files}
