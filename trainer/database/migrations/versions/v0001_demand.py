"""What a model learns from: the demand as it came in, and the snapshots frozen from it."""

from __future__ import annotations

from alembic import op

from trainer.database.migrations.hypertable import make_hypertable

revision = "0001"
down_revision = None


def upgrade() -> None:
    # NaN sorts above infinity in PostgreSQL, so `< 'infinity'` refuses both.
    op.execute("""
        CREATE TABLE raw_demand (
            region text NOT NULL,
            time timestamptz NOT NULL,
            demand_mw double precision,
            weather jsonb NOT NULL DEFAULT '{}',
            source text NOT NULL,
            ingested_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (region, time),
            CONSTRAINT raw_demand_positive CHECK (demand_mw > 0 AND demand_mw < 'infinity'),
            CONSTRAINT raw_demand_weather_object CHECK (jsonb_typeof(weather) = 'object')
        )
    """)
    op.execute("COMMENT ON TABLE raw_demand IS 'One hour of a region, named by its beginning'")
    op.execute("COMMENT ON COLUMN raw_demand.demand_mw IS 'Null where only the weather is known: the future'")
    make_hypertable("raw_demand")
    op.execute("""
        CREATE TABLE snapshots (
            region text NOT NULL,
            run_id text NOT NULL,
            as_of timestamptz NOT NULL,
            path text NOT NULL,
            sha256 text NOT NULL,
            rows integer NOT NULL,
            first_hour timestamptz NOT NULL,
            last_hour timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (region, run_id),
            CONSTRAINT snapshots_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
            CONSTRAINT snapshots_not_empty CHECK (rows > 0),
            CONSTRAINT snapshots_hours_in_order CHECK (first_hour <= last_hour)
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE snapshots")
    op.execute("DROP TABLE raw_demand")
