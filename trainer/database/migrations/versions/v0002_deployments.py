"""Which model is champion, since when and why, and which were turned away."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE model_deployments (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            region text NOT NULL,
            version text NOT NULL,
            run_id text NOT NULL,
            status text NOT NULL,
            artifact_path text,
            artifact_checksum text,
            reason text NOT NULL,
            metrics jsonb NOT NULL DEFAULT '{}',
            trained_from timestamptz,
            trained_to timestamptz,
            decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            archived_at timestamptz,
            CONSTRAINT model_deployments_one_row_per_run UNIQUE (region, run_id),
            CONSTRAINT model_deployments_status CHECK (status IN ('active', 'archived', 'rejected')),
            CONSTRAINT model_deployments_named CHECK (region <> '' AND version <> '' AND run_id <> ''),
            CONSTRAINT model_deployments_reason_given CHECK (reason <> ''),
            CONSTRAINT model_deployments_metrics_object CHECK (jsonb_typeof(metrics) = 'object'),
            CONSTRAINT model_deployments_artifact_whole
                CHECK ((artifact_path IS NULL) = (artifact_checksum IS NULL) AND artifact_path <> ''),
            CONSTRAINT model_deployments_checksum CHECK (artifact_checksum ~ '^[0-9a-f]{64}$'),
            CONSTRAINT model_deployments_deployed_whole CHECK (
                status = 'rejected'
                OR (artifact_path IS NOT NULL AND trained_from IS NOT NULL AND trained_to IS NOT NULL)
            ),
            CONSTRAINT model_deployments_window_in_order CHECK (trained_from < trained_to),
            CONSTRAINT model_deployments_archived_when
                CHECK ((status = 'archived') = (archived_at IS NOT NULL) AND archived_at >= decided_at)
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX model_deployments_one_active ON model_deployments (region)
        WHERE status = 'active'
    """)
    op.execute("CREATE INDEX model_deployments_history ON model_deployments (region, id DESC)")

    # The other half of "exactly one": asked at commit, so that a promotion may archive first and insert
    # after, but no transaction may end with a region that had a champion and has none.
    op.execute("""
        CREATE FUNCTION model_deployments_keep_a_champion() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            touched text := coalesce(OLD.region, NEW.region);
        BEGIN
            IF EXISTS (SELECT FROM model_deployments WHERE region = touched AND status = 'archived')
               AND NOT EXISTS (SELECT FROM model_deployments WHERE region = touched AND status = 'active')
            THEN
                RAISE EXCEPTION 'region % would be left without an active model', touched USING
                    ERRCODE = 'check_violation',
                    CONSTRAINT = 'model_deployments_keep_a_champion',
                    HINT = 'archive the old model and insert the new one in one transaction';
            END IF;
            RETURN NULL;
        END
        $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER model_deployments_keep_a_champion
        AFTER INSERT OR UPDATE OR DELETE ON model_deployments
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION model_deployments_keep_a_champion()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE model_deployments")
    op.execute("DROP FUNCTION model_deployments_keep_a_champion()")
