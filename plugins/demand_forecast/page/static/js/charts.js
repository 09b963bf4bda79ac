// The page's charts: uPlot with this page's colours, units and time axis.

import { element } from "./dom.js";
import { fill } from "./format.js";
import { measureOf } from "./measure.js";

const HEIGHT = 300;
const DAY = 86400;
const DAY_STEPS = [1, 2, 7, 14, 28, 91];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function axes(format, { time, unit, digits = 0 }) {
  const common = {
    stroke: colour("muted"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: colour("grid"), width: 1 },
    ticks: { stroke: colour("grid"), width: 1, size: 4 },
  };
  const x = time
    ? {
        ...common,
        space: 70,
        values: (plot, splits, axis, space, step) =>
          splits.map((seconds) =>
            step >= 86400 || format.hour(seconds * 1e3) === "00:00"
              ? format.axisDay(seconds * 1e3)
              : format.hour(seconds * 1e3),
          ),
      }
    : { ...common, space: 34, grid: { show: false } };
  // Steps below one need more digits to be told apart.
  const places = (step) => Math.max(digits, Math.ceil(-Math.log10(step)));
  const values = (plot, splits, axis, space, step) => splits.map((v) => `${format.number(v, places(step))} ${unit}`);
  const y = { ...common, size: 86, values };
  return [x, y];
}

function draw(holder, options, data) {
  const width = () => Math.max(holder.clientWidth, 240);
  const plot = new uPlot({ width: width(), height: HEIGHT, ...options }, data, holder);
  const observer = new ResizeObserver(() => {
    if (!holder.isConnected) return observer.disconnect();
    plot.setSize({ width: width(), height: HEIGHT });
  });
  observer.observe(holder);
  return plot;
}

const zoned = (timezone) => (seconds) => uPlot.tzDate(new Date(seconds * 1e3), timezone);

function line(label, name, format, extra = {}) {
  return {
    label,
    stroke: colour(name),
    width: 2,
    points: { show: false },
    value: (plot, value) => (value === null ? "" : format.megawatts(value)),
    ...extra,
  };
}

// A rule across the plot with a word beside it.
function vertical(plot, at, text) {
  const x = plot.valToPos(at, "x", true);
  const { left, top, width, height } = plot.bbox;
  if (x < left || x > left + width) return;
  const { ctx } = plot;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("muted");
  ctx.setLineDash([4 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  const room = left + width - x;
  ctx.textAlign = room < 120 * ratio ? "right" : "left";
  ctx.fillText(text, x + (room < 120 * ratio ? -6 : 6) * ratio, top + 14 * ratio);
  ctx.restore();
}

function horizontal(plot, at, text) {
  const y = plot.valToPos(at, "y", true);
  const { left, top, width, height } = plot.bbox;
  if (y < top || y > top + height) return;
  const { ctx } = plot;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("bad");
  ctx.setLineDash([4 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + width, y);
  ctx.stroke();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.fillText(text, left + width - 4 * ratio, y - 8 * ratio);
  ctx.restore();
}

const seconds = (hour) => Date.parse(hour.time) / 1e3;
const column = (hours, name) => hours.map((hour) => hour[name]);

// Bands from the widest to the narrowest, each between two quantiles that lie as far from the median.
function bandsOf(hours) {
  const told = hours.flatMap((hour) => Object.entries(hour.quantiles ?? {}));
  const levels = new Set(told.filter(([, value]) => value !== null).map(([level]) => level));
  return [...levels]
    .map((low) => ({ low, high: `${Number((100 - low).toFixed(3))}`, share: 100 - 2 * low }))
    .filter(({ high, share }) => share > 0 && levels.has(high))
    .sort((one, other) => other.share - one.share);
}

// The legend has one line for a band: its upper edge's, which tells both.
function edges(hours, { low, high, share }, { texts, format }) {
  const told = (plot, value, s, index) => {
    const found = index === null ? {} : hours[index].quantiles ?? {};
    if (!Number.isFinite(found[low]) || !Number.isFinite(found[high])) return "";
    return fill(texts.from_to, { low: format.megawatts(found[low]), high: format.megawatts(found[high]) });
  };
  const label = fill(texts.band_of, { share: format.number(share, Number.isInteger(share) ? 0 : 1) });
  return [
    line(label, "band-edge", format, { width: 0, value: told }),
    line("", "band-edge", format, { width: 0, class: "lower-edge" }),
  ];
}

export function forecastChart(holder, hours, origin, context) {
  const { texts, format, timezone } = context;
  const bands = bandsOf(hours);
  const known = hours.some((hour) => hour.reference_mw !== null);
  const options = {
    tzDate: zoned(timezone),
    cursor: { points: { size: 7 } },
    scales: { y: { range: (plot, low, high) => uPlot.rangeNum(low, high, 0.08, false) } },
    axes: axes(format, { time: true, unit: "MW" }),
    series: [
      { label: texts.time, value: (plot, value) => (value === null ? "" : format.shortMoment(value * 1e3)) },
      ...bands.flatMap((band) => edges(hours, band, context)),
      line(texts.forecast, "forecast", format),
      line(texts.actual, "actual", format),
      ...(known ? [line(texts.reference, "reference", format, { dash: [5, 4] })] : []),
    ],
    bands: bands.map((band, index) => ({ series: [2 * index + 1, 2 * index + 2], fill: colour("band") })),
    hooks: origin ? { draw: [(plot) => vertical(plot, Date.parse(origin) / 1e3, texts.last_origin)] } : {},
  };
  const ofLevel = (level) => hours.map((hour) => hour.quantiles?.[level] ?? null);
  return draw(holder, options, [
    hours.map(seconds),
    ...bands.flatMap(({ low, high }) => [ofLevel(high), ofLevel(low)]),
    ...["forecast_mw", "actual_mw", ...(known ? ["reference_mw"] : [])].map((name) => column(hours, name)),
  ]);
}

export function componentsChart(holder, hours, { texts, format, timezone }) {
  const [x, y] = axes(format, { time: true, unit: "MW" });
  const named = { labelFont: y.font, labelSize: 20, labelGap: 2 };
  const left = { ...y, ...named, label: texts.trend };
  const right = { ...y, ...named, scale: "parts", side: 1, grid: { show: false } };
  right.label = `${texts.seasonality}, ${texts.residual}`;
  const options = {
    tzDate: zoned(timezone),
    // A trend hardly moves within a day: five percent to each side keep it from looking as if it did.
    scales: { y: { range: (plot, low, high) => [Math.min(low, high * 0.95), Math.max(high, low * 1.05)] }, parts: {} },
    axes: [x, left, right],
    series: [
      { label: texts.time, value: (plot, value) => (value === null ? "" : format.shortMoment(value * 1e3)) },
      line(texts.trend, "trend", format, { dash: [6, 4] }),
      line(texts.seasonality, "seasonality", format, { scale: "parts" }),
      line(texts.residual, "residual", format, { scale: "parts" }),
    ],
  };
  const names = ["trend_mw", "seasonality_mw", "residual_mw"];
  return draw(holder, options, [hours.map(seconds), ...names.map((name) => column(hours, name))]);
}

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

export function nothing(text) {
  return element("p", { class: "nothing" }, text);
}
