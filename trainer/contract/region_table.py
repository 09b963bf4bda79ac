"""A region as the table of a regions file that is read back as it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def region_table(name: str, settings: Mapping[str, Any]) -> str:
    """TOML, ending in a new line. `settings`: a region's, without its name, as `Region.to_dict` has them."""
    columns = settings.get("columns", {})
    lines = [f"[{name}]", *(f"{key} = {_toml(settings[key])}" for key in settings if key != "columns")]
    if columns:
        lines += ["", f"[{name}.columns]"]
        lines += [f"{_quoted(theirs)} = {_toml(ours)}" for theirs, ours in columns.items()]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """JSON's texts, numbers and lists are TOML's too; tables differ."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return _quoted(value)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
