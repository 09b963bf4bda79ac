"""What people were told of that still lasts, so that an hourly forecast does not tell it each hour."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE standing_alerts (
            region text NOT NULL,
            product text NOT NULL,
            alert text NOT NULL,
            cause text NOT NULL,
            since timestamptz NOT NULL,
            told_at timestamptz NOT NULL,
            PRIMARY KEY (region, product, alert),
            CONSTRAINT standing_alerts_named CHECK (region <> '' AND product <> '' AND alert <> ''),
            CONSTRAINT standing_alerts_in_order CHECK (since <= told_at)
        )
    """)
    op.execute("COMMENT ON TABLE standing_alerts IS 'Alerts of an hourly forecast that last, as last told'")
    op.execute("COMMENT ON COLUMN standing_alerts.since IS 'When it was told first; told_at when last'")


def downgrade() -> None:
    op.execute("DROP TABLE standing_alerts")
