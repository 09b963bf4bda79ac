"""A published version and its checksum, on their way from the task that pins it to the verb that uses it."""

from __future__ import annotations

from demand_forecast.promotion.deployment_rows import Deployment


def pinned(row: Deployment) -> dict[str, str]:
    """Fits through an XCom. The row is one with files: not of a candidate that was turned away."""
    return {"version": row.version, "checksum": str(row.artifact_checksum)}


def version_options(name: str, pulled: str) -> dict[str, str]:
    """A verb's options `NAME-version` and `NAME-checksum`.

    pulled: Jinja's expression for what `pinned` returned; where that is `{}` both render to nothing.
    """
    return {
        f"{name}-{part}": "{{ (" + pulled + ").get('" + part + "') }}" for part in ("version", "checksum")
    }
