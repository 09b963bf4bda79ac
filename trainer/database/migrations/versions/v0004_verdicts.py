"""What is thought of each hour beside what came in, the operator's own forecast, and demand below zero."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE raw_demand DROP CONSTRAINT raw_demand_positive")
    # NaN sorts above infinity in PostgreSQL, so `< 'infinity'` refuses both.
    op.execute("""
        ALTER TABLE raw_demand
            ADD COLUMN reference_mw double precision,
            ADD COLUMN verdict text,
            ADD COLUMN verdict_reason text NOT NULL DEFAULT '',
            ADD CONSTRAINT raw_demand_finite CHECK (abs(demand_mw) < 'infinity'),
            ADD CONSTRAINT raw_demand_reference_finite CHECK (abs(reference_mw) < 'infinity'),
            ADD CONSTRAINT raw_demand_verdict CHECK (verdict IN ('measured', 'missing', 'suspect'))
    """)
    op.execute("COMMENT ON COLUMN raw_demand.demand_mw IS 'As it came in; null where nothing did'")
    op.execute("COMMENT ON COLUMN raw_demand.reference_mw IS 'The grid operator''s own forecast of the hour'")
    op.execute("COMMENT ON COLUMN raw_demand.verdict IS 'Null until ingest has judged the hour'")
    op.execute("""
        CREATE TABLE demand_judgements (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            region text NOT NULL,
            first_hour timestamptz NOT NULL,
            last_hour timestamptz NOT NULL,
            judgement text NOT NULL,
            decided_by text NOT NULL,
            reason text NOT NULL,
            decided_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT demand_judgements_judgement CHECK (judgement IN ('accepted', 'rejected')),
            CONSTRAINT demand_judgements_in_order CHECK (first_hour <= last_hour),
            CONSTRAINT demand_judgements_somebody CHECK (decided_by <> '' AND reason <> '')
        )
    """)
    op.execute("CREATE INDEX demand_judgements_by_hour ON demand_judgements (region, first_hour)")
    op.execute(
        "COMMENT ON TABLE demand_judgements IS 'What a person said of hours; the last word on an hour holds'"
    )
    op.execute("ALTER TABLE predictions DROP CONSTRAINT predictions_positive")
    op.execute("ALTER TABLE predictions DROP CONSTRAINT predictions_fallback")
    op.execute("""
        ALTER TABLE predictions
            ADD CONSTRAINT predictions_finite CHECK (abs(forecast_mw) < 'infinity'),
            ADD CONSTRAINT predictions_fallback
                CHECK (fallback IN ('none', 'weatherless', 'previous', 'baseline'))
    """)
    # In percent an error means nothing where demand passes zero; there the naive forecast's is the measure.
    op.execute("ALTER TABLE model_metrics ALTER COLUMN mape DROP NOT NULL, ALTER COLUMN smape DROP NOT NULL")
    op.execute("""
        ALTER TABLE model_metrics
            ADD COLUMN rmae double precision,
            ADD CONSTRAINT model_metrics_rmae CHECK (rmae >= 0 AND rmae < 'infinity')
    """)
    op.execute(
        "COMMENT ON COLUMN model_metrics.rmae IS "
        "'MAE over that of the seasonal naive forecast (168 h) on the same hours'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE model_metrics DROP COLUMN rmae")
    op.execute("DELETE FROM model_metrics WHERE mape IS NULL OR smape IS NULL")
    op.execute("ALTER TABLE model_metrics ALTER COLUMN mape SET NOT NULL, ALTER COLUMN smape SET NOT NULL")
    op.execute("DELETE FROM predictions WHERE forecast_mw <= 0")
    op.execute("UPDATE predictions SET fallback = 'previous' WHERE fallback = 'weatherless'")
    op.execute("ALTER TABLE predictions DROP CONSTRAINT predictions_finite")
    op.execute("ALTER TABLE predictions DROP CONSTRAINT predictions_fallback")
    op.execute("""
        ALTER TABLE predictions
            ADD CONSTRAINT predictions_positive CHECK (forecast_mw > 0 AND forecast_mw < 'infinity'),
            ADD CONSTRAINT predictions_fallback CHECK (fallback IN ('none', 'previous', 'baseline'))
    """)
    op.execute("DROP TABLE demand_judgements")
    op.execute("UPDATE raw_demand SET demand_mw = NULL WHERE demand_mw <= 0")
    op.execute("""
        ALTER TABLE raw_demand
            DROP COLUMN reference_mw, DROP COLUMN verdict, DROP COLUMN verdict_reason,
            DROP CONSTRAINT raw_demand_finite,
            ADD CONSTRAINT raw_demand_positive CHECK (demand_mw > 0 AND demand_mw < 'infinity')
    """)
