"""What the models said, and how well they did."""

from __future__ import annotations

from alembic import op

from trainer.database.migrations.hypertable import make_hypertable

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE predictions (
            region text NOT NULL,
            origin timestamptz NOT NULL,
            time timestamptz NOT NULL,
            lead_time integer NOT NULL,
            model_version text NOT NULL,
            run_id text NOT NULL,
            forecast_mw double precision NOT NULL,
            trend_mw double precision,
            seasonality_mw double precision,
            residual_mw double precision,
            lower_mw double precision,
            upper_mw double precision,
            fallback text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (region, origin, time),
            CONSTRAINT predictions_lead_time CHECK (lead_time BETWEEN 1 AND 168),
            CONSTRAINT predictions_lead_time_fits
                CHECK (time = origin + (lead_time - 1) * interval '1 hour'),
            CONSTRAINT predictions_positive CHECK (forecast_mw > 0 AND forecast_mw < 'infinity'),
            CONSTRAINT predictions_components_finite CHECK (
                abs(trend_mw) < 'infinity' AND abs(seasonality_mw) < 'infinity'
                AND abs(residual_mw) < 'infinity'
            ),
            CONSTRAINT predictions_band CHECK (
                lower_mw <= upper_mw AND abs(lower_mw) < 'infinity' AND abs(upper_mw) < 'infinity'
            ),
            CONSTRAINT predictions_fallback CHECK (fallback IN ('none', 'previous', 'baseline'))
        )
    """)
    op.execute("COMMENT ON TABLE predictions IS 'The latest forecast made at each origin, one row per hour'")
    # Scoring and dashboards ask by the hour that was forecast; the primary key leads with the origin.
    op.execute("CREATE INDEX predictions_by_time ON predictions (region, time)")
    make_hypertable("predictions")
    op.execute("""
        CREATE TABLE model_metrics (
            region text NOT NULL,
            model_version text NOT NULL,
            scope text NOT NULL,
            window_start timestamptz NOT NULL,
            window_end timestamptz NOT NULL,
            lead_time integer NOT NULL,
            hours integer NOT NULL,
            mae double precision NOT NULL,
            mse double precision NOT NULL,
            rmse double precision NOT NULL,
            r2 double precision,
            mape double precision NOT NULL,
            smape double precision NOT NULL,
            run_id text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (region, model_version, scope, window_start, window_end, lead_time),
            CONSTRAINT model_metrics_scope CHECK (scope IN ('score', 'evaluation')),
            CONSTRAINT model_metrics_window_in_order CHECK (window_start < window_end),
            CONSTRAINT model_metrics_lead_time CHECK (lead_time BETWEEN 0 AND 168),
            CONSTRAINT model_metrics_hours CHECK (hours > 0),
            CONSTRAINT model_metrics_errors_finite CHECK (
                mae >= 0 AND mae < 'infinity' AND mse >= 0 AND mse < 'infinity'
                AND rmse >= 0 AND rmse < 'infinity' AND mape >= 0 AND mape < 'infinity'
                AND smape >= 0 AND smape < 'infinity'
            ),
            CONSTRAINT model_metrics_r2 CHECK (r2 <= 1 AND r2 > '-infinity')
        )
    """)
    op.execute("COMMENT ON COLUMN model_metrics.lead_time IS '0 stands for all lead times together'")
    op.execute("COMMENT ON COLUMN model_metrics.r2 IS 'Null where the demand was constant'")
    op.execute("CREATE INDEX model_metrics_by_window ON model_metrics (region, scope, window_end)")


def downgrade() -> None:
    op.execute("DROP TABLE model_metrics")
    op.execute("DROP TABLE predictions")
