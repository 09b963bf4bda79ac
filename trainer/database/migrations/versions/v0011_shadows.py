"""Shadow models of a region, and what they forecast: apart from what was served, so that no query of that
sees them."""

from __future__ import annotations

from alembic import op

from trainer.database.migrations.hypertable import make_hypertable

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE shadow_models (
            region text NOT NULL,
            name text NOT NULL,
            kind text NOT NULL,
            version text,
            checksum text,
            added_by text NOT NULL,
            added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            reason text NOT NULL,
            removed_at timestamptz,
            removed_by text,
            removed_reason text,
            comparison jsonb,
            compared_at timestamptz,
            compared_until timestamptz,
            PRIMARY KEY (region, name),
            CONSTRAINT shadow_models_kind CHECK (kind IN ('version', 'weatherless', 'baseline')),
            CONSTRAINT shadow_models_version
                CHECK ((kind = 'version') = (version IS NOT NULL) AND (version IS NULL) = (checksum IS NULL)),
            CONSTRAINT shadow_models_checksum CHECK (checksum ~ '^[0-9a-f]{64}$'),
            CONSTRAINT shadow_models_named CHECK (region <> '' AND name <> '' AND version <> ''),
            CONSTRAINT shadow_models_somebody CHECK (added_by <> '' AND reason <> ''),
            CONSTRAINT shadow_models_removed_after CHECK (removed_at >= added_at),
            CONSTRAINT shadow_models_compared CHECK ((comparison IS NULL) = (compared_at IS NULL))
        )
    """)
    op.execute(
        "COMMENT ON TABLE shadow_models IS 'Models that forecast beside the champion, served to nobody'"
    )
    op.execute(
        "COMMENT ON COLUMN shadow_models.comparison IS "
        "'With the champion on the same hours, as of compared_at'"
    )
    op.execute(
        "COMMENT ON COLUMN shadow_models.compared_until IS "
        "'End of the days that a score last looked at, also where nothing could be compared on them'"
    )
    op.execute("""
        CREATE TABLE shadow_predictions (
            region text NOT NULL,
            shadow text NOT NULL,
            product text NOT NULL DEFAULT '',
            origin timestamptz NOT NULL,
            time timestamptz NOT NULL,
            lead_time integer NOT NULL,
            model_version text NOT NULL,
            run_id text NOT NULL,
            forecast_mw double precision NOT NULL,
            lower_mw double precision,
            upper_mw double precision,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (region, shadow, product, origin, time),
            CONSTRAINT shadow_predictions_of_a_shadow
                FOREIGN KEY (region, shadow) REFERENCES shadow_models (region, name),
            CONSTRAINT shadow_predictions_lead_time CHECK (lead_time BETWEEN 1 AND 168),
            CONSTRAINT shadow_predictions_lead_time_fits
                CHECK (time = origin + (lead_time - 1) * interval '1 hour'),
            CONSTRAINT shadow_predictions_finite CHECK (abs(forecast_mw) < 'infinity'),
            CONSTRAINT shadow_predictions_band CHECK (
                lower_mw <= upper_mw AND abs(lower_mw) < 'infinity' AND abs(upper_mw) < 'infinity'
            )
        )
    """)
    op.execute(
        "COMMENT ON TABLE shadow_predictions IS 'The latest forecast of each shadow at each origin, by hour'"
    )
    op.execute("COMMENT ON COLUMN shadow_predictions.product IS 'As in predictions; the daily one has none'")
    make_hypertable("shadow_predictions")


def downgrade() -> None:
    op.execute("DROP TABLE shadow_predictions")
    op.execute("DROP TABLE shadow_models")
