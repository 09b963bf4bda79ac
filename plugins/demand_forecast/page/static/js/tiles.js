// The figures that an operator wants at a glance.

import { element } from "./dom.js";
import { fill } from "./format.js";

const DAY = 86400e3;

function tile(title, value, details, state = null) {
  return element(
    "div",
    { class: state ? `tile ${state}` : "tile" },
    element("h3", {}, title),
    element("p", { class: "value" }, value),
    ...details.filter(Boolean).map((text) => element("p", { class: "detail" }, text)),
  );
}

export function championTile(models, { texts, format }) {
  const champion = models.champion;
  if (!champion) return tile(texts.champion, texts.no_champion, [texts.no_champion_hint], "warn");
  const days = Math.floor((Date.now() - Date.parse(champion.decided_at)) / DAY);
  const since = fill(texts.since, { when: format.date(champion.decided_at) });
  const lines = champion.judged_version
    ? [fill(texts.refit_of, { version: champion.judged_version }), since]
    : [since, fill(texts.for_days, { days: format.number(days, 0) })];
  return tile(texts.champion, champion.version, lines, "name");
}

// Where the newest forecast speaks for the past, so does the age of the model that made it.
export function ageTile(models, latest, oldDays, { texts, format }) {
  const until = models.champion?.trained_to;
  if (!until) return tile(texts.model_age, "–", []);
  const past = latest && Date.parse(latest.hours.at(-1).time) + 3600e3 <= Date.now();
  const from = past ? Date.parse(latest.origin) : Date.now();
  const days = Math.max(0, from - Date.parse(until)) / DAY;
  const old = days > oldDays;
  return tile(
    texts.model_age,
    fill(texts.days, { days: format.number(days, 1) }),
    [
      fill(texts.age_detail, { when: format.date(until) }),
      past ? fill(texts.age_past, { when: format.date(from) }) : null,
      old ? texts.age_old : null,
    ],
    old ? "warn" : "good",
  );
}

// Tomorrow where the forecast has it, else what it has: its peak and energy, with bands of their own.
export function dayTile(latest, { texts, format }) {
  const today = format.isoDay(Date.now());
  const day = latest.days.find((one) => one.date > today) || latest.days.at(-1);
  const band = (write, low, high) =>
    low === null || high === null ? null : fill(texts.band, { low: write(low), high: write(high) });
  const when = { when: format.hour(day.peak_time), day: format.weekday(`${day.date}T12:00:00Z`) };
  return tile(fill(texts.day_tile, when), format.megawatts(day.peak_mw), [
    fill(texts.at, when),
    band(format.megawatts, day.peak_lower_mw, day.peak_upper_mw),
    fill(texts.energy, { energy: format.energy(day.energy_mwh) }),
    band(format.energy, day.energy_lower_mwh, day.energy_upper_mwh),
  ]);
}

export function peakTile(latest, { texts, format }) {
  if (!latest) return tile(texts.peak, "–", []);
  const ahead = latest.hours.filter((hour) => Date.parse(hour.time) + 3600e3 > Date.now());
  const hours = ahead.length ? ahead : latest.hours;
  const peak = hours.reduce((best, hour) => (hour.forecast_mw > best.forecast_mw ? hour : best));
  const band = { low: format.megawatts(peak.lower_mw), high: format.megawatts(peak.upper_mw) };
  return tile(ahead.length ? texts.peak : texts.peak_past, format.megawatts(peak.forecast_mw), [
    fill(texts.at, { when: format.shortMoment(peak.time) }),
    peak.lower_mw === null ? null : fill(texts.band, band),
  ]);
}

export function stateTile(latest, { texts, format }) {
  if (!latest) return tile(texts.forecast_state, texts.no_forecast, [texts.no_forecast_hint], "warn");
  const end = Date.parse(latest.hours.at(-1).time) + 3600e3;
  const current = end > Date.now();
  const made = fill(texts.made_for, { when: format.shortMoment(latest.origin) });
  const until = fill(texts.until, { when: format.shortMoment(end) });
  const whole = latest.fallback === "none";
  const how = texts[`fallback_${latest.fallback}`];
  const first = latest.hours.findIndex((hour) => hour.lead_time_hours === latest.fallback_from);
  const when = first > 0 ? format.shortMoment(latest.hours[first].time) : null;
  const since = when ? fill(texts.fallback_since, { how, when }) : how;
  return tile(
    texts.forecast_state,
    !current ? texts.state_ended : whole ? texts.state_current : texts.state_fallback,
    [`${made} ${until}`, since],
    current && whole ? "good" : whole ? "warn" : "bad",
  );
}

