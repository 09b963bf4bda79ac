"""Champions of long ago whose files were removed: nothing goes back to them any more."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE model_deployments
            ADD COLUMN files_removed_at timestamptz,
            ADD CONSTRAINT model_deployments_active_has_files
                CHECK (files_removed_at IS NULL OR status = 'archived')
    """)
    op.execute(
        "COMMENT ON COLUMN model_deployments.files_removed_at IS "
        "'Since when the files of the version may be gone from the store: set before the first is removed'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE model_deployments DROP COLUMN files_removed_at")
