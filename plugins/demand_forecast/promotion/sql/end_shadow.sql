-- What became champion forecasts beside itself no more, under whichever names it was in shadow. A promotion that
-- is told again, once another model is champion, ends nothing.
UPDATE shadow_models AS shadow
SET removed_at = greatest(clock_timestamp(), shadow.added_at),
    removed_by = %(run_id)s,
    removed_reason = 'It became champion.'
WHERE shadow.region = %(region)s
  AND shadow.version = %(version)s
  AND shadow.removed_at IS NULL
  AND EXISTS (
      SELECT FROM model_deployments AS champion
      WHERE champion.region = shadow.region AND champion.version = shadow.version AND champion.status = 'active'
  )
