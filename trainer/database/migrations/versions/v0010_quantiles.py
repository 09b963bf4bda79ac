"""More quantiles than the band's, their score, and what each forecast says of whole local days."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE predictions
            ADD COLUMN quantiles jsonb,
            ADD CONSTRAINT predictions_quantiles CHECK (
                jsonb_typeof(quantiles) = 'object'
                AND NOT jsonb_path_exists(quantiles, '$.* ? (@.type() != "number")')
            )
    """)
    op.execute(
        "COMMENT ON COLUMN predictions.quantiles IS "
        "'MW by level in percent, beside the median and the band; null where there are no others'"
    )
    op.execute("""
        ALTER TABLE model_metrics
            ADD COLUMN crps double precision,
            ADD CONSTRAINT model_metrics_crps CHECK (crps >= 0 AND crps < 'infinity')
    """)
    op.execute(
        "COMMENT ON COLUMN model_metrics.crps IS "
        "'MW, twice the mean pinball loss of all quantiles; null where one of the hours has the band alone'"
    )
    op.execute("""
        CREATE TABLE forecast_days (
            region text NOT NULL,
            product text NOT NULL DEFAULT '',
            origin timestamptz NOT NULL,
            date date NOT NULL,
            hours integer NOT NULL,
            peak_mw double precision NOT NULL,
            peak_time timestamptz NOT NULL,
            peak_lower_mw double precision,
            peak_upper_mw double precision,
            energy_mwh double precision NOT NULL,
            energy_lower_mwh double precision,
            energy_upper_mwh double precision,
            PRIMARY KEY (region, product, origin, date),
            CONSTRAINT forecast_days_hours CHECK (hours BETWEEN 1 AND 25),
            CONSTRAINT forecast_days_finite CHECK (
                abs(peak_mw) < 'infinity' AND abs(energy_mwh) < 'infinity'
                AND abs(peak_lower_mw) < 'infinity' AND abs(peak_upper_mw) < 'infinity'
                AND abs(energy_lower_mwh) < 'infinity' AND abs(energy_upper_mwh) < 'infinity'
            ),
            CONSTRAINT forecast_days_bands CHECK (
                peak_lower_mw <= peak_upper_mw AND energy_lower_mwh <= energy_upper_mwh
            )
        )
    """)
    op.execute(
        "COMMENT ON TABLE forecast_days IS "
        "'Peak and energy of each local day that a forecast covers, with bands of 80 %'"
    )


def downgrade() -> None:
    op.execute("DROP TABLE forecast_days")
    op.execute("ALTER TABLE model_metrics DROP COLUMN crps")
    op.execute("ALTER TABLE predictions DROP COLUMN quantiles")
