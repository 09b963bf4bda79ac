// What every chart is drawn with: uPlot in this page's colours, units and time axis.

const HEIGHT = 300;

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function axes(format, { time, unit, digits = 0 }) {
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

export function draw(holder, options, data) {
  const width = () => Math.max(holder.clientWidth, 240);
  const plot = new uPlot({ width: width(), height: HEIGHT, ...options }, data, holder);
  const observer = new ResizeObserver(() => {
    if (!holder.isConnected) return observer.disconnect();
    plot.setSize({ width: width(), height: HEIGHT });
  });
  observer.observe(holder);
  return plot;
}

export const zoned = (timezone) => (seconds) => uPlot.tzDate(new Date(seconds * 1e3), timezone);

export function line(label, name, format, extra = {}) {
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
export function vertical(plot, at, text) {
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

export function horizontal(plot, at, text) {
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

export const column = (rows, name) => rows.map((row) => row[name]);
