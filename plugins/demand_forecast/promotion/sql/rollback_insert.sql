-- Puts the wanted version back under the rollback's own run, so that history keeps both of its terms.
INSERT INTO model_deployments (
    region, version, run_id, status, artifact_path, artifact_checksum,
    reason, metrics, trained_from, trained_to, judged_version
)
SELECT wanted.region, wanted.version, %(run_id)s, 'active', wanted.artifact_path, wanted.artifact_checksum,
       %(reason)s, wanted.metrics, wanted.trained_from, wanted.trained_to,
       wanted.judged_version
FROM model_deployments AS wanted
WHERE wanted.region = %(region)s
  AND wanted.version = %(version)s
  AND wanted.status = 'archived'
  AND wanted.files_removed_at IS NULL
  AND NOT EXISTS (
      SELECT FROM model_deployments AS champion
      WHERE champion.region = %(region)s
        AND champion.version = %(version)s
        AND champion.status = 'active'
  )
ORDER BY wanted.id DESC
LIMIT 1
ON CONFLICT (region, run_id) DO NOTHING
