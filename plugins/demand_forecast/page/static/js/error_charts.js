// The charts of errors: by day, by lead time, and of the champion beside a shadow.

import { fill } from "./format.js";
import { measureOf } from "./measure.js";
import { axes, colour, column, draw, horizontal, line, zoned } from "./plot.js";

const DAY = 86400;
const DAY_STEPS = [1, 2, 7, 14, 28, 91];

// The middle of every `step` seconds' worth of whole UTC days, as calendar days are drawn.
function noons(low, high, step) {
  const found = [];
  for (let noon = Math.ceil(low / DAY) * DAY + DAY / 2; noon < high; noon += step) found.push(noon);
  return found;
}

const noon = (day) => Date.parse(`${day.date}T12:00:00Z`) / 1e3;

// One mark below each day, or below every few of them where days are many.
function markDays(x, format) {
  x.incrs = DAY_STEPS.map((step) => step * DAY);
  x.splits = (plot, axis, low, high, step) => noons(low, high, step);
  x.values = (plot, splits) => splits.map((at) => format.calendarDay(at * 1e3));
}

// The limit is one of percent.
export function byDayChart(holder, days, limit, { texts, format }) {
  const measure = measureOf(days, { texts, format });
  const bound = measure.unit === "%" ? limit : 0;
  const [x, y] = axes(format, { time: true, unit: measure.unit, digits: measure.digits });
  markDays(x, format);
  const errors = column(days, measure.name);
  const references = days.map((day) => day.beside_reference?.[measure.reference] ?? null);
  const known = references.some((value) => value !== null);
  const operator = line(texts.reference, "reference", format, {
    dash: [5, 4],
    points: { show: days.length <= 90, size: 5 },
    value: (plot, value, s, index) => (value === null ? "" : besideReference(days[index].beside_reference)),
  });
  const besideReference = (beside) =>
    fill(texts.reference_day, {
      error: measure.write(beside[measure.reference]),
      ours: measure.write(beside[measure.name]),
      hours: format.number(beside.hours, 0),
    });
  const distributions = column(days, "crps_mw");
  const crps = {
    label: texts.crps,
    paths: () => null,
    points: { show: false },
    value: (plot, value, s, index) => (index === null ? "" : format.megawatts(distributions[index])),
  };
  const scored = distributions.some((value) => value !== null);
  const bars = { size: [0.7, 40], radius: 0.15 };
  const options = {
    tzDate: zoned("Etc/UTC"),
    scales: {
      x: { range: (plot, low, high) => [low - DAY / 2, high + DAY / 2] },
      y: { range: (plot, low, high) => [0, Math.max(high, bound) * 1.12] },
    },
    axes: [x, y],
    series: [
      { label: texts.day, value: (plot, value, s, index) => (index === null ? "" : days[index].date) },
      {
        label: measure.label,
        stroke: colour("forecast"),
        fill: colour("bar"),
        width: 1,
        paths: uPlot.paths.bars(bars),
        points: { show: false },
        value: (plot, value) => (value === null ? "" : measure.write(value)),
      },
      ...(known ? [operator] : []),
      ...(scored ? [crps] : []),
      {
        label: texts.model,
        paths: () => null,
        points: { show: false },
        value: (plot, value, s, index) => (index === null ? "" : days[index].model_version),
      },
    ],
    hooks: { draw: bound ? [(plot) => horizontal(plot, bound, texts.limit)] : [] },
  };
  const told = [...(known ? [references] : []), ...(scored ? [errors] : [])];
  return draw(holder, options, [days.map(noon), errors, ...told, errors]);
}

export function byHorizonChart(holder, leads, { texts, format }) {
  const measure = measureOf(leads, { texts, format });
  const options = {
    scales: {
      x: { time: false, range: (plot, low, high) => [low - 0.6, high + 0.6] },
      y: { range: (plot, low, high) => [0, high * 1.12] },
    },
    axes: axes(format, { time: false, unit: measure.unit, digits: measure.digits }),
    series: [
      { label: texts.hours_ahead, value: (plot, value) => (value === null ? "" : `${value} h`) },
      {
        label: measure.label,
        stroke: colour("forecast"),
        fill: colour("bar"),
        width: 1,
        paths: uPlot.paths.bars({ size: [0.7, 40], radius: 0.15 }),
        points: { show: false },
        value: (plot, value) => (value === null ? "" : measure.write(value)),
      },
      {
        label: texts.mae,
        paths: () => null,
        points: { show: false },
        value: (plot, value, s, index) => (index === null ? "" : format.megawatts(leads[index].mae_mw)),
      },
    ],
  };
  const errors = column(leads, measure.name);
  return draw(holder, options, [column(leads, "lead_time_hours"), errors, errors]);
}

// The errors of the champion and of the shadow `name` in `unit`, by day or by lead time.
export function bothChart(holder, rows, name, unit, { texts, format }) {
  const time = "date" in rows[0];
  const [x, y] = axes(format, { time, unit, digits: unit === "%" ? 1 : 0 });
  if (time) markDays(x, format);
  const write = (value) => (unit === "%" ? format.percent(value) : format.megawatts(value));
  const told = { points: { show: true, size: 5 }, value: (plot, value) => (value === null ? "" : write(value)) };
  const at = (plot, value, s, index) => {
    if (index === null) return "";
    return time ? rows[index].date : `${rows[index].lead_time_hours} h`;
  };
  const options = {
    tzDate: zoned("Etc/UTC"),
    scales: { x: { time }, y: { range: (plot, low, high) => [0, high * 1.12] } },
    axes: [x, y],
    series: [
      { label: time ? texts.day : texts.hours_ahead, value: at },
      line(texts.champion, "forecast", format, told),
      line(name, "actual", format, told),
    ],
  };
  const places = time ? rows.map(noon) : column(rows, "lead_time_hours");
  return draw(holder, options, [places, column(rows, "champion"), column(rows, "shadow")]);
}
