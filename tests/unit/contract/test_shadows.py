"""A shadow is named and described so that a forecast can be handed it, or is refused."""

from __future__ import annotations

import pytest

from trainer.contract import ContractError, Shadow, ShadowKind, shadows_from_json, shadows_to_json


def test_what_is_written_is_read_back() -> None:
    shadows = (
        Shadow(name="lost", kind=ShadowKind.VERSION, version="KR-1", checksum="0" * 64),
        Shadow(name="twin-2", kind=ShadowKind.WEATHERLESS),
    )
    assert shadows_from_json(shadows_to_json(shadows)) == shadows


@pytest.mark.parametrize("name", ["", "Lost", "2nd", "a b", "a/b", "x" * 33, "lost\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="is no name of a shadow"):
        Shadow(name=name, kind=ShadowKind.BASELINE)


@pytest.mark.parametrize(
    ("kind", "version", "checksum"),
    [
        (ShadowKind.VERSION, None, None),
        (ShadowKind.VERSION, "KR-1", None),
        (ShadowKind.BASELINE, "KR-1", "0" * 64),
    ],
)
def test_a_version_stands_where_the_kind_is_one(
    kind: ShadowKind, version: str | None, checksum: str | None
) -> None:
    with pytest.raises(ContractError, match="it has"):
        Shadow(name="lost", kind=kind, version=version, checksum=checksum)


@pytest.mark.parametrize(
    "text", ["", "{}", "none", '[{"name": "lost"}]', '[{"name": "lost", "kind": "other"}]', "[1]"]
)
def test_what_describes_no_shadow_is_refused(text: str) -> None:
    with pytest.raises(ContractError):
        shadows_from_json(text)
