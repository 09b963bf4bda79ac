-- A shadow that became champion forecasts beside itself no more. One that was removed before stays as it is.
UPDATE shadow_models AS shadow
SET removed_at = greatest(clock_timestamp(), shadow.added_at)
WHERE shadow.region = %(region)s
  AND shadow.name = %(shadow)s
  AND shadow.removed_at IS NULL
