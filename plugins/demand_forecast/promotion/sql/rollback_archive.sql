-- Makes room only where there is an archived row of the wanted version, with files, to put in the champion's
-- place.
UPDATE model_deployments AS champion
SET status = 'archived',
    archived_at = greatest(clock_timestamp(), champion.decided_at)
WHERE champion.region = %(region)s
  AND champion.status = 'active'
  AND champion.version <> %(version)s
  AND EXISTS (
      SELECT FROM model_deployments AS wanted
      WHERE wanted.region = %(region)s
        AND wanted.version = %(version)s
        AND wanted.status = 'archived'
        AND wanted.files_removed_at IS NULL
  )
  AND NOT EXISTS (
      SELECT FROM model_deployments AS recorded
      WHERE recorded.region = %(region)s
        AND recorded.run_id = %(run_id)s
  )
