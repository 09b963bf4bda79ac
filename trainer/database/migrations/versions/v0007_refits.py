"""Champions that were brought up to date: whose networks they carry, and what they were made from."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE model_deployments
            ADD COLUMN parent text,
            ADD COLUMN judged_version text,
            ADD CONSTRAINT model_deployments_refit_of_something
                CHECK (parent IS NULL OR judged_version IS NOT NULL)
    """)
    op.execute(
        "COMMENT ON COLUMN model_deployments.parent IS 'Of a refit: the champion that it brought up to date'"
    )
    op.execute(
        "COMMENT ON COLUMN model_deployments.judged_version IS "
        "'Whose networks a refit carries: the version that was judged on held-out days; null for that itself'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE model_deployments DROP COLUMN parent, DROP COLUMN judged_version")
