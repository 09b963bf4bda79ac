-- A year of region KR up to now: hourly actuals, a day-ahead forecast from each local midnight and its scores, ten
-- weekly decisions. Region GR: a run that wrote markup wherever text is free.
CREATE FUNCTION pg_temp.demand(t timestamptz) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT 62000
         + 7000 * sin((extract(hour FROM t AT TIME ZONE 'Asia/Seoul') - 9) * pi() / 12)
         - CASE WHEN extract(isodow FROM t AT TIME ZONE 'Asia/Seoul') >= 6 THEN 6500 ELSE 0 END
         + 5500 * cos(extract(doy FROM t AT TIME ZONE 'Asia/Seoul') * 4 * pi() / 365)
$$;
CREATE FUNCTION pg_temp.noise(t timestamptz, salt text) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashtextextended(salt || extract(epoch FROM t)::bigint::text, 0) % 1000) / 1000.0
$$;
CREATE FUNCTION pg_temp.midnight() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT date_trunc('day', now() AT TIME ZONE 'Asia/Seoul') AT TIME ZONE 'Asia/Seoul'
$$;
CREATE FUNCTION pg_temp.figures(mape numeric) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('mape', mape, 'smape', mape * 0.99, 'mae', mape * 640, 'rmse', mape * 930,
                              'mse', mape * 930 * mape * 930, 'r2', 1 - mape / 60)
$$;

INSERT INTO raw_demand (region, time, demand_mw, source)
SELECT 'KR', t, pg_temp.demand(t) + 900 * pg_temp.noise(t, 'actual'), 'test'
FROM generate_series(pg_temp.midnight() - interval '365 days', date_trunc('hour', now()) - interval '1 hour',
                     interval '1 hour') AS t;

-- The operator forecasts the next day too, and now and then forgets an hour.
INSERT INTO raw_demand (region, time, reference_mw, source)
SELECT 'KR', t, pg_temp.demand(t) + 450 + 1300 * pg_temp.noise(t, 'reference'), 'test'
FROM generate_series(pg_temp.midnight() - interval '365 days', pg_temp.midnight() + interval '23 hours',
                     interval '1 hour') AS t
WHERE abs(pg_temp.noise(t, 'forgotten')) > 0.02
ON CONFLICT (region, time) DO UPDATE SET reference_mw = excluded.reference_mw;

INSERT INTO predictions (region, origin, time, lead_time, model_version, run_id, forecast_mw, trend_mw,
                         seasonality_mw, residual_mw, lower_mw, upper_mw, fallback)
SELECT 'KR', origin, t, lead, version, 'daily_forecast_KR/scheduled__' || to_char(origin, 'YYYY-MM-DD'), f, 60000,
       f - 60000 - r, r, f - 1100 - 15 * lead, f + 1100 + 15 * lead, 'none'
FROM generate_series(pg_temp.midnight() - interval '365 days', pg_temp.midnight(), interval '1 day') AS origin,
     generate_series(1, 24) AS lead,
     LATERAL (SELECT origin + (lead - 1) * interval '1 hour' AS t) AS at_hour,
     LATERAL (SELECT 350 * pg_temp.noise(t, 'residual') AS r,
                     pg_temp.demand(t) + (250 + 12 * lead) * pg_temp.noise(t, 'forecast') AS f) AS figures,
     LATERAL (SELECT CASE WHEN origin < pg_temp.midnight() - interval '3 days' THEN 'KR-20260913T1800-0a1b2c3d'
                          ELSE 'KR-20261115T1800-7f3e9a41' END AS version) AS made_by;

-- A model of today states more quantiles than the band, and whole days; those of before had the band alone.
UPDATE predictions
SET quantiles = jsonb_build_object('5', forecast_mw - 1.3 * (forecast_mw - lower_mw), '25', forecast_mw - 0.5 * (forecast_mw - lower_mw),
                                   '75', forecast_mw + 0.5 * (upper_mw - forecast_mw), '95', forecast_mw + 1.3 * (upper_mw - forecast_mw))
WHERE region = 'KR' AND origin >= pg_temp.midnight() - interval '5 days';
INSERT INTO forecast_days (region, origin, date, hours, peak_mw, peak_time, peak_lower_mw, peak_upper_mw, energy_mwh,
                           energy_lower_mwh, energy_upper_mwh)
SELECT 'KR', origin, (origin AT TIME ZONE 'Asia/Seoul')::date, 24, max(forecast_mw), (array_agg(time ORDER BY forecast_mw DESC))[1],
       max(forecast_mw) - 900, max(forecast_mw) + 950, sum(forecast_mw), sum(forecast_mw) - 16000, sum(forecast_mw) + 15500
FROM predictions WHERE region = 'KR' AND quantiles IS NOT NULL GROUP BY origin;

INSERT INTO model_metrics (region, model_version, scope, window_start, window_end, lead_time, hours, mae, mse, rmse, r2,
                           mape, smape, crps, run_id, common_hours, common_mae, common_mape, reference_mae, reference_mape)
SELECT 'KR', model_version, 'score', origin, origin + interval '1 day', coalesce(lead_time, 0), count(*),
       avg(abs(e)), avg(e * e), sqrt(avg(e * e)), CASE WHEN lead_time IS NULL THEN 0.97 END, avg(100 * abs(e) / y),
       avg(200 * abs(e) / (y + f)), CASE WHEN bool_and(quantiles IS NOT NULL) THEN 0.7 * avg(abs(e)) END, 'score', nullif(count(o), 0),
       avg(abs(e)) FILTER (WHERE o IS NOT NULL), avg(100 * abs(e) / y) FILTER (WHERE o IS NOT NULL), avg(abs(o)),
       avg(100 * abs(o) / y)
