// Why the champion is champion, and every decision before it.

import { get } from "./api.js";
import { card } from "./card.js";
import { element, link, nothing } from "./dom.js";
import { fill } from "./format.js";
import { openOutside } from "./navigate.js";

const FIGURES = [
  ["mape", (format) => (value) => format.percent(value, 3)],
  ["smape", (format) => (value) => format.percent(value, 3)],
  ["mae", (format) => format.megawatts],
  ["crps", (format) => format.megawatts],
  ["rmse", (format) => format.megawatts],
  ["rmae", (format) => (value) => format.number(value, 3)],
  ["r2", (format) => (value) => format.number(value, 4)],
];

const figure = (metrics, who, name) => {
  const value = metrics?.[who]?.[name];
  return typeof value === "number" ? value : null;
};

export function whyCard(models, context) {
  const { texts, format } = context;
  const { root, body } = card(texts.why);
  const champion = models.champion;
  if (!champion) {
    body.append(nothing(texts.no_champion_hint));
    return root;
  }
  // A refit serves; what it was refitted from was judged.
  const judged = models.deployments.find((one) => one.version === champion.judged_version);
  const { metrics } = champion;
  const beside = metrics?.beside_reference;
  const columns = { ...metrics, reference: beside?.reference };
  const who = ["challenger", "champion", "baseline", "reference"].filter((name) => columns[name]);
  const titles = {
    challenger: texts.challenger,
    champion: texts.before,
    baseline: texts.baseline,
    reference: texts.reference,
  };
  // Models of earlier releases were judged without some.
  const told = FIGURES.filter(([name]) => name !== "crps" || who.some((one) => figure(columns, one, name) !== null));
  const rows = told.map(([name, write]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, texts[name]),
      who.map((one) => element("td", { class: "number" }, write(format)(figure(columns, one, name)))),
    ),
  );
  body.append(
    element("blockquote", { id: "reason" }, judged?.reason || champion.reason),
    ...(judged ? [element("p", { class: "note" }, fill(texts.served, champion))] : []),
    element("p", { class: "note" }, `${format.moment(champion.decided_at)} ${format.zone()} `, mlflowLink(champion, context)),
  );
  if (who.length) {
    const head = [texts.figure, ...who.map((name) => titles[name])];
    const heads = head.map((text, index) => element("th", { scope: "col", class: index ? "number" : null }, text));
    body.append(
      element(
        "div",
        { class: "scroll" },
        element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows)),
      ),
      element("p", { class: "note" }, texts.held_out),
      beside ? element("p", { class: "note", id: "beside" }, besideNote(beside, context)) : "",
    );
  }
  body.append(
    ...["members", "places"]
      .filter((name) => metrics?.[name])
      .map((name) => element("p", { class: "note", id: name }, fill(texts[name], { shares: sharesOf(metrics[name], context) }))),
  );
  return root;
}

// The operator's figures are of fewer hours than ours where it left some out.
function besideNote(beside, { texts, format }) {
  const mape = figure(beside, "challenger", "mape");
  const error =
    mape !== null
      ? `${texts.mape} ${format.percent(mape, 3)}`
      : `${texts.mae} ${format.megawatts(figure(beside, "challenger", "mae"))}`;
  return fill(texts.beside_reference, { hours: format.number(beside.hours, 0), error });
}

// "model 62 %, trees 38 %", the largest first.
function sharesOf(shares, { texts, format }) {
  return Object.entries(shares)
    .sort((one, other) => other[1] - one[1])
    .map(([name, share]) => `${texts[`member_${name}`] || name} ${format.percent(100 * share, 0)}`)
    .join(", ");
}

function runLink(runId, texts) {
  const slash = runId.indexOf("/");
  if (slash < 1) return runId;
  const [dag, run] = [runId.slice(0, slash), runId.slice(slash + 1)].map(encodeURIComponent);
  return link(`../dags/${dag}/runs/${run}`, { onclick: openOutside, title: runId }, texts.open_run);
}

// Where MLflow keeps what the training did; nothing without MLflow, or for a training that it did not see.
function mlflowLink(decision, { texts, mlflow }) {
  if (!mlflow || !decision.mlflow_run_id) return null;
  const address = `${mlflow}/#/runs/${encodeURIComponent(decision.mlflow_run_id)}`;
  return link(address, { class: "mlflow", onclick: openOutside, title: decision.mlflow_run_id }, texts.open_training);
}

function row(decision, context) {
  const { texts, format } = context;
  const inPercent = figure(decision.metrics, "challenger", "mape") !== null;
  const decisive = inPercent ? "mape" : "mae";
  const write = inPercent ? (value) => format.percent(value, 3) : format.megawatts;
  const candidate = figure(decision.metrics, "challenger", decisive);
  const champion = figure(decision.metrics, "champion", decisive);
  const change = candidate !== null && champion ? (100 * (candidate - champion)) / champion : null;
  const sign = change > 0 ? "+" : "";
  const cell = (text, type = null) => element("td", { class: type }, text);
  return element(
    "tr",
    {},
    cell(format.moment(decision.decided_at), "nowrap"),
    element("td", {}, element("span", { class: `chip ${decision.status}` }, texts[`status_${decision.status}`])),
    cell(decision.version, "code"),
    cell(write(candidate), "number"),
    cell(write(champion), "number"),
    cell(change === null ? "–" : `${sign}${format.percent(change, 1)}`, `number ${change < 0 ? "better" : ""}`),
    cell(decision.reason, "reason"),
    element("td", { class: "links" }, runLink(decision.run_id, texts), " ", mlflowLink(decision, context)),
  );
}

export function historyCard(models, context) {
  const { texts } = context;
  const { root, body } = card(texts.history, { wide: true });
  if (!models.deployments.length) {
    body.append(nothing(texts.no_decisions));
    return root;
  }
  const numbers = ["candidate_mape", "champion_mape", "change"];
  const columns = ["decided", "outcome", "version", ...numbers, "reason", "run"].map((name) =>
    element("th", { scope: "col", class: numbers.includes(name) ? "number" : null }, texts[name]),
  );
  const rows = element("tbody", { id: "decisions" });
  const more = element("button", { type: "button" }, texts.older);
  let before = null;
  const show = (page) => {
    rows.append(...page.deployments.map((decision) => row(decision, context)));
    before = page.next_before;
    more.hidden = before === null;
  };
  more.addEventListener("click", async () => {
    more.disabled = true;
    try {
      show(await get("models", { region: models.region, limit: 50, before }));
    } finally {
      more.disabled = false;
    }
  });
  show(models);
  const table = element("table", { class: "history" }, element("thead", {}, element("tr", {}, columns)), rows);
  body.append(element("div", { class: "scroll" }, table), more);
  return root;
}
