// The charts of a forecast's hours: its bands and what came, and what it is made of.

import { fill } from "./format.js";
import { axes, colour, column, draw, line, vertical, zoned } from "./plot.js";

const seconds = (hour) => Date.parse(hour.time) / 1e3;

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
