"""Whatever stands in the place of a manifest is read, or refused as none: 50,000 times with `make fuzz`."""

from __future__ import annotations

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from tests.any_content import ruined
from trainer.contract import ContractError, FileRef, Manifest
from trainer.contract import manifests as of_manifests

WHOLE = Manifest(
    step="train",
    region="KR",
    run_id="weekly_retrain_KR/manual__1",
    as_of="2026-01-01T00:00:00+00:00",
    parameters={"epochs": 3, "shard": [0, 1]},
    inputs={"snapshot.parquet": FileRef("KR/runs/a/snapshot.parquet", "0" * 64, 12)},
    outputs={"model": FileRef("KR/runs/a/candidate", "1" * 64, 34)},
    metrics={"mape": 1.5},
    facts={"version": "KR-1", "usage": {"parts": [1, 2]}},
)


def signed(content: bytes) -> str:
    """Under a checksum that fits, where anything can have one."""
    text = content.decode("utf-8", errors="surrogateescape")
    with suppress(ValueError, TypeError, AttributeError, RecursionError):
        body = json.loads(text)
        body.pop("checksum", None)
        return json.dumps({**body, "checksum": of_manifests._digest(body)})
    return text


@given(ruined(WHOLE.to_json().encode()), st.booleans())
def test_it_is_read_or_refused(content: bytes, forged: bool) -> None:
    text = signed(content) if forged else content.decode("utf-8", errors="surrogateescape")
    with suppress(ContractError):
        found = Manifest.from_json(text, place="KR/runs/a/train.json", run_id=WHOLE.run_id)
        assert Manifest.from_json(found.to_json(), place="again") == found
