"""Named forecasts of a region, each with its own rows, scores and deliveries beside the daily one's."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0009"
down_revision = "0008"

_KEYS: Final = {
    "predictions": ("predictions_pkey", "PRIMARY KEY", ("region", "origin", "time")),
    "model_metrics": (
        "model_metrics_pkey",
        "PRIMARY KEY",
        ("region", "model_version", "scope", "window_start", "window_end", "lead_time"),
    ),
    "influx_deliveries": ("influx_deliveries_one_row_per_unit", "UNIQUE", ("region", "kind", "starts")),
}


def upgrade() -> None:
    for table, (key, kind, columns) in _KEYS.items():
        op.execute(f"""
            ALTER TABLE {table}
                ADD COLUMN product text NOT NULL DEFAULT '',
                DROP CONSTRAINT {key},
                ADD CONSTRAINT {key} {kind} ({columns[0]}, product, {", ".join(columns[1:])})
        """)
        op.execute(
            f"COMMENT ON COLUMN {table}.product IS 'Name of the forecast; the daily one has none: empty'"
        )


def downgrade() -> None:
    for table, (key, kind, columns) in _KEYS.items():
        op.execute(f"DELETE FROM {table} WHERE product <> ''")
        op.execute(f"""
            ALTER TABLE {table}
                DROP CONSTRAINT {key},
                DROP COLUMN product,
                ADD CONSTRAINT {key} {kind} ({", ".join(columns)})
        """)
