// The light or dark mode of the page, which the gallery shares.
import { $ } from "./elements.js";

const KEY = "diagramkit-theme";
const ORDER = ["auto", "light", "dark"];
const NAMES = { auto: "system", light: "light", dark: "dark" };

export const setUpTheme = (onChange) => {
  const root = document.documentElement;
  const set = (name) => {
    root.dataset.theme = name;
    $("theme").setAttribute("aria-label", `Page: ${NAMES[name]} colors`);
    $("theme").title = `Page: ${NAMES[name]} colors`;
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // It is kept for this page only.
    }
  };
  let name = "auto";
  try {
    name = localStorage.getItem(KEY);
  } catch {
    // The system's mode applies.
  }
  set(ORDER.includes(name) ? name : "auto");
  $("theme").addEventListener("click", () => {
    set(ORDER[(ORDER.indexOf(root.dataset.theme) + 1) % 3]);
    onChange();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
};
