"""Contents of files as no writer leaves them: for whatever reads files that others can write."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

_ODD = st.sampled_from(
    [
        *(None, True, -1, 0, 2**80, 1e308, -0.5, "", "\ud800", "2022-13-45", [], {}, [[]], {"": None}),
        *(float("nan"), float("inf"), [1, "a"], {"a": {"b": []}}),
    ]
)


def ruined(content: bytes) -> st.SearchStrategy[bytes]:
    """`content` with bytes changed, taken out or put in; of JSON also with a value that has another type or
    size, a key too many or one too few."""
    ways = [_other_bytes(content), _shorter(content), _longer(content)]
    if content.lstrip().startswith(b"{"):
        ways += [_other_value(content)] * 3
        ways.append(st.just(b"[" * 5_000))
    return st.one_of(ways)


def _other_bytes(content: bytes) -> st.SearchStrategy[bytes]:
    # Heads say what follows, so that changes there lead furthest.
    places = st.one_of(st.integers(0, min(len(content), 400) - 1), st.integers(0, len(content) - 1))

    def apply(changes: list[tuple[int, int]]) -> bytes:
        found = bytearray(content)
        for place, value in changes:
            found[place] = value
        return bytes(found)

    return st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8).map(apply)


def _shorter(content: bytes) -> st.SearchStrategy[bytes]:
    return st.tuples(st.integers(0, len(content)), st.integers(0, len(content))).map(
        lambda ends: content[: min(ends)] + content[max(ends) :]
    )


def _longer(content: bytes) -> st.SearchStrategy[bytes]:
    return st.tuples(st.integers(0, len(content)), st.binary(min_size=1, max_size=40)).map(
        lambda put: content[: put[0]] + put[1] + content[put[0] :]
    )


@st.composite
def _other_value(draw: st.DrawFn, content: bytes) -> bytes:
    whole = json.loads(content)
    at: Any = whole
    while True:
        keys = sorted(at) if isinstance(at, dict) else range(len(at))
        key = draw(st.sampled_from(list(keys)))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            break
        at = inner
    if draw(st.integers(0, 4)):
        at[key] = draw(_ODD)
    else:
        del at[key]
    if isinstance(whole, dict) and not draw(st.integers(0, 9)):
        whole["more"] = draw(_ODD)
    return json.dumps(whole).encode()
