"""Whatever stands in the place of a model's file is loaded, or refused as no model, also under checksums that
fit: 50,000 times with `make fuzz`."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.any_content import ruined
from trainer.errors import ArtifactError
from trainer.model.artifact import MANIFEST, load_artifact


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_it_is_loaded_or_refused(saved: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(path.name for path in saved.iterdir())))
    whole = {file: (saved / file).read_bytes() for file in (name, MANIFEST)}
    content = data.draw(ruined(whole[name]))
    try:
        (saved / name).write_bytes(content)
        if name != MANIFEST:
            manifest = json.loads(whole[MANIFEST])
            manifest["files"][name] = hashlib.sha256(content).hexdigest()
            (saved / MANIFEST).write_text(json.dumps(manifest))
        with suppress(ArtifactError):
            load_artifact(saved)
    finally:
        for file, before in whole.items():
            (saved / file).write_bytes(before)
