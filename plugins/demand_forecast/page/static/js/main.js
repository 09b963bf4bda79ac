// Puts the page together for the region in its address.

import { addressOf, get, getOrNull } from "./api.js";
import { LANGUAGES, chosenRegion, drawBar } from "./bar.js";
import { card, fill as fillCard } from "./card.js";
import { historyCard, whyCard } from "./decisions.js";
import { element, link, nothing, replace } from "./dom.js";
import { byDayChart, byHorizonChart } from "./error_charts.js";
import { componentsChart, forecastChart } from "./forecast_charts.js";
import { fill, formatter } from "./format.js";
import { openOutside } from "./navigate.js";
import { showOverview } from "./overview.js";
import { shadowsCard } from "./shadows.js";
import {
  ageTile,
  championTile,
  dayTile,
  deliveryTile,
  errorTile,
  peakTile,
  qualityTile,
  referenceTile,
  sizeTile,
  stateTile,
} from "./tiles.js";

const HOUR = 3600e3;
const DAYS_BEFORE = 7;
const RANGES = [28, 90, 365];
const REFRESH = 5 * 60e3;
const page = document.getElementById("page");

// What the reader chose, which a refresh keeps; and the end of what is drawn now.
const chosen = { days: RANGES[0], day: null, shadow: null };
let drawn = new AbortController();

function forecastCard(latest, context) {
  const { texts, asked } = context;
  const range = latest && {
    quantiles: "all",
    start: new Date(Date.parse(latest.origin) - DAYS_BEFORE * 24 * HOUR).toISOString(),
    end: new Date(Date.parse(latest.hours.at(-1).time) + HOUR).toISOString(),
  };
  const file = () => {
    const address = addressOf("actual-vs-forecast", { ...asked, ...range, format: "csv" });
    return link(address, { class: "download", download: "", title: texts.as_file, onclick: openOutside }, "CSV");
  };
  const { root, body } = card(texts.forecast_chart, { wide: true, tools: latest ? [file()] : [] });
  fillCard(body, context, async () => {
    if (!latest) return replace(body, nothing(texts.no_forecast));
    const answer = await get("actual-vs-forecast", { ...asked, ...range });
    const holder = element("div", { class: "chart", id: "forecast" });
    replace(body, holder);
    forecastChart(holder, answer.hours, latest.origin, context);
  });
  return root;
}

function componentsCard(latest, context) {
  const { texts, asked } = context;
  let day = latest && (chosen.day || latest.hours[0].local_time.slice(0, 10));
  const title = element("output", { class: "day" }, day || "");
  const step = (days, text, sign) =>
    element("button", { type: "button", title: text, "aria-label": text, onclick: () => move(days) }, sign);
  const tools = day ? [step(-1, texts.previous_day, "‹"), title, step(1, texts.next_day, "›")] : [];
  const { root, body } = card(texts.components_chart, { tools });
  const show = async () => {
    if (!day) return replace(body, nothing(texts.no_forecast));
    const wanted = day;
    const answer = await get("predictions/components", { ...asked, date: wanted });
    if (wanted !== day) return undefined; // a later click was answered first
    title.textContent = day;
    const known = answer.hours.some((hour) => hour.trend_mw !== null);
    const holder = element("div", { class: "chart", id: "components" });
    replace(body, known ? holder : nothing(answer.hours.length ? texts.not_split : texts.no_components));
    if (known) componentsChart(holder, answer.hours, context);
    return undefined;
  };
  const move = (days) => {
    const moved = new Date(`${day}T00:00:00Z`);
    moved.setUTCDate(moved.getUTCDate() + days);
    day = chosen.day = moved.toISOString().slice(0, 10);
    show();
  };
  fillCard(body, context, show);
  return root;
}

