// Elements from data. Text goes in as text nodes only: what a run wrote can never become markup.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat());
}

// A link is followed only where it leads to a page: a `javascript:` address from a setting stays text.
export function link(address, attributes, ...children) {
  const url = new URL(address, document.baseURI);
  if (!["http:", "https:"].includes(url.protocol)) return element("span", {}, ...children);
  return element("a", { href: url.href, ...attributes }, ...children);
}

// What stands where there is nothing to draw.
export function nothing(text) {
  return element("p", { class: "nothing" }, text);
}
