// The script of pictures in a site: after `zoom.js`, it opens them large, and shows the variant for the page's colors.
// It needs no network. Without it, the page shows the same pictures, and their links work.
(() => {
  const FRAME = ".diagramkit-frame", root = document.documentElement;
  const icons = {
    enlarge: "M3 9V3h6M15 3h6v6M21 15v6h-6M9 21H3v-6", out: "M5 12h14", in: "M5 12h14M12 5v14",
    fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9 12h6", close: "M6 6l12 12M18 6L6 18",
  };
  const button = (name, label) => {
    const made = document.createElement("button");
    made.type = "button"; made.className = `diagramkit-button diagramkit-${name}`; made.title = label;
    made.setAttribute("aria-label", label);
    made.innerHTML = `<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="${icons[name]}" fill="none" stroke="currentColor" stroke-width="2"/></svg>`;
    return made;
  };
  const pictureOf = (frame) => frame.querySelector("img,svg:not([aria-hidden])");
  const nameOf = (picture) => picture.getAttribute("alt") || picture.getAttribute("aria-label") ||
    (picture.querySelector("title") || {}).textContent || "diagram";
  const sizeOf = (picture) => picture.localName === "img" && picture.naturalWidth
    ? [picture.naturalWidth, picture.naturalHeight]
    : [parseFloat(picture.getAttribute("width")) || 1, parseFloat(picture.getAttribute("height")) || 1];

  // The color behind an element, as [red, green, blue].
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.canvas.width = canvas.canvas.height = 1;
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = getComputedStyle(at).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      if (alpha > 127) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const measure = () => {
    const frame = document.querySelector(FRAME);
    if (!frame) return;
    const [red, green, blue] = ground(frame.parentElement);
    root.dataset.diagramkit = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128 ? "dark" : "light";
  };

  // The large picture
  let dialog = null, stage = null, view = null, opened = null;
  const build = () => {
    dialog = document.createElement("dialog"); dialog.className = "diagramkit-dialog";
    const bar = document.createElement("div"); bar.className = "diagramkit-bar";
    stage = document.createElement("div"); stage.className = "diagramkit-stage"; stage.tabIndex = 0;
    stage.setAttribute("role", "group");
    stage.setAttribute("aria-label", "Diagram: drag to move; scroll, pinch, or press + or -, to zoom");
    view = panZoom(stage, sizeOf);
    const actions = [["out", "Zoom out", view.out], ["fit", "Fit to window", view.fit], ["in", "Zoom in", view.in],
      ["close", "Close", () => dialog.close()]];
    for (const [name, label, action] of actions) {
      const made = button(name, label);
      made.addEventListener("click", action);
      bar.append(made);
    }
    dialog.append(bar, stage);
    dialog.addEventListener("close", restore);
    dialog.addEventListener("keydown", (event) => event.stopPropagation()); // Not the page's shortcuts.
    // Before the page sees it: Sphinx prevents what Escape does in a dialog.
    addEventListener("keydown", (event) => {
      if (!dialog.open || event.key !== "Escape") return;
      event.preventDefault(); event.stopPropagation(); dialog.close();
    }, true);
    stage.addEventListener("click", (event) => event.target.closest("a") && dialog.close());
    addEventListener("resize", () => dialog.open && view.fit());
    document.body.append(dialog);
  };
  // The picture itself is moved: a copy would have the same ids.
  const open = (frame) => {
    const picture = pictureOf(frame);
    if (!picture || opened) return;
    if (!dialog || !dialog.isConnected) build();
    const box = picture.getBoundingClientRect(), [width, height] = sizeOf(picture);
    const hold = document.createElement("span");
    hold.style.cssText = `display:inline-block;width:${box.width}px;height:${box.height}px`;
    opened = { picture, hold, frame, style: picture.getAttribute("style") };
    dialog.style.backgroundColor = `rgb(${ground(frame)})`;
    dialog.setAttribute("aria-label", nameOf(picture));
    picture.replaceWith(hold);
    picture.style.cssText = `position:absolute;left:0;top:0;margin:0;max-width:none;max-height:none;transform-origin:0 0;width:${width}px;height:${height}px`;
    stage.replaceChildren(picture);
    dialog.showModal();
    view.fit();
    stage.focus();
  };
  const restore = () => {
    if (!opened) return;
    const { picture, hold, frame, style } = opened;
    opened = null;
    view.release();
    if (style === null) picture.removeAttribute("style"); else picture.setAttribute("style", style);
    hold.replaceWith(picture);
    frame.querySelector(".diagramkit-enlarge")?.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const frame = event.target.closest(FRAME);
    if (!frame || event.target.closest("a[href]")) return;
    if (event.target.closest("button") || String(getSelection()) === "") open(frame);
  });

  // Pages are also replaced without being loaded again, so what they contain is observed.
  const prepare = () => {
    for (const frame of document.querySelectorAll(FRAME))
      if (!frame.querySelector(".diagramkit-enlarge") && pictureOf(frame))
        frame.append(button("enlarge", `Enlarge: ${nameOf(pictureOf(frame))}`));
    measure();
  };
  const start = () => {
    prepare();
    new MutationObserver(prepare).observe(document.body, { childList: true, subtree: true });
    for (const element of [root, document.body]) {
      new MutationObserver(measure).observe(element, { attributeFilter: ["class", "style", "data-md-color-scheme", "data-theme", "data-bs-theme", "data-mode"] });
      element.addEventListener("transitionend", measure);
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", measure);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
