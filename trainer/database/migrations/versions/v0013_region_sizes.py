"""What a region takes in the store and in these tables, as each housekeeping left it."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE region_sizes (
            region text NOT NULL,
            run_id text NOT NULL,
            tidied_at timestamptz NOT NULL,
            store_bytes bigint NOT NULL,
            freed_bytes bigint NOT NULL,
            table_rows bigint NOT NULL,
            table_bytes bigint NOT NULL,
            PRIMARY KEY (region, run_id),
            CONSTRAINT region_sizes_named CHECK (region <> '' AND run_id <> ''),
            CONSTRAINT region_sizes_counted CHECK (
                store_bytes >= 0 AND freed_bytes >= 0 AND table_rows >= 0 AND table_bytes >= 0
            )
        )
    """)
    op.execute("COMMENT ON TABLE region_sizes IS 'What a region takes, as each housekeeping left it'")
    op.execute("COMMENT ON COLUMN region_sizes.table_bytes IS 'Of its rows in all tables, without indexes'")


def downgrade() -> None:
    op.execute("DROP TABLE region_sizes")
