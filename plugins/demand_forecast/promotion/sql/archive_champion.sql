-- Archives the champion that the challenger was measured against, or what that was refitted to meanwhile, and
-- no other: where somebody else was
-- promoted meanwhile, nothing is archived here and the insert that follows fails on "one active".
-- A run that was recorded before archives nothing, least of all its own row or its successor's.
UPDATE model_deployments AS champion
SET status = 'archived',
    archived_at = greatest(clock_timestamp(), champion.decided_at)
WHERE champion.region = %(region)s
  AND champion.status = 'active'
  AND coalesce(champion.judged_version, champion.version) IN (
      SELECT coalesce(measured.judged_version, measured.version)
      FROM model_deployments AS measured
      WHERE measured.region = %(region)s
        AND measured.version = %(champion_version)s
  )
  AND NOT EXISTS (
      SELECT FROM model_deployments AS recorded
      WHERE recorded.region = %(region)s
        AND recorded.run_id = %(run_id)s
        AND recorded.status <> 'rejected'
  )
