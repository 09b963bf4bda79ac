"""The grid operator's own forecast scored beside ours, on the hours that have both."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE model_metrics
            ADD COLUMN common_hours integer,
            ADD COLUMN common_mae double precision,
            ADD COLUMN common_mape double precision,
            ADD COLUMN reference_mae double precision,
            ADD COLUMN reference_mape double precision,
            ADD CONSTRAINT model_metrics_common_hours CHECK (common_hours BETWEEN 1 AND hours),
            ADD CONSTRAINT model_metrics_common_whole
                CHECK (num_nulls(common_hours, common_mae, reference_mae) IN (0, 3)),
            ADD CONSTRAINT model_metrics_common_finite CHECK (
                common_mae >= 0 AND common_mae < 'infinity' AND common_mape >= 0 AND common_mape < 'infinity'
                AND reference_mae >= 0 AND reference_mae < 'infinity'
                AND reference_mape >= 0 AND reference_mape < 'infinity'
            )
    """)
    comments = {
        "common_hours": "Hours of which the grid operator''s own forecast is known too; null for none",
        "common_mae": "The model''s, over those hours",
        "common_mape": "The model''s, over those hours",
        "reference_mae": "The grid operator''s own forecast''s, over those hours",
        "reference_mape": "The grid operator''s own forecast''s, over those hours",
    }
    for column, text in comments.items():
        op.execute(f"COMMENT ON COLUMN model_metrics.{column} IS '{text}'")


def downgrade() -> None:
    op.execute("""
        ALTER TABLE model_metrics
            DROP COLUMN common_hours, DROP COLUMN common_mae, DROP COLUMN common_mape,
            DROP COLUMN reference_mae, DROP COLUMN reference_mape
    """)
