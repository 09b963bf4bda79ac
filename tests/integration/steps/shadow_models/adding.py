"""Puts a model of region T into shadow, and reads what is on record of its shadows."""

from __future__ import annotations

from typing import Any

from trainer.contract import Manifest, ShadowKind
from trainer.database import connect
from trainer.database.shadows import ShadowRow, read_shadows
from trainer.steps.shadow import add_shadow
from trainer.store import Run


def add(run: Run, name: str = "lost", **options: Any) -> Manifest:
    kind = ShadowKind.VERSION if {"version", "candidate_of"} & set(options) else ShadowKind.BASELINE
    defaults = {"kind": kind, "version": None, "candidate_of": None, "most": 3}
    return add_shadow(run, name=name, added_by="Kim", reason="it lost narrowly", **{**defaults, **options})


def rows(database: str) -> dict[str, ShadowRow]:
    with connect(database) as connection:
        return {row.shadow.name: row for row in read_shadows(connection, "T")}
