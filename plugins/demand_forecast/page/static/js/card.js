// A titled part of the page that loads by itself: one that fails says so and leaves the others alone.

import { element, replace } from "./dom.js";

export function card(title, { wide = false, tools = [], note = null } = {}) {
  const body = element("div", { class: "body" });
  const root = element(
    "section",
    { class: wide ? "card wide" : "card", "aria-label": title },
    element("div", { class: "head" }, element("h2", {}, title), element("div", { class: "tools" }, tools)),
    note ? element("p", { class: "note" }, note) : null,
    body,
  );
  return { root, body };
}

// Runs `show`, and again when the theme changes, since charts are drawn in the theme's colours, till `signal` ends it.
export async function fill(body, { texts, signal }, show) {
  const once = async () => {
    try {
      await show();
    } catch (error) {
      const mend = error.mend ? element("span", {}, error.mend) : null;
      replace(body, element("p", { class: "failure", role: "alert" }, `${texts.failed}: ${error.message}. `, mend));
    }
  };
  await once();
  document.addEventListener("themechange", once, { signal });
}
