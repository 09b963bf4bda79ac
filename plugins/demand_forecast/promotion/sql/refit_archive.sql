-- Makes room only where the parent still is champion, for a model that knows more than it does.
UPDATE model_deployments AS champion
SET status = 'archived',
    archived_at = greatest(clock_timestamp(), champion.decided_at)
WHERE champion.region = %(region)s
  AND champion.status = 'active'
  AND champion.version = %(parent)s
  AND champion.trained_to < %(trained_to)s::timestamptz
  AND NOT EXISTS (
      SELECT FROM model_deployments AS recorded
      WHERE recorded.region = %(region)s
        AND recorded.run_id = %(run_id)s
  )