function accuracyCards(performance, context) {
  const { texts, asked, limit } = context;
  let shown = performance;
  const select = element(
    "select",
    { "aria-label": texts.by_day_chart },
    RANGES.map((length) => element("option", { value: length, selected: length === chosen.days }, texts[`range_${length}`])),
  );
  const byDay = card(texts.by_day_chart, { tools: [select] });
  const byHorizon = card(texts.by_horizon_chart);
  const chart = (body, id, rows, make) => {
    const holder = element("div", { class: "chart", id });
    replace(body, rows.length ? holder : nothing(texts.not_scored));
    if (rows.length) make(holder, rows);
  };
  const days = (at, rows) => byDayChart(at, rows, limit, context);
  const leads = (at, rows) => byHorizonChart(at, rows, context);
  const showDays = () => chart(byDay.body, "by-day", shown.by_day, days);
  const showLeads = () => chart(byHorizon.body, "by-horizon", shown.by_lead_time, leads);
  select.addEventListener("change", async () => {
    chosen.days = Number(select.value);
    shown = await get("metrics/performance", { ...asked, days: chosen.days });
    showDays();
    showLeads();
  });
  fillCard(byDay.body, context, showDays);
  fillCard(byHorizon.body, context, showLeads);
  return [byDay.root, byHorizon.root];
}

async function showRegion(setup, region, product) {
  const asked = product ? { region: region.name, product } : { region: region.name };
  const format = formatter(setup.language, region.timezone);
  const limit = setup.drift_mape;
  const [models, latest, performance, quality, delivery, size, shadows] = await Promise.all([
    get("models", { region: region.name, limit: 50 }),
    getOrNull("predictions/latest", asked),
    get("metrics/performance", { ...asked, days: chosen.days }),
    get("data-quality", { region: region.name }),
    get("delivery", { region: region.name }),
    get("size", { region: region.name }),
    get("shadows", { region: region.name }),
  ]);
  drawn.abort();
  drawn = new AbortController();
  const { texts, mlflow_url: mlflow } = setup;
  const context = { texts, format, region, asked, timezone: region.timezone, limit, mlflow, signal: drawn.signal };
  page.style.minHeight = `${page.offsetHeight}px`; // a refresh must not move what is being read
  const tiles = [
    stateTile(latest, context),
    latest?.days?.length ? dayTile(latest, context) : peakTile(latest, context),
    errorTile(performance, 7, limit, context),
    errorTile(performance, 28, limit, context),
    referenceTile(performance, 28, context),
    championTile(models, context),
    ageTile(models, latest, setup.old_days, context),
    qualityTile(quality, context),
    deliveryTile(delivery, context),
    sizeTile(size, context),
  ];
  replace(page, element("div", { class: "tiles" }, tiles.filter(Boolean)));
  // Charts measure their place, so each card is in the page before it is filled.
  page.append(forecastCard(latest, context));
  page.append(componentsCard(latest, context), whyCard(models, context));
  page.append(...accuracyCards(performance, context));
  const [beside, drawBeside] = shadowsCard(shadows, chosen, context);
  if (beside) {
    page.append(beside);
    drawBeside();
  }
  page.append(historyCard(models, context));
  page.style.minHeight = "";
}

// Keeps the page as fresh as its data, and says so: figures that could not be fetched again are marked as old.
async function keepShowing({ texts, language }, timezone, showAll) {
  const { hour } = formatter(language, timezone);
  const label = document.getElementById("updated");
  let last = 0;
  const show = async () => {
    await showAll();
    last = Date.now();
    replace(label, fill(texts.updated, { when: hour(last) }));
    label.className = "";
  };
  const refresh = async () => {
    if (document.hidden || Date.now() - last < REFRESH / 2) return;
    try {
      await show();
    } catch {
      replace(label, fill(texts.not_updated, { when: hour(last) }));
      label.className = "old";
    }
  };
  await show();
  setInterval(refresh, REFRESH);
  document.addEventListener("visibilitychange", refresh);
}

async function main() {
  const asked = new URLSearchParams(location.search).get("language");
  const setup = await get("setup", asked in LANGUAGES ? { language: asked } : {});
  document.documentElement.lang = setup.language;
  document.title = setup.texts.title;
  const { region, product, foreign } = chosenRegion(setup.regions);
  drawBar(setup, region, product);
  replace(page, nothing(setup.texts.loading));
  if (foreign) replace(page, nothing(setup.texts.foreign_dag));
  else if (region) await keepShowing(setup, region.timezone, () => showRegion(setup, region, product));
  else if (setup.regions.length) await keepShowing(setup, undefined, () => showOverview(page, setup));
  else replace(page, nothing(setup.texts.no_regions));
}

main()
  .catch((error) => {
    const mend = error.mend ? ` ${error.mend}` : "";
    replace(page, element("p", { class: "failure", role: "alert" }, `${error.message}.${mend}`));
  })
  .finally(() => page.setAttribute("aria-busy", "false"));