// How much of the demand a forecast looks back on was measured; what is suspect, newest first.
export function qualityTile(quality, { texts, format }) {
  const share = quality.measured_share;
  if (share === null) return tile(texts.quality, "–", [texts.nothing_stored]);
  const stretches = quality.suspect.slice(0, 3).map((one) => {
    const when = format.shortMoment(one.first);
    return fill(texts.suspect_stretch, { when, hours: format.number(one.hours, 0), reason: one.reason });
  });
  const more = quality.suspect.length - stretches.length;
  const state = quality.suspect.length || share < 0.95 ? "warn" : "good";
  return tile(
    texts.quality,
    format.percent(100 * share, 1),
    [texts.quality_detail, ...stretches, more > 0 ? fill(texts.suspect_more, { count: format.number(more, 0) }) : null],
    state,
  );
}

// How far InfluxDB, where dashboards read, is behind; quiet where it is not.
export function deliveryTile(delivery, { texts, format }) {
  if (!delivery.owed) return tile(texts.delivery, texts.nothing_owed, [texts.nothing_owed_detail]);
  const count = format.number(delivery.owed, 0);
  const hours = fill(texts.owed_hours, { hours: format.number(delivery.hours, 0) });
  const since = fill(texts.owed_since, { when: format.moment(delivery.since) });
  return tile(texts.delivery, fill(texts.owed, { count }), [since, hours, texts.owed_detail], "warn");
}

// What the region takes on disk, as its last housekeeping left it.
export function sizeTile(size, { texts, format }) {
  if (!size.tidied_at) return tile(texts.size, "–", [texts.never_tidied, texts.never_tidied_hint]);
  const rows = format.number(size.table_rows, 0);
  return tile(texts.size, format.megabytes(size.store_bytes), [
    fill(texts.size_tables, { rows, size: format.megabytes(size.table_bytes) }),
    fill(texts.tidied, { when: format.date(size.tidied_at), freed: format.megabytes(size.freed_bytes) }),
  ]);
}

// The grid operator's own forecast beside ours; nothing where it is not known of any scored hour.
export function referenceTile(performance, days, { texts, format }) {
  const window = performance.rolling.find((one) => one.days === days);
  const beside = window?.beside_reference;
  if (!beside) return null;
  const inPercent = beside.mape_percent !== null;
  const [own, theirs] = inPercent
    ? [beside.mape_percent, beside.reference_mape_percent]
    : [beside.mae_mw, beside.reference_mae_mw];
  const write = inPercent ? format.percent : format.megawatts;
  const ours = fill(texts.reference_ours, { error: write(own) });
  const hours = fill(texts.reference_hours, { hours: format.number(beside.hours, 0), days });
  return tile(texts.reference_tile, write(theirs), [ours, hours], own <= theirs ? "good" : "warn");
}

export function errorTile(performance, days, limit, { texts, format }) {
  const title = texts[`error_${days}`];
  const window = performance.rolling.find((one) => one.days === days);
  if (!window) return tile(title, "–", [texts.not_scored]);
  const crps = window.crps_mw === null ? null : fill(texts.crps_detail, { crps: format.megawatts(window.crps_mw) });
  if (window.mape_percent === null) {
    const { rmae } = window;
    const relative = rmae === null ? null : fill(texts.rmae_detail, { rmae: format.number(rmae, 2) });
    return tile(title, format.megawatts(window.mae_mw), [crps, relative], rmae > 1 ? "bad" : "good");
  }
  const over = window.mape_percent > limit;
  const said = fill(over ? texts.over_limit : texts.within_limit, { limit: format.percent(limit, 1) });
  const mae = fill(texts.mae_detail, { mae: format.megawatts(window.mae_mw) });
  return tile(title, format.percent(window.mape_percent), [mae, crps, said], over ? "bad" : "good");
}
