// The two panes: the text and the picture, beside each other, or one at a time on a narrow page.
import { $ } from "./elements.js";

const KEY = "diagramkit-split";
const LEAST = 20;
const MOST = 80;

const setSplit = (percent) => {
  const value = Math.round(Math.max(LEAST, Math.min(MOST, percent)));
  document.documentElement.style.setProperty("--split", `${value}%`);
  $("splitter").setAttribute("aria-valuenow", String(value));
  try {
    localStorage.setItem(KEY, String(value));
  } catch {
    // It is kept for this page only.
  }
};

const stored = () => {
  try {
    return Number(localStorage.getItem(KEY)) || 40;
  } catch {
    return 40;
  }
};

/** Show one pane on a narrow page: `text` or `picture`. */
export const showPane = (name) => {
  document.body.dataset.pane = name;
  for (const button of document.querySelectorAll("[data-pane-button]"))
    button.setAttribute("aria-pressed", String(button.dataset.paneButton === name));
};

export const setUpPanes = () => {
  const splitter = $("splitter");
  setSplit(stored());
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId);
    const move = (moved) => setSplit((100 * moved.clientX) / innerWidth);
    splitter.addEventListener("pointermove", move);
    splitter.addEventListener("pointerup", () => splitter.removeEventListener("pointermove", move), { once: true });
  });
  splitter.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (!step) return;
    event.preventDefault();
    setSplit(Number(splitter.getAttribute("aria-valuenow")) + step);
  });
  for (const button of document.querySelectorAll("[data-pane-button]"))
    button.addEventListener("click", () => showPane(button.dataset.paneButton));
  document.addEventListener("show-pane", (event) => showPane(event.detail));
  showPane("text");
};
