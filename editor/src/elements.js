// Small helpers for elements of the page.

/** Return the element with an id. */
export const $ = (id) => document.getElementById(id);

/** Return a new element with properties (`class`, `dataset`, `onclick`, `aria-…` …) and children. */
export const make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

/** Return a symbol of the page's own set as an SVG. */
export const symbol = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "symbol");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#symbol-${name}`);
  svg.append(use);
  return svg;
};

let timer = 0;

/** Show a short message at the bottom of the page. */
export const notify = (text) => {
  $("message").textContent = text;
  $("message").classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => $("message").classList.remove("shown"), 4000);
};

/** Return whether the page is dark. */
export const isDark = () => {
  const scheme = document.documentElement.dataset.theme;
  return scheme === "dark" || (scheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
};

/** Call a function at most once per frame, after the last call. */
export const perFrame = (action) => {
  let frame = 0;
  return () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(action);
  };
};
