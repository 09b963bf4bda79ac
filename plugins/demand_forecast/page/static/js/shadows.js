// Models that forecast beside the champion, served to nobody: how each and the champion did on the same hours.

import { card, fill as fillCard } from "./card.js";
import { element, link, nothing, replace } from "./dom.js";
import { bothChart } from "./error_charts.js";
import { fill } from "./format.js";
import { openOutside } from "./navigate.js";

const write = (unit, format) => (unit === "%" ? (value) => format.percent(value, 3) : format.megawatts);

function errorOf(accuracy, unit, format) {
  return write(unit, format)(unit === "%" ? accuracy.mape_percent : accuracy.mae_mw);
}

// What the shadow saves a day; the interval tells whether that may be chance.
function saved({ improvement, unit }, { texts, format }) {
  if (!improvement) return texts.too_few_days;
  const told = write(unit, format);
  const { mean, lower, upper } = improvement;
  return fill(texts.saved_interval, { mean: told(mean), low: told(lower), high: told(upper) });
}

function row(shadow, context) {
  const { texts, format } = context;
  const found = shadow.comparison;
  const cell = (text, type = "number") => element("td", { class: type }, text);
  const named = [
    element("th", { scope: "row" }, shadow.name),
    shadow.version ? cell(shadow.version, "code") : cell(shadow.kind === "baseline" ? texts.baseline : texts.fallback_weatherless, null),
  ];
  if (!found) return element("tr", {}, named, element("td", { colspan: 5 }, texts.not_compared));
  const better = found.improvement?.lower > 0 ? "number better" : "number";
  return element(
    "tr",
    {},
    named,
    cell(fill(texts.compared_hours, { hours: format.number(found.hours, 0), days: format.number(found.days, 0) })),
    cell(errorOf(found.champion, found.unit, format)),
    cell(errorOf(found.shadow, found.unit, format)),
    cell(saved(found, context), better),
    cell(found.improvement ? format.number(found.improvement.p_value, 3) : "–"),
  );
}

function table(shadows, context) {
  const { texts } = context;
  const numbers = ["compared", "of_champion", "of_shadow", "saved", "p_value"];
  const heads = ["shadow", "model", ...numbers].map((name) =>
    element("th", { scope: "col", class: numbers.includes(name) ? "number" : null }, texts[name]),
  );
  const rows = element("tbody", { id: "shadows" }, shadows.map((shadow) => row(shadow, context)));
  return element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, heads)), rows));
}

// Nothing of a region without shadows. `chosen` keeps whose errors are drawn.
export function shadowsCard({ shadows }, chosen, context) {
  const { texts, region } = context;
  if (!shadows.length) return [];
  const compared = shadows.filter((shadow) => shadow.comparison);
  const drawn = () => compared.find((shadow) => shadow.name === chosen.shadow) || compared[0];
  const options = compared.map((shadow) =>
    element("option", { value: shadow.name, selected: shadow === drawn() }, shadow.name),
  );
  const select = element("select", { "aria-label": texts.shadow }, options);
  const dag = `../dags/shadow_model_${region.name}`;
  const change = link(dag, { class: "button", title: texts.trigger_hint, onclick: openOutside }, texts.change_shadows);
  const { root, body } = card(texts.shadows, { wide: true, tools: [compared.length > 1 ? select : null, change] });
  const charts = element("div", { class: "pair" });
  body.append(table(shadows, context), element("p", { class: "note" }, texts.shadows_note), charts);
  const show = () => {
    if (!compared.length) return replace(charts, nothing(texts.not_compared));
    const { comparison, name } = drawn();
    const parts = [
      ["shadow-by-day", comparison.by_day],
      ["shadow-by-horizon", comparison.by_lead_time],
    ].map(([id, rows]) => [element("div", { class: "chart", id }), rows]);
    replace(charts, parts.map(([holder]) => holder));
    for (const [holder, rows] of parts) bothChart(holder, rows, name, comparison.unit, context);
    return undefined;
  };
  select.addEventListener("change", () => {
    chosen.shadow = select.value;
    show();
  });
  return [root, () => fillCard(charts, context, show)];
}
