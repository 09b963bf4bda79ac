"""Sources as they may be printed and recorded: a URL without what opens it.

A URL's user info and query may be credentials: a password, a presigned signature, a SAS token. The real
one opens the file and goes nowhere else.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

_LINKS: Final = re.compile(r"::(?=[\w+.-]+://)")
"""Between the URLs of an fsspec chain, such as simplecache::https://..."""
_SECRETS: Final = re.compile(
    # The user info, also where its password holds characters that should have been percent-encoded.
    r"(?P<user>[^/?#]*@|[^/?#@]*:(?!\d*(?:[/?#]|$)).*@)?(?P<place>[^?#]*)(?P<query>.*)",
    re.DOTALL,
)
_URL: Final = re.compile(r"[A-Za-z][\w+.-]*://[^\s'\"<>]+")


def redacted(source: str) -> str:
    """`source` without user info, query and fragment where it is a URL; a path as it is.

    Two URLs that differ in these alone are shown, and recorded, as the same source.
    """
    return "::".join(_place(link) for link in _LINKS.split(source))


def without_secrets(text: str, source: str) -> str:
    """`text`, such as a server's error, with what `redacted` leaves out of `source` left out too."""
    for link in _LINKS.split(source):
        _, user, query = _parts(link)
        for secret in (user.rstrip("@"), query.lstrip("?#")):
            for spelling in {secret, unquote(secret)} - {""}:
                text = text.replace(spelling, "...")
    return _URL.sub(lambda found: redacted(found[0]), text)


def _place(url: str) -> str:
    return _parts(url)[0]


def _parts(url: str) -> tuple[str, str, str]:
    """The redacted URL, its user info with the '@', its query and fragment with the '?' or '#'."""
    scheme, is_url, rest = url.partition("://")
    if not is_url:
        return url, "", ""
    parts = _SECRETS.fullmatch(rest)
    assert parts is not None  # every text matches
    return f"{scheme}://{parts['place']}", parts["user"] or "", parts["query"]
