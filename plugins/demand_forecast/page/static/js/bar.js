// The bar above the page: the region and product that are shown, the other language, and where links lead.

import { element, link, replace } from "./dom.js";
import { fill, formatter } from "./format.js";
import { openOutside } from "./navigate.js";

export const LANGUAGES = { en: "English", ko: "한국어" };
const OWN_DAGS =
  /^(daily_forecast|weekly_retrain|data_ingestion|refit_model|rollback_model|shadow_model|housekeeping)_/;

export function chosenRegion(regions) {
  const asked = new URLSearchParams(location.search);
  const dag = asked.get("dag_id");
  const names = [asked.get("region"), dag?.replace(OWN_DAGS, "")];
  const dagOf = (region) => region.products.find((product) => dag === productDag(region, product));
  const found = regions.find((region) => names.includes(region.name) || dagOf(region));
  // Nobody's choice where there are several: the overview.
  const region = found || (!dag && regions.length === 1 ? regions[0] : null);
  // Another region's product may still stand in the address.
  const product = region?.products.find((one) => one === asked.get("product")) || (region && dagOf(region)) || "";
  return { region, product, foreign: Boolean(dag && !found) };
}

function productDag(region, product) {
  return `forecast_${region.name}_${product}`;
}

// The same page in the other language; the address carries the choice, which goes before the operator's setting.
function languageLink(setup) {
  const [other] = Object.keys(LANGUAGES).filter((name) => name !== setup.language);
  const address = new URL(location.href);
  address.searchParams.set("language", other);
  return link(address, { lang: other, class: "language" }, LANGUAGES[other]);
}

// Of a region with products: which forecast is shown. The daily one has no name.
function productChoice(texts, region, chosenProduct) {
  if (!region?.products.length) return [];
  const options = ["", ...region.products].map((product) =>
    element("option", { value: product, selected: product === chosenProduct }, product || texts.daily_product),
  );
  const select = element("select", { name: "product", id: "product", onchange: () => select.form.submit() }, options);
  return [element("label", { for: "product" }, texts.product), select];
}

export function drawBar(setup, region, product) {
  const { texts } = setup;
  const options = setup.regions.map((one) =>
    element("option", { value: one.name, selected: one.name === region?.name }, `${one.title} (${one.name})`),
  );
  if (setup.regions.length > 1) options.unshift(element("option", { value: "", selected: !region }, texts.all_regions));
  // A form, so that the choice is in the address, which Airflow's window takes over.
  const select = element("select", { name: "region", id: "region", onchange: () => select.form.submit() }, options);
  const asked = new URLSearchParams(location.search).get("language");
  const language = asked ? element("input", { type: "hidden", name: "language", value: asked }) : null;
  const dagLink = (dag, text, type) =>
    link(`../dags/${dag}`, { class: type, title: texts.trigger_hint, onclick: openOutside }, text);
  const forecastDag = () => (product ? productDag(region, product) : `daily_forecast_${region.name}`);
  const mlflow = () => {
    const address = `${setup.mlflow_url}/#/models/power-demand-hybrid-${region.name}`;
    return link(address, { class: "button", onclick: openOutside }, texts.open_mlflow);
  };
  const zone = region ? formatter(setup.language, region.timezone).zone() : "";
  replace(
    document.getElementById("bar"),
    element("h1", {}, texts.title),
    element(
      "form",
      { method: "get" },
      element("label", { for: "region" }, texts.region),
      select,
      productChoice(texts, region, product),
      language,
    ),
    element("span", { class: "zone" }, region ? fill(texts.times_in, { zone }) : ""),
    element("span", { id: "updated", role: "status" }),
    languageLink(setup),
    element(
      "nav",
      {},
      region && setup.mlflow_url ? mlflow() : null,
      region ? dagLink(`weekly_retrain_${region.name}`, texts.retrain_now, "button") : null,
      region ? dagLink(forecastDag(), texts.forecast_now, "button primary") : null,
    ),
  );
}
