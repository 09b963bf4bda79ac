// All regions in one table, the ones that need somebody first: what the page opens with where there are several.

import { get } from "./api.js";
import { card } from "./card.js";
import { element, link, replace } from "./dom.js";
import { fill, formatter } from "./format.js";

const HOUR = 3600e3;
const FALLBACKS = ["none", "weatherless", "previous", "baseline"];

// What the reader sorts by, which a refresh keeps.
const sorting = { name: "alerts", descending: true };

async function standing(region, setup) {
  const format = formatter(setup.language, region.timezone);
  try {
    const summary = await get("summary", { region: region.name });
    const behind = summary.last_actual && (Date.now() - Date.parse(summary.last_actual)) / HOUR - 1;
    const age = summary.trained_to && (Date.now() - Date.parse(summary.trained_to)) / (24 * HOUR);
    const row = { region, format, summary, behind, age };
    return { ...row, alerts: alertsOf(row, setup) };
  } catch (error) {
    return { region, format, summary: null, behind: null, age: null, alerts: [`${setup.texts.failed}: ${error.message}`] };
  }
}

// In the words of the region's own page where it says the same.
function alertsOf({ summary, behind, age, format }, setup) {
  const { texts } = setup;
  const { mape_percent: mape, origin, until, fallback } = summary;
  return [
    mape > setup.drift_mape ? fill(texts.alert_error, { limit: format.percent(setup.drift_mape, 1) }) : null,
    !origin ? texts.no_forecast : Date.parse(until) <= Date.now() ? texts.alert_ended : null,
    origin && fallback !== "none" ? texts[`fallback_${fallback}`] : null,
    behind === null || behind > setup.stale_hours ? texts.alert_late : null,
    summary.suspect_hours ? fill(texts.alert_suspect, { hours: format.number(summary.suspect_hours, 0) }) : null,
    !summary.champion ? texts.no_champion : age > setup.old_days ? texts.age_old : null,
    summary.owed ? texts.alert_owed : null,
  ].filter(Boolean);
}

// `by`: what rows are compared by, null for nothing; `cell`: what is seen of it.
function columns({ texts }) {
  const error = ({ summary, format }) =>
    summary.mape_percent === null ? format.megawatts(summary.mae_mw) : format.percent(summary.mape_percent);
  const known = (value, write) => (value === null ? "–" : write(value));
  return [
    { name: "region", title: texts.region, by: (row) => row.region.title, cell: (row) => regionLink(row.region) },
    { name: "error", title: texts.error_7, number: true, by: (row) => row.summary?.mape_percent ?? null, cell: error },
    {
      name: "fresh",
      title: texts.demand_until,
      by: (row) => row.behind,
      cell: ({ summary, behind, format }) =>
        known(behind, () => [
          element("span", { class: "nowrap" }, format.shortMoment(Date.parse(summary.last_actual) + HOUR)),
          element("span", { class: "note" }, fill(texts.hours_ago, { hours: format.number(Math.floor(behind), 0) })),
        ]),
    },
    {
      name: "until",
      title: texts.forecast_until,
      by: (row) => (row.summary?.until ? Date.parse(row.summary.until) : null),
      cell: ({ summary, format }) => known(summary.until, format.shortMoment),
    },
    {
      name: "fallback",
      title: texts.made_by,
      by: (row) => (row.summary?.fallback ? FALLBACKS.indexOf(row.summary.fallback) : null),
      cell: ({ summary }) => known(summary.fallback, (fallback) => texts[`fallback_${fallback}`]),
    },
    {
      name: "age",
      title: texts.champion_age,
      number: true,
      by: (row) => row.age,
      cell: ({ age, format }) => known(age, () => fill(texts.days, { days: format.number(Math.max(0, age), 1) })),
    },
    {
      name: "alerts",
      title: texts.alerts,
      by: (row) => row.alerts.length,
      cell: ({ alerts }) =>
        alerts.length
          ? alerts.flatMap((text) => [element("span", { class: "chip rejected" }, text), " "])
          : texts.no_alerts,
    },
  ];
}

function regionLink(region) {
  const address = new URL(location.href);
  for (const name of ["dag_id", "product"]) address.searchParams.delete(name);
  address.searchParams.set("region", region.name);
  return link(address, {}, `${region.title} (${region.name})`);
}

// What is not known comes last either way.
function sorted(rows, column) {
  const sign = sorting.descending ? -1 : 1;
  const order = (one, other) => (typeof one === "string" ? one.localeCompare(other) : one - other);
  return [...rows].sort((left, right) => {
    const [one, other] = [column.by(left), column.by(right)];
    if (one === null || other === null) return (one === null) - (other === null);
    return sign * order(one, other);
  });
}

export async function showOverview(page, setup) {
  const rows = await Promise.all(setup.regions.map((region) => standing(region, setup)));
  const { root, body } = card(setup.texts.all_regions, { wide: true });
  const all = columns(setup);
  const show = () => {
    const heads = all.map((column) => {
      const chosen = column.name === sorting.name;
      const mark = chosen ? (sorting.descending ? " ▼" : " ▲") : "";
      const sort = () => {
        sorting.descending = chosen ? !sorting.descending : column.name !== "region";
        sorting.name = column.name;
        show();
        body.querySelector(`[data-column="${column.name}"]`).focus();
      };
      const attributes = { type: "button", class: "sort", "data-column": column.name, onclick: sort };
      const direction = sorting.descending ? "descending" : "ascending";
      return element(
        "th",
        { scope: "col", class: column.number ? "number" : null, "aria-sort": chosen ? direction : null },
        element("button", attributes, column.title + mark),
      );
    });
    const cell = (row, column) => {
      const known = row.summary || ["region", "alerts"].includes(column.name);
      return element("td", { class: column.number ? "number" : null }, known ? column.cell(row) : "–");
    };
    const chosen = all.find((column) => column.name === sorting.name);
    const lines = sorted(rows, chosen).map((row) =>
      element("tr", {}, all.map((column) => cell(row, column))),
    );
    const table = element(
      "table",
      { id: "overview" },
      element("thead", {}, element("tr", {}, heads)),
      element("tbody", {}, lines),
    );
    replace(body, element("div", { class: "scroll" }, table));
  };
  show();
  replace(page, root);
}
