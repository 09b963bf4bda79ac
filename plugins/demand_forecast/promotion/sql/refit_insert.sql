-- Its figures are those of the version that was judged. Where another model is champion by now, nothing is
-- written: that one is refitted by its own run.
INSERT INTO model_deployments (
    region, version, run_id, status, artifact_path, artifact_checksum,
    reason, metrics, trained_from, trained_to, parent, judged_version
)
SELECT parent.region, %(version)s, %(run_id)s, 'active', %(artifact_path)s, %(artifact_checksum)s,
       %(reason)s, parent.metrics, %(trained_from)s::timestamptz, %(trained_to)s::timestamptz,
       parent.version, coalesce(parent.judged_version, parent.version)
FROM model_deployments AS parent
WHERE parent.region = %(region)s
  AND parent.version = %(parent)s
  AND parent.status = 'archived'
  AND NOT EXISTS (
      SELECT FROM model_deployments AS champion
      WHERE champion.region = %(region)s
        AND champion.status = 'active'
  )
ORDER BY parent.id DESC
LIMIT 1
ON CONFLICT (region, run_id) DO NOTHING
