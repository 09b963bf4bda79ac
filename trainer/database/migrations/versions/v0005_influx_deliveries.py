"""What InfluxDB is still owed of the rows that PostgreSQL holds."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE influx_deliveries (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            region text NOT NULL,
            kind text NOT NULL,
            starts timestamptz NOT NULL,
            enqueued_at timestamptz NOT NULL DEFAULT now(),
            attempts integer NOT NULL DEFAULT 0,
            last_error text NOT NULL DEFAULT '',
            CONSTRAINT influx_deliveries_one_row_per_unit UNIQUE (region, kind, starts),
            CONSTRAINT influx_deliveries_kind CHECK (kind IN ('forecast', 'actuals', 'metrics', 'decisions')),
            CONSTRAINT influx_deliveries_attempts CHECK (attempts >= 0)
        )
    """)
    op.execute("CREATE INDEX influx_deliveries_oldest_first ON influx_deliveries (region, id)")
    op.execute("COMMENT ON TABLE influx_deliveries IS 'What InfluxDB is owed; a row goes once it is there'")
    op.execute(
        "COMMENT ON COLUMN influx_deliveries.starts IS "
        "'forecast: its origin; actuals: a UTC month; metrics: a scored window; decisions: 1970, all of them'"
    )


def downgrade() -> None:
    op.execute("DROP TABLE influx_deliveries")
