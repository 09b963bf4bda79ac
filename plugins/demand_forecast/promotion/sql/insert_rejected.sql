-- A run that was recorded before stays as it is: turning a champion away is what a rollback is for.
INSERT INTO model_deployments (
    region, version, run_id, status, artifact_path, artifact_checksum,
    reason, metrics, trained_from, trained_to
)
VALUES (
    %(region)s, %(version)s, %(run_id)s, 'rejected', %(artifact_path)s, %(artifact_checksum)s,
    %(reason)s, %(metrics)s::jsonb, %(trained_from)s::timestamptz, %(trained_to)s::timestamptz
)
ON CONFLICT (region, run_id) DO NOTHING
