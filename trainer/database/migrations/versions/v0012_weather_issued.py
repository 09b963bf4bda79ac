"""Weather forecasts with their time of issue, beside the measured weather of raw_demand."""

from __future__ import annotations

from alembic import op

from trainer.database.migrations.hypertable import make_hypertable

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE weather_issued (
            region text NOT NULL,
            issued_at timestamptz NOT NULL,
            time timestamptz NOT NULL,
            weather jsonb NOT NULL,
            source text NOT NULL,
            ingested_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (region, issued_at, time),
            CONSTRAINT weather_issued_named CHECK (region <> ''),
            CONSTRAINT weather_issued_object CHECK (jsonb_typeof(weather) = 'object'),
            CONSTRAINT weather_issued_ahead CHECK (time > issued_at - interval '1 hour')
        )
    """)
    op.execute(
        "COMMENT ON TABLE weather_issued IS 'What was forecast of the weather of an hour, by time of issue'"
    )
    op.execute(
        "COMMENT ON COLUMN weather_issued.issued_at IS 'When the forecast was at hand, not its model''s run'"
    )
    make_hypertable("weather_issued")


def downgrade() -> None:
    op.execute("DROP TABLE weather_issued")
