-- A run has one row. Recorded before, it stays as it is; turned away before and decided anew, it is
-- promoted now.
INSERT INTO model_deployments AS recorded (
    region, version, run_id, status, artifact_path, artifact_checksum,
    reason, metrics, trained_from, trained_to
)
VALUES (
    %(region)s, %(version)s, %(run_id)s, 'active', %(artifact_path)s, %(artifact_checksum)s,
    %(reason)s, %(metrics)s::jsonb, %(trained_from)s::timestamptz, %(trained_to)s::timestamptz
)
ON CONFLICT (region, run_id) DO UPDATE
SET status = excluded.status,
    version = excluded.version,
    artifact_path = excluded.artifact_path,
    artifact_checksum = excluded.artifact_checksum,
    reason = excluded.reason,
    metrics = excluded.metrics,
    trained_from = excluded.trained_from,
    trained_to = excluded.trained_to,
    decided_at = excluded.decided_at
WHERE recorded.status = 'rejected'