FROM (SELECT p.model_version, p.origin, p.lead_time, p.quantiles, r.demand_mw AS y, p.forecast_mw AS f, p.forecast_mw - r.demand_mw AS e,
             r.reference_mw - r.demand_mw AS o
      FROM predictions AS p JOIN raw_demand AS r USING (region, time)
      WHERE p.origin < pg_temp.midnight()) AS pairs
GROUP BY GROUPING SETS ((model_version, origin), (model_version, origin, lead_time));

INSERT INTO model_deployments (region, version, run_id, status, artifact_path, artifact_checksum, reason, metrics,
                               trained_from, trained_to, decided_at, archived_at)
SELECT 'KR', version, 'weekly_retrain_KR/scheduled__' || to_char(decided, 'YYYY-MM-DD') || 'T18:00:00+00:00', status,
       CASE WHEN status <> 'rejected' THEN 'KR/models/' || version END,
       CASE WHEN status <> 'rejected' THEN repeat('ab', 32) END,
       CASE WHEN n = 10 THEN 'First model of its region: MAPE 1.812 % over 672 h, below the 5.270 % of the seasonal naive forecast on the same hours.'
            WHEN status = 'rejected' THEN format('Nothing is promoted: MAPE %s %% against the champion''s %s %% over the same 672 h is %s %% worse.', candidate, champion, round(100 * (candidate - champion) / champion, 1))
            ELSE format('The challenger wins: MAPE %s %% against the champion''s %s %% over the same 672 h is %s %% better, and 1.0 %% was asked.', candidate, champion, round(100 * (champion - candidate) / champion, 1)) END,
       jsonb_build_object('challenger', pg_temp.figures(candidate), 'champion', CASE WHEN n < 10 THEN pg_temp.figures(champion) END,
                          'baseline', pg_temp.figures(5.27),
                          'beside_reference', jsonb_build_object('hours', 660, 'reference', pg_temp.figures(1.44),
                                                                 'challenger', pg_temp.figures(candidate - 0.01)),
                          'members', '{"model": 0.6204, "trees": 0.3796}'::jsonb,
                          'places', '{"seoul": 0.55, "busan": 0.45}'::jsonb,
                          'mlflow_run_id', CASE WHEN n < 10 THEN md5('mlflow' || n) END),
       decided - interval '1826 days', decided - interval '28 days',
       decided, CASE WHEN status = 'archived' THEN decided + interval '21 days' END
FROM (SELECT n, pg_temp.midnight() - n * interval '7 days' + interval '3 days 3 hours' AS decided,
             format('KR-%s-%s', to_char(pg_temp.midnight() - n * interval '7 days', 'YYYYMMDD"T"1800'), substr(md5(n::text), 1, 8)) AS version,
             CASE WHEN n = 1 THEN 'active' WHEN n IN (4, 7, 10) THEN 'archived' ELSE 'rejected' END AS status,
             CASE WHEN n IN (1, 4, 7) THEN 1.4 + n / 50.0 WHEN n = 10 THEN 1.812 ELSE 1.6 + n / 40.0 END::numeric(6, 3) AS candidate,
             (1.44 + n / 45.0)::numeric(6, 3) AS champion
      FROM generate_series(1, 10) AS n) AS weeks
ORDER BY n DESC;

INSERT INTO model_deployments (region, version, run_id, status, artifact_path, artifact_checksum, reason, metrics, trained_from,
                               trained_to)
VALUES ('GR', 'GR-1<img src=x onerror="document.title=''pwned''">', 'weekly_retrain_GR/"><script>document.title="pwned"</script>',
        'active', 'GR/models/1', repeat('cd', 32), '<script>document.title="pwned"</script><b>bold words</b>',
        '{"challenger": {"mape": "<i>1</i>"}, "champion": null, "mlflow_run_id": "\"><img src=x>"}', now() - interval '100 days', now() - interval '20 days');
INSERT INTO predictions (region, origin, time, lead_time, model_version, run_id, forecast_mw, fallback)
SELECT 'GR', pg_temp.midnight(), pg_temp.midnight() + (lead - 1) * interval '1 hour', lead, '<b>GR</b>', '<i>run</i>', 5000, 'baseline'
FROM generate_series(1, 24) AS lead;
-- InfluxDB has long taken nothing of GR.
INSERT INTO influx_deliveries (region, kind, starts, enqueued_at)
VALUES ('GR', 'forecast', pg_temp.midnight(), now()),
       ('GR', 'decisions', '1970-01-01Z', '2025-11-05 06:10Z');
-- KR was tidied two days ago, GR never.
INSERT INTO region_sizes (region, run_id, tidied_at, store_bytes, freed_bytes, table_rows, table_bytes)
VALUES ('KR', 'housekeeping_KR/last', pg_temp.midnight() - interval '2 days' + interval '5 hours', 58912345, 6543210, 43210, 9876543),
       ('KR', 'housekeeping_KR/earlier', pg_temp.midnight() - interval '9 days', 1, 2, 3, 4);
ANALYZE;
